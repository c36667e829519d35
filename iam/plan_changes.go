package iam

import (
	"errors"
	"fmt"
	"strings"

	"github.com/groundway-sdk/groundway"
)

// Changes are what it takes to bring an account to what is desired, in the order
// in which it has to be done. They are data, which an adapter applies. The zero
// value changes nothing.
type Changes struct {
	Desired Desired     `json:"desired"`
	Options PlanOptions `json:"options,omitzero"`
	Delete  bool        `json:"delete,omitempty"` // they come from [PlanDelete]
	Steps   []Step      `json:"steps,omitempty"`
	// Blocked are the findings that stand in the way: failed with the severity
	// error, or not seen. With one of them nothing is applied.
	Blocked []groundway.Finding `json:"blocked,omitempty"`
}

// Empty reports whether there is nothing to change. Changes that are blocked are
// not empty: what they were asked for is not there.
func (c Changes) Empty() bool { return len(c.Steps) == 0 && len(c.Blocked) == 0 }

// Err returns nil if the changes can be applied, and otherwise an error that
// names the findings which stand in the way.
func (c Changes) Err() error {
	var errs []error
	for _, f := range c.Blocked {
		errs = append(errs, fmt.Errorf("%s (%s): %s", f.Code, f.Outcome, f.Summary))
	}
	return errors.Join(errs...)
}

// Actions returns the IAM actions that the steps need, in alphabetical order, each
// once: those of the calls, and those that tagging and passing a role need besides.
// [Requirements] makes a policy of them.
func (c Changes) Actions() []string {
	var list []string
	tags := map[Action]Action{createRole: tagRole, createPolicy: tagPolicy, createProfile: tagProfile, createProvider: tagProvider}
	for _, s := range c.Steps {
		list = append(list, string(s.Action))
		if tag, ok := tags[s.Action]; ok {
			list = append(list, string(tag))
		}
		if s.Action == addRoleToProfile {
			list = append(list, "iam:PassRole")
		}
		if s.Action == createRole && s.Policy != "" {
			list = append(list, string(putBoundary))
		}
	}
	return sorted(list)
}

// String prints the changes like a diff, a line a step: + is made, ~ is changed,
// - is removed, ! stands in the way.
func (c Changes) String() string {
	var b strings.Builder
	for _, f := range c.Blocked {
		fmt.Fprintf(&b, "! %s %s: %s\n", f.Code, f.Outcome, f.Summary)
	}
	for _, s := range c.Steps {
		fmt.Fprintln(&b, s)
	}
	return b.String()
}
