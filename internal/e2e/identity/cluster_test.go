package identity_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/identity"
	"github.com/groundway-sdk/groundway/identity/apiserver"
	"github.com/groundway-sdk/groundway/identity/dex"
	"github.com/groundway-sdk/groundway/internal/e2e/program"
	"github.com/groundway-sdk/groundway/pki"
)

// A user of dex, whose password is her name.
const (
	jane     = "jane@example.com"
	janeHash = "$2b$10$.4.QbW9XJQ5vLEWXRzt8suxa31oZ/65RgtEJolwcxyLLrlTVMpSsS"
)

// bootstrapToken is that of a user who may do everything, and stands for whoever
// sets up a cluster.
const bootstrapToken = "bootstrap"

// A cluster is etcd, certificates, a balancer in front of dex, and the model that all
// files are written from.
type cluster struct {
	t        *testing.T
	dir      string
	bundle   pki.Bundle
	etcd     string // its URL
	balancer *balancer
	model    identity.Model
	config   dex.Config // of dex, but for storage and addresses
}

const namespace = "tectonic-system"

func newCluster(t *testing.T) *cluster {
	t.Helper()
	loopback := netip.MustParseAddr("127.0.0.1")
	inventory, err := pki.NewInventory(pki.Cluster{
		Name: "demo", APIExternal: "api.demo.example.com", APIAddresses: []netip.Addr{loopback},
		ServiceCIDR: netip.MustParsePrefix("10.3.0.0/16"), ConsoleHost: "localhost",
	}, pki.InventoryOptions{})
	require.NoError(t, err)
	bundle, err := pki.Issue(inventory, pki.IssueOptions{Time: time.Now()})
	require.NoError(t, err)
	c := &cluster{t: t, dir: t.TempDir(), bundle: bundle}
	for _, id := range bundle.IDs() {
		m, _ := bundle.Get(id)
		for _, part := range []pki.Part{pki.PartCertificate, pki.PartKey, pki.PartPublicKey} {
			if text, err := m.PEM(part); err == nil && !text.IsZero() {
				c.write(c.name(id, part), text.Reveal())
			}
		}
	}
	c.startEtcd()
	c.balancer = startBalancer(t, c)
	options := dex.TectonicOptions{
		ConsoleHost: fmt.Sprintf("localhost:%d", c.balancer.port), ConsoleSecret: groundway.NewSecret("console-secret-0123456789"),
		KubectlSecret: groundway.NewSecret("kubectl-secret-0123456789"), AdminEmail: jane, AdminHash: groundway.NewSecret(janeHash), AdminID: "1",
		CA: c.read(c.name(pki.IngressCA, pki.PartCertificate)),
	}
	c.model = dex.TectonicModel(options)
	c.model.ServerCA = c.read(c.name(pki.KubeCA, pki.PartCertificate))
	c.config = dex.Tectonic(options)
	c.config.StaticPasswords[0].Groups = []string{"operators"}
	c.config.OAuth2.PasswordConnector = "local"
	return c
}

func (c *cluster) name(id pki.ID, part pki.Part) string {
	return strings.ReplaceAll(string(id), "/", "-") + "." + string(part)
}

func (c *cluster) path(name string) string { return filepath.Join(c.dir, name) }

func (c *cluster) write(name, text string) string {
	c.t.Helper()
	require.NoError(c.t, os.WriteFile(c.path(name), []byte(text), 0o600))
	return c.path(name)
}

func (c *cluster) read(name string) []byte {
	c.t.Helper()
	data, err := os.ReadFile(c.path(name))
	require.NoError(c.t, err)
	return data
}

func (c *cluster) cert(id pki.ID) string { return c.path(c.name(id, pki.PartCertificate)) }
func (c *cluster) key(id pki.ID) string  { return c.path(c.name(id, pki.PartKey)) }

func (c *cluster) roots(id pki.ID) *x509.CertPool {
	pool := x509.NewCertPool()
	require.True(c.t, pool.AppendCertsFromPEM(c.read(c.name(id, pki.PartCertificate))))
	return pool
}

