package iam_test

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/internal/golden"
)

// grant returns an identity policy that allows the actions on everything.
func grant(actions ...string) iam.Policies {
	return iam.Policies{Identity: docs(`{"Effect":"Allow","Action":["` + strings.Join(actions, `","`) + `"],"Resource":"*"}`)}
}

// The actions that open each way, and nothing besides.
var escalations = []struct {
	code      string
	principal string
	actions   []string
}{
	{"administrator", operatorUser, []string{"*"}},
	{"user-policy", operatorUser, []string{"iam:PutUserPolicy"}},
	{"user-attach", operatorUser, []string{"iam:AttachUserPolicy"}},
	{"group-policy", operatorUser, []string{"iam:PutGroupPolicy"}},
	{"group-policy", operatorUser, []string{"iam:AttachGroupPolicy"}},
	{"group-join", operatorUser, []string{"iam:AddUserToGroup"}},
	{"role-policy", appSession, []string{"iam:PutRolePolicy"}},
	{"role-attach", appRole, []string{"iam:AttachRolePolicy"}},
	{"policy-version", operatorUser, []string{"iam:CreatePolicyVersion"}},
	{"policy-default", appRole, []string{"iam:SetDefaultPolicyVersion"}},
	{"access-key", appRole, []string{"iam:CreateAccessKey"}},
	{"login-profile", appRole, []string{"iam:CreateLoginProfile"}},
	{"login-profile", operatorUser, []string{"iam:UpdateLoginProfile"}},
	{"trust-update", operatorUser, []string{"iam:UpdateAssumeRolePolicy"}},
	{"new-role", operatorUser, []string{"iam:CreateRole", "iam:AttachRolePolicy"}},
	{"new-role", operatorUser, []string{"iam:CreateRole", "iam:PutRolePolicy"}},
	{"assume-role", operatorUser, []string{"sts:AssumeRole"}},
	{"passrole-ec2", operatorUser, []string{"iam:PassRole", "ec2:RunInstances"}},
	{"passrole-instance", operatorUser, []string{"iam:PassRole", "ec2:AssociateIamInstanceProfile"}},
	{"passrole-lambda", operatorUser, []string{"iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"}},
	{"passrole-lambda", operatorUser, []string{"iam:PassRole", "lambda:CreateFunction", "lambda:CreateEventSourceMapping"}},
	{"passrole-cloudformation", operatorUser, []string{"iam:PassRole", "cloudformation:CreateStack"}},
	{"passrole-ecs", operatorUser, []string{"iam:PassRole", "ecs:RegisterTaskDefinition", "ecs:RunTask"}},
	{"passrole-glue", operatorUser, []string{"iam:PassRole", "glue:CreateDevEndpoint"}},
	{"passrole-codebuild", operatorUser, []string{"iam:PassRole", "codebuild:CreateProject", "codebuild:StartBuild"}},
	{"passrole-sagemaker", operatorUser, []string{"iam:PassRole", "sagemaker:CreateNotebookInstance", "sagemaker:CreatePresignedNotebookInstanceUrl"}},
	{"passrole-datapipeline", operatorUser, []string{"iam:PassRole", "datapipeline:*"}},
	{"lambda-code", operatorUser, []string{"lambda:UpdateFunctionCode"}},
	{"stack-update", operatorUser, []string{"cloudformation:UpdateStack"}},
	{"instance-command", operatorUser, []string{"ssm:SendCommand"}},
	{"instance-command", operatorUser, []string{"ssm:StartSession"}},
}

// outcomes returns what each rule came to, without the prefix of the codes.
func outcomes(findings []groundway.Finding) map[string]groundway.Outcome {
	out := map[string]groundway.Outcome{}
	for _, f := range findings {
		out[strings.TrimPrefix(string(f.Code), "iam/escalation-")] = f.Outcome
	}
	return out
}

func failed(findings []groundway.Finding) (codes []string) {
	for code, outcome := range outcomes(findings) {
		if outcome == groundway.Failed {
			codes = append(codes, code)
		}
	}
	slices.Sort(codes)
	return codes
}

