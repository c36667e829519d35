package awsidentity_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/identity"
	"github.com/groundway-sdk/groundway/identity/awsidentity"
	"github.com/groundway-sdk/groundway/identity/awsidentity/awsidentitytest"
	"github.com/groundway-sdk/groundway/identity/oidc"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

const installer = "arn:aws:iam::111122223333:role/team/installer"

func caller() identity.CredentialSnapshot {
	var s identity.CredentialSnapshot
	s.Observation = groundway.Observation{Account: "111122223333", Region: "us-east-1", Time: noon}
	s.Caller = groundway.SeenPart(identity.Caller{Account: "111122223333", ARN: "arn:aws:iam::111122223333:user/ops", UserID: "AIDAEXAMPLE"})
	s.Clock = groundway.SeenPart(identity.Clock{Service: "sts", AWS: noon.Add(-7 * time.Minute), Local: noon})
	s.Regions = groundway.SeenPart(identity.RegionStatus{Name: "us-east-1", Status: "ENABLED_BY_DEFAULT"})
	s.Roles = groundway.SeenPart(identity.CallerRole{
		ARN: installer, Trust: iam.MustTrustDocument(iam.TrustPrincipals("arn:aws:iam::111122223333:user/ops").ExternalID("a+b/c=")), MaxSession: 2 * time.Hour,
	})
	return s
}

func options() awsidentity.LoadOptions {
	return awsidentity.LoadOptions{Region: "us-east-1", RoleARN: installer, Now: func() time.Time { return noon }}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	want := caller()
	clients := awsidentitytest.NewClients(want)
	got, err := awsidentity.Load(t.Context(), clients.Clients, options())
	require.NoError(t, err)
	a, err := json.MarshalIndent(want, "", " ")
	require.NoError(t, err)
	b, err := json.MarshalIndent(got, "", " ")
	require.NoError(t, err)
	assert.Equal(t, string(a), string(b))
	assert.ElementsMatch(t, awsidentity.Actions(), clients.Calls())
	// The clock of the machine is seven minutes fast, by the date of the answer.
	var failed []groundway.Code
	for _, f := range identity.CheckCredentials(got, identity.CredentialOptions{Time: noon, Region: "us-east-1"}) {
		if f.Outcome == groundway.Failed {
			failed = append(failed, f.Code)
		}
	}
	assert.Equal(t, []groundway.Code{"identity/credential-clock-skew"}, failed)

	// When credentials end is kept, and little else of them.
	o := options()
	o.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{
			AccessKeyID: "ASIAIOSFODNN7EXAMPLE", SecretAccessKey: "planted-key", SessionToken: "planted-token", Source: "SSOProvider",
			CanExpire: true, Expires: noon.Add(30*time.Minute + time.Millisecond),
		}, nil
	})
	got, err = awsidentity.Load(t.Context(), clients.Clients, o)
	require.NoError(t, err)
	assert.Equal(t, groundway.SeenPart(identity.Credential{AccessKeyID: "ASIA", Source: "SSOProvider", Expires: noon.Add(30 * time.Minute), Renews: true}), got.Credential)
	o.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{}, errors.New("planted-key")
	})
	_, err = awsidentity.Load(t.Context(), clients.Clients, o)
	assert.EqualError(t, err, "load caller: the credentials cannot be loaded")

	// What is not asked is unseen, and so is what is denied.
	got, err = awsidentity.Load(t.Context(), awsidentity.Clients{STS: clients.STS}, awsidentity.LoadOptions{})
	require.NoError(t, err)
	assert.True(t, got.Caller.Seen)
	assert.False(t, got.Regions.Seen || got.Roles.Seen)
	assert.WithinDuration(t, time.Now(), got.Time, time.Minute)
	got, err = awsidentity.Load(t.Context(), awsidentitytest.NewClients(want).Deny("iam:GetRole").Throttle("account:GetRegionOptStatus").Clients, options())
	require.NoError(t, err)
	assert.Equal(t, []groundway.Gap{{Action: "iam:GetRole", Code: "AccessDenied", Message: "the caller is not authorized"}}, got.Roles.Gaps)
	assert.Equal(t, "AWS throttled the call until the retries were used up", got.Regions.Gaps[0].Message)

	// A role that does not exist is seen, and a region that AWS does not know too.
	none := caller()
	none.Roles, none.Regions, none.Clock = groundway.SeenPart[identity.CallerRole](), groundway.SeenPart[identity.RegionStatus](), groundway.Part[identity.Clock]{}
	got, err = awsidentity.Load(t.Context(), awsidentitytest.NewClients(none).Clients, options())
	require.NoError(t, err)
	assert.True(t, got.Roles.Complete())
	assert.Empty(t, got.Roles.Items)
	assert.Equal(t, "UNKNOWN", got.Regions.Items[0].Status)
	assert.Equal(t, []groundway.Gap{{Action: "sts:GetCallerIdentity", Message: "the answer has no date"}}, got.Clock.Gaps)

	// One of another path is another role.
	o = options()
	o.RoleARN = "arn:aws:iam::111122223333:role/installer"
	other := caller()
	other.Roles.Items[0].ARN = "arn:aws:iam::111122223333:role/installer2"
	got, err = awsidentity.Load(t.Context(), awsidentitytest.NewClients(other).Clients, o)
	require.NoError(t, err)
	assert.Empty(t, got.Roles.Items)

	o.RoleARN = "installer"
	_, err = awsidentity.Load(t.Context(), clients.Clients, o)
	assert.EqualError(t, err, `load caller: role "installer": want arn:PARTITION:iam::ACCOUNT:role/NAME`)
}

