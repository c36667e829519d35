package iam

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// A compareTest is a condition as a set of the values that its key may have,
// the missing value among them.
type compareTest struct {
	condition Condition
	key       string // in normal form
	text      string // the same for conditions that are written alike
	family    family
	negated   bool
	ifExists  bool
	each      compareQuantifier
	holds     func(value string) bool // whether a value matches one of the test's, negated or not
	sets      compareConj             // for text: the values that match, or that do not where negated
	variable  bool                    // what a value of the test is, a request decides
	opaque    string                  // why no set of values says what the test means; empty where one does
}

type compareQuantifier uint8

const (
	compareSingle compareQuantifier = 1 << iota
	compareAnyOf
	compareAllOf
)

// newCompareTest compiles a condition.
func newCompareTest(c *comparer, condition Condition, version Version) *compareTest {
	base := condition.Operator.Base()
	name := string(base)
	t := &compareTest{
		condition: condition, key: conditionKey(condition.Key), family: base.family(),
		negated: strings.Contains(name, "Not"), ifExists: condition.Operator.IsIfExists(), each: compareSingle,
	}
	switch {
	case condition.Operator.IsForAnyValue():
		t.each = compareAnyOf
	case condition.Operator.IsForAllValues():
		t.each = compareAllOf
	}
	operator := condition.Operator
	if base.twin() != base {
		operator = operator.rebuild(base.twin())
	}
	text := appendField(appendField([]byte(version), string(operator)), t.key)
	t.text = string(appendSet(text, sorted(slices.Clone(condition.Values))))
	order := base.order()
	switch t.family {
	case familyString, familyARN:
		t.patterns(c, base, version)
	case familyNumeric:
		if slices.ContainsFunc(condition.Values, compareLong) {
			t.opaque = fmt.Sprintf("a number of more than %d digits", compareDigits)
		}
		numbers := compareParse(condition.Values, parseAuthNumber)
		t.holds = compareHolds(parseAuthNumber, numbers, func(a, b authNumber) bool { return order.holds(a.compare(b)) })
	case familyDate:
		dates := compareParse(condition.Values, authDate)
		t.holds = compareHolds(authDate, dates, func(a, b time.Time) bool { return order.holds(a.Compare(b)) })
	case familyIP:
		ranges := compareParse(condition.Values, authRange)
		t.holds = func(value string) bool {
			a, err := netip.ParseAddr(value)
			return err == nil && slices.ContainsFunc(ranges, func(r netip.Prefix) bool { return r.Contains(a.Unmap()) })
		}
	case familyBinary:
		t.holds = func(value string) bool { return slices.Contains(condition.Values, value) && familyBinary.takes(value) }
	case familyBool:
		t.holds = func(value string) bool {
			return slices.ContainsFunc(condition.Values, func(v string) bool { return familyBool.takes(v) && strings.EqualFold(v, value) })
		}
	}
	return t
}

func compareParse[T any](values []string, parse func(string) (T, bool)) []T {
	var list []T
	for _, v := range values {
		if x, ok := parse(v); ok {
			list = append(list, x)
		}
	}
	return list
}

func compareHolds[T any](parse func(string) (T, bool), list []T, match func(a, b T) bool) func(string) bool {
	return func(value string) bool {
		x, ok := parse(value)
		return ok && slices.ContainsFunc(list, func(y T) bool { return match(x, y) })
	}
}

// patterns compiles the values of a test of text.
func (t *compareTest) patterns(c *comparer, base Operator, version Version) {
	var syntax compareSyntax
	if version == Version2012 {
		syntax |= compareVariables
	}
	switch {
	case t.family == familyARN:
		syntax |= compareWild | compareParts
	case strings.HasSuffix(string(base), "Like"):
		syntax |= compareWild
	case strings.HasSuffix(string(base), "IgnoreCase"):
		syntax |= compareFold
	}
	var globs []*compareGlob
	for _, v := range t.condition.Values {
		v := compareBytes(v)
		if syntax&compareFold != 0 && strings.ContainsFunc(v, func(r rune) bool { return r >= 0x80 }) {
			t.variable, t.opaque = true, "letters whose other case is not known"
		}
		if t.family == familyARN {
			// A request has ARNs, of six parts, and nothing else matches.
			first, rest, _ := strings.Cut(v, ":")
			switch {
			case v == "*":
				v = "arn:*:*:*:*:*"
			case strings.Contains(first, "$"):
				t.variable, t.opaque = true, compareVariable
			case strings.Count(v, ":") < 5 && !hasVariable(v), !glob(first, "arn"):
				continue
			default:
				v = "arn:" + rest
			}
		}
		g := c.glob(v, syntax)
		if g.variable {
			t.variable, t.opaque = true, compareVariable
		}
		globs = append(globs, g)
	}
	set := newCompareSet(globs, t.negated)
	t.sets = compareConj{set}
	t.holds = func(value string) bool { return set.has(compareBytes(value)) != t.negated }
}

