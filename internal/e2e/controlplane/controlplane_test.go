package controlplane_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/pki"
)

// prove runs a control plane on the material: three members of etcd, dex, and
// the API server on both, with all that these show to others.
func prove(t *testing.T, m material) {
	t.Helper()
	members := startEtcd(t, m, 3)
	identity, issuer := startDex(t, m, dexOptions{})
	open, _ := startDex(t, m, dexOptions{anyClient: true})
	for _, e := range members {
		require.NoError(t, e.serves())
	}
	require.NoError(t, identity.serves())
	require.NoError(t, open.serves())
	api := startAPIServer(t, m, members, apiserverOptions{issuer: issuer})
	t.Run("etcd", func(t *testing.T) { proveEtcd(t, m, members) })
	t.Run("dex", func(t *testing.T) { proveDex(t, m, identity, open) })
	require.NoError(t, api.serves())
	bootstrap := operator{t, newClient(t, m.config(t, pki.AuthorityKube, apiName, "")), api.url(), bearer(bootstrapToken)}
	require.NoError(t, api.Ready(func(ctx context.Context) error {
		_, err := send(ctx, bootstrap.client, http.MethodGet, api.url()+"/readyz", bootstrap.header, "")
		return err
	}))
	t.Run("API server", func(t *testing.T) { proveAPIServer(t, m, api) })
	t.Run("identities", func(t *testing.T) { proveIdentities(t, m, api, bootstrap) })
	t.Run("kubelet", func(t *testing.T) { proveKubelet(t, m, bootstrap) })
	t.Run("front proxy", func(t *testing.T) { proveFrontProxy(t, m, api, bootstrap) })
	t.Run("service account", func(t *testing.T) {
		assert.NoError(t, serviceAccountToken(t, api, m.config(t, pki.AuthorityKube, apiName, pki.Admin)))
	})
	t.Run("users", func(t *testing.T) { proveUsers(t, m, api, issuer) })
}

// proveEtcd writes through the gateway of one member and reads from another.
func proveEtcd(t *testing.T, m material, members []member) {
	good := m.config(t, pki.AuthorityEtcd, etcdName, pki.EtcdClient)
	for i, e := range members {
		assert.NoError(t, etcdGateway(t, e.server, good), "member %d", i)
		assert.NoError(t, etcdRead(t, e.server, good), "member %d", i)
	}
	answer, err := call(t.Context(), newClient(t, good), members[2].url(), "/etcdserverpb.KV/Range", field(nil, 1, "key"))
	require.NoError(t, err)
	assert.Contains(t, string(answer), "value", "one member holds what another was given")

	health := m.config(t, pki.AuthorityEtcd, "127.0.0.1", pki.EtcdHealth)
	text, err := send(t.Context(), newClient(t, health), http.MethodGet, members[0].url()+"/health", nil, "")
	require.NoError(t, err)
	assert.JSONEq(t, `{"health":"true","reason":""}`, string(text))

	for port, path := range map[int]string{members[0].port: "clients", members[0].peer: "peers"} {
		assert.ErrorContains(t, handshake(t.Context(), port, m.config(t, pki.AuthorityEtcd, "127.0.0.1", "")),
			"tls: certificate required", path)
		assert.ErrorContains(t, handshake(t.Context(), port, m.config(t, pki.AuthorityEtcd, "127.0.0.1", pki.Admin)),
			"tls: unknown certificate authority", path)
	}
	for _, name := range []string{"demo-etcd-0.example.com", "demo-etcd-2.example.com", "127.0.0.1", "::1"} {
		config := m.config(t, pki.AuthorityEtcd, name, pki.EtcdClient)
		assert.NoError(t, handshake(t.Context(), members[0].port, config), name)
	}
	// Members speak HTTP/1.1 to each other, whatever they negotiate.
	peer := newClient(t, m.config(t, pki.AuthorityEtcd, "demo-etcd-1.example.com", pki.EtcdPeer))
	peer.Transport.(*http.Transport).ForceAttemptHTTP2 = false
	text, err = send(t.Context(), peer, http.MethodGet, "https://"+address(members[0].peer)+"/version", nil, "")
	require.NoError(t, err)
	assert.Contains(t, string(text), strings.TrimPrefix(etcd.Version, "v"))
}

// proveDex asks a server that wants a client certificate, and one that does not.
func proveDex(t *testing.T, m material, identity, open server) {
	good := m.config(t, pki.AuthorityKube, identityName, pki.IdentityClient)
	none := m.config(t, pki.AuthorityKube, identityName, "")
	assert.NoError(t, dexVersion(t, identity, good))
	assert.ErrorContains(t, dexVersion(t, identity, none), "tls: certificate required")
	assert.ErrorContains(t, dexVersion(t, identity, m.config(t, pki.AuthorityKube, identityName, pki.EtcdClient)), "tls: unknown certificate authority")
	assert.NoError(t, dexVersion(t, open, good))
	assert.NoError(t, dexVersion(t, open, none))
	assert.ErrorContains(t, dexVersion(t, open, m.config(t, pki.AuthorityEtcd, identityName, "")), "certificate signed by unknown authority")
}

