package groundway

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// TextOptions tunes [RenderText]; its zero value is 100 columns without color.
type TextOptions struct {
	Color bool // use ANSI colors: for a terminal, where NO_COLOR is unset
	Width int  // columns to fit, 60 at least; 0 means 100
}

// RenderText writes the report for a person: grouped by area, the areas that
// fail first, each failure with its evidence and a remedy to copy. Rules of one
// package that do not apply for one reason are a line together, at the end. Lines fit
// the width, but for a link and for a single word of a command that are longer. Text from the
// account is harmless: characters that a terminal or a reader would not see as
// themselves are written as escapes, and command words are quoted for a POSIX
// shell.
func RenderText(w io.Writer, r Report, o TextOptions) error {
	p := printer{width: max(60, cmp.Or(o.Width, 100)), color: o.Color}
	c := r.Counts()
	p.line(0, bold, "Groundway report of "+r.Time.UTC().Format("2006-01-02 15:04:05 UTC"))
	p.line(0, plain, c.String())
	findings, idle := inapplicable(r.Findings)
	for _, area := range areas(findings) {
		p.line(0, plain, "")
		p.line(0, bold, area[0].Code.Area())
		for _, f := range area {
			p.finding(f)
		}
	}
	if len(idle) > 0 {
		p.line(0, plain, "")
		p.line(0, bold, "not applicable")
	}
	for _, group := range idle {
		p.labelled("skipped", dim, fmt.Sprintf("%d rules of %s: %s", len(group), group[0].Code.Package(), group[0].Detail))
	}
	p.line(0, plain, "")
	color := green
	switch {
	case r.Err() != nil:
		color = red
	case c.Unknown > 0:
		color = cyan
	}
	p.line(0, color, r.Verdict())
	_, err := w.Write(p.out.Bytes())
	return err
}

// String lists what there is: "2 errors, 1 unknown, 30 passed".
func (c Counts) String() string {
	var parts []string
	for _, part := range []struct {
		n    int
		text string
	}{
		{c.Errors, plural(c.Errors, "error")},
		{c.Warnings, plural(c.Warnings, "warning")},
		{c.Infos, plural(c.Infos, "note")},
		{c.Unknown, fmt.Sprint(c.Unknown, " unknown")},
		{c.Waived, fmt.Sprint(c.Waived, " waived")},
		{c.Passed, fmt.Sprint(c.Passed, " passed")},
		{c.Skipped, fmt.Sprint(c.Skipped, " skipped")},
	} {
		if part.n > 0 {
			parts = append(parts, part.text)
		}
	}
	return cmp.Or(strings.Join(parts, ", "), "no findings")
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprint(n, " ", noun, "s")
}

// areas groups the findings by area; those with the most urgent finding come
// first, and within an area the most urgent findings do.
func areas(findings []Finding) [][]Finding {
	sorted := slices.Clone(findings)
	slices.SortStableFunc(sorted, func(f, g Finding) int { return cmp.Compare(urgency(f), urgency(g)) })
	var names []string
	byName := map[string][]Finding{}
	for _, f := range sorted {
		name := f.Code.Area()
		if byName[name] == nil {
			names = append(names, name)
		}
		byName[name] = append(byName[name], f)
	}
	groups := make([][]Finding, len(names))
	for i, name := range names {
		groups[i] = byName[name]
	}
	return groups
}

// inapplicable takes out the findings of rules that do not apply where many rules
// of a package have one reason: a line for each would hide the rest.
func inapplicable(findings []Finding) (rest []Finding, groups [][]Finding) {
	const many = 5
	type reason struct{ pkg, detail string }
	byReason := map[reason][]Finding{}
	of := func(f Finding) (reason, bool) {
		return reason{f.Code.Package(), f.Detail}, f.Outcome == Skipped && f.Waived == nil && len(f.Causes) == 0 && f.Detail != ""
	}
	for _, f := range findings {
		if r, ok := of(f); ok {
			byReason[r] = append(byReason[r], f)
		}
	}
	for _, f := range findings {
		r, ok := of(f)
		if group := byReason[r]; !ok || len(group) < many {
			rest = append(rest, f)
		} else if group[0].Code == f.Code && group[0].Subject == f.Subject {
			groups = append(groups, group)
		}
	}
	slices.SortStableFunc(groups, func(a, b []Finding) int {
		return cmp.Or(cmp.Compare(a[0].Code.Package(), b[0].Code.Package()), cmp.Compare(a[0].Detail, b[0].Detail))
	})
	return rest, groups
}

