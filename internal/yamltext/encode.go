package yamltext

import (
	"bytes"
	"encoding"
	"encoding/base64"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/groundway-sdk/groundway"
)

// Encode writes the structs as YAML documents that every reader takes alike: keys
// in the order of the fields, zero values left out, and every text in quotes, so
// that none is a number or a truth value to anybody. A secret is an error that
// names its place, unless reveal says that it may stand in this text; nil is never.
func Encode(reveal func(groundway.Secret) bool, documents ...any) ([]byte, error) {
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	for _, document := range documents {
		n, err := node(reflect.ValueOf(document), "", reveal)
		if err != nil {
			return nil, err
		}
		if n == nil {
			n = &yaml.Node{Kind: yaml.MappingNode}
		}
		if err := enc.Encode(n); err != nil {
			return nil, err
		}
	}
	err := enc.Close()
	return out.Bytes(), err
}

// A Typed value is written as two keys, type and config, beside those of the
// struct that holds it.
type Typed interface{ Type() string }

// node returns nil for a zero value.
func node(v reflect.Value, path string, reveal func(groundway.Secret) bool) (*yaml.Node, error) {
	if !v.IsValid() {
		return nil, nil
	}
	switch t := v.Type(); {
	case t.Kind() == reflect.Pointer || t.Kind() == reflect.Interface:
		if v.IsNil() {
			return nil, nil
		}
		if t.Kind() == reflect.Pointer && t.Elem().Kind() != reflect.Struct {
			// What is pointed to is set, whatever its value.
			return present(v.Elem()), nil
		}
		return node(v.Elem(), path, reveal)
	case t == secretType:
		s := v.Interface().(groundway.Secret)
		switch {
		case s.IsZero():
			return nil, nil
		case reveal == nil || !reveal(s):
			return nil, fmt.Errorf("write %s: a secret does not belong in this text", path)
		}
		return text(s.Reveal()), nil
	case v.IsZero():
		return nil, nil
	case t == durationType, t.Kind() == reflect.Bool, t.Kind() == reflect.Int, t.Kind() == reflect.Int32, t.Kind() == reflect.Int64, t.Kind() == reflect.Float64:
		return present(v), nil
	case t == bytesType:
		return text(base64.StdEncoding.EncodeToString(v.Bytes())), nil
	case t.Implements(reflect.TypeFor[encoding.TextMarshaler]()):
		data, err := v.Interface().(encoding.TextMarshaler).MarshalText()
		return text(string(data)), err
	case t.Kind() == reflect.String:
		return text(v.String()), nil
	case t.Kind() == reflect.Slice:
		list := &yaml.Node{Kind: yaml.SequenceNode}
		for i := range v.Len() {
			item, err := node(v.Index(i), path+"/"+strconv.Itoa(i), reveal)
			if err != nil {
				return nil, err
			}
			if item == nil {
				item = empty(v.Index(i))
			}
			list.Content = append(list.Content, item)
		}
		return list, nil
	case t.Kind() == reflect.Map:
		m := &yaml.Node{Kind: yaml.MappingNode}
		keys := slices.Sorted(maps.Keys(keysByText(v)))
		for _, key := range keys {
			place := path + groundway.Pointer(key)
			value := v.MapIndex(reflect.ValueOf(key).Convert(t.Key()))
			item, err := node(value, place, reveal)
			if err != nil {
				return nil, err
			}
			if item == nil {
				item = empty(value)
			}
			m.Content = append(m.Content, plain(key), item)
		}
		return m, nil
	case t.Kind() == reflect.Struct:
		return structNode(v, path, reveal)
	}
	panic(fmt.Sprintf("yamltext: a value of type %s is not written", v.Type()))
}

func keysByText(v reflect.Value) map[string]bool {
	keys := map[string]bool{}
	for _, k := range v.MapKeys() {
		keys[k.String()] = true
	}
	return keys
}

func structNode(v reflect.Value, path string, reveal func(groundway.Secret) bool) (*yaml.Node, error) {
	m := &yaml.Node{Kind: yaml.MappingNode}
	put := func(key string, value *yaml.Node) { m.Content = append(m.Content, plain(key), value) }
	for i := range v.NumField() {
		f := v.Field(i)
		if f.Kind() == reflect.Interface && !f.IsNil() {
			if typed, ok := f.Interface().(Typed); ok {
				put("type", text(typed.Type()))
				config, err := node(f.Elem(), path+"/config", reveal)
				if err != nil {
					return nil, err
				}
				if config == nil {
					config = &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
				}
				put("config", config)
				continue
			}
		}
		key, always := tagOf(v.Type().Field(i))
		if key == "" {
			continue
		}
		item, err := node(f, path+groundway.Pointer(key), reveal)
		if err != nil {
			return nil, err
		}
		if item == nil && always {
			item = empty(f)
		}
		if item != nil {
			put(key, item)
		}
	}
	if len(m.Content) == 0 {
		return nil, nil
	}
	return m, nil
}

func tagOf(f reflect.StructField) (key string, always bool) {
	if key, _, _ = strings.Cut(f.Tag.Get("yaml"), ","); key == "-" {
		key = ""
	}
	return key, f.Tag.Get("write") == "always"
}

// present writes a value that is set, even to zero.
func present(v reflect.Value) *yaml.Node {
	switch {
	case v.Type() == durationType:
		return text(time.Duration(v.Int()).String())
	case v.Kind() == reflect.Bool:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: strconv.FormatBool(v.Bool())}
	case v.CanInt():
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: strconv.FormatInt(v.Int(), 10)}
	case v.CanFloat():
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!float", Value: strconv.FormatFloat(v.Float(), 'g', -1, 64)}
	}
	return text(v.String())
}

// empty writes a zero value where it cannot be left out.
func empty(v reflect.Value) *yaml.Node {
	for v.Kind() == reflect.Interface && !v.IsNil() {
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.Struct, reflect.Map:
		if v.Type() == secretType {
			return text("")
		}
		return &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
	case reflect.Slice:
		return &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
	case reflect.Interface, reflect.Pointer:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}
	}
	return present(v)
}

// text is in quotes, or in a block if it has lines.
func text(s string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s, Style: yaml.DoubleQuotedStyle}
	if isBlock(s) {
		n.Style = yaml.LiteralStyle
	}
	return n
}

// isBlock reports whether a block holds the text as it is: several lines, the last
// one ended, and nothing that a block cannot write.
func isBlock(s string) bool {
	lines := 0
	for i, r := range s {
		switch {
		case r == '\n':
			lines++
		case r < ' ' || r > '~':
			return false
		case r == ' ' && i == 0:
			return false
		}
	}
	return lines > 0 && s[len(s)-1] == '\n' && s[0] != '\n' && (len(s) < 2 || s[len(s)-2] != '\n')
}

// plain is a key: as it is where every reader takes it for a text.
func plain(key string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: key}
	for i, r := range key {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && (i == 0 || (r < '0' || r > '9') && r != '-' && r != '.' && r != '_' && r != '/') {
			n.Style = yaml.DoubleQuotedStyle
		}
	}
	if bare := (&yaml.Node{Kind: yaml.ScalarNode, Value: key}); key == "" || TagOf(bare) != "!!str" {
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}
