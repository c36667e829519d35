package presets_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/catalog"
	"github.com/groundway-sdk/groundway/iam/presets"
	"github.com/groundway-sdk/groundway/internal/golden"
)

// known is the catalogue as Lint and Tighten use it.
var known = iam.Correct(catalog.Catalog{}, iam.KnownErrors()...)

// A proven is a preset with all that it says of itself.
type proven struct {
	provenCase
	published, least iam.Document
	provenance       presets.Provenance
}

func each(t *testing.T, test func(*testing.T, proven)) {
	for _, c := range provenCases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := proven{provenCase: c}
			var err error
			p.published, err = c.preset.Published(scope)
			require.NoError(t, err)
			p.least, err = c.preset.Least(scope)
			require.NoError(t, err)
			p.provenance, err = c.preset.Provenance(scope)
			require.NoError(t, err)
			test(t, p)
		})
	}
}

// relation compares documents by the actions that exist.
func relation(t *testing.T, first, second []iam.Document) iam.Comparison {
	t.Helper()
	c, err := iam.Compare(first, second, iam.CompareOptions{Catalog: known, MaxStates: 1 << 20})
	require.NoError(t, err)
	return c
}

// expand returns the actions of the Allow statements of a document, patterns
// replaced by what they match, in the catalogue's letter case. What it does not
// have stays as it is.
func expand(d iam.Document) map[iam.Action]bool {
	all := map[iam.Action]bool{}
	for _, s := range d.Statements {
		for _, a := range s.Actions {
			for _, name := range names(a) {
				all[name] = true
			}
		}
	}
	return all
}

func names(a iam.Action) []iam.Action {
	if strings.ContainsAny(string(a), "*?") {
		return known.Expand(a)
	}
	if name, _, ok := known.Action(a); ok {
		return []iam.Action{name}
	}
	return []iam.Action{a}
}

// What Published returns is what the source grants, restated in a file.
func TestPublished(t *testing.T) {
	each(t, func(t *testing.T, p proven) {
		text, err := os.ReadFile(filepath.Join("testdata", "published", p.provenCase.published+".json"))
		require.NoError(t, err)
		source, err := iam.Parse(string(text), iam.ParseOptions{})
		require.NoError(t, err)
		assert.True(t, iam.Equal(source, p.published), "%s", p.published.Indent())
		assert.NotEmpty(t, p.provenance.Source.Name)
		assert.NotEmpty(t, p.provenance.Source.Line)
		assert.Regexp(t, `^https://[^ ]+$`, p.provenance.Source.URL)
	})
}

// Least lies within Published and the additions, each of which is needed.
func TestLeastWithinPublished(t *testing.T) {
	each(t, func(t *testing.T, p proven) {
		allowed := []iam.Document{p.published}
		for _, a := range p.provenance.Added {
			d, err := iam.NewDocument(a.Statements...)
			require.NoError(t, err)
			alone := relation(t, []iam.Document{d}, []iam.Document{p.published})
			assert.NotContains(t, []iam.Relation{iam.RelationWithin, iam.RelationEqual, iam.RelationUndecided}, alone.Relation,
				"the addition is published already: %s", a.Reason)
			lost := relation(t, []iam.Document{d}, []iam.Document{p.least})
			assert.Contains(t, []iam.Relation{iam.RelationWithin, iam.RelationEqual}, lost.Relation, "the addition is not in Least: %s", a.Reason)
			assert.NotEmpty(t, a.Reason)
			assert.Regexp(t, `^https://[^ ]+$`, a.URL)
			allowed = append(allowed, d)
		}
		c := relation(t, []iam.Document{p.least}, allowed)
		require.Contains(t, []iam.Relation{iam.RelationWithin, iam.RelationEqual}, c.Relation, "%+v %s", c.Witness(), c.Undecided)
	})
}

// What Published grants and Least does not is listed, and what is listed is
// published and gone.
func TestDropped(t *testing.T) {
	each(t, func(t *testing.T, p proven) {
		published, least := expand(p.published), expand(p.least)
		listed := map[iam.Action]bool{}
		for _, d := range p.provenance.Dropped {
			assert.NotEmpty(t, d.Reason)
			on := d.On
			if on == nil {
				on = []string{"*"}
			}
			for _, a := range d.Actions {
				gone := 0
				for _, name := range names(a) {
					if d.On == nil && !least[name] {
						listed[name] = true
						gone++
					}
					assert.Equal(t, !d.InWords, published[name], "%s", name)
				}
				if d.On == nil {
					assert.Positive(t, gone, "%s is still granted", a)
				}
				if d.InWords || d.On == nil && strings.Contains(string(a), "*") {
					continue
				}
				all := iam.MustDocument(iam.Allow(a).On(on...))
				c, err := iam.Compare([]iam.Document{p.least}, []iam.Document{all}, iam.CompareOptions{})
				require.NoError(t, err)
				assert.Equal(t, iam.RelationDisjoint, c.Relation, "%s on %s is still granted: %+v", a, on, c.Both)
				c, err = iam.Compare([]iam.Document{p.published}, []iam.Document{all}, iam.CompareOptions{})
				require.NoError(t, err)
				assert.NotEqual(t, iam.RelationDisjoint, c.Relation, "%s on %s was never granted", a, on)
			}
		}
		for name := range published {
			if !least[name] {
				assert.True(t, listed[name], "%s is dropped without a reason", name)
			}
		}
	})
}

