package iam

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/groundway-sdk/groundway"
)

// trust applies the rules of trust policies to one statement.
func (c *checker) trust(i int, s Statement) {
	facts := trustFacts{assumes: map[Action]bool{}, pinned: map[string]bool{}}
	for k, a := range s.Actions {
		sts := a.Service() == "sts"
		c.test(sts, problem{
			code: codeTrustAction, statement: i, steps: []string{"Action", strconv.Itoa(k)}, value: string(a),
			summary: fmt.Sprintf("Action %s is none of STS", quote(string(a))), got: string(a), want: "an action that assumes a role, such as sts:AssumeRole",
		})
		facts.sts = facts.sts || sts
		for _, assume := range []Action{assumeRole, assumeRoleWithSAML, assumeRoleWithWebIdentity} {
			if glob(strings.ToLower(string(a)), strings.ToLower(string(assume))) {
				facts.assumes[assume] = true
			}
		}
	}
	if s.Effect != EffectAllow {
		return
	}
	for _, cond := range s.Conditions {
		facts.add(cond)
	}
	index := map[PrincipalKind]int{}
	for _, who := range s.Principals {
		steps := []string{"Principal", string(who.Kind), strconv.Itoa(index[who.Kind])}
		index[who.Kind]++
		if who.Kind == PrincipalEveryone {
			steps = steps[:1]
		}
		c.trusted(i, who, steps, facts)
	}
}

const (
	assumeRole                Action = "sts:AssumeRole"
	assumeRoleWithSAML        Action = "sts:AssumeRoleWithSAML"
	assumeRoleWithWebIdentity Action = "sts:AssumeRoleWithWebIdentity"
)

// trustFacts is what a statement asks of whomever it trusts.
type trustFacts struct {
	sts         bool            // it has an action of STS
	assumes     map[Action]bool // which of the actions that assume a role it allows
	conditional bool
	who         bool            // it narrows down who calls
	source      bool            // it needs to be told for whom a service acts
	person      bool            // it needs what only people send
	pinned      map[string]bool // keys that have to have certain values, in normal form
}

func (f *trustFacts) add(cond Condition) {
	if cond.Key == "" {
		return
	}
	f.conditional = true
	f.who = f.who || cond.saysWho()
	key := conditionKey(cond.Key)
	switch key {
	case "aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths":
		f.source = f.source || cond.needsKey()
	case "sts:externalid", "aws:multifactorauthpresent", "aws:multifactorauthage":
		f.person = f.person || cond.needsKey()
	}
	issuer, subject := strings.CutSuffix(key, ":sub")
	open := func(v string) bool {
		return key == "aws:sourcearn" && anyAccount(v) || subject && cond.Operator.Base() == "StringLike" && anySubject(issuer, v)
	}
	if cond.pins() && !slices.ContainsFunc(cond.Values, open) {
		f.pinned[key] = true
	}
}

// needsKey reports whether a condition fails where the request lacks the key.
func (c Condition) needsKey() bool {
	switch base := c.Operator.Base(); {
	case base == "Null":
		return !slices.ContainsFunc(c.Values, func(v string) bool { return strings.EqualFold(v, "true") })
	case c.Operator.IsForAnyValue():
		return true
	default:
		return !c.Operator.IsForAllValues() && !c.Operator.IsIfExists() && !strings.Contains(string(base), "Not")
	}
}

// anyAccount reports whether a pattern of ARNs has those of any account.
func anyAccount(pattern string) bool {
	parts := strings.SplitN(pattern, ":", 6)
	return len(parts) < 6 || strings.ContainsAny(parts[4], "*?") || parts[4] == "" && strings.HasPrefix(parts[5], "*")
}

// anySubject reports whether a pattern of subjects names nobody before its first
// wildcard: no service account of Kubernetes, no owner of a repository of GitHub,
// where anybody may have a repository of any name.
//
// https://docs.github.com/en/actions/deployment/security-hardening-your-deployments/configuring-openid-connect-in-amazon-web-services
func anySubject(issuer, pattern string) bool {
	wild := strings.IndexAny(pattern, "*?")
	if wild < 0 {
		return false
	}
	before := pattern[:wild]
	if issuer == "token.actions.githubusercontent.com" {
		owner, named := strings.CutPrefix(before, "repo:")
		return named && !strings.Contains(owner, "/") || !named && strings.HasPrefix("repo:", before)
	}
	return strings.TrimPrefix(before, "system:serviceaccount:") == "" && strings.Trim(pattern[wild:], "*?:") == ""
}

// trusted applies the rules about one principal of an Allow statement.
func (c *checker) trusted(i int, who Principal, steps []string, facts trustFacts) {
	p := problem{statement: i, steps: steps, value: who.Value, got: who.Value}
	if action := who.assumes(); action != "" && facts.sts {
		p.code = codeTrustAction
		p.summary = fmt.Sprintf("No action of the statement lets %s assume the role", quote(who.Value))
		p.want = string(action)
		c.test(facts.assumes[action], p)
	}
	everyone := who.Value == "*"
	p.code = codeTrustEveryone
	p.summary = "The role trusts everybody"
	p.want = "a principal, or a condition on who it is"
	c.test(!everyone || facts.who, p)
	switch account, whole := who.account(); {
	case who.Kind == PrincipalAWS && !everyone:
		p.code = codeTrustRoot
		p.summary = fmt.Sprintf("The role trusts every user and role that account %s lets assume it", account)
		p.want = "users and roles, or a condition"
		c.test(!whole || facts.conditional, p)
	case who.Kind == PrincipalService:
		c.trustedService(who, p, facts)
	case who.Kind == PrincipalFederated && who.isOIDC():
		c.trustedIssuer(who, p, facts)
	}
}

