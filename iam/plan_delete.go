package iam

import (
	"fmt"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
)

// remove goes from what uses something to what is used.
func (p *planner) remove() {
	for _, want := range slices.Backward(p.d.Users) {
		p.userSteps(want)
	}
	for _, want := range slices.Backward(p.d.Profiles) {
		p.removeProfile(want)
	}
	for _, want := range slices.Backward(p.d.Roles) {
		p.removeRole(want)
	}
	for _, want := range slices.Backward(p.d.Providers) {
		p.removeProvider(want)
	}
	for _, want := range slices.Backward(p.d.Policies) {
		p.removePolicy(want)
	}
}

// deletes reports whether a thing may be deleted, and says so where it may not.
func (p *planner) deletes(x *object) bool {
	if p.ours(x) {
		p.tally.Pass(codePlanNotOwned, 1)
		return true
	}
	p.tally.Fail(groundway.Finding{
		Code: codePlanNotOwned, Subject: x.subject,
		Summary:  fmt.Sprintf("The %s %s is not %s's, and stays.", x.subject.Kind, quote(x.subject.ID), quote(p.d.owner())),
		Evidence: []groundway.Fact{p.ownership(x)},
		Remedies: []groundway.Remedy{
			{Action: "Leave it out of what is to be deleted."},
			{Action: "Name its ARN in PlanOptions.Adopt, if it is to be deleted all the same."},
		},
	})
	return false
}

func (p *planner) removeProfile(want InstanceProfile) {
	arn := p.d.arn("instance-profile" + orRoot(want.Path) + want.Name)
	subject := p.subject("instance-profile", want.Name, arn)
	got := p.profile(want.Name)
	if got == nil {
		p.gone(subject, p.Profiles.Complete(), "iamInstanceProfiles", p.Profiles.Gaps)
		return
	}
	x := &object{subject: subject, source: "iam:GetInstanceProfile", pointer: []string{"parts", "iamInstanceProfiles", "items", got.Name}, tags: got.Tags}
	if !p.deletes(x) {
		return
	}
	for _, role := range got.Roles {
		p.step(Step{Action: removeRoleFromProfile, Name: got.Name, ARN: arn, Role: role})
	}
	p.step(Step{Action: deleteProfile, Name: got.Name, ARN: arn})
}

// gone records that there is nothing to delete, or that it could not be seen.
func (p *planner) gone(subject groundway.Subject, complete bool, part string, gaps []groundway.Gap) {
	if complete {
		p.tally.Pass(codePlanNotOwned, 1)
		return
	}
	p.unseen(codePlanNotOwned, subject, []string{"parts", part}, fmt.Sprintf("whether the %s %s exists, and whose it is", subject.Kind, quote(subject.ID)), gaps)
}

func (p *planner) removeRole(want Role) {
	arn := p.d.RoleARN(want)
	subject := p.subject("role", want.Name, arn)
	got := p.role(want.Name)
	if got == nil {
		p.gone(subject, p.Roles.Complete(), "iamRoles", p.Roles.Gaps)
		return
	}
	x := &object{subject: subject, source: "iam:GetRole", pointer: []string{"parts", "iamRoles", "items", got.Name}, tags: got.Tags}
	if !p.deletes(x) {
		return
	}
	switch {
	case !p.policiesSeen(subject):
		return
	case !p.Profiles.Complete():
		p.unseen(codePlanNotOwned, subject, []string{"parts", "iamInstanceProfiles"}, fmt.Sprintf("which instance profiles hold the role %s", quote(want.Name)), p.Profiles.Gaps)
		return
	}
	owner := "role/" + got.Name
	for _, have := range p.inline(owner) {
		if slices.ContainsFunc(want.Inline, func(i InlinePolicy) bool { return i.Name == have.Name }) {
			x.steps = append(x.steps, Step{Action: deleteRolePolicy, Name: got.Name, ARN: arn, Policy: have.Name})
		}
	}
	for _, have := range p.attached(owner) {
		if slices.Contains(want.Managed, have) {
			x.steps = append(x.steps, Step{Action: detachRolePolicy, Name: got.Name, ARN: arn, Policy: have})
		}
	}
	var foreign, inUse []foreignThing
	scratch := &object{subject: subject, source: x.source, tags: got.Tags}
	p.inlineSteps(scratch, &foreign, owner, want)
	p.attachedSteps(scratch, &foreign, owner, want)
	for _, profile := range p.Profiles.Items {
		ours := slices.ContainsFunc(p.d.Profiles, func(i InstanceProfile) bool { return strings.EqualFold(i.Name, profile.Name) })
		if !ours && slices.Contains(profile.Roles, got.Name) {
			inUse = append(inUse, foreignThing{
				what:    "the instance profile " + quote(profile.Name),
				fact:    groundway.Fact{Path: groundway.Pointer("parts", "iamInstanceProfiles", "items", profile.Name, "roles"), Got: strings.Join(profile.Roles, ", "), Want: "no role that is to be deleted", Source: "iam:ListInstanceProfilesForRole"},
				command: []string{"aws", "iam", "remove-role-from-instance-profile", "--instance-profile-name", profile.Name, "--role-name", got.Name},
			})
		}
	}
	p.foreign(x, foreign)
	p.used(subject, inUse)
	p.c.Steps = append(p.c.Steps, x.steps...)
	p.step(Step{Action: deleteRole, Name: got.Name, ARN: arn})
}

