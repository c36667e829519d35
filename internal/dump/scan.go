package dump

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"strconv"
	"unicode/utf8"
)

// The functions of this file walk a text that is known to be valid JSON, so
// they need no errors. Places are offsets into it.

// space returns the first offset from i on that holds no white space.
func (f *File) space(i int) int {
	for i < len(f.text) {
		switch f.text[i] {
		case ' ', '\t', '\n', '\r':
			i++
		default:
			return i
		}
	}
	return i
}

// skip returns the offset behind the value at i.
func (f *File) skip(i int) int {
	depth := 0
	for i < len(f.text) {
		switch c := f.text[i]; {
		case c == '"':
			i += stringLength(f.text[i:])
		case c == '{' || c == '[':
			depth++
			i++
		case c == '}' || c == ']':
			depth--
			i++
		case isBetween(c):
			i++
			continue
		default:
			for i < len(f.text) && f.text[i] != '}' && f.text[i] != ']' && !isBetween(f.text[i]) {
				i++
			}
		}
		if depth == 0 {
			return i
		}
	}
	return i
}

// isBetween reports whether c stands between values.
func isBetween(c byte) bool {
	return c == ',' || c == ':' || c == ' ' || c == '\t' || c == '\n' || c == '\r'
}

// stringLength returns the length of the JSON string that text begins with,
// quotes included.
func stringLength(text []byte) int {
	for i := 1; ; {
		end := bytes.IndexByte(text[i:], '"')
		if end < 0 {
			return len(text)
		}
		i += end
		backslashes := 0
		for text[i-1-backslashes] == '\\' {
			backslashes++
		}
		i++
		if backslashes%2 == 0 {
			return i
		}
	}
}

// unquote returns the content of the JSON string that text begins with.
func unquote(text []byte) string {
	text = text[:stringLength(text)]
	if bytes.IndexByte(text, '\\') < 0 {
		return string(text[1 : len(text)-1])
	}
	var s string
	if err := json.Unmarshal(text, &s); err != nil {
		return string(text)
	}
	return s
}

// isKey reports whether the JSON string that text begins with is key, without
// an allocation in the common case.
func isKey(text []byte, key string) bool {
	text = text[:stringLength(text)]
	if bytes.IndexByte(text, '\\') >= 0 {
		return unquote(text) == key
	}
	return string(text[1:len(text)-1]) == key
}

// members yields the offsets of each key and value of the object at i.
func (f *File) members(i int) iter.Seq2[int, int] {
	return func(yield func(key, value int) bool) {
		for i := f.space(i + 1); f.text[i] != '}'; {
			value := f.value(i)
			if !yield(i, value) {
				return
			}
			i = f.comma(f.skip(value))
		}
	}
}

// elements yields the offsets of the elements of the list at i.
func (f *File) elements(i int) iter.Seq[int] {
	return func(yield func(value int) bool) {
		for i := f.space(i + 1); f.text[i] != ']'; {
			if !yield(i) {
				return
			}
			i = f.comma(f.skip(i))
		}
	}
}

// value returns the offset of the value that belongs to the key at i.
func (f *File) value(i int) int {
	colon := f.space(i + stringLength(f.text[i:]))
	return f.space(colon + 1)
}

// comma returns what follows the value that ends at i, behind the comma: a key,
// an element or a closing bracket.
func (f *File) comma(i int) int {
	i = f.space(i)
	if f.text[i] == ',' {
		i = f.space(i + 1)
	}
	return i
}

// path returns the steps from the root to the value at an offset, such as
// Subnets[2].CidrBlock. It is sought when an error needs it rather than kept
// with each value.
func (f *File) path(at int) string {
	path := ""
	for here := f.space(0); here != at; {
		before := here
		switch f.text[here] {
		case '{':
			for key, value := range f.members(here) {
				if value <= at && at < f.skip(value) {
					path, here = step(path, unquote(f.text[key:])), value
					break
				}
			}
		case '[':
			n := 0
			for value := range f.elements(here) {
				if value <= at && at < f.skip(value) {
					path, here = fmt.Sprintf("%s[%d]", path, n), value
					break
				}
				n++
			}
		}
		if here == before {
			return path
		}
	}
	return path
}

// step adds the name of a member to a path.
func step(path, key string) string {
	for i := range len(key) {
		if c := key[i] | 0x20; (c < 'a' || 'z' < c) && (c < '0' || '9' < c) {
			return path + "[" + quote(key, 40) + "]"
		}
	}
	switch {
	case key == "":
		return path + `[""]`
	case path == "":
		return key
	}
	return path + "." + key
}

// describe says what the value at an offset is: `the string "no"`, `12`, `a
// list`.
func (f *File) describe(at int) string {
	switch f.text[at] {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "the string " + quote(unquote(f.text[at:]), 40)
	}
	scalar := f.text[at:f.skip(at)]
	if len(scalar) > 40 {
		return string(scalar[:40]) + "…"
	}
	return string(scalar)
}

// quote returns the text in quotes, cut after limit bytes, with all that a
// terminal would not print as itself escaped.
func quote(text string, limit int) string {
	if len(text) <= limit {
		return strconv.Quote(text)
	}
	for !utf8.RuneStart(text[limit]) {
		limit--
	}
	return strconv.Quote(text[:limit]) + "…"
}
