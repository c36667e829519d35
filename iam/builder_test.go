package iam_test

import (
	"encoding/json"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/iam"
)

func TestBuilder(t *testing.T) {
	scope := iam.MustScope("us-east-1", "111122223333")
	d, err := iam.NewDocument(
		iam.Allow("ec2:RunInstances", "ec2:TerminateInstances").
			On(scope.ARN("ec2", "instance/*")).
			When(iam.StringEquals("aws:ResourceTag/kubernetes.io/cluster/demo", "owned")).
			Sid("Instances"),
		iam.Deny("s3:*").NotOn(scope.ARN("s3", "demo/*")).On().Sid("Bucket"),
		iam.DenyAllBut("sts:AssumeRole").On("*").When(iam.Bool("aws:MultiFactorAuthPresent", false).IfExists()),
		iam.AllowAllBut("iam:*").On("*"),
		iam.Allow("s3:GetObject").For(iam.AWSPrincipal("arn:aws:iam::111122223333:role/a"), iam.AccountRoot("444455556666")),
		iam.Deny("s3:GetObject").On("*").NotFor(iam.ServicePrincipal("logs.amazonaws.com")),
		iam.Deny("s3:GetObject").On("*").For(iam.Everyone()),
	)
	require.ErrorContains(t, err, `statement 2 "Bucket": The statement has both Resource and NotResource`)
	assert.Empty(t, d)

	d = iam.MustDocument(
		iam.Allow("ec2:RunInstances", "ec2:TerminateInstances").
			On(scope.ARN("ec2", "instance/*")).
			When(iam.StringEquals("aws:ResourceTag/kubernetes.io/cluster/demo", "owned")).
			Sid("Instances"),
		iam.Deny("s3:*").NotOn(scope.ARN("s3", "demo/*")),
		iam.DenyAllBut("sts:AssumeRole").On("*").When(iam.Bool("aws:MultiFactorAuthPresent", false).IfExists()),
		iam.AllowAllBut("iam:*").On("*"),
		iam.Allow("s3:GetObject").For(iam.AWSPrincipal("arn:aws:iam::111122223333:role/a"), iam.AccountRoot("444455556666")),
		iam.Deny("s3:GetObject").On("*").NotFor(iam.ServicePrincipal("logs.amazonaws.com")),
		iam.Deny("s3:GetObject").On("*").For(iam.Everyone()),
	)
	assert.Equal(t, `{"Version":"2012-10-17","Statement":[`+
		`{"Sid":"Instances","Effect":"Allow","Action":["ec2:RunInstances","ec2:TerminateInstances"],"Resource":"arn:aws:ec2:us-east-1:111122223333:instance/*","Condition":{"StringEquals":{"aws:ResourceTag/kubernetes.io/cluster/demo":"owned"}}},`+
		`{"Effect":"Deny","Action":"s3:*","NotResource":"arn:aws:s3:::demo/*"},`+
		`{"Effect":"Deny","NotAction":"sts:AssumeRole","Resource":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}},`+
		`{"Effect":"Allow","NotAction":"iam:*","Resource":"*"},`+
		`{"Effect":"Allow","Principal":{"AWS":["444455556666","arn:aws:iam::111122223333:role/a"]},"Action":"s3:GetObject"},`+
		`{"Effect":"Deny","NotPrincipal":{"Service":"logs.amazonaws.com"},"Action":"s3:GetObject","Resource":"*"},`+
		`{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"*"}]}`, d.String())
	requireRoundTrip(t, d.String())
}

