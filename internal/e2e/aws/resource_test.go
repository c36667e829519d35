package aws_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cloudformationsdk "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cloudformationtypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	dynamodbsdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	ecrsdk "github.com/aws/aws-sdk-go-v2/service/ecr"
	efssdk "github.com/aws/aws-sdk-go-v2/service/efs"
	iamsdk "github.com/aws/aws-sdk-go-v2/service/iam"
	kmssdk "github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	s3sdk "github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	secretssdk "github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	stssdk "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/awsresource"
	"github.com/groundway-sdk/groundway/iam/resource"
)

// A builder makes what clusters name, by the services' own clients.
type builder struct {
	*testing.T
	site    *site
	answers *answers

	iam     *iamsdk.Client
	ec2     *ec2sdk.Client
	tables  *dynamodbsdk.Client
	kms     *kmssdk.Client
	s3      *s3sdk.Client
	secrets *secretssdk.Client
	ecr     *ecrsdk.Client
	stacks  *cloudformationsdk.Client
	efs     *efssdk.Client
}

func newBuilder(t *testing.T, url string) *builder {
	cfg := configOf(url)
	answers := newAnswers(t)
	cfg.HTTPClient = answers
	return &builder{
		T: t, site: publicSite(t, newClient(url)), answers: answers,
		iam: iamsdk.NewFromConfig(cfg), ec2: newClient(url), tables: dynamodbsdk.NewFromConfig(cfg), kms: kmssdk.NewFromConfig(cfg),
		s3:      s3sdk.NewFromConfig(cfg, func(o *s3sdk.Options) { o.UsePathStyle = true }),
		secrets: secretssdk.NewFromConfig(cfg), ecr: ecrsdk.NewFromConfig(cfg), stacks: cloudformationsdk.NewFromConfig(cfg), efs: efssdk.NewFromConfig(cfg),
	}
}

// made returns what a call made.
func made[T any](b *builder) func(T, error) T {
	return func(out T, err error) T {
		b.Helper()
		require.NoError(b, err)
		return out
	}
}

// done asserts that a call worked whose answer says nothing, if it came.
func done[T any](b *builder) func(T, error) {
	return func(_ T, err error) {
		b.Helper()
		if !b.answers.made(err) {
			require.NoError(b, err)
		}
	}
}

func trust(service string) *string {
	return aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"` + service + `"},"Action":"sts:AssumeRole"}]}`)
}

// What a role may do: all that is asked of it, and too little.
const (
	enough    = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ec2:*","kms:*","iam:PassRole","secretsmanager:GetSecretValue","ecr:CreateRepository"],"Resource":"*"}]}`
	tooLittle = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:Describe*","Resource":"*"}]}`
)

// role makes a role with a policy and, as the AWS CLI does not, its profile.
func (b *builder) role(name, service, may string) {
	ctx := b.Context()
	done[*iamsdk.CreateRoleOutput](b)(b.iam.CreateRole(ctx, &iamsdk.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: trust(service)}))
	done[*iamsdk.AttachRolePolicyOutput](b)(b.iam.AttachRolePolicy(ctx, &iamsdk.AttachRolePolicyInput{RoleName: &name, PolicyArn: b.policy(name+"_policy", may)}))
	b.profile(name, name)
}

// policy makes a policy, and returns its ARN.
func (b *builder) policy(name, may string) *string {
	done[*iamsdk.CreatePolicyOutput](b)(b.iam.CreatePolicy(b.Context(), &iamsdk.CreatePolicyInput{PolicyName: &name, PolicyDocument: &may}))
	return aws.String("arn:aws:iam::" + account + ":policy/" + name)
}

func (b *builder) profile(name string, roles ...string) {
	done[*iamsdk.CreateInstanceProfileOutput](b)(b.iam.CreateInstanceProfile(b.Context(), &iamsdk.CreateInstanceProfileInput{InstanceProfileName: &name}))
	for _, r := range roles {
		done[*iamsdk.AddRoleToInstanceProfileOutput](b)(b.iam.AddRoleToInstanceProfile(b.Context(), &iamsdk.AddRoleToInstanceProfileInput{InstanceProfileName: &name, RoleName: &r}))
	}
}

