package draw

import (
	"cmp"
	"fmt"
	"html"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/network"
)

// The measures of the picture, in its own units.
const (
	columnWidth = 320
	gap         = 20
	margin      = 24
	lineHeight  = 17
	padding     = 12
	maxSubnets  = 60
	maxRoutes   = 6
	maxMarks    = 4
)

// SVG draws the VPC of the options, with the findings that failed or are unknown
// where their subjects and related resources are. It is the same for the same
// input, whatever the order of the snapshot's items.
func SVG(s network.Snapshot, o network.Options, findings []groundway.Finding) string {
	p := &picture{s: s, o: o, egress: map[string]network.SubnetEgress{}, marks: map[string][]mark{}}
	p.gather(findings)
	p.layOut()
	return p.String()
}

// A mark is a finding on the resource that it stands on.
type mark struct {
	code    string
	failed  bool
	warning bool
}

type picture struct {
	s       network.Snapshot
	o       network.Options
	vpc     *network.VPC
	egress  map[string]network.SubnetEgress
	tables  map[string]*network.RouteTable
	nats    map[string][]*network.NATGateway // by subnet
	natZone map[string]string                // the zone of a NAT gateway
	marks   map[string][]mark                // by ID
	shown   []*network.Subnet
	hidden  int

	body          strings.Builder
	width, height int
}

func (p *picture) gather(findings []groundway.Finding) {
	for i := range p.s.VPCs.Items {
		if p.s.VPCs.Items[i].ID == p.o.VPC {
			p.vpc = &p.s.VPCs.Items[i]
		}
	}
	for _, e := range network.ClassifySubnets(p.s, p.o.VPC) {
		p.egress[e.SubnetID] = e
	}
	p.tables = map[string]*network.RouteTable{}
	for i := range p.s.RouteTables.Items {
		if t := &p.s.RouteTables.Items[i]; t.VPCID == p.o.VPC {
			p.tables[t.ID] = t
		}
	}
	p.nats, p.natZone = map[string][]*network.NATGateway{}, map[string]string{}
	for i := range p.s.NATGateways.Items {
		if n := &p.s.NATGateways.Items[i]; n.VPCID == p.o.VPC {
			p.nats[n.SubnetID] = append(p.nats[n.SubnetID], n)
		}
	}
	for _, list := range p.nats {
		slices.SortFunc(list, func(a, b *network.NATGateway) int { return cmp.Compare(a.ID, b.ID) })
	}
	for _, f := range findings {
		if f.Outcome != groundway.Failed && f.Outcome != groundway.Unknown {
			continue
		}
		_, slug, _ := strings.Cut(string(f.Code), "/")
		m := mark{slug, f.Outcome == groundway.Failed, f.Severity != groundway.Error}
		for _, subject := range append([]groundway.Subject{f.Subject}, f.Related...) {
			// What is related is marked where the finding's own subject is not drawn.
			if subject.ID == "" || subject.ID != f.Subject.ID && p.drawn(f.Subject.Kind) {
				continue
			}
			if !slices.Contains(p.marks[subject.ID], m) {
				p.marks[subject.ID] = append(p.marks[subject.ID], m)
			}
		}
	}
	var all []*network.Subnet
	for i := range p.s.Subnets.Items {
		if n := &p.s.Subnets.Items[i]; n.VPCID == p.o.VPC {
			all = append(all, n)
			for _, nat := range p.nats[n.ID] {
				p.natZone[nat.ID] = n.Zone
			}
		}
	}
	slices.SortFunc(all, func(a, b *network.Subnet) int {
		return cmp.Or(cmp.Compare(a.Zone, b.Zone), cmp.Compare(p.rank(a), p.rank(b)), cmp.Compare(a.ID, b.ID))
	})
	for _, n := range all {
		if len(all) > maxSubnets && p.role(n.ID) == "" && len(p.nats[n.ID]) == 0 && len(p.marks[n.ID]) == 0 {
			p.hidden++
			continue
		}
		p.shown = append(p.shown, n)
	}
}

