package awsidentity

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	cloudfrontsdk "github.com/aws/aws-sdk-go-v2/service/cloudfront"
	s3sdk "github.com/aws/aws-sdk-go-v2/service/s3"
	"golang.org/x/sync/errgroup"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/identity/oidc"
	"github.com/groundway-sdk/groundway/internal/awserr"
)

// SiteOptions say where the documents of an issuer are to be served from.
type SiteOptions struct {
	Account iam.Account // of the bucket; required: a bucket of this name elsewhere is not ours
	Region  iam.Region  // of the bucket, and of the S3 client
	Bucket  string      // without dots
	Owner   string      // the value of the owner tag, such as the name of the cluster; empty: "groundway"
	// Public serves the documents from the bucket itself, which anybody may read
	// then, in place of CloudFront.
	Public bool
}

func (o SiteOptions) check() error {
	if !o.Account.IsValid() {
		return fmt.Errorf("account %q: want 12 digits", string(o.Account))
	}
	if _, err := iam.ParseRegion(string(o.Region)); err != nil {
		return err
	}
	_, err := oidc.BucketIssuer(o.Region, o.Bucket, "")
	return err
}

// A Site is what was seen of a bucket and of what stands before it. It is plain
// data, whose lists hold what is there: none is an answer too. A part that is left out is unseen.
type Site struct {
	SiteOptions
	Buckets      groundway.Part[Bucket]       `json:"buckets"`      // one, or none
	PublicAccess groundway.Part[PublicAccess] `json:"publicAccess"` // one, or none
	Policies     groundway.Part[BucketPolicy] `json:"policies"`     // one, or none
	Objects      groundway.Part[Object]       `json:"objects"`      // the documents that are there
	// Controls and Distributions are those of CloudFront for the bucket; of a
	// public site they are not asked.
	Controls      groundway.Part[Control]      `json:"controls"`
	Distributions groundway.Part[Distribution] `json:"distributions"`
}

// A Bucket is one that exists.
type Bucket struct {
	Name string            `json:"name"`
	Tags map[string]string `json:"tags,omitempty"`
}

// Key returns the name.
func (b Bucket) Key() string { return b.Name }

// PublicAccess is which ways to make a bucket public are blocked.
type PublicAccess struct {
	BlockACLs       bool `json:"blockPublicAcls"`
	IgnoreACLs      bool `json:"ignorePublicAcls"`
	BlockPolicy     bool `json:"blockPublicPolicy"`
	RestrictBuckets bool `json:"restrictPublicBuckets"`
}

// A BucketPolicy is the policy of the bucket.
type BucketPolicy struct {
	Document iam.Document `json:"document"`
}

// An Object is a document in the bucket.
type Object struct {
	Name         string `json:"name"` // the key: "openid/v1/jwks"
	ETag         string `json:"etag"`
	ContentType  string `json:"contentType,omitempty"`
	CacheControl string `json:"cacheControl,omitempty"`
	Data         string `json:"data"`
}

// Key returns the name.
func (o Object) Key() string { return o.Name }

// A Control is an origin access control: it signs CloudFront's requests.
type Control struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Signing string `json:"signing"` // "always sigv4 s3" is what a private bucket takes
}

// Key returns the ID.
func (c Control) Key() string { return c.ID }

// A Distribution has the bucket for an origin.
type Distribution struct {
	ID        string            `json:"id"`
	ARN       string            `json:"arn"`
	Domain    string            `json:"domain"` // "d111111abcdef8.cloudfront.net"
	Status    string            `json:"status"` // "Deployed" once it answers everywhere
	Enabled   bool              `json:"enabled"`
	ControlID string            `json:"controlId,omitempty"`
	Path      string            `json:"path,omitempty"` // in the bucket
	Tags      map[string]string `json:"tags,omitempty"`
}

// Key returns the ID.
func (d Distribution) Key() string { return d.ID }

// Issuer returns the URL that tokens have for their issuer: that of the bucket, or
// of the distribution. It is empty while there is no distribution, or several.
func (s Site) Issuer() string {
	if s.Public {
		issuer, _ := oidc.BucketIssuer(s.Region, s.Bucket, "")
		return issuer
	}
	if len(s.Distributions.Items) != 1 || s.Distributions.Items[0].Domain == "" {
		return ""
	}
	return "https://" + s.Distributions.Items[0].Domain
}

func (o SiteOptions) owner() string { return cmp.Or(o.Owner, "groundway") }

// host is the bucket's own, by which CloudFront reads it.
func (o SiteOptions) host() string {
	return fmt.Sprintf("%s.s3.%s.%s", o.Bucket, o.Region, o.Region.Partition().DNSSuffix())
}

// control is the name of the origin access control: at most 64 characters, as a
// bucket has 63.
func (o SiteOptions) control() string {
	if len(o.Bucket) > 54 {
		return o.Bucket
	}
	return "groundway-" + o.Bucket
}

