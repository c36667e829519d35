package main

import (
	"bufio"
	"io"
	"strings"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/examples/preflight/cluster"
)

// renderChecklist prints what the installer's document asks for, line by line, with
// how each came out in the report.
func renderChecklist(w io.Writer, spec cluster.Spec, r groundway.Report) error {
	b := bufio.NewWriter(w)
	marks := cluster.Checklist(spec, r)
	if len(marks) == 0 {
		b.WriteString("No document of the profile " + spec.Profile.String() + " lists requirements; the text report has every check.\n")
	}
	step := ""
	for _, m := range marks {
		if m.Step != step {
			if step != "" {
				b.WriteByte('\n')
			}
			step = m.Step
			b.WriteString(step + "\n")
		}
		outcome := m.Outcome.String()
		if m.Outcome == 0 {
			outcome = "-"
		}
		b.WriteString("  " + outcome + strings.Repeat(" ", max(1, 9-len(outcome))) + m.Line + "\n")
		if m.By != "" {
			b.WriteString("           " + m.By + "\n")
		}
		for _, f := range m.Findings {
			b.WriteString("           " + string(f.Code) + " of " + groundway.Visible(f.Subject.String()) + "\n")
		}
	}
	return b.Flush()
}
