package plan

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"net/netip"
	"slices"
	"strings"

	"go4.org/netipx"
)

// A region is the addresses of one role: a block for each zone that the VPC may
// have.
type region struct {
	role  Role
	bits  int // of each block
	slots int
	at    netip.Prefix // all blocks together, once it is laid out
}

// block returns the nth block.
func (r region) block(n int) netip.Prefix {
	base := binary.BigEndian.Uint32(r.at.Addr().AsSlice())
	var a [4]byte
	binary.BigEndian.PutUint32(a[:], base+uint32(n)<<(32-r.bits))
	return netip.PrefixFrom(netip.AddrFrom4(a), r.bits)
}

// bitsFor returns the prefix length of the smallest block that holds so many
// addresses besides AWS's own.
func bitsFor(addresses int) int {
	return min(32-bits.Len(uint(addresses+reserved-1)), smallest)
}

// usable returns how many addresses hosts can have in a subnet.
func usable(p netip.Prefix) int { return 1<<(32-p.Bits()) - reserved }

// lay gives each region its place: the largest first, and of one size in their
// order, at the lowest address that is free and aligned. The blocks of a region
// are contiguous and aligned as one.
func lay(regions []region, free *netipx.IPSet) error {
	order := make([]int, len(regions))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return regions[a].span() - regions[b].span() })
	for _, i := range order {
		at, ok := firstFit(free, regions[i].span())
		if !ok {
			return noRoom(regions[i], regions, free)
		}
		regions[i].at = at
		var b netipx.IPSetBuilder
		b.AddSet(free)
		b.RemovePrefix(at)
		free, _ = b.IPSet()
	}
	return nil
}

// span returns the prefix length of all blocks together.
func (r region) span() int { return r.bits - bits.Len(uint(r.slots-1)) }

// firstFit returns the lowest block of the prefix length that is free.
func firstFit(free *netipx.IPSet, length int) (netip.Prefix, bool) {
	if length < 0 {
		return netip.Prefix{}, false
	}
	for _, p := range free.Prefixes() {
		if p.Addr().Is4() && p.Bits() <= length {
			return netip.PrefixFrom(p.Addr(), length), true
		}
	}
	return netip.Prefix{}, false
}

// noRoom says with numbers what did not fit.
func noRoom(r region, all []region, free *netipx.IPSet) error {
	var want []string
	for _, x := range all {
		want = append(want, fmt.Sprintf("%s %d × /%d", x.role, x.slots, x.bits))
	}
	largestFree, total := "none", 0
	best := 33
	for _, p := range free.Prefixes() {
		if p.Addr().Is4() {
			total += 1 << (32 - p.Bits())
			if p.Bits() < best {
				best, largestFree = p.Bits(), p.String()
			}
		}
	}
	return fmt.Errorf("no room for the %s subnets, %d blocks of /%d (%d usable addresses each) in one piece: %d addresses are left, the largest free block is %s; wanted in all: %s; use a larger VPC, fewer addresses a subnet, or fewer zone slots",
		r.role, r.slots, r.bits, usable(netip.PrefixFrom(netip.IPv4Unspecified(), r.bits)), total, largestFree, strings.Join(want, ", "))
}

func setOf(blocks ...netip.Prefix) *netipx.IPSet {
	var b netipx.IPSetBuilder
	for _, p := range blocks {
		if p.IsValid() {
			b.AddPrefix(p)
		}
	}
	set, _ := b.IPSet()
	return set
}

func without(set *netipx.IPSet, blocks []netip.Prefix) *netipx.IPSet {
	var b netipx.IPSetBuilder
	b.AddSet(set)
	for _, p := range blocks {
		if p.IsValid() {
			b.RemovePrefix(p)
		}
	}
	set, _ = b.IPSet()
	return set
}
