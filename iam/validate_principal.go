package iam

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/groundway-sdk/groundway"
)

// principals applies the rules about who a statement speaks of.
func (c *checker) principals(i int, s Statement) {
	switch c.kind {
	case IdentityPolicy, ServiceControlPolicy, SessionPolicy:
		element := "Principal"
		if s.Principals == nil {
			element = "NotPrincipal"
		}
		c.test(!s.namesPrincipal(), problem{
			code: codePrincipalUnsupported, statement: i, steps: []string{element},
			summary: "The statement of " + c.kind.title() + " has " + element, got: element, want: "neither Principal nor NotPrincipal",
		})
		return
	case kindInvalid:
	default:
		p := problem{
			code: codePrincipalMissing, statement: i, summary: "The statement names no principal", want: "Principal",
		}
		if s.Principals != nil && s.NotPrincipals != nil {
			p.summary = "The statement has both Principal and NotPrincipal"
			p.steps = []string{"NotPrincipal"}
		}
		p.got = p.summary
		c.test((len(s.Principals) > 0) != (len(s.NotPrincipals) > 0), p)
	}
	if s.NotPrincipals != nil {
		c.notPrincipal(i, s)
	} else if s.Principals != nil && c.is(ResourcePolicy, EndpointPolicy) {
		c.held[codeNotPrincipalUsed]++
	}
	for _, list := range []struct {
		element    string
		principals []Principal
	}{{"Principal", s.Principals}, {"NotPrincipal", s.NotPrincipals}} {
		index := map[PrincipalKind]int{}
		for _, who := range list.principals {
			steps := []string{list.element, string(who.Kind), strconv.Itoa(index[who.Kind])}
			index[who.Kind]++
			if who.Kind == PrincipalEveryone {
				steps = steps[:1]
			}
			p := problem{code: codePrincipalInvalid, statement: i, steps: steps, value: who.Value, got: who.Value}
			p.want, p.summary = c.principalForm(who)
			c.test(p.summary == "", p)
			p.code = codePrincipalDeleted
			p.summary = fmt.Sprintf("Principal %s is the id of a user, role or group that was deleted", quote(who.Value))
			p.want = "a principal that exists"
			c.test(!who.deleted(), p)
		}
	}
}

func (c *checker) notPrincipal(i int, s Statement) {
	p := problem{
		code: codeNotPrincipal, statement: i, steps: []string{"NotPrincipal"},
		got: "NotPrincipal with " + string(s.Effect), want: "NotPrincipal with Deny, or Principal",
	}
	switch {
	case c.is(TrustPolicy, ResourceControlPolicy):
		p.summary = "The statement of " + c.kind.title() + " has NotPrincipal"
	case s.Effect == EffectAllow:
		p.summary = "The statement allows everybody but those in NotPrincipal"
	}
	c.test(p.summary == "", p)
	if p.summary == "" && c.is(ResourcePolicy, EndpointPolicy) {
		p.code = codeNotPrincipalUsed
		p.summary = "The statement denies everybody but those in NotPrincipal"
		p.want = `Principal "*" with a condition on aws:PrincipalArn`
		c.test(false, p)
	}
}

// principalForm returns what is wrong with a principal, or an empty summary.
func (c *checker) principalForm(p Principal) (want, summary string) {
	if p.Value == "*" && (p.Kind == PrincipalEveryone || p.Kind == PrincipalAWS) {
		return "", ""
	}
	if strings.ContainsAny(p.Value, "*?") {
		return "a principal without wildcards", fmt.Sprintf("Principal %s has a wildcard, which AWS takes alone only", quote(p.Value))
	}
	ok := true
	switch p.Kind {
	case PrincipalAWS:
		want = "an account id, or the ARN of an account, user, role or session"
		arn, err := ParseARN(p.Value)
		ok = Account(p.Value).IsValid() || p.deleted() ||
			err == nil && (arn.Service == "iam" || arn.Service == "sts") && arn.Region == ""
	case PrincipalService:
		want = "the name of a service, such as ec2.amazonaws.com"
		ok = strings.Contains(p.Value, ".") && !strings.ContainsAny(p.Value, " :/")
	case PrincipalFederated:
		want = "the ARN of a SAML or OpenID Connect provider, or the domain of one that AWS knows"
		arn, err := ParseARN(p.Value)
		ok = err == nil && arn.Service == "iam" && (arn.ResourceType() == "oidc-provider" || arn.ResourceType() == "saml-provider") ||
			err != nil && strings.Contains(p.Value, ".") && !strings.ContainsAny(p.Value, " :/")
		// A federated user of STS is a principal of AWS and of this kind.
		ok = ok || err == nil && arn.Service == "sts"
	case PrincipalCanonicalUser:
		want = "the canonical user ID of an account, in a bucket policy"
		ok = c.kind != TrustPolicy && len(p.Value) == 64 && strings.Trim(p.Value, "0123456789abcdef") == ""
	default:
		want, ok = "a principal", false
	}
	if ok {
		return "", ""
	}
	return want, fmt.Sprintf("%s principal %s has no form that AWS takes", p.Kind, quote(p.Value))
}

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
	source      bool            // it asks for whom a service acts
	person      bool            // it asks for what only people send
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
		f.source = true
	case "sts:externalid", "aws:multifactorauthpresent", "aws:multifactorauthage":
		f.person = f.person || !cond.Operator.IsIfExists() && cond.Operator != "Null"
	}
	if cond.pins() {
		f.pinned[key] = true
	}
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
	name := cut(who.Value)
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
		c.test(facts.source || cluster, p)
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
	switch name := cut(issuer); {
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
		return !slices.ContainsFunc(c.Values, func(v string) bool {
			parts := strings.SplitN(v, ":", 6)
			return len(parts) < 6 || strings.ContainsAny(parts[4], "*?")
		})
	}
	return true
}

// glob reports whether the text matches the pattern, in which * stands for any
// characters and ? for one. It goes back to the last * only, so that its time
// is bounded by the product of the lengths.
func glob(pattern, text string) bool {
	p, t, star, mark := 0, 0, -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p++
			t++
		case star >= 0:
			mark++
			p, t = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
