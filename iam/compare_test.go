package iam_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/catalog"
)

func one(d iam.Document) []iam.Document { return []iam.Document{d} }

// TestCompare has the relations that a person would say.
func TestCompare(t *testing.T) {
	statements := func(bodies ...string) iam.Document {
		return iam.MustParse(`{"Version":"2012-10-17","Statement":[{"Effect":` + strings.Join(bodies, `},{"Effect":`) + `}]}`)
	}
	when := func(conditions ...string) iam.Document {
		var list []string
		for _, c := range conditions {
			list = append(list, `"Allow","Action":"s3:GetObject","Resource":"*","Condition":{`+c+`}`)
		}
		return statements(list...)
	}
	on := func(resources ...string) iam.Document {
		return iam.MustDocument(iam.Allow("s3:GetObject").On(resources...))
	}
	do := func(actions ...iam.Action) iam.Document { return iam.MustDocument(iam.Allow(actions...).On("*")) }
	all := do("*")
	for _, test := range []struct {
		name      string
		p, q      iam.Document
		o         iam.CompareOptions
		want      iam.Relation
		witness   string // action, resource and context
		undecided string
	}{
		{name: "the same", p: do("s3:GetObject"), q: do("S3:getobject"), want: iam.RelationEqual},
		{name: "nothing and nothing", p: iam.Document{}, q: iam.Document{Version: iam.Version2012}, want: iam.RelationEqual},
		{name: "nothing", p: iam.Document{}, q: do("s3:GetObject"), want: iam.RelationWithin, witness: `s3:GetObject arn:aws:s3:::demo/demo map[]`},
		{name: "one more", p: do("s3:GetObject"), q: do("s3:PutObject", "s3:GetObject"), want: iam.RelationWithin, witness: `s3:PutObject arn:aws:s3:::demo/demo map[]`},
		{name: "a pattern", p: do("ec2:Describe*"), q: do("ec2:DescribeInstances"), want: iam.RelationContains, witness: `ec2:Describex arn:aws:ec2:us-east-1:111122223333:demo/demo map[]`},
		{name: "patterns that make another", p: do("s3:*"), q: do("s3:?", "s3:??*"), want: iam.RelationEqual},
		{name: "resources of one type", p: on("arn:aws:s3:::demo/*"), q: on("arn:aws:s3:::demo/a*", "arn:aws:s3:::demo/b*"), want: iam.RelationContains, witness: `s3:GetObject arn:aws:s3:::demo/demo map[]`},
		{name: "other resources", p: on("arn:aws:s3:::demo/*"), q: on("arn:aws:s3:::other/*"), want: iam.RelationDisjoint, witness: `s3:GetObject arn:aws:s3:::demo/demo map[]`},
		{name: "resources that meet", p: on("arn:aws:s3:::*/a"), q: on("arn:aws:s3:::b/*"), want: iam.RelationOverlapping, witness: `s3:GetObject arn:aws:s3:::demo/a map[]`},
		{name: "all resources are more than all ARNs", p: on("arn:aws:s3:::*"), q: on("*"), want: iam.RelationWithin, witness: `s3:GetObject arn:x:x:::x map[]`},
		{name: "a denial subtracts", p: statements(`"Allow","Action":"s3:*","Resource":"*"`, `"Deny","Action":"s3:Put*","Resource":"*"`), q: do("s3:*"), want: iam.RelationWithin, witness: `s3:Put arn:aws:s3:::demo/demo map[]`},
		{name: "a denial of something else", p: statements(`"Allow","Action":"s3:*","Resource":"*"`, `"Deny","Action":"ec2:*","Resource":"*"`), q: do("s3:*"), want: iam.RelationEqual},
		{name: "an allowance and its denial", p: statements(`"Allow","Action":"s3:*","Resource":"*"`, `"Deny","Action":"*","Resource":"*"`), q: iam.Document{}, want: iam.RelationEqual},
		{name: "NotAction", p: statements(`"Allow","NotAction":"iam:*","Resource":"*"`), q: statements(`"Allow","Action":"*","Resource":"*"`, `"Deny","Action":"iam:*","Resource":"*"`), want: iam.RelationEqual},
		{name: "NotResource", p: statements(`"Allow","Action":"s3:*","NotResource":"arn:aws:s3:::a"`), q: statements(`"Allow","Action":"s3:*","Resource":"*"`, `"Deny","Action":"s3:*","Resource":"arn:aws:s3:::a"`), want: iam.RelationEqual},
		{name: "GetCallerIdentity is no example if there is another", p: iam.Document{}, q: do("sts:GetCallerIdentity", "sts:GetSessionToken", "sts:TagSession"), want: iam.RelationWithin, witness: `sts:TagSession arn:aws:sts::111122223333:demo/demo map[]`},

		{name: "a condition narrows", p: when(`"Bool":{"aws:SecureTransport":"true"}`), q: do("s3:GetObject"), want: iam.RelationWithin, witness: `s3:GetObject arn:aws:s3:::demo/demo map[]`},
		{name: "both booleans and none", p: when(`"Bool":{"aws:SecureTransport":"true"}`, `"Bool":{"aws:SecureTransport":"false"}`, `"Null":{"aws:SecureTransport":"true"}`), q: do("s3:GetObject"), want: iam.RelationEqual},
		{name: "a list and two statements", p: when(`"StringEquals":{"aws:RequestedRegion":["eu-west-1","us-east-1"]}`), q: when(`"StringEquals":{"aws:RequestedRegion":"us-east-1"}`, `"StringEquals":{"aws:requestedregion":"eu-west-1"}`), want: iam.RelationEqual},
		{name: "text within a pattern", p: when(`"StringEquals":{"aws:RequestedRegion":"us-east-1"}`), q: when(`"StringLike":{"aws:RequestedRegion":"us-*"}`), want: iam.RelationWithin, witness: `s3:GetObject arn:aws:s3:::demo/demo map[aws:RequestedRegion:[us-demo]]`},
		{name: "if exists", p: when(`"StringEquals":{"a:b":"x"}`), q: when(`"StringEqualsIfExists":{"a:b":"x"}`), want: iam.RelationWithin, witness: `s3:GetObject arn:aws:s3:::demo/demo map[]`},
		{name: "if exists and present", p: when(`"StringEquals":{"a:b":"x"}`), q: when(`"StringEqualsIfExists":{"a:b":"x"},"Null":{"a:b":"false"}`), want: iam.RelationEqual},
		{name: "not one of two is not one and not the other", p: when(`"StringNotEquals":{"a:b":["x","y"]}`), q: when(`"StringNotEquals":{"a:b":"x"},"StringNotLike":{"a:b":"y"}`), want: iam.RelationEqual},
		{name: "ranges", p: when(`"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}`), q: when(`"IpAddress":{"aws:SourceIp":["10.0.0.0/9","10.128.0.0/9"]}`), want: iam.RelationEqual},
		{name: "a range in a range", p: when(`"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}`), q: when(`"IpAddress":{"aws:SourceIp":"10.1.0.0/16"}`), want: iam.RelationContains, witness: `s3:GetObject arn:aws:s3:::demo/demo map[aws:SourceIp:[10.0.0.0]]`},
		{name: "empty text is none for Null", p: when(`"StringEquals":{"a:b":""}`), q: when(`"StringEquals":{"a:b":""},"Null":{"a:b":"false"}`), want: iam.RelationContains, witness: `s3:GetObject arn:aws:s3:::demo/demo map[a:b:[]]`},
		{name: "empty text is none for all values", p: when(`"ForAllValues:StringEquals":{"a:b":"x"},"Null":{"a:b":"false"}`), q: when(`"ForAllValues:StringEquals":{"a:b":["x",""]},"Null":{"a:b":"false"}`), want: iam.RelationWithin, witness: `s3:GetObject arn:aws:s3:::demo/demo map[a:b:[x ]]`},
		{name: "intervals", p: when(`"NumericLessThan":{"a:n":"5"}`, `"NumericGreaterThanEquals":{"a:n":"5"}`), q: when(`"Null":{"a:n":"false"}`), want: iam.RelationEqual},
		{name: "intervals with a hole", p: when(`"NumericLessThan":{"a:n":"5"}`, `"NumericGreaterThan":{"a:n":"5"}`), q: when(`"Null":{"a:n":"false"}`), want: iam.RelationWithin, witness: `s3:GetObject arn:aws:s3:::demo/demo map[a:n:[5]]`},
		{name: "numbers that a float does not hold", p: when(`"NumericLessThan":{"a:n":"9007199254740993"}`), q: when(`"NumericLessThan":{"a:n":"9007199254740992.5"}`), want: iam.RelationContains, witness: `s3:GetObject arn:aws:s3:::demo/demo map[a:n:[9007199254740992.5]]`},
		{name: "tags", p: when(`"ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}`), q: when(`"ForAllValues:StringEquals":{"aws:TagKeys":"a"}`), want: iam.RelationContains, witness: `s3:GetObject arn:aws:s3:::demo/demo map[aws:TagKeys:[b]]`},
		{name: "all values need none", p: when(`"ForAllValues:StringEquals":{"aws:TagKeys":"a"}`), q: when(`"ForAnyValue:StringEquals":{"aws:TagKeys":"a"}`), want: iam.RelationOverlapping, witness: `s3:GetObject arn:aws:s3:::demo/demo map[]`},
		{name: "who signs has an account", p: when(`"Null":{"aws:PrincipalAccount":"false"}`), q: do("s3:GetObject"), want: iam.RelationEqual},
		{name: "roles have no user name", p: when(`"Null":{"aws:username":"true"}`), q: do("s3:GetObject"), want: iam.RelationWithin, witness: `s3:GetObject arn:aws:s3:::demo/demo map[aws:username:[another]]`},

		{name: "numbers that are too long to compare", p: when(`"NumericEquals":{"a:n":"1e200"}`), q: when(`"NumericEquals":{"a:n":"1"}`), want: iam.RelationUndecided, undecided: "a:n is compared with a number of more than 100 digits"},
		{name: "a long number on both sides", p: when(`"NumericEquals":{"a:n":"1e200"}`), q: when(`"NumericEquals":{"a:n":"1e200"}`), want: iam.RelationEqual},
		{name: "times behind the year 9999", p: when(`"DateEquals":{"a:t":"99999999999999"}`), q: when(`"DateEquals":{"a:t":"2020"}`), want: iam.RelationDisjoint, witness: `s3:GetObject arn:aws:s3:::demo/demo map[a:t:[99999999999999]]`},
		{name: "other bytes", p: when(`"BinaryEquals":{"a:b":"YW5vdGhlcg=="}`, `"Null":{"a:b":"true"}`), q: do("s3:GetObject"), want: iam.RelationWithin, witness: `s3:GetObject arn:aws:s3:::demo/demo map[a:b:[YW5vdGhlcjE=]]`},
		{name: "text of other letters, compared as a number too", p: when(`"StringEquals":{"a:b":"\u00e9"},"NumericNotEquals":{"a:b":"1"}`), q: when(`"StringEquals":{"a:b":"b"},"NumericNotEquals":{"a:b":"1"}`), want: iam.RelationDisjoint, witness: "s3:GetObject arn:aws:s3:::demo/demo map[a:b:[\u00e9]]"},
		{name: "tags of other letters", p: when(`"ForAllValues:StringEquals":{"aws:TagKeys":"\u00e9"}`), q: when(`"ForAllValues:StringEquals":{"aws:TagKeys":"a"}`), want: iam.RelationOverlapping, witness: "s3:GetObject arn:aws:s3:::demo/demo map[aws:TagKeys:[\u00e9]]"},
		{name: "every character of ASCII is not every character", p: when(`"StringLike":{"a:b":`+printable()+`}`, `"StringEquals":{"a:b":""}`), q: when(`"StringLike":{"a:b":"*"}`), want: iam.RelationWithin, witness: "s3:GetObject arn:aws:s3:::demo/demo map[a:b:[\x7f]]"},

		{name: "the same variable", p: on("arn:aws:s3:::home/${aws:username}/*"), q: on("arn:aws:s3:::home/${aws:username}/*"), want: iam.RelationEqual},
		{name: "a variable within a pattern", p: on("arn:aws:s3:::home/${aws:username}/*"), q: on("arn:aws:s3:::home/*"), want: iam.RelationWithin, witness: `s3:GetObject arn:aws:s3:::home/demo map[]`},
		{name: "a variable beside a name", p: on("arn:aws:s3:::home/${aws:username}/*"), q: on("arn:aws:s3:::home/${aws:username}/*", "arn:aws:s3:::shared/*"), want: iam.RelationWithin, witness: `s3:GetObject arn:aws:s3:::shared/demo map[]`},
		{name: "all but a variable", p: statements(`"Allow","Action":"s3:GetObject","NotResource":"arn:aws:s3:::${aws:username}"`), q: statements(`"Allow","Action":"s3:Get*","NotResource":"arn:aws:s3:::${aws:username}"`), want: iam.RelationWithin, witness: `s3:Getx arn:aws:s3:::demo/demo map[]`},
		{name: "letters that are none of ASCII", p: when(`"StringEqualsIgnoreCase":{"a:b":"\u00e9"}`), q: when(`"StringEquals":{"a:b":"\u00e9"}`), want: iam.RelationUndecided, undecided: "a:b is compared with letters whose other case is not known"},
		{name: "characters, not bytes", p: when(`"StringLike":{"a:b":"?"}`), q: when(`"StringLike":{"a:b":"??"}`, `"StringEquals":{"a:b":"\u00e9"}`), want: iam.RelationOverlapping, witness: `s3:GetObject arn:aws:s3:::demo/demo map[a:b:[x]]`},
		{name: "too many sets", p: when(`"ForAllValues:StringEquals":{"a:b":["1","2","3","4","5","6","7","8","9","10"]},"ForAnyValue:StringLike":{"a:b":["1*"]}`), q: when(`"ForAllValues:StringLike":{"a:b":["1*"]}`, `"ForAllValues:StringLike":{"a:b":["2*"]}`, `"ForAllValues:StringLike":{"a:b":["*3*"]}`, `"ForAllValues:StringLike":{"a:b":["*4"]}`, `"ForAllValues:StringLike":{"a:b":["*5"]}`, `"ForAnyValue:StringLike":{"a:b":["*"]}`), want: iam.RelationUndecided, undecided: "the sets of values that a:b may have are too many to compare"},
		{name: "two variables", p: on("arn:aws:s3:::home/${aws:username}/*"), q: on("arn:aws:s3:::home/${aws:userid}/*"), want: iam.RelationUndecided, undecided: `the resource "arn:aws:s3:::home/${aws:username}/*" has policy variables; the resource "arn:aws:s3:::home/${aws:userid}/*" has policy variables`},
		{name: "a variable and one of its values", p: on("arn:aws:s3:::home/${aws:username}/*"), q: on("arn:aws:s3:::home/alice/*"), want: iam.RelationOverlapping, witness: `s3:GetObject arn:aws:s3:::home/demo/demo map[aws:username:[demo]]`},
		{name: "a variable in a condition", p: when(`"StringEquals":{"s3:prefix":"${aws:username}"}`), q: do("s3:GetObject"), want: iam.RelationWithin, witness: `s3:GetObject arn:aws:s3:::demo/demo map[]`},
		{name: "the same variable in a condition", p: when(`"StringEquals":{"s3:prefix":"${aws:username}"},"Bool":{"a:b":"true"}`), q: when(`"StringEquals":{"s3:prefix":"${aws:username}"}`), want: iam.RelationWithin, witness: `s3:GetObject arn:aws:s3:::demo/demo map[aws:username:[demo] s3:prefix:[demo]]`},
		{name: "an escape is no variable", p: on("arn:aws:s3:::a${*}"), q: on("arn:aws:s3:::a*"), want: iam.RelationWithin, witness: `s3:GetObject arn:aws:s3:::ademo map[]`},
		{name: "operators of several types, the same on both sides", p: when(`"StringEquals":{"a:b":"1"},"NumericLessThan":{"a:b":"5"}`), q: when(`"StringEquals":{"a:b":"1"}`), want: iam.RelationEqual},
		{name: "operators of several types", p: when(`"StringEquals":{"a:b":"1"}`), q: when(`"NumericLessThan":{"a:b":"1"}`), want: iam.RelationDisjoint, witness: "s3:GetObject arn:aws:s3:::demo/demo map[a:b:[1]]"},
		{name: "a pattern and numbers", p: when(`"StringLike":{"a:b":"1?"},"NumericLessThan":{"a:b":"20"},"NumericGreaterThanEquals":{"a:b":"10"}`), q: when(`"StringLike":{"a:b":"1?"},"NumericLessThan":{"a:b":"20"}`), want: iam.RelationUndecided, undecided: "a:b is compared by operators of several types"},
		{name: "a number as text and as a number", p: when(`"StringEquals":{"a:b":["1","2"]}`), q: when(`"NumericLessThan":{"a:b":"3"}`), want: iam.RelationWithin, witness: "s3:GetObject arn:aws:s3:::demo/demo map[a:b:[0]]"},

		{name: "a pattern and today's actions", p: do("sqs:Get*"), q: do("sqs:GetQueueAttributes", "sqs:GetQueueUrl"), o: iam.CompareOptions{Catalog: catalog.Catalog{}}, want: iam.RelationEqual},
		{name: "a pattern and today's actions, by text", p: do("sqs:Get*"), q: do("sqs:GetQueueAttributes", "sqs:GetQueueUrl"), want: iam.RelationContains, witness: `sqs:Getx arn:aws:sqs:us-east-1:111122223333:demo/demo map[]`},
		{name: "an action that does not exist", p: do("sqs:Fly"), q: iam.Document{}, o: iam.CompareOptions{Catalog: catalog.Catalog{}}, want: iam.RelationEqual},
		{name: "all but", p: statements(`"Allow","NotAction":"sqs:*","Resource":"*"`), q: statements(`"Allow","NotAction":["sqs:A*","sqs:C*","sqs:D*","sqs:G*","sqs:L*","sqs:P*","sqs:R*","sqs:S*","sqs:T*","sqs:U*"],"Resource":"*"`), o: iam.CompareOptions{Catalog: catalog.Catalog{}}, want: iam.RelationEqual},
		{name: "the name as AWS spells it", p: do("sqs:sendmessage"), q: iam.Document{}, o: iam.CompareOptions{Catalog: catalog.Catalog{}}, want: iam.RelationContains, witness: `sqs:SendMessage arn:aws:sqs:us-east-1:111122223333:demo map[]`},

		{name: "everything", p: all, q: all, want: iam.RelationEqual},
		{name: "a cap", p: do("s:*a??????????????????"), q: do("s:*a???????????????????", "s:*b??????????????????"), o: iam.CompareOptions{MaxStates: 1000}, want: iam.RelationUndecided, undecided: "the patterns need more than 1000 states"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := iam.Compare(one(test.p), one(test.q), test.o)
			require.NoError(t, err)
			require.Equal(t, test.want.String(), got.Relation.String(), "%+v", got)
			assert.Equal(t, test.undecided, got.Undecided)
			witness := ""
			if w := got.Witness(); w != nil {
				witness = fmt.Sprint(w.Action, " ", w.Resource, " ", map[string][]string(w.Context))
				assert.NotEqual(t, alone(t, test.p, *w), alone(t, test.q, *w), "as a policy of an identity")
			}
			assert.Equal(t, test.witness, witness)
			back, err := iam.Compare(one(test.q), one(test.p), test.o)
			require.NoError(t, err)
			assert.Equal(t, mirrored(got.Relation), back.Relation)
		})
	}
}

