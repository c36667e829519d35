package resolver_test

import (
	"context"
	"encoding/json"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/route53"
	"github.com/groundway-sdk/groundway/route53/resolver"
	rt "github.com/groundway-sdk/groundway/route53/route53test"
)

const (
	name      = route53.Name("k8s.example.com")
	delegated = "k8s.example.com. 172800 IN NS ns5.example.net.\nk8s.example.com. 172800 IN NS ns6.example.net.\n"
)

func ask(t *testing.T, w world, q resolver.Question) route53.Delegation {
	t.Helper()
	part, err := resolver.Load(t.Context(), []resolver.Question{q}, w.options)
	require.NoError(t, err)
	require.True(t, part.Complete())
	require.Len(t, part.Items, 1)
	return part.Items[0]
}

func statuses(d route53.Delegation) map[route53.Name]route53.ServerStatus {
	all := map[route53.Name]route53.ServerStatus{}
	for _, a := range d.Servers {
		all[a.Server] = a.Status
	}
	return all
}

func TestDelegated(t *testing.T) {
	both := zones(child(t))
	w := tree(t, delegated+"k8s.example.com. 3600 IN DS 12345 13 2 "+strings.Repeat("AB", 32)+"\n",
		map[string]behaviour{"127.0.0.5": both, "127.0.0.6": both})
	servers := []route53.Name{"ns5.example.net", "ns6.example.net"}
	want := route53.Delegation{
		Name: name,
		Parent: route53.Referral{
			Zone: "example.com", Status: route53.Delegated, NameServers: servers, TTL: 172800, Server: "127.0.0.3",
			DSSeen: true, DS: []route53.DS{{KeyTag: 12345, Algorithm: 13, DigestType: 2, Digest: strings.Repeat("ab", 32)}},
		},
	}
	for _, addr := range []string{"127.0.0.5", "127.0.0.6"} {
		want.Servers = append(want.Servers, route53.ServerAnswer{
			Server: route53.Name("ns" + addr[len(addr)-1:] + ".example.net"), Addresses: []netip.Addr{netip.MustParseAddr(addr)},
			Status: route53.Authoritative, Rcode: "NOERROR", NameServers: servers,
			SOA: &route53.SOA{MName: "ns1.example.net", Serial: 7, TTL: 3600, Minimum: 60},
		})
	}
	assert.Equal(t, want, ask(t, w, resolver.Question{Name: name}))
}

func TestNotDelegated(t *testing.T) {
	w := tree(t, "below.empty.example.com. 60 IN A 192.0.2.2\n*.wild.example.com. 60 IN A 192.0.2.3\n", nil)
	for n, want := range map[route53.Name]route53.ReferralStatus{
		"k8s.example.com":   route53.NoSuchName,
		"www.example.com":   route53.NotDelegated,
		"alias.example.com": route53.NotDelegated,
		"empty.example.com": route53.NotDelegated, // it has names below and no records
		"example.org":       route53.NoSuchName,   // the root does not have it
	} {
		d := ask(t, w, resolver.Question{Name: n, Servers: []route53.Name{"ns9.example.net"}})
		assert.Equal(t, want, d.Parent.Status, n)
		assert.Empty(t, d.Parent.NameServers)
		assert.Equal(t, map[route53.Name]route53.ServerStatus{"ns9.example.net": route53.Unresolved}, statuses(d))
	}
}

