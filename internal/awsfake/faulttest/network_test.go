package faulttest_test

import (
	"context"
	"time"

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
	"github.com/groundway-sdk/groundway/network/networktest"
	"github.com/groundway-sdk/groundway/network/plan"
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
	{
		Name:     "awsnetwork.LoadOwned",
		Services: emptyRegion,
		Call: func(ctx context.Context, cfg aws.Config) (any, error) {
			s, err := awsnetwork.LoadOwned(ctx, ec2sdk.NewFromConfig(cfg), "demo", awsnetwork.LoadOptions{Time: time.Unix(0, 0)})
			if err != nil {
				return nil, err
			}
			// Where there is no VPC nothing else is asked for.
			return []any{s.VPCs, s.Zones, s.DHCPOptions, s.InternetGateways}, nil
		},
	},
	{
		Name:     "awsnetwork.Apply",
		Services: emptyRegion,
		Strict:   true,
		Each:     1,
		Call: func(ctx context.Context, cfg aws.Config) (any, error) {
			return awsnetwork.Apply(ctx, ec2sdk.NewFromConfig(cfg), networkPlan(), awsnetwork.ApplyOptions{Wait: noWait, Timeout: 15 * time.Second})
		},
	},
	{
		Name:     "awsnetwork.Owned",
		Services: madeNetwork,
		Strict:   true,
		Call: func(ctx context.Context, cfg aws.Config) (any, error) {
			return awsnetwork.Owned(ctx, ec2sdk.NewFromConfig(cfg), "demo")
		},
	},
	{
		Name:     "awsnetwork.Remove",
		Services: madeNetwork,
		Strict:   true,
		Each:     1,
		Call: func(ctx context.Context, cfg aws.Config) (any, error) {
			return awsnetwork.Remove(ctx, ec2sdk.NewFromConfig(cfg), "demo", awsnetwork.RemoveOptions{Wait: noWait, Timeout: 15 * time.Second})
		},
	},
}

// noWait lets no time pass.
func noWait(ctx context.Context, _ time.Duration) error { return ctx.Err() }

func emptyRegion() []awsfake.Service {
	return []awsfake.Service{ec2fake.New(networktest.Empty(), ec2fake.Options{})}
}

// networkPlan is a plan in which every kind of thing occurs.
func networkPlan() plan.Plan {
	p, err := plan.New(networktest.Empty(), plan.Options{
		Cluster: "demo", Zones: []string{"us-east-1a"}, IPv6: true, Endpoints: []string{"s3", "ec2"},
	})
	if err != nil {
		panic(err)
	}
	return p
}

// madeNetwork is a region with the network of the plan.
func madeNetwork() []awsfake.Service {
	services := emptyRegion()
	client := ec2sdk.NewFromConfig(awsfake.New(services...).Config())
	if _, err := awsnetwork.Apply(context.Background(), client, networkPlan(), awsnetwork.ApplyOptions{Wait: noWait}); err != nil {
		panic(err)
	}
	return services
}

func balancers() groundway.Part[network.ClusterTag] {
	return groundway.SeenPart(
		network.ClusterTag{ResourceID: "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/demo-con", TagKey: "kubernetes.io/cluster/demo", Value: "owned"},
		network.ClusterTag{ResourceID: "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/net/demo-int/50dc6c", TagKey: "kubernetes.io/cluster/demo", Value: "owned"},
	)
}
