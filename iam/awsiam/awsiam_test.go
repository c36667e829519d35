package awsiam_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/awsiam"
	"github.com/groundway-sdk/groundway/iam/awsiam/awsiamtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const account = awsiamtest.Account

func allow(actions ...iam.Action) iam.Document {
	return iam.MustDocument(iam.Allow(actions...).On("*"))
}

var trustEC2 = iam.MustTrustDocument(iam.TrustService("ec2.amazonaws.com"))

// desired is one of everything: a policy that a role has and another bounds it,
// a profile, a provider, and a role that pods assume and that trusts the first.
func desired() iam.Desired {
	d := iam.Desired{Account: account, Owner: "demo"}
	d.Policies = []iam.ManagedPolicy{
		{Name: "demo-nodes", Path: "/demo/", Description: "what nodes do", Document: allow("ec2:DescribeInstances"), Tags: map[string]string{"team": "a"}},
		{Name: "demo-boundary", Document: allow("ec2:*")},
	}
	d.Providers = []iam.OIDCProvider{{URL: "https://oidc.example.com/demo", ClientIDs: []string{"sts.amazonaws.com"}}}
	provider := d.ProviderARN(d.Providers[0])
	d.Roles = []iam.Role{
		{
			Name: "demo-worker", Path: "/demo/", Description: "workers", Trust: trustEC2, MaxSession: 2 * time.Hour,
			Inline:   []iam.InlinePolicy{{Name: "logs", Document: allow("logs:PutLogEvents")}},
			Managed:  []string{"arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy", d.PolicyARN(d.Policies[0])},
			Boundary: d.PolicyARN(d.Policies[1]),
		},
		{Name: "demo-pods", Trust: iam.MustTrustDocument(iam.TrustServiceAccount(provider, "kube-system", "autoscaler"))},
	}
	d.Roles = append(d.Roles, iam.Role{Name: "demo-admin", Trust: iam.MustTrustDocument(iam.TrustPrincipals(d.RoleARN(d.Roles[0])))})
	d.Profiles = []iam.InstanceProfile{{Name: "demo-worker", Role: "demo-worker"}}
	return d
}

func empty() iam.Snapshot {
	return iam.Snapshot{Observation: groundway.Observation{Account: string(account)}}
}

// plan loads and plans.
func plan(t *testing.T, client awsiam.LoadAPI, d iam.Desired, o iam.PlanOptions) iam.Changes {
	s, err := awsiam.Load(t.Context(), client, awsiam.LoadOptions{Desired: d, Account: string(account)})
	require.NoError(t, err)
	c, _, err := iam.Plan(s, d, o)
	require.NoError(t, err)
	return c
}

func planDelete(t *testing.T, client awsiam.LoadAPI, d iam.Desired, o iam.PlanOptions) iam.Changes {
	s, err := awsiam.Load(t.Context(), client, awsiam.LoadOptions{Desired: d, Uses: true, Account: string(account)})
	require.NoError(t, err)
	c, _, err := iam.PlanDelete(s, d, o)
	require.NoError(t, err)
	return c
}

// writes are the calls that change something.
func writes(client *awsiamtest.Client) []string {
	var list []string
	for _, action := range client.Calls() {
		if slices.Contains(iam.StepActions(), iam.Action(action)) {
			list = append(list, action)
		}
	}
	return list
}

