package install

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/examples/preflight/cluster"
	"github.com/groundway-sdk/groundway/iam"
)

// A Job is what a program plans for, and what it planned.
type Job struct {
	Spec     cluster.Spec
	Snapshot cluster.Snapshot
	Scope    iam.Scope
	Time     time.Time
	Files    *Files
	// Keeping says that what is made now is written: a key that is not may not be
	// given to AWS either, for it would be lost.
	Keeping bool
	// Live is what clients of the account are made of; nil: it is not looked at.
	Live *aws.Config

	wait     func(context.Context, time.Duration) error
	sections []section
	findings []groundway.Finding
	account  []groundway.Finding
	waivers  []groundway.Waiver
	pictures []groundway.Picture
	steps    []Step
	after    func(*cluster.Spec, *cluster.Snapshot)
	refused  []error // what keeps the steps from being done

	unplanned []unplanned
	invented  bool // some of the account as it will be has no ID yet
	advice    map[groundway.Code]func([]groundway.Remedy) []groundway.Remedy
}

// legend says what the marks at the beginning of the lines of a plan mean.
const legend = "Marks: + is made, ~ changed, - taken away, = there already, ! needs you, ? not known yet"

type section struct {
	title string
	lines []string
}

// A Step is one thing to do in the account, of which the plan is not empty.
type Step struct {
	Title string
	// Do does it, and returns what to say of it. It reports how far it is.
	Do func(ctx context.Context, cfg aws.Config, progress func(string)) (done string, err error)
}

// Section begins a section of the plan; lines belong to the last one.
func (j *Job) Section(title string) { j.sections = append(j.sections, section{title: title}) }

// Line adds a line; legend says what the marks mean, and a space explains.
func (j *Job) Line(mark byte, format string, args ...any) {
	s := &j.sections[len(j.sections)-1]
	s.lines = append(s.lines, strings.TrimRight(string(mark)+" "+groundway.Visible(fmt.Sprintf(format, args...)), " "))
}

// Diff adds the lines of a plan as it prints itself.
func (j *Job) Diff(text string) {
	s := &j.sections[len(j.sections)-1]
	for line := range strings.Lines(text) {
		s.lines = append(s.lines, groundway.Visible(strings.TrimRight(line, "\n")))
	}
}

// Find adds findings on what is planned. An error among them keeps -out and -apply
// from doing anything.
func (j *Job) Find(list ...groundway.Finding) { j.findings = append(j.findings, list...) }

// Judge adds findings on the account as it is, beside those of the preflight. They
// keep nothing from being done: much of it is what a plan puts right.
func (j *Job) Judge(list ...groundway.Finding) { j.account = append(j.account, list...) }

// Accept adds waivers for findings on what is planned.
func (j *Job) Accept(list ...groundway.Waiver) { j.waivers = append(j.waivers, list...) }

// Advise says what to do about a finding in place of its remedies: those of a package
// do not know that the program makes a file, and would have it changed.
func (j *Job) Advise(code groundway.Code, advice func([]groundway.Remedy) []groundway.Remedy) {
	if j.advice == nil {
		j.advice = map[groundway.Code]func([]groundway.Remedy) []groundway.Remedy{}
	}
	j.advice[code] = advice
}

// Action is the advice to do this, and nothing else.
func Action(text string) func([]groundway.Remedy) []groundway.Remedy {
	return func(was []groundway.Remedy) []groundway.Remedy {
		remedy := groundway.Remedy{Action: text}
		if len(was) > 0 {
			remedy.URL = was[0].URL
		}
		return []groundway.Remedy{remedy}
	}
}

// Draw adds a picture for the report in HTML.
func (j *Job) Draw(title string, svg []byte) {
	j.pictures = append(j.pictures, groundway.Picture{Title: title, SVG: string(svg)})
}

// Do adds a step.
func (j *Job) Do(s Step) { j.steps = append(j.steps, s) }

// Refuse says why the steps cannot be carried out. The plan stands all the same.
func (j *Job) Refuse(err error) { j.refused = append(j.refused, err) }

// After says how the account will be once the steps are done: the verdict on the
// account is on that.
func (j *Job) After(change func(*cluster.Spec, *cluster.Snapshot)) {
	before := j.after
	j.after = func(spec *cluster.Spec, s *cluster.Snapshot) {
		if before != nil {
			before(spec, s)
		}
		change(spec, s)
	}
}

// files adds the section of the files.
func (j *Job) filesSection() {
	title := "Files"
	if j.Files.dir != "" {
		title += " in " + j.Files.dir
	}
	j.Section(title)
	list := j.Files.list
	for i := 0; i < len(list); {
		paths, first := list[i].Path, list[i]
		for i++; i < len(list) && list[i].Mark == first.Mark && list[i].Note == first.Note; i++ {
			paths += ", " + list[i].Path
		}
		j.Line(first.Mark, "%s: %s", paths, first.Note)
	}
}

// text prints the plan; of one that follows another, what was not in that one.
func (j *Job) text(before *Job) string {
	was := map[string][]string{}
	if before != nil {
		for _, s := range before.sections {
			was[s.title] = s.lines
		}
	}
	var b strings.Builder
	for _, s := range j.sections {
		lines := slices.DeleteFunc(slices.Clone(s.lines), func(l string) bool { return slices.Contains(was[s.title], l) })
		if len(lines) == 0 && before != nil {
			continue
		}
		fmt.Fprintf(&b, "%s\n", groundway.Visible(s.title))
		for _, l := range lines {
			fmt.Fprintf(&b, "  %s\n", l)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// planned returns the spec and the account as they will be.
func (j *Job) planned() (cluster.Spec, cluster.Snapshot) {
	spec, s := j.Spec, j.Snapshot
	if j.after != nil {
		j.after(&spec, &s)
	}
	return spec, s
}
