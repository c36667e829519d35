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

// Check applies the rules of the package to the flows of the options' profile,
// over IPv4, as network.Check does its own: every rule yields at least one finding, and the
// findings are ordered by [groundway.Finding.Compare]. What a finding of
// network.Check explains is skipped, with that as its cause.
//
// The network ACL, the security group or the route table is the subject of what
// it blocks, however many flows that are; the evidence has them all. Of traffic
// with the internet it is enough that some of it comes in, for a cluster may be
// meant for a part of it; where only some of it goes out, that is a warning.
func Check(s network.Snapshot, o network.Options) []groundway.Finding {
	return CheckAfter(network.Check(s, o), s, o)
}

// CheckAfter is Check for a caller that has the findings of network.Check for
// the same snapshot and options, and saves making them once more. They are the
// causes of what is skipped, and not among the findings that it returns.
func CheckAfter(found []groundway.Finding, s network.Snapshot, o network.Options) []groundway.Finding {
	c := &checker{
		n: New(s, o.VPC), o: o, places: places(o), blocked: map[blockKey]*blocked{}, legs: map[legKey]legAnswer{},
		failed: map[string]groundway.Finding{}, sides: map[Role]*side{},
	}
	c.Tally = groundway.NewTally(rules, c.vpcSubject())
	for _, f := range found {
		if f.Outcome == groundway.Failed {
			c.failed[f.Fingerprint()] = f
			c.failures = append(c.failures, f)
		}
	}
	if !c.stopAtVPC() {
		for _, f := range Flows(o.Profile, o.Topology) {
			c.flow(f)
		}
		c.endpoints()
		c.report()
		c.settle()
	}
	return c.Findings()
}

// A checker gathers what stands in the way of flows.
type checker struct {
	*groundway.Tally
	n        *Network
	o        network.Options
	places   map[Role]Place
	failures []groundway.Finding // of network.Check
	failed   map[string]groundway.Finding
	blocked  map[blockKey]*blocked
	legs     map[legKey]legAnswer
	sides    map[Role]*side
}

// A side is a place with its subnets that the VPC has, for all flows of a role.
type side struct {
	Place
	role    Role
	subnets []*subnet
	addrs   addresses
	byACL   [][]*subnet
	byTable [][]*subnet
}

func (c *checker) side(role Role) *side {
	if s := c.sides[role]; s != nil {
		return s
	}
	s := &side{Place: c.places[role], role: role}
	c.use(s, c.subnetsOf(s.Place))
	c.sides[role] = s
	return s
}

func (c *checker) use(s *side, list []*subnet) {
	s.subnets, s.addrs, s.byACL, s.byTable = list, union(list), byACL(list), byTable(list)
}

// A blockKey names what becomes one finding.
type blockKey struct {
	code groundway.Code
	id   string
}

type blocked struct {
	finding groundway.Finding
	flows   []string
	first   string
}

func (c *checker) vpcSubject() groundway.Subject {
	s := c.n.subjectOf("vpc", c.o.VPC)
	s.Region = cmp.Or(c.o.Region, s.Region)
	if c.o.VPC == "" {
		s.Path = "/network/vpc"
	}
	return s
}

func (c *checker) stopAtVPC() bool {
	_, missing := c.failed[groundway.Fingerprint(codeVPCNotFound, c.vpcSubject())]
	for _, r := range rules {
		switch {
		case missing:
			c.Skip(r.Code, codeVPCNotFound, c.vpcSubject())
		case c.n.vpc == nil && len(c.n.subnets) == 0:
			gaps := gapsOf(c.n.snapshot.VPCs, actionVPCs)
			if c.n.snapshot.VPCs.Complete() {
				gaps = gapsOf(c.n.snapshot.Subnets, actionSubnets)
			}
			c.unknown(r.Code, gaps...)
		}
	}
	return missing || c.n.vpc == nil && len(c.n.subnets) == 0
}

// unknown records that what a rule needs was not seen. The VPC stands for all
// flows: one action is denied, and one thing is to be done.
func (c *checker) unknown(code groundway.Code, gaps ...groundway.Gap) {
	c.Unseen(code, c.vpcSubject(), func(g groundway.Gap) groundway.Remedy { return g.Remedy(c.n.account) }, gaps...)
}

