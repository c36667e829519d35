package awscli

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway/internal/dump"
	"github.com/groundway-sdk/groundway/network"
)

func routeTable(v dump.Value) network.RouteTable {
	t := network.RouteTable{
		ID:      v.ID("RouteTableId"),
		VPCID:   v.Text("VpcId"),
		OwnerID: v.Text("OwnerId"),
		Tags:    tags(v),
	}
	for a := range v.Objects("Associations") {
		main := a.Bool("Main")
		t.Associations = append(t.Associations, network.Association{
			ID:        a.Text("RouteTableAssociationId"),
			Main:      main != nil && *main,
			SubnetID:  a.Text("SubnetId"),
			GatewayID: a.Text("GatewayId"),
			PoolID:    a.Text("PublicIpv4Pool"),
			State:     a.Object("AssociationState").Text("State"),
		})
	}
	for g := range v.Objects("PropagatingVgws") {
		t.PropagatingVGWs = append(t.PropagatingVGWs, g.ID("GatewayId"))
	}
	seen := map[string]bool{}
	for rv := range v.Objects("Routes") {
		r, ok := route(rv)
		switch {
		case !ok:
		case seen[r.Key()]:
			rv.Errorf("the destination %s stands twice", r.Key())
		default:
			seen[r.Key()] = true
			t.Routes = append(t.Routes, r)
		}
	}
	return t
}

// route reads a route; ok is false where it has no destination that can be
// used.
func route(v dump.Value) (r network.Route, ok bool) {
	destinations := []string{"DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId"}
	named := slices.DeleteFunc(slices.Clone(destinations), func(key string) bool { return !v.Has(key) })
	if len(named) != 1 {
		v.Errorf("has %s; want one destination of %s",
			cmp.Or(strings.Join(named, " and "), "no destination"), strings.Join(destinations, ", "))
		return r, false
	}
	r = network.Route{
		Prefix:       prefix4(v, "DestinationCidrBlock"),
		PrefixListID: v.Text("DestinationPrefixListId"),
		Target:       target(v),
		State:        v.Text("State"),
		Origin:       v.Text("Origin"),
	}
	if ipv6 := prefix6(v, "DestinationIpv6CidrBlock"); ipv6.IsValid() {
		r.Prefix = ipv6
	}
	return r, r.Prefix.IsValid() || r.PrefixListID != ""
}

// targetFields are the fields of a route of which EC2 fills one, see
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Route.html. A
// GatewayId tells its kind by its prefix.
var targetFields = []struct {
	name string
	kind network.TargetKind
}{
	{"GatewayId", ""},
	{"NatGatewayId", network.TargetNATGateway},
	{"EgressOnlyInternetGatewayId", network.TargetEgressOnlyGateway},
	{"TransitGatewayId", network.TargetTransitGateway},
	{"VpcPeeringConnectionId", network.TargetPeering},
	{"LocalGatewayId", network.TargetLocalGateway},
	{"CarrierGatewayId", network.TargetCarrierGateway},
	{"CoreNetworkArn", network.TargetCoreNetwork},
	{"OdbNetworkArn", network.TargetODBNetwork},
	{"NetworkInterfaceId", network.TargetInterface},
}

// target reads where a route leads. A target of a kind that is younger than
// this version is [network.TargetUnknown].
func target(v dump.Value) network.Target {
	var t network.Target
	var named []string
	for _, f := range targetFields {
		if id := v.Text(f.name); id != "" {
			t = network.Target{Kind: f.kind, ID: id}
			named = append(named, f.name)
		}
	}
	// An instance stands beside its interface, and the next hop of a VPC route
	// server may; each alone is the target.
	instance, address := v.Text("InstanceId"), v.Addr("IpAddress")
	switch {
	case len(named) > 1:
		v.Errorf("has %s; want one target", strings.Join(named, " and "))
	case t.Kind == network.TargetInterface:
		t.Instance = instance
	case len(named) == 1 && t.Kind == "":
		return gatewayTarget(t.ID)
	case len(named) == 1:
	case instance != "":
		return network.Target{Kind: network.TargetInstance, ID: instance}
	case address.IsValid():
		return network.Target{Kind: network.TargetAddress, ID: address.String()}
	default:
		return network.Target{Kind: network.TargetUnknown}
	}
	return t
}

// gatewayTarget tells the kind of a GatewayId by its prefix.
func gatewayTarget(id string) network.Target {
	if id == "local" {
		return network.Target{Kind: network.TargetLocal}
	}
	prefix, _, _ := strings.Cut(id, "-")
	kind, ok := map[string]network.TargetKind{
		"igw":  network.TargetInternetGateway,
		"vgw":  network.TargetVPNGateway,
		"vpce": network.TargetEndpoint,
	}[prefix]
	if !ok {
		kind = network.TargetUnknown
	}
	return network.Target{Kind: kind, ID: id}
}

// prefixList reads the entries of a managed prefix list; whole is false where
// there are more than the file holds.
func (r *reader) prefixList(name, id string) (l network.PrefixList, whole bool) {
	l.ID = id
	root, ok := r.Root(name)
	if !ok {
		return l, true
	}
	want(root, "Entries", fileNamed(filePrefixList))
	for e := range root.Objects("Entries") {
		if e.ID("Cidr") != "" {
			l.Entries = append(l.Entries, e.Prefix("Cidr"))
		}
	}
	return l, !firstPage(root)
}

// prefix4 returns a member that is an IPv4 CIDR block.
func prefix4(v dump.Value, key string) netip.Prefix { return prefixOf(v, key, "IPv4", netip.Addr.Is4) }

// prefix6 returns a member that is an IPv6 CIDR block.
func prefix6(v dump.Value, key string) netip.Prefix {
	return prefixOf(v, key, "IPv6", func(a netip.Addr) bool { return a.Is6() && !a.Is4In6() })
}

func prefixOf(v dump.Value, key, family string, is func(netip.Addr) bool) netip.Prefix {
	p := v.Prefix(key)
	if p.IsValid() && !is(p.Addr()) {
		v.Get(key).Errorf("%q is no %s block", p, family)
		return netip.Prefix{}
	}
	return p
}
