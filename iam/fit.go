package iam

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A Placeholder is text in a document that stands for other text of at most so
// many characters: the name of a sample cluster for that of any cluster.
type Placeholder struct {
	Name string // what it is, for messages: "cluster name"
	Text string // what stands in the documents: "demo"
	Max  int    // how long what comes in its place may be: 100 characters
}

// FitOptions are the options of [Fit]. The zero value fits an identity policy
// into managed policies, of which a role may have 10.
type FitOptions struct {
	// Kind is the kind of the documents; zero means IdentityPolicy.
	Kind Kind
	// Limit is the quota, one of [SizeLimits]; zero means the first of the kind.
	Limit SizeLimit
	// Policies is how many documents the result may have. Zero means 10 for
	// managed policies, the default quota of a role, and 1 for all others.
	// Where the quota counts all policies together, there is always one.
	Policies int
	// Placeholders stand wherever their text does in a resource, a principal or a
	// condition. The size is taken with each as long as it may get. Where two
	// could stand in one place, the longer text does.
	Placeholders []Placeholder
	// Catalog permits wildcards in place of actions, where they stand for nothing
	// that the catalog has beside them. They are used only if the documents do
	// not fit otherwise, or fit into fewer policies. AWS may add actions that
	// they match. Nil permits none.
	Catalog Catalog
}

// A Fitted is the answer of [Fit].
type Fitted struct {
	Documents []Document `json:"documents"`
	Sizes     []int      `json:"sizes"`     // of the documents, in the characters or bytes of the quota, at worst
	Before    int        `json:"before"`    // of all documents that were given, at worst
	Wildcards bool       `json:"wildcards"` // the documents are equal to the given ones by the catalog, and not by text
}

// A FitError says that documents do not fit, and what would help.
type FitError struct {
	Limit    SizeLimit
	Policies int // that there may be
	Needed   int // that would hold the documents; 0 if no number would
	Size     int // of all that has to stand in one policy, or of the documents together, at worst
	Over     int // by how much this is too large
	// Changes are what would make the documents fit, each by itself, the smallest
	// first: every one was tried. It is empty where none was found.
	Changes []string
}

func (e *FitError) Error() string {
	unit := "characters"
	if e.Limit.Count == CountBytes {
		unit = "bytes"
	}
	text := fmt.Sprintf("fit policies: %d %s at worst, %d more than %s", e.Size, unit, e.Over, e.room())
	for i, c := range e.Changes {
		if i == 0 {
			text += ": it would fit "
		} else {
			text += ", or "
		}
		text += c
	}
	return text
}

func (e *FitError) room() string {
	if e.Policies > 1 {
		return fmt.Sprintf("%d of %s hold, %d each", e.Policies, e.Limit.What, e.Limit.Max)
	}
	return fmt.Sprintf("the %d of %s", e.Limit.Max, e.Limit.What)
}

// Fit returns documents that together allow what the given ones do and keep to
// a quota, whatever comes in place of the placeholders: it merges statements,
// drops what others in a list cover, puts wildcards in place of actions where
// that is permitted and needed, and shares statements out over as few policies
// as it finds. Statements that are merged keep a Sid that all of them have.
//
// [Compare] has answered that the result is equal before it is returned. If
// the documents do not fit, the error is a [FitError].
func Fit(documents []Document, o FitOptions) (Fitted, error) {
	f, err := newFitter(documents, o)
	if err != nil {
		return Fitted{}, fmt.Errorf("fit policies: %w", err)
	}
	packed, wild := f.best()
	if packed == nil || len(packed) > f.policies {
		return Fitted{}, f.explain(packed)
	}
	out := Fitted{Documents: packed, Wildcards: wild}
	for _, d := range packed {
		out.Sizes = append(out.Sizes, f.size(d))
	}
	for _, d := range documents {
		out.Before += f.size(d)
	}
	options := CompareOptions{Kind: f.kind}
	if wild {
		options.Catalog = o.Catalog
	}
	c, err := Compare(documents, packed, options)
	switch {
	case err != nil:
		return Fitted{}, fmt.Errorf("fit policies: %w", err)
	case c.Relation == RelationUndecided:
		return Fitted{}, fmt.Errorf("fit policies: that the result is equal cannot be shown: %s", c.Undecided)
	case c.Relation != RelationEqual:
		return Fitted{}, fmt.Errorf("fit policies: the result is not equal: %s", c.Relation)
	}
	return out, nil
}

