package route53

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// A Name is a domain name in one canonical text, so that two names are the same
// name if and only if they are equal: lower case, without the final dot, every
// octet but a-z, 0-9, the hyphen and the underscore as a backslash and three
// octal digits, as Route 53's API writes it; but a leftmost label that is an
// asterisk alone, which is a wildcard, stays "*". The root is ".". The zero
// value is no name.
//
// Names are made by [ParseName] and [NewName]. See
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html.
type Name string

// Root is the name of the root zone.
const Root Name = "."

const (
	maxLabel = 63  // octets, RFC 1035 section 2.3.4
	maxName  = 255 // octets on the wire, length octets and the root included
)

// ParseName reads a name as people, the API of Route 53 and the AWS CLI write
// it: in any case, with or without the final dot, with escapes of a backslash
// and three octal digits. A label that holds characters beyond ASCII becomes
// its A-label by the lookup profile of IDNA 2008 (RFC 5891). Control characters
// and spaces have to be escaped.
//
// Zone files and most DNS software write escapes with three decimal digits,
// where "\052" is the digit 4; such texts are not for ParseName.
func ParseName(text string) (Name, error) {
	n, err := parseName(text)
	if err != nil {
		return "", fmt.Errorf("parse name %s: %w", quote(text), err)
	}
	return n, nil
}

// MustParseName is like [ParseName] and panics where that returns an error. It
// is for literals in tests.
func MustParseName(text string) Name {
	n, err := ParseName(text)
	if err != nil {
		panic(err)
	}
	return n
}

// NewName returns the name of these labels, each given as its octets, the
// leftmost first; without labels it is the root.
func NewName(labels ...string) (Name, error) {
	n, err := newName(labels)
	if err != nil {
		return "", fmt.Errorf("make name of %d labels: %w", len(labels), err)
	}
	return n, nil
}

// idnaDots are the characters that IDNA takes for a full stop (RFC 3490 section 3.1).
var idnaDots = strings.NewReplacer("。", ".", "．", ".", "｡", ".")

func parseName(text string) (Name, error) {
	switch {
	case text == "":
		return "", errors.New("it is empty")
	case text == ".":
		return Root, nil
	case len(text) > 4*maxName+1: // every octet escaped
		return "", fmt.Errorf("it has %d characters, which no name has", len(text))
	case !utf8.ValidString(text):
		return "", errors.New(`it is not UTF-8; write other octets as escapes, such as \344`)
	}
	text = strings.TrimSuffix(idnaDots.Replace(text), ".")
	var labels []string
	for i, label := range strings.Split(text, ".") {
		octets, err := parseLabel(label)
		if err != nil {
			return "", fmt.Errorf("label %d: %w", i+1, err)
		}
		labels = append(labels, octets)
	}
	return newName(labels)
}

// parseLabel returns the octets of a label.
func parseLabel(text string) (string, error) {
	if strings.ContainsFunc(text, func(r rune) bool { return r >= utf8.RuneSelf }) {
		ascii, err := idna.Lookup.ToASCII(text)
		if err != nil {
			return "", fmt.Errorf("%s is no label of an internationalized name", quote(text))
		}
		return ascii, nil
	}
	var octets strings.Builder
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '\\':
			octet, ok := octal(text[i+1:])
			if !ok {
				return "", fmt.Errorf("%s is no escape; want a backslash and three octal digits up to 377", quote(text[i:min(i+4, len(text))]))
			}
			c, i = octet, i+3
		case c <= ' ' || c == 0x7f:
			return "", fmt.Errorf(`%q has to be escaped: write \%03o`, c, c)
		}
		octets.WriteByte(c)
	}
	return octets.String(), nil
}

// octal reads the three digits of an escape.
func octal(text string) (octet byte, ok bool) {
	if len(text) < 3 {
		return 0, false
	}
	n := 0
	for _, c := range []byte(text[:3]) {
		if c < '0' || c > '7' {
			return 0, false
		}
		n = 8*n + int(c-'0')
	}
	return byte(n), n <= 0xff
}

func newName(labels []string) (Name, error) {
	if len(labels) == 0 {
		return Root, nil
	}
	var b strings.Builder
	wire := 1
	for i, label := range labels {
		switch {
		case label == "":
			return "", fmt.Errorf("label %d is empty", i+1)
		case len(label) > maxLabel:
			return "", fmt.Errorf("label %d has %d octets, want %d at most", i+1, len(label), maxLabel)
		}
		wire += 1 + len(label)
		if i > 0 {
			b.WriteByte('.')
		}
		if label == "*" && i == 0 {
			b.WriteByte('*')
			continue
		}
		for _, c := range []byte(label) {
			switch {
			case 'A' <= c && c <= 'Z':
				b.WriteByte(c + 'a' - 'A')
			case plain(c):
				b.WriteByte(c)
			default:
				fmt.Fprintf(&b, `\%03o`, c)
			}
		}
	}
	if wire > maxName {
		return "", fmt.Errorf("it has %d octets, want %d at most", wire, maxName)
	}
	return Name(b.String()), nil
}

