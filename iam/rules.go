package iam

import (
	"slices"

	"github.com/groundway-sdk/groundway"
)

// The codes of [Validate].
const (
	codeVersionInvalid       groundway.Code = "iam/version-invalid"
	codeVersionOld           groundway.Code = "iam/version-old"
	codeVersionVariables     groundway.Code = "iam/version-variables"
	codeIDUnsupported        groundway.Code = "iam/id-unsupported"
	codeStatementMissing     groundway.Code = "iam/statement-missing"
	codeSidInvalid           groundway.Code = "iam/sid-invalid"
	codeSidDuplicate         groundway.Code = "iam/sid-duplicate"
	codeEffectInvalid        groundway.Code = "iam/effect-invalid"
	codePrincipalMissing     groundway.Code = "iam/principal-missing"
	codePrincipalUnsupported groundway.Code = "iam/principal-unsupported"
	codePrincipalInvalid     groundway.Code = "iam/principal-invalid"
	codePrincipalDeleted     groundway.Code = "iam/principal-deleted"
	codeNotPrincipal         groundway.Code = "iam/notprincipal-unsupported"
	codeNotPrincipalUsed     groundway.Code = "iam/notprincipal-discouraged"
	codeActionMissing        groundway.Code = "iam/action-missing"
	codeActionInvalid        groundway.Code = "iam/action-invalid"
	codeActionUnusual        groundway.Code = "iam/action-unusual"
	codeNotActionAllow       groundway.Code = "iam/notaction-allow"
	codeResourceMissing      groundway.Code = "iam/resource-missing"
	codeResourceUnsupported  groundway.Code = "iam/resource-unsupported"
	codeResourceInvalid      groundway.Code = "iam/resource-invalid"
	codeResourceShort        groundway.Code = "iam/resource-short"
	codeConditionEmpty       groundway.Code = "iam/condition-empty"
	codeConditionOperator    groundway.Code = "iam/condition-operator-invalid"
	codeConditionKey         groundway.Code = "iam/condition-key-invalid"
	codeConditionDuplicate   groundway.Code = "iam/condition-duplicate"
	codeConditionValue       groundway.Code = "iam/condition-value-invalid"
	codeConditionAllValues   groundway.Code = "iam/condition-allvalues-open"
	codeVariableInvalid      groundway.Code = "iam/variable-invalid"
	codeVariableUnsupported  groundway.Code = "iam/variable-unsupported"
	codeRCPEffect            groundway.Code = "iam/rcp-effect"
	codeRCPPrincipal         groundway.Code = "iam/rcp-principal"
	codeRCPAction            groundway.Code = "iam/rcp-action"
	codeTrustAction          groundway.Code = "iam/trust-action"
	codeTrustEveryone        groundway.Code = "iam/trust-everyone"
	codeTrustRoot            groundway.Code = "iam/trust-root"
	codeTrustOIDC            groundway.Code = "iam/trust-oidc-open"
	codeTrustSource          groundway.Code = "iam/trust-source-missing"
	codeTrustNoSource        groundway.Code = "iam/trust-source-unsupported"
	codeTrustServicePerson   groundway.Code = "iam/trust-service-unsatisfiable"
	codeName                 groundway.Code = "iam/name-invalid"
	codePath                 groundway.Code = "iam/path-invalid"
	codeCharacters           groundway.Code = "iam/character-unsupported"
	codeSize                 groundway.Code = "iam/size-exceeded"
)

// The version that introduced the codes.
const since = "0.1.0"

const guide = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"

// A rule is a Rule with the kinds of policies that it applies to.
type rule struct {
	groundway.Rule
	kinds  []Kind // nil means all
	remedy string
	url    string
}

// Rules returns the rules of [Validate], in the order of the language: the
// document, the elements of a statement, the kinds of policies; and after them
// those that [Lint] has beside them, those of [Escalate], of [Plan] and of [CheckPermissions].
func Rules() []groundway.Rule {
	return rulesOf(slices.Concat(rules(), lintRules(), escalateRules(), planRules(), permissionRules()))
}

// rulesOf returns the exported part of rules.
func rulesOf(list []rule) []groundway.Rule {
	out := make([]groundway.Rule, len(list))
	for i, r := range list {
		out[i] = r.Rule
	}
	return out
}

