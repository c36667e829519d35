package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/examples/preflight/cluster"
	"github.com/groundway-sdk/groundway/iam/resource"
	"github.com/groundway-sdk/groundway/internal/awsfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/ec2fake"
	"github.com/groundway-sdk/groundway/internal/awsfake/resourcefake"
	"github.com/groundway-sdk/groundway/internal/awsfake/stsfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/taggingfake"
	"github.com/groundway-sdk/groundway/network"
)

const caller = "arn:aws:iam::111122223333:user/ops"

// startAccount serves the account of the directory broken, and sets the environment
// in which a person would have credentials for it.
func startAccount(t *testing.T) (url string, fake *awsfake.Fake) {
	t.Helper()
	return serve(t, "broken")
}

// serve does the same with the account of another directory, and with more services.
func serve(t *testing.T, dir string, more ...awsfake.Service) (url string, fake *awsfake.Fake) {
	t.Helper()
	s, err := cluster.ReadSnapshot(dir)
	require.NoError(t, err)
	fake = awsfake.New(append(more, resourcefake.Join([]awsfake.Service{
		ec2fake.New(network.Snapshot{Observation: s.Observation, Parts: s.Network}, ec2fake.Options{KeyPairs: s.SSH}),
		stsfake.New(s.Account, caller, "AIDAEXAMPLE"),
		taggingfake.New(s.Network.LoadBalancerTags),
	}, resourcefake.New(resource.Snapshot{Observation: s.Observation, Parts: s.Resource})...)...)...)
	server := awsfake.Start(fake)
	t.Cleanup(server.Close)
	isolate(t)
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
	t.Setenv("AWS_SESSION_TOKEN", "planted-session-token")
	return server.URL, fake
}

// isolate hides the machine's own credentials.
func isolate(t *testing.T) {
	t.Helper()
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_WEB_IDENTITY_TOKEN_FILE"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Setenv("AWS_MAX_ATTEMPTS", "1")
	missing := filepath.Join(t.TempDir(), "none")
	t.Setenv("AWS_CONFIG_FILE", missing)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", missing)
	t.Setenv("HOME", missing)
}

// Where nothing answers, nothing was checked.
func TestLiveUnreachable(t *testing.T) {
	isolate(t)
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
	status, stdout, stderr := execute("-spec", spec, "-live", "-endpoint-url", "http://127.0.0.1:1")
	assert.Equal(t, statusBroken, status)
	assert.Empty(t, stdout)
	assert.Equal(t, "preflight: load caller: nothing answers in us-west-2: sts:GetCallerIdentity: the connection failed: the endpoint refused it\n", stderr)
}

func TestLive(t *testing.T) {
	url, fake := startAccount(t)
	saved := filepath.Join(t.TempDir(), "saved.json")
	status, live, stderr := execute("-spec", spec, "-live", "-endpoint-url", url, "-save-snapshot", saved)
	assert.Equal(t, statusBlocked, status)
	assert.Empty(t, stderr, "nothing is shown where standard error is no terminal")
	assert.Contains(t, live, "Blocked by 3 errors.")
	assert.Contains(t, live, "network/vpc-dns-hostnames-disabled", "what the account denies is unknown")
	assert.Equal(t, []string{"sts:GetCallerIdentity", "tag:GetResources"}, fake.Actions()[len(fake.Actions())-2:])

	status, again, _ := execute("-spec", spec, "-snapshot", saved)
	assert.Equal(t, statusBlocked, status)
	assert.Equal(t, live, again, "the replay gives the same report")
	data, err := os.ReadFile(saved)
	require.NoError(t, err)
	for _, secret := range []string{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI", "planted-session-token"} {
		assert.NotContains(t, live+string(data), secret)
	}
}

func TestLiveShowsProgress(t *testing.T) {
	url, _ := startAccount(t)
	var stdout, stderr bytes.Buffer
	c := command{stdout: &stdout, stderr: &stderr, env: os.Getenv, progress: true}
	c.run(t.Context(), []string{"-spec", spec, "-live", "-endpoint-url", url})
	assert.Contains(t, stderr.String(), "preflight: us-west-2 in account 111122223333 as "+caller+"\n")
	lines := strings.Split(strings.TrimSpace(stderr.String()), "\r")
	assert.Contains(t, lines[len(lines)-1], "calls answered")
	assert.True(t, strings.HasSuffix(stderr.String(), "\n"), "the cursor does not stay in the line")
}

func TestLiveDenied(t *testing.T) {
	url, fake := startAccount(t)
	fake.Script("ec2:DescribeSubnets", awsfake.Deny())
	_, text, _ := execute("-spec", spec, "-live", "-endpoint-url", url, "-format", "json")
	var report groundway.Report
	require.NoError(t, json.Unmarshal([]byte(text), &report))
	unknown := 0
	for _, f := range report.Findings {
		if f.Outcome == groundway.Unknown && strings.Contains(f.Summary, "ec2:DescribeSubnets") {
			unknown++
			assert.Contains(t, f.Summary, "UnauthorizedOperation")
		}
	}
	assert.Greater(t, unknown, 10)
}

func TestLiveBroken(t *testing.T) {
	url, fake := startAccount(t)
	for _, test := range []struct {
		name   string
		break_ func(t *testing.T)
		want   string
	}{
		{
			"expired", func(*testing.T) { fake.Script("sts:GetCallerIdentity", awsfake.Fail(403, "ExpiredToken").For(1)) },
			"preflight: load caller: sts:GetCallerIdentity: the credentials do not work (ExpiredToken)\n",
		},
		{
			"expired in between", func(*testing.T) { fake.Script("ec2:DescribeVpcs", awsfake.Fail(403, "RequestExpired").For(1)) },
			"preflight: load network of \"vpc-5f2c81d4\": ec2:DescribeVpcs: the credentials do not work (RequestExpired)\n",
		},
		{
			"none", isolate,
			"preflight: load credentials: no source has any that work; set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or sign in with aws sso login\n",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.break_(t)
			status, stdout, stderr := execute("-spec", spec, "-live", "-endpoint-url", url)
			assert.Equal(t, statusBroken, status)
			assert.Empty(t, stdout)
			assert.Equal(t, test.want, stderr)
		})
	}
}

func TestLiveInterrupted(t *testing.T) {
	url, _ := startAccount(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout, stderr bytes.Buffer
	c := command{stdout: &stdout, stderr: &stderr, env: os.Getenv}
	assert.Equal(t, statusBroken, c.run(ctx, []string{"-spec", spec, "-live", "-endpoint-url", url}))
	assert.Contains(t, stderr.String(), "context canceled")
}
