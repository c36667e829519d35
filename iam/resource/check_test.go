package resource_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/resource"
	"github.com/groundway-sdk/groundway/iam/resource/resourcetest"
	"github.com/groundway-sdk/groundway/internal/findingtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A row edits the good account and says which findings fail and which are
// unknown, each as slug@subject.
type row struct {
	name    string
	edit    func(*resource.Snapshot, *resource.Options)
	failed  []string
	unknown []string
}

func (r row) account() (resource.Snapshot, resource.Options) {
	s, o := resourcetest.Account()
	r.edit(&s, &o)
	return s, o
}

func ids(list ...string) []string { return list }

// denied makes a part unseen for a call that was denied.
func denied[T any](p *groundway.Part[T], action string) {
	*p = groundway.UnseenPart[T](groundway.Gap{Action: action, Code: "AccessDenied", Message: "the caller is not authorized"})
}

// gone makes a part one of which AWS showed that it is empty.
func gone[T any](p *groundway.Part[T]) { *p = groundway.SeenPart[T]() }

// refuse makes one action impossible, and others possible.
func refuse(o *resource.Options, action iam.Action, v iam.Verdict) {
	o.May = func(r iam.Request) iam.Verdict {
		if r.Action == action {
			return v
		}
		return iam.Allowed
	}
}

type (
	snap = resource.Snapshot
	opts = resource.Options
)

func newKey(o *opts) {
	o.Vault.AccessKeyID, o.Vault.SecretAccessKey = groundway.Secret{}, groundway.Secret{}
}

const key = resourcetest.KeyID

// ownKeyPolicy leaves a key to the policies of its account.
const ownKeyPolicy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:*","Resource":"*"}]}`

// secretPolicy lets the workers read a secret.
const secretPolicy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + resourcetest.Worker + `"},"Action":"secretsmanager:GetSecretValue","Resource":"*"}]}`

