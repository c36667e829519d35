package iam

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// DefaultMaxSize is the size in bytes above which [Parse] refuses a text,
// unless [ParseOptions] say otherwise: 1 MiB. The largest policy that AWS
// stores is about 150 KiB, one of its own.
const DefaultMaxSize = 1 << 20

// ParseOptions adjust [Parse]. The zero value is right for most callers.
type ParseOptions struct {
	File    string // stands in errors and in the places of findings: "policy.json"
	MaxSize int    // the largest text in bytes; 0 means [DefaultMaxSize]
}

// A ParseError says where a text stops being a policy document, and why.
type ParseError struct {
	File   string // as in [ParseOptions]
	Line   int    // from 1
	Column int    // from 1, in bytes
	Reason string
}

// Error returns the place and the reason.
func (e *ParseError) Error() string {
	if e.File == "" {
		return fmt.Sprintf("parse policy: line %d column %d: %s", e.Line, e.Column, e.Reason)
	}
	return fmt.Sprintf("parse policy %q: line %d column %d: %s", e.File, e.Line, e.Column, e.Reason)
}

// Parse reads a policy document in JSON. Every error is a [*ParseError].
//
// It takes every form that AWS takes: one statement in place of a list, one
// text in place of a list, numbers and booleans as condition values, of which
// it keeps the text. It refuses what AWS refuses and other readers pass over:
// a key that stands twice, an element that is none, a value of the wrong type,
// text after the document, invalid UTF-8 and half of a surrogate pair. What is
// well-formed and still wrong, such as the effect "allow", is for [Validate].
//
// The time grows linearly with the text. The document shares the memory of the
// text; what Parse allocates beside is at most 320 bytes for each byte of the
// text (a list of empty statements), and for real policies about one. Nothing
// nests deeper than the grammar, so that deep nesting is an error at its first
// bracket.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
func Parse(text string, o ParseOptions) (Document, error) {
	p := parser{text: text, source: &source{o.File, text}}
	limit := o.MaxSize
	if limit == 0 {
		limit = DefaultMaxSize
	}
	if len(text) > limit {
		return Document{}, p.failAt(0, "the text has %d bytes, more than the %d that the options allow", len(text), limit)
	}
	if err := p.checkEncoding(); err != nil {
		return Document{}, err
	}
	d, err := p.document()
	if err != nil {
		return Document{}, err
	}
	return d, nil
}

// MustParse is like [Parse] and panics on an error. It is for literals.
func MustParse(text string) Document {
	d, err := Parse(text, ParseOptions{})
	if err != nil {
		panic(err)
	}
	return d
}

// A parser reads a text from front to back, once. Each method expects its
// construct at pos, after white space, and leaves pos behind it.
type parser struct {
	text   string
	pos    int
	source *source

	// Lists are collected here and copied once their length is known.
	strings    []string
	actions    []Action
	principals []Principal
	conditions []Condition
}

// checkEncoding looks at the text as a whole, before its structure.
func (p *parser) checkEncoding() error {
	switch {
	case strings.HasPrefix(p.text, "\ufeff"):
		return p.failAt(0, "the text begins with a byte order mark")
	case strings.HasPrefix(p.text, "%7B") || strings.HasPrefix(p.text, "%7b"):
		return p.failAt(0, "the text is URL-encoded, as the IAM API returns documents: decode it with url.QueryUnescape")
	case utf8.ValidString(p.text):
		return nil
	}
	for i, r := range p.text {
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(p.text[i:]); size == 1 {
				return p.failAt(i, "invalid UTF-8")
			}
		}
	}
	return nil
}

func (p *parser) document() (Document, error) {
	d := Document{source: p.source}
	if p.peek() != '{' {
		return d, p.fail("want a policy document in braces, got %s", p.found())
	}
	var seen elements
	err := p.object("the document", func(key string, at int) error {
		switch key {
		case "Version":
			version, err := p.str(key)
			d.Version = Version(version)
			return seen.add(p, key, 0, at, err)
		case "Id":
			id, err := p.str(key)
			d.ID = id
			return seen.add(p, key, 1, at, err)
		case "Statement":
			if err := seen.add(p, key, 2, at, nil); err != nil {
				return err
			}
			statements, err := p.statements()
			d.Statements = statements
			return err
		}
		return p.unknown(at, key, "the document", "Version", "Id", "Statement")
	})
	if err != nil {
		return d, err
	}
	p.space()
	if p.pos < len(p.text) {
		return d, p.fail("want the end of the text after the document, got %s", p.found())
	}
	return d, nil
}

func (p *parser) statements() ([]Statement, error) {
	switch p.peek() {
	case '{':
		s, err := p.statement()
		return []Statement{s}, err
	case '[':
	default:
		return nil, p.fail("Statement: want a statement or a list of statements, got %s", p.found())
	}
	// Most documents have a handful of statements; each is large.
	list := make([]Statement, 0, 8)
	err := p.list(func() error {
		if p.peek() != '{' {
			return p.fail("Statement: want a statement in braces, got %s", p.found())
		}
		s, err := p.statement()
		if len(list) == cap(list) {
			// Doubling bounds what is thrown away by what is kept.
			list = slices.Grow(list, len(list))
		}
		list = append(list, s)
		return err
	})
	return list, err
}

