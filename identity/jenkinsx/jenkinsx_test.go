package jenkinsx_test

import (
	"cmp"
	"fmt"
	"log"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/identity/jenkinsx"
	"github.com/groundway-sdk/groundway/internal/findingtest"
)

const good = `# the cluster of the team
autoUpdate:
  enabled: false
  schedule: ""
cluster:
  clusterName: cluster1
  environmentGitOwner: example # who owns the repositories
  provider: eks
  region: us-east-1
environments:
- key: dev
- key: staging
gitops: true
ingress:
  domain: cluster1.example.com
  externalDNS: true
  ignoreLoadBalancer: true
  namespaceSubDomain: -jx.
  tls:
    email: certifiable@example.com
    enabled: true
    production: true
kaniko: true
secretStorage: vault
storage:
  logs:
    enabled: true
    url: s3://cluster1-logs
  reports:
    enabled: false
    url: ""
vault:
  aws:
    autoCreate: false
    dynamoDBTable: vault-data
    dynamoDBRegion: us-east-1
    kmsKeyId: 1234abcd-12ab-34cd-56ef-1234567890ab
    kmsRegion: us-east-1
    s3Bucket: vault-data-cluster1
    s3Region: us-east-1
    s3Prefix: cluster1/
webhook: lighthouse
`

func parse(t testing.TB, text string) jenkinsx.File {
	t.Helper()
	f, err := jenkinsx.Parse("jx-requirements.yml", []byte(text))
	require.NoError(t, err)
	return f
}

func edit(t testing.TB, text string, change func(*jenkinsx.Requirements)) jenkinsx.File {
	t.Helper()
	f := parse(t, text)
	r := f.Requirements()
	change(&r)
	f, err := f.With(r)
	require.NoError(t, err)
	return f
}

func TestParse(t *testing.T) {
	r := parse(t, good).Requirements()
	assert.Equal(t, jenkinsx.Cluster{Provider: "eks", ClusterName: "cluster1", Region: "us-east-1"}, r.Cluster)
	assert.Equal(t, jenkinsx.Ingress{
		Domain: "cluster1.example.com", ExternalDNS: true, IgnoreLoadBalancer: true, NamespaceSubDomain: "-jx.",
		TLS: jenkinsx.TLS{Enabled: true, Email: "certifiable@example.com", Production: true},
	}, r.Ingress)
	assert.Equal(t, map[string]jenkinsx.Bucket{"logs": {Enabled: true, URL: "s3://cluster1-logs"}}, r.Storage.Buckets())
	assert.Equal(t, "vault-data", r.Vault.AWS.DynamoDBTable)
	assert.True(t, r.UsesVault())
}

func TestParseErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                                         "jx-requirements.yml:1:1: the text is empty",
		"cluster: {provider: eks":                  "jx-requirements.yml:1:",
		"cluster:\n\tprovider: eks":                "jx-requirements.yml:2:1: got a tab, want spaces: YAML is not indented by tabs",
		"terraform: yes please":                    "jx-requirements.yml:1:12: /terraform: got a text, want true or false",
		"cluster: eks":                             "jx-requirements.yml:1:10: /cluster: got a text, want keys with values",
		"cluster:\n  Provider: eks":                `jx-requirements.yml:2:3: /cluster/Provider: got the key "Provider", want "provider"`,
		"terraform: true\nterraform: false":        "jx-requirements.yml:2:1: /terraform: the key stands twice, first in line 1; the last one counts",
		"cluster:\n  region: 1":                    "jx-requirements.yml:2:11: /cluster/region: got the number \"1\", want it in quotes, which make it a text",
		"terraform: true\n---\nterraform: false":   "got a second document",
		"cluster: &a {provider: eks}\ningress: *a": "jx-requirements.yml:1:10:",
		"terraform: \xff":                          "jx-requirements.yml:1:12: got the byte 0xff, want text in UTF-8",
		"[]":                                       "jx-requirements.yml:1:1: got",
	} {
		_, err := jenkinsx.Parse("jx-requirements.yml", []byte(text))
		assert.ErrorContains(t, err, want, "%q", text)
	}
}

// What is not changed stays to the letter, but for blank lines.
func TestWithChangesNothing(t *testing.T) {
	f := parse(t, good)
	same, err := f.With(f.Requirements())
	require.NoError(t, err)
	assert.Equal(t, good, string(same.Bytes()))
}

