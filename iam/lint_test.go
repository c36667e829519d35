package iam_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/catalog"
	"github.com/groundway-sdk/groundway/internal/golden"
)

// A lintCase is a document, and the findings of one code that failed or are
// unknown, as "severity confidence at TEXT: summary", where TEXT stands at the
// place of the finding.
type lintCase struct {
	code    groundway.Code
	text    string
	options iam.LintOptions
	want    []string
}

func deny(body string) string { return v2012 + `{"Effect":"Deny",` + body + `}]}` }

func of(kind iam.Kind) iam.LintOptions { return iam.LintOptions{Kind: kind} }

func trusting(condition string) string {
	return allow(`"Principal":{"AWS":["arn:aws:iam::111122223333:user/operator","arn:aws:iam::111122223333:role/installer"]},"Action":"sts:AssumeRole"` + condition)
}

const (
	anyCreate     = "arn:aws:ec2:*:*:instance/*"
	administrator = "arn:aws:iam::aws:policy/AdministratorAccess"
)

var lintCases = []lintCase{
	{code: "iam/action-unknown", text: allow(`"Action":["ec2:RunInstance","ec3:Run","ec2:Nothing*","ec2:RunInstances","*","ec2:Run*"],"Resource":"*"`), want: []string{
		`warning medium at "ec2:RunInstance: The catalog has no action "ec2:RunInstance"`,
		`warning medium at "ec3:Run","ec2:N: The catalog has no action "ec3:Run"`,
		`warning medium at "ec2:Nothing*",": No action of the catalog matches "ec2:Nothing*"`,
	}},
	{code: "iam/action-unknown", text: allow(`"Action":["s3:GetBucketReplication","s3:headobject"],"Resource":"*"`), want: []string{
		`warning high at "s3:GetBucketRep: s3:GetBucketReplication is an operation of the API and no action: s3:GetReplicationConfiguration is what allows it`,
		`warning high at "s3:headobject"]: s3:headobject is an operation of the API and no action: s3:GetObject is what allows it`,
	}},
	{code: "iam/action-unknown", text: deny(`"NotAction":["ec2:Fly","ec2:RunInstances"],"Resource":"*"`), want: []string{`warning medium at "ec2:Fly","ec2:R: The catalog has no action "ec2:Fly"`}},
	{code: "iam/action-unknown", text: allow(`"Action":["*","ec2:Describe*","EC2:runinstances"],"Resource":"*"`)},
	{code: "iam/action-case", text: allow(`"Action":["s3:GetBucketCors","ec2:describeAddresses","kms:GenerateDataKeyWithoutPlainText","EC2:RunInstances","ec2:describe*","ec2:RunInstances","ec2:*instances","*"],"Resource":"*"`), want: []string{
		`info high at "s3:GetBucketCor: s3:GetBucketCors is not in the letter case of AWS, which writes s3:GetBucketCORS`,
		`info high at "ec2:describeAdd: ec2:describeAddresses is not in the letter case of AWS, which writes ec2:DescribeAddresses`,
		`info high at "kms:GenerateDat: kms:GenerateDataKeyWithoutPlainText is not in the letter case of AWS, which writes kms:GenerateDataKeyWithoutPlaintext`,
		`info high at "EC2:RunInstance: EC2:RunInstances is not in the letter case of AWS, which writes ec2:RunInstances`,
		`info medium at "ec2:describe*",: ec2:describe* is not in the letter case of AWS, which writes ec2:DescribeAccountAttributes`,
		`info medium at "ec2:*instances": ec2:*instances is not in the letter case of AWS, which writes ec2:DeleteQueuedReservedInstances`,
	}},
	{code: "iam/action-case", text: allow(`"Action":["ec2:*Instances","ec2:RunInstances"],"Resource":"*"`)},
	{code: "iam/grant-dead", text: allow(`"Action":["iam:ListInstanceProfiles","iam:GetRole","iam:GetUser","eks:CreateCluster","iam:ListUser*"],"Resource":["arn:aws:iam::111122223333:role/demo-*"]`), want: []string{
		`warning medium at "iam:ListInstanc: iam:ListInstanceProfiles takes no resource: on named ones the statement grants nothing`,
		`warning medium at "iam:GetUser","e: iam:GetUser grants nothing: none of the resources is of the type user`,
		`info low at "eks:CreateClust: eks:CreateCluster takes no resource: on named ones the statement grants nothing`,
		`warning medium at "iam:ListUser*"]: iam:ListUser* grants nothing: no action that it matches has one of the resources`,
	}},
	{code: "iam/grant-dead", text: deny(`"Action":"ec2:CreateVpc","Resource":["arn:aws:ec2:*:*:subnet/*","arn:*:s3:::b"]`), want: []string{
		`warning medium at "ec2:CreateVpc",: ec2:CreateVpc denies nothing: none of the resources is of the type ipam-pool, ipv6pool-ec2 and vpc`,
	}},
	{code: "iam/grant-dead", text: allow(`"Action":["iam:GetRole","ec2:*","s3:GetObject","*"],"Resource":["arn:*:iam:*","arn:aws:ec2:*:*:in*","arn:aws:s3:::${aws:username}/*"]`)},
	// A * that ends a part may run past the colon.
	{code: "iam/grant-dead", text: allow(`"Action":"s3:DeleteBucketPolicy","Resource":"arn:aws:s3:*:store"`)},
	{code: "iam/grant-dead", text: allow(`"Action":"s3:DeleteBucketPolicy","Resource":"arn:aws:s3:us-east-1:store"`), want: []string{
		`warning medium at "s3:DeleteBucket: s3:DeleteBucketPolicy grants nothing: none of the resources is of the type bucket`,
	}},
	{code: "iam/grant-dead", text: allow(`"Action":"iam:ListInstanceProfiles","Resource":["*","arn:aws:iam::111122223333:role/x"]`)},
	{code: "iam/condition-key-unsupported", text: allow(`"Action":["ec2:CreateVpc","ec2:DeleteVpc","ec2:TerminateInstances"],"Resource":"*","Condition":{"StringEquals":{"aws:RequestTag/team":"a","aws:PrincipalTag/team":"a","aws:NewKey":"a"},"StringLike":{"s3:prefix":"a"}}`), want: []string{
		`warning medium at "a","aws:Princip: aws:RequestTag/team is no key of ec2:DeleteVpc and ec2:TerminateInstances, beside actions that have it`,
		`warning medium at "a"}}}]}: s3:prefix is no key of ec2:CreateVpc, ec2:DeleteVpc and ec2:TerminateInstances`,
		`info low at "a"},"StringLike: "aws:NewKey" is no global key that is known`,
	}},
	{code: "iam/condition-key-unsupported", text: allow(`"Action":"ec2:CreateSecurityGroup","Resource":"arn:aws:ec2:*:*:vpc/*","Condition":{"StringEquals":{"aws:RequestTag/team":"a"}}`), want: []string{
		`warning medium at "a"}}}]}: aws:RequestTag/team is no key of ec2:CreateSecurityGroup`,
	}},
	{code: "iam/condition-key-unsupported", text: allow(`"Action":["ec2:*","*"],"Resource":"*","Condition":{"StringEquals":{"AWS:requesttag/team":"a","ec2:Region":"us-east-1"},"StringLike":{"oidc.example.com/id/1:sub":"a"}}`)},
	{code: "iam/condition-key-unsupported", options: of(trust), text: trusting(`,"Condition":{"StringEquals":{"sts:ExternalId":"demo-1"}}`)},
	{code: "iam/condition-key-unsupported", options: of(trust), text: allow(`"Principal":{"AWS":"111122223333"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"sts:ExternalId":"demo-1"}}`)},
	{code: "iam/condition-type-mismatch", text: allow(`"Action":"ec2:RunInstances","Resource":"*","Condition":{"StringEquals":{"aws:SourceIp":"192.0.2.1","aws:SecureTransport":"true"},"NumericEquals":{"aws:PrincipalOrgID":"1"},"Bool":{"ec2:Region":"true"},"ArnLike":{"ec2:Vpc":"arn:aws:ec2:*:*:vpc/*"},"StringLike":{"aws:PrincipalArn":"*"},"Null":{"aws:SourceIp":"false"},"DateLessThan":{"aws:EpochTime":"1"}}`), want: []string{
		`warning medium at "192.0.2.1","aws: StringEquals compares the IP address aws:SourceIp as text`,
		`warning medium at "1"},"Bool":{"ec: NumericEquals compares the text aws:PrincipalOrgID as a number`,
		`warning medium at "true"},"ArnLike: Bool compares the text ec2:Region as a boolean`,
		`info low at "true"},"Numeric: StringEquals compares the boolean aws:SecureTransport as text`,
	}},
	{code: "iam/condition-type-mismatch", text: allow(`"Action":"ec2:RunInstances","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}`)},
	{code: "iam/condition-set-single", text: allow(`"Action":"ec2:RunInstances","Resource":"*","Condition":{"ForAnyValue:StringEquals":{"aws:RequestTag/team":"a","aws:TagKeys":"team"},"ForAllValues:StringEquals":{"aws:SourceVpc":"vpc-0a1"}}`), want: []string{
		`warning medium at "vpc-0a1"}}}]}: ForAllValues:StringEquals stands on aws:SourceVpc, of which a request has one value`,
		`warning medium at "a","aws:TagKeys: ForAnyValue:StringEquals stands on aws:RequestTag/team, of which a request has one value`,
	}},
	{code: "iam/condition-set-single", text: allow(`"Action":"ec2:RunInstances","Resource":"*","Condition":{"ForAnyValue:StringEquals":{"aws:TagKeys":"team"}}`)},
	{code: "iam/condition-value-unknown", text: allow(`"Action":"ec2:CreateTags","Resource":"*","Condition":{"StringEquals":{"ec2:CreateAction":["RunInstances","network-interface","CreateAutoScalingGroup","runInstances","RunInstance"]},"StringLike":{"ec2:CreateAction":["Create*","Fly*","${aws:username}"]}}`), want: []string{
		`warning medium at "network-interfa: ec2:CreateAction is compared with "network-interface", which is no action of ec2`,
		`warning medium at "CreateAutoScali: ec2:CreateAction is compared with "CreateAutoScalingGroup", which is no action of ec2: autoscaling:CreateAutoScalingGroup is one of another service`,
		`warning medium at "runInstances",": ec2:CreateAction is compared with "runInstances", and the action is written ec2:RunInstances`,
		`warning medium at "RunInstance"]},: ec2:CreateAction is compared with "RunInstance", which is no action of ec2`,
		`warning medium at "Fly*","${aws:us: ec2:CreateAction is compared with "Fly*", which is no action of ec2`,
	}},
	{code: "iam/condition-value-unknown", text: allow(`"Action":"kms:CreateGrant","Resource":"*","Condition":{"ForAllValues:StringEquals":{"kms:GrantOperations":["Decrypt","encrypt"]}}`), want: []string{
		`warning medium at "encrypt"]}}}]}: kms:GrantOperations is compared with "encrypt", and the action is written kms:Encrypt`,
	}},
	{code: "iam/condition-value-unknown", text: allow(`"Action":"ec2:CreateTags","Resource":"*","Condition":{"StringEquals":{"ec2:CreateAction":"RunInstances"},"StringEqualsIgnoreCase":{"ec2:createaction":"runinstances"}}`)},
	{code: "iam/partition-fixed", text: v2012 + `{"Effect":"Allow","Action":"s3:GetObject","Resource":["*","arn:aws:s3:::a/*","arn:aws:s3:::b/*"]},{"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::a/*"}]}`, want: []string{
		`info high at {"Version":"2012: The document holds in the partition aws alone, by 3 ARNs in 2 statements`,
	}},
	{code: "iam/partition-fixed", text: v2012 + `{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::a/*"},{"Effect":"Deny","Action":"s3:PutObject","NotResource":"arn:*:s3:::a/*"}]}`, want: []string{
		`warning high at "arn:aws:s3:::a/: 1 ARN of the statement is in the partition aws alone, amid others that are not`,
	}},
	{code: "iam/partition-fixed", text: allow(`"Action":"s3:GetObject","Resource":"*","Condition":{"ArnLike":{"aws:PrincipalArn":["arn:aws:iam::111122223333:role/a","arn:aws-cn:iam::111122223333:role/a"]}}`), options: iam.LintOptions{Partition: iam.PartitionChina}, want: []string{
		`error high at "arn:aws:iam::11: 1 ARN of the statement is in the partition aws, and the document is for aws-cn`,
	}},
	{code: "iam/partition-fixed", text: allow(`"Action":"s3:GetObject","Resource":"arn:aws-us-gov:s3:::a"`), options: iam.LintOptions{Partition: iam.PartitionUSGov}},
	{code: "iam/partition-fixed", text: allow(`"Action":"s3:GetObject","Resource":["arn:*:s3:::a","arn:${aws:username}:s3:::a","arn:aws"]`)},
	{code: "iam/passrole-wide", text: v2012 + strings.Join([]string{
		`{"Effect":"Allow","Action":"iam:PassRole","Resource":["arn:aws:iam::1:role/a","arn:aws:iam::*:role/*"]}`,
		`{"Effect":"Allow","Action":["a:b","iam:Pass*"],"Resource":"*"}`,
		`{"Effect":"Allow","Action":"*","NotResource":"arn:aws:iam::1:role/a"}`,
		`{"Effect":"Allow","Action":"iam:PassRole","Resource":["arn:aws:iam::1:ro*"]}`,
		`{"Effect":"Allow","Action":"iam:PassRole","Resource":["arn:aws:iam::1:role/?*","arn:aws:s3:::*","arn:aws:iam::1:role/demo/*"]}`,
		`{"Effect":"Deny","Action":"iam:PassRole","Resource":"*"}`,
	}, ",") + `]}`, want: []string{
		`warning high at "iam:PassRole",": iam:PassRole is allowed on every role, by "arn:aws:iam::*:role/*"`,
		`warning high at "iam:Pass*"],"Re: iam:Pass*, and with it iam:PassRole, is allowed on every role, by "*"`,
		`warning high at "*","NotResource: *, and with it iam:PassRole, is allowed on every role but those in NotResource`,
		`warning high at "iam:PassRole",": iam:PassRole is allowed on every role, by "arn:aws:iam::1:ro*"`,
	}},
	{code: "iam/passrole-wide", text: allow(`"Action":"IAM:passrole","Resource":"arn:aws:iam::1:role/a"`)},
	{code: "iam/passrole-service-missing", text: v2012 + strings.Join([]string{
		`{"Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":{"StringNotEquals":{"iam:PassedToService":"a.amazonaws.com"}}}`,
		`{"Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":{"StringLike":{"iam:PassedToService":"*"}}}`,
		`{"Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":{"StringEqualsIfExists":{"iam:PassedToService":"ec2.amazonaws.com"}}}`,
		`{"Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":{"StringLike":{"iam:passedToService":"ec2.amazonaws.com*"}}}`,
	}, ",") + `]}`, want: []string{
		`warning high at "iam:PassRole",": iam:PassRole is allowed for every service that the roles trust`,
		`warning high at "iam:PassRole",": iam:PassRole is allowed for every service that the roles trust`,
		`warning high at "iam:PassRole",": iam:PassRole is allowed for every service that the roles trust`,
	}},
	{code: "iam/passrole-service-missing", text: allow(`"Action":"iam:PassRole","Resource":"*","Condition":{"StringEquals":{"iam:PassedToService":"ec2.amazonaws.com"}}`)},
	{code: "iam/passrole-service-missing", text: allow(`"Action":"iam:PassRole","Resource":"*","Condition":{"StringLike":{"iam:PassedToService":"ec2.*"}}`)},
	{code: "iam/passrole-service-missing", text: allow(`"Action":"iam:PassRole","Resource":"*","Condition":{"StringLike":{"iam:PassedToService":["ec2.*","*.amazonaws.com"]}}`), want: []string{`warning high at "iam:PassRole",": iam:PassRole is allowed for every service that the roles trust`}},
	{code: "iam/servicelinkedrole-dead", text: allow(`"Action":["iam:CreateServiceLinkedRole","iam:deleteServiceLinkedRole","iam:GetRole"],"Resource":["arn:aws:iam::111122223333:role/eksctl-*","arn:aws:iam::*:instance-profile/*"]`), want: []string{
		`warning high at "iam:CreateServi: iam:CreateServiceLinkedRole grants nothing: no resource is below role/aws-service-role/`,
		`warning high at "iam:deleteServi: iam:deleteServiceLinkedRole grants nothing: no resource is below role/aws-service-role/`,
	}},
	{code: "iam/servicelinkedrole-dead", text: allow(`"Action":"iam:CreateServiceLinkedRole","Resource":"arn:aws:iam::*:role/aws-service-role/eks.amazonaws.com/*"`)},
	{code: "iam/createtags-open", text: v2012 + strings.Join([]string{
		`{"Effect":"Allow","Action":["ec2:DeleteTags","ec2:CreateTags"],"Resource":"` + anyCreate + `"}`,
		`{"Effect":"Allow","Action":"ec2:*","Resource":"*","Condition":{"StringEquals":{"aws:RequestTag/team":"a"}}}`,
		`{"Effect":"Allow","Action":"elasticloadbalancing:AddTags","Resource":"*","Condition":{"StringEquals":{"ec2:CreateAction":"a"}}}`,
		`{"Effect":"Allow","Action":"ec2:CreateTags","Resource":"*","Condition":{"StringEquals":{"ec2:createAction":"RunInstances"}}}`,
		`{"Effect":"Allow","Action":"ec2:CreateTags","Resource":"*","Condition":{"StringEquals":{"ec2:ResourceTag/team":"a"}}}`,
		`{"Effect":"Allow","Action":"ec2:CreateTags","Resource":"arn:aws:ec2:us-east-1:111122223333:vpc/vpc-0a1"}`,
	}, ",") + `]}`, want: []string{
		`warning high at "ec2:CreateTags": ec2:CreateTags is allowed on resources that others made`,
		`warning high at "ec2:*","Resourc: ec2:*, and with it ec2:CreateTags, is allowed on resources that others made`,
		`warning high at "elasticloadbala: elasticloadbalancing:AddTags is allowed on resources that others made`,
	}},
	{code: "iam/createtags-open", text: allow(`"Action":"ec2:CreateTags","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"a"}}`)},
	{code: "iam/trust-unconditional", options: of(trust), text: trusting(`,"Condition":{}`), want: []string{
		`warning high at "arn:aws:iam::11: "arn:aws:iam::111122223333:user/operator" may assume the role with nothing but its credentials`,
		`info low at "arn:aws:iam::11: "arn:aws:iam::111122223333:role/installer" may assume the role with nothing but its credentials`,
	}},
	{code: "iam/trust-unconditional", options: of(trust), text: allow(`"Principal":{"Federated":"arn:aws:iam::111122223333:saml-provider/demo"},"Action":"sts:AssumeRoleWithSAML","Condition":{"StringEquals":{}}`), want: []string{
		`warning high at "arn:aws:iam::11: "arn:aws:iam::111122223333:saml-provider/demo" may vouch for sign-ins of any audience`,
	}},
	{code: "iam/trust-unconditional", options: of(trust), text: trusting(`,"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`)},
	{code: "iam/managedpolicy-wide", text: allow(`"Action":"iam:AttachRolePolicy","Resource":"*","Condition":{"ArnEquals":{"iam:PolicyARN":["arn:aws:iam::aws:policy/service-role/AmazonEKS_CNI_Policy","` + administrator + `","x"]},"ArnNotEquals":{"iam:PolicyARN":"arn:aws:iam::aws:policy/IAMFullAccess"}}`), options: iam.LintOptions{AttachedPolicies: []string{
		"arn:aws:iam::aws:policy/IAMFullAccess", "arn:aws:iam::aws:policy/AmazonEC2FullAccess", "arn:aws:iam::111122223333:policy/MyFullAccess",
		"arn:aws:iam::aws:policy/job-function/NetworkAdministrator", "arn:aws:iam::aws:policy/PowerUserAccess", "ReadOnlyAccess",
		"arn:aws:iam::aws:policy/IAMFullAccess",
	}}, want: []string{
		`warning medium at arn:aws:iam::aws:policy/AmazonEC2FullAccess: AmazonEC2FullAccess is attached, which allows a whole service, by its name`,
		`warning high at arn:aws:iam::aws:policy/IAMFullAccess: IAMFullAccess is attached, which allows everything in IAM, and through it everything`,
		`warning high at arn:aws:iam::aws:policy/PowerUserAccess: PowerUserAccess is attached, which allows everything but users, groups and organizations`,
		`warning high at arn:aws:iam::aws:policy/job-function/NetworkAdministrator: NetworkAdministrator is attached, which allows the administration of many services`,
		`warning high at "arn:aws:iam::aw: AdministratorAccess may be attached, which allows everything`,
		`warning invalid at ReadOnlyAccess: What policy "ReadOnlyAccess" is cannot be told: it is not the ARN of one`,
	}},
	{code: "iam/managedpolicy-wide", text: allow(`"Action":"a:b","Resource":"*"`), options: iam.LintOptions{AttachedPolicies: []string{"arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"}}},
	{code: "iam/notaction-allow", text: allow(`"NotAction":"iam:*","Resource":"*"`), want: []string{`warning high at "iam:*","Resourc: The statement allows every action but those in NotAction`}},
	{code: "iam/notaction-allow", text: deny(`"NotAction":"iam:*","Resource":"*"`)},
	{code: "iam/condition-allvalues-open", text: allow(`"Action":"ec2:CreateTags","Resource":"*","Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":"team"}}`), want: []string{
		`warning high at "team"}}}]}: ForAllValues:StringEquals on aws:TagKeys also allows requests without the key`,
	}},
	{code: "iam/condition-allvalues-open", text: allow(`"Action":"ec2:CreateTags","Resource":"*","Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":"team"},"Null":{"aws:TagKeys":"false"}}`)},
	{code: "iam/trust-everyone", options: of(trust), text: allow(`"Principal":"*","Action":"sts:AssumeRole"`), want: []string{`error high at "*","Action":"st: The role trusts everybody`}},
	{code: "iam/trust-everyone", options: of(trust), text: trusting("")},
	{code: "iam/trust-root", options: of(trust), text: allow(`"Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"`), want: []string{`warning high at "111122223333"},: The role trusts every user and role that account 111122223333 lets assume it`}},
	{code: "iam/trust-root", options: of(trust), text: trusting("")},
	{code: "iam/trust-oidc-open", options: of(trust), text: allow(`"Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/oidc.example.com"},"Action":"sts:AssumeRoleWithWebIdentity"`), want: []string{`error high at "arn:aws:iam::11: Every token of oidc.example.com may assume the role`}},
	{code: "iam/trust-oidc-open", options: of(trust), text: allow(`"Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/oidc.example.com"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"oidc.example.com:sub":"a","oidc.example.com:aud":"b"}}`)},
	{code: "iam/trust-source-missing", options: of(trust), text: allow(`"Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]`), want: []string{`warning high at "pods.eks.amazon: The role trusts pods.eks.amazonaws.com for whomever the service acts`}},
	{code: "iam/trust-source-missing", options: of(trust), text: allow(`"Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"}}`)},
}