// user makes a user with so many access keys, and returns the last.
func (b *builder) user(name string, keys int) (id, secret groundway.Secret) {
	done[*iamsdk.CreateUserOutput](b)(b.iam.CreateUser(b.Context(), &iamsdk.CreateUserInput{UserName: &name}))
	for range keys {
		k := made[*iamsdk.CreateAccessKeyOutput](b)(b.iam.CreateAccessKey(b.Context(), &iamsdk.CreateAccessKeyInput{UserName: &name})).AccessKey
		id, secret = groundway.NewSecret(*k.AccessKeyId), groundway.NewSecret(*k.SecretAccessKey)
	}
	return id, secret
}

func (b *builder) instance(subnet, profile string) string {
	in := &ec2sdk.RunInstancesInput{ImageId: aws.String("ami-12c6146b"), MinCount: aws.Int32(1), MaxCount: aws.Int32(1), InstanceType: types.InstanceTypeT3Medium, SubnetId: &subnet}
	if profile != "" {
		in.IamInstanceProfile = &types.IamInstanceProfileSpecification{Name: &profile}
	}
	return *made[*ec2sdk.RunInstancesOutput](b)(b.ec2.RunInstances(b.Context(), in)).Instances[0].InstanceId
}

func (b *builder) table(name string, keyType dynamodbtypes.ScalarAttributeType) {
	done[*dynamodbsdk.CreateTableOutput](b)(b.tables.CreateTable(b.Context(), &dynamodbsdk.CreateTableInput{
		TableName: &name, BillingMode: dynamodbtypes.BillingModePayPerRequest,
		AttributeDefinitions: []dynamodbtypes.AttributeDefinition{
			{AttributeName: aws.String("Path"), AttributeType: dynamodbtypes.ScalarAttributeTypeS}, {AttributeName: aws.String("Key"), AttributeType: keyType},
		},
		KeySchema: []dynamodbtypes.KeySchemaElement{
			{AttributeName: aws.String("Path"), KeyType: dynamodbtypes.KeyTypeHash}, {AttributeName: aws.String("Key"), KeyType: dynamodbtypes.KeyTypeRange},
		},
	}))
}

func (b *builder) key(alias string, spec kmstypes.KeySpec, usage kmstypes.KeyUsageType) string {
	k := made[*kmssdk.CreateKeyOutput](b)(b.kms.CreateKey(b.Context(), &kmssdk.CreateKeyInput{KeySpec: spec, KeyUsage: usage}))
	done[*kmssdk.CreateAliasOutput](b)(b.kms.CreateAlias(b.Context(), &kmssdk.CreateAliasInput{AliasName: aws.String("alias/" + alias), TargetKeyId: k.KeyMetadata.KeyId}))
	return *k.KeyMetadata.KeyId
}

// bucket makes a bucket in a region: public access blocked, encrypted, versioned.
func (b *builder) bucket(name, in string) {
	make := &s3sdk.CreateBucketInput{Bucket: &name}
	if in != region {
		make.CreateBucketConfiguration = &s3types.CreateBucketConfiguration{LocationConstraint: s3types.BucketLocationConstraint(in)}
	}
	ctx := b.Context()
	done[*s3sdk.CreateBucketOutput](b)(b.s3.CreateBucket(ctx, make, func(o *s3sdk.Options) { o.Region = in }))
	done[*s3sdk.PutPublicAccessBlockOutput](b)(b.s3.PutPublicAccessBlock(ctx, &s3sdk.PutPublicAccessBlockInput{Bucket: &name, PublicAccessBlockConfiguration: &s3types.PublicAccessBlockConfiguration{
		BlockPublicAcls: aws.Bool(true), BlockPublicPolicy: aws.Bool(true), IgnorePublicAcls: aws.Bool(true), RestrictPublicBuckets: aws.Bool(true),
	}}))
	// AWS encrypts of itself; moto has to be asked to.
	done[*s3sdk.PutBucketEncryptionOutput](b)(b.s3.PutBucketEncryption(ctx, &s3sdk.PutBucketEncryptionInput{Bucket: &name, ServerSideEncryptionConfiguration: &s3types.ServerSideEncryptionConfiguration{
		Rules: []s3types.ServerSideEncryptionRule{{ApplyServerSideEncryptionByDefault: &s3types.ServerSideEncryptionByDefault{SSEAlgorithm: s3types.ServerSideEncryptionAes256}}},
	}}))
	b.versions(name, s3types.BucketVersioningStatusEnabled)
}

