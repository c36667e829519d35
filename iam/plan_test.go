package iam_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
)

var (
	planned    = iam.MustDocument(iam.Allow("ec2:DescribeVpcs").On("*"))
	otherwise  = iam.MustDocument(iam.Allow("ec2:*").On("*"))
	trustedEC2 = iam.MustTrustDocument(iam.TrustService("ec2.amazonaws.com"))
	mine       = map[string]string{groundway.OwnerTag: "demo"}
)

const (
	policyARN   = "arn:aws:iam::111122223333:policy/p"
	otherPolicy = "arn:aws:iam::111122223333:policy/other"
	awsPolicy   = "arn:aws:iam::aws:policy/ReadOnlyAccess"
	providerARN = "arn:aws:iam::111122223333:oidc-provider/oidc.example.com/demo"
)

// wanted is one of each kind.
func wanted() iam.Desired {
	return iam.Desired{
		Account: "111122223333", Owner: "demo",
		Policies:  []iam.ManagedPolicy{{Name: "p", Document: planned}},
		Roles:     []iam.Role{{Name: "r", Trust: trustedEC2, Inline: []iam.InlinePolicy{{Name: "i", Document: planned}}, Managed: []string{policyARN}, Boundary: otherPolicy}},
		Profiles:  []iam.InstanceProfile{{Name: "x", Role: "r"}},
		Providers: []iam.OIDCProvider{{URL: "https://oidc.example.com/demo", ClientIDs: []string{"sts.amazonaws.com"}}},
	}
}

// there is the account as it is once wanted was applied.
func there() iam.Snapshot {
	return iam.Snapshot{
		Observation: groundway.Observation{Account: "111122223333", Time: time.Unix(0, 0).UTC()},
		Parts: iam.Parts{
			Roles:    groundway.SeenPart(iam.RoleDetail{Name: "r", Path: "/", ARN: "arn:aws:iam::111122223333:role/r", Trust: trustedEC2.Indent(), Boundary: otherPolicy, MaxSession: 3600, Tags: mine}),
			Inline:   groundway.SeenPart(iam.InlinePolicyDetail{Owner: "role/r", Name: "i", Document: planned.String()}),
			Attached: groundway.SeenPart(iam.AttachedPolicy{Owner: "role/r", ARN: policyARN}),
			Policies: groundway.SeenPart(
				iam.ManagedPolicyDetail{ARN: otherPolicy, Name: "other", Path: "/", Default: "v1", Document: otherwise.String(), Bounds: 1},
				iam.ManagedPolicyDetail{ARN: policyARN, Name: "p", Path: "/", Default: "v2", Versions: []string{"v1", "v2"}, Document: planned.Indent(), Attachments: 1, Tags: mine},
			),
			Profiles:  groundway.SeenPart(iam.InstanceProfileDetail{Name: "x", Path: "/", ARN: "arn:aws:iam::111122223333:instance-profile/x", Roles: []string{"r"}, Tags: mine}),
			Providers: groundway.SeenPart(iam.OIDCProviderDetail{ARN: providerARN, URL: "oidc.example.com/demo", ClientIDs: []string{"sts.amazonaws.com"}, Thumbprints: []string{"00"}, Tags: mine}),
		},
	}
}

// nothing is an account that has what wanted names only.
func nothing() iam.Snapshot {
	s := there()
	s.Roles.Items, s.Inline.Items, s.Attached.Items, s.Profiles.Items, s.Providers.Items = nil, nil, nil, nil, nil
	s.Policies.Items = s.Policies.Items[:1]
	return s
}

type planRow struct {
	name   string
	edit   func(*iam.Snapshot, *iam.Desired)
	remove bool
	code   groundway.Code
	want   groundway.Outcome
	id     string // of the subject
}

