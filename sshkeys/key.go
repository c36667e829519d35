package sshkeys

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/crypto/ssh"
)

// A Type is what a key is made of. The zero value is invalid.
type Type uint8

// The types. EC2 takes RSA and ED25519 alone, see
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-key-pairs.html; the
// others are told from them so that a finding can name what is wrong.
const (
	TypeRSA Type = 1 + iota
	TypeED25519
	TypeECDSA
	TypeDSA
)

var typeNames = []string{TypeRSA: "rsa", TypeED25519: "ed25519", TypeECDSA: "ecdsa", TypeDSA: "dsa"}

// ParseType returns the type of this name, as EC2 and the option -t of
// ssh-keygen spell it: rsa, ed25519, ecdsa or dsa.
func ParseType(name string) (Type, error) {
	return parseEnum[Type]("key type", typeNames, name)
}

// String returns the name that ParseType takes, or "invalid".
func (t Type) String() string { return enumName(typeNames, t) }

// MarshalText returns what String returns; an invalid type is an error.
func (t Type) MarshalText() ([]byte, error) { return enumText("key type", typeNames, t) }

// UnmarshalText accepts what MarshalText writes.
func (t *Type) UnmarshalText(text []byte) (err error) {
	*t, err = ParseType(string(text))
	return err
}

func enumName[E ~uint8](names []string, v E) string {
	if v == 0 || int(v) >= len(names) {
		return "invalid"
	}
	return names[v]
}

func enumText[E ~uint8](what string, names []string, v E) ([]byte, error) {
	if v == 0 || int(v) >= len(names) {
		return nil, fmt.Errorf("marshal %s %d: not a valid value", what, v)
	}
	return []byte(names[v]), nil
}

func parseEnum[E ~uint8](what string, names []string, text string) (E, error) {
	if i := slices.Index(names, text); i > 0 {
		return E(i), nil
	}
	return 0, fmt.Errorf("parse %s %q: want one of %s", what, text, strings.Join(names[1:], ", "))
}

// InEC2 reports whether EC2 takes keys of the type.
func (t Type) InEC2() bool { return t == TypeRSA || t == TypeED25519 }

// A PublicKey is the public half of a key pair, with what stood beside it in its
// text. Values can be compared with ==, which compares comment and options too;
// Equal compares the keys alone. The zero value is no key.
type PublicKey struct {
	blob    string // the encoding of RFC 4253, section 6.6
	typ     Type
	bits    int
	comment string
	options string // as in authorized_keys, before the key
}

// NewPublicKey returns the key, which is an *rsa.PublicKey, an
// ed25519.PublicKey or an *ecdsa.PublicKey of NIST's curves. A comment is text
// for people, in one line.
func NewPublicKey(key any, comment string) (PublicKey, error) {
	if err := checkComment(comment); err != nil {
		return PublicKey{}, fmt.Errorf("new public key: %w", err)
	}
	// A nil pointer in the interface would be dereferenced by the encoder.
	switch k := key.(type) {
	case *rsa.PublicKey:
		if k == nil || k.N == nil {
			return PublicKey{}, errors.New("new public key: it is nil")
		}
	case ed25519.PublicKey:
		if len(k) != ed25519.PublicKeySize {
			return PublicKey{}, fmt.Errorf("new public key: it has %d bytes, want %d", len(k), ed25519.PublicKeySize)
		}
	case *ecdsa.PublicKey:
		if k == nil || k.Curve == nil {
			return PublicKey{}, errors.New("new public key: it is nil")
		}
	default:
		return PublicKey{}, errors.New("new public key: want an RSA, ED25519 or ECDSA key")
	}
	encoded, err := ssh.NewPublicKey(key)
	if err != nil {
		return PublicKey{}, errors.New("new public key: it has no encoding for SSH")
	}
	k, err := fromBlob(encoded.Marshal())
	if err != nil {
		return PublicKey{}, fmt.Errorf("new public key: %w", err)
	}
	k.comment = comment
	return k, nil
}

// MustParsePublicKey is [ParsePublicKey] for literals in tests; it panics on an
// error.
func MustParsePublicKey(text string) PublicKey {
	k, err := ParsePublicKey([]byte(text))
	if err != nil {
		panic(err)
	}
	return k
}

// dsaFromBlob reads a DSA key, of which package ssh knows no more. Its numbers are
// those of FIPS 186-2: a prime of 1024 bits and a divisor of 160.
func dsaFromBlob(blob []byte) (PublicKey, error) {
	var key struct {
		Name       string
		P, Q, G, Y *big.Int
	}
	if err := ssh.Unmarshal(blob, &key); err != nil || key.P.BitLen() != 1024 || key.Q.BitLen() != 160 || key.G.Sign() <= 0 || key.Y.Sign() <= 0 {
		return PublicKey{}, errUnreadable
	}
	return PublicKey{blob: string(ssh.Marshal(key)), typ: TypeDSA, bits: 1024}, nil
}

