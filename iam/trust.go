package iam

import (
	"errors"
	"fmt"
	"strings"
)

// A Trust is one statement of a role's trust policy in the terms of the field:
// a [ServiceTrust], [PrincipalTrust], [SAMLTrust], [WebIdentityTrust] or
// [PodIdentityTrust]. Each kind holds only conditions that its principals can
// meet: there is no external ID for a service, and no source for a person.
//
// [ParseTrust] reads a trust policy back.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_terms-and-concepts.html
type Trust interface {
	// Statement returns the statement of a policy. Its mistakes show in
	// [NewDocument].
	Statement() Statement
	isTrust()
}

// NewTrustDocument returns the trust policy of a role with these statements.
// The error joins all mistakes, as that of [NewDocument].
func NewTrustDocument(trusts ...Trust) (Document, error) {
	statements := make([]Statement, len(trusts))
	for i, t := range trusts {
		statements[i] = t.Statement()
	}
	return NewDocument(statements...)
}

// MustTrustDocument is like [NewTrustDocument] and panics on an error. It is
// for literals.
func MustTrustDocument(trusts ...Trust) Document {
	d, err := NewTrustDocument(trusts...)
	if err != nil {
		panic(err)
	}
	return d
}

// A ServiceTrust lets an AWS service assume the role. The zero value is
// invalid.
type ServiceTrust struct {
	Sid            string
	Service        string   // "eks.amazonaws.com"
	SourceARNs     []string // for which resources the service may act: ARNs or patterns
	SourceAccounts []Account
	// SendsSource asserts that a service that this package does not know sends
	// the keys aws:SourceArn and aws:SourceAccount.
	SendsSource bool
}

// TrustService lets an AWS service assume the role: "eks.amazonaws.com". See
// [Partition.ServicePrincipal] for the name in each partition.
func TrustService(service string) ServiceTrust { return ServiceTrust{Service: service} }

// SourceARN lets the service assume the role only while it acts for one of
// these resources, by ARN or pattern. It is a mistake for a service that does
// not say for what it acts: the role could not be assumed. EC2 does not for the
// roles of instances.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
func (t ServiceTrust) SourceARN(patterns ...string) ServiceTrust {
	t.SourceARNs = add(t.SourceARNs, patterns)
	return t
}

// SourceAccount is like SourceARN for all resources of these accounts.
func (t ServiceTrust) SourceAccount(accounts ...Account) ServiceTrust {
	t.SourceAccounts = add(t.SourceAccounts, accounts)
	return t
}

// AssertSendsSource says that the service sends aws:SourceArn and
// aws:SourceAccount, where this package does not know.
func (t ServiceTrust) AssertSendsSource() ServiceTrust {
	t.SendsSource = true
	return t
}

// Statement returns the statement of a policy.
func (t ServiceTrust) Statement() Statement {
	s := Allow("sts:AssumeRole").For(ServicePrincipal(t.Service)).Sid(t.Sid)
	var errs []error
	if t.Service == podIdentityService {
		errs = append(errs, fmt.Errorf("service %s needs sts:TagSession too: use TrustPodIdentity", t.Service))
	}
	if sends, known := sendsSource(t.Service); len(t.SourceARNs)+len(t.SourceAccounts) > 0 {
		switch {
		case known && !sends:
			errs = append(errs, fmt.Errorf("service %s sends neither aws:SourceArn nor aws:SourceAccount, so that it could not assume the role", t.Service))
		case !known && !t.SendsSource:
			errs = append(errs, fmt.Errorf("service %s: whether it sends aws:SourceArn and aws:SourceAccount is not known; AssertSendsSource says so", t.Service))
		}
	}
	if len(t.SourceARNs) > 0 {
		s = s.When(ArnLike("aws:SourceArn", t.SourceARNs...))
	}
	s, err := s.sourceAccounts(t.SourceAccounts)
	s.mistakes = errors.Join(append(errs, err)...)
	return s
}

// sourceAccounts adds the condition on the accounts for which a service acts.
func (s Statement) sourceAccounts(accounts []Account) (Statement, error) {
	if len(accounts) == 0 {
		return s, nil
	}
	var errs []error
	ids := make([]string, len(accounts))
	for i, a := range accounts {
		if ids[i] = string(a); !a.IsValid() {
			errs = append(errs, fmt.Errorf("source account %s: want 12 digits", quote(string(a))))
		}
	}
	return s.When(StringEquals("aws:SourceAccount", ids...)), errors.Join(errs...)
}

