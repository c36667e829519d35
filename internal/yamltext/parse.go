package yamltext

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sort"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// parse returns the outermost mapping of the first document, or nil after a
// mistake that leaves nothing to read.
func (d *decoder) parse(data []byte) *yaml.Node {
	start := Position{1, 1}
	switch {
	case len(data) > MaxSize:
		d.add(Syntax, start, "", "the text is over 1 MiB")
		return nil
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff")):
		d.add(Syntax, start, "", "the text is UTF-16, want UTF-8")
		return nil
	}
	if i := InvalidUTF8(data); i >= 0 {
		d.add(Syntax, PositionOf(data, i), "", "got the byte 0x%02x, want text in UTF-8", data[i])
		return nil
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var document yaml.Node
	switch err := dec.Decode(&document); {
	case errors.Is(err, io.EOF):
		d.add(Syntax, start, "", "the text is empty")
		return nil
	case err != nil:
		d.syntax(data, err)
		return nil
	}
	d.second(data, dec)
	root := document.Content[0]
	switch {
	case root.Kind == yaml.ScalarNode && root.ShortTag() == "!!null":
		d.add(Syntax, start, "", "the text is empty")
		return nil
	case !d.is(root, yaml.MappingNode, "", "keys with values"):
		return nil
	}
	return root
}

// second reports what follows the first document, which alone is read: an empty one,
// behind the line that often ends a file, is nothing.
func (d *decoder) second(data []byte, dec *yaml.Decoder) {
	for {
		var next yaml.Node
		switch err := dec.Decode(&next); {
		case errors.Is(err, io.EOF):
			return
		case err != nil:
			at, reason := Explain(data, err)
			d.add(Document, at, "", "got a second document, which is passed over; %s", reason)
			return
		case next.Content[0].ShortTag() != "!!null":
			d.add(Document, placeOf(&next), "", "got a second document, which is passed over")
			return
		}
	}
}

// InvalidUTF8 returns the index of the first byte that is not UTF-8, or -1.
func InvalidUTF8(data []byte) int {
	for i := 0; i < len(data); {
		r, n := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}

// PositionOf returns the place of data[i].
func PositionOf(data []byte, i int) Position {
	before := data[:i]
	return Position{
		1 + bytes.Count(before, []byte("\n")),
		1 + utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]),
	}
}

func placeOf(n *yaml.Node) Position { return Position{max(n.Line, 1), max(n.Column, 1)} }

func (d *decoder) syntax(data []byte, err error) {
	at, reason := Explain(data, err)
	d.add(Syntax, at, "", "%s", reason)
}

// Explain says where the YAML parser stopped with the error, and why. The parser names
// the line of the construct that it was in, or none, and never a column; but a parser
// that stops somewhere fails alike on the text up to there, so the shortest text that
// fails alike ends where it stopped, or, where something was left open, where that
// began.
func Explain(data []byte, err error) (Position, string) {
	n := sort.Search(len(data), func(n int) bool {
		dec := yaml.NewDecoder(bytes.NewReader(data[:n]))
		for {
			if e := dec.Decode(new(yaml.Node)); e != nil {
				return e.Error() == err.Error()
			}
		}
	})
	at := PositionOf(data, max(0, n-1))
	if n > 0 && data[n-1] == '\t' {
		return at, "got a tab, want spaces: YAML is not indented by tabs"
	}
	reason := strings.TrimPrefix(err.Error(), "yaml: ")
	if rest, ok := strings.CutPrefix(reason, "line "); ok {
		_, reason, _ = strings.Cut(rest, ": ")
	}
	return at, "not YAML: " + reason
}

func (d *decoder) add(kind Kind, at Position, path, format string, args ...any) {
	d.problems = append(d.problems, Problem{Position: at, Kind: kind, Path: path, Text: fmt.Sprintf(format, args...)})
}

// is reports whether n is of the kind, and nothing that is not read.
func (d *decoder) is(n *yaml.Node, kind yaml.Kind, path, want string) bool {
	if d.refused(n, path) {
		return false
	}
	if n.Kind != kind {
		d.add(Type, placeOf(n), path, "got %s, want %s", kindOf(n, false), want)
	}
	return n.Kind == kind
}

// refused reports aliases, of which a short text can make a huge one, and tags.
func (d *decoder) refused(n *yaml.Node, path string) bool {
	switch {
	case n.Kind == yaml.AliasNode:
		d.add(Syntax, placeOf(n), path, "got the alias %s, want the value itself", Quote("*"+n.Value))
	case n.Anchor != "":
		d.add(Syntax, placeOf(n), path, "got the anchor %s, want none", Quote("&"+n.Anchor))
	case n.Style&yaml.TaggedStyle != 0:
		d.add(Syntax, placeOf(n), path, "got the tag %s, want none", Quote(n.Tag))
	default:
		return false
	}
	return true
}

// kindOf says what stands at n, without its text where that may be a secret.
func kindOf(n *yaml.Node, secret bool) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "an alias"
	}
	tag, what := TagOf(n), "value"
	switch tag {
	case "!!null":
		return "nothing"
	case "!!str":
		// A text where something else belongs may well be a secret that stands
		// in the wrong line.
		return "a text"
	case "!!int", "!!float":
		what = "number"
	case "!!bool":
		what = "truth value"
	case "!!timestamp":
		what = "date"
	}
	if secret {
		return "a " + what
	}
	return "the " + what + " " + Quote(n.Value)
}

// TagOf returns the tag that a reader of YAML 1.1 gives the scalar, as dex and
// Kubernetes read: there a plain yes, no, on, off, y or n is a truth value.
func TagOf(n *yaml.Node) string {
	tag := n.ShortTag()
	if n.Kind == yaml.ScalarNode && n.Style == 0 && tag == "!!str" {
		switch n.Value {
		case "y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "n", "N", "no", "No", "NO", "off", "Off", "OFF":
			return "!!bool"
		}
	}
	return tag
}

// Quote returns s quoted and harmless, and cut where it is long.
func Quote(s string) string {
	const most = 60
	if runes := []rune(s); len(runes) > most {
		return fmt.Sprintf("%q…", string(runes[:most]))
	}
	return fmt.Sprintf("%q", s)
}
