package jenkinsx

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/groundway-sdk/groundway/internal/yamltext"
)

// A File is the text of a jx-requirements.yml and what it says. The zero value is
// an empty one.
type File struct {
	name         string
	text         []byte
	requirements Requirements
	elsewhere    Cluster // below the key clusterConfig, which jx does not read
	positions    yamltext.Positions
	unknown      []yamltext.Problem // keys that this package does not know
}

// Parse reads a file; name is what errors and findings call it. Keys that this
// package does not know are kept. An error names every mistake with its line and
// column: what is not YAML, a second document, anchors and tags, a key that
// stands twice or in other letters, and a value of the wrong kind. A text over
// 1 MiB is refused.
func Parse(name string, data []byte) (File, error) {
	f := File{name: name, text: bytes.Clone(data)}
	positions, problems := yamltext.Decode(data, &f.requirements)
	f.positions = positions
	for _, p := range problems {
		if p.Kind == yamltext.UnknownKey {
			f.unknown = append(f.unknown, p)
		}
	}
	problems = slices.DeleteFunc(problems, func(p yamltext.Problem) bool { return p.Kind == yamltext.UnknownKey })
	if err := yamltext.Err(name, problems); err != nil {
		return File{}, err
	}
	var other struct {
		ClusterConfig Cluster `yaml:"clusterConfig"`
	}
	yamltext.Decode(data, &other) // whose problems stand above
	f.elsewhere = other.ClusterConfig
	return f, nil
}

// New returns the file of these requirements.
func New(name string, r Requirements) (File, error) {
	return File{name: name}.With(r)
}

// Name returns what errors and findings call the file.
func (f File) Name() string { return f.name }

// Requirements returns what the file says, with the cluster of the key
// clusterConfig where the key cluster is missing.
func (f File) Requirements() Requirements {
	r := f.requirements
	if r.Cluster == (Cluster{}) {
		r.Cluster = f.elsewhere
	}
	if r.Vault.AWS != nil {
		aws := *r.Vault.AWS
		r.Vault.AWS = &aws
	}
	return r
}

// Bytes returns the text.
func (f File) Bytes() []byte { return bytes.Clone(f.text) }

// With returns the file that says r. Only what differs is written: other keys and
// all comments stay as they are. A key that becomes zero is written as "", false,
// or removed with what is below it; texts are put in quotes where YAML would read
// something else.
func (f File) With(r Requirements) (File, error) {
	root := &yaml.Node{Kind: yaml.MappingNode}
	doc := &yaml.Node{Kind: yaml.DocumentNode, Content: []*yaml.Node{root}}
	if len(bytes.TrimSpace(f.text)) > 0 {
		doc = new(yaml.Node)
		if err := yaml.Unmarshal(f.text, doc); err != nil || len(doc.Content) == 0 || doc.Content[0].Kind != yaml.MappingNode {
			return File{}, fmt.Errorf("write %s: the text is not one of Parse", f.name)
		}
		root = doc.Content[0]
	}
	if f.elsewhere != (Cluster{}) && f.requirements.Cluster == (Cluster{}) {
		rename(root, "clusterConfig", "cluster")
	}
	if reflect.DeepEqual(f.Requirements(), r) && f.elsewhere == (Cluster{}) {
		return f, nil
	}
	set(root, reflect.ValueOf(f.Requirements()), reflect.ValueOf(r))
	text, err := yamltext.Write(doc, indentOf(f.text))
	if err != nil {
		return File{}, fmt.Errorf("write %s: %w", f.name, err)
	}
	made, err := Parse(f.name, text)
	if err != nil {
		return File{}, fmt.Errorf("write %s: %w", f.name, err)
	}
	return made, nil
}

// set writes the fields of a struct that differ into a mapping.
func set(m *yaml.Node, from, to reflect.Value) {
	for i := range to.NumField() {
		key := to.Type().Field(i).Tag.Get("yaml")
		was, is := from.Field(i), to.Field(i)
		if reflect.DeepEqual(was.Interface(), is.Interface()) {
			continue
		}
		switch is.Kind() {
		case reflect.Pointer:
			if is.IsNil() {
				remove(m, key)
				continue
			}
			if was.IsNil() {
				was = reflect.New(is.Type().Elem())
			}
			set(yamltext.Below(m, key), was.Elem(), is.Elem())
		case reflect.Struct:
			set(yamltext.Below(m, key), was, is)
		default:
			write(m, key, is)
		}
	}
}

func write(m *yaml.Node, key string, v reflect.Value) {
	if v.Kind() == reflect.Bool {
		yamltext.Set(m, key, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: strconv.FormatBool(v.Bool())})
		return
	}
	yamltext.Set(m, key, yamltext.Text(v.String()))
}

func remove(m *yaml.Node, key string) {
	if i, _, ok := yamltext.Find(m, key); ok {
		m.Content = slices.Delete(m.Content, i, i+2)
	}
}

func rename(m *yaml.Node, from, to string) {
	remove(m, to) // it says nothing
	if i, _, ok := yamltext.Find(m, from); ok {
		m.Content[i].Value = to
	}
}

// indentOf returns by how many spaces the text indents: those of the first line
// that is indented, or two.
func indentOf(text []byte) int {
	for line := range strings.Lines(string(text)) {
		rest := strings.TrimLeft(line, " ")
		if n := len(line) - len(rest); n > 0 && strings.TrimSpace(rest) != "" && !strings.HasPrefix(rest, "#") && !strings.HasPrefix(rest, "- ") {
			return min(max(n, 2), 9)
		}
	}
	return 2
}
