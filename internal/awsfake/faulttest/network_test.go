package faulttest_test

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	taggingsdk "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/awsfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/ec2fake"
	"github.com/groundway-sdk/groundway/internal/awsfake/faulttest"
	"github.com/groundway-sdk/groundway/internal/awsfake/taggingfake"
	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/network/awsnetwork"
)

var networkRows = []faulttest.Row{
	{
		Name: "awsnetwork.Load",
		Services: func() []awsfake.Service {
			return []awsfake.Service{ec2fake.New(ec2fake.Everything(), ec2fake.Options{})}
		},
		Call: func(ctx context.Context, cfg aws.Config) (any, error) {
			s := ec2fake.Everything()
			loaded, err := awsnetwork.Load(ctx, ec2sdk.NewFromConfig(cfg), ec2fake.VPC, awsnetwork.LoadOptions{
				Account: s.Account, Region: s.Region, Time: s.Time, Subnets: []string{"subnet-0c1", "subnet-0f1"}, Cluster: "demo", InstanceTypes: []string{"m5.large", "x9.none"},
			})
			if err == nil {
				loaded.LoadBalancerTags = groundway.SeenPart[network.ClusterTag]() // the next row reads them
			}
			return loaded, err
		},
	},
	{
		Name: "awsnetwork.LoadBalancerTags",
		Services: func() []awsfake.Service {
			return []awsfake.Service{taggingfake.New(balancers())}
		},
		Call: func(ctx context.Context, cfg aws.Config) (any, error) {
			return awsnetwork.LoadBalancerTags(ctx, taggingsdk.NewFromConfig(cfg), "demo")
		},
	},
}

func balancers() groundway.Part[network.ClusterTag] {
	return groundway.SeenPart(
		network.ClusterTag{ResourceID: "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/demo-con", TagKey: "kubernetes.io/cluster/demo", Value: "owned"},
		network.ClusterTag{ResourceID: "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/net/demo-int/50dc6c", TagKey: "kubernetes.io/cluster/demo", Value: "owned"},
	)
}
