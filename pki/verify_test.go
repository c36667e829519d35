package pki_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"io/fs"
	"math/big"
	mathrand "math/rand/v2"
	"net"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/findingtest"
	"github.com/groundway-sdk/groundway/pki"
)

// good returns a bundle that nothing is wrong with. It is issued once, and every
// caller gets a copy.
func good(t testing.TB) pki.Bundle {
	t.Helper()
	b, err := goodOnce()
	require.NoError(t, err)
	return b.With()
}

var goodOnce = sync.OnceValues(func() (pki.Bundle, error) {
	inv, err := pki.NewInventory(demo(), pki.InventoryOptions{})
	if err != nil {
		return pki.Bundle{}, err
	}
	return pki.Issue(inv, pki.IssueOptions{Time: noon})
})

// A world is what a row of the table edits.
type world struct {
	t testing.TB
	b pki.Bundle
	c pki.Cluster
	o pki.VerifyOptions
	r pki.ReadOptions
	// files is the bundle as a directory of the Tectonic layout, once a row has
	// asked for it; it is then read back.
	files fstest.MapFS
}

func newWorld(t testing.TB) *world {
	return &world{t: t, b: good(t), c: demo(), o: pki.VerifyOptions{Time: noon}}
}

func (w *world) verify() []groundway.Finding {
	if w.files != nil {
		var err error
		w.b, err = pki.TectonicLayout().Read(w.files, w.r)
		require.NoError(w.t, err)
	}
	return pki.Verify(w.b, w.c, w.o)
}

// dir turns the bundle into files.
func (w *world) dir() fstest.MapFS {
	if w.files == nil {
		w.files = fstest.MapFS{}
		for _, id := range w.b.IDs() {
			for _, part := range []pki.Part{pki.PartCertificate, pki.PartKey, pki.PartPublicKey} {
				text, err := w.b.Materials[id].PEM(part)
				require.NoError(w.t, err)
				if path := pki.TectonicLayout().Path(id, part); path != "" && !text.IsZero() {
					w.files[path] = &fstest.MapFile{Data: []byte(text.Reveal()), Mode: 0o600}
				}
			}
		}
	}
	return w.files
}

// edit changes the text of a file.
func (w *world) edit(path string, change func(string) string) {
	f := w.dir()[path]
	require.NotNil(w.t, f, path)
	f.Data = []byte(change(string(f.Data)))
}

func (w *world) cert(id pki.ID) *x509.Certificate { return w.b.Materials[id].Certificate() }

// put replaces the certificates of an entry.
func (w *world) put(id pki.ID, chain ...*x509.Certificate) {
	m := w.b.Materials[id]
	m.Certificates = chain
	w.b = w.b.Put(m)
}

// reissue signs the certificate of a leaf anew, after a change, with the
// authority's key.
func (w *world) reissue(id pki.ID, change func(*x509.Certificate)) {
	ca := w.b.Materials[id.Authority().CA()]
	c := *w.cert(id)
	c.RawSubject = nil
	change(&c)
	w.put(id, sign(w.t, &c, ca.Certificate(), c.PublicKey, ca.Key.Signer()))
}

// remake makes an authority's own certificate anew, after a change, with its key.
// What it signed still fits.
func (w *world) remake(a pki.Authority, change func(*x509.Certificate)) {
	m := w.b.Materials[a.CA()]
	c := *m.Certificate()
	change(&c)
	w.put(a.CA(), sign(w.t, &c, &c, c.PublicKey, m.Key.Signer()))
}

// replaceKey gives a leaf another key, and a certificate for it.
func (w *world) replaceKey(id pki.ID, key crypto.Signer) {
	ca := w.b.Materials[id.Authority().CA()]
	c := *w.cert(id)
	c.PublicKey, c.SubjectKeyId, c.SignatureAlgorithm = key.Public(), nil, 0
	m := w.b.Materials[id]
	m.Key = pki.NewKey(key)
	m.Certificates = []*x509.Certificate{sign(w.t, &c, ca.Certificate(), key.Public(), ca.Key.Signer())}
	w.b = w.b.Put(m)
}

func sign(t testing.TB, template, parent *x509.Certificate, public any, key crypto.Signer) *x509.Certificate {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, key)
	require.NoError(t, err)
	c, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return c
}

// An authority of a company: a root or an intermediate.
type ca struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newCA(t testing.TB, name string, parent *ca, change func(*x509.Certificate)) *ca {
	t.Helper()
	key := p256(t)
	template := &x509.Certificate{
		SerialNumber: new(big.Int).Lsh(big.NewInt(int64(len(name))+1), 70), Subject: pkix.Name{CommonName: name},
		NotBefore: noon.Add(-time.Hour), NotAfter: noon.AddDate(5, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	if change != nil {
		change(template)
	}
	if parent == nil {
		return &ca{sign(t, template, template, key.Public(), key), key}
	}
	return &ca{sign(t, template, parent.cert, key.Public(), parent.key), key}
}

func p256(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	return key
}

// issuedBy is the authority key identifier that names the authority's certificate
// by its issuer and serial number, as openssl ca writes it.
func issuedBy(t testing.TB, issuer []byte, serial *big.Int) []pkix.Extension {
	t.Helper()
	of := func(tag int, compound bool, content []byte) asn1.RawValue {
		return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: tag, IsCompound: compound, Bytes: content}
	}
	name, err := asn1.Marshal(of(4, true, issuer))
	require.NoError(t, err)
	number, err := asn1.Marshal(serial)
	require.NoError(t, err)
	var skip asn1.RawValue
	_, err = asn1.Unmarshal(number, &skip)
	require.NoError(t, err)
	value, err := asn1.Marshal([]asn1.RawValue{of(1, true, name), of(2, false, skip.Bytes)})
	require.NoError(t, err)
	return []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 35}, Value: value}}
}

// under signs a leaf of the world with another authority.
func (w *world) under(id pki.ID, by *ca, behind ...*ca) {
	c := *w.cert(id)
	c.SignatureAlgorithm, c.AuthorityKeyId = 0, nil
	chain := []*x509.Certificate{sign(w.t, &c, by.cert, c.PublicKey, by.key)}
	for _, b := range behind {
		chain = append(chain, b.cert)
	}
	w.put(id, chain...)
}

// ingress moves the ingress authority to a company's root, with these
// authorities between it and the certificate, the nearest to the root first.
func (w *world) ingress(root *ca, between ...*ca) {
	w.b = w.b.Without(pki.IngressCA).Put(pki.Material{ID: pki.IngressCA, Certificates: []*x509.Certificate{root.cert}})
	slices.Reverse(between)
	by := root
	if len(between) > 0 {
		by = between[0]
	}
	w.under(pki.IngressServer, by, between...)
}

// A row edits a good world and says which findings fail and which are unknown,
// each as slug@subject; the star stands for what the test does not list.
type row struct {
	name    string
	edit    func(*world)
	failed  []string
	unknown []string
}

func ids(list ...string) []string { return list }

