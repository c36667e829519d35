package cluster

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/groundway-sdk/groundway/internal/yamltext"
)

// A field is one key of a mapping.
type field struct {
	key      string
	want     string // what its value has to be, as a noun
	optional bool
	read     reader
	within   []field // of a key whose value is a mapping, in place of read
	instead  string  // the key that may stand in place of this one, and not beside it
}

// A reader takes the value of the field at path, or reports what is wrong.
type reader func(d *decoder, n *yaml.Node, path, want string)

// text reads a scalar through parse, whose errors begin with what it got.
func text[T any](to *T, parse func(string) (T, error)) reader {
	return func(d *decoder, n *yaml.Node, path, want string) {
		if !d.is(n, yaml.ScalarNode, path, want) {
			return
		}
		v, err := parse(n.Value)
		switch tag := n.ShortTag(); {
		case tag == "!!null":
			d.add(n, path, "got nothing, want %s", want)
		case tag != "!!str" && err == nil:
			d.add(n, path, "got %s, want it in quotes, which make it a text", kindOf(n))
		case tag != "!!str":
			d.add(n, path, "got %s, want %s", kindOf(n), want)
		case err != nil:
			d.add(n, path, "%v", err)
		default:
			*to = v
		}
	}
}

// number reads a whole number from least to most.
func number(to *int, least, most int) reader {
	return func(d *decoder, n *yaml.Node, path, want string) {
		if !d.is(n, yaml.ScalarNode, path, want) {
			return
		}
		v, err := strconv.Atoi(n.Value)
		if n.ShortTag() != "!!int" || err != nil || v < least || v > most {
			d.add(n, path, "got %s, want %s", kindOf(n), want)
			return
		}
		*to = v
	}
}

// truth reads true or false.
func truth(to *bool) reader {
	return func(d *decoder, n *yaml.Node, path, want string) {
		switch {
		case !d.is(n, yaml.ScalarNode, path, want):
		case n.ShortTag() != "!!bool":
			d.add(n, path, "got %s, want %s", kindOf(n), want)
		default:
			*to = strings.EqualFold(n.Value, "true")
		}
	}
}

// texts reads a list of scalars, one at least.
func texts[T any](to *[]T, one string, parse func(string) (T, error)) reader {
	return func(d *decoder, n *yaml.Node, path, want string) {
		switch {
		case !d.is(n, yaml.SequenceNode, path, want):
			return
		case len(n.Content) == 0:
			d.add(n, path, "got an empty list, want %s", want)
			return
		}
		*to = make([]T, len(n.Content))
		for i, item := range n.Content {
			text(&(*to)[i], parse)(d, item, fmt.Sprintf("%s[%d]", path, i), one)
		}
	}
}

// A decoder walks the nodes of a YAML text and collects mistakes.
type decoder struct {
	name     string
	root     []field
	problems []problem
	meant    map[string]bool // paths of keys that stand misspelt or elsewhere, and so are not missing
}

type problem struct {
	line, column int // from 1; the column in characters
	text         string
	missing      string // the path of the key that is missing, if that is the problem
}

// maxProblems is how many mistakes an error lists; a file with more is
// something else than a spec.
const maxProblems = 20

func (d *decoder) add(n *yaml.Node, path, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if path != "" {
		text = path + ": " + text
	}
	d.problems = append(d.problems, problem{line: n.Line, column: n.Column, text: text})
}

// err joins the mistakes in the order of the text.
func (d *decoder) err() error {
	d.problems = slices.DeleteFunc(d.problems, func(p problem) bool { return d.meant[p.missing] })
	slices.SortStableFunc(d.problems, func(p, q problem) int {
		return cmp.Or(cmp.Compare(p.line, q.line), cmp.Compare(p.column, q.column))
	})
	var errs []error
	for i, p := range d.problems {
		if i == maxProblems {
			errs = append(errs, fmt.Errorf("%s: %d more mistakes", d.name, len(d.problems)-i))
			break
		}
		errs = append(errs, fmt.Errorf("%s:%d:%d: %s", d.name, p.line, p.column, p.text))
	}
	return errors.Join(errs...)
}

// parse returns the mapping that the text holds, or nil after a mistake.
func (d *decoder) parse(data []byte) *yaml.Node {
	start := &yaml.Node{Line: 1, Column: 1}
	if len(data) > maxSpec {
		d.add(start, "", "the text is over 1 MiB, which no spec is")
		return nil
	}
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		d.add(start, "", "the text is UTF-16, want UTF-8")
		return nil
	}
	if i := yamltext.InvalidUTF8(data); i >= 0 {
		at := yamltext.PositionOf(data, i)
		d.add(&yaml.Node{Line: at.Line, Column: at.Column}, "", "got the byte 0x%02x, want text in UTF-8", data[i])
		return nil
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var document, second yaml.Node
	switch err := dec.Decode(&document); {
	case errors.Is(err, io.EOF):
		d.add(start, "", "the text is empty, want a spec that begins with the key cluster")
		return nil
	case err != nil:
		d.syntax(data, err)
		return nil
	}
	root := document.Content[0]
	switch err := dec.Decode(&second); {
	case err == nil:
		d.add(&second, "", "got a second document, want one spec a file")
		return nil
	case !errors.Is(err, io.EOF):
		d.syntax(data, err)
		return nil
	}
	switch {
	case d.refused(root, ""):
		return nil
	case root.Kind == yaml.ScalarNode && root.Tag == "!!null":
		d.add(start, "", "the text is empty, want a spec that begins with the key cluster")
		return nil
	case root.Kind != yaml.MappingNode:
		d.add(root, "", "got %s, want the keys of a spec, such as cluster: demo", kindOf(root))
		return nil
	}
	return root
}

