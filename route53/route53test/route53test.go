// Package route53test has the snapshot of an account with good hosted zones to
// start tests from, and small edits that break it.
//
//	s, o := route53test.Account()
//	route53test.Delegation(&s, "k8s.example.com").Parent.Status = route53.NotDelegated
//	findings := route53.Check(s, o) // route53/delegation-missing
//
// Every call returns fresh values, which the caller may change as it likes. The
// edits panic on what the snapshot does not hold: they are for literals in tests.
package route53test

import (
	"fmt"
	"slices"
	"time"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/route53"
)

// The identifiers of the account.
const (
	AccountID = "111122223333"
	Parent    = "Z0PARENT"  // example.com
	Zone      = "Z0K8S"     // k8s.example.com
	Private   = "Z0PRIVATE" // corp.example.com, for another VPC
	VPC       = "vpc-0a1"
	Domain    = route53.Name("k8s.example.com")
)

// Account returns an account whose zone k8s.example.com is ready for the public
// cluster demo, and the options for it, which [route53.Check] passes without a
// failure:
//
//	Z0PARENT   example.com, public, delegated to by com, delegates k8s.example.com
//	Z0K8S      k8s.example.com, public, with a negative TTL of 60 seconds
//	Z0PRIVATE  corp.example.com, private, for vpc-0b2
func Account() (route53.Snapshot, route53.Options) {
	s := route53.Snapshot{Observation: groundway.Observation{
		Account: AccountID, Region: "us-east-1", Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
	}}
	s.Zones = groundway.SeenPart(
		zone(Parent, "example.com", route53.Public, 3),
		zone(Zone, Domain, route53.Public, 2),
		zone(Private, "corp.example.com", route53.Private, 2),
	)
	s.Details = groundway.SeenPart(
		route53.ZoneDetail{ZoneID: Parent, NameServers: Servers(1)},
		route53.ZoneDetail{ZoneID: Zone, NameServers: Servers(5)},
		route53.ZoneDetail{ZoneID: Private, VPCs: []route53.ZoneVPC{{ID: "vpc-0b2", Region: "us-east-1"}}},
	)
	s.Records = groundway.SeenPart(
		route53.ZoneRecords{ZoneID: Parent, Sets: groundway.SeenPart(
			NS("example.com", Servers(1)...), SOA("example.com", 900, 60), NS(Domain, Servers(5)...),
		)},
		route53.ZoneRecords{ZoneID: Zone, Sets: groundway.SeenPart(NS(Domain, Servers(5)...), SOA(Domain, 900, 60))},
		route53.ZoneRecords{ZoneID: Private, Sets: groundway.SeenPart(NS("corp.example.com", Servers(9)...), SOA("corp.example.com", 900, 60))},
	)
	s.DNSSEC = groundway.SeenPart(
		route53.ZoneDNSSEC{ZoneID: Parent, Status: "NOT_SIGNING"},
		route53.ZoneDNSSEC{ZoneID: Zone, Status: "NOT_SIGNING"},
	)
	s.Limits = groundway.SeenPart(
		route53.Limit{Type: route53.LimitZones, Value: 500, Count: 3},
		route53.Limit{ZoneID: Parent, Type: route53.LimitRecords, Value: 10000, Count: 3},
		route53.Limit{ZoneID: Zone, Type: route53.LimitRecords, Value: 10000, Count: 2},
	)
	s.VPCZones = groundway.SeenPart(route53.VPCZones{VPCID: VPC, Zones: groundway.SeenPart[route53.VPCZone]()})
	s.Delegations = groundway.SeenPart(delegation("example.com", "com", 1), delegation(Domain, "example.com", 5))
	return s, route53.Options{BaseDomain: Domain, Cluster: "demo", ZoneID: Zone, VPC: route53.VPC{ID: VPC, Region: "us-east-1"}}
}

func zone(id string, name route53.Name, v route53.Visibility, records int) route53.HostedZone {
	return route53.HostedZone{ID: id, Name: name, Visibility: v, RecordCount: &records, CallerReference: "made-" + id}
}

// Servers returns the four name servers of a delegation set, as Route 53 names
// them, from the number first on.
func Servers(first int) []route53.Name {
	var names []route53.Name
	for i, top := range []string{"com", "net", "org", "co.uk"} {
		names = append(names, route53.MustParseName(fmt.Sprintf("ns-%d.awsdns-%02d.%s", 512*i+first, first, top)))
	}
	return names
}

// NS returns an NS record set of these servers.
func NS(name route53.Name, servers ...route53.Name) route53.RecordSet {
	set := route53.RecordSet{Name: name, Type: "NS", TTL: 172800}
	for _, n := range servers {
		set.Values = append(set.Values, n.Absolute())
	}
	return set
}

// SOA returns an SOA record set with this TTL and this last field.
func SOA(name route53.Name, ttl, minimum int64) route53.RecordSet {
	return route53.RecordSet{Name: name, Type: "SOA", TTL: ttl, Values: []string{
		fmt.Sprintf("%s awsdns-hostmaster.amazon.com. 1 7200 900 1209600 %d", Servers(1)[0].Absolute(), minimum),
	}}
}

