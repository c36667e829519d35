package iam

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/groundway-sdk/groundway"
)

// ValidateOptions adjust [Validate]. The zero value is right for most callers.
type ValidateOptions struct {
	// MaxSize is the quota to compare the size with, where the account has
	// another than the default, or where the policy is an inline one, see
	// [SizeLimits]. 0 means the first limit of the kind.
	MaxSize int
	// Name and Path are those of the policy, or of the role of a trust policy.
	// Empty ones are not checked.
	Name string
	Path string
}

// Validate checks a document by the rules that AWS has for its kind, and by a
// few about its safety. It knows no catalogue of actions: whether an action
// exists is not its question. Each of [Rules] yields findings: one for each
// place where it failed, or one for the document where it passed or does not
// apply, with the number of places as evidence.
//
// Subjects are the document (kind "policy") or a statement ("policy-statement",
// with its Sid as the ID); their paths are line:column for documents that
// were read from a text, with the file in front, and JSON pointers for others,
// with the indexes of the lists as they are in the Document.
//
// The size is that of the text that the document was read from, if the
// document is still the same, and of [Document.String] otherwise. Where AWS's
// pages contradict each other about a quota, a size between the two numbers is
// unknown.
//
// The findings are in the order of [groundway.Finding.Compare]. An invalid kind
// yields no findings.
func Validate(d Document, kind Kind, o ValidateOptions) []groundway.Finding {
	if kind == kindInvalid || int(kind) >= len(kindNames) {
		return nil
	}
	c := checker{doc: d, kind: kind, held: map[groundway.Code]int{}, where: newLocator()}
	c.document()
	c.quotas(o)

	problems := map[groundway.Code][]problem{}
	for _, p := range c.problems {
		problems[p.code] = append(problems[p.code], p)
	}
	var findings []groundway.Finding
	failed := map[groundway.Code][]string{}
	for _, r := range rules() {
		own := c.findings(r, problems[r.Code])
		for _, f := range own {
			if f.Outcome == groundway.Failed {
				failed[r.Code] = append(failed[r.Code], f.Fingerprint())
			}
		}
		if len(own) == 0 {
			own = append(own, c.rest(r, failed))
		}
		findings = append(findings, own...)
	}
	return sortFindings(findings)
}

// sortFindings sorts by pointers: findings are large, and of a document full of
// mistakes there are many.
func sortFindings(findings []groundway.Finding) []groundway.Finding {
	order := make([]*groundway.Finding, len(findings))
	for i := range findings {
		order[i] = &findings[i]
	}
	slices.SortStableFunc(order, func(a, b *groundway.Finding) int { return a.Compare(*b) })
	sorted := make([]groundway.Finding, len(findings))
	for i, f := range order {
		sorted[i] = *f
	}
	return sorted
}

// A problem is what a rule found. The builder turns it into an error, Validate
// into a finding.
type problem struct {
	code      groundway.Code
	severity  groundway.Severity // zero means the rule's
	outcome   groundway.Outcome  // zero means failed
	statement int                // -1 for the document
	steps     []string           // from the statement to the place
	value     string             // what stands there; empty where the place is not a value
	summary   string
	got, want string
	url       string // the page for the remedy; empty means the rule's
}

// A checker applies the rules to a document. With an invalid kind it applies
// those that hold for every kind.
type checker struct {
	doc      Document
	kind     Kind
	problems []problem
	held     map[groundway.Code]int // places where a rule held
	where    *locator
}

// test notes how a rule came out at a place.
func (c *checker) test(ok bool, p problem) {
	if ok {
		c.held[p.code]++
		return
	}
	c.problems = append(c.problems, p)
}

func (c *checker) is(kinds ...Kind) bool { return slices.Contains(kinds, c.kind) }

