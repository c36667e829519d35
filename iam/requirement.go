package iam

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// RequirementOptions are the options of [Requirements].
type RequirementOptions struct {
	// Catalog knows on which resources an action can be granted. Without one
	// every action is granted on "*".
	Catalog Catalog
}

// Requirements returns the least policy that grants permissions within a scope:
// each action on the types of resources that it can be granted on, with the
// partition, the region and the account of the scope, and where it only looks on
// what AWS publishes of the type; on "*" where it takes nothing else, or the catalog
// does not know it. Permissions are names of
// actions, as the rules of every package of this module list them; those that
// stand twice, in whatever case, count once. The error names what is no action.
//
// [Missing] says which of them the policies of a principal lack.
func Requirements(permissions []string, scope Scope, o RequirementOptions) (Document, error) {
	if scope == (Scope{}) {
		return Document{}, errors.New("requirements: the scope is the zero value")
	}
	on := map[string][]Action{}        // resources, to the actions that need them
	resources := map[string][]string{} // the same, taken apart
	seen := map[string]bool{}
	for _, p := range permissions {
		service, name, _ := strings.Cut(p, ":")
		if service == "" || name == "" || strings.ContainsAny(p, "*?$ ") || strings.Contains(name, ":") {
			return Document{}, fmt.Errorf("requirements: permission %s: want an action such as ec2:DescribeVpcs", quote(p))
		}
		if lower := asciiLower(p); seen[lower] {
			continue
		} else {
			seen[lower] = true
		}
		action, list := Action(p), []string(nil)
		if o.Catalog != nil {
			known, level, ok := o.Catalog.Action(action)
			if ok {
				action = known
			}
			for _, t := range o.Catalog.ResourceTypes(action) {
				arns := t.ARNs
				if published := publishedByAWS[action.Service()+" "+t.Name]; published != "" && (level == ListAccess || level == ReadAccess) {
					arns = append(slices.Clone(arns), published)
				}
				for _, arn := range arns {
					arn = fillTemplate(arn, map[string]string{"Partition": string(scope.partition), "Region": scope.region, "Account": scope.account})
					if a, _ := ParseARN(arn); strings.Contains(a.Service, "*") {
						arn = "*" // what the action is done to may be of any service
					}
					list = append(list, arn)
				}
			}
		}
		if list == nil {
			list = []string{"*"}
		}
		if list = sorted(list); list[0] == "*" {
			list = list[:1]
		}
		key := strings.Join(list, "\n")
		on[key] = append(on[key], action)
		resources[key] = list
	}
	if len(on) == 0 {
		return Document{}, errors.New("requirements: no permissions")
	}
	var statements []Statement
	for key, actions := range on {
		slices.Sort(actions)
		statements = append(statements, Allow(actions...).On(resources[key]...))
	}
	slices.SortFunc(statements, func(a, b Statement) int { return strings.Compare(string(a.Actions[0]), string(b.Actions[0])) })
	return NewDocument(statements...)
}
