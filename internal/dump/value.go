package dump

import (
	"iter"
	"net/netip"
	"strconv"
)

// A Value is a value of a [File]. The zero Value is one that is not there: its
// members are not there either. The AWS CLI leaves out what it has no value
// for, so an absent member, and one that is null, is no error: the getters
// return their zero value, or nil, for it. A member of another type is an error
// of the file, and the getters return the zero value for that too.
type Value struct {
	file *File
	at   int
}

// Exists reports whether the value is there.
func (v Value) Exists() bool { return v.file != nil }

// Get returns the member of an object, of whatever type. It is the zero Value
// where there is none, where it is null, and where v is no object.
func (v Value) Get(key string) Value {
	if v.file == nil || v.file.text[v.at] != '{' {
		return Value{}
	}
	for k, value := range v.file.members(v.at) {
		if isKey(v.file.text[k:], key) {
			if v.file.text[value] == 'n' {
				return Value{}
			}
			return Value{v.file, value}
		}
	}
	return Value{}
}

// Has reports whether an object has a member that is neither null nor the empty
// string.
func (v Value) Has(key string) bool {
	m := v.Get(key)
	return m.Exists() && (m.file.text[m.at] != '"' || !isKey(m.file.text[m.at:], ""))
}

// Errorf adds an error to the file, with the place and the path of the value.
func (v Value) Errorf(format string, args ...any) {
	if f := v.file; f != nil && !f.full() {
		f.errs = append(f.errs, f.errorAt(v.at, f.path(v.at), format, args...))
	}
}

// Repeats adds an error that the value has the name of an earlier one.
func (v Value) Repeats(first Value, name string) {
	if v.file != nil && !v.file.full() {
		line, _ := v.file.lineColumn(first.at)
		v.Errorf("%q stands twice, first on line %d", name, line)
	}
}

// Text returns a member that is a string.
func (v Value) Text(key string) string {
	text, _ := v.text(key, "a string")
	return text
}

// ID returns a member that is a string. An error is added where it is absent or
// empty.
func (v Value) ID(key string) string {
	text, ok := v.text(key, "a string")
	if ok && text == "" {
		v.Errorf("%s is missing", key)
	}
	return text
}

// text returns the string under key; ok is false where it is of another type.
func (v Value) text(key, want string) (text string, ok bool) {
	m := v.Get(key)
	if !m.Exists() {
		return "", true
	}
	if m.file.text[m.at] != '"' {
		m.mismatch(want)
		return "", false
	}
	return unquote(m.file.text[m.at:]), true
}

// Bool returns a member that is true or false, and nil where there is none.
func (v Value) Bool(key string) *bool {
	m := v.Get(key)
	if !m.Exists() {
		return nil
	}
	c := m.file.text[m.at]
	if c != 't' && c != 'f' {
		m.mismatch("true or false")
		return nil
	}
	b := c == 't'
	return &b
}

// Count returns a member that is a whole number from 0 on, and nil where there
// is none.
func (v Value) Count(key string) *int {
	m := v.Get(key)
	if !m.Exists() {
		return nil
	}
	n, err := strconv.Atoi(string(m.file.text[m.at:m.file.skip(m.at)]))
	if err != nil || n < 0 {
		m.mismatch("a whole number from 0 on")
		return nil
	}
	return &n
}

// Number returns a member that is a number from 0 on, and nil where there is none.
func (v Value) Number(key string) *float64 {
	m := v.Get(key)
	if !m.Exists() {
		return nil
	}
	n, err := strconv.ParseFloat(string(m.file.text[m.at:m.file.skip(m.at)]), 64)
	if err != nil || n < 0 {
		m.mismatch("a number from 0 on")
		return nil
	}
	return &n
}

// Int returns a member that is a whole number, and nil where there is none.
func (v Value) Int(key string) *int {
	m := v.Get(key)
	if !m.Exists() {
		return nil
	}
	n, err := strconv.Atoi(string(m.file.text[m.at:m.file.skip(m.at)]))
	if err != nil {
		m.mismatch("a whole number")
		return nil
	}
	return &n
}

// Texts returns a member that is a list of strings, in their order. An element
// of another type is an error of the file, and left out.
func (v Value) Texts(key string) []string {
	var list []string
	for m := range v.elements(key) {
		if m.file.text[m.at] != '"' {
			m.mismatch("a string")
			continue
		}
		list = append(list, unquote(m.file.text[m.at:]))
	}
	return list
}

// Prefix returns a member that is a CIDR block without host bits, and the zero
// Prefix where it is absent or empty.
func (v Value) Prefix(key string) netip.Prefix {
	text, _ := v.text(key, "a CIDR block as a string")
	if text == "" {
		return netip.Prefix{}
	}
	p, err := netip.ParsePrefix(text)
	switch {
	case err != nil:
		v.Get(key).Errorf("%s is no CIDR block; want one such as 10.0.0.0/16", quote(text, 60))
		return netip.Prefix{}
	case p != p.Masked():
		v.Get(key).Errorf("%q has host bits set; want %v", text, p.Masked())
		return netip.Prefix{}
	}
	return p
}

// Addr returns a member that is an IP address without a zone, and the zero Addr
// where it is absent or empty.
func (v Value) Addr(key string) netip.Addr {
	text, _ := v.text(key, "an IP address as a string")
	if text == "" {
		return netip.Addr{}
	}
	a, err := netip.ParseAddr(text)
	if err != nil || a.Zone() != "" {
		v.Get(key).Errorf("%s is no IP address; want one such as 203.0.113.7", quote(text, 60))
		return netip.Addr{}
	}
	return a
}

// Object returns a member that is an object.
func (v Value) Object(key string) Value {
	m := v.Get(key)
	if m.Exists() && m.file.text[m.at] != '{' {
		m.mismatch("an object")
		return Value{}
	}
	return m
}

// Objects returns the elements of a member that is a list of objects, in their
// order. An element of another type is an error of the file, and left out.
func (v Value) Objects(key string) iter.Seq[Value] {
	return func(yield func(Value) bool) {
		for m := range v.elements(key) {
			if m.file.text[m.at] != '{' {
				m.mismatch("an object")
			} else if !yield(m) {
				return
			}
		}
	}
}

func (v Value) elements(key string) iter.Seq[Value] {
	return func(yield func(Value) bool) {
		m := v.Get(key)
		if !m.Exists() {
			return
		}
		if m.file.text[m.at] != '[' {
			m.mismatch("a list")
			return
		}
		for element := range m.file.elements(m.at) {
			if !yield(Value{m.file, element}) {
				return
			}
		}
	}
}

func (v Value) mismatch(want string) {
	if !v.file.full() {
		v.Errorf("got %s, want %s", v.file.describe(v.at), want)
	}
}
