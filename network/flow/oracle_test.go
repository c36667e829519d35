package flow_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/network/flow"
	nt "github.com/groundway-sdk/groundway/network/networktest"
)

// The oracle looks at packets one by one, and at rules one by one for each. It
// knows nothing of sets.

type packet struct {
	src, dst  netip.Addr
	protocol  int
	port      int // of the destination
	from      int // of the client
	ephemeral int // of the NAT gateway
}

var numbers = map[string]int{"-1": -1, "tcp": 6, "udp": 17, "icmp": 1, "6": 6, "17": 17, "1": 1, "50": 50}

func matches(protocol string, from, to *int, of, port int) bool {
	n := numbers[protocol]
	switch {
	case n == -1:
		return true
	case n != of:
		return false
	case from == nil:
		return true
	}
	return *from <= port && port <= *to
}

// naiveACL asks the matching entry of the lowest number.
func naiveACL(a network.NetworkACL, egress bool, protocol int, remote netip.Addr, port int) bool {
	lowest, allow := 1<<30, false
	for _, e := range a.Entries {
		if e.Egress == egress && e.Number < lowest && e.Prefix.Contains(remote) && matches(e.Protocol, e.FromPort, e.ToPort, protocol, port) {
			lowest, allow = e.Number, e.Action == "allow"
		}
	}
	return allow
}

func naiveGroups(s network.Snapshot, ids []string, egress bool, protocol int, remote netip.Addr, port int, peers []string) bool {
	if len(ids) == 0 {
		return true // to be made
	}
	for _, g := range s.SecurityGroups.Items {
		if !slices.Contains(ids, g.ID) {
			continue
		}
		rules := g.Ingress
		if egress {
			rules = g.Egress
		}
		for _, r := range rules {
			if !matches(r.Protocol, r.FromPort, r.ToPort, protocol, port) {
				continue
			}
			for _, p := range r.Prefixes {
				if p.Contains(remote) {
					return true
				}
			}
			for _, ref := range r.Groups {
				if slices.Contains(peers, ref.ID) {
					return true
				}
			}
			for _, id := range r.PrefixListIDs {
				for _, l := range s.PrefixLists.Items {
					if l.ID == id && slices.ContainsFunc(l.Entries, func(p netip.Prefix) bool { return p.Contains(remote) }) {
						return true
					}
				}
			}
		}
	}
	return false
}

// naiveRoute returns the target of the route that takes the address.
func naiveRoute(s network.Snapshot, subnetID string, to netip.Addr) (network.Target, bool) {
	var table network.RouteTable
	for _, t := range s.RouteTables.Items {
		for _, a := range t.Associations {
			if a.SubnetID == subnetID {
				table = t
			}
		}
	}
	best, rank := -1, 0
	var found network.Route
	for _, r := range table.Routes {
		propagated := r.Origin == "EnableVgwRoutePropagation"
		if !r.Prefix.Contains(to) {
			continue
		}
		if propagated && slices.ContainsFunc(table.Routes, func(l network.Route) bool {
			return l.Target.Kind == network.TargetLocal && l.Prefix.Contains(to)
		}) {
			continue
		}
		n := 1
		if propagated {
			n = 0
		}
		if r.Prefix.Bits() > best || r.Prefix.Bits() == best && n > rank {
			best, rank, found = r.Prefix.Bits(), n, r
		}
	}
	return found.Target, best >= 0 && found.State == "active"
}

func aclOf(s network.Snapshot, subnetID string) network.NetworkACL {
	for _, a := range s.NetworkACLs.Items {
		if slices.ContainsFunc(a.Associations, func(x network.ACLAssociation) bool { return x.SubnetID == subnetID }) {
			return a
		}
	}
	return network.NetworkACL{}
}

// naiveWithin walks a packet from one subnet to another, and its answer back.
func naiveWithin(s network.Snapshot, from, to flow.Place, a, b string, p packet, oneWay bool) bool {
	there, ok := naiveRoute(s, a, p.dst)
	sender, receiver := from.Groups, to.Groups // as rules see them
	if a != b && there.Kind == network.TargetInterface {
		sender, receiver = nil, nil
	}
	groups := naiveGroups(s, from.Groups, true, p.protocol, p.dst, p.port, receiver) &&
		naiveGroups(s, to.Groups, false, p.protocol, p.src, p.port, sender)
	if a == b || !groups {
		return groups
	}
	if !ok || there.Kind != network.TargetLocal && there.Kind != network.TargetInterface ||
		!naiveACL(aclOf(s, a), true, p.protocol, p.dst, p.port) || !naiveACL(aclOf(s, b), false, p.protocol, p.src, p.port) {
		return false
	}
	if oneWay {
		return true
	}
	back, ok := naiveRoute(s, b, p.src)
	return ok && (back.Kind == network.TargetLocal || back.Kind == network.TargetInterface) &&
		naiveACL(aclOf(s, b), true, p.protocol, p.src, p.from) && naiveACL(aclOf(s, a), false, p.protocol, p.dst, p.from)
}

