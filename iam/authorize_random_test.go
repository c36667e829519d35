package iam_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/iam"
)

// A dice makes random policies and requests out of few words, so that they meet
// often.
type dice struct{ *rand.Rand }

func pick[T any](d dice, list ...T) T { return list[d.IntN(len(list))] }

// several returns one to three of the list.
func several[T any](d dice, list []T) []T {
	var out []T
	for range 1 + d.IntN(3) {
		out = append(out, pick(d, list...))
	}
	return out
}

func (d dice) often() bool { return d.IntN(4) > 0 }

func (d dice) rarely() bool { return d.IntN(6) == 0 }

var (
	diceActions = []iam.Action{
		"s3:GetObject", "s3:PutObject", "s3:PutBucketPolicy", "ec2:RunInstances", "kms:Decrypt", "sts:AssumeRole",
		"sts:GetCallerIdentity", "sts:GetSessionToken", "iam:PassRole",
	}
	dicePatterns = []iam.Action{
		"*", "s3:*", "s3:Get*", "S3:getobject", "s3:?etObject", "ec2:*", "ec2:Run*", "kms:*", "sts:*", "sts:assumerole", "iam:*", "*:*t*", "iam:PassRole",
	}
	diceResources = []string{
		"*", "arn:aws:s3:::demo", "arn:aws:s3:::demo/a:b", "arn:aws:s3:::demo/operator/x", "arn:aws:ec2:us-east-1:111122223333:instance/i-0a",
		"arn:aws:kms:us-east-1:111122223333:key/1", "arn:aws:kms:us-east-1:444455556666:key/1", "arn:aws:iam::111122223333:role/app",
		"arn:aws:iam::444455556666:role/team/app", "arn:aws:sqs:us-east-1:444455556666:a:b",
	}
	diceResourcePatterns = []string{
		"*", "*", "arn:aws:s3:::*", "arn:aws:s3:::demo/*", "arn:aws:s3:::demo/${aws:username}/*", "arn:aws:s3:::demo/?:b", "arn:aws:s3:::demo/${aws:PrincipalTag/team, 'operator'}/*",
		"arn:aws:ec2:*:111122223333:instance/*", "arn:aws:ec2:us-*:*:instance/i-0a", "arn:aws:ec2:us*1:111122223333:*", "arn:aws:kms:*:*:key/*", "arn:aws:iam::*:role/app",
		"arn:aws:iam::*:role/*", "arn:aws:sqs:*:b", "arn:aws:sqs:*-1:*b", "arn:*", "arn:aws:s3:::demo/a${*}b", "arn:aws:s3:::${aws:PrincipalTag/bucket}*",
	}
	dicePrincipals = []string{
		"arn:aws:iam::111122223333:user/team/operator", "arn:aws:iam::111122223333:role/team/app", "arn:aws:iam::111122223333:role/app",
		"arn:aws:sts::111122223333:assumed-role/app/session", "arn:aws:iam::111122223333:root", "arn:aws:sts::111122223333:federated-user/guest",
		"arn:aws:iam::444455556666:user/operator", "arn:aws:sts::444455556666:assumed-role/app/session", "ec2.amazonaws.com", "*",
		"arn:aws:iam::111122223333:oidc-provider/oidc.example.com/id", "accounts.google.com",
		"arn:aws:iam::111122223333:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
	}
	diceNamed = []iam.Principal{
		iam.Everyone(), iam.AWSPrincipal("*"), iam.AccountRoot("111122223333"), iam.AWSPrincipal("arn:aws:iam::111122223333:root"), iam.AccountRoot("444455556666"),
		iam.AWSPrincipal("arn:aws:iam::111122223333:user/team/operator"), iam.AWSPrincipal("arn:aws:iam::111122223333:role/app"),
		iam.AWSPrincipal("arn:aws:iam::111122223333:role/team/app"), iam.AWSPrincipal("arn:aws:sts::111122223333:assumed-role/app/session"),
		iam.AWSPrincipal("arn:aws:sts::111122223333:federated-user/guest"), iam.AWSPrincipal("arn:aws:iam::444455556666:user/operator"),
		iam.ServicePrincipal("ec2.amazonaws.com"), iam.FederatedPrincipal("arn:aws:iam::111122223333:oidc-provider/oidc.example.com/id"), iam.FederatedPrincipal("accounts.google.com"),
	}
)

