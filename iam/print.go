package iam

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// String returns the canonical text of the document on one line, as the APIs
// of AWS take it. The text is the same for every document that differs only in
// the order of its lists, in repetitions within them, and in writing one value
// as a list:
//
//   - elements stand in the order of the grammar, and absent ones do not;
//   - statements keep their order, because people give them one;
//   - actions, resources, principals, condition operators, keys and values are
//     sorted by bytes and stand once;
//   - a list of one is written as its value, condition values as text;
//   - nothing is escaped but quotes, backslashes and control characters, so that
//     no character counts more against a quota than it has to.
//
// No meaning is lost: Parse of the text returns an [Equal] document, with the
// same statements. [Format] keeps people's order instead, and [Equal] sees
// through more than String: case, split statements, account ids.
func (d Document) String() string {
	p := printer{}
	p.document(d)
	return string(p.out)
}

// Indent returns the text of String with line breaks and two spaces a level, a
// list item a line, and a final line break.
func (d Document) Indent() string {
	p := printer{indent: true}
	p.document(d)
	return string(append(p.out, '\n'))
}

// MarshalJSON returns the text of String. It is an error if the document was
// put together by hand and holds what no text can say.
//
// Package encoding/json escapes <, > and & in what it takes from here, which
// AWS reads the same and counts more; use String where the size matters.
func (d Document) MarshalJSON() ([]byte, error) {
	if err := d.inconsistencies(); err != nil {
		return nil, fmt.Errorf("marshal policy: %w", err)
	}
	return []byte(d.String()), nil
}

// UnmarshalJSON is [Parse] with no options.
func (d *Document) UnmarshalJSON(text []byte) error {
	parsed, err := Parse(string(text), ParseOptions{})
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// A printer writes JSON. Its methods mirror the grammar.
type printer struct {
	out    []byte
	indent bool
	depth  int
	first  bool // no member of the innermost object or list was written yet
}

func (p *printer) document(d Document) {
	p.open('{')
	if d.Version != "" {
		p.member("Version")
		p.text(string(d.Version))
	}
	if d.ID != "" {
		p.member("Id")
		p.text(d.ID)
	}
	p.member("Statement")
	p.open('[')
	for _, s := range d.Statements {
		p.item()
		p.statement(s)
	}
	p.close(']')
	p.close('}')
}

func (p *printer) statement(s Statement) {
	p.open('{')
	if s.ID != "" {
		p.member("Sid")
		p.text(s.ID)
	}
	if s.Effect != "" {
		p.member("Effect")
		p.text(string(s.Effect))
	}
	p.principals("Principal", s.Principals)
	p.principals("NotPrincipal", s.NotPrincipals)
	printList(p, "Action", s.Actions)
	printList(p, "NotAction", s.NotActions)
	printList(p, "Resource", s.Resources)
	printList(p, "NotResource", s.NotResources)
	if s.Conditions != nil {
		p.member("Condition")
		p.conditions(s.Conditions)
	}
	p.close('}')
}

func (p *printer) principals(element string, list []Principal) {
	if list == nil {
		return
	}
	p.member(element)
	if len(list) == 1 && list[0].Kind == PrincipalEveryone {
		p.text(list[0].Value)
		return
	}
	sorted := slices.Clone(list)
	slices.SortFunc(sorted, func(a, b Principal) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Value, b.Value))
	})
	p.open('{')
	for len(sorted) > 0 {
		kind := sorted[0].Kind
		var values []string
		for len(sorted) > 0 && sorted[0].Kind == kind {
			values = append(values, sorted[0].Value)
			sorted = sorted[1:]
		}
		printList(p, string(kind), values)
	}
	p.close('}')
}

