package network_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/findingtest"
	"github.com/groundway-sdk/groundway/network"
	nt "github.com/groundway-sdk/groundway/network/networktest"
)

// A world is an account drawn at random, which answers for one address at a time
// and for one step of its way at a time.
type world struct{ network.Snapshot }

// table returns the route table of a subnet.
func (w world) table(subnet string) (table network.RouteTable) {
	for _, t := range w.RouteTables.Items {
		for _, a := range t.Associations {
			switch {
			case a.SubnetID == subnet:
				return t
			case a.Main:
				table = t
			}
		}
	}
	return table
}

// mode returns the mode of block public access of a subnet.
func (w world) mode(subnet string) string {
	return nt.Subnet(&w.Snapshot, subnet).BlockMode
}

// route returns the route of a table that takes an address, or nil.
func (w world) route(t network.RouteTable, a netip.Addr) (best *network.Route) {
	longest, lowest := -1, 0
	for i, r := range t.Routes {
		blocks, rank := []netip.Prefix{r.Prefix}, 0
		switch {
		case r.PrefixListID != "":
			i := slices.IndexFunc(w.PrefixLists.Items, func(l network.PrefixList) bool { return l.ID == r.PrefixListID })
			blocks, rank = w.PrefixLists.Items[i].Entries, 1
		case r.Origin == "EnableVgwRoutePropagation":
			rank = 2
		}
		for _, p := range blocks {
			if p.Contains(a) && (p.Bits() > longest || p.Bits() == longest && rank < lowest) {
				best, longest, lowest = &t.Routes[i], p.Bits(), rank
			}
		}
	}
	return best
}

// class says how an address of the internet is reached by a table.
func (w world) class(t network.RouteTable, mode string, a netip.Addr) network.Class {
	r := w.route(t, a)
	switch {
	case r == nil:
		return network.ClassIsolated
	case r.State != "active":
		return network.ClassBroken
	}
	switch r.Target.Kind {
	case network.TargetInternetGateway:
		attached := r.Target.ID == "igw-0a" && len(w.InternetGateways.Items[0].Attachments) > 0
		if !attached || mode == "block-bidirectional" || mode == "block-ingress" {
			return network.ClassBroken
		}
		return network.ClassInternet
	case network.TargetEgressOnlyGateway:
		if mode == "block-bidirectional" {
			return network.ClassBroken
		}
		return network.ClassEgressOnly
	case network.TargetNATGateway:
		return w.nat(r.Target.ID, a)
	case network.TargetInterface, network.TargetEndpoint:
		return network.ClassAppliance
	case network.TargetCarrierGateway:
		return network.ClassCarrier
	}
	return network.ClassPrivate
}

// nat says how an address is reached by a NAT gateway, which block public access
// lets out in the mode that blocks ingress.
func (w world) nat(id string, a netip.Addr) network.Class {
	for _, n := range w.NATGateways.Items {
		if n.ID != id || n.State != "available" {
			continue
		}
		t, mode := w.table(n.SubnetID), w.mode(n.SubnetID)
		if mode == "block-ingress" {
			mode = "off"
		}
		if r := w.route(t, a); r != nil && r.Target.Kind == network.TargetNATGateway {
			return network.ClassBroken
		}
		exit := w.class(t, mode, a)
		switch {
		case exit == network.ClassAppliance, exit == network.ClassPrivate && n.Connectivity == "private":
			return exit
		case exit == network.ClassInternet && n.Connectivity == "public":
			return network.ClassNAT
		}
	}
	return network.ClassBroken
}