func TestAssume(t *testing.T) {
	t.Parallel()
	clients := awsidentitytest.NewClients(caller())
	s, err := awsidentity.Assume(t.Context(), clients.Assume, identity.Assumption{
		RoleARN: installer, SessionName: "ops", Duration: 2 * time.Hour, ExternalID: "groundway-7", MFASerial: "arn:aws:iam::111122223333:mfa/ops", TokenCode: groundway.NewSecret("123456"),
	})
	require.NoError(t, err)
	assert.Equal(t, "arn:aws:sts::111122223333:assumed-role/installer/ops", s.ARN)
	assert.Equal(t, noon.Add(113*time.Minute), s.Expires)
	c, err := s.Retrieve(t.Context())
	require.NoError(t, err)
	assert.True(t, c.CanExpire && c.SessionToken != "" && c.Expires.Equal(s.Expires))
	for _, secret := range []string{c.SecretAccessKey, c.SessionToken} {
		assert.NotContains(t, fmt.Sprintf("%v %+v %#v", s, s, s), secret)
		text, err := json.Marshal(s)
		require.NoError(t, err)
		assert.NotContains(t, string(text), secret)
	}
	_, err = awsidentity.Session{}.Retrieve(t.Context())
	assert.EqualError(t, err, "the session is none of Assume")

	for _, test := range []struct {
		a    identity.Assumption
		want string
	}{
		{identity.Assumption{RoleARN: installer, SessionName: "x"}, `role session name "x"`},
		{identity.Assumption{RoleARN: installer, SessionName: "ops", Duration: time.Minute}, "duration 1m0s: want 15 minutes to 12 hours"},
		{identity.Assumption{RoleARN: installer, SessionName: "ops", ExternalID: "x"}, "external ID"},
		{identity.Assumption{RoleARN: installer, SessionName: "ops", Duration: 3 * time.Hour}, "sts:AssumeRole: AWS refused the call (ValidationError)"},
		{identity.Assumption{RoleARN: "arn:aws:iam::111122223333:role/other", SessionName: "ops"}, "sts:AssumeRole: the caller is not authorized (AccessDenied)"},
	} {
		before := len(clients.Calls())
		_, err := awsidentity.Assume(t.Context(), clients.Assume, test.a)
		require.Error(t, err)
		assert.Contains(t, err.Error(), test.want)
		assert.Equal(t, strings.Contains(test.want, "sts:"), len(clients.Calls()) > before)
	}
}

var site = awsidentity.SiteOptions{Account: awsidentitytest.Account, Region: awsidentitytest.Region, Bucket: "demo-oidc", Owner: "demo"}

func load(t testing.TB, s *awsidentitytest.Site, o awsidentity.SiteOptions) awsidentity.Site {
	t.Helper()
	got, err := awsidentity.LoadSite(t.Context(), awsidentity.SiteLoadClients{S3: s.S3, CloudFront: s.CloudFront}, o)
	require.NoError(t, err)
	return got
}

