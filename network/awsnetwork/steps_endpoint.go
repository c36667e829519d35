package awsnetwork

import (
	"context"
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

func (a *applier) endpointSteps() {
	if g := a.p.EndpointGroup; g != nil {
		a.groupSteps(*g)
	}
	for _, e := range a.p.Endpoints {
		a.endpointStep(e)
	}
	for _, e := range a.p.Endpoints {
		if !e.Gateway {
			a.endpointWait(e)
		}
	}
}

func (a *applier) groupSteps(g plan.Group) {
	key := "security-group/" + g.Name
	a.add(step{
		key: key, action: createSecurityGroup, there: a.exists(key),
		do: func(ctx context.Context) error {
			out, err := a.client.CreateSecurityGroup(ctx, &ec2sdk.CreateSecurityGroupInput{
				VpcId: &a.vpc, GroupName: &g.Name, Description: aws.String("HTTPS from the VPC to its endpoints"), TagSpecifications: a.tags("security-group", g.Name),
			}, once)
			if err != nil {
				return err
			}
			return a.record(key, out.GroupId)
		},
	})
	missing := g.CIDRs
	a.add(step{
		key: key, action: authorizeIngress,
		there: func(seen world) bool {
			missing = g.CIDRs
			for _, have := range seen.SecurityGroups.Items {
				if have.ID == a.ids[key] {
					missing = g.Missing(have)
				}
			}
			return len(missing) == 0
		},
		do: func(ctx context.Context) error {
			https := types.IpPermission{IpProtocol: aws.String("tcp"), FromPort: aws.Int32(443), ToPort: aws.Int32(443)}
			for _, block := range missing {
				https.IpRanges = append(https.IpRanges, types.IpRange{CidrIp: aws.String(block.String())})
			}
			_, err := a.client.AuthorizeSecurityGroupIngress(ctx, &ec2sdk.AuthorizeSecurityGroupIngressInput{
				GroupId: a.id("security-group", g.Name), IpPermissions: []types.IpPermission{https},
			}, once)
			return err
		},
	})
}

// within returns the IDs of what an endpoint is in.
func (a *applier) within(e plan.Endpoint) (tables, subnets []string) {
	for _, name := range e.Tables {
		tables = append(tables, a.ids["route-table/"+name])
	}
	for _, name := range e.Subnets {
		subnets = append(subnets, a.ids["subnet/"+name])
	}
	return tables, subnets
}

func (a *applier) endpointStep(e plan.Endpoint) {
	key := "vpc-endpoint/" + e.Name
	a.add(step{
		key: key, action: createEndpoint, there: a.exists(key),
		do: func(ctx context.Context) error {
			in := &ec2sdk.CreateVpcEndpointInput{
				VpcId: &a.vpc, ServiceName: aws.String(e.Service(a.p.Region)), ClientToken: a.token(key), TagSpecifications: a.tags("vpc-endpoint", e.Name),
			}
			if in.RouteTableIds, in.SubnetIds = a.within(e); e.Gateway {
				in.VpcEndpointType = types.VpcEndpointTypeGateway
			} else {
				in.VpcEndpointType, in.PrivateDnsEnabled = types.VpcEndpointTypeInterface, aws.Bool(true)
				in.SecurityGroupIds = []string{a.ids["security-group/"+a.p.EndpointGroup.Name]}
			}
			out, err := a.client.CreateVpcEndpoint(ctx, in)
			if err != nil {
				return err
			}
			if out.VpcEndpoint == nil {
				return awserr.ErrNoList
			}
			return a.record(key, out.VpcEndpoint.VpcEndpointId)
		},
	})
	var tables, subnets []string // that it lacks
	a.add(step{
		key: key, action: modifyEndpoint,
		there: func(seen world) bool {
			tables, subnets = a.within(e)
			for _, have := range seen.Endpoints.Items {
				if have.ID == a.ids[key] {
					tables = slices.DeleteFunc(tables, func(id string) bool { return slices.Contains(have.RouteTableIDs, id) })
					subnets = slices.DeleteFunc(subnets, func(id string) bool { return slices.Contains(have.SubnetIDs, id) })
					return len(tables)+len(subnets) == 0
				}
			}
			return a.new[key] != "" // it was made with all of them
		},
		do: func(ctx context.Context) error {
			_, err := a.client.ModifyVpcEndpoint(ctx, &ec2sdk.ModifyVpcEndpointInput{VpcEndpointId: a.id("vpc-endpoint", e.Name), AddRouteTableIds: tables, AddSubnetIds: subnets})
			return err
		},
	})
}

// endpointWait waits until an interface endpoint answers.
func (a *applier) endpointWait(e plan.Endpoint) {
	key := "vpc-endpoint/" + e.Name
	ready := func(endpoints []network.Endpoint) (bool, string) {
		for _, have := range endpoints {
			if have.ID == a.ids[key] {
				return strings.EqualFold(have.State, "available"), have.State
			}
		}
		return false, ""
	}
	a.add(step{
		key: key, action: describeEndpoints,
		there: func(seen world) bool { ok, _ := ready(seen.Endpoints.Items); return ok },
		look: func(ctx context.Context) (bool, string, error) {
			var part groundway.Part[network.Endpoint]
			if err := must(&part, func() (groundway.Part[network.Endpoint], error) {
				return a.watch.endpoints(ctx, filter("vpc-id", a.vpc))
			})(); err != nil {
				return false, "", err
			}
			ok, state := ready(part.Items)
			return ok, strings.ToLower(state), nil
		},
	})
}
