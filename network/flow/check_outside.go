package flow

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/network"
)

// internetOf returns the internet as the subnet's table sees it, or why its way
// there cannot be told.
func internetOf(s *subnet) addresses {
	var all addresses
	for i := range s.egress.IPv4.Slices {
		all = append(all, s.egress.IPv4.Slices[i].Space.Ranges()...)
	}
	return all.normal()
}

// exit judges the way of a subnet to the internet: ok means that the rest of a
// flow is to be judged.
func (c *checker) exit(f Flow, sub *subnet, in, public bool) (ok bool) {
	e := sub.egress.IPv4
	direct := e.Class == network.ClassInternet && public
	switch {
	case direct, !in && (e.Class == network.ClassNAT || e.Class == network.ClassPrivate || e.Class == network.ClassAppliance ||
		e.Class == network.ClassCarrier || e.Class == network.ClassMixed):
		return c.entered(f, sub, in)
	case e.Class == network.ClassUnknown:
		for _, code := range []groundway.Code{codeRoute, codeACL, codeACLReturn} {
			c.unknown(code, e.Gaps...)
		}
		return false
	}
	if code, subject, found := c.causeOf(sub); found {
		for _, follows := range []groundway.Code{codeRoute, codeACL, codeACLReturn} {
			c.Skip(follows, code, subject)
		}
		return false
	}
	if !in && c.o.Profile == network.ProfileEKS && (e.Class == network.ClassIsolated || e.Class == network.ClassEndpoints) {
		for _, code := range []groundway.Code{codeRoute, codeACL, codeACLReturn} {
			c.Inapplicable(code, "isolated subnets use endpoints in place of the internet")
		}
		return false
	}
	place := Place{Name: "the internet", Internet: true}
	here := Place{Subnets: []string{sub.ID}, PublicIP: public, Ungrouped: true}
	r := c.n.Reach(here, place, f.Traffic)
	if in {
		r = c.n.Reach(place, here, f.Traffic)
	}
	for _, b := range r.Blockers {
		if b.Stage == StageRoute || b.Stage == StageReturnRoute {
			c.block(codeRoute, f, b, false, sub)
			return false
		}
	}
	return c.entered(f, sub, in)
}

// causeOf returns the finding of network.Check that says why a subnet has no
// way to the internet, or none from there.
func (c *checker) causeOf(sub *subnet) (groundway.Code, groundway.Subject, bool) {
	for _, code := range exits {
		for _, f := range c.failures {
			concerns := f.Subject.ID == sub.ID || f.Subject.ID == sub.egress.RouteTableID || f.Subject.Kind == "vpc" ||
				slices.ContainsFunc(f.Related, func(s groundway.Subject) bool { return s.ID == sub.ID })
			if f.Code == code && concerns {
				return code, f.Subject, true
			}
		}
	}
	return "", groundway.Subject{}, false
}

