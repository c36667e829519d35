package oidc_test

import (
	"crypto"
	"crypto/rsa"
	"math/big"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/identity/oidc"
	"github.com/groundway-sdk/groundway/pki"
)

// jwk1 is the key of RFC 7517, appendix A.1, with the identifier that openssl
// computes: openssl pkey -pubin -outform DER | openssl dgst -sha256 -binary | basenc --base64url.
const jwk1 = `{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}`

const rfc7517ID = "rTIyDPbFltiEsFOBulc6uo3dV0m03o9KI6efmondrrI"

func TestKeySet(t *testing.T) {
	t.Parallel()
	k := keys()
	set := keySet(t, k.rsa.Public(), k.ec.Public(), k.next.Public(), k.ec.Public())
	require.Len(t, set.Keys, 3)
	assert.Equal(t, []string{"RS256", "ES256", "ES384"}, []string{set.Keys[0].Algorithm, set.Keys[1].Algorithm, set.Keys[2].Algorithm})
	again, err := oidc.ParseKeySet(set.Bytes())
	require.NoError(t, err)
	assert.Equal(t, set, again)
	assert.Len(t, set.Keys[0].ID, 43)
	_, ok := set.Key("none")
	assert.False(t, ok)

	_, err = oidc.NewKeySet(k.ed.Public())
	assert.EqualError(t, err, "key set: key 1 is a ed25519.PublicKey, want RSA of 2048 bits or more, or a NIST curve")
	_, err = oidc.NewKeySet(nil)
	assert.EqualError(t, err, "key set: key 1 is a <nil>, want RSA of 2048 bits or more, or a NIST curve")
	_, err = oidc.NewKeySet()
	assert.EqualError(t, err, "key set: it has no key that verifies a token")

	// Keys whose public parts no private key has, for a set that is too large.
	var many []crypto.PublicKey
	for i := range 101 {
		many = append(many, &rsa.PublicKey{N: new(big.Int).Add(new(big.Int).Lsh(big.NewInt(1), 2047), big.NewInt(int64(2*i+1))), E: 65537})
	}
	_, err = oidc.NewKeySet(many[:100]...)
	require.NoError(t, err)
	_, err = oidc.NewKeySet(many...)
	assert.EqualError(t, err, "key set: it has 101 RSA and 0 EC keys, and STS takes 100 of each")

	key := pki.NewKey(k.ec)
	set, err = oidc.KeySetOf(pki.Bundle{}.Put(pki.Material{ID: pki.ServiceAccount, Key: key, PublicKeys: []crypto.PublicKey{key.Public()}}))
	require.NoError(t, err)
	assert.Equal(t, keySet(t, k.ec.Public()), set)
	_, err = oidc.KeySetOf(pki.Bundle{})
	assert.EqualError(t, err, "key set: the bundle does not have the public key of service-account")
}

// Identifiers are those that openssl computes; that the API server does too is
// tested end to end.
func TestKeyID(t *testing.T) {
	t.Parallel()
	set, err := oidc.ParseKeySet([]byte(`{"keys":[` + jwk1 + `]}`))
	require.NoError(t, err)
	assert.Equal(t, "2011-04-29", set.Keys[0].ID, "a set keeps the identifiers that it has")
	assert.Equal(t, rfc7517ID, keyID(t, set.Keys[0].Public))
}

func TestParseKeySet(t *testing.T) {
	t.Parallel()
	k := keys()
	good := string(keySet(t, k.ec.Public()).Bytes())
	one := strings.TrimSuffix(strings.TrimPrefix(good, `{"keys":[`), "]}")
	private := func() string {
		b, err := jose.JSONWebKey{Key: k.ec, KeyID: "a"}.MarshalJSON()
		require.NoError(t, err)
		return string(b)
	}()
	weak := strings.Replace(one, `"P-256"`, `"P-224"`, 1)
	for _, test := range []struct{ text, want string }{
		{"", "parse key set: it is not JSON: it ends early"},
		{"{", "parse key set: it is not JSON: it ends early"},
		{"[1]", "parse key set: at byte 1 it has array where something else belongs"},
		{"{}", `parse key set: it has no list "keys"`},
		{`{"Keys":[]}`, `parse key set: it has no list "keys"`},
		{`{"keys":[]}`, "parse key set: it has no key that verifies a token"},
		{good + "x", "parse key set: something follows the JSON document"},
		{`{"keys":[],"keys":[` + one + `]}`, "parse key set: it is not JSON that can be read, or a name stands twice"},
		{`{"keys":[` + one + `,` + one + `]}`, "parse key set: key 2: the kid " + quoted(keyID(t, k.ec.Public())) + " stands above already"},
		{`{"keys":[` + private + `]}`, "parse key set: key 1: it is a private key, which must not be published: replace it everywhere"},
		{`{"keys":[{"kty":"oct","k":"aHVudGVyMg","kid":"a"}]}`, "parse key set: key 1: it is a shared secret, which must not be published: replace it everywhere"},
		{`{"keys":[` + strings.Replace(one, `"kid"`, `"kid2"`, 1) + `]}`, "parse key set: key 1: it has no kid, by which a token names it"},
		{`{"keys":[` + strings.Replace(one, "ES256", "RS256", 1) + `]}`, `parse key set: key 1: its alg is "RS256", and its kind signs by ES256`},
		{`{"keys":[` + weak + `]}`, "parse key set: key 1: it is not a public key"},
		{`{"keys":[{"kty":"RSA","kid":"a","n":"AQAB","e":"AQAB"}]}`, "parse key set: key 1: it is not a public key that STS takes"},
		{`{"keys":[{"kty":"OKP","kid":"a"}]}`, "parse key set: it has no key that verifies a token"},
		{strings.Repeat(" ", oidc.MaxKeySetSize+1), "parse key set: it has 262145 bytes, and at most 262144 are read"},
	} {
		_, err := oidc.ParseKeySet([]byte(test.text))
		if assert.Error(t, err, test.text) {
			assert.Equal(t, test.want, err.Error(), test.text)
			assert.NotContains(t, err.Error(), "aHVudGVyMg")
		}
	}
	// What verifies no signature is passed over.
	set, err := oidc.ParseKeySet([]byte(`{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"ed","x":"AA"},` + strings.Replace(jwk1, `"alg":"RS256"`, `"use":"enc"`, 1) + `,` + one + `],"other":1}`))
	require.NoError(t, err)
	assert.Equal(t, []string{keyID(t, k.ec.Public())}, set.IDs())
}

