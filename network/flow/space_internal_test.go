package flow

import (
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
	"go4.org/netipx"
)

func randomSet(rnd *rand.Rand) (addresses, map[netip.Addr]bool) {
	set := map[netip.Addr]bool{}
	var list addresses
	for range rnd.IntN(5) {
		from := rnd.IntN(40)
		to := from + rnd.IntN(8)
		list = append(list, netipx.IPRangeFrom(addr(from), addr(to)))
		for i := from; i <= to; i++ {
			set[addr(i)] = true
		}
	}
	return list.normal(), set
}

func addr(i int) netip.Addr { return netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}) }

func members(a addresses) map[netip.Addr]int {
	count := map[netip.Addr]int{}
	for _, r := range a {
		for x := r.From(); ; x = x.Next() {
			count[x]++
			if x == r.To() {
				break
			}
		}
	}
	return count
}

// Sets of ranges against sets of addresses.
func TestSplitAgainstMembership(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		a, inA := randomSet(rnd)
		b, inB := randomSet(rnd)
		in, out := a.split(b)
		both := a.with(b)
		gotIn, gotOut, gotBoth := members(in), members(out), members(both)
		for i := range 60 {
			x := addr(i)
			require.Equal(t, count(inA[x] && inB[x]), gotIn[x], "%v in both of %v and %v", x, a, b)
			require.Equal(t, count(inA[x] && !inB[x]), gotOut[x], "%v in %v and not in %v", x, a, b)
			require.Equal(t, count(inA[x] || inB[x]), gotBoth[x], "%v in one of %v and %v", x, a, b)
		}
	}
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

// What is taken and what is left make up the whole, port by port.
func TestTakeKeepsEveryPair(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		all, _ := randomSet(rnd)
		rest := whole(Ports{0, 20}, all)
		type pair struct {
			addr netip.Addr
			port int
		}
		left := map[pair]int{}
		for x := range members(all) {
			for p := 0; p <= 20; p++ {
				left[pair{x, p}] = 1
			}
		}
		for range 4 {
			want, inWant := randomSet(rnd)
			from := rnd.IntN(21)
			ports := Ports{uint16(from), uint16(from + rnd.IntN(8))}
			taken := map[pair]int{}
			for _, b := range rest.take(ports, want, nil) {
				for x := range members(b.addrs) {
					for p := int(b.ports.From); p <= int(b.ports.To); p++ {
						taken[pair{x, p}]++
					}
				}
			}
			for k, v := range left {
				if v == 1 && inWant[k.addr] && int(ports.From) <= k.port && k.port <= int(ports.To) {
					require.Equal(t, 1, taken[k])
					left[k] = 0
				} else {
					require.Zero(t, taken[k])
				}
			}
		}
		now := map[pair]int{}
		for i, b := range rest {
			require.False(t, i > 0 && b.ports.From < rest[i-1].ports.From, "in order")
			for x := range members(b.addrs) {
				for p := int(b.ports.From); p <= int(b.ports.To); p++ {
					now[pair{x, p}]++
				}
			}
		}
		for k, v := range left {
			require.Equal(t, v, now[k])
		}
	}
}