var rows = []row{
	{name: "good", edit: func(*snap, *opts) {}},
	{name: "good, a new access key", edit: func(_ *snap, o *opts) { newKey(o) }},
	{name: "good, boot makes what Vault uses", edit: func(s *snap, o *opts) {
		o.Vault = &resource.Vault{AutoCreate: true, User: "acmeuser"}
		gone(&s.Tables)
	}},
	{name: "good, no key is named", edit: func(_ *snap, o *opts) { o.KMS.Key = "" }},

	// IAM users
	{name: "no user", edit: func(s *snap, _ *opts) { gone(&s.Users) }, failed: ids("vault-user-not-found@acmeuser")},
	{
		name: "no user, by name", edit: func(s *snap, _ *opts) {
			s.Users.Items[0] = resource.User{Name: "acmeuser", Presence: resource.Absent}
		},
		failed: ids("vault-user-not-found@acmeuser"),
	},
	{
		name: "users denied", edit: func(s *snap, _ *opts) { denied(&s.Users, "iam:GetUser") },
		unknown: ids("vault-user-not-found@acmeuser", "user-policies-full@acmeuser", "user-access-key-foreign@acmeuser"),
	},
	{
		name: "two access keys, one inactive", edit: func(s *snap, o *opts) {
			newKey(o)
			s.Users.Items[0].AccessKeys.Items = append(s.Users.Items[0].AccessKeys.Items, resource.AccessKey{Digest: "0b", Status: "Inactive"})
		},
		failed: ids("user-access-keys-full@acmeuser"),
	},
	{
		name: "access keys denied", edit: func(s *snap, o *opts) {
			newKey(o)
			denied(&s.Users.Items[0].AccessKeys, "iam:ListAccessKeys")
		},
		unknown: ids("user-access-keys-full@acmeuser"),
	},
	{
		name: "ten policies", edit: func(s *snap, _ *opts) {
			for i := range 9 {
				s.Users.Items[0].Policies.Items = append(s.Users.Items[0].Policies.Items, resource.AttachedPolicy{ARN: fmt.Sprint("arn:aws:iam::111122223333:policy/p", i)})
			}
		},
		failed: ids("user-policies-full@acmeuser"),
	},
	{
		name: "policies denied", edit: func(s *snap, _ *opts) { denied(&s.Users.Items[0].Policies, "iam:ListAttachedUserPolicies") },
		unknown: ids("user-policies-full@acmeuser"),
	},
	{
		name: "an access key of somebody else", edit: func(_ *snap, o *opts) { o.Vault.AccessKeyID = groundway.NewSecret("AKIAI44QH8DHBEXAMPLE") },
		failed: ids("user-access-key-foreign@/vault/aws/iamUserName"),
	},
	{
		name: "half an access key", edit: func(_ *snap, o *opts) { o.Vault.SecretAccessKey = groundway.Secret{} },
		failed: ids("user-access-key-foreign@/vault/aws/iamUserName"),
	},
	{
		name: "an inactive access key", edit: func(s *snap, _ *opts) { s.Users.Items[0].AccessKeys.Items[0].Status = "Inactive" },
		failed: ids("user-access-key-foreign@/vault/aws/iamUserName"),
	},
	{
		name: "the wrong secret", edit: func(s *snap, _ *opts) {
			s.KeyHolders.Items[0] = resource.KeyHolder{Digest: s.KeyHolders.Items[0].Digest, Refused: true}
		},
		failed: ids("user-access-key-foreign@/vault/aws/iamUserName"),
	},
	{
		name: "a key that says it is another's", edit: func(s *snap, _ *opts) {
			denied(&s.Users.Items[0].AccessKeys, "iam:ListAccessKeys")
			s.KeyHolders.Items[0].ARN = "arn:aws:iam::111122223333:user/other"
		},
		failed: ids("user-access-key-foreign@/vault/aws/iamUserName"),
	},
	{
		name: "nobody used the access key", edit: func(s *snap, _ *opts) { denied(&s.KeyHolders, "sts:GetCallerIdentity") },
		unknown: ids("user-access-key-foreign@/vault/aws/iamUserName"),
	},
	{
		name: "nothing tells whose the access key is", edit: func(s *snap, _ *opts) {
			denied(&s.KeyHolders, "sts:GetCallerIdentity")
			denied(&s.Users.Items[0].AccessKeys, "iam:ListAccessKeys")
		},
		unknown: ids("user-access-key-foreign@/vault/aws/iamUserName"),
	},

	// Roles and instance profiles
	{
		name: "no role", edit: func(s *snap, _ *opts) { s.Roles.Items = s.Roles.Items[:1] },
		failed: ids("role-not-found@worker_node_role"),
	},
	{
		name: "roles denied", edit: func(s *snap, _ *opts) { denied(&s.Roles, "iam:GetRole") },
		unknown: ids(
			"leftover-resources@apiservers.demo",
			"role-not-for-ec2@cluster_installer_role", "role-not-for-ec2@worker_node_role", "role-not-found@cluster_installer_role", "role-not-found@worker_node_role",
			"role-not-passable@cluster_installer_role", "role-not-passable@worker_node_role", "role-policy-missing@cluster_installer_role", "role-policy-missing@worker_node_role",
		),
	},
	{
		name: "a role for Lambda", edit: func(s *snap, _ *opts) {
			s.Roles.Items[1].Trust = strings.Replace(resourcetest.EC2Trust, "ec2", "lambda", 1)
		},
		failed: ids("role-not-for-ec2@worker_node_role"),
	},
	{
		name: "a role of China", edit: func(s *snap, o *opts) {
			s.Region, o.Region = "cn-north-1", "cn-north-1"
			s.Roles.Items[0].Trust = strings.Replace(resourcetest.EC2Trust, "amazonaws.com", "amazonaws.com.cn", 1)
			o.KMS, o.Vault, o.Buckets = nil, nil, nil
		},
	},
	{
		name: "a role that is for EC2 of another partition", edit: func(s *snap, _ *opts) {
			s.Roles.Items[1].Trust = strings.Replace(resourcetest.EC2Trust, "amazonaws.com", "amazonaws.com.cn", 1)
		},
		failed: ids("role-not-for-ec2@worker_node_role"),
	},
	{
		name: "a trust policy that is none", edit: func(s *snap, _ *opts) { s.Roles.Items[1].Trust = `{"Version":` },
		unknown: ids("role-not-for-ec2@worker_node_role"),
	},
	{
		name: "another policy", edit: func(_ *snap, o *opts) { o.Roles[1].Policy = "worker node policy" },
		failed: ids("role-policy-missing@worker_node_role"),
	},
	{
		name: "an inline policy", edit: func(s *snap, _ *opts) {
			gone(&s.Roles.Items[1].Policies)
			s.Roles.Items[1].Inline = groundway.SeenPart(resource.InlinePolicy{Name: "worker_node_policy"})
		},
	},
	{
		name: "no policy", edit: func(s *snap, o *opts) {
			gone(&s.Roles.Items[1].Policies)
			o.Roles[1].Policy = ""
		},
		failed: ids("role-policy-missing@worker_node_role"),
	},
	{
		name: "policies of a role denied", edit: func(s *snap, _ *opts) { denied(&s.Roles.Items[1].Policies, "iam:ListAttachedRolePolicies") },
		unknown: ids("role-policy-missing@worker_node_role"),
	},
	{
		name: "inline policies of a role denied", edit: func(s *snap, _ *opts) {
			gone(&s.Roles.Items[1].Policies)
			denied(&s.Roles.Items[1].Inline, "iam:ListRolePolicies")
		},
		unknown: ids("role-policy-missing@worker_node_role"),
	},
	{
		name: "no iam:PassRole", edit: func(_ *snap, o *opts) { refuse(o, "iam:PassRole", iam.ImplicitlyDenied) },
		failed: ids("role-not-passable@cluster_installer_role", "role-not-passable@worker_node_role"),
	},
	{
		name: "nobody knows the policies", edit: func(_ *snap, o *opts) {
			o.May = nil
			o.KMS.Key = ""
			o.Repositories = ids("acme/new")
		},
		unknown: ids(
			"key-not-creatable@/kms/key", "repository-not-creatable@acme/new", "role-not-passable@cluster_installer_role", "role-not-passable@worker_node_role",
			"secret-not-readable@elastic/agent", "security-group-not-creatable@/network/workerSecurityGroups",
		),
	},
	{
		name: "no instance profile", edit: func(s *snap, _ *opts) { s.Profiles.Items = s.Profiles.Items[:1] },
		failed: ids("instance-profile-not-found@worker_node_role"),
	},
	{
		name: "instance profiles denied", edit: func(s *snap, _ *opts) { denied(&s.Profiles, "iam:ListInstanceProfiles") },
		unknown: ids(
			"instance-profile-not-found@cluster_installer_role", "instance-profile-not-found@worker_node_role", "instance-profile-role-wrong@cluster_installer_role",
			"instance-profile-role-wrong@worker_node_role", "leftover-resources@demo",
		),
	},
	{
		name: "an empty instance profile", edit: func(s *snap, _ *opts) { s.Profiles.Items[1].Roles = nil },
		failed: ids("instance-profile-role-wrong@worker_node_role"),
	},
	{
		name: "another role in the instance profile", edit: func(s *snap, _ *opts) { s.Profiles.Items[1].Roles = ids("cluster_installer_role") },
		failed: ids("instance-profile-role-wrong@worker_node_role"),
	},

	// Instances
	{
		name: "no jump host", edit: func(s *snap, _ *opts) { s.Instances.Items = s.Instances.Items[1:] },
		failed: ids("instance-not-found@i-0a1"),
	},
	{
		name: "instances denied", edit: func(s *snap, _ *opts) { denied(&s.Instances, "ec2:DescribeInstances") },
		unknown: ids(
			"instance-key-pair-wrong@i-0a1", "instance-key-pair-wrong@i-0b2", "instance-misplaced@i-0a1", "instance-misplaced@i-0b2", "instance-not-found@i-0a1", "instance-not-found@i-0b2",
			"instance-not-public@i-0a1", "instance-not-running@i-0a1", "instance-not-running@i-0b2", "instance-profile-not-attached@i-0b2",
		),
	},
	{
		name: "a master node that is stopped", edit: func(s *snap, _ *opts) { s.Instances.Items[1].State = "stopped" },
		failed: ids("instance-not-running@i-0b2"),
	},
	{
		name: "a jump host that is terminated", edit: func(s *snap, _ *opts) {
			s.Instances.Items[0] = resource.Instance{ID: "i-0a1", State: "terminated", KeyName: "ops"}
		},
		failed: ids("instance-not-running@i-0a1"),
	},
	{
		name: "a master node in the public subnet", edit: func(s *snap, _ *opts) { s.Instances.Items[1].SubnetID = "subnet-0c1" },
		failed: ids("instance-misplaced@i-0b2"),
	},
	{
		name: "a master node in another VPC", edit: func(s *snap, o *opts) {
			o.Instances[1].Subnets = nil
			s.Instances.Items[1].VPCID = "vpc-0b2"
		},
		failed: ids("instance-misplaced@i-0b2"),
	},
	{
		name: "a jump host without an address", edit: func(s *snap, _ *opts) { s.Instances.Items[0].PublicIP = "" },
		failed: ids("instance-not-public@i-0a1"),
	},
	{
		name: "a master node without a profile", edit: func(s *snap, _ *opts) { s.Instances.Items[1].ProfileARN = "" },
		failed: ids("instance-profile-not-attached@i-0b2"),
	},
	{
		name: "a master node with the workers' profile", edit: func(s *snap, _ *opts) {
			s.Instances.Items[1].ProfileARN = "arn:aws:iam::111122223333:instance-profile/path/worker_node_role"
		},
		failed: ids("instance-profile-not-attached@i-0b2"),
	},
	{
		name: "another key pair", edit: func(s *snap, _ *opts) { s.Instances.Items[0].KeyName = "old" },
		failed: ids("instance-key-pair-wrong@i-0a1"),
	},

	{
		name: "no security group may be made", edit: func(_ *snap, o *opts) { refuse(o, "ec2:CreateSecurityGroup", iam.ImplicitlyDenied) },
		failed: ids("security-group-not-creatable@/network/workerSecurityGroups"),
	},
	{
		name: "a security group may be made, and no rule of it", edit: func(_ *snap, o *opts) { refuse(o, "ec2:AuthorizeSecurityGroupIngress", iam.ExplicitlyDenied) },
		failed: ids("security-group-not-creatable@/network/workerSecurityGroups"),
	},

	// File systems
	{name: "no file system", edit: func(s *snap, _ *opts) { gone(&s.FileSystems) }, failed: ids("file-system-not-found@fs-0a1")},
	{
		name: "file systems denied", edit: func(s *snap, _ *opts) { denied(&s.FileSystems, "elasticfilesystem:DescribeFileSystems") },
		unknown: ids("file-system-mount-target-missing@fs-0a1", "file-system-not-available@fs-0a1", "file-system-not-encrypted@fs-0a1", "file-system-not-found@fs-0a1"),
	},
	{
		name: "a file system that is being created", edit: func(s *snap, _ *opts) { s.FileSystems.Items[0].State = "creating" },
		failed: ids("file-system-not-available@fs-0a1"),
	},
	{
		name: "a file system in the clear", edit: func(s *snap, _ *opts) { *s.FileSystems.Items[0].Encrypted = false },
		failed: ids("file-system-not-encrypted@fs-0a1"),
	},
	{
		name: "fields of a file system that are not shown", edit: func(s *snap, _ *opts) {
			s.FileSystems.Items[0].Encrypted, s.FileSystems.Items[0].State = nil, ""
		},
		unknown: ids("file-system-not-available@fs-0a1", "file-system-not-encrypted@fs-0a1"),
	},
	{
		name: "no mount target in a zone", edit: func(s *snap, _ *opts) {
			s.FileSystems.Items[0].Targets.Items = s.FileSystems.Items[0].Targets.Items[:1]
		},
		failed: ids("file-system-mount-target-missing@subnet-0f1"),
	},
	{
		name: "a mount target in another subnet of the zone", edit: func(s *snap, _ *opts) { s.FileSystems.Items[0].Targets.Items[1].SubnetID = "subnet-0f9" },
	},
	{
		name: "a mount target that is being created", edit: func(s *snap, _ *opts) { s.FileSystems.Items[0].Targets.Items[1].State = "creating" },
		failed: ids("file-system-mount-target-missing@subnet-0f1"),
	},
	{
		name: "mount targets denied", edit: func(s *snap, _ *opts) {
			denied(&s.FileSystems.Items[0].Targets, "elasticfilesystem:DescribeMountTargets")
		},
		unknown: ids("file-system-mount-target-missing@subnet-0e1", "file-system-mount-target-missing@subnet-0f1"),
	},

	// KMS keys
	{name: "no key", edit: func(s *snap, _ *opts) { gone(&s.Keys) }, failed: ids("key-not-found@"+key, "key-not-found@alias/vault")},
	{
		name: "keys denied", edit: func(s *snap, _ *opts) { denied(&s.Keys, "kms:DescribeKey") },
		unknown: ids(
			"key-not-enabled@"+key, "key-not-enabled@alias/vault", "key-not-found@"+key, "key-not-found@alias/vault", "key-not-symmetric@"+key, "key-not-symmetric@alias/vault",
			"key-not-usable@"+key, "key-not-usable@alias/vault", "key-other-region@"+key, "key-other-region@alias/vault",
		),
	},
	{
		name: "a key of another region, by its ARN", edit: func(s *snap, o *opts) {
			o.KMS.Key = "arn:aws:kms:eu-west-1:111122223333:alias/tectonic"
			s.Keys.Items = append(s.Keys.Items, resource.Key{
				ID: "0b", ARN: "arn:aws:kms:eu-west-1:111122223333:key/0b", Aliases: ids("alias/tectonic"),
				State: "Enabled", Spec: "SYMMETRIC_DEFAULT", Usage: "ENCRYPT_DECRYPT", Policy: resourcetest.KeyPolicy,
			})
		},
		failed: ids("key-other-region@arn:aws:kms:eu-west-1:111122223333:alias/tectonic"),
	},
	{
		name: "a disabled key that is named by its ID and by an alias", edit: func(s *snap, _ *opts) { s.Keys.Items[0].State = "Disabled" },
		failed: ids("key-not-enabled@" + key),
	},
	{
		name: "a key that is named twice, for two regions", edit: func(_ *snap, o *opts) {
			o.Vault.Key, o.Vault.KeyRegion = "arn:aws:kms:us-east-1:111122223333:key/"+key, "eu-west-1"
		},
		failed: ids("key-other-region@arn:aws:kms:us-east-1:111122223333:key/" + key),
	},
	{
		name: "a key that is to be deleted", edit: func(s *snap, o *opts) {
			o.KMS = nil
			s.Keys.Items[0].State = "PendingDeletion"
		},
		failed: ids("key-not-enabled@alias/vault"),
	},
	{
		name: "a key for signatures", edit: func(s *snap, o *opts) {
			o.KMS = nil
			s.Keys.Items[0].Spec, s.Keys.Items[0].Usage = "ECC_NIST_P256", "SIGN_VERIFY"
		},
		failed: ids("key-not-symmetric@alias/vault"),
	},
	{
		name: "a key of which little is shown", edit: func(s *snap, o *opts) {
			o.KMS = nil
			s.Keys.Items[0] = resource.Key{ID: key, Aliases: ids("alias/vault")}
		},
		unknown: ids("key-not-enabled@alias/vault", "key-not-symmetric@alias/vault", "key-not-usable@alias/vault", "key-other-region@alias/vault"),
	},
	{
		name: "a key policy without the user", edit: func(s *snap, o *opts) {
			s.Keys.Items[0].Policy = strings.Replace(resourcetest.KeyPolicy, "arn:aws:iam::111122223333:root", resourcetest.Installer, 1)
		},
		failed: ids("key-not-usable@" + key),
	},
	{
		name: "a key policy that allows to decrypt alone", edit: func(s *snap, o *opts) {
			o.Vault = nil
			s.Keys.Items[0].Policy = strings.Replace(resourcetest.KeyPolicy, "kms:*", "kms:Decrypt", 1)
		},
		failed: ids("key-not-usable@" + key),
	},
	{
		name: "a user without permissions on the key", edit: func(_ *snap, o *opts) {
			o.May = func(r iam.Request) iam.Verdict {
				if r.Principal == resourcetest.User && r.Action == "kms:Encrypt" {
					return iam.ImplicitlyDenied
				}
				return iam.Allowed
			}
		},
		failed: ids("key-not-usable@" + key),
	},
	{
		name: "a key policy that names the user, whose own policies do not allow it", edit: func(s *snap, o *opts) {
			o.KMS = nil
			s.Keys.Items[0].Policy = strings.Replace(resourcetest.KeyPolicy, "arn:aws:iam::111122223333:root", resourcetest.User, 1)
			o.May = func(r iam.Request) iam.Verdict {
				if strings.HasPrefix(string(r.Action), "kms:") {
					return iam.ImplicitlyDenied
				}
				return iam.Allowed
			}
		},
	},
	{
		name: "no key, and none may be made", edit: func(_ *snap, o *opts) {
			o.KMS.Key = ""
			refuse(o, "kms:CreateKey", iam.ExplicitlyDenied)
		},
		failed: ids("key-not-creatable@/kms/key"),
	},

	{
		name: "a key policy that names the installer, whose role stands below a path", edit: func(s *snap, o *opts) {
			o.Vault = nil
			s.Roles.Items[0].ARN = "arn:aws:iam::111122223333:role/ops/cluster_installer_role"
			s.Keys.Items[0].Policy = strings.Replace(resourcetest.KeyPolicy, "arn:aws:iam::111122223333:root", s.Roles.Items[0].ARN, 1)
		},
	},
	{
		name: "an alias of another region, and the list of this one", edit: func(s *snap, o *opts) {
			o.KMS, o.Vault.KeyRegion = nil, "eu-west-1"
		},
		unknown: ids("key-not-enabled@alias/vault", "key-not-found@alias/vault", "key-not-symmetric@alias/vault", "key-not-usable@alias/vault", "key-other-region@alias/vault"),
	},
	{
		name: "a key that is in another region", edit: func(s *snap, o *opts) {
			o.KMS, o.Vault.Key, o.Vault.KeyRegion = nil, key, "eu-west-1"
		},
		failed: ids("key-other-region@" + key),
	},
	{
		name: "Vault without the name of its key", edit: func(_ *snap, o *opts) { o.KMS, o.Vault.Key = nil, "" },
		failed: ids("key-not-found@/vault/aws/kmsKeyId"),
	},

	// DynamoDB tables
	{
		name: "a table of another region, and the list of this one", edit: func(s *snap, o *opts) { o.Vault.TableRegion = "eu-west-1" },
		unknown: ids("table-key-wrong@vault-data", "table-not-active@vault-data", "table-not-found@vault-data"),
	},
	{
		name: "a table of another region, where somebody asked for it", edit: func(s *snap, o *opts) {
			o.Vault.TableRegion = "eu-west-1"
			s.Tables.Items[0].ARN = "arn:aws:dynamodb:eu-west-1:111122223333:table/vault-data"
		},
	},
	{
		name: "no table in another region, where somebody asked for it", edit: func(s *snap, o *opts) {
			o.Vault.TableRegion = "eu-west-1"
			s.Tables.Items[0] = resource.Table{Name: "vault-data", Presence: resource.Absent}
		},
		failed: ids("table-not-found@vault-data"),
	},
	{
		name: "Vault without the name of its table", edit: func(_ *snap, o *opts) { o.Vault.Table = "" },
		failed: ids("table-not-found@/vault/aws/dynamoDBTable"),
	},
	{name: "no table", edit: func(s *snap, _ *opts) { gone(&s.Tables) }, failed: ids("table-not-found@vault-data")},
	{
		name: "tables denied", edit: func(s *snap, _ *opts) { denied(&s.Tables, "dynamodb:DescribeTable") },
		unknown: ids("table-key-wrong@vault-data", "table-not-active@vault-data", "table-not-found@vault-data"),
	},
	{
		name: "a table that is being created", edit: func(s *snap, _ *opts) { s.Tables.Items[0].Status = "CREATING" },
		failed: ids("table-not-active@vault-data"),
	},
	{name: "a table that is being changed", edit: func(s *snap, _ *opts) { s.Tables.Items[0].Status = "UPDATING" }},
	{
		name: "another key schema", edit: func(s *snap, _ *opts) { s.Tables.Items[0].Schema = "Path HASH S, Key RANGE N" },
		failed: ids("table-key-wrong@vault-data"),
	},
	{
		name: "a table of which little is shown", edit: func(s *snap, _ *opts) { s.Tables.Items[0] = resource.Table{Name: "vault-data"} },
		unknown: ids("table-key-wrong@vault-data", "table-not-active@vault-data"),
	},

	// S3 buckets
	{
		name: "no bucket", edit: func(s *snap, _ *opts) {
			s.Buckets.Items[1] = resource.Bucket{Name: "acme-vault", Presence: resource.Absent}
		},
		failed: ids("bucket-not-found@acme-vault"),
	},
	{
		name: "a bucket that is made", edit: func(s *snap, _ *opts) {
			s.Buckets.Items[0] = resource.Bucket{Name: "acme-logs", Presence: resource.Absent}
		},
	},
	{
		name: "a bucket of another account", edit: func(s *snap, _ *opts) {
			s.Buckets.Items[1] = resource.Bucket{Name: "acme-vault", Presence: resource.Forbidden}
			s.OwnBuckets.Items = s.OwnBuckets.Items[:1]
		},
		failed: ids("bucket-other-account@acme-vault"),
	},
	{
		name: "a bucket that cannot be made", edit: func(s *snap, _ *opts) {
			s.Buckets.Items[0] = resource.Bucket{Name: "acme-logs", Presence: resource.Forbidden}
			s.OwnBuckets.Items = s.OwnBuckets.Items[1:]
		},
		failed: ids("bucket-other-account@acme-logs"),
	},
	{
		name: "a bucket that is not shown", edit: func(s *snap, _ *opts) {
			s.Buckets.Items[1] = resource.Bucket{Name: "acme-vault", Presence: resource.Forbidden}
			denied(&s.OwnBuckets, "s3:ListAllMyBuckets")
		},
		unknown: ids(
			"bucket-not-encrypted@acme-vault", "bucket-not-versioned@acme-vault", "bucket-other-account@acme-logs", "bucket-other-account@acme-vault", "bucket-other-region@acme-vault",
			"bucket-public-access@acme-vault",
		),
	},
	{
		name: "buckets denied", edit: func(s *snap, o *opts) {
			o.Buckets = nil
			denied(&s.Buckets, "s3:GetBucketLocation")
			denied(&s.OwnBuckets, "s3:ListAllMyBuckets")
		},
		unknown: ids(
			"bucket-not-encrypted@acme-vault", "bucket-not-found@acme-vault", "bucket-not-versioned@acme-vault", "bucket-other-account@acme-vault", "bucket-other-region@acme-vault",
			"bucket-public-access@acme-vault",
		),
	},
	{
		name: "a bucket of another region", edit: func(s *snap, _ *opts) { s.Buckets.Items[1].Region = "eu-west-1" },
		failed: ids("bucket-other-region@acme-vault"),
	},
	{
		name: "a bucket that is elsewhere", edit: func(s *snap, _ *opts) {
			s.Buckets.Items[1] = resource.Bucket{Name: "acme-vault", Presence: resource.OtherRegion, Region: "eu-west-1"}
			s.OwnBuckets.Items[1].Region = ""
		},
		failed: ids("bucket-other-region@acme-vault"),
	},
	{
		name: "the list of the account's buckets alone", edit: func(s *snap, _ *opts) { denied(&s.Buckets, "s3:GetBucketLocation") },
		unknown: ids(
			"bucket-not-encrypted@acme-logs", "bucket-not-encrypted@acme-vault", "bucket-not-versioned@acme-logs", "bucket-not-versioned@acme-vault",
			"bucket-public-access@acme-logs", "bucket-public-access@acme-vault",
		),
	},
	{
		name: "a list without the buckets", edit: func(s *snap, _ *opts) {
			denied(&s.Buckets, "s3:GetBucketLocation")
			gone(&s.OwnBuckets)
		},
		failed: ids("bucket-not-found@acme-vault"), // acme-logs may be made, unless another account has it
		unknown: ids(
			"bucket-not-encrypted@acme-logs", "bucket-not-found@acme-logs", "bucket-not-versioned@acme-logs", "bucket-other-account@acme-logs", "bucket-other-region@acme-logs",
			"bucket-public-access@acme-logs",
		),
	},
	{
		name: "another account's bucket that is open to us", edit: func(s *snap, _ *opts) { s.OwnBuckets.Items = s.OwnBuckets.Items[:1] },
		failed: ids("bucket-other-account@acme-vault"),
	},
	{
		name: "a public bucket", edit: func(s *snap, _ *opts) { s.Buckets.Items[1].Blocks = "BlockPublicAcls,IgnorePublicAcls" },
		failed: ids("bucket-public-access@acme-vault"),
	},
	{
		name: "a bucket in the clear, without versions", edit: func(s *snap, _ *opts) {
			s.Buckets.Items[1].Encryption, s.Buckets.Items[1].Versioning = "none", "Suspended"
		},
		failed: ids("bucket-not-encrypted@acme-vault", "bucket-not-versioned@acme-vault"),
	},
	{
		name: "a bucket of which little is shown", edit: func(s *snap, _ *opts) {
			s.Buckets.Items[1] = resource.Bucket{Name: "acme-vault"}
			s.Buckets.Gaps = []groundway.Gap{resource.About("acme-vault", groundway.Gap{Action: "s3:GetBucketVersioning", Code: "AccessDenied", Message: "the caller is not authorized"})}
			s.Buckets.Partial = true
		},
		unknown: ids("bucket-not-encrypted@acme-vault", "bucket-not-versioned@acme-vault", "bucket-public-access@acme-vault"),
	},
	{
		name: "Vault without the name of its bucket", edit: func(_ *snap, o *opts) { o.Vault.Bucket = "" },
		failed: ids("bucket-not-found@/vault/aws/s3Bucket"),
	},
	{
		name: "a prefix without a slash", edit: func(_ *snap, o *opts) { o.Vault.Prefix = "vault" },
		failed: ids("bucket-prefix-invalid@vault"),
	},

	// Secrets
	{name: "no secret", edit: func(s *snap, _ *opts) { gone(&s.Secrets) }, failed: ids("secret-not-found@elastic/agent")},
	{
		name: "secrets denied", edit: func(s *snap, _ *opts) { denied(&s.Secrets, "secretsmanager:DescribeSecret") },
		unknown: ids("secret-not-found@elastic/agent", "secret-not-readable@elastic/agent", "secret-pending-deletion@elastic/agent"),
	},
	{
		name: "a secret that is to be deleted", edit: func(s *snap, _ *opts) { s.Secrets.Items[0].Deleted = time.Unix(1, 0) },
		failed: ids("secret-pending-deletion@elastic/agent"),
	},
	{
		name: "a secret that workers may not read", edit: func(_ *snap, o *opts) { refuse(o, "secretsmanager:GetSecretValue", iam.ImplicitlyDenied) },
		failed: ids("secret-not-readable@elastic/agent"),
	},
	{
		name: "a secret that workers may not decrypt", edit: func(s *snap, o *opts) {
			s.Secrets.Items[0].KMSKey = "arn:aws:kms:us-east-1:111122223333:key/" + key
			refuse(o, "kms:Decrypt", iam.ImplicitlyDenied)
			o.KMS, o.Vault = nil, nil
		},
		failed: ids("secret-not-readable@elastic/agent"),
	},
	{
		name: "a secret without a policy for another account", edit: func(_ *snap, o *opts) {
			o.Secrets[0].Reader = "arn:aws:iam::444455556666:role/worker_node_role"
		},
		failed: ids("secret-not-readable@elastic/agent"),
	},
	{
		name: "a secret with the key of the service for another account", edit: func(s *snap, o *opts) {
			o.Secrets[0].Reader = "arn:aws:iam::444455556666:role/worker_node_role"
			s.Secrets.Items[0].Policy = strings.Replace(secretPolicy, resourcetest.Worker, "444455556666", 1)
		},
		failed: ids("secret-not-readable@elastic/agent"),
	},
	{
		name: "a secret for another account", edit: func(s *snap, o *opts) {
			o.Secrets[0].Reader = "arn:aws:iam::444455556666:role/worker_node_role"
			s.Secrets.Items[0].Policy = strings.Replace(secretPolicy, resourcetest.Worker, "444455556666", 1)
			s.Secrets.Items[0].KMSKey = "arn:aws:kms:us-east-1:111122223333:key/" + key
			s.Keys.Items[0].Policy = strings.Replace(ownKeyPolicy, `"111122223333"`, `["111122223333","444455556666"]`, 1)
		},
	},
	{
		name: "a secret whose key is not known", edit: func(s *snap, _ *opts) {
			s.Secrets.Items[0].KMSKey = "arn:aws:kms:us-east-1:111122223333:key/other"
		},
		unknown: ids("secret-not-readable@elastic/agent"),
	},
	{
		name: "a secret whose key is not known and denied to the workers", edit: func(s *snap, o *opts) {
			s.Secrets.Items[0].KMSKey = "arn:aws:kms:us-east-1:111122223333:key/other"
			refuse(o, "kms:Decrypt", iam.ExplicitlyDenied)
			o.KMS, o.Vault = nil, nil
		},
		failed: ids("secret-not-readable@elastic/agent"),
	},
	{
		name: "a secret whose key leaves it to the account", edit: func(s *snap, o *opts) {
			s.Secrets.Items[0].KMSKey = "arn:aws:kms:us-east-1:111122223333:key/" + key
			s.Keys.Items[0].Policy = ownKeyPolicy
			o.KMS, o.Vault = nil, nil
		},
	},
	{
		name: "a secret whose key lets the workers in, whom their own policies do not", edit: func(s *snap, o *opts) {
			s.Secrets.Items[0].KMSKey = "arn:aws:kms:us-east-1:111122223333:key/" + key
			s.Keys.Items[0].Policy = strings.Replace(ownKeyPolicy, "111122223333", resourcetest.Worker, 1)
			refuse(o, "kms:Decrypt", iam.ImplicitlyDenied)
			o.KMS, o.Vault = nil, nil
		},
	},
	{
		name: "a secret whose key is named by an alias and lets others in", edit: func(s *snap, o *opts) {
			s.Secrets.Items[0].KMSKey = "arn:aws:kms:us-east-1:111122223333:alias/vault"
			s.Keys.Items[0].Policy = strings.Replace(ownKeyPolicy, "111122223333", resourcetest.User, 1)
			o.KMS, o.Vault = nil, nil
		},
		failed: ids("secret-not-readable@elastic/agent"),
	},
	{
		name: "a secret with the key of the service by its alias", edit: func(s *snap, _ *opts) {
			s.Secrets.Items[0].KMSKey = "arn:aws:kms:us-east-1:111122223333:alias/aws/secretsmanager"
		},
	},
	{
		name: "a secret whose key lets others in", edit: func(s *snap, o *opts) {
			s.Secrets.Items[0].KMSKey = "arn:aws:kms:us-east-1:111122223333:key/" + key
			s.Keys.Items[0].Policy = strings.Replace(ownKeyPolicy, "111122223333", resourcetest.User, 1)
			o.KMS, o.Vault = nil, nil
		},
		failed: ids("secret-not-readable@elastic/agent"),
	},
	{
		name: "a secret whose key leaves it to the account, whose policies nobody knows", edit: func(s *snap, o *opts) {
			s.Secrets.Items[0].KMSKey = "arn:aws:kms:us-east-1:111122223333:key/" + key
			s.Keys.Items[0].Policy = ownKeyPolicy
			refuse(o, "kms:Decrypt", iam.Undetermined)
			o.KMS, o.Vault = nil, nil
		},
		unknown: ids("secret-not-readable@elastic/agent"),
	},
	{
		name: "a secret whose policy denies the workers", edit: func(s *snap, _ *opts) {
			s.Secrets.Items[0].Policy = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"secretsmanager:GetSecretValue","Resource":"*"}]}`
		},
		failed: ids("secret-not-readable@elastic/agent"),
	},
	{
		name: "a secret whose policy lets the workers in", edit: func(s *snap, o *opts) {
			s.Secrets.Items[0].Policy = secretPolicy
			refuse(o, "secretsmanager:GetSecretValue", iam.ImplicitlyDenied)
		},
	},
	{
		name: "a secret whose policy lets the workers in, whose own policies nobody knows", edit: func(s *snap, o *opts) {
			s.Secrets.Items[0].Policy = secretPolicy
			refuse(o, "secretsmanager:GetSecretValue", iam.Undetermined)
		},
		unknown: ids("secret-not-readable@elastic/agent"),
	},
	{
		name: "a secret whose policy lets the workers in, whose own policies deny it", edit: func(s *snap, o *opts) {
			s.Secrets.Items[0].Policy = secretPolicy
			refuse(o, "secretsmanager:GetSecretValue", iam.ExplicitlyDenied)
		},
		failed: ids("secret-not-readable@elastic/agent"),
	},
	{
		name: "a secret whose policy lets others in", edit: func(s *snap, o *opts) {
			s.Secrets.Items[0].Policy = strings.Replace(secretPolicy, resourcetest.Worker, resourcetest.User, 1)
			refuse(o, "secretsmanager:GetSecretValue", iam.ImplicitlyDenied)
		},
		failed: ids("secret-not-readable@elastic/agent"),
	},
	{
		name: "a secret whose policy denies by a condition", edit: func(s *snap, _ *opts) {
			s.Secrets.Items[0].Policy = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*","Condition":{"StringNotEquals":{"aws:SourceVpce":"vpce-0a1"}}}]}`
		},
		unknown: ids("secret-not-readable@elastic/agent"),
	},
	{
		name: "a secret whose policy is not shown", edit: func(s *snap, o *opts) {
			s.Secrets.Items[0].Policy = ""
			refuse(o, "secretsmanager:GetSecretValue", iam.ImplicitlyDenied)
		},
		unknown: ids("secret-not-readable@elastic/agent"),
	},
	{
		name: "a secret by its ARN", edit: func(_ *snap, o *opts) {
			o.Secrets[0].Secret = "arn:aws:secretsmanager:us-east-1:111122223333:secret:elastic/agent"
		},
	},

	// Repositories and stacks
	{name: "a repository that may be made", edit: func(_ *snap, o *opts) { o.Repositories = ids("acme/new") }},
	{
		name: "a repository that may not be made", edit: func(_ *snap, o *opts) {
			o.Repositories = ids("acme/new")
			refuse(o, "ecr:CreateRepository", iam.ImplicitlyDenied)
		},
		failed: ids("repository-not-creatable@acme/new"),
	},
	{
		name: "repositories denied", edit: func(s *snap, _ *opts) { denied(&s.Repositories, "ecr:DescribeRepositories") },
		unknown: ids("repository-not-creatable@acme/app"),
	},
	{
		name: "a stack that was rolled back", edit: func(s *snap, _ *opts) { s.Stacks.Items[0].Status = "ROLLBACK_COMPLETE" },
		failed: ids("stack-blocked@JenkinsXPolicies-f00d"),
	},
	{
		name: "stacks denied", edit: func(s *snap, _ *opts) { denied(&s.Stacks, "cloudformation:DescribeStacks") },
		unknown: ids("leftover-resources@demo", "stack-blocked@demo", "stack-blocked@eksctl-demo-cluster"),
	},
	{
		name: "a stack of an earlier cluster", edit: func(s *snap, _ *opts) {
			s.Stacks.Items = append(s.Stacks.Items, resource.Stack{Name: "eksctl-demo-cluster", Status: "CREATE_COMPLETE"})
		},
		failed: ids("leftover-resources@eksctl-demo-cluster"),
	},
	{
		name: "stacks of an earlier cluster without tags", edit: func(s *snap, _ *opts) {
			for _, kind := range ids("addon-vpc-cni", "cluster", "nodegroup-a", "podidentityrole-kube-system-cni") {
				s.Stacks.Items = append(s.Stacks.Items, resource.Stack{Name: "eksctl-demo-" + kind, Status: "CREATE_COMPLETE"})
			}
		},
		failed: ids(
			"leftover-resources@eksctl-demo-addon-vpc-cni", "leftover-resources@eksctl-demo-cluster",
			"leftover-resources@eksctl-demo-nodegroup-a", "leftover-resources@eksctl-demo-podidentityrole-kube-system-cni",
		),
	},
	{
		name: "stacks of another cluster, whose name goes on", edit: func(s *snap, _ *opts) {
			s.Stacks.Items = append(
				s.Stacks.Items, resource.Stack{Name: "eksctl-demo-2-cluster", Status: "CREATE_COMPLETE"},
				resource.Stack{Name: "eksctl-demo-nodegroup-test-cluster", Status: "ROLLBACK_COMPLETE", Tags: map[string]string{"alpha.eksctl.io/cluster-name": "demo-nodegroup-test"}},
			)
		},
	},
	{
		name: "a stack of an earlier cluster that blocks", edit: func(s *snap, _ *opts) {
			s.Stacks.Items = append(s.Stacks.Items, resource.Stack{Name: "x", Status: "DELETE_FAILED", Tags: map[string]string{"alpha.eksctl.io/cluster-name": "demo"}})
		},
		failed: ids("stack-blocked@x"),
	},
	{
		name: "an instance profile of an earlier cluster", edit: func(s *snap, _ *opts) {
			s.Profiles.Items = append(s.Profiles.Items, resource.InstanceProfile{Name: "demo-master-profile"})
		},
		failed: ids("leftover-resources@demo-master-profile"),
	},
	{
		name: "roles of an earlier cluster", edit: func(s *snap, _ *opts) {
			s.Roles.Items = append(s.Roles.Items, resource.Role{Name: "demo-worker-role"}, resource.Role{Name: "nodes.demo"}, resource.Role{Name: "masters.demo", Presence: resource.Absent})
		},
		failed: ids("leftover-resources@demo-worker-role", "leftover-resources@nodes.demo"),
	},
	{
		name: "one of the roles that may be left is denied", edit: func(s *snap, _ *opts) {
			s.Roles.Partial, s.Roles.Gaps = true, []groundway.Gap{resource.About("masters.demo", groundway.Gap{Action: "iam:GetRole", Code: "AccessDenied", Message: "no"})}
			for _, name := range ids("apiservers.demo", "bastions.demo", "demo-etcd-role", "demo-master-role", "demo-worker-role", "nodes.demo") {
				s.Roles.Items = append(s.Roles.Items, resource.Role{Name: name, Presence: resource.Absent})
			}
		},
		unknown: ids("leftover-resources@masters.demo"),
	},
	{
		name: "a role that may be left and is not shown", edit: func(s *snap, _ *opts) {
			s.Roles.Items = append(s.Roles.Items, resource.Role{Name: "nodes.demo", Presence: resource.Forbidden})
		},
		unknown: ids("leftover-resources@nodes.demo"),
	},
	{
		name: "a role and an instance profile of the nodes that are named", edit: func(s *snap, o *opts) {
			s.Roles.Items = append(s.Roles.Items, s.Roles.Items[1])
			s.Roles.Items[2].Name = "demo-worker-role"
			s.Profiles.Items = append(s.Profiles.Items, resource.InstanceProfile{Name: "nodes.demo", Roles: ids("demo-worker-role")})
			o.Roles = append(o.Roles, resource.NodeRole{Role: "demo-worker-role", Profile: "nodes.demo"})
			o.May = func(iam.Request) iam.Verdict { return iam.Allowed }
		},
	},
}

