package iam

import (
	"fmt"
	"iter"
	"slices"
	"strings"
)

// A Difference is what [Diff] finds between two sets of documents.
type Difference struct {
	// Relation is how what the first documents allow lies to what the second do.
	Relation Relation
	// Widened is what the second documents allow and the first do not, Narrowed
	// what the first allow and the second do not: by statement, and within one in
	// the order of its actions.
	Widened, Narrowed []Change
	// Undecided has the reasons for which more may differ.
	Undecided []string
}

// String returns a sentence a line: "+" before what is allowed now, "-" before
// what was, "?" before what is not known. It is empty where both are equal.
func (d Difference) String() string {
	var b strings.Builder
	for _, list := range []struct {
		sign    string
		changes []Change
	}{{"+", d.Widened}, {"-", d.Narrowed}} {
		for _, c := range list.changes {
			fmt.Fprintf(&b, "%s %s\n", list.sign, c)
		}
	}
	for _, reason := range d.Undecided {
		fmt.Fprintf(&b, "? %s\n", reason)
	}
	return b.String()
}

// A Change is actions that one set of documents allows and the other does not,
// or not on all resources, for all principals and under all conditions.
type Change struct {
	Statement StatementRef // that allows them, with the level 0
	Actions   []Action     // as the statement writes them; one for NotAction, such as "* but iam:*"
	On        string       // the resources of the statement, in words
	Why       string       // the other side does not allow the witness
	Witness   Request      // one of the requests, of the first action
}

// String says it in a sentence.
func (c Change) String() string {
	var actions []string
	for _, a := range c.Actions {
		actions = append(actions, plainLong(string(a)))
	}
	s := c.Statement
	where := fmt.Sprintf("statement %d", s.Statement)
	if s.ID != "" {
		where += " " + quote(s.ID)
	}
	if s.Document > 1 {
		where += fmt.Sprintf(" of document %d", s.Document)
	}
	text := fmt.Sprintf("%s on %s, by %s: %s (for example %s on %s", compareJoin(actions), c.On, where, c.Why, plain(string(c.Witness.Action)), plain(c.Witness.Resource))
	if len(c.Witness.Context) > 0 {
		text += " with " + plainLong(fmt.Sprint(map[string][]string(c.Witness.Context)))
	}
	return text + ")"
}

// compareJoin lists values with "and" and cuts a long list.
func compareJoin(list []string) string {
	switch n := len(list); {
	case n > 5:
		return fmt.Sprintf("%s and %d more", strings.Join(list[:4], ", "), n-4)
	case n > 1:
		return strings.Join(list[:n-1], ", ") + " and " + list[n-1]
	}
	return strings.Join(list, "")
}

// Diff explains in words what the second documents allow that the first do
// not, and the other way round: each action of each statement that is not
// allowed on the other side wherever the statement allows it. It decides as
// [Compare] does, with [CompareOptions].MaxStates for each action, and takes
// that much longer. The error is that of Compare.
func Diff(first, second []Document, o CompareOptions) (Difference, error) {
	c, err := newComparer(first, second, o)
	if err != nil {
		return Difference{}, fmt.Errorf("compare policies: %w", err)
	}
	d := Difference{Relation: c.compare().Relation}
	for side, list := range []*[]Change{&d.Narrowed, &d.Widened} {
		apart, err := newComparer(compareApart(c.documents[side], false), c.documents[1-side], o)
		if err != nil {
			return Difference{}, fmt.Errorf("compare policies: %w", err)
		}
		*list = apart.changes(c.documents[side], compareSide(side), &d.Undecided)
	}
	return d, nil
}

// compareApart returns documents with a statement for each action of those that
// allow, and for each resource too.
func compareApart(documents []Document, resources bool) []Document {
	var out []Document
	for _, d := range documents {
		whole := d.Statements
		d.Statements = nil
		for _, s := range whole {
			if s.Effect != EffectAllow || s.Actions == nil {
				d.Statements = append(d.Statements, s)
				continue
			}
			for _, a := range s.Actions {
				one := s
				one.Actions = []Action{a}
				if !resources || s.Resources == nil || slices.ContainsFunc(s.Resources, hasVariable) {
					d.Statements = append(d.Statements, one)
					continue
				}
				for _, r := range s.Resources {
					one.Resources = []string{r}
					d.Statements = append(d.Statements, one)
				}
			}
		}
		out = append(out, d)
	}
	return out
}

