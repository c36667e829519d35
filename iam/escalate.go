package iam

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
)

// EscalateOptions say who asks, and what there is in the account. Of a list that
// is nil nothing is known: names are made up then, after the patterns of the
// policies.
type EscalateOptions struct {
	// Principal is the user or role whose policies they are, by its ARN, or a
	// session of the role. It has no default.
	Principal string
	Region    Region  // of the resources that are made up; empty means us-east-1
	Context   Context // condition keys that all requests of the principal have
	// Users, Roles and Groups are those of the account, by ARN, that have more
	// permissions than the principal.
	Users, Roles, Groups []string
	// OwnGroups are the groups that the user is in, by ARN, and AttachedPolicies
	// the customer managed policies that are attached to it, to its groups or to
	// the role.
	OwnGroups, AttachedPolicies []string
}

// Escalate looks for the known ways by which a principal makes itself, or
// something that it controls, administrator: policies that it writes, keys that
// it makes for others, roles that it passes to services. Each way is a list of
// requests, which [Authorizer.Authorize] decides with the permissions boundary,
// the policies of the organization, and conditions taken into account.
//
// A way that is open is a failed finding with the requests as evidence, each
// with the place of the statement that allows it. One that depends on condition
// keys that the options do not give is unknown, with these keys. What the
// principal's own boundary would still limit does not count: an identity that
// writes its own policies under a boundary gains nothing.
//
// There is one finding a rule and principal. The rules are those of [Rules] under
// iam/escalation-. Where the principal may do everything already, that is the
// one failed finding and the others are skipped. The policies of single
// resources are not looked at. The error is that of [Compile], or says what is
// wrong with the options.
func Escalate(p Policies, o EscalateOptions) ([]groundway.Finding, error) {
	caller, err := parseAuthCaller(o.Principal)
	switch {
	case err != nil:
		return nil, fmt.Errorf("escalate: %w", err)
	case caller.kind != authUser && caller.kind != authRole && caller.kind != authSession:
		return nil, fmt.Errorf("escalate: principal %s: want the ARN of a user, a role, or a session of a role", quote(o.Principal))
	}
	for _, list := range [][]string{o.Users, o.Roles, o.Groups, o.OwnGroups, o.AttachedPolicies} {
		for _, arn := range list {
			if !isARNPattern(arn) || strings.ContainsAny(arn, "*?") {
				return nil, fmt.Errorf("escalate: %s: want an ARN without wildcards", quote(arn))
			}
		}
	}
	p.Resource, p.Session = Document{}, nil
	e := escalator{options: o, policies: p, caller: caller, where: newLocator()}
	if e.authorizer, err = Compile(p); err != nil {
		return nil, fmt.Errorf("escalate: %w", err)
	}
	for trust, who := range map[escalationTrust]Principal{trustsAccount: AccountRoot(Account(caller.account)), trustsPrincipal: AWSPrincipal(o.Principal)} {
		p.Resource = Document{Version: Version2012, Statements: []Statement{Allow(assumeRole).For(who)}}
		if e.trusted[trust], err = Compile(p); err != nil {
			return nil, fmt.Errorf("escalate: %w", err)
		}
	}
	return e.findings()
}

// An escalator tries the ways of one principal.
type escalator struct {
	options    EscalateOptions
	policies   Policies
	caller     authCaller
	authorizer *Authorizer
	trusted    [trustsPrincipal + 1]*Authorizer // where a role is assumed that trusts so
	where      *locator
}

