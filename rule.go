package groundway

import "slices"

// A Rule describes one [Code]: what is checked, why, and what it takes to see
// it. Every package that checks exports Rules, which returns a fresh slice in
// the order of its documentation.
type Rule struct {
	Code     Code
	Title    string   // what must hold, as a short sentence without a period
	Doc      string   // why it must hold and what goes wrong otherwise, with its source
	Severity Severity // of a failure, unless the profile says otherwise
	Since    string   // the version that introduced the code
	// DependsOn are the rules whose failure on the same or a containing subject
	// makes this one a consequence, which is then skipped. The relation is acyclic.
	DependsOn []Code
	// Permissions are the IAM actions that the adapter needs to answer the rule.
	Permissions []string
}

// CloneRules returns a copy of rules that shares nothing with them, for a package
// to give away.
func CloneRules(rules []Rule) []Rule {
	list := slices.Clone(rules)
	for i, r := range rules {
		list[i].DependsOn, list[i].Permissions = slices.Clone(r.DependsOn), slices.Clone(r.Permissions)
	}
	return list
}
