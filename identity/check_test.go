package identity_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/identity"
	"github.com/groundway-sdk/groundway/internal/findingtest"
)

var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

const issuer = "https://console.example.com/identity"

// pair returns an authority and a certificate under it, as PEM.
func pair(t *testing.T, name string) (ca, leaf []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: noon.Add(-time.Hour), NotAfter: noon.Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	parent, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	child := &x509.Certificate{SerialNumber: big.NewInt(2), DNSNames: []string{"console.example.com"}, NotBefore: template.NotBefore, NotAfter: template.NotAfter}
	leafDER, err := x509.CreateCertificate(rand.Reader, child, parent, key.Public(), key)
	require.NoError(t, err)
	block := func(der []byte) []byte { return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}) }
	return block(der), block(leafDER)
}

func value(text, path string) identity.Value { return identity.Value{Text: text, Path: path} }

// The sides of a cluster that agrees.
func sides(ca string) (dex, api, kube identity.Side) {
	dex = identity.Side{
		Program: identity.Dex, File: "dex.yaml", Issuers: []identity.Value{value(issuer, "dex.yaml:1:9")},
		Clients: []identity.Peer{{ID: value("console", "dex.yaml:20:9")}, {ID: value("kubectl", "dex.yaml:22:9"), Trusted: []string{"console"}}},
	}
	api = identity.Side{
		Program: identity.APIServer, File: "flags", Issuers: []identity.Value{value(issuer, "--oidc-issuer-url")},
		Audiences:             []identity.IssuerValue{{Issuer: issuer, Value: value("kubectl", "--oidc-client-id")}},
		CAs:                   []identity.IssuerValue{{Issuer: issuer, Value: value(ca, "--oidc-ca-file")}},
		ServiceAccountIssuers: []identity.Value{value("https://api.example.com", "--service-account-issuer")},
		Algorithms:            []identity.Value{value("RS256", "--oidc-signing-algs")},
		UserClaims:            []identity.IssuerValue{{Issuer: issuer, Value: value("email", "--oidc-username-claim")}},
		GroupClaims:           []identity.IssuerValue{{Issuer: issuer, Value: value("groups", "--oidc-groups-claim")}},
	}
	kube = identity.Side{
		Program: identity.Kubeconfig, File: "config", Issuers: []identity.Value{value(issuer, "config:9:3")},
		Clients: []identity.Peer{{ID: value("kubectl", "config:10:3")}}, CAs: []identity.IssuerValue{{Issuer: issuer, Value: value(ca, "config:11:3")}},
		Scopes: []identity.Value{value("email", "config:12:3"), value("groups", "config:12:3")},
	}
	return dex, api, kube
}

func TestCheck(t *testing.T) {
	t.Parallel()
	ca, leaf := pair(t, "ingress-ca")
	other, _ := pair(t, "other-ca")
	o := identity.CheckOptions{Ingress: leaf, Time: noon}
	ledger := findingtest.Ledger{}
	for _, test := range []struct {
		name  string
		edit  func(o *identity.CheckOptions, dex, api, kube *identity.Side)
		leave string // a side that is not given
		fails []string
		says  string
	}{
		{name: "all agree"},
		{"a slash", func(_ *identity.CheckOptions, _, api, _ *identity.Side) {
			api.Issuers[0].Text += "/"
			api.Audiences[0].Issuer += "/"
		}, "", []string{"agree-issuer", "agree-client-refused"}, `kube-apiserver (flags) has the issuer "https://console.example.com/identity/", and dex is "https://console.example.com/identity": one ends in a slash.`},
		{"http", func(_ *identity.CheckOptions, _, _, kube *identity.Side) {
			kube.Issuers[0].Text = "http://console.example.com/identity"
		}, "", []string{"agree-issuer", "agree-client-refused"}, "one is http."},
		{"a port", func(_ *identity.CheckOptions, dex, _, _ *identity.Side) {
			dex.Issuers[0].Text = "https://console.example.com:443/identity"
		}, "", []string{"agree-issuer"}, "one has the port that https has anyway."},
		{"a capital", func(_ *identity.CheckOptions, dex, _, _ *identity.Side) {
			dex.Issuers[0].Text = "https://Console.example.com/identity"
		}, "", []string{"agree-issuer"}, "capitals differ."},
		{"a path", func(_ *identity.CheckOptions, dex, _, _ *identity.Side) { dex.Issuers[0].Text = issuer + "/dex" }, "", []string{"agree-issuer"}, "one has a longer path."},
		{"another issuer beside it", func(_ *identity.CheckOptions, _, api, _ *identity.Side) {
			api.Issuers = append(api.Issuers, value("https://issuer.example.com", "auth.yaml:9:3"))
		}, "", nil, ""},
		{"another issuer", func(_ *identity.CheckOptions, dex, _, _ *identity.Side) {
			dex.Issuers[0].Text = "https://other.example.com"
		}, "", []string{"agree-issuer"}, "they are not the same."},
		{"an audience of nobody", func(_ *identity.CheckOptions, _, api, _ *identity.Side) { api.Audiences[0].Text = "kubernetes" }, "", []string{"agree-audience-unknown", "agree-client-refused"}, `takes tokens for "kubernetes", which is no client of dex.`},
		{"a client of nobody", func(_ *identity.CheckOptions, _, _, kube *identity.Side) { kube.Clients[0].ID.Text = "kubelogin" }, "", []string{"agree-client-unknown", "agree-client-refused"}, `logs in as "kubelogin", which is no client of dex.`},
		{"a client that is refused", func(_ *identity.CheckOptions, _, _, kube *identity.Side) { kube.Clients[0].ID.Text = "console" }, "", []string{"agree-client-refused"}, `whose tokens the API server (flags) refuses.`},
		{"a client that is trusted", func(_ *identity.CheckOptions, _, _, kube *identity.Side) {
			kube.Clients[0].ID.Text = "console"
			kube.Scopes = append(kube.Scopes, value("audience:server:client_id:kubectl", "config:12:3"))
		}, "", nil, ""},
		{"another authority", func(_ *identity.CheckOptions, _, _, kube *identity.Side) { kube.CAs[0].Text = string(other) }, "", []string{"agree-ca", "agree-ca-ingress"}, "verifies the issuer by other-ca (SHA-256 "},
		{"no authority", func(_ *identity.CheckOptions, _, _, kube *identity.Side) { kube.CAs[0].Text = "garbage" }, "", []string{"agree-ca"}, "by a text without a certificate."},
		{"one issuer for all", func(_ *identity.CheckOptions, _, api, _ *identity.Side) { api.ServiceAccountIssuers[0].Text = issuer }, "", []string{"agree-serviceaccount-issuer"}, "for people and for service accounts."},
		{"another algorithm", func(_ *identity.CheckOptions, _, api, _ *identity.Side) { api.Algorithms[0].Text = "ES256" }, "", []string{"agree-algorithm"}, "takes ES256, and dex signs with RS256."},
		{"a login elsewhere beside it", func(_ *identity.CheckOptions, _, _, kube *identity.Side) {
			kube.Issuers = append(kube.Issuers, value("https://login.example.org", "config:20:3"))
			kube.Clients = append(kube.Clients, identity.Peer{ID: value("elsewhere", "config:21:3")})
			kube.CAs = append(kube.CAs, identity.IssuerValue{Issuer: "https://login.example.org", Value: value(string(other), "config:22:3")})
		}, "", nil, ""},
		{"a login elsewhere before it", func(_ *identity.CheckOptions, _, _, kube *identity.Side) {
			kube.Issuers = append([]identity.Value{value("https://login.example.org", "config:7:3")}, kube.Issuers...)
			kube.Clients = append([]identity.Peer{{ID: value("elsewhere", "config:8:3")}}, kube.Clients...)
		}, "", nil, ""},
		{"a claim of another issuer", func(_ *identity.CheckOptions, _, api, _ *identity.Side) {
			api.Issuers = append(api.Issuers, value("https://login.example.org", "auth.yaml:9:9"))
			api.UserClaims = append(api.UserClaims, identity.IssuerValue{Issuer: "https://login.example.org", Value: value("preferred_username", "auth.yaml:12:9")})
		}, "", nil, ""},
		{"scopes that it does not say", func(_ *identity.CheckOptions, _, _, kube *identity.Side) { kube.Scopes = nil }, "", nil, "the kubeconfig does not say which scopes its login asked for"},
		{"no groups", func(_ *identity.CheckOptions, _, _, kube *identity.Side) { kube.Scopes = kube.Scopes[:1] }, "", []string{"agree-scope"}, "does not ask for the scope groups, and the API server maps the claim groups."},
		{name: "dex unseen", leave: "dex"},
		{name: "the API server unseen", leave: "api"},
		{name: "the kubeconfig unseen", leave: "kube"},
		{name: "the ingress unseen", edit: func(o *identity.CheckOptions, _, _, _ *identity.Side) { o.Ingress = nil }},
		{name: "no time", edit: func(o *identity.CheckOptions, _, _, _ *identity.Side) { o.Time = time.Time{} }},
		{"the ingress has ended", func(o *identity.CheckOptions, _, _, _ *identity.Side) { o.Time = noon.Add(2 * time.Hour) }, "", []string{"agree-ca-ingress"}, "does not verify the certificate of the ingress: certificate has expired or is not yet valid"},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := o
			dex, api, kube := sides(string(ca))
			if test.edit != nil {
				test.edit(&o, &dex, &api, &kube)
			}
			all := map[string]identity.Side{"dex": dex, "api": api, "kube": kube}
			delete(all, test.leave)
			var list []identity.Side
			for _, name := range []string{"kube", "api", "dex"} {
				if s, ok := all[name]; ok {
					list = append(list, s)
				}
			}
			findings := identity.Check(o, list...)
			assert.ElementsMatch(t, test.fails, findingtest.Outcomes(findings, groundway.Failed))
			ledger.Hold(t, findingtest.Contract{Rules: rulesOf("agree-"), Sources: []string{"caller"}}, findings)
			assert.Contains(t, findingtest.Text(t, findings), test.says)
		})
	}
	ledger.Complete(t, rulesOf("agree-"), "agree-issuer", "agree-audience-unknown", "agree-client-unknown", "agree-client-refused", "agree-ca-ingress", "agree-scope")
	// Nothing at all is no verdict.
	assert.Empty(t, findingtest.Outcomes(identity.Check(identity.CheckOptions{}), groundway.Passed))
}

func TestRules(t *testing.T) {
	t.Parallel()
	findingtest.Rules(t, "identity", identity.Rules)
}

func TestModelCheck(t *testing.T) {
	t.Parallel()
	ca, _ := pair(t, "ca")
	good := func() identity.Model {
		return identity.Model{
			Issuer: issuer, CA: ca, Clients: []identity.Client{{ID: "kubectl", Public: true}}, Audiences: []string{"kubectl"}, Claims: identity.DefaultClaims(),
		}
	}
	require.NoError(t, good().Check())
	for _, test := range []struct {
		edit func(*identity.Model)
		want string
	}{
		{func(m *identity.Model) { m.Issuer = "dex" }, `model: the issuer "dex" is not a URL with a host`},
		{func(m *identity.Model) { m.Issuer = "http://dex.example.com" }, `model: the issuer "http://dex.example.com" is not https`},
		{func(m *identity.Model) { m.Issuer += "?a=b" }, `model: the issuer "https://console.example.com/identity?a=b" has more than scheme, host and path`},
		{func(m *identity.Model) { m.Issuer = "https://me:hunter2@dex.example.com" }, `model: the issuer "https://me:xxxxx@dex.example.com" has more than scheme, host and path`},
		{func(m *identity.Model) { m.Issuer = "http://me:hunter2@dex.example.com" }, `model: the issuer "http://me:xxxxx@dex.example.com" is not https`},
		{func(m *identity.Model) { m.Issuer += "/" }, `model: the issuer "https://console.example.com/identity/" ends in a slash`},
		{func(m *identity.Model) { m.Clients = append(m.Clients, m.Clients[0]) }, `model: the client "kubectl" stands twice`},
		{func(m *identity.Model) { m.Clients[0].Public = false }, `model: the client "kubectl" has no secret and is not public`},
		{func(m *identity.Model) { m.Clients[0].TrustedPeers = []string{"a"} }, `model: the client "kubectl" trusts "a", which is no client`},
		{func(m *identity.Model) { m.Audiences = nil }, "model: there is no audience"},
		{func(m *identity.Model) { m.Audiences = []string{"a"} }, `model: the audience "a" is no client`},
		{func(m *identity.Model) { m.Audiences = []string{"kubectl", "kubectl"} }, `model: the audience "kubectl" stands twice`},
		{func(m *identity.Model) { m.Claims.UsernamePrefix = "" }, "model: user names have no prefix"},
		{func(m *identity.Model) { m.Claims.Username = "" }, "model: no claim is the user's name"},
		{func(m *identity.Model) { m.Claims.GroupsPrefix = "" }, "model: groups have no prefix"},
		{func(m *identity.Model) { m.Claims.GroupsPrefix = "system:" }, `model: the prefix "system:" belongs to Kubernetes`},
		{func(m *identity.Model) { m.CA = []byte("x") }, "model: CA has no certificate"},
	} {
		m := good()
		test.edit(&m)
		assert.EqualError(t, m.Check(), test.want)
	}
}