// findings returns the findings of the problems of one rule.
func (c *checker) findings(r rule, problems []problem) []groundway.Finding {
	var list []groundway.Finding
	for _, p := range problems {
		at := c.where.place(c.doc, p.statement, p.value, p.steps...)
		subject := groundway.Subject{Kind: "policy", Path: at}
		if p.statement >= 0 {
			subject.Kind, subject.ID = "policy-statement", c.doc.Statements[p.statement].ID
		}
		list = append(list, groundway.Finding{
			Code:     r.Code,
			Outcome:  cmp.Or(p.outcome, groundway.Failed),
			Severity: cmp.Or(p.severity, r.Severity),
			Subject:  subject,
			Summary:  p.summary + ".",
			Detail:   r.reason(),
			Evidence: []groundway.Fact{{Path: at, Got: p.got, Want: p.want}},
			Remedies: []groundway.Remedy{{Action: r.remedy, URL: cmp.Or(p.url, r.url)}},
		})
	}
	return list
}

// rest returns the one finding of a rule that found no problem.
func (c *checker) rest(r rule, failed map[groundway.Code][]string) groundway.Finding {
	f := groundway.Finding{
		Code: r.Code, Severity: r.Severity, Outcome: groundway.Passed,
		Subject:  groundway.Subject{Kind: "policy", Path: c.where.place(c.doc, -1, "")},
		Summary:  r.Title,
		Evidence: []groundway.Fact{{Got: strconv.Itoa(c.held[r.Code]), Want: "the number of places that the rule was applied to"}},
	}
	if c.held[r.Code] > 0 {
		return f
	}
	f.Outcome = groundway.Skipped
	f.Detail = "the document has nothing that the rule applies to"
	if r.kinds != nil && !slices.Contains(r.kinds, c.kind) {
		f.Detail = "the rule does not apply to " + c.kind.title()
		return f
	}
	for _, code := range r.DependsOn {
		f.Causes = append(f.Causes, failed[code]...)
	}
	if f.Causes != nil {
		slices.Sort(f.Causes)
		f.Detail = "a rule that this one depends on failed"
	}
	return f
}

// document applies the rules about the language.
func (c *checker) document() {
	d := c.doc
	known := d.Version == "" || d.Version == Version2008 || d.Version == Version2012
	c.test(known, problem{
		code: codeVersionInvalid, statement: -1, steps: []string{"Version"}, value: string(d.Version),
		summary: fmt.Sprintf("Version is %s", quote(string(d.Version))), got: string(d.Version), want: "2012-10-17 or 2008-10-17",
	})
	if known {
		p := problem{
			code: codeVersionOld, statement: -1, steps: []string{"Version"}, value: string(d.Version),
			summary: "The document has no Version, which AWS reads as 2008-10-17", got: string(d.Version), want: "2012-10-17",
		}
		if d.Version != "" {
			p.summary = "Version is 2008-10-17, in which there are no policy variables"
		}
		if c.kind == ResourceControlPolicy {
			p.severity = groundway.Error
		}
		c.test(d.Version == Version2012, p)
	}
	if c.is(IdentityPolicy, SessionPolicy, ServiceControlPolicy) {
		p := problem{
			code: codeIDUnsupported, statement: -1, steps: []string{"Id"}, value: d.ID,
			summary: "The document has an Id, which " + c.kind.title() + " may not have", got: d.ID,
		}
		if c.kind == ServiceControlPolicy {
			p.severity = groundway.Warning
		}
		c.test(d.ID == "", p)
	}
	c.test(len(d.Statements) > 0, problem{
		code: codeStatementMissing, statement: -1, steps: []string{"Statement"},
		summary: "The document has no statement", want: "at least one statement",
	})

	sids := map[string]int{}
	for i, s := range d.Statements {
		c.sid(i, s, sids)
		c.effect(i, s)
		c.principals(i, s)
		c.actions(i, s)
		c.resources(i, s)
		c.conditions(i, s)
		switch c.kind {
		case TrustPolicy:
			c.trust(i, s)
		case ResourceControlPolicy:
			c.rcp(i, s)
		}
	}
}

