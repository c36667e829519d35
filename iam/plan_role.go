package iam

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/groundway-sdk/groundway"
)

func (p *planner) roleStep(want Role) {
	arn := p.d.RoleARN(want)
	subject := p.subject("role", want.Name, arn)
	pointer := []string{"parts", "iamRoles", "items", want.Name}
	owner := "role/" + want.Name
	got := p.role(want.Name)
	switch {
	case got == nil && !p.Roles.Complete():
		p.unseen(codePlanNotOwned, subject, pointer[:2], fmt.Sprintf("whether the role %s exists, and whose it is", quote(want.Name)), p.Roles.Gaps)
		return
	case got == nil:
		p.tally.Pass(codePlanNotOwned, 1)
		p.step(Step{
			Action: createRole, Name: want.Name, ARN: arn, Path: orRoot(want.Path), Description: want.Description, Document: want.Trust.String(),
			MaxSession: int(want.MaxSession / time.Second), Policy: want.Boundary, Tags: p.d.tags(want.Tags),
		})
		for _, policy := range want.Inline {
			p.step(Step{Action: putRolePolicy, Name: want.Name, ARN: arn, Policy: policy.Name, Document: policy.Document.String()})
		}
		for _, policy := range want.Managed {
			p.step(Step{Action: attachRolePolicy, Name: want.Name, ARN: arn, Policy: policy})
		}
		return
	case p.taken(subject, pointer, got.Name, got.Path, want.Name, want.Path, "iam:GetRole"):
		return
	case !p.policiesSeen(subject):
		return
	}
	x := &object{subject: subject, source: "iam:GetRole", pointer: []string{"parts", "iamRoles", "items", got.Name}, tags: got.Tags, want: want.Tags}
	// What bounds comes before what grants.
	if want.Boundary != "" && got.Boundary != want.Boundary {
		x.differ("boundary", got.Boundary, want.Boundary, Step{Action: putBoundary, Name: want.Name, ARN: arn, Policy: want.Boundary})
	}
	if !same(got.Trust, want.Trust) {
		x.differ("trust", got.Trust, want.Trust.String(), Step{Action: updateTrust, Name: want.Name, ARN: arn, Document: want.Trust.String()})
	}
	seconds := int(want.MaxSession / time.Second)
	if update := (Step{Action: updateRole, Name: want.Name, ARN: arn, Description: cmp.Or(want.Description, got.Description), MaxSession: cmp.Or(seconds, got.MaxSession)}); seconds != 0 && seconds != got.MaxSession {
		x.differ("maxSession", fmt.Sprint(got.MaxSession), fmt.Sprint(seconds), update)
	} else if want.Description != "" && want.Description != got.Description {
		x.differ("description", got.Description, want.Description, update)
	}
	var foreign []foreignThing
	p.inlineSteps(x, &foreign, owner, want)
	p.attachedSteps(x, &foreign, owner, want)
	if want.Boundary == "" && got.Boundary != "" {
		foreign = append(foreign, foreignThing{
			what: "the permissions boundary " + quote(got.Boundary), fact: groundway.Fact{Path: x.at("boundary"), Got: got.Boundary, Want: "no boundary", Source: x.source},
			step:    Step{Action: deleteBoundary, Name: want.Name, ARN: arn},
			command: []string{"aws", "iam", "delete-role-permissions-boundary", "--role-name", want.Name},
		})
	}
	p.foreign(x, foreign)
	p.settle(x, Step{Action: tagRole, Name: want.Name, ARN: arn})
}

// policiesSeen reports whether it was seen which policies a role has, and says so
// where it was not.
func (p *planner) policiesSeen(role groundway.Subject) bool {
	switch {
	case !p.Inline.Complete():
		p.unseen(codePlanNotOwned, role, []string{"parts", "iamInlinePolicies"}, fmt.Sprintf("which inline policies the role %s has", quote(role.ID)), p.Inline.Gaps)
	case !p.Attached.Complete():
		p.unseen(codePlanNotOwned, role, []string{"parts", "iamAttachedPolicies"}, fmt.Sprintf("which policies are attached to the role %s", quote(role.ID)), p.Attached.Gaps)
	default:
		return true
	}
	return false
}

