package iam_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
)

const (
	installerARN = "arn:aws:iam::111122223333:role/ci/installer"
	sessionARN   = "arn:aws:sts::111122223333:assumed-role/installer/run"
	boundaryARN  = "arn:aws:iam::111122223333:policy/bound"
)

// allowing is a policy text.
func allowing(actions ...iam.Action) string {
	return iam.MustDocument(iam.Allow(actions...).On("*")).String()
}

// principal is a snapshot of a role whose policies allow what two needs want.
func principal() (iam.Snapshot, iam.PermissionOptions) {
	s := iam.Snapshot{Parts: iam.Parts{
		Callers:  groundway.SeenPart(iam.Caller{ARN: sessionARN}),
		Roles:    groundway.SeenPart(iam.RoleDetail{Name: "installer", Path: "/ci/", ARN: installerARN, Boundary: boundaryARN}),
		Inline:   groundway.SeenPart(iam.InlinePolicyDetail{Owner: "role/installer", Name: "own", Document: allowing("ec2:*")}),
		Attached: groundway.SeenPart(iam.AttachedPolicy{Owner: "role/installer", ARN: otherPolicy}),
		Policies: groundway.SeenPart(
			iam.ManagedPolicyDetail{ARN: boundaryARN, Name: "bound", Default: "v1", Document: allowing("*")},
			iam.ManagedPolicyDetail{ARN: otherPolicy, Name: "other", Default: "v1", Document: allowing("iam:GetRole")},
		),
		SCPs: groundway.SeenPart(
			iam.SCPDetail{Level: 1, Target: "r-ab12", ID: "p-all", Document: allowing("*")},
			iam.SCPDetail{Level: 2, Target: "111122223333", ID: "p-own", Document: allowing("ec2:*", "iam:*")},
		),
		Simulated: groundway.SeenPart(
			iam.Simulation{Action: "ec2:RunInstances", Resource: "*", Decision: "allowed"}, iam.Simulation{Action: "iam:GetRole", Resource: "*", Decision: "allowed"},
		),
		Probes: groundway.SeenPart(iam.Probe{Action: "ec2:RunInstances", Code: "DryRunOperation"}),
	}}
	return s, iam.PermissionOptions{Needs: []iam.Need{{Action: "ec2:RunInstances"}, {Action: "iam:GetRole"}}}
}

var isTrue, isFalse = true, false

// says and saysNot are pointers, as simulations have them.
func says() *bool    { return &isTrue }
func saysNot() *bool { return &isFalse }

// unsee makes the principal's own policies unseen, and leaves one simulation.
func unsee(s *iam.Snapshot, sim iam.Simulation) {
	gap := denied("iam:GetRole")
	s.Roles, s.Inline, s.Attached = groundway.UnseenPart[iam.RoleDetail](gap), groundway.UnseenPart[iam.InlinePolicyDetail](gap), groundway.UnseenPart[iam.AttachedPolicy](gap)
	sim.Action, sim.Resource = "ec2:RunInstances", "*"
	s.Simulated = groundway.SeenPart(sim)
}

