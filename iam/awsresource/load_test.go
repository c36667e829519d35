package awsresource_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	stssdk "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam/awsresource"
	"github.com/groundway-sdk/groundway/iam/resource"
	"github.com/groundway-sdk/groundway/iam/resource/resourcetest"
	"github.com/groundway-sdk/groundway/internal/awsfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/resourcefake"
	"github.com/groundway-sdk/groundway/internal/awsfake/stsfake"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func load(t *testing.T, fake *awsfake.Fake, o resource.Options) resource.Snapshot {
	t.Helper()
	s, err := awsresource.Load(t.Context(), awsresource.NewClients(fake.Config()), o, awsresource.LoadOptions{Region: awsfake.Region, Time: time.Unix(0, 0)})
	require.NoError(t, err)
	return s
}

// All calls are made at once, and only then the policies of keys: that every one is
// answered proves it.
func TestOneRoundTrip(t *testing.T) {
	s, o := resourcetest.Account()
	fake := awsfake.New(resourcefake.New(s)...)
	load(t, fake, o)
	first := 0
	for _, c := range fake.Calls() {
		if c.Action != "kms:GetKeyPolicy" {
			first++
		}
	}
	fake = awsfake.New(resourcefake.New(s)...)
	for _, a := range awsresource.Actions() {
		if a != "kms:GetKeyPolicy" {
			fake.Script(a, awsfake.Gather(first))
		}
	}
	var done []int
	_, err := awsresource.Load(t.Context(), awsresource.NewClients(fake.Config()), o, awsresource.LoadOptions{Progress: func(n, total int) {
		done = append(done, n)
		assert.Equal(t, first, total)
	}})
	require.NoError(t, err)
	assert.Len(t, done, first)
	assert.True(t, slices.IsSorted(done))
}

// What is not named is not asked for, and needs no permission.
func TestOnlyWhatIsNamed(t *testing.T) {
	s, _ := resourcetest.Account()
	fake := awsfake.New(resourcefake.New(s)...)
	got := load(t, fake, resource.Options{})
	assert.Empty(t, fake.Calls())
	assert.Equal(t, resource.Parts{}, got.Parts)
	load(t, fake, resource.Options{Vault: &resource.Vault{AutoCreate: true, User: "acmeuser", Table: "vault-data", Bucket: "acme-vault"}})
	assert.Equal(t, []string{"iam:GetUser", "iam:ListAccessKeys", "iam:ListAttachedUserPolicies"}, fake.Actions())
}

// Without a client nothing is seen, and nothing is absent.
func TestNoClients(t *testing.T) {
	_, o := resourcetest.Account()
	s, err := awsresource.Load(t.Context(), awsresource.Clients{}, o, awsresource.LoadOptions{})
	require.NoError(t, err)
	assert.Equal(t, []groundway.Gap{{Action: "kms:DescribeKey", Message: "there is no client of the service"}}, s.Keys.Gaps)
	for _, f := range resource.Check(s, o) {
		assert.NotEqual(t, groundway.Failed, f.Outcome, "%s: %s", f.Code, f.Summary)
	}
}

