package iam

import "github.com/groundway-sdk/groundway"

// The codes that Lint has beside those of [Validate].
const (
	codeActionUnknown    groundway.Code = "iam/action-unknown"
	codeActionCase       groundway.Code = "iam/action-case"
	codeGrantDead        groundway.Code = "iam/grant-dead"
	codeKeyUnsupported   groundway.Code = "iam/condition-key-unsupported"
	codeKeyType          groundway.Code = "iam/condition-type-mismatch"
	codeKeySet           groundway.Code = "iam/condition-set-single"
	codeValueUnknown     groundway.Code = "iam/condition-value-unknown"
	codePartitionFixed   groundway.Code = "iam/partition-fixed"
	codePassRoleWide     groundway.Code = "iam/passrole-wide"
	codePassRoleService  groundway.Code = "iam/passrole-service-missing"
	codeServiceLinked    groundway.Code = "iam/servicelinkedrole-dead"
	codeTaggingOpen      groundway.Code = "iam/createtags-open"
	codeTrustOpen        groundway.Code = "iam/trust-unconditional"
	codeManagedWide      groundway.Code = "iam/managedpolicy-wide"
	serviceAuthorization                = "https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html"
)

// lintRules returns the rules that Lint has beside those of Validate.
func lintRules() []rule {
	const (
		W = groundway.Warning
		I = groundway.Info
	)
	grants := []Kind{IdentityPolicy, ResourcePolicy, SessionPolicy, EndpointPolicy}
	withResource := []Kind{IdentityPolicy, ResourcePolicy, ServiceControlPolicy, ResourceControlPolicy, SessionPolicy, EndpointPolicy}
	const (
		actionPage   = guide + "reference_policies_elements_action.html"
		resourcePage = guide + "reference_policies_elements_resource.html"
		operatorPage = guide + "reference_policies_elements_condition_operators.html"
		setsPage     = guide + "reference_policies_condition-single-vs-multi-valued-context-keys.html"
		arnPage      = guide + "reference-arns.html"
		passRolePage = guide + "id_roles_use_passrole.html"
		linkedPage   = guide + "id_roles_create-service-linked-role.html"
		managedPage  = guide + "access_policies_managed-vs-inline.html"
		cautionPage  = guide + "best-practices.html"
		tagsPage     = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html"
	)
	return []rule{
		define(codeActionUnknown, W, nil, "Actions are in the catalog", "An action that AWS does not have grants nothing, and a pattern that matches none neither. The catalog lags behind AWS, so that this is a warning.",
			"Write the action as the Service Authorization Reference has it, or remove it.", serviceAuthorization, codeActionInvalid),
		define(codeActionCase, I, nil, "Actions are written as AWS writes them", "AWS compares actions without regard to case; other tools, and people who search, do not.",
			"Write the action as AWS does.", actionPage, codeActionUnknown),
		define(codeGrantDead, W, withResource, "Each action can be done to one of the resources of its statement", "An action on resources that it never has is not granted, or not denied. Many that list things take * alone.",
			"Name a resource of a type that the action has.", resourcePage, codeActionUnknown, codeResourceInvalid),
		define(codeKeyUnsupported, W, nil, "Actions have the condition keys of their statement", "A key that a request does not have makes a condition fail, so that an Allow grants nothing; negated and with IfExists it makes it hold, so that it limits nothing.",
			"Move the actions that do not have the key to a statement without it, or use a key that they have.", serviceAuthorization, codeActionUnknown, codeGrantDead),
		define(codeKeyType, W, nil, "Operators compare values of the type of their key", "AWS does not convert: a comparison between types does not hold, or compares the text.",
			"Use an operator for the type of the key.", operatorPage, codeConditionOperator),
		define(codeKeySet, W, nil, "Set operators stand on keys with several values", "On a key with one value ForAllValues also holds where the key is missing, and ForAnyValue says nothing that the plain operator does not.",
			"Use the operator without ForAllValues and ForAnyValue.", setsPage, codeConditionOperator),
		define(codeValueUnknown, W, nil, "Conditions on the names of actions name actions", "A condition that waits for an action that the service does not have never holds for it.",
			"Name actions of the service, without its prefix and in AWS's letter case.", tagsPage, codeConditionOperator),
		define(codePartitionFixed, I, nil, "ARNs hold in every partition that the document is for", "A document with arn:aws grants nothing in China and in GovCloud.",
			"Write arn:* where the document is used in several partitions, or fill in the partition of the region.", arnPage),
		define(codePassRoleWide, W, grants, "iam:PassRole is granted on the roles that are meant", "Whoever may pass any role can run code with the permissions of the strongest one.",
			"Name the roles, or a path that only they have.", passRolePage),
		define(codePassRoleService, W, grants, "iam:PassRole is granted for the services that are meant", "Without a condition the role can be passed to any service that it trusts.",
			`Add a StringEquals condition on iam:PassedToService, such as "ec2.amazonaws.com".`, passRolePage),
		define(codeServiceLinked, W, withResource, "Actions on service-linked roles name their path", "Service-linked roles are below role/aws-service-role/ and nowhere else, so that on other roles the action is not granted.",
			"Name arn:*:iam::*:role/aws-service-role/SERVICE.amazonaws.com/*, with a condition on iam:AWSServiceName.", linkedPage),
		define(codeTaggingOpen, W, grants, "Tags are set when a resource is created, or on one's own resources", "Whoever may tag any resource can give it the tag that other statements ask for.",
			`Add a StringEquals condition on the CreateAction key of the service, such as ec2:CreateAction with "RunInstances", or one on aws:ResourceTag.`, tagsPage),
		define(codeTrustOpen, W, []Kind{TrustPolicy}, "Roles ask something of the users and roles that they trust", "Keys of a user that leaked are enough to assume a role that asks for nothing. For principals of another organization an external ID, for people MFA, and for both the organization are what a condition can ask.",
			"Add a condition on aws:MultiFactorAuthPresent, sts:ExternalId or aws:PrincipalOrgID, as fits the principal.", cautionPage, codeEffectInvalid),
		define(codeManagedWide, W, nil, "No wide policies of AWS are attached", "AWS's policies for administrators and for whole services grant far more than an installation needs, and grow without notice.",
			"Attach a policy of your own with the actions that are used.", managedPage),
	}
}

// needsCatalog are the rules that are unknown without a catalog.
var needsCatalog = map[groundway.Code]bool{
	codeActionUnknown: true, codeActionCase: true, codeGrantDead: true, codeKeyUnsupported: true, codeKeyType: true, codeKeySet: true,
	codeValueUnknown: true,
}

// sharedRules are the rules of Validate that Lint applies too: what they find
// is dangerous and not wrong.
var sharedRules = map[groundway.Code]bool{
	codeNotActionAllow: true, codeConditionAllValues: true, codeTrustEveryone: true, codeTrustRoot: true, codeTrustOIDC: true,
	codeTrustSource: true,
}
