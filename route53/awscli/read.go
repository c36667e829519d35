package awscli

import (
	"cmp"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/dump"
	"github.com/groundway-sdk/groundway/route53"
)

// Read reads the dump directory that is the root of fsys. The package
// documentation says what becomes of missing and of malformed files. With an
// error the snapshot is the zero one.
func Read(fsys fs.FS) (route53.Snapshot, error) {
	r, err := open(fsys)
	if err != nil {
		return route53.Snapshot{}, fmt.Errorf("read dump: %w", err)
	}
	var s route53.Snapshot
	s.Zones = r.zones()
	s.Details = ofZones(r, fileZone, "HostedZone", s.Zones, detail)
	s.Records = ofZones(r, fileRecords, "ResourceRecordSets", s.Zones, records)
	public := s.Zones
	public.Items = slices.DeleteFunc(slices.Clone(s.Zones.Items), func(z route53.HostedZone) bool { return z.Visibility == route53.Private })
	s.DNSSEC = ofZones(r, fileDNSSEC, "Status", public, dnssec)
	s.Limits = r.limits(s.Zones)
	s.VPCZones = r.vpcZones()
	if err := r.Err(); err != nil {
		return route53.Snapshot{}, err
	}
	return s, nil
}

// A reader reads the files of one directory.
type reader struct{ *dump.Dir }

// open lists the directory and judges its names.
func open(fsys fs.FS) (reader, error) {
	var known []string
	for _, f := range Files() {
		known = append(known, f.Name)
	}
	dir, err := dump.OpenDir(fsys, known, func(name string) (bool, error) {
		ours := slices.ContainsFunc(known, func(pattern string) bool {
			_, ok := zoneOf(pattern, name)
			return ok || name == pattern && !generic(pattern)
		})
		_, ofVPC := vpcOf(name)
		switch {
		case ours || ofVPC:
			return true, nil
		case strings.Contains(name, zoneInNames) && slices.Contains(known, name):
			return false, fmt.Errorf("%s: want the ID of a hosted zone, such as Z0123456789ABC, in place of %s", name, zoneInNames)
		case name == fileVPCZones:
			return false, fmt.Errorf("%s: want the ID of a VPC, such as vpc-0a1, in place of %s", name, vpcInNames)
		}
		return false, nil
	})
	return reader{dir}, err
}

// root returns the document of a file, which has to hold the key.
func (r reader) root(name, key string, f File) (root dump.Value, ok bool) {
	if root, ok = r.Root(name); ok && !root.Get(key).Exists() {
		root.Errorf("%s is missing; want the output of %s", key, strings.Join(f.Command, " "))
	}
	return root, ok
}

func noFile(f File, name string) groundway.Gap { return dump.NoFile(f.Action, name) }

// firstPage returns the gap of a file that holds the first page of more, which
// the AWS CLI prints where it is told to.
func firstPage(root dump.Value, f File, name string) []groundway.Gap {
	for _, key := range []string{"NextToken", "NextMarker", "NextRecordName"} {
		if root.Text(key) != "" {
			return []groundway.Gap{{Action: f.Action, Message: name + " holds the first page only: it has a " + key}}
		}
	}
	return nil
}

func (r reader) zones() groundway.Part[route53.HostedZone] {
	f := fileNamed(fileZones)
	root, ok := r.root(fileZones, "HostedZones", f)
	if !ok {
		return groundway.UnseenPart[route53.HostedZone](noFile(f, fileZones))
	}
	part := groundway.SeenPart(dump.Items(root, "HostedZones", zone)...)
	part.Gaps = firstPage(root, f, fileZones)
	part.Partial = len(part.Gaps) > 0
	return part
}

// ofZones reads a kind of file that each zone has one of. A file of a zone that
// is not listed counts too: the list may be missing.
func ofZones[T groundway.Keyed](r reader, pattern, key string, zones groundway.Part[route53.HostedZone], read func(root dump.Value, id, name string) (T, []groundway.Gap)) groundway.Part[T] {
	f := fileNamed(pattern)
	part := groundway.Part[T]{Partial: !zones.Complete(), Gaps: slices.Clone(zones.Gaps)}
	have := map[string]bool{}
	for _, name := range r.Names() {
		id, ok := zoneOf(pattern, name)
		if !ok {
			continue
		}
		have[id] = true
		if root, ok := r.root(name, key, f); ok {
			item, gaps := read(root, id, name)
			part.Items = append(part.Items, item)
			part.Gaps = append(part.Gaps, gaps...)
		}
	}
	for _, z := range zones.Items {
		if !have[z.ID] && z.ID != "" {
			part.Gaps = append(part.Gaps, noFile(f, ofZone(pattern, z.ID)))
		}
	}
	part.Partial = part.Partial || len(part.Gaps) > 0
	part.Seen = !part.Partial || len(part.Items) > 0
	part.Partial = part.Partial && part.Seen
	return part
}

