package iam

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/groundway-sdk/groundway"
)

// PlanOptions are what [Plan] and [PlanDelete] may be told. The zero value is
// the cautious one.
type PlanOptions struct {
	// Adopt are the ARNs of what belongs to nobody, or to another owner, and is
	// to be taken over: it is changed to what is wanted and gets the owner's tag.
	Adopt []string `json:"adopt,omitempty"`
	// Prune removes what the owner's own roles and providers have beside what is
	// wanted: inline policies, attachments, a permissions boundary, audiences.
	// Without it that is reported and stays.
	Prune bool `json:"prune,omitempty"`
}

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

// A Step is one call that changes something.
type Step struct {
	Action Action `json:"action"` // the call, as IAM names its action: "iam:CreateRole"
	Name   string `json:"name"`   // of the role, policy or instance profile; of a provider its URL
	ARN    string `json:"arn,omitempty"`
	Path   string `json:"path,omitempty"`
	Policy string `json:"policy,omitempty"` // the name of an inline policy, or the ARN of an attached one or a boundary
	Role   string `json:"role,omitempty"`   // of an instance profile
	// Document is the canonical text of the policy that is written.
	Document    string            `json:"document,omitempty"`
	Description string            `json:"description,omitempty"`
	MaxSession  int               `json:"maxSession,omitempty"` // seconds
	Version     string            `json:"version,omitempty"`    // of a managed policy, that is deleted
	Values      []string          `json:"values,omitempty"`     // audiences
	Thumbprints []string          `json:"thumbprints,omitempty"`
	Tags        map[string]string `json:"tags,omitempty"`
}

// The calls of steps.
const (
	createPolicy          Action = "iam:CreatePolicy"
	createPolicyVersion   Action = "iam:CreatePolicyVersion"
	deletePolicyVersion   Action = "iam:DeletePolicyVersion"
	deletePolicy          Action = "iam:DeletePolicy"
	tagPolicy             Action = "iam:TagPolicy"
	createProvider        Action = "iam:CreateOpenIDConnectProvider"
	addClientID           Action = "iam:AddClientIDToOpenIDConnectProvider"
	removeClientID        Action = "iam:RemoveClientIDFromOpenIDConnectProvider"
	updateThumbprint      Action = "iam:UpdateOpenIDConnectProviderThumbprint"
	tagProvider           Action = "iam:TagOpenIDConnectProvider"
	deleteProvider        Action = "iam:DeleteOpenIDConnectProvider"
	createRole            Action = "iam:CreateRole"
	updateTrust           Action = "iam:UpdateAssumeRolePolicy"
	updateRole            Action = "iam:UpdateRole"
	putBoundary           Action = "iam:PutRolePermissionsBoundary"
	deleteBoundary        Action = "iam:DeleteRolePermissionsBoundary"
	tagRole               Action = "iam:TagRole"
	putRolePolicy         Action = "iam:PutRolePolicy"
	deleteRolePolicy      Action = "iam:DeleteRolePolicy"
	attachRolePolicy      Action = "iam:AttachRolePolicy"
	detachRolePolicy      Action = "iam:DetachRolePolicy"
	deleteRole            Action = "iam:DeleteRole"
	attachUserPolicy      Action = "iam:AttachUserPolicy"
	detachUserPolicy      Action = "iam:DetachUserPolicy"
	createProfile         Action = "iam:CreateInstanceProfile"
	tagProfile            Action = "iam:TagInstanceProfile"
	addRoleToProfile      Action = "iam:AddRoleToInstanceProfile"
	removeRoleFromProfile Action = "iam:RemoveRoleFromInstanceProfile"
	deleteProfile         Action = "iam:DeleteInstanceProfile"
)

// StepActions returns the actions that steps can have, in alphabetical order.
func StepActions() []Action {
	list := []Action{
		createPolicy, createPolicyVersion, deletePolicyVersion, deletePolicy, tagPolicy,
		createProvider, addClientID, removeClientID, updateThumbprint, tagProvider, deleteProvider,
		createRole, updateTrust, updateRole, putBoundary, deleteBoundary, tagRole,
		putRolePolicy, deleteRolePolicy, attachRolePolicy, detachRolePolicy, deleteRole,
		attachUserPolicy, detachUserPolicy,
		createProfile, tagProfile, addRoleToProfile, removeRoleFromProfile, deleteProfile,
	}
	slices.Sort(list)
	return list
}

