package draw

import (
	"cmp"
	"fmt"
	"html"
	"maps"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway/network"
)

func (p *picture) layOut() {
	zones := map[string][]*network.Subnet{}
	for _, n := range p.shown {
		zones[n.Zone] = append(zones[n.Zone], n)
	}
	p.width = 2*margin + p.columns*p.columnStep() - gap + 2*padding
	y := p.header(margin)
	top := y
	y = p.gateways(y + gap)
	p.gatewaysEnd = y
	if len(p.names) == 0 {
		text := "Its subnets were not seen."
		if p.s.Subnets.Complete() {
			text = "The VPC has no subnet."
		}
		y = p.note(margin+padding, y+gap, text) + gap
	}
	lines := y + head
	if n := len(p.tracks); n > 0 {
		y = lines + (n-1)*track + clearance
	}
	bottom := y
	for i, name := range p.names {
		if column := i % p.columns; column == 0 && i > 0 {
			y = bottom + gap
		}
		at := p.zone(margin+padding+i%p.columns*p.columnStep(), y, name, zones[name])
		bottom = max(bottom, at)
	}
	p.arrows(lines)
	if p.hidden > 0 {
		bottom = p.note(margin+padding, bottom+lineHeight, fmt.Sprintf("%d more subnets of the VPC are not drawn.", p.hidden))
	}
	p.box(margin, top, p.width-2*margin, bottom-top+padding, "vpc")
	y = bottom + padding + gap
	y = p.routeTables(y)
	p.height = p.legend(y) + margin
}

