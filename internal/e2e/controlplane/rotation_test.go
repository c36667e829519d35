package controlplane_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/pki"
)

// A plane is a control plane that serves from one directory, whose files a
// rotation replaces under it.
type plane struct {
	t         *testing.T
	m         material
	inventory pki.Inventory
	etcd      member
	dex, api  server
	issuer    string
	users     int // the port at which dex serves users
	kubelet   peer
	extension peer
	operator  operator
}

// startPlane starts a member of etcd, dex and the API server, with a kubelet and
// an extension API server of the test's own that read their files at every
// handshake.
func startPlane(t *testing.T, inventory pki.Inventory) *plane {
	t.Helper()
	b, err := pki.Issue(inventory, pki.IssueOptions{Time: time.Now()})
	require.NoError(t, err)
	p := &plane{t: t, inventory: inventory, m: written(t, b, pki.KubeadmLayout())}
	p.etcd = startEtcd(t, p.m, 1)[0]
	p.dex, p.issuer = startDex(t, p.m, dexOptions{})
	_, err = fmt.Sscanf(strings.TrimPrefix(p.issuer, "https://"+cluster.ConsoleHost), ":%d", &p.users)
	require.NoError(t, err)
	require.NoError(t, p.etcd.serves())
	require.NoError(t, p.dex.serves())
	p.api = startAPIServer(t, p.m, []member{p.etcd}, apiserverOptions{issuer: p.issuer, allowAll: true})
	require.NoError(t, p.api.serves())

	own := newAuthority(t, "extension-ca")
	template := leaf(t, "extension")
	template.DNSNames = []string{"extension.default.svc"}
	extension := own.issue(t, template, nil).loaded(t)
	p.kubelet = p.reading(pki.AuthorityKube, func() (tls.Certificate, error) {
		return tls.LoadX509KeyPair(p.m.cert(pki.KubeletOf(node)), p.m.key(pki.KubeletOf(node)))
	}, "said in the container")
	p.extension = p.reading(pki.AuthorityFrontProxy, func() (tls.Certificate, error) { return extension, nil },
		`{"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": "example.com/v1", "resources": []}`)
	p.operator = operator{t, nil, p.api.url(), bearer(bootstrapToken)}
	p.connect(p.m)
	p.operator.eventually(http.MethodPost, "/api/v1/nodes", nodeObject(p.kubelet.port))
	p.operator.eventually(http.MethodPost, "/api/v1/namespaces/default/serviceaccounts",
		`{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"}}`)
	p.operator.do(http.MethodPost, "/api/v1/namespaces/default/pods", podObject)
	p.operator.do(http.MethodPost, "/api/v1/namespaces/default/services", serviceObject)
	p.operator.do(http.MethodPost, "/apis/apiregistration.k8s.io/v1/apiservices", apiServiceObject(own, p.extension.port))
	return p
}

// connect has the operator trust what the material does.
func (p *plane) connect(m material) {
	p.operator.client = newClient(p.t, m.config(p.t, pki.AuthorityKube, apiName, ""))
}

// reading starts a peer that reads its files, and whom it trusts, at every
// handshake, of which it has one a request.
func (p *plane) reading(clients pki.Authority, pair func() (tls.Certificate, error), answer string) peer {
	return startPeer(p.t, &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
		cert, err := pair()
		if err != nil {
			return nil, err
		}
		b, err := p.m.layout.Read(os.DirFS(p.m.dir), pki.ReadOptions{})
		if err != nil {
			return nil, err
		}
		return &tls.Config{
			Certificates: []tls.Certificate{cert}, ClientAuth: tls.RequireAndVerifyClientCert,
			ClientCAs: material{bundle: b}.roots(clients), NextProtos: []string{"http/1.1"},
		}, nil
	}}, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Connection", "close")
		if answer[0] == '{' {
			w.Header().Set("Content-Type", "application/json")
		}
		_, _ = w.Write([]byte(answer))
	})
}

// snapshot copies the files as they are, for clients that keep them.
func (p *plane) snapshot() material {
	b := p.m.reread(p.t)
	b.Leftovers = nil
	return written(p.t, b, p.m.layout)
}

