package awssshkeystest_test

import (
	"context"
	"fmt"
	"log"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/sshkeys"
	"github.com/groundway-sdk/groundway/sshkeys/awssshkeys"
	"github.com/groundway-sdk/groundway/sshkeys/awssshkeys/awssshkeystest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func region(pairs ...sshkeys.KeyPair) sshkeys.Snapshot {
	return sshkeys.Snapshot{
		Observation: groundway.Observation{Region: "us-east-1", Time: time.Unix(0, 0).UTC()},
		Parts:       sshkeys.Parts{KeyPairs: groundway.SeenPart(pairs...)},
	}
}

// An installer that loads what the test described gets just that.
func TestLoadReturnsTheSnapshotOfTheClient(t *testing.T) {
	want := region(sshkeys.KeyPair{Name: "a", ID: "key-0a1", Type: "rsa", Fingerprint: "00:01", PublicKey: "ssh-rsa AAAA"}, sshkeys.KeyPair{Name: "b"})
	got, err := awssshkeys.Load(t.Context(), awssshkeystest.NewClient(want), awssshkeys.LoadOptions{Region: want.Region, Time: want.Time})
	require.NoError(t, err)
	assert.Equal(t, want, got)
}

func TestUnseenIsDenied(t *testing.T) {
	client := awssshkeystest.NewClient(sshkeys.Snapshot{})
	got, err := awssshkeys.Load(t.Context(), client, awssshkeys.LoadOptions{})
	require.NoError(t, err)
	assert.False(t, got.KeyPairs.Seen)
	assert.Equal(t, "UnauthorizedOperation", got.KeyPairs.Gaps[0].Code)
}

func TestThrottle(t *testing.T) {
	client := awssshkeystest.NewClient(region()).Throttle("ec2:DescribeKeyPairs")
	got, err := awssshkeys.Load(t.Context(), client, awssshkeys.LoadOptions{})
	require.NoError(t, err)
	assert.Equal(t, "RequestLimitExceeded", got.KeyPairs.Gaps[0].Code)
	assert.Len(t, client.Calls(), 3)
}

func TestAnActionThatIsNotCalled(t *testing.T) {
	client := awssshkeystest.NewClient(sshkeys.Snapshot{})
	assert.PanicsWithValue(t, `awssshkeystest: no call has the action "ec2:CreateTags"`, func() { client.Deny("ec2:CreateTags") })
}

func ExampleNewClient() {
	client := awssshkeystest.NewClient(region()).Deny("ec2:ImportKeyPair")
	key, err := sshkeys.Generate(sshkeys.GenerateOptions{})
	if err != nil {
		log.Fatal(err)
	}
	_, err = awssshkeys.EnsureImported(context.Background(), client, "ops", key.Public(), sshkeys.PlanOptions{Region: "us-east-1"})
	fmt.Println(err)
	// Output:
	// import key pair "ops": ec2:ImportKeyPair: the caller is not authorized (UnauthorizedOperation)
}
