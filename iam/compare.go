package iam

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"
)

// A Relation says how what one set of policies allows lies to what another one
// does. The zero value is invalid.
type Relation uint8

const (
	_ Relation = iota
	// RelationEqual means that both allow the same requests.
	RelationEqual
	// RelationWithin means that the second allows all that the first does, and more.
	RelationWithin
	// RelationContains means that the first allows all that the second does, and more.
	RelationContains
	// RelationOverlapping means that each allows something that the other does
	// not, and both allow something.
	RelationOverlapping
	// RelationDisjoint means that nothing is allowed by both.
	RelationDisjoint
	// RelationUndecided means that it could not be decided: see Comparison.Undecided.
	RelationUndecided
)

var relationNames = [...]string{"invalid", "equal", "within", "contains", "overlapping", "disjoint", "undecided"}

// String returns the word that UnmarshalText reads, or "invalid".
func (r Relation) String() string { return wordOf(relationNames[:], uint8(r)) }

// MarshalText returns the word of String; an invalid relation is an error.
func (r Relation) MarshalText() ([]byte, error) {
	return marshalWord("relation", relationNames[:], uint8(r))
}

// UnmarshalText accepts the words that MarshalText writes.
func (r *Relation) UnmarshalText(text []byte) error {
	n, err := parseWord("relation", relationNames[:], text)
	*r = Relation(n)
	return err
}

// CompareOptions are the options of [Compare], [Covers], [Diff] and [Missing]. The
// zero value compares documents of any kind by text.
type CompareOptions struct {
	// Kind is the kind of all documents: an error says what such a policy may not
	// hold. Zero takes statements with principals as those of a policy of a
	// resource and others as those of one of an identity, which speak of
	// everybody. Requests differ by their principal where a statement names one.
	Kind Kind
	// Catalog restricts requests to actions that exist: "s3:Get*" and the list
	// of the actions that begin so are equal then. Nil compares by text, so that
	// they are not: AWS may add one tomorrow.
	Catalog Catalog
	// MaxStates bounds the work, in states of the automata that follow the
	// patterns and in combinations of statements that are looked at; zero means
	// 65,536. Beyond it the answer is RelationUndecided. A state takes up to a few
	// hundred bytes and microseconds, more where the statements have hundreds of
	// long patterns.
	MaxStates int
}

// A Comparison is the answer of [Compare]. The zero value is invalid.
type Comparison struct {
	Relation Relation
	// First is a request that the first documents allow and the second do not,
	// Second one the other way round, and Both one that both allow. Each was put
	// to an [Authorizer]. They are nil where there is none, where the relation
	// does not depend on it, and where it was not found.
	First, Second, Both *Request
	// Undecided says why the relation is RelationUndecided, and is empty else.
	Undecided string
}

// Witness returns a request that exactly one of the two allows: First, or
// Second if there is no First or its principal has a placeholder. It is nil where
// they are equal, and where the relation is undecided.
func (c Comparison) Witness() *Request {
	switch {
	case c.Relation == RelationUndecided:
		return nil
	case c.First == nil, c.Second != nil && AWSPrincipal(c.First.Principal).placeholder():
		return c.Second
	}
	return c.First
}

// MarshalJSON writes {"relation":…,"witness":{request},"undecided":…}, where the
// witness is that of [Comparison.Witness].
func (c Comparison) MarshalJSON() ([]byte, error) {
	var out struct {
		Relation  Relation `json:"relation"`
		Witness   *Request `json:"witness,omitempty"`
		Undecided string   `json:"undecided,omitempty"`
	}
	out.Relation, out.Witness, out.Undecided = c.Relation, c.Witness(), c.Undecided
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(out)
	return bytes.TrimSpace(b.Bytes()), err
}

// Compare decides how what the first documents allow together, their Allow
// statements less their Deny statements, lies to what the second allow.
//
// It is exact over actions, resources and principals, and over conditions where
// all tests of a key are of one type: text and patterns, numbers, times,
// addresses, true and false, binary, and whether the key is missing. Keys are
// taken to be independent of each other, of the principal and of the resource.
// Conditions with policy variables, numbers of more than 100 digits, and keys that
// are compared by operators of several types, are compared by what follows from the
// text of both: a test that stands on both sides is the same. What does not follow
// is undecided.
// That a request is allowed by one and not by the other is never claimed without
// one that an [Authorizer] answered so.
//
// A principal with a placeholder, such as arn:aws:iam::<ACCOUNT-ID>:root, is taken
// for one that nothing else names.
//
// Requests are taken to have an action with one colon, and as resource an ARN
// or "*". A key that is compared with numbers, times, addresses, booleans or
// base64 text has such a value where it has one, and several values only where
// it is compared by ForAnyValue or ForAllValues.
//
// The time is about linear in the statements where their actions are names, and
// may grow exponentially with patterns that are made for it: see
// [CompareOptions].MaxStates. The error says which statement AWS would refuse.
func Compare(first, second []Document, o CompareOptions) (Comparison, error) {
	c, err := newComparer(first, second, o)
	if err != nil {
		return Comparison{}, fmt.Errorf("compare policies: %w", err)
	}
	return c.compare(), nil
}

