package awsidentity

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	cloudfrontsdk "github.com/aws/aws-sdk-go-v2/service/cloudfront"
	cftypes "github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	s3sdk "github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go/middleware"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/internal/awserr"
)

// An UntaggedError says that the bucket was made and its tag was not. S3 makes both
// one after the other, and a later plan takes the bucket for somebody else's. The
// remedy is the tag, which Error prints the command for.
type UntaggedError struct {
	Bucket string
	Owner  string
	Err    error
}

// Error names the bucket, so that it is not lost.
func (e *UntaggedError) Error() string {
	type tag struct{ Key, Value string }
	tagging, _ := json.Marshal(struct{ TagSet []tag }{[]tag{{groundway.OwnerTag, e.Owner}}}) // of strings
	return fmt.Sprintf("the bucket %s was made and its tag was not: %v; give it with: %s",
		e.Bucket, e.Err, groundway.ShellCommand([]string{"aws", "s3api", "put-bucket-tagging", "--bucket", e.Bucket, "--tagging", string(tagging)}))
}

// Unwrap returns the error of the call.
func (e *UntaggedError) Unwrap() error { return e.Err }

// ApplySite carries out a plan and returns the site as it is then, whose Issuer the
// API server is to have. It first reads the site again, and stops with [ErrChanged]
// if it is not as the plan assumed. A plan that is empty calls nothing.
//
// An apply that was interrupted is carried on by the next plan. A new distribution
// takes minutes until it answers everywhere: its status says "Deployed" then.
//
// A call that fails is an error that names its action.
func ApplySite(ctx context.Context, clients SiteClients, p SitePlan) (Site, error) {
	s, err := applySite(ctx, clients, p)
	if err != nil {
		return Site{}, fmt.Errorf("publish by bucket %q: %w", p.Before.Bucket, err)
	}
	return s, nil
}

func applySite(ctx context.Context, clients SiteClients, p SitePlan) (Site, error) {
	switch {
	case p.Blocked != "":
		return Site{}, fmt.Errorf("%w: %s", ErrBlocked, p.Blocked)
	case len(p.Steps) == 0:
		return p.Before, nil
	}
	now, err := loadSite(ctx, clients.load(), p.Before.SiteOptions)
	if err != nil {
		return Site{}, err
	}
	if gaps := slices.Concat(now.Buckets.Gaps, now.PublicAccess.Gaps, now.Policies.Gaps, now.Objects.Gaps, now.Controls.Gaps, now.Distributions.Gaps); len(gaps) > 0 {
		return Site{}, fmt.Errorf("%s: %s", gaps[0].Action, gaps[0].Message)
	}
	if !sameJSON(now.frame(), p.Before.frame()) {
		return Site{}, ErrChanged
	}
	a := applier{clients, now}
	for _, step := range p.Steps {
		if err := a.take(ctx, step); err != nil {
			return Site{}, err
		}
	}
	return a.s, nil
}

// frame returns the site without its documents, which other plans write, and
// without the status of a distribution, which changes by itself.
func (s Site) frame() Site {
	s.Objects = groundway.Part[Object]{}
	s.Distributions.Items = slices.Clone(s.Distributions.Items)
	for i := range s.Distributions.Items {
		s.Distributions.Items[i].Status = ""
	}
	return s
}

func sameJSON(a, b any) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

type applier struct {
	clients SiteClients
	s       Site // as it has become
}

// confirm returns an error for an answer that AWS did not give. The calls that change
// a bucket have an empty one: AWS's own names the request, and where nobody does, as
// an emulator of S3 or a proxy that swallows requests, it is looked whether the call
// had its effect.
func confirm(ctx context.Context, action string, m middleware.Metadata, took func() (bool, error)) error {
	if id, ok := awsmiddleware.GetRequestIDMetadata(m); ok && id != "" {
		return nil
	}
	ok, err := took()
	if err == nil && !ok {
		err = awserr.Failed(ctx, action, awserr.ErrNoList)
	}
	return err
}

func (a *applier) read() siteReader { return siteReader{a.clients.load(), a.s.SiteOptions} }

func (a *applier) take(ctx context.Context, step Step) error {
	switch step {
	case StepBucket:
		return a.createBucket(ctx)
	case StepTags:
		if err := a.tag(ctx); err != nil {
			return &UntaggedError{a.s.Bucket, a.s.owner(), err}
		}
		return nil
	case StepPublicAccess:
		return a.publicAccess(ctx)
	case StepControl:
		return a.control(ctx)
	case StepDistribution:
		return a.distribution(ctx)
	case StepPolicy:
		return a.policy(ctx)
	}
	return fmt.Errorf("%w: it is not one of PlanSite", ErrBlocked)
}

