package network

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
)

// A tableUse is a route table with the named subnets that it serves.
type tableUse struct {
	id    string
	users []*member
}

// byTable groups members by their effective route table, ordered by its ID.
func byTable(members []*member) []tableUse {
	users := map[string][]*member{}
	for _, m := range members {
		users[m.egress.RouteTableID] = append(users[m.egress.RouteTableID], m)
	}
	list := make([]tableUse, 0, len(users))
	for _, id := range slices.Sorted(maps.Keys(users)) {
		list = append(list, tableUse{id, users[id]})
	}
	return list
}

// served names the subnets that a table serves, shortly.
func served(members []*member) string {
	switch len(members) {
	case 1:
		return members[0].id
	case 2:
		return members[0].id + " and " + members[1].id
	}
	return fmt.Sprintf("%s and %d more subnets", members[0].id, len(members)-1)
}

func checkDefaultBlackhole(c *checker, code groundway.Code) {
	dead := map[string][]*member{}
	for _, m := range c.routed(code, everyMember) {
		e := m.egress.IPv4
		switch e.Class {
		case ClassUnknown:
			c.unknown(code, c.subnetSubject(m), e.Gaps...)
		case ClassBroken:
			s, _ := e.deciding()
			switch {
			case len(s.gaps) > 0:
				c.unknown(code, c.tableSubject(s.Cause.ID), s.gaps...)
			case s.Cause.Code == codeNATNotPublic, s.Cause.Code == codeNATPrivate:
				c.Pass(code, 1)
			case s.Cause.Code == code:
				dead[s.Cause.ID] = append(dead[s.Cause.ID], m)
			default:
				c.follow(code, s.Cause)
			}
		default:
			c.Pass(code, 1)
		}
	}
	for id, users := range dead {
		c.failBlackhole(code, id, users)
	}
}

func (c *checker) failBlackhole(code groundway.Code, id string, users []*member) {
	f := groundway.Finding{Code: code, Subject: c.tableSubject(id), Related: c.subjectsOf(users)}
	// The table may be that of a NAT gateway's subnet: it is asked itself.
	var target Target
	var replace []Route
	for _, s := range c.egress(c.tables[id], "", false, true).Slices {
		if (s.Cause != Cause{code, id}) {
			continue
		}
		if target.isZero() {
			target = s.Route.Target
		}
		replace = append(replace, s.Route)
		f.Evidence = append(f.Evidence, c.deadFacts(id, s, "a live target")...)
	}
	fate := "is gone"
	if target.Kind == TargetPeering && !is(replace[0].State, "blackhole") {
		fate = "carries only what is addressed to the other VPC"
	}
	f.Summary = fmt.Sprintf("The default route of %s leads to %s, which %s; it serves %s.", id, nameOf(target), fate, served(users))
	r := groundway.Remedy{Action: "Lead the default route to a live target."}
	for _, route := range replace {
		command := routeCommand("replace-route", id, route, "--nat-gateway-id", "<nat-gateway-id>")
		if route.Target.Kind == TargetInternetGateway {
			command = c.toGateway(id, route)
		}
		r.Commands = append(r.Commands, command)
	}
	f.Remedies = []groundway.Remedy{r}
	c.Fail(f)
}

// routeCommand returns the command that does something to a route of a table:
// verb is create-route, replace-route or delete-route. The zero route is the
// default one. EC2 neither replaces nor deletes a propagated one: a static route
// comes before it, and propagation can be turned off.
func routeCommand(verb, table string, r Route, target ...string) []string {
	switch {
	case r.propagated() && verb == "replace-route":
		verb = "create-route"
	case verb == "delete-route" && is(r.Origin, "EnableVgwRoutePropagation"):
		return []string{"aws", "ec2", "disable-vgw-route-propagation", "--route-table-id", table, "--gateway-id", r.Target.ID}
	case verb == "delete-route" && is(r.Origin, "Advertisement"):
		return []string{"aws", "ec2", "disable-route-server-propagation", "--route-table-id", table, "--route-server-id", "<route-server-id>"}
	}
	option, value := "--destination-cidr-block", "0.0.0.0/0"
	switch {
	case r.PrefixListID != "":
		option, value = "--destination-prefix-list-id", r.PrefixListID
	case r.Prefix.IsValid():
		value = r.Prefix.String()
	}
	return append([]string{"aws", "ec2", verb, "--route-table-id", table, option, value}, target...)
}

