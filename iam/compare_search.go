package iam

import (
	"maps"
	"slices"
	"strings"
)

// A compareSearch looks for a request that is in all boxes of x and in none of
// ys. It decides one dimension after the other: the action, the principal, the
// resource, the condition keys. In each, only which of the boxes of ys have a
// value matters; and of two values, the one that fewer have is never worse.
type compareSearch struct {
	c       *comparer
	x, ys   []*compareBox
	confirm func(Request) bool
	action  func(string) bool // restricts the actions; nil for all

	keys     []string
	covered  map[string]bool // dimension and boxes, to that nothing is left
	request  Request
	found    *Request
	open     bool
	attempts int
}

// compareAttempts bounds the requests that are put to the judges for a region.
const compareAttempts = 64

const (
	compareDimAction = iota
	compareDimPrincipal
	compareDimResource
	compareDimKeys // and those behind it
)

func (s *compareSearch) run() {
	keys := map[string]bool{}
	for _, list := range [][]*compareBox{s.x, s.ys} {
		for _, b := range list {
			for key := range b.tests {
				keys[key] = true
			}
		}
	}
	s.keys = slices.Sorted(maps.Keys(keys))
	s.covered = map[string]bool{}
	s.request.Context = Context{}
	s.from(compareDimAction, s.ys)
}

// from decides the dimensions from dim on, and returns whether all requests
// are covered by the ys.
func (s *compareSearch) from(dim int, ys []*compareBox) bool {
	if s.found != nil || s.c.budget < 0 || s.attempts > compareAttempts {
		s.open = true
		return false
	}
	if dim == compareDimKeys+len(s.keys) {
		if len(ys) > 0 {
			return true
		}
		s.open = true
		s.attempts++
		if r := s.c.finish(s.request); s.confirm(r) {
			s.found = &r
		}
		return false
	}
	key := s.memo(dim, ys)
	if s.covered[key] {
		return true
	}
	s.c.budget--
	covered := true
	next := func(in compareBits) {
		var rest []*compareBox
		for i, y := range ys {
			if in.has(i) {
				rest = append(rest, y)
			}
		}
		if !s.from(dim+1, rest) {
			covered = false
		}
	}
	switch dim {
	case compareDimAction:
		for _, cell := range s.c.actionCells(s.x, ys, s.action) {
			s.request.Action = Action(cell.value)
			next(cell.in)
		}
	case compareDimPrincipal:
		for _, cell := range s.c.principalCells(s.x, ys) {
			s.request.Principal = cell.value
			next(cell.in)
		}
	case compareDimResource:
		for _, cell := range s.c.resourceCells(s.x, ys, s.request.Action) {
			s.request.Resource = cell.value
			next(cell.in)
		}
	default:
		s.key(s.keys[dim-compareDimKeys], ys, next)
	}
	if covered && s.c.budget >= 0 {
		s.covered[key] = true
	}
	return covered
}

func (s *compareSearch) memo(dim int, ys []*compareBox) string {
	key := make([]byte, 0, 2+len(ys))
	key = append(key, byte(dim), byte(dim>>8))
	for _, y := range ys {
		n := y.index
		key = append(key, byte(n), byte(n>>8), byte(n>>16))
	}
	return string(key)
}

// key decides a condition key.
func (s *compareSearch) key(key string, ys []*compareBox, next func(compareBits)) {
	var x []*compareTest
	for _, b := range s.x {
		x = append(x, b.tests[key]...)
	}
	tests := make([][]*compareTest, len(ys))
	asked := len(x) > 0
	for i, y := range ys {
		tests[i] = y.tests[key]
		asked = asked || len(tests[i]) > 0
	}
	_, fixed := s.c.fixed[key]
	if !asked && !fixed {
		all := newCompareBits(len(ys))
		for i := range ys {
			all.set(i)
		}
		next(all)
		return
	}
	name := s.c.keys[key].tests[0].condition.Key
	for _, cell := range s.c.keyCells(key, x, tests) {
		delete(s.request.Context, name)
		if cell.values != nil {
			s.request.Context[name] = cell.values
		}
		next(cell.in)
		delete(s.request.Context, name)
	}
}

// The form of an action, and of an ARN.
var (
	compareActionForm = func() *compareGlob {
		g := &compareGlob{elements: []compareElement{
			{kind: compareOnePart}, {kind: compareManyPart}, {compareByte, ':', ':'}, {kind: compareOnePart}, {kind: compareManyPart},
		}}
		g.prepare()
		return g
	}()
	compareARNForm = func() *compareGlob {
		g := compareCompile("arn:?*:?*:*:*:?*", compareWild|compareParts)
		return g
	}()
)

