package iam

import (
	"errors"
	"fmt"
	"slices"

	"github.com/groundway-sdk/groundway"
)

// Allow begins a statement that allows actions:
//
//	iam.Allow("ec2:RunInstances", "ec2:TerminateInstances").
//		On(scope.ARN("ec2", "instance/*")).
//		When(iam.StringEquals("aws:ResourceTag/kubernetes.io/cluster/demo", "owned"))
//
// A statement is a value: each method returns a changed copy, so that one may
// stand in several documents. Mistakes do not show before [NewDocument], which
// reports all of them.
func Allow(actions ...Action) Statement {
	return Statement{Effect: EffectAllow, Actions: clone(actions)}
}

// Deny begins a statement that denies actions.
func Deny(actions ...Action) Statement {
	return Statement{Effect: EffectDeny, Actions: clone(actions)}
}

// DenyAllBut begins a statement that denies all actions but these: Deny with
// NotAction. It allows none of them.
func DenyAllBut(actions ...Action) Statement {
	return Statement{Effect: EffectDeny, NotActions: clone(actions)}
}

// AllowAllBut begins a statement that allows all actions but these, those of
// every other service and of services to come included: Allow with NotAction.
func AllowAllBut(actions ...Action) Statement {
	return Statement{Effect: EffectAllow, NotActions: clone(actions)}
}

// On adds resources, by ARN, by a pattern, or as "*". See [Scope.ARN].
func (s Statement) On(resources ...string) Statement {
	s.Resources = add(s.Resources, resources)
	return s
}

// NotOn adds resources that the statement does not speak of: all others are
// meant.
func (s Statement) NotOn(resources ...string) Statement {
	s.NotResources = add(s.NotResources, resources)
	return s
}

// When adds conditions. All of them have to hold.
func (s Statement) When(conditions ...Condition) Statement {
	s.Conditions = add(s.Conditions, conditions)
	return s
}

// For adds principals, in policies that name them.
func (s Statement) For(principals ...Principal) Statement {
	s.Principals = add(s.Principals, principals)
	return s
}

// NotFor adds principals that the statement does not speak of, with Deny: all
// others are meant.
func (s Statement) NotFor(principals ...Principal) Statement {
	s.NotPrincipals = add(s.NotPrincipals, principals)
	return s
}

// Sid sets the Sid of the statement: letters and digits.
func (s Statement) Sid(id string) Statement {
	s.ID = id
	return s
}

// add returns the longer list in memory of its own, so that two statements that
// were made from one do not share what is added to them.
func add[T any](list, more []T) []T {
	return append(append(make([]T, 0, len(list)+len(more)), list...), more...)
}

// NewDocument returns the document of [Version2012] with these statements. The
// error joins all mistakes, each with the number of its statement, counted from
// 1, and its Sid: what no text can say, and what AWS refuses in every kind of
// policy. What depends on the kind is for [Validate]. A statement that names
// principals may go without resources.
func NewDocument(statements ...Statement) (Document, error) {
	d := Document{Version: Version2012, Statements: slices.Clone(statements)}
	c := checker{doc: d, held: map[groundway.Code]int{}}
	c.document()

	var errs []error
	if len(statements) == 0 {
		errs = append(errs, errors.New("new policy: no statements"))
	}
	problems := map[int][]problem{}
	for _, p := range c.problems {
		problems[p.statement] = append(problems[p.statement], p)
	}
	for i, s := range statements {
		fail := func(reason any) {
			errs = append(errs, fmt.Errorf("new policy: statement %s: %v", statementName(i, s), reason))
		}
		for _, err := range []error{s.mistakes, s.inconsistencies()} {
			for _, err := range unjoin(err) {
				fail(err)
			}
		}
		for _, p := range problems[i] {
			if !isAdvice(p.code) {
				fail(p.summary)
			}
		}
	}
	if errs != nil {
		return Document{}, errors.Join(errs...)
	}
	return d, nil
}

// MustDocument is like [NewDocument] and panics on an error. It is for
// literals.
func MustDocument(statements ...Statement) Document {
	d, err := NewDocument(statements...)
	if err != nil {
		panic(err)
	}
	return d
}

// isAdvice reports whether a rule warns of what AWS takes, and what a builder
// may be told to write.
func isAdvice(code groundway.Code) bool {
	return code == codeConditionAllValues || code == codePrincipalDeleted
}

// unjoin returns the errors that were joined.
func unjoin(err error) []error {
	if err == nil {
		return nil
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	return []error{err}
}