// out judges a flow to the internet.
func (c *checker) out(f Flow, from, to *side) {
	if !to.Internet {
		return
	}
	sources := slices.DeleteFunc(slices.Clone(from.subnets), func(s *subnet) bool { return !c.exit(f, s, false, from.PublicIP) })
	if len(sources) == 0 {
		return
	}
	hosts := internetOf(sources[0])
	if len(hosts) == 0 {
		return
	}
	protocol, ports := f.Traffic.number(), f.Traffic.ports()
	c.groups(f, from.Place, to.Place, true, query{protocol, ports, hosts})
	for _, use := range byACL(sources) {
		c.ask(f, codeACL, StageACLEgress, use[0], true, query{protocol, ports, hosts}, true, use...)
		c.ask(f, codeACLReturn, StageACLReturnIngress, use[0], false, query{protocol, from.ephemeral(), hosts}, true, use...)
	}
	// The network ACL of the subnet of a NAT gateway is passed twice each way.
	through, beyond := map[string][]*subnet{}, map[string]addresses{}
	for _, s := range sources {
		for i := range s.egress.IPv4.Slices {
			slice := &s.egress.IPv4.Slices[i]
			if nat := c.n.nats[slice.Route.Target.ID]; slice.Class != network.ClassBroken && nat != nil && nat.SubnetID != "" {
				beyond[nat.SubnetID] = beyond[nat.SubnetID].with(slice.Space.Ranges())
				if list := through[nat.SubnetID]; len(list) == 0 || list[len(list)-1] != s {
					through[nat.SubnetID] = append(list, s)
				}
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(through)) {
		at := c.n.subnets[id]
		if at == nil {
			c.unknown(codeACL, gapsOf(c.n.snapshot.Subnets, actionSubnets)...)
			continue
		}
		users := slices.DeleteFunc(slices.Clone(through[id]), func(s *subnet) bool { return s == at })
		related := append(slices.Clone(through[id]), at)
		c.ask(f, codeACL, StageACLEgress, at, true, query{protocol, ports, beyond[id]}, true, related...)
		c.ask(f, codeACLReturn, StageACLReturnIngress, at, false, query{protocol, ephemeralPorts, beyond[id]}, true, related...)
		if src := union(users); len(src) > 0 {
			c.ask(f, codeACL, StageACLIngress, at, false, query{protocol, ports, src}, false, related...)
			c.ask(f, codeACLReturn, StageACLReturnEgress, at, true, query{protocol, from.ephemeral(), src}, false, related...)
		}
	}
}

// ask asks one network ACL about hosts outside of its subnet.
func (c *checker) ask(f Flow, code groundway.Code, stage Stage, at *subnet, egress bool, q query, internet bool, related ...*subnet) {
	a := c.n.askACL(at, egress, q)
	c.judge(code, f, a, internet, true, q, func() Blocker {
		return c.n.aclBlocker(at.acl, egress, stage, f.Traffic.Protocol, a)
	}, related...)
}

// in judges a flow from the internet: some of it has to come in, and to get
// answers.
func (c *checker) in(f Flow, from, to *side) {
	targets := slices.DeleteFunc(slices.Clone(to.subnets), func(s *subnet) bool { return !c.exit(f, s, true, to.PublicIP) })
	if len(targets) == 0 {
		return
	}
	hosts := internetOf(targets[0])
	if len(hosts) == 0 {
		return
	}
	protocol, ports := f.Traffic.number(), f.Traffic.ports()
	c.groups(f, to.Place, from.Place, false, query{protocol, ports, hosts})
	for _, use := range byACL(targets) {
		q := query{protocol, ports, hosts}
		a := c.n.askACL(use[0], false, q)
		c.judge(codeACL, f, a, true, false, q, func() Blocker {
			return c.n.aclBlocker(use[0].acl, false, StageACLIngress, f.Traffic.Protocol, a)
		}, use...)
		arrive := a.passed.under(q.ports, hosts)
		if len(arrive) == 0 {
			continue
		}
		q = query{protocol, ephemeralPorts, arrive}
		a = c.n.askACL(use[0], true, q)
		c.judge(codeACLReturn, f, a, true, false, q, func() Blocker {
			return c.n.aclBlocker(use[0].acl, true, StageACLReturnEgress, f.Traffic.Protocol, a)
		}, use...)
	}
}

// fromPrivate judges a flow from a network that the VPC is connected with.
func (c *checker) fromPrivate(f Flow, from, to *side) {
	hosts := addressesOf(from.Addresses, false)
	if len(to.subnets) == 0 || len(hosts) == 0 {
		return
	}
	protocol, ports := f.Traffic.number(), f.Traffic.ports()
	c.groups(f, to.Place, from.Place, false, query{protocol, ports, hosts})
	for _, use := range to.byACL {
		c.ask(f, codeACL, StageACLIngress, use[0], false, query{protocol, ports, hosts}, false, use...)
		c.ask(f, codeACLReturn, StageACLReturnEgress, use[0], true, query{protocol, from.ephemeral(), hosts}, false, use...)
	}
	for _, use := range to.byTable {
		target := Place{Name: to.Name, Subnets: []string{use[0].ID}, Ungrouped: true}
		if len(c.n.edges) > 0 {
			// The route table of a gateway tells subnets apart that share theirs.
			target.Subnets = idsOf(use)
			c.enteredFromPrivate(f, use, hosts)
		}
		r := c.n.Reach(from.Place, target, f.Traffic)
		blocked := false
		for _, b := range r.Blockers {
			if b.Stage == StageReturnRoute || b.Stage == StageRoute {
				blocked = true
				c.block(codeRoute, f, b, false, use...)
			}
		}
		switch {
		case blocked:
		case r.Verdict == Unknown && !seesACLs(r.Gaps):
			c.unknown(codeRoute, r.Gaps...)
		default:
			c.Pass(codeRoute, 1)
		}
	}
}

// seesACLs reports whether network ACLs are all that was not seen: their own
// rules say so.
func seesACLs(gaps []groundway.Gap) bool {
	return !slices.ContainsFunc(gaps, func(g groundway.Gap) bool { return g.Action != actionNetworkACLs })
}

// diverted are the services that nodes call and that an interface endpoint with
// private DNS takes away from the internet.
var diverted = []string{"ec2", "ecr.api", "ecr.dkr", "sts", "s3", "elasticloadbalancing", "autoscaling", "eks"}

const actionEndpoints = "ec2:DescribeVpcEndpoints"

// endpoints judges whether the interface endpoints let the nodes in.
func (c *checker) endpoints() {
	if !c.n.snapshot.Endpoints.Complete() {
		c.unknown(codeEndpointGroup, gapsOf(c.n.snapshot.Endpoints, actionEndpoints)...)
	}
	for i := range c.n.snapshot.Endpoints.Items {
		e := &c.n.snapshot.Endpoints.Items[i]
		_, service, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(e.Service, "cn."), "com.amazonaws."), ".")
		switch {
		case e.VPCID != c.o.VPC, !slices.Contains(diverted, service):
			continue
		case e.Type == "" && len(e.RouteTableIDs) == 0:
			c.unknown(codeEndpointGroup, notShown(actionEndpoints, "the type of "+e.ID))
			continue
		case e.State == "":
			c.unknown(codeEndpointGroup, notShown(actionEndpoints, "the state of "+e.ID))
			continue
		case !is(e.Type, "Interface"), !is(e.State, "available"):
			continue
		case e.PrivateDNS == nil:
			c.unknown(codeEndpointGroup, notShown(actionEndpoints, "whether "+e.ID+" has private DNS"))
			continue
		case !*e.PrivateDNS:
			continue
		}
		for _, role := range []Role{RoleController, RoleWorker} {
			nodes := c.places[role]
			if role == RoleController && c.o.Profile == network.ProfileEKS {
				continue
			}
			hosts := union(c.present(nodes))
			if len(hosts) == 0 {
				continue
			}
			q := query{tcp, Port(443), hosts}
			target := Place{Name: e.ID, Subnets: e.SubnetIDs, Groups: e.GroupIDs}
			if len(e.GroupIDs) == 0 {
				c.unknown(codeEndpointGroup, notShown(actionEndpoints, "the security groups of "+e.ID))
				continue
			}
			a := c.n.askGroups(e.GroupIDs, false, q, nodes)
			f := Flow{From: role, To: Role(e.ID), Traffic: Traffic{Protocol: "tcp", Ports: Port(443)}, Why: "nodes call " + service}
			c.places[Role(e.ID)] = target
			c.judge(codeEndpointGroup, f, a, false, false, q, func() Blocker {
				b := c.n.groupBlocker(target, nodes, false, f.Traffic, a.denied)
				b.Subject = groundway.Subject{Kind: "vpc-endpoint", ID: e.ID, Name: e.Tags["Name"], Region: c.n.region, Account: e.OwnerID}
				b.Summary = fmt.Sprintf("%s takes the calls of %s, and %s", e.ID, service, b.Summary)
				return b
			}, c.present(nodes)...)
		}
	}
}

// present returns the subnets of a place that the VPC has.
func (c *checker) present(p Place) (list []*subnet) {
	for _, id := range p.Subnets {
		if s := c.n.subnets[id]; s != nil {
			list = append(list, s)
		}
	}
	return list
}
