package iam_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
)

// finding returns the only finding with the code.
func finding(t testing.TB, findings []groundway.Finding, code groundway.Code) groundway.Finding {
	t.Helper()
	var found []groundway.Finding
	for _, f := range findings {
		if f.Code == code {
			found = append(found, f)
		}
	}
	require.Len(t, found, 1, "findings with the code %s", code)
	return found[0]
}

const (
	identity = iam.IdentityPolicy
	resource = iam.ResourcePolicy
	trust    = iam.TrustPolicy
	scp      = iam.ServiceControlPolicy
	rcp      = iam.ResourceControlPolicy
	session  = iam.SessionPolicy
	endpoint = iam.EndpointPolicy
)

// A verdict is a row of the table of rules: a document, and the findings of one
// code that failed or are unknown, as "severity outcome at TEXT: summary",
// where TEXT stands at the place of the finding.
type verdict struct {
	code    groundway.Code
	kind    iam.Kind
	text    string
	options iam.ValidateOptions
	want    []string
}

const v2012 = `{"Version":"2012-10-17","Statement":[`

func allow(body string) string { return v2012 + `{"Effect":"Allow",` + body + `}]}` }

func oneOf(kinds ...iam.Kind) []iam.Kind { return kinds }

var verdicts = slices.Concat([]verdict{
	{code: "iam/version-invalid", kind: identity, text: "{\n \"Version\": \"2012-10-18\", \"Statement\": []}", want: []string{`error failed at "2012-10-18", "S: Version is "2012-10-18"`}},
	{code: "iam/version-invalid", kind: identity, text: `{"Statement":[]}`},
	{code: "iam/version-old", kind: identity, text: `{"Statement":[]}`, want: []string{`warning failed at {"Statement":[]}: The document has no Version, which AWS reads as 2008-10-17`}},
	{code: "iam/version-old", kind: identity, text: `{"Version":"2008-10-17","Statement":[]}`, want: []string{`warning failed at "2008-10-17","St: Version is 2008-10-17, in which there are no policy variables`}},
	{code: "iam/version-old", kind: rcp, text: `{"Statement":[]}`, want: []string{`error failed at {"Statement":[]}: The document has no Version, which AWS reads as 2008-10-17`}},
	{code: "iam/version-variables", kind: identity, text: `{"Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":["arn:aws:s3:::b","arn:aws:s3:::b/${aws:username}/*"]}]}`, want: []string{`error failed at "arn:aws:s3:::b/: "arn:aws:s3:::b/${aws:username}/*" is literal text in a document that is not of 2012-10-17`}},
	{code: "iam/version-variables", kind: identity, text: allow(`"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/${aws:username}/*"`)},
	{code: "iam/id-unsupported", kind: identity, text: `{"Id":"x","Statement":[]}`, want: []string{`error failed at "x","Statement":: The document has an Id, which an identity policy may not have`}},
	{code: "iam/id-unsupported", kind: session, text: `{"Id":"x","Statement":[]}`, want: []string{`error failed at "x","Statement":: The document has an Id, which a session policy may not have`}},
	{code: "iam/id-unsupported", kind: scp, text: `{"Id":"x","Statement":[]}`, want: []string{`warning failed at "x","Statement":: The document has an Id, which a service control policy may not have`}},
	{code: "iam/id-unsupported", kind: resource, text: `{"Id":"x","Statement":[]}`},
	{code: "iam/statement-missing", kind: identity, text: `{"Version":"2012-10-17"}`, want: []string{`error failed at {"Version":"2012: The document has no statement`}},
	{code: "iam/statement-missing", kind: identity, text: `{"Statement": []}`, want: []string{`error failed at []}: The document has no statement`}},
	{code: "iam/sid-invalid", kind: identity, text: allow(`"Sid":"my sid"`), want: []string{`error failed at "my sid"}]}: Sid "my sid" has characters other than letters and digits`}},
	{code: "iam/sid-invalid", kind: resource, text: allow(`"Sid":"my sid"`), want: []string{`warning failed at "my sid"}]}: Sid "my sid" has characters other than letters and digits`}},
	{code: "iam/sid-duplicate", kind: identity, text: v2012 + `{"Sid":"A"},{"Sid":"a"},{"Sid":"A"}]}`, want: []string{`error failed at "A"}]}: Sid "A" stands on statement 1 already`}},
	{code: "iam/effect-invalid", kind: identity, text: v2012 + `{"Effect":"allow"},{},{"Effect":"Deny"}]}`, want: []string{`error failed at "allow"},{},{"Ef: Effect is "allow"`, `error failed at {},{"Effect":"De: The statement has no Effect`}},
	{code: "iam/principal-missing", kind: resource, text: allow(`"Action":"a:b"`), want: []string{`error failed at {"Effect":"Allow: The statement names no principal`}},
	{code: "iam/principal-missing", kind: endpoint, text: allow(`"Principal":{}`), want: []string{`error failed at {"Effect":"Allow: The statement names no principal`}},
	{code: "iam/principal-missing", kind: resource, text: allow(`"Principal":"*","NotPrincipal":"*"`), want: []string{`error failed at "*"}]}: The statement has both Principal and NotPrincipal`}},
	{code: "iam/principal-missing", kind: resource, text: allow(`"Principal":"*"`)},
	{code: "iam/principal-unsupported", kind: identity, text: allow(`"Principal":"*"`), want: []string{`error failed at "*"}]}: The statement of an identity policy has Principal`}},
	{code: "iam/principal-unsupported", kind: scp, text: allow(`"NotPrincipal":"*"`), want: []string{`error failed at "*"}]}: The statement of a service control policy has NotPrincipal`}},
	{code: "iam/principal-unsupported", kind: session, text: allow(`"Action":"*"`)},
	{code: "iam/principal-invalid", kind: resource, text: allow(`"Principal":{"AWS":["111122223333","arn:aws:iam::111122223333:role/*","bob","arn:aws:s3:::b","arn:aws:sts::111122223333:assumed-role/r/s"],"Service":["ec2","ec2.amazonaws.com"],"Federated":["x","accounts.google.com","arn:aws:iam::111122223333:saml-provider/p"],"CanonicalUser":"abc"}`), want: []string{
		`error failed at "bob","arn:aws:s: AWS principal "bob" has no form that AWS takes`,
		`error failed at "arn:aws:s3:::b": AWS principal "arn:aws:s3:::b" has no form that AWS takes`,
		`error failed at "ec2","ec2.amazo: Service principal "ec2" has no form that AWS takes`,
		`error failed at "x","accounts.go: Federated principal "x" has no form that AWS takes`,
		`error failed at "abc"}}]}: CanonicalUser principal "abc" has no form that AWS takes`,
		`error failed at "arn:aws:iam::11: Principal "arn:aws:iam::111122223333:role/*" has a wildcard, which AWS takes alone only`,
	}},
	{code: "iam/principal-invalid", kind: resource, text: allow(`"Principal":{"AWS":["arn:aws:iam::111122223333:group/demo","arn:aws:sts::111122223333:assumed-role/demo","arn:aws:iam::1111:root","arn:aws:iam::111122223333:policy/demo"]}`), want: []string{
		`error failed at "arn:aws:iam::11: AWS principal "arn:aws:iam::111122223333:group/demo" has no form that AWS takes`,
		`error failed at "arn:aws:iam::11: AWS principal "arn:aws:iam::111122223333:policy/demo" has no form that AWS takes`,
		`error failed at "arn:aws:iam::11: AWS principal "arn:aws:iam::1111:root" has no form that AWS takes`,
		`error failed at "arn:aws:sts::11: AWS principal "arn:aws:sts::111122223333:assumed-role/demo" has no form that AWS takes`,
	}},
	{code: "iam/principal-invalid", kind: resource, text: allow(`"Principal":{"AWS":["arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity EH1HDMB1FH2TC","arn:aws:sts::111122223333:federated-user/demo","arn:aws:iam::111122223333:role/a/b/demo"]}`)},
	{code: "iam/principal-invalid", kind: resource, text: allow(`"Principal":{"AWS":["*"],"CanonicalUser":"` + strings.Repeat("a0", 32) + `"}`)},
	{code: "iam/principal-invalid", kind: trust, text: allow(`"Principal":{"CanonicalUser":"` + strings.Repeat("a0", 32) + `"}`), want: []string{`error failed at "a0a0a0a0a0a0a0a: CanonicalUser principal "a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0" has no form that AWS takes`}},
	{code: "iam/principal-deleted", kind: trust, text: allow(`"Principal":{"AWS":"AROAEXAMPLEEXAMPLE123"}`), want: []string{`warning failed at "AROAEXAMPLEEXAM: Principal "AROAEXAMPLEEXAMPLE123" is the id of a user, role or group that was deleted`}},
	{code: "iam/notprincipal-unsupported", kind: resource, text: allow(`"NotPrincipal":{"AWS":"111122223333"}`), want: []string{`error failed at {"AWS":"11112222: The statement allows everybody but those in NotPrincipal`}},
	{code: "iam/notprincipal-unsupported", kind: trust, text: v2012 + `{"Effect":"Deny","NotPrincipal":{"AWS":"111122223333"}}]}`, want: []string{`error failed at {"AWS":"11112222: The statement of a trust policy has NotPrincipal`}},
	{code: "iam/notprincipal-unsupported", kind: resource, text: v2012 + `{"Effect":"Deny","NotPrincipal":{"AWS":"111122223333"}}]}`},
	{code: "iam/notprincipal-discouraged", kind: endpoint, text: v2012 + `{"Effect":"Deny","NotPrincipal":{"AWS":"111122223333"}}]}`, want: []string{`warning failed at {"AWS":"11112222: The statement denies everybody but those in NotPrincipal`}},
	{code: "iam/action-missing", kind: identity, text: v2012 + `{},{"Action":[]},{"NotAction":[]},{"Action":"a:b","NotAction":"a:b"},{"Action":"a:b"}]}`, want: []string{
		`error failed at "a:b"},{"Action": The statement has both Action and NotAction`,
		`error failed at {},{"Action":[]}: The statement has neither Action nor NotAction`,
		`error failed at []},{"NotAction": Action has no value`,
		`error failed at []},{"Action":"a: NotAction has no value`,
	}},
	{code: "iam/action-invalid", kind: identity, text: allow(`"Action":["*","ec2","ec2:",":Run","e c2:Run","ec2:Run*"],"NotAction":"x"`), want: []string{
		`error failed at "x"}]}: Action "x" is not of the form SERVICE:NAME`,
		`error failed at "ec2","ec2:",":R: Action "ec2" is not of the form SERVICE:NAME`,
		`error failed at "ec2:",":Run","e: Action "ec2:" is not of the form SERVICE:NAME`,
		`error failed at ":Run","e c2:Run: Action ":Run" is not of the form SERVICE:NAME`,
		`error failed at "e c2:Run","ec2:: Action "e c2:Run" is not of the form SERVICE:NAME`,
	}},
	{code: "iam/action-unusual", kind: identity, text: allow(`"Action":["s3:Get Object","s3:a,b","s3:x-y?*"]`), want: []string{
		`warning failed at "s3:Get Object",: Action "s3:Get Object" has characters that no action has`,
		`warning failed at "s3:a,b","s3:x-y: Action "s3:a,b" has characters that no action has`,
	}},
	{code: "iam/notaction-allow", kind: identity, text: allow(`"NotAction":"iam:*"`), want: []string{`warning failed at "iam:*"}]}: The statement allows every action but those in NotAction`}},
	{code: "iam/notaction-allow", kind: identity, text: v2012 + `{"Effect":"Deny","NotAction":"iam:*"}]}`},
	{code: "iam/resource-missing", kind: identity, text: allow(`"Action":"a:b"`), want: []string{`error failed at {"Effect":"Allow: The statement has neither Resource nor NotResource`}},
	{code: "iam/resource-missing", kind: identity, text: allow(`"Resource":"*","NotResource":"*"`), want: []string{`error failed at "*"}]}: The statement has both Resource and NotResource`}},
	{code: "iam/resource-missing", kind: identity, text: allow(`"Resource":[]`), want: []string{`error failed at []}]}: Resource has no value`}},
	{code: "iam/resource-missing", kind: resource, text: allow(`"Principal":"*"`)},
	{code: "iam/resource-missing", kind: resource, text: allow(`"Resource":"*"`)},
	{code: "iam/resource-unsupported", kind: trust, text: allow(`"Resource":"*"`), want: []string{`error failed at "*"}]}: The statement of a trust policy has Resource`}},
	{code: "iam/resource-unsupported", kind: trust, text: allow(`"Action":"sts:AssumeRole"`)},
	{code: "iam/resource-invalid", kind: identity, text: allow(`"Resource":["*","","bucket","arn:aws:e*:::x","arn:aws:*:*:*:*","arn*","arn:aws:s3:::b"]`), want: []string{
		`error failed at "arn*","arn:aws:: Resource "arn*" is no ARN`,
		`error failed at "arn:aws:*:*:*:*: Resource "arn:aws:*:*:*:*" has a wildcard within its service`,
		`error failed at "","bucket","arn: Resource "" is no ARN`,
		`error failed at "bucket","arn:aw: Resource "bucket" is no ARN`,
		`error failed at "arn:aws:e*:::x": Resource "arn:aws:e*:::x" has a wildcard within its service`,
	}},
	{code: "iam/resource-short", kind: identity, text: allow(`"Resource":["arn:aws:s3","arn:aws:s3:::b"]`), want: []string{`warning failed at "arn:aws:s3","ar: Resource "arn:aws:s3" has 3 of the 6 parts of an ARN`}},
	{code: "iam/resource-short", kind: scp, text: allow(`"Resource":"arn:aws:s3:::*","NotResource":"arn:aws:s3"`), want: []string{`error failed at "arn:aws:s3"}]}: Resource "arn:aws:s3" has 3 of the 6 parts of an ARN`}},
	{code: "iam/condition-empty", kind: identity, text: v2012 + `{"Condition":{}},{"Condition":{"Bool":{}}},{"Condition":{"Bool":{"aws:x":[]}}},{"Condition":{"Bool":{"aws:x":true}}}]}`, want: []string{
		`warning failed at []}}},{"Conditio: The condition Bool "aws:x" has no value`,
		`warning failed at {}},{"Condition": Condition is empty`,
		`warning failed at {}}},{"Condition: The condition operator Bool has no key`,
	}},
	{code: "iam/condition-operator-invalid", kind: identity, text: allow(`"Condition":{"StringEqual":{"a:b":"c","a:d":"e"},"NullIfExists":{"a:b":"true"},"ForAnyValue:Null":{"a:b":"true"},"forAnyValue:StringLike":{"a:b":"c"},"ForAllValues:ArnNotLikeIfExists":{"a:b":"*"}}`), want: []string{
		`error failed at {"a:b":"true"},": AWS has no condition operator "NullIfExists"`,
		`error failed at {"a:b":"true"},": AWS has no condition operator "ForAnyValue:Null"`,
		`error failed at {"a:b":"c"},"For: AWS has no condition operator "forAnyValue:StringLike"`,
		`error failed at {"a:b":"c","a:d": AWS has no condition operator "StringEqual"`,
	}},
	{code: "iam/condition-key-invalid", kind: identity, text: allow(`"Condition":{"StringEquals":{"SourceIp":"c","aws:":"d",":x":"e","aws:x":"f"}}`), want: []string{
		`error failed at "d",":x":"e","aw: The condition key "aws:" has no prefix`,
		`error failed at "e","aws:x":"f"}: The condition key ":x" has no prefix`,
		`error failed at "c","aws:":"d",": The condition key "SourceIp" has no prefix`,
	}},
	{code: "iam/condition-duplicate", kind: identity, text: allow(`"Condition":{"StringEquals":{"aws:sourceip":"c","aws:SourceIp":"d"},"StringLike":{"aws:SourceIp":"e"}}`), want: []string{`error failed at "d"},"StringLike: The condition key "aws:SourceIp" stands under StringEquals twice, also as "aws:sourceip"`}},
	{code: "iam/condition-value-invalid", kind: identity, text: allow(`"Condition":{"NumericEquals":{"a:b":["x",1,"-2.5e3","0x10","inf"]},"Bool":{"a:b":["TRUE","yes"]},"Null":{"a:b":"1"},"IpAddress":{"a:b":["10.0.0.1","10.0.0.0/8","2001:db8::/32","fe80::1%eth0","10.0.0.0/33","host"]},"DateLessThan":{"a:b":["2026-01-02T03:04:05Z","2026-01-02","1750000000","2026","tomorrow"]},"BinaryEquals":{"a:b":["QmluYXJ5","%"]},"ArnLike":{"a:b":["arn:aws:s3:::b","*","x"]},"StringLike":{"a:b":""}}`), want: []string{
		`error failed at "x",1,"-2.5e3",": NumericEquals a:b compares with "x", which is no number`,
		`error failed at "0x10","inf"]},": NumericEquals a:b compares with "0x10", which is no number`,
		`error failed at "inf"]},"Bool":{: NumericEquals a:b compares with "inf", which is no number`,
		`error failed at "yes"]},"Null":{: Bool a:b compares with "yes", which is no boolean`,
		`error failed at "1"},"IpAddress": Null a:b compares with "1", which is no true or false`,
		`error failed at "fe80::1%eth0",": IpAddress a:b compares with "fe80::1%eth0", which is no IP address or CIDR range`,
		`error failed at "10.0.0.0/33","h: IpAddress a:b compares with "10.0.0.0/33", which is no IP address or CIDR range`,
		`error failed at "host"]},"DateLe: IpAddress a:b compares with "host", which is no IP address or CIDR range`,
		`error failed at "tomorrow"]},"Bi: DateLessThan a:b compares with "tomorrow", which is no date`,
		`error failed at "%"]},"ArnLike":: BinaryEquals a:b compares with "%", which is no base64 text`,
		`error failed at "x"]},"StringLik: ArnLike a:b compares with "x", which is no ARN`,
	}},
	{code: "iam/condition-allvalues-open", kind: identity, text: allow(`"Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":"a"}}`), want: []string{`warning failed at "a"}}}]}: ForAllValues:StringEquals on aws:TagKeys also allows requests without the key`}},
	{code: "iam/condition-allvalues-open", kind: identity, text: allow(`"Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":"a"},"Null":{"aws:tagkeys":"false"}}`)},
	{code: "iam/condition-allvalues-open", kind: identity, text: v2012 + `{"Effect":"Deny","Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":"a"}}}]}`},
	{code: "iam/variable-invalid", kind: identity, text: allow(`"Resource":["arn:aws:s3:::${aws:username","arn:aws:s3:::${aws:username}"],"Condition":{"StringLike":{"a:b":"${}"}}`), want: []string{
		`error failed at "${}"}}}]}: "${}": column 1: a variable has no key`,
		`error failed at "arn:aws:s3:::${: "arn:aws:s3:::${aws:username": column 14: a variable has no closing brace`,
	}},
	{code: "iam/variable-unsupported", kind: identity, text: allow(`"Resource":["arn:aws:s3:${aws:x}::b","arn:aws:s3:::${*}${aws:x}","arn:aws:s3::${aws:x}:b"],"Condition":{"NumericEquals":{"a:b":"${aws:x}"},"StringEquals":{"a:b":"${aws:x}"}}`), want: []string{
		`error failed at "${aws:x}"},"Str: "${aws:x}" has a policy variable under NumericEquals, where AWS does not replace it`,
		`error failed at "arn:aws:s3::${a: "arn:aws:s3::${aws:x}:b" has a policy variable before the last part of the ARN, where AWS does not replace it`,
		`error failed at "arn:aws:s3:${aw: "arn:aws:s3:${aws:x}::b" has a policy variable before the last part of the ARN, where AWS does not replace it`,
	}},
	{code: "iam/rcp-effect", kind: rcp, text: v2012 + `{"Effect":"Allow"},{"Effect":"Deny"}]}`, want: []string{`error failed at "Allow"},{"Effec: The statement allows`}},
	{code: "iam/rcp-principal", kind: rcp, text: v2012 + `{"Principal":"*"},{"Principal":{"AWS":"*"}}]}`, want: []string{`error failed at {"AWS":"*"}}]}: Principal names somebody`}},
	{code: "iam/rcp-action", kind: rcp, text: v2012 + `{"Action":["s3:*","*"]},{"NotAction":"s3:*"}]}`, want: []string{`error failed at "*"]},{"NotActio: Action is *, for all services at once`, `error failed at "s3:*"}]}: The statement has NotAction`}},
	{code: "iam/name-invalid", kind: identity, text: allow(`"Action":"a:b"`), options: iam.ValidateOptions{Name: "a b"}, want: []string{`error failed at {"Version":"2012: policy name "a b": the character ' ' is none of a-z, A-Z, 0-9 and +=,.@_-`}},
	{code: "iam/name-invalid", kind: trust, text: allow(`"Action":"a:b"`), options: iam.ValidateOptions{Name: strings.Repeat("r", 65)}, want: []string{`error failed at {"Version":"2012: role name "` + strings.Repeat("r", 60) + `"…: 65 characters, want 1 to 64`}},
	{code: "iam/name-invalid", kind: identity, text: allow(`"Action":"a:b"`), options: iam.ValidateOptions{Name: "demo"}},
	{code: "iam/path-invalid", kind: identity, text: allow(`"Action":"a:b"`), options: iam.ValidateOptions{Path: "/x"}, want: []string{`error failed at {"Version":"2012: path "/x": want it to begin and end with a slash`}},
	{code: "iam/path-invalid", kind: identity, text: allow(`"Action":"a:b"`), options: iam.ValidateOptions{Path: "/x/"}},
	{code: "iam/character-unsupported", kind: identity, text: allow(`"Resource":"arn:aws:s3:::é€"`), want: []string{`error failed at {"Version":"2012: The text has the character '€' (U+20AC) at byte 83`}},
	{code: "iam/size-exceeded", kind: trust, text: allow(`"Sid":"` + strings.Repeat("s", 2048) + `"`), want: []string{`error failed at {"Version":"2012: The document has 2114 characters without white space between tokens, 66 more than the quota of 2048`}},

	{code: "iam/trust-action", kind: trust, text: allow(`"Action":["*","ec2:RunInstances"]`), want: []string{`error failed at "*","ec2:RunInst: Action "*" is none of STS`, `error failed at "ec2:RunInstance: Action "ec2:RunInstances" is none of STS`}},
	{code: "iam/trust-action", kind: trust, text: allow(`"Principal":{"AWS":"arn:aws:iam::111122223333:role/r"},"Action":["sts:TagSession","sts:assumerole*"]`)},
	{code: "iam/trust-action", kind: trust, text: allow(`"Principal":{"Federated":["arn:aws:iam::111122223333:oidc-provider/h/p","arn:aws:iam::111122223333:saml-provider/p"]},"Action":"sts:AssumeRole"`), want: []string{
		`error failed at "arn:aws:iam::11: No action of the statement lets "arn:aws:iam::111122223333:saml-provider/p" assume the role`,
		`error failed at "arn:aws:iam::11: No action of the statement lets "arn:aws:iam::111122223333:oidc-provider/h/p" assume the role`,
	}},
	{code: "iam/trust-everyone", kind: trust, text: v2012 + `{"Effect":"Allow","Principal":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}},{"Effect":"Allow","Principal":"*","Condition":{"StringLike":{"aws:PrincipalArn":"*"}}},{"Effect":"Allow","Principal":"*","Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/demo"}}},{"Effect":"Allow","Principal":"*","Condition":{"StringNotEquals":{"aws:PrincipalAccount":"111122223333"}}},{"Effect":"Allow","Principal":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"demo"}}},{"Effect":"Allow","Principal":"*","Condition":{"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}}}]}`, want: []string{
		`error failed at "*","Condition":: The role trusts everybody`,
		`error failed at "*","Condition":: The role trusts everybody`,
		`error failed at "*","Condition":: The role trusts everybody`,
		`error failed at "*","Condition":: The role trusts everybody`,
		`error failed at "*","Condition":: The role trusts everybody`,
		`error failed at "*","Condition":: The role trusts everybody`,
	}},
	{code: "iam/trust-everyone", kind: trust, text: v2012 + `{"Effect":"Allow","Principal":"*","Condition":{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-0example/*"}}},{"Effect":"Allow","Principal":"*","Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/demo-*"}}},{"Effect":"Allow","Principal":"*","Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}},{"Effect":"Allow","Principal":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"${aws:ResourceOrgID}"}}}]}`},
	{code: "iam/trust-everyone", kind: trust, text: v2012 + `{"Effect":"Allow","Principal":"*"},{"Effect":"Allow","Principal":{"AWS":"*"}},{"Effect":"Allow","Principal":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-0example"}}},{"Effect":"Deny","Principal":"*"}]}`, want: []string{
		`error failed at "*"}},{"Effect":: The role trusts everybody`,
		`error failed at "*"},{"Effect":": The role trusts everybody`,
	}},
	{code: "iam/trust-root", kind: trust, text: allow(`"Principal":{"AWS":["111122223333","arn:aws:iam::444455556666:root","arn:aws:iam::444455556666:role/r"]}`), want: []string{
		`warning failed at "111122223333",": The role trusts every user and role that account 111122223333 lets assume it`,
		`warning failed at "arn:aws:iam::44: The role trusts every user and role that account 444455556666 lets assume it`,
	}},
	{code: "iam/trust-root", kind: trust, text: allow(`"Principal":{"AWS":"111122223333"},"Condition":{"StringEquals":{"sts:ExternalId":"abc"}}`)},
	{code: "iam/trust-service-unsatisfiable", kind: trust, text: allow(`"Principal":{"Service":"eks.amazonaws.com"},"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`), want: []string{`error failed at "eks.amazonaws.c: The statement asks eks.amazonaws.com for an external ID or MFA`}},
	{code: "iam/trust-service-unsatisfiable", kind: trust, text: allow(`"Principal":{"Service":"eks.amazonaws.com"},"Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"true"}}`)},
	{code: "iam/trust-source-missing", kind: trust, text: allow(`"Principal":{"Service":["eks.amazonaws.com","unlisted.example.com"]}`), want: []string{
		`warning failed at "eks.amazonaws.c: The role trusts eks.amazonaws.com for whomever the service acts`,
		`warning unknown at "unlisted.exampl: The role trusts unlisted.example.com for every account, and whether the service sends aws:SourceAccount is not known`,
	}},
	{code: "iam/trust-source-missing", kind: trust, text: allow(`"Principal":{"Service":"pods.eks.amazonaws.com"},"Condition":{"StringEquals":{"aws:RequestTag/eks-cluster-arn":"x"}}`)},
	{code: "iam/trust-source-missing", kind: trust, text: allow(`"Principal":{"Service":"eks.amazonaws.com"},"Condition":{"StringEquals":{"aws:sourceaccount":"111122223333"}}`)},
	{code: "iam/trust-source-missing", kind: trust, text: allow(`"Principal":{"Service":"eks.amazonaws.com"},"Condition":{"ArnLike":{"aws:SourceArn":["arn:aws:eks:*:111122223333:cluster/*","arn:aws:s3:::demo"]}}`)},
	{code: "iam/trust-source-missing", kind: trust, text: v2012 + `{"Effect":"Allow","Principal":{"Service":"eks.amazonaws.com"},"Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:eks:*:*:cluster/*"}}},{"Effect":"Allow","Principal":{"Service":"eks.amazonaws.com"},"Condition":{"StringEqualsIfExists":{"aws:SourceAccount":"111122223333"}}},{"Effect":"Allow","Principal":{"Service":"eks.amazonaws.com"},"Condition":{"StringNotEquals":{"aws:SourceAccount":"444455556666"}}},{"Effect":"Allow","Principal":{"Service":"eks.amazonaws.com"},"Condition":{"StringLike":{"aws:SourceAccount":"*"}}}]}`, want: []string{
		`warning failed at "eks.amazonaws.c: The role trusts eks.amazonaws.com for whomever the service acts`,
		`warning failed at "eks.amazonaws.c: The role trusts eks.amazonaws.com for whomever the service acts`,
		`warning failed at "eks.amazonaws.c: The role trusts eks.amazonaws.com for whomever the service acts`,
		`warning failed at "eks.amazonaws.c: The role trusts eks.amazonaws.com for whomever the service acts`,
	}},
	{code: "iam/trust-source-unsupported", kind: trust, text: allow(`"Principal":{"Service":"ec2.amazonaws.com"},"Condition":{"StringEqualsIfExists":{"aws:SourceAccount":"111122223333"},"StringNotEquals":{"aws:SourceAccount":"444455556666"}}`)},
	{code: "iam/trust-source-unsupported", kind: trust, text: allow(`"Principal":{"Service":["ec2.amazonaws.com.cn","unlisted.example.com"]},"Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"}}`), want: []string{
		`warning failed at "ec2.amazonaws.c: The statement asks ec2.amazonaws.com.cn for aws:SourceArn or aws:SourceAccount, which it does not send`,
		`warning unknown at "unlisted.exampl: Whether unlisted.example.com sends aws:SourceArn and aws:SourceAccount is not known`,
	}},
	{code: "iam/trust-source-unsupported", kind: trust, text: allow(`"Principal":{"Service":"ec2.amazonaws.com"}`)},
}, oidcVerdicts())

