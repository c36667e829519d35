package resource

import (
	"slices"
	"strings"
	"time"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
)

// A Snapshot is what was seen of the resources that a cluster names. The zero
// value is a snapshot of which nothing was seen.
//
// Values are kept as AWS spells them. An empty or a nil one means that the answer
// did not hold the field: it is unseen, and never read as a default.
//
// Its JSON form is canonical: the items stand under their names, so that the
// JSON pointers of evidence name them.
type Snapshot struct {
	groundway.Observation
	Parts
}

// Parts are the parts of a Snapshot.
//
// A part holds what was asked about, and what a listing showed besides. A name
// that AWS did not find is an item whose [Presence] says so. Where a part is
// complete, a name that is not among its items does not exist.
type Parts struct {
	Users        groundway.Part[User]            `json:"users"`            // iam:GetUser, iam:ListAccessKeys, iam:ListAttachedUserPolicies
	Roles        groundway.Part[Role]            `json:"roles"`            // iam:GetRole, iam:ListAttachedRolePolicies, iam:ListRolePolicies
	Profiles     groundway.Part[InstanceProfile] `json:"instanceProfiles"` // iam:ListInstanceProfiles
	Instances    groundway.Part[Instance]        `json:"ec2Instances"`     // ec2:DescribeInstances
	Tables       groundway.Part[Table]           `json:"dynamodbTables"`   // dynamodb:DescribeTable
	Keys         groundway.Part[Key]             `json:"kmsKeys"`          // kms:DescribeKey, kms:GetKeyPolicy
	Buckets      groundway.Part[Bucket]          `json:"s3Buckets"`        // s3:GetBucketLocation, and what a bucket is configured with
	OwnBuckets   groundway.Part[OwnBucket]       `json:"s3OwnBuckets"`     // s3:ListAllMyBuckets: those of the caller's account
	Secrets      groundway.Part[Secret]          `json:"secrets"`          // secretsmanager:DescribeSecret, secretsmanager:GetResourcePolicy
	Repositories groundway.Part[Repository]      `json:"ecrRepositories"`  // ecr:DescribeRepositories
	Stacks       groundway.Part[Stack]           `json:"stacks"`           // cloudformation:DescribeStacks, all of the region
	FileSystems  groundway.Part[FileSystem]      `json:"efsFileSystems"`   // elasticfilesystem:DescribeFileSystems, elasticfilesystem:DescribeMountTargets
	KeyHolders   groundway.Part[KeyHolder]       `json:"keyHolders"`       // sts:GetCallerIdentity, with the access key that is given for Vault
}

// MarshalJSON writes the canonical JSON of groundway.snapshot/v1.
func (s Snapshot) MarshalJSON() ([]byte, error) {
	return groundway.MarshalSnapshot(s.Observation, s.Parts)
}

// UnmarshalJSON reads groundway.snapshot/v1. Parts of other packages in the same
// file are left alone; what a file does not hold is unseen.
func (s *Snapshot) UnmarshalJSON(data []byte) error {
	*s = Snapshot{}
	o, err := groundway.UnmarshalSnapshot(data, &s.Parts)
	s.Observation = o
	return err
}

// A Presence says what AWS answered about a name. Empty means that it showed the
// resource.
type Presence string

// The answers that show no resource.
const (
	// Absent means that there is nothing of this name: 404.
	Absent Presence = "absent"
	// Forbidden means that there is something of this name that the caller may
	// not see: 403. Names of buckets are unique among all accounts, so that it may
	// be another account's.
	Forbidden Presence = "forbidden"
	// OtherRegion means that the resource is in another region than was asked, and
	// that AWS did not show it for that: 301.
	OtherRegion Presence = "other-region"
)

// A User is an IAM user.
type User struct {
	Name       string                         `json:"name"`
	ARN        string                         `json:"arn,omitempty"`
	Presence   Presence                       `json:"presence,omitempty"`
	AccessKeys groundway.Part[AccessKey]      `json:"accessKeys"`       // inactive ones included
	Policies   groundway.Part[AttachedPolicy] `json:"attachedPolicies"` // managed ones, which are counted against the quota
}

// Key returns the name.
func (u User) Key() string { return u.Name }

// An AccessKey is one of the two that a user may have. The ID itself is not kept.
type AccessKey struct {
	Digest string `json:"digest"`           // of the ID, see [KeyDigest]
	Status string `json:"status,omitempty"` // Active, Inactive, Expired
}