var permissionRows = []struct {
	name    string
	edit    func(*iam.Snapshot, *iam.PermissionOptions)
	code    groundway.Code
	want    groundway.Outcome
	subject string
	summary string
}{
	{"no policy allows", func(s *iam.Snapshot, _ *iam.PermissionOptions) {
		s.Inline.Items[0].Document = allowing("ec2:Describe*")
	}, "iam/permission-missing", groundway.Failed, "installer", `No policy of the role "installer" allows ec2:RunInstances.`},
	{"policies are not seen", func(s *iam.Snapshot, _ *iam.PermissionOptions) {
		s.Inline = groundway.Part[iam.InlinePolicyDetail]{Seen: true, Partial: true, Gaps: []groundway.Gap{denied("iam:GetRolePolicy")}, Items: s.Inline.Items}
		s.Simulated = groundway.Part[iam.Simulation]{}
	}, "iam/permission-missing", groundway.Unknown, "installer", `It could not be decided whether the policies of the identity allow the role "installer" to call ec2:RunInstances, iam:GetRole: not all policies could be seen: iam:GetRolePolicy (AccessDenied: the caller is not authorized).`},
	{"a policy that is none", func(s *iam.Snapshot, _ *iam.PermissionOptions) {
		s.Policies.Items[1].Document = "{"
		s.Simulated = groundway.Part[iam.Simulation]{}
	}, "iam/permission-missing", groundway.Unknown, "installer", ""},
	{"a condition that nobody knows", func(s *iam.Snapshot, _ *iam.PermissionOptions) {
		s.Inline.Items[0].Document = iam.MustDocument(iam.Allow("ec2:*").On("*").When(iam.StringEquals("aws:RequestedRegion", "us-east-1"))).String()
		s.Simulated = groundway.Part[iam.Simulation]{}
	}, "iam/permission-missing", groundway.Unknown, "installer", `It could not be decided whether the policies of the identity allow the role "installer" to call ec2:RunInstances: it depends on aws:RequestedRegion.`},
	{"the policy of a bucket may allow", func(s *iam.Snapshot, o *iam.PermissionOptions) {
		o.Needs = []iam.Need{{Action: "s3:GetObject", Resource: "arn:aws:s3:::demo/*"}}
	}, "iam/permission-missing", groundway.Unknown, "installer", `It could not be decided whether the policies of the identity allow the role "installer" to call s3:GetObject: no policy of the identity allows it, and that of the resource may.`},
	{"the trust policy of a role decides", func(s *iam.Snapshot, o *iam.PermissionOptions) {
		s.Inline.Items[0].Document = allowing("sts:AssumeRole")
		o.Needs = []iam.Need{{Action: "sts:AssumeRole", Resource: "arn:aws:iam::111122223333:role/x"}}
		s.Simulated = groundway.SeenPart(iam.Simulation{Action: "sts:AssumeRole", Resource: "arn:aws:iam::111122223333:role/x", Decision: "allowed"})
	}, "iam/permission-missing", groundway.Unknown, "installer", ""},
	{"a statement denies", func(s *iam.Snapshot, _ *iam.PermissionOptions) {
		s.Policies.Items[1].Document = iam.MustDocument(iam.Allow("*").On("*"), iam.Deny("ec2:Run*").On("*").Sid("NoRun")).String()
	}, "iam/permission-denied", groundway.Failed, "other", `The policy "other" denies the role "installer" ec2:RunInstances.`},
	{"the boundary does not allow", func(s *iam.Snapshot, _ *iam.PermissionOptions) { s.Policies.Items[0].Document = allowing("iam:*") }, "iam/permission-boundary", groundway.Failed, boundaryARN, `The permissions boundary of the role "installer" keeps it from ec2:RunInstances.`},
	{"the policy of a bucket may allow in spite of the boundary", func(s *iam.Snapshot, o *iam.PermissionOptions) {
		o.Needs = []iam.Need{{Action: "s3:GetObject", Resource: "arn:aws:s3:::demo/x"}}
		s.Policies.Items[0].Document = allowing("iam:*")
	}, "iam/permission-boundary", groundway.Unknown, boundaryARN, `It could not be decided whether the permissions boundary and its policy allow the role "installer" to call s3:GetObject: the boundary does not allow it, and does not bind what the policy of the resource allows to the principal by name.`},
	{"the boundary is not seen", func(s *iam.Snapshot, _ *iam.PermissionOptions) {
		s.Policies = groundway.Part[iam.ManagedPolicyDetail]{Seen: true, Partial: true, Items: s.Policies.Items[1:], Gaps: []groundway.Gap{denied("iam:GetPolicy")}}
		s.Simulated = groundway.Part[iam.Simulation]{}
	}, "iam/permission-boundary", groundway.Unknown, boundaryARN, ""},
	{"an SCP denies", func(s *iam.Snapshot, _ *iam.PermissionOptions) {
		s.SCPs.Items[1].Document = iam.MustDocument(iam.Allow("*").On("*"), iam.Deny("ec2:RunInstances").On("*")).String()
	}, "iam/permission-scp", groundway.Failed, "p-own", `The service control policies of the organization keep the role "installer" from ec2:RunInstances.`},
	{"no SCP of a level allows", func(s *iam.Snapshot, _ *iam.PermissionOptions) { s.SCPs.Items[1].Document = allowing("iam:*") }, "iam/permission-scp", groundway.Failed, "111122223333", ""},
	{"SCPs are not seen", func(s *iam.Snapshot, _ *iam.PermissionOptions) {
		s.SCPs = groundway.UnseenPart[iam.SCPDetail](denied("organizations:DescribeOrganization"))
	}, "iam/permission-scp", groundway.Unknown, "111122223333", ""},
	{"a level of the organization is missing", func(s *iam.Snapshot, _ *iam.PermissionOptions) {
		s.SCPs.Items[1].Level = 3
	}, "iam/permission-scp", groundway.Unknown, "111122223333", `It could not be decided whether the service control policies of the organization allow the role "installer" to call ec2:RunInstances, iam:GetRole: not all policies could be seen: organizations:ListPoliciesForTarget (no policy of level 2 was seen).`},
	{"a type is denied", func(s *iam.Snapshot, _ *iam.PermissionOptions) {
		s.SCPs.Items[1].Document = iam.MustDocument(iam.Allow("*").On("*"), iam.Deny("ec2:RunInstances").On("arn:aws:ec2:*:*:instance/*").Sid("Small").When(iam.StringNotEquals("ec2:InstanceType", "t3.micro"))).String()
	}, "iam/permission-scp", groundway.Unknown, "111122223333", `It could not be decided whether the service control policies of the organization allow the role "installer" to call ec2:RunInstances: statement 2 "Small" of the policy "p-own" denies it on "arn:aws:ec2:*:*:instance/*".`},
	{"a part of what is asked for is denied", func(s *iam.Snapshot, o *iam.PermissionOptions) {
		s.Policies.Items[1].Document = iam.MustDocument(iam.Allow("iam:*").On("*"), iam.Deny("iam:*").On("arn:aws:iam::*:role/demo-admin")).String()
		o.Needs = []iam.Need{{Action: "iam:GetRole", Resource: "arn:aws:iam::111122223333:role/demo-*"}}
	}, "iam/permission-missing", groundway.Unknown, "installer", `It could not be decided whether the policies of the identity allow the role "installer" to call iam:GetRole: statement 2 of the policy "other" denies it on "arn:aws:iam::*:role/demo-admin".`},
	{"all but a part is denied", func(s *iam.Snapshot, _ *iam.PermissionOptions) {
		s.Policies.Items[0].Document = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"iam:*","NotResource":"arn:aws:iam::*:role/demo-*"}]}`
	}, "iam/permission-boundary", groundway.Unknown, boundaryARN, `It could not be decided whether the permissions boundary and its policy allow the role "installer" to call iam:GetRole: statement 2 of the policy "bound" denies it on all but "arn:aws:iam::*:role/demo-*".`},
	{"the simulator contradicts", func(s *iam.Snapshot, _ *iam.PermissionOptions) { s.Simulated.Items[0].Decision = "explicitDeny" }, "iam/permission-simulated", groundway.Failed, "installer", `IAM's simulator and the policies of the role "installer" differ on ec2:RunInstances.`},
	{"EC2 denies on trial", func(s *iam.Snapshot, _ *iam.PermissionOptions) {
		s.Probes.Items[0] = iam.Probe{Action: "ec2:RunInstances", Code: "UnauthorizedOperation", Message: "explicit deny in a service control policy"}
	}, "iam/permission-probe", groundway.Failed, "installer", `EC2 denies the role "installer" ec2:RunInstances on trial: it says "explicit deny in a service control policy".`},
	{"EC2 answers something else on trial", func(s *iam.Snapshot, _ *iam.PermissionOptions) { s.Probes.Items[0].Code = "Success" }, "iam/permission-probe", groundway.Unknown, "ec2:RunInstances", `It could not be decided whether all policies together, as EC2 sees them, allow the role "installer" to call ec2:RunInstances: EC2 answered "Success" to a call on trial, which is neither DryRunOperation nor UnauthorizedOperation; look whether anything was made.`},
	{"no caller is seen", func(s *iam.Snapshot, _ *iam.PermissionOptions) {
		s.Callers = groundway.UnseenPart[iam.Caller](denied("sts:GetCallerIdentity"))
	}, "iam/permission-missing", groundway.Unknown, "", ""},

	// What a simulation settles, and what it does not.
	{"the simulator denies what is not seen", func(s *iam.Snapshot, _ *iam.PermissionOptions) {
		unsee(s, iam.Simulation{Decision: "implicitDeny"})
	}, "iam/permission-missing", groundway.Failed, "installer", ""},
	{"it lacked a key", func(s *iam.Snapshot, _ *iam.PermissionOptions) {
		unsee(s, iam.Simulation{Decision: "implicitDeny", Missing: []string{"aws:RequestedRegion"}})
	}, "iam/permission-missing", groundway.Unknown, "installer", ""},
	{"the organization denies, it says", func(s *iam.Snapshot, _ *iam.PermissionOptions) {
		unsee(s, iam.Simulation{Decision: "explicitDeny", SCPs: saysNot()})
		s.SCPs = groundway.UnseenPart[iam.SCPDetail](denied("organizations:DescribeOrganization"))
	}, "iam/permission-scp", groundway.Unknown, "111122223333", ""},
	{"the boundary denies, it says", func(s *iam.Snapshot, _ *iam.PermissionOptions) {
		unsee(s, iam.Simulation{Decision: "implicitDeny", Boundary: saysNot()})
	}, "iam/permission-boundary", groundway.Failed, "installer", ""},
}

