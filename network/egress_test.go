package network_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/network"
	nt "github.com/groundway-sdk/groundway/network/networktest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func egressOf(t *testing.T, s network.Snapshot, subnet string) network.SubnetEgress {
	t.Helper()
	list := network.ClassifySubnets(s, nt.VPC)
	i := slices.IndexFunc(list, func(e network.SubnetEgress) bool { return e.SubnetID == subnet })
	require.GreaterOrEqual(t, i, 0, "the subnet is classified")
	return list[i]
}

func TestClassifySubnets(t *testing.T) {
	tests := []struct {
		name  string
		edit  func(*network.Snapshot) // of subnet-0w1, which has rtb-01
		class network.Class
		ipv6  network.Class // of subnet-0w1 with an IPv6 block; empty is not asked
		route string        // the destination that decides
		cause network.Cause
		gaps  string
	}{
		{name: "NAT", class: network.ClassNAT, route: "0.0.0.0/0"},
		{name: "internet gateway", edit: to("igw-0a"), class: network.ClassInternet, route: "0.0.0.0/0"},
		{name: "virtual private gateway", edit: to("vgw-0a"), class: network.ClassPrivate},
		{name: "transit gateway", edit: to("tgw-0a"), class: network.ClassPrivate},
		{
			name: "a peering connection leads no further than its VPC", edit: to("pcx-0a"),
			class: network.ClassBroken, cause: network.Cause{Code: "network/route-default-blackhole", ID: "rtb-01"},
		},
		{
			name:  "public block of a peer beside NAT",
			edit:  func(s *network.Snapshot) { nt.SetRoute(s, "rtb-01", "44.0.0.0/16", "pcx-0a") },
			class: network.ClassNAT, route: "0.0.0.0/0",
		},
		{name: "local gateway", edit: to("lgw-0a"), class: network.ClassPrivate},
		{name: "core network", edit: to("arn:aws:networkmanager::111122223333:core-network/core-network-0a"), class: network.ClassPrivate},
		{name: "carrier gateway", edit: to("cagw-0a"), class: network.ClassCarrier},
		{name: "NAT instance", edit: to("i-0a"), class: network.ClassAppliance},
		{name: "interface of an appliance", edit: to("eni-0a"), class: network.ClassAppliance},
		{name: "Gateway Load Balancer endpoint", edit: to("vpce-0a"), class: network.ClassAppliance},
		{name: "nothing", edit: func(s *network.Snapshot) { nt.RemoveRoute(s, "rtb-01", "0.0.0.0/0") }, class: network.ClassIsolated},
		{
			name: "gateway endpoint only",
			edit: func(s *network.Snapshot) {
				nt.RemoveRoute(s, "rtb-01", "0.0.0.0/0")
				nt.SetRoute(s, "rtb-01", "pl-0s3", "vpce-0a")
			},
			class: network.ClassEndpoints,
		},
		{
			name:  "gateway endpoint beside NAT, its entries not seen",
			edit:  func(s *network.Snapshot) { nt.SetRoute(s, "rtb-01", "pl-0s3", "vpce-0a") },
			class: network.ClassNAT,
		},
		{
			name: "dead peering",
			edit: func(s *network.Snapshot) {
				to("pcx-0a")(s)
				nt.Blackhole(s, "rtb-01", "0.0.0.0/0")
			},
			class: network.ClassBroken, cause: network.Cause{Code: "network/route-default-blackhole", ID: "rtb-01"},
		},
		{
			name: "a blackhole does not fall back to a shorter route",
			edit: func(s *network.Snapshot) {
				for _, half := range []string{"0.0.0.0/1", "128.0.0.0/1"} {
					nt.SetRoute(s, "rtb-01", half, "pcx-0a")
					nt.Blackhole(s, "rtb-01", half)
				}
			},
			class: network.ClassBroken,
		},
		{
			name: "split default over an internet gateway",
			edit: func(s *network.Snapshot) {
				nt.SetRoute(s, "rtb-01", "0.0.0.0/1", "igw-0a")
				nt.SetRoute(s, "rtb-01", "128.0.0.0/1", "igw-0a")
			},
			class: network.ClassInternet,
		},
		{
			name: "halves that go two ways",
			edit: func(s *network.Snapshot) {
				nt.SetRoute(s, "rtb-01", "0.0.0.0/1", "tgw-0a")
			},
			class: network.ClassMixed,
		},
		{
			name:  "the company's own /8 does not change the class",
			edit:  func(s *network.Snapshot) { nt.SetRoute(s, "rtb-01", "44.0.0.0/8", "tgw-0a") },
			class: network.ClassNAT, route: "0.0.0.0/0",
		},
		{
			name: "default as a prefix list",
			edit: func(s *network.Snapshot) {
				nt.RemoveRoute(s, "rtb-01", "0.0.0.0/0")
				s.PrefixLists = groundway.SeenPart(network.PrefixList{ID: "pl-0d", Entries: []netip.Prefix{prefix("0.0.0.0/1"), prefix("128.0.0.0/1")}})
				nt.SetRoute(s, "rtb-01", "pl-0d", "tgw-0a")
			},
			class: network.ClassPrivate, route: "pl-0d",
		},
		{
			name: "a static route comes before a prefix list of the same length",
			edit: func(s *network.Snapshot) {
				s.PrefixLists = groundway.SeenPart(network.PrefixList{ID: "pl-0d", Entries: []netip.Prefix{prefix("0.0.0.0/0")}})
				nt.SetRoute(s, "rtb-01", "pl-0d", "tgw-0a")
			},
			class: network.ClassNAT, route: "0.0.0.0/0",
		},
		{
			name: "a prefix list comes before a propagated route",
			edit: func(s *network.Snapshot) {
				s.PrefixLists = groundway.SeenPart(network.PrefixList{ID: "pl-0d", Entries: []netip.Prefix{prefix("0.0.0.0/0")}})
				nt.SetRoute(s, "rtb-01", "pl-0d", "eni-0a")
				propagate(s, "vgw-0a")
			},
			class: network.ClassAppliance, route: "pl-0d",
		},
		{
			name:  "a static route comes before a propagated one of the same length",
			edit:  func(s *network.Snapshot) { addPropagated(s, "0.0.0.0/0", "vgw-0a") },
			class: network.ClassNAT, route: "0.0.0.0/0",
		},
		{
			name: "a longer propagated route comes before a static one",
			edit: func(s *network.Snapshot) {
				addPropagated(s, "0.0.0.0/1", "vgw-0a")
				addPropagated(s, "128.0.0.0/1", "vgw-0a")
			},
			class: network.ClassPrivate,
		},
		{
			name: "default as a prefix list over a Gateway Load Balancer endpoint",
			edit: func(s *network.Snapshot) {
				nt.RemoveRoute(s, "rtb-01", "0.0.0.0/0")
				s.PrefixLists = groundway.SeenPart(network.PrefixList{ID: "pl-0d", Entries: []netip.Prefix{prefix("0.0.0.0/1"), prefix("128.0.0.0/1")}})
				nt.SetRoute(s, "rtb-01", "pl-0d", "vpce-0g")
				s.Endpoints.Items = append(s.Endpoints.Items, network.Endpoint{ID: "vpce-0g", VPCID: nt.VPC, Type: "GatewayLoadBalancer"})
			},
			class: network.ClassAppliance, route: "pl-0d",
		},
		{
			name:  "prefix list not read, another way than the rest",
			edit:  func(s *network.Snapshot) { nt.SetRoute(s, "rtb-01", "pl-0d", "tgw-0a") },
			class: network.ClassUnknown, gaps: "ec2:GetManagedPrefixListEntries",
		},
		{
			name: "prefix list not read, the same way as the rest",
			edit: func(s *network.Snapshot) {
				to("tgw-0a")(s)
				nt.SetRoute(s, "rtb-01", "pl-0d", "tgw-0a")
			},
			class: network.ClassPrivate,
		},
		{
			name:  "state not shown",
			edit:  func(s *network.Snapshot) { nt.RouteTable(s, "rtb-01").Routes[1].State = "" },
			class: network.ClassUnknown, gaps: "ec2:DescribeRouteTables",
		},
		{
			name:  "state that AWS does not document",
			edit:  func(s *network.Snapshot) { nt.RouteTable(s, "rtb-01").Routes[1].State = "filtered" },
			class: network.ClassUnknown, gaps: "ec2:DescribeRouteTables",
		},
		{
			name: "target of a kind to come",
			edit: func(s *network.Snapshot) {
				nt.RouteTable(s, "rtb-01").Routes[1].Target = network.Target{Kind: network.TargetUnknown}
			},
			class: network.ClassUnknown, gaps: "ec2:DescribeRouteTables",
		},
		{
			name: "gateway detached",
			edit: func(s *network.Snapshot) {
				to("igw-0a")(s)
				nt.DetachGateway(s)
			},
			class: network.ClassBroken, cause: network.Cause{Code: "network/vpc-no-internet-gateway", ID: nt.VPC},
		},
		{
			name: "gateways not seen, route active: an attachment is implied",
			edit: func(s *network.Snapshot) {
				to("igw-0a")(s)
				nt.Deny(&s.InternetGateways, "ec2:DescribeInternetGateways")
			},
			class: network.ClassInternet,
		},
		{
			name:  "NAT gateways not seen",
			edit:  func(s *network.Snapshot) { nt.Deny(&s.NATGateways, "ec2:DescribeNatGateways") },
			class: network.ClassUnknown, gaps: "ec2:DescribeNatGateways",
		},
		{
			name: "NAT gateways not seen, route dead: that says enough",
			edit: func(s *network.Snapshot) {
				nt.Blackhole(s, "rtb-01", "0.0.0.0/0")
				nt.Deny(&s.NATGateways, "ec2:DescribeNatGateways")
			},
			class: network.ClassBroken, cause: network.Cause{Code: "network/nat-not-available", ID: "nat-01"},
		},
		{
			name: "two NAT gateways behind each other",
			edit: func(s *network.Snapshot) {
				nt.NATGateway(s, "nat-01").SubnetID = "subnet-0w2"
				nt.NATGateway(s, "nat-02").SubnetID = "subnet-0w1"
			},
			class: network.ClassBroken, cause: network.Cause{Code: "network/nat-not-in-public-subnet", ID: "nat-01"},
		},
		{
			name:  "a firewall between the NAT gateway and the internet",
			edit:  func(s *network.Snapshot) { nt.SetRoute(s, "rtb-0c", "0.0.0.0/0", "vpce-0a") },
			class: network.ClassAppliance,
		},
		{
			name: "a firewall behind a private NAT gateway",
			edit: func(s *network.Snapshot) {
				nt.NATGateway(s, "nat-01").Connectivity = "private"
				nt.SetRoute(s, "rtb-0c", "0.0.0.0/0", "vpce-0a")
			},
			class: network.ClassAppliance,
		},
		{
			name: "state of the gateway's attachment not shown, route active",
			edit: func(s *network.Snapshot) {
				to("igw-0a")(s)
				s.InternetGateways.Items[0].Attachments[0].State = ""
			},
			class: network.ClassInternet,
		},
		{
			name:  "the VPC takes all addresses",
			edit:  func(s *network.Snapshot) { nt.TheVPC(s).CIDRs[0].Prefix = prefix("0.0.0.0/0") },
			class: network.ClassIsolated,
		},
		{
			name: "exit of the NAT gateway is cut off",
			edit: func(s *network.Snapshot) {
				nt.Subnet(s, "subnet-0c1").BlockMode = "block-bidirectional"
			},
			class: network.ClassBroken, cause: network.Cause{Code: "network/vpc-block-public-access", ID: nt.VPC},
		},
		{
			name: "no IPv6 route",
			edit: func(s *network.Snapshot) { addIPv6(s, "subnet-0w1") }, class: network.ClassNAT, ipv6: network.ClassIsolated,
		},
		{
			name: "IPv6 through an egress-only gateway",
			edit: func(s *network.Snapshot) {
				addIPv6(s, "subnet-0w1")
				nt.SetRoute(s, "rtb-01", "::/0", "eigw-0a")
			},
			class: network.ClassNAT, ipv6: network.ClassEgressOnly,
		},
		{
			name: "IPv6 through an egress-only gateway that is gone",
			edit: func(s *network.Snapshot) {
				addIPv6(s, "subnet-0w1")
				nt.SetRoute(s, "rtb-01", "::/0", "eigw-0a")
				s.EgressGateways = groundway.SeenPart[network.InternetGateway]()
			},
			class: network.ClassNAT, ipv6: network.ClassBroken,
		},
		{
			name: "IPv6 over the internet gateway leaves IPv4 as it is",
			edit: func(s *network.Snapshot) {
				addIPv6(s, "subnet-0w1")
				nt.SetRoute(s, "rtb-01", "::/0", "igw-0a")
			},
			class: network.ClassNAT, ipv6: network.ClassInternet,
		},
		{
			name:  "association state not shown",
			edit:  func(s *network.Snapshot) { nt.RouteTable(s, "rtb-01").Associations[0].State = "" },
			class: network.ClassUnknown, gaps: "ec2:DescribeRouteTables",
		},
		{
			name: "tables read in part, without an own one",
			edit: func(s *network.Snapshot) {
				nt.Associate(s, "subnet-0w1", "")
				s.RouteTables.Partial = true
			},
			class: network.ClassUnknown, gaps: "ec2:DescribeRouteTables",
		},
		{
			name:  "tables read in part, with the own one",
			edit:  func(s *network.Snapshot) { s.RouteTables.Partial = true },
			class: network.ClassNAT,
		},
		{
			name: "no main table is shown",
			edit: func(s *network.Snapshot) {
				nt.Associate(s, "subnet-0w1", "")
				nt.RouteTable(s, "rtb-0m").Associations = nil
			},
			class: network.ClassUnknown, gaps: "ec2:DescribeRouteTables",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, _ := nt.Public()
			if tt.edit != nil {
				tt.edit(&s)
			}
			e := egressOf(t, s, "subnet-0w1")
			assert.Equal(t, tt.class, e.IPv4.Class)
			switch {
			case tt.ipv6 != "":
				assert.Equal(t, tt.ipv6, e.IPv6.Class, "IPv6")
			case e.RouteTableID != "":
				assert.Equal(t, network.ClassAbsent, e.IPv6.Class, "IPv6")
			}
			for _, slice := range e.IPv4.Slices {
				if slice.Class == tt.class {
					if tt.route != "" {
						assert.Equal(t, tt.route, slice.Route.Key(), "the deciding route")
					}
					if tt.cause != (network.Cause{}) {
						assert.Equal(t, tt.cause, slice.Cause)
					}
					break
				}
			}
			if tt.gaps == "" {
				assert.Empty(t, e.IPv4.Gaps)
			} else {
				require.NotEmpty(t, e.IPv4.Gaps)
				assert.Equal(t, tt.gaps, e.IPv4.Gaps[0].Action)
			}
		})
	}
}

