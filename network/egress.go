package network

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"

	"github.com/groundway-sdk/groundway"
	"go4.org/netipx"
)

// A Class says by which way the hosts of a subnet reach the internet.
type Class string

const (
	// ClassInternet leads directly through an internet gateway: the subnet is
	// public, its hosts with a public address can be reached from outside.
	ClassInternet Class = "internet"
	// ClassNAT leads through a NAT gateway whose own exit is an internet gateway.
	ClassNAT Class = "nat"
	// ClassEgressOnly leads through an egress-only internet gateway (IPv6).
	ClassEgressOnly Class = "egress-only"
	// ClassPrivate leads into another network: a transit gateway, a virtual
	// private gateway, a peering connection, a core network, the local gateway
	// of an Outpost. What that network does with the traffic is not seen.
	ClassPrivate Class = "private"
	// ClassCarrier leads through the carrier gateway of a wavelength zone.
	ClassCarrier Class = "carrier"
	// ClassAppliance leads to an instance, an interface or a Gateway Load
	// Balancer endpoint, directly or behind a NAT gateway. What it does with the
	// traffic is not seen.
	ClassAppliance Class = "appliance"
	// ClassEndpoints has no way to the internet, but gateway endpoints of
	// services of AWS.
	ClassEndpoints Class = "endpoints-only"
	// ClassIsolated has no way to the internet.
	ClassIsolated Class = "isolated"
	// ClassBroken has a way to the internet that is dead.
	ClassBroken Class = "broken"
	// ClassMixed sends large parts of the internet different ways.
	ClassMixed Class = "mixed"
	// ClassUnknown could not be seen.
	ClassUnknown Class = "unknown"
	// ClassAbsent has no addresses of the family.
	ClassAbsent Class = "absent"
)

// narrow is the share of the internet up to which a different way does not
// change the class: one sixteenth, a /4 of IPv4. Companies route public blocks
// of their own, up to a /8, into private networks.
const narrow = 1.0 / 16

// SubnetEgress is the egress classification of a subnet.
type SubnetEgress struct {
	SubnetID     string
	RouteTableID string // of the effective table; empty if it could not be seen
	Implicit     bool   // the effective table is the VPC's main one, for want of an own
	IPv4, IPv6   Egress

	associationID string // of the table with the subnet, where it was shown
}

// Egress is the classification for one address family.
type Egress struct {
	Class Class
	// Slices partition the internet, which is the global unicast space outside
	// the VPC, by the route that takes it; the largest comes first. The first
	// one of the egress's class holds the deciding route.
	Slices []Slice
	Gaps   []groundway.Gap // for ClassUnknown: what has to be seen
	// unread says that a prefix list whose entries were not seen may take any
	// part of the slices, and unreadDirect that it leads to an internet gateway,
	// or to what may be one.
	unread, unreadDirect bool
}

// A Slice is the part of the internet that one route takes, in force of the
// longest prefix and AWS's order of priority. Of a route that is narrowed by
// longer ones only the rest counts.
type Slice struct {
	Class Class // of this part alone
	Route Route // zero for the part that no route takes
	Space *netipx.IPSet
	Share float64 // of the internet, above 0 and up to 1
	Cause Cause   // of ClassBroken
	gaps  []groundway.Gap
}

// A Cause names what a dead route comes from: the rule and the resource whose
// finding says it.
type Cause struct {
	Code groundway.Code
	ID   string
}

// share returns the share of the internet whose slices are of the class.
func (e Egress) share(class Class) float64 {
	var sum float64
	for _, s := range e.Slices {
		if s.Class == class {
			sum += s.Share
		}
	}
	return sum
}

// unseen returns what has to be seen of the slices whose class is not known.
func (e Egress) unseen() (gaps []groundway.Gap) {
	for _, s := range e.Slices {
		gaps = append(gaps, s.gaps...)
	}
	return gaps
}

