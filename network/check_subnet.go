package network

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/groundway-sdk/groundway"
)

func checkSubnetFound(c *checker, code groundway.Code) {
	if c.stopAtVPC(code) {
		return
	}
	for _, role := range []struct {
		name, path string
		ids        []string
	}{
		{"controller", "/network/controllerSubnets", c.o.ControllerSubnets},
		{"worker", "/network/workerSubnets", c.o.WorkerSubnets},
	} {
		if len(role.ids) == 0 {
			c.Fail(groundway.Finding{
				Code:    code,
				Subject: groundway.Subject{Kind: "subnet", Path: role.path},
				Summary: fmt.Sprintf("No %s subnet is named.", role.name),
				Remedies: []groundway.Remedy{{
					Action:   fmt.Sprintf("Name at least one %s subnet of the VPC.", role.name),
					Commands: [][]string{commandOf(code, actionSubnets, c.vpcID)},
				}},
			})
		}
	}
	for _, m := range c.members {
		switch {
		case m.subnet != nil:
			c.Pass(code, 1)
		case !c.parts.Subnets.Complete():
			c.unknown(code, c.subnetSubject(m), gapsOf(c.parts.Subnets, actionSubnets)...)
		default:
			c.Fail(groundway.Finding{
				Code:     code,
				Subject:  c.subnetSubject(m),
				Summary:  fmt.Sprintf("The %s subnet %s does not exist%s.", m.roles(), m.id, c.where()),
				Evidence: []groundway.Fact{{Path: pointer("subnets", m.id), Want: "the subnet", Source: actionSubnets}},
				Remedies: []groundway.Remedy{{
					Action:   "Name a subnet of the VPC.",
					Commands: [][]string{commandOf(code, actionSubnets, c.vpcID)},
				}},
			})
		}
	}
}

func checkSubnetVPC(c *checker, code groundway.Code) {
	if c.stopAtVPC(code) {
		return
	}
	if len(c.members) == 0 {
		c.Inapplicable(code, "the options name no such subnet")
	}
	for _, m := range c.members {
		switch {
		case m.subnet == nil && c.parts.Subnets.Complete():
			c.Skip(code, codeSubnetNotFound, c.subnetSubject(m))
		case m.subnet == nil:
			c.unknown(code, c.vpcSubject(), gapsOf(c.parts.Subnets, actionSubnets)...)
		case m.subnet.VPCID == "":
			c.unknown(code, c.subnetSubject(m), notShown(actionSubnets, "the VPC of "+m.id))
		case m.subnet.VPCID == c.vpcID:
			c.Pass(code, 1)
		default:
			c.Fail(groundway.Finding{
				Code:     code,
				Subject:  c.subnetSubject(m),
				Summary:  fmt.Sprintf("The %s subnet %s is in %s, not in %s.", m.roles(), m.id, m.subnet.VPCID, c.vpcID),
				Evidence: []groundway.Fact{{Path: pointer("subnets", m.id, "vpcId"), Got: m.subnet.VPCID, Want: c.vpcID, Source: actionSubnets}},
				Remedies: []groundway.Remedy{{
					Action:   "Name a subnet of the VPC, or the VPC of the subnet.",
					Commands: [][]string{commandOf(code, actionSubnets, c.vpcID)},
				}},
				Related: []groundway.Subject{c.vpcSubject()},
			})
		}
	}
}

func checkSubnetDuplicate(c *checker, code groundway.Code) {
	for _, m := range c.named(code, everyMember) {
		if m.times == 1 || m.times == 2 && m.controller && m.worker && c.shared(m) {
			c.Pass(code, 1)
			continue
		}
		how := fmt.Sprintf("%d times as a %s subnet", m.times, m.roles())
		if m.controller && m.worker {
			how = "as a controller and as a worker subnet"
		}
		c.Fail(groundway.Finding{
			Code:     code,
			Subject:  c.subnetSubject(m),
			Summary:  fmt.Sprintf("%s is named %s.", m.id, how),
			Evidence: []groundway.Fact{{Path: pointer("subnets", m.id, "id"), Got: m.id, Want: "to be named once", Source: actionSubnets}},
			Remedies: []groundway.Remedy{{
				Action:   "Name each subnet once, and another one for the other role.",
				Commands: [][]string{commandOf(code, actionSubnets, c.vpcID)},
			}},
		})
	}
}