// block records a blocker of a flow. A weak one lets the flow pass in part.
func (c *checker) block(code groundway.Code, f Flow, b Blocker, weak bool, related ...*subnet) {
	key := blockKey{code, b.Subject.Kind + " " + b.Subject.ID}
	x := c.blocked[key]
	if x == nil {
		x = &blocked{finding: groundway.Finding{Code: code, Subject: b.Subject}, first: b.Summary}
		x.finding.Subject.Region = cmp.Or(c.o.Region, x.finding.Subject.Region)
		if weak {
			x.finding.Severity = groundway.Warning
		}
		c.blocked[key] = x
	}
	if !weak {
		x.finding.Severity = 0
	}
	x.flows = append(x.flows, fmt.Sprintf("%s from %s to %s", f.Traffic, c.places[f.From].name(), c.places[f.To].name()))
	for _, e := range b.Evidence {
		if !slices.Contains(x.finding.Evidence, e) {
			x.finding.Evidence = append(x.finding.Evidence, e)
		}
	}
	for _, s := range related {
		x.finding.Related = append(x.finding.Related, c.n.subjectOf("subnet", s.ID))
	}
	if len(x.finding.Remedies) == 0 {
		x.finding.Remedies = []groundway.Remedy{b.Remedy}
		return
	}
	// One remedy with the commands of all flows, which have to go through all.
	r := &x.finding.Remedies[0]
	for _, command := range b.Remedy.Commands {
		if !slices.ContainsFunc(r.Commands, func(have []string) bool { return does(have, command) }) {
			r.Commands = append(r.Commands, command)
		}
	}
	if slices.ContainsFunc(r.Commands, isCrowded) {
		*r = crowded(b.Subject.ID, "the traffic")
		return
	}
	*r = c.n.after(nil, *r, b.Subject.ID)
}

// report makes findings of the blockers.
func (c *checker) report() {
	for _, key := range slices.SortedFunc(maps.Keys(c.blocked), func(a, b blockKey) int { return cmp.Or(cmp.Compare(a.code, b.code), cmp.Compare(a.id, b.id)) }) {
		x := c.blocked[key]
		slices.Sort(x.flows)
		x.flows = slices.Compact(x.flows)
		f := x.finding
		first := strings.ToUpper(x.first[:1]) + x.first[1:]
		if strings.HasPrefix(x.first, f.Subject.ID) || strings.HasPrefix(x.first, "sg-") {
			first = x.first
		}
		f.Summary = first + "."
		if len(x.flows) == 1 {
			f.Summary = fmt.Sprintf("%s: %s is blocked.", first, x.flows[0])
		} else {
			f.Summary = fmt.Sprintf("%s: %d flows are blocked.", first, len(x.flows))
		}
		if f.Severity == groundway.Warning {
			f.Summary = strings.ReplaceAll(strings.ReplaceAll(f.Summary, "is blocked.", "is blocked in part."), "are blocked.", "are blocked in part.")
		}
		for _, flow := range x.flows {
			f.Evidence = append(f.Evidence, groundway.Fact{Got: "blocked", Want: flow})
		}
		slices.SortFunc(f.Related, groundway.Subject.Compare)
		c.Fail(f)
	}
}

// settle says of rules that had nothing to judge why that is.
func (c *checker) settle() {
	for code, why := range map[groundway.Code]string{
		codeGroup:         "the options name no security groups: an installer makes its own",
		codeACL:           "no flow of the profile leaves a subnet",
		codeACLReturn:     "no flow of the profile leaves a subnet",
		codeRoute:         "no flow of the profile leaves a subnet",
		codeAsymmetric:    "no route leads the flows through an appliance",
		codeEndpointGroup: "the VPC has no interface endpoint with private DNS for what nodes call",
	} {
		if !c.Settled(code) {
			c.Inapplicable(code, why)
		}
	}
}

// subnetsOf returns the subnets of a place that the VPC has, and records what
// becomes of the others.
func (c *checker) subnetsOf(p Place) (list []*subnet) {
	for _, id := range p.Subnets {
		sub := c.n.subnets[id]
		if sub != nil && len(sub.addresses(false)) > 0 {
			if !slices.Contains(list, sub) {
				list = append(list, sub)
			}
			continue
		}
		subject := c.n.subjectOf("subnet", id)
		for _, code := range []groundway.Code{codeACL, codeACLReturn, codeRoute} {
			switch {
			case c.hasFailed(codeSubnetNotFound, id):
				c.Skip(code, codeSubnetNotFound, subject)
			case c.hasFailed(codeSubnetOtherVPC, id):
				c.Skip(code, codeSubnetOtherVPC, subject)
			case sub == nil && c.n.snapshot.Subnets.Complete():
				_, _, bad := c.n.find(id, false)
				if code == codeRoute {
					c.block(codeRoute, Flow{Traffic: Traffic{}, From: "nodes", To: "file system"}, bad.Blockers[0], false)
				}
			case sub == nil:
				c.unknown(code, gapsOf(c.n.snapshot.Subnets, actionSubnets)...)
			default:
				c.unknown(code, notShown(actionSubnets, "an IPv4 block of "+id))
			}
		}
	}
	return list
}

func (c *checker) hasFailed(code groundway.Code, id string) bool {
	return slices.ContainsFunc(c.failures, func(f groundway.Finding) bool { return f.Code == code && f.Subject.ID == id })
}

