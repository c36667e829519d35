package awscalls_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	accountsdk "github.com/aws/aws-sdk-go-v2/service/account"
	cloudformationsdk "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cloudfrontsdk "github.com/aws/aws-sdk-go-v2/service/cloudfront"
	dynamodbsdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	ecrsdk "github.com/aws/aws-sdk-go-v2/service/ecr"
	efssdk "github.com/aws/aws-sdk-go-v2/service/efs"
	efstypes "github.com/aws/aws-sdk-go-v2/service/efs/types"
	elbsdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	elbv2sdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	iamsdk "github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	kmssdk "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	taggingsdk "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	route53sdk "github.com/aws/aws-sdk-go-v2/service/route53"
	s3sdk "github.com/aws/aws-sdk-go-v2/service/s3"
	secretssdk "github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	quotassdk "github.com/aws/aws-sdk-go-v2/service/servicequotas"
	stssdk "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/middleware"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/awscalls"
	"github.com/groundway-sdk/groundway/iam/catalog"
	"github.com/groundway-sdk/groundway/internal/awsfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/ec2fake"
	"github.com/groundway-sdk/groundway/internal/awsfake/iamfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/stsfake"
)

var scope = iam.MustScope("us-east-1", "111122223333")

const role = "arn:aws:iam::111122223333:role/installer"

// unmapped are the operations of the clients that this module uses which the guard
// refuses: they are newer than the catalog, which has no action of their name, or what
// they need depends on their input, as statements of PartiQL do.
var unmapped = map[string][]string{
	"CloudFront": {"CreateDistributionWithTags", "ListDistributionsByOwnedResource"},
	"DynamoDB": {
		"BatchExecuteStatement", "CancelBulkOperation", "DescribeBulkOperation", "ExecuteStatement", "ExecuteTransaction", "ListBulkOperations", "StartBulkPutItems", "TransactWriteItems",
	},
	"EC2": {
		"CreateCapacityReservationDateChangeQuote", "DeleteClientVpnEndpointAuthorizationPolicy", "DescribeCapacityReservationDateChangeQuotes",
		"GetCapacityManagerSupportabilityScores", "GetClientVpnEndpointAuthorizationPolicy", "GetImageFindings", "GetTransitGatewayAttachmentNatConfiguration",
		"ModifyClientVpnEndpointAuthorizationPolicy", "ModifyTransitGatewayAttachmentNatConfiguration",
	},
	"ECR": {"DescribeReplicationBackfillResults", "ListImageReferrers", "ListReplicationBackfills", "StartReplicationBackfill", "StopReplicationBackfill"},
	"IAM": {"AcquireRole", "UpdateDelegationRequest"},
	"KMS": {"Decapsulate", "Encapsulate"},
	"S3": {
		"CreateBucketMetadataConfiguration", "CreateSession", "DeleteBucketIntelligentTieringConfiguration", "DeleteBucketMetadataConfiguration",
		"GetBucketIntelligentTieringConfiguration", "GetBucketMetadataConfiguration", "ListBucketIntelligentTieringConfigurations",
		"ListDirectoryBuckets", "RenameObject", "WriteGetObjectResponse",
	},
}

