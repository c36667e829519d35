package identity_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/identity/apiserver"
	"github.com/groundway-sdk/groundway/identity/dex"
	"github.com/groundway-sdk/groundway/internal/authnrows"
	"github.com/groundway-sdk/groundway/internal/dexrows"
	"github.com/groundway-sdk/groundway/internal/e2e/program"
	"github.com/groundway-sdk/groundway/pki"
)

// Every configuration that the linter judges is shown to dex, so that the table of
// what dex accepts in silence, and of what it refuses, stays true.
func TestDexAcceptsWhatTheTableSays(t *testing.T) {
	t.Parallel()
	program.Dex.Built(t)
	for _, row := range dexrows.Rows() {
		t.Run(row.Name, func(t *testing.T) {
			if row.Alone != "" {
				t.Skip(row.Alone)
			}
			t.Parallel()
			web, grpc, telemetry := program.FreePort(t), program.FreePort(t), program.FreePort(t)
			text := row.Text()
			for from, to := range map[string]int{":5556\"": web, ":5557": grpc, ":5558": telemetry} {
				quote := ""
				if strings.HasSuffix(from, "\"") {
					quote = "\""
				}
				text = strings.ReplaceAll(text, from, fmt.Sprintf(":%d%s", to, quote))
			}
			path := filepath.Join(t.TempDir(), "dex.yaml")
			require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
			p := program.Dex.Start(t, "serve", path)
			err := p.Ready(serving(p, "server=grpc", web))
			if row.Refused {
				require.ErrorIs(t, err, program.ErrEnded)
				return
			}
			assert.NoError(t, err)
		})
	}
}

// A configuration that is written here starts dex with every connector that asks
// nobody when it opens, and the login page offers all of them.
func TestEveryConnectorOpens(t *testing.T) {
	t.Parallel()
	port := program.FreePort(t)
	issuer := "http://" + program.Address(port) + "/identity"
	callback := issuer + "/callback"
	secret := groundway.NewSecret("not-in-the-file")
	configs := []dex.ConnectorConfig{
		dex.GitHub{ClientID: "a", ClientSecret: secret, RedirectURI: callback, Orgs: []dex.GitHubOrg{{Name: "example", Teams: []string{"on", "0123"}}}},
		dex.LDAP{Host: "ldap.example.com:636", BindDN: "cn=dex", BindPW: secret, UserSearch: dex.LDAPUserSearch{BaseDN: "dc=example", Username: "uid"}},
		dex.SAML{SSOURL: "https://saml.example.com", InsecureSkipSignatureValidation: true, UsernameAttr: "n", EmailAttr: "e", RedirectURI: callback},
		dex.GitLab{ClientID: "a", ClientSecret: secret, RedirectURI: callback, Groups: []string{"example"}},
		dex.Microsoft{ClientID: "a", ClientSecret: secret, RedirectURI: callback, Tenant: "example"},
		dex.Gitea{BaseURL: "https://gitea.example.com", ClientID: "a", ClientSecret: secret, RedirectURI: callback},
		dex.OAuth{ClientID: "a", ClientSecret: secret, RedirectURI: callback, TokenURL: "https://o.example.com/t", AuthorizationURL: "https://o.example.com/a", UserInfoURL: "https://o.example.com/u"},
		dex.BitbucketCloud{ClientID: "a", ClientSecret: secret, RedirectURI: callback, Teams: []string{"example"}},
		dex.LinkedIn{ClientID: "a", ClientSecret: secret, RedirectURI: callback},
		dex.Keystone{Domain: "default", Host: "https://keystone.example.com", AdminUsername: "a", AdminPassword: secret},
		dex.AtlassianCrowd{BaseURL: "https://crowd.example.com", ClientID: "a", ClientSecret: secret},
		dex.AuthProxy{UserHeader: "X-Forwarded-User"},
		dex.MockPassword{Username: "u", Password: secret},
		dex.MockCallback{},
	}
	c := dex.Config{
		Issuer: issuer, Storage: dex.Storage{Config: dex.MemoryStorage{}}, Web: dex.Web{HTTP: program.Address(port)}, EnablePasswordDB: true, Expiry: dex.SafeExpiry(),
		StaticClients: []dex.Client{{ID: "console", Name: "Console", Secret: secret, RedirectURIs: []string{"https://console.example.com/callback"}}},
	}
	for _, config := range configs {
		c.Connectors = append(c.Connectors, dex.Connector{ID: config.Type(), Name: "At " + config.Type(), Config: config})
	}
	rendered, err := dex.Render(c)
	require.NoError(t, err)
	assert.NotContains(t, string(rendered.Config), "not-in-the-file")
	var env []string
	for name, s := range rendered.Secrets {
		env = append(env, name+"="+s.Reveal())
	}
	path := filepath.Join(t.TempDir(), "dex.yaml")
	require.NoError(t, os.WriteFile(path, rendered.Config, 0o600))
	p := program.Dex.StartWith(t, env, "serve", path)
	require.NoError(t, p.Ready(serving(p, "server=http", port)))
	for line := range strings.Lines(p.Output()) {
		// Dex logs that once, at its first start on an empty storage.
		if !strings.Contains(line, "no signing key found") {
			assert.NotContains(t, line, "level=ERROR")
		}
	}
	page, err := send(t.Context(), httpClient(), "GET", issuer+"/auth?client_id=console&response_type=code&scope=openid&redirect_uri=https://console.example.com/callback", nil, "")
	require.NoError(t, err)
	for _, connector := range c.Connectors {
		assert.Contains(t, string(page), connector.Name)
	}
}

