// Package dns_test asks real name servers: BIND for the root, NSD for the
// top-level domains and where a server does not have the zone, Knot DNS for the
// parent zone, NSD and Knot DNS side by side for the zones of Route 53, and
// Unbound for the resolver that everybody asks.
package dns_test

import (
	"cmp"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/e2e/program"
	"github.com/groundway-sdk/groundway/route53"
	"github.com/groundway-sdk/groundway/route53/resolver"
	rt "github.com/groundway-sdk/groundway/route53/route53test"
)

// ds is a DS record of no key.
var ds = route53.DS{KeyTag: 4711, Algorithm: 13, DigestType: 2, Digest: strings.Repeat("0a", 32)}

// A scenario is a hosted zone NAME.example.com with the delegation set of
// Servers(5), and what its parent says of it.
type scenario struct {
	name     string
	parent   []route53.Name // NS records of the parent
	ds       bool           // and a DS record
	missing  bool           // the zone is not at 127.0.0.8
	unloaded bool           // the servers are to have the zone, and lack its file
	both     bool           // the parent's server has the zone as well
	wire     string         // the name as zone files write it, where that differs
	more     string         // records of the parent
	edit     func(*route53.Snapshot, *route53.HostedZone)
	verdict  route53.Verdict
	failed   groundway.Code
	statuses map[route53.ServerStatus]int
}

// many is a delegation whose referral is larger than a datagram.
func many() []route53.Name {
	servers := rt.Servers(5)
	for i := range 40 {
		servers = append(servers, route53.MustParseName(fmt.Sprintf("ns-%d.%s.example.net", i, strings.Repeat("x", 50))))
	}
	return servers
}

var scenarios = []scenario{
	{name: "right", parent: rt.Servers(5), verdict: route53.VerdictOK, statuses: map[route53.ServerStatus]int{route53.Authoritative: 4}},
	{name: "none", verdict: route53.VerdictNotDelegated, failed: "route53/delegation-missing", statuses: map[route53.ServerStatus]int{route53.Authoritative: 4}},
	{name: "partial", parent: rt.Servers(5)[:2], verdict: route53.VerdictPartial, failed: "route53/delegation-partial", statuses: map[route53.ServerStatus]int{route53.Authoritative: 4}},
	{name: "extra", parent: append(rt.Servers(5), rt.Servers(7)[0]), verdict: route53.VerdictPartial, failed: "route53/delegation-partial", statuses: map[route53.ServerStatus]int{route53.Authoritative: 4, route53.Lame: 1}},
	// The zone was made anew: its old servers refuse.
	{name: "stale", parent: rt.Servers(7), verdict: route53.VerdictStale, failed: "route53/delegation-stale", statuses: map[route53.ServerStatus]int{route53.Authoritative: 4, route53.Lame: 4}},
	{name: "lame", parent: rt.Servers(5), missing: true, verdict: route53.VerdictLame, failed: "route53/delegation-lame", statuses: map[route53.ServerStatus]int{route53.Authoritative: 3, route53.Lame: 1}},
	// Two zones of one name: the snapshot's zone has the set that is not delegated.
	{
		name: "twin", parent: rt.Servers(5), verdict: route53.VerdictOtherZone, failed: "route53/delegation-other-zone",
		edit: func(s *route53.Snapshot, z *route53.HostedZone) {
			rt.AddZone(s, "Z0TWIN", z.Name, route53.Public, 5)
			rt.Detail(s, z.ID).NameServers = rt.Servers(7)
			rt.Put(s, z.ID, rt.NS(z.Name, rt.Servers(7)...))
		},
		statuses: map[route53.ServerStatus]int{route53.Authoritative: 4, route53.Lame: 4},
	},
	// Another provider has the zone.
	{
		name: "elsewhere", parent: rt.Servers(5), verdict: route53.VerdictElsewhere, failed: "route53/delegation-elsewhere",
		edit: func(s *route53.Snapshot, z *route53.HostedZone) {
			rt.Detail(s, z.ID).NameServers = rt.Servers(7)
			rt.Put(s, z.ID, rt.NS(z.Name, rt.Servers(7)...))
		},
		statuses: map[route53.ServerStatus]int{route53.Authoritative: 4, route53.Lame: 4},
	},
	{name: "ds", parent: rt.Servers(5), ds: true, verdict: route53.VerdictDSMismatch, failed: "route53/dnssec-ds-mismatch", statuses: map[route53.ServerStatus]int{route53.Authoritative: 4}},
	// The referral does not fit into a datagram, and comes by TCP.
	{name: "many", parent: many(), verdict: route53.VerdictPartial, failed: "route53/delegation-partial", statuses: map[route53.ServerStatus]int{route53.Authoritative: 4, route53.Unresolved: 40}},
	// What a secondary answers whose zone has expired.
	{name: "unloaded", parent: rt.Servers(5), unloaded: true, verdict: route53.VerdictLame, failed: "route53/delegation-lame", statuses: map[route53.ServerStatus]int{route53.Lame: 4}},
	// The parent's server answers from the zone, and whoever asks it is served.
	{name: "both", parent: rt.Servers(5), both: true, verdict: route53.VerdictOK, statuses: map[route53.ServerStatus]int{route53.Authoritative: 4}},
	// The name exists in the parent, by what stands below it or by a wildcard.
	{name: "ent", more: "x.ent.example.com. 60 IN A 192.0.2.1\n", verdict: route53.VerdictNotDelegated, failed: "route53/delegation-missing", statuses: map[route53.ServerStatus]int{route53.Authoritative: 4}},
	{name: "x.wild", more: "*.wild.example.com. 60 IN A 192.0.2.1\n", verdict: route53.VerdictNotDelegated, failed: "route53/delegation-missing", statuses: map[route53.ServerStatus]int{route53.Authoritative: 4}},
	{name: "alias", more: "alias.example.com. 60 IN CNAME www.example.net.\n", verdict: route53.VerdictNotDelegated, failed: "route53/delegation-missing", statuses: map[route53.ServerStatus]int{route53.Authoritative: 4}},
	// Names in other letters, and with octets that each program writes in its way.
	{name: "mixed", wire: "MiXed", parent: rt.Servers(5), verdict: route53.VerdictOK, statuses: map[route53.ServerStatus]int{route53.Authoritative: 4}},
	{name: `0\05725`, wire: "0/25", parent: rt.Servers(5), verdict: route53.VerdictOK, statuses: map[route53.ServerStatus]int{route53.Authoritative: 4}},
	{name: `a\040\042b`, wire: `a\032\"b`, parent: rt.Servers(5), verdict: route53.VerdictOK, statuses: map[route53.ServerStatus]int{route53.Authoritative: 4}},
	// Nobody listens where the parent leads.
	{name: "dead", parent: rt.Servers(9), verdict: route53.VerdictStale, failed: "route53/delegation-stale", statuses: map[route53.ServerStatus]int{route53.Authoritative: 4, route53.Silent: 4}},
}