var rows = []row{
	{name: "good"},
	{name: "good, from files", edit: func(w *world) { w.dir() }},
	{name: "good, with a planned date", edit: func(w *world) { w.o.Planned = noon.AddDate(0, 1, 0) }},

	// cluster
	{name: "rotations that are prepared", edit: func(w *world) { w.rotate(pki.PhasePrepared) }},
	{name: "rotations that are published", edit: func(w *world) { w.rotate(pki.PhasePublished); w.dir() }},
	{name: "rotations that have switched", edit: func(w *world) { w.rotate(pki.PhaseSwitched) }},
	{
		name: "the next authority with the key of another",
		edit: func(w *world) {
			w.rotate(pki.PhasePrepared)
			m := w.b.Materials[pki.KubeCA.Next()]
			m.Key = pki.NewKey(p256(w.t))
			w.b = w.b.Put(m)
		},
		failed: ids("key-mismatch@kube/ca/next"),
	},
	{
		name: "a next authority that ended before anybody trusted it",
		edit: func(w *world) {
			w.rotate(pki.PhasePrepared)
			m := w.b.Materials[pki.KubeCA.Next()]
			c := *m.Certificate()
			c.NotAfter = noon.Add(-time.Minute)
			m.Certificates = []*x509.Certificate{sign(w.t, &c, &c, c.PublicKey, m.Key.Signer())}
			w.b = w.b.Put(m)
		},
		failed: ids("time-expired@kube/ca/next"),
	},
	{
		name: "the copy of a key that an interrupted rotation left",
		edit: func(w *world) {
			m := w.b.Materials[pki.KubeCA]
			m.ID = pki.KubeCA.Next()
			w.b = w.b.Put(m)
		},
		failed: ids("key-shared@kube/ca/next"),
	},
	{
		name:   "a cluster without names",
		edit:   func(w *world) { w.c.APIExternal, w.c.APIInternal, w.c.ConsoleHost = "", "", "https://x" },
		failed: ids("cluster-invalid@/apiExternal", "cluster-invalid@/consoleHost"),
	},
	{
		name: "a cluster of bad addresses and nodes",
		edit: func(w *world) {
			w.c.ServiceCIDR, w.c.IdentityService = prefix("10.3.0.1/16"), "dex"
			w.c.APIAddresses = []netip.Addr{addr("2001:db8::1"), addr("fe80::1%eth0")}
			w.c.EtcdMembers = []pki.Node{{Name: "a"}, {Name: "A", Addresses: []netip.Addr{addr("fe80::2%eth0")}}}
		},
		failed: ids("cluster-invalid@/serviceCIDR", "cluster-invalid@/identityService",
			"cluster-invalid@/apiAddresses/1", "cluster-invalid@/etcdMembers/1/name", "cluster-invalid@/etcdMembers/1/addresses/0"),
	},
	{
		name:   "a cluster without services",
		edit:   func(w *world) { w.c.ServiceCIDR = netip.Prefix{} },
		failed: ids("cluster-invalid@/serviceCIDR"),
	},

	// files
	{
		name: "an empty bundle",
		edit: func(w *world) { w.b = pki.Bundle{} },
		failed: ids("material-missing@etcd/ca", "material-missing@etcd/server", "material-missing@etcd/peer", "material-missing@etcd/client",
			"material-missing@etcd/health", "material-missing@kube/ca", "material-missing@kube/apiserver", "material-missing@kube/kubelet-client",
			"material-missing@kube/controller-manager", "material-missing@kube/scheduler", "material-missing@kube/admin",
			"material-missing@kube/kubelet/ip-10-0-1-20.ec2.internal", "material-missing@kube/identity-server", "material-missing@kube/identity-client",
			"material-missing@ingress/ca", "material-missing@ingress/server", "material-missing@front-proxy/ca", "material-missing@front-proxy/client",
			"material-missing@service-account"),
	},
	{
		name:   "a key that is not there",
		edit:   func(w *world) { delete(w.dir(), "tls/apiserver.key") },
		failed: ids("material-missing@kube/apiserver"),
	},
	{
		name: "the keys of authorities need not be there",
		edit: func(w *world) {
			delete(w.dir(), "tls/ca.key")
			delete(w.dir(), "tls/etcd-client-ca.key")
		},
	},
	{
		name:   "a crash between key and certificate",
		edit:   func(w *world) { delete(w.dir(), "tls/etcd/peer.crt") },
		failed: ids("material-missing@etcd/peer"),
	},
	{
		name:   "a file that is being written",
		edit:   func(w *world) { w.dir()["tls/etcd/.peer.key.1234.partial"] = &fstest.MapFile{} },
		failed: ids("file-left-over@tls/etcd/.peer.key.1234.partial"),
	},
	{
		name: "10 MB",
		edit: func(w *world) {
			w.edit("tls/ca.crt", func(s string) string { return strings.Repeat(s, 1+10<<20/len(s)) })
		},
		failed: ids("file-too-large@tls/ca.crt"),
	},
	{
		name: "a key that others can read",
		edit: func(w *world) {
			w.dir()["tls/apiserver.key"].Mode = 0o644
			w.dir()["tls/apiserver.crt"].Mode = 0o644
		},
		failed: ids("file-mode-wide@tls/apiserver.key"),
	},
	{
		name: "nothing can be read",
		edit: func(w *world) {
			var files []pki.File
			for _, id := range w.b.IDs() {
				for _, part := range []pki.Part{pki.PartCertificate, pki.PartKey, pki.PartPublicKey} {
					if path := pki.TectonicLayout().Path(id, part); path != "" {
						files = append(files, pki.File{ID: id, Part: part, Name: path, Err: &fs.PathError{Op: "open", Path: path, Err: fs.ErrPermission}})
					}
				}
			}
			w.b = pki.ReadFiles(files, pki.ReadOptions{})
		},
		unknown: ids("*"),
	},
	{
		name: "one certificate cannot be read",
		edit: func(w *world) {
			m := w.b.Materials[pki.FrontProxyClient]
			m.Certificates, m.Sources = nil, map[pki.Part]pki.Source{pki.PartCertificate: {Name: "proxy.crt", Unreadable: "permission denied"}}
			w.b = w.b.Put(m)
		},
		unknown: ids("*"),
	},

	// PEM
	{
		name:   "an empty file",
		edit:   func(w *world) { w.edit("tls/etcd-client-ca.crt", func(string) string { return "\n" }) },
		failed: ids("pem-empty@tls/etcd-client-ca.crt"),
	},
	{
		name:   "garbage",
		edit:   func(w *world) { w.edit("tls/etcd-client-ca.crt", func(string) string { return "hello" }) },
		failed: ids("pem-empty@tls/etcd-client-ca.crt"),
	},
	{
		name: "DER",
		edit: func(w *world) {
			w.edit("tls/apiserver.crt", func(string) string { return string(w.cert(pki.APIServer).Raw) })
		},
		failed: ids("pem-empty@tls/apiserver.crt"),
	},
	{
		name: "a broken block behind a good one",
		edit: func(w *world) {
			w.edit("tls/ca.crt", func(s string) string { return s + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" })
		},
		failed: ids("pem-block-broken@tls/ca.crt"),
	},
	{
		name: "two broken blocks are one finding",
		edit: func(w *world) {
			w.edit("tls/ca.crt", func(s string) string {
				return s + strings.Repeat("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", 2)
			})
		},
		failed: ids("pem-block-broken@tls/ca.crt"),
	},
	{
		name:   "a block that was cut off",
		edit:   func(w *world) { w.edit("tls/apiserver.crt", func(s string) string { return s[:len(s)-40] }) },
		failed: ids("pem-block-broken@tls/apiserver.crt"),
	},
	{
		name:   "a key that was cut off",
		edit:   func(w *world) { w.edit("tls/apiserver.key", func(s string) string { return s[:len(s)-40] }) },
		failed: ids("pem-block-broken@tls/apiserver.key"),
	},
	{
		name: "a request for a certificate",
		edit: func(w *world) {
			w.edit("tls/apiserver.crt", func(s string) string { return strings.ReplaceAll(s, "CERTIFICATE", "CERTIFICATE REQUEST") })
		},
		failed: ids("pem-type-wrong@tls/apiserver.crt"),
	},
	{
		name: "an OpenSSH key",
		edit: func(w *world) {
			w.edit("tls/apiserver.key", func(s string) string { return strings.ReplaceAll(s, "PRIVATE KEY", "OPENSSH PRIVATE KEY") })
		},
		failed: ids("pem-block-broken@tls/apiserver.key"),
	},
	{
		name: "a certificate for a key",
		edit: func(w *world) {
			w.edit("tls/apiserver.key", func(string) string { return string(w.dir()["tls/apiserver.crt"].Data) })
		},
		failed: ids("pem-type-wrong@tls/apiserver.key"),
	},
	{
		name: "a key before its certificate",
		edit: func(w *world) {
			w.edit("tls/apiserver.crt", func(s string) string { return string(w.dir()["tls/apiserver.key"].Data) + s })
		},
		failed: ids("pem-key-exposed@tls/apiserver.crt"),
	},
	{
		name: "the private key for the public one",
		edit: func(w *world) {
			w.edit("tls/service-account.pub", func(string) string { return string(w.dir()["tls/service-account.key"].Data) })
		},
		failed: ids("pem-key-exposed@tls/service-account.pub"),
	},
	{
		name:   "text behind the last block",
		edit:   func(w *world) { w.edit("tls/apiserver.crt", func(s string) string { return s + "MIIB\n" }) },
		failed: ids("pem-trailing-text@tls/apiserver.crt"),
	},
	{
		name: "text before and between blocks is a comment",
		edit: func(w *world) {
			w.edit("tls/ca.crt", func(s string) string { return "# Issuer: kube-ca\n" + s })
		},
	},
	{
		name: "the authority first",
		edit: func(w *world) {
			root := newCA(w.t, "root", nil, nil)
			between := newCA(w.t, "between", root, nil)
			w.ingress(root, between)
			w.edit("tls/ingress.crt", func(s string) string {
				first, second, _ := strings.Cut(s, "-----END CERTIFICATE-----\n")
				return second + first + "-----END CERTIFICATE-----\n"
			})
		},
		failed: ids("pem-order-wrong@tls/ingress.crt"),
	},
	{
		name: "a root before the certificate, which does not belong there either",
		edit: func(w *world) {
			w.edit("tls/apiserver.crt", func(s string) string { return string(w.dir()["tls/ca.crt"].Data) + s })
		},
		failed: ids("pem-order-wrong@tls/apiserver.crt", "chain-root-included@kube/apiserver"),
	},
	{
		name:   "an authority twice",
		edit:   func(w *world) { w.edit("tls/ca.crt", func(s string) string { return s + s }) },
		failed: ids("pem-duplicate@tls/ca.crt"),
	},
	{
		name: "headers",
		edit: func(w *world) {
			w.edit("tls/ca.crt", func(s string) string { return strings.Replace(s, "-----\n", "-----\nName: kube\n\n", 1) })
		},
		failed: ids("pem-headers@tls/ca.crt"),
	},
	{
		name: "line ends of Windows",
		edit: func(w *world) {
			w.edit("tls/ca.crt", func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") })
		},
		failed: ids("pem-encoding@tls/ca.crt"),
	},
	{
		name:   "a byte order mark",
		edit:   func(w *world) { w.edit("tls/ca.crt", func(s string) string { return "\ufeff" + s }) },
		failed: ids("pem-encoding@tls/ca.crt"),
	},

	// keys
	{
		name: "an encrypted key",
		edit: func(w *world) {
			w.edit("tls/apiserver.key", func(s string) string {
				return strings.Replace(s, "-----\n", "-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00112233445566778899AABBCCDDEEFF\n\n", 1)
			})
		},
		failed: ids("key-encrypted@tls/apiserver.key"),
	},
	{
		name: "two keys",
		edit: func(w *world) {
			w.edit("tls/apiserver.key", func(s string) string { return s + string(w.dir()["tls/etcd-client.key"].Data) })
		},
		failed: ids("key-several@tls/apiserver.key"),
	},
	{
		name: "the key of another entry",
		edit: func(w *world) {
			w.edit("tls/apiserver.key", func(string) string { return string(w.dir()["tls/etcd-client.key"].Data) })
		},
		failed: ids("key-mismatch@kube/apiserver"),
	},
	{
		name: "an authority with the key of another",
		edit: func(w *world) {
			w.edit("tls/ca.key", func(string) string { return string(w.dir()["tls/etcd-client-ca.key"].Data) })
		},
		failed: ids("key-mismatch@kube/ca"),
	},
	{
		name: "a public key of another pair",
		edit: func(w *world) {
			m := w.b.Materials[pki.ServiceAccount]
			m.PublicKeys = []crypto.PublicKey{p256(w.t).Public()}
			w.b = w.b.Put(m)
		},
		failed: ids("key-mismatch@service-account"),
	},
	{
		name: "public keys that rotate",
		edit: func(w *world) {
			m := w.b.Materials[pki.ServiceAccount]
			m.PublicKeys = append([]crypto.PublicKey{p256(w.t).Public()}, m.PublicKeys...)
			w.b = w.b.Put(m)
		},
	},
	{
		name: "one key for two entries",
		edit: func(w *world) {
			w.replaceKey(pki.IdentityClient, w.b.Materials[pki.IdentityServer].Key.Signer())
		},
		failed: ids("key-shared@kube/identity-client"),
	},
	{
		name:   "RSA with 1024 bits",
		edit:   func(w *world) { w.replaceKey(pki.IngressServer, rsaKey(w.t, 1024)) },
		failed: ids("key-weak@ingress/server"),
	},
	{
		name: "P-224",
		edit: func(w *world) {
			key, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
			require.NoError(w.t, err)
			w.replaceKey(pki.EtcdPeer, key)
		},
		failed: ids("key-weak@etcd/peer"),
	},
	{
		name:   "RSA that is longer than the TLS of Go takes",
		edit:   func(w *world) { w.put(pki.IngressServer, w.cert(pki.IngressServer), longCA(w.t)) },
		failed: ids("key-unsupported@ingress/server"),
	},
	{
		name: "RSA of any length in an authority, which nobody is shown",
		edit: func(w *world) { w.put(pki.IngressCA, w.cert(pki.IngressCA), longCA(w.t)) },
	},
	{
		name: "an authority with a key of RSASSA-PSS, which crypto/x509 does not know",
		edit: func(w *world) {
			root := newCA(w.t, "root", nil, nil)
			w.ingress(root)
			w.put(pki.IngressCA, unknownKind(w.t, root.cert))
		},
		failed: ids("key-weak@ingress/ca"),
	},
	{
		name: "an even exponent",
		edit: func(w *world) {
			m := w.b.Materials[pki.ServiceAccount]
			own := m.PublicKeys[0].(*rsa.PublicKey)
			m.PublicKeys = append(slices.Clone(m.PublicKeys), &rsa.PublicKey{N: own.N, E: 4})
			w.b = w.b.Put(m)
		},
		failed: ids("key-weak@service-account"),
	},
	{
		name: "an authority of RSA-2048 beyond 2030",
		edit: func(w *world) {
			key := rsaKey(w.t, 2048)
			cert := *w.cert(pki.FrontProxyCA)
			cert.PublicKey, cert.SubjectKeyId, cert.SignatureAlgorithm = key.Public(), nil, 0
			w.b = w.b.Put(pki.Material{
				ID: pki.FrontProxyCA, Key: pki.NewKey(key),
				Certificates: []*x509.Certificate{sign(w.t, &cert, &cert, key.Public(), key)},
			})
			w.reissue(pki.FrontProxyClient, func(c *x509.Certificate) { c.SignatureAlgorithm, c.AuthorityKeyId = 0, nil })
		},
		failed: ids("key-rsa-horizon@front-proxy/ca"),
	},
	{
		name: "tokens signed with Ed25519",
		edit: func(w *world) {
			public, key, err := ed25519.GenerateKey(rand.Reader)
			require.NoError(w.t, err)
			w.b = w.b.Put(pki.Material{ID: pki.ServiceAccount, Key: pki.NewKey(key), PublicKeys: []crypto.PublicKey{public}})
		},
		failed: ids("key-unsupported@service-account"),
	},
	{
		name: "Ed25519 where kubeadm and browsers look",
		edit: func(w *world) {
			w.c.Kubeadm = true
			for _, id := range []pki.ID{pki.APIServer, pki.IngressServer, pki.IdentityServer} {
				_, key, err := ed25519.GenerateKey(rand.Reader)
				require.NoError(w.t, err)
				w.replaceKey(id, key)
			}
		},
		failed: ids("key-unsupported@kube/apiserver", "key-unsupported@ingress/server"),
	},

	// authorities
	{
		name:   "a leaf for an authority",
		edit:   func(w *world) { w.put(pki.EtcdCA, w.cert(pki.EtcdClient)); w.dropKey(pki.EtcdCA) },
		failed: ids("ca-not-authority@etcd/ca"),
	},
	{
		name: "an authority that may not sign",
		edit: func(w *world) {
			w.remake(pki.AuthorityFrontProxy, func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageDigitalSignature })
		},
		failed: ids("ca-cannot-sign@front-proxy/ca"),
	},
	{
		name:   "an authority of version 1, which everybody takes",
		edit:   func(w *world) { w.ingress(oldCA(w.t)) },
		failed: ids("ca-version-old@ingress/ca"),
	},
	{
		name: "an authority without key usage",
		edit: func(w *world) { w.remake(pki.AuthorityFrontProxy, func(c *x509.Certificate) { c.KeyUsage = 0 }) },
	},
	{
		name:   "the ingress under the kube authority",
		edit:   func(w *world) { w.underKube(pki.IngressCA, pki.IngressServer) },
		failed: ids("ca-shared@ingress/ca"),
	},
	{
		name: "the ingress under the kube authority, as decided",
		edit: func(w *world) { w.underKube(pki.IngressCA, pki.IngressServer); w.o.SharedIngress = true },
	},
	{
		name:   "the front proxy under the kube authority",
		edit:   func(w *world) { w.underKube(pki.FrontProxyCA, pki.FrontProxyClient) },
		failed: ids("ca-shared@front-proxy/ca"),
	},
	{
		name:   "the front proxy under the kube authority, where the ingress may be",
		edit:   func(w *world) { w.underKube(pki.FrontProxyCA, pki.FrontProxyClient); w.o.SharedIngress = true },
		failed: ids("ca-shared@front-proxy/ca"),
	},
	{
		name: "two authorities of one name",
		edit: func(w *world) {
			noID := func(c *x509.Certificate) {
				c.IsCA = true
				c.SubjectKeyId = nil
				c.Subject = w.cert(pki.IngressCA).Subject
			}
			twin := newCA(w.t, "twin", nil, noID)
			// Go gives every authority an identifier; the other one has none.
			w.put(pki.IngressCA, w.cert(pki.IngressCA), withoutKeyID(w.t, twin))
		},
		failed: ids("ca-ambiguous@ingress/ca"),
	},

	// chains
	{
		name: "signed by another authority of the cluster",
		edit: func(w *world) {
			kube := w.b.Materials[pki.IngressCA]
			c := *w.cert(pki.IdentityServer)
			c.AuthorityKeyId = nil
			w.put(pki.IdentityServer, sign(w.t, &c, kube.Certificate(), c.PublicKey, kube.Key.Signer()))
		},
		failed: ids("chain-other-ca@kube/identity-server"),
	},
	{
		name: "an intermediate that is missing",
		edit: func(w *world) {
			root := newCA(w.t, "root", nil, nil)
			w.ingress(root, newCA(w.t, "between", root, nil))
			w.put(pki.IngressServer, w.cert(pki.IngressServer))
		},
		failed: ids("chain-incomplete@ingress/server"),
	},
	{
		name: "two intermediates",
		edit: func(w *world) {
			root := newCA(w.t, "root", nil, nil)
			one := newCA(w.t, "one", root, nil)
			w.ingress(root, one, newCA(w.t, "two", one, nil))
		},
	},
	{
		name: "an intermediate that two roots signed, the other one first",
		edit: func(w *world) { w.crossSigned() },
	},
	{
		name:    "an intermediate that two roots signed, and no time",
		edit:    func(w *world) { w.crossSigned(); w.o.Time = time.Time{} },
		unknown: ids("*"),
	},
	{
		name: "an intermediate that ended before what took its place",
		edit: func(w *world) {
			root := newCA(w.t, "root", nil, nil)
			between := newCA(w.t, "between", root, nil)
			w.ingress(root, between)
			ended := again(w.t, between, root, func(c *x509.Certificate) {
				c.SerialNumber, c.NotAfter = new(big.Int).Lsh(big.NewInt(1), 80), noon.Add(-time.Minute)
			})
			w.put(pki.IngressServer, w.cert(pki.IngressServer), ended, between.cert)
		},
		failed: ids("time-expired@ingress/server"),
	},
	{
		name: "an authority of the same name with another key",
		edit: func(w *world) {
			w.under(pki.IngressServer, newCA(w.t, "ingress-ca", nil, nil))
		},
		failed: ids("chain-untrusted@ingress/server"),
	},
	{
		name: "an authority whose name is in other string types",
		edit: func(w *world) {
			w.remake(pki.AuthorityIngress, func(c *x509.Certificate) {
				c.RawSubject = bytes.Replace(c.RawSubject, []byte("\x13\x0aingress"), []byte("\x0c\x0aingress"), 1) // PrintableString, UTF8String
			})
		},
		failed: ids("chain-untrusted@ingress/server"),
	},
	{
		name: "self-signed",
		edit: func(w *world) {
			c := *w.cert(pki.IngressServer)
			c.AuthorityKeyId = nil
			w.put(pki.IngressServer, sign(w.t, &c, &c, c.PublicKey, w.b.Materials[pki.IngressServer].Key.Signer()))
		},
		failed: ids("chain-untrusted@ingress/server"),
	},
	{
		name: "an intermediate that is no authority: crypto/x509 has the last word",
		edit: func(w *world) {
			root := newCA(w.t, "root", nil, nil)
			w.ingress(root, newCA(w.t, "between", root, func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageDigitalSignature }))
		},
		failed: ids("chain-refused@ingress/server"),
	},
	{
		name: "an intermediate that is no authority, beside one that has ended and explains nothing",
		edit: func(w *world) {
			root := newCA(w.t, "root", nil, nil)
			w.ingress(root, newCA(w.t, "between", root, func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageDigitalSignature }))
			old := newCA(w.t, "old root", nil, func(c *x509.Certificate) { c.NotAfter = noon.Add(-time.Minute) })
			w.put(pki.IngressCA, w.cert(pki.IngressCA), old.cert)
		},
		failed: ids("chain-refused@ingress/server", "time-expired@ingress/ca"),
	},
	{
		name: "a chain that is too long",
		edit: func(w *world) {
			root := newCA(w.t, "root", nil, func(c *x509.Certificate) { c.MaxPathLenZero = true })
			w.ingress(root, newCA(w.t, "between", root, nil))
		},
		failed: ids("chain-path-length@ingress/server"),
	},
	{
		name: "constraints that leave out the names",
		edit: func(w *world) {
			w.ingress(newCA(w.t, "root", nil, func(c *x509.Certificate) { c.PermittedDNSDomains = []string{"example.org"} }))
		},
		failed: ids("chain-name-constraints@ingress/server"),
	},
	{
		name: "constraints that leave out a name that is wanted, and missing",
		edit: func(w *world) {
			w.reissue(pki.IngressServer, func(c *x509.Certificate) { c.DNSNames = []string{"other.example.com"} })
			w.ingress(newCA(w.t, "root", nil, func(c *x509.Certificate) { c.PermittedDNSDomains = []string{"other.example.com"} }))
		},
		failed: ids("chain-name-constraints@ingress/server", "name-missing@ingress/server"),
	},
	{
		name: "constraints that leave out names that nobody asks for",
		edit: func(w *world) {
			w.reissue(pki.EtcdServer, func(c *x509.Certificate) {
				c.DNSNames = slices.DeleteFunc(slices.Clone(c.DNSNames), func(n string) bool { return n == "localhost" })
				c.IPAddresses = slices.DeleteFunc(slices.Clone(c.IPAddresses), net.IP.IsLoopback)
			})
			w.remake(pki.AuthorityEtcd, func(c *x509.Certificate) {
				_, loopback, _ := net.ParseCIDR("127.0.0.0/8")
				c.ExcludedDNSDomains, c.ExcludedIPRanges = []string{"localhost"}, []*net.IPNet{loopback}
			})
		},
	},
	{
		name: "constraints that exclude an address",
		edit: func(w *world) {
			_, block, _ := net.ParseCIDR("10.0.0.0/16")
			w.remake(pki.AuthorityKube, func(c *x509.Certificate) { c.ExcludedIPRanges = []*net.IPNet{block} })
		},
		failed: ids("chain-name-constraints@kube/kubelet/ip-10-0-1-20.ec2.internal"),
	},
	{
		name: "an authority for clients alone",
		edit: func(w *world) {
			w.ingress(newCA(w.t, "root", nil, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }))
		},
		failed: ids("chain-usage@ingress/server"),
	},
	{
		name: "an authority for any usage",
		edit: func(w *world) {
			w.ingress(newCA(w.t, "root", nil, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageAny} }))
		},
		failed: ids("chain-usage@ingress/server"),
	},
	{
		name: "an authority of clients for any usage",
		edit: func(w *world) {
			w.remake(pki.AuthorityFrontProxy, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageAny} })
		},
	},
	{
		name:   "the root behind the certificate",
		edit:   func(w *world) { w.put(pki.IngressServer, w.cert(pki.IngressServer), w.cert(pki.IngressCA)) },
		failed: ids("chain-root-included@ingress/server"),
	},

	// names
	{
		name:   "a common name alone",
		edit:   func(w *world) { w.reissue(pki.IdentityServer, func(c *x509.Certificate) { c.DNSNames = nil }) },
		failed: ids("name-common-only@kube/identity-server"),
	},
	{
		name: "an address as a DNS name",
		edit: func(w *world) {
			w.reissue(pki.APIServer, func(c *x509.Certificate) {
				c.IPAddresses, c.DNSNames = nil, append(slices.Clone(c.DNSNames), "10.3.0.1")
			})
		},
		failed: ids("name-ip-as-dns@kube/apiserver"),
	},
	{
		name: "an address as a DNS name, in another form",
		edit: func(w *world) {
			w.c.APIAddresses = []netip.Addr{netip.MustParseAddr("2001:db8::7")}
			w.reissue(pki.APIServer, func(c *x509.Certificate) { c.DNSNames = append(slices.Clone(c.DNSNames), "2001:DB8:0:0::7") })
		},
		failed: ids("name-ip-as-dns@kube/apiserver"),
	},
	{
		name: "an address as both",
		edit: func(w *world) {
			w.reissue(pki.APIServer, func(c *x509.Certificate) { c.DNSNames = append(slices.Clone(c.DNSNames), "10.3.0.1") })
		},
	},
	{
		name: "another name and address",
		edit: func(w *world) {
			w.c.APIExternal, w.c.ServiceCIDR = "renamed.example.com", prefix("10.4.0.0/16")
		},
		failed: ids("name-missing@kube/apiserver"),
	},
	{
		name: "a new member of etcd",
		edit: func(w *world) {
			w.c.EtcdMembers = append(w.c.EtcdMembers, pki.Node{Name: "demo-etcd-3.k8s.example.com"})
		},
		failed: ids("name-missing@etcd/server", "name-missing@etcd/peer"),
	},
	{
		name: "names that clients do not need",
		edit: func(w *world) {
			w.reissue(pki.IdentityServer, func(c *x509.Certificate) { c.DNSNames = c.DNSNames[:1] })
			w.reissue(pki.EtcdServer, func(c *x509.Certificate) {
				c.DNSNames = slices.DeleteFunc(slices.Clone(c.DNSNames), func(n string) bool { return n == "localhost" })
				c.IPAddresses = slices.DeleteFunc(slices.Clone(c.IPAddresses), net.IP.IsLoopback)
			})
		},
	},
	{
		name: "a wildcard that covers the names",
		edit: func(w *world) {
			w.reissue(pki.IngressServer, func(c *x509.Certificate) { c.DNSNames = []string{"*.k8s.example.com"} })
		},
		failed: ids("name-wildcard@ingress/server"),
	},
	{
		name: "a wildcard covers one label",
		edit: func(w *world) {
			w.reissue(pki.IngressServer, func(c *x509.Certificate) { c.DNSNames = []string{"*.example.com"} })
		},
		failed: ids("name-wildcard@ingress/server", "name-missing@ingress/server"),
	},
	{
		name: "an administrator without a name",
		edit: func(w *world) {
			for _, id := range []pki.ID{pki.Admin, pki.KubeletClient, pki.EtcdClient} {
				w.reissue(id, func(c *x509.Certificate) { c.Subject.CommonName, c.Subject.Names = "", nil })
			}
		},
		failed: ids("subject-wrong@kube/admin", "subject-wrong@kube/kubelet-client"),
	},
	{
		name: "a user that Kubernetes does not know",
		edit: func(w *world) {
			w.reissue(pki.Scheduler, func(c *x509.Certificate) { c.Subject.CommonName = "kube-scheduler" })
			w.reissue(pki.KubeletOf("ip-10-0-1-20.ec2.internal"), func(c *x509.Certificate) { c.Subject.Organization = nil })
		},
		failed: ids("subject-wrong@kube/scheduler", "subject-wrong@kube/kubelet/ip-10-0-1-20.ec2.internal"),
	},
	{
		name: "the kubelets of Tectonic",
		edit: func(w *world) {
			m := w.b.Materials[pki.Admin]
			m.ID, m.Key = pki.Kubelet, pki.NewKey(p256(w.t))
			w.b = w.b.Put(m)
			w.replaceKey(pki.Kubelet, m.Key.Signer())
			w.reissue(pki.Kubelet, func(c *x509.Certificate) {
				c.Subject, c.SerialNumber = pkix.Name{CommonName: "kubelet", Organization: []string{"system:masters"}}, new(big.Int).Add(c.SerialNumber, big.NewInt(1))
			})
		},
		failed: ids("subject-masters@kube/kubelet"),
	},

	// usages
	{
		name:   "a server for clients",
		edit:   func(w *world) { w.usages(pki.IdentityServer, x509.ExtKeyUsageClientAuth) },
		failed: ids("usage-no-server@kube/identity-server"),
	},
	{
		name:   "a client for servers",
		edit:   func(w *world) { w.usages(pki.EtcdClient, x509.ExtKeyUsageServerAuth) },
		failed: ids("usage-no-client@etcd/client"),
	},
	{
		name: "a usage that is every usage",
		edit: func(w *world) {
			w.usages(pki.IngressServer, x509.ExtKeyUsageAny)
			w.usages(pki.EtcdClient, x509.ExtKeyUsageAny)
			w.usages(pki.EtcdPeer, x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageAny)
		},
		failed: ids("usage-no-server@ingress/server"),
	},
	{
		name: "no usage is every usage",
		edit: func(w *world) {
			for _, id := range []pki.ID{pki.EtcdServer, pki.EtcdClient, pki.IdentityServer} {
				w.usages(id)
			}
		},
	},
	{
		name:   "etcd's server for servers alone",
		edit:   func(w *world) { w.usages(pki.EtcdServer, x509.ExtKeyUsageServerAuth) },
		failed: ids("usage-etcd-gateway@etcd/server"),
	},
	{
		name: "the API server's need not be a client's beside a kubelet client",
		edit: func(w *world) { w.usages(pki.APIServer, x509.ExtKeyUsageServerAuth) },
	},
	{
		name: "the API server's has to be a client's without a kubelet client",
		edit: func(w *world) {
			w.usages(pki.APIServer, x509.ExtKeyUsageServerAuth)
			w.b = w.b.Without(pki.KubeletClient)
		},
		failed: ids("usage-no-client@kube/apiserver", "material-missing@kube/kubelet-client"),
	},
	{
		name: "key encipherment alone",
		edit: func(w *world) {
			w.reissue(pki.EtcdPeer, func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageKeyEncipherment })
		},
		failed: ids("usage-no-signature@etcd/peer", "usage-key-encipherment@etcd/peer"),
	},
	{
		name: "key encipherment beside signatures",
		edit: func(w *world) {
			w.reissue(pki.EtcdPeer, func(c *x509.Certificate) { c.KeyUsage |= x509.KeyUsageKeyEncipherment })
		},
		failed: ids("usage-key-encipherment@etcd/peer"),
	},

	// times
	{
		name: "expired",
		edit: func(w *world) {
			w.reissue(pki.IngressServer, func(c *x509.Certificate) { c.NotAfter = noon.Add(-time.Second) })
		},
		failed: ids("time-expired@ingress/server"),
	},
	{
		name: "about to expire",
		edit: func(w *world) {
			w.reissue(pki.IngressServer, func(c *x509.Certificate) { c.NotAfter = noon.Add(5*time.Minute - time.Second) })
		},
		failed: ids("time-expired@ingress/server"),
	},
	{
		name: "an authority that expired",
		edit: func(w *world) {
			w.remake(pki.AuthorityFrontProxy, func(c *x509.Certificate) { c.NotAfter = noon.Add(-time.Hour) })
		},
		failed: ids("time-expired@front-proxy/ca"),
	},
	{
		name: "an authority that expired, and that nothing leads to any more",
		edit: func(w *world) {
			old := newCA(w.t, "old", nil, func(c *x509.Certificate) { c.NotAfter = noon.Add(-time.Hour) })
			w.put(pki.KubeCA, w.cert(pki.KubeCA), old.cert)
		},
		failed: ids("time-expired@kube/ca"),
	},
	{
		name: "an intermediate that expired",
		edit: func(w *world) {
			root := newCA(w.t, "root", nil, nil)
			w.ingress(root, newCA(w.t, "between", root, func(c *x509.Certificate) { c.NotAfter = noon.Add(-time.Minute) }))
		},
		failed: ids("time-expired@ingress/server", "time-outlives-ca@ingress/server"),
	},
	{
		name: "not yet valid",
		edit: func(w *world) {
			w.reissue(pki.IngressServer, func(c *x509.Certificate) { c.NotBefore = noon.Add(time.Second) })
		},
		failed: ids("time-not-yet-valid@ingress/server"),
	},
	{
		name: "ends before the installation",
		edit: func(w *world) {
			w.o.Planned = noon.AddDate(0, 0, 20)
			w.reissue(pki.IngressServer, func(c *x509.Certificate) { c.NotAfter = noon.AddDate(0, 0, 10) })
		},
		failed: ids("time-ends-before-plan@ingress/server"),
	},
	{
		name: "outlives its authority by a second",
		edit: func(w *world) {
			w.remake(pki.AuthorityFrontProxy, func(c *x509.Certificate) { c.NotAfter = w.cert(pki.FrontProxyClient).NotAfter.Add(-time.Second) })
		},
		failed: ids("time-outlives-ca@front-proxy/client"),
	},
	{
		name: "29 days left",
		edit: func(w *world) {
			w.reissue(pki.IngressServer, func(c *x509.Certificate) { c.NotAfter = noon.AddDate(0, 0, 29) })
		},
		failed: ids("time-expires-soon@ingress/server"),
	},
	{
		name: "30 days left",
		edit: func(w *world) {
			w.reissue(pki.IngressServer, func(c *x509.Certificate) { c.NotAfter = noon.AddDate(0, 0, 30) })
		},
	},
	{
		name: "two years",
		edit: func(w *world) {
			w.reissue(pki.IngressServer, func(c *x509.Certificate) { c.NotAfter = noon.AddDate(2, 0, 0) })
		},
		failed: ids("time-long@ingress/server"),
	},
	{
		name: "an authority for twenty years",
		edit: func(w *world) {
			w.remake(pki.AuthorityFrontProxy, func(c *x509.Certificate) { c.NotAfter = noon.AddDate(20, 0, 0) })
		},
		failed: ids("time-ca-long@front-proxy/ca"),
	},
	{
		name: "just begun",
		edit: func(w *world) {
			w.reissue(pki.IngressServer, func(c *x509.Certificate) { c.NotBefore = noon.Add(-time.Minute) })
		},
		failed: ids("time-fresh@ingress/server"),
	},
	{
		name:    "no time",
		edit:    func(w *world) { w.o.Time, w.o.Planned = time.Time{}, noon },
		unknown: ids("chain-refused@demo", "time-expired@demo", "time-not-yet-valid@demo", "time-ends-before-plan@demo", "time-expires-soon@demo", "time-fresh@demo"),
	},

	// signatures and identifiers
	{
		name: "SHA-1",
		edit: func(w *world) {
			w.reissue(pki.IngressServer, func(c *x509.Certificate) { c.SignatureAlgorithm = x509.ECDSAWithSHA1 })
		},
		failed: ids("signature-weak@ingress/server"),
	},
	{
		name: "SHA-1 in a root",
		edit: func(w *world) {
			w.remake(pki.AuthorityFrontProxy, func(c *x509.Certificate) { c.SignatureAlgorithm = x509.ECDSAWithSHA1 })
		},
	},
	{
		name: "a serial number twice",
		edit: func(w *world) {
			w.reissue(pki.EtcdPeer, func(c *x509.Certificate) { c.SerialNumber = w.cert(pki.EtcdServer).SerialNumber })
		},
		failed: ids("serial-duplicate@etcd/peer"),
	},
	{
		name: "one serial number of two authorities",
		edit: func(w *world) {
			w.reissue(pki.IngressServer, func(c *x509.Certificate) { c.SerialNumber = w.cert(pki.EtcdServer).SerialNumber })
		},
	},
	{
		name: "serial numbers that count",
		edit: func(w *world) {
			w.reissue(pki.IngressServer, func(c *x509.Certificate) { c.SerialNumber = big.NewInt(2) })
		},
		failed: ids("serial-short@ingress/server"),
	},
	{
		name: "another key identifier",
		edit: func(w *world) {
			w.remake(pki.AuthorityFrontProxy, func(c *x509.Certificate) { c.SubjectKeyId = []byte{1, 2, 3} })
		},
		failed: ids("key-id-mismatch@front-proxy/client"),
	},
	{
		name: "the serial number of another issuer",
		edit: func(w *world) {
			ca := w.cert(pki.IngressCA)
			w.reissue(pki.IngressServer, func(c *x509.Certificate) { c.ExtraExtensions = issuedBy(w.t, ca.RawSubject, big.NewInt(7)) })
		},
		failed: ids("key-id-mismatch@ingress/server"),
	},
	{
		name: "an issuer of another name",
		edit: func(w *world) {
			ca := w.cert(pki.IngressCA)
			w.reissue(pki.IngressServer, func(c *x509.Certificate) {
				c.ExtraExtensions = issuedBy(w.t, w.cert(pki.KubeCA).RawSubject, ca.SerialNumber)
			})
		},
		failed: ids("key-id-mismatch@ingress/server"),
	},
	{
		name: "issuer and serial number of the authority",
		edit: func(w *world) {
			ca := w.cert(pki.IngressCA)
			w.reissue(pki.IngressServer, func(c *x509.Certificate) { c.ExtraExtensions = issuedBy(w.t, ca.RawSubject, ca.SerialNumber) })
		},
	},
}

