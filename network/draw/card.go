package draw

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway/network"
)

// A card is a box of lines.
type card struct {
	kind  string // the class of its style
	lines []line
	bad   bool    // an error is about the thing itself
	inner []inner // what stands in it
}

// An inner is a frame around some lines of a card: a NAT gateway in a subnet.
type inner struct {
	first, end int
	bad        bool
}

type line struct {
	style, text string
	from, to    string // the target of an arrow that begins here, the NAT gateway of arrows that end here
	above       int    // the space above it
}

func (c *card) add(style, format string, args ...any) {
	c.lines = append(c.lines, line{style: style, text: fmt.Sprintf(format, args...)})
}

func (c *card) height() int { return c.offset(len(c.lines)) + padding - 13 }

// offset is where the foot of a line stands, from the top of the card.
func (c *card) offset(i int) int {
	y := padding + 9 + i*lineHeight
	for k := range min(i+1, len(c.lines)) {
		y += c.lines[k].above
	}
	if n := len(c.inner); i == len(c.lines) && n > 0 && c.inner[n-1].end == i {
		y += 4
	}
	return y
}

// mark adds the lines of what failed on a resource, and reports whether an error
// is among them.
func (p *picture) mark(c *card, id string) (bad bool) {
	list := p.marks[id]
	slices.SortFunc(list, func(a, b mark) int {
		return cmp.Or(cmp.Compare(order(a), order(b)), cmp.Compare(a.code, b.code))
	})
	for i, m := range list {
		if i == maxMarks && len(list) > maxMarks+1 {
			c.add("note", "and %d more findings", len(list)-i)
			return bad
		}
		switch {
		case !m.failed:
			c.add("unknown", "? %s", m.code)
		case m.warning:
			c.add("warning", "! %s", m.code)
		default:
			c.add("failed", "✕ %s", m.code)
			bad = true
		}
	}
	return bad
}

func order(m mark) int {
	switch {
	case m.failed && !m.warning:
		return 0
	case m.failed:
		return 1
	}
	return 2
}

// words say what the classes mean.
var words = map[network.Class]string{
	network.ClassInternet: "public", network.ClassNAT: "private, out by NAT", network.ClassEgressOnly: "private, out over IPv6",
	network.ClassPrivate: "private, into another network", network.ClassCarrier: "out by a carrier gateway",
	network.ClassAppliance: "out by an appliance", network.ClassEndpoints: "isolated but for endpoints", network.ClassIsolated: "isolated",
	network.ClassBroken: "its way out is dead", network.ClassMixed: "several ways out", network.ClassUnknown: "could not be seen",
	network.ClassAbsent: "no IPv4",
}

// styles are the colours of the classes.
func styleOf(c network.Class) string {
	switch c {
	case network.ClassInternet:
		return "public"
	case network.ClassNAT, network.ClassPrivate, network.ClassCarrier, network.ClassAppliance, network.ClassEgressOnly:
		return "private"
	case network.ClassBroken:
		return "broken"
	case network.ClassUnknown, "":
		return "unseen"
	}
	return "isolated"
}

func (p *picture) subnetCard(n *network.Subnet) card {
	e := p.egress[n.ID]
	c := card{kind: styleOf(e.IPv4.Class)}
	if role := p.role(n.ID); role != "" {
		c.add("role", "%s", role)
	}
	c.add("id", "%s", n.ID)
	if name := n.Tags["Name"]; name != "" {
		c.add("name", "%s", name)
	}
	for _, b := range n.CIDRs {
		if b.Prefix.Addr().Is4() {
			c.add("text", "%s", b.Prefix)
		}
	}
	c.add("class", "%s", cmp.Or(words[e.IPv4.Class], "could not be seen"))
	if p.shouldBePublic(n.ID) && e.IPv4.Class != network.ClassInternet && e.IPv4.Class != network.ClassUnknown {
		c.add("failed", "should be public")
	}
	table := e.RouteTableID
	switch {
	case table == "":
		c.add("text", "route table not seen")
	case e.Implicit:
		c.add("text", "by the main table %s", table)
	default:
		c.add("text", "by %s", table)
	}
	if table != "" {
		p.way(&c, n, e)
	}
	for _, nat := range p.nats[n.ID] {
		first := len(c.lines)
		c.add("nat", "NAT %s", nat.ID)
		c.lines[first].to, c.lines[first].above = nat.ID, 8
		c.add("text", "%s", cmp.Or(nat.State, "state not seen"))
		bad := p.mark(&c, nat.ID)
		c.inner = append(c.inner, inner{first, len(c.lines), bad})
	}
	end := len(c.lines)
	c.bad = p.mark(&c, n.ID)
	if len(c.inner) > 0 && end < len(c.lines) {
		c.lines[end].above = 8
	}
	return c
}

