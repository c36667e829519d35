package awsnetwork

import (
	"errors"
	"net/netip"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/groundway-sdk/groundway/network"
)

func tableOf(t types.RouteTable) (network.RouteTable, error) {
	table := network.RouteTable{
		ID:      text(t.RouteTableId),
		VPCID:   text(t.VpcId),
		OwnerID: text(t.OwnerId),
		Tags:    tagsOf(t.Tags),
	}
	for _, a := range t.Associations {
		association := network.Association{
			ID:        text(a.RouteTableAssociationId),
			Main:      a.Main != nil && *a.Main,
			SubnetID:  text(a.SubnetId),
			GatewayID: text(a.GatewayId),
			PoolID:    text(a.PublicIpv4Pool),
		}
		if a.AssociationState != nil {
			association.State = string(a.AssociationState.State)
		}
		table.Associations = append(table.Associations, association)
	}
	for _, v := range t.PropagatingVgws {
		table.PropagatingVGWs = append(table.PropagatingVGWs, text(v.GatewayId))
	}
	keys := map[string]bool{}
	for _, r := range t.Routes {
		route, err := routeOf(r)
		if err != nil {
			return table, err
		}
		if keys[route.Key()] {
			return table, errors.New("two of its routes have one destination")
		}
		keys[route.Key()] = true
		table.Routes = append(table.Routes, route)
	}
	return table, nil
}

func routeOf(r types.Route) (network.Route, error) {
	route := network.Route{
		PrefixListID: text(r.DestinationPrefixListId),
		State:        string(r.State),
		Origin:       string(r.Origin),
	}
	v4, v6 := text(r.DestinationCidrBlock), text(r.DestinationIpv6CidrBlock)
	if named(v4, v6, route.PrefixListID) != 1 {
		return route, errors.New("a route has not one destination")
	}
	if route.PrefixListID == "" {
		prefix, err := parseBlock(v4 + v6)
		if err != nil {
			return route, err
		}
		route.Prefix = prefix
	}
	target, err := targetOf(r)
	route.Target = target
	return route, err
}

// targetOf returns where a route leads. EC2 fills one of the fields; but an
// instance stands beside its interface, and the address of a VPC route server's
// next hop may stand beside what it belongs to: each alone is the target.
func targetOf(r types.Route) (network.Target, error) {
	fields := []network.Target{
		{Kind: network.TargetNATGateway, ID: text(r.NatGatewayId)},
		{Kind: network.TargetEgressOnlyGateway, ID: text(r.EgressOnlyInternetGatewayId)},
		{Kind: network.TargetTransitGateway, ID: text(r.TransitGatewayId)},
		{Kind: network.TargetPeering, ID: text(r.VpcPeeringConnectionId)},
		{Kind: network.TargetLocalGateway, ID: text(r.LocalGatewayId)},
		{Kind: network.TargetCarrierGateway, ID: text(r.CarrierGatewayId)},
		{Kind: network.TargetCoreNetwork, ID: text(r.CoreNetworkArn)},
		{Kind: network.TargetODBNetwork, ID: text(r.OdbNetworkArn)},
		{Kind: network.TargetInterface, ID: text(r.NetworkInterfaceId)},
		gatewayTarget(text(r.GatewayId)),
	}
	fields = slices.DeleteFunc(fields, func(t network.Target) bool { return t.ID == "" && t.Kind != network.TargetLocal })
	instance, address := text(r.InstanceId), text(r.IpAddress)
	switch {
	case len(fields) > 1:
		return network.Target{}, errors.New("a route has several targets")
	case len(fields) == 1 && fields[0].Kind == network.TargetInterface:
		fields[0].Instance = instance
		return fields[0], nil
	case len(fields) == 1:
		return fields[0], nil
	case instance != "":
		return network.Target{Kind: network.TargetInstance, ID: instance}, nil
	case address != "":
		return network.Target{Kind: network.TargetAddress, ID: address}, nil
	}
	return network.Target{Kind: network.TargetUnknown}, nil
}

func named(texts ...string) (n int) {
	for _, t := range texts {
		if t != "" {
			n++
		}
	}
	return n
}

// gatewayTarget tells the kinds that EC2 puts into GatewayId apart, by the
// prefix of the identifier.
func gatewayTarget(id string) network.Target {
	if id == "local" {
		return network.Target{Kind: network.TargetLocal}
	}
	prefix, _, _ := strings.Cut(id, "-")
	switch prefix {
	case "igw":
		return network.Target{Kind: network.TargetInternetGateway, ID: id}
	case "vgw":
		return network.Target{Kind: network.TargetVPNGateway, ID: id}
	case "vpce":
		return network.Target{Kind: network.TargetEndpoint, ID: id}
	}
	return network.Target{Kind: network.TargetUnknown, ID: id}
}

func prefixOf(e types.PrefixListEntry) (entry, error) {
	prefix, err := parseBlock(text(e.Cidr))
	return entry{prefix}, err
}

// An entry is one block of a prefix list, with the key that reading needs.
type entry struct{ netip.Prefix }

// Key returns the block.
func (e entry) Key() string { return e.String() }
