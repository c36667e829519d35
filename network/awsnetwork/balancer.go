package awsnetwork

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	taggingsdk "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	taggingtypes "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/network"
)

// TaggingAPI is what [LoadBalancerTags] asks: a reading call. The client of the
// SDK's package resourcegroupstaggingapi implements it.
type TaggingAPI interface {
	taggingsdk.GetResourcesAPIClient
}

var _ TaggingAPI = (*taggingsdk.Client)(nil)

const getResources = "tag:GetResources"

// LoadBalancerTags reads the load balancers of the region, classic ones and
// others, that carry the tag kubernetes.io/cluster/NAME of the cluster, for the
// part of that name of a snapshot: a cluster of the same name may have left
// them. It makes one call, tag:GetResources, to its last page; the tags of load
// balancers cannot be listed by EC2.
//
// What could not be seen is no error, and errors are those of [Load].
func LoadBalancerTags(ctx context.Context, client TaggingAPI, cluster string) (groundway.Part[network.ClusterTag], error) {
	key := "kubernetes.io/cluster/" + cluster
	part, err := list(ctx, getResources, func(ctx context.Context, token *string) ([]taggingtypes.ResourceTagMapping, *string, error) {
		out, err := client.GetResources(ctx, &taggingsdk.GetResourcesInput{
			ResourceTypeFilters: []string{"elasticloadbalancing:loadbalancer"},
			TagFilters:          []taggingtypes.TagFilter{{Key: &key}},
			ResourcesPerPage:    aws.Int32(100), PaginationToken: token,
		})
		if err != nil {
			return nil, nil, err
		}
		return out.ResourceTagMappingList, out.PaginationToken, nil
	}, func(m taggingtypes.ResourceTagMapping) (network.ClusterTag, error) {
		arn := text(m.ResourceARN)
		if !strings.Contains(arn, ":loadbalancer/") {
			return network.ClusterTag{}, errors.New("it is no load balancer")
		}
		for _, t := range m.Tags {
			if text(t.Key) == key {
				return network.ClusterTag{ResourceID: arn, ResourceType: "load-balancer", TagKey: key, Value: text(t.Value)}, nil
			}
		}
		return network.ClusterTag{}, errors.New("it has not the tag that was asked for")
	})
	if err != nil {
		return part, fmt.Errorf("load load balancers of %q: %w", cluster, err)
	}
	return part, nil
}
