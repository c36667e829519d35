package network_test

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/network"
	nt "github.com/groundway-sdk/groundway/network/networktest"
	"github.com/stretchr/testify/assert"
)

// large returns an internal account with n subnets, all of them named, and a
// route table for every five.
func large(n int) (network.Snapshot, network.Options) {
	s, o := nt.Internal()
	o.ControllerSubnets, o.WorkerSubnets = nil, nil
	for i := range s.Subnets.Items {
		s.Subnets.Items[i].Tags = map[string]string{"kubernetes.io/cluster/unmanaged": "true"}
	}
	all := netip.MustParsePrefix("10.0.0.0/8")
	nt.TheVPC(&s).CIDRs[0].Prefix = all
	for i := range s.RouteTables.Items {
		s.RouteTables.Items[i].Routes[0].Prefix = all
	}
	o.PodCIDR, o.ServiceCIDR = netip.MustParsePrefix("172.20.0.0/16"), netip.MustParsePrefix("172.21.0.0/16")
	for i := range n {
		subnet := *nt.Subnet(&s, "subnet-0w1")
		subnet.ID = fmt.Sprintf("subnet-1%06x", i)
		subnet.Zone = []string{"us-east-1a", "us-east-1b"}[i%2]
		subnet.CIDRs = []network.CIDR{{Prefix: netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(1 + i/256), byte(i), 0}), 24)}}
		s.Subnets.Items = append(s.Subnets.Items, subnet)
		if i%5 == 0 {
			table := *nt.RouteTable(&s, "rtb-01")
			table.ID = fmt.Sprintf("rtb-1%06x", i)
			table.Associations = nil
			s.RouteTables.Items = append(s.RouteTables.Items, table)
			for k := range 40 {
				nt.SetRoute(&s, table.ID, fmt.Sprintf("100.%d.0.0/16", 64+k), "tgw-0a")
			}
		}
		t := &s.RouteTables.Items[len(s.RouteTables.Items)-1]
		t.Associations = append(t.Associations, network.Association{SubnetID: subnet.ID, State: "associated"})
		if i%3 == 0 {
			o.ControllerSubnets = append(o.ControllerSubnets, subnet.ID)
		} else {
			o.WorkerSubnets = append(o.WorkerSubnets, subnet.ID)
		}
	}
	return s, o
}

// go test -run '^$' -bench Check ./network
func BenchmarkCheck(b *testing.B) {
	for _, n := range []int{100, 1000, 4000} {
		s, o := large(n)
		b.Run(fmt.Sprintf("subnets=%d/tables=%d", n, n/5), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				network.Check(s, o)
			}
		})
	}
}

// The account of the benchmark is a good one but for its shape: it is not
// faster because rules stop early.
func TestLargeAccountIsChecked(t *testing.T) {
	s, o := large(50)
	assert.Empty(t, with(network.Check(s, o), groundway.Unknown))
	assert.Equal(t, ids("nat-single@nat-01"), with(network.Check(s, o), groundway.Failed))
}
