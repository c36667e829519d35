package iam

import (
	"fmt"
	"strings"
)

// An authKind is the kind of who makes a request.
type authKind uint8

const (
	authNobody    authKind = iota // without credentials
	authUser                      // a user
	authRole                      // a role, of which the session is not named
	authSession                   // a session of a role
	authFederated                 // a session that a user began with GetFederationToken
	authRoot                      // the root user
	authService                   // a service of AWS
	authProvider                  // somebody whom an identity provider vouches for
)

// identity reports whether policies can be attached to callers of the kind.
func (k authKind) identity() bool { return k >= authUser && k <= authRoot }

// An authCaller is who makes a request.
type authCaller struct {
	kind      authKind
	text      string // as the request has it
	partition string
	account   string // empty for services and callers without credentials
	name      string // of the user or role, without its path
	role      string // the ARN of the role, if it is known
}

// parseAuthCaller reads the principal of a request.
func parseAuthCaller(text string) (authCaller, error) {
	c := authCaller{text: text}
	rest, ok := strings.CutPrefix(text, "arn:")
	switch {
	case text == "*":
		return c, nil
	case strings.ContainsAny(text, "*? "):
	case !ok && strings.Contains(text, ".") && !strings.ContainsAny(text, ":/"):
		c.kind = authProvider
		if isServiceName(text) {
			c.kind = authService
		}
		return c, nil
	case ok:
		var service, region, resource string
		c.partition, rest, _ = strings.Cut(rest, ":")
		service, rest, _ = strings.Cut(rest, ":")
		region, rest, _ = strings.Cut(rest, ":")
		c.account, resource, _ = strings.Cut(rest, ":")
		kind, name, _ := strings.Cut(resource, "/")
		c.name = name[strings.LastIndexByte(name, '/')+1:]
		switch {
		case c.partition == "" || region != "" || !Account(c.account).IsValid():
		case service == "iam" && resource == "root":
			c.kind = authRoot
		case c.name == "":
		case service == "iam" && kind == "user":
			c.kind = authUser
		case service == "iam" && kind == "role":
			c.kind, c.role = authRole, text
		case service == "iam" && (kind == "oidc-provider" || kind == "saml-provider"):
			c.kind = authProvider
		case service == "sts" && kind == "federated-user":
			c.kind = authFederated
		case service == "sts" && kind == "assumed-role" && strings.Count(name, "/") == 1:
			c.kind = authSession
			c.name, _, _ = strings.Cut(name, "/")
		}
		if c.kind != authNobody {
			return c, nil
		}
	}
	return c, fmt.Errorf("principal %s: want the ARN of a user, role, session, account root or identity provider, the name of a service, or *", quote(text))
}

// isServiceName reports whether text is the name of a service of AWS and not of
// an identity provider: it has the domain of a partition.
func isServiceName(text string) bool {
	if text == "cognito-identity.amazonaws.com" {
		return false
	}
	for _, p := range partitions {
		if name, ok := strings.CutSuffix(text, p.dnsSuffix); ok && strings.HasSuffix(name, ".") {
			return true
		}
	}
	return false
}

// serviceLinked reports whether the caller is a service-linked role, which no
// policy of an organization restricts.
func (c *authCaller) serviceLinked() bool {
	return strings.Contains(c.role, ":role/aws-service-role/")
}

// An authPrincipal is a compiled principal of a statement.
type authPrincipal struct {
	kind    authPrincipalKind
	text    string // as it is compared
	account string
	name    string // of a role, without its path
	slot    int    // of aws:userid, for unique ids
}

type authPrincipalKind uint8

const (
	authPrincipalAny authPrincipalKind = iota
	authPrincipalWhole
	authPrincipalRole
	authPrincipalExact // a user, a session of either kind
	authPrincipalID
	authPrincipalOther // a service, a provider, or an identity of CloudFront, which no request has as its principal
	authPrincipalCanonical
)