// planRows produce every rule of Plan as failed and as unknown.
var planRows = []planRow{
	{"somebody else's policy", func(s *iam.Snapshot, _ *iam.Desired) {
		s.Policies.Items[1].Document, s.Policies.Items[1].Tags = otherwise.String(), nil
	}, false, "iam/not-owned", groundway.Failed, "p"},
	{"another owner's role", func(s *iam.Snapshot, _ *iam.Desired) {
		s.Roles.Items[0].Tags = map[string]string{groundway.OwnerTag: "other"}
		s.Inline.Items = nil
	}, false, "iam/not-owned", groundway.Failed, "r"},
	{"somebody else's profile", func(s *iam.Snapshot, _ *iam.Desired) {
		s.Profiles.Items[0].Roles, s.Profiles.Items[0].Tags = nil, nil
	}, false, "iam/not-owned", groundway.Failed, "x"},
	{"somebody else's provider", func(s *iam.Snapshot, _ *iam.Desired) {
		s.Providers.Items[0].ClientIDs, s.Providers.Items[0].Tags = nil, nil
	}, false, "iam/not-owned", groundway.Failed, "https://oidc.example.com/demo"},
	{"somebody else's role is to be deleted", func(s *iam.Snapshot, _ *iam.Desired) { s.Roles.Items[0].Tags = nil }, true, "iam/not-owned", groundway.Failed, "r"},
	{"a role that is not seen", func(s *iam.Snapshot, _ *iam.Desired) {
		s.Roles = groundway.UnseenPart[iam.RoleDetail](denied("iam:GetRole"))
	}, false, "iam/not-owned", groundway.Unknown, "r"},
	{"inline policies that are not seen", func(s *iam.Snapshot, _ *iam.Desired) {
		s.Inline = groundway.UnseenPart[iam.InlinePolicyDetail](denied("iam:ListRolePolicies"))
	}, false, "iam/not-owned", groundway.Unknown, "r"},
	{"attachments that are not seen", func(s *iam.Snapshot, _ *iam.Desired) {
		s.Attached = groundway.UnseenPart[iam.AttachedPolicy](denied("iam:ListAttachedRolePolicies"))
	}, true, "iam/not-owned", groundway.Unknown, "r"},
	{"nothing was looked at", func(s *iam.Snapshot, _ *iam.Desired) { s.Parts = iam.Parts{} }, false, "iam/not-owned", groundway.Unknown, "x"},
	{"a name in other letters", func(s *iam.Snapshot, _ *iam.Desired) { s.Roles.Items[0].Name = "R" }, false, "iam/name-taken", groundway.Failed, "r"},
	{"another path", func(s *iam.Snapshot, _ *iam.Desired) { s.Profiles.Items[0].Path = "/team/" }, false, "iam/name-taken", groundway.Failed, "x"},
	{"an inline policy besides", func(s *iam.Snapshot, _ *iam.Desired) {
		s.Inline.Items = append(s.Inline.Items, iam.InlinePolicyDetail{Owner: "role/r", Name: "z", Document: "{}"})
	}, false, "iam/foreign-policy", groundway.Failed, "r"},
	{"an attached policy besides, and the role is to be deleted", func(s *iam.Snapshot, _ *iam.Desired) {
		s.Attached.Items = append(s.Attached.Items, iam.AttachedPolicy{Owner: "role/r", ARN: awsPolicy})
	}, true, "iam/foreign-policy", groundway.Failed, "r"},
	{"a boundary besides", func(_ *iam.Snapshot, d *iam.Desired) { d.Roles[0].Boundary = "" }, false, "iam/foreign-policy", groundway.Failed, "r"},
	{"an audience besides", func(s *iam.Snapshot, _ *iam.Desired) {
		s.Providers.Items[0].ClientIDs = []string{"else", "sts.amazonaws.com"}
	}, false, "iam/foreign-policy", groundway.Failed, "https://oidc.example.com/demo"},
	{"a tag besides", func(s *iam.Snapshot, _ *iam.Desired) {
		s.Policies.Items[1].Tags = map[string]string{groundway.OwnerTag: "demo", "bill": "$(rm -rf ~)"}
	}, false, "iam/foreign-tag", groundway.Failed, "p"},
	{"a policy that is named and missing", func(s *iam.Snapshot, _ *iam.Desired) { s.Policies.Items = s.Policies.Items[1:] }, false, "iam/policy-not-found", groundway.Failed, "other"},
	{"a policy that is named and not seen", func(s *iam.Snapshot, _ *iam.Desired) {
		s.Policies = groundway.UnseenPart[iam.ManagedPolicyDetail](denied("iam:GetPolicy"))
	}, false, "iam/policy-not-found", groundway.Unknown, "other"},
	{"a user that is missing", func(s *iam.Snapshot, d *iam.Desired) {
		s.Users = groundway.SeenPart[iam.UserDetail]()
		d.Users = []iam.UserAttachment{{User: "vault", Managed: []string{policyARN}}}
	}, false, "iam/attached-user-not-found", groundway.Failed, "vault"},
	{"a user that is not seen", func(s *iam.Snapshot, d *iam.Desired) {
		d.Users = []iam.UserAttachment{{User: "vault", Managed: []string{policyARN}}}
	}, true, "iam/attached-user-not-found", groundway.Unknown, "vault"},
	{"a policy that others have too", func(s *iam.Snapshot, _ *iam.Desired) { s.Policies.Items[1].Attachments = 3 }, true, "iam/in-use", groundway.Failed, "p"},
	{"a policy that bounds others", func(s *iam.Snapshot, _ *iam.Desired) { s.Policies.Items[1].Bounds = 1 }, true, "iam/in-use", groundway.Failed, "p"},
	{"a role that another profile holds", func(s *iam.Snapshot, _ *iam.Desired) {
		s.Profiles.Items = append(s.Profiles.Items, iam.InstanceProfileDetail{Name: "theirs", Roles: []string{"r"}})
	}, true, "iam/in-use", groundway.Failed, "r"},
}