// defaulted returns the tables of the members for which the rules on default
// routes speak: not those that the failed rule on public subnets covers.
func (c *checker) defaulted(code groundway.Code) []tableUse {
	var members []*member
	for _, m := range c.routed(code, everyMember) {
		e := m.egress.IPv4
		switch {
		case c.failedPublic(m.id):
			c.Skip(code, codeSubnetNotPublic, c.subnetSubject(m))
		case e.Class == ClassUnknown:
			c.unknown(code, c.subnetSubject(m), e.Gaps...)
		case e.Class == ClassBroken:
			c.followExit(code, m, e)
		case e.Class == ClassAbsent:
			c.Inapplicable(code, m.id+" has no IPv4 block")
		default:
			members = append(members, m)
		}
	}
	return byTable(members)
}

// toNAT is the remedy for a table without a way out.
func toNAT(table string) groundway.Remedy {
	return groundway.Remedy{
		Action:   "Add a default route to a NAT gateway, or to a private network that leads to the internet.",
		Commands: [][]string{routeCommand("create-route", table, Route{}, "--nat-gateway-id", "<nat-gateway-id>")},
	}
}

func checkDefaultMissing(c *checker, code groundway.Code) {
	for _, u := range c.defaulted(code) {
		e := u.users[0].egress.IPv4
		if slices.ContainsFunc(e.Slices, func(s Slice) bool { return !s.Route.Target.isZero() }) || c.byEndpoints(e) {
			c.Pass(code, len(u.users))
			continue
		}
		c.Fail(groundway.Finding{
			Code:    code,
			Subject: c.tableSubject(u.id), Related: c.subjectsOf(u.users),
			Summary:  fmt.Sprintf("%s has no default route; it serves %s.", u.id, served(u.users)),
			Evidence: []groundway.Fact{c.routeFact(u.id, e.Slices[0], "a default route")},
			Remedies: []groundway.Remedy{toNAT(u.id)},
		})
	}
}

func checkDefaultPartial(c *checker, code groundway.Code) {
	for _, u := range c.defaulted(code) {
		e := u.users[0].egress.IPv4
		var holes []Slice
		var share float64
		explained := true // by a finding on what the routes lead to
		routed := false
		for _, s := range e.Slices {
			routed = routed || !s.Route.Target.isZero()
			switch s.Class {
			case ClassIsolated, ClassEndpoints:
				explained = false
			case ClassBroken:
				explained = explained && s.Cause.Code != codeDefaultBlackhole && (s.Share > narrow || s.Cause.Code == codeNoInternetGateway)
			default:
				continue
			}
			holes = append(holes, s)
			share += s.Share
		}
		switch {
		case len(holes) == 0 && e.share(ClassUnknown) > 0:
			c.unknown(code, c.tableSubject(u.id), e.unseen()...)
			continue
		case len(holes) == 0, c.byEndpoints(e):
			c.Pass(code, len(u.users))
			continue
		case !routed:
			c.Skip(code, codeDefaultMissing, c.tableSubject(u.id))
			continue
		case explained:
			for _, s := range holes {
				c.follow(code, s.Cause)
			}
			continue
		}
		f := groundway.Finding{
			Code:    code,
			Subject: c.tableSubject(u.id), Related: c.subjectsOf(u.users),
			Summary:  fmt.Sprintf("%s leads to no live target for %s of the internet; it serves %s.", u.id, percent(share), served(u.users)),
			Remedies: []groundway.Remedy{toNAT(u.id)},
		}
		if share <= narrow {
			f.Severity = groundway.Warning
		}
		var dead [][]string
		for _, s := range holes {
			if s.Route.Target.isZero() {
				f.Evidence = append(f.Evidence, c.routeFact(u.id, s, "a default route, or routes for "+first(s.Space.Prefixes())))
				continue
			}
			f.Evidence = append(f.Evidence, c.deadFacts(u.id, s, "a live target")...)
			dead = append(dead, routeCommand("delete-route", u.id, s.Route))
		}
		if share <= narrow && dead != nil {
			f.Remedies = []groundway.Remedy{{Action: "Delete what is dead, so that the default route takes its traffic.", Commands: dead}}
		}
		c.Fail(f)
	}
}

// first names the first of some blocks and counts the others.
func first(list []netip.Prefix) string {
	if len(list) == 1 {
		return list[0].String()
	}
	return fmt.Sprintf("%s and %d more blocks", list[0], len(list)-1)
}