func TestEscalations(t *testing.T) {
	seen := map[string]bool{}
	for _, test := range escalations {
		t.Run(test.code+" "+strings.Join(test.actions, " "), func(t *testing.T) {
			p := grant(test.actions...)
			o := iam.EscalateOptions{Principal: test.principal}
			findings, err := iam.Escalate(p, o)
			require.NoError(t, err)
			require.Equal(t, []string{test.code}, failed(findings))
			seen[test.code] = true
			requireWitnesses(t, p, findings)

			// One call less, and the way is closed.
			for i := range test.actions {
				if test.actions[i] == "datapipeline:*" {
					continue
				}
				fewer := slices.Delete(slices.Clone(test.actions), i, i+1)
				if len(fewer) == 0 {
					fewer = []string{"s3:GetObject"}
				}
				findings, err := iam.Escalate(grant(fewer...), o)
				require.NoError(t, err)
				require.NotContains(t, failed(findings), test.code, "without %s", test.actions[i])
			}

			// A condition on a key of the circumstances leaves it open.
			conditional := iam.Policies{Identity: docs(`{"Effect":"Allow","Action":["` + strings.Join(test.actions, `","`) + `"],"Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}`)}
			findings, err = iam.Escalate(conditional, o)
			require.NoError(t, err)
			require.Equal(t, groundway.Unknown, outcomes(findings)[test.code])
			for _, f := range findings {
				if f.Outcome == groundway.Unknown {
					require.Contains(t, f.Summary, "aws:MultiFactorAuthPresent")
				}
			}
			o.Context = iam.Context{"aws:MultiFactorAuthPresent": {"true"}}
			findings, err = iam.Escalate(conditional, o)
			require.NoError(t, err)
			require.Equal(t, []string{test.code}, failed(findings))
			o.Context = iam.Context{"aws:MultiFactorAuthPresent": nil}
			findings, err = iam.Escalate(conditional, o)
			require.NoError(t, err)
			require.Empty(t, failed(findings))

			// So does a policy of the organization that denies.
			p.SCPs = [][]iam.Document{docs(allowAll), docs(allowAll, `{"Effect":"Deny","Action":["`+strings.Join(test.actions, `","`)+`"],"Resource":"*"}`)}
			findings, err = iam.Escalate(p, iam.EscalateOptions{Principal: test.principal})
			require.NoError(t, err)
			require.Empty(t, failed(findings))
		})
	}
	for _, more := range []string{"boundary", "new-user", "role-assumed"} {
		seen[more] = true // below: other ways are open too
	}
	for _, r := range iam.EscalateRules() {
		require.True(t, seen[strings.TrimPrefix(string(r.Code), "iam/escalation-")], "%s is tested nowhere", r.Code)
		why, page := r.Reason()
		require.NotEmpty(t, why)
		require.True(t, strings.HasPrefix(page, "https://docs.aws.amazon.com/"), r.Code)
	}
}

func manyRoles(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = "arn:aws:iam::111122223333:role/demo-" + strconv.Itoa(i)
	}
	return list
}

// requireWitnesses replays the requests of failed findings.
func requireWitnesses(t *testing.T, p iam.Policies, findings []groundway.Finding) {
	t.Helper()
	for _, f := range findings {
		if f.Outcome != groundway.Failed {
			continue
		}
		require.NotEmpty(t, f.Evidence)
		require.NotEmpty(t, f.Remedies)
		for _, fact := range f.Evidence {
			var r iam.Request
			require.NoError(t, json.Unmarshal([]byte(fact.Got), &r))
			if strings.HasPrefix(strings.ToLower(string(r.Action)), "sts:assumerole") {
				continue // rests on a trust policy too
			}
			d, err := iam.MustCompile(p).Authorize(r)
			require.NoError(t, err)
			require.Equal(t, iam.Allowed, d.Verdict, fact.Got)
			require.Equal(t, string(r.Action), fact.Source)
			require.NotEmpty(t, fact.Path)
		}
	}
}

