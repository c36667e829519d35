package iam_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/catalog"
)

func TestDiff(t *testing.T) {
	read := iam.Allow("s3:GetObject", "s3:ListBucket").On("arn:aws:s3:::demo", "arn:aws:s3:::demo/*")
	user := func(name string) iam.Principal { return iam.AWSPrincipal("arn:aws:iam::111122223333:user/" + name) }
	for _, test := range []struct {
		name          string
		first, second []iam.Statement
		kind          iam.Kind
		want          []string
	}{
		{name: "nothing", first: []iam.Statement{read}, second: []iam.Statement{read}},
		{name: "an action", first: []iam.Statement{read}, second: []iam.Statement{iam.Allow("s3:DeleteObject", "s3:GetObject", "s3:PutObject").On("arn:aws:s3:::demo/*"), read}, want: []string{
			`+ s3:DeleteObject and s3:PutObject on arn:aws:s3:::demo/*, by statement 1: no statement allows the action (for example s3:DeleteObject on arn:aws:s3:::demo/demo)`,
		}},
		{name: "a resource", first: []iam.Statement{read}, second: []iam.Statement{iam.Allow("s3:GetObject").On("arn:aws:s3:::*").Sid("Wide")}, want: []string{
			`+ s3:GetObject on arn:aws:s3:::*, by statement 1 "Wide": statement 1 allows the action on other resources (for example s3:GetObject on arn:aws:s3:::x)`,
			`- s3:ListBucket on arn:aws:s3:::demo and arn:aws:s3:::demo/*, by statement 1: no statement allows the action (for example s3:ListBucket on arn:aws:s3:::demo)`,
		}},
		{name: "a condition", first: []iam.Statement{read.When(iam.StringEquals("aws:SourceVpc", "vpc-0a1"))}, second: []iam.Statement{read}, want: []string{
			`+ s3:GetObject and s3:ListBucket on arn:aws:s3:::demo and arn:aws:s3:::demo/*, by statement 1: statement 1 allows it under a condition that does not hold, StringEquals aws:SourceVpc ["vpc-0a1"] (for example s3:GetObject on arn:aws:s3:::demo)`,
		}},
		{name: "a denial", first: []iam.Statement{read, iam.Deny("s3:*").On("*").When(iam.Bool("aws:SecureTransport", false)).Sid("TLS")}, second: []iam.Statement{read}, want: []string{
			`+ s3:GetObject and s3:ListBucket on arn:aws:s3:::demo and arn:aws:s3:::demo/*, by statement 1: statement 2 "TLS" denies it (for example s3:GetObject on arn:aws:s3:::demo with map[aws:SecureTransport:[false]])`,
		}},
		{name: "all but", first: []iam.Statement{read}, second: []iam.Statement{iam.AllowAllBut("iam:*", "sts:*").NotOn("arn:aws:s3:::demo")}, want: []string{
			`+ * but iam:* and sts:* on * but arn:aws:s3:::demo, by statement 1: no statement allows the action (for example x:x on arn:aws:x:us-east-1:111122223333:demo/demo)`,
			`- s3:GetObject and s3:ListBucket on arn:aws:s3:::demo and arn:aws:s3:::demo/*, by statement 1: statement 1 allows the action on other resources (for example s3:GetObject on arn:aws:s3:::demo)`,
		}},
		{name: "a principal", kind: iam.TrustPolicy, first: []iam.Statement{iam.Allow("sts:AssumeRole").For(user("a"))}, second: []iam.Statement{iam.Allow("sts:AssumeRole").For(user("a"), user("b"))}, want: []string{
			`+ sts:AssumeRole on its resource, by statement 1: statement 1 allows the action for other principals (for example sts:AssumeRole on arn:aws:iam::111122223333:role/demo)`,
		}},
		{name: "a variable", first: []iam.Statement{iam.Allow("s3:GetObject").On("arn:aws:s3:::${aws:userid}")}, second: []iam.Statement{iam.Allow("s3:GetObject").On("arn:aws:s3:::${aws:username}")}, want: []string{
			`? s3:GetObject, by statement 1 of the first: the resource "arn:aws:s3:::${aws:userid}" has policy variables; the resource "arn:aws:s3:::${aws:username}" has policy variables`,
			`? s3:GetObject, by statement 1 of the second: the resource "arn:aws:s3:::${aws:username}" has policy variables; the resource "arn:aws:s3:::${aws:userid}" has policy variables`,
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			first, second := one(iam.MustDocument(test.first...)), one(iam.MustDocument(test.second...))
			d, err := iam.Diff(first, second, iam.CompareOptions{Kind: test.kind})
			require.NoError(t, err)
			want := strings.Join(test.want, "\n")
			if want != "" {
				want += "\n"
			}
			assert.Equal(t, want, d.String())
			for _, c := range d.Widened {
				assert.True(t, plainAllows(second, c.Witness))
				assert.False(t, plainAllows(first, c.Witness))
			}
			for _, c := range d.Narrowed {
				assert.True(t, plainAllows(first, c.Witness))
				assert.False(t, plainAllows(second, c.Witness))
			}
			assert.Equal(t, d.Relation == iam.RelationEqual, d.Widened == nil && d.Narrowed == nil && d.Undecided == nil)
		})
	}
	_, err := iam.Diff(nil, one(iam.Document{Statements: []iam.Statement{{}}}), iam.CompareOptions{})
	assert.EqualError(t, err, `compare policies: the second: document 1: statement 1: effect "": want Allow or Deny`)
}