func oidcVerdicts() []verdict {
	trusting := func(condition string) string {
		return allow(`"Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/oidc.example.com/id/AB"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":` + condition)
	}
	const code = "iam/trust-oidc-open"
	everything := []string{`error failed at "arn:aws:iam::11: Every token of oidc.example.com/id/AB may assume the role`}
	subject := []string{`error failed at "arn:aws:iam::11: Every subject of oidc.example.com/id/AB may assume the role`}
	audience := []string{`warning failed at "arn:aws:iam::11: Tokens of oidc.example.com/id/AB for any audience that the provider lists may assume the role`}
	const sub, aud = `"oidc.example.com/id/AB:sub"`, `"oidc.example.com/id/AB:aud"`
	github := func(subjects string) string {
		return allow(`"Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"},"StringLike":{"token.actions.githubusercontent.com:sub":` + subjects + `}}`)
	}
	forge := []string{`error failed at "arn:aws:iam::11: Every subject of token.actions.githubusercontent.com may assume the role`}
	return []verdict{
		{code: code, kind: trust, text: trusting(`{}`), want: everything},
		{code: code, kind: trust, text: trusting(`{"StringEquals":{` + aud + `:"a"}}`), want: subject},
		{code: code, kind: trust, text: trusting(`{"StringEquals":{` + sub + `:"s"}}`), want: audience},
		{code: code, kind: trust, text: trusting(`{"StringEquals":{` + sub + `:"s",` + aud + `:"a"}}`)},
		{code: code, kind: trust, text: trusting(`{"StringLike":{` + sub + `:"s:*"},"StringEquals":{` + aud + `:"a"}}`)},
		{code: code, kind: trust, text: trusting(`{"StringLike":{` + sub + `:["s:*","*"]},"StringEquals":{` + aud + `:"a"}}`), want: subject},
		{code: code, kind: trust, text: trusting(`{"StringNotEquals":{` + sub + `:"s"},"StringEquals":{` + aud + `:"a"}}`), want: subject},
		{code: code, kind: trust, text: trusting(`{"StringEqualsIfExists":{` + sub + `:"s",` + aud + `:"a"}}`), want: everything},
		{code: code, kind: trust, text: trusting(`{"ForAllValues:StringEquals":{` + sub + `:"s",` + aud + `:"a"}}`), want: everything},
		{code: code, kind: trust, text: trusting(`{"StringEquals":{"oidc.example.com/id/XY:sub":"s",` + aud + `:"a"}}`), want: subject},
		{code: code, kind: trust, text: trusting(`{"StringLike":{` + sub + `:"system:serviceaccount:*"},"StringEquals":{` + aud + `:"a"}}`), want: subject},
		{code: code, kind: trust, text: trusting(`{"StringLike":{` + sub + `:["system:serviceaccount:jx:*","system:serviceaccount:*:*"]},"StringEquals":{` + aud + `:"a"}}`), want: subject},
		{code: code, kind: trust, text: trusting(`{"StringLike":{` + sub + `:["system:serviceaccount:jx:*","system:serviceaccount:*:demo"]},"StringEquals":{` + aud + `:"a"}}`)},
		{code: code, kind: trust, text: github(`"repo:*"`), want: forge},
		{code: code, kind: trust, text: github(`["repo:example/demo:*","repo:exam*/demo:*"]`), want: forge},
		{code: code, kind: trust, text: github(`"r*"`), want: forge},
		{code: code, kind: trust, text: github(`["repo:example/*","repository_owner:example:*"]`)},
		{code: code, kind: trust, text: allow(`"Principal":{"Federated":"cognito-identity.amazonaws.com"},"Condition":{"StringEquals":{"cognito-identity.amazonaws.com:aud":"p"}}`)},
		{code: code, kind: trust, text: allow(`"Principal":{"Federated":"cognito-identity.amazonaws.com"}`), want: []string{`error failed at "cognito-identit: Every token of cognito-identity.amazonaws.com may assume the role`}},
	}
}

