package iam

import (
	"iter"
	"maps"
	"slices"
	"strings"
)

// guess looks for a request with values in place of the variables, which are
// the same in both sides.
func (c *comparer) guess(regions func(*comparer) iter.Seq[compareRegion], confirm func(Request) bool) *Request {
	if c.guessing || len(c.doubts) == 0 {
		return nil
	}
	for _, fixed := range c.assignments() {
		g := &comparer{
			kind: c.kind, named: c.named, catalog: c.catalog, judges: c.judges, max: c.max, expanded: c.expanded,
			guessing: true, fixed: fixed,
			documents: [2][]Document{compareFix(c.documents[0], fixed), compareFix(c.documents[1], fixed)},
		}
		g.prepare()
		if request, _ := g.look(regions(g), confirm); request != nil {
			return request
		}
	}
	return nil
}

// compareWords bounds the values that are tried for variables.
const compareWords = 16

// assignments returns values for the variables: a word that stands nowhere,
// what conditions compare them with, and the words that stand in resources.
func (c *comparer) assignments() []map[string]string {
	keys := compareVariableKeys(c.documents[0], c.documents[1])
	if len(keys) == 0 {
		return []map[string]string{nil}
	}
	var list []map[string]string
	assign := func(word string) map[string]string {
		values := map[string]string{}
		for _, key := range keys {
			values[key] = word
		}
		list = append(list, values)
		return values
	}
	assign("demo")
	own := assign("demo")
	for _, key := range keys {
		use := c.keys[key]
		if use == nil {
			continue
		}
		for _, t := range use.tests {
			for _, v := range t.condition.Values {
				if t.family == familyString && !t.negated && !strings.ContainsAny(v, "*?$") {
					own[key] = v
				}
			}
		}
	}
	words := map[string]bool{}
	for _, documents := range c.documents {
		for _, d := range documents {
			compareMap(d, func(text string) string {
				for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ':' || r == '/' }) {
					if !strings.ContainsAny(word, "*?${}") {
						words[word] = true
					}
				}
				return text
			})
		}
	}
	for i, word := range slices.Sorted(maps.Keys(words)) {
		if i < compareWords {
			assign(word)
		}
	}
	return list
}

// compareVariableKeys returns the keys of all policy variables.
func compareVariableKeys(lists ...[]Document) []string {
	keys := map[string]bool{}
	for _, documents := range lists {
		for _, d := range documents {
			if d.Version != Version2012 {
				continue
			}
			compareMap(d, func(text string) string {
				if hasVariable(text) {
					t, _ := ParseTemplate(text)
					for _, key := range t.Keys() {
						keys[conditionKey(key)] = true
					}
				}
				return text
			})
		}
	}
	return slices.Sorted(maps.Keys(keys))
}

// compareFix returns documents with values in place of variables.
func compareFix(documents []Document, values map[string]string) []Document {
	out := make([]Document, len(documents))
	for i, d := range documents {
		out[i] = d
		if d.Version != Version2012 {
			continue
		}
		out[i] = compareMap(d, func(text string) string {
			if !hasVariable(text) {
				return text
			}
			t, err := ParseTemplate(text)
			if err != nil {
				return text
			}
			for k, s := range t {
				if s.Key != "" {
					t[k] = Segment{Text: Literal(values[conditionKey(s.Key)])}
				}
			}
			return t.String()
		})
	}
	return out
}

// compareMap returns the document with other texts where variables may stand.
func compareMap(d Document, f func(string) string) Document {
	list := func(values []string) []string {
		if values == nil {
			return nil
		}
		out := make([]string, len(values))
		for i, v := range values {
			out[i] = f(v)
		}
		return out
	}
	d.Statements = slices.Clone(d.Statements)
	for i := range d.Statements {
		s := &d.Statements[i]
		s.Resources, s.NotResources = list(s.Resources), list(s.NotResources)
		s.Conditions = slices.Clone(s.Conditions)
		for k := range s.Conditions {
			switch s.Conditions[k].Operator.Base().family() {
			case familyString, familyARN:
				s.Conditions[k].Values = list(s.Conditions[k].Values)
			}
		}
	}
	return d
}
