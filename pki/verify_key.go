package pki

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/groundway-sdk/groundway"
)

// public returns the key that the entry is judged by, and where it stands; ok is
// false where there is none. Of a kind that crypto/x509 does not know it is nil.
func (e *entry) public() (key crypto.PublicKey, at Part, ok bool) {
	switch {
	case e.cert() != nil:
		return e.cert().PublicKey, PartCertificate, true
	case !e.material.Key.IsZero():
		return e.material.Key.Public(), PartKey, true
	case len(e.material.PublicKeys) > 0:
		return e.material.PublicKeys[0], PartPublicKey, true
	}
	return nil, PartCertificate, false
}

// keys returns the keys of all certificates of the entry's file, and those that
// tokens are verified with.
func (e *entry) keys() []crypto.PublicKey {
	var keys []crypto.PublicKey
	for _, c := range e.material.Certificates {
		keys = append(keys, c.PublicKey)
	}
	return append(keys, e.material.PublicKeys...)
}

// keyed judges every entry that has a key to be judged by.
func (k *checker) keyed(code groundway.Code, judge func(e *entry, public crypto.PublicKey, part Part)) {
	for _, e := range k.entries {
		part := PartCertificate
		if e.isTokens() {
			part = PartKey
		}
		if public, at, ok := e.public(); ok && e.material.Sources[part].Unreadable == "" {
			judge(e, public, at)
		} else {
			k.sees(code, e, part)
		}
	}
}

// failKey records that the entry's key breaks the rule.
func (k *checker) failKey(code groundway.Code, e *entry, part Part, summary, got, want string) {
	k.fail(code, fault{
		subject: k.subject(e), entry: e, summary: e.label(part) + " " + summary,
		evidence: []groundway.Fact{{Path: e.place(part), Got: got, Want: want}},
		remedies: []groundway.Remedy{{Commands: e.show()}},
	})
}

// checkKeyMismatch compares the public keys of both sides. Of an authority's
// file any certificate may be the one that signs.
func checkKeyMismatch(k *checker, code groundway.Code) {
	for _, e := range k.entries {
		other := PartCertificate
		if e.isTokens() {
			other = PartPublicKey
		}
		_, read := e.material.Sources[PartKey]
		if (e.id.IsCA() || e.next) && e.material.Key.IsZero() && !read {
			continue // it need not be here
		}
		if !k.sees(code, e, other) || !k.sees(code, e, PartKey) {
			continue
		}
		matches := false
		switch {
		case e.isTokens():
			matches = slices.ContainsFunc(e.material.PublicKeys, e.material.Key.Matches)
		case e.id.IsCA():
			matches = slices.ContainsFunc(e.material.Certificates, func(c *x509.Certificate) bool { return e.material.Key.Matches(c.PublicKey) })
		default:
			matches = e.material.Key.Matches(e.cert().PublicKey)
		}
		if matches {
			k.Pass(code, 1)
			continue
		}
		f := fault{
			subject: k.subject(e), entry: e,
			summary: fmt.Sprintf("%s does not belong to %s.", e.place(PartKey), e.place(other)),
			evidence: []groundway.Fact{
				{Path: e.place(PartKey), Got: "the key " + keyPrint(e.material.Key.Public()), Want: "the key of the other file"},
				{Path: e.place(other), Got: "the key " + keyPrint(e.otherKey())},
			},
		}
		if e.place(PartKey) == e.place(other) {
			f.summary = fmt.Sprintf("The key of %s does not belong to its certificate.", e.id)
		}
		if file := e.material.Sources[PartKey].Name; file != "" && other == PartCertificate {
			f.remedies = []groundway.Remedy{{Commands: [][]string{
				{"openssl", "x509", "-noout", "-pubkey", "-in", e.place(other)},
				{"openssl", "pkey", "-pubout", "-in", file},
			}}}
		}
		k.fail(code, f)
	}
	k.orInapplicable(code, "the bundle has no such entry")
}

func (e *entry) otherKey() crypto.PublicKey {
	if e.isTokens() {
		return e.material.PublicKeys[0]
	}
	return e.cert().PublicKey
}

// keyPrint names a public key: its algorithm and the start of the hash that is
// its identifier.
func keyPrint(public crypto.PublicKey) string {
	id, err := keyIDOf(public)
	if err != nil {
		return describeKey(public)
	}
	return fmt.Sprintf("%s %x", describeKey(public), id[:8])
}

// checkKeyShared names the later of two entries with one key. What authorities
// share is the business of another rule.
func checkKeyShared(k *checker, code groundway.Code) {
	before := map[string][]*entry{} // by the name of the key
	k.keyed(code, func(e *entry, public crypto.PublicKey, part Part) {
		if k.skipIf(code, k.subject(e), codeCALeaf) {
			return
		}
		name := keyPrint(public)
		defer func() { before[name] = append(before[name], e) }()
		for _, other := range before[name] {
			theirs, at, _ := other.public()
			if !samePublic(public, theirs) || e.id.IsCA() && other.id.IsCA() {
				continue
			}
			k.fail(code, fault{
				subject: k.subject(e), entry: e, related: []groundway.Subject{k.subject(other)},
				summary: fmt.Sprintf("%s has the same key as %s.", e.label(part), other.id),
				evidence: []groundway.Fact{
					{Path: e.place(part), Got: "the key " + name, Want: "a key of its own"},
					{Path: other.place(at), Got: "the key " + name},
				},
				remedies: []groundway.Remedy{{Commands: e.show()}},
			})
			return
		}
		k.Pass(code, 1)
	})
}

