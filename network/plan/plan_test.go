package plan_test

import (
	"encoding/json"
	"fmt"
	"log"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/golden"
	"github.com/groundway-sdk/groundway/network"
	nt "github.com/groundway-sdk/groundway/network/networktest"
	"github.com/groundway-sdk/groundway/network/plan"
)

func prefix(text string) netip.Prefix { return netip.MustParsePrefix(text) }

func made(t testing.TB, s network.Snapshot, o plan.Options) plan.Plan {
	t.Helper()
	p, err := plan.New(s, o)
	require.NoError(t, err)
	return p
}

// The four cells of the table in the package documentation.
func TestNewGolden(t *testing.T) {
	existing, _ := nt.Public()
	for name, topology := range map[string]network.Topology{"public": network.TopologyPublic, "internal": network.TopologyInternal} {
		o := plan.Options{Cluster: "prod", Topology: topology, PodCIDR: prefix("10.2.0.0/16"), ServiceCIDR: prefix("10.3.0.0/16")}
		golden.Check(t, name+"-new.txt", []byte(made(t, nt.Empty(), o).String()))
		o.VPC = nt.VPC
		golden.Check(t, name+"-existing.txt", []byte(made(t, existing, o).String()))
	}
	o := plan.Options{
		Cluster: "prod", NAT: plan.NATSingle, IPv6: true, Endpoints: []string{"ecr.api", "s3", "ec2"}, Zones: []string{"us-east-1b", "us-east-1a"},
		PrivateRoutes: map[netip.Prefix]network.Target{prefix("10.128.0.0/9"): {Kind: network.TargetTransitGateway, ID: "tgw-0a"}},
		Controllers:   20, Workers: 500, Growth: 50, Tags: map[string]string{"team": "platform"},
	}
	p := made(t, nt.Empty(), o)
	golden.Check(t, "everything.txt", []byte(p.String()))
	text, err := json.MarshalIndent(p, "", "  ")
	require.NoError(t, err)
	golden.Check(t, "everything.json", append(text, '\n'))
}

// What seven planners of other projects do wrong, by their names.
func TestWhatPeersLayOut(t *testing.T) {
	public := plan.Options{Cluster: "demo"}
	tests := []struct {
		name  string
		o     plan.Options
		error string // or it fits
	}{
		{"kops: utility subnets of /29 in a /24", plan.Options{CIDR: prefix("10.0.0.0/24"), Zones: zones(3)}, ""},
		{"OpenShift: public subnets of /29 in a /24", plan.Options{CIDR: prefix("10.0.0.0/24"), Zones: zones(3), Topology: network.TopologyInternal}, ""},
		{"CAPA: public subnets of /30 in a /26", plan.Options{CIDR: prefix("10.0.0.0/26"), Zones: zones(3)}, "no room for the controller subnets, 4 blocks of /27 (27 usable addresses each) in one piece: 64 addresses are left, the largest free block is 10.0.0.0/26"},
		{"kops: subnets of /31 in a /26", plan.Options{CIDR: prefix("10.0.0.0/26"), Zones: zones(1), ZoneSlots: 1}, ""},
		{"OpenShift: subnets of /29 and /31 in a /26", plan.Options{CIDR: prefix("10.0.0.0/26"), Zones: zones(2), ZoneSlots: 2, Topology: network.TopologyInternal}, "no room for the worker subnets, 2 blocks of /28 (11 usable addresses each) in one piece: 0 addresses are left"},
		{"Tectonic: subnets of /30 in a /26", plan.Options{CIDR: prefix("10.0.0.0/26"), Zones: zones(6)}, "no room for the controller subnets, 8 blocks of /27 (27 usable addresses each) in one piece: 64 addresses are left"},
		{"Tectonic: three controllers and one worker get one block", plan.Options{CIDR: prefix("10.0.0.0/16"), Zones: zones(3), Controllers: 4091, Workers: 4091}, ""},
		{"Tectonic: local zones are taken for zones", plan.Options{}, ""},
		{"eksctl: more than 16 subnets are refused", plan.Options{Zones: zones(6), Topology: network.TopologyInternal, ZoneSlots: 6}, ""},
		{"kops: subnets that exist are not seen", plan.Options{VPC: nt.VPC}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := nt.Empty()
			if test.o.VPC != "" {
				s, _ = nt.Public()
			}
			test.o.Cluster = public.Cluster
			p, err := plan.New(s, test.o)
			if test.error != "" {
				require.ErrorContains(t, err, test.error)
				return
			}
			require.NoError(t, err)
			assert.Empty(t, p.Findings)
			holds(t, s, test.o, p)
		})
	}
}

