package pki_test

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"maps"
	"math/big"
	"net"
	"net/netip"
	"slices"
	"testing"
	"testing/cryptotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/pki"
)

// messages is a key elsewhere that wants whole messages, as a key management
// service does.
type messages struct{ opaque }

func (m messages) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	panic("a digest where the message was wanted")
}

func (m messages) SignMessage(rand io.Reader, msg []byte, opts crypto.SignerOpts) ([]byte, error) {
	digest := sha256.Sum256(msg)
	return m.inner.Sign(rand, digest[:], opts)
}

// A flavour provides for one authority in its own way.
type flavour struct {
	name  string
	apply func(t *testing.T, inv pki.Inventory, a pki.Authority, o *pki.IssueOptions)
	// hasKey says that the bundle has the authority's key.
	hasKey bool
}

var flavours = []flavour{
	{"self-signed", func(*testing.T, pki.Inventory, pki.Authority, *pki.IssueOptions) {}, true},
	{"certificate and key given", func(t *testing.T, _ pki.Inventory, a pki.Authority, o *pki.IssueOptions) {
		c := newCA(t, "company "+string(a), nil, nil)
		o.Provided = o.Provided.Put(pki.Material{ID: a.CA(), Certificates: []*x509.Certificate{c.cert}, Key: pki.NewKey(c.key)})
	}, true},
	{"a signer", func(t *testing.T, _ pki.Inventory, a pki.Authority, o *pki.IssueOptions) {
		c := newCA(t, "signer "+string(a), nil, nil)
		o.Issuers[a] = issuer(t, opaque{c.key}, c)
	}, false},
	{"a signer of messages, under a root", func(t *testing.T, _ pki.Inventory, a pki.Authority, o *pki.IssueOptions) {
		root := newCA(t, "root", nil, nil)
		c := newCA(t, "intermediate "+string(a), root, nil)
		o.Issuers[a] = issuer(t, messages{opaque{c.key}}, c, root)
	}, false},
	{"files", func(t *testing.T, inv pki.Inventory, a pki.Authority, o *pki.IssueOptions) {
		var files []pki.File
		for _, id := range inv.IDs() {
			if id.Authority() != a {
				continue
			}
			m := good(t).Materials[id]
			for _, part := range []pki.Part{pki.PartCertificate, pki.PartKey} {
				text, err := m.PEM(part)
				require.NoError(t, err)
				if part == pki.PartCertificate || !id.IsCA() {
					files = append(files, pki.File{ID: id, Part: part, Name: string(id), Data: []byte(text.Reveal())})
				}
			}
		}
		o.Provided = o.Provided.With(pki.ReadFiles(files, pki.ReadOptions{}))
	}, false},
	{"requests", func(t *testing.T, inv pki.Inventory, a pki.Authority, o *pki.IssueOptions) {
		company := newCA(t, "company of "+string(a), nil, nil)
		var wanted []pki.ID
		for _, c := range inv.Certificates {
			if c.Authority == a {
				wanted = append(wanted, c.ID)
			}
		}
		requests, err := pki.NewRequests(inv, nil, wanted...)
		require.NoError(t, err)
		b, findings := pki.Accept(inv, requests, pemOf(company.cert), answer(t, company, requests), pki.VerifyOptions{Time: noon})
		require.NoError(t, groundway.NewReport(noon, findings).Err())
		o.Provided = o.Provided.With(b)
	}, false},
}

func issuer(t *testing.T, key crypto.Signer, chain ...*ca) pki.Issuer {
	t.Helper()
	var certs []*x509.Certificate
	for _, c := range chain {
		certs = append(certs, c.cert)
	}
	i, err := pki.NewIssuer(certs, key)
	require.NoError(t, err)
	return i
}

