package iam

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/groundway-sdk/groundway"
)

// LintOptions adjust [Lint]. With the zero value the document is an identity
// policy, and the rules that need a catalog are unknown.
type LintOptions struct {
	// Catalog knows the actions of AWS: catalog.Catalog{} of the package
	// iam/catalog. It is corrected by [KnownErrors] and then by Overrides.
	Catalog   Catalog
	Overrides []Override
	// Kind is what the policy is attached to; 0 means [IdentityPolicy].
	Kind Kind
	// Partition is the one that the document is for. Empty means that it has to
	// hold in every partition.
	Partition Partition
	// AttachedPolicies are the ARNs of the managed policies that are attached to
	// the same user, group or role.
	AttachedPolicies []string
	// Validated leaves out the rules that [Validate] has too, for callers who
	// put the findings of both into one report.
	Validated bool
}

// Lint looks for what AWS accepts and what is nevertheless wrong or dangerous:
// actions that do not exist, grants that can never apply, conditions that never
// hold or always do, and the permissions by which others are gained. Nothing
// that it knows from a catalog is worse than a warning, because catalogs err.
//
// Each rule yields findings as those of [Validate] do, with the same subjects;
// attached policies are subjects of the kind "managed-policy". It applies the
// rules that [Rules] lists last, and some of Validate's unless the options say
// that this was run as well: iam/notaction-allow, iam/condition-allvalues-open,
// iam/trust-everyone, iam/trust-root, iam/trust-oidc-open and
// iam/trust-source-missing. A rule whose question cannot be asked because an
// action is unknown is skipped, with the cause; one that needs a catalog is
// unknown without one, and where a document has thousands of patterns.
//
// How sure a failed finding is, [ConfidenceOf] says; findings of low confidence
// have the severity info. An invalid kind yields no findings. The findings are
// in the order of [groundway.Finding.Compare].
func Lint(d Document, o LintOptions) []groundway.Finding {
	kind := cmp.Or(o.Kind, IdentityPolicy)
	if int(kind) >= len(kindNames) {
		return nil
	}
	l := linter{
		checker: checker{doc: d, kind: kind, held: map[groundway.Code]int{}, where: newLocator()},
		options: o, blocked: map[groundway.Code]bool{}, asker: newAsker(o.Catalog, o.Overrides),
	}
	for i, s := range d.Statements {
		l.statement(i, s)
	}
	l.partitions()
	l.attached()
	return l.report()
}

// A Confidence says how sure a finding of [Lint] is. The zero value means that
// the finding has none: it did not fail, or is not Lint's.
type Confidence uint8

const (
	_ Confidence = iota
	// LowConfidence rests on what the documentation leaves out, where it is known
	// to leave out much. The severity is info.
	LowConfidence
	// MediumConfidence rests on the documentation. Of the actions in AWS's own
	// policies it lacks one in four hundred.
	MediumConfidence
	// HighConfidence follows from the document and the language.
	HighConfidence
)

var confidenceNames = [...]string{"invalid", "low", "medium", "high"}

// confidenceWanted marks the fact of a finding that holds its confidence.
const confidenceWanted = "how sure the finding is: low, medium or high"

// String returns "low", "medium", "high", or "invalid".
func (c Confidence) String() string { return wordOf(confidenceNames[:], uint8(c)) }

// MarshalText returns the word of String; an invalid confidence is an error.
func (c Confidence) MarshalText() ([]byte, error) {
	return marshalWord("confidence", confidenceNames[:], uint8(c))
}

// UnmarshalText accepts the words that MarshalText writes.
func (c *Confidence) UnmarshalText(text []byte) error {
	n, err := parseWord("confidence", confidenceNames[:], text)
	*c = Confidence(n)
	return err
}

// ConfidenceOf returns the confidence of a finding of [Lint], which stands in
// its evidence.
func ConfidenceOf(f groundway.Finding) Confidence {
	for _, fact := range f.Evidence {
		if fact.Want == confidenceWanted {
			n, _ := parseWord("confidence", confidenceNames[:], []byte(fact.Got))
			return Confidence(n)
		}
	}
	return 0
}

// A suspicion is a problem that Lint found.
type suspicion struct {
	problem
	confidence Confidence
	remedy     string             // in place of the rule's; empty means the rule's
	source     string             // what the problem is known from, beside the document
	subject    *groundway.Subject // in place of the statement
	more       []groundway.Fact   // what else the verdict rests on
}

// A linter applies the rules of Lint to a document.
type linter struct {
	checker
	options LintOptions
	found   []suspicion
	blocked map[groundway.Code]bool // could not be asked somewhere, because of another problem
	guesses int                     // names that were looked for among those that are close
	asker
}

