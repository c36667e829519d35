package route53_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/route53"
	rt "github.com/groundway-sdk/groundway/route53/route53test"
)

func TestJudgeDelegation(t *testing.T) {
	servers := "ns-1029.awsdns-05.org. ns-1541.awsdns-05.co.uk. ns-5.awsdns-05.com. ns-517.awsdns-05.net."
	fix := func(before string) string {
		if before != "" {
			before = "-   k8s.example.com NS " + before + "\n"
		}
		return "  zone example.com (Z0PARENT)\n" + before + "+   k8s.example.com NS 172800 " + servers + "\n"
	}
	lame := func(s *route53.Snapshot, names ...route53.Name) {
		d := rt.Delegation(s, rt.Domain)
		for _, n := range names {
			d.Servers = append(d.Servers, route53.ServerAnswer{Server: n, Status: route53.Lame, Rcode: "REFUSED"})
		}
	}
	// parent lets the parent name these servers, in the zone and in DNS.
	parent := func(s *route53.Snapshot, names ...route53.Name) {
		d := rt.Delegation(s, rt.Domain)
		d.Parent.NameServers = names
		d.Recursive.NameServers = names
		if len(names) == 0 {
			d.Parent.Status = route53.NotDelegated
			rt.Remove(s, rt.Parent, "k8s.example.com NS")
			return
		}
		rt.Put(s, rt.Parent, rt.NS(rt.Domain, names...))
	}
	for _, c := range []struct {
		name    string
		edit    func(*route53.Snapshot)
		verdict route53.Verdict
		words   string
		fix     string
	}{
		{"ok", nil, route53.VerdictOK, "k8s.example.com is delegated to Z0K8S.", "no changes\n"},
		{
			"none", func(s *route53.Snapshot) { parent(s) }, route53.VerdictNotDelegated,
			"The parent zone example.com (Z0PARENT) does not delegate k8s.example.com, so that nobody reaches Z0K8S.", fix(""),
		},
		{
			"somebody else's servers, which nobody asked", func(s *route53.Snapshot) {
				parent(s, "ns1.example.net")
				rt.Deny(&s.Delegations, route53.ActionQuery)
			}, route53.VerdictElsewhere,
			"k8s.example.com is delegated to ns1.example.net, servers of somebody else, and not to Z0K8S.", fix("172800 ns1.example.net."),
		},
		{
			"none in DNS, and the parent zone has it already", func(s *route53.Snapshot) {
				d := rt.Delegation(s, rt.Domain)
				d.Parent.Status, d.Parent.NameServers = route53.NotDelegated, nil
			}, route53.VerdictNotDelegated,
			"The parent zone example.com (Z0PARENT) does not delegate k8s.example.com, so that nobody reaches Z0K8S.", "no changes\n",
		},
		{
			"partial", func(s *route53.Snapshot) { parent(s, rt.Servers(5)[0], "ns1.example.net") }, route53.VerdictPartial,
			"The delegation of k8s.example.com lacks ns-517.awsdns-05.net, ns-1029.awsdns-05.org, ns-1541.awsdns-05.co.uk and also names ns1.example.net.",
			fix("172800 ns-5.awsdns-05.com. ns1.example.net."),
		},
		{
			"stale", func(s *route53.Snapshot) { parent(s, rt.Servers(7)...); lame(s, rt.Servers(7)...) }, route53.VerdictStale,
			"k8s.example.com is delegated to ns-7.awsdns-07.com, ns-519.awsdns-07.net, ns-1031.awsdns-07.org, ns-1543.awsdns-07.co.uk, none of which is a server of Z0K8S, as after a zone was deleted and made anew.",
			fix("172800 ns-1031.awsdns-07.org. ns-1543.awsdns-07.co.uk. ns-519.awsdns-07.net. ns-7.awsdns-07.com."),
		},
		{
			"servers of Route 53 that answer are somebody else's", func(s *route53.Snapshot) {
				parent(s, rt.Servers(7)...)
				rt.Answering(rt.Delegation(s, rt.Domain), rt.Servers(7)...)
			}, route53.VerdictElsewhere,
			"k8s.example.com is delegated to ns-7.awsdns-07.com, ns-519.awsdns-07.net, ns-1031.awsdns-07.org, ns-1543.awsdns-07.co.uk, which answer for it, and not to Z0K8S.",
			fix("172800 ns-1031.awsdns-07.org. ns-1543.awsdns-07.co.uk. ns-519.awsdns-07.net. ns-7.awsdns-07.com."),
		},
		{
			"the twin", func(s *route53.Snapshot) {
				rt.AddZone(s, "Z0TWIN", rt.Domain, route53.Public, 7)
				parent(s, rt.Servers(7)...)
			}, route53.VerdictOtherZone,
			"k8s.example.com is delegated to the hosted zone Z0TWIN of the same name, not to Z0K8S.",
			fix("172800 ns-1031.awsdns-07.org. ns-1543.awsdns-07.co.uk. ns-519.awsdns-07.net. ns-7.awsdns-07.com."),
		},
		{
			"lame", func(s *route53.Snapshot) { rt.Delegation(s, rt.Domain).Servers[1].Status = route53.Lame }, route53.VerdictLame,
			"k8s.example.com is delegated to servers that do not answer for it: ns-517.awsdns-05.net.", "no changes\n",
		},
		{
			"DS", func(s *route53.Snapshot) { parentDS(s, ds) }, route53.VerdictDSMismatch,
			"The parent has 1 DS record for k8s.example.com that no key of Z0K8S fits.", "no changes\n",
		},
		{
			"own", func(s *route53.Snapshot) { rt.Put(s, rt.Zone, rt.NS(rt.Domain, "ns1.example.net")) }, route53.VerdictOwnNS,
			"The NS record set within Z0K8S names ns1.example.net, and its delegation set is ns-5.awsdns-05.com, ns-517.awsdns-05.net, ns-1029.awsdns-05.org, ns-1541.awsdns-05.co.uk.", "no changes\n",
		},
		{
			"no own", func(s *route53.Snapshot) { rt.Remove(s, rt.Zone, "k8s.example.com NS") }, route53.VerdictOwnNS,
			"Z0K8S has no NS record set of its own.", "no changes\n",
		},
		{
			"cached", func(s *route53.Snapshot) { rt.Delegation(s, rt.Domain).Recursive.NameServers = rt.Servers(7) }, route53.VerdictCached,
			"k8s.example.com is delegated right, but the resolver that was asked keeps an older answer for another 3600 seconds.", "no changes\n",
		},
		{
			"unseen", func(s *route53.Snapshot) {
				s.Delegations = groundway.Part[route53.Delegation]{}
				s.Records = groundway.Part[route53.ZoneRecords]{}
			}, route53.VerdictUnknown,
			"It could not be seen whether k8s.example.com is delegated to Z0K8S.", "no changes\n",
		},
		{
			"delegation set unseen", func(s *route53.Snapshot) { rt.Deny(&s.Details, "route53:GetHostedZone") }, route53.VerdictUnknown,
			"It could not be seen whether k8s.example.com is delegated to Z0K8S.", "no changes\n",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, _ := rt.Account()
			if c.edit != nil {
				c.edit(&s)
			}
			j := route53.JudgeDelegation(s, rt.Zone)
			assert.Equal(t, c.verdict, j.Verdict)
			assert.Equal(t, c.words, j.String())
			assert.Equal(t, c.fix, j.Fix.String())
			assert.Equal(t, j, route53.JudgeDelegation(shuffled(s), rt.Zone), "whatever the order")
			if !j.Fix.Empty() {
				// By the API alone, the fix makes the verdict ok.
				apply(&s, j.Fix)
				s.Delegations = groundway.Part[route53.Delegation]{}
				assert.Equal(t, route53.VerdictOK, route53.JudgeDelegation(s, rt.Zone).Verdict)
			}
		})
	}
	s, _ := rt.Account()
	assert.Equal(t, route53.VerdictUnknown, route53.JudgeDelegation(s, "Z0GONE").Verdict)
	assert.Equal(t, route53.VerdictUnknown, route53.JudgeDelegation(route53.Snapshot{}, rt.Zone).Verdict)
}