func TestValidate(t *testing.T) {
	for _, v := range verdicts {
		t.Run(string(v.code)+" "+v.kind.String(), func(t *testing.T) {
			findings := iam.Validate(iam.MustParse(v.text), v.kind, v.options)
			var got []string
			for _, f := range findings {
				if f.Code != v.code {
					continue
				}
				if len(v.want) == 0 {
					assert.Equal(t, groundway.Passed, passedOrSkipped(f), "%s: %s", f.Code, f.Summary)
					continue
				}
				got = append(got, f.Severity.String()+" "+f.Outcome.String()+" at "+standsAt(t, v.text, f.Subject.Path)+": "+f.Summary)
			}
			slices.Sort(got)
			want := slices.Sorted(slices.Values(v.want))
			assert.Equal(t, want, got, v.text)
		})
	}
}

// standsAt returns the beginning of what stands at a place, line:column.
func standsAt(t testing.TB, text, place string) string {
	t.Helper()
	var line, column int
	_, err := fmt.Sscanf(place, "%d:%d", &line, &column)
	require.NoError(t, err)
	rest := strings.Split(text, "\n")[line-1][column-1:]
	return rest[:min(len(rest), 16)]
}

// passedOrSkipped returns Passed for a rule that does not apply too.
func passedOrSkipped(f groundway.Finding) groundway.Outcome {
	if f.Outcome == groundway.Skipped {
		return groundway.Passed
	}
	return f.Outcome
}