// lintLine writes a finding as the cases have it.
func lintLine(f groundway.Finding) string {
	at := f.Subject.Path
	if at == "" {
		at = f.Subject.ID
	}
	return fmt.Sprintf("%s %s at %s: %s", f.Severity, iam.ConfidenceOf(f), at, f.Summary)
}

func TestLint(t *testing.T) {
	for i, c := range lintCases {
		t.Run(fmt.Sprintf("%s %d", c.code, i), func(t *testing.T) {
			c.options.Catalog = catalog.Catalog{}
			var got []string
			outcome := groundway.Passed
			for _, f := range iam.Lint(iam.MustParse(c.text), c.options) {
				if f.Code != c.code {
					continue
				}
				if f.Outcome == groundway.Passed || f.Outcome == groundway.Skipped {
					outcome = f.Outcome
					continue
				}
				line := lintLine(f)
				if place := f.Subject.Path; place != "" {
					line = strings.Replace(line, place, standsAt(t, c.text, place), 1)
				}
				got = append(got, line)
			}
			if assert.ElementsMatch(t, c.want, got) && len(c.want) == 0 {
				assert.Equal(t, groundway.Passed, outcome)
			}
		})
	}
}

// What holds for the findings of every document, kind and catalog.
func TestLintFindings(t *testing.T) {
	produced := map[groundway.Outcome]map[groundway.Code]bool{}
	for _, o := range []groundway.Outcome{groundway.Passed, groundway.Failed, groundway.Skipped, groundway.Unknown} {
		produced[o] = map[groundway.Code]bool{}
	}
	rules, all := map[groundway.Code]bool{}, map[groundway.Code]groundway.Rule{}
	for _, r := range iam.LintRules() {
		rules[r.Code] = true
	}
	for _, r := range iam.Rules() {
		all[r.Code] = r
	}
	require.Len(t, rules, 20)
	texts := []string{`{}`, `{"Statement":[]}`, `{"Statement":{"Action":"ec2","Effect":"allow","Resource":"x"}}`}
	for _, c := range lintCases {
		texts = append(texts, c.text)
	}
	for _, v := range verdicts {
		texts = append(texts, v.text)
	}
	for _, text := range texts {
		d := iam.MustParse(text)
		for _, kind := range iam.Kinds() {
			validated := map[string]groundway.Code{}
			for _, f := range iam.Validate(d, kind, iam.ValidateOptions{}) {
				if f.Outcome == groundway.Failed {
					validated[f.Fingerprint()] = f.Code
				}
			}
			for _, o := range []iam.LintOptions{{}, {Catalog: catalog.Catalog{}}, {Catalog: catalog.Catalog{}, Validated: true}} {
				o.Kind = kind
				o.AttachedPolicies = []string{administrator}
				findings := iam.Lint(d, o)
				require.True(t, slices.IsSortedFunc(findings, groundway.Finding.Compare))
				require.Equal(t, findings, iam.Lint(d, o))
				perCode := map[groundway.Code][]groundway.Outcome{}
				failed := map[string]groundway.Code{}
				for _, f := range findings {
					perCode[f.Code] = append(perCode[f.Code], f.Outcome)
					require.True(t, rules[f.Code], f.Code)
					require.NotEmpty(t, f.Summary)
					require.NotEmpty(t, f.Detail)
					require.NotEmpty(t, f.Evidence)
					produced[f.Outcome][f.Code] = true
					switch f.Outcome {
					case groundway.Failed:
						require.NotContains(t, failed, f.Fingerprint(), "two findings have one fingerprint: %s", f.Summary)
						failed[f.Fingerprint()] = f.Code
						require.NotEmpty(t, f.Remedies[0].Action)
						require.NotZero(t, iam.ConfidenceOf(f), f.Summary)
						if o.Validated {
							require.NotContains(t, validated, f.Fingerprint(), f.Summary)
						}
						if iam.ConfidenceOf(f) == iam.LowConfidence {
							require.Equal(t, groundway.Info, f.Severity)
						}
						if iam.NeedsCatalog(f.Code) {
							require.NotNil(t, o.Catalog)
							require.NotEqual(t, groundway.Error, f.Severity, "catalogs err")
						}
					case groundway.Unknown:
						require.NotEmpty(t, f.Remedies[0].Action)
					default:
						require.Zero(t, iam.ConfidenceOf(f))
					}
				}
				for _, f := range findings {
					for _, cause := range f.Causes {
						code := failed[cause]
						if code == "" {
							code = validated[cause]
						}
						require.Contains(t, all[f.Code].DependsOn, code)
					}
				}
				for code := range rules {
					require.Equal(t, !o.Validated || strings.HasPrefix(all[code].Since, "0") && !slices.ContainsFunc(iam.ValidateRules(), func(r groundway.Rule) bool { return r.Code == code }), len(perCode[code]) > 0, code)
					if iam.NeedsCatalog(code) && o.Catalog == nil {
						require.NotContains(t, perCode[code], groundway.Passed)
					}
					if slices.Contains(perCode[code], groundway.Passed) || slices.Contains(perCode[code], groundway.Skipped) {
						require.Len(t, perCode[code], 1)
					}
				}
			}
		}
	}
	for code := range rules {
		assert.True(t, produced[groundway.Failed][code] || produced[groundway.Unknown][code], "%s never failed", code)
		assert.True(t, produced[groundway.Skipped][code] || code == "iam/managedpolicy-wide", "%s was never skipped", code)
		assert.Equal(t, iam.NeedsCatalog(code) || code == "iam/trust-source-missing", produced[groundway.Unknown][code], "%s unknown", code)
	}
}

