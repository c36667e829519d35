package apiserver_test

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/identity"
	"github.com/groundway-sdk/groundway/identity/apiserver"
	"github.com/groundway-sdk/groundway/internal/authnrows"
	"github.com/groundway-sdk/groundway/internal/findingtest"
	"github.com/groundway-sdk/groundway/internal/golden"
	"github.com/groundway-sdk/groundway/pki"
)

func model(ca []byte) identity.Model {
	return identity.Model{
		Issuer: issuer, CA: ca, Clients: []identity.Client{{ID: "kubectl", Public: true}, {ID: "console", Secret: groundway.NewSecret("s")}},
		Audiences: []string{"kubectl"}, Claims: identity.DefaultClaims(), Server: "https://api.example.com", ServerCA: ca,
	}
}

func TestNewFlags(t *testing.T) {
	t.Parallel()
	ca := certificate(t, nil)
	options := apiserver.FlagsOptions{
		CAFile: "/etc/ssl/oidc-ca.crt", ServiceAccountIssuer: "https://api.example.com",
		ServiceAccountSigningKeyFile: "sa.key", ServiceAccountKeyFiles: []string{"sa.pub", "old.pub"},
	}
	flags, err := apiserver.NewFlags(model(ca), options)
	require.NoError(t, err)
	assert.Equal(t, []string{
		"--oidc-issuer-url=https://console.example.com/identity", "--oidc-client-id=kubectl", "--oidc-ca-file=/etc/ssl/oidc-ca.crt",
		"--oidc-username-claim=email", "--oidc-username-prefix=dex:", "--oidc-groups-claim=groups", "--oidc-groups-prefix=dex:",
		"--service-account-issuer=https://api.example.com", "--service-account-signing-key-file=sa.key",
		"--service-account-key-file=sa.pub", "--service-account-key-file=old.pub",
	}, flags.Args())
	again, err := apiserver.ParseFlags(append([]string{"kube-apiserver", "--etcd-servers", "https://a"}, flags.Args()...))
	require.NoError(t, err)
	assert.Equal(t, flags, again)

	again, err = apiserver.ParseFlags([]string{"--oidc-client-id", "a", "--anonymous-auth", "--oidc-client-id=b", "--oidc-required-claim", "hd=example.com", "--oidc-signing-algs=RS256,ES256"})
	require.NoError(t, err)
	assert.Equal(t, apiserver.Flags{OIDCClientID: "b", AnonymousAuth: "true", OIDCRequiredClaims: map[string]string{"hd": "example.com"}, OIDCSigningAlgs: []string{"RS256", "ES256"}}, again)
	assert.Equal(t, []string{"--oidc-client-id=b", "--oidc-signing-algs=RS256,ES256", "--oidc-required-claim=hd=example.com", "--anonymous-auth=true"}, again.Args())

	_, err = apiserver.ParseFlags([]string{"--oidc-client-id"})
	assert.EqualError(t, err, "parse flags: argument 0: --oidc-client-id has no value")
	_, err = apiserver.ParseFlags([]string{"--oidc-required-claim=hd"})
	assert.EqualError(t, err, `parse flags: argument 0: --oidc-required-claim is "hd", want CLAIM=VALUE`)

	two := model(ca)
	two.Audiences = []string{"kubectl", "console"}
	_, err = apiserver.NewFlags(two, options)
	assert.EqualError(t, err, "write flags: 2 audiences, and flags take one: write a configuration")
	_, err = apiserver.NewFlags(model(ca), apiserver.FlagsOptions{})
	assert.EqualError(t, err, "write flags: the model has an authority, and CAFile is empty")
	_, err = apiserver.NewFlags(model(nil), options)
	assert.EqualError(t, err, "write flags: CAFile is set, and the model has no authority")
}