func TestMissing(t *testing.T) {
	need := one(iam.MustDocument(
		iam.Allow("ec2:RunInstances", "ec2:DescribeVpcs").On("*"),
		iam.Allow("s3:GetObject", "s3:PutObject").On("arn:aws:s3:::a/*", "arn:aws:s3:::b/*"),
		iam.Allow("s3:ListBucket").On("arn:aws:s3:::${aws:username}"),
	))
	have := []iam.Document{
		iam.MustDocument(iam.Allow("ec2:Describe*").On("*"), iam.Allow("s3:*").On("arn:aws:s3:::a/*")),
		iam.MustDocument(iam.Deny("s3:Put*").On("*").Sid("Frozen"), iam.Allow("ec2:RunInstances").On("arn:aws:ec2:us-east-1:*:*")),
	}
	got, err := iam.Missing(have, need, iam.CompareOptions{})
	require.NoError(t, err)
	var lines []string
	for _, l := range got {
		require.Empty(t, l.Undecided)
		require.NotNil(t, l.Witness)
		assert.True(t, plainAllows(need, *l.Witness) || strings.Contains(l.Resource, "$"))
		assert.False(t, plainAllows(have, *l.Witness))
		lines = append(lines, string(l.Action)+" "+l.Resource+": "+l.Why)
	}
	assert.Equal(t, []string{
		"ec2:RunInstances *: statement 2 allows the action on other resources",
		"s3:GetObject arn:aws:s3:::b/*: statement 2 allows the action on other resources",
		`s3:PutObject arn:aws:s3:::a/*: statement 1 "Frozen" denies it`,
		`s3:PutObject arn:aws:s3:::b/*: statement 1 "Frozen" denies it`,
		"s3:ListBucket arn:aws:s3:::${aws:username}: statement 2 allows the action on other resources",
	}, lines)

	got, err = iam.Missing(append(have, iam.MustDocument(iam.Allow("*").On("*"))), need[:1], iam.CompareOptions{})
	require.NoError(t, err)
	assert.Len(t, got, 2, "a denial stays one")
	got, err = iam.Missing(one(iam.MustDocument(iam.Allow("*").On("*"))), need, iam.CompareOptions{})
	require.NoError(t, err)
	assert.Nil(t, got)
	_, err = iam.Missing(have, one(iam.Document{Statements: []iam.Statement{{}}}), iam.CompareOptions{})
	assert.EqualError(t, err, `compare policies: the first: document 1: statement 1: effect "": want Allow or Deny`)
}

