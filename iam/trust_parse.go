package iam

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ParseTrust reads the statements of a trust policy back into the typed form.
// A statement becomes a [Trust] only if the Trust means the same, see [Equal].
// The error joins a line for each statement that does not, with its number,
// its place where the document was read from a text, and the reason; the
// others are returned beside it, in order.
func ParseTrust(d Document) ([]Trust, error) {
	var trusts []Trust
	var errs []error
	where := newLocator()
	if d.Version != Version2012 {
		errs = append(errs, fmt.Errorf("parse trust: Version is %s, and typed trust is written as %s", quote(string(d.Version)), Version2012))
	}
	for i, s := range d.Statements {
		t, err := parseTrust(s)
		if err == nil {
			trusts = append(trusts, t)
			continue
		}
		name := statementName(i, s)
		if s.source != nil {
			name += " at " + where.place(d, i, "")
		}
		errs = append(errs, fmt.Errorf("parse trust: statement %s: %w", name, err))
	}
	return trusts, errors.Join(errs...)
}

func parseTrust(s Statement) (Trust, error) {
	switch {
	case s.Effect != EffectAllow:
		return nil, fmt.Errorf("effect is %s, and trust is written with Allow", quote(string(s.Effect)))
	case s.NotPrincipals != nil || s.NotActions != nil || s.Resources != nil || s.NotResources != nil:
		return nil, errors.New("has NotPrincipal, NotAction, Resource or NotResource")
	case len(s.Principals) == 0:
		return nil, errors.New("has no principal")
	}
	kind := s.Principals[0].Kind
	for _, p := range s.Principals {
		switch {
		case p.Kind != kind:
			return nil, errors.New("has principals of several kinds")
		case p.Value == "*":
			return nil, errors.New("trusts everybody")
		case kind != PrincipalAWS && len(s.Principals) > 1:
			return nil, errors.New("has several services or providers")
		}
	}
	t, err := trustOf(s)
	if err != nil {
		return nil, err
	}
	written := t.Statement()
	if written.mistakes != nil {
		return nil, fmt.Errorf("%v", written.mistakes)
	}
	if !Equal(Document{Version: Version2012, Statements: []Statement{s}}, Document{Version: Version2012, Statements: []Statement{written}}) {
		return nil, fmt.Errorf("%T would be written with other actions or condition operators", t)
	}
	return t, nil
}

// trustOf reads what a typed trust has; that nothing else is there is for the
// caller to see.
func trustOf(s Statement) (Trust, error) {
	r := conditionReader{left: slices.Clone(s.Conditions)}
	first := s.Principals[0]
	tags := slices.ContainsFunc(s.Actions, func(a Action) bool { return strings.EqualFold(string(a), "sts:TagSession") })
	var t Trust
	switch {
	case first.Kind == PrincipalService && first.Value == podIdentityService:
		pods := PodIdentityTrust{
			Sid: s.ID, Clusters: r.take("aws:RequestTag/" + tagCluster), Namespaces: r.take("aws:RequestTag/" + tagNamespace),
			ServiceAccounts: r.take("aws:RequestTag/" + tagServiceAccount), SourceAccounts: accounts(r.take("aws:SourceAccount")),
		}
		pods.AnyPod = len(pods.Clusters)+len(pods.Namespaces)+len(pods.ServiceAccounts) == 0
		t = pods
	case first.Kind == PrincipalService:
		service := ServiceTrust{
			Sid: s.ID, Service: first.Value,
			SourceARNs: r.take("aws:SourceArn"), SourceAccounts: accounts(r.take("aws:SourceAccount")),
		}
		_, known := sendsSource(first.Value)
		service.SendsSource = !known && len(service.SourceARNs)+len(service.SourceAccounts) > 0
		t = service
	case first.Kind == PrincipalAWS:
		who := PrincipalTrust{Sid: s.ID, ExternalIDs: r.take("sts:ExternalId"), TagSession: tags}
		who.MFA = slices.Equal(r.take("aws:MultiFactorAuthPresent"), []string{"true"})
		for _, p := range s.Principals {
			if account, whole := p.account(); whole {
				who.Accounts = append(who.Accounts, account)
			} else {
				who.ARNs = append(who.ARNs, p.Value)
			}
		}
		t = who
	case first.Kind == PrincipalFederated && strings.Contains(first.Value, ":saml-provider/"):
		saml := SAMLTrust{Sid: s.ID, Provider: first.Value, Audiences: r.take("SAML:aud"), TagSession: tags}
		arn, _ := ParseARN(first.Value)
		if facts, _ := arn.Partition.facts(); len(saml.Audiences) == 0 {
			return nil, errors.New("does not pin SAML:aud")
		} else if slices.Equal(saml.Audiences, []string{facts.samlAudience}) {
			saml.Audiences = nil
		}
		t = saml
	case first.Kind == PrincipalFederated:
		issuer := first.issuer()
		web := WebIdentityTrust{Sid: s.ID, Provider: first.Value, Audiences: r.take(issuer + ":aud"), TagSession: tags}
		if like := r.operator(issuer + ":sub"); like == "StringLike" {
			web.SubjectsLike = r.take(issuer + ":sub")
		} else {
			web.Subjects = r.take(issuer + ":sub")
		}
		t = web
	default:
		return nil, fmt.Errorf("principal of kind %s", quote(string(first.Kind)))
	}
	if len(r.left) > 0 {
		return nil, fmt.Errorf("has the condition %s %s, which %T does not", plain(string(r.left[0].Operator)), quote(r.left[0].Key), t)
	}
	return t, nil
}

// A conditionReader gives out the conditions of a statement by their keys.
type conditionReader struct {
	left []Condition
}

func (r *conditionReader) index(key string) int {
	return slices.IndexFunc(r.left, func(c Condition) bool { return conditionKey(c.Key) == conditionKey(key) })
}

func (r *conditionReader) operator(key string) Operator {
	if i := r.index(key); i >= 0 {
		return r.left[i].Operator
	}
	return ""
}

// take returns the values of a key and removes its first condition.
func (r *conditionReader) take(key string) []string {
	i := r.index(key)
	if i < 0 {
		return nil
	}
	values := r.left[i].Values
	r.left = slices.Delete(r.left, i, i+1)
	return values
}

func accounts(ids []string) []Account {
	var list []Account
	for _, id := range ids {
		list = append(list, Account(id))
	}
	return list
}
