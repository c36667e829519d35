package network_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/network"
	nt "github.com/groundway-sdk/groundway/network/networktest"
)

const (
	elb, internalELB, cni = "kubernetes.io/role/elb", "kubernetes.io/role/internal-elb", "kubernetes.io/role/cni"
	demoTag, otherTag     = "kubernetes.io/cluster/demo", "kubernetes.io/cluster/other"
)

func tag(s *network.Snapshot, subnet string, tags ...string) {
	n := nt.Subnet(s, subnet)
	n.Tags = maps.Clone(n.Tags)
	if n.Tags == nil {
		n.Tags = map[string]string{}
	}
	for _, t := range tags {
		key, value, _ := strings.Cut(t, "=")
		n.Tags[key] = value
	}
}

func TestPredict(t *testing.T) {
	t.Parallel()
	all := []string{"subnet-0c1", "subnet-0c2", "subnet-0w1", "subnet-0w2"}
	tests := []struct {
		name    string
		demand  network.Demand
		edit    func(*network.Snapshot)
		chosen  []string
		problem string
	}{
		{name: "cloud controller, internet", chosen: ids("subnet-0c1", "subnet-0c2")},
		{name: "cloud controller, internal: the lowest ID", demand: network.Demand{Internal: true}, chosen: ids("subnet-0c1", "subnet-0c2")},
		{
			name: "the role tag decides", demand: network.Demand{Internal: true},
			edit:   func(s *network.Snapshot) { tag(s, "subnet-0w1", internalELB); tag(s, "subnet-0c1", demoTag+"=owned") },
			chosen: ids("subnet-0c2", "subnet-0w1"),
		},
		{
			name: "the cluster tag comes next", demand: network.Demand{Internal: true},
			edit:   func(s *network.Snapshot) { tag(s, "subnet-0w1", demoTag+"=shared") },
			chosen: ids("subnet-0c2", "subnet-0w1"),
		},
		{
			name: "another cluster's subnet is none", demand: network.Demand{Internal: true},
			edit:   func(s *network.Snapshot) { tag(s, "subnet-0c1", otherTag+"=shared") },
			chosen: ids("subnet-0c2", "subnet-0w1"),
		},
		{
			name: "a narrow route to a gateway is enough for it",
			edit: func(s *network.Snapshot) {
				nt.SetRoute(s, "rtb-01", "192.0.66.0/24", "igw-0a")
				tag(s, "subnet-0w1", elb+"=1")
			},
			chosen: ids("subnet-0c2", "subnet-0w1"),
		},
		{
			name: "no regular zone",
			edit: func(s *network.Snapshot) {
				nt.Subnet(s, "subnet-0c1").Zone = "us-east-1-bos-1a"
				nt.Subnet(s, "subnet-0c2").Zone = "us-east-1-wl1-bos-wlz-1"
			},
			chosen: ids(), problem: "no subnet fits",
		},
		{name: "ALB, internet", demand: network.Demand{Consumer: network.ConsumerALB}, chosen: ids("subnet-0c1", "subnet-0c2")},
		{name: "NLB, internal", demand: network.Demand{Consumer: network.ConsumerNLB, Internal: true}, chosen: ids("subnet-0w1", "subnet-0w2")},
		{
			name: "one role tag excludes all others", demand: network.Demand{Consumer: network.ConsumerALB},
			edit:   func(s *network.Snapshot) { tag(s, "subnet-0c1", elb+"=1") },
			chosen: ids("subnet-0c1"), problem: "an ALB needs subnets in two zones",
		},
		{
			name: "an NLB is content with it", demand: network.Demand{Consumer: network.ConsumerNLB},
			edit:   func(s *network.Snapshot) { tag(s, "subnet-0c1", elb) },
			chosen: ids("subnet-0c1"),
		},
		{
			name: "no role tag with another value", demand: network.Demand{Consumer: network.ConsumerALB},
			edit:   func(s *network.Snapshot) { tag(s, "subnet-0w1", elb+"=yes") },
			chosen: ids("subnet-0c1", "subnet-0c2"),
		},
		{
			name: "eight free addresses", demand: network.Demand{Consumer: network.ConsumerALB},
			edit: func(s *network.Snapshot) {
				*nt.Subnet(s, "subnet-0c1").FreeAddresses = 7
				*nt.Subnet(s, "subnet-0c2").FreeAddresses = 8
			},
			chosen: ids("subnet-0c2"), problem: "an ALB needs subnets in two zones",
		},
		{
			name: "dual stack", demand: network.Demand{Consumer: network.ConsumerNLB, DualStack: true},
			edit:   func(s *network.Snapshot) { addIPv6(s, "subnet-0c2") },
			chosen: ids("subnet-0c2"),
		},
		{
			name: "zones of two kinds", demand: network.Demand{Consumer: network.ConsumerALB},
			edit:   func(s *network.Snapshot) { nt.Subnet(s, "subnet-0c1").Zone = "us-east-1-bos-1a" },
			chosen: ids("subnet-0c1", "subnet-0c2"), problem: "the subnets are in zones of different kinds",
		},
		{
			name: "the CNI, the node's own subnets", demand: network.Demand{Consumer: network.ConsumerCNI, Subnets: all[2:]},
			chosen: ids("subnet-0w1", "subnet-0w2"),
		},
		{
			name: "the CNI, a subnet for pods", demand: network.Demand{Consumer: network.ConsumerCNI, Subnets: all[2:3]},
			edit: func(s *network.Snapshot) {
				tag(s, "subnet-0c1", cni+"=1")
				tag(s, "subnet-0c2", cni+"=1")
				tag(s, "subnet-0w1", cni+"=0")
			},
			chosen: ids("subnet-0c1"),
		},
		{name: "EKS", demand: network.Demand{Consumer: network.ConsumerEKS, Subnets: all[:2]}, chosen: all[:2]},
		{
			name: "EKS, one zone", demand: network.Demand{Consumer: network.ConsumerEKS, Subnets: ids("subnet-0c1", "subnet-0w1")},
			chosen: ids("subnet-0c1", "subnet-0w1"), problem: "EKS needs subnets in two zones",
		},
		{
			name: "EKS, a zone that it does not support", demand: network.Demand{Consumer: network.ConsumerEKS, Subnets: all[:2]},
			edit: func(s *network.Snapshot) {
				nt.Subnet(s, "subnet-0c1").ZoneID = "use1-az3"
				*nt.Subnet(s, "subnet-0c2").FreeAddresses = 5
			},
			chosen: ids(), problem: "no subnet fits",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, _ := nt.Public()
			if tt.edit != nil {
				tt.edit(&s)
			}
			tt.demand.Cluster = "demo"
			p := network.Predict(s, nt.VPC, tt.demand)
			assert.ElementsMatch(t, tt.chosen, p.Chosen())
			assert.Equal(t, tt.problem, p.Problem)
			assert.Equal(t, p, network.Predict(shuffled(s), nt.VPC, tt.demand), "whatever the order")
		})
	}
}