// outcomes returns the findings of an outcome as slug@subject, in order.
func outcomes(findings []groundway.Finding, o groundway.Outcome) []string {
	list := []string{}
	for _, f := range findings {
		if f.Outcome == o {
			list = append(list, strings.TrimPrefix(string(f.Code), "iam/")+"@"+f.Subject.String())
		}
	}
	slices.Sort(list)
	return list
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			s, o := r.account()
			findings := resource.Check(s, o)
			slices.Sort(r.failed)
			slices.Sort(r.unknown)
			assert.Equal(t, append([]string{}, r.failed...), outcomes(findings, groundway.Failed))
			assert.Equal(t, append([]string{}, r.unknown...), outcomes(findings, groundway.Unknown))
			for _, f := range findings {
				assert.NotEmpty(t, f.Summary)
				assert.NotEmpty(t, f.Evidence, f.Code)
				if f.Outcome == groundway.Failed {
					assert.NotEmpty(t, f.Remedies, f.Code)
					assert.NotEmpty(t, f.Remedies[0].URL, f.Code)
				}
				if f.Outcome == groundway.Skipped {
					assert.NotEmpty(t, f.Detail, f.Code)
				}
			}
			text, err := json.Marshal(findings)
			require.NoError(t, err)
			assert.NotRegexp(t, `AKIA|wJalr`, string(text), "no access key is shown")
		})
	}
}