// A domain that a registrar gave out is mended there, and public suffixes of two
// labels count as one.
func TestRegistrarsAreToldApart(t *testing.T) {
	for domain, want := range map[string]string{
		"acme.co.uk":     "At the registrar of acme.co.uk, set its name servers to ",
		"acme.com":       "At the registrar of acme.com, set its name servers to ",
		"k8s.acme.co.uk": "In the parent zone, set the NS record set of k8s.acme.co.uk to ",
	} {
		s, o := rt.Account()
		n := route53.MustParseName(domain)
		rt.AddZone(&s, "Z0ACME", n, route53.Public, 11)
		s.Delegations.Items = append(s.Delegations.Items, route53.Delegation{Name: n, Parent: route53.Referral{Status: route53.NoSuchName}})
		o.ZoneID, o.BaseDomain = "Z0ACME", n
		for _, f := range route53.Check(s, o) {
			if f.Code == "route53/delegation-missing" {
				require.Equal(t, groundway.Failed, f.Outcome)
				assert.Contains(t, f.Remedies[0].Action, want)
			}
		}
	}
}

// What is to be done depends on where the fault is.
func TestRemediesOfADelegation(t *testing.T) {
	for row, want := range map[string]string{
		"the parent zone is reached by nobody itself": "Have example.com delegated to Z0PARENT first: nobody reaches what is below it.",
		"the parent zone was put right a moment ago":  "The parent zone Z0PARENT has the right NS record set. Wait until its servers show it, a minute as a rule, and check again.",
		"no delegation":                               "Set the NS record set of k8s.example.com in its parent zone Z0PARENT to the servers of Z0K8S.",
		"others have what is above":                   "In the parent zone, set the NS record set of k8s.example.com to ns-5.awsdns-05.com, ns-517.awsdns-05.net, ns-1029.awsdns-05.org, ns-1541.awsdns-05.co.uk.",
		"the other zone of that name is delegated to": "Use the zone Z0TWIN, to which the parent delegates.",
	} {
		var actions []string
		for _, r := range rows {
			if r.name != row {
				continue
			}
			s, o := r.account()
			for _, f := range route53.Check(s, o) {
				if f.Outcome == groundway.Failed && f.Code.Area() == "route53/delegation" {
					actions = append(actions, f.Remedies[0].Action)
				}
			}
		}
		assert.Equal(t, []string{want}, actions, row)
	}
}