func TestServersThatDoNotAnswer(t *testing.T) {
	notAuthoritative := func(q *dns.Msg, _ bool) *dns.Msg {
		m := zones(child(t))(q, false)
		m.Authoritative = false
		return m
	}
	upward := func(q *dns.Msg, _ bool) *dns.Msg {
		m := new(dns.Msg).SetReply(q)
		m.Ns = zoneFile(t, ".", ". 3600 IN NS a.com.\n").records
		return m
	}
	otherZone := func(q *dns.Msg, _ bool) *dns.Msg {
		m := new(dns.Msg).SetReply(q)
		m.Authoritative, m.Answer = true, zoneFile(t, ".", "example.com."+soa).records
		return m
	}
	wrongQuestion := func(q *dns.Msg, _ bool) *dns.Msg {
		m := zones(child(t))(q, false)
		m.Question[0].Name = "other.example.com."
		return m
	}
	for _, c := range []struct {
		name   string
		b      behaviour
		status route53.ServerStatus
		reason string
	}{
		{"refused", refusing, route53.Lame, "the answer is REFUSED"},
		{"server failure", func(q *dns.Msg, _ bool) *dns.Msg { return new(dns.Msg).SetRcode(q, dns.RcodeServerFailure) }, route53.Lame, "the answer is SERVFAIL"},
		{"without authority", notAuthoritative, route53.Lame, "the answer is without authority"},
		{"up to the root", upward, route53.Lame, "the answer is without authority"},
		{"another zone", otherZone, route53.Lame, "the answer holds no SOA record of the zone"},
		{"silent", silent, route53.Silent, "no answer came in time"},
		{"the answer to another question", wrongQuestion, route53.Silent, "no answer came in time"},
		{"too slow", func(q *dns.Msg, _ bool) *dns.Msg {
			time.Sleep(400 * time.Millisecond)
			return zones(child(t))(q, false)
		}, route53.Silent, "no answer came in time"},
		{"cut, by TCP too", func(q *dns.Msg, _ bool) *dns.Msg { m := new(dns.Msg).SetReply(q); m.Truncated = true; return m }, route53.Silent, "the answer was cut, by TCP as well"},
		{"cut, and silent by TCP", func(q *dns.Msg, tcp bool) *dns.Msg {
			if tcp {
				return nil
			}
			m := new(dns.Msg).SetReply(q)
			m.Truncated = true
			return m
		}, route53.Silent, "the answer was cut, and by TCP no answer came in time"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := tree(t, delegated, map[string]behaviour{"127.0.0.5": c.b, "127.0.0.6": zones(child(t))})
			d := ask(t, w, resolver.Question{Name: name})
			require.Len(t, d.Servers, 2)
			assert.Equal(t, c.status, d.Servers[0].Status)
			assert.Equal(t, c.reason, d.Servers[0].Reason)
			assert.Equal(t, route53.Authoritative, d.Servers[1].Status)
			assert.Nil(t, d.Servers[0].SOA)
		})
	}
}

// Answers that are cut are asked for by TCP, and servers that do not know EDNS
// without it.
func TestFallbacks(t *testing.T) {
	cut := func(q *dns.Msg, tcp bool) *dns.Msg {
		m := zones(child(t))(q, tcp)
		if !tcp {
			m.Answer, m.Truncated = nil, true
		}
		return m
	}
	old := func(q *dns.Msg, tcp bool) *dns.Msg {
		if q.IsEdns0() != nil {
			return new(dns.Msg).SetRcode(q, dns.RcodeFormatError)
		}
		return zones(child(t))(q, tcp)
	}
	// Before RFC 6891 said FORMERR, these were what a server that does not know
	// EDNS answered; the last is what one answers that knows another version.
	unknowing := func(rcode int) behaviour {
		return func(q *dns.Msg, tcp bool) *dns.Msg {
			if q.IsEdns0() != nil {
				return new(dns.Msg).SetRcode(q, rcode)
			}
			return zones(child(t))(q, tcp)
		}
	}
	badVersion := func(q *dns.Msg, tcp bool) *dns.Msg {
		if q.IsEdns0() == nil {
			return zones(child(t))(q, tcp)
		}
		m := new(dns.Msg).SetReply(q)
		m.SetEdns0(1232, false)
		m.Rcode = dns.RcodeBadVers
		return m
	}
	var failures atomic.Int32
	failing := func(q *dns.Msg, tcp bool) *dns.Msg {
		if failures.Add(1) == 1 {
			return new(dns.Msg).SetRcode(q, dns.RcodeServerFailure)
		}
		return zones(child(t))(q, tcp)
	}
	var tries atomic.Int32
	flaky := func(q *dns.Msg, tcp bool) *dns.Msg {
		if tries.Add(1) == 1 {
			return nil
		}
		return zones(child(t))(q, tcp)
	}
	for what, b := range map[string]behaviour{
		"cut": cut, "old": old, "flaky": flaky, "not implemented": unknowing(dns.RcodeNotImplemented), "server failure": unknowing(dns.RcodeServerFailure),
		"bad version": badVersion, "a failure that passes": failing,
	} {
		w := tree(t, "k8s.example.com. 172800 IN NS ns5.example.net.\n", map[string]behaviour{"127.0.0.5": b})
		d := ask(t, w, resolver.Question{Name: name})
		require.Len(t, d.Servers, 1)
		assert.Equal(t, route53.Authoritative, d.Servers[0].Status, what)
		assert.Len(t, d.Servers[0].NameServers, 2, what)
	}
}