func (b *builder) versions(bucket string, status s3types.BucketVersioningStatus) {
	done[*s3sdk.PutBucketVersioningOutput](b)(b.s3.PutBucketVersioning(b.Context(), &s3sdk.PutBucketVersioningInput{Bucket: &bucket, VersioningConfiguration: &s3types.VersioningConfiguration{Status: status}}))
}

func (b *builder) secret(name string) {
	done[*secretssdk.CreateSecretOutput](b)(b.secrets.CreateSecret(b.Context(), &secretssdk.CreateSecretInput{Name: &name, SecretString: aws.String("a value that nobody reads")}))
}

const template = `{"AWSTemplateFormatVersion":"2010-09-09","Resources":{"Queue":{"Type":"AWS::SQS::Queue"}}}`

func (b *builder) stack(name string) {
	done[*cloudformationsdk.CreateStackOutput](b)(b.stacks.CreateStack(b.Context(), &cloudformationsdk.CreateStackInput{StackName: &name, TemplateBody: aws.String(template)}))
}

// changes makes a change set of a type for a new stack, and executes it if it is to.
// Moto gives the stack a state by the name of the type, one that no client may send
// to AWS among them: that is the way to what a rollback leaves behind.
func (b *builder) changes(stack string, kind cloudformationtypes.ChangeSetType, execute bool) {
	ctx := b.Context()
	set := made[*cloudformationsdk.CreateChangeSetOutput](b)(b.stacks.CreateChangeSet(ctx, &cloudformationsdk.CreateChangeSetInput{
		StackName: &stack, ChangeSetName: aws.String(stack), ChangeSetType: kind, TemplateBody: aws.String(template),
	}))
	if execute {
		done[*cloudformationsdk.ExecuteChangeSetOutput](b)(b.stacks.ExecuteChangeSet(ctx, &cloudformationsdk.ExecuteChangeSetInput{ChangeSetName: set.Id}))
	}
}

// inState asserts the state of a stack, which is what a fault is about.
func (b *builder) inState(stack string, want cloudformationtypes.StackStatus) {
	b.Helper()
	out := made[*cloudformationsdk.DescribeStacksOutput](b)(b.stacks.DescribeStacks(b.Context(), &cloudformationsdk.DescribeStacksInput{StackName: &stack}))
	require.Equal(b, want, out.Stacks[0].StackStatus)
}

func (b *builder) fileSystem(token string, encrypted bool, subnets ...string) string {
	id := made[*efssdk.CreateFileSystemOutput](b)(b.efs.CreateFileSystem(b.Context(), &efssdk.CreateFileSystemInput{CreationToken: &token, Encrypted: &encrypted})).FileSystemId
	for _, s := range subnets {
		done[*efssdk.CreateMountTargetOutput](b)(b.efs.CreateMountTarget(b.Context(), &efssdk.CreateMountTargetInput{FileSystemId: id, SubnetId: &s}))
	}
	return *id
}