// TestLintPassed holds that each rule passes on a document of the cases.
func TestLintPassed(t *testing.T) {
	passed := map[groundway.Code]bool{}
	for _, c := range lintCases {
		c.options.Catalog = catalog.Catalog{}
		for _, f := range iam.Lint(iam.MustParse(c.text), c.options) {
			passed[f.Code] = passed[f.Code] || f.Outcome == groundway.Passed
		}
	}
	for _, r := range iam.LintRules() {
		assert.True(t, passed[r.Code], "%s never passed", r.Code)
	}
}

// TestLintInstallers is what the linter says about published policies.
func TestLintInstallers(t *testing.T) {
	var b bytes.Buffer
	for _, i := range installers() {
		fmt.Fprintf(&b, "# %s\n", i.name)
		for _, f := range iam.Lint(i.document, iam.LintOptions{Catalog: catalog.Catalog{}, Kind: i.kind}) {
			if f.Outcome == groundway.Failed || f.Outcome == groundway.Unknown {
				fmt.Fprintf(&b, "%s %s\n    %s\n    %s\n", f.Code, lintLine(f), f.Evidence[0].Got, f.Remedies[0].Action)
			}
		}
	}
	golden.Check(t, "lint-installers.golden", b.Bytes())
}

// TestLintSkips holds that a question about an unknown action is not answered.
func TestLintSkips(t *testing.T) {
	d := iam.MustParse(allow(`"Action":["ec2:Fly","ec2:RunInstances"],"Resource":"*","Condition":{"StringEquals":{"aws:RequestTag/team":"a"}}`))
	findings := iam.Lint(d, iam.LintOptions{Catalog: catalog.Catalog{}})
	cause := finding(t, findings, "iam/action-unknown").Fingerprint()
	for _, code := range []groundway.Code{"iam/action-case", "iam/grant-dead", "iam/condition-key-unsupported"} {
		f := finding(t, findings, code)
		assert.Equal(t, groundway.Skipped, f.Outcome, code)
		assert.Equal(t, []string{cause}, f.Causes, code)
	}
}