func (p *planner) inlineSteps(x *object, foreign *[]foreignThing, owner string, want Role) {
	have := p.inline(owner)
	for _, policy := range want.Inline {
		put := Step{Action: putRolePolicy, Name: want.Name, ARN: x.subject.ARN, Policy: policy.Name, Document: policy.Document.String()}
		i := slices.IndexFunc(have, func(h InlinePolicyDetail) bool { return h.Name == policy.Name })
		if i >= 0 && same(have[i].Document, policy.Document) {
			continue
		}
		got := ""
		path := "/parts/iamInlinePolicies/items"
		if i >= 0 {
			got, path = have[i].Document, groundway.Pointer("parts", "iamInlinePolicies", "items", have[i].Key(), "document")
		}
		x.facts = append(x.facts, groundway.Fact{Path: path, Got: cut(got), Want: cut(put.Document), Source: "iam:GetRolePolicy"})
		x.steps = append(x.steps, put)
	}
	for _, h := range have {
		if !slices.ContainsFunc(want.Inline, func(policy InlinePolicy) bool { return policy.Name == h.Name }) {
			*foreign = append(*foreign, foreignThing{
				what: "the inline policy " + quote(h.Name), fact: groundway.Fact{Path: groundway.Pointer("parts", "iamInlinePolicies", "items", h.Key(), "name"), Got: h.Name, Want: "no policy that is not wanted", Source: "iam:ListRolePolicies"},
				step:    Step{Action: deleteRolePolicy, Name: want.Name, ARN: x.subject.ARN, Policy: h.Name},
				command: []string{"aws", "iam", "delete-role-policy", "--role-name", want.Name, "--policy-name", h.Name},
			})
		}
	}
}

func (p *planner) attachedSteps(x *object, foreign *[]foreignThing, owner string, want Role) {
	have := p.attached(owner)
	for _, arn := range want.Managed {
		if !slices.Contains(have, arn) {
			x.facts = append(x.facts, groundway.Fact{Path: "/parts/iamAttachedPolicies/items", Want: arn, Source: "iam:ListAttachedRolePolicies"})
			x.steps = append(x.steps, Step{Action: attachRolePolicy, Name: want.Name, ARN: x.subject.ARN, Policy: arn})
		}
	}
	for _, arn := range have {
		if !slices.Contains(want.Managed, arn) {
			*foreign = append(*foreign, foreignThing{
				what: "the attached policy " + quote(arn), fact: groundway.Fact{Path: groundway.Pointer("parts", "iamAttachedPolicies", "items", AttachedPolicy{owner, arn}.Key(), "arn"), Got: arn, Want: "no policy that is not wanted", Source: "iam:ListAttachedRolePolicies"},
				step:    Step{Action: detachRolePolicy, Name: want.Name, ARN: x.subject.ARN, Policy: arn},
				command: []string{"aws", "iam", "detach-role-policy", "--role-name", want.Name, "--policy-arn", arn},
			})
		}
	}
}