// shared reports whether the profile takes a subnet for both roles. That of
// Tectonic does not, and none does where the one is public and the other
// private.
func (c *checker) shared(m *member) bool { return c.o.Profile != ProfileTectonic && !m.public(c.o) }

func checkSubnetPublic(c *checker, code groundway.Code) {
	if c.o.Topology != TopologyPublic && c.o.JumpHostSubnet == "" {
		c.Inapplicable(code, "no subnet of an internal cluster has to be public")
		return
	}
	for _, m := range c.routed(code, func(m *member) bool { return m.public(c.o) }) {
		e := m.egress.IPv4
		switch e.Class {
		case ClassInternet:
			c.Pass(code, 1)
		case ClassUnknown:
			if s := e.elsewhere(); s != nil {
				c.failNotPublic(code, m, *s)
				continue
			}
			c.unknown(code, c.subnetSubject(m), e.Gaps...)
		case ClassBroken:
			s, _ := e.deciding()
			if s.Cause.Code == codeNATNotPublic || s.Cause.Code == codeNATPrivate {
				// The NAT gateway is alive, and the wrong way whatever its exit is.
				c.failNotPublic(code, m, s)
				continue
			}
			c.followExit(code, m, e)
		case ClassAbsent:
			c.Fail(groundway.Finding{
				Code:     code,
				Subject:  c.subnetSubject(m),
				Summary:  fmt.Sprintf("%s has no IPv4 block.", m.id),
				Evidence: []groundway.Fact{{Path: pointer("subnets", m.id, "cidrs", "0", "prefix"), Got: firstCIDR(m.subnet), Want: "an IPv4 block", Source: actionSubnets}},
				Remedies: []groundway.Remedy{{Action: "Name a subnet with an IPv4 block.", Commands: [][]string{commandOf(code, actionSubnets, c.vpcID)}}},
			})
		default:
			i := slices.IndexFunc(e.Slices, func(s Slice) bool { return s.Class != ClassInternet })
			c.failNotPublic(code, m, e.Slices[i])
		}
	}
}

func firstCIDR(s *Subnet) string {
	if len(s.CIDRs) == 0 {
		return ""
	}
	return s.CIDRs[0].Prefix.String()
}

// elsewhere returns a slice that keeps the internet gateway from being the
// default, though other slices could not be seen: one that is too large to be
// an exception, and leads elsewhere for certain.
func (e Egress) elsewhere() *Slice {
	if e.unreadDirect {
		return nil
	}
	for i, s := range e.Slices {
		if s.Share > narrow && s.Class != ClassInternet && s.Class != ClassBroken && s.Class != ClassUnknown {
			return &e.Slices[i]
		}
	}
	return nil
}

// followExit records that the rule follows from what the egress died of.
func (c *checker) followExit(code groundway.Code, m *member, e Egress) {
	s, _ := e.deciding()
	if len(s.gaps) > 0 {
		c.unknown(code, c.subnetSubject(m), s.gaps...)
		return
	}
	c.follow(code, s.Cause)
}

// follow records that the rule follows from the cause. A NAT gateway that stands
// in a subnet that has to be public and is not has that for its cause, and one
// that is not available is not judged further.
func (c *checker) follow(code groundway.Code, cause Cause) {
	if _, dead := c.Failed(codeNATNotAvailable, c.natSubject(cause.ID)); dead && (cause.Code == codeNATNotPublic || cause.Code == codeNATPrivate) {
		cause.Code = codeNATNotAvailable
	}
	if nat := c.nats[cause.ID]; cause.Code == codeNATNotPublic && nat != nil && c.failedPublic(nat.SubnetID) {
		cause = Cause{codeSubnetNotPublic, nat.SubnetID}
	}
	c.Skip(code, cause.Code, c.subjectOf(cause))
}

// failedPublic reports whether the subnet failed the rule that it be public.
func (c *checker) failedPublic(subnetID string) bool {
	_, failed := c.Failed(codeSubnetNotPublic, groundway.Subject{Kind: "subnet", ID: subnetID})
	return failed
}