// sourceServices says which services send aws:SourceArn and aws:SourceAccount
// when they assume a role, by the page that says so.
var sourceServices = map[string]struct {
	sends bool
	page  string
}{
	"autoscaling.amazonaws.com":      {true, "https://docs.aws.amazon.com/autoscaling/ec2/userguide/cross-service-confused-deputy-prevention.html"},
	"eks.amazonaws.com":              {true, "https://docs.aws.amazon.com/eks/latest/userguide/cross-service-confused-deputy-prevention.html"},
	"eks-fargate-pods.amazonaws.com": {true, "https://docs.aws.amazon.com/eks/latest/userguide/pod-execution-role.html"},
	podIdentityService:               {true, "https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html"},
	"vpc-flow-logs.amazonaws.com":    {true, "https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html"},
	// The page shows the policy of an instance's role and names no such key.
	"ec2.amazonaws.com": {false, "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/iam-roles-for-amazon-ec2.html"},
}

// sendsSource reports whether a service sends the keys, by its name in any
// partition.
func sendsSource(service string) (sends, known bool) {
	name, _, _ := strings.Cut(service, ".")
	if name == "ec2" {
		service = "ec2.amazonaws.com"
	}
	s, known := sourceServices[service]
	return s.sends, known
}

// A PrincipalTrust lets users and roles assume the role, of this account or of
// others. The zero value is invalid.
type PrincipalTrust struct {
	Sid         string
	ARNs        []string  // users, roles, or sessions of a role
	Accounts    []Account // whole accounts
	ExternalIDs []string  // of which the caller has to send one
	MFA         bool      // the caller has to have signed in with MFA
	TagSession  bool      // the caller may set session tags
}

// TrustPrincipals lets users and roles assume the role, by their ARNs.
func TrustPrincipals(arns ...string) PrincipalTrust { return PrincipalTrust{ARNs: clone(arns)} }

// TrustAccountRoot lets every user and role of the accounts assume the role
// that a policy there allows to. For a third party, ask for an external ID.
func TrustAccountRoot(accounts ...Account) PrincipalTrust {
	return PrincipalTrust{Accounts: clone(accounts)}
}

// ExternalID asks the caller for one of these external IDs, which a third party
// keeps apart for each of its customers: 2 to 1,224 characters.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html
func (t PrincipalTrust) ExternalID(ids ...string) PrincipalTrust {
	t.ExternalIDs = add(t.ExternalIDs, ids)
	return t
}

// RequireMFA asks the caller for multi-factor authentication. Roles have none:
// it is for users.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html
func (t PrincipalTrust) RequireMFA() PrincipalTrust {
	t.MFA = true
	return t
}

// AllowTagSession lets the caller set session tags.
func (t PrincipalTrust) AllowTagSession() PrincipalTrust {
	t.TagSession = true
	return t
}

// Statement returns the statement of a policy.
func (t PrincipalTrust) Statement() Statement {
	s := Allow("sts:AssumeRole").Sid(t.Sid)
	if t.TagSession {
		s = Allow("sts:AssumeRole", "sts:TagSession").Sid(t.Sid)
	}
	var errs []error
	if len(t.ARNs)+len(t.Accounts) == 0 {
		errs = append(errs, errors.New("no principal"))
	}
	for _, arn := range t.ARNs {
		p := AWSPrincipal(arn)
		s = s.For(p)
		if _, whole := p.account(); whole || arn == "*" {
			errs = append(errs, fmt.Errorf("principal %s is no user or role: TrustAccountRoot trusts a whole account", quote(arn)))
		}
	}
	for _, a := range t.Accounts {
		s = s.For(AccountRoot(a))
		if !a.IsValid() {
			errs = append(errs, fmt.Errorf("account %s: want 12 digits", quote(string(a))))
		}
	}
	if len(t.ExternalIDs) > 0 {
		s = s.When(StringEquals("sts:ExternalId", t.ExternalIDs...))
		for _, id := range t.ExternalIDs {
			if err := CheckName(ExternalID, id); err != nil {
				errs = append(errs, err)
			}
		}
	}
	if t.MFA {
		s = s.When(Bool("aws:MultiFactorAuthPresent", true))
	}
	s.mistakes = errors.Join(errs...)
	return s
}

// A SAMLTrust lets people assume the role whom a SAML provider signed in. The
// zero value is invalid.
type SAMLTrust struct {
	Sid        string
	Provider   string   // arn:aws:iam::111122223333:saml-provider/NAME
	Audiences  []string // empty means the sign-in endpoint of the partition
	TagSession bool
}

