package install

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/catalog"
	"github.com/groundway-sdk/groundway/iam/presets"
)

// Policies plans a set of IAM: a file for each document, lines, and the verdict of
// the rules of IAM on them. What a preset names as its risks is accepted, with what
// bounds it as the reason.
func (j *Job) Policies(set presets.Set, of ...presets.Preset) error {
	j.Section("Policies and roles")
	for _, p := range set.Policies {
		if err := j.document(p.Path, p.Name, ".json", p.Description, p.Document, iam.IdentityPolicy); err != nil {
			return err
		}
		j.Line('+', "policy %s, %d characters: %s", p.Name, iam.MeasureText(p.Document.String()).Significant, p.Description)
	}
	for _, p := range set.Providers {
		j.Line('+', "OpenID Connect provider %s, for %s", p.URL, strings.Join(p.Audiences, ", "))
	}
	for _, r := range set.Roles {
		if err := j.document(r.Path, r.Name, ".trust.json", "who may have the role "+r.Name, r.Trust, iam.TrustPolicy); err != nil {
			return err
		}
		j.Line('+', "role %s, with %s: %s", r.Name, cmp.Or(strings.Join(r.Policies, ", "), "no policy"), r.Description)
		for _, s := range r.Trust.Statements {
			j.Line(' ', "  may be had by %s", principals(s))
		}
		found, err := iam.Escalate(iam.Policies{Identity: set.Documents(r.Policies)}, iam.EscalateOptions{
			Principal: j.Scope.ARN("iam", "role"+cmp.Or(r.Path, "/")+r.Name), Region: iam.Region(j.Spec.Region),
		})
		if err != nil {
			return fmt.Errorf("look for escalations of the role %q: %w", r.Name, err)
		}
		j.Find(found...)
	}
	for _, p := range set.Profiles {
		j.Line('+', "instance profile %s, of the role %s", p.Name, p.Role)
	}
	for _, a := range set.Attachments {
		j.Line('+', "user %s, with %s", a.User, strings.Join(a.Policies, ", "))
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
	return nil
}

// document plans the file of one document and judges it as that file's text.
func (j *Job) document(path, name, suffix, what string, d iam.Document, kind iam.Kind) error {
	file := "iam" + cmp.Or(path, "/") + name + suffix
	text := d.Indent() + "\n"
	j.Files.Put(file, what, []byte(text))
	parsed, err := iam.Parse(text, iam.ParseOptions{File: file})
	if err != nil {
		return err
	}
	o := iam.ValidateOptions{Name: name, Path: path}
	j.Find(failures(iam.Validate(parsed, kind, o))...)
	j.Find(failures(iam.Lint(parsed, iam.LintOptions{Catalog: catalog.Catalog{}, Kind: kind, Partition: j.Scope.Partition(), Validated: true}))...)
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