func zones(n int) []string {
	var names []string
	for i := range n {
		names = append(names, "us-east-1"+string(rune('a'+i)))
	}
	return names
}

// holds checks what is true of every plan.
func holds(t testing.TB, s network.Snapshot, o plan.Options, p plan.Plan) {
	t.Helper()
	forbidden := append([]netip.Prefix{prefix("172.17.0.0/16")}, o.Forbidden...)
	forbidden = append(forbidden, o.PodCIDR, o.ServiceCIDR)
	for to := range o.PrivateRoutes {
		forbidden = append(forbidden, to)
	}
	var others []netip.Prefix
	for _, n := range s.Subnets.Items {
		if n.VPCID == p.VPC.ID && !slices.ContainsFunc(p.Subnets, func(x plan.Subnet) bool { return x.ID == n.ID }) {
			others = append(others, n.CIDRs[0].Prefix)
		}
	}
	sizes := map[plan.Role]int{}
	for i, n := range p.Subnets {
		c := n.CIDR
		require.True(t, p.VPC.CIDR.Overlaps(c) && p.VPC.CIDR.Bits() <= c.Bits(), "%s is not in %s", c, p.VPC.CIDR)
		require.Equal(t, c.Masked(), c, "aligned")
		require.GreaterOrEqual(t, c.Bits(), 16)
		require.LessOrEqual(t, c.Bits(), 28)
		for _, other := range p.Subnets[:i] {
			require.False(t, other.CIDR.Overlaps(c), "%s and %s", other.Name, n.Name)
		}
		for _, other := range others {
			require.False(t, other.Overlaps(c), "%s and what is there, %s", n.Name, other)
		}
		for _, f := range forbidden {
			require.False(t, f.IsValid() && f.Bits() > 0 && f.Overlaps(c), "%s and %s", n.Name, f)
		}
		if size, ok := sizes[n.Role]; ok {
			require.Equal(t, size, c.Bits(), "subnets of %s are alike", n.Role)
		}
		sizes[n.Role] = c.Bits()
		want := map[plan.Role]int{plan.RoleController: o.Controllers, plan.RoleWorker: o.Workers}[n.Role]
		require.GreaterOrEqual(t, n.Usable(), (want*(100+o.Growth)+99)/100)
	}
}

// Whatever is asked for, the plan holds, the network that it leads to passes the
// checks of its topology, a second plan of it is empty, and the order of the
// snapshot does not matter.
func TestPlansProveThemselves(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	blocks := []string{"10.0.0.0/16", "10.16.0.0/18", "10.99.0.0/20", "192.168.0.0/20", "172.20.0.0/22", "10.1.2.0/23", "10.1.2.0/24", "100.64.0.0/16"}
	planned, refused := 0, 0
	for range 2000 {
		o := plan.Options{
			Cluster: "demo", Topology: network.Topology(r.IntN(2)), NAT: plan.NATLayout(r.IntN(2)),
			CIDR: prefix(blocks[r.IntN(len(blocks))]), Zones: zones(2 + r.IntN(5)),
		}
		r.Shuffle(len(o.Zones), func(i, j int) { o.Zones[i], o.Zones[j] = o.Zones[j], o.Zones[i] })
		if r.IntN(2) == 0 {
			o.Controllers, o.Workers, o.Growth = r.IntN(200), r.IntN(5000), r.IntN(120)
		}
		if r.IntN(3) == 0 {
			o.ZoneSlots = len(o.Zones) + r.IntN(4)
		}
		if r.IntN(2) == 0 {
			o.PodCIDR, o.ServiceCIDR = prefix("10.2.0.0/16"), prefix("10.3.0.0/16")
		}
		if r.IntN(3) == 0 {
			o.Forbidden = []netip.Prefix{prefix("10.99.4.0/22"), prefix("10.40.0.0/13")}
		}
		o.IPv6 = r.IntN(4) == 0
		if o.Topology == network.TopologyInternal && r.IntN(2) == 0 {
			o.PrivateRoutes = map[netip.Prefix]network.Target{prefix("10.128.0.0/9"): {Kind: network.TargetVPNGateway, ID: "vgw-0a"}}
		}
		if r.IntN(4) == 0 {
			o.Endpoints = []string{"s3", "ecr.api", "ecr.dkr"}
		}
		s := nt.Empty()
		p, err := plan.New(s, o)
		if err != nil {
			refused++
			continue
		}
		planned++
		holds(t, s, o, p)
		require.Empty(t, p.Findings, "%+v\n%s", o, p)
		require.NoError(t, p.Err())

		after := p.Snapshot(s)
		shuffle(r, &after)
		second := made(t, after, o)
		require.True(t, second.Empty(), "%+v\nfirst\n%s\nsecond\n%s", o, p, second)
		for i, n := range second.Subnets {
			require.Equal(t, p.Subnets[i].CIDR, n.CIDR)
		}
		if len(o.Zones) < 6 && (o.ZoneSlots == 0 || len(o.Zones) < o.ZoneSlots) {
			grows(t, after, o, p)
		}
	}
	t.Logf("%d planned, %d refused", planned, refused)
	assert.Greater(t, planned, 1000)
	assert.Greater(t, refused, 100)
}