// take writes a step, and restarts those whom the plan says to restart.
func (p *plane) take(s pki.RotationStep) (restarted map[pki.Program]bool) {
	p.t.Helper()
	_, err := p.m.layout.Write(p.t.Context(), p.m.dir, s.Bundle, pki.WriteOptions{Replace: s.Changed, Remove: s.Removed})
	require.NoError(p.t, err)
	restarted = map[pki.Program]bool{}
	for _, u := range s.Readers {
		if !u.Reloads() {
			restarted[u.Program] = true
		}
	}
	// dex serves the console's users here, in place of an ingress controller.
	restarted[pki.ProgramDex] = restarted[pki.ProgramDex] || restarted[pki.ProgramIngress]
	for _, x := range []struct {
		program pki.Program
		server
	}{{pki.ProgramEtcd, p.etcd.server}, {pki.ProgramDex, p.dex}, {pki.ProgramAPIServer, p.api}} {
		if restarted[x.program] {
			x.Restart(p.t)
			require.NoError(p.t, x.serves())
		}
	}
	return restarted
}

// eventually asks until the answer is right: the API server reads new files a
// moment after they are written.
func (p *plane) eventually(what string, ask func() error) {
	p.t.Helper()
	var err error
	for end := time.Now().Add(90 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if err = ask(); err == nil {
			return
		}
	}
	require.NoError(p.t, err, what)
}

// with returns the configuration of a client that trusts what one material does
// and shows what the other has.
func (p *plane) with(trusts, shows material, trust pki.Authority, name string, id pki.ID) *tls.Config {
	config := shows.config(p.t, trust, name, id)
	config.RootCAs = trusts.roots(trust)
	return config
}

// serves requires that clients of both materials, and of their mixtures, are
// served, and that the servers reach each other.
func (p *plane) serves(old, now material, say string) {
	p.t.Helper()
	p.connect(now)
	for i, trusts := range []material{old, now} {
		for k, shows := range []material{old, now} {
			mix := fmt.Sprintf("%s, %d trusts and %d shows", say, i, k)
			p.eventually(mix+": etcd", func() error {
				return etcdGateway(p.t, p.etcd.server, p.with(trusts, shows, pki.AuthorityEtcd, etcdName, pki.EtcdClient))
			})
			p.eventually(mix+": dex", func() error {
				return dexVersion(p.t, p.dex, p.with(trusts, shows, pki.AuthorityKube, identityName, pki.IdentityClient))
			})
			p.eventually(mix+": API server", func() error {
				who, err := whoAmI(p.t, p.api, p.with(trusts, shows, pki.AuthorityKube, apiName, pki.Admin), nil)
				if err == nil && who.Username != "kubernetes-admin" {
					err = fmt.Errorf("the administrator is %q", who.Username)
				}
				return err
			})
			p.eventually(mix+": front proxy", func() error {
				who, err := whoAmI(p.t, p.api, p.with(trusts, shows, pki.AuthorityKube, apiName, pki.FrontProxyClient),
					http.Header{"X-Remote-User": {"alice"}})
				if err == nil && who.Username != "alice" {
					err = fmt.Errorf("alice is %q", who.Username)
				}
				return err
			})
		}
		p.eventually(say+": console", func() error {
			_, err := send(p.t.Context(), newClient(p.t, trusts.config(p.t, pki.AuthorityIngress, "", "")),
				http.MethodGet, p.issuer+"/.well-known/openid-configuration", nil, "")
			return err
		})
	}
	for what, path := range map[string]string{
		"etcd behind the API server": "/readyz?verbose", "kubelet": "/api/v1/namespaces/default/pods/demo/log", "extension": "/apis/example.com/v1/things",
	} {
		p.eventually(say+": "+what, func() error {
			_, err := p.operator.try(http.MethodGet, path, "")
			return err
		})
	}
}

// shows requires that the servers show what is in their files by now, to clients
// and to each other.
func (p *plane) shows(now material, say string) {
	p.t.Helper()
	for id, port := range map[pki.ID]int{
		pki.EtcdServer: p.etcd.port, pki.EtcdPeer: p.etcd.peer, pki.APIServer: p.api.port, pki.IdentityServer: p.dex.port, pki.IngressServer: p.users,
	} {
		p.eventually(say+": "+string(id), func() error {
			got, err := presented(p.t.Context(), port)
			if err == nil && !got.Equal(now.bundle.Materials[id].Certificate()) {
				err = fmt.Errorf("it is not %s of the file", id)
			}
			return err
		})
	}
	for _, x := range []struct {
		peer
		path string
		id   pki.ID
	}{
		{p.kubelet, "/api/v1/namespaces/default/pods/demo/log", pki.KubeletClient},
		{p.extension, "/apis/example.com/v1/things", pki.FrontProxyClient},
	} {
		p.eventually(say+": what the API server shows of "+string(x.id), func() error {
			for range len(x.seen) {
				<-x.seen
			}
			if _, err := p.operator.try(http.MethodGet, x.path, ""); err != nil {
				return err
			}
			r := <-x.seen
			if got, want := string(chain(r)), string(read(p.t, now.cert(x.id))); got != want {
				return fmt.Errorf("it is not %s of the file", x.id)
			}
			return nil
		})
	}
}

