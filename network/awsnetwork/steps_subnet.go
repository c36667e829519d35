package awsnetwork

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/awserr"
	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/network/plan"
)

func (a *applier) subnetSteps(s plan.Subnet) {
	key := "subnet/" + s.Name
	a.add(step{
		key: key, action: createSubnet, there: a.exists(key),
		do: func(ctx context.Context) error {
			in := &ec2sdk.CreateSubnetInput{
				VpcId: &a.vpc, AvailabilityZone: &s.Zone, CidrBlock: aws.String(s.CIDR.String()), TagSpecifications: a.tags("subnet", s.Name),
			}
			if s.IPv6 > 0 {
				block, err := plan.Block6(a.block6, s.IPv6)
				if err != nil {
					return err
				}
				in.Ipv6CidrBlock = aws.String(block.String())
			}
			out, err := a.client.CreateSubnet(ctx, in, once)
			if err != nil {
				return err
			}
			if out.Subnet == nil {
				return awserr.ErrNoList
			}
			return a.record(key, out.Subnet.SubnetId)
		},
	})
	if !s.Public {
		return
	}
	a.add(step{
		key: key, action: modifySubnetAttribute,
		there: func(seen world) bool {
			return slices.ContainsFunc(seen.Subnets.Items, func(n network.Subnet) bool {
				return n.ID == a.ids[key] && n.AutoPublicIP != nil && *n.AutoPublicIP
			})
		},
		do: func(ctx context.Context) error {
			_, err := a.client.ModifySubnetAttribute(ctx, &ec2sdk.ModifySubnetAttributeInput{
				SubnetId: a.id("subnet", s.Name), MapPublicIpOnLaunch: &types.AttributeBooleanValue{Value: aws.Bool(true)},
			})
			return err
		},
	})
}

func (a *applier) natSteps(n plan.NATGateway) {
	key, elastic := "nat-gateway/"+n.Name, "elastic-ip/"+n.Name
	a.add(step{
		key: elastic, action: allocateAddress,
		there: func(world) bool { return a.ids[elastic] != "" || a.ids[key] != "" },
		do: func(ctx context.Context) error {
			out, err := a.client.AllocateAddress(ctx, &ec2sdk.AllocateAddressInput{Domain: types.DomainTypeVpc, TagSpecifications: a.tags("elastic-ip", n.Name)}, once)
			if err != nil {
				return err
			}
			return a.record(elastic, out.AllocationId)
		},
	})
	a.add(step{
		key: key, action: createNATGateway, there: a.exists(key),
		do: func(ctx context.Context) error {
			out, err := a.client.CreateNatGateway(ctx, &ec2sdk.CreateNatGatewayInput{
				SubnetId: a.id("subnet", n.Subnet), AllocationId: a.id("elastic-ip", n.Name), ConnectivityType: types.ConnectivityTypePublic,
				ClientToken: a.token(key), TagSpecifications: a.tags("nat-gateway", n.Name),
			})
			if err != nil {
				return err
			}
			if out.NatGateway == nil {
				return awserr.ErrNoList
			}
			return a.record(key, out.NatGateway.NatGatewayId)
		},
	})
}

// natWait waits until the gateway forwards. One that failed is an error with
// EC2's code for it.
func (a *applier) natWait(n plan.NATGateway) {
	key := "nat-gateway/" + n.Name
	a.add(step{
		key: key, action: describeNATGateways,
		there: func(seen world) bool {
			return slices.ContainsFunc(seen.NATGateways.Items, func(n network.NATGateway) bool {
				return n.ID == a.ids[key] && strings.EqualFold(n.State, "available")
			})
		},
		look: func(ctx context.Context) (bool, string, error) {
			var part groundway.Part[network.NATGateway]
			if err := must(&part, func() (groundway.Part[network.NATGateway], error) {
				return a.watch.natGateways(ctx, filter("vpc-id", a.vpc))
			})(); err != nil {
				return false, "", err
			}
			for _, n := range part.Items {
				switch {
				case n.ID != a.ids[key]:
				case gone(n.State):
					return false, "", fmt.Errorf("%s: %s is %s (%.60q)", describeNATGateways, n.ID, strings.ToLower(n.State), n.FailureCode)
				default:
					return strings.EqualFold(n.State, "available"), n.State, nil
				}
			}
			return false, "", nil
		},
	})
}