// good makes everything that is named, and names it.
func (b *builder) good() resource.Options {
	b.role("cluster_installer_role", "ec2.amazonaws.com", enough)
	b.role("worker_node_role", "ec2.amazonaws.com", enough)
	id, secret := b.user("acmeuser", 1)
	b.table("vault-data", dynamodbtypes.ScalarAttributeTypeS)
	b.key("vault", kmstypes.KeySpecSymmetricDefault, kmstypes.KeyUsageTypeEncryptDecrypt)
	b.bucket("acme-vault", region)
	b.bucket("acme-logs", region)
	b.secret("elastic/agent")
	done[*ecrsdk.CreateRepositoryOutput](b)(b.ecr.CreateRepository(b.Context(), &ecrsdk.CreateRepositoryInput{RepositoryName: aws.String("acme/app")}))
	b.stack("JenkinsXPolicies-f00d")
	o := resource.Options{
		Region: region, Cluster: "demo", Installer: "arn:aws:iam::" + account + ":role/cluster_installer_role",
		May:   func(iam.Request) iam.Verdict { return iam.Allowed },
		Roles: []resource.NodeRole{{Role: "cluster_installer_role", Policy: "cluster_installer_role_policy"}, {Role: "worker_node_role", Policy: "worker_node_role_policy"}},
		Instances: []resource.NodeInstance{
			{ID: b.instance(b.site.public[0], ""), Purpose: "jump host", VPC: b.site.vpc, Subnets: b.site.public[:1], Public: true},
			{ID: b.instance(b.site.private[0], "cluster_installer_role"), Purpose: "master node", VPC: b.site.vpc, Subnets: b.site.private[:], Profile: "cluster_installer_role"},
		},
		KMS: &resource.KMSUse{Key: "alias/vault", Principals: []string{"arn:aws:iam::" + account + ":role/cluster_installer_role"}},
		Vault: &resource.Vault{
			User: "acmeuser", Table: "vault-data", Key: "alias/vault", Bucket: "acme-vault", Prefix: "vault/", AccessKeyID: id, SecretAccessKey: secret,
		},
		Buckets:      []resource.BucketUse{{Name: "acme-logs"}, {Name: "acme-reports", Create: true}},
		Secrets:      []resource.SecretUse{{Secret: "elastic/agent", Reader: "arn:aws:iam::" + account + ":role/worker_node_role"}},
		Repositories: []string{"acme/app"}, Stacks: []string{"eksctl-demo-cluster"}, StackPrefixes: []string{"JenkinsXPolicies"},
		FileSystem: &resource.FileSystemUse{ID: b.fileSystem("good", true, b.site.private[:]...), Subnets: []resource.Subnet{{ID: b.site.private[0]}, {ID: b.site.private[1]}}},
	}
	return o
}

// A fault names one thing that is wrong in place of one that is right.
type fault struct {
	name string
	harm func(*builder, *resource.Options)
	want []groundway.Code
}

