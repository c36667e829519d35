package network

import (
	"maps"
	"slices"

	"github.com/groundway-sdk/groundway"
	"go4.org/netipx"
)

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
		if table.VPCID != vpcID || table.ID == "" {
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

// toService reports whether the route leads to a gateway endpoint: one that EC2
// added for the prefix list of a service. A Gateway Load Balancer endpoint takes
// prefix lists as other appliances do.
func (c *classifier) toService(r *Route) bool {
	e := c.points[r.Target.ID]
	return r.PrefixListID != "" && r.Target.Kind == TargetEndpoint && (e == nil || !is(e.Type, "GatewayLoadBalancer"))
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

// gapsOf returns the gaps of a part that is not complete, at least one.
func gapsOf[T any](p groundway.Part[T], action string) []groundway.Gap {
	if len(p.Gaps) > 0 {
		return p.Gaps
	}
	return []groundway.Gap{{Action: action}}
}