// What holds for the findings of every document and kind.
func TestValidateFindings(t *testing.T) {
	produced := map[groundway.Outcome]map[groundway.Code]bool{}
	for _, o := range []groundway.Outcome{groundway.Passed, groundway.Failed, groundway.Skipped, groundway.Unknown} {
		produced[o] = map[groundway.Code]bool{}
	}
	known := map[groundway.Code]groundway.Rule{}
	for _, r := range iam.ValidateRules() {
		known[r.Code] = r
	}
	for _, v := range verdicts {
		for _, kind := range iam.Kinds() {
			findings := iam.Validate(iam.MustParse(v.text), kind, v.options)
			require.True(t, slices.IsSortedFunc(findings, groundway.Finding.Compare))
			failed := map[string]groundway.Code{}
			perCode := map[groundway.Code]int{}
			for _, f := range findings {
				perCode[f.Code]++
				if f.Outcome == groundway.Failed {
					require.NotContains(t, failed, f.Fingerprint(), "two findings have one fingerprint: %s", f.Summary)
					failed[f.Fingerprint()] = f.Code
				}
			}
			for code := range known {
				require.Positive(t, perCode[code], "no finding of %s", code)
			}
			for _, f := range findings {
				produced[f.Outcome][f.Code] = true
				require.Contains(t, known, f.Code)
				require.NotEmpty(t, f.Summary)
				require.NotEmpty(t, f.Evidence)
				require.NotZero(t, f.Severity)
				if f.Outcome == groundway.Failed || f.Outcome == groundway.Unknown {
					require.NotEmpty(t, f.Remedies[0].Action)
					require.NotEmpty(t, f.Evidence[0].Got+f.Evidence[0].Want)
				} else {
					require.Equal(t, 1, perCode[f.Code], "%s has %s beside others", f.Code, f.Outcome)
				}
				for _, cause := range f.Causes {
					require.Contains(t, known[f.Code].DependsOn, failed[cause])
				}
			}
		}
	}
	for code := range known {
		assert.True(t, produced[groundway.Failed][code] || produced[groundway.Unknown][code], "%s never failed", code)
		assert.True(t, produced[groundway.Passed][code], "%s never passed", code)
	}
	assert.True(t, produced[groundway.Unknown]["iam/trust-source-missing"])
}

