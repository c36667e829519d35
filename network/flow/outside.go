package flow

import (
	"fmt"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/network"
)

// toOutside follows traffic from a subnet to hosts outside of the VPC, each
// part of them by the route that leads there.
func (n *Network) toOutside(from, to Place, id string, t Traffic) Result {
	sub, src, bad := n.find(id, t.IPv6)
	if bad != nil {
		return *bad
	}
	return n.outward(sub, to, t, func(dst addresses) *way {
		w := n.walk(from, src, dst, t)
		w.out = append(w.out, w.groups(from, to, true, w.forward()), w.acl(sub, true, StageACLEgress, w.forward()))
		if !t.OneWay {
			w.inBack = append(w.inBack, w.acl(sub, false, StageACLReturnIngress, w.answerIn()))
		}
		return w
	}, from.PublicIP || t.IPv6, StageRoute)
}

// fromOutside follows traffic from hosts outside of the VPC into a subnet. They
// enter by the gateway to which the subnet's routes lead their answers: no
// other is known.
func (n *Network) fromOutside(from, to Place, id string, t Traffic) Result {
	sub, dst, bad := n.find(id, t.IPv6)
	if bad != nil {
		return *bad
	}
	return n.outward(sub, from, t, func(src addresses) *way {
		w := n.walk(from, src, dst, t)
		w.in = append(w.in, w.acl(sub, false, StageACLIngress, w.backward()), w.groups(to, from, false, w.backward()))
		if !t.OneWay {
			w.outBack = append(w.outBack, w.acl(sub, true, StageACLReturnEgress, w.answerOut()))
		}
		return w
	}, to.PublicIP || t.IPv6, StageReturnRoute)
}

// outward takes the hosts outside apart by the route of the subnet that leads
// to them, and lets walk follow each part. The stage is that of the route: it
// tells whether traffic goes out or comes in.
func (n *Network) outward(sub *subnet, outside Place, t Traffic, walk func(addresses) *way, public bool, stage Stage) Result {
	if outside.Internet {
		return n.internet(sub, outside, t, walk, public, stage)
	}
	legs, gaps := n.legs(sub, addressesOf(outside.Addresses, t.IPv6))
	if gaps != nil {
		return Result{Verdict: Unknown, Gaps: gaps}
	}
	var all []Result
	for _, l := range legs {
		w := walk(l.to)
		switch n.fate(l.route) {
		case fatePrivate, fateAppliance:
			w.assume(fmt.Sprintf("the network behind %s passes it on, and answers come back by it", l.route.Target.ID))
			if l.route.Target.Kind == network.TargetVPNGateway {
				n.entered(w, l.route.Target.ID, l.route.Target.ID, sub, stage)
			}
		case fatePeer:
			n.peer(w, sub, l, stage)
		case fateUnknown:
			w.unseen(groundway.Gap{Action: actionRouteTables, Message: "what becomes of traffic to " + routeName(l.route)})
		case fateInternet:
			if l.route.Target.Kind == network.TargetNATGateway && stage == StageRoute {
				n.throughNAT(w, sub, l.route.Target.ID, false)
				break
			}
			w.block(n.routeBlocker(sub, l, stage, ""))
		case fateLocal:
			w.unseen(notShown(actionSubnets, "which subnet of the VPC holds "+blocksText(l.to)))
		default:
			w.block(n.routeBlocker(sub, l, stage, ""))
		}
		all = append(all, w.decide())
	}
	return join(all)
}

// unseen makes everything depend on what was not seen.
func (w *way) unseen(gaps ...groundway.Gap) {
	w.result.Gaps = append(w.result.Gaps, gaps...)
	w.out = append(w.out, unseenAnswer(w.forward(), gaps...))
}