func denied(action string) groundway.Gap {
	return groundway.Gap{Action: action, Code: "AccessDenied", Message: "the caller is not authorized"}
}

func TestPlanRules(t *testing.T) {
	t.Parallel()
	produced := map[groundway.Code]map[groundway.Outcome]bool{}
	note := func(f groundway.Finding) {
		if produced[f.Code] == nil {
			produced[f.Code] = map[groundway.Outcome]bool{}
		}
		produced[f.Code][f.Outcome] = true
	}
	for _, row := range planRows {
		t.Run(row.name, func(t *testing.T) {
			s, d := there(), wanted()
			row.edit(&s, &d)
			plan := iam.Plan
			if row.remove {
				plan = iam.PlanDelete
			}
			c, findings, err := plan(s, d, iam.PlanOptions{})
			require.NoError(t, err)
			found := false
			text, err := json.Marshal(s)
			require.NoError(t, err)
			var tree any
			require.NoError(t, json.Unmarshal(text, &tree))
			for _, f := range findings {
				note(f)
				found = found || f.Code == row.code && f.Outcome == row.want && f.Subject.ID == row.id
				if f.Outcome == groundway.Failed || f.Outcome == groundway.Unknown {
					assert.NotEmpty(t, f.Evidence, f.Code)
					assert.NotEmpty(t, f.Remedies, f.Code)
					assert.NotEmpty(t, f.Detail, f.Code)
					for _, e := range f.Evidence {
						assert.NoError(t, resolves(tree, e.Path), "%s %s", f.Code, e.Path)
					}
				}
			}
			assert.True(t, found, "%s %s of %s in %v", row.code, row.want, row.id, summaries(findings))
			blocked := row.want == groundway.Unknown
			for _, f := range findings {
				blocked = blocked || f.Outcome == groundway.Failed && f.Severity == groundway.Error
			}
			assert.Equal(t, blocked, c.Err() != nil, "%v", c.Err())
		})
	}
	for _, remove := range []bool{false, true} {
		plan := iam.Plan
		if remove {
			plan = iam.PlanDelete
		}
		s, d := there(), wanted()
		d.Users = []iam.UserAttachment{{User: "vault", Managed: []string{awsPolicy}}}
		s.Users = groundway.SeenPart(iam.UserDetail{Name: "vault"})
		if !remove {
			s.Attached.Items = append(s.Attached.Items, iam.AttachedPolicy{Owner: "user/vault", ARN: awsPolicy})
		}
		c, findings, err := plan(s, d, iam.PlanOptions{})
		require.NoError(t, err)
		require.NoError(t, c.Err())
		assert.Equal(t, !remove, c.Empty(), c.String())
		for _, f := range findings {
			note(f)
			assert.NotEqual(t, groundway.Failed, f.Outcome, f.Summary)
		}
	}
	for _, r := range iam.PlanRules() {
		assert.True(t, produced[r.Code][groundway.Failed], "%s failed", r.Code)
		assert.True(t, produced[r.Code][groundway.Passed], "%s passed", r.Code)
	}
	assert.True(t, produced["iam/not-owned"][groundway.Unknown])
	assert.True(t, produced["iam/policy-not-found"][groundway.Unknown])
}