func TestPredictReasons(t *testing.T) {
	t.Parallel()
	s, _ := nt.Public()
	tag(&s, "subnet-0c2", otherTag+"=owned")
	p := network.Predict(s, nt.VPC, network.Demand{Cluster: "demo"})
	assert.Equal(t, []network.ZoneChoice{
		{Zone: "us-east-1a", Chosen: ids("subnet-0c1"), Lost: []network.Loss{{SubnetID: "subnet-0w1", Reason: "its route table leads to no internet gateway"}}},
		{Zone: "us-east-1b", Lost: []network.Loss{
			{
				SubnetID: "subnet-0c2", Reason: "it carries the tag of another cluster, and not that of demo",
				Edit: network.TagEdit{SubnetID: "subnet-0c2", Key: demoTag, Value: "shared"},
			},
			{SubnetID: "subnet-0w2", Reason: "its route table leads to no internet gateway"},
		}},
	}, p.Zones)
	assert.Equal(t, []string{"aws", "ec2", "create-tags", "--resources", "subnet-0c2", "--tags", `[{"Key":"kubernetes.io/cluster/demo","Value":"shared"}]`}, p.Zones[1].Lost[0].Edit.Command())
}

func TestPredictUnseen(t *testing.T) {
	t.Parallel()
	s, _ := nt.Public()
	nt.Deny(&s.Subnets, "ec2:DescribeSubnets")
	p := network.Predict(s, nt.VPC, network.Demand{Consumer: network.ConsumerALB})
	assert.Empty(t, p.Zones)
	assert.Equal(t, "ec2:DescribeSubnets", p.Gaps[0].Action)
	s, _ = nt.Public()
	nt.Deny(&s.RouteTables, "ec2:DescribeRouteTables")
	assert.Equal(t, "ec2:DescribeRouteTables", network.Predict(s, nt.VPC, network.Demand{}).Gaps[0].Action)
	assert.Empty(t, network.Predict(s, nt.VPC, network.Demand{Internal: true}).Gaps, "nobody asks for routes")
}