// printable lists a pattern for each printable character, which begins with it.
func printable() string {
	var patterns []string
	for c := byte(' '); c <= '~'; c++ {
		patterns = append(patterns, iam.Literal(string(rune(c)))+"*")
	}
	text, _ := json.Marshal(patterns)
	return string(text)
}

// TestCompareCallers has callers of which several principals speak at once.
func TestCompareCallers(t *testing.T) {
	const (
		canonical = `{"CanonicalUser":"79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}`
		account   = `{"AWS":"111122223333"}`
		role      = `{"AWS":"arn:aws:iam::111122223333:role/demo"}`
		roleID    = `{"AWS":"AROADBQP57FF2AEXAMPLE"}`
		userID    = `{"AWS":"AIDADBQP57FF2AEXAMPLE"}`
	)
	for _, test := range []struct{ allowed, denied, want string }{
		{account, canonical, "contains"},
		{role, roleID, "contains"},
		{account, userID, "contains"},
		{canonical, roleID, "contains"},
		{canonical, account, "contains"},
		{`{"AWS":"444455556666"}`, account, "equal"},
	} {
		text := func(more string) iam.Document {
			return iam.MustParse(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":` + test.allowed + `,"Action":"s3:GetObject","Resource":"*"}` + more + `]}`)
		}
		less := text(`,{"Effect":"Deny","Principal":` + test.denied + `,"Action":"s3:GetObject","Resource":"*"}`)
		got, err := iam.Compare(one(text("")), one(less), iam.CompareOptions{})
		require.NoError(t, err)
		assert.Equal(t, test.want, got.Relation.String(), "%s less %s", test.allowed, test.denied)
	}
}

// alone says what a document by itself comes to as the policy of an identity.
func alone(t *testing.T, d iam.Document, r iam.Request) bool {
	a, err := iam.Compile(iam.Policies{Identity: one(d)})
	require.NoError(t, err)
	decision, err := a.Authorize(r)
	require.NoError(t, err)
	return decision.Verdict == iam.Allowed
}

func TestCompareErrors(t *testing.T) {
	good := iam.MustDocument(iam.Allow("s3:GetObject").On("*"))
	for _, test := range []struct {
		text string
		kind iam.Kind
		want string
	}{
		{`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"a:b"}]}`, 0, "compare policies: the second: document 1: statement 1: want one of Resource and NotResource"},
		{`{"Version":"2012-10-17","Statement":[{"Sid":"x","Effect":"allow","Action":"a:b","Resource":"*"}]}`, 0, `compare policies: the second: document 1: statement 1 "x": effect "allow": want Allow or Deny`},
		{`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"a:b","Resource":"*"}]}`, iam.IdentityPolicy, "compare policies: the second: document 1: statement 1: an identity policy has neither Principal nor NotPrincipal"},
		{`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"StringIs":{"a:b":"c"}}}]}`, 0, `compare policies: the second: document 1: statement 1: AWS has no condition operator "StringIs"`},
		{`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"a:b","Resource":"arn:aws:s3:::${"}]}`, 0, `compare policies: the second: document 1: statement 1: parse template "arn:aws:s3:::${": column 14: a variable has no closing brace`},
		{`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"a:b","Resource":"arn:aws:s3:::\u0394"}]}`, 0, "compare policies: the second: document 1 holds characters that AWS takes in no policy"},
	} {
		_, err := iam.Compare(one(good), one(iam.MustParse(test.text)), iam.CompareOptions{Kind: test.kind})
		assert.EqualError(t, err, test.want)
	}
	_, err := iam.Compare(nil, nil, iam.CompareOptions{Kind: 99})
	assert.EqualError(t, err, "compare policies: kind of policy 99: not a valid value")
}

func TestComparisonJSON(t *testing.T) {
	p := iam.MustDocument(iam.Allow("s3:GetObject").On("*").When(iam.StringEquals("aws:SourceVpc", "vpc-0a1")))
	q := iam.MustDocument(iam.Allow("s3:PutObject").On("*"))
	for _, test := range []struct {
		p, q iam.Document
		want string
	}{
		{p, p, `{"relation":"equal"}`},
		{p, q, `{"relation":"disjoint","witness":{"principal":"arn:aws:iam::111122223333:user/demo","action":"s3:GetObject","resource":"arn:aws:s3:::demo/demo","context":{"aws:SourceVpc":["vpc-0a1"]}}}`},
	} {
		c, err := iam.Compare(one(test.p), one(test.q), iam.CompareOptions{})
		require.NoError(t, err)
		text, err := json.Marshal(c)
		require.NoError(t, err)
		assert.Equal(t, test.want, string(text))
	}
	text, err := json.Marshal(iam.Comparison{Relation: iam.RelationUndecided, Undecided: "why", First: &iam.Request{}})
	require.NoError(t, err)
	assert.Equal(t, `{"relation":"undecided","undecided":"why"}`, string(text))
	_, err = json.Marshal(iam.Comparison{})
	assert.ErrorContains(t, err, "marshal relation 0: not a valid value")
	var r iam.Relation
	require.NoError(t, r.UnmarshalText([]byte("within")))
	assert.Equal(t, iam.RelationWithin, r)
	assert.Equal(t, "invalid", iam.Relation(99).String())
}

// TestCompareHostile has patterns that are made to blow the subset construction
// up: 2^n states, and products of many patterns. Each answer comes in bounded
// time and memory, and is right or undecided.
func TestCompareHostile(t *testing.T) {
	marks := func(n int, format string) (list []string) {
		for i := range n {
			list = append(list, fmt.Sprintf(format, i))
		}
		return list
	}
	on := func(resources ...string) []iam.Document {
		return one(iam.MustDocument(iam.Allow("s3:GetObject").On(resources...)))
	}
	var apart, denied iam.Document
	apart.Version, denied.Version = iam.Version2012, iam.Version2012
	for i := range 24 {
		pattern := fmt.Sprintf("arn:aws:s3:::*%c*", 'a'+i)
		apart.Statements = append(apart.Statements, iam.Allow("s3:GetObject").On(pattern).When(iam.StringEquals(fmt.Sprintf("a:k%d", i), "x")))
		denied.Statements = append(denied.Statements, iam.Deny("s3:GetObject").On(pattern).When(iam.StringEquals(fmt.Sprintf("a:k%d", i), "x", "y")))
	}
	denied.Statements = append(denied.Statements, iam.Allow("*").On("*"))
	for _, test := range []struct {
		name string
		p, q []iam.Document
	}{
		{"one a and n characters", on("arn:aws:s3:::*a" + strings.Repeat("?", 18)), on("arn:aws:s3:::*a"+strings.Repeat("?", 19), "arn:aws:s3:::*b"+strings.Repeat("?", 18))},
		{"many of them", on("arn:aws:s3:::*"), on(marks(40, "arn:aws:s3:::*%d"+strings.Repeat("?", 12))...)},
		{"stars and marks", on("arn:aws:s3:::" + strings.Repeat("*?", 60)), on("arn:aws:s3:::" + strings.Repeat("?*", 60) + "a")},
		{"a long pattern", on("arn:aws:s3:::" + strings.Repeat("*ab", 400)), on("arn:aws:s3:::" + strings.Repeat("*ba", 400))},
		{"words in any order", on("arn:aws:s3:::*"), on(marks(60, "arn:aws:s3:::*w%d*x%[1]d*")...)},
		{"statements that meet everywhere", one(apart), one(denied)},
		{"and back", one(denied), one(apart)},
	} {
		t.Run(test.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			got, err := iam.Compare(test.p, test.q, iam.CompareOptions{})
			require.NoError(t, err)
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			size := (after.TotalAlloc - before.TotalAlloc) >> 20
			t.Log(got.Relation, got.Undecided, took, size, "MB")
			assert.Less(t, size, uint64(600), "MB allocated in all")
			if w := got.Witness(); w != nil {
				assert.NotEqual(t, alone(t, test.p[0], *w), alone(t, test.q[0], *w))
			}
		})
	}
}

