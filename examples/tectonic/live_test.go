package main

import (
	"io/fs"
	"os"
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
	"github.com/groundway-sdk/groundway/internal/awsfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/ec2fake"
	"github.com/groundway-sdk/groundway/internal/awsfake/iamfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/route53fake"
	"github.com/groundway-sdk/groundway/internal/awsfake/stsfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/taggingfake"
	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/route53"
)

// startAccount serves the built-in account.
func startAccount(t *testing.T) (url string, fake *awsfake.Fake) {
	t.Helper()
	dir, err := fs.Sub(account, "account")
	require.NoError(t, err)
	s, err := preflight.ReadDump(dir)
	require.NoError(t, err)
	s.Network.DNSSupport, s.Network.DNSHostnames = groundway.SeenPart[network.DNSAttribute](), groundway.SeenPart[network.DNSAttribute]()
	identities := iamfake.From(iam.Snapshot{Observation: s.Observation})
	identities.AddUser("ops", "/", nil) // a trust policy names nobody who does not exist
	return installtest.Serve(t,
		ec2fake.New(network.Snapshot{Observation: s.Observation, Parts: s.Network}, ec2fake.Options{KeyPairs: s.SSH}),
		identities.Service(),
		route53fake.New(route53.Snapshot{Observation: s.Observation, Parts: s.DNS}, route53fake.Options{}),
		stsfake.New(s.Account, "arn:aws:iam::111122223333:user/ops", "AIDAEXAMPLE"),
		taggingfake.New(s.Network.LoadBalancerTags),
	)
}

// What stops on the way is gone on with by the next run, which makes nothing twice.
func TestApplyInterrupted(t *testing.T) {
	url, fake := startAccount(t)
	dir := filepath.Join(t.TempDir(), "assets")
	args := []string{"-spec", "account/cluster.yaml", "-live", "-endpoint-url", url, "-out", dir, "-apply"}

	fake.Script("ec2:ImportKeyPair", awsfake.Deny().For(1))
	status, stdout, stderr := at(t, noon, args...)
	assert.Equal(t, install.StatusBroken, status)
	assert.Contains(t, stderr, "tectonic: 1 of 2: the VPC 10.0.0.0/16: 14 things made in vpc-")
	assert.Contains(t, stderr, "tectonic: 2 of 2: the key pair ops: ")
	assert.NotContains(t, stderr, "nothing is left")
	said := stdout + stderr
	before := installtest.Tree(t, dir)

	fake.Script("iam:CreateRole", awsfake.Deny().For(1))
	status, stdout, stderr = at(t, noon, args...)
	assert.Equal(t, install.StatusBroken, status)
	assert.NotContains(t, stderr, "the VPC 10.0.0.0/16")
	assert.Contains(t, stderr, "iam:CreateRole")
	said += stdout + stderr

	status, stdout, stderr = at(t, noon, args...)
	assert.Equal(t, install.StatusClear, status, stderr)
	assert.Contains(t, stderr, "tectonic: nothing is left to be changed in the account 111122223333\n")
	said += stdout + stderr
	after := installtest.Tree(t, dir)
	for name, f := range before {
		assert.Equal(t, f, after[name], name)
	}
	assert.Len(t, after, len(before)+4, "the policies have waited for the VPC")

	made := map[string]int{}
	for _, call := range fake.Calls() {
		made[call.Action]++
	}
	for action, times := range map[string]int{"ec2:CreateVpc": 1, "ec2:CreateSubnet": 4, "ec2:ImportKeyPair": 2, "iam:CreateRole": 2, "iam:CreatePolicy": 2} {
		assert.Equal(t, times, made[action], action)
	}
	for _, secret := range []string{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI", "planted-session-token", "PRIVATE KEY"} {
		assert.NotContains(t, said, secret)
	}
}

// A key that is kept nowhere is not given to AWS.
func TestApplyWithoutFiles(t *testing.T) {
	url, fake := startAccount(t)
	status, _, stderr := at(t, noon, "-spec", "account/cluster.yaml", "-live", "-endpoint-url", url, "-apply")
	assert.Equal(t, install.StatusBlocked, status)
	assert.Equal(t, "tectonic: a new key that is kept nowhere would be lost: want -out, or ssh.publicKey in the spec\n", stderr)
	installtest.NothingIsChanged(t, fake.Calls())
}

// A file that is to be kept keeps the account from being changed too.
func TestApplyStopsAtAFile(t *testing.T) {
	url, fake := startAccount(t)
	dir := filepath.Join(t.TempDir(), "assets")
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "ssh"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "ssh", "id_ed25519"), []byte("hello\n"), 0o600))
	status, _, stderr := at(t, noon, "-spec", "account/cluster.yaml", "-live", "-endpoint-url", url, "-out", dir, "-apply")
	assert.Equal(t, install.StatusBlocked, status)
	assert.Contains(t, stderr, "are kept: ssh/id_ed25519")
	installtest.NothingIsChanged(t, fake.Calls())
	assert.Len(t, installtest.Tree(t, dir), 1)
}

// The VPC of an earlier run has another block than the spec: nothing is planned, and
// nothing is changed.
func TestApplyOfAnotherBlock(t *testing.T) {
	url, fake := startAccount(t)
	out, page := filepath.Join(t.TempDir(), "assets"), filepath.Join(t.TempDir(), "report.html")
	_, stdout, _ := at(t, noon, "-spec", "account/cluster.yaml", "-live", "-endpoint-url", url)
	assert.NotContains(t, stdout, "ec2:DescribeTags (")
	status, stdout, stderr := at(t, noon, "-spec", "account/cluster.yaml", "-live", "-endpoint-url", url, "-out", out, "-report", page, "-apply")
	require.Equal(t, install.StatusClear, status, stdout+stderr)
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	assert.Contains(t, string(text), "<title>Plan of demo</title>", "all of it is there")
	assert.NotContains(t, stdout, "DescribeTags (")
	assert.Equal(t, 1, strings.Count(stdout, "tls/admin.crt: kube admin"+", until 2027-03-04\n  + "), "a file is planned once")
	_, after, _ := strings.Cut(stdout, "\nAfter policies and roles:\n\n")
	after, _, _ = strings.Cut(after, "\nVerdict ")
	assert.NotRegexp(t, `(?m)^  [+~?]|tls/`, after, "all of it is there, and what was said before is not said again")
	before, files := len(fake.Calls()), installtest.Tree(t, out)

	spec := installtest.Spec(t, "cidr: 10.0.0.0/16", "cidr: 10.1.0.0/16")
	status, stdout, stderr = at(t, noon, "-spec", spec, "-live", "-endpoint-url", url, "-out", out, "-apply")
	assert.Equal(t, install.StatusBlocked, status)
	assert.Equal(t, "tectonic: nothing was written, and nothing was changed: the verdict on what this leads to has 1 error\n", stderr)
	assert.Contains(t, stdout, "Network cannot be planned: plan network: ")
	assert.True(t, strings.HasSuffix(stdout, "\nBlocked by 1 error.\n"), stdout)
	assert.Equal(t, files, installtest.Tree(t, out))
	installtest.NothingIsChanged(t, fake.Calls()[before:])
}