func TestCovers(t *testing.T) {
	d := one(iam.MustDocument(iam.Allow("s3:Get*").On("*")))
	missing, undecided, err := iam.Covers(d, one(iam.MustDocument(iam.Allow("s3:GetObject").On("*"))), iam.CompareOptions{})
	require.NoError(t, err)
	assert.Nil(t, missing)
	assert.Empty(t, undecided)
	missing, _, err = iam.Covers(d, one(iam.MustDocument(iam.Allow("s3:PutObject").On("*"))), iam.CompareOptions{})
	require.NoError(t, err)
	assert.Equal(t, iam.Action("s3:PutObject"), missing.Action)
	_, _, err = iam.Covers(one(iam.Document{Statements: []iam.Statement{{}}}), nil, iam.CompareOptions{})
	assert.EqualError(t, err, `compare policies: the second: document 1: statement 1: effect "": want Allow or Deny`)
}

func TestRequirements(t *testing.T) {
	scope := iam.MustScope("us-east-1", "111122223333")
	permissions := []string{"ec2:DescribeVpcs", "route53:ListResourceRecordSets", "ec2:describevpcs", "s3:GetObject", "sqs:Fly", "iam:GetRole", "ec2:DescribeSubnets"}
	got, err := iam.Requirements(permissions, scope, iam.RequirementOptions{Catalog: catalog.Catalog{}})
	require.NoError(t, err)
	want := iam.MustDocument(
		iam.Allow("ec2:DescribeSubnets", "ec2:DescribeVpcs", "sqs:Fly").On("*"),
		iam.Allow("iam:GetRole").On("arn:aws:iam::111122223333:role/*"),
		iam.Allow("route53:ListResourceRecordSets").On("arn:aws:route53:::hostedzone/*"),
		iam.Allow("s3:GetObject").On("arn:aws:s3:::*/*", "arn:aws:s3:us-east-1:111122223333:accesspoint/*/object/*"),
	)
	assert.Equal(t, want.Indent(), got.Indent())
	got, err = iam.Requirements([]string{"iam:GetPolicy", "iam:CreatePolicyVersion", "ssm:GetParameter", "backup:DescribeRecoveryPoint"}, scope, iam.RequirementOptions{Catalog: catalog.Catalog{}})
	require.NoError(t, err)
	assert.Equal(t, iam.MustDocument(
		iam.Allow("backup:DescribeRecoveryPoint").On("*"), // on what is of any service
		iam.Allow("iam:CreatePolicyVersion").On("arn:aws:iam::111122223333:policy/*"),
		iam.Allow("iam:GetPolicy").On("arn:aws:iam::111122223333:policy/*", "arn:aws:iam::aws:policy/*"),
		iam.Allow("ssm:GetParameter").On("arn:aws:ssm:us-east-1:111122223333:parameter/*", "arn:aws:ssm:us-east-1::parameter/aws/service/*"),
	).Indent(), got.Indent())
	got, err = iam.Requirements(permissions[:1], scope, iam.RequirementOptions{})
	require.NoError(t, err)
	assert.Equal(t, iam.MustDocument(iam.Allow("ec2:DescribeVpcs").On("*")).Indent(), got.Indent())

	for _, test := range []struct {
		permissions []string
		scope       iam.Scope
		want        string
	}{
		{permissions, iam.Scope{}, "requirements: the scope is the zero value"},
		{nil, scope, "requirements: no permissions"},
		{[]string{"ec2:*"}, scope, `requirements: permission "ec2:*": want an action such as ec2:DescribeVpcs`},
		{[]string{"ec2"}, scope, `requirements: permission "ec2": want an action such as ec2:DescribeVpcs`},
		{[]string{"a:b:c"}, scope, `requirements: permission "a:b:c": want an action such as ec2:DescribeVpcs`},
	} {
		_, err := iam.Requirements(test.permissions, test.scope, iam.RequirementOptions{})
		assert.EqualError(t, err, test.want)
	}
}
