// Package route53fake answers Route 53's calls from a [route53.Snapshot], and
// keeps what is changed.
//
// An unseen part is answered with the error that its gap names, or with
// AccessDenied; so a snapshot with gaps is loaded as it was. Changes are made as
// Route 53 makes them: a batch whole or not at all, names escaped, a CREATE of
// what exists and a DELETE of what differs refused.
package route53fake

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/awsfake"
	"github.com/groundway-sdk/groundway/route53"
)

// Options change what New answers. The zero value is right.
type Options struct {
	// Before is the state that [awsfake.Stale] answers from; nil means one in
	// which nothing existed.
	Before *route53.Snapshot
	// Pending is how often a change is answered as PENDING before it is INSYNC.
	Pending int
}

// New returns the service for this snapshot.
func New(s route53.Snapshot, o Options) awsfake.Service {
	f := &fake{now: clone(s.Parts), before: nothing(), pending: o.Pending, asked: map[string]int{}}
	if o.Before != nil {
		f.before = clone(o.Before.Parts)
	}
	locked := func(op awsfake.Operation) awsfake.Operation {
		return func(r awsfake.Request) (any, error) {
			f.mu.Lock()
			defer f.mu.Unlock()
			return op(r)
		}
	}
	const root = "/2013-04-01/"
	return awsfake.Service{
		Name:      "route53",
		Protocol:  awsfake.RESTXML,
		Namespace: "https://route53.amazonaws.com/doc/2013-04-01/",
		Operations: map[string]awsfake.Operation{
			"ListHostedZones":          locked(f.listHostedZones),
			"GetHostedZone":            locked(f.getHostedZone),
			"ListResourceRecordSets":   locked(f.listResourceRecordSets),
			"ListHostedZonesByVPC":     locked(f.listHostedZonesByVPC),
			"GetDNSSEC":                locked(f.getDNSSEC),
			"GetHostedZoneLimit":       locked(f.getHostedZoneLimit),
			"GetAccountLimit":          locked(f.getAccountLimit),
			"CreateHostedZone":         locked(f.createHostedZone),
			"ChangeResourceRecordSets": locked(f.changeResourceRecordSets),
			"GetChange":                locked(f.getChange),
		},
		Routes: map[string]string{
			"GET " + root + "hostedzone":                  "ListHostedZones",
			"POST " + root + "hostedzone":                 "CreateHostedZone",
			"GET " + root + "hostedzone/{Id}":             "GetHostedZone",
			"GET " + root + "hostedzone/{Id}/rrset":       "ListResourceRecordSets",
			"POST " + root + "hostedzone/{Id}/rrset":      "ChangeResourceRecordSets",
			"GET " + root + "hostedzone/{Id}/dnssec":      "GetDNSSEC",
			"GET " + root + "hostedzonelimit/{Id}/{Type}": "GetHostedZoneLimit",
			"GET " + root + "accountlimit/{Type}":         "GetAccountLimit",
			"GET " + root + "change/{Id}":                 "GetChange",
			"GET " + root + "hostedzonesbyvpc":            "ListHostedZonesByVPC",
		},
	}
}

// nothing is an account in which everything was seen, and nothing is.
func nothing() route53.Parts {
	return route53.Parts{
		Zones:   groundway.SeenPart[route53.HostedZone](),
		Details: groundway.SeenPart[route53.ZoneDetail](),
		Records: groundway.SeenPart[route53.ZoneRecords](),
		DNSSEC:  groundway.SeenPart[route53.ZoneDNSSEC](),
		Limits:  groundway.SeenPart[route53.Limit](),

		VPCZones: groundway.SeenPart[route53.VPCZones](),
	}
}

// clone copies what changes may touch.
func clone(p route53.Parts) route53.Parts {
	p.Zones.Items = slices.Clone(p.Zones.Items)
	p.Details.Items = slices.Clone(p.Details.Items)
	p.Records.Items = slices.Clone(p.Records.Items)
	for i := range p.Records.Items {
		p.Records.Items[i].Sets.Items = slices.Clone(p.Records.Items[i].Sets.Items)
	}
	return p
}

// A fake holds the state of an account.
type fake struct {
	mu          sync.Mutex
	now, before route53.Parts
	changes     int            // so far
	pending     int            // looks at a change before it is INSYNC
	asked       map[string]int // looks so far
}