// resolves follows a JSON pointer. One that ends at a list or at a part says that
// what is wanted is not there.
func resolves(tree any, pointer string) error {
	at := tree
	for _, step := range strings.Split(strings.TrimPrefix(pointer, "/"), "/") {
		step = strings.NewReplacer("~1", "/", "~0", "~").Replace(step)
		switch v := at.(type) {
		case map[string]any:
			next, ok := v[step]
			if !ok && step != "items" && step != "tags" && step != "boundary" && step != "description" && step != "roles" && step != "clientIDs" {
				return assert.AnError
			}
			at = next
		case []any:
			at = v[0]
		default:
			if at != nil {
				return assert.AnError
			}
		}
	}
	return nil
}

func summaries(findings []groundway.Finding) []string {
	var list []string
	for _, f := range findings {
		if f.Outcome == groundway.Failed || f.Outcome == groundway.Unknown {
			list = append(list, string(f.Code)+" "+f.Outcome.String()+" "+f.Subject.ID+": "+f.Summary)
		}
	}
	return list
}

func TestPlanPrints(t *testing.T) {
	t.Parallel()
	const doc = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:DescribeVpcs","Resource":"*"}]}`
	const trust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	c, _, err := iam.Plan(nothing(), wanted(), iam.PlanOptions{})
	require.NoError(t, err)
	assert.Equal(t, `+ policy "p" `+doc+` tagged "groundway:owner"="demo"
+ provider "https://oidc.example.com/demo": "sts.amazonaws.com" tagged "groundway:owner"="demo"
+ role "r", bounded by "arn:aws:iam::111122223333:policy/other" `+trust+` tagged "groundway:owner"="demo"
~ inline policy of the role "r": "i" `+doc+`
+ attached policy of the role "r": "arn:aws:iam::111122223333:policy/p"
+ instance profile "x" tagged "groundway:owner"="demo"
+ role of the instance profile "x": "r"
`, c.String())
	assert.Equal(t, []string{
		"iam:AddRoleToInstanceProfile", "iam:AttachRolePolicy", "iam:CreateInstanceProfile", "iam:CreateOpenIDConnectProvider", "iam:CreatePolicy", "iam:CreateRole",
		"iam:PassRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy", "iam:TagInstanceProfile", "iam:TagOpenIDConnectProvider", "iam:TagPolicy", "iam:TagRole",
	}, c.Actions())

	c, _, err = iam.PlanDelete(there(), wanted(), iam.PlanOptions{})
	require.NoError(t, err)
	assert.Equal(t, `- role of the instance profile "x": "r"
- instance profile "x"
- inline policy of the role "r": "i"
- attached policy of the role "r": "arn:aws:iam::111122223333:policy/p"
- role "r"
- provider "https://oidc.example.com/demo"
- version of the policy "p": v1
- policy "p"
`, c.String())

	s := there()
	s.Roles = groundway.UnseenPart[iam.RoleDetail](denied("iam:GetRole"))
	c, _, err = iam.Plan(s, wanted(), iam.PlanOptions{})
	require.NoError(t, err)
	assert.Equal(t, "! iam/not-owned unknown: It could not be seen whether the role \"r\" exists, and whose it is: iam:GetRole (AccessDenied: the caller is not authorized).\n", c.String())
	assert.EqualError(t, c.Err(), `iam/not-owned (unknown): It could not be seen whether the role "r" exists, and whose it is: iam:GetRole (AccessDenied: the caller is not authorized).`)
}

// Each step prints as something, and no two alike.
func TestStepVerbs(t *testing.T) {
	t.Parallel()
	seen := map[string]iam.Action{}
	for _, action := range iam.StepActions() {
		text := iam.Step{Action: action, Name: "n"}.String()
		assert.NotContains(t, text, "?", action)
		assert.Empty(t, seen[text], "%s prints like %s: %s", action, seen[text], text)
		seen[text] = action
	}
	assert.Equal(t, `? iam:Other "n"`, iam.Step{Action: "iam:Other", Name: "n"}.String())
}