const compareVariable = "a policy variable"

// missing reports whether the test holds where the request lacks the key.
func (t *compareTest) missing() bool {
	switch {
	case len(t.condition.Values) == 0:
		return false
	case t.family == familyNull:
		return t.null("true")
	case t.each == compareAllOf:
		return true
	case t.each == compareAnyOf:
		return false
	}
	return t.negated || t.ifExists
}

// null reports whether a Null test has the word.
func (t *compareTest) null(word string) bool {
	return slices.ContainsFunc(t.condition.Values, func(v string) bool { return strings.EqualFold(v, word) })
}

// has reports whether the test holds for some values of the key.
func (t *compareTest) has(values ...string) bool {
	switch {
	case len(t.condition.Values) == 0:
		return false
	case (t.family == familyNull || t.each != compareSingle) && strings.Join(values, "") == "":
		return t.missing()
	case t.family == familyNull:
		return t.null("false")
	case t.each == compareAllOf:
		return !slices.ContainsFunc(values, func(v string) bool { return t.holds(v) == t.negated })
	case t.each == compareAnyOf:
		return slices.ContainsFunc(values, func(v string) bool { return t.holds(v) != t.negated })
	}
	return slices.ContainsFunc(values, t.holds) != t.negated
}

// A compareKey is what all statements together ask of a condition key.
type compareKeyUse struct {
	tests  []*compareTest
	family family // of the values; empty where the tests differ in it
	each   compareQuantifier
	text   bool     // the values are text: String and Arn operators
	only   []string // all values that come into question, where they can be counted
	mixed  bool     // the tests differ in type, and in nothing else that keeps them from being compared
}

// keys collects the condition keys. Tests of one key that cannot be compared
// with each other become opaque.
func (c *comparer) collectKeys() {
	c.keys = map[string]*compareKeyUse{}
	for _, boxes := range c.boxes {
		for _, b := range boxes {
			for key, tests := range b.tests {
				use := c.keys[key]
				if use == nil {
					use = &compareKeyUse{}
					c.keys[key] = use
				}
				for _, t := range tests {
					use.tests = append(use.tests, t)
					if t.opaque != "" {
						c.doubt("%s is compared with %s", plain(t.condition.Key), t.opaque)
					}
				}
			}
		}
	}
	for key, use := range c.keys {
		families := map[family]bool{}
		for _, t := range use.tests {
			f := t.family
			if f == familyNull {
				continue
			}
			if f == familyARN {
				f = familyString
			}
			use.each |= t.each
			use.family = f
			families[f] = true
		}
		mixed := len(families) > 1
		use.text = use.family == familyString && !mixed
		if mixed || use.each&compareSingle != 0 && use.each != compareSingle {
			why := "operators with and without ForAnyValue or ForAllValues"
			if mixed {
				why = "operators of several types"
			}
			c.doubt("%s is compared by %s", plain(key), why)
			use.family = ""
			use.mixed = mixed && use.each == compareSingle
			for _, t := range use.tests {
				if t.family != familyNull {
					t.opaque = cmp.Or(t.opaque, why)
				}
			}
		}
	}
}

// compareAlways are the keys that every request of a principal with policies of
// its own has.
var compareAlways = map[string]bool{
	"aws:principalarn": true, "aws:principalaccount": true, "aws:principaltype": true, "aws:principalisawsservice": true,
	"aws:resourceaccount": true,
}

// A compareValue is what a request has of a key.
type compareValue struct {
	values []string // nil where the key is missing
	in     compareBits
}

