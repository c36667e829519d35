package faulttest_test

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/groundway-sdk/groundway/internal/awsfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/ec2fake"
	"github.com/groundway-sdk/groundway/internal/awsfake/faulttest"
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
			return awsnetwork.Load(ctx, ec2sdk.NewFromConfig(cfg), ec2fake.VPC, awsnetwork.LoadOptions{
				Account: s.Account, Region: s.Region, Time: s.Time, Subnets: []string{"subnet-0c1", "subnet-0f1"}, Cluster: "demo", InstanceTypes: []string{"m5.large", "x9.none"},
			})
		},
	},
}
