package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/examples/preflight/cluster"
)

const usage = `Preflight says whether an AWS account is ready for a Kubernetes cluster, before an installer runs.

  go run ./examples/preflight                                      an account that is built in
  go run ./examples/preflight -spec cluster.yaml -live             yours, as it is now
  go run ./examples/preflight -spec cluster.yaml -snapshot PATH    yours, as it was seen
  go run ./examples/preflight -explain network/subnet-not-public   what a code means

What to check
  -spec FILE           the cluster, in YAML; see below
  -snapshot PATH       what was seen of the account: a file of -save-snapshot, or a directory of
                       output of the AWS CLI
  -live                look at the account itself, with the credentials that the AWS CLI would use;
                       only reading calls are made
  -endpoint-url URL    ask this server in place of AWS, with -live
  -probe               with -live, also try calls of EC2 with DryRun, which makes nothing: those of
                       the spec's actions that can be tried so; not with -endpoint-url

What to say
  -format text|checklist|json|junit|sarif|html
                       the form of the report; text is the default, checklist goes through what
                       the installer's document asks for, html is one page with a picture of the
                       network
  -o FILE              write the report there, whole or not at all, instead of to standard output
  -strict              warnings and unknowns block too
  -waive CODE[@SUBJECT][,...]
                       accept these findings: they stay in the report and do not block; may be
                       repeated

What to print in place of a check
  -explain CODE        the rule of the code
  -policy              with -spec: the least IAM policy that lets -live see everything of that spec
  -script              with -spec: the script that makes a directory for -snapshot

What to keep
  -save-snapshot FILE  save what was seen, to check it again without the account
  -redact              replace account IDs, names and tags, in the report and in what is saved, but
                       for those that the spec says

Exit status: 0 nothing blocks the installation, 1 something does, 2 the check could not run.
("go run" makes 1 of every status but 0: build the command where the status matters.)

The spec:
  cluster: demo                      # 1 to 100 lower-case letters, digits and hyphens
  profile: tectonic                  # whose rules: tectonic, elastic, eks or kubeadm
  topology: public                   # public or internal
  region: us-east-1
  network:
    vpc: vpc-0a1b2c3d
    controllerSubnets: [subnet-0c1]
    workerSubnets: [subnet-0e1]
    podCIDR: 10.2.0.0/16             # optional
    serviceCIDR: 10.3.0.0/16         # optional
    privateNetworks: [10.128.0.0/9]  # optional: from where an internal cluster is used
    instanceTypes: [m5.large]        # optional: which its zones have to offer
    # Optional: security groups that exist already, a jump host and a file system.
    controllerSecurityGroups: [sg-0c1]
    workerSecurityGroups: [sg-0e1]
    jumpHostSubnet: subnet-0p1
    jumpHostSecurityGroups: [sg-0a1]
    fileSystemSubnets: [subnet-0e1]
    fileSystemSecurityGroups: [sg-0f1]
  dns:                               # optional: without it nothing is said about names
    zone: Z0123456789ABC             # the hosted zone of the cluster's names
    baseDomain: k8s.example.com      # the domain in which they stand
  ssh:                               # optional
    keyName: ops                     # the key pair of the instances in EC2
    publicKey: ssh-ed25519 AAAA…     # the key that you hold, in any form; optional
  permissions:                       # optional
    actions: [ec2:RunInstances]      # what the installer calls
    principal: arn:aws:iam::…        # the user or role that installs; optional: the caller
  nodes:                             # optional: what is counted against quotas and addresses
    controllers: {instanceType: m5.large, count: 3}
    workers: {instanceType: m5.xlarge, count: 3}
    pods: overlay                    # or vpc, vpc-prefixes
    podsEach: 20                     # optional
  resources:                         # optional: what has to be there, or is to be made
    controllerRole: {name: demo-node, policy: demo-node, instanceProfile: demo-node}
    workerRole: {name: demo-worker}
    jumpHost: i-0a1b2c3d
    masterNode: i-0b2c3d4e
    fileSystem: fs-0a1b2c3d
    secrets: [elastic/agent]
    kms: {key: alias/demo}           # or {create: true}
    buckets: {existing: [demo-logs], create: [demo-state]}
    repositories: [acme/app]
    stacks: [eksctl-demo-cluster]
    vault: {autoCreate: true}        # or the keys of vault.aws in jx-requirements.yml
  credentials:                       # optional: what the installation is carried through with
    installTakes: 1h30m              # how long the credentials have to last
    pullSecret: config.json          # optional, as is license: files beside the spec
    registries: [quay.io]            # optional: which the pull secret has to open
  account: "111122223333"            # optional: another one is refused; -policy needs it
  # The mappings tectonic, elastic and jenkinsx are for the programs of these names, which
  # also take network.cidr in place of network.vpc, for a VPC that they plan.

What was seen of the account is a directory with one file a call. This script makes it, by
"sh dump.sh VPC REGION", and that of -script what the spec names besides; a file that is not there
makes its part unknown:

`