func TestEnsureMakesEverythingOnce(t *testing.T) {
	client := awsiamtest.NewClient(empty())
	r, err := awsiam.Ensure(t.Context(), client, desired(), iam.PlanOptions{}, awsiam.ApplyOptions{})
	require.NoError(t, err)
	assert.Empty(t, r.Left)
	made := writes(client)
	assert.Equal(t, []string{
		"iam:CreatePolicy", "iam:CreatePolicy", "iam:CreateOpenIDConnectProvider",
		"iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:AttachRolePolicy", "iam:CreateRole", "iam:CreateRole",
		"iam:CreateInstanceProfile", "iam:AddRoleToInstanceProfile",
	}, made)

	r, err = awsiam.Ensure(t.Context(), client, desired(), iam.PlanOptions{}, awsiam.ApplyOptions{})
	require.NoError(t, err)
	assert.Empty(t, r.Done)
	assert.Equal(t, made, writes(client), "the second time nothing is written")
	assert.True(t, plan(t, client, desired(), iam.PlanOptions{}).Empty())

	// And all of it away again.
	c := planDelete(t, client, desired(), iam.PlanOptions{})
	require.NoError(t, c.Err())
	r, err = awsiam.Apply(t.Context(), client, c, awsiam.ApplyOptions{})
	require.NoError(t, err)
	assert.Equal(t, []string{
		"iam:RemoveRoleFromInstanceProfile", "iam:DeleteInstanceProfile",
		"iam:DeleteRole", "iam:DeleteRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy", "iam:DetachRolePolicy", "iam:DeleteRole",
		"iam:DeleteOpenIDConnectProvider", "iam:DeletePolicy", "iam:DeletePolicy",
	}, writes(client)[len(made):])
	assert.Len(t, r.Done, 11)
	assert.True(t, planDelete(t, client, desired(), iam.PlanOptions{}).Empty())
}

// The requests of an Apply, which a change of this package should not raise
// unseen.
func TestRequests(t *testing.T) {
	one := iam.Desired{Account: account, Roles: []iam.Role{{Name: "r", Trust: trustEC2, Inline: []iam.InlinePolicy{{Name: "p", Document: allow("ec2:DescribeVpcs")}}}}}
	policy := iam.Desired{Account: account, Policies: []iam.ManagedPolicy{{Name: "p", Document: allow("ec2:DescribeVpcs")}}}
	for _, row := range []struct {
		name                string
		d                   iam.Desired
		first, second, writ int
	}{
		{"a role with an inline policy", one, 8, 4, 2},
		{"a managed policy", policy, 6, 3, 1},
		{"one of everything", desired(), 43, 18, 11},
	} {
		t.Run(row.name, func(t *testing.T) {
			client := awsiamtest.NewClient(empty())
			_, err := awsiam.Ensure(t.Context(), client, row.d, iam.PlanOptions{}, awsiam.ApplyOptions{})
			require.NoError(t, err)
			first := len(client.Calls())
			_, err = awsiam.Ensure(t.Context(), client, row.d, iam.PlanOptions{}, awsiam.ApplyOptions{})
			require.NoError(t, err)
			assert.Equal(t, []int{row.first, row.second, row.writ}, []int{first, len(client.Calls()) - first, len(writes(client))})
		})
	}
}

