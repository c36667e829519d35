package cluster

import (
	"slices"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/network"
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

// Checklist returns the requirements of the profile with how each came out in the
// report.
func Checklist(p network.Profile, report groundway.Report) []Mark {
	var marks []Mark
	worse := []groundway.Outcome{groundway.Failed, groundway.Unknown, groundway.Passed, groundway.Skipped}
	for _, r := range Requirements(p) {
		m := Mark{Requirement: r}
		for _, f := range report.Findings {
			if !slices.Contains(r.Codes, f.Code) {
				continue
			}
			if m.Outcome == 0 || slices.Index(worse, f.Outcome) < slices.Index(worse, m.Outcome) {
				m.Outcome = f.Outcome
			}
			if f.Outcome == groundway.Failed || f.Outcome == groundway.Unknown {
				m.Findings = append(m.Findings, f)
			}
		}
		marks = append(marks, m)
	}
	return marks
}