func (a *applier) createBucket(ctx context.Context) error {
	in := &s3sdk.CreateBucketInput{Bucket: &a.s.Bucket, ObjectOwnership: s3types.ObjectOwnershipBucketOwnerEnforced}
	// The first region is where buckets are that name none, and may not be named.
	// https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
	if a.s.Region != "us-east-1" {
		in.CreateBucketConfiguration = &s3types.CreateBucketConfiguration{LocationConstraint: s3types.BucketLocationConstraint(a.s.Region)}
	}
	out, err := a.clients.S3.CreateBucket(ctx, in)
	switch {
	case err == nil:
		err = confirm(ctx, createBucket, out.ResultMetadata, func() (bool, error) {
			there, err := a.read().bucket(ctx)
			return len(there.Items) == 1, err
		})
		if err != nil {
			return err
		}
	case ctx.Err() == nil && awserr.Code(err) == "BucketAlreadyOwnedByYou":
		// By a first attempt whose answer was lost: it was not there before.
	default:
		return awserr.Failed(ctx, createBucket, err)
	}
	a.s.Buckets = groundway.SeenPart(Bucket{Name: a.s.Bucket})
	return nil
}

func (a *applier) tag(ctx context.Context) error {
	out, err := a.clients.S3.PutBucketTagging(ctx, &s3sdk.PutBucketTaggingInput{
		Bucket: &a.s.Bucket, ExpectedBucketOwner: aws.String(string(a.s.Account)),
		Tagging: &s3types.Tagging{TagSet: []s3types.Tag{{Key: aws.String(groundway.OwnerTag), Value: aws.String(a.s.owner())}}},
	})
	if err != nil {
		return awserr.Failed(ctx, putBucketTagging, err)
	}
	a.s.Buckets.Items[0].Tags = map[string]string{groundway.OwnerTag: a.s.owner()}
	return confirm(ctx, putBucketTagging, out.ResultMetadata, func() (bool, error) {
		there, err := a.read().bucket(ctx)
		return len(there.Items) == 1 && there.Items[0].Tags[groundway.OwnerTag] == a.s.owner(), err
	})
}

func (a *applier) publicAccess(ctx context.Context) error {
	want := private
	if a.s.Public {
		want = open
	}
	out, err := a.clients.S3.PutPublicAccessBlock(ctx, &s3sdk.PutPublicAccessBlockInput{
		Bucket: &a.s.Bucket, ExpectedBucketOwner: aws.String(string(a.s.Account)),
		PublicAccessBlockConfiguration: &s3types.PublicAccessBlockConfiguration{
			BlockPublicAcls: &want.BlockACLs, IgnorePublicAcls: &want.IgnoreACLs, BlockPublicPolicy: &want.BlockPolicy, RestrictPublicBuckets: &want.RestrictBuckets,
		},
	})
	if err != nil {
		return awserr.Failed(ctx, putPublicAccess, err)
	}
	a.s.PublicAccess = groundway.SeenPart(want)
	return confirm(ctx, putPublicAccess, out.ResultMetadata, func() (bool, error) {
		there, err := a.read().publicAccess(ctx)
		return len(there.Items) == 1 && there.Items[0] == want, err
	})
}

func (a *applier) control(ctx context.Context) error {
	out, err := a.clients.CloudFront.CreateOriginAccessControl(ctx, &cloudfrontsdk.CreateOriginAccessControlInput{
		OriginAccessControlConfig: &cftypes.OriginAccessControlConfig{
			Name: aws.String(a.s.control()), Description: aws.String("reads the issuer documents of a bucket"),
			OriginAccessControlOriginType: cftypes.OriginAccessControlOriginTypesS3,
			SigningBehavior:               cftypes.OriginAccessControlSigningBehaviorsAlways,
			SigningProtocol:               cftypes.OriginAccessControlSigningProtocolsSigv4,
		},
	})
	if err == nil && (out.OriginAccessControl == nil || aws.ToString(out.OriginAccessControl.Id) == "") {
		err = awserr.ErrNoList
	}
	switch {
	case err == nil:
		a.s.Controls = groundway.SeenPart(Control{*out.OriginAccessControl.Id, a.s.control(), signs})
		return nil
	case ctx.Err() != nil || awserr.Classify(err) != awserr.Exists:
		return awserr.Failed(ctx, createControl, err)
	}
	// By a first attempt whose answer was lost: it was not there before.
	part, listErr := a.read().controls(ctx)
	switch {
	case listErr != nil:
		return listErr
	case len(part.Items) != 1 || part.Items[0].Signing != signs:
		return awserr.Failed(ctx, createControl, err)
	}
	a.s.Controls = part
	return nil
}

// cachingDisabled is the managed policy by which CloudFront keeps nothing, so that a
// key that is published is there for everybody at once.
//
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
const cachingDisabled = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"

