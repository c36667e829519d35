package iam

import (
	"fmt"
	"strings"

	"github.com/groundway-sdk/groundway"
)

// A partDenial is a statement that denies a part of what a need asks for.
type partDenial struct {
	by StatementRef
	on string // in words
}

// deniesPart looks for a statement that denies a part of what is asked for, and
// reports whether one denies all of it. A resource that is a pattern may be denied
// in a part. Where any resource is meant, of all types or of one, that of a single
// name decides nothing, since another may be chosen: only what is denied of a whole
// type counts.
func (a *Authorizer) deniesPart(r Request) (part *partDenial, whole bool, err error) {
	e := a.evaluation()
	defer a.evaluations.Put(e)
	if err := e.begin(a, &r); err != nil {
		return nil, false, err
	}
	anything := e.resource == "*"
	need, _ := readResource(e.resource, Version2008)
	rule := e.ruling()
	for n := range a.statements {
		s := &a.statements[n]
		if !s.deny || s.anyResource || !e.takesPart(a.sets[s.set].layer, &rule) || !s.speaksOf(e) {
			continue
		}
		denied := s.resource(e)
		switch {
		case s.notResource && anything && denied != authNo:
			part = &partDenial{s.ref, "on all but " + listed(quoted(s.source.NotResources))}
		case denied == authYes:
			whole = true
		case denied == authMaybe, s.notResource, !anything && !strings.ContainsAny(e.resource, "*?"):
		default:
			for _, text := range s.source.Resources {
				if p, ok := readResource(text, s.document.Version); ok && need.deniedPart(p, e.request.Action) {
					part = &partDenial{s.ref, "on " + quote(text)}
				}
			}
		}
	}
	return part, whole, nil
}

// speaksOf reports whether a statement may speak of a request, whatever its
// resource.
func (s *authStatement) speaksOf(e *authEvaluation) bool {
	_, r := s.principal(e)
	for i := range s.conditions {
		r = min(r, s.conditions[i].holds(e))
	}
	return r != authNo && s.action(e)
}

// deniedPart reports whether what is denied is a part that counts of what is asked
// for.
func (a arnPattern) deniedPart(denied arnPattern, action Action) bool {
	service := action.Service()
	if a.all {
		return denied.wholeType() && (overlaps(denied.parts[2], service) || service == "sts" && overlaps(denied.parts[2], "iam"))
	}
	return a.overlaps(denied) && (denied.wholeType() || !a.wholeType())
}

// wholeType reports whether a pattern has every name of a type, or of all types.
func (a arnPattern) wholeType() bool {
	name := strings.TrimRight(a.parts[5], "*")
	return name != a.parts[5] && !hasVariable(a.text) && (strings.Trim(name, "*/") == "" || strings.IndexAny(name, "/:*?") == len(name)-1)
}

// denied makes a need undetermined of which a part is denied.
func (c *permissionChecker) denied(l permissionLayer, need int, part partDenial) {
	at := l.at(part.by)
	n := c.o.Needs[need]
	where := "statement " + statementWords(part.by)
	c.undetermined(l, need, fmt.Sprintf("%s of the policy %s denies it %s", where, quote(at.subject.ID), part.on),
		groundway.Fact{Path: at.pointer, Got: where + " denies it " + part.on, Want: n.String(), Source: at.source})
}
