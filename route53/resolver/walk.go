package resolver

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"github.com/miekg/dns"

	"github.com/groundway-sdk/groundway/route53"
)

// A walker asks servers for one question. It remembers what they answered, and
// how often it asked.
type walker struct {
	o Options

	mu      sync.Mutex
	answers map[query]answer
	asked   int
}

// A query is a question to one server.
type query struct {
	to      netip.AddrPort
	name    route53.Name
	kind    uint16
	recurse bool
}

// An answer is a message, or the reason why there is none.
type answer struct {
	msg    *dns.Msg
	reason string
}

// The bounds of a walk.
const (
	maxCuts  = 40 // zones from the root to a name: a name has 127 labels at most, and seldom more than five zones
	maxDepth = 4  // of names of servers that are looked up to look up a name of a server
	maxTried = 6  // addresses of one zone that are tried, one after the other
)

// A cut is a zone with the servers that the zone above names for it.
type cut struct {
	zone    route53.Name
	servers []route53.Name
	glue    map[route53.Name][]netip.Addr
}

// An outcome is what a walk to a name came to.
type outcome struct {
	kind    route53.ReferralStatus // Delegated: next holds the referral; the others as they are
	next    cut
	ttl     int64
	answers []dns.RR // of an authoritative answer
	server  netip.AddrPort
	reason  string
}

// referral walks to the zone above the name and returns what it says, with the
// addresses that came along.
func (w *walker) referral(ctx context.Context, name route53.Name) (route53.Referral, map[route53.Name][]netip.Addr) {
	at := cut{zone: route53.Root, glue: map[route53.Name][]netip.Addr{"root": w.o.Roots}, servers: []route53.Name{"root"}}
	for range maxCuts {
		out := w.ask(ctx, at, name, dns.TypeNS, 0)
		r := route53.Referral{Zone: at.zone, Status: out.kind, Reason: out.reason}
		if out.server.IsValid() {
			r.Server = out.server.Addr().String()
		}
		switch {
		case out.kind == route53.Delegated && out.next.zone != name:
			at = out.next
			continue
		case out.kind == route53.Delegated:
			r.NameServers, r.TTL = sortedNames(out.next.servers), out.ttl
			w.ds(ctx, name, out.server, &r)
		}
		return r, out.next.glue
	}
	return route53.Referral{Zone: at.zone, Status: route53.Unanswered, Reason: "the referrals do not end"}, nil
}

// ds asks the server that gave the referral for the DS records, which stand in
// the parent.
func (w *walker) ds(ctx context.Context, name route53.Name, server netip.AddrPort, r *route53.Referral) {
	a := w.exchange(ctx, query{to: server, name: name, kind: dns.TypeDS})
	if a.msg == nil || a.msg.Rcode != dns.RcodeSuccess || !a.msg.Authoritative {
		return
	}
	r.DSSeen = true
	for _, rr := range a.msg.Answer {
		if ds, ok := rr.(*dns.DS); ok && nameOf(ds.Hdr.Name) == name {
			r.DS = append(r.DS, route53.DS{
				KeyTag: int(ds.KeyTag), Algorithm: int(ds.Algorithm), DigestType: int(ds.DigestType), Digest: strings.ToLower(ds.Digest),
			})
		}
	}
}

// ask puts the question to the servers of a zone until one answers as a server
// of that zone does.
func (w *walker) ask(ctx context.Context, at cut, name route53.Name, kind uint16, depth int) outcome {
	last := outcome{kind: route53.Unanswered, reason: "no server of the zone has an address"}
	tried := 0
	for _, n := range at.servers {
		addrs := at.glue[n]
		if len(addrs) == 0 {
			addrs, _ = w.addresses(ctx, n, depth+1)
		}
		for _, addr := range addrs {
			if tried++; tried > maxTried || ctx.Err() != nil {
				return last
			}
			to := netip.AddrPortFrom(addr, uint16(w.o.Port))
			a := w.exchange(ctx, query{to: to, name: name, kind: kind})
			if a.msg == nil {
				last.reason = a.reason
				continue
			}
			out := read(a.msg, at.zone, name, kind)
			out.server = to
			if out.kind != route53.Unanswered {
				return out
			}
			last = out
		}
	}
	return last
}