// Every authentication configuration that the linter judges is shown to an API
// server: what it refuses, and what it starts with.
func TestAPIServerAcceptsWhatTheTableSays(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	ca := string(c.read(c.name(pki.IngressCA, pki.PartCertificate)))
	for i, row := range authnrows.Rows() {
		t.Run(row.Name, func(t *testing.T) {
			text := row.Text(ca)
			flags := apiserver.NewFileFlags(c.write(fmt.Sprintf("authentication-%d.yaml", i), text), c.flagOptions())
			flags.AnonymousAuth = row.AnonymousAuth
			s := c.launch(t, flags)
			err := s.Ready(serving(s.Process, "Serving securely on", s.port))
			if row.Refused() {
				require.ErrorIs(t, err, program.ErrEnded)
			} else {
				require.NoError(t, err)
			}
			s.Stop()
		})
	}
}

// What Lint says is refused, of the flags, is what an API server ends on, and nothing
// else is.
func TestAPIServerRefusesWhatLintSays(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	put := func(name string, text []byte, err error) string {
		require.NoError(t, err)
		return c.write(name, string(text))
	}
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	der, err := x509.MarshalPKCS8PrivateKey(edwards)
	ed := put("ed25519.key", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), err)
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	require.NoError(t, err)
	weak := put("weak.key", pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(small)}), nil)
	garbage := put("garbage.crt", []byte("garbage"), nil)
	configuration := c.byFile().AuthenticationConfig
	for _, test := range []struct {
		name string
		edit func(*apiserver.Flags)
	}{
		{"good", func(*apiserver.Flags) {}},
		{"http", func(f *apiserver.Flags) { f.OIDCIssuerURL = "http://localhost" }},
		{"a query", func(f *apiserver.Flags) { f.OIDCIssuerURL += "?a=b" }},
		{"a slash", func(f *apiserver.Flags) { f.OIDCIssuerURL += "/" }},
		{"a host of nobody", func(f *apiserver.Flags) { f.OIDCIssuerURL = "https://nobody.invalid" }},
		{"no client", func(f *apiserver.Flags) { f.OIDCClientID = "" }},
		{"HS256", func(f *apiserver.Flags) { f.OIDCSigningAlgs = []string{"HS256"} }},
		{"ES256", func(f *apiserver.Flags) { f.OIDCSigningAlgs = []string{"ES256"} }},
		{"garbage for an authority", func(f *apiserver.Flags) { f.OIDCCAFile = garbage }},
		{"a leaf for an authority", func(f *apiserver.Flags) { f.OIDCCAFile = c.cert(pki.IngressServer) }},
		{"no prefix", func(f *apiserver.Flags) { f.OIDCUsernamePrefix, f.OIDCGroupsPrefix = "-", "" }},
		{"a prefix of Kubernetes", func(f *apiserver.Flags) { f.OIDCGroupsPrefix = "system:" }},
		{"a file beside flags", func(f *apiserver.Flags) { f.AuthenticationConfig = configuration }},
		{"one issuer for all", func(f *apiserver.Flags) { f.ServiceAccountIssuers = []string{f.OIDCIssuerURL} }},
		{"service accounts by http", func(f *apiserver.Flags) { f.ServiceAccountIssuers = []string{"http://api.demo.example.com"} }},
		{"service accounts of a word", func(f *apiserver.Flags) { f.ServiceAccountIssuers = []string{"kubernetes"} }},
		{"service accounts of nobody", func(f *apiserver.Flags) { f.ServiceAccountIssuers = nil }},
		{"service accounts of one twice", func(f *apiserver.Flags) {
			f.ServiceAccountIssuers = []string{"https://a.example.com", "https://a.example.com"}
		}},
		{"no key", func(f *apiserver.Flags) { f.ServiceAccountKeyFiles = nil }},
		{"another key", func(f *apiserver.Flags) { f.ServiceAccountKeyFiles = []string{c.cert(pki.KubeCA)} }},
		{"an Ed25519 key", func(f *apiserver.Flags) { f.ServiceAccountSigningKeyFile = ed }},
		{"a weak key", func(f *apiserver.Flags) { f.ServiceAccountSigningKeyFile = weak }},
		{"tokens of half an hour", func(f *apiserver.Flags) { f.ServiceAccountMaxTokenExpiration = "30m" }},
		{"tokens of a day", func(f *apiserver.Flags) { f.ServiceAccountMaxTokenExpiration = "24h" }},
		{"a signer beside keys", func(f *apiserver.Flags) { f.ServiceAccountSigningEndpoint = "/run/signer.sock" }},
		{"anonymous in another word", func(f *apiserver.Flags) { f.AnonymousAuth = "0" }},
		{"anonymous in no word", func(f *apiserver.Flags) { f.AnonymousAuth = "maybe" }},
		{"keys by http", func(f *apiserver.Flags) { f.ServiceAccountJWKSURI = "http://api.demo.example.com/keys" }},
	} {
		t.Run(test.name, func(t *testing.T) {
			flags := c.byFlags()
			test.edit(&flags)
			files := map[string][]byte{}
			for _, path := range append([]string{flags.OIDCCAFile, flags.ServiceAccountSigningKeyFile}, flags.ServiceAccountKeyFiles...) {
				text, err := os.ReadFile(path)
				require.NoError(t, err)
				files[path] = text
			}
			failed := failedCodes(apiserver.Lint(apiserver.Config{Flags: flags}, apiserver.LintOptions{Time: time.Now(), Files: files}), "identity/")
			says := slices.Contains(failed, "identity/apiserver-value-refused") || slices.Contains(failed, "identity/apiserver-flags-exclusive")
			s := c.launch(t, flags)
			err := s.Ready(serving(s.Process, "Serving securely on", s.port))
			if err != nil {
				require.ErrorIs(t, err, program.ErrEnded)
			}
			assert.Equal(t, err != nil, says, "%v, and Lint says %q", err, failed)
			s.Stop()
		})
	}
}
