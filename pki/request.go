package pki

import (
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"math/bits"
	"slices"

	"github.com/groundway-sdk/groundway"
)

// A Request asks an authority elsewhere to sign an entry of the inventory
// (PKCS #10, RFC 2986). Keep its key: the answer is of no use without it.
type Request struct {
	ID  ID
	Key Key
	DER []byte
}

// PEM returns the request as openssl and companies' authorities read it.
func (r Request) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: blockRequest, Bytes: r.DER})
}

// NewRequests makes a request for each of these entries, in the order given, and
// a key for those of which keys has none. A request has the subject, the names
// and the usages of the entry; whether the authority heeds them shows in what
// [Verify] says of its answer.
func NewRequests(inv Inventory, keys map[ID]Key, ids ...ID) ([]Request, error) {
	var algorithms []Algorithm
	slow := false
	for _, id := range ids {
		c, ok := inv.Certificate(id)
		if !ok {
			return nil, fmt.Errorf("request %q: the inventory has no such certificate", id)
		}
		algorithms = append(algorithms, c.Algorithm)
		slow = slow || c.Algorithm.isRSA()
	}
	requests := make([]Request, len(ids))
	err := each(len(ids), slow, func(i int) (err error) {
		c, _ := inv.Certificate(ids[i])
		key := keys[ids[i]]
		if key.IsZero() {
			if key, err = GenerateKey(algorithms[i]); err != nil {
				return fmt.Errorf("request %s: %w", ids[i], err)
			}
		}
		requests[i], err = newRequest(c, key)
		return err
	})
	if err != nil {
		return nil, err
	}
	return requests, nil
}

// The extensions of RFC 5280 that x509.CertificateRequest has no fields for.
var (
	oidKeyUsage     = asn1.ObjectIdentifier{2, 5, 29, 15}
	oidExtKeyUsages = asn1.ObjectIdentifier{2, 5, 29, 37}
)

var usageOIDs = map[x509.ExtKeyUsage]asn1.ObjectIdentifier{
	serverAuth: {1, 3, 6, 1, 5, 5, 7, 3, 1},
	clientAuth: {1, 3, 6, 1, 5, 5, 7, 3, 2},
}

func newRequest(c Certificate, key Key) (Request, error) {
	usage := c.KeyUsage
	if usage == 0 {
		usage = KeyUsageOf(AlgorithmOf(key.Public()))
	}
	// The bits of a KeyUsage count from the left (RFC 5280, section 4.2.1.3);
	// these are among the first eight.
	value := []byte{bits.Reverse8(byte(usage))}
	usageDER, err := asn1.Marshal(asn1.BitString{Bytes: value, BitLength: 8 - bits.TrailingZeros8(value[0])})
	if err != nil {
		return Request{}, fmt.Errorf("request %s: key usage: %v", c.ID, err)
	}
	extensions := []pkix.Extension{{Id: oidKeyUsage, Critical: true, Value: usageDER}}
	var oids []asn1.ObjectIdentifier
	for _, u := range c.ExtKeyUsages {
		oids = append(oids, usageOIDs[u])
	}
	if len(oids) > 0 { // which an inventory that was edited may leave out
		der, err := asn1.Marshal(oids)
		if err != nil {
			return Request{}, fmt.Errorf("request %s: extended key usage: %v", c.ID, err)
		}
		extensions = append(extensions, pkix.Extension{Id: oidExtKeyUsages, Value: der})
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{
		Subject:  pkix.Name{CommonName: c.Subject.CommonName, Organization: c.Subject.Organizations},
		DNSNames: c.DNSNames, IPAddresses: toIPs(c.Addresses),
		ExtraExtensions: extensions,
	}, key.Signer())
	if err != nil {
		return Request{}, fmt.Errorf("request %s: %v", c.ID, err)
	}
	return Request{c.ID, key, der}, nil
}

