// Package yamltext reads configuration files of other programs as YAML,
// strictly: it knows the place of every value, and reports what the program would
// pass over in silence or read as something else.
//
//	positions, problems := yamltext.Decode(data, &config)
//
// The struct that a text is read into has a yaml tag on each field. What a text
// cannot be read for is a [Problem], and the rest is read all the same, so that one
// mistake does not hide the next.
package yamltext

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// MaxSize is the size in bytes over which a text is not read.
const MaxSize = 1 << 20

// A Kind says what is wrong with a text.
type Kind uint8

const (
	_ Kind = iota
	// Syntax: the text is not YAML, or holds what this package does not read:
	// anchors and tags.
	Syntax
	// Document: something follows the first document.
	Document
	// UnknownKey: nothing reads the key.
	UnknownKey
	// KeyCase: the key is known in other letters.
	KeyCase
	// DuplicateKey: the key stands twice in its mapping.
	DuplicateKey
	// Unquoted: a number, a truth value or a date where a text belongs.
	Unquoted
	// Type: the value is of another kind than the program reads.
	Type
	// Value: the value is of the right kind, and its parser refuses it.
	Value
)

// A Position is a place in a text, both from 1, the column in characters.
type Position struct{ Line, Column int }

// In returns the place as file:line:column.
func (p Position) In(file string) string { return fmt.Sprintf("%s:%d:%d", file, p.Line, p.Column) }

// A Problem is one mistake. Its text never holds a value that is read into a
// secret.
type Problem struct {
	Position
	Kind Kind
	Path string // JSON pointer of the value, or of the key's value
	Text string
	// Harmless says of an Unquoted value that it is read as it is written all the
	// same: 1.2, and not 0123 or on.
	Harmless bool
}

// Positions are the places of the values of a text, by JSON pointer.
type Positions map[string]Position

// Of returns the place of the value, or of what it would stand in where it is
// absent; ok is false where nothing is known.
func (p Positions) Of(pointer string) (at Position, ok bool) {
	for {
		if at, ok = p[pointer]; ok {
			return at, true
		}
		i := strings.LastIndexByte(pointer, '/')
		if i < 0 {
			return Position{}, false
		}
		pointer = pointer[:i]
	}
}

// maxProblems is how many mistakes an error lists; a file with more is something
// else than it was taken for.
const maxProblems = 20

// Err joins the problems, each with its place in the file, or returns nil if there
// is none.
func Err(file string, problems []Problem) error {
	var errs []error
	for i, p := range problems {
		if i == maxProblems {
			errs = append(errs, fmt.Errorf("%s: %d more mistakes", file, len(problems)-i))
			break
		}
		errs = append(errs, fmt.Errorf("%s: %s", p.In(file), p.describe()))
	}
	return errors.Join(errs...)
}

func (p Problem) describe() string {
	if p.Path == "" {
		return p.Text
	}
	return p.Path + ": " + p.Text
}

func sortProblems(problems []Problem) {
	slices.SortStableFunc(problems, func(p, q Problem) int {
		return cmp.Or(cmp.Compare(p.Line, q.Line), cmp.Compare(p.Column, q.Column))
	})
}
