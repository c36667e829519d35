package iam

import (
	"fmt"
	"slices"
	"strings"
)

// standIns puts principals that AWS has in place of those that hold a
// placeholder, such as arn:aws:iam::<ACCOUNT-ID>:user/demo in a published trust
// policy, and of those that no request can have as its principal: the same one for
// the same text, and one that nothing else names.
func (c *comparer) standIns(documents []Document) []Document {
	replace := func(list []Principal) []Principal {
		if !slices.ContainsFunc(list, Principal.placeholder) {
			return list
		}
		list = slices.Clone(list)
		for i, p := range list {
			if !p.placeholder() {
				continue
			}
			at := slices.Index(c.placeholders, p.Value)
			if at < 0 {
				at = len(c.placeholders)
				c.placeholders = append(c.placeholders, p.Value)
			}
			list[i].Value = compareStandIn(at)
		}
		return list
	}
	out := slices.Clone(documents)
	for i := range out {
		out[i].Statements = slices.Clone(out[i].Statements)
		for k := range out[i].Statements {
			s := &out[i].Statements[k]
			s.Principals, s.NotPrincipals = replace(s.Principals), replace(s.NotPrincipals)
		}
	}
	return out
}

func (p Principal) placeholder() bool {
	return p.Kind == PrincipalAWS && strings.ContainsAny(p.Value, "<>{}") || p.originAccess()
}

func compareStandIn(n int) string {
	return fmt.Sprint(compareStandInPrefix, n)
}

const compareStandInPrefix = "arn:aws:iam::000000000000:user/placeholder-"

// original returns the request with the text that the documents have in place of
// a stand-in.
func (c *comparer) original(r *Request) *Request {
	if r == nil {
		return nil
	}
	for i, text := range c.placeholders {
		if r.Principal == compareStandIn(i) {
			out := *r
			out.Principal = text
			return &out
		}
	}
	return r
}
