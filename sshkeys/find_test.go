package sshkeys_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/groundway-sdk/groundway/sshkeys"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFind(t *testing.T) {
	t.Parallel()
	private := func(k sshkeys.PrivateKey, form string, mode fs.FileMode) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte(privateTexts(k)[form]), Mode: mode}
	}
	text := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s), Mode: 0o644} }
	dir := fstest.MapFS{
		"id_ed25519":          private(edKey(), "OpenSSH encrypted", 0o600),
		"id_ed25519.pub":      text(edKey().Public().String() + "\n"),
		"id_rsa.pub":          text(rsaKey().Public().String()),
		"id_rsa":              private(rsaKey(), "PKCS #1", 0o640),
		"aws.pub":             text(edOther().Public().String()),
		"aws":                 private(edKey(), "OpenSSH", 0o600), // of another key
		"ops.pem":             private(rsaKey(), "PKCS #1", 0o400),
		"encrypted":           private(edOther(), "OpenSSH encrypted", 0o600),
		"pkcs8":               text("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n"),
		"putty.ppk":           text("PuTTY-User-Key-File-3: ssh-rsa\n"),
		"id_ed25519_sk.pub":   text("sk-ssh-ed25519@openssh.com AAAA"),
		"id_rsa-cert.pub":     text("ssh-rsa-cert-v01@openssh.com AAAA"),
		"leaked.pub":          private(edKey(), "OpenSSH", 0o644),
		"config":              text("Host *\n"),
		"known_hosts":         text("example.com " + edKey().Public().String()),
		"authorized_keys":     text(edOther().Public().String()),
		"empty":               text(""),
		"huge":                text(strings.Repeat("-----BEGIN PRIVATE KEY-----\n", 4000)),
		"bytes":               text("\x00\x01"),
		"sub/id_ed25519.pub":  text(edKey().Public().String()),
		"directory.pub/inner": text(""),
	}
	found, err := sshkeys.Find(dir)
	require.NoError(t, err)
	type row struct {
		file, private string
		exposed       bool
		fingerprint   string
		err           string
	}
	ed, other, rsaPrint := edKey().Public().Fingerprint(), edOther().Public().Fingerprint(), rsaKey().Public().Fingerprint()
	var got []row
	for _, f := range found {
		r := row{f.File, f.Private, f.Exposed, f.Key.Fingerprint(), ""}
		if f.Err != nil {
			r.err = f.Err.Error()
		}
		got = append(got, r)
	}
	const leaked = "; treat the private key as leaked if others can read this text"
	assert.Equal(t, []row{
		{"id_rsa.pub", "id_rsa", true, rsaPrint, ""},
		{"id_ed25519.pub", "id_ed25519", false, ed, ""},
		{"id_ed25519_sk.pub", "", false, "", "parse public key: line 1 column 1: got the key of a security token, which EC2 does not take, want an RSA or ED25519 key: ssh-keygen -t ed25519 makes one"},
		{"aws.pub", "aws", false, "", "the private key beside it, \"aws\", is another one: ssh-keygen -y -f FILE prints its public half"},
		{"directory.pub", "", false, "", `"directory.pub": not a file of a key`},
		{"encrypted", "encrypted", false, other, ""},
		{"id_rsa-cert.pub", "", false, "", "parse public key: line 1 column 1: got an OpenSSH certificate, want the key that it certifies: the file without -cert in its name, or what ssh-keygen -y -f FILE prints of the private key"},
		{"leaked.pub", "", false, "", "parse public key: line 1 column 1: got a private key, want the public one: ssh-keygen -y -f FILE prints it" + leaked},
		{"ops.pem", "ops.pem", false, rsaPrint, ""},
		{"pkcs8", "pkcs8", true, "", "it does not show its public half, which ssh-keygen -y -f FILE prints: parse private key: got an encrypted key in PKCS #8, want it in the form of OpenSSH: ssh-keygen -p -f FILE converts it"},
		{"putty.ppk", "putty.ppk", true, "", "got a private key of PuTTY, want the public one: puttygen FILE -O public-openssh prints it"},
	}, got)
}

// What ssh-keygen leaves in a directory is found, in the order of ssh.
func TestFindOfKeygen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, kind := range []string{"ecdsa", "ed25519", "rsa"} {
		keygen(t, "-q", "-t", kind, "-N", "", "-f", filepath.Join(dir, "id_"+kind))
	}
	require.NoError(t, os.Remove(filepath.Join(dir, "id_rsa.pub")))
	found, err := sshkeys.Find(os.DirFS(dir))
	require.NoError(t, err)
	require.Len(t, found, 3)
	for i, want := range []string{"id_rsa", "id_ecdsa", "id_ed25519"} {
		assert.NoError(t, found[i].Err)
		assert.Equal(t, want, found[i].Private)
		assert.False(t, found[i].Exposed)
		assert.Equal(t, strings.Fields(keygen(t, "-l", "-f", filepath.Join(dir, want)))[1], found[i].Key.Fingerprint())
	}
}

func TestFindNothing(t *testing.T) {
	t.Parallel()
	found, err := sshkeys.Find(os.DirFS(filepath.Join(t.TempDir(), "none")))
	require.NoError(t, err)
	assert.Empty(t, found)
	_, err = sshkeys.Find(broken{})
	assert.EqualError(t, err, "find keys: the disk is gone")
}

type broken struct{}

func (broken) Open(string) (fs.File, error) { return nil, errors.New("the disk is gone") }