// assumes returns the action by which a principal assumes a role.
func (p Principal) assumes() Action {
	switch {
	case p.Kind == PrincipalAWS, p.Kind == PrincipalService:
		return assumeRole
	case p.Kind == PrincipalFederated && p.isOIDC():
		return assumeRoleWithWebIdentity
	case p.Kind == PrincipalFederated && strings.Contains(p.Value, ":saml-provider/"):
		return assumeRoleWithSAML
	}
	return ""
}

func (p Principal) isOIDC() bool {
	return strings.Contains(p.Value, ":oidc-provider/") || !strings.Contains(p.Value, ":")
}

// issuer returns the issuer of an OpenID Connect provider, without its scheme:
// the prefix of its condition keys.
func (p Principal) issuer() string {
	if _, issuer, ok := strings.Cut(p.Value, ":oidc-provider/"); ok {
		return issuer
	}
	return p.Value
}

func (c *checker) trustedService(who Principal, p problem, facts trustFacts) {
	name := plain(who.Value)
	p.code = codeTrustServicePerson
	p.summary = fmt.Sprintf("The statement asks %s for an external ID or MFA", name)
	p.want = "a statement for the service alone"
	c.test(!facts.person, p)

	sends, known := sendsSource(who.Value)
	switch {
	case !known && facts.source:
		p.code = codeTrustNoSource
		p.outcome = groundway.Unknown
		p.summary = fmt.Sprintf("Whether %s sends aws:SourceArn and aws:SourceAccount is not known", name)
		p.want = "a service that sends them"
		c.test(false, p)
	case !known:
		p.code = codeTrustSource
		p.outcome = groundway.Unknown
		p.summary = fmt.Sprintf("The role trusts %s for every account, and whether the service sends aws:SourceAccount is not known", name)
		p.want = "a condition on aws:SourceAccount, if the service sends it"
		c.test(false, p)
	case sends:
		// The session tag of Pod Identity names the cluster, and with it the account.
		cluster := who.Value == podIdentityService && facts.pinned["aws:requesttag/"+tagCluster]
		p.code = codeTrustSource
		p.summary = fmt.Sprintf("The role trusts %s for whomever the service acts", name)
		p.want = "a condition on aws:SourceAccount or aws:SourceArn"
		source := facts.pinned["aws:sourcearn"] || facts.pinned["aws:sourceaccount"] || facts.pinned["aws:sourceorgid"] || facts.pinned["aws:sourceorgpaths"]
		c.test(source || cluster, p)
	default:
		p.code = codeTrustNoSource
		p.summary = fmt.Sprintf("The statement asks %s for aws:SourceArn or aws:SourceAccount, which it does not send", name)
		p.want = "no condition on these keys"
		c.test(!facts.source, p)
	}
}

func (c *checker) trustedIssuer(who Principal, p problem, facts trustFacts) {
	issuer := who.issuer()
	pinned := func(names ...string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return facts.pinned[conditionKey(issuer+":"+name)] })
	}
	sub, aud := pinned("sub"), pinned("aud", "amr", "app_id", "azp", "oaud")
	p.code = codeTrustOIDC
	p.summary = ""
	p.want = "conditions on sub and aud of the issuer"
	switch name := plain(issuer); {
	case !sub && !aud:
		p.summary = fmt.Sprintf("Every token of %s may assume the role", name)
	case !sub && !strings.Contains(who.Value, ":"):
		// The providers that AWS knows by name have keys of their own, of which
		// one that names the application suffices.
	case !sub:
		p.summary = fmt.Sprintf("Every subject of %s may assume the role", name)
	case !aud:
		p.summary = fmt.Sprintf("Tokens of %s for any audience that the provider lists may assume the role", name)
		p.severity = groundway.Warning
	}
	c.test(p.summary == "", p)
}

// pins reports whether the condition holds for some values only, and not where
// the key is missing.
func (c Condition) pins() bool {
	if c.Operator.IsIfExists() || c.Operator.IsForAllValues() || len(c.Values) == 0 {
		return false
	}
	switch c.Operator.Base() {
	case "StringEquals", "StringEqualsIgnoreCase":
		return true
	case "StringLike", "ArnEquals", "ArnLike":
	default:
		return false
	}
	return !slices.ContainsFunc(c.Values, func(v string) bool { return strings.Trim(v, "*") == "" })
}

// anybodys are keys for which any caller can have any value: those of the
// circumstances, and those that callers choose.
var anybodys = map[string]bool{
	"aws:currenttime": true, "aws:epochtime": true, "aws:referer": true, "aws:requestedregion": true, "aws:useragent": true,
	"aws:principaltype": true, "aws:sourceidentity": true, "aws:tagkeys": true, "aws:username": true,
	"sts:rolesessionname": true, "sts:sourceidentity": true, "sts:transitivetagkeys": true,
}

// saysWho reports whether a condition narrows down who calls, as far as the key
// and the operator tell.
func (c Condition) saysWho() bool {
	key := conditionKey(c.Key)
	switch {
	case c.Operator == "IpAddress":
		return !slices.ContainsFunc(c.Values, func(v string) bool { return strings.HasSuffix(v, "/0") })
	case !c.pins(), anybodys[key], strings.HasPrefix(key, "aws:principaltag/"), strings.HasPrefix(key, "aws:requesttag/"):
		return false
	case key == "aws:principalarn":
		return !slices.ContainsFunc(c.Values, anyAccount)
	}
	return true
}
