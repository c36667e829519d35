package dex_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/identity/dex"
	"github.com/groundway-sdk/groundway/internal/dexrows"
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
	codes := map[string]bool{}
	for _, f := range findings {
		if f.Outcome == o {
			codes[strings.TrimPrefix(string(f.Code), prefix)] = true
		}
	}
	return slices.Sorted(maps.Keys(codes))
}

func TestRows(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
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
			checkContract(t, findings)
			note(seen, findings)
			report := reportText(t, findings)
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
			checkContract(t, findings)
			note(seen, findings)
		})
	}
	for _, r := range dex.Rules() {
		code := strings.TrimPrefix(string(r.Code), prefix)
		assert.True(t, seen["failed "+code], "%s fails in some row", code)
		assert.True(t, seen["passed "+code], "%s passes in some row", code)
		if slices.Contains(canBeUnseen, code) {
			assert.True(t, seen["unknown "+code], "%s is unknown in some row", code)
		} else {
			assert.False(t, seen["unknown "+code], "%s is always seen: list it", code)
		}
	}
}

// canBeUnseen are the rules that ask for more than the configuration.
var canBeUnseen = []string{
	"env-unset", "issuer-unrelated", "certificate-time", "certificate-name", "certificate-usage", "certificate-weak",
	"certificate-authority", "client-ca-unusable", "client-ca-other", "client-peer-unknown", "client-secret-weak",
	"password-cost-low", "connector-redirect", "connector-filter-invalid", "connector-ca-expired", "signer-vault-incomplete",
}

func note(seen map[string]bool, findings []groundway.Finding) {
	for _, f := range findings {
		seen[f.Outcome.String()+" "+strings.TrimPrefix(string(f.Code), prefix)] = true
	}
}

// checkContract is what holds for all findings.
func checkContract(t *testing.T, findings []groundway.Finding) {
	t.Helper()
	heard, prints, failed := map[groundway.Code]bool{}, map[string]bool{}, map[string]bool{}
	for _, f := range findings {
		heard[f.Code] = true
		assert.False(t, prints[f.Fingerprint()], "%s of %s: one finding a subject", f.Code, f.Subject)
		prints[f.Fingerprint()] = true
		if f.Outcome == groundway.Failed {
			failed[f.Fingerprint()] = true
		}
	}
	assert.Len(t, heard, len(dex.Rules()), "every rule says something")
	for _, f := range findings {
		assert.NotEmpty(t, f.Summary)
		assert.NotContains(t, f.Summary+f.Detail, "  ")
		for _, cause := range f.Causes {
			assert.True(t, failed[cause], "%s: the cause failed", f.Code)
		}
		if f.Outcome == groundway.Failed || f.Outcome == groundway.Unknown {
			assert.True(t, strings.HasSuffix(f.Summary, "."), f.Summary)
			require.NotEmpty(t, f.Remedies, f.Code)
			assert.NotEmpty(t, f.Remedies[0].Action)
			require.NotEmpty(t, f.Evidence, f.Code)
			for _, e := range f.Evidence {
				assert.NotEmpty(t, e.Path, f.Code)
				assert.NotEmpty(t, e.Want, f.Code)
			}
		}
	}
}

func reportText(t *testing.T, findings []groundway.Finding) string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, groundway.RenderText(&b, groundway.NewReport(noon, findings), groundway.TextOptions{Width: 10000}))
	return b.String()
}

func TestRules(t *testing.T) {
	t.Parallel()
	codes := map[groundway.Code]bool{}
	for _, r := range dex.Rules() {
		assert.False(t, codes[r.Code], "%s is unique", r.Code)
		codes[r.Code] = true
		assert.True(t, strings.HasPrefix(string(r.Code), prefix))
		assert.NotEmpty(t, r.Title)
		assert.False(t, strings.HasSuffix(r.Title, "."))
		assert.Contains(t, r.Doc, " https://")
		assert.NotEmpty(t, r.Since)
		assert.NotEqual(t, "invalid", r.Severity.String())
		// Acyclic: all rest on one that rests on nothing.
		for _, d := range r.DependsOn {
			assert.Equal(t, groundway.Code(prefix+"file-unreadable"), d)
		}
	}
	assert.Empty(t, dex.Rules()[0].DependsOn)
	dex.Rules()[1].DependsOn[0] = "changed"
	assert.NotEqual(t, groundway.Code("changed"), dex.Rules()[1].DependsOn[0], "a fresh slice")
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