// Every flavour, for every authority while the others are self-signed, and one
// world in which each authority has another.
func TestFlavours(t *testing.T) {
	inv := inventory(t, demo(), pki.InventoryOptions{})
	outputs, err := pki.Outputs(good(t))
	require.NoError(t, err)
	test := func(t *testing.T, chosen map[pki.Authority]flavour) {
		o := pki.IssueOptions{Time: noon, Issuers: map[pki.Authority]pki.Issuer{}, Provided: tokens(t)}
		for a, f := range chosen {
			f.apply(t, inv, a, &o)
		}
		b, err := pki.Issue(inv, o)
		require.NoError(t, err)
		findings := pki.Verify(b, demo(), pki.VerifyOptions{Time: noon})
		assert.Empty(t, with(findings, groundway.Failed))
		assert.Empty(t, with(findings, groundway.Unknown))
		assert.Equal(t, good(t).IDs(), b.IDs())
		for a, f := range chosen {
			assert.Equal(t, f.hasKey, !b.Materials[a.CA()].Key.IsZero(), "the key of %s", a)
			_, err := b.Issuer(a)
			assert.Equal(t, f.hasKey, err == nil)
		}
		// The same outputs, but for keys of authorities that are elsewhere.
		got, err := pki.Outputs(b)
		require.NoError(t, err)
		names := map[string]bool{}
		for _, o := range got {
			names[o.Module+"."+o.Name] = true
		}
		for _, o := range outputs {
			if !o.ID.IsCA() || o.Part == pki.PartCertificate {
				assert.True(t, names[o.Module+"."+o.Name], "%s of %s", o.Name, o.Module)
			}
		}
		// A second run over the result makes nothing anew.
		again, err := pki.Issue(inv, pki.IssueOptions{Time: noon.Add(time.Hour), Issuers: o.Issuers, Provided: b})
		require.NoError(t, err)
		assert.Equal(t, b, again)
	}
	for _, a := range pki.Authorities() {
		for _, f := range flavours {
			t.Run(string(a)+" "+f.name, func(t *testing.T) {
				t.Parallel()
				test(t, map[pki.Authority]flavour{a: f})
			})
		}
	}
	for turn := range flavours {
		t.Run(fmt.Sprint("each another ", turn), func(t *testing.T) {
			t.Parallel()
			chosen := map[pki.Authority]flavour{}
			for i, a := range pki.Authorities() {
				chosen[a] = flavours[(i+turn)%len(flavours)]
			}
			test(t, chosen)
		})
	}
}

// Part of an authority's certificates may be provided, such as those of an etcd
// that is elsewhere: only what is asked of it is there.
func TestProvidedInPart(t *testing.T) {
	inv := inventory(t, demo(), pki.InventoryOptions{})
	b := good(t).Without(pki.EtcdHealth, pki.IngressServer)
	m := b.Materials[pki.IngressCA]
	again, err := pki.Issue(inv, pki.IssueOptions{Time: noon, Provided: b})
	require.NoError(t, err)
	assert.Empty(t, with(pki.Verify(again, demo(), pki.VerifyOptions{Time: noon}), groundway.Failed))
	assert.Same(t, m.Certificate(), again.Materials[pki.IngressCA].Certificate())
	for _, id := range b.IDs() {
		assert.Equal(t, b.Materials[id], again.Materials[id], "%s is kept", id)
	}
	assert.NotContains(t, b.IDs(), pki.EtcdHealth, "what was provided is not changed")
}

// A crash between a key and its certificate: the key is used.
func TestKeyWithoutCertificate(t *testing.T) {
	inv := inventory(t, demo(), pki.InventoryOptions{})
	provided := tokens(t)
	keys := map[pki.ID]pki.Key{pki.KubeCA: key(t, pki.ECDSAP384), pki.APIServer: key(t, pki.Ed25519)}
	for id, k := range keys {
		provided = provided.Put(pki.Material{ID: id, Key: k})
	}
	b, err := pki.Issue(inv, pki.IssueOptions{Time: noon, Provided: provided})
	require.NoError(t, err)
	for id, k := range keys {
		assert.True(t, k.Matches(b.Materials[id].Certificate().PublicKey))
	}
	assert.Empty(t, with(pki.Verify(b, demo(), pki.VerifyOptions{Time: noon}), groundway.Failed))
	assert.Equal(t, x509.ECDSAWithSHA384, b.Materials[pki.APIServer].Certificate().SignatureAlgorithm)
}

