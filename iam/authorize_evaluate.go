package iam

import (
	"fmt"
	"strings"
)

// An authEvaluation is all that one request needs. Authorizers keep those that
// are done for the next request.
type authEvaluation struct {
	a        *Authorizer
	request  Request
	caller   authCaller
	last     authCaller // of the request before, which mostly has the same
	service  int        // where the colon stands in the action
	resource string
	owner    string // the account of the resource; empty if it is not known
	bounded  bool   // the caller has a permissions boundary
	slots    []authSlot
	lower    [96]byte
}

// An authSlot is a condition key of the policies in the request.
type authSlot struct {
	values []string // as the request has them
	value  string   // what follows from the request, and is not empty
	known  bool
}

func (s *authSlot) len() int {
	if s.value != "" {
		return 1
	}
	return len(s.values)
}

func (s *authSlot) at(i int) string {
	if s.value != "" {
		return s.value
	}
	return s.values[i]
}

// blank reports whether the key has no value, or empty text only, which set operators
// and Null take for none.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
func (s *authSlot) blank() bool {
	for i := range s.len() {
		if s.at(i) != "" {
			return false
		}
	}
	return true
}

// begin reads the request.
func (e *authEvaluation) begin(a *Authorizer, r *Request) (err error) {
	e.a, e.request = a, *r
	clear(e.slots)
	if e.service = actionColon(r.Action); e.service < 0 {
		return fmt.Errorf("action %s: want SERVICE:NAME without wildcards", quote(string(r.Action)))
	}
	if r.Principal == "" || r.Principal != e.last.text {
		if e.last, err = parseAuthCaller(r.Principal); err != nil {
			e.last = authCaller{}
			return err
		}
	}
	e.caller, e.resource = e.last, r.Resource
	switch {
	case r.Resource == "" || r.Resource == "*":
		e.resource = "*"
	case !isARNPattern(r.Resource):
		return fmt.Errorf("resource %s: want an ARN, or *", quote(r.Resource))
	}
	switch {
	case r.ResourceAccount != "" && !r.ResourceAccount.IsValid():
		return fmt.Errorf("resource account %s: want 12 digits", quote(string(r.ResourceAccount)))
	case r.ResourceAccount != "":
		e.owner = string(r.ResourceAccount)
	default:
		if e.owner = authAccountOf(e.resource); e.owner == "" {
			e.owner = e.caller.account
		}
	}
	e.bounded = a.bounded && e.caller.kind.identity() && e.caller.kind != authRoot
	return e.fill()
}

// actionColon returns where the colon of an action stands; -1 if it is none, or a
// pattern.
func actionColon(a Action) int {
	colon := -1
	for i := range len(a) {
		switch a[i] {
		case ':':
			if colon < 0 {
				colon = i
			}
		case '*', '?', ' ':
			return -1
		}
	}
	if colon < 1 || colon == len(a)-1 {
		return -1
	}
	return colon
}

// authAccountOf returns the account in an ARN, if it has one.
func authAccountOf(arn string) string {
	for range 4 {
		i := strings.IndexByte(arn, ':')
		if i < 0 {
			return ""
		}
		arn = arn[i+1:]
	}
	account, _, _ := strings.Cut(arn, ":")
	if !Account(account).IsValid() {
		return ""
	}
	return account
}

// fill puts the keys of the request that policies ask for into slots.
func (e *authEvaluation) fill() error {
	if len(e.slots) == 0 {
		return nil // of an Authorizer that was not compiled
	}
	for key, values := range e.request.Context {
		slot, ok := e.a.slots[string(appendAuthKey(e.lower[:0], key))]
		if !ok {
			continue
		}
		if e.slots[slot].known {
			return fmt.Errorf("context has the key %s in two spellings", quote(e.a.keys[slot]))
		}
		e.slots[slot] = authSlot{values: values, known: true}
	}
	c := &e.caller
	if own := e.slots[e.a.derived[authPrincipalARN]]; c.kind == authSession && len(own.values) == 1 {
		// It is believed about the path only.
		if role, err := parseAuthCaller(own.values[0]); err == nil && role.kind == authRole && role.account == c.account && role.name == c.name {
			c.role = role.text
		}
	}
	for key, slot := range e.a.derived {
		if slot < 0 || e.slots[slot].known {
			continue
		}
		e.slots[slot].value, e.slots[slot].known = e.derive(key)
	}
	return nil
}

