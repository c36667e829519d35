package ec2fake

import (
	"net/netip"

	"github.com/groundway-sdk/groundway/network"
)

type routeTableSet struct {
	Set  list[routeTableXML] `xml:"routeTableSet"`
	Next string              `xml:"nextToken,omitempty"`
}

type entrySet struct {
	Set  list[entryXML] `xml:"entrySet"`
	Next string         `xml:"nextToken,omitempty"`
}

type routeTableXML struct {
	ID           string               `xml:"routeTableId"`
	VPCID        string               `xml:"vpcId,omitempty"`
	OwnerID      string               `xml:"ownerId,omitempty"`
	Associations list[associationXML] `xml:"associationSet"`
	Propagating  list[propagatingXML] `xml:"propagatingVgwSet"`
	Routes       list[routeXML]       `xml:"routeSet"`
	Tags         list[tagXML]         `xml:"tagSet"`
}

type associationXML struct {
	ID        string    `xml:"routeTableAssociationId,omitempty"`
	Main      bool      `xml:"main"`
	SubnetID  string    `xml:"subnetId,omitempty"`
	GatewayID string    `xml:"gatewayId,omitempty"`
	PoolID    string    `xml:"publicIpv4Pool,omitempty"`
	State     *stateXML `xml:"associationState"`
}

type propagatingXML struct {
	GatewayID string `xml:"gatewayId"`
}

func routeTablesXML(tables []network.RouteTable) (l list[routeTableXML]) {
	for _, t := range tables {
		x := routeTableXML{ID: t.ID, VPCID: t.VPCID, OwnerID: t.OwnerID, Tags: tagsXML(t.Tags)}
		for _, a := range t.Associations {
			x.Associations.Items = append(x.Associations.Items, associationXML{a.ID, a.Main, a.SubnetID, a.GatewayID, a.PoolID, stateOf(a.State)})
		}
		for _, id := range t.PropagatingVGWs {
			x.Propagating.Items = append(x.Propagating.Items, propagatingXML{id})
		}
		for _, r := range t.Routes {
			x.Routes.Items = append(x.Routes.Items, routeXMLOf(r))
		}
		l.Items = append(l.Items, x)
	}
	return l
}

type routeXML struct {
	IPv4         string `xml:"destinationCidrBlock,omitempty"`
	IPv6         string `xml:"destinationIpv6CidrBlock,omitempty"`
	PrefixListID string `xml:"destinationPrefixListId,omitempty"`
	State        string `xml:"state,omitempty"`
	Origin       string `xml:"origin,omitempty"`
	Gateway      string `xml:"gatewayId,omitempty"`
	NAT          string `xml:"natGatewayId,omitempty"`
	Egress       string `xml:"egressOnlyInternetGatewayId,omitempty"`
	Transit      string `xml:"transitGatewayId,omitempty"`
	Peering      string `xml:"vpcPeeringConnectionId,omitempty"`
	CoreNetwork  string `xml:"coreNetworkArn,omitempty"`
	LocalGateway string `xml:"localGatewayId,omitempty"`
	Carrier      string `xml:"carrierGatewayId,omitempty"`
	ODBNetwork   string `xml:"odbNetworkArn,omitempty"`
	Address      string `xml:"ipAddress,omitempty"`
	Interface    string `xml:"networkInterfaceId,omitempty"`
	Instance     string `xml:"instanceId,omitempty"`
}

func routeXMLOf(r network.Route) routeXML {
	x := routeXML{PrefixListID: r.PrefixListID, State: r.State, Origin: r.Origin}
	switch {
	case r.PrefixListID != "":
	case r.Prefix.Addr().Is4():
		x.IPv4 = r.Prefix.String()
	default:
		x.IPv6 = r.Prefix.String()
	}
	switch id := r.Target.ID; r.Target.Kind {
	case network.TargetLocal:
		x.Gateway = "local"
	case network.TargetNATGateway:
		x.NAT = id
	case network.TargetEgressOnlyGateway:
		x.Egress = id
	case network.TargetTransitGateway:
		x.Transit = id
	case network.TargetPeering:
		x.Peering = id
	case network.TargetCoreNetwork:
		x.CoreNetwork = id
	case network.TargetLocalGateway:
		x.LocalGateway = id
	case network.TargetCarrierGateway:
		x.Carrier = id
	case network.TargetODBNetwork:
		x.ODBNetwork = id
	case network.TargetAddress:
		x.Address = id
	case network.TargetInterface:
		x.Interface, x.Instance = id, r.Target.Instance
	case network.TargetInstance:
		x.Instance = id
	default: // internet and VPN gateways, endpoints, and what this version does not know
		x.Gateway = id
	}
	return x
}

type entryXML struct {
	CIDR netip.Prefix `xml:"cidr"`
}

func entriesXML(prefixes []netip.Prefix) (l list[entryXML]) {
	for _, p := range prefixes {
		l.Items = append(l.Items, entryXML{p})
	}
	return l
}