// read says what an answer of a server of the zone is.
func read(m *dns.Msg, zone, name route53.Name, kind uint16) outcome {
	switch {
	case m.Rcode == dns.RcodeNameError && m.Authoritative:
		return outcome{kind: route53.NoSuchName}
	case m.Rcode != dns.RcodeSuccess:
		return outcome{kind: route53.Unanswered, reason: "the answer is " + rcode(m)}
	case len(m.Answer) > 0 && m.Authoritative:
		return readAnswer(m, zone, name, kind)
	}
	if out, ok := readReferral(m, zone, name); ok {
		return out
	}
	if m.Authoritative {
		return outcome{kind: route53.NotDelegated}
	}
	return outcome{kind: route53.Unanswered, reason: "the answer is neither a referral nor one with authority"}
}

// readAnswer reads an answer with authority. Servers of the zone that have the
// zone of the name as well answer from there, and their referral is never seen:
// what the child says stands in for it.
func readAnswer(m *dns.Msg, zone, name route53.Name, kind uint16) outcome {
	out := outcome{kind: route53.NotDelegated, answers: m.Answer}
	if kind != dns.TypeNS {
		return out
	}
	next := cut{zone: name, glue: glueOf(m, zone)}
	for _, rr := range m.Answer {
		if ns, ok := rr.(*dns.NS); ok && nameOf(ns.Hdr.Name) == name {
			if n := nameOf(ns.Ns); n != "" {
				next.servers = append(next.servers, n)
				out.ttl = int64(ns.Hdr.Ttl)
			}
		}
	}
	if len(next.servers) > 0 && name != zone {
		out.kind, out.next = route53.Delegated, next
		out.reason = "the servers of the parent have the zone themselves, so that this is what the zone says"
	}
	return out
}

// readReferral reads the NS records of the authority section, if they lead down
// from the zone towards the name. Those that lead up or aside are what a lame
// server answers.
func readReferral(m *dns.Msg, zone, name route53.Name) (outcome, bool) {
	next := cut{glue: glueOf(m, zone)}
	var ttl int64
	for _, rr := range m.Ns {
		ns, ok := rr.(*dns.NS)
		if !ok {
			continue
		}
		owner, server := nameOf(ns.Hdr.Name), nameOf(ns.Ns)
		if server == "" || !owner.Below(zone) || !name.In(owner) || next.zone != "" && owner != next.zone {
			continue
		}
		next.zone, ttl = owner, int64(ns.Hdr.Ttl)
		next.servers = append(next.servers, server)
	}
	next.servers = sortedNames(next.servers)
	return outcome{kind: route53.Delegated, next: next, ttl: ttl}, next.zone != ""
}

// glueOf returns the addresses of the additional section for names within the
// zone: of others the server knows nothing.
func glueOf(m *dns.Msg, zone route53.Name) map[route53.Name][]netip.Addr {
	glue := map[route53.Name][]netip.Addr{}
	for _, rr := range m.Extra {
		if owner := nameOf(rr.Header().Name); owner.In(zone) {
			if addr, ok := addrOf(rr); ok {
				glue[owner] = append(glue[owner], addr)
			}
		}
	}
	for _, addrs := range glue {
		sortAddrs(addrs)
	}
	return glue
}

func addrOf(rr dns.RR) (netip.Addr, bool) {
	switch rr := rr.(type) {
	case *dns.A:
		addr, ok := netip.AddrFromSlice(rr.A)
		return addr.Unmap(), ok
	case *dns.AAAA:
		return netip.AddrFromSlice(rr.AAAA)
	}
	return netip.Addr{}, false
}

// sortAddrs puts IPv4 first, which more machines can reach.
func sortAddrs(addrs []netip.Addr) { slices.SortFunc(addrs, netip.Addr.Compare) }

// addresses looks up a server's own name from the root. Where nobody answered,
// that there are none is not known.
func (w *walker) addresses(ctx context.Context, name route53.Name, depth int) (addrs []netip.Addr, known bool) {
	if depth > maxDepth {
		return nil, false
	}
	addrs, known = w.lookup(ctx, name, dns.TypeA, depth)
	if len(addrs) == 0 {
		var also bool
		addrs, also = w.lookup(ctx, name, dns.TypeAAAA, depth)
		known = known && also
	}
	sortAddrs(addrs)
	return slices.Compact(addrs), known || len(addrs) > 0
}