// Under an intermediate authority that one is trusted, and not its root; leaves
// carry the way to the root, without it.
func TestIssuerUnderARoot(t *testing.T) {
	root := newCA(t, "root", nil, nil)
	between := newCA(t, "between", root, nil)
	b, err := pki.Issue(inventory(t, demo(), pki.InventoryOptions{}), pki.IssueOptions{
		Time: noon, Provided: tokens(t), Issuers: map[pki.Authority]pki.Issuer{pki.AuthorityKube: issuer(t, between.key, between, root)},
	})
	require.NoError(t, err)
	assert.Equal(t, []*x509.Certificate{between.cert}, b.Materials[pki.KubeCA].Certificates)
	leaf := b.Materials[pki.APIServer].Certificates
	assert.Equal(t, []*x509.Certificate{leaf[0], between.cert}, leaf)
}

// An ingress under the kube authority: one certificate in two places, unless the
// caller provides another.
func TestIngressUnderKube(t *testing.T) {
	inv := inventory(t, demo(), pki.InventoryOptions{IngressUnderKube: true})
	b, err := pki.Issue(inv, pki.IssueOptions{Time: noon, Provided: tokens(t)})
	require.NoError(t, err)
	assert.Equal(t, b.Materials[pki.KubeCA].Certificates, b.Materials[pki.IngressCA].Certificates)
	assert.True(t, b.Materials[pki.IngressCA].Key.IsZero())
	o := pki.VerifyOptions{Time: noon, Inventory: inv}
	assert.Equal(t, ids("ca-shared@ingress/ca"), with(pki.Verify(b, demo(), o), groundway.Failed))
	o.SharedIngress = true
	assert.Empty(t, with(pki.Verify(b, demo(), o), groundway.Failed))

	again, err := pki.Issue(inv, pki.IssueOptions{Time: noon, Provided: b})
	require.NoError(t, err)
	assert.Equal(t, b, again)

	inv.Authorities[0], inv.Authorities[2] = inv.Authorities[2], inv.Authorities[0]
	_, err = pki.Issue(inv, pki.IssueOptions{Time: noon, Provided: tokens(t)})
	assert.EqualError(t, err, "issue ingress: it is the same as kube, which comes later or not at all")
}

// An inventory may be edited: it is data.
func TestEditedInventory(t *testing.T) {
	inv := inventory(t, demo(), pki.InventoryOptions{})
	inv.Certificates = append(inv.Certificates, pki.Certificate{
		ID: "kube/prometheus", Authority: pki.AuthorityKube, Subject: pki.Name{CommonName: "prometheus"},
		ExtKeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, Validity: time.Hour * 24 * 90,
	})
	b, err := pki.Issue(inv, pki.IssueOptions{Time: noon, Provided: tokens(t)})
	require.NoError(t, err)
	assert.Equal(t, "CN=prometheus", b.Materials["kube/prometheus"].Certificate().Subject.String())
	o := pki.VerifyOptions{Time: noon, Inventory: inv}
	assert.Empty(t, with(pki.Verify(b, demo(), o), groundway.Failed))
	assert.Equal(t, ids("material-missing@kube/prometheus"), with(pki.Verify(b.Without("kube/prometheus"), demo(), o), groundway.Failed))
}

// An authority that is trusted beside the one that signs, and has ended, does not
// stand in the way.
func TestProvidedBesideAnOldAuthority(t *testing.T) {
	old := newCA(t, "old", nil, func(c *x509.Certificate) { c.NotAfter = noon.Add(-time.Hour) })
	m := good(t).Materials[pki.KubeCA]
	m.Certificates = append(slices.Clone(m.Certificates), old.cert)
	b, err := pki.Issue(inventory(t, demo(), pki.InventoryOptions{}), pki.IssueOptions{Time: noon, Provided: good(t).Put(m).Without(pki.Scheduler)})
	require.NoError(t, err)
	assert.Equal(t, good(t).Materials[pki.Scheduler].Certificate().NotAfter, b.Materials[pki.Scheduler].Certificate().NotAfter)
	assert.Equal(t, m.Certificates, b.Materials[pki.KubeCA].Certificates)
}

