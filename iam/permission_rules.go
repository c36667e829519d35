package iam

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
)

// The codes of [CheckPermissions].
const (
	codePermissionMissing   groundway.Code = "iam/permission-missing"
	codePermissionDenied    groundway.Code = "iam/permission-denied"
	codePermissionBoundary  groundway.Code = "iam/permission-boundary"
	codePermissionSCP       groundway.Code = "iam/permission-scp"
	codePermissionSimulated groundway.Code = "iam/permission-simulated"
	codePermissionProbe     groundway.Code = "iam/permission-probe"
)

// PermissionRules returns the rules of [CheckPermissions], which are also among
// [Rules].
func PermissionRules() []groundway.Rule { return rulesOf(permissionRules()) }

func permissionRules() []rule {
	const (
		E = groundway.Error
		W = groundway.Warning
	)
	const logic = guide + "reference_policies_evaluation-logic.html"
	own := []string{
		"iam:GetGroupPolicy", "iam:GetPolicy", "iam:GetPolicyVersion", "iam:GetRole", "iam:GetRolePolicy", "iam:GetUser", "iam:GetUserPolicy",
		"iam:ListAttachedGroupPolicies", "iam:ListAttachedRolePolicies", "iam:ListAttachedUserPolicies",
		"iam:ListGroupPolicies", "iam:ListGroupsForUser", "iam:ListRolePolicies", "iam:ListUserPolicies",
	}
	list := []rule{
		define(codePermissionMissing, E, nil, "The policies of the installer allow what it does", "An installer that is denied a call stops half way and leaves what it has made. Session policies, which nothing shows, are not judged.",
			"Add a policy.", logic),
		define(codePermissionDenied, E, nil, "No policy of the installer denies what it does", "A Deny holds whatever else allows.",
			"Remove the Deny, or limit it.", logic),
		define(codePermissionBoundary, E, nil, "The permissions boundary of the installer allows what it does", "A boundary grants nothing and limits everything.",
			"Widen the boundary.", guide+"access_policies_boundaries.html"),
		define(codePermissionSCP, E, nil, "The service control policies of the organization allow what the installer does", "Each level from the root to the account has to allow. The account itself cannot change them.",
			"Ask whoever manages the organization.", "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html"),
		define(codePermissionSimulated, W, nil, "IAM's simulator agrees with the policies", "Where the two differ one of them does not see everything, and the installer may be denied.",
			"Look at both.", guide+"access_policies_testing-policies.html"),
		define(codePermissionProbe, E, nil, "EC2 accepts the calls on trial", "A call with DryRun is decided by everything that bears on the real one.",
			"Look at the message.", "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/CommonParameters.html"),
	}
	permissions := map[groundway.Code][]string{
		codePermissionMissing: own, codePermissionDenied: own,
		codePermissionBoundary:  {"iam:GetPolicy", "iam:GetPolicyVersion", "iam:GetRole", "iam:GetUser"},
		codePermissionSCP:       {"organizations:DescribeOrganization", "organizations:DescribePolicy", "organizations:ListParents", "organizations:ListPoliciesForTarget"},
		codePermissionSimulated: {"iam:SimulatePrincipalPolicy"},
		codePermissionProbe:     {"sts:DecodeAuthorizationMessage"},
	}
	for i := range list {
		list[i].Permissions = permissions[list[i].Code]
	}
	return list
}

// findings makes one finding of each group.
func (c *permissionChecker) findings() []groundway.Finding {
	tally := groundway.NewTally(PermissionRules(), c.who)
	for _, key := range slices.Sorted(maps.Keys(c.bySubject)) {
		g := c.bySubject[key]
		f := groundway.Finding{Code: g.code, Subject: g.subject, Evidence: g.facts, Summary: c.summary(g), Remedies: c.remedies(g)}
		if g.outcome == groundway.Unknown {
			tally.Unknown(f)
			continue
		}
		tally.Fail(f)
	}
	for code, n := range c.passed {
		if code == codePermissionDenied && c.open {
			tally.Skip(code, codePermissionMissing, c.who) // one unknown is enough for both
			continue
		}
		tally.Pass(code, n)
	}
	for code, why := range c.skipped {
		tally.Inapplicable(code, why)
	}
	for _, r := range permissionRules() {
		if !tally.Settled(r.Code) {
			tally.Inapplicable(r.Code, "no need was decided by it")
		}
	}
	return tally.Findings()
}

// actionsOf lists the actions of needs, some of them where there are many.
func actionsOf(needs []Need) string {
	const most = 5
	var list []string
	for _, n := range needs {
		list = append(list, string(n.Action))
	}
	list = sorted(list)
	if len(list) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(list[:most], ", "), len(list)-most)
	}
	return strings.Join(list, ", ")
}

