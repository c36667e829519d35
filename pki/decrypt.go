package pki

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/hmac"
	"crypto/md5"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"slices"
	"strings"
)

// A blockCipher is a cipher in CBC mode, by the names that OpenSSL gives it.
type blockCipher struct {
	name   string // as in DEK-Info
	oid    asn1.ObjectIdentifier
	keyLen int
	new    func(key []byte) (cipher.Block, error)
}

var blockCiphers = []blockCipher{
	{"AES-128-CBC", asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 2}, 16, aes.NewCipher},
	{"AES-192-CBC", asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 22}, 24, aes.NewCipher},
	{"AES-256-CBC", asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 42}, 32, aes.NewCipher},
	{"DES-EDE3-CBC", asn1.ObjectIdentifier{1, 2, 840, 113549, 3, 7}, 24, des.NewTripleDESCipher},
	{"DES-CBC", asn1.ObjectIdentifier{1, 3, 14, 3, 2, 7}, 8, des.NewCipher},
}

// The object identifiers of RFC 8018 (PKCS #5) and RFC 7914.
var (
	oidPBES2  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}
	oidPBKDF2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}
	oidScrypt = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11591, 4, 11}
)

// A pseudoRandom is HMAC with a hash function.
type pseudoRandom struct {
	oid asn1.ObjectIdentifier
	new func() hash.Hash
}

var pseudoRandoms = []pseudoRandom{
	{nil, sha1.New}, // the default of RFC 8018
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 7}, sha1.New},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 8}, sha256.New224},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 9}, sha256.New},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 10}, sha512.New384},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 11}, sha512.New},
}

// maxIterations bounds the work that a file can ask for; OpenSSL writes 2048.
const maxIterations = 2_000_000

// errPassphrase says nothing but what it is: padding that does not fit, or a
// key that does not parse after it.
var errPassphrase = errors.New("the passphrase does not fit")

// An encrypted key is one that a passphrase opens.
type encryptedKey struct {
	cipher string // "AES-256-CBC, PBKDF2", for messages
	kind   string // the type of block that decrypt returns the bytes of
	// decrypt is nil where the method is not one that this package knows.
	decrypt func(passphrase []byte) ([]byte, error)
}

// encryption returns how a block is encrypted; ok is false if it is not.
func (b block) encryption() (e encryptedKey, ok bool) {
	if b.kind == blockEncrypted {
		return pkcs8Encryption(b.bytes), true
	}
	if info, ok := b.headers["DEK-Info"]; ok {
		return legacyEncryption(b, info), true
	}
	return encryptedKey{}, strings.Contains(b.headers["Proc-Type"], "ENCRYPTED")
}

// legacyEncryption is that of RFC 1421 with OpenSSL's derivation of the key:
// MD5 over passphrase and salt.
func legacyEncryption(b block, info string) encryptedKey {
	name, ivText, _ := strings.Cut(info, ",")
	e := encryptedKey{cipher: strings.ToUpper(name) + ", the old form of OpenSSL", kind: b.kind}
	iv, err := hex.DecodeString(strings.TrimSpace(ivText))
	for _, c := range blockCiphers {
		if !strings.EqualFold(c.name, name) || err != nil || len(iv) < 8 {
			continue
		}
		e.decrypt = func(passphrase []byte) ([]byte, error) {
			var key, last []byte
			for len(key) < c.keyLen {
				sum := md5.Sum(bytes.Join([][]byte{last, passphrase, iv[:8]}, nil))
				last = sum[:]
				key = append(key, last...)
			}
			return c.decrypt(key[:c.keyLen], iv, b.bytes)
		}
	}
	return e
}

// pkcs8Encryption is that of RFC 5958 with PBES2 (RFC 8018).
func pkcs8Encryption(der []byte) encryptedKey {
	e := encryptedKey{cipher: "an unknown cipher", kind: blockPrivateKey}
	var outer struct {
		Algorithm pkix.AlgorithmIdentifier
		Data      []byte
	}
	if _, err := asn1.Unmarshal(der, &outer); err != nil {
		return e
	}
	e.cipher = "the cipher " + outer.Algorithm.Algorithm.String()
	var scheme struct{ Derivation, Cipher pkix.AlgorithmIdentifier }
	if !outer.Algorithm.Algorithm.Equal(oidPBES2) {
		return e
	}
	if _, err := asn1.Unmarshal(outer.Algorithm.Parameters.FullBytes, &scheme); err != nil {
		return e
	}
	e.cipher = "the cipher " + scheme.Cipher.Algorithm.String()
	for _, c := range blockCiphers {
		if !c.oid.Equal(scheme.Cipher.Algorithm) {
			continue
		}
		derive, name := derivation(scheme.Derivation, c.keyLen)
		e.cipher = c.name + ", " + name
		var iv []byte
		if _, err := asn1.Unmarshal(scheme.Cipher.Parameters.FullBytes, &iv); err != nil || derive == nil {
			return e
		}
		e.decrypt = func(passphrase []byte) ([]byte, error) {
			key, err := derive(passphrase)
			if err != nil {
				return nil, err
			}
			return c.decrypt(key, iv, outer.Data)
		}
	}
	return e
}

func derivation(a pkix.AlgorithmIdentifier, keyLen int) (derive func([]byte) ([]byte, error), name string) {
	switch {
	case a.Algorithm.Equal(oidScrypt):
		return nil, "scrypt"
	case !a.Algorithm.Equal(oidPBKDF2):
		return nil, "an unknown key derivation"
	}
	var p struct {
		Salt       []byte
		Iterations int
		KeyLen     int                      `asn1:"optional"`
		Random     pkix.AlgorithmIdentifier `asn1:"optional"`
	}
	if _, err := asn1.Unmarshal(a.Parameters.FullBytes, &p); err != nil {
		return nil, "PBKDF2"
	}
	i := slices.IndexFunc(pseudoRandoms, func(r pseudoRandom) bool { return r.oid.Equal(p.Random.Algorithm) })
	if i < 0 {
		return nil, "PBKDF2 with an unknown function"
	}
	return func(passphrase []byte) ([]byte, error) {
		if p.Iterations < 1 || p.Iterations > maxIterations {
			return nil, fmt.Errorf("%d iterations of PBKDF2, want %d at most", p.Iterations, maxIterations)
		}
		return pbkdf2.Key(pseudoRandoms[i].new, string(passphrase), p.Salt, p.Iterations, keyLen)
	}, "PBKDF2"
}

func (c blockCipher) decrypt(key, iv, data []byte) ([]byte, error) {
	b, err := c.new(key)
	if err != nil || len(iv) != b.BlockSize() || len(data) == 0 || len(data)%b.BlockSize() != 0 {
		return nil, errPassphrase
	}
	plain := make([]byte, len(data))
	cipher.NewCBCDecrypter(b, iv).CryptBlocks(plain, data)
	n := int(plain[len(plain)-1])
	if n == 0 || n > b.BlockSize() || !hmac.Equal(plain[len(plain)-n:], bytes.Repeat([]byte{byte(n)}, n)) {
		return nil, errPassphrase
	}
	return plain[:len(plain)-n], nil
}