func (p *picture) drawn(kind string) bool {
	return kind == "subnet" || kind == "route-table" || kind == "nat-gateway" || kind == "vpc" || kind == "availability-zone"
}

// rank puts the public subnets of a zone above the private ones.
func (p *picture) rank(n *network.Subnet) int {
	switch p.egress[n.ID].IPv4.Class {
	case network.ClassInternet:
		return 0
	case network.ClassBroken, network.ClassUnknown, network.ClassMixed:
		return 2
	}
	return 1
}

func (p *picture) role(id string) string {
	var roles []string
	if slices.Contains(p.o.ControllerSubnets, id) {
		roles = append(roles, "controllers")
	}
	if slices.Contains(p.o.WorkerSubnets, id) {
		roles = append(roles, "workers")
	}
	if id != "" && id == p.o.JumpHostSubnet {
		roles = append(roles, "jump host")
	}
	return strings.Join(roles, ", ")
}

// shouldBePublic reports whether the subnet is one that the cluster needs to be
// reached through.
func (p *picture) shouldBePublic(id string) bool {
	if id == p.o.JumpHostSubnet {
		return true
	}
	return p.o.Topology == network.TopologyPublic && p.o.Profile != network.ProfileElastic && slices.Contains(p.o.ControllerSubnets, id)
}

// A card is a box of lines.
type card struct {
	kind  string // the class of its style
	lines []line
}

type line struct {
	style, text string
}

func (c *card) add(style, format string, args ...any) {
	c.lines = append(c.lines, line{style, fmt.Sprintf(format, args...)})
}

func (c *card) height() int { return 2*padding + len(c.lines)*lineHeight - 4 }

// marks adds the lines of what failed on a resource.
func (p *picture) mark(c *card, id string) {
	list := p.marks[id]
	slices.SortFunc(list, func(a, b mark) int {
		return cmp.Or(cmp.Compare(order(a), order(b)), cmp.Compare(a.code, b.code))
	})
	for i, m := range list {
		if i == maxMarks && len(list) > maxMarks+1 {
			c.add("note", "and %d more findings", len(list)-i)
			return
		}
		switch {
		case !m.failed:
			c.add("unknown", "? %s", m.code)
		case m.warning:
			c.add("warning", "! %s", m.code)
		default:
			c.add("failed", "✕ %s", m.code)
		}
	}
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
		c.add("nat", "NAT %s", nat.ID)
		c.add("text", "%s", cmp.Or(nat.State, "state not seen"))
		p.mark(&c, nat.ID)
	}
	p.mark(&c, n.ID)
	return c
}

// way adds the lines that say by which route the internet is reached, and what
// is reached by an internet gateway though most is not.
func (p *picture) way(c *card, n *network.Subnet, e network.SubnetEgress) {
	c.add("way", "%s", p.wayOut(e))
	if len(e.IPv4.Slices) > 0 {
		if zone := p.natZone[e.IPv4.Slices[0].Route.Target.ID]; zone != "" && zone != n.Zone {
			c.add("text", "in another zone, %s", zone)
		}
	}
	if e.IPv4.Class == network.ClassInternet {
		return
	}
	for i, s := range e.IPv4.Slices {
		if i > 0 && s.Class == network.ClassInternet {
			c.add("way", "only %s → %s", s.Route.Key(), s.Route.Target.ID)
		}
	}
}

// wayOut names the route that most of the internet takes.
func (p *picture) wayOut(e network.SubnetEgress) string {
	if len(e.IPv4.Slices) == 0 {
		return "no route out"
	}
	s := e.IPv4.Slices[0]
	if s.Route.Target.Kind == "" {
		return "no default route"
	}
	text := s.Route.Key() + " → " + cmp.Or(s.Route.Target.ID, string(s.Route.Target.Kind))
	if strings.EqualFold(s.Route.State, "blackhole") {
		text += ", dead"
	}
	return text
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
	c.add("text", "serves %d %s", serves, noun)
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
		style, tail := "mono", ""
		if strings.EqualFold(r.State, "blackhole") {
			style, tail = "failed", ", dead"
		}
		c.add(style, "%s → %s%s", destination, cmp.Or(r.Target.ID, string(r.Target.Kind)), tail)
	}
	if len(routes) == 0 {
		c.add("note", "no route out of the VPC")
	}
	p.mark(&c, t.ID)
	return c
}