// to leads the default route of rtb-01 to a target.
func to(target string) func(*network.Snapshot) {
	return func(s *network.Snapshot) { nt.SetRoute(s, "rtb-01", "0.0.0.0/0", target) }
}

// propagate makes the default route of rtb-01 a propagated one.
func propagate(s *network.Snapshot, target string) {
	nt.RemoveRoute(s, "rtb-01", "0.0.0.0/0")
	addPropagated(s, "0.0.0.0/0", target)
}

func addPropagated(s *network.Snapshot, destination, target string) {
	t := nt.RouteTable(s, "rtb-01")
	t.Routes = append(t.Routes, network.Route{
		Prefix: prefix(destination), Target: network.Target{Kind: network.TargetVPNGateway, ID: target},
		State: "active", Origin: "EnableVgwRoutePropagation",
	})
}

// The oracle answers for one address at a time, by reading every route: the
// plainest form of AWS's rules.
func oracle(routes []network.Route, lists []network.PrefixList, a netip.Addr) string {
	type match struct {
		key        string
		bits, rank int
	}
	var best *match
	consider := func(m match) {
		if best == nil || m.bits > best.bits || m.bits == best.bits && m.rank < best.rank {
			best = &m
		}
	}
	for _, r := range routes {
		switch {
		case r.PrefixListID != "":
			for _, l := range lists {
				for _, p := range l.Entries {
					if l.ID == r.PrefixListID && p.Contains(a) {
						consider(match{r.Key(), p.Bits(), 1})
					}
				}
			}
		case r.Prefix.Contains(a) && r.Origin == "EnableVgwRoutePropagation":
			consider(match{r.Key(), r.Prefix.Bits(), 2})
		case r.Prefix.Contains(a):
			consider(match{r.Key(), r.Prefix.Bits(), 0})
		}
	}
	if best == nil {
		return ""
	}
	return best.key
}