// ParseRequest reads a request, in PEM or DER form, and checks that whoever made
// it has the key.
func ParseRequest(data []byte) (*x509.CertificateRequest, error) {
	if len(data) > MaxFileSize {
		return nil, fmt.Errorf("parse request: %d bytes, want %d at most", len(data), MaxFileSize)
	}
	der := data
	if s := scanPEM(data); len(s.blocks) > 0 {
		b := s.blocks[0]
		switch {
		case b.broken != "":
			return nil, fmt.Errorf("parse request: line %d: %s", b.line, b.broken)
		case b.kind != blockRequest && b.kind != "NEW "+blockRequest:
			return nil, fmt.Errorf("parse request: line %d: %s, want %s", b.line, describeBlock(b.kind), blockRequest)
		case len(s.blocks) > 1:
			return nil, fmt.Errorf("parse request: line %d: another block, want one", s.blocks[1].line)
		}
		der = b.bytes
	}
	csr, err := x509.ParseCertificateRequest(der)
	if err != nil {
		return nil, fmt.Errorf("parse request: %v", err)
	}
	if err := csr.CheckSignature(); err != nil {
		return nil, fmt.Errorf("parse request %q: its signature does not match its key: %v", csr.Subject.CommonName, err)
	}
	return csr, nil
}

// SignRequest signs an entry of the inventory for the key of a request. The
// request gives its public key and nothing else: whoever made it does not choose
// the names and powers of the certificate. Keys that the components refuse, or
// that are weak, are errors.
func (i Issuer) SignRequest(c Certificate, csr *x509.CertificateRequest, o IssueOptions) ([]*x509.Certificate, error) {
	if csr == nil {
		return nil, fmt.Errorf("sign request for %s: no request given", c.ID)
	}
	if err := csr.CheckSignature(); err != nil {
		return nil, fmt.Errorf("sign request for %s: its signature does not match its key: %v", c.ID, err)
	}
	if why := weakKey(csr.PublicKey); why != "" {
		return nil, fmt.Errorf("sign request for %s: the key is %s: %s", c.ID, describeKey(csr.PublicKey), why)
	}
	if tooLong(csr.PublicKey) {
		return nil, fmt.Errorf("sign request for %s: the TLS of Go does not take %s keys", c.ID, describeKey(csr.PublicKey))
	}
	if program, ok := taken(AlgorithmOf(csr.PublicKey), c.Uses); !ok {
		return nil, fmt.Errorf("sign request for %s: %s does not take %s keys", c.ID, program, describeKey(csr.PublicKey))
	}
	return i.Sign(c, csr.PublicKey, o)
}

// Accept puts together the keys of requests, the answers to them, and the
// certificate of the authority that answered, and verifies these entries as
// [Verify] does. The requests are those of one authority of the inventory.
// Everything is PEM text: the answers with or without their chain, in any order.
// Hand the bundle to [Issue] as provided to make the rest.
func Accept(inv Inventory, requests []Request, ca []byte, answers map[ID][]byte, o VerifyOptions) (Bundle, []groundway.Finding) {
	o.Inventory, o.Only = inv, nil
	var files []File
	only := func(id ID, what string, data []byte) {
		if !slices.Contains(o.Only, id) {
			o.Only = append(o.Only, id)
			if data != nil {
				files = append(files, File{ID: id, Part: PartCertificate, Name: what + " " + string(id), Data: data})
			}
		}
	}
	for _, r := range requests {
		only(r.ID, "answer to", answers[r.ID])
		if c, ok := inv.Certificate(r.ID); ok {
			only(c.Authority.CA(), "certificate of", ca)
		}
	}
	b := ReadFiles(files, ReadOptions{})
	for _, r := range requests {
		m := b.Materials[r.ID]
		m.ID, m.Key = r.ID, r.Key
		m.order()
		b.Materials[r.ID] = m
	}
	return b, Verify(b, inv.Cluster, o)
}
