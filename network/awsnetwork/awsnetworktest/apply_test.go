package awsnetworktest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/network/awsnetwork"
	"github.com/groundway-sdk/groundway/network/awsnetwork/awsnetworktest"
	"github.com/groundway-sdk/groundway/network/networktest"
	"github.com/groundway-sdk/groundway/network/plan"
)

// An installer's test sees how its code meets a denial in the middle, and a retry.
func TestApplyThatIsDenied(t *testing.T) {
	client := awsnetworktest.NewClient(networktest.Empty()).Deny("ec2:CreateNatGateway")
	p, err := plan.New(networktest.Empty(), plan.Options{Cluster: "demo", Zones: []string{"us-east-1a"}})
	require.NoError(t, err)
	done, err := awsnetwork.Apply(t.Context(), client, p, awsnetwork.ApplyOptions{Wait: awsnetworktest.NoWait})
	require.ErrorContains(t, err, `nat-gateway/us-east-1a: ec2:CreateNatGateway: the caller is not authorized (UnauthorizedOperation); made before: vpc vpc-`)
	assert.Equal(t, []string{"vpc/", "dhcp-options/", "internet-gateway/", "subnet/controller-us-east-1a", "subnet/worker-us-east-1a", "elastic-ip/us-east-1a"}, done.Made)
	gone, err := awsnetwork.Remove(t.Context(), client, "demo", awsnetwork.RemoveOptions{Wait: awsnetworktest.NoWait})
	require.NoError(t, err)
	assert.Len(t, gone, len(done.Made))
	assert.Contains(t, client.Calls(), "ec2:ReleaseAddress")
	assert.Panics(t, func() { client.Deny("ec2:CreateTags") }, "no call of its own")
}