func TestDesiredCheck(t *testing.T) {
	t.Parallel()
	require.NoError(t, wanted().Check())
	long := strings.Repeat("n", 65)
	many := iam.Allow("ec2:DescribeVpcs").On("*")
	for _, row := range []struct {
		name string
		edit func(*iam.Desired)
		want string
	}{
		{"an account of 11 digits", func(d *iam.Desired) { d.Account = "11112222333" }, `account: "11112222333": want 12 digits`},
		{"a long role name", func(d *iam.Desired) { d.Roles[0].Name = long }, `roles[0].name: role name "` + long[:60] + `"…: 65 characters, want 1 to 64`},
		{"a policy name with a space", func(d *iam.Desired) { d.Policies[0].Name = "a b" }, `policies[0].name: policy name "a b": the character ' ' is none of a-z, A-Z, 0-9 and +=,.@_-`},
		{"a path", func(d *iam.Desired) { d.Roles[0].Path = "team" }, `roles[0].path: path "team": want it to begin and end with a slash`},
		{"no trust", func(d *iam.Desired) { d.Roles[0].Trust = iam.Document{} }, "roles[0].trust: iam/statement-missing: "},
		{"trust without a principal", func(d *iam.Desired) { d.Roles[0].Trust = iam.MustDocument(iam.Allow("sts:AssumeRole").On("*")) }, "roles[0].trust: iam/principal-missing: "},
		{"a policy over its quota", func(d *iam.Desired) {
			for i := range 70 {
				many = many.On("arn:aws:ec2:us-east-1:111122223333:instance/" + strings.Repeat("x", 60) + string(rune('a'+i%26)) + strings.Repeat("y", i))
			}
			d.Policies[0].Document = iam.MustDocument(many)
		}, "policies[0].document: iam/size-exceeded: "},
		{"inline policies over their quota", func(d *iam.Desired) {
			d.Roles[0].Inline = nil
			for i := range 3 {
				d.Roles[0].Inline = append(d.Roles[0].Inline, iam.InlinePolicy{Name: strings.Repeat("i", i+1), Document: iam.MustDocument(many)})
			}
		}, "roles[0].inline: "},
		{"two of one name", func(d *iam.Desired) { d.Roles = append(d.Roles, iam.Role{Name: "R", Trust: trustedEC2}) }, `roles[1].name: "R": roles[0].name has the name already; IAM compares names without regard to case`},
		{"a boundary that is no policy", func(d *iam.Desired) { d.Roles[0].Boundary = "arn:aws:iam::111122223333:role/r" }, `roles[0].boundary: "arn:aws:iam::111122223333:role/r": want the ARN of a managed policy`},
		{"a policy of another account", func(d *iam.Desired) { d.Roles[0].Managed[0] = "arn:aws:iam::444455556666:policy/p" }, `roles[0].managed[0]: "arn:aws:iam::444455556666:policy/p": it is of the account "444455556666", want one of AWS or of 111122223333`},
		{"no ARN", func(d *iam.Desired) { d.Roles[0].Managed[0] = "p" }, `roles[0].managed[0]: parse ARN "p"`},
		{"a short session", func(d *iam.Desired) { d.Roles[0].MaxSession = time.Minute }, "roles[0].maxSession: 1m0s: want 1h0m0s to 12h0m0s in whole seconds"},
		{"no role", func(d *iam.Desired) { d.Profiles[0].Role = "" }, `profiles[0].role: role name "": 0 characters, want 1 to 64`},
		{"a key of AWS", func(d *iam.Desired) { d.Roles[0].Tags = map[string]string{"aws:x": ""} }, `roles[0].tags: the key "aws:x": AWS keeps keys that begin with aws: for itself`},
		{"the owner's key", func(d *iam.Desired) { d.Roles[0].Tags = map[string]string{groundway.OwnerTag: "x"} }, `roles[0].tags: the key "groundway:owner": it is the owner's, whose value is "demo"`},
		{"keys that differ in case", func(d *iam.Desired) { d.Roles[0].Tags = map[string]string{"a": "", "A": ""} }, `roles[0].tags: the keys "A" and "a" differ in case alone, which IAM takes for one`},
		{"an owner that no tag takes", func(d *iam.Desired) { d.Owner = "a;b" }, `owner: the value of "groundway:owner": want at most 256 letters, digits, spaces and _.:/=+-@`},
		{"no issuer", func(d *iam.Desired) { d.Providers[0].URL = "http://example.com" }, `providers[0].url: "http://example.com": want https://HOST/PATH of at most 255 characters, without a query`},
		{"an issuer with a port", func(d *iam.Desired) { d.Providers[0].URL = "https://example.com:8443" }, `providers[0].url: "https://example.com:8443": IAM takes no port`},
		{"no audience", func(d *iam.Desired) { d.Providers[0].ClientIDs = nil }, "providers[0].clientIDs: 0 audiences, want 1 to 100"},
		{"a thumbprint", func(d *iam.Desired) { d.Providers[0].Thumbprints = []string{"00:11"} }, `providers[0].thumbprints[0]: "00:11": want 40 hexadecimal digits`},
		{"an unknown partition", func(d *iam.Desired) { d.Partition = "aws-moon" }, `partition: "aws-moon": want one of [aws aws-cn aws-us-gov aws-iso aws-iso-b aws-iso-e aws-iso-f aws-eusc]`},
		{"a policy of another partition", func(d *iam.Desired) { d.Roles[0].Managed = []string{"arn:aws-cn:iam::aws:policy/ReadOnlyAccess"} }, `roles[0].managed[0]: "arn:aws-cn:iam::aws:policy/ReadOnlyAccess": it is of the partition "aws-cn", want "aws"`},
		{"a boundary of a partition that was forgotten", func(d *iam.Desired) { d.Roles[0].Boundary = "arn:aws-cn:iam::111122223333:policy/bound" }, `roles[0].boundary: "arn:aws-cn:iam::111122223333:policy/bound": it is of the partition "aws-cn", want "aws"`},
		{"a policy of a user twice", func(d *iam.Desired) {
			d.Users = []iam.UserAttachment{{User: "demo", Managed: []string{"arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/ReadOnlyAccess"}}}
		}, `users[0].managed[1]: "arn:aws:iam::aws:policy/ReadOnlyAccess": users[0].managed[0] has the name already; IAM compares names without regard to case`},
		{"a description", func(d *iam.Desired) { d.Roles[0].Description = "…" }, `roles[0].description: the character '…' is none that AWS takes`},
	} {
		t.Run(row.name, func(t *testing.T) {
			d := wanted()
			row.edit(&d)
			err := d.Check()
			require.Error(t, err)
			if strings.HasSuffix(row.want, ": ") || strings.HasPrefix(row.want, "roles[0].managed[0]: parse") {
				assert.ErrorContains(t, err, row.want)
				return
			}
			assert.Contains(t, strings.Split(err.Error(), "\n"), row.want)
		})
	}
	_, _, err := iam.Plan(iam.Snapshot{Observation: groundway.Observation{Account: "444455556666"}}, wanted(), iam.PlanOptions{})
	assert.EqualError(t, err, `plan identities: the snapshot is of "444455556666", want 111122223333`)
}

// Plan decides only by what is desired: the more of it there is, the less there is
// to do, and what it does is never about anything else.
func TestPlanProperties(t *testing.T) {
	t.Parallel()
	for bits := range 1 << 5 {
		s, full := nothing(), there()
		for i, take := range []func(){
			func() { s.Policies = full.Policies }, func() { s.Providers = full.Providers }, func() { s.Profiles = full.Profiles },
			func() { s.Roles, s.Inline = full.Roles, full.Inline }, func() { s.Attached = full.Attached },
		} {
			if bits>>i&1 == 1 {
				take()
			}
		}
		c, _, err := iam.Plan(s, wanted(), iam.PlanOptions{})
		require.NoError(t, err)
		for _, step := range c.Steps {
			assert.Contains(t, []string{"p", "r", "x", "https://oidc.example.com/demo"}, step.Name)
			assert.NotContains(t, string(step.Action), "Delete")
		}
		again, _, err := iam.Plan(s, wanted(), iam.PlanOptions{})
		require.NoError(t, err)
		assert.Equal(t, c, again)
	}
}
