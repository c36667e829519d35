package awsiam

import (
	"context"

	iamsdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
)

// LoadAPI is what [Load] asks of IAM: reading calls only. The SDK's client
// implements it, and package awsiamtest has one that answers from a state that it
// holds.
//
// An output whose list is nil is read as no answer, not as an empty one: the
// SDK returns a nil list where the answer held none, as an empty body does, and
// a list of length zero where AWS said that there are no items.
type LoadAPI interface {
	iamsdk.GetInstanceProfileAPIClient
	iamsdk.GetPolicyAPIClient
	iamsdk.GetRoleAPIClient
	iamsdk.GetUserAPIClient
	iamsdk.ListAttachedGroupPoliciesAPIClient
	iamsdk.ListAttachedRolePoliciesAPIClient
	iamsdk.ListAttachedUserPoliciesAPIClient
	iamsdk.ListGroupPoliciesAPIClient
	iamsdk.ListGroupsForUserAPIClient
	iamsdk.ListInstanceProfilesForRoleAPIClient
	iamsdk.ListPolicyVersionsAPIClient
	iamsdk.ListRolePoliciesAPIClient
	iamsdk.ListUserPoliciesAPIClient

	GetGroupPolicy(context.Context, *iamsdk.GetGroupPolicyInput, ...func(*iamsdk.Options)) (*iamsdk.GetGroupPolicyOutput, error)
	GetOpenIDConnectProvider(context.Context, *iamsdk.GetOpenIDConnectProviderInput, ...func(*iamsdk.Options)) (*iamsdk.GetOpenIDConnectProviderOutput, error)
	GetPolicyVersion(context.Context, *iamsdk.GetPolicyVersionInput, ...func(*iamsdk.Options)) (*iamsdk.GetPolicyVersionOutput, error)
	GetRolePolicy(context.Context, *iamsdk.GetRolePolicyInput, ...func(*iamsdk.Options)) (*iamsdk.GetRolePolicyOutput, error)
	GetUserPolicy(context.Context, *iamsdk.GetUserPolicyInput, ...func(*iamsdk.Options)) (*iamsdk.GetUserPolicyOutput, error)
}

// OrganizationsAPI is what [Load] asks of AWS Organizations for service control
// policies. Only the management account of an organization, and those that it
// delegates to, may ask.
type OrganizationsAPI interface {
	organizations.ListParentsAPIClient
	organizations.ListPoliciesForTargetAPIClient

	DescribeOrganization(context.Context, *organizations.DescribeOrganizationInput, ...func(*organizations.Options)) (*organizations.DescribeOrganizationOutput, error)
	DescribePolicy(context.Context, *organizations.DescribePolicyInput, ...func(*organizations.Options)) (*organizations.DescribePolicyOutput, error)
}

