package groundway

import (
	"cmp"
	"fmt"
	"html"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// HTMLOptions tunes [RenderHTML]; its zero value is right.
type HTMLOptions struct {
	Title string // of the page; empty: "Groundway report"
	// Pictures are SVG elements, each with a heading, to stand before the
	// findings. They are written as they are: give it none but those of this
	// module's own packages, as network/draw makes them.
	Pictures []Picture
}

// A Picture is an SVG element with a heading.
type Picture struct {
	Title string
	SVG   string
	// Narrow is the same for a screen of up to 720 pixels, as draw.Narrow makes it;
	// empty: SVG stands there as well, and is scrolled where it does not fit.
	Narrow string
}

// RenderHTML writes the report as one page that loads nothing: no script, no
// font, no image from elsewhere, and a policy that forbids them. It shows what
// stops the installation first, then warnings, what could not be seen, and what
// was waived; passed and skipped rules are folded up. Findings are grouped by
// code, and each code and each finding has an anchor, CODE and "f-" with the
// fingerprint, to link to. A click on a command selects it whole, and no other, to
// copy. The page follows the reader's colour scheme, fits a phone, and prints.
//
// Text from the account is harmless: it is escaped, and characters that would
// not show as themselves are written as escapes. Command words are quoted for a
// POSIX shell.
func RenderHTML(w io.Writer, r Report, o HTMLOptions) error {
	p := page{title: cmp.Or(o.Title, "Groundway report"), used: map[string]int{}}
	p.report(r, o)
	_, err := io.WriteString(w, p.String())
	return err
}

// A page collects HTML. Its methods escape what they are given.
type page struct {
	strings.Builder
	title string
	used  map[string]int // anchors
}

// put writes markup, with the escaped texts in place of its verbs.
func (p *page) put(markup string, texts ...string) {
	escaped := make([]any, len(texts))
	for i, t := range texts {
		escaped[i] = escape(t)
	}
	fmt.Fprintf(p, markup, escaped...)
}

// anchor returns the name of a place, which no two places of a page share: a
// code that is an error here and a warning there stands twice.
func (p *page) anchor(name string) string {
	p.used[name]++
	if n := p.used[name]; n > 1 {
		return name + "-" + strconv.Itoa(n)
	}
	return name
}

func escape(text string) string { return html.EscapeString(Visible(text)) }

// A group is a part of the page: the findings of one kind.
type group struct {
	id, title string
	one       string // what one of them is called in the summary; empty: as title
	open      bool   // not folded up
	keep      func(Finding) bool
}

var groups = []group{
	{"errors", "Errors", "error", true, func(f Finding) bool { return f.Outcome == Failed && f.Severity == Error && f.Waived == nil }},
	{"warnings", "Warnings", "warning", true, func(f Finding) bool { return f.Outcome == Failed && f.Severity == Warning && f.Waived == nil }},
	{"infos", "Worth knowing", "", true, func(f Finding) bool { return f.Outcome == Failed && f.Severity == Info && f.Waived == nil }},
	{"unknown", "Could not be seen", "", true, func(f Finding) bool { return f.Outcome == Unknown && f.Waived == nil }},
	{"waived", "Waived", "", true, func(f Finding) bool { return f.Waived != nil }},
	{"passed", "Passed", "", false, func(f Finding) bool { return f.Outcome == Passed && f.Waived == nil }},
	{"skipped", "Skipped", "", false, func(f Finding) bool { return f.Outcome == Skipped && f.Waived == nil }},
}

func (p *page) report(r Report, o HTMLOptions) {
	counts := r.Counts()
	p.put(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>%s</title>
<style>`, p.title)
	p.WriteString(pageStyle)
	p.put("</style>\n</head>\n<body>\n<header>\n<h1>%s</h1>\n", p.title)
	if !r.Time.IsZero() {
		p.put(`<p class="time"><time datetime="%s">%s</time></p>`+"\n", r.Time.UTC().Format("2006-01-02T15:04:05Z"), r.Time.UTC().Format("2006-01-02 15:04:05 UTC"))
	}
	switch blocking := len(r.Blocking()); {
	case blocking == 1:
		p.put(`<p class="verdict bad">1 finding stops the installation.</p>` + "\n")
	case blocking > 1:
		p.put(`<p class="verdict bad">%s findings stop the installation.</p>`+"\n", strconv.Itoa(blocking))
	case counts.Unknown > 0:
		p.put(`<p class="verdict part">Nothing that was seen stops the installation; %s could not be seen.</p>`+"\n", plural(counts.Unknown, "thing"))
	default:
		p.put(`<p class="verdict good">Nothing stops the installation.</p>` + "\n")
	}
	p.put(`<nav aria-label="Summary"><ul class="counts">` + "\n")
	for _, g := range groups {
		if n := len(r.filter(g.keep)); n > 0 {
			label := strings.ToLower(g.title)
			if n == 1 {
				label = cmp.Or(g.one, label)
			}
			p.put(`<li class="%s"><a href="#%s"><b>%s</b> %s</a></li>`+"\n", g.id, g.id, strconv.Itoa(n), label)
		}
	}
	p.put("</ul></nav>\n</header>\n<main>\n")
	for _, picture := range o.Pictures {
		p.put(`<section class="pictures">`+"\n<h2>%s</h2>\n", picture.Title)
		if picture.Narrow == "" {
			p.picture("", picture.Title, picture.SVG)
		} else {
			p.picture("wide", picture.Title, picture.SVG)
			p.picture("narrow", picture.Title, picture.Narrow)
		}
		p.put("</section>\n")
	}
	titles := map[string]string{} // of the findings by fingerprint, for causes
	for _, f := range r.Findings {
		titles[f.Fingerprint()] = string(f.Code) + " of " + f.Subject.String()
	}
	for _, g := range groups {
		if findings := r.filter(g.keep); len(findings) > 0 {
			p.group(g, findings, titles)
		}
	}
	p.put("</main>\n</body>\n</html>\n")
}

// picture writes an SVG element with its width as a variable of the style, which
// scales it to the page within reason, and says that it can be scrolled where
// that is not enough.
func (p *page) picture(class, title, svg string) {
	p.put(`<div class="%s"`, strings.TrimSpace("frame "+class))
	if m := viewBox.FindStringSubmatch(svg); m != nil {
		p.put(` style="--wide:%spx"><p class="hint">The picture is wider than the page: scroll it sideways →</p`, m[1])
	}
	p.put(">\n")
	p.put(`<div class="picture" tabindex="0" role="group" aria-label="%s">`+"\n", title)
	p.WriteString(svg)
	p.put("</div>\n</div>\n")
}

var viewBox = regexp.MustCompile(`^\s*<svg [^>]*\bviewBox="0 0 ([0-9]{1,5}) [0-9]{1,6}"`)

func (p *page) group(g group, findings []Finding, titles map[string]string) {
	p.put(`<section id="%s" class="group %s">`+"\n", g.id, g.id)
	if g.open {
		p.put("<h2>%s</h2>\n", g.title)
	} else {
		p.put("<details>\n<summary><h2>%s</h2></summary>\n", g.title)
	}
	for i := 0; i < len(findings); {
		k := i
		for k < len(findings) && findings[k].Code == findings[i].Code {
			k++
		}
		p.code(g, findings[i:k], titles)
		i = k
	}
	if !g.open {
		p.put("</details>\n")
	}
	p.put("</section>\n")
}

// code writes the findings of one code in one group.
func (p *page) code(g group, findings []Finding, titles map[string]string) {
	code := string(findings[0].Code)
	if !g.open {
		for _, f := range findings {
			p.put(`<div class="quiet" id="%s"><code>%s</code> %s`, p.anchor("f-"+f.Fingerprint()), string(f.Code), f.Summary)
			if f.Detail != "" {
				p.put(`<br><span class="why">%s</span>`, f.Detail)
			}
			p.put("</div>\n")
		}
		return
	}
	id := p.anchor(code)
	p.put(`<section class="code" id="%s">`+"\n"+`<h3><a href="#%s">%s</a></h3>`+"\n", id, id, code)
	why := findings[0].Detail
	for _, f := range findings {
		if f.Detail != why {
			why = ""
		}
	}
	if why != "" {
		p.put(`<p class="why">%s</p>`+"\n", why)
	}
	for _, f := range findings {
		p.finding(f, why == "", titles)
	}
	p.put("</section>\n")
}

func (p *page) finding(f Finding, why bool, titles map[string]string) {
	id := p.anchor("f-" + f.Fingerprint())
	p.put(`<article id="%s">`+"\n", id)
	p.put(`<h4><a href="#%s">%s</a></h4>`+"\n", id, f.Subject.describe())
	p.put(`<p class="summary">%s</p>`+"\n", f.Summary)
	if why && f.Detail != "" {
		p.put(`<p class="why">%s</p>`+"\n", f.Detail)
	}
	if f.Waived != nil {
		p.put(`<p class="why">Waived`)
		if f.Waived.Reason != "" {
			p.put(": %s", f.Waived.Reason)
		}
		if !f.Waived.Expires.IsZero() {
			p.put(", until %s", f.Waived.Expires.UTC().Format("2006-01-02"))
		}
		p.put("</p>\n")
	}
	if len(f.Evidence) > 0 {
		p.put(`<details><summary>Evidence</summary><ul class="facts">` + "\n")
		for _, e := range f.Evidence {
			p.put("<li>%s</li>\n", e.describe())
		}
		p.put("</ul></details>\n")
	}
	for i, r := range f.Remedies {
		label := "Remedy"
		if i > 0 {
			label = "Or"
		}
		p.put(`<p class="remedy"><b>%s:</b> %s`, label, r.Action)
		if r.Actor != "" {
			p.put(` <span class="why">(%s)</span>`, r.Actor)
		}
		if strings.HasPrefix(r.URL, "https://") {
			p.put(` <a href="%s" rel="noreferrer">documentation</a>`, r.URL)
		}
		p.put("</p>\n")
		// One command each: what the second needs may be what the first answers.
		for _, command := range r.Commands {
			p.command(command)
		}
	}
	p.related("Concerns", f.Related, f.Causes, titles)
	p.put("</article>\n")
}

// command writes a command so that it breaks between its words only: a hyphen at
// the end of a line reads as one that the break has put there. An option stays
// beside its value where a line holds both.
func (p *page) command(args []string) {
	p.put("<pre><code>")
	for i := 0; i < len(args); i++ {
		if i > 0 {
			p.put(" ")
		}
		if strings.HasPrefix(args[i], "-") && i+1 < len(args) && !strings.HasPrefix(args[i+1], "-") {
			p.put("<span><span>%s</span> <span>%s</span></span>", shellWord(args[i]), shellWord(args[i+1]))
			i++
			continue
		}
		p.put("<span>%s</span>", shellWord(args[i]))
	}
	p.put("</code></pre>\n")
}

func (p *page) related(label string, related []Subject, causes []string, titles map[string]string) {
	const most = 12
	if len(related) > 0 {
		var names []string
		for _, s := range related[:min(len(related), most)] {
			names = append(names, s.describe())
		}
		if len(related) > most {
			names = append(names, fmt.Sprintf("%d more", len(related)-most))
		}
		p.put(`<p class="why">%s %s.</p>`+"\n", label, strings.Join(names, "; "))
	}
	for _, c := range slices.Sorted(slices.Values(causes)) {
		p.put(`<p class="why">Follows from <a href="#f-%s">%s</a>.</p>`+"\n", c, cmp.Or(titles[c], c))
	}
}

// pageStyle is the look of the page. A picture is drawn between 0.8 and 1.3 times its
// size, one for a phone from 0.7; what is wider than its frame then is scrolled, and
// the hint above it, whose height is what the picture is wider by times a lot, up
// to its own, says so.
const pageStyle = `
:root{color-scheme:light dark;--paper:#fff;--ink:#1f2328;--soft:#57606a;--line:#d0d7de;--panel:#f6f8fa;--link:#0550ae;
--bad:#a40e26;--bad-paper:#ffebe9;--warn:#7d4e00;--warn-paper:#fff8c5;--good:#116329;--good-paper:#dafbe1;--info:#0550ae;--info-paper:#ddf4ff}
@media (prefers-color-scheme:dark){:root{--paper:#0d1117;--ink:#e6edf3;--soft:#9198a1;--line:#3d444d;--panel:#151b23;--link:#79b8ff;
--bad:#ff8a80;--bad-paper:#3a1518;--warn:#e3b341;--warn-paper:#332701;--good:#56d364;--good-paper:#0f2d19;--info:#79b8ff;--info-paper:#0c2d4d}}
*{box-sizing:border-box}
html{scroll-padding-top:1rem}
body{margin:0 auto;max-width:80rem;padding:1rem;background:var(--paper);color:var(--ink);overflow-wrap:anywhere;
font:16px/1.5 ui-sans-serif,system-ui,-apple-system,"Segoe UI","Noto Sans",Helvetica,Arial,sans-serif}
header,.group{max-width:68rem}
h1{font-size:1.6rem;margin:.5rem 0 0}h2{font-size:1.25rem;margin:2rem 0 .5rem}h3{font-size:1rem;margin:0}h4{font-size:.95rem;margin:0}
a{color:var(--link)}h3 a,h4 a{color:inherit;text-decoration:none}h3 a:hover,h4 a:hover{text-decoration:underline}
code,pre,h3{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
.time,.why{color:var(--soft);margin:.2rem 0}.why{font-size:.9rem}
.verdict{font-weight:600;border-left:.4rem solid;padding:.5rem .8rem;border-radius:.3rem}
.verdict.bad{color:var(--bad);background:var(--bad-paper)}.verdict.part{color:var(--warn);background:var(--warn-paper)}
.verdict.good{color:var(--good);background:var(--good-paper)}
.counts{display:flex;flex-wrap:wrap;gap:.5rem;list-style:none;padding:0;margin:1rem 0}
.counts a{display:block;padding:.3rem .8rem;border:1px solid var(--line);border-radius:1rem;background:var(--panel);color:inherit;text-decoration:none}
.counts a:hover{text-decoration:underline}.counts .errors a{border-color:var(--bad);color:var(--bad)}.counts .warnings a{border-color:var(--warn);color:var(--warn)}
.code{border:1px solid var(--line);border-left:.4rem solid var(--line);border-radius:.5rem;padding:.8rem;margin:.8rem 0}
.errors>.code{border-left-color:var(--bad)}.warnings>.code{border-left-color:var(--warn)}.infos>.code{border-left-color:var(--info)}
article{border-top:1px solid var(--line);margin-top:.8rem;padding-top:.8rem}
:target{outline:.2rem solid var(--link);outline-offset:.2rem;border-radius:.3rem}
.summary{margin:.3rem 0;font-weight:500}.remedy{margin:.6rem 0 .2rem}
.facts{margin:.3rem 0;padding-left:1.2rem;font-size:.9rem}
pre{margin:.3rem 0;padding:.6rem .8rem;background:var(--panel);border:1px solid var(--line);border-radius:.4rem;font-size:.85rem;
white-space:pre-wrap;-webkit-user-select:all;user-select:all}
pre code{display:block;padding-left:2em;text-indent:-2em}pre span{display:inline-block;max-width:100%;text-indent:0}
.picture:focus-visible{outline:.15rem solid var(--link)}
summary{cursor:pointer}summary h2{display:inline-block}.code summary{font-size:.9rem;color:var(--soft)}
.quiet{padding:.35rem 0;border-top:1px solid var(--line);font-size:.9rem}
.frame{--least:.8;container-type:inline-size}.frame.narrow{--least:.7;display:none}
.picture{overflow-x:auto;border:1px solid var(--line);border-radius:.5rem;width:fit-content;max-width:100%}
.picture svg{display:block;height:auto;width:clamp(var(--wide)*var(--least),100cqw - 2px,var(--wide)*1.3)}
.hint{margin:0;color:var(--soft);font-size:.9rem;overflow:hidden;max-height:clamp(0px,(var(--wide)*var(--least) - 100cqw + 2px)*99,3em)}
@media (max-width:720px){.frame.wide{display:none}.frame.narrow{display:block}}
@media print{:root{--paper:#fff;--ink:#000;--soft:#444;--line:#bbb;--panel:#fff;--link:#000;--bad:#a40e26;--warn:#7d4e00}
body{max-width:none;padding:0;font-size:11pt}.code,article{break-inside:avoid-page}
details::details-content{content-visibility:visible}.frame.wide{display:block}.frame.narrow,.hint{display:none}.picture{overflow:visible;border:0}.picture svg{width:100%}.counts a{border:0;padding:0}}
`
