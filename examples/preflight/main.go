// Preflight says whether an AWS account is ready for a Kubernetes cluster,
// before an installer runs.
//
//	go run ./examples/preflight                                    an account that is built in
//	go run ./examples/preflight -spec cluster.yaml -live           yours, as it is now
//	go run ./examples/preflight -spec cluster.yaml -snapshot PATH  yours, as it was seen
//	go run ./examples/preflight -h                                 every flag
//
// The report goes to standard output and everything else to standard error. The
// exit status is 0 when nothing blocks the installation, 1 when something does,
// and 2 when the check could not run; "go run" itself makes 1 of every status
// but 0, so a script builds the command first.
package main

import (
	"bytes"
	"cmp"
	"context"
	"embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"golang.org/x/term"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/examples/preflight/cluster"
	"github.com/groundway-sdk/groundway/iam"
)

func main() {
	c := command{stdout: os.Stdout, stderr: os.Stderr, now: time.Now(), env: os.Getenv}
	if fd := int(os.Stdout.Fd()); term.IsTerminal(fd) {
		c.terminal = true
		c.columns, _, _ = term.GetSize(fd)
	}
	c.progress = term.IsTerminal(int(os.Stderr.Fd()))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	status := c.run(ctx, os.Args[1:])
	stop()
	os.Exit(status)
}

// A command is all that a run depends on, besides its arguments and files.
type command struct {
	stdout, stderr io.Writer
	now            time.Time
	env            func(name string) string
	terminal       bool // stdout is one
	columns        int  // of the terminal; 0 where it does not say
	progress       bool // stderr is a terminal
}

// The exit statuses.
const (
	statusClear   = 0 // nothing blocks the installation
	statusBlocked = 1 // something does
	statusBroken  = 2 // the check could not run
)

func (c command) run(ctx context.Context, args []string) int {
	status, err := c.preflight(ctx, args)
	if err == nil {
		return status
	}
	for _, err := range cluster.Unjoin(err) {
		fmt.Fprintln(c.stderr, "preflight:", groundway.Visible(err.Error()))
	}
	return statusBroken
}

func (c command) note(format string, args ...any) {
	fmt.Fprintln(c.stderr, "preflight: note:", groundway.Visible(fmt.Sprintf(format, args...)))
}

func (c command) preflight(ctx context.Context, args []string) (status int, err error) {
	o, err := parseFlags(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		_, err = io.WriteString(c.stdout, usage+cluster.DumpScript(cluster.Spec{}))
		return statusClear, err
	case err != nil:
		return statusBroken, err
	case o.explain != "":
		return statusClear, explain(c.stdout, o.explain)
	case o.policy, o.script:
		return statusClear, c.prepare(o)
	}
	spec, snapshot, err := c.load(ctx, o)
	if err != nil {
		return statusBroken, err
	}
	if o.redact {
		snapshot = snapshot.Redact(spec)
	}
	if o.saveSnapshot != "" {
		if err := cluster.WriteSnapshot(o.saveSnapshot, snapshot); err != nil {
			return statusBroken, err
		}
	}
	report, unused := cluster.Check(spec, snapshot, c.now).Waive(o.waivers...)
	if unused != nil {
		for _, err := range cluster.Unjoin(unused) {
			c.note("%v", err)
		}
	}
	page := groundway.HTMLOptions{Title: "Preflight of " + spec.Cluster}
	if o.format == "html" {
		page.Pictures = cluster.Pictures(spec, snapshot, report)
	}
	if err := c.write(spec, report, o, page); err != nil {
		return statusBroken, err
	}
	return c.verdict(report, o.strict), nil
}

// prepare prints what a check needs: who may look, or how to look.
func (c command) prepare(o options) error {
	spec, err := cluster.ReadSpec(o.spec)
	if err != nil {
		return err
	}
	text := cluster.DumpScript(spec)
	if o.policy {
		if spec.Account == "" {
			return fmt.Errorf("-policy: %s does not say which account it is for: want the key account", o.spec)
		}
		scope, err := iam.NewScope(iam.Region(spec.Region), iam.Account(spec.Account))
		if err != nil {
			return fmt.Errorf("-policy: %s: %w", o.spec, err)
		}
		policy, err := cluster.Policy(scope, spec)
		if err != nil {
			return err
		}
		text = policy.Indent() + "\n"
	}
	_, err = io.WriteString(c.stdout, text)
	return err
}