// plain reports whether the API writes the octet as itself.
func plain(c byte) bool {
	return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '_'
}

// String returns the canonical text. It is plain ASCII, whatever the name holds.
func (n Name) String() string { return string(n) }

// Absolute returns the canonical text with the final dot.
func (n Name) Absolute() string {
	if n == Root || n == "" {
		return string(n)
	}
	return string(n) + "."
}

// Presentation returns the name as zone files and programs such as dig write it,
// without the final dot: what is no letter, digit, hyphen, underscore or asterisk
// is a backslash and three decimal digits (RFC 1035 section 5.1).
func (n Name) Presentation() string {
	labels := n.Labels()
	if len(labels) == 0 {
		return string(n)
	}
	for i, label := range labels {
		var b strings.Builder
		for _, c := range []byte(label) {
			if plain(c) || c == '*' {
				b.WriteByte(c)
			} else {
				fmt.Fprintf(&b, `\%03d`, c)
			}
		}
		labels[i] = b.String()
	}
	return strings.Join(labels, ".")
}

// MarshalText returns the canonical text.
func (n Name) MarshalText() ([]byte, error) { return []byte(n), nil }

// UnmarshalText reads what [ParseName] reads; the empty text is the zero value.
func (n *Name) UnmarshalText(text []byte) (err error) {
	if *n = ""; len(text) > 0 {
		*n, err = ParseName(string(text))
	}
	return err
}

// texts returns the labels in the canonical text, the leftmost first.
func (n Name) texts() []string {
	if n == Root || n == "" {
		return nil
	}
	return strings.Split(string(n), ".")
}

// Labels returns the octets of each label, the leftmost first; none for the
// root.
func (n Name) Labels() []string {
	labels := n.texts()
	for i, label := range labels {
		octets, err := parseLabel(label)
		if err != nil { // not made by ParseName or NewName
			octets = label
		}
		labels[i] = octets
	}
	return labels
}

// Parent returns the name without its leftmost label; that of the root, and of
// no name, is the zero value.
func (n Name) Parent() Name {
	switch _, rest, more := strings.Cut(string(n), "."); {
	case n == Root || n == "":
		return ""
	case more:
		return Name(rest)
	}
	return Root
}

// In reports whether n is the name zone or stands below it, on the boundary of
// a label: bad-example.com is not in example.com.
func (n Name) In(zone Name) bool {
	switch {
	case n == "" || zone == "":
		return false
	case zone == Root || n == zone:
		return true
	}
	return strings.HasSuffix(string(n), "."+string(zone))
}

// Below reports whether n stands strictly below zone.
func (n Name) Below(zone Name) bool { return n != zone && n.In(zone) }

// Wildcard reports whether the leftmost label is an asterisk that stands for
// others.
func (n Name) Wildcard() bool { return n == "*" || strings.HasPrefix(string(n), "*.") }

// Child returns the name with the labels of the text prefix, "demo-api" or
// "_acme-challenge.www", put in front.
func (n Name) Child(prefix string) (Name, error) {
	if n == "" {
		return "", fmt.Errorf("parse name %s: it would stand below no name", quote(prefix))
	}
	return ParseName(strings.TrimSuffix(prefix+"."+string(n), "."))
}

// Compare orders names as Route 53's listings do: by the labels from the right,
// each followed by a dot, in the escaped text. Because of the dot,
// example-a.com stands before example.com.
func (n Name) Compare(m Name) int {
	a, b := string(n), string(m)
	for a != b {
		var x, y string
		a, x = lastLabel(a)
		b, y = lastLabel(b)
		if x == "" || y == "" {
			return cmp.Compare(len(x), len(y))
		}
		if c := compareLabels(x, y); c != 0 {
			return c
		}
	}
	return 0
}

// lastLabel returns what stands before the rightmost label, and the label; that
// of the root is empty. A wildcard is the escape that listings show.
func lastLabel(text string) (rest, label string) {
	if i := strings.LastIndexByte(text, '.'); i >= 0 {
		rest, label = text[:i], text[i+1:]
	} else {
		label = text
	}
	if label == "*" {
		label = `\052`
	}
	return rest, label
}

// compareLabels compares as if a dot stood behind each.
func compareLabels(x, y string) int {
	n := min(len(x), len(y))
	if c := cmp.Compare(x[:n], y[:n]); c != 0 {
		return c
	}
	end := func(s string) byte {
		if len(s) > n {
			return s[n]
		}
		return '.'
	}
	return cmp.Compare(end(x), end(y))
}

// depth is the number of labels.
func (n Name) depth() int {
	if n == Root || n == "" {
		return 0
	}
	return 1 + strings.Count(string(n), ".")
}

// quote returns s quoted and harmless, and cut where it is long.
func quote(s string) string {
	const most = 80
	if len(s) > most {
		return fmt.Sprintf("%q…", strings.ToValidUTF8(s[:most], ""))
	}
	return fmt.Sprintf("%q", s)
}
