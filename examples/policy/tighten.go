package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/catalog"
)

// tighten writes the part of a policy that the installation of a cluster needs.
func (c command) tighten(args []string) (int, error) {
	set := flags("tighten")
	var intent iam.TightenIntent
	region := set.String("region", "", "")
	account := set.String("account", "", "")
	set.StringVar(&intent.Cluster, "cluster", "", "")
	set.StringVar(&intent.VPC, "vpc", "", "")
	set.StringVar(&intent.HostedZone, "zone", "", "")
	set.StringVar(&intent.Bucket, "bucket", "", "")
	set.StringVar(&intent.RolePath, "role-path", "", "")
	set.StringVar(&intent.RolePrefix, "role-prefix", "", "")
	services := list(set, "pass-to")
	set.Func("tag", "", func(v string) error {
		var ok bool
		if intent.TagKey, intent.TagValue, ok = strings.Cut(v, "="); !ok || intent.TagKey == "" {
			return errors.New("want KEY=VALUE, such as kubernetes.io/cluster/demo=owned")
		}
		return nil
	})
	if err := parse(set, args); err != nil {
		return statusBroken, err
	}
	if set.NArg() != 1 {
		return statusBroken, errors.New("tighten: want one file")
	}
	intent.Region, intent.Account, intent.PassTo = iam.Region(*region), iam.Account(*account), *services
	d, err := readDocument(set.Arg(0))
	if err != nil {
		return statusBroken, err
	}
	tight, err := iam.Tighten(d, intent, iam.TightenOptions{Catalog: catalog.Catalog{}})
	if err != nil {
		return statusBroken, err
	}
	if _, err := c.stdout.Write(groundway.VisibleJSON([]byte(tight.Document.Indent()))); err != nil {
		return statusBroken, fmt.Errorf("write policy: %w", err)
	}
	return statusClear, nil
}
