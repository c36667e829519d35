package network_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/network/networktest"
)

// named returns the public account with something to hide in every place that
// can hold it. The names to hide have "acme" in them; the accounts are 4444… and
// 5555…, beside that of networktest; the public addresses are 198.51.100.0/24
// and 203.0.113.0/24.
func named() (network.Snapshot, network.Options) {
	s, o := networktest.Public()
	const other, third = "444455556666", "555566667777"
	v := networktest.TheVPC(&s)
	v.OwnerID = other
	v.CIDRs = append(v.CIDRs, network.CIDR{Prefix: netip.MustParsePrefix("203.0.113.128/25"), State: "associated"})
	v.Tags = map[string]string{
		"Name":                            "acme-vpc",
		"acme:cost-center":                "acme-4711",
		"owner":                           "acme-team",
		"aws:cloudformation:stack-name":   "acme-stack",
		"kubernetes.io/cluster/demo":      "owned",
		"kubernetes.io/cluster/acme-old":  "owned",
		"kubernetes.io/cluster/unmanaged": "1",
		"kubernetes.io/role/elb":          "1",
		"kubernetes.io/role/cni":          "0",
		"kubernetes.io/role/internal-elb": "",
		"sigs.k8s.io/cluster-api-provider-aws/cluster/acme-capa": "shared",
		"acme": "owned",
	}
	n := networktest.Subnet(&s, "subnet-0c1")
	n.OwnerID = third
	n.OutpostARN = "arn:aws:outposts:us-east-1:444455556666:outpost/op-0a"
	n.Tags = map[string]string{"Name": "acme-vpc", "owner": "acme-vpc", "acme-old": "acme-old"}
	networktest.SetRoute(&s, "rtb-01", "10.99.0.0/16", "arn:aws:networkmanager::555566667777:core-network/core-network-0a")
	t := networktest.RouteTable(&s, "rtb-02")
	for i, hop := range []string{"198.51.100.77", "10.0.0.77", "203.0.113.200"} {
		t.Routes = append(t.Routes, network.Route{
			Prefix: netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(100 + i)}), 16),
			Target: network.Target{Kind: network.TargetAddress, ID: hop}, State: "active", Origin: "Advertisement",
		})
	}
	s.DHCPOptions.Items[0].Values = map[string][]string{
		"domain-name":         {"ec2.internal acme.example.com us-west-2.compute.internal  acme-corp-1.compute.internal"},
		"domain-name-servers": {"AmazonProvidedDNS", "10.0.0.2", "198.51.100.53", "203.0.113.130", "dns.acme.example.com", "fd00:ec2::253", "2600:1f18::53"},
		"ntp-servers":         {"169.254.169.123", "100.64.0.1"},
		"netbios-node-type":   {"2"},
	}
	nat := networktest.NATGateway(&s, "nat-02")
	nat.State, nat.FailureCode = "failed", "Gateway.NotAttached"
	nat.FailureMessage = "Network acme-vpc has no Internet gateway attached"
	networktest.AddGroup(&s, "sg-0c", networktest.Allow("tcp 22", "10.0.0.0/8"))
	g := networktest.SecurityGroup(&s, "sg-0c")
	g.Name, g.OwnerID, g.Tags = "acme-nodes", other, map[string]string{"Name": "acme-nodes"}
	g.Ingress[0].Groups = []network.GroupRef{{ID: "sg-0p", OwnerID: third, VPCID: "vpc-0p", PeeringID: "pcx-0a", PeeringStatus: "active"}}
	a := networktest.NetworkACL(&s, "acl-0a")
	a.OwnerID, a.Tags = other, map[string]string{"Name": "acme-acl"}
	networktest.AddInterfaceEndpoint(&s, "vpce-0a", "sts", "sg-0c", "subnet-0w1")
	e := networktest.Endpoint(&s, "vpce-0a")
	e.OwnerID, e.Tags = other, map[string]string{"Name": "acme-endpoint"}
	s.Peerings = groundway.SeenPart(network.Peering{
		ID: "pcx-0a", State: "active", Tags: map[string]string{"Name": "acme-peer"},
		Requester: network.PeeredVPC{VPCID: "vpc-0a1", OwnerID: other}, Accepter: network.PeeredVPC{VPCID: "vpc-0p", OwnerID: third},
	})
	s.ClusterTags = groundway.SeenPart(network.ClusterTag{ResourceID: "sg-0old", TagKey: "kubernetes.io/cluster/acme-old", Value: "owned"})
	s.LoadBalancerTags = groundway.SeenPart(
		network.ClusterTag{ResourceID: "arn:aws:elasticloadbalancing:us-east-1:444455556666:loadbalancer/acme-con", TagKey: "kubernetes.io/cluster/acme-old", Value: "owned"},
		network.ClusterTag{ResourceID: "arn:aws:elasticloadbalancing:us-east-1:444455556666:loadbalancer/net/acme-int/50dc6c", TagKey: "kubernetes.io/cluster/acme-old", Value: "owned"},
	)
	s.Zones = groundway.UnseenPart[network.Zone](groundway.Gap{
		Action: "ec2:DescribeAvailabilityZones", Code: "UnauthorizedOperation", Account: other,
		Message: "User: arn:aws:iam::444455556666:user/acme-bob is not authorized",
	})
	return s, o
}