// ApplyAPI is what [Apply] asks of IAM: to look again, and to change.
type ApplyAPI interface {
	LoadAPI

	AddClientIDToOpenIDConnectProvider(context.Context, *iamsdk.AddClientIDToOpenIDConnectProviderInput, ...func(*iamsdk.Options)) (*iamsdk.AddClientIDToOpenIDConnectProviderOutput, error)
	AddRoleToInstanceProfile(context.Context, *iamsdk.AddRoleToInstanceProfileInput, ...func(*iamsdk.Options)) (*iamsdk.AddRoleToInstanceProfileOutput, error)
	AttachUserPolicy(context.Context, *iamsdk.AttachUserPolicyInput, ...func(*iamsdk.Options)) (*iamsdk.AttachUserPolicyOutput, error)
	DetachUserPolicy(context.Context, *iamsdk.DetachUserPolicyInput, ...func(*iamsdk.Options)) (*iamsdk.DetachUserPolicyOutput, error)
	AttachRolePolicy(context.Context, *iamsdk.AttachRolePolicyInput, ...func(*iamsdk.Options)) (*iamsdk.AttachRolePolicyOutput, error)
	CreateInstanceProfile(context.Context, *iamsdk.CreateInstanceProfileInput, ...func(*iamsdk.Options)) (*iamsdk.CreateInstanceProfileOutput, error)
	CreateOpenIDConnectProvider(context.Context, *iamsdk.CreateOpenIDConnectProviderInput, ...func(*iamsdk.Options)) (*iamsdk.CreateOpenIDConnectProviderOutput, error)
	CreatePolicy(context.Context, *iamsdk.CreatePolicyInput, ...func(*iamsdk.Options)) (*iamsdk.CreatePolicyOutput, error)
	CreatePolicyVersion(context.Context, *iamsdk.CreatePolicyVersionInput, ...func(*iamsdk.Options)) (*iamsdk.CreatePolicyVersionOutput, error)
	CreateRole(context.Context, *iamsdk.CreateRoleInput, ...func(*iamsdk.Options)) (*iamsdk.CreateRoleOutput, error)
	DeleteInstanceProfile(context.Context, *iamsdk.DeleteInstanceProfileInput, ...func(*iamsdk.Options)) (*iamsdk.DeleteInstanceProfileOutput, error)
	DeleteOpenIDConnectProvider(context.Context, *iamsdk.DeleteOpenIDConnectProviderInput, ...func(*iamsdk.Options)) (*iamsdk.DeleteOpenIDConnectProviderOutput, error)
	DeletePolicy(context.Context, *iamsdk.DeletePolicyInput, ...func(*iamsdk.Options)) (*iamsdk.DeletePolicyOutput, error)
	DeletePolicyVersion(context.Context, *iamsdk.DeletePolicyVersionInput, ...func(*iamsdk.Options)) (*iamsdk.DeletePolicyVersionOutput, error)
	DeleteRole(context.Context, *iamsdk.DeleteRoleInput, ...func(*iamsdk.Options)) (*iamsdk.DeleteRoleOutput, error)
	DeleteRolePermissionsBoundary(context.Context, *iamsdk.DeleteRolePermissionsBoundaryInput, ...func(*iamsdk.Options)) (*iamsdk.DeleteRolePermissionsBoundaryOutput, error)
	DeleteRolePolicy(context.Context, *iamsdk.DeleteRolePolicyInput, ...func(*iamsdk.Options)) (*iamsdk.DeleteRolePolicyOutput, error)
	DetachRolePolicy(context.Context, *iamsdk.DetachRolePolicyInput, ...func(*iamsdk.Options)) (*iamsdk.DetachRolePolicyOutput, error)
	PutRolePermissionsBoundary(context.Context, *iamsdk.PutRolePermissionsBoundaryInput, ...func(*iamsdk.Options)) (*iamsdk.PutRolePermissionsBoundaryOutput, error)
	PutRolePolicy(context.Context, *iamsdk.PutRolePolicyInput, ...func(*iamsdk.Options)) (*iamsdk.PutRolePolicyOutput, error)
	RemoveClientIDFromOpenIDConnectProvider(context.Context, *iamsdk.RemoveClientIDFromOpenIDConnectProviderInput, ...func(*iamsdk.Options)) (*iamsdk.RemoveClientIDFromOpenIDConnectProviderOutput, error)
	RemoveRoleFromInstanceProfile(context.Context, *iamsdk.RemoveRoleFromInstanceProfileInput, ...func(*iamsdk.Options)) (*iamsdk.RemoveRoleFromInstanceProfileOutput, error)
	TagInstanceProfile(context.Context, *iamsdk.TagInstanceProfileInput, ...func(*iamsdk.Options)) (*iamsdk.TagInstanceProfileOutput, error)
	TagOpenIDConnectProvider(context.Context, *iamsdk.TagOpenIDConnectProviderInput, ...func(*iamsdk.Options)) (*iamsdk.TagOpenIDConnectProviderOutput, error)
	TagPolicy(context.Context, *iamsdk.TagPolicyInput, ...func(*iamsdk.Options)) (*iamsdk.TagPolicyOutput, error)
	TagRole(context.Context, *iamsdk.TagRoleInput, ...func(*iamsdk.Options)) (*iamsdk.TagRoleOutput, error)
	UpdateAssumeRolePolicy(context.Context, *iamsdk.UpdateAssumeRolePolicyInput, ...func(*iamsdk.Options)) (*iamsdk.UpdateAssumeRolePolicyOutput, error)
	UpdateOpenIDConnectProviderThumbprint(context.Context, *iamsdk.UpdateOpenIDConnectProviderThumbprintInput, ...func(*iamsdk.Options)) (*iamsdk.UpdateOpenIDConnectProviderThumbprintOutput, error)
	UpdateRole(context.Context, *iamsdk.UpdateRoleInput, ...func(*iamsdk.Options)) (*iamsdk.UpdateRoleOutput, error)
}