// serving is what Ready asks: whether the process has said that it serves, and its
// port is open.
func serving(p *program.Process, line string, port int) func(context.Context) error {
	return func(ctx context.Context) error {
		if !strings.Contains(p.Output(), line) {
			return fmt.Errorf("it has not said %q", line)
		}
		return program.Listening(port)(ctx)
	}
}

func (c *cluster) startEtcd() {
	client, peer := program.FreePort(c.t), program.FreePort(c.t)
	c.etcd = "http://" + program.Address(client)
	peers := "http://" + program.Address(peer)
	p := program.Etcd.Start(c.t, "--data-dir", "data", "--unsafe-no-fsync", "--listen-client-urls", c.etcd, "--advertise-client-urls", c.etcd,
		"--listen-peer-urls", peers, "--initial-advertise-peer-urls", peers, "--initial-cluster", "default="+peers)
	require.NoError(c.t, p.Ready(serving(p, "ready to serve client requests", client)))
}

// A server is an API server.
type server struct {
	*program.Process
	c    *cluster
	port int
}

// startServer starts one on the cluster's etcd. Flags say how it knows people.
func (c *cluster) startServer(flags apiserver.Flags) server {
	c.t.Helper()
	s := c.launch(c.t, flags)
	s.ready()
	return s
}

// launch starts one for a test, and does not wait.
func (c *cluster) launch(t *testing.T, flags apiserver.Flags) server {
	t.Helper()
	s := server{c: c, port: program.FreePort(t)}
	args := []string{
		"--etcd-servers", c.etcd, "--bind-address", "127.0.0.1", "--secure-port", fmt.Sprint(s.port), "--cert-dir", "made",
		"--tls-cert-file", c.cert(pki.APIServer), "--tls-private-key-file", c.key(pki.APIServer), "--client-ca-file", c.cert(pki.KubeCA),
		// Loopback cannot be advertised, and nobody asks for this address.
		"--advertise-address", "192.0.2.1", "--endpoint-reconciler-type", "none", "--service-cluster-ip-range", "10.3.0.0/16",
		"--token-auth-file", c.write("tokens.csv", bootstrapToken+",bootstrap,1,system:masters\n"), "--authorization-mode", "RBAC",
	}
	s.Process = program.APIServer.Start(t, append(args, flags.Args()...)...)
	return s
}

func (s server) ready() {
	s.c.t.Helper()
	require.NoError(s.c.t, s.Ready(serving(s.Process, "Serving securely on", s.port)))
	require.NoError(s.c.t, s.Ready(func(ctx context.Context) error {
		_, err := s.send(ctx, http.MethodGet, "/readyz", bootstrapToken, "", nil)
		return err
	}))
}

func (c *cluster) flagOptions() apiserver.FlagsOptions {
	return apiserver.FlagsOptions{
		CAFile: c.cert(pki.IngressCA), ServiceAccountIssuer: "https://api.demo.example.com",
		ServiceAccountSigningKeyFile: c.key(pki.ServiceAccount), ServiceAccountKeyFiles: []string{c.path(c.name(pki.ServiceAccount, pki.PartPublicKey))},
	}
}

// byFlags and byFile are the two ways to say the same.
func (c *cluster) byFlags() apiserver.Flags {
	flags, err := apiserver.NewFlags(c.model, c.flagOptions())
	require.NoError(c.t, err)
	return flags
}

func (c *cluster) byFile() apiserver.Flags {
	configuration, err := apiserver.NewConfiguration(c.model)
	require.NoError(c.t, err)
	text, err := configuration.YAML()
	require.NoError(c.t, err)
	return apiserver.NewFileFlags(c.write("authentication.yaml", string(text)), c.flagOptions())
}

func (s server) url() string { return "https://" + program.Address(s.port) }

// send asks the API server, by a token or by the certificate of a client.
func (s server) send(ctx context.Context, method, path, token, body string, certificate *tls.Certificate) ([]byte, error) {
	config := &tls.Config{RootCAs: s.c.roots(pki.KubeCA), ServerName: "api.demo.example.com"}
	if certificate != nil {
		config.Certificates = []tls.Certificate{*certificate}
	}
	header := http.Header{"Content-Type": {"application/yaml"}}
	if token != "" {
		header.Set("Authorization", "Bearer "+token)
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: config, DisableKeepAlives: true}, Timeout: 30 * time.Second}
	return send(ctx, client, method, s.url()+path, header, body)
}

