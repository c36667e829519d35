package install

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/examples/preflight/cluster"
	"github.com/groundway-sdk/groundway/iam"
)

// A Program is what distinguishes one of the programs.
type Program struct {
	Name  string // "tectonic"
	About string // what it makes, for -h
	// Account holds the directory account, the account that is built in:
	// cluster.yaml, and beside it output of the AWS CLI.
	Account fs.FS
	// Plan says in the job what is to be. Its error means that the spec is not one
	// for this program, or that something is broken.
	Plan func(context.Context, *Job) error
}

// Main runs the program as the process that it is, and ends it.
func Main(p Program) {
	c := Command{Program: p, Stdout: os.Stdout, Stderr: os.Stderr, Now: time.Now(), Progress: term.IsTerminal(int(os.Stderr.Fd()))}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	status := c.Run(ctx, os.Args[1:])
	stop()
	os.Exit(status)
}

// A Command is all that a run depends on, besides its arguments, files and
// credentials.
type Command struct {
	Program        Program
	Stdout, Stderr io.Writer
	Now            time.Time
	Progress       bool // Stderr is a terminal
	// Wait lets a time pass between two looks at what AWS makes; nil: by the clock.
	Wait func(ctx context.Context, d time.Duration) error
}

// The exit statuses.
const (
	StatusClear   = 0 // all is well
	StatusBlocked = 1 // something is not as it has to be
	StatusBroken  = 2 // it could not run
)

// Run does what the arguments say, and returns the exit status.
func (c Command) Run(ctx context.Context, args []string) int {
	status, err := c.run(ctx, args)
	if err == nil {
		return status
	}
	for _, err := range cluster.Unjoin(err) {
		fmt.Fprintf(c.Stderr, "%s: %s\n", c.Program.Name, groundway.Visible(err.Error()))
	}
	return cmp.Or(status, StatusBroken)
}

func (c Command) note(format string, args ...any) {
	fmt.Fprintf(c.Stderr, "%s: %s\n", c.Program.Name, groundway.Visible(fmt.Sprintf(format, args...)))
}

func (c Command) run(ctx context.Context, args []string) (status int, err error) {
	o, err := parseFlags(c.Program.Name, args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		_, err = io.WriteString(c.Stdout, usage(c.Program))
		return StatusClear, err
	case err != nil:
		return StatusBroken, err
	}
	j, err := c.plan(ctx, o)
	if err != nil {
		return StatusBroken, err
	}
	if err := c.say(head(j) + j.text(nil)); err != nil {
		return StatusBroken, err
	}
	if o.apply && !o.dryRun {
		return c.rounds(ctx, j, o)
	}
	status, err = c.verdict(j, o)
	switch {
	case err != nil:
		return StatusBroken, err
	case j.Files.Err() != nil:
		return StatusBlocked, j.Files.Err()
	case o.dryRun:
		c.note("a dry run: nothing was written, and nothing was changed")
		return status, nil
	}
	return c.write(ctx, j, o, status)
}

// head is what stands above a plan.
func head(j *Job) string {
	return fmt.Sprintf("%s, %s and %s, in %s of the account %s\n%s\n\n", j.Spec.Cluster, j.Spec.Profile, j.Spec.Topology, j.Spec.Region, j.Scope.Account(), legend)
}

func (c Command) say(text string) error {
	_, err := io.WriteString(c.Stdout, text)
	return err
}

// verdict says what the plan leads to, and writes the page of it.
func (c Command) verdict(j *Job, o options) (status int, err error) {
	r := j.report()
	if err := c.page(j, r, o); err != nil {
		return StatusBroken, err
	}
	text, err := verdictText(r)
	if err != nil {
		return StatusBroken, err
	}
	if r.Err() != nil {
		status = StatusBlocked
	}
	return status, c.say(text)
}

func (c Command) page(j *Job, r groundway.Report, o options) error {
	if o.report == "" {
		return nil
	}
	return j.page(o.report, r)
}

// write writes the files, unless what is planned is not fit for it.
func (c Command) write(ctx context.Context, j *Job, o options, status int) (int, error) {
	if err := errors.Join(j.Files.Err(), j.blocked()); err != nil {
		return StatusBlocked, fmt.Errorf("nothing was written: %w", err)
	}
	if o.out == "" {
		return status, nil
	}
	n, err := j.Files.Write(ctx)
	if err != nil {
		return StatusBroken, err
	}
	c.note("%s", j.Files.written(n))
	return status, nil
}

// maxRounds is how often an account is planned for: what a round makes, such as a
// zone, has an ID that the next one names.
const maxRounds = 4

