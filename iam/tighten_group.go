package iam

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A bundle is actions that share a list of resources.
type bundle struct {
	actions   []Action
	resources []string
}

// group puts units into statements: those with the same conditions, reason and
// service into as few as can be without allowing an action on a resource that
// another brought along.
func (t *tightener) group(s Statement, units []unit) []group {
	type header struct {
		bound   Bound
		service string
		reason  string
		added   string
	}
	rows := map[header]map[Action][]string{}
	added := map[header][]Condition{}
	var headers []header
	for _, u := range units {
		h := header{u.bound, u.action.Service(), u.reason, fmt.Sprint(u.added)}
		if u.bound == BoundStar || u.bound == BoundKept {
			h.service = "" // there are no resources to tell apart
		}
		if rows[h] == nil {
			rows[h] = map[Action][]string{}
			added[h] = u.added
			headers = append(headers, h)
		}
		rows[h][u.action] = append(rows[h][u.action], u.resources...)
	}
	// A list of all types says no more than the service does.
	for _, h := range slices.Clone(headers) {
		for action, resources := range rows[h] {
			if h.bound != BoundARN || len(sorted(slices.Clone(resources))) <= maxTypes || !slices.Contains(s.Resources, "*") {
				continue
			}
			wide := h
			wide.reason = reasonWide
			if rows[wide] == nil {
				rows[wide] = map[Action][]string{}
				added[wide] = added[h]
				headers = append(headers, wide)
			}
			rows[wide][action] = anyType(resources)
			delete(rows[h], action)
		}
	}
	slices.SortFunc(headers, func(a, b header) int {
		return cmp.Or(cmp.Compare(a.bound, b.bound), cmp.Compare(a.service, b.service), cmp.Compare(a.reason, b.reason), cmp.Compare(a.added, b.added))
	})
	var groups []group
	for _, h := range headers {
		for _, b := range t.bundles(rows[h], added[h]) {
			statement := s
			statement.Actions = b.actions
			statement.Resources = b.resources
			statement.Conditions = slices.Concat(s.Conditions, added[h])
			if s.Conditions == nil && added[h] == nil {
				statement.Conditions = nil
			}
			groups = append(groups, group{statement, h.bound, h.reason})
		}
	}
	return groups
}

// maxTypes is how many types of one action are listed. Only the actions that
// tag anything have more.
const maxTypes = 20

// anyType returns ARNs with * in place of type and name.
func anyType(arns []string) []string {
	var list []string
	for _, text := range arns {
		parts := strings.SplitN(text, ":", 6)
		if len(parts) == 6 {
			parts[5] = "*"
		}
		list = append(list, strings.Join(parts, ":"))
	}
	return sorted(list)
}

// bundles puts actions together, first those with the same resources.
func (t *tightener) bundles(rows map[Action][]string, added []Condition) []bundle {
	same := map[string]int{}
	var list []bundle
	for _, a := range sortedActions(rows) {
		resources := sorted(rows[a])
		key := strings.Join(resources, "\n")
		if i, ok := same[key]; ok {
			list[i].actions = append(list[i].actions, a)
			continue
		}
		same[key] = len(list)
		list = append(list, bundle{[]Action{a}, resources})
	}
	var merged []bundle
	for _, b := range list {
		i := slices.IndexFunc(merged, func(m bundle) bool { return t.apart(m, b, added) && t.apart(b, m, added) })
		if i < 0 {
			merged = append(merged, b)
			continue
		}
		merged[i].actions = append(slices.Clone(merged[i].actions), b.actions...)
		merged[i].resources = sorted(slices.Concat(merged[i].resources, b.resources))
		slices.Sort(merged[i].actions)
	}
	return merged
}

func sortedActions(rows map[Action][]string) []Action {
	list := make([]Action, 0, len(rows))
	for a := range rows {
		list = append(list, a)
	}
	slices.Sort(list)
	return list
}

// apart reports whether no action of a bundle can be done to a resource of the
// other that is not its own as well: it has no such type, or not with one of the
// keys that the conditions ask for.
func (t *tightener) apart(a, b bundle, added []Condition) bool {
	for _, text := range b.resources {
		if slices.Contains(a.resources, text) {
			continue
		}
		r, ok := t.read(text)
		if !ok || r.all {
			return false
		}
		for _, action := range a.actions {
			f := t.facts(action)
			reached := func(k typeFacts) bool {
				return slices.ContainsFunc(k.patterns, r.overlaps) && t.meets(f, k.name, added)
			}
			if !f.known || slices.ContainsFunc(f.types, reached) {
				return false
			}
		}
	}
	return true
}

// read reads a resource of the output, once.
func (t *tightener) read(text string) (arnPattern, bool) {
	r, ok := t.patterns[text]
	if !ok {
		r, ok = readResource(text, Version2012)
		if ok {
			t.patterns[text] = r
		}
	}
	return r, ok
}

// meets reports whether an action on a type has the keys of all conditions, so
// that they may hold.
func (t *tightener) meets(f *actionFacts, kind string, added []Condition) bool {
	for _, c := range added {
		if !slices.ContainsFunc(t.keysOf(f, kind), func(k ConditionKey) bool { return k.Matches(c.Key) }) {
			return false
		}
	}
	return true
}
