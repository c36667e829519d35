package sshkeys_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"math/big"
	"testing"

	"github.com/groundway-sdk/groundway/sshkeys"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestType(t *testing.T) {
	t.Parallel()
	for _, typ := range []sshkeys.Type{sshkeys.TypeRSA, sshkeys.TypeED25519, sshkeys.TypeECDSA, sshkeys.TypeDSA} {
		text, err := json.Marshal(typ)
		require.NoError(t, err)
		var back sshkeys.Type
		require.NoError(t, json.Unmarshal(text, &back))
		assert.Equal(t, typ, back)
	}
	_, err := sshkeys.ParseType("RSA")
	assert.EqualError(t, err, `parse key type "RSA": want one of rsa, ed25519, ecdsa, dsa`)
	_, err = sshkeys.Type(9).MarshalText()
	assert.EqualError(t, err, "marshal key type 9: not a valid value")
	assert.Equal(t, "invalid", sshkeys.Type(0).String())
	assert.True(t, sshkeys.TypeED25519.InEC2())
	assert.False(t, sshkeys.TypeECDSA.InEC2())
}

func TestPublicKey(t *testing.T) {
	t.Parallel()
	k := edKey().Public()
	assert.Equal(t, sshkeys.TypeED25519, k.Type())
	assert.Equal(t, 256, k.Bits())
	assert.Equal(t, "ops@example.com", k.Comment())
	assert.Equal(t, "ssh-ed25519 "+encoded(k)+" ops@example.com", k.String())
	assert.Equal(t, k, sshkeys.MustParsePublicKey(k.String()))

	other, err := k.WithComment("somebody else")
	require.NoError(t, err)
	assert.True(t, k.Equal(other))
	assert.NotEqual(t, k, other)
	assert.Equal(t, k.Bare(), other.Bare())
	_, err = k.WithComment("two\nlines")
	assert.EqualError(t, err, `comment "two\nlines": want one line of text, without control characters and spaces around it`)

	withOptions := sshkeys.MustParsePublicKey(`restrict,command="a, \"b\" c" ` + k.String())
	assert.Equal(t, []string{"restrict", `command="a, \"b\" c"`}, withOptions.Options())
	assert.Equal(t, `restrict,command="a, \"b\" c" `+k.String(), withOptions.String())
	assert.Empty(t, withOptions.Bare().Options())

	var zero sshkeys.PublicKey
	assert.True(t, zero.IsZero())
	assert.Empty(t, zero.String()+zero.Fingerprint()+zero.ImportFingerprint())
	assert.Panics(t, func() { sshkeys.MustParsePublicKey("no key") })
}

func TestPublicKeyJSON(t *testing.T) {
	t.Parallel()
	for _, k := range []sshkeys.PublicKey{{}, edKey().Public(), rsaKey().Public(), ecKey()} {
		text, err := json.Marshal(k)
		require.NoError(t, err)
		var back sshkeys.PublicKey
		require.NoError(t, json.Unmarshal(text, &back))
		assert.Equal(t, k, back)
	}
}

func TestNewPublicKeyErrors(t *testing.T) {
	t.Parallel()
	small, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	require.NoError(t, err)
	for _, tt := range []struct {
		name    string
		key     any
		comment string
		want    string
	}{
		{"nil", nil, "", "want an RSA, ED25519 or ECDSA key"},
		{"a nil RSA key", (*rsa.PublicKey)(nil), "", "it is nil"},
		{"an empty RSA key", &rsa.PublicKey{}, "", "it is nil"},
		{"a nil ECDSA key", (*ecdsa.PublicKey)(nil), "", "it is nil"},
		{"a short ED25519 key", ed25519.PublicKey("short"), "", "it has 5 bytes, want 32"},
		{"an even modulus", &rsa.PublicKey{N: big.NewInt(4096), E: 3}, "", "got a key that cannot be read, want it as ssh-keygen writes it"},
		{"a curve that SSH lacks", &small.PublicKey, "", "it has no encoding for SSH"},
		{"a private key", edKey().Signer(), "", "want an RSA, ED25519 or ECDSA key"},
		{
			"a comment of two lines", edKey().Signer().Public(), "a\nb",
			`comment "a\nb": want one line of text, without control characters and spaces around it`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := sshkeys.NewPublicKey(tt.key, tt.comment)
			assert.EqualError(t, err, "new public key: "+tt.want)
		})
	}
}
