package faulttest_test

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	accountsdk "github.com/aws/aws-sdk-go-v2/service/account"
	cloudfrontsdk "github.com/aws/aws-sdk-go-v2/service/cloudfront"
	iamsdk "github.com/aws/aws-sdk-go-v2/service/iam"
	s3sdk "github.com/aws/aws-sdk-go-v2/service/s3"
	stssdk "github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/identity"
	"github.com/groundway-sdk/groundway/identity/awsidentity"
	"github.com/groundway-sdk/groundway/identity/oidc"
	"github.com/groundway-sdk/groundway/internal/awsfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/callerfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/faulttest"
	"github.com/groundway-sdk/groundway/internal/awsfake/sitefake"
)

var identityRows = []faulttest.Row{
	{
		Name:     "awsidentity.Load",
		Services: callers,
		Call: func(ctx context.Context, cfg aws.Config) (any, error) {
			return awsidentity.Load(ctx, awsidentity.Clients{
				STS: stssdk.NewFromConfig(cfg), Account: accountsdk.NewFromConfig(cfg), IAM: iamsdk.NewFromConfig(cfg),
			}, awsidentity.LoadOptions{Region: awsfake.Region, RoleARN: installer, Credentials: cfg.Credentials, Now: func() time.Time { return time.Unix(1, 0) }})
		},
	},
	{
		Name:     "awsidentity.Assume",
		Services: callers,
		Strict:   true,
		Call: func(ctx context.Context, cfg aws.Config) (any, error) {
			return awsidentity.Assume(ctx, stssdk.NewFromConfig(cfg), identity.Assumption{RoleARN: installer, SessionName: "ops"})
		},
	},
}

const installer = "arn:aws:iam::111122223333:role/installer"

func callers() []awsfake.Service {
	return callerfake.New(identity.CredentialParts{
		Caller:  groundway.SeenPart(identity.Caller{Account: "111122223333", ARN: "arn:aws:iam::111122223333:user/ops", UserID: "AIDAEXAMPLE"}),
		Clock:   groundway.SeenPart(identity.Clock{Service: "sts", AWS: time.Unix(2, 0)}),
		Regions: groundway.SeenPart(identity.RegionStatus{Name: awsfake.Region, Status: "ENABLED_BY_DEFAULT"}),
		Roles: groundway.SeenPart(identity.CallerRole{
			ARN: installer, Trust: iam.MustTrustDocument(iam.TrustPrincipals("arn:aws:iam::111122223333:user/ops")), MaxSession: time.Hour,
		}),
	})
}

var site = awsidentity.SiteOptions{Account: sitefake.Account, Region: awsfake.Region, Bucket: "demo-oidc", Owner: "demo"}

// siteClients reads buckets by their paths, as the fake takes them.
func siteClients(cfg aws.Config) awsidentity.SiteClients {
	return awsidentity.SiteClients{
		S3:         s3sdk.NewFromConfig(cfg, func(o *s3sdk.Options) { o.UsePathStyle = true }),
		CloudFront: cloudfrontsdk.NewFromConfig(cfg),
	}
}

// siteWorld has what makes several pages of every listing, and with a site the
// site.
func siteWorld(with bool) []awsfake.Service {
	w := sitefake.World{Open: true}
	for _, name := range []string{"a", "b", "c"} {
		w.AddControl(name, "always")
		w.AddDistribution(name+".s3.us-east-1.amazonaws.com", "E0000000000001")
	}
	if with {
		w.AddBucket("demo-oidc", sitefake.Account, groundway.OwnerTag, "demo")
		w.SetPolicy("demo-oidc", `{"Version":"2012-10-17","Statement":[{"Sid":"Other","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::demo-oidc/*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}`)
		w.SetObject("demo-oidc", "openid/v1/jwks", "{}")
		w.SetObject("demo-oidc", ".well-known/openid-configuration", "{}")
		w.AddControl("groundway-demo-oidc", "always")
		w.AddDistribution("demo-oidc.s3.us-east-1.amazonaws.com", "E0000000000004", groundway.OwnerTag, "demo")
	}
	return w.Services()
}

var siteRows = []faulttest.Row{
	{
		Name:     "awsidentity.LoadSite",
		Services: func() []awsfake.Service { return siteWorld(true) },
		Call: func(ctx context.Context, cfg aws.Config) (any, error) {
			c := siteClients(cfg)
			return awsidentity.LoadSite(ctx, awsidentity.SiteLoadClients{S3: c.S3, CloudFront: c.CloudFront}, site)
		},
	},
	{
		Name:     "awsidentity.ApplySite",
		Services: func() []awsfake.Service { return siteWorld(false) },
		Strict:   true,
		Call: func(ctx context.Context, cfg aws.Config) (any, error) {
			return awsidentity.ApplySite(ctx, siteClients(cfg), awsidentity.SitePlan{
				Before: emptySite(), Steps: []awsidentity.Step{
					awsidentity.StepBucket, awsidentity.StepTags, awsidentity.StepPublicAccess, awsidentity.StepControl, awsidentity.StepDistribution, awsidentity.StepPolicy,
				},
			})
		},
	},
	{
		Name:     "awsidentity.ApplyDocuments",
		Services: func() []awsfake.Service { return siteWorld(true) },
		Strict:   true,
		Call: func(ctx context.Context, cfg aws.Config) (any, error) {
			return nil, awsidentity.ApplyDocuments(ctx, siteClients(cfg).S3, awsidentity.DocumentPlan{Site: site, Puts: []awsidentity.Put{
				{Document: oidc.Document{Path: "/openid/v1/jwks", ContentType: "application/json", CacheControl: "x", Data: []byte("{} ")}, ETag: `"99914b932bd37a50b983c5e7c90ae93b"`},
				{Document: oidc.Document{Path: "/new", ContentType: "application/json", CacheControl: "x", Data: []byte("{}")}},
			}})
		},
	},
}

// emptySite is the one of an account that has nothing of it.
func emptySite() awsidentity.Site {
	return awsidentity.Site{
		SiteOptions: site,
		Buckets:     groundway.SeenPart[awsidentity.Bucket](), PublicAccess: groundway.SeenPart[awsidentity.PublicAccess](),
		Policies: groundway.SeenPart[awsidentity.BucketPolicy](), Controls: groundway.SeenPart[awsidentity.Control](),
		Distributions: groundway.SeenPart[awsidentity.Distribution](),
	}
}
