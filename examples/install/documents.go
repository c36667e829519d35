package install

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	iamsdk "github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/examples/preflight/cluster"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/awsiam"
	"github.com/groundway-sdk/groundway/iam/catalog"
	"github.com/groundway-sdk/groundway/iam/presets"
)

// Policies plans a set of IAM: a file for each document, what it takes to make all of
// it in the account, and the verdict of the rules of IAM. What a preset names as its
// risks is accepted, with what bounds it as the reason.
//
// Where the set names something that does not exist yet, waiting says what: it is
// judged all the same, and neither written nor made before the name is known.
func (j *Job) Policies(ctx context.Context, set presets.Set, waiting string, of ...presets.Preset) error {
	j.Section("Policies and roles")
	files, err := set.Files()
	if err != nil {
		return err
	}
	for _, f := range files {
		if name := "iam/" + f.Name; waiting != "" {
			j.Files.Later(name, waiting)
		} else {
			j.Files.Put(name, purpose(f.Name), f.Data)
		}
	}
	if err := j.judge(set, files); err != nil {
		return err
	}
	for _, p := range of {
		from, err := p.Provenance(j.Scope)
		if err != nil {
			return err
		}
		for _, r := range from.Risks {
			j.Accept(groundway.Waiver{Code: r.Code, Reason: r.Reason + " " + r.Mitigation})
		}
	}
	if waiting != "" || j.Live == nil {
		j.withoutRoles()
	}
	switch {
	case waiting != "":
		j.describe('?', set)
		j.Line('?', "%s", waiting)
		return nil
	case j.Live == nil:
		j.describe('+', set)
		j.Line('?', "what of this is in IAM already was not looked at")
		return nil
	}
	return j.identities(ctx, set)
}

// purpose says what a file of a set is.
func purpose(name string) string {
	switch {
	case strings.HasPrefix(name, "policies/"):
		return "what a policy allows"
	case strings.HasPrefix(name, "roles/"):
		return "who may have a role"
	}
	return "which role has which policies"
}

// describe says what the set has.
func (j *Job) describe(mark byte, set presets.Set) {
	for _, p := range set.Policies {
		j.Line(mark, "policy %s, %d characters: %s", p.Name, iam.MeasureText(p.Document.String()).Significant, p.Description)
	}
	for _, p := range set.Providers {
		j.Line(mark, "OpenID Connect provider %s, for %s", p.URL, strings.Join(p.Audiences, ", "))
	}
	for _, r := range set.Roles {
		j.Line(mark, "role %s, with %s: %s", r.Name, cmp.Or(strings.Join(r.Policies, ", "), "no policy"), r.Description)
		for _, s := range r.Trust.Statements {
			j.Line(' ', "  may be had by %s", principals(s))
		}
	}
	for _, a := range set.Attachments {
		j.Line(mark, "user %s, with %s", a.User, strings.Join(a.Policies, ", "))
	}
	for _, p := range set.Profiles {
		j.Line(mark, "instance profile %s, of the role %s", p.Name, p.Role)
	}
}

// identities plans the set against what IAM holds.
func (j *Job) identities(ctx context.Context, set presets.Set) error {
	d, err := set.Desired(j.Scope, presets.DesiredOptions{Owner: j.Spec.Cluster, Providers: true})
	if err != nil {
		return err
	}
	client := iamsdk.NewFromConfig(*j.Live)
	s, err := awsiam.Load(ctx, client, awsiam.LoadOptions{
		Account: string(j.Scope.Account()), Region: j.Spec.Region, Time: j.Time, Desired: d,
	})
	if err != nil {
		return err
	}
	changes, findings, err := iam.Plan(s, d, iam.PlanOptions{})
	if err != nil {
		return err
	}
	j.Judge(findings...)
	if changes.Empty() {
		j.describe('=', set)
		return nil
	}
	j.Diff(changes.String())
	if err := changes.Err(); err != nil {
		j.Refuse(err)
	}
	j.withoutRoles()
	j.Do(Step{Title: "policies and roles", Do: func(ctx context.Context, _ aws.Config, progress func(string)) (string, error) {
		done, err := awsiam.Apply(ctx, client, changes, awsiam.ApplyOptions{Progress: func(step iam.Step) { progress(step.String()) }})
		return fmt.Sprintf("%d changes", len(done.Done)), err
	}})
	return nil
}

// withoutRoles leaves the roles of the spec out of the verdict: they are to be made,
// and what is judged is not the account before that.
func (j *Job) withoutRoles() {
	j.After(func(spec *cluster.Spec, _ *cluster.Snapshot) {
		spec.Resources.ControllerRole, spec.Resources.WorkerRole = cluster.NodeRole{}, cluster.NodeRole{}
	})
}

// judge applies the rules of IAM to the documents as the texts of their files, and
// to roles as what all their policies together allow.
func (j *Job) judge(set presets.Set, files []presets.File) error {
	texts := map[string]string{}
	for _, f := range files {
		texts[f.Name] = string(f.Data)
	}
	document := func(file, name, path string, kind iam.Kind) error {
		d, err := iam.Parse(texts[file], iam.ParseOptions{File: "iam/" + file})
		if err != nil {
			return err
		}
		j.Find(failures(iam.Validate(d, kind, iam.ValidateOptions{Name: name, Path: path}))...)
		j.Find(failures(iam.Lint(d, iam.LintOptions{Catalog: catalog.Catalog{}, Kind: kind, Partition: j.Scope.Partition(), Validated: true}))...)
		return nil
	}
	for _, p := range set.Policies {
		if err := document("policies/"+p.Name+".json", p.Name, p.Path, iam.IdentityPolicy); err != nil {
			return err
		}
	}
	for _, r := range set.Roles {
		if err := document("roles/"+r.Name+".trust.json", r.Name, r.Path, iam.TrustPolicy); err != nil {
			return err
		}
		found, err := iam.Escalate(iam.Policies{Identity: set.Documents(r.Policies)}, iam.EscalateOptions{
			Principal: j.Scope.ARN("iam", "role"+cmp.Or(r.Path, "/")+r.Name), Region: iam.Region(j.Spec.Region),
		})
		if err != nil {
			return fmt.Errorf("look for escalations of the role %q: %w", r.Name, err)
		}
		j.Find(failures(found)...)
	}
	return nil
}

// failures leaves out what passed or does not apply: of many documents that would
// be said of each.
func failures(list []groundway.Finding) []groundway.Finding {
	return slices.DeleteFunc(slices.Clone(list), func(f groundway.Finding) bool {
		return f.Outcome == groundway.Passed || f.Outcome == groundway.Skipped
	})
}

// principals says who a statement of a trust policy lets in, and on what terms.
func principals(s iam.Statement) string {
	var who []string
	for _, p := range s.Principals {
		who = append(who, p.Value)
	}
	text := strings.Join(who, ", ")
	for _, c := range s.Conditions {
		text += fmt.Sprintf(", if %s %v %s", c.Key, c.Operator, strings.Join(c.Values, " or "))
	}
	return text
}