// Whatever of what is wanted was changed by somebody else is changed back, and no
// more than that.
func TestDrift(t *testing.T) {
	for _, row := range []struct {
		name string
		edit func(*iam.Desired) // as it was when it was made
		want []string
	}{
		{"nothing", func(*iam.Desired) {}, nil},
		{"the order and case of a document", func(d *iam.Desired) {
			d.Roles[0].Inline[0].Document = allow("LOGS:putlogevents")
		}, nil},
		{"a policy", func(d *iam.Desired) { d.Policies[0].Document = allow("ec2:*") }, []string{"iam:CreatePolicyVersion"}},
		{"an inline policy", func(d *iam.Desired) { d.Roles[0].Inline[0].Document = allow("logs:*") }, []string{"iam:PutRolePolicy"}},
		{"an inline policy is missing", func(d *iam.Desired) { d.Roles[0].Inline = nil }, []string{"iam:PutRolePolicy"}},
		{"an attachment is missing", func(d *iam.Desired) { d.Roles[0].Managed = d.Roles[0].Managed[:1] }, []string{"iam:AttachRolePolicy"}},
		{"trust", func(d *iam.Desired) {
			d.Roles[0].Trust = iam.MustTrustDocument(iam.TrustService("lambda.amazonaws.com"))
		}, []string{"iam:UpdateAssumeRolePolicy"}},
		{"the boundary is missing", func(d *iam.Desired) { d.Roles[0].Boundary = "" }, []string{"iam:PutRolePermissionsBoundary"}},
		{"the boundary is another", func(d *iam.Desired) { d.Roles[0].Boundary = d.PolicyARN(d.Policies[0]) }, []string{"iam:PutRolePermissionsBoundary"}},
		{"sessions", func(d *iam.Desired) { d.Roles[0].MaxSession = time.Hour }, []string{"iam:UpdateRole"}},
		{"the description", func(d *iam.Desired) { d.Roles[0].Description = "?" }, []string{"iam:UpdateRole"}},
		{"the profile's role", func(d *iam.Desired) { d.Profiles[0].Role = "demo-pods" }, []string{"iam:RemoveRoleFromInstanceProfile", "iam:AddRoleToInstanceProfile"}},
		{"an audience", func(d *iam.Desired) { d.Providers[0].ClientIDs = []string{"sts.amazonaws.com", "else"} }, nil},
		{"an audience is missing", func(d *iam.Desired) { d.Providers[0].ClientIDs = []string{"else"} }, []string{"iam:AddClientIDToOpenIDConnectProvider"}},
		{"a tag", func(d *iam.Desired) { d.Policies[0].Tags = map[string]string{"team": "b"} }, []string{"iam:TagPolicy"}},
		{"a policy is missing", func(d *iam.Desired) {
			d.Policies = d.Policies[1:]
			d.Roles[0].Managed = d.Roles[0].Managed[:1]
		}, []string{"iam:CreatePolicy", "iam:AttachRolePolicy"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			was := desired()
			row.edit(&was)
			client := awsiamtest.NewClient(empty())
			_, err := awsiam.Ensure(t.Context(), client, was, iam.PlanOptions{}, awsiam.ApplyOptions{})
			require.NoError(t, err)
			before := len(writes(client))
			_, err = awsiam.Ensure(t.Context(), client, desired(), iam.PlanOptions{}, awsiam.ApplyOptions{})
			require.NoError(t, err)
			assert.Equal(t, row.want, slices.Concat(writes(client)[before:]))
			assert.True(t, plan(t, client, desired(), iam.PlanOptions{}).Empty())
		})
	}
}

// Five versions are as many as IAM keeps, and the oldest goes.
func TestVersionsArePruned(t *testing.T) {
	client := awsiamtest.NewClient(empty())
	d := iam.Desired{Account: account, Policies: []iam.ManagedPolicy{{Name: "p"}}}
	for i := range 8 {
		d.Policies[0].Document = allow(iam.Action(fmt.Sprintf("ec2:Action%d", i)))
		_, err := awsiam.Ensure(t.Context(), client, d, iam.PlanOptions{}, awsiam.ApplyOptions{})
		require.NoError(t, err)
	}
	s, err := awsiam.Load(t.Context(), client, awsiam.LoadOptions{Desired: d})
	require.NoError(t, err)
	assert.Equal(t, []string{"v4", "v5", "v6", "v7", "v8"}, s.Policies.Items[0].Versions)
	c := planDelete(t, client, d, iam.PlanOptions{})
	_, err = awsiam.Apply(t.Context(), client, c, awsiam.ApplyOptions{})
	require.NoError(t, err)
	assert.Len(t, c.Steps, 5)
}

// A run that breaks off at any call is completed by a second one.
func TestResume(t *testing.T) {
	for _, action := range []string{
		"iam:CreatePolicy", "iam:CreateOpenIDConnectProvider", "iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:CreateInstanceProfile", "iam:AddRoleToInstanceProfile",
	} {
		t.Run(action, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			client := awsiamtest.NewClient(empty())
			r, err := awsiam.Ensure(ctx, client, desired(), iam.PlanOptions{}, awsiam.ApplyOptions{Progress: func(s iam.Step) {
				if string(s.Action) == action {
					cancel()
				}
			}})
			require.ErrorIs(t, err, context.Canceled)
			require.NotEmpty(t, r.Done)
			assert.Equal(t, action, string(r.Done[len(r.Done)-1].Action))
			assert.Len(t, slices.Concat(r.Done, r.Left), 11)

			r, err = awsiam.Ensure(t.Context(), client, desired(), iam.PlanOptions{}, awsiam.ApplyOptions{})
			require.NoError(t, err)
			assert.Empty(t, r.Left)
			assert.Len(t, writes(client), 11, "nothing is done twice")
		})
	}
}

