package iam

import "github.com/groundway-sdk/groundway"

// An escalation is a known way to become administrator: a rule, and the ways in
// which calls do it. All calls of one of them have to be allowed.
type escalation struct {
	rule
	ways [][]escalationStep
	self bool // it widens the principal's own policies, which its boundary still limits
}

// An escalationStep is a call. What it is done to is one of the words of
// escalationTargets, or a resource.
type escalationStep struct {
	action Action
	on     string
	passed string // the service that a role is passed to
	policy bool   // the policy that is attached is AWS's for administrators
	fresh  bool   // what it is done to was made in the step before, without a boundary
	trust  escalationTrust
}

// An escalationTrust says what a role that is assumed trusts.
type escalationTrust uint8

const (
	_ escalationTrust = iota
	trustsAccount
	trustsPrincipal // because the step before wrote it so
)

// What steps are done to.
const (
	ownUser   = "own user"
	ownRole   = "own role"
	ownPolicy = "own policy" // a customer managed policy that is attached to the principal
	ownGroup  = "own group"
	otherUser = "user"
	otherRole = "role"
	anyGroup  = "group"
	newUser   = "new user"
	newRole   = "new role"
	function  = "function"
	instances = "instance"
	stacks    = "stack"
	anyThing  = "*"
)

const (
	codeEscalationAdministrator groundway.Code = "iam/escalation-administrator"
	codeEscalationBoundary      groundway.Code = "iam/escalation-boundary"
)

// step is a call with nothing special.
func step(action Action, on string) escalationStep { return escalationStep{action: action, on: on} }

// passes is the call that hands a role to a service.
func passes(service string) escalationStep {
	return escalationStep{action: "iam:PassRole", on: otherRole, passed: service}
}