func TestPermissionRules(t *testing.T) {
	t.Parallel()
	produced := map[string]bool{}
	for _, row := range permissionRows {
		t.Run(row.name, func(t *testing.T) {
			s, o := principal()
			row.edit(&s, &o)
			findings, err := iam.CheckPermissions(s, o)
			require.NoError(t, err)
			text, err := json.Marshal(s)
			require.NoError(t, err)
			var tree any
			require.NoError(t, json.Unmarshal(text, &tree))
			found := false
			for _, f := range findings {
				produced[string(f.Code)+f.Outcome.String()] = true
				if f.Code == row.code && f.Outcome == row.want && f.Subject.ID == row.subject {
					found = true
					if row.summary != "" {
						assert.Equal(t, row.summary, f.Summary)
					}
				}
				if f.Outcome == groundway.Failed || f.Outcome == groundway.Unknown {
					assert.NotEmpty(t, f.Evidence, f.Code)
					assert.NotEmpty(t, f.Remedies, f.Code)
					for _, e := range f.Evidence {
						if e.Path != "" {
							assert.NoError(t, resolves(tree, e.Path), "%s %s", f.Code, e.Path)
						}
					}
				}
			}
			assert.True(t, found, "%s %s of %q in %q", row.code, row.want, row.subject, summaries(findings))
		})
	}
	s, o := principal()
	findings, err := iam.CheckPermissions(s, o)
	require.NoError(t, err)
	for _, f := range findings {
		assert.Equal(t, groundway.Passed, f.Outcome, "%s: %s", f.Code, f.Summary)
		produced[string(f.Code)+f.Outcome.String()] = true
	}
	for _, r := range iam.PermissionRules() {
		assert.True(t, produced[string(r.Code)+"failed"], "%s failed", r.Code)
		assert.True(t, produced[string(r.Code)+"passed"], "%s passed", r.Code)
		if r.Code != "iam/permission-denied" && r.Code != "iam/permission-simulated" {
			assert.True(t, produced[string(r.Code)+"unknown"], "%s unknown", r.Code)
		}
	}
}