func TestDenied(t *testing.T) {
	client := awsiamtest.NewClient(empty()).Deny("iam:CreateRole")
	r, err := awsiam.Ensure(t.Context(), client, desired(), iam.PlanOptions{}, awsiam.ApplyOptions{})
	assert.EqualError(t, err, "apply identities: iam:CreateRole: the caller is not authorized (AccessDenied)")
	assert.Len(t, r.Done, 3)
	assert.Len(t, r.Left, 8)

	client = awsiamtest.NewClient(empty()).Deny("iam:GetRole")
	_, err = awsiam.Ensure(t.Context(), client, desired(), iam.PlanOptions{}, awsiam.ApplyOptions{})
	require.ErrorIs(t, err, awsiam.ErrBlocked)
	assert.ErrorContains(t, err, `iam/not-owned (unknown): It could not be seen whether the role "demo-worker" exists, and whose it is: iam:GetRole (AccessDenied: the caller is not authorized).`)
	assert.Empty(t, writes(client))
}

// IAM shows new things late: to trust policies, to profiles, and to who looks.
func TestEventualConsistency(t *testing.T) {
	for _, lag := range []int{1, 3, 7, 12} {
		t.Run(fmt.Sprint(lag), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client := awsiamtest.NewClient(empty()).Lag(lag)
				r, err := awsiam.Ensure(t.Context(), client, desired(), iam.PlanOptions{}, awsiam.ApplyOptions{Patience: 5 * time.Minute})
				require.NoError(t, err)
				assert.Empty(t, r.Left)
				assert.True(t, plan(t, client, desired(), iam.PlanOptions{}).Empty())
				_, err = awsiam.Apply(t.Context(), client, planDelete(t, client, desired(), iam.PlanOptions{}), awsiam.ApplyOptions{Patience: 5 * time.Minute})
				require.NoError(t, err)
				assert.True(t, planDelete(t, client, desired(), iam.PlanOptions{}).Empty())
			})
		})
	}
}

// What never shows is said, with the time that it was waited for.
func TestPatienceEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ghost := iam.Desired{Account: account, Roles: []iam.Role{{Name: "r", Trust: iam.MustTrustDocument(iam.TrustPrincipals("arn:aws:iam::111122223333:role/ghost"))}}}
		start := time.Now()
		client := awsiamtest.NewClient(empty())
		_, err := awsiam.Ensure(t.Context(), client, ghost, iam.PlanOptions{}, awsiam.ApplyOptions{Patience: 20 * time.Second})
		assert.EqualError(t, err, `apply identities: iam:CreateRole: AWS refused the call (MalformedPolicyDocument): a principal of the trust policy of "r" does not exist, or is not visible after 20s`)
		assert.Equal(t, 20*time.Second, time.Since(start))

		client = awsiamtest.NewClient(empty()).Lag(10_000)
		_, err = awsiam.Ensure(t.Context(), client, iam.Desired{Account: account, Policies: []iam.ManagedPolicy{{Name: "p", Document: allow("ec2:*")}}}, iam.PlanOptions{}, awsiam.ApplyOptions{})
		require.ErrorIs(t, err, awsiam.ErrNotVisible)
		assert.EqualError(t, err, "apply identities: AWS took the change and does not show it within 1m0s: iam:CreatePolicy")
	})
}

