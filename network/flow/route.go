package flow

import (
	"cmp"
	"slices"

	"go4.org/netipx"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/network"
)

// A table is a route table whose routes stand in the order in which they take
// their destinations.
type table struct {
	*network.RouteTable
	claims []claim
	local  addresses        // of both families: no set ever holds both
	unread []*network.Route // that lead a prefix list whose entries were not seen
}

// A claim is a route with one destination that it takes.
type claim struct {
	prefix     netipx.IPRange
	bits       int
	route      *network.Route
	rank       int
	propagated bool
}

// newTable orders the routes: the longest prefix first; at one prefix a static
// route before a prefix list, and that before a propagated route. See
// https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html.
// Prefix lists of gateway endpoints are left out: they lead to services of AWS,
// of which no flow speaks.
func newTable(t *network.RouteTable, lists groundway.Part[network.PrefixList], endpoints groundway.Part[network.Endpoint]) *table {
	x := &table{RouteTable: t}
	for i := range t.Routes {
		r := &t.Routes[i]
		propagated := is(r.Origin, "EnableVgwRoutePropagation") || is(r.Origin, "Advertisement")
		switch {
		case r.PrefixListID != "" && r.Target.Kind == network.TargetEndpoint && !slices.ContainsFunc(endpoints.Items, func(e network.Endpoint) bool {
			return e.ID == r.Target.ID && is(e.Type, "GatewayLoadBalancer")
		}):
		case r.PrefixListID != "":
			k := slices.IndexFunc(lists.Items, func(l network.PrefixList) bool { return l.ID == r.PrefixListID })
			if k < 0 {
				x.unread = append(x.unread, r)
				continue
			}
			for _, p := range lists.Items[k].Entries {
				x.claims = append(x.claims, claim{netipx.RangeOfPrefix(p.Masked()), p.Bits(), r, 1, false})
			}
		case r.Prefix.IsValid():
			c := claim{netipx.RangeOfPrefix(r.Prefix.Masked()), r.Prefix.Bits(), r, 0, propagated}
			if propagated {
				c.rank = 2
			}
			if r.Target.Kind == network.TargetLocal {
				x.local = append(x.local, c.prefix)
			}
			x.claims = append(x.claims, c)
		}
	}
	x.local = x.local.normal()
	slices.SortStableFunc(x.claims, func(a, b claim) int { return cmp.Or(cmp.Compare(b.bits, a.bits), cmp.Compare(a.rank, b.rank)) })
	return x
}

// A leg is the part of a destination that one route takes; the route is nil for
// what none takes.
type leg struct {
	route *network.Route
	to    addresses
}

// lead takes a destination apart by the routes that lead it. The local route of
// a VPC's block comes before everything that a gateway propagated, however long
// its prefix is.
func (t *table) lead(to addresses) []leg {
	var legs []leg
	at := map[*network.Route]int{}
	for _, c := range t.claims {
		if len(to) == 0 {
			break
		}
		want := addresses{c.prefix}
		if c.propagated {
			want = want.minus(t.local)
		}
		in, out := to.split(want)
		if len(in) == 0 {
			continue
		}
		to = out
		i, again := at[c.route]
		if !again {
			at[c.route] = len(legs)
			legs = append(legs, leg{c.route, in})
			continue
		}
		legs[i].to = legs[i].to.with(in)
	}
	if len(to) > 0 {
		legs = append(legs, leg{nil, to})
	}
	return legs
}

// throughAppliance returns the part of the destination to which the subnet's routes lead
// through an appliance.
func (n *Network) throughAppliance(from *subnet, dst addresses) addresses {
	legs, _ := n.legs(from, dst)
	var list addresses
	for _, l := range legs {
		if n.fate(l.route) == fateAppliance {
			list = list.with(l.to)
		}
	}
	return list
}

// legs returns the way out of a subnet, or why it cannot be told.
func (n *Network) legs(sub *subnet, to addresses) ([]leg, []groundway.Gap) {
	t := n.tables[sub.egress.RouteTableID]
	if t == nil {
		return nil, append(slices.Clone(sub.egress.IPv4.Gaps), groundway.Gap{Action: actionRouteTables, Message: "the route table of " + sub.ID + " was not seen"})[:max(1, len(sub.egress.IPv4.Gaps))]
	}
	return t.legs(to)
}

// legs returns the ways of a table, or why they cannot be told.
func (t *table) legs(to addresses) ([]leg, []groundway.Gap) {
	if len(t.unread) > 0 {
		// A list whose entries were not seen may take any part of it.
		return nil, []groundway.Gap{{Action: actionPrefixLists, Message: "the entries of " + t.unread[0].PrefixListID + " were not seen"}}
	}
	return t.lead(to), nil
}

// A fate is what becomes of traffic that a route takes.
type fate uint8

const (
	fateNone      fate = iota // no route
	fateDead                  // a blackhole
	fateLocal                 // within the VPC
	fateAppliance             // to something in the VPC that may pass it on
	fatePrivate               // to another network
	fatePeer                  // to a peer
	fateInternet              // by a gateway of the internet, or a NAT gateway
	fateUnknown
)

func (n *Network) fate(r *network.Route) fate {
	switch {
	case r == nil:
		return fateNone
	case is(r.State, "blackhole"):
		return fateDead
	case !is(r.State, "active"):
		return fateUnknown
	}
	switch r.Target.Kind {
	case network.TargetLocal:
		return fateLocal
	case network.TargetEndpoint, network.TargetInterface, network.TargetInstance, network.TargetAddress:
		return fateAppliance
	case network.TargetVPNGateway, network.TargetTransitGateway, network.TargetCoreNetwork, network.TargetLocalGateway, network.TargetODBNetwork:
		return fatePrivate
	case network.TargetPeering:
		return fatePeer
	case network.TargetInternetGateway, network.TargetNATGateway, network.TargetEgressOnlyGateway, network.TargetCarrierGateway:
		return fateInternet
	}
	return fateUnknown
}

func routeName(r *network.Route) string {
	if r == nil {
		return "a destination without a route"
	}
	return r.Key() + " via " + cmp.Or(r.Target.ID, string(r.Target.Kind))
}