// Flags and file of one model say the same, and both are judged well.
func TestNewConfiguration(t *testing.T) {
	t.Parallel()
	ca := certificate(t, nil)
	configuration, err := apiserver.NewConfiguration(model(ca))
	require.NoError(t, err)
	text, err := configuration.YAML()
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(string(text), `apiVersion: "apiserver.config.k8s.io/v1"
kind: "AuthenticationConfiguration"
jwt:
  - issuer:
      url: "https://console.example.com/identity"
      certificateAuthority: |
        -----BEGIN CERTIFICATE-----
`), string(text))
	assert.Contains(t, string(text), `    claimMappings:
      username:
        claim: "email"
        prefix: "dex:"
      groups:
        claim: "groups"
        prefix: "dex:"
`)
	again, err := apiserver.ParseConfiguration("auth.yaml", text)
	require.NoError(t, err)
	assert.Equal(t, configuration, again)

	flags := apiserver.NewFileFlags("auth.yaml", apiserver.FlagsOptions{ServiceAccountIssuer: "https://api.example.com", ServiceAccountKeyFiles: []string{"sa.pub"}})
	flags.AnonymousAuth = "false"
	assert.Empty(t, findingtest.Outcomes(apiserver.LintText("auth.yaml", text, flags, apiserver.LintOptions{Time: noon}), groundway.Failed))

	byFlags, err := apiserver.NewFlags(model(ca), apiserver.FlagsOptions{CAFile: "ca.crt"})
	require.NoError(t, err)
	one := apiserver.Config{Flags: byFlags}.Side("", map[string][]byte{"ca.crt": ca})
	other, err := apiserver.SideOfText("auth.yaml", text, flags)
	require.NoError(t, err)
	user, err := apiserver.OIDCUser(model(ca), "kubectl", "ca.crt", false)
	require.NoError(t, err)
	config, err := apiserver.NewKubeConfig("demo", model(ca), "jane", user)
	require.NoError(t, err)
	dex := identity.Side{Program: identity.Dex, Issuers: []identity.Value{{Text: issuer, Path: "/issuer"}}, Clients: []identity.Peer{{ID: identity.Value{Text: "kubectl"}}}}
	findings := identity.Check(identity.CheckOptions{}, dex, one, other, config.Side("config", map[string][]byte{"ca.crt": ca}))
	assert.Empty(t, findingtest.Outcomes(findings, groundway.Failed))
	assert.Contains(t, findingtest.Outcomes(findings, groundway.Passed), "agree-ca")
	assert.Equal(t, "auth.yaml:5:12", other.Issuers[0].Path)

	bad := model(ca)
	bad.Issuer += "/"
	_, err = apiserver.NewConfiguration(bad)
	assert.EqualError(t, err, `write configuration: model: the issuer "https://console.example.com/identity/" ends in a slash`)
	_, err = apiserver.ParseConfiguration("auth.yaml", []byte("jwt:\n  - isuer: {}\n"))
	assert.EqualError(t, err, `auth.yaml:2:5: /jwt/0/isuer: unknown key "isuer", the nearest is "issuer"; want one of issuer, claimValidationRules, claimMappings, userValidationRules`)
}

func TestKubeConfigs(t *testing.T) {
	t.Parallel()
	ca := certificate(t, nil)
	m := model(nil)
	oidc, err := apiserver.OIDCUser(m, "kubectl", "", true)
	require.NoError(t, err)
	m.ServerCA = []byte("ca\n") // a file that is the same at every run
	for name, user := range map[string]apiserver.UserConfig{
		"eks": apiserver.EKSUser("demo", "us-east-1", "arn:aws:iam::111122223333:role/admin"), "authenticator": apiserver.AuthenticatorUser("demo", "arn:aws:iam::111122223333:role/admin"),
		"oidc": oidc, "certificate": apiserver.CertificateUser([]byte("certificate\n"), groundway.NewSecret("key\n")),
	} {
		config, err := apiserver.NewKubeConfig("demo", m, "jane", user)
		require.NoError(t, err)
		text, err := config.YAML()
		require.NoError(t, err)
		assert.Equal(t, "[redacted]", text.String())
		golden.Check(t, name+".kubeconfig", []byte(text.Reveal()))
		again, err := apiserver.ParseKubeConfig("config", []byte(text.Reveal()))
		require.NoError(t, err)
		assert.Equal(t, config, again)
		if name != "certificate" {
			assert.Empty(t, findingtest.Outcomes(apiserver.LintKubeConfig(again, apiserver.LintOptions{Time: noon}), groundway.Failed))
		}
	}
	for _, test := range []struct {
		client, file, want string
		m                  identity.Model
	}{
		{"console", "", `write login: "console" is no audience of the API server`, model(nil)},
		{"kubectl", "", "write login: the model has an authority, and no file is named for it", model(ca)},
		{"console", "", `write login: the client "console" is not public`, func() identity.Model { m := model(nil); m.Audiences = []string{"console"}; return m }()},
	} {
		_, err := apiserver.OIDCUser(test.m, test.client, test.file, false)
		assert.EqualError(t, err, test.want)
	}
	_, err = apiserver.NewKubeConfig("", m, "jane", oidc)
	assert.EqualError(t, err, "write kubeconfig: the cluster or the user has no name")
	m.Server = ""
	_, err = apiserver.NewKubeConfig("demo", m, "jane", oidc)
	assert.EqualError(t, err, "write kubeconfig: the model has no server")
}

