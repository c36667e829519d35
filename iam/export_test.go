package iam

import (
	"slices"

	"github.com/groundway-sdk/groundway"
)

// HashWork returns how many elements of the document were looked at to hash it.
func HashWork(d Document) int {
	_, work := canonical(d)
	return work
}

// Glob is glob.
var Glob = glob

// Overlaps is overlaps, Within is within.
var (
	Overlaps = overlaps
	Within   = within
)

// ValidateRules are the rules that Validate yields findings of.
func ValidateRules() []groundway.Rule { return Rules()[:len(rules())] }

// LintRules are the rules that Lint yields findings of.
func LintRules() (list []groundway.Rule) {
	for _, r := range slices.Concat(rules(), lintRules()) {
		if _, own := lintCodes()[r.Code]; own || sharedRules[r.Code] {
			list = append(list, r.Rule)
		}
	}
	return list
}

func lintCodes() map[groundway.Code]bool {
	codes := map[groundway.Code]bool{}
	for _, r := range lintRules() {
		codes[r.Code] = true
	}
	return codes
}

// NeedsCatalog reports whether the rule is unknown without a catalog.
func NeedsCatalog(code groundway.Code) bool { return needsCatalog[code] }

// EscalateRules are the rules that Escalate yields findings of.
func EscalateRules() []groundway.Rule { return rulesOf(escalateRules()) }

// PlanRules are the rules of Plan.
func PlanRules() []groundway.Rule { return rulesOf(planRules()) }
