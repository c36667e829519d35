package main

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/internal/awsfake"
)

func TestLiveSSH(t *testing.T) {
	url, fake := serve(t, "account")
	args := []string{"-spec", "account/cluster.yaml", "-live", "-endpoint-url", url}
	saved := filepath.Join(t.TempDir(), "saved.json")
	status, live, stderr := execute(append(args, "-save-snapshot", saved)...)
	assert.Equal(t, statusClear, status, stderr)
	assert.Contains(t, live, "The key pair is the key that you hold (pair-mismatch)")
	assert.Contains(t, fake.Actions(), "ec2:DescribeKeyPairs")
	assert.NotContains(t, fake.Actions(), "ec2:ImportKeyPair")
	status, again, _ := execute("-spec", "account/cluster.yaml", "-snapshot", saved)
	assert.Equal(t, statusClear, status)
	assert.Equal(t, live, again, "the replay gives the same report")

	fake.Script("ec2:DescribeKeyPairs", awsfake.Deny().For(1))
	status, live, _ = execute(args...)
	assert.Equal(t, statusClear, status, "what is unknown does not block")
	assert.Contains(t, live, "unknown  sshkeys/pair-mismatch  key-pair ops")

	fake.Script("ec2:DescribeKeyPairs", awsfake.Fail(http.StatusForbidden, "ExpiredToken"))
	status, _, stderr = execute(args...)
	assert.Equal(t, statusBroken, status)
	assert.Equal(t, "preflight: load key pairs: ec2:DescribeKeyPairs: the credentials do not work (ExpiredToken)\n", stderr)
}

// A spec that names no key pair needs no permission to see any.
func TestLiveWithoutSSH(t *testing.T) {
	url, fake := startAccount(t)
	_, text, _ := execute("-spec", spec, "-live", "-endpoint-url", url)
	assert.NotContains(t, fake.Actions(), "ec2:DescribeKeyPairs")
	assert.NotContains(t, text, "unknown  sshkeys/")
}

// The wrong key blocks, and a private key in the spec is not shown.
func TestSSHOfTheSpec(t *testing.T) {
	text, err := os.ReadFile(spec)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "cluster.yaml")
	other := "ssh: {keyName: ops, publicKey: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEhnn80ZywmjeBFFOGm+cm+5HUwm62qTVnjKlOdYFLHN}\n"
	require.NoError(t, os.WriteFile(path, append(text, other...), 0o600))
	status, report, _ := execute("-spec", path, "-snapshot", "account")
	assert.Equal(t, statusBlocked, status)
	assert.Contains(t, report, "ERROR    sshkeys/pair-mismatch  key-pair ops")

	require.NoError(t, os.WriteFile(path, append(text, "ssh:\n  keyName: ops\n  publicKey: |\n    -----BEGIN OPENSSH PRIVATE KEY-----\n    b3BlbnNzaC1rZXktdjEAAAAA\n"...), 0o600))
	status, report, stderr := execute("-spec", path, "-snapshot", "account")
	assert.Equal(t, statusBroken, status)
	assert.Empty(t, report)
	assert.Contains(t, stderr, "ssh.publicKey: got a private key, want the public one: ssh-keygen -y -f FILE prints it; treat the private key as leaked if others can read this text\n")
	assert.NotContains(t, stderr, "b3Bl")
}
