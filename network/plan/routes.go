package plan

import (
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway/network"
)

func (b *builder) gateways() error {
	public := b.publicSubnets()
	if len(public) > 0 {
		b.internetGateway()
	}
	if b.p.VPC.IPv6 && len(public) < len(b.p.Subnets) {
		b.p.EgressGateway = &Gateway{}
		if g, ok := mine(b, b.s.EgressGateways, "egress-only-internet-gateway", "", func(g network.InternetGateway) map[string]string { return g.Tags }); ok {
			b.p.EgressGateway = &Gateway{ID: g.ID, Attached: true}
		}
	}
	if b.o.NAT == NATNone {
		return nil
	}
	nats := staying(b.s.NATGateways, func(n network.NATGateway) string { return n.State })
	zones := b.zones
	if b.o.NAT == NATSingle {
		zones = zones[:1]
	}
	for _, zone := range zones {
		i := slices.IndexFunc(public, func(s Subnet) bool { return s.Zone == zone })
		n := NATGateway{Name: zone, Subnet: public[i].Name}
		if made, ok := mine(b, nats, "nat-gateway", zone, func(n network.NATGateway) map[string]string { return n.Tags }); ok {
			n.ID = made.ID
		}
		b.p.NATGateways = append(b.p.NATGateways, n)
	}
	return nil
}

// internetGateway takes the gateway that is attached, or one of an earlier plan.
// In a VPC that is somebody else's the profile may forbid to make one: then there
// is none, and the finding says so.
func (b *builder) internetGateway() {
	for _, g := range b.s.InternetGateways.Items {
		for _, a := range g.Attachments {
			if b.p.VPC.ID != "" && a.VPCID == b.p.VPC.ID {
				b.p.InternetGateway = &Gateway{ID: g.ID, Attached: true}
				return
			}
		}
	}
	if b.o.VPC != "" && b.o.Profile == network.ProfileTectonic {
		return
	}
	b.p.InternetGateway = &Gateway{}
	if g, ok := mine(b, b.s.InternetGateways, "internet-gateway", "", func(g network.InternetGateway) map[string]string { return g.Tags }); ok && len(g.Attachments) == 0 {
		b.p.InternetGateway.ID = g.ID
	}
}

var (
	anywhere4 = netip.MustParsePrefix("0.0.0.0/0")
	anywhere6 = netip.MustParsePrefix("::/0")
)

func (b *builder) routes() error {
	names := map[string]bool{}
	for _, s := range b.p.Subnets {
		if names[s.Table] {
			continue
		}
		names[s.Table] = true
		t := RouteTable{Name: s.Table}
		switch {
		case s.Public && b.p.InternetGateway != nil:
			t.Routes = append(t.Routes, Route{Destination: anywhere4, Kind: network.TargetInternetGateway, ID: b.p.InternetGateway.ID})
			if b.p.VPC.IPv6 {
				t.Routes = append(t.Routes, Route{Destination: anywhere6, Kind: network.TargetInternetGateway, ID: b.p.InternetGateway.ID})
			}
		case s.Public:
		case len(b.p.NATGateways) > 0:
			n := b.p.NATGateways[0]
			for _, other := range b.p.NATGateways {
				if other.Name == s.Zone {
					n = other
				}
			}
			t.Routes = append(t.Routes, Route{Destination: anywhere4, Kind: network.TargetNATGateway, Name: n.Name, ID: n.ID})
		}
		if !s.Public {
			if b.p.EgressGateway != nil {
				t.Routes = append(t.Routes, Route{Destination: anywhere6, Kind: network.TargetEgressOnlyGateway, ID: b.p.EgressGateway.ID})
			}
			for _, p := range slices.SortedFunc(maps.Keys(b.o.PrivateRoutes), netip.Prefix.Compare) {
				target := b.o.PrivateRoutes[p]
				t.Routes = append(t.Routes, Route{Destination: p, Kind: target.Kind, ID: target.ID})
			}
		}
		b.keepTable(&t)
		b.p.RouteTables = append(b.p.RouteTables, t)
	}
	return nil
}

// keepTable takes the table of an earlier plan, with the routes that it has, and
// looks which tables its subnets have.
func (b *builder) keepTable(t *RouteTable) {
	made, ok := mine(b, b.s.RouteTables, "route-table", t.Name, func(t network.RouteTable) map[string]string { return t.Tags })
	if ok && made.VPCID == b.p.VPC.ID {
		t.ID = made.ID
		for i, r := range t.Routes {
			for _, have := range made.Routes {
				switch {
				case have.Prefix != r.Destination, have.Origin != "" && !strings.EqualFold(have.Origin, "CreateRoute"):
				case r.ID != "" && have.Target.ID == r.ID:
					t.Routes[i].Exists = !strings.EqualFold(have.State, "blackhole")
				case have.Target.Kind != network.TargetLocal:
					t.Routes[i].Replaces = have.Target.ID
				}
			}
		}
	}
	for i, s := range b.p.Subnets {
		if s.ID == "" || s.Table != t.Name {
			continue
		}
		for _, table := range b.s.RouteTables.Items {
			switch {
			case !slices.ContainsFunc(table.Associations, func(a network.Association) bool { return a.SubnetID == s.ID }):
			case t.ID != "" && table.ID == t.ID:
				b.p.Subnets[i].Routed = true
			default:
				b.p.Subnets[i].Replaces = table.ID
			}
		}
	}
}