// diceKeys are condition keys with values that requests and policies have.
var diceKeys = []struct {
	key       string
	operators []string
	policy    []string
	request   []string
}{
	{
		"aws:PrincipalTag/team",
		[]string{"StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike", "StringNotLike"},
		[]string{"red", "RED", "*", "r*", "?ed", "${aws:username}", "${aws:username, 'red'}", "${*}", "op*r", ""},
		[]string{"red", "Red", "blue", "operator", "*", ""},
	},
	{
		"aws:TagKeys",
		[]string{"StringEquals", "StringNotEquals", "StringLike", "StringNotLike"},
		[]string{"a", "b", "a*", "*"},
		[]string{"a", "b", "ab", "c"},
	},
	{
		"s3:max-keys",
		[]string{"NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals"},
		[]string{"10", "10.0", "9.99", "-1", "1e1", "0", "x", "123456789012345678901"},
		[]string{"10", "010", "10.00", "-0", "0.0", "-1.5", "1E+1", "abc", "123456789012345678902", ".5", ""},
	},
	{
		"aws:CurrentTime",
		[]string{"DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals"},
		[]string{"2026-01-01T00:00:00Z", "2026-01-01", "1767225600", "2026", "2026-06", "soon"},
		[]string{"2026-01-01T00:00:00Z", "2026-01-01T01:00+01:00", "2025-12-31T23:59:59Z", "1767225601", "later"},
	},
	{"aws:SecureTransport", []string{"Bool"}, []string{"true", "false", "TRUE", "x"}, []string{"true", "false", "True", "x"}},
	{"demo:bytes", []string{"BinaryEquals"}, []string{"QUJD", "!"}, []string{"QUJD", "QUJE", "!"}},
	{
		"aws:SourceIp",
		[]string{"IpAddress", "NotIpAddress"},
		[]string{"192.0.2.0/24", "192.0.2.1", "2001:db8::/32", "2001:db8::1", "198.51.100.7/24", "x"},
		[]string{"192.0.2.1", "192.0.2.77", "198.51.100.1", "2001:db8::1", "2001:db8:1::", "x"},
	},
	{
		"aws:SourceArn",
		[]string{"ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"},
		[]string{"arn:aws:sns:*:111122223333:topic", "arn:aws:s*:us-east-1:*:*", "arn:*:sns:us-????-1:111122223333:t*", "*", "arn:aws:iam::*", "arn:aws:sns:us-east-1:${aws:PrincipalAccount}:*"},
		[]string{"arn:aws:sns:us-east-1:111122223333:topic", "arn:aws:sns:us-east-1:444455556666:a:111122223333:topic", "topic"},
	},
	{
		"aws:PrincipalArn",
		[]string{"ArnLike", "ArnNotEquals", "StringEquals", "StringLike"},
		[]string{"arn:aws:iam::*:role/*", "arn:aws:iam::111122223333:role/app", "arn:aws:iam::111122223333:user/*", "*"},
		[]string{"arn:aws:iam::111122223333:role/team/app", "arn:aws:iam::111122223333:role/app"},
	},
	{"aws:PrincipalAccount", []string{"StringEquals", "StringNotEquals"}, []string{"111122223333", "${aws:ResourceAccount}"}, []string{"111122223333"}},
	{"aws:PrincipalIsAWSService", []string{"Bool"}, []string{"true", "false"}, []string{"false"}},
	{"aws:PrincipalType", []string{"StringEquals"}, []string{"User", "AssumedRole", "Anonymous"}, []string{"User"}},
	{"oidc.example.com/id:sub", []string{"StringEquals", "StringLike"}, []string{"system:*", "system:serviceaccount:jx:app"}, []string{"system:serviceaccount:jx:app"}},
}

func (d dice) condition() iam.Condition {
	k := pick(d, diceKeys...)
	operator := pick(d, k.operators...)
	if d.rarely() {
		return iam.Condition{Operator: "Null", Key: k.key, Values: []string{pick(d, "true", "false")}}
	}
	if d.rarely() {
		operator += "IfExists"
	}
	if k.key == "aws:TagKeys" && d.often() || d.rarely() {
		operator = pick(d, "ForAnyValue:", "ForAllValues:") + operator
	}
	key := k.key
	if d.rarely() && !strings.Contains(key, ".") {
		key = strings.ToUpper(key)
	}
	return iam.Condition{Operator: iam.Operator(operator), Key: key, Values: several(d, k.policy)}
}

