package route53

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/netip"
	"slices"
	"strconv"
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

// A RecordSet is a resource record set: either records with their TTL, or an
// alias.
type RecordSet struct {
	Name   Name     `json:"name"`
	Type   string   `json:"type"`             // "A", "NS"
	TTL    int64    `json:"ttl,omitempty"`    // seconds; an alias has none
	Values []string `json:"values,omitempty"` // in the form of a zone file, as the API has them; untrusted text
	Alias  *Alias   `json:"alias,omitempty"`
	// SetID tells apart the sets of a routing policy, and Routing holds the
	// policy in words of the API: Weight, Region, Failover and so on.
	SetID   string            `json:"setIdentifier,omitempty"`
	Routing map[string]string `json:"routing,omitempty"`
}

// Key returns name, type and, where there is one, set identifier: "*.example.com A".
func (r RecordSet) Key() string {
	key := string(r.Name) + " " + r.Type
	if r.SetID != "" {
		key += " " + r.SetID
	}
	return key
}

// Equal reports whether two sets answer alike: the order of values does not
// matter.
func (r RecordSet) Equal(o RecordSet) bool {
	if r.Name != o.Name || r.Type != o.Type || r.SetID != o.SetID || !maps.Equal(r.Routing, o.Routing) {
		return false
	}
	if (r.Alias == nil) != (o.Alias == nil) {
		return false
	}
	if r.Alias != nil {
		return *r.Alias == *o.Alias
	}
	return r.TTL == o.TTL && slices.Equal(sortedValues(r), sortedValues(o))
}

// sortedValues returns the values in one order; names among them in one form.
func sortedValues(r RecordSet) []string {
	values := slices.Clone(r.Values)
	if namesInValues[r.Type] {
		for i, v := range values {
			if n, err := ParseName(v); err == nil {
				values[i] = n.Absolute()
			}
		}
	}
	slices.Sort(values)
	return values
}

// namesInValues are the types whose values are a name alone.
var namesInValues = map[string]bool{"NS": true, "CNAME": true, "PTR": true}

// names returns the values of a set as names; those that are none are left out.
func (r RecordSet) names() []Name {
	var names []Name
	for _, v := range r.Values {
		if n, err := ParseName(v); err == nil {
			names = append(names, n)
		}
	}
	return sortedNames(names)
}

// An Alias answers with the addresses of an AWS resource.
type Alias struct {
	ZoneID               string `json:"hostedZoneId"` // of the target, as the service that owns it has it
	Target               Name   `json:"dnsName"`
	EvaluateTargetHealth bool   `json:"evaluateTargetHealth,omitempty"`
}

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

// A Delegation is what the servers of the public DNS say of a name.
type Delegation struct {
	Name    Name                         `json:"name"`
	Parent  Referral                     `json:"parent"`
	Servers groundway.List[ServerAnswer] `json:"servers,omitempty"` // those that the parent, or the caller, names
	// Recursive is what a recursive resolver answers; nil where none was asked.
	Recursive *RecursiveAnswer `json:"recursive,omitempty"`
}

// Key returns the name.
func (d Delegation) Key() string { return string(d.Name) }

// A Referral is what the servers of the parent zone answer without recursion.
type Referral struct {
	Zone        Name           `json:"zone,omitempty"` // the parent zone, as far as the walk from the root came
	Status      ReferralStatus `json:"status"`
	NameServers []Name         `json:"nameServers,omitempty"` // of the authority section of the referral
	TTL         int64          `json:"ttl,omitempty"`         // seconds
	// DS are the DS records that the parent has, and DSSeen says that it was
	// asked for them and answered.
	DS     []DS   `json:"ds,omitempty"`
	DSSeen bool   `json:"dsSeen,omitempty"`
	Server string `json:"server,omitempty"` // the server that answered: name and address
	Reason string `json:"reason,omitempty"` // of Unanswered, in words of this module
}

// A ReferralStatus is how a referral came out. The zero value is invalid.
type ReferralStatus string

// The statuses of a referral.
const (
	Delegated    ReferralStatus = "delegated"     // there is a referral
	NotDelegated ReferralStatus = "not-delegated" // the name exists in the parent, and is not delegated
	NoSuchName   ReferralStatus = "no-such-name"  // NXDOMAIN
	Unanswered   ReferralStatus = "unanswered"    // no server of the parent gave an answer that can be read
)

