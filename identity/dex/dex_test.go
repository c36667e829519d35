package dex_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/identity/dex"
	"github.com/groundway-sdk/groundway/internal/dexrows"
	"github.com/groundway-sdk/groundway/internal/golden"
)

const hash = "$2b$12$abcdefghijklmnopqrstuuVRSSBQ5VvhwyPTqdOKCTg0xBbQ6iXJe"

var tectonic = dex.TectonicOptions{
	ConsoleHost: "console.example.com", ConsoleSecret: groundway.NewSecret("console-secret-0123456789"), KubectlSecret: groundway.NewSecret("kubectl-secret-0123456789"),
	AdminEmail: "admin@example.com", AdminHash: groundway.NewSecret(hash), AdminID: "9f1c",
}

var secrets = []string{"console-secret-0123456789", "kubectl-secret-0123456789", hash}

func TestTectonic(t *testing.T) {
	t.Parallel()
	require.NoError(t, dex.TectonicModel(tectonic).Check())
	config := dex.Tectonic(tectonic)
	rendered, err := dex.Render(config)
	require.NoError(t, err)
	golden.Check(t, "tectonic.yaml", rendered.Config)
	assert.Equal(t, map[string]groundway.Secret{
		"DEX_CLIENT_TECTONIC_CONSOLE_SECRET": tectonic.ConsoleSecret, "DEX_CLIENT_TECTONIC_KUBECTL_SECRET": tectonic.KubectlSecret,
		"DEX_PASSWORD_ADMIN_EXAMPLE_COM_HASH": tectonic.AdminHash,
	}, rendered.Secrets)
	for _, s := range secrets {
		assert.NotContains(t, string(rendered.Config), s)
	}

	// What was written is read back, and judged well.
	again, err := dex.Parse("config.yaml", rendered.Config)
	require.NoError(t, err)
	environment := map[string]bool{}
	for name := range rendered.Secrets {
		environment[name] = true
	}
	findings := dex.Lint(again, dex.LintOptions{Hosts: []string{"console.example.com"}, Environment: environment, Replicas: 2})
	assert.Empty(t, outcomes(findings, groundway.Failed))

	published := tectonic
	published.AsPublished = true
	assert.Equal(t, []string{"lifetime-refresh-reuse", "lifetime-refresh-unlimited"},
		outcomes(dex.Lint(dex.Tectonic(published), dex.LintOptions{}), groundway.Failed), "what Tectonic left open")
}

func TestObjects(t *testing.T) {
	t.Parallel()
	objects, err := dex.Objects(dex.Tectonic(tectonic), dex.DeploymentOptions{Image: "ghcr.io/dexidp/dex:v2.45.1", TLSSecret: "tectonic-ingress-tls-secret"})
	require.NoError(t, err)
	var kinds []string
	var public strings.Builder
	for _, o := range objects {
		kinds = append(kinds, o.Kind)
		if o.Kind == "Secret" {
			for _, s := range secrets {
				assert.Contains(t, o.YAML.Reveal(), s)
			}
			continue
		}
		public.WriteString("---\n" + o.YAML.Reveal())
	}
	assert.Equal(t, []string{
		"ServiceAccount", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding", "ConfigMap", "Secret",
		"Service", "Service", "Deployment", "PodDisruptionBudget", "Ingress",
	}, kinds)
	golden.Check(t, "objects.yaml", []byte(public.String()))
	for _, s := range secrets {
		assert.NotContains(t, public.String(), s)
	}
	assert.Equal(t, "[redacted]", dex.Text(objects).String())
	assert.Equal(t, len(objects)-1, strings.Count(dex.Text(objects).Reveal(), "\n---\n"))

	// A change of the configuration, or of the revision, rolls the pods.
	deployment := func(c dex.Config, revision string) string {
		list, err := dex.Objects(c, dex.DeploymentOptions{Image: "dex", Revision: revision})
		require.NoError(t, err)
		return list[9].YAML.Reveal()
	}
	changed := dex.Tectonic(tectonic)
	changed.Logger.Level = "debug"
	first := deployment(dex.Tectonic(tectonic), "")
	assert.Equal(t, first, deployment(dex.Tectonic(tectonic), ""))
	assert.NotEqual(t, first, deployment(changed, ""))
	assert.NotEqual(t, first, deployment(dex.Tectonic(tectonic), "2"))
}

