package pki_test

import (
	"crypto/x509"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/pki"
)

func inventory(t testing.TB, c pki.Cluster, o pki.InventoryOptions) pki.Inventory {
	t.Helper()
	inv, err := pki.NewInventory(c, o)
	require.NoError(t, err)
	return inv
}

// A documented row is one of the tables of Tectonic's documentation, with what
// each column prints.
type documentedRow struct {
	module, output string
	printed        map[pki.Program]string
	description    string
}

// The tables of "TLS topology in Tectonic", as they are printed, slips included.
var documented = []struct {
	path pki.Path
	rows []documentedRow
}{
	{pki.PathEtcdPeer, []documentedRow{
		{"etcd", "etcd_ca_crt_pem", map[pki.Program]string{pki.ProgramEtcd: "--peer-trusted-ca"}, "etcd CA cert"},
		{"etcd", "etcd_peer_crt_pem", map[pki.Program]string{pki.ProgramEtcd: "--etcd-certfile"}, "etcd peer cert"},
		{"etcd", "etcd_peer_key_pem", map[pki.Program]string{pki.ProgramEtcd: "--etcd-keyfile"}, "etcd peer key"},
	}},
	{pki.PathAPIEtcd, []documentedRow{
		{"etcd", "etcd_ca_crt_pem", map[pki.Program]string{pki.ProgramAPIServer: "--etcd-cafile"}, "etcd CA cert"},
		{"etcd", "etcd_client_crt_pem", map[pki.Program]string{pki.ProgramAPIServer: "--etcd-certfile"}, "API client cert"},
		{"etcd", "etcd_client_key_pem", map[pki.Program]string{pki.ProgramAPIServer: "--etcd-keyfile"}, "API client key"},
		{"etcd", "etcd_server_crt_pem", map[pki.Program]string{pki.ProgramEtcd: "--cert-file"}, "etcd server cert"},
		{"etcd", "etcd_server_key_pem", map[pki.Program]string{pki.ProgramEtcd: "--key-file"}, "etcd server key"},
	}},
	{pki.PathControlPlaneAPI, []documentedRow{
		{"kube", "ca_cert_pem", map[pki.Program]string{pki.ProgramAPIServer: "--tls-ca-file"}, "secure access from Admission Controllers"},
		{"kube", "apiserver_cert_pem", map[pki.Program]string{pki.ProgramAPIServer: "--tls-cert-file"}, "https server cert"},
		{"kube", "apiserver_key_pem", map[pki.Program]string{pki.ProgramAPIServer: "--tls-private-key-file"}, "https server key"},
	}},
	{pki.PathAPIKubelet, []documentedRow{
		{"kube", "ca_cert_pem", map[pki.Program]string{pki.ProgramKubelet: "--client-ca-file"}, "client cert CA"},
		{"kube", "apiserver_cert_pem", map[pki.Program]string{pki.ProgramAPIServer: "--kubelect-client-certificate"}, "kubelect client cert"},
		{"kube", "apiserver_key_pem", map[pki.Program]string{pki.ProgramAPIServer: "--kubelet-client-key"}, "kubelet client key"},
	}},
	{pki.PathConsoleIdentity, []documentedRow{
		{"identity", "client_cert_pem", map[pki.Program]string{pki.ProgramConsole: "BRIDGE_DEX_CLIENT_CERT_FILE"}, "grpc client cert"},
		{"identity", "client_key_pem", map[pki.Program]string{pki.ProgramConsole: "BRIDGE_DEX_CLIENT_KEY_FILE"}, "grpc client key"},
		{"identity", "server_key_pem", map[pki.Program]string{pki.ProgramDex: "grpc.tlsKey"}, "grpc server key"},
		{"identity", "server_cert_pem", map[pki.Program]string{pki.ProgramDex: "grpc.tlsCert"}, "grpc server cert"},
		// "ca_cert_pem is sourced from modules/tls/kube."
		{"kube", "ca_cert_pem", map[pki.Program]string{pki.ProgramDex: "grpc.tlsClientCA"}, "grpc client CA"},
	}},
	{pki.PathUsersIdentity, []documentedRow{
		{"ingress", "ca_cert_pem", map[pki.Program]string{pki.ProgramConsole: "BRIDGE_CA_FILE"}, "ingress CA cert"},
		{"ingress", "cert_pem", map[pki.Program]string{pki.ProgramIngress: "--default-ssl-certificate"}, "ingress server cert"},
		{"ingress", "key_pem", map[pki.Program]string{pki.ProgramIngress: "--default-ssl-certificate"}, "ingress server key"},
	}},
	{pki.PathAPIIdentity, []documentedRow{
		// The column is headed "Tectonic Console env var", and the flag is the
		// API server's.
		{"ingress", "ca_cert_pem", map[pki.Program]string{pki.ProgramAPIServer: "--oidc-ca-file"}, "ingress CA cert"},
	}},
}