func TestBreakGlass(t *testing.T) {
	t.Parallel()
	issue := func() (pki.Issuer, []byte) {
		inventory, err := pki.NewInventory(pki.Cluster{APIExternal: "api.example.com", ServiceCIDR: netip.MustParsePrefix("10.3.0.0/16")}, pki.InventoryOptions{})
		require.NoError(t, err)
		bundle, err := pki.Issue(inventory, pki.IssueOptions{Time: noon})
		require.NoError(t, err)
		issuer, err := bundle.Issuer(pki.AuthorityKube)
		require.NoError(t, err)
		ca, _ := bundle.Get(pki.KubeCA)
		text, err := ca.PEM(pki.PartCertificate)
		require.NoError(t, err)
		return issuer, []byte(text.Reveal())
	}
	issuer, ca := issue()
	_, other := issue()
	good := func() apiserver.BreakGlassOptions {
		return apiserver.BreakGlassOptions{Time: noon, Cluster: "demo", Model: model(ca), User: "jane", Trusts: [][]byte{ca, append(append([]byte{}, other...), ca...)}}
	}
	glass, err := apiserver.NewBreakGlass(issuer, good())
	require.NoError(t, err)
	assert.Equal(t, noon.Add(4*time.Hour), glass.Ends)
	user := glass.KubeConfig.Users[0].User
	block, _ := pem.Decode(user.ClientCertificateData)
	certificate, err := x509.ParseCertificate(block.Bytes)
	require.NoError(t, err)
	assert.Equal(t, "jane", certificate.Subject.CommonName)
	assert.Equal(t, []string{"break-glass"}, certificate.Subject.Organization)
	assert.Equal(t, []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, certificate.ExtKeyUsage)
	key, err := base64.StdEncoding.DecodeString(user.ClientKeyData.Reveal())
	require.NoError(t, err)
	assert.Contains(t, string(key), "PRIVATE KEY")
	assert.Empty(t, findingtest.Outcomes(apiserver.LintKubeConfig(glass.KubeConfig, apiserver.LintOptions{Time: noon}), groundway.Failed))
	golden.Check(t, "break-glass.yaml", glass.Binding)
	assert.Equal(t, []string{"kubectl", "delete", "clusterrolebinding", "break-glass"}, apiserver.DropCommand(""))

	for _, test := range []struct {
		edit func(*apiserver.BreakGlassOptions)
		want string
	}{
		{func(o *apiserver.BreakGlassOptions) { o.Time = time.Time{} }, "make break-glass: no time given"},
		{func(o *apiserver.BreakGlassOptions) { o.User = "" }, "make break-glass: the user or the cluster has no name"},
		{func(o *apiserver.BreakGlassOptions) { o.Group = "system:masters" }, `make break-glass: the user "jane" of the group "system:masters": names of system: are Kubernetes' own, and no binding takes away what system:masters may`},
		{func(o *apiserver.BreakGlassOptions) { o.Validity = 25 * time.Hour }, "make break-glass: a validity of 25h0m0s: want 24h0m0s or less"},
		{func(o *apiserver.BreakGlassOptions) { o.Trusts = nil }, "make break-glass: no client authority given to verify it by"},
		{func(o *apiserver.BreakGlassOptions) { o.Trusts = append(o.Trusts, []byte("x")) }, "make break-glass: client authority 3 does not verify the certificate: it has no certificate"},
		{func(o *apiserver.BreakGlassOptions) { o.Model.Server = "" }, "make break-glass: write kubeconfig: the model has no server"},
	} {
		o := good()
		test.edit(&o)
		_, err := apiserver.NewBreakGlass(issuer, o)
		assert.EqualError(t, err, test.want)
	}
	o := good()
	late := issuer.Certificate().NotAfter
	o.Time = late.Add(-time.Hour)
	_, err = apiserver.NewBreakGlass(issuer, o)
	assert.EqualError(t, err, "make break-glass: the authority ends on "+late.UTC().Format(time.RFC3339)+", before the certificate would")
	o = good()
	o.Trusts = [][]byte{ca, other}
	_, err = apiserver.NewBreakGlass(issuer, o)
	assert.ErrorContains(t, err, "make break-glass: client authority 2 does not verify the certificate: x509: certificate signed by unknown authority", "the next authority is checked too")
}

