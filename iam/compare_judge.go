package iam

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A compareJudge answers whether documents by themselves allow a request. It
// asks an [Authorizer] to which all other policies allow everything.
type compareJudge struct {
	authorizer *Authorizer
}

func newCompareJudge(documents []Document, kind Kind) (compareJudge, error) {
	// In the place of an endpoint's policy, documents decide about every caller
	// and every action, without the special cases that AWS has elsewhere.
	list := make([]Document, 0, len(documents)+1)
	for i, d := range documents {
		d.Statements = slices.Clone(d.Statements)
		for k := range d.Statements {
			s := &d.Statements[k]
			as := kind
			switch {
			case as == TrustPolicy, as == kindInvalid && s.namesPrincipal():
				as = ResourcePolicy // which may go without resources
			case as == kindInvalid:
				as = IdentityPolicy
			}
			if err := s.authorizable(as); err != nil {
				return compareJudge{}, fmt.Errorf("document %d: statement %s: %w", i+1, statementName(k, *s), err)
			}
			if !s.namesPrincipal() {
				s.Principals = []Principal{Everyone()}
				s.Resources, s.NotResources = compareWhole(s.Resources), compareWhole(s.NotResources)
			}
			if s.Resources == nil && s.NotResources == nil {
				s.Resources = []string{"*"}
			}
		}
		list = append(list, d)
	}
	if len(list) == 0 {
		list = append(list, Document{Version: Version2012})
	}
	everything := Allow("*").On("*")
	a, err := Compile(Policies{
		Endpoint: list,
		Identity: []Document{{Version: Version2012, Statements: []Statement{everything}}},
		Resource: Document{Version: Version2012, Statements: []Statement{everything.For(Everyone())}},
	})
	if err != nil {
		// That they stand in for an endpoint's policy is of no interest.
		return compareJudge{}, errors.New(strings.TrimPrefix(err.Error(), "compile policies: endpoint: "))
	}
	return compareJudge{a}, nil
}

func (j compareJudge) allows(r Request) bool {
	d, err := j.authorizer.Authorize(r)
	return err == nil && d.Verdict == Allowed
}

// statement returns a statement of the documents as it was compiled, the first
// being 0.
func (j compareJudge) statement(n int) *authStatement {
	for i, s := range j.authorizer.sets {
		if s.layer == EndpointLayer {
			return &j.authorizer.statements[j.authorizer.sets[i].from+n]
		}
	}
	return nil
}

// compareWhole returns resources with the parts that they lack, as identity
// policies are read.
func compareWhole(list []string) []string {
	if list == nil {
		return nil
	}
	out := make([]string, len(list))
	for i, r := range list {
		out[i] = r
		if n := 5 - strings.Count(r, ":"); n > 0 && strings.HasPrefix(r, "arn:") {
			out[i] += strings.Repeat(":*", n)
		}
	}
	return out
}
