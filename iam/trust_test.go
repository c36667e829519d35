package iam_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
)

const (
	issuer   = "oidc.eks.us-east-1.amazonaws.com/id/EXAMPLE"
	provider = "arn:aws:iam::111122223333:oidc-provider/" + issuer
	cluster  = "arn:aws:eks:us-east-1:111122223333:cluster/demo"
	saml     = "arn:aws:iam::111122223333:saml-provider/corp"
	role     = "arn:aws:iam::444455556666:role/deployer"
)

var trusts = []struct {
	name  string
	trust iam.Trust
	want  string // the statement without Effect
}{
	{"service", iam.TrustService("ec2.amazonaws.com"), `"Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"`},
	{"service with a sid", iam.ServiceTrust{Sid: "Nodes", Service: "ec2.amazonaws.com"}, `"Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"`},
	{
		"service for a source", iam.TrustService("eks.amazonaws.com").SourceARN(cluster).SourceAccount("111122223333"),
		`"Principal":{"Service":"eks.amazonaws.com"},"Action":"sts:AssumeRole","Condition":{"ArnLike":{"aws:SourceArn":"` + cluster + `"},"StringEquals":{"aws:SourceAccount":"111122223333"}}`,
	},
	{
		"service that is not listed", iam.TrustService("unlisted.example.com").SourceAccount("111122223333").AssertSendsSource(),
		`"Principal":{"Service":"unlisted.example.com"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"}}`,
	},
	{"roles and users", iam.TrustPrincipals(role, "arn:aws:iam::444455556666:user/ops"), `"Principal":{"AWS":["` + role + `","arn:aws:iam::444455556666:user/ops"]},"Action":"sts:AssumeRole"`},
	{
		"third party", iam.TrustAccountRoot("444455556666").ExternalID("demo-7", "demo-8").RequireMFA(),
		`"Principal":{"AWS":"444455556666"},"Action":"sts:AssumeRole","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"},"StringEquals":{"sts:ExternalId":["demo-7","demo-8"]}}`,
	},
	{"session tags", iam.TrustPrincipals(role).AllowTagSession(), `"Principal":{"AWS":"` + role + `"},"Action":["sts:AssumeRole","sts:TagSession"]`},
	{"SAML", iam.TrustSAML(saml), `"Principal":{"Federated":"` + saml + `"},"Action":"sts:AssumeRoleWithSAML","Condition":{"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}}`},
	{
		"SAML in China", iam.TrustSAML("arn:aws-cn:iam::111122223333:saml-provider/corp"),
		`"Principal":{"Federated":"arn:aws-cn:iam::111122223333:saml-provider/corp"},"Action":"sts:AssumeRoleWithSAML","Condition":{"StringEquals":{"SAML:aud":"https://signin.amazonaws.cn/saml"}}`,
	},
	{
		"SAML at an endpoint", iam.TrustSAML(saml).Audience("https://us-east-1.signin.aws.amazon.com/saml"),
		`"Principal":{"Federated":"` + saml + `"},"Action":"sts:AssumeRoleWithSAML","Condition":{"StringEquals":{"SAML:aud":"https://us-east-1.signin.aws.amazon.com/saml"}}`,
	},
	{
		"service account", iam.TrustServiceAccount(provider, "jx", "tekton-bot"),
		`"Principal":{"Federated":"` + provider + `"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"` + issuer + `:aud":"sts.amazonaws.com","` + issuer + `:sub":"system:serviceaccount:jx:tekton-bot"}}`,
	},
	{
		"service accounts by pattern", iam.TrustWebIdentity(provider, iam.WebIdentityAudience).SubjectLike("system:serviceaccount:jx:*"),
		`"Principal":{"Federated":"` + provider + `"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"` + issuer + `:aud":"sts.amazonaws.com"},"StringLike":{"` + issuer + `:sub":"system:serviceaccount:jx:*"}}`,
	},
	{
		"pod identity", iam.TrustPodIdentity(cluster, "jx", "tekton-bot"),
		`"Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:RequestTag/eks-cluster-arn":"` + cluster + `","aws:RequestTag/kubernetes-namespace":"jx","aws:RequestTag/kubernetes-service-account":"tekton-bot"}}`,
	},
	{"any pod", iam.TrustAnyPod(), `"Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]`},
	{
		"any pod of an account", iam.TrustAnyPod().SourceAccount("111122223333"),
		`"Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"}}`,
	},
}