func (c *checker) failNotPublic(code groundway.Code, m *member, s Slice) {
	id, table := m.id, m.egress.RouteTableID
	f := groundway.Finding{
		Code:    code,
		Subject: c.subnetSubject(m),
		Related: []groundway.Subject{c.tableSubject(table)},
		Summary: fmt.Sprintf("The %s subnet %s %s.", m.publicRole(), id, c.wayOf(m.egress)),
	}
	f.Evidence = append(c.associationFact(m), c.routeFact(table, s, "an attached internet gateway"))
	own := [][]string{c.toGateway(table, s.Route)}
	for _, other := range m.egress.IPv4.Slices {
		switch {
		case other.Class == ClassInternet:
			f.Evidence = append(f.Evidence, c.routeFact(table, other, "a default route"))
		case other.Share > narrow && other.Class != ClassUnknown && other.Route.Key() != s.Route.Key():
			f.Evidence = append(f.Evidence, c.routeFact(table, other, "an attached internet gateway"))
			own = append(own, c.toGateway(table, other.Route))
		}
	}
	f.Remedies = []groundway.Remedy{{
		Action:   "Associate the subnet with a route table whose default route leads to the internet gateway.",
		Commands: [][]string{associate(id, m.egress)},
	}, {
		Action:   fmt.Sprintf("Lead the default route of %s there, if every subnet that uses it is to be public.", table),
		Commands: own,
	}, {
		Action: "Name another subnet, one that is public.",
	}}
	c.Fail(f)
}

// toGateway returns the command that leads a route to the VPC's internet gateway,
// or makes it the default route where there is none.
func (c *checker) toGateway(table string, r Route) []string {
	verb := "replace-route"
	if r.Target.isZero() {
		verb = "create-route"
	}
	gateway, _ := c.anyAttached()
	return routeCommand(verb, table, r, "--gateway-id", cmp.Or(gateway, "<internet-gateway-id>"))
}

// publicRole is the role for which a subnet has to be public.
func (m *member) publicRole() string {
	if m.controller {
		return "controller"
	}
	return "jump host"
}

func (t Target) isZero() bool { return t == Target{} }

// associate returns the command that gives a subnet another route table.
func associate(subnetID string, e SubnetEgress) []string {
	if e.Implicit {
		return []string{"aws", "ec2", "associate-route-table", "--subnet-id", subnetID, "--route-table-id", "<route-table-id>"}
	}
	return []string{"aws", "ec2", "replace-route-table-association", "--association-id", cmp.Or(e.associationID, "<association-id>"), "--route-table-id", "<route-table-id>"}
}

// wayOf says in words by which way the subnet reaches the internet, or why not.
func (c *checker) wayOf(e SubnetEgress) string {
	table := e.RouteTableID
	if e.Implicit {
		table = "the main route table " + table
	}
	if len(e.IPv4.Slices) == 0 {
		return "has no routes"
	}
	s := e.IPv4.Slices[0]
	var direct []string
	for _, s := range e.IPv4.Slices {
		if s.Class == ClassInternet {
			direct = append(direct, s.Route.Key())
		}
	}
	switch {
	case len(direct) > 0:
		return fmt.Sprintf("leads only %s to an internet gateway, by %s: %s of the internet",
			strings.Join(direct, ", "), table, percent(e.IPv4.share(ClassInternet)))
	case s.Route.Target.isZero() && len(e.IPv6.Slices) > 0 && e.IPv6.Class == ClassInternet:
		return "reaches the internet over IPv6 only: " + table + " has no IPv4 default route"
	case s.Route.Target.isZero():
		return "has no default route in " + table
	}
	return fmt.Sprintf("leads to %s by %s", nameOf(s.Route.Target), table)
}

// percent writes a share so that neither nothing nor everything is claimed of
// what is little or almost all.
func percent(share float64) string {
	switch {
	case share < 0.0001:
		return "less than 0.01 %"
	case share > 0.9999 && share < 1:
		return "99.99 %"
	}
	return strconv.FormatFloat(share*100, 'g', 4, 64) + " %"
}

