package flow

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
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
		r.Blockers[i].Remedy = n.after(before, r.Blockers[i].Remedy, r.Blockers[i].Subject.ID)
		before = append(before, r.Blockers[i].Remedy.Commands...)
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
