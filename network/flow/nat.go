package flow

import (
	"fmt"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/network"
)

// throughNAT adds the network ACL of the subnet in which a zonal NAT gateway
// stands: traffic enters and leaves it, and so do the answers. A regional one
// has no subnet, and no network ACL of the customer's. Then it follows the routes
// of the gateway, to the internet or to another network.
func (n *Network) throughNAT(w *way, from *subnet, id string, internet bool) {
	nat := n.nats[id]
	switch {
	case nat == nil && !n.snapshot.NATGateways.Complete():
		w.unseen(gapsOf(n.snapshot.NATGateways, actionNATGateways)...)
		return
	case nat == nil, nat.State != "" && !is(nat.State, "available"):
		w.block(n.natBlocker(from, id, nat))
		return
	case nat.State == "":
		w.unseen(notShown(actionNATGateways, "the state of "+id))
		return
	case nat.SubnetID == "":
		n.onward(w, from, id, n.tables[nat.RouteTableID], internet)
		return
	}
	at := n.subnets[nat.SubnetID]
	if at == nil {
		w.unseen(gapsOf(n.snapshot.Subnets, actionSubnets)...)
		return
	}
	n.onward(w, from, id, n.tables[at.egress.RouteTableID], internet)
	if at.ID != from.ID {
		w.in = append(w.in, w.acl(at, false, StageACLIngress, w.backward()))
	}
	w.out = append(w.out, w.acl(at, true, StageACLEgress, w.forward()))
	if w.traffic.OneWay {
		return
	}
	// The gateway takes a port of its own, so that this stage looks at another
	// one than the sides do: what counts is whether some port passes, and
	// whether all do.
	q := query{w.traffic.number(), ephemeralPorts, w.dst}
	if !hasPorts(q.protocol) {
		q.ports = allPorts
	}
	a := w.acl(at, false, StageACLReturnIngress, q)
	some, maybe := a.passed.addrs(), a.unseen.addrs()
	w.inBack = append(w.inBack, answer{
		passed: whole(w.client, w.dst.and(some)), unseen: whole(w.client, w.dst.and(maybe).minus(some)),
		denied: whole(w.client, w.dst.minus(some).minus(maybe)), gaps: a.gaps,
	})
	if !a.full() {
		w.lossy = true
	}
	if at.ID != from.ID {
		w.outBack = append(w.outBack, w.acl(at, true, StageACLReturnEgress, w.answerOut()))
		w.inside(at, from, w.src, StageReturnRoute, &w.outBack, w.answerOut())
	}
	n.answersNAT(w, at)
}

// natBlocker says that a NAT gateway is not there, or does not work.
func (n *Network) natBlocker(from *subnet, id string, nat *network.NATGateway) Blocker {
	b := Blocker{
		Stage: StageRoute, Subject: n.subjectOf("nat-gateway", id), Subnets: []string{from.ID}, Summary: id + " does not exist",
		Evidence: []groundway.Fact{{Path: pointer("natGateways", id), Want: "the NAT gateway", Source: actionNATGateways}},
		Remedy: groundway.Remedy{
			Action:   "Lead the subnet to a NAT gateway that is available.",
			Commands: [][]string{{"aws", "ec2", "describe-nat-gateways", "--nat-gateway-ids", id}},
		},
	}
	if nat != nil {
		b.Summary = id + " is " + nat.State
		b.Evidence = []groundway.Fact{{Path: pointer("natGateways", id, "state"), Got: nat.State, Want: "available", Source: actionNATGateways}}
	}
	return b
}

// onward follows what a NAT gateway passes on by the route table of its subnet,
// or of its own. To the internet network.ClassifySubnets has found a way for
// almost all of it, so that lists that were not read lead the same way.
func (n *Network) onward(w *way, from *subnet, id string, t *table, internet bool) {
	if t == nil {
		w.assume(id + " leads on to where it goes")
		return
	}
	if !internet && len(t.unread) > 0 {
		_, gaps := t.legs(w.dst)
		w.unseen(gaps...)
		return
	}
	for _, l := range t.lead(w.dst) {
		switch fate := n.fate(l.route); {
		case fate == fateInternet && internet && l.route.Target.Kind != network.TargetNATGateway:
		case fate == fateUnknown, fate == fateLocal:
			w.unseen(groundway.Gap{Action: actionRouteTables, Message: "what becomes of traffic of " + id + " to " + routeName(l.route)})
		case fate == fateNone, fate == fateDead, fate == fateInternet && l.route.Target.Kind != network.TargetNATGateway:
			w.deny(n.tableBlocker(t.ID, id, from, l, StageRoute, ""), l.to)
		default:
			w.assume(fmt.Sprintf("%s passes it on, to which %s leads what comes from %s", l.route.Target.ID, t.ID, id))
		}
	}
}

// answersNAT follows the answers to a NAT gateway, of whose addresses in the
// VPC its subnet is all that is known.
func (n *Network) answersNAT(w *way, at *subnet) {
	for _, exit := range exitsOf(at) {
		gateway := exit.Route.Target.ID
		table, away, gaps := n.entry(gateway, at.addresses(false))
		if gaps != nil {
			w.unseen(gaps...)
			continue
		}
		dead, all := addresses(nil), at.addresses(false)
		for _, l := range away {
			if n.fate(l.route) == fateAppliance {
				w.assume(passesOn(l, table, gateway))
				continue
			}
			dead = dead.with(l.to)
			if len(all.minus(dead)) == 0 {
				w.block(n.tableBlocker(table, gateway, at, l, StageReturnRoute, at.ID))
			}
		}
		if len(dead) > 0 && len(all.minus(dead)) > 0 {
			w.unseen(notShown(actionNATGateways, "whether a NAT gateway of "+at.ID+" is in "+blocksText(dead)+", of which "+table+" drops the traffic"))
		}
	}
}