// keyCells finds values of a key that all tests of x hold for, one for each
// combination of the ys that matters.
func (c *comparer) keyCells(key string, x []*compareTest, ys [][]*compareTest) []compareValue {
	use := c.keys[key]
	if values := c.finite(use, x); values != nil {
		// The types do not matter where the values can be counted.
		c = &comparer{named: c.named, keys: c.keys, fixed: c.fixed, guessing: true}
		use = &compareKeyUse{each: compareSingle, only: values}
	}
	// A test that is opaque holds where the same test is known to hold, and may
	// or may not hold otherwise: it is left out of x, and fails in a y.
	var known []*compareTest
	alike := map[string]bool{}
	for _, t := range x {
		alike[t.text] = true
		if t.opaque == "" || c.guessing {
			known = append(known, t)
		}
	}
	lost := newCompareBits(len(ys))
	tests := make([][]*compareTest, len(ys))
	for i, y := range ys {
		for _, t := range y {
			switch {
			case alike[t.text]:
			case t.opaque != "" && !c.guessing:
				lost.set(i)
			default:
				tests[i] = append(tests[i], t)
			}
		}
	}
	var cells []compareValue
	add := func(values []string, in compareBits) {
		for i := range in {
			in[i] &^= lost[i]
		}
		if slices.ContainsFunc(cells, func(v compareValue) bool { return v.in.within(in) }) {
			return
		}
		cells = slices.DeleteFunc(cells, func(v compareValue) bool { return in.within(v.in) })
		cells = append(cells, compareValue{values, in})
	}
	try := func(values []string, holds func(t *compareTest) bool) {
		for _, t := range known {
			if !holds(t) {
				return
			}
		}
		in := newCompareBits(len(ys))
		for i, list := range tests {
			if !slices.ContainsFunc(list, func(t *compareTest) bool { return !holds(t) }) {
				in.set(i)
			}
		}
		add(values, in)
	}
	if fixed, ok := c.fixed[key]; ok {
		try([]string{fixed}, func(t *compareTest) bool { return t.has(fixed) })
		return cells
	}
	if !(compareAlways[key] && !c.named) {
		try(nil, (*compareTest).missing)
	}
	if use.text { // which some tests take for a value, and some for none
		try([]string{""}, func(t *compareTest) bool { return t.has("") })
	}
	switch {
	case use.each&^compareSingle != 0 && use.family != "":
		for _, values := range c.sets(use, known, tests) {
			try(values, func(t *compareTest) bool { return t.has(values...) })
		}
	case use.text:
		c.textCells(known, tests, add)
	default:
		values := use.only
		if values == nil {
			values = use.candidates()
		}
		for _, v := range values {
			try([]string{v}, func(t *compareTest) bool { return t.has(v) })
		}
	}
	return cells
}

// finite returns the values that a test of x leaves of a key whose tests are of
// several types.
func (c *comparer) finite(use *compareKeyUse, x []*compareTest) []string {
	if !use.mixed || slices.ContainsFunc(use.tests, func(t *compareTest) bool { return t.variable }) {
		return nil
	}
	for _, t := range x {
		if t.condition.Operator.Base() == "StringEquals" && len(t.condition.Values) > 0 {
			return t.condition.Values
		}
	}
	return nil
}

// textCells finds values of a key that is compared as text.
func (c *comparer) textCells(x []*compareTest, ys [][]*compareTest, add func([]string, compareBits)) {
	var conj compareConj
	for _, t := range x {
		if len(t.condition.Values) == 0 || t.family == familyNull && !t.null("false") {
			return
		}
		conj = append(conj, t.sets...)
	}
	fails := newCompareBits(len(ys))
	conjs := make([]compareConj, len(ys))
	for i, y := range ys {
		for _, t := range y {
			if len(t.condition.Values) == 0 || t.family == familyNull && !t.null("false") {
				fails.set(i)
			}
			conjs[i] = append(conjs[i], t.sets...)
		}
		if fails.has(i) {
			conjs[i] = compareConj{{}}
		}
	}
	f := compareFinder{budget: &c.budget, example: func(pattern string) string {
		if pattern == "*" {
			return "another"
		}
		return compareFill(pattern)
	}}
	f.find(conj, conjs, compareAnyText)
	for _, cell := range f.cells {
		add([]string{compareText(cell.value)}, cell.in)
	}
}

var compareAnyText = compareCompile("*", compareWild)

// compareSetCells bounds the kinds of values of which sets are formed.
const compareSetCells = 10

// sets returns the sets of values that the tests of a key with several values
// tell apart.
func (c *comparer) sets(use *compareKeyUse, x []*compareTest, ys [][]*compareTest) [][]string {
	var all []*compareTest
	for _, list := range append([][]*compareTest{x}, ys...) {
		for _, t := range list {
			if t.family != familyNull && len(t.condition.Values) > 0 && !slices.Contains(all, t) {
				all = append(all, t)
			}
		}
	}
	var singles []string
	if use.text {
		conjs := make([]compareConj, len(all))
		for i, t := range all {
			conjs[i] = t.sets
		}
		f := compareFinder{budget: &c.budget, every: true}
		f.find(nil, conjs, compareAnyText)
		for _, cell := range f.cells {
			singles = append(singles, compareText(cell.value))
		}
	} else {
		seen := map[string]bool{}
		for _, v := range use.candidates() {
			in := newCompareBits(len(all))
			for i, t := range all {
				if t.holds(v) != t.negated {
					in.set(i)
				}
			}
			if key := in.key(); !seen[key] {
				seen[key] = true
				singles = append(singles, v)
			}
		}
	}
	if len(singles) > compareSetCells {
		c.limit("the sets of values that %s may have are too many to compare", plain(use.tests[0].condition.Key))
		singles = singles[:compareSetCells]
	}
	var list [][]string
	for bits := 1; bits < 1<<len(singles); bits++ {
		var values []string
		for i, v := range singles {
			if bits&(1<<i) != 0 {
				values = append(values, v)
			}
		}
		list = append(list, values)
	}
	slices.SortStableFunc(list, func(a, b []string) int { return len(a) - len(b) })
	return list
}
