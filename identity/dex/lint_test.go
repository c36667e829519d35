package dex_test

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/identity/dex"
	"github.com/groundway-sdk/groundway/internal/dexrows"
	"github.com/groundway-sdk/groundway/internal/findingtest"
)

var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// around is what surrounds the rows of the table.
var around = dex.LintOptions{
	Time: noon, Replicas: 2, Hosts: []string{"127.0.0.1", "console.example.com"},
	Environment: map[string]bool{"SET": true}, Files: map[string][]byte{},
}

const prefix = "identity/dex-"

// outcomes returns the codes of the findings of an outcome, without the prefix.
func outcomes(findings []groundway.Finding, o groundway.Outcome) []string {
	var codes []string
	for _, code := range findingtest.Outcomes(findings, o) {
		codes = append(codes, strings.TrimPrefix(code, "dex-"))
	}
	return codes
}

func TestRows(t *testing.T) {
	t.Parallel()
	seen := findingtest.Ledger{}
	for _, r := range dexrows.Rows() {
		t.Run(r.Name, func(t *testing.T) {
			text := r.Text()
			findings := dex.LintText("dex.yaml", []byte(text), around)
			want := map[string]bool{"storage-memory": true}
			for _, code := range r.Fails {
				if code == "file-unreadable" {
					want = map[string]bool{}
				}
				if rest, ok := strings.CutPrefix(code, "-"); ok {
					delete(want, rest)
				} else {
					want[code] = true
				}
			}
			assert.Equal(t, slices.Sorted(maps.Keys(want)), outcomes(findings, groundway.Failed))
			if r.Refused {
				assert.True(t, slices.ContainsFunc(findings, groundway.Finding.Blocks), "what dex does not start with is an error")
			}
			seen.Hold(t, findingtest.Contract{Rules: dex.Rules(), Sources: []string{"caller"}}, findings)
			report := findingtest.Text(t, findings)
			for _, secret := range []string{"1b2d9f6c47e84a03b5d1", "github-secret", "ldap-secret", "QbW9XJQ5vLEWXRzt8su", "hunter2"} {
				assert.NotContains(t, report, secret)
			}

			// The typed form is judged alike.
			config, err := dex.Parse("dex.yaml", []byte(text))
			ofText := slices.ContainsFunc(r.Fails, func(code string) bool {
				return strings.HasPrefix(code, "key-") || strings.HasPrefix(code, "file-") || code == "value-unquoted"
			})
			if err != nil {
				assert.True(t, ofText || slices.Contains(r.Fails, "value-refused"))
				return
			}
			assert.False(t, ofText)
			assert.Equal(t, slices.Sorted(maps.Keys(want)), outcomes(dex.Lint(config, around), groundway.Failed))
		})
	}
	for _, r := range otherRows(t) {
		t.Run(r.name, func(t *testing.T) {
			findings := dex.Lint(r.config, r.options)
			failed := outcomes(findings, groundway.Failed)
			for _, code := range r.fails {
				assert.Contains(t, failed, code)
			}
			for _, code := range r.passes {
				assert.Contains(t, outcomes(findings, groundway.Passed), code)
			}
			seen.Hold(t, findingtest.Contract{Rules: dex.Rules(), Sources: []string{"caller"}}, findings)
		})
	}
	unseen := make([]string, len(canBeUnseen))
	for i, code := range canBeUnseen {
		unseen[i] = "dex-" + code
	}
	seen.Complete(t, dex.Rules(), unseen...)
}

// canBeUnseen are the rules that ask for more than the configuration.
var canBeUnseen = []string{
	"env-unset", "issuer-unrelated", "certificate-time", "certificate-name", "certificate-usage", "certificate-weak",
	"certificate-authority", "client-ca-unusable", "client-ca-other", "client-peer-unknown", "client-secret-weak",
	"password-cost", "connector-open", "connector-redirect", "connector-filter-invalid", "connector-ca-expired", "signer-vault-incomplete",
}

func TestRules(t *testing.T) {
	t.Parallel()
	findingtest.Rules(t, "identity", dex.Rules)
}

// A finding says where, what and how to mend it.
func TestFindingsSayWhere(t *testing.T) {
	t.Parallel()
	row := dexrows.Rows()[slices.IndexFunc(dexrows.Rows(), func(r dexrows.Row) bool { return r.Name == "a misspelt client authority turns mutual TLS off" })]
	findings := dex.LintText("dex.yaml", []byte(row.Text()), around)
	i := slices.IndexFunc(findings, func(f groundway.Finding) bool { return f.Code == prefix+"key-unknown" })
	require.GreaterOrEqual(t, i, 0)
	f := findings[i]
	assert.Equal(t, groundway.Subject{Kind: "dex-configuration", Name: "dex.yaml", Path: "/grpc/tlsClientCAs"}, f.Subject)
	assert.Equal(t, `Line 8:3: grpc/tlsClientCAs: unknown key "tlsClientCAs", the nearest is "tlsClientCA"; want one of addr, tlsCert, tlsKey, tlsClientCA, tlsMinVersion, tlsMaxVersion, reflection.`, f.Summary)
	assert.Contains(t, f.Detail, "grpc.tlsClientCAs asks no client for a certificate")
	assert.Equal(t, "dex.yaml:8:3", f.Evidence[0].Path)
	assert.Equal(t, "https://dexidp.io/docs/configuration/", f.Remedies[0].URL)
}

// What dex takes out of a text is what os.Expand does: the rule says so of every text
// in which something else than a name goes.
func FuzzDollar(f *testing.F) {
	for _, text := range []string{"$", "a$", "^a$", "$$", "$$a", "${", "${}", "${a", "${a b}", "$-", "$1", "$a$", "a$.b", "${a}$b", "$é", "${$}"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		calls, other := 0, false
		name := regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
		left := os.Expand(text, func(s string) string {
			calls++
			other = other || !name.MatchString(s)
			return ""
		})
		gone := strings.Count(text, "$") - strings.Count(left, "$") - calls // braces that nobody can read
		config := dex.Config{Connectors: []dex.Connector{{ID: "a", Name: "A", Config: dex.GitHub{TeamNameField: text}}}}
		assert.Equal(t, other || gone > 0, slices.Contains(outcomes(dex.Lint(config, around), groundway.Failed), "env-stray-dollar"), "%q", text)
	})
}

// A number that is read as it is written is worth a warning only.
func TestUnquoted(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]groundway.Severity{
		"web: {tlsMinVersion: 1.2}": groundway.Warning, "staticClients: [{id: 12}]": groundway.Warning,
		"staticClients: [{id: 012}]": groundway.Error, "staticClients: [{id: off}]": groundway.Error, "staticClients: [{id: 1e3}]": groundway.Error,
	} {
		findings := dex.LintText("dex.yaml", []byte(text), around)
		i := slices.IndexFunc(findings, func(f groundway.Finding) bool { return f.Code == prefix+"value-unquoted" })
		assert.Equal(t, groundway.Failed, findings[i].Outcome, text)
		assert.Equal(t, want, findings[i].Severity, text)
	}
}

// A text with a hundred thousand mistakes is read in the time that it takes to write it,
// and no finding grows with it.
func TestManyMistakes(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("a: b\n", 100_000) + "staticClients:\n" + strings.Repeat("- {id: [], name: {}}\n", 10_000)
	for _, f := range dex.LintText("dex.yaml", []byte(text), around) {
		assert.LessOrEqual(t, len(f.Evidence), 20, f.Code)
	}
}