// rotate takes everything that signs to a phase.
func (w *world) rotate(to pki.Phase) {
	inv := inventory(w.t, w.c, pki.InventoryOptions{Algorithms: map[pki.ID]pki.Algorithm{pki.ServiceAccount: pki.ECDSAP256}})
	for _, id := range []pki.ID{pki.EtcdCA, pki.KubeCA, pki.IngressCA, pki.FrontProxyCA, pki.ServiceAccount} {
		plan, err := pki.PlanRotation(inv, w.b, id, pki.RotateOptions{Time: noon, Begin: true})
		require.NoError(w.t, err)
		w.b = plan.Steps[slices.IndexFunc(plan.Steps, func(s pki.RotationStep) bool { return s.To == to })].Bundle
	}
}

func (w *world) dropKey(id pki.ID) {
	m := w.b.Materials[id]
	m.Key = pki.Key{}
	w.b = w.b.Put(m)
}

func (w *world) usages(id pki.ID, usages ...x509.ExtKeyUsage) {
	w.reissue(id, func(c *x509.Certificate) { c.ExtKeyUsage = usages })
}

// underKube lets the kube authority serve for another.
func (w *world) underKube(authority, leaf pki.ID) {
	kube := w.b.Materials[pki.KubeCA]
	w.put(authority, kube.Certificate())
	w.dropKey(authority)
	c := *w.cert(leaf)
	c.AuthorityKeyId = nil
	w.put(leaf, sign(w.t, &c, kube.Certificate(), c.PublicKey, kube.Key.Signer()))
}