// flow judges a flow: the two sides apart, each table, ACL and group once for
// all subnets that it serves. That is enough, for a flow passes whole where
// each stage lets all addresses of the other side pass.
func (c *checker) flow(f Flow) {
	from, to := c.side(f.From), c.side(f.To)
	switch {
	case f.From == RolePrivateNetwork && len(from.Addresses) == 0:
	case from.inside() && to.inside():
		c.between(f, from, to)
	case from.inside():
		c.out(f, from, to)
	case from.Internet:
		c.in(f, from, to)
	case f.From == RolePrivateNetwork:
		c.fromPrivate(f, from, to)
	}
	if f.From == RolePrivateNetwork && len(c.o.PrivateNetworks) == 0 {
		for _, code := range []groundway.Code{codeACL, codeACLReturn, codeRoute} {
			c.Inapplicable(code, "the options name no private network from which the cluster is used")
		}
	}
}

func union(list []*subnet) addresses {
	var all addresses
	for _, s := range list {
		all = append(all, s.addresses(false)...)
	}
	return all.normal()
}

func (c *checker) between(f Flow, from, to *side) {
	if len(from.addrs) == 0 || len(to.addrs) == 0 {
		return
	}
	protocol, ports := f.Traffic.number(), f.Traffic.ports()
	client := from.ephemeral()
	if !hasPorts(protocol) {
		client = allPorts
	}
	c.filters(f, from, to)
	c.acls(f, codeACL, StageACLEgress, from, to, query{protocol, ports, to.addrs})
	c.acls(f, codeACL, StageACLIngress, to, from, query{protocol, ports, from.addrs})
	if !f.Traffic.OneWay {
		c.acls(f, codeACLReturn, StageACLReturnEgress, to, from, query{protocol, client, from.addrs})
		c.acls(f, codeACLReturn, StageACLReturnIngress, from, to, query{protocol, client, to.addrs})
	}
	c.routes(f, StageRoute, from, to)
	c.routes(f, StageReturnRoute, to, from)
}

// filters asks the security groups of both sides. Of what an appliance passes on
// the members of a group are not known to the other side's rules.
func (c *checker) filters(f Flow, from, to *side) {
	var sent, received addresses
	if !one(from, to) {
		for _, use := range from.byTable {
			for _, l := range c.reached(use, to) {
				if c.n.fate(l.route) == fateAppliance {
					sent, received = sent.with(l.to), received.with(union(use))
				}
			}
		}
	}
	protocol, ports := f.Traffic.number(), f.Traffic.ports()
	for _, part := range []struct {
		to, from addresses
		behind   bool
	}{{to.addrs.minus(sent), from.addrs.minus(received), false}, {sent, received, true}} {
		source, target := from.Place, to.Place
		source.behind, target.behind = part.behind, part.behind
		c.groups(f, source, target, true, query{protocol, ports, part.to})
		c.groups(f, target, source, false, query{protocol, ports, part.from})
	}
}

// groups asks the security groups that a place is given.
func (c *checker) groups(f Flow, of, peer Place, egress bool, q query) {
	if len(of.Groups) == 0 || len(q.remote) == 0 {
		return
	}
	a := c.n.askGroups(of.Groups, egress, q, peer)
	c.judge(codeGroup, f, a, peer.Internet, egress, q, func() Blocker { return c.n.groupBlocker(of, peer, egress, f.Traffic, a.denied) })
}

// judge records what an answer means for a flow. With the internet some of it
// is enough where it comes in, and a warning where it goes out.
func (c *checker) judge(code groundway.Code, f Flow, a answer, internet, out bool, q query, blocker func() Blocker, related ...*subnet) {
	sure, maybe := a.full(), len(a.denied) == 0
	if internet {
		sure = len(a.passed.under(q.ports, q.remote)) > 0
		maybe = sure || len(slices.Concat(a.passed, a.unseen).under(q.ports, q.remote)) > 0
	}
	switch {
	case !sure && !maybe:
		c.block(code, f, blocker(), false, related...)
	case !sure:
		c.unknown(code, a.gaps...)
	case internet && out && len(a.denied) > 0:
		c.block(code, f, blocker(), true, related...)
	default:
		c.Pass(code, 1)
	}
}

// acls asks the network ACLs of the subnets about the other side. What is
// denied counts unless it is within the one subnet that asks.
func (c *checker) acls(f Flow, code groundway.Code, stage Stage, of, other *side, q query) {
	if one(of, other) {
		return // within one subnet no ACL is asked
	}
	egress := stage == StageACLEgress || stage == StageACLReturnEgress
	for _, use := range of.byACL {
		a := c.n.askACL(use[0], egress, q)
		if a.full() {
			c.Pass(code, 1)
			continue
		}
		if len(a.denied) == 0 {
			c.unknown(code, a.gaps...)
			continue
		}
		hit := meeting(other.subnets, a.denied.addrs())
		if len(hit) == 1 && len(use) == 1 && hit[0] == use[0] {
			c.Pass(code, 1)
			continue
		}
		b := c.n.aclBlocker(use[0].acl, egress, stage, f.Traffic.Protocol, a)
		c.block(code, f, b, false, append(slices.Clone(use), hit...)...)
	}
}