func TestSlicesAgainstOracle(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 7))
		s, _ := nt.Public()
		table := nt.RouteTable(&s, "rtb-01")
		table.Routes = table.Routes[:1]
		randomPrefix := func() netip.Prefix {
			bits := []int{0, 1, 1, 2, 3, 5, 8, 12, 16, 24, 32}[random.IntN(11)]
			return netip.PrefixFrom(randomAddr(random), bits).Masked()
		}
		s.PrefixLists = groundway.SeenPart[network.PrefixList]()
		for i := range random.IntN(12) {
			r := network.Route{Prefix: randomPrefix(), State: "active", Origin: "CreateRoute"}
			r.Target = []network.Target{
				{Kind: network.TargetInternetGateway, ID: "igw-0a"},
				{Kind: network.TargetNATGateway, ID: "nat-01"},
				{Kind: network.TargetTransitGateway, ID: "tgw-0a"},
				{Kind: network.TargetInterface, ID: "eni-0a"},
			}[random.IntN(4)]
			switch random.IntN(5) {
			case 0:
				r.Origin, r.Target = "EnableVgwRoutePropagation", network.Target{Kind: network.TargetVPNGateway, ID: "vgw-0a"}
			case 1:
				id := fmt.Sprint("pl-0", i)
				r.Prefix, r.PrefixListID = netip.Prefix{}, id
				entries := map[netip.Prefix]bool{}
				for range random.IntN(4) {
					entries[randomPrefix()] = true
				}
				list := network.PrefixList{ID: id}
				for p := range entries {
					list.Entries = append(list.Entries, p)
				}
				s.PrefixLists.Items = append(s.PrefixLists.Items, list)
			case 2:
				r.State = "blackhole"
			}
			if !slices.ContainsFunc(table.Routes, func(o network.Route) bool { return o.Key() == r.Key() }) && !clash(table.Routes, s.PrefixLists.Items, r) {
				table.Routes = append(table.Routes, r)
			}
		}
		e := egressOf(t, s, "subnet-0w1").IPv4
		sum := 0.0
		for _, slice := range e.Slices {
			sum += slice.Share
		}
		require.InDelta(t, 1, sum, 1e-9, "seed %d: the slices are everything", seed)
		vpc := prefix("10.0.0.0/16")
		for range 200 {
			a := randomAddr(random)
			if !a.IsGlobalUnicast() || a.IsPrivate() || vpc.Contains(a) {
				continue
			}
			var holders []string
			for _, slice := range e.Slices {
				if slice.Space.Contains(a) {
					key := ""
					if slice.Route.Target.Kind != "" {
						key = slice.Route.Key()
					}
					holders = append(holders, key)
				}
			}
			if len(holders) == 0 {
				continue // of special purpose
			}
			require.Equal(t, []string{oracle(table.Routes, s.PrefixLists.Items, a)}, holders, "seed %d: %s", seed, a)
		}
	}
}