// TrustSAML lets people assume the role whom a SAML provider signed in, by the
// ARN of the provider. The audience is pinned to the sign-in endpoint of the
// provider's partition.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_saml.html
func TrustSAML(provider string) SAMLTrust { return SAMLTrust{Provider: provider} }

// Audience pins these audiences instead: the endpoints of regions, or those of
// a partition that this package does not know.
func (t SAMLTrust) Audience(endpoints ...string) SAMLTrust {
	t.Audiences = add(t.Audiences, endpoints)
	return t
}

// Statement returns the statement of a policy.
func (t SAMLTrust) Statement() Statement {
	s := Allow("sts:AssumeRoleWithSAML").Sid(t.Sid)
	if t.TagSession {
		s.Actions = append(s.Actions, "sts:TagSession")
	}
	s = s.For(FederatedPrincipal(t.Provider))
	arn, err := ParseARN(t.Provider)
	var errs []error
	if err != nil || arn.Service != "iam" || arn.ResourceType() != "saml-provider" {
		errs = append(errs, fmt.Errorf("provider %s: want arn:PARTITION:iam::ACCOUNT:saml-provider/NAME", quote(t.Provider)))
	}
	audiences := t.Audiences
	if len(audiences) == 0 {
		if facts, _ := arn.Partition.facts(); facts.samlAudience != "" {
			audiences = []string{facts.samlAudience}
		} else {
			errs = append(errs, fmt.Errorf("partition %s: its sign-in endpoint is not known; Audience names it", quote(string(arn.Partition))))
		}
	}
	s = s.When(StringEquals("SAML:aud", audiences...))
	s.mistakes = errors.Join(errs...)
	return s
}

// A WebIdentityTrust lets holders of tokens from an OpenID Connect issuer
// assume the role: pods with a service account (IRSA), or jobs of a build
// system. The zero value is invalid.
type WebIdentityTrust struct {
	Sid          string
	Provider     string   // arn:aws:iam::111122223333:oidc-provider/HOST/PATH
	Audiences    []string // of which the token has to name one
	Subjects     []string // of which the token has to have one, exactly
	SubjectsLike []string // the same as patterns; only one of the two is set
	TagSession   bool
}

// TrustWebIdentity lets the holders of tokens assume the role that the
// provider's issuer signed, for this audience and one of these subjects.
// Subjects are exact; [WebIdentityTrust.SubjectLike] takes patterns.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html
func TrustWebIdentity(provider, audience string, subjects ...string) WebIdentityTrust {
	return WebIdentityTrust{Provider: provider, Audiences: []string{audience}, Subjects: clone(subjects)}
}

// WebIdentityAudience is the audience of the tokens that EKS gives to pods, in
// every partition: in China too, it is not sts.amazonaws.com.cn.
const WebIdentityAudience = "sts.amazonaws.com"

// TrustServiceAccount lets the pods of one Kubernetes service account assume
// the role (IRSA). The provider is that of the cluster's issuer.
//
// https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html
func TrustServiceAccount(provider, namespace, name string) WebIdentityTrust {
	return TrustWebIdentity(provider, WebIdentityAudience, "system:serviceaccount:"+namespace+":"+name)
}

// SubjectLike pins subjects by patterns, in which * and ? are wildcards:
// "system:serviceaccount:jx:*" trusts every service account of a namespace. It
// takes the place of exact subjects.
func (t WebIdentityTrust) SubjectLike(patterns ...string) WebIdentityTrust {
	t.SubjectsLike = add(t.SubjectsLike, patterns)
	return t
}

// Statement returns the statement of a policy.
func (t WebIdentityTrust) Statement() Statement {
	s := Allow("sts:AssumeRoleWithWebIdentity").Sid(t.Sid)
	if t.TagSession {
		s.Actions = append(s.Actions, "sts:TagSession")
	}
	s = s.For(FederatedPrincipal(t.Provider))
	issuer := FederatedPrincipal(t.Provider).issuer()
	var errs []error
	fail := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	arn, err := ParseARN(t.Provider)
	if err != nil || arn.Service != "iam" || arn.ResourceType() != "oidc-provider" || arn.ResourceName() == "" {
		fail("provider %s: want arn:PARTITION:iam::ACCOUNT:oidc-provider/HOST/PATH", quote(t.Provider))
	}
	if len(t.Audiences) == 0 {
		fail("no audience: every token of the issuer would do")
	}
	for _, v := range t.Audiences {
		if v == "" || strings.ContainsAny(v, "*?$") {
			fail("audience %s: want exact text", quote(v))
		}
	}
	for _, v := range t.Subjects {
		if v == "" || strings.ContainsAny(v, "*?$") {
			fail("subject %s: want exact text; SubjectLike takes patterns", quote(v))
		}
	}
	for _, v := range t.SubjectsLike {
		if strings.Trim(v, "*?") == "" || anySubject(issuer, v) {
			fail("subject pattern %s pins nothing", quote(v))
		}
	}
	s = s.When(StringEquals(issuer+":aud", t.Audiences...))
	switch {
	case len(t.Subjects) > 0 && len(t.SubjectsLike) > 0:
		fail("exact subjects and patterns of subjects exclude each other: both would have to hold")
	case len(t.Subjects) > 0:
		s = s.When(StringEquals(issuer+":sub", t.Subjects...))
	case len(t.SubjectsLike) > 0:
		s = s.When(StringLike(issuer+":sub", t.SubjectsLike...))
	default:
		fail("no subject: every token of the issuer would do")
	}
	s.mistakes = errors.Join(errs...)
	return s
}