// Every connection of the inventory comes about, with client certificates
// required, and none does with an authority that it is not for.
func TestHandshakes(t *testing.T) {
	for _, a := range []pki.Algorithm{pki.ECDSAP256, pki.ECDSAP384, pki.Ed25519} {
		inv := inventory(t, demo(), pki.InventoryOptions{Algorithm: a})
		b, err := pki.Issue(inv, pki.IssueOptions{Time: noon, Provided: tokens(t)})
		require.NoError(t, err)
		for _, e := range inv.Edges {
			if e.Server == "" || e.Client == "" {
				continue
			}
			node := func(id pki.ID) pki.ID {
				if id == pki.Kubelet {
					return pki.KubeletOf("ip-10-0-1-20.ec2.internal")
				}
				return id
			}
			own, other := e.Server.Authority().CA(), pki.FrontProxyCA
			for _, trust := range []struct {
				server, client pki.ID // what each trusts
				works          bool
			}{{own, own, true}, {other, own, false}, {own, other, false}} {
				serverErr, clientErr := handshake(b.Materials[node(e.Server)], b.Materials[node(e.Client)], pool(b, trust.server), pool(b, trust.client))
				assert.Equal(t, trust.works, serverErr == nil && clientErr == nil, "%s: %s, %s to %s: %v, %v", a, e.Path, e.From, e.To, serverErr, clientErr)
			}
		}
	}
}

func pool(b pki.Bundle, id pki.ID) *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(b.Materials[id].Certificate())
	return p
}

func handshake(server, client pki.Material, serverTrusts, clientTrusts *x509.CertPool) (serverErr, clientErr error) {
	pair := func(m pki.Material) []tls.Certificate {
		c := tls.Certificate{PrivateKey: m.Key.Signer()}
		for _, x := range m.Certificates {
			c.Certificate = append(c.Certificate, x.Raw)
		}
		return []tls.Certificate{c}
	}
	now := func() time.Time { return noon }
	s, c := net.Pipe()
	done := make(chan error)
	go func() {
		conn := tls.Server(s, &tls.Config{Certificates: pair(server), ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: serverTrusts, Time: now, MinVersion: tls.VersionTLS12})
		err := conn.Handshake()
		_ = s.Close()
		done <- err
	}()
	conn := tls.Client(c, &tls.Config{Certificates: pair(client), RootCAs: clientTrusts, ServerName: server.Certificate().DNSNames[0], Time: now, MinVersion: tls.VersionTLS12})
	clientErr = conn.Handshake()
	_ = c.Close()
	return <-done, clientErr
}

