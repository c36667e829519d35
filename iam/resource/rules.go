package resource

import (
	"strings"

	"github.com/groundway-sdk/groundway"
)

// The IAM actions that answer the rules, see
// https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html.
const (
	actionGetUser        = "iam:GetUser"
	actionAccessKeys     = "iam:ListAccessKeys"
	actionUserPolicies   = "iam:ListAttachedUserPolicies"
	actionGetRole        = "iam:GetRole"
	actionRolePolicies   = "iam:ListAttachedRolePolicies"
	actionRoleInline     = "iam:ListRolePolicies"
	actionProfiles       = "iam:ListInstanceProfiles"
	actionInstances      = "ec2:DescribeInstances"
	actionDescribeTable  = "dynamodb:DescribeTable"
	actionDescribeKey    = "kms:DescribeKey"
	actionKeyPolicy      = "kms:GetKeyPolicy"
	actionListBuckets    = "s3:ListAllMyBuckets"
	actionBucketLocation = "s3:GetBucketLocation"
	actionPublicAccess   = "s3:GetBucketPublicAccessBlock"
	actionEncryption     = "s3:GetEncryptionConfiguration"
	actionVersioning     = "s3:GetBucketVersioning"
	actionDescribeSecret = "secretsmanager:DescribeSecret"
	actionSecretPolicy   = "secretsmanager:GetResourcePolicy"
	actionRepositories   = "ecr:DescribeRepositories"
	actionStacks         = "cloudformation:DescribeStacks"
	actionFileSystems    = "elasticfilesystem:DescribeFileSystems"
	actionMountTargets   = "elasticfilesystem:DescribeMountTargets"
	actionCaller         = "sts:GetCallerIdentity"
)

// keyWord returns the name of a key as kms get-key-policy takes it: an ID or an ARN, and
// no alias.
func keyWord(name string) string {
	if strings.Contains(name, "alias/") {
		return "<key-id>"
	}
	return name
}

// commandOf returns the AWS CLI command that shows what an action answers about a
// subject, or nil.
func (c *checker) commandOf(action string, s groundway.Subject) [][]string {
	id := word(s.ID, "name")
	key := keyWord(id)
	fileSystem := ""
	if c.o.FileSystem != nil {
		fileSystem = c.o.FileSystem.ID
	}
	commands := map[string][]string{
		actionGetUser:        aws("", "iam", "get-user", "--user-name", id),
		actionAccessKeys:     aws("", "iam", "list-access-keys", "--user-name", id),
		actionUserPolicies:   aws("", "iam", "list-attached-user-policies", "--user-name", id),
		actionGetRole:        aws("", "iam", "get-role", "--role-name", id),
		actionRolePolicies:   aws("", "iam", "list-attached-role-policies", "--role-name", id),
		actionRoleInline:     aws("", "iam", "list-role-policies", "--role-name", id),
		actionProfiles:       aws("", "iam", "list-instance-profiles"),
		actionInstances:      aws(c.region, "ec2", "describe-instances"),
		actionDescribeTable:  aws(s.Region, "dynamodb", "describe-table", "--table-name", id),
		actionDescribeKey:    aws(s.Region, "kms", "describe-key", "--key-id", id),
		actionKeyPolicy:      aws(s.Region, "kms", "get-key-policy", "--key-id", key, "--policy-name", "default"),
		actionListBuckets:    aws("", "s3api", "list-buckets"),
		actionBucketLocation: aws("", "s3api", "get-bucket-location", "--bucket", id),
		actionPublicAccess:   aws("", "s3api", "get-public-access-block", "--bucket", id),
		actionEncryption:     aws("", "s3api", "get-bucket-encryption", "--bucket", id),
		actionVersioning:     aws("", "s3api", "get-bucket-versioning", "--bucket", id),
		actionDescribeSecret: aws(s.Region, "secretsmanager", "describe-secret", "--secret-id", id),
		actionSecretPolicy:   aws(s.Region, "secretsmanager", "get-resource-policy", "--secret-id", id),
		actionRepositories:   aws(c.region, "ecr", "describe-repositories"),
		actionStacks:         aws(c.region, "cloudformation", "describe-stacks"),
		actionFileSystems:    aws(c.region, "efs", "describe-file-systems"),
		actionMountTargets:   aws(c.region, "efs", "describe-mount-targets", "--file-system-id", word(fileSystem, "file-system-id")),
		// What a directory of output of the AWS CLI lists in place of asking by name.
		"dynamodb:ListTables":        aws(s.Region, "dynamodb", "list-tables"),
		"iam:ListRoles":              aws("", "iam", "list-roles"),
		"iam:ListUsers":              aws("", "iam", "list-users"),
		"kms:ListAliases":            aws(s.Region, "kms", "list-aliases"),
		"kms:ListKeys":               aws(s.Region, "kms", "list-keys"),
		"secretsmanager:ListSecrets": aws(s.Region, "secretsmanager", "list-secrets", "--include-planned-deletion"),
	}
	if s.Kind == "access-key" && action == actionAccessKeys {
		return [][]string{aws("", "iam", "list-access-keys", "--user-name", word(c.o.Vault.User, "user-name"))}
	}
	if command := commands[action]; command != nil {
		return [][]string{command}
	}
	return nil
}

