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
	if document := cluster.Document(spec.Profile); document != "" {
		b.WriteString("What is asked for by " + document + "\n\n")
	}
	marks := cluster.Checklist(spec, r)
	if document := cluster.Document(spec.Profile); document != "" {
		b.WriteString("What " + document + " ask for\n\n")
	}
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
		b.WriteString(line(m, m.Line))
		if m.By != "" {
			b.WriteString("           " + m.By + "\n")
		}
		for _, f := range m.Findings {
			b.WriteString("           " + string(f.Code) + " of " + groundway.Visible(f.Subject.String()) + "\n")
		}
	}
	if beside := cluster.Beside(spec, r); len(beside) > 0 {
		b.WriteString("\nWhat it does not ask for\n")
		for _, f := range beside {
			b.WriteString(line(cluster.Mark{Outcome: f.Outcome, Findings: []groundway.Finding{f}}, groundway.Visible(f.Summary)))
			b.WriteString("           " + string(f.Code) + " of " + groundway.Visible(f.Subject.String()) + "\n")
		}
	}
	b.WriteString("\n" + r.Counts().String() + "\n" + r.Verdict() + "\n")
	return b.Flush()
}

// line writes a text behind how it came out.
func line(m cluster.Mark, text string) string {
	outcome := m.Outcome.String()
	switch {
	case m.Outcome == 0:
		outcome = "-"
	case m.Warns():
		outcome = "warning"
	}
	return "  " + outcome + strings.Repeat(" ", max(1, 9-len(outcome))) + text + "\n"
}
