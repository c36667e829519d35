package flow

import (
	"net/netip"
	"slices"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/network"
)

// entered judges what the route tables of gateways do with what comes in from
// the internet, be it a flow or the answers to one, to a subnet or to the NAT
// gateways that it uses. It reports whether the rest of the flow is to be judged.
func (c *checker) entered(f Flow, sub *subnet, in bool) bool {
	clear, blocked := true, false
	note := func(blocker *Blocker, gaps []groundway.Gap) {
		switch {
		case blocker != nil && c.hasFailed(codeUnreachable, blocker.Subject.ID):
			clear, blocked = false, true
			c.Skip(codeRoute, codeUnreachable, c.n.subjectOf("route-table", blocker.Subject.ID))
		case blocker != nil:
			clear, blocked = false, true
			c.block(codeRoute, f, *blocker, false, sub)
		case gaps != nil:
			clear = false
			c.unknown(codeRoute, gaps...)
		}
	}
	for i := range sub.egress.IPv4.Slices {
		s := &sub.egress.IPv4.Slices[i]
		switch nat := c.n.nats[s.Route.Target.ID]; {
		case s.Class == network.ClassInternet:
			note(c.entry(f, s.Route.Target.ID, sub, s, in))
		case s.Class == network.ClassAppliance && in:
			for _, gateway := range c.n.ingress() {
				note(c.entry(f, gateway, sub, s, in))
			}
		case s.Class == network.ClassNAT && !in && nat != nil && c.n.subnets[nat.SubnetID] != nil:
			at := c.n.subnets[nat.SubnetID]
			for _, exit := range exitsOf(at) {
				note(c.entry(f, exit.Route.Target.ID, at, exit, in))
			}
			if at != sub {
				note(c.answers(f, at, sub, s))
			}
			clear = c.holes(f, sub, at, s) && clear
		}
	}
	if clear {
		c.Pass(codeRoute, 1)
	}
	return !blocked
}

// entry judges what a gateway's route table does with what comes in to a
// subnet, which leads the other half of the connection out by a slice.
func (c *checker) entry(f Flow, gateway string, at *subnet, out *network.Slice, in bool) (*Blocker, []groundway.Gap) {
	stage := StageReturnRoute
	if in {
		stage = StageRoute
	}
	table, away, gaps := c.n.entry(gateway, at.addresses(false))
	for _, l := range away {
		switch {
		case c.n.fate(l.route) != fateAppliance:
			b := c.n.tableBlocker(table, gateway, at, l, stage, at.ID)
			return &b, nil
		case l.route.Target.ID == out.Route.Target.ID:
			c.Pass(codeAsymmetric, 1)
		default:
			c.block(codeAsymmetric, f, c.n.asymmetry(table, l, at, outOf(out)), false, at)
		}
	}
	return nil, gaps
}

// answers judges the routes by which a NAT gateway's subnet leads answers to a
// subnet, which leads to the gateway by the slice out.
func (c *checker) answers(f Flow, at, sub *subnet, out *network.Slice) (*Blocker, []groundway.Gap) {
	legs, gaps := c.n.legs(at, sub.addresses(false))
	for _, l := range legs {
		switch c.n.fate(l.route) {
		case fateLocal:
		case fateAppliance:
			c.block(codeAsymmetric, f, c.n.asymmetry(at.egress.RouteTableID, l, sub, outOf(out)), false, sub)
		case fateUnknown:
			gaps = append(gaps, groundway.Gap{Action: actionRouteTables, Message: "what becomes of traffic to " + routeName(l.route)})
		default:
			b := c.n.routeBlocker(at, l, StageReturnRoute, sub.ID)
			return &b, nil
		}
	}
	return nil, gaps
}

// holes judges what of a slice the subnet of its NAT gateway drops: a narrow part
// of the internet, for otherwise network.Check would say so. It reports whether
// there is none.
func (c *checker) holes(f Flow, sub, at *subnet, out *network.Slice) bool {
	table, clear := c.n.tables[at.egress.RouteTableID], true
	if table == nil {
		return true
	}
	for _, l := range table.lead(out.Space.Ranges()) {
		if fate := c.n.fate(l.route); fate != fateDead && fate != fateNone {
			continue
		}
		clear = false
		if c.hasFailed(codeDefaultPartial, table.ID) {
			c.Skip(codeRoute, codeDefaultPartial, c.n.subjectOf("route-table", table.ID))
			continue
		}
		c.block(codeRoute, f, c.n.tableBlocker(table.ID, out.Route.Target.ID, at, l, StageRoute, ""), true, sub)
	}
	return clear
}

// enteredFromPrivate judges it of what comes in by a virtual private gateway to
// subnets of one table.
func (c *checker) enteredFromPrivate(f Flow, use []*subnet, hosts addresses) {
	legs, _ := c.n.legs(use[0], hosts)
	for _, back := range legs {
		if back.route == nil || back.route.Target.Kind != network.TargetVPNGateway {
			continue
		}
		for _, at := range use {
			table, away, _ := c.n.entry(back.route.Target.ID, at.addresses(false))
			for _, l := range away {
				if c.n.fate(l.route) == fateAppliance {
					c.block(codeAsymmetric, f, c.n.asymmetry(table, l, at, back), false, at)
				}
			}
		}
	}
}

// outOf writes a slice as a leg, with the whole destination of its route.
func outOf(s *network.Slice) leg {
	if s.Route.Prefix.IsValid() {
		return leg{&s.Route, addressesOf([]netip.Prefix{s.Route.Prefix}, false)}
	}
	return leg{&s.Route, slices.Clone(s.Space.Ranges())}
}

func idsOf(list []*subnet) []string {
	ids := make([]string, len(list))
	for i, s := range list {
		ids[i] = s.ID
	}
	return ids
}
