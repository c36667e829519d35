package flow

import (
	"net/netip"
	"slices"
	"sort"

	"go4.org/netipx"
)

// addresses is a set of addresses of one family, as ascending ranges that
// neither overlap nor touch. The empty set is nil.
type addresses []netipx.IPRange

// addressesOf returns the union of the blocks of one family.
func addressesOf(blocks []netip.Prefix, v6 bool) addresses {
	var list addresses
	for _, p := range blocks {
		if p.IsValid() && p.Addr().Is6() == v6 {
			list = append(list, netipx.RangeOfPrefix(p.Masked()))
		}
	}
	return list.normal()
}

// normal orders and joins the ranges.
func (a addresses) normal() addresses {
	if len(a) < 2 {
		return a
	}
	slices.SortFunc(a, func(x, y netipx.IPRange) int { return x.From().Compare(y.From()) })
	out := a[:1]
	for _, r := range a[1:] {
		last := &out[len(out)-1]
		next := last.To().Next()
		switch {
		case next.IsValid() && next.Less(r.From()):
			out = append(out, r)
		case last.To().Less(r.To()):
			*last = netipx.IPRangeFrom(last.From(), r.To())
		}
	}
	return out
}

func (a addresses) with(b addresses) addresses {
	if len(a) == 0 {
		return b
	}
	if len(b) == 0 {
		return a
	}
	return slices.Concat(a, b).normal()
}

// split returns what of a is in b, and what is not.
func (a addresses) split(b addresses) (in, out addresses) {
	if len(a) == 0 || len(b) == 0 || a[len(a)-1].To().Less(b[0].From()) || b[len(b)-1].To().Less(a[0].From()) {
		return nil, a
	}
	if len(b) == 1 {
		// Most blocks of rules hold all of a set or nothing of it.
		i := sort.Search(len(a), func(i int) bool { return !a[i].To().Less(b[0].From()) })
		if i == len(a) || b[0].To().Less(a[i].From()) {
			return nil, a
		}
	}
	if len(b) == 1 && !a[0].From().Less(b[0].From()) && !b[0].To().Less(a[len(a)-1].To()) {
		return a, nil
	}
	k := sort.Search(len(b), func(i int) bool { return !b[i].To().Less(a[0].From()) })
	for _, r := range a {
		from, open := r.From(), true
		for k < len(b) && b[k].To().Less(from) {
			k++
		}
		for i := k; open && i < len(b) && !r.To().Less(b[i].From()); i++ {
			if from.Less(b[i].From()) {
				out = append(out, netipx.IPRangeFrom(from, b[i].From().Prev()))
				from = b[i].From()
			}
			to := b[i].To()
			if r.To().Less(to) {
				to = r.To()
			}
			in = append(in, netipx.IPRangeFrom(from, to))
			if open = to.Less(r.To()); open {
				from = to.Next()
			}
		}
		if open {
			out = append(out, netipx.IPRangeFrom(from, r.To()))
		}
	}
	return in, out
}

func (a addresses) and(b addresses) addresses {
	in, _ := a.split(b)
	return in
}

func (a addresses) minus(b addresses) addresses {
	_, out := a.split(b)
	return out
}

// blocks returns the set as the fewest blocks that make it up.
func (a addresses) blocks() []netip.Prefix {
	var list []netip.Prefix
	for _, r := range a {
		list = r.AppendPrefixes(list)
	}
	return list
}

// A band is a set of addresses with a range of ports.
type band struct {
	ports Ports
	addrs addresses
}

// A space is a set of pairs of an address and a port: of the other side's
// address and the port that a filter looks at. Its bands ascend by port and do
// not overlap, and none is empty.
type space []band

func whole(ports Ports, addrs addresses) space {
	if len(addrs) == 0 {
		return nil
	}
	return space{{ports, addrs}}
}

// take moves what lies within the ports and the addresses from s, and returns
// what it moved. It costs the meter one for every band and range that it looks
// at.
func (s *space) take(ports Ports, addrs addresses, m *meter) space {
	bands := *s
	first := sort.Search(len(bands), func(i int) bool { return bands[i].ports.To >= ports.From })
	end := first
	for end < len(bands) && bands[end].ports.From <= ports.To {
		end++
	}
	var taken, rest space
	for _, b := range bands[first:end] {
		m.spend(1 + len(b.addrs) + len(addrs))
		in, out := b.addrs.split(addrs)
		if len(in) == 0 {
			rest = append(rest, b)
			continue
		}
		lo, hi := max(b.ports.From, ports.From), min(b.ports.To, ports.To)
		if b.ports.From < lo {
			rest = append(rest, band{Ports{b.ports.From, lo - 1}, b.addrs})
		}
		taken = append(taken, band{Ports{lo, hi}, in})
		if len(out) > 0 {
			rest = append(rest, band{Ports{lo, hi}, out})
		}
		if hi < b.ports.To {
			rest = append(rest, band{Ports{hi + 1, b.ports.To}, b.addrs})
		}
	}
	if taken != nil {
		*s = slices.Replace(bands, first, end, rest...)
	}
	return taken
}

// under returns the addresses that the space holds for every port of the range.
func (s space) under(ports Ports, all addresses) addresses {
	for _, b := range s.minusFrom(ports, all) {
		all = all.minus(b.addrs)
	}
	return all
}

// minusFrom returns what of the whole is not in s, whose bands may overlap.
func (s space) minusFrom(ports Ports, all addresses) space {
	rest := whole(ports, all)
	for _, b := range s {
		rest.take(b.ports, b.addrs, nil)
	}
	return rest
}

// addrs returns the addresses of all bands.
func (s space) addrs() addresses {
	var all addresses
	for _, b := range s {
		all = all.with(b.addrs)
	}
	return all
}

// A meter bounds the work for one filter, so that rules made to be slow end in
// an unknown and not in a wait. A nil meter does not bound.
type meter struct{ left int }

func (m *meter) spend(n int) {
	if m != nil {
		m.left -= n
	}
}

func (m *meter) empty() bool { return m != nil && m.left < 0 }