// TestCompareProperties holds over documents of all worlds: a document is equal
// to itself, in any order; what is within is transitive; a denial never adds;
// and what [iam.Equal] says, Compare says.
func TestCompareProperties(t *testing.T) {
	for name, w := range compareWorlds() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := iam.CompareOptions{}
			if w.principals != nil {
				o.Kind = iam.ResourcePolicy
			}
			within := func(p, q []iam.Document) bool {
				missing, undecided, err := iam.Covers(q, p, o)
				require.NoError(t, err)
				require.Empty(t, undecided)
				return missing == nil
			}
			chains := 0
			for seed := range uint64(150) {
				r := rand.New(rand.NewPCG(seed, 2))
				a, b, c := w.document(r), w.document(r), w.document(r)
				mixed := a
				mixed.Statements = some(r, a.Statements)
				if len(mixed.Statements) == len(a.Statements) {
					require.True(t, iam.Equal(a, mixed))
					same, err := iam.Compare(one(a), one(mixed), o)
					require.NoError(t, err)
					require.Equal(t, iam.RelationEqual, same.Relation)
				}
				less := a
				for _, s := range b.Statements {
					s.Effect = iam.EffectDeny
					less.Statements = append(less.Statements, s)
				}
				require.True(t, within(one(less), one(a)), "%v\n%v", less, a)
				more := a
				for _, s := range b.Statements {
					if s.Effect == iam.EffectAllow {
						more.Statements = append(more.Statements, s)
					}
				}
				require.True(t, within(one(a), one(more)), "%v\n%v", a, more)
				if within(one(a), one(b)) && within(one(b), one(c)) {
					chains++
					require.True(t, within(one(a), one(c)), "%v\n%v\n%v", a, b, c)
				}
			}
			t.Log(chains, "chains")
		})
	}
}