// SiteClients are the SDK's clients; CloudFront is not needed by a public site.
// That of S3 is one of the bucket's region.
type SiteClients struct {
	S3         BucketAPI
	CloudFront DistributionAPI
}

// SiteLoadClients are the clients of a caller who only reads.
type SiteLoadClients struct {
	S3         BucketLoadAPI
	CloudFront DistributionLoadAPI
}

func (c SiteClients) load() SiteLoadClients {
	l := SiteLoadClients{S3: c.S3}
	if c.CloudFront != nil {
		l.CloudFront = c.CloudFront
	}
	return l
}

// LoadSite reads what is there, in calls that are in flight at once. What could not
// be seen is no error but a gap, and what ends the reading is one, as in [Load]. A
// bucket of another account counts as one that may not be seen.
func LoadSite(ctx context.Context, clients SiteLoadClients, o SiteOptions) (Site, error) {
	s, err := loadSite(ctx, clients, o)
	if err != nil {
		return Site{}, fmt.Errorf("load site %q: %w", o.Bucket, err)
	}
	return s, nil
}

func loadSite(ctx context.Context, clients SiteLoadClients, o SiteOptions) (Site, error) {
	if err := o.check(); err != nil {
		return Site{}, err
	}
	if !o.Public && clients.CloudFront == nil {
		return Site{}, errors.New("no client of CloudFront, and the site is not public")
	}
	s := Site{SiteOptions: o}
	r := siteReader{clients, o}
	objects := make([]groundway.Part[Object], 2)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) { s.Buckets, err = r.bucket(ctx); return err })
	g.Go(func() (err error) { s.PublicAccess, err = r.publicAccess(ctx); return err })
	g.Go(func() (err error) { s.Policies, err = r.policy(ctx); return err })
	for i, path := range []string{oidc.DiscoveryPath, oidc.KeySetPath} {
		g.Go(func() (err error) { objects[i], err = r.object(ctx, strings.TrimPrefix(path, "/")); return err })
	}
	if !o.Public {
		g.Go(func() (err error) { s.Controls, err = r.controls(ctx); return err })
		g.Go(func() (err error) { s.Distributions, err = r.distributions(ctx); return err })
	}
	if err := g.Wait(); err != nil {
		return Site{}, err
	}
	s.Objects = groundway.SeenPart[Object]()
	for _, part := range objects {
		s.Objects.Items = append(s.Objects.Items, part.Items...)
		s.Objects.Gaps = append(s.Objects.Gaps, part.Gaps...)
		s.Objects.Partial = s.Objects.Partial || !part.Seen
	}
	return s, nil
}

type siteReader struct {
	clients SiteLoadClients
	o       SiteOptions
}

// absent returns what a failed call leaves: nothing, which was seen, where the
// error says so.
func absent[T any](ctx context.Context, action string, err error) (groundway.Part[T], error) {
	if ctx.Err() == nil && awserr.Classify(err) == awserr.NotFound {
		return groundway.SeenPart[T](), nil
	}
	return unseen[T](ctx, action, err)
}

