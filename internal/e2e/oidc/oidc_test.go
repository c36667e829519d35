// Package oidc_test has a real API server sign tokens for service accounts, and
// asks whether they are what identity/oidc takes them for: its key set, its
// discovery document, and its decision on every token that is right or wrong.
package oidc_test

import (
	"context"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/identity/jenkinsx"
	"github.com/groundway-sdk/groundway/identity/oidc"
	"github.com/groundway-sdk/groundway/internal/e2e/program"
	"github.com/groundway-sdk/groundway/pki"
)

const (
	issuer    = "https://d111111abcdef8.cloudfront.net"
	bootstrap = "bootstrap" // the token of a user who may do everything
)

// A cluster is etcd and the material that API servers are started with.
type cluster struct {
	t         *testing.T
	dir, etcd string
	inventory pki.Inventory
	bundle    pki.Bundle
}

func newCluster(t *testing.T) *cluster {
	t.Helper()
	inventory, err := pki.NewInventory(pki.Cluster{
		Name: "demo", APIExternal: "api.demo.example.com", APIAddresses: []netip.Addr{netip.MustParseAddr("127.0.0.1")},
		ServiceCIDR: netip.MustParsePrefix("10.3.0.0/16"), ConsoleHost: "console.demo.example.com",
	}, pki.InventoryOptions{})
	require.NoError(t, err)
	bundle, err := pki.Issue(inventory, pki.IssueOptions{Time: time.Now()})
	require.NoError(t, err)
	c := &cluster{t: t, dir: t.TempDir(), inventory: inventory, bundle: bundle}
	client, peer := program.FreePort(t), program.FreePort(t)
	c.etcd = "http://" + program.Address(client)
	peers := "http://" + program.Address(peer)
	p := program.Etcd.Start(t, "--data-dir", "data", "--unsafe-no-fsync", "--listen-client-urls", c.etcd, "--advertise-client-urls", c.etcd,
		"--listen-peer-urls", peers, "--initial-advertise-peer-urls", peers, "--initial-cluster", "default="+peers)
	require.NoError(t, p.Ready(program.Listening(client)))
	return c
}

// file writes a part of the bundle, and returns where.
func (c *cluster) file(id pki.ID, part pki.Part) string {
	c.t.Helper()
	m, _ := c.bundle.Get(id)
	text, err := m.PEM(part)
	require.NoError(c.t, err)
	path := filepath.Join(c.dir, strings.ReplaceAll(string(id), "/", "-")+"."+string(part))
	require.NoError(c.t, os.WriteFile(path, []byte(text.Reveal()), 0o600))
	return path
}

func (c *cluster) signs() crypto.PublicKey {
	m, _ := c.bundle.Get(pki.ServiceAccount)
	return m.Key.Public()
}

// A server is an API server.
type server struct {
	*program.Process
	c    *cluster
	port int
}

// start starts an API server with the bundle as it is.
func (c *cluster) start() server {
	c.t.Helper()
	s := server{c: c, port: program.FreePort(c.t)}
	users := filepath.Join(c.dir, "tokens.csv")
	require.NoError(c.t, os.WriteFile(users, []byte(bootstrap+",bootstrap,1,system:masters\n"), 0o600))
	s.Process = program.APIServer.Start(
		c.t,
		"--etcd-servers", c.etcd, "--bind-address", "127.0.0.1", "--secure-port", fmt.Sprint(s.port), "--cert-dir", "made",
		"--tls-cert-file", c.file(pki.APIServer, pki.PartCertificate), "--tls-private-key-file", c.file(pki.APIServer, pki.PartKey),
		// Loopback cannot be advertised, and nobody asks for this address.
		"--advertise-address", "192.0.2.1", "--endpoint-reconciler-type", "none", "--service-cluster-ip-range", "10.3.0.0/16",
		"--token-auth-file", users, "--authorization-mode", "RBAC", "--api-audiences", "https://kubernetes.default.svc",
		"--service-account-issuer", issuer, "--service-account-jwks-uri", issuer+oidc.KeySetPath,
		"--service-account-signing-key-file", c.file(pki.ServiceAccount, pki.PartKey),
		"--service-account-key-file", c.file(pki.ServiceAccount, pki.PartPublicKey),
	)
	require.NoError(c.t, s.Ready(func(ctx context.Context) error {
		_, err := s.send(ctx, http.MethodGet, "/readyz", "")
		return err
	}))
	return s
}