// childAddresses are where the names of Servers(5) lead, in their order.
var childAddresses = []string{"127.0.0.5", "127.0.0.6", "127.0.0.7", "127.0.0.8"}

// world returns the servers of all scenarios together.
func world() []server {
	tops := []string{"com.", "net.", "org.", "uk."}
	root := head(".", "a.root.invalid.") + "a.root.invalid. 3600 IN A 127.0.0.1\n"
	for _, top := range tops {
		root += fmt.Sprintf("%s 3600 IN NS a.tld.%[1]s\na.tld.%[1]s 3600 IN A 127.0.0.2\n", top)
	}
	tld := map[string]string{}
	for _, top := range tops {
		tld[top] = head(top, "a.tld."+top) + "a.tld." + top + " 3600 IN A 127.0.0.2\n"
	}
	tld["com."] += "example.com. 172800 IN NS ns1.example.com.\nns1.example.com. 3600 IN A 127.0.0.3\n"
	name := func(n route53.Name, address string) {
		labels := strings.Split(string(n), ".")
		tld[labels[len(labels)-1]+"."] += n.Absolute() + " 3600 IN A " + address + "\n"
	}
	for i, n := range rt.Servers(5) {
		name(n, childAddresses[i])
	}
	for _, n := range rt.Servers(7) {
		name(n, "127.0.0.9") // a server that has none of the zones
	}
	for _, n := range rt.Servers(9) {
		name(n, "127.0.0.99") // nobody
	}
	parent := head("example.com.", "ns1.example.com.") + "ns1.example.com. 3600 IN A 127.0.0.3\n"
	parent += "www.example.com. 60 IN A 192.0.2.1\n"
	children := make([][]zone, len(childAddresses))
	parents := []zone{{name: "example.com."}}
	for _, s := range scenarios {
		owner := cmp.Or(s.wire, s.name) + ".example.com."
		parent += s.more
		for _, n := range s.parent {
			parent += owner + " 172800 IN NS " + n.Absolute() + "\n"
		}
		if s.ds {
			parent += owner + " 3600 IN DS " + ds.String() + "\n"
		}
		text := head(owner)
		for _, n := range rt.Servers(5) {
			text += owner + " 3600 IN NS " + n.Absolute() + "\n"
		}
		if s.unloaded {
			text = ""
		}
		if s.both {
			parents = append(parents, zone{name: owner, text: text})
		}
		for i := range children {
			if !s.missing || i != len(children)-1 {
				children[i] = append(children[i], zone{name: owner, text: text})
			}
		}
	}
	parents[0].text = parent
	var tlds []zone
	for _, top := range tops {
		tlds = append(tlds, zone{name: top, text: tld[top]})
	}
	return []server{
		{program.Named, "127.0.0.1", []zone{{name: ".", text: root}}},
		{program.NSD, "127.0.0.2", tlds},
		{program.Knot, "127.0.0.3", parents},
		{program.NSD, childAddresses[0], children[0]},
		{program.Knot, childAddresses[1], children[1]},
		{program.NSD, childAddresses[2], children[2]},
		{program.Knot, childAddresses[3], children[3]},
		{program.NSD, "127.0.0.9", []zone{{name: "unrelated.invalid.", text: head("unrelated.invalid.", "ns.invalid.")}}},
	}
}

