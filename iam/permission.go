package iam

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
)

// A Need is a request that has to be allowed.
type Need struct {
	Action Action `json:"action"`
	// Resource is an ARN; "*" or empty where the action has none, or where any is
	// meant. A pattern has to be allowed as a whole, by one statement; where it has
	// every name of a type, as role/*, any is meant too.
	Resource string `json:"resource,omitempty"`
	// Context holds the condition keys that the request is known to have, beside
	// those of [PermissionOptions.Context].
	Context Context `json:"context,omitempty"`
}

func (n Need) String() string { return string(n.Action) + " on " + cmp.Or(n.Resource, "*") }

func (n Need) key() string { return asciiLower(string(n.Action)) + " " + cmp.Or(n.Resource, "*") }

// NeedsOf returns what the Allow statements of a document name, as the needs of
// one who has to be able to do all of it: each action on each resource, as
// [Requirements] writes them. Statements with patterns of actions, NotAction or
// NotResource are an error: they name no requests. Conditions are not asked for.
func NeedsOf(requirement Document) ([]Need, error) {
	var needs []Need
	for i, s := range requirement.Statements {
		if s.Effect != EffectAllow {
			continue
		}
		if len(s.Actions) == 0 || len(s.Resources) == 0 {
			return nil, fmt.Errorf("needs: statement %s: it has no actions, or no resources", statementName(i, s))
		}
		for _, a := range s.Actions {
			if actionColon(a) < 0 {
				return nil, fmt.Errorf("needs: statement %s: action %s: want SERVICE:NAME without wildcards", statementName(i, s), quote(string(a)))
			}
			for _, r := range s.Resources {
				needs = append(needs, Need{Action: a, Resource: r})
			}
		}
	}
	return needs, nil
}

// PermissionOptions say whose permissions are asked about, and which. Needs have
// no default.
type PermissionOptions struct {
	// Principal is a user, a role, or the session of a role, by its ARN. Empty
	// means the caller of the snapshot.
	Principal string
	Needs     []Need
	// Context holds the condition keys that every request has, such as
	// aws:RequestedRegion. What depends on any other is unknown.
	Context Context
	// OwnPolicies asks whether the identity's own policies allow, for callers that
	// judge the policies of resources themselves: what these may allow besides, or
	// have to, makes no need unknown. A boundary stays unknown, as it does not bind
	// all of what they allow.
	OwnPolicies bool
}

// CheckPermissions says of each need whether the principal's policies allow it,
// and which layer of them decides. A layer is a rule: what its identity policies
// do not allow is iam/permission-missing, what they deny iam/permission-denied,
// and what keeps it besides iam/permission-boundary and iam/permission-scp. Each
// is answered by itself, so that whoever may not read the organization's policies
// still learns of the others.
//
// The policies of the snapshot decide first, by [Authorizer.Authorize]. Where they
// could not be seen, or depend on condition keys that are not known, it is unknown,
// unless the simulations of the snapshot settle it. These are not trusted where
// they are known to be wrong: for sts:AssumeRole and its like, of which they do not
// look at the trust policy; for a denial with condition keys that were missing; for
// a denial by service control policies, whose conditions they do not evaluate; for
// an implicit denial where a policy of the resource may allow. A simulation that
// contradicts the policies is iam/permission-simulated.
//
// Probes, which are EC2's own word, are iam/permission-probe: a denial there and
// an allowance here mean a layer that nothing shows, such as a session policy.
//
// Policies of resources are not seen. Where one has to allow besides the identity, as
// the key policy of a key and whatever another account has, an allowance is unknown;
// where one of the account may allow instead, a lack is.
//
// A policy that denies a part of what is asked for makes it unknown. Where any
// resource is meant, a denial of certain names is no such part, since others may be
// chosen, and one of a whole type is.
//
// Findings have the principal, or the policy that denies, as their subject, and
// each request as evidence: one policy that lacks forty actions is one finding,
// with one policy to add. The error says what is wrong with the options.
func CheckPermissions(s Snapshot, o PermissionOptions) ([]groundway.Finding, error) {
	c, err := decidePermissions(s, o)
	if err != nil {
		return nil, err
	}
	c.simulated()
	c.probes()
	return c.findings(), nil
}

// Undecided returns the needs that a snapshot leaves open, and which are worth a
// simulation: what the policies that were seen decide needs none.
func Undecided(s Snapshot, o PermissionOptions) ([]Need, error) {
	c, err := decidePermissions(s, o)
	if err != nil {
		return nil, err
	}
	var open []Need
	for i, n := range c.o.Needs {
		for _, verdicts := range c.verdicts {
			if verdicts[i] == Undetermined {
				open = append(open, n)
				break
			}
		}
	}
	return open, nil
}

// decidePermissions asks the layers about all needs.
func decidePermissions(s Snapshot, o PermissionOptions) (*permissionChecker, error) {
	if o.Principal == "" && len(s.Callers.Items) > 0 {
		o.Principal = s.Callers.Items[0].ARN
	}
	c := &permissionChecker{
		s: s.Parts, o: o, bySubject: map[string]*permissionGroup{},
		passed: map[groundway.Code]int{}, skipped: map[groundway.Code]string{}, verdicts: map[Layer][]Verdict{}, simulations: map[string]*Simulation{},
	}
	for i := len(s.Simulated.Items) - 1; i >= 0; i-- { // of several the first counts
		one := &s.Simulated.Items[i]
		c.simulations[Need{Action: Action(one.Action), Resource: one.Resource}.key()] = one
	}
	if o.Principal == "" {
		if s.Callers.Seen || len(s.Callers.Gaps) == 0 {
			return nil, errors.New("check permissions: no principal is given, and the snapshot has no caller")
		}
		c.nobody(s.Callers.Gaps)
		return c, nil
	}
	caller, err := parseAuthCaller(o.Principal)
	if err != nil {
		return nil, fmt.Errorf("check permissions: %w", err)
	}
	if !caller.kind.identity() {
		return nil, fmt.Errorf("check permissions: principal %s: want a user, a role, the session of a role, or the root user", quote(o.Principal))
	}
	if len(o.Needs) == 0 {
		return nil, errors.New("check permissions: no needs are given")
	}
	c.begin(caller)
	for _, layer := range c.layers() {
		if err := c.layer(layer); err != nil {
			return nil, fmt.Errorf("check permissions: %w", err)
		}
	}
	return c, nil
}

type permissionChecker struct {
	s         Parts
	o         PermissionOptions
	who       groundway.Subject
	owner     string // "role/NAME"
	principal string // as requests have it: with its path
	root      bool
	bySubject map[string]*permissionGroup
	passed    map[groundway.Code]int
	skipped   map[groundway.Code]string
	open      bool // of a need it is not known whether the identity is allowed, nor whether it is denied
	// What the layers say of each need, in the order of the needs.
	verdicts    map[Layer][]Verdict
	simulations map[string]*Simulation // by the key of the need
}

// A permissionGroup becomes one finding.
type permissionGroup struct {
	code    groundway.Code
	outcome groundway.Outcome
	subject groundway.Subject
	facts   []groundway.Fact
	needs   []Need
	reasons []string
}

// nobody answers where it is not known who asks.
func (c *permissionChecker) nobody(gaps []groundway.Gap) {
	c.begin(authCaller{})
	for _, code := range []groundway.Code{codePermissionMissing, codePermissionDenied, codePermissionBoundary, codePermissionSCP} {
		g := c.group(code, groundway.Unknown, groundway.Subject{Kind: "principal"})
		g.facts = unseenFacts([]string{"parts", "iamCallers"}, gaps)
		g.reasons = []string{"it is not known who asks: " + gapsInWords(gaps)}
		g.needs = c.o.Needs
	}
}

func (c *permissionChecker) begin(caller authCaller) {
	a, _ := ParseARN(c.o.Principal)
	name := a.ResourceName()[strings.LastIndexByte(a.ResourceName(), '/')+1:]
	kind := a.ResourceType()
	if kind == "assumed-role" {
		kind = "role"
		name, _, _ = strings.Cut(a.ResourceName(), "/")
	}
	c.principal, c.root = c.o.Principal, caller.kind == authRoot
	c.owner = kind + "/" + name
	c.who = groundway.Subject{Kind: kind, ID: name, ARN: c.o.Principal, Account: string(a.Account)}
	if c.root {
		c.who.Kind, c.who.ID = "root", string(a.Account)
	}
}

// layer answers every need by the policies of one layer.
func (c *permissionChecker) layer(l permissionLayer) error {
	if l.none != "" {
		c.skipped[l.code] = l.none
		c.skipped[l.denied] = l.none
		return nil
	}
	p := Policies{Identity: all(), Resource: c.shared()}
	switch l.layer {
	case IdentityLayer:
		p.Identity = l.documents
	case BoundaryLayer:
		// A boundary of which nothing is seen allows nothing that could be relied on.
		p.Boundary = l.documents
	default:
		p.SCPs = l.levels
	}
	a, err := Compile(p)
	if err != nil {
		return err
	}
	c.verdicts[l.layer] = make([]Verdict, len(c.o.Needs))
	var role *RoleDetail
	if c.who.Kind == "role" {
		role = c.s.role(c.who.ID)
	}
	for i, n := range c.o.Needs {
		context := maps.Clone(c.o.Context)
		if context == nil {
			context = Context{}
		}
		maps.Copy(context, n.Context)
		if role != nil && role.ARN != "" {
			context["aws:PrincipalArn"] = []string{role.ARN}
		}
		request := Request{Principal: c.principal, Action: n.Action, Resource: n.Resource, Context: context, Partial: true}
		d, err := a.Authorize(request)
		if err != nil {
			return err
		}
		part, whole, err := a.deniesPart(request)
		if err != nil {
			return err
		}
		if part != nil && !whole && d.Verdict != ImplicitlyDenied {
			c.denied(l, i, *part)
			continue
		}
		c.answer(l, i, d)
	}
	return nil
}