// 301, 403 and 404 are three answers.
func TestPresence(t *testing.T) {
	s, o := resourcetest.Account()
	s.Buckets = groundway.SeenPart(
		resource.Bucket{Name: "elsewhere", Presence: resource.OtherRegion, Region: "eu-west-1"}, resource.Bucket{Name: "theirs", Presence: resource.Forbidden},
		resource.Bucket{Name: "free", Presence: resource.Absent}, resource.Bucket{Name: "never", Region: "us-west-2", Blocks: "none", Encryption: "none", Versioning: "never"},
	)
	s.OwnBuckets = groundway.SeenPart(resource.OwnBucket{Name: "elsewhere"}, resource.OwnBucket{Name: "never"})
	s.Tables, s.Keys, s.Users, s.Secrets, s.Repositories, s.FileSystems = groundway.SeenPart[resource.Table](), groundway.SeenPart[resource.Key](), groundway.SeenPart[resource.User](),
		groundway.SeenPart[resource.Secret](), groundway.SeenPart[resource.Repository](), groundway.SeenPart[resource.FileSystem]()
	s.Roles = groundway.SeenPart(s.Roles.Items[0])
	o.Buckets = []resource.BucketUse{{Name: "elsewhere"}, {Name: "theirs"}, {Name: "free", Create: true}, {Name: "never"}}
	o.Vault.Bucket = ""
	got := load(t, awsfake.New(resourcefake.New(s)...), o)
	presence := map[string]resource.Presence{}
	for _, b := range got.Buckets.Items {
		presence[b.Name] = b.Presence
	}
	assert.Equal(t, map[string]resource.Presence{"elsewhere": resource.OtherRegion, "theirs": resource.Forbidden, "free": resource.Absent, "never": ""}, presence)
	assert.Contains(t, got.Buckets.Items, resource.Bucket{Name: "elsewhere", Presence: resource.OtherRegion, Region: "eu-west-1"})
	assert.Contains(t, got.Buckets.Items, resource.Bucket{Name: "never", Region: "us-west-2", Blocks: "none", Encryption: "none", Versioning: "never"})
	assert.Equal(t, []groundway.Gap{{Action: "s3:GetBucketLocation", Code: "AccessDenied", Message: `"theirs": the caller is not authorized`}}, got.Buckets.Gaps)
	assert.Equal(t, resource.Absent, got.Tables.Items[0].Presence)
	assert.Equal(t, []resource.Presence{resource.Absent, resource.Absent}, []resource.Presence{got.Keys.Items[0].Presence, got.Keys.Items[1].Presence})
	assert.Equal(t, resource.User{Name: "acmeuser", Presence: resource.Absent}, got.Users.Items[0])
	assert.Equal(t, resource.Absent, got.Secrets.Items[0].Presence)
	assert.Equal(t, resource.Absent, got.Repositories.Items[0].Presence)
	assert.Equal(t, resource.FileSystem{ID: "fs-0a1", Presence: resource.Absent}, got.FileSystems.Items[0])
	assert.Contains(t, got.Roles.Items, resource.Role{Name: "worker_node_role", Presence: resource.Absent})
	assert.Contains(t, got.Roles.Items, resource.Role{Name: "demo-worker-role", Presence: resource.Absent}, "one that could be left")
	for _, p := range []bool{got.Tables.Complete(), got.Keys.Complete(), got.Users.Complete(), got.Secrets.Complete(), got.Repositories.Complete(), got.FileSystems.Complete(), got.Roles.Complete()} {
		assert.True(t, p, "that there is nothing is an answer")
	}
}

// A user whose own call is denied exists where its access keys are shown.
func TestPartsOfOneName(t *testing.T) {
	s, o := resourcetest.Account()
	fake := awsfake.New(resourcefake.New(s)...)
	fake.Script("iam:GetUser", awsfake.Deny())
	fake.Script("iam:ListAttachedUserPolicies", awsfake.Deny())
	got := load(t, fake, o)
	require.Len(t, got.Users.Items, 1)
	assert.Equal(t, "acmeuser", got.Users.Items[0].Name)
	assert.True(t, got.Users.Partial)
	assert.Equal(t, []groundway.Gap{
		{Action: "iam:GetUser", Code: "AccessDenied", Message: `"acmeuser": the caller is not authorized`},
		{Action: "iam:ListAttachedUserPolicies", Code: "AccessDenied", Message: `"acmeuser": the caller is not authorized`},
	}, got.Users.Gaps)
}

// A plus in a policy is one, also of a role whose policy is shown as part of a URL.
func TestTrustWithAPlus(t *testing.T) {
	s, o := resourcetest.Account()
	s.Roles.Items[0].Trust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/a+b"},"Action":"sts:AssumeRole"}]}`
	got := load(t, awsfake.New(resourcefake.New(s)...), o)
	assert.Contains(t, got.Roles.Items, s.Roles.Items[0])
}

// A secret of which the policy is not shown is seen all the same.
func TestSecretPolicy(t *testing.T) {
	s, o := resourcetest.Account()
	fake := awsfake.New(resourcefake.New(s)...)
	fake.Script("secretsmanager:GetResourcePolicy", awsfake.Deny())
	got := load(t, fake, o)
	assert.Equal(t, groundway.Part[resource.Secret]{
		Items: []resource.Secret{{Name: "elastic/agent", ARN: s.Secrets.Items[0].ARN}}, Seen: true, Partial: true,
		Gaps: []groundway.Gap{{Action: "secretsmanager:GetResourcePolicy", Code: "AccessDeniedException", Message: `"elastic/agent": the caller is not authorized`}},
	}, got.Secrets)
	s.Secrets.Items[0].Policy = `{"Version":"2012-10-17","Statement":[]}`
	assert.Equal(t, s.Secrets.Items[0].Policy, load(t, awsfake.New(resourcefake.New(s)...), o).Secrets.Items[0].Policy)
}

