package flow

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/network"
)

// few is how many blocks, entries or commands a text holds at most.
const few = 4

// groupBlocker says what the security groups of a place do not allow.
func (n *Network) groupBlocker(of, peer Place, egress bool, t Traffic, denied space) Blocker {
	group := of.Groups[0]
	side, toward, command := "ingress", "from", "authorize-security-group-ingress"
	stage := StageGroupIngress
	if egress {
		side, toward, command = "egress", "to", "authorize-security-group-egress"
		stage = StageGroupEgress
	}
	b := Blocker{
		Stage:   stage,
		Subject: n.subjectOf("security-group", group),
		Summary: fmt.Sprintf("no %s rule of %s allows %s", side, strings.Join(of.Groups, ", "), describe(t.Protocol, toward, denied)),
	}
	if peer.behind {
		b.Summary += " by its addresses, as traffic through an appliance needs it"
	}
	for _, id := range of.Groups {
		if n.groups[id] == nil {
			b.Evidence = append(b.Evidence, groundway.Fact{Path: pointer("securityGroups", id), Want: "the security group", Source: actionSecurityGroups})
			continue
		}
		b.Evidence = append(b.Evidence, groundway.Fact{
			Path: pointer("securityGroups", id, "id"), Got: id, Want: "an " + side + " rule for " + describe(t.Protocol, toward, denied), Source: actionSecurityGroups,
		})
	}
	b.Remedy.Action = fmt.Sprintf("Allow %s in a rule of %s.", describe(t.Protocol, toward, denied), group)
	permission := permissionOf(t)
	if len(peer.Groups) > 0 && !peer.behind {
		b.Remedy.Commands = [][]string{{"aws", "ec2", command, "--group-id", group, "--ip-permissions", permission + ",UserIdGroupPairs=[{GroupId=" + peer.Groups[0] + "}]"}}
		return b
	}
	for _, p := range n.coarse(denied.addrs()) {
		list := "IpRanges=[{CidrIp="
		if p.Addr().Is6() {
			list = "Ipv6Ranges=[{CidrIpv6="
		}
		b.Remedy.Commands = append(b.Remedy.Commands, []string{"aws", "ec2", command, "--group-id", group, "--ip-permissions", permission + "," + list + p.String() + "}]"})
	}
	return b
}

func permissionOf(t Traffic) string {
	p := "IpProtocol=" + cmp.Or(t.Protocol, "tcp")
	switch {
	case hasPorts(t.number()):
		p += fmt.Sprintf(",FromPort=%d,ToPort=%d", t.ports().From, t.ports().To)
	case isICMP(t.number()):
		p += ",FromPort=-1,ToPort=-1"
	}
	return p
}