func (f *fake) parts(r awsfake.Request) route53.Parts {
	if r.Stale {
		return f.before
	}
	return f.now
}

// find returns an item of a part, or the error that AWS answers in its place.
func find[T groundway.Keyed](p groundway.Part[T], key, code string) (T, error) {
	for _, item := range p.Items {
		if item.Key() == key {
			return item, nil
		}
	}
	if !p.Complete() {
		return *new(T), refused(p.Gaps)
	}
	return *new(T), &awsfake.Error{Status: http.StatusNotFound, Code: code, Message: "The specified " + key + " does not exist."}
}

// refused returns the error behind the first gap.
func refused(gaps []groundway.Gap) error {
	code := "AccessDenied"
	if len(gaps) > 0 {
		code = cmp.Or(gaps[0].Code, code)
	}
	status := http.StatusBadRequest
	if code == "AccessDenied" {
		status = http.StatusForbidden
	}
	return &awsfake.Error{Status: status, Code: code, Message: "the snapshot does not show it"}
}

func (f *fake) listHostedZones(r awsfake.Request) (any, error) {
	part := f.parts(r).Zones
	if !part.Seen {
		return nil, refused(part.Gaps)
	}
	items := slices.Clone(part.Items)
	slices.SortFunc(items, func(a, b route53.HostedZone) int { return cmp.Compare(a.ID, b.ID) })
	query := r.HTTP.URL.Query()
	start, end, next, err := r.Page(query.Get("marker"), limit(query.Get("maxitems"), 100), len(items))
	if err != nil {
		return nil, err
	}
	out := zonesXML{MaxItems: "100", Truncated: next != "", Next: next, Marker: query.Get("marker")}
	for _, z := range items[start:end] {
		out.Zones.Zone = append(out.Zones.Zone, zoneToXML(z))
	}
	if part.Partial && next == "" {
		if start == len(items) {
			return nil, refused(part.Gaps)
		}
		out.Truncated, out.Next = true, r.Token(len(items))
	}
	return out, nil
}

func limit(text string, most int) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return most
	}
	return min(n, most)
}

func (f *fake) getHostedZone(r awsfake.Request) (any, error) {
	id, parts := r.HTTP.PathValue("Id"), f.parts(r)
	z, err := find(parts.Zones, id, "NoSuchHostedZone")
	if err != nil {
		return nil, err
	}
	d, err := find(parts.Details, id, "NoSuchHostedZone")
	if err != nil {
		return nil, err
	}
	return zoneDetailToXML(z, d), nil
}

// listHostedZonesByVPC refuses a VPC that the snapshot does not have, as AWS does
// one that the caller does not own.
func (f *fake) listHostedZonesByVPC(r awsfake.Request) (any, error) {
	query := r.HTTP.URL.Query()
	v, err := find(f.parts(r).VPCZones, query.Get("vpcid"), "AccessDenied")
	if err != nil {
		return nil, err
	}
	if !v.Zones.Seen {
		return nil, refused(v.Zones.Gaps)
	}
	start, end, next, err := r.Page(query.Get("nexttoken"), limit(query.Get("maxitems"), 100), len(v.Zones.Items))
	if err != nil {
		return nil, err
	}
	out := vpcZonesXML{MaxItems: "100", Next: next}
	for _, z := range v.Zones.Items[start:end] {
		out.Zones.Zone = append(out.Zones.Zone, vpcZoneToXML(z))
	}
	return out, nil
}

func (f *fake) getDNSSEC(r awsfake.Request) (any, error) {
	d, err := find(f.parts(r).DNSSEC, r.HTTP.PathValue("Id"), "NoSuchHostedZone")
	if err != nil {
		return nil, err
	}
	return dnssecToXML(d), nil
}

func (f *fake) getHostedZoneLimit(r awsfake.Request) (any, error) {
	l, err := find(f.parts(r).Limits, r.HTTP.PathValue("Id")+" "+r.HTTP.PathValue("Type"), "NoSuchHostedZone")
	if err != nil {
		return nil, err
	}
	return limitToXML(l), nil
}

func (f *fake) getAccountLimit(r awsfake.Request) (any, error) {
	l, err := find(f.parts(r).Limits, r.HTTP.PathValue("Type"), "InvalidInput")
	if err != nil {
		return nil, err
	}
	return limitToXML(l), nil
}

