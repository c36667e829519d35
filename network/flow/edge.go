package flow

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/network"
)

// An edge is the route table of an internet gateway or a virtual private
// gateway: it leads what comes in by it. See
// https://docs.aws.amazon.com/vpc/latest/userguide/gateway-route-tables.html.
type edge struct {
	*table
	unseen bool // the state of the association was not shown
}

// edgesOf returns the edges of the VPC by gateway, which has one in EC2.
func (n *Network) edgesOf() map[string]edge {
	edges := map[string]edge{}
	for _, id := range slices.Sorted(maps.Keys(n.tables)) {
		t := n.tables[id]
		for _, a := range t.Associations {
			if a.GatewayID != "" && t.VPCID == n.vpcID && (a.State == "" || is(a.State, "associated")) {
				edges[a.GatewayID] = edge{t, a.State == ""}
			}
		}
	}
	return edges
}

// entry returns the table that leads what comes in by a gateway, and the ways on
// which it does, but for the local one; or why they cannot be told.
func (n *Network) entry(gateway string, to addresses) (table string, away []leg, gaps []groundway.Gap) {
	e, ok := n.edges[gateway]
	switch {
	case !ok && n.snapshot.RouteTables.Complete():
		return "", nil, nil
	case !ok:
		return "", nil, gapsOf(n.snapshot.RouteTables, actionRouteTables)
	case e.unseen:
		return e.ID, nil, []groundway.Gap{notShown(actionRouteTables, "the state of the association of "+gateway+" with "+e.ID)}
	}
	legs, gaps := e.legs(to)
	for _, l := range legs {
		switch n.fate(l.route) {
		case fateLocal:
		case fateNone, fateDead, fateAppliance:
			away = append(away, l)
		default:
			gaps = append(gaps, groundway.Gap{Action: actionRouteTables, Message: "what becomes of traffic to " + routeName(l.route)})
		}
	}
	return e.ID, away, gaps
}

// entered follows what comes in by a gateway to a subnet, which leads the other
// half of the connection to the target other by the stage out.
func (n *Network) entered(w *way, gateway, other string, at *subnet, out Stage) {
	q, into, stage := w.forward(), &w.out, StageRoute
	if out == StageRoute {
		q, into, stage = w.answerOut(), &w.outBack, StageReturnRoute
		if w.traffic.OneWay {
			return
		}
	}
	table, away, gaps := n.entry(gateway, q.remote)
	if gaps != nil {
		w.result.Gaps = append(w.result.Gaps, gaps...)
		*into = append(*into, unseenAnswer(q, gaps...))
		return
	}
	var denied addresses
	for _, l := range away {
		if n.fate(l.route) == fateAppliance {
			w.assume(passesOn(l, table, other))
			continue
		}
		denied = denied.with(l.to)
		w.result.Blockers = append(w.result.Blockers, n.tableBlocker(table, gateway, at, l, stage, at.ID))
	}
	*into = append(*into, answer{passed: whole(q.ports, q.remote.minus(denied)), denied: whole(q.ports, denied)})
}

// passesOn is what is assumed of an appliance to which a gateway's table leads
// one half of a connection.
func passesOn(l leg, table, other string) string {
	if l.route.Target.ID == other {
		return fmt.Sprintf("%s passes it on, to which %s leads it", other, table)
	}
	return fmt.Sprintf("%s passes it on, to which %s leads one half of it and %s the other half past it", l.route.Target.ID, table, cmp.Or(other, "another route"))
}

// exitsOf returns the parts of the internet that a subnet leads to an internet
// gateway over IPv4.
func exitsOf(s *subnet) (list []*network.Slice) {
	for i := range s.egress.IPv4.Slices {
		if x := &s.egress.IPv4.Slices[i]; x.Class == network.ClassInternet {
			list = append(list, x)
		}
	}
	return list
}

// ingress returns the internet gateways that have a route table.
func (n *Network) ingress() (list []string) {
	for _, id := range slices.Sorted(maps.Keys(n.edges)) {
		if strings.HasPrefix(id, "igw-") {
			list = append(list, id)
		}
	}
	return list
}
