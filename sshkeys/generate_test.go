package sshkeys_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/groundway-sdk/groundway/sshkeys"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What is written is what ssh-keygen reads: with the passphrase and without it
// not at all, with its comment, under modes that ssh accepts.
func TestCreate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name       string
		options    sshkeys.GenerateOptions
		passphrase string
		kind       string
		bits       int
	}{
		{"the zero options", sshkeys.GenerateOptions{}, "", "(ED25519)", 256},
		{"ED25519 with a passphrase", sshkeys.GenerateOptions{Type: sshkeys.TypeED25519, Bits: 256, Comment: "ops"}, "correct horse", "(ED25519)", 256},
		{"RSA", sshkeys.GenerateOptions{Type: sshkeys.TypeRSA, Bits: 2048, Comment: "aws tectonic for alice@example.com"}, "", "(RSA)", 2048},
		{"RSA with a passphrase", sshkeys.GenerateOptions{Type: sshkeys.TypeRSA, Bits: 3072}, "it's \"quoted\"", "(RSA)", 3072},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "new", ".ssh")
			path := filepath.Join(dir, "ops")
			k, err := sshkeys.Create(t.Context(), path, secret(tt.passphrase), tt.options)
			require.NoError(t, err)
			assert.Equal(t, tt.bits, k.Public().Bits())
			assert.Equal(t, tt.options.Comment, k.Public().Comment())

			for name, mode := range map[string]fs.FileMode{dir: fs.ModeDir | 0o700, path: 0o600, path + ".pub": 0o600} {
				info, err := os.Stat(name)
				require.NoError(t, err)
				assert.Equal(t, mode, info.Mode(), name)
			}
			assert.Equal(t, []string{"ops", "ops.pub"}, namesIn(t, dir))

			public := keygen(t, "-y", "-P", tt.passphrase, "-f", path)
			assert.Equal(t, k.Public().String(), strings.TrimSpace(public), "ssh-keygen prints the public half with the comment")
			assert.Equal(t, k.Public().String()+"\n", string(must(os.ReadFile(path+".pub"))))
			printed := strings.Fields(keygen(t, "-l", "-f", path+".pub"))
			assert.Equal(t, []string{k.Public().Fingerprint(), tt.kind}, []string{printed[1], printed[len(printed)-1]})
			if tt.passphrase != "" {
				out, err := try(t, "", "ssh-keygen", "-y", "-P", "wrong", "-f", path)
				assert.Error(t, err, out)
				assert.NotContains(t, string(must(os.ReadFile(path))), tt.passphrase)
			}
			// And both ways: what ssh-keygen makes of it is read again.
			keygen(t, "-q", "-p", "-P", tt.passphrase, "-N", "another", "-f", path)
			again, err := sshkeys.ParsePrivateKey(must(os.ReadFile(path)), secret("another"))
			require.NoError(t, err)
			assert.True(t, k.Public().Equal(again.Public()))
		})
	}
}

func namesIn(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestGenerateErrors(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		options sshkeys.GenerateOptions
		want    string
	}{
		{sshkeys.GenerateOptions{Bits: 2048}, "got 2048 bits, but an ED25519 key has 256"},
		{sshkeys.GenerateOptions{Type: sshkeys.TypeRSA, Bits: 1024}, "got 1024 bits, want 2048 to 4096"},
		{sshkeys.GenerateOptions{Type: sshkeys.TypeRSA, Bits: 8192}, "got 8192 bits, want 2048 to 4096"},
		{sshkeys.GenerateOptions{Type: sshkeys.TypeRSA, Bits: -1}, "got -1 bits, want 2048 to 4096"},
		{sshkeys.GenerateOptions{Type: sshkeys.TypeECDSA}, "got the type ecdsa, which EC2 does not take, want rsa or ed25519"},
		{sshkeys.GenerateOptions{Comment: "a\nssh-rsa AAAA"}, `comment "a\nssh-rsa AAAA": want one line of text, without control characters and spaces around it`},
	} {
		_, err := sshkeys.Generate(tt.options)
		assert.EqualError(t, err, "generate key: "+tt.want)
	}
}

func TestWriteNeverReplaces(t *testing.T) {
	t.Parallel()
	for name, taken := range map[string]string{"the private key": "ops", "the public key": "ops.pub"} {
		dir := t.TempDir()
		there := filepath.Join(dir, taken)
		require.NoError(t, os.WriteFile(there, []byte("mine"), 0o644))
		for _, err := range []error{
			edKey().Write(t.Context(), filepath.Join(dir, "ops"), secret("")),
			createError(t.Context(), filepath.Join(dir, "ops")),
		} {
			require.ErrorIs(t, err, fs.ErrExist, name)
			assert.ErrorContains(t, err, "key: \""+there+"\": file already exists", name)
		}
		assert.Equal(t, "mine", string(must(os.ReadFile(there))), name)
		assert.Equal(t, []string{taken}, namesIn(t, dir), name)
	}
	// A link that leads nowhere is something as well.
	dir := t.TempDir()
	require.NoError(t, os.Symlink("nowhere", filepath.Join(dir, "ops")))
	assert.ErrorIs(t, edKey().Write(t.Context(), filepath.Join(dir, "ops"), secret("")), fs.ErrExist)
	assert.Equal(t, []string{"ops"}, namesIn(t, dir))
}

func createError(ctx context.Context, path string) error {
	_, err := sshkeys.Create(ctx, path, secret(""), sshkeys.GenerateOptions{})
	return err
}

// Of many that write at once one wins, with both of its files.
func TestWriteRace(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var wait sync.WaitGroup
	wins := make(chan sshkeys.PrivateKey, 16)
	for range 16 {
		wait.Go(func() {
			k, err := sshkeys.Create(t.Context(), filepath.Join(dir, "ops"), secret(""), sshkeys.GenerateOptions{})
			if err == nil {
				wins <- k
			} else {
				assert.ErrorIs(t, err, fs.ErrExist)
			}
		})
	}
	wait.Wait()
	close(wins)
	require.Len(t, wins, 1)
	assert.Equal(t, []string{"ops", "ops.pub"}, namesIn(t, dir))
	won := (<-wins).Public()
	k, err := sshkeys.ParsePrivateKey(must(os.ReadFile(filepath.Join(dir, "ops"))), secret(""))
	require.NoError(t, err)
	assert.True(t, won.Equal(k.Public()))
	assert.True(t, won.Equal(sshkeys.MustParsePublicKey(string(must(os.ReadFile(filepath.Join(dir, "ops.pub")))))))
}

func TestWriteErrors(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	assert.ErrorIs(t, edKey().Write(cancelled, filepath.Join(dir, "ops"), secret("")), context.Canceled)
	assert.EqualError(t, edKey().Write(t.Context(), filepath.Join(file, "ops"), secret("")),
		"write key: \""+filepath.Join(file, "ops")+"\": not a directory")
	assert.Error(t, edKey().Write(t.Context(), "", secret("")))
	assert.EqualError(t, sshkeys.PrivateKey{}.Write(t.Context(), filepath.Join(dir, "ops"), secret("")),
		"write key: marshal private key: there is none")
	long := filepath.Join(dir, strings.Repeat("n", 254)) // with .pub it is too long
	err := edKey().Write(t.Context(), long, secret(""))
	require.Error(t, err)
	assert.False(t, errors.Is(err, fs.ErrExist))
	assert.Equal(t, []string{"file"}, namesIn(t, dir), "nothing is left half-written")
}