func TestCandidatesAreAllReported(t *testing.T) {
	s, _ := rt.Account()
	rt.AddZone(&s, "Z0TWIN", rt.Domain, route53.Public, 7)
	rt.AddZone(&s, "Z0INNER", rt.Domain, route53.Private, 9)
	rt.Associate(&s, "Z0INNER", rt.VPC, "us-east-1")
	var got []string
	for _, c := range route53.Candidates(s, "demo.k8s.example.com") {
		got = append(got, c.Zone.ID+" "+string(c.Zone.Visibility)+" "+string(c.Verdict))
	}
	assert.Equal(t, []string{"Z0K8S public ok", "Z0TWIN public other-zone", "Z0INNER private ", "Z0PARENT public ok"}, got)

	assert.Equal(t, "Z0K8S", route53.ChoosePublic(s, "demo.k8s.example.com").Zone.ID)
	assert.Equal(t, "Z0INNER", route53.ChoosePrivate(s, "demo.k8s.example.com", rt.VPC).Zone.ID)
	assert.False(t, route53.ChoosePrivate(s, "demo.k8s.example.com", "vpc-0c3").Chosen)
	assert.False(t, route53.ChoosePublic(s, "example.org").Chosen)

	rt.Deny(&s.Details, "route53:GetHostedZone")
	choice := route53.ChoosePublic(s, "demo.k8s.example.com")
	assert.False(t, choice.Chosen)
	assert.Len(t, choice.Ambiguous, 2)
	choice = route53.ChoosePrivate(s, "demo.k8s.example.com", rt.VPC)
	assert.False(t, choice.Chosen, "whether it is associated was not seen")
	assert.Len(t, choice.Ambiguous, 1)
}