// fromBlob reads the encoding of RFC 4253. The key that it returns has the one
// encoding that this package writes, so that two texts of one key are equal.
func fromBlob(blob []byte) (PublicKey, error) {
	if blobName(blob) == algorithmDSA {
		return dsaFromBlob(blob)
	}
	parsed, err := ssh.ParsePublicKey(blob)
	if err != nil {
		return PublicKey{}, errUnreadable
	}
	k := PublicKey{blob: string(parsed.Marshal())}
	switch parsed.Type() {
	case ssh.KeyAlgoRSA:
		n := cryptoKey(parsed).(*rsa.PublicKey).N
		if n.Sign() <= 0 || n.Bit(0) == 0 {
			return PublicKey{}, errUnreadable // a product of two odd primes is neither
		}
		k.typ, k.bits = TypeRSA, n.BitLen()
	case ssh.KeyAlgoED25519:
		k.typ, k.bits = TypeED25519, 256
	case ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521:
		k.typ, k.bits = TypeECDSA, cryptoKey(parsed).(*ecdsa.PublicKey).Curve.Params().BitSize
	default:
		return PublicKey{}, errOtherType
	}
	return k, nil
}

var (
	errUnreadable = errors.New("got a key that cannot be read, want it as ssh-keygen writes it")
	errOtherType  = errors.New("got a key of a type that EC2 does not take, want an RSA or ED25519 key: ssh-keygen -t ed25519 makes one")
)

func cryptoKey(k ssh.PublicKey) any { return k.(ssh.CryptoPublicKey).CryptoPublicKey() }

// IsZero reports whether there is no key.
func (k PublicKey) IsZero() bool { return k.blob == "" }

// Type returns what the key is made of.
func (k PublicKey) Type() Type { return k.typ }

// Bits returns the length as ssh-keygen -l prints it: of the modulus of an RSA
// key, 256 of an ED25519 key.
func (k PublicKey) Bits() int { return k.bits }

// Comment returns the text behind the key, usually whose it is. It is untrusted
// text in one line.
func (k PublicKey) Comment() string { return k.comment }

// Options returns the options that stood before the key in the form of
// authorized_keys, such as `command="…"`, in their order. They are untrusted
// text, and may hold secrets: environment="…" sets variables.
func (k PublicKey) Options() []string { return splitOptions(k.options) }

// WithComment returns the key with another comment, which is one line.
func (k PublicKey) WithComment(comment string) (PublicKey, error) {
	if err := checkComment(comment); err != nil {
		return PublicKey{}, err
	}
	k.comment = comment
	return k, nil
}

// Bare returns the key without comment and options.
func (k PublicKey) Bare() PublicKey {
	k.comment, k.options = "", ""
	return k
}

// Equal reports whether both are the same key, whatever stands beside it.
func (k PublicKey) Equal(l PublicKey) bool { return k.blob == l.blob }

// String returns the line of authorized_keys: the options if there are any, the
// name of the algorithm, the key in Base64, and the comment. It is empty for the
// zero value, and [ParsePublicKey] reads it back.
func (k PublicKey) String() string {
	if k.IsZero() {
		return ""
	}
	return strings.TrimSpace(k.options + " " + k.algorithm() + " " + base64.StdEncoding.EncodeToString([]byte(k.blob)) + " " + k.comment)
}

// algorithm returns the name that the encoding begins with: "ssh-ed25519".
func (k PublicKey) algorithm() string { return blobName([]byte(k.blob)) }

// MarshalText returns what String returns.
func (k PublicKey) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads what [ParsePublicKey] reads; the empty text is the zero
// value.
func (k *PublicKey) UnmarshalText(text []byte) (err error) {
	if len(text) == 0 {
		*k = PublicKey{}
		return nil
	}
	*k, err = ParsePublicKey(text)
	return err
}

// checkComment returns an error unless the text can stand behind a key and be
// read back from there.
func checkComment(text string) error {
	if text != cleanComment(text) {
		return fmt.Errorf("comment %.60q: want one line of text, without control characters and spaces around it", text)
	}
	return nil
}

// cleanComment makes one line of harmless text of what stands behind a key.
func cleanComment(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case unicode.IsControl(r), r == '\u2028', r == '\u2029':
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(text, string(unicode.ReplacementChar)))
	return strings.TrimSpace(text)
}