// Covers decides whether the documents allow all that the requirement does, and
// so answers half of what [Compare] does. The request is one that they do not
// allow; it is nil where they cover the requirement, and where that is undecided,
// for the reason that is not empty then.
func Covers(documents []Document, requirement []Document, o CompareOptions) (missing *Request, undecided string, err error) {
	c, err := newComparer(requirement, documents, o)
	if err != nil {
		return nil, "", fmt.Errorf("compare policies: %w", err)
	}
	a := c.within(0)
	return c.original(a.witness), a.undecided, nil
}

// A comparer compares two sets of documents.
type comparer struct {
	kind         Kind
	named        bool // statements name principals
	catalog      Catalog
	documents    [2][]Document
	judges       [2]compareJudge
	boxes        [2][]*compareBox
	globs        map[compareGlobKey]*compareGlob
	keys         map[string]*compareKeyUse
	expanded     map[string][]Action
	count        int // of statements
	who          []compareCaller
	index        map[compareCaller]int // in who
	alone        []int                 // those of one name
	placeholders []string              // principals that stand-ins stand for
	max          int
	budget       int
	doubts       []string // what makes sets larger or smaller than they may be
	limits       []string // what was cut off
	// guessing means that witnesses are looked for, with values for variables:
	// what is not found then proves nothing.
	guessing bool
	fixed    map[string]string // the values, by key
}

const compareMaxStates = 1 << 16

func newComparer(first, second []Document, o CompareOptions) (*comparer, error) {
	c := &comparer{kind: o.Kind, catalog: o.Catalog, documents: [2][]Document{first, second}, max: o.MaxStates}
	if c.kind != kindInvalid && c.kind.String() == kindNames[kindInvalid] {
		return nil, fmt.Errorf("kind of policy %d: not a valid value", c.kind)
	}
	if c.max <= 0 {
		c.max = compareMaxStates
	}
	for side, documents := range c.documents {
		documents = c.standIns(documents)
		c.documents[side] = documents
		for i, d := range documents {
			if compareForeign(d) {
				return nil, fmt.Errorf("the %s: document %d holds characters that AWS takes in no policy", compareSide(side), i+1)
			}
			c.named = c.named || slices.ContainsFunc(d.Statements, Statement.namesPrincipal)
		}
		judge, err := newCompareJudge(documents, c.kind)
		if err != nil {
			return nil, fmt.Errorf("the %s: %w", compareSide(side), err)
		}
		c.judges[side] = judge
	}
	c.prepare()
	return c, nil
}

func compareSide(side int) string { return [...]string{"first", "second"}[side] }

// prepare compiles the documents.
func (c *comparer) prepare() {
	c.budget = c.max
	c.globs = map[compareGlobKey]*compareGlob{}
	for side, documents := range c.documents {
		c.boxes[side] = c.compile(side, documents)
	}
	c.collectKeys()
}

func (c *comparer) doubt(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(c.doubts, text) {
		c.doubts = append(c.doubts, text)
	}
}

func (c *comparer) limit(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(c.limits, text) {
		c.limits = append(c.limits, text)
	}
}

// compare puts the answers to three questions together.
func (c *comparer) compare() Comparison {
	first, second := c.within(0), c.within(1)
	out := Comparison{First: c.original(first.witness), Second: c.original(second.witness)}
	var both compareAnswer
	switch {
	case first.yes && second.yes:
		out.Relation = RelationEqual
	case first.undecided != "" || second.undecided != "":
		out.Relation = RelationUndecided
		out.Undecided = first.undecided
		if out.Undecided == "" {
			out.Undecided = second.undecided
		}
	case first.yes:
		out.Relation = RelationWithin
	case second.yes:
		out.Relation = RelationContains
	default:
		both = c.meet()
		out.Both = c.original(both.witness)
		switch {
		case both.undecided != "":
			out.Relation, out.Undecided = RelationUndecided, both.undecided
		case both.yes:
			out.Relation = RelationDisjoint
		default:
			out.Relation = RelationOverlapping
		}
	}
	return out
}

