package iam

import "github.com/groundway-sdk/groundway"

// The codes of [Plan] and [PlanDelete].
const (
	codePlanNotOwned      groundway.Code = "iam/not-owned"
	codePlanNameTaken     groundway.Code = "iam/name-taken"
	codePlanForeign       groundway.Code = "iam/foreign-policy"
	codePlanForeignTag    groundway.Code = "iam/foreign-tag"
	codePlanPolicyMissing groundway.Code = "iam/policy-not-found"
	codePlanUserMissing   groundway.Code = "iam/attached-user-not-found"
	codePlanInUse         groundway.Code = "iam/in-use"
)

func planRules() []rule {
	const (
		E = groundway.Error
		W = groundway.Warning
	)
	list := []rule{
		define(codePlanNotOwned, E, nil, "What would be changed has the owner's tag", "What somebody else made is not adopted, rewritten or deleted: it may be in use, and whoever made it does not know.",
			"Choose another name, or name the ARN as one to adopt.", guide+"id_tags.html"),
		define(codePlanNameTaken, E, nil, "Names are free, or written as they are", "IAM compares the names of roles and instance profiles without regard to case and path, and neither can be changed afterwards.",
			"Choose another name.", quotasPage),
		define(codePlanForeign, W, nil, "What is owned holds nothing that is not wanted", "A policy that somebody added to a role of this owner widens or bounds it. It is reported and stays, and keeps the role from being deleted.",
			"Remove it, or add it to what is desired.", guide+"access_policies_manage-attach-detach.html"),
		define(codePlanForeignTag, groundway.Info, nil, "What is owned has no tags that are not wanted", "Others may need them, for bills or access control. They stay.",
			"Leave them.", guide+"id_tags.html"),
		define(codePlanPolicyMissing, E, nil, "Managed policies that roles name exist", "IAM attaches no policy that does not exist, and takes none as a boundary.",
			"Create it first.", guide+"access_policies_managed-vs-inline.html"),
		define(codePlanUserMissing, E, nil, "Users that policies are attached to exist", "A user has keys and people behind it, so that none is made here.",
			"Create it first.", guide+"id_users_create.html"),
		define(codePlanInUse, E, nil, "What is deleted is not in use", "IAM refuses to delete a policy that is attached, and a role that an instance profile holds.",
			"Take it out of use first.", guide+"access_policies_manage-delete.html"),
	}
	permissions := map[groundway.Code][]string{
		codePlanNotOwned: {
			"iam:GetInstanceProfile", "iam:GetOpenIDConnectProvider", "iam:GetPolicy", "iam:GetPolicyVersion", "iam:GetRole", "iam:GetRolePolicy",
			"iam:ListAttachedRolePolicies", "iam:ListInstanceProfilesForRole", "iam:ListPolicyVersions", "iam:ListRolePolicies",
		},
		codePlanNameTaken:     {"iam:GetInstanceProfile", "iam:GetRole"},
		codePlanForeign:       {"iam:GetOpenIDConnectProvider", "iam:GetRole", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"},
		codePlanForeignTag:    {"iam:GetInstanceProfile", "iam:GetOpenIDConnectProvider", "iam:GetPolicy", "iam:GetRole"},
		codePlanPolicyMissing: {"iam:GetPolicy"},
		codePlanUserMissing:   {"iam:GetUser", "iam:ListAttachedUserPolicies"},
		codePlanInUse:         {"iam:GetPolicy", "iam:ListInstanceProfilesForRole"},
	}
	for i := range list {
		list[i].Permissions = permissions[list[i].Code]
	}
	return list
}