// withoutKeyID returns the certificate of an authority without an identifier of
// its key, which crypto/x509 gives to every authority: it is signed as a leaf, and
// the flag comes by way of an extension.
func withoutKeyID(t testing.TB, a *ca) *x509.Certificate {
	template := *a.cert
	template.IsCA, template.BasicConstraintsValid, template.SubjectKeyId, template.AuthorityKeyId = false, false, nil, nil
	template.ExtraExtensions = []pkix.Extension{{Id: []int{2, 5, 29, 19}, Critical: true, Value: []byte{0x30, 3, 1, 1, 0xff}}}
	c := sign(t, &template, &template, a.key.Public(), a.key)
	require.True(t, c.IsCA)
	require.Empty(t, c.SubjectKeyId)
	return c
}

// again signs the certificate of an authority anew, after a change.
func again(t testing.TB, c, by *ca, change func(*x509.Certificate)) *x509.Certificate {
	t.Helper()
	template := *c.cert
	template.AuthorityKeyId = nil
	change(&template)
	return sign(t, &template, by.cert, c.key.Public(), by.key)
}

// crossSigned puts the ingress under an intermediate that another root signed too.
func (w *world) crossSigned() {
	root := newCA(w.t, "root", nil, nil)
	between := newCA(w.t, "between", root, nil)
	w.ingress(root, between)
	other := again(w.t, between, newCA(w.t, "another root", nil, nil), func(*x509.Certificate) {})
	w.put(pki.IngressServer, w.cert(pki.IngressServer), other, between.cert)
}

