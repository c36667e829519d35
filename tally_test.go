package groundway_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
)

func tallied(record func(*groundway.Tally)) []groundway.Finding {
	t := groundway.NewTally([]groundway.Rule{
		{Code: "test/a", Severity: groundway.Error, Title: "The first holds", Doc: "Because. https://example.com/a"},
		{Code: "test/b", Severity: groundway.Warning, Title: "DNS is the second", Doc: "Without a page."},
	}, groundway.Subject{Kind: "vpc", ID: "vpc-0a1"})
	record(t)
	return t.Findings()
}

func TestTally(t *testing.T) {
	one, two := groundway.Subject{Kind: "subnet", ID: "subnet-0a"}, groundway.Subject{Kind: "subnet", ID: "subnet-0b"}
	whole := groundway.Subject{Kind: "vpc", ID: "vpc-0a1"}

	findings := tallied(func(y *groundway.Tally) {
		y.Pass("test/a", 2)
		y.Pass("test/a", 1)
	})
	require.Len(t, findings, 2, "every rule says something")
	assert.Equal(t, groundway.Finding{
		Code: "test/a", Outcome: groundway.Passed, Severity: groundway.Error, Subject: whole, Summary: "The first holds",
		Evidence: []groundway.Fact{{Got: "3", Want: "subjects of the rule, all of which hold"}},
	}, findings[0])
	assert.Equal(t, groundway.Skipped, findings[1].Outcome, "a rule of which nothing was recorded is never taken for passed")

	findings = tallied(func(y *groundway.Tally) {
		y.Pass("test/a", 1)
		y.Fail(groundway.Finding{
			Code: "test/a", Subject: two, Summary: "two", Evidence: []groundway.Fact{{Got: "x"}},
			Remedies: []groundway.Remedy{{Action: "Mend it."}, {Action: "Or not."}}, Related: []groundway.Subject{two, one, two},
		})
		y.Fail(groundway.Finding{Code: "test/a", Subject: two, Summary: "again", Evidence: []groundway.Fact{{Got: "x"}, {Got: "y"}}})
		y.Unknown(groundway.Finding{Code: "test/a", Subject: one, Severity: groundway.Info, Detail: "own"})
		f, failed := y.Failed("test/a", two)
		assert.True(t, failed)
		assert.Equal(t, "two", f.Summary)
		_, failed = y.Failed("test/a", one)
		assert.False(t, failed)
		y.Skip("test/b", "test/a", two)
		y.Pass("test/b", 4)
	})
	require.Len(t, findings, 3, "beside a failure nothing says passed, and what follows from a cause is no pass")
	assert.Equal(t, groundway.Finding{
		Code: "test/a", Outcome: groundway.Failed, Severity: groundway.Error, Subject: two, Summary: "two", Detail: "Because.",
		Evidence: []groundway.Fact{{Got: "x"}, {Got: "y"}},
		Remedies: []groundway.Remedy{{Action: "Mend it.", URL: "https://example.com/a"}, {Action: "Or not."}},
		Related:  []groundway.Subject{one, two},
	}, findings[0])
	assert.Equal(t, groundway.Skipped, findings[1].Outcome)
	assert.Equal(t, "follows from test/a of subnet-0b", findings[1].Detail)
	assert.Equal(t, []string{findings[0].Fingerprint()}, findings[1].Causes)
	assert.Equal(t, groundway.Info, findings[2].Severity)
	assert.Equal(t, "own", findings[2].Detail)

	findings = tallied(func(y *groundway.Tally) {
		assert.False(t, y.Settled("test/b"))
		y.Inapplicable("test/b", "there is none of the second kind")
		y.Inapplicable("test/b", "there is none of the first kind")
		assert.True(t, y.Settled("test/b"))
		y.Inapplicable("test/a", "nothing")
		y.Pass("test/a", 1)
	})
	assert.Equal(t, groundway.Passed, findings[0].Outcome, "a reason for having no other subject does not take the pass away")
	assert.Equal(t, "there is none of the first kind; there is none of the second kind", findings[1].Detail)

	assert.PanicsWithValue(t, `groundway: the tally has no rule "test/c"`, func() {
		tallied(func(y *groundway.Tally) { y.Pass("test/c", 1) })
	})
}