func proveAPIServer(t *testing.T, m material, api server) {
	for _, name := range []string{
		cluster.APIExternal, cluster.APIInternal, "127.0.0.1", "10.3.0.1",
		"kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local",
	} {
		client := newClient(t, m.config(t, pki.AuthorityKube, name, pki.Admin))
		answer, err := send(t.Context(), client, http.MethodGet, api.url()+"/readyz?verbose", nil, "")
		if assert.NoError(t, err, name) {
			assert.Contains(t, string(answer), "[+]etcd ok")
			assert.Contains(t, string(answer), "readyz check passed")
		}
	}
	assert.ErrorContains(t, handshake(t.Context(), api.port, m.config(t, pki.AuthorityEtcd, apiName, "")), "certificate signed by unknown authority")
	answer, err := send(t.Context(), newClient(t, m.config(t, pki.AuthorityKube, apiName, "")), http.MethodGet, api.url()+"/version", nil, "")
	require.NoError(t, err)
	assert.Contains(t, string(answer), fmt.Sprintf("%q", apiserver.Version))
}

// proveIdentities shows who the certificates are to the API server, and what
// they may do before and after the administrator's group is bound.
func proveIdentities(t *testing.T, m material, api server, bootstrap operator) {
	inventory, err := pki.NewInventory(cluster, pki.InventoryOptions{})
	require.NoError(t, err)
	for _, id := range []pki.ID{pki.Admin, pki.ControllerManager, pki.Scheduler, pki.KubeletClient, pki.APIServer, pki.KubeletOf(node)} {
		entry, ok := inventory.Certificate(id)
		require.True(t, ok, id)
		who, err := whoAmI(t, api, m.config(t, pki.AuthorityKube, apiName, id), nil)
		require.NoError(t, err, id)
		assert.Equal(t, entry.Subject.CommonName, who.Username)
		assert.ElementsMatch(t, append(entry.Subject.Organizations, "system:authenticated"), who.Groups)
	}
	_, err = whoAmI(t, api, m.config(t, pki.AuthorityKube, apiName, pki.EtcdClient), nil)
	assert.ErrorContains(t, err, "401 Unauthorized")

	as := func(id pki.ID) operator {
		return operator{t, newClient(t, m.config(t, pki.AuthorityKube, apiName, id)), api.url(), nil}
	}
	_, err = as(pki.Admin).try(http.MethodGet, "/api/v1/secrets", "")
	assert.ErrorContains(t, err, "403 Forbidden", "its group has no power yet")
	bootstrap.do(http.MethodPost, "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", `{
		"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "admins"},
		"roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
		"subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "kubeadm:cluster-admins"}]}`)
	require.Eventually(t, func() bool {
		_, err = as(pki.Admin).try(http.MethodGet, "/api/v1/secrets", "")
		return err == nil
	}, 10*time.Second, 50*time.Millisecond)
	as(pki.Scheduler).do(http.MethodGet, "/api/v1/pods", "")
	as(pki.ControllerManager).do(http.MethodGet, "/api/v1/secrets", "")
	_, err = as(pki.Scheduler).try(http.MethodGet, "/api/v1/secrets", "")
	assert.ErrorContains(t, err, "403 Forbidden")
	_, err = as(pki.KubeletOf(node)).try(http.MethodGet, "/api/v1/nodes/other", "")
	assert.ErrorContains(t, err, `node '`+node+`' cannot read 'other', only its own Node object`)
}

// proveKubelet reads a log, which the API server fetches from the kubelet.
func proveKubelet(t *testing.T, m material, bootstrap operator) {
	serving, err := tls.LoadX509KeyPair(m.cert(pki.KubeletOf(node)), m.key(pki.KubeletOf(node)))
	require.NoError(t, err)
	kubelet := startPeer(t, &tls.Config{
		Certificates: []tls.Certificate{serving}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: m.roots(pki.AuthorityKube),
	}, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("said in the container")) })

	bootstrap.do(http.MethodPost, "/api/v1/nodes", nodeObject(kubelet.port))
	bootstrap.eventually(http.MethodPost, "/api/v1/namespaces/default/serviceaccounts",
		`{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"}}`)
	bootstrap.do(http.MethodPost, "/api/v1/namespaces/default/pods", podObject)

	assert.Equal(t, "said in the container", string(bootstrap.do(http.MethodGet, "/api/v1/namespaces/default/pods/demo/log", "")))
	r := kubelet.await(t, func(r *http.Request) bool { return r.URL.Path == "/containerLogs/default/demo/main" })
	assert.Equal(t, read(t, m.cert(pki.KubeletClient)), chain(r), "what the API server showed")
	assert.Equal(t, "kube-apiserver-kubelet-client", r.TLS.PeerCertificates[0].Subject.CommonName)
}

