package groundway

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// A Code names what a finding is about, as package and slug:
// "network/subnet-not-public". Codes are part of the API: they are never
// renamed, and the codes of retired rules stay reserved.
type Code string

// Package returns the part before the slash: "network".
func (c Code) Package() string {
	pkg, _, _ := strings.Cut(string(c), "/")
	return pkg
}

// Area returns the package and the first word of the slug, "network/subnet" of
// "network/subnet-not-public". Reports group by it.
func (c Code) Area() string {
	pkg, slug, _ := strings.Cut(string(c), "/")
	word, _, _ := strings.Cut(slug, "-")
	return pkg + "/" + word
}

// An Outcome says how a rule came out for a subject. The zero value is invalid.
type Outcome uint8

const (
	_ Outcome = iota
	// Passed means that the rule held for every subject it was applied to.
	Passed
	// Failed means that the rule does not hold for the subject.
	Failed
	// Skipped means that the rule does not apply, or that a rule it depends on
	// failed; Causes tells the two apart.
	Skipped
	// Unknown means that what the rule needs could not be seen.
	Unknown
)

var outcomeNames = []string{Passed: "passed", Failed: "failed", Skipped: "skipped", Unknown: "unknown"}

// String returns the word of the JSON form, or "invalid".
func (o Outcome) String() string { return enumName(outcomeNames, o) }

// MarshalText returns the word of the JSON form; an invalid outcome is an error.
func (o Outcome) MarshalText() ([]byte, error) { return enumText("outcome", outcomeNames, o) }

// UnmarshalText accepts the words that MarshalText writes.
func (o *Outcome) UnmarshalText(text []byte) (err error) {
	*o, err = parseEnum[Outcome]("outcome", outcomeNames, text)
	return err
}

// A Severity says how much a failed or unknown finding matters. The zero value
// is invalid; a larger value is worse.
type Severity uint8

const (
	severityInvalid Severity = iota
	// Info is worth knowing and needs no action.
	Info
	// Warning works now and is fragile or costly.
	Warning
	// Error means that the installation will not succeed, or is unsafe.
	Error
)

var severityNames = []string{Info: "info", Warning: "warning", Error: "error"}

// String returns the word of the JSON form, or "invalid".
func (s Severity) String() string { return enumName(severityNames, s) }

// MarshalText returns the word of the JSON form; an invalid severity is an error.
func (s Severity) MarshalText() ([]byte, error) { return enumText("severity", severityNames, s) }

// UnmarshalText accepts the words that MarshalText writes.
func (s *Severity) UnmarshalText(text []byte) (err error) {
	*s, err = parseEnum[Severity]("severity", severityNames, text)
	return err
}

// enumName returns the name of v, or "invalid" for the zero value and for
// values outside names.
func enumName[E ~uint8](names []string, v E) string {
	if int(v) >= len(names) || v == 0 {
		return "invalid"
	}
	return names[v]
}

func enumText[E ~uint8](what string, names []string, v E) ([]byte, error) {
	if int(v) >= len(names) || v == 0 {
		return nil, fmt.Errorf("marshal %s %d: not a valid value", what, v)
	}
	return []byte(names[v]), nil
}

func parseEnum[E ~uint8](what string, names []string, text []byte) (E, error) {
	if i := slices.Index(names, string(text)); i > 0 {
		return E(i), nil
	}
	return 0, fmt.Errorf("parse %s %q: want one of %s", what, text, strings.Join(names[1:], ", "))
}

// A Subject is what a finding speaks of: an AWS resource, a field of the
// caller's input, or a place in a text.
type Subject struct {
	Kind    string `json:"kind,omitempty"`    // "subnet", "vpc", "policy-statement"; AWS's own word where it has one
	ID      string `json:"id,omitempty"`      // the identifier that AWS commands take: "subnet-0c1"
	ARN     string `json:"arn,omitempty"`     // the full name where it is known
	Name    string `json:"name,omitempty"`    // the Name tag: untrusted text, for display only
	Region  string `json:"region,omitempty"`  // "us-east-1"
	Zone    string `json:"zone,omitempty"`    // the availability zone: "us-east-1a"
	Account string `json:"account,omitempty"` // the owning account, 12 digits
	Path    string `json:"path,omitempty"`    // a JSON pointer into the input, or file:line:column where the subject is text
}

// Compare orders subjects by kind, ID and path, then by the remaining fields.
func (s Subject) Compare(t Subject) int {
	return cmp.Or(
		cmp.Compare(s.Kind, t.Kind), cmp.Compare(s.ID, t.ID), cmp.Compare(s.Path, t.Path),
		cmp.Compare(s.ARN, t.ARN), cmp.Compare(s.Name, t.Name), cmp.Compare(s.Region, t.Region),
		cmp.Compare(s.Zone, t.Zone), cmp.Compare(s.Account, t.Account),
	)
}