// longCA returns an authority with an RSA key of 8704 bits, which nobody has.
func longCA(t testing.TB) *x509.Certificate {
	t.Helper()
	n := new(big.Int).Lsh(big.NewInt(1), 8703)
	root := newCA(t, "root of a long one", nil, nil)
	template := *newCA(t, "long", root, nil).cert
	template.SubjectKeyId = nil
	return sign(t, &template, root.cert, &rsa.PublicKey{N: n.Add(n, big.NewInt(1)), E: 65537}, root.key)
}

// unknownKind returns the certificate with a key of the kind RSASSA-PSS, which
// OpenSSL makes and crypto/x509 does not know.
func unknownKind(t testing.TB, c *x509.Certificate) *x509.Certificate {
	t.Helper()
	key := rsaKey(t, 2048)
	template := *c
	template.SignatureAlgorithm, template.PublicKey = 0, key.Public()
	der := sign(t, &template, &template, key.Public(), key).Raw
	id := must(asn1.Marshal(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}))
	changed := slices.Clone(id)
	changed[len(changed)-1] = 10
	unknown, err := x509.ParseCertificate(bytes.Replace(der, id, changed, 1))
	require.NoError(t, err)
	require.Nil(t, unknown.PublicKey)
	return unknown
}

// oldCA returns a self-signed authority of version 1, as openssl x509 -req
// -signkey makes one.
func oldCA(t testing.TB) *ca {
	t.Helper()
	modern := newCA(t, "old", nil, nil)
	algorithm := pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}} // ecdsa-with-SHA256
	name := asn1.RawValue{FullBytes: modern.cert.RawSubject}
	body := must(asn1.Marshal(struct {
		Serial             *big.Int
		Algorithm          pkix.AlgorithmIdentifier
		Issuer             asn1.RawValue
		Validity           struct{ Begin, End time.Time }
		Subject, PublicKey asn1.RawValue
	}{
		modern.cert.SerialNumber, algorithm, name,
		struct{ Begin, End time.Time }{modern.cert.NotBefore, modern.cert.NotAfter},
		name,
		asn1.RawValue{FullBytes: modern.cert.RawSubjectPublicKeyInfo},
	}))
	sum := sha256.Sum256(body)
	signature := must(modern.key.Sign(rand.Reader, sum[:], crypto.SHA256))
	c, err := x509.ParseCertificate(must(asn1.Marshal(struct {
		Body      asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}{asn1.RawValue{FullBytes: body}, algorithm, asn1.BitString{Bytes: signature, BitLength: 8 * len(signature)}})))
	require.NoError(t, err)
	require.Equal(t, 1, c.Version)
	return &ca{c, modern.key}
}

