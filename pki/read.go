package pki

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/groundway-sdk/groundway"
)

// MaxFileSize is the size in bytes that a PEM file may have: 1 MiB. The public
// web's authorities together take a quarter of it.
const MaxFileSize = 1 << 20

// A File is a PEM file that holds a part of an entry.
type File struct {
	ID   ID
	Part Part
	Name string // for messages: the path as the reader knows it
	Data []byte
	Size int64       // of the whole file where Data is not all of it; zero is the length of Data
	Mode fs.FileMode // zero where it is not known
	Err  error       // why the file could not be read, if it could not
}

// ReadOptions tune how files are read; the zero value opens no encrypted key.
type ReadOptions struct {
	// Passphrase returns the passphrase of an encrypted key by the name of its
	// file and its cipher, "AES-256-CBC, PBKDF2". Nil, or an empty secret, leaves
	// the key closed.
	Passphrase func(file, cipher string) groundway.Secret
}

// ReadFiles reads certificates in PEM form, keys in PKCS #1, SEC 1 and PKCS #8,
// plain or encrypted, and public keys. It never fails: what is wrong with a file
// is recorded in the bundle, and [Verify] reports it. A certificate that does not
// come first in its file is put there. Of two files for one part the last counts.
func ReadFiles(files []File, o ReadOptions) Bundle {
	b := Bundle{Materials: map[ID]Material{}}
	for _, f := range files {
		m, ok := b.Materials[f.ID]
		if !ok {
			m = Material{ID: f.ID, Sources: map[Part]Source{}}
		}
		r := reader{file: f, options: o}
		source := Source{Name: f.Name, Mode: f.Mode}
		m.Faults = slices.DeleteFunc(m.Faults, func(x Fault) bool { return x.Part == f.Part })
		switch {
		case f.Err != nil:
			source.Unreadable = reasonOf(f.Err)
		case max(f.Size, int64(len(f.Data))) > MaxFileSize:
			r.fault(codeFileSize, 0, 0, strconv.FormatInt(max(f.Size, int64(len(f.Data))), 10)+" bytes", "at most "+strconv.Itoa(MaxFileSize))
		case f.Part == PartCertificate:
			m.Certificates = r.certificates()
		case f.Part == PartKey:
			m.Key = r.key()
		case f.Part == PartPublicKey:
			m.PublicKeys = r.publicKeys()
		}
		m.Sources[f.Part] = source
		m.Faults = append(m.Faults, r.faults...)
		b.Materials[f.ID] = m
	}
	for id, m := range b.Materials {
		m.order()
		b.Materials[id] = m
	}
	return b
}

// reasonOf leaves out the path of an error, which the message has already.
func reasonOf(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	var l *os.LinkError
	if errors.As(err, &l) {
		return l.Err.Error()
	}
	return err.Error()
}

type reader struct {
	file    File
	options ReadOptions
	faults  []Fault
}

func (r *reader) fault(code groundway.Code, block, line int, got, want string) *Fault {
	r.faults = append(r.faults, Fault{
		Code: code, Part: r.file.Part, File: r.file.Name, Block: block, Line: line, Got: got, Want: want,
	})
	return &r.faults[len(r.faults)-1]
}

// blocks takes the file apart and reports what is odd about its text.
func (r *reader) blocks(want string) []block {
	s := scanPEM(r.file.Data)
	switch {
	case len(s.blocks) == 0: // it is no text with line ends
		r.fault(codePEMEmpty, 0, 0, whatElse(r.file.Data), want)
	case s.bom:
		r.fault(codePEMEncoding, 0, 1, "a byte order mark", "plain text").Repaired = true
	case s.crlf > 0:
		r.fault(codePEMEncoding, 0, s.crlf, "line ends of Windows", "plain text")
	}
	if s.trailing > 0 {
		r.fault(codePEMTrailing, 0, s.trailing, "text behind the last block", "nothing behind it")
	}
	for i, b := range s.blocks {
		if b.broken != "" {
			r.fault(codePEMBroken, i+1, b.line, describeBlock(b.kind)+" that cannot be read: "+b.broken, "a whole block")
		}
	}
	return s.blocks
}

// describeBlock names a block by its type, which is in capitals (RFC 7468): what
// else a file has in that place may be a piece of a key.
func describeBlock(kind string) string {
	if len(kind) > 40 || strings.Trim(kind, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ") != "" {
		return "a block of an unknown type"
	}
	return "a " + kind + " block"
}