// conditions writes each operator once. Conditions that share operator and key
// are written as they are, with the key twice, which every reader refuses: to
// merge their values would widen what they mean.
func (p *printer) conditions(list []Condition) {
	sorted := slices.Clone(list)
	slices.SortStableFunc(sorted, func(a, b Condition) int {
		return cmp.Or(cmp.Compare(a.Operator, b.Operator), cmp.Compare(a.Key, b.Key))
	})
	p.open('{')
	for len(sorted) > 0 {
		operator := sorted[0].Operator
		p.member(string(operator))
		p.open('{')
		for len(sorted) > 0 && sorted[0].Operator == operator {
			if c := sorted[0]; c.Key != "" {
				printList(p, c.Key, present(c.Values))
			}
			sorted = sorted[1:]
		}
		p.close('}')
	}
	p.close('}')
}

// printList writes a sorted list as the member of an object, and nothing for
// an absent list.
func printList[T ~string](p *printer, element string, list []T) {
	if list == nil {
		return
	}
	p.member(element)
	sorted := slices.Clone(list)
	slices.Sort(sorted)
	sorted = slices.Compact(sorted)
	if len(sorted) == 1 {
		p.text(string(sorted[0]))
		return
	}
	p.open('[')
	for _, v := range sorted {
		p.item()
		p.text(string(v))
	}
	p.close(']')
}

func present[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func (p *printer) open(bracket byte) {
	p.out = append(p.out, bracket)
	p.depth++
	p.first = true
}

func (p *printer) close(bracket byte) {
	p.depth--
	if !p.first {
		p.newline()
	}
	p.out = append(p.out, bracket)
	p.first = false
}

// item begins a member of a list.
func (p *printer) item() {
	if !p.first {
		p.out = append(p.out, ',')
	}
	p.first = false
	p.newline()
}

// member begins a member of an object.
func (p *printer) member(key string) {
	p.item()
	p.text(key)
	p.colon()
}

func (p *printer) colon() {
	p.out = append(p.out, ':')
	if p.indent {
		p.out = append(p.out, ' ')
	}
}

func (p *printer) newline() {
	if p.indent {
		p.out = append(p.out, '\n')
		for range p.depth {
			p.out = append(p.out, "  "...)
		}
	}
}

func (p *printer) text(s string) {
	p.out = appendQuoted(p.out, s)
}

func appendQuoted(out []byte, s string) []byte {
	out = append(out, '"')
	for i := range len(s) {
		c := s[i]
		if short := strings.IndexByte("\"\\\b\f\n\r\t", c); short >= 0 {
			out = append(out, '\\', `"\bfnrt`[short])
			continue
		}
		if c < ' ' {
			const hex = "0123456789abcdef"
			out = append(out, `\u00`...)
			out = append(out, hex[c>>4], hex[c&15])
			continue
		}
		out = append(out, c)
	}
	return append(out, '"')
}

// Format indents a policy document and changes nothing else: the order of
// everything, single values and lists of one, numbers without quotes and the
// spelling of escapes stay as people wrote them. The text is parsed first, with
// the errors of [Parse]. Formatting twice changes nothing.
func Format(text string, o ParseOptions) (string, error) {
	if _, err := Parse(text, o); err != nil {
		return "", err
	}
	// What follows may rely on valid JSON.
	p := printer{indent: true}
	for i := 0; i < len(text); {
		switch c := text[i]; c {
		case ' ', '\n', '\t', '\r':
			i++
		case '{', '[':
			p.begin()
			p.open(c)
			i++
		case '}', ']':
			p.close(c)
			i++
		case ',':
			p.out = append(p.out, ',')
			p.newline()
			i++
		case ':':
			p.colon()
			i++
		default:
			end := tokenEnd(text, i)
			p.begin()
			p.out = append(p.out, text[i:end]...)
			i = end
		}
	}
	return string(append(p.out, '\n')), nil
}

// begin puts the first member of an object or list on a line of its own.
func (p *printer) begin() {
	if p.first && p.depth > 0 {
		p.newline()
	}
	p.first = false
}

// tokenEnd returns where the text, number or word at i ends, in valid JSON.
func tokenEnd(text string, i int) int {
	if text[i] != '"' {
		if n := strings.IndexAny(text[i:], " \n\t\r,]}"); n >= 0 {
			return i + n
		}
		return len(text)
	}
	for i++; text[i] != '"'; i++ {
		if text[i] == '\\' {
			i++
		}
	}
	return i + 1
}