func (p *picture) layOut() {
	zones := map[string][]*network.Subnet{}
	for _, n := range p.shown {
		zones[n.Zone] = append(zones[n.Zone], n)
	}
	names := slices.Sorted(maps.Keys(zones))
	columns := max(len(names), 1)
	p.width = 2*margin + columns*columnWidth + (columns-1)*gap + 2*padding
	y := p.header(margin)
	top := y
	y = p.gateways(y + gap)
	if len(names) == 0 {
		y = p.text(margin+padding, y+gap, "note", "No subnet of the VPC was seen.") + gap
	}
	bottom := y
	for i, name := range names {
		x := margin + padding + i*(columnWidth+gap)
		at := p.zone(x, y, name, zones[name])
		bottom = max(bottom, at)
	}
	if p.hidden > 0 {
		bottom = p.text(margin+padding, bottom+lineHeight, "note", fmt.Sprintf("%d more subnets of the VPC are not drawn.", p.hidden))
	}
	p.box(margin, top, p.width-2*margin, bottom-top+padding, "vpc")
	y = bottom + padding + gap
	y = p.routeTables(y, columns)
	p.height = p.legend(y) + margin
}

// header writes what the VPC is, and returns where its box begins.
func (p *picture) header(y int) int {
	title := p.o.VPC
	if p.vpc == nil {
		title = cmp.Or(title, "no VPC") + " (not seen)"
	}
	y = p.text(margin, y+lineHeight, "title", title)
	if p.vpc != nil {
		var blocks []string
		for _, b := range p.vpc.CIDRs {
			blocks = append(blocks, b.Prefix.String())
		}
		slices.Sort(blocks)
		if name := p.vpc.Tags["Name"]; name != "" {
			y = p.text(margin, y, "name", name)
		}
		y = p.text(margin, y, "text", strings.Join(blocks, ", "))
	}
	c := card{}
	p.mark(&c, p.o.VPC)
	for _, l := range c.lines {
		y = p.text(margin, y, l.style, l.text)
	}
	return y - 4
}