// statement returns a statement of a kind of policy.
func (d dice) statement(kind iam.Kind) iam.Statement {
	s := iam.Statement{Effect: iam.EffectAllow}
	if d.IntN(4) == 0 {
		s.Effect = iam.EffectDeny
	}
	actions := append(slices.Clone(dicePatterns), "*", "*", "*")
	if s.Effect == iam.EffectDeny {
		actions = dicePatterns[1:]
	}
	if d.rarely() {
		s.NotActions = several(d, actions)
	} else {
		s.Actions = several(d, actions)
	}
	resources := diceResourcePatterns
	if kind == iam.ServiceControlPolicy || kind == iam.ResourceControlPolicy {
		resources = slices.DeleteFunc(slices.Clone(resources), func(r string) bool { return r != "*" && strings.Count(r, ":") < 5 })
	}
	switch {
	case kind == iam.ResourcePolicy && d.rarely():
	case d.rarely():
		s.NotResources = several(d, resources)
	case d.IntN(2) == 0:
		s.Resources = []string{"*"}
	default:
		s.Resources = several(d, resources)
	}
	switch kind {
	case iam.ResourcePolicy, iam.EndpointPolicy, iam.ResourceControlPolicy:
		list := several(d, diceNamed)
		if slices.Contains(list, iam.Everyone()) {
			list = []iam.Principal{iam.Everyone()}
		}
		if d.rarely() {
			s.NotPrincipals = list
		} else {
			s.Principals = list
		}
	}
	for d.IntN(5) < 2 {
		c := d.condition()
		if !slices.ContainsFunc(s.Conditions, func(has iam.Condition) bool { return has.Operator == c.Operator && has.Key == c.Key }) {
			s.Conditions = append(s.Conditions, c)
		}
	}
	return s
}

func (d dice) document(kind iam.Kind) iam.Document {
	doc := iam.Document{Version: pick(d, iam.Version2012, iam.Version2012, iam.Version2012, iam.Version2008, "")}
	for range 1 + d.IntN(3) {
		doc.Statements = append(doc.Statements, d.statement(kind))
	}
	return doc
}

func (d dice) documents(kind iam.Kind) []iam.Document {
	list := []iam.Document{}
	for range 1 + d.IntN(2) {
		list = append(list, d.document(kind))
	}
	return list
}

func (d dice) policies() (p iam.Policies) {
	if d.often() {
		p.Identity = d.documents(iam.IdentityPolicy)
	}
	if d.IntN(4) == 0 {
		p.Boundary = d.documents(iam.IdentityPolicy)
	}
	if d.IntN(4) == 0 {
		p.Session = d.documents(iam.SessionPolicy)
	}
	if d.IntN(2) == 0 {
		p.Resource = d.document(iam.ResourcePolicy)
	}
	if d.rarely() {
		p.Endpoint = d.documents(iam.EndpointPolicy)
	}
	for d.rarely() {
		p.SCPs = append(p.SCPs, d.documents(iam.ServiceControlPolicy))
	}
	for d.rarely() {
		p.RCPs = append(p.RCPs, d.documents(iam.ResourceControlPolicy))
	}
	return p
}

func (d dice) request() iam.Request {
	r := iam.Request{Principal: pick(d, dicePrincipals...), Action: pick(d, diceActions...), Resource: pick(d, diceResources...), Context: iam.Context{}}
	if d.rarely() {
		r.ResourceAccount = pick(d, iam.Account("111122223333"), "444455556666")
	}
	for _, k := range diceKeys {
		switch {
		case d.IntN(3) == 0:
		case k.key == "aws:TagKeys":
			r.Context[k.key] = several(d, k.request)
		case k.key == "aws:PrincipalArn" || k.key == "aws:PrincipalAccount" || k.key == "aws:PrincipalType" || k.key == "aws:PrincipalIsAWSService":
			if d.rarely() {
				r.Context[k.key] = []string{pick(d, k.request...)}
			}
		default:
			r.Context[k.key] = []string{pick(d, k.request...)}
		}
	}
	return r
}

// describe prints a case so that it can be looked at.
func describe(p iam.Policies, r iam.Request) string {
	text, _ := json.MarshalIndent(struct {
		Policies iam.Policies
		Request  iam.Request
	}{p, r}, "", " ")
	return string(text)
}

