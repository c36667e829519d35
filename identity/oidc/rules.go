package oidc

import (
	"slices"

	"github.com/groundway-sdk/groundway"
)

const (
	codeProvider    groundway.Code = "identity/oidc-provider-missing"
	codeClientID    groundway.Code = "identity/oidc-provider-audience"
	codeDiscovery   groundway.Code = "identity/oidc-discovery-mismatch"
	codeKey         groundway.Code = "identity/oidc-key-unpublished"
	codeRole        groundway.Code = "identity/oidc-role-missing"
	codeRefuses     groundway.Code = "identity/oidc-trust-refuses"
	codeWide        groundway.Code = "identity/oidc-trust-wide"
	codePolicy      groundway.Code = "identity/oidc-policy-unattached"
	codeAssociation groundway.Code = "identity/oidc-association-missing"
	codeAnnotation  groundway.Code = "identity/oidc-annotation-wrong"
	codeNodeRole    groundway.Code = "identity/oidc-node-role"
)

const (
	since = "0.1.0"

	actionProviders    = "iam:ListOpenIDConnectProviders"
	actionProvider     = "iam:GetOpenIDConnectProvider"
	actionRole         = "iam:GetRole"
	actionPolicies     = "iam:ListAttachedRolePolicies"
	actionAssociations = "eks:ListPodIdentityAssociations"
	actionAssociation  = "eks:DescribePodIdentityAssociation"
)

var rules = []groundway.Rule{
	{
		Code: codeProvider, Severity: groundway.Error, Since: since, Title: "IAM has a provider for the issuer of the cluster",
		Doc:         "STS refuses the tokens of an issuer that the account of the role has no provider for. Its URL is the issuer's, byte for byte. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html",
		Permissions: []string{actionProviders, actionProvider},
	},
	{
		Code: codeClientID, Severity: groundway.Error, Since: since, Title: "The provider takes the audience of every service account",
		Doc:       "STS refuses a token whose audience is none of the provider's client IDs, whatever the trust policies say. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html",
		DependsOn: []groundway.Code{codeProvider}, Permissions: []string{actionProviders, actionProvider},
	},
	{
		Code: codeDiscovery, Severity: groundway.Error, Since: since, Title: "The discovery document is the issuer's own",
		Doc: "STS finds the keys by it: it names the issuer as tokens do, the place of the keys by https, and every algorithm by which the keys sign. https://openid.net/specs/openid-connect-discovery-1_0.html",
	},
	{
		Code: codeKey, Severity: groundway.Error, Since: since, Title: "The key that signs is published",
		Doc:       "STS refuses a token that is signed with a key it cannot find. A key is published before it signs, and until the last token that it signed has expired. https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/",
		DependsOn: []groundway.Code{codeDiscovery},
	},
	{
		Code: codeRole, Severity: groundway.Error, Since: since, Title: "Every role exists",
		Doc:         "Pods whose role does not exist get no credentials. https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html",
		Permissions: []string{actionRole},
	},
	{
		Code: codeRefuses, Severity: groundway.Error, Since: since, Title: "Every role trusts its service accounts",
		Doc:       "STS answers \"Not authorized to perform sts:AssumeRoleWithWebIdentity\", without saying which condition does not hold. https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html",
		DependsOn: []groundway.Code{codeRole}, Permissions: []string{actionRole},
	},
	{
		Code: codeWide, Severity: groundway.Warning, Since: since, Title: "No role trusts anybody else",
		Doc:       "A trust policy without a condition on the subject, or with a pattern, gives the role to pods of other service accounts; one without a condition on the audience, to tokens that were made for something else. https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html",
		DependsOn: []groundway.Code{codeRole, codeRefuses}, Permissions: []string{actionRole},
	},
	{
		Code: codePolicy, Severity: groundway.Error, Since: since, Title: "Every role has its managed policies",
		Doc:       "The pods get credentials and may do nothing with them. https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_manage-attach-detach.html",
		DependsOn: []groundway.Code{codeRole}, Permissions: []string{actionRole, actionPolicies},
	},
	{
		Code: codeAssociation, Severity: groundway.Error, Since: since, Title: "Every service account has its association",
		Doc:         "Without an association the agent of Pod Identity gives the pods nothing, and with another one the wrong role. https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html",
		Permissions: []string{actionAssociations, actionAssociation},
	},
	{
		Code: codeAnnotation, Severity: groundway.Error, Since: since, Title: "Every service account names its role",
		Doc: "The webhook gives a pod a token and a role only where its service account has the annotation eks.amazonaws.com/role-arn when the pod starts. https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html",
	},
	{
		Code: codeNodeRole, Severity: groundway.Warning, Since: since, Title: "Pods have permissions of their own",
		Doc: "What the role of the nodes may do, every pod on them may do: the permissions of all service accounts together. https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html",
	},
}

// Rules returns the rules of [Check], in the order in which a token meets them.
func Rules() []groundway.Rule {
	list := slices.Clone(rules)
	for i := range list {
		list[i].DependsOn, list[i].Permissions = slices.Clone(list[i].DependsOn), slices.Clone(list[i].Permissions)
	}
	return list
}