// After each step of each rotation the servers, of which only those are restarted
// that the plan names, serve old and new clients; at the end only new ones.
func TestRotation(t *testing.T) {
	for _, id := range []pki.ID{pki.EtcdCA, pki.KubeCA, pki.IngressCA, pki.FrontProxyCA, pki.ServiceAccount} {
		t.Run(string(id), func(t *testing.T) {
			t.Parallel()
			p := startPlane(t, inventoryOf(t, pki.DefaultAlgorithm))
			first := p.snapshot()
			p.serves(first, first, "at first")
			token := p.token()
			old, steps := first, 0
			for begin := true; ; begin = false {
				plan, err := pki.PlanRotation(p.inventory, p.m.reread(t), id, pki.RotateOptions{Time: time.Now(), Begin: begin})
				require.NoError(t, err)
				if len(plan.Steps) == 0 {
					break
				}
				step := plan.Steps[0]
				require.Empty(t, step.Broken)
				restarted := p.take(step)
				now := p.snapshot()
				say := string(id) + " is " + step.To.String()
				p.serves(old, now, say)
				p.shows(now, say)
				if restarted[pki.ProgramAPIServer] { // it has no older keys of dex then
					proveUsers(t, now, p.api, p.issuer)
				}
				p.takes(token, step.To != pki.PhaseSteady || id != pki.ServiceAccount, say)
				assert.NoError(t, serviceAccountToken(t, p.api, now.config(t, pki.AuthorityKube, apiName, pki.Admin)), say)
				if step.To != pki.PhaseSteady { // who has kept the first certificates, and was told whom to trust
					p.serves(material{first.dir, first.layout, now.bundle}, now, say+", with the first certificates")
				}
				old = now
				steps++
			}
			assert.Equal(t, 4, steps)
			p.refuses(id, first)
			clean(t, p.m, p.inventory)
		})
	}
}

// token has the API server sign a token for a service account.
func (p *plane) token() string {
	p.t.Helper()
	require.NoError(p.t, serviceAccountToken(p.t, p.api, p.m.config(p.t, pki.AuthorityKube, apiName, pki.Admin)))
	token, err := p.operator.token("/api/v1/namespaces/default/serviceaccounts/robot/token")
	require.NoError(p.t, err)
	return token
}

// takes requires that the API server takes the token, or does not.
func (p *plane) takes(token string, want bool, say string) {
	p.t.Helper()
	p.eventually(say+": the first token", func() error {
		who, err := whoAmI(p.t, p.api, p.m.live(p.t).config(p.t, pki.AuthorityKube, apiName, ""), bearer(token))
		if got := err == nil && who.Username == "system:serviceaccount:default:robot"; got != want {
			return fmt.Errorf("it is taken: %t, want %t: %v", got, want, err)
		}
		return nil
	})
}

// live is the material as its files are now.
func (m material) live(t *testing.T) material {
	m.bundle = m.reread(t)
	return m
}

// refuses requires that nobody trusts what was rotated, and that it trusts
// nobody of today.
func (p *plane) refuses(id pki.ID, first material) {
	p.t.Helper()
	now := p.m.live(p.t)
	switch id {
	case pki.EtcdCA:
		assert.ErrorContains(p.t, etcdRead(p.t, p.etcd.server, p.with(now, first, pki.AuthorityEtcd, etcdName, pki.EtcdClient)), "tls: unknown certificate authority")
		assert.ErrorContains(p.t, etcdRead(p.t, p.etcd.server, p.with(first, now, pki.AuthorityEtcd, etcdName, pki.EtcdClient)), "certificate signed by unknown authority")
	case pki.KubeCA:
		p.eventually("the first administrator is refused", func() error {
			_, err := whoAmI(p.t, p.api, p.with(now, first, pki.AuthorityKube, apiName, pki.Admin), nil)
			if err == nil {
				return fmt.Errorf("it is not")
			}
			return nil
		})
		assert.ErrorContains(p.t, dexVersion(p.t, p.dex, p.with(now, first, pki.AuthorityKube, identityName, pki.IdentityClient)), "tls: unknown certificate authority")
		assert.ErrorContains(p.t, dexVersion(p.t, p.dex, p.with(first, now, pki.AuthorityKube, identityName, pki.IdentityClient)), "certificate signed by unknown authority")
	case pki.FrontProxyCA:
		p.eventually("the first front proxy is refused", func() error {
			who, err := whoAmI(p.t, p.api, p.with(now, first, pki.AuthorityKube, apiName, pki.FrontProxyClient), http.Header{"X-Remote-User": {"alice"}})
			if err == nil && who.Username == "alice" {
				return fmt.Errorf("it is not")
			}
			return nil
		})
	case pki.IngressCA:
		_, err := send(p.t.Context(), newClient(p.t, first.config(p.t, pki.AuthorityIngress, "", "")), http.MethodGet, p.issuer+"/.well-known/openid-configuration", nil, "")
		assert.ErrorContains(p.t, err, "certificate signed by unknown authority")
	}
}

