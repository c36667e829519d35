package controlplane_test

import (
	"crypto/tls"
	"crypto/x509"
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/pki"
)

// Everything listens on this address, so it stands in the certificates of
// whatever is reached by its address.
var loopback = netip.MustParseAddr("127.0.0.1")

// cluster is what all tests issue for. Users reach the console by a name that
// every machine resolves.
var cluster = pki.Cluster{
	Name:         "demo",
	APIExternal:  "api.demo.example.com",
	APIInternal:  "api-int.demo.example.com",
	APIAddresses: []netip.Addr{loopback},
	ServiceCIDR:  netip.MustParsePrefix("10.3.0.0/16"),
	EtcdMembers: []pki.Node{
		{Name: "demo-etcd-0.example.com", Addresses: []netip.Addr{loopback}},
		{Name: "demo-etcd-1.example.com", Addresses: []netip.Addr{loopback}},
		{Name: "demo-etcd-2.example.com", Addresses: []netip.Addr{loopback}},
	},
	Kubelets:    []pki.Node{{Name: "node-0.example.com", Addresses: []netip.Addr{loopback}}},
	ConsoleHost: "localhost",
}

// The names by which clients reach the servers.
const (
	apiName      = "api.demo.example.com"
	etcdName     = "localhost"
	identityName = "tectonic-identity-api.tectonic-system.svc"
	node         = "node-0.example.com"
)

// A material is a bundle in a directory, as components read it.
type material struct {
	dir    string
	layout pki.Layout
	bundle pki.Bundle // as it was before any harm
}

// file returns the path of a part's file.
func (m material) file(id pki.ID, part pki.Part) string {
	return filepath.Join(m.dir, filepath.FromSlash(m.layout.Path(id, part)))
}

func (m material) cert(id pki.ID) string { return m.file(id, pki.PartCertificate) }

func (m material) key(id pki.ID) string { return m.file(id, pki.PartKey) }

// roots are what trusts the authority.
func (m material) roots(a pki.Authority) *x509.CertPool {
	pool := x509.NewCertPool()
	for _, c := range m.bundle.Materials[a.CA()].Certificates {
		pool.AddCert(c)
	}
	return pool
}

// config returns what a client needs that trusts the authority, expects the
// name, and shows the certificate of the entry's files, or none.
func (m material) config(t *testing.T, trust pki.Authority, name string, id pki.ID) *tls.Config {
	t.Helper()
	config := &tls.Config{RootCAs: m.roots(trust), ServerName: name}
	if id != "" {
		cert, err := tls.LoadX509KeyPair(m.cert(id), m.key(id))
		require.NoError(t, err)
		// Shown even to a server that lists other authorities.
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &cert, nil }
	}
	return config
}

// written writes a bundle into a directory of its own.
func written(t *testing.T, b pki.Bundle, layout pki.Layout) material {
	t.Helper()
	m := material{filepath.Join(t.TempDir(), "pki"), layout, b}
	_, err := layout.Write(t.Context(), m.dir, b, pki.WriteOptions{})
	require.NoError(t, err)
	return m
}

// reread returns the bundle as it stands in the files now.
func (m material) reread(t *testing.T) pki.Bundle {
	t.Helper()
	b, err := m.layout.Read(os.DirFS(m.dir), pki.ReadOptions{})
	require.NoError(t, err)
	return b
}