// Bytes that are no message.
func TestGarbage(t *testing.T) {
	w := tree(t, delegated, map[string]behaviour{"127.0.0.6": zones(child(t))})
	for _, garbage := range []string{"", "x", "not a message at all, but some text that is longer than a header"} {
		p, err := net.ListenPacket("udp", netip.AddrPortFrom(netip.MustParseAddr("127.0.0.5"), uint16(w.port)).String())
		require.NoError(t, err)
		go func() {
			buffer := make([]byte, 1500)
			for {
				n, from, err := p.ReadFrom(buffer)
				if err != nil {
					return
				}
				// With the query's own identifier, so that it is not passed over.
				_, _ = p.WriteTo(append(slices.Clone(buffer[:min(2, n)]), garbage...), from)
			}
		}()
		d := ask(t, w, resolver.Question{Name: name})
		require.NoError(t, p.Close())
		assert.Equal(t, route53.Silent, d.Servers[0].Status)
		assert.NotContains(t, d.Servers[0].Reason, "text")
	}
}

func TestTheParentDoesNotAnswer(t *testing.T) {
	for _, c := range []struct {
		b      behaviour
		reason string
	}{
		{silent, "no answer came in time"},
		{refusing, "the answer is REFUSED"},
		{func(q *dns.Msg, _ bool) *dns.Msg { return new(dns.Msg).SetReply(q) }, "the answer is neither a referral nor one with authority"},
	} {
		w := tree(t, delegated, map[string]behaviour{"127.0.0.3": c.b})
		d := ask(t, w, resolver.Question{Name: name})
		assert.Equal(t, route53.Referral{Zone: "example.com", Status: route53.Unanswered, Reason: c.reason, Server: d.Parent.Server}, d.Parent)
		assert.Empty(t, d.Servers)
	}
}

// A name that is written in more than one way comes back as the server writes it.
func TestNamesWithEscapes(t *testing.T) {
	const reverse = `0\057a.example.com`
	zone := zoneFile(t, "0/a.example.com.", "0/a.example.com."+soa+"0/a.example.com. 3600 IN NS ns5.example.net.\n")
	w := tree(t, "0/a.example.com. 3600 IN NS ns5.example.net.\n", map[string]behaviour{"127.0.0.5": zones(zone)})
	d := ask(t, w, resolver.Question{Name: reverse})
	assert.Equal(t, route53.Delegated, d.Parent.Status, d.Parent.Reason)
	assert.Equal(t, map[route53.Name]route53.ServerStatus{"ns5.example.net": route53.Authoritative}, statuses(d))
}

// That a server's name was not found out is not that it has no address.
func TestNamesOfServersThatNobodyKnows(t *testing.T) {
	w := tree(t, delegated+"k8s.example.com. 60 IN NS ns9.example.net.\n", map[string]behaviour{"127.0.0.4": silent})
	d := ask(t, w, resolver.Question{Name: name})
	require.Len(t, d.Servers, 3)
	assert.Equal(t, "no address of the server could be found out", d.Servers[0].Reason)

	w = tree(t, "k8s.example.com. 60 IN NS ns9.example.net.\n", nil)
	d = ask(t, w, resolver.Question{Name: name})
	assert.Equal(t, "the server's name has no address", d.Servers[0].Reason)
}

