// Package verdicttest has what holds for the findings and the rules of every package
// that judges a configuration.
package verdicttest

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/groundway-sdk/groundway"
)

// A Ledger notes which outcomes each rule had.
type Ledger map[string]bool

// Outcomes returns the codes of an outcome, without "identity/", once each.
func Outcomes(findings []groundway.Finding, o groundway.Outcome) []string {
	codes := map[string]bool{}
	for _, f := range findings {
		if f.Outcome == o {
			codes[slug(f.Code)] = true
		}
	}
	return slices.Sorted(maps.Keys(codes))
}

func slug(c groundway.Code) string { return strings.TrimPrefix(string(c), "identity/") }

// Check fails the test unless the findings keep the contract: every rule says
// something, one finding a subject, evidence and a remedy for what failed.
func (l Ledger) Check(t testing.TB, rules []groundway.Rule, findings []groundway.Finding) {
	t.Helper()
	heard, prints, failed := map[groundway.Code]bool{}, map[string]bool{}, map[string]groundway.Code{}
	for _, f := range findings {
		l[f.Outcome.String()+" "+slug(f.Code)] = true
		heard[f.Code] = true
		if prints[f.Fingerprint()] {
			t.Errorf("%s of %s: more than one finding", f.Code, f.Subject)
		}
		prints[f.Fingerprint()] = true
		if f.Outcome == groundway.Failed {
			failed[f.Fingerprint()] = f.Code
		}
	}
	depends := map[groundway.Code][]groundway.Code{}
	for _, r := range rules {
		depends[r.Code] = r.DependsOn
		if !heard[r.Code] {
			t.Errorf("%s says nothing", r.Code)
		}
	}
	for _, f := range findings {
		if f.Summary == "" || strings.Contains(f.Summary+f.Detail, "  ") {
			t.Errorf("%s: summary %q, detail %q", f.Code, f.Summary, f.Detail)
		}
		for _, cause := range f.Causes {
			if code, ok := failed[cause]; !ok || !slices.Contains(depends[f.Code], code) {
				t.Errorf("%s: the cause %s is no failure that it depends on", f.Code, cause)
			}
		}
		if f.Outcome != groundway.Failed && f.Outcome != groundway.Unknown {
			continue
		}
		if !strings.HasSuffix(f.Summary, ".") || len(f.Remedies) == 0 || f.Remedies[0].Action == "" || len(f.Evidence) == 0 {
			t.Errorf("%s: no sentence, evidence or remedy: %+v", f.Code, f)
		}
		for _, e := range f.Evidence {
			if e.Path == "" {
				t.Errorf("%s: evidence without a place: %+v", f.Code, e)
			}
		}
	}
}

// Complete fails the test unless every rule had the outcomes failed and passed, and
// unknown exactly if it is among unseen.
func (l Ledger) Complete(t testing.TB, rules []groundway.Rule, unseen ...string) {
	t.Helper()
	for _, r := range rules {
		code := slug(r.Code)
		for _, o := range []string{"failed", "passed"} {
			if !l[o+" "+code] {
				t.Errorf("no row in which %s has %s", code, o)
			}
		}
		if l["unknown "+code] != slices.Contains(unseen, code) {
			t.Errorf("%s is unknown in a row: %v", code, l["unknown "+code])
		}
	}
}

// Rules fails the test unless the rules are documented, unique, acyclic and fresh.
func Rules(t testing.TB, rules func() []groundway.Rule) {
	t.Helper()
	byCode := map[groundway.Code]groundway.Rule{}
	for _, r := range rules() {
		if _, twice := byCode[r.Code]; twice || !strings.HasPrefix(string(r.Code), "identity/") {
			t.Errorf("the code %s stands twice, or elsewhere", r.Code)
		}
		byCode[r.Code] = r
		if r.Title == "" || strings.HasSuffix(r.Title, ".") || !strings.Contains(r.Doc, " https://") || r.Since == "" || r.Severity.String() == "invalid" {
			t.Errorf("%s is not documented: %+v", r.Code, r)
		}
	}
	var walk func(code groundway.Code, path []groundway.Code)
	walk = func(code groundway.Code, path []groundway.Code) {
		r, ok := byCode[code]
		if !ok || slices.Contains(path, code) {
			t.Fatalf("%s: no rule, or a cycle: %v", code, path)
		}
		for _, d := range r.DependsOn {
			walk(d, append(slices.Clone(path), code))
		}
	}
	for code := range byCode {
		walk(code, nil)
	}
	for i, r := range rules() {
		if len(r.DependsOn) > 0 {
			r.DependsOn[0] = "changed"
			if rules()[i].DependsOn[0] == "changed" {
				t.Errorf("%s: the slice is shared", r.Code)
			}
		}
	}
}

// Text returns the report that a person reads.
func Text(t testing.TB, findings []groundway.Finding) string {
	t.Helper()
	var b strings.Builder
	if err := groundway.RenderText(&b, groundway.Report{Findings: findings}, groundway.TextOptions{Width: 10000}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
