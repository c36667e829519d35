package install

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/examples/preflight/cluster"
)

const (
	codeStep groundway.Code = "install/step-not-planned"
	codeFile groundway.Code = "install/file-kept"
)

func rules() []groundway.Rule {
	return []groundway.Rule{
		{
			Since: "0.1.0", Code: codeStep, Severity: groundway.Error, Title: "Every step of the installation can be planned",
			Doc: "What follows from a step would be made for something that never comes to be, so that nothing is written and nothing is changed.",
		},
		{
			Since: "0.1.0", Code: codeFile, Severity: groundway.Error, Title: "The files that are there hold what this spec leads to",
			Doc: "A file that holds something else may be somebody's work. It is kept, and nothing is written beside it that would not fit it.",
		},
	}
}

// unplanned is a step that cannot be planned.
type unplanned struct {
	title, key string // of its section, and of the spec
	err        error
	unseen     bool // what it takes could not be seen
}

// Block says that the step of the last section cannot be planned as the spec has it,
// under the key. The verdict then has an error, and nothing is written or applied.
func (j *Job) Block(key string, err error) { j.stop(unplanned{key: key, err: err}) }

// Unseen says that the step of the last section cannot be planned, because what it
// takes was not seen. It is not carried out; files can be written all the same.
func (j *Job) Unseen(key string, err error) { j.stop(unplanned{key: key, err: err, unseen: true}) }

func (j *Job) stop(u unplanned) {
	u.title = j.sections[len(j.sections)-1].title
	j.unplanned = append(j.unplanned, u)
	j.Refuse(u.err)
}

// Waiting says why something is not made yet that names what is only planned.
func (j *Job) Waiting(names string) string {
	if len(j.unplanned) > 0 {
		return names + ", which is not planned"
	}
	return names + ", whose ID is not known before it is made"
}

// verdict is on the plan itself: whether all of it could be planned, and whether the
// files that are there let it be.
func (j *Job) verdict() []groundway.Finding {
	t := groundway.NewTally(rules(), groundway.Subject{Kind: "cluster", ID: j.Spec.Cluster})
	for _, u := range j.unplanned {
		f := groundway.Finding{
			Code: codeStep, Subject: groundway.Subject{Kind: "step", ID: u.title},
			Summary:  fmt.Sprintf("%s cannot be planned: %v.", u.title, u.err),
			Evidence: []groundway.Fact{{Path: u.key, Got: u.err.Error(), Want: "a plan", Source: "spec"}},
			Remedies: []groundway.Remedy{{Action: fmt.Sprintf("Change %s in the spec, or the account, and run this again.", u.key)}},
		}
		if u.unseen {
			f.Remedies[0].Action = "Look at the account: run this again with -live, or with -snapshot and more in it."
			t.Unknown(f)
		} else {
			t.Fail(f)
		}
	}
	if len(j.unplanned) == 0 {
		t.Pass(codeStep, 1)
	}
	kept, blamed := 0, blamed(j.findings)
	for _, f := range j.Files.list {
		if f.Mark != '!' {
			continue
		}
		if kept++; blamed[f.Path] {
			continue // the finding that says why is there
		}
		t.Fail(groundway.Finding{
			Code: codeFile, Subject: groundway.Subject{Kind: "file", ID: f.Path},
			Summary:  fmt.Sprintf("%s is not what this spec leads to, and is kept.", f.Path),
			Evidence: []groundway.Fact{{Path: f.Path, Got: f.Note, Want: "what this spec leads to", Source: "file"}},
			Remedies: []groundway.Remedy{{Action: "Move the file away and run this again, or let the spec say what the file does."}},
		})
	}
	if kept == 0 {
		t.Pass(codeFile, max(len(j.Files.list), 1))
	}
	return t.Findings()
}

// blamed are the files that errors rest on.
func blamed(list []groundway.Finding) map[string]bool {
	files := map[string]bool{}
	for _, f := range list {
		for _, e := range f.Evidence {
			if f.Outcome == groundway.Failed && f.Severity == groundway.Error {
				files[e.Path] = true
			}
		}
	}
	return files
}

// report is the verdict: on what is planned, and on the account as it will be.
func (j *Job) report() groundway.Report {
	spec, s := j.planned()
	findings := slices.Concat(j.verdict(), j.findings, j.account)
	if !spec.Network.New() {
		findings = append(findings, cluster.Check(spec, s, j.Time).Findings...)
	}
	for i, f := range findings {
		if advice, ok := j.advice[f.Code]; ok && f.Outcome == groundway.Failed {
			findings[i].Remedies = advice(f.Remedies)
		}
	}
	r := groundway.NewReport(j.Time, findings)
	// A waiver without a finding is one for something that is not there: fine.
	r, _ = r.Waive(j.waivers...)
	return r
}

// blocked returns an error if what is planned is not fit to be written.
func (j *Job) blocked() error {
	r, _ := groundway.NewReport(j.Time, j.verdict(), j.findings).Waive(j.waivers...)
	if n := len(r.Blocking()); n > 0 {
		return fmt.Errorf("the verdict on what is planned itself has %s", errorsOf(n))
	}
	return nil
}

func errorsOf(n int) string {
	if n == 1 {
		return "1 error"
	}
	return fmt.Sprintf("%d errors", n)
}

// inTheWay returns an error if the plan may not be carried out: for a file that is
// kept, for an error in what it leads to, or for a step that cannot be done.
func (j *Job) inTheWay(r groundway.Report) error {
	if err := j.Files.Err(); err != nil {
		return err
	}
	if n := len(r.Blocking()); n > 0 {
		return fmt.Errorf("the verdict on what this leads to has %s", errorsOf(n))
	}
	return errors.Join(j.refused...)
}

// verdictText is the verdict in words: of what is not simply right, for every rule that has
// something to say would be some three hundred lines.
func verdictText(r groundway.Report) (string, error) {
	var b strings.Builder
	counts := r.Counts()
	fmt.Fprintf(&b, "Verdict on what this leads to: %d rules passed, and %d do not apply\n\n", counts.Passed, counts.Skipped)
	var open []groundway.Finding
	said := map[groundway.Code]bool{}
	for _, f := range failures(r.Findings) {
		if f.Waived == nil {
			open = append(open, f)
		} else if !said[f.Code] {
			said[f.Code] = true
			fmt.Fprintf(&b, "accepted %s: %s\n\n", f.Code, groundway.Visible(f.Waived.Reason))
		}
	}
	err := groundway.RenderText(&b, groundway.NewReport(r.Time, open), groundway.TextOptions{})
	return b.String(), err
}

// page writes the verdict as a page of HTML, with what can be drawn.
func (j *Job) page(name string, r groundway.Report) error {
	title, pictured := "Plan of "+j.Spec.Cluster, "Network"
	var pictures []groundway.Picture
	if spec, s := j.planned(); !spec.Network.New() {
		if j.invented {
			title += ", as if it were carried out: names stand for IDs that are not known yet"
			pictured += ", once the plan is carried out"
		}
		pictures = cluster.Pictures(spec, s, r)
		pictures[0].Title = pictured
	}
	var b strings.Builder
	err := groundway.RenderHTML(&b, r, groundway.HTMLOptions{Title: title, Pictures: append(pictures, j.pictures...)})
	if err != nil {
		return err
	}
	return cluster.WriteFile(name, []byte(b.String()))
}