// weakKey says why a key is weak, or returns "".
func weakKey(public crypto.PublicKey) string {
	switch key := public.(type) {
	case *rsa.PublicKey:
		switch {
		case tooShort(key):
			return fmt.Sprintf("it has fewer than %d bits", shortestRSA)
		case key.E < 3 || key.E%2 == 0:
			return "its exponent is not odd, or too small"
		}
		return ""
	case *ecdsa.PublicKey:
		if key.Curve == elliptic.P224() {
			return "its curve is below 128 bits of security"
		}
		return ""
	case ed25519.PublicKey:
		return ""
	}
	return "components do not know the algorithm"
}

// checkWeakKey looks at every certificate of the entry's file.
func checkWeakKey(k *checker, code groundway.Code) {
	k.keyed(code, func(e *entry, public crypto.PublicKey, part Part) {
		for _, key := range append(e.keys(), public) {
			if why := weakKey(key); why != "" {
				k.failKey(code, e, part, fmt.Sprintf("has a key of %s: %s.", describeKey(key), why),
					describeKey(key), "ecdsa-p256, or rsa-2048 at least")
				return
			}
		}
		k.Pass(code, 1)
	})
}

// shortestRSA is what NIST SP 800-57 allows of RSA keys, in bits.
const shortestRSA = 2048

// longestRSA is the length in bits beyond which crypto/tls refuses an RSA key that
// a peer shows, see https://pkg.go.dev/vuln/GO-2023-1987.
const longestRSA = 8192

func tooShort(public crypto.PublicKey) bool {
	key, ok := public.(*rsa.PublicKey)
	return ok && key.N.BitLen() < shortestRSA
}

func tooLong(public crypto.PublicKey) bool {
	key, ok := public.(*rsa.PublicKey)
	return ok && key.N.BitLen() > longestRSA
}

// rsaHorizon is the end of what NIST SP 800-57 allows 112 bits of security for.
var rsaHorizon = time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC)

func checkRSAHorizon(k *checker, code groundway.Code) {
	k.each(code, isCA, func(e *entry) {
		c, where := e.first(func(c *x509.Certificate) bool {
			key, ok := c.PublicKey.(*rsa.PublicKey)
			return ok && key.N.BitLen() < 3072 && !c.NotAfter.Before(rsaHorizon)
		})
		if c == nil {
			k.Pass(code, 1)
			return
		}
		k.failCert(code, e, where+fmt.Sprintf("has a key of %s and ends on %s.", describeKey(c.PublicKey), stamp(c.NotAfter)),
			groundway.Fact{Got: describeKey(c.PublicKey) + " until " + stamp(c.NotAfter), Want: "rsa-3072 or ecdsa-p256, or an end in 2030"})
	})
}

// checkKeyUnsupported asks all who read an authority's leaves about its key: they
// check its signatures.
func checkKeyUnsupported(k *checker, code groundway.Code) {
	k.keyed(code, func(e *entry, public crypto.PublicKey, part Part) {
		uses := slices.Clone(e.uses)
		if e.id.IsCA() {
			for _, c := range k.inv.Certificates {
				if c.Authority.CA() == e.id {
					uses = append(uses, c.Uses...)
				}
			}
		}
		keys := append([]crypto.PublicKey{public}, e.material.PublicKeys...)
		if e.isLeaf() {
			keys = e.keys() // all are shown in a handshake
		}
		for _, key := range keys {
			who, ok := taken(AlgorithmOf(key), uses)
			if e.isLeaf() && tooLong(key) {
				who, ok = "the TLS of Go", false
			}
			if !ok {
				k.failKey(code, e, part, fmt.Sprintf("has a key of %s, which %s does not take.", describeKey(key), who),
					describeKey(key), "ecdsa-p256, or rsa-2048")
				return
			}
		}
		k.Pass(code, 1)
	})
}

// weakHashes are the signatures that can be forged.
var weakHashes = []x509.SignatureAlgorithm{
	x509.MD2WithRSA, x509.MD5WithRSA, x509.SHA1WithRSA, x509.DSAWithSHA1, x509.DSAWithSHA256, x509.ECDSAWithSHA1,
}