// internet takes the internet apart as network.ClassifySubnets does.
func (n *Network) internet(sub *subnet, outside Place, t Traffic, walk func(addresses) *way, public bool, stage Stage) Result {
	e := sub.egress.IPv4
	if t.IPv6 {
		e = sub.egress.IPv6
	}
	if len(e.Slices) == 0 {
		return Result{Verdict: Unknown, Gaps: e.Gaps}
	}
	within := addressesOf(outside.Addresses, t.IPv6)
	var all []Result
	for i := range e.Slices {
		s := &e.Slices[i]
		hosts := addresses(s.Space.Ranges())
		if len(outside.Addresses) > 0 {
			hosts = hosts.and(within)
		}
		if len(hosts) == 0 {
			continue
		}
		w := walk(hosts)
		n.slice(w, sub, s, hosts, public, stage)
		all = append(all, w.decide())
	}
	if len(all) == 0 {
		return Result{Verdict: Unknown, Gaps: []groundway.Gap{{Action: actionRouteTables, Message: "none of the addresses is on the internet"}}}
	}
	r := join(all)
	if e.Class == network.ClassUnknown && r.Verdict != Blocked {
		// A prefix list whose entries were not seen may lead any of it elsewhere.
		r.Gaps = append(r.Gaps, e.Gaps...)
		r.Verdict = Unknown
		r.tidy()
	}
	return r
}

// slice lets the route of a part of the internet decide.
func (n *Network) slice(w *way, sub *subnet, s *network.Slice, hosts addresses, public bool, stage Stage) {
	table := sub.egress.RouteTableID
	in := stage == StageReturnRoute
	l := leg{nil, hosts}
	if s.Route.Target.Kind != "" {
		l.route = &s.Route
	}
	switch s.Class {
	case network.ClassInternet:
		if !public {
			w.block(Blocker{
				Stage: stage, Subject: n.subjectOf("subnet", sub.ID), Subnets: []string{sub.ID},
				Summary:  fmt.Sprintf("%s leads to the internet through %s, which needs a public address, and the hosts have none", sub.ID, s.Route.Target.ID),
				Evidence: []groundway.Fact{{Path: pointer("routeTables", table, "routes", s.Route.Key(), "target", "id"), Got: s.Route.Target.ID, Want: "a NAT gateway, for hosts without a public address", Source: actionRouteTables}},
				Remedy: groundway.Remedy{
					Action:   "Give the hosts public addresses, or lead the subnet to a NAT gateway.",
					Commands: [][]string{{"aws", "ec2", "modify-subnet-attribute", "--subnet-id", sub.ID, "--map-public-ip-on-launch"}},
				},
			})
			return
		}
		n.entered(w, s.Route.Target.ID, s.Route.Target.ID, sub, stage)
	case network.ClassUnknown:
		w.unseen(n.gapsOfSlice(sub, w.traffic.IPv6)...)
	case network.ClassBroken, network.ClassIsolated, network.ClassEndpoints:
		w.block(n.routeBlocker(sub, l, stage, "the internet"))
	default:
		nat := s.Route.Target.Kind == network.TargetNATGateway
		switch {
		case in && (nat || s.Class == network.ClassEgressOnly):
			b := n.routeBlocker(sub, l, stage, "the internet")
			b.Summary = fmt.Sprintf("nothing comes in through %s, to which %s leads %s", s.Route.Target.ID, table, sub.ID)
			w.block(b)
		case nat:
			n.throughNAT(w, sub, s.Route.Target.ID, true)
			if s.Class != network.ClassNAT {
				w.assume(fmt.Sprintf("what %s leads to passes it on", s.Route.Target.ID))
			}
		case s.Class != network.ClassEgressOnly:
			w.assume(fmt.Sprintf("%s passes it on, to which %s leads it", s.Route.Target.ID, table))
			if in && s.Class == network.ClassAppliance {
				for _, gateway := range n.ingress() {
					n.entered(w, gateway, s.Route.Target.ID, sub, stage)
				}
			}
		}
	}
}

func (n *Network) gapsOfSlice(sub *subnet, v6 bool) []groundway.Gap {
	e := sub.egress.IPv4
	if v6 {
		e = sub.egress.IPv6
	}
	if len(e.Gaps) > 0 {
		return e.Gaps
	}
	return []groundway.Gap{{Action: actionRouteTables}}
}