// asked are the actions of which it is asked whether somebody may call them.
var asked = []string{"ec2:CreateSecurityGroup", "ecr:CreateRepository", "iam:PassRole", "kms:CreateKey", "kms:Decrypt", "secretsmanager:GetSecretValue"}

// The place of a fact leads to what it says.
func TestContract(t *testing.T) {
	t.Parallel()
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			s, o := r.account()
			findingtest.Contract{Snapshot: s, Rules: resource.Rules(), Sources: asked}.Hold(t, resource.Check(s, o))
		})
	}
}

// A saved snapshot gives the same findings, and one text whatever its order.
func TestReplay(t *testing.T) {
	t.Parallel()
	for _, r := range rows {
		s, o := r.account()
		data, err := json.Marshal(s)
		require.NoError(t, err, r.name)
		var back resource.Snapshot
		require.NoError(t, json.Unmarshal(data, &back), r.name)
		assert.Equal(t, resource.Check(s, o), resource.Check(back, o), r.name)
		again, err := json.Marshal(back)
		require.NoError(t, err)
		assert.Equal(t, string(data), string(again), r.name)

		rng := rand.New(rand.NewPCG(1, 2))
		rng.Shuffle(len(s.Buckets.Items), func(i, j int) { s.Buckets.Items[i], s.Buckets.Items[j] = s.Buckets.Items[j], s.Buckets.Items[i] })
		rng.Shuffle(len(s.Roles.Items), func(i, j int) { s.Roles.Items[i], s.Roles.Items[j] = s.Roles.Items[j], s.Roles.Items[i] })
		assert.Equal(t, resource.Check(back, o), resource.Check(s, o), r.name)
	}
}