// account returns the account of a scenario: example.com is not in it, so that
// only the DNS shows the delegation.
func (c scenario) account() (route53.Snapshot, route53.Options) {
	s, _ := rt.Account()
	name := route53.MustParseName(c.name + ".example.com")
	s.Zones, s.Details = groundway.SeenPart[route53.HostedZone](), groundway.SeenPart[route53.ZoneDetail]()
	s.Records, s.DNSSEC = groundway.SeenPart[route53.ZoneRecords](), groundway.SeenPart[route53.ZoneDNSSEC]()
	rt.AddZone(&s, rt.Zone, name, route53.Public, 5)
	if c.edit != nil {
		c.edit(&s, rt.HostedZone(&s, rt.Zone))
	}
	return s, route53.Options{BaseDomain: name, Cluster: "demo", ZoneID: rt.Zone}
}

func TestDelegation(t *testing.T) {
	port := start(t, world())
	// The resolver finds the zone right at its own servers, and elsewhere one of
	// an older state: the servers that have nothing.
	recursive := startUnbound(t, port, map[string]string{"right.example.com": "127.0.0.6", "partial.example.com": "127.0.0.5"}, "")
	for _, c := range scenarios {
		t.Run(c.name, func(t *testing.T) {
			s, o := c.account()
			begin := time.Now()
			part, err := resolver.Load(t.Context(), resolver.Questions(s, o.BaseDomain), resolver.Options{
				Roots: []netip.Addr{netip.MustParseAddr("127.0.0.1")}, Port: port, Timeout: 500 * time.Millisecond,
			})
			require.NoError(t, err)
			assert.Less(t, time.Since(begin), 20*time.Second)
			require.Len(t, part.Items, 1)
			s.Delegations = part
			d := part.Items[0]
			assert.Equal(t, route53.Name("example.com"), d.Parent.Zone)
			assert.Equal(t, "127.0.0.3", d.Parent.Server)
			if len(c.parent) > 0 && !c.both {
				assert.ElementsMatch(t, c.parent, d.Parent.NameServers)
				assert.Equal(t, int64(172800), d.Parent.TTL)
				assert.True(t, d.Parent.DSSeen)
				assert.Equal(t, c.ds, len(d.Parent.DS) == 1)
			}
			statuses := map[route53.ServerStatus]int{}
			for _, a := range d.Servers {
				statuses[a.Status]++
				if a.Status == route53.Authoritative {
					assert.ElementsMatch(t, rt.Servers(5), a.NameServers, "%s", a.Server)
					assert.Equal(t, int64(60), a.SOA.NegativeTTL())
				}
				if a.Status == route53.Lame {
					assert.Equal(t, map[bool]string{false: "REFUSED", true: "SERVFAIL"}[c.unloaded], a.Rcode, "%s", a.Server)
				}
			}
			assert.Equal(t, c.statuses, statuses)

			j := route53.JudgeDelegation(s, rt.Zone)
			assert.Equal(t, c.verdict, j.Verdict, "%s", j)
			var failed []groundway.Code
			for _, f := range route53.Check(s, o) {
				if f.Outcome == groundway.Failed && f.Code.Area() != "route53/zone" {
					failed = append(failed, f.Code)
					assert.NotEmpty(t, f.Remedies)
				}
			}
			if c.failed == "" {
				assert.Empty(t, failed)
			} else {
				assert.Equal(t, []groundway.Code{c.failed}, failed)
			}
		})
	}

	t.Run("the resolver", func(t *testing.T) {
		for name, want := range map[string]string{"right": "", "none": "the answer is "} {
			part, err := resolver.Load(t.Context(), []resolver.Question{{Name: route53.MustParseName(name + ".example.com")}}, resolver.Options{
				Roots: []netip.Addr{netip.MustParseAddr("127.0.0.1")}, Port: port, Recursive: recursive.String(), Patience: 15 * time.Second,
			})
			require.NoError(t, err)
			answer := part.Items[0].Recursive
			require.NotNil(t, answer)
			if want == "" {
				assert.Equal(t, "NOERROR", answer.Rcode)
				assert.ElementsMatch(t, rt.Servers(5), answer.NameServers)
				assert.Positive(t, answer.TTL)
			} else {
				assert.NotEmpty(t, answer.Reason)
				assert.Empty(t, answer.NameServers)
			}
		}
	})
}
