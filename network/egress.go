package network

import (
	"cmp"
	"fmt"
	"maps"
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

// A classifier answers questions about the egress of one VPC, each table once.
type classifier struct {
	parts    Parts
	vpcID    string
	vpc      *VPC
	subnets  map[string]*Subnet
	tables   map[string]*RouteTable
	explicit map[string]explicitAssociation
	main     *RouteTable
	gateways map[string]*InternetGateway
	egressGW map[string]*InternetGateway
	nats     map[string]*NATGateway
	lists    map[string]*PrefixList
	points   map[string]*Endpoint
	memo     map[egressKey]Egress
	spaces   map[string]*netipx.IPSet
}

type explicitAssociation struct {
	id     string
	table  *RouteTable
	unseen bool // the state was not shown
}

type egressKey struct {
	table, mode  string
	v6, followed bool
}

func newClassifier(p Parts, vpcID string) *classifier {
	c := &classifier{
		parts: p, vpcID: vpcID,
		subnets: byKey(p.Subnets), tables: map[string]*RouteTable{},
		explicit: map[string]explicitAssociation{},
		gateways: byKey(p.InternetGateways), egressGW: byKey(p.EgressGateways),
		nats: byKey(p.NATGateways), lists: byKey(p.PrefixLists), points: byKey(p.Endpoints),
		memo: map[egressKey]Egress{}, spaces: map[string]*netipx.IPSet{},
	}
	c.vpc = byKey(p.VPCs)[vpcID]
	for i := range p.RouteTables.Items {
		table := &p.RouteTables.Items[i]
		if table.VPCID != vpcID {
			continue
		}
		c.tables[table.ID] = table
		for _, a := range table.Associations {
			switch {
			case a.Main:
				c.main = table
			case a.SubnetID != "" && (a.State == "" || is(a.State, "associated")):
				c.explicit[a.SubnetID] = explicitAssociation{a.ID, table, a.State == ""}
			}
		}
	}
	return c
}

// byKey indexes the items of a part.
func byKey[T groundway.Keyed](p groundway.Part[T]) map[string]*T {
	index := make(map[string]*T, len(p.Items))
	for i := range p.Items {
		index[p.Items[i].Key()] = &p.Items[i]
	}
	return index
}

func (c *classifier) classify(subnetID string) SubnetEgress {
	table, implicit, gaps := c.effectiveTable(subnetID)
	if table == nil {
		unknown := Egress{Class: ClassUnknown, Gaps: gaps}
		return SubnetEgress{SubnetID: subnetID, IPv4: unknown, IPv6: unknown}
	}
	e := SubnetEgress{SubnetID: subnetID, RouteTableID: table.ID, Implicit: implicit, associationID: c.explicit[subnetID].id}
	mode := c.blockMode(subnetID)
	e.IPv4 = c.egressOf(subnetID, table, mode, false)
	e.IPv6 = c.egressOf(subnetID, table, mode, true)
	return e
}

func (c *classifier) egressOf(subnetID string, table *RouteTable, mode string, v6 bool) Egress {
	if s := c.subnets[subnetID]; s != nil && !slices.ContainsFunc(s.CIDRs, func(b CIDR) bool {
		return b.Prefix.Addr().Is6() == v6 && (b.State == "" || is(b.State, "associated"))
	}) {
		return Egress{Class: ClassAbsent}
	}
	return c.egress(table, mode, v6, true)
}

// effectiveTable returns the table that routes the subnet's traffic, or nil
// with the reason why it cannot be told.
func (c *classifier) effectiveTable(subnetID string) (table *RouteTable, implicit bool, gaps []groundway.Gap) {
	own, ok := c.explicit[subnetID]
	switch {
	case ok && own.unseen:
		return nil, false, []groundway.Gap{{
			Action: actionRouteTables, Message: "the answer does not show the state of the association of " + subnetID + " with " + own.table.ID,
		}}
	case ok:
		return own.table, false, nil
	case !c.parts.RouteTables.Complete():
		return nil, false, gapsOf(c.parts.RouteTables, actionRouteTables)
	case c.main == nil:
		return nil, false, []groundway.Gap{{Action: actionRouteTables, Message: "no main route table of the VPC is shown", Account: c.owner()}}
	}
	return c.main, true, nil
}

func (c *classifier) owner() string {
	if c.vpc == nil {
		return ""
	}
	return c.vpc.OwnerID
}

// blockMode returns the mode of block public access that holds for the subnet:
// its own, which reflects exclusions, else the VPC's. It is empty if neither
// was shown.
func (c *classifier) blockMode(subnetID string) string {
	if s := c.subnets[subnetID]; s != nil && s.BlockMode != "" {
		return s.BlockMode
	}
	if c.vpc != nil {
		return c.vpc.BlockMode
	}
	return ""
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

// toService reports whether the route leads to a gateway endpoint: one that EC2
// added for the prefix list of a service. A Gateway Load Balancer endpoint takes
// prefix lists as other appliances do.
func (c *classifier) toService(r *Route) bool {
	e := c.points[r.Target.ID]
	return r.PrefixListID != "" && r.Target.Kind == TargetEndpoint && (e == nil || !is(e.Type, "GatewayLoadBalancer"))
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

// fate tells where traffic ends that takes the route.
func (c *classifier) fate(t *RouteTable, r *Route, mode string, follow bool) Slice {
	switch r.Target.Kind {
	case TargetInternetGateway:
		return c.gatewayFate(t, r, mode)
	case TargetNATGateway:
		return c.natFate(t, r, follow)
	case TargetEgressOnlyGateway:
		if is(mode, blockBidirectional) {
			return broken(codeBlockPublicAccess, c.vpcID)
		}
		if has, seen := c.attached(c.egressGW[r.Target.ID]); c.parts.EgressGateways.Complete() && seen && !has {
			return broken(codeDefaultBlackhole, t.ID)
		}
		return c.alive(t, r, ClassEgressOnly)
	case TargetVPNGateway, TargetTransitGateway, TargetPeering, TargetCoreNetwork, TargetLocalGateway, TargetODBNetwork:
		return c.alive(t, r, ClassPrivate)
	case TargetCarrierGateway:
		return c.alive(t, r, ClassCarrier)
	case TargetEndpoint, TargetInterface, TargetInstance, TargetAddress:
		return c.alive(t, r, ClassAppliance)
	}
	return Slice{Class: ClassUnknown, gaps: []groundway.Gap{{
		Action: actionRouteTables, Message: "the route " + r.Key() + " has a target of a kind that this version does not know",
	}}}
}

// alive returns the class if the route is active.
func (c *classifier) alive(t *RouteTable, r *Route, class Class) Slice {
	switch {
	case is(r.State, "active"):
		return Slice{Class: class}
	case is(r.State, "blackhole"):
		return broken(codeDefaultBlackhole, t.ID)
	}
	// AWS does not document what a filtered route does with its space.
	return Slice{Class: ClassUnknown, gaps: []groundway.Gap{{
		Action: actionRouteTables, Message: "the state of the route " + r.Key() + ` is "` + r.State + `", neither active nor blackhole`,
	}}}
}

func broken(code groundway.Code, id string) Slice {
	return Slice{Class: ClassBroken, Cause: Cause{code, id}}
}

// attached reports whether the gateway is attached to the VPC; seen is false if
// the state of its attachment was not shown.
func (c *classifier) attached(g *InternetGateway) (has, seen bool) {
	seen = true
	if g == nil {
		return false, seen
	}
	for _, a := range g.Attachments {
		switch {
		case a.VPCID != c.vpcID:
		case is(a.State, "attached"), is(a.State, "available"):
			return true, true
		case a.State == "":
			seen = false
		}
	}
	return false, seen
}

// anyAttached returns an internet gateway of the VPC, or ""; seen is false if it
// cannot be told whether there is one.
func (c *classifier) anyAttached() (id string, seen bool) {
	seen = c.parts.InternetGateways.Complete()
	for _, id := range slices.Sorted(maps.Keys(c.gateways)) {
		has, shown := c.attached(c.gateways[id])
		if has {
			return id, true
		}
		seen = seen && shown
	}
	return "", seen
}

func (c *classifier) gatewayFate(t *RouteTable, r *Route, mode string) Slice {
	if has, seen := c.attached(c.gateways[r.Target.ID]); c.parts.InternetGateways.Complete() && seen && !has {
		// The list of gateways is trusted over the state of the route, which
		// follows it with a delay. If the VPC has another gateway, the route is
		// what has to change.
		if other, _ := c.anyAttached(); other != "" {
			return broken(codeDefaultBlackhole, t.ID)
		}
		return broken(codeNoInternetGateway, c.vpcID)
	}
	if is(r.State, "blackhole") {
		if c.parts.InternetGateways.Complete() {
			return broken(codeDefaultBlackhole, t.ID)
		}
		// Dead for certain, but whether the VPC lacks a gateway or the route
		// leads to a wrong one is for the list of gateways to say.
		s := broken(codeDefaultBlackhole, t.ID)
		s.gaps = gapsOf(c.parts.InternetGateways, actionInternetGateways)
		return s
	}
	if is(mode, blockBidirectional) || is(mode, blockIngress) {
		return broken(codeBlockPublicAccess, c.vpcID)
	}
	return c.alive(t, r, ClassInternet)
}

func (c *classifier) natFate(t *RouteTable, r *Route, follow bool) Slice {
	id := r.Target.ID
	nat := c.nats[id]
	switch {
	case is(r.State, "blackhole"), nat == nil && c.parts.NATGateways.Complete(), nat != nil && nat.State != "" && !is(nat.State, "available"):
		return broken(codeNATNotAvailable, id)
	case nat == nil:
		return Slice{Class: ClassUnknown, gaps: gapsOf(c.parts.NATGateways, actionNATGateways)}
	case nat.State == "":
		return natUnseen(id, "its state")
	}
	alive := c.alive(t, r, ClassNAT)
	if !follow || alive.Class != ClassNAT {
		return alive
	}
	exit, gaps := c.natExit(nat)
	private := is(nat.Connectivity, "private")
	switch {
	case !private && nat.Connectivity == "" && len(nat.PublicAddresses) == 0:
		return natUnseen(id, "its connectivity type")
	case gaps != nil:
		return Slice{Class: ClassUnknown, gaps: gaps}
	case exit.Class == ClassUnknown:
		return Slice{Class: ClassUnknown, gaps: exit.Gaps}
	case exit.Class == ClassAppliance, private && exit.Class == ClassPrivate:
		return Slice{Class: exit.Class}
	case private:
		return broken(codeNATPrivate, id)
	case exit.Class == ClassInternet:
		return Slice{Class: ClassNAT}
	case exit.Class == ClassBroken:
		// The exit is dead, and what it died of is the cause of both.
		d, _ := exit.deciding()
		return Slice{Class: ClassBroken, Cause: d.Cause, gaps: d.gaps}
	}
	return broken(codeNATNotPublic, id)
}

func natUnseen(id, what string) Slice {
	return Slice{Class: ClassUnknown, gaps: []groundway.Gap{{
		Action: actionNATGateways, Message: "the answer does not show of " + id + " " + what,
	}}}
}

// natExit returns the egress of the NAT gateway itself: of the table of its
// subnet, or, where it is regional, of its own table.
func (c *classifier) natExit(nat *NATGateway) (Egress, []groundway.Gap) {
	if is(nat.AvailabilityMode, "regional") {
		if table := c.tables[nat.RouteTableID]; table != nil {
			return c.exitOf(table, ""), nil
		}
		if c.parts.RouteTables.Complete() && nat.RouteTableID == "" {
			// AWS keeps a table for it that leads to the VPC's gateway.
			switch id, seen := c.anyAttached(); {
			case id != "":
				return Egress{Class: ClassInternet}, nil
			case seen:
				return Egress{Class: ClassBroken, Slices: []Slice{broken(codeNoInternetGateway, c.vpcID)}}, nil
			}
			return Egress{}, gapsOf(c.parts.InternetGateways, actionInternetGateways)
		}
		return Egress{}, gapsOf(c.parts.RouteTables, actionRouteTables)
	}
	if nat.SubnetID == "" {
		return Egress{}, []groundway.Gap{{Action: actionNATGateways, Message: "the answer does not show the subnet of " + nat.ID}}
	}
	table, _, gaps := c.effectiveTable(nat.SubnetID)
	if table == nil {
		return Egress{}, gaps
	}
	return c.exitOf(table, nat.SubnetID), nil
}

// exitOf classifies the table of a NAT gateway. Block public access lets NAT
// gateways out in the mode that blocks ingress.
func (c *classifier) exitOf(table *RouteTable, subnetID string) Egress {
	mode := c.blockMode(subnetID)
	if is(mode, blockIngress) {
		mode = ""
	}
	return c.egress(table, mode, false, false)
}

// gapsOf returns the gaps of a part that is not complete, at least one.
func gapsOf[T any](p groundway.Part[T], action string) []groundway.Gap {
	if len(p.Gaps) > 0 {
		return p.Gaps
	}
	return []groundway.Gap{{Action: action}}
}
