package pki

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"
)

// PictureOptions tune [RenderSVG].
type PictureOptions struct {
	// Time is now. Without it no certificate is marked as ended.
	Time time.Time
	// Soon is how long before its end a certificate is marked; zero is 30 days.
	Soon time.Duration
}

// RenderSVG draws which authority is responsible for which connection: a lane for
// each authority of the inventory, with its certificate on the left, and beside it
// who speaks to whom, the certificates that both show, and when each ends. What
// the bundle does not have is drawn without a date. The picture has no script and
// no outside font, and follows the reader's light or dark colors.
func RenderSVG(w io.Writer, inv Inventory, b Bundle, o PictureOptions) error {
	o.Soon = cmp.Or(o.Soon, 30*day)
	p := picture{inv: inv, b: b, o: o}
	p.draw()
	var out bytes.Buffer
	title := "TLS topology"
	if inv.Cluster.Name != "" {
		title += " of " + inv.Cluster.Name
	}
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" class="gw-pki" viewBox="0 0 %d %d" width="%d" height="%d" role="img">`+"\n",
		pictureWidth, p.y, pictureWidth, p.y)
	fmt.Fprintf(&out, "<title>%s</title>\n%s", escape(title), pictureStyle)
	fmt.Fprintf(&out, `<rect class="page" width="%d" height="%d"/>`+"\n", pictureWidth, p.y)
	fmt.Fprintf(&out, `<text class="head" x="%d" y="32">%s</text>`+"\n", margin, escape(clip(title, 80)))
	fmt.Fprintf(&out, `<text class="small none" x="%d" y="52">%s</text>`+"\n", margin, pictureLegend)
	out.Write(p.body.Bytes())
	out.WriteString("</svg>\n")
	_, err := w.Write(out.Bytes())
	return err
}

const pictureLegend = "Arrows lead from clients to servers. What stands in a lane is signed by its authority, which the other end trusts."

// pictureStyle marks an end by a word as well as by its color. It changes nothing of a
// page that holds the picture.
const pictureStyle = `<style>
.gw-pki text { font: 13px system-ui, sans-serif; fill: #1c2024 }
.gw-pki .page { fill: #ffffff } .gw-pki .lane { fill: #f4f6f8 } .gw-pki .box { fill: #ffffff; stroke: #8a94a0 } .gw-pki .ca { stroke-width: 2 }
.gw-pki .head { font-size: 18px; font-weight: 600 } .gw-pki .name { font-weight: 600 } .gw-pki .path { font-size: 11px; fill: #5b6570 }
.gw-pki .small { font-size: 11px } .gw-pki .good { fill: #1a6b34 } .gw-pki .soon { fill: #8a5200 } .gw-pki .ended { fill: #b3261e; font-weight: 600 } .gw-pki .none { fill: #5b6570 }
.gw-pki .line { stroke: #5b6570; fill: none } .gw-pki .tip { fill: #5b6570 }
@media (prefers-color-scheme: dark) {
.gw-pki text { fill: #e6e9ec } .gw-pki .page { fill: #14171a } .gw-pki .lane { fill: #1d2126 } .gw-pki .box { fill: #14171a; stroke: #707a86 }
.gw-pki .path, .gw-pki .none { fill: #a2adb8 } .gw-pki .good { fill: #6fcf8b } .gw-pki .soon { fill: #f0b455 } .gw-pki .ended { fill: #ff8a80 }
.gw-pki .line { stroke: #a2adb8 } .gw-pki .tip { fill: #a2adb8 }
}
</style>
`

// The measures of the picture, in pixels.
const (
	pictureWidth = 1040
	margin       = 20
	caWidth      = 230
	endWidth     = 230
	arrowWidth   = 250
	rowHeight    = 62
	boxHeight    = 50
)

type picture struct {
	inv  Inventory
	b    Bundle
	o    PictureOptions
	body bytes.Buffer
	y    int
}