func planSite(t testing.TB, s awsidentity.Site) awsidentity.SitePlan {
	t.Helper()
	p, err := awsidentity.PlanSite(s)
	require.NoError(t, err)
	return p
}

func keySet(t testing.TB) (oidc.KeySet, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	set, err := oidc.NewKeySet(key.Public())
	require.NoError(t, err)
	return set, set.Keys[0].ID
}

func TestPublish(t *testing.T) {
	t.Parallel()
	for _, public := range []bool{false, true} {
		t.Run(fmt.Sprint("public ", public), func(t *testing.T) {
			t.Parallel()
			account := awsidentitytest.NewSite()
			o := site
			o.Public = public
			before := load(t, account, o)
			assert.Equal(t, public, before.Issuer() != "", "a bucket's issuer is known beforehand")
			plan := planSite(t, before)
			if public {
				assert.Equal(t, "+ bucket demo-oidc in us-east-1\n+   tag \"groundway:owner\" = \"demo\"\n+   public access by its policy\n+ policy of demo-oidc: read by everybody, the two documents\n= issuer https://demo-oidc.s3.us-east-1.amazonaws.com\n", plan.String())
			} else {
				assert.Equal(t, "+ bucket demo-oidc in us-east-1\n+   tag \"groundway:owner\" = \"demo\"\n+   no public access\n+ origin access control groundway-demo-oidc\n+ distribution of demo-oidc.s3.us-east-1.amazonaws.com\n+ policy of demo-oidc: read by the distribution\n", plan.String())
			}
			made, err := awsidentity.ApplySite(t.Context(), account.SiteClients, plan)
			require.NoError(t, err)
			require.NotEmpty(t, made.Issuer())

			// What was made is what is there, and a second plan is empty.
			there := load(t, account, o)
			assert.Equal(t, made.Issuer(), there.Issuer())
			again := planSite(t, there)
			assert.True(t, again.Empty(), again.String())
			calls := len(account.Calls())
			_, err = awsidentity.ApplySite(t.Context(), account.SiteClients, again)
			require.NoError(t, err)
			assert.Len(t, account.Calls(), calls, "an empty plan calls nothing")

			// Nobody but the distribution, or with a public bucket everybody, reads it.
			policy := iam.MustParse(account.Policy("demo-oidc"))
			authorizer := iam.MustCompile(iam.Policies{Resource: policy})
			for _, who := range []string{"*", "cloudfront.amazonaws.com"} {
				for _, from := range []string{"arn:aws:cloudfront::111122223333:distribution/EDFDVBD000001", "arn:aws:cloudfront::444455556666:distribution/E"} {
					d, err := authorizer.Authorize(iam.Request{
						Principal: who, Action: "s3:GetObject", Resource: "arn:aws:s3:::demo-oidc/openid/v1/jwks", ResourceAccount: "111122223333",
						Context: iam.Context{"aws:SourceArn": {from}},
					})
					require.NoError(t, err)
					want := public || who == "cloudfront.amazonaws.com" && strings.Contains(from, "111122223333")
					assert.Equal(t, want, d.Verdict == iam.Allowed, "%s from %s", who, from)
				}
			}

			// The documents, once and once more, and then with another key.
			keys, signs := keySet(t)
			docs, err := oidc.NewDocuments(made.Issuer(), keys)
			require.NoError(t, err)
			puts := awsidentity.PlanDocuments(there, docs, signs)
			require.Empty(t, puts.Blocked)
			assert.Equal(t, "/openid/v1/jwks", puts.Puts[0].Path, "the keys first")
			require.NoError(t, awsidentity.ApplyDocuments(t.Context(), account.S3, puts))
			data, kind, cache, ok := account.Object("demo-oidc", ".well-known/openid-configuration")
			assert.True(t, ok)
			assert.Equal(t, string(docs.Discovery.Bytes()), data)
			assert.Equal(t, "application/json", kind)
			assert.Equal(t, "public, max-age=300", cache)
			there = load(t, account, o)
			assert.True(t, awsidentity.PlanDocuments(there, docs, signs).Empty())

			next, nextID := keySet(t)
			next.Keys = append(slices.Clone(keys.Keys), next.Keys...)
			docs, err = oidc.NewDocuments(made.Issuer(), next)
			require.NoError(t, err)
			puts = awsidentity.PlanDocuments(there, docs, signs)
			require.Len(t, puts.Puts, 1)
			assert.True(t, strings.HasPrefix(puts.String(), "~ s3://demo-oidc/openid/v1/jwks ("), puts.String())
			assert.Equal(t, fmt.Sprintf("the key set does not have %q, by which tokens are signed", nextID), func() string {
				old, err := oidc.NewDocuments(made.Issuer(), keys)
				require.NoError(t, err)
				return awsidentity.PlanDocuments(there, old, nextID).Blocked
			}())
			account.SetObject("demo-oidc", "openid/v1/jwks", "{}")
			err = awsidentity.ApplyDocuments(t.Context(), account.S3, puts)
			require.ErrorIs(t, err, awsidentity.ErrChanged)
			assert.EqualError(t, err, `publish documents to "demo-oidc": the account changed since the plan: /openid/v1/jwks`)
			data, _, _, _ = account.Object("demo-oidc", "openid/v1/jwks")
			assert.Equal(t, "{}", data, "what somebody else wrote stays")
			require.NoError(t, awsidentity.ApplyDocuments(t.Context(), account.S3, awsidentity.PlanDocuments(load(t, account, o), docs, signs)))
		})
	}
}

