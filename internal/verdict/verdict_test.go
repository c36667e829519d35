package verdict_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/verdict"
	"github.com/groundway-sdk/groundway/internal/yamltext"
)

func TestJudge(t *testing.T) {
	t.Parallel()
	const page = "https://example.com/"
	rules := []verdict.Rule{
		verdict.NewRule("identity/a", groundway.Error, page, "A holds", "Why.", "Mend it.", ""),
		verdict.NewRule("identity/b", groundway.Warning, page, "B holds", "Why.", "Mend it.", "there is no b", "identity/a"),
		verdict.NewRule("identity/c", groundway.Warning, page, "C holds", "Why.", "Mend it.", ""),
	}
	j := verdict.NewJudge(rules, "thing")
	j.File, j.Positions = "f.yaml", yamltext.Positions{"/x": {Line: 3, Column: 4}}
	j.Require(true, verdict.Fault{Code: "identity/a"})
	j.Require(false, verdict.Fault{Code: "identity/a", Path: "/x/y", Got: "1", Summary: "It does not."})
	j.Unseen("identity/c", "", "nobody looked")
	j.Settle()
	findings := j.Findings()
	require.Len(t, findings, 3)
	assert.Equal(t, groundway.Finding{
		Code: "identity/a", Outcome: groundway.Failed, Severity: groundway.Error, Subject: groundway.Subject{Kind: "thing", Name: "f.yaml", Path: "/x/y"},
		Summary: "It does not.", Detail: "Why.", Evidence: []groundway.Fact{{Path: "f.yaml:3:4", Got: "1", Want: "a holds", Source: "configuration"}},
		Remedies: []groundway.Remedy{{Action: "Mend it.", URL: page}},
	}, findings[0])
	assert.Equal(t, groundway.Skipped, findings[1].Outcome)
	assert.Equal(t, "there is no b", findings[1].Detail)
	assert.Equal(t, groundway.Unknown, findings[2].Outcome)
	assert.Equal(t, "It could not be seen whether c holds: nobody looked.", findings[2].Summary)
	assert.Equal(t, "/", findings[2].Subject.Path)

	j = verdict.NewJudge(rules, "thing")
	j.Problems([]yamltext.Problem{{Position: yamltext.Position{Line: 1, Column: 2}, Kind: yamltext.Syntax, Text: "broken"}}, func(yamltext.Problem) groundway.Code { return "identity/a" })
	unread, ok := j.Failed("identity/a", j.Subject(""))
	require.True(t, ok)
	assert.Equal(t, "Line 1:2: broken.", unread.Summary)
	j.SkipAll("identity/a", unread.Subject)
	assert.Equal(t, []string{unread.Fingerprint()}, j.Findings()[1].Causes)

	verdict.Public(rules)[1].DependsOn[0] = "changed"
	assert.Equal(t, groundway.Code("identity/a"), rules[1].DependsOn[0])
}