func TestRules(t *testing.T) {
	position := map[groundway.Code]int{}
	for i, r := range iam.Rules() {
		require.NotContains(t, position, r.Code)
		position[r.Code] = i
	}
	for i, r := range iam.Rules() {
		assert.Equal(t, "iam", r.Code.Package())
		assert.NotEmpty(t, r.Title, r.Code)
		assert.NotContains(t, r.Title, ".", r.Code)
		assert.Contains(t, r.Doc, "https://docs.aws.amazon.com/", r.Code)
		assert.NotZero(t, r.Severity, r.Code)
		assert.NotEmpty(t, r.Since, r.Code)
		for _, before := range r.DependsOn {
			// A rule that stands behind all it depends on cannot depend on itself.
			assert.Contains(t, position, before)
			assert.Less(t, position[before], i, "%s depends on %s", r.Code, before)
		}
	}
}

func TestValidateCauses(t *testing.T) {
	findings := iam.Validate(iam.MustParse(`{"Version":"x","Statement":[]}`), identity, iam.ValidateOptions{})
	old := finding(t, findings, "iam/version-old")
	assert.Equal(t, groundway.Skipped, old.Outcome)
	assert.Equal(t, []string{finding(t, findings, "iam/version-invalid").Fingerprint()}, old.Causes)
	rcp := finding(t, findings, "iam/rcp-effect")
	assert.Equal(t, "The rule does not apply to an identity policy", rcp.Summary)
}