// peer follows a route to a peering connection as far as the snapshot goes.
func (n *Network) peer(w *way, sub *subnet, l leg, stage Stage) {
	id := l.route.Target.ID
	p := n.peerings[id]
	if p == nil {
		w.unseen(gapsOf(n.snapshot.Peerings, actionPeerings)...)
		return
	}
	other := p.Accepter
	if other.VPCID == n.vpcID {
		other = p.Requester
	}
	switch {
	case p.State == "":
		w.unseen(notShown(actionPeerings, "the state of "+id))
		return
	case !is(p.State, "active"):
		w.block(Blocker{
			Stage: stage, Subject: groundway.Subject{Kind: "vpc-peering-connection", ID: id, Name: p.Tags["Name"], Region: n.region}, Subnets: []string{sub.ID},
			Summary:  fmt.Sprintf("%s is %s", id, p.State),
			Evidence: []groundway.Fact{{Path: pointer("vpcPeeringConnections", id, "state"), Got: p.State, Want: "active", Source: actionPeerings}},
			Remedy: groundway.Remedy{
				Action:   "Have the peering connection accepted, or make another one.",
				Commands: [][]string{{"aws", "ec2", "accept-vpc-peering-connection", "--vpc-peering-connection-id", id}},
			},
		})
		return
	case len(other.CIDRs) == 0:
		w.unseen(notShown(actionPeerings, "the blocks of "+other.VPCID))
		return
	}
	if beyond := l.to.minus(addressesOf(other.CIDRs, w.traffic.IPv6)); len(beyond) > 0 {
		b := n.routeBlocker(sub, leg{l.route, beyond}, stage, "")
		b.Summary = fmt.Sprintf("%s leads to %s, which has no address of %s: a peer passes nothing on", id, other.VPCID, blocksText(beyond))
		w.deny(b, beyond)
	}
	w.assume(fmt.Sprintf("the security groups and network ACLs of %s let it pass", other.VPCID))
	n.peerReturns(w, other, l, sub, stage)
}

// deny notes a blocker of some of the hosts outside.
func (w *way) deny(b Blocker, hosts addresses) {
	w.result.Blockers = append(w.result.Blockers, b)
	if b.Stage == StageReturnRoute {
		q := w.backward()
		w.in = append(w.in, answer{passed: whole(q.ports, q.remote.minus(hosts)), denied: whole(q.ports, q.remote.and(hosts))})
		return
	}
	q := w.forward()
	w.out = append(w.out, answer{passed: whole(q.ports, q.remote.minus(hosts)), denied: whole(q.ports, q.remote.and(hosts))})
}

// peerReturns looks whether the peer's subnets lead back. Where the snapshot
// does not hold the peer it is an assumption.
func (n *Network) peerReturns(w *way, other network.PeeredVPC, l leg, sub *subnet, stage Stage) {
	peer := n.other(other.VPCID)
	if peer == nil {
		w.assume(fmt.Sprintf("the route tables of %s lead back to %s", other.VPCID, l.route.Target.ID))
		return
	}
	ours := w.src
	if stage == StageReturnRoute {
		ours = w.dst
	}
	for _, there := range peer.ordered() {
		hosts := there.addresses(w.traffic.IPv6).and(l.to)
		if len(hosts) == 0 {
			continue
		}
		legs, gaps := peer.legs(there, ours)
		if gaps != nil {
			w.unseen(gaps...)
			continue
		}
		for _, back := range legs {
			if back.route != nil && is(back.route.State, "active") && back.route.Target.ID == l.route.Target.ID {
				continue
			}
			b := peer.routeBlocker(there, back, stage, "")
			b.Subnets = []string{sub.ID}
			if back.route == nil {
				b.Remedy.Commands = [][]string{}
				for _, p := range peer.coarse(back.to) {
					b.Remedy.Commands = append(b.Remedy.Commands,
						routeCommand("create-route", there.egress.RouteTableID, network.Route{Prefix: p}, "--vpc-peering-connection-id", l.route.Target.ID))
				}
			}
			w.deny(b, hosts)
		}
	}
}

// other returns the index of another VPC of the snapshot, or nil where the
// snapshot does not hold it.
func (n *Network) other(vpcID string) *Network {
	if n.others == nil {
		n.others = map[string]*Network{}
		for _, v := range n.snapshot.VPCs.Items {
			if v.ID != n.vpcID {
				n.others[v.ID] = nil
			}
		}
	}
	peer, held := n.others[vpcID]
	if held && peer == nil {
		peer = New(n.snapshot, vpcID)
		n.others[vpcID] = peer
	}
	return peer
}