// naiveInternet walks a packet from a subnet to the internet, through a NAT
// gateway where the route leads there.
func naiveInternet(s network.Snapshot, from flow.Place, a string, p packet) bool {
	if !naiveGroups(s, from.Groups, true, p.protocol, p.dst, p.port, nil) ||
		!naiveACL(aclOf(s, a), true, p.protocol, p.dst, p.port) || !naiveACL(aclOf(s, a), false, p.protocol, p.dst, p.from) {
		return false
	}
	there, ok := naiveRoute(s, a, p.dst)
	switch {
	case !ok:
		return false
	case there.Kind == network.TargetInternetGateway:
		return from.PublicIP && naiveEntry(s, there.ID, p.src)
	case there.Kind != network.TargetNATGateway:
		return false
	}
	at := nt.NATGateway(&s, there.ID).SubnetID
	x := aclOf(s, at)
	if at != a && (!naiveACL(x, false, p.protocol, p.src, p.port) || !naiveACL(x, true, p.protocol, p.src, p.from)) {
		return false
	}
	if back, ok := naiveRoute(s, at, p.src); at != a && (!ok || back.Kind != network.TargetLocal && back.Kind != network.TargetInterface) {
		return false
	}
	exit, ok := naiveRoute(s, at, p.dst)
	return ok && exit.Kind == network.TargetInternetGateway && naiveEntry(s, exit.ID, nt.Subnet(&s, at).CIDRs[0].Prefix.Addr()) &&
		naiveACL(x, true, p.protocol, p.dst, p.port) && naiveACL(x, false, p.protocol, p.dst, p.ephemeral)
}

// naiveFromInternet walks a packet from the internet to a subnet, and its answer.
func naiveFromInternet(s network.Snapshot, to flow.Place, b string, p packet) bool {
	back, ok := naiveRoute(s, b, p.src)
	return ok && back.Kind == network.TargetInternetGateway && to.PublicIP && naiveEntry(s, back.ID, p.dst) &&
		naiveACL(aclOf(s, b), false, p.protocol, p.src, p.port) && naiveGroups(s, to.Groups, false, p.protocol, p.src, p.port, nil) &&
		naiveACL(aclOf(s, b), true, p.protocol, p.src, p.from)
}

// naiveEntry reports whether a gateway lets a packet in to an address: its own
// route table, if it has one, must not drop it.
func naiveEntry(s network.Snapshot, gateway string, to netip.Addr) bool {
	for _, t := range s.RouteTables.Items {
		if !slices.ContainsFunc(t.Associations, func(a network.Association) bool { return a.GatewayID == gateway }) {
			continue
		}
		var best network.Route
		for _, r := range t.Routes {
			if r.Prefix.Contains(to) && (!best.Prefix.IsValid() || r.Prefix.Bits() > best.Prefix.Bits()) {
				best = r
			}
		}
		return best.State == "active"
	}
	return true
}