// principal compiles a principal of a statement.
func (c *authCompiler) principal(p Principal) authPrincipal {
	out := authPrincipal{text: p.Value, slot: -1}
	switch account, whole := p.account(); {
	case p.Value == "*" && (p.Kind == PrincipalEveryone || p.Kind == PrincipalAWS):
		out.kind = authPrincipalAny
	case whole:
		out.kind, out.account = authPrincipalWhole, string(account)
	case p.Kind == PrincipalCanonicalUser:
		out.kind = authPrincipalCanonical
	case p.Kind != PrincipalAWS && !strings.Contains(p.Value, ":federated-user/"), p.originAccess():
		out.kind = authPrincipalOther
	case p.deleted():
		out.kind, out.slot = authPrincipalID, c.slot("aws:userid")
	default:
		caller, err := parseAuthCaller(p.Value)
		if err != nil || !caller.kind.identity() {
			c.fail("principal %s: want an account, or the ARN of an account, user, role or session", quote(p.Value))
		}
		out.kind, out.account, out.name = authPrincipalExact, caller.account, caller.name
		if caller.kind == authRole {
			out.kind = authPrincipalRole
		}
	}
	return out
}

// An authGrant says how a policy of a resource names a caller, which decides
// what else has to allow the request.
type authGrant uint8

const (
	authNamesNot     authGrant = iota
	authNamesAccount           // its account: policies of the account have to allow too
	authNamesRole              // the role of a session, or the user behind one
	authNamesCaller            // the caller itself, or everybody
)

// names reports whether the principal of a statement is the caller, and how.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
func (p *authPrincipal) names(e *authEvaluation) (authGrant, authTruth) {
	c := &e.caller
	switch p.kind {
	case authPrincipalAny:
		return authNamesCaller, authYes
	case authPrincipalWhole:
		if c.kind == authRoot {
			return authNamesCaller, authIf(c.account == p.account)
		}
		return authNamesAccount, authIf(c.kind.identity() && c.account == p.account)
	case authPrincipalRole:
		if c.kind != authRole && c.kind != authSession || c.account != p.account {
			return authNamesRole, authNo
		}
		if c.role != "" {
			return authNamesRole, authIf(c.role == p.text)
		}
		// Names of roles are unique in their account, whatever the paths.
		return authNamesRole, authIf(c.name == p.name)
	case authPrincipalExact, authPrincipalOther:
		if c.kind == authNobody || (p.kind == authPrincipalExact) != c.kind.identity() {
			return authNamesCaller, authNo
		}
		return authNamesCaller, authIf(c.text == p.text)
	case authPrincipalCanonical:
		return authNamesAccount, authIf(e.request.CanonicalUser != "" && e.request.CanonicalUser == p.text)
	}
	values, known := e.values(p.slot)
	if !known {
		return authNamesRole, authMaybe
	}
	for i := range values.len() {
		id, _, session := strings.Cut(values.at(i), ":")
		if id == p.text && session {
			return authNamesRole, authYes
		}
		if id == p.text {
			return authNamesCaller, authYes
		}
	}
	return authNamesRole, authNo
}

// principal reports whether a statement speaks of the caller, and how.
func (s *authStatement) principal(e *authEvaluation) (authGrant, authTruth) {
	if s.anyPrincipal {
		return authNamesCaller, authYes
	}
	if s.notPrincipal {
		return authNamesCaller, s.spared(e).not()
	}
	grant, result, open := authNamesNot, authNo, authNamesNot
	for i := range s.principals {
		g, r := s.principals[i].names(e)
		if r > result || r == result && r != authNo && g > grant {
			grant, result = g, r
		}
		if r == authMaybe {
			open = max(open, g)
		}
	}
	if open > grant && !s.deny {
		return open, authMaybe // it may allow more directly than it does for certain
	}
	return grant, result
}

// spared reports whether NotPrincipal lists the caller. To be spared by a Deny,
// a caller has to be listed with all that it is: its account, its role and its
// session; and one with a permissions boundary is never spared.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
func (s *authStatement) spared(e *authEvaluation) authTruth {
	c := &e.caller
	account, role, self := authNo, authNo, authNo
	for i := range s.principals {
		grant, r := s.principals[i].names(e)
		switch {
		case s.principals[i].kind == authPrincipalAny:
			return authYes
		case grant == authNamesAccount:
			account = max(account, r)
		case grant == authNamesRole:
			role = max(role, r)
		default:
			self = max(self, r)
		}
	}
	switch {
	case !s.deny:
		return max(account, role, self)
	case e.bounded:
		return authNo
	}
	switch c.kind {
	case authUser, authFederated:
		return min(account, self)
	case authRole:
		return min(account, role)
	case authSession:
		return min(account, role, self)
	}
	return self
}