const (
	codeUserNotFound        groundway.Code = "iam/vault-user-not-found"
	codeUserSlot            groundway.Code = "iam/user-access-keys-full"
	codeUserPolicies        groundway.Code = "iam/user-policies-full"
	codeVaultKey            groundway.Code = "iam/user-access-key-foreign"
	codeRoleNotFound        groundway.Code = "iam/role-not-found"
	codeRoleTrust           groundway.Code = "iam/role-not-for-ec2"
	codeRolePolicy          groundway.Code = "iam/role-policy-missing"
	codeGroupCreatable      groundway.Code = "iam/security-group-not-creatable"
	codePassRole            groundway.Code = "iam/role-not-passable"
	codeProfileNotFound     groundway.Code = "iam/instance-profile-not-found"
	codeProfileRole         groundway.Code = "iam/instance-profile-role-wrong"
	codeInstanceNotFound    groundway.Code = "iam/instance-not-found"
	codeInstanceNotRunning  groundway.Code = "iam/instance-not-running"
	codeInstancePlace       groundway.Code = "iam/instance-misplaced"
	codeInstancePublic      groundway.Code = "iam/instance-not-public"
	codeInstanceProfile     groundway.Code = "iam/instance-profile-not-attached"
	codeInstanceKey         groundway.Code = "iam/instance-key-pair-wrong"
	codeFileSystemNotFound  groundway.Code = "iam/file-system-not-found"
	codeFileSystemState     groundway.Code = "iam/file-system-not-available"
	codeFileSystemEncrypted groundway.Code = "iam/file-system-not-encrypted"
	codeMountTarget         groundway.Code = "iam/file-system-mount-target-missing"
	codeKeyNotFound         groundway.Code = "iam/key-not-found"
	codeKeyRegion           groundway.Code = "iam/key-other-region"
	codeKeyEnabled          groundway.Code = "iam/key-not-enabled"
	codeKeyKind             groundway.Code = "iam/key-not-symmetric"
	codeKeyUsable           groundway.Code = "iam/key-not-usable"
	codeKeyCreatable        groundway.Code = "iam/key-not-creatable"
	codeTableNotFound       groundway.Code = "iam/table-not-found"
	codeTableActive         groundway.Code = "iam/table-not-active"
	codeTableSchema         groundway.Code = "iam/table-key-wrong"
	codeBucketNotFound      groundway.Code = "iam/bucket-not-found"
	codeBucketOtherAccount  groundway.Code = "iam/bucket-other-account"
	codeBucketOtherRegion   groundway.Code = "iam/bucket-other-region"
	codeBucketPublic        groundway.Code = "iam/bucket-public-access"
	codeBucketEncryption    groundway.Code = "iam/bucket-not-encrypted"
	codeBucketVersioning    groundway.Code = "iam/bucket-not-versioned"
	codeVaultPrefix         groundway.Code = "iam/bucket-prefix-invalid"
	codeSecretNotFound      groundway.Code = "iam/secret-not-found"
	codeSecretDeleted       groundway.Code = "iam/secret-pending-deletion"
	codeSecretReadable      groundway.Code = "iam/secret-not-readable"
	codeRepository          groundway.Code = "iam/repository-not-creatable"
	codeStackBlocked        groundway.Code = "iam/stack-blocked"
	codeLeftovers           groundway.Code = "iam/leftover-resources"
)