func TestObjectsRefuse(t *testing.T) {
	t.Parallel()
	good := dex.Tectonic(tectonic)
	image := dex.DeploymentOptions{Image: "dex"}
	for _, test := range []struct {
		name    string
		edit    func(*dex.Config)
		options dex.DeploymentOptions
		want    string
	}{
		{"no image", func(*dex.Config) {}, dex.DeploymentOptions{}, "write objects: Image is missing"},
		{"no issuer", func(c *dex.Config) { c.Issuer = "dex" }, image, `write objects: the issuer "dex" is not a URL with a host`},
		{"no web", func(c *dex.Config) { c.Web = dex.Web{} }, image, "write objects: web.http is missing, to which the Service leads"},
		{"no port", func(c *dex.Config) { c.Web.HTTP = "0.0.0.0" }, image, `write objects: web.http is "0.0.0.0", want an address with a port`},
		{"loopback", func(c *dex.Config) { c.Web.HTTP = "127.0.0.1:5556" }, image, `write objects: web.http is "127.0.0.1:5556", which no Service reaches`},
		{"memory", func(c *dex.Config) { c.Storage.Config = dex.MemoryStorage{} }, image, "write objects: 2 instances cannot share the memory storage"},
		{"a bad address", func(c *dex.Config) { c.GRPC.Addr = "x" }, image, `write objects: grpc.addr is "x", want an address with a port`},
	} {
		config := good
		test.edit(&config)
		_, err := dex.Objects(config, test.options)
		assert.EqualError(t, err, test.want, test.name)
	}
}

