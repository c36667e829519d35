package cluster

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/resource"
	"github.com/groundway-sdk/groundway/identity"
	"github.com/groundway-sdk/groundway/internal/yamltext"
	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/network/capacity"
	"github.com/groundway-sdk/groundway/network/flow"
	"github.com/groundway-sdk/groundway/route53"
	"github.com/groundway-sdk/groundway/sshkeys"
)

// packages are those that have a say.
var packages = []struct {
	rules func() []groundway.Rule
	check func(Spec, Snapshot) []groundway.Finding
}{
	{networkRules, checkNetwork},
	{route53.Rules, func(spec Spec, s Snapshot) []groundway.Finding { return route53.Check(s.dns(), spec.dnsOptions()) }},
	{iam.PermissionRules, checkPermissions},
	{resource.Rules, checkResources},
	{programRules, checkPrograms},
	{identity.CredentialRules, checkCredentials},
	{capacity.Rules, func(spec Spec, s Snapshot) []groundway.Finding {
		return capacity.Check(s.capacity(), s.network(), spec.capacityOptions())
	}},
	{sshkeys.Rules, func(spec Spec, s Snapshot) []groundway.Finding { return sshkeys.Check(s.ssh(), spec.sshOptions()) }},
}

func networkRules() []groundway.Rule { return slices.Concat(network.Rules(), flow.Rules()) }

// checkNetwork lets flow follow from what network found.
func checkNetwork(spec Spec, s Snapshot) []groundway.Finding {
	n, o := s.network(), spec.networkOptions()
	found := network.Check(n, o)
	return slices.Concat(found, flow.CheckAfter(found, n, o))
}

// Check returns the verdict of every package on the snapshot, for the cluster
// of the spec, as the report of the time at. The same spec, snapshot and time
// give the same report. A snapshot that does not say of which region it is
// counts as one of the spec's.
func Check(spec Spec, s Snapshot, at time.Time) groundway.Report {
	s.Region = cmp.Or(s.Region, spec.Region)
	var findings []groundway.Finding
	for _, p := range packages {
		findings = append(findings, p.check(spec, s)...)
	}
	return groundway.NewReport(at, findings)
}

// Match returns an error if the snapshot cannot answer for the spec, because it
// is one of another account or another region. A redacted one does not say whose it is.
func Match(spec Spec, s Snapshot) error {
	if spec.Account != "" && s.Account != "" && s.Account != spec.Account && s.Account != standIn(1) {
		return fmt.Errorf("the spec is for the account %s, and what was seen is of %q", spec.Account, s.Account)
	}
	if s.Region != "" && s.Region != spec.Region {
		return fmt.Errorf("the snapshot is of the region %q, the spec wants %s", s.Region, spec.Region)
	}
	return nil
}

// Rules returns the rules of all packages, in the order of their codes.
func Rules() []groundway.Rule {
	var rules []groundway.Rule
	for _, p := range packages {
		rules = append(rules, p.rules()...)
	}
	slices.SortFunc(rules, func(a, b groundway.Rule) int { return cmp.Compare(a.Code, b.Code) })
	return rules
}

// FindRule returns the rule of this code. The error names the nearest code,
// also to one without its package.
func FindRule(code string) (groundway.Rule, error) {
	var codes, slugs []string
	for _, r := range Rules() {
		if string(r.Code) == code {
			return r, nil
		}
		_, slug, _ := strings.Cut(string(r.Code), "/")
		codes, slugs = append(codes, string(r.Code)), append(slugs, slug)
	}
	near, _ := yamltext.Nearest(code, codes)
	if slug, _ := yamltext.Nearest(code, slugs); !strings.Contains(code, "/") && slug != "" {
		near = codes[slices.Index(slugs, slug)]
	}
	if near == "" {
		return groundway.Rule{}, fmt.Errorf("no rule has the code %s", quote(code))
	}
	return groundway.Rule{}, fmt.Errorf("no rule has the code %s, the nearest is %s", quote(code), near)
}