func TestLintRemedies(t *testing.T) {
	remedy := func(text string, code groundway.Code) string {
		return finding(t, iam.Lint(iam.MustParse(text), iam.LintOptions{Catalog: catalog.Catalog{}}), code).Remedies[0].Action
	}
	assert.Equal(t, "Write ec2:RunInstances, if that is meant, or remove the action.", remedy(allow(`"Action":"ec2:RunInstance","Resource":"*"`), "iam/action-unknown"))
	assert.Equal(t, "Write s3:GetReplicationConfiguration.", remedy(allow(`"Action":"s3:GetBucketReplication","Resource":"*"`), "iam/action-unknown"))
	assert.Equal(t, "Write the action as the Service Authorization Reference has it, or remove it.", remedy(allow(`"Action":"ec2:Fly","Resource":"*"`), "iam/action-unknown"))
	assert.Equal(t, "Write s3:GetBucketCORS.", remedy(allow(`"Action":"s3:GetBucketCors","Resource":"*"`), "iam/action-case"))
	assert.Equal(t, `Put the action into a statement with "Resource": "*".`, remedy(allow(`"Action":"iam:ListInstanceProfiles","Resource":"arn:*:iam::1:role/a"`), "iam/grant-dead"))
	assert.Equal(t, "Name a resource such as arn:*:iam::*:user/*, or remove the action.", remedy(allow(`"Action":"iam:GetUser","Resource":"arn:*:iam::1:role/a"`), "iam/grant-dead"))
	assert.Equal(t, "Write RunInstances, if that is meant, or remove the value.", remedy(allow(`"Action":"ec2:CreateTags","Resource":"*","Condition":{"StringEquals":{"ec2:CreateAction":"RunInstance"}}`), "iam/condition-value-unknown"))
}

