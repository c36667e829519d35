package draw

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/groundway-sdk/groundway/network"
)

// The measures of the arrows.
const (
	track     = 10 // from one line to the next beside it
	clearance = 20 // from a card to the first line beside it
	head      = 5  // half of an arrowhead, and of the cross of a dead way
)

// A way is how a subnet reaches more than a sixteenth of the internet: the arrow
// from it to a gateway on top, or to the NAT gateway in the card of a subnet.
type way struct {
	from  *network.Subnet
	to    string
	style string // public, private, broken or unseen
}

// A point is a place in the picture.
type point struct{ x, y int }

// A rect is where a card stands, in which row of a grid.
type rect struct{ x, y, width, height, row int }

// findWays gathers the arrows, in the order of the subnets, with the lanes and
// tracks that their lines take, and the NAT gateways to which they lead and that
// no card holds: regional ones, and those that were not seen.
func (p *picture) findWays() {
	var far, near []place // lanes of targets that lie elsewhere, and of NAT gateways within the zone
	for _, n := range p.shown {
		for i, s := range p.egress[n.ID].IPv4.Slices {
			id := s.Route.Target.ID
			if id == "" || i > 0 && s.Share <= 1.0/16 {
				continue
			}
			p.ways = append(p.ways, way{n, id, styleOf(s.Class)})
			column, at := p.column(n.Zone), p.column(p.natZone[id])
			switch {
			case p.held(id) && p.natZone[id] == n.Zone:
				near = append(near, place{column, n.Zone, id})
			case p.held(id):
				far = append(far, place{column, "", id}, place{at, "", id})
			default:
				far = append(far, place{column, "", id})
			}
			if !p.held(id) || at != column {
				p.tracks = append(p.tracks, id)
			}
			if !p.held(id) && s.Route.Target.Kind == network.TargetNATGateway {
				p.looseNATs = append(p.looseNATs, id)
			}
		}
	}
	p.tracks = slices.Compact(slices.Sorted(slices.Values(p.tracks)))
	p.assign(near, far)
}

// A place is where a target needs a lane: in a column, of one zone or of all.
type place struct {
	column   int
	zone, to string
}

// assign gives every target of a column its lane. Those that stay within a zone are
// next to the cards, and zones that stand below each other use the same ones.
func (p *picture) assign(near, far []place) {
	p.lanes = make([]map[string]int, p.columns)
	for column := range p.lanes {
		lanes, inside := map[string]int{}, 0
		shared := map[string]bool{}
		for _, f := range far {
			shared[f.to] = shared[f.to] || f.column == column
		}
		used := map[string]int{} // lanes of a zone
		for _, n := range near {
			if _, has := lanes[n.to]; n.column == column && !has && !shared[n.to] {
				lanes[n.to] = used[n.zone]
				used[n.zone]++
				inside = max(inside, used[n.zone])
			}
		}
		for _, to := range slices.Sorted(maps.Keys(shared)) {
			if shared[to] {
				lanes[to] = inside
				inside++
			}
		}
		p.lanes[column] = lanes
		p.laneWidth = max(p.laneWidth, clearance+(inside-1)*track)
	}
}

// column is where a zone stands.
func (p *picture) column(zone string) int { return max(0, slices.Index(p.names, zone)) % p.columns }

// held reports whether a NAT gateway stands in the card of a subnet.
func (p *picture) held(id string) bool {
	_, held := p.natZone[id]
	return held
}

// columnStep is the width of a column with its lanes and the gap to the next.
func (p *picture) columnStep() int { return columnWidth + p.laneWidth + gap }