// One zone more keeps every block, and adds those of the zone.
func grows(t *testing.T, after network.Snapshot, o plan.Options, p plan.Plan) {
	t.Helper()
	for _, z := range zones(6) {
		if !slices.Contains(o.Zones, z) {
			o.Zones = append(slices.Clone(o.Zones), z)
			break
		}
	}
	if len(o.Zones) == 5 && o.ZoneSlots == 0 {
		o.ZoneSlots = 4 // the plan kept room for four: a fifth is refused
		_, err := plan.New(after, o)
		require.ErrorContains(t, err, "ZoneSlots 4: want as many as there are zones (5)")
		return
	}
	grown, err := plan.New(after, o)
	require.NoError(t, err, "%+v", o)
	holds(t, after, o, grown)
	require.Empty(t, grown.Findings)
	for _, was := range p.Subnets {
		i := slices.IndexFunc(grown.Subnets, func(n plan.Subnet) bool { return n.Name == was.Name })
		require.Equal(t, was.CIDR, grown.Subnets[i].CIDR, was.Name)
		require.NotEmpty(t, grown.Subnets[i].ID)
	}
	require.Positive(t, grown.Missing())
}

func shuffle(r *rand.Rand, s *network.Snapshot) {
	r.Shuffle(len(s.Subnets.Items), func(i, j int) { s.Subnets.Items[i], s.Subnets.Items[j] = s.Subnets.Items[j], s.Subnets.Items[i] })
	r.Shuffle(len(s.RouteTables.Items), func(i, j int) {
		s.RouteTables.Items[i], s.RouteTables.Items[j] = s.RouteTables.Items[j], s.RouteTables.Items[i]
	})
	r.Shuffle(len(s.Zones.Items), func(i, j int) { s.Zones.Items[i], s.Zones.Items[j] = s.Zones.Items[j], s.Zones.Items[i] })
	r.Shuffle(len(s.NATGateways.Items), func(i, j int) {
		s.NATGateways.Items[i], s.NATGateways.Items[j] = s.NATGateways.Items[j], s.NATGateways.Items[i]
	})
}

// Tectonic makes no internet gateway in a VPC that exists.
func TestNoInternetGatewayInSomebodysVPC(t *testing.T) {
	s, _ := nt.Public()
	nt.DetachGateway(&s)
	s.InternetGateways.Items = nil
	for _, topology := range []network.Topology{network.TopologyPublic, network.TopologyInternal} {
		p := made(t, s, plan.Options{Cluster: "prod", VPC: nt.VPC, Topology: topology})
		assert.Nil(t, p.InternetGateway)
		require.NotEmpty(t, p.Findings)
		assert.Equal(t, groundway.Code("network/vpc-no-internet-gateway"), p.Findings[len(p.Findings)-1].Code)
		assert.ErrorContains(t, p.Err(), "network/vpc-no-internet-gateway")
		assert.False(t, p.Empty())
	}
}