// setsOf returns the record sets of a zone, in Route 53's order.
func setsOf(p route53.Parts, id string) ([]route53.RecordSet, groundway.Part[route53.RecordSet], error) {
	if _, err := find(p.Zones, id, "NoSuchHostedZone"); err != nil {
		return nil, groundway.Part[route53.RecordSet]{}, err
	}
	zone, err := find(p.Records, id, "NoSuchHostedZone")
	if err != nil {
		return nil, groundway.Part[route53.RecordSet]{}, err
	}
	if !zone.Sets.Seen {
		return nil, zone.Sets, refused(zone.Sets.Gaps)
	}
	sets := slices.Clone(zone.Sets.Items)
	slices.SortFunc(sets, compareSets)
	return sets, zone.Sets, nil
}

func compareSets(a, b route53.RecordSet) int {
	return cmp.Or(a.Name.Compare(b.Name), cmp.Compare(a.Type, b.Type), cmp.Compare(a.SetID, b.SetID))
}

func (f *fake) listResourceRecordSets(r awsfake.Request) (any, error) {
	sets, part, err := setsOf(f.parts(r), r.HTTP.PathValue("Id"))
	if err != nil {
		return nil, err
	}
	query := r.HTTP.URL.Query()
	if start := query.Get("name"); start != "" {
		from := route53.RecordSet{Type: query.Get("type"), SetID: query.Get("identifier")}
		if from.Name, err = route53.ParseName(start); err != nil {
			return nil, awsfake.Errorf("InvalidInput", "%v", err)
		}
		sets = slices.DeleteFunc(sets, func(s route53.RecordSet) bool { return compareSets(s, from) < 0 })
	}
	size := limit(query.Get("maxitems"), 300)
	if r.PageSize > 0 {
		size = min(size, r.PageSize)
	}
	out := setsXML{MaxItems: "300"}
	for i, set := range sets {
		if i == size {
			next := set
			out.Truncated, out.NextName, out.NextType, out.NextID = true, escaped(next.Name), next.Type, next.SetID
			break
		}
		out.Sets.Set = append(out.Sets.Set, setToXML(set))
	}
	if part.Partial && !out.Truncated {
		if len(sets) == 0 {
			return nil, refused(part.Gaps)
		}
		out.Truncated, out.NextName, out.NextType = true, "~", "TXT"
	}
	return out, nil
}

func (f *fake) getChange(r awsfake.Request) (any, error) {
	id := r.HTTP.PathValue("Id")
	if n, err := strconv.Atoi(strings.TrimPrefix(id, "C")); err != nil || n > f.changes || n < 1 {
		return nil, &awsfake.Error{Status: http.StatusNotFound, Code: "NoSuchChange", Message: "A change with the specified change ID does not exist."}
	}
	f.asked[id]++
	return changeXML{changeInfo{ID: "/change/" + id, Status: f.status(id), Submitted: submitted}}, nil
}

func (f *fake) status(id string) string {
	if f.asked[id] <= f.pending {
		return "PENDING"
	}
	return "INSYNC"
}

// changed notes that the state is about to change, and returns the change.
func (f *fake) changed() changeInfo {
	f.before = clone(f.now)
	f.changes++
	id := "C" + strconv.Itoa(f.changes)
	return changeInfo{ID: "/change/" + id, Status: "PENDING", Submitted: submitted}
}