func quoted(s string) string { return `"` + s + `"` }

func TestDocuments(t *testing.T) {
	t.Parallel()
	k := keys()
	docs, err := oidc.NewDocuments(issuer, keySet(t, k.rsa.Public(), k.ec.Public()))
	require.NoError(t, err)
	files := docs.Files()
	require.Len(t, files, 2)
	assert.Equal(t, "/openid/v1/jwks", files[0].Path)
	assert.Equal(t, "application/json", files[0].ContentType)
	assert.Equal(t, "/.well-known/openid-configuration", files[1].Path)
	assert.Equal(t, `{"issuer":"https://oidc.example.com/demo","jwks_uri":"https://oidc.example.com/demo/openid/v1/jwks","response_types_supported":["id_token"],"subject_types_supported":["public"],"id_token_signing_alg_values_supported":["ES256","RS256"]}`, string(files[1].Data))
	d, err := oidc.ParseDiscovery(files[1].Data)
	require.NoError(t, err)
	assert.Equal(t, docs.Discovery, d)

	_, err = oidc.NewDocuments(issuer+"/", docs.Keys)
	assert.EqualError(t, err, `documents: the issuer "https://oidc.example.com/demo/" ends in a slash`)
	_, err = oidc.NewDocuments(issuer, oidc.KeySet{})
	assert.EqualError(t, err, "documents: key set: it has no key that verifies a token")
	for text, want := range map[string]string{
		"x": "parse discovery document: it is not JSON, from byte 1", "{}": "parse discovery document: it names no issuer",
		`{"issuer":"a"}`: "parse discovery document: it names no jwks_uri", `{"issuer":"a","issuer":"b"}`: "parse discovery document: it is not JSON that can be read, or a name stands twice",
		strings.Repeat(" ", 1<<16+1): "parse discovery document: it has 65537 bytes, and at most 65536 are read",
	} {
		_, err := oidc.ParseDiscovery([]byte(text))
		assert.EqualError(t, err, want)
	}
}

func TestCheckIssuer(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		issuer:                                              "",
		"https://d111.cloudfront.net":                       "",
		"http://oidc.example.com":                           `the issuer "http://oidc.example.com" is not https`,
		"https://a.example.com:443":                         `the issuer "https://a.example.com:443" has a port, which IAM does not take`,
		"https://a.example.com?x":                           `the issuer "https://a.example.com?x" has more than scheme, host and path`,
		"https://A.example.com":                             `the host of the issuer "https://A.example.com" is not in lower case`,
		"https://a.example.com/*":                           `the issuer "https://a.example.com/*" has characters that no policy can name`,
		"https://a.example.com/é":                           `the issuer "https://a.example.com/é" has characters that no policy can name`,
		"https://a.example.com/" + strings.Repeat("x", 234): "the issuer has 256 characters, and IAM takes 255",
	} {
		if err := oidc.CheckIssuer(text); want != "" {
			assert.EqualError(t, err, want)
		} else {
			assert.NoError(t, err)
		}
	}
	got, err := oidc.BucketIssuer("us-east-1", "demo-oidc", "/prod/")
	require.NoError(t, err)
	assert.Equal(t, "https://demo-oidc.s3.us-east-1.amazonaws.com/prod", got)
	got, err = oidc.BucketIssuer("cn-north-1", "demo-oidc", "")
	require.NoError(t, err)
	assert.Equal(t, "https://demo-oidc.s3.cn-north-1.amazonaws.com.cn", got)
	_, err = oidc.BucketIssuer("us-east-1", "demo.oidc", "")
	assert.EqualError(t, err, `issuer in bucket "demo.oidc": its name has a dot, so that no certificate covers its host`)
	assert.Equal(t, provider, oidc.ProviderARN(iam.PartitionAWS, "111122223333", issuer))
}

func FuzzKeySet(f *testing.F) {
	f.Add(keySet(f, keys().rsa.Public(), keys().ec.Public()).Bytes())
	f.Add([]byte(`{"keys":[` + jwk1 + `,{"kty":"EC","crv":"P-256","x":"AA","y":"AA","kid":"b"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		set, err := oidc.ParseKeySet(data)
		if err != nil {
			require.Less(t, len(err.Error()), 600)
			return
		}
		again, err := oidc.ParseKeySet(set.Bytes())
		require.NoError(t, err)
		require.Equal(t, set.Bytes(), again.Bytes())
	})
}
