package yamltext

import (
	"encoding"
	"encoding/base64"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/groundway-sdk/groundway"
)

// A Union is a field whose type follows from the text beside it: its mapping names
// one of several structs.
type Union interface {
	// Select returns a pointer to the struct that the word names, or nil. Keys are
	// then read into it.
	Select(word string) any
	// Take stores what Select returned, once it is filled. It may be nil.
	Take(word string, value any)
	// Words are the words that Select knows.
	Words() []string
}

// Decode reads the text into the struct that to points to, as far as it can, and
// returns the places of all values and what is wrong, in the order of the text.
// Null stands for an absent value. It panics for a struct that has a field of a
// kind that it does not know.
func Decode(data []byte, to any) (Positions, []Problem) {
	d := &decoder{positions: Positions{}}
	if root := d.parse(data); root != nil {
		d.value(root, reflect.ValueOf(to).Elem(), "")
	}
	sortProblems(d.problems)
	return d.positions, d.problems
}

type decoder struct {
	positions Positions
	problems  []Problem
	depth     int
}

const maxDepth = 64

var (
	secretType      = reflect.TypeFor[groundway.Secret]()
	durationType    = reflect.TypeFor[time.Duration]()
	durationPointer = reflect.TypeFor[*time.Duration]()
	bytesType       = reflect.TypeFor[[]byte]()
	textInterface   = reflect.TypeFor[encoding.TextUnmarshaler]()
)

func (d *decoder) value(n *yaml.Node, to reflect.Value, path string) {
	d.positions[path] = placeOf(n)
	if d.refused(n, path) {
		return
	}
	if n.Kind == yaml.ScalarNode && TagOf(n) == "!!null" {
		return
	}
	if to.Kind() == reflect.Interface {
		to.Set(reflect.ValueOf(d.free(n, path)))
		return
	}
	if d.depth++; d.depth > maxDepth {
		d.add(Syntax, placeOf(n), path, "the text is nested more than %d levels deep", maxDepth)
		d.depth--
		return
	}
	defer func() { d.depth-- }()
	if u, ok := to.Addr().Interface().(Union); ok {
		d.union(n, to, u, path)
		return
	}
	switch t := to.Type(); {
	case t == durationType:
		d.scalar(n, path, "a duration such as \"24h\"", false, func(s string) error {
			v, err := time.ParseDuration(s)
			to.SetInt(int64(v))
			if err != nil {
				return fmt.Errorf("got %s, want a duration such as \"24h\"", Quote(s))
			}
			return nil
		})
	case t == bytesType:
		d.scalar(n, path, "base64", true, func(s string) error {
			v, err := base64.StdEncoding.DecodeString(s)
			to.SetBytes(v)
			if err != nil {
				return fmt.Errorf("got a text that is not base64")
			}
			return nil
		})
	case reflect.PointerTo(t).Implements(textInterface):
		u := to.Addr().Interface().(encoding.TextUnmarshaler)
		d.scalar(n, path, "a text", t == secretType, func(s string) error { return u.UnmarshalText([]byte(s)) })
	case t.Kind() == reflect.String:
		d.scalar(n, path, "a text", false, func(s string) error { to.SetString(s); return nil })
	case t.Kind() == reflect.Bool:
		if d.is(n, yaml.ScalarNode, path, "true or false") {
			if TagOf(n) != "!!bool" {
				d.add(Type, placeOf(n), path, "got %s, want true or false", kindOf(n, false))
				return
			}
			to.SetBool(slices.Contains([]string{"true", "y", "yes", "on"}, strings.ToLower(n.Value)))
		}
	case t.Kind() == reflect.Int, t.Kind() == reflect.Int64, t.Kind() == reflect.Int32:
		if d.is(n, yaml.ScalarNode, path, "a number") {
			v, err := strconv.ParseInt(n.Value, 10, t.Bits())
			if TagOf(n) != "!!int" || err != nil {
				d.add(Type, placeOf(n), path, "got %s, want a number", kindOf(n, false))
				return
			}
			to.SetInt(v)
		}
	case t == durationPointer && n.Kind == yaml.ScalarNode && n.Value == "":
		// An empty duration stands for an absent one, as null does.
	case t.Kind() == reflect.Pointer:
		v := reflect.New(t.Elem())
		before := len(d.problems)
		d.value(n, v.Elem(), path)
		if len(d.problems) == before || n.Kind != yaml.ScalarNode {
			to.Set(v)
		}
	case t.Kind() == reflect.Slice:
		if d.is(n, yaml.SequenceNode, path, "a list") {
			list := reflect.MakeSlice(t, len(n.Content), len(n.Content))
			for i, item := range n.Content {
				d.value(item, list.Index(i), path+"/"+strconv.Itoa(i))
			}
			to.Set(list)
		}
	case t.Kind() == reflect.Map:
		d.mapOf(n, to, path)
	case t.Kind() == reflect.Struct:
		if d.is(n, yaml.MappingNode, path, "keys with values") {
			d.structure(n, to, path, nil)
		}
	default:
		panic(fmt.Sprintf("yamltext: a field of type %s is not read", t))
	}
}

// scalar reads a text. What YAML reads as something else is reported, and read as
// it is written.
func (d *decoder) scalar(n *yaml.Node, path, want string, secret bool, read func(string) error) {
	if !d.is(n, yaml.ScalarNode, path, want) {
		return
	}
	if tag := TagOf(n); tag != "!!str" {
		d.add(Unquoted, placeOf(n), path, "got %s, want it in quotes, which make it a text", kindOf(n, secret))
		d.problems[len(d.problems)-1].Harmless = isPlainNumber(n.Value)
	}
	if err := read(n.Value); err != nil {
		d.add(Value, placeOf(n), path, "%v", err)
	}
}

