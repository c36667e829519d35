package install

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A specError is about the value of a key of the spec.
type specError struct{ key, text string }

func (e *specError) Error() string { return e.key + ": " + e.text }

// Key returns an error about the value of a key of the spec, such as network.cidr. The
// program says it with its place in the file.
func Key(key, format string, args ...any) error {
	return &specError{key, fmt.Sprintf(format, args...)}
}

// placed adds the place to an error of Key, as errors of reading a spec have it.
func placed(file string, err error) error {
	e, ok := errors.AsType[*specError](err)
	if !ok || file == "" {
		return err
	}
	data, readErr := os.ReadFile(file)
	var root yaml.Node
	if readErr != nil || yaml.Unmarshal(data, &root) != nil || len(root.Content) == 0 {
		return fmt.Errorf("%s: %w", file, err)
	}
	at := root.Content[0]
	for word := range strings.SplitSeq(e.key, ".") {
		value := valueOf(at, word)
		if value == nil {
			break // the nearest mapping is the place of a key that is not there
		}
		at = value
	}
	return fmt.Errorf("%s:%d:%d: %w", file, at.Line, at.Column, err)
}

func valueOf(n *yaml.Node, key string) *yaml.Node {
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}