func TestWithKeepsTheRest(t *testing.T) {
	f := edit(t, good, func(r *jenkinsx.Requirements) {
		r.Ingress.Domain = "c2.example.com"
		r.Storage.Backup = jenkinsx.Bucket{Enabled: true, URL: "s3://backups"}
		r.Cluster.Registry = "111122223333.dkr.ecr.us-east-1.amazonaws.com"
		r.Vault.AWS.AutoCreate = true
	})
	want := strings.NewReplacer(
		"domain: cluster1.example.com", "domain: c2.example.com",
		"  region: us-east-1\nenvironments", "  region: us-east-1\n  registry: 111122223333.dkr.ecr.us-east-1.amazonaws.com\nenvironments",
		"    url: \"\"\nvault", "    url: \"\"\n  backup:\n    enabled: true\n    url: s3://backups\nvault",
		"autoCreate: false", "autoCreate: true",
		"- key", "  - key", // how the encoder indents lists
	).Replace(good)
	assert.Equal(t, want, string(f.Bytes()))

	f = edit(t, good, func(r *jenkinsx.Requirements) { r.Vault.AWS = nil; r.SecretStorage = "" })
	assert.NotContains(t, string(f.Bytes()), "dynamoDBTable")
	assert.Contains(t, string(f.Bytes()), `secretStorage: ""`)
	assert.Contains(t, string(f.Bytes()), "# who owns the repositories")
}

// Texts that YAML, or an older YAML, would read as something else.
func TestWithQuotes(t *testing.T) {
	for _, text := range []string{"yes", "on", "1", "1.5", "null", "~", "2026-03-01", "a: b", "# a", "- a", "'", "\"", "\\", "{", "é", "line\nbreak", " a ", "0x1f", "1_000", "true"} {
		f := edit(t, good, func(r *jenkinsx.Requirements) { r.Cluster.ClusterName = text })
		assert.Equal(t, text, f.Requirements().Cluster.ClusterName)
		again := parse(t, string(f.Bytes()))
		assert.Equal(t, f.Requirements(), again.Requirements(), "%q", text)
	}
}

func TestNew(t *testing.T) {
	f, err := jenkinsx.New("jx-requirements.yml", parse(t, good).Requirements())
	require.NoError(t, err)
	assert.Equal(t, parse(t, good).Requirements(), f.Requirements())
	assert.NotContains(t, string(f.Bytes()), "gitops")
}

// The page's spelling is read, found, and written as jx reads it.
func TestClusterConfig(t *testing.T) {
	const text = "clusterConfig:\n    provider: eks # as the page has it\n"
	f := parse(t, text)
	assert.Equal(t, "eks", f.Requirements().Cluster.Provider)
	f, err := f.With(f.Requirements())
	require.NoError(t, err)
	assert.Equal(t, "cluster:\n    provider: eks # as the page has it\n", string(f.Bytes()))
	assert.NotContains(t, failures(jenkinsx.Check(f, jenkinsx.Options{})), groundway.Code("identity/jenkinsx-cluster-key"))
}

func failures(findings []groundway.Finding) []groundway.Code {
	var codes []groundway.Code
	for _, f := range findings {
		if f.Outcome == groundway.Failed && !slices.Contains(codes, f.Code) {
			codes = append(codes, f.Code)
		}
	}
	return codes
}

var role = jenkinsx.Options{VaultRole: true}