func TestLintOverrides(t *testing.T) {
	d := iam.MustParse(allow(`"Action":["eks:CreateCluster","demo:Launch"],"Resource":"arn:*:eks:*:*:cluster/demo","Condition":{"StringEquals":{"eks:new":"a"}}`))
	outcome := func(code groundway.Code, overrides ...iam.Override) groundway.Outcome {
		return finding(t, iam.Lint(d, iam.LintOptions{Catalog: catalog.Catalog{}, Overrides: overrides}), code).Outcome
	}
	cluster := []iam.ResourceType{{Name: "cluster", ARNs: []string{"arn:${Partition}:eks:${Region}:${Account}:cluster/${ClusterName}"}}}
	overrides := []iam.Override{
		{Action: "demo:Launch", Level: iam.WriteAccess, Types: cluster, Reason: "It is new."},
		{Action: "eks:CreateCluster", Types: cluster, Reason: "The reference lags."},
		{Action: "*:*", Keys: []iam.ConditionKey{{Name: "eks:New", Type: iam.StringKey}}, Reason: "It is new."},
	}
	for _, code := range []groundway.Code{"iam/action-unknown", "iam/grant-dead", "iam/condition-key-unsupported"} {
		assert.Equal(t, groundway.Failed, outcome(code), code)
		assert.Equal(t, groundway.Passed, outcome(code, overrides...), code)
	}
	// The tag keys of Secrets Manager are among the corrections that are built in.
	secret := iam.MustParse(allow(`"Action":"secretsmanager:GetSecretValue","Resource":"*","Condition":{"StringEquals":{"secretsmanager:ResourceTag/team":"a"}}`))
	assert.Equal(t, groundway.Passed, finding(t, iam.Lint(secret, iam.LintOptions{Catalog: catalog.Catalog{}}), "iam/condition-key-unsupported").Outcome)
}