var faults = []fault{
	{"no such user", func(_ *builder, o *resource.Options) { o.Vault.User = "nobody" }, []groundway.Code{"iam/vault-user-not-found"}},
	{"a user with two access keys", func(b *builder, o *resource.Options) {
		b.user("busy", 2)
		o.Vault.User, o.Vault.AccessKeyID, o.Vault.SecretAccessKey = "busy", groundway.Secret{}, groundway.Secret{}
	}, []groundway.Code{"iam/user-access-keys-full"}},
	{"the access key of another user", func(b *builder, o *resource.Options) {
		o.Vault.AccessKeyID, o.Vault.SecretAccessKey = b.user("other", 1)
	}, []groundway.Code{"iam/user-access-key-foreign"}},
	{"a user with ten policies", func(b *builder, o *resource.Options) {
		b.user("heavy", 1)
		for i := range 10 {
			done[*iamsdk.AttachUserPolicyOutput](b)(b.iam.AttachUserPolicy(b.Context(), &iamsdk.AttachUserPolicyInput{UserName: aws.String("heavy"), PolicyArn: b.policy(fmt.Sprintf("heavy-%d", i), tooLittle)}))
		}
		o.Vault.User, o.Vault.AccessKeyID, o.Vault.SecretAccessKey = "heavy", groundway.Secret{}, groundway.Secret{}
	}, []groundway.Code{"iam/user-policies-full"}},
	{"no such role", func(_ *builder, o *resource.Options) {
		o.Roles[1].Role, o.Roles[1].Profile = "none", "worker_node_role"
	}, []groundway.Code{"iam/instance-profile-role-wrong", "iam/role-not-found"}},
	{"a role for Lambda", func(b *builder, o *resource.Options) {
		b.role("lambda_role", "lambda.amazonaws.com", enough)
		o.Roles[1] = resource.NodeRole{Role: "lambda_role"}
	}, []groundway.Code{"iam/role-not-for-ec2"}},
	{"another policy", func(_ *builder, o *resource.Options) { o.Roles[1].Policy = "other" }, []groundway.Code{"iam/role-policy-missing"}},
	{"no instance profile", func(_ *builder, o *resource.Options) { o.Roles[1].Profile = "none" }, []groundway.Code{"iam/instance-profile-not-found"}},
	{"an empty instance profile", func(b *builder, o *resource.Options) {
		b.profile("empty")
		o.Roles[1].Profile = "empty"
	}, []groundway.Code{"iam/instance-profile-role-wrong"}},
	{"no such instance", func(_ *builder, o *resource.Options) { o.Instances[0].ID = "i-0123456789abcdef0" }, []groundway.Code{"iam/instance-not-found"}},
	{"a jump host in a private subnet", func(b *builder, o *resource.Options) { o.Instances[0].ID = b.instance(b.site.private[0], "") }, []groundway.Code{"iam/instance-misplaced", "iam/instance-not-public"}},
	{"a master node without its role", func(b *builder, o *resource.Options) { o.Instances[1].ID = b.instance(b.site.private[0], "") }, []groundway.Code{"iam/instance-profile-not-attached"}},
	{"a master node that is stopped", func(b *builder, o *resource.Options) {
		o.Instances[1].ID = b.instance(b.site.private[0], "cluster_installer_role")
		done[*ec2sdk.StopInstancesOutput](b)(b.ec2.StopInstances(b.Context(), &ec2sdk.StopInstancesInput{InstanceIds: []string{o.Instances[1].ID}}))
	}, []groundway.Code{"iam/instance-not-running"}},
	{"a jump host without the key pair", func(_ *builder, o *resource.Options) { o.Instances[0].KeyName = "ops" }, []groundway.Code{"iam/instance-key-pair-wrong"}},
	{"no such table", func(_ *builder, o *resource.Options) { o.Vault.Table = "none" }, []groundway.Code{"iam/table-not-found"}},
	{"a table of another region", func(_ *builder, o *resource.Options) { o.Vault.TableRegion = "eu-west-1" }, []groundway.Code{"iam/table-not-found"}},
	{"a table with another key", func(b *builder, o *resource.Options) {
		b.table("other-key", dynamodbtypes.ScalarAttributeTypeN)
		o.Vault.Table = "other-key"
	}, []groundway.Code{"iam/table-key-wrong"}},
	{"no such key", func(_ *builder, o *resource.Options) { o.KMS.Key = "alias/none" }, []groundway.Code{"iam/key-not-found"}},
	{"a key of another region", func(b *builder, o *resource.Options) {
		k := made[*kmssdk.CreateKeyOutput](b)(b.kms.CreateKey(b.Context(), &kmssdk.CreateKeyInput{
			KeySpec: kmstypes.KeySpecSymmetricDefault, KeyUsage: kmstypes.KeyUsageTypeEncryptDecrypt,
		}, func(o *kmssdk.Options) { o.Region = "eu-west-1" }))
		o.KMS.Key = *k.KeyMetadata.Arn
	}, []groundway.Code{"iam/key-other-region"}},
	{"a key that is disabled", func(b *builder, o *resource.Options) {
		id := b.key("disabled", kmstypes.KeySpecSymmetricDefault, kmstypes.KeyUsageTypeEncryptDecrypt)
		done[*kmssdk.DisableKeyOutput](b)(b.kms.DisableKey(b.Context(), &kmssdk.DisableKeyInput{KeyId: &id}))
		o.KMS.Key = id
	}, []groundway.Code{"iam/key-not-enabled"}},
	{"a key that is to be deleted", func(b *builder, o *resource.Options) {
		id := b.key("deleted", kmstypes.KeySpecSymmetricDefault, kmstypes.KeyUsageTypeEncryptDecrypt)
		done[*kmssdk.ScheduleKeyDeletionOutput](b)(b.kms.ScheduleKeyDeletion(b.Context(), &kmssdk.ScheduleKeyDeletionInput{KeyId: &id}))
		o.KMS.Key = id
	}, []groundway.Code{"iam/key-not-enabled"}},
	{"a key for signatures", func(b *builder, o *resource.Options) {
		o.KMS.Key = b.key("signer", kmstypes.KeySpecEccNistP256, kmstypes.KeyUsageTypeSignVerify)
	}, []groundway.Code{"iam/key-not-symmetric"}},
	{"a key whose policy leaves the installer out", func(b *builder, o *resource.Options) {
		o.KMS.Key = b.key("closed", kmstypes.KeySpecSymmetricDefault, kmstypes.KeyUsageTypeEncryptDecrypt)
		policy := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::%s:user/acmeuser"},"Action":"kms:*","Resource":"*"}]}`, account)
		done[*kmssdk.PutKeyPolicyOutput](b)(b.kms.PutKeyPolicy(b.Context(), &kmssdk.PutKeyPolicyInput{KeyId: &o.KMS.Key, PolicyName: aws.String("default"), Policy: &policy}))
	}, []groundway.Code{"iam/key-not-usable"}},
	{"no such bucket", func(_ *builder, o *resource.Options) { o.Buckets[0].Name = "acme-none" }, []groundway.Code{"iam/bucket-not-found"}},
	{"a bucket of another region", func(b *builder, o *resource.Options) {
		b.bucket("acme-ireland", "eu-west-1")
		o.Buckets[0].Name = "acme-ireland"
	}, []groundway.Code{"iam/bucket-other-region"}},
	{"a bucket that is open, and keeps no versions", func(b *builder, o *resource.Options) {
		b.bucket("acme-open", region)
		done[*s3sdk.DeletePublicAccessBlockOutput](b)(b.s3.DeletePublicAccessBlock(b.Context(), &s3sdk.DeletePublicAccessBlockInput{Bucket: aws.String("acme-open")}))
		done[*s3sdk.DeleteBucketEncryptionOutput](b)(b.s3.DeleteBucketEncryption(b.Context(), &s3sdk.DeleteBucketEncryptionInput{Bucket: aws.String("acme-open")}))
		b.versions("acme-open", s3types.BucketVersioningStatusSuspended)
		o.Buckets[0].Name = "acme-open"
	}, []groundway.Code{"iam/bucket-not-encrypted", "iam/bucket-not-versioned", "iam/bucket-public-access"}},
	{"no such secret", func(_ *builder, o *resource.Options) { o.Secrets[0].Secret = "none" }, []groundway.Code{"iam/secret-not-found"}},
	{"a secret that is to be deleted", func(b *builder, o *resource.Options) {
		b.secret("old")
		done[*secretssdk.DeleteSecretOutput](b)(b.secrets.DeleteSecret(b.Context(), &secretssdk.DeleteSecretInput{SecretId: aws.String("old")}))
		o.Secrets[0].Secret = "old"
	}, []groundway.Code{"iam/secret-pending-deletion"}},
	{"a secret whose policy keeps the workers out", func(b *builder, o *resource.Options) {
		b.secret("closed")
		policy := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":{"AWS":"arn:aws:iam::%s:role/worker_node_role"},"Action":"secretsmanager:GetSecretValue","Resource":"*"}]}`, account)
		done[*secretssdk.PutResourcePolicyOutput](b)(b.secrets.PutResourcePolicy(b.Context(), &secretssdk.PutResourcePolicyInput{SecretId: aws.String("closed"), ResourcePolicy: &policy}))
		o.Secrets[0].Secret = "closed"
	}, []groundway.Code{"iam/secret-not-readable"}},
	{"a repository that may not be made", func(_ *builder, o *resource.Options) {
		o.Repositories = []string{"acme/new"}
		o.May = func(r iam.Request) iam.Verdict {
			if r.Action == "ecr:CreateRepository" {
				return iam.ImplicitlyDenied
			}
			return iam.Allowed
		}
	}, []groundway.Code{"iam/repository-not-creatable"}},
	{"a stack of an earlier cluster", func(b *builder, o *resource.Options) {
		b.stack("eksctl-old-cluster")
		o.Cluster = "old"
	}, []groundway.Code{"iam/leftover-resources"}},
	{"a stack whose change set nobody executed", func(b *builder, o *resource.Options) {
		b.changes("eksctl-reviewed-cluster", cloudformationtypes.ChangeSetTypeCreate, false)
		b.inState("eksctl-reviewed-cluster", cloudformationtypes.StackStatusReviewInProgress)
		o.Cluster = "reviewed" // it is left from that cluster, too, which is not said twice
	}, []groundway.Code{"iam/stack-blocked"}},
	{"a stack that stopped at a role that there is", func(b *builder, o *resource.Options) {
		half := strings.Replace(template, `"AWS::SQS::Queue"`, `"AWS::IAM::Role","Properties":{"RoleName":"worker_node_role","AssumeRolePolicyDocument":{}}`, 1)
		_, err := b.stacks.CreateStack(b.Context(), &cloudformationsdk.CreateStackInput{StackName: aws.String("jenkins-x-vault-f00d"), TemplateBody: &half})
		require.ErrorContains(b, err, "EntityAlreadyExists")
		b.inState("jenkins-x-vault-f00d", cloudformationtypes.StackStatusCreateInProgress) // where AWS would roll back
		o.StackPrefixes = []string{"JenkinsXPolicies", "jenkins-x-vault"}
	}, []groundway.Code{"iam/stack-blocked"}},
	{"a stack whose creation was rolled back", func(b *builder, o *resource.Options) {
		b.changes("rolled-back", "ROLLBACK", true)
		b.inState("rolled-back", cloudformationtypes.StackStatusRollbackComplete)
		_, err := b.stacks.UpdateStack(b.Context(), &cloudformationsdk.UpdateStackInput{StackName: aws.String("rolled-back"), TemplateBody: aws.String(template)})
		require.ErrorContains(b, err, "is in ROLLBACK_COMPLETE state and can not be updated", "a second run stops there")
		o.Stacks = []string{"rolled-back"}
	}, []groundway.Code{"iam/stack-blocked"}},
	{"a stack whose update was rolled back, which takes another", func(b *builder, o *resource.Options) {
		b.changes("updated-once", "UPDATE_ROLLBACK", true)
		b.inState("updated-once", cloudformationtypes.StackStatusUpdateRollbackComplete)
		o.Stacks = []string{"updated-once"}
	}, nil},
	{"an instance profile of an earlier cluster", func(b *builder, o *resource.Options) {
		b.profile("older-master-profile")
		o.Cluster = "older"
	}, []groundway.Code{"iam/leftover-resources"}},
	{"a role of an earlier cluster, with what keeps it", func(b *builder, o *resource.Options) {
		b.role("oldest-worker-role", "ec2.amazonaws.com", enough)
		o.Cluster = "oldest"
	}, []groundway.Code{"iam/leftover-resources"}},
	{"no such file system", func(_ *builder, o *resource.Options) { o.FileSystem.ID = "fs-0123456789abcdef0" }, []groundway.Code{"iam/file-system-not-found"}},
	{"a file system in the clear, with a mount target too few", func(b *builder, o *resource.Options) {
		o.FileSystem.ID = b.fileSystem("bad", false, b.site.private[0])
	}, []groundway.Code{"iam/file-system-mount-target-missing", "iam/file-system-not-encrypted"}},
}

