package identity_test

import (
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/identity"
	"github.com/groundway-sdk/groundway/identity/apiserver"
	"github.com/groundway-sdk/groundway/identity/dex"
	"github.com/groundway-sdk/groundway/identity/failure"
	"github.com/groundway-sdk/groundway/internal/e2e/program"
	"github.com/groundway-sdk/groundway/pki"
)

func httpClient() *http.Client { return &http.Client{Timeout: 20 * time.Second} }

// paths are where the API server takes objects of these kinds.
var paths = map[string]string{
	"ServiceAccount": "/api/v1/namespaces/%s/serviceaccounts", "ConfigMap": "/api/v1/namespaces/%s/configmaps", "Secret": "/api/v1/namespaces/%s/secrets",
	"Service": "/api/v1/namespaces/%s/services", "Deployment": "/apis/apps/v1/namespaces/%s/deployments",
	"Role": "/apis/rbac.authorization.k8s.io/v1/namespaces/%s/roles", "RoleBinding": "/apis/rbac.authorization.k8s.io/v1/namespaces/%s/rolebindings",
	"ClusterRole": "/apis/rbac.authorization.k8s.io/v1/clusterroles", "ClusterRoleBinding": "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
	"PodDisruptionBudget": "/apis/policy/v1/namespaces/%s/poddisruptionbudgets", "Ingress": "/apis/networking.k8s.io/v1/namespaces/%s/ingresses",
}

func pathOf(kind string) string {
	path := paths[kind]
	if strings.Contains(path, "%s") {
		path = fmt.Sprintf(path, namespace)
	}
	return path
}

// deploy makes the objects of dex, which the API server validates strictly, and
// returns a configuration of dex on Kubernetes storage by its own service account.
func (c *cluster) deploy(api server) dex.Config {
	c.t.Helper()
	api.do(http.MethodPost, "/api/v1/namespaces", "apiVersion: v1\nkind: Namespace\nmetadata: {name: "+namespace+"}\n")
	in := c.config
	in.GRPC.Addr = "0.0.0.0:5557"
	objects, err := dex.Objects(in, dex.DeploymentOptions{Image: "ghcr.io/dexidp/dex:v2.45.1", TLSSecret: "tectonic-ingress-tls-secret"})
	require.NoError(c.t, err)
	for _, o := range objects {
		api.do(http.MethodPost, pathOf(o.Kind)+"?fieldValidation=Strict", o.YAML.Reveal())
	}
	answer := api.do(http.MethodPost, pathOf("ServiceAccount")+"/tectonic-identity/token", "apiVersion: authentication.k8s.io/v1\nkind: TokenRequest\nspec: {expirationSeconds: 7200}\n")
	var request struct {
		Status struct {
			Token string `json:"token"`
		} `json:"status"`
	}
	require.NoError(c.t, json.Unmarshal(answer, &request))
	m := c.model
	m.Server = api.url()
	kubeconfig, err := apiserver.NewKubeConfig("demo", m, "dex", apiserver.UserConfig{Token: groundway.NewSecret(request.Status.Token)})
	require.NoError(c.t, err)
	kubeconfig.Contexts[0].Context.Namespace = namespace
	text, err := kubeconfig.YAML()
	require.NoError(c.t, err)
	config := c.config
	config.Storage.Config = dex.KubernetesStorage{KubeConfigFile: c.write("dex.kubeconfig", text.Reveal())}
	return config
}

