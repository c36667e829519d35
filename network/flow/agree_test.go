package flow_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/network/flow"
	nt "github.com/groundway-sdk/groundway/network/networktest"
)

// rolePlaces returns the places of a profile's roles.
func rolePlaces(o network.Options) map[flow.Role]flow.Place {
	public := o.Topology == network.TopologyPublic
	others := flow.Ports{From: 1024, To: 65535}
	return map[flow.Role]flow.Place{
		flow.RoleController:     {Subnets: o.ControllerSubnets, Groups: o.ControllerGroups, PublicIP: public},
		flow.RoleWorker:         {Subnets: o.WorkerSubnets, Groups: o.WorkerGroups},
		flow.RoleLoadBalancer:   {Subnets: o.ControllerSubnets, PublicIP: public, Ephemeral: others},
		flow.RoleControlPlane:   {Subnets: o.ControllerSubnets, Groups: o.ControllerGroups, Ephemeral: others},
		flow.RoleInternet:       {Internet: true},
		flow.RolePrivateNetwork: {Addresses: o.PrivateNetworks},
	}
}

// spoil does some things to a good account that may stand in the way of a flow.
func spoil(rnd *rand.Rand, s *network.Snapshot, o network.Options) (done []string) {
	one := func(list ...string) string { return list[rnd.IntN(len(list))] }
	block := func() string {
		return one("10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24", "10.0.16.0/20", "10.0.32.0/20", "10.200.0.0/16", "8.0.0.0/8")
	}
	edged, guarded := false, false
	for range 1 + rnd.IntN(3) {
		what := ""
		switch rnd.IntN(5) {
		case 0:
			if !guarded {
				ports := []int{22, 443, 1024, 2379, 10250, 32768, 61000, 65535}
				from, to := ports[rnd.IntN(len(ports))], ports[rnd.IntN(len(ports))]
				e := deny(rnd.IntN(2) == 0, one("6", "17", "-1"), one("0.0.0.0/0", "10.0.0.0/16", block()), min(from, to), max(from, to))
				subnet := one("subnet-0c1", "subnet-0c2", "subnet-0w1", "subnet-0w2")
				closed(s, subnet, e)
				guarded, what = true, fmt.Sprintf("%s denies %+v", subnet, e)
			}
		case 1:
			if len(o.WorkerGroups) > 0 {
				g := nt.SecurityGroup(s, one(o.WorkerGroups[0], o.ControllerGroups[0]))
				if rnd.IntN(2) == 0 {
					g.Ingress = slices.Clone(g.Ingress[min(1, len(g.Ingress)):])
				} else {
					g.Egress = groundway.List[network.SecurityRule]{nt.Allow("-1", one("10.0.0.0/16", "8.0.0.0/8", g.ID))}
				}
				what = fmt.Sprintf("%+v", *g)
			}
		case 2:
			if !edged {
				what = one("10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24", "10.0.16.0/20") + one(" eni-0a", " vpce-0a", " dead")
				edge(s, one("igw-0a", "vgw-0a"), what)
				edged = true
			}
		default:
			table, destination, target := one("rtb-01", "rtb-02", s.RouteTables.Items[3].ID), block(), one("eni-0a", "tgw-0a", "nat-01", "igw-0a", "vgw-0a")
			nt.SetRoute(s, table, destination, target)
			what = table + " leads " + destination + " to " + target
			if rnd.IntN(3) == 0 {
				nt.Blackhole(s, table, destination)
				what += ", dead"
			}
		}
		done = append(done, what)
	}
	return done
}