func TestWithoutNAT(t *testing.T) {
	p := made(t, nt.Empty(), plan.Options{Cluster: "prod", NAT: plan.NATNone, Topology: network.TopologyInternal, Endpoints: []string{"s3", "ec2"}})
	assert.Nil(t, p.InternetGateway)
	assert.Empty(t, p.NATGateways)
	assert.NotEmpty(t, p.Findings, "Tectonic asks for a way to the internet")
	assert.Len(t, p.Endpoints, 2)
}

func TestCandidates(t *testing.T) {
	p := made(t, nt.Empty(), plan.Options{Cluster: "demo", PodCIDR: prefix("10.0.0.0/12"), Forbidden: []netip.Prefix{prefix("10.32.0.0/12")}})
	assert.Equal(t, prefix("10.16.0.0/16"), p.VPC.CIDR)
	assert.Equal(t, []plan.Rejected{{CIDR: prefix("10.0.0.0/16"), Reason: "it overlaps 10.0.0.0/12, the pods' block"}}, p.Rejected)
	assert.True(t, strings.HasPrefix(p.String(), "- 10.0.0.0/16: it overlaps 10.0.0.0/12, the pods' block\n+ VPC 10.16.0.0/16\n"))
}

func TestErrors(t *testing.T) {
	existing, _ := nt.Public()
	unseen, _ := nt.Public()
	nt.Deny(&unseen.Subnets, "ec2:DescribeSubnets")
	noZones := nt.Empty()
	nt.Deny(&noZones.Zones, "ec2:DescribeAvailabilityZones")
	full, _ := nt.Public()
	nt.Subnet(&full, "subnet-0w1").CIDRs[0].Prefix = prefix("10.0.128.0/17")
	nt.Subnet(&full, "subnet-0w2").CIDRs[0].Prefix = prefix("10.0.0.0/17")
	for _, test := range []struct {
		name string
		s    network.Snapshot
		o    plan.Options
		want string
	}{
		{"nothing", nt.Empty(), plan.Options{}, `plan network: Cluster "": want 1 to 100 lower-case letters, digits and hyphens`},
		{
			"everything at once", nt.Empty(),
			plan.Options{Cluster: "A", VPC: "vpc-0a1", CIDR: prefix("10.0.0.1/8"), Zones: []string{"us-east-1", "us-east-1a", "us-east-1a"}, ZoneSlots: 99, Workers: -1, Growth: -1, NAT: 9, Endpoints: []string{"S3"}, Tags: map[string]string{"aws:x": ""}, PodCIDR: prefix("10.2.0.1/16"), Forbidden: []netip.Prefix{{}}},
			"plan network: CIDR 10.0.0.1/8: want an IPv4 block from /16 to /28 without host bits\n" +
				"Cluster \"A\": want 1 to 100 lower-case letters, digits and hyphens\n" +
				"Endpoints: \"S3\" is no service, want one such as s3 or ecr.api\n" +
				"Forbidden: holds the zero block\n" +
				"Growth -1: want 0 to 1000 per cent\n" +
				"NAT 9: not a valid value\n" +
				"PodCIDR 10.2.0.1/16: has host bits set, want 10.2.0.0/16\n" +
				"Tags: \"aws:x\" is AWS's own\n" +
				"VPC \"vpc-0a1\" and CIDR: a VPC that exists has its blocks\n" +
				"Workers -1: want 0 to 65531 addresses in a subnet\n" +
				"ZoneSlots 99: want as many as there are zones (3), and 16 at most\n" +
				"Zones: \"us-east-1\" is no zone, want one such as us-east-1a\n" +
				"Zones: us-east-1a stands twice",
		},
		{"a zone that is not there", nt.Empty(), plan.Options{Cluster: "demo", Zones: []string{"us-east-1z"}}, "plan network: zone us-east-1z: the account has none of this name in us-east-1, want one of us-east-1a, us-east-1b, us-east-1c, us-east-1d, us-east-1e, us-east-1f"},
		{"a local zone", nt.Empty(), plan.Options{Cluster: "demo", Zones: []string{"us-east-1-bos-1a"}}, "plan network: zone us-east-1-bos-1a: it is a local-zone"},
		{"no zones are seen", noZones, plan.Options{Cluster: "demo"}, "plan network: which zones there are could not be seen: ec2:DescribeAvailabilityZones: UnauthorizedOperation"},
		{"a VPC that is not there", existing, plan.Options{Cluster: "demo", VPC: "vpc-0b2"}, "plan network: the VPC vpc-0b2 does not exist in us-east-1"},
		{"a VPC whose subnets are not seen", unseen, plan.Options{Cluster: "demo", VPC: nt.VPC}, "plan network: the subnets could not be seen: ec2:DescribeSubnets: UnauthorizedOperation"},
		{"a VPC without IPv6", existing, plan.Options{Cluster: "demo", VPC: nt.VPC, IPv6: true}, "plan network: IPv6 is asked for, and the VPC vpc-0a1 has no block of it"},
		{"a VPC without room", full, plan.Options{Cluster: "demo", VPC: nt.VPC, Workers: 10, Controllers: 10}, "plan network: no room for the controller subnets, 4 blocks of /27 (27 usable addresses each) in one piece: 0 addresses are left, the largest free block is none; wanted in all: controller 4 × /27, worker 4 × /28; use a larger VPC, fewer addresses a subnet, or fewer zone slots"},
		{"too many addresses", nt.Empty(), plan.Options{Cluster: "demo", CIDR: prefix("10.0.0.0/20"), Workers: 1000}, "plan network: no room for the controller subnets, 4 blocks of /25 (123 usable addresses each) in one piece: 0 addresses are left, the largest free block is none; wanted in all: controller 4 × /25, worker 4 × /22; use a larger VPC, fewer addresses a subnet, or fewer zone slots"},
		{"nowhere to go", nt.Empty(), plan.Options{Cluster: "demo", CIDR: prefix("172.17.0.0/20")}, "plan network: no block is left for the VPC: 172.17.0.0/20: it overlaps 172.17.0.0/16, Docker's bridge"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := plan.New(test.s, test.o)
			assert.EqualError(t, err, test.want)
		})
	}
}