// Key returns the digest.
func (k AccessKey) Key() string { return k.Digest }

// An AttachedPolicy is a managed policy that is attached.
type AttachedPolicy struct {
	ARN  string `json:"arn"`
	Name string `json:"name,omitempty"`
}

// Key returns the ARN.
func (p AttachedPolicy) Key() string { return p.ARN }

// A Role is an IAM role.
type Role struct {
	Name     string                         `json:"name"`
	ARN      string                         `json:"arn,omitempty"`
	Presence Presence                       `json:"presence,omitempty"`
	Trust    string                         `json:"trust,omitempty"` // its trust policy, as JSON
	Policies groundway.Part[AttachedPolicy] `json:"attachedPolicies"`
	Inline   groundway.Part[InlinePolicy]   `json:"inlinePolicies"`
}

// Key returns the name.
func (r Role) Key() string { return r.Name }

// An InlinePolicy is the name of a policy that stands within its role.
type InlinePolicy struct {
	Name string `json:"name"`
}

// Key returns the name.
func (p InlinePolicy) Key() string { return p.Name }

// An InstanceProfile hands a role to instances.
type InstanceProfile struct {
	Name  string   `json:"name"`
	ARN   string   `json:"arn,omitempty"`
	Roles []string `json:"roles,omitempty"` // names; IAM takes one at most
}

// Key returns the name.
func (p InstanceProfile) Key() string { return p.Name }

// An Instance of EC2, as ec2:DescribeInstances shows it.
type Instance struct {
	ID         string            `json:"id"`
	Presence   Presence          `json:"presence,omitempty"`
	State      string            `json:"state,omitempty"` // pending, running, shutting-down, terminated, stopping, stopped
	VPCID      string            `json:"vpcId,omitempty"`
	SubnetID   string            `json:"subnetId,omitempty"`
	PublicIP   string            `json:"publicIp,omitempty"`   // empty: it has none
	ProfileARN string            `json:"profileArn,omitempty"` // of its instance profile; empty: it has none
	KeyName    string            `json:"keyName,omitempty"`    // of its key pair; empty: it has none
	Tags       map[string]string `json:"tags,omitempty"`
}

// Key returns the ID.
func (i Instance) Key() string { return i.ID }

// profile returns the name of the instance profile.
func (i Instance) profile() string { return lastWord(i.ProfileARN) }

// A Table of DynamoDB.
type Table struct {
	Name     string   `json:"name"`
	ARN      string   `json:"arn,omitempty"`
	Presence Presence `json:"presence,omitempty"`
	Status   string   `json:"status,omitempty"` // CREATING, UPDATING, DELETING, ACTIVE, INACCESSIBLE_ENCRYPTION_CREDENTIALS, ARCHIVING, ARCHIVED
	Schema   string   `json:"schema,omitempty"` // the key, as "Path HASH S, Key RANGE S"
}

// Key returns the name.
func (t Table) Key() string { return t.Name }

// A Key of KMS.
type Key struct {
	ID       string   `json:"id"` // or, of one that was not found, what was asked for
	ARN      string   `json:"arn,omitempty"`
	Aliases  []string `json:"aliases,omitempty"` // by which it was asked for, "alias/vault"
	Presence Presence `json:"presence,omitempty"`
	State    string   `json:"state,omitempty"`  // Creating, Enabled, Disabled, PendingDeletion, PendingImport, PendingReplicaDeletion, Unavailable, Updating
	Spec     string   `json:"spec,omitempty"`   // SYMMETRIC_DEFAULT and others
	Usage    string   `json:"usage,omitempty"`  // ENCRYPT_DECRYPT and others
	Policy   string   `json:"policy,omitempty"` // its key policy, as JSON
}

// Key returns the ID.
func (k Key) Key() string { return k.ID }

// names reports whether ref, an ID, an alias or the ARN of either, names the key.
func (k Key) names(ref string) bool {
	if ref == k.ID || ref == k.ARN || slices.Contains(k.Aliases, ref) {
		return true
	}
	a, err := iam.ParseARN(ref)
	if err != nil {
		return false
	}
	own, err := iam.ParseARN(k.ARN)
	return err == nil && a.Region == own.Region && a.Account == own.Account && slices.Contains(k.Aliases, a.Resource)
}

