package install

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/groundway-sdk/groundway/examples/preflight/cluster"
)

// usage is what -h prints.
func usage(p Program) string {
	return fmt.Sprintf(`%s

  go run ./examples/%[2]s                                     for an account that is built in
  go run ./examples/%[2]s -spec cluster.yaml -snapshot PATH   for yours, as it was seen
  go run ./examples/%[2]s -spec cluster.yaml -live -out DIR   and the files that are planned
  go run ./examples/%[2]s -spec cluster.yaml -live -apply     and all of it in the account

What to plan
  -spec FILE           the cluster, in YAML: as of examples/preflight, with a mapping %[2]s; the
                       built-in one is examples/%[2]s/account/cluster.yaml
  -snapshot PATH       what was seen of the account: a saved snapshot, or a directory of output of
                       the AWS CLI. Without it, and without -live, nothing was seen
  -live                look at the account itself, with the credentials that the AWS CLI would use
  -endpoint-url URL    ask this server in place of AWS, with -live

What to do
  -dry-run             print the plan, and the verdict on what it leads to, and do nothing: the
                       default without -out and -apply, and with them what they would do
  -out DIR             write the files there, of mode 0600 in directories of mode 0700. Valid
                       material that is there is used; a file that holds something else is
                       reported and kept, and then nothing is written
  -apply               carry the plan out, with -live. Where the verdict on what it leads to has an
                       error, nothing is written or changed. A second run changes nothing
  -report FILE         write the verdict there too, as one page of HTML with pictures; it holds no
                       key, and a dry run writes it as well

The plan
  %[3]s

Exit status: 0 all is well, 1 something is not as it has to be, 2 it could not run.
`, p.About, p.Name, legend)
}

// options are the flags, checked.
type options struct {
	spec, snapshot, out, report, endpoint string
	live, dryRun, apply                   bool
}

func parseFlags(name string, args []string) (options, error) {
	var o options
	set := flag.NewFlagSet(name, flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.StringVar(&o.spec, "spec", "", "")
	set.StringVar(&o.snapshot, "snapshot", "", "")
	set.BoolVar(&o.live, "live", false, "")
	set.StringVar(&o.endpoint, "endpoint-url", "", "")
	set.BoolVar(&o.dryRun, "dry-run", false, "")
	set.StringVar(&o.out, "out", "", "")
	set.StringVar(&o.report, "report", "", "")
	set.BoolVar(&o.apply, "apply", false, "")
	switch err := set.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return options{}, err
	case err != nil:
		return options{}, fmt.Errorf("%w; -h lists the flags", err)
	}
	given := map[string]bool{}
	var empty []string
	set.Visit(func(f *flag.Flag) {
		given[f.Name] = true
		if f.Value.String() == "" {
			empty = append(empty, "-"+f.Name)
		}
	})
	nothing := o.out == "" && !o.apply
	switch {
	case set.NArg() > 0:
		return options{}, fmt.Errorf("unexpected argument %q: every input has a flag, -h lists them", set.Arg(0))
	case len(empty) > 0:
		return options{}, fmt.Errorf("%s: the value is empty", strings.Join(empty, ", "))
	case given["snapshot"] && o.live:
		return options{}, errors.New("-snapshot and -live are two accounts: name one of them")
	case (given["snapshot"] || o.live) && !given["spec"]:
		return options{}, errors.New("-snapshot and -live need -spec: the cluster to plan for")
	case o.apply && !o.live:
		return options{}, errors.New("-apply needs -live: a plan is carried out in the account that it was made for")
	case given["endpoint-url"] && !o.live:
		return options{}, errors.New("-endpoint-url needs -live")
	case given["endpoint-url"] && cluster.CheckEndpoint(o.endpoint) != nil:
		return options{}, fmt.Errorf("-endpoint-url %w", cluster.CheckEndpoint(o.endpoint))
	case given["dry-run"] && !o.dryRun && nothing:
		return options{}, errors.New("-dry-run=false needs -out or -apply: there is nothing else to do")
	}
	o.dryRun = o.dryRun || nothing
	return o, nil
}