// deciding returns the largest slice of the egress's own class.
func (e Egress) deciding() (Slice, bool) {
	i := slices.IndexFunc(e.Slices, func(s Slice) bool { return s.Class == e.Class })
	if i < 0 {
		return Slice{}, false
	}
	return e.Slices[i], true
}

// ClassifySubnets returns the egress of every subnet of the VPC that was seen,
// ordered by ID.
//
// The effective route table is the one that is associated with the subnet,
// else the VPC's main one. Of overlapping routes the longest prefix decides;
// the local routes of the VPC's blocks come before everything that a gateway
// propagated; at one prefix a static route comes before a prefix list, and that
// before a propagated route. A route in the state blackhole takes its space and
// drops it. See
// https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html.
//
// A NAT gateway is followed to its own exit. Block public access counts where
// the snapshot shows it. Gateway endpoints of S3 and DynamoDB take a space that
// is too small to matter here, and are passed over. A peering connection carries
// what is addressed to its VPC and nothing further: one that takes more than a
// sixteenth of the internet is dead, see
// https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html.
//
// The class is that of all but a sixteenth of the internet; where no class has
// that much it is ClassMixed.
func ClassifySubnets(s Snapshot, vpcID string) []SubnetEgress {
	c := newClassifier(s.visible(vpcID, s.canonical()), vpcID)
	var list []SubnetEgress
	for _, subnet := range c.parts.Subnets.Items {
		if subnet.VPCID == vpcID {
			list = append(list, c.classify(subnet.ID))
		}
	}
	slices.SortFunc(list, func(a, b SubnetEgress) int { return cmp.Compare(a.SubnetID, b.SubnetID) })
	return list
}

// egress classifies a table. NAT gateways are followed to their exit if follow
// is set; it is not for the exit's own table, which must not lead to another.
func (c *classifier) egress(table *RouteTable, mode string, v6, follow bool) Egress {
	key := egressKey{table.ID, mode, v6, follow}
	if e, ok := c.memo[key]; ok {
		return e
	}
	e := c.partition(table, mode, v6, follow)
	c.memo[key] = e
	return e
}

// A claim is a route with one destination that it takes.
type claim struct {
	prefix netip.Prefix
	route  *Route
	rank   int
}

