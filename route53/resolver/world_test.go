package resolver_test

import (
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/route53/resolver"
)

// A zone is the text of a zone file with absolute names.
type zone struct {
	name    string
	records []dns.RR
}

func zoneFile(t *testing.T, name, text string) zone {
	t.Helper()
	z := zone{name: name}
	parser := dns.NewZoneParser(strings.NewReader(text), name, "")
	for rr, ok := parser.Next(); ok; rr, ok = parser.Next() {
		z.records = append(z.records, rr)
	}
	require.NoError(t, parser.Err())
	return z
}

// answer answers as an authoritative server does.
func (z zone) answer(q *dns.Msg) *dns.Msg {
	m := new(dns.Msg)
	m.SetReply(q)
	name, kind := strings.ToLower(q.Question[0].Name), q.Question[0].Qtype
	below, exact := false, false
	for _, rr := range z.records {
		owner := rr.Header().Name
		if ns, ok := rr.(*dns.NS); ok && owner != z.name && dns.IsSubDomain(owner, name) && (kind != dns.TypeDS || owner != name) {
			m.Ns = append(m.Ns, ns)
			for _, glue := range z.records {
				if glue.Header().Name == ns.Ns && (glue.Header().Rrtype == dns.TypeA || glue.Header().Rrtype == dns.TypeAAAA) {
					m.Extra = append(m.Extra, glue)
				}
			}
		}
		exact = exact || owner == name
		below = below || dns.IsSubDomain(name, owner)
	}
	if len(m.Ns) > 0 {
		return m
	}
	m.Authoritative = true
	for _, rr := range z.records {
		if rr.Header().Name == name && (rr.Header().Rrtype == kind || rr.Header().Rrtype == dns.TypeCNAME) {
			m.Answer = append(m.Answer, rr)
		}
	}
	if len(m.Answer) == 0 {
		if !exact && !below {
			m.Rcode = dns.RcodeNameError
		}
		for _, rr := range z.records {
			if rr.Header().Rrtype == dns.TypeSOA {
				m.Ns = append(m.Ns, rr)
			}
		}
	}
	return m
}

// A behaviour answers a query, or not: nil. Over TCP or not is its second
// argument.
type behaviour func(q *dns.Msg, tcp bool) *dns.Msg

// zones answers from the zone that encloses the name most closely, and refuses
// what is in none.
func zones(list ...zone) behaviour {
	return func(q *dns.Msg, _ bool) *dns.Msg {
		best := zone{}
		for _, z := range list {
			// The DS records of a zone stand in its parent.
			if dns.IsSubDomain(z.name, strings.ToLower(q.Question[0].Name)) && len(z.name) > len(best.name) &&
				(q.Question[0].Qtype != dns.TypeDS || z.name != strings.ToLower(q.Question[0].Name)) {
				best = z
			}
		}
		if best.name == "" {
			return new(dns.Msg).SetRcode(q, dns.RcodeRefused)
		}
		return best.answer(q)
	}
}

func silent(*dns.Msg, bool) *dns.Msg { return nil }

func refusing(q *dns.Msg, _ bool) *dns.Msg { return new(dns.Msg).SetRcode(q, dns.RcodeRefused) }

// A world is servers on loopback addresses that share a port.
type world struct {
	port    int
	options resolver.Options
}

// newWorld starts the servers, which are stopped when the test ends. The root is
// at 127.0.0.1.
func newWorld(t *testing.T, servers map[string]behaviour) world {
	t.Helper()
	for range 20 {
		if w, ok := tryWorld(t, servers); ok {
			return w
		}
	}
	t.Fatal("no port is free on all loopback addresses")
	return world{}
}

func tryWorld(t *testing.T, servers map[string]behaviour) (world, bool) {
	t.Helper()
	first, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	port := first.Addr().(*net.TCPAddr).Port
	require.NoError(t, first.Close())
	var started []*dns.Server
	stop := func() {
		for _, s := range started {
			_ = s.Shutdown()
		}
	}
	for addr, b := range servers {
		at := netip.AddrPortFrom(netip.MustParseAddr(addr), uint16(port)).String()
		handler := func(tcp bool) dns.Handler {
			return dns.HandlerFunc(func(rw dns.ResponseWriter, q *dns.Msg) {
				if m := b(q, tcp); m != nil {
					_ = rw.WriteMsg(m)
				}
			})
		}
		l, err := net.Listen("tcp", at)
		if err != nil {
			stop()
			return world{}, false
		}
		p, err := net.ListenPacket("udp", at)
		if err != nil {
			_ = l.Close()
			stop()
			return world{}, false
		}
		for _, s := range []*dns.Server{{Listener: l, Handler: handler(true)}, {PacketConn: p, Handler: handler(false)}} {
			up := make(chan struct{})
			s.NotifyStartedFunc = func() { close(up) }
			go func() { _ = s.ActivateAndServe() }()
			<-up
			started = append(started, s)
		}
	}
	t.Cleanup(stop)
	return world{port, resolver.Options{
		Roots: []netip.Addr{netip.MustParseAddr("127.0.0.1")}, Port: port, Timeout: 150 * time.Millisecond, Patience: 20 * time.Second,
	}}, true
}

const soa = " 3600 IN SOA ns1.example.net. ops.example.net. 7 7200 900 1209600 60\n"

// tree is a root, com and example.com at 127.0.0.1 to 127.0.0.3, and example.net
// with the names of servers at 127.0.0.4; example.com delegates k8s.example.com
// by these records.
func tree(t *testing.T, delegation string, more map[string]behaviour) world {
	t.Helper()
	root := zoneFile(t, ".", "."+soa+`
com. 3600 IN NS a.com.
a.com. 3600 IN A 127.0.0.2
net. 3600 IN NS a.com.
`)
	com := zoneFile(t, "com.", "com."+soa+`
com. 3600 IN NS a.com.
example.com. 172800 IN NS ns1.example.com.
ns1.example.com. 3600 IN A 127.0.0.3
`)
	network := zoneFile(t, "net.", "net."+soa+`
net. 3600 IN NS a.com.
example.net. 3600 IN NS ns1.example.net.
ns1.example.net. 3600 IN A 127.0.0.4
`)
	parent := zoneFile(t, "example.com.", "example.com."+soa+`
example.com. 3600 IN NS ns1.example.com.
ns1.example.com. 3600 IN A 127.0.0.3
www.example.com. 60 IN A 192.0.2.1
alias.example.com. 60 IN CNAME www.example.com.
`+delegation)
	names := zoneFile(t, "example.net.", "example.net."+soa+`
example.net. 3600 IN NS ns1.example.net.
ns1.example.net. 3600 IN A 127.0.0.4
ns5.example.net. 3600 IN A 127.0.0.5
ns6.example.net. 3600 IN A 127.0.0.6
ns7.example.net. 3600 IN CNAME ns5.example.net.
`)
	servers := map[string]behaviour{
		"127.0.0.1": zones(root), "127.0.0.2": zones(com, network), "127.0.0.3": zones(parent), "127.0.0.4": zones(names),
	}
	for addr, b := range more {
		servers[addr] = b
	}
	return newWorld(t, servers)
}

// child is the zone k8s.example.com with two servers.
func child(t *testing.T) zone {
	t.Helper()
	return zoneFile(t, "k8s.example.com.", "k8s.example.com."+soa+`
k8s.example.com. 3600 IN NS ns5.example.net.
k8s.example.com. 3600 IN NS ns6.example.net.
`)
}
