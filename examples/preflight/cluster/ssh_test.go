package cluster_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/examples/preflight/cluster"
	"github.com/groundway-sdk/groundway/sshkeys"
)

// publicKey is a key that nobody holds any more.
const publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILv6CtRtN086lRiDSTa0BZgPWjKqJTPQMMVkCV+B4EOb ops@example.com"

// sshOutcomes returns the findings of package sshkeys that are neither passed nor
// skipped.
func sshOutcomes(r groundway.Report) (list []string) {
	for _, line := range open(r) {
		if strings.Contains(line, " sshkeys/") {
			list = append(list, line)
		}
	}
	return list
}

// accountWithKeys is the built-in account, whose spec names a key pair.
func accountWithKeys(t *testing.T) (cluster.Spec, cluster.Snapshot) {
	t.Helper()
	spec, err := cluster.ReadSpec("../account/cluster.yaml")
	require.NoError(t, err)
	s, err := cluster.ReadSnapshot("../account")
	require.NoError(t, err)
	return spec, s
}

func TestCheckSSH(t *testing.T) {
	t.Parallel()
	spec, s := accountWithKeys(t)
	require.Len(t, s.SSH.KeyPairs.Items, 2)
	other, err := sshkeys.Generate(sshkeys.GenerateOptions{})
	require.NoError(t, err)
	for _, tt := range []struct {
		name string
		edit func(*cluster.Spec, *cluster.Snapshot)
		want []string
	}{
		{"the built-in account", func(*cluster.Spec, *cluster.Snapshot) {}, nil},
		{"another key", func(spec *cluster.Spec, _ *cluster.Snapshot) { spec.SSH.PublicKey = other.Public() }, []string{"failed sshkeys/pair-mismatch@ops"}},
		{"another name", func(spec *cluster.Spec, _ *cluster.Snapshot) { spec.SSH.KeyName = "oops" }, []string{"failed sshkeys/pair-not-found@oops"}},
		{"no file", func(_ *cluster.Spec, s *cluster.Snapshot) { s.SSH = cluster.Snapshot{}.SSH }, []string{
			"unknown sshkeys/pair-mismatch@ops", "unknown sshkeys/pair-not-found@ops", "unknown sshkeys/pair-other-region@ops",
		}},
		{"not asked for", func(spec *cluster.Spec, s *cluster.Snapshot) { spec.SSH, s.SSH = cluster.SSH{}, cluster.Snapshot{}.SSH }, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			spec, s := spec, s
			tt.edit(&spec, &s)
			report := cluster.Check(spec, s, time.Time{})
			assert.Equal(t, tt.want, sshOutcomes(report))
			assert.Equal(t, tt.want, sshOutcomes(cluster.Check(spec, s.Redact(spec), time.Time{})), "redacted")

			path := filepath.Join(t.TempDir(), "saved.json")
			require.NoError(t, cluster.WriteSnapshot(path, s))
			again, err := cluster.ReadSnapshot(path)
			require.NoError(t, err)
			assert.Equal(t, report, cluster.Check(spec, again, time.Time{}), "saved and read")
		})
	}
}

func TestRedactSSH(t *testing.T) {
	t.Parallel()
	spec, s := accountWithKeys(t)
	data, err := json.Marshal(s.Redact(spec))
	require.NoError(t, err)
	text := string(data)
	assert.NotContains(t, text, "bastion")
	assert.NotContains(t, text, "laptop")
	assert.NotContains(t, text, "ops@example.com")
	assert.NotContains(t, text, s.SSH.KeyPairs.Items[0].Fingerprint)
	assert.Contains(t, text, strings.Fields(publicKey)[1], "what the spec says stays")
}

func TestParseSpecPublicKey(t *testing.T) {
	t.Parallel()
	const ssh = head + vpc + "ssh:\n  keyName: ops\n  publicKey: "
	block := "|\n    ---- BEGIN SSH2 PUBLIC KEY ----\n    Comment: ops@example.com\n    " + strings.Fields(publicKey)[1] + "\n    ---- END SSH2 PUBLIC KEY ----\n"
	s, err := cluster.ParseSpec("cluster.yaml", []byte(ssh+block))
	require.NoError(t, err)
	assert.Equal(t, publicKey, s.SSH.PublicKey.String())

	_, err = cluster.ParseSpec("cluster.yaml", []byte(ssh+"|\n    # ours\n    "+publicKey+"\n    nonsense\n"))
	assert.EqualError(t, err, "cluster.yaml:11:14: ssh.publicKey: line 3 of the text: got a line that is no key, want one such as ssh-ed25519 AAAA…")
	_, err = cluster.ParseSpec("cluster.yaml", []byte(ssh+"sk-ssh-ed25519@openssh.com AAAA\n"))
	assert.EqualError(t, err, "cluster.yaml:11:14: ssh.publicKey: got the key of a security token, which EC2 does not take, want an RSA or ED25519 key: ssh-keygen -t ed25519 makes one")
	_, err = cluster.ParseSpec("cluster.yaml", []byte(head+vpc+"ssh:\n  keyName: |\n    -----BEGIN RSA PRIVATE KEY-----\n    c2VjcmV0\n"))
	assert.EqualError(t, err, "cluster.yaml:10:12: ssh.keyName: got a private key, want the name of a key pair; treat the private key as leaked if others can read this file")
}

// The script makes what is read, here with a stand-in for the AWS CLI that knows
// the key pairs alone.
func TestDumpScript(t *testing.T) {
	t.Parallel()
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no sh to run the script with")
	}
	pairs, err := filepath.Abs("../account/ec2-describe-key-pairs.json")
	require.NoError(t, err)
	dir := t.TempDir()
	aws := "#!/bin/sh\ncase \"$*\" in \"ec2 describe-key-pairs --include-public-key --region us-west-2 --output json\") cat " + pairs + ";; *) exit 1;; esac\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "aws"), []byte(aws), 0o700))
	cmd := exec.CommandContext(t.Context(), sh, "-s", "vpc-0a1", "us-west-2")
	cmd.Stdin = strings.NewReader(cluster.DumpScript(cluster.Spec{}))
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "PATH="+dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	want, err := os.ReadFile(pairs)
	require.NoError(t, err)
	got, err := os.ReadFile(filepath.Join(dir, "dump", "ec2-describe-key-pairs.json"))
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got))
	assert.Contains(t, string(out), "not saved: ec2-describe-vpcs.json\n")
	assert.True(t, strings.HasSuffix(string(out), "\n1 files in dump\n"))

	require.NoError(t, os.WriteFile(filepath.Join(dir, "aws"), []byte("#!/bin/sh\nexit 1\n"), 0o700))
	require.NoError(t, os.RemoveAll(filepath.Join(dir, "dump")))
	cmd = exec.CommandContext(t.Context(), sh, "-s", "vpc-0a1", "us-west-2")
	cmd.Stdin, cmd.Dir, cmd.Env = strings.NewReader(cluster.DumpScript(cluster.Spec{})), dir, append(os.Environ(), "PATH="+dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	out, err = cmd.CombinedOutput()
	require.Error(t, err)
	assert.True(t, strings.HasSuffix(string(out), "\nnothing was saved: no call was answered\n"))
}