func (w *walker) lookup(ctx context.Context, name route53.Name, kind uint16, depth int) (addrs []netip.Addr, known bool) {
	at := cut{zone: route53.Root, glue: map[route53.Name][]netip.Addr{"root": w.o.Roots}, servers: []route53.Name{"root"}}
	for range maxCuts {
		out := w.ask(ctx, at, name, kind, depth)
		if out.kind == route53.Delegated {
			at = out.next
			continue
		}
		for _, rr := range out.answers {
			// A server's name must not be an alias (RFC 2181 section 10.3), so that
			// no CNAME is followed.
			if addr, ok := addrOf(rr); ok && nameOf(rr.Header().Name) == name {
				addrs = append(addrs, addr)
			}
		}
		return addrs, out.kind != route53.Unanswered
	}
	return nil, false
}

// server asks one name server for the zone.
func (w *walker) server(ctx context.Context, zone, name route53.Name, addrs []netip.Addr) route53.ServerAnswer {
	out := route53.ServerAnswer{Server: name, Status: route53.Unresolved, Reason: "the server's name has no address"}
	if len(addrs) == 0 {
		var known bool
		if addrs, known = w.addresses(ctx, name, 1); !known {
			out.Reason = "no address of the server could be found out"
		}
	}
	out.Addresses = addrs
	for _, addr := range addrs {
		to := netip.AddrPortFrom(addr, uint16(w.o.Port))
		a := w.exchange(ctx, query{to: to, name: zone, kind: dns.TypeSOA})
		if a.msg == nil {
			out.Status, out.Reason = route53.Silent, a.reason
			continue
		}
		out.Rcode, out.Reason, out.Status = rcode(a.msg), "", route53.Lame
		soa, ok := soaOf(a.msg, zone)
		switch {
		case a.msg.Rcode != dns.RcodeSuccess:
			out.Reason = "the answer is " + out.Rcode
		case !a.msg.Authoritative:
			out.Reason = "the answer is without authority"
		case !ok:
			out.Reason = "the answer holds no SOA record of the zone"
		default:
			out.Status, out.SOA = route53.Authoritative, &soa
			out.NameServers = nsOf(w.exchange(ctx, query{to: to, name: zone, kind: dns.TypeNS}).msg, zone)
		}
		return out
	}
	return out
}

func soaOf(m *dns.Msg, zone route53.Name) (route53.SOA, bool) {
	for _, rr := range m.Answer {
		if soa, ok := rr.(*dns.SOA); ok && nameOf(soa.Hdr.Name) == zone {
			return route53.SOA{MName: nameOf(soa.Ns), Serial: int64(soa.Serial), TTL: int64(soa.Hdr.Ttl), Minimum: int64(soa.Minttl)}, true
		}
	}
	return route53.SOA{}, false
}

func nsOf(m *dns.Msg, zone route53.Name) []route53.Name {
	var names []route53.Name
	if m == nil {
		return nil
	}
	for _, rr := range m.Answer {
		if ns, ok := rr.(*dns.NS); ok && nameOf(ns.Hdr.Name) == zone {
			if n := nameOf(ns.Ns); n != "" {
				names = append(names, n)
			}
		}
	}
	return sortedNames(names)
}

// recursive asks a resolver as a client does.
func (w *walker) recursive(ctx context.Context, name route53.Name, to netip.AddrPort) *route53.RecursiveAnswer {
	out := &route53.RecursiveAnswer{Resolver: to.Addr().String()}
	a := w.exchange(ctx, query{to: to, name: name, kind: dns.TypeNS, recurse: true})
	if a.msg == nil {
		out.Reason = a.reason
		return out
	}
	out.Rcode, out.NameServers = rcode(a.msg), nsOf(a.msg, name)
	for _, rr := range a.msg.Answer {
		if _, ok := rr.(*dns.NS); ok {
			out.TTL = int64(rr.Header().Ttl)
		}
	}
	if len(out.NameServers) == 0 {
		for _, rr := range a.msg.Ns {
			if soa, ok := rr.(*dns.SOA); ok { // RFC 2308 section 5
				out.TTL = int64(min(soa.Hdr.Ttl, soa.Minttl))
			}
		}
		out.Reason = "the answer is " + out.Rcode + " and holds no name servers"
	}
	return out
}

func rcode(m *dns.Msg) string {
	if text, ok := dns.RcodeToString[m.Rcode]; ok {
		return text
	}
	return "an unknown code"
}
