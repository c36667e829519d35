package controlplane_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/groundway-sdk/groundway/pki"
)

// What the programs print once they serve.
const (
	etcdServes      = "ready to serve client requests"
	dexServes       = "server=grpc"
	apiserverServes = "Serving securely on"
)

// serving is what Ready asks: whether the process says that it serves, and its
// port is open. It needs no certificate that works.
func serving(s *process, line string, port int) func(context.Context) error {
	return func(ctx context.Context) error {
		if !strings.Contains(s.Output(), line) {
			return fmt.Errorf("it has not said %q", line)
		}
		return listening(port)(ctx)
	}
}

// A server is a process with a port that speaks TLS.
type server struct {
	*process
	port int
	line string // what it prints once it serves
}

func (s server) url() string { return "https://" + address(s.port) }

func (s server) serves() error { return s.Ready(serving(s.process, s.line, s.port)) }

// A member is one of an etcd cluster.
type member struct {
	server
	peer int // the port for the other members
}

// startEtcd starts the members of a cluster, which ask for certificates of
// clients and of each other.
func startEtcd(t *testing.T, m material, members int) []member {
	t.Helper()
	all := make([]member, members)
	var initial []string
	for i := range all {
		all[i] = member{server{port: freePort(t), line: etcdServes}, freePort(t)}
		initial = append(initial, fmt.Sprintf("m%d=https://%s", i, address(all[i].peer)))
	}
	// With more members the intervals are long, so that none holds an election
	// because the machine is busy.
	heartbeat, election := "100", "1000"
	if members > 1 {
		heartbeat, election = "300", "3000"
	}
	for i, e := range all {
		peer := "https://" + address(e.peer)
		all[i].process = etcd.Start(t,
			"--name", fmt.Sprintf("m%d", i), "--data-dir", "data", "--unsafe-no-fsync",
			"--heartbeat-interval", heartbeat, "--election-timeout", election,
			"--listen-client-urls", e.url(), "--advertise-client-urls", e.url(),
			"--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", strings.Join(initial, ","),
			"--client-cert-auth", "--trusted-ca-file", m.cert(pki.EtcdCA),
			"--cert-file", m.cert(pki.EtcdServer), "--key-file", m.key(pki.EtcdServer),
			"--peer-client-cert-auth", "--peer-trusted-ca-file", m.cert(pki.EtcdCA),
			"--peer-cert-file", m.cert(pki.EtcdPeer), "--peer-key-file", m.key(pki.EtcdPeer))
	}
	return all
}

// A dexOptions tunes startDex.
type dexOptions struct {
	anyClient bool // it asks for no client certificate
}

// startDex starts dex. Its gRPC server is the server; users reach it at issuer.
func startDex(t *testing.T, m material, o dexOptions) (s server, issuer string) {
	t.Helper()
	s = server{port: freePort(t), line: dexServes}
	issuer = fmt.Sprintf("https://%s:%d", cluster.ConsoleHost, freePort(t))
	config := fmt.Sprintf(`issuer: %s
storage: {type: memory}
web: {https: %q, tlsCert: %q, tlsKey: %q}
logger: {level: debug}
enablePasswordDB: true
oauth2: {passwordConnector: local, grantTypes: [password]}
staticClients: [{id: kubectl, secret: kubectl, name: kubectl, redirectURIs: ["http://localhost"]}]
staticPasswords: [{email: %s, hash: %q, username: jane, userID: "1"}]
grpc:
  addr: %q
  tlsCert: %q
  tlsKey: %q
`, issuer, strings.TrimPrefix(strings.Replace(issuer, cluster.ConsoleHost, "127.0.0.1", 1), "https://"),
		m.cert(pki.IngressServer), m.key(pki.IngressServer), jane, janeHash,
		address(s.port), m.cert(pki.IdentityServer), m.key(pki.IdentityServer))
	if !o.anyClient {
		config += fmt.Sprintf("  tlsClientCA: %q\n", m.cert(pki.KubeCA))
	}
	s.process = dex.Start(t, "serve", write(t, t.TempDir(), "dex.yaml", []byte(config)))
	return s, issuer
}

// A user of dex, whose password is her name.
const (
	jane     = "jane@example.com"
	janeHash = "$2b$10$.4.QbW9XJQ5vLEWXRzt8suxa31oZ/65RgtEJolwcxyLLrlTVMpSsS"
)

// An apiserverOptions tunes startAPIServer.
type apiserverOptions struct {
	issuer   string // of the tokens of users; empty: none
	allowAll bool   // whoever is authenticated may do everything, at once
}

// bootstrapToken is that of a user who may do everything, and stands for
// whoever sets up a cluster: no certificate of the inventory can.
const bootstrapToken = "bootstrap"

// startAPIServer starts kube-apiserver on etcd, with its objects below a prefix
// of its own.
func startAPIServer(t *testing.T, m material, etcd []member, o apiserverOptions) server {
	t.Helper()
	s := server{port: freePort(t), line: apiserverServes}
	var urls []string
	for _, e := range etcd {
		urls = append(urls, e.url())
	}
	args := []string{
		"--etcd-servers", strings.Join(urls, ","), "--etcd-prefix", fmt.Sprintf("/registry-%d", s.port),
		"--etcd-cafile", m.cert(pki.EtcdCA), "--etcd-certfile", m.cert(pki.EtcdClient), "--etcd-keyfile", m.key(pki.EtcdClient),
		"--bind-address", loopback.String(), "--secure-port", fmt.Sprint(s.port), "--cert-dir", "made",
		"--tls-cert-file", m.cert(pki.APIServer), "--tls-private-key-file", m.key(pki.APIServer), "--client-ca-file", m.cert(pki.KubeCA),
		// Loopback cannot be advertised, and nobody asks for this address.
		"--advertise-address", "192.0.2.1", "--endpoint-reconciler-type", "none",
		"--service-cluster-ip-range", cluster.ServiceCIDR.String(),
		"--token-auth-file", write(t, t.TempDir(), "tokens.csv", []byte(bootstrapToken+",bootstrap,1,system:masters\n")),
		"--kubelet-certificate-authority", m.cert(pki.KubeCA), "--kubelet-preferred-address-types", "InternalIP",
		"--kubelet-client-certificate", m.cert(pki.KubeletClient), "--kubelet-client-key", m.key(pki.KubeletClient),
		"--requestheader-client-ca-file", m.cert(pki.FrontProxyCA), "--requestheader-allowed-names", "front-proxy-client",
		"--requestheader-username-headers", "X-Remote-User", "--requestheader-group-headers", "X-Remote-Group",
		"--requestheader-extra-headers-prefix", "X-Remote-Extra-",
		"--proxy-client-cert-file", m.cert(pki.FrontProxyClient), "--proxy-client-key-file", m.key(pki.FrontProxyClient),
		"--service-account-issuer", "https://" + apiName, "--service-account-signing-key-file", m.key(pki.ServiceAccount),
		"--service-account-key-file", m.file(pki.ServiceAccount, pki.PartPublicKey),
	}
	if o.allowAll {
		args = append(args, "--authorization-mode", "AlwaysAllow")
	} else {
		args = append(args, "--authorization-mode", "Node,RBAC")
	}
	if o.issuer != "" {
		args = append(args, "--oidc-issuer-url", o.issuer, "--oidc-ca-file", m.cert(pki.IngressCA), "--oidc-client-id", "kubectl",
			"--oidc-username-claim", "email", "--oidc-username-prefix", "dex:")
	}
	s.process = apiserver.Start(t, args...)
	return s
}