// requireOracle holds the Authorizer against the oracle for one seed.
func requireOracle(t require.TestingT, seed uint64) iam.Verdict {
	d := dice{rand.New(rand.NewPCG(seed, 1))}
	p, r := d.policies(), d.request()
	a, err := iam.Compile(p)
	require.NoError(t, err, "seed %d", seed)
	got, err := a.Authorize(r)
	require.NoError(t, err, "seed %d", seed)
	want := oracleVerdict(p, r)
	if got.Verdict != want {
		require.Equal(t, want.String(), got.Verdict.String(), "seed %d by %v of %v: %s", seed, got.By, got.Layer, describe(p, r))
	}
	return want
}

func TestAuthorizeAgreesWithTheOracle(t *testing.T) {
	n := uint64(8000)
	if testing.Short() {
		n = 2000
	}
	seen := map[iam.Verdict]int{}
	for seed := range n {
		seen[requireOracle(t, seed)]++
	}
	for _, v := range []iam.Verdict{iam.Allowed, iam.ImplicitlyDenied, iam.ExplicitlyDenied} {
		require.Greater(t, seen[v], int(n/20), fmt.Sprint(v, " is rare among random requests: ", seen))
	}
}

func FuzzAuthorize(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) { requireOracle(t, seed) })
}

// requirePartial holds what a partial request yields against requests that have
// the keys that it lacks.
func requirePartial(t require.TestingT, seed uint64) iam.Verdict {
	d := dice{rand.New(rand.NewPCG(seed, 2))}
	p, r := d.policies(), d.request()
	a, err := iam.Compile(p)
	require.NoError(t, err, "seed %d", seed)
	hidden := map[string]bool{"aws:PrincipalTag/bucket": true}
	for _, k := range diceKeys {
		if d.IntN(3) > 0 && !strings.HasPrefix(k.key, "aws:PrincipalA") && !strings.HasPrefix(k.key, "aws:PrincipalI") && k.key != "aws:PrincipalType" {
			hidden[k.key] = true
			delete(r.Context, k.key)
		}
	}
	for _, k := range diceKeys {
		if _, ok := r.Context[k.key]; !ok && !hidden[k.key] {
			r.Context[k.key] = nil
		}
	}
	r.Partial = true
	partial, err := a.Authorize(r)
	require.NoError(t, err, "seed %d", seed)
	for range 4 {
		whole := r
		whole.Partial = false
		whole.Context = iam.Context{}
		for key, values := range r.Context {
			whole.Context[key] = values
		}
		for key := range hidden {
			whole.Context[key] = d.values(key)
		}
		got, err := a.Authorize(whole)
		require.NoError(t, err, "seed %d", seed)
		switch partial.Verdict {
		case iam.Allowed, iam.ExplicitlyDenied:
			require.Equal(t, partial.Verdict.String(), got.Verdict.String(), "seed %d: %s", seed, describe(p, whole))
		case iam.ImplicitlyDenied:
			require.NotEqual(t, iam.Allowed, got.Verdict, "seed %d: %s", seed, describe(p, whole))
		}
	}
	if partial.Verdict != iam.Undetermined {
		require.Empty(t, partial.Missing, "seed %d", seed)
		return partial.Verdict
	}
	require.NotEmpty(t, partial.Missing, "seed %d", seed)
	require.True(t, slices.IsSorted(partial.Missing))
	for _, key := range partial.Missing {
		known := slices.ContainsFunc(slices.Collect(maps.Keys(r.Context)), func(has string) bool { return strings.EqualFold(has, key) })
		require.False(t, known, "seed %d: %s is known", seed, key)
		r.Context[key] = d.values(key)
	}
	settled, err := a.Authorize(r)
	require.NoError(t, err, "seed %d", seed)
	require.NotEqual(t, iam.Undetermined, settled.Verdict, "seed %d: still lacks %v: %s", seed, settled.Missing, describe(p, r))
	return partial.Verdict
}

// values returns values that a request may have for a key, or none.
func (d dice) values(key string) []string {
	for _, k := range diceKeys {
		if strings.EqualFold(k.key, key) && d.often() {
			return []string{pick(d, k.request...)}
		}
	}
	return nil
}

func TestAuthorizePartial(t *testing.T) {
	seen := map[iam.Verdict]int{}
	for seed := range uint64(8000) {
		seen[requirePartial(t, seed)]++
	}
	require.Greater(t, seen[iam.Undetermined], 200, seen)
	require.Greater(t, seen[iam.Allowed], 400, seen)
}

func FuzzAuthorizePartial(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) { requirePartial(t, seed) })
}