func define(code groundway.Code, severity groundway.Severity, kinds []Kind, title, doc, remedy, page string, after ...groundway.Code) rule {
	return rule{
		Rule:   groundway.Rule{Code: code, Title: title, Doc: doc + " " + page, Severity: severity, Since: since, DependsOn: after},
		kinds:  kinds,
		remedy: remedy,
		url:    page,
	}
}

func rules() []rule {
	const (
		E = groundway.Error
		W = groundway.Warning
	)
	on := func(kinds ...Kind) []Kind { return kinds }
	withPrincipal := on(ResourcePolicy, TrustPolicy, ResourceControlPolicy, EndpointPolicy)
	withoutPrincipal := on(IdentityPolicy, ServiceControlPolicy, SessionPolicy)
	trust := on(TrustPolicy)
	rcp := on(ResourceControlPolicy)
	const (
		rcpPage      = "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html"
		grammarPage  = guide + "reference_policies_grammar.html"
		versionPage  = guide + "reference_policies_elements_version.html"
		sidPage      = guide + "reference_policies_elements_sid.html"
		whoPage      = guide + "reference_policies_elements_principal.html"
		notWhoPage   = guide + "reference_policies_elements_notprincipal.html"
		actionPage   = guide + "reference_policies_elements_action.html"
		notPage      = guide + "reference_policies_elements_notaction.html"
		resourcePage = guide + "reference_policies_elements_resource.html"
		operatorPage = guide + "reference_policies_elements_condition_operators.html"
		setsPage     = guide + "reference_policies_condition-single-vs-multi-valued-context-keys.html"
		keysPage     = guide + "reference_policies_elements_condition.html"
		variablePage = guide + "reference_policies_variables.html"
		oidcPage     = guide + "id_roles_create_for-idp_oidc.html"
		deputyPage   = guide + "confused-deputy.html"
		trustPage    = guide + "id_roles_terms-and-concepts.html"
	)
	return []rule{
		define(codeVersionInvalid, E, nil, "Version is one of the two dates", "AWS refuses any other.",
			`Set Version to "2012-10-17".`, versionPage),
		define(codeVersionOld, W, nil, "Version is 2012-10-17", "Without it AWS reads the document as of 2008-10-17, in which ${…} is literal text. A resource control policy has to have it.",
			`Set Version to "2012-10-17".`, versionPage, codeVersionInvalid),
		define(codeVersionVariables, E, nil, "Policy variables stand in documents of 2012-10-17 only", "In others AWS compares with the characters ${…} themselves, so that an Allow grants nothing and a Deny denies nothing.",
			`Set Version to "2012-10-17", or write the text without a variable.`, variablePage, codeVersionInvalid),
		define(codeIDUnsupported, E, withoutPrincipal, "Id stands only where AWS takes it", "Identity and session policies may not have one; the syntax of service control policies does not list it.",
			"Remove Id.", guide+"reference_policies_elements_id.html"),
		define(codeStatementMissing, E, nil, "The document has a statement", "AWS refuses a document without one.",
			"Add a statement.", guide+"reference_policies_elements_statement.html"),
		define(codeSidInvalid, E, nil, "Sids are made of letters and digits", "IAM takes nothing else. Services with policies of their own are laxer.",
			"Use the letters A-Z and a-z and the digits 0-9 only.", sidPage),
		define(codeSidDuplicate, E, nil, "Sids are unique in their document", "IAM refuses a document with one Sid on two statements.",
			"Give each statement a Sid of its own, or none.", sidPage),
		define(codeEffectInvalid, E, nil, "Effect is Allow or Deny", "AWS distinguishes the case and has no default.",
			`Set Effect to "Allow" or "Deny".`, guide+"reference_policies_elements_effect.html"),
		define(codePrincipalMissing, E, withPrincipal, "Statements name a principal", "A policy of this kind says who it speaks of.",
			"Add Principal.", whoPage),
		define(codePrincipalUnsupported, E, withoutPrincipal, "Statements name no principal", "The principal is whoever the policy is attached to.",
			"Remove Principal and NotPrincipal.", whoPage),
		define(codePrincipalInvalid, E, withPrincipal, "Principals have a form that AWS takes", "Within a principal AWS has no wildcards; it takes an account id, the ARN of an account, user, role or session, a service, a provider, or * alone.",
			"Name the principal by its full ARN or its account id, or use a condition on aws:PrincipalArn for patterns.", whoPage),
		define(codePrincipalDeleted, W, withPrincipal, "Principals exist", "AWS puts the unique id in the place of a user, role or group that was deleted; a new one of the same name is not meant.",
			"Name the principal that exists today, or remove the id.", guide+"reference_identifiers.html#identifiers-unique-ids"),
		define(codeNotPrincipal, E, withPrincipal, "NotPrincipal stands in Deny statements only, and where AWS takes it", "With Allow it would grant to everybody else. Trust policies and resource control policies do not take it.",
			"Use Principal with a condition on aws:PrincipalArn.", notWhoPage),
		define(codeNotPrincipalUsed, W, on(ResourcePolicy, EndpointPolicy), "Statements name whom they deny", "NotPrincipal with Deny always denies principals that have a permissions boundary, and has to list account, role and session of each exception. AWS advises against it.",
			`Use "Principal": "*" with ArnNotEquals on aws:PrincipalArn.`, notWhoPage, codeNotPrincipal),
		define(codeActionMissing, E, nil, "Statements have Action or NotAction, and not both", "AWS refuses a statement without actions.",
			"Leave exactly one of Action and NotAction, with at least one value.", grammarPage),
		define(codeActionInvalid, E, nil, "Actions are * or SERVICE:NAME", "AWS refuses an action without the prefix of a service.",
			"Write the action as ec2:DescribeVpcs.", actionPage),
		define(codeActionUnusual, W, nil, "Actions are made of letters, digits, hyphens and wildcards", "AWS takes commas and spaces in the name of an action, and no action has them: two actions were probably meant.",
			"Write each action as a text of its own.", actionPage, codeActionInvalid),
		define(codeNotActionAllow, W, on(IdentityPolicy, ResourcePolicy, SessionPolicy, EndpointPolicy), "Allow statements name what they allow", "Allow with NotAction grants all other actions of all services, those of IAM and of services to come included.",
			"List the actions in Action, or use Deny with NotAction.", notPage, codeEffectInvalid),
		define(codeResourceMissing, E, on(IdentityPolicy, ServiceControlPolicy, ResourceControlPolicy, SessionPolicy, EndpointPolicy, ResourcePolicy), "Statements have Resource or NotResource, and not both", "AWS refuses a statement without resources. Some resource policies, as those of ECR repositories, have none.",
			"Leave exactly one of Resource and NotResource, with at least one value.", grammarPage),
		define(codeResourceUnsupported, E, trust, "Trust policies name no resource", "The resource is the role that the policy belongs to; IAM refuses another.",
			"Remove Resource and NotResource.", trustPage),
		define(codeResourceInvalid, E, nil, "Resources are * or ARNs", "AWS takes no other text, and no wildcard for the service.",
			"Write the resource as its ARN, or as *.", resourcePage),
		define(codeResourceShort, W, nil, "Resource ARNs have six parts", "Identity policies read missing parts as *, so that more is meant than stands there; resource policies match nothing, and organizations refuse them.",
			"Write all six parts: arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE.", resourcePage, codeResourceInvalid),
		define(codeConditionEmpty, W, nil, "Conditions compare something", "An operator without keys always holds, and a key without values never does: the statement is not what it looks like.",
			"Complete the condition, or remove it.", keysPage),
		define(codeConditionOperator, E, nil, "Condition operators exist", "AWS refuses unknown operators, and Null with a prefix or a suffix.",
			"Use an operator of the reference, with ForAnyValue:, ForAllValues: and IfExists where needed.", operatorPage),
		define(codeConditionKey, E, nil, "Condition keys have a prefix", "A key is PREFIX:NAME.",
			"Write the key as aws:SourceAccount or ec2:ResourceTag/KEY.", keysPage),
		define(codeConditionDuplicate, E, nil, "A condition key stands once under its operator", "AWS compares keys without regard to case, so that two spellings are one key twice.",
			"Put the values of both under one key.", keysPage),
		define(codeConditionValue, E, nil, "Condition values are of the type of their operator", "AWS refuses the document, or the condition never holds.",
			"Write the value in the form of the operator.", operatorPage, codeConditionOperator),
		define(codeConditionAllValues, W, on(IdentityPolicy, ResourcePolicy, TrustPolicy, SessionPolicy, EndpointPolicy), "Allow statements do not rest on ForAllValues alone", "ForAllValues also holds where the request has no such key.",
			`Add a Null condition with "false" on the same key.`, setsPage, codeConditionOperator),
		define(codeVariableInvalid, E, nil, "Policy variables are well-formed", "AWS refuses the document.",
			"Write ${KEY}, or ${KEY, 'default'}; write ${$} for the character itself.", variablePage, codeVersionVariables),
		define(codeVariableUnsupported, E, nil, "Policy variables stand where AWS replaces them", "That is in the last part of a resource and in String and Arn conditions.",
			"Write the value, or use an operator that takes variables.", variablePage, codeVariableInvalid),
		define(codeRCPEffect, E, rcp, "Resource control policies deny", "Allow stands in the policy RCPFullAWSAccess of AWS only.",
			"Use Deny with the opposite condition.", rcpPage, codeEffectInvalid),
		define(codeRCPPrincipal, E, rcp, "Resource control policies name everybody", `The principal is "*"; conditions say who is meant.`,
			`Set Principal to "*" and use a condition on aws:PrincipalArn or aws:PrincipalOrgID.`, rcpPage, codePrincipalMissing),
		define(codeRCPAction, E, rcp, "Resource control policies name services", "AWS takes * in Action behind the prefix of a service only, and no NotAction.",
			"List the actions by service, such as s3:*.", rcpPage, codeActionMissing),
		define(codeTrustAction, E, trust, "Trust policies allow actions that assume a role", "IAM takes the actions of STS alone, and each kind of principal has its own: AssumeRole, AssumeRoleWithSAML, AssumeRoleWithWebIdentity.",
			"Use the action of STS that fits the principal.", trustPage),
		define(codeTrustEveryone, E, trust, "Roles do not trust everybody", "A principal * without a condition on who it is lets anybody with an AWS account assume the role; MFA, or a tag or name that callers choose, is none.",
			"Name the principals, or add a condition on aws:PrincipalOrgID or aws:PrincipalArn.", whoPage, codeEffectInvalid),
		define(codeTrustRoot, W, trust, "Roles trust users and roles rather than whole accounts", "The root ARN of an account, or its id, stands for every principal of the account that a policy there allows to assume the role.",
			"Name the roles that are meant, or add a condition on aws:PrincipalArn or sts:ExternalId.", whoPage, codeEffectInvalid),
		define(codeTrustOIDC, E, trust, "Roles for web identities pin subject and audience", "Without a condition on the subject every token of the issuer may assume the role.",
			"Add StringEquals conditions on ISSUER:sub and ISSUER:aud.", oidcPage, codeEffectInvalid),
		define(codeTrustSource, W, trust, "Roles for services say for whom the service acts", "A service that acts for several accounts can be made to use the role for another one.",
			"Add conditions on aws:SourceAccount or aws:SourceArn.", deputyPage, codeEffectInvalid),
		define(codeTrustNoSource, W, trust, "Roles for services rest on keys that the service sends", "A condition on a key that the service does not send never holds, so that the service cannot assume the role.",
			"Remove the conditions on aws:SourceAccount and aws:SourceArn.", deputyPage, codeEffectInvalid),
		define(codeTrustServicePerson, E, trust, "Roles for services do not ask for an external ID or MFA", "No service sends these keys.",
			"Put services and people into statements of their own.", guide+"id_roles_common-scenarios_third-party.html", codeEffectInvalid),
		define(codeName, E, nil, "The name is one that AWS takes", "Applies where the options give a name.",
			"Choose a name within the limits.", quotasPage),
		define(codePath, E, nil, "The path is one that AWS takes", "Applies where the options give a path.",
			"Choose a path within the limits.", quotasPage),
		define(codeCharacters, E, nil, "The text has characters that IAM takes", "These are tab, line feed, carriage return, and U+0020 to U+00FF.",
			"Replace the character.", quotasPage),
		define(codeSize, E, nil, "The document fits its quota", "AWS refuses a larger one.",
			"Shorten the document, or split it.", quotasPage),
	}
}
