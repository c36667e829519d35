package resource

import (
	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
)

// Options name the resources that a cluster uses. Rules of what is not named are
// skipped.
type Options struct {
	Region  string // of the cluster, "us-east-1"; empty: the snapshot's
	Cluster string // by which leftovers of an earlier one are told; empty: none are looked for
	// Installer is the ARN of the user or role that installs the cluster; empty:
	// not known.
	Installer string
	// May says whether the policies of a principal let it do something, as far as
	// they are known: the zero Verdict and [iam.Undetermined] say that they are not.
	// Those of secrets and keys the rules judge themselves, see
	// [iam.PermissionOptions].OwnPolicies: [iam.ImplicitlyDenied] says that no policy
	// of the identity allows, which one of these may make good, and
	// [iam.ExplicitlyDenied] that a policy denies, or that its boundary or its
	// organization does not allow. Nil knows of nobody.
	May func(iam.Request) iam.Verdict

	Roles     []NodeRole
	Instances []NodeInstance
	// NewGroupVPC is the ID of the VPC in which the installer makes a security group
	// for the nodes; empty: they are named, or none is needed.
	NewGroupVPC  string
	KMS          *KMSUse
	Vault        *Vault
	Buckets      []BucketUse
	Secrets      []SecretUse
	Repositories []string // of ECR, which are made where they do not exist
	Stacks       []string // of CloudFormation, by name, which the installer makes
	// StackPrefixes are how the names of stacks begin that get a new name with
	// each run, such as "JenkinsXPolicies" and "jenkins-x-vault".
	StackPrefixes []string
	FileSystem    *FileSystemUse
}

// A NodeRole is the role of the instances of one kind.
type NodeRole struct {
	Role    string // its name
	Policy  string // the name of a policy, managed or inline, that it has to have; empty: of any
	Profile string // the name of its instance profile; empty: that of the role
}

func (r NodeRole) profile() string {
	if r.Profile == "" {
		return r.Role
	}
	return r.Profile
}

// A NodeInstance is an instance that exists before the cluster does.
type NodeInstance struct {
	ID      string   // "i-0a1"
	Purpose string   // in words: "jump host", "master node"
	VPC     string   // where it has to be; empty: anywhere
	Subnets []string // in one of which it has to be; empty: in any
	Public  bool     // it has to have a public address
	Profile string   // the name of the instance profile that it has to carry; empty: any, or none
	KeyName string   // of the key pair that opens it; empty: any
}

// A KMSUse is the key that encrypts what the installer stores.
type KMSUse struct {
	Key        string   // an ID, an alias, or the ARN of either; empty: the installer makes one
	Region     string   // empty: the cluster's
	Principals []string // ARNs of users and roles that encrypt and decrypt with it
}

// A Vault is what Jenkins X keeps its secrets in: vault.aws of
// jx-requirements.yml.
type Vault struct {
	AutoCreate bool   // boot makes the table, the key and the bucket; otherwise each of them has to be named
	User       string // the IAM user whose access keys Vault gets; empty: it has a role
	// AccessKeyID and SecretAccessKey are those of VAULT_AWS_ACCESS_KEY_ID and
	// VAULT_AWS_SECRET_ACCESS_KEY. Empty: boot makes a new key for the user.
	AccessKeyID, SecretAccessKey groundway.Secret
	Table, TableRegion           string
	Key, KeyRegion               string
	Bucket, BucketRegion, Prefix string
}

// A BucketUse is a bucket for what has to be kept.
type BucketUse struct {
	Name   string
	Region string // empty: the cluster's
	Create bool   // it is made where it does not exist
}

// A SecretUse is a secret with who has to read it.
type SecretUse struct {
	Secret string // its name or ARN
	Reader string // the ARN of a role; empty: nobody in particular
}

// A FileSystemUse is a file system of EFS with where it is mounted.
type FileSystemUse struct {
	ID      string // "fs-0a1"
	Subnets []Subnet
}

// A Subnet is one whose instances mount a file system.
type Subnet struct {
	ID   string
	Zone string // "us-east-1a"; empty: not known, and then only a mount target in the subnet itself counts
}