// options are the flags, checked.
type options struct {
	spec, snapshot string
	format         string
	out            string
	explain        string
	policy, script bool
	strict         bool
	waivers        []groundway.Waiver
	saveSnapshot   string
	redact         bool
	live           bool
	probe          bool
	endpoint       string
}

// formats are the values of -format.
var formats = []string{"text", "checklist", "json", "junit", "sarif", "html"}

func parseFlags(args []string) (options, error) {
	var o options
	set := flag.NewFlagSet("preflight", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.StringVar(&o.spec, "spec", "", "")
	set.StringVar(&o.snapshot, "snapshot", "", "")
	set.BoolVar(&o.live, "live", false, "")
	set.BoolVar(&o.probe, "probe", false, "")
	set.StringVar(&o.endpoint, "endpoint-url", "", "")
	set.StringVar(&o.format, "format", "text", "")
	set.StringVar(&o.out, "o", "", "")
	set.StringVar(&o.explain, "explain", "", "")
	set.BoolVar(&o.policy, "policy", false, "")
	set.BoolVar(&o.script, "script", false, "")
	set.BoolVar(&o.strict, "strict", false, "")
	set.StringVar(&o.saveSnapshot, "save-snapshot", "", "")
	set.BoolVar(&o.redact, "redact", false, "")
	var waive []string
	set.Func("waive", "", func(list string) error {
		waive = append(waive, strings.Split(list, ",")...)
		return nil
	})
	switch err := set.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return options{}, err
	case err != nil:
		return options{}, fmt.Errorf("%w; -h lists the flags", err)
	}
	if err := o.check(set); err != nil {
		return options{}, err
	}
	var err error
	o.waivers, err = parseWaivers(waive)
	return o, err
}

// check returns an error for flags that do not go together, and for empty
// values: an unset variable of a script must not turn into another question.
func (o options) check(set *flag.FlagSet) error {
	given := map[string]bool{}
	var empty []string
	set.Visit(func(f *flag.Flag) {
		given[f.Name] = true
		if f.Value.String() == "" && f.Name != "waive" {
			empty = append(empty, "-"+f.Name)
		}
	})
	switch {
	case set.NArg() > 0:
		return fmt.Errorf("unexpected argument %q: every input has a flag, -h lists them", set.Arg(0))
	case len(empty) > 0:
		return fmt.Errorf("%s: the value is empty", strings.Join(empty, ", "))
	case given["explain"] && len(given) > 1:
		return errors.New("-explain prints a rule and checks nothing: it stands alone")
	case (o.policy || o.script) && (len(given) > 2 || !given["spec"]):
		return errors.New("-policy and -script print and check nothing: each stands with -spec alone")
	case o.policy || o.script:
		return nil
	case given["snapshot"] && o.live:
		return errors.New("-snapshot and -live are two accounts: name one of them")
	case given["spec"] && !given["snapshot"] && !o.live:
		return errors.New("-spec needs -live, or -snapshot: a saved snapshot, or a directory of output of the AWS CLI")
	case (given["snapshot"] || o.live) && !given["spec"]:
		return errors.New("-snapshot and -live need -spec: the cluster to check the account for")
	case o.probe && !o.live:
		return errors.New("-probe needs -live")
	case o.probe && given["endpoint-url"]:
		return errors.New("-probe asks EC2 itself: an emulator behind -endpoint-url might make what is only to be tried")
	case given["endpoint-url"] && !o.live:
		return errors.New("-endpoint-url needs -live")
	case !slices.Contains(formats, o.format):
		return fmt.Errorf("-format %q: want one of %s", o.format, strings.Join(formats, ", "))
	case given["endpoint-url"] && cluster.CheckEndpoint(o.endpoint) != nil:
		return fmt.Errorf("-endpoint-url %w", cluster.CheckEndpoint(o.endpoint))
	case given["o"] && o.out == o.saveSnapshot:
		return fmt.Errorf("-o and -save-snapshot name one file, %q", o.out)
	}
	return nil
}

// parseWaivers reads the waivers of the command line. The code has to be one of
// a rule: a waiver that is misspelt would wait for its finding in vain.
func parseWaivers(list []string) ([]groundway.Waiver, error) {
	var waivers []groundway.Waiver
	var errs []error
	for _, text := range list {
		w, err := groundway.ParseWaiver(strings.TrimSpace(text))
		if err == nil {
			_, err = cluster.FindRule(string(w.Code))
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("-waive: %w", err))
			continue
		}
		w.Reason = "by -waive"
		waivers = append(waivers, w)
	}
	return waivers, errors.Join(errs...)
}