//go:embed account
var account embed.FS

// load reads what the flags name, or else the account that is built in.
func (c command) load(ctx context.Context, o options) (spec cluster.Spec, s cluster.Snapshot, err error) {
	if o.spec == "" {
		c.note("this is the built-in account, examples/preflight/account; -h says how to check yours, and broken beside it is one that is not ready")
		return cluster.ReadAccount(account, "account")
	}
	if spec, err = cluster.ReadSpec(o.spec); err != nil {
		return spec, s, err
	}
	if spec.Network.New() {
		return spec, s, errors.New("the spec plans a new VPC, and the preflight checks one that exists: want network.vpc; see examples/tectonic")
	}
	// They are boot's own variables; no package reads the environment.
	spec = spec.WithVaultKey(groundway.NewSecret(c.env("VAULT_AWS_ACCESS_KEY_ID")), groundway.NewSecret(c.env("VAULT_AWS_SECRET_ACCESS_KEY")))
	if o.live {
		s, err = c.loadLive(ctx, spec, o)
		return spec, s, err
	}
	if s, err = cluster.ReadSnapshot(o.snapshot); err != nil {
		return spec, s, err
	}
	return spec, s, cluster.Match(spec, s)
}

// loadLive reads the account, and shows on a terminal whose it is and how far
// the reading is.
func (c command) loadLive(ctx context.Context, spec cluster.Spec, o options) (cluster.Snapshot, error) {
	live := cluster.LiveOptions{Endpoint: o.endpoint, Time: c.now, Probe: o.probe}
	if c.progress {
		live.Caller = func(account, arn string) {
			line := fmt.Sprintf("%s in account %s as %s", spec.Region, cmp.Or(account, "unknown"), cmp.Or(arn, "unknown"))
			fmt.Fprintln(c.stderr, "preflight:", groundway.Visible(line))
		}
		live.Progress = func(done, total int) {
			fmt.Fprintf(c.stderr, "\rpreflight: %d of %d calls answered\x1b[K", done, total)
		}
		defer fmt.Fprintln(c.stderr)
	}
	return cluster.Load(ctx, spec, live)
}

// write renders the report to the file of -o, or else to standard output.
func (c command) write(spec cluster.Spec, r groundway.Report, o options, page groundway.HTMLOptions) error {
	var b bytes.Buffer
	if err := c.render(&b, spec, r, o, page); err != nil {
		return err
	}
	if o.out != "" {
		return cluster.WriteFile(o.out, b.Bytes())
	}
	if _, err := c.stdout.Write(b.Bytes()); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

func (c command) render(w io.Writer, spec cluster.Spec, r groundway.Report, o options, page groundway.HTMLOptions) error {
	switch o.format {
	case "checklist":
		return renderChecklist(w, spec, r)
	case "json":
		return groundway.RenderJSON(w, r)
	case "junit":
		return groundway.RenderJUnit(w, r, groundway.JUnitOptions{Strict: o.strict})
	case "sarif":
		return groundway.RenderSARIF(w, r, cluster.Rules())
	case "html":
		return groundway.RenderHTML(w, r, page)
	}
	return groundway.RenderText(w, r, c.textOptions(o))
}

// textOptions are those of a file unless the report goes to a terminal.
func (c command) textOptions(o options) groundway.TextOptions {
	if o.out != "" || !c.terminal {
		return groundway.TextOptions{}
	}
	return groundway.TextOptions{
		Color: c.env("NO_COLOR") == "" && c.env("TERM") != "dumb", // https://no-color.org
		Width: min(c.columns, 100),
	}
}

// verdict returns the exit status. What only -strict counts as blocking is
// said, because the report itself says that nothing blocks.
func (c command) verdict(r groundway.Report, strict bool) int {
	counts := r.Counts()
	switch {
	case r.Err() != nil:
		return statusBlocked
	case strict && counts.Warnings+counts.Unknown > 0:
		c.note("with -strict, warnings (%d) and unknowns (%d) block too", counts.Warnings, counts.Unknown)
		return statusBlocked
	}
	return statusClear
}