// The tables come out of the inventory, row by row and in their order, with and
// without compatibility.
func TestDocumentedTables(t *testing.T) {
	for _, compat := range []pki.Compat{pki.CompatNone, pki.CompatTectonic} {
		inv := inventory(t, demo(), pki.InventoryOptions{Compat: compat})
		var printed []pki.Use
		for _, u := range inv.Uses() {
			if u.InTectonic() {
				printed = append(printed, u)
			}
		}
		for _, table := range documented {
			for _, row := range table.rows {
				require.NotEmpty(t, printed, "%s %s", table.path, row.output)
				u := printed[0]
				printed = printed[1:]
				assert.Equal(t, table.path, u.Path)
				assert.Equal(t, row.module, u.Module(), "module of %s", row.output)
				assert.Equal(t, row.output, u.Output())
				assert.Equal(t, row.printed, map[pki.Program]string{u.Program: u.Printed}, row.output)
				assert.Equal(t, row.description, u.Description, row.output)
				// The entry has the use as well, and every flag of today but one that
				// is gone.
				assert.Contains(t, usesOf(inv, u.ID), u)
				assert.Equal(t, u.Printed == "--tls-ca-file", u.Field == "", u.Printed)
			}
		}
		assert.Empty(t, printed, "and nothing else is said to be printed")
	}
}

// Every output of the documentation has a value that is what the inventory says,
// whatever the flavour.
func TestDocumentedOutputs(t *testing.T) {
	outputs, err := pki.Outputs(good(t))
	require.NoError(t, err)
	have := map[string]pki.Output{}
	for _, o := range outputs {
		name := o.Module + "." + o.Name
		assert.NotContains(t, have, name, "each once")
		have[name] = o
	}
	for _, table := range documented {
		for _, row := range table.rows {
			o, ok := have[row.module+"."+row.output]
			require.True(t, ok, row.output)
			want := "CERTIFICATE"
			if strings.HasSuffix(row.output, "_key_pem") || row.output == "key_pem" {
				want = "PRIVATE KEY"
			}
			assert.True(t, strings.HasPrefix(o.Value.Reveal(), "-----BEGIN "+want+"-----\n"), row.output)
			assert.Equal(t, "[redacted]", fmt.Sprint(o.Value))
		}
	}
}

func usesOf(inv pki.Inventory, id pki.ID) []pki.Use {
	if c, ok := inv.Certificate(id); ok {
		return c.Uses
	}
	if a, ok := inv.Authority(id.Authority()); ok && id.IsCA() {
		return a.Uses
	}
	return inv.ServiceAccountUses
}

// The package documentation prints the table as it is printed and as it is today.
func TestDocHasTheTable(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	text := strings.Join(strings.Fields(strings.ReplaceAll(string(doc), "//", " ")), " ")
	for _, u := range inventory(t, demo(), pki.InventoryOptions{}).Uses() {
		if u.InTectonic() {
			today := u.Field
			if u.Field == u.Printed {
				today = "the same"
			}
			if u.Field == "" {
				today = "gone"
			}
			assert.Contains(t, text, strings.Join([]string{u.Output(), string(u.Program), u.Printed, today}, " "))
		}
	}
}

