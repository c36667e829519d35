package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"fmt"
	"slices"
	"strings"
)

// An Algorithm is a kind and size of key that this package makes. The zero
// value is the default of the place where it stands: [ECDSAP256] for
// certificates, [RSA2048] for the service-account key, whose tokens every
// verifier reads as RS256.
type Algorithm uint8

const (
	// DefaultAlgorithm is the zero value.
	DefaultAlgorithm Algorithm = iota
	// ECDSAP256 is ECDSA over NIST P-256: everything reads it, and a key takes
	// microseconds.
	ECDSAP256
	// ECDSAP384 is ECDSA over NIST P-384.
	ECDSAP384
	// RSA2048 is RSA with 2048 bits, which NIST allows until the end of 2030.
	RSA2048
	// RSA3072 is RSA with 3072 bits.
	RSA3072
	// RSA4096 is RSA with 4096 bits; a key takes about half a second.
	RSA4096
	// Ed25519 is EdDSA over Curve25519, which browsers, kubeadm and the
	// service-account key do not take.
	Ed25519
)

var algorithmNames = []string{
	DefaultAlgorithm: "default", ECDSAP256: "ecdsa-p256", ECDSAP384: "ecdsa-p384",
	RSA2048: "rsa-2048", RSA3072: "rsa-3072", RSA4096: "rsa-4096", Ed25519: "ed25519",
}

// Algorithms returns the algorithms, without the default.
func Algorithms() []Algorithm {
	return []Algorithm{ECDSAP256, ECDSAP384, RSA2048, RSA3072, RSA4096, Ed25519}
}

// ParseAlgorithm reads what String writes.
func ParseAlgorithm(name string) (Algorithm, error) {
	if i := slices.Index(algorithmNames, name); i >= 0 {
		return Algorithm(i), nil
	}
	return 0, fmt.Errorf("parse algorithm %q: want one of %s", name, strings.Join(algorithmNames[1:], ", "))
}

// String returns the name: "ecdsa-p256".
func (a Algorithm) String() string {
	if int(a) >= len(algorithmNames) {
		return "invalid"
	}
	return algorithmNames[a]
}

// MarshalText returns what String returns; an invalid algorithm is an error.
func (a Algorithm) MarshalText() ([]byte, error) {
	if int(a) >= len(algorithmNames) {
		return nil, fmt.Errorf("marshal algorithm %d: not a valid value", a)
	}
	return []byte(algorithmNames[a]), nil
}

// UnmarshalText reads what MarshalText writes.
func (a *Algorithm) UnmarshalText(text []byte) (err error) {
	*a, err = ParseAlgorithm(string(text))
	return err
}

func (a Algorithm) isRSA() bool { return a == RSA2048 || a == RSA3072 || a == RSA4096 }

func (a Algorithm) bits() int {
	return map[Algorithm]int{RSA2048: 2048, RSA3072: 3072, RSA4096: 4096}[a]
}

// AlgorithmOf returns the algorithm of a public key, and
// [DefaultAlgorithm] for a key that this package does not make.
func AlgorithmOf(public crypto.PublicKey) Algorithm {
	switch k := public.(type) {
	case *rsa.PublicKey:
		for _, a := range []Algorithm{RSA2048, RSA3072, RSA4096} {
			if k.N != nil && k.N.BitLen() == a.bits() {
				return a
			}
		}
	case *ecdsa.PublicKey:
		switch k.Curve {
		case elliptic.P256():
			return ECDSAP256
		case elliptic.P384():
			return ECDSAP384
		}
	case ed25519.PublicKey:
		return Ed25519
	}
	return DefaultAlgorithm
}

// describeKey names any public key: "rsa-1024", "ecdsa-p224", "dsa".
func describeKey(public crypto.PublicKey) string {
	switch k := public.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("rsa-%d", k.N.BitLen())
	case *ecdsa.PublicKey:
		return "ecdsa-" + strings.ToLower(strings.ReplaceAll(k.Curve.Params().Name, "-", ""))
	case ed25519.PublicKey:
		return "ed25519"
	case nil:
		return "an unknown kind"
	}
	return strings.ToLower(strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%T", public), "*"), ".PublicKey"))
}