// answer records what a layer says of a need.
func (c *permissionChecker) answer(l permissionLayer, need int, d Decision) {
	n := c.o.Needs[need]
	verdict, reason := d.Verdict, ""
	nothing := l.unseen && len(l.documents) == 0 && len(l.levels) == 0
	switch {
	case nothing:
		verdict, reason = Undetermined, "the policies could not be seen: "+gapsInWords(l.gaps)
	case verdict == Undetermined:
		reason = "it depends on " + strings.Join(d.Missing, ", ")
	case verdict != ExplicitlyDenied && l.unseen:
		verdict, reason = Undetermined, "not all policies could be seen: "+gapsInWords(l.gaps)
	case l.layer == IdentityLayer && c.o.OwnPolicies:
		// The caller asks nothing more.
	case verdict == ImplicitlyDenied && l.layer == IdentityLayer && c.resourceMayAllow(n):
		verdict, reason = Undetermined, "no policy of the identity allows it, and that of the resource may"
	case verdict == ImplicitlyDenied && l.layer == BoundaryLayer && c.resourceMayAllow(n):
		verdict, reason = Undetermined, "the boundary does not allow it, and does not bind what the policy of the resource allows to the principal by name"
	case verdict == Allowed && l.layer == IdentityLayer && c.crosses(n):
		verdict, reason = Undetermined, "the identity may, and the other account, whose resource it is, has to allow it too"
	case verdict == Allowed && l.layer == IdentityLayer && resourceMustAllow(n):
		verdict, reason = Undetermined, "the identity may, and the policy of the resource has to allow it too"
	}
	if verdict == Undetermined {
		verdict = c.bySimulation(l, n)
	}
	c.verdicts[l.layer][need] = verdict
	switch verdict {
	case Allowed:
		c.passed[l.code]++
		c.passed[l.denied]++
	case Undetermined:
		c.undetermined(l, need, reason, c.openFacts(l, n, d)...)
	case ExplicitlyDenied:
		at := l.at(d.By)
		g := c.group(l.denied, groundway.Failed, at.subject)
		g.add(n, "")
		g.facts = append(g.facts, groundway.Fact{Path: at.pointer, Got: "denied by statement " + statementWords(d.By), Want: n.String(), Source: at.source})
		if l.code != l.denied {
			c.passed[l.code]++ // whether it is allowed besides does not matter
		}
	case ImplicitlyDenied:
		g := c.group(l.code, groundway.Failed, l.lacking)
		g.add(n, "")
		g.facts = append(g.facts, groundway.Fact{Path: l.place, Got: "no statement that allows it", Want: n.String(), Source: l.source})
		if l.code != l.denied {
			c.passed[l.denied]++
		}
	}
}

// undetermined records that a layer leaves a need open, and why.
func (c *permissionChecker) undetermined(l permissionLayer, need int, reason string, facts ...groundway.Fact) {
	c.verdicts[l.layer][need] = Undetermined
	c.open = c.open || l.code != l.denied
	g := c.group(l.code, groundway.Unknown, l.lacking)
	g.add(c.o.Needs[need], reason)
	g.facts = append(g.facts, facts...)
}

// openFacts say what has to be known.
func (c *permissionChecker) openFacts(l permissionLayer, n Need, d Decision) []groundway.Fact {
	facts := []groundway.Fact{{Path: l.place, Got: "not decided", Want: n.String(), Source: l.source}}
	for _, key := range d.Missing {
		facts = append(facts, groundway.Fact{Want: "a value of " + key, Source: l.source})
	}
	for _, g := range l.gaps {
		facts = append(facts, groundway.Fact{Path: l.place, Got: strings.TrimSpace(g.Code + " " + g.Message), Want: "seen", Source: g.Action})
	}
	return facts
}

func statementWords(by StatementRef) string {
	text := fmt.Sprint(by.Statement)
	if by.ID != "" {
		text += " " + quote(by.ID)
	}
	return text
}

func (c *permissionChecker) group(code groundway.Code, outcome groundway.Outcome, subject groundway.Subject) *permissionGroup {
	key := fmt.Sprint(code, outcome, subject)
	if c.bySubject[key] == nil {
		c.bySubject[key] = &permissionGroup{code: code, outcome: outcome, subject: subject}
	}
	return c.bySubject[key]
}

func (g *permissionGroup) add(n Need, reason string) {
	g.needs = append(g.needs, n)
	if reason != "" && !slices.Contains(g.reasons, reason) {
		g.reasons = append(g.reasons, reason)
	}
}
