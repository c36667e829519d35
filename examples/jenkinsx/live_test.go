package main

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/examples/install"
	"github.com/groundway-sdk/groundway/examples/install/installtest"
	preflight "github.com/groundway-sdk/groundway/examples/preflight/cluster"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/resource"
	"github.com/groundway-sdk/groundway/internal/awsfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/ec2fake"
	"github.com/groundway-sdk/groundway/internal/awsfake/iamfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/resourcefake"
	"github.com/groundway-sdk/groundway/internal/awsfake/route53fake"
	"github.com/groundway-sdk/groundway/internal/awsfake/stsfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/taggingfake"
	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/route53"
)

// startAccount serves the built-in account with a change.
func startAccount(t *testing.T, change func(*preflight.Snapshot)) (url string, fake *awsfake.Fake) {
	t.Helper()
	dir, err := fs.Sub(account, "account")
	require.NoError(t, err)
	s, err := preflight.ReadDump(dir)
	require.NoError(t, err)
	change(&s)
	identities := iamfake.From(iam.Snapshot{Observation: s.Observation})
	identities.AddRole("ops", "/", `{"Version": "2012-10-17", "Statement": []}`, nil, nil)
	return installtest.Serve(t, resourcefake.Join([]awsfake.Service{
		ec2fake.New(network.Snapshot{Observation: s.Observation, Parts: s.Network}, ec2fake.Options{KeyPairs: s.SSH}),
		identities.Service(),
		route53fake.New(route53.Snapshot{Observation: s.Observation, Parts: s.DNS}, route53fake.Options{}),
		stsfake.New(s.Account, "arn:aws:iam::111122223333:user/ops", "AIDAEXAMPLE"),
		taggingfake.New(s.Network.LoadBalancerTags),
	}, resourcefake.New(resource.Snapshot{Observation: s.Observation, Parts: s.Resource})...)...)
}

// Where what the plan leads to would not do, nothing of it is done.
func TestApplyStopsAtTheVerdict(t *testing.T) {
	url, fake := startAccount(t, func(s *preflight.Snapshot) {
		s.Resource.Tables, s.Resource.Buckets = groundway.SeenPart[resource.Table](), groundway.SeenPart[resource.Bucket]()
	})
	dir := filepath.Join(t.TempDir(), "assets")
	status, stdout, stderr := at(t, "-spec", "account/cluster.yaml", "-live", "-endpoint-url", url, "-out", dir, "-apply")
	assert.Equal(t, install.StatusBlocked, status)
	assert.Equal(t, "jenkinsx: nothing was written, and nothing was changed: the verdict on what this leads to has 3 errors\n", stderr)
	assert.True(t, strings.HasSuffix(stdout, "\nBlocked by 3 errors.\n"), stdout)
	assert.Equal(t, 1, strings.Count(stdout, "Verdict on what this leads to"))
	assert.NotContains(t, stdout, "autoCreate", "boot is to make nothing")
	assert.NoDirExists(t, dir)
	installtest.NothingIsChanged(t, fake.Calls())
}

// The verdict is said once, on the last plan, and what a round made is no longer said to
// be planned.
func TestApply(t *testing.T) {
	url, fake := startAccount(t, func(*preflight.Snapshot) {})
	dir := filepath.Join(t.TempDir(), "assets")
	args := []string{"-spec", "account/cluster.yaml", "-live", "-endpoint-url", url, "-out", dir, "-apply"}
	status, stdout, stderr := at(t, args...)
	require.Equal(t, install.StatusClear, status, stdout+stderr)
	assert.Contains(t, stderr, "jenkinsx: nothing is left to be changed in the account 111122223333\n")
	assert.Equal(t, 1, strings.Count(stdout, "Verdict on what this leads to"))
	before, after, found := strings.Cut(stdout, "After the zone cluster1.example.com, policies and roles:\n\n")
	require.True(t, found, stdout)
	assert.Contains(t, before, "  + ")
	assert.NotContains(t, after, "  + ")
	assert.Contains(t, after, "  = policy CFNVaultPolicy")

	made := len(fake.Calls())
	status, stdout, stderr = at(t, args...)
	assert.Equal(t, install.StatusClear, status, stderr)
	assert.Equal(t, 1, strings.Count(stdout, "Verdict on what this leads to"))
	assert.NotContains(t, stdout, "  + ")
	installtest.NothingIsChanged(t, fake.Calls()[made:])
}