var (
	_ ApplyAPI         = (*iamsdk.Client)(nil)
	_ OrganizationsAPI = (*organizations.Client)(nil)
)

// The IAM actions of the reading calls, see
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html.
const (
	getGroupPolicy        = "iam:GetGroupPolicy"
	getInstanceProfile    = "iam:GetInstanceProfile"
	getProvider           = "iam:GetOpenIDConnectProvider"
	getPolicy             = "iam:GetPolicy"
	getPolicyVersion      = "iam:GetPolicyVersion"
	getRole               = "iam:GetRole"
	getRolePolicy         = "iam:GetRolePolicy"
	getUser               = "iam:GetUser"
	getUserPolicy         = "iam:GetUserPolicy"
	listAttachedGroup     = "iam:ListAttachedGroupPolicies"
	listAttachedRole      = "iam:ListAttachedRolePolicies"
	listAttachedUser      = "iam:ListAttachedUserPolicies"
	listGroupPolicies     = "iam:ListGroupPolicies"
	listGroupsForUser     = "iam:ListGroupsForUser"
	listProfilesForRole   = "iam:ListInstanceProfilesForRole"
	listPolicyVersions    = "iam:ListPolicyVersions"
	listRolePolicies      = "iam:ListRolePolicies"
	listUserPolicies      = "iam:ListUserPolicies"
	simulatePrincipal     = "iam:SimulatePrincipalPolicy"
	listParents           = "organizations:ListParents"
	listPoliciesForTarget = "organizations:ListPoliciesForTarget"
	describeOrganization  = "organizations:DescribeOrganization"
	describePolicy        = "organizations:DescribePolicy"
)

// Actions returns the IAM actions that [Load] and [Simulate] can call, in
// alphabetical order. Those of AWS Organizations are [OrganizationsActions].
func Actions() []string {
	return []string{
		getGroupPolicy, getInstanceProfile, getProvider, getPolicy, getPolicyVersion, getRole, getRolePolicy, getUser, getUserPolicy,
		listAttachedGroup, listAttachedRole, listAttachedUser, listGroupPolicies, listGroupsForUser, listProfilesForRole,
		listPolicyVersions, listRolePolicies, listUserPolicies, simulatePrincipal,
	}
}

// PrincipalActions returns those of [Actions] that it takes to see everything that
// bears on a principal, in alphabetical order.
func PrincipalActions() []string {
	return []string{
		getGroupPolicy, getPolicy, getPolicyVersion, getRole, getRolePolicy, getUser, getUserPolicy,
		listAttachedGroup, listAttachedRole, listAttachedUser, listGroupPolicies, listGroupsForUser, listRolePolicies, listUserPolicies, simulatePrincipal,
	}
}

// OrganizationsActions returns the IAM actions that [Load] calls for service
// control policies, in alphabetical order.
func OrganizationsActions() []string {
	return []string{describeOrganization, describePolicy, listParents, listPoliciesForTarget}
}
