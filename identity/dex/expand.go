package dex

import (
	"os"
	"reflect"
	"strconv"
	"strings"

	"github.com/groundway-sdk/groundway"
)

// references returns the environment variables that dex replaces in a text, in
// their order.
func references(text string) []string {
	var names []string
	os.Expand(text, func(name string) string {
		names = append(names, name)
		return ""
	})
	return names
}

// hasStray reports whether a text has a dollar that names no variable, or one
// whose name no variable has: dex replaces it by nothing.
func hasStray(text string) bool {
	if !strings.Contains(text, "$") {
		return false
	}
	names := references(text)
	for _, name := range names {
		if !isName(name) {
			return true
		}
	}
	return len(names) == 0
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