// Every mistake is reported, each with its statement.
func TestBuilderReportsEveryMistake(t *testing.T) {
	_, err := iam.NewDocument(
		iam.Allow(),
		iam.Allow("RunInstances", "ec2:Run Instances").On("", "bucket").Sid("not good"),
		iam.Deny("ec2:*").On("*").When(
			iam.StringEquals("aws:x", "1"), iam.StringEquals("aws:x", "2"),
			iam.Condition{Operator: "StringSame", Key: "aws:y", Values: []string{"z"}},
			iam.StringLike("aws:empty"), iam.StringLike("noprefix", "v"),
			iam.StringLike("aws:v", "${aws:username"),
			iam.Condition{Operator: "IpAddress", Key: "aws:SourceIp", Values: []string{"10.0.0.0/33"}},
		),
		iam.Allow("a:b").For(iam.Everyone(), iam.AWSPrincipal("bob")),
		iam.Allow("a:b").NotFor(iam.AccountRoot("111122223333")).On(iam.Scope{}.ARN("ec2", "*")),
		iam.Allow("a:b").On("*").Sid("A"),
		iam.Allow("a:b").On("*").Sid("A"),
		iam.Statement{Effect: "allow", Actions: []iam.Action{"a:b"}, Resources: []string{"*"}},
	)
	require.Error(t, err)
	assert.Equal(t, []string{
		`new policy: statement 1: Action has no value`,
		`new policy: statement 1: The statement has neither Resource nor NotResource`,
		`new policy: statement 2 "not good": Sid "not good" has characters other than letters and digits`,
		`new policy: statement 2 "not good": Action "RunInstances" is not of the form SERVICE:NAME`,
		`new policy: statement 2 "not good": Action "ec2:Run Instances" has characters that no action has`,
		`new policy: statement 2 "not good": Resource "" is no ARN`,
		`new policy: statement 2 "not good": Resource "bucket" is no ARN`,
		`new policy: statement 3: condition StringEquals "aws:x" stands twice: the values of one condition are alternatives, two conditions would both have to hold`,
		`new policy: statement 3: AWS has no condition operator "StringSame"`,
		`new policy: statement 3: The condition StringLike "aws:empty" has no value`,
		`new policy: statement 3: The condition key "noprefix" has no prefix`,
		`new policy: statement 3: "${aws:username": column 1: a variable has no closing brace`,
		`new policy: statement 3: IpAddress aws:SourceIp compares with "10.0.0.0/33", which is no IP address or CIDR range`,
		`new policy: statement 4: the principal "*" stands beside others, but as an element of its own it stands alone`,
		`new policy: statement 4: AWS principal "bob" has no form that AWS takes`,
		`new policy: statement 5: The statement allows everybody but those in NotPrincipal`,
		`new policy: statement 5: Resource "" is no ARN`,
		`new policy: statement 7 "A": Sid "A" stands on statement 6 already`,
		`new policy: statement 8: Effect is "allow"`,
	}, strings.Split(err.Error(), "\n"))

	_, err = iam.NewDocument()
	require.EqualError(t, err, "new policy: no statements")
	assert.Panics(t, func() { iam.MustDocument() })
}

// Statements made from one do not share memory.
func TestStatementsAreValues(t *testing.T) {
	actions := []iam.Action{"a:b"}
	base := iam.Allow(actions...).On("arn:aws:s3:::a")
	actions[0] = "changed:by-caller"
	one := base.On("arn:aws:s3:::b").When(iam.Bool("a:b", true))
	two := base.On("arn:aws:s3:::c").Sid("Two")
	assert.Equal(t, []iam.Action{"a:b"}, base.Actions)
	assert.Equal(t, []string{"arn:aws:s3:::a"}, base.Resources)
	assert.Equal(t, []string{"arn:aws:s3:::a", "arn:aws:s3:::b"}, one.Resources)
	assert.Equal(t, []string{"arn:aws:s3:::a", "arn:aws:s3:::c"}, two.Resources)
	assert.Empty(t, base.ID)
	assert.Nil(t, two.Conditions)

	d := iam.MustDocument(base, one)
	text := d.String()
	_ = d.String()
	_ = d.Hash()
	iam.Validate(d, iam.IdentityPolicy, iam.ValidateOptions{})
	assert.Equal(t, text, d.String(), "reading a document changed it")
}