func (p *parser) statement() (Statement, error) {
	s := Statement{source: p.source, offset: p.pos}
	var seen elements
	err := p.object("a statement", func(key string, at int) (err error) {
		bit := slices.Index(statementElements[:], key)
		if bit < 0 {
			return p.unknown(at, key, "a statement", statementElements[:]...)
		}
		if err := seen.add(p, key, bit, at, nil); err != nil {
			return err
		}
		switch key {
		case "Sid":
			s.ID, err = p.str(key)
		case "Effect":
			var effect string
			effect, err = p.str(key)
			s.Effect = Effect(effect)
		case "Principal":
			s.Principals, err = p.principal(key)
		case "NotPrincipal":
			s.NotPrincipals, err = p.principal(key)
		case "Action":
			s.Actions, err = p.actionList(key)
		case "NotAction":
			s.NotActions, err = p.actionList(key)
		case "Resource":
			s.Resources, err = p.stringList(key)
		case "NotResource":
			s.NotResources, err = p.stringList(key)
		case "Condition":
			s.Conditions, err = p.condition()
		}
		return err
	})
	return s, err
}

var statementElements = [...]string{"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"}

// elements is the set of the elements that an object had so far.
type elements uint16

func (e *elements) add(p *parser, key string, bit, at int, err error) error {
	if err != nil {
		return err
	}
	if *e&(1<<bit) != 0 {
		return p.failAt(at, "%s stands twice", key)
	}
	*e |= 1 << bit
	return nil
}

func (p *parser) principal(element string) ([]Principal, error) {
	switch p.peek() {
	case '"':
		at := p.pos
		value, err := p.str(element)
		if err == nil && value != "*" {
			err = p.failAt(at, `%s: want "*" or an object such as {"AWS": %s}, got the text %s`, element, quote(value), quote(value))
		}
		return []Principal{Everyone()}, err
	case '{':
	default:
		return nil, p.fail(`%s: want "*" or an object, got %s`, element, p.found())
	}
	p.principals = p.principals[:0]
	var seen elements
	err := p.object(element, func(key string, at int) error {
		bit := slices.Index(principalKinds[:], PrincipalKind(key))
		if bit < 0 {
			return p.unknown(at, key, element, "AWS", "CanonicalUser", "Federated", "Service")
		}
		if err := seen.add(p, key, bit, at, nil); err != nil {
			return err
		}
		before := len(p.principals)
		err := p.values(element, func() error {
			if c := p.peek(); c >= '0' && c <= '9' {
				return p.fail("%s: want text, got a number: an account id needs quotes, or its leading zeros are lost", element)
			}
			value, err := p.str(element)
			p.principals = append(p.principals, Principal{PrincipalKind(key), value})
			return err
		})
		if err == nil && len(p.principals) == before {
			err = p.failAt(at, "%s: %s has an empty list", element, key)
		}
		return err
	})
	return clone(p.principals), err
}

func (p *parser) actionList(element string) ([]Action, error) {
	p.actions = p.actions[:0]
	err := p.values(element, func() error {
		value, err := p.str(element)
		p.actions = append(p.actions, Action(value))
		return err
	})
	return clone(p.actions), err
}

func (p *parser) stringList(element string) ([]string, error) {
	p.strings = p.strings[:0]
	err := p.values(element, func() error {
		value, err := p.str(element)
		p.strings = append(p.strings, value)
		return err
	})
	return clone(p.strings), err
}

func (p *parser) condition() ([]Condition, error) {
	if p.peek() != '{' {
		return nil, p.fail("Condition: want an object, got %s", p.found())
	}
	p.conditions = p.conditions[:0]
	var operators names
	err := p.object("Condition", func(operator string, at int) error {
		if !operators.add(operator) {
			return p.failAt(at, "Condition: the operator %s stands twice", quote(operator))
		}
		if p.peek() != '{' {
			return p.fail("Condition: want an object of condition keys after the operator %s, got %s", quote(operator), p.found())
		}
		before := len(p.conditions)
		var keys names
		err := p.object("Condition", func(key string, at int) error {
			switch {
			case key == "":
				return p.failAt(at, "Condition: the operator %s has an empty condition key", quote(operator))
			case !keys.add(key):
				return p.failAt(at, "Condition: the key %s stands twice under the operator %s", quote(key), quote(operator))
			}
			values, err := p.conditionValues()
			p.conditions = append(p.conditions, Condition{Operator(operator), key, values})
			return err
		})
		if len(p.conditions) == before {
			p.conditions = append(p.conditions, Condition{Operator: Operator(operator)})
		}
		return err
	})
	return clone(p.conditions), err
}

func (p *parser) conditionValues() ([]string, error) {
	p.strings = p.strings[:0]
	err := p.values("Condition", func() error {
		value, err := p.scalar()
		p.strings = append(p.strings, value)
		return err
	})
	return clone(p.strings), err
}

// values reads one value, or a list of values.
func (p *parser) values(element string, value func() error) error {
	switch p.peek() {
	case '[':
		return p.list(value)
	case '{':
		return p.fail("%s: want text or a list, got an object", element)
	}
	return value()
}

func (p *parser) unknown(at int, key, where string, known ...string) error {
	for _, k := range known {
		if strings.EqualFold(k, key) || strings.EqualFold(k+"s", key) {
			return p.failAt(at, "unknown element %s in %s: did you mean %s?", quote(key), where, k)
		}
	}
	return p.failAt(at, "unknown element %s in %s: want one of %s", quote(key), where, strings.Join(known, ", "))
}

func (p *parser) fail(format string, args ...any) error {
	return p.failAt(p.pos, format, args...)
}

func (p *parser) failAt(offset int, format string, args ...any) error {
	line, column := p.source.at(min(offset, len(p.text)))
	return &ParseError{p.source.file, line, column, fmt.Sprintf(format, args...)}
}
