package iam

import (
	"slices"
	"strings"
)

// absent begins an element that stands for a whole list. A list with text of a
// document that begins so is written as a whole itself, so that nothing can be
// taken for what it is not.
const absent = "\x00"

// sorted sorts a list in place and drops repetitions.
func sorted(list []string) []string {
	if !slices.IsSorted(list) {
		slices.Sort(list)
	}
	return slices.Compact(list)
}

// normalize brings statements into normal form.
func normalize(statements []Statement) []row {
	n := normalizer{}
	entries, size := 0, 0
	for _, s := range statements {
		entries += len(s.Actions) + len(s.NotActions) + len(s.Resources) + len(s.NotResources)
		for _, a := range s.Actions {
			size += len(a)
		}
		for _, a := range s.NotActions {
			size += len(a)
		}
	}
	n.strings = make([]string, 0, entries)
	lower := make([]byte, 0, size)
	for _, s := range statements {
		for _, a := range s.Actions {
			lower = append(lower, a...)
		}
		for _, a := range s.NotActions {
			lower = append(lower, a...)
		}
	}
	for i, c := range lower {
		lower[i] = lowerCase(c)
	}
	n.lower = string(lower)

	rows := make([]row, len(statements))
	for i, s := range statements {
		rows[i].head = head(s)
		rows[i].sets = [3][]string{
			elementsOf(dimPrincipals, principalNames(s.Principals), principalNames(s.NotPrincipals)),
			elementsOf(dimActions, n.actions(s.Actions), n.actions(s.NotActions)),
			elementsOf(dimResources, n.resources(s.Resources), n.resources(s.NotResources)),
		}
	}
	return rows
}

// A normalizer has the memory of all lists of a document in one piece.
type normalizer struct {
	strings []string
	lower   string // the actions that are still to come, in lower case
}

// list returns an empty list with room for size elements, and no more.
func (n *normalizer) list(size int) []string {
	at := len(n.strings)
	n.strings = n.strings[:at+size]
	return n.strings[at : at : at+size]
}

func (n *normalizer) actions(list []Action) []string {
	if list == nil {
		return nil
	}
	out := n.list(len(list))
	for _, a := range list {
		out = append(out, n.lower[:len(a)])
		n.lower = n.lower[len(a):]
	}
	return out
}

func (n *normalizer) resources(list []string) []string {
	if list == nil {
		return nil
	}
	return append(n.list(len(list)), list...)
}

func principalNames(list []Principal) []string {
	if list == nil {
		return nil
	}
	out := make([]string, len(list))
	for i, p := range list {
		value := p.Value
		if account, ok := p.account(); ok {
			// The ARN of a root in a partition that is not the policy's own is
			// no principal that AWS would take, so that the partition decides
			// nothing.
			value = string(account)
		}
		out[i] = string(p.Kind) + " " + value
	}
	return out
}

// elementsOf returns the elements of a list and of its negation, of which one
// should be nil. The negation is one element, and so is a list of resources
// with variables: where AWS cannot resolve one, that may void the whole
// statement, so that such a list must not be taken apart.
func elementsOf(dim int, list, not []string) []string {
	if list == nil && not == nil {
		return absentSet
	}
	whole := dim == dimResources && slices.ContainsFunc(list, hasVariable) || slices.ContainsFunc(list, looksAbsent)
	if whole {
		list = sorted(list)
	} else {
		list = reduce(dim, list)
	}
	if not == nil && !whole && len(list) > 0 {
		return list
	}
	text := []byte(absent)
	if list != nil {
		text = appendSet(append(text, '+'), list)
	}
	if not != nil {
		text = appendSet(append(text, '-'), sorted(not))
	}
	return []string{string(text)}
}

var absentSet = []string{absent}

// looksAbsent reports whether text from a document could be taken for one that
// stands for a whole list.
func looksAbsent(text string) bool { return strings.HasPrefix(text, absent) }

// head returns the effect and the conditions of a statement as one text.
func head(s Statement) string {
	if len(s.Conditions) == 0 && !looksAbsent(string(s.Effect)) {
		return string(s.Effect)
	}
	// All lines stand in one text, which is cut up once it is complete.
	text := make([]byte, 0, 256)
	ends := make([]int, 0, 8)
	for _, c := range s.Conditions {
		if c.Key == "" {
			continue // holds always
		}
		operator := c.Operator
		if base := operator.Base(); base.twin() != base {
			operator = operator.rebuild(base.twin())
		}
		text = appendField(text, string(operator))
		text = appendField(text, conditionKey(c.Key))
		values := c.Values
		if len(values) > 1 {
			values = sorted(slices.Clone(values))
		}
		text = appendSet(text, values)
		ends = append(ends, len(text))
	}
	if len(ends) == 0 && !looksAbsent(string(s.Effect)) {
		return string(s.Effect)
	}
	whole, from := string(text), 0
	lines := make([]string, len(ends))
	for i, end := range ends {
		lines[i], from = whole[from:end], end
	}
	out := appendField(append(text[:0], absent...), string(s.Effect))
	return string(appendSet(out, sorted(lines)))
}

// twin returns the operator that AWS documents to do the same.
func (o Operator) twin() Operator {
	switch o {
	case "ArnEquals":
		return "ArnLike"
	case "ArnNotEquals":
		return "ArnNotLike"
	}
	return o
}

// conditionKey returns a key in lower case, tag keys included, which AWS
// compares without regard to case too. The key of an OpenID Connect issuer,
// which has a host name before any slash or colon, keeps its case.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
func conditionKey(key string) string {
	end := strings.IndexAny(key, ":/")
	if end >= 0 && strings.Contains(key[:end], ".") {
		return key
	}
	return asciiLower(key)
}
