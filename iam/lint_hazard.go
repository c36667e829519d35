package iam

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/groundway-sdk/groundway"
)

// A fixedARN is an ARN of a statement that names one partition.
type fixedARN struct {
	steps     []string
	text      string
	partition Partition
}

// A partitionUse is how the ARNs of a statement name their partitions.
type partitionUse struct {
	fixed []fixedARN
	open  int // with a wildcard, a variable or a placeholder
}

// partitions applies the rule about fixed partitions. That a document is written
// for one partition is one finding; where others of its ARNs are in any, the
// statements that are not are findings of their own, and so are those that name
// another partition than the options.
func (l *linter) partitions() {
	wanted := l.options.Partition
	uses := make([]partitionUse, len(l.doc.Statements))
	open, arns, statements, named := 0, 0, 0, map[Partition]bool{}
	for i, s := range l.doc.Statements {
		u := usePartitions(s)
		all := len(u.fixed) + u.open
		u.fixed = slices.DeleteFunc(u.fixed, func(f fixedARN) bool { return f.partition == wanted })
		if len(u.fixed) == 0 && all > 0 {
			l.held[codePartitionFixed]++
		}
		for _, f := range u.fixed {
			named[f.partition] = true
		}
		if len(u.fixed) > 0 {
			statements++
		}
		open += u.open
		arns += len(u.fixed)
		uses[i] = u
	}
	if arns == 0 {
		return
	}
	p := suspicion{problem: problem{code: codePartitionFixed, statement: -1, want: "a partition that is filled in, or arn:*"}, confidence: HighConfidence}
	alone := wanted == "" && open == 0 && len(named) == 1
	for i, u := range uses {
		if len(u.fixed) == 0 {
			continue
		}
		first := u.fixed[0]
		if alone {
			p.more = append(p.more, groundway.Fact{
				Path: l.where.place(l.doc, i, first.text, first.steps...), Got: first.text, Want: "the first ARN of its statement",
			})
			p.got = "arn:" + string(first.partition)
			p.summary = fmt.Sprintf("The document holds in the partition %s alone, by %s in %s", first.partition, count(arns, "ARN"), count(statements, "statement"))
			continue
		}
		p.statement, p.steps, p.value, p.got = i, first.steps, first.text, first.text
		p.severity = groundway.Warning
		p.summary = fmt.Sprintf("%s of the statement %s in the partition %s alone, amid others that are not", count(len(u.fixed), "ARN"), are(len(u.fixed)), first.partition)
		if wanted != "" {
			p.severity = groundway.Error
			p.want = "arn:" + string(wanted)
			p.summary = fmt.Sprintf("%s of the statement %s in the partition %s, and the document is for %s", count(len(u.fixed), "ARN"), are(len(u.fixed)), first.partition, plain(string(wanted)))
			p.remedy = fmt.Sprintf("Write arn:%s:, or arn:*:.", plain(string(wanted)))
		}
		l.check(false, p)
	}
	if alone {
		l.check(false, p)
	}
}

// usePartitions looks at all ARNs of a statement but its principals, in which
// AWS takes no wildcard.
func usePartitions(s Statement) partitionUse {
	var u partitionUse
	note := func(text string, steps ...string) {
		rest, ok := strings.CutPrefix(text, "arn:")
		partition, _, more := strings.Cut(rest, ":")
		switch {
		case !ok || !more:
		case Partition(partition).IsKnown():
			u.fixed = append(u.fixed, fixedARN{steps, text, Partition(partition)})
		default:
			u.open++
		}
	}
	for k, r := range s.Resources {
		note(r, "Resource", strconv.Itoa(k))
	}
	for k, r := range s.NotResources {
		note(r, "NotResource", strconv.Itoa(k))
	}
	for _, c := range s.Conditions {
		for k, v := range c.Values {
			note(v, "Condition", string(c.Operator), c.Key, strconv.Itoa(k))
		}
	}
	return u
}

const passRole Action = "iam:PassRole"

const serviceLinkedRole = "arn:*:iam::*:role/aws-service-role/*"