// An allowance of the simulator stands in for policies that are not seen.
func TestSimulationAllows(t *testing.T) {
	t.Parallel()
	s, o := principal()
	unsee(&s, iam.Simulation{Decision: "allowed", SCPs: says(), Boundary: says()})
	s.SCPs = groundway.UnseenPart[iam.SCPDetail](denied("organizations:DescribeOrganization"))
	o.Needs = o.Needs[:1]
	findings, err := iam.CheckPermissions(s, o)
	require.NoError(t, err)
	for _, f := range findings {
		assert.Contains(t, []groundway.Outcome{groundway.Passed, groundway.Skipped}, f.Outcome, "%s: %s", f.Code, f.Summary)
	}
}

// The commands of a remedy work as they are printed: a policy that is too large to
// be one of a user becomes managed ones, and a role of IAM Identity Center, which
// IAM changes for nobody, has none.
func TestMissingRemedies(t *testing.T) {
	t.Parallel()
	ask := func(kind, name string, actions int) groundway.Remedy {
		s := iam.Snapshot{Parts: iam.Parts{
			Users: groundway.SeenPart(iam.UserDetail{Name: name}), Roles: groundway.SeenPart(iam.RoleDetail{Name: name}),
			Inline: groundway.SeenPart[iam.InlinePolicyDetail](), Attached: groundway.SeenPart[iam.AttachedPolicy](),
		}}
		o := iam.PermissionOptions{Principal: "arn:aws-cn:iam::111122223333:" + kind + "/" + name}
		for i := range actions {
			o.Needs = append(o.Needs, iam.Need{Action: iam.Action(fmt.Sprintf("elasticloadbalancing:Action%03d", i))})
		}
		findings, err := iam.CheckPermissions(s, o)
		require.NoError(t, err)
		for _, f := range findings {
			if f.Code == "iam/permission-missing" {
				require.Equal(t, groundway.Failed, f.Outcome)
				return f.Remedies[0]
			}
		}
		return groundway.Remedy{}
	}
	assert.Equal(t, "put-user-policy", ask("user", "demo", 10).Commands[0][2])
	commands := ask("user", "demo", 300).Commands
	require.Len(t, commands, 4)
	names := map[string]bool{}
	for i, c := range commands {
		if i%2 == 0 {
			assert.Equal(t, []string{"aws", "iam", "create-policy", "--policy-name", fmt.Sprintf("groundway-missing-%d", i/2+1), "--policy-document"}, c[:6])
			d, err := iam.Parse(c[6], iam.ParseOptions{})
			require.NoError(t, err)
			assert.LessOrEqual(t, iam.MeasureText(c[6]).Significant, 6144)
			for _, a := range d.Statements[0].Actions {
				names[string(a)] = true
			}
			continue
		}
		assert.Equal(t, []string{"aws", "iam", "attach-user-policy", "--user-name", "demo", "--policy-arn", fmt.Sprintf("arn:aws-cn:iam::111122223333:policy/groundway-missing-%d", i/2+1)}, c)
	}
	assert.Len(t, names, 300)
	assert.Equal(t, "put-role-policy", ask("role", "demo", 100).Commands[0][2])
	sso := ask("role", "AWSReservedSSO_Admin_0123456789abcdef", 1)
	assert.Empty(t, sso.Commands)
	assert.Equal(t, "administrator of IAM Identity Center", sso.Actor)
}

