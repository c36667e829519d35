package flow_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/network/flow"
	nt "github.com/groundway-sdk/groundway/network/networktest"
)

// What a NAT gateway passes on follows the routes of its own subnet.
func TestReachByTheRoutesOfANATGateway(t *testing.T) {
	t.Parallel()
	site := flow.Place{Internet: true, Addresses: prefixes("9.9.9.0/24")}
	office := flow.Place{Addresses: prefixes("172.31.0.0/24")}
	hosts := flow.Place{Subnets: []string{"subnet-0w1"}, Ungrouped: true}
	private := func(s *network.Snapshot) {
		nt.NATGateway(s, "nat-01").Connectivity, nt.NATGateway(s, "nat-01").PublicAddresses = "private", nil
		nt.SetRoute(s, "rtb-01", "172.31.0.0/16", "nat-01")
	}
	tests := []struct {
		name string
		edit func(*network.Snapshot)
		to   flow.Place
		want flow.Verdict
	}{
		{"its default route", func(*network.Snapshot) {}, site, flow.Reachable},
		{"a dead route", func(s *network.Snapshot) {
			nt.SetRoute(s, "rtb-0c", "9.9.9.0/24", "igw-0a")
			nt.Blackhole(s, "rtb-0c", "9.9.9.0/24")
		}, site, flow.Blocked},
		{"a dead route to a part", func(s *network.Snapshot) {
			nt.SetRoute(s, "rtb-0c", "9.9.9.0/25", "igw-0a")
			nt.Blackhole(s, "rtb-0c", "9.9.9.0/25")
		}, site, flow.Partial},
		{"a route to an appliance", func(s *network.Snapshot) { nt.SetRoute(s, "rtb-0c", "9.9.9.0/24", "eni-0a") }, site, flow.Assumed},
		{"a route to another network", func(s *network.Snapshot) { nt.SetRoute(s, "rtb-0c", "9.9.9.0/24", "tgw-0a") }, site, flow.Assumed},
		{"a route whose state is not known", func(s *network.Snapshot) {
			nt.SetRoute(s, "rtb-0c", "9.9.9.0/24", "igw-0a")
			nt.RouteTable(s, "rtb-0c").Routes[2].State = "filtered"
		}, site, flow.Unknown},
		{"a list that was not read, which may take the answers", func(s *network.Snapshot) {
			nt.SetRoute(s, "rtb-0c", "pl-0a", "igw-0a")
			nt.Deny(&s.PrefixLists, "ec2:GetManagedPrefixListEntries")
		}, site, flow.Unknown},
		{"of a private one, to its network", func(s *network.Snapshot) {
			private(s)
			nt.SetRoute(s, "rtb-0c", "172.31.0.0/16", "tgw-0a")
		}, office, flow.Assumed},
		{"of a private one, without a route there", func(s *network.Snapshot) {
			private(s)
			nt.RemoveRoute(s, "rtb-0c", "0.0.0.0/0")
		}, office, flow.Blocked},
		{"of a private one, dead", func(s *network.Snapshot) {
			private(s)
			nt.SetRoute(s, "rtb-0c", "172.31.0.0/16", "tgw-0a")
			nt.Blackhole(s, "rtb-0c", "172.31.0.0/16")
		}, office, flow.Blocked},
		{"and the answers to a dead route", func(s *network.Snapshot) {
			nt.SetRoute(s, "rtb-0c", "10.0.16.0/20", "eni-0a")
			nt.Blackhole(s, "rtb-0c", "10.0.16.0/20")
		}, site, flow.Blocked},
		{"and the answers to an appliance", func(s *network.Snapshot) { nt.SetRoute(s, "rtb-0c", "10.0.16.0/20", "eni-0a") }, site, flow.Assumed},
		{"and the answers to another network", func(s *network.Snapshot) { nt.SetRoute(s, "rtb-0c", "10.0.16.0/20", "tgw-0a") }, site, flow.Blocked},
		{"of a private one, failed", func(s *network.Snapshot) {
			private(s)
			nt.SetRoute(s, "rtb-0c", "172.31.0.0/16", "tgw-0a")
			nt.NATGateway(s, "nat-01").State = "failed"
		}, office, flow.Blocked},
		{"of a private one, of unknown state", func(s *network.Snapshot) {
			private(s)
			nt.SetRoute(s, "rtb-0c", "172.31.0.0/16", "tgw-0a")
			nt.NATGateway(s, "nat-01").State = ""
		}, office, flow.Unknown},
		{"of a private one that is gone", func(s *network.Snapshot) {
			private(s)
			s.NATGateways.Items = nil
		}, office, flow.Blocked},
		{"of a private one that was not seen", func(s *network.Snapshot) {
			private(s)
			nt.Deny(&s.NATGateways, "ec2:DescribeNatGateways")
		}, office, flow.Unknown},
		{"of a private one, by a list that was not read", func(s *network.Snapshot) {
			private(s)
			nt.SetRoute(s, "rtb-0c", "pl-0a", "tgw-0a")
			s.PrefixLists = groundway.SeenPart[network.PrefixList]()
		}, office, flow.Unknown},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, _ := nt.Public()
			test.edit(&s)
			r := flow.New(s, nt.VPC).Reach(hosts, test.to, flow.Traffic{Ports: flow.Port(443)})
			assert.Equal(t, test.want.String(), r.Verdict.String(), "%+v", r)
		})
	}
}