func (e *escalator) findings() ([]groundway.Finding, error) {
	list := escalations()
	subject := groundway.Subject{Kind: "user", ID: e.caller.name, ARN: e.options.Principal, Account: e.caller.account}
	if e.caller.kind != authUser {
		subject.Kind = "role"
	}
	tally := groundway.NewTally(rulesOf(escalateRules()), subject)
	// Whoever may do all but what is IAM's is no administrator.
	administrator, err := e.try([]escalationStep{step("groundway:Anything", anyThing), step("iam:Anything", anyThing)})
	if err != nil {
		return nil, err
	}
	for _, x := range list {
		if x.Code == codeEscalationAdministrator {
			e.record(tally, x, subject, administrator)
			continue
		}
		if administrator.truth == authYes {
			tally.Skip(x.Code, codeEscalationAdministrator, subject)
			continue
		}
		if reason := e.inapplicable(x); reason != "" {
			tally.Inapplicable(x.Code, reason)
			continue
		}
		best := escalationTrial{}
		for _, way := range x.ways {
			trial, err := e.try(way)
			if err != nil {
				return nil, err
			}
			if best.requests == nil || trial.truth > best.truth {
				best = trial
			}
		}
		if x.self && best.truth != authNo {
			free, err := e.unlimited()
			if err != nil {
				return nil, err
			}
			best.truth = min(best.truth, free)
		}
		e.record(tally, x, subject, best)
	}
	return tally.Findings(), nil
}

// inapplicable says why a rule has no subject, if it has none.
func (e *escalator) inapplicable(x escalation) string {
	if x.Code == codeEscalationBoundary && len(e.policies.Boundary) == 0 {
		return "the principal has no permissions boundary"
	}
	for _, way := range x.ways {
		possible := true
		for _, s := range way {
			possible = possible && len(e.targets(s.on)) > 0
		}
		if possible {
			return ""
		}
	}
	if e.caller.kind == authUser {
		return "the principal is a user and no role, or has none of what the calls are done to"
	}
	return "the principal is a role and no user, or has none of what the calls are done to"
}

// An escalationTrial is how a way came out: the truth of all its requests, and
// the requests.
type escalationTrial struct {
	truth    authTruth
	requests []Request
	allowed  []Decision
	missing  []string
}

// try looks for names with which all calls of a way are allowed. What calls are
// done to is chosen for each kind by itself: no call bears on two kinds.
func (e *escalator) try(way []escalationStep) (escalationTrial, error) {
	chosen := map[string]string{}
	for _, s := range way {
		if chosen[s.on] != "" {
			continue
		}
		own := slices.DeleteFunc(slices.Clone(way), func(other escalationStep) bool { return other.on != s.on })
		best, pick := authNo, ""
		for _, target := range e.targets(s.on) {
			chosen[s.on] = target
			trial, err := e.attempt(own, chosen)
			if err != nil {
				return trial, err
			}
			if pick == "" || trial.truth > best {
				best, pick = trial.truth, target
			}
			if best == authYes {
				break
			}
		}
		if pick == "" {
			return escalationTrial{}, nil // there is none
		}
		chosen[s.on] = pick
	}
	return e.attempt(way, chosen)
}

// attempt decides the calls of a way, done to what was chosen.
func (e *escalator) attempt(way []escalationStep, chosen map[string]string) (escalationTrial, error) {
	trial := escalationTrial{truth: authYes}
	for _, s := range way {
		r := Request{Principal: e.options.Principal, Action: s.action, Resource: chosen[s.on], Partial: true, Context: Context{}}
		for key, values := range e.options.Context {
			r.Context[key] = values
		}
		set := func(key string, values ...string) {
			for has := range r.Context {
				if strings.EqualFold(has, key) {
					return
				}
			}
			r.Context[key] = values
		}
		if s.passed != "" {
			set("iam:PassedToService", s.passed)
		}
		if s.policy {
			set("iam:PolicyARN", "arn:"+e.caller.partition+":iam::aws:policy/AdministratorAccess")
		}
		own := (s.on == ownUser || s.on == ownRole) && len(e.policies.Boundary) == 0
		if s.fresh || own || s.on == newUser || s.on == newRole {
			set("iam:PermissionsBoundary") // there is none, or none is sent
		}
		a := e.authorizer
		if s.trust != 0 {
			a = e.trusted[s.trust]
		}
		d, err := a.Authorize(r)
		if err != nil {
			return trial, fmt.Errorf("escalate: %w", err)
		}
		truth := authNo
		switch d.Verdict {
		case Allowed:
			truth = authYes
		case Undetermined:
			truth = authMaybe
		}
		trial.truth = min(trial.truth, truth)
		trial.requests = append(trial.requests, r)
		trial.allowed = append(trial.allowed, d)
		trial.missing = append(trial.missing, d.Missing...)
		if truth == authNo {
			break
		}
	}
	return trial, nil
}

// unlimited reports whether the boundary would let the principal do what makes an
// administrator, if its own policies allowed everything.
func (e *escalator) unlimited() (authTruth, error) {
	if len(e.policies.Boundary) == 0 {
		return authYes, nil
	}
	all := Document{Version: Version2012, Statements: []Statement{Allow("*").On("*")}}
	a, err := Compile(Policies{Identity: []Document{all}, Boundary: e.policies.Boundary})
	if err != nil {
		return authNo, fmt.Errorf("escalate: %w", err)
	}
	bounded := *e
	bounded.authorizer = a
	trial := escalationTrial{truth: authYes}
	for _, s := range []escalationStep{
		step("iam:CreateUser", newUser),
		{action: "iam:AttachUserPolicy", on: newUser, policy: true, fresh: true},
		step("iam:CreateAccessKey", newUser),
	} {
		t, err := bounded.try([]escalationStep{s})
		if err != nil {
			return authNo, err
		}
		trial.truth = min(trial.truth, t.truth)
	}
	return trial.truth, nil
}

// targets returns what a call may be done to, by the word of its step; nil if
// the principal has no such thing.
func (e *escalator) targets(on string) []string {
	iamARN := func(resource string) string {
		return "arn:" + e.caller.partition + ":iam::" + e.caller.account + ":" + resource
	}
	other := func(service, resource string) string {
		return "arn:" + e.caller.partition + ":" + service + ":" + string(cmp.Or(e.options.Region, "us-east-1")) + ":" + e.caller.account + ":" + resource
	}
	isUser := e.caller.kind == authUser
	known := func(list []string, example string) []string {
		if list != nil {
			return list
		}
		return e.examples(example)
	}
	switch on {
	case anyThing:
		return []string{"*"}
	case ownUser:
		if isUser {
			return []string{e.caller.text}
		}
		return nil
	case ownRole:
		switch {
		case isUser:
			return nil
		case e.caller.role != "":
			return []string{e.caller.role}
		}
		if own := e.options.Context["aws:PrincipalArn"]; len(own) == 1 {
			return own
		}
		return []string{iamARN("role/" + e.caller.name)}
	case ownPolicy:
		return known(e.options.AttachedPolicies, iamARN("policy/attached"))
	case ownGroup:
		if !isUser {
			return nil
		}
		return known(e.options.OwnGroups, iamARN("group/own"))
	case otherUser:
		return e.others(known(e.options.Users, iamARN("user/administrator")))
	case otherRole:
		return e.others(known(e.options.Roles, iamARN("role/administrator")))
	case anyGroup:
		if !isUser {
			return nil
		}
		return known(e.options.Groups, iamARN("group/administrators"))
	case newUser:
		return e.others(e.examples(iamARN("user/new")))
	case newRole:
		return e.others(e.examples(iamARN("role/new")))
	case function:
		return e.examples(other("lambda", "function:demo"))
	case instances:
		return e.examples(other("ec2", "instance/i-0a"))
	case stacks:
		return e.examples(other("cloudformation", "stack/demo/1"))
	}
	if strings.HasPrefix(on, "arn:") {
		region := string(cmp.Or(e.options.Region, "us-east-1"))
		return e.examples(strings.NewReplacer("PARTITION", e.caller.partition, "REGION", region, "ACCOUNT", e.caller.account).Replace(on))
	}
	resource := strings.ReplaceAll(on, "*", "demo")
	if strings.HasPrefix(on, "image/") {
		return e.examples("arn:" + e.caller.partition + ":ec2:" + string(cmp.Or(e.options.Region, "us-east-1")) + "::" + resource)
	}
	return e.examples(other("ec2", resource))
}

// others leaves out the principal itself.
func (e *escalator) others(list []string) []string {
	own := e.targets(ownUser)
	own = append(own, e.targets(ownRole)...)
	return slices.DeleteFunc(slices.Clone(list), func(arn string) bool { return slices.Contains(own, arn) })
}

// escalationExamples bounds how many names are made up of a kind.
const escalationExamples = 32

// examples returns an ARN, one of a name that no statement has in mind, in case
// that the first is denied, and others of the type that patterns of the policies
// match: one for each pattern that Allow statements name.
func (e *escalator) examples(arn string) []string {
	like := strings.SplitN(arn, ":", 6)
	kind := like[5][:strings.IndexAny(like[5]+"/", "/:")+1]
	list := []string{arn, strings.TrimSuffix(arn, like[5]) + kind + "groundway"}
	for _, d := range e.policies.Identity {
		for _, s := range d.Statements {
			if s.Effect != EffectAllow {
				continue
			}
			for _, r := range s.Resources {
				if name, ok := exampleOf(r, like, kind, e.caller.name); ok && !slices.Contains(list, name) && len(list) < escalationExamples {
					list = append(list, name)
				}
			}
		}
	}
	return list
}

// exampleOf returns an ARN of the type that the pattern matches.
func exampleOf(pattern string, like []string, kind, user string) (string, bool) {
	parts := strings.SplitN(pattern, ":", 6)
	if len(parts) < 6 || !strings.HasPrefix(parts[5], kind) {
		return "", false
	}
	out := slices.Clone(like)
	for i := range 5 {
		if strings.ContainsAny(parts[i], "*?") {
			if !glob(parts[i], like[i]) {
				return "", false
			}
		} else {
			out[i] = parts[i]
		}
	}
	if out[0] != "arn" || out[2] != like[2] || out[4] != like[4] {
		return "", false
	}
	name := strings.NewReplacer("${aws:username}", user, "${*}", "*", "${?}", "?", "${$}", "$").Replace(parts[5])
	if hasVariable(name) {
		return "", false
	}
	out[5] = strings.NewReplacer("*", "x", "?", "x").Replace(name)
	return strings.Join(out, ":"), true
}

// record notes how a rule came out.
func (e *escalator) record(tally *groundway.Tally, x escalation, subject groundway.Subject, trial escalationTrial) {
	if trial.truth == authNo {
		tally.Pass(x.Code, 1)
		return
	}
	f := groundway.Finding{Code: x.Code, Subject: subject, Remedies: []groundway.Remedy{{Action: x.remedy, URL: x.url}}}
	var calls []string
	for i, r := range trial.requests {
		calls = append(calls, string(r.Action))
		text, _ := json.Marshal(r) // of text alone
		f.Evidence = append(f.Evidence, groundway.Fact{Path: e.place(trial.allowed[i]), Got: string(text), Want: "a request that is denied", Source: string(r.Action)})
	}
	slices.Sort(trial.missing)
	trial.missing = slices.Compact(trial.missing)
	calls = slices.Compact(calls)
	switch {
	case x.Code == codeEscalationAdministrator && trial.truth == authYes:
		f.Summary = fmt.Sprintf("The %s %s may do everything", subject.Kind, quote(e.caller.name))
		tally.Fail(f)
	case trial.truth == authYes:
		f.Summary = fmt.Sprintf("The %s %s may call %s", subject.Kind, quote(e.caller.name), listedCalls(calls))
		tally.Fail(f)
	default:
		f.Summary = fmt.Sprintf("Whether the %s %s may call %s depends on the circumstances", subject.Kind, quote(e.caller.name), listedCalls(calls))
		if len(trial.missing) > 0 {
			f.Summary += ": " + strings.Join(trial.missing, ", ")
		}
		tally.Unknown(f)
	}
}

// listedCalls joins the names of calls.
func listedCalls(calls []string) string {
	if len(calls) < 2 {
		return strings.Join(calls, "")
	}
	return strings.Join(calls[:len(calls)-1], ", ") + " and " + calls[len(calls)-1]
}

// place returns where the statement stands that a decision rests on.
func (e *escalator) place(d Decision) string {
	documents := map[Layer][]Document{IdentityLayer: e.policies.Identity, BoundaryLayer: e.policies.Boundary, EndpointLayer: e.policies.Endpoint}[d.Layer]
	if d.By.Document == 0 || d.By.Document > len(documents) {
		return ""
	}
	return e.where.place(documents[d.By.Document-1], d.By.Statement-1, "")
}