const foreign = `{"Version":"2012-10-17","Statement":[{"Sid":"TLS","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::demo-oidc/*","Condition":{"Bool":{"aws:SecureTransport":"false"}}},{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/audit"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::demo-oidc/*"}]}`

func TestSitePlans(t *testing.T) {
	t.Parallel()
	const host, control = "demo-oidc.s3.us-east-1.amazonaws.com", "groundway-demo-oidc"
	for _, test := range []struct {
		name    string
		make    func(s *awsidentitytest.Site)
		blocked string
		plan    string
	}{
		{name: "the bucket of another cluster", make: func(s *awsidentitytest.Site) {
			s.AddBucket("demo-oidc", awsidentitytest.Account, groundway.OwnerTag, "other")
		}, blocked: `the bucket is there, and its tag groundway:owner is "other", want "demo"`},
		{name: "a bucket without tags", make: func(s *awsidentitytest.Site) { s.AddBucket("demo-oidc", awsidentitytest.Account) }, blocked: `the bucket is there, and its tag groundway:owner is "", want "demo"`},
		{name: "the bucket of another account", make: func(s *awsidentitytest.Site) {
			s.AddBucket("demo-oidc", "444455556666", groundway.OwnerTag, "demo")
		}, blocked: "it could not be seen what is there: s3:GetBucketTagging: the caller is not authorized"},
		{name: "a policy of others", make: func(s *awsidentitytest.Site) {
			s.AddBucket("demo-oidc", awsidentitytest.Account, groundway.OwnerTag, "demo")
			s.SetPolicy("demo-oidc", foreign)
		}, plan: "+ origin access control groundway-demo-oidc\n+ distribution of " + host + "\n+ policy of demo-oidc: read by the distribution\n= policy of demo-oidc: \"TLS\"\n= policy of demo-oidc: \"statement 2\"\n"},
		{name: "a control that never signs", make: func(s *awsidentitytest.Site) { s.AddControl(control, "never") }, blocked: `the origin access control E0000000000001 signs "never sigv4 s3", want "always sigv4 s3"`},
		{name: "somebody's distribution", make: func(s *awsidentitytest.Site) {
			s.AddControl(control, "always")
			s.AddDistribution(host, "E0000000000001")
		}, blocked: `the distribution EDFDVBD000001 has the bucket for an origin, and its tag groundway:owner is "", want "demo"`},
		{name: "two distributions", make: func(s *awsidentitytest.Site) {
			s.AddDistribution(host, "")
			s.AddDistribution(host, "")
		}, blocked: "2 distributions have the bucket for an origin, and one is the issuer"},
		{name: "a disabled distribution", make: func(s *awsidentitytest.Site) {
			s.AddControl(control, "always")
			s.AddDistribution(host, "E0000000000001", groundway.OwnerTag, "demo")
			s.SetEnabled(false)
		}, blocked: "the distribution EDFDVBD000001 is disabled"},
		{name: "a distribution that does not sign", make: func(s *awsidentitytest.Site) {
			s.AddControl(control, "always")
			s.AddDistribution(host, "", groundway.OwnerTag, "demo")
		}, blocked: "the distribution EDFDVBD000001 does not sign its requests by groundway-demo-oidc"},
		{name: "distributions that may not be listed", make: func(s *awsidentitytest.Site) { s.Deny("cloudfront:ListDistributions") }, blocked: "it could not be seen what is there: cloudfront:ListDistributions: the caller is not authorized"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			account := awsidentitytest.NewSite()
			test.make(account)
			p := planSite(t, load(t, account, site))
			assert.Equal(t, test.blocked, p.Blocked)
			if test.blocked == "" {
				assert.Equal(t, test.plan, p.String())
				made, err := awsidentity.ApplySite(t.Context(), account.SiteClients, p)
				require.NoError(t, err)
				assert.True(t, planSite(t, load(t, account, site)).Empty())
				assert.Contains(t, account.Policy("demo-oidc"), `"TLS"`)
				assert.Contains(t, account.Policy("demo-oidc"), "role/audit")
				assert.NotEmpty(t, made.Issuer())
				return
			}
			assert.Equal(t, "! demo-oidc: "+test.blocked+"\n", p.String())
			calls := len(account.Calls())
			_, err := awsidentity.ApplySite(t.Context(), account.SiteClients, p)
			require.ErrorIs(t, err, awsidentity.ErrBlocked)
			assert.Len(t, account.Calls(), calls)
		})
	}
	p, err := awsidentity.PlanSite(awsidentity.Site{SiteOptions: site})
	require.NoError(t, err)
	assert.Equal(t, "it was not seen what is there", p.Blocked)
	for want, o := range map[string]awsidentity.SiteOptions{
		`plan site "demo-oidc": account "": want 12 digits`:                                                               {Region: "us-east-1", Bucket: "demo-oidc"},
		`plan site "demo.oidc": issuer in bucket "demo.oidc": its name has a dot, so that no certificate covers its host`: {Account: "111122223333", Region: "us-east-1", Bucket: "demo.oidc"},
	} {
		_, err := awsidentity.PlanSite(awsidentity.Site{SiteOptions: o})
		assert.EqualError(t, err, want)
	}
	_, err = awsidentity.LoadSite(t.Context(), awsidentity.SiteLoadClients{}, site)
	assert.EqualError(t, err, `load site "demo-oidc": no client of CloudFront, and the site is not public`)
}