// A ServerAnswer is what one name server answers for the zone without recursion.
type ServerAnswer struct {
	Server      Name         `json:"server"`
	Addresses   []netip.Addr `json:"addresses,omitempty"`
	Status      ServerStatus `json:"status"`
	Rcode       string       `json:"rcode,omitempty"`       // "NOERROR", "REFUSED"
	NameServers []Name       `json:"nameServers,omitempty"` // of the zone's own NS record set
	SOA         *SOA         `json:"soa,omitempty"`
	Reason      string       `json:"reason,omitempty"` // in words of this module
}

// Key returns the name of the server.
func (a ServerAnswer) Key() string { return string(a.Server) }

// A ServerStatus is how a server answers. The zero value is invalid.
type ServerStatus string

// The statuses of a server. Only Lame is known to be wrong: a server that is
// silent here may answer elsewhere.
const (
	Authoritative ServerStatus = "authoritative" // it has the zone, and says so by the AA bit
	Lame          ServerStatus = "lame"          // it answers, and does not have the zone
	Silent        ServerStatus = "silent"        // no answer in time, or none that can be read
	Unresolved    ServerStatus = "unresolved"    // the server's own name has no address, or none that could be found out
)

// A RecursiveAnswer is what a resolver that others use answers.
type RecursiveAnswer struct {
	Resolver    string `json:"resolver"` // its address
	Rcode       string `json:"rcode,omitempty"`
	NameServers []Name `json:"nameServers,omitempty"`
	TTL         int64  `json:"ttl,omitempty"`    // seconds for which it keeps the answer, also that there is none
	Reason      string `json:"reason,omitempty"` // why there is no answer, in words of this module
}

// An SOA is the part of a start of authority that matters to caches.
type SOA struct {
	MName   Name  `json:"mname,omitempty"`
	Serial  int64 `json:"serial,omitempty"`
	TTL     int64 `json:"ttl"`     // seconds
	Minimum int64 `json:"minimum"` // seconds
}

// NegativeTTL is how long resolvers keep an answer that a name does not exist,
// in seconds: the lesser of the two, RFC 2308 section 5.
func (s SOA) NegativeTTL() int64 { return min(s.TTL, s.Minimum) }

// A DS is a DS record: the digest of a key that the zone has to sign with.
type DS struct {
	KeyTag     int    `json:"keyTag"`
	Algorithm  int    `json:"algorithm"`
	DigestType int    `json:"digestType"`
	Digest     string `json:"digest"` // lower-case hexadecimal
}

// String returns the record in the form of a zone file.
func (d DS) String() string {
	return strings.Join([]string{strconv.Itoa(d.KeyTag), strconv.Itoa(d.Algorithm), strconv.Itoa(d.DigestType), d.Digest}, " ")
}

// ParseDS reads the form of a zone file, in which the digest may have spaces.
func ParseDS(text string) (DS, bool) {
	f := strings.Fields(text)
	if len(f) < 4 {
		return DS{}, false
	}
	var numbers [3]int
	for i := range numbers {
		n, err := strconv.ParseUint(f[i], 10, 16)
		if err != nil {
			return DS{}, false
		}
		numbers[i] = int(n)
	}
	digest := strings.ToLower(strings.Join(f[3:], ""))
	if len(digest)%2 != 0 || strings.Trim(digest, "0123456789abcdef") != "" {
		return DS{}, false
	}
	return DS{numbers[0], numbers[1], numbers[2], digest}, true
}

// ParseSOA reads the value of an SOA record: two names and five numbers.
func ParseSOA(value string, ttl int64) (SOA, bool) {
	f := strings.Fields(value)
	if len(f) != 7 {
		return SOA{}, false
	}
	mname, err := ParseName(f[0])
	if err != nil {
		return SOA{}, false
	}
	var numbers [5]int64
	for i := range numbers {
		n, err := strconv.ParseUint(f[2+i], 10, 32)
		if err != nil {
			return SOA{}, false
		}
		numbers[i] = int64(n)
	}
	return SOA{MName: mname, Serial: numbers[0], TTL: ttl, Minimum: numbers[4]}, true
}

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