// nameOf writes a target with its kind: "the NAT gateway nat-0a".
func nameOf(t Target) string {
	words := map[TargetKind]string{
		TargetInternetGateway: "internet gateway", TargetEgressOnlyGateway: "egress-only internet gateway",
		TargetNATGateway: "NAT gateway", TargetVPNGateway: "virtual private gateway", TargetTransitGateway: "transit gateway",
		TargetPeering: "peering connection", TargetCoreNetwork: "core network", TargetLocalGateway: "local gateway",
		TargetCarrierGateway: "carrier gateway", TargetODBNetwork: "ODB network", TargetEndpoint: "VPC endpoint",
		TargetInterface: "network interface", TargetInstance: "instance", TargetAddress: "address",
	}
	if word, ok := words[t.Kind]; ok {
		return strings.TrimSpace("the " + word + " " + t.ID)
	}
	return strings.TrimSpace("a target of an unknown kind " + t.ID)
}

// associationFact shows by which association the table serves the subnet.
func (c *checker) associationFact(m *member) []groundway.Fact {
	t := c.tables[m.egress.RouteTableID]
	for i, a := range t.Associations {
		at := pointer("routeTables", t.ID, "associations", strconv.Itoa(i))
		switch {
		case m.egress.Implicit && a.Main:
			return []groundway.Fact{{Path: at + "/main", Got: "true", Want: "an association of " + m.id + " with a table of its own", Source: actionRouteTables}}
		case !m.egress.Implicit && a.SubnetID == m.id:
			return []groundway.Fact{{Path: at + "/subnetId", Got: m.id, Source: actionRouteTables}}
		}
	}
	return nil
}

// routeFact shows where the route of a slice leads, or that there is none.
func (c *checker) routeFact(table string, s Slice, want string) groundway.Fact {
	if s.Route.Target.isZero() {
		return groundway.Fact{Path: pointer("routeTables", table, "routes", "0.0.0.0/0"), Want: want, Source: actionRouteTables}
	}
	if s.Route.Target.ID == "" {
		return groundway.Fact{Path: pointer("routeTables", table, "routes", s.Route.Key(), "target", "kind"), Got: string(s.Route.Target.Kind), Want: want, Source: actionRouteTables}
	}
	return groundway.Fact{Path: pointer("routeTables", table, "routes", s.Route.Key(), "target", "id"), Got: s.Route.Target.ID, Want: want, Source: actionRouteTables}
}

// deadFacts shows where the route of a slice leads, and that it is a blackhole
// where EC2 says so.
func (c *checker) deadFacts(table string, s Slice, want string) []groundway.Fact {
	facts := []groundway.Fact{c.routeFact(table, s, want)}
	if is(s.Route.State, "blackhole") {
		facts = append(facts, groundway.Fact{
			Path: pointer("routeTables", table, "routes", s.Route.Key(), "state"), Got: s.Route.State, Want: "active", Source: actionRouteTables,
		})
	}
	return facts
}

func checkSubnetPrivate(c *checker, code groundway.Code) {
	for _, m := range c.routed(code, func(m *member) bool { return !m.public(c.o) || m.worker }) {
		if m.public(c.o) {
			c.Skip(code, codeSubnetDuplicate, c.subnetSubject(m))
			continue
		}
		e := m.egress
		if s, ok := exposed(e); ok {
			family := ""
			if s.Route.Prefix.Addr().Is6() {
				family = " over IPv6"
			}
			c.Fail(groundway.Finding{
				Code:     code,
				Subject:  c.subnetSubject(m),
				Related:  []groundway.Subject{c.tableSubject(e.RouteTableID)},
				Summary:  fmt.Sprintf("The %s subnet %s is public%s: %s leads to the internet gateway %s.", m.roles(), m.id, family, e.RouteTableID, s.Route.Target.ID),
				Evidence: append(c.associationFact(m), c.routeFact(e.RouteTableID, s, "a NAT gateway or a private network")),
				Remedies: []groundway.Remedy{{
					Action:   "Associate the subnet with a route table whose default route leads to a NAT gateway or a private network.",
					Commands: [][]string{associate(m.id, e)},
				}, {
					Action: "Name another subnet, one that is private.",
				}},
			})
			continue
		}
		switch {
		case e.IPv4.Class == ClassBroken && e.IPv4.Slices[0].Route.Target.Kind == TargetInternetGateway:
			c.followExit(code, m, e.IPv4)
		case e.IPv4.Class == ClassUnknown && e.IPv4.mayBeDirect():
			c.unknown(code, c.subnetSubject(m), e.IPv4.Gaps...)
		case e.IPv6.Class == ClassUnknown && e.IPv6.mayBeDirect():
			c.unknown(code, c.subnetSubject(m), e.IPv6.Gaps...)
		default:
			c.Pass(code, 1)
		}
	}
}