// The scenarios of "Failure domains of Tectonic Identity" on the programs themselves,
// each against what Simulate says.
func TestFailureDomains(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	flags := c.startServer(c.byFlags())
	file := c.startServer(c.byFile())
	servers := map[string]server{"flags": flags, "file": file}
	config := c.deploy(flags)
	one := c.runDex(config)
	two := c.runDex(config)
	c.balancer.lead(one, two)
	eventually(t, 10*time.Second, func() error { return want(c.balancer.count(), 2) })

	model := failure.NewModel(config, 2)
	model.BreakGlass = failure.Yes
	simulate := func(o failure.Outage) failure.Result {
		r, err := failure.Simulate(model, o)
		require.NoError(t, err)
		return r
	}
	cut := func(r failure.Result, a failure.Activity, connector string) bool {
		e, ok := r.Of(a, connector)
		require.True(t, ok)
		return e.Cut && e.From.Least == e.From.Most
	}

	token, err := c.login()
	require.NoError(t, err)
	check := func(name string, token string) error {
		who, err := servers[name].whoAmI(token, nil)
		if err != nil {
			return err
		}
		if who.Username != "dex:"+jane || !strings.Contains(strings.Join(who.Groups, ","), "dex:operators") {
			return fmt.Errorf("jane is %+v", who)
		}
		return nil
	}
	for name := range servers {
		t.Logf("by %s: dex taken after %s", name, eventually(t, 30*time.Second, func() error { return check(name, token) }))
	}

	glass := c.breakGlass(flags)
	user, err := flags.whoAmI("", glass)
	require.NoError(t, err)
	assert.Equal(t, "jane", user.Username)
	assert.Contains(t, user.Groups, "break-glass")
	operate := func(api server) error {
		_, err := api.send(t.Context(), http.MethodGet, "/api/v1/namespaces/"+namespace+"/secrets", "", "", glass)
		return err
	}
	eventually(t, 10*time.Second, func() error { return operate(flags) })

	t.Run("probe", func(t *testing.T) { probe(t, c, one) })

	t.Run("one instance", func(t *testing.T) {
		two.Stop()
		r := simulate(failure.Outage{Kind: failure.OneInstance})
		assert.False(t, cut(r, failure.LogIn, "local"))
		// The balancer may ask the one that is gone until it looks again.
		eventually(t, 10*time.Second, func() error { return want(c.balancer.count(), 1) })
		for range 5 {
			_, err := c.login()
			assert.NoError(t, err)
		}
	})

	t.Run("the storage", func(t *testing.T) {
		r := simulate(failure.Outage{Kind: failure.StorageDown})
		binding := pathOf("RoleBinding") + "/tectonic-identity"
		saved := flags.do(http.MethodGet, binding, "")
		flags.do(http.MethodDelete, binding, "")
		assert.True(t, cut(r, failure.LogIn, "local"))
		eventually(t, 10*time.Second, func() error {
			_, err := c.get("/keys")
			return want(status(err), http.StatusInternalServerError)
		})
		_, err := c.login()
		assert.Error(t, err)
		_, err = c.get("/.well-known/openid-configuration")
		if c.balancer.count() > 0 {
			assert.NoError(t, err, "dex made the document when it started")
		}
		assert.False(t, cut(r, failure.UseToken, ""))
		assert.False(t, cut(r, failure.UseBreakGlass, ""))
		for name := range servers {
			assert.NoError(t, check(name, token), "what people hold goes on working")
		}
		assert.NoError(t, operate(flags))
		// Its health shows it within the 15 s in which dex looks.
		took := eventually(t, 25*time.Second, func() error { return want(c.balancer.count(), 0) })
		t.Logf("dex says that it is not healthy after %s", took)

		var object map[string]any
		require.NoError(t, json.Unmarshal(saved, &object))
		metadata := object["metadata"].(map[string]any)
		object["metadata"] = map[string]any{"name": metadata["name"], "namespace": metadata["namespace"]}
		again, err := json.Marshal(object)
		require.NoError(t, err)
		flags.do(http.MethodPost, pathOf("RoleBinding"), string(again))
		took = eventually(t, 40*time.Second, func() error { _, err := c.login(); return err })
		t.Logf("logins work again after %s", took)
	})

	t.Run("all instances", func(t *testing.T) {
		one.Stop()
		r := simulate(failure.Outage{Kind: failure.AllInstances})
		assert.True(t, cut(r, failure.LogIn, "local"))
		eventually(t, 10*time.Second, func() error { return want(c.balancer.count(), 0) })
		_, err := c.login()
		assert.Equal(t, http.StatusServiceUnavailable, status(err))
		assert.False(t, cut(r, failure.UseToken, ""))
		for name := range servers {
			assert.NoError(t, check(name, token), "tokens live on")
		}
		assert.NoError(t, operate(flags))
		assert.Empty(t, failedCodes(probeOf(t, c, failure.ProbeOptions{}), "identity/probe-keys"), "what follows is not said twice")

		r = simulate(failure.Outage{Kind: failure.AllAndRestart})
		assert.False(t, cut(r, failure.StartServer, ""))
		assert.True(t, cut(r, failure.UseToken, ""))
		begin := time.Now()
		file.Restart(t)
		file.ready()
		t.Logf("an API server is ready without dex %s after it was started anew", time.Since(begin))
		assert.Equal(t, http.StatusUnauthorized, status(check("file", token)), "it has no keys")
		assert.NoError(t, check("flags", token), "the other one has")
		assert.NoError(t, operate(file))

		three := c.runDex(config)
		c.balancer.lead(three)
		took := eventually(t, time.Minute, func() error { return check("file", token) })
		t.Logf("it takes the token %s after dex is back", took)
		// It asks every 10 s; the balancer looks every 200 ms.
		assert.Less(t, took, 10*time.Second+5*time.Second)
		_, err = c.login()
		assert.NoError(t, err)
	})
}