// derive returns the value of a key that follows from the fields of the
// request, and whether it is known; an empty value is a missing key.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
func (e *authEvaluation) derive(key int) (value string, known bool) {
	c := &e.caller
	signed := c.kind.identity()
	switch key {
	case authPrincipalARN:
		switch {
		case c.kind == authSession && c.role == "":
			return "arn:" + c.partition + ":iam::" + c.account + ":role/" + c.name, true
		case signed && c.kind != authSession:
			return c.text, true
		}
	case authPrincipalAccount:
		if signed {
			return c.account, true
		}
	case authPrincipalType:
		return [...]string{authNobody: "Anonymous", authUser: "User", authRole: "AssumedRole", authSession: "AssumedRole", authFederated: "FederatedUser", authRoot: "Account", authService: "", authProvider: ""}[c.kind], c.kind < authService
	case authIsService:
		if signed || c.kind == authService {
			return authWord(c.kind == authService), true
		}
	case authServiceName:
		if c.kind == authService {
			return c.text, true
		}
		return "", signed && !e.request.Partial
	case authUsername:
		if c.kind == authUser {
			return c.name, true
		}
		return "", true
	case authResourceAccount:
		return e.owner, e.owner != ""
	}
	return "", false
}

// appendAuthKey appends a condition key in the normal form of conditionKey.
func appendAuthKey(to []byte, key string) []byte {
	to = append(to, key...)
	if end := strings.IndexAny(key, ":/"); end >= 0 && strings.IndexByte(key[:end], '.') >= 0 {
		return to
	}
	for i, c := range to {
		to[i] = lowerCase(c)
	}
	return to
}

// values returns what the request has for a key, and whether that is known.
func (e *authEvaluation) values(slot int) (*authSlot, bool) {
	s := &e.slots[slot]
	return s, s.known || !e.request.Partial
}

// variable reports whether a variable can be replaced. A key with several values
// is none that a variable may name.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
func (e *authEvaluation) variable(t *authToken) authTruth {
	values, known := e.values(t.slot)
	switch {
	case !known:
		return authMaybe
	case values.len() == 1, values.len() == 0 && t.fallback:
		return authYes
	}
	return authNo
}

// value returns what stands in place of a variable that can be replaced.
func (e *authEvaluation) value(t *authToken) string {
	if values, _ := e.values(t.slot); values.len() == 1 {
		return values.at(0)
	}
	return t.text
}

// applies reports whether a statement speaks of the request, and how it names
// the caller. The cheapest test comes first.
func (s *authStatement) applies(e *authEvaluation, exact bool) (authGrant, authTruth) {
	if !exact && !s.action(e) {
		return authNamesNot, authNo
	}
	grant, r := s.principal(e)
	if r == authNo {
		return grant, authNo
	}
	if r = min(r, s.resource(e)); r == authNo {
		return grant, authNo
	}
	for i := range s.conditions {
		if r = min(r, s.conditions[i].holds(e)); r == authNo {
			break
		}
	}
	return grant, r
}

// action compares the action of the request, without regard to case.
func (s *authStatement) action(e *authEvaluation) bool {
	name := string(e.request.Action)
	for _, a := range s.exactActions {
		if len(a) == len(name) && strings.EqualFold(a, name) {
			return !s.notAction
		}
	}
	for _, p := range s.actions {
		if authActionMatches(p, name) {
			return !s.notAction
		}
	}
	return s.notAction
}

// authActionMatches is glob for a pattern in lower case, without regard to the
// case of the text.
func authActionMatches(pattern, text string) bool {
	p, t, star, mark := 0, 0, -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			if p++; p == len(pattern) {
				return true
			}
			star, mark = p, t
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == lowerCase(text[t])):
			p++
			t++
		case star >= 0:
			mark++
			p, t = star, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// resource compares the resource of the request. A variable that cannot be
// replaced makes a resource match nothing, and NotResource too.
func (s *authStatement) resource(e *authEvaluation) authTruth {
	if s.anyResource {
		return authYes
	}
	r, resolved := authNo, authYes
	for i := range s.resources {
		p := &s.resources[i]
		if s.notResource && p.variables {
			resolved = min(resolved, p.resolved(e))
		}
		if r = max(r, p.match(e.resource, e)); r == authYes && !s.notResource {
			return authYes
		}
	}
	if s.notResource {
		return min(r.not(), resolved)
	}
	return r
}