// Plan decides what it takes for the account to hold what is desired, and
// returns what it met as findings.
//
// What is missing is made, with the tag [groundway.OwnerTag]. What has the
// owner's tag and differs is changed: documents where [Equal] does not find them
// the same, and everything else where it is not as wanted. A managed policy that
// changes gets a new version; where it has five, the oldest that is not the
// default goes first. What has not the owner's tag is left alone: where it is as
// wanted it is used, whoever made it; where it differs that is a finding,
// iam/not-owned, and nothing at all is applied. The options name what is
// adopted.
//
// Policies, tags and audiences that are there beside what is wanted are reported
// and stay. What could not be seen is unknown and stands in the way.
//
// A second Plan after the changes were applied is empty. The error is that of
// [Desired.Check], or says that the snapshot is one of another account.
func Plan(s Snapshot, d Desired, o PlanOptions) (Changes, []groundway.Finding, error) {
	return plan(s, d, o, false)
}

// PlanDelete decides what it takes for the account to hold nothing of what is
// described by d: everything that has the owner's tag is deleted, what uses it
// before what is used. Policies of AWS, and those that d only names, stay. What
// has not the tag stays too, and is a finding.
//
// A role with policies that d does not name, and a policy that others use, stand
// in the way: the first until [PlanOptions.Prune] is set, the second until
// whoever uses it is gone.
func PlanDelete(s Snapshot, d Desired, o PlanOptions) (Changes, []groundway.Finding, error) {
	return plan(s, d, o, true)
}

func plan(s Snapshot, d Desired, o PlanOptions, remove bool) (Changes, []groundway.Finding, error) {
	if err := d.Check(); err != nil {
		return Changes{}, nil, fmt.Errorf("plan: %w", err)
	}
	if s.Account != "" && s.Account != string(d.Account) {
		return Changes{}, nil, fmt.Errorf("plan: account: the snapshot is of %s, want %s", quote(s.Account), d.Account)
	}
	p := planner{
		Parts: s.Parts, d: d, o: o, c: Changes{Desired: d, Options: o, Delete: remove},
		tally: groundway.NewTally(rulesOf(planRules()), groundway.Subject{Kind: "account", ID: string(d.Account), Account: string(d.Account)}),
	}
	if remove {
		p.remove()
	} else {
		p.make()
	}
	for _, r := range planRules() {
		if !p.tally.Settled(r.Code) {
			p.tally.Inapplicable(r.Code, "nothing that is desired is subject to it")
		}
	}
	findings := p.tally.Findings()
	for _, f := range findings {
		if f.Outcome == groundway.Unknown || f.Outcome == groundway.Failed && f.Severity == groundway.Error {
			p.c.Blocked = append(p.c.Blocked, f)
		}
	}
	return p.c, findings, nil
}

// A planner walks what is desired and compares.
type planner struct {
	Parts
	d     Desired
	o     PlanOptions
	c     Changes
	tally *groundway.Tally
}

func (p *planner) step(s Step) { p.c.Steps = append(p.c.Steps, s) }

// make goes from what is used to what uses it.
func (p *planner) make() {
	for _, want := range p.d.Policies {
		p.policyStep(want)
	}
	for _, arn := range p.d.foreignPolicies() {
		p.named(arn)
	}
	for _, want := range p.d.Providers {
		p.providerStep(want)
	}
	for _, want := range p.d.Roles {
		p.roleStep(want)
	}
	for _, want := range p.d.Profiles {
		p.profileStep(want)
	}
	for _, want := range p.d.Users {
		p.userSteps(want)
	}
}

// An object is one thing of the account that is compared with what is wanted.
type object struct {
	subject groundway.Subject
	source  string            // the call that shows it
	pointer []string          // to it in the snapshot
	tags    map[string]string // that it has
	want    map[string]string // beside the owner's
	facts   []groundway.Fact  // how it differs
	steps   []Step            // what that takes
}