func checkInternetNarrow(c *checker, code groundway.Code) {
	for _, u := range c.defaulted(code) {
		e := u.users[0].egress.IPv4
		direct := e.share(ClassInternet)
		if direct == 0 && slices.ContainsFunc(e.Slices, func(s Slice) bool { return s.Class == ClassUnknown && s.Route.Target.Kind == TargetInternetGateway }) {
			c.unknown(code, c.tableSubject(u.id), e.unseen()...)
			continue
		}
		if direct == 0 || direct > narrow {
			c.Pass(code, len(u.users))
			continue
		}
		if f, failed := c.Failed(codeDefaultPartial, c.tableSubject(u.id)); failed && f.Severity == groundway.Error {
			c.Skip(code, codeDefaultPartial, c.tableSubject(u.id))
			continue
		}
		var blocks []string
		f := groundway.Finding{
			Code:    code,
			Subject: c.tableSubject(u.id), Related: c.subjectsOf(u.users),
			Remedies: []groundway.Remedy{{
				Action: "Delete the route, unless its exposure is meant.",
			}},
		}
		for _, s := range e.Slices {
			if s.Class != ClassInternet {
				continue
			}
			blocks = append(blocks, s.Route.Key())
			f.Evidence = append(f.Evidence, c.routeFact(u.id, s, "no internet gateway for a small block"))
			f.Remedies[0].Commands = append(f.Remedies[0].Commands, routeCommand("delete-route", u.id, s.Route))
		}
		f.Summary = fmt.Sprintf("%s leads only %s to an internet gateway, %s of the internet; it serves %s.",
			u.id, strings.Join(blocks, ", "), percent(direct), served(u.users))
		c.Fail(f)
	}
}

func checkUnreachable(c *checker, code groundway.Code) {
	members := c.routed(code, everyMember)
	if len(members) == 0 {
		return
	}
	if !slices.ContainsFunc(members, func(m *member) bool { return m.controller }) || !slices.ContainsFunc(members, func(m *member) bool { return m.worker }) {
		c.Inapplicable(code, "only one role has subnets of the VPC")
		return
	}
	for _, u := range byTable(members) {
		var cut []*member
		var evidence []groundway.Fact
		var unsure []groundway.Gap
		detours := c.detoursOf(c.tables[u.id])
		if detours.none(c.vpc) {
			c.Pass(code, len(u.users))
			continue
		}
		for _, m := range members {
			if !u.meets(m) {
				continue
			}
			for _, b := range m.subnet.CIDRs {
				if !b.Prefix.Addr().Is4() {
					continue
				}
				r, ok := detours.wrong(b.Prefix)
				switch {
				case ok && r != nil:
					unsure = append(unsure, unclear(r))
					continue
				case ok:
					continue
				}
				cut = append(cut, m)
				if r == nil {
					evidence = append(evidence, groundway.Fact{Path: pointer("routeTables", u.id, "routes", b.Prefix.String()), Want: "a local route for " + m.id, Source: actionRouteTables})
					continue
				}
				evidence = append(evidence, c.deadFacts(u.id, Slice{Route: *r}, "local, or a live appliance")...)
			}
		}
		switch {
		case len(cut) == 0 && unsure != nil:
			c.unknown(code, c.tableSubject(u.id), unsure...)
			continue
		case len(cut) == 0:
			c.Pass(code, len(u.users))
			continue
		}
		c.Fail(groundway.Finding{
			Code:    code,
			Subject: c.tableSubject(u.id), Related: append(c.subjectsOf(u.users), c.subjectsOf(cut)...),
			Summary:  fmt.Sprintf("%s leads the traffic of %s to %s away.", u.id, served(u.users), served(cut)),
			Evidence: slices.Compact(evidence),
			Remedies: []groundway.Remedy{{
				Action:   "Delete the route that is longer than the VPC's local one, or lead it to a live appliance.",
				Commands: [][]string{{"aws", "ec2", "describe-route-tables", "--route-table-ids", u.id}},
			}},
		})
	}
}

// meets reports whether the table serves a subnet whose role is not m's alone.
func (u tableUse) meets(m *member) bool {
	return slices.ContainsFunc(u.users, func(user *member) bool {
		return user != m && (user.controller && m.worker || user.worker && m.controller)
	})
}

// detours are the routes of a table that could lead traffic within the VPC
// elsewhere than the local routes do.
type detours struct {
	local []netip.Prefix
	other []*Route
}

func (c *checker) detoursOf(t *RouteTable) detours {
	var d detours
	for i := range t.Routes {
		r := &t.Routes[i]
		switch {
		case !r.Prefix.IsValid(), r.propagated():
			// A local route comes before a propagated one, however long.
		case r.Target.Kind == TargetLocal:
			d.local = append(d.local, r.Prefix)
		case r.Prefix.Bits() > 0:
			d.other = append(d.other, r)
		}
	}
	if c.vpc == nil {
		return d
	}
	// What is apart from the VPC leads none of its traffic away. Of a local route
	// that was given another target only the VPC's block is left.
	within := slices.Clone(d.local)
	for _, b := range c.vpc.CIDRs {
		within = append(within, b.Prefix)
	}
	d.other = slices.DeleteFunc(d.other, func(r *Route) bool { return !slices.ContainsFunc(within, r.Prefix.Overlaps) })
	return d
}