const since = "0.1.0"

// Rules returns the rules of the package in the order of its documentation.
func Rules() []groundway.Rule {
	var list []groundway.Rule
	for _, r := range define() {
		list = append(list, r.Rule)
	}
	return list
}

// A rule is a Rule with what asks it. A rule that another depends on stands
// before it.
type rule struct {
	groundway.Rule
	check func(*checker, groundway.Code)
}

// define returns the rules; as a variable they would refer to themselves.
func define() []rule {
	return []rule{
		// IAM users
		{check: checkUserFound, Rule: groundway.Rule{
			Since: since, Code: codeUserNotFound, Severity: groundway.Error, Title: "The IAM user exists",
			Doc:         "Boot makes no user: Vault signs its requests with access keys of one that exists. https://jenkins-x.io/v2/docs/install-setup/installing/boot/clouds/amazon/",
			Permissions: []string{actionGetUser},
		}},
		{check: checkUserSlot, Rule: groundway.Rule{
			Since: since, Code: codeUserSlot, Severity: groundway.Error, Title: "The user has a free slot for an access key",
			Doc:       "IAM lets a user have two access keys, inactive ones included, and refuses a third: the installation of Vault fails half way. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html",
			DependsOn: []groundway.Code{codeUserNotFound}, Permissions: []string{actionGetUser, actionAccessKeys},
		}},
		{check: checkUserPolicies, Rule: groundway.Rule{
			Since: since, Code: codeUserPolicies, Severity: groundway.Error, Title: "The user has room for one more attached policy",
			Doc:       "Each run of boot attaches a policy of its own to the user, and IAM refuses the eleventh unless the quota was raised. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html",
			DependsOn: []groundway.Code{codeUserNotFound}, Permissions: []string{actionGetUser, actionUserPolicies},
		}},
		{check: checkVaultKey, Rule: groundway.Rule{
			Since: since, Code: codeVaultKey, Severity: groundway.Error, Title: "The access key that is given for Vault is an active one of its user",
			Doc:       "Vault gets what permissions the owner of the access key has: the policies that boot attaches go to the user that is named, and those of an inactive key to nobody. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html",
			DependsOn: []groundway.Code{codeUserNotFound}, Permissions: []string{actionGetUser, actionAccessKeys, actionCaller},
		}},

		// Roles and instance profiles
		{check: checkRoleFound, Rule: groundway.Rule{
			Since: since, Code: codeRoleNotFound, Severity: groundway.Error, Title: "The role exists",
			Doc:         "Instances get their permissions from a role, which the installer names and does not make. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-ec2.html",
			Permissions: []string{actionGetRole},
		}},
		{check: checkRoleTrust, Rule: groundway.Rule{
			Since: since, Code: codeRoleTrust, Severity: groundway.Error, Title: "EC2 may assume the role",
			Doc:       "An instance gets no credentials of a role whose trust policy leaves ec2.amazonaws.com out. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-ec2.html",
			DependsOn: []groundway.Code{codeRoleNotFound}, Permissions: []string{actionGetRole},
		}},
		{check: checkRolePolicy, Rule: groundway.Rule{
			Since: since, Code: codeRolePolicy, Severity: groundway.Error, Title: "The role has its policy",
			Doc:       "A role without a policy permits nothing. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_manage_modify.html",
			DependsOn: []groundway.Code{codeRoleNotFound}, Permissions: []string{actionGetRole, actionRolePolicies, actionRoleInline},
		}},
		{check: checkPassRole, Rule: groundway.Rule{
			Since: since, Code: codePassRole, Severity: groundway.Error, Title: "The installer may hand the role to instances",
			Doc:       "Whoever launches an instance with a role needs iam:PassRole on it. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html",
			DependsOn: []groundway.Code{codeRoleNotFound}, Permissions: []string{actionGetRole},
		}},
		{check: checkProfileFound, Rule: groundway.Rule{
			Since: since, Code: codeProfileNotFound, Severity: groundway.Error, Title: "The instance profile exists",
			Doc:         "An instance gets a role by an instance profile. The console makes one of the same name with the role, the AWS CLI and the API do not. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-ec2_instance-profiles.html",
			Permissions: []string{actionProfiles},
		}},
		{check: checkProfileRole, Rule: groundway.Rule{
			Since: since, Code: codeProfileRole, Severity: groundway.Error, Title: "The instance profile holds its role, and it alone",
			Doc:       "What an instance may do is what the role in its profile may; an empty profile gives it nothing. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-ec2_instance-profiles.html",
			DependsOn: []groundway.Code{codeProfileNotFound}, Permissions: []string{actionProfiles},
		}},

		// Instances that exist before the cluster
		{check: checkInstanceFound, Rule: groundway.Rule{
			Since: since, Code: codeInstanceNotFound, Severity: groundway.Error, Title: "The instance exists",
			Doc:         "The jump host and the master node are launched before the cluster is, and the installer runs there. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Instances.html",
			Permissions: []string{actionInstances},
		}},
		{check: checkInstanceRunning, Rule: groundway.Rule{
			Since: since, Code: codeInstanceNotRunning, Severity: groundway.Error, Title: "The instance runs",
			Doc:       "Nobody reaches an instance that does not run. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html",
			DependsOn: []groundway.Code{codeInstanceNotFound}, Permissions: []string{actionInstances},
		}},
		{check: checkInstancePlace, Rule: groundway.Rule{
			Since: since, Code: codeInstancePlace, Severity: groundway.Error, Title: "The instance is in its subnet",
			Doc:       "A jump host opens the private subnets of its VPC from a public one, and a master node is a private one. Neither can be moved. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-instance-addressing.html",
			DependsOn: []groundway.Code{codeInstanceNotFound, codeInstanceNotRunning}, Permissions: []string{actionInstances},
		}},
		{check: checkInstancePublic, Rule: groundway.Rule{
			Since: since, Code: codeInstancePublic, Severity: groundway.Error, Title: "The instance has a public address",
			Doc:       "A jump host is reached from the internet, for which a public subnet is not enough. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-instance-addressing.html",
			DependsOn: []groundway.Code{codeInstanceNotFound, codeInstanceNotRunning}, Permissions: []string{actionInstances},
		}},
		{check: checkInstanceProfile, Rule: groundway.Rule{
			Since: since, Code: codeInstanceProfile, Severity: groundway.Error, Title: "The instance carries its instance profile",
			Doc:       "The installer takes its permissions from the instance that it runs on. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/attach-iam-role.html",
			DependsOn: []groundway.Code{codeInstanceNotFound, codeInstanceNotRunning}, Permissions: []string{actionInstances},
		}},
		{check: checkInstanceKey, Rule: groundway.Rule{
			Since: since, Code: codeInstanceKey, Severity: groundway.Warning, Title: "The instance was launched with the key pair",
			Doc:       "Whoever holds another key does not get in, unless the key was added there by hand. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-key-pairs.html",
			DependsOn: []groundway.Code{codeInstanceNotFound}, Permissions: []string{actionInstances},
		}},

		// Security groups
		{check: checkGroupCreatable, Rule: groundway.Rule{
			Since: since, Code: codeGroupCreatable, Severity: groundway.Error, Title: "The installer may create a security group where none is named",
			Doc: "An installer that is given no security group makes one and writes its rules, and stops where it may not. https://docs.aws.amazon.com/vpc/latest/userguide/creating-security-groups.html",
		}},

		// File systems
		{check: checkFileSystemFound, Rule: groundway.Rule{
			Since: since, Code: codeFileSystemNotFound, Severity: groundway.Error, Title: "The file system exists",
			Doc:         "Workers mount a file system that exists. https://docs.aws.amazon.com/efs/latest/ug/creating-using.html",
			Permissions: []string{actionFileSystems},
		}},
		{check: checkFileSystemState, Rule: groundway.Rule{
			Since: since, Code: codeFileSystemState, Severity: groundway.Error, Title: "The file system is available",
			Doc:       "A file system that is being created, deleted or changed takes no mount. https://docs.aws.amazon.com/efs/latest/ug/file-system-state.html",
			DependsOn: []groundway.Code{codeFileSystemNotFound}, Permissions: []string{actionFileSystems},
		}},
		{check: checkFileSystemEncrypted, Rule: groundway.Rule{
			Since: since, Code: codeFileSystemEncrypted, Severity: groundway.Error, Title: "The file system is encrypted",
			Doc:       "What jobs write there lies in the clear otherwise, and encryption cannot be switched on later. https://docs.aws.amazon.com/efs/latest/ug/encryption-at-rest.html",
			DependsOn: []groundway.Code{codeFileSystemNotFound}, Permissions: []string{actionFileSystems},
		}},
		{check: checkMountTargets, Rule: groundway.Rule{
			Since: since, Code: codeMountTarget, Severity: groundway.Error, Title: "Workers of each subnet have a mount target",
			Doc:       "A worker mounts the file system through a mount target of its zone, and finds no address of one otherwise. https://docs.aws.amazon.com/efs/latest/ug/accessing-fs.html",
			DependsOn: []groundway.Code{codeFileSystemNotFound}, Permissions: []string{actionFileSystems, actionMountTargets},
		}},

		// KMS keys
		{check: checkKeyFound, Rule: groundway.Rule{
			Since: since, Code: codeKeyNotFound, Severity: groundway.Error, Title: "The KMS key exists",
			Doc:         "What the installer stores is encrypted with the key that is named. https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html",
			Permissions: []string{actionDescribeKey},
		}},
		{check: checkKeyRegion, Rule: groundway.Rule{
			Since: since, Code: codeKeyRegion, Severity: groundway.Error, Title: "The KMS key is in its region",
			Doc:       "A key is used in its own region alone. https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html",
			DependsOn: []groundway.Code{codeKeyNotFound}, Permissions: []string{actionDescribeKey},
		}},
		{check: checkKeyEnabled, Rule: groundway.Rule{
			Since: since, Code: codeKeyEnabled, Severity: groundway.Error, Title: "The KMS key is enabled",
			Doc:       "A key that is disabled, without material, or about to be deleted encrypts and decrypts nothing. https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html",
			DependsOn: []groundway.Code{codeKeyNotFound}, Permissions: []string{actionDescribeKey},
		}},
		{check: checkKeyKind, Rule: groundway.Rule{
			Since: since, Code: codeKeyKind, Severity: groundway.Error, Title: "The KMS key is a symmetric one that encrypts",
			Doc:       "Vault and the installers encrypt with symmetric keys, and those for signatures and the like encrypt nothing. https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html",
			DependsOn: []groundway.Code{codeKeyNotFound}, Permissions: []string{actionDescribeKey},
		}},
		{check: checkKeyUsable, Rule: groundway.Rule{
			Since: since, Code: codeKeyUsable, Severity: groundway.Error, Title: "Whoever uses the KMS key may encrypt and decrypt with it",
			Doc:       "No policy of a user or role helps where the key policy neither names it nor lets the account decide. https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html",
			DependsOn: []groundway.Code{codeKeyNotFound}, Permissions: []string{actionDescribeKey, actionKeyPolicy},
		}},
		{check: checkKeyCreatable, Rule: groundway.Rule{
			Since: since, Code: codeKeyCreatable, Severity: groundway.Error, Title: "The installer may create a KMS key where none is named",
			Doc: "Without a key of its own it cannot encrypt what it stores. https://docs.aws.amazon.com/kms/latest/developerguide/create-keys.html",
		}},

		// DynamoDB tables
		{check: checkTableFound, Rule: groundway.Rule{
			Since: since, Code: codeTableNotFound, Severity: groundway.Error, Title: "The DynamoDB table exists",
			Doc:         "Vault keeps what it stores in a table, which has to exist unless boot makes it. https://developer.hashicorp.com/vault/docs/configuration/storage/dynamodb",
			Permissions: []string{actionDescribeTable},
		}},
		{check: checkTableActive, Rule: groundway.Rule{
			Since: since, Code: codeTableActive, Severity: groundway.Error, Title: "The DynamoDB table is active",
			Doc:       "A table that is being created or deleted answers no request. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html",
			DependsOn: []groundway.Code{codeTableNotFound}, Permissions: []string{actionDescribeTable},
		}},
		{check: checkTableSchema, Rule: groundway.Rule{
			Since: since, Code: codeTableSchema, Severity: groundway.Error, Title: "The DynamoDB table has the key that Vault reads",
			Doc:       "Vault asks by the attributes Path and Key, and DynamoDB refuses questions about any but the key of the table. https://developer.hashicorp.com/vault/docs/configuration/storage/dynamodb",
			DependsOn: []groundway.Code{codeTableNotFound}, Permissions: []string{actionDescribeTable},
		}},

		// S3 buckets
		{check: checkBucketFound, Rule: groundway.Rule{
			Since: since, Code: codeBucketNotFound, Severity: groundway.Error, Title: "The bucket exists, or is made",
			Doc:         "What is stored for long, and what Vault is opened with, lies in buckets. https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html",
			Permissions: []string{actionBucketLocation},
		}},
		{check: checkBucketOwner, Rule: groundway.Rule{
			Since: since, Code: codeBucketOtherAccount, Severity: groundway.Error, Title: "The bucket is the account's own",
			Doc:       "All accounts share the names of buckets. One of another account can neither be made nor be relied on. https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html",
			DependsOn: []groundway.Code{codeBucketNotFound}, Permissions: []string{actionBucketLocation, actionListBuckets},
		}},
		{check: checkBucketRegion, Rule: groundway.Rule{
			Since: since, Code: codeBucketOtherRegion, Severity: groundway.Error, Title: "The bucket is in its region",
			Doc:       "S3 answers requests for a bucket of another region with a redirection, which its clients take for a failure. https://docs.aws.amazon.com/AmazonS3/latest/userguide/Redirects.html",
			DependsOn: []groundway.Code{codeBucketNotFound, codeBucketOtherAccount}, Permissions: []string{actionBucketLocation, actionListBuckets},
		}},
		{check: checkBucketPublic, Rule: groundway.Rule{
			Since: since, Code: codeBucketPublic, Severity: groundway.Warning, Title: "Public access to the bucket is blocked",
			Doc:       "A policy or an ACL that is written by mistake makes logs and backups readable for everybody. https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
			DependsOn: []groundway.Code{codeBucketNotFound, codeBucketOtherAccount, codeBucketOtherRegion}, Permissions: []string{actionBucketLocation, actionPublicAccess},
		}},
		{check: checkBucketEncryption, Rule: groundway.Rule{
			Since: since, Code: codeBucketEncryption, Severity: groundway.Warning, Title: "The bucket encrypts what it stores",
			Doc:       "S3 encrypts by default since January 2023, and an endpoint that does not is not S3. https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html",
			DependsOn: []groundway.Code{codeBucketNotFound, codeBucketOtherAccount, codeBucketOtherRegion}, Permissions: []string{actionBucketLocation, actionEncryption},
		}},
		{check: checkBucketVersioning, Rule: groundway.Rule{
			Since: since, Code: codeBucketVersioning, Severity: groundway.Warning, Title: "The bucket keeps versions",
			Doc:       "Without versions what is overwritten or deleted by mistake is lost, the keys that open Vault among it. https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html",
			DependsOn: []groundway.Code{codeBucketNotFound, codeBucketOtherAccount, codeBucketOtherRegion}, Permissions: []string{actionBucketLocation, actionVersioning},
		}},
		{check: checkVaultPrefix, Rule: groundway.Rule{
			Since: since, Code: codeVaultPrefix, Severity: groundway.Warning, Title: "The prefix is that of a folder",
			Doc: "What is stored under a prefix without a slash last mixes with all that begins alike. https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-prefixes.html",
		}},

		// Secrets
		{check: checkSecretFound, Rule: groundway.Rule{
			Since: since, Code: codeSecretNotFound, Severity: groundway.Error, Title: "The secret exists",
			Doc:         "Workers read their credentials from a secret, which the installer does not make. https://docs.aws.amazon.com/secretsmanager/latest/userguide/intro.html",
			Permissions: []string{actionDescribeSecret},
		}},
		{check: checkSecretDeleted, Rule: groundway.Rule{
			Since: since, Code: codeSecretDeleted, Severity: groundway.Error, Title: "The secret is not about to be deleted",
			Doc:       "A secret whose deletion was asked for cannot be read from then on. https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_delete-secret.html",
			DependsOn: []groundway.Code{codeSecretNotFound}, Permissions: []string{actionDescribeSecret},
		}},
		{check: checkSecretReadable, Rule: groundway.Rule{
			Since: since, Code: codeSecretReadable, Severity: groundway.Error, Title: "Workers may read the secret",
			Doc:       "They need secretsmanager:GetSecretValue on it, and kms:Decrypt where a key of the account encrypts it; a policy of the secret may deny it to them, or allow it. https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access.html",
			DependsOn: []groundway.Code{codeSecretNotFound, codeSecretDeleted}, Permissions: []string{actionDescribeSecret, actionSecretPolicy, actionKeyPolicy},
		}},

		// Repositories and stacks
		{check: checkRepository, Rule: groundway.Rule{
			Since: since, Code: codeRepository, Severity: groundway.Error, Title: "The ECR repository exists, or the installer may create it",
			Doc:         "Images are pushed into repositories that exist. https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-create.html",
			Permissions: []string{actionRepositories},
		}},
		{check: checkStackBlocked, Rule: groundway.Rule{
			Since: since, Code: codeStackBlocked, Severity: groundway.Error, Title: "No stack is in a state that blocks another run",
			Doc:         "A stack whose creation was rolled back can only be deleted, and one that is under way takes no other change: a second run stops there. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html",
			Permissions: []string{actionStacks},
		}},
		{check: checkLeftovers, Rule: groundway.Rule{
			Since: since, Code: codeLeftovers, Severity: groundway.Warning, Title: "Nothing is left from a cluster of the same name",
			Doc:       "What an earlier cluster left makes the creation of a resource of the same name fail, or is taken over with what it permits. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-console-delete-stack.html",
			DependsOn: []groundway.Code{codeStackBlocked}, Permissions: []string{actionGetRole, actionProfiles, actionStacks},
		}},
	}
}
