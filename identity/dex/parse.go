package dex

import (
	"github.com/groundway-sdk/groundway/internal/yamltext"
)

// Parse reads a configuration strictly: what dex passes over in silence is an
// error here, with file, line and column. That are unknown keys, keys in other
// letters, keys that stand twice, a second document, and numbers and truth values
// where a text belongs. An error lists all of them.
//
// Anchors, aliases and tags of YAML are refused. [LintText] makes findings of the
// same mistakes, and judges the rest.
func Parse(file string, data []byte) (Config, error) {
	var c Config
	_, problems := yamltext.Decode(data, &c)
	if err := yamltext.Err(file, problems); err != nil {
		return Config{}, err
	}
	return c, nil
}
