package awsresource

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	cloudformationsdk "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	dynamodbsdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	ecrsdk "github.com/aws/aws-sdk-go-v2/service/ecr"
	efssdk "github.com/aws/aws-sdk-go-v2/service/efs"
	iamsdk "github.com/aws/aws-sdk-go-v2/service/iam"
	kmssdk "github.com/aws/aws-sdk-go-v2/service/kms"
	s3sdk "github.com/aws/aws-sdk-go-v2/service/s3"
	secretssdk "github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	stssdk "github.com/aws/aws-sdk-go-v2/service/sts"
)

// Clients are those of the services that [Load] asks, each by reading calls only.
// The SDK's clients implement them. What a nil client would show is unseen.
//
// A resource in another region than that of its client is asked for there, by the
// client's own option.
type Clients struct {
	IAM            IAMAPI
	EC2            ec2sdk.DescribeInstancesAPIClient
	DynamoDB       dynamodbsdk.DescribeTableAPIClient
	KMS            KMSAPI
	S3             S3API
	SecretsManager SecretsManagerAPI
	ECR            ecrsdk.DescribeRepositoriesAPIClient
	CloudFormation cloudformationsdk.DescribeStacksAPIClient
	EFS            EFSAPI
}

// NewClients returns the SDK's clients of a configuration. Buckets are addressed
// by path where the configuration has an endpoint of its own: emulators and proxies
// seldom have a host name for each.
func NewClients(cfg aws.Config) Clients {
	return Clients{
		IAM: iamsdk.NewFromConfig(cfg), EC2: ec2sdk.NewFromConfig(cfg), DynamoDB: dynamodbsdk.NewFromConfig(cfg), KMS: kmssdk.NewFromConfig(cfg),
		S3:             s3sdk.NewFromConfig(cfg, func(o *s3sdk.Options) { o.UsePathStyle = cfg.BaseEndpoint != nil }),
		SecretsManager: secretssdk.NewFromConfig(cfg), ECR: ecrsdk.NewFromConfig(cfg),
		CloudFormation: cloudformationsdk.NewFromConfig(cfg), EFS: efssdk.NewFromConfig(cfg),
	}
}

// IAMAPI is what [Load] asks of IAM.
type IAMAPI interface {
	iamsdk.ListAccessKeysAPIClient
	iamsdk.ListAttachedUserPoliciesAPIClient
	iamsdk.ListAttachedRolePoliciesAPIClient
	iamsdk.ListRolePoliciesAPIClient
	iamsdk.ListInstanceProfilesAPIClient

	GetUser(context.Context, *iamsdk.GetUserInput, ...func(*iamsdk.Options)) (*iamsdk.GetUserOutput, error)
	GetRole(context.Context, *iamsdk.GetRoleInput, ...func(*iamsdk.Options)) (*iamsdk.GetRoleOutput, error)
}

// KMSAPI is what [Load] asks of KMS.
type KMSAPI interface {
	DescribeKey(context.Context, *kmssdk.DescribeKeyInput, ...func(*kmssdk.Options)) (*kmssdk.DescribeKeyOutput, error)
	GetKeyPolicy(context.Context, *kmssdk.GetKeyPolicyInput, ...func(*kmssdk.Options)) (*kmssdk.GetKeyPolicyOutput, error)
}

// S3API is what [Load] asks of S3.
type S3API interface {
	s3sdk.ListBucketsAPIClient

	GetBucketLocation(context.Context, *s3sdk.GetBucketLocationInput, ...func(*s3sdk.Options)) (*s3sdk.GetBucketLocationOutput, error)
	GetPublicAccessBlock(context.Context, *s3sdk.GetPublicAccessBlockInput, ...func(*s3sdk.Options)) (*s3sdk.GetPublicAccessBlockOutput, error)
	GetBucketEncryption(context.Context, *s3sdk.GetBucketEncryptionInput, ...func(*s3sdk.Options)) (*s3sdk.GetBucketEncryptionOutput, error)
	GetBucketVersioning(context.Context, *s3sdk.GetBucketVersioningInput, ...func(*s3sdk.Options)) (*s3sdk.GetBucketVersioningOutput, error)
}

// SecretsManagerAPI is what [Load] asks of Secrets Manager.
type SecretsManagerAPI interface {
	DescribeSecret(context.Context, *secretssdk.DescribeSecretInput, ...func(*secretssdk.Options)) (*secretssdk.DescribeSecretOutput, error)
	GetResourcePolicy(context.Context, *secretssdk.GetResourcePolicyInput, ...func(*secretssdk.Options)) (*secretssdk.GetResourcePolicyOutput, error)
}

// EFSAPI is what [Load] asks of EFS.
type EFSAPI interface {
	efssdk.DescribeFileSystemsAPIClient
	efssdk.DescribeMountTargetsAPIClient
}

// CallerAPI is what [Holder] asks of STS.
type CallerAPI interface {
	GetCallerIdentity(context.Context, *stssdk.GetCallerIdentityInput, ...func(*stssdk.Options)) (*stssdk.GetCallerIdentityOutput, error)
}

var (
	_ IAMAPI            = (*iamsdk.Client)(nil)
	_ KMSAPI            = (*kmssdk.Client)(nil)
	_ S3API             = (*s3sdk.Client)(nil)
	_ SecretsManagerAPI = (*secretssdk.Client)(nil)
	_ EFSAPI            = (*efssdk.Client)(nil)
	_ CallerAPI         = (*stssdk.Client)(nil)
)

// The IAM actions of the calls. Those of S3 have other names than the calls, see
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html.
const (
	describeStacks      = "cloudformation:DescribeStacks"
	describeTable       = "dynamodb:DescribeTable"
	describeInstances   = "ec2:DescribeInstances"
	describeRepository  = "ecr:DescribeRepositories"
	describeFileSystems = "elasticfilesystem:DescribeFileSystems"
	describeTargets     = "elasticfilesystem:DescribeMountTargets"
	getRole             = "iam:GetRole"
	getUser             = "iam:GetUser"
	listAccessKeys      = "iam:ListAccessKeys"
	listRolePolicies    = "iam:ListAttachedRolePolicies"
	listUserPolicies    = "iam:ListAttachedUserPolicies"
	listProfiles        = "iam:ListInstanceProfiles"
	listInline          = "iam:ListRolePolicies"
	describeKey         = "kms:DescribeKey"
	getKeyPolicy        = "kms:GetKeyPolicy"
	getLocation         = "s3:GetBucketLocation"
	getPublicAccess     = "s3:GetBucketPublicAccessBlock"
	getVersioning       = "s3:GetBucketVersioning"
	getEncryption       = "s3:GetEncryptionConfiguration"
	listBuckets         = "s3:ListAllMyBuckets"
	describeSecret      = "secretsmanager:DescribeSecret"
	getSecretPolicy     = "secretsmanager:GetResourcePolicy"
	getCallerIdentity   = "sts:GetCallerIdentity"
)

// Actions returns the IAM actions that [Load] can call, in alphabetical order.
// [Holder] calls sts:GetCallerIdentity, which needs no permission.
func Actions() []string {
	return slices.Clone([]string{
		describeStacks, describeTable, describeInstances, describeRepository, describeFileSystems, describeTargets,
		getRole, getUser, listAccessKeys, listRolePolicies, listUserPolicies, listProfiles, listInline, describeKey, getKeyPolicy,
		getLocation, getPublicAccess, getVersioning, getEncryption, listBuckets, describeSecret, getSecretPolicy,
	})
}
