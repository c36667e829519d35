package cluster_test

import (
	"encoding/json"
	"net"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/examples/preflight/cluster"
	"github.com/groundway-sdk/groundway/iam/resource"
	"github.com/groundway-sdk/groundway/internal/awsfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/ec2fake"
	"github.com/groundway-sdk/groundway/internal/awsfake/resourcefake"
	"github.com/groundway-sdk/groundway/internal/awsfake/route53fake"
	"github.com/groundway-sdk/groundway/internal/awsfake/stsfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/taggingfake"
	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/route53"
	"github.com/groundway-sdk/groundway/route53/resolver"
	rt "github.com/groundway-sdk/groundway/route53/route53test"
)

// The zones of the built-in account.
const (
	parentZone = "Z08314562N7VX4QEXMPL1"
	childZone  = "Z0479218QK8SEXMPL2"
)

// accountWithDNS is the built-in account, whose spec names a hosted zone.
func accountWithDNS(t *testing.T) (cluster.Spec, cluster.Snapshot) {
	t.Helper()
	spec, err := cluster.ReadSpec("../account/cluster.yaml")
	require.NoError(t, err)
	s, err := cluster.ReadSnapshot("../account")
	require.NoError(t, err)
	return spec, s
}

// dnsOutcomes returns the findings of package route53 that are neither passed nor
// skipped.
func dnsOutcomes(r groundway.Report) (list []string) {
	for _, line := range open(r) {
		if strings.Contains(line, " route53/") {
			list = append(list, line)
		}
	}
	return list
}

func TestCheckDNS(t *testing.T) {
	t.Parallel()
	lame := "unknown route53/delegation-lame@" + childZone
	for _, tt := range []struct {
		name string
		edit func(*cluster.Spec, *route53.Snapshot)
		want []string
	}{
		{"the built-in account", func(*cluster.Spec, *route53.Snapshot) {}, []string{lame}},
		{"no delegation", func(_ *cluster.Spec, s *route53.Snapshot) { rt.Remove(s, parentZone, "k8s.example.com NS") }, []string{"failed route53/delegation-missing@" + childZone}},
		{"a stale delegation", func(_ *cluster.Spec, s *route53.Snapshot) {
			rt.Put(s, parentZone, rt.NS("k8s.example.com", rt.Servers(9)...))
		}, []string{"failed route53/delegation-stale@" + childZone}},
		{"another zone", func(spec *cluster.Spec, _ *route53.Snapshot) { spec.DNS.Zone = parentZone }, []string{"failed route53/zone-eclipsed@" + parentZone, "unknown route53/delegation-lame@" + parentZone, "unknown route53/delegation-missing@" + parentZone, "unknown route53/dnssec-ds-mismatch@" + parentZone, "failed route53/zone-negative-ttl@" + parentZone, "unknown route53/dnssec-no-ds@" + parentZone}},
		{"no such zone", func(spec *cluster.Spec, _ *route53.Snapshot) { spec.DNS.Zone = "Z0GONE" }, []string{"failed route53/zone-not-found@Z0GONE"}},
		{"a name that is taken", func(_ *cluster.Spec, s *route53.Snapshot) {
			rt.Put(s, childZone, rt.Set("demo-api.k8s.example.com", "A", "198.51.100.7"))
		}, []string{"failed route53/record-conflict@demo-api.k8s.example.com", lame}},
		{"a private zone in the way", func(spec *cluster.Spec, s *route53.Snapshot) {
			rt.AddZone(s, "Z0SHADOW", "example.com", route53.Private, 9)
			rt.Associate(s, "Z0SHADOW", spec.Network.VPC, spec.Region)
		}, []string{"failed route53/private-zone-shadows@Z0SHADOW", lame}},
		{"no files", func(_ *cluster.Spec, s *route53.Snapshot) { s.Parts = route53.Parts{} }, nil},
		{"not asked for", func(spec *cluster.Spec, _ *route53.Snapshot) { spec.DNS = cluster.DNS{} }, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			spec, s := accountWithDNS(t)
			zones := route53.Snapshot{Observation: s.Observation, Parts: s.DNS}
			tt.edit(&spec, &zones)
			s.DNS = zones.Parts
			report := cluster.Check(spec, s, time.Time{})
			if tt.name == "no files" {
				assert.NotEmpty(t, dnsOutcomes(report))
				for _, line := range dnsOutcomes(report) {
					assert.True(t, strings.HasPrefix(line, "unknown "), line)
				}
			} else {
				assert.ElementsMatch(t, tt.want, dnsOutcomes(report))
			}
			assert.Equal(t, dnsOutcomes(report), dnsOutcomes(cluster.Check(spec, s.Redact(spec), time.Time{})), "redacted")

			path := filepath.Join(t.TempDir(), "saved.json")
			require.NoError(t, cluster.WriteSnapshot(path, s))
			again, err := cluster.ReadSnapshot(path)
			require.NoError(t, err)
			assert.Equal(t, report, cluster.Check(spec, again, time.Time{}), "saved and read")
		})
	}
}