func TestConditions(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 6, time.FixedZone("", 3600))
	net := netip.MustParsePrefix("10.0.0.0/8")
	for _, test := range []struct {
		condition iam.Condition
		want      string
	}{
		{iam.StringEquals("a:k", "v"), `StringEquals a:k ["v"]`},
		{iam.StringNotEquals("a:k", "v", "w"), `StringNotEquals a:k ["v" "w"]`},
		{iam.StringEqualsIgnoreCase("a:k", "v"), `StringEqualsIgnoreCase a:k ["v"]`},
		{iam.StringNotEqualsIgnoreCase("a:k", "v"), `StringNotEqualsIgnoreCase a:k ["v"]`},
		{iam.StringLike("a:k", "v*"), `StringLike a:k ["v*"]`},
		{iam.StringNotLike("a:k", "v*"), `StringNotLike a:k ["v*"]`},
		{iam.NumericEquals("a:k", 1, 2.5), `NumericEquals a:k ["1" "2.5"]`},
		{iam.NumericNotEquals("a:k", 1e20), `NumericNotEquals a:k ["100000000000000000000"]`},
		{iam.NumericLessThan("a:k", 10), `NumericLessThan a:k ["10"]`},
		{iam.NumericLessThanEquals("a:k", 10), `NumericLessThanEquals a:k ["10"]`},
		{iam.NumericGreaterThan("a:k", -1), `NumericGreaterThan a:k ["-1"]`},
		{iam.NumericGreaterThanEquals("a:k", 0), `NumericGreaterThanEquals a:k ["0"]`},
		{iam.DateEquals("a:k", at), `DateEquals a:k ["2026-01-02T02:04:05Z"]`},
		{iam.DateNotEquals("a:k", at), `DateNotEquals a:k ["2026-01-02T02:04:05Z"]`},
		{iam.DateLessThan("a:k", at), `DateLessThan a:k ["2026-01-02T02:04:05Z"]`},
		{iam.DateLessThanEquals("a:k", at), `DateLessThanEquals a:k ["2026-01-02T02:04:05Z"]`},
		{iam.DateGreaterThan("a:k", at), `DateGreaterThan a:k ["2026-01-02T02:04:05Z"]`},
		{iam.DateGreaterThanEquals("a:k", at), `DateGreaterThanEquals a:k ["2026-01-02T02:04:05Z"]`},
		{iam.Bool("a:k", true), `Bool a:k ["true"]`},
		{iam.BinaryEquals("a:k", []byte("Binary")), `BinaryEquals a:k ["QmluYXJ5"]`},
		{iam.IPAddress("a:k", net), `IpAddress a:k ["10.0.0.0/8"]`},
		{iam.NotIPAddress("a:k", net), `NotIpAddress a:k ["10.0.0.0/8"]`},
		{iam.ArnEquals("a:k", "arn:aws:s3:::b"), `ArnEquals a:k ["arn:aws:s3:::b"]`},
		{iam.ArnLike("a:k", "arn:aws:s3:::b"), `ArnLike a:k ["arn:aws:s3:::b"]`},
		{iam.ArnNotEquals("a:k", "arn:aws:s3:::b"), `ArnNotEquals a:k ["arn:aws:s3:::b"]`},
		{iam.ArnNotLike("a:k", "arn:aws:s3:::b"), `ArnNotLike a:k ["arn:aws:s3:::b"]`},
		{iam.KeyPresent("a:k"), `Null a:k ["false"]`},
		{iam.KeyAbsent("a:k"), `Null a:k ["true"]`},
		{iam.StringEquals("a:k", "v").IfExists().IfExists(), `StringEqualsIfExists a:k ["v"]`},
		{iam.StringEquals("a:k", "v").ForAnyValue(), `ForAnyValue:StringEquals a:k ["v"]`},
		{iam.StringLike("a:k", "v").IfExists().ForAllValues(), `ForAllValues:StringLikeIfExists a:k ["v"]`},
	} {
		t.Run(test.want, func(t *testing.T) {
			assert.Equal(t, test.want, test.condition.String())
			assert.True(t, test.condition.Operator.IsValid())
			_, err := iam.NewDocument(iam.Allow("a:b").On("*").When(test.condition))
			assert.NoError(t, err)
		})
	}
	for _, operator := range []iam.Operator{"", "IfExists", "ForAnyValue:", "ForAnyValue:ForAllValues:Bool", "BoolIfExistsIfExists", "NullIfExists", "ForAllValues:Null", "stringEquals"} {
		assert.False(t, operator.IsValid(), operator)
	}
	o := iam.StringLike("a:k").IfExists().ForAnyValue().Operator
	assert.Equal(t, iam.Operator("StringLike"), o.Base())
	assert.True(t, o.IsIfExists())
	assert.True(t, o.IsForAnyValue())
	assert.False(t, o.IsForAllValues())
}

// A document put together by hand that no text can say is not written quietly
// as something else.
func TestInconsistentDocument(t *testing.T) {
	for _, test := range []struct {
		statement iam.Statement
		want      string
	}{
		{iam.Statement{Conditions: []iam.Condition{iam.Bool("a:b", true), iam.Bool("a:b", false)}}, `condition Bool "a:b" stands twice`},
		{iam.Statement{Conditions: []iam.Condition{{Operator: "Bool", Values: []string{"x"}}}}, `condition Bool has values and no key`},
		{iam.Statement{Principals: []iam.Principal{{Kind: "Role", Value: "x"}}}, `principal "x": unknown kind "Role"`},
		{iam.Statement{Principals: []iam.Principal{{Kind: "*", Value: "x"}}}, `principal "x": want "*"`},
		{iam.Statement{NotPrincipals: []iam.Principal{iam.Everyone(), iam.Everyone()}}, `the principal "*" stands beside others`},
	} {
		d := iam.Document{Statements: []iam.Statement{test.statement}}
		_, err := d.MarshalJSON()
		require.ErrorContains(t, err, "marshal policy: statement 1: ")
		require.ErrorContains(t, err, test.want)
		_, err = iam.Parse(d.String(), iam.ParseOptions{})
		if test.want != `condition Bool has values and no key` {
			require.Error(t, err, d.String())
		}
	}
}

func TestDocumentJSON(t *testing.T) {
	d := iam.MustDocument(iam.Allow("a:b").On("arn:aws:s3:::<b>"))
	data, err := json.Marshal(map[string]iam.Document{"policy": d})
	require.NoError(t, err)
	var again map[string]iam.Document
	require.NoError(t, json.Unmarshal(data, &again))
	assert.Equal(t, d.String(), again["policy"].String())
	require.ErrorContains(t, json.Unmarshal([]byte(`{"policy":{"Statment":[]}}`), &again), `unknown element "Statment" in the document`)
	assert.Equal(t, `{"Statement":[]}`, iam.Document{}.String())
	assert.Equal(t, "{\n  \"Statement\": []\n}\n", iam.Document{}.Indent())
}