// escalations returns the known ways. They are those that Rhino Security Labs
// collected, and later ones of the same kind, each with AWS's page of the call
// that does it.
//
// https://rhinosecuritylabs.com/aws/aws-privilege-escalation-methods-mitigation/
func escalations() []escalation {
	const (
		E    = groundway.Error
		W    = groundway.Warning
		api  = "https://docs.aws.amazon.com/IAM/latest/APIReference/"
		pass = guide + "id_roles_use_passrole.html"
	)
	way := func(steps ...escalationStep) []escalationStep { return steps }
	attach := func(action Action, on string) escalationStep {
		return escalationStep{action: action, on: on, policy: true}
	}
	fresh := func(s escalationStep) escalationStep {
		s.fresh = true
		return s
	}
	assume := func(on string, trust escalationTrust) escalationStep {
		return escalationStep{action: assumeRole, on: on, trust: trust}
	}
	def := func(slug groundway.Code, severity groundway.Severity, title, doc, remedy, page string, ways ...[]escalationStep) escalation {
		return escalation{rule: define("iam/escalation-"+slug, severity, nil, title, doc, remedy, page, codeEscalationAdministrator), ways: ways}
	}
	self := func(e escalation) escalation {
		e.self = true
		return e
	}
	const (
		write  = "Remove the action, or grant it on paths that hold no identity with more permissions, with a condition on iam:PermissionsBoundary."
		roles  = "Grant iam:PassRole on the roles that are meant and for the services that are meant, none of them stronger than the principal."
		target = "Grant the action on the resources that are meant, none of which runs with more permissions than the principal."
	)
	return []escalation{
		{rule: define(codeEscalationAdministrator, W, nil, "The principal is no administrator already", "Whoever may do everything need not escalate. The other rules are skipped.",
			"Grant the actions that are needed.", guide+"best-practices.html")},
		self(def("user-policy", E, "The principal cannot write a policy of its own user", "An inline policy of the user may allow everything.",
			write, api+"API_PutUserPolicy.html", way(step("iam:PutUserPolicy", ownUser)))),
		self(def("user-attach", E, "The principal cannot attach a policy to its own user", "AWS's policy for administrators allows everything.",
			write, api+"API_AttachUserPolicy.html", way(attach("iam:AttachUserPolicy", ownUser)))),
		self(def("group-policy", E, "The principal cannot write or attach a policy of a group it is in", "A policy of the group may allow everything to its members.",
			write, api+"API_PutGroupPolicy.html", way(step("iam:PutGroupPolicy", ownGroup)), way(attach("iam:AttachGroupPolicy", ownGroup)))),
		self(def("group-join", E, "The principal cannot put its user into a group with more permissions", "Members have what the policies of the group allow.",
			"Grant the action on the groups that are meant.", api+"API_AddUserToGroup.html", way(step("iam:AddUserToGroup", anyGroup)))),
		self(def("role-policy", E, "The principal cannot write a policy of its own role", "An inline policy of the role may allow everything.",
			write, api+"API_PutRolePolicy.html", way(step("iam:PutRolePolicy", ownRole)))),
		self(def("role-attach", E, "The principal cannot attach a policy to its own role", "AWS's policy for administrators allows everything.",
			write, api+"API_AttachRolePolicy.html", way(attach("iam:AttachRolePolicy", ownRole)))),
		self(def("policy-version", E, "The principal cannot rewrite a policy that is attached to it", "A new version of a managed policy may allow everything, and becomes the default at once.",
			"Remove the action, or grant it on policies that are attached to nobody stronger.", api+"API_CreatePolicyVersion.html", way(step("iam:CreatePolicyVersion", ownPolicy)))),
		self(def("policy-default", W, "The principal cannot choose the version of a policy that is attached to it", "An older version may allow more.",
			"Remove the action, or delete the versions that are not in use.", api+"API_SetDefaultPolicyVersion.html", way(step("iam:SetDefaultPolicyVersion", ownPolicy)))),
		def("boundary", E, "The principal cannot lift its own permissions boundary", "Without the boundary it has all that its policies allow.",
			"Deny the action on every identity that has the boundary.", guide+"access_policies_boundaries.html",
			way(step("iam:DeleteUserPermissionsBoundary", ownUser)), way(step("iam:PutUserPermissionsBoundary", ownUser)),
			way(step("iam:DeleteRolePermissionsBoundary", ownRole)), way(step("iam:PutRolePermissionsBoundary", ownRole))),
		def("access-key", E, "The principal cannot make access keys for other users", "With the keys it is the other user.",
			"Grant the action on ${aws:username} only.", api+"API_CreateAccessKey.html", way(step("iam:CreateAccessKey", otherUser))),
		def("login-profile", E, "The principal cannot set the passwords of other users", "With the password it is the other user.",
			"Grant the action on ${aws:username} only.", api+"API_UpdateLoginProfile.html",
			way(step("iam:CreateLoginProfile", otherUser)), way(step("iam:UpdateLoginProfile", otherUser))),
		def("trust-update", E, "The principal cannot make a role trust it", "Whoever a trust policy names may assume the role.",
			"Remove the action, or grant it on roles that are no stronger than the principal.", api+"API_UpdateAssumeRolePolicy.html",
			way(step("iam:UpdateAssumeRolePolicy", otherRole), assume(otherRole, trustsPrincipal))),
		def("role-assumed", E, "The principal cannot widen a role that it may assume", "A policy of the role may allow everything; that the role trusts the account is assumed.",
			write, api+"API_AttachRolePolicy.html",
			way(step("iam:PutRolePolicy", otherRole), assume(otherRole, trustsAccount)),
			way(attach("iam:AttachRolePolicy", otherRole), assume(otherRole, trustsAccount))),
		def("new-user", E, "The principal cannot make a new user that is administrator", "It holds the keys of the user that it makes.",
			"Require a permissions boundary by a condition on iam:PermissionsBoundary.", guide+"access_policies_boundaries.html",
			way(step("iam:CreateUser", newUser), fresh(attach("iam:AttachUserPolicy", newUser)), step("iam:CreateAccessKey", newUser)),
			way(step("iam:CreateUser", newUser), fresh(step("iam:PutUserPolicy", newUser)), step("iam:CreateAccessKey", newUser))),
		def("new-role", E, "The principal cannot make a new role that is administrator", "The role that it makes may trust it.",
			"Require a permissions boundary by a condition on iam:PermissionsBoundary.", guide+"access_policies_boundaries.html",
			way(step("iam:CreateRole", newRole), fresh(attach("iam:AttachRolePolicy", newRole)), assume(newRole, trustsPrincipal)),
			way(step("iam:CreateRole", newRole), fresh(step("iam:PutRolePolicy", newRole)), assume(newRole, trustsPrincipal))),
		def("assume-role", W, "The principal cannot assume any role", "It has what the strongest role allows that trusts the account.",
			"Grant sts:AssumeRole on the roles that are meant.", guide+"id_roles_use_permissions-to-switch.html",
			way(assume(otherRole, trustsAccount))),
		def("passrole-ec2", W, "The principal cannot start an instance with a stronger role", "Whoever starts an instance runs programs on it, with the permissions of its role.",
			roles, pass, way(
				passes("ec2.amazonaws.com"), step("ec2:RunInstances", instances), step("ec2:RunInstances", "image/ami-0a"), step("ec2:RunInstances", "subnet/subnet-0a"),
				step("ec2:RunInstances", "network-interface/*"), step("ec2:RunInstances", "security-group/sg-0a"), step("ec2:RunInstances", "volume/*"))),
		def("passrole-instance", W, "The principal cannot give an instance a stronger role", "Whoever may log in to the instance has the permissions of its role.",
			roles, pass, way(passes("ec2.amazonaws.com"), step("ec2:AssociateIamInstanceProfile", instances))),
		def("passrole-lambda", W, "The principal cannot run a function with a stronger role", "The code of the function is the principal's.",
			roles, pass,
			way(passes("lambda.amazonaws.com"), step("lambda:CreateFunction", function), step("lambda:InvokeFunction", function)),
			way(passes("lambda.amazonaws.com"), step("lambda:CreateFunction", function), step("lambda:CreateEventSourceMapping", anyThing)),
			way(passes("lambda.amazonaws.com"), step("lambda:CreateFunction", function), step("lambda:AddPermission", function)),
			way(passes("lambda.amazonaws.com"), step("lambda:UpdateFunctionConfiguration", function), step("lambda:InvokeFunction", function))),
		def("passrole-cloudformation", W, "The principal cannot make a stack with a stronger role", "A stack makes what its template says, with the permissions of its role.",
			roles, pass,
			way(passes("cloudformation.amazonaws.com"), step("cloudformation:CreateStack", stacks)),
			way(passes("cloudformation.amazonaws.com"), step("cloudformation:CreateChangeSet", stacks), step("cloudformation:ExecuteChangeSet", stacks))),
		def("passrole-ecs", W, "The principal cannot run a task with a stronger role", "The containers of the task are the principal's choice.",
			roles, pass,
			way(passes("ecs-tasks.amazonaws.com"), step("ecs:RegisterTaskDefinition", anyThing), step("ecs:RunTask", "arn:PARTITION:ecs:REGION:ACCOUNT:task-definition/demo:1"))),
		def("passrole-glue", W, "The principal cannot run a job or an endpoint of Glue with a stronger role", "The scripts are the principal's.",
			roles, pass,
			way(passes("glue.amazonaws.com"), step("glue:CreateDevEndpoint", anyThing)),
			way(passes("glue.amazonaws.com"), step("glue:CreateJob", "arn:PARTITION:glue:REGION:ACCOUNT:job/demo"), step("glue:StartJobRun", "arn:PARTITION:glue:REGION:ACCOUNT:job/demo"))),
		def("passrole-codebuild", W, "The principal cannot run a build with a stronger role", "The commands of the build are the principal's.",
			roles, pass,
			way(passes("codebuild.amazonaws.com"), step("codebuild:CreateProject", "arn:PARTITION:codebuild:REGION:ACCOUNT:project/demo"), step("codebuild:StartBuild", "arn:PARTITION:codebuild:REGION:ACCOUNT:project/demo"))),
		def("passrole-sagemaker", W, "The principal cannot open a notebook with a stronger role", "The notebook runs what the principal writes.",
			roles, pass,
			way(passes("sagemaker.amazonaws.com"), step("sagemaker:CreateNotebookInstance", "arn:PARTITION:sagemaker:REGION:ACCOUNT:notebook-instance/demo"), step("sagemaker:CreatePresignedNotebookInstanceUrl", "arn:PARTITION:sagemaker:REGION:ACCOUNT:notebook-instance/demo"))),
		def("passrole-datapipeline", W, "The principal cannot run a data pipeline with a stronger role", "The commands of the pipeline are the principal's.",
			roles, pass,
			way(passes("datapipeline.amazonaws.com"), step("datapipeline:CreatePipeline", anyThing), step("datapipeline:PutPipelineDefinition", anyThing), step("datapipeline:ActivatePipeline", anyThing))),
		def("lambda-code", W, "The principal cannot change the code of a function that runs with a stronger role", "The new code has the permissions of the role.",
			target, "https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionCode.html", way(step("lambda:UpdateFunctionCode", function))),
		def("stack-update", W, "The principal cannot change a stack that was made with a stronger role", "A stack keeps its role for later updates.",
			target, "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html", way(step("cloudformation:UpdateStack", stacks))),
		def("instance-command", W, "The principal cannot run commands on instances with a stronger role", "Commands have the permissions of the instance's role.",
			target, "https://docs.aws.amazon.com/systems-manager/latest/userguide/run-command-setting-up.html",
			way(step("ssm:SendCommand", instances), step("ssm:SendCommand", "arn:PARTITION:ssm:REGION::document/AWS-RunShellScript")),
			way(step("ssm:StartSession", instances))),
	}
}

// escalateRules returns the rules of Escalate.
func escalateRules() []rule {
	var list []rule
	for _, e := range escalations() {
		list = append(list, e.rule)
	}
	return list
}