// A fitter fits documents into a quota.
type fitter struct {
	kind         Kind
	limit        SizeLimit
	policies     int
	placeholders []Placeholder
	catalog      Catalog
	version      Version
	id           string // of the one document that was given
	merged       []Statement
	wild         []Statement // with wildcards; nil without a catalog
	c            *comparer   // has the patterns
}

func newFitter(documents []Document, o FitOptions) (*fitter, error) {
	f := &fitter{kind: cmp.Or(o.Kind, IdentityPolicy), limit: o.Limit, policies: o.Policies, catalog: o.Catalog}
	limits := SizeLimits()
	if f.limit == (SizeLimit{}) {
		i := slices.IndexFunc(limits, func(l SizeLimit) bool { return l.Kind == f.kind })
		if i < 0 {
			return nil, fmt.Errorf("kind of policy %d: not a valid value", f.kind)
		}
		f.limit = limits[i]
	}
	if f.limit.Max <= 0 {
		return nil, fmt.Errorf("limit of %d: want at least 1", f.limit.Max)
	}
	switch {
	case f.policies < 0:
		return nil, fmt.Errorf("%d policies: want at least 1", f.policies)
	case f.limit.Aggregate:
		f.policies = 1
	case f.policies == 0 && f.limit == limits[0]:
		f.policies = 10
	case f.policies == 0:
		f.policies = 1
	}
	for _, p := range o.Placeholders {
		if p.Text == "" {
			return nil, fmt.Errorf("placeholder %s: it has no text", quote(p.Name))
		}
		if n := f.length(p.Text); n > p.Max {
			return nil, fmt.Errorf("placeholder %s: %s has %d characters, and may have %d", quote(p.Name), quote(p.Text), n, p.Max)
		}
	}
	f.placeholders = slices.Clone(o.Placeholders)
	slices.SortStableFunc(f.placeholders, func(a, b Placeholder) int { return len(b.Text) - len(a.Text) })
	if len(documents) == 0 {
		return nil, errors.New("no documents")
	}
	c, err := newComparer(documents, nil, CompareOptions{Kind: f.kind})
	if err != nil {
		return nil, err
	}
	f.c = c
	f.version = documents[0].Version
	if len(documents) == 1 {
		f.id = documents[0].ID
	}
	var statements []Statement
	for _, d := range documents {
		if version := cmp.Or(d.Version, Version2008); version != cmp.Or(f.version, Version2008) {
			return nil, fmt.Errorf("documents of the versions %s and %s", cmp.Or(f.version, Version2008), version)
		}
		statements = append(statements, d.Statements...)
	}
	if len(statements) == 0 {
		return nil, errors.New("no statements")
	}
	f.merged = f.merge(statements)
	if f.catalog != nil {
		for _, s := range f.merged {
			f.wild = append(f.wild, f.wildcards(s))
		}
		f.wild = f.merge(f.wild)
	}
	return f, nil
}

// best packs the statements without wildcards, and with them if that takes
// fewer policies. It is nil where no number of policies is enough.
func (f *fitter) best() (packed []Document, wild bool) {
	packed = f.pack(f.merged)
	if f.wild == nil || len(packed) == 1 {
		return packed, false
	}
	if other := f.pack(f.wild); other != nil && (packed == nil || len(other) < len(packed)) {
		return other, true
	}
	return packed, false
}

// size returns the size of a document with every placeholder as long as it
// may get.
func (f *fitter) size(d Document) int {
	size := f.limit.Count.Of(MeasureText(d.String()))
	for _, s := range d.Statements {
		size += f.extra(s)
	}
	return size
}