// passRole applies the rules about passing roles to an Allow statement.
func (l *linter) passRole(i int, s Statement) {
	k := slices.IndexFunc(s.Actions, func(a Action) bool { return a.matches(passRole) })
	if k < 0 {
		return
	}
	a := s.Actions[k]
	p := suspicion{
		problem:    problem{code: codePassRoleService, statement: i, steps: []string{"Action", strconv.Itoa(k)}, value: string(a), got: "no condition", want: "a condition on iam:PassedToService"},
		confidence: HighConfidence,
	}
	what := string(passRole)
	if a != passRole {
		what = string(a) + ", and with it " + what + ","
	}
	p.summary = what + " is allowed for every service that the roles trust"
	// A pattern of every name, such as *.amazonaws.com, names none.
	limited := func(c Condition) bool {
		every := func(v string) bool { return c.Operator.Base() == "StringLike" && strings.HasPrefix(v, "*") }
		return c.pins() && asciiLower(c.Key) == "iam:passedtoservice" && !slices.ContainsFunc(c.Values, every)
	}
	l.check(slices.ContainsFunc(s.Conditions, limited), p)

	wide := ""
	for _, text := range s.Resources {
		r, ok := readResource(text, l.doc.Version)
		if ok && overlaps(r.parts[2], "iam") && within("role/*", r.parts[5]) {
			wide = text
			break
		}
	}
	p.code, p.got, p.want = codePassRoleWide, wide, "the roles by name or path"
	p.summary = fmt.Sprintf("%s is allowed on every role, by %s", what, quote(wide))
	if len(s.Resources) > 0 || s.NotResources != nil {
		if s.NotResources != nil {
			wide = "NotResource"
			p.got = wide
			p.summary = what + " is allowed on every role but those in NotResource"
		}
		l.check(wide == "", p)
	}
}

// taggers are the actions that set tags of any resource, with the key that says
// which action the tags come with.
var taggers = []struct {
	action    Action
	createKey string
}{
	{"ec2:CreateTags", "ec2:createaction"},
	{"elasticloadbalancing:AddTags", "elasticloadbalancing:createaction"},
}

// tagging applies the rule about tags to an Allow statement. An action that sets
// the tags of several services is one finding.
func (l *linter) tagging(i int, s Statement) {
	exact := len(s.Resources) > 0 && !slices.ContainsFunc(s.Resources, func(r string) bool { return strings.ContainsAny(r, "*?") })
	open := map[int][]string{}
	for _, t := range taggers {
		k := slices.IndexFunc(s.Actions, func(a Action) bool { return a.matches(t.action) })
		if k < 0 {
			continue
		}
		guarded := s.pinned(func(key string) bool {
			return key == t.createKey || strings.HasPrefix(key, "aws:resourcetag/") || strings.HasPrefix(key, t.action.Service()+":resourcetag/")
		})
		if guarded || exact {
			l.held[codeTaggingOpen]++
			continue
		}
		open[k] = append(open[k], string(t.action))
	}
	for k, a := range s.Actions {
		names := open[k]
		if names == nil {
			continue
		}
		what := listed(names)
		if a != Action(what) {
			what = string(a) + ", and with it " + what + ","
		}
		l.check(false, suspicion{
			problem: problem{
				code: codeTaggingOpen, statement: i, steps: []string{"Action", strconv.Itoa(k)}, value: string(a),
				summary: what + " is allowed on resources that others made",
				got:     "no condition", want: "a condition on the CreateAction key or on aws:ResourceTag",
			},
			confidence: HighConfidence,
		})
	}
}

// trustees applies the rule about conditions to an Allow statement of a trust
// policy. Everybody, whole accounts, services and web identities have rules of
// their own.
func (l *linter) trustees(i int, s Statement) {
	conditional := slices.ContainsFunc(s.Conditions, func(c Condition) bool { return c.Key != "" && len(c.Values) > 0 })
	index := map[PrincipalKind]int{}
	for _, who := range s.Principals {
		steps := []string{"Principal", string(who.Kind), strconv.Itoa(index[who.Kind])}
		index[who.Kind]++
		_, whole := who.account()
		saml := who.Kind == PrincipalFederated && strings.Contains(who.Value, ":saml-provider/")
		if !saml && (who.Kind != PrincipalAWS || whole || who.Value == "*" || who.deleted()) {
			continue
		}
		p := suspicion{
			problem: problem{
				code: codeTrustOpen, statement: i, steps: steps, value: who.Value, got: who.Value,
				want:    "a condition on aws:MultiFactorAuthPresent, sts:ExternalId or aws:PrincipalOrgID",
				summary: fmt.Sprintf("%s may assume the role with nothing but its credentials", quote(who.Value)),
			},
			confidence: HighConfidence,
		}
		switch {
		case saml:
			p.summary = fmt.Sprintf("%s may vouch for sign-ins of any audience", quote(who.Value))
			p.want = "a condition on SAML:aud"
			p.remedy = "Add a StringEquals condition on SAML:aud with the sign-in endpoint of AWS."
		case !strings.Contains(who.Value, ":user/"):
			p.confidence = LowConfidence // a role of one's own account, as a rule
		}
		l.check(conditional, p)
	}
}

// attached applies the rule about managed policies to those of the options.
func (l *linter) attached() {
	for _, text := range sorted(slices.Clone(l.options.AttachedPolicies)) {
		subject := groundway.Subject{Kind: "managed-policy", ID: text, ARN: text}
		p := suspicion{problem: problem{code: codeManagedWide, statement: -1, got: text, want: "a policy of one's own"}, confidence: HighConfidence, subject: &subject}
		a, err := ParseARN(text)
		if err != nil || a.Service != "iam" || !strings.HasPrefix(a.Resource, "policy/") {
			p.outcome = groundway.Unknown
			p.want = "the ARN of a managed policy"
			p.summary = fmt.Sprintf("What policy %s is cannot be told: it is not the ARN of one", quote(text))
			p.remedy = "Give the ARN of the policy."
			l.check(false, p)
			continue
		}
		l.managed(a, p, "is attached")
	}
}

// attachable applies the rule about managed policies to those that a statement
// lets its holder attach.
func (l *linter) attachable(i int, s Statement) {
	if s.Effect != EffectAllow {
		return
	}
	for _, c := range s.Conditions {
		if conditionKey(c.Key) != "iam:policyarn" || !c.pins() {
			continue
		}
		for k, v := range c.Values {
			a, err := ParseARN(v)
			if err != nil {
				continue
			}
			l.managed(a, suspicion{
				problem: problem{
					code: codeManagedWide, statement: i, steps: []string{"Condition", string(c.Operator), c.Key, strconv.Itoa(k)}, value: v,
					got: v, want: "a policy of one's own",
				},
				confidence: HighConfidence,
			}, "may be attached")
		}
	}
}

func (l *linter) managed(a ARN, p suspicion, how string) {
	name := a.ResourceName()
	name = name[strings.LastIndexByte(name, '/')+1:]
	why, sure := "", true
	if a.Account == "aws" {
		why, sure = widePolicy(name)
	}
	if !sure {
		p.confidence = MediumConfidence
	}
	p.summary = fmt.Sprintf("%s %s, which allows %s", plain(name), how, why)
	l.check(why == "", p)
}

// widePolicy returns what a managed policy of AWS allows, if it is wide, and
// whether that is known from the policy or only from its name.
//
// https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
func widePolicy(name string) (why string, sure bool) {
	switch name {
	case "AdministratorAccess":
		return "everything", true
	case "PowerUserAccess":
		return "everything but users, groups and organizations", true
	case "IAMFullAccess":
		return "everything in IAM, and through it everything", true
	case "SystemAdministrator", "NetworkAdministrator", "DatabaseAdministrator":
		return "the administration of many services", true
	}
	if strings.HasSuffix(name, "FullAccess") || strings.HasPrefix(name, "AdministratorAccess-") {
		return "a whole service, by its name", false
	}
	return "", true
}

// serviceLinked applies the rule about service-linked roles.
func (l *linter) serviceLinked(i int, s Statement, r *resourceSet) {
	if !r.known || l.kind == TrustPolicy {
		return
	}
	roles, _ := readResource(serviceLinkedRole, Version2008)
	for k, a := range s.Actions {
		if !slices.ContainsFunc(serviceLinkedRoleActions, func(linked Action) bool { return strings.EqualFold(string(linked), string(a)) }) {
			continue
		}
		verb := "grants"
		if s.Effect == EffectDeny {
			verb = "denies"
		}
		l.check(r.overlaps(roles), suspicion{
			problem: problem{
				code: codeServiceLinked, statement: i, steps: []string{"Action", strconv.Itoa(k)}, value: string(a),
				summary: fmt.Sprintf("%s %s nothing: no resource is below role/aws-service-role/", a, verb),
				got:     "on " + listed(s.Resources), want: serviceLinkedRole,
			},
			confidence: HighConfidence,
		})
	}
}