// A row changes the good file, and says which codes fail, with the subject and the
// place of the first.
var rows = []struct {
	name  string
	edit  func(*jenkinsx.Requirements)
	text  string // in place of the good file
	o     jenkinsx.Options
	want  []groundway.Code
	path  string
	place string
}{
	{name: "good", o: role},
	{name: "a misspelt key", text: strings.Replace(good, "  domain:", "  domian:", 1), o: role, want: []groundway.Code{"identity/jenkinsx-domain-invalid", "identity/jenkinsx-key-unknown"}, path: "/ingress/domain", place: "jx-requirements.yml:15:3"},
	{name: "the page's key", text: "clusterConfig:\n    provider: eks\n", want: []groundway.Code{"identity/jenkinsx-cluster-key"}, path: "/clusterConfig", place: "jx-requirements.yml:1:1"},
	{name: "the page's key and another provider", text: "clusterConfig:\n    provider: gke\n", want: []groundway.Code{"identity/jenkinsx-cluster-key", "identity/jenkinsx-provider-wrong"}},
	{name: "no provider", edit: func(r *jenkinsx.Requirements) { r.Cluster.Provider = "" }, o: role, want: []groundway.Code{"identity/jenkinsx-provider-wrong"}, path: "/cluster/provider", place: "jx-requirements.yml:8:13"},
	{name: "another provider", edit: func(r *jenkinsx.Requirements) { r.Cluster.Provider = "gke" }, o: role, want: []groundway.Code{"identity/jenkinsx-provider-wrong"}},
	{name: "terraform and a vault that exists", edit: func(r *jenkinsx.Requirements) { r.Terraform = true }, o: role},
	{name: "terraform and a vault to create", edit: func(r *jenkinsx.Requirements) { r.Terraform, r.Vault.AWS.AutoCreate = true, true }, o: role, want: []groundway.Code{"identity/jenkinsx-terraform-creates"}, path: "/vault/aws/autoCreate"},
	{name: "terraform and a vault of which nothing is said", edit: func(r *jenkinsx.Requirements) { r.Terraform, r.Vault.AWS = true, nil }, o: role, want: []groundway.Code{"identity/jenkinsx-terraform-creates"}, path: "/vault/aws/autoCreate"},
	{name: "terraform and a bucket to create", edit: func(r *jenkinsx.Requirements) { r.Terraform, r.Storage.Logs.URL = true, "" }, o: role, want: []groundway.Code{"identity/jenkinsx-terraform-creates"}, path: "/storage/logs/url"},
	{name: "a bucket to create", edit: func(r *jenkinsx.Requirements) { r.Storage.Logs.URL = "" }, o: role},
	{name: "no domain", edit: func(r *jenkinsx.Requirements) { r.Ingress.Domain = "" }, o: role, want: []groundway.Code{"identity/jenkinsx-domain-invalid"}, path: "/ingress/domain", place: "jx-requirements.yml:15:11"},
	{name: "a URL for a domain", edit: func(r *jenkinsx.Requirements) { r.Ingress.Domain = "https://example.com" }, o: role, want: []groundway.Code{"identity/jenkinsx-domain-invalid"}},
	{name: "a final dot", edit: func(r *jenkinsx.Requirements) { r.Ingress.Domain = "example.com." }, o: role, want: []groundway.Code{"identity/jenkinsx-domain-invalid"}},
	{name: "no domain is needed", edit: func(r *jenkinsx.Requirements) { r.Ingress = jenkinsx.Ingress{} }, o: role},
	{name: "the load balancer decides", edit: func(r *jenkinsx.Requirements) { r.Ingress.IgnoreLoadBalancer = false }, o: role, want: []groundway.Code{"identity/jenkinsx-domain-overwritten"}, path: "/ingress/ignoreLoadBalancer"},
	{name: "a subdomain without a dot", edit: func(r *jenkinsx.Requirements) { r.Ingress.NamespaceSubDomain = "-jx" }, o: role, want: []groundway.Code{"identity/jenkinsx-subdomain-invalid"}},
	{name: "a subdomain in the words of a template", edit: func(r *jenkinsx.Requirements) { r.Ingress.NamespaceSubDomain = ".{{ns}}." }, o: role, want: []groundway.Code{"identity/jenkinsx-subdomain-invalid"}},
	{name: "no address", edit: func(r *jenkinsx.Requirements) { r.Ingress.TLS.Email = "" }, o: role, want: []groundway.Code{"identity/jenkinsx-tls-email-invalid"}},
	{name: "an address with a name", edit: func(r *jenkinsx.Requirements) { r.Ingress.TLS.Email = "Ops <ops@example.com>" }, o: role, want: []groundway.Code{"identity/jenkinsx-tls-email-invalid"}},
	{name: "staging", edit: func(r *jenkinsx.Requirements) { r.Ingress.TLS.Production = false }, o: role, want: []groundway.Code{"identity/jenkinsx-tls-staging"}},
	{name: "certificates without DNS", edit: func(r *jenkinsx.Requirements) { r.Ingress.ExternalDNS = false }, o: role, want: []groundway.Code{"identity/jenkinsx-tls-without-dns"}},
	{name: "secrets in a place unheard of", edit: func(r *jenkinsx.Requirements) { r.SecretStorage = "safe" }, o: role, want: []groundway.Code{"identity/jenkinsx-secretstorage-invalid"}},
	{name: "a vault that is not used", edit: func(r *jenkinsx.Requirements) { r.SecretStorage = "local" }, o: role, want: []groundway.Code{"identity/jenkinsx-secretstorage-invalid"}},
	{name: "a vault without a user", want: []groundway.Code{"identity/jenkinsx-vault-user-missing"}, path: "/vault/aws/iamUserName"},
	{name: "a vault by default", edit: func(r *jenkinsx.Requirements) { r.Vault.AWS = nil }, want: []groundway.Code{"identity/jenkinsx-vault-user-missing"}},
	{name: "a vault with a user", edit: func(r *jenkinsx.Requirements) { r.Vault.AWS.IAMUserName = "acmeuser" }, want: []groundway.Code{"identity/jenkinsx-vault-static-keys"}},
	{name: "a user by ARN", edit: func(r *jenkinsx.Requirements) { r.Vault.AWS.IAMUserName = "arn:aws:iam::111122223333:user/acme" }, o: role, want: []groundway.Code{"identity/jenkinsx-vault-names-invalid"}},
	{name: "an existing vault without names", edit: func(r *jenkinsx.Requirements) { *r.Vault.AWS = jenkinsx.VaultAWS{} }, o: role, want: []groundway.Code{"identity/jenkinsx-vault-names-missing"}},
	{name: "a new vault without names", edit: func(r *jenkinsx.Requirements) { *r.Vault.AWS = jenkinsx.VaultAWS{AutoCreate: true} }, o: role},
	{name: "a key by alias", edit: func(r *jenkinsx.Requirements) { r.Vault.AWS.KMSKeyID = "alias/vault" }, o: role},
	{name: "a key by ARN", edit: func(r *jenkinsx.Requirements) {
		r.Vault.AWS.KMSKeyID = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	}, o: role},
	{name: "a key by name", edit: func(r *jenkinsx.Requirements) { r.Vault.AWS.KMSKeyID = "vault" }, o: role, want: []groundway.Code{"identity/jenkinsx-vault-names-invalid"}},
	{name: "a zone for a region", edit: func(r *jenkinsx.Requirements) { r.Vault.AWS.S3Region = "us-east-1a" }, o: role, want: []groundway.Code{"identity/jenkinsx-vault-names-invalid"}},
	{name: "a bucket in capitals", edit: func(r *jenkinsx.Requirements) { r.Vault.AWS.S3Bucket = "Vault_Data" }, o: role, want: []groundway.Code{"identity/jenkinsx-vault-names-invalid"}},
	{name: "a table with a space", edit: func(r *jenkinsx.Requirements) { r.Vault.AWS.DynamoDBTable = "vault data" }, o: role, want: []groundway.Code{"identity/jenkinsx-vault-names-invalid"}},
	{name: "a prefix like a path", edit: func(r *jenkinsx.Requirements) { r.Vault.AWS.S3Prefix = "/vault" }, o: role, want: []groundway.Code{"identity/jenkinsx-vault-names-invalid"}},
	{name: "a bucket of another cloud", edit: func(r *jenkinsx.Requirements) { r.Storage.Logs.URL = "gs://logs" }, o: role, want: []groundway.Code{"identity/jenkinsx-storage-invalid"}},
	{name: "an address for a bucket", edit: func(r *jenkinsx.Requirements) { r.Storage.Logs.URL = "s3://192.0.2.1" }, o: role, want: []groundway.Code{"identity/jenkinsx-storage-invalid"}},
}