// random draws a small network: four subnets of eight addresses, and rules
// whose blocks and ports cut them in all ways.
func random(rnd *rand.Rand) network.Snapshot {
	s, _ := nt.Public()
	for i, id := range subnets {
		nt.Subnet(&s, id).CIDRs = []network.CIDR{{Prefix: netip.MustParsePrefix(fmt.Sprintf("10.0.0.%d/29", 8*i))}}
	}
	pick := func(list ...string) string { return list[rnd.IntN(len(list))] }
	block := func() netip.Prefix {
		switch rnd.IntN(5) {
		case 0, 1:
			return netip.MustParsePrefix("0.0.0.0/0")
		case 2:
			p, _ := netip.AddrFrom4([4]byte{8, 8, 8, byte(rnd.IntN(8))}).Prefix(29 + rnd.IntN(4))
			return p
		}
		p, _ := netip.AddrFrom4([4]byte{10, 0, 0, byte(rnd.IntN(32))}).Prefix(27 + rnd.IntN(6))
		return p
	}
	ports := func() (*int, *int) {
		from, to := cuts[rnd.IntN(len(cuts))], cuts[rnd.IntN(len(cuts))]
		return new(min(from, to)), new(max(from, to))
	}
	for a := range 2 {
		id := fmt.Sprint("acl-", a)
		s.NetworkACLs.Items = append(s.NetworkACLs.Items, network.NetworkACL{ID: id, VPCID: nt.VPC})
		for range 1 + rnd.IntN(12) {
			e := network.ACLEntry{Number: 1 + rnd.IntN(199), Egress: rnd.IntN(2) == 0, Action: pick("allow", "allow", "allow", "deny"), Protocol: pick("-1", "6", "6", "17"), Prefix: block()}
			if e.Protocol != "-1" {
				e.FromPort, e.ToPort = ports()
			}
			nt.SetEntry(&s, id, e)
		}
	}
	for _, id := range subnets {
		if rnd.IntN(2) == 0 {
			nt.SetACL(&s, id, fmt.Sprint("acl-", rnd.IntN(2)))
		}
	}
	s.PrefixLists = groundway.SeenPart(network.PrefixList{ID: "pl-0a", Entries: []netip.Prefix{block(), block()}})
	for g := range 3 {
		id := fmt.Sprint("sg-", g)
		nt.AddGroup(&s, id)
		rules := func() groundway.List[network.SecurityRule] {
			var list []network.SecurityRule
			for range rnd.IntN(5) {
				r := nt.Allow(pick("-1", "tcp", "udp"), pick("sg-0", "sg-1", "sg-2", "pl-0a", block().String()), block().String())
				if r.Protocol != "-1" {
					r.FromPort, r.ToPort = ports()
				}
				list = append(list, r)
			}
			return network.MergeRules(list)
		}
		group := nt.SecurityGroup(&s, id)
		group.Ingress = rules()
		if rnd.IntN(2) == 0 {
			group.Egress = rules()
		}
	}
	for _, table := range []string{"rtb-0c", "rtb-01", "rtb-02"} {
		for range rnd.IntN(3) {
			destination := block().String()
			if destination != "10.0.0.0/16" && destination != "0.0.0.0/0" {
				nt.SetRoute(&s, table, destination, pick("eni-0a", "igw-0a", "nat-01"))
				last := &nt.RouteTable(&s, table).Routes[len(nt.RouteTable(&s, table).Routes)-1]
				if rnd.IntN(4) == 0 {
					last.Origin = "EnableVgwRoutePropagation"
				}
				if rnd.IntN(4) == 0 {
					last.State = "blackhole"
				}
			}
		}
	}
	if rnd.IntN(2) == 0 {
		edge(&s, "igw-0a")
		for i := range subnets {
			if rnd.IntN(2) == 0 {
				destination := fmt.Sprintf("10.0.0.%d/29", 8*i)
				nt.SetRoute(&s, "rtb-0e", destination, "eni-0a")
				if rnd.IntN(2) == 0 {
					nt.Blackhole(&s, "rtb-0e", destination)
				}
			}
		}
	}
	return s
}

var (
	subnets = []string{"subnet-0c1", "subnet-0c2", "subnet-0w1", "subnet-0w2"}
	// Each stands for the ports from it up to the next.
	cuts = []int{0, 80, 443, 1024, 32768, 40000, 61000, 65535}
)

// representatives returns a port of each range that rules can tell apart.
func representatives(from, to int) (list []int) {
	for _, c := range cuts {
		for _, p := range []int{c, c + 1} {
			if from <= p && p <= to {
				list = append(list, p)
			}
		}
	}
	return append(list, from, to)
}

func eight(p netip.Prefix) (list []netip.Addr) {
	for a := p.Addr(); p.Contains(a); a = a.Next() {
		list = append(list, a)
	}
	return list
}

// verdictOf reads the verdict off all packets.
func verdictOf(passed, all int) flow.Verdict {
	switch passed {
	case 0:
		return flow.Blocked
	case all:
		return flow.Reachable
	}
	return flow.Partial
}

// same compares verdicts: what an appliance does, and groups that are to be
// made, are an assumption to the one and a fact to the oracle.
func same(t *testing.T, want flow.Verdict, got flow.Result, context string) {
	t.Helper()
	if got.Verdict == flow.Assumed {
		got.Verdict = flow.Reachable
	}
	require.Equal(t, want.String(), got.Verdict.String(), "%s: %+v", context, got)
	require.Equal(t, want == flow.Reachable, len(got.Blockers) == 0, "%s: %+v", context, got)
}

