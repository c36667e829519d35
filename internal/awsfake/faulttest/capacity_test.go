package faulttest_test

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	elbsdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	elbv2sdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	iamsdk "github.com/aws/aws-sdk-go-v2/service/iam"
	kmssdk "github.com/aws/aws-sdk-go-v2/service/kms"
	quotassdk "github.com/aws/aws-sdk-go-v2/service/servicequotas"

	"github.com/groundway-sdk/groundway/internal/awsfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/capacityfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/ec2fake"
	"github.com/groundway-sdk/groundway/internal/awsfake/faulttest"
	"github.com/groundway-sdk/groundway/network/capacity"
	"github.com/groundway-sdk/groundway/network/capacity/awscapacity"
	"github.com/groundway-sdk/groundway/network/networktest"
)

var capacityRows = []faulttest.Row{
	{
		Name:     "awscapacity.Load",
		Services: roomy,
		Each:     2,
		Call: func(ctx context.Context, cfg aws.Config) (any, error) {
			return awscapacity.Load(ctx, awscapacity.Clients{
				EC2: ec2sdk.NewFromConfig(cfg), Quotas: quotassdk.NewFromConfig(cfg), LoadBalancers: elbv2sdk.NewFromConfig(cfg),
				ClassicLoadBalancers: elbsdk.NewFromConfig(cfg), IAM: iamsdk.NewFromConfig(cfg), KMS: kmssdk.NewFromConfig(cfg),
			}, awscapacity.LoadOptions{
				Region: awsfake.Region, Time: time.Unix(0, 0), InstanceTypes: []string{"m5.large"}, Principal: "arn:aws:iam::111122223333:user/installer",
			})
		},
	},
}

// roomy is an account of which everything is asked that can be.
func roomy() []awsfake.Service {
	w := capacityfake.World{
		Classic: 3, Balancer: []string{"network", "application", "network"}, KeyOwner: "CUSTOMER", Policy: `{"Statement":[]}`,
		Grantees: []string{"arn:aws:iam::111122223333:role/other"},
	}
	for i, l := range capacity.Limits() {
		service, code, _ := strings.Cut(l.Quota, "/")
		w.Quotas = append(w.Quotas, capacity.Quota{Service: service, Code: code, Value: float64(i), Default: i%3 == 0})
	}
	s, _ := networktest.Public()
	return append(w.Services(), ec2fake.New(s, ec2fake.Options{
		Instances:     []ec2fake.Instance{{ID: "i-1", Type: "m5.large", Cores: 1, Threads: 2}},
		InstanceTypes: []capacity.InstanceType{{Type: "m5.large", VCPUs: 2, MemoryMiB: 8192, Interfaces: 3, Addresses: 10}},
		Addresses:     []ec2fake.Address{{AllocationID: "eipalloc-1", Pool: "amazon"}},
		Encryption:    &capacity.Encryption{Default: true, KeyID: "key-0a"},
	}))
}