func TestCheck(t *testing.T) {
	ledger := findingtest.Ledger{}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			text := cmp.Or(row.text, good)
			f := parse(t, text)
			if row.edit != nil {
				f = edit(t, text, row.edit)
			}
			findings := jenkinsx.Check(f, row.o)
			assert.ElementsMatch(t, row.want, failures(findings))
			ledger.Hold(t, findingtest.Contract{Rules: jenkinsx.Rules()}, findings)
			for _, finding := range findings {
				if finding.Outcome != groundway.Failed {
					continue
				}
				require.Len(t, finding.Evidence, 1)
				assert.NotEmpty(t, finding.Evidence[0].Want, finding.Code)
				if row.path != "" && finding.Code == row.want[0] {
					assert.Equal(t, row.path, finding.Subject.Path)
					if row.place != "" {
						assert.Equal(t, row.place, finding.Evidence[0].Path)
					}
				}
			}
		})
	}
	ledger.Complete(t, jenkinsx.Rules())
}

func TestRules(t *testing.T) { findingtest.Rules(t, "identity", jenkinsx.Rules) }

func TestServiceAccounts(t *testing.T) {
	accounts := jenkinsx.ServiceAccounts("")
	var subjects []string
	for _, a := range accounts {
		subjects = append(subjects, a.Subject())
		assert.NotEmpty(t, a.Purpose)
	}
	assert.Equal(t, []string{
		"system:serviceaccount:cert-manager:cm-cainjector",
		"system:serviceaccount:cert-manager:cm-cert-manager",
		"system:serviceaccount:jx:exdns-external-dns",
		"system:serviceaccount:jx:jenkins-x-controllerbuild",
		"system:serviceaccount:jx:jxui",
		"system:serviceaccount:jx:tekton-bot",
	}, subjects)
	bot := accounts[len(accounts)-1]
	assert.Equal(t, "TektonBotPolicy-f00d", bot.ExportName("f00d"))
	assert.Empty(t, accounts[0].ExportName("f00d"))
	assert.Empty(t, jenkinsx.Duplicates(accounts))
	assert.Equal(t, []string{"jx/tekton-bot"}, jenkinsx.Duplicates(append(accounts, bot)))
	assert.Equal(t, "system:serviceaccount:ci:tekton-bot", jenkinsx.ServiceAccounts("ci")[5].Subject())
	accounts[0].Labels["aws-usage"] = "mine"
	assert.Equal(t, "jenkins-x", jenkinsx.ServiceAccounts("")[0].Labels["aws-usage"], "the table is the caller's")
}