// What somebody else made stays as it is, and is used where it is as wanted.
func TestNotOwned(t *testing.T) {
	d := desired()
	theirs := d
	theirs.Owner = "other"
	client := awsiamtest.NewClient(empty())
	_, err := awsiam.Ensure(t.Context(), client, theirs, iam.PlanOptions{}, awsiam.ApplyOptions{})
	require.NoError(t, err)
	before := len(writes(client))
	assert.True(t, plan(t, client, d, iam.PlanOptions{}).Empty(), "it is as wanted")

	d.Roles[0].Inline[0].Document = allow("logs:*")
	_, err = awsiam.Ensure(t.Context(), client, d, iam.PlanOptions{}, awsiam.ApplyOptions{})
	require.ErrorIs(t, err, awsiam.ErrBlocked)
	assert.ErrorContains(t, err, `iam/not-owned (failed): The role "demo-worker" is there, differs from what is wanted, and is not "demo"'s.`)
	assert.Len(t, writes(client), before)

	_, err = awsiam.Ensure(t.Context(), client, d, iam.PlanOptions{Adopt: []string{d.RoleARN(d.Roles[0])}}, awsiam.ApplyOptions{})
	require.NoError(t, err)
	assert.Equal(t, []string{"iam:TagRole", "iam:PutRolePolicy"}, writes(client)[before:])

	require.ErrorContains(t, planDelete(t, client, d, iam.PlanOptions{}).Err(), `iam/not-owned (failed): The policy "demo-nodes" is not "demo"'s, and stays.`)
}

// What stands in a role of ours and is not wanted is reported, and pruned on
// request.
func TestForeign(t *testing.T) {
	was := desired()
	was.Roles[1].Inline = []iam.InlinePolicy{{Name: "extra", Document: allow("s3:*")}}
	was.Roles[1].Managed = []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"}
	was.Roles[1].Boundary = was.PolicyARN(was.Policies[1])
	was.Providers[0].ClientIDs = append(was.Providers[0].ClientIDs, "else")
	client := awsiamtest.NewClient(empty())
	_, err := awsiam.Ensure(t.Context(), client, was, iam.PlanOptions{}, awsiam.ApplyOptions{})
	require.NoError(t, err)
	assert.True(t, plan(t, client, desired(), iam.PlanOptions{}).Empty())
	require.ErrorContains(t, planDelete(t, client, desired(), iam.PlanOptions{}).Err(), "iam/foreign-policy (failed)")

	before := len(writes(client))
	_, err = awsiam.Ensure(t.Context(), client, desired(), iam.PlanOptions{Prune: true}, awsiam.ApplyOptions{})
	require.NoError(t, err)
	assert.Equal(t, []string{
		"iam:RemoveClientIDFromOpenIDConnectProvider", "iam:DeleteRolePolicy", "iam:DetachRolePolicy", "iam:DeleteRolePermissionsBoundary",
	}, writes(client)[before:])
	require.NoError(t, planDelete(t, client, desired(), iam.PlanOptions{}).Err())
}

func TestChangedSincePlan(t *testing.T) {
	client := awsiamtest.NewClient(empty())
	d := iam.Desired{Account: account, Policies: []iam.ManagedPolicy{{Name: "p", Document: allow("ec2:*")}}}
	c := plan(t, client, d, iam.PlanOptions{})
	other := d
	other.Policies = []iam.ManagedPolicy{{Name: "p", Document: allow("s3:*")}}
	_, err := awsiam.Ensure(t.Context(), client, other, iam.PlanOptions{}, awsiam.ApplyOptions{})
	require.NoError(t, err)
	_, err = awsiam.Apply(t.Context(), client, c, awsiam.ApplyOptions{})
	assert.EqualError(t, err, `apply identities: the account changed since the plan: iam:CreatePolicyVersion of "p" was not planned`)
	require.ErrorIs(t, err, awsiam.ErrChanged)
	assert.Len(t, writes(client), 1)
}

// A plan survives its JSON form, so that one person can plan and another apply.
func TestChangesRoundTrip(t *testing.T) {
	client := awsiamtest.NewClient(empty())
	c := plan(t, client, desired(), iam.PlanOptions{})
	text, err := json.Marshal(c)
	require.NoError(t, err)
	var back iam.Changes
	require.NoError(t, json.Unmarshal(text, &back))
	assert.Equal(t, c.Steps, back.Steps)
	_, err = awsiam.Apply(t.Context(), client, back, awsiam.ApplyOptions{})
	require.NoError(t, err)
}