func TestRedactDNS(t *testing.T) {
	t.Parallel()
	spec, s := accountWithDNS(t)
	data, err := json.Marshal(s.Redact(spec))
	require.NoError(t, err)
	assert.NotContains(t, string(data), "www.example.com")
	assert.NotContains(t, string(data), "198.51.100.20")
	assert.Contains(t, string(data), "k8s.example.com", "what the spec says stays")
}

// startDNS starts a server on a loopback address that is the root and all that is
// below it, and delegates k8s.example.com to these servers.
func startDNS(t *testing.T, servers ...string) resolver.Options {
	t.Helper()
	p, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	server := &dns.Server{PacketConn: p, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg).SetReply(q)
		record := func(text string) dns.RR {
			rr, err := dns.NewRR(text)
			if err != nil {
				panic(err)
			}
			return rr
		}
		name := strings.ToLower(q.Question[0].Name)
		switch kind := q.Question[0].Qtype; {
		case kind == dns.TypeA && slices.Contains(servers, name):
			m.Authoritative, m.Answer = true, []dns.RR{record(name + " 60 IN A 127.0.0.1")}
		case kind == dns.TypeNS && name == "k8s.example.com.":
			for _, s := range servers {
				m.Ns = append(m.Ns, record(name+" 60 IN NS "+s))
			}
		case kind == dns.TypeSOA && name == "k8s.example.com.":
			m.Authoritative, m.Answer = true, []dns.RR{record(name + " 60 IN SOA a. b. 1 2 3 4 60")}
		default:
			m.Authoritative = true
		}
		_ = w.WriteMsg(m)
	})}
	up := make(chan struct{})
	server.NotifyStartedFunc = func() { close(up) }
	go func() { _ = server.ActivateAndServe() }()
	<-up
	t.Cleanup(func() { _ = server.Shutdown() })
	return resolver.Options{Roots: []netip.Addr{netip.MustParseAddr("127.0.0.1")}, Port: p.LocalAddr().(*net.UDPAddr).Port, Timeout: time.Second}
}

// Live, the account and the DNS are asked, and a lame delegation is seen that no
// call of AWS shows.
func TestLoadAsksTheDNS(t *testing.T) {
	spec, s := accountWithDNS(t)
	fake := awsfake.New(resourcefake.Join([]awsfake.Service{
		ec2fake.New(network.Snapshot{Observation: s.Observation, Parts: s.Network}, ec2fake.Options{}),
		route53fake.New(route53.Snapshot{Observation: s.Observation, Parts: s.DNS}, route53fake.Options{}),
		stsfake.New(s.Account, "arn:aws:iam::111122223333:user/ops", "AIDAEXAMPLE"),
		taggingfake.New(s.Network.LoadBalancerTags),
	}, resourcefake.New(resource.Snapshot{Observation: s.Observation, Parts: s.Resource})...)...)
	server := awsfake.Start(fake)
	t.Cleanup(server.Close)
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	missing := filepath.Join(t.TempDir(), "none")
	t.Setenv("AWS_CONFIG_FILE", missing)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", missing)

	servers := []string{"ns-211.awsdns-26.com.", "ns-803.awsdns-36.net.", "ns-1441.awsdns-52.org.", "ns-1675.awsdns-17.co.uk."}
	for _, tt := range []struct {
		name string
		dns  resolver.Options
		want []string
	}{
		{"delegated", startDNS(t, servers...), nil},
		{"in part", startDNS(t, servers[:3]...), []string{"failed route53/delegation-partial@" + childZone}},
	} {
		live, err := cluster.Load(t.Context(), spec, cluster.LiveOptions{Endpoint: server.URL, Time: time.Unix(0, 0), DNS: &tt.dns})
		require.NoError(t, err)
		assert.Equal(t, tt.want, dnsOutcomes(cluster.Check(spec, live, time.Time{})), tt.name)
	}

	// Without a DNS that could know of it nobody is asked.
	live, err := cluster.Load(t.Context(), spec, cluster.LiveOptions{Endpoint: server.URL, Time: time.Unix(0, 0)})
	require.NoError(t, err)
	assert.False(t, live.DNS.Delegations.Seen)
	live.DNS.Delegations = s.DNS.Delegations
	assert.Equal(t, spec.Network.VPC, live.DNS.VPCZones.Items[0].VPCID)
	assert.True(t, live.DNS.VPCZones.Complete(), "a dump may lack other VPCs, the account was asked about one")
	live.DNS.VPCZones = s.DNS.VPCZones
	a, err := json.Marshal(route53.Snapshot{Parts: s.DNS})
	require.NoError(t, err)
	b, err := json.Marshal(route53.Snapshot{Parts: live.DNS})
	require.NoError(t, err)
	assert.Equal(t, string(a), string(b), "the dump and the live account are one")
	for _, action := range fake.Actions() {
		assert.Contains(t, cluster.Actions(), action)
	}
}