// An asker asks the catalog and keeps the answers.
type asker struct {
	catalog  Catalog // with the overrides; nil if none was given
	asked    map[Action]*actionFacts
	expanded map[string][]Action
	kept     int                   // actions in expanded
	patterns map[string]arnPattern // of the templates of the catalog

	priced map[string]bool // patterns in lower case that were paid for
	spent  int
	full   bool // a pattern could not be paid for
}

// newAsker returns an asker for a catalog with its corrections.
func newAsker(c Catalog, overrides []Override) asker {
	a := asker{asked: map[Action]*actionFacts{}, expanded: map[string][]Action{}, patterns: map[string]arnPattern{}, priced: map[string]bool{}}
	if c != nil {
		a.catalog = Correct(c, slices.Concat(KnownErrors(), overrides)...)
	}
	return a
}

// maxPatterns is how many different patterns of actions of one document are
// compared with the catalog, so that a hostile one takes seconds at most. One
// over several services counts for 32. No document of 20,480 bytes holds as many
// patterns of use, and AWS takes no larger one.
const maxPatterns = 4096

// afford reports whether a pattern is compared with the catalog.
func (l *asker) afford(a Action) bool {
	key := asciiLower(string(a))
	if l.priced[key] {
		return true
	}
	price := 1
	if service, _, _ := strings.Cut(key, ":"); Action(service).isPattern() {
		price = 32
	}
	if l.spent += price; l.spent > maxPatterns {
		l.full = true
		return false
	}
	l.priced[key] = true
	return true
}

// maxKept is how many actions that patterns match are kept, for the next time.
const maxKept = 1 << 20

// expand returns the actions that a pattern matches.
func (l *asker) expand(pattern Action) []Action {
	key := asciiLower(string(pattern))
	list, ok := l.expanded[key]
	if !ok {
		list = l.catalog.Expand(pattern)
		if l.kept += len(list); l.kept <= maxKept {
			l.expanded[key] = list
		}
	}
	return list
}

// An actionFacts is what the catalog says about an action of the document.
type actionFacts struct {
	name  Action
	level AccessLevel
	known bool
	kinds []ResourceType
	types []typeFacts               // of the kinds, in their order
	keys  map[string][]ConditionKey // by type
}

type typeFacts struct {
	name     string
	patterns []arnPattern
}

// anyService reports whether the type is of no service of its own, as the recovery
// points of AWS Backup.
func (t typeFacts) anyService() bool {
	return slices.ContainsFunc(t.patterns, func(p arnPattern) bool { return strings.ContainsAny(p.parts[2], "*?") })
}

// check notes how a rule came out at a place.
func (l *linter) check(ok bool, s suspicion) {
	if ok {
		l.held[s.code]++
		return
	}
	if s.confidence == LowConfidence {
		s.severity = groundway.Info
	}
	l.found = append(l.found, s)
}

// facts asks the catalog about an action, once.
func (l *asker) facts(a Action) *actionFacts {
	if f := l.asked[a]; f != nil {
		return f
	}
	f := &actionFacts{keys: map[string][]ConditionKey{}}
	l.asked[a] = f
	if l.catalog == nil {
		return f
	}
	if f.name, f.level, f.known = l.catalog.Action(a); !f.known {
		return f
	}
	f.kinds = l.catalog.ResourceTypes(f.name)
	for _, t := range f.kinds {
		own := typeFacts{name: t.Name}
		for _, text := range t.Patterns() {
			p, ok := l.patterns[text]
			if !ok {
				p, _ = readResource(text, Version2008)
				l.patterns[text] = p
			}
			own.patterns = append(own.patterns, p)
		}
		f.types = append(f.types, own)
	}
	return f
}

// keysOf returns the condition keys of an action for a type.
func (l *asker) keysOf(f *actionFacts, kind string) []ConditionKey {
	keys, ok := f.keys[kind]
	if !ok {
		keys = l.catalog.ConditionKeys(f.name, kind)
		f.keys[kind] = keys
	}
	return keys
}