func TestReachAgreesWithTheOracle(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 2))
	count := map[flow.Verdict]int{}
	for range 700 {
		s := random(rnd)
		groups := func() (list []string) {
			for range rnd.IntN(3) {
				list = append(list, fmt.Sprint("sg-", rnd.IntN(3)))
			}
			return list
		}
		// Groups that are to be made may or may not be those that rules name.
		from, to := flow.Place{Groups: groups()}, flow.Place{Groups: groups()}
		if len(from.Groups) == 0 {
			from.Ungrouped = true
		}
		if len(to.Groups) == 0 {
			to.Ungrouped = true
		}
		a, b := subnets[rnd.IntN(4)], subnets[rnd.IntN(4)]
		from.Subnets, to.Subnets = []string{a}, []string{b}
		traffic := flow.Traffic{
			Protocol: []string{"tcp", "tcp", "udp", "50"}[rnd.IntN(4)], OneWay: rnd.IntN(4) == 0,
			Ports: []flow.Ports{{From: 443, To: 443}, {From: 80, To: 500}, {}}[rnd.IntN(3)],
		}
		ports, clients := representatives(0, 65535), representatives(32768, 60999)
		if traffic.Ports != (flow.Ports{}) {
			ports = representatives(int(traffic.Ports.From), int(traffic.Ports.To))
		}
		if traffic.Protocol == "50" {
			ports, clients = []int{0}, []int{0}
		}
		passed, all := 0, 0
		for _, src := range eight(nt.Subnet(&s, a).CIDRs[0].Prefix) {
			for _, dst := range eight(nt.Subnet(&s, b).CIDRs[0].Prefix) {
				for _, port := range ports {
					for _, client := range clients {
						all++
						if naiveWithin(s, from, to, a, b, packet{src, dst, numbers[traffic.Protocol], port, client, 0}, traffic.OneWay) {
							passed++
						}
					}
				}
			}
		}
		want := verdictOf(passed, all)
		count[want]++
		same(t, want, flow.New(s, nt.VPC).Reach(from, to, traffic), fmt.Sprintf("%s to %s, %v", a, b, traffic))
	}
	for _, v := range []flow.Verdict{flow.Reachable, flow.Partial, flow.Blocked} {
		require.Greater(t, count[v], 20, "%v: the networks are too much alike: %v", v, count)
	}
}

func TestReachTheInternetAgreesWithTheOracle(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(3, 4))
	count := map[flow.Verdict]int{}
	outside := netip.MustParsePrefix("8.8.8.0/29")
	for range 700 {
		s := random(rnd)
		a := subnets[rnd.IntN(4)]
		from := flow.Place{Subnets: []string{a}, PublicIP: rnd.IntN(3) > 0}
		if rnd.IntN(2) == 0 {
			from.Groups = []string{fmt.Sprint("sg-", rnd.IntN(3))}
		}
		if slices.ContainsFunc(s.RouteTables.Items, func(t network.RouteTable) bool {
			return slices.ContainsFunc(t.Routes, func(r network.Route) bool {
				return r.Prefix.Overlaps(outside) && r.Target.Kind == network.TargetInterface || r.Target.Kind == network.TargetNATGateway && t.ID == "rtb-0c"
			})
		}) {
			continue // an appliance, and NAT behind NAT
		}
		passed, all := 0, 0
		for _, src := range eight(nt.Subnet(&s, a).CIDRs[0].Prefix) {
			for _, dst := range eight(outside) {
				for _, client := range representatives(32768, 60999) {
					for _, port := range representatives(1024, 65535) {
						all++
						if naiveInternet(s, from, a, packet{src, dst, 6, 443, client, port}) {
							passed++
						}
					}
				}
			}
		}
		want := verdictOf(passed, all)
		count[want]++
		same(t, want, flow.New(s, nt.VPC).Reach(from, flow.Place{Internet: true, Addresses: []netip.Prefix{outside}}, flow.Traffic{Ports: flow.Port(443)}), a)
	}
	for _, v := range []flow.Verdict{flow.Reachable, flow.Partial, flow.Blocked} {
		require.Greater(t, count[v], 20, "%v: the networks are too much alike: %v", v, count)
	}
}