// draw makes a world of the account of a public cluster, by a few changes.
func draw(rnd *rand.Rand) (world, network.Options) {
	s, o := nt.Public()
	one := func(list ...string) string { return list[rnd.IntN(len(list))] }
	seldom := func() bool { return rnd.IntN(10) == 0 }
	for i := range s.Subnets.Items {
		n := &s.Subnets.Items[i]
		n.CIDRs = append(n.CIDRs, network.CIDR{Prefix: prefix(fmt.Sprintf("2600:1f00:0:%d::/64", i)), State: "associated"})
		if seldom() {
			n.BlockMode = one("block-ingress", "block-bidirectional")
		}
		if seldom() {
			nt.Associate(&s, n.ID, one("", "rtb-0c", "rtb-01", "rtb-02"))
		}
	}
	nt.TheVPC(&s).CIDRs = append(nt.TheVPC(&s).CIDRs, network.CIDR{Prefix: prefix("2600:1f00::/56"), State: "associated"})
	s.InternetGateways.Items = append(s.InternetGateways.Items, network.InternetGateway{ID: "igw-0f"})
	if seldom() {
		s.InternetGateways.Items[0].Attachments = nil
	}
	s.EgressGateways = groundway.SeenPart(network.InternetGateway{ID: "eigw-0a", Attachments: []network.Attachment{{VPCID: nt.VPC, State: "attached"}}})
	s.PrefixLists = groundway.SeenPart(
		network.PrefixList{ID: "pl-0a", Entries: []netip.Prefix{prefix("8.0.0.0/7"), prefix("64.0.0.0/4")}},
		network.PrefixList{ID: "pl-0b", Entries: []netip.Prefix{prefix("0.0.0.0/1"), prefix("2600::/12")}},
	)
	for i := range s.NATGateways.Items {
		n := &s.NATGateways.Items[i]
		if seldom() {
			n.State = one("pending", "failed", "deleted")
		}
		if seldom() {
			n.Connectivity, n.PublicAddresses = "private", nil
		}
		if seldom() {
			n.SubnetID = one("subnet-0w1", "subnet-0w2", "subnet-0c1")
		}
	}
	nt.SetRoute(&s, "rtb-0c", "::/0", one("igw-0a", "eigw-0a"))
	for range rnd.IntN(4) {
		table := one("rtb-0m", "rtb-0c", "rtb-01", "rtb-02")
		destination := one("0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "8.0.0.0/6", "52.0.0.0/8", "10.0.0.0/8", "::/0", "2000::/3", "pl-0a", "pl-0b")
		target := one("igw-0a", "igw-0f", "nat-01", "nat-02", "nat-0x", "tgw-0a", "vgw-0a", "eni-0a", "cagw-0a")
		if strings.Contains(destination, ":") && strings.HasPrefix(target, "nat-") {
			continue
		}
		nt.SetRoute(&s, table, destination, target)
		r := &nt.RouteTable(&s, table).Routes[len(nt.RouteTable(&s, table).Routes)-1]
		if target == "vgw-0a" && r.PrefixListID == "" {
			r.Origin = "EnableVgwRoutePropagation"
		}
		if rnd.IntN(5) == 0 {
			r.State = "blackhole"
		}
	}
	return world{s}, o
}

// address draws one of the internet.
func address(rnd *rand.Rand, v6 bool) netip.Addr {
	if v6 {
		return netip.AddrFrom16([16]byte{0x20 | byte(rnd.IntN(16)), byte(rnd.IntN(256)), 0xff})
	}
	for {
		if a := randomAddr(rnd); public(a) {
			return a
		}
	}
}

func public(a netip.Addr) bool {
	b := a.As4()
	return a.IsGlobalUnicast() && !a.IsPrivate() && b[0] != 0 && b[0] != 100 && b[0] != 192 && b[0] != 198 && b[0] != 203 && b[0] < 224
}

func TestWorldsAgreeWithTheOracle(t *testing.T) {
	t.Parallel()
	failed := 0
	for seed := range uint64(300) {
		rnd := rand.New(rand.NewPCG(seed, 21))
		w, o := draw(rnd)
		cut := "" // a subnet that lacks its way to a large part of the internet
		for _, e := range network.ClassifySubnets(w.Snapshot, nt.VPC) {
			table := w.table(e.SubnetID)
			require.Equal(t, table.ID, e.RouteTableID, "seed %d: %s", seed, e.SubnetID)
			good, all := 0, 300
			for i := range all {
				a, of := address(rnd, false), e.IPv4
				want := w.class(table, w.mode(e.SubnetID), a)
				switch controller := slices.Contains(o.ControllerSubnets, e.SubnetID); {
				case controller && want == network.ClassInternet,
					!controller && want != network.ClassInternet && want != network.ClassIsolated && want != network.ClassBroken:
					good++
				}
				if i%2 == 0 {
					a, of = address(rnd, true), e.IPv6
					want = w.class(table, w.mode(e.SubnetID), a)
				}
				k := slices.IndexFunc(of.Slices, func(s network.Slice) bool { return s.Space.Contains(a) })
				require.GreaterOrEqual(t, k, 0, "seed %d: %s to %s", seed, e.SubnetID, a)
				if slice := of.Slices[k]; slice.Route.Target.Kind != network.TargetNATGateway {
					// Of a NAT gateway the class is that of its exit as a whole.
					require.Equal(t, want, slice.Class, "seed %d: %s to %s", seed, e.SubnetID, a)
				}
			}
			if good < all*85/100 { // far below 15/16
				cut = e.SubnetID
			}
		}
		findings := network.Check(w.Snapshot, o)
		findingtest.Contract{Snapshot: w.Snapshot, Rules: network.Rules()}.Hold(t, findings)
		if cut != "" {
			failed++
			require.True(t, slices.ContainsFunc(findings, func(f groundway.Finding) bool {
				return f.Outcome == groundway.Failed && f.Severity == groundway.Error
			}), "seed %d: %s is cut off, and nothing says so", seed, cut)
		}
		require.False(t, t.Failed(), "seed %d", seed)
	}
	require.Greater(t, failed, 50)
}