func (r *reader) certificates() []*x509.Certificate {
	var list []*x509.Certificate
	blocks := r.blocks("a certificate in PEM form")
	others := 0
	for i, b := range blocks {
		switch {
		case isPrivate(b.kind): // broken or not
			r.fault(codePEMKey, i+1, b.line, describeBlock(b.kind), "certificates alone")
			others++
			continue
		case b.broken != "":
			others++
			continue
		case b.kind != blockCertificate:
			r.fault(codePEMType, i+1, b.line, describeBlock(b.kind), "a "+blockCertificate+" block")
			others++
			continue
		}
		if len(b.headers) > 0 {
			f := r.fault(codePEMHeaders, i+1, b.line, "a block with headers", "no headers, for which Kubernetes and dex pass over an authority")
			f.Repaired = r.file.ID.IsCA() // a certificate with headers is shown all the same
		}
		c, err := x509.ParseCertificate(b.bytes)
		switch {
		case err != nil:
			r.fault(codePEMBroken, i+1, b.line, "a certificate that cannot be read: "+strings.TrimPrefix(err.Error(), "x509: "), "a whole certificate")
			others++
		case slices.ContainsFunc(list, c.Equal):
			r.fault(codePEMDuplicate, i+1, b.line, "a certificate that stands above already", "each once")
		default:
			list = append(list, c)
		}
	}
	if len(list) == 0 && others == 0 && len(blocks) > 0 {
		r.fault(codePEMEmpty, 0, 0, "no certificate", "a certificate in PEM form")
	}
	return list
}

func (r *reader) key() Key {
	var keys []Key
	blocks := r.blocks("a private key in PEM form")
	tried := 0
	for i, b := range blocks {
		if b.broken != "" {
			tried++
			continue
		}
		// OpenSSL writes the parameters of a curve before its key, and some
		// programs take key and certificate from one file.
		if !isPrivate(b.kind) {
			continue
		}
		tried++
		if tried > 1 {
			r.fault(codeKeySeveral, i+1, b.line, "another private key", "one private key")
			continue
		}
		if k, ok := r.open(i, b); ok {
			keys = append(keys, k)
		}
	}
	if tried == 0 && len(blocks) > 0 {
		r.fault(codePEMType, 1, blocks[0].line, describeBlock(blocks[0].kind), "a "+blockPrivateKey+" block")
	}
	if len(keys) == 0 {
		return Key{}
	}
	return keys[0]
}

// open parses a private key, and decrypts it if it can.
func (r *reader) open(i int, b block) (Key, bool) {
	if e, ok := b.encryption(); ok {
		f := r.fault(codeKeyEncrypted, i+1, b.line, "a key that is encrypted with "+e.cipher, "a key without a passphrase")
		if r.options.Passphrase == nil {
			return Key{}, false
		}
		passphrase := r.options.Passphrase(r.file.Name, e.cipher)
		if passphrase.IsZero() {
			return Key{}, false
		}
		if e.decrypt == nil {
			f.Want += "; this encryption is not one that can be opened here"
			return Key{}, false
		}
		plain, err := e.decrypt([]byte(passphrase.Reveal()))
		if err != nil {
			f.Want += "; " + err.Error()
			return Key{}, false
		}
		signer, _ := parseKey(e.kind, plain)
		if signer == nil {
			f.Want += "; " + errPassphrase.Error()
			return Key{}, false
		}
		f.Repaired = true
		return NewKey(signer), true
	}
	signer, why := parseKey(b.kind, b.bytes)
	if signer == nil {
		r.fault(codePEMBroken, i+1, b.line, describeBlock(b.kind)+" that cannot be read: "+why, "an RSA, ECDSA or Ed25519 key in PKCS #8, PKCS #1 or SEC 1")
		return Key{}, false
	}
	return NewKey(signer), true
}

// parseKey reads a key by the type of its block, and where that fails in the
// other forms, as the components do. Its reasons never quote the key.
func parseKey(kind string, der []byte) (signer crypto.Signer, why string) {
	switch kind {
	case blockPrivateKey, blockRSAKey, blockECKey:
	default:
		return nil, "components do not know this type"
	}
	if k, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		switch k := k.(type) {
		case *rsa.PrivateKey:
			return k, ""
		case *ecdsa.PrivateKey:
			return k, ""
		case ed25519.PrivateKey:
			return k, ""
		}
		return nil, "it is a key that cannot sign"
	}
	if k, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return k, ""
	}
	if k, err := x509.ParseECPrivateKey(der); err == nil {
		return k, ""
	}
	return nil, "its contents are not a valid key"
}

