// Package oidc gives pods permissions in AWS without keys: what the issuer of a
// cluster publishes, which roles trust which service accounts, and whether STS
// will take a token, decided before it says "Not authorized".
//
//	keys, err := oidc.NewKeySet(public)                  // or KeySetOf(bundle)
//	documents, err := oidc.NewDocuments(issuer, keys)    // to be published
//	steps, err := oidc.PlanRotation(keys, signs, next, oidc.RotateOptions{})
//
//	plan, err := oidc.NewPlan(cluster, bindings)         // roles, trust, annotations
//	yaml, changes, err := oidc.Annotate("sa.yaml", text, plan.Annotations)
//	findings := oidc.Check(plan, snapshot, oidc.CheckOptions{})
//
//	decision, err := oidc.Decide(oidc.WebIdentity{Token: token, …})
//
// [Decide] is the decision of AssumeRoleWithWebIdentity: allowed, or denied with
// the reason. It reads the trust policy as IAM does, with [iam.Authorizer], and
// tokens and key sets strictly: what two readers could take in two ways is refused.
// No error or finding holds a token.
//
// Everything is pure. Package identity/awsidentity publishes documents, and
// iam/awsiam makes providers and roles.
//
// # What the page on Amazon asks for
//
// Of the documentation of Jenkins X on Amazon these sentences are answered for
// here, by a function or by a code with "identity/oidc-" before it:
//
//	more policies on the role of the node pool         [ModeNodeRole]
//	then every pod has every permission                node-role
//	roles for service accounts, a role for each        [NewPlan], role-missing
//	only eksctl can make an OpenID Connect provider    [NewDocuments], provider-missing
//	policies exported by a stack, by a name            [FromJenkinsX]
//	a role, with the policy attached                   [RolePlan], policy-unattached
//	a service account with the annotation              [Annotate], annotation-wrong
//	if it exists, an upsert of the annotation          [Annotate]
//	a pod that uses it assumes the role                [Decide], trust-refuses
//	more permissions for other service accounts        [Binding]
//	policies that exist already, by their ARNs         Binding.PolicyARNs
//
// What it says of the file jx-requirements.yml is answered for by package
// identity/jenkinsx, of domains by package route53, and of credentials by package
// identity.
//
// The rules rest on
// https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts.html.
package oidc