// The policy that a plan asks for holds every call of its Apply.
func TestActionsOfChanges(t *testing.T) {
	client := awsiamtest.NewClient(empty())
	c := plan(t, client, desired(), iam.PlanOptions{})
	_, err := awsiam.Apply(t.Context(), client, c, awsiam.ApplyOptions{})
	require.NoError(t, err)
	for _, action := range client.Calls() {
		assert.True(t, slices.Contains(c.Actions(), action) || slices.Contains(awsiam.Actions(), action), action)
	}
	assert.Contains(t, c.Actions(), "iam:PassRole")
}

func TestBadInput(t *testing.T) {
	client := awsiamtest.NewClient(empty())
	_, err := awsiam.Ensure(t.Context(), client, iam.Desired{Account: "11112222333"}, iam.PlanOptions{}, awsiam.ApplyOptions{})
	assert.EqualError(t, err, `plan identities: account: "11112222333": want 12 digits`)
	assert.Empty(t, client.Calls())
}

func TestLoadPrincipal(t *testing.T) {
	s := empty()
	s.Users = groundway.SeenPart(iam.UserDetail{Name: "ops", Path: "/team/", ARN: "arn:aws:iam::111122223333:user/team/ops", ID: "AIDA0", Boundary: "arn:aws:iam::111122223333:policy/bound", Groups: []string{"admins", "readers"}})
	s.Roles = groundway.SeenPart(iam.RoleDetail{Name: "installer", Path: "/ci/", ARN: "arn:aws:iam::111122223333:role/ci/installer", ID: "AROA0", Trust: trustEC2.String(), MaxSession: 3600, Tags: map[string]string{"a": "b"}})
	s.Inline = groundway.SeenPart(
		iam.InlinePolicyDetail{Owner: "group/admins", Name: "x", Document: allow("iam:*").String()},
		iam.InlinePolicyDetail{Owner: "role/installer", Name: "y", Document: allow("ec2:*").String()},
		iam.InlinePolicyDetail{Owner: "user/ops", Name: "z%20+é", Document: allow("s3:*").Indent()},
	)
	s.Attached = groundway.SeenPart(
		iam.AttachedPolicy{Owner: "group/readers", ARN: "arn:aws:iam::aws:policy/ReadOnlyAccess"},
		iam.AttachedPolicy{Owner: "role/installer", ARN: "arn:aws:iam::111122223333:policy/p"},
	)
	s.Policies = groundway.SeenPart(
		iam.ManagedPolicyDetail{ARN: "arn:aws:iam::111122223333:policy/bound", Name: "bound", Path: "/", Default: "v1", Document: allow("*:*").String(), Bounds: 1},
		iam.ManagedPolicyDetail{ARN: "arn:aws:iam::111122223333:policy/p", Name: "p", Path: "/", Default: "v1", Document: allow("sqs:*").String(), Attachments: 1},
		iam.ManagedPolicyDetail{ARN: "arn:aws:iam::aws:policy/ReadOnlyAccess", Name: "ReadOnlyAccess", Path: "/", Default: "v1", Document: allow("ec2:Describe*").String(), Attachments: 1},
	)
	client := awsiamtest.NewClient(s)
	at := time.Unix(0, 0).UTC()

	got, err := awsiam.Load(t.Context(), client, awsiam.LoadOptions{Principal: "arn:aws:iam::111122223333:user/team/ops", Account: s.Account, Time: at})
	require.NoError(t, err)
	assert.Equal(t, s.Users, got.Users)
	assert.ElementsMatch(t, []iam.InlinePolicyDetail{s.Inline.Items[0], s.Inline.Items[2]}, []iam.InlinePolicyDetail(got.Inline.Items))
	assert.ElementsMatch(t, []iam.ManagedPolicyDetail{s.Policies.Items[0], s.Policies.Items[2]}, []iam.ManagedPolicyDetail(got.Policies.Items))
	assert.True(t, got.Inline.Complete() && got.Attached.Complete() && got.Policies.Complete())

	// The ARN of a session has no path, and the role that is found does.
	got, err = awsiam.Load(t.Context(), client, awsiam.LoadOptions{Principal: "arn:aws:sts::111122223333:assumed-role/installer/run", Account: s.Account, Time: at})
	require.NoError(t, err)
	assert.Equal(t, s.Roles, got.Roles)
	assert.Equal(t, "arn:aws:iam::111122223333:policy/p", got.Policies.Items[0].ARN)

	text, err := json.Marshal(got)
	require.NoError(t, err)
	var back iam.Snapshot
	require.NoError(t, json.Unmarshal(text, &back))
	assert.Equal(t, got, back)

	_, err = awsiam.Load(t.Context(), client, awsiam.LoadOptions{Principal: "arn:aws:s3:::bucket"})
	assert.EqualError(t, err, `load identities: principal "arn:aws:s3:::bucket": want the ARN of a user, a role, the session of a role, or the root user`)
}

