package iam_test

import (
	"encoding/json"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/internal/golden"
)

// A policy with a statement for each way not to apply, in every layer.
func TestExplainGolden(t *testing.T) {
	read := iam.MustParse(`{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "Queues", "Effect": "Allow", "Action": ["sqs:*", "sns:*"], "Resource": "*"},
    {"Sid": "Own", "Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::demo/${aws:PrincipalTag/team}/*"},
    {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*", "Condition": {
      "StringLike": {"aws:PrincipalTag/role": ["lead*", "admin"]},
      "Bool": {"aws:SecureTransport": "true"}
    }},
    {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {
      "NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"},
      "ForAllValues:StringEquals": {"aws:TagKeys": "team"},
      "ForAnyValue:StringEquals": {"aws:CalledVia": "athena.amazonaws.com"}
    }}
  ]
}`)
	p := iam.Policies{
		Identity: []iam.Document{read},
		Boundary: docs(`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Null":{"aws:SourceIp":"false"},"StringNotEquals":{"aws:PrincipalTag/role":"guest"}}}`),
		Session:  docs(`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEqualsIfExists":{"aws:SourceVpc":"vpc-0a1"}}}`),
		Resource: doc(to("Allow", `{"AWS":["`+appRole+`","444455556666"]}`, "s3:ListBucket") + `,{"Effect":"Deny","NotPrincipal":{"AWS":"444455556666"},"Action":"s3:Put*","Resource":"*"}`),
		SCPs:     [][]iam.Document{docs(allowAll), docs(`{"Sid":"Regions","Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":["us-east-1"]}}}`, allowAll)},
		RCPs:     [][]iam.Document{docs(to("Deny", `"*"`, "sqs:*"))},
		Endpoint: docs(to("Allow", `"*"`, "s3:*")),
	}
	a := iam.MustCompile(p)
	r := iam.Request{
		Principal: appSession, Action: "s3:GetObject", Resource: "arn:aws:s3:::demo/red/x",
		Context: iam.Context{
			"aws:PrincipalTag/role": {"leader"}, "aws:SecureTransport": {"false"}, "aws:SourceIp": {"192.0.2.7"}, "aws:RequestedRegion": {"us-east-1"},
		},
	}
	var text string
	explain := func(title string, r iam.Request) {
		x, err := a.Explain(r)
		require.NoError(t, err)
		text += "# " + title + "\n\n" + x.String() + "\n"
	}
	explain("no team, so that nothing allows", r)
	r.Partial = true
	explain("the same, and there may be a team", r)
	r.Partial = false
	r.Context["aws:PrincipalTag/team"] = []string{"red"}
	explain("allowed", r)
	r.Context["aws:RequestedRegion"] = []string{"eu-west-1"}
	explain("denied by the organization", r)
	r.Principal = "ec2.amazonaws.com"
	explain("a service", r)
	r.Principal = ownRoot
	explain("the root user", r)
	r.Principal, r.Action, r.Resource = appSession, "sts:GetCallerIdentity", "*"
	explain("who am I", r)
	golden.Check(t, "explain.golden", []byte(text))
}

// Explain and Authorize say the same, and a layer that denies has a statement
// that does.
func TestExplainAgrees(t *testing.T) {
	for seed := range uint64(1500) {
		d := dice{rand.New(rand.NewPCG(seed, 3))}
		p, r := d.policies(), d.request()
		r.Partial = d.rarely()
		a := iam.MustCompile(p)
		want, err := a.Authorize(r)
		require.NoError(t, err)
		got, err := a.Explain(r)
		require.NoError(t, err)
		require.Equal(t, want, iam.Decision{Verdict: got.Verdict, Layer: got.Layer, By: got.By, Missing: got.Missing}, "seed %d", seed)
		require.NotEmpty(t, got.String())
		text, err := json.Marshal(got)
		require.NoError(t, err)
		var again iam.Explanation
		require.NoError(t, json.Unmarshal(text, &again))
		require.Equal(t, got.String(), again.String())
		for _, l := range got.Layers {
			for _, s := range l.Statements {
				least := iam.MatchYes
				for _, part := range s.Parts {
					least = min(least, part.Match)
				}
				require.Equal(t, s.Match, least, "seed %d: a statement matches as its parts do: %s", seed, got)
			}
		}
		if want.Verdict == iam.ExplicitlyDenied {
			found := false
			for _, l := range got.Layers {
				for _, s := range l.Statements {
					found = found || l.Layer == want.Layer && s.StatementRef == want.By && s.Effect == iam.EffectDeny && s.Match == iam.MatchYes
				}
			}
			require.True(t, found, "seed %d: %s", seed, got)
		}
	}
}

// What a policy and a request hold is untrusted: it comes out harmless.
func TestExplainQuotes(t *testing.T) {
	evil := "\x1b[31m<script>\n$(rm -rf ~)"
	d := iam.Document{Version: iam.Version2012, Statements: []iam.Statement{{
		ID: evil, Effect: iam.EffectAllow, Actions: []iam.Action{iam.Action("s3:" + evil)}, Resources: []string{"arn:aws:s3:::" + evil},
		Conditions: []iam.Condition{{Operator: "StringEquals", Key: evil, Values: []string{evil}}},
	}}}
	x, err := iam.MustCompile(iam.Policies{Identity: []iam.Document{d}}).Explain(iam.Request{
		Principal: "arn:aws:iam::111122223333:user/" + "evil\x1b[31m", Action: "s3:\x1bGet", Resource: "arn:aws:s3:::" + evil, Context: iam.Context{evil: {evil}},
	})
	require.NoError(t, err)
	require.NotContains(t, x.String(), "\x1b")
	require.NotContains(t, x.String(), "\n$(rm")
}
