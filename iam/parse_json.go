package iam

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// names is a set of the keys of one object. Objects are small, but not those
// of a fuzzer.
type names struct {
	few  [16]string
	n    int // of few
	many map[string]bool
}

func (n *names) add(name string) bool {
	if slices.Contains(n.few[:n.n], name) || n.many[name] {
		return false
	}
	if n.n < len(n.few) {
		n.few[n.n] = name
		n.n++
		return true
	}
	if n.many == nil {
		n.many = map[string]bool{}
	}
	n.many[name] = true
	return true
}

// object reads the object at pos, which begins with a brace, and calls member
// with each key and the place of the key; member reads the value.
func (p *parser) object(what string, member func(key string, at int) error) error {
	p.pos++
	if p.peek() == '}' {
		p.pos++
		return nil
	}
	for {
		if p.peek() != '"' {
			return p.fail("%s: want a key in quotes, got %s", what, p.found())
		}
		at := p.pos
		key, err := p.quoted()
		if err != nil {
			return err
		}
		if p.peek() != ':' {
			return p.fail("%s: want a colon after the key %s, got %s", what, quote(key), p.found())
		}
		p.pos++
		p.space()
		if err := member(key, at); err != nil {
			return err
		}
		switch p.peek() {
		case ',':
			p.pos++
		case '}':
			p.pos++
			return nil
		default:
			return p.fail("%s: want a comma or a closing brace, got %s", what, p.found())
		}
	}
}

// list reads the list at pos, which begins with a bracket; item reads each.
func (p *parser) list(item func() error) error {
	p.pos++
	if p.peek() == ']' {
		p.pos++
		return nil
	}
	for {
		p.space()
		if err := item(); err != nil {
			return err
		}
		switch p.peek() {
		case ',':
			p.pos++
		case ']':
			p.pos++
			return nil
		default:
			return p.fail("want a comma or a closing bracket, got %s", p.found())
		}
	}
}

// str reads a value that has to be text.
func (p *parser) str(element string) (string, error) {
	if p.peek() != '"' {
		return "", p.fail("%s: want text, got %s", element, p.found())
	}
	return p.quoted()
}

// scalar reads a condition value: text, a number or a boolean, as text.
func (p *parser) scalar() (string, error) {
	switch c := p.peek(); {
	case c == '"':
		return p.quoted()
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	}
	for _, word := range []string{"true", "false"} {
		if strings.HasPrefix(p.text[p.pos:], word) {
			p.pos += len(word)
			return word, nil
		}
	}
	return "", p.fail("Condition: want text, a number or a boolean, got %s", p.found())
}

// number reads a number of JSON (RFC 8259, section 6) and keeps its text.
func (p *parser) number() (string, error) {
	start := p.pos
	digits := func() bool {
		from := p.pos
		for p.pos < len(p.text) && p.text[p.pos] >= '0' && p.text[p.pos] <= '9' {
			p.pos++
		}
		return p.pos > from
	}
	next := func(set string) bool {
		if p.pos < len(p.text) && strings.IndexByte(set, p.text[p.pos]) >= 0 {
			p.pos++
			return true
		}
		return false
	}
	next("-")
	ok := next("0") || digits()
	if ok && next(".") {
		ok = digits()
	}
	if ok && next("eE") {
		next("+-")
		ok = digits()
	}
	if !ok || next("0123456789.eE+-") {
		return "", p.failAt(start, "invalid number")
	}
	return p.text[start:p.pos], nil
}

// quoted reads the text in quotes at pos. Without escapes it is a part of the
// document's text, and costs no memory.
func (p *parser) quoted() (string, error) {
	text, start := p.text, p.pos+1
	for i := start; i < len(text); i++ {
		c := text[i]
		if !special[c] {
			continue
		}
		switch c {
		case '"':
			p.pos = i + 1
			return text[start:i], nil
		case '\\':
			return p.escaped(start, i)
		}
		return "", p.failAt(i, "control character %#02x in text: write it as an escape", c)
	}
	return "", p.failAt(start-1, "text without a closing quote")
}

// special has the bytes that end or interrupt text in quotes.
var special = func() (set [256]bool) {
	for c := range byte(' ') {
		set[c] = true
	}
	set['"'], set['\\'] = true, true
	return set
}()

// escaped reads on where quoted met the first escape.
func (p *parser) escaped(start, i int) (string, error) {
	decoded := []byte(p.text[start:i])
	for i < len(p.text) {
		c := p.text[i]
		switch {
		case c == '"':
			p.pos = i + 1
			return string(decoded), nil
		case c < ' ':
			return "", p.failAt(i, "control character %#02x in text: write it as an escape", c)
		case c != '\\':
			decoded = append(decoded, c)
			i++
			continue
		}
		if i+1 >= len(p.text) {
			break
		}
		if plain := strings.IndexByte(`"\/bfnrt`, p.text[i+1]); plain >= 0 {
			decoded = append(decoded, "\"\\/\b\f\n\r\t"[plain])
			i += 2
			continue
		}
		if p.text[i+1] != 'u' {
			return "", p.failAt(i, "invalid escape in text")
		}
		r, size, ok := surrogate(p.text[i:])
		if !ok {
			return "", p.failAt(i, `invalid escape in text: want \u and four hexadecimal digits, in pairs for surrogates`)
		}
		decoded = utf8.AppendRune(decoded, r)
		i += size
	}
	return "", p.failAt(start-1, "text without a closing quote")
}

// surrogate decodes \uXXXX, or two of them that make one character. Half a
// pair is refused: there is no text that would keep it.
func surrogate(text string) (r rune, size int, ok bool) {
	unit := func(text string) (rune, bool) {
		if len(text) < 6 || text[:2] != `\u` || strings.Trim(text[2:6], "0123456789abcdefABCDEF") != "" {
			return 0, false
		}
		n, err := strconv.ParseUint(text[2:6], 16, 16)
		return rune(n), err == nil
	}
	high, ok := unit(text)
	if !ok || high < 0xD800 || high > 0xDFFF {
		return high, 6, ok
	}
	low, ok := unit(text[6:])
	if !ok || high > 0xDBFF || low < 0xDC00 || low > 0xDFFF {
		return 0, 0, false
	}
	return (high-0xD800)<<10 + (low - 0xDC00) + 0x10000, 12, true
}

// space skips white space, of which most texts have more than of anything else.
func (p *parser) space() {
	text, i := p.text, p.pos
	for i < len(text) {
		switch text[i] {
		case ' ':
			const indent = "        "
			for len(text)-i >= len(indent) && text[i:i+len(indent)] == indent {
				i += len(indent)
			}
			if i < len(text) && text[i] == ' ' {
				i++
			}
		case '\n', '\t', '\r':
			i++
		default:
			p.pos = i
			return
		}
	}
	p.pos = i
}

// peek skips white space and returns the next byte, or 0 at the end.
func (p *parser) peek() byte {
	p.space()
	if p.pos < len(p.text) {
		return p.text[p.pos]
	}
	return 0
}

// found names what stands at pos, for errors.
func (p *parser) found() string {
	if p.pos >= len(p.text) {
		return "the end of the text"
	}
	rest := p.text[p.pos:]
	switch c := rest[0]; {
	case c == '"':
		return "text"
	case c == '{':
		return "an object"
	case c == '[':
		return "a list"
	case c == '-' || c >= '0' && c <= '9':
		return "a number"
	}
	for _, word := range []string{"true", "false", "null"} {
		if strings.HasPrefix(rest, word) {
			return word
		}
	}
	r, _ := utf8.DecodeRuneInString(rest)
	return strconv.QuoteRune(r)
}
