package aws_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	accountsdk "github.com/aws/aws-sdk-go-v2/service/account"
	cloudfrontsdk "github.com/aws/aws-sdk-go-v2/service/cloudfront"
	iamsdk "github.com/aws/aws-sdk-go-v2/service/iam"
	s3sdk "github.com/aws/aws-sdk-go-v2/service/s3"
	stssdk "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/identity"
	"github.com/groundway-sdk/groundway/identity/awsidentity"
	"github.com/groundway-sdk/groundway/identity/oidc"
	"github.com/groundway-sdk/groundway/pki"
)

// motoAccount is the account that moto answers for.
const motoAccount = "123456789012"

// A user of moto assumes a role, and is somebody else then. Whom the role trusts
// moto does not ask, and so is not asserted here.
func TestCallerAndRole(t *testing.T) {
	cfg := configOf(startMoto(t))
	roles := iamsdk.NewFromConfig(cfg)
	_, err := roles.CreateUser(t.Context(), &iamsdk.CreateUserInput{UserName: aws.String("ops")})
	require.NoError(t, err)
	key, err := roles.CreateAccessKey(t.Context(), &iamsdk.CreateAccessKeyInput{UserName: aws.String("ops")})
	require.NoError(t, err)
	cfg.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: *key.AccessKey.AccessKeyId, SecretAccessKey: *key.AccessKey.SecretAccessKey}, nil
	})
	trust := iam.MustTrustDocument(iam.TrustAccountRoot(motoAccount).ExternalID("groundway-7"))
	_, err = roles.CreateRole(t.Context(), &iamsdk.CreateRoleInput{
		RoleName: aws.String("installer"), AssumeRolePolicyDocument: aws.String(trust.String()), MaxSessionDuration: aws.Int32(7200),
	})
	require.NoError(t, err)
	const role = "arn:aws:iam::" + motoAccount + ":role/installer"
	clients := awsidentity.Clients{STS: stssdk.NewFromConfig(cfg), Account: accountsdk.NewFromConfig(cfg), IAM: roles}
	s, err := awsidentity.Load(t.Context(), clients, awsidentity.LoadOptions{Region: "us-east-1", RoleARN: role})
	require.NoError(t, err)
	assert.Equal(t, identity.Caller{Account: motoAccount, ARN: "arn:aws:iam::" + motoAccount + ":user/ops", UserID: s.Caller.Items[0].UserID}, s.Caller.Items[0])
	require.Len(t, s.Clock.Items, 1)
	assert.Less(t, s.Clock.Items[0].Skew().Abs(), 10*time.Second, "moto runs on the same clock")
	require.Len(t, s.Roles.Items, 1)
	assert.True(t, iam.Equal(trust, s.Roles.Items[0].Trust))
	assert.Equal(t, 2*time.Hour, s.Roles.Items[0].MaxSession)

	plan := identity.Assumption{RoleARN: role, SessionName: "ops", Duration: time.Hour}
	failed := func() (codes []string) {
		for _, f := range identity.CheckCredentials(s, identity.CredentialOptions{Time: time.Now(), Run: 30 * time.Minute, Assume: &plan}) {
			if f.Outcome == groundway.Failed {
				codes = append(codes, string(f.Code))
			}
		}
		return codes
	}
	assert.Equal(t, []string{"identity/credential-external-id"}, failed())
	plan.ExternalID = "groundway-7"
	assert.Empty(t, failed())

	session, err := awsidentity.Assume(t.Context(), stssdk.NewFromConfig(cfg), plan)
	require.NoError(t, err)
	assert.WithinDuration(t, time.Now().Add(time.Hour), session.Expires, 10*time.Second)
	cfg.Credentials = session
	s, err = awsidentity.Load(t.Context(), awsidentity.Clients{STS: stssdk.NewFromConfig(cfg)}, awsidentity.LoadOptions{})
	require.NoError(t, err)
	assert.True(t, s.Caller.Items[0].IsSession())
	assert.Equal(t, session.ARN, s.Caller.Items[0].ARN)

	s, err = awsidentity.Load(t.Context(), clients, awsidentity.LoadOptions{RoleARN: role + "2"})
	require.NoError(t, err)
	assert.True(t, s.Roles.Complete())
	assert.Empty(t, s.Roles.Items)
}

// An issuer is published in moto's S3, by CloudFront and by the bucket itself. Moto
// lets anybody write over anything, so that conditions are asserted against the
// fake alone.
func TestIssuerDocuments(t *testing.T) {
	endpoint := startMoto(t)
	cfg := configOf(endpoint)
	clients := awsidentity.SiteClients{
		S3:         s3sdk.NewFromConfig(cfg, func(o *s3sdk.Options) { o.UsePathStyle = true }),
		CloudFront: cloudfrontsdk.NewFromConfig(cfg),
	}
	for _, o := range []awsidentity.SiteOptions{
		{Account: motoAccount, Region: "us-east-1", Bucket: "demo-oidc", Owner: "demo"},
		{Account: motoAccount, Region: "us-east-1", Bucket: "demo-public", Owner: "demo", Public: true},
	} {
		t.Run(o.Bucket, func(t *testing.T) {
			load := func() awsidentity.Site {
				t.Helper()
				s, err := awsidentity.LoadSite(t.Context(), awsidentity.SiteLoadClients{S3: clients.S3, CloudFront: clients.CloudFront}, o)
				require.NoError(t, err)
				return s
			}
			plan, err := awsidentity.PlanSite(load())
			require.NoError(t, err)
			require.Empty(t, plan.Blocked)
			made, err := awsidentity.ApplySite(t.Context(), clients, plan)
			require.NoError(t, err)
			require.NotEmpty(t, made.Issuer())
			site := load()
			// Moto's list of distributions shows no origins, so that none is found again.
			assert.Empty(t, site.Distributions.Items)
			site.Distributions = made.Distributions
			assert.Equal(t, made.Issuer(), site.Issuer())
			again, err := awsidentity.PlanSite(site)
			require.NoError(t, err)
			assert.True(t, again.Empty(), again.String())

			key, err := pki.GenerateKey(pki.ECDSAP256)
			require.NoError(t, err)
			keys, err := oidc.NewKeySet(key.Public())
			require.NoError(t, err)
			docs, err := oidc.NewDocuments(site.Issuer(), keys)
			require.NoError(t, err)
			puts := awsidentity.PlanDocuments(site, docs, keys.Keys[0].ID)
			require.Len(t, puts.Puts, 2)
			require.NoError(t, awsidentity.ApplyDocuments(t.Context(), clients.S3, puts))
			site = load()
			site.Distributions = made.Distributions
			assert.True(t, awsidentity.PlanDocuments(site, docs, keys.Keys[0].ID).Empty())

			// As anybody reads them, with the headers that verifiers go by.
			response, err := http.Get(endpoint + "/" + o.Bucket + oidc.KeySetPath)
			require.NoError(t, err)
			require.NoError(t, response.Body.Close())
			assert.Equal(t, "application/json", response.Header.Get("Content-Type"))
			assert.True(t, strings.Contains(response.Header.Get("Cache-Control"), "max-age=300"))
			for _, object := range site.Objects.Items {
				if "/"+object.Name == oidc.KeySetPath {
					read, err := oidc.ParseKeySet([]byte(object.Data))
					require.NoError(t, err)
					assert.Equal(t, keys.IDs(), read.IDs())
				}
			}
		})
	}
}