func (s server) do(method, path, body string) []byte {
	s.c.t.Helper()
	answer, err := s.send(s.c.t.Context(), method, path, bootstrapToken, body, nil)
	require.NoError(s.c.t, err)
	return answer
}

// A user is who the API server takes a client for.
type user struct {
	Username string   `json:"username"`
	Groups   []string `json:"groups"`
}

// whoAmI asks the API server, by a token or a certificate.
func (s server) whoAmI(token string, certificate *tls.Certificate) (user, error) {
	answer, err := s.send(s.c.t.Context(), http.MethodPost, "/apis/authentication.k8s.io/v1/selfsubjectreviews", token,
		"apiVersion: authentication.k8s.io/v1\nkind: SelfSubjectReview\n", certificate)
	if err != nil {
		return user{}, err
	}
	var review struct {
		Status struct {
			UserInfo user `json:"userInfo"`
		} `json:"status"`
	}
	err = json.Unmarshal(answer, &review)
	return review.Status.UserInfo, err
}

// send returns the answer; a status other than 2xx is an error.
func send(ctx context.Context, client *http.Client, method, address string, header http.Header, body string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header = header.Clone()
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode/100 != 2 {
		err = &statusError{response.StatusCode, string(bytes.TrimSpace(answer))}
	}
	return answer, err
}

// A statusError is an answer that is no success.
type statusError struct {
	code int
	body string
}

func (e *statusError) Error() string { return fmt.Sprintf("%d: %.300s", e.code, e.body) }

// status returns the status of an answer, or 0 where there was none.
func status(err error) int {
	var s *statusError
	switch {
	case err == nil:
		return http.StatusOK
	case errors.As(err, &s):
		return s.code
	}
	return 0
}

// An instance is one of dex.
type instance struct {
	*program.Process
	port, grpc int
}

// startDex starts an instance of the rendered configuration, and does not wait.
func (c *cluster) startDex(config dex.Config) instance {
	c.t.Helper()
	i := instance{port: program.FreePort(c.t), grpc: program.FreePort(c.t)}
	config.Web.HTTP = program.Address(i.port)
	config.GRPC = dex.GRPC{Addr: program.Address(i.grpc), TLSCert: c.cert(pki.IdentityServer), TLSKey: c.key(pki.IdentityServer), TLSClientCA: c.cert(pki.KubeCA)}
	rendered, err := dex.Render(config)
	require.NoError(c.t, err)
	var env []string
	for name, secret := range rendered.Secrets {
		env = append(env, name+"="+secret.Reveal())
	}
	i.Process = program.Dex.StartWith(c.t, env, "serve", c.write(fmt.Sprintf("dex-%d.yaml", i.port), string(rendered.Config)))
	return i
}

// notServedYet is what dex ends with where the API server has a definition, and does
// not serve its resources yet: it answers 429, or 404 a moment earlier.
var notServedYet = regexp.MustCompile(`storage is \(re\)initializing|from storage: failed to list \w+: not found`)

// runDex starts an instance and waits until it serves. The first one on an API
// server makes the definitions of its resources, and ends if it asks for a resource
// before the API server has it: Kubernetes would start it again, as is done here.
func (c *cluster) runDex(config dex.Config) instance {
	c.t.Helper()
	for range 5 {
		i := c.startDex(config)
		err := i.Ready(serving(i.Process, "server=grpc", i.port))
		if err == nil {
			return i
		}
		require.ErrorIs(c.t, err, program.ErrEnded)
		require.Regexp(c.t, notServedYet, i.Output())
	}
	c.t.Fatal("dex ended five times")
	return instance{}
}

