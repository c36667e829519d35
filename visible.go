package groundway

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Visible returns s with every character that a reader could not see as itself
// written as an escape of the Go syntax: control characters, escape sequences,
// marks that turn the direction of text, invisible ones, and invalid UTF-8.
func Visible(s string) string {
	clean := true
	for i, r := range s {
		if r < utf8.RuneSelf && r >= ' ' && r != 0x7f {
			continue
		}
		_, n := utf8.DecodeRuneInString(s[i:])
		if !isVisible(r, n) {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if isVisible(r, n) {
			b.WriteRune(r)
		} else if r == utf8.RuneError && n == 1 {
			fmt.Fprintf(&b, `\x%02x`, s[i])
		} else {
			quoted := strconv.QuoteRuneToASCII(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		}
		i += n
	}
	return b.String()
}

// VisibleJSON is [Visible] for a JSON text, which stays one of the same meaning: what
// is not visible, and can stand within strings only, becomes \u escapes. Line breaks
// of an indentation stay.
func VisibleJSON(data []byte) []byte {
	var b bytes.Buffer
	for len(data) > 0 {
		r, n := utf8.DecodeRune(data)
		switch {
		case r == '\n' || isVisible(r, n):
			b.Write(data[:n])
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
		data = data[n:]
	}
	return b.Bytes()
}

// isVisible reports whether the rune of n bytes prints as itself.
func isVisible(r rune, n int) bool {
	return (r != utf8.RuneError || n > 1) && unicode.IsPrint(r) &&
		!unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}