// The block of a VPC that a plan made is not changed afterwards.
func TestAnotherBlockLater(t *testing.T) {
	s := nt.Empty()
	p := made(t, s, plan.Options{Cluster: "demo", CIDR: prefix("10.0.0.0/16")})
	_, err := plan.New(p.Snapshot(s), plan.Options{Cluster: "demo", CIDR: prefix("10.16.0.0/16")})
	assert.EqualError(t, err, "plan network: the VPC vpc-demo of an earlier plan has the block 10.0.0.0/16, and 10.16.0.0/16 is wanted: blocks are never changed")
	other := made(t, p.Snapshot(s), plan.Options{Cluster: "other", CIDR: prefix("10.16.0.0/16")})
	assert.Empty(t, other.VPC.ID, "another owner's VPC is another VPC")
}

func TestTags(t *testing.T) {
	p := made(t, nt.Empty(), plan.Options{Cluster: "demo", Owner: "team-a", Tags: map[string]string{"cost": "42"}})
	assert.Equal(t, map[string]string{
		"Name": "demo-worker-us-east-1a", "cost": "42", "groundway:owner": "team-a", "groundway:resource": "subnet/worker-us-east-1a",
		"kubernetes.io/cluster/demo": "shared", "kubernetes.io/role/internal-elb": "1",
	}, p.TagsOf("subnet", "worker-us-east-1a"))
	assert.Equal(t, "1", p.TagsOf("subnet", "controller-us-east-1a")["kubernetes.io/role/elb"])
	assert.NotContains(t, p.TagsOf("nat-gateway", "us-east-1a"), "kubernetes.io/cluster/demo")
	assert.Equal(t, "demo", p.TagsOf("vpc", "")["Name"])

	// What the cloud controller takes must not depend on identifiers, which break
	// ties: load balancers of an internal cluster have one kind of subnet.
	p = made(t, nt.Empty(), plan.Options{Cluster: "demo", Topology: network.TopologyInternal})
	assert.Equal(t, "1", p.TagsOf("subnet", "controller-us-east-1a")["kubernetes.io/role/internal-elb"])
	for _, name := range []string{"worker-us-east-1a", "edge-us-east-1a"} {
		assert.NotContains(t, p.TagsOf("subnet", name), "kubernetes.io/role/internal-elb")
		assert.NotContains(t, p.TagsOf("subnet", name), "kubernetes.io/role/elb")
	}
}