// login logs jane in with her password, and returns her ID token.
func (c *cluster) login() (string, error) {
	form := url.Values{"grant_type": {"password"}, "scope": {"openid email groups"}, "username": {jane}, "password": {"jane"}}
	header := http.Header{
		"Content-Type":  {"application/x-www-form-urlencoded"},
		"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(dex.TectonicKubectl+":kubectl-secret-0123456789"))},
	}
	answer, err := send(c.t.Context(), c.client(), http.MethodPost, c.model.Issuer+"/token", header, form.Encode())
	if err != nil {
		return "", err
	}
	var tokens struct {
		ID string `json:"id_token"`
	}
	err = json.Unmarshal(answer, &tokens)
	return tokens.ID, err
}

// client trusts the ingress authority, as users do.
func (c *cluster) client() *http.Client {
	return &http.Client{
		Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: c.roots(pki.IngressCA)}, DisableKeepAlives: true}, Timeout: 20 * time.Second,
	}
}

// get asks below the issuer.
func (c *cluster) get(path string) ([]byte, error) {
	return send(c.t.Context(), c.client(), http.MethodGet, c.model.Issuer+path, nil, "")
}

// kid returns the name of the key that signed a token.
func kid(t *testing.T, token string) string {
	t.Helper()
	head, _, _ := strings.Cut(token, ".")
	data, err := base64.RawURLEncoding.DecodeString(head)
	require.NoError(t, err)
	var header struct {
		ID string `json:"kid"`
	}
	require.NoError(t, json.Unmarshal(data, &header))
	return header.ID
}

// eventually waits until ask returns nil, and says how long that took.
func eventually(t *testing.T, within time.Duration, ask func() error) time.Duration {
	t.Helper()
	begin := time.Now()
	for {
		err := ask()
		if err == nil {
			return time.Since(begin)
		}
		if time.Since(begin) > within {
			require.NoError(t, err, "after %s", within)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// A balancer is an ingress: it shows the ingress certificate, asks each instance
// whether it is healthy, and leads to those that are.
type balancer struct {
	port   int
	maxAge atomic.Int64 // what it says of the age of the keys, in seconds; 0 is what dex says

	mu      sync.Mutex
	all     []int // ports of instances
	healthy []int
	turn    int
}

const healthEvery = 200 * time.Millisecond

func startBalancer(t *testing.T, c *cluster) *balancer {
	t.Helper()
	b := &balancer{port: program.FreePort(t)}
	certificate, err := tls.LoadX509KeyPair(c.cert(pki.IngressServer), c.key(pki.IngressServer))
	require.NoError(t, err)
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host = "http", program.Address(b.next())
			r.Out.Host = r.In.Host
		},
		ModifyResponse: func(r *http.Response) error {
			if age := b.maxAge.Load(); age > 0 && strings.HasSuffix(r.Request.URL.Path, "/keys") {
				r.Header.Set("Cache-Control", fmt.Sprintf("max-age=%d", age))
			}
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusServiceUnavailable) },
	}
	server := &http.Server{
		Addr: program.Address(b.port), Handler: proxy, ReadHeaderTimeout: 10 * time.Second,
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate}},
	}
	ended := make(chan error, 1)
	go func() { ended <- server.ListenAndServeTLS("", "") }()
	ctx, cancel := context.WithCancel(context.Background())
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		b.watch(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-watched
		_ = server.Close()
		<-ended
	})
	return b
}

// lead sets the instances.
func (b *balancer) lead(instances ...instance) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.all = nil
	for _, i := range instances {
		b.all = append(b.all, i.port)
	}
}

func (b *balancer) next() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.healthy) == 0 {
		return 1 // where nobody listens
	}
	b.turn++
	return b.healthy[b.turn%len(b.healthy)]
}

func (b *balancer) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.healthy)
}

func (b *balancer) watch(ctx context.Context) {
	client := &http.Client{Timeout: time.Second}
	for {
		b.mu.Lock()
		all := slices.Clone(b.all)
		b.mu.Unlock()
		var healthy []int
		for _, port := range all {
			if _, err := send(ctx, client, http.MethodGet, "http://"+program.Address(port)+"/identity/healthz", nil, ""); err == nil {
				healthy = append(healthy, port)
			}
		}
		b.mu.Lock()
		b.healthy = healthy
		b.mu.Unlock()
		select {
		case <-ctx.Done():
			return
		case <-time.After(healthEvery):
		}
	}
}
