package groundway

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// ReportSchema is the schema of a report's JSON form.
const ReportSchema = "groundway.report/v1"

// A Report is what a run found: findings in the order of [Finding.Compare],
// and the time that waivers are judged by. Its methods return new reports and
// never change the receiver.
type Report struct {
	Time     time.Time
	Findings []Finding
}

// NewReport returns the report of these findings, ordered.
func NewReport(at time.Time, findings ...[]Finding) Report {
	all := slices.Concat(findings...)
	slices.SortStableFunc(all, Finding.Compare)
	return Report{Time: at.UTC(), Findings: all}
}

// Blocking returns the findings that stop an installation, in order.
func (r Report) Blocking() []Finding { return r.filter(Finding.Blocks) }

func (r Report) filter(keep func(Finding) bool) []Finding {
	var kept []Finding
	for _, f := range r.Findings {
		if keep(f) {
			kept = append(kept, f)
		}
	}
	return kept
}

// Worst returns the highest severity among the findings that failed and are
// not waived; ok is false where there is none.
func (r Report) Worst() (worst Severity, ok bool) {
	for _, f := range r.Findings {
		if f.Outcome == Failed && f.Waived == nil {
			worst = max(worst, f.Severity)
		}
	}
	return worst, worst != severityInvalid
}

// Counts says how many findings a report has of each kind. The first five do
// not overlap: a waived finding counts as waived only.
type Counts struct {
	Errors   int `json:"errors"`   // failed, severity error
	Warnings int `json:"warnings"` // failed, severity warning
	Infos    int `json:"infos"`    // failed, severity info
	Unknown  int `json:"unknown"`
	Waived   int `json:"waived"`
	Passed   int `json:"passed"`
	Skipped  int `json:"skipped"`
}

// Counts counts the findings.
func (r Report) Counts() Counts {
	var c Counts
	for _, f := range r.Findings {
		switch {
		case f.Waived != nil:
			c.Waived++
		case f.Outcome == Passed:
			c.Passed++
		case f.Outcome == Skipped:
			c.Skipped++
		case f.Outcome == Unknown:
			c.Unknown++
		case f.Severity == Error:
			c.Errors++
		case f.Severity == Warning:
			c.Warnings++
		default:
			c.Infos++
		}
	}
	return c
}

// Err returns nil unless something blocks, and a [*BlockedError] otherwise.
func (r Report) Err() error {
	if blocking := r.Blocking(); len(blocking) > 0 {
		return &BlockedError{blocking}
	}
	return nil
}

// Verdict says in a sentence what the findings come to: "Blocked by 2 errors.",
// "Nothing that was seen blocks the installation; 1 thing could not be seen.", or
// "Nothing blocks the installation."
func (r Report) Verdict() string {
	if blocking := len(r.Blocking()); blocking > 0 {
		return fmt.Sprintf("Blocked by %s.", plural(blocking, "error"))
	}
	if unknown := r.Counts().Unknown; unknown > 0 {
		return fmt.Sprintf("Nothing that was seen blocks the installation; %s could not be seen.", plural(unknown, "thing"))
	}
	return "Nothing blocks the installation."
}

// BlockedError is the error of a report that stops an installation.
type BlockedError struct {
	Findings []Finding // at least one, in order
}

// Error names the first finding and counts the rest.
func (e *BlockedError) Error() string {
	if len(e.Findings) == 0 {
		return "nothing blocks"
	}
	first := e.Findings[0]
	text := Visible(fmt.Sprintf("%s: %s", first.Code, first.Summary))
	if more := len(e.Findings) - 1; more > 0 {
		text += fmt.Sprintf(" (and %d more)", more)
	}
	return text
}

// Diff says what changed between two reports of the same cluster. Findings that
// passed or were skipped do not count; each list is in order.
type Diff struct {
	New     []Finding // failed or unknown now, and neither before
	Gone    []Finding // failed or unknown before, and neither now
	Changed []Finding // as they are now: another outcome or severity, or waived or no longer so
}

