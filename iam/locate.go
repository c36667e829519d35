package iam

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/groundway-sdk/groundway"
)

// A locator finds the places of parts of documents. It walks through the text
// of a statement once, however many places are asked for, so that a document
// full of mistakes takes time in proportion to its length.
type locator struct {
	lines map[*source][]int // where lines begin
	trees map[treeKey]*node
}

type treeKey struct {
	source *source
	offset int
}

// A node is a value in a text.
type node struct {
	offset   int
	children map[string]*node // by key or index; nil for text, numbers and words
}

func newLocator() *locator {
	return &locator{lines: map[*source][]int{}, trees: map[treeKey]*node{}}
}

// place returns where a part of a document stands: line:column, with the file
// in front where it has a name, or a JSON pointer where the document was not
// read from a text. The steps lead from the statement to the part; index is -1
// for the document itself. Where the value at the place is no longer the one
// that was read, because the statement was changed since, it is the place of the
// statement. An empty value is not compared.
func (l *locator) place(d Document, index int, value string, steps ...string) string {
	from, offset := d.source, 0
	if index >= 0 {
		from, offset = d.Statements[index].source, d.Statements[index].offset
	}
	switch {
	case from == nil && index < 0:
		return groundway.Pointer(steps...)
	case from == nil:
		return groundway.Pointer(append([]string{"Statement", strconv.Itoa(index)}, steps...)...)
	case index < 0 && len(steps) == 0:
		return l.position(from, 0)
	}
	key := treeKey{from, offset}
	tree := l.trees[key]
	if tree == nil {
		p := parser{text: from.text, pos: offset, source: from}
		depth := -1
		if index < 0 {
			depth = 1 // the statements have trees of their own
		}
		tree = p.tree(depth)
		l.trees[key] = tree
	}
	n := tree
	for _, step := range steps {
		child := n.children[step]
		if child == nil && n.children == nil && step == "0" {
			continue // one value that stands for a list
		}
		if child == nil {
			return l.position(from, tree.offset)
		}
		n = child
	}
	if value != "" {
		p := parser{text: from.text, pos: n.offset, source: from}
		if got, err := p.scalar(); err != nil || got != value {
			n = tree
		}
	}
	return l.position(from, n.offset)
}

// position writes a place in a text.
func (l *locator) position(s *source, offset int) string {
	begins := l.lines[s]
	if begins == nil {
		begins = []int{0}
		for i := range len(s.text) {
			if s.text[i] == '\n' {
				begins = append(begins, i+1)
			}
		}
		l.lines[s] = begins
	}
	line, exact := slices.BinarySearch(begins, offset)
	if exact {
		line++
	}
	column := offset - begins[line-1] + 1
	if s.file == "" {
		return fmt.Sprintf("%d:%d", line, column)
	}
	return fmt.Sprintf("%s:%d:%d", s.file, line, column)
}

// tree returns the value at pos with all that is in it, down to depth levels;
// a negative depth has no end. The text was parsed before: it is valid, and
// nests no deeper than the grammar.
func (p *parser) tree(depth int) *node {
	p.space()
	n := &node{offset: p.pos}
	open := p.peek()
	if depth == 0 || open != '{' && open != '[' {
		p.skip()
		return n
	}
	n.children = map[string]*node{}
	p.pos++
	for i := 0; p.peek() != '}' && p.peek() != ']'; i++ {
		key := strconv.Itoa(i)
		if open == '{' {
			key, _ = p.quoted()
			p.peek()
			p.pos++ // the colon
		}
		n.children[key] = p.tree(depth - 1)
		if p.peek() == ',' {
			p.pos++
		}
	}
	p.pos++
	return n
}

// skip moves behind the value at pos.
func (p *parser) skip() {
	depth := 0
	for {
		switch p.peek() {
		case '{', '[':
			depth++
			p.pos++
		case '}', ']':
			depth--
			p.pos++
		case ',', ':':
			p.pos++
		default:
			p.pos = tokenEnd(p.text, p.pos)
		}
		if depth == 0 {
			return
		}
	}
}
