package resolver

import "github.com/groundway-sdk/groundway/route53"

// nameOf reads a name in the form of zone files: a backslash and three decimal
// digits, or a backslash and the character itself. It returns the zero value for
// what is no name.
func nameOf(text string) route53.Name {
	if text == "." {
		return route53.Root
	}
	var labels []string
	var label []byte
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '.':
			labels, label = append(labels, string(label)), nil
		case c != '\\':
			label = append(label, c)
		default:
			octet, size := unescape(text[i+1:])
			if size == 0 {
				return ""
			}
			label = append(label, octet)
			i += size
		}
	}
	if len(label) > 0 {
		labels = append(labels, string(label))
	}
	name, err := route53.NewName(labels...)
	if err != nil || len(labels) == 0 {
		return ""
	}
	return name
}

// unescape reads what follows a backslash, and returns how long it is.
func unescape(text string) (octet byte, size int) {
	if text == "" {
		return 0, 0
	}
	if text[0] < '0' || text[0] > '9' {
		return text[0], 1
	}
	if len(text) < 3 {
		return 0, 0
	}
	n := 0
	for _, c := range []byte(text[:3]) {
		if c < '0' || c > '9' {
			return 0, 0
		}
		n = 10*n + int(c-'0')
	}
	if n > 0xff {
		return 0, 0
	}
	return byte(n), 3
}