// changes asks for each statement of the first side, which were taken apart by
// action, what the second does not allow.
func (c *comparer) changes(whole []Document, side string, undecided *[]string) []Change {
	var list []Change
	at := 0
	for i, d := range whole {
		for k, s := range d.Statements {
			pieces := 1
			if s.Effect == EffectAllow && s.Actions != nil {
				pieces = len(s.Actions)
			}
			ref := StatementRef{Document: i + 1, Statement: k + 1, ID: s.ID}
			for n := range pieces {
				b := c.boxes[0][at]
				at++
				if b.deny() {
					continue
				}
				a := c.boxAnswer(b)
				switch {
				case a.undecided != "":
					reason := fmt.Sprintf("%s, by statement %s of the %s: %s", plainLong(string(compareActions(s, n))), statementName(k, s), side, a.undecided)
					*undecided = append(*undecided, reason)
				case a.witness != nil:
					why := c.why(*a.witness)
					if last := len(list) - 1; last >= 0 && list[last].Statement == ref && list[last].Why == why {
						list[last].Actions = append(list[last].Actions, compareActions(s, n))
						continue
					}
					list = append(list, Change{ref, []Action{compareActions(s, n)}, compareResources(s), why, *c.original(a.witness)})
				}
			}
		}
	}
	return list
}

// boxAnswer answers whether the second side allows what one statement of the
// first does.
func (c *comparer) boxAnswer(b *compareBox) compareAnswer {
	own := b.ordinal
	return c.ask(func(c *comparer) iter.Seq[compareRegion] { return c.beyond(0, c.boxes[0][own:own+1]) },
		func(r Request) bool { return c.allows(0, r) && !c.allows(1, r) })
}

// compareActions returns an action of a statement, or its NotAction in words.
func compareActions(s Statement, n int) Action {
	if s.Actions != nil {
		return s.Actions[n]
	}
	var names []string
	for _, a := range s.NotActions {
		names = append(names, string(a))
	}
	return Action("* but " + compareJoin(names))
}

// compareResources returns the resources of a statement in words.
func compareResources(s Statement) string {
	short := func(list []string) string {
		var out []string
		for _, r := range list {
			out = append(out, plain(r))
		}
		return compareJoin(out)
	}
	switch {
	case s.NotResources != nil:
		return "* but " + short(s.NotResources)
	case s.Resources == nil:
		return "its resource"
	}
	return short(s.Resources)
}

// why says why the second side does not allow a request.
func (c *comparer) why(r Request) string {
	a := c.judges[1].authorizer
	e := a.evaluation()
	if err := e.begin(a, &r); err != nil {
		return err.Error()
	}
	best, reason := 0, "no statement allows the action"
	for _, b := range c.boxes[1] {
		s := c.judges[1].statement(b.ordinal)
		if !s.action(e) {
			continue
		}
		_, named := s.principal(e)
		met := 1
		text := "allows the action for other principals"
		if named == authYes {
			met, text = 2, "allows the action on other resources"
			if s.resource(e) == authYes {
				met, text = 3, ""
				for i := range s.conditions {
					if s.conditions[i].holds(e) != authYes {
						text = "allows it under a condition that does not hold, " + plain(s.conditions[i].source.String())
						break
					}
				}
			}
		}
		switch {
		case b.deny() && met == 3 && text == "":
			return b.name() + " denies it"
		case !b.deny() && met > best:
			best, reason = met, b.name()+" "+text
		}
	}
	return reason
}

// A Lack is something that a requirement asks for and documents do not allow.
// The zero value is none.
type Lack struct {
	Action Action // as the requirement writes it
	// Resource is the resource, as the requirement writes it. It is empty where
	// the requirement names none, has NotResource, or several with variables.
	Resource  string
	Why       string   // it is not allowed
	Witness   *Request // that is not allowed; nil where it is not known
	Undecided string   // why it is not known; empty where it is
}

// Missing returns what a requirement allows and the documents do not, by action
// and resource, in the order of the requirement. It is nil where they cover all
// of it. The documents are all that a principal has: a permissions boundary is
// asked by a call of its own. It decides as [Compare] does.
func Missing(documents, requirement []Document, o CompareOptions) ([]Lack, error) {
	c, err := newComparer(requirement, documents, o)
	if err == nil {
		c, err = newComparer(compareApart(requirement, true), documents, o)
	}
	if err != nil {
		return nil, fmt.Errorf("compare policies: %w", err)
	}
	var list []Lack
	for _, b := range c.boxes[0] {
		if b.deny() {
			continue
		}
		a := c.boxAnswer(b)
		if a.yes {
			continue
		}
		s := c.documents[0][b.document].Statements[b.statement]
		l := Lack{Action: compareActions(s, 0), Witness: c.original(a.witness), Undecided: a.undecided}
		if len(s.Resources) == 1 {
			l.Resource = s.Resources[0]
		}
		if a.witness != nil {
			l.Why = c.why(*a.witness)
		}
		list = append(list, l)
	}
	return list, nil
}