// exposed returns a slice by which more than a narrow part of the internet
// reaches the subnet directly.
func exposed(e SubnetEgress) (Slice, bool) {
	for _, egress := range []Egress{e.IPv4, e.IPv6} {
		if egress.share(ClassInternet) <= narrow {
			continue
		}
		for _, s := range egress.Slices {
			if s.Class == ClassInternet {
				return s, true
			}
		}
	}
	return Slice{}, false
}

// mayBeDirect reports whether what could not be seen might lead to an internet
// gateway: a prefix list, or a route whose state or target is not known.
func (e Egress) mayBeDirect() bool {
	known := 0.0
	for _, s := range e.Slices {
		switch s.Route.Target.Kind {
		case TargetInternetGateway, TargetUnknown, "":
			if s.Class == ClassUnknown {
				continue
			}
		}
		known += s.Share
	}
	return known < 1-narrow || e.unreadDirect
}

func checkSubnetImplicit(c *checker, code groundway.Code) {
	for _, m := range c.routed(code, everyMember) {
		if !m.egress.Implicit {
			c.Pass(code, 1)
			continue
		}
		c.Fail(groundway.Finding{
			Code:     code,
			Subject:  c.subnetSubject(m),
			Related:  []groundway.Subject{c.tableSubject(m.egress.RouteTableID)},
			Summary:  fmt.Sprintf("The %s subnet %s has no route table of its own; it follows the main one, %s.", m.roles(), m.id, m.egress.RouteTableID),
			Evidence: c.associationFact(m),
			Remedies: []groundway.Remedy{{
				Action:   "Associate the subnet with a route table.",
				Commands: [][]string{{"aws", "ec2", "associate-route-table", "--subnet-id", m.id, "--route-table-id", m.egress.RouteTableID}},
			}},
		})
	}
}

func checkSubnetAutoIP(c *checker, code groundway.Code) {
	if c.o.Topology != TopologyPublic && c.o.JumpHostSubnet == "" {
		c.Inapplicable(code, "no subnet of an internal cluster has to assign public addresses")
		return
	}
	for _, m := range c.named(code, func(m *member) bool { return m.public(c.o) }) {
		switch {
		case m.subnet.AutoPublicIP == nil:
			c.unknown(code, c.subnetSubject(m), notShown(actionSubnets, "mapPublicIpOnLaunch of "+m.id))
		case *m.subnet.AutoPublicIP:
			c.Pass(code, 1)
		default:
			c.Fail(groundway.Finding{
				Code:     code,
				Subject:  c.subnetSubject(m),
				Summary:  fmt.Sprintf("The %s subnet %s does not assign public addresses.", m.publicRole(), m.id),
				Evidence: []groundway.Fact{{Path: pointer("subnets", m.id, "mapPublicIpOnLaunch"), Got: "false", Want: "true", Source: actionSubnets}},
				Remedies: []groundway.Remedy{{
					Action:   "Have the subnet assign public addresses.",
					Commands: [][]string{{"aws", "ec2", "modify-subnet-attribute", "--subnet-id", m.id, "--map-public-ip-on-launch"}},
				}},
			})
		}
	}
}

func checkSubnetOwner(c *checker, code groundway.Code) {
	for _, m := range c.named(code, everyMember) {
		c.checkOwners(code, c.subnetSubject(m), "subnets", actionSubnets, m.subnet.Tags)
	}
}