// Diff compares the report with an earlier one, by fingerprint.
func (r Report) Diff(earlier Report) Diff {
	open := func(f Finding) bool { return f.Outcome == Failed || f.Outcome == Unknown }
	before := map[string]Finding{}
	for _, f := range earlier.filter(open) {
		before[f.Fingerprint()] = f
	}
	var d Diff
	now := map[string]bool{}
	for _, f := range r.filter(open) {
		now[f.Fingerprint()] = true
		was, known := before[f.Fingerprint()]
		switch {
		case !known:
			d.New = append(d.New, f)
		case was.Outcome != f.Outcome || was.Severity != f.Severity || (was.Waived == nil) != (f.Waived == nil):
			d.Changed = append(d.Changed, f)
		}
	}
	d.Gone = earlier.filter(func(f Finding) bool { return open(f) && !now[f.Fingerprint()] })
	return d
}

type reportJSON struct {
	Schema   string    `json:"schema"`
	Time     time.Time `json:"time"`
	Counts   Counts    `json:"counts"`
	Findings []Finding `json:"findings"`
}

// MarshalJSON writes groundway.report/v1.
func (r Report) MarshalJSON() ([]byte, error) {
	return json.Marshal(reportJSON{ReportSchema, r.Time.UTC(), r.Counts(), present(r.Findings)})
}

// UnmarshalJSON reads what MarshalJSON wrote and puts the findings in order.
func (r *Report) UnmarshalJSON(data []byte) error {
	var j reportJSON
	if err := json.Unmarshal(data, &j); err != nil {
		return fmt.Errorf("parse report: %w", err)
	}
	if j.Schema != ReportSchema {
		return fmt.Errorf("parse report: schema %q, want %q", j.Schema, ReportSchema)
	}
	*r = NewReport(j.Time, j.Findings)
	return nil
}

// A Waiver accepts a finding that would block. It marks the finding and never
// hides it.
type Waiver struct {
	Code    Code      `json:"code"`
	Subject string    `json:"subject,omitempty"` // as [Subject.String]; empty waives the code for every subject
	Reason  string    `json:"reason,omitempty"`
	Expires time.Time `json:"expires,omitzero"` // from then on the waiver is void; zero means never
}

// ParseWaiver reads CODE or CODE@SUBJECT.
func ParseWaiver(text string) (Waiver, error) {
	code, subject, named := strings.Cut(text, "@")
	pkg, slug, ok := strings.Cut(code, "/")
	switch {
	case !ok || pkg == "" || slug == "" || strings.ContainsFunc(code, func(r rune) bool { return r <= ' ' }):
		return Waiver{}, fmt.Errorf("parse waiver %q: want CODE or CODE@SUBJECT, such as network/nat-single@nat-0a", text)
	case named && subject == "":
		return Waiver{}, fmt.Errorf("parse waiver %q: no subject after the @", text)
	}
	return Waiver{Code: Code(code), Subject: subject}, nil
}

func (w Waiver) covers(f Finding, at time.Time) bool {
	return (f.Outcome == Failed || f.Outcome == Unknown) && w.Code == f.Code &&
		(w.Subject == "" || w.Subject == f.Subject.String()) &&
		(w.Expires.IsZero() || at.Before(w.Expires))
}

// Waive marks the failed and unknown findings that the waivers cover at the
// report's time; the first waiver that covers a finding is the one it shows. A
// waiver that covers none is returned as an error, joined with the others of
// its kind, beside the report: it expired, or its finding is gone or misspelled.
func (r Report) Waive(waivers ...Waiver) (Report, error) {
	used := make([]bool, len(waivers))
	findings := slices.Clone(r.Findings)
	for i, f := range findings {
		for k, w := range waivers {
			if !w.covers(f, r.Time) {
				continue
			}
			used[k] = true
			if findings[i].Waived == nil {
				findings[i].Waived = &w
			}
		}
	}
	var errs []error
	for k, w := range waivers {
		switch {
		case used[k]:
		case !w.Expires.IsZero() && !r.Time.Before(w.Expires):
			errs = append(errs, fmt.Errorf("waive %s: expired on %s", Visible(w.String()), w.Expires.UTC().Format(time.DateOnly)))
		default:
			errs = append(errs, fmt.Errorf("waive %s: no failed or unknown finding has this code and subject", Visible(w.String())))
		}
	}
	return Report{r.Time, findings}, errors.Join(errs...)
}

// String returns the form that [ParseWaiver] reads.
func (w Waiver) String() string {
	if w.Subject == "" {
		return string(w.Code)
	}
	return string(w.Code) + "@" + w.Subject
}
