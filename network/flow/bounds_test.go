package flow_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/network/flow"
	nt "github.com/groundway-sdk/groundway/network/networktest"
)

// in fails the test where something takes far longer than it should: the limit
// is some hundred times what it takes.
func in(t *testing.T, limit time.Duration, do func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); do() }()
	select {
	case <-done:
	case <-time.After(limit):
		t.Fatalf("takes longer than %v", limit)
	}
}

var (
	controllers = flow.Place{Name: "the controllers", Subnets: []string{"subnet-0c1"}, Ungrouped: true}
	workers     = flow.Place{Name: "the workers", Subnets: []string{"subnet-0w1"}, Ungrouped: true}
)

// Ten thousand rules, each for a port and a host of its own.
func TestTenThousandRules(t *testing.T) {
	t.Parallel()
	s, _ := nt.Public()
	var rules []network.SecurityRule
	for i := range 10000 {
		rules = append(rules, nt.Allow(fmt.Sprintf("tcp %d", 1+6*i), fmt.Sprintf("10.0.%d.%d/32", i/256, i%256)))
	}
	nt.AddGroup(&s, "sg-0w", rules...)
	to := workers
	to.Ungrouped, to.Groups = false, []string{"sg-0w"}
	in(t, time.Minute, func() {
		r := flow.New(s, nt.VPC).Reach(controllers, to, flow.Traffic{})
		assert.Equal(t, flow.Partial, r.Verdict)
		require.Len(t, r.Blockers, 1)
		assert.Less(t, len(r.Blockers[0].Summary), 400)
		assert.LessOrEqual(t, len(r.Blockers[0].Remedy.Commands), 4)
	})
}

// Entries that cut every port and then every host: the work is the product of
// both, which nobody waits for.
func TestEntriesMadeToBeSlow(t *testing.T) {
	t.Parallel()
	s, _ := nt.Public()
	closed(&s, "subnet-0w1")
	a := nt.NetworkACL(&s, "acl-0b")
	a.Entries = slices.DeleteFunc(a.Entries, func(e network.ACLEntry) bool { return !e.Egress })
	for i := range 10000 {
		port := 1 + 6*i
		a.Entries = append(a.Entries, network.ACLEntry{Number: i + 1, Action: "allow", Protocol: "6", Prefix: netip.MustParsePrefix("10.0.0.0/28"), FromPort: &port, ToPort: &port})
	}
	for i := range 10000 {
		a.Entries = append(a.Entries, network.ACLEntry{Number: 10001 + i, Action: []string{"allow", "deny"}[i%2], Protocol: "-1", Prefix: netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}), 32)})
	}
	in(t, time.Minute, func() {
		r := flow.New(s, nt.VPC).Reach(controllers, workers, flow.Traffic{})
		assert.Equal(t, flow.Unknown, r.Verdict)
		assert.Equal(t, []groundway.Gap{{Action: "ec2:DescribeNetworkAcls", Message: "acl-0b has too many rules to be followed"}}, r.Gaps)
	})
}