func TestIssueErrors(t *testing.T) {
	inv := inventory(t, demo(), pki.InventoryOptions{})
	company := newCA(t, "company", nil, nil)
	expired := newCA(t, "old", nil, func(c *x509.Certificate) { c.NotAfter = noon.Add(-time.Hour) })
	withoutKey := func(id pki.ID) pki.Bundle {
		m := good(t).Materials[id]
		m.Key = pki.Key{}
		return good(t).Put(m)
	}
	for _, test := range []struct {
		name string
		o    pki.IssueOptions
		want string
	}{
		{"no time", pki.IssueOptions{}, "issue: no time given"},
		{
			"nobody can sign",
			pki.IssueOptions{Time: noon, Provided: withoutKey(pki.KubeCA).Without(pki.Scheduler)},
			"issue: kube/scheduler: nobody can sign it: kube/ca is provided without its key; provide the certificate, the key or an issuer, or make a request",
		},
		{
			"a leaf without its authority",
			pki.IssueOptions{Time: noon, Provided: good(t).Without(pki.EtcdCA, pki.EtcdPeer)},
			"issue etcd: etcd/server is provided and the authority's certificate is not; provide etcd/ca as well",
		},
		{
			"an issuer beside another certificate",
			pki.IssueOptions{Time: noon, Provided: good(t), Issuers: map[pki.Authority]pki.Issuer{pki.AuthorityKube: issuer(t, company.key, company)}},
			"issue kube: an issuer is given, and another certificate provided",
		},
		{
			"an empty issuer",
			pki.IssueOptions{Time: noon, Provided: tokens(t), Issuers: map[pki.Authority]pki.Issuer{pki.AuthorityKube: {}}},
			"issue kube: the issuer given is empty",
		},
		{
			"an authority that expired",
			pki.IssueOptions{Time: noon, Provided: tokens(t), Issuers: map[pki.Authority]pki.Issuer{pki.AuthorityKube: issuer(t, expired.key, expired)}},
			`issue: sign kube/apiserver: the authority "old" is valid from 2026-03-01T11:00:00Z to 2026-03-01T11:00:00Z, which 2026-03-01T12:00:00Z is not within`,
		},
	} {
		_, err := pki.Issue(inv, test.o)
		assert.EqualError(t, err, test.want, test.name)
	}
	// The key of a provided authority that belongs to nothing signs nothing.
	m := good(t).Materials[pki.KubeCA]
	m.Key = key(t, pki.ECDSAP256)
	_, err := pki.Issue(inv, pki.IssueOptions{Time: noon, Provided: good(t).Put(m).Without(pki.Scheduler)})
	assert.EqualError(t, err, `issue: kube/scheduler: nobody can sign it: issuer "kube-ca": the key belongs to another certificate`)
	old := oldCA(t)
	m.Certificates, m.Key = []*x509.Certificate{old.cert}, pki.NewKey(old.key)
	_, err = pki.Issue(inv, pki.IssueOptions{Time: noon, Provided: good(t).Put(m).Without(pki.Scheduler)})
	assert.EqualError(t, err, `issue: kube/scheduler: nobody can sign it: issuer "old": the certificate is not an authority's`)
}

func TestNewIssuerErrors(t *testing.T) {
	c := newCA(t, "company", nil, nil)
	noSign := newCA(t, "no-sign", nil, func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageCRLSign })
	leaf := good(t).Materials[pki.APIServer]
	for _, test := range []struct {
		chain []*x509.Certificate
		key   crypto.Signer
		want  string
	}{
		{nil, c.key, "issuer: no certificate given"},
		{leaf.Certificates, leaf.Key.Signer(), `issuer "kube-apiserver": the certificate is not an authority's`},
		{[]*x509.Certificate{noSign.cert}, noSign.key, `issuer "no-sign": its key usage does not let it sign certificates`},
		{[]*x509.Certificate{c.cert}, nil, `issuer "company": no key given`},
		{[]*x509.Certificate{c.cert}, p256(t), `issuer "company": the key belongs to another certificate`},
	} {
		_, err := pki.NewIssuer(test.chain, test.key)
		assert.EqualError(t, err, test.want)
	}
	_, err := pki.Bundle{}.Issuer(pki.AuthorityEtcd)
	assert.EqualError(t, err, "issuer of etcd: the bundle does not have its certificate")
	m := good(t).Materials[pki.EtcdCA]
	m.Key = pki.Key{}
	_, err = good(t).Put(m).Issuer(pki.AuthorityEtcd)
	assert.EqualError(t, err, "issuer of etcd: the key of etcd/ca is not there")
	_, err = pki.Issuer{}.Sign(pki.Certificate{ID: pki.EtcdPeer}, c.cert.PublicKey, pki.IssueOptions{Time: noon})
	assert.EqualError(t, err, "sign etcd/peer: the issuer is empty")
	_, err = pki.Issuer{}.Sign(pki.Certificate{ID: pki.EtcdPeer}, c.cert.PublicKey, pki.IssueOptions{})
	assert.EqualError(t, err, "sign etcd/peer: no time given")
}

