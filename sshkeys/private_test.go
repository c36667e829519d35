package sshkeys_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/groundway-sdk/groundway/sshkeys"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParsePrivateKey(t *testing.T) {
	t.Parallel()
	for _, k := range []sshkeys.PrivateKey{edKey(), rsaKey()} {
		for form, text := range privateTexts(k) {
			if strings.Contains(form, "Base64") {
				continue
			}
			parsed, err := sshkeys.ParsePrivateKey([]byte(text), secret("correct horse"))
			require.NoError(t, err, form)
			assert.True(t, k.Public().Equal(parsed.Public()), form)
			assert.Equal(t, k.CreateFingerprint(), parsed.CreateFingerprint(), form)
			assert.Equal(t, k.Signer(), parsed.Signer(), form)
		}
	}
	ec, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	require.NoError(t, err)
	parsed, err := sshkeys.ParsePrivateKey([]byte(pemText("EC PRIVATE KEY", must(x509.MarshalECPrivateKey(ec)))), secret(""))
	require.NoError(t, err)
	assert.Equal(t, sshkeys.TypeECDSA, parsed.Public().Type())
	assert.Empty(t, parsed.CreateFingerprint())
}

// What ssh-keygen encrypts, in the forms that it has, is decrypted.
func TestParsePrivateKeyOfKeygen(t *testing.T) {
	t.Parallel()
	for _, form := range []string{"RFC4716", "PEM", "PKCS8"} {
		path := filepath.Join(t.TempDir(), "key")
		keygen(t, "-q", "-t", "rsa", "-b", "2048", "-N", "correct horse", "-m", form, "-f", path)
		text, public := must(os.ReadFile(path)), sshkeys.MustParsePublicKey(string(must(os.ReadFile(path+".pub"))))
		k, err := sshkeys.ParsePrivateKey(text, secret("correct horse"))
		if form == "PKCS8" {
			assert.EqualError(t, err, "parse private key: got an encrypted key in PKCS #8, want it in the form of OpenSSH: ssh-keygen -p -f FILE converts it")
			continue
		}
		require.NoError(t, err, form)
		assert.True(t, public.Equal(k.Public()), form)
		_, err = sshkeys.ParsePrivateKey(text, secret(""))
		assert.ErrorIs(t, err, sshkeys.ErrNoPassphrase, form)
		_, err = sshkeys.ParsePrivateKey(text, secret("wrong"))
		assert.ErrorIs(t, err, sshkeys.ErrPassphrase, form)
	}
}

func TestParsePrivateKeyErrors(t *testing.T) {
	t.Parallel()
	whole := privateTexts(rsaKey())["PKCS #1"]
	for _, tt := range []struct{ name, text, want string }{
		{"nothing", "", "got something else, want a private key such as -----BEGIN OPENSSH PRIVATE KEY-----"},
		{"a public key", edKey().Public().String(), "got something else, want a private key such as -----BEGIN OPENSSH PRIVATE KEY-----"},
		{"a public key in PEM", pemText("PUBLIC KEY", []byte("x")), "got a PEM block of another kind, want a private key"},
		{"a huge text", strings.Repeat("-", sshkeys.MaxText+1), "got a text of over 1 MiB, which no key is"},
		{"bytes", "\x00", "got bytes that are no text, want a private key in PEM"},
		{"a key that was cut", strings.Replace(whole, whole[100:400], "", 1), "got a key that cannot be read, want it whole, as ssh-keygen or EC2 wrote it"},
		{"encrypted, without a passphrase", privateTexts(edKey())["OpenSSH encrypted"], "the key is encrypted, want its passphrase"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k, err := sshkeys.ParsePrivateKey([]byte(tt.text), secret(""))
			assert.EqualError(t, err, "parse private key: "+tt.want)
			assert.True(t, k.IsZero())
		})
	}
}

func TestPrivateKeyHides(t *testing.T) {
	t.Parallel()
	k := rsaKey()
	holder := struct {
		Key    sshkeys.PrivateKey
		hidden sshkeys.PrivateKey
	}{k, k}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("made", "key", k)
	text, err := json.Marshal(holder)
	require.NoError(t, err)
	shown := fmt.Sprintf("%v %+v %#v %s %q %x %d|%v %+v %#v|%s|%s", k, k, k, k, k, k, k, holder, holder, holder, text, log.String())
	assert.Contains(t, shown, "[redacted]")
	for _, form := range []string{"PKCS #1", "OpenSSH"} {
		lines := strings.Split(privateTexts(k)[form], "\n")
		for _, line := range lines[1 : len(lines)-2] {
			assert.NotContains(t, shown, line)
		}
	}
	assert.NotContains(t, shown, "BEGIN")
	assert.NotContains(t, shown, "D:")

	var zero sshkeys.PrivateKey
	assert.Empty(t, fmt.Sprint(zero))
	assert.Nil(t, zero.Signer())
	assert.True(t, zero.Public().IsZero())
	assert.Empty(t, zero.CreateFingerprint())
	_, err = zero.OpenSSH(secret(""))
	assert.EqualError(t, err, "marshal private key: there is none")
}

func FuzzParsePrivateKey(f *testing.F) {
	for _, k := range []sshkeys.PrivateKey{edKey(), rsaKey()} {
		for form, text := range privateTexts(k) {
			if form != "OpenSSH encrypted" { // which is slow on purpose
				f.Add([]byte(text))
			}
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		k, err := sshkeys.ParsePrivateKey(text, secret(""))
		if err != nil {
			require.True(t, k.IsZero())
			return
		}
		require.False(t, k.Public().IsZero())
		again, err := sshkeys.ParsePrivateKey([]byte(must(k.OpenSSH(secret(""))).Reveal()), secret(""))
		require.NoError(t, err)
		require.True(t, k.Public().Equal(again.Public()))
	})
}
