package awscalls

import (
	"fmt"
	"maps"
	"slices"

	"github.com/groundway-sdk/groundway/iam"
)

// services are the prefixes of IAM by the service IDs of the SDK.
var services = map[string]string{
	"Account":                     "account",
	"Auto Scaling":                "autoscaling",
	"CloudFormation":              "cloudformation",
	"CloudFront":                  "cloudfront",
	"DynamoDB":                    "dynamodb",
	"EC2":                         "ec2",
	"ECR":                         "ecr",
	"EFS":                         "elasticfilesystem",
	"EKS":                         "eks",
	"Elastic Load Balancing":      "elasticloadbalancing",
	"Elastic Load Balancing v2":   "elasticloadbalancing",
	"IAM":                         "iam",
	"KMS":                         "kms",
	"Organizations":               "organizations",
	"Resource Groups Tagging API": "tag",
	"Route 53":                    "route53",
	"S3":                          "s3",
	"STS":                         "sts",
	"Secrets Manager":             "secretsmanager",
	"Service Quotas":              "servicequotas",
}

// Services returns the service IDs of the SDK whose operations are known, in
// alphabetical order.
func Services() []string { return slices.Sorted(maps.Keys(services)) }

// An Exception is an operation that needs something else than the action of its
// name.
type Exception struct {
	Service   string // the service ID of the SDK
	Operation string
	Actions   []iam.Action // nil: none at all
}

// exceptions are where operations and actions part, see the tables "Actions defined
// by" of https://docs.aws.amazon.com/service-authorization/latest/reference/ and
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html.
var exceptions = []Exception{
	{"STS", "GetCallerIdentity", nil}, // which no policy can deny

	{"DynamoDB", "TransactGetItems", []iam.Action{"dynamodb:GetItem"}},

	{"KMS", "ReEncrypt", []iam.Action{"kms:ReEncryptFrom", "kms:ReEncryptTo"}},

	{"S3", "CompleteMultipartUpload", []iam.Action{"s3:PutObject"}},
	{"S3", "CopyObject", []iam.Action{"s3:GetObject", "s3:PutObject"}},
	{"S3", "CreateMultipartUpload", []iam.Action{"s3:PutObject"}},
	{"S3", "DeleteBucketAnalyticsConfiguration", []iam.Action{"s3:PutAnalyticsConfiguration"}},
	{"S3", "DeleteBucketCors", []iam.Action{"s3:PutBucketCORS"}},
	{"S3", "DeleteBucketEncryption", []iam.Action{"s3:PutEncryptionConfiguration"}},
	{"S3", "DeleteBucketInventoryConfiguration", []iam.Action{"s3:PutInventoryConfiguration"}},
	{"S3", "DeleteBucketLifecycle", []iam.Action{"s3:PutLifecycleConfiguration"}},
	{"S3", "DeleteBucketMetricsConfiguration", []iam.Action{"s3:PutMetricsConfiguration"}},
	{"S3", "DeleteBucketOwnershipControls", []iam.Action{"s3:PutBucketOwnershipControls"}},
	{"S3", "DeleteBucketReplication", []iam.Action{"s3:PutReplicationConfiguration"}},
	{"S3", "DeleteBucketTagging", []iam.Action{"s3:PutBucketTagging"}},
	{"S3", "DeleteObjects", []iam.Action{"s3:DeleteObject"}},
	{"S3", "DeletePublicAccessBlock", []iam.Action{"s3:PutBucketPublicAccessBlock"}},
	{"S3", "GetBucketAccelerateConfiguration", []iam.Action{"s3:GetAccelerateConfiguration"}},
	{"S3", "GetBucketAnalyticsConfiguration", []iam.Action{"s3:GetAnalyticsConfiguration"}},
	{"S3", "GetBucketEncryption", []iam.Action{"s3:GetEncryptionConfiguration"}},
	{"S3", "GetBucketInventoryConfiguration", []iam.Action{"s3:GetInventoryConfiguration"}},
	{"S3", "GetBucketLifecycleConfiguration", []iam.Action{"s3:GetLifecycleConfiguration"}},
	{"S3", "GetBucketMetricsConfiguration", []iam.Action{"s3:GetMetricsConfiguration"}},
	{"S3", "GetBucketNotificationConfiguration", []iam.Action{"s3:GetBucketNotification"}},
	{"S3", "GetBucketReplication", []iam.Action{"s3:GetReplicationConfiguration"}},
	{"S3", "GetObjectLockConfiguration", []iam.Action{"s3:GetBucketObjectLockConfiguration"}},
	{"S3", "GetPublicAccessBlock", []iam.Action{"s3:GetBucketPublicAccessBlock"}},
	{"S3", "HeadBucket", []iam.Action{"s3:ListBucket"}},
	{"S3", "HeadObject", []iam.Action{"s3:GetObject"}},
	{"S3", "ListBucketAnalyticsConfigurations", []iam.Action{"s3:GetAnalyticsConfiguration"}},
	{"S3", "ListBucketInventoryConfigurations", []iam.Action{"s3:GetInventoryConfiguration"}},
	{"S3", "ListBucketMetricsConfigurations", []iam.Action{"s3:GetMetricsConfiguration"}},
	{"S3", "ListBuckets", []iam.Action{"s3:ListAllMyBuckets"}},
	{"S3", "ListMultipartUploads", []iam.Action{"s3:ListBucketMultipartUploads"}},
	{"S3", "ListObjectVersions", []iam.Action{"s3:ListBucketVersions"}},
	{"S3", "ListObjects", []iam.Action{"s3:ListBucket"}},
	{"S3", "ListObjectsV2", []iam.Action{"s3:ListBucket"}},
	{"S3", "ListParts", []iam.Action{"s3:ListMultipartUploadParts"}},
	{"S3", "PutBucketAccelerateConfiguration", []iam.Action{"s3:PutAccelerateConfiguration"}},
	{"S3", "PutBucketAnalyticsConfiguration", []iam.Action{"s3:PutAnalyticsConfiguration"}},
	{"S3", "PutBucketEncryption", []iam.Action{"s3:PutEncryptionConfiguration"}},
	{"S3", "PutBucketIntelligentTieringConfiguration", []iam.Action{"s3:PutIntelligentTieringConfiguration"}},
	{"S3", "PutBucketInventoryConfiguration", []iam.Action{"s3:PutInventoryConfiguration"}},
	{"S3", "PutBucketLifecycleConfiguration", []iam.Action{"s3:PutLifecycleConfiguration"}},
	{"S3", "PutBucketMetricsConfiguration", []iam.Action{"s3:PutMetricsConfiguration"}},
	{"S3", "PutBucketNotificationConfiguration", []iam.Action{"s3:PutBucketNotification"}},
	{"S3", "PutBucketReplication", []iam.Action{"s3:PutReplicationConfiguration"}},
	{"S3", "PutObjectLockConfiguration", []iam.Action{"s3:PutBucketObjectLockConfiguration"}},
	{"S3", "PutPublicAccessBlock", []iam.Action{"s3:PutBucketPublicAccessBlock"}},
	{"S3", "SelectObjectContent", []iam.Action{"s3:GetObject"}},
	{"S3", "UploadPart", []iam.Action{"s3:PutObject"}},
	{"S3", "UploadPartCopy", []iam.Action{"s3:GetObject", "s3:PutObject"}},
}