// What every certificate that is made here has, over many clusters and options.
func TestIssuedCertificates(t *testing.T) {
	serials := map[string]bool{}
	for i, o := range []pki.InventoryOptions{
		{},
		{NameConstraints: true},
		{Algorithm: pki.ECDSAP384},
		{Algorithm: pki.Ed25519},
		{IngressUnderKube: true},
		{Validity: 20 * 365 * 24 * time.Hour, CAValidity: 24 * time.Hour},
		{Compat: pki.CompatTectonic, Algorithm: pki.ECDSAP256},
	} {
		at := noon.Add(time.Duration(i)*time.Hour + 123456789)
		inv := inventory(t, demo(), o)
		b, err := pki.Issue(inv, pki.IssueOptions{Time: at, Provided: tokens(t)})
		require.NoError(t, err)
		for _, a := range inv.Authorities {
			c := b.Materials[a.Name.CA()].Certificate()
			assert.True(t, c.IsCA)
			assert.True(t, c.MaxPathLenZero, "no other authority below it")
			assert.Equal(t, o.NameConstraints && a.Name != pki.AuthorityFrontProxy, c.PermittedDNSDomainsCritical)
			assert.NotZero(t, c.KeyUsage&x509.KeyUsageCertSign)
			assert.Empty(t, c.ExtKeyUsage)
		}
		for _, want := range inv.Certificates {
			m := b.Materials[want.ID]
			c, authority := m.Certificate(), b.Materials[want.Authority.CA()].Certificate()
			assert.True(t, m.Key.Matches(c.PublicKey))
			assert.False(t, c.NotAfter.After(authority.NotAfter), "%s does not outlive its authority", want.ID)
			assert.False(t, c.NotBefore.Before(authority.NotBefore))
			assert.Equal(t, min(want.Validity, authority.NotAfter.Sub(at.Truncate(time.Second))), c.NotAfter.Sub(at.Truncate(time.Second)))
			assert.Equal(t, at.Truncate(time.Second).Add(-10*time.Minute), c.NotBefore)
			assert.Equal(t, authority.SubjectKeyId, c.AuthorityKeyId)
			assert.Len(t, c.SubjectKeyId, 20)
			assert.Equal(t, want.DNSNames, c.DNSNames)
			var addrs []netip.Addr
			for _, ip := range c.IPAddresses {
				a, _ := netip.AddrFromSlice(ip)
				addrs = append(addrs, a)
			}
			assert.Equal(t, want.Addresses, addrs)
			assert.Equal(t, want.ExtKeyUsages, c.ExtKeyUsage)
			assert.Equal(t, want.Subject.CommonName, c.Subject.CommonName)
			assert.Equal(t, want.Subject.Organizations, c.Subject.Organization)
			usage := want.KeyUsage
			if usage == 0 {
				usage = pki.KeyUsageOf(want.Algorithm)
			}
			assert.Equal(t, usage, c.KeyUsage)
			assert.Equal(t, want.Algorithm, m.Key.Algorithm())
			assert.False(t, c.IsCA)
			assert.Equal(t, 1, c.SerialNumber.Sign())
			assert.LessOrEqual(t, c.SerialNumber.BitLen(), 128)
			assert.False(t, serials[c.SerialNumber.String()], "a serial number of its own")
			serials[c.SerialNumber.String()] = true
			// A server of ours is accepted by a client that trusts the authority.
			roots := x509.NewCertPool()
			roots.AddCert(authority)
			_, err := c.Verify(x509.VerifyOptions{Roots: roots, CurrentTime: at, KeyUsages: want.ExtKeyUsages[:1]})
			assert.NoError(t, err, want.ID)
			for _, name := range want.DNSNames {
				assert.True(t, name[0] == '*' || c.VerifyHostname(name) == nil, name)
			}
		}
		report := groundway.NewReport(at, pki.Verify(b, demo(), pki.VerifyOptions{Time: at, SharedIngress: true}))
		if o.Compat == pki.CompatNone {
			assert.NoError(t, report.Err())
		}
	}
	bits := 0
	for s := range serials {
		n, _ := new(big.Int).SetString(s, 10)
		bits = max(bits, n.BitLen())
	}
	assert.Greater(t, bits, 120, "of 128 bits")
}

