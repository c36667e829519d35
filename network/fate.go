package network

import (
	"github.com/groundway-sdk/groundway"
)

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
	return Slice{Class: ClassUnknown, gaps: []groundway.Gap{unclear(r)}}
}

// unclear is the gap of a route that is neither active nor a blackhole: AWS does
// not document what a filtered one does with its space.
func unclear(r *Route) groundway.Gap {
	return groundway.Gap{
		Action: actionRouteTables, Message: "the state of the route " + r.Key() + ` is "` + r.State + `", neither active nor blackhole`,
	}
}

func broken(code groundway.Code, id string) Slice {
	return Slice{Class: ClassBroken, Cause: Cause{code, id}}
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
	case !private && !is(nat.Connectivity, "public") && (nat.Connectivity != "" || len(nat.PublicAddresses) == 0):
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