// A Bucket of S3.
type Bucket struct {
	Name     string   `json:"name"`
	Region   string   `json:"region,omitempty"`
	Presence Presence `json:"presence,omitempty"`
	// Blocks are the settings of public access block that are on, in the order of
	// the API reference and with commas between them, or "none"; see [AllBlocks].
	Blocks     string `json:"publicAccessBlock,omitempty"`
	Encryption string `json:"encryption,omitempty"` // AES256, aws:kms, aws:kms:dsse, or "none"
	Versioning string `json:"versioning,omitempty"` // Enabled, Suspended, or "never"
}

// Key returns the name.
func (b Bucket) Key() string { return b.Name }

// An OwnBucket is one that the caller's account owns.
type OwnBucket struct {
	Name   string `json:"name"`
	Region string `json:"region,omitempty"`
}

// Key returns the name.
func (b OwnBucket) Key() string { return b.Name }

// AllBlocks is what a bucket has whose public access is blocked in every way.
const AllBlocks = "BlockPublicAcls,IgnorePublicAcls,BlockPublicPolicy,RestrictPublicBuckets"

// A Secret of Secrets Manager; its value is never read.
type Secret struct {
	Name     string    `json:"name"`
	ARN      string    `json:"arn,omitempty"`
	Presence Presence  `json:"presence,omitempty"`
	KMSKey   string    `json:"kmsKeyId,omitempty"`      // of the customer's; empty: aws/secretsmanager
	Deleted  time.Time `json:"deletedDate,omitzero"`    // when its deletion was asked for; zero: it was not
	Replica  string    `json:"primaryRegion,omitempty"` // where the secret is that this one repeats
	Policy   string    `json:"policy,omitempty"`        // its resource policy, as JSON, or "none"
}

// Key returns the name.
func (s Secret) Key() string { return s.Name }

// names reports whether ref, a name or an ARN with or without the six characters
// that Secrets Manager adds, names the secret.
func (s Secret) names(ref string) bool {
	if ref == s.Name || ref == s.ARN {
		return true
	}
	cut := len(s.ARN) - len("-abcdef")
	return strings.HasPrefix(ref, "arn:") && cut > 0 && s.ARN[:cut] == ref
}

// A Repository of ECR.
type Repository struct {
	Name     string   `json:"name"`
	ARN      string   `json:"arn,omitempty"`
	Presence Presence `json:"presence,omitempty"`
}

// Key returns the name.
func (r Repository) Key() string { return r.Name }

// A Stack of CloudFormation that is not deleted.
type Stack struct {
	Name   string            `json:"name"`
	ID     string            `json:"id,omitempty"` // an ARN
	Status string            `json:"status,omitempty"`
	Tags   map[string]string `json:"tags,omitempty"`
}

// Key returns the name, which no two stacks of a region share.
func (s Stack) Key() string { return s.Name }

// A FileSystem of EFS.
type FileSystem struct {
	ID        string                      `json:"id"`
	ARN       string                      `json:"arn,omitempty"`
	Presence  Presence                    `json:"presence,omitempty"`
	State     string                      `json:"state,omitempty"` // creating, available, updating, deleting, deleted, error
	Encrypted *bool                       `json:"encrypted,omitempty"`
	Targets   groundway.Part[MountTarget] `json:"mountTargets"`
}

// Key returns the ID.
func (f FileSystem) Key() string { return f.ID }

// A MountTarget is where instances of a zone mount a file system.
type MountTarget struct {
	ID       string `json:"id"`
	SubnetID string `json:"subnetId,omitempty"`
	VPCID    string `json:"vpcId,omitempty"`
	Zone     string `json:"zone,omitempty"`
	State    string `json:"state,omitempty"` // creating, available, updating, deleting, deleted, error
}

// Key returns the ID.
func (m MountTarget) Key() string { return m.ID }

// A KeyHolder is whose an access key is, as AWS says when it is used.
type KeyHolder struct {
	Digest  string `json:"digest"`            // of the access key ID, see [KeyDigest]
	ARN     string `json:"arn,omitempty"`     // of the user
	Refused bool   `json:"refused,omitempty"` // AWS knows no such key, or its secret is another
}

// Key returns the digest.
func (h KeyHolder) Key() string { return h.Digest }

// lastWord returns what follows the last slash of an ARN: the name of a user,
// role or instance profile, without its path.
func lastWord(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }
