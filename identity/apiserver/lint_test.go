package apiserver_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/identity/apiserver"
	"github.com/groundway-sdk/groundway/internal/authnrows"
	"github.com/groundway-sdk/groundway/internal/findingtest"
)

var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

const issuer = "https://console.example.com/identity"

// certificate returns one that signs itself, as PEM.
func certificate(t *testing.T, edit func(*x509.Certificate)) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "ingress-ca"}, NotBefore: noon.Add(-time.Hour), NotAfter: noon.Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	if edit != nil {
		edit(c)
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	require.NoError(t, err)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// keys returns both halves of a key as PEM.
func keys(t *testing.T, key crypto.Signer) (private, public []byte) {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	pub, err := x509.MarshalPKIXPublicKey(key.Public())
	require.NoError(t, err)
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: pub})
}

func goodFlags() apiserver.Flags {
	return apiserver.Flags{
		OIDCIssuerURL: issuer, OIDCClientID: "kubectl", OIDCCAFile: "ca.crt", OIDCUsernameClaim: "email", OIDCUsernamePrefix: "dex:",
		OIDCGroupsClaim: "groups", OIDCGroupsPrefix: "dex:", AnonymousAuth: "false",
		ServiceAccountIssuers: []string{"https://api.example.com"}, ServiceAccountSigningKeyFile: "sa.key", ServiceAccountKeyFiles: []string{"sa.pub"},
	}
}

func fileFlags() apiserver.Flags {
	f := goodFlags()
	return apiserver.Flags{
		AuthenticationConfig: "auth.yaml", AnonymousAuth: "false", ServiceAccountIssuers: f.ServiceAccountIssuers,
		ServiceAccountSigningKeyFile: f.ServiceAccountSigningKeyFile, ServiceAccountKeyFiles: f.ServiceAccountKeyFiles,
	}
}

func TestLint(t *testing.T) {
	t.Parallel()
	ca := certificate(t, nil)
	strong, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	private, public := keys(t, strong)
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	require.NoError(t, err)
	weakPrivate, weakPublic := keys(t, weak)
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	edPrivate, edPublic := keys(t, edwards)
	options := func() apiserver.LintOptions {
		return apiserver.LintOptions{Time: noon, Files: map[string][]byte{"ca.crt": ca, "sa.key": private, "sa.pub": public}}
	}
	ledger := findingtest.Ledger{}
	check := func(t *testing.T, findings []groundway.Finding, fails []string) {
		t.Helper()
		for i, code := range fails {
			fails[i] = "apiserver-" + code
		}
		assert.ElementsMatch(t, fails, findingtest.Outcomes(findings, groundway.Failed))
		var own []groundway.Rule
		for _, r := range apiserver.Rules() {
			if strings.HasPrefix(string(r.Code), "identity/apiserver-") {
				own = append(own, r)
			}
		}
		ledger.Hold(t, findingtest.Contract{Rules: own, Sources: []string{"caller"}}, findings)
	}
	fails := func(codes ...string) []string { return codes }
	type flags = *apiserver.Flags
	type opts = *apiserver.LintOptions
	for _, test := range []struct {
		name  string
		edit  func(f flags, o opts)
		fails []string
	}{
		{"good", func(flags, opts) {}, nil},
		{"nothing at all", func(f flags, o opts) { *f, *o = apiserver.Flags{}, apiserver.LintOptions{} }, fails("value-refused", "anonymous-open")},
		{"http", func(f flags, _ opts) { f.OIDCIssuerURL = "http://console.example.com" }, fails("value-refused")},
		{"a query", func(f flags, _ opts) { f.OIDCIssuerURL += "?a" }, fails("value-refused")},
		{"a fragment", func(f flags, _ opts) { f.OIDCIssuerURL += "#a" }, fails("value-refused")},
		{"a user", func(f flags, _ opts) { f.OIDCIssuerURL = "https://a@console.example.com" }, fails("value-refused")},
		{"no client", func(f flags, _ opts) { f.OIDCClientID = "" }, fails("value-refused")},
		{"HS256", func(f flags, _ opts) { f.OIDCSigningAlgs = []string{"HS256", "RS256"} }, fails("value-refused")},
		{"ES256", func(f flags, _ opts) { f.OIDCSigningAlgs = []string{"ES256"} }, fails("algorithm-rs256-missing")},
		{"one issuer", func(f flags, _ opts) { f.ServiceAccountIssuers = []string{issuer} }, fails("value-refused")},
		{"a slash", func(f flags, _ opts) { f.OIDCIssuerURL += "/" }, fails("issuer-trailing-slash")},
		{"a leaf", func(_ flags, o opts) {
			o.Files["ca.crt"] = certificate(t, func(c *x509.Certificate) { c.IsCA, c.KeyUsage = false, x509.KeyUsageDigitalSignature })
		}, fails("ca-not-authority")},
		{"an authority that ended", func(_ flags, o opts) {
			o.Files["ca.crt"] = certificate(t, func(c *x509.Certificate) { c.NotAfter = noon.Add(-time.Minute) })
		}, fails("ca-expired")},
		{"garbage", func(_ flags, o opts) { o.Files["ca.crt"] = []byte("garbage") }, fails("value-refused")},
		{"a broken block", func(_ flags, o opts) {
			o.Files["ca.crt"] = append(append([]byte{}, ca...), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"...)
		}, fails("value-refused")},
		{"a prefix of Kubernetes", func(f flags, _ opts) { f.OIDCGroupsPrefix = "system:" }, fails("prefix-system")},
		{"no prefix", func(f flags, _ opts) { f.OIDCUsernamePrefix, f.OIDCGroupsPrefix = "", "" }, fails("prefix-username-missing", "prefix-groups-missing")},
		{"no prefix by a dash", func(f flags, _ opts) { f.OIDCUsernamePrefix = "-" }, fails("prefix-username-missing")},
		{"the prefix of the issuer", func(f flags, _ opts) { f.OIDCUsernamePrefix, f.OIDCUsernameClaim = "", "" }, nil},
		{"both", func(f flags, _ opts) { f.AuthenticationConfig = "auth.yaml" }, fails("flags-exclusive")},
		{"anonymous", func(f flags, _ opts) { f.AnonymousAuth = "" }, fails("anonymous-open")},
		{"service accounts of http", func(f flags, _ opts) { f.ServiceAccountIssuers = []string{"http://api.example.com"} }, fails("serviceaccount-discovery-off")},
		{"service accounts of a word", func(f flags, _ opts) { f.ServiceAccountIssuers = []string{"kubernetes"} }, fails("serviceaccount-discovery-off")},
		{"service accounts of nobody", func(f flags, _ opts) { f.ServiceAccountIssuers = []string{""} }, fails("value-refused")},
		{"service accounts of one twice", func(f flags, _ opts) {
			f.ServiceAccountIssuers = []string{"https://a.example.com", "https://a.example.com"}
		}, fails("value-refused")},
		{"no key file", func(f flags, _ opts) { f.ServiceAccountKeyFiles = nil }, fails("value-refused", "serviceaccount-key-unverified")},
		{"another key", func(_ flags, o opts) { o.Files["sa.pub"] = weakPublic }, fails("serviceaccount-key-unverified")},
		{"a weak key", func(_ flags, o opts) { o.Files["sa.key"], o.Files["sa.pub"] = weakPrivate, weakPublic }, fails("serviceaccount-key-weak")},
		{"Ed25519", func(_ flags, o opts) { o.Files["sa.key"], o.Files["sa.pub"] = edPrivate, edPublic }, fails("value-refused")},
		{"no key", func(_ flags, o opts) { o.Files["sa.key"] = nil }, fails("value-refused")},
		{"tokens of half an hour", func(f flags, _ opts) { f.ServiceAccountMaxTokenExpiration = "30m" }, fails("value-refused")},
		{"tokens of a day", func(f flags, _ opts) { f.ServiceAccountMaxTokenExpiration = "24h" }, nil},
		{"keys by http", func(f flags, _ opts) { f.ServiceAccountJWKSURI = "http://api.example.com" }, fails("value-refused")},
		{"anonymous in another word", func(f flags, _ opts) { f.AnonymousAuth = "0" }, nil},
		{"anonymous in no word", func(f flags, _ opts) { f.AnonymousAuth = "maybe" }, fails("value-refused")},
		{"a signer", func(f flags, _ opts) {
			f.ServiceAccountSigningEndpoint, f.ServiceAccountSigningKeyFile, f.ServiceAccountKeyFiles = "/run/signer.sock", "", nil
		}, nil},
		{"a signer beside keys", func(f flags, _ opts) { f.ServiceAccountSigningEndpoint = "/run/signer.sock" }, fails("value-refused")},
		{"no files", func(_ flags, o opts) { o.Files = nil }, nil},
		{"one key file of two", func(_ flags, o opts) { delete(o.Files, "sa.pub") }, nil},
		{"no time", func(_ flags, o opts) { o.Time = time.Time{} }, nil},
		{"a file that was not given, beside the flag", func(f flags, _ opts) { *f = fileFlags() }, nil},
		{"a file that was not given", func(f flags, _ opts) { *f = fileFlags(); f.AnonymousAuth = "" }, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			f, o := goodFlags(), options()
			test.edit(&f, &o)
			check(t, apiserver.Lint(apiserver.Config{Flags: f}, o), test.fails)
		})
	}

	for _, row := range authnrows.Rows() {
		t.Run("file: "+row.Name, func(t *testing.T) {
			flags := fileFlags()
			flags.AnonymousAuth = row.AnonymousAuth
			findings := apiserver.LintText("auth.yaml", []byte(row.Text(string(ca))), flags, options())
			check(t, findings, slices.Clone(row.Fails))
			if row.Refused() {
				assert.True(t, slices.ContainsFunc(findings, groundway.Finding.Blocks), "what the API server does not start with is an error")
			}
		})
	}
	for _, test := range []struct{ name, anonymous, fails string }{
		{"health checks", `{enabled: true, conditions: [{path: "/livez"}, {path: "/readyz"}]}`, ""},
		{"version too", `{enabled: true, conditions: [{path: "/livez"}, {path: "/version"}]}`, "anonymous-open"},
		{"all", `{enabled: true}`, "anonymous-open"},
		{"off", `{enabled: false}`, ""},
	} {
		f := fileFlags()
		f.AnonymousAuth = ""
		var want []string
		if test.fails != "" {
			want = fails(test.fails)
		}
		check(t, apiserver.LintText("auth.yaml", []byte(authnrows.Rows()[0].Text(string(ca))+"anonymous: "+test.anonymous+"\n"), f, options()), want)
	}
	var own []groundway.Rule
	for _, r := range apiserver.Rules() {
		if strings.HasPrefix(string(r.Code), "identity/apiserver-") {
			own = append(own, r)
		}
	}
	ledger.Complete(t, own, "apiserver-value-refused", "apiserver-flags-exclusive", "apiserver-issuer-trailing-slash", "apiserver-ca-not-authority", "apiserver-ca-expired", "apiserver-prefix-system",
		"apiserver-prefix-username-missing", "apiserver-prefix-groups-missing", "apiserver-anonymous-open", "apiserver-serviceaccount-key-unverified", "apiserver-serviceaccount-key-weak")
}

const goodKubeConfig = `apiVersion: "v1"
kind: "Config"
clusters: [{name: "demo", cluster: {server: "https://api.example.com"}}]
contexts: [{name: "demo", context: {cluster: "demo", user: "jane"}}]
current-context: "demo"
users:
  - name: "jane"
    user:
`

func TestLintKubeConfig(t *testing.T) {
	t.Parallel()
	client := func(edit func(*x509.Certificate)) string {
		return `      client-certificate-data: "` + base64.StdEncoding.EncodeToString(certificate(t, edit)) + "\"\n"
	}
	exec := func(version, mode string) string {
		return `      exec: {apiVersion: "client.authentication.k8s.io/` + version + `", command: "aws", interactiveMode: "` + mode + "\"}\n"
	}
	var own []groundway.Rule
	for _, r := range apiserver.Rules() {
		if strings.HasPrefix(string(r.Code), "identity/kubeconfig-") {
			own = append(own, r)
		}
	}
	ledger := findingtest.Ledger{}
	options := apiserver.LintOptions{Time: noon}
	for _, test := range []struct {
		name, user, from, to string
		options              apiserver.LintOptions
		fails                []string
	}{
		{"exec", exec("v1", "IfAvailable"), "", "", options, nil},
		{"exec of v1beta1", exec("v1beta1", ""), "", "", options, nil},
		{"exec of v1alpha1", exec("v1alpha1", ""), "", "", options, []string{"exec-version"}},
		{"exec without a mode", exec("v1", ""), "", "", options, []string{"exec-interactive-mode"}},
		{"a provider", `      auth-provider: {name: "oidc", config: {client-id: "a"}}`, "", "", options, nil},
		{"a provider that is gone", `      auth-provider: {name: "gcp"}`, "", "", options, []string{"provider-gone"}},
		{"a provider of nobody", `      auth-provider: {name: "openstack"}`, "", "", options, []string{"provider-gone"}},
		{"a token", `      token: "hunter2-token"`, "", "", options, []string{"credential-static"}},
		{"a certificate", client(nil), "", "", options, nil},
		{"a certificate at no time", client(nil), "", "", apiserver.LintOptions{}, nil},
		{"a certificate in a file", `      client-certificate: "jane.crt"`, "", "", options, nil},
		{"a certificate in a file that was given", `      client-certificate: "jane.crt"`, "", "", apiserver.LintOptions{Time: noon, Files: map[string][]byte{"jane.crt": certificate(t, nil)}}, nil},
		{"a certificate that is none", `      client-certificate-data: "AAAA"`, "", "", options, []string{"file-unreadable"}},
		{"masters", client(func(c *x509.Certificate) { c.Subject.Organization = []string{"system:masters"} }), "", "", options, []string{"certificate-masters"}},
		{"an ended certificate", client(func(c *x509.Certificate) { c.NotAfter = noon.Add(-time.Minute) }), "", "", options, []string{"certificate-ended"}},
		{"a long certificate", client(func(c *x509.Certificate) { c.NotAfter = noon.AddDate(1, 0, 0) }), "", "", options, []string{"certificate-long"}},
		{"no verification", exec("v1", "Never"), `example.com"}`, `example.com", insecure-skip-tls-verify: true}`, options, []string{"server-unverified"}},
		{"http", exec("v1", "Never"), "https", "http", options, []string{"server-plaintext"}},
		{"a user that is not there", exec("v1", "Never"), `user: "jane"`, `user: "joe"`, options, []string{"context-dangling"}},
		{"a context that is not there", exec("v1", "Never"), `current-context: "demo"`, `current-context: "prod"`, options, []string{"context-dangling"}},
		{"an unknown key", exec("v1", "Never"), "kind:", "kinds: \"a\"\nkind:", options, []string{"key-unknown"}},
		{"a second document", exec("v1", "Never") + "\n---\nkind: \"Config\"\n", "https", "http", options, []string{"key-unknown", "server-plaintext"}},
		{"not YAML", "", "kind:", "\tkind:", options, []string{"file-unreadable"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			text := strings.Replace(goodKubeConfig+test.user, test.from, test.to, 1)
			findings := apiserver.LintKubeConfigText("config", []byte(text), test.options)
			var want []string
			for _, code := range test.fails {
				want = append(want, "kubeconfig-"+code)
			}
			assert.ElementsMatch(t, want, findingtest.Outcomes(findings, groundway.Failed))
			ledger.Hold(t, findingtest.Contract{Rules: own, Sources: []string{"caller"}}, findings)
			assert.NotContains(t, findingtest.Text(t, findings), "hunter2")
		})
	}
	ledger.Complete(t, own, "kubeconfig-certificate-masters", "kubeconfig-certificate-ended", "kubeconfig-certificate-long")
	typed, err := apiserver.ParseKubeConfig("config", []byte(goodKubeConfig+exec("v1", "Never")))
	require.NoError(t, err)
	assert.Empty(t, findingtest.Outcomes(apiserver.LintKubeConfig(typed, options), groundway.Failed))
}

func TestRules(t *testing.T) {
	t.Parallel()
	findingtest.Rules(t, "identity", apiserver.Rules)
}