// Set returns a record set of plain values.
func Set(name, kind string, values ...string) route53.RecordSet {
	return route53.RecordSet{Name: route53.MustParseName(name), Type: kind, TTL: 300, Values: values}
}

// Alias returns an A record set that is an alias.
func Alias(name, target string) route53.RecordSet {
	return route53.RecordSet{Name: route53.MustParseName(name), Type: "A", Alias: &route53.Alias{ZoneID: "Z35SXDOTRQ7X7K", Target: route53.MustParseName(target)}}
}

func delegation(name, parent route53.Name, first int) route53.Delegation {
	d := route53.Delegation{
		Name:      name,
		Parent:    route53.Referral{Zone: parent, Status: route53.Delegated, NameServers: Servers(first), TTL: 172800, DSSeen: true, Server: "192.0.2.1"},
		Recursive: &route53.RecursiveAnswer{Resolver: "192.0.2.53", Rcode: "NOERROR", NameServers: Servers(first), TTL: 3600},
	}
	Answering(&d, Servers(first)...)
	return d
}

// Answering adds servers that answer for the zone with authority.
func Answering(d *route53.Delegation, servers ...route53.Name) {
	for _, n := range servers {
		d.Servers = append(d.Servers, route53.ServerAnswer{
			Server: n, Status: route53.Authoritative, Rcode: "NOERROR", NameServers: slices.Clone(servers),
			SOA: &route53.SOA{MName: servers[0], Serial: 1, TTL: 900, Minimum: 60},
		})
	}
}

// AddZone adds a hosted zone with its delegation set, whose numbers begin with
// first, and the record sets that Route 53 puts into it.
func AddZone(s *route53.Snapshot, id string, name route53.Name, v route53.Visibility, first int) {
	s.Zones.Items = append(s.Zones.Items, zone(id, name, v, 2))
	d := route53.ZoneDetail{ZoneID: id}
	if v == route53.Public {
		d.NameServers = Servers(first)
	}
	s.Details.Items = append(s.Details.Items, d)
	s.Records.Items = append(s.Records.Items, route53.ZoneRecords{ZoneID: id, Sets: groundway.SeenPart(NS(name, Servers(first)...), SOA(name, 900, 60))})
	s.DNSSEC.Items = append(s.DNSSEC.Items, route53.ZoneDNSSEC{ZoneID: id, Status: "NOT_SIGNING"})
	s.Limits.Items = append(s.Limits.Items, route53.Limit{ZoneID: id, Type: route53.LimitRecords, Value: 10000, Count: 2})
}

// Associate associates a private zone with a VPC.
func Associate(s *route53.Snapshot, zoneID, vpc, region string) {
	d := Detail(s, zoneID)
	d.VPCs = append(d.VPCs, route53.ZoneVPC{ID: vpc, Region: region})
	for i, v := range s.VPCZones.Items {
		if v.VPCID == vpc {
			zone := route53.VPCZone{ZoneID: zoneID, Name: HostedZone(s, zoneID).Name, Account: s.Account}
			s.VPCZones.Items[i].Zones.Items = append(v.Zones.Items, zone)
		}
	}
}

// Put puts record sets into a zone, in place of those of the same name and type.
func Put(s *route53.Snapshot, zoneID string, sets ...route53.RecordSet) {
	r := find(s.Records.Items, zoneID)
	for _, set := range sets {
		r.Sets.Items = slices.DeleteFunc(r.Sets.Items, func(have route53.RecordSet) bool { return have.Key() == set.Key() })
		r.Sets.Items = append(r.Sets.Items, set)
	}
}

// Remove removes a record set, named by its key: "k8s.example.com NS".
func Remove(s *route53.Snapshot, zoneID, key string) {
	r := find(s.Records.Items, zoneID)
	find(r.Sets.Items, key)
	r.Sets.Items = slices.DeleteFunc(r.Sets.Items, func(have route53.RecordSet) bool { return have.Key() == key })
}

// HostedZone returns a zone, to be changed.
func HostedZone(s *route53.Snapshot, id string) *route53.HostedZone { return find(s.Zones.Items, id) }

// Detail returns what route53:GetHostedZone adds to a zone, to be changed.
func Detail(s *route53.Snapshot, id string) *route53.ZoneDetail { return find(s.Details.Items, id) }

// DNSSEC returns how a zone is signed, to be changed.
func DNSSEC(s *route53.Snapshot, id string) *route53.ZoneDNSSEC { return find(s.DNSSEC.Items, id) }

// Delegation returns what the public DNS says of a name, to be changed.
func Delegation(s *route53.Snapshot, name route53.Name) *route53.Delegation {
	return find(s.Delegations.Items, string(name))
}

// Deny makes a part unseen, as where the caller may not use the action.
func Deny[T any](p *groundway.Part[T], action string) {
	*p = groundway.UnseenPart[T](groundway.Gap{Action: action, Code: "AccessDenied", Message: "the caller is not authorized"})
}

func find[T groundway.Keyed](items []T, key string) *T {
	for i, item := range items {
		if item.Key() == key {
			return &items[i]
		}
	}
	panic(fmt.Sprintf("route53test: the snapshot has no %T %q", *new(T), key))
}
