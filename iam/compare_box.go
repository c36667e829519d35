package iam

import (
	"fmt"
	"slices"
	"strings"
)

// A compareBox is a statement as a product of sets: of principals, actions,
// resources, and for each condition key of what the key may be.
type compareBox struct {
	side       int // 0 for the first documents, 1 for the second
	document   int
	statement  int
	id         string
	index      int         // among all statements
	ordinal    int         // among those of its side
	names      []authTruth // whether it names each caller, plus 1; 0 where it was not asked
	text       string      // the same for statements that are written alike, in whatever order
	spelled    []Action
	effect     Effect
	actions    compareList
	resources  compareList
	principals []Principal
	except     []Principal // NotPrincipal
	tests      map[string][]*compareTest
}

// name says where the statement stands, for reasons and differences.
func (b *compareBox) name() string {
	name := fmt.Sprintf("statement %d", b.statement+1)
	if b.id != "" {
		name += " " + quote(b.id)
	}
	return name
}

// A compareList is the actions or the resources of a statement. Where policy
// variables are in the way, what the list matches lies between two sets.
type compareList struct {
	any       bool // the statement does not say
	text      string
	outer     compareSet // all that it may match
	inner     compareSet // what it matches for certain
	variables []string   // the patterns with variables, sorted
	never     bool       // inner is empty unless the other list has the same text
}

// sure returns the set that the list matches for certain in requests that are
// in the lists of x.
func (l compareList) sure(x []compareList) compareSet {
	if l.variables == nil {
		return l.inner
	}
	for _, other := range x {
		if other.text == l.text {
			return compareSet{not: true} // everything that is in x
		}
		// Where one variable is not known, AWS may void the whole statement.
		// That it is known follows from the other statement, if that needs it.
		if !l.never && !slices.ContainsFunc(l.variables, func(v string) bool { return !slices.Contains(other.variables, v) }) {
			return l.inner
		}
	}
	return compareSet{}
}

// list compiles the patterns of an element and of its negation.
func (c *comparer) list(list, not []string, syntax compareSyntax, version Version) compareList {
	negated := not != nil
	if negated {
		list = not
	}
	if version == Version2012 && syntax&compareResource != 0 {
		syntax |= compareVariables
	}
	var l compareList
	var outer, inner []*compareGlob
	for _, text := range list {
		g := c.glob(text, syntax)
		if g.variable {
			l.variables = append(l.variables, text)
			if !negated {
				outer = append(outer, g)
				inner = append(inner, g)
			}
			continue
		}
		outer = append(outer, g)
		inner = append(inner, g)
	}
	l.outer, l.inner = newCompareSet(outer, negated), newCompareSet(inner, negated)
	if l.variables != nil {
		l.inner.wild = slices.DeleteFunc(slices.Clone(l.inner.wild), func(g *compareGlob) bool { return g.variable })
		l.variables = sorted(l.variables)
		l.never = negated
		texts := appendSet([]byte{byte(syntax)}, sorted(slices.Clone(list)))
		l.text = fmt.Sprint(negated) + string(texts)
	}
	return l
}

type compareGlobKey struct {
	text   string
	syntax compareSyntax
}

// glob returns a pattern, the same for the same text.
func (c *comparer) glob(text string, syntax compareSyntax) *compareGlob {
	if !strings.ContainsAny(text, "*?") {
		syntax &^= compareWild
	}
	if !hasVariable(text) {
		syntax &^= compareVariables
	}
	key := compareGlobKey{text, syntax}
	g := c.globs[key]
	if g == nil {
		g = compareCompile(text, syntax)
		c.globs[key] = g
	}
	return g
}

// compile takes the statements of documents apart.
func (c *comparer) compile(side int, documents []Document) []*compareBox {
	var boxes []*compareBox
	for i, d := range documents {
		for k, s := range d.Statements {
			b := &compareBox{
				side: side, document: i, statement: k, id: s.ID, effect: s.Effect, spelled: s.Actions,
				index: c.count, ordinal: len(boxes),
			}
			c.count++
			b.text = string(d.Version) + string(appendRows(nil, normalize([]Statement{s})))
			c.statement(b, d, s)
			boxes = append(boxes, b)
		}
	}
	return boxes
}

// statement compiles one statement.
func (c *comparer) statement(b *compareBox, d Document, s Statement) {
	lower := func(actions []Action) []string {
		if actions == nil {
			return nil
		}
		list := make([]string, len(actions))
		for i, a := range actions {
			list[i] = compareBytes(asciiLower(string(a)))
		}
		// What AWS answers whatever policies say makes the worst example.
		slices.SortStableFunc(list, func(a, b string) int { return compareRank(a) - compareRank(b) })
		return list
	}
	b.actions = c.list(lower(s.Actions), lower(s.NotActions), compareWild, d.Version)
	if s.Resources == nil && s.NotResources == nil {
		b.resources.any = true
	} else {
		b.resources = c.list(compareResourceTexts(s, s.Resources), compareResourceTexts(s, s.NotResources), compareWild|compareResource, d.Version)
		if b.resources.variables != nil {
			c.doubt("the resource %s has policy variables", quote(b.resources.variables[0]))
		}
	}
	b.principals, b.except = s.Principals, s.NotPrincipals
	for _, condition := range s.Conditions {
		if condition.Key == "" {
			continue
		}
		t := newCompareTest(c, condition, d.Version)
		if b.tests == nil {
			b.tests = map[string][]*compareTest{}
		}
		b.tests[t.key] = append(b.tests[t.key], t)
	}
}

func compareRank(action string) int {
	switch action {
	case "sts:getcalleridentity", "sts:getsessiontoken":
		return 1
	}
	return 0
}

// compareResourceTexts returns resources of a statement as they are compared.
func compareResourceTexts(s Statement, list []string) []string {
	if !s.namesPrincipal() {
		list = compareWhole(list)
	}
	if list == nil {
		return nil
	}
	out := make([]string, len(list))
	for i, r := range list {
		out[i] = compareBytes(r)
	}
	return out
}

// compareBytes returns text with one byte for each character, of which a policy
// may have those up to U+00FF. Others become one that no policy has.
func compareBytes(text string) string {
	ascii := true
	for i := range len(text) {
		ascii = ascii && text[i] < 0x80
	}
	if ascii {
		return text
	}
	var b []byte
	for _, r := range text {
		if r > 0xFF {
			r = 0x7F
		}
		b = append(b, byte(r))
	}
	return string(b)
}

// compareText is the reverse of compareBytes.
func compareText(bytes string) string {
	var b strings.Builder
	for i := range len(bytes) {
		b.WriteRune(rune(bytes[i]))
	}
	return b.String()
}

// compareForeign reports whether a document holds characters that no policy may.
func compareForeign(d Document) bool {
	return strings.ContainsFunc(d.String(), func(r rune) bool { return r > 0xFF || r == 0x7F })
}