func (s server) send(ctx context.Context, method, path, body string) ([]byte, error) {
	pool := x509.NewCertPool()
	m, _ := s.c.bundle.Get(pki.KubeCA)
	for _, ca := range m.Certificates {
		pool.AddCert(ca)
	}
	client := &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: pool, ServerName: "api.demo.example.com"}, DisableKeepAlives: true,
	}, Timeout: 30 * time.Second}
	request, err := http.NewRequestWithContext(ctx, method, "https://"+program.Address(s.port)+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+bootstrap)
	request.Header.Set("Content-Type", "application/yaml")
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode >= 300 {
		err = fmt.Errorf("%s %s: %s: %s", method, path, response.Status, answer)
	}
	return answer, err
}

func (s server) do(method, path, body string) []byte {
	s.c.t.Helper()
	answer, err := s.send(s.c.t.Context(), method, path, body)
	require.NoError(s.c.t, err)
	return answer
}

// token asks the API server for a token as the webhook's volume does.
func (s server) token(namespace, name, audience string) groundway.Secret {
	s.c.t.Helper()
	body := "apiVersion: authentication.k8s.io/v1\nkind: TokenRequest\nspec:\n  expirationSeconds: 600\n"
	if audience != "" {
		body += fmt.Sprintf("  audiences: [%q]\n", audience)
	}
	var answer struct{ Status struct{ Token string } }
	require.NoError(s.c.t, json.Unmarshal(s.do(http.MethodPost, "/api/v1/namespaces/"+namespace+"/serviceaccounts/"+name+"/token", body), &answer))
	return groundway.NewSecret(answer.Status.Token)
}

func TestTokensOfTheAPIServer(t *testing.T) {
	c := newCluster(t)
	s := c.start()
	keys, err := oidc.KeySetOf(c.bundle)
	require.NoError(t, err)
	c.serves(s, keys)

	// The accounts of Jenkins X and one more, as their manifests have them.
	accounts := append(jenkinsx.ServiceAccounts(""), jenkinsx.ServiceAccount{Namespace: "jx", Name: "mine"})
	bindings, err := oidc.FromJenkinsX(accounts, map[string]string{"TektonBotPolicy": "arn:aws:iam::111122223333:policy/CFNTektonBotPolicy"})
	require.NoError(t, err)
	plan, err := oidc.NewPlan(oidc.Cluster{Name: "demo", Scope: iam.MustScope("us-east-1", "111122223333"), Mode: oidc.ModeIRSA, Issuer: issuer}, bindings)
	require.NoError(t, err)
	manifest, _, err := oidc.Annotate("accounts.yaml", nil, plan.Annotations)
	require.NoError(t, err)
	for _, namespace := range []string{"jx", "cert-manager"} {
		s.do(http.MethodPost, "/api/v1/namespaces", "apiVersion: v1\nkind: Namespace\nmetadata: {name: "+namespace+"}\n")
	}
	for i, document := range strings.Split(string(manifest), "---\n") {
		s.do(http.MethodPost, "/api/v1/namespaces/"+plan.Annotations[i].Namespace+"/serviceaccounts", document)
	}

	// Every account gets its own role, and none of the others.
	for _, b := range plan.Bindings {
		token := s.token(b.Namespace, b.ServiceAccount, iam.WebIdentityAudience)
		for _, r := range plan.Roles {
			d := decide(t, plan, keys, r, token, time.Now())
			assert.Equal(t, r.Name == b.Role, d.Allowed(), "%s for %s: %s", b.ServiceAccount, r.Name, d.Text)
			if r.Name != b.Role {
				assert.Equal(t, oidc.ReasonSubject, d.Reason)
			}
		}
		parsed, err := oidc.ParseToken(token)
		require.NoError(t, err)
		namespace, name, ok := parsed.ServiceAccount()
		assert.Equal(t, []any{b.Namespace, b.ServiceAccount, true}, []any{namespace, name, ok})
		assert.Equal(t, 10*time.Minute, parsed.Expires.Sub(parsed.IssuedAt))
	}

	// What is wrong with a token is what is said of it.
	role := plan.Roles[len(plan.Roles)-1]
	good := s.token("jx", "tekton-bot", iam.WebIdentityAudience)
	require.Equal(t, "demo-jx-tekton-bot", role.Name)
	parts := strings.Split(good.Reveal(), ".")
	other, err := pki.GenerateKey(pki.ECDSAP256)
	require.NoError(t, err)
	foreign, err := oidc.NewKeySet(other.Public())
	require.NoError(t, err)
	elsewhere := plan
	elsewhere.Provider.URL, elsewhere.Provider.ARN = "oidc.example.com", oidc.ProviderARN("aws", "111122223333", "https://oidc.example.com")
	for _, test := range []struct {
		name   string
		plan   oidc.Plan
		keys   oidc.KeySet
		token  groundway.Secret
		at     time.Duration
		reason oidc.Reason
	}{
		{"good", plan, keys, good, 0, ""},
		{"the audience of the API server", plan, keys, s.token("jx", "tekton-bot", ""), 0, oidc.ReasonClientID},
		{"another audience", plan, keys, s.token("jx", "tekton-bot", "vault"), 0, oidc.ReasonClientID},
		{"another account", plan, keys, s.token("jx", "mine", iam.WebIdentityAudience), 0, oidc.ReasonSubject},
		{"another issuer", elsewhere, keys, good, 0, oidc.ReasonIssuer},
		{"a key that is not published", plan, foreign, good, 0, oidc.ReasonKey},
		{"expired", plan, keys, good, 11 * time.Minute, oidc.ReasonExpired},
		{"before it was issued", plan, keys, good, -time.Minute, oidc.ReasonNotYet},
		{"unsigned", plan, keys, groundway.NewSecret(parts[0] + "." + parts[1] + "."), 0, oidc.ReasonUnsigned},
		{"alg none", plan, keys, groundway.NewSecret(base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + parts[1] + "."), 0, oidc.ReasonUnsigned},
		{"the claims of another", plan, keys, groundway.NewSecret(parts[0] + "." + strings.Split(s.token("jx", "mine", iam.WebIdentityAudience).Reveal(), ".")[1] + "." + parts[2]), 0, oidc.ReasonSignature},
	} {
		d := decide(t, test.plan, test.keys, role, test.token, time.Now().Add(test.at))
		assert.Equal(t, test.reason, d.Reason, "%s: %s", test.name, d.Text)
		assert.Equal(t, test.reason == "", d.Allowed(), test.name)
	}

	c.rotates(s, plan, role, keys, good)
}