func urgency(f Finding) int {
	switch {
	case f.Waived != nil:
		return 4
	case f.Outcome == Failed:
		return int(Error) - int(f.Severity)
	case f.Outcome == Unknown:
		return 3
	case f.Outcome == Passed:
		return 5
	}
	return 6
}

type style string

const (
	plain  style = ""
	bold   style = "1"
	dim    style = "2"
	red    style = "1;31"
	yellow style = "33"
	cyan   style = "36"
	green  style = "32"
)

type printer struct {
	out   bytes.Buffer
	width int
	color bool
}

// line writes text at the indent, wrapped to the width, in one style.
func (p *printer) line(indent int, s style, text string) {
	for _, l := range wrap(Visible(text), p.width-indent) {
		if l != "" {
			p.out.WriteString(strings.Repeat(" ", indent))
			p.styled(s, l)
		}
		p.out.WriteByte('\n')
	}
}

func (p *printer) styled(s style, text string) {
	if p.color && s != plain {
		text = "\x1b[" + string(s) + "m" + text + "\x1b[0m"
	}
	p.out.WriteString(text)
}

const (
	indentLabel = 2
	indentText  = 11 // of what belongs to a finding: the width of the label column
)

func (p *printer) finding(f Finding) {
	label, s := labelOf(f)
	if f.Outcome == Passed || f.Outcome == Skipped {
		_, slug, _ := strings.Cut(string(f.Code), "/")
		text := f.Summary + " (" + slug + ")"
		if f.Outcome == Skipped && f.Detail != "" {
			text += ": " + f.Detail
		}
		p.labelled(label, s, text)
		return
	}
	p.labelled(label, s, string(f.Code)+"  "+f.Subject.describe())
	p.line(indentText, bold, f.Summary)
	if f.Waived != nil {
		p.line(indentText, dim, "waived: "+cmp.Or(f.Waived.Reason, "no reason given"))
	}
	if f.Detail != "" {
		p.line(indentText, plain, f.Detail)
	}
	for _, e := range f.Evidence {
		p.item(dim, "- ", e.describe())
	}
	for i, r := range f.Remedies {
		lead := "Remedy: "
		if i > 0 {
			lead = "Or: "
		}
		action := r.Action
		if r.Actor != "" {
			action += " (" + r.Actor + ")"
		}
		p.line(indentText, plain, lead+action)
		for _, command := range r.Commands {
			p.command(command)
		}
		if r.URL != "" {
			// Whole, whatever the width: a link that is cut leads nowhere.
			p.out.WriteString(strings.Repeat(" ", indentText+2))
			p.styled(dim, Visible(r.URL))
			p.out.WriteByte('\n')
		}
	}
}

// item writes text at the indent of findings behind a bullet.
func (p *printer) item(s style, bullet, text string) {
	for i, l := range wrap(Visible(text), p.width-indentText-len(bullet)) {
		if i > 0 {
			bullet = strings.Repeat(" ", len(bullet))
		}
		p.out.WriteString(strings.Repeat(" ", indentText))
		p.styled(s, bullet+l)
		p.out.WriteByte('\n')
	}
}