// A child that is served by its parent's servers.
func TestOneServerForBoth(t *testing.T) {
	parent := zoneFile(t, "example.com.", "example.com."+soa+delegated)
	w := tree(t, "", map[string]behaviour{"127.0.0.3": zones(parent, child(t)), "127.0.0.5": zones(child(t)), "127.0.0.6": zones(child(t))})
	d := ask(t, w, resolver.Question{Name: name})
	assert.Equal(t, route53.Delegated, d.Parent.Status)
	assert.Equal(t, []route53.Name{"ns5.example.net", "ns6.example.net"}, d.Parent.NameServers)
	assert.Contains(t, d.Parent.Reason, "have the zone themselves")
}

func TestRecursive(t *testing.T) {
	cache := zoneFile(t, "k8s.example.com.", "k8s.example.com."+soa+"k8s.example.com. 77 IN NS old.example.net.\n")
	w := tree(t, delegated, map[string]behaviour{"127.0.0.5": zones(child(t)), "127.0.0.6": zones(child(t)), "127.0.0.7": func(q *dns.Msg, tcp bool) *dns.Msg {
		if !q.RecursionDesired {
			return new(dns.Msg).SetRcode(q, dns.RcodeRefused)
		}
		m := zones(cache)(q, tcp)
		m.Authoritative, m.RecursionAvailable = false, true
		return m
	}})
	w.options.Recursive = netip.AddrPortFrom(netip.MustParseAddr("127.0.0.7"), uint16(w.port)).String()
	d := ask(t, w, resolver.Question{Name: name})
	assert.Equal(t, &route53.RecursiveAnswer{Resolver: "127.0.0.7", Rcode: "NOERROR", NameServers: []route53.Name{"old.example.net"}, TTL: 77}, d.Recursive)
	d = ask(t, w, resolver.Question{Name: "example.org"})
	assert.Equal(t, "the answer is REFUSED and holds no name servers", d.Recursive.Reason)
	// For how long the name is said not to exist, RFC 2308 section 5.
	d = ask(t, w, resolver.Question{Name: "none.k8s.example.com"})
	assert.Equal(t, &route53.RecursiveAnswer{Resolver: "127.0.0.7", Rcode: "NXDOMAIN", TTL: 60, Reason: "the answer is NXDOMAIN and holds no name servers"}, d.Recursive)

	w.options.Recursive = "nameserver"
	_, err := resolver.Load(t.Context(), nil, w.options)
	assert.EqualError(t, err, `ask the DNS: the resolver "nameserver" is no address; want one such as 192.0.2.53 or 127.0.0.1:5353`)
}

// Whatever the servers do, an answer takes bounded time.
func TestBounds(t *testing.T) {
	// A root that delegates one label further each time, to itself.
	endless := func(q *dns.Msg, _ bool) *dns.Msg {
		m := new(dns.Msg).SetReply(q)
		m.Ns = zoneFile(t, ".", "com. 60 IN NS a.com.\n").records
		m.Extra = zoneFile(t, ".", "a.com. 60 IN A 127.0.0.1\n").records
		return m
	}
	w := newWorld(t, map[string]behaviour{"127.0.0.1": endless})
	d := ask(t, w, resolver.Question{Name: name})
	assert.Equal(t, route53.Unanswered, d.Parent.Status, "a referral to where one is leads nowhere")

	// Names of servers that lead to names of servers, without addresses.
	circle := zoneFile(t, ".", "."+soa+"com. 60 IN NS ns.net.\nnet. 60 IN NS ns.com.\n")
	w = newWorld(t, map[string]behaviour{"127.0.0.1": zones(circle)})
	d = ask(t, w, resolver.Question{Name: name})
	assert.Equal(t, "no server of the zone has an address", d.Parent.Reason)

	// A server's name that is an alias is none.
	w = tree(t, "k8s.example.com. 60 IN NS ns7.example.net.\n", nil)
	d = ask(t, w, resolver.Question{Name: name})
	assert.Equal(t, map[route53.Name]route53.ServerStatus{"ns7.example.net": route53.Unresolved}, statuses(d))

	// Patience, and the number of queries.
	w = newWorld(t, map[string]behaviour{"127.0.0.1": silent})
	w.options.Timeout, w.options.Patience = time.Minute, 100*time.Millisecond
	start := time.Now()
	d = ask(t, w, resolver.Question{Name: name, Servers: []route53.Name{"ns5.example.net"}})
	assert.Less(t, time.Since(start), 10*time.Second)
	assert.Equal(t, route53.Unanswered, d.Parent.Status)
	w = tree(t, delegated, map[string]behaviour{"127.0.0.5": zones(child(t)), "127.0.0.6": zones(child(t))})
	w.options.Queries = 4
	d = ask(t, w, resolver.Question{Name: name})
	assert.Equal(t, route53.Delegated, d.Parent.Status)
	assert.NotContains(t, statuses(d), route53.Authoritative)
}

