package flow

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/network"
)

// A Place is where traffic comes from or goes to. Its hosts need not exist.
type Place struct {
	Name string // in texts: "the workers"
	// Subnets are the subnets of the VPC in which the hosts are, or will be;
	// each of their addresses may be a host's.
	Subnets []string
	// Groups are the security groups of the hosts. Without any they are taken
	// for those of an installer, which makes what it needs: an assumption, that
	// the result names.
	Groups    []string
	Ungrouped bool // the hosts have no security groups, as those of a NAT gateway
	PublicIP  bool // the hosts have public addresses
	// Addresses are those of hosts outside of the VPC, in a network that it is
	// connected with.
	Addresses []netip.Prefix
	Internet  bool // the hosts are on the internet
	// Ephemeral are the ports from which the hosts open connections; zero is
	// 32768-60999 for hosts of the VPC, as Linux has it, and 1024-65535
	// otherwise.
	Ephemeral Ports

	// behind says that its traffic passes an appliance, so that rules that name
	// its groups do not allow it, see
	// https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html#security-group-referencing.
	behind bool
}

// inside reports whether the hosts are in the VPC.
func (p Place) inside() bool { return !p.Internet && len(p.Addresses) == 0 }

func (p Place) name() string { return cmp.Or(p.Name, strings.Join(p.Subnets, ", "), "the hosts") }

func (p Place) ephemeral() Ports {
	switch {
	case p.Ephemeral != (Ports{}):
		return p.Ephemeral
	case p.inside():
		return linuxPorts
	}
	return ephemeralPorts
}

// A Verdict says how far traffic comes. The zero value is invalid.
type Verdict uint8

const (
	_ Verdict = iota
	// Reachable: all of it arrives, and its answers come back.
	Reachable
	// Assumed is Reachable where the assumptions of the result hold.
	Assumed
	// Partial: some of it arrives, for other addresses or ports it is blocked.
	Partial
	// Unknown: what decides was not seen; the gaps say what.
	Unknown
	// Blocked: none of it arrives, or no answer comes back.
	Blocked
)

var verdictNames = []string{Reachable: "reachable", Assumed: "assumed", Partial: "partial", Unknown: "unknown", Blocked: "blocked"}

// String returns the verdict in lower case, or "invalid".
func (v Verdict) String() string {
	if int(v) >= len(verdictNames) || v == 0 {
		return "invalid"
	}
	return verdictNames[v]
}

// A Result is the verdict on traffic between two places.
type Result struct {
	Verdict Verdict
	// Blockers are all that stands in the way, in the order in which a packet
	// and its answer meet it. Each has to go before the traffic passes whole:
	// their remedies together are the smallest fix.
	Blockers    []Blocker
	Assumptions []string        // for Assumed, and beside Partial: clauses, ordered
	Gaps        []groundway.Gap // for Unknown: what has to be seen
}

// A Stage is a point at which packets are let through or not.
type Stage string

// The stages, in the order of the way.
const (
	StageGroupEgress      Stage = "security-group-egress"
	StageACLEgress        Stage = "network-acl-egress"
	StageRoute            Stage = "route"
	StageACLIngress       Stage = "network-acl-ingress"
	StageGroupIngress     Stage = "security-group-ingress"
	StageACLReturnEgress  Stage = "network-acl-return-egress"
	StageReturnRoute      Stage = "return-route"
	StageACLReturnIngress Stage = "network-acl-return-ingress"
)

// A Blocker is what keeps traffic, or its answers, from passing.
type Blocker struct {
	Stage    Stage
	Subject  groundway.Subject // the security group, network ACL, route table, gateway or subnet
	Subnets  []string          // from or to which it blocks, where it is of subnets
	Summary  string            // a clause: "acl-0b denies tcp 443 from 10.0.0.0/24 by its entry ingress 90"
	Evidence []groundway.Fact
	Remedy   groundway.Remedy
	whole    bool // nothing passes it
}

func (b Blocker) ingress() bool { return b.Stage == StageGroupIngress }

