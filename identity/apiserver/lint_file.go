package apiserver

import (
	"fmt"
	"regexp"
	"strings"
)

// file judges the authentication configuration, by what the API server validates
// and by what it does not.
func (k *linter) file() {
	c := k.c.Configuration
	if c == nil {
		if f := k.c.Flags.AuthenticationConfig; f != "" {
			for _, r := range rules {
				switch r.Code {
				case codeSlash, codeCALeaf, codeCAExpired, codeSystem, codeNoPrefix, codeGroups, codeRefused:
					k.Unseen(r.Code, "--authentication-config", "the file "+f+" was not given")
				case codeAlgorithm:
					k.Pass(r.Code, 1) // a file takes all of them
				}
			}
		}
		return
	}
	if c.APIVersion != configurationVersion && c.APIVersion != configurationVersion+"beta1" && c.APIVersion != configurationVersion+"alpha1" {
		k.refuse("/apiVersion", c.APIVersion, configurationVersion, fmt.Sprintf("The configuration has the version %q.", c.APIVersion))
	}
	if c.Kind != configurationKind {
		k.refuse("/kind", c.Kind, configurationKind, fmt.Sprintf("The configuration is of the kind %q.", c.Kind))
	}
	if len(c.JWT) > 64 {
		k.refuse("/jwt", fmt.Sprint(len(c.JWT)), "64 or fewer", fmt.Sprintf("There are %d issuers, and the API server takes 64.", len(c.JWT)))
	}
	issuers, discoveries := map[string]bool{}, map[string]bool{}
	for i, jwt := range c.JWT {
		path := fmt.Sprintf("/jwt/%d", i)
		if issuers[jwt.Issuer.URL] {
			k.refuse(path+"/issuer/url", jwt.Issuer.URL, "each issuer once", fmt.Sprintf("The issuer %q stands twice.", jwt.Issuer.URL))
		}
		issuers[jwt.Issuer.URL] = true
		if d := jwt.Issuer.DiscoveryURL; d != "" {
			if discoveries[d] {
				k.refuse(path+"/issuer/discoveryURL", d, "each URL once", fmt.Sprintf("The discovery URL %q stands twice.", d))
			}
			discoveries[d] = true
		}
		k.jwtIssuer(path+"/issuer", jwt.Issuer)
		k.claims(path, jwt)
		// Without the flags all algorithms are taken.
		k.Pass(codeAlgorithm, 1)
	}
}

func (k *linter) jwtIssuer(path string, i Issuer) {
	k.issuerURL(path+"/url", i.URL)
	if i.URL != "" {
		k.slash(path+"/url", i.URL)
	}
	if i.DiscoveryURL != "" {
		if strings.TrimRight(i.DiscoveryURL, "/") == strings.TrimRight(i.URL, "/") {
			k.refuse(path+"/discoveryURL", i.DiscoveryURL, "another URL than url", "The discovery URL is the issuer.")
		} else {
			k.issuerURL(path+"/discoveryURL", i.DiscoveryURL)
		}
	}
	if len(i.Audiences) == 0 {
		k.refuse(path+"/audiences", "", "an audience", fmt.Sprintf("The issuer %q has no audience.", i.URL))
	}
	seen := map[string]bool{}
	for j, a := range i.Audiences {
		switch place := fmt.Sprintf("%s/audiences/%d", path, j); {
		case a == "":
			k.refuse(place, "", "an audience", "An audience is empty.")
		case seen[a]:
			k.refuse(place, a, "each audience once", fmt.Sprintf("The audience %q stands twice.", a))
		}
		seen[a] = true
	}
	switch p := i.AudienceMatchPolicy; {
	case p != "" && p != "MatchAny", p == "" && len(i.Audiences) > 1:
		k.refuse(path+"/audienceMatchPolicy", p, "MatchAny", "Several audiences need audienceMatchPolicy: MatchAny.")
	}
	if e := i.EgressSelectorType; e != "" && e != "controlplane" && e != "cluster" {
		k.refuse(path+"/egressSelectorType", e, "controlplane or cluster", fmt.Sprintf("egressSelectorType is %q.", e))
	} else if e != "" {
		k.Unseen(codeRefused, path+"/egressSelectorType", "whether the API server has --egress-selector-config-file, without which it ends")
	}
	if i.CertificateAuthority != "" {
		k.authority(path+"/certificateAuthority", []byte(i.CertificateAuthority))
	}
}