// What is denied is named and unseen, and what it would have led to as well.
func TestLoadDenied(t *testing.T) {
	s := empty()
	s.Users = groundway.SeenPart(iam.UserDetail{Name: "ops", Groups: []string{"admins"}})
	s.Inline = groundway.SeenPart(iam.InlinePolicyDetail{Owner: "group/admins", Name: "x", Document: allow("iam:*").String()}, iam.InlinePolicyDetail{Owner: "user/ops", Name: "y", Document: allow("iam:*").String()})
	s.Attached = groundway.SeenPart(iam.AttachedPolicy{Owner: "user/ops", ARN: "arn:aws:iam::aws:policy/ReadOnlyAccess"})
	for _, row := range []struct {
		action string
		want   map[string]string // part to seen, partial or unseen
	}{
		{"iam:GetUser", map[string]string{"users": "unseen", "inline": "unseen", "attached": "unseen"}},
		{"iam:ListGroupsForUser", map[string]string{"inline": "partial", "attached": "partial"}},
		{"iam:ListUserPolicies", map[string]string{"inline": "partial"}},
		{"iam:GetUserPolicy", map[string]string{"inline": "partial"}},
		{"iam:ListGroupPolicies", map[string]string{"inline": "partial"}},
		{"iam:GetGroupPolicy", map[string]string{"inline": "partial"}},
		{"iam:ListAttachedUserPolicies", map[string]string{"attached": "unseen"}},
		{"iam:ListAttachedGroupPolicies", map[string]string{"attached": "partial"}},
		{"iam:GetPolicy", map[string]string{"policies": "unseen"}},
		{"iam:GetPolicyVersion", map[string]string{"policies": "unseen"}},
	} {
		t.Run(row.action, func(t *testing.T) {
			got, err := awsiam.Load(t.Context(), awsiamtest.NewClient(s).Deny(row.action), awsiam.LoadOptions{Principal: "arn:aws:iam::111122223333:user/ops"})
			require.NoError(t, err)
			state := map[string]string{
				"users": word(got.Users), "inline": word(got.Inline), "attached": word(got.Attached), "policies": word(got.Policies),
			}
			for part, want := range row.want {
				assert.Equal(t, want+" "+row.action, state[part], part)
			}
			for _, part := range slices.Sorted(maps.Keys(state)) {
				if row.want[part] == "" && part != "policies" {
					assert.Equal(t, "seen", state[part], part)
				}
			}
		})
	}
}

// word says how a part was seen, and by which gaps it was not.
func word[T any](p groundway.Part[T]) string {
	var actions []string
	for _, g := range p.Gaps {
		actions = append(actions, g.Action)
	}
	state := "unseen"
	switch {
	case p.Complete():
		state = "seen"
	case p.Seen:
		state = "partial"
	}
	return strings.TrimSpace(state + " " + strings.Join(actions, " "))
}