// Every operation of the SDK's clients that this module uses is an action of the
// catalog, an exception, or refused by name.
func TestOperationsOfTheSDK(t *testing.T) {
	for service, client := range map[string]any{
		"Account": &accountsdk.Client{}, "CloudFormation": &cloudformationsdk.Client{}, "CloudFront": &cloudfrontsdk.Client{}, "DynamoDB": &dynamodbsdk.Client{}, "EC2": &ec2sdk.Client{}, "ECR": &ecrsdk.Client{},
		"EFS": &efssdk.Client{}, "Elastic Load Balancing": &elbsdk.Client{}, "Elastic Load Balancing v2": &elbv2sdk.Client{}, "IAM": &iamsdk.Client{}, "KMS": &kmssdk.Client{},
		"Organizations": &organizations.Client{}, "Resource Groups Tagging API": &taggingsdk.Client{}, "Route 53": &route53sdk.Client{}, "S3": &s3sdk.Client{}, "STS": &stssdk.Client{},
		"Secrets Manager": &secretssdk.Client{}, "Service Quotas": &quotassdk.Client{},
	} {
		kind, operations, refused := reflect.TypeOf(client), 0, []string(nil)
		for i := range kind.NumMethod() {
			m := kind.Method(i)
			// func(*Client, context.Context, *Input, ...func(*Options)) (*Output, error)
			if m.Type.NumIn() != 4 || m.Type.NumOut() != 2 || !strings.HasSuffix(m.Type.In(2).String(), m.Name+"Input") {
				continue
			}
			operations++
			if _, err := awscalls.ActionsOf(service, m.Name, catalog.Catalog{}); err != nil {
				assert.EqualError(t, err, fmt.Sprintf("operation %s of %q: it is no action, and none is known for it", m.Name, service))
				refused = append(refused, m.Name)
			}
		}
		t.Logf("%s: %d operations, refused %v", service, operations, refused)
		assert.Equal(t, unmapped[service], refused, service)
		assert.NotZero(t, operations, service)
	}
}

func TestExceptions(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range awscalls.Exceptions() {
		assert.Contains(t, awscalls.Services(), e.Service)
		key := e.Service + " " + e.Operation
		assert.False(t, seen[key], key)
		seen[key] = true
		for _, a := range e.Actions {
			known, _, ok := catalog.Catalog{}.Action(a)
			assert.True(t, ok, "%s is no action", a)
			assert.Equal(t, known, a)
		}
		got, err := awscalls.ActionsOf(e.Service, e.Operation, catalog.Catalog{})
		require.NoError(t, err)
		assert.Equal(t, e.Actions, got)
	}
	_, err := awscalls.ActionsOf("Braket", "CreateJob", catalog.Catalog{})
	assert.EqualError(t, err, `operation CreateJob of "Braket": the service is not known`)
	_, err = awscalls.ActionsOf("DynamoDB", "ExecuteStatement", catalog.Catalog{})
	assert.EqualError(t, err, `operation ExecuteStatement of "DynamoDB": it is no action, and none is known for it`)
}

// world is clients of a fake with the middleware in their stacks.
func world(t *testing.T, attach ...interface{ Attach(*middleware.Stack) error }) (*awsfake.Fake, aws.Config) {
	t.Helper()
	fake := awsfake.New(
		ec2fake.DryRun("CreateTags", "CreateVpc", "RunInstances", "DescribeVpcs", "CreateSubnet"),
		(&iamfake.IAM{}).Service(), stsfake.New("111122223333", role, "AROA0"),
	)
	cfg := fake.Config()
	for _, a := range attach {
		cfg.APIOptions = append(cfg.APIOptions, a.Attach)
	}
	return fake, cfg
}

