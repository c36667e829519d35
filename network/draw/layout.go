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