// An edit does what it says: with it, and nothing else, the subnet is chosen.
func TestEditsChangeTheChoice(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 2))
	edits := 0
	for range 300 {
		s, _ := nt.Public()
		s.Subnets.Items = nil
		for i := range 8 {
			free := 5 + rnd.IntN(8)
			n := network.Subnet{
				ID: fmt.Sprint("subnet-", i), VPCID: nt.VPC, Zone: []string{"us-east-1a", "us-east-1b", "us-east-1-bos-1a"}[rnd.IntN(3)],
				FreeAddresses: &free, CIDRs: []network.CIDR{{Prefix: netip.MustParsePrefix(fmt.Sprintf("10.0.%d.0/24", i))}},
			}
			s.Subnets.Items = append(s.Subnets.Items, n)
			nt.Associate(&s, n.ID, []string{"rtb-0c", "rtb-01"}[rnd.IntN(2)])
			for _, key := range []string{elb, internalELB, cni, demoTag, otherTag} {
				if rnd.IntN(4) == 0 {
					tag(&s, n.ID, key+"="+[]string{"1", "0", ""}[rnd.IntN(3)])
				}
			}
		}
		for consumer := network.ConsumerCloudController; consumer <= network.ConsumerEKS; consumer++ {
			d := network.Demand{Consumer: consumer, Cluster: "demo", Internal: rnd.IntN(2) == 0, Subnets: ids("subnet-0", "subnet-1", "subnet-2")}
			for _, z := range network.Predict(s, nt.VPC, d).Zones {
				require.False(t, len(z.Chosen) > 1 && consumer < network.ConsumerCNI, "one of each zone")
				for _, lost := range z.Lost {
					require.NotContains(t, z.Chosen, lost.SubnetID)
					if lost.Edit == (network.TagEdit{}) {
						continue
					}
					edits++
					again := s
					again.Subnets.Items = slices.Clone(s.Subnets.Items)
					if lost.Edit.Remove {
						n := nt.Subnet(&again, lost.Edit.SubnetID)
						n.Tags = maps.Clone(n.Tags)
						delete(n.Tags, lost.Edit.Key)
					} else {
						tag(&again, lost.Edit.SubnetID, lost.Edit.Key+"="+lost.Edit.Value)
					}
					require.Contains(t, network.Predict(again, nt.VPC, d).Chosen(), lost.SubnetID, "%v: %+v", consumer, lost)
				}
			}
		}
	}
	assert.Greater(t, edits, 500)
}

// classes is what well-known programs would call every subnet, beside the truth.
func TestWhatConsumersCallSubnets(t *testing.T) {
	t.Parallel()
	s, _ := nt.Internal()
	nt.SetRoute(&s, "rtb-01", "192.0.66.0/24", "igw-0a") // narrow: subnet-0c1, subnet-0w1
	nt.Associate(&s, "subnet-0p2", "")                   // by the main table
	nt.SetRoute(&s, "rtb-0m", "0.0.0.0/0", "igw-0a")
	nt.SetRoute(&s, "rtb-02", "0.0.0.0/0", "igw-0b") // dead: subnet-0c2, subnet-0w2
	nt.Blackhole(&s, "rtb-02", "0.0.0.0/0")
	effective := func(subnet string) *network.RouteTable {
		if table := explicit(s, subnet); table != nil {
			return table
		}
		return nt.RouteTable(&s, "rtb-0m")
	}
	type row struct {
		subnet                                 string
		truth                                  network.Class
		tectonic, openshift, capa, controllers string // public, private, or nothing
	}
	word := map[bool]string{true: "public", false: "private"}
	var got []row
	for _, e := range network.ClassifySubnets(s, nt.VPC) {
		r := row{subnet: e.SubnetID, truth: e.IPv4.Class}
		if table := explicit(s, e.SubnetID); table != nil {
			r.tectonic = word[exactDefault(s, e.SubnetID)]
		}
		r.openshift = word[anyGateway(effective(e.SubnetID))]
		r.capa = word[anyGateway(explicit(s, e.SubnetID))]
		r.controllers = word[anyGateway(effective(e.SubnetID))]
		got = append(got, r)
	}
	assert.Equal(t, []row{
		{"subnet-0c1", network.ClassNAT, "private", "public", "public", "public"},
		{"subnet-0c2", network.ClassBroken, "public", "public", "public", "public"},
		{"subnet-0p1", network.ClassInternet, "public", "public", "public", "public"},
		{"subnet-0p2", network.ClassInternet, "", "public", "private", "public"},
		{"subnet-0w1", network.ClassNAT, "private", "public", "public", "public"},
		{"subnet-0w2", network.ClassBroken, "public", "public", "public", "public"},
	}, got)
	// What the controllers call public they choose from, the truth or not.
	assert.Equal(t, ids("subnet-0c1", "subnet-0c2"), network.Predict(s, nt.VPC, network.Demand{}).Chosen())
}

// The AWS CLI reads a key whatever it holds: in its shorter form a comma ends it.
func TestTagEditCommand(t *testing.T) {
	key := `kubernetes.io/cluster/a,b "c" {d}`
	remove := network.TagEdit{SubnetID: "subnet-0c1", Key: key, Remove: true}.Command()
	assert.Equal(t, []string{"aws", "ec2", "delete-tags", "--resources", "subnet-0c1", "--tags", `[{"Key":"kubernetes.io/cluster/a,b \"c\" {d}"}]`}, remove)
	set := network.TagEdit{SubnetID: "subnet-0c1", Key: key, Value: "1"}.Command()
	assert.Equal(t, []string{"aws", "ec2", "create-tags", "--resources", "subnet-0c1", "--tags", `[{"Key":"kubernetes.io/cluster/a,b \"c\" {d}","Value":"1"}]`}, set)
}