// Nothing was seen, and nothing is named.
func TestNothing(t *testing.T) {
	t.Parallel()
	for _, f := range resource.Check(resource.Snapshot{}, resource.Options{}) {
		assert.Equal(t, groundway.Skipped, f.Outcome, f.Code)
	}
	_, o := resourcetest.Account()
	for _, f := range resource.Check(resource.Snapshot{}, o) {
		needsNoCall := len(ruleOf(f.Code).Permissions) == 0
		assert.True(t, f.Outcome == groundway.Unknown || f.Outcome == groundway.Skipped || needsNoCall, "%s is %s", f.Code, f.Outcome)
	}
}

func ruleOf(code groundway.Code) groundway.Rule {
	list := resource.Rules()
	return list[slices.IndexFunc(list, func(r groundway.Rule) bool { return r.Code == code })]
}

// What is asked of policies is about the resources of the region's partition and of the
// installer's account, where nobody says which account the snapshot is of.
func TestAskedResources(t *testing.T) {
	t.Parallel()
	s, o := resourcetest.Account()
	s.Account, s.Region, o.Region = "", "cn-north-1", "cn-north-1"
	o.Installer, o.Repositories = strings.Replace(resourcetest.Installer, "arn:aws:", "arn:aws-cn:", 1), ids("acme/new")
	var got []string
	o.May = func(r iam.Request) iam.Verdict {
		got = append(got, string(r.Action)+" "+r.Resource)
		return iam.Allowed
	}
	resource.Check(s, o)
	assert.Contains(t, got, "ec2:CreateSecurityGroup arn:aws-cn:ec2:cn-north-1:111122223333:vpc/vpc-0a1")
	assert.Contains(t, got, "ec2:AuthorizeSecurityGroupIngress arn:aws-cn:ec2:cn-north-1:111122223333:security-group/*")
	assert.Contains(t, got, "ecr:CreateRepository arn:aws-cn:ecr:cn-north-1:111122223333:repository/acme/new")
}

