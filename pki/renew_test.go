package pki_test

import (
	"crypto/x509"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/pki"
)

func renew(t *testing.T, inv pki.Inventory, b pki.Bundle, o pki.RenewOptions) pki.Renewal {
	t.Helper()
	r, err := pki.PlanRenewal(inv, b, o)
	require.NoError(t, err)
	again, err := pki.PlanRenewal(inv, r.Bundle, o)
	require.NoError(t, err)
	assert.Empty(t, again.Renewed, "a second renewal renews nothing")
	return r
}

func TestPlanRenewal(t *testing.T) {
	inv := inventory(t, demo(), pki.InventoryOptions{})
	assert.Empty(t, renew(t, inv, good(t), pki.RenewOptions{Time: noon}).Renewed)

	// Before they end, and after.
	for _, at := range []time.Time{noon.AddDate(0, 11, 5), noon.AddDate(2, 0, 0)} {
		r := renew(t, inv, good(t), pki.RenewOptions{Time: at})
		assert.Len(t, r.Renewed, len(inv.Certificates))
		assert.Empty(t, r.Broken)
		for _, e := range r.Renewed {
			assert.False(t, e.NewKey, e.ID)
			assert.True(t, r.Bundle.Materials[e.ID].Key.Matches(good(t).Materials[e.ID].Certificate().PublicKey), "the key stays")
		}
		assert.Empty(t, with(pki.Verify(r.Bundle, demo(), pki.VerifyOptions{Time: at}), groundway.Failed))
	}
	r := renew(t, inv, good(t), pki.RenewOptions{Time: noon.AddDate(2, 0, 0), NewKeys: true})
	for _, e := range r.Renewed {
		assert.True(t, e.NewKey, e.ID)
	}
	assert.Empty(t, with(pki.Verify(r.Bundle, demo(), pki.VerifyOptions{Time: noon.AddDate(2, 0, 0)}), groundway.Failed))
}

// A cluster that grew and moved.
func TestPlanRenewalOfAChangedCluster(t *testing.T) {
	c := demo()
	c.EtcdMembers = append(slices.Clone(c.EtcdMembers), pki.Node{Name: "demo-etcd-3.k8s.example.com", Addresses: []netip.Addr{addr("10.0.1.11")}})
	c.ConsoleHost = "console.k8s.example.com"
	c.Kubelets = append(slices.Clone(c.Kubelets), pki.Node{Name: "ip-10-0-1-21.ec2.internal"})
	inv := inventory(t, c, pki.InventoryOptions{})
	r := renew(t, inv, good(t), pki.RenewOptions{Time: noon})
	assert.Equal(t, []pki.Renewed{
		{ID: pki.EtcdServer, Reasons: []groundway.Code{"pki/name-missing"}},
		{ID: pki.EtcdPeer, Reasons: []groundway.Code{"pki/name-missing"}},
		{ID: pki.KubeletOf("ip-10-0-1-21.ec2.internal"), NewKey: true, Reasons: []groundway.Code{"pki/material-missing"}},
		{ID: pki.IngressServer, Reasons: []groundway.Code{"pki/name-missing"}},
	}, r.Renewed)
	assert.Equal(t, []pki.ID{pki.EtcdServer, pki.EtcdPeer, pki.KubeletOf("ip-10-0-1-21.ec2.internal"), pki.IngressServer}, r.IDs())
	assert.Empty(t, with(pki.Verify(r.Bundle, c, pki.VerifyOptions{Time: noon}), groundway.Failed))
	fields := map[string]bool{}
	for _, u := range r.Readers {
		fields[string(u.Program)+" "+u.Field] = u.Reloads()
	}
	assert.Equal(t, map[string]bool{
		"etcd --cert-file": true, "etcd --peer-cert-file": true, "ingress --default-ssl-certificate": false,
		"kubelet client-certificate-data": false, "kubelet client-key-data": false, "kubelet tlsCertFile": false, "kubelet tlsPrivateKeyFile": false,
	}, fields)
}