// header writes what the VPC is, and returns where its box begins.
func (p *picture) header(y int) int {
	title := p.o.VPC
	switch {
	case p.vpc == nil && title != "" && p.s.VPCs.Complete():
		title += " (not found)"
	case p.vpc == nil:
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
	if text := p.unseen(); text != "" {
		y = p.note(margin, y, text)
	}
	return y - 4
}

// unseen says of what the picture draws which may be missing in it.
func (p *picture) unseen() string {
	var none, some []string
	for _, part := range []struct {
		name           string
		seen, complete bool
	}{
		{"the VPC", p.s.VPCs.Seen || p.vpc != nil, p.s.VPCs.Complete() || p.vpc != nil},
		{"subnets", p.s.Subnets.Seen, p.s.Subnets.Complete()},
		{"route tables", p.s.RouteTables.Seen, p.s.RouteTables.Complete()},
		{"internet gateways", p.s.InternetGateways.Seen, p.s.InternetGateways.Complete()},
		{"NAT gateways", p.s.NATGateways.Seen, p.s.NATGateways.Complete()},
	} {
		switch {
		case !part.seen:
			none = append(none, part.name)
		case !part.complete:
			some = append(some, part.name)
		}
	}
	text := ""
	if len(none) > 0 {
		text = "Not seen: " + strings.Join(none, ", ") + "."
	}
	if len(some) > 0 {
		text += " Seen in part: " + strings.Join(some, ", ") + "."
	}
	return strings.TrimSpace(text)
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
	for _, id := range p.looseNATs {
		ids[id] = network.TargetNATGateway
	}
	names := slices.Sorted(maps.Keys(ids))
	for _, id := range names {
		c := card{kind: "gateway"}
		c.add("id", "%s", id)
		kind := strings.ReplaceAll(string(ids[id]), "-", " ")
		if ids[id] == network.TargetNATGateway {
			kind = "NAT gateway, " + p.natState(id)
		}
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
		c.bad = p.mark(&c, id)
		boxes = append(boxes, c)
	}
	if len(boxes) == 0 {
		return p.note(margin+padding, y, p.noGateway())
	}
	return p.grid(margin+padding, y, boxes, names...)
}

// noGateway says why no gateway is drawn.
func (p *picture) noGateway() string {
	switch gateways, tables := p.s.InternetGateways.Complete(), p.s.RouteTables.Complete(); {
	case gateways && tables:
		return "No gateway is attached, and no route leads to one."
	case gateways:
		return "No internet gateway is attached; where routes lead was not seen."
	case tables:
		return "No route leads to a gateway; which are attached was not seen."
	}
	return "Which gateways are attached, and where routes lead, was not seen."
}

// natState says what is known of a NAT gateway that stands in no subnet.
func (p *picture) natState(id string) string {
	i := slices.IndexFunc(p.s.NATGateways.Items, func(n network.NATGateway) bool { return n.ID == id })
	switch {
	case i < 0 && p.s.NATGateways.Complete():
		return "not found"
	case i < 0:
		return "not seen"
	}
	n := p.s.NATGateways.Items[i]
	return strings.TrimSpace(n.AvailabilityMode + " " + cmp.Or(n.State, "state not seen"))
}

// grid draws cards in rows of the width of the picture, and keeps the places of
// those that have a name.
func (p *picture) grid(x0, y int, cards []card, names ...string) int {
	for i := 0; i < len(cards); i += p.columns {
		row := cards[i:min(i+p.columns, len(cards))]
		tall := 0
		for _, c := range row {
			tall = max(tall, c.height())
		}
		for k, c := range row {
			at := rect{x0 + k*p.columnStep(), y, columnWidth, tall, i / p.columns}
			p.card(at, c)
			if i+k < len(names) {
				p.boxes[names[i+k]] = at
			}
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
		at := rect{x: x + padding, y: y, width: columnWidth - 2*padding, height: c.height()}
		p.card(at, c)
		for i, l := range c.lines {
			edge := point{at.x + at.width, y + c.offset(i) - 4}
			if l.from != "" {
				p.starts[n.ID+" "+l.from] = edge
			}
			if l.to != "" {
				p.ends[l.to] = point{edge.x - padding/2, edge.y}
			}
		}
		y += c.height() + gap/2
	}
	p.box(x, start, columnWidth+p.laneWidth, y-start, "column")
	return y
}

func (p *picture) routeTables(y int) int {
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
		{"gateway", "a gateway or a route table"},
		{"column gw-bad", "an error is about it"},
	} {
		width := 30 + 7*len(item.text)
		if x+width > p.width-margin && x > margin {
			x, y = margin, y+lineHeight+6
		}
		p.box(x, y, 16, 12, item.style)
		p.text(x+24, y+11, "text", item.text)
		x += width + gap
	}
	y += lineHeight + 6
	y = p.note(margin, y+11, "✕ an error · ! a warning · ? could not be seen")
	if len(p.ways) > 0 {
		y = p.note(margin, y, "An arrow leads from a subnet to its way out; where that is dead it ends in a cross.")
	}
	return y
}

func (p *picture) card(r rect, c card) {
	p.box(r.x, r.y, r.width, r.height, framed(c.kind, c.bad))
	for _, n := range c.inner {
		top := r.y + c.offset(n.first) - 15
		p.box(r.x+padding/2, top, r.width-padding, r.y+c.offset(n.end-1)+6-top, framed("nat", n.bad))
	}
	for i, l := range c.lines {
		p.text(r.x+padding, r.y+c.offset(i), l.style, fit(l.text, l.style, r.width-2*padding))
	}
}

func framed(kind string, bad bool) string {
	if bad {
		return kind + " gw-bad"
	}
	return kind
}

func (p *picture) box(x, y, width, height int, style string) {
	fmt.Fprintf(&p.body, `<rect class="gw-%s" x="%d" y="%d" width="%d" height="%d" rx="6"/>`+"\n", style, x, y, width, height)
}

// note writes a sentence in as many lines as it takes, and returns where the next
// one stands.
func (p *picture) note(x, y int, text string) int {
	for _, l := range wrap(text, "note", p.width-x-margin-padding) {
		y = p.text(x, y, "note", l)
	}
	return y
}

// text writes a line and returns where the next one stands.
func (p *picture) text(x, y int, style, text string) int {
	text = fit(text, style, p.width-x-margin)
	fmt.Fprintf(&p.body, `<text class="gw-t gw-t-%s" x="%d" y="%d">%s</text>`+"\n", style, x, y, html.EscapeString(text))
	return y + lineHeight
}