// syntax reports an error of the YAML parser.
func (d *decoder) syntax(data []byte, err error) {
	at, reason := yamltext.Explain(data, err)
	d.add(&yaml.Node{Line: at.Line, Column: at.Column}, "", "%s", reason)
}

// mapping reads the fields of the mapping n at path.
func (d *decoder) mapping(n *yaml.Node, path string, fields []field) {
	seen := map[string]*yaml.Node{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if d.refused(k, path) {
			continue
		}
		if k.Kind != yaml.ScalarNode {
			d.add(k, path, "got %s for a key, want one of %s", kindOf(k), list(fields))
			continue
		}
		if first := seen[k.Value]; first != nil {
			d.add(k, path, "the key %s stands twice, first in line %d", quote(k.Value), first.Line)
			continue
		}
		seen[k.Value] = k
		at := slices.IndexFunc(fields, func(f field) bool { return f.key == k.Value })
		if at < 0 {
			d.add(k, path, "%s", d.unknownKey(k.Value, path, fields))
			continue
		}
		f := fields[at]
		switch place := join(path, f.key); {
		case f.within == nil:
			f.read(d, v, place, f.want)
		case d.is(v, yaml.MappingNode, place, f.want):
			d.mapping(v, place, f.within)
		}
	}
	for _, f := range fields {
		switch other := seen[f.instead]; {
		case f.instead != "" && other != nil && seen[f.key] != nil:
			d.add(seen[f.key], join(path, f.key), "stands beside %s, want one of the two", f.instead)
		case !f.optional && seen[f.key] == nil && other == nil:
			d.add(n, path, "the key %s is missing, want %s", quote(f.key), f.want)
			d.problems[len(d.problems)-1].missing = join(path, f.key)
		}
	}
}

func join(path, key string) string { return strings.TrimPrefix(path+"."+key, ".") }

func list(fields []field) string { return strings.Join(keys(fields), ", ") }

func keys(fields []field) []string {
	var known []string
	for _, f := range fields {
		known = append(known, f.key)
	}
	return known
}

// unknownKey says where the key belongs, if it does elsewhere, or which key is
// nearest to it.
func (d *decoder) unknownKey(key, path string, fields []field) string {
	for _, f := range d.root {
		if f.key == key {
			d.meant[key] = true
			return fmt.Sprintf("unknown key %s, which belongs to the outermost level", quote(key))
		}
		if slices.Contains(keys(f.within), key) {
			d.meant[join(f.key, key)] = true
			return fmt.Sprintf("unknown key %s, which belongs within %s", quote(key), f.key)
		}
	}
	reason := "unknown key " + quote(key)
	if near, ok := yamltext.Nearest(key, keys(fields)); ok {
		d.meant[join(path, near)] = true
		reason += fmt.Sprintf(", the nearest is %s", quote(near))
	}
	return reason + ", want one of " + list(fields)
}

// is reports whether n is of the kind.
func (d *decoder) is(n *yaml.Node, kind yaml.Kind, path, want string) bool {
	if d.refused(n, path) {
		return false
	}
	if n.Kind != kind {
		d.add(n, path, "got %s, want %s", kindOf(n), want)
	}
	return n.Kind == kind
}

// refused reports what a spec does not use of YAML: aliases, of which a short
// text can make a huge one, and tags.
func (d *decoder) refused(n *yaml.Node, path string) bool {
	switch {
	case n.Kind == yaml.AliasNode:
		d.add(n, path, "got the alias %s, want the value itself", quote("*"+n.Value))
	case n.Anchor != "":
		d.add(n, path, "got the anchor %s, which a spec does not use", quote("&"+n.Anchor))
	case n.Style&yaml.TaggedStyle != 0:
		d.add(n, path, "got the tag %s, which a spec does not use", quote(n.Tag))
	default:
		return false
	}
	return true
}

// kindOf says what stands at n, in words.
func kindOf(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "an alias"
	}
	switch n.ShortTag() {
	case "!!null":
		return "nothing"
	case "!!str":
		return "the text " + quote(n.Value)
	case "!!int", "!!float":
		return "the number " + quote(n.Value)
	case "!!bool":
		return "the truth value " + quote(n.Value)
	case "!!timestamp":
		return "the date " + quote(n.Value)
	}
	return "the value " + quote(n.Value)
}

// quote returns s quoted and harmless, and cut where it is long.
func quote(s string) string { return yamltext.Quote(s) }
