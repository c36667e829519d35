package awsresourcetest_test

import (
	"context"
	"fmt"
	"log"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam/awsresource"
	"github.com/groundway-sdk/groundway/iam/awsresource/awsresourcetest"
	"github.com/groundway-sdk/groundway/iam/resource"
	"github.com/groundway-sdk/groundway/iam/resource/resourcetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// An installer that loads what the test described gets just that.
func TestLoadReturnsTheSnapshotOfTheClient(t *testing.T) {
	want, o := resourcetest.Account()
	client := awsresourcetest.NewClient(want, o.Vault.AccessKeyID.Reveal())
	got, err := awsresource.Load(t.Context(), client.Clients, o, awsresource.LoadOptions{Account: want.Account, Region: want.Region, Time: want.Time})
	require.NoError(t, err)
	got.KeyHolders = want.KeyHolders                                                                             // for Holder to show
	got.Roles.Items = slices.DeleteFunc(got.Roles.Items, func(r resource.Role) bool { return r.Presence != "" }) // none is left
	assert.Equal(t, want, got)
	assert.Subset(t, awsresource.Actions(), client.Calls())
	assert.Subset(t, client.Calls(), awsresource.Actions(), "every action is called")
}

func TestThrottle(t *testing.T) {
	s, o := resourcetest.Account()
	client := awsresourcetest.NewClient(s).Throttle("ecr:DescribeRepositories")
	got, err := awsresource.Load(t.Context(), client.Clients, o, awsresource.LoadOptions{})
	require.NoError(t, err)
	assert.Equal(t, []groundway.Gap{{
		Action: "ecr:DescribeRepositories", Code: "ThrottlingException", Message: `"acme/app": AWS throttled the call until the retries were used up`,
	}}, got.Repositories.Gaps)
}

func TestAnActionThatIsNotCalled(t *testing.T) {
	client := awsresourcetest.NewClient(resource.Snapshot{})
	assert.PanicsWithValue(t, `awsresourcetest: no call has the action "kms:CreateKey"`, func() { client.Deny("kms:CreateKey") })
}

func ExampleNewClient() {
	snapshot, options := resourcetest.Account()
	client := awsresourcetest.NewClient(snapshot).Deny("kms:DescribeKey")
	options.Vault = nil
	loaded, err := awsresource.Load(context.Background(), client.Clients, options, awsresource.LoadOptions{Region: resourcetest.Region})
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range resource.Check(loaded, options) {
		if f.Code == "iam/key-not-found" {
			fmt.Println(f.Outcome, f.Summary)
		}
	}
	// Output:
	// unknown It could not be seen whether the KMS key exists: kms:DescribeKey (AccessDeniedException: "1234abcd-12ab-34cd-56ef-1234567890ab": the caller is not authorized).
}