// An instance profile that holds a role cannot be deleted before it is empty.
func TestRemedies(t *testing.T) {
	t.Parallel()
	s, o := resourcetest.Account()
	s.Profiles.Items = append(s.Profiles.Items,
		resource.InstanceProfile{Name: "demo-master-profile", Roles: ids("demo-master-role")}, resource.InstanceProfile{Name: "demo-etcd-profile", Roles: ids("mine")},
	)
	s.Roles.Items = append(s.Roles.Items,
		resource.Role{
			Name: "demo-master-role", Inline: groundway.SeenPart(resource.InlinePolicy{Name: "assets"}),
			Policies: groundway.SeenPart(resource.AttachedPolicy{ARN: "arn:aws:iam::aws:policy/ReadOnlyAccess", Name: "ReadOnlyAccess"}),
		},
		resource.Role{Name: "nodes.demo"},
	)
	s.Instances.Items[0] = resource.Instance{ID: "i-0a1", State: "terminated", KeyName: "ops"}
	s.Instances.Items[1].ProfileARN = "arn:aws:iam::111122223333:instance-profile/worker_node_role"
	commands := map[groundway.Code][]string{}
	for _, f := range resource.Check(s, o) {
		for _, r := range f.Remedies {
			for _, c := range r.Commands {
				commands[f.Code] = append(commands[f.Code], strings.Join(c, " "))
			}
		}
	}
	assert.Equal(t, []string{
		"aws ec2 run-instances --image-id <image-id> --instance-type <instance-type> --subnet-id subnet-0c1 --key-name ops --associate-public-ip-address --region us-east-1",
	}, commands["iam/instance-not-running"])
	assert.Equal(t, []string{ // in an order in which IAM takes them
		"aws iam remove-role-from-instance-profile --instance-profile-name demo-master-profile --role-name demo-master-role",
		"aws iam detach-role-policy --role-name demo-master-role --policy-arn arn:aws:iam::aws:policy/ReadOnlyAccess",
		"aws iam delete-role-policy --role-name demo-master-role --policy-name assets",
		"aws iam delete-role --role-name demo-master-role",
		"aws iam list-attached-role-policies --role-name nodes.demo",
		"aws iam detach-role-policy --role-name nodes.demo --policy-arn <policy-arn>",
		"aws iam list-role-policies --role-name nodes.demo",
		"aws iam delete-role-policy --role-name nodes.demo --policy-name <policy-name>",
		"aws iam delete-role --role-name nodes.demo",
		"aws iam remove-role-from-instance-profile --instance-profile-name demo-etcd-profile --role-name mine",
		"aws iam delete-instance-profile --instance-profile-name demo-etcd-profile",
		"aws iam delete-instance-profile --instance-profile-name demo-master-profile",
	}, commands["iam/leftover-resources"])
	assert.Equal(t, []string{
		"aws ec2 describe-iam-instance-profile-associations --filters Name=instance-id,Values=i-0b2 --region us-east-1",
		"aws ec2 replace-iam-instance-profile-association --association-id <association-id> --iam-instance-profile Name=cluster_installer_role --region us-east-1",
	}, commands["iam/instance-profile-not-attached"])
}

