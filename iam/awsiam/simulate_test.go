package awsiam_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/awsiam"
	"github.com/groundway-sdk/groundway/iam/awsiam/awsiamtest"
)

const session = "arn:aws:sts::111122223333:assumed-role/installer/run"

// installer is an account with a role in a path whose policy depends on the
// region.
func installer() iam.Snapshot {
	s := empty()
	s.Roles = groundway.SeenPart(iam.RoleDetail{Name: "installer", Path: "/ci/", Trust: trustEC2.String()})
	s.Inline = groundway.SeenPart(iam.InlinePolicyDetail{Owner: "role/installer", Name: "p", Document: iam.MustDocument(
		iam.Allow("ec2:*").On("*").When(iam.StringEquals("aws:RequestedRegion", "us-east-1")), iam.Allow("iam:Get*", "iam:List*").On("*"),
	).String()})
	return s
}

func TestSimulate(t *testing.T) {
	client := awsiamtest.NewClient(installer())
	s, err := awsiam.Load(t.Context(), client, awsiam.LoadOptions{Principal: session})
	require.NoError(t, err)
	o := iam.PermissionOptions{Principal: session, Needs: []iam.Need{{Action: "iam:GetRole"}}}
	before := len(client.Calls())
	got, err := awsiam.Simulate(t.Context(), client, s, o, awsiam.SimulateOptions{})
	require.NoError(t, err)
	require.Len(t, client.Calls(), before+1, "the SCPs are not seen")
	assert.Equal(t, []iam.Simulation{{Action: "iam:GetRole", Resource: "*", Decision: "allowed"}}, []iam.Simulation(got.Simulated.Items))

	// Many actions are several calls, and the key decides.
	o.Needs = nil
	for i := range 120 {
		o.Needs = append(o.Needs, iam.Need{Action: iam.Action(fmt.Sprintf("ec2:Action%03d", i)), Context: iam.Context{"aws:RequestedRegion": {"us-east-1"}}})
	}
	before = len(client.Calls())
	got, err = awsiam.Simulate(t.Context(), client, s, o, awsiam.SimulateOptions{})
	require.NoError(t, err)
	assert.Len(t, got.Simulated.Items, 120)
	assert.Len(t, client.Calls(), before+3)
	for _, sim := range got.Simulated.Items {
		assert.Equal(t, "allowed", sim.Decision)
	}

	// What is decided is not asked for, unless all is.
	s.SCPs = groundway.SeenPart[iam.SCPDetail]()
	o.Needs = []iam.Need{{Action: "iam:GetRole"}, {Action: "s3:ListAllMyBuckets"}}
	got, err = awsiam.Simulate(t.Context(), client, s, o, awsiam.SimulateOptions{})
	require.NoError(t, err)
	assert.Empty(t, got.Simulated.Items)
	assert.True(t, got.Simulated.Complete())
	got, err = awsiam.Simulate(t.Context(), client, s, o, awsiam.SimulateOptions{All: true})
	require.NoError(t, err)
	assert.Len(t, got.Simulated.Items, 2)
}

// A session's ARN has no path: without the role nothing can be simulated, and that
// is said rather than guessed.
func TestSimulateWithoutTheRole(t *testing.T) {
	client := awsiamtest.NewClient(installer())
	o := iam.PermissionOptions{Principal: session, Needs: []iam.Need{{Action: "iam:GetRole"}}}
	got, err := awsiam.Simulate(t.Context(), client, empty(), o, awsiam.SimulateOptions{})
	require.NoError(t, err)
	assert.Equal(t, groundway.UnseenPart[iam.Simulation](groundway.Gap{Action: "iam:SimulatePrincipalPolicy", Message: "the ARN of the user or role with its path is not known"}), got.Simulated)
	assert.Empty(t, client.Calls())

	client = awsiamtest.NewClient(installer()).Deny("iam:SimulatePrincipalPolicy")
	s, err := awsiam.Load(t.Context(), client, awsiam.LoadOptions{Principal: session})
	require.NoError(t, err)
	got, err = awsiam.Simulate(t.Context(), client, s, o, awsiam.SimulateOptions{})
	require.NoError(t, err)
	assert.Equal(t, "unseen iam:SimulatePrincipalPolicy", word(got.Simulated))

	_, err = awsiam.Simulate(t.Context(), client, s, iam.PermissionOptions{Principal: session}, awsiam.SimulateOptions{})
	assert.EqualError(t, err, "simulate permissions: check permissions: no needs are given")
}

// A role that may not read its own policies learns of the simulator what it may.
func TestSimulationStandsIn(t *testing.T) {
	client := awsiamtest.NewClient(installer()).Deny("iam:ListRolePolicies", "iam:ListAttachedRolePolicies")
	s, err := awsiam.Load(t.Context(), client, awsiam.LoadOptions{Principal: session})
	require.NoError(t, err)
	s.SCPs = groundway.SeenPart[iam.SCPDetail]()
	o := iam.PermissionOptions{Principal: session, Needs: []iam.Need{{Action: "iam:GetRole"}, {Action: "iam:DeleteRole"}, {Action: "ec2:RunInstances"}}}
	s, err = awsiam.Simulate(t.Context(), client, s, o, awsiam.SimulateOptions{})
	require.NoError(t, err)
	findings, err := iam.CheckPermissions(s, o)
	require.NoError(t, err)
	var open []string
	for _, f := range findings {
		if f.Outcome == groundway.Failed || f.Outcome == groundway.Unknown {
			open = append(open, f.Outcome.String()+" "+f.Summary)
		}
	}
	assert.Equal(t, []string{
		`failed No policy of the role "installer" allows iam:DeleteRole.`,
		`unknown It could not be decided whether the policies of the identity allow the role "installer" to call ec2:RunInstances: the policies could not be seen: iam:ListRolePolicies (AccessDenied: the caller is not authorized), iam:ListAttachedRolePolicies (AccessDenied: the caller is not authorized).`,
	}, open)
}