// An apply that stops at any call is carried on by the next one.
func TestInterruptedApplies(t *testing.T) {
	t.Parallel()
	for _, action := range []string{"s3:CreateBucket", "s3:PutBucketTagging", "s3:PutBucketPublicAccessBlock", "cloudfront:CreateOriginAccessControl", "cloudfront:CreateDistribution", "s3:PutBucketPolicy"} {
		account := awsidentitytest.NewSite()
		plan := planSite(t, load(t, account, site))
		_, err := awsidentity.ApplySite(t.Context(), account.Deny(action).SiteClients, plan)
		require.Error(t, err, action)
		assert.Contains(t, err.Error(), action)
		account.Recover()
		if untagged, ok := errors.AsType[*awsidentity.UntaggedError](err); ok {
			assert.Equal(t, "s3:PutBucketTagging", action)
			assert.Contains(t, err.Error(), "aws s3api put-bucket-tagging --bucket demo-oidc --tagging '{\"TagSet\":[{\"Key\":\"groundway:owner\",\"Value\":\"demo\"}]}'")
			assert.Equal(t, "demo-oidc", untagged.Bucket)
			continue // the person who reads it has to
		}
		_, err = awsidentity.ApplySite(t.Context(), account.SiteClients, planSite(t, load(t, account, site)))
		require.NoError(t, err, action)
		assert.True(t, planSite(t, load(t, account, site)).Empty(), action)
		// The first plan is out of date.
		if action != "s3:CreateBucket" {
			_, err = awsidentity.ApplySite(t.Context(), account.SiteClients, plan)
			assert.ErrorIs(t, err, awsidentity.ErrChanged)
		}
	}
}

