package awsnetwork_test

import (
	"fmt"
	"testing"

	taggingsdk "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/awsfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/taggingfake"
	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/network/awsnetwork"
)

func TestLoadBalancerTags(t *testing.T) {
	want := groundway.SeenPart[network.ClusterTag]()
	for i := range 250 {
		want.Items = append(want.Items, network.ClusterTag{
			ResourceID:   fmt.Sprintf("arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/net/a%03d/50dc6c", i),
			ResourceType: "load-balancer", TagKey: "kubernetes.io/cluster/demo", Value: "owned",
		})
	}
	all := want
	all.Items = append(all.Items[:len(all.Items):len(all.Items)], network.ClusterTag{
		ResourceID: "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/b", TagKey: "kubernetes.io/cluster/other", Value: "owned",
	})
	fake := awsfake.New(taggingfake.New(all))
	got, err := awsnetwork.LoadBalancerTags(t.Context(), taggingsdk.NewFromConfig(fake.Config()), "demo")
	require.NoError(t, err)
	assert.Equal(t, want, got)
	assert.Len(t, fake.Calls(), 3, "100 load balancers a page")
}

func TestLoadBalancerTagsDenied(t *testing.T) {
	fake := awsfake.New(taggingfake.New(groundway.Part[network.ClusterTag]{}))
	got, err := awsnetwork.LoadBalancerTags(t.Context(), taggingsdk.NewFromConfig(fake.Config()), "demo")
	require.NoError(t, err)
	assert.False(t, got.Seen)
	require.Len(t, got.Gaps, 1)
	assert.Equal(t, "tag:GetResources", got.Gaps[0].Action)
	assert.Equal(t, "AccessDeniedException", got.Gaps[0].Code)
}

// What is no load balancer, or has not the tag, is left out, and said.
func TestLoadBalancerTagsThatAreNone(t *testing.T) {
	fake := awsfake.New(taggingfake.New(groundway.SeenPart(network.ClusterTag{ResourceID: "arn:aws:ec2:us-east-1:111122223333:vpc/vpc-0a1", TagKey: "kubernetes.io/cluster/demo"})))
	got, err := awsnetwork.LoadBalancerTags(t.Context(), taggingsdk.NewFromConfig(fake.Config()), "demo")
	require.NoError(t, err)
	assert.True(t, got.Seen && got.Partial)
	assert.Empty(t, got.Items)
}
