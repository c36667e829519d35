package iam

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"strings"
)

// A compareGlob is a pattern over texts, taken apart so that several patterns
// can be followed at once.
type compareGlob struct {
	text     string // as it stands in the document, in lower case for actions
	elements []compareElement
	plain    bool // glob says what the text matches
	literal  bool // it has no wildcard, and exactly matches its text
	exact    string
	variable bool // it has policy variables, which the elements have as *
	top      int  // from here on everything matches; beyond the end if nowhere
	words    int  // of 64 positions each
	drops    []int
}

// A compareElement is a part of a pattern that one character matches, or many.
type compareElement struct {
	kind  compareElementKind
	lower byte // for compareByte: the character in both cases, or twice the same
	upper byte
}

type compareElementKind uint8

const (
	compareByte     compareElementKind = iota
	compareOne                         // any character
	compareOnePart                     // any but a colon
	compareMany                        // any characters
	compareManyPart                    // any but colons
)

func (e compareElement) takes(c byte) bool {
	switch e.kind {
	case compareByte:
		return c == e.lower || c == e.upper
	case compareOnePart, compareManyPart:
		return c != ':'
	}
	return true
}

func (e compareElement) repeats() bool { return e.kind >= compareMany }

// A compareSyntax says how a text is read as a pattern.
type compareSyntax uint8

const (
	compareWild      compareSyntax = 1 << iota // * and ? are wildcards
	compareVariables                           // ${…} is a variable or an escape
	compareFold                                // case does not matter
	compareParts                               // an ARN of a condition: wildcards in the first five parts match no colon
	compareResource                            // of a resource: but for a * that ends one of these parts
)

// compareCompile takes a pattern apart.
func compareCompile(text string, syntax compareSyntax) *compareGlob {
	g := &compareGlob{text: text, plain: syntax&compareWild != 0 && syntax&compareFold == 0}
	template := Template{{Text: text}}
	if syntax&compareVariables != 0 && hasVariable(text) {
		g.plain = false
		parsed, err := ParseTemplate(text)
		if err != nil {
			// What AWS makes of it is not known: anything, as of a variable.
			before, _, _ := strings.Cut(text, "${")
			parsed = Template{{Text: before}, {Key: "?"}}
		}
		template = parsed
	}
	colons := 0
	for n, s := range template {
		switch {
		case s.Key != "":
			g.variable = true
			g.add(compareElement{kind: compareMany})
		case s.Escape != 0:
			g.add(compareElement{compareByte, s.Escape, s.Escape})
		}
		for i := range len(s.Text) {
			c := s.Text[i]
			inPart := syntax&(compareParts|compareResource) != 0 && colons < 5
			if inPart && c == '*' && syntax&compareResource != 0 {
				rest := s.Text[i+1:]
				inPart = !(strings.HasPrefix(rest, ":") || rest == "" && n == len(template)-1)
			}
			switch {
			case c == '*' && syntax&compareWild != 0 && inPart:
				g.add(compareElement{kind: compareManyPart})
			case c == '*' && syntax&compareWild != 0:
				g.add(compareElement{kind: compareMany})
			case c == '?' && syntax&compareWild != 0 && inPart:
				g.add(compareElement{kind: compareOnePart})
			case c == '?' && syntax&compareWild != 0:
				g.add(compareElement{kind: compareOne})
			case syntax&compareFold != 0 && lowerCase(c) >= 'a' && lowerCase(c) <= 'z':
				g.add(compareElement{compareByte, lowerCase(c), lowerCase(c) - 'a' + 'A'})
			default:
				g.add(compareElement{compareByte, c, c})
			}
			if c == ':' {
				colons++
			}
		}
	}
	g.prepare()
	return g
}

// add appends an element. Two * in a row are one.
func (g *compareGlob) add(e compareElement) {
	if n := len(g.elements); n > 0 && e.repeats() && g.elements[n-1].repeats() {
		g.elements[n-1].kind = min(g.elements[n-1].kind, e.kind)
		return
	}
	g.elements = append(g.elements, e)
}