func TestTrust(t *testing.T) {
	for _, test := range trusts {
		t.Run(test.name, func(t *testing.T) {
			d, err := iam.NewTrustDocument(test.trust)
			require.NoError(t, err)
			sid := ""
			if id := d.Statements[0].ID; id != "" {
				sid = `"Sid":"` + id + `",`
			}
			assert.Equal(t, `{"Version":"2012-10-17","Statement":[{`+sid+`"Effect":"Allow",`+test.want+`}]}`, d.String())
			requireRoundTrip(t, d.String())

			// The text comes back as the same typed form.
			again, err := iam.ParseTrust(iam.MustParse(d.String()))
			require.NoError(t, err)
			want, err := iam.ParseTrust(d)
			require.NoError(t, err)
			require.Len(t, again, 1)
			assert.IsType(t, test.trust, again[0])
			assert.Equal(t, iam.MustTrustDocument(test.trust).String(), iam.MustTrustDocument(again...).String())
			assert.Equal(t, want, again)

			report := groundway.NewReport(time.Time{}, iam.Validate(d, iam.TrustPolicy, iam.ValidateOptions{}))
			assert.NoError(t, report.Err())
		})
	}
	typed := iam.TrustServiceAccount(provider, "jx", "tekton-bot")
	got, err := iam.ParseTrust(iam.MustTrustDocument(typed))
	require.NoError(t, err)
	assert.Equal(t, []iam.Trust{typed}, got)
}