func rsaKey(t testing.TB, bits int) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	require.NoError(t, err)
	return key
}

// with returns the findings of an outcome as slug@subject.
func with(findings []groundway.Finding, o groundway.Outcome) []string {
	var list []string
	for _, f := range findings {
		if f.Outcome == o {
			list = append(list, strings.TrimPrefix(string(f.Code), "pki/")+"@"+f.Subject.String())
		}
	}
	slices.Sort(list)
	return list
}

func TestVerify(t *testing.T) {
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			if r.edit != nil {
				r.edit(w)
			}
			findings := w.verify()
			want := slices.Sorted(slices.Values(r.failed))
			got := with(findings, groundway.Failed)
			assert.Equal(t, want, got, "failed")
			if len(r.unknown) == 1 && r.unknown[0] == "*" {
				assert.NotEmpty(t, with(findings, groundway.Unknown))
			} else {
				assert.Equal(t, slices.Sorted(slices.Values(r.unknown)), with(findings, groundway.Unknown), "unknown")
			}
			checkFindings(t, w, findings)
		})
	}
}

// checkFindings holds what is true of every result.
func checkFindings(t *testing.T, w *world, findings []groundway.Finding) {
	t.Helper()
	// What shows a file or a time is no IAM action.
	findingtest.Contract{Snapshot: w.c, Rules: pki.Rules(), Sources: []string{""}}.Hold(t, findings)
	prints := map[string]bool{}
	for _, f := range findings {
		assert.False(t, prints[f.Fingerprint()], "%s of %s: one finding a subject", f.Code, f.Subject)
		prints[f.Fingerprint()] = true
		assert.NotContains(t, f.Detail, "  ")
		if f.Outcome == groundway.Failed || f.Outcome == groundway.Unknown {
			assert.NotEmpty(t, f.Remedies, "%s: has a remedy", f.Code)
			for _, e := range f.Evidence {
				assert.NotEmpty(t, e.Path, "%s: says where", f.Code)
			}
		}
	}
	assert.True(t, reflect.DeepEqual(findings, pki.Verify(w.b, w.c, w.o)), "whatever the order of a map")
	// Nothing that is private shows.
	text := reportText(t, findings)
	for id, m := range w.b.Materials {
		for _, secret := range secrets(t, m.Key) {
			assert.NotContains(t, text, secret, "the key of %s", id)
		}
	}
}