func TestReachFromTheInternetAgreesWithTheOracle(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(5, 6))
	count := map[flow.Verdict]int{}
	outside := netip.MustParsePrefix("8.8.8.0/29")
	for range 700 {
		s := random(rnd)
		b := subnets[rnd.IntN(2)]
		to := flow.Place{Subnets: []string{b}, PublicIP: rnd.IntN(8) > 0, Ungrouped: true}
		if rnd.IntN(2) == 0 {
			to.Ungrouped, to.Groups = false, []string{fmt.Sprint("sg-", rnd.IntN(3))}
		}
		if slices.ContainsFunc(nt.RouteTable(&s, "rtb-0c").Routes, func(r network.Route) bool {
			return r.Prefix.Overlaps(outside) && r.Target.Kind == network.TargetInterface
		}) {
			continue // an appliance, which may let anything in
		}
		passed, all := 0, 0
		for _, src := range eight(outside) {
			for _, dst := range eight(nt.Subnet(&s, b).CIDRs[0].Prefix) {
				for _, client := range representatives(1024, 65535) {
					all++
					if naiveFromInternet(s, to, b, packet{src, dst, 6, 443, client, 0}) {
						passed++
					}
				}
			}
		}
		want := verdictOf(passed, all)
		count[want]++
		same(t, want, flow.New(s, nt.VPC).Reach(flow.Place{Internet: true, Addresses: []netip.Prefix{outside}}, to, flow.Traffic{Ports: flow.Port(443)}), b)
	}
	for _, v := range []flow.Verdict{flow.Reachable, flow.Partial, flow.Blocked} {
		require.Greater(t, count[v], 20, "%v: the networks are too much alike: %v", v, count)
	}
}

// six writes a block of IPv4 as one of IPv6 that holds as much of 2600::/96.
func six(p netip.Prefix) netip.Prefix {
	if !p.IsValid() || p.Bits() == 0 {
		return netip.MustParsePrefix("::/0")
	}
	a := netip.MustParseAddr("2600::").As16()
	copy(a[12:], p.Addr().AsSlice())
	return netip.PrefixFrom(netip.AddrFrom16(a), 96+p.Bits())
}

// sixth returns the network with every block written so.
func sixth(s network.Snapshot) network.Snapshot {
	blocks := func(list []netip.Prefix) (out []netip.Prefix) {
		for _, p := range list {
			out = append(out, six(p))
		}
		return out
	}
	rules := func(list groundway.List[network.SecurityRule]) groundway.List[network.SecurityRule] {
		list = slices.Clone(list)
		for i := range list {
			list[i].Prefixes = blocks(list[i].Prefixes)
		}
		return list
	}
	for i := range s.VPCs.Items {
		s.VPCs.Items[i].CIDRs[0].Prefix = six(s.VPCs.Items[i].CIDRs[0].Prefix)
	}
	for i := range s.Subnets.Items {
		s.Subnets.Items[i].CIDRs = []network.CIDR{{Prefix: six(s.Subnets.Items[i].CIDRs[0].Prefix), State: "associated"}}
	}
	for i := range s.RouteTables.Items {
		t := &s.RouteTables.Items[i]
		for k := range t.Routes {
			t.Routes[k].Prefix = six(t.Routes[k].Prefix)
		}
	}
	for i := range s.PrefixLists.Items {
		s.PrefixLists.Items[i].Entries = blocks(s.PrefixLists.Items[i].Entries)
	}
	for i := range s.SecurityGroups.Items {
		g := &s.SecurityGroups.Items[i]
		g.Ingress, g.Egress = rules(g.Ingress), rules(g.Egress)
	}
	for i := range s.NetworkACLs.Items {
		a := &s.NetworkACLs.Items[i]
		a.Entries = slices.Clone(a.Entries)
		for k := range a.Entries {
			a.Entries[k].Prefix = six(a.Entries[k].Prefix)
		}
	}
	return s
}

// Traffic of IPv6 meets what traffic of IPv4 meets where the blocks are alike, and
// nothing of what speaks of IPv4.
func TestReachOverIPv6AsOverIPv4(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		draw := func() network.Snapshot { return random(rand.New(rand.NewPCG(seed, 9))) }
		rnd := rand.New(rand.NewPCG(seed, 10))
		from := flow.Place{Subnets: []string{subnets[rnd.IntN(4)]}, Groups: []string{fmt.Sprint("sg-", rnd.IntN(3))}}
		to := flow.Place{Subnets: []string{subnets[rnd.IntN(4)]}, Groups: []string{fmt.Sprint("sg-", rnd.IntN(3))}}
		traffic := flow.Traffic{Protocol: []string{"tcp", "udp", "50"}[rnd.IntN(3)], Ports: flow.Port(443)}
		four := flow.New(draw(), nt.VPC).Reach(from, to, traffic)
		traffic.IPv6 = true
		six := flow.New(sixth(draw()), nt.VPC).Reach(from, to, traffic)
		require.Equal(t, four.Verdict.String(), six.Verdict.String(), "seed %d: %+v and %+v", seed, four, six)
		require.Len(t, six.Blockers, len(four.Blockers), "seed %d", seed)
		require.Equal(t, flow.Unknown, flow.New(draw(), nt.VPC).Reach(from, to, traffic).Verdict, "no block of IPv6")
	}
}
