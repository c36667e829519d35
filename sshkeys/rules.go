package sshkeys

import (
	"slices"

	"github.com/groundway-sdk/groundway"
)

// actionKeyPairs is the IAM action that answers the rules, see
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html.
const actionKeyPairs = "ec2:DescribeKeyPairs"

const (
	codeName     groundway.Code = "sshkeys/pair-name-invalid"
	codeRegion   groundway.Code = "sshkeys/pair-other-region"
	codeNotFound groundway.Code = "sshkeys/pair-not-found"
	codeMismatch groundway.Code = "sshkeys/pair-mismatch"
	codeOptions  groundway.Code = "sshkeys/key-options"
	codeType     groundway.Code = "sshkeys/key-type-unsupported"
	codeWindows  groundway.Code = "sshkeys/key-type-windows"
	codeWeak     groundway.Code = "sshkeys/key-weak"
	codeLength   groundway.Code = "sshkeys/key-length-undocumented"
)

// Rules returns the rules of the package in the order of its documentation.
func Rules() []groundway.Rule { return groundway.CloneRules(rules) }

const since = "0.1.0"

var (
	beforePair  = []groundway.Code{codeName, codeRegion}
	afterPair   = []groundway.Code{codeName, codeRegion, codeNotFound}
	seeKeyPairs = []string{actionKeyPairs}
)

var rules = []groundway.Rule{
	// The key pair
	{
		Since: since, Code: codeName, Severity: groundway.Error, Title: "The key pair has a name that EC2 takes",
		Doc: "EC2 refuses names that are empty, over 255 characters long or not ASCII, or that begin or end with a space. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/create-key-pairs.html",
	},
	{
		Since: since, Code: codeRegion, Severity: groundway.Error, Title: "The key pairs are those of the cluster's region",
		Doc:         "A key pair belongs to the region that it was made in or imported into, and instances of other regions cannot be launched with it. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-key-pairs.html",
		Permissions: seeKeyPairs,
	},
	{
		Since: since, Code: codeNotFound, Severity: groundway.Error, Title: "The key pair exists",
		Doc:       "EC2 launches no instance with a key pair that does not exist in its region, which installers find out when they launch the first. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-key-pairs.html",
		DependsOn: beforePair, Permissions: seeKeyPairs,
	},
	{
		Since: since, Code: codeMismatch, Severity: groundway.Error, Title: "The key pair is the key that you hold",
		Doc:       "Instances let in whoever holds the private half of their key pair. With another key the cluster is installed, and its last step, which needs ssh, fails. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/verify-keys.html",
		DependsOn: append(slices.Clone(afterPair), codeType), Permissions: seeKeyPairs,
	},

	// The key
	{
		Since: since, Code: codeOptions, Severity: groundway.Error, Title: "The public key stands without options",
		Doc: "EC2 takes a key and not a line of authorized_keys: where the text is handed on as it is, its options run commands, set variables and let hosts in on every instance. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ImportKeyPair.html",
	},
	{
		Since: since, Code: codeType, Severity: groundway.Error, Title: "The key is of a type that EC2 takes",
		Doc: "EC2 takes RSA and ED25519 keys, and refuses ECDSA and DSA ones as not being in a valid format. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-key-pairs.html",
	},
	{
		Since: since, Code: codeWindows, Severity: groundway.Error, Title: "Windows instances have an RSA key",
		Doc:       "EC2 encrypts the password of a Windows instance for its key pair, for which an ED25519 key is of no use, and does not support it there. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-key-pairs.html",
		DependsOn: append(slices.Clone(afterPair), codeType), Permissions: seeKeyPairs,
	},
	{
		Since: since, Code: codeWeak, Severity: groundway.Warning, Title: "The key is long enough to be safe",
		Doc:       "RSA keys of less than 2048 bits are no longer thought safe, and the policies of some newer operating systems let nobody in with them. https://nvlpubs.nist.gov/nistpubs/SpecialPublications/NIST.SP.800-131Ar2.pdf",
		DependsOn: append(slices.Clone(afterPair), codeType), Permissions: seeKeyPairs,
	},
	{
		Since: since, Code: codeLength, Severity: groundway.Warning, Title: "The key has a length that EC2 is known to take",
		Doc:       "EC2 documents RSA keys of 1024, 2048 and 4096 bits and is seen to take 3072, the length of ssh-keygen. Others may be taken, and fail later: in EC2 Instance Connect, or in an old sshd. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-key-pairs.html",
		DependsOn: append(slices.Clone(afterPair), codeType, codeWeak), Permissions: seeKeyPairs,
	},
}