func TestBackdate(t *testing.T) {
	inv := inventory(t, demo(), pki.InventoryOptions{})
	b, err := pki.Issue(inv, pki.IssueOptions{Time: noon, Provided: tokens(t), Backdate: time.Second})
	require.NoError(t, err)
	assert.Equal(t, noon.Add(-time.Second), b.Materials[pki.KubeCA].Certificate().NotBefore)
	// An authority that began later holds its leaves back.
	young := newCA(t, "young", nil, func(c *x509.Certificate) { c.NotBefore = noon.Add(-2 * time.Minute) })
	b, err = pki.Issue(inv, pki.IssueOptions{Time: noon, Provided: tokens(t), Issuers: map[pki.Authority]pki.Issuer{pki.AuthorityIngress: issuer(t, young.key, young)}})
	require.NoError(t, err)
	assert.Equal(t, noon.Add(-2*time.Minute), b.Materials[pki.IngressServer].Certificate().NotBefore)
}

// With the same randomness the same set comes out.
func TestIssueIsDeterministic(t *testing.T) {
	inv := inventory(t, demo(), pki.InventoryOptions{})
	provided := tokens(t)
	issue := func(seed uint64) []byte {
		cryptotest.SetGlobalRandom(t, seed)
		b, err := pki.Issue(inv, pki.IssueOptions{Time: noon, Provided: provided})
		require.NoError(t, err)
		var all bytes.Buffer
		outputs, err := pki.Outputs(b)
		require.NoError(t, err)
		for _, o := range outputs {
			all.WriteString(o.Value.Reveal())
		}
		return all.Bytes()
	}
	first := issue(1)
	assert.Equal(t, first, issue(1))
	assert.NotEqual(t, first, issue(2))
}

// RSA keys and foreign signers are worked on in parallel, with the same result.
func TestIssueRSA(t *testing.T) {
	c := pki.Cluster{Name: "rsa", APIExternal: "api.example.com", ServiceCIDR: prefix("10.3.0.0/24")}
	inv := inventory(t, c, pki.InventoryOptions{Algorithm: pki.RSA2048})
	inv.Certificates = slices.DeleteFunc(inv.Certificates, func(c pki.Certificate) bool { return c.Optional })
	inv.Authorities = inv.Authorities[:1]
	b, err := pki.Issue(inv, pki.IssueOptions{Time: noon, Provided: tokens(t)})
	require.NoError(t, err)
	assert.Equal(t, pki.RSA2048, b.Materials[pki.APIServer].Key.Algorithm())
	assert.Equal(t, x509.SHA256WithRSA, b.Materials[pki.APIServer].Certificate().SignatureAlgorithm)
	assert.Empty(t, with(pki.Verify(b, c, pki.VerifyOptions{Time: noon, Inventory: inv}), groundway.Failed)[1:], "but for the horizon of RSA-2048")
}

func TestBundle(t *testing.T) {
	b := good(t)
	assert.Equal(t, pki.EtcdCA, b.IDs()[0])
	assert.Equal(t, pki.ServiceAccount, b.IDs()[len(b.IDs())-1])
	less := b.Without(pki.EtcdCA, pki.KubeCA)
	assert.Len(t, less.Materials, len(b.Materials)-2)
	assert.Equal(t, b, less.With(b))
	keys := slices.Sorted(maps.Keys(b.Materials))
	less.Materials[pki.EtcdCA] = pki.Material{}
	assert.Equal(t, keys, slices.Sorted(maps.Keys(b.Materials)), "copies do not share their map")
	_, ok := pki.Bundle{}.Get(pki.EtcdCA)
	assert.False(t, ok)
	assert.Nil(t, pki.Material{}.Certificate())
	_, err := pki.Material{}.PEM("x")
	assert.EqualError(t, err, `part "x": want certificate, key or public-key`)
	assert.Equal(t, "kube-ca", must(b.Issuer(pki.AuthorityKube)).Certificate().Subject.CommonName)
	assert.Nil(t, pki.Issuer{}.Certificate())
	for _, secret := range secrets(t, b.Materials[pki.KubeCA].Key) {
		assert.NotContains(t, fmt.Sprintf("%#v %+v", must(b.Issuer(pki.AuthorityKube)), must(b.Issuer(pki.AuthorityKube))), secret)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
