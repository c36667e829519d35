package dns_test

import (
	"fmt"
	"net/netip"
	"os/exec"
	"strings"
	"testing"

	"github.com/miekg/dns"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/e2e/program"
	"github.com/groundway-sdk/groundway/route53"
	"github.com/groundway-sdk/groundway/route53/resolver"
	rt "github.com/groundway-sdk/groundway/route53/route53test"
)

// keysOf returns the DS records of a zone that a server signs, by their types of
// digest.
func keysOf(t *testing.T, config, zone string) map[int]route53.DS {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), program.Keymgr.Built(t), "-c", config, zone, "ds").CombinedOutput()
	require.NoError(t, err, "%s", out)
	keys := map[int]route53.DS{}
	for line := range strings.Lines(string(out)) {
		if _, text, ok := strings.Cut(line, " DS "); ok {
			key, ok := route53.ParseDS(text)
			require.True(t, ok, line)
			keys[key.DigestType] = key
		}
	}
	require.NotEmpty(t, keys, "%s", out)
	return keys
}

const (
	sha256 = 2 // the only digest that Route 53 shows
	sha384 = 4
)

// A validating resolver serves a zone if and only if it is not said that the DS
// records of its parent mismatch.
func TestDNSSEC(t *testing.T) {
	const parentAt, childAt = "127.0.0.3", "127.0.0.5"
	cases := []struct {
		name     string
		signed   bool
		ds       func(own map[int]route53.DS) []route53.DS
		mismatch bool
		outcome  groundway.Outcome
	}{
		{"right", true, func(own map[int]route53.DS) []route53.DS { return []route53.DS{own[sha256]} }, false, groundway.Passed},
		{"two", true, func(own map[int]route53.DS) []route53.DS { return []route53.DS{ds, own[sha256]} }, false, groundway.Passed},
		{"other-digest", true, func(own map[int]route53.DS) []route53.DS { return []route53.DS{own[sha384]} }, false, groundway.Unknown},
		{"open", true, func(map[int]route53.DS) []route53.DS { return nil }, false, groundway.Passed},
		{"unsigned", false, func(map[int]route53.DS) []route53.DS { return nil }, false, groundway.Passed},
		// The zone was made anew, and signed with another key, or not at all.
		{"stale", true, func(map[int]route53.DS) []route53.DS { return []route53.DS{ds} }, true, groundway.Failed},
		{"switched-off", false, func(map[int]route53.DS) []route53.DS { return []route53.DS{ds} }, true, groundway.Failed},
	}
	var zones []zone
	stubs := map[string]string{"example.com": parentAt}
	for _, c := range cases {
		owner := c.name + ".example.com."
		zones = append(zones, zone{name: owner, text: head(owner, "ns1."+owner) + "ns1." + owner + " 3600 IN A " + childAt + "\n", signed: c.signed})
		stubs[c.name+".example.com"] = childAt
	}
	root := zone{name: ".", text: head(".", "a.root.invalid.") + "a.root.invalid. 3600 IN A 127.0.0.1\nexample.com. 3600 IN NS ns1.example.com.\nns1.example.com. 3600 IN A " + parentAt + "\n"}
	port := start(t, []server{{program.Named, "127.0.0.1", []zone{root}}})
	child := server{program.Knot, childAt, zones}
	p, config := child.start(t, port)
	for _, z := range zones {
		ready(t, p, child, port, z.name)
	}

	text := head("example.com.", "ns1.example.com.") + "ns1.example.com. 3600 IN A " + parentAt + "\n"
	own := map[string]map[int]route53.DS{}
	for _, c := range cases {
		owner := c.name + ".example.com."
		text += owner + " 172800 IN NS ns1." + owner + "\nns1." + owner + " 3600 IN A " + childAt + "\n"
		if c.signed {
			own[c.name] = keysOf(t, config, owner)
		}
		for _, d := range c.ds(own[c.name]) {
			text += owner + " 3600 IN DS " + d.String() + "\n"
		}
	}
	parent := server{program.Knot, parentAt, []zone{{name: "example.com.", text: text, signed: true}}}
	p, config = parent.start(t, port)
	ready(t, p, parent, port, "example.com.")
	recursive := startUnbound(t, port, stubs, "example.com. DS "+keysOf(t, config, "example.com.")[sha256].String())

	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			name := route53.MustParseName(c.name + ".example.com")
			m := new(dns.Msg).SetQuestion(name.Absolute(), dns.TypeSOA)
			answer, err := dns.Exchange(m, recursive.String())
			require.NoError(t, err)
			assert.Equal(t, c.mismatch, answer.Rcode == dns.RcodeServerFailure, dns.RcodeToString[answer.Rcode])

			s, _ := rt.Account()
			s.Zones, s.Details = groundway.SeenPart[route53.HostedZone](), groundway.SeenPart[route53.ZoneDetail]()
			s.Records, s.DNSSEC = groundway.SeenPart[route53.ZoneRecords](), groundway.SeenPart[route53.ZoneDNSSEC]()
			rt.AddZone(&s, rt.Zone, name, route53.Public, 5)
			server := route53.MustParseName("ns1." + string(name))
			rt.Detail(&s, rt.Zone).NameServers = []route53.Name{server}
			rt.Put(&s, rt.Zone, rt.NS(name, server))
			if c.signed {
				*rt.DNSSEC(&s, rt.Zone) = route53.ZoneDNSSEC{ZoneID: rt.Zone, Status: "SIGNING", Keys: []route53.DS{own[c.name][sha256]}}
			}
			s.Delegations, err = resolver.Load(t.Context(), resolver.Questions(s, name), resolver.Options{
				Roots: []netip.Addr{netip.MustParseAddr("127.0.0.1")}, Port: port,
			})
			require.NoError(t, err)
			assert.Equal(t, c.mismatch, route53.JudgeDelegation(s, rt.Zone).Verdict == route53.VerdictDSMismatch)
			for _, f := range route53.Check(s, route53.Options{BaseDomain: name, Cluster: "demo", ZoneID: rt.Zone}) {
				if f.Code == "route53/dnssec-ds-mismatch" {
					assert.Equal(t, c.outcome, f.Outcome, fmt.Sprint(f.Summary))
				}
			}
		})
	}
}