func TestEscalateBesides(t *testing.T) {
	tests := []struct {
		name     string
		policies iam.Policies
		options  iam.EscalateOptions
		failed   []string
	}{
		{"a new user is another user too", grant("iam:CreateUser", "iam:AttachUserPolicy", "iam:CreateAccessKey"), iam.EscalateOptions{Principal: appRole}, []string{"access-key", "new-user"}},
		{"a role that may be assumed and written", grant("iam:PutRolePolicy", "sts:AssumeRole"), iam.EscalateOptions{Principal: operatorUser}, []string{"assume-role", "role-assumed"}},
		{"the boundary is lifted", iam.Policies{Identity: docs(allowAll), Boundary: docs(`{"Effect":"Allow","Action":["s3:*","iam:DeleteUserPermissionsBoundary"],"Resource":"*"}`)}, iam.EscalateOptions{Principal: operatorUser}, []string{"boundary"}},
		{"under a boundary one's own policies gain nothing", iam.Policies{Identity: docs(allowAll), Boundary: docs(`{"Effect":"Allow","Action":["s3:*","iam:PutUserPolicy","iam:CreatePolicyVersion"],"Resource":"*"}`)}, iam.EscalateOptions{Principal: operatorUser}, nil},
		{"under a boundary that allows new administrators they do", iam.Policies{Identity: grant("iam:PutUserPolicy").Identity, Boundary: docs(allowAll)}, iam.EscalateOptions{Principal: operatorUser}, []string{"user-policy"}},
		{"the boundary stops a key", iam.Policies{Identity: grant("iam:CreateAccessKey").Identity, Boundary: docs(allowEC2)}, iam.EscalateOptions{Principal: operatorUser}, nil},
		{"a new role has to have a boundary", iam.Policies{Identity: docs(`{"Effect":"Allow","Action":["iam:CreateRole","iam:AttachRolePolicy","iam:PutRolePolicy"],"Resource":"arn:aws:iam::*:role/demo-*","Condition":{"StringEquals":{"iam:PermissionsBoundary":"arn:aws:iam::111122223333:policy/boundary"}}}`)}, iam.EscalateOptions{Principal: operatorUser}, nil},
		{"only a policy that is no administrator's may be attached", iam.Policies{Identity: docs(`{"Effect":"Allow","Action":["iam:CreateRole","iam:AttachRolePolicy"],"Resource":"*","Condition":{"ArnEqualsIfExists":{"iam:PolicyARN":"arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"}}}`)}, iam.EscalateOptions{Principal: operatorUser}, nil},
		{"a role is passed to the service that is meant", iam.Policies{Identity: docs(`{"Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":{"StringEquals":{"iam:PassedToService":"eks.amazonaws.com"}}},{"Effect":"Allow","Action":["ec2:RunInstances","lambda:*"],"Resource":"*"}`)}, iam.EscalateOptions{Principal: operatorUser}, []string{"lambda-code"}},
		{"the service is the right one", iam.Policies{Identity: docs(`{"Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":{"StringEquals":{"iam:PassedToService":"ec2.amazonaws.com"}}},{"Effect":"Allow","Action":["ec2:RunInstances","lambda:CreateFunction","lambda:InvokeFunction"],"Resource":"*"}`)}, iam.EscalateOptions{Principal: operatorUser}, []string{"passrole-ec2"}},
		{"a name is made up after the pattern", iam.Policies{Identity: docs(`{"Effect":"Allow","Action":"iam:UpdateAssumeRolePolicy","Resource":"arn:aws:iam::111122223333:role/eksctl-*-cluster"}`)}, iam.EscalateOptions{Principal: operatorUser}, []string{"trust-update"}},
		{"names that are known are the only ones", iam.Policies{Identity: docs(`{"Effect":"Allow","Action":"iam:UpdateAssumeRolePolicy","Resource":"arn:aws:iam::111122223333:role/eksctl-*-cluster"}`)}, iam.EscalateOptions{Principal: operatorUser, Roles: []string{"arn:aws:iam::111122223333:role/administrator"}}, nil},
		{"one's own key is no escalation", iam.Policies{Identity: docs(`{"Effect":"Allow","Action":["iam:CreateAccessKey","iam:UpdateLoginProfile"],"Resource":"arn:aws:iam::*:user/${aws:username}"}`)}, iam.EscalateOptions{Principal: operatorUser}, nil},
		{"no policy of one's own is attached", grant("iam:CreatePolicyVersion"), iam.EscalateOptions{Principal: operatorUser, AttachedPolicies: []string{}}, nil},
		{"an explicit deny", iam.Policies{Identity: append(grant("iam:*").Identity, docs(`{"Effect":"Deny","Action":"iam:*","Resource":"*"}`)...)}, iam.EscalateOptions{Principal: operatorUser}, nil},
		{"whoever may do all but IAM is no administrator", identities(`{"Effect":"Allow","NotAction":["iam:*","organizations:*"],"Resource":"*"}`), iam.EscalateOptions{Principal: operatorUser}, []string{"assume-role", "instance-command", "lambda-code", "stack-update"}},
		{"nor is whom IAM is denied", identities(allowAll, `{"Effect":"Deny","Action":["iam:*","sts:*","ssm:*","lambda:*"],"Resource":"*"}`), iam.EscalateOptions{Principal: operatorUser}, []string{"stack-update"}},
		{"a denial of one name leaves the others", identities(`{"Effect":"Allow","Action":"iam:UpdateAssumeRolePolicy","Resource":"*"}`, `{"Effect":"Deny","Action":"iam:*","Resource":"arn:aws:iam::*:role/admin*"}`), iam.EscalateOptions{Principal: operatorUser}, []string{"trust-update"}},
		{"the last of many roles", identities(`{"Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::111122223333:role/demo-5999"}`, `{"Effect":"Allow","Action":["lambda:CreateFunction","lambda:InvokeFunction"],"Resource":"arn:aws:lambda:*:*:function:demo-*"}`), iam.EscalateOptions{Principal: operatorUser, Roles: manyRoles(6000)}, []string{"passrole-lambda"}},
		{"nothing at all", iam.Policies{}, iam.EscalateOptions{Principal: operatorUser}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			findings, err := iam.Escalate(test.policies, test.options)
			require.NoError(t, err)
			require.Equal(t, test.failed, failed(findings))
			requireWitnesses(t, test.policies, findings)
			codes := map[groundway.Code]bool{}
			for _, f := range findings {
				codes[f.Code] = true
			}
			for _, r := range iam.EscalateRules() {
				require.True(t, codes[r.Code], "every rule yields a finding: %s", r.Code)
			}
		})
	}
}