func (c *checker) sid(i int, s Statement, seen map[string]int) {
	if s.ID == "" {
		return
	}
	p := problem{
		code: codeSidInvalid, statement: i, steps: []string{"Sid"}, value: s.ID,
		summary: fmt.Sprintf("Sid %s has characters other than letters and digits", quote(s.ID)), got: s.ID, want: "letters A-Z and a-z, digits",
	}
	if c.is(ResourcePolicy, EndpointPolicy) {
		p.severity = groundway.Warning
	}
	c.test(strings.IndexFunc(s.ID, func(r rune) bool { return !isAlphanumeric(r) }) < 0, p)
	first, dup := seen[s.ID]
	if !dup {
		seen[s.ID] = i
		first = i
	}
	c.test(!dup, problem{
		code: codeSidDuplicate, statement: i, steps: []string{"Sid"}, value: s.ID,
		summary: fmt.Sprintf("Sid %s stands on statement %d already", quote(s.ID), first+1), got: s.ID, want: "a Sid that no other statement has",
	})
}

func isAlphanumeric(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
}

func (s Statement) effectKnown() bool { return s.Effect == EffectAllow || s.Effect == EffectDeny }

func (c *checker) effect(i int, s Statement) {
	p := problem{
		code: codeEffectInvalid, statement: i, steps: []string{"Effect"}, value: string(s.Effect),
		summary: "The statement has no Effect", got: string(s.Effect), want: "Allow or Deny",
	}
	if s.Effect != "" {
		p.summary = fmt.Sprintf("Effect is %s", quote(string(s.Effect)))
	}
	c.test(s.effectKnown(), p)
}

func (c *checker) actions(i int, s Statement) {
	c.exactlyOne(i, codeActionMissing, "Action", s.Actions != nil, len(s.Actions), s.NotActions != nil, len(s.NotActions))
	for _, list := range []struct {
		element string
		actions []Action
	}{{"Action", s.Actions}, {"NotAction", s.NotActions}} {
		for k, a := range list.actions {
			p := problem{
				code: codeActionInvalid, statement: i, steps: []string{list.element, strconv.Itoa(k)}, value: string(a),
				summary: fmt.Sprintf("Action %s is not of the form SERVICE:NAME", quote(string(a))), got: string(a), want: "* or SERVICE:NAME",
			}
			service, name, ok := strings.Cut(string(a), ":")
			ok = a == "*" || ok && service != "" && name != "" && !strings.ContainsAny(service, " \t\r\n")
			c.test(ok, p)
			if !ok {
				continue
			}
			p.code = codeActionUnusual
			p.summary = fmt.Sprintf("Action %s has characters that no action has", quote(string(a)))
			p.want = "letters, digits, hyphens and wildcards"
			odd := func(r rune) bool { return !isAlphanumeric(r) && r != '-' && r != '*' && r != '?' }
			c.test(a == "*" || strings.IndexFunc(service, odd) < 0 && strings.IndexFunc(name, odd) < 0, p)
		}
	}
	if s.NotActions != nil && s.effectKnown() && c.is(IdentityPolicy, ResourcePolicy, SessionPolicy, EndpointPolicy) {
		c.test(s.Effect == EffectDeny, problem{
			code: codeNotActionAllow, statement: i, steps: []string{"NotAction"},
			summary: "The statement allows every action but those in NotAction", got: "Allow with NotAction", want: "Action",
		})
	}
}

// exactlyOne tests an element and its negation.
func (c *checker) exactlyOne(i int, code groundway.Code, element string, has bool, n int, hasNot bool, nNot int) {
	p := problem{code: code, statement: i, want: "one of " + element + " and Not" + element + ", with a value"}
	switch {
	case has && hasNot:
		p.summary = "The statement has both " + element + " and Not" + element
		p.got = "both"
		p.steps = []string{"Not" + element}
	case !has && !hasNot:
		p.summary = "The statement has neither " + element + " nor Not" + element
	case has && n == 0:
		p.summary = element + " has no value"
		p.steps = []string{element}
	case hasNot && nNot == 0:
		p.summary = "Not" + element + " has no value"
		p.steps = []string{"Not" + element}
	}
	c.test(p.summary == "", p)
}