// The places are those of the text only as long as the document still is the
// text's.
func TestValidatePlaces(t *testing.T) {
	path := func(d iam.Document) string {
		return finding(t, iam.Validate(d, identity, iam.ValidateOptions{}), "iam/action-invalid").Subject.Path
	}
	const text = "{\"Version\":\"2012-10-17\",\"Statement\":[\n {\"Effect\":\"Allow\",\"Action\":[\n  \"ec2:RunInstances\",\n  \"ec2\"], \"Resource\":\"*\"}]}"
	d, err := iam.Parse(text, iam.ParseOptions{File: "demo.json"})
	require.NoError(t, err)
	assert.Equal(t, "demo.json:4:3", path(d))

	changed := d
	changed.Statements = slices.Clone(d.Statements)
	changed.Statements[0].Actions = []iam.Action{"s3"}
	assert.Equal(t, "demo.json:2:2", path(changed), "the statement was changed")

	moved := iam.Document{Version: iam.Version2012, Statements: []iam.Statement{iam.Allow("a:b").On("*"), d.Statements[0]}}
	assert.Equal(t, "demo.json:4:3", path(moved), "the statement moved to another document")

	built := iam.Document{Version: iam.Version2012, Statements: []iam.Statement{iam.Allow("a:b", "s/3").On("*")}}
	assert.Equal(t, "/Statement/0/Action/1", path(built))
}