func TestLintInvalidKind(t *testing.T) {
	assert.Nil(t, iam.Lint(iam.Document{}, iam.LintOptions{Kind: 200}))
	assert.NotNil(t, iam.Lint(iam.Document{}, iam.LintOptions{}))
}

func TestConfidence(t *testing.T) {
	for _, c := range []iam.Confidence{iam.LowConfidence, iam.MediumConfidence, iam.HighConfidence} {
		text, err := c.MarshalText()
		require.NoError(t, err)
		var again iam.Confidence
		require.NoError(t, again.UnmarshalText(text))
		assert.Equal(t, c, again)
	}
	_, err := iam.Confidence(0).MarshalText()
	require.EqualError(t, err, "marshal confidence 0: not a valid value")
	assert.Zero(t, iam.ConfidenceOf(groundway.Finding{}))
	var c iam.Confidence
	require.EqualError(t, c.UnmarshalText([]byte("sure")), `parse confidence "sure": want one of low, medium, high`)
}

// hostilePolicies are policies of about n bytes that make a careless linter slow
// or large: many of one thing beside many of another.
func hostilePolicies(n int) map[string]string {
	list := func(n int, item func(i int) string) string {
		var items []string
		for i := 0; n > 0; i++ {
			items = append(items, item(i))
			n -= len(items[i]) + 1
		}
		return strings.Join(items, ",")
	}
	numbered := func(format string) func(int) string {
		return func(i int) string { return fmt.Sprintf(format, i) }
	}
	everything := catalog.Catalog{}.Expand("ec2:*")
	everything = append(everything, catalog.Catalog{}.Expand("iam:*")...)
	action := func(i int) string { return `"` + string(everything[i*37%len(everything)]) + `"` }
	services := strings.Fields("autoscaling cloudformation dynamodb ec2 ecr eks elasticloadbalancing iam kms lambda route53 s3 ssm")
	whole := list(len(services)*4, func(i int) string { return `"` + services[i%len(services)] + `:*"` })
	return map[string]string{
		"keys and actions":       allow(`"Action":[` + list(n/2, action) + `],"Resource":"*","Condition":{"StringEquals":{` + list(n/2, numbered(`"a:%d":"v"`)) + `}}`),
		"tags and actions":       allow(`"Action":[` + list(n/2, action) + `],"Resource":"*","Condition":{"StringEquals":{` + list(n/2, numbered(`"aws:RequestTag/%d":"v"`)) + `}}`),
		"patterns over services": allow(`"Action":[` + list(n/4, numbered(`"*:*e%d"`)) + `],"Resource":"*"`),
		"patterns that match":    allow(`"Action":[` + list(n/4, func(i int) string { return `"*:` + strings.Repeat("*", i%97) + "e" + strings.Repeat("*", i/97) + `"` }) + `],"Resource":"*"`),
		"patterns of one service": allow(`"Action":[` + list(n, func(i int) string {
			return `"ec2:*` + strings.Repeat("?", i%17) + "e*" + strings.Repeat("*", i/17) + `"`
		}) + `],"Resource":"*"`),
		"resources and services":        allow(`"Action":[` + whole + `],"Resource":[` + list(n, numbered(`"arn:aws:none:::b%d"`)) + `]`),
		"resources of one service":      allow(`"Action":[` + whole + `],"Resource":[` + list(n, numbered(`"arn:aws:ec2:*:*:*z%d"`)) + `]`),
		"resources of another type":     allow(`"Action":"ec2:*","Resource":[` + list(n, numbered(`"arn:aws:ec2:*:*:none/%d"`)) + `]`),
		"actions and resources":         allow(`"Action":[` + list(n/2, action) + `],"Resource":[` + list(n/2, numbered(`"arn:aws:ec2:*:*:vpc/%d"`)) + `]`),
		"a long resource":               allow(`"Action":["ec2:*","s3:*"],"Resource":["arn:aws:ec2:*:*:` + strings.Repeat("*a", n/4) + `","arn:aws:s3:::` + strings.Repeat("*?", n/4) + `"]`),
		"a long action":                 allow(`"Action":"ec2:` + strings.Repeat("*a", n/2) + `","Resource":"*"`),
		"whole services":                v2012 + list(n, numbered(`{"Sid":"S%d","Effect":"Allow","Action":"sqs:*","Resource":"*"}`)) + `]}`,
		"creating actions":              allow(`"Action":"ec2:CreateTags","Resource":"*","Condition":{"StringLike":{"ec2:CreateAction":[` + list(n, numbered(`"*%d?"`)) + `],"*:CreateAction":"*"}}`),
		"creating actions by name":      allow(`"Action":"ec2:CreateTags","Resource":"*","Condition":{"StringEquals":{"ec2:CreateAction":[` + list(n, numbered(`"RunInstances%d"`)) + `]}}`),
		"policies that may be attached": allow(`"Action":"iam:AttachRolePolicy","Resource":"*","Condition":{"ArnEquals":{"iam:PolicyARN":[` + list(n, numbered(`"arn:aws:iam::aws:policy/X%dFullAccess"`)) + `]}}`),
	}
}