// labelled writes a label in its column and text beside it.
func (p *printer) labelled(label string, s style, text string) {
	for i, l := range wrap(Visible(text), p.width-indentText) {
		p.out.WriteString(strings.Repeat(" ", indentLabel))
		if i == 0 {
			p.styled(s, label)
			p.out.WriteString(strings.Repeat(" ", indentText-indentLabel-len(label)))
		} else {
			p.out.WriteString(strings.Repeat(" ", indentText-indentLabel))
		}
		p.out.WriteString(l)
		p.out.WriteByte('\n')
	}
}

func labelOf(f Finding) (string, style) {
	switch {
	case f.Waived != nil:
		return "waived", dim
	case f.Outcome == Unknown:
		return "unknown", cyan
	case f.Outcome == Passed:
		return "passed", green
	case f.Outcome == Skipped:
		return "skipped", dim
	case f.Severity == Error:
		return "ERROR", red
	case f.Severity == Warning:
		return "WARNING", yellow
	}
	return "note", cyan
}

// describe names the subject with what helps to find it: "subnet subnet-0c1
// (web, us-east-1a)".
func (s Subject) describe() string {
	text := strings.TrimSpace(s.Kind + " " + cmp.Or(s.ID, s.Path))
	var more []string
	for _, m := range []string{s.Name, s.Zone} {
		// What is said already tells nobody anything.
		if m != "" && m != cmp.Or(s.ID, s.Path) && !slices.Contains(more, m) {
			more = append(more, m)
		}
	}
	if s.ID != "" && s.Path != "" {
		more = append(more, s.Path)
	}
	if len(more) > 0 {
		text += " (" + strings.Join(more, ", ") + ")"
	}
	return text
}

// describe writes the pointer as words, without the steps that every snapshot
// has: "routeTables rtb-0w routes 0.0.0.0/0 state: blackhole, want active".
func (e Fact) describe() string {
	place := e.Path
	if strings.HasPrefix(place, "/parts/") {
		var words []string
		for _, step := range strings.Split(place, "/")[1:] {
			if step != "parts" && step != "items" {
				words = append(words, pointerUnescaper.Replace(step))
			}
		}
		place = strings.Join(words, " ")
	}
	text := cmp.Or(e.Got, "nothing")
	if place != "" {
		text = place + ": " + text
	}
	if e.Want != "" {
		text += ", want " + e.Want
	}
	if e.Source != "" {
		text += " [" + e.Source + "]"
	}
	return text
}

var pointerUnescaper = strings.NewReplacer("~1", "/", "~0", "~")

// command writes an argument vector to copy, broken before options with a
// backslash where it does not fit.
func (p *printer) command(args []string) {
	const indent = indentText + 2
	line, together := "$", false
	for i, arg := range args {
		word := shellWord(arg)
		need := len(word) + len(` \`)
		split := i > 0 && !together
		// An option and its value stay together where one line holds both.
		together = false
		if strings.HasPrefix(arg, "-") && i+1 < len(args) && !strings.HasPrefix(args[i+1], "-") {
			pair := need + 1 + len(shellWord(args[i+1]))
			if together = indent+len("    ")+pair <= p.width; together {
				need = pair
			}
		}
		if split && indent+len(line)+1+need > p.width {
			p.out.WriteString(strings.Repeat(" ", indent) + line + " \\\n")
			line = "   "
		}
		line += " " + word
	}
	p.out.WriteString(strings.Repeat(" ", indent) + line + "\n")
}

// wrap breaks text at spaces into lines of at most width columns; a longer word
// is cut. It returns one empty line for an empty text.
func wrap(text string, width int) []string {
	var lines []string
	line, length := "", 0
	for _, word := range strings.Split(text, " ") {
		n := utf8.RuneCountInString(word)
		if length > 0 && length+1+n > width {
			lines = append(lines, strings.TrimRight(line, " "))
			line, length = "", 0
		}
		for n > width {
			runes := []rune(word)
			lines = append(lines, string(runes[:width]))
			word, n = string(runes[width:]), n-width
		}
		if length > 0 {
			line, length = line+" ", length+1
		}
		line, length = line+word, length+n
	}
	return append(lines, strings.TrimRight(line, " "))
}