// Reach follows traffic from one place to another, and its answers back. The
// verdict is on all pairs of their subnets together: Reachable where every pair
// is, Blocked where none is, Partial in between. Traffic within one subnet
// passes no network ACL and follows no route.
//
// Security groups remember connections, so that answers need no rule of theirs;
// network ACLs do not. Into another network the way is followed to the gateway
// that leads there, and over a peering connection as far as the snapshot holds
// the other VPC; peering is never followed further, as in EC2.
func (n *Network) Reach(from, to Place, t Traffic) Result {
	var all []Result
	switch {
	case t.number() < 0:
		return Result{Verdict: Unknown, Gaps: []groundway.Gap{{Action: actionSecurityGroups, Message: fmt.Sprintf("%q is no protocol", t.Protocol)}}}
	case !from.inside() && !to.inside():
		return Result{Verdict: Unknown, Gaps: []groundway.Gap{{Action: actionSubnets, Message: "neither place is in the VPC"}}}
	case !from.inside():
		for _, id := range to.Subnets {
			all = append(all, n.fromOutside(from, to, id, t))
		}
	case !to.inside():
		for _, id := range from.Subnets {
			all = append(all, n.toOutside(from, to, id, t))
		}
	default:
		for _, a := range from.Subnets {
			for _, b := range to.Subnets {
				all = append(all, n.within(from, to, a, b, t))
			}
		}
	}
	if len(all) == 0 {
		return Result{Verdict: Unknown, Gaps: []groundway.Gap{{Action: actionSubnets, Message: "a place names no subnet"}}}
	}
	r := join(all)
	// The remedies go together: no two entries of an ACL have one number.
	var before [][]string
	for i := range r.Blockers {
		commands := slices.Clone(r.Blockers[i].Remedy.Commands)
		for k := range commands {
			commands[k] = n.renumbered(before, commands[k])
			before = append(before, commands[k])
		}
		r.Blockers[i].Remedy.Commands = commands
	}
	return r
}

// join makes one result of those of all pairs.
func join(all []Result) Result {
	if len(all) == 1 {
		return all[0]
	}
	var r Result
	count := map[Verdict]int{}
	for _, one := range all {
		count[one.Verdict]++
		r.Assumptions = append(r.Assumptions, one.Assumptions...)
		r.Gaps = append(r.Gaps, one.Gaps...)
		for _, b := range one.Blockers {
			i := slices.IndexFunc(r.Blockers, func(x Blocker) bool { return x.Stage == b.Stage && x.Summary == b.Summary })
			if i < 0 {
				r.Blockers = append(r.Blockers, b)
				continue
			}
			r.Blockers[i].Subnets = append(slices.Clip(r.Blockers[i].Subnets), b.Subnets...)
		}
	}
	for i := range r.Blockers {
		slices.Sort(r.Blockers[i].Subnets)
		r.Blockers[i].Subnets = slices.Compact(r.Blockers[i].Subnets)
	}
	r.tidy()
	switch {
	case count[Blocked] == len(all):
		r.Verdict = Blocked
	case count[Blocked]+count[Partial] > 0 && count[Reachable]+count[Assumed]+count[Partial] > 0:
		r.Verdict = Partial
	case count[Unknown] > 0:
		r.Verdict = Unknown
	case count[Assumed] > 0:
		r.Verdict = Assumed
	default:
		r.Verdict = Reachable
	}
	return r
}

func (r *Result) tidy() {
	slices.Sort(r.Assumptions)
	r.Assumptions = slices.Compact(r.Assumptions)
	seen := map[groundway.Gap]bool{}
	r.Gaps = slices.DeleteFunc(r.Gaps, func(g groundway.Gap) bool {
		was := seen[g]
		seen[g] = true
		return was
	})
}

// A way is the walk of one pair: what is left of the traffic after each stage,
// taken apart into what the two sides decide.
type way struct {
	n        *Network
	traffic  Traffic
	result   Result
	out      []answer // of what the source's side decides: destination × port
	in       []answer // of what the destination's side decides: source × port
	outBack  []answer // of the destination's side, for answers: source × client port
	inBack   []answer // of the source's side, for answers: destination × client port
	src, dst addresses
	client   Ports
	lossy    bool // a stage that looks at other ports lets not all of them pass
}

