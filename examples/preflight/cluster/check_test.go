package cluster_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/examples/preflight/cluster"
	"github.com/groundway-sdk/groundway/network"
)

// open lists what failed or is unknown, as waivers name it.
func open(r groundway.Report) []string {
	var list []string
	for _, f := range r.Findings {
		if f.Outcome == groundway.Failed || f.Outcome == groundway.Unknown {
			list = append(list, f.Outcome.String()+" "+groundway.Waiver{Code: f.Code, Subject: f.Subject.String()}.String())
		}
	}
	return list
}

func TestCheck(t *testing.T) {
	spec, s := builtIn(t)
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.FixedZone("", 3600))
	report := cluster.Check(spec, s, at)
	assert.Equal(t, at.UTC(), report.Time)
	assert.Equal(t, []string{
		"failed network/dhcp-domain-wrong@dopt-8e41b7a2",
		"failed network/nat-not-in-public-subnet@nat-07c38ad95be14f260",
		"failed network/subnet-not-public@subnet-8d24f6a1",
		"unknown network/vpc-dns-hostnames-disabled@vpc-5f2c81d4",
		"failed network/subnet-no-auto-public-ip@subnet-3b9e17c0",
	}, open(report))
	assert.Equal(t, report, cluster.Check(spec, s, at))
}

// Nothing that was not seen passes, and nothing of it fails.
func TestCheckNothingSeen(t *testing.T) {
	spec, _ := builtIn(t)
	report := cluster.Check(spec, cluster.Snapshot{}, time.Time{})
	require.NotEmpty(t, report.Findings)
	assert.NoError(t, report.Err())
	for _, f := range report.Findings {
		if f.Outcome == groundway.Passed {
			// What the spec alone decides.
			assert.True(t, strings.HasPrefix(string(f.Code), "network/cidr-") || f.Code == "network/subnet-duplicate", "%s passed", f.Code)
		}
		assert.NotEqual(t, groundway.Failed, f.Outcome, f.Code)
	}
}

// The region of the spec stands in where the snapshot does not say.
func TestCheckRegion(t *testing.T) {
	spec, s := builtIn(t)
	require.NoError(t, cluster.Match(spec, s))
	want := cluster.Check(spec, s, time.Time{})
	s.Region = ""
	require.NoError(t, cluster.Match(spec, s))
	assert.Equal(t, open(want), open(cluster.Check(spec, s, time.Time{})))

	s.Region = "eu-west-1"
	assert.EqualError(t, cluster.Match(spec, s), `the snapshot is of the region "eu-west-1", the spec wants us-west-2`)
}

// A person with the credentials of another account learns that, and nothing else.
func TestMatchAccount(t *testing.T) {
	spec, s := builtIn(t)
	require.NoError(t, cluster.Match(spec, s), "the spec names none")
	spec.Account = s.Account
	require.NoError(t, cluster.Match(spec, s))
	require.NoError(t, cluster.Match(spec, s.Redact(spec)), "a redacted snapshot does not say whose it is")
	require.NoError(t, cluster.Match(spec, cluster.Snapshot{}))
	spec.Account = "999999999999"
	assert.EqualError(t, cluster.Match(spec, s), `the spec is for the account 999999999999, and what was seen is of "`+s.Account+`"`)
}

// The types of nodes have to be on offer in their zones, whether network names them or not.
func TestInstanceTypesOfNodes(t *testing.T) {
	spec, s := builtIn(t)
	outcome := func() groundway.Outcome {
		for _, f := range cluster.Check(spec, s, time.Time{}).Findings {
			if f.Code == "network/zone-instance-type-not-offered" {
				return f.Outcome
			}
		}
		return 0
	}
	spec.Network.InstanceTypes = nil
	assert.Equal(t, groundway.Skipped, outcome())
	spec.Nodes.Workers = cluster.NodeGroup{InstanceType: "m5.hyperlarge", Count: 3}
	s.Network.InstanceOfferings = groundway.SeenPart(network.InstanceOffering{Type: "m5.hyperlarge", Zones: []string{"us-west-2d"}})
	assert.Equal(t, groundway.Failed, outcome())
	spec.Nodes.Workers.Count = 0
	assert.Equal(t, groundway.Skipped, outcome())
}

func TestRules(t *testing.T) {
	rules := cluster.Rules()
	require.NotEmpty(t, rules)
	assert.True(t, slices.IsSortedFunc(rules, func(a, b groundway.Rule) int { return strings.Compare(string(a.Code), string(b.Code)) }))
	for i, r := range rules {
		if i > 0 {
			assert.NotEqual(t, rules[i-1].Code, r.Code)
		}
		found, err := cluster.FindRule(string(r.Code))
		require.NoError(t, err)
		assert.Equal(t, r, found)
	}
}

func TestFindRuleErrors(t *testing.T) {
	for _, test := range []struct{ code, want string }{
		{"network/subnet-not-publik", `no rule has the code "network/subnet-not-publik", the nearest is network/subnet-not-public`},
		{"subnet-not-public", `no rule has the code "subnet-not-public", the nearest is network/subnet-not-public`},
		{"nat-sinlge", `no rule has the code "nat-sinlge", the nearest is network/nat-single`},
		{"NETWORK/NAT-SINGLE", `no rule has the code "NETWORK/NAT-SINGLE", the nearest is network/nat-single`},
		{"\x1b[31m" + strings.Repeat("x", 300), `no rule has the code "\x1b[31m` + strings.Repeat("x", 55) + `"…`},
	} {
		_, err := cluster.FindRule(test.code)
		assert.EqualError(t, err, test.want)
	}
}
