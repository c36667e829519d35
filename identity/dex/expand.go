package dex

import (
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"github.com/groundway-sdk/groundway"
)

// reference is what os.Expand, by which dex expands, takes out of a text: a name
// with or without braces, one character that the shell uses, or braces that it cannot
// read. Any other dollar stays where it is, as that at the end of a regular
// expression does.
var reference = regexp.MustCompile(`\$(?:\{[^}]*\}|\{|[*#$@!?0-9-]|[A-Za-z_][A-Za-z0-9_]*)`)

// references returns the environment variables that dex replaces in a text, in
// their order.
func references(text string) []string {
	var names []string
	for _, r := range reference.FindAllString(text, -1) {
		if name := strings.Trim(r[1:], "{}"); isName(name) {
			names = append(names, name)
		}
	}
	return names
}

// hasStray reports whether dex takes something out of a text that is no name of a
// variable, and puts nothing in its place.
func hasStray(text string) bool {
	return len(reference.FindAllString(text, -1)) > len(references(text))
}

// isName reports whether a text can name a variable of the environment.
func isName(s string) bool {
	for i, r := range s {
		if r != '_' && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return s != ""
}

// texts calls visit with every text below v, secrets included, and its JSON
// pointer.
func texts(v reflect.Value, path string, visit func(path, text string)) {
	if s, ok := v.Interface().(groundway.Secret); ok {
		if !s.IsZero() {
			visit(path, s.Reveal())
		}
		return
	}
	switch v.Kind() {
	case reflect.String:
		visit(path, v.String())
	case reflect.Pointer:
		if !v.IsNil() {
			texts(v.Elem(), path, visit)
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return
		}
		for i := range v.Len() {
			texts(v.Index(i), path+"/"+strconv.Itoa(i), visit)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			texts(v.MapIndex(key), path+groundway.Pointer(key.String()), visit)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if key := v.Type().Field(i).Tag.Get("yaml"); key != "" && key != "-" {
				texts(v.Field(i), path+groundway.Pointer(key), visit)
			}
		}
	}
}