// presented returns the certificate that a server shows, whatever it is.
func presented(ctx context.Context, port int) (*x509.Certificate, error) {
	var shown *x509.Certificate
	config := &tls.Config{InsecureSkipVerify: true, VerifyConnection: func(s tls.ConnectionState) error {
		shown = s.PeerCertificates[0]
		return nil
	}}
	conn, err := (&tls.Dialer{Config: config}).DialContext(ctx, "tcp", address(port))
	if err != nil {
		return nil, err
	}
	return shown, conn.Close()
}

// The API server takes clients of an authority that comes into its file while it
// runs.
func TestAPIServerReadsItsClientAuthority(t *testing.T) {
	t.Parallel()
	inventory := inventoryOf(t, pki.DefaultAlgorithm)
	b, err := pki.Issue(inventory, pki.IssueOptions{Time: time.Now()})
	require.NoError(t, err)
	plan, err := pki.PlanRotation(inventory, b, pki.KubeCA, pki.RotateOptions{Time: time.Now(), Begin: true})
	require.NoError(t, err)
	m, later := written(t, b, pki.KubeadmLayout()), written(t, plan.Steps[2].Bundle, pki.KubeadmLayout())
	e := startEtcd(t, m, 1)[0]
	require.NoError(t, e.serves())
	s := startAPIServer(t, m, []member{e}, apiserverOptions{allowAll: true})
	require.NoError(t, s.serves())
	config := m.config(t, pki.AuthorityKube, apiName, "")
	config.GetClientCertificate = later.config(t, pki.AuthorityKube, apiName, pki.Admin).GetClientCertificate
	ask := func(context.Context) error {
		_, err := whoAmI(t, s, config, nil)
		return err
	}
	require.ErrorContains(t, ask(t.Context()), unauthorized)
	for _, step := range plan.Steps[:2] {
		_, err = m.layout.Write(t.Context(), m.dir, step.Bundle, pki.WriteOptions{Replace: step.Changed})
		require.NoError(t, err)
	}
	require.NoError(t, s.Ready(ask))
}

// The API server shows etcd the client certificate of its file as it is now: it
// reaches a member that has changed its authority without being restarted itself.
func TestAPIServerReadsItsEtcdCertificate(t *testing.T) {
	t.Parallel()
	inventory := inventoryOf(t, pki.DefaultAlgorithm)
	b, err := pki.Issue(inventory, pki.IssueOptions{Time: time.Now()})
	require.NoError(t, err)
	plan, err := pki.PlanRotation(inventory, b, pki.EtcdCA, pki.RotateOptions{Time: time.Now(), Begin: true})
	require.NoError(t, err)
	published, switched, retired := plan.Steps[1], plan.Steps[2], plan.Steps[3]
	own, api := written(t, published.Bundle, pki.KubeadmLayout()), written(t, published.Bundle, pki.KubeadmLayout())
	e := startEtcd(t, own, 1)[0]
	require.NoError(t, e.serves())
	s := startAPIServer(t, api, []member{e}, apiserverOptions{allowAll: true})
	require.NoError(t, s.serves())
	client := newClient(t, api.config(t, pki.AuthorityKube, apiName, pki.Admin))
	ready := func(ctx context.Context) error {
		_, err := send(ctx, client, http.MethodGet, s.url()+"/readyz", nil, "")
		return err
	}
	require.NoError(t, s.Ready(ready))

	_, err = own.layout.Write(t.Context(), own.dir, switched.Bundle, pki.WriteOptions{Replace: switched.Changed, Remove: switched.Removed})
	require.NoError(t, err)
	_, err = own.layout.Write(t.Context(), own.dir, retired.Bundle, pki.WriteOptions{Replace: retired.Changed})
	require.NoError(t, err)
	e.Restart(t)
	require.NoError(t, e.serves())
	// What the API server says of etcd is up to a second old.
	require.Eventually(t, func() bool { return ready(t.Context()) != nil }, 20*time.Second, 100*time.Millisecond,
		"its certificate is of the authority before")
	_, err = api.layout.Write(t.Context(), api.dir, switched.Bundle, pki.WriteOptions{Replace: switched.Changed, Remove: switched.Removed})
	require.NoError(t, err)
	require.NoError(t, s.Ready(ready))
}