func (a *applier) distribution(ctx context.Context) error {
	control := a.s.Controls.Items[0].ID
	const origin = "bucket"
	out, err := a.clients.CloudFront.CreateDistributionWithTags(ctx, &cloudfrontsdk.CreateDistributionWithTagsInput{
		DistributionConfigWithTags: &cftypes.DistributionConfigWithTags{
			Tags: &cftypes.Tags{Items: []cftypes.Tag{{Key: aws.String(groundway.OwnerTag), Value: aws.String(a.s.owner())}}},
			DistributionConfig: &cftypes.DistributionConfig{
				// The same for every attempt: CloudFront makes one of them.
				CallerReference: aws.String("groundway-" + a.s.Bucket),
				Comment:         aws.String("issuer documents of " + a.s.Bucket),
				Enabled:         aws.Bool(true),
				IsIPV6Enabled:   aws.Bool(true),
				Origins: &cftypes.Origins{Quantity: aws.Int32(1), Items: []cftypes.Origin{{
					Id: aws.String(origin), DomainName: aws.String(a.s.host()), OriginAccessControlId: &control,
					S3OriginConfig: &cftypes.S3OriginConfig{OriginAccessIdentity: aws.String("")},
				}}},
				DefaultCacheBehavior: &cftypes.DefaultCacheBehavior{
					TargetOriginId: aws.String(origin), ViewerProtocolPolicy: cftypes.ViewerProtocolPolicyHttpsOnly, CachePolicyId: aws.String(cachingDisabled),
				},
			},
		},
	})
	if err == nil && (out.Distribution == nil || aws.ToString(out.Distribution.ARN) == "" || aws.ToString(out.Distribution.DomainName) == "") {
		err = awserr.ErrNoList
	}
	if err != nil {
		return awserr.Failed(ctx, createDistribution, err)
	}
	d := out.Distribution
	a.s.Distributions = groundway.SeenPart(Distribution{
		ID: aws.ToString(d.Id), ARN: *d.ARN, Domain: *d.DomainName, Status: aws.ToString(d.Status), Enabled: true, ControlID: control,
		Tags: map[string]string{groundway.OwnerTag: a.s.owner()},
	})
	return nil
}

func (a *applier) policy(ctx context.Context) error {
	doc, err := a.s.wanted()
	if err != nil {
		return err
	}
	text := doc.String()
	out, err := a.clients.S3.PutBucketPolicy(ctx, &s3sdk.PutBucketPolicyInput{Bucket: &a.s.Bucket, ExpectedBucketOwner: aws.String(string(a.s.Account)), Policy: &text})
	if err != nil {
		return awserr.Failed(ctx, putBucketPolicy, err)
	}
	a.s.Policies = groundway.SeenPart(BucketPolicy{doc})
	return confirm(ctx, putBucketPolicy, out.ResultMetadata, func() (bool, error) {
		there, err := a.read().policy(ctx)
		return len(there.Items) == 1 && iam.Equal(there.Items[0].Document, doc), err
	})
}

// ApplyDocuments writes the documents of a plan, the keys first. Each is written
// only over the one that was read, or where there was none: if another was written
// since, it stops with [ErrChanged]. A call that fails is an error that names its
// action.
func ApplyDocuments(ctx context.Context, client BucketAPI, p DocumentPlan) error {
	if err := applyDocuments(ctx, client, p); err != nil {
		return fmt.Errorf("publish documents to %q: %w", p.Site.Bucket, err)
	}
	return nil
}

func applyDocuments(ctx context.Context, client BucketAPI, p DocumentPlan) error {
	if p.Blocked != "" {
		return fmt.Errorf("%w: %s", ErrBlocked, p.Blocked)
	}
	for _, put := range p.Puts {
		name := strings.TrimPrefix(put.Path, "/")
		in := &s3sdk.PutObjectInput{
			Bucket: &p.Site.Bucket, Key: &name, Body: bytes.NewReader(put.Data), ExpectedBucketOwner: aws.String(string(p.Site.Account)),
			ContentType: &put.ContentType, CacheControl: &put.CacheControl,
		}
		if put.ETag == "" {
			in.IfNoneMatch = aws.String("*")
		} else {
			in.IfMatch = &put.ETag
		}
		out, err := client.PutObject(ctx, in)
		if err == nil && out.ETag == nil {
			err = awserr.ErrNoList
		}
		switch {
		case err == nil:
			continue
		case ctx.Err() != nil || awserr.Code(err) != "PreconditionFailed":
			return awserr.Failed(ctx, putObject, err)
		}
		// It may be ours, by a first attempt whose answer was lost.
		there, readErr := siteReader{SiteLoadClients{S3: client}, p.Site}.object(ctx, name)
		switch {
		case readErr != nil:
			return readErr
		case len(there.Items) == 1 && there.Items[0].Data == string(put.Data):
			continue
		}
		return fmt.Errorf("%w: %s", ErrChanged, put.Path)
	}
	return nil
}