func (g *compareGlob) prepare() {
	n := len(g.elements)
	g.words = n/64 + 1
	g.top = n + 1
	if n > 0 && g.elements[n-1].kind == compareMany {
		g.top = n - 1
	}
	g.literal = true
	exact := make([]byte, 0, n)
	// Where a * is reached, the positions before it add nothing: whatever
	// leads from one of them to the end leads there from the * too. With a *
	// that stops at colons this holds for what no colon separates from it.
	g.drops = make([]int, n)
	for i, e := range g.elements {
		exact = append(exact, e.lower)
		if e.kind != compareByte || e.lower != e.upper {
			g.literal = false
		}
		g.drops[i] = i
		g.plain = g.plain && e.kind != compareOnePart && e.kind != compareManyPart
		switch e.kind {
		case compareMany:
			g.drops[i] = 0
		case compareManyPart:
			for k := i; k > 0 && !g.elements[k-1].takes(':'); k-- {
				g.drops[i] = k - 1
			}
		}
	}
	if g.literal {
		g.exact = string(exact)
	}
}

// matches reports whether the pattern matches a text.
func (g *compareGlob) matches(text string) bool {
	switch {
	case g.literal:
		return g.exact == text
	case g.plain:
		return glob(g.text, text)
	case g.top == 0:
		return true
	}
	from, to := make([]uint64, g.words), make([]uint64, g.words)
	g.start(from)
	for i := range len(text) {
		if !g.step(from, to, text[i]) {
			return false
		}
		from, to = to, from
	}
	return g.accepts(from)
}

// start sets the positions at which a text begins.
func (g *compareGlob) start(set []uint64) {
	clear(set)
	set[0] = 1
	g.close(set)
}

// step moves all positions over one character, and reports whether any is left.
func (g *compareGlob) step(from, to []uint64, c byte) bool {
	clear(to)
	alive := false
	for w, word := range from {
		for word != 0 {
			bit := word & -word
			p := w*64 + bits.TrailingZeros64(bit)
			word ^= bit
			if p >= len(g.elements) || !g.elements[p].takes(c) {
				continue
			}
			if !g.elements[p].repeats() {
				p++
			}
			to[p/64] |= 1 << (p % 64)
			alive = true
		}
	}
	if alive {
		g.close(to)
	}
	return alive
}

// close adds the positions behind each * and drops those that add nothing.
func (g *compareGlob) close(set []uint64) {
	for p := range g.elements {
		if !g.elements[p].repeats() || set[p/64]&(1<<(p%64)) == 0 {
			continue
		}
		set[(p+1)/64] |= 1 << ((p + 1) % 64)
		for k := g.drops[p]; k < p; k++ {
			set[k/64] &^= 1 << (k % 64)
		}
	}
}

func (g *compareGlob) accepts(set []uint64) bool {
	n := len(g.elements)
	return set[n/64]&(1<<(n%64)) != 0
}

// universal reports whether everything matches from these positions on.
func (g *compareGlob) universal(set []uint64) bool {
	return g.top <= len(g.elements) && set[g.top/64]&(1<<(g.top%64)) != 0
}

// A compareRelation says how the texts of a pattern lie to those of another.
type compareRelation uint8

const (
	compareDisjoint compareRelation = iota + 1
	comparePartly                   // or it is not known
	compareInside                   // all texts of the first match the second
)

// relation compares two patterns without following them. It errs on the side
// of comparePartly.
func (g *compareGlob) relation(wider *compareGlob) compareRelation {
	switch {
	case g == wider && !g.variable, wider.top == 0:
		return compareInside
	case g.literal:
		if wider.matches(g.exact) {
			return compareInside
		}
		return compareDisjoint
	}
	a, b := g.elements, wider.elements
	for i := 0; i < len(a) && i < len(b) && !a[i].repeats() && !b[i].repeats(); i++ {
		if a[i].kind == compareByte && b[i].kind == compareByte && !b[i].takes(a[i].lower) && !b[i].takes(a[i].upper) {
			return compareDisjoint
		}
	}
	for i, j := len(a)-1, len(b)-1; i >= 0 && j >= 0 && !a[i].repeats() && !b[j].repeats(); i, j = i-1, j-1 {
		if a[i].kind == compareByte && b[j].kind == compareByte && !b[j].takes(a[i].lower) && !b[j].takes(a[i].upper) {
			return compareDisjoint
		}
	}
	if !compareOverlaps(a, b) {
		return compareDisjoint
	}
	if compareCovers(a, b) {
		return compareInside
	}
	return comparePartly
}