// check loads what the options name, with whose the access key is, and judges it.
func check(t *testing.T, url string, o resource.Options) groundway.Report {
	t.Helper()
	s, err := awsresource.Load(t.Context(), awsresource.NewClients(configOf(url)), o, awsresource.LoadOptions{Account: account, Region: region})
	require.NoError(t, err)
	if id := o.Vault.AccessKeyID; !id.IsZero() {
		cfg := configOf(url)
		cfg.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: id.Reveal(), SecretAccessKey: o.Vault.SecretAccessKey.Reveal()}, nil
		})
		s.KeyHolders, err = awsresource.Holder(t.Context(), stssdk.NewFromConfig(cfg), id)
		require.NoError(t, err)
	}
	report := groundway.NewReport(s.Time, resource.Check(s, o))
	var back resource.Snapshot
	require.NoError(t, json.Unmarshal(marshal(t, s), &back))
	assert.Equal(t, string(marshal(t, report)), string(marshal(t, groundway.NewReport(s.Time, resource.Check(back, o)))), "the replay gives the same report")
	if id := o.Vault.AccessKeyID.Reveal(); id != "" {
		assert.NotContains(t, string(marshal(t, s)), id)
	}
	return report
}

// Each resource is made once right and once wrong, by the real clients.
func TestResources(t *testing.T) {
	url := startMoto(t)
	b := newBuilder(t, url)
	good := b.good()
	report := check(t, url, good)
	assert.Empty(t, codes(report, groundway.Failed))
	assert.Empty(t, codes(report, groundway.Unknown))
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			o, vault, kms, files := good, *good.Vault, *good.KMS, *good.FileSystem
			o.Vault, o.KMS, o.FileSystem = &vault, &kms, &files
			o.Roles, o.Instances = append([]resource.NodeRole(nil), good.Roles...), append([]resource.NodeInstance(nil), good.Instances...)
			o.Buckets, o.Secrets = append([]resource.BucketUse(nil), good.Buckets...), append([]resource.SecretUse(nil), good.Secrets...)
			within := *b
			within.T = t
			f.harm(&within, &o)
			report := check(t, url, o)
			assert.ElementsMatch(t, f.want, codes(report, groundway.Failed))
			assert.Empty(t, codes(report, groundway.Unknown))
		})
	}
}

