package pki_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/pki"
)

// BenchmarkIssue issues the full set with P-256 and writes it as PEM, once with
// this package and once with the bare calls of crypto/x509 that make as many
// keys, certificates and files, and reports the ratio of the two. The
// service-account key is made beforehand on both sides.
//
//	go test ./pki -run '^$' -bench Issue -benchtime 2s
func BenchmarkIssue(b *testing.B) {
	inv, err := pki.NewInventory(demo(), pki.InventoryOptions{})
	require.NoError(b, err)
	tokens, err := pki.GenerateKey(pki.RSA2048)
	require.NoError(b, err)
	provided := pki.Bundle{}.Put(pki.Material{ID: pki.ServiceAccount, Key: tokens, PublicKeys: []crypto.PublicKey{tokens.Public()}})
	var ours, bare []time.Duration
	b.ReportAllocs()
	for b.Loop() {
		// In turns, so that both sides meet the same noise; and the least of each, to
		// which noise only adds.
		start := time.Now()
		issueOurs(b, inv, provided)
		ours = append(ours, time.Since(start))
		start = time.Now()
		issueBare(b, inv, tokens.Signer())
		bare = append(bare, time.Since(start))
	}
	b.ReportMetric(float64(slices.Min(ours).Microseconds()), "ours-µs")
	b.ReportMetric(float64(slices.Min(bare).Microseconds()), "bare-µs")
	b.ReportMetric(float64(slices.Min(ours))/float64(slices.Min(bare)), "ratio")
}

func issueOurs(b *testing.B, inv pki.Inventory, provided pki.Bundle) {
	bundle, err := pki.Issue(inv, pki.IssueOptions{Time: noon, Provided: provided})
	if err != nil {
		b.Fatal(err)
	}
	for _, id := range bundle.IDs() {
		for _, part := range []pki.Part{pki.PartCertificate, pki.PartKey, pki.PartPublicKey} {
			if _, err := bundle.Materials[id].PEM(part); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// issueBare does what a program without this package would: no names are
// computed, nothing is checked.
func issueBare(b *testing.B, inv pki.Inventory, tokens crypto.Signer) {
	type pair struct {
		cert *x509.Certificate
		key  *ecdsa.PrivateKey
	}
	make := func(template *x509.Certificate, parent *pair) pair {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			b.Fatal(err)
		}
		serial := [16]byte{}
		_, _ = rand.Read(serial[:])
		template.SerialNumber = new(big.Int).SetBytes(serial[:])
		template.NotBefore, template.NotAfter = noon, noon.AddDate(1, 0, 0)
		if parent == nil {
			parent = &pair{template, key}
		}
		der, err := x509.CreateCertificate(rand.Reader, template, parent.cert, &key.PublicKey, parent.key)
		if err != nil {
			b.Fatal(err)
		}
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			b.Fatal(err)
		}
		encode(b, "CERTIFICATE", der)
		encodeKey(b, key)
		return pair{cert, key}
	}
	cas := map[pki.Authority]*pair{}
	for _, a := range inv.Authorities {
		p := make(&x509.Certificate{
			Subject: pkix.Name{CommonName: a.Subject.CommonName}, IsCA: true, BasicConstraintsValid: true,
			KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		}, nil)
		cas[a.Name] = &p
	}
	for _, c := range inv.Certificates {
		var ips []net.IP
		for _, a := range c.Addresses {
			ips = append(ips, a.AsSlice())
		}
		make(&x509.Certificate{
			Subject:  pkix.Name{CommonName: c.Subject.CommonName, Organization: c.Subject.Organizations},
			DNSNames: c.DNSNames, IPAddresses: ips, KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: c.ExtKeyUsages,
		}, cas[c.Authority])
	}
	encodeKey(b, tokens)
	der, err := x509.MarshalPKIXPublicKey(tokens.Public())
	if err != nil {
		b.Fatal(err)
	}
	encode(b, "PUBLIC KEY", der)
}

func encode(b *testing.B, kind string, der []byte) {
	if len(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})) == 0 {
		b.Fatal("nothing encoded")
	}
}

func encodeKey(b *testing.B, key crypto.Signer) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		b.Fatal(err)
	}
	encode(b, "PRIVATE KEY", der)
}

// BenchmarkVerify judges the full set.
func BenchmarkVerify(b *testing.B) {
	inv, err := pki.NewInventory(demo(), pki.InventoryOptions{})
	require.NoError(b, err)
	bundle, err := pki.Issue(inv, pki.IssueOptions{Time: noon})
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		if len(pki.Verify(bundle, demo(), pki.VerifyOptions{Time: noon})) == 0 {
			b.Fatal("no findings")
		}
	}
}

// BenchmarkPlanRotation plans the rotation of the kube authority, with every
// handshake that proves it.
func BenchmarkPlanRotation(b *testing.B) {
	inv, err := pki.NewInventory(demo(), pki.InventoryOptions{})
	require.NoError(b, err)
	bundle, err := pki.Issue(inv, pki.IssueOptions{Time: noon})
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		plan, err := pki.PlanRotation(inv, bundle, pki.KubeCA, pki.RotateOptions{Time: noon, Begin: true})
		if err != nil || len(plan.Steps) != 4 {
			b.Fatal(err)
		}
	}
}

// BenchmarkReadFiles reads a file of the largest size, whose certificates may have
// issued each other by their names, and the last of which all of them did.
func BenchmarkReadFiles(b *testing.B) {
	own, other := p256(b), p256(b)
	var text []byte
	for n := int64(1); len(text) < pki.MaxFileSize-700; n++ {
		by := other
		if len(text) > pki.MaxFileSize-1200 {
			by = own
		}
		c := x509.Certificate{SerialNumber: big.NewInt(n), Subject: pkix.Name{CommonName: "x"}, NotBefore: noon, NotAfter: noon.AddDate(1, 0, 0)}
		parent := c
		parent.PublicKey = by.Public()
		text = append(text, pemOf(sign(b, &c, &parent, own.Public(), by))...)
	}
	b.ReportAllocs()
	for b.Loop() {
		if m := readOne(pki.IngressServer, pki.PartCertificate, string(text), pki.ReadOptions{}); len(m.Certificates) < 2000 {
			b.Fatal(len(m.Certificates))
		}
	}
}
