package route53

import (
	"cmp"
	"fmt"
	"slices"
	"unicode/utf8"
)

// An Action is what a change does to a record set.
type Action string

// The actions of route53:ChangeResourceRecordSets.
const (
	Create Action = "CREATE" // refused by AWS where the set exists
	Upsert Action = "UPSERT" // counted twice in the limits of a request
	Delete Action = "DELETE" // refused by AWS where the set differs
)

// A Change is one change of one record set.
type Change struct {
	Action Action
	Set    RecordSet
	// Before is the set that an Upsert replaces; nil where none stands there.
	// Applying stops where another one does.
	Before *RecordSet
}

// elements and characters are what the change takes of the limits of a request.
// An alias has no ResourceRecord elements and is counted as one, to be on the
// safe side.
func (c Change) elements() int { return c.factor() * max(1, len(c.Set.Values)) }

func (c Change) characters() int {
	n := 0
	for _, v := range c.Set.Values {
		n += utf8.RuneCountInString(v)
	}
	return c.factor() * n
}

func (c Change) factor() int {
	if c.Action == Upsert {
		return 2
	}
	return 1
}

// Limits are those of one request, see
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html.
type Limits struct {
	Elements   int // ResourceRecord elements, those of an UPSERT counted twice
	Characters int // in all Value elements, those of an UPSERT counted twice
}

// DefaultLimits are AWS's.
var DefaultLimits = Limits{Elements: 1000, Characters: 32_000}

// A Batch are changes that AWS makes together or not at all.
type Batch []Change

// Batches splits the changes of one zone into requests within the limits. The
// result is in the order of names, and within a name deletions come first; it
// does not depend on the order of the changes. Changes of one name stay in one
// batch, so that no query meets the state between them. A name whose changes
// fit no request is an error, and nothing is left out.
func Batches(changes []Change, l Limits) ([]Batch, error) {
	if l == (Limits{}) {
		l = DefaultLimits
	}
	var batches []Batch
	elements, characters := l.Elements+1, 0 // as if a full batch had been
	for _, group := range groups(changes) {
		e, c := 0, 0
		for _, change := range group {
			e, c = e+change.elements(), c+change.characters()
		}
		if e > l.Elements || c > l.Characters {
			return nil, fmt.Errorf("split changes: those of %q take %d of %d elements and %d of %d characters of a request",
				string(group[0].Set.Name), e, l.Elements, c, l.Characters)
		}
		if elements+e > l.Elements || characters+c > l.Characters {
			batches = append(batches, nil)
			elements, characters = 0, 0
		}
		last := len(batches) - 1
		batches[last] = append(batches[last], group...)
		elements, characters = elements+e, characters+c
	}
	return batches, nil
}

// groups returns the changes by name, in order.
func groups(changes []Change) [][]Change {
	var list [][]Change
	for _, c := range sortedChanges(changes) {
		if n := len(list); n > 0 && list[n-1][0].Set.Name == c.Set.Name {
			list[n-1] = append(list[n-1], c)
			continue
		}
		list = append(list, []Change{c})
	}
	return list
}

func sortedChanges(changes []Change) []Change {
	order := func(a Action) int { return slices.Index([]Action{Delete, Create, Upsert}, a) }
	return sorted(changes, func(a, b Change) int {
		return cmp.Or(a.Set.Name.Compare(b.Set.Name), cmp.Compare(order(a.Action), order(b.Action)), cmp.Compare(a.Set.Key(), b.Set.Key()))
	})
}