// What is denied of resources that nobody asks for decides nothing.
func TestDeniedElsewhere(t *testing.T) {
	t.Parallel()
	for _, deny := range []iam.Statement{
		iam.Deny("iam:*").On("arn:aws:iam::*:role/aws-controltower-*", "arn:aws:iam::*:role/AWSControlTowerExecution"),
		iam.Deny("s3:*").On("arn:aws:s3:::*"),
		iam.Deny("ec2:RunInstances").On("arn:aws:ec2:*:*:instance/*").When(iam.Bool("aws:PrincipalIsAWSService", true)),
	} {
		s, o := principal()
		s.SCPs.Items[1].Document = iam.MustDocument(iam.Allow("*").On("*"), deny).String()
		o.Needs = append(o.Needs, iam.Need{Action: "iam:GetRole", Resource: "arn:aws:iam::111122223333:role/*"}, iam.Need{Action: "iam:GetRole", Resource: "arn:aws:iam::111122223333:role/demo-*"})
		s.Inline.Items[0].Document = allowing("*")
		findings, err := iam.CheckPermissions(s, o)
		require.NoError(t, err)
		assert.Empty(t, summaries(findings))
	}
}

// A layer answers for itself: what the policy of a resource, or another account, has
// to allow besides is no lack of the boundary's or of the organization's, and what
// they cannot allow is a lack of the identity's.
func TestLayersAnswerForThemselves(t *testing.T) {
	t.Parallel()
	const own, foreign = "111122223333", "444455556666"
	for _, row := range []struct {
		action   iam.Action
		resource string
		has, not groundway.Outcome // of iam/permission-missing, where the identity may, and where it may not
	}{
		{"ec2:RunInstances", "arn:aws:ec2:us-east-1:" + own + ":subnet/subnet-1", groundway.Passed, groundway.Failed},
		{"ec2:RunInstances", "arn:aws:ec2:us-east-1:" + foreign + ":subnet/subnet-1", groundway.Unknown, groundway.Failed},
		{"ec2:RunInstances", "arn:aws:ec2:us-east-1::image/ami-1", groundway.Passed, groundway.Failed},
		{"iam:GetPolicy", "arn:aws:iam::aws:policy/ReadOnlyAccess", groundway.Passed, groundway.Failed},
		{"kms:Decrypt", "arn:aws:kms:us-east-1:" + own + ":key/k", groundway.Unknown, groundway.Unknown},
		{"kms:Decrypt", "arn:aws:kms:us-east-1:" + foreign + ":key/k", groundway.Unknown, groundway.Failed},
		{"kms:CreateAlias", "arn:aws:kms:us-east-1:" + own + ":alias/k", groundway.Passed, groundway.Failed},
		{"sts:AssumeRole", "arn:aws:iam::" + own + ":role/r", groundway.Unknown, groundway.Unknown},
		{"sts:TagSession", "arn:aws:iam::" + own + ":role/r", groundway.Unknown, groundway.Unknown},
		{"sts:AssumeRole", "arn:aws:iam::" + foreign + ":role/r", groundway.Unknown, groundway.Failed},
		{"sts:GetFederationToken", "arn:aws:sts::" + own + ":federated-user/f", groundway.Passed, groundway.Failed},
		{"dynamodb:GetItem", "arn:aws:dynamodb:us-east-1:" + own + ":table/t", groundway.Passed, groundway.Unknown},
		{"dynamodb:GetItem", "arn:aws:dynamodb:us-east-1:" + foreign + ":table/t", groundway.Unknown, groundway.Failed},
		{"dynamodb:CreateTable", "arn:aws:dynamodb:us-east-1:" + own + ":table/t", groundway.Passed, groundway.Failed},
		{"ecr:BatchGetImage", "arn:aws:ecr:us-east-1:" + own + ":repository/r", groundway.Passed, groundway.Unknown},
		{"ecr:CreateRepository", "arn:aws:ecr:us-east-1:" + own + ":repository/r", groundway.Passed, groundway.Failed},
		{"s3:PutObject", "arn:aws:s3:::demo/x", groundway.Passed, groundway.Unknown},
		{"S3:createBucket", "arn:aws:s3:::demo", groundway.Passed, groundway.Failed},
		{"elasticfilesystem:ClientMount", "arn:aws:elasticfilesystem:us-east-1:" + own + ":file-system/fs-1", groundway.Passed, groundway.Unknown},
	} {
		for i, want := range []groundway.Outcome{row.has, row.not} {
			s, o := principal()
			s.Simulated = groundway.Part[iam.Simulation]{}
			s.Inline.Items[0].Document = allowing([]iam.Action{"*", "ec2:Describe*"}[i])
			s.SCPs.Items[1].Document = allowing("*")
			o.Needs = []iam.Need{{Action: row.action, Resource: row.resource}}
			findings, err := iam.CheckPermissions(s, o)
			require.NoError(t, err)
			for _, f := range findings {
				switch f.Code {
				case "iam/permission-missing":
					assert.Equal(t, want, f.Outcome, "%s, identity %d: %s", o.Needs[0], i, f.Summary)
				case "iam/permission-boundary", "iam/permission-scp":
					assert.Equal(t, groundway.Passed, f.Outcome, "%s, identity %d: %s", o.Needs[0], i, f.Summary)
				}
			}
		}
	}
}