// extra returns by how much placeholders may lengthen a statement. What printing
// drops because it stands twice counts once.
func (f *fitter) extra(s Statement) int {
	if len(f.placeholders) == 0 {
		return 0
	}
	extra := 0
	list := func(values []string) {
		for _, v := range sorted(slices.Clone(values)) {
			extra += f.longer(v)
		}
	}
	list(s.Resources)
	list(s.NotResources)
	for _, principals := range [][]Principal{s.Principals, s.NotPrincipals} {
		var values []string
		for _, p := range principals {
			values = append(values, p.Value)
		}
		list(values)
	}
	for _, c := range s.Conditions {
		list(c.Values)
		extra += f.longer(c.Key)
	}
	return extra
}

// longer returns by how much the placeholders in a text may lengthen it.
func (f *fitter) longer(text string) int {
	extra := 0
next:
	for text != "" {
		for _, p := range f.placeholders {
			if rest, ok := strings.CutPrefix(text, p.Text); ok {
				extra += p.Max - f.length(p.Text)
				text = rest
				continue next
			}
		}
		text = text[1:]
	}
	return extra
}

func (f *fitter) length(text string) int { return f.limit.Count.Of(MeasureText(text)) }

// explain says by how much the documents do not fit, and what would help. What
// was packed is nil where no number of policies is enough.
func (f *fitter) explain(packed []Document) error {
	e := &FitError{Limit: f.limit, Policies: f.policies, Needed: len(packed)}
	statements := f.merged
	if f.wild != nil {
		statements = f.wild
	}
	whole := Document{Version: f.version, ID: f.id, Statements: statements}
	e.Size = f.size(whole)
	e.Over = e.Size - f.limit.Max
	if packed != nil && f.policies > 1 {
		e.Size = 0
		for _, d := range packed {
			e.Size += f.size(d)
		}
		e.Over = e.Size - f.policies*f.limit.Max
		if e.Over <= 0 {
			// They would fit, were there no gaps: what the last policies hold is over.
			e.Over = 0
			for _, d := range packed[f.policies:] {
				e.Over += f.size(d)
			}
		}
	} else if packed == nil && f.policies > 1 {
		e.Policies = 1 // more do not help
		for _, piece := range f.pieces(statements, f.limit.Max) {
			if n := f.size(Document{Version: f.version, Statements: []Statement{piece}}); n > f.limit.Max {
				e.Size, e.Over = n, n-f.limit.Max
				break
			}
		}
	}
	e.Changes = f.changes(packed)
	return e
}

// changes tries what would make the documents fit.
func (f *fitter) changes(packed []Document) []string {
	var list []string
	fits := func(other *fitter) bool {
		packed, _ := other.best()
		return packed != nil && len(packed) <= other.policies
	}
	for i, p := range f.placeholders {
		other := *f
		shortest := f.length(p.Text)
		try := func(length int) bool {
			other.placeholders = slices.Clone(f.placeholders)
			other.placeholders[i].Max = length
			return fits(&other)
		}
		if p.Max == shortest || !try(shortest) {
			continue
		}
		low, high := shortest, p.Max // the first fits, the second does not
		for high-low > 1 {
			if middle := (low + high) / 2; try(middle) {
				low = middle
			} else {
				high = middle
			}
		}
		list = append(list, fmt.Sprintf("with a %s of at most %d characters instead of %d", cmp.Or(p.Name, quote(p.Text)), low, p.Max))
	}
	if packed != nil && !f.limit.Aggregate {
		list = append(list, fmt.Sprintf("into %d policies instead of %d", len(packed), f.policies))
	}
	limits := SizeLimits()
	slices.SortStableFunc(limits, func(a, b SizeLimit) int { return a.Max - b.Max })
	for _, l := range limits {
		if l.Kind != f.kind || l.Max <= f.limit.Max || l.Count != f.limit.Count {
			continue
		}
		other := *f
		other.limit = l
		if l.Aggregate {
			other.policies = 1
		}
		if fits(&other) {
			list = append(list, fmt.Sprintf("in the %d of %s", l.Max, l.What))
		}
	}
	return list
}
