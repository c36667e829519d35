package cluster

import (
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
)

// A Mark is a requirement with how it came out.
type Mark struct {
	Requirement

	// Outcome is the worst that a report says under the codes: failed, unknown,
	// passed, and skipped where none of them applies. It is zero where no code answers.
	Outcome groundway.Outcome
	// Findings are those that failed or are unknown, in the order of the report.
	Findings []groundway.Finding
}

// Checklist returns the requirements of the spec's profile with how each came out in the
// report. Where a step is about one role or instance, what the report says of another is
// no word on it: that the rule then holds for its own is what it passed.
func Checklist(spec Spec, report groundway.Report) []Mark {
	var marks []Mark
	worse := []groundway.Outcome{groundway.Failed, groundway.Unknown, groundway.Passed, groundway.Skipped}
	for _, r := range Requirements(spec.Profile) {
		m := Mark{Requirement: r}
		for _, f := range report.Findings {
			if !slices.Contains(r.Codes, f.Code) {
				continue
			}
			outcome := r.outcome(spec, f)
			if m.Outcome == 0 || slices.Index(worse, outcome) < slices.Index(worse, m.Outcome) {
				m.Outcome = outcome
			}
			if outcome == groundway.Failed || outcome == groundway.Unknown {
				m.Findings = append(m.Findings, f)
			}
		}
		marks = append(marks, m)
	}
	return marks
}

// Warns reports whether nothing worse than a warning failed.
func (m Mark) Warns() bool {
	return m.Outcome == groundway.Failed && !slices.ContainsFunc(m.Findings, func(f groundway.Finding) bool {
		return f.Outcome == groundway.Failed && f.Severity != groundway.Warning
	})
}

// Beside returns the findings that failed or are unknown, and that no requirement of
// the spec's profile asks for, in the order of the report.
func Beside(spec Spec, report groundway.Report) []groundway.Finding {
	var asked []groundway.Code
	for _, r := range Requirements(spec.Profile) {
		asked = append(asked, r.Codes...)
	}
	return slices.DeleteFunc(slices.Clone(report.Findings), func(f groundway.Finding) bool {
		return f.Outcome != groundway.Failed && f.Outcome != groundway.Unknown || slices.Contains(asked, f.Code)
	})
}

// outcome returns what a finding says of the requirement.
func (r Requirement) outcome(spec Spec, f groundway.Finding) groundway.Outcome {
	asked := strings.HasPrefix(string(f.Code), "iam/role-") || strings.HasPrefix(string(f.Code), "iam/instance-")
	switch {
	case r.of == nil || !asked:
		return f.Outcome
	case r.of(spec) == "":
		return groundway.Skipped
	case (f.Subject.Kind == "iam-role" || f.Subject.Kind == "instance") && f.Subject.ID != r.of(spec):
		return groundway.Passed
	}
	return f.Outcome
}