// Who judges the policies of resources asks for the identity's alone.
func TestOwnPolicies(t *testing.T) {
	t.Parallel()
	for _, resource := range []string{"arn:aws:secretsmanager:us-east-1:111122223333:secret:demo-AbCdEf", "arn:aws:secretsmanager:us-east-1:444455556666:secret:demo-AbCdEf"} {
		for _, row := range []struct {
			name     string
			edit     func(*iam.Snapshot)
			identity groundway.Outcome
			boundary groundway.Outcome
		}{
			{"the identity may", func(s *iam.Snapshot) { s.Inline.Items[0].Document = allowing("*") }, groundway.Passed, groundway.Passed},
			{"it may not", func(*iam.Snapshot) {}, groundway.Failed, groundway.Passed},
			{"its policies are not seen", func(s *iam.Snapshot) {
				s.Inline = groundway.UnseenPart[iam.InlinePolicyDetail](denied("iam:ListRolePolicies"))
			}, groundway.Unknown, groundway.Passed},
			{"they are not, and the simulator denies", func(s *iam.Snapshot) {
				s.Inline = groundway.UnseenPart[iam.InlinePolicyDetail](denied("iam:ListRolePolicies"))
				s.Simulated = groundway.SeenPart(iam.Simulation{Action: "secretsmanager:GetSecretValue", Resource: "arn:aws:secretsmanager:us-east-1:111122223333:secret:demo-AbCdEf", Decision: "implicitDeny"})
			}, groundway.Failed, groundway.Passed},
			{"the boundary does not allow", func(s *iam.Snapshot) {
				s.Inline.Items[0].Document, s.Policies.Items[0].Document = allowing("*"), allowing("iam:*")
			}, groundway.Passed, groundway.Unknown},
		} {
			if strings.Contains(resource, "4444") && (strings.Contains(row.name, "simulator") || strings.Contains(row.name, "boundary")) {
				continue // another account's is never simulated, and its policy passes no boundary
			}
			s, o := principal()
			s.Simulated = groundway.Part[iam.Simulation]{}
			s.SCPs.Items[1].Document = allowing("*")
			row.edit(&s)
			o.OwnPolicies, o.Needs = true, []iam.Need{{Action: "secretsmanager:GetSecretValue", Resource: resource}}
			findings, err := iam.CheckPermissions(s, o)
			require.NoError(t, err)
			for _, f := range findings {
				switch f.Code {
				case "iam/permission-missing":
					assert.Equal(t, row.identity, f.Outcome, "%s: %s", row.name, f.Summary)
				case "iam/permission-boundary":
					assert.Equal(t, row.boundary, f.Outcome, "%s: %s", row.name, f.Summary)
				}
			}
		}
	}
}

// Needs that differ in their keys alone are answered apart.
func TestNeedsWithKeys(t *testing.T) {
	t.Parallel()
	s, o := principal()
	s.Simulated = groundway.Part[iam.Simulation]{}
	s.Inline.Items[0].Document = iam.MustDocument(iam.Allow("ec2:*").On("*").When(iam.StringEquals("aws:RequestedRegion", "us-east-1"))).String()
	open := iam.Need{Action: "ec2:RunInstances"}
	closed := iam.Need{Action: "ec2:RunInstances", Context: iam.Context{"aws:RequestedRegion": {"us-east-1"}}}
	o.Needs = []iam.Need{open, closed}
	needs, err := iam.Undecided(s, o)
	require.NoError(t, err)
	assert.Equal(t, []iam.Need{open}, needs)
}