func TestSnapshotRoundTrip(t *testing.T) {
	s, _ := rt.Account()
	data, err := json.Marshal(s)
	require.NoError(t, err)
	var again route53.Snapshot
	require.NoError(t, json.Unmarshal(data, &again))
	twice, err := json.Marshal(again)
	require.NoError(t, err)
	assert.Equal(t, string(data), string(twice))
	other, err := json.Marshal(shuffled(s))
	require.NoError(t, err)
	assert.Equal(t, string(data), string(other), "canonical")
	err = json.Unmarshal([]byte(`{"schema":"groundway.snapshot/v1","parts":{"hostedZones":{"seen":true,"items":{"Z1":{"id":"Z1","name":"a..b"}}}}}`), &again)
	assert.ErrorContains(t, err, `/parts/hostedZones/items/Z1/name`)
}

func TestParseDS(t *testing.T) {
	d, ok := route53.ParseDS("12345 13 2 AB CD")
	assert.True(t, ok)
	assert.Equal(t, route53.DS{KeyTag: 12345, Algorithm: 13, DigestType: 2, Digest: "abcd"}, d)
	assert.Equal(t, "12345 13 2 abcd", d.String())
	for _, text := range []string{"", "1 2 3", "1 2 3 abc", "1 2 3 xy", "x 2 3 ab", "70000 2 3 ab"} {
		_, ok := route53.ParseDS(text)
		assert.False(t, ok, text)
	}
}

func TestParseSOA(t *testing.T) {
	soa, ok := route53.ParseSOA("ns-1.awsdns-01.com. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400", 900)
	assert.True(t, ok)
	assert.Equal(t, route53.SOA{MName: "ns-1.awsdns-01.com", Serial: 1, TTL: 900, Minimum: 86400}, soa)
	assert.Equal(t, int64(900), soa.NegativeTTL())
	for _, text := range []string{"", "a b 1 2 3 4", "a..b c 1 2 3 4 5", "a b 1 2 3 4 x", "a b 1 2 3 4 4294967296"} {
		_, ok := route53.ParseSOA(text, 1)
		assert.False(t, ok, text)
	}
}

func FuzzParseRecords(f *testing.F) {
	f.Add("12345 13 2 abcd")
	f.Add("ns-1.awsdns-01.com. h.amazon.com. 1 7200 900 1209600 86400")
	f.Fuzz(func(t *testing.T, text string) {
		if d, ok := route53.ParseDS(text); ok {
			again, ok := route53.ParseDS(d.String())
			require.True(t, ok)
			require.Equal(t, d, again)
		}
		if s, ok := route53.ParseSOA(text, 900); ok {
			require.LessOrEqual(t, s.NegativeTTL(), int64(900))
		}
	})
}

// Whatever stands in a zone, a check ends and says something of every rule.
func FuzzCheck(f *testing.F) {
	f.Add("a.k8s.example.com", "CNAME", "a.k8s.example.com.")
	f.Add("k8s.example.com", "NS", "")
	f.Add("k8s.example.com", "SOA", "a b 1 2 3 4 5")
	f.Add("k8s.example.com", "CAA", `0 issue ";;="`)
	f.Add("a-demo.k8s.example.com", "TXT", `"heritage=external-dns,external-dns/owner=,"`)
	f.Fuzz(func(t *testing.T, name, kind, value string) {
		n, err := route53.ParseName(name)
		if err != nil || kind == "" {
			return
		}
		s, o := rt.Account()
		o.ExternalDNS, o.CertManager = &route53.ExternalDNS{}, &route53.CertManager{}
		rt.Put(&s, rt.Zone, route53.RecordSet{Name: n, Type: kind, TTL: 60, Values: []string{value}})
		heard := map[groundway.Code]bool{}
		for _, f := range route53.Check(s, o) {
			heard[f.Code] = true
		}
		require.Len(t, heard, len(route53.Rules()))
	})
}