// used reports what still uses a thing that is to be deleted.
func (p *planner) used(subject groundway.Subject, by []foreignThing) {
	if len(by) == 0 {
		p.tally.Pass(codePlanInUse, 1)
		return
	}
	f := groundway.Finding{Code: codePlanInUse, Subject: subject}
	remedy := groundway.Remedy{Action: "Take it out of use first."}
	var words []string
	for _, t := range by {
		f.Evidence = append(f.Evidence, t.fact)
		words = append(words, t.what)
		if t.command != nil {
			remedy.Commands = append(remedy.Commands, t.command)
		}
	}
	f.Summary = fmt.Sprintf("The %s %s is used by %s.", subject.Kind, quote(subject.ID), strings.Join(words, ", "))
	f.Remedies = []groundway.Remedy{remedy}
	p.tally.Fail(f)
}

func (p *planner) removeProvider(want OIDCProvider) {
	arn := p.d.ProviderARN(want)
	subject := p.subject("oidc-provider", want.URL, arn)
	got := p.provider(arn)
	if got == nil {
		p.gone(subject, p.Providers.Complete(), "iamOIDCProviders", p.Providers.Gaps)
		return
	}
	x := &object{subject: subject, source: "iam:GetOpenIDConnectProvider", pointer: []string{"parts", "iamOIDCProviders", "items", arn}, tags: got.Tags}
	if p.deletes(x) {
		p.step(Step{Action: deleteProvider, Name: want.URL, ARN: arn})
	}
}

func (p *planner) removePolicy(want ManagedPolicy) {
	arn := p.d.PolicyARN(want)
	subject := p.subject("policy", want.Name, arn)
	got := p.policy(arn)
	if got == nil {
		p.gone(subject, p.Policies.Complete(), "iamManagedPolicies", p.Policies.Gaps)
		return
	}
	pointer := []string{"parts", "iamManagedPolicies", "items", arn}
	x := &object{subject: subject, source: "iam:GetPolicy", pointer: pointer, tags: got.Tags}
	if !p.deletes(x) {
		return
	}
	// Those of the roles that go in the same plan, and those that it bounds.
	own, bounds := 0, 0
	for _, s := range p.c.Steps {
		if (s.Action == detachRolePolicy || s.Action == detachUserPolicy) && s.Policy == arn {
			own++
		}
		if r := p.role(s.Name); s.Action == deleteRole && r != nil && r.Boundary == arn {
			bounds++
		}
	}
	var by []foreignThing
	if others := got.Attachments - own; others > 0 {
		by = append(by, foreignThing{what: count(others, "other attachment"), fact: groundway.Fact{Path: x.at("attachments"), Got: fmt.Sprint(got.Attachments), Want: fmt.Sprint(own), Source: x.source}})
	}
	if others := got.Bounds - bounds; others > 0 {
		by = append(by, foreignThing{what: count(others, "boundary use"), fact: groundway.Fact{Path: x.at("bounds"), Got: fmt.Sprint(got.Bounds), Want: fmt.Sprint(bounds), Source: x.source}})
	}
	p.used(subject, by)
	for _, version := range got.Versions {
		if version != got.Default {
			p.step(Step{Action: deletePolicyVersion, Name: want.Name, ARN: arn, Version: version})
		}
	}
	p.step(Step{Action: deletePolicy, Name: want.Name, ARN: arn})
}

func orRoot(path string) string {
	if path == "" {
		return "/"
	}
	return path
}