func (n *Network) walk(from Place, src, dst addresses, t Traffic) *way {
	w := &way{n: n, traffic: t, src: src, dst: dst, client: from.ephemeral()}
	if !hasPorts(t.number()) {
		w.client = allPorts
	}
	return w
}

func (w *way) forward() query   { return query{w.traffic.number(), w.traffic.ports(), w.dst} }
func (w *way) backward() query  { return query{w.traffic.number(), w.traffic.ports(), w.src} }
func (w *way) answerOut() query { return query{w.traffic.number(), w.client, w.src} }
func (w *way) answerIn() query  { return query{w.traffic.number(), w.client, w.dst} }

func (w *way) assume(clause string) { w.result.Assumptions = append(w.result.Assumptions, clause) }

// block notes a blocker that lets nothing pass.
func (w *way) block(b Blocker) {
	b.whole = true
	w.result.Blockers = append(w.result.Blockers, b)
}

// groups asks the groups of a place.
func (w *way) groups(of, peer Place, egress bool, q query) answer {
	switch {
	case of.Ungrouped:
		return passes(q)
	case len(of.Groups) == 0:
		w.assume("the security groups that will be made for " + of.name() + " let it pass")
		return passes(q)
	}
	a := w.n.askGroups(of.Groups, egress, q, peer)
	if len(a.denied) > 0 {
		b := w.n.groupBlocker(of, peer, egress, w.traffic, a.denied)
		b.whole = len(a.passed)+len(a.unseen) == 0
		w.result.Blockers = append(w.result.Blockers, b)
	}
	w.result.Gaps = append(w.result.Gaps, a.gaps...)
	return a
}

// acl asks the network ACL of a subnet.
func (w *way) acl(sub *subnet, egress bool, stage Stage, q query) answer {
	a := w.n.askACL(sub, egress, q)
	if len(a.denied) > 0 {
		b := w.n.aclBlocker(sub.acl, egress, stage, w.traffic.Protocol, a)
		b.Subnets = []string{sub.ID}
		b.whole = len(a.passed)+len(a.unseen) == 0
		w.result.Blockers = append(w.result.Blockers, b)
	}
	w.result.Gaps = append(w.result.Gaps, a.gaps...)
	return a
}

func (n *Network) askACL(sub *subnet, egress bool, q query) answer {
	if sub.acl == nil {
		if n.snapshot.NetworkACLs.Complete() {
			return unseenAnswer(q, notShown(actionNetworkACLs, "the network ACL of "+sub.ID))
		}
		return unseenAnswer(q, gapsOf(n.snapshot.NetworkACLs, actionNetworkACLs)...)
	}
	return sub.acl.ask(egress, q)
}

// find returns the subnet of the VPC with its addresses, or a result that says
// why there are none.
func (n *Network) find(id string, v6 bool) (*subnet, addresses, *Result) {
	sub := n.subnets[id]
	if sub == nil {
		if n.snapshot.Subnets.Complete() {
			return nil, nil, &Result{Verdict: Blocked, Blockers: []Blocker{{
				Stage: StageRoute, Subject: n.subjectOf("subnet", id), Summary: id + " is no subnet of " + n.vpcID, whole: true,
				Evidence: []groundway.Fact{{Path: pointer("subnets", id), Want: "the subnet", Source: actionSubnets}},
				Remedy:   groundway.Remedy{Action: "Name a subnet of the VPC."},
			}}}
		}
		return nil, nil, &Result{Verdict: Unknown, Gaps: gapsOf(n.snapshot.Subnets, actionSubnets)}
	}
	a := sub.addresses(v6)
	if len(a) == 0 {
		family := "IPv4"
		if v6 {
			family = "IPv6"
		}
		return nil, nil, &Result{Verdict: Unknown, Gaps: []groundway.Gap{notShown(actionSubnets, "an "+family+" block of "+id)}}
	}
	return sub, a, nil
}

