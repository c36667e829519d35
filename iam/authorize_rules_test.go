package iam_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/iam"
)

const (
	userGuide      = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
	evaluationPage = userGuide + "reference_policies_evaluation-logic_policy-eval-denyallow.html"
	basicsPage     = userGuide + "reference_policies_evaluation-logic_policy-eval-basics.html"
	crossPage      = userGuide + "reference_policies_evaluation-logic-cross-account.html"
	boundaryPage   = userGuide + "access_policies_boundaries.html"
	operatorsPage  = userGuide + "reference_policies_elements_condition_operators.html"
	manyKeysPage   = userGuide + "reference_policies_condition-logic-multiple-context-keys-or-values.html"
	manyValuesPage = userGuide + "reference_policies_condition-single-vs-multi-valued-context-keys.html"
	keysPage       = userGuide + "reference_policies_condition-keys.html"
	variablesPage  = userGuide + "reference_policies_variables.html"
	principalPage  = userGuide + "reference_policies_elements_principal.html"
	notWhoPage     = userGuide + "reference_policies_elements_notprincipal.html"
	actionPage     = userGuide + "reference_policies_elements_action.html"
	notActionPage  = userGuide + "reference_policies_elements_notaction.html"
	resourcePage   = userGuide + "reference_policies_elements_resource.html"
	notWhatPage    = userGuide + "reference_policies_elements_notresource.html"
	versionPage    = userGuide + "reference_policies_elements_version.html"
	scpPage        = "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html"
	scpsPage       = "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html"
	rcpPage        = "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html"
	endpointPage   = "https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html"
	kmsPage        = "https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html"
	trustPage      = userGuide + "id_roles_compare-resource-policies.html"
	callerPage     = "https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html"
	federationPage = "https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html"
	cloudFrontPage = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html"
	bucketPage     = "https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketPolicy.html"

	operatorUser  = "arn:aws:iam::111122223333:user/operator"
	appRole       = "arn:aws:iam::111122223333:role/app"
	appSession    = "arn:aws:sts::111122223333:assumed-role/app/i-0a"
	ownRoot       = "arn:aws:iam::111122223333:root"
	foreignUser   = "arn:aws:iam::444455556666:user/visitor"
	guest         = "arn:aws:sts::111122223333:federated-user/guest"
	object        = "arn:aws:s3:::demo/report.txt"
	queue         = "arn:aws:sqs:us-east-1:111122223333:demo"
	key           = "arn:aws:kms:us-east-1:111122223333:key/1"
	instance      = "arn:aws:ec2:us-east-1:111122223333:instance/i-0a"
	issuerARN     = "arn:aws:iam::111122223333:oidc-provider/oidc.example.com/id"
	linkedRole    = "arn:aws:iam::111122223333:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"
	serviceCaller = "logs.amazonaws.com"
)

// doc returns the document of one or more statements in JSON.
func doc(statements string) iam.Document {
	return iam.MustParse(`{"Version":"2012-10-17","Statement":[` + statements + `]}`)
}

func docs(statements ...string) []iam.Document {
	var list []iam.Document
	for _, s := range statements {
		list = append(list, doc(s))
	}
	return list
}

const (
	allowAll = `{"Effect":"Allow","Action":"*","Resource":"*"}`
	denyAll  = `{"Effect":"Deny","Action":"*","Resource":"*"}`
	allowEC2 = `{"Effect":"Allow","Action":"ec2:*","Resource":"*"}`
)

// to returns a statement of a resource policy.
func to(effect, principal, action string) string {
	return `{"Effect":"` + effect + `","Principal":` + principal + `,"Action":"` + action + `","Resource":"*"}`
}

// when returns an Allow statement with a condition.
func when(condition string) string {
	return `{"Effect":"Allow","Action":"*","Resource":"*","Condition":` + condition + `}`
}

// on returns an Allow statement on a resource.
func on(resource string) string {
	return `{"Effect":"Allow","Action":"*","Resource":"` + resource + `"}`
}

type ruling struct {
	page, rule string
	policies   iam.Policies
	request    iam.Request // by the operator, s3:GetObject on the object, unless it says otherwise
	want       iam.Verdict
	layer      iam.Layer // 0 is not compared
}

// ask is a request of the operator for the object with keys in its context.
func ask(context ...string) iam.Request {
	r := iam.Request{Context: iam.Context{}}
	for i := 0; i < len(context); i += 2 {
		r.Context[context[i]] = append(r.Context[context[i]], context[i+1])
	}
	return r
}

func by(principal string, r iam.Request) iam.Request {
	r.Principal = principal
	return r
}

func call(action iam.Action, resource string) iam.Request {
	return iam.Request{Action: action, Resource: resource}
}

func identities(statements ...string) iam.Policies {
	return iam.Policies{Identity: docs(statements...)}
}

const (
	yes      = iam.Allowed
	no       = iam.ImplicitlyDenied
	explicit = iam.ExplicitlyDenied
)

