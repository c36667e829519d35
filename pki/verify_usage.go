package pki

import (
	"crypto/x509"
	"fmt"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
)

// allows reports whether an extended key usage is among those of a certificate.
// One that has none is for everything, to Go and to OpenSSL.
func allows(c *x509.Certificate, usage x509.ExtKeyUsage) bool {
	return len(c.ExtKeyUsage)+len(c.UnknownExtKeyUsage) == 0 ||
		slices.Contains(c.ExtKeyUsage, usage) || slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageAny)
}

// forAnyAlone reports whether a usage is allowed only as any usage is.
func forAnyAlone(c *x509.Certificate, usage x509.ExtKeyUsage) bool {
	return len(c.ExtKeyUsage) > 0 && allows(c, usage) && !slices.Contains(c.ExtKeyUsage, usage)
}

func usageName(u x509.ExtKeyUsage) string {
	switch u {
	case serverAuth:
		return "serverAuth"
	case clientAuth:
		return "clientAuth"
	case x509.ExtKeyUsageAny:
		return "any"
	}
	return fmt.Sprintf("usage %d", u)
}

func describeExtUsages(c *x509.Certificate) string {
	var words []string
	for _, u := range c.ExtKeyUsage {
		words = append(words, usageName(u))
	}
	for _, oid := range c.UnknownExtKeyUsage {
		words = append(words, oid.String())
	}
	return strings.Join(words, ", ")
}

var usageNames = []struct {
	bit  x509.KeyUsage
	name string
}{
	{x509.KeyUsageDigitalSignature, "digitalSignature"},
	{x509.KeyUsageContentCommitment, "nonRepudiation"},
	{x509.KeyUsageKeyEncipherment, "keyEncipherment"},
	{x509.KeyUsageDataEncipherment, "dataEncipherment"},
	{x509.KeyUsageKeyAgreement, "keyAgreement"},
	{x509.KeyUsageCertSign, "keyCertSign"},
	{x509.KeyUsageCRLSign, "cRLSign"},
	{x509.KeyUsageEncipherOnly, "encipherOnly"},
	{x509.KeyUsageDecipherOnly, "decipherOnly"},
}

func describeUsage(u x509.KeyUsage) string {
	var words []string
	for _, n := range usageNames {
		if u&n.bit != 0 {
			words = append(words, n.name)
		}
	}
	return strings.Join(words, ", ")
}

// checkUsageServer warns of a certificate for any usage, which OpenSSL 3.0 refuses
// of a server. Those who check clients here are all written in Go, which takes it.
func checkUsageServer(k *checker, code groundway.Code) {
	k.each(code, isServer, func(e *entry) {
		if c := e.cert(); forAnyAlone(c, serverAuth) {
			k.failCertAs(groundway.Warning, code, e, "is for any usage and does not name servers: programs written in Go accept it, and those with OpenSSL refuse it.",
				groundway.Fact{Got: describeExtUsages(c), Want: usageName(serverAuth) + " among them"})
			return
		}
		k.usage(code, e, serverAuth, "servers")
	})
}

func (k *checker) usage(code groundway.Code, e *entry, usage x509.ExtKeyUsage, who string) {
	if allows(e.cert(), usage) {
		k.Pass(code, 1)
		return
	}
	k.failCert(code, e, fmt.Sprintf("is for %s, and not for %s.", describeExtUsages(e.cert()), who),
		groundway.Fact{Got: describeExtUsages(e.cert()), Want: usageName(usage) + " among them"})
}

// checkUsageClient leaves etcd's server to the rule about its gateway, and asks
// the API server's certificate only where nothing else serves as the kubelet
// client.
func checkUsageClient(k *checker, code groundway.Code) {
	_, separate := k.b.Get(KubeletClient)
	k.each(code, func(e *entry) bool {
		return e.spec != nil && e.spec.Client() && e.id != EtcdServer && (e.id != APIServer || !separate)
	}, func(e *entry) { k.usage(code, e, clientAuth, "clients") })
}

func checkUsageGateway(k *checker, code groundway.Code) {
	k.each(code, func(e *entry) bool { return e.id == EtcdServer }, func(e *entry) {
		if allows(e.cert(), clientAuth) {
			k.Pass(code, 1)
			return
		}
		f := fault{
			subject: k.subject(e), entry: e,
			summary:  fmt.Sprintf("%s is for %s alone; etcd's gateway shows it as a client.", e.label(PartCertificate), describeExtUsages(e.cert())),
			evidence: []groundway.Fact{{Path: e.place(PartCertificate), Got: describeExtUsages(e.cert()), Want: "clientAuth among them"}},
			remedies: []groundway.Remedy{{Commands: e.show()}},
		}
		if k.o.GatewayDisabled {
			f.severity, f.works = groundway.Warning, true
		}
		k.fail(code, f)
	})
}

func checkUsageSignature(k *checker, code groundway.Code) {
	k.each(code, isLeaf, func(e *entry) {
		if u := e.cert().KeyUsage; u != 0 && u&x509.KeyUsageDigitalSignature == 0 {
			k.failCert(code, e, fmt.Sprintf("has the key usage %s alone.", describeUsage(u)),
				groundway.Fact{Got: describeUsage(u), Want: "digitalSignature among them"})
			return
		}
		k.Pass(code, 1)
	})
}

func checkUsageEncipher(k *checker, code groundway.Code) {
	k.each(code, isLeaf, func(e *entry) {
		c := e.cert()
		if c.PublicKeyAlgorithm != x509.RSA && c.KeyUsage&x509.KeyUsageKeyEncipherment != 0 {
			k.failCert(code, e, fmt.Sprintf("has the key usage keyEncipherment and a key of %s.", describeKey(c.PublicKey)),
				groundway.Fact{Got: describeUsage(c.KeyUsage), Want: "digitalSignature"})
			return
		}
		k.Pass(code, 1)
	})
}
