// Package orgfake answers for AWS Organizations, with one organization.
//
// https://docs.aws.amazon.com/organizations/latest/APIReference/Welcome.html
package orgfake

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/groundway-sdk/groundway/internal/awsfake"
)

// Root is the identifier of the root of every organization.
const Root = "r-ab12"

// An Organization is the root, the organizational units on the way to one
// account, and the policies of each. Its zero value is none at all.
type Organization struct {
	Management string   // the management account
	Account    string   // the account that is asked about
	Units      []string // below the root, the outermost first
	// Policies are the documents of service control policies by target and name. A
	// name is one policy, wherever it is attached.
	Policies map[string]map[string]string
}

// New returns the service that answers from an organization.
func New(o Organization) awsfake.Service {
	return awsfake.Service{
		Name: "organizations", Protocol: awsfake.JSON11,
		Operations: map[string]awsfake.Operation{
			"DescribeOrganization":  asked(o, o.describe),
			"ListParents":           asked(o, o.parents),
			"ListPoliciesForTarget": asked(o, o.listPolicies),
			"DescribePolicy":        asked(o, o.policy),
		},
	}
}

type input struct {
	ChildID   string `json:"ChildId"`
	TargetID  string `json:"TargetId"`
	PolicyID  string `json:"PolicyId"`
	Filter    string
	NextToken string
}

// asked reads the input of an operation, which answers nothing outside of an
// organization.
func asked(o Organization, operation func(awsfake.Request, input) (any, error)) awsfake.Operation {
	return func(r awsfake.Request) (any, error) {
		var in input
		if err := json.Unmarshal(r.Body, &in); err != nil {
			return nil, awsfake.Errorf("SerializationException", "%v", err)
		}
		if o.Management == "" {
			return nil, awsfake.Errorf("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")
		}
		return operation(r, in)
	}
}

func (o Organization) describe(awsfake.Request, input) (any, error) {
	return map[string]any{"Organization": map[string]string{"Id": "o-exampleorgid", "MasterAccountId": o.Management}}, nil
}

func (o Organization) parents(_ awsfake.Request, in input) (any, error) {
	path := slices.Concat([]string{Root}, o.Units, []string{o.Account})
	i := slices.Index(path, in.ChildID)
	if i < 1 {
		return nil, awsfake.Errorf("ChildNotFoundException", "You specified a child that doesn't exist.")
	}
	parent := map[string]string{"Id": path[i-1], "Type": "ORGANIZATIONAL_UNIT"}
	if i == 1 {
		parent["Type"] = "ROOT"
	}
	return map[string]any{"Parents": []any{parent}}, nil
}

func (o Organization) listPolicies(r awsfake.Request, in input) (any, error) {
	all := slices.Sorted(maps.Keys(o.Policies[in.TargetID]))
	start, end, next, err := r.Page(in.NextToken, 0, len(all))
	if err != nil {
		return nil, err
	}
	policies := []any{}
	for _, name := range all[start:end] {
		policies = append(policies, map[string]any{"Id": "p-" + name, "Name": name, "Type": "SERVICE_CONTROL_POLICY"})
	}
	out := map[string]any{"Policies": policies}
	if next != "" {
		out["NextToken"] = next
	}
	return out, nil
}

func (o Organization) policy(_ awsfake.Request, in input) (any, error) {
	for _, policies := range o.Policies {
		for name, text := range policies {
			if "p-"+name == in.PolicyID {
				return map[string]any{"Policy": map[string]any{"Content": text, "PolicySummary": map[string]any{"Id": in.PolicyID, "Name": name}}}, nil
			}
		}
	}
	return nil, awsfake.Errorf("PolicyNotFoundException", "We can't find a policy with the PolicyId that you specified.")
}