func reportText(t *testing.T, findings []groundway.Finding) string {
	var b strings.Builder
	require.NoError(t, groundway.RenderText(&b, groundway.NewReport(noon, findings), groundway.TextOptions{Width: 10000}))
	return b.String()
}

// secrets returns what must never show of a key: a line of its PEM text.
func secrets(t *testing.T, k pki.Key) []string {
	if k.IsZero() {
		return nil
	}
	text, err := k.PEM()
	require.NoError(t, err)
	block, _ := pem.Decode([]byte(text.Reveal()))
	require.NotNil(t, block)
	return []string{strings.Split(text.Reveal(), "\n")[2]}
}

// Every rule is seen to fail, to pass, and, where what it needs can be unseen,
// to be unknown.
func TestEveryRuleIsProven(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range rows {
		w := newWorld(t)
		if r.edit != nil {
			r.edit(w)
		}
		for _, f := range w.verify() {
			seen[string(f.Code)+" "+f.Outcome.String()] = true
		}
	}
	for _, r := range pki.Rules() {
		assert.True(t, seen[string(r.Code)+" failed"], "%s fails in some row", r.Code)
		assert.True(t, seen[string(r.Code)+" passed"], "%s passes in some row", r.Code)
		// What the cluster is, and what a directory lists, is always seen.
		if !slices.Contains([]groundway.Code{"pki/cluster-invalid", "pki/file-left-over"}, r.Code) {
			assert.True(t, seen[string(r.Code)+" unknown"], "%s is unknown in some row", r.Code)
		}
	}
}

func TestRules(t *testing.T) {
	findingtest.Rules(t, "pki", pki.Rules)
	assert.Len(t, pki.Rules(), 57)
}

// What a finding says: which file, which block, which consumer breaks, and how.
func TestFindingsSayWhatBreaks(t *testing.T) {
	for _, test := range []struct {
		row, code               string
		severity                groundway.Severity
		summary, detail, remedy string // parts of them
	}{
		{
			"the authority first", "pki/pem-order-wrong", groundway.Warning,
			`tls/ingress.crt, the certificate of ingress/server, has the certificate behind "between" in block 2; the bundle has it right, the file has not.`,
			"Taken by ingress --default-ssl-certificate and browser.", "Write the certificate first",
		},
		{
			"a root before the certificate, which does not belong there either", "pki/pem-order-wrong", groundway.Warning,
			`has the certificate behind "kube-ca" in block 2`,
			"kube-apiserver does not start, and says that the key does not match.", "",
		},
		{
			"a byte order mark", "pki/pem-encoding", groundway.Warning,
			"tls/ca.crt, the certificate of kube/ca, has a byte order mark in line 1; the bundle has it right, the file has not.",
			"A byte order mark hides the first block", "Save the file",
		},
		{
			"headers", "pki/pem-headers", groundway.Warning,
			"tls/ca.crt, the certificate of kube/ca, has a block with headers in block 1, line 1; the bundle has it right, the file has not.",
			"Kubernetes and dex", "Take the headers out.",
		},
		{
			"an authority for any usage", "pki/chain-usage", groundway.Warning,
			`ingress/server is for serverAuth, for which "root" vouches only as for any usage: programs written in Go accept it, and those with OpenSSL refuse it.`,
			"", "Make an authority without extended key usages",
		},
		{
			"an intermediate that ended before what took its place", "pki/time-expired", groundway.Warning,
			`ingress/server holds "between" in block 2, which ended on 2026-03-01T11:59:00Z.`, "", "",
		},
		{
			"a usage that is every usage", "pki/usage-no-server", groundway.Warning,
			"ingress/server is for any usage and does not name servers", "", "",
		},
		{
			"an authority whose name is in other string types", "pki/chain-untrusted", groundway.Error,
			`ingress/server is signed by "ingress-ca" of ingress/ca, and writes that name in other string types`, "", "",
		},
		{
			"a client for servers", "pki/usage-no-client", groundway.Error, "etcd/client is for serverAuth, and not for clients.",
			"Taken by kube-apiserver --etcd-certfile. etcd refuses the client in the handshake.", "",
		},
		{
			"a leaf for an authority", "pki/ca-not-authority", groundway.Error, `etcd/ca holds "etcd" in block 1, which is not an authority's certificate.`,
			"and etcd --trusted-ca-file. etcd starts, and refuses every client.", "",
		},
		{
			"RSA that is longer than the TLS of Go takes", "pki/key-unsupported", groundway.Error,
			"ingress/server has a key of rsa-8704, which the TLS of Go does not take.", "", "",
		},
		{
			"an encrypted key", "pki/key-encrypted", groundway.Error,
			"tls/apiserver.key, the key of kube/apiserver, has a key that is encrypted with AES-256-CBC, the old form of OpenSSL in block 1, line 1.",
			"kube-apiserver does not start, and only says that it failed to parse the key.", "Decrypt the key",
		},
		{
			"garbage", "pki/pem-empty", groundway.Error, "tls/etcd-client-ca.crt, the certificate of etcd/ca, has no PEM block.",
			"etcd starts without a word, trusts nobody, and refuses every client.", "",
		},
		{
			"a broken block behind a good one", "pki/pem-block-broken", groundway.Error, "has a certificate that cannot be read: malformed certificate in block 2, line ",
			"dex starts without a word, and does not trust the broken one.", "",
		},
		{
			"etcd's server for servers alone", "pki/usage-etcd-gateway", groundway.Error, "etcd/server is for serverAuth alone; etcd's gateway shows it as a client.",
			"etcd starts, and its HTTP gateway, which shows the server certificate as a client, fails with code 14.", "--enable-grpc-gateway=false",
		},
		{
			"another name and address", "pki/name-missing", groundway.Error, "kube/apiserver lacks renamed.example.com and 10.4.0.1.",
			"Taken by kube-apiserver --tls-cert-file", "Issue the certificate anew with these names.",
		},
		{
			"the ingress under the kube authority", "pki/ca-shared", groundway.Warning, `ingress/ca trusts "kube-ca", and so does kube/ca.`, "", "",
		},
		{
			"the front proxy under the kube authority", "pki/ca-shared", groundway.Error, `front-proxy/ca trusts "kube-ca", and so does kube/ca.`, "", "",
		},
		{
			"signed by another authority of the cluster", "pki/chain-other-ca", groundway.Error,
			"kube/identity-server is signed by ingress/ca; those who check it trust kube/ca.", "Taken by dex grpc.tlsCert.", "",
		},
		{
			"an intermediate that expired", "pki/time-expired", groundway.Error,
			`ingress/server holds "between" in block 2, which ended on 2026-03-01T11:59:00Z.`, "", "",
		},
		{
			"an authority that expired, and that nothing leads to any more", "pki/time-expired", groundway.Warning,
			`kube/ca holds "old" in block 2, which ended on 2026-03-01T11:00:00Z.`, "", "",
		},
		{
			"29 days left", "pki/time-expires-soon", groundway.Warning, "ingress/server ends in 29 days, on 2026-03-30T12:00:00Z.", "", "",
		},
		{
			"the key of another entry", "pki/key-mismatch", groundway.Error, "tls/apiserver.key does not belong to tls/apiserver.crt.",
			"kube-apiserver does not start: it cannot load the pair.", "Provide the key that the certificate was made for",
		},
	} {
		t.Run(test.row, func(t *testing.T) {
			w := newWorld(t)
			rows[slices.IndexFunc(rows, func(r row) bool { return r.name == test.row })].edit(w)
			findings := w.verify()
			i := slices.IndexFunc(findings, func(f groundway.Finding) bool {
				return string(f.Code) == test.code && f.Outcome == groundway.Failed
			})
			require.GreaterOrEqual(t, i, 0)
			f := findings[i]
			assert.Equal(t, test.severity, f.Severity)
			assert.Contains(t, f.Summary, test.summary)
			assert.Contains(t, f.Detail, test.detail)
			assert.Contains(t, f.Remedies[0].Action, test.remedy)
		})
	}
}

// A chain out of order behind its certificate is one that programs start with.
func TestOrderBehindTheCertificate(t *testing.T) {
	w := newWorld(t)
	kube := w.b.Materials[pki.KubeCA]
	one := newCA(t, "one", &ca{kube.Certificate(), kube.Key.Signer().(*ecdsa.PrivateKey)}, nil)
	two := newCA(t, "two", one, nil)
	w.under(pki.APIServer, two, one, two)
	findings := w.verify()
	assert.NotContains(t, with(findings, groundway.Failed), "pem-order-wrong@tls/apiserver.crt", "not from a file")
	w.dir()
	findings = w.verify()
	i := slices.IndexFunc(findings, func(f groundway.Finding) bool { return f.Code == "pki/pem-order-wrong" })
	assert.Equal(t, groundway.Failed, findings[i].Outcome)
	assert.Contains(t, findings[i].Summary, "has a chain that is out of order; the bundle has it right")
	assert.Contains(t, findings[i].Detail, "Taken by kube-apiserver --tls-cert-file")
	assert.NotContains(t, findings[i].Detail, "does not start")
}

