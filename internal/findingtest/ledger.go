package findingtest

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
)

// A Ledger notes which outcomes each rule had over the rows of a table.
type Ledger map[groundway.Code][]groundway.Outcome

// Hold holds the findings to the contract, and notes them.
func (l Ledger) Hold(t *testing.T, c Contract, findings []groundway.Finding) {
	t.Helper()
	c.Hold(t, findings)
	for _, f := range findings {
		l[f.Code] = append(l[f.Code], f.Outcome)
	}
}

// Complete fails the test unless every rule had the outcomes failed and passed, and
// unknown exactly if it is among unseen: codes without their package.
func (l Ledger) Complete(t *testing.T, rules []groundway.Rule, unseen ...string) {
	t.Helper()
	for _, r := range rules {
		assert.Contains(t, l[r.Code], groundway.Failed, "%s: a row in which it fails", r.Code)
		assert.Contains(t, l[r.Code], groundway.Passed, "%s: a row in which it holds", r.Code)
		assert.Equal(t, slices.Contains(unseen, slug(r.Code)), slices.Contains(l[r.Code], groundway.Unknown), "%s: a row in which it is unknown", r.Code)
	}
}

func slug(c groundway.Code) string { return strings.TrimPrefix(string(c), c.Package()+"/") }

// Outcomes returns the codes of an outcome without their package, once each, ordered.
func Outcomes(findings []groundway.Finding, o groundway.Outcome) []string {
	codes := map[string]bool{}
	for _, f := range findings {
		if f.Outcome == o {
			codes[slug(f.Code)] = true
		}
	}
	return slices.Sorted(maps.Keys(codes))
}

// Rules fails the test unless the rules are those of a package, documented with a page,
// unique, acyclic and in a fresh slice.
func Rules(t *testing.T, pkg string, rules func() []groundway.Rule) {
	t.Helper()
	byCode := map[groundway.Code]groundway.Rule{}
	for _, r := range rules() {
		assert.NotContains(t, byCode, r.Code, "codes are unique")
		assert.Equal(t, pkg, r.Code.Package())
		byCode[r.Code] = r
		why, page := r.Reason()
		assert.NotEmpty(t, why, r.Code)
		assert.NotEmpty(t, page, r.Code)
		assert.NotEmpty(t, r.Title, r.Code)
		assert.False(t, strings.HasSuffix(r.Title, "."), r.Code)
		assert.NotEmpty(t, r.Since, r.Code)
		assert.NotZero(t, r.Severity, r.Code)
	}
	var walk func(code groundway.Code, path []groundway.Code)
	walk = func(code groundway.Code, path []groundway.Code) {
		require.Contains(t, byCode, code, "%v depends on a rule of the package", path)
		require.NotContains(t, path, code, "no cycle")
		for _, d := range byCode[code].DependsOn {
			walk(d, append(slices.Clone(path), code))
		}
	}
	for code := range byCode {
		walk(code, nil)
	}
	for i, r := range rules() {
		if len(r.DependsOn) > 0 {
			r.DependsOn[0] = "changed"
			assert.NotEqual(t, groundway.Code("changed"), rules()[i].DependsOn[0], "%s: a fresh slice", r.Code)
		}
		if len(r.Permissions) > 0 {
			r.Permissions[0] = "changed"
			assert.NotEqual(t, "changed", rules()[i].Permissions[0], "%s: a fresh slice", r.Code)
		}
	}
}

// Text returns the report that a person reads.
func Text(t *testing.T, findings []groundway.Finding) string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, groundway.RenderText(&b, groundway.Report{Findings: findings}, groundway.TextOptions{Width: 10000}))
	return b.String()
}