func (f *fake) createHostedZone(r awsfake.Request) (any, error) {
	var in createXML
	if err := xml.Unmarshal(r.Body, &in); err != nil {
		return nil, awsfake.Errorf("InvalidInput", "%v", err)
	}
	name, err := route53.ParseName(in.Name)
	switch {
	case err != nil:
		return nil, awsfake.Errorf("InvalidDomainName", "%v", err)
	case in.CallerReference == "":
		return nil, awsfake.Errorf("InvalidInput", "CallerReference is missing")
	}
	for _, z := range f.now.Zones.Items {
		if z.CallerReference == in.CallerReference {
			return nil, &awsfake.Error{Status: http.StatusConflict, Code: "HostedZoneAlreadyExists", Message: "A hosted zone has already been created with the specified caller reference."}
		}
	}
	info := f.changed()
	n := len(f.now.Zones.Items) + 1
	z := route53.HostedZone{ID: fmt.Sprintf("Z0MADE%d", n), Name: name, Visibility: route53.Public, RecordCount: new(2), CallerReference: in.CallerReference, Comment: in.Comment}
	d := route53.ZoneDetail{ZoneID: z.ID, DelegationSetID: in.DelegationSetID}
	ns := route53.RecordSet{Name: name, Type: "NS", TTL: 172800}
	for i, top := range []string{"com", "net", "org", "co.uk"} {
		server := route53.MustParseName(fmt.Sprintf("ns-%d.awsdns-%02d.%s", 512*i+n, n, top))
		d.NameServers = append(d.NameServers, server)
		ns.Values = append(ns.Values, server.Absolute())
	}
	soa := route53.RecordSet{Name: name, Type: "SOA", TTL: 900, Values: []string{ns.Values[0] + " awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400"}}
	f.now.Zones.Items = append(f.now.Zones.Items, z)
	f.now.Details.Items = append(f.now.Details.Items, d)
	f.now.Records.Items = append(f.now.Records.Items, route53.ZoneRecords{ZoneID: z.ID, Sets: groundway.SeenPart(ns, soa)})
	detail := zoneDetailToXML(z, d)
	return createdXML{detail.Zone, info, detail.DelegationSet}, nil
}

func (f *fake) changeResourceRecordSets(r awsfake.Request) (any, error) {
	id := r.HTTP.PathValue("Id")
	var in batchXML
	if err := xml.Unmarshal(r.Body, &in); err != nil {
		return nil, awsfake.Errorf("InvalidInput", "%v", err)
	}
	sets, _, err := setsOf(f.now, id)
	if err != nil {
		return nil, err
	}
	zone, _ := find(f.now.Zones, id, "")
	elements, characters := 0, 0
	for _, c := range in.Changes {
		times := 1
		if c.Action == "UPSERT" {
			times = 2
		}
		for _, v := range c.Set.Records {
			elements += times
			characters += times * len(v.Value)
		}
		if sets, err = change(zone, sets, c); err != nil {
			return nil, err
		}
	}
	if elements > 1000 || characters > 32_000 {
		return nil, awsfake.Errorf("InvalidChangeBatch", "Number of records limit of 1000 exceeded.")
	}
	info := f.changed()
	for i := range f.now.Records.Items {
		if f.now.Records.Items[i].ZoneID == id {
			f.now.Records.Items[i].Sets.Items = sets
		}
	}
	return changeXML{info}, nil
}

// change makes one change of the record sets of a zone.
func change(zone route53.HostedZone, sets []route53.RecordSet, c changeElement) ([]route53.RecordSet, error) {
	set, err := c.Set.set()
	if err != nil {
		return nil, awsfake.Errorf("InvalidInput", "%v", err)
	}
	if !set.Name.In(zone.Name) {
		return nil, awsfake.Errorf("InvalidChangeBatch", "[RRSet with DNS name %s is not permitted in zone %s]", set.Name, zone.Name)
	}
	i := slices.IndexFunc(sets, func(s route53.RecordSet) bool { return s.Key() == set.Key() })
	switch c.Action {
	case "CREATE":
		if i >= 0 {
			return nil, awsfake.Errorf("InvalidChangeBatch", "[Tried to create resource record set %s but it already exists]", set.Key())
		}
	case "DELETE":
		if i < 0 || !sets[i].Equal(set) {
			return nil, awsfake.Errorf("InvalidChangeBatch", "[Tried to delete resource record set %s but it was not found]", set.Key())
		}
		return slices.Delete(slices.Clone(sets), i, i+1), nil
	case "UPSERT":
		if i >= 0 {
			sets = slices.Clone(sets)
			sets[i] = set
			return sets, nil
		}
	default:
		return nil, awsfake.Errorf("InvalidInput", "the action %q is none", c.Action)
	}
	for _, s := range sets {
		if s.Name == set.Name && s.Type != set.Type && (s.Type == "CNAME" || set.Type == "CNAME") {
			return nil, awsfake.Errorf("InvalidChangeBatch", "[RRSet of type %s with DNS name %s is not permitted because a conflicting RRSet of type %s exists]", set.Type, set.Name, s.Type)
		}
	}
	return append(slices.Clone(sets), set), nil
}