// Exceptions returns the operations that need something else than the action of
// their name, by service and operation.
func Exceptions() []Exception {
	list := slices.Clone(exceptions)
	for i := range list {
		list[i].Actions = slices.Clone(list[i].Actions)
	}
	return list
}

// passes are the fields of inputs that hand a role to a service, for which the
// caller needs iam:PassRole besides, see
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html.
var passes = map[string][]string{
	"Auto Scaling":   {"IamInstanceProfile"},
	"CloudFormation": {"RoleARN"},
	"EC2":            {"IamInstanceProfile"},
	"EKS":            {"RoleArn", "NodeRole", "PodExecutionRoleArn", "ServiceAccountRoleArn"},
}

// tagging is what the caller needs besides to set tags as a thing is made, by the
// service and, where it depends on that, the operation. EC2 is apart: the kinds of
// things that are tagged stand in the call.
var tagging = map[string]map[string]iam.Action{
	"EFS":                       {"CreateAccessPoint": "elasticfilesystem:TagResource", "CreateFileSystem": "elasticfilesystem:TagResource"},
	"Elastic Load Balancing":    {"CreateLoadBalancer": "elasticloadbalancing:AddTags"},
	"Elastic Load Balancing v2": {"CreateListener": "elasticloadbalancing:AddTags", "CreateLoadBalancer": "elasticloadbalancing:AddTags", "CreateRule": "elasticloadbalancing:AddTags", "CreateTargetGroup": "elasticloadbalancing:AddTags"},
	"IAM": {
		"CreateInstanceProfile": "iam:TagInstanceProfile", "CreateOpenIDConnectProvider": "iam:TagOpenIDConnectProvider",
		"CreatePolicy": "iam:TagPolicy", "CreateRole": "iam:TagRole", "CreateUser": "iam:TagUser",
	},
	"KMS":             {"CreateKey": "kms:TagResource"},
	"Secrets Manager": {"CreateSecret": "secretsmanager:TagResource"},
}

// Actions that one call needs beside others, on something else.
const (
	createTags iam.Action = "ec2:CreateTags"
	getObject  iam.Action = "s3:GetObject"
	passRole   iam.Action = "iam:PassRole"
)

// ActionsOf returns the IAM actions of an operation, with the names of the catalog.
// The error says that the service is none of [Services], or that the operation is
// no action and no exception.
func ActionsOf(service, operation string, c iam.Catalog) ([]iam.Action, error) {
	prefix, ok := services[service]
	if !ok {
		return nil, fmt.Errorf("operation %s of %q: the service is not known", operation, service)
	}
	for _, e := range exceptions {
		if e.Service == service && e.Operation == operation {
			return slices.Clone(e.Actions), nil
		}
	}
	known, _, ok := c.Action(iam.Action(prefix + ":" + operation))
	if !ok {
		return nil, fmt.Errorf("operation %s of %q: it is no action, and none is known for it", operation, service)
	}
	return []iam.Action{known}, nil
}