func (r siteReader) bucket(ctx context.Context) (groundway.Part[Bucket], error) {
	out, err := r.clients.S3.GetBucketTagging(ctx, &s3sdk.GetBucketTaggingInput{Bucket: &r.o.Bucket, ExpectedBucketOwner: aws.String(string(r.o.Account))})
	if err == nil && out.TagSet == nil {
		err = awserr.ErrNoList
	}
	// S3 says of a bucket without tags that they are not found, which is not to say
	// that the bucket is not.
	if err != nil && ctx.Err() == nil && awserr.Code(err) == "NoSuchTagSet" {
		return groundway.SeenPart(Bucket{Name: r.o.Bucket}), nil
	}
	if err != nil {
		return absent[Bucket](ctx, getBucketTagging, err)
	}
	b := Bucket{Name: r.o.Bucket, Tags: map[string]string{}}
	for _, t := range out.TagSet {
		b.Tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return groundway.SeenPart(b), nil
}

func (r siteReader) publicAccess(ctx context.Context) (groundway.Part[PublicAccess], error) {
	out, err := r.clients.S3.GetPublicAccessBlock(ctx, &s3sdk.GetPublicAccessBlockInput{Bucket: &r.o.Bucket, ExpectedBucketOwner: aws.String(string(r.o.Account))})
	if err == nil && (out.PublicAccessBlockConfiguration == nil || out.PublicAccessBlockConfiguration.BlockPublicAcls == nil) {
		err = awserr.ErrNoList
	}
	if err != nil {
		return absent[PublicAccess](ctx, getPublicAccess, err)
	}
	c := out.PublicAccessBlockConfiguration
	return groundway.SeenPart(PublicAccess{
		aws.ToBool(c.BlockPublicAcls), aws.ToBool(c.IgnorePublicAcls), aws.ToBool(c.BlockPublicPolicy), aws.ToBool(c.RestrictPublicBuckets),
	}), nil
}

func (r siteReader) policy(ctx context.Context) (groundway.Part[BucketPolicy], error) {
	out, err := r.clients.S3.GetBucketPolicy(ctx, &s3sdk.GetBucketPolicyInput{Bucket: &r.o.Bucket, ExpectedBucketOwner: aws.String(string(r.o.Account))})
	if err != nil {
		return absent[BucketPolicy](ctx, getBucketPolicy, err)
	}
	doc, err := iam.Parse(aws.ToString(out.Policy), iam.ParseOptions{})
	if err != nil {
		return unseen[BucketPolicy](ctx, getBucketPolicy, awserr.ErrNoList)
	}
	return groundway.SeenPart(BucketPolicy{doc}), nil
}

// maxDocument is more than a key set may have.
const maxDocument = oidc.MaxKeySetSize + 1

func (r siteReader) object(ctx context.Context, name string) (groundway.Part[Object], error) {
	out, err := r.clients.S3.GetObject(ctx, &s3sdk.GetObjectInput{Bucket: &r.o.Bucket, Key: &name, ExpectedBucketOwner: aws.String(string(r.o.Account))})
	if err != nil {
		return absent[Object](ctx, getObject, err)
	}
	data, err := io.ReadAll(io.LimitReader(out.Body, maxDocument))
	err = cmp.Or(err, out.Body.Close())
	if err == nil && out.ETag == nil {
		err = awserr.ErrNoList
	}
	if err != nil {
		if ctx.Err() == nil && !errors.Is(err, awserr.ErrNoList) {
			return groundway.UnseenPart[Object](groundway.Gap{Action: getObject, Message: "the connection failed"}), nil
		}
		return unseen[Object](ctx, getObject, err)
	}
	return groundway.SeenPart(Object{
		Name: name, ETag: *out.ETag, ContentType: aws.ToString(out.ContentType), CacheControl: aws.ToString(out.CacheControl), Data: string(data),
	}), nil
}

func (r siteReader) controls(ctx context.Context) (groundway.Part[Control], error) {
	part := groundway.SeenPart[Control]()
	pages := cloudfrontsdk.NewListOriginAccessControlsPaginator(r.clients.CloudFront, &cloudfrontsdk.ListOriginAccessControlsInput{})
	for pages.HasMorePages() {
		out, err := pages.NextPage(ctx)
		if err == nil && (out.OriginAccessControlList == nil || out.OriginAccessControlList.Quantity == nil) {
			err = awserr.ErrNoList
		}
		if err != nil {
			return unseen[Control](ctx, listControls, err)
		}
		for _, c := range out.OriginAccessControlList.Items {
			if aws.ToString(c.Name) == r.o.control() {
				part.Items = append(part.Items, Control{aws.ToString(c.Id), *c.Name, signing(string(c.SigningBehavior), string(c.SigningProtocol), string(c.OriginAccessControlOriginType))})
			}
		}
	}
	return part, nil
}

func signing(behavior, protocol, origin string) string {
	return behavior + " " + protocol + " " + origin
}

func (r siteReader) distributions(ctx context.Context) (groundway.Part[Distribution], error) {
	part := groundway.SeenPart[Distribution]()
	pages := cloudfrontsdk.NewListDistributionsPaginator(r.clients.CloudFront, &cloudfrontsdk.ListDistributionsInput{})
	for pages.HasMorePages() {
		out, err := pages.NextPage(ctx)
		if err == nil && (out.DistributionList == nil || out.DistributionList.Quantity == nil) {
			err = awserr.ErrNoList
		}
		if err != nil {
			return unseen[Distribution](ctx, listDistributions, err)
		}
		for _, d := range out.DistributionList.Items {
			if d.Origins == nil {
				continue
			}
			for _, origin := range d.Origins.Items {
				if aws.ToString(origin.DomainName) == r.o.host() {
					part.Items = append(part.Items, Distribution{
						ID: aws.ToString(d.Id), ARN: aws.ToString(d.ARN), Domain: aws.ToString(d.DomainName), Status: aws.ToString(d.Status),
						Enabled: aws.ToBool(d.Enabled), ControlID: aws.ToString(origin.OriginAccessControlId), Path: aws.ToString(origin.OriginPath),
					})
					break
				}
			}
		}
	}
	for i := range part.Items {
		d := &part.Items[i]
		out, err := r.clients.CloudFront.ListTagsForResource(ctx, &cloudfrontsdk.ListTagsForResourceInput{Resource: &d.ARN})
		if err == nil && (out.Tags == nil || out.Tags.Items == nil) {
			err = awserr.ErrNoList
		}
		if err != nil {
			return unseen[Distribution](ctx, listTags, err)
		}
		d.Tags = map[string]string{}
		for _, t := range out.Tags.Items {
			d.Tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
		}
	}
	return part, nil
}
