package yamltext

import (
	"bytes"

	"go.yaml.in/yaml/v3"
)

// The functions of this file change single values of a text, so that the rest of
// it, comments included, stays as it is.

// Find returns the value of a key of a mapping and the index of the key.
func Find(m *yaml.Node, key string) (at int, value *yaml.Node, ok bool) {
	for i := 0; i+1 < len(m.Content); i += 2 {
		if m.Content[i].Value == key {
			return i, m.Content[i+1], true
		}
	}
	return 0, nil, false
}

// Below returns the mapping under a key, which it makes if there is none.
func Below(m *yaml.Node, key string) *yaml.Node {
	i, v, ok := Find(m, key)
	switch {
	case ok && v.Kind == yaml.MappingNode:
		v.Style = 0
		return v
	case ok:
		m.Content[i+1] = &yaml.Node{Kind: yaml.MappingNode}
		return m.Content[i+1]
	}
	v = &yaml.Node{Kind: yaml.MappingNode}
	m.Content = append(m.Content, Text(key), v)
	return v
}

// Text returns a scalar that every reader takes for this text: what YAML 1.1 reads
// as something else goes in quotes.
func Text(s string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode}
	n.SetString(s)
	if n.Value == "" || TagOf(n) != "!!str" {
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}

// Set writes the value of a key of a mapping, with the comments of the value that
// it replaces.
func Set(m *yaml.Node, key string, value *yaml.Node) {
	i, was, ok := Find(m, key)
	if !ok {
		m.Content = append(m.Content, Text(key), value)
		return
	}
	value.HeadComment, value.LineComment, value.FootComment = was.HeadComment, was.LineComment, was.FootComment
	m.Content[i+1] = value
}

// Write returns the text of a node, indented by so many spaces.
func Write(n *yaml.Node, indent int) ([]byte, error) {
	var out bytes.Buffer
	e := yaml.NewEncoder(&out)
	e.SetIndent(indent)
	err := e.Encode(n)
	if err == nil {
		err = e.Close()
	}
	return out.Bytes(), err
}
