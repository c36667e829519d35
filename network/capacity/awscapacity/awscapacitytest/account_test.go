package awscapacitytest_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/network/capacity"
	"github.com/groundway-sdk/groundway/network/capacity/awscapacity"
	"github.com/groundway-sdk/groundway/network/capacity/awscapacity/awscapacitytest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func load(t *testing.T, a *awscapacitytest.Account) capacity.Snapshot {
	t.Helper()
	s := awscapacitytest.Roomy()
	got, err := awscapacity.Load(t.Context(), a.Clients(), awscapacity.LoadOptions{
		Account: s.Account, Region: s.Region, Time: s.Time, InstanceTypes: []string{"m5.large", "t3.medium"}, Principal: "arn:aws:iam::111122223333:user/installer",
	})
	require.NoError(t, err)
	return got
}

// busy is an account that uses some of everything.
func busy() capacity.Snapshot {
	s := awscapacitytest.Roomy()
	for i := range s.Uses.Items {
		u := &s.Uses.Items[i]
		u.Count = i + 1
		if u.Zones != nil {
			u.Count, u.Zones = 4, map[string]int{"us-east-1a": 2, "us-east-1b": 1}
		}
	}
	s.Quotas.Items[0].Default = true
	s.Roles.Items[0].Exists, s.Roles.Items[0].Creatable = false, new(true)
	s.Encryption.Items[0] = capacity.Encryption{Default: true, KeyID: "key-0a", KeyManager: "CUSTOMER", ForAutoScaling: new(true)}
	return s
}

// Who loads what an account was made of gets just that.
func TestLoadReturnsTheSnapshotOfTheAccount(t *testing.T) {
	denied := busy()
	denied.Roles = groundway.UnseenPart[capacity.ServiceRole](groundway.Gap{Action: "iam:GetRole", Code: "AccessDenied", Message: "the caller is not authorized"})
	denied.Encryption.Items[0].ForAutoScaling, denied.Encryption.Partial = nil, true
	denied.Encryption.Gaps = []groundway.Gap{{Action: "kms:GetKeyPolicy", Code: "AccessDeniedException", Message: "the caller is not authorized"}}
	for name, want := range map[string]capacity.Snapshot{"roomy": awscapacitytest.Roomy(), "busy": busy(), "denied": denied} {
		got := load(t, awscapacitytest.NewAccount(want))
		a, err := json.MarshalIndent(want, "", " ")
		require.NoError(t, err)
		b, err := json.MarshalIndent(got, "", " ")
		require.NoError(t, err)
		assert.Equal(t, string(a), string(b), name)
	}
}

func TestTheZeroSnapshotDeniesEverything(t *testing.T) {
	got := load(t, awscapacitytest.NewAccount(capacity.Snapshot{}))
	assert.False(t, got.Quotas.Seen || got.Uses.Seen || got.InstanceTypes.Seen || got.Roles.Seen || got.Encryption.Seen)
}

func TestCalls(t *testing.T) {
	a := awscapacitytest.NewAccount(awscapacitytest.Roomy()).Throttle("ec2:DescribeVpcs")
	s := load(t, a)
	assert.Equal(t, "ec2:DescribeVpcs", s.Uses.Gaps[0].Action)
	calls := 0
	for _, action := range a.Calls() {
		if action == "ec2:DescribeVpcs" {
			calls++
		}
	}
	assert.Equal(t, 3, calls)
	assert.PanicsWithValue(t, `awscapacitytest: awscapacity does not call "ec2:RunInstances"`, func() { a.Deny("ec2:RunInstances") })
}