func TestTheContextEnds(t *testing.T) {
	w := newWorld(t, map[string]behaviour{"127.0.0.1": silent})
	w.options.Timeout = time.Minute
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	part, err := resolver.Load(ctx, []resolver.Question{{Name: name}}, w.options)
	assert.ErrorIs(t, err, context.Canceled)
	assert.False(t, part.Seen)
}

// The caller's dialer is asked for every connection.
func TestDial(t *testing.T) {
	var dialled []string
	part, err := resolver.Load(t.Context(), []resolver.Question{{Name: name}}, resolver.Options{
		Roots: []netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")}, Attempts: 1,
		Dial: func(_ context.Context, network, address string) (net.Conn, error) {
			dialled = append(dialled, network+" "+address)
			return nil, net.UnknownNetworkError("none here")
		},
	})
	require.NoError(t, err)
	assert.Equal(t, []string{"udp 192.0.2.1:53", "udp [2001:db8::1]:53"}, dialled)
	assert.Equal(t, "the connection failed", part.Items[0].Parent.Reason)
}

func TestQuestions(t *testing.T) {
	s, o := rt.Account()
	rt.AddZone(&s, "Z0TWIN", rt.Domain, route53.Public, 7)
	rt.AddZone(&s, "Z0INNER", rt.Domain, route53.Private, 9)
	questions := resolver.Questions(s, o.BaseDomain)
	require.Len(t, questions, 2)
	assert.Equal(t, rt.Domain, questions[0].Name)
	assert.Len(t, questions[0].Servers, 8, "the servers of both zones")
	assert.Equal(t, resolver.Question{Name: "example.com", Servers: rt.Servers(1)}, questions[1])
}

// What servers say is judged by the rules, end to end.
func TestJudgement(t *testing.T) {
	w := tree(t, "k8s.example.com. 60 IN NS ns5.example.net.\nk8s.example.com. 60 IN NS ns6.example.net.\n",
		map[string]behaviour{"127.0.0.5": zones(child(t)), "127.0.0.6": refusing})
	s, o := rt.Account()
	part, err := resolver.Load(t.Context(), resolver.Questions(s, o.BaseDomain), w.options)
	require.NoError(t, err)
	s.Delegations = part
	assert.Equal(t, route53.VerdictElsewhere, route53.JudgeDelegation(s, rt.Zone).Verdict)
	rt.Detail(&s, rt.Zone).NameServers = []route53.Name{"ns5.example.net", "ns6.example.net"}
	j := route53.JudgeDelegation(s, rt.Zone)
	assert.Equal(t, route53.VerdictLame, j.Verdict)
	assert.Equal(t, []route53.Name{"ns6.example.net"}, j.Lame)
	data, err := json.Marshal(s)
	require.NoError(t, err)
	var again route53.Snapshot
	require.NoError(t, json.Unmarshal(data, &again))
	assert.Equal(t, j, route53.JudgeDelegation(again, rt.Zone))
}