// Check judges the sides of all flows apart, and Reach walks each flow: what the
// one blocks, the other does.
func TestCheckAgreesWithReach(t *testing.T) {
	t.Parallel()
	blocked, passed := 0, 0
	for seed := range uint64(500) {
		rnd := rand.New(rand.NewPCG(seed, 5))
		s, o := nt.Public()
		if rnd.IntN(2) == 0 {
			s, o = nt.Internal()
			o.PrivateNetworks = prefixes("10.200.0.0/16")
		}
		o.Profile = []network.Profile{network.ProfileTectonic, network.ProfileEKS, network.ProfileKubeadm}[rnd.IntN(3)]
		if rnd.IntN(2) == 0 {
			grouped(&s, &o)
		}
		done := spoil(rnd, &s, o)
		before := network.Check(s, o)
		findings := flow.CheckAfter(before, s, o)
		says := slices.ContainsFunc(findings, func(f groundway.Finding) bool {
			return f.Outcome == groundway.Failed && f.Code != "network/flow-asymmetric"
		})
		says = says || slices.ContainsFunc(findings, func(f groundway.Finding) bool { return f.Outcome == groundway.Unknown })
		explained := slices.ContainsFunc(before, func(f groundway.Finding) bool { return f.Outcome == groundway.Failed })
		n, places := flow.New(s, nt.VPC), rolePlaces(o)
		worst := flow.Reachable
		for _, f := range flow.Flows(o.Profile, o.Topology) {
			v := n.Reach(places[f.From], places[f.To], f.Traffic).Verdict
			if v == flow.Partial && f.From == flow.RoleInternet {
				continue // of the internet some is enough
			}
			worst = max(worst, v)
		}
		switch {
		case worst >= flow.Partial:
			blocked++
			require.True(t, says || explained, "seed %d: %s, and nothing says so: %q", seed, worst, done)
		default:
			passed++
			require.False(t, says, "seed %d: it passes, but not for Check: %q", seed, done)
		}
	}
	require.Greater(t, blocked, 100)
	require.Greater(t, passed, 100)
}

// without returns an account of which one item of a part was not seen, for each
// item.
func without[T any](s network.Snapshot, part func(*network.Snapshot) *groundway.Part[T]) (list []network.Snapshot) {
	for i := range part(&s).Items {
		less := s
		p := part(&less)
		p.Items, p.Partial = slices.Delete(slices.Clone(p.Items), i, i+1), true
		list = append(list, less)
	}
	return list
}

// In a good account nothing fails because something was not seen.
func TestAnItemThatWasNotSeenFailsNothing(t *testing.T) {
	t.Parallel()
	for _, account := range []func() (network.Snapshot, network.Options){nt.Public, nt.Internal} {
		for _, profile := range []network.Profile{network.ProfileTectonic, network.ProfileEKS, network.ProfileKubeadm} {
			s, o := account()
			o.Profile, o.PrivateNetworks = profile, prefixes("10.200.0.0/16")
			grouped(&s, &o)
			accounts := slices.Concat(
				without(s, func(s *network.Snapshot) *groundway.Part[network.Subnet] { return &s.Subnets }),
				without(s, func(s *network.Snapshot) *groundway.Part[network.RouteTable] { return &s.RouteTables }),
				without(s, func(s *network.Snapshot) *groundway.Part[network.InternetGateway] { return &s.InternetGateways }),
				without(s, func(s *network.Snapshot) *groundway.Part[network.NATGateway] { return &s.NATGateways }),
				without(s, func(s *network.Snapshot) *groundway.Part[network.Zone] { return &s.Zones }),
				without(s, func(s *network.Snapshot) *groundway.Part[network.SecurityGroup] { return &s.SecurityGroups }),
				without(s, func(s *network.Snapshot) *groundway.Part[network.NetworkACL] { return &s.NetworkACLs }),
				without(s, func(s *network.Snapshot) *groundway.Part[network.VPC] { return &s.VPCs }),
			)
			full := with(network.Check(s, o), groundway.Failed)
			for _, less := range accounts {
				before := network.Check(less, o)
				for _, failed := range with(slices.Concat(before, flow.CheckAfter(before, less, o)), groundway.Failed) {
					require.Contains(t, full, failed, "%s", profile)
				}
			}
		}
	}
}
