package awsidentity

import (
	"context"

	cloudfrontsdk "github.com/aws/aws-sdk-go-v2/service/cloudfront"
	s3sdk "github.com/aws/aws-sdk-go-v2/service/s3"
)

// BucketLoadAPI is what [LoadSite] asks of S3. The SDK's client implements it.
type BucketLoadAPI interface {
	GetBucketTagging(context.Context, *s3sdk.GetBucketTaggingInput, ...func(*s3sdk.Options)) (*s3sdk.GetBucketTaggingOutput, error)
	GetPublicAccessBlock(context.Context, *s3sdk.GetPublicAccessBlockInput, ...func(*s3sdk.Options)) (*s3sdk.GetPublicAccessBlockOutput, error)
	GetBucketPolicy(context.Context, *s3sdk.GetBucketPolicyInput, ...func(*s3sdk.Options)) (*s3sdk.GetBucketPolicyOutput, error)
	GetObject(context.Context, *s3sdk.GetObjectInput, ...func(*s3sdk.Options)) (*s3sdk.GetObjectOutput, error)
}

// BucketAPI is what [ApplySite] and [ApplyDocuments] ask of S3.
type BucketAPI interface {
	BucketLoadAPI

	CreateBucket(context.Context, *s3sdk.CreateBucketInput, ...func(*s3sdk.Options)) (*s3sdk.CreateBucketOutput, error)
	PutBucketTagging(context.Context, *s3sdk.PutBucketTaggingInput, ...func(*s3sdk.Options)) (*s3sdk.PutBucketTaggingOutput, error)
	PutPublicAccessBlock(context.Context, *s3sdk.PutPublicAccessBlockInput, ...func(*s3sdk.Options)) (*s3sdk.PutPublicAccessBlockOutput, error)
	PutBucketPolicy(context.Context, *s3sdk.PutBucketPolicyInput, ...func(*s3sdk.Options)) (*s3sdk.PutBucketPolicyOutput, error)
	PutObject(context.Context, *s3sdk.PutObjectInput, ...func(*s3sdk.Options)) (*s3sdk.PutObjectOutput, error)
}

// DistributionLoadAPI is what [LoadSite] asks of CloudFront.
type DistributionLoadAPI interface {
	cloudfrontsdk.ListDistributionsAPIClient
	cloudfrontsdk.ListOriginAccessControlsAPIClient

	ListTagsForResource(context.Context, *cloudfrontsdk.ListTagsForResourceInput, ...func(*cloudfrontsdk.Options)) (*cloudfrontsdk.ListTagsForResourceOutput, error)
}

// DistributionAPI is what [ApplySite] asks of CloudFront.
type DistributionAPI interface {
	DistributionLoadAPI

	CreateOriginAccessControl(context.Context, *cloudfrontsdk.CreateOriginAccessControlInput, ...func(*cloudfrontsdk.Options)) (*cloudfrontsdk.CreateOriginAccessControlOutput, error)
	CreateDistributionWithTags(context.Context, *cloudfrontsdk.CreateDistributionWithTagsInput, ...func(*cloudfrontsdk.Options)) (*cloudfrontsdk.CreateDistributionWithTagsOutput, error)
}

var (
	_ BucketAPI       = (*s3sdk.Client)(nil)
	_ DistributionAPI = (*cloudfrontsdk.Client)(nil)
)

// The IAM actions of the calls about a site.
//
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
const (
	getBucketTagging = "s3:GetBucketTagging"
	getPublicAccess  = "s3:GetBucketPublicAccessBlock"
	getBucketPolicy  = "s3:GetBucketPolicy"
	getObject        = "s3:GetObject"
	listBucket       = "s3:ListBucket"
	createBucket     = "s3:CreateBucket"
	putBucketTagging = "s3:PutBucketTagging"
	putPublicAccess  = "s3:PutBucketPublicAccessBlock"
	putBucketPolicy  = "s3:PutBucketPolicy"
	putObject        = "s3:PutObject"

	listDistributions  = "cloudfront:ListDistributions"
	listControls       = "cloudfront:ListOriginAccessControls"
	listTags           = "cloudfront:ListTagsForResource"
	createControl      = "cloudfront:CreateOriginAccessControl"
	createDistribution = "cloudfront:CreateDistribution"
	tagDistribution    = "cloudfront:TagResource"
)

// SiteActions returns the IAM actions that [LoadSite] needs, in alphabetical order.
// With s3:ListBucket S3 says that a document is missing, and denies it otherwise.
func SiteActions() []string {
	return []string{listDistributions, listControls, listTags, getBucketPolicy, getPublicAccess, getBucketTagging, getObject, listBucket}
}

// ApplyActions returns the IAM actions that [ApplySite] and [ApplyDocuments] need
// besides, in alphabetical order.
func ApplyActions() []string {
	return []string{createDistribution, createControl, tagDistribution, createBucket, putBucketPolicy, putPublicAccess, putBucketTagging, putObject}
}
