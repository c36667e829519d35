package iam

import (
	"fmt"
	"strconv"
	"strings"
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
		arn, _ := ParseARN(p.Value) // of a published policy, with a placeholder
		caller, err := parseAuthCaller(p.Value)
		ok = Account(p.Value).IsValid() || p.deleted() || err == nil && caller.kind.identity() ||
			p.placeholder() && (arn.Service == "iam" || arn.Service == "sts")
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