func (n *Network) within(from, to Place, a, b string, t Traffic) Result {
	source, src, bad := n.find(a, t.IPv6)
	if bad != nil {
		return *bad
	}
	target, dst, bad := n.find(b, t.IPv6)
	if bad != nil {
		return *bad
	}
	if a == b {
		w := n.walk(from, src, dst, t)
		w.out = append(w.out, w.groups(from, to, true, w.forward()))
		w.in = append(w.in, w.groups(to, from, false, w.backward()))
		return w.decide()
	}
	diverted := n.throughAppliance(source, dst)
	direct := n.between(from, to, source, target, src, dst.minus(diverted), t)
	if len(diverted) == 0 {
		return direct
	}
	from.behind, to.behind = true, true
	through := n.between(from, to, source, target, src, diverted, t)
	if len(dst.minus(diverted)) == 0 {
		return through
	}
	if slices.ContainsFunc(through.Blockers, Blocker.ingress) {
		direct.Blockers = slices.DeleteFunc(direct.Blockers, Blocker.ingress) // the rule that is missing there does for both
	}
	return join([]Result{direct, through})
}

// between follows traffic from one subnet to addresses of another one.
func (n *Network) between(from, to Place, source, target *subnet, src, dst addresses, t Traffic) Result {
	w := n.walk(from, src, dst, t)
	w.out = append(w.out, w.groups(from, to, true, w.forward()))
	w.out = append(w.out, w.acl(source, true, StageACLEgress, w.forward()))
	w.inside(source, target, dst, StageRoute, &w.out, w.forward())
	w.in = append(w.in, w.acl(target, false, StageACLIngress, w.backward()))
	w.in = append(w.in, w.groups(to, from, false, w.backward()))
	if !t.OneWay {
		w.outBack = append(w.outBack, w.acl(target, true, StageACLReturnEgress, w.answerOut()))
		w.inside(target, source, src, StageReturnRoute, &w.outBack, w.answerOut())
		w.inBack = append(w.inBack, w.acl(source, false, StageACLReturnIngress, w.answerIn()))
	}
	return w.decide()
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

// inside follows the route from one subnet to another of the VPC. It is a local
// one unless somebody leads a part of the VPC elsewhere.
func (w *way) inside(from, to *subnet, dst addresses, stage Stage, into *[]answer, q query) {
	legs, gaps := w.n.legs(from, dst)
	if gaps != nil {
		w.result.Gaps = append(w.result.Gaps, gaps...)
		*into = append(*into, unseenAnswer(q, gaps...))
		return
	}
	var denied addresses
	for _, l := range legs {
		switch fate := w.n.fate(l.route); {
		case fate == fateLocal:
		case fate == fateAppliance:
			w.assume(fmt.Sprintf("%s passes it on, to which %s leads it", l.route.Target.ID, from.egress.RouteTableID))
		case fate == fateUnknown:
			gap := groundway.Gap{Action: actionRouteTables, Message: "what becomes of traffic to " + routeName(l.route)}
			w.result.Gaps = append(w.result.Gaps, gap)
			*into = append(*into, answer{passed: whole(q.ports, q.remote.minus(l.to)), unseen: whole(q.ports, l.to), gaps: []groundway.Gap{gap}})
		default:
			denied = denied.with(l.to)
			w.result.Blockers = append(w.result.Blockers, w.n.routeBlocker(from, l, stage, to.ID))
		}
	}
	*into = append(*into, answer{passed: whole(q.ports, q.remote.minus(denied)), denied: whole(q.ports, denied)})
}

// legs returns the way out of a subnet, or why it cannot be told.
func (n *Network) legs(sub *subnet, to addresses) ([]leg, []groundway.Gap) {
	t := n.tables[sub.egress.RouteTableID]
	if t == nil {
		return nil, append(slices.Clone(sub.egress.IPv4.Gaps), groundway.Gap{Action: actionRouteTables, Message: "the route table of " + sub.ID + " was not seen"})[:max(1, len(sub.egress.IPv4.Gaps))]
	}
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

// decide makes the verdict of what each stage lets pass. Every stage looks at
// one of the two addresses and one port, so that all of it passes where each
// stage lets all pass, and something does where a source, a destination, a port
// and a client's port pass all stages that look at them.
func (w *way) decide() Result {
	r := w.result
	certain := w.something(false)
	full, seen := !w.lossy, true
	for _, list := range [][]answer{w.out, w.in, w.outBack, w.inBack} {
		for _, a := range list {
			full = full && len(a.denied) == 0
			seen = seen && len(a.unseen) == 0
		}
	}
	for _, b := range r.Blockers {
		full = full && !b.whole
	}
	possible := certain || w.something(true)
	switch {
	case !possible:
		r.Verdict = Blocked
		r.Gaps = nil
	case full && seen && len(r.Assumptions) > 0:
		r.Verdict = Assumed
	case full && seen:
		r.Verdict = Reachable
	case certain && !full:
		r.Verdict = Partial
		r.Gaps = nil
	default:
		r.Verdict = Unknown
	}
	if r.Verdict == Blocked || r.Verdict == Unknown {
		r.Assumptions = nil
	}
	r.tidy()
	return r
}

// something reports whether any packet passes all stages and its answer comes
// back, with what was not seen letting pass or not.
func (w *way) something(unseenPasses bool) bool {
	for _, b := range w.result.Blockers {
		if b.whole {
			return false
		}
	}
	t := w.traffic
	out := common(w.out, whole(t.ports(), w.dst), unseenPasses)
	in := common(w.in, whole(t.ports(), w.src), unseenPasses)
	if t.OneWay {
		return meet(out, in, nil)
	}
	outBack := common(w.outBack, whole(w.client, w.src), unseenPasses)
	inBack := common(w.inBack, whole(w.client, w.dst), unseenPasses)
	return meet(out, in, func(dst, src addresses) bool {
		for _, ob := range outBack {
			if len(ob.addrs.and(src)) == 0 {
				continue
			}
			for _, ib := range inBack {
				if ob.ports.From <= ib.ports.To && ib.ports.From <= ob.ports.To && len(ib.addrs.and(dst)) > 0 {
					return true
				}
			}
		}
		return false
	})
}

// meet reports whether two spaces share a port, under which also holds.
func meet(out, in space, also func(dst, src addresses) bool) bool {
	for _, o := range out {
		for _, i := range in {
			if o.ports.From <= i.ports.To && i.ports.From <= o.ports.To && (also == nil || also(o.addrs, i.addrs)) {
				return true
			}
		}
	}
	return false
}

// common returns what all answers let pass.
func common(list []answer, all space, unseenPasses bool) space {
	for _, a := range list {
		var next space
		for _, s := range []space{a.passed, a.unseen}[:map[bool]int{false: 1, true: 2}[unseenPasses]] {
			for _, b := range s {
				rest := slices.Clone(all)
				next = append(next, rest.take(b.ports, b.addrs, nil)...)
			}
		}
		slices.SortFunc(next, func(x, y band) int { return cmp.Compare(x.ports.From, y.ports.From) })
		all = disjoint(next)
	}
	return all
}

// disjoint makes bands of those that may overlap in ports.
func disjoint(list space) space {
	var edges []int
	for _, b := range list {
		edges = append(edges, int(b.ports.From), int(b.ports.To)+1)
	}
	slices.Sort(edges)
	edges = slices.Compact(edges)
	var out, open space
	next := 0
	for i := 0; i+1 < len(edges); i++ {
		open = slices.DeleteFunc(open, func(b band) bool { return int(b.ports.To) < edges[i] })
		for next < len(list) && int(list[next].ports.From) == edges[i] {
			open = append(open, list[next])
			next++
		}
		var a addresses
		for _, b := range open {
			a = a.with(b.addrs)
		}
		if len(a) > 0 {
			out = append(out, band{Ports{uint16(edges[i]), uint16(edges[i+1] - 1)}, a})
		}
	}
	return out
}
