package iam

import "strings"

// glob reports whether the text matches the pattern, in which * stands for any
// characters and ? for one. It goes back to the last * only, so that its time
// is bounded by the product of the lengths.
func glob(pattern, text string) bool {
	p, t, star, mark := 0, 0, -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p++
			t++
		case star >= 0:
			mark++
			p, t = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// overlaps reports whether some text matches both patterns, in which * stands
// for any characters and ? for one. Its time is the product of the lengths.
func overlaps(p, q string) bool {
	if !strings.ContainsAny(p, "*?") {
		return glob(q, p)
	}
	if !strings.ContainsAny(q, "*?") {
		return glob(p, q)
	}
	// What stands before the first wildcards decides most cases.
	for i := 0; i < len(p) && i < len(q) && p[i] != '*' && q[i] != '*'; i++ {
		if p[i] != q[i] && p[i] != '?' && q[i] != '?' {
			return false
		}
	}
	// both[j] says whether some text matches p as far as it was read and q[:j].
	both := make([]bool, len(q)+1)
	both[0] = true
	for j := 0; j < len(q) && q[j] == '*'; j++ {
		both[j+1] = true
	}
	for i := range len(p) {
		before := both[0] // of p[:i] and q[:j]
		both[0] = both[0] && p[i] == '*'
		for j := range len(q) {
			above := both[j+1]
			switch {
			case p[i] == '*' || q[j] == '*':
				// The * takes nothing, or what the other one is at.
				both[j+1] = above || both[j]
			default:
				both[j+1] = before && (p[i] == q[j] || p[i] == '?' || q[j] == '?')
			}
			before = above
		}
	}
	return both[len(q)]
}

// within reports whether every text that matches the pattern also matches the
// wider one. It may miss some with ?, such as "*?" within "?*", and never errs in
// the other direction.
func within(pattern, wider string) bool {
	w, p, star, mark := 0, 0, -1, 0
	for p < len(pattern) {
		switch {
		case w < len(wider) && wider[w] == '*':
			star, mark = w, p
			w++
		case w < len(wider) && pattern[p] != '*' && (wider[w] == '?' || wider[w] == pattern[p]):
			w++
			p++
		case star >= 0:
			mark++
			w, p = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(wider[w:], "*") == ""
}

// An arnPattern is a resource of a statement, or an ARN that an action can be
// granted on, in its six parts. The parts that a resource lacks are "*", as
// identity policies read them.
type arnPattern struct {
	text  string
	parts [6]string
	all   bool // "*"
	short bool // it lacked parts
}

// readResource reads a resource of a document, in which variables stand for
// any text. It is false for text that is no ARN.
func readResource(text string, version Version) (arnPattern, bool) {
	if text != "" && strings.Trim(text, "*") == "" {
		return arnPattern{text: text, parts: [6]string{"*", "*", "*", "*", "*", "*"}, all: true}, true
	}
	open := text
	if version == Version2012 && hasVariable(text) {
		open = withoutVariables(text)
	}
	a := arnPattern{text: text}
	parts := strings.SplitN(open, ":", 6)
	if parts[0] != "arn" {
		return a, false
	}
	a.short = len(parts) < 6
	for i := range a.parts {
		a.parts[i] = "*"
		// A * that ends a part may run past the colon: what stands behind it may
		// then be the end of any part that follows.
		if i < len(parts) && !(a.short && i > 3 && strings.HasSuffix(parts[i-1], "*")) {
			a.parts[i] = parts[i]
		}
	}
	return a, true
}

// withoutVariables returns text with * in place of each variable.
func withoutVariables(text string) string {
	t, err := ParseTemplate(text)
	if err != nil {
		before, _, _ := strings.Cut(text, "${")
		return before + "*"
	}
	var b strings.Builder
	for _, s := range t {
		switch {
		case s.Key != "" || s.Escape == '*' || s.Escape == '?':
			b.WriteByte('*') // an escaped wildcard has no other form in a pattern
		case s.Escape != 0:
			b.WriteByte(s.Escape)
		default:
			b.WriteString(s.Text)
		}
	}
	return b.String()
}

// overlaps reports whether some resource matches both patterns, part by part.
// That AWS lets a * at the end of a part run past the colon is not followed:
// what lies behind would have to hold a colon itself.
func (a arnPattern) overlaps(b arnPattern) bool {
	for i := range a.parts {
		if !overlaps(a.parts[i], b.parts[i]) {
			return false
		}
	}
	return true
}

// within reports whether every resource that matches the pattern matches the
// wider one too. A resource with variables is within "*" and itself alone.
func (a arnPattern) within(wider arnPattern) bool {
	switch {
	case wider.all || a.text == wider.text:
		return true
	case a.all || a.short || wider.short || hasVariable(a.text) || hasVariable(wider.text):
		return false
	}
	for i := range a.parts {
		if !within(a.parts[i], wider.parts[i]) {
			return false
		}
	}
	return true
}

// meet returns a pattern of what matches both, part by part the narrower one. It
// never matches more than the pattern itself; where two parts overlap and neither
// is within the other, it matches more than the other one. It is false where the
// two have nothing in common, and where a part has a variable or is missing and
// the pattern as a whole is not within the other.
func (a arnPattern) meet(other arnPattern) (string, bool) {
	switch {
	case other.within(a):
		return other.text, true
	case a.within(other):
		return a.text, true
	case a.short || other.short || hasVariable(a.text) || hasVariable(other.text) || !a.overlaps(other):
		return "", false
	}
	parts := a.parts
	for i := range parts {
		if within(other.parts[i], parts[i]) {
			parts[i] = other.parts[i]
		}
	}
	return strings.Join(parts[:], ":"), true
}

// meetAll returns what a pattern has in common with each of others.
func (a arnPattern) meetAll(others []arnPattern) (list []string) {
	for _, other := range others {
		if common, ok := a.meet(other); ok {
			list = append(list, common)
		}
	}
	return list
}

// readAll reads ARNs in which no variable stands.
func readAll(arns []string) []arnPattern {
	list := make([]arnPattern, len(arns))
	for i, text := range arns {
		list[i], _ = readResource(text, Version2008)
	}
	return list
}
