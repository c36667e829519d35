package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"

	"github.com/groundway-sdk/groundway"
)

const redactedKey = "[private key]"

// A Key is a private key, in this process or behind a [crypto.Signer], that
// hides itself wherever a value is printed: with any verb of package fmt, in
// JSON and other text encodings, and in log/slog. The zero value is no
// key. Keys are equal if their public keys are; compare them with [Key.Matches].
type Key struct {
	// A pointer, because fmt prints the fields of a struct without calling
	// their methods where it may not: then it shows an address. To an interface,
	// because fmt follows a pointer to a struct or a slice when a verb does not
	// suit it.
	held *crypto.Signer
}

// NewKey returns the key of a signer, such as a key of package crypto/ecdsa or
// one that a key management service holds. The signer must be safe for
// concurrent use.
func NewKey(signer crypto.Signer) Key {
	if signer == nil {
		return Key{}
	}
	return Key{&signer}
}

// GenerateKey makes a key; [DefaultAlgorithm] is [ECDSAP256]. It reads the
// system's randomness, which tests replace with
// testing/cryptotest.SetGlobalRandom.
func GenerateKey(a Algorithm) (Key, error) {
	var signer crypto.Signer
	var err error
	switch a {
	case DefaultAlgorithm, ECDSAP256:
		signer, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case ECDSAP384:
		signer, err = ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case RSA2048, RSA3072, RSA4096:
		signer, err = rsa.GenerateKey(rand.Reader, a.bits())
	case Ed25519:
		_, signer, err = ed25519.GenerateKey(rand.Reader)
	default:
		return Key{}, fmt.Errorf("generate key: algorithm %d: not a valid value", a)
	}
	if err != nil {
		return Key{}, fmt.Errorf("generate %s key: %v", a, err)
	}
	return NewKey(signer), nil
}

// IsZero reports whether there is no key.
func (k Key) IsZero() bool { return k.held == nil }

// Public returns the public key, or nil of the zero key.
func (k Key) Public() crypto.PublicKey {
	if k.held == nil {
		return nil
	}
	return (*k.held).Public()
}

// Signer returns the key to sign with, or nil of the zero key. Of a key in this
// process it is the private key itself: a search for the callers of Signer and
// [Key.PEM] finds every place where one leaves its hiding.
func (k Key) Signer() crypto.Signer {
	if k.held == nil {
		return nil
	}
	return *k.held
}

// Algorithm returns the key's algorithm, or [DefaultAlgorithm] if this package
// does not make such keys.
func (k Key) Algorithm() Algorithm { return AlgorithmOf(k.Public()) }

// Matches reports whether the key belongs to a public key.
func (k Key) Matches(public crypto.PublicKey) bool { return samePublic(k.Public(), public) }

func samePublic(a, b crypto.PublicKey) bool {
	key, ok := a.(interface{ Equal(x crypto.PublicKey) bool })
	return ok && b != nil && key.Equal(b)
}

// ErrNoPrivateKey is the error of [Key.PEM] for a key that cannot leave where it
// is held.
var ErrNoPrivateKey = errors.New("the private key is not in this process")

// PEM returns the key in PKCS #8 form (RFC 5208), which every consumer reads. A
// key behind a signer gives [ErrNoPrivateKey].
func (k Key) PEM() (groundway.Secret, error) {
	switch k.Signer().(type) {
	case *rsa.PrivateKey, *ecdsa.PrivateKey, ed25519.PrivateKey:
	default:
		return groundway.Secret{}, ErrNoPrivateKey
	}
	der, err := x509.MarshalPKCS8PrivateKey(k.Signer())
	if err != nil {
		return groundway.Secret{}, fmt.Errorf("encode %s key: %v", describeKey(k.Public()), err)
	}
	return groundway.NewSecret(string(pem.EncodeToMemory(&pem.Block{Type: blockPrivateKey, Bytes: der}))), nil
}

// String returns "[private key]", or "" for the zero key.
func (k Key) String() string {
	if k.IsZero() {
		return ""
	}
	return redactedKey
}

// GoString returns what String returns.
func (k Key) GoString() string { return k.String() }

// Format writes what String returns, whatever the verb.
func (k Key) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(k.String())) }

// LogValue returns what String returns.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalText returns what String returns: keys are read from files and never
// written to them this way.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }
