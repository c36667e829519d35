package iam

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// An authSet is a range of compiled statements that have to allow together: a
// layer, or one level of one.
type authSet struct {
	layer    Layer
	level    int // from 1 for SCPLayer and RCPLayer
	from, to int
}

// An authStatement is a compiled statement.
type authStatement struct {
	set          int
	ref          StatementRef
	source       *Statement
	document     *Document
	deny         bool
	notAction    bool
	notResource  bool
	notPrincipal bool
	anyPrincipal bool // of a set that names none, or "*"
	anyResource  bool // none is named, as in trust policies
	exactActions []string
	actions      []string // patterns, in lower case
	resources    []authPattern
	principals   []authPrincipal
	conditions   []authCondition
}

// The condition keys that follow from the fields of a request.
const (
	authPrincipalARN = iota
	authPrincipalAccount
	authPrincipalType
	authIsService
	authServiceName
	authUsername
	authResourceAccount
	authDerived
)

var authDerivedKeys = [authDerived]string{
	"aws:PrincipalArn", "aws:PrincipalAccount", "aws:PrincipalType", "aws:PrincipalIsAWSService", "aws:PrincipalServiceName",
	"aws:username", "aws:ResourceAccount",
}

// authMaxLevels bounds the levels of an organization: a root, five levels of
// organizational units and the account make seven.
//
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
const authMaxLevels = 16

// Compile prepares policies for [Authorizer.Authorize]. It copies what it needs:
// the documents may change afterwards. The time grows linearly with them.
//
// It takes what AWS takes, and what AWS would refuse but has one reading, such
// as a document that is too large. The error joins all statements that have
// none: of an unknown effect or condition operator, with a malformed variable,
// with Principal where the kind of policy has none, or without what it needs.
func Compile(p Policies) (*Authorizer, error) {
	c := authCompiler{a: &Authorizer{exact: map[string][]int32{}, slots: map[string]int{}}, spellings: map[string]int{}}
	c.slot(authDerivedKeys[authPrincipalARN]) // tells the path of a role, whether a policy asks for it or not
	c.levels(RCPLayer, ResourceControlPolicy, p.RCPs)
	c.levels(SCPLayer, ServiceControlPolicy, p.SCPs)
	c.layer(EndpointLayer, EndpointPolicy, p.Endpoint)
	if len(p.Resource.Statements) > 0 {
		c.layer(ResourceLayer, ResourcePolicy, []Document{p.Resource})
	}
	c.layer(IdentityLayer, IdentityPolicy, p.Identity)
	c.layer(BoundaryLayer, IdentityPolicy, p.Boundary)
	c.a.bounded = len(p.Boundary) > 0
	c.layer(SessionLayer, SessionPolicy, p.Session)
	for i, key := range authDerivedKeys {
		c.a.derived[i] = -1
		if slot, ok := c.a.slots[conditionKey(key)]; ok {
			c.a.derived[i] = slot
		}
	}
	if c.errs != nil {
		return nil, fmt.Errorf("compile policies: %w", errors.Join(c.errs...))
	}
	return c.a, nil
}

// MustCompile is like [Compile] and panics on an error. It is for literals.
func MustCompile(p Policies) *Authorizer {
	a, err := Compile(p)
	if err != nil {
		panic(err)
	}
	return a
}

// An authCompiler puts an Authorizer together.
type authCompiler struct {
	a         *Authorizer
	errs      []error
	spellings map[string]int // keys as they are written, to their slots
	version   Version        // of the document
	kind      Kind           // of the layer
	mistake   error          // of the statement, the first
}

func (c *authCompiler) levels(layer Layer, kind Kind, levels [][]Document) {
	if len(levels) > authMaxLevels {
		c.errs = append(c.errs, fmt.Errorf("%s: %d levels, more than the %d that an organization may have", layer, len(levels), authMaxLevels))
		return
	}
	for i, documents := range levels {
		c.set(layer, i+1, kind, documents)
	}
}

func (c *authCompiler) layer(layer Layer, kind Kind, documents []Document) {
	if len(documents) > 0 {
		c.set(layer, 0, kind, documents)
	}
}

func (c *authCompiler) set(layer Layer, level int, kind Kind, documents []Document) {
	a := c.a
	set := authSet{layer: layer, level: level, from: len(a.statements)}
	for d := range documents {
		document := documents[d]
		document.Statements = slices.Clone(document.Statements)
		c.version, c.kind = document.Version, kind
		where := layer.String()
		if level > 0 {
			where = fmt.Sprintf("%s level %d", layer, level)
		}
		fail := func(format string, args ...any) {
			c.errs = append(c.errs, fmt.Errorf("%s: document %d: %w", where, d+1, fmt.Errorf(format, args...)))
		}
		switch document.Version {
		case "", Version2008, Version2012:
		default:
			fail("version %s: want 2012-10-17 or 2008-10-17", quote(string(document.Version)))
		}
		for i := range document.Statements {
			source := &document.Statements[i]
			*source = source.copied()
			if err := source.authorizable(kind); err != nil {
				fail("statement %s: %w", statementName(i, *source), err)
				continue
			}
			c.mistake = nil
			s := c.statement(source)
			if c.mistake != nil {
				fail("statement %s: %w", statementName(i, *source), c.mistake)
				continue
			}
			s.set = len(a.sets)
			s.ref = StatementRef{Level: level, Document: d + 1, Statement: i + 1, ID: source.ID}
			s.document = &document
			n := int32(len(a.statements))
			if s.notAction || len(s.actions) > 0 {
				a.open = append(a.open, n)
			} else {
				for _, name := range s.exactActions {
					if list := a.exact[name]; len(list) == 0 || list[len(list)-1] != n {
						a.exact[name] = append(list, n)
					}
				}
			}
			a.statements = append(a.statements, s)
		}
	}
	set.to = len(a.statements)
	a.sets = append(a.sets, set)
}

