package aws_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elbsdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing/types"
	elbv2sdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	iamsdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/network/capacity"
	"github.com/groundway-sdk/groundway/network/capacity/awscapacity"
)

// What there is is counted: once before a site is built, and once after. Moto has
// no quotas of these services, and does not say how many vCPUs an instance has.
func TestCountedUse(t *testing.T) {
	url := startMoto(t)
	client, cfg := newClient(url), configOf(url)
	load := func() (capacity.Snapshot, map[string]capacity.Use) {
		s, err := awscapacity.Load(t.Context(), awscapacity.Clients{
			EC2: client, LoadBalancers: elbv2sdk.NewFromConfig(cfg), ClassicLoadBalancers: elbsdk.NewFromConfig(cfg), IAM: iamsdk.NewFromConfig(cfg),
		}, awscapacity.LoadOptions{Account: account, Region: region, InstanceTypes: []string{"m5.large", "t2.medium"}})
		require.NoError(t, err)
		uses := map[string]capacity.Use{}
		for _, u := range s.Uses.Items {
			uses[u.Quota] = u
		}
		return s, uses
	}
	_, before := load()
	s := publicSite(t, client)
	_, err := client.AllocateAddress(t.Context(), &ec2sdk.AllocateAddressInput{Domain: types.DomainTypeVpc})
	require.NoError(t, err)
	_, err = elbsdk.NewFromConfig(cfg).CreateLoadBalancer(t.Context(), classic(s.public[:]))
	require.NoError(t, err)
	seen, after := load()
	for quota, more := range map[string]int{
		capacity.VPCs: 1, capacity.InternetGateways: 1, capacity.NATGateways: 2, capacity.Addresses: 3, capacity.ClassicLoadBalancers: 1, capacity.NetworkLoadBalancers: 0,
	} {
		assert.Equal(t, before[quota].Count+more, after[quota].Count, quota)
	}
	assert.Equal(t, map[string]int{zones[0]: 1, zones[1]: 1}, after[capacity.NATGateways].Zones)
	assert.Equal(t, []string{"m5.large", "t2.medium"}, []string{seen.InstanceTypes.Items[0].Type, seen.InstanceTypes.Items[1].Type})
	assert.Equal(t, 29, capacity.MaxPods(seen.InstanceTypes.Items[0], capacity.PodsVPC), "EC2's own figures")
	assert.True(t, seen.Encryption.Complete())
	assert.False(t, seen.Roles.Items[0].Exists)
}

func classic(subnets []string) *elbsdk.CreateLoadBalancerInput {
	return &elbsdk.CreateLoadBalancerInput{LoadBalancerName: aws.String("demo-api"), Subnets: subnets, Listeners: []elbtypes.Listener{{
		Protocol: aws.String("TCP"), LoadBalancerPort: 443, InstancePort: aws.Int32(443),
	}}}
}