// none reports whether the local routes alone lead to all of the VPC, as they do
// in most tables.
func (d detours) none(v *VPC) bool {
	if v == nil || len(d.other) > 0 {
		return false
	}
	return !slices.ContainsFunc(v.CIDRs, func(b CIDR) bool {
		return b.Prefix.Addr().Is4() && !slices.Contains(d.local, b.Prefix)
	})
}

// wrong returns a route that leads part of the block away, or nil and false if
// none covers it; ok means that all of it is led to its hosts, as far as is known
// of the state of r, which leads it through an appliance.
func (d detours) wrong(b netip.Prefix) (r *Route, ok bool) {
	longest := -1 // of the routes that cover the block
	for _, p := range d.local {
		if p.Overlaps(b) && p.Bits() <= b.Bits() {
			longest = max(longest, p.Bits())
		}
	}
	for _, o := range d.other {
		if o.Prefix.Overlaps(b) && o.Prefix.Bits() <= b.Bits() && o.Prefix.Bits() > longest {
			r, longest = o, o.Prefix.Bits()
		}
	}
	used := []*Route{r}
	for _, o := range d.other {
		if o.Prefix.Overlaps(b) && o.Prefix.Bits() > b.Bits() {
			used = append(used, o)
		}
	}
	for _, o := range used {
		if o != nil && !o.throughAppliance() {
			return o, false
		}
	}
	if longest < 0 {
		return nil, false
	}
	for _, o := range used {
		if o != nil && !is(o.State, "active") {
			return o, true
		}
	}
	return nil, true
}

// throughAppliance reports whether the route leads through an appliance that is
// not dead, which is taken to pass its traffic on.
func (r *Route) throughAppliance() bool {
	switch r.Target.Kind {
	case TargetInterface, TargetInstance, TargetEndpoint, TargetAddress:
		return !is(r.State, "blackhole")
	}
	return false
}

func checkVPNAbsent(c *checker, code groundway.Code) {
	switch {
	case c.o.Profile == ProfileElastic:
		c.Inapplicable(code, "the cluster is used through its jump host")
		return
	case c.o.Topology != TopologyInternal:
		c.Inapplicable(code, "a public cluster needs no private network")
		return
	}
	members := c.routed(code, everyMember)
	var without []tableUse
	reached := 0
	for _, u := range byTable(members) {
		if c.tables[u.id].private() {
			reached += len(u.users)
			continue
		}
		without = append(without, u)
	}
	if reached > 0 {
		c.Pass(code, reached)
	}
	fail := func(s groundway.Subject, text string, tables []tableUse) {
		f := groundway.Finding{Code: code, Subject: s, Summary: text}
		r := groundway.Remedy{Action: "Attach a virtual private gateway or a transit gateway, and have its routes propagated."}
		for _, u := range tables {
			f.Related = append(f.Related, c.subjectsOf(u.users)...)
			f.Evidence = append(f.Evidence, groundway.Fact{
				Path: pointer("routeTables", u.id, "id"), Got: u.id, Want: "a route to a private network", Source: actionRouteTables,
			})
			r.Commands = append(r.Commands, []string{"aws", "ec2", "enable-vgw-route-propagation", "--route-table-id", u.id, "--gateway-id", "<vpn-gateway-id>"})
		}
		f.Remedies = []groundway.Remedy{r}
		c.Fail(f)
	}
	switch {
	case len(without) == 0:
	case reached == 0:
		ids := make([]string, len(without))
		for i, u := range without {
			ids[i] = u.id
		}
		fail(c.vpcSubject(), fmt.Sprintf("No route of the cluster's subnets leads to a private network: %s.", strings.Join(ids, ", ")), without)
	default:
		for _, u := range without {
			fail(c.tableSubject(u.id), fmt.Sprintf("%s leads to no private network; it serves %s.", u.id, served(u.users)), []tableUse{u})
		}
	}
}

// private reports whether a live route leads into another network, or a virtual
// private gateway may add one.
func (t *RouteTable) private() bool {
	if len(t.PropagatingVGWs) > 0 {
		return true
	}
	return slices.ContainsFunc(t.Routes, func(r Route) bool {
		switch r.Target.Kind {
		case TargetVPNGateway, TargetTransitGateway, TargetPeering, TargetCoreNetwork, TargetLocalGateway:
			return !is(r.State, "blackhole")
		}
		return false
	})
}
