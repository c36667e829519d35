package draw

import (
	"strings"
	"unicode"
)

// widthOf is how wide a character is taken to be in a style, in the fonts that a
// reader may have. Those of East Asian scripts are twice as wide.
func widthOf(r rune, style string) float64 {
	each := 6.9
	switch style {
	case "title":
		each = 10.5
	case "id", "mono", "nat", "dead":
		each = 7.4
	}
	if r >= 0x1100 && r != '→' && r != '✕' {
		return 2 * each
	}
	return each
}

func measure(text, style string) (width float64) {
	for _, r := range text {
		width += widthOf(r, style)
	}
	return width
}

// fit cuts a text to a width in its middle: names that were given by one rule
// begin alike, and differ at the end.
func fit(text, style string, width int) string {
	text = visible(text)
	if measure(text, style) <= float64(width) {
		return text
	}
	runes := []rune(text)
	left := float64(width) - widthOf('…', style)
	half := left / 2
	head := 0
	for w := widthOf(runes[head], style); w <= half; w = widthOf(runes[head], style) {
		half, left, head = half-w, left-w, head+1
	}
	tail := len(runes)
	for w := widthOf(runes[tail-1], style); w <= left; w = widthOf(runes[tail-1], style) {
		left, tail = left-w, tail-1
	}
	return string(runes[:head]) + "…" + string(runes[tail:])
}

// wrap breaks a sentence between words into lines of a width.
func wrap(text, style string, width int) (lines []string) {
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && measure(line+" "+word, style) > float64(width) {
			lines = append(lines, line)
			line = ""
		}
		line = strings.TrimSpace(line + " " + word)
	}
	return append(lines, line)
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