// limits reads the limit of the account, and those of zones, of which few dumps
// have any: only those that are there count, and the account's.
func (r reader) limits(zones groundway.Part[route53.HostedZone]) groundway.Part[route53.Limit] {
	part := ofZones(r, fileZoneLimit, "Limit", zones, func(root dump.Value, id, _ string) (route53.Limit, []groundway.Gap) {
		return limit(root, id), nil
	})
	f := fileNamed(fileAccountLimit)
	root, ok := r.root(fileAccountLimit, "Limit", f)
	if !ok {
		part.Gaps = append(part.Gaps, noFile(f, fileAccountLimit))
		part.Seen = len(part.Items) > 0
		part.Partial = part.Seen
		return part
	}
	part.Items = append(part.Items, limit(root, ""))
	part.Partial = len(part.Gaps) > 0
	part.Seen = true
	return part
}

// vpcZones reads the lists of the VPCs that the directory has. Others may be
// asked about: the part is never complete.
func (r reader) vpcZones() groundway.Part[route53.VPCZones] {
	f := fileNamed(fileVPCZones)
	part := groundway.Part[route53.VPCZones]{Gaps: []groundway.Gap{noFile(f, fileVPCZones)}}
	for _, name := range r.Names() {
		id, ok := vpcOf(name)
		if !ok {
			continue
		}
		root, ok := r.root(name, "HostedZoneSummaries", f)
		if !ok {
			continue
		}
		zones := groundway.SeenPart(dump.Items(root, "HostedZoneSummaries", vpcZone)...)
		zones.Gaps = firstPage(root, f, name)
		zones.Partial = len(zones.Gaps) > 0
		part.Items = append(part.Items, route53.VPCZones{VPCID: id, Zones: zones})
		part.Seen, part.Partial = true, true
		part.Gaps = []groundway.Gap{{Action: f.Action, Message: "only VPCs that have a file " + fileVPCZones}}
	}
	return part
}

func vpcZone(v dump.Value) route53.VPCZone {
	owner := v.Object("Owner")
	return route53.VPCZone{
		ZoneID: route53.ZoneID(v.ID("HostedZoneId")), Name: name(v, "Name"),
		Account: owner.Text("OwningAccount"), Service: owner.Text("OwningService"),
	}
}

func limit(root dump.Value, id string) route53.Limit {
	of := root.Object("Limit")
	count := func(v dump.Value, key string) int64 {
		if n := v.Count(key); n != nil {
			return int64(*n)
		}
		if !v.Has(key) {
			v.Errorf("%s is missing", key)
		}
		return 0
	}
	return route53.Limit{ZoneID: id, Type: of.ID("Type"), Value: count(of, "Value"), Count: count(root, "Count")}
}

// name returns a member that is a domain name.
func name(v dump.Value, key string) route53.Name {
	text := v.ID(key)
	if text == "" {
		return ""
	}
	n, err := route53.ParseName(text)
	if err != nil {
		v.Get(key).Errorf("%v", err)
	}
	return n
}

// number returns a member that is a whole number, or 0.
func number(v dump.Value, key string) int {
	if n := v.Count(key); n != nil {
		return *n
	}
	return 0
}

func zone(v dump.Value) route53.HostedZone {
	z := route53.HostedZone{
		ID:              route53.ZoneID(v.ID("Id")),
		Name:            name(v, "Name"),
		RecordCount:     v.Count("ResourceRecordSetCount"),
		CallerReference: v.Text("CallerReference"),
		Comment:         v.Object("Config").Text("Comment"),
		LinkedService:   v.Object("LinkedService").Text("ServicePrincipal"),
	}
	if private := v.Object("Config").Bool("PrivateZone"); private != nil {
		z.Visibility = route53.Public
		if *private {
			z.Visibility = route53.Private
		}
	}
	return z
}