// clash reports whether two prefix lists would have an entry in common, for
// which AWS names no order.
func clash(routes []network.Route, lists []network.PrefixList, r network.Route) bool {
	entries := func(id string) []netip.Prefix {
		for _, l := range lists {
			if l.ID == id {
				return l.Entries
			}
		}
		return nil
	}
	for _, other := range routes {
		for _, p := range entries(other.PrefixListID) {
			if slices.Contains(entries(r.PrefixListID), p) {
				return true
			}
		}
	}
	return false
}

func randomAddr(random *rand.Rand) netip.Addr {
	var b [4]byte
	for i := range b {
		b[i] = byte(random.IntN(256))
	}
	return netip.AddrFrom4(b)
}

// The space that routes have to cover leaves out what no public host has.
func TestInternetSpace(t *testing.T) {
	s, _ := nt.Public()
	e := egressOf(t, s, "subnet-0c1").IPv4
	require.Len(t, e.Slices, 1)
	space := e.Slices[0].Space
	for _, in := range []string{"1.1.1.1", "8.8.8.8", "52.94.0.1", "172.15.255.255", "172.32.0.0", "192.0.66.1", "223.255.255.255"} {
		assert.True(t, space.Contains(netip.MustParseAddr(in)), in)
	}
	for _, out := range []string{
		"0.0.0.0", "10.0.0.1", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.16.0.1", "192.168.0.1",
		"192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "255.255.255.255",
	} {
		assert.False(t, space.Contains(netip.MustParseAddr(out)), out)
	}
	assert.InDelta(t, 1, e.Slices[0].Share, 1e-12)
	assert.True(t, strings.HasPrefix(e.Slices[0].Route.Key(), "0.0.0.0"))
}