// serves holds the API server's own documents against ours, byte for byte.
func (c *cluster) serves(s server, keys oidc.KeySet) {
	c.t.Helper()
	docs, err := oidc.NewDocuments(issuer, keys)
	require.NoError(c.t, err)
	for _, f := range docs.Files() {
		assert.Equal(c.t, string(f.Data), string(s.do(http.MethodGet, f.Path, "")), f.Path)
	}
}

func decide(t *testing.T, plan oidc.Plan, keys oidc.KeySet, r oidc.RolePlan, token groundway.Secret, at time.Time) oidc.Decision {
	t.Helper()
	d, err := oidc.Decide(oidc.WebIdentity{
		Token: token, Keys: keys, Provider: plan.Provider, Role: oidc.Role{ARN: r.ARN, Trust: r.Trust}, Time: at, SessionName: "pod",
	})
	require.NoError(t, err)
	return d
}

// rotates carries out a rotation of the key on API servers: what is published at
// each step takes the tokens of every key that has signed and may be in use.
func (c *cluster) rotates(s server, plan oidc.Plan, role oidc.RolePlan, keys oidc.KeySet, before groundway.Secret) {
	t := c.t
	t.Helper()
	c.inventory.ServiceAccountAlgorithm = pki.ECDSAP256
	rotation, err := pki.PlanRotation(c.inventory, c.bundle, pki.ServiceAccount, pki.RotateOptions{Time: time.Now(), Begin: true})
	require.NoError(t, err)
	next, _ := rotation.Steps[0].Bundle.Get(pki.ServiceAccount.Next())
	signs, err := oidc.KeyID(c.signs())
	require.NoError(t, err)
	published, err := oidc.PlanRotation(keys, signs, next.Key.Public(), oidc.RotateOptions{})
	require.NoError(t, err)
	require.Len(t, published, 3)
	require.Len(t, rotation.Steps, 4, "pki makes the key in a step of its own")
	for i, step := range published {
		require.Equal(t, rotation.Steps[i+1].To, step.To)
		s.Stop()
		c.bundle = rotation.Steps[i+1].Bundle
		s = c.start()
		served, err := oidc.ParseKeySet(s.do(http.MethodGet, oidc.KeySetPath, ""))
		require.NoError(t, err)
		assert.ElementsMatch(t, step.Keys.IDs(), served.IDs(), "what is published is what the API server trusts")
		token := s.token("jx", "tekton-bot", iam.WebIdentityAudience)
		parsed, err := oidc.ParseToken(token)
		require.NoError(t, err)
		assert.Equal(t, step.Ring.Signs, parsed.KeyID)
		// The set of this step, and that of the step before, take what is signed now.
		assert.True(t, decide(t, plan, step.Keys, role, token, time.Now()).Allowed(), step.To)
		assert.True(t, decide(t, plan, keys, role, token, time.Now()).Allowed(), step.To)
		old := decide(t, plan, step.Keys, role, before, time.Now())
		if step.To == pki.PhaseSteady {
			assert.Equal(t, oidc.ReasonKey, old.Reason, "once nothing of the key before is in use")
		} else {
			assert.True(t, old.Allowed(), old.Text)
		}
		keys = step.Keys
	}
	c.serves(s, keys)
}