// A hostile document costs Lint and Tighten time in proportion to its length, up
// to what the catalog holds.
func TestLintIsLinear(t *testing.T) {
	few, many := hostile(4_000), hostile(16_000)
	for name, text := range hostilePolicies(3_000) {
		few[name] = text
	}
	for name, text := range hostilePolicies(12_000) {
		many[name] = text
	}
	for name := range few {
		small, err := iam.Parse(few[name], iam.ParseOptions{})
		if err != nil {
			continue
		}
		large := iam.MustParse(many[name])
		allocs := func(t *testing.T, run func(iam.Document)) {
			f := func(d iam.Document) float64 { return testing.AllocsPerRun(1, func() { run(d) }) }
			assert.LessOrEqual(t, f(large), 10*f(small)+1000, "four times the length")
		}
		t.Run(name, func(t *testing.T) {
			begin := time.Now()
			for _, kind := range oneOf(identity, trust) {
				allocs(t, func(d iam.Document) { iam.Lint(d, iam.LintOptions{Catalog: catalog.Catalog{}, Kind: kind}) })
			}
			allocs(t, func(d iam.Document) {
				_, err := iam.Tighten(d, wholeIntent(), iam.TightenOptions{Catalog: catalog.Catalog{}})
				if err != nil && !strings.HasSuffix(err.Error(), "have more than 16777216 bytes") {
					assert.ErrorContains(t, err, "tighten policy: statement ")
				}
			})
			assert.Less(t, time.Since(begin), time.Minute)
		})
	}
	// Actions that do not exist are looked for among those that are close, but
	// only the first of them.
	var actions, resources []string
	for i := range 3_000 {
		actions = append(actions, fmt.Sprintf(`"ec2:RunInstances%d"`, i), fmt.Sprintf(`"ec2:*%d"`, i))
		resources = append(resources, fmt.Sprintf(`"arn:aws:s3:::b%d*a*a*a*a"`, i))
	}
	d := iam.MustParse(allow(`"Action":[` + strings.Join(actions, ",") + `,"ec2:*","iam:Get*"],"Resource":[` + strings.Join(resources, ",") + `]`))
	begin := time.Now()
	iam.Lint(d, iam.LintOptions{Catalog: catalog.Catalog{}})
	assert.Less(t, time.Since(begin), time.Minute)
}

// Patterns beyond a number that no document of use has are not compared with the
// catalog, and nothing is concluded from them.
func TestLintManyPatterns(t *testing.T) {
	var actions []string
	for i := range 4_097 {
		actions = append(actions, fmt.Sprintf(`"ec2:Describe%s*%s"`, strings.Repeat("?", i%60), strings.Repeat("*", i/60)))
	}
	d := iam.MustParse(allow(`"Action":[` + strings.Join(actions, ",") + `],"Resource":"*"`))
	unknown := map[groundway.Code]string{}
	for _, f := range iam.Lint(d, iam.LintOptions{Catalog: catalog.Catalog{}}) {
		if f.Outcome == groundway.Unknown {
			unknown[f.Code] = f.Summary
		}
	}
	const want = "The document has more than 4096 patterns of actions, and the others are not compared with the catalog"
	assert.Equal(t, want, unknown["iam/condition-key-unsupported"])
	assert.Equal(t, want, unknown["iam/condition-value-unknown"])
	d = iam.MustParse(allow(`"Action":[` + strings.Join(actions[:4_096], ",") + `],"Resource":"*"`))
	assert.NotContains(t, fmt.Sprint(iam.Lint(d, iam.LintOptions{Catalog: catalog.Catalog{}})), want)
}