// What is read can be written, and is then read as the same.
func FuzzParse(f *testing.F) {
	f.Add(good)
	f.Add("clusterConfig:\n    provider: eks\n")
	f.Add("cluster: {provider: eks}\n")
	f.Add("vault: {aws: }\nstorage:\n  logs: # none\n")
	f.Fuzz(func(t *testing.T, text string) {
		file, err := jenkinsx.Parse("f.yml", []byte(text))
		if err != nil {
			return
		}
		jenkinsx.Check(file, jenkinsx.Options{})
		r := file.Requirements()
		r.Ingress.Domain, r.Terraform = "fuzz.example.com", !r.Terraform
		made, err := file.With(r)
		if err != nil {
			return // such as a text whose anchors stand below keys that are not read
		}
		require.Equal(t, r, made.Requirements(), "%q was written as\n%s", text, made.Bytes())
	})
}

// The file is read, judged, mended and written; what else stands in it stays.
func Example() {
	file, err := jenkinsx.Parse("jx-requirements.yml", []byte(`clusterConfig:
  provider: eks
gitops: true # this package knows nothing of it
ingress:
  domain: cluster1.example.com
  externalDNS: true
`))
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range jenkinsx.Check(file, jenkinsx.Options{}) {
		if f.Outcome == groundway.Failed {
			fmt.Println(f.Evidence[0].Path, f.Summary)
		}
	}
	r := file.Requirements()
	r.Ingress.IgnoreLoadBalancer = true
	if file, err = file.With(r); err != nil {
		log.Fatal(err)
	}
	fmt.Print("\n", string(file.Bytes()))
	// Output:
	// jx-requirements.yml:1:1 The cluster is configured under clusterConfig, which nothing reads.
	// jx-requirements.yml:5:3 Boot may write another domain over cluster1.example.com.
	//
	// cluster:
	//   provider: eks
	// gitops: true # this package knows nothing of it
	// ingress:
	//   domain: cluster1.example.com
	//   externalDNS: true
	//   ignoreLoadBalancer: true
}

func ExampleServiceAccounts() {
	accounts := append(jenkinsx.ServiceAccounts("jx"), jenkinsx.ServiceAccount{
		Namespace: "jx", Name: "reporter", PolicyARNs: []string{"arn:aws:iam::111122223333:policy/reports"},
	})
	count := map[string]int{}
	for _, a := range accounts {
		count[a.Namespace]++
	}
	for _, namespace := range slices.Sorted(maps.Keys(count)) {
		fmt.Println(namespace, count[namespace])
	}
	// Output:
	// cert-manager 2
	// jx 5
}