// aclBlocker says which entries of a network ACL deny what.
func (n *Network) aclBlocker(a *acl, egress bool, stage Stage, protocol string, got answer) Blocker {
	side, toward := "ingress", "from"
	if egress {
		side, toward = "egress", "to"
	}
	keys := slices.Sorted(maps.Keys(got.by))
	what := describe(protocol, toward, got.denied)
	b := Blocker{Stage: stage, Subject: n.subjectOf("network-acl", a.ID), Summary: fmt.Sprintf("%s denies %s", a.ID, what)}
	lowest := 0
	var names []string
	for _, key := range keys {
		if key == "" {
			names = append(names, "for want of an entry")
			b.Evidence = append(b.Evidence, groundway.Fact{
				Path: pointer("networkAcls", a.ID, "id"), Got: a.ID, Want: "an " + side + " entry that allows " + describe(protocol, toward, got.by[key]), Source: actionNetworkACLs,
			})
			continue
		}
		number, _ := strconv.Atoi(strings.TrimPrefix(key, side+" "))
		if lowest == 0 || number < lowest {
			lowest = number
		}
		names = append(names, "by its entry "+key)
		b.Evidence = append(b.Evidence, groundway.Fact{
			Path: pointer("networkAcls", a.ID, "entries", key, "ruleAction"), Got: "deny",
			Want: "allow " + describe(protocol, toward, got.by[key]), Source: actionNetworkACLs,
		})
	}
	b.Summary += ", " + enumerate(names)
	b.Evidence = b.Evidence[:min(len(b.Evidence), few)]
	entries := a.ingress
	if egress {
		entries = a.egress
	}
	free, ok := freeNumber(entries, lowest)
	if !ok {
		b.Remedy = crowded(a.ID, what)
		return b
	}
	b.Remedy.Action = fmt.Sprintf("Allow %s in %s, before the entry that denies it.", what, a.ID)
	if lowest == 0 {
		b.Remedy.Action = fmt.Sprintf("Allow %s in %s.", what, a.ID)
	}
	for _, ports := range portsOf(got.denied) {
		for _, p := range n.coarse(got.denied.addrs()) {
			if len(b.Remedy.Commands) == few {
				return b
			}
			command := []string{
				"aws", "ec2", "create-network-acl-entry", "--network-acl-id", a.ID, "--" + side,
				"--rule-number", strconv.Itoa(free), "--rule-action", "allow", "--protocol", strconv.Itoa(number(cmp.Or(protocol, "tcp"))),
			}
			if p.Addr().Is6() {
				command = append(command, "--ipv6-cidr-block", p.String())
			} else {
				command = append(command, "--cidr-block", p.String())
			}
			switch of := number(cmp.Or(protocol, "tcp")); {
			case hasPorts(of):
				command = append(command, "--port-range", fmt.Sprintf("From=%d,To=%d", ports.From, ports.To))
			case isICMP(of):
				command = append(command, "--icmp-type-code", "Type=-1,Code=-1")
			}
			if !ok {
				b.Remedy = crowded(a.ID, what)
				return b
			}
			b.Remedy.Commands = append(b.Remedy.Commands, command)
			free, ok = freeNumber(entries, free)
		}
	}
	return b
}

// crowded is the remedy where a network ACL has no number left for an entry.
func crowded(id, what string) groundway.Remedy {
	return groundway.Remedy{
		Action:   fmt.Sprintf("Renumber the entries of %s, which leave no room before a denial, and allow %s there.", id, what),
		Commands: [][]string{{"aws", "ec2", "describe-network-acls", "--network-acl-ids", id}},
	}
}

func isCrowded(command []string) bool {
	return len(command) > 2 && command[2] == "describe-network-acls"
}

// freeNumber returns the largest number below the limit that no entry has, and
// that leaves room; without a limit one behind all entries but the last denial.
func freeNumber(entries []entry, below int) (int, bool) {
	used := map[int]bool{}
	for _, e := range entries {
		used[e.Number] = true
	}
	if below == 0 || below > 32766 {
		below = 32767
		last := 0
		for _, e := range entries {
			if e.Number < 32766 {
				last = max(last, e.Number)
			}
		}
		if next := (last/10 + 1) * 10; next < 32766 {
			return next, true
		}
	}
	for number := below - 1; number > 0; number-- {
		if !used[number] {
			return number, true
		}
	}
	return 0, false
}

// Places in the commands of aclBlocker.
const aclID, aclDirection, aclNumber = 4, 5, 7

func makesEntry(command []string) bool {
	return len(command) > aclNumber && command[2] == "create-network-acl-entry"
}

// does reports whether a command does what another one would: an entry of a
// network ACL may have a lower number.
func does(have, command []string) bool {
	if makesEntry(have) && makesEntry(command) {
		first, _ := strconv.Atoi(have[aclNumber])
		second, _ := strconv.Atoi(command[aclNumber])
		return first <= second && slices.Equal(have[:aclNumber], command[:aclNumber]) && slices.Equal(have[aclNumber+1:], command[aclNumber+1:])
	}
	return slices.Equal(have, command)
}

// after returns a remedy of the subject with numbers for its entries that the
// commands before it leave.
func (n *Network) after(before [][]string, r groundway.Remedy, subject string) groundway.Remedy {
	var commands [][]string
	for _, command := range r.Commands {
		command, ok := n.renumbered(slices.Concat(before, commands), command)
		if !ok {
			return crowded(subject, "the traffic")
		}
		commands = append(commands, command)
	}
	r.Commands = commands
	return r
}