func (k *linter) claims(path string, jwt JWTAuthenticator) {
	m := jwt.ClaimMappings
	for _, c := range []struct {
		key      string
		claim    PrefixedClaim
		required bool
	}{{"username", m.Username, true}, {"groups", m.Groups, false}} {
		place := path + "/claimMappings/" + c.key
		switch {
		case c.claim.Claim != "" && c.claim.Expression != "":
			k.refuse(place, "both", "claim or expression", c.key+" has both a claim and an expression.")
		case c.claim.Claim == "" && c.claim.Expression == "" && c.required:
			k.refuse(place, "", "claim or expression", "No claim is the user's name.")
		case c.claim.Claim != "" && c.claim.Prefix == nil:
			k.refuse(place+"/prefix", "", "a prefix, or an empty one", c.key+" has a claim without a prefix.")
		case c.claim.Expression != "" && c.claim.Prefix != nil:
			k.refuse(place+"/prefix", *c.claim.Prefix, "no prefix beside an expression", c.key+" has a prefix without a claim.")
		}
		if c.claim.Claim != "" && c.claim.Prefix != nil {
			if c.required {
				k.prefix(codeNoPrefix, place+"/prefix", "Users", *c.claim.Prefix)
			} else {
				k.prefix(codeGroups, place+"/prefix", "Groups", *c.claim.Prefix)
			}
		}
	}
	if m.UID.Claim != "" && m.UID.Expression != "" {
		k.refuse(path+"/claimMappings/uid", "both", "claim or expression", "uid has both a claim and an expression.")
	}
	verified := mentions(m.Username.Expression, claimVerified)
	keys := map[string]bool{}
	for i, e := range m.Extra {
		place := fmt.Sprintf("%s/claimMappings/extra/%d", path, i)
		domain, name, _ := strings.Cut(e.Key, "/")
		switch {
		case domain == "" || name == "":
			k.refuse(place+"/key", e.Key, "DOMAIN/NAME", fmt.Sprintf("The extra key %q has no domain before a slash, or nothing behind it.", e.Key))
		case e.Key != strings.ToLower(e.Key):
			k.refuse(place+"/key", e.Key, "lower case", fmt.Sprintf("The extra key %q has capitals.", e.Key))
		case len(domain) > 253, !subdomain.MatchString(domain), !pathCharacters.MatchString(name):
			k.refuse(place+"/key", e.Key, "DOMAIN/NAME", fmt.Sprintf("The extra key %q is no domain with a path.", e.Key))
		case domain == "k8s.io", domain == "kubernetes.io", strings.HasSuffix(domain, ".k8s.io"), strings.HasSuffix(domain, ".kubernetes.io"):
			k.refuse(place+"/key", e.Key, "a domain of your own", fmt.Sprintf("The extra key %q is of Kubernetes' own domain.", e.Key))
		case keys[e.Key]:
			k.refuse(place+"/key", e.Key, "each key once", fmt.Sprintf("The extra key %q stands twice.", e.Key))
		case e.ValueExpression == "":
			k.refuse(place+"/valueExpression", "", "an expression", fmt.Sprintf("The extra key %q has no expression.", e.Key))
		}
		keys[e.Key] = true
		verified = verified || mentions(e.ValueExpression, claimVerified)
	}
	claims := map[string]bool{}
	for i, r := range jwt.ClaimValidationRules {
		place := fmt.Sprintf("%s/claimValidationRules/%d", path, i)
		switch {
		case r.Claim != "" && r.Expression != "", r.Claim == "" && r.Expression == "":
			k.refuse(place, "both or neither", "claim or expression", "A rule has both a claim and an expression, or neither.")
		case r.Claim != "" && r.Message != "":
			k.refuse(place+"/message", r.Message, "no message beside a claim", "A rule of a claim has a message.")
		case r.Expression != "" && r.RequiredValue != "":
			k.refuse(place+"/requiredValue", r.RequiredValue, "no value beside an expression", "A rule of an expression has a required value.")
		case claims[r.Claim+"\x00"+r.Expression]:
			k.refuse(place, r.Claim+r.Expression, "each rule once", "A rule stands twice.")
		}
		claims[r.Claim+"\x00"+r.Expression] = true
		verified = verified || mentions(r.Expression, claimVerified)
	}
	if email := m.Username.Expression; mentions(email, claimEmail) && !verified {
		k.refuse(path+"/claimMappings/username/expression", email, "claims.email_verified in an expression", "The user's name is claims.email, and nothing asks for claims.email_verified.")
	}
	expressions := map[string]bool{}
	for i, r := range jwt.UserValidationRules {
		place := fmt.Sprintf("%s/userValidationRules/%d/expression", path, i)
		switch {
		case r.Expression == "":
			k.refuse(place, "", "an expression", "A rule of users has no expression.")
		case expressions[r.Expression]:
			k.refuse(place, r.Expression, "each rule once", "A rule of users stands twice.")
		}
		expressions[r.Expression] = true
	}
	k.uncompiled(path, jwt)
}

// Claims in expressions, as the API server finds them, and the form of extra keys.
var (
	claimEmail     = regexp.MustCompile(`\bclaims\s*\.\s*\??email\b`)
	claimVerified  = regexp.MustCompile(`\bclaims\s*\.\s*\??email_verified\b`)
	subdomain      = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`)
	pathCharacters = regexp.MustCompile(`^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$`)
)

// literals are the texts within an expression.
var literals = regexp.MustCompile(`'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"`)

// mentions reports whether the expression, and not a text within it, names the claim.
func mentions(expression string, claim *regexp.Regexp) bool {
	return claim.MatchString(literals.ReplaceAllString(expression, "''"))
}

// uncompiled says of every expression that nobody here knows whether it compiles,
// which the API server does when it starts.
func (k *linter) uncompiled(path string, jwt JWTAuthenticator) {
	unseen := func(expression, place string, args ...any) {
		place = path + fmt.Sprintf(place, args...)
		if _, failed := k.Failed(codeRefused, k.Subject(place)); expression != "" && !failed {
			k.Unseen(codeRefused, place, "expressions are not compiled here")
		}
	}
	m := jwt.ClaimMappings
	unseen(m.Username.Expression, "/claimMappings/username/expression")
	unseen(m.Groups.Expression, "/claimMappings/groups/expression")
	unseen(m.UID.Expression, "/claimMappings/uid/expression")
	for i, e := range m.Extra {
		unseen(e.ValueExpression, "/claimMappings/extra/%d/valueExpression", i)
	}
	for i, r := range jwt.ClaimValidationRules {
		unseen(r.Expression, "/claimValidationRules/%d/expression", i)
	}
	for i, r := range jwt.UserValidationRules {
		unseen(r.Expression, "/userValidationRules/%d/expression", i)
	}
}
