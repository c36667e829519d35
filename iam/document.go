package iam

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A Version names the revision of the policy language that a document is
// written in. The zero value means that the document names none, which AWS
// reads as [Version2008].
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
type Version string

const (
	// Version2012 is the current revision, and the only one with policy variables.
	Version2012 Version = "2012-10-17"
	// Version2008 is the first revision: in it ${aws:username} is literal text.
	Version2008 Version = "2008-10-17"
)

// An Effect says whether a statement allows or denies. AWS distinguishes its
// case. The zero value means that the statement names none, which AWS refuses.
type Effect string

const (
	// EffectAllow grants, where nothing denies.
	EffectAllow Effect = "Allow"
	// EffectDeny denies, whatever else grants.
	EffectDeny Effect = "Deny"
)

// An Action is the name of an action, or a pattern over names: "ec2:RunInstances",
// "ec2:Describe*", "*". AWS compares it without regard to case, and * and ?
// may stand anywhere in it.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
type Action string

// Service returns the part before the colon, in lower case: "ec2". It is "*"
// for the action "*", and empty for text without a colon.
func (a Action) Service() string {
	service, _, ok := strings.Cut(string(a), ":")
	if !ok && service != "*" {
		return ""
	}
	return strings.ToLower(service)
}

// A Document is a policy document. It is a value: copying one and changing the
// fields of the copy leaves the original alone, as long as the slices are
// replaced and not written into, which no function of this package does. The
// zero value is a document without version and statements, which AWS refuses.
//
// [Parse] and [NewDocument] return documents whose parts agree. A document put
// together by hand may hold what no text can say, such as one condition twice;
// [Validate] finds it, and MarshalJSON refuses to write it.
type Document struct {
	Version    Version
	ID         string // the Id element, a label that some services show; empty means none
	Statements []Statement

	source *source // the text that the document was read from
}

// A Statement is one statement of a document. It is a value; see [Allow] for
// the methods that build one. In each pair of fields with Not, AWS takes at
// most one. A nil slice means that the element is absent, an empty one that
// it is there and holds nothing.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_statement.html
type Statement struct {
	ID            string // the Sid element; empty means none, or an empty one
	Effect        Effect
	Principals    []Principal
	NotPrincipals []Principal
	Actions       []Action
	NotActions    []Action
	Resources     []string // ARN patterns, or "*"
	NotResources  []string
	Conditions    []Condition

	source   *source // the text that the statement was read from
	offset   int     // where it begins in the text
	mistakes error   // what the builder could not express
}

// A source is a text that documents are read from. Statements share it, so that
// a statement still knows its place when it moves to another document.
type source struct {
	file string
	text string
}

// at returns the place of a byte of the text.
func (s *source) at(offset int) (line, column int) {
	before := s.text[:offset]
	return 1 + strings.Count(before, "\n"), offset - strings.LastIndexByte(before, '\n')
}

// inconsistencies returns what a document put together by hand holds and no
// policy text can say, so that writing it would change what it means.
func (d Document) inconsistencies() error {
	var errs []error
	for i, s := range d.Statements {
		if err := s.inconsistencies(); err != nil {
			errs = append(errs, fmt.Errorf("statement %s: %w", statementName(i, s), err))
		}
	}
	return errors.Join(errs...)
}

func (s Statement) inconsistencies() error {
	var errs []error
	for _, list := range [][]Principal{s.Principals, s.NotPrincipals} {
		if slices.Contains(list, Everyone()) && len(list) > 1 {
			errs = append(errs, errors.New(`the principal "*" stands beside others, but as an element of its own it stands alone`))
		}
		for _, p := range list {
			if !p.Kind.known() {
				errs = append(errs, fmt.Errorf("principal %s: unknown kind %s", quote(p.Value), quote(string(p.Kind))))
			}
			if p.Kind == PrincipalEveryone && p.Value != "*" {
				errs = append(errs, fmt.Errorf(`principal %s: want "*"`, quote(p.Value)))
			}
		}
	}
	type place struct {
		operator Operator
		key      string
	}
	seen := make(map[place]bool, len(s.Conditions))
	for _, c := range s.Conditions {
		p := place{c.Operator, c.Key}
		switch {
		case seen[p]:
			errs = append(errs, fmt.Errorf("condition %s %s stands twice: the values of one condition are alternatives, two conditions would both have to hold", plain(string(c.Operator)), quote(c.Key)))
		case c.Key == "" && len(c.Values) > 0:
			errs = append(errs, fmt.Errorf("condition %s has values and no key", plain(string(c.Operator))))
		}
		seen[p] = true
	}
	return errors.Join(errs...)
}

// statementName returns how errors call a statement: its number from 1, and
// its Sid where it has one.
func statementName(index int, s Statement) string {
	if s.ID == "" {
		return fmt.Sprint(index + 1)
	}
	return fmt.Sprintf("%d %s", index+1, quote(s.ID))
}
