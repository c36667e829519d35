package iam

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// How much of a text of unknown length stands in a message: of names and values,
// and of ARNs and what AWS says.
const (
	shortText = 64
	longText  = 240
)

// quote quotes text from a document for an error, and cuts it where it is long.
func quote(text string) string { return quoteWithin(text, shortText) }

// quoteLong is quote for ARNs and what AWS says.
func quoteLong(text string) string { return quoteWithin(text, longText) }

func quoteWithin(text string, most int) string {
	if short := cutWithin(text, most); short != text {
		return strconv.Quote(strings.TrimSuffix(short, "…")) + "…"
	}
	return strconv.Quote(text)
}

// plain returns text for a sentence: as it is where that can be printed, and
// quoted otherwise.
func plain(text string) string { return plainWithin(text, shortText) }

// plainLong is plain for ARNs and what AWS says.
func plainLong(text string) string { return plainWithin(text, longText) }

func plainWithin(text string, most int) string {
	if strings.IndexFunc(text, func(r rune) bool { return !strconv.IsPrint(r) }) >= 0 {
		return quoteWithin(text, most)
	}
	return cutWithin(text, most)
}

// cut shortens text, so that a message about each of many values does not
// repeat all of a long key.
func cut(text string) string { return cutWithin(text, shortText) }

func cutWithin(text string, most int) string {
	if len(text) <= most {
		return text
	}
	end := most - 4
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}

// clone copies a list whose memory is used again. It keeps an empty list apart
// from an absent one.
func clone[T any](list []T) []T {
	return append(make([]T, 0, len(list)), list...)
}

// quoted quotes each text of a list.
func quoted(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = quote(s)
	}
	return out
}

// mostListed is how many values a message lists.
const mostListed = 4

// listed joins values for a message, the first few of them.
func listed(values []string) string {
	return listedOf(values[:min(len(values), mostListed)], len(values))
}

// listedOf joins the first few of so many values.
func listedOf(values []string, all int) string {
	text := make([]string, 0, mostListed)
	for _, v := range values {
		text = append(text, plain(v))
	}
	if more := all - len(values); more > 0 {
		return strings.Join(text, ", ") + fmt.Sprintf(" and %d more", more)
	}
	if len(text) > 1 {
		return strings.Join(text[:len(text)-1], ", ") + " and " + text[len(text)-1]
	}
	return strings.Join(text, "")
}

// count writes a number of things.
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func are(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// asciiLower returns the text with the capital letters of ASCII in lower case.
func asciiLower(text string) string {
	upper := strings.IndexFunc(text, func(r rune) bool { return r >= 'A' && r <= 'Z' })
	if upper < 0 {
		return text
	}
	lower := []byte(text)
	for i := upper; i < len(lower); i++ {
		lower[i] = lowerCase(lower[i])
	}
	return string(lower)
}

// wordOf returns the word of a value, whose first is "invalid".
func wordOf(words []string, v uint8) string {
	if int(v) >= len(words) {
		return words[0]
	}
	return words[v]
}

func marshalWord(what string, words []string, v uint8) ([]byte, error) {
	if v == 0 || int(v) >= len(words) {
		return nil, fmt.Errorf("marshal %s %d: not a valid value", what, v)
	}
	return []byte(words[v]), nil
}

func parseWord(what string, words []string, text []byte) (uint8, error) {
	if i := slices.Index(words, string(text)); i > 0 {
		return uint8(i), nil
	}
	return 0, fmt.Errorf("parse %s %s: want one of %s", what, quote(string(text)), strings.Join(words[1:], ", "))
}

// lowerCase is for ASCII alone: names of actions and keys have nothing else.
func lowerCase(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}