// compareOverlaps is overlaps for patterns that were taken apart. It may find
// a text where there is none, because it lets every * run past colons.
func compareOverlaps(a, b []compareElement) bool {
	both := make([]bool, len(b)+1)
	both[0] = true
	for j := 0; j < len(b) && b[j].repeats(); j++ {
		both[j+1] = true
	}
	for i := range a {
		before := both[0]
		both[0] = both[0] && a[i].repeats()
		for j := range b {
			above := both[j+1]
			if a[i].repeats() || b[j].repeats() {
				both[j+1] = above || both[j]
			} else {
				both[j+1] = before && (a[i].kind != compareByte && a[i].takes(b[j].lower) || b[j].takes(a[i].lower) || b[j].takes(a[i].upper))
			}
			before = above
		}
	}
	return both[len(b)]
}

// compareCovers is within for patterns that were taken apart.
func compareCovers(a, wider []compareElement) bool {
	w, p, star, mark := 0, 0, -1, 0
	for p < len(a) {
		switch {
		case w < len(wider) && wider[w].kind == compareMany:
			star, mark = w, p
			w++
		case w < len(wider) && wider[w].includes(a[p]):
			w++
			p++
		case star >= 0:
			mark++
			w, p = star+1, mark
		default:
			return false
		}
	}
	return w == len(wider) || w == len(wider)-1 && wider[w].repeats()
}

// includes reports whether an element that is no compareMany takes all that
// another one does.
func (e compareElement) includes(other compareElement) bool {
	switch e.kind {
	case compareByte:
		return other.kind == compareByte && e.takes(other.lower) && e.takes(other.upper)
	case compareOne:
		return !other.repeats()
	case compareOnePart:
		return other.kind == compareOnePart || other.kind == compareByte && other.lower != ':'
	}
	return other == e
}

// A compareSet is a set of texts: those that a pattern matches, or those that
// none does.
type compareSet struct {
	globs []*compareGlob
	not   bool
	exact map[string]bool // the literal ones, where there are many
	wild  []*compareGlob  // the others
}

func newCompareSet(globs []*compareGlob, not bool) compareSet {
	s := compareSet{globs: globs, not: not}
	for _, g := range globs {
		if !g.literal || g.variable {
			s.wild = append(s.wild, g)
			continue
		}
		if s.exact == nil {
			s.exact = make(map[string]bool, len(globs))
		}
		s.exact[g.exact] = true
	}
	return s
}

func (s compareSet) has(text string) bool {
	if s.exact[text] {
		return !s.not
	}
	for _, g := range s.wild {
		if g.matches(text) {
			return !s.not
		}
	}
	return s.not
}

// A compareConj is the intersection of sets; an empty one is all texts.
type compareConj []compareSet

func (c compareConj) has(text string) bool {
	for _, s := range c {
		if !s.has(text) {
			return false
		}
	}
	return true
}

// compareBits is a set of small numbers.
type compareBits []uint64

func newCompareBits(n int) compareBits { return make(compareBits, (n+63)/64) }
func (b compareBits) set(i int)        { b[i/64] |= 1 << (i % 64) }
func (b compareBits) has(i int) bool   { return b[i/64]&(1<<(i%64)) != 0 }
func (b compareBits) empty() bool {
	return !slices.ContainsFunc(b, func(w uint64) bool { return w != 0 })
}
func (b compareBits) clone() compareBits { return slices.Clone(b) }
func (b compareBits) key() string        { return string(compareKey(nil, b)) }
func (b compareBits) within(o compareBits) bool {
	for i, w := range b {
		if w&^o[i] != 0 {
			return false
		}
	}
	return true
}

func compareKey(out []byte, words []uint64) []byte {
	for _, w := range words {
		out = binary.LittleEndian.AppendUint64(out, w)
	}
	return out
}