// one reports whether both sides are in one subnet alone.
func one(a, b *side) bool {
	return len(a.subnets) == 1 && len(b.subnets) == 1 && a.subnets[0] == b.subnets[0]
}

// byACL groups the subnets by their network ACL, in the order of the subnets.
func byACL(list []*subnet) [][]*subnet {
	return groupBy(list, func(s *subnet) string {
		if s.acl == nil {
			return ""
		}
		return s.acl.ID
	})
}

func byTable(list []*subnet) [][]*subnet {
	return groupBy(list, func(s *subnet) string { return s.egress.RouteTableID })
}

func groupBy(list []*subnet, key func(*subnet) string) [][]*subnet {
	var out [][]*subnet
	at := map[string]int{}
	for _, s := range list {
		i, ok := at[key(s)]
		if !ok {
			i = len(out)
			at[key(s)] = i
			out = append(out, nil)
		}
		out[i] = append(out[i], s)
	}
	return out
}

// meeting returns the subnets with an address of the set.
func meeting(list []*subnet, a addresses) (hit []*subnet) {
	for _, s := range list {
		if len(s.addresses(false).and(a)) > 0 {
			hit = append(hit, s)
		}
	}
	return hit
}

type legKey struct {
	table string
	to    Role
}

type legAnswer struct {
	legs []leg
	gaps []groundway.Gap
}

// legsOf returns the way of a table to the hosts of a role, once for all flows.
func (c *checker) legsOf(sub *subnet, to *side) ([]leg, []groundway.Gap) {
	key := legKey{sub.egress.RouteTableID, to.role}
	a, ok := c.legs[key]
	if !ok || key.table == "" {
		a.legs, a.gaps = c.n.legs(sub, to.addrs)
		c.legs[key] = a
	}
	return a.legs, a.gaps
}

// reached returns the legs of a table to the hosts of a role that are not local,
// and lead out of the subnets that use it.
func (c *checker) reached(use []*subnet, to *side) (list []leg) {
	legs, _ := c.legsOf(use[0], to)
	for _, l := range legs {
		if c.n.fate(l.route) == fateLocal {
			continue
		}
		if hit := meeting(to.subnets, l.to); len(hit) == 1 && len(use) == 1 && hit[0] == use[0] {
			continue
		}
		list = append(list, l)
	}
	return list
}

// routes judges the routes of the subnets to others of the VPC.
func (c *checker) routes(f Flow, stage Stage, of, other *side) {
	if one(of, other) {
		return
	}
	for _, use := range of.byTable {
		if _, gaps := c.legsOf(use[0], other); gaps != nil {
			c.unknown(codeRoute, gaps...)
			continue
		}
		ok := true
		for _, l := range c.reached(use, other) {
			hit := meeting(other.subnets, l.to)
			switch fate := c.n.fate(l.route); fate {
			case fateAppliance:
				c.symmetry(f, use, hit, l)
			case fateUnknown:
				ok = false
				c.unknown(codeRoute, groundway.Gap{Action: actionRouteTables, Message: "what becomes of traffic to " + routeName(l.route)})
			default:
				ok = false
				table := c.n.subjectOf("route-table", use[0].egress.RouteTableID)
				if c.hasFailed(codeUnreachable, table.ID) {
					c.Skip(codeRoute, codeUnreachable, table)
					continue
				}
				c.block(codeRoute, f, c.n.routeBlocker(use[0], l, stage, ""), false, append(slices.Clone(use), hit...)...)
			}
		}
		if ok {
			c.Pass(codeRoute, 1)
		}
	}
}

// symmetry judges whether answers come back by the appliance to which a leg
// goes: the tables of the subnets that it leads to have to lead back there.
func (c *checker) symmetry(f Flow, use, hit []*subnet, l leg) {
	for _, there := range byTable(hit) {
		legs, gaps := c.n.legs(there[0], union(use))
		if gaps != nil {
			c.unknown(codeAsymmetric, gaps...)
			continue
		}
		i := slices.IndexFunc(legs, func(back leg) bool { return back.route == nil || back.route.Target.ID != l.route.Target.ID })
		if i < 0 {
			c.Pass(codeAsymmetric, 1)
			continue
		}
		c.block(codeAsymmetric, f, c.n.asymmetry(use[0].egress.RouteTableID, l, there[0], legs[i]), false, append(slices.Clone(use), there...)...)
	}
}