func (r *reader) publicKeys() []crypto.PublicKey {
	var keys []crypto.PublicKey
	for i, b := range r.blocks("a public key in PEM form") {
		if b.broken != "" {
			continue
		}
		var key crypto.PublicKey
		var err error
		switch {
		case b.kind == blockPublicKey:
			key, err = x509.ParsePKIXPublicKey(b.bytes)
		case b.kind == blockRSAPublic:
			key, err = x509.ParsePKCS1PublicKey(b.bytes)
		case b.kind == blockCertificate:
			var c *x509.Certificate
			if c, err = x509.ParseCertificate(b.bytes); err == nil {
				key = c.PublicKey
			}
		case isPrivate(b.kind):
			r.fault(codePEMKey, i+1, b.line, describeBlock(b.kind), "public keys alone")
			continue
		default:
			r.fault(codePEMType, i+1, b.line, describeBlock(b.kind), "a "+blockPublicKey+" block")
			continue
		}
		if err != nil {
			r.fault(codePEMBroken, i+1, b.line, "a public key that cannot be read: "+strings.TrimPrefix(err.Error(), "x509: "), "a whole key")
			continue
		}
		keys = append(keys, key)
	}
	return keys
}

// order puts the certificate first and its chain behind it, each certificate
// before the one that signed it, and records that it had to. In an authority's
// file the order is free; the one whose key is here comes first.
func (m *Material) order() {
	if len(m.Certificates) < 2 {
		return
	}
	first := m.leaf()
	if m.ID.IsCA() {
		if !m.Key.IsZero() && m.Key.Matches(m.Certificates[first].PublicKey) {
			c := m.Certificates[first]
			m.Certificates = slices.Insert(slices.Delete(m.Certificates, first, first+1), 0, c)
		}
		return
	}
	rest := slices.Clone(m.Certificates)
	sorted := []*x509.Certificate{rest[first]}
	rest = slices.Delete(rest, first, first+1)
	for len(sorted) < longestPath {
		last := sorted[len(sorted)-1]
		i := slices.IndexFunc(rest, func(c *x509.Certificate) bool { return bytes.Equal(c.RawSubject, last.RawIssuer) && signedBy(last, c) })
		if i < 0 {
			break
		}
		sorted = append(sorted, rest[i])
		rest = slices.Delete(rest, i, i+1)
	}
	sorted = append(sorted, rest...)
	if slices.Equal(sorted, m.Certificates) {
		return
	}
	f := Fault{
		Code: codePEMOrder, Part: PartCertificate, File: m.Sources[PartCertificate].Name,
		Got: "a chain that is out of order", Want: "the certificate first, then each one's issuer", Repaired: true,
	}
	if first > 0 {
		f.Got = fmt.Sprintf("the certificate behind %q", nameOf(m.Certificates[0]))
		f.Block = first + 1
	}
	m.Faults = append(m.Faults, f)
	m.Certificates = sorted
}

// leaf returns the index of the certificate that the key belongs to, or else of
// the first that signed none of the others, as far as names tell: to check every
// signature by every key would take minutes for a file of the largest size.
func (m *Material) leaf() int {
	if !m.Key.IsZero() {
		if i := slices.IndexFunc(m.Certificates, func(c *x509.Certificate) bool { return m.Key.Matches(c.PublicKey) }); i >= 0 {
			return i
		}
	}
	i := slices.IndexFunc(m.Certificates, func(c *x509.Certificate) bool {
		return !c.IsCA && !slices.ContainsFunc(m.Certificates, func(d *x509.Certificate) bool { return d != c && mayHaveIssued(c, d) })
	})
	return max(i, 0)
}

// mayHaveIssued reports whether a is what c calls its issuer.
func mayHaveIssued(a, c *x509.Certificate) bool {
	return bytes.Equal(a.RawSubject, c.RawIssuer) &&
		(len(c.AuthorityKeyId) == 0 || len(a.SubjectKeyId) == 0 || bytes.Equal(c.AuthorityKeyId, a.SubjectKeyId))
}

// signedBy checks the signature alone: whether the authority is one is the
// business of the rules.
func signedBy(c, parent *x509.Certificate) bool {
	return parent.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature) == nil
}

// nameOf is what a message calls a certificate.
func nameOf(c *x509.Certificate) string {
	if c.Subject.CommonName != "" {
		return c.Subject.CommonName
	}
	if s := c.Subject.String(); s != "" {
		return s
	}
	if len(c.DNSNames) > 0 {
		return c.DNSNames[0]
	}
	return "serial " + c.SerialNumber.Text(16)
}