// differ notes a difference and the step that clears it.
func (x *object) differ(field, got, want string, s Step) {
	x.facts = append(x.facts, groundway.Fact{Path: x.at(field), Got: cut(got), Want: cut(want), Source: x.source})
	x.steps = append(x.steps, s)
}

func (x *object) at(field string) string {
	return groundway.Pointer(append(slices.Clone(x.pointer), field)...)
}

// ours reports whether a thing may be changed: it has the owner's tag, or is
// adopted.
func (p *planner) ours(x *object) bool {
	owner, has := x.tags[groundway.OwnerTag]
	return has && owner == p.d.owner() || slices.Contains(p.o.Adopt, x.subject.ARN)
}

// ownership says whose a thing is that is not ours.
func (p *planner) ownership(x *object) groundway.Fact {
	got := "no tag " + groundway.OwnerTag
	if owner, has := x.tags[groundway.OwnerTag]; has {
		got = groundway.OwnerTag + " = " + quote(owner)
	}
	return groundway.Fact{Path: x.at("tags"), Got: got, Want: groundway.OwnerTag + " = " + quote(p.d.owner()), Source: x.source}
}

// settle decides what becomes of a thing that is there: whose it is, and whether
// its steps are taken.
func (p *planner) settle(x *object, tag Step) {
	if !p.ours(x) {
		if len(x.steps) == 0 {
			p.tally.Pass(codePlanNotOwned, 1) // it is as wanted, whoever made it
			return
		}
		p.tally.Fail(groundway.Finding{
			Code: codePlanNotOwned, Subject: x.subject,
			Summary:  fmt.Sprintf("The %s %s is there, differs from what is wanted, and is not %s's.", x.subject.Kind, quote(x.subject.ID), quote(p.d.owner())),
			Evidence: append([]groundway.Fact{p.ownership(x)}, x.facts...),
			Remedies: []groundway.Remedy{
				{Action: "Choose another name, so that both can be there."},
				{Action: "Name its ARN in PlanOptions.Adopt, if it is to be changed to what is wanted."},
			},
		})
		return
	}
	p.tally.Pass(codePlanNotOwned, 1)
	missing := map[string]string{}
	for key, value := range p.d.tags(x.want) {
		if got, ok := x.tags[key]; !ok || got != value {
			missing[key] = value
		}
	}
	if len(missing) > 0 {
		tag.Tags = missing
		p.step(tag)
	}
	p.c.Steps = append(p.c.Steps, x.steps...)
	var foreign []groundway.Fact
	for _, key := range slices.Sorted(maps.Keys(x.tags)) {
		if _, ok := p.d.tags(x.want)[key]; !ok {
			foreign = append(foreign, groundway.Fact{Path: groundway.Pointer(append(slices.Clone(x.pointer), "tags", key)...), Got: quote(x.tags[key]), Want: "no tag that is not wanted", Source: x.source})
		}
	}
	if len(foreign) == 0 {
		p.tally.Pass(codePlanForeignTag, 1)
		return
	}
	p.tally.Fail(groundway.Finding{
		Code: codePlanForeignTag, Subject: x.subject, Evidence: foreign,
		Summary:  fmt.Sprintf("The %s %s has %s that nobody here wants; they stay.", x.subject.Kind, quote(x.subject.ID), count(len(foreign), "tag")),
		Remedies: []groundway.Remedy{{Action: "Leave them to whoever put them there, or add them to what is desired."}},
	})
}

// unseen reports that a thing could not be looked at. Subjects of what is there
// and of what is not are the same.
func (p *planner) unseen(code groundway.Code, subject groundway.Subject, pointer []string, what string, gaps []groundway.Gap) {
	evidence := unseenFacts(pointer, gaps)
	p.tally.Unknown(groundway.Finding{
		Code: code, Subject: subject, Evidence: evidence,
		Summary:  fmt.Sprintf("It could not be seen %s: %s.", what, gapsInWords(gaps)),
		Remedies: []groundway.Remedy{{Action: "Let the caller see it, and plan again."}},
	})
}