func (c *checker) resources(i int, s Statement) {
	switch {
	case c.kind == TrustPolicy:
		element := "Resource"
		if s.NotResources != nil {
			element = "NotResource"
		}
		c.test(s.Resources == nil && s.NotResources == nil, problem{
			code: codeResourceUnsupported, statement: i, steps: []string{element},
			summary: "The statement of a trust policy has " + element, got: element,
		})
	case c.kind == ResourcePolicy && s.Resources == nil && s.NotResources == nil:
		// As in the policies of ECR repositories.
	case c.kind == kindInvalid && s.Resources == nil && s.NotResources == nil && s.namesPrincipal():
	default:
		c.exactlyOne(i, codeResourceMissing, "Resource", s.Resources != nil, len(s.Resources), s.NotResources != nil, len(s.NotResources))
	}
	for _, list := range []struct {
		element   string
		resources []string
	}{{"Resource", s.Resources}, {"NotResource", s.NotResources}} {
		for k, r := range list.resources {
			c.resource(i, []string{list.element, strconv.Itoa(k)}, r)
		}
	}
}

func (s Statement) namesPrincipal() bool { return s.Principals != nil || s.NotPrincipals != nil }

func (c *checker) resource(i int, steps []string, r string) {
	p := problem{
		code: codeResourceInvalid, statement: i, steps: steps, value: r,
		summary: fmt.Sprintf("Resource %s is no ARN", quote(r)), got: r, want: "* or an ARN",
	}
	parts := strings.SplitN(r, ":", 6)
	switch {
	case r == "*":
		c.held[codeResourceInvalid]++
		return
	case parts[0] != "arn" || len(parts) < 2:
		c.test(false, p)
		return
	case len(parts) > 2 && strings.ContainsAny(parts[2], "*?"):
		p.summary = fmt.Sprintf("Resource %s has a wildcard within its service", quote(r))
		p.want = "a service without wildcards"
		c.test(false, p)
		return
	}
	c.test(true, p)
	p.code = codeResourceShort
	p.summary = fmt.Sprintf("Resource %s has %d of the 6 parts of an ARN", quote(r), len(parts))
	p.want = "6 parts between colons"
	if c.is(ServiceControlPolicy, ResourceControlPolicy) {
		p.severity = groundway.Error
	}
	c.test(len(parts) == 6, p)
	c.variables(i, steps, r, func(t Template) string {
		// The first decides: those behind it have no fewer colons before them.
		first := slices.IndexFunc(t, func(s Segment) bool { return s.Key != "" })
		if strings.Count(r[:t[first].Offset], ":") < 5 {
			return "before the last part of the ARN"
		}
		return ""
	})
}

// rcp applies the rules of resource control policies.
func (c *checker) rcp(i int, s Statement) {
	if s.effectKnown() {
		c.test(s.Effect == EffectDeny, problem{
			code: codeRCPEffect, statement: i, steps: []string{"Effect"}, value: string(s.Effect),
			summary: "The statement allows", got: string(s.Effect), want: "Deny",
		})
	}
	if s.Principals != nil {
		c.test(slices.Equal(s.Principals, []Principal{Everyone()}), problem{
			code: codeRCPPrincipal, statement: i, steps: []string{"Principal"},
			summary: "Principal names somebody", got: fmt.Sprint(principalNames(s.Principals)), want: `"*"`,
		})
	}
	if s.NotActions != nil {
		c.test(false, problem{
			code: codeRCPAction, statement: i, steps: []string{"NotAction"},
			summary: "The statement has NotAction", got: "NotAction", want: "Action",
		})
	}
	for k, a := range s.Actions {
		c.test(a != "*", problem{
			code: codeRCPAction, statement: i, steps: []string{"Action", strconv.Itoa(k)}, value: string(a),
			summary: "Action is *, for all services at once", got: "*", want: "the actions of a service, such as s3:*",
		})
	}
}
