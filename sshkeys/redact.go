package sshkeys

import (
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"

	"github.com/groundway-sdk/groundway/internal/standin"
)

// Redact returns a copy of the snapshot without what tells who holds its keys, to
// hand to somebody else. Each value that is mapped gets a stand-in, the same
// wherever it stands, so that what belonged together still does and [Check] comes
// to the same verdicts for the options. Stand-ins are numbered in the order of
// the names; nothing is hashed, so none can be guessed back, and nothing is
// random. To redact twice is to redact once.
//
// Mapped are
//
//   - the names of key pairs, to pair-1 and so on;
//   - public keys, by which people can be found, to keys of the same type and
//     length that nobody has, and their comments to nothing;
//   - fingerprints, to 00:…:01 and so on, of the same form;
//   - account IDs, to 000000000001 and so on, the snapshot's own first;
//   - messages of gaps, to message-1.
//
// IDs, types, times, regions, error codes and IAM actions stay readable. So does
// what the options say: the name of the key pair, and the key that is held. Who
// checks the redacted snapshot needs them there.
func (s Snapshot) Redact(o Options) Snapshot {
	held := o.held()
	r := redactor{
		Book: standin.New([]string{"pair", "message"}, o.KeyName), held: held,
		fingerprints: []string{held.ImportFingerprint(), held.rfc4716Fingerprint(), o.created()},
	}
	var to Snapshot
	r.Walk(func() { to = r.snapshot(s) })
	return to
}

type redactor struct {
	*standin.Book
	held         PublicKey
	fingerprints []string // of the key that is held
}

func (r *redactor) snapshot(s Snapshot) Snapshot {
	s.Account = r.Account(s.Account)
	s.KeyPairs = standin.Part(r.Book, s.KeyPairs, func(p *KeyPair) {
		p.Name = r.Word("pair", p.Name)
		p.PublicKey = r.publicKey(p.PublicKey)
		p.Fingerprint = r.fingerprint(p.Fingerprint)
	})
	return s
}

// publicKey redacts a line of authorized_keys, and drops a text that is none: it
// may hold anything.
func (r *redactor) publicKey(text string) string {
	k, err := ParsePublicKey([]byte(text))
	if err != nil {
		return ""
	}
	k = k.Bare()
	kept := k.Equal(r.held) || isStandInKey(k)
	return r.Value(fmt.Sprintf("key %s %d", k.typ, k.bits), k.String(), kept, func(n int) string { return standInKey(k, n).String() })
}

// standInKey makes the key of a number: an RSA modulus that is a power of two
// and a little, an ED25519 key of zeros. Of other types, which EC2 does not hold,
// it is an ED25519 key too.
func standInKey(like PublicKey, number int) PublicKey {
	var key any
	if like.typ == TypeRSA {
		n := new(big.Int).Lsh(big.NewInt(1), uint(like.bits-1))
		key = &rsa.PublicKey{N: n.Add(n, big.NewInt(int64(2*number+1))), E: 65537}
	} else {
		zeros := make(ed25519.PublicKey, ed25519.PublicKeySize)
		binary.BigEndian.PutUint32(zeros[ed25519.PublicKeySize-4:], uint32(number))
		key = zeros
	}
	k, _ := NewPublicKey(key, "")
	return k
}

func isStandInKey(k PublicKey) bool {
	parsed, err := ssh.ParsePublicKey([]byte(k.blob))
	if err != nil {
		return false
	}
	switch key := cryptoKey(parsed).(type) {
	case *rsa.PublicKey:
		rest := new(big.Int).Sub(key.N, new(big.Int).Lsh(big.NewInt(1), uint(k.bits-1)))
		return rest.BitLen() <= 32
	case ed25519.PublicKey:
		return !slices.ContainsFunc(key[:ed25519.PublicKeySize-4], func(b byte) bool { return b != 0 })
	}
	return false
}

// fingerprintSizes are the lengths of what the forms hash to, in bytes.
var fingerprintSizes = map[fingerprintForm]int{formMD5: 16, formSHA1: 20, formSHA256: 32}

// fingerprint maps a fingerprint to one of its form, and drops a text that is
// none.
func (r *redactor) fingerprint(text string) string {
	form, written := formOf(text)
	if form == formUnknown {
		return ""
	}
	kept := slices.Contains(r.fingerprints, written) || isStandInFingerprint(form, written)
	return r.Value(fmt.Sprint("fingerprint ", form), written, kept, func(n int) string {
		sum := make([]byte, fingerprintSizes[form])
		binary.BigEndian.PutUint32(sum[len(sum)-4:], uint32(n))
		if form == formSHA256 {
			return base64.StdEncoding.EncodeToString(sum)
		}
		return colons(sum)
	})
}

func isStandInFingerprint(form fingerprintForm, written string) bool {
	if form == formSHA256 {
		raw, err := base64.StdEncoding.DecodeString(written)
		return err == nil && strings.Trim(string(raw[:len(raw)-4]), "\x00") == ""
	}
	return strings.Trim(written[:len(written)-len("00:00:00:01")], "0:") == ""
}
