package awsnetwork

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/groundway-sdk/groundway/internal/awserr"
	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/network/plan"
)

func (a *applier) tableSteps(t plan.RouteTable) {
	key := "route-table/" + t.Name
	a.add(step{
		key: key, action: createRouteTable, there: a.exists(key),
		do: func(ctx context.Context) error {
			out, err := a.client.CreateRouteTable(ctx, &ec2sdk.CreateRouteTableInput{
				VpcId: &a.vpc, ClientToken: a.token(key), TagSpecifications: a.tags("route-table", t.Name),
			})
			if err != nil {
				return err
			}
			if out.RouteTable == nil {
				return awserr.ErrNoList
			}
			return a.record(key, out.RouteTable.RouteTableId)
		},
	})
	for _, s := range a.p.Subnets {
		if s.Table == t.Name {
			a.associationStep(t, s)
		}
	}
	a.routeSteps(t, func(r plan.Route) bool { return r.Kind != network.TargetNATGateway })
}

func (a *applier) associationStep(t plan.RouteTable, s plan.Subnet) {
	var have string // the association that the plan replaces
	action := associateRouteTable
	if s.Replaces != "" {
		action = replaceAssociation
	}
	a.add(step{
		key: "subnet/" + s.Name, action: action,
		there: func(seen world) bool {
			table, association, ok := associationOf(seen, a.ids["subnet/"+s.Name])
			if have = ""; ok && table == s.Replaces {
				have = association
			}
			return ok && table == a.ids["route-table/"+t.Name]
		},
		do: func(ctx context.Context) error {
			if have != "" {
				_, err := a.client.ReplaceRouteTableAssociation(ctx, &ec2sdk.ReplaceRouteTableAssociationInput{AssociationId: &have, RouteTableId: a.id("route-table", t.Name)}, once)
				return err
			}
			_, err := a.client.AssociateRouteTable(ctx, &ec2sdk.AssociateRouteTableInput{SubnetId: a.id("subnet", s.Name), RouteTableId: a.id("route-table", t.Name)}, once)
			return err
		},
	})
}

// routeSteps makes the routes of a table of some kinds.
func (a *applier) routeSteps(t plan.RouteTable, which func(plan.Route) bool) {
	for _, r := range t.Routes {
		if !which(r) {
			continue
		}
		replaces := false
		action := createRoute
		if r.Replaces != "" {
			action = replaceRoute
		}
		a.add(step{
			key: "route-table/" + t.Name, action: action,
			there: func(seen world) bool {
				have, ok := routeTo(tableIn(seen, a.ids["route-table/"+t.Name]), r.Destination)
				replaces = ok && have.Target.ID == r.Replaces
				return ok && have.Target.ID == a.target(r)
			},
			do: func(ctx context.Context) error {
				in := a.routeInput(t, r)
				if replaces {
					_, err := a.client.ReplaceRoute(ctx, &ec2sdk.ReplaceRouteInput{
						RouteTableId: in.RouteTableId, DestinationCidrBlock: in.DestinationCidrBlock, DestinationIpv6CidrBlock: in.DestinationIpv6CidrBlock,
						GatewayId: in.GatewayId, NatGatewayId: in.NatGatewayId, EgressOnlyInternetGatewayId: in.EgressOnlyInternetGatewayId,
						TransitGatewayId: in.TransitGatewayId, VpcPeeringConnectionId: in.VpcPeeringConnectionId, CoreNetworkArn: in.CoreNetworkArn,
						LocalGatewayId: in.LocalGatewayId, CarrierGatewayId: in.CarrierGatewayId, OdbNetworkArn: in.OdbNetworkArn,
						NetworkInterfaceId: in.NetworkInterfaceId, InstanceId: in.InstanceId, VpcEndpointId: in.VpcEndpointId,
					})
					return err
				}
				_, err := a.client.CreateRoute(ctx, in, once)
				return err
			},
		})
	}
}

func (a *applier) routeInput(t plan.RouteTable, r plan.Route) *ec2sdk.CreateRouteInput {
	in := &ec2sdk.CreateRouteInput{RouteTableId: a.id("route-table", t.Name)}
	if to := r.Destination.String(); r.Destination.Addr().Is4() {
		in.DestinationCidrBlock = &to
	} else {
		in.DestinationIpv6CidrBlock = &to
	}
	id := aws.String(a.target(r))
	switch r.Kind {
	case network.TargetNATGateway:
		in.NatGatewayId = id
	case network.TargetEgressOnlyGateway:
		in.EgressOnlyInternetGatewayId = id
	case network.TargetTransitGateway:
		in.TransitGatewayId = id
	case network.TargetPeering:
		in.VpcPeeringConnectionId = id
	case network.TargetCoreNetwork:
		in.CoreNetworkArn = id
	case network.TargetLocalGateway:
		in.LocalGatewayId = id
	case network.TargetCarrierGateway:
		in.CarrierGatewayId = id
	case network.TargetODBNetwork:
		in.OdbNetworkArn = id
	case network.TargetInterface:
		in.NetworkInterfaceId = id
	case network.TargetInstance:
		in.InstanceId = id
	case network.TargetEndpoint:
		in.VpcEndpointId = id
	default: // internet and VPN gateways
		in.GatewayId = id
	}
	return in
}