// Whatever can be named is: "*" stands for actions that take no resource, or
// that only look.
func TestNarrow(t *testing.T) {
	each(t, func(t *testing.T, p proven) {
		for _, s := range p.least.Statements {
			if !slices.Contains(s.Resources, "*") {
				continue
			}
			for _, a := range s.Actions {
				for _, name := range names(a) {
					_, level, ok := known.Action(name)
					require.True(t, ok, "%s", name)
					if level != iam.ListAccess && level != iam.ReadAccess && s.Conditions == nil {
						assert.Empty(t, known.ResourceTypes(name), "%s", name)
					}
				}
			}
		}
	})
}

// The ways to more permissions, and what Lint has against the document, are
// those that the preset names. AWS takes the document, but for its size, which
// is for the set.
func TestRisks(t *testing.T) {
	each(t, func(t *testing.T, p proven) {
		found := map[groundway.Code]bool{}
		record := func(findings []groundway.Finding) {
			for _, f := range findings {
				doubt := f.Outcome == groundway.Unknown || f.Outcome == groundway.Failed && f.Severity != groundway.Info
				if !doubt || f.Code == "iam/size-exceeded" {
					continue
				}
				found[f.Code] = true
				assert.True(t, slices.ContainsFunc(p.provenance.Risks, func(r presets.Risk) bool { return r.Code == f.Code }),
					"%s %s is not named: %s %s", f.Outcome, f.Code, f.Summary, f.Detail)
			}
		}
		record(iam.Validate(p.least, iam.IdentityPolicy, iam.ValidateOptions{}))
		record(iam.Lint(p.least, iam.LintOptions{Catalog: catalog.Catalog{}, Validated: true, Partition: iam.PartitionAWS}))
		for _, principal := range []string{"arn:aws:iam::111122223333:role/demo-role", "arn:aws:iam::111122223333:user/demo-user"} {
			findings, err := iam.Escalate(iam.Policies{Identity: []iam.Document{p.least}}, iam.EscalateOptions{Principal: principal})
			require.NoError(t, err)
			record(findings)
		}
		for _, r := range p.provenance.Risks {
			assert.Equal(t, !r.Unseen, found[r.Code], "%s: found or not as it should not be", r.Code)
			assert.NotEmpty(t, r.Reason)
			assert.NotEmpty(t, r.Mitigation)
		}
	})
}

// What the documents are, for people to read.
func TestLeastGolden(t *testing.T) {
	each(t, func(t *testing.T, p proven) {
		golden.Check(t, filepath.Join("least", p.name+".json"), []byte(p.least.Indent()))
	})
}

// eitherType are required types of which the list of actions does not say that
// another does as well.
var eitherType = map[string]bool{"dynamodb:ListTagsOfResource stream": true}

// No action is granted by half: what AWS requires of an action that Least names,
// Least grants on some resource of each type that is required. Of several types
// with a common beginning, such as listener/app and listener/net, one suffices.
func TestComplete(t *testing.T) {
	each(t, func(t *testing.T, p proven) {
		for _, s := range p.least.Statements {
			for _, a := range s.Actions {
				granted := map[string]bool{}
				for _, kind := range known.ResourceTypes(a) {
					if !kind.Required || eitherType[string(a)+" "+kind.Name] {
						continue
					}
					family, _, _ := strings.Cut(kind.Name, "/")
					c, err := iam.Compare([]iam.Document{p.least}, []iam.Document{iam.MustDocument(iam.Allow(a).On(fill(kind.ARNs)...))}, iam.CompareOptions{})
					require.NoError(t, err)
					granted[family] = granted[family] || c.Relation != iam.RelationDisjoint
				}
				for family, ok := range granted {
					assert.True(t, ok, "%s needs a %s", a, family)
				}
			}
		}
	})
}

// fill returns ARN templates in the scope of the tests.
func fill(templates []string) []string {
	var list []string
	for _, text := range templates {
		text = strings.NewReplacer("${Partition}", "aws", "${Region}", "us-east-1", "${Account}", "111122223333").Replace(text)
		list = append(list, placeholder.ReplaceAllString(text, "*"))
	}
	return list
}

var placeholder = regexp.MustCompile(`\$\{[A-Za-z]+\}`)