// A table of another region is asked for there.
func TestRegions(t *testing.T) {
	s, o := resourcetest.Account()
	o.Vault.TableRegion, o.Vault.KeyRegion = "eu-west-1", "eu-west-2"
	o.KMS.Key = "arn:aws:kms:eu-west-3:111122223333:key/" + resourcetest.KeyID
	regions := map[string]bool{}
	cfg := awsfake.New(resourcefake.New(s)...).Config()
	transport := cfg.HTTPClient.(*http.Client).Transport
	seen := make(chan string, 100)
	cfg.HTTPClient = &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		seen <- r.Header.Get("Authorization")
		return transport.RoundTrip(r)
	})}
	_, err := awsresource.Load(t.Context(), awsresource.NewClients(cfg), o, awsresource.LoadOptions{})
	require.NoError(t, err)
	close(seen)
	for a := range seen {
		for _, r := range []string{"/us-east-1/iam/", "/eu-west-1/dynamodb/", "/eu-west-2/kms/", "/eu-west-3/kms/"} {
			regions[r] = regions[r] || strings.Contains(a, r)
		}
	}
	assert.Equal(t, map[string]bool{"/us-east-1/iam/": true, "/eu-west-1/dynamodb/": true, "/eu-west-2/kms/": true, "/eu-west-3/kms/": true}, regions)
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestHolder(t *testing.T) {
	id := groundway.NewSecret("AKIAIOSFODNN7EXAMPLE")
	for _, tt := range []struct {
		name  string
		fault *awsfake.Fault
		want  groundway.Part[resource.KeyHolder]
		err   string
	}{
		{"the user's", nil, groundway.SeenPart(resource.KeyHolder{Digest: resource.KeyDigest(id.Reveal()), ARN: resourcetest.User}), ""},
		{"no such key", fault(awsfake.Fail(http.StatusForbidden, "InvalidClientTokenId")), groundway.SeenPart(resource.KeyHolder{Digest: resource.KeyDigest(id.Reveal()), Refused: true}), ""},
		{"another secret", fault(awsfake.Fail(http.StatusForbidden, "SignatureDoesNotMatch")), groundway.SeenPart(resource.KeyHolder{Digest: resource.KeyDigest(id.Reveal()), Refused: true}), ""},
		{"no answer", fault(awsfake.Fail(http.StatusInternalServerError, "InternalError")), groundway.UnseenPart[resource.KeyHolder](groundway.Gap{Action: "sts:GetCallerIdentity", Code: "InternalError", Message: "AWS could not answer"}), ""},
		{"an empty answer", fault(awsfake.Garbage("")), groundway.UnseenPart[resource.KeyHolder](groundway.Gap{Action: "sts:GetCallerIdentity", Message: "the answer could not be read"}), ""},
		{"a clock that is wrong", fault(awsfake.Fail(http.StatusForbidden, "RequestExpired")), groundway.Part[resource.KeyHolder]{}, "load key holder: sts:GetCallerIdentity: the credentials do not work (RequestExpired)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			fake := awsfake.New(stsfake.New(resourcetest.AccountID, resourcetest.User, "AIDAEXAMPLE"))
			if tt.fault != nil {
				fake.Script("sts:GetCallerIdentity", *tt.fault)
			}
			got, err := awsresource.Holder(t.Context(), stssdk.NewFromConfig(fake.Config()), id)
			assert.Equal(t, tt.want, got)
			if tt.err == "" {
				require.NoError(t, err)
			} else {
				assert.EqualError(t, err, tt.err)
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := awsresource.Holder(ctx, stssdk.NewFromConfig(awsfake.New(stsfake.New("", "", "")).Config()), id)
	assert.ErrorIs(t, err, context.Canceled)
}

func fault(f awsfake.Fault) *awsfake.Fault { return &f }
