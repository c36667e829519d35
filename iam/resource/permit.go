package resource

import (
	"cmp"
	"fmt"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
)

// may says whether a principal may do something to a resource.
func (c *checker) may(principal string, action iam.Action, resource string) iam.Verdict {
	if principal == "" || c.o.May == nil {
		return iam.Undetermined
	}
	if v := c.o.May(iam.Request{Principal: principal, Action: action, Resource: resource, Partial: true}); v != 0 {
		return v
	}
	return iam.Undetermined
}

// permit records whether a principal may do all of some actions to a resource.
func (c *checker) permit(code groundway.Code, s groundway.Subject, principal, resource, purpose string, actions ...iam.Action) {
	for _, a := range actions {
		switch c.may(principal, a, resource) {
		case iam.Allowed:
		case iam.Undetermined:
			policies := "the policies of " + cmp.Or(principal, "the installer")
			got := policies + " do not tell, or were not seen"
			c.Unknown(groundway.Finding{
				Code: code, Subject: s, Summary: "It could not be seen whether " + c.Rule(code).Clause() + ": " + got + ".",
				Evidence: []groundway.Fact{{Got: got, Want: string(a) + " on " + resource, Source: string(a)}},
				Remedies: []groundway.Remedy{{Action: "Let the caller read " + policies + ", and check again."}},
			})
			return
		default:
			c.hold(false, claim{
				code: code, subject: s, got: "denied", want: string(a) + " on " + resource, source: "the policies of " + principal,
				summary:  fmt.Sprintf("%s may not use %s, which it needs %s.", principal, a, purpose),
				remedies: []groundway.Remedy{{Action: fmt.Sprintf("Allow %s on %s in a policy of %s.", a, resource, principal)}},
			})
			return
		}
	}
	c.Pass(code, 1)
}

// A policyJudge answers for the policy of a resource: for somebody whose own policies
// allow everything, and by itself.
type policyJudge struct{ all, alone *iam.Authorizer }

// judgeOf returns the judge of a policy that can be read.
func judgeOf(policy string) (j policyJudge, ok bool) {
	d, err := iam.Parse(policy, iam.ParseOptions{})
	if err != nil || policy == "" {
		return j, false
	}
	if j.all, err = iam.Compile(iam.Policies{Identity: []iam.Document{iam.MustDocument(iam.Allow("*").On("*"))}, Resource: d}); err != nil {
		return j, false
	}
	j.alone, err = iam.Compile(iam.Policies{Resource: d})
	return j, err == nil
}

// judge says what the policy leaves of the permissions of a principal, and whether it
// needs none of these because it grants by itself.
func (j policyJudge) judge(principal string, action iam.Action, resource string) (leaves iam.Verdict, grants bool) {
	r := iam.Request{Principal: principal, Action: action, Resource: resource, Partial: true}
	leaves = iam.Undetermined
	if got, err := j.all.Authorize(r); err == nil {
		leaves = got.Verdict
	}
	named, err := j.alone.Authorize(r)
	return leaves, err == nil && named.Verdict == iam.Allowed
}