// What was seen of a defect is not said of another one, or of a program that does
// not meet it.
func TestFindingsSayNoMoreThanWasSeen(t *testing.T) {
	for name, code := range map[string]groundway.Code{
		"P-224":                       "pki/key-weak",
		"a usage that is every usage": "pki/usage-no-server",
		"an intermediate that ended before what took its place": "pki/time-expired",
		"an administrator without a name":                       "pki/subject-wrong",
	} {
		w := newWorld(t)
		rows[slices.IndexFunc(rows, func(r row) bool { return r.name == name })].edit(w)
		for _, f := range w.verify() {
			if f.Code == code && f.Outcome == groundway.Failed {
				assert.NotContains(t, f.Detail, "starts", name)
			}
		}
	}
	// The key of an authority is no authority of clients.
	w := newWorld(t)
	w.edit("tls/etcd-client-ca.key", func(string) string { return "garbage" })
	findings := w.verify()
	f := findings[slices.IndexFunc(findings, func(f groundway.Finding) bool { return f.Code == "pki/pem-empty" })]
	assert.Equal(t, groundway.Failed, f.Outcome)
	assert.NotContains(t, f.Detail, "starts without a word")
}

func TestGatewayDisabled(t *testing.T) {
	w := newWorld(t)
	w.usages(pki.EtcdServer, x509.ExtKeyUsageServerAuth)
	w.o.GatewayDisabled = true
	for _, f := range w.verify() {
		if f.Outcome == groundway.Failed {
			assert.Equal(t, groundway.Warning, f.Severity)
		}
	}
}

// Verify never passes what crypto/x509 refuses, and never blocks a certificate
// that is as the inventory has it: over random edits of one certificate.
func TestVerifyAgreesWithX509(t *testing.T) {
	edits := []func(*x509.Certificate){
		func(c *x509.Certificate) { c.NotAfter = noon.Add(-time.Minute) },
		func(c *x509.Certificate) { c.NotBefore = noon.Add(time.Hour) },
		func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} },
		func(c *x509.Certificate) { c.ExtKeyUsage = nil },
		func(c *x509.Certificate) { c.DNSNames = nil },
		func(c *x509.Certificate) { c.DNSNames = []string{"*.k8s.example.com"} },
		func(c *x509.Certificate) { c.KeyUsage = 0 },
		func(c *x509.Certificate) { c.SignatureAlgorithm = x509.ECDSAWithSHA1 },
		func(c *x509.Certificate) { c.Subject.CommonName = "" },
	}
	roots := x509.NewCertPool()
	roots.AddCert(good(t).Materials[pki.IngressCA].Certificate())
	for set := range 1 << len(edits) {
		w := newWorld(t)
		w.reissue(pki.IngressServer, func(c *x509.Certificate) {
			for i, edit := range edits {
				if set&(1<<i) != 0 {
					edit(c)
				}
			}
		})
		w.o.Only = []pki.ID{pki.IngressCA, pki.IngressServer}
		_, err := w.cert(pki.IngressServer).Verify(x509.VerifyOptions{
			Roots: roots, CurrentTime: noon, DNSName: "demo.k8s.example.com", KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		})
		report := groundway.NewReport(noon, w.verify())
		require.Equal(t, err == nil, report.Err() == nil, "%09b: crypto/x509 says %v, the report %v", set, err, report.Err())
	}
}

// Constraints are held to as crypto/x509 does it, wildcards and leading dots
// included.
func TestConstraintsAgreeWithX509(t *testing.T) {
	for _, name := range []string{"example.com", "*.example.com", "a.example.com", "*.a.example.com", "b.a.example.com", "xexample.com"} {
		for _, domain := range []string{"", "com", "example.com", ".example.com", "EXAMPLE.com", "a.example.com", ".a.example.com", "b.a.example.com"} {
			for _, permitted := range []bool{true, false} {
				w := newWorld(t)
				w.reissue(pki.IngressServer, func(c *x509.Certificate) { c.DNSNames = []string{name} })
				root := newCA(t, "root", nil, func(c *x509.Certificate) {
					if permitted {
						c.PermittedDNSDomains = []string{domain}
					} else {
						c.ExcludedDNSDomains = []string{domain}
					}
				})
				w.ingress(root)
				inv := inventory(t, w.c, pki.InventoryOptions{})
				for i := range inv.Certificates {
					if inv.Certificates[i].ID == pki.IngressServer {
						inv.Certificates[i].DNSNames = []string{name}
					}
				}
				roots := x509.NewCertPool()
				roots.AddCert(root.cert)
				_, err := w.cert(pki.IngressServer).Verify(x509.VerifyOptions{Roots: roots, CurrentTime: noon})
				w.o.Inventory, w.o.Only = inv, []pki.ID{pki.IngressCA, pki.IngressServer}
				var want []string
				if err != nil {
					want = ids("chain-name-constraints@ingress/server")
				}
				assert.Equal(t, want, with(w.verify(), groundway.Failed), "%s, %q, permitted %t: %v", name, domain, permitted, err)
			}
		}
	}
}

// Whatever a bundle lacks, and whatever is asked about, the findings hold together:
// what is skipped follows from what failed.
func TestVerifyOfParts(t *testing.T) {
	random := mathrand.New(mathrand.NewPCG(1, 2))
	for range 300 {
		w := newWorld(t)
		if random.IntN(3) == 0 {
			w.c.EtcdMembers = nil
		}
		if random.IntN(3) == 0 {
			w.c.ConsoleHost = ""
		}
		for _, id := range w.b.IDs() {
			switch random.IntN(8) {
			case 0:
				w.b = w.b.Without(id)
			case 1:
				w.dropKey(id)
			case 2:
				w.put(id)
			}
			if random.IntN(4) == 0 {
				w.o.Only = append(w.o.Only, id)
			}
		}
		if random.IntN(2) == 0 {
			w.o.Only = nil
		}
		checkFindings(t, w, w.verify())
	}
}

func TestVerifyOnly(t *testing.T) {
	w := newWorld(t)
	w.b = w.b.Without(pki.EtcdPeer)
	w.o.Only = []pki.ID{pki.KubeCA, pki.APIServer}
	assert.Empty(t, with(w.verify(), groundway.Failed))
	w.o.Only = []pki.ID{pki.EtcdPeer}
	assert.Equal(t, ids("material-missing@etcd/peer"), with(w.verify(), groundway.Failed))
	// Whether a chain leads to an authority that nobody gave is unknown.
	w.b = w.b.Without(pki.KubeCA)
	w.o.Only = []pki.ID{pki.APIServer}
	findings := w.verify()
	assert.Empty(t, with(findings, groundway.Failed))
	assert.Contains(t, with(findings, groundway.Unknown), "chain-untrusted@kube/apiserver")
	assert.Contains(t, with(findings, groundway.Unknown), "time-outlives-ca@kube/apiserver")
}

func TestVerifyOptionalEntries(t *testing.T) {
	w := newWorld(t)
	w.b = w.b.Without(pki.EtcdHealth, pki.KubeletClient, pki.ControllerManager, pki.Scheduler, pki.Admin,
		pki.KubeletOf("ip-10-0-1-20.ec2.internal"), pki.FrontProxyCA, pki.FrontProxyClient)
	report := groundway.NewReport(noon, w.verify())
	assert.NoError(t, report.Err(), "the cluster works without them")
	assert.Equal(t, 8, report.Counts().Warnings)
}

// unreadable is a file system in which one file is closed.
type unreadable struct {
	fstest.MapFS
	path string
}

func (u unreadable) Open(name string) (fs.File, error) {
	if name == u.path {
		return nil, &fs.PathError{Op: "open", Path: name, Err: errors.New("input/output error")}
	}
	return u.MapFS.Open(name)
}

func (u unreadable) ReadFile(name string) ([]byte, error) {
	if name == u.path {
		return nil, &fs.PathError{Op: "open", Path: name, Err: errors.New("input/output error")}
	}
	return u.MapFS.ReadFile(name)
}

func TestUnreadableFileIsUnknown(t *testing.T) {
	w := newWorld(t)
	b, err := pki.TectonicLayout().Read(unreadable{w.dir(), "tls/ca.crt"}, pki.ReadOptions{})
	require.NoError(t, err)
	findings := pki.Verify(b, w.c, w.o)
	assert.Empty(t, with(findings, groundway.Failed))
	unknown := with(findings, groundway.Unknown)
	assert.Contains(t, unknown, "material-missing@kube/ca")
	assert.Contains(t, unknown, "chain-untrusted@kube/ca", "whether leaves lead to it is unknown, not passed")
	for _, f := range findings {
		if f.Outcome == groundway.Unknown {
			assert.Contains(t, f.Summary, "tls/ca.crt: input/output error")
		}
	}
}