// gateways draws the internet gateways on the border of the VPC, and what else
// the routes lead to.
func (p *picture) gateways(y int) int {
	var boxes []card
	ids := map[string]network.TargetKind{}
	for _, t := range p.tables {
		for _, r := range t.Routes {
			switch r.Target.Kind {
			case network.TargetLocal, network.TargetNATGateway:
			default:
				if r.Target.ID != "" {
					ids[r.Target.ID] = r.Target.Kind
				}
			}
		}
	}
	attached := map[string]string{}
	for _, g := range p.s.InternetGateways.Items {
		for _, a := range g.Attachments {
			if a.VPCID == p.o.VPC {
				attached[g.ID] = a.State
				ids[g.ID] = network.TargetInternetGateway
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		c := card{kind: "gateway"}
		c.add("id", "%s", id)
		kind := strings.ReplaceAll(string(ids[id]), "-", " ")
		if ids[id] == network.TargetInternetGateway {
			state, has := attached[id]
			switch {
			case has && (strings.EqualFold(state, "available") || strings.EqualFold(state, "attached")):
				kind += ", attached"
			case has:
				kind += ", " + cmp.Or(state, "state not seen")
			case p.s.InternetGateways.Complete():
				kind += ", not attached"
				c.kind = "broken"
			default:
				kind += ", attachment not seen"
			}
		}
		c.add("text", "%s", kind)
		p.mark(&c, id)
		boxes = append(boxes, c)
	}
	if len(boxes) == 0 {
		return p.text(margin+padding, y, "note", "No gateway is attached, and no route leads to one.")
	}
	return p.grid(margin+padding, y, boxes)
}

// grid draws cards in rows of the width of the picture.
func (p *picture) grid(x0, y int, cards []card) int {
	perRow := max(1, (p.width-2*margin-2*padding+gap)/(columnWidth+gap))
	for i := 0; i < len(cards); i += perRow {
		row := cards[i:min(i+perRow, len(cards))]
		tall := 0
		for _, c := range row {
			tall = max(tall, c.height())
		}
		for k, c := range row {
			p.card(x0+k*(columnWidth+gap), y, columnWidth, tall, c)
		}
		y += tall + gap/2
	}
	return y
}

func (p *picture) zone(x, y int, name string, subnets []*network.Subnet) int {
	start := y
	y = p.text(x+padding, y+padding+lineHeight-4, "zone", cmp.Or(name, "zone not seen"))
	c := card{}
	p.mark(&c, name)
	for _, l := range c.lines {
		y = p.text(x+padding, y, l.style, l.text)
	}
	for _, n := range subnets {
		c := p.subnetCard(n)
		p.card(x+padding, y, columnWidth-2*padding, c.height(), c)
		y += c.height() + gap/2
	}
	p.box(x, start, columnWidth, y-start, "column")
	return y
}

func (p *picture) routeTables(y, columns int) int {
	used := map[string]bool{}
	for _, n := range p.shown {
		used[p.egress[n.ID].RouteTableID] = true
	}
	var cards []card
	for _, id := range slices.Sorted(maps.Keys(p.tables)) {
		if used[id] || len(p.marks[id]) > 0 {
			cards = append(cards, p.tableCard(p.tables[id]))
		}
	}
	if len(cards) == 0 {
		return y
	}
	y = p.text(margin, y+lineHeight-4, "zone", "Route tables")
	return p.grid(margin+padding, y, cards)
}

func (p *picture) legend(y int) int {
	y += gap / 2
	x := margin
	for _, item := range []struct{ style, text string }{
		{"public", "public"},
		{"private", "private with a way out"},
		{"isolated", "without a way out"},
		{"broken", "its way out is dead"},
		{"unseen", "not seen"},
	} {
		width := 34 + 7*len(item.text)
		if x+width > p.width-margin && x > margin {
			x, y = margin, y+lineHeight+6
		}
		p.box(x, y, 16, 12, item.style)
		p.text(x+24, y+11, "text", item.text)
		x += width + gap
	}
	y += lineHeight + 6
	y = p.text(margin, y+11, "text", "✕ an error · ! a warning · ? could not be seen")
	return y
}

func (p *picture) card(x, y, width, height int, c card) {
	kind := c.kind
	if slices.ContainsFunc(c.lines, func(l line) bool { return l.style == "failed" && strings.HasPrefix(l.text, "✕") }) {
		kind += " gw-bad"
	}
	p.box(x, y, width, height, kind)
	at := y + padding + 9
	for _, l := range c.lines {
		p.text(x+padding, at, l.style, fit(l.text, l.style, width-2*padding))
		at += lineHeight
	}
}

func (p *picture) box(x, y, width, height int, style string) {
	fmt.Fprintf(&p.body, `<rect class="gw-%s" x="%d" y="%d" width="%d" height="%d" rx="6"/>`+"\n", style, x, y, width, height)
}

// text writes a line and returns where the next one stands.
func (p *picture) text(x, y int, style, text string) int {
	text = fit(text, style, p.width-x-margin)
	fmt.Fprintf(&p.body, `<text class="gw-t gw-t-%s" x="%d" y="%d">%s</text>`+"\n", style, x, y, html.EscapeString(text))
	return y + lineHeight
}

// fit cuts a text to a width. The characters of the fonts that a reader may have
// are taken for seven units wide, and those of East Asian scripts for fourteen.
func fit(text, style string, width int) string {
	text = visible(text)
	each := 6.9
	switch style {
	case "title":
		each = 10.5
	case "id", "mono", "nat":
		each = 7.4
	}
	used := 0.0
	for i, r := range text {
		w := each
		if r >= 0x1100 {
			w = 2 * each
		}
		if used+w > float64(width)-each {
			if len(text)-i > len(string(r)) {
				return text[:i] + "…"
			}
		}
		used += w
	}
	return text
}

// visible replaces what would not show as itself: control characters, marks
// that turn the direction of text, invisible ones.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector, unicode.Mn, unicode.Me) {
			return '\uFFFD'
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}

// String returns the SVG element. The boxes of columns and of the VPC are drawn
// without a fill, so that what stands in them may be written first.
func (p *picture) String() string {
	title := "Network of " + visible(cmp.Or(p.o.VPC, "no VPC"))
	failed := 0
	for _, list := range p.marks {
		for _, m := range list {
			if m.failed {
				failed++
			}
		}
	}
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" class="gw" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-label="%s">
<title>%s</title>
<desc>%d subnets in their zones, their route tables and gateways; %d marks of what failed.</desc>
<style>%s</style>
<rect class="gw-paper" width="%d" height="%d"/>
%s</svg>
`, p.width, p.height, p.width, p.height, html.EscapeString(title), html.EscapeString(title), len(p.shown), failed, style, p.width, p.height, p.body.String())
}

// style is the look of the picture. Every name begins with gw, so that it
// changes nothing of a page that holds it.
const style = `
.gw{--paper:#fff;--ink:#1f2328;--soft:#57606a;--line:#d0d7de;--public:#ddf4ff;--public-line:#0969da;--private:#dafbe1;--private-line:#1a7f37;
--isolated:#f6f8fa;--isolated-line:#8c959f;--broken:#ffebe9;--broken-line:#cf222e;--warn:#7d4e00;--table:#fbf8ff;--table-line:#8250df;color-scheme:light dark}
@media (prefers-color-scheme:dark){.gw{--paper:#0d1117;--ink:#e6edf3;--soft:#9198a1;--line:#3d444d;--public:#0c2d4d;--public-line:#4493f8;--private:#10331d;
--private-line:#3fb950;--isolated:#1b2129;--isolated-line:#7d8590;--broken:#42171a;--broken-line:#ff7b72;--warn:#e3b341;--table:#221a35;--table-line:#a371f7}}
.gw-paper{fill:var(--paper)}
.gw-vpc{fill:none;stroke:var(--soft);stroke-width:1.5;stroke-dasharray:6 4}
.gw-column{fill:none;stroke:var(--line)}
.gw-public{fill:var(--public);stroke:var(--public-line)}
.gw-private{fill:var(--private);stroke:var(--private-line)}
.gw-isolated{fill:var(--isolated);stroke:var(--isolated-line)}
.gw-broken{fill:var(--broken);stroke:var(--broken-line)}
.gw-unseen{fill:var(--isolated);stroke:var(--isolated-line);stroke-dasharray:4 3}
.gw-table,.gw-gateway{fill:var(--table);stroke:var(--table-line)}
.gw-bad{stroke:var(--broken-line);stroke-width:3}
.gw-t{font:12px ui-sans-serif,system-ui,-apple-system,"Segoe UI","Noto Sans",Helvetica,Arial,sans-serif;fill:var(--ink)}
.gw-t-title{font-size:18px;font-weight:600}
.gw-t-zone{font-weight:600;font-size:13px}
.gw-t-id,.gw-t-mono,.gw-t-nat{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
.gw-t-id{font-weight:600}
.gw-t-role,.gw-t-class{font-weight:600}
.gw-t-name,.gw-t-note,.gw-t-text{fill:var(--soft)}
.gw-t-failed{fill:var(--broken-line);font-weight:600}
.gw-t-warning{fill:var(--warn);font-weight:600}
.gw-t-unknown{fill:var(--soft);font-style:italic}
`