func (p *picture) draw() {
	p.y = 66
	for _, a := range p.inv.Authorities {
		var edges []Edge
		for _, e := range p.inv.Edges {
			if cmp.Or(e.Server, e.Client).Authority() == a.Name {
				edges = append(edges, e)
			}
		}
		p.lane(a, edges)
	}
}

func (p *picture) lane(a CertificateAuthority, edges []Edge) {
	height := max(1, len(edges))*rowHeight + 8
	fmt.Fprintf(&p.body, `<rect class="lane" x="%d" y="%d" width="%d" height="%d" rx="6"/>`+"\n", margin, p.y, pictureWidth-2*margin, height)
	x := margin + 10
	fmt.Fprintf(&p.body, `<rect class="box ca" x="%d" y="%d" width="%d" height="%d" rx="4"/>`+"\n", x, p.y+10, caWidth, height-20)
	middle := p.y + height/2
	p.text("name", x+12, middle-4, string(a.Name)+" authority")
	if a.SameAs != "" {
		p.text("small none", x+12, middle+14, "the same as "+string(a.SameAs))
	} else {
		class, text := p.end(a.Name.CA())
		p.text("small "+class, x+12, middle+14, text)
	}
	for i, e := range edges {
		top := p.y + 10 + i*rowHeight
		from, to := x+caWidth+40, x+caWidth+40+endWidth+arrowWidth
		p.endpoint(from, top, e.From, e.Client)
		p.endpoint(to, top, e.To, e.Server)
		at := top + boxHeight/2
		fmt.Fprintf(&p.body, `<path class="line" d="M%d %dH%d"/><path class="tip" d="M%d %dl-9 -4v8z"/>`+"\n", from+endWidth, at, to-8, to, at)
		p.text("path", from+endWidth+14, at-7, string(e.Path))
	}
	p.y += height + 14
}

// endpoint is a program and the certificate that it shows.
func (p *picture) endpoint(x, y int, program Program, id ID) {
	fmt.Fprintf(&p.body, `<rect class="box" x="%d" y="%d" width="%d" height="%d" rx="4"/>`+"\n", x, y, endWidth, boxHeight)
	p.text("name", x+10, y+20, string(program))
	if id == "" {
		p.text("small none", x+10, y+38, "no certificate of the inventory")
		return
	}
	class, text := p.end(id)
	_, name, _ := bytes.Cut([]byte(id), []byte("/"))
	p.text("small "+class, x+10, y+38, string(name)+", "+text)
}

// end says when an entry ends: the first of the nodes for the kubelets.
func (p *picture) end(id ID) (class, text string) {
	var ends []time.Time
	for _, m := range p.b.sorted() {
		if c := m.Certificate(); c != nil && m.ID.Role() == id {
			ends = append(ends, c.NotAfter)
		}
	}
	if len(ends) == 0 {
		return "none", "not in the bundle"
	}
	end := slices.MinFunc(ends, time.Time.Compare)
	date := end.UTC().Format(time.DateOnly)
	switch {
	case p.o.Time.IsZero():
		return "none", "until " + date
	case end.Before(p.o.Time):
		return "ended", "ended " + date
	case end.Before(p.o.Time.Add(p.o.Soon)):
		return "soon", plural(int(end.Sub(p.o.Time)/day), "day") + " left"
	}
	return "good", "until " + date
}

func (p *picture) text(class string, x, y int, text string) {
	fmt.Fprintf(&p.body, `<text class="%s" x="%d" y="%d">%s</text>`+"\n", class, x, y, escape(clip(text, 36)))
}

// clip keeps text within its box. It is cut in the middle: what names of one kind
// differ in, and the date behind them, is at the end.
func clip(text string, n int) string {
	runes := []rune(text)
	if len(runes) <= n {
		return text
	}
	head := n / 2
	return string(runes[:head]) + "…" + string(runes[len(runes)-(n-1-head):])
}

// escape replaces what would not print as itself, such as a mark that turns the
// direction of the text behind it.
func escape(text string) string {
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(text))
	return b.String()
}