// String returns what a waiver names the subject by: its ID, else its path,
// else its kind.
func (s Subject) String() string { return cmp.Or(s.ID, s.Path, s.Kind) }

// A Fact is one observation that a verdict rests on. All facts of a finding
// together are enough to derive the verdict again by machine.
type Fact struct {
	Path   string `json:"path,omitempty"`   // a JSON pointer (RFC 6901) into the canonical JSON of the snapshot, or file:line:column
	Got    string `json:"got,omitempty"`    // what stands there; empty where the fact is that nothing does
	Want   string `json:"want,omitempty"`   // what the rule asks for, in words where no single value would do
	Source string `json:"source,omitempty"` // the call that showed it, as an IAM action: "ec2:DescribeSubnets"
}

// A Remedy is one way to clear a finding. Several remedies are alternatives.
type Remedy struct {
	Action string `json:"action"` // an imperative sentence
	// Commands are argument vectors in the order to run them. They are never
	// run by this module, and hold only identifiers and literals; angle
	// brackets mark what the reader has to fill in.
	Commands [][]string `json:"commands,omitempty"`
	Actor    string     `json:"actor,omitempty"` // who can do it where the caller may not: "owner of account 111122223333"
	URL      string     `json:"url,omitempty"`   // the page of AWS or Kubernetes that describes it
}

// A Finding is the verdict of one rule on one subject, or, where it passed or
// was skipped, on all subjects of the rule together.
type Finding struct {
	Code     Code
	Outcome  Outcome
	Severity Severity
	Subject  Subject
	Summary  string    // one line that states the fact with its values
	Detail   string    // the consequence: why it matters to the cluster
	Evidence []Fact    // in the order of the reasoning
	Remedies []Remedy  // alternatives, the best first; present on every failed finding
	Related  []Subject // what else takes part, ordered by [Subject.Compare]
	Causes   []string  // fingerprints of the failed findings that this one follows from, ordered
	Waived   *Waiver   // set by [Report.Waive]
}

// Fingerprint identifies the finding across runs: 32 hexadecimal digits over
// the code and the subject's kind, ID and path, and nothing that was observed.
func (f Finding) Fingerprint() string { return Fingerprint(f.Code, f.Subject) }

// Fingerprint returns what [Finding.Fingerprint] returns for a finding with
// this code and subject.
func Fingerprint(code Code, s Subject) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{string(code), s.Kind, s.ID, s.Path}, "\x00")))
	return hex.EncodeToString(sum[:16])
}

// Blocks reports whether the finding stops an installation: it failed, its
// severity is [Error], and no waiver covers it.
func (f Finding) Blocks() bool {
	return f.Outcome == Failed && f.Severity == Error && f.Waived == nil
}

// Compare orders findings by severity (worst first), code, outcome and subject.
func (f Finding) Compare(g Finding) int {
	return cmp.Or(
		cmp.Compare(g.Severity, f.Severity), cmp.Compare(f.Code, g.Code),
		cmp.Compare(f.Outcome, g.Outcome), f.Subject.Compare(g.Subject),
		cmp.Compare(f.Summary, g.Summary),
	)
}

// findingJSON is the wire form of groundway.report/v1.
type findingJSON struct {
	Code        Code      `json:"code"`
	Outcome     Outcome   `json:"outcome"`
	Severity    Severity  `json:"severity"`
	Subject     Subject   `json:"subject"`
	Summary     string    `json:"summary"`
	Detail      string    `json:"detail"`
	Evidence    []Fact    `json:"evidence"`
	Remedies    []Remedy  `json:"remedies"`
	Related     []Subject `json:"related"`
	Causes      []string  `json:"causes"`
	Fingerprint string    `json:"fingerprint"`
	Waived      *Waiver   `json:"waived"`
}

// MarshalJSON writes the form of groundway.report/v1: every key is present, and
// an empty list is [] rather than null.
func (f Finding) MarshalJSON() ([]byte, error) {
	return json.Marshal(findingJSON{
		f.Code, f.Outcome, f.Severity, f.Subject, f.Summary, f.Detail,
		present(f.Evidence), present(f.Remedies), present(f.Related), present(f.Causes),
		f.Fingerprint(), f.Waived,
	})
}

// UnmarshalJSON reads what MarshalJSON wrote. The fingerprint is not kept: it
// follows from the code and the subject.
func (f *Finding) UnmarshalJSON(data []byte) error {
	var j findingJSON
	if err := json.Unmarshal(data, &j); err != nil {
		return err
	}
	if j.Outcome == 0 || j.Severity == severityInvalid {
		return fmt.Errorf("parse finding %q: outcome or severity is missing", j.Code)
	}
	*f = Finding{
		j.Code, j.Outcome, j.Severity, j.Subject, j.Summary, j.Detail,
		absent(j.Evidence), absent(j.Remedies), absent(j.Related), absent(j.Causes), j.Waived,
	}
	return nil
}

func present[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func absent[T any](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return list
}
