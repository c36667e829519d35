package controlplane_test

import (
	"crypto/x509"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/pki"
)

// A member of etcd compares the address that another one connects from with the
// names in its certificate, beyond what TLS does: see
// https://etcd.io/docs/v3.6/op-guide/security/#notes-for-tls-authentication.
func TestEtcdPeerAddress(t *testing.T) {
	t.Parallel()
	inventory := inventoryOf(t, pki.DefaultAlgorithm)
	b, err := pki.Issue(inventory, pki.IssueOptions{Time: time.Now()})
	require.NoError(t, err)
	m := written(t, b, pki.KubeadmLayout())
	e := startEtcd(t, m, 1)[0]
	require.NoError(t, e.serves())
	// The visitor has files of its own: etcd reads its files at every handshake.
	other := written(t, b, pki.KubeadmLayout())
	visit := func() error {
		client := newClient(t, other.config(t, pki.AuthorityEtcd, "127.0.0.1", pki.EtcdPeer))
		client.Transport.(*http.Transport).ForceAttemptHTTP2 = false
		_, err := send(t.Context(), client, http.MethodGet, "https://"+address(e.peer)+"/version", nil, "")
		return err
	}
	require.NoError(t, visit())

	v := victim{slot{pki.ProgramEtcd, pki.EtcdPeer, pki.EtcdCA, pki.EtcdClient, "127.0.0.1"}, other, t}
	v.reissue(pki.EtcdPeer, func(c *x509.Certificate) { c.DNSNames, c.IPAddresses = nil, []net.IP{{192, 0, 2, 9}} })
	require.Error(t, visit())
	assert.Contains(t, e.Output(), `"msg":"rejected connection on peer endpoint"`)
	assert.Contains(t, e.Output(), `x509: certificate is valid for 192.0.2.9, not 127.0.0.1`)
	findings := pki.Verify(other.reread(t), cluster, pki.VerifyOptions{Time: time.Now(), Inventory: inventory})
	assert.Contains(t, blocking(findings), groundway.Code("pki/name-missing"))
}