// A remedy does not count on what other findings do not say: roles that were not seen
// are taken out of instance profiles, and instance profiles that were not are listed.
// The stack of a cluster goes after those that take its outputs.
func TestRemediesOfWhatIsLeft(t *testing.T) {
	t.Parallel()
	commands := func(edit func(*snap), subject string) []string {
		s, o := resourcetest.Account()
		edit(&s)
		var list []string
		for _, f := range resource.Check(s, o) {
			if f.Code != "iam/leftover-resources" || f.Subject.ID != subject {
				continue
			}
			for _, c := range f.Remedies[0].Commands {
				list = append(list, strings.Join(c, " "))
			}
		}
		return list
	}
	assert.Equal(t, []string{
		"aws iam remove-role-from-instance-profile --instance-profile-name demo-master-profile --role-name demo-master-role",
		"aws iam delete-instance-profile --instance-profile-name demo-master-profile",
	}, commands(func(s *snap) {
		s.Profiles.Items = append(s.Profiles.Items, resource.InstanceProfile{Name: "demo-master-profile", Roles: ids("demo-master-role")})
		s.Roles.Partial, s.Roles.Gaps = true, []groundway.Gap{{Action: "iam:GetRole", Code: "AccessDenied", Message: "no"}}
	}, "demo-master-profile"))
	assert.Equal(t, []string{
		"aws iam list-instance-profiles-for-role --role-name nodes.demo",
		"aws iam remove-role-from-instance-profile --instance-profile-name <instance-profile-name> --role-name nodes.demo",
		"aws iam delete-role --role-name nodes.demo",
	}, commands(func(s *snap) {
		s.Roles.Items = append(s.Roles.Items, resource.Role{Name: "nodes.demo", Policies: groundway.SeenPart[resource.AttachedPolicy](), Inline: groundway.SeenPart[resource.InlinePolicy]()})
		denied(&s.Profiles, "iam:ListInstanceProfiles")
	}, "nodes.demo"))
	assert.Equal(t, []string{
		"aws cloudformation delete-stack --stack-name eksctl-demo-nodegroup-a --region us-east-1",
		"aws cloudformation wait stack-delete-complete --stack-name eksctl-demo-nodegroup-a --region us-east-1",
		"aws cloudformation delete-stack --stack-name eksctl-demo-cluster --region us-east-1",
	}, commands(func(s *snap) {
		for _, name := range ids("eksctl-demo-cluster", "eksctl-demo-nodegroup-a", "eksctl-other-cluster") {
			s.Stacks.Items = append(s.Stacks.Items, resource.Stack{Name: name, Status: "CREATE_COMPLETE"})
		}
	}, "eksctl-demo-cluster"))
	s, o := resourcetest.Account()
	denied(&s.Stacks, "cloudformation:DescribeStacks")
	denied(&s.Profiles, "iam:ListInstanceProfiles")
	for _, f := range resource.Check(s, o) {
		if f.Code == "iam/leftover-resources" {
			assert.Len(t, f.Evidence, 2, f.Summary)
		}
	}
}

