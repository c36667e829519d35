package oidc

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/json"

	"github.com/groundway-sdk/groundway/pki"
)

const (
	// MaxKeySetSize is the size in bytes over which a key set is not read: a set of
	// as many keys as STS takes has a third of it.
	MaxKeySetSize = 1 << 18
	// MaxKeys is how many RSA keys STS takes in a set, and as many EC keys again.
	//
	// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html
	MaxKeys = 100
)

// A Key is a public key by which tokens are verified.
type Key struct {
	ID        string // "kid", which the header of a token names
	Algorithm string // "RS256", "ES256", …; empty where a set that was read does not say
	Public    crypto.PublicKey
}

// A KeySet is what an issuer publishes at its jwks_uri. The zero value is empty.
type KeySet struct {
	Keys []Key
}

// KeyID returns the identifier that Kubernetes gives a public key: the SHA-256 of
// its PKIX form, in base64 for URLs without padding.
//
// https://github.com/kubernetes/kubernetes/blob/master/pkg/serviceaccount/jwt.go
func KeyID(public crypto.PublicKey) (string, error) {
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return "", fmt.Errorf("key ID: %w", err)
	}
	sum := sha256.Sum256(der)
	return base64.RawURLEncoding.EncodeToString(sum[:]), nil
}

// algorithmOf returns the algorithm by which the API server signs with a key, or
// "" for keys that it or STS does not take, and for RSA keys that are too short.
func algorithmOf(public crypto.PublicKey) string {
	switch k := public.(type) {
	case *rsa.PublicKey:
		// https://www.rfc-editor.org/rfc/rfc7518#section-3.3
		if k.N.BitLen() >= 2048 {
			return string(jose.RS256)
		}
	case *ecdsa.PublicKey:
		switch k.Curve {
		case elliptic.P256():
			return string(jose.ES256)
		case elliptic.P384():
			return string(jose.ES384)
		case elliptic.P521():
			return string(jose.ES512)
		}
	}
	return ""
}

// NewKeySet returns the set of these public keys, RSA or on the curves P-256,
// P-384 and P-521, each with the identifier and algorithm that Kubernetes gives
// it. A key that stands twice is in the set once.
func NewKeySet(publics ...crypto.PublicKey) (KeySet, error) {
	var set KeySet
	for i, p := range publics {
		id, err := KeyID(p)
		algorithm := algorithmOf(p)
		if err != nil || algorithm == "" {
			return KeySet{}, fmt.Errorf("key set: key %d is a %T, want RSA of 2048 bits or more, or a NIST curve", i+1, p)
		}
		if _, twice := set.Key(id); !twice {
			set.Keys = append(set.Keys, Key{id, algorithm, p})
		}
	}
	if err := set.check(); err != nil {
		return KeySet{}, fmt.Errorf("key set: %w", err)
	}
	return set, nil
}

// KeySetOf returns the set of the keys by which a bundle has tokens verified: its
// service-account pair's.
func KeySetOf(b pki.Bundle) (KeySet, error) {
	m, _ := b.Get(pki.ServiceAccount)
	if len(m.PublicKeys) == 0 {
		return KeySet{}, fmt.Errorf("key set: the bundle does not have the public key of %s", pki.ServiceAccount)
	}
	return NewKeySet(m.PublicKeys...)
}

// ParseKeySet reads a key set. Keys that verify no signature of a token, such as
// those for encryption and of kinds that STS does not know, are left out, as their
// readers do. An error says what makes the set useless or dangerous: a private
// key, two keys of one identifier, a key without one, or more keys than STS takes.
func ParseKeySet(data []byte) (KeySet, error) {
	set, err := parseKeySet(data)
	if err != nil {
		return KeySet{}, fmt.Errorf("parse key set: %w", err)
	}
	return set, nil
}

func parseKeySet(data []byte) (KeySet, error) {
	if len(data) > MaxKeySetSize {
		return KeySet{}, fmt.Errorf("it has %d bytes, and at most %d are read", len(data), MaxKeySetSize)
	}
	var document struct {
		Keys *[]json.RawMessage `json:"keys"`
	}
	if err := decode(data, &document); err != nil {
		return KeySet{}, err
	}
	if document.Keys == nil {
		return KeySet{}, errors.New("it has no list \"keys\"")
	}
	var set KeySet
	for i, raw := range *document.Keys {
		k, ok, err := parseKey(raw)
		if err != nil {
			return KeySet{}, fmt.Errorf("key %d: %w", i+1, err)
		}
		if !ok {
			continue
		}
		if _, twice := set.Key(k.ID); twice {
			return KeySet{}, fmt.Errorf("key %d: the kid %s stands above already", i+1, quote(k.ID))
		}
		set.Keys = append(set.Keys, k)
	}
	return set, set.check()
}

