package pki_test

import (
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/pki"
)

func pemOf(certs ...*x509.Certificate) []byte {
	var all []byte
	for _, c := range certs {
		all = append(all, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
	}
	return all
}

// answer is what a company's authority does with requests: it copies what they
// ask for.
func answer(t *testing.T, company *ca, requests []pki.Request) map[pki.ID][]byte {
	t.Helper()
	answers := map[pki.ID][]byte{}
	for i, r := range requests {
		csr, err := pki.ParseRequest(r.PEM())
		require.NoError(t, err)
		template := &x509.Certificate{
			SerialNumber: new(big.Int).Lsh(big.NewInt(int64(i)+1), 64), Subject: csr.Subject,
			NotBefore: noon.AddDate(0, 0, -1), NotAfter: noon.AddDate(0, 6, 0),
			DNSNames: csr.DNSNames, IPAddresses: csr.IPAddresses, BasicConstraintsValid: true,
		}
		for _, e := range csr.Extensions {
			if e.Id.String() == "2.5.29.15" || e.Id.String() == "2.5.29.37" {
				template.ExtraExtensions = append(template.ExtraExtensions, e)
			}
		}
		answers[r.ID] = pemOf(sign(t, template, company.cert, csr.PublicKey, company.key))
	}
	return answers
}

// A request says what the inventory says.
func TestNewRequests(t *testing.T) {
	for _, o := range []pki.InventoryOptions{{}, {Compat: pki.CompatTectonic}, {Algorithm: pki.Ed25519}} {
		inv := inventory(t, demo(), o)
		keys := map[pki.ID]pki.Key{}
		var wanted []pki.ID
		for _, c := range inv.Certificates {
			wanted = append(wanted, c.ID)
			if o.Compat != 0 {
				keys[c.ID] = good(t).Materials[c.ID].Key // RSA takes too long
			}
		}
		requests, err := pki.NewRequests(inv, keys, wanted...)
		require.NoError(t, err)
		company := newCA(t, "company", nil, nil)
		answers := answer(t, company, requests)
		for i, r := range requests {
			want := inv.Certificates[i]
			assert.Equal(t, want.ID, r.ID)
			if o.Compat == 0 {
				assert.Equal(t, want.Algorithm, r.Key.Algorithm())
			} else {
				assert.True(t, keys[r.ID].Matches(r.Key.Public()))
			}
			block, _ := pem.Decode(answers[r.ID])
			c, err := x509.ParseCertificate(block.Bytes)
			require.NoError(t, err)
			assert.Equal(t, want.DNSNames, c.DNSNames)
			assert.Len(t, c.IPAddresses, len(want.Addresses))
			assert.Equal(t, want.ExtKeyUsages, c.ExtKeyUsage)
			usage := want.KeyUsage
			if usage == 0 {
				usage = pki.KeyUsageOf(r.Key.Algorithm())
			}
			assert.Equal(t, usage, c.KeyUsage, "the bits are in their order")
		}
	}
	_, err := pki.NewRequests(inventory(t, demo(), pki.InventoryOptions{}), nil, pki.KubeCA)
	assert.EqualError(t, err, `request "kube/ca": the inventory has no such certificate`)
}

// A request without extended key usages has no extension of them: an empty one is
// none that RFC 5280 allows.
func TestRequestWithoutUsages(t *testing.T) {
	inv := inventory(t, demo(), pki.InventoryOptions{})
	for i := range inv.Certificates {
		inv.Certificates[i].ExtKeyUsages = nil
	}
	requests, err := pki.NewRequests(inv, nil, pki.APIServer)
	require.NoError(t, err)
	csr, err := pki.ParseRequest(requests[0].PEM())
	require.NoError(t, err)
	var ids []string
	for _, e := range csr.Extensions {
		ids = append(ids, e.Id.String())
	}
	assert.Equal(t, []string{"2.5.29.17", "2.5.29.15"}, ids, "names and key usage")
}

// What comes back is verified: an authority may leave out what was asked for, or
// answer another request.
func TestAccept(t *testing.T) {
	inv := inventory(t, demo(), pki.InventoryOptions{})
	company := newCA(t, "company", nil, nil)
	requests, err := pki.NewRequests(inv, nil, pki.IdentityServer, pki.IdentityClient)
	require.NoError(t, err)
	o := pki.VerifyOptions{Time: noon}

	answers := answer(t, company, requests)
	b, findings := pki.Accept(inv, requests, pemOf(company.cert), answers, o)
	assert.Empty(t, with(findings, groundway.Failed))
	assert.Equal(t, []pki.ID{pki.KubeCA, pki.IdentityServer, pki.IdentityClient}, b.IDs())
	assert.True(t, b.Materials[pki.KubeCA].Key.IsZero())

	for _, test := range []struct {
		name   string
		edit   func(answers map[pki.ID][]byte) (ca []byte)
		failed []string
	}{
		{"swapped", func(a map[pki.ID][]byte) []byte {
			a[pki.IdentityServer], a[pki.IdentityClient] = a[pki.IdentityClient], a[pki.IdentityServer]
			return pemOf(company.cert)
		}, ids("key-mismatch@kube/identity-client", "key-mismatch@kube/identity-server", "name-common-only@kube/identity-server", "usage-no-client@kube/identity-client", "usage-no-server@kube/identity-server")},
		{"one missing", func(a map[pki.ID][]byte) []byte {
			delete(a, pki.IdentityClient)
			return pemOf(company.cert)
		}, ids("material-missing@kube/identity-client")},
		{"an authority that did not sign", func(map[pki.ID][]byte) []byte {
			return pemOf(newCA(t, "other", nil, nil).cert)
		}, ids("chain-incomplete@kube/identity-client", "chain-incomplete@kube/identity-server")},
		{"no authority", func(map[pki.ID][]byte) []byte { return nil }, ids("material-missing@kube/ca")},
		{"the authority first", func(a map[pki.ID][]byte) []byte {
			a[pki.IdentityClient] = append(pemOf(company.cert), a[pki.IdentityClient]...)
			return pemOf(company.cert)
		}, ids("chain-root-included@kube/identity-client", "pem-order-wrong@answer to kube/identity-client")},
		{"a page of HTML", func(a map[pki.ID][]byte) []byte {
			a[pki.IdentityClient] = []byte("<html>denied</html>")
			return pemOf(company.cert)
		}, ids("pem-empty@answer to kube/identity-client")},
	} {
		t.Run(test.name, func(t *testing.T) {
			answers := answer(t, company, requests)
			b, findings := pki.Accept(inv, requests, test.edit(answers), answers, o)
			assert.Equal(t, test.failed, with(findings, groundway.Failed))
			for _, r := range requests {
				assert.Equal(t, r.Key, b.Materials[r.ID].Key, "the key is kept")
			}
		})
	}
}

// A request that we sign gives its public key and nothing else.
func TestSignRequest(t *testing.T) {
	inv := inventory(t, demo(), pki.InventoryOptions{})
	node, _ := inv.Certificate(pki.KubeletOf("ip-10-0-1-20.ec2.internal"))
	by, err := good(t).Issuer(pki.AuthorityKube)
	require.NoError(t, err)
	own := p256(t)
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{
		Subject: pkix.Name{CommonName: "root", Organization: []string{"system:masters"}}, DNSNames: []string{"kubernetes"},
		ExtraExtensions: []pkix.Extension{{Id: []int{2, 5, 29, 19}, Critical: true, Value: []byte{0x30, 3, 1, 1, 0xff}}},
	}, own)
	require.NoError(t, err)
	csr, err := pki.ParseRequest(der)
	require.NoError(t, err)
	chain, err := by.SignRequest(node, csr, pki.IssueOptions{Time: noon})
	require.NoError(t, err)
	c := chain[0]
	assert.True(t, own.PublicKey.Equal(c.PublicKey))
	assert.Equal(t, "CN=system:node:ip-10-0-1-20.ec2.internal,O=system:nodes", c.Subject.String())
	assert.Equal(t, node.DNSNames, c.DNSNames)
	assert.False(t, c.IsCA)
	assert.Len(t, chain, 1, "the root stays out of the chain")

	forged := *csr
	forged.PublicKey = p256(t).Public()
	small, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, rsaKey(t, 1024))
	require.NoError(t, err)
	weak, err := pki.ParseRequest(small)
	require.NoError(t, err)
	edwards, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, key(t, pki.Ed25519).Signer())
	require.NoError(t, err)
	ed, err := pki.ParseRequest(edwards)
	require.NoError(t, err)
	ingress, _ := inv.Certificate(pki.IngressServer)
	for _, test := range []struct {
		c    pki.Certificate
		csr  *x509.CertificateRequest
		want string
	}{
		{node, nil, "sign request for kube/kubelet/ip-10-0-1-20.ec2.internal: no request given"},
		{node, &forged, "sign request for kube/kubelet/ip-10-0-1-20.ec2.internal: its signature does not match its key: x509: ECDSA verification failure"},
		{node, weak, "sign request for kube/kubelet/ip-10-0-1-20.ec2.internal: the key is rsa-1024: it has fewer than 2048 bits"},
		{ingress, ed, "sign request for ingress/server: browser does not take ed25519 keys"},
	} {
		_, err := by.SignRequest(test.c, test.csr, pki.IssueOptions{Time: noon})
		assert.EqualError(t, err, test.want)
	}
}