// arrows draws the ways, once all cards have their places. The lines of one
// target share a lane beside each column, and a line below the gateways, whose
// first is at the height top.
func (p *picture) arrows(top int) {
	for k, to := range p.tracks {
		y := top + k*track
		style := p.styleTo(to, -1)
		var xs []int
		for column := range p.columns {
			if i, has := p.lanes[column][to]; has {
				xs = append(xs, p.lane(column, i))
			}
		}
		if box, drawn := p.boxes[to]; drawn {
			xs = append(xs, p.enter(box, to, y, style))
		}
		p.line(style, point{slices.Min(xs), y}, point{slices.Max(xs), y})
	}
	for column := range p.columns {
		for _, to := range slices.Sorted(maps.Keys(p.lanes[column])) {
			x, style := p.lane(column, p.lanes[column][to]), p.styleTo(to, column)
			var ys []int
			for _, w := range p.ways {
				if w.to == to && p.column(w.from.Zone) == column {
					start := p.starts[w.from.ID+" "+to]
					p.line(w.style, start, point{x, start.y})
					ys = append(ys, start.y)
				}
			}
			if p.held(to) && p.column(p.natZone[to]) == column {
				end := p.ends[to]
				p.line(style, point{x, end.y}, point{end.x + head, end.y})
				p.tip(style, end, -1, 0)
				ys = append(ys, end.y)
			}
			if k := slices.Index(p.tracks, to); k >= 0 {
				ys = append(ys, top+k*track)
			}
			p.line(style, point{x, slices.Min(ys)}, point{x, slices.Max(ys)})
		}
	}
}

// enter draws the end of a way into a gateway's card: from below, or, where
// other cards are below it, from the side, straight on from the lane in its column
// if there is one. It returns where it leaves the line.
func (p *picture) enter(box rect, to string, y int, style string) (x int) {
	below := box.y + box.height
	if below+gap > p.gatewaysEnd {
		x = box.x + box.width/2
		p.line(style, point{x, y}, point{x, below + head})
		p.tip(style, point{x, below}, 0, -1)
		return x
	}
	x, middle := box.x+box.width+2*head+box.row*(head+1), box.y+box.height/2
	column := (box.x - margin - padding) / p.columnStep()
	if i, has := p.lanes[column][to]; has {
		x = p.lane(column, i)
	}
	p.line(style, point{x, y}, point{x, middle})
	p.line(style, point{x, middle}, point{box.x + box.width + head, middle})
	p.tip(style, point{box.x + box.width, middle}, -1, 0)
	return x
}

// lane is the place of a target's lane beside the cards of a column.
func (p *picture) lane(column, i int) int {
	return margin + padding + column*p.columnStep() + columnWidth - padding + clearance + i*track
}

// styleTo is how the lines to a target look that several subnets share: of a
// column, or of all. They are dead where all are.
func (p *picture) styleTo(to string, column int) string {
	style := ""
	for _, w := range p.ways {
		if w.to == to && (column < 0 || p.column(w.from.Zone) == column) && (style == "" || style == "broken") {
			style = w.style
		}
	}
	if style == "" {
		return p.styleTo(to, -1)
	}
	return cmp.Or(style, "unseen")
}

func (p *picture) line(style string, from, to point) {
	if from != to {
		fmt.Fprintf(&p.body, `<path class="gw-way gw-way-%s" d="M%d %dL%d %d"/>`+"\n", style, from.x, from.y, to.x, to.y)
	}
}

// tip draws an arrowhead that points in a direction, or the cross of a dead way.
func (p *picture) tip(style string, at point, dx, dy int) {
	if style == "broken" {
		x, y := at.x-dx*(head+2), at.y-dy*(head+2)
		fmt.Fprintf(&p.body, `<path class="gw-cross" d="M%d %dL%d %dM%d %dL%d %d"/>`+"\n", x-head, y-head, x+head, y+head, x-head, y+head, x+head, y-head)
		return
	}
	x, y := at.x-dx*2*head, at.y-dy*2*head
	fmt.Fprintf(&p.body, `<path class="gw-tip-%s" d="M%d %dL%d %dL%d %dZ"/>`+"\n", style, at.x, at.y, x+dy*head, y+dx*head, x-dy*head, y-dx*head)
}