// userSteps attaches policies to a user, or detaches them.
func (p *planner) userSteps(want UserAttachment) {
	subject := p.subject("user", want.User, p.d.arn("user/"+want.User))
	what := fmt.Sprintf("whether the user %s exists, and which policies it has", quote(want.User))
	switch got := p.user(want.User); {
	case got == nil && !p.Users.Complete():
		p.unseen(codePlanUserMissing, subject, []string{"parts", "iamUsers"}, what, p.Users.Gaps)
		return
	case got == nil && p.c.Delete:
		p.tally.Pass(codePlanUserMissing, 1)
		return
	case got == nil:
		p.tally.Fail(groundway.Finding{
			Code: codePlanUserMissing, Subject: subject,
			Summary:  fmt.Sprintf("Policies are to be attached to the user %s, which does not exist.", quote(want.User)),
			Evidence: []groundway.Fact{{Path: "/parts/iamUsers/items", Want: want.User, Source: "iam:GetUser"}},
			Remedies: []groundway.Remedy{{Action: "Create the user first.", Commands: [][]string{{"aws", "iam", "create-user", "--user-name", want.User}}}},
		})
		return
	case !p.Attached.Complete():
		p.unseen(codePlanUserMissing, subject, []string{"parts", "iamAttachedPolicies"}, what, p.Attached.Gaps)
		return
	}
	p.tally.Pass(codePlanUserMissing, 1)
	have := p.attached("user/" + want.User)
	for _, arn := range want.Managed {
		step := Step{Action: attachUserPolicy, Name: want.User, Policy: arn}
		if p.c.Delete {
			step.Action = detachUserPolicy
		}
		if slices.Contains(have, arn) == p.c.Delete {
			p.step(step)
		}
	}
}

// taken reports whether a thing has the name in other letters, or under another
// path, neither of which can be changed.
func (p *planner) taken(subject groundway.Subject, pointer []string, gotName, gotPath, name, path, source string) bool {
	if gotName == name && cmp.Or(gotPath, "/") == cmp.Or(path, "/") {
		p.tally.Pass(codePlanNameTaken, 1)
		return false
	}
	pointer = append(slices.Clone(pointer[:len(pointer)-1]), gotName)
	p.tally.Fail(groundway.Finding{
		Code: codePlanNameTaken, Subject: subject,
		Summary: fmt.Sprintf("The name %s is taken by the %s %s.", quote(name), subject.Kind, plain(gotPath+gotName)),
		Evidence: []groundway.Fact{
			{Path: groundway.Pointer(append(slices.Clone(pointer), "name")...), Got: gotName, Want: name, Source: source},
			{Path: groundway.Pointer(append(slices.Clone(pointer), "path")...), Got: gotPath, Want: cmp.Or(path, "/"), Source: source},
		},
		Remedies: []groundway.Remedy{{Action: "Choose another name, or write name and path as they are there."}},
	})
	return true
}

func (p *planner) profileStep(want InstanceProfile) {
	arn := p.d.arn("instance-profile" + orRoot(want.Path) + want.Name)
	subject := p.subject("instance-profile", want.Name, arn)
	pointer := []string{"parts", "iamInstanceProfiles", "items", want.Name}
	add := Step{Action: addRoleToProfile, Name: want.Name, ARN: arn, Role: want.Role}
	got := p.profile(want.Name)
	switch {
	case got == nil && !p.Profiles.Complete():
		p.unseen(codePlanNotOwned, subject, pointer[:2], fmt.Sprintf("whether the instance profile %s exists, and whose it is", quote(want.Name)), p.Profiles.Gaps)
		return
	case got == nil:
		p.tally.Pass(codePlanNotOwned, 1)
		p.step(Step{Action: createProfile, Name: want.Name, ARN: arn, Path: orRoot(want.Path), Tags: p.d.tags(want.Tags)})
		p.step(add)
		return
	case p.taken(subject, pointer, got.Name, got.Path, want.Name, want.Path, "iam:GetInstanceProfile"):
		return
	}
	x := &object{subject: subject, source: "iam:GetInstanceProfile", pointer: pointer, tags: got.Tags, want: want.Tags}
	if !slices.Equal(got.Roles, []string{want.Role}) {
		for _, role := range got.Roles {
			if role != want.Role {
				x.steps = append(x.steps, Step{Action: removeRoleFromProfile, Name: want.Name, ARN: arn, Role: role})
			}
		}
		if !slices.Contains(got.Roles, want.Role) {
			x.steps = append(x.steps, add)
		}
		x.facts = append(x.facts, groundway.Fact{Path: x.at("roles"), Got: strings.Join(got.Roles, ", "), Want: want.Role, Source: x.source})
	}
	p.settle(x, Step{Action: tagProfile, Name: want.Name, ARN: arn})
}