func TestDocumentsBlocked(t *testing.T) {
	t.Parallel()
	account := awsidentitytest.NewSite()
	keys, signs := keySet(t)
	docs, err := oidc.NewDocuments("https://oidc.example.com", keys)
	require.NoError(t, err)
	assert.Equal(t, "there is no bucket", awsidentity.PlanDocuments(load(t, account, site), docs, signs).Blocked)
	account.AddBucket("demo-oidc", awsidentitytest.Account)
	assert.Equal(t, `the tag groundway:owner of the bucket is not "demo"`, awsidentity.PlanDocuments(load(t, account, site), docs, signs).Blocked)
	account = awsidentitytest.NewSite()
	account.AddBucket("demo-oidc", awsidentitytest.Account, groundway.OwnerTag, "demo")
	assert.Equal(t, "the site has no issuer", awsidentity.PlanDocuments(load(t, account, site), docs, signs).Blocked)
	public := site
	public.Public = true
	p := awsidentity.PlanDocuments(load(t, account, public), docs, signs)
	assert.Equal(t, `the documents are of the issuer "https://oidc.example.com", and the site is "https://demo-oidc.s3.us-east-1.amazonaws.com"`, p.Blocked)
	assert.ErrorIs(t, awsidentity.ApplyDocuments(t.Context(), account.S3, p), awsidentity.ErrBlocked)
	p = awsidentity.PlanDocuments(load(t, account.Deny("s3:GetObject"), public), docs, signs)
	denied := awsidentity.PlanDocuments(load(t, awsidentitytest.NewSite().Deny("s3:GetBucketTagging"), public), docs, signs)
	assert.Equal(t, "it could not be seen what is there: s3:GetBucketTagging: the caller is not authorized", denied.Blocked)
	assert.Contains(t, p.Blocked, "it could not be seen which documents are there: s3:GetObject: the caller is not authorized")
	assert.False(t, p.Empty())
}

func TestActions(t *testing.T) {
	t.Parallel()
	for _, list := range [][]string{awsidentity.Actions(), awsidentity.SiteActions(), awsidentity.ApplyActions()} {
		assert.True(t, slices.IsSorted(list))
	}
	assert.Panics(t, func() { awsidentitytest.NewSite().Deny("s3:DeleteBucket") })
	assert.Panics(t, func() { awsidentitytest.NewClients(caller()).Deny("sts:GetSessionToken") })
}

// Publish the documents of an issuer in an account that has nothing of it.
func ExampleApplySite() {
	account := awsidentitytest.NewSite() // or the SDK's clients
	ctx := context.Background()
	options := awsidentity.SiteOptions{Account: awsidentitytest.Account, Region: awsidentitytest.Region, Bucket: "demo-oidc", Owner: "demo"}
	site, err := awsidentity.LoadSite(ctx, awsidentity.SiteLoadClients{S3: account.S3, CloudFront: account.CloudFront}, options)
	if err != nil {
		log.Fatal(err)
	}
	plan, err := awsidentity.PlanSite(site)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(plan)
	site, err = awsidentity.ApplySite(ctx, account.SiteClients, plan)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(site.Issuer())
	// Output:
	// + bucket demo-oidc in us-east-1
	// +   tag "groundway:owner" = "demo"
	// +   no public access
	// + origin access control groundway-demo-oidc
	// + distribution of demo-oidc.s3.us-east-1.amazonaws.com
	// + policy of demo-oidc: read by the distribution
	// https://d0000000000001.cloudfront.net
}

// What a person copies runs as it stands, whatever the owner is called.
func TestUntaggedErrorIsHarmless(t *testing.T) {
	t.Parallel()
	err := &awsidentity.UntaggedError{Bucket: "demo-oidc", Owner: "it's $(rm -rf ~), \x1b[31m", Err: errors.New("cut")}
	assert.EqualError(t, err, "the bucket demo-oidc was made and its tag was not: cut; give it with: aws s3api put-bucket-tagging --bucket demo-oidc --tagging "+
		`'{"TagSet":[{"Key":"groundway:owner","Value":"it'\''s $(rm -rf ~), \u001b[31m"}]}'`)
}
