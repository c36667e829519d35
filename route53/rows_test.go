package route53_test

import (
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/route53"
	rt "github.com/groundway-sdk/groundway/route53/route53test"
)

// A row edits a good account and says which findings fail and which are
// unknown, each as slug@subject.
type row struct {
	name    string
	edit    func(*route53.Snapshot, *route53.Options)
	failed  []string
	unknown []string
}

func (r row) account() (route53.Snapshot, route53.Options) {
	s, o := rt.Account()
	if r.edit != nil {
		r.edit(&s, &o)
	}
	return s, o
}

func ids(list ...string) []string { return list }

func private(s *route53.Snapshot, o *route53.Options) {
	rt.AddZone(s, "Z0INNER", "k8s.example.com", route53.Private, 9)
	rt.Associate(s, "Z0INNER", rt.VPC, "us-east-1")
	o.Internal, o.ZoneID = true, "Z0INNER"
	rt.HostedZone(s, rt.Zone).Name = "other.example.com" // the public zone of that name would be a twin
	s.Zones.Items = slices.DeleteFunc(s.Zones.Items, func(z route53.HostedZone) bool { return z.ID == rt.Zone })
}

// partial makes the record sets of a zone those that were seen: there may be more.
func partial(s *route53.Snapshot, zoneID string) {
	for i, r := range s.Records.Items {
		if r.ZoneID == zoneID {
			s.Records.Items[i].Sets.Partial = true
			s.Records.Items[i].Sets.Gaps = []groundway.Gap{{Action: "route53:ListResourceRecordSets", Code: "Throttling"}}
		}
	}
}

// betweenElsewhere has the zone a.k8s.example.com delegated to by somebody who
// has k8s.example.com, which example.com of this account delegates to him.
func betweenElsewhere(s *route53.Snapshot, o *route53.Options) {
	s.Zones.Items = slices.DeleteFunc(s.Zones.Items, func(z route53.HostedZone) bool { return z.ID == rt.Zone })
	rt.Put(s, rt.Parent, rt.NS(rt.Domain, "ns1.example.net"))
	rt.AddZone(s, "Z0DEEP", "a.k8s.example.com", route53.Public, 7)
	o.ZoneID, o.BaseDomain = "Z0DEEP", "a.k8s.example.com"
	d := route53.Delegation{Name: "a.k8s.example.com", Parent: route53.Referral{Zone: rt.Domain, Status: route53.Delegated, NameServers: rt.Servers(7), DSSeen: true}}
	rt.Answering(&d, rt.Servers(7)...)
	s.Delegations.Items = append(s.Delegations.Items, d)
}

// hosted is a good delegation of acme.github.io.
func hosted() route53.Delegation {
	d := route53.Delegation{Name: "acme.github.io", Parent: route53.Referral{Zone: "github.io", Status: route53.Delegated, NameServers: rt.Servers(7), DSSeen: true}}
	rt.Answering(&d, rt.Servers(7)...)
	return d
}

const heritage = `"heritage=external-dns,external-dns/owner=old,external-dns/resource=ingress/default/web"`

var ds = route53.DS{KeyTag: 1, Algorithm: 13, DigestType: 2, Digest: strings.Repeat("ab", 32)}

// parentDS puts a DS record into the parent zone, whose servers show it.
func parentDS(s *route53.Snapshot, d route53.DS) {
	rt.Delegation(s, rt.Domain).Parent.DS = []route53.DS{d}
	rt.Put(s, rt.Parent, rt.Set("k8s.example.com", "DS", d.String()))
}

