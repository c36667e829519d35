package iam

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A Step is one call that changes something.
type Step struct {
	Action Action `json:"action"` // the call, as IAM names its action: "iam:CreateRole"
	Name   string `json:"name"`   // of the role, policy or instance profile; of a provider its URL
	ARN    string `json:"arn,omitempty"`
	Path   string `json:"path,omitempty"`
	Policy string `json:"policy,omitempty"` // the name of an inline policy, or the ARN of an attached one or a boundary
	Role   string `json:"role,omitempty"`   // of an instance profile
	// Document is the canonical text of the policy that is written.
	Document    string            `json:"document,omitempty"`
	Description string            `json:"description,omitempty"`
	MaxSession  int               `json:"maxSession,omitempty"` // seconds
	Version     string            `json:"version,omitempty"`    // of a managed policy, that is deleted
	Values      []string          `json:"values,omitempty"`     // audiences
	Thumbprints []string          `json:"thumbprints,omitempty"`
	Tags        map[string]string `json:"tags,omitempty"`
}

// The calls of steps.
const (
	createPolicy          Action = "iam:CreatePolicy"
	createPolicyVersion   Action = "iam:CreatePolicyVersion"
	deletePolicyVersion   Action = "iam:DeletePolicyVersion"
	deletePolicy          Action = "iam:DeletePolicy"
	tagPolicy             Action = "iam:TagPolicy"
	createProvider        Action = "iam:CreateOpenIDConnectProvider"
	addClientID           Action = "iam:AddClientIDToOpenIDConnectProvider"
	removeClientID        Action = "iam:RemoveClientIDFromOpenIDConnectProvider"
	updateThumbprint      Action = "iam:UpdateOpenIDConnectProviderThumbprint"
	tagProvider           Action = "iam:TagOpenIDConnectProvider"
	deleteProvider        Action = "iam:DeleteOpenIDConnectProvider"
	createRole            Action = "iam:CreateRole"
	updateTrust           Action = "iam:UpdateAssumeRolePolicy"
	updateRole            Action = "iam:UpdateRole"
	putBoundary           Action = "iam:PutRolePermissionsBoundary"
	deleteBoundary        Action = "iam:DeleteRolePermissionsBoundary"
	tagRole               Action = "iam:TagRole"
	putRolePolicy         Action = "iam:PutRolePolicy"
	deleteRolePolicy      Action = "iam:DeleteRolePolicy"
	attachRolePolicy      Action = "iam:AttachRolePolicy"
	detachRolePolicy      Action = "iam:DetachRolePolicy"
	deleteRole            Action = "iam:DeleteRole"
	attachUserPolicy      Action = "iam:AttachUserPolicy"
	detachUserPolicy      Action = "iam:DetachUserPolicy"
	createProfile         Action = "iam:CreateInstanceProfile"
	tagProfile            Action = "iam:TagInstanceProfile"
	addRoleToProfile      Action = "iam:AddRoleToInstanceProfile"
	removeRoleFromProfile Action = "iam:RemoveRoleFromInstanceProfile"
	deleteProfile         Action = "iam:DeleteInstanceProfile"
)

// StepActions returns the actions that steps can have, in alphabetical order.
func StepActions() []Action {
	list := []Action{
		createPolicy, createPolicyVersion, deletePolicyVersion, deletePolicy, tagPolicy,
		createProvider, addClientID, removeClientID, updateThumbprint, tagProvider, deleteProvider,
		createRole, updateTrust, updateRole, putBoundary, deleteBoundary, tagRole,
		putRolePolicy, deleteRolePolicy, attachRolePolicy, detachRolePolicy, deleteRole,
		attachUserPolicy, detachUserPolicy,
		createProfile, tagProfile, addRoleToProfile, removeRoleFromProfile, deleteProfile,
	}
	slices.Sort(list)
	return list
}

// String prints the step on one line as part of a diff, with the document that it
// writes.
func (s Step) String() string {
	text := stepVerbs[s.Action]
	if text == "" {
		return fmt.Sprintf("? %s %s", s.Action, quote(s.Name))
	}
	text += " " + quote(s.Name)
	switch s.Action {
	case createRole, createPolicy, createProfile:
		if s.Path != "/" && s.Path != "" {
			text += " in the path " + plain(s.Path)
		}
	case putRolePolicy, deleteRolePolicy, attachRolePolicy, detachRolePolicy, putBoundary, attachUserPolicy, detachUserPolicy:
		text += ": " + quote(s.Policy)
	case addRoleToProfile, removeRoleFromProfile:
		text += ": " + quote(s.Role)
	case deletePolicyVersion:
		text += ": " + plain(s.Version)
	case updateRole:
		text += fmt.Sprintf(": sessions of %d s, description %s", s.MaxSession, quote(s.Description))
	}
	if s.Action == createRole && s.Policy != "" {
		text += ", bounded by " + quote(s.Policy)
	}
	if len(s.Values) > 0 {
		text += ": " + strings.Join(quoted(s.Values), " ")
	}
	if len(s.Thumbprints) > 0 {
		text += ", thumbprints " + strings.Join(s.Thumbprints, " ")
	}
	if s.Document != "" {
		text += " " + s.Document
	}
	if len(s.Tags) > 0 {
		var tags []string
		for _, key := range slices.Sorted(maps.Keys(s.Tags)) {
			tags = append(tags, quote(key)+"="+quote(s.Tags[key]))
		}
		text += " tagged " + strings.Join(tags, " ")
	}
	return text
}

// stepVerbs say of each call what it does, with the sign of the diff in front.
var stepVerbs = map[Action]string{
	createPolicy:          "+ policy",
	createPolicyVersion:   "~ policy",
	deletePolicyVersion:   "- version of the policy",
	deletePolicy:          "- policy",
	tagPolicy:             "~ tags of the policy",
	createProvider:        "+ provider",
	addClientID:           "+ audience of the provider",
	removeClientID:        "- audience of the provider",
	updateThumbprint:      "~ provider",
	tagProvider:           "~ tags of the provider",
	deleteProvider:        "- provider",
	createRole:            "+ role",
	updateTrust:           "~ trust of the role",
	updateRole:            "~ role",
	putBoundary:           "~ boundary of the role",
	deleteBoundary:        "- boundary of the role",
	tagRole:               "~ tags of the role",
	putRolePolicy:         "~ inline policy of the role",
	deleteRolePolicy:      "- inline policy of the role",
	attachRolePolicy:      "+ attached policy of the role",
	detachRolePolicy:      "- attached policy of the role",
	deleteRole:            "- role",
	attachUserPolicy:      "+ attached policy of the user",
	detachUserPolicy:      "- attached policy of the user",
	createProfile:         "+ instance profile",
	tagProfile:            "~ tags of the instance profile",
	addRoleToProfile:      "+ role of the instance profile",
	removeRoleFromProfile: "- role of the instance profile",
	deleteProfile:         "- instance profile",
}