// Forty actions that one policy lacks are one finding, with one policy to add.
func TestOneCauseIsOneFinding(t *testing.T) {
	t.Parallel()
	s, o := principal()
	o.Needs = nil
	for i := range 40 {
		o.Needs = append(o.Needs, iam.Need{Action: iam.Action(fmt.Sprintf("elasticloadbalancing:Action%02d", i))})
	}
	s.SCPs.Items[1].Document = allowing("*")
	findings, err := iam.CheckPermissions(s, o)
	require.NoError(t, err)
	require.Len(t, summaries(findings), 1)
	for _, f := range findings {
		if f.Outcome != groundway.Failed {
			continue
		}
		assert.Len(t, f.Evidence, 40)
		assert.Contains(t, f.Summary, "elasticloadbalancing:Action00, ")
		assert.Contains(t, f.Summary, " and 35 more.")
		grant := f.Remedies[0].Commands[0]
		added, err := iam.Parse(grant[len(grant)-1], iam.ParseOptions{})
		require.NoError(t, err)
		s.Inline.Items = append(s.Inline.Items, iam.InlinePolicyDetail{Owner: "role/installer", Name: "more", Document: added.String()})
	}
	// And the remedy helps.
	findings, err = iam.CheckPermissions(s, o)
	require.NoError(t, err)
	assert.Empty(t, summaries(findings))
}

// The layers together say what the Authorizer says of all policies at once.
func TestPermissionsAgreeWithTheAuthorizer(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	actions := []iam.Action{"ec2:RunInstances", "ec2:DescribeVpcs", "iam:GetRole", "route53:GetHostedZone"}
	patterns := []iam.Action{"*", "ec2:*", "ec2:Describe*", "iam:*", "route53:Get*", "ec2:RunInstances"}
	document := func() iam.Document {
		var list []iam.Statement
		for range 1 + r.IntN(3) {
			s := iam.Allow(patterns[r.IntN(len(patterns))]).On("*")
			if r.IntN(4) == 0 {
				s = iam.Deny(patterns[r.IntN(len(patterns))]).On("*")
			}
			if r.IntN(5) == 0 {
				s = s.When(iam.StringEquals("aws:RequestedRegion", "us-east-1"))
			}
			list = append(list, s)
		}
		return iam.MustDocument(list...)
	}
	counts := map[iam.Verdict]int{}
	for range 2000 {
		s, o := principal()
		s.Simulated, s.Probes = groundway.Part[iam.Simulation]{}, groundway.Part[iam.Probe]{}
		need := iam.Need{Action: actions[r.IntN(len(actions))]}
		o.Needs = []iam.Need{need}
		if r.IntN(2) == 0 {
			o.Context = iam.Context{"aws:RequestedRegion": {[]string{"us-east-1", "eu-west-1"}[r.IntN(2)]}}
		}
		p := iam.Policies{Identity: []iam.Document{document(), document()}, Boundary: []iam.Document{document()}, SCPs: [][]iam.Document{{document()}, {document()}}}
		s.Inline.Items[0].Document, s.Policies.Items[1].Document, s.Policies.Items[0].Document = p.Identity[0].String(), p.Identity[1].String(), p.Boundary[0].String()
		s.SCPs.Items[0].Document, s.SCPs.Items[1].Document = p.SCPs[0][0].String(), p.SCPs[1][0].String()
		findings, err := iam.CheckPermissions(s, o)
		require.NoError(t, err)
		a, err := iam.Compile(p)
		require.NoError(t, err)
		want, err := a.Authorize(iam.Request{Principal: sessionARN, Action: need.Action, Context: o.Context, Partial: true})
		require.NoError(t, err)
		counts[want.Verdict]++
		failed, unknown := false, false
		for _, f := range findings {
			failed = failed || f.Outcome == groundway.Failed
			unknown = unknown || f.Outcome == groundway.Unknown
		}
		switch want.Verdict {
		case iam.Allowed:
			require.False(t, failed || unknown, "%v", summaries(findings))
		case iam.Undetermined:
			require.True(t, unknown && !failed, "%v", summaries(findings))
		default:
			// Apart the layers can leave open what they decide together; they never allow it.
			require.True(t, failed || unknown, "%v", summaries(findings))
		}
	}
	assert.Len(t, counts, 4, "%v", counts)
}

