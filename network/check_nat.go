package network

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
)

// A natUse is a NAT gateway to which more than a narrow part of the internet
// is led from the named subnets.
type natUse struct {
	id    string
	slice Slice   // the first that is dead, else the first; its fate is that of the gateway
	first *member // the subnet of the slice
	users []*member
}

// natUses returns the NAT gateways in use, ordered by ID, after it recorded why
// the rule says nothing where there are none.
func (c *checker) natUses(code groundway.Code) []natUse {
	uses := map[string]*natUse{}
	members := c.routed(code, everyMember)
	for _, m := range members {
		if m.egress.IPv4.unread {
			c.unknown(code, c.subnetSubject(m), m.egress.IPv4.Gaps...)
			continue
		}
		for i, s := range m.egress.IPv4.Slices {
			if s.Route.Target.Kind != TargetNATGateway || s.Share <= narrow && i > 0 {
				continue
			}
			id := s.Route.Target.ID
			dead := Cause{codeNATNotAvailable, id}
			if uses[id] == nil {
				uses[id] = &natUse{id: id, slice: s, first: m}
			}
			if s.Cause == dead && uses[id].slice.Cause != dead {
				uses[id].slice, uses[id].first = s, m
			}
			if users := uses[id].users; len(users) == 0 || users[len(users)-1] != m {
				uses[id].users = append(users, m)
			}
		}
	}
	if len(uses) == 0 && len(members) > 0 && !c.Settled(code) {
		c.Inapplicable(code, "no named subnet leads to a NAT gateway")
	}
	list := make([]natUse, 0, len(uses))
	for _, id := range slices.Sorted(maps.Keys(uses)) {
		list = append(list, *uses[id])
	}
	return list
}

func checkNATAvailable(c *checker, code groundway.Code) {
	for _, u := range c.natUses(code) {
		nat := c.nats[u.id]
		dead := u.slice.Cause == Cause{code, u.id}
		switch {
		case !dead && nat == nil:
			c.unknown(code, c.natSubject(u.id), gapsOf(c.parts.NATGateways, actionNATGateways)...)
			continue
		case !dead && nat.State == "":
			c.unknown(code, c.natSubject(u.id), notShown(actionNATGateways, "the state of "+u.id))
			continue
		case !dead:
			c.Pass(code, 1)
			continue
		}
		f := groundway.Finding{
			Code:    code,
			Subject: c.natSubject(u.id), Related: c.subjectsOf(u.users),
			Remedies: []groundway.Remedy{u.newNAT("a NAT gateway in a public subnet")},
		}
		switch {
		case nat != nil && !is(nat.State, "available"):
			f.Summary = fmt.Sprintf("%s is %s%s, and %s to it.", u.id, nat.State, inBrackets(nat.FailureCode), leads(u.users))
			f.Evidence = []groundway.Fact{{Path: pointer("natGateways", u.id, "state"), Got: nat.State, Want: "available", Source: actionNATGateways}}
			if is(nat.State, "pending") {
				f.Remedies = []groundway.Remedy{{
					Action:   "Wait until the NAT gateway is available.",
					Commands: [][]string{{"aws", "ec2", "wait", "nat-gateway-available", "--nat-gateway-ids", u.id}},
				}}
			}
		case nat == nil && c.parts.NATGateways.Complete():
			f.Summary = fmt.Sprintf("%s does not exist, and %s to it.", u.id, leads(u.users))
			f.Evidence = []groundway.Fact{{Path: pointer("natGateways", u.id), Want: "the NAT gateway", Source: actionNATGateways}}
		default:
			f.Summary = fmt.Sprintf("%s drops the traffic of %s: the route to it is a blackhole.", u.id, plural(len(u.users), "subnet"))
		}
		f.Evidence = append(f.Evidence, c.deadFacts(u.first.egress.RouteTableID, u.slice, "an available NAT gateway")...)
		c.Fail(f)
	}
}

// newNAT is the remedy for a NAT gateway that cannot be mended.
func (u natUse) newNAT(what string, more ...string) groundway.Remedy {
	create := []string{"aws", "ec2", "create-nat-gateway", "--subnet-id", "<public-subnet-id>", "--allocation-id", "<allocation-id>"}
	return groundway.Remedy{
		Action: "Create " + what + ", and lead the default route to it.",
		Commands: [][]string{
			append(create, more...),
			routeCommand("replace-route", u.first.egress.RouteTableID, u.slice.Route, "--nat-gateway-id", "<nat-gateway-id>"),
		},
	}
}

func inBrackets(text string) string {
	if text == "" {
		return ""
	}
	return " (" + text + ")"
}

// leads says how many subnets lead somewhere.
func leads(members []*member) string {
	if len(members) == 1 {
		return members[0].id + " leads"
	}
	return plural(len(members), "subnet") + " lead"
}