func TestTrustMistakes(t *testing.T) {
	for _, test := range []struct {
		trust iam.Trust
		want  string
	}{
		{iam.ServiceTrust{}, `Service principal "" has no form that AWS takes`},
		{iam.TrustService("ec2.amazonaws.com.cn").SourceAccount("111122223333"), `service ec2.amazonaws.com.cn sends neither aws:SourceArn nor aws:SourceAccount, so that it could not assume the role`},
		{iam.TrustService("unlisted.example.com").SourceARN("*"), `service unlisted.example.com: whether it sends aws:SourceArn and aws:SourceAccount is not known; AssertSendsSource says so`},
		{iam.TrustService("eks.amazonaws.com").SourceAccount("1"), `source account "1": want 12 digits`},
		{iam.TrustService("pods.eks.amazonaws.com"), `service pods.eks.amazonaws.com needs sts:TagSession too: use TrustPodIdentity`},
		{iam.PrincipalTrust{}, `no principal`},
		{iam.TrustPrincipals("*"), `principal "*" is no user or role: TrustAccountRoot trusts a whole account`},
		{iam.TrustPrincipals("arn:aws:iam::111122223333:root"), `principal "arn:aws:iam::111122223333:root" is no user or role: TrustAccountRoot trusts a whole account`},
		{iam.TrustPrincipals("111122223333"), `principal "111122223333" is no user or role: TrustAccountRoot trusts a whole account`},
		{iam.TrustAccountRoot("1111"), `account "1111": want 12 digits`},
		{iam.TrustAccountRoot("111122223333").ExternalID("a"), `external ID "a": 1 characters, want 2 to 1224`},
		{iam.TrustSAML("corp"), `provider "corp": want arn:PARTITION:iam::ACCOUNT:saml-provider/NAME`},
		{iam.TrustSAML("arn:aws-iso:iam::111122223333:saml-provider/corp"), `partition "aws-iso": its sign-in endpoint is not known; Audience names it`},
		{iam.WebIdentityTrust{}, `provider "": want arn:PARTITION:iam::ACCOUNT:oidc-provider/HOST/PATH`},
		{iam.TrustWebIdentity(provider, "a"), `no subject: every token of the issuer would do`},
		{iam.WebIdentityTrust{Provider: provider, Subjects: []string{"s"}}, `no audience: every token of the issuer would do`},
		{iam.TrustWebIdentity(provider, "*", "s"), `audience "*": want exact text`},
		{iam.TrustWebIdentity(provider, "", "s"), `audience "": want exact text`},
		{iam.TrustWebIdentity(provider, "a", "s*"), `subject "s*": want exact text; SubjectLike takes patterns`},
		{iam.TrustServiceAccount(provider, "jx", "*"), `subject "system:serviceaccount:jx:*": want exact text; SubjectLike takes patterns`},
		{iam.TrustWebIdentity(provider, "a").SubjectLike("**"), `subject pattern "**" pins nothing`},
		{iam.TrustWebIdentity(provider, "a").SubjectLike("system:serviceaccount:*"), `subject pattern "system:serviceaccount:*" pins nothing`},
		{iam.TrustWebIdentity(provider, "a", "s").SubjectLike("t*"), `exact subjects and patterns of subjects exclude each other: both would have to hold`},
		{iam.PodIdentityTrust{}, `want clusters, namespaces or service accounts, or AnyPod, and not both`},
		{iam.PodIdentityTrust{AnyPod: true, Namespaces: []string{"jx"}}, `want clusters, namespaces or service accounts, or AnyPod, and not both`},
		{iam.TrustPodIdentity("demo", "jx", "bot"), `cluster "demo": want arn:PARTITION:eks:REGION:ACCOUNT:cluster/NAME`},
		{iam.TrustPodIdentity(cluster, "*", "bot"), `session tag kubernetes-namespace "*": want exact text`},
		{iam.PodIdentityTrust{Clusters: []string{cluster}, ServiceAccounts: []string{"bot"}}, `service accounts without a namespace: anybody who may create a namespace could use the role`},
	} {
		t.Run(test.want, func(t *testing.T) {
			_, err := iam.NewTrustDocument(test.trust)
			require.Error(t, err)
			assert.Contains(t, strings.Split(err.Error(), "\n"), "new policy: statement 1: "+test.want)
		})
	}
	_, err := iam.NewTrustDocument(iam.TrustPrincipals(role), iam.TrustSAML("x"), iam.PrincipalTrust{})
	require.ErrorContains(t, err, "statement 2: provider")
	require.ErrorContains(t, err, "statement 3: no principal")
	assert.Panics(t, func() { iam.MustTrustDocument(iam.PrincipalTrust{}) })
}