func detail(root dump.Value, id, _ string) (route53.ZoneDetail, []groundway.Gap) {
	d := route53.ZoneDetail{ZoneID: id}
	if zone := root.Object("HostedZone"); zone.Exists() {
		if got := route53.ZoneID(zone.ID("Id")); got != "" && got != id {
			zone.Get("Id").Errorf("is of the zone %s, want that of the file's name, %s", got, id)
		}
	}
	set := root.Object("DelegationSet")
	d.DelegationSetID = strings.TrimPrefix(set.Text("Id"), "/delegationset/")
	for _, text := range set.Texts("NameServers") {
		n, err := route53.ParseName(text)
		if err != nil {
			set.Get("NameServers").Errorf("%v", err)
			continue
		}
		d.NameServers = append(d.NameServers, n)
	}
	for v := range root.Objects("VPCs") {
		d.VPCs = append(d.VPCs, route53.ZoneVPC{ID: v.ID("VPCId"), Region: v.Text("VPCRegion")})
	}
	return d, nil
}

func records(root dump.Value, id, file string) (route53.ZoneRecords, []groundway.Gap) {
	part := groundway.SeenPart[route53.RecordSet]()
	part.Gaps = firstPage(root, fileNamed(fileRecords), file)
	part.Partial = len(part.Gaps) > 0
	seen := map[string]dump.Value{}
	for v := range root.Objects("ResourceRecordSets") {
		set := recordSet(v)
		if first, twice := seen[set.Key()]; twice {
			v.Repeats(first, set.Key())
			continue
		}
		seen[set.Key()] = v
		part.Items = append(part.Items, set)
	}
	return route53.ZoneRecords{ZoneID: id, Sets: part}, part.Gaps
}

// routing are the members of a record set that make a routing policy.
var routing = []string{"Weight", "Region", "Failover", "HealthCheckId", "MultiValueAnswer", "TrafficPolicyInstanceId", "GeoLocation", "GeoProximityLocation", "CidrRoutingConfig"}

func recordSet(v dump.Value) route53.RecordSet {
	set := route53.RecordSet{Name: name(v, "Name"), Type: v.ID("Type"), SetID: v.Text("SetIdentifier")}
	set.TTL = int64(number(v, "TTL"))
	for r := range v.Objects("ResourceRecords") {
		set.Values = append(set.Values, r.ID("Value"))
	}
	if a := v.Object("AliasTarget"); a.Exists() {
		evaluate := a.Bool("EvaluateTargetHealth")
		set.Alias = &route53.Alias{ZoneID: a.ID("HostedZoneId"), Target: name(a, "DNSName"), EvaluateTargetHealth: evaluate != nil && *evaluate}
	}
	for _, key := range routing {
		if text := policy(v, key); text != "" {
			if set.Routing == nil {
				set.Routing = map[string]string{}
			}
			set.Routing[key] = text
		}
	}
	return set
}

// policy returns a member of a routing policy as text.
func policy(v dump.Value, key string) string {
	if !v.Has(key) {
		return ""
	}
	switch key {
	case "Weight":
		return fmt.Sprint(number(v, key))
	case "MultiValueAnswer":
		if on := v.Bool(key); on != nil {
			return fmt.Sprint(*on)
		}
		return ""
	case "GeoLocation":
		g := v.Object(key)
		return strings.Trim(g.Text("ContinentCode")+" "+g.Text("CountryCode")+" "+g.Text("SubdivisionCode"), " ")
	case "GeoProximityLocation":
		g := v.Object(key)
		return cmp.Or(g.Text("AWSRegion")+g.Text("LocalZoneGroup"), "coordinates")
	case "CidrRoutingConfig":
		c := v.Object(key)
		return c.Text("CollectionId") + " " + c.Text("LocationName")
	}
	return v.Text(key)
}

func dnssec(root dump.Value, id, _ string) (route53.ZoneDNSSEC, []groundway.Gap) {
	status := root.Object("Status")
	d := route53.ZoneDNSSEC{ZoneID: id, Status: status.Text("ServeSignature"), Message: status.Text("StatusMessage")}
	for k := range root.Objects("KeySigningKeys") {
		if strings.EqualFold(k.Text("Status"), "ACTIVE") {
			d.Keys = append(d.Keys, route53.DS{
				KeyTag: number(k, "KeyTag"), Algorithm: number(k, "SigningAlgorithmType"), DigestType: number(k, "DigestAlgorithmType"),
				Digest: strings.ToLower(k.ID("DigestValue")),
			})
		}
	}
	return d, nil
}