// copied returns the statement with slices of its own.
func (s Statement) copied() Statement {
	s.Principals, s.NotPrincipals = slices.Clone(s.Principals), slices.Clone(s.NotPrincipals)
	s.Actions, s.NotActions = slices.Clone(s.Actions), slices.Clone(s.NotActions)
	s.Resources, s.NotResources = slices.Clone(s.Resources), slices.Clone(s.NotResources)
	s.Conditions = slices.Clone(s.Conditions)
	for i := range s.Conditions {
		s.Conditions[i].Values = slices.Clone(s.Conditions[i].Values)
	}
	return s
}

// authorizable returns why the statement has no reading in a policy of a kind.
func (s Statement) authorizable(kind Kind) error {
	named := s.Principals != nil || s.NotPrincipals != nil
	hasPrincipal := kind == ResourcePolicy || kind == EndpointPolicy || kind == ResourceControlPolicy
	switch {
	case s.mistakes != nil:
		return s.mistakes
	case !s.effectKnown():
		return fmt.Errorf("effect %s: want Allow or Deny", quote(string(s.Effect)))
	case (len(s.Actions) > 0) == (len(s.NotActions) > 0):
		return errors.New("want one of Action and NotAction")
	case s.Resources != nil && s.NotResources != nil:
		return errors.New("want one of Resource and NotResource")
	case len(s.Resources)+len(s.NotResources) == 0 && kind != ResourcePolicy:
		return errors.New("want one of Resource and NotResource")
	case named && !hasPrincipal:
		return errors.New(kind.title() + " has neither Principal nor NotPrincipal")
	case !named && (kind == EndpointPolicy || kind == ResourceControlPolicy):
		// AWS refuses it, and it can only speak of everybody.
	case hasPrincipal && (len(s.Principals) > 0) == (len(s.NotPrincipals) > 0):
		return errors.New("want one of Principal and NotPrincipal")
	}
	for _, c := range s.Conditions {
		if !c.Operator.IsValid() {
			return fmt.Errorf("AWS has no condition operator %s", quote(string(c.Operator)))
		}
	}
	return s.inconsistencies()
}

func (c *authCompiler) statement(s *Statement) authStatement {
	out := authStatement{
		source: s, deny: s.Effect == EffectDeny,
		notAction: len(s.NotActions) > 0, notResource: s.NotResources != nil, notPrincipal: len(s.NotPrincipals) > 0,
	}
	actions := s.Actions
	if out.notAction {
		actions = s.NotActions
	}
	for _, a := range actions {
		name := asciiLower(string(a))
		if strings.ContainsAny(name, "*?") {
			out.actions = append(out.actions, name)
		} else {
			out.exactActions = append(out.exactActions, name)
		}
	}
	resources := s.Resources
	if out.notResource {
		resources = s.NotResources
	}
	out.anyResource = resources == nil
	for _, r := range resources {
		out.resources = append(out.resources, c.resource(r))
	}
	principals := s.Principals
	if out.notPrincipal {
		principals = s.NotPrincipals
	}
	out.anyPrincipal = principals == nil
	for _, p := range principals {
		out.principals = append(out.principals, c.principal(p))
	}
	for _, cond := range s.Conditions {
		out.conditions = append(out.conditions, c.condition(cond))
	}
	return out
}

// resource compiles a resource of a statement. The parts that an ARN lacks are *
// in policies of identities and of endpoints, organizations refuse such an ARN,
// and the policy of a resource takes it as it is.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
func (c *authCompiler) resource(text string) authPattern {
	if text != "" && strings.Trim(text, "*") == "" {
		return authPattern{form: authAnything}
	}
	short := 5 - strings.Count(text, ":")
	switch {
	case !strings.HasPrefix(text, "arn:"):
		c.fail("resource %s: want * or an ARN", quote(text))
	case short <= 0:
	case c.kind == ServiceControlPolicy || c.kind == ResourceControlPolicy:
		c.fail("resource %s: want the 6 parts of an ARN", quote(text))
	case c.kind != ResourcePolicy:
		text += strings.Repeat(":*", short)
	}
	return authResource.compile(c.template(text), c.slot)
}

// fail notes a mistake of the statement.
func (c *authCompiler) fail(format string, args ...any) {
	if c.mistake == nil {
		c.mistake = fmt.Errorf(format, args...)
	}
}

// template reads text with variables, which documents of the older version
// have not.
func (c *authCompiler) template(text string) Template {
	if c.version != Version2012 || !hasVariable(text) {
		return Template{{Text: text}}
	}
	t, err := ParseTemplate(text)
	if err != nil {
		c.fail("%w", err)
	}
	return t
}

// slot returns the index of a condition key.
func (c *authCompiler) slot(key string) int {
	if slot, ok := c.spellings[key]; ok {
		return slot
	}
	normal := conditionKey(key)
	slot, ok := c.a.slots[normal]
	if !ok {
		slot = len(c.a.keys)
		c.a.keys = append(c.a.keys, key)
		c.a.slots[normal] = slot
	}
	c.spellings[key] = slot
	return slot
}
