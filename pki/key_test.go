package pki_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/pki"
)

func key(t testing.TB, a pki.Algorithm) pki.Key {
	t.Helper()
	k, err := pki.GenerateKey(a)
	require.NoError(t, err)
	return k
}

// quick are the algorithms whose keys take no time.
var quick = []pki.Algorithm{pki.ECDSAP256, pki.ECDSAP384, pki.Ed25519, pki.RSA2048}

func TestGenerateKey(t *testing.T) {
	for _, a := range quick {
		k := key(t, a)
		assert.Equal(t, a, k.Algorithm())
		assert.True(t, k.Matches(k.Public()))
		assert.False(t, k.Matches(key(t, pki.ECDSAP256).Public()))
		assert.False(t, k.Matches(nil))
	}
	assert.Equal(t, pki.ECDSAP256, key(t, pki.DefaultAlgorithm).Algorithm())
	_, err := pki.GenerateKey(99)
	assert.EqualError(t, err, "generate key: algorithm 99: not a valid value")

	var none pki.Key
	assert.True(t, none.IsZero())
	assert.True(t, pki.NewKey(nil).IsZero())
	assert.Nil(t, none.Public())
	assert.Nil(t, none.Signer())
	assert.False(t, none.Matches(key(t, pki.ECDSAP256).Public()))
	assert.Empty(t, none.String())
	assert.Equal(t, pki.DefaultAlgorithm, none.Algorithm())
}

// A holder prints in all the ways in which a key could slip out.
type holder struct {
	Key      pki.Key
	Material pki.Material
	inside   pki.Key
	Pointer  *pki.Key
}

// A key never shows, whatever prints it, wherever it stands.
func TestKeyHidesItself(t *testing.T) {
	for _, a := range quick {
		k := key(t, a)
		text, err := k.PEM()
		require.NoError(t, err)
		var numbers []byte
		switch p := k.Signer().(type) {
		case *ecdsa.PrivateKey:
			numbers, err = p.Bytes()
			require.NoError(t, err)
		case *rsa.PrivateKey:
			numbers = p.D.Bytes()
		case ed25519.PrivateKey:
			numbers = p.Seed()
		}
		decimal := fmt.Sprint(numbers) // as fmt prints bytes
		forms := []string{
			text.Reveal()[60:80], strings.Trim(decimal, "[]")[:30],
			fmt.Sprintf("%x", numbers)[:20], fmt.Sprintf("%X", numbers)[:20],
		}
		h := holder{k, pki.Material{ID: pki.APIServer, Key: k}, k, &k}
		bundle := pki.Bundle{}.Put(h.Material)
		var out bytes.Buffer
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
			fmt.Fprintf(&out, verb+"\n", k)
			fmt.Fprintf(&out, verb+"\n", &k)
			fmt.Fprintf(&out, verb+"\n", h)
			fmt.Fprintf(&out, verb+"\n", &h)
			fmt.Fprintf(&out, verb+"\n", bundle)
			fmt.Fprintf(&out, verb+"\n", []pki.Key{k})
			fmt.Fprintf(&out, verb+"\n", []pki.Request{{ID: pki.APIServer, Key: k}})
		}
		for _, v := range []any{k, h.Key, &k, map[string]pki.Key{"k": k}} {
			data, err := json.Marshal(v)
			require.NoError(t, err)
			out.Write(data)
		}
		data, err := xml.Marshal(struct {
			XMLName xml.Name `xml:"x"`
			Key     pki.Key
		}{Key: k})
		require.NoError(t, err)
		out.Write(data)
		for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
			slog.New(handler).Info("x", "key", k, "holder", h.Key, "keys", []pki.Key{k})
		}
		for _, form := range forms {
			assert.False(t, strings.Contains(out.String(), form), "%s: %q", a, form)
		}
		assert.Contains(t, out.String(), "[private key]")
	}
}

// opaque is a key that somebody else holds.
type opaque struct{ inner crypto.Signer }

func (o opaque) Public() crypto.PublicKey { return o.inner.Public() }

func (o opaque) Sign(rand io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	return o.inner.Sign(rand, digest, opts)
}

func TestKeyElsewhere(t *testing.T) {
	k := pki.NewKey(opaque{p256(t)})
	assert.Equal(t, pki.ECDSAP256, k.Algorithm())
	_, err := k.PEM()
	assert.ErrorIs(t, err, pki.ErrNoPrivateKey)
	assert.Equal(t, "[private key]", k.String())
}