// checkWeakSignature leaves out self-signed certificates: nobody checks the
// signature of what is trusted already.
func checkWeakSignature(k *checker, code groundway.Code) {
	k.each(code, isLeaf, func(e *entry) {
		c, where := e.first(func(c *x509.Certificate) bool {
			return slices.Contains(weakHashes, c.SignatureAlgorithm) && !bytes.Equal(c.RawSubject, c.RawIssuer)
		})
		if c == nil {
			k.Pass(code, 1)
			return
		}
		k.failCert(code, e, where+fmt.Sprintf("is signed with %s.", c.SignatureAlgorithm),
			groundway.Fact{Got: c.SignatureAlgorithm.String(), Want: "a signature with SHA-256"})
	})
}

// checkSerials names the later of two certificates.
func checkSerials(k *checker, code groundway.Code) {
	type name struct{ issuer, serial string }
	seen := map[name]*entry{}
	certs := map[name]*x509.Certificate{}
	k.each(code, hasCert, func(e *entry) {
		for i, c := range e.material.Certificates {
			n := name{string(c.RawIssuer), c.SerialNumber.Text(16)}
			was, known := certs[n]
			if !known {
				certs[n], seen[n] = c, e
				continue
			}
			if !was.Equal(c) {
				k.failCert(code, e, fmt.Sprintf("has the serial number %s in block %d, as another certificate of %q has in %s.", n.serial, i+1, issuerOf(c), seen[n].label(PartCertificate)),
					groundway.Fact{Got: n.serial, Want: "a serial number of its own"})
			}
		}
		if !k.failedFor(code, e) {
			k.Pass(code, 1)
		}
	})
}

// shortestSerial lets numbers of 63 random bits pass, which kubeadm draws, but
// for one in eight million.
const shortestSerial = 40

func checkSerialShort(k *checker, code groundway.Code) {
	k.each(code, isLeaf, func(e *entry) {
		if n := e.cert().SerialNumber; n.BitLen() < shortestSerial {
			k.failCert(code, e, fmt.Sprintf("has the serial number %s, of %s.", n.Text(16), plural(n.BitLen(), "bit")),
				groundway.Fact{Got: n.Text(16), Want: "64 random bits at least"})
			return
		}
		k.Pass(code, 1)
	})
}

// An issuerID is the certificate of an authority as an authority key identifier
// can name it beside the key: by its own issuer and its serial number.
type issuerID struct {
	KeyID  []byte        `asn1:"optional,tag:0"`
	Issuer asn1.RawValue `asn1:"optional,tag:1"`
	Serial *big.Int      `asn1:"optional,tag:2"`
}

var oidAuthorityKeyID = asn1.ObjectIdentifier{2, 5, 29, 35}

// issuerIDOf returns what the certificate says of its authority's, if it says more
// than the key.
func issuerIDOf(c *x509.Certificate) (issuer string, serial *big.Int) {
	var id issuerID
	for _, e := range c.Extensions {
		if e.Id.Equal(oidAuthorityKeyID) {
			if _, err := asn1.Unmarshal(e.Value, &id); err != nil {
				return "", nil
			}
		}
	}
	for rest := id.Issuer.Bytes; len(rest) > 0; {
		var name asn1.RawValue
		var err error
		if rest, err = asn1.Unmarshal(rest, &name); err != nil {
			break
		}
		var dn pkix.RDNSequence
		if name.Class == asn1.ClassContextSpecific && name.Tag == 4 {
			if _, err := asn1.Unmarshal(name.Bytes, &dn); err == nil {
				return dn.String(), id.Serial
			}
		}
	}
	return "", id.Serial
}

func checkKeyID(k *checker, code groundway.Code) {
	k.anchoredOnly(code, func(e *entry) {
		for i, c := range e.path[:len(e.path)-1] {
			issuer := e.path[i+1]
			if len(c.AuthorityKeyId) > 0 && len(issuer.SubjectKeyId) > 0 && !bytes.Equal(c.AuthorityKeyId, issuer.SubjectKeyId) {
				k.failCert(code, e, fmt.Sprintf("names the key %x of its authority; %q has %x.", c.AuthorityKeyId, nameOf(issuer), issuer.SubjectKeyId),
					groundway.Fact{Got: fmt.Sprintf("%x", c.AuthorityKeyId), Want: fmt.Sprintf("%x", issuer.SubjectKeyId)})
				return
			}
			// OpenSSL passes over case, as names do where they are compared by their text.
			by, serial := issuerIDOf(c)
			if by != "" && !strings.EqualFold(by, issuer.Issuer.String()) {
				k.failCert(code, e, fmt.Sprintf("names an authority that %q signed; %q is signed by %q.", by, nameOf(issuer), issuer.Issuer),
					groundway.Fact{Got: "DirName:" + by, Want: "DirName:" + issuer.Issuer.String()})
				return
			}
			if serial != nil && serial.Cmp(issuer.SerialNumber) != 0 {
				k.failCert(code, e, fmt.Sprintf("names an authority with the serial number %s; %q has %s.", serial.Text(16), nameOf(issuer), issuer.SerialNumber.Text(16)),
					groundway.Fact{Got: "serial:" + serial.Text(16), Want: "serial:" + issuer.SerialNumber.Text(16)})
				return
			}
		}
		k.Pass(code, 1)
	})
}