// TestComparePrincipals has trust and resource policies.
func TestComparePrincipals(t *testing.T) {
	const role = "arn:aws:iam::111122223333:role/a"
	trust := func(principals ...iam.Principal) iam.Document {
		return iam.MustDocument(iam.Allow("sts:AssumeRole").For(principals...))
	}
	canonical := iam.Principal{Kind: iam.PrincipalCanonicalUser, Value: strings.Repeat("a1", 32)}
	read := iam.Allow("s3:GetObject").On("arn:aws:s3:::demo/*")
	for _, test := range []struct {
		name    string
		p, q    iam.Document
		want    iam.Relation
		witness string // principal, or canonical user
	}{
		{"an account and its root", trust(iam.AccountRoot("111122223333")), trust(iam.AWSPrincipal("arn:aws:iam::111122223333:root")), iam.RelationEqual, ""},
		{"a role of an account", trust(iam.AWSPrincipal(role)), trust(iam.AccountRoot("111122223333")), iam.RelationWithin, "arn:aws:iam::111122223333:user/someone"},
		{"a session of a role", trust(iam.AWSPrincipal("arn:aws:sts::111122223333:assumed-role/a/s")), trust(iam.AWSPrincipal(role)), iam.RelationWithin, role},
		{"everybody", trust(iam.Everyone()), trust(iam.AWSPrincipal("*")), iam.RelationEqual, ""},
		{"everybody and an account", trust(iam.Everyone()), trust(iam.AccountRoot("111122223333")), iam.RelationContains, "arn:aws:iam::444455556666:user/someone"},
		{"services", trust(iam.ServicePrincipal("ec2.amazonaws.com")), trust(iam.ServicePrincipal("eks.amazonaws.com")), iam.RelationDisjoint, "ec2.amazonaws.com"},
		{"a service is of no account", trust(iam.ServicePrincipal("ec2.amazonaws.com")), trust(iam.AccountRoot("111122223333"), iam.FederatedPrincipal("accounts.google.com")), iam.RelationDisjoint, "ec2.amazonaws.com"},
		{"a deleted role", trust(iam.AWSPrincipal("AROAEXAMPLEEXAMPLE123")), trust(iam.AWSPrincipal("AROAEXAMPLEEXAMPLE124"), iam.AWSPrincipal("AROAEXAMPLEEXAMPLE123")), iam.RelationWithin, "arn:aws:sts::999999999999:assumed-role/someone/session"},
		{"a canonical user", iam.MustDocument(read.For(canonical)), iam.MustDocument(read.For(iam.Everyone())), iam.RelationWithin, "arn:aws:iam::444455556666:user/someone"},
		{"all but a user", iam.MustDocument(read.For(iam.Everyone()), iam.Deny("s3:*").On("*").NotFor(iam.AccountRoot("111122223333"), iam.AWSPrincipal("arn:aws:iam::111122223333:user/a"))), iam.MustDocument(read.For(iam.AWSPrincipal("arn:aws:iam::111122223333:user/a"))), iam.RelationContains, "arn:aws:iam::111122223333:root"},
		{"an origin access identity", iam.MustDocument(read.For(iam.AWSPrincipal("arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity EH1HDMB1FH2TC"))), iam.Document{}, iam.RelationContains, "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity EH1HDMB1FH2TC"},
		{"placeholders", trust(iam.AWSPrincipal("arn:aws:iam::<ID>:user/a")), iam.MustDocument(iam.Allow("sts:*").On("*")), iam.RelationWithin, "arn:aws:iam::444455556666:user/someone"},
		{"the same placeholder", trust(iam.AWSPrincipal("arn:aws:iam::<ID>:user/a")), trust(iam.AWSPrincipal("arn:aws:iam::<ID>:user/a")), iam.RelationEqual, ""},
		{"another placeholder", trust(iam.AWSPrincipal("arn:aws:iam::<ID>:user/a")), trust(iam.AWSPrincipal("arn:aws:iam::<ID>:user/b")), iam.RelationDisjoint, "arn:aws:iam::<ID>:user/b"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := iam.Compare(one(test.p), one(test.q), iam.CompareOptions{})
			require.NoError(t, err)
			assert.Equal(t, test.want.String(), got.Relation.String(), "%+v", got)
			witness := ""
			if w := got.Witness(); w != nil {
				witness = w.Principal
			}
			assert.Equal(t, test.witness, witness)
			back, err := iam.Compare(one(test.q), one(test.p), iam.CompareOptions{})
			require.NoError(t, err)
			assert.Equal(t, mirrored(got.Relation), back.Relation)
		})
	}
}

// Of two documents of thousands of statements there are millions of pairs, which are
// looked at one by one and not listed before.
func TestComparePairsAreNotListed(t *testing.T) {
	const statements = 4000
	document := func(first iam.Action) iam.Document {
		list := []iam.Statement{iam.Allow(first).On("*")}
		for i := range statements {
			list = append(list, iam.Allow("ec2:RunInstances").On(fmt.Sprintf("arn:aws:ec2:us-east-1:111122223333:subnet/subnet-%d", i)))
		}
		return iam.MustDocument(list...)
	}
	p, q := []iam.Document{document("s3:GetObject")}, []iam.Document{document("s3:PutObject")}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	c, err := iam.Compare(p, q, iam.CompareOptions{})
	runtime.ReadMemStats(&after)
	require.NoError(t, err)
	assert.Equal(t, iam.RelationOverlapping, c.Relation)
	assert.Less(t, (after.TotalAlloc-before.TotalAlloc)>>20, uint64(256), "MiB")
}