func marshal(t testing.TB, s network.Snapshot) string {
	t.Helper()
	data, err := json.MarshalIndent(s, "", "  ")
	require.NoError(t, err)
	return string(data)
}

func TestRedact(t *testing.T) {
	t.Parallel()
	s, _ := named()
	before := marshal(t, s)
	r := s.Redact("demo")
	assert.Equal(t, before, marshal(t, s), "the receiver stays")

	assert.Equal(t, "000000000001", r.Account)
	assert.Equal(t, networktest.Region, r.Region)
	assert.Equal(t, s.Time, r.Time)
	v := networktest.TheVPC(&r)
	assert.Equal(t, "000000000002", v.OwnerID)
	assert.Equal(t, s.VPCs.Items[0].CIDRs, v.CIDRs)
	assert.Equal(t, map[string]string{
		"Name":                            "name-1",
		"tag-1":                           "owned", // acme
		"tag-2":                           "value-1",
		"tag-3":                           "value-3",
		"aws:cloudformation:stack-name":   "value-2",
		"kubernetes.io/cluster/demo":      "owned",
		"kubernetes.io/cluster/cluster-1": "owned",
		"kubernetes.io/cluster/unmanaged": "1",
		"kubernetes.io/role/elb":          "1",
		"kubernetes.io/role/cni":          "0",
		"kubernetes.io/role/internal-elb": "",
		"sigs.k8s.io/cluster-api-provider-aws/cluster/cluster-2": "shared",
	}, v.Tags)
	n := networktest.Subnet(&r, "subnet-0c1")
	assert.Equal(t, "000000000003", n.OwnerID)
	assert.Equal(t, "arn:aws:outposts:us-east-1:000000000002:outpost/op-0a", n.OutpostARN)
	assert.Equal(t, map[string]string{"Name": "name-1", "tag-3": "name-1", "cluster-1": "cluster-1"}, n.Tags)
	targets := map[string]string{}
	for _, id := range []string{"rtb-01", "rtb-02"} {
		for _, route := range networktest.RouteTable(&r, id).Routes {
			targets[route.Prefix.String()] = route.Target.ID
		}
	}
	assert.Equal(t, "arn:aws:networkmanager::000000000003:core-network/core-network-0a", targets["10.99.0.0/16"])
	assert.Equal(t, "240.0.0.2", targets["10.100.0.0/16"])
	assert.Equal(t, "10.0.0.77", targets["10.101.0.0/16"])
	assert.Equal(t, "203.0.113.200", targets["10.102.0.0/16"], "within a block of the VPC")
	assert.Equal(t, map[string][]string{
		"domain-name":         {"ec2.internal domain-1.example us-west-2.compute.internal  domain-2.example"},
		"domain-name-servers": {"AmazonProvidedDNS", "10.0.0.2", "240.0.0.1", "203.0.113.130", "domain-3.example", "fd00:ec2::253", "2001:db8::1"},
		"ntp-servers":         {"169.254.169.123", "100.64.0.1"},
		"netbios-node-type":   {"2"},
	}, r.DHCPOptions.Items[0].Values)
	nat := networktest.NATGateway(&r, "nat-01")
	assert.Equal(t, []netip.Addr{netip.MustParseAddr("240.0.0.3")}, nat.PublicAddresses)
	nat = networktest.NATGateway(&r, "nat-02")
	assert.Equal(t, "Gateway.NotAttached", nat.FailureCode)
	assert.Equal(t, "message-1", nat.FailureMessage)
	g := networktest.SecurityGroup(&r, "sg-0c")
	assert.Equal(t, "group-1", g.Name)
	assert.Equal(t, "000000000002", g.OwnerID)
	assert.Equal(t, "000000000003", g.Ingress[0].Groups[0].OwnerID)
	assert.Equal(t, []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, g.Ingress[0].Prefixes)
	assert.Equal(t, "default", networktest.SecurityGroup(&r, "sg-0a").Name)
	assert.Equal(t, "000000000002", networktest.Endpoint(&r, "vpce-0a").OwnerID)
	assert.Equal(t, "000000000003", r.Peerings.Items[0].Accepter.OwnerID)
	assert.Equal(t, []groundway.Gap{{
		Action: "ec2:DescribeAvailabilityZones", Code: "UnauthorizedOperation", Account: "000000000002", Message: "message-2",
	}}, r.Zones.Gaps)
}

