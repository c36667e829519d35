package network_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/groundway-sdk/groundway/network"
	nt "github.com/groundway-sdk/groundway/network/networktest"
	"github.com/stretchr/testify/assert"
)

// About ten well-known projects answered the question whether a subnet is
// public wrongly, each in a way of its own. A row has a network that shows the
// way, the rule that they followed, and the truth, which the rule gets wrong.
func TestWhatPeersMisjudge(t *testing.T) {
	const public = network.ClassInternet
	tests := []struct {
		name  string // the project, and its way
		peer  func(s network.Snapshot, subnet string) bool
		edit  func(*network.Snapshot) // of subnet-0w1 and its table rtb-01
		class network.Class
	}{
		{
			name: "copilot, cloudbreak and Tectonic: a subnet of the main table is not public, or not there",
			peer: func(s network.Snapshot, subnet string) bool { return anyGateway(explicit(s, subnet)) },
			edit: func(s *network.Snapshot) {
				nt.Associate(s, "subnet-0w1", "")
				nt.SetRoute(s, "rtb-0m", "0.0.0.0/0", "igw-0a")
			},
			class: public,
		},
		{
			name: "Cluster API for AWS: the fall-back on the main table is dead code",
			peer: func(s network.Snapshot, subnet string) bool { return anyGateway(explicit(s, subnet)) },
			edit: func(s *network.Snapshot) {
				nt.Associate(s, "subnet-0w1", "")
				nt.SetRoute(s, "rtb-0m", "0.0.0.0/0", "igw-0a")
			},
			class: public,
		},
		{
			name: "parallelcluster: the first table stands in for the main one",
			peer: func(s network.Snapshot, subnet string) bool {
				if t := explicit(s, subnet); t != nil {
					return anyGateway(t)
				}
				return anyGateway(&s.RouteTables.Items[0])
			},
			edit: func(s *network.Snapshot) {
				nt.Associate(s, "subnet-0w1", "")
				slices.SortStableFunc(s.RouteTables.Items, func(a, b network.RouteTable) int {
					return strings.Compare(strings.TrimPrefix(a.ID, "rtb-0c"), strings.TrimPrefix(b.ID, "rtb-0c"))
				})
			},
			class: network.ClassIsolated,
		},
		{
			name: "aws-config-rules: the main table counts though the subnet has its own",
			peer: func(s network.Snapshot, subnet string) bool {
				return anyGateway(explicit(s, subnet)) || anyGateway(nt.RouteTable(&s, "rtb-0m"))
			},
			edit:  func(s *network.Snapshot) { nt.SetRoute(s, "rtb-0m", "0.0.0.0/0", "igw-0a") },
			class: network.ClassNAT,
		},
		{
			name: "prowler: one table of the VPC is looked at",
			peer: func(s network.Snapshot, subnet string) bool { return anyGateway(&s.RouteTables.Items[0]) },
			edit: func(s *network.Snapshot) {
				nt.Associate(s, "subnet-0w1", "rtb-0c")
			},
			class: public,
		},
		{
			name: "CDK: assigning public addresses makes a subnet public",
			peer: func(s network.Snapshot, subnet string) bool { return *nt.Subnet(&s, subnet).AutoPublicIP },
			edit: func(s *network.Snapshot) { *nt.Subnet(s, "subnet-0w1").AutoPublicIP = true }, class: network.ClassNAT,
		},
		{
			name: "the cloud controller, the load balancer controller, OpenShift: any route to a gateway, however narrow",
			peer: func(s network.Snapshot, subnet string) bool { return anyGateway(explicit(s, subnet)) },
			edit: func(s *network.Snapshot) { nt.SetRoute(s, "rtb-01", "192.0.66.0/24", "igw-0a") }, class: network.ClassNAT,
		},
		{
			name: "the same: an IPv6 route to a gateway makes IPv4 public",
			peer: func(s network.Snapshot, subnet string) bool { return anyGateway(explicit(s, subnet)) },
			edit: func(s *network.Snapshot) {
				addIPv6(s, "subnet-0w1")
				nt.SetRoute(s, "rtb-01", "::/0", "igw-0a")
			},
			class: network.ClassNAT,
		},
		{
			name: "all of them: a blackhole is a route",
			peer: func(s network.Snapshot, subnet string) bool { return anyGateway(explicit(s, subnet)) },
			edit: func(s *network.Snapshot) {
				nt.SetRoute(s, "rtb-01", "0.0.0.0/0", "igw-0b")
				nt.Blackhole(s, "rtb-01", "0.0.0.0/0")
			},
			class: network.ClassBroken,
		},
		{
			name: "Cluster API for AWS: the prefix of the ID decides, not the attachment",
			peer: func(s network.Snapshot, subnet string) bool { return anyGateway(explicit(s, subnet)) },
			edit: func(s *network.Snapshot) {
				nt.SetRoute(s, "rtb-01", "0.0.0.0/0", "igw-0a")
				s.InternetGateways.Items[0].Attachments[0].VPCID = "vpc-0b2"
			},
			class: network.ClassBroken,
		},
		{
			name: "OpenShift and Cluster API for AWS: a carrier gateway is the internet",
			peer: func(s network.Snapshot, subnet string) bool {
				return slices.ContainsFunc(explicit(s, subnet).Routes, func(r network.Route) bool { return strings.HasPrefix(r.Target.ID, "cagw-") })
			},
			edit: func(s *network.Snapshot) { nt.SetRoute(s, "rtb-01", "0.0.0.0/0", "cagw-0a") }, class: network.ClassCarrier,
		},
		{
			name: "Tectonic: only a route to exactly 0.0.0.0/0 is a default",
			peer: exactDefault,
			edit: func(s *network.Snapshot) {
				nt.RemoveRoute(s, "rtb-01", "0.0.0.0/0")
				nt.SetRoute(s, "rtb-01", "0.0.0.0/1", "igw-0a")
				nt.SetRoute(s, "rtb-01", "128.0.0.0/1", "igw-0a")
			},
			class: public,
		},
		{
			name: "cloudsploit and configuration-anomaly-detection: a longer route that takes the default's place is not seen",
			peer: exactDefault,
			edit: func(s *network.Snapshot) {
				nt.SetRoute(s, "rtb-01", "0.0.0.0/0", "igw-0a")
				nt.SetRoute(s, "rtb-01", "0.0.0.0/1", "tgw-0a")
				nt.SetRoute(s, "rtb-01", "128.0.0.0/1", "tgw-0a")
			},
			class: network.ClassPrivate,
		},
		{
			name: "kops and eksctl: the word of the user decides",
			peer: func(network.Snapshot, string) bool { return true }, class: network.ClassNAT,
		},
		{
			name: "all of them: the table of a gateway is the table of a subnet",
			peer: func(s network.Snapshot, subnet string) bool {
				return slices.ContainsFunc(s.RouteTables.Items, func(t network.RouteTable) bool { return len(t.Associations) > 0 && anyGateway(&t) })
			},
			edit: func(s *network.Snapshot) {
				nt.RouteTable(s, "rtb-0c").Associations = []network.Association{{GatewayID: "vgw-0a", State: "associated"}}
			},
			class: network.ClassBroken, // of nat-01, whose subnet has the main table now
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, _ := nt.Public()
			if tt.edit != nil {
				tt.edit(&s)
			}
			got := egressOf(t, s, "subnet-0w1").IPv4.Class
			assert.Equal(t, tt.class, got)
			assert.NotEqual(t, got == public, tt.peer(s, "subnet-0w1"), "the peer's rule errs here")
		})
	}
}

// explicit returns the table that is associated with the subnet, or nil.
func explicit(s network.Snapshot, subnet string) *network.RouteTable {
	for i, t := range s.RouteTables.Items {
		if slices.ContainsFunc(t.Associations, func(a network.Association) bool { return a.SubnetID == subnet }) {
			return &s.RouteTables.Items[i]
		}
	}
	return nil
}

// anyGateway is the rule that any route to an internet gateway makes public.
func anyGateway(t *network.RouteTable) bool {
	return t != nil && slices.ContainsFunc(t.Routes, func(r network.Route) bool { return strings.HasPrefix(r.Target.ID, "igw-") })
}

func exactDefault(s network.Snapshot, subnet string) bool {
	return slices.ContainsFunc(explicit(s, subnet).Routes, func(r network.Route) bool {
		return r.Key() == "0.0.0.0/0" && strings.HasPrefix(r.Target.ID, "igw-")
	})
}