// partition walks the routes in the order of their priority; each takes what
// is left of its destination.
func (c *classifier) partition(table *RouteTable, mode string, v6, follow bool) Egress {
	claims := make([]claim, 0, len(table.Routes))
	var local []netip.Prefix
	var unread []*Route // prefix lists whose entries were not seen
	endpoints := false
	for i := range table.Routes {
		r := &table.Routes[i]
		switch {
		case c.toService(r):
			endpoints = endpoints || is(r.State, "active")
		case r.PrefixListID != "":
			list := c.lists[r.PrefixListID]
			if list == nil {
				unread = append(unread, r)
				continue
			}
			for _, p := range list.Entries {
				claims = append(claims, claim{p.Masked(), r, 1})
			}
		case r.Target.Kind == TargetLocal:
			local = append(local, r.Prefix)
		case r.propagated():
			claims = append(claims, claim{r.Prefix.Masked(), r, 2})
		default:
			claims = append(claims, claim{r.Prefix.Masked(), r, 0})
		}
	}
	rest := c.internet(v6, local)
	claims = slices.DeleteFunc(claims, func(c claim) bool {
		return !c.prefix.IsValid() || c.prefix.Addr().Is6() != v6 || special(c.prefix) || !rest.OverlapsPrefix(c.prefix)
	})
	slices.SortStableFunc(claims, func(a, b claim) int {
		return cmp.Or(cmp.Compare(b.prefix.Bits(), a.prefix.Bits()), cmp.Compare(a.rank, b.rank))
	})

	total := size(rest)
	if total == 0 {
		// The blocks of the VPC leave nothing outside.
		return Egress{Class: ClassIsolated, Slices: []Slice{{Class: ClassIsolated, Space: rest, Share: 1}}}
	}
	// A prefix list makes many claims for one route, which are one slice.
	taken := map[*Route]*netipx.IPSetBuilder{}
	var order []*Route
	for _, claim := range claims {
		if !rest.OverlapsPrefix(claim.prefix) {
			continue
		}
		if taken[claim.route] == nil {
			taken[claim.route] = new(netipx.IPSetBuilder)
			order = append(order, claim.route)
		}
		if claim.prefix.Bits() == 0 {
			taken[claim.route].AddSet(rest)
			rest = new(netipx.IPSet)
			break
		}
		taken[claim.route].AddSet(intersect(rest, claim.prefix))
		rest = subtract(rest, []netip.Prefix{claim.prefix})
	}
	var e Egress
	for _, r := range order {
		s := c.fate(table, r, mode, follow)
		s.Route, s.Space = *r, build(taken[r])
		s.Share = size(s.Space) / total
		if r.Target.Kind == TargetPeering && s.Class == ClassPrivate && s.Share > narrow {
			s = Slice{Class: ClassBroken, Route: s.Route, Space: s.Space, Share: s.Share, Cause: Cause{codeDefaultBlackhole, table.ID}}
		}
		e.Slices = append(e.Slices, s)
	}
	if left := size(rest); left > 0 {
		class := ClassIsolated
		if endpoints {
			class = ClassEndpoints
		}
		e.Slices = append(e.Slices, Slice{Class: class, Space: rest, Share: left / total})
	}
	slices.SortStableFunc(e.Slices, func(a, b Slice) int {
		return cmp.Or(cmp.Compare(b.Share, a.Share), cmp.Compare(a.Route.Key(), b.Route.Key()))
	})
	e.Class = e.decide()
	for _, r := range unread {
		// Its entries may take any part of the space: only a list that leads
		// the same way as everything else leaves the class as it is.
		if class := c.fate(table, r, mode, follow).Class; class != e.Class {
			e.unread = true
			e.unreadDirect = e.unreadDirect || class == ClassInternet || class == ClassUnknown
			e.Class = ClassUnknown
			e.Gaps = append(e.Gaps, groundway.Gap{
				Action: actionPrefixLists, Message: "the entries of " + r.PrefixListID + " were not seen",
			})
		}
	}
	if e.Class == ClassUnknown {
		for _, s := range e.Slices {
			e.Gaps = append(e.Gaps, s.gaps...)
		}
	}
	return e
}

// internet returns the global unicast space outside the VPC: outside its blocks
// and the destinations of a table's local routes, which are the same but for a
// block whose association is under way.
func (c *classifier) internet(v6 bool, local []netip.Prefix) *netipx.IPSet {
	space := internet4
	if v6 {
		space = internet6
	}
	var own []netip.Prefix
	if c.vpc != nil {
		for _, b := range c.vpc.CIDRs {
			own = append(own, b.Prefix)
		}
	}
	own = slices.DeleteFunc(append(own, local...), func(p netip.Prefix) bool { return !p.IsValid() || p.Addr().Is6() != v6 })
	slices.SortFunc(own, netip.Prefix.Compare)
	own = slices.Compact(own)
	key := fmt.Sprint(v6, own)
	if c.spaces[key] == nil {
		c.spaces[key] = subtract(space, own)
	}
	return c.spaces[key]
}

// decide returns the class that all but a narrow part of the internet has.
func (e Egress) decide() Class {
	shares := map[Class]float64{}
	for _, s := range e.Slices {
		shares[s.Class] += s.Share
	}
	best := 0.0
	for class, share := range shares {
		if class == ClassUnknown {
			continue
		}
		if share >= 1-narrow {
			return class
		}
		best = max(best, share)
	}
	if best+shares[ClassUnknown] >= 1-narrow {
		return ClassUnknown
	}
	return ClassMixed
}