// What is wrong with a key is settled by another one; what another certificate
// does not settle is left alone.
func TestPlanRenewalReasons(t *testing.T) {
	inv := inventory(t, demo(), pki.InventoryOptions{})
	w := newWorld(t)
	w.replaceKey(pki.APIServer, rsaKey(t, 1024))
	w.usages(pki.EtcdServer, x509.ExtKeyUsageServerAuth)
	w.reissue(pki.Scheduler, func(c *x509.Certificate) { c.Subject.CommonName = "scheduler" })
	w.reissue(pki.Admin, func(c *x509.Certificate) { c.NotAfter = noon.AddDate(20, 0, 0) })
	r := renew(t, inv, w.b, pki.RenewOptions{Time: noon})
	assert.Equal(t, []pki.Renewed{
		{ID: pki.EtcdServer, Reasons: []groundway.Code{"pki/usage-etcd-gateway"}},
		{ID: pki.APIServer, NewKey: true, Reasons: []groundway.Code{"pki/key-weak"}},
		{ID: pki.Scheduler, Reasons: []groundway.Code{"pki/subject-wrong"}},
		{ID: pki.Admin, Reasons: []groundway.Code{"pki/time-outlives-ca", "pki/time-long"}},
	}, r.Renewed)

	compat := inventory(t, demo(), pki.InventoryOptions{Compat: pki.CompatTectonic, Algorithm: pki.ECDSAP256})
	b, err := pki.Issue(compat, pki.IssueOptions{Time: noon, Provided: tokens(t)})
	require.NoError(t, err)
	assert.Empty(t, renew(t, compat, b, pki.RenewOptions{Time: noon}).Renewed, "what the inventory asks for is what is there")
	r = renew(t, inventory(t, demo(), pki.InventoryOptions{IngressUnderKube: true}), b, pki.RenewOptions{Time: noon})
	assert.NotEmpty(t, r.Renewed, "another inventory asks for other certificates")
	assert.Empty(t, r.Broken)
}

func TestPlanRenewalErrors(t *testing.T) {
	inv := inventory(t, demo(), pki.InventoryOptions{})
	m := good(t).Materials[pki.KubeCA]
	m.Key = pki.Key{}
	for _, test := range []struct {
		b    pki.Bundle
		at   time.Time
		want string
	}{
		{good(t), time.Time{}, "renew certificates: no time given"},
		{good(t).Without(pki.KubeCA), noon, "renew certificates: the bundle does not have the certificate of kube/ca"},
		{good(t).Put(m), noon.AddDate(2, 0, 0), "renew certificates: issue: kube/apiserver: nobody can sign it: kube/ca is provided without its key; provide the certificate, the key or an issuer, or make a request"},
		{good(t), noon.AddDate(11, 0, 0), `renew certificates: issue: sign etcd/server: the authority "etcd-ca" is valid from 2026-03-01T11:50:00Z to 2036-02-27T12:00:00Z, which 2037-03-01T12:00:00Z is not within`},
	} {
		_, err := pki.PlanRenewal(inv, test.b, pki.RenewOptions{Time: test.at})
		assert.EqualError(t, err, test.want)
	}
}

func TestExpiries(t *testing.T) {
	inv := inventory(t, demo(), pki.InventoryOptions{})
	w := newWorld(t)
	w.reissue(pki.EtcdPeer, func(c *x509.Certificate) { c.NotAfter = noon.AddDate(0, 0, 3) })
	w.remake(pki.AuthorityFrontProxy, func(c *x509.Certificate) { c.NotAfter = noon.AddDate(0, 0, 9) })
	list := pki.Expiries(inv, w.b)
	require.Len(t, list, len(inv.Certificates)+len(inv.Authorities))
	assert.True(t, slices.IsSortedFunc(list, func(a, b pki.Expiry) int { return a.End.Compare(b.End) }))
	var said []string
	for _, e := range list[:3] {
		said = append(said, e.String()+". "+e.Action)
	}
	assert.Equal(t, []string{
		"etcd/peer ends on 2026-03-04T12:00:00Z; then etcd to etcd fails. Renew etcd/peer: PlanRenewal issues it anew under the authority that it has.",
		"front-proxy/ca ends on 2026-03-10T12:00:00Z; then kube-apiserver to extension-api fails. Rotate front-proxy/ca: begin with PlanRotation while everything that it signed can still be replaced.",
		"front-proxy/client ends on 2026-03-10T12:00:00Z with front-proxy/ca; then kube-apiserver to extension-api fails. Rotate front-proxy/ca first: no certificate under it lasts longer.",
	}, said)
	// At its end an entry is refused, and not before.
	for _, e := range list {
		if e.ID.IsCA() {
			continue
		}
		for _, at := range []time.Time{e.End.Add(-time.Second), e.End.Add(time.Second)} {
			findings := pki.Verify(w.b, demo(), pki.VerifyOptions{Time: at, Skew: time.Nanosecond, Only: []pki.ID{e.ID, e.ID.Authority().CA()}})
			codes := map[string]bool{}
			for _, s := range with(findings, groundway.Failed) {
				codes[s] = true
			}
			assert.Equal(t, at.After(e.End), codes["time-expired@"+string(e.By)], "%s at %s", e.ID, at)
		}
	}
	assert.Empty(t, pki.Expiries(inv, pki.Bundle{}))
	shared := pki.Expiries(inventory(t, demo(), pki.InventoryOptions{IngressUnderKube: true}), good(t))
	assert.Len(t, shared, len(list)-1)
}
