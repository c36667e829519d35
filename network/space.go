package network

import (
	"encoding/binary"
	"math/bits"
	"net/netip"

	"go4.org/netipx"
)

// The special-purpose blocks that no public host has, of the IANA registries
// (RFC 6890) and of class D and E space: no route has to cover them.
var (
	notInternet4 = prefixes(
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
		"192.0.0.0/24", "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
		"203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
	)
	internet4 = subtract(setOf("0.0.0.0/0"), notInternet4)
	internet6 = subtract(setOf("2000::/3"), prefixes("2001:db8::/32"))
)

// special reports whether the block is within one of notInternet4: most routes
// lead to private networks, and this is quicker than asking the set.
func special(p netip.Prefix) bool {
	for _, s := range notInternet4 {
		if s.Bits() <= p.Bits() && s.Contains(p.Addr()) {
			return true
		}
	}
	return false
}

func prefixes(texts ...string) []netip.Prefix {
	list := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		list[i] = netip.MustParsePrefix(text)
	}
	return list
}

func setOf(texts ...string) *netipx.IPSet { return union(prefixes(texts...)) }

func union(list []netip.Prefix) *netipx.IPSet {
	var b netipx.IPSetBuilder
	for _, p := range list {
		b.AddPrefix(p)
	}
	return build(&b)
}

func subtract(set *netipx.IPSet, list []netip.Prefix) *netipx.IPSet {
	var b netipx.IPSetBuilder
	b.AddSet(set)
	for _, p := range list {
		b.RemovePrefix(p)
	}
	return build(&b)
}

func intersect(set *netipx.IPSet, p netip.Prefix) *netipx.IPSet {
	var one, b netipx.IPSetBuilder
	one.AddPrefix(p)
	b.AddSet(set)
	b.Intersect(build(&one))
	return build(&b)
}

// build returns the set. The builder fails on invalid prefixes only, which no
// caller gives to it.
func build(b *netipx.IPSetBuilder) *netipx.IPSet {
	set, err := b.IPSet()
	if err != nil {
		return new(netipx.IPSet)
	}
	return set
}

// size returns the number of addresses. It is 0 for the empty set only, and
// rounded to the precision of a float64.
func size(set *netipx.IPSet) float64 {
	var n float64
	for _, r := range set.Ranges() {
		from, to := r.From().As16(), r.To().As16()
		low, borrow := bits.Sub64(binary.BigEndian.Uint64(to[8:]), binary.BigEndian.Uint64(from[8:]), 0)
		high, _ := bits.Sub64(binary.BigEndian.Uint64(to[:8]), binary.BigEndian.Uint64(from[:8]), borrow)
		n += float64(high)*(1<<64) + float64(low) + 1
	}
	return n
}