// The preflight of an elastic runtime and of a cluster of EKS, live and replayed.
func TestPreflightResources(t *testing.T) {
	url := startMoto(t)
	b := newBuilder(t, url)
	o := b.good()
	b.site.controllers, b.site.workers = b.site.private[:], b.site.private[:]
	b.role("poor_role", "ec2.amazonaws.com", tooLittle)
	program := buildPreflight(t)
	dir := t.TempDir()
	resources := fmt.Sprintf(`resources:
  controllerRole: {name: cluster_installer_role, policy: cluster_installer_role_policy}
  workerRole: {name: worker_node_role}
  jumpHost: %s
  masterNode: %s
  fileSystem: %s
  secrets: [elastic/agent]
  kms: {key: alias/vault}
  vault: {autoCreate: false, iamUserName: acmeuser, dynamoDBTable: vault-data, kmsKeyId: alias/vault, s3Bucket: acme-vault, s3Prefix: vault/}
  buckets: {existing: [acme-logs], create: [acme-reports]}
  repositories: [acme/app]
`, o.Instances[0].ID, o.Instances[1].ID, o.FileSystem.ID)
	for name, want := range map[string]struct {
		text            string
		failed, unknown []groundway.Code
	}{
		"good":                           {resources, nil, nil},
		"wrong":                          {strings.Replace(resources, "vault-data", "vault-none", 1), []groundway.Code{"iam/table-not-found"}, nil},
		"a worker that may read nothing": {strings.Replace(resources, "{name: worker_node_role}", "{name: poor_role}", 1), []groundway.Code{"iam/secret-not-readable"}, nil},
		"an installer that may hand on no role": {
			strings.NewReplacer("kms: {key: alias/vault}", "kms: {create: true}", "cluster_installer_role_policy", "poor_role_policy", "cluster_installer_role", "poor_role", "acme/app", "acme/new").Replace(resources),
			[]groundway.Code{"iam/instance-profile-not-attached", "iam/key-not-creatable", "iam/repository-not-creatable", "iam/role-not-passable", "iam/security-group-not-creatable"},
			nil,
		},
	} {
		spec, saved := filepath.Join(dir, name+".yaml"), filepath.Join(dir, name+".json")
		text := strings.Replace(b.site.spec(), "profile: tectonic", "profile: elastic", 1) + resources
		require.NoError(t, os.WriteFile(spec, []byte(strings.Replace(text, resources, want.text, 1)), 0o600))
		live, status := run(t, program, "-spec", spec, "-live", "-endpoint-url", url, "-format", "json", "-save-snapshot", saved)
		var report groundway.Report
		require.NoError(t, json.Unmarshal(live, &report), "%s", live)
		of := func(o groundway.Outcome) (list []groundway.Code) {
			for _, c := range codes(report, o) {
				if c.Package() == "iam" {
					list = append(list, c)
				}
			}
			return list
		}
		assert.Equal(t, want.failed, of(groundway.Failed), name)
		assert.Equal(t, want.unknown, of(groundway.Unknown), name)
		replayed, again := run(t, program, "-spec", spec, "-snapshot", saved, "-format", "json")
		assert.Equal(t, status, again)
		assert.Equal(t, withoutTime(t, live), withoutTime(t, replayed))
	}
}
