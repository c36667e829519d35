package presets_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/presets"
)

// nothing is an account of which all was seen, and which holds nothing.
func nothing() iam.Snapshot {
	return iam.Snapshot{
		Observation: groundway.Observation{Account: "111122223333", Region: "us-east-1"},
		Parts: iam.Parts{
			Roles: groundway.Part[iam.RoleDetail]{Seen: true}, Inline: groundway.Part[iam.InlinePolicyDetail]{Seen: true},
			Attached: groundway.Part[iam.AttachedPolicy]{Seen: true}, Policies: groundway.Part[iam.ManagedPolicyDetail]{Seen: true},
			Profiles: groundway.Part[iam.InstanceProfileDetail]{Seen: true}, Providers: groundway.Part[iam.OIDCProviderDetail]{Seen: true},
		},
	}
}

// A set is planned: everything of it is made, and nothing else.
func TestDesired(t *testing.T) {
	for _, m := range makers() {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			s, err := m.set()
			require.NoError(t, err)
			d, err := s.Desired(scope, presets.DesiredOptions{Owner: "demo", Providers: true})
			require.NoError(t, err)
			changes, findings, err := iam.Plan(nothing(), d, iam.PlanOptions{})
			require.NoError(t, err)
			require.NoError(t, changes.Err())
			for _, f := range findings {
				assert.NotContains(t, []groundway.Outcome{groundway.Failed, groundway.Unknown}, f.Outcome, f.Summary)
			}
			count := map[iam.Action]int{}
			for _, step := range changes.Steps {
				count[step.Action]++
			}
			attached := 0
			for _, r := range s.Roles {
				attached += len(r.Policies)
			}
			for action, want := range map[iam.Action]int{
				"iam:CreatePolicy": len(s.Policies), "iam:CreateRole": len(s.Roles), "iam:AttachRolePolicy": attached,
				"iam:CreateInstanceProfile": len(s.Profiles), "iam:AddRoleToInstanceProfile": len(s.Profiles),
				"iam:CreateOpenIDConnectProvider": len(s.Providers),
			} {
				assert.Equal(t, want, count[action], "%s", action)
				delete(count, action)
			}
			assert.Empty(t, count)
			d, err = s.Desired(scope, presets.DesiredOptions{})
			require.NoError(t, err)
			assert.Empty(t, d.Providers)
		})
	}
}

// The user of Vault exists, and gets its policy.
func TestDesiredUsers(t *testing.T) {
	set, err := with(jenkinsX, func(j *presets.JenkinsX) { j.VaultUser = "vault" }).Set(scope)
	require.NoError(t, err)
	d, err := set.Desired(scope, presets.DesiredOptions{})
	require.NoError(t, err)
	assert.Equal(t, []iam.UserAttachment{{User: "vault", Managed: []string{"arn:aws:iam::111122223333:policy/CFNVaultPolicy"}}}, d.Users)
}

func TestDesiredErrors(t *testing.T) {
	s, err := elastic.Set(scope)
	require.NoError(t, err)
	_, err = s.Desired(scope.AnyRegion(), presets.DesiredOptions{})
	require.EqualError(t, err, `elastic: scope: it is of all regions: want one`)
	_, err = s.Desired(iam.Scope{}, presets.DesiredOptions{})
	require.EqualError(t, err, `elastic: scope: it is empty: want that of iam.NewScope`)
	s.Roles[0].Trust = iam.Document{}
	_, err = s.Desired(scope, presets.DesiredOptions{})
	require.EqualError(t, err, `elastic: trust of role demo-installer: it trusts nobody`)
}