// report returns the findings of all rules.
func (l *linter) report() []groundway.Finding {
	found := map[groundway.Code][]suspicion{}
	for _, s := range l.found {
		found[s.code] = append(found[s.code], s)
	}
	findings, failed := l.shared()
	for _, r := range lintRules() {
		own := l.suspicions(r, found[r.Code])
		for _, f := range own {
			failed[r.Code] = append(failed[r.Code], f.Fingerprint())
		}
		switch {
		case needsCatalog[r.Code] && l.catalog == nil:
			own = append(own, l.unseen(r, "Which actions AWS has is not known: the options have no catalog",
				"Give a catalog in the options, such as the one of the package iam/catalog."))
		case len(own) > 0:
		case needsCatalog[r.Code] && l.full:
			own = append(own, l.unseen(r, fmt.Sprintf("The document has more than %d patterns of actions, and the others are not compared with the catalog", maxPatterns),
				"Name the actions, or split the document."))
		case l.blocked[r.Code]:
			l.held[r.Code] = 0
			f := l.rest(r, failed)
			f.Summary = "What the rule needs is wrong elsewhere"
			own = append(own, f)
		default:
			own = append(own, l.rest(r, failed))
		}
		findings = append(findings, own...)
	}
	return sortFindings(findings)
}

// shared returns the findings of Validate's rules that Lint has too, and the
// fingerprints of all that failed.
func (l *linter) shared() (findings []groundway.Finding, failed map[groundway.Code][]string) {
	c := checker{doc: l.doc, kind: l.kind, held: map[groundway.Code]int{}, where: l.where}
	c.document()
	problems := map[groundway.Code][]problem{}
	for _, p := range c.problems {
		problems[p.code] = append(problems[p.code], p)
	}
	failed = map[groundway.Code][]string{}
	for _, r := range rules() {
		own := c.findings(r, problems[r.Code])
		for i, f := range own {
			if f.Outcome == groundway.Failed {
				failed[r.Code] = append(failed[r.Code], f.Fingerprint())
				own[i].Evidence = append(f.Evidence, groundway.Fact{Got: HighConfidence.String(), Want: confidenceWanted})
			}
		}
		if !sharedRules[r.Code] || l.options.Validated {
			continue
		}
		if len(own) == 0 {
			own = append(own, c.rest(r, failed))
		}
		findings = append(findings, own...)
	}
	return findings, failed
}

// suspicions returns the findings of one rule that failed.
func (l *linter) suspicions(r rule, list []suspicion) []groundway.Finding {
	var findings []groundway.Finding
	for _, s := range list {
		f := l.findings(r, []problem{s.problem})[0]
		if s.subject != nil {
			f.Subject = *s.subject
			f.Evidence[0].Path = ""
		}
		f.Evidence[0].Source = s.source
		f.Evidence = append(f.Evidence, s.more...)
		if f.Outcome == groundway.Failed {
			f.Evidence = append(f.Evidence, groundway.Fact{Got: s.confidence.String(), Want: confidenceWanted})
		}
		if s.remedy != "" {
			f.Remedies[0].Action = s.remedy
		}
		findings = append(findings, f)
	}
	return findings
}

// unseen returns the finding of a rule that could not ask the catalog.
func (l *linter) unseen(r rule, summary, remedy string) groundway.Finding {
	l.held[r.Code] = 0
	f := l.rest(r, nil)
	if f.Causes == nil && r.kinds != nil && !slices.Contains(r.kinds, l.kind) {
		return f
	}
	f.Outcome = groundway.Unknown
	f.Summary = summary
	f.Evidence = []groundway.Fact{{Want: "a catalog of actions"}}
	f.Remedies = []groundway.Remedy{{Action: remedy, URL: serviceAuthorization}}
	return f
}

// statement applies the rules to one statement.
func (l *linter) statement(i int, s Statement) {
	resources := resourcesOf(s, l.doc.Version)
	for k, a := range s.Actions {
		if l.action(i, []string{"Action", strconv.Itoa(k)}, a) {
			l.grant(i, k, a, s, resources)
		} else if l.catalog != nil {
			l.blocked[codeGrantDead] = true
		}
	}
	for k, a := range s.NotActions {
		l.action(i, []string{"NotAction", strconv.Itoa(k)}, a)
	}
	keys := &statementKeys{statement: s, resources: resources}
	for _, c := range s.Conditions {
		if c.Key != "" && c.Operator.IsValid() {
			l.compared(i, c, keys)
		}
	}
	l.serviceLinked(i, s, resources)
	if s.Effect == EffectAllow && l.is(IdentityPolicy, ResourcePolicy, SessionPolicy, EndpointPolicy) {
		l.passRole(i, s)
		l.tagging(i, s)
	}
	if s.Effect == EffectAllow && l.kind == TrustPolicy {
		l.trustees(i, s)
	}
	l.attachable(i, s)
}

// isPattern reports whether an action has wildcards.
func (a Action) isPattern() bool { return strings.ContainsAny(string(a), "*?") }

// matches reports whether the action is the name, or a pattern of it.
func (a Action) matches(name Action) bool {
	return glob(asciiLower(string(a)), asciiLower(string(name)))
}