// rulings are the rules of AWS's pages, one row each.
var rulings = []ruling{
	// The layers, in one account.
	{evaluationPage, "by default requests are denied", iam.Policies{}, ask(), no, iam.IdentityLayer},
	{evaluationPage, "an identity policy allows", identities(allowAll), ask(), yes, iam.IdentityLayer},
	{evaluationPage, "an explicit deny overrides an allow", identities(allowAll, denyAll), ask(), explicit, iam.IdentityLayer},
	{evaluationPage, "the root user has full access", iam.Policies{}, by(ownRoot, ask()), yes, iam.IdentityLayer},
	{basicsPage, "a resource policy alone is enough for a user it names", iam.Policies{Resource: doc(to("Allow", `{"AWS":"`+operatorUser+`"}`, "s3:*"))}, ask(), yes, iam.ResourceLayer},
	{basicsPage, "a resource policy that names the account delegates to its policies", iam.Policies{Resource: doc(to("Allow", `{"AWS":"111122223333"}`, "s3:*"))}, ask(), no, iam.IdentityLayer},
	{basicsPage, "a deny in the resource policy overrides the identity policy", iam.Policies{Identity: docs(allowAll), Resource: doc(to("Deny", `"*"`, "s3:*"))}, ask(), explicit, iam.ResourceLayer},
	{boundaryPage, "a boundary that does not allow denies", iam.Policies{Identity: docs(allowAll), Boundary: docs(allowEC2)}, ask(), no, iam.BoundaryLayer},
	{boundaryPage, "a boundary grants nothing", iam.Policies{Boundary: docs(allowAll)}, ask(), no, iam.IdentityLayer},
	{boundaryPage, "a boundary and an identity policy both allow", iam.Policies{Identity: docs(allowAll), Boundary: docs(allowAll)}, ask(), yes, 0},
	{boundaryPage, "a deny in the boundary is explicit", iam.Policies{Identity: docs(allowAll), Boundary: docs(allowAll, denyAll)}, ask(), explicit, iam.BoundaryLayer},
	{boundaryPage, "a resource policy that names the user passes the boundary", iam.Policies{Boundary: docs(allowEC2), Resource: doc(to("Allow", `{"AWS":"`+operatorUser+`"}`, "s3:*"))}, ask(), yes, iam.ResourceLayer},
	{evaluationPage, "a session policy limits the identity policy", iam.Policies{Identity: docs(allowAll), Session: docs(allowEC2)}, by(appSession, ask()), no, iam.SessionLayer},
	{evaluationPage, "a resource policy that names the role needs no identity policy", iam.Policies{Resource: doc(to("Allow", `{"AWS":"`+appRole+`"}`, "s3:*"))}, by(appSession, ask()), yes, iam.ResourceLayer},
	{evaluationPage, "a resource policy that names the role is limited by the boundary", iam.Policies{Boundary: docs(allowEC2), Resource: doc(to("Allow", `{"AWS":"`+appRole+`"}`, "s3:*"))}, by(appSession, ask()), no, iam.BoundaryLayer},
	{evaluationPage, "a resource policy that names the role is limited by the session policy", iam.Policies{Session: docs(allowEC2), Resource: doc(to("Allow", `{"AWS":"`+appRole+`"}`, "s3:*"))}, by(appSession, ask()), no, iam.SessionLayer},
	{evaluationPage, "a resource policy that names the session passes boundary and session policy", iam.Policies{Boundary: docs(allowEC2), Session: docs(allowEC2), Resource: doc(to("Allow", `{"AWS":"`+appSession+`"}`, "s3:*"))}, by(appSession, ask()), yes, iam.ResourceLayer},
	{evaluationPage, "a resource policy that names the session of a federated user passes the session policy", iam.Policies{Session: docs(allowEC2), Resource: doc(to("Allow", `{"AWS":"`+guest+`"}`, "s3:*"))}, by(guest, ask()), yes, iam.ResourceLayer},
	{federationPage, "without a session policy a federated user has no permissions", identities(allowAll), by(guest, ask()), no, iam.SessionLayer},
	{federationPage, "a federated user has what the user and the session policy allow", iam.Policies{Identity: docs(allowAll), Session: docs(allowAll)}, by(guest, ask()), yes, iam.IdentityLayer},
	{principalPage, "a grant to everybody passes the boundary and the session policy", iam.Policies{Boundary: docs(allowEC2), Session: docs(allowEC2), Resource: doc(to("Allow", `"*"`, "s3:*"))}, by(appSession, ask()), yes, iam.ResourceLayer},

	// Organizations.
	{scpPage, "each level has to allow", iam.Policies{Identity: docs(allowAll), SCPs: [][]iam.Document{docs(allowAll), docs(allowEC2), docs(allowAll)}}, ask(), no, iam.SCPLayer},
	{scpPage, "one policy of a level is enough", iam.Policies{Identity: docs(allowAll), SCPs: [][]iam.Document{docs(allowAll), docs(allowEC2, allowAll)}}, ask(), yes, iam.IdentityLayer},
	{scpPage, "a deny at any level is explicit", iam.Policies{Identity: docs(allowAll), SCPs: [][]iam.Document{docs(allowAll, denyAll), docs(allowAll)}}, ask(), explicit, iam.SCPLayer},
	{scpPage, "a level without policies allows nothing", iam.Policies{Identity: docs(allowAll), SCPs: [][]iam.Document{docs(allowAll), {}}}, ask(), no, iam.SCPLayer},
	{scpPage, "service control policies grant nothing", iam.Policies{SCPs: [][]iam.Document{docs(allowAll)}}, ask(), no, iam.IdentityLayer},
	{scpsPage, "the root user of a member account is under them", iam.Policies{SCPs: [][]iam.Document{docs(allowEC2)}}, by(ownRoot, ask()), no, iam.SCPLayer},
	{scpsPage, "a grant by a resource policy is under them", iam.Policies{SCPs: [][]iam.Document{docs(allowEC2)}, Resource: doc(to("Allow", `{"AWS":"`+operatorUser+`"}`, "s3:*"))}, ask(), no, iam.SCPLayer},
	{scpsPage, "service-linked roles are not under them", iam.Policies{Identity: docs(allowAll), SCPs: [][]iam.Document{docs(denyAll)}}, by(linkedRole, ask()), yes, 0},
	{scpsPage, "services are not under them", iam.Policies{SCPs: [][]iam.Document{docs(denyAll)}, Resource: doc(to("Allow", `{"Service":"`+serviceCaller+`"}`, "s3:*"))}, by(serviceCaller, ask()), yes, iam.ResourceLayer},
	{rcpPage, "a resource control policy denies", iam.Policies{Identity: docs(allowAll), RCPs: [][]iam.Document{docs(to("Deny", `"*"`, "s3:*"))}}, ask(), explicit, iam.RCPLayer},
	{rcpPage, "a resource control policy need not allow: one of AWS's does", iam.Policies{Identity: docs(allowAll), RCPs: [][]iam.Document{docs(to("Deny", `"*"`, "sqs:*")), {}}}, ask(), yes, 0},
	{rcpPage, "a resource control policy binds principals of other organizations and services", iam.Policies{RCPs: [][]iam.Document{docs(to("Deny", `"*"`, "s3:*"))}, Resource: doc(to("Allow", `"*"`, "s3:*"))}, by(serviceCaller, ask()), explicit, iam.RCPLayer},
	{rcpPage, "service-linked roles are not under resource control policies", iam.Policies{Identity: docs(allowAll), RCPs: [][]iam.Document{docs(to("Deny", `"*"`, "s3:*"))}}, by(linkedRole, ask()), yes, 0},
	{endpointPage, "an endpoint policy has to allow", iam.Policies{Identity: docs(allowAll), Endpoint: docs(to("Allow", `"*"`, "ec2:*"))}, ask(), no, iam.EndpointLayer},
	{endpointPage, "an endpoint policy that names nobody speaks of everybody", iam.Policies{Identity: docs(allowAll), Endpoint: docs(allowEC2)}, ask(), no, iam.EndpointLayer},
	{endpointPage, "an endpoint policy grants nothing", iam.Policies{Endpoint: docs(to("Allow", `"*"`, "*"))}, ask(), no, iam.IdentityLayer},
	{endpointPage, "a deny of an endpoint policy is explicit", iam.Policies{Identity: docs(allowAll), Endpoint: docs(to("Allow", `"*"`, "*"), to("Deny", `"*"`, "s3:*"))}, ask(), explicit, iam.EndpointLayer},

	// Across accounts.
	{crossPage, "an identity policy alone is not enough", identities(allowAll), by(foreignUser, iam.Request{ResourceAccount: "111122223333"}), no, iam.ResourceLayer},
	{crossPage, "a resource policy alone is not enough", iam.Policies{Resource: doc(to("Allow", `{"AWS":"`+foreignUser+`"}`, "s3:*"))}, by(foreignUser, iam.Request{ResourceAccount: "111122223333"}), no, iam.IdentityLayer},
	{crossPage, "both allow", iam.Policies{Identity: docs(allowAll), Resource: doc(to("Allow", `{"AWS":"`+foreignUser+`"}`, "s3:*"))}, by(foreignUser, iam.Request{ResourceAccount: "111122223333"}), yes, 0},
	{crossPage, "the resource policy may name the account", iam.Policies{Identity: docs(allowAll), Resource: doc(to("Allow", `{"AWS":"444455556666"}`, "s3:*"))}, by(foreignUser, iam.Request{ResourceAccount: "111122223333"}), yes, 0},
	{crossPage, "the boundary limits even a session that is named", iam.Policies{Identity: docs(allowAll), Boundary: docs(allowEC2), Resource: doc(to("Allow", `{"AWS":"`+appSession+`"}`, "s3:*"))}, by(appSession, iam.Request{ResourceAccount: "444455556666"}), no, iam.BoundaryLayer},
	{crossPage, "the account stands in the ARN of the resource", identities(allowAll), by(foreignUser, call("sqs:SendMessage", queue)), no, iam.ResourceLayer},

	// Principals.
	{principalPage, "a role with a path is known by its session", iam.Policies{Resource: doc(to("Allow", `{"AWS":"arn:aws:iam::111122223333:role/team/app"}`, "s3:*"))}, by(appSession, ask()), yes, 0},
	{principalPage, "the session of another role is not", iam.Policies{Resource: doc(to("Allow", `{"AWS":"arn:aws:iam::111122223333:role/other"}`, "s3:*"))}, by(appSession, ask()), no, 0},
	{principalPage, "another session is another principal", iam.Policies{Resource: doc(to("Allow", `{"AWS":"arn:aws:sts::111122223333:assumed-role/app/i-0b"}`, "s3:*"))}, by(appSession, ask()), no, 0},
	{principalPage, "names of users distinguish case", iam.Policies{Resource: doc(to("Allow", `{"AWS":"arn:aws:iam::111122223333:user/Operator"}`, "s3:*"))}, ask(), no, 0},
	{principalPage, "a deny that names the account holds for its users", iam.Policies{Identity: docs(allowAll), Resource: doc(to("Deny", `{"AWS":"`+ownRoot+`"}`, "s3:*"))}, ask(), explicit, iam.ResourceLayer},
	{principalPage, "a deny that names the role holds for its sessions", iam.Policies{Identity: docs(allowAll), Resource: doc(to("Deny", `{"AWS":"`+appRole+`"}`, "s3:*"))}, by(appSession, ask()), explicit, 0},
	{principalPage, "a service has no other policies", iam.Policies{Resource: doc(to("Allow", `{"Service":"`+serviceCaller+`"}`, "s3:*"))}, by(serviceCaller, ask()), yes, iam.ResourceLayer},
	{principalPage, "a service of another partition has a name of its own", iam.Policies{Resource: doc(to("Allow", `{"Service":"ec2.amazonaws.com.cn"}`, "s3:*"))}, by("ec2.amazonaws.com.cn", ask()), yes, iam.ResourceLayer},
	{principalPage, "another service is not named", iam.Policies{Resource: doc(to("Allow", `{"Service":"ec2.amazonaws.com"}`, "s3:*"))}, by(serviceCaller, ask()), no, iam.ResourceLayer},
	{principalPage, "everybody includes callers without credentials", iam.Policies{Resource: doc(to("Allow", `{"AWS":"*"}`, "s3:*"))}, by("*", ask()), yes, iam.ResourceLayer},
	{cloudFrontPage, "an origin access identity is nobody else", iam.Policies{Resource: doc(to("Allow", `{"AWS":["arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity EH1HDMB1FH2TC"]}`, "s3:*"))}, by("*", ask()), no, iam.ResourceLayer},
	{cloudFrontPage, "an origin access identity beside a user", iam.Policies{Resource: doc(to("Allow", `{"AWS":["arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity EH1HDMB1FH2TC","`+operatorUser+`"]}`, "s3:*"))}, ask(), yes, iam.ResourceLayer},
	{principalPage, "every service is no caller without credentials", iam.Policies{Resource: doc(to("Allow", `{"Service":"*"}`, "s3:*"))}, by("*", ask()), no, iam.ResourceLayer},
	{principalPage, "nor is every provider", iam.Policies{Resource: doc(to("Allow", `{"Federated":"*"}`, "s3:*"))}, by("*", ask()), no, iam.ResourceLayer},
	{principalPage, "an account by its canonical user ID", iam.Policies{Identity: docs(allowAll), Resource: doc(to("Allow", `{"CanonicalUser":"79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}`, "s3:*"))}, by(foreignUser, iam.Request{ResourceAccount: "111122223333", CanonicalUser: "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}), yes, 0},
	{principalPage, "the unique id of a role stands for it", iam.Policies{Resource: doc(to("Allow", `{"AWS":"AROAEXAMPLEEXAMPLE01"}`, "s3:*"))}, by(appSession, ask("aws:userid", "AROAEXAMPLEEXAMPLE01:i-0a")), yes, 0},
	{principalPage, "and not for the role that has its name now", iam.Policies{Resource: doc(to("Allow", `{"AWS":"AROAEXAMPLEEXAMPLE01"}`, "s3:*"))}, by(appSession, ask("aws:userid", "AROAEXAMPLEEXAMPLE02:i-0a")), no, 0},
	{notWhoPage, "NotPrincipal denies the others", iam.Policies{Identity: docs(allowAll), Resource: doc(`{"Effect":"Deny","NotPrincipal":{"AWS":["arn:aws:iam::111122223333:user/other","111122223333"]},"Action":"s3:*","Resource":"*"}`)}, ask(), explicit, 0},
	{notWhoPage, "NotPrincipal spares a user who is listed with the account", iam.Policies{Identity: docs(allowAll), Resource: doc(`{"Effect":"Deny","NotPrincipal":{"AWS":["` + operatorUser + `","111122223333"]},"Action":"s3:*","Resource":"*"}`)}, ask(), yes, 0},
	{notWhoPage, "NotPrincipal does not spare a user who is listed without the account", iam.Policies{Identity: docs(allowAll), Resource: doc(`{"Effect":"Deny","NotPrincipal":{"AWS":"` + operatorUser + `"},"Action":"s3:*","Resource":"*"}`)}, ask(), explicit, 0},
	{notWhoPage, "NotPrincipal spares a session that is listed with role and account", iam.Policies{Identity: docs(allowAll), Resource: doc(`{"Effect":"Deny","NotPrincipal":{"AWS":["` + appSession + `","` + appRole + `","111122223333"]},"Action":"s3:*","Resource":"*"}`)}, by(appSession, ask()), yes, 0},
	{notWhoPage, "NotPrincipal does not spare a session without its role", iam.Policies{Identity: docs(allowAll), Resource: doc(`{"Effect":"Deny","NotPrincipal":{"AWS":["` + appSession + `","111122223333"]},"Action":"s3:*","Resource":"*"}`)}, by(appSession, ask()), explicit, 0},
	{notWhoPage, "NotPrincipal never spares who has a boundary", iam.Policies{Identity: docs(allowAll), Boundary: docs(allowAll), Resource: doc(`{"Effect":"Deny","NotPrincipal":{"AWS":["` + operatorUser + `","111122223333"]},"Action":"s3:*","Resource":"*"}`)}, ask(), explicit, 0},

	// Actions and resources.
	{actionPage, "the case of actions does not matter", identities(`{"Effect":"Allow","Action":"S3:getobject","Resource":"*"}`), ask(), yes, 0},
	{actionPage, "wildcards stand anywhere", identities(`{"Effect":"Allow","Action":"s3:*Obj?ct","Resource":"*"}`), ask(), yes, 0},
	{actionPage, "? is one character", identities(`{"Effect":"Allow","Action":"s3:Get?Object","Resource":"*"}`), ask(), no, 0},
	{notActionPage, "NotAction with Allow grants the others", identities(`{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}`), ask(), yes, 0},
	{notActionPage, "NotAction with Deny spares what it lists", identities(allowAll, `{"Effect":"Deny","NotAction":"s3:Get*","Resource":"*"}`), ask(), yes, 0},
	{resourcePage, "the case of resources matters", identities(on("arn:aws:s3:::Demo/*")), ask(), no, 0},
	{resourcePage, "* runs over slashes", identities(on("arn:aws:s3:::demo/*")), call("s3:GetObject", "arn:aws:s3:::demo/a/b/c"), yes, 0},
	{resourcePage, "* at the end of a part runs over colons", identities(on("arn:aws:sqs:*")), call("sqs:SendMessage", queue), yes, 0},
	{resourcePage, "* within a part does not", identities(on("arn:aws:ec2:us-*1:instance/*")), call("ec2:StartInstances", "arn:aws:ec2:us-east-1:111122223331:instance/i-0a"), no, 0},
	{resourcePage, "? is one character and no colon", identities(on("arn:aws:ec2:us-east-?:111122223333:instance/i-0?")), call("ec2:StartInstances", instance), yes, 0},
	{resourcePage, "an ARN that lacks parts has any there", identities(on("arn:aws:sqs:us-east-1")), call("sqs:SendMessage", queue), yes, 0},
	{resourcePage, "but not in the policy of a resource", iam.Policies{Resource: doc(`{"Effect":"Allow","Principal":"*","Action":"sqs:*","Resource":"arn:aws:sqs:us-east-1"}`)}, call("sqs:SendMessage", queue), no, 0},
	{resourcePage, "an action without a resource is granted on * alone", identities(on("arn:aws:ec2:*:*:vpc/*")), call("ec2:DescribeVpcs", "*"), no, 0},
	{notWhatPage, "NotResource grants the others", identities(`{"Effect":"Allow","Action":"s3:*","NotResource":"arn:aws:s3:::secret/*"}`), ask(), yes, 0},
	{notWhatPage, "NotResource with Deny spares what it lists", identities(allowAll, `{"Effect":"Deny","Action":"s3:*","NotResource":"arn:aws:s3:::demo/*"}`), ask(), yes, 0},

	// Conditions.
	{operatorsPage, "StringEquals distinguishes case", identities(when(`{"StringEquals":{"aws:PrincipalTag/team":"Red"}}`)), ask("aws:PrincipalTag/team", "red"), no, 0},
	{operatorsPage, "StringEquals has no wildcards", identities(when(`{"StringEquals":{"aws:PrincipalTag/team":"r*"}}`)), ask("aws:PrincipalTag/team", "red"), no, 0},
	{operatorsPage, "StringEqualsIgnoreCase does not distinguish case", identities(when(`{"StringEqualsIgnoreCase":{"aws:PrincipalTag/team":"Red"}}`)), ask("aws:PrincipalTag/team", "rED"), yes, 0},
	{operatorsPage, "StringNotEqualsIgnoreCase negates", identities(when(`{"StringNotEqualsIgnoreCase":{"aws:PrincipalTag/team":"Red"}}`)), ask("aws:PrincipalTag/team", "rED"), no, 0},
	{operatorsPage, "StringLike has wildcards", identities(when(`{"StringLike":{"s3:prefix":["","home/","home/*"]}}`)), ask("s3:prefix", "home/operator"), yes, 0},
	{operatorsPage, "StringLike runs over colons", identities(when(`{"StringLike":{"aws:SourceArn":"arn:aws:someservice:*:111122223333:finance/*"}}`)), ask("aws:SourceArn", "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt"), yes, 0},
	{operatorsPage, "ArnLike compares part by part", identities(when(`{"ArnLike":{"aws:SourceArn":"arn:aws:someservice:*:111122223333:finance/*"}}`)), ask("aws:SourceArn", "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt"), no, 0},
	{operatorsPage, "ArnEquals has wildcards too", identities(when(`{"ArnEquals":{"aws:SourceArn":"arn:aws:sns:*:111122223333:*"}}`)), ask("aws:SourceArn", "arn:aws:sns:us-east-1:111122223333:topic"), yes, 0},
	{operatorsPage, "ArnNotEquals negates", identities(when(`{"ArnNotEquals":{"aws:SourceArn":"arn:aws:sns:*:111122223333:*"}}`)), ask("aws:SourceArn", "arn:aws:sns:us-east-1:111122223333:topic"), no, 0},
	{operatorsPage, "numbers compare as numbers", identities(when(`{"NumericEquals":{"s3:max-keys":"10.0"}}`)), ask("s3:max-keys", "10"), yes, 0},
	{operatorsPage, "NumericLessThanEquals includes the number", identities(when(`{"NumericLessThanEquals":{"s3:max-keys":10}}`)), ask("s3:max-keys", "10"), yes, 0},
	{operatorsPage, "NumericLessThan does not", identities(when(`{"NumericLessThan":{"s3:max-keys":10}}`)), ask("s3:max-keys", "10"), no, 0},
	{operatorsPage, "NumericGreaterThan is not by text", identities(when(`{"NumericGreaterThan":{"s3:max-keys":9}}`)), ask("s3:max-keys", "10"), yes, 0},
	{operatorsPage, "NumericNotEquals negates", identities(when(`{"NumericNotEquals":{"s3:max-keys":9}}`)), ask("s3:max-keys", "10"), yes, 0},
	{operatorsPage, "text is no number", identities(when(`{"NumericLessThan":{"s3:max-keys":9}}`)), ask("s3:max-keys", "few"), no, 0},
	{operatorsPage, "dates compare in ISO 8601 and in seconds since 1970", identities(when(`{"DateGreaterThan":{"aws:TokenIssueTime":"2020-01-01T00:00:01Z"}}`)), ask("aws:TokenIssueTime", "1577836802"), yes, 0},
	{operatorsPage, "DateLessThan with zones", identities(when(`{"DateLessThan":{"aws:CurrentTime":"2026-01-01T00:00:00Z"}}`)), ask("aws:CurrentTime", "2026-01-01T00:30:00+01:00"), yes, 0},
	{operatorsPage, "DateEquals is the same moment", identities(when(`{"DateEquals":{"aws:CurrentTime":"2026-01-01"}}`)), ask("aws:CurrentTime", "2026-01-01T00:00:00Z"), yes, 0},
	{operatorsPage, "Bool compares true and false", identities(when(`{"Bool":{"aws:SecureTransport":true}}`)), ask("aws:SecureTransport", "true"), yes, 0},
	{operatorsPage, "Bool false is not a missing key", identities(when(`{"Bool":{"aws:MultiFactorAuthPresent":"false"}}`)), ask(), no, 0},
	{operatorsPage, "BinaryEquals compares bytes", identities(when(`{"BinaryEquals":{"demo:bytes":"QmluYXJ5VmFsdWVJbkJhc2U2NA=="}}`)), ask("demo:bytes", "QmluYXJ5VmFsdWVJbkJhc2U2NA=="), yes, 0},
	{operatorsPage, "IpAddress takes a range", identities(when(`{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}`)), ask("aws:SourceIp", "203.0.113.9"), yes, 0},
	{operatorsPage, "IpAddress takes an address", identities(when(`{"IpAddress":{"aws:SourceIp":"203.0.113.9"}}`)), ask("aws:SourceIp", "203.0.113.9"), yes, 0},
	{operatorsPage, "IpAddress takes IPv6", identities(when(`{"IpAddress":{"aws:SourceIp":["203.0.113.0/24","2001:DB8:1234:5678::/64"]}}`)), ask("aws:SourceIp", "2001:db8:1234:5678::9"), yes, 0},
	{operatorsPage, "NotIpAddress negates", identities(when(`{"NotIpAddress":{"aws:SourceIp":["203.0.113.0/24","198.51.100.0/24"]}}`)), ask("aws:SourceIp", "198.51.100.9"), no, 0},
	{operatorsPage, "a missing key does not match", identities(when(`{"StringEquals":{"aws:PrincipalTag/team":"red"}}`)), ask(), no, 0},
	{operatorsPage, "a missing key satisfies a negated operator", identities(when(`{"StringNotEquals":{"aws:PrincipalTag/team":"red"}}`)), ask(), yes, 0},
	{operatorsPage, "IfExists holds for a missing key", identities(when(`{"StringLikeIfExists":{"ec2:InstanceType":["t1.*","t2.*"]}}`)), ask(), yes, 0},
	{operatorsPage, "IfExists compares a key that is there", identities(when(`{"StringLikeIfExists":{"ec2:InstanceType":["t1.*","t2.*"]}}`)), ask("ec2:InstanceType", "m5.large"), no, 0},
	{operatorsPage, "a negated IfExists with Deny denies a missing key", identities(allowAll, `{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringNotEqualsIfExists":{"aws:RequestTag/team":"red"}}}`), ask(), explicit, 0},
	{operatorsPage, "Null true asks for a missing key", identities(when(`{"Null":{"aws:TokenIssueTime":"true"}}`)), ask(), yes, 0},
	{operatorsPage, "Null false asks for a key that is there", identities(when(`{"Null":{"aws:TokenIssueTime":"false"}}`)), ask("aws:TokenIssueTime", "2026-01-01T00:00:00Z"), yes, 0},
	{operatorsPage, "Null false fails for a missing key", identities(when(`{"Null":{"aws:TokenIssueTime":false}}`)), ask(), no, 0},
	{manyKeysPage, "all operators have to hold", identities(when(`{"StringEquals":{"aws:PrincipalTag/team":"red"},"Bool":{"aws:SecureTransport":"true"}}`)), ask("aws:PrincipalTag/team", "red", "aws:SecureTransport", "false"), no, 0},
	{manyKeysPage, "all keys of an operator have to match", identities(when(`{"StringEquals":{"aws:PrincipalTag/team":"red","aws:PrincipalTag/role":"lead"}}`)), ask("aws:PrincipalTag/team", "red"), no, 0},
	{manyKeysPage, "one of the values of a key is enough", identities(when(`{"StringEquals":{"aws:PrincipalTag/team":["red","blue"]}}`)), ask("aws:PrincipalTag/team", "blue"), yes, 0},
	{manyKeysPage, "none of the values of a negated operator may match", identities(when(`{"StringNotEquals":{"aws:PrincipalTag/team":["red","blue"]}}`)), ask("aws:PrincipalTag/team", "blue"), no, 0},
	{manyValuesPage, "ForAllValues asks every value of the request", identities(when(`{"ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}}`)), ask("aws:TagKeys", "a", "aws:TagKeys", "c"), no, 0},
	{manyValuesPage, "ForAllValues holds for a subset", identities(when(`{"ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}}`)), ask("aws:TagKeys", "a"), yes, 0},
	{manyValuesPage, "ForAllValues holds for a missing key", identities(when(`{"ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}}`)), ask(), yes, 0},
	{manyValuesPage, "Null false beside ForAllValues asks for the key", identities(when(`{"ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]},"Null":{"aws:TagKeys":"false"}}`)), ask(), no, 0},
	{manyValuesPage, "ForAnyValue asks for one value", identities(when(`{"ForAnyValue:StringEquals":{"aws:TagKeys":["a","b"]}}`)), ask("aws:TagKeys", "c", "aws:TagKeys", "b"), yes, 0},
	{manyValuesPage, "ForAnyValue fails for a missing key", identities(when(`{"ForAnyValue:StringEquals":{"aws:TagKeys":["a","b"]}}`)), ask(), no, 0},
	{manyValuesPage, "ForAnyValue asks for a value whether IfExists follows or not", identities(when(`{"ForAnyValue:StringEqualsIfExists":{"aws:TagKeys":["a","b"]}}`)), ask(), no, 0},
	{manyValuesPage, "ForAllValues compares the values that there are whether IfExists follows or not", identities(when(`{"ForAllValues:StringEqualsIfExists":{"aws:TagKeys":["a","b"]}}`)), ask("aws:TagKeys", "c"), no, 0},
	{manyValuesPage, "an empty list is a missing key", identities(when(`{"ForAnyValue:StringNotEquals":{"aws:TagKeys":["a","b"]}}`)), iam.Request{Context: iam.Context{"aws:TagKeys": {}}}, no, 0},
	{manyValuesPage, "empty text is no value for ForAllValues", identities(when(`{"ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}}`)), ask("aws:TagKeys", ""), yes, 0},
	{manyValuesPage, "nor for ForAnyValue", identities(when(`{"ForAnyValue:StringNotEquals":{"aws:TagKeys":["a","b"]}}`)), ask("aws:TagKeys", ""), no, 0},
	{manyValuesPage, "Null false beside ForAllValues asks for more than empty text", identities(when(`{"ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]},"Null":{"aws:TagKeys":"false"}}`)), ask("aws:TagKeys", ""), no, 0},
	{manyValuesPage, "empty text beside another value is one", identities(when(`{"ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}}`)), ask("aws:TagKeys", "", "aws:TagKeys", "a"), no, 0},
	{manyValuesPage, "operators of one value compare empty text", identities(when(`{"StringEquals":{"aws:PrincipalTag/team":""}}`)), ask("aws:PrincipalTag/team", ""), yes, 0},
	{manyValuesPage, "ForAnyValue with a negated operator asks for one other value", identities(when(`{"ForAnyValue:StringNotEquals":{"aws:TagKeys":["a","b"]}}`)), ask("aws:TagKeys", "a", "aws:TagKeys", "c"), yes, 0},
	{manyValuesPage, "ForAllValues with a negated operator asks for other values only", identities(when(`{"ForAllValues:StringNotLike":{"aws:TagKeys":["a*"]}}`)), ask("aws:TagKeys", "ab", "aws:TagKeys", "c"), no, 0},
	{keysPage, "the case of keys does not matter", identities(when(`{"IpAddress":{"AWS:SourceIP":"203.0.113.0/24"}}`)), ask("aws:sourceIp", "203.0.113.9"), yes, 0},
	{keysPage, "nor that of tag keys", identities(when(`{"StringEquals":{"aws:ResourceTag/Team":"red"}}`)), ask("aws:resourceTag/team", "red"), yes, 0},
	{keysPage, "aws:PrincipalArn is the ARN of the role", identities(when(`{"ArnEquals":{"aws:PrincipalArn":"` + appRole + `"}}`)), by(appSession, ask()), yes, 0},
	{keysPage, "aws:PrincipalArn is the ARN of the user", identities(when(`{"ArnEquals":{"aws:PrincipalArn":"` + operatorUser + `"}}`)), ask(), yes, 0},
	{keysPage, "aws:PrincipalAccount and aws:ResourceAccount follow from the request", identities(when(`{"StringEquals":{"aws:PrincipalAccount":"${aws:ResourceAccount}"}}`)), call("sqs:SendMessage", queue), yes, 0},
	{keysPage, "aws:PrincipalIsAWSService tells services from people", iam.Policies{Resource: doc(`{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*","Condition":{"Bool":{"aws:PrincipalIsAWSService":"true"}}}`)}, by(serviceCaller, ask()), yes, 0},
	{keysPage, "aws:username is there for users only", identities(when(`{"Null":{"aws:username":"true"}}`)), by(appSession, ask()), yes, 0},

	// Variables.
	{variablesPage, "a variable in a resource is replaced", identities(on("arn:aws:s3:::demo/${aws:username}/*")), call("s3:GetObject", "arn:aws:s3:::demo/operator/x"), yes, 0},
	{variablesPage, "by the value of this request", identities(on("arn:aws:s3:::demo/${aws:username}/*")), call("s3:GetObject", "arn:aws:s3:::demo/somebody/x"), no, 0},
	{variablesPage, "a variable in a string condition is replaced", identities(when(`{"StringLike":{"s3:prefix":"home/${aws:username}/*"}}`)), ask("s3:prefix", "home/operator/x"), yes, 0},
	{variablesPage, "a variable in an ARN condition is replaced", identities(when(`{"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:${aws:PrincipalAccount}:*"}}`)), ask("aws:SourceArn", "arn:aws:sns:us-east-1:111122223333:topic"), yes, 0},
	{variablesPage, "a variable without a value matches nothing", identities(on("arn:aws:s3:::demo/${aws:PrincipalTag/team}*")), call("s3:GetObject", "arn:aws:s3:::demo/x"), no, 0},
	{variablesPage, "a negated operator holds with one", identities(when(`{"StringNotEquals":{"s3:prefix":"${aws:PrincipalTag/team}"}}`)), ask("s3:prefix", "x"), yes, 0},
	{variablesPage, "a default stands in for a missing key", identities(on("arn:aws:s3:::demo/${aws:PrincipalTag/team, 'company-wide'}/*")), call("s3:GetObject", "arn:aws:s3:::demo/company-wide/x"), yes, 0},
	{variablesPage, "and not for one that is there", identities(on("arn:aws:s3:::demo/${aws:PrincipalTag/team, 'company-wide'}/*")), iam.Request{Resource: "arn:aws:s3:::demo/company-wide/x", Context: iam.Context{"aws:PrincipalTag/team": {"red"}}}, no, 0},
	{variablesPage, "${*} is an asterisk", identities(when(`{"StringLike":{"s3:prefix":"a${*}"}}`)), ask("s3:prefix", "ab"), no, 0},
	{variablesPage, "${*} matches an asterisk", identities(when(`{"StringLike":{"s3:prefix":"${*}*${?}${$}"}}`)), ask("s3:prefix", "*ab?$"), yes, 0},
	{variablesPage, "a wildcard in a value is a character", identities(on("arn:aws:s3:::demo/${aws:PrincipalTag/team}/*")), iam.Request{Resource: "arn:aws:s3:::demo/red/x", Context: iam.Context{"aws:PrincipalTag/team": {"*"}}}, no, 0},
	{variablesPage, "a key with several values is no variable", identities(on("arn:aws:s3:::demo/${aws:TagKeys}")), iam.Request{Resource: "arn:aws:s3:::demo/a", Context: iam.Context{"aws:TagKeys": {"a", "b"}}}, no, 0},
	{variablesPage, "numbers have no variables", identities(when(`{"NumericEquals":{"s3:max-keys":"${demo:number}"}}`)), ask("s3:max-keys", "10", "demo:number", "10"), no, 0},
	{versionPage, "the older version has no variables", iam.Policies{Identity: []iam.Document{iam.MustParse(`{"Version":"2008-10-17","Statement":[` + on("arn:aws:s3:::demo/${aws:username}/*") + `]}`)}}, call("s3:GetObject", "arn:aws:s3:::demo/operator/x"), no, 0},
	{versionPage, "in it they are characters", iam.Policies{Identity: []iam.Document{iam.MustParse(`{"Statement":[` + on("arn:aws:s3:::demo/${aws:username}/*") + `]}`)}}, call("s3:GetObject", "arn:aws:s3:::demo/${aws:username}/x"), yes, 0},

	// Services.
	{kmsPage, "an identity policy alone does not reach a key", identities(allowAll), call("kms:Decrypt", key), no, iam.ResourceLayer},
	{kmsPage, "a key policy that names the account lets identity policies count", iam.Policies{Identity: docs(allowAll), Resource: doc(to("Allow", `{"AWS":"`+ownRoot+`"}`, "kms:*"))}, call("kms:Decrypt", key), yes, iam.IdentityLayer},
	{kmsPage, "and needs them", iam.Policies{Resource: doc(to("Allow", `{"AWS":"`+ownRoot+`"}`, "kms:*"))}, call("kms:Decrypt", key), no, iam.IdentityLayer},
	{kmsPage, "a key policy that names the user is enough", iam.Policies{Resource: doc(to("Allow", `{"AWS":"`+operatorUser+`"}`, "kms:*"))}, call("kms:Decrypt", key), yes, iam.ResourceLayer},
	{kmsPage, "not even the root user passes a key policy", iam.Policies{Resource: doc(to("Allow", `{"AWS":"`+operatorUser+`"}`, "kms:*"))}, by(ownRoot, call("kms:Decrypt", key)), no, iam.ResourceLayer},
	{kmsPage, "actions that have no key need no key policy", identities(allowAll), call("kms:CreateKey", "*"), yes, 0},
	{trustPage, "an identity policy alone does not assume a role", identities(allowAll), call("sts:AssumeRole", appRole), no, iam.ResourceLayer},
	{trustPage, "a trust policy that names the user is enough in the account", iam.Policies{Resource: doc(`{"Effect":"Allow","Principal":{"AWS":"` + operatorUser + `"},"Action":"sts:AssumeRole"}`)}, call("sts:AssumeRole", appRole), yes, iam.ResourceLayer},
	{trustPage, "a trust policy that names the account needs an identity policy", iam.Policies{Resource: doc(`{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}`)}, call("sts:AssumeRole", appRole), no, iam.IdentityLayer},
	{"https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html", "the root user assumes no role, even one that names it", iam.Policies{Resource: doc(`{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"sts:AssumeRole"}`)}, by("arn:aws:iam::111122223333:root", call("sts:AssumeRole", appRole)), no, iam.IdentityLayer},
	{trustPage, "from another account both are needed", iam.Policies{Identity: docs(allowAll), Resource: doc(`{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"sts:AssumeRole"}`)}, by(foreignUser, call("sts:AssumeRole", appRole)), yes, 0},
	{trustPage, "a service assumes a role by its trust policy", iam.Policies{Resource: doc(`{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}`)}, by("ec2.amazonaws.com", call("sts:AssumeRole", appRole)), yes, iam.ResourceLayer},
	{trustPage, "a web identity is checked for its subject", iam.Policies{Resource: iam.MustTrustDocument(iam.TrustServiceAccount(issuerARN, "jx", "app"))}, iam.Request{
		Principal: issuerARN, Action: "sts:AssumeRoleWithWebIdentity", Resource: appRole,
		Context: iam.Context{"oidc.example.com/id:aud": {"sts.amazonaws.com"}, "oidc.example.com/id:sub": {"system:serviceaccount:jx:app"}},
	}, yes, iam.ResourceLayer},
	{trustPage, "another subject is not trusted", iam.Policies{Resource: iam.MustTrustDocument(iam.TrustServiceAccount(issuerARN, "jx", "app"))}, iam.Request{
		Principal: issuerARN, Action: "sts:AssumeRoleWithWebIdentity", Resource: appRole,
		Context: iam.Context{"oidc.example.com/id:aud": {"sts.amazonaws.com"}, "oidc.example.com/id:sub": {"system:serviceaccount:jx:other"}},
	}, no, iam.ResourceLayer},
	{trustPage, "an identity policy passes a role whatever the role trusts", identities(allowAll), call("iam:PassRole", appRole), yes, 0},
	{callerPage, "nobody needs a permission to ask who he is", identities(denyAll), call("sts:GetCallerIdentity", "*"), yes, iam.IdentityLayer},
	{bucketPage, "the root user can always delete a bucket policy", iam.Policies{Resource: doc(to("Deny", `"*"`, "s3:*"))}, by(ownRoot, call("s3:DeleteBucketPolicy", "arn:aws:s3:::demo")), yes, 0},
	{bucketPage, "but reads objects as the policy says", iam.Policies{Resource: doc(to("Deny", `"*"`, "s3:*"))}, by(ownRoot, ask()), explicit, iam.ResourceLayer},
	{bucketPage, "organizations can keep the root user from it", iam.Policies{SCPs: [][]iam.Document{docs(allowAll, denyAll)}}, by(ownRoot, call("s3:DeleteBucketPolicy", "arn:aws:s3:::demo")), explicit, iam.SCPLayer},
	{bucketPage, "and no other root user may", iam.Policies{Resource: doc(to("Deny", `"*"`, "s3:*"))}, by("arn:aws:iam::444455556666:root", iam.Request{Action: "s3:DeleteBucketPolicy", Resource: "arn:aws:s3:::demo", ResourceAccount: "111122223333"}), explicit, 0},
}

func (r ruling) whole() iam.Request {
	q := r.request
	if q.Principal == "" {
		q.Principal = operatorUser
	}
	if q.Action == "" {
		q.Action = "s3:GetObject"
	}
	if q.Resource == "" {
		q.Resource = object
	}
	return q
}

func TestRulings(t *testing.T) {
	for _, test := range rulings {
		t.Run(test.rule, func(t *testing.T) {
			require.Contains(t, test.page, "https://docs.aws.amazon.com/")
			a, err := iam.Compile(test.policies)
			require.NoError(t, err)
			d, err := a.Authorize(test.whole())
			require.NoError(t, err)
			require.Equal(t, test.want.String(), d.Verdict.String(), test.page)
			if test.layer != 0 {
				require.Equal(t, test.layer.String(), d.Layer.String(), test.page)
			}
			if test.request.CanonicalUser == "" && test.request.Context["aws:userid"] == nil {
				require.Equal(t, test.want.String(), oracleVerdict(test.policies, test.whole()).String(), "the oracle errs")
			}
		})
	}
}