// What the certificates say, entry by entry.
func TestInventory(t *testing.T) {
	both := []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	server, client := both[:1], both[1:]
	members := []string{"demo-etcd-0.k8s.example.com", "demo-etcd-1.k8s.example.com", "demo-etcd-2.k8s.example.com"}
	memberAddrs := []netip.Addr{addr("10.0.1.10"), addr("10.0.2.10"), addr("10.0.3.10")}
	want := []pki.Certificate{
		{ID: pki.EtcdServer, Authority: pki.AuthorityEtcd, Subject: pki.Name{CommonName: "etcd", Organizations: []string{"etcd"}}, DNSNames: append(slices.Clone(members), "localhost"), Addresses: append(slices.Clone(memberAddrs), addr("127.0.0.1"), addr("::1")), ExtKeyUsages: both},
		{ID: pki.EtcdPeer, Authority: pki.AuthorityEtcd, Subject: pki.Name{CommonName: "etcd", Organizations: []string{"etcd"}}, DNSNames: members, Addresses: memberAddrs, ExtKeyUsages: both},
		{ID: pki.EtcdClient, Authority: pki.AuthorityEtcd, Subject: pki.Name{CommonName: "etcd", Organizations: []string{"etcd"}}, ExtKeyUsages: client},
		{ID: pki.EtcdHealth, Authority: pki.AuthorityEtcd, Subject: pki.Name{CommonName: "etcd-healthcheck-client", Organizations: []string{"etcd"}}, ExtKeyUsages: client, Optional: true},
		{ID: pki.APIServer, Authority: pki.AuthorityKube, Subject: pki.Name{CommonName: "kube-apiserver", Organizations: []string{"kube-master"}}, DNSNames: []string{"demo-api.k8s.example.com", "demo-api-internal.k8s.example.com", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"}, Addresses: []netip.Addr{addr("10.3.0.1")}, ExtKeyUsages: both},
		{ID: pki.KubeletClient, Authority: pki.AuthorityKube, Subject: pki.Name{CommonName: "kube-apiserver-kubelet-client"}, ExtKeyUsages: client, Optional: true},
		{ID: pki.ControllerManager, Authority: pki.AuthorityKube, Subject: pki.Name{CommonName: "system:kube-controller-manager"}, ExtKeyUsages: client, Optional: true},
		{ID: pki.Scheduler, Authority: pki.AuthorityKube, Subject: pki.Name{CommonName: "system:kube-scheduler"}, ExtKeyUsages: client, Optional: true},
		{ID: pki.Admin, Authority: pki.AuthorityKube, Subject: pki.Name{CommonName: "kubernetes-admin", Organizations: []string{"kubeadm:cluster-admins"}}, ExtKeyUsages: client, Optional: true},
		{ID: pki.KubeletOf("IP-10-0-1-20.ec2.internal"), Authority: pki.AuthorityKube, Subject: pki.Name{CommonName: "system:node:ip-10-0-1-20.ec2.internal", Organizations: []string{"system:nodes"}}, DNSNames: []string{"ip-10-0-1-20.ec2.internal"}, Addresses: []netip.Addr{addr("10.0.1.20")}, ExtKeyUsages: both, Optional: true},
		{ID: pki.IdentityServer, Authority: pki.AuthorityKube, Subject: pki.Name{CommonName: "tectonic-identity-api.tectonic-system.svc.cluster.local"}, DNSNames: []string{"tectonic-identity-api.tectonic-system.svc.cluster.local", "tectonic-identity-api.tectonic-system.svc", "tectonic-identity-api.tectonic-system"}, ExtKeyUsages: server},
		{ID: pki.IdentityClient, Authority: pki.AuthorityKube, Subject: pki.Name{CommonName: "tectonic-console"}, ExtKeyUsages: client},
		{ID: pki.IngressServer, Authority: pki.AuthorityIngress, Subject: pki.Name{CommonName: "demo.k8s.example.com"}, DNSNames: []string{"demo.k8s.example.com"}, ExtKeyUsages: server},
		{ID: pki.FrontProxyClient, Authority: pki.AuthorityFrontProxy, Subject: pki.Name{CommonName: "front-proxy-client"}, ExtKeyUsages: client, Optional: true},
	}
	inv := inventory(t, demo(), pki.InventoryOptions{})
	require.Len(t, inv.Certificates, len(want))
	for i, w := range want {
		w.Algorithm, w.Validity = pki.ECDSAP256, 365*24*time.Hour
		got := inv.Certificates[i]
		assert.NotEmpty(t, got.Uses, got.ID)
		got.Uses = nil
		assert.Equal(t, w, got)
	}
	var authorities []pki.Authority
	for _, a := range inv.Authorities {
		authorities = append(authorities, a.Name)
		assert.Equal(t, pki.ECDSAP256, a.Algorithm)
		assert.Equal(t, 3650*24*time.Hour, a.Validity)
		assert.Zero(t, a.PathLen)
		assert.Empty(t, a.SameAs)
	}
	assert.Equal(t, pki.Authorities(), authorities)
	assert.Equal(t, pki.RSA2048, inv.ServiceAccountAlgorithm)
}

func TestInventoryLeavesOut(t *testing.T) {
	c := pki.Cluster{Name: "small", APIExternal: "203.0.113.7", ServiceCIDR: prefix("fd00:10:3::/108")}
	inv := inventory(t, c, pki.InventoryOptions{})
	assert.Equal(t, []pki.ID{
		"kube/ca", "kube/apiserver", "kube/kubelet-client", "kube/controller-manager", "kube/scheduler", "kube/admin",
		"front-proxy/ca", "front-proxy/client", "service-account",
	}, inv.IDs())
	api, _ := inv.Certificate(pki.APIServer)
	assert.Equal(t, []netip.Addr{addr("203.0.113.7"), addr("fd00:10:3::1")}, api.Addresses)
	for _, e := range inv.Edges {
		assert.NotEqual(t, pki.ProgramEtcd, e.To)
		assert.NotEqual(t, pki.ProgramDex, e.To)
	}
	_, ok := inv.Certificate(pki.EtcdPeer)
	assert.False(t, ok)
	_, ok = inv.Authority(pki.AuthorityIngress)
	assert.False(t, ok)
}

func TestSelfHostedEtcd(t *testing.T) {
	c := demo()
	c.SelfHostedEtcd, c.ServiceDomain = true, "demo.internal"
	peer, _ := inventory(t, c, pki.InventoryOptions{}).Certificate(pki.EtcdPeer)
	assert.Subset(t, peer.DNSNames, []string{"*.kube-etcd.kube-system.svc.demo.internal", "kube-etcd-client.kube-system.svc.demo.internal"})
	assert.Subset(t, peer.Addresses, []netip.Addr{addr("10.3.0.15"), addr("10.3.0.20")})
}

// Tectonic's set, but for what is harmful.
func TestCompatTectonic(t *testing.T) {
	inv := inventory(t, demo(), pki.InventoryOptions{Compat: pki.CompatTectonic})
	for _, a := range inv.Authorities {
		assert.Equal(t, 26280*time.Hour, a.Validity)
		assert.Equal(t, pki.RSA2048, a.Algorithm)
		assert.Equal(t, a.Name == pki.AuthorityIngress, a.SameAs == pki.AuthorityKube)
	}
	for _, c := range inv.Certificates {
		assert.Equal(t, 26280*time.Hour, c.Validity)
		assert.Equal(t, pki.RSA2048, c.Algorithm)
		if c.Server() {
			assert.NotEmpty(t, c.DNSNames, c.ID)
		}
		assert.NotContains(t, c.Subject.Organizations, "system:masters")
	}
	server, _ := inv.Certificate(pki.EtcdServer)
	assert.Equal(t, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, server.ExtKeyUsages)
	assert.Equal(t, x509.KeyUsageKeyEncipherment, server.KeyUsage)

	// Its keys take a second: with faster ones the findings are the same but for
	// one more.
	inv = inventory(t, demo(), pki.InventoryOptions{Compat: pki.CompatTectonic, Algorithm: pki.ECDSAP256})
	b, err := pki.Issue(inv, pki.IssueOptions{Time: noon, Provided: tokens(t)})
	require.NoError(t, err)
	failed := map[string]bool{}
	for _, s := range with(pki.Verify(b, demo(), pki.VerifyOptions{Time: noon}), 2) {
		slug, _, _ := strings.Cut(s, "@")
		failed[slug] = true
	}
	assert.Equal(t, map[string]bool{
		"usage-etcd-gateway": true, "usage-no-signature": true, "ca-shared": true, "time-long": true, "usage-key-encipherment": true,
	}, failed, "each deviation is reported")
}

// tokens is a bundle with the service-account key alone, which takes longest to
// make.
func tokens(t testing.TB) pki.Bundle { return pki.Bundle{}.Put(good(t).Materials[pki.ServiceAccount]) }

func TestInventoryAlgorithms(t *testing.T) {
	inv := inventory(t, demo(), pki.InventoryOptions{Algorithm: pki.Ed25519})
	for _, c := range inv.Certificates {
		want := pki.Ed25519
		if c.ID == pki.IngressServer {
			want = pki.ECDSAP256 // browsers
		}
		assert.Equal(t, want, c.Algorithm, c.ID)
	}
	for _, a := range inv.Authorities {
		assert.Equal(t, a.Name == pki.AuthorityIngress, a.Algorithm == pki.ECDSAP256, "browsers check the signature of %s", a.Name)
	}
	assert.Equal(t, pki.RSA2048, inv.ServiceAccountAlgorithm, "never from the option for all")

	c := demo()
	c.Kubeadm = true
	inv = inventory(t, c, pki.InventoryOptions{Algorithm: pki.Ed25519, Algorithms: map[pki.ID]pki.Algorithm{pki.ServiceAccount: pki.ECDSAP256, pki.KubeCA: pki.RSA4096}})
	for _, c := range inv.Certificates {
		managed := c.ID != pki.IdentityServer && c.ID != pki.IdentityClient && c.ID.Role() != pki.Kubelet
		assert.Equal(t, managed, c.Algorithm == pki.ECDSAP256, "kubeadm reads %s", c.ID)
	}
	assert.Equal(t, pki.ECDSAP256, inv.ServiceAccountAlgorithm)
	kube, _ := inv.Authority(pki.AuthorityKube)
	assert.Equal(t, pki.RSA4096, kube.Algorithm)

	for _, test := range []struct {
		id   pki.ID
		a    pki.Algorithm
		want string
	}{
		{pki.ServiceAccount, pki.Ed25519, `service-account: kube-apiserver does not take ed25519 keys`},
		{pki.IngressCA, pki.Ed25519, `ingress/ca: browser does not take ed25519 keys`},
		{pki.APIServer, pki.Ed25519, `kube/apiserver: kubeadm does not take ed25519 keys`},
		{"kube/apisever", pki.RSA2048, `algorithm of "kube/apisever": the inventory has no such entry`},
	} {
		_, err := pki.NewInventory(c, pki.InventoryOptions{Algorithms: map[pki.ID]pki.Algorithm{test.id: test.a}})
		assert.EqualError(t, err, `inventory: cluster "demo": `+test.want)
	}
}

func TestAlgorithmWords(t *testing.T) {
	for _, a := range pki.Algorithms() {
		back, err := pki.ParseAlgorithm(a.String())
		require.NoError(t, err)
		assert.Equal(t, a, back)
		text, err := a.MarshalText()
		require.NoError(t, err)
		var again pki.Algorithm
		require.NoError(t, again.UnmarshalText(text))
		assert.Equal(t, a, again)
	}
	_, err := pki.ParseAlgorithm("P-256")
	assert.EqualError(t, err, `parse algorithm "P-256": want one of ecdsa-p256, ecdsa-p384, rsa-2048, rsa-3072, rsa-4096, ed25519`)
	_, err = pki.Algorithm(99).MarshalText()
	assert.EqualError(t, err, "marshal algorithm 99: not a valid value")
	assert.Equal(t, "invalid", pki.Algorithm(99).String())
}

func TestKeyUsageOf(t *testing.T) {
	for _, a := range pki.Algorithms() {
		u := pki.KeyUsageOf(a)
		assert.NotZero(t, u&x509.KeyUsageDigitalSignature)
		assert.Equal(t, strings.HasPrefix(a.String(), "rsa"), u&x509.KeyUsageKeyEncipherment != 0, a)
	}
}

func TestIDs(t *testing.T) {
	node := pki.KubeletOf("Node-1.ec2.internal")
	assert.Equal(t, pki.ID("kube/kubelet/node-1.ec2.internal"), node)
	assert.Equal(t, pki.Kubelet, node.Role())
	assert.Equal(t, pki.KubeletClient, pki.KubeletClient.Role())
	assert.Equal(t, pki.AuthorityKube, node.Authority())
	assert.Empty(t, pki.ServiceAccount.Authority())
	assert.True(t, pki.AuthorityEtcd.CA().IsCA())
	assert.False(t, node.IsCA())
	assert.False(t, pki.KubeletOf("ca").IsCA())
}

// Names that are too long for a common name stay in the alternative names.
func TestLongNames(t *testing.T) {
	c := demo()
	c.ConsoleHost = "a-very-long-label-for-a-console.of-a-cluster-with-a-long-name.k8s.example.com"
	c.ServiceDomain = "a-long-service-domain.of-a-cluster-with-a-long-name.example.com"
	inv := inventory(t, c, pki.InventoryOptions{})
	ingress, _ := inv.Certificate(pki.IngressServer)
	assert.Equal(t, "a-very-long-label-for-a-console", ingress.Subject.CommonName)
	assert.Equal(t, []string{c.ConsoleHost}, ingress.DNSNames)
	identity, _ := inv.Certificate(pki.IdentityServer)
	assert.Equal(t, "tectonic-identity-api.tectonic-system.svc", identity.Subject.CommonName)
}

// Every edge connects entries that the inventory has, and every certificate takes
// part in one.
func TestEdges(t *testing.T) {
	inv := inventory(t, demo(), pki.InventoryOptions{})
	drawn := map[pki.ID]bool{}
	for _, e := range inv.Edges {
		drawn[e.Server], drawn[e.Client] = true, true
	}
	for _, c := range inv.Certificates {
		assert.True(t, drawn[c.ID.Role()], c.ID)
	}
	for id := range drawn {
		assert.True(t, id == "" || slices.ContainsFunc(inv.IDs(), func(have pki.ID) bool { return have.Role() == id }), id)
	}
}