func (c *permissionChecker) summary(g *permissionGroup) string {
	who, actions := c.whoWords(), actionsOf(g.needs)
	if g.outcome == groundway.Unknown {
		return fmt.Sprintf("It could not be decided whether %s allow %s to call %s: %s.", layerWords[g.code], who, actions, strings.Join(g.reasons, "; "))
	}
	switch g.code {
	case codePermissionMissing:
		return fmt.Sprintf("No policy of %s allows %s.", who, actions)
	case codePermissionDenied:
		return fmt.Sprintf("The policy %s denies %s %s.", quote(g.subject.ID), who, actions)
	case codePermissionBoundary:
		return fmt.Sprintf("The permissions boundary of %s keeps it from %s.", who, actions)
	case codePermissionSCP:
		return fmt.Sprintf("The service control policies of the organization keep %s from %s.", who, actions)
	case codePermissionSimulated:
		return fmt.Sprintf("IAM's simulator and the policies of %s differ on %s.", who, actions)
	}
	return fmt.Sprintf("EC2 denies %s %s on trial: %s.", who, actions, strings.Join(g.reasons, "; "))
}

var layerWords = map[groundway.Code]string{
	codePermissionMissing:   "the policies of the identity",
	codePermissionDenied:    "the policies of the identity",
	codePermissionBoundary:  "the permissions boundary and its policy",
	codePermissionSCP:       "the service control policies of the organization",
	codePermissionSimulated: "the policies that IAM's simulator sees",
	codePermissionProbe:     "all policies together, as EC2 sees them,",
}

func (c *permissionChecker) whoWords() string {
	if c.who.ID == "" {
		return "the caller"
	}
	if c.root {
		return "the root user"
	}
	return "the " + c.who.Kind + " " + quote(c.who.ID)
}

// remedies say what to add where, and to whom to turn.
func (c *permissionChecker) remedies(g *permissionGroup) []groundway.Remedy {
	if g.outcome == groundway.Unknown {
		return []groundway.Remedy{{Action: "Let the caller read the policies, or give the condition keys, and check again."}}
	}
	switch g.code {
	case codePermissionMissing:
		if c.who.Kind == "role" && strings.HasPrefix(c.who.ID, identityCenterRole) {
			return []groundway.Remedy{{Action: "Add a policy with what is missing to the permission set that the role is of.", Actor: "administrator of IAM Identity Center"}}
		}
		return []groundway.Remedy{{Action: fmt.Sprintf("Add a policy with what is missing to %s.", c.whoWords()), Commands: c.grant(g.needs)}}
	case codePermissionDenied:
		return []groundway.Remedy{{Action: "Remove the statement that denies, or limit it with a condition."}}
	case codePermissionBoundary:
		return []groundway.Remedy{{Action: "Allow the actions in the permissions boundary, or use a principal with another.", Actor: "owner of the permissions boundary"}}
	case codePermissionSCP:
		return []groundway.Remedy{{Action: "Ask for an exception for the account or the principal.", Actor: "administrator of the organization"}}
	case codePermissionSimulated:
		return []groundway.Remedy{{Action: "Look for policies that only one of the two sees: service control policies, conditions, policies of resources."}}
	}
	return []groundway.Remedy{{Action: "Look for the layer that denies in the message, and for a session policy where no other does."}}
}

// identityCenterRole begins the names of the roles of IAM Identity Center, which
// IAM lets nobody change.
//
// https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html
const identityCenterRole = "AWSReservedSSO_"

// grant returns the commands that give the principal what it needs: as an inline
// policy where it has room for one, and as managed ones otherwise.
func (c *permissionChecker) grant(needs []Need) [][]string {
	const name = "groundway-missing"
	kind, policy := c.who.Kind, grantOf(needs)
	size := MeasureText(policy.String()).Significant
	for _, p := range c.s.inline(c.owner) {
		size += MeasureText(p.Document).Significant
	}
	for _, l := range SizeLimits() {
		if l.What == "inline policies of a "+kind && size <= l.Max {
			return [][]string{{"aws", "iam", "put-" + kind + "-policy", "--" + kind + "-name", c.who.ID, "--policy-name", name, "--policy-document", policy.String()}}
		}
	}
	fitted, err := Fit([]Document{policy}, FitOptions{})
	if err != nil {
		return nil // it takes more policies than a principal may have
	}
	own, _ := ParseARN(c.o.Principal)
	var commands [][]string
	for i, d := range fitted.Documents {
		name := fmt.Sprintf("%s-%d", name, i+1)
		arn := ARN{Partition: own.Partition, Service: "iam", Account: own.Account, Resource: "policy/" + name}
		commands = append(commands,
			[]string{"aws", "iam", "create-policy", "--policy-name", name, "--policy-document", d.String()},
			[]string{"aws", "iam", "attach-" + kind + "-policy", "--" + kind + "-name", c.who.ID, "--policy-arn", arn.String()})
	}
	return commands
}

// grantOf is a policy with the needs.
func grantOf(needs []Need) Document {
	on := map[string][]Action{}
	for _, n := range needs {
		resource := cmp.Or(n.Resource, "*")
		on[resource] = append(on[resource], n.Action)
	}
	d := Document{Version: Version2012}
	for _, resource := range slices.Sorted(maps.Keys(on)) {
		d.Statements = append(d.Statements, Allow(on[resource]...).On(resource))
	}
	return d
}