func TestRedactLeaksNothing(t *testing.T) {
	t.Parallel()
	s, _ := named()
	before, after := marshal(t, s), marshal(t, s.Redact("demo"))
	for _, secret := range []string{
		"acme", "4711", "bob", networktest.Account, "444455556666", "555566667777", "198.51.100.", "2600:1f18", "owner\"", "Internet gateway",
	} {
		require.Contains(t, before, secret)
		assert.NotContains(t, after, secret)
	}
	for _, readable := range []string{
		"demo", "vpc-0a1", "subnet-0c1", "10.0.0.0/16", "203.0.113.128/25", "us-east-1a", "ec2.internal", "AmazonProvidedDNS",
		"ec2:DescribeAvailabilityZones", "UnauthorizedOperation", "aws:cloudformation:stack-name",
	} {
		assert.Contains(t, after, readable)
	}
}

func TestRedactKeeps(t *testing.T) {
	t.Parallel()
	s, _ := named()
	r := s.Redact("acme-vpc", "acme-old", "444455556666", "198.51.100.53", "acme.example.com", "000000000001")
	assert.Equal(t, "000000000002", r.Account, "000000000001 is somebody else")
	v := networktest.TheVPC(&r)
	assert.Equal(t, "444455556666", v.OwnerID)
	assert.Equal(t, "acme-vpc", v.Tags["Name"])
	assert.Equal(t, "owned", v.Tags["kubernetes.io/cluster/acme-old"])
	assert.Equal(t, "owned", v.Tags["kubernetes.io/cluster/cluster-1"], "demo is not kept")
	values := r.DHCPOptions.Items[0].Values
	assert.Equal(t, "ec2.internal acme.example.com us-west-2.compute.internal  domain-1.example", values["domain-name"][0])
	assert.Equal(t, "198.51.100.53", values["domain-name-servers"][2])
}

// verdicts returns what the findings say of what, without the words.
func verdicts(findings []groundway.Finding) []string {
	var all []string
	for _, f := range findings {
		all = append(all, fmt.Sprint(f.Code, " ", f.Outcome, " ", f.Severity, " ", f.Subject.Kind, " ", f.Subject.ID))
	}
	return all
}

func TestRedactKeepsVerdicts(t *testing.T) {
	t.Parallel()
	domains := func(names ...string) func(*network.Snapshot) {
		return func(s *network.Snapshot) { s.DHCPOptions.Items[0].Values["domain-name"] = names }
	}
	servers := func(names ...string) func(*network.Snapshot) {
		return func(s *network.Snapshot) { s.DHCPOptions.Items[0].Values["domain-name-servers"] = names }
	}
	for name, edit := range map[string]func(*network.Snapshot){
		"as it is":         func(*network.Snapshot) {},
		"detached":         networktest.DetachGateway,
		"own domain":       domains("acme.example.com"),
		"two domains":      domains("acme.example.com ec2.internal"),
		"domain of Amazon": domains("EC2.Internal."),
		"other region":     domains("eu-west-1.compute.internal"),
		"no domain":        domains(),
		"resolver":         servers("10.0.0.2"),
		"own resolver":     servers("198.51.100.53", "AmazonProvidedDNS"),
		"other cluster": func(s *network.Snapshot) {
			networktest.TheVPC(s).Tags = map[string]string{"kubernetes.io/cluster/acme": "owned", "kubernetes.io/cluster/demo": "owned"}
		},
		"own cluster": func(s *network.Snapshot) {
			networktest.TheVPC(s).Tags = map[string]string{"kubernetes.io/cluster/demo": "owned"}
		},
		"shared": func(s *network.Snapshot) { networktest.TheVPC(s).OwnerID = "444455556666" },
		"unseen": func(s *network.Snapshot) { networktest.Deny(&s.NATGateways, "ec2:DescribeNatGateways") },
	} {
		for topology, fresh := range map[string]func() (network.Snapshot, network.Options){
			"public": networktest.Public, "internal": networktest.Internal, "named": named,
		} {
			t.Run(topology+", "+name, func(t *testing.T) {
				t.Parallel()
				s, o := fresh()
				edit(&s)
				assert.Equal(t, verdicts(network.Check(s, o)), verdicts(network.Check(s.Redact(o.Cluster), o)))
			})
		}
	}
}

