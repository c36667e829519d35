package flow_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/network/flow"
	nt "github.com/groundway-sdk/groundway/network/networktest"
)

// The route table of a gateway leads what comes in by it: to an appliance, which
// is assumed to pass it on, or nowhere.
func TestReachByTheRouteTableOfAGateway(t *testing.T) {
	t.Parallel()
	var (
		internet = flow.Place{Internet: true}
		office   = flow.Place{Addresses: prefixes("10.200.0.0/16")}
		public   = flow.Place{Subnets: []string{"subnet-0c1"}, Ungrouped: true, PublicIP: true}
		private  = flow.Place{Subnets: []string{"subnet-0w1"}, Ungrouped: true}
		half     = func(appliance, other string) string {
			return appliance + " passes it on, to which rtb-0e leads one half of it and " + other + " the other half past it"
		}
		dead = []string{"rtb-0e drops what goes to subnet-0c1 (10.0.0.0/24), by its route 10.0.0.0/24 to eni-0d, which is dead"}
	)
	tests := []struct {
		name     string
		internal bool
		edit     func(*network.Snapshot)
		from, to flow.Place
		traffic  flow.Traffic
		want     flow.Verdict
		assumes  []string
		blockers []string
		stage    flow.Stage
	}{
		{name: "in, without one", from: internet, to: public, want: flow.Reachable},
		{
			name: "in, for another subnet", from: internet, to: public, want: flow.Reachable,
			edit: func(s *network.Snapshot) { edge(s, "igw-0a", "10.0.1.0/24 eni-0a") },
		},
		{
			name: "in, of another gateway", from: internet, to: public, want: flow.Reachable,
			edit: func(s *network.Snapshot) { edge(s, "vgw-0a", "10.0.0.0/24 dead") },
		},
		{
			name: "in, through an appliance that answers go past", from: internet, to: public,
			want: flow.Assumed, assumes: []string{half("eni-0a", "igw-0a")},
			edit: func(s *network.Snapshot) { edge(s, "igw-0a", "10.0.0.0/24 eni-0a") },
		},
		{
			name: "in, through an endpoint both ways", from: internet, to: public,
			want: flow.Assumed, assumes: []string{"vpce-0a passes it on, to which rtb-0c leads it", "vpce-0a passes it on, to which rtb-0e leads it"},
			edit: func(s *network.Snapshot) {
				edge(s, "igw-0a", "10.0.0.0/24 vpce-0a")
				nt.SetRoute(s, "rtb-0c", "0.0.0.0/0", "vpce-0a")
			},
		},
		{
			name: "in, with the local route led to an appliance", from: internet, to: public,
			want: flow.Assumed, assumes: []string{half("eni-0a", "igw-0a")},
			edit: func(s *network.Snapshot) {
				edge(s, "igw-0a")
				nt.RouteTable(s, "rtb-0e").Routes[0].Target = network.Target{Kind: network.TargetInterface, ID: "eni-0a"}
			},
		},
		{
			name: "in, to an appliance that is gone", from: internet, to: public, want: flow.Blocked, blockers: dead, stage: flow.StageRoute,
			edit: func(s *network.Snapshot) { edge(s, "igw-0a", "10.0.0.0/24 dead") },
		},
		{
			name: "in, past an appliance to one that is gone", from: internet, to: public, want: flow.Blocked, blockers: dead, stage: flow.StageRoute,
			edit: func(s *network.Snapshot) {
				edge(s, "igw-0a", "10.0.0.0/24 dead")
				nt.SetRoute(s, "rtb-0c", "0.0.0.0/0", "vpce-0a")
			},
		},
		{
			name: "out, and the answers to an appliance that is gone", from: public, to: internet, want: flow.Blocked, blockers: dead, stage: flow.StageReturnRoute,
			edit: func(s *network.Snapshot) { edge(s, "igw-0a", "10.0.0.0/24 dead") },
		},
		{
			name: "out, without answers", from: public, to: internet, traffic: flow.Traffic{Protocol: "udp", OneWay: true}, want: flow.Reachable,
			edit: func(s *network.Snapshot) { edge(s, "igw-0a", "10.0.0.0/24 dead") },
		},
		{
			name: "out, and the answers to a part of the subnet are dropped", from: public, to: internet, want: flow.Partial, stage: flow.StageReturnRoute,
			blockers: []string{"rtb-0e drops what goes to subnet-0c1 (10.0.0.0/25), by its route 10.0.0.0/25 to eni-0d, which is dead"},
			edit:     func(s *network.Snapshot) { edge(s, "igw-0a", "10.0.0.0/25 dead") },
		},
		{
			name: "out through a NAT gateway, and the answers dropped", from: private, to: internet, want: flow.Blocked, blockers: dead, stage: flow.StageReturnRoute,
			edit: func(s *network.Snapshot) { edge(s, "igw-0a", "10.0.0.0/24 dead") },
		},
		{
			name: "out through a NAT gateway, and the answers to a part of its subnet dropped", from: private, to: internet, want: flow.Unknown,
			edit: func(s *network.Snapshot) { edge(s, "igw-0a", "10.0.0.0/25 dead") },
		},
		{
			name: "out through a NAT gateway, and the answers through an appliance", from: private, to: internet,
			want: flow.Assumed, assumes: []string{half("eni-0a", "igw-0a")},
			edit: func(s *network.Snapshot) { edge(s, "igw-0a", "10.0.0.0/24 eni-0a") },
		},
		{
			name: "in by a VPN, through an appliance", internal: true, from: office, to: public, want: flow.Assumed,
			assumes: []string{half("eni-0a", "vgw-0a"), "the network behind vgw-0a passes it on, and answers come back by it"},
			edit:    func(s *network.Snapshot) { edge(s, "vgw-0a", "10.0.0.0/24 eni-0a") },
		},
		{
			name: "in by a VPN, to an appliance that is gone", internal: true, from: office, to: public, want: flow.Blocked, blockers: dead, stage: flow.StageRoute,
			edit: func(s *network.Snapshot) { edge(s, "vgw-0a", "10.0.0.0/24 dead") },
		},
		{
			name: "in, to what this version does not know", from: internet, to: public, want: flow.Unknown,
			edit: func(s *network.Snapshot) { edge(s, "igw-0a", "10.0.0.0/24 tgw-0a") },
		},
		{
			name: "in, where not all tables were seen", from: internet, to: public, want: flow.Unknown,
			edit: func(s *network.Snapshot) { s.RouteTables.Partial = true },
		},
		{
			name: "in, where the association may not hold", from: internet, to: public, want: flow.Unknown,
			edit: func(s *network.Snapshot) {
				edge(s, "igw-0a", "10.0.0.0/24 dead")
				nt.RouteTable(s, "rtb-0e").Associations[0].State = ""
			},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, _ := nt.Public()
			if test.internal {
				s, _ = nt.Internal()
			}
			if test.edit != nil {
				test.edit(&s)
			}
			r := flow.New(s, nt.VPC).Reach(test.from, test.to, test.traffic)
			assert.Equal(t, test.want.String(), r.Verdict.String(), "%+v", r)
			assert.Equal(t, test.assumes, r.Assumptions)
			assert.Equal(t, test.want == flow.Unknown, len(r.Gaps) > 0, "%+v", r.Gaps)
			var blockers []string
			for _, b := range r.Blockers {
				blockers = append(blockers, b.Summary)
				assert.Equal(t, test.stage, b.Stage)
				assert.Equal(t, []string{"aws", "ec2", "delete-route"}, b.Remedy.Commands[0][:3])
			}
			assert.Equal(t, test.blockers, blockers)
		})
	}
}