// Three VPCs that are peered in a ring, each leading on to the next: nothing
// passes through a peer.
func TestCyclicPeering(t *testing.T) {
	t.Parallel()
	s, _ := nt.Public()
	blocks := []string{"10.0.0.0/16", "10.50.0.0/16", "10.60.0.0/16"}
	names := []string{nt.VPC, "vpc-0b", "vpc-0c"}
	s.Peerings = groundway.SeenPart[network.Peering]()
	for i, name := range names {
		next := (i + 1) % 3
		s.Peerings.Items = append(s.Peerings.Items, network.Peering{
			ID: fmt.Sprint("pcx-0", i), State: "active",
			Requester: network.PeeredVPC{VPCID: name, CIDRs: prefixes(blocks[i])}, Accepter: network.PeeredVPC{VPCID: names[next], CIDRs: prefixes(blocks[next])},
		})
		if i == 0 {
			continue
		}
		s.VPCs.Items = append(s.VPCs.Items, network.VPC{ID: name, CIDRs: []network.CIDR{{Prefix: netip.MustParsePrefix(blocks[i]), State: "associated"}}})
		s.Subnets.Items = append(s.Subnets.Items, network.Subnet{ID: "subnet-" + name, VPCID: name, CIDRs: []network.CIDR{{Prefix: netip.MustParsePrefix(blocks[i])}}})
		s.RouteTables.Items = append(s.RouteTables.Items, network.RouteTable{ID: "rtb-" + name, VPCID: name, Associations: []network.Association{{Main: true}}})
		nt.SetRoute(&s, "rtb-"+name, "10.0.0.0/8", fmt.Sprint("pcx-0", i))
	}
	nt.SetRoute(&s, "rtb-01", "10.32.0.0/11", "pcx-00")
	in(t, time.Minute, func() {
		n := flow.New(s, nt.VPC)
		to := func(block string) flow.Result {
			return n.Reach(workers, flow.Place{Name: "a peer", Addresses: prefixes(block)}, flow.Traffic{Ports: flow.Port(443)})
		}
		r := to("10.50.0.0/16")
		assert.Equal(t, flow.Blocked, r.Verdict)
		assert.Equal(t, "rtb-vpc-0b leads 10.0.16.0/20 to pcx-01, by its route 10.0.0.0/8", r.Blockers[0].Summary)
		r = to("10.60.0.0/16")
		assert.Equal(t, flow.Blocked, r.Verdict)
		assert.Equal(t, "pcx-00 leads to vpc-0b, which has no address of 10.60.0.0/16: a peer passes nothing on", r.Blockers[0].Summary)
		// With the way back the first arrives, and the second still does not.
		nt.SetRoute(&s, "rtb-vpc-0b", "10.0.0.0/16", "pcx-00")
		n = flow.New(s, nt.VPC)
		r = to("10.50.0.0/16")
		assert.Equal(t, flow.Assumed, r.Verdict)
		assert.Equal(t, []string{"the security groups and network ACLs of vpc-0b let it pass"}, r.Assumptions)
		assert.Equal(t, flow.Blocked, to("10.60.0.0/16").Verdict)
	})
}

// Groups that name each other in a ring are no members of each other.
func TestGroupsInARing(t *testing.T) {
	t.Parallel()
	s, _ := nt.Public()
	for i := range 3 {
		nt.AddGroup(&s, fmt.Sprint("sg-", i), nt.Allow("-1", fmt.Sprint("sg-", (i+1)%3)))
	}
	n := flow.New(s, nt.VPC)
	verdict := func(from, to string) flow.Verdict {
		a, b := controllers, workers
		a.Ungrouped, a.Groups, b.Ungrouped, b.Groups = false, []string{from}, false, []string{to}
		return n.Reach(a, b, flow.Traffic{Ports: flow.Port(22)}).Verdict
	}
	assert.Equal(t, flow.Reachable, verdict("sg-1", "sg-0"))
	assert.Equal(t, flow.Blocked, verdict("sg-0", "sg-1"))
	assert.Equal(t, flow.Blocked, verdict("sg-2", "sg-0"))
}

// What the options and the snapshot hold is text of others.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	const name = "$(rm -rf ~)<script>\x1b[31m"
	s, o := nt.Public()
	closed(&s, "subnet-0w1")
	a := nt.NetworkACL(&s, "acl-0b")
	a.Entries, a.Tags = nil, map[string]string{"Name": name}
	for _, f := range flow.Check(s, o) {
		assert.NotContains(t, f.Summary+f.Detail, "rm -rf")
		for _, r := range f.Remedies {
			assert.NotContains(t, r.Action+strings.Join(flatten(r.Commands), " "), "rm -rf")
		}
	}
	o.WorkerGroups, o.WorkerSubnets, o.JumpHostSubnet, o.FileSystemSubnets = []string{name}, []string{name}, name, []string{name, ""}
	o.Profile = 99
	flow.Check(s, o)
}

func flatten(list [][]string) (all []string) {
	for _, l := range list {
		all = append(all, l...)
	}
	return all
}