func TestRender(t *testing.T) {
	t.Parallel()
	connector := func(c dex.ConnectorConfig) dex.Config {
		return dex.Config{Connectors: []dex.Connector{{ID: "corp", Name: "Corp", Config: c}}}
	}
	rendered, err := dex.Render(connector(dex.LDAP{Host: "ldap.example.com", BindPW: groundway.NewSecret("ldap-secret"), RootCAData: []byte("pem")}))
	require.NoError(t, err)
	assert.Equal(t, `connectors:
  - id: "corp"
    name: "Corp"
    type: "ldap"
    config:
      host: "ldap.example.com"
      rootCAData: "cGVt"
      bindPW: "$DEX_CONNECTOR_CORP_BIND_PW"
`, string(rendered.Config))
	assert.Equal(t, "ldap-secret", rendered.Secrets["DEX_CONNECTOR_CORP_BIND_PW"].Reveal())

	// A reference stays, and the caller sets the variable.
	rendered, err = dex.Render(connector(dex.MockPassword{Username: "u", Password: groundway.NewSecret("${PASSWORD}")}))
	require.NoError(t, err)
	assert.Contains(t, string(rendered.Config), `password: "${PASSWORD}"`)
	assert.Nil(t, rendered.Secrets)

	for _, test := range []struct {
		name   string
		config dex.Config
		want   string
	}{
		{"one name for two", dex.Config{StaticClients: []dex.Client{{ID: "a-b", Secret: groundway.NewSecret("1")}, {ID: "a_b", Secret: groundway.NewSecret("2")}}}, "render configuration: two secrets would both be DEX_CLIENT_A_B_SECRET"},
		{"both", dex.Config{StaticClients: []dex.Client{{ID: "a", Secret: groundway.NewSecret("1"), SecretEnv: "A"}}}, `render client "a": it has both secret and secretEnv`},
		{"a dollar", connector(dex.LDAP{Host: "a$$b"}), "render connector_corp: /host has a dollar that dex would cut out; set DEX_EXPAND_ENV to false and write it without Render"},
	} {
		_, err := dex.Render(test.config)
		assert.EqualError(t, err, test.want, test.name)
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, text, want string }{
		{"nothing", "", "dex.yaml:1:1: the text is empty"},
		{"a list", "- a\n", "dex.yaml:1:1: got a list, want keys with values"},
		{"not YAML", "issuer: [\n", "dex.yaml:1:9: not YAML: did not find expected node content"},
		{"a byte", "issuer: \"\xff\"\n", "dex.yaml:1:10: got the byte 0xff, want text in UTF-8"},
		{"an alias", "issuer: &a \"x\"\n", `dex.yaml:1:9: /issuer: got the anchor "&a", want none`},
		{"a truth value", "staticClients:\n  - id: on\n", `dex.yaml:2:9: /staticClients/0/id: got the truth value "on", want it in quotes, which make it a text`},
		{"a secret that is a number", "staticClients:\n  - secret: 123456\n", `dex.yaml:2:13: /staticClients/0/secret: got a number, want it in quotes, which make it a text`},
		{"a secret that is a list", "staticClients:\n  - secret: [hunter2]\n", `dex.yaml:2:13: /staticClients/0/secret: got a list, want a text`},
		{"twice", "issuer: \"a\"\nissuer: \"b\"\n", `dex.yaml:2:1: /issuer: the key stands twice, first in line 1; the last one counts`},
		{"two documents", "issuer: \"a\"\n---\nissuer: \"b\"\n", `dex.yaml:2:1: got a second document, which is passed over`},
		{"a duration", "expiry: {idTokens: \"1 day\"}\n", `dex.yaml:1:20: /expiry/idTokens: got "1 day", want a duration such as "24h"`},
		{"no type", "storage: {config: {}}\n", `dex.yaml:1:10: /storage: the key "type" is missing, want one of kubernetes, etcd, sqlite3, postgres, mysql, memory`},
		{"two mistakes", "issuers: \"a\"\nweb: {http: 5556}\n", "dex.yaml:1:1: /issuers: unknown key \"issuers\", the nearest is \"issuer\"; want one of issuer, storage, web, grpc, telemetry, expiry, signer, oauth2, frontend, logger, connectors, staticClients, staticPasswords, enablePasswordDB\n" +
			`dex.yaml:2:13: /web/http: got the number "5556", want it in quotes, which make it a text`},
	} {
		_, err := dex.Parse("dex.yaml", []byte(test.text))
		assert.EqualError(t, err, test.want, test.name)
	}
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	var c dex.Config
	assert.Equal(t, 24*time.Hour, c.IDTokens())
	p, ok := c.Rotation()
	assert.True(t, ok)
	assert.Equal(t, 6*time.Hour, p)
	c.Signer.Config = dex.VaultSigner{}
	_, ok = c.Rotation()
	assert.False(t, ok)
	d := time.Hour
	c.Signer.Config = dex.LocalSigner{KeysRotationPeriod: &d}
	p, _ = c.Rotation()
	assert.Equal(t, d, p)
	assert.Equal(t, int64(5), dex.KeySetSize(24*time.Hour, 6*time.Hour))
	assert.Equal(t, int64(14601), dex.KeySetSize(10*365*24*time.Hour, 6*time.Hour))
}

// What is read and written is read again as it was, and no input panics.
func FuzzParse(f *testing.F) {
	for _, r := range dexrows.Rows() {
		f.Add([]byte(r.Text()))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		dex.LintText("dex.yaml", data, dex.LintOptions{})
		config, err := dex.Parse("dex.yaml", data)
		if err != nil {
			return
		}
		first, err := dex.Render(config)
		if err != nil {
			return
		}
		again, err := dex.Parse("dex.yaml", first.Config)
		if err != nil && strings.Contains(err.Error(), "the text is empty") {
			return // a configuration that says nothing
		}
		require.NoError(t, err, string(first.Config))
		second, err := dex.Render(again)
		require.NoError(t, err)
		assert.Equal(t, string(first.Config), string(second.Config))
	})
}