// want is an error unless two values are the same.
func want[T comparable](got, want T) error {
	if got != want {
		return fmt.Errorf("got %v, want %v", got, want)
	}
	return nil
}

// breakGlass makes the way in that needs no dex, and binds its group.
func (c *cluster) breakGlass(api server) *tls.Certificate {
	c.t.Helper()
	issuer, err := c.bundle.Issuer(pki.AuthorityKube)
	require.NoError(c.t, err)
	m := c.model
	m.Server = api.url()
	glass, err := apiserver.NewBreakGlass(issuer, apiserver.BreakGlassOptions{
		Time: time.Now(), Cluster: "demo", Model: m, User: "jane", Trusts: [][]byte{c.read(c.name(pki.KubeCA, pki.PartCertificate))},
	})
	require.NoError(c.t, err)
	api.do(http.MethodPost, pathOf("ClusterRoleBinding")+"?fieldValidation=Strict", string(glass.Binding))
	u := glass.KubeConfig.Users[0].User
	key, err := base64.StdEncoding.DecodeString(u.ClientKeyData.Reveal())
	require.NoError(c.t, err)
	pair, err := tls.X509KeyPair(u.ClientCertificateData, key)
	require.NoError(c.t, err)
	return &pair
}

func probeOf(t *testing.T, c *cluster, o failure.ProbeOptions) []groundway.Finding {
	t.Helper()
	findings, err := failure.Probe(t.Context(), c.client(), c.model.Issuer, o)
	require.NoError(t, err)
	return findings
}

// failedCodes returns the codes that failed, of those with a prefix.
func failedCodes(findings []groundway.Finding, prefix string) []string {
	var codes []string
	for _, f := range findings {
		if f.Outcome == groundway.Failed && strings.HasPrefix(string(f.Code), prefix) {
			codes = append(codes, string(f.Code))
		}
	}
	return codes
}

// probe asks the live issuer: all is well but for the age of the keys, which is dex's
// own, until the ingress says another one. And a misspelt client authority shows.
func probe(t *testing.T, c *cluster, i instance) {
	o := failure.ProbeOptions{Time: time.Now(), Roots: c.roots(pki.IngressCA), GRPC: program.Address(i.grpc)}
	assert.Equal(t, []string{"identity/probe-keys-age"}, failedCodes(probeOf(t, c, o), "identity/"))
	c.balancer.maxAge.Store(30)
	assert.Empty(t, failedCodes(probeOf(t, c, o), "identity/"))
	c.balancer.maxAge.Store(0)
	open := fmt.Sprintf(`issuer: "http://127.0.0.1/identity"
storage: {type: "memory"}
web: {http: %q}
grpc: {addr: %q, tlsCert: %q, tlsKey: %q, tlsClientCAs: %q}
enablePasswordDB: true
`, program.Address(program.FreePort(t)), program.Address(program.FreePort(t)), c.cert(pki.IdentityServer), c.key(pki.IdentityServer), c.cert(pki.KubeCA))
	config, err := dex.Parse("dex.yaml", []byte(strings.Replace(open, "tlsClientCAs", "tlsClientCA", 1)))
	require.NoError(t, err)
	p := program.Dex.Start(t, "serve", c.write("open.yaml", open))
	require.NoError(t, p.Ready(serving(p, "server=grpc", portOf(t, config.GRPC.Addr))))
	o.GRPC = config.GRPC.Addr
	assert.Contains(t, failedCodes(probeOf(t, c, o), "identity/"), "identity/probe-grpc-open", "dex passed over the key that was meant to protect it")
}

// The files of the cluster agree, as the packages read them.
func TestFilesAgree(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	rendered, err := dex.Render(c.config)
	require.NoError(t, err)
	one, err := dex.SideOfText("config.yaml", rendered.Config)
	require.NoError(t, err)
	flags := c.byFile()
	two, err := apiserver.SideOfText("authentication.yaml", c.read("authentication.yaml"), flags)
	require.NoError(t, err)
	three := apiserver.Config{Flags: c.byFlags()}.Side("flags", map[string][]byte{c.cert(pki.IngressCA): c.read(c.name(pki.IngressCA, pki.PartCertificate))})
	findings := identity.Check(identity.CheckOptions{Ingress: c.read(c.name(pki.IngressServer, pki.PartCertificate)), Time: time.Now()}, one, two, three)
	assert.Empty(t, failedCodes(findings, "identity/"))
}
