package groundway

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// A Tally collects what rules find and makes findings of it, by the contract
// that all packages of this module keep: every rule yields at least one
// finding. What failed or could not be seen is one finding a subject. What
// passed is one for all subjects together, and only where the rule holds for
// all of them: beside a failure nothing says "passed". What was skipped is one
// for all together, with its causes, or with the reason why the rule has no
// subject.
//
// Its methods panic for a code that is none of the tally's rules.
type Tally struct {
	whole   Subject
	rules   []Rule
	results map[Code]*tallied
}

type tallied struct {
	rule            Rule
	failed, unknown map[string]Finding // by fingerprint
	passed, skipped int
	causes          map[string]bool // fingerprints
	follows         map[string]bool // the same in words
	reasons         map[string]bool // for having no subject
}

// NewTally returns an empty tally of these rules, whose severities are those of
// the profile. What passed and what was skipped has the subject whole.
func NewTally(rules []Rule, whole Subject) *Tally {
	t := &Tally{whole: whole, rules: slices.Clone(rules), results: make(map[Code]*tallied, len(rules))}
	for _, r := range rules {
		t.results[r.Code] = &tallied{
			rule: r, failed: map[string]Finding{}, unknown: map[string]Finding{},
			causes: map[string]bool{}, follows: map[string]bool{}, reasons: map[string]bool{},
		}
	}
	return t
}

func (t *Tally) of(code Code) *tallied {
	r, ok := t.results[code]
	if !ok {
		panic(fmt.Sprintf("groundway: the tally has no rule %q", code))
	}
	return r
}

// Rule returns the rule of the code, as it was given to [NewTally].
func (t *Tally) Rule(code Code) Rule { return t.of(code).rule }

// Fail records that a rule fails for the finding's subject. Code, Subject and
// Summary are the caller's; a Severity that is zero is the rule's, an empty
// Detail is the rule's reason, and the first remedy links to the rule's page
// unless it has a link. A subject that fails once more gets more evidence.
func (t *Tally) Fail(f Finding) {
	f.Outcome = Failed
	t.add(t.of(f.Code).failed, f)
}

// Unknown records that a rule could not be answered for the finding's subject.
// What is empty is filled in as by Fail; the evidence says what has to be seen.
func (t *Tally) Unknown(f Finding) {
	f.Outcome = Unknown
	t.add(t.of(f.Code).unknown, f)
}

// Unseen records that a rule could not be answered for a subject because of gaps,
// one at least: the summary names each once, the evidence has a fact and the
// remedies one way for each. A nil remedy lets the caller use the action.
func (t *Tally) Unseen(code Code, s Subject, remedy func(Gap) Remedy, gaps ...Gap) {
	if remedy == nil {
		remedy = func(g Gap) Remedy { return g.Remedy(g.Account) }
	}
	f := Finding{Code: code, Subject: s}
	var why []string
	for _, g := range gaps {
		if slices.Contains(why, g.String()) {
			continue
		}
		why = append(why, g.String())
		f.Evidence = append(f.Evidence, Fact{Got: cmp.Or(g.Message, g.Code), Want: "an answer of " + g.Action, Source: g.Action})
		f.Remedies = append(f.Remedies, remedy(g))
	}
	f.Summary = "It could not be seen whether " + t.Rule(code).Clause() + ": " + strings.Join(why, "; ") + "."
	t.Unknown(f)
}

func (t *Tally) add(to map[string]Finding, f Finding) {
	rule := t.of(f.Code).rule
	why, page := rule.Reason()
	f.Severity = cmp.Or(f.Severity, rule.Severity)
	f.Detail = cmp.Or(f.Detail, why)
	if len(f.Remedies) > 0 {
		f.Remedies = slices.Clone(f.Remedies)
		f.Remedies[0].URL = cmp.Or(f.Remedies[0].URL, page)
	}
	f.Related = slices.SortedFunc(slices.Values(f.Related), Subject.Compare)
	f.Related = absent(slices.Compact(f.Related))
	key := f.Fingerprint()
	if was, ok := to[key]; ok {
		for _, e := range f.Evidence {
			if !slices.Contains(was.Evidence, e) {
				was.Evidence = append(slices.Clip(was.Evidence), e)
			}
		}
		f = was
	}
	to[key] = f
}

// Pass records that a rule holds for so many subjects.
func (t *Tally) Pass(code Code, subjects int) { t.of(code).passed += subjects }

// Skip records a subject of which a rule says nothing, because it follows from
// the failure of another rule for a subject, or would repeat it.
func (t *Tally) Skip(code, cause Code, s Subject) {
	r := t.of(code)
	r.skipped++
	r.causes[Fingerprint(cause, s)] = true
	r.follows[string(cause)+" of "+s.String()] = true
}

// Inapplicable records why a rule has no subject, or none of some kind: a clause
// without a capital and a period.
func (t *Tally) Inapplicable(code Code, reason string) {
	r := t.of(code)
	r.skipped++
	r.reasons[reason] = true
}

// Failed returns what was recorded of a rule that failed for the subject.
func (t *Tally) Failed(code Code, s Subject) (Finding, bool) {
	failed := t.of(code).failed
	if len(failed) == 0 {
		return Finding{}, false
	}
	f, ok := failed[Fingerprint(code, s)]
	return f, ok
}

// Settled reports whether anything was recorded of the rule: a rule that ran and
// found no subject has to say why.
func (t *Tally) Settled(code Code) bool {
	r := t.of(code)
	return len(r.failed)+len(r.unknown)+r.passed+r.skipped > 0
}

// Findings returns what was recorded, in the order of [Finding.Compare].
func (t *Tally) Findings() []Finding {
	var all []Finding
	for _, rule := range t.rules {
		r := t.of(rule.Code)
		all = slices.AppendSeq(all, maps.Values(r.failed))
		all = slices.AppendSeq(all, maps.Values(r.unknown))
		f := Finding{Code: rule.Code, Severity: rule.Severity, Subject: t.whole, Summary: rule.Title}
		switch {
		case len(r.causes) > 0, len(r.failed)+len(r.unknown)+r.passed == 0:
			f.Outcome = Skipped
			f.Detail = strings.Join(slices.Sorted(maps.Keys(r.reasons)), "; ")
			if len(r.causes) > 0 {
				f.Detail = "follows from " + strings.Join(slices.Sorted(maps.Keys(r.follows)), ", ")
			}
			f.Evidence = []Fact{{Got: strconv.Itoa(r.skipped), Want: "subjects of the rule, which does not speak of them"}}
			f.Causes = slices.Sorted(maps.Keys(r.causes))
		case len(r.failed)+len(r.unknown) == 0:
			f.Outcome = Passed
			f.Evidence = []Fact{{Got: strconv.Itoa(r.passed), Want: "subjects of the rule, all of which hold"}}
		default:
			continue
		}
		all = append(all, f)
	}
	slices.SortFunc(all, Finding.Compare)
	return all
}

// Reason takes Doc apart into why the rule must hold and the page that the text
// ends with, if it does.
func (r Rule) Reason() (why, page string) {
	if i := strings.LastIndex(r.Doc, " https://"); i >= 0 {
		return r.Doc[:i], r.Doc[i+1:]
	}
	return r.Doc, ""
}

// Clause returns Title as part of a sentence, "the VPC exists" of "The VPC
// exists": an abbreviation keeps its capitals.
func (r Rule) Clause() string {
	runes := []rune(r.Title)
	if len(runes) > 1 && !unicode.IsUpper(runes[1]) {
		runes[0] = unicode.ToLower(runes[0])
	}
	return string(runes)
}