// way adds the lines that say by which route the internet is reached, and what
// is reached by an internet gateway though most is not.
func (p *picture) way(c *card, n *network.Subnet, e network.SubnetEgress) {
	style, text := wayOut(e)
	c.add(style, "%s", text)
	if len(e.IPv4.Slices) > 0 {
		c.lines[len(c.lines)-1].from = e.IPv4.Slices[0].Route.Target.ID
	}
	if len(e.IPv4.Slices) > 0 {
		if zone := p.natZone[e.IPv4.Slices[0].Route.Target.ID]; zone != "" && zone != n.Zone {
			c.add("text", "in another zone, %s", zone)
		}
	}
	for i, s := range e.IPv4.Slices {
		switch {
		case i == 0:
		case s.Class == network.ClassInternet && e.IPv4.Class != network.ClassInternet:
			c.add("mono", "only %s → %s", s.Route.Key(), s.Route.Target.ID)
		case s.Share > 1.0/16 && s.Route.Target.ID != "":
			style, text := routeLine(s.Route.Key(), s.Route)
			c.add(style, "%s", text)
		default:
			continue
		}
		if i > 0 {
			c.lines[len(c.lines)-1].from = s.Route.Target.ID
		}
	}
}

// wayOut names the route that most of the internet takes.
func wayOut(e network.SubnetEgress) (style, text string) {
	if len(e.IPv4.Slices) == 0 {
		return "way", "no route out"
	}
	s := e.IPv4.Slices[0]
	if s.Route.Target.Kind == "" {
		return "way", "no default route"
	}
	return routeLine(s.Route.Key(), s.Route)
}

// routeLine writes a route in the one way that cards of subnets and of route
// tables have.
func routeLine(destination string, r network.Route) (style, text string) {
	text = destination + " → " + cmp.Or(r.Target.ID, string(r.Target.Kind))
	if strings.EqualFold(r.State, "blackhole") {
		return "dead", text + ", dead"
	}
	return "mono", text
}

func (p *picture) tableCard(t *network.RouteTable) card {
	c := card{kind: "table"}
	c.add("id", "%s", t.ID)
	if name := t.Tags["Name"]; name != "" {
		c.add("name", "%s", name)
	}
	serves := 0
	for _, e := range p.egress {
		if e.RouteTableID == t.ID {
			serves++
		}
	}
	noun := "subnets"
	if serves == 1 {
		noun = "subnet"
	}
	seen := ""
	if !p.s.Subnets.Complete() {
		seen = " of those seen"
	}
	c.add("text", "serves %d %s%s", serves, noun, seen)
	routes := slices.Clone(t.Routes)
	slices.SortFunc(routes, func(a, b network.Route) int {
		return cmp.Or(cmp.Compare(a.Prefix.Bits(), b.Prefix.Bits()), cmp.Compare(a.Key(), b.Key()))
	})
	routes = slices.DeleteFunc(routes, func(r network.Route) bool { return r.Target.Kind == network.TargetLocal })
	for i, r := range routes {
		if i == maxRoutes && len(routes) > maxRoutes+1 {
			c.add("note", "and %d more routes", len(routes)-i)
			break
		}
		destination := r.PrefixListID
		if destination == "" {
			destination = r.Prefix.String()
		}
		style, text := routeLine(destination, r)
		c.add(style, "%s", text)
	}
	if len(routes) == 0 {
		c.add("note", "no route out of the VPC")
	}
	c.bad = p.mark(&c, t.ID)
	return c
}
