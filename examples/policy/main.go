// Policy answers questions about IAM policies without an account: what is wrong
// with one, whether a request is allowed and why, whether a principal could make
// itself an administrator, what differs between two policies, whether one fits
// a quota, and how tight it could be.
//
//	go run ./examples/policy lint FILE...
//	go run ./examples/policy authorize -identity FILE -principal ARN -action ACTION -resource ARN
//	go run ./examples/policy authorize -batch FILE
//	go run ./examples/policy escalate -principal ARN -identity FILE
//	go run ./examples/policy compare FILE FILE
//	go run ./examples/policy fit FILE...
//	go run ./examples/policy tighten -region us-east-1 -account 111122223333 FILE
//	go run ./examples/policy -h
//
// The answer goes to standard output and everything else to standard error. The
// exit status is 0, 1 or 2, see the usage; "go run" itself makes 1 of every
// status but 0, so a script builds the command first.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/groundway-sdk/groundway"
)

func main() {
	c := command{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, now: time.Now()}
	os.Exit(c.run(os.Args[1:]))
}

// A command is all that a run depends on, besides its arguments and files.
type command struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	now            time.Time
}

// The exit statuses.
const (
	statusClear   = 0 // nothing blocks; the request is allowed; every line was decided
	statusBlocked = 1 // something does; it is not; a line has an error
	statusBroken  = 2 // the question could not be asked
)

const usage = `Policy answers questions about IAM policies without an account.

  policy lint [-kind KIND] [-format text|json] [-strict] FILE...
      what AWS refuses, what never applies, and what is dangerous in policies; KIND is one of
      identity (the default), resource, trust, scp, rcp, session and endpoint

  policy authorize POLICIES -principal ARN -action ACTION [-resource ARN] [-resource-account ID]
                   [-context KEY=VALUE]... [-partial] [-format text|json]
      whether a request is allowed, and why
  policy authorize -batch FILE
      the same for many requests: one JSON object a line, and one a line comes out, in order;
      the file - is standard input

  policy escalate POLICIES -principal ARN [-user ARN]... [-role ARN]... [-group ARN]...
                  [-policy ARN]... [-region REGION] [-context KEY=VALUE]... [-format text|json] [-strict]
      the ways by which a user or role could make itself, or what it controls, administrator.
      The users, roles and groups that have more permissions, and the customer managed policies
      that are attached to the principal, make the answer exact; without them names are made up.

  policy compare [-kind KIND] [-catalogue] [-json] FILE[,FILE]... FILE[,FILE]...
      how what the first policies allow lies to what the second do, and what differs: "+" is allowed
      by the second alone, "-" by the first alone; -catalogue asks about the actions that exist only;
      without -kind, each statement says by having a principal or not what it is part of

  policy fit [-kind KIND] [-limit managed|user|group|role] [-policies N] [-wildcards]
             [-placeholder NAME=TEXT=LENGTH]... [-format text|json] FILE...
      the policies again, as few and as small as need be for a quota, whatever comes in place of
      the placeholders: TEXT stands for a NAME of up to LENGTH characters

  policy tighten [-region REGION] [-account ID] [-cluster NAME] [-tag KEY=VALUE] [-vpc ID] [-zone ID]
                 [-bucket NAME] [-role-path PATH] [-role-prefix TEXT] [-pass-to SERVICE]... FILE
      the part of the policy that the installation of a cluster needs

POLICIES
  -identity FILE       a policy of the principal; may be repeated, as may the others
  -boundary FILE       its permissions boundary
  -session FILE        a policy of the session
  -resource-policy FILE
                       the policy of the resource, or the trust policy of a role
  -scp FILE[,FILE]...  the service control policies of one level; the root first
  -rcp FILE[,FILE]...  the resource control policies of one level
  -endpoint FILE       the policy of the VPC endpoint

A context value that has a comma is one value: repeat -context for a key with several.

Exit status of lint and escalate: 0 nothing blocks, 1 something does (with -strict warnings and
unknowns too), 2 it could not run. Of authorize: 0 allowed, 1 denied or undetermined, 2 it could
not run. Of authorize -batch: 0 every line was decided, 1 some have an error, 2 it could not run.
Of compare: 0 equal, 1 different or undecided, 2 it could not run. Of fit: 0 it fits, 1 it does
not, 2 it could not run.
`

func (c command) run(args []string) int {
	status, err := c.policy(args)
	if err != nil {
		fmt.Fprintln(c.stderr, "policy:", groundway.Visible(err.Error()))
		return statusBroken
	}
	return status
}

func (c command) policy(args []string) (status int, err error) {
	if len(args) == 0 {
		return statusBroken, errors.New("want lint, authorize, escalate, compare, fit or tighten; -h says more")
	}
	switch args[0] {
	case "lint":
		status, err = c.lint(args[1:])
	case "authorize":
		status, err = c.authorize(args[1:])
	case "escalate":
		status, err = c.escalate(args[1:])
	case "compare":
		status, err = c.compare(args[1:])
	case "fit":
		status, err = c.fit(args[1:])
	case "tighten":
		status, err = c.tighten(args[1:])
	case "-h", "-help", "--help", "help":
		err = flag.ErrHelp
	default:
		return statusBroken, fmt.Errorf("%q: want lint, authorize, escalate, compare, fit or tighten; -h says more", args[0])
	}
	if errors.Is(err, flag.ErrHelp) {
		_, err = io.WriteString(c.stdout, usage)
		return statusClear, err
	}
	return status, err
}

// write renders findings and returns the exit status that they make.
func (c command) write(findings []groundway.Finding, format string, strict bool) (int, error) {
	report := groundway.NewReport(c.now, findings)
	var err error
	if format == "json" {
		err = groundway.RenderJSON(c.stdout, report)
	} else {
		err = groundway.RenderText(c.stdout, report, groundway.TextOptions{})
	}
	counts := report.Counts()
	switch {
	case err != nil:
		return statusBroken, fmt.Errorf("write report: %w", err)
	case report.Err() != nil, strict && counts.Warnings+counts.Unknown > 0:
		return statusBlocked, nil
	}
	return statusClear, nil
}

// encode writes a value as JSON with a line break, indented by indent a level unless
// that is empty. It writes no escapes for HTML, and nothing that a terminal would not
// show as itself.
func encode(w io.Writer, v any, indent string) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	if err := e.Encode(v); err != nil {
		return err
	}
	_, err := w.Write(groundway.VisibleJSON(b.Bytes()))
	return err
}