// The policy of a key is not shown by an alias.
func TestRemedyOfAnAlias(t *testing.T) {
	t.Parallel()
	s, o := resourcetest.Account()
	o.KMS, s.Keys.Items[0].Policy = nil, ""
	for _, f := range resource.Check(s, o) {
		if f.Code == "iam/key-not-usable" {
			assert.Equal(t, [][]string{{"aws", "kms", "get-key-policy", "--key-id", "<key-id>", "--policy-name", "default", "--region", "us-east-1"}}, f.Remedies[0].Commands)
		}
	}
}

// Where the policies do not tell, it takes the permission to read them, and not the one
// that is asked about.
func TestPoliciesThatDoNotTell(t *testing.T) {
	t.Parallel()
	s, o := resourcetest.Account()
	o.May = nil
	for _, f := range resource.Check(s, o) {
		if f.Code == "iam/security-group-not-creatable" {
			assert.Equal(t, "It could not be seen whether the installer may create a security group where none is named: the policies of arn:aws:iam::111122223333:role/cluster_installer_role do not tell, or were not seen.", f.Summary)
			assert.Equal(t, []groundway.Fact{{Got: "the policies of arn:aws:iam::111122223333:role/cluster_installer_role do not tell, or were not seen", Want: "ec2:CreateSecurityGroup on arn:aws:ec2:us-east-1:111122223333:vpc/vpc-0a1", Source: "ec2:CreateSecurityGroup"}}, f.Evidence)
			assert.Equal(t, "Let the caller read the policies of arn:aws:iam::111122223333:role/cluster_installer_role, and check again.", f.Remedies[0].Action)
		}
	}
}

// Names are untrusted text: none of them becomes an option or a file of a
// command.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	const hostile = "--profile=$(rm -rf ~)"
	s, o := resourcetest.Account()
	o.Vault.User, o.Vault.Table, o.Vault.Bucket, o.Roles[0].Role, o.Secrets[0].Secret = hostile, "file:///etc/passwd", hostile, hostile, hostile
	s.Stacks.Items[0] = resource.Stack{Name: hostile, Status: "ROLLBACK_COMPLETE", Tags: map[string]string{"alpha.eksctl.io/cluster-name": "demo"}}
	n := 0
	for _, f := range resource.Check(s, o) {
		for _, r := range f.Remedies {
			for _, command := range r.Commands {
				n++
				for _, w := range command {
					assert.NotContains(t, w, "rm -rf")
					assert.NotContains(t, w, "/etc/passwd")
				}
			}
		}
	}
	assert.NotZero(t, n)
}

func TestEveryRuleIsProven(t *testing.T) {
	t.Parallel()
	outcomes := map[groundway.Code]map[groundway.Outcome]bool{}
	for _, r := range rows {
		s, o := r.account()
		for _, f := range resource.Check(s, o) {
			if outcomes[f.Code] == nil {
				outcomes[f.Code] = map[groundway.Outcome]bool{}
			}
			outcomes[f.Code][f.Outcome] = true
		}
	}
	for _, r := range resource.Rules() {
		assert.True(t, outcomes[r.Code][groundway.Failed], "%s fails", r.Code)
		assert.True(t, outcomes[r.Code][groundway.Passed], "%s passes", r.Code)
		// What is about the text of the options alone cannot be unknown.
		assert.Equal(t, r.Code != "iam/bucket-prefix-invalid", outcomes[r.Code][groundway.Unknown], "%s is unknown", r.Code)
	}
}

var action = regexp.MustCompile(`^[a-z0-9]+:[A-Z][A-Za-z0-9]+$`)

func TestRules(t *testing.T) {
	t.Parallel()
	findingtest.Rules(t, "iam", resource.Rules)
	others := map[groundway.Code]bool{}
	for _, r := range iam.Rules() {
		others[r.Code] = true
	}
	for _, r := range resource.Rules() {
		assert.NotContains(t, others, r.Code, "package iam has other codes")
		for _, p := range r.Permissions {
			assert.Regexp(t, action, p)
		}
	}
}