// nodeObject is the node whose kubelet listens on the port.
func nodeObject(port int) string {
	return fmt.Sprintf(`{
		"apiVersion": "v1", "kind": "Node", "metadata": {"name": %q},
		"status": {"addresses": [{"type": "InternalIP", "address": "127.0.0.1"}], "daemonEndpoints": {"kubeletEndpoint": {"Port": %d}}}}`, node, port)
}

const podObject = `{
	"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "demo"},
	"spec": {"nodeName": "` + node + `", "automountServiceAccountToken": false, "containers": [{"name": "main", "image": "example.com/demo"}]}}`

// serviceObject is of the type that is reached by its name, and not by an address
// that nothing here routes.
const serviceObject = `{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "extension"}, "spec": {"type": "ExternalName", "externalName": "localhost"}}`

func apiServiceObject(trusts authority, port int) string {
	return fmt.Sprintf(`{
		"apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService", "metadata": {"name": "v1.example.com"},
		"spec": {"group": "example.com", "version": "v1", "groupPriorityMinimum": 1000, "versionPriority": 10, "caBundle": %q,
			"service": {"namespace": "default", "name": "extension", "port": %d}}}`, base64.StdEncoding.EncodeToString(trusts.file()), port)
}

// proveFrontProxy asks an extension through the API server, and the API server
// as a front proxy does.
func proveFrontProxy(t *testing.T, m material, api server, bootstrap operator) {
	own := newAuthority(t, "extension-ca")
	template := leaf(t, "extension")
	template.DNSNames = []string{"extension.default.svc"}
	extension := startPeer(t, &tls.Config{
		Certificates: []tls.Certificate{own.issue(t, template, nil).loaded(t)},
		ClientAuth:   tls.RequireAndVerifyClientCert, ClientCAs: m.roots(pki.AuthorityFrontProxy),
	}, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": "example.com/v1", "resources": []}`))
	})
	bootstrap.do(http.MethodPost, "/api/v1/namespaces/default/services", serviceObject)
	bootstrap.do(http.MethodPost, "/apis/apiregistration.k8s.io/v1/apiservices", apiServiceObject(own, extension.port))
	bootstrap.eventually(http.MethodGet, "/apis/example.com/v1/things", "")

	r := extension.await(t, func(r *http.Request) bool { return r.URL.Path == "/apis/example.com/v1/things" })
	assert.Equal(t, read(t, m.cert(pki.FrontProxyClient)), chain(r), "what the API server showed")
	assert.Equal(t, "front-proxy-client", r.TLS.PeerCertificates[0].Subject.CommonName)
	assert.Equal(t, []string{"bootstrap"}, r.Header["X-Remote-User"])
	assert.Contains(t, r.Header["X-Remote-Group"], "system:masters")

	alice := http.Header{"X-Remote-User": {"alice"}, "X-Remote-Group": {"readers"}}
	who, err := whoAmI(t, api, m.config(t, pki.AuthorityKube, apiName, pki.FrontProxyClient), alice)
	require.NoError(t, err)
	assert.Equal(t, "alice", who.Username)
	assert.Contains(t, who.Groups, "readers")
	who, err = whoAmI(t, api, m.config(t, pki.AuthorityKube, apiName, pki.Scheduler), alice)
	require.NoError(t, err)
	assert.Equal(t, "system:kube-scheduler", who.Username, "only the front proxy says who others are")
}

// proveUsers logs in at the issuer that the ingress certificate serves, which
// the API server trusts by the ingress authority.
func proveUsers(t *testing.T, m material, api server, issuer string) {
	client := newClient(t, m.config(t, pki.AuthorityIngress, "", ""))
	form := url.Values{"grant_type": {"password"}, "scope": {"openid email"}, "username": {jane}, "password": {"jane"}}
	answer, err := send(t.Context(), client, http.MethodPost, issuer+"/token", http.Header{
		"Content-Type":  {"application/x-www-form-urlencoded"},
		"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte("kubectl:kubectl"))},
	}, form.Encode())
	require.NoError(t, err)
	var tokens struct {
		ID string `json:"id_token"`
	}
	require.NoError(t, json.Unmarshal(answer, &tokens))
	// The API server asks for the issuer's keys on its own time.
	require.NoError(t, api.Ready(func(context.Context) error {
		who, err := whoAmI(t, api, m.config(t, pki.AuthorityKube, apiName, ""), bearer(tokens.ID))
		if err == nil && who.Username != "dex:"+jane {
			err = fmt.Errorf("jane is %q", who.Username)
		}
		return err
	}))
}

// await returns the first request of this kind that the peer got.
func (p peer) await(t *testing.T, want func(*http.Request) bool) *http.Request {
	t.Helper()
	for range len(p.seen) {
		if r := <-p.seen; want(r) {
			return r
		}
	}
	t.Fatal("there was no such request")
	return nil
}

// chain returns the certificates that the client of a request showed, as a file
// holds them.
func chain(r *http.Request) []byte {
	var all bytes.Buffer
	for _, c := range r.TLS.PeerCertificates {
		all.Write(block("CERTIFICATE", c.Raw))
	}
	return all.Bytes()
}