// isPlainNumber reports whether a number is written as every program writes it.
func isPlainNumber(s string) bool {
	if i, err := strconv.ParseInt(s, 10, 64); err == nil {
		return strconv.FormatInt(i, 10) == s
	}
	f, err := strconv.ParseFloat(s, 64)
	return err == nil && strconv.FormatFloat(f, 'f', -1, 64) == s && len(s) < 15
}

// A field is one key of a struct.
type field struct {
	key   string
	index int
}

func fieldsOf(t reflect.Type) []field {
	var list []field
	for i := range t.NumField() {
		key, _, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
		if key != "" && key != "-" {
			list = append(list, field{key, i})
		}
	}
	return list
}

func keysOf(fields []field) []string {
	keys := make([]string, len(fields))
	for i, f := range fields {
		keys[i] = f.key
	}
	return keys
}

// structure reads the keys of a mapping. Of a key that stands twice the last one
// counts, as it does for the programs.
func (d *decoder) structure(n *yaml.Node, to reflect.Value, path string, also []string) {
	fields := fieldsOf(to.Type())
	seen := map[string]*yaml.Node{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		place := path + groundway.Pointer(k.Value)
		if !d.key(k, path, seen) || slices.Contains(also, k.Value) {
			continue
		}
		at := slices.IndexFunc(fields, func(f field) bool { return f.key == k.Value })
		if at < 0 {
			at = slices.IndexFunc(fields, func(f field) bool { return strings.EqualFold(f.key, k.Value) })
			if at < 0 {
				d.positions[place] = placeOf(k)
				d.add(UnknownKey, placeOf(k), place, "%s", unknownKey(k.Value, append(keysOf(fields), also...)))
				continue
			}
			d.add(KeyCase, placeOf(k), place, "got the key %s, want %s", Quote(k.Value), Quote(fields[at].key))
		}
		f := fields[at]
		d.value(v, to.Field(f.index), path+groundway.Pointer(f.key))
	}
}

// key reports what is wrong with a key of a mapping, and whether it can be read.
func (d *decoder) key(k *yaml.Node, path string, seen map[string]*yaml.Node) bool {
	if d.refused(k, path) {
		return false
	}
	if k.Kind != yaml.ScalarNode {
		d.add(Type, placeOf(k), path, "got %s for a key, want a text", kindOf(k, false))
		return false
	}
	if first := seen[k.Value]; first != nil {
		d.add(DuplicateKey, placeOf(k), path+groundway.Pointer(k.Value),
			"the key stands twice, first in line %d; the last one counts", first.Line)
	}
	seen[k.Value] = k
	return true
}

func unknownKey(key string, known []string) string {
	text := "unknown key " + Quote(key)
	if near, ok := Nearest(key, known); ok {
		text += ", the nearest is " + Quote(near)
	}
	if len(known) > 0 {
		text += "; want one of " + strings.Join(known, ", ")
	}
	return text
}

func (d *decoder) mapOf(n *yaml.Node, to reflect.Value, path string) {
	if !d.is(n, yaml.MappingNode, path, "keys with values") {
		return
	}
	m := reflect.MakeMap(to.Type())
	seen := map[string]*yaml.Node{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if !d.key(k, path, seen) {
			continue
		}
		item := reflect.New(to.Type().Elem()).Elem()
		d.value(v, item, path+groundway.Pointer(k.Value))
		m.SetMapIndex(reflect.ValueOf(k.Value).Convert(to.Type().Key()), item)
	}
	to.Set(m)
}

// union reads the word under type, and then the other keys: those of the struct
// itself, and under config those of what the word names.
func (d *decoder) union(n *yaml.Node, to reflect.Value, u Union, path string) {
	if !d.is(n, yaml.MappingNode, path, "keys with values") {
		return
	}
	var word, config *yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		switch strings.ToLower(n.Content[i].Value) {
		case "type":
			word = n.Content[i+1]
		case "config":
			config = n.Content[i+1]
		}
	}
	d.structure(n, to, path, []string{"type", "config"})
	if word == nil {
		d.add(Type, placeOf(n), path, "the key \"type\" is missing, want one of %s", strings.Join(u.Words(), ", "))
		return
	}
	d.positions[path+"/type"] = placeOf(word)
	if !d.is(word, yaml.ScalarNode, path+"/type", "a text") {
		return
	}
	value := u.Select(word.Value)
	if value == nil {
		d.add(Value, placeOf(word), path+"/type", "got %s, want one of %s", Quote(word.Value), strings.Join(u.Words(), ", "))
		return
	}
	if config != nil {
		d.value(config, reflect.ValueOf(value).Elem(), path+"/config")
	}
	u.Take(word.Value, value)
}

// free reads a value of which nothing is known: texts, truth values, numbers,
// lists and mappings.
func (d *decoder) free(n *yaml.Node, path string) any {
	switch n.Kind {
	case yaml.MappingNode:
		m := map[string]any{}
		d.mapOf(n, reflect.ValueOf(&m).Elem(), path)
		return m
	case yaml.SequenceNode:
		list := []any{}
		d.value(n, reflect.ValueOf(&list).Elem(), path)
		return list
	}
	switch TagOf(n) {
	case "!!bool":
		return slices.Contains([]string{"true", "y", "yes", "on"}, strings.ToLower(n.Value))
	case "!!int":
		if v, err := strconv.ParseInt(n.Value, 0, 64); err == nil {
			return v
		}
	case "!!float":
		if v, err := strconv.ParseFloat(n.Value, 64); err == nil {
			return v
		}
	}
	return n.Value
}