// leadsOn reports whether what a NAT gateway takes goes on beyond it.
func (s Slice) leadsOn() bool {
	return s.Class == ClassNAT || s.Class == ClassPrivate || s.Class == ClassAppliance
}

func checkNATPublic(c *checker, code groundway.Code) {
	for _, u := range c.natUses(code) {
		nat := c.nats[u.id]
		switch {
		case nat != nil && u.slice.Cause == Cause{code, u.id} && c.failedPublic(nat.SubnetID):
			c.follow(code, u.slice.Cause)
			continue
		case u.slice.Cause == Cause{code, u.id}:
		case u.slice.Class == ClassBroken && u.slice.Cause.Code == codeNATPrivate,
			u.slice.leadsOn():
			c.Pass(code, 1)
			continue
		case u.slice.Class == ClassBroken && len(u.slice.gaps) == 0:
			c.follow(code, u.slice.Cause)
			continue
		default:
			c.unknown(code, c.natSubject(u.id), u.slice.gaps...)
			continue
		}
		exit, implicit, _ := c.effectiveTable(nat.SubnetID)
		if is(nat.AvailabilityMode, "regional") {
			exit, implicit = c.tables[nat.RouteTableID], false
		}
		e := SubnetEgress{RouteTableID: exit.ID, Implicit: implicit, IPv4: c.exitOf(exit, nat.SubnetID), associationID: c.explicit[nat.SubnetID].id}
		f := groundway.Finding{
			Code:    code,
			Subject: c.natSubject(u.id), Related: append(c.subjectsOf(u.users), c.tableSubject(exit.ID)),
			Remedies: []groundway.Remedy{u.newNAT("a NAT gateway in a public subnet")},
		}
		what, field, value := "stands in "+nat.SubnetID+", which", "subnetId", nat.SubnetID
		if nat.SubnetID == "" {
			what, field, value = "has a route table of its own and", "routeTableId", nat.RouteTableID
		} else {
			f.Remedies = append(f.Remedies, groundway.Remedy{
				Action:   "Make the subnet of the NAT gateway public.",
				Commands: [][]string{associate(nat.SubnetID, e)},
			})
		}
		f.Summary = fmt.Sprintf("%s %s %s.", u.id, what, c.wayOf(e))
		f.Evidence = []groundway.Fact{
			{Path: pointer("natGateways", u.id, field), Got: value, Want: "a way to an internet gateway", Source: actionNATGateways},
		}
		if len(e.IPv4.Slices) > 0 {
			f.Evidence = append(f.Evidence, c.routeFact(exit.ID, e.IPv4.Slices[0], "an attached internet gateway"))
		}
		c.Fail(f)
	}
}

func checkNATPrivate(c *checker, code groundway.Code) {
	for _, u := range c.natUses(code) {
		nat := c.nats[u.id]
		switch {
		case u.slice.Cause == Cause{code, u.id}:
			c.Fail(groundway.Finding{
				Code:    code,
				Subject: c.natSubject(u.id), Related: c.subjectsOf(u.users),
				Summary:  fmt.Sprintf("%s has private connectivity and leads to no private network, and %s to it.", u.id, leads(u.users)),
				Evidence: []groundway.Fact{{Path: pointer("natGateways", u.id, "connectivityType"), Got: nat.Connectivity, Want: "public", Source: actionNATGateways}},
				Remedies: []groundway.Remedy{u.newNAT("a public NAT gateway", "--connectivity-type", "public")},
			})
		case u.slice.Cause.Code == codeNATNotAvailable:
			c.Skip(code, codeNATNotAvailable, c.natSubject(u.slice.Cause.ID))
		case nat != nil && (is(nat.Connectivity, "public") || u.slice.leadsOn()):
			c.Pass(code, 1)
		case nat != nil && nat.Connectivity == "" && len(nat.PublicAddresses) > 0:
			c.Pass(code, 1)
		default:
			c.unknown(code, c.natSubject(u.id), u.slice.gaps...)
		}
	}
}

// zonesOf returns the zones of the subnets, ordered.
func zonesOf(members []*member) []string {
	zones := map[string]bool{}
	for _, m := range members {
		zones[m.subnet.Zone] = true
	}
	return slices.Sorted(maps.Keys(zones))
}

// natZoneUnknown returns what keeps the zone of a NAT gateway, or that of a
// subnet that uses it, from being known.
func (c *checker) natZoneUnknown(u natUse) []groundway.Gap {
	nat := c.nats[u.id]
	unseen := slices.IndexFunc(u.users, func(m *member) bool { return m.subnet.Zone == "" })
	switch {
	case nat == nil:
		return gapsOf(c.parts.NATGateways, actionNATGateways)
	case is(nat.AvailabilityMode, "regional"):
		return nil
	case nat.SubnetID == "":
		return []groundway.Gap{notShown(actionNATGateways, "the subnet of "+u.id)}
	case c.subnets[nat.SubnetID] == nil:
		return gapsOf(c.parts.Subnets, actionSubnets)
	case c.subnets[nat.SubnetID].Zone == "":
		return []groundway.Gap{notShown(actionSubnets, "the zone of "+nat.SubnetID)}
	case unseen >= 0:
		return []groundway.Gap{notShown(actionSubnets, "the zone of "+u.users[unseen].id)}
	}
	return nil
}