// rounds writes the files and carries out the steps, and plans again, until the plan
// is empty. That it is one is the proof that all of it was done. Where the verdict on
// what a plan leads to has an error, nothing of the plan is done.
func (c Command) rounds(ctx context.Context, j *Job, o options) (int, error) {
	undone := "nothing was written, and nothing was changed"
	for range maxRounds {
		r := j.report()
		if err := j.inTheWay(r); err != nil {
			if r.Err() != nil {
				_, said := c.verdict(j, o)
				err = errors.Join(fmt.Errorf("%s: %w", undone, err), said)
			}
			return StatusBlocked, err
		}
		if _, err := c.write(ctx, j, o, StatusClear); err != nil {
			return StatusBroken, err
		}
		if len(j.steps) == 0 {
			c.note("nothing is left to be changed in the account %s", j.Scope.Account())
			return c.verdict(j, o)
		}
		if err := errors.Join(c.page(j, r, o), c.apply(ctx, j)); err != nil {
			return StatusBroken, err
		}
		undone = "nothing more was written, and nothing more was changed"
		next, err := c.plan(ctx, o)
		if err != nil {
			return StatusBroken, err
		}
		if text := next.text(j); text != "" {
			if err := c.say("After " + strings.Join(titles(j.steps), ", ") + ":\n\n" + text); err != nil {
				return StatusBroken, err
			}
		}
		j = next
	}
	return StatusBlocked, fmt.Errorf("after %d rounds this is still to be done: %s", maxRounds, strings.Join(titles(j.steps), ", "))
}

func titles(steps []Step) (list []string) {
	for _, s := range steps {
		list = append(list, s.Title)
	}
	return list
}

// plan reads what the flags name and lets the program plan.
func (c Command) plan(ctx context.Context, o options) (*Job, error) {
	spec, s, err := c.load(ctx, o)
	if err != nil {
		return nil, err
	}
	account := cmp.Or(spec.Account, s.Account)
	switch {
	case account == "":
		return nil, errors.New("the spec does not say which account it is for, and neither does what was seen of it: want the key account")
	case s.Account != "" && s.Account != account:
		return nil, fmt.Errorf("the spec is for the account %s, and what was seen is of %q", account, s.Account)
	}
	scope, err := iam.NewScope(iam.Region(spec.Region), iam.Account(account))
	if err != nil {
		return nil, fmt.Errorf("the account of the spec: %w", err)
	}
	s.Account, s.Region = account, cmp.Or(s.Region, spec.Region)
	files, err := OpenFiles(o.out)
	if err != nil {
		return nil, err
	}
	j := &Job{Spec: spec, Snapshot: s, Scope: scope, Time: c.Now, Files: files, Keeping: o.out != "", wait: c.Wait}
	if o.live {
		cfg, err := cluster.Config(ctx, spec, o.endpoint)
		if err != nil {
			return nil, err
		}
		j.Live = &cfg
	}
	if err := c.Program.Plan(ctx, j); err != nil {
		return nil, placed(o.spec, err)
	}
	j.filesSection()
	return j, nil
}

// load reads what the flags name, or else the account that is built in.
func (c Command) load(ctx context.Context, o options) (spec cluster.Spec, s cluster.Snapshot, err error) {
	if o.spec == "" {
		c.note("this is the built-in account, examples/%s/account; -h says how to plan for yours", c.Program.Name)
		return cluster.ReadAccount(c.Program.Account, "account")
	}
	if spec, err = cluster.ReadSpec(o.spec); err != nil {
		return spec, s, err
	}
	switch {
	case o.live:
		s, err = c.loadLive(ctx, spec, o)
		return spec, s, err
	case o.snapshot == "":
		return spec, s, nil // of the account nothing was seen
	}
	if s, err = cluster.ReadSnapshot(o.snapshot); err != nil {
		return spec, s, err
	}
	return spec, s, cluster.Match(spec, s)
}

func (c Command) loadLive(ctx context.Context, spec cluster.Spec, o options) (cluster.Snapshot, error) {
	live := cluster.LiveOptions{Endpoint: o.endpoint, Time: c.Now}
	if c.Progress {
		live.Caller = func(account, arn string) {
			c.note("%s in account %s as %s", spec.Region, cmp.Or(account, "unknown"), cmp.Or(arn, "unknown"))
		}
	}
	return cluster.Load(ctx, spec, live)
}

// apply carries out the steps in their order. What a step of an interrupted run did
// is there already for the next one.
func (c Command) apply(ctx context.Context, j *Job) error {
	for i, step := range j.steps {
		at := fmt.Sprintf("%d of %d: %s", i+1, len(j.steps), step.Title)
		c.note("%s", at)
		done, err := step.Do(ctx, *j.Live, func(text string) {
			if c.Progress {
				fmt.Fprintf(c.Stderr, "\r%s: %s\x1b[K", c.Program.Name, groundway.Visible(at+": "+text))
			}
		})
		if c.Progress {
			fmt.Fprint(c.Stderr, "\r\x1b[K")
		}
		if err != nil {
			return fmt.Errorf("%s: %w", at, err)
		}
		c.note("%s: %s", at, cmp.Or(done, "done"))
	}
	return nil
}