// A compareAnswer says that there is no request of some kind, or has one, or
// says why that is not known.
type compareAnswer struct {
	yes       bool
	witness   *Request
	undecided string
}

// A compareRegion is the requests that are in all boxes of x and in none of ys.
type compareRegion struct {
	x, ys []*compareBox
}

func (b *compareBox) deny() bool { return b.effect == EffectDeny }

func compareOf(boxes []*compareBox, deny bool) []*compareBox {
	var list []*compareBox
	for _, b := range boxes {
		if b.deny() == deny {
			list = append(list, b)
		}
	}
	return list
}

// within answers whether the other side allows all that a side does. A request
// that it does not is one that the side allows and no statement of the other
// one does, or that the other one denies.
func (c *comparer) within(side int) compareAnswer {
	return c.ask(func(c *comparer) iter.Seq[compareRegion] { return c.beyond(side, compareOf(c.boxes[side], false)) },
		func(r Request) bool { return c.allows(side, r) && !c.allows(1-side, r) })
}

// beyond yields the regions of what the boxes of a side allow and the other side
// does not. Regions are made one by one, since there may be as many as pairs of
// statements.
func (c *comparer) beyond(side int, boxes []*compareBox) iter.Seq[compareRegion] {
	own, other := c.boxes[side], c.boxes[1-side]
	denies := compareOf(own, true)
	open := slices.Concat(denies, compareOf(other, false))
	texts := func(boxes []*compareBox) map[string]bool {
		all := map[string]bool{}
		for _, b := range boxes {
			all[b.text] = true
		}
		return all
	}
	written, denied := texts(other), texts(denies)
	return func(yield func(compareRegion) bool) {
		for _, a := range boxes {
			// What stands on both sides is allowed by both, but for denials.
			if !written[a.text] && !yield(compareRegion{[]*compareBox{a}, open}) {
				return
			}
		}
		for _, d := range compareOf(other, true) {
			if denied[d.text] {
				continue
			}
			for _, a := range boxes {
				if !yield(compareRegion{[]*compareBox{a, d}, denies}) {
					return
				}
			}
		}
	}
}

// meet answers whether nothing is allowed by both sides.
func (c *comparer) meet() compareAnswer {
	return c.ask(func(c *comparer) iter.Seq[compareRegion] {
		denies := slices.Concat(compareOf(c.boxes[0], true), compareOf(c.boxes[1], true))
		first, second := compareOf(c.boxes[0], false), compareOf(c.boxes[1], false)
		return func(yield func(compareRegion) bool) {
			for _, a := range first {
				for _, b := range second {
					if !yield(compareRegion{[]*compareBox{a, b}, denies}) {
						return
					}
				}
			}
		}
	}, func(r Request) bool { return c.allows(0, r) && c.allows(1, r) })
}

// ask looks for a request in one of the regions that the judges confirm.
func (c *comparer) ask(regions func(*comparer) iter.Seq[compareRegion], confirm func(Request) bool) compareAnswer {
	c.budget, c.limits = c.max, nil
	request, open := c.look(regions(c), confirm)
	if request != nil {
		return compareAnswer{witness: request}
	}
	limits := c.limits
	if !open && limits == nil {
		return compareAnswer{yes: true}
	}
	if request := c.guess(regions, confirm); request != nil {
		return compareAnswer{witness: request}
	}
	if limits == nil {
		limits = c.doubts
	}
	switch {
	case len(limits) == 0:
		limits = []string{"requests that would tell the two apart have keys that depend on each other"}
	case len(limits) > 3:
		limits = append(slices.Clone(limits[:3]), fmt.Sprintf("and %d more reasons", len(limits)-3))
	}
	return compareAnswer{undecided: strings.Join(limits, "; ")}
}

// look searches regions. Open means that there may be a request that was not
// found.
func (c *comparer) look(regions iter.Seq[compareRegion], confirm func(Request) bool) (request *Request, open bool) {
	for r := range regions {
		s := compareSearch{c: c, x: r.x, ys: r.ys, confirm: confirm}
		s.run()
		if s.found != nil {
			return s.found, true
		}
		open = open || s.open
		if c.budget < 0 {
			c.limit("the patterns need more than %d states", c.max)
			return nil, true
		}
	}
	return nil, open
}

func (c *comparer) allows(side int, r Request) bool { return c.judges[side].allows(r) }