// actionCells finds actions.
func (c *comparer) actionCells(x, ys []*compareBox, only func(string) bool) []compareCell {
	var conj compareConj
	for _, b := range x {
		conj = append(conj, b.actions.outer)
	}
	conjs := make([]compareConj, len(ys))
	for i, y := range ys {
		conjs[i] = compareConj{y.actions.inner}
	}
	f := compareFinder{budget: &c.budget}
	if c.catalog == nil {
		f.example = func(pattern string) string { return strings.NewReplacer("*", "x", "?", "x").Replace(pattern) }
		f.find(conj, conjs, compareActionForm)
		for i := range f.cells {
			f.cells[i].value = compareSpelled(f.cells[i].value, x)
		}
		return f.cells
	}
	for _, name := range c.actionsIn(conj) {
		if f.done {
			break
		}
		f.literal(asciiLower(string(name)), conj, conjs)
	}
	for i := range f.cells {
		if name, _, ok := c.catalog.Action(Action(f.cells[i].value)); ok {
			f.cells[i].value = string(name)
		}
	}
	return f.cells
}

// actionsIn returns the actions of the catalog that the sets may have.
func (c *comparer) actionsIn(conj compareConj) []Action {
	best := -1
	for i, s := range conj {
		if !s.not && (best < 0 || len(s.wild) < len(conj[best].wild)) {
			best = i
		}
	}
	if best < 0 {
		return c.expand("*")
	}
	var list []Action
	for _, g := range conj[best].globs {
		list = append(list, c.expand(g.text)...)
	}
	return list
}

func (c *comparer) expand(pattern string) []Action {
	if c.expanded == nil {
		c.expanded = map[string][]Action{}
	}
	list, ok := c.expanded[pattern]
	if !ok {
		if Action(pattern).isPattern() {
			list = c.catalog.Expand(Action(pattern))
		} else if name, _, known := c.catalog.Action(Action(pattern)); known {
			list = []Action{name}
		}
		c.expanded[pattern] = list
	}
	return list
}

// compareSpelled returns an action as the statements write it, as far as they
// do.
func compareSpelled(lower string, x []*compareBox) string {
	best := ""
	for _, b := range x {
		for _, text := range b.spelled {
			prefix := string(text)
			if i := strings.IndexAny(prefix, "*?"); i >= 0 {
				prefix = prefix[:i]
			}
			if len(prefix) > len(best) && strings.HasPrefix(lower, asciiLower(prefix)) {
				best = prefix
			}
		}
	}
	return compareText(best + lower[len(best):])
}

// resourceCells finds resources: ARNs, and "*" for actions that have none.
func (c *comparer) resourceCells(x, ys []*compareBox, action Action) []compareCell {
	var lists []compareList
	var conj compareConj
	for _, b := range x {
		if !b.resources.any {
			lists = append(lists, b.resources)
			conj = append(conj, b.resources.outer)
		}
	}
	conjs := make([]compareConj, len(ys))
	for i, y := range ys {
		if y.resources.any {
			continue
		}
		conjs[i] = compareConj{y.resources.sure(lists)}
	}
	f := compareFinder{budget: &c.budget, example: func(pattern string) string {
		if pattern == "*" {
			return c.resourceOf(action)
		}
		return compareFill(pattern)
	}}
	if conj == nil && !slices.ContainsFunc(ys, func(y *compareBox) bool { return !y.resources.any }) {
		// A trust policy stands for its role.
		f.literal("arn:aws:iam::111122223333:role/demo", conj, conjs)
	} else {
		f.find(conj, conjs, compareARNForm)
		if !f.done {
			f.literal("*", conj, conjs)
		}
	}
	for i := range f.cells {
		f.cells[i].value = compareText(f.cells[i].value)
	}
	return f.cells
}

// resourceOf returns a resource as the action may have it.
func (c *comparer) resourceOf(action Action) string {
	if c.catalog != nil {
		for _, t := range c.catalog.ResourceTypes(action) {
			for _, pattern := range t.Patterns() {
				return compareFill(pattern)
			}
		}
		return "*"
	}
	service := action.Service()
	if service == "s3" {
		return "arn:aws:s3:::demo/demo"
	}
	region := "us-east-1"
	if regionless[service] {
		region = ""
	}
	return "arn:aws:" + service + ":" + region + ":111122223333:demo/demo"
}

// compareFill returns a pattern with words in place of its wildcards.
func compareFill(pattern string) string {
	parts := strings.SplitN(pattern, ":", 6)
	if len(parts) == 6 && parts[0] == "arn" {
		for i, word := range [...]string{1: "aws", 3: "us-east-1", 4: "111122223333"} {
			if parts[i] == "*" {
				parts[i] = word
			}
		}
		pattern = strings.Join(parts, ":")
	}
	return strings.NewReplacer("*", "demo", "?", "x").Replace(pattern)
}
