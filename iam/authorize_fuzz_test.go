package iam_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/iam"
)

// Whatever the policy and the request are, there is an error or a verdict, and
// Explain has the same.
func FuzzAuthorizeText(f *testing.F) {
	for _, test := range rulings {
		r := test.whole()
		for _, d := range append(test.policies.Identity, test.policies.Resource) {
			f.Add(d.String(), r.Principal, string(r.Action), r.Resource, "aws:SourceIp", "192.0.2.1", false)
		}
	}
	f.Fuzz(func(t *testing.T, text, principal, action, resource, key, value string, partial bool) {
		d, err := iam.Parse(text, iam.ParseOptions{})
		if err != nil {
			return
		}
		r := iam.Request{Principal: principal, Action: iam.Action(action), Resource: resource, Context: iam.Context{key: {value}}, Partial: partial}
		for _, p := range []iam.Policies{
			{Identity: []iam.Document{d}},
			{Resource: d},
			{Boundary: []iam.Document{d}, SCPs: [][]iam.Document{{d}}},
			{Session: []iam.Document{d}},
			{Endpoint: []iam.Document{d}, RCPs: [][]iam.Document{{d}}},
		} {
			a, err := iam.Compile(p)
			if err != nil {
				continue
			}
			got, err := a.Authorize(r)
			x, explained := a.Explain(r)
			if err != nil {
				require.Error(t, explained)
				continue
			}
			require.NoError(t, explained)
			require.Equal(t, got, iam.Decision{Verdict: x.Verdict, Layer: x.Layer, By: x.By, Missing: x.Missing})
			require.NotEmpty(t, x.String())
			if !partial {
				require.NotEqual(t, iam.Undetermined, got.Verdict)
			}
		}
		_, err = iam.Escalate(iam.Policies{Identity: []iam.Document{d}}, iam.EscalateOptions{Principal: operatorUser})
		if err == nil {
			_, err = iam.Compile(iam.Policies{Identity: []iam.Document{d}})
			require.NoError(t, err)
		}
	})
}

// Patterns of resources, and of conditions of text and ARNs, against regular
// expressions.
func FuzzAuthorizePattern(f *testing.F) {
	f.Add("aws:s3:::a*b?c", "aws:s3:::axxb:c")
	f.Add("aws:*:us-*-1:*:x", "aws:sqs:us-east-1:1:a:x")
	f.Add("*a*:b*", "aws:a:b:c:d:e")
	f.Add("aws:s3:::${*}${aws:username, 'x'}", "aws:s3:::*operator")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern) > 40 || len(text) > 60 || strings.Contains(pattern+text, "\\") {
			return
		}
		for _, r := range pattern + text {
			if r < ' ' || r > '~' {
				return // the oracle counts bytes
			}
		}
		pattern, text = "arn:"+pattern, "arn:"+text
		if strings.Count(text, ":") < 5 {
			return
		}
		if _, err := iam.ParseTemplate(pattern); err != nil {
			return
		}
		statement := iam.Allow("*").On("*")
		for _, s := range []iam.Statement{
			{Effect: iam.EffectAllow, Actions: []iam.Action{"*"}, Resources: []string{pattern}},
			{Effect: iam.EffectAllow, Actions: []iam.Action{"*"}, NotResources: []string{pattern}},
			statement.When(iam.StringLike("demo:text", pattern)),
			statement.When(iam.StringEquals("demo:text", pattern)),
			statement.When(iam.ArnNotLike("demo:text", pattern)),
		} {
			p := iam.Policies{Identity: []iam.Document{{Version: iam.Version2012, Statements: []iam.Statement{s}}}}
			r := iam.Request{Principal: operatorUser, Action: "demo:Do", Resource: text, ResourceAccount: "111122223333", Context: iam.Context{"demo:text": {text}}}
			d, err := iam.MustCompile(p).Authorize(r)
			require.NoError(t, err)
			require.Equal(t, oracleVerdict(p, r).String(), d.Verdict.String(), "%q of %q", pattern, text)
		}
	})
}

// Comparisons of numbers against those of math/big.
func FuzzAuthorizeNumber(f *testing.F) {
	f.Add("10", "10.0")
	f.Add("-0.5", "-.50")
	f.Add("1e3", "999.9999999999999999999")
	f.Add("0.00", "-0")
	f.Fuzz(func(t *testing.T, policy, value string) {
		for _, n := range []string{policy, value} {
			if len(n) > 40 || strings.Trim(n, "+-.0123456789eE") != "" {
				return
			}
			if i := strings.IndexAny(n, "eE"); i >= 0 && len(n)-i > 4 {
				return
			}
		}
		for _, operator := range []iam.Operator{"NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals"} {
			p := iam.Policies{Identity: []iam.Document{{Version: iam.Version2012, Statements: []iam.Statement{
				iam.Allow("*").On("*").When(iam.Condition{Operator: operator, Key: "demo:number", Values: []string{policy}}),
			}}}}
			r := iam.Request{Principal: operatorUser, Action: "demo:Do", Context: iam.Context{"demo:number": {value}}}
			d, err := iam.MustCompile(p).Authorize(r)
			require.NoError(t, err)
			require.Equal(t, oracleVerdict(p, r).String(), d.Verdict.String(), "%s %q of %q", operator, policy, value)
		}
	})
}