// A PodIdentityTrust lets pods assume the role through EKS Pod Identity. The
// zero value is invalid.
type PodIdentityTrust struct {
	Sid             string
	Clusters        []string // ARNs of clusters
	Namespaces      []string
	ServiceAccounts []string
	SourceAccounts  []Account
	AnyPod          bool // no session tag is asked for
}

const podIdentityService = "pods.eks.amazonaws.com"

// The session tags that EKS Pod Identity sets when it assumes a role.
//
// https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html
const (
	tagCluster        = "eks-cluster-arn"
	tagNamespace      = "kubernetes-namespace"
	tagServiceAccount = "kubernetes-service-account"
)

// TrustPodIdentity lets the pods of one service account of one cluster assume
// the role. The association of EKS has to send session tags, which it does
// unless they are switched off.
//
// https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html
func TrustPodIdentity(clusterARN, namespace, serviceAccount string) PodIdentityTrust {
	return PodIdentityTrust{Clusters: []string{clusterARN}, Namespaces: []string{namespace}, ServiceAccounts: []string{serviceAccount}}
}

// TrustAnyPod lets the pods of every cluster of the account assume the role
// that have a Pod Identity association with it.
func TrustAnyPod() PodIdentityTrust { return PodIdentityTrust{AnyPod: true} }

// SourceAccount lets EKS assume the role only for clusters of these accounts.
func (t PodIdentityTrust) SourceAccount(accounts ...Account) PodIdentityTrust {
	t.SourceAccounts = add(t.SourceAccounts, accounts)
	return t
}

// Statement returns the statement of a policy.
func (t PodIdentityTrust) Statement() Statement {
	s := Allow("sts:AssumeRole", "sts:TagSession").For(ServicePrincipal(podIdentityService)).Sid(t.Sid)
	var errs []error
	for _, tag := range []struct {
		name   string
		values []string
	}{{tagCluster, t.Clusters}, {tagNamespace, t.Namespaces}, {tagServiceAccount, t.ServiceAccounts}} {
		if len(tag.values) == 0 {
			continue
		}
		s = s.When(StringEquals("aws:RequestTag/"+tag.name, tag.values...))
		for _, v := range tag.values {
			if v == "" || strings.ContainsAny(v, "*?$") {
				errs = append(errs, fmt.Errorf("session tag %s %s: want exact text", tag.name, quote(v)))
			}
		}
	}
	if tagged := len(t.Clusters)+len(t.Namespaces)+len(t.ServiceAccounts) > 0; tagged == t.AnyPod {
		errs = append(errs, errors.New("want clusters, namespaces or service accounts, or AnyPod, and not both"))
	}
	for _, cluster := range t.Clusters {
		if arn, err := ParseARN(cluster); err != nil || arn.Service != "eks" || arn.ResourceType() != "cluster" {
			errs = append(errs, fmt.Errorf("cluster %s: want arn:PARTITION:eks:REGION:ACCOUNT:cluster/NAME", quote(cluster)))
		}
	}
	if len(t.ServiceAccounts) > 0 && len(t.Namespaces) == 0 {
		errs = append(errs, errors.New("service accounts without a namespace: anybody who may create a namespace could use the role"))
	}
	s, err := s.sourceAccounts(t.SourceAccounts)
	s.mistakes = errors.Join(append(errs, err)...)
	return s
}

func (ServiceTrust) isTrust()     {}
func (PrincipalTrust) isTrust()   {}
func (SAMLTrust) isTrust()        {}
func (WebIdentityTrust) isTrust() {}
func (PodIdentityTrust) isTrust() {}
