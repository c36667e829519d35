package sshkeys

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"strings"

	"golang.org/x/crypto/ssh"
)

// EC2 shows one of four fingerprints of a key pair, by the type of the key and by
// who made it, see
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/verify-keys.html:
//
//	RSA, imported        MD5 of the DER of the public key    16 bytes, hexadecimal with colons
//	RSA, made by EC2     SHA-1 of the PKCS #8 DER of the     20 bytes, hexadecimal with colons
//	                     private key
//	ED25519, either way  SHA-256 of the SSH encoding of the  Base64 with padding, where ssh-keygen
//	                     public key                          prints SHA256: and no padding

// Fingerprint returns what ssh-keygen -l prints, "SHA256:…", and "" of the zero
// value.
func (k PublicKey) Fingerprint() string {
	if k.IsZero() {
		return ""
	}
	sum := sha256.Sum256([]byte(k.blob))
	return "SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:])
}

// ImportFingerprint returns the fingerprint that EC2 shows of a key pair that was
// imported with this public key. EC2 takes no other types than RSA and ED25519:
// of these it is empty.
//
// The API reference calls that of an RSA key the MD5 of RFC 4716, which is what
// ssh-keygen -l -E md5 prints. EC2 hashes another encoding of the key, and shows
// the first example command of the page on verifying keys:
//
//	openssl rsa -in FILE -pubout -outform DER | openssl md5 -c
func (k PublicKey) ImportFingerprint() string {
	switch k.typ {
	case TypeRSA:
		der, err := k.der()
		if err != nil {
			return ""
		}
		sum := md5.Sum(der)
		return colons(sum[:])
	case TypeED25519:
		sum := sha256.Sum256([]byte(k.blob))
		return base64.StdEncoding.EncodeToString(sum[:])
	}
	return ""
}

// der returns the key as SubjectPublicKeyInfo.
func (k PublicKey) der() ([]byte, error) {
	parsed, err := ssh.ParsePublicKey([]byte(k.blob))
	if err != nil {
		return nil, err
	}
	return x509.MarshalPKIXPublicKey(cryptoKey(parsed))
}

// rfc4716Fingerprint returns the MD5 of section 4 of RFC 4716, as the API
// reference describes it.
func (k PublicKey) rfc4716Fingerprint() string {
	sum := md5.Sum([]byte(k.blob))
	return colons(sum[:])
}

// CreateFingerprint returns the fingerprint that EC2 shows of a key pair that it
// made, and whose private key this is. Of an RSA key nobody can compute it
// without the private key:
//
//	openssl pkcs8 -in FILE -inform PEM -outform DER -topk8 -nocrypt | openssl sha1 -c
//
// It is empty for types that EC2 does not make.
func (k PrivateKey) CreateFingerprint() string {
	public := k.Public()
	if public.typ != TypeRSA {
		return public.ImportFingerprint()
	}
	der, err := x509.MarshalPKCS8PrivateKey(k.key.signer)
	if err != nil {
		return ""
	}
	sum := sha1.Sum(der)
	return colons(sum[:])
}

func colons(sum []byte) string {
	bytes := make([]string, len(sum))
	for i, b := range sum {
		bytes[i] = hex.EncodeToString([]byte{b})
	}
	return strings.Join(bytes, ":")
}

// A fingerprintForm is what a fingerprint of EC2 is made of.
type fingerprintForm uint8

const (
	formUnknown fingerprintForm = iota
	formMD5                     // RSA, imported
	formSHA1                    // RSA, made by EC2
	formSHA256                  // ED25519
)

// formOf tells the form by the length, and returns the fingerprint as this
// package writes it. The prefix of ssh-keygen and missing padding are forgiven.
func formOf(fingerprint string) (fingerprintForm, string) {
	if raw, err := hex.DecodeString(strings.ReplaceAll(fingerprint, ":", "")); err == nil {
		switch written := colons(raw); {
		case !strings.EqualFold(written, fingerprint):
		case len(raw) == md5.Size:
			return formMD5, written
		case len(raw) == sha1.Size:
			return formSHA1, written
		}
		return formUnknown, fingerprint
	}
	text := strings.TrimRight(strings.TrimPrefix(fingerprint, "SHA256:"), "=")
	if raw, err := base64.RawStdEncoding.Strict().DecodeString(text); err == nil && len(raw) == sha256.Size {
		return formSHA256, base64.StdEncoding.EncodeToString(raw)
	}
	return formUnknown, fingerprint
}