func parseKey(raw []byte) (k Key, ok bool, err error) {
	var head struct {
		Type    string           `json:"kty"`
		Use     string           `json:"use"`
		ID      string           `json:"kid"`
		Private *json.RawMessage `json:"d"`
		Secret  *json.RawMessage `json:"k"`
	}
	if err := decode(raw, &head); err != nil {
		return Key{}, false, err
	}
	switch {
	case head.Private != nil:
		return Key{}, false, errors.New("it is a private key, which must not be published: replace it everywhere")
	case head.Secret != nil, head.Type == "oct":
		return Key{}, false, errors.New("it is a shared secret, which must not be published: replace it everywhere")
	case head.Type != "RSA" && head.Type != "EC", head.Use != "" && head.Use != "sig":
		return Key{}, false, nil
	case head.ID == "":
		return Key{}, false, errors.New("it has no kid, by which a token names it")
	}
	var j jose.JSONWebKey
	if err := j.UnmarshalJSON(raw); err != nil {
		return Key{}, false, errors.New("it is not a public key")
	}
	natural := algorithmOf(j.Key)
	if natural == "" || !j.Valid() {
		return Key{}, false, errors.New("it is not a public key that STS takes")
	}
	if j.Algorithm != "" && !suits(j.Algorithm, natural) {
		return Key{}, false, fmt.Errorf("its alg is %s, and its kind signs by %s", quote(j.Algorithm), natural)
	}
	return Key{j.KeyID, j.Algorithm, j.Key}, true, nil
}

// suits reports whether a key that naturally signs by one algorithm signs by
// another: an RSA key signs with any hash, an elliptic curve with one.
func suits(algorithm, natural string) bool {
	return algorithm == natural || natural == string(jose.RS256) && (algorithm == string(jose.RS384) || algorithm == string(jose.RS512))
}

func (s KeySet) check() error {
	var rsaKeys int
	for _, k := range s.Keys {
		if _, ok := k.Public.(*rsa.PublicKey); ok {
			rsaKeys++
		}
	}
	switch {
	case len(s.Keys) == 0:
		return errors.New("it has no key that verifies a token")
	case rsaKeys > MaxKeys, len(s.Keys)-rsaKeys > MaxKeys:
		return fmt.Errorf("it has %d RSA and %d EC keys, and STS takes %d of each", rsaKeys, len(s.Keys)-rsaKeys, MaxKeys)
	}
	return nil
}

// Key returns the key of an identifier.
func (s KeySet) Key(id string) (Key, bool) {
	i := slices.IndexFunc(s.Keys, func(k Key) bool { return k.ID == id })
	if i < 0 {
		return Key{}, false
	}
	return s.Keys[i], true
}

// IDs returns the identifiers, in the order of the set.
func (s KeySet) IDs() []string {
	var ids []string
	for _, k := range s.Keys {
		ids = append(ids, k.ID)
	}
	return ids
}

// Bytes returns the JSON text of the set, as the API server serves it.
func (s KeySet) Bytes() []byte {
	set := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{}}
	for _, k := range s.Keys {
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: k.Public, KeyID: k.ID, Algorithm: k.Algorithm, Use: "sig"})
	}
	data, err := json.Marshal(set)
	if err != nil { // keys of other kinds, which neither NewKeySet nor ParseKeySet lets in
		return []byte(`{"keys":[]}`)
	}
	return data
}

// MarshalJSON writes what Bytes returns.
func (s KeySet) MarshalJSON() ([]byte, error) { return s.Bytes(), nil }

// UnmarshalJSON reads as [ParseKeySet] does.
func (s *KeySet) UnmarshalJSON(data []byte) (err error) {
	*s, err = ParseKeySet(data)
	return err
}

// decode reads a JSON document strictly: a name that stands twice, or anything
// behind the document, is an error. Errors do not repeat what they read.
func decode(data []byte, to any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	if err := d.Decode(to); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			return fmt.Errorf("it is not JSON, from byte %d", syntax.Offset)
		}
		var kind *json.UnmarshalTypeError
		if errors.As(err, &kind) {
			return fmt.Errorf("at byte %d it has %s where something else belongs", kind.Offset, kind.Value)
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return errors.New("it is not JSON: it ends early")
		}
		return errors.New("it is not JSON that can be read, or a name stands twice")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the JSON document")
	}
	return nil
}