func TestRuleText(t *testing.T) {
	r := groundway.Rule{Title: "The VPC exists", Doc: "One. See https://example.com/x for more. https://example.com/y"}
	why, page := r.Reason()
	assert.Equal(t, "One. See https://example.com/x for more.", why)
	assert.Equal(t, "https://example.com/y", page)
	assert.Equal(t, "the VPC exists", r.Clause())
	assert.Equal(t, "NAT is there", groundway.Rule{Title: "NAT is there"}.Clause())
	why, page = groundway.Rule{Doc: "No page."}.Reason()
	assert.Equal(t, "No page. ", why+page+" ")
	assert.Empty(t, groundway.Rule{}.Clause())
}

func TestTallyUnseen(t *testing.T) {
	s := groundway.Subject{Kind: "subnet", ID: "subnet-0a"}
	denied := groundway.Gap{Action: "ec2:DescribeSubnets", Code: "UnauthorizedOperation", Message: "not for you"}
	shared := groundway.Gap{Action: "ec2:DescribeRouteTables", Account: "444455556666"}
	findings := tallied(func(y *groundway.Tally) { y.Unseen("test/a", s, nil, denied, denied, shared) })
	assert.Equal(t, groundway.Finding{
		Code: "test/a", Outcome: groundway.Unknown, Severity: groundway.Error, Subject: s, Detail: "Because.",
		Summary: "It could not be seen whether the first holds: ec2:DescribeSubnets (UnauthorizedOperation: not for you); ec2:DescribeRouteTables.",
		Evidence: []groundway.Fact{
			{Got: "not for you", Want: "an answer of ec2:DescribeSubnets", Source: "ec2:DescribeSubnets"},
			{Want: "an answer of ec2:DescribeRouteTables", Source: "ec2:DescribeRouteTables"},
		},
		Remedies: []groundway.Remedy{
			{Action: "Let the caller use ec2:DescribeSubnets and check again.", URL: "https://example.com/a"},
			{Action: "Let the caller use ec2:DescribeRouteTables and check again."},
		},
	}, findings[0])

	findings = tallied(func(y *groundway.Tally) {
		y.Unseen("test/a", s, func(g groundway.Gap) groundway.Remedy { return g.Remedy("111122223333") }, denied, shared)
	})
	assert.Equal(t, "Let the caller use ec2:DescribeSubnets and check again.", findings[0].Remedies[0].Action)
	assert.Equal(t, groundway.Remedy{
		Action: "Have the owner of the resource use ec2:DescribeRouteTables and share the answer.", Actor: "owner of account 444455556666",
	}, findings[0].Remedies[1])
}

func TestGapString(t *testing.T) {
	for _, test := range []struct {
		gap  groundway.Gap
		want string
	}{
		{groundway.Gap{Action: "a:B"}, "a:B"},
		{groundway.Gap{Action: "a:B", Code: "C"}, "a:B (C)"},
		{groundway.Gap{Action: "a:B", Message: "m"}, "a:B (m)"},
		{groundway.Gap{Action: "a:B", Code: "C", Message: "m"}, "a:B (C: m)"},
	} {
		assert.Equal(t, test.want, test.gap.String())
	}
}

// What AWS would have shown to a caller who asked is not a permission that is lacking.
func TestGapRemedy(t *testing.T) {
	const ask, again = "Let the caller use a:B and check again.", "See that a:B is answered in full, and check again."
	for _, test := range []struct {
		gap  groundway.Gap
		want string
	}{
		{groundway.Gap{Action: "a:B"}, ask},
		{groundway.Gap{Action: "a:B", Code: "AccessDeniedException", Message: "m"}, ask},
		{groundway.Gap{Action: "a:B", Code: "UnauthorizedOperation"}, ask},
		{groundway.Gap{Action: "a:B", Code: "ThrottlingException"}, again},
		{groundway.Gap{Action: "a:B", Message: "no file a-b.json"}, again},
	} {
		assert.Equal(t, groundway.Remedy{Action: test.want}, test.gap.Remedy("111122223333"))
	}
}

func TestCloneRules(t *testing.T) {
	rules := []groundway.Rule{{Code: "test/a", DependsOn: []groundway.Code{"test/b"}, Permissions: []string{"a:B"}}}
	clone := groundway.CloneRules(rules)
	assert.Equal(t, rules, clone)
	clone[0].DependsOn[0], clone[0].Permissions[0], clone[0].Code = "x", "x", "x"
	assert.Equal(t, groundway.Rule{Code: "test/a", DependsOn: []groundway.Code{"test/b"}, Permissions: []string{"a:B"}}, rules[0])
}
