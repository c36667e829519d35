package draw

import (
	"strings"
	"unicode"
)

// fit cuts a text to a width. The characters of the fonts that a reader may have
// are taken for seven units wide, and those of East Asian scripts for fourteen.
func fit(text, style string, width int) string {
	text = visible(text)
	each := 6.9
	switch style {
	case "title":
		each = 10.5
	case "id", "mono", "nat":
		each = 7.4
	}
	used := 0.0
	for i, r := range text {
		w := each
		if r >= 0x1100 {
			w = 2 * each
		}
		if used+w > float64(width)-each {
			if len(text)-i > len(string(r)) {
				return text[:i] + "…"
			}
		}
		used += w
	}
	return text
}

// visible replaces what would not show as itself: control characters, marks
// that turn the direction of text, invisible ones.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector, unicode.Mn, unicode.Me) {
			return '\uFFFD'
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}
