package sshkeys

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"golang.org/x/crypto/ssh"

	"github.com/groundway-sdk/groundway"
)

// A PrivateKey is a key pair with its private half. Like a [groundway.Secret] it
// hides itself wherever a value is printed or encoded; what leaves it does so by
// Signer and OpenSSH alone. The zero value is no key.
type PrivateKey struct {
	// A pointer, because fmt prints the fields of a struct without calling their
	// methods where it may not: then it shows an address.
	key *private
}

type private struct {
	signer crypto.Signer
	public PublicKey
}

const redacted = "[redacted]"

// Errors of [ParsePrivateKey], for errors.Is.
var (
	// ErrNoPassphrase means that the key is encrypted and no passphrase was given.
	ErrNoPassphrase = errors.New("the key is encrypted, want its passphrase")
	// ErrPassphrase means that the passphrase is not that of the key.
	ErrPassphrase = errors.New("the passphrase is not that of the key")
)

// ParsePrivateKey reads a private key in the form of OpenSSH, PKCS #1, PKCS #8 or
// SEC 1, as in the files of ssh-keygen and the .pem files of EC2, decrypting it
// where the form is that of OpenSSH or the older one of PEM. The passphrase is
// not looked at where the key is not encrypted. Errors never repeat any of the
// text. The comment within the form of OpenSSH is not read.
func ParsePrivateKey(text []byte, passphrase groundway.Secret) (PrivateKey, error) {
	k, err := parsePrivate(text, passphrase)
	if err != nil {
		return PrivateKey{}, fmt.Errorf("parse private key: %w", err)
	}
	return k, nil
}

func parsePrivate(data []byte, passphrase groundway.Secret) (PrivateKey, error) {
	if len(data) > MaxText {
		return PrivateKey{}, errors.New("got a text of over 1 MiB, which no key is")
	}
	text, err := plainText(data)
	if err != nil {
		return PrivateKey{}, errors.New("got bytes that are no text, want a private key in PEM")
	}
	block, _ := pem.Decode([]byte(text))
	switch {
	case strings.HasPrefix(strings.TrimSpace(text), "PuTTY-User-Key-File-"):
		return PrivateKey{}, errors.New("got a key of PuTTY, want it in the form of OpenSSH: puttygen FILE -O private-openssh -o NEW converts it")
	case block == nil:
		return PrivateKey{}, errors.New("got something else, want a private key such as -----BEGIN OPENSSH PRIVATE KEY-----")
	case block.Type == "ENCRYPTED PRIVATE KEY":
		return PrivateKey{}, errors.New("got an encrypted key in PKCS #8, want it in the form of OpenSSH: ssh-keygen -p -f FILE converts it")
	case !strings.Contains(block.Type, "PRIVATE KEY"):
		return PrivateKey{}, errors.New("got a PEM block of another kind, want a private key")
	}
	key, err := ssh.ParseRawPrivateKey([]byte(text))
	if missing, ok := errors.AsType[*ssh.PassphraseMissingError](err); ok && missing != nil {
		if passphrase.IsZero() {
			return PrivateKey{}, ErrNoPassphrase
		}
		// A wrong passphrase and a broken key cannot be told apart in every form.
		if key, err = ssh.ParseRawPrivateKeyWithPassphrase([]byte(text), []byte(passphrase.Reveal())); err != nil {
			return PrivateKey{}, ErrPassphrase
		}
	}
	if err != nil {
		return PrivateKey{}, errors.New("got a key that cannot be read, want it whole, as ssh-keygen or EC2 wrote it")
	}
	return newPrivateKey(key, "")
}

// newPrivateKey takes what the parsers of the standard library and of package
// ssh return.
func newPrivateKey(key any, comment string) (PrivateKey, error) {
	if k, ok := key.(*ed25519.PrivateKey); ok {
		key = *k
	}
	var signer crypto.Signer
	switch k := key.(type) {
	case *rsa.PrivateKey:
		signer = k
	case ed25519.PrivateKey:
		signer = k
	case *ecdsa.PrivateKey:
		signer = k
	default:
		return PrivateKey{}, errors.New("got a key of another type, want RSA, ED25519 or ECDSA")
	}
	public, err := NewPublicKey(signer.Public(), comment)
	if err != nil {
		return PrivateKey{}, err
	}
	return PrivateKey{&private{signer, public}}, nil
}

// IsZero reports whether there is no key.
func (k PrivateKey) IsZero() bool { return k.key == nil }

// Public returns the public half, with the comment of the key.
func (k PrivateKey) Public() PublicKey {
	if k.IsZero() {
		return PublicKey{}
	}
	return k.key.public
}

// Signer returns the key itself, nil of the zero value. A search for the callers
// of Signer and OpenSSH finds every place where private keys leave their hiding.
func (k PrivateKey) Signer() crypto.Signer {
	if k.IsZero() {
		return nil
	}
	return k.key.signer
}

// OpenSSH returns the key in the form that OpenSSH writes, encrypted with the
// passphrase unless that is empty (aes256-ctr, bcrypt with 16 rounds), and with
// the comment of the key. Two calls return different texts of one key.
func (k PrivateKey) OpenSSH(passphrase groundway.Secret) (groundway.Secret, error) {
	if k.IsZero() {
		return groundway.Secret{}, errors.New("marshal private key: there is none")
	}
	var block *pem.Block
	var err error
	if comment := k.key.public.comment; passphrase.IsZero() {
		block, err = ssh.MarshalPrivateKey(k.key.signer, comment)
	} else {
		block, err = ssh.MarshalPrivateKeyWithPassphrase(k.key.signer, comment, []byte(passphrase.Reveal()))
	}
	if err != nil {
		return groundway.Secret{}, errors.New("marshal private key: it has no encoding for OpenSSH")
	}
	return groundway.NewSecret(string(pem.EncodeToMemory(block))), nil
}

// String returns "[redacted]", or "" for the zero value.
func (k PrivateKey) String() string {
	if k.IsZero() {
		return ""
	}
	return redacted
}

// GoString returns what String returns.
func (k PrivateKey) GoString() string { return k.String() }

// Format writes what String returns, whatever the verb.
func (k PrivateKey) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(k.String())) }

// LogValue returns what String returns.
func (k PrivateKey) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalText returns what String returns.
func (k PrivateKey) MarshalText() ([]byte, error) { return []byte(k.String()), nil }
