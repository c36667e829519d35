package route53

import (
	"cmp"
	"encoding/json"
	"net/netip"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
)

// A Snapshot is what was seen of the hosted zones of an account, and of what the
// public DNS says of them. The zero value is a snapshot of which nothing was
// seen.
//
// Its JSON form is canonical, and the JSON pointers of evidence name zones by
// their IDs and record sets by name and type.
type Snapshot struct {
	groundway.Observation
	Parts
}

// Parts are the parts of a Snapshot, each the answer of one kind of call.
type Parts struct {
	Zones   groundway.Part[HostedZone]  `json:"hostedZones"`        // route53:ListHostedZones, all of the account
	Details groundway.Part[ZoneDetail]  `json:"hostedZoneDetails"`  // route53:GetHostedZone
	Records groundway.Part[ZoneRecords] `json:"resourceRecordSets"` // route53:ListResourceRecordSets
	DNSSEC  groundway.Part[ZoneDNSSEC]  `json:"hostedZoneDnssec"`   // route53:GetDNSSEC, of public zones
	Limits  groundway.Part[Limit]       `json:"hostedZoneLimits"`   // route53:GetAccountLimit, route53:GetHostedZoneLimit
	// VPCZones are the zones that answer a VPC, those of other accounts included.
	VPCZones groundway.Part[VPCZones] `json:"vpcHostedZones"` // route53:ListHostedZonesByVPC
	// Delegations are what DNS servers answered, as package route53/resolver
	// asks them. No IAM action is needed for it; gaps name [ActionQuery].
	Delegations groundway.Part[Delegation] `json:"dnsDelegations"`
}

// ActionQuery stands in gaps and facts where an IAM action otherwise does, for
// what public DNS servers were asked. It is none, and no rule has it among its
// permissions.
const ActionQuery = "dns:Query"

// MarshalJSON writes the canonical JSON of groundway.snapshot/v1.
func (s Snapshot) MarshalJSON() ([]byte, error) {
	return groundway.MarshalSnapshot(s.Observation, s.Parts)
}

// UnmarshalJSON reads groundway.snapshot/v1. Parts of other packages in the
// same file are left alone.
func (s *Snapshot) UnmarshalJSON(data []byte) error {
	*s = Snapshot{}
	o, err := groundway.UnmarshalSnapshot(data, &s.Parts)
	s.Observation = o
	return err
}

// MarshalJSON writes the canonical JSON of the parts, for
// [groundway.MarshalSnapshot].
func (p Parts) MarshalJSON() ([]byte, error) {
	type plain Parts
	return json.Marshal(plain(p.canonical()))
}

// A HostedZone as route53:ListHostedZones shows it.
type HostedZone struct {
	ID              string     `json:"id"` // without "/hostedzone/"
	Name            Name       `json:"name"`
	Visibility      Visibility `json:"visibility,omitempty"`
	RecordCount     *int       `json:"resourceRecordSetCount,omitempty"`
	CallerReference string     `json:"callerReference,omitempty"`
	Comment         string     `json:"comment,omitempty"`       // untrusted text
	LinkedService   string     `json:"linkedService,omitempty"` // the AWS service that made the zone and owns it
}

// Key returns the ID.
func (z HostedZone) Key() string { return z.ID }

// A Visibility says who a zone answers. The zero value was not seen.
type Visibility string

// The visibilities.
const (
	Public  Visibility = "public"  // the internet
	Private Visibility = "private" // the VPCs that are associated with the zone
)

// ZoneID returns the ID of a hosted zone alone: the API also writes it as
// /hostedzone/ID.
func ZoneID(text string) string { return strings.TrimPrefix(text, "/hostedzone/") }

// A ZoneDetail is what route53:GetHostedZone adds.
type ZoneDetail struct {
	ZoneID          string    `json:"hostedZoneId"`
	NameServers     []Name    `json:"nameServers,omitempty"`     // of the delegation set: four, for a public zone
	DelegationSetID string    `json:"delegationSetId,omitempty"` // of a reusable one, without "/delegationset/"
	VPCs            []ZoneVPC `json:"vpcs,omitempty"`            // that a private zone is associated with
}

// Key returns the ID of the zone.
func (d ZoneDetail) Key() string { return d.ZoneID }

// A ZoneVPC is a VPC that a private zone answers.
type ZoneVPC struct {
	ID     string `json:"id"`
	Region string `json:"region,omitempty"`
}