// renumbered gives the entry that a command makes the next number below those
// that the commands before it and the network ACL's own entries take. It reports
// false where there is none.
func (n *Network) renumbered(before [][]string, command []string) ([]string, bool) {
	if !makesEntry(command) || n.acls[command[aclID]] == nil {
		return command, true
	}
	entries := n.acls[command[aclID]].ingress
	if command[aclDirection] == "--egress" {
		entries = n.acls[command[aclID]].egress
	}
	command = slices.Clone(command)
	for slices.ContainsFunc(before, func(c []string) bool {
		return makesEntry(c) && c[aclID] == command[aclID] && c[aclDirection] == command[aclDirection] && c[aclNumber] == command[aclNumber]
	}) {
		at, err := strconv.Atoi(command[aclNumber])
		free, ok := freeNumber(entries, at)
		if err != nil || !ok {
			return nil, false
		}
		command[aclNumber] = strconv.Itoa(free)
	}
	return command, true
}

// routeBlocker says that a route leads away, or that none leads there.
func (n *Network) routeBlocker(from *subnet, l leg, stage Stage, toward string) Blocker {
	return n.tableBlocker(from.egress.RouteTableID, from.ID, from, l, stage, toward)
}

// tableBlocker says it of any route table, which leads what comes from a subnet
// or a gateway.
func (n *Network) tableBlocker(id, from string, of *subnet, l leg, stage Stage, toward string) Blocker {
	b := Blocker{Stage: stage, Subject: n.subjectOf("route-table", id), Subnets: []string{of.ID}}
	to := blocksText(l.to)
	if toward != "" {
		to = toward + " (" + to + ")"
	}
	if l.route == nil {
		b.Summary = fmt.Sprintf("%s has no route from %s to %s", id, from, to)
		b.Evidence = []groundway.Fact{{Path: pointer("routeTables", id, "id"), Got: id, Want: "a route to " + blocksText(l.to), Source: actionRouteTables}}
		b.Remedy = groundway.Remedy{Action: fmt.Sprintf("Add a route to %s to %s.", blocksText(l.to), id)}
		for _, p := range n.coarse(l.to) {
			b.Remedy.Commands = append(b.Remedy.Commands, routeCommand("create-route", id, network.Route{Prefix: p}, "--gateway-id", "<gateway-id>"))
		}
		return b
	}
	target := cmp.Or(l.route.Target.ID, string(l.route.Target.Kind))
	path, got, want := []string{"target", "id"}, l.route.Target.ID, "the target that leads to "+blocksText(l.to)
	if got == "" {
		path, got = []string{"target", "kind"}, string(l.route.Target.Kind)
	}
	verb := "leads"
	if is(l.route.State, "blackhole") {
		path, got, want, verb = []string{"state"}, l.route.State, "active", "drops"
	}
	b.Summary = fmt.Sprintf("%s %s %s to %s, by its route %s", id, verb, to, target, l.route.Key())
	if verb == "drops" {
		b.Summary = fmt.Sprintf("%s drops what goes to %s, by its route %s to %s, which is dead", id, to, l.route.Key(), target)
	}
	b.Evidence = []groundway.Fact{{Path: pointer("routeTables", id, append([]string{"routes", l.route.Key()}, path...)...), Got: got, Want: want, Source: actionRouteTables}}
	b.Remedy = groundway.Remedy{
		Action:   fmt.Sprintf("Replace the route %s of %s, or remove it.", l.route.Key(), id),
		Commands: [][]string{routeCommand("delete-route", id, *l.route)},
	}
	switch {
	case is(l.route.Origin, "CreateRouteTable"):
		// Nobody can remove the local route, but give it back its target.
		b.Remedy.Action = fmt.Sprintf("Make the route %s of %s local again.", l.route.Key(), id)
		b.Remedy.Commands = [][]string{routeCommand("replace-route", id, *l.route, "--local-target")}
	case is(l.route.Origin, "Advertisement"):
		b.Remedy.Commands = [][]string{{"aws", "ec2", "disable-route-server-propagation", "--route-table-id", id, "--route-server-id", "<route-server-id>"}}
	case is(l.route.Origin, "EnableVgwRoutePropagation"):
		b.Remedy.Commands = [][]string{{"aws", "ec2", "disable-vgw-route-propagation", "--route-table-id", id, "--gateway-id", l.route.Target.ID}}
	}
	return b
}

