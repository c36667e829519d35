package iam

import (
	"fmt"
	"maps"
	"slices"
	"strings"

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
		return Changes{}, nil, fmt.Errorf("plan identities: %w", err)
	}
	if s.Account != "" && s.Account != string(d.Account) {
		return Changes{}, nil, fmt.Errorf("plan identities: the snapshot is of %s, want %s", quote(s.Account), d.Account)
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