// A document that was changed is measured as it would be printed.
func TestValidateSizeOfChangedDocument(t *testing.T) {
	d := iam.MustParse(allow(`"Action":"a:b","Resource":"*"`) + strings.Repeat(" ", 5200))
	assert.Equal(t, groundway.Unknown, finding(t, iam.Validate(d, scp, iam.ValidateOptions{}), "iam/size-exceeded").Outcome)
	d.Statements = append(slices.Clone(d.Statements), iam.Deny("a:c").On("*"))
	assert.Equal(t, groundway.Passed, finding(t, iam.Validate(d, scp, iam.ValidateOptions{}), "iam/size-exceeded").Outcome)
}

// The rules that organizations had until 2025-09-19 are not among these.
func TestValidateTodaysServiceControlPolicies(t *testing.T) {
	d := iam.MustParse(v2012 + `
		{"Effect":"Allow","NotAction":["iam:*"],"Resource":"*"},
		{"Effect":"Allow","Action":"ec2:*Instances","Resource":"arn:aws:ec2:*:*:instance/*","Condition":{"StringEquals":{"aws:RequestedRegion":"us-east-1"}}},
		{"Effect":"Deny","Action":"s3:*","NotResource":"arn:aws:s3:::demo/*"}]}`)
	report := groundway.NewReport(time.Time{}, iam.Validate(d, scp, iam.ValidateOptions{}))
	require.NoError(t, report.Err())
	assert.Zero(t, report.Counts().Warnings)
}