// asymmetry says that a table leads to a subnet by an appliance, and that the way
// back goes past it.
func (n *Network) asymmetry(table string, l leg, there *subnet, back leg) Blocker {
	b := n.routeBlocker(there, back, StageReturnRoute, "")
	appliance, own := l.route.Target.ID, there.egress.RouteTableID
	b.Summary = fmt.Sprintf("%s leads to %s by %s, and %s does not lead back by it", table, blocksText(l.to), appliance, own)
	b.Evidence = append([]groundway.Fact{{
		Path: pointer("routeTables", table, "routes", l.route.Key(), "target", "id"), Got: appliance,
		Want: "the target by which answers come back", Source: actionRouteTables,
	}}, b.Evidence...)
	b.Remedy = groundway.Remedy{
		Action:   fmt.Sprintf("Lead %s of %s to %s too, or %s of %s past it.", blocksText(back.to), own, appliance, blocksText(l.to), table),
		Commands: [][]string{{"aws", "ec2", "describe-route-tables", "--route-table-ids", table, own}},
	}
	return b
}

// routeCommand returns the command that creates or deletes a route.
func routeCommand(verb, table string, r network.Route, target ...string) []string {
	option, value := "--destination-cidr-block", r.Prefix.String()
	switch {
	case r.PrefixListID != "":
		option, value = "--destination-prefix-list-id", r.PrefixListID
	case r.Prefix.Addr().Is6():
		option = "--destination-ipv6-cidr-block"
	}
	return append([]string{"aws", "ec2", verb, "--route-table-id", table, option, value}, target...)
}

// coarse returns the set as a few blocks: as its own where these are few, else
// as the blocks of the VPC that hold it, else as everything.
func (n *Network) coarse(a addresses) []netip.Prefix {
	if list := a.blocks(); len(list) <= few {
		return list
	}
	var list []netip.Prefix
	rest := a
	if n.vpc != nil {
		for _, c := range n.vpc.CIDRs {
			if in, out := rest.split(addressesOf(prefixList(c.Prefix), c.Prefix.Addr().Is6())); len(in) > 0 && c.Prefix.Addr().Is6() == a[0].From().Is6() {
				list, rest = append(list, c.Prefix), out
			}
		}
	}
	switch {
	case len(rest) == 0:
		return list
	case a[0].From().Is6():
		return []netip.Prefix{netip.PrefixFrom(netip.IPv6Unspecified(), 0)}
	}
	return []netip.Prefix{netip.PrefixFrom(netip.IPv4Unspecified(), 0)}
}

// describe writes a space: "tcp 443 from 10.0.0.0/24".
func describe(protocol, toward string, s space) string {
	var ports []string
	for _, p := range portsOf(s) {
		ports = append(ports, p.String())
	}
	name := Traffic{Protocol: protocol}.String()
	if hasPorts(number(cmp.Or(protocol, "tcp"))) && !slices.Contains(ports, allPorts.String()) {
		name += " " + listed(ports)
	}
	return name + " " + toward + " " + blocksText(s.addrs())
}

// portsOf returns the ports of a space as the fewest ranges.
func portsOf(s space) []Ports {
	list := make([]Ports, len(s))
	for i, b := range s {
		list[i] = b.ports
	}
	slices.SortFunc(list, func(a, b Ports) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To)) })
	var out []Ports
	for _, p := range list {
		if len(out) > 0 && int(p.From) <= int(out[len(out)-1].To)+1 {
			out[len(out)-1].To = max(out[len(out)-1].To, p.To)
			continue
		}
		out = append(out, p)
	}
	return out
}

func blocksText(a addresses) string {
	var list []string
	for _, p := range a.blocks() {
		list = append(list, p.String())
	}
	return listed(list)
}

// listed joins a few and counts the rest.
func listed(list []string) string {
	if len(list) <= few {
		return strings.Join(list, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(list[:few-1], ", "), len(list)-few+1)
}

// enumerate joins clauses as in a sentence, a few of them.
func enumerate(list []string) string {
	if len(list) > few {
		list = append(slices.Clone(list[:few-1]), fmt.Sprintf("by %d more", len(list)-few+1))
	}
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:len(list)-1], ", ") + " and " + list[len(list)-1]
}
