package main

import (
	"errors"
	"fmt"

	"github.com/groundway-sdk/groundway/iam"
)

// escalate reports how a principal could become administrator.
func (c command) escalate(args []string) (int, error) {
	set := flags("escalate")
	format := set.String("format", "text", "")
	strict := set.Bool("strict", false, "")
	policies := addPolicyFlags(set)
	o := iam.EscalateOptions{Context: addContext(set)}
	set.StringVar(&o.Principal, "principal", "", "")
	region := set.String("region", "us-east-1", "")
	users, roles, groups, attached := list(set, "user"), list(set, "role"), list(set, "group"), list(set, "policy")
	if err := parse(set, args); err != nil {
		return statusBroken, err
	}
	switch {
	case set.NArg() > 0:
		return statusBroken, fmt.Errorf("escalate: unexpected argument %q: every input has a flag, -h lists them", set.Arg(0))
	case o.Principal == "":
		return statusBroken, errors.New("escalate: want -principal")
	}
	if err := choice(set, "format", *format, "text", "json"); err != nil {
		return statusBroken, err
	}
	var err error
	if o.Region, err = iam.ParseRegion(*region); err != nil {
		return statusBroken, err
	}
	o.Users, o.Roles, o.Groups, o.AttachedPolicies = *users, *roles, *groups, *attached
	p, err := policies.read()
	if err != nil {
		return statusBroken, err
	}
	findings, err := iam.Escalate(p, o)
	if err != nil {
		return statusBroken, err
	}
	return c.write(findings, *format, *strict)
}