// unseenFacts are the facts of what was not seen.
func unseenFacts(pointer []string, gaps []groundway.Gap) []groundway.Fact {
	if len(gaps) == 0 {
		return []groundway.Fact{{Path: groundway.Pointer(pointer...), Want: "seen"}}
	}
	var facts []groundway.Fact
	for _, g := range gaps {
		facts = append(facts, groundway.Fact{Path: groundway.Pointer(pointer...), Got: strings.TrimSpace(g.Code + " " + g.Message), Want: "seen", Source: g.Action})
	}
	return facts
}

func gapsInWords(gaps []groundway.Gap) string {
	if len(gaps) == 0 {
		return "it was not asked for"
	}
	var list []string
	for _, g := range gaps {
		words := g.Action
		if detail := strings.TrimPrefix(g.Code+": "+g.Message, ": "); detail != "" {
			words += " (" + strings.TrimSuffix(detail, ": ") + ")"
		}
		list = append(list, words)
	}
	return strings.Join(slices.Compact(list), ", ")
}

func (p *planner) subject(kind, id, arn string) groundway.Subject {
	return groundway.Subject{Kind: kind, ID: id, ARN: arn, Account: string(p.d.Account)}
}

// same reports whether a text is a document that means the same as want.
func same(text string, want Document) bool {
	got, err := Parse(text, ParseOptions{})
	return err == nil && Equal(got, want)
}

func (p *planner) policyStep(want ManagedPolicy) {
	arn := p.d.PolicyARN(want)
	subject := p.subject("policy", want.Name, arn)
	pointer := []string{"parts", "iamManagedPolicies", "items", arn}
	got := p.policy(arn)
	switch {
	case got == nil && !p.Policies.Complete():
		p.unseen(codePlanNotOwned, subject, pointer[:2], fmt.Sprintf("whether the policy %s exists, and whose it is", quote(want.Name)), p.Policies.Gaps)
		return
	case got == nil:
		p.tally.Pass(codePlanNotOwned, 1)
		p.step(Step{Action: createPolicy, Name: want.Name, ARN: arn, Path: orRoot(want.Path), Description: want.Description, Document: want.Document.String(), Tags: p.d.tags(want.Tags)})
		return
	}
	x := &object{subject: subject, source: "iam:GetPolicyVersion", pointer: pointer, tags: got.Tags, want: want.Tags}
	if !same(got.Document, want.Document) {
		if len(got.Versions) >= maxVersions {
			if i := slices.IndexFunc(got.Versions, func(v string) bool { return v != got.Default }); i >= 0 {
				x.steps = append(x.steps, Step{Action: deletePolicyVersion, Name: want.Name, ARN: arn, Version: got.Versions[i]})
			}
		}
		x.differ("document", got.Document, want.Document.String(), Step{Action: createPolicyVersion, Name: want.Name, ARN: arn, Document: want.Document.String()})
	}
	p.settle(x, Step{Action: tagPolicy, Name: want.Name, ARN: arn})
}

// named checks that a policy of the account, that roles name and d does not make,
// is there.
func (p *planner) named(arn string) {
	a, _ := ParseARN(arn)
	name := a.ResourceName()[strings.LastIndexByte(a.ResourceName(), '/')+1:]
	subject := p.subject("policy", name, arn)
	switch {
	case p.policy(arn) != nil:
		p.tally.Pass(codePlanPolicyMissing, 1)
	case !p.Policies.Complete():
		p.unseen(codePlanPolicyMissing, subject, []string{"parts", "iamManagedPolicies"}, fmt.Sprintf("whether the policy %s exists", quote(name)), p.Policies.Gaps)
	default:
		p.tally.Fail(groundway.Finding{
			Code: codePlanPolicyMissing, Subject: subject,
			Summary:  fmt.Sprintf("Roles name the policy %s, which does not exist.", quote(arn)),
			Evidence: []groundway.Fact{{Path: "/parts/iamManagedPolicies/items", Want: arn, Source: "iam:GetPolicy"}},
			Remedies: []groundway.Remedy{{Action: "Create the policy first, or add it to what is desired."}},
		})
	}
}

