// Package verdict records what the rules of a package say of a configuration: with
// the places of its text where it has one, and with a remedy for every failure.
package verdict

import (
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/yamltext"
)

// A Rule also says what to do about a failure, and why it may have no subject.
type Rule struct {
	groundway.Rule
	Action string
	None   string // a clause; empty is that the rule holds where nothing fails
}

// since is the version in which the rules came that say nothing else.
const since = "0.1.0"

// NewRule returns the rule of a code, whose documentation ends with the page. It
// depends on the rules after which it is asked.
func NewRule(code groundway.Code, severity groundway.Severity, page, title, doc, action, none string, after ...groundway.Code) Rule {
	return Rule{groundway.Rule{
		Code: code, Title: title, Doc: doc + " " + page, Severity: severity, Since: since, DependsOn: after,
	}, action, none}
}

// Under returns the rules, all of which depend on that of the cause, but itself:
// nothing is said of what cannot be read.
func Under(cause groundway.Code, rules ...Rule) []Rule {
	for i, r := range rules {
		if r.Code != cause {
			rules[i].DependsOn = append([]groundway.Code{cause}, r.DependsOn...)
		}
	}
	return rules
}

// Public returns the rules as packages export them, in a fresh slice.
func Public(rules []Rule) []groundway.Rule {
	list := make([]groundway.Rule, len(rules))
	for i, r := range rules {
		list[i] = r.Rule
	}
	return groundway.CloneRules(list)
}

// A Fault is what a rule says of a value.
type Fault struct {
	Code     groundway.Code
	Path     string // JSON pointer of the value
	Got      string // never a secret
	Want     string // empty is the rule's title
	Summary  string
	Action   string             // empty is the rule's
	Commands [][]string         // of the action
	Or       []string           // other ways out
	Severity groundway.Severity // zero is the rule's
	Detail   string             // empty is the rule's
	Also     []groundway.Fact   // more evidence
}

// A Judge collects verdicts.
type Judge struct {
	*groundway.Tally
	// File is the text's name, empty where there is none, and Positions the
	// places of its values.
	File      string
	Positions yamltext.Positions
	// Kind names what stands at a pointer.
	Kind func(path string) string
	// Source says where values come from, in evidence.
	Source string

	rules []Rule
}

// NewJudge returns a judge by these rules.
func NewJudge(rules []Rule, kind string) *Judge {
	return &Judge{
		Tally: groundway.NewTally(Public(rules), groundway.Subject{Kind: kind}),
		Kind:  func(string) string { return kind }, Source: "configuration", rules: rules,
	}
}

// Rule returns the rule of a code.
func (j *Judge) Rule(code groundway.Code) Rule {
	return j.rules[slices.IndexFunc(j.rules, func(r Rule) bool { return r.Code == code })]
}

// Subject names the value at a pointer.
func (j *Judge) Subject(path string) groundway.Subject {
	kind := j.Kind(path)
	if path == "" {
		path = "/"
	}
	return groundway.Subject{Kind: kind, Name: j.File, Path: path}
}

// At returns the place of a value as evidence names it: file:line:column, or the
// pointer.
func (j *Judge) At(path string) string {
	if p, ok := j.Positions.Of(path); ok {
		return p.In(j.File)
	}
	if path == "" {
		return "/"
	}
	return path
}

// Require records whether a rule holds for a value.
func (j *Judge) Require(ok bool, f Fault) {
	if ok {
		j.Pass(f.Code, 1)
		return
	}
	j.Fail(f)
}

// Fail records that a rule fails for a value.
func (j *Judge) Fail(f Fault) {
	r := j.Rule(f.Code)
	if f.Want == "" {
		f.Want = r.Clause()
	}
	if f.Action == "" {
		f.Action = r.Action
	}
	remedies := []groundway.Remedy{{Action: f.Action, Commands: f.Commands}}
	for _, action := range f.Or {
		remedies = append(remedies, groundway.Remedy{Action: action})
	}
	j.Tally.Fail(groundway.Finding{
		Code: f.Code, Subject: j.Subject(f.Path), Summary: f.Summary, Severity: f.Severity, Detail: f.Detail,
		Evidence: append([]groundway.Fact{{Path: j.At(f.Path), Got: f.Got, Want: f.Want, Source: j.Source}}, f.Also...),
		Remedies: remedies,
	})
}

// Unseen records that a rule needs what was not given: a clause.
func (j *Judge) Unseen(code groundway.Code, path, what string) {
	j.Unknown(groundway.Finding{
		Code: code, Subject: j.Subject(path),
		Summary:  "It could not be seen whether " + j.Rule(code).Clause() + ": " + what + ".",
		Evidence: []groundway.Fact{{Path: j.At(path), Want: what, Source: "caller"}},
		Remedies: []groundway.Remedy{{Action: "Give what is missing to the check, or look yourself."}},
	})
}

// mostAlike is how many problems of one code a value has as evidence: a key that
// stands a hundred thousand times is no more wrong than one that stands twice.
const mostAlike = 20

// Problems records what is wrong with the text, each under the code of its kind.
func (j *Judge) Problems(problems []yamltext.Problem, code func(yamltext.Problem) groundway.Code) {
	alike := map[string]int{}
	for _, p := range problems {
		c, path := code(p), p.Path
		if p.Kind == yamltext.Syntax {
			path = ""
		}
		if alike[string(c)+path]++; alike[string(c)+path] > mostAlike {
			continue
		}
		summary := p.Text
		if p.Path != "" {
			summary = strings.TrimPrefix(p.Path, "/") + ": " + p.Text
		}
		var severity groundway.Severity
		if p.Harmless {
			severity = groundway.Warning
		}
		j.Fail(Fault{Code: c, Path: path, Got: p.Text, Severity: severity, Summary: "Line " + strings.TrimPrefix(p.In(""), ":") + ": " + summary + "."})
	}
}

// Settle records for the rules of which nothing was said that they hold, or that
// they have no subject.
func (j *Judge) Settle() {
	for _, r := range j.rules {
		switch {
		case j.Settled(r.Code):
		case r.None == "":
			j.Pass(r.Code, 1)
		default:
			j.Inapplicable(r.Code, r.None)
		}
	}
}

// SkipAll records for every rule but the cause that it follows from the cause.
func (j *Judge) SkipAll(cause groundway.Code, s groundway.Subject) {
	for _, r := range j.rules {
		if r.Code != cause {
			j.Skip(r.Code, cause, s)
		}
	}
}
