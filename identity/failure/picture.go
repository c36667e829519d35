package failure

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/groundway-sdk/groundway"
)

// RenderSVG draws the graph of the model, and beside it what a result of [Simulate]
// comes to: what is down, what cannot do its work because of that, who is cut off and
// who is not. A nil result draws the graph alone. The picture has no script and no
// outside font, and follows the reader's light or dark colors; what is down is marked
// by a word as well as by its color.
func RenderSVG(w io.Writer, m Model, r *Result) error {
	p := &picture{m: m, r: r, graph: m.Graph(), boxes: map[Component]box{}}
	p.draw()
	title := "Failure domains of dex"
	if r != nil {
		title = "What fails: " + string(r.Outage.Kind)
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" class="gw-failure" viewBox="0 0 %d %d" width="%d" height="%d" role="img">`+"\n", pictureWidth, p.y, pictureWidth, p.y)
	fmt.Fprintf(&out, "<title>%s</title>\n%s", escape(title), pictureStyle)
	fmt.Fprintf(&out, `<rect class="page" width="%d" height="%d"/>`+"\n", pictureWidth, p.y)
	fmt.Fprintf(&out, `<text class="head" x="%d" y="34">%s</text>`+"\n", margin, escape(title))
	out.Write(p.lines.Bytes())
	out.Write(p.body.Bytes())
	out.WriteString("</svg>\n")
	_, err := w.Write(out.Bytes())
	return err
}

const pictureStyle = `<style>
.gw-failure text { font: 13px system-ui, sans-serif; fill: #1c2024 }
.gw-failure .page { fill: #ffffff } .gw-failure .box { fill: #f4f6f8; stroke: #8a94a0 } .gw-failure .head { font-size: 18px; font-weight: 600 } .gw-failure .name { font-weight: 600 }
.gw-failure .small { font-size: 11px; fill: #5b6570 } .gw-failure .line { stroke: #5b6570; fill: none } .gw-failure .tip { fill: #5b6570 } .gw-failure .later { stroke-dasharray: 5 4 }
.gw-failure .down { fill: #fbe4e1; stroke: #b3261e; stroke-width: 2 } .gw-failure .hit { fill: #fdf1dc; stroke: #8a5200; stroke-width: 2 }
.gw-failure .cut { fill: #b3261e; font-weight: 600 } .gw-failure .good { fill: #1a6b34; font-weight: 600 } .gw-failure .late { fill: #8a5200; font-weight: 600 }
@media (prefers-color-scheme: dark) {
.gw-failure text { fill: #e6e9ec } .gw-failure .page { fill: #14171a } .gw-failure .box { fill: #1d2126; stroke: #707a86 } .gw-failure .small { fill: #a2adb8 } .gw-failure .line { stroke: #a2adb8 } .gw-failure .tip { fill: #a2adb8 }
.gw-failure .down { fill: #3d1512; stroke: #ff8a80 } .gw-failure .hit { fill: #38270a; stroke: #f0b455 } .gw-failure .cut { fill: #ff8a80 } .gw-failure .good { fill: #6fcf8b } .gw-failure .late { fill: #f0b455 }
}
</style>
`

// The measures of the picture, in pixels.
const (
	pictureWidth = 1070
	margin       = 24
	boxWidth     = 200
	boxHeight    = 52
	columnWidth  = 274
	rowHeight    = 84
	top          = 60
)

type box struct{ x, y int }

type picture struct {
	m           Model
	r           *Result
	graph       []Dependency
	boxes       map[Component]box
	lines, body bytes.Buffer
	y           int
}

// draw puts who depends on dex to the left of it, and what it depends on to the
// right, as the document does.
func (p *picture) draw() {
	columns := [][]Component{{Kubectl, Console, Pods, BreakGlass}, {LoadBalancer, "", APIServer}, {Dex, DexGRPC, "", KubeCA}, {}}
	var providers []Component
	for _, w := range p.m.ways() {
		if w.id != "local" {
			providers = append(providers, ProviderOf(w.id))
		}
	}
	// The storage is beside the API server, which it is a part of.
	right := append(slices.Clone(providers[:min(2, len(providers))]), make([]Component, 2-min(2, len(providers)))...)
	columns[3] = append(append(right, Storage), providers[min(2, len(providers)):]...)
	rows := 0
	for i, column := range columns {
		for j, c := range column {
			if c != "" && p.shown(c) {
				p.boxes[c] = box{margin + i*columnWidth, top + j*rowHeight}
				rows = max(rows, j+1)
			}
		}
	}
	p.edges()
	for _, column := range columns {
		for _, c := range column {
			if _, ok := p.boxes[c]; ok {
				p.component(c)
			}
		}
	}
	p.y = top + rows*rowHeight
	p.legend()
	if p.r != nil {
		p.result()
	}
}

func (p *picture) shown(c Component) bool {
	return slices.ContainsFunc(p.graph, func(d Dependency) bool { return d.From == c || d.To == c })
}

// states are what a component is in, of the result.
func (p *picture) state(c Component) (class, word string) {
	if p.r == nil {
		return "", ""
	}
	s := simulation{m: p.m, o: p.r.Outage, graph: p.graph}
	failed := s.failed()
	if slices.Contains(failed, c) {
		return "down", "down"
	}
	now, needs, missing := reaches(p.graph, failed, AtRequest), 0, 0
	for _, d := range p.graph {
		if d.From == c && d.When == AtRequest {
			needs++
			if _, down := now[d.To]; down {
				missing++
			}
		}
	}
	if needs > 0 && missing == needs {
		return "hit", "cannot work"
	}
	if _, hit := reaches(p.graph, failed, AtRequest, AtLogin, AtRenewal)[c]; hit {
		return "hit", "in part"
	}
	return "", ""
}

func (p *picture) component(c Component) {
	b := p.boxes[c]
	class, word := p.state(c)
	fmt.Fprintf(&p.body, `<rect class="%s" x="%d" y="%d" width="%d" height="%d" rx="5"/>`+"\n", strings.TrimSpace("box "+class), b.x, b.y, boxWidth, boxHeight)
	name := string(c)
	if id, ok := strings.CutPrefix(name, string(Provider)+"/"); ok {
		name = "provider " + clip(id, 13)
	}
	p.text("name", b.x+12, b.y+21, name)
	var keeps []string
	for _, d := range p.graph {
		if d.From != c || d.Cache == "" {
			continue
		}
		text := d.Cache
		if d.Lasts > 0 {
			text = strings.TrimSuffix(text, ", whose token ends") + ", " + short(d.Lasts)
		}
		if !slices.Contains(keeps, text) && len(keeps) == 0 {
			keeps = append(keeps, text)
		}
	}
	note := ""
	if len(keeps) > 0 {
		note = "keeps " + strings.Join(keeps, "; ")
	}
	if word != "" {
		kind := "late"
		if class == "down" {
			kind = "cut"
		}
		p.text("small "+kind, b.x+12, b.y+40, word)
		return
	}
	p.text("small", b.x+12, b.y+40, clip(note, 32))
}

// A line is an arrow from who needs to what is needed: whole at every request, and
// broken where something stands in meanwhile.
type line struct {
	from, to box
	class    string
	fy, ty   int // where it leaves and enters
}

// edges draws the lines. Those at one side of a box are spread over it, in the order of
// their other ends, and every line meets its box at a right angle, as its head does.
func (p *picture) edges() {
	type side struct {
		b     box
		right bool
	}
	type end struct {
		y     *int
		other box
	}
	var lines []*line
	ends := map[side][]end{}
	for _, d := range p.graph {
		from, ok := p.boxes[d.From]
		to, known := p.boxes[d.To]
		l := &line{from: from, to: to, class: "line"}
		if d.When != AtRequest {
			l.class += " later"
		}
		// A login and a renewal look alike: one line is both.
		if !ok || !known || slices.ContainsFunc(lines, func(m *line) bool { return m.from == from && m.to == to && m.class == l.class }) {
			continue
		}
		lines = append(lines, l)
		if from.x != to.x {
			leaves, enters := side{from, from.x < to.x}, side{to, from.x > to.x}
			ends[leaves] = append(ends[leaves], end{&l.fy, to})
			ends[enters] = append(ends[enters], end{&l.ty, from})
		}
	}
	for s, list := range ends {
		slices.SortStableFunc(list, func(a, b end) int { return cmp.Compare(a.other.y, b.other.y) })
		for i, e := range list {
			*e.y = s.b.y + boxHeight*(i+1)/(len(list)+1)
		}
	}
	for _, l := range lines {
		p.edge(l)
	}
}

func (p *picture) edge(l *line) {
	const head = 9
	if l.from.x == l.to.x {
		x, y, ty, h := l.from.x+boxWidth/2, l.from.y, l.to.y+boxHeight, head
		if l.from.y < l.to.y {
			y, ty, h = l.from.y+boxHeight, l.to.y, -head
		}
		fmt.Fprintf(&p.lines, `<path class="%s" d="M%d %dV%d"/><path class="tip" d="M%d %dl-4 %dh8z"/>`+"\n", l.class, x, y, ty+h, x, ty, h)
		return
	}
	fx, tx, h, bend := l.from.x+boxWidth, l.to.x, head, (columnWidth-boxWidth)/2
	if l.from.x > l.to.x {
		fx, tx, h, bend = l.from.x, l.to.x+boxWidth, -head, -bend
	}
	fmt.Fprintf(&p.lines, `<path class="%s" d="M%d %dC%d %d %d %d %d %d"/><path class="tip" d="M%d %dl%d -4v8z"/>`+"\n",
		l.class, fx, l.fy, fx+bend, l.fy, tx-h-bend, l.ty, tx-h, l.ty, tx, l.ty, -h)
}

func (p *picture) legend() {
	y := p.y + 6
	fmt.Fprintf(&p.body, `<path class="line" d="M%d %dh40"/>`, margin, y-4)
	p.text("small", margin+48, y, "needs it at every request")
	fmt.Fprintf(&p.body, `<path class="line later" d="M%d %dh40"/>`, margin+210, y-4)
	p.text("small", margin+258, y, "needs it at a login, when a token ends, or for a key that it has not seen")
	p.y = y + 22
}

func (p *picture) result() {
	r := p.r
	p.text("name", margin, p.y+14, "Risk: "+r.Risk.String())
	p.y += 14
	p.wrapped("", margin+112, 0, r.Why, 130)
	recovery := r.Recovery.String()
	if r.Recovery == (Range{}) {
		recovery = "at once"
	}
	if r.Manual {
		recovery = "by a person"
	}
	p.y += 6
	p.text("name", margin, p.y+14, "Recovery: ")
	p.y += 14
	p.wrapped("", margin+112, 0, recovery+". "+r.By, 130)
	p.y += 18
	for _, e := range grouped(r.Effects) {
		class, word := "good", "works"
		if e.Cut {
			class, word = "cut", "fails"
			if e.From.Least != e.From.Most {
				class, word = "late", "ends"
			}
		}
		p.text(class, margin, p.y+14, word)
		p.y += 14
		text := e.words(strings.Join(e.names, ", "))
		p.wrapped("", margin+60, 0, strings.ToUpper(text[:1])+text[1:], 136)
		p.y += 4
	}
	p.y += 16
}

// wrapped writes text in lines of so many characters, the first at the current line.
func (p *picture) wrapped(class string, x, indent int, text string, width int) {
	line := ""
	first := true
	flush := func() {
		if line == "" {
			return
		}
		if !first {
			p.y += 17
		}
		p.text(class, x+indent, p.y, line)
		first, line = false, ""
	}
	for _, word := range strings.Fields(text) {
		if utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			flush()
		}
		line = strings.TrimSpace(line + " " + word)
	}
	flush()
	p.y += 4
}

func (p *picture) text(class string, x, y int, text string) {
	fmt.Fprintf(&p.body, `<text class="%s" x="%d" y="%d">%s</text>`+"\n", cmp.Or(class, "text"), x, y, escape(text))
}

// clip keeps text within its box. It is cut in the middle: names that one rule gave
// differ at their ends.
func clip(text string, n int) string {
	runes := []rune(groundway.Visible(text))
	if len(runes) <= n {
		return string(runes)
	}
	head := n / 2
	return string(runes[:head]) + "…" + string(runes[len(runes)-(n-1-head):])
}

func escape(text string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(groundway.Visible(text)))
	return b.String()
}