func (p *planner) providerStep(want OIDCProvider) {
	arn := p.d.ProviderARN(want)
	subject := p.subject("oidc-provider", want.URL, arn)
	pointer := []string{"parts", "iamOIDCProviders", "items", arn}
	got := p.provider(arn)
	ids := sorted(slices.Clone(want.ClientIDs))
	switch {
	case got == nil && !p.Providers.Complete():
		p.unseen(codePlanNotOwned, subject, pointer[:2], fmt.Sprintf("whether the provider %s exists, and whose it is", quote(want.URL)), p.Providers.Gaps)
		return
	case got == nil:
		p.tally.Pass(codePlanNotOwned, 1)
		p.step(Step{Action: createProvider, Name: want.URL, ARN: arn, Values: ids, Thumbprints: want.Thumbprints, Tags: p.d.tags(want.Tags)})
		return
	}
	x := &object{subject: subject, source: "iam:GetOpenIDConnectProvider", pointer: pointer, tags: got.Tags, want: want.Tags}
	for _, id := range ids {
		if !slices.Contains(got.ClientIDs, id) {
			x.differ("clientIDs", strings.Join(got.ClientIDs, ", "), id, Step{Action: addClientID, Name: want.URL, ARN: arn, Values: []string{id}})
		}
	}
	var foreign []foreignThing
	for i, id := range got.ClientIDs {
		if !slices.Contains(ids, id) {
			foreign = append(foreign, foreignThing{
				what: "the audience " + quote(id), fact: groundway.Fact{Path: groundway.Pointer(append(slices.Clone(pointer), "clientIDs", fmt.Sprint(i))...), Got: id, Want: "no audience that is not wanted", Source: x.source},
				step:    Step{Action: removeClientID, Name: want.URL, ARN: arn, Values: []string{id}},
				command: []string{"aws", "iam", "remove-client-id-from-open-id-connect-provider", "--open-id-connect-provider-arn", arn, "--client-id", id},
			})
		}
	}
	if len(want.Thumbprints) > 0 && !equalFold(got.Thumbprints, want.Thumbprints) {
		x.differ("thumbprints", strings.Join(got.Thumbprints, ", "), strings.Join(want.Thumbprints, ", "), Step{Action: updateThumbprint, Name: want.URL, ARN: arn, Thumbprints: want.Thumbprints})
	}
	p.foreign(x, foreign)
	p.settle(x, Step{Action: tagProvider, Name: want.URL, ARN: arn})
}

// equalFold compares two sets of hexadecimal texts.
func equalFold(a, b []string) bool {
	lower := func(list []string) []string {
		var out []string
		for _, s := range list {
			out = append(out, strings.ToLower(s))
		}
		return sorted(out)
	}
	return slices.Equal(lower(a), lower(b))
}

// A foreignThing stands within something that is there, and nobody wants it.
type foreignThing struct {
	what    string
	fact    groundway.Fact
	step    Step     // that removes it
	command []string // likewise
}

// foreign reports what stands within x beside what is wanted, or prunes it.
func (p *planner) foreign(x *object, things []foreignThing) {
	if !p.ours(x) {
		return // none of it is ours, and the whole is judged by settle
	}
	if len(things) == 0 || p.o.Prune {
		p.tally.Pass(codePlanForeign, 1)
		for _, t := range things {
			x.steps = append(x.steps, t.step)
		}
		return
	}
	f := groundway.Finding{Code: codePlanForeign, Subject: x.subject}
	remedy := groundway.Remedy{Action: "Remove what is not meant to be there, or set PlanOptions.Prune."}
	var words []string
	for _, t := range things {
		f.Evidence = append(f.Evidence, t.fact)
		remedy.Commands = append(remedy.Commands, t.command)
		words = append(words, t.what)
	}
	f.Remedies = []groundway.Remedy{remedy, {Action: "Add it to what is desired."}}
	verb := "stay"
	if len(words) == 1 {
		verb = "stays"
	}
	f.Summary = fmt.Sprintf("The %s %s has besides what is wanted %s, which %s.", x.subject.Kind, quote(x.subject.ID), strings.Join(words, ", "), verb)
	if p.c.Delete {
		f.Severity = groundway.Error // IAM deletes no role that has policies
	}
	p.tally.Fail(f)
}

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
		Summary: fmt.Sprintf("The name %s is taken by the %s %s%s.", quote(name), subject.Kind, gotPath, gotName),
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