// Seeing less never makes anything fail that holds, or hold that fails.
func TestSeeingLess(t *testing.T) {
	t.Parallel()
	for _, row := range permissionRows {
		s, o := principal()
		row.edit(&s, &o)
		full, err := iam.CheckPermissions(s, o)
		require.NoError(t, err)
		was := map[groundway.Code]map[groundway.Outcome]bool{}
		for _, f := range full {
			if was[f.Code] == nil {
				was[f.Code] = map[groundway.Outcome]bool{}
			}
			was[f.Code][f.Outcome] = true
		}
		for i, less := range []func(*iam.Snapshot){
			func(s *iam.Snapshot) {
				s.Inline = groundway.UnseenPart[iam.InlinePolicyDetail](denied("iam:ListRolePolicies"))
			},
			func(s *iam.Snapshot) {
				s.Policies = groundway.UnseenPart[iam.ManagedPolicyDetail](denied("iam:GetPolicy"))
			},
			func(s *iam.Snapshot) {
				s.Attached = groundway.UnseenPart[iam.AttachedPolicy](denied("iam:ListAttachedRolePolicies"))
			},
			func(s *iam.Snapshot) {
				s.SCPs = groundway.UnseenPart[iam.SCPDetail](denied("organizations:ListParents"))
			},
			func(s *iam.Snapshot) { s.Parts = iam.Parts{Callers: s.Callers} },
		} {
			poor := s
			less(&poor)
			poor.Simulated, poor.Probes = groundway.Part[iam.Simulation]{}, groundway.Part[iam.Probe]{}
			findings, err := iam.CheckPermissions(poor, o)
			require.NoError(t, err)
			for _, f := range findings {
				if f.Outcome == groundway.Failed {
					assert.True(t, was[f.Code][groundway.Failed], "%s %d: %s", row.name, i, f.Summary)
				}
				if f.Outcome == groundway.Passed {
					assert.False(t, was[f.Code][groundway.Failed], "%s %d: %s passed", row.name, i, f.Code)
				}
			}
		}
	}
}

func TestCheckPermissionsErrors(t *testing.T) {
	t.Parallel()
	s, o := principal()
	for _, row := range []struct {
		edit func(*iam.Snapshot, *iam.PermissionOptions)
		want string
	}{
		{func(s *iam.Snapshot, _ *iam.PermissionOptions) { s.Callers.Items = nil }, "check permissions: no principal is given, and the snapshot has no caller"},
		{func(_ *iam.Snapshot, o *iam.PermissionOptions) { o.Needs = nil }, "check permissions: no needs are given"},
		{func(_ *iam.Snapshot, o *iam.PermissionOptions) { o.Principal = "ec2.amazonaws.com" }, `check permissions: principal "ec2.amazonaws.com": want a user, a role, the session of a role, or the root user`},
		{func(_ *iam.Snapshot, o *iam.PermissionOptions) { o.Needs = []iam.Need{{Action: "ec2:*"}} }, `check permissions: authorize: action "ec2:*": want SERVICE:NAME without wildcards`},
	} {
		s, o := s, o
		s.Callers.Items = append([]iam.Caller(nil), s.Callers.Items...)
		row.edit(&s, &o)
		_, err := iam.CheckPermissions(s, o)
		assert.EqualError(t, err, row.want)
	}
}

func TestNeedsOf(t *testing.T) {
	t.Parallel()
	d, err := iam.Requirements([]string{"ec2:DescribeVpcs", "iam:GetRole"}, iam.MustScope("us-east-1", "111122223333"), iam.RequirementOptions{})
	require.NoError(t, err)
	needs, err := iam.NeedsOf(d)
	require.NoError(t, err)
	assert.Equal(t, []iam.Need{{Action: "ec2:DescribeVpcs", Resource: "*"}, {Action: "iam:GetRole", Resource: "*"}}, needs)
	_, err = iam.NeedsOf(iam.MustDocument(iam.Allow("ec2:Describe*").On("*")))
	assert.EqualError(t, err, `needs: statement 1: action "ec2:Describe*": want SERVICE:NAME without wildcards`)
	assert.Equal(t, "ec2:DescribeVpcs on *", strings.TrimSpace(needs[0].String()))
}

func TestUndecided(t *testing.T) {
	t.Parallel()
	s, o := principal()
	needs, err := iam.Undecided(s, o)
	require.NoError(t, err)
	assert.Empty(t, needs)
	s.Simulated = groundway.Part[iam.Simulation]{}
	s.Inline.Items[0].Document = iam.MustDocument(iam.Allow("ec2:*").On("*").When(iam.StringEquals("aws:RequestedRegion", "us-east-1"))).String()
	needs, err = iam.Undecided(s, o)
	require.NoError(t, err)
	assert.Equal(t, o.Needs[:1], needs)
}