// randomSnapshot draws a snapshot from few words, some of which have the form
// of stand-ins already.
func randomSnapshot(rnd *rand.Rand) network.Snapshot {
	pick := func(words ...string) string { return words[rnd.IntN(len(words))] }
	word := func() string {
		kind := pick("acme", "acme", "acme", "name", "value", "tag", "cluster", "message", "domain")
		return kind + "-" + strconv.Itoa(rnd.IntN(30)) + pick("", "", "", ".example")
	}
	account := func() string {
		return pick("", "AWS", fmt.Sprintf("%012d", rnd.IntN(12)), fmt.Sprintf("4444%08d", rnd.IntN(12)))
	}
	address := func() string {
		return pick(fmt.Sprint("198.51.100.", rnd.IntN(9)), fmt.Sprint("240.0.0.", rnd.IntN(9)), fmt.Sprint("10.0.0.", rnd.IntN(9)),
			fmt.Sprint("2600::", rnd.IntN(9)), fmt.Sprint("2001:db8::", rnd.IntN(9)))
	}
	tags := func() map[string]string {
		m := map[string]string{}
		for range rnd.IntN(15) {
			key := pick(word(), word(), word(), "Name", "aws:stack", "kubernetes.io/cluster/"+word(), "kubernetes.io/role/elb")
			m[key] = pick(word(), word(), "", "owned", "shared", "0", "1")
		}
		return m
	}
	gaps := func() (list []groundway.Gap) {
		for range rnd.IntN(3) {
			list = append(list, groundway.Gap{Action: "ec2:DescribeVpcs", Message: word(), Account: account()})
		}
		return list
	}
	var s network.Snapshot
	s.Account = account()
	for i := range rnd.IntN(4) {
		id := strconv.Itoa(i)
		s.VPCs.Items = append(s.VPCs.Items, network.VPC{ID: "vpc-" + id, OwnerID: account(), Tags: tags()})
		s.Subnets.Items = append(s.Subnets.Items, network.Subnet{
			ID: "subnet-" + id, OwnerID: account(), Tags: tags(), OutpostARN: "arn:aws:outposts:us-east-1:" + account() + ":outpost/op-0a",
		})
		s.DHCPOptions.Items = append(s.DHCPOptions.Items, network.DHCPOptions{ID: "dopt-" + id, OwnerID: account(), Tags: tags(), Values: map[string][]string{
			"domain-name": {word() + " " + word()}, "domain-name-servers": {address(), address(), word()},
		}})
		table := network.RouteTable{ID: "rtb-" + id, OwnerID: account(), Tags: tags()}
		for k := range rnd.IntN(12) {
			table.Routes = append(table.Routes, network.Route{
				Prefix: netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(k)}), 16), Origin: pick("CreateRoute", "Advertisement"),
				Target: network.Target{Kind: network.TargetUnknown, ID: pick(address(), "arn:aws:networkmanager::"+account()+":core-network/c")},
			})
		}
		s.RouteTables.Items = append(s.RouteTables.Items, table)
		s.NATGateways.Items = append(s.NATGateways.Items, network.NATGateway{
			ID: "nat-" + id, FailureMessage: word(), Tags: tags(),
			PublicAddresses: []netip.Addr{netip.MustParseAddr(address()), netip.MustParseAddr(address())},
		})
	}
	for i := range rnd.IntN(3) {
		id := strconv.Itoa(i)
		s.ClusterTags.Items = append(s.ClusterTags.Items, network.ClusterTag{ResourceID: "sg-" + id, TagKey: "kubernetes.io/cluster/" + word(), Value: pick(word(), "owned")})
		s.LoadBalancerTags.Items = append(s.LoadBalancerTags.Items, network.ClusterTag{
			ResourceID: "arn:aws:elasticloadbalancing:us-east-1:" + account() + ":loadbalancer/" + id + "/" + word(), TagKey: "kubernetes.io/cluster/x", Value: "owned",
		})
		rules := func() (list groundway.List[network.SecurityRule]) {
			for k := range rnd.IntN(4) {
				list = append(list, network.SecurityRule{Protocol: strconv.Itoa(9 - k), Groups: []network.GroupRef{
					{ID: "sg-" + strconv.Itoa(rnd.IntN(3)), OwnerID: account()}, {ID: "sg-9", OwnerID: account()},
				}})
			}
			return list
		}
		s.SecurityGroups.Items = append(s.SecurityGroups.Items, network.SecurityGroup{
			ID: "sg-" + id, OwnerID: account(), Name: pick(word(), "group-3", "default"), Ingress: rules(), Egress: rules(), Tags: tags(),
		})
		s.NetworkACLs.Items = append(s.NetworkACLs.Items, network.NetworkACL{ID: "acl-" + id, OwnerID: account(), Tags: tags()})
		s.Endpoints.Items = append(s.Endpoints.Items, network.Endpoint{ID: "vpce-" + id, OwnerID: account(), Tags: tags()})
		s.Peerings.Items = append(s.Peerings.Items, network.Peering{
			ID: "pcx-" + id, Requester: network.PeeredVPC{OwnerID: account()}, Accepter: network.PeeredVPC{OwnerID: account()}, Tags: tags(),
		})
	}
	s.VPCs.Gaps, s.Zones.Gaps, s.Endpoints.Gaps = gaps(), gaps(), gaps()
	return s
}