func TestParseRequestErrors(t *testing.T) {
	requests, err := pki.NewRequests(inventory(t, demo(), pki.InventoryOptions{}), nil, pki.EtcdPeer)
	require.NoError(t, err)
	text := string(requests[0].PEM())
	tampered := append([]byte{}, requests[0].DER...)
	tampered[len(tampered)-1] ^= 1
	for _, test := range []struct{ name, data, want string }{
		{"empty", "", "parse request: asn1: syntax error: sequence truncated"},
		{"cut off", text[:len(text)-30], "parse request: line 1: the END line is missing"},
		{"another block", strings.ReplaceAll(text, "CERTIFICATE REQUEST", "CERTIFICATE"), "parse request: line 1: a CERTIFICATE block, want CERTIFICATE REQUEST"},
		{"two", text + text, ""},
		{"a signature of another", string(tampered), `parse request "etcd": its signature does not match its key: x509: ECDSA verification failure`},
		{"10 MB", strings.Repeat("x", 10<<20), "parse request: 10485760 bytes, want 1048576 at most"},
	} {
		_, err := pki.ParseRequest([]byte(test.data))
		if test.want == "" {
			assert.ErrorContains(t, err, ": another block, want one", test.name)
			continue
		}
		assert.EqualError(t, err, test.want, test.name)
	}
	_, err = pki.ParseRequest([]byte(strings.ReplaceAll(text, "CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST")))
	assert.NoError(t, err, "the old name of the type")
}
