package flow

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/groundway-sdk/groundway"
)

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