func TestValidateInvalidKind(t *testing.T) {
	assert.Nil(t, iam.Validate(iam.Document{}, 0, iam.ValidateOptions{}))
	assert.Nil(t, iam.Validate(iam.Document{}, 200, iam.ValidateOptions{}))
}

func TestKind(t *testing.T) {
	for _, k := range iam.Kinds() {
		text, err := k.MarshalText()
		require.NoError(t, err)
		var again iam.Kind
		require.NoError(t, again.UnmarshalText(text))
		assert.Equal(t, k, again)
	}
	_, err := iam.ParseKind("bucket")
	require.EqualError(t, err, `parse kind of policy "bucket": want one of identity, resource, trust, scp, rcp, session, endpoint`)
	_, err = iam.Kind(0).MarshalText()
	require.EqualError(t, err, "marshal kind of policy 0: not a valid value")
	assert.Equal(t, "invalid", iam.Kind(99).String())
}

// A hostile document costs Validate, like Parse, time in proportion to its
// length: what it allocates shows it.
func TestValidateIsLinear(t *testing.T) {
	few, many := hostile(4_000), hostile(16_000)
	for name := range few {
		small, err := iam.Parse(few[name], iam.ParseOptions{})
		if err != nil {
			continue
		}
		large := iam.MustParse(many[name])
		t.Run(name, func(t *testing.T) {
			for _, kind := range oneOf(identity, trust) {
				allocs := func(d iam.Document) float64 {
					return testing.AllocsPerRun(1, func() { iam.Validate(d, kind, iam.ValidateOptions{}) })
				}
				assert.LessOrEqual(t, allocs(large), 6*allocs(small)+1000)
			}
		})
	}
}
