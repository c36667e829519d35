package iam

import (
	"slices"
	"strings"
)

// merge unites statements that differ in nothing but their actions, their
// resources or their principals, and drops from each list what others in it
// cover, until that changes nothing more.
func (f *fitter) merge(statements []Statement) []Statement {
	list := make([]Statement, 0, len(statements))
	for _, s := range statements {
		list = append(list, f.reduce(s))
	}
	for {
		before := len(list)
		for _, dim := range []int{dimActions, dimResources, dimPrincipals} {
			list = f.unite(list, dim)
		}
		if len(list) == before {
			return list
		}
	}
}

// unite merges statements that differ in one dimension only.
func (f *fitter) unite(statements []Statement, dim int) []Statement {
	at := map[string]int{}
	var out []Statement
	for _, s := range statements {
		key, ok := fitKey(s, dim)
		i, seen := at[key]
		if !ok || !seen {
			if ok {
				at[key] = len(out)
			}
			out = append(out, s)
			continue
		}
		merged := out[i]
		if merged.ID != s.ID {
			merged.ID = ""
		}
		switch dim {
		case dimActions:
			merged.Actions = slices.Concat(merged.Actions, s.Actions)
		case dimResources:
			merged.Resources = slices.Concat(merged.Resources, s.Resources)
		case dimPrincipals:
			merged.Principals = slices.Concat(merged.Principals, s.Principals)
		}
		out[i] = f.reduce(merged)
	}
	return out
}

// fitKey returns a text that is the same for statements that differ in one
// dimension only, if theirs can be united there: a negation cannot, nor can
// resources with variables, because AWS may void a list of which one variable is
// not known.
func fitKey(s Statement, dim int) (string, bool) {
	r := normalize([]Statement{s})[0]
	switch dim {
	case dimActions:
		if s.Actions == nil {
			return "", false
		}
	case dimResources:
		if s.Resources == nil || slices.ContainsFunc(s.Resources, hasVariable) {
			return "", false
		}
	case dimPrincipals:
		if s.Principals == nil || slices.Contains(s.Principals, Everyone()) {
			return "", false
		}
	}
	key := appendField(nil, r.head)
	for d, set := range r.sets {
		if d != dim {
			key = appendSet(key, set)
		}
	}
	return string(key), true
}

// reduce drops from the lists of a statement what stands twice, and what
// another pattern of the list covers.
func (f *fitter) reduce(s Statement) Statement {
	s.Actions = fitReduce(f, s.Actions, func(a Action) *compareGlob {
		return f.c.glob(compareBytes(asciiLower(string(a))), compareWild)
	})
	s.Resources = fitReduce(f, s.Resources, func(r string) *compareGlob {
		syntax := compareWild | compareResource
		if f.version == Version2012 {
			syntax |= compareVariables
		}
		return f.c.glob(compareResourceTexts(s, []string{r})[0], syntax)
	})
	if s.Principals != nil {
		var kept []Principal
		for _, p := range s.Principals {
			if !slices.Contains(kept, p) {
				kept = append(kept, p)
			}
		}
		s.Principals = kept
	}
	s.source, s.offset = nil, 0
	return s
}

func fitReduce[T ~string](f *fitter, list []T, compile func(T) *compareGlob) []T {
	if len(list) < 2 || slices.ContainsFunc(list, func(v T) bool { return hasVariable(string(v)) }) {
		return list
	}
	globs := make([]*compareGlob, len(list))
	for i, v := range list {
		globs[i] = compile(v)
	}
	var kept []T
	for i, g := range globs {
		covered := false
		for k, h := range globs {
			if i == k || g.relation(h) != compareInside {
				continue
			}
			// Of two that cover each other the first stays.
			if h.relation(g) != compareInside || k < i {
				covered = true
				break
			}
		}
		if !covered {
			kept = append(kept, list[i])
		}
	}
	return kept
}

// wildcards puts patterns in place of the actions of a statement, where they
// match nothing in the catalog that the statement does not name.
func (f *fitter) wildcards(s Statement) Statement {
	if len(s.Actions) < 2 {
		return s
	}
	have := map[string]bool{} // in lower case: what the statement names, by the catalog
	var kept []Action
	names := map[string][]Action{} // by service: what patterns may replace
	var services []string
	for _, a := range s.Actions {
		if a.isPattern() {
			for _, known := range f.catalog.Expand(a) {
				have[asciiLower(string(known))] = true
			}
			kept = append(kept, a)
			continue
		}
		known, _, ok := f.catalog.Action(a)
		if !ok {
			kept = append(kept, a)
			continue
		}
		have[asciiLower(string(known))] = true
		service := known.Service()
		if names[service] == nil {
			services = append(services, service)
		}
		names[service] = append(names[service], known)
	}
	for _, service := range services {
		kept = append(kept, f.cover(service, names[service], have)...)
	}
	s.Actions = kept
	return f.reduce(s)
}

// cover returns few and short patterns and names that match the names, and
// nothing of the service that the statement does not have: greedily, the
// pattern that saves most first. A * stands for whole words and for at least
// two of the names, so that people can tell what is meant.
func (f *fitter) cover(service string, names []Action, have map[string]bool) []Action {
	var all []string // of the service, in lower case
	for _, a := range f.catalog.Expand(Action(service + ":*")) {
		all = append(all, asciiLower(string(a)))
	}
	type candidate struct {
		pattern Action
		covers  []int
	}
	var candidates []candidate
	seen := map[string]bool{}
	try := func(prefix, suffix string) {
		pattern := Action(service + ":" + prefix + "*" + suffix)
		lower := asciiLower(string(pattern))
		if seen[lower] {
			return
		}
		seen[lower] = true
		for _, a := range all {
			if !have[a] && glob(lower, a) {
				return
			}
		}
		c := candidate{pattern: pattern}
		for i, n := range names {
			if glob(lower, asciiLower(string(n))) {
				c.covers = append(c.covers, i)
			}
		}
		if len(c.covers) > 1 {
			candidates = append(candidates, c)
		}
	}
	for _, n := range names {
		_, name, _ := strings.Cut(string(n), ":")
		words := fitWords(name)
		for i := range words {
			for k := i + 1; k < len(words); k++ {
				try(name[:words[i]], name[words[k]:])
			}
		}
	}
	const around = len(`"",`)
	var out []Action
	left := map[int]bool{}
	for i := range names {
		left[i] = true
	}
	for {
		best, most := -1, 0
		for i, c := range candidates {
			saved := -len(c.pattern) - around
			for _, n := range c.covers {
				if left[n] {
					saved += len(names[n]) + around
				}
			}
			if saved > most || saved == most && best >= 0 && c.pattern < candidates[best].pattern {
				best, most = i, saved
			}
		}
		if best < 0 {
			break
		}
		out = append(out, candidates[best].pattern)
		for _, n := range candidates[best].covers {
			delete(left, n)
		}
	}
	for i, n := range names {
		if left[i] {
			out = append(out, n)
		}
	}
	return out
}

// fitWords returns where the words of a name begin, that a capital letter
// begins, and where it ends.
func fitWords(name string) []int {
	list := []int{0}
	for i := 1; i < len(name); i++ {
		if name[i] >= 'A' && name[i] <= 'Z' {
			list = append(list, i)
		}
	}
	return append(list, len(name))
}