func TestRecorder(t *testing.T) {
	var r awscalls.Recorder
	_, cfg := world(t, &r)
	ec2, identities := ec2sdk.NewFromConfig(cfg), iamsdk.NewFromConfig(cfg)
	dry := aws.Bool(true)
	_, _ = ec2.DescribeVpcs(t.Context(), &ec2sdk.DescribeVpcsInput{DryRun: dry})
	_, _ = ec2.DescribeVpcs(t.Context(), &ec2sdk.DescribeVpcsInput{DryRun: dry})
	_, _ = ec2.CreateSubnet(t.Context(), &ec2sdk.CreateSubnetInput{DryRun: dry, VpcId: aws.String("vpc-0a1")})
	_, _ = ec2.CreateTags(t.Context(), &ec2sdk.CreateTagsInput{DryRun: dry, Resources: []string{"vpc-0a1", "subnet-0b1"}, Tags: []types.Tag{{Key: aws.String("k"), Value: aws.String("hidden")}}})
	_, _ = ec2.RunInstances(t.Context(), &ec2sdk.RunInstancesInput{
		DryRun: dry, MinCount: aws.Int32(1), MaxCount: aws.Int32(1), ImageId: aws.String("ami-0a1"), SubnetId: aws.String("subnet-0b1"), TagSpecifications: []types.TagSpecification{{ResourceType: types.ResourceTypeVolume, Tags: []types.Tag{{Key: aws.String("k")}}}}, UserData: aws.String("hidden"),
		IamInstanceProfile: &types.IamInstanceProfileSpecification{Name: aws.String("demo")},
	})
	_, err := identities.CreateRole(t.Context(), &iamsdk.CreateRoleInput{RoleName: aws.String("demo"), Path: aws.String("/ci/"), Tags: []iamtypes.Tag{{Key: aws.String("k"), Value: aws.String("v")}}, AssumeRolePolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}}`)})
	require.NoError(t, err)
	_, err = stssdk.NewFromConfig(cfg).GetCallerIdentity(t.Context(), &stssdk.GetCallerIdentityInput{})
	require.NoError(t, err)

	assert.NotContains(t, fmt.Sprintf("%+v", r.Calls()), "hidden", "bodies are not kept")
	assert.NotContains(t, fmt.Sprintf("%+v", r.Calls()), "amazonaws.com")
	permissions, err := r.Permissions(catalog.Catalog{})
	require.NoError(t, err)
	assert.Equal(t, []string{"ec2:CreateSubnet", "ec2:CreateTags", "ec2:DescribeVpcs", "ec2:RunInstances", "iam:CreateRole", "iam:PassRole", "iam:TagRole"}, permissions)

	d, err := r.Requirement(scope, catalog.Catalog{})
	require.NoError(t, err)
	assert.Equal(t, `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "ec2:CreateSubnet",
      "Resource": [
        "arn:aws:ec2:us-east-1:111122223333:subnet/*",
        "arn:aws:ec2:us-east-1:111122223333:vpc/vpc-0a1"
      ]
    },
    {
      "Effect": "Allow",
      "Action": "ec2:CreateTags",
      "Resource": [
        "arn:aws:ec2:us-east-1:111122223333:subnet/subnet-0b1",
        "arn:aws:ec2:us-east-1:111122223333:volume/*",
        "arn:aws:ec2:us-east-1:111122223333:vpc/vpc-0a1"
      ]
    },
    {
      "Effect": "Allow",
      "Action": "ec2:DescribeVpcs",
      "Resource": "*"
    },
    {
      "Effect": "Allow",
      "Action": "ec2:RunInstances",
      "Resource": [
        "arn:aws:ec2:us-east-1:111122223333:instance/*",
        "arn:aws:ec2:us-east-1:111122223333:network-interface/*",
        "arn:aws:ec2:us-east-1:111122223333:security-group/*",
        "arn:aws:ec2:us-east-1:111122223333:subnet/subnet-0b1",
        "arn:aws:ec2:us-east-1::image/ami-0a1"
      ]
    },
    {
      "Effect": "Allow",
      "Action": [
        "iam:CreateRole",
        "iam:TagRole"
      ],
      "Resource": "arn:aws:iam::111122223333:role/ci/demo"
    },
    {
      "Effect": "Allow",
      "Action": "iam:PassRole",
      "Resource": "arn:aws:iam::111122223333:role/*"
    }
  ]
}
`, d.Indent())

	// And under that policy the same calls pass a guard.
	g, err := awscalls.NewGuard(awscalls.GuardOptions{Policies: iam.Policies{Identity: []iam.Document{d}}, Principal: role, Scope: scope, Catalog: catalog.Catalog{}})
	require.NoError(t, err)
	fake, cfg := world(t, g)
	_, err = ec2sdk.NewFromConfig(cfg).CreateSubnet(t.Context(), &ec2sdk.CreateSubnetInput{DryRun: dry, VpcId: aws.String("vpc-0a1")})
	require.NotErrorIs(t, err, awscalls.ErrRefused)
	assert.Equal(t, []string{"ec2:CreateSubnet"}, fake.Actions())
}

// A key that is named by an alias is one that nobody knows, tags take a permission of
// their own, and what is copied is read where it stands.
func TestRecorderOfOtherServices(t *testing.T) {
	var r awscalls.Recorder
	_, cfg := world(t, &r)
	objects := s3sdk.NewFromConfig(cfg)
	_, _ = objects.CopyObject(t.Context(), &s3sdk.CopyObjectInput{Bucket: aws.String("to"), Key: aws.String("b"), CopySource: aws.String("from/a%20b?versionId=1")})
	keys, files := kmssdk.NewFromConfig(cfg), efssdk.NewFromConfig(cfg)
	// The fake has no such services, and what a call needs does not depend on its answer.
	_, _ = keys.DescribeKey(t.Context(), &kmssdk.DescribeKeyInput{KeyId: aws.String("alias/vault")})
	_, _ = keys.EnableKey(t.Context(), &kmssdk.EnableKeyInput{KeyId: aws.String("1234abcd")})
	_, _ = files.CreateMountTarget(t.Context(), &efssdk.CreateMountTargetInput{FileSystemId: aws.String("fs-0a1"), SubnetId: aws.String("subnet-0b1")})
	_, _ = files.CreateFileSystem(t.Context(), &efssdk.CreateFileSystemInput{CreationToken: aws.String("demo"), Tags: []efstypes.Tag{{Key: aws.String("k"), Value: aws.String("v")}}})
	d, err := r.Requirement(scope, catalog.Catalog{})
	require.NoError(t, err)
	on := map[iam.Action][]string{}
	for _, s := range d.Statements {
		for _, a := range s.Actions {
			on[a] = s.Resources
		}
	}
	assert.Equal(t, map[iam.Action][]string{
		"s3:GetObject":                        {"arn:aws:s3:::from/a b"},
		"s3:PutObject":                        {"arn:aws:s3:::to/b"},
		"kms:DescribeKey":                     {"arn:aws:kms:us-east-1:111122223333:key/*"},
		"kms:EnableKey":                       {"arn:aws:kms:us-east-1:111122223333:key/1234abcd"},
		"elasticfilesystem:CreateMountTarget": {"arn:aws:elasticfilesystem:us-east-1:111122223333:file-system/fs-0a1"},
		"elasticfilesystem:CreateFileSystem":  {"*"}, "elasticfilesystem:TagResource": {"*"},
	}, on)
}

func TestRecorderErrors(t *testing.T) {
	var r awscalls.Recorder
	_, err := r.Requirement(iam.Scope{}, catalog.Catalog{})
	assert.EqualError(t, err, "requirement of calls: the scope is the zero value")
	_, err = r.Requirement(scope, catalog.Catalog{})
	assert.EqualError(t, err, "requirement of calls: no call needs a permission")
}

func TestGuard(t *testing.T) {
	document := iam.MustDocument(
		iam.Allow("ec2:DescribeVpcs", "ec2:CreateVpc").On("*").When(iam.StringEquals("aws:RequestedRegion", "us-east-1")),
		iam.Allow("ec2:CreateSubnet").On(scope.ARN("ec2", "subnet/*"), scope.ARN("ec2", "vpc/vpc-0a1")),
		iam.Allow("ec2:CreateTags").On("*").When(iam.StringEquals("ec2:CreateAction", "CreateVpc")),
	)
	g, err := awscalls.NewGuard(awscalls.GuardOptions{Policies: iam.Policies{Identity: []iam.Document{document}}, Principal: role, Scope: scope, Catalog: catalog.Catalog{}})
	require.NoError(t, err)
	fake, cfg := world(t, g)
	ec2, identities := ec2sdk.NewFromConfig(cfg), iamsdk.NewFromConfig(cfg)
	for _, row := range []struct {
		name string
		call func() error
		want string // empty: the call is sent
	}{
		{"allowed", func() error {
			_, err := ec2.DescribeVpcs(t.Context(), &ec2sdk.DescribeVpcsInput{})
			return err
		}, ""},
		{"the VPC that is allowed", func() error {
			_, err := ec2.CreateSubnet(t.Context(), &ec2sdk.CreateSubnetInput{VpcId: aws.String("vpc-0a1")})
			return err
		}, ""},
		{"another VPC", func() error {
			_, err := ec2.CreateSubnet(t.Context(), &ec2sdk.CreateSubnetInput{VpcId: aws.String("vpc-0b2")})
			return err
		}, "the policy would not allow the call: ec2:CreateSubnet on arn:aws:ec2:us-east-1:111122223333:vpc/vpc-0b2 is implicitly-denied by the identity policies"},
		{"another action", func() error {
			_, err := ec2.RunInstances(t.Context(), &ec2sdk.RunInstancesInput{ImageId: aws.String("ami-0a1"), MinCount: aws.Int32(1), MaxCount: aws.Int32(1)})
			return err
		}, "the policy would not allow the call: ec2:RunInstances on arn:aws:ec2:us-east-1:111122223333:instance/* is implicitly-denied by the identity policies"},
		{"a key that nobody knows", func() error {
			_, err := ec2.CreateTags(t.Context(), &ec2sdk.CreateTagsInput{Resources: []string{"vpc-0a1"}, Tags: []types.Tag{{}}})
			return err
		}, "the policy would not allow the call: ec2:CreateTags on arn:aws:ec2:us-east-1:111122223333:vpc/vpc-0a1 depends on ec2:CreateAction"},
		{"another region", func() error {
			_, err := ec2.DescribeVpcs(t.Context(), &ec2sdk.DescribeVpcsInput{}, func(o *ec2sdk.Options) { o.Region = "eu-west-1" })
			return err
		}, "the policy would not allow the call: ec2:DescribeVpcs on * is implicitly-denied by the identity policies"},
		{"another service", func() error {
			_, err := identities.GetRole(t.Context(), &iamsdk.GetRoleInput{RoleName: aws.String("demo")})
			return err
		}, "the policy would not allow the call: iam:GetRole on arn:aws:iam::111122223333:role/demo is implicitly-denied by the identity policies"},
		{"what no policy can deny", func() error {
			_, err := stssdk.NewFromConfig(cfg).GetCallerIdentity(t.Context(), &stssdk.GetCallerIdentityInput{})
			return err
		}, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			before := len(fake.Calls())
			err := row.call()
			if row.want == "" {
				require.NotErrorIs(t, err, awscalls.ErrRefused)
				assert.Len(t, fake.Calls(), before+1)
				return
			}
			require.ErrorIs(t, err, awscalls.ErrRefused)
			assert.True(t, strings.HasSuffix(err.Error(), row.want), err.Error())
			assert.Len(t, fake.Calls(), before, "nothing is sent")
		})
	}
}

func TestNewGuardErrors(t *testing.T) {
	o := awscalls.GuardOptions{Principal: role, Scope: scope, Catalog: catalog.Catalog{}}
	for want, edit := range map[string]func(*awscalls.GuardOptions){
		"new guard: no principal is given":       func(o *awscalls.GuardOptions) { o.Principal = "" },
		"new guard: the scope is the zero value": func(o *awscalls.GuardOptions) { o.Scope = iam.Scope{} },
		"new guard: no catalog is given":         func(o *awscalls.GuardOptions) { o.Catalog = nil },
	} {
		o := o
		edit(&o)
		_, err := awscalls.NewGuard(o)
		assert.EqualError(t, err, want)
	}
}
