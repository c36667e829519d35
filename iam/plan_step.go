package iam

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

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
			text += " in the path " + s.Path
		}
	case putRolePolicy, deleteRolePolicy, attachRolePolicy, detachRolePolicy, putBoundary, attachUserPolicy, detachUserPolicy:
		text += ": " + quote(s.Policy)
	case addRoleToProfile, removeRoleFromProfile:
		text += ": " + quote(s.Role)
	case deletePolicyVersion:
		text += ": " + s.Version
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

func quoted(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = quote(s)
	}
	return out
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