// In China most services have names of their own; those of gateway endpoints have
// the names that they have elsewhere.
func TestServicesOfChina(t *testing.T) {
	assert.Equal(t, "cn.com.amazonaws.cn-north-1.ecr.api", plan.Endpoint{Name: "ecr.api"}.Service("cn-north-1"))
	assert.Equal(t, "com.amazonaws.cn-north-1.s3", plan.Endpoint{Name: "s3", Gateway: true}.Service("cn-north-1"))
	assert.Equal(t, "com.amazonaws.us-east-1.ecr.api", plan.Endpoint{Name: "ecr.api"}.Service("us-east-1"))
}

func TestBlock6(t *testing.T) {
	got, err := plan.Block6(prefix("2001:db8:0:ff00::/56"), 256)
	require.NoError(t, err)
	assert.Equal(t, prefix("2001:db8:0:ffff::/64"), got)
	for _, n := range []int{0, 257} {
		_, err = plan.Block6(prefix("2001:db8::/56"), n)
		assert.Error(t, err)
	}
	_, err = plan.Block6(prefix("10.0.0.0/16"), 1)
	assert.EqualError(t, err, "block 1 of 10.0.0.0/16: want an IPv6 block of /56 or larger, and 1 to 256")
}

func TestNATLayout(t *testing.T) {
	for _, l := range []plan.NATLayout{plan.NATPerZone, plan.NATSingle, plan.NATNone} {
		text, err := l.MarshalText()
		require.NoError(t, err)
		var back plan.NATLayout
		require.NoError(t, back.UnmarshalText(text))
		assert.Equal(t, l, back)
	}
	_, err := plan.ParseNATLayout("two")
	assert.EqualError(t, err, `parse NAT layout "two": want zone, one or none`)
}

func BenchmarkNew(b *testing.B) {
	s := nt.Empty()
	o := plan.Options{Cluster: "demo", Zones: zones(6), CIDR: prefix("10.0.0.0/16")}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := plan.New(s, o); err != nil {
			b.Fatal(err)
		}
	}
}

