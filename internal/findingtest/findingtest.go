// Package findingtest holds findings and rules to what is true of those of every
// check.
package findingtest

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
)

// A Contract is what the findings come from.
type Contract struct {
	// Snapshot is what evidence points into, by its JSON; nil where it names lines of
	// files, flags or addresses instead.
	Snapshot any
	Rules    []groundway.Rule
	// Before are findings of checks that ran earlier, which may be causes.
	Before []groundway.Finding
	// Sources of what is unknown, beside the permissions of the rule.
	Sources []string
}

// Hold checks that the findings are in order, that every rule says something, once a
// subject, that causes failed and are named by the rule, that what failed is a
// sentence, that it and what is unknown have evidence and a remedy, that what is
// unknown says which permission or other source shows it, and that every pointer of
// the evidence leads to the value that it claims. Of a list or an object evidence says
// in words what it is.
func (c Contract) Hold(t *testing.T, findings []groundway.Finding) {
	t.Helper()
	require.True(t, slices.IsSortedFunc(findings, groundway.Finding.Compare), "in order")
	rules := map[groundway.Code]groundway.Rule{}
	for _, r := range c.Rules {
		rules[r.Code] = r
	}
	failed, seen := map[string]groundway.Code{}, map[string]bool{}
	for _, f := range slices.Concat(findings, c.Before) {
		if f.Outcome == groundway.Failed {
			failed[f.Fingerprint()] = f.Code
		}
	}
	data, err := json.Marshal(c.Snapshot)
	require.NoError(t, err)
	var tree any
	require.NoError(t, json.Unmarshal(data, &tree))
	outcomes := map[groundway.Code][]groundway.Outcome{}
	for _, f := range findings {
		outcomes[f.Code] = append(outcomes[f.Code], f.Outcome)
		if f.Outcome == groundway.Failed || f.Outcome == groundway.Unknown {
			assert.False(t, seen[f.Fingerprint()], "%s of %s: one finding a subject", f.Code, f.Subject)
			seen[f.Fingerprint()] = true
		}
		c.hold(t, f, rules[f.Code], failed, tree)
	}
	for code := range rules {
		assert.NotEmpty(t, outcomes[code], "%s: every rule says something", code)
	}
	for code, list := range outcomes {
		assert.Contains(t, rules, code)
		if slices.Contains(list, groundway.Passed) {
			assert.Len(t, list, 1, "%s: next to another outcome nothing says passed", code)
		}
	}
}

func (c Contract) hold(t *testing.T, f groundway.Finding, r groundway.Rule, failed map[string]groundway.Code, tree any) {
	t.Helper()
	assert.NotEmpty(t, f.Summary, f.Code)
	assert.NotContains(t, f.Summary+f.Detail, "  ", f.Code)
	for _, cause := range f.Causes {
		code, ok := failed[cause]
		assert.True(t, ok, "%s: the cause failed", f.Code)
		assert.Contains(t, r.DependsOn, code, "%s: the cause is one of the rules that it depends on", f.Code)
	}
	if f.Outcome == groundway.Failed || f.Outcome == groundway.Unknown {
		assert.True(t, strings.HasSuffix(f.Summary, "."), "%s: %q is a sentence", f.Code, f.Summary)
		if f.Subject.ID != "" || c.Snapshot == nil || f.Outcome == groundway.Unknown {
			assert.NotEmpty(t, f.Evidence, "%s: has evidence", f.Code)
		}
		if assert.NotEmpty(t, f.Remedies, "%s: has a remedy", f.Code) {
			assert.NotEmpty(t, f.Remedies[0].Action, f.Code)
		}
	}
	for _, e := range f.Evidence {
		if f.Outcome == groundway.Unknown {
			assert.Contains(t, slices.Concat(r.Permissions, c.Sources), e.Source, "%s: names an action of the rule", f.Code)
		}
		if f.Outcome == groundway.Failed {
			assert.True(t, e.Path != "" || c.Snapshot != nil, "%s: evidence has a place", f.Code)
		}
		if c.Snapshot == nil || !strings.HasPrefix(e.Path, "/") {
			continue
		}
		got, found, scalar := resolve(tree, e.Path)
		if e.Got == "" && f.Outcome == groundway.Unknown {
			continue // it says what to look at
		}
		if e.Got == "" {
			assert.False(t, found && scalar, "%s: %s is absent, but is %q", f.Code, e.Path, got)
			continue
		}
		assert.True(t, found, "%s: %s resolves", f.Code, e.Path)
		if scalar {
			assert.Equal(t, e.Got, got, "%s: %s", f.Code, e.Path)
		}
	}
}

// resolve follows a JSON pointer and returns the scalar there as text.
func resolve(tree any, pointer string) (text string, found, scalar bool) {
	for step := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		step = strings.NewReplacer("~1", "/", "~0", "~").Replace(step)
		switch node := tree.(type) {
		case map[string]any:
			next, ok := node[step]
			if !ok {
				return "", false, false
			}
			tree = next
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(node) {
				return "", false, false
			}
			tree = node[i]
		default:
			return "", false, false
		}
	}
	switch leaf := tree.(type) {
	case string:
		return leaf, true, true
	case bool:
		return strconv.FormatBool(leaf), true, true
	case float64:
		return strconv.FormatFloat(leaf, 'f', -1, 64), true, true
	}
	return "", true, false
}