// What the typed form cannot say is an error, and never a wider trust.
func TestParseTrustRefuses(t *testing.T) {
	service := func(rest string) string {
		return `"Effect":"Allow","Principal":{"Service":"eks.amazonaws.com"},"Action":"sts:AssumeRole"` + rest
	}
	for _, test := range []struct{ statement, want string }{
		{`"Effect":"Deny","Principal":{"AWS":"` + role + `"},"Action":"sts:AssumeRole"`, `effect is "Deny", and trust is written with Allow`},
		{`"Effect":"Allow","NotPrincipal":{"AWS":"` + role + `"},"Action":"sts:AssumeRole"`, `has NotPrincipal, NotAction, Resource or NotResource`},
		{`"Effect":"Allow","Principal":{"AWS":"` + role + `"},"Action":"sts:AssumeRole","Resource":"*"`, `has NotPrincipal, NotAction, Resource or NotResource`},
		{`"Effect":"Allow","Principal":{},"Action":"sts:AssumeRole"`, `has no principal`},
		{`"Effect":"Allow","Principal":{"AWS":"` + role + `","Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"`, `has principals of several kinds`},
		{`"Effect":"Allow","Principal":{"Service":["ec2.amazonaws.com","eks.amazonaws.com"]},"Action":"sts:AssumeRole"`, `has several services or providers`},
		{`"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"`, `trusts everybody`},
		{`"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"`, `trusts everybody`},
		{`"Effect":"Allow","Principal":{"CanonicalUser":"x"},"Action":"sts:AssumeRole"`, `principal of kind "CanonicalUser"`},
		{service(`,"Condition":{"StringEquals":{"sts:ExternalId":"abc"}}`), `has the condition StringEquals "sts:ExternalId", which iam.ServiceTrust does not`},
		{service(`,"Condition":{"StringLike":{"aws:SourceArn":"x"}}`), `iam.ServiceTrust would be written with other actions or condition operators`},
		{service(`,"Condition":{"ArnLike":{"aws:SourceArn":"x"},"ArnEquals":{"aws:SourceArn":"y"}}`), `has the condition ArnEquals "aws:SourceArn", which iam.ServiceTrust does not`},
		{`"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"}}`, `service ec2.amazonaws.com sends neither aws:SourceArn nor aws:SourceAccount, so that it could not assume the role`},
		{`"Effect":"Allow","Principal":{"AWS":"` + role + `"},"Action":"sts:*"`, `iam.PrincipalTrust would be written with other actions or condition operators`},
		{`"Effect":"Allow","Principal":{"AWS":"` + role + `"},"Action":"sts:AssumeRole","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"false"}}`, `iam.PrincipalTrust would be written with other actions or condition operators`},
		{`"Effect":"Allow","Principal":{"AWS":"` + role + `"},"Action":"sts:AssumeRole","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"true"}}`, `iam.PrincipalTrust would be written with other actions or condition operators`},
		{`"Effect":"Allow","Principal":{"Federated":"` + saml + `"},"Action":"sts:AssumeRoleWithSAML"`, `does not pin SAML:aud`},
		{`"Effect":"Allow","Principal":{"Federated":"` + provider + `"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"` + issuer + `:sub":"s"}}`, `no audience: every token of the issuer would do`},
		{`"Effect":"Allow","Principal":{"Federated":"` + provider + `"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringLike":{"` + issuer + `:sub":"*"},"StringEquals":{"` + issuer + `:aud":"a"}}`, `subject pattern "*" pins nothing`},
		{`"Effect":"Allow","Principal":{"Federated":"accounts.google.com"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"accounts.google.com:aud":"a","accounts.google.com:sub":"s"}}`, `provider "accounts.google.com": want arn:PARTITION:iam::ACCOUNT:oidc-provider/HOST/PATH`},
	} {
		t.Run(test.want, func(t *testing.T) {
			d := iam.MustParse(`{"Version":"2012-10-17","Statement":[{` + test.statement + `}]}`)
			got, err := iam.ParseTrust(d)
			require.EqualError(t, err, "parse trust: statement 1 at 1:38: "+test.want)
			assert.Empty(t, got)
		})
	}
}

// The statements that can be expressed are returned beside the error.
func TestParseTrustInPart(t *testing.T) {
	d := iam.MustParse(`{"Statement":[
		{"Sid":"Open","Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"},
		{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"STS:assumerole"}]}`)
	got, err := iam.ParseTrust(d)
	require.EqualError(t, err, "parse trust: Version is \"\", and typed trust is written as 2012-10-17\nparse trust: statement 1 \"Open\" at 2:3: trusts everybody")
	assert.Equal(t, []iam.Trust{iam.PrincipalTrust{Accounts: []iam.Account{"111122223333"}}}, got)
}

// Roles and accounts in one list come back as one trust.
func TestParseTrustMixed(t *testing.T) {
	typed := iam.PrincipalTrust{ARNs: []string{role}, Accounts: []iam.Account{"111122223333"}, ExternalIDs: []string{"demo"}}
	got, err := iam.ParseTrust(iam.MustTrustDocument(typed))
	require.NoError(t, err)
	require.Len(t, got, 1)
	back := got[0].(iam.PrincipalTrust)
	assert.True(t, slices.Equal(typed.ARNs, back.ARNs) && slices.Equal(typed.Accounts, back.Accounts))
}