// VPCZones are the private zones that are associated with one VPC, whoever owns
// them.
type VPCZones struct {
	VPCID string                  `json:"vpcId"`
	Zones groundway.Part[VPCZone] `json:"zones"`
}

// Key returns the ID of the VPC.
func (v VPCZones) Key() string { return v.VPCID }

// A VPCZone is one of them.
type VPCZone struct {
	ZoneID  string `json:"hostedZoneId"`
	Name    Name   `json:"name"`
	Account string `json:"owningAccount,omitempty"` // 12 digits, or
	Service string `json:"owningService,omitempty"` // the AWS service that owns it
}

// Key returns the ID of the zone.
func (z VPCZone) Key() string { return z.ZoneID }

// ZoneRecords are the record sets of a zone.
type ZoneRecords struct {
	ZoneID string                    `json:"hostedZoneId"`
	Sets   groundway.Part[RecordSet] `json:"sets"`
}

// Key returns the ID of the zone.
func (r ZoneRecords) Key() string { return r.ZoneID }

// ZoneDNSSEC is how a zone is signed.
type ZoneDNSSEC struct {
	ZoneID string `json:"hostedZoneId"`
	// Status is NOT_SIGNING, SIGNING, DELETING, ACTION_NEEDED or
	// INTERNAL_FAILURE.
	Status  string `json:"status"`
	Message string `json:"message,omitempty"` // untrusted text
	// Keys are the DS records of the active key-signing keys, of which the parent
	// has to have one.
	Keys []DS `json:"keys,omitempty"`
}

// Key returns the ID of the zone.
func (d ZoneDNSSEC) Key() string { return d.ZoneID }

// A Limit is what an account, or a zone, may have of something, and has.
type Limit struct {
	ZoneID string `json:"hostedZoneId,omitempty"` // empty: of the account
	Type   string `json:"type"`                   // MAX_HOSTED_ZONES_BY_OWNER, MAX_RRSETS_BY_ZONE
	Value  int64  `json:"value"`
	Count  int64  `json:"count"`
}

// The limits that the rules look at.
const (
	LimitZones   = "MAX_HOSTED_ZONES_BY_OWNER"
	LimitRecords = "MAX_RRSETS_BY_ZONE"
)

// Key returns the type, with the zone in front where there is one.
func (l Limit) Key() string { return strings.TrimPrefix(l.ZoneID+" "+l.Type, " ") }

// canonical returns the parts with every list in one order.
func (p Parts) canonical() Parts {
	p.Details = sortedWithin(p.Details, func(d *ZoneDetail) {
		d.NameServers = sortedNames(d.NameServers)
		d.VPCs = sorted(d.VPCs, func(a, b ZoneVPC) int {
			return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Region, b.Region))
		})
	})
	p.Records = sortedWithin(p.Records, func(r *ZoneRecords) {
		r.Sets = sortedWithin(r.Sets, func(s *RecordSet) { s.Values = sorted(s.Values, cmp.Compare[string]) })
	})
	p.DNSSEC = sortedWithin(p.DNSSEC, func(d *ZoneDNSSEC) { d.Keys = sortedDS(d.Keys) })
	p.Delegations = sortedWithin(p.Delegations, func(d *Delegation) {
		d.Parent.NameServers = sortedNames(d.Parent.NameServers)
		d.Parent.DS = sortedDS(d.Parent.DS)
		d.Servers = slices.Clone(d.Servers)
		for i, a := range d.Servers {
			d.Servers[i].Addresses = sorted(a.Addresses, netip.Addr.Compare)
			d.Servers[i].NameServers = sortedNames(a.NameServers)
		}
		if d.Recursive != nil {
			r := *d.Recursive
			r.NameServers = sortedNames(r.NameServers)
			d.Recursive = &r
		}
	})
	return p
}

func sortedWithin[T any](p groundway.Part[T], sort func(*T)) groundway.Part[T] {
	p.Items = slices.Clone(p.Items)
	for i := range p.Items {
		sort(&p.Items[i])
	}
	return p
}

func sorted[T any](list []T, compare func(a, b T) int) []T {
	list = slices.Clone(list)
	slices.SortFunc(list, compare)
	return list
}

// sortedNames returns the names in order, each once.
func sortedNames(list []Name) []Name { return slices.Compact(sorted(list, Name.Compare)) }

func sortedDS(list []DS) []DS {
	return sorted(list, func(a, b DS) int { return cmp.Compare(a.String(), b.String()) })
}