// An administrator is one finding, and the others follow from it.
func TestEscalateAdministrator(t *testing.T) {
	findings, err := iam.Escalate(identities(allowAll), iam.EscalateOptions{Principal: operatorUser})
	require.NoError(t, err)
	for _, f := range findings {
		if f.Code == "iam/escalation-administrator" {
			require.Equal(t, groundway.Failed, f.Outcome)
			require.Equal(t, `The user "operator" may do everything`, f.Summary)
			continue
		}
		require.Equal(t, groundway.Skipped, f.Outcome)
		require.Equal(t, []string{groundway.Fingerprint("iam/escalation-administrator", groundway.Subject{Kind: "user", ID: "operator"})}, f.Causes)
	}
}

// What the published policies of installers open.
func TestEscalateInstallers(t *testing.T) {
	var b strings.Builder
	for _, i := range installers() {
		if i.kind != identity {
			continue
		}
		p := iam.Policies{Identity: []iam.Document{iam.MustParse(i.document.String())}}
		findings, err := iam.Escalate(p, iam.EscalateOptions{Principal: operatorUser})
		require.NoError(t, err)
		requireWitnesses(t, p, findings)
		b.WriteString(i.name + "\n")
		for _, f := range findings {
			if f.Outcome == groundway.Failed || f.Outcome == groundway.Unknown {
				b.WriteString("  " + f.Severity.String() + " " + string(f.Code) + ": " + f.Summary + "\n")
			}
		}
	}
	golden.Check(t, "escalate-installers.golden", []byte(b.String()))
}

func TestEscalateErrors(t *testing.T) {
	for _, test := range []struct {
		policies iam.Policies
		options  iam.EscalateOptions
		err      string
	}{
		{iam.Policies{}, iam.EscalateOptions{}, `escalate: principal "": want the ARN of a user, role, session, account root or identity provider, the name of a service, or *`},
		{iam.Policies{}, iam.EscalateOptions{Principal: ownRoot}, `escalate: principal "arn:aws:iam::111122223333:root": want the ARN of a user, a role, or a session of a role`},
		{iam.Policies{}, iam.EscalateOptions{Principal: operatorUser, Roles: []string{"admin"}}, `escalate: "admin": want an ARN without wildcards`},
		{identities(`{"Effect":"Allow","Action":"*"}`), iam.EscalateOptions{Principal: operatorUser}, `escalate: compile policies: identity: document 1: statement 1: want one of Resource and NotResource`},
	} {
		_, err := iam.Escalate(test.policies, test.options)
		require.EqualError(t, err, test.err)
	}
}