func Example() {
	snapshot, _ := nt.Public() // of an account; here only its zones count
	p, err := plan.New(snapshot, plan.Options{
		Cluster: "prod", CIDR: netip.MustParsePrefix("10.16.0.0/20"), Zones: []string{"us-east-1a", "us-east-1b"},
		NAT: plan.NATSingle, Workers: 250,
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(p)
	fmt.Println(p.Err() == nil)
	// Output:
	// + VPC 10.16.0.0/20
	// + DHCP options ec2.internal, AmazonProvidedDNS
	// + internet gateway
	// + subnet controller-us-east-1a 10.16.4.0/25 in us-east-1a, public, 123 addresses, routes of public
	// + subnet controller-us-east-1b 10.16.4.128/25 in us-east-1b, public, 123 addresses, routes of public
	// + subnet worker-us-east-1a 10.16.0.0/24 in us-east-1a, private, 251 addresses, routes of private-us-east-1a
	// + subnet worker-us-east-1b 10.16.1.0/24 in us-east-1b, private, 251 addresses, routes of private-us-east-1b
	// + NAT gateway us-east-1a in controller-us-east-1a, with an Elastic IP address
	// + route table public
	// +   0.0.0.0/0 to the internet-gateway
	// + route table private-us-east-1a
	// +   0.0.0.0/0 to nat-gateway us-east-1a
	// + route table private-us-east-1b
	// +   0.0.0.0/0 to nat-gateway us-east-1a
	// true
}

// A plan that was printed as JSON is carried out as it was made.
func TestJSONRoundTrip(t *testing.T) {
	for _, o := range []plan.Options{
		{Cluster: "demo", Topology: network.TopologyInternal, Profile: network.ProfileEKS, IPv6: true, Endpoints: []string{"s3", "ec2"}},
		{Cluster: "demo", CIDR: prefix("10.0.0.0/26"), Zones: zones(1), ZoneSlots: 1, NAT: plan.NATNone, Topology: network.TopologyInternal},
	} {
		p := made(t, nt.Empty(), o)
		text, err := json.Marshal(p)
		require.NoError(t, err)
		var back plan.Plan
		require.NoError(t, json.Unmarshal(text, &back))
		assert.Equal(t, p.String(), back.String())
		again, err := json.Marshal(back)
		require.NoError(t, err)
		assert.JSONEq(t, string(text), string(again))
		assert.Equal(t, p.CheckOptions(p.IDs()), back.CheckOptions(back.IDs()))
	}
}

// What an earlier run left half done is to be done.
func TestHalfDone(t *testing.T) {
	s := nt.Empty()
	o := plan.Options{Cluster: "demo", Zones: zones(2), NAT: plan.NATSingle, Endpoints: []string{"ec2", "s3"}}
	after := made(t, s, o).Snapshot(s)
	missing := func(harm func(*network.Snapshot)) string {
		data, err := json.Marshal(after)
		require.NoError(t, err)
		var harmed network.Snapshot
		require.NoError(t, json.Unmarshal(data, &harmed))
		harm(&harmed)
		p := made(t, harmed, o)
		require.Empty(t, p.Findings)
		require.True(t, made(t, p.Snapshot(harmed), o).Empty())
		var lines []string
		for line := range strings.Lines(p.String()) {
			if line[0] != '=' {
				lines = append(lines, strings.TrimSuffix(line, "\n"))
			}
		}
		return strings.Join(lines, "|")
	}
	for _, test := range []struct {
		want string
		harm func(*network.Snapshot)
	}{
		{"", func(*network.Snapshot) {}},
		{"+ DNS support and hostnames of the VPC", func(s *network.Snapshot) { s.DNSHostnames.Items[0].Enabled = false }},
		{"+ association of the DHCP options dopt-demo", func(s *network.Snapshot) { s.VPCs.Items[0].DHCPOptionsID = "default" }},
		{"+   public addresses on launch", func(s *network.Snapshot) { nt.Subnet(s, "subnet-controller-us-east-1a").AutoPublicIP = new(false) }},
		{"~   0.0.0.0/0 to nat-gateway nat-us-east-1a in place of nat-0f", func(s *network.Snapshot) {
			table := nt.RouteTable(s, "rtb-private-us-east-1b")
			for i := range table.Routes {
				if table.Routes[i].Target.Kind == network.TargetNATGateway {
					table.Routes[i].Target.ID = "nat-0f"
				}
			}
		}},
		{"~   association with worker-us-east-1b in place of rtb-private-us-east-1a", func(s *network.Snapshot) {
			nt.RouteTable(s, "rtb-private-us-east-1a").Associations = append(nt.RouteTable(s, "rtb-private-us-east-1a").Associations, nt.RouteTable(s, "rtb-private-us-east-1b").Associations...)
			nt.RouteTable(s, "rtb-private-us-east-1b").Associations = nil
		}},
		{"+   tcp 443 from 10.0.0.0/16", func(s *network.Snapshot) {
			s.SecurityGroups.Items[0].Ingress = nil
		}},
		{"+   tcp 443 from 10.0.0.0/16 10.1.0.0/16", func(s *network.Snapshot) {
			s.VPCs.Items[0].CIDRs = append([]network.CIDR{{Prefix: prefix("10.1.0.0/16"), State: "associated"}}, s.VPCs.Items[0].CIDRs...)
		}},
		// A gateway of an earlier time, which EC2 shows for an hour, is none.
		{"", func(s *network.Snapshot) {
			old := s.NATGateways.Items[0]
			old.ID, old.State = "nat-0deleted", "deleted"
			s.NATGateways.Items = append(groundway.List[network.NATGateway]{old}, s.NATGateways.Items...)
		}},
		{"+ endpoint com.amazonaws.us-east-1.s3 in routes of private-us-east-1a, private-us-east-1b", func(s *network.Snapshot) {
			for i := range s.Endpoints.Items {
				if s.Endpoints.Items[i].Type == "Gateway" {
					s.Endpoints.Items[i].State = "deleting"
				}
			}
		}},
		{"", func(s *network.Snapshot) {
			table := nt.RouteTable(s, "rtb-private-us-east-1b")
			table.Routes = append(table.Routes, network.Route{
				Prefix: prefix("0.0.0.0/0"), Target: network.Target{Kind: network.TargetVPNGateway, ID: "vgw-0a"}, State: "active", Origin: "EnableVgwRoutePropagation",
			})
		}},
		{"+   private-us-east-1a, private-us-east-1b", func(s *network.Snapshot) {
			for i := range s.Endpoints.Items {
				s.Endpoints.Items[i].RouteTableIDs = nil
			}
		}},
	} {
		assert.Equal(t, test.want, missing(test.harm))
	}
}