func FuzzParseConfiguration(f *testing.F) {
	f.Add([]byte(authnrows.Base))
	f.Fuzz(func(t *testing.T, data []byte) {
		apiserver.LintText("f", data, apiserver.Flags{}, apiserver.LintOptions{Time: noon})
		c, err := apiserver.ParseConfiguration("f", data)
		if err != nil {
			return
		}
		text, err := c.YAML()
		require.NoError(t, err)
		if strings.TrimSpace(string(text)) == "{}" {
			return
		}
		again, err := apiserver.ParseConfiguration("f", text)
		require.NoError(t, err, string(text))
		second, err := again.YAML()
		require.NoError(t, err)
		assert.Equal(t, string(text), string(second))
	})
}

func FuzzParseKubeConfig(f *testing.F) {
	f.Add([]byte(goodKubeConfig + `      token: "a"`))
	f.Fuzz(func(t *testing.T, data []byte) {
		apiserver.LintKubeConfigText("f", data, apiserver.LintOptions{Time: noon})
		c, err := apiserver.ParseKubeConfig("f", data)
		if err != nil {
			return
		}
		text, err := c.YAML()
		require.NoError(t, err)
		_ = c.Side("f", nil)
		_ = text
	})
}

func FuzzParseFlags(f *testing.F) {
	f.Add("--oidc-client-id=a\n--oidc-required-claim\na=b")
	f.Fuzz(func(t *testing.T, text string) {
		flags, err := apiserver.ParseFlags(strings.Split(text, "\n"))
		if err != nil {
			return
		}
		again, err := apiserver.ParseFlags(flags.Args())
		require.NoError(t, err)
		assert.Equal(t, flags.Args(), again.Args())
	})
}

// What kubectl's own provider says: where it logs in, as whom, by which authority, and
// not what its login asked for.
func TestSideOfProvider(t *testing.T) {
	t.Parallel()
	k := apiserver.KubeConfig{Users: []apiserver.NamedUser{{Name: "jane", User: apiserver.UserConfig{AuthProvider: &apiserver.AuthProvider{
		Name: "oidc", Config: map[string]groundway.Secret{
			"idp-issuer-url": groundway.NewSecret("https://dex.example.com"), "client-id": groundway.NewSecret("kubectl"),
			"idp-certificate-authority-data": groundway.NewSecret(base64.StdEncoding.EncodeToString([]byte("pem"))), "refresh-token": groundway.NewSecret("hunter2"),
		},
	}}}}}
	const at = "/users/0/user/auth-provider"
	assert.Equal(t, identity.Side{
		Program: identity.Kubeconfig, File: "config",
		Issuers: []identity.Value{{Text: "https://dex.example.com", Path: at}}, Clients: []identity.Peer{{ID: identity.Value{Text: "kubectl", Path: at}}},
		CAs: []identity.IssuerValue{{Issuer: "https://dex.example.com", Value: identity.Value{Text: "pem", Path: at}}},
	}, k.Side("config", nil))
}
