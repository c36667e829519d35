package catalog

import (
	"cmp"
	"strings"
)

// AWS compares actions without regard to case. Their names are ASCII, and case
// means that of ASCII here: to package strings the Kelvin sign is a letter k.

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

// lowerCase returns the text itself if it holds no capital letters.
func lowerCase(text string) string {
	for i := range len(text) {
		if lower(text[i]) != text[i] {
			var b strings.Builder
			b.Grow(len(text))
			for i := range len(text) {
				b.WriteByte(lower(text[i]))
			}
			return b.String()
		}
	}
	return text
}

// compareFold compares as strings.Compare does, without regard to case.
func compareFold(a, b string) int {
	for i := range min(len(a), len(b)) {
		if c := cmp.Compare(lower(a[i]), lower(b[i])); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(a), len(b))
}

// matches reports whether a pattern in lower case matches the name in whatever
// case. It goes back to the last * only, so that its time is bounded by the
// product of the lengths.
func matches(pattern, name string) bool {
	p, n, star, mark := 0, 0, -1, 0
	for n < len(name) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, n
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == lower(name[n])):
			p++
			n++
		case star >= 0:
			mark++
			p, n = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