func TestRedactTwice(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		s := randomSnapshot(rnd)
		once := s.Redact("acme-1", "name-2", "444400000003")
		require.Equal(t, marshal(t, once), marshal(t, once.Redact("acme-1", "name-2", "444400000003")), "of %s", marshal(t, s))
		require.NotRegexp(t, `acme-([02-9]|1[0-9])|4444000000(0[0-24-9]|1)|198\.51|2600:`, marshal(t, once))
	}
}

// TestRedactIsOneToOne compares what stands in the same place before and after:
// equal values have equal stand-ins, and different ones different.
func TestRedactIsOneToOne(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 500 {
		s := randomSnapshot(rnd)
		before, after := texts(s), texts(s.Redact("acme-1"))
		require.Len(t, after, len(before))
		to, from := map[string]string{}, map[string]string{}
		for i := range before {
			if was, known := to[before[i]]; known {
				require.Equal(t, was, after[i], before[i])
			}
			if was, known := from[after[i]]; known {
				require.Equal(t, was, before[i], after[i])
			}
			to[before[i]], from[after[i]] = after[i], before[i]
		}
	}
}

// texts returns the values of a snapshot that have a place which redaction does
// not change, in the order of the places.
func texts(s network.Snapshot) []string {
	list := []string{s.Account}
	for _, v := range s.VPCs.Items {
		list = append(list, v.OwnerID, v.Tags["Name"], v.Tags["kubernetes.io/role/elb"])
	}
	for _, n := range s.Subnets.Items {
		list = append(list, n.OwnerID, n.Tags["Name"], strings.Split(n.OutpostARN, ":")[4])
	}
	for _, d := range s.DHCPOptions.Items {
		list = append(list, d.OwnerID, d.Tags["Name"])
		list = append(list, strings.Fields(d.Values["domain-name"][0])...)
		list = append(list, d.Values["domain-name-servers"]...)
	}
	for _, n := range s.NATGateways.Items {
		list = append(list, n.FailureMessage, n.Tags["Name"])
	}
	for _, g := range append(s.VPCs.Gaps, s.Zones.Gaps...) {
		list = append(list, g.Message, g.Account)
	}
	return list
}

func TestRedactZero(t *testing.T) {
	t.Parallel()
	assert.Equal(t, network.Snapshot{}, network.Snapshot{}.Redact())
}

func ExampleSnapshot_Redact() {
	var s network.Snapshot
	s.Account = "111122223333"
	s.VPCs = groundway.SeenPart(network.VPC{ID: "vpc-0a1", OwnerID: "111122223333", Tags: map[string]string{
		"Name": "payments", "kubernetes.io/cluster/demo": "owned",
	}})
	s = s.Redact("demo")
	fmt.Println(s.Account, s.VPCs.Items[0].ID, s.VPCs.Items[0].OwnerID)
	fmt.Println(s.VPCs.Items[0].Tags)
	// Output:
	// 000000000001 vpc-0a1 000000000001
	// map[Name:name-1 kubernetes.io/cluster/demo:owned]
}