func checkNATSingle(c *checker, code groundway.Code) {
	uses := c.natUses(code)
	// One whose way is not known may use another NAT gateway.
	unsure := slices.ContainsFunc(c.members, func(m *member) bool {
		return m.subnet != nil && m.subnet.VPCID == c.vpcID && (m.egress.RouteTableID == "" || m.egress.IPv4.unread)
	})
	for _, u := range uses {
		gaps := c.natZoneUnknown(u)
		zones := zonesOf(u.users)
		switch {
		case u.slice.Cause.Code == codeNATNotAvailable:
			c.Skip(code, codeNATNotAvailable, c.natSubject(u.slice.Cause.ID))
		case len(uses) > 1, len(u.users) == 1, len(zones) == 1 && zones[0] != "":
			c.Pass(code, 1)
		case gaps != nil:
			c.unknown(code, c.natSubject(u.id), gaps...)
		case is(c.nats[u.id].AvailabilityMode, "regional"):
			c.Pass(code, 1)
		case unsure: // and said to be unknown of that subnet
		default:
			zone := c.subnets[c.nats[u.id].SubnetID].Zone
			c.Fail(groundway.Finding{
				Code:    code,
				Subject: c.natSubject(u.id), Related: c.subjectsOf(u.users),
				Summary: fmt.Sprintf("%s in %s serves subnets in %s alone.", u.id, zone, strings.Join(zones, ", ")),
				Evidence: append([]groundway.Fact{
					{Path: pointer("natGateways", u.id, "subnetId"), Got: c.nats[u.id].SubnetID, Source: actionNATGateways},
				}, c.zoneFacts(u.users, "a NAT gateway of this zone")...),
				Remedies: []groundway.Remedy{perZone(zones)},
			})
		}
	}
}

// perZone is the remedy for NAT gateways that serve other zones than theirs.
func perZone(zones []string) groundway.Remedy {
	return groundway.Remedy{
		Action: fmt.Sprintf("Create a NAT gateway in each zone (%s), and give the subnets of each zone a route table that leads to it.", strings.Join(zones, ", ")),
		Commands: [][]string{
			{"aws", "ec2", "create-nat-gateway", "--subnet-id", "<public-subnet-id>", "--allocation-id", "<allocation-id>"},
		},
	}
}

// zoneFacts shows the zones of the subnets, by one subnet of each.
func (c *checker) zoneFacts(members []*member, want string) []groundway.Fact {
	seen := map[string]bool{}
	var facts []groundway.Fact
	for _, m := range members {
		if !seen[m.subnet.Zone] {
			facts = append(facts, groundway.Fact{Path: pointer("subnets", m.id, "zone"), Got: m.subnet.Zone, Want: want, Source: actionSubnets})
		}
		seen[m.subnet.Zone] = true
	}
	return facts
}

func checkNATCrossZone(c *checker, code groundway.Code) {
	for _, u := range c.natUses(code) {
		gaps := c.natZoneUnknown(u)
		switch {
		case u.slice.Cause.Code == codeNATNotAvailable:
			c.Skip(code, codeNATNotAvailable, c.natSubject(u.slice.Cause.ID))
			continue
		case gaps != nil:
			c.unknown(code, c.natSubject(u.id), gaps...)
			continue
		case is(c.nats[u.id].AvailabilityMode, "regional"):
			c.Pass(code, 1)
			continue
		}
		zone := c.subnets[c.nats[u.id].SubnetID].Zone
		foreign := slices.DeleteFunc(slices.Clone(u.users), func(m *member) bool { return m.subnet.Zone == zone })
		_, single := c.Failed(codeNATSingle, c.natSubject(u.id))
		switch {
		case len(foreign) == 0:
			c.Pass(code, 1)
		case single:
			c.Skip(code, codeNATSingle, c.natSubject(u.id))
		default:
			c.Fail(groundway.Finding{
				Code:    code,
				Subject: c.natSubject(u.id), Related: c.subjectsOf(foreign),
				Summary: fmt.Sprintf("%s in %s serves %s in %s.", u.id, zone, plural(len(foreign), "subnet"), strings.Join(zonesOf(foreign), ", ")),
				Evidence: append([]groundway.Fact{
					{Path: pointer("natGateways", u.id, "subnetId"), Got: c.nats[u.id].SubnetID, Source: actionNATGateways},
				}, c.zoneFacts(foreign, zone)...),
				Remedies: []groundway.Remedy{perZone(zonesOf(foreign))},
			})
		}
	}
}