var rows = []row{
	{name: "good"},
	{name: "good, found by name", edit: func(s *route53.Snapshot, o *route53.Options) { o.ZoneID = "" }},
	{name: "good, ID as the API writes it", edit: func(s *route53.Snapshot, o *route53.Options) { o.ZoneID = "/hostedzone/" + rt.Zone }},
	{name: "good private", edit: private},
	{name: "good private, found by name", edit: func(s *route53.Snapshot, o *route53.Options) { private(s, o); o.ZoneID = "" }},
	{name: "good, a domain below the zone", edit: func(s *route53.Snapshot, o *route53.Options) { o.BaseDomain = "eu.k8s.example.com" }},

	// The zone
	{
		name:   "no such zone",
		edit:   func(s *route53.Snapshot, o *route53.Options) { o.ZoneID = "Z0GONE" },
		failed: ids("zone-not-found@Z0GONE"),
	},
	{
		name:   "no zone encloses the domain",
		edit:   func(s *route53.Snapshot, o *route53.Options) { o.ZoneID, o.BaseDomain = "", "k8s.example.org" },
		failed: ids("zone-not-found@k8s.example.org"),
	},
	{
		name: "no zone encloses the domain of an internal cluster",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			o.ZoneID, o.BaseDomain, o.Internal = "", "k8s.example.org", true
		},
		failed: ids("zone-not-found@k8s.example.org"),
	},
	{
		name: "only a private zone, and a public cluster",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			o.ZoneID, o.BaseDomain = "", "corp.example.com"
			rt.HostedZone(s, rt.Parent).Name = "example.net"
		},
		failed: ids("zone-not-found@corp.example.com"),
	},
	{
		name: "two zones of one name, one of which is delegated to",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			o.ZoneID = ""
			rt.AddZone(s, "Z0TWIN", rt.Domain, route53.Public, 7)
		},
		failed: ids("zone-same-name@" + rt.Zone),
	},
	{
		name: "two zones of one name, and the parent delegates to neither",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			o.ZoneID = ""
			rt.AddZone(s, "Z0TWIN", rt.Domain, route53.Public, 7)
			rt.Delegation(s, rt.Domain).Parent.Status = route53.NotDelegated
			rt.Delegation(s, rt.Domain).Parent.NameServers = nil
		},
		failed: ids("zone-ambiguous@k8s.example.com"),
	},
	{
		name: "two zones of one name, and nobody saw the delegation",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			o.ZoneID = ""
			rt.AddZone(s, "Z0TWIN", rt.Domain, route53.Public, 7)
			rt.Deny(&s.Details, "route53:GetHostedZone")
		},
		unknown: ids("zone-ambiguous@k8s.example.com"),
	},
	{
		name:   "a private zone for a public cluster",
		edit:   func(s *route53.Snapshot, o *route53.Options) { o.ZoneID, o.BaseDomain = rt.Private, "corp.example.com" },
		failed: ids("zone-not-public@" + rt.Private),
	},
	{
		name:    "visibility not shown",
		edit:    func(s *route53.Snapshot, o *route53.Options) { rt.HostedZone(s, rt.Zone).Visibility = "" },
		unknown: ids("*@" + rt.Zone),
	},
	{
		name:   "a domain that merely ends alike",
		edit:   func(s *route53.Snapshot, o *route53.Options) { o.BaseDomain = "badk8s.example.com" },
		failed: ids("zone-not-parent@" + rt.Zone),
	},
	{
		name: "another zone of that name",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			rt.AddZone(s, "Z0TWIN", rt.Domain, route53.Public, 7)
		},
		failed: ids("zone-same-name@" + rt.Zone),
	},
	{
		name:   "the parent zone is named, and delegates the domain away",
		edit:   func(s *route53.Snapshot, o *route53.Options) { o.ZoneID = rt.Parent },
		failed: ids("zone-eclipsed@" + rt.Parent),
	},
	{
		name: "a label in between is delegated away",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			o.BaseDomain = "c1.eu.k8s.example.com"
			rt.Put(s, rt.Zone, rt.NS("eu.k8s.example.com", "ns1.example.net"))
		},
		failed: ids("zone-eclipsed@" + rt.Zone),
	},
	{
		name: "a closer zone is not delegated to",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			o.BaseDomain = "eu.k8s.example.com"
			rt.AddZone(s, "Z0EU", "eu.k8s.example.com", route53.Public, 7)
		},
		failed: ids("zone-child-undelegated@Z0EU"),
	},
	{
		name: "a closer zone, and the NS record sets of this one were not all seen",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			o.BaseDomain = "eu.k8s.example.com"
			rt.AddZone(s, "Z0EU", "eu.k8s.example.com", route53.Public, 7)
			partial(s, rt.Zone)
		},
		unknown: ids("*@" + rt.Zone),
	},
	{
		name: "a closer zone, and the DNS says that it is not delegated to",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			o.BaseDomain = "eu.k8s.example.com"
			rt.AddZone(s, "Z0EU", "eu.k8s.example.com", route53.Public, 7)
			partial(s, rt.Zone)
			s.Delegations.Items = append(s.Delegations.Items, route53.Delegation{Name: "eu.k8s.example.com", Parent: route53.Referral{Zone: rt.Domain, Status: route53.NoSuchName}})
		},
		failed:  ids("zone-child-undelegated@Z0EU"),
		unknown: ids("*@" + rt.Zone),
	},
	{
		name: "an NS record set in a private zone leads nobody away by itself",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			private(s, o)
			o.BaseDomain = "eu.k8s.example.com"
			rt.Put(s, "Z0INNER", rt.NS("eu.k8s.example.com", "ns1.example.net"), rt.Set("demo.eu.k8s.example.com", "A", "198.51.100.7"))
		},
		failed: ids("record-conflict@demo.eu.k8s.example.com", "zone-eclipsed@Z0INNER"),
	},
	{
		name: "the zone's own NS record set was edited",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			rt.Put(s, rt.Zone, rt.NS(rt.Domain, append(rt.Servers(5)[:3:3], "ns1.example.net")...))
		},
		failed: ids("zone-name-servers@" + rt.Zone),
	},
	{
		name:   "a zone without NS records",
		edit:   func(s *route53.Snapshot, o *route53.Options) { rt.Remove(s, rt.Zone, "k8s.example.com NS") },
		failed: ids("zone-name-servers@" + rt.Zone),
	},
	{
		name:   "the SOA record that Route 53 makes",
		edit:   func(s *route53.Snapshot, o *route53.Options) { rt.Put(s, rt.Zone, rt.SOA(rt.Domain, 900, 86400)) },
		failed: ids("zone-negative-ttl@" + rt.Zone),
	},
	{
		name: "a short TTL is enough",
		edit: func(s *route53.Snapshot, o *route53.Options) { rt.Put(s, rt.Zone, rt.SOA(rt.Domain, 300, 86400)) },
	},
	{
		name: "an SOA record that cannot be read",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			rt.Put(s, rt.Zone, rt.Set("k8s.example.com", "SOA", "what"))
		},
		unknown: ids("zone-negative-ttl@" + rt.Zone),
	},

	// Private zones
	{
		name: "not associated",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			private(s, o)
			rt.Detail(s, "Z0INNER").VPCs[0].ID = "vpc-0b2"
		},
		failed: ids("private-zone-not-associated@Z0INNER"),
	},
	{
		name: "associated in another region",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			private(s, o)
			rt.Detail(s, "Z0INNER").VPCs[0].Region = "eu-west-1"
		},
		failed: ids("private-zone-not-associated@Z0INNER"),
	},
	{
		name: "the VPC has DNS switched off",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			private(s, o)
			o.VPC.DNSSupport, o.VPC.DNSHostnames = new(true), new(false)
		},
		failed: ids("private-zone-dns-off@" + rt.VPC),
	},
	{
		name: "the VPC has both switched on",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			private(s, o)
			o.VPC.DNSSupport, o.VPC.DNSHostnames = new(true), new(true)
		},
	},
	{
		name: "one of the attributes is not known",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			private(s, o)
			o.VPC.DNSSupport = new(true)
		},
		unknown: ids("private-zone-dns-off@" + rt.VPC),
	},
	{
		name: "a private zone hides the public one from the VPC",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			rt.AddZone(s, "Z0SHADOW", "example.com", route53.Private, 9)
			rt.Associate(s, "Z0SHADOW", rt.VPC, "us-east-1")
		},
		failed: ids("private-zone-shadows@Z0SHADOW"),
	},
	{
		name: "a closer private zone hides the private one",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			private(s, o)
			rt.AddZone(s, "Z0SHADOW", "demo.k8s.example.com", route53.Private, 9)
			rt.Associate(s, "Z0SHADOW", rt.VPC, "us-east-1")
		},
		failed: ids("private-zone-shadows@Z0SHADOW"),
	},
	{
		name: "a private zone of another account",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			s.VPCZones.Items[0].Zones.Items = append(s.VPCZones.Items[0].Zones.Items, route53.VPCZone{ZoneID: "Z0THEIRS", Name: "example.com", Account: "444455556666"})
		},
		failed: ids("private-zone-shadows@Z0THEIRS"),
	},
	{
		name:    "the zones of another VPC were listed",
		edit:    func(s *route53.Snapshot, o *route53.Options) { o.VPC.ID = "vpc-0c3" },
		unknown: ids("private-zone-shadows@" + rt.Zone),
	},
	{
		name: "a private zone for another VPC hides nothing",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			rt.AddZone(s, "Z0SHADOW", "example.com", route53.Private, 9)
			rt.Associate(s, "Z0SHADOW", "vpc-0b2", "us-east-1")
		},
	},

	{
		name: "internal, and the VPC is yet to be made",
		edit: func(s *route53.Snapshot, o *route53.Options) { private(s, o); o.ZoneID, o.VPC = "", route53.VPC{} },
	},
	{
		name: "internal, the VPC is yet to be made, and there is a public zone only",
		edit: func(s *route53.Snapshot, o *route53.Options) { o.ZoneID, o.VPC, o.Internal = "", route53.VPC{}, true },
	},

	// Delegation
	{
		name: "no delegation",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			d := rt.Delegation(s, rt.Domain)
			d.Parent.Status, d.Parent.NameServers = route53.NotDelegated, nil
			rt.Remove(s, rt.Parent, "k8s.example.com NS")
		},
		failed: ids("delegation-missing@" + rt.Zone),
	},
	{
		name: "no delegation, by the API alone",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			rt.Deny(&s.Delegations, route53.ActionQuery)
			rt.Remove(s, rt.Parent, "k8s.example.com NS")
		},
		failed: ids("delegation-missing@" + rt.Zone),
	},
	{
		name: "the parent zone is reached by nobody itself",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			for _, d := range []*route53.Delegation{rt.Delegation(s, rt.Domain), rt.Delegation(s, "example.com")} {
				d.Parent = route53.Referral{Zone: "com", Status: route53.NoSuchName}
			}
		},
		failed: ids("delegation-missing@" + rt.Zone),
	},
	{
		name: "others have what is above",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			d := rt.Delegation(s, "example.com")
			d.Parent.NameServers = []route53.Name{"ns1.example.net"}
			rt.Answering(d, d.Parent.NameServers...)
			rt.Delegation(s, rt.Domain).Parent = route53.Referral{Zone: "example.com", Status: route53.NoSuchName}
		},
		failed: ids("delegation-missing@" + rt.Zone),
	},
	{
		name: "the parent zone was put right a moment ago",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			d := rt.Delegation(s, rt.Domain)
			d.Parent.Status, d.Parent.NameServers = route53.NotDelegated, nil
		},
		failed: ids("delegation-missing@" + rt.Zone),
	},
	{
		name: "a domain that is not registered",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			o.ZoneID, o.BaseDomain = rt.Parent, "example.com"
			d := rt.Delegation(s, "example.com")
			d.Parent.Status, d.Parent.NameServers = route53.NoSuchName, nil
		},
		failed: ids("delegation-missing@" + rt.Parent),
	},
	{
		name: "the other zone of that name is delegated to",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			rt.AddZone(s, "Z0TWIN", rt.Domain, route53.Public, 7)
			rt.Delegation(s, rt.Domain).Parent.NameServers = rt.Servers(7)
		},
		failed: ids("delegation-other-zone@"+rt.Zone, "zone-same-name@"+rt.Zone),
	},
	{
		name: "another provider is delegated to",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			d := rt.Delegation(s, rt.Domain)
			d.Parent.NameServers = []route53.Name{"ns1.example.net", "ns2.example.net"}
			rt.Answering(d, d.Parent.NameServers...)
		},
		failed: ids("delegation-elsewhere@" + rt.Zone),
	},
	{
		name: "servers of a zone that is gone are delegated to",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			rt.Delegation(s, rt.Domain).Parent.NameServers = rt.Servers(7)
			for _, n := range rt.Servers(7) {
				d := rt.Delegation(s, rt.Domain)
				d.Servers = append(d.Servers, route53.ServerAnswer{Server: n, Status: route53.Lame, Rcode: "REFUSED"})
			}
		},
		failed: ids("delegation-stale@" + rt.Zone),
	},
	{
		name: "the same, by the API alone",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			rt.Deny(&s.Delegations, route53.ActionQuery)
			rt.Put(s, rt.Parent, rt.NS(rt.Domain, rt.Servers(7)...))
		},
		failed: ids("delegation-stale@" + rt.Zone),
	},
	{
		name: "the zone in between is somebody else's",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			betweenElsewhere(s, o)
			rt.Deny(&s.Delegations, route53.ActionQuery)
		},
		unknown: ids("delegation-missing@Z0DEEP", "delegation-lame@Z0DEEP", "dnssec-ds-mismatch@Z0DEEP", "dnssec-no-ds@Z0DEEP"),
	},
	{
		name: "the zone in between is somebody else's, and its servers delegate",
		edit: betweenElsewhere,
	},
	{
		name: "one server too many",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			d := rt.Delegation(s, rt.Domain)
			d.Parent.NameServers = append(d.Parent.NameServers, "ns1.example.net")
		},
		failed: ids("delegation-partial@" + rt.Zone),
	},
	{
		name: "one server too few",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			d := rt.Delegation(s, rt.Domain)
			d.Parent.NameServers = d.Parent.NameServers[:3]
		},
		failed: ids("delegation-partial@" + rt.Zone),
	},
	{
		name: "a lame server",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			d := rt.Delegation(s, rt.Domain)
			d.Servers[2].Status, d.Servers[2].Rcode = route53.Lame, "REFUSED"
		},
		failed: ids("delegation-lame@" + rt.Zone),
	},
	{
		name: "a silent server",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			rt.Delegation(s, rt.Domain).Servers[2].Status = route53.Silent
		},
		unknown: ids("delegation-lame@" + rt.Zone),
	},
	{
		name: "no resolver was asked",
		edit: func(s *route53.Snapshot, o *route53.Options) { rt.Delegation(s, rt.Domain).Recursive = nil },
	},
	{
		name: "the resolver has an older delegation",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			rt.Delegation(s, rt.Domain).Recursive.NameServers = rt.Servers(7)
		},
		failed: ids("delegation-cached@" + rt.Zone),
	},
	{
		name: "the resolver has what the zone says of itself, which nobody else saw",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			partial(s, rt.Zone)
			rt.Remove(s, rt.Zone, "k8s.example.com NS")
			d := rt.Delegation(s, rt.Domain)
			d.Recursive.NameServers = rt.Servers(7)
			for i := range d.Servers {
				d.Servers[i].NameServers = rt.Servers(7)
			}
		},
		unknown: ids("*"),
	},
	{
		name: "the resolver remembers that the name did not exist",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			rt.Delegation(s, rt.Domain).Recursive = &route53.RecursiveAnswer{Resolver: "192.0.2.53", Rcode: "NXDOMAIN", TTL: 900, Reason: "the answer is NXDOMAIN and holds no name servers"}
		},
		failed: ids("delegation-cached@" + rt.Zone),
	},
	{
		name: "the resolver fails",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			rt.Delegation(s, rt.Domain).Recursive = &route53.RecursiveAnswer{Resolver: "192.0.2.53", Rcode: "SERVFAIL", Reason: "the answer is SERVFAIL and holds no name servers"}
		},
		unknown: ids("delegation-cached@" + rt.Zone),
	},
	{
		name: "the resolver did not answer",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			rt.Delegation(s, rt.Domain).Recursive = &route53.RecursiveAnswer{Resolver: "192.0.2.53", Reason: "no answer came in time"}
		},
		unknown: ids("delegation-cached@" + rt.Zone),
	},
	{
		name: "the parent's servers do not answer",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			o.ZoneID, o.BaseDomain = rt.Parent, "example.com"
			rt.Delegation(s, "example.com").Parent = route53.Referral{Status: route53.Unanswered, Reason: "no answer came in time"}
		},
		unknown: ids("delegation-missing@"+rt.Parent, "delegation-lame@"+rt.Parent, "delegation-cached@"+rt.Parent, "dnssec-ds-mismatch@"+rt.Parent, "dnssec-no-ds@"+rt.Parent),
	},

	// DNSSEC
	{
		name: "DS records for a zone that is not signed",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			rt.Delegation(s, rt.Domain).Parent.DS = []route53.DS{ds}
		},
		failed: ids("dnssec-ds-mismatch@" + rt.Zone),
	},
	{
		name: "DS records in the parent zone, by the API alone",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			rt.Deny(&s.Delegations, route53.ActionQuery)
			rt.Put(s, rt.Parent, rt.Set("k8s.example.com", "DS", ds.String()))
		},
		failed:  ids("dnssec-ds-mismatch@" + rt.Zone),
		unknown: ids("delegation-lame@" + rt.Zone),
	},
	{
		name: "a signed zone with its DS record",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			parentDS(s, ds)
			*rt.DNSSEC(s, rt.Zone) = route53.ZoneDNSSEC{ZoneID: rt.Zone, Status: "SIGNING", Keys: []route53.DS{ds}}
		},
	},
	{
		name: "a signed zone with another's DS record",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			other := ds
			other.KeyTag++
			parentDS(s, other)
			*rt.DNSSEC(s, rt.Zone) = route53.ZoneDNSSEC{ZoneID: rt.Zone, Status: "SIGNING", Keys: []route53.DS{ds}}
		},
		failed: ids("dnssec-ds-mismatch@" + rt.Zone),
	},
	{
		name: "a signed zone with a DS record of its key by another digest",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			other := ds
			other.DigestType, other.Digest = 4, strings.Repeat("cd", 48)
			parentDS(s, other)
			*rt.DNSSEC(s, rt.Zone) = route53.ZoneDNSSEC{ZoneID: rt.Zone, Status: "SIGNING", Keys: []route53.DS{ds}}
		},
		unknown: ids("dnssec-ds-mismatch@" + rt.Zone),
	},
	{
		name: "a signed zone without a DS record",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			*rt.DNSSEC(s, rt.Zone) = route53.ZoneDNSSEC{ZoneID: rt.Zone, Status: "SIGNING", Keys: []route53.DS{ds}}
		},
		failed: ids("dnssec-no-ds@" + rt.Zone),
	},
	{
		name:   "a key that needs action",
		edit:   func(s *route53.Snapshot, o *route53.Options) { rt.DNSSEC(s, rt.Zone).Status = "ACTION_NEEDED" },
		failed: ids("dnssec-unhealthy@" + rt.Zone),
	},

	// Records
	{
		name: "an address where the API name is to stand",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			rt.Put(s, rt.Zone, rt.Set("demo-api.k8s.example.com", "A", "198.51.100.7"))
		},
		failed: ids("record-conflict@demo-api.k8s.example.com"),
	},
	{
		name: "an alias, and an owner",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			rt.Put(s, rt.Zone, rt.Alias("demo.k8s.example.com", "lb-1.us-east-1.elb.amazonaws.com"), rt.Set("a-demo.k8s.example.com", "TXT", heritage))
		},
		failed: ids("record-conflict@demo.k8s.example.com"),
	},
	{
		name: "what kops writes first",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			rt.Put(s, rt.Zone, rt.Set("demo-api.k8s.example.com", "A", "203.0.113.123"))
		},
		failed: ids("record-conflict@demo-api.k8s.example.com"),
	},
	{
		name: "a name that is to be made below the cluster's domain is one finding",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			o.Names = []route53.Name{"api.demo.k8s.example.com"}
			rt.Put(s, rt.Zone, rt.Set("api.demo.k8s.example.com", "A", "198.51.100.7"))
		},
		failed: ids("record-conflict@api.demo.k8s.example.com"),
	},
	{
		name: "leftovers of a dead cluster",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			rt.Put(s, rt.Zone, rt.Set("*.demo.k8s.example.com", "A", "198.51.100.7"), rt.Set("web.demo.k8s.example.com", "CNAME", "lb.example.net."), rt.Set("cname-web.demo.k8s.example.com", "TXT", heritage))
		},
		failed: ids("record-leftover@demo.k8s.example.com"),
	},
	{
		name: "an ownership record without its record",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			rt.Put(s, rt.Zone, rt.Set("a-demo-api.k8s.example.com", "TXT", heritage))
		},
		failed: ids("record-owner-orphan@a-demo-api.k8s.example.com"),
	},
	{
		name: "an ownership record of somebody else's name is nobody's business here",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			rt.Put(s, rt.Zone, rt.Set("a-shop.k8s.example.com", "TXT", heritage))
		},
	},
	{
		name: "another owner than external-dns is going to be",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			o.ExternalDNS = &route53.ExternalDNS{OwnerID: "new"}
			rt.Put(s, rt.Zone, rt.Set("shop.k8s.example.com", "A", "198.51.100.7"), rt.Set("a-shop.k8s.example.com", "TXT", heritage))
		},
		failed: ids("record-owner-other@old"),
	},
	{
		name: "the same owner",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			o.ExternalDNS = &route53.ExternalDNS{OwnerID: "old"}
			rt.Put(s, rt.Zone, rt.Set("shop.k8s.example.com", "A", "198.51.100.7"), rt.Set("a-shop.k8s.example.com", "TXT", heritage))
		},
	},
	{
		name: "a wildcard above the names",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			rt.Put(s, rt.Zone, rt.Set(`\052.k8s.example.com`, "A", "198.51.100.7"))
		},
		failed: ids("record-wildcard@*.k8s.example.com"),
	},
	{
		name: "a wildcard that a closer name keeps away",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			o.BaseDomain = "eu.k8s.example.com"
			rt.Put(s, rt.Zone, rt.Set("*.k8s.example.com", "A", "198.51.100.7"), rt.Set("x.eu.k8s.example.com", "A", "198.51.100.8"))
		},
	},
	{
		name: "a wildcard, and the names that keep it away may not have been seen",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			rt.Put(s, rt.Zone, rt.Set("*.k8s.example.com", "A", "198.51.100.7"))
			partial(s, rt.Zone)
		},
		unknown: ids("*@" + rt.Zone),
	},
	{
		name: "a circle of CNAME records, and a way into it",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			rt.Put(s, rt.Zone, rt.Set("a.k8s.example.com", "CNAME", "b.k8s.example.com"), rt.Set("b.k8s.example.com", "CNAME", "C.k8s.example.com."),
				rt.Set("c.k8s.example.com", "CNAME", "a.k8s.example.com"), rt.Set("d.k8s.example.com", "CNAME", "b.k8s.example.com"), rt.Set("e.k8s.example.com", "CNAME", "www.example.net"))
		},
		failed: ids("record-cname-cycle@a.k8s.example.com"),
	},

	// Certificates
	{
		name: "good for cert-manager",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			o.CertManager = &route53.CertManager{}
			rt.Put(s, rt.Zone, rt.Set("k8s.example.com", "CAA", `0 issue "letsencrypt.org; validationmethods=dns-01,http-01"`, `0 iodef "mailto:ops@example.com"`))
		},
	},
	{
		name: "the challenge is somebody else's",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			o.CertManager = &route53.CertManager{}
			rt.Put(s, rt.Zone, rt.Set("_acme-challenge.k8s.example.com", "CNAME", "x.acme.example.net."))
		},
		failed: ids("acme-challenge-occupied@_acme-challenge.k8s.example.com"),
	},
	{
		name: "CAA records in the parent name another issuer",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			o.CertManager = &route53.CertManager{}
			rt.Put(s, rt.Parent, rt.Set("example.com", "CAA", `0 issue "amazon.com"`))
		},
		failed: ids("acme-caa-forbids@example.com"),
	},
	{
		name: "wildcards are forbidden",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			o.CertManager = &route53.CertManager{}
			rt.Put(s, rt.Zone, rt.Set("k8s.example.com", "CAA", `0 issue "letsencrypt.org"`, `0 issuewild ";"`))
		},
		failed: ids("acme-caa-forbids@k8s.example.com"),
	},
	{
		name: "a domain that a hoster gave out, and the CAA records of the hoster",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			o.CertManager, o.ZoneID, o.BaseDomain = &route53.CertManager{}, "Z0HOSTED", "acme.github.io"
			rt.AddZone(s, "Z0HOSTED", "acme.github.io", route53.Public, 7)
			s.Delegations.Items = append(s.Delegations.Items, hosted())
		},
		unknown: ids("acme-caa-forbids@Z0HOSTED"),
	},
	{
		name: "a private zone, which no issuer asks",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			private(s, o)
			o.CertManager = &route53.CertManager{}
			rt.Put(s, "Z0INNER", rt.Set("_acme-challenge.k8s.example.com", "CNAME", "x.acme.example.net."), rt.Set("k8s.example.com", "CAA", `0 issue "amazon.com"`))
		},
	},
	{
		name: "the name is an alias, and the CAA records are elsewhere",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			o.BaseDomain = "eu.k8s.example.com"
			o.CertManager = &route53.CertManager{}
			rt.Put(s, rt.Zone, rt.Set("eu.k8s.example.com", "CNAME", "www.example.net."))
		},
		unknown: ids("acme-caa-forbids@" + rt.Zone),
	},
	{
		name: "another method is asked for",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			o.CertManager = &route53.CertManager{}
			rt.Put(s, rt.Zone, rt.Set("k8s.example.com", "CAA", `0 issue "letsencrypt.org; validationmethods=http-01"`))
		},
		failed: ids("acme-caa-forbids@k8s.example.com"),
	},
	{
		name: "the zones above are not in the account",
		edit: func(s *route53.Snapshot, o *route53.Options) {
			o.CertManager = &route53.CertManager{}
			s.Zones.Items = slices.DeleteFunc(s.Zones.Items, func(z route53.HostedZone) bool { return z.ID == rt.Parent })
		},
		unknown: ids("acme-caa-forbids@" + rt.Zone),
	},

	// Limits
	{
		name:   "a full zone",
		edit:   func(s *route53.Snapshot, o *route53.Options) { s.Limits.Items[2].Count = 9999 },
		failed: ids("limit-records@" + rt.Zone),
	},
	{
		name:   "a full account",
		edit:   func(s *route53.Snapshot, o *route53.Options) { o.NewZones, s.Limits.Items[0].Count = 1, 500 },
		failed: ids("limit-zones@" + rt.AccountID),
	},
	{name: "room for a zone", edit: func(s *route53.Snapshot, o *route53.Options) { o.NewZones = 1 }},
	{
		name:    "the limit of the account is not shown",
		edit:    func(s *route53.Snapshot, o *route53.Options) { o.NewZones = 1; s.Limits.Items = s.Limits.Items[1:] },
		unknown: ids("limit-zones@" + rt.AccountID),
	},
}
