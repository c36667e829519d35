package route53

import (
	"cmp"
	"slices"

	"github.com/groundway-sdk/groundway"
)

// A Candidate is a hosted zone that could hold a name, with all that tells it
// from the others.
type Candidate struct {
	Zone   HostedZone
	Detail *ZoneDetail // nil: not seen
	// Verdict says, of a public zone, how the public DNS delegates to it; only
	// [VerdictOK] and the verdicts of [Verdict.Reaches] lead queries there.
	Verdict Verdict
}

// Candidates returns every hosted zone of the snapshot that encloses the name:
// the longest first, public before private, and then by ID. Several may have
// one name: Route 53 allows any number of zones of one name, public and
// private, and none of them is chosen here.
func Candidates(s Snapshot, name Name) []Candidate { return newIndex(s.Parts).candidates(name) }

// A Choice is the hosted zone that answers for a name, or the reason why none
// can be named.
type Choice struct {
	Zone       HostedZone // the zero value where none was chosen
	Chosen     bool
	Candidates []Candidate // all of them, as [Candidates] returns them
	// Ambiguous are those between which nothing decides: zones of one name, of
	// which the public DNS delegates to none, to several, or was not seen to.
	Ambiguous []Candidate
}

// ChoosePublic returns the public zone that answers the internet for the name:
// the longest on the boundary of a label, and among several of one name the one
// to which the public DNS delegates. It never guesses.
func ChoosePublic(s Snapshot, name Name) Choice { return newIndex(s.Parts).choosePublic(name) }

// ChoosePrivate returns the private zone that answers a VPC for the name: the
// longest of those that are associated with it. Zones whose associations were
// not seen make the choice ambiguous if they might be the one. An empty vpc is
// one that is yet to be made, with which any of them may be associated.
func ChoosePrivate(s Snapshot, name Name, vpc string) Choice {
	return newIndex(s.Parts).choosePrivate(name, vpc)
}

// An index finds things in parts.
type index struct {
	Parts
	zones   map[string]*HostedZone
	details map[string]*ZoneDetail
	records map[string]*ZoneRecords
	dnssec  map[string]*ZoneDNSSEC
	vpcs    map[string]*VPCZones
	seen    map[Name]*Delegation
	sets    map[string]map[Name][]RecordSet // by zone and name
	judged  map[string]Judgement
}

func newIndex(p Parts) *index {
	x := &index{
		Parts: p.canonical(), zones: map[string]*HostedZone{}, details: map[string]*ZoneDetail{},
		records: map[string]*ZoneRecords{}, dnssec: map[string]*ZoneDNSSEC{}, vpcs: map[string]*VPCZones{}, seen: map[Name]*Delegation{},
		sets: map[string]map[Name][]RecordSet{}, judged: map[string]Judgement{},
	}
	for i, z := range x.Zones.Items {
		x.zones[z.ID] = &x.Zones.Items[i]
	}
	for i, d := range x.Details.Items {
		x.details[d.ZoneID] = &x.Details.Items[i]
	}
	for i, r := range x.Records.Items {
		x.records[r.ZoneID] = &x.Records.Items[i]
		slices.SortFunc(r.Sets.Items, compareSets) // a copy, since canonical made one
		byName := map[Name][]RecordSet{}
		for _, set := range r.Sets.Items {
			byName[set.Name] = append(byName[set.Name], set)
		}
		x.sets[r.ZoneID] = byName
	}
	for i, d := range x.DNSSEC.Items {
		x.dnssec[d.ZoneID] = &x.DNSSEC.Items[i]
	}
	for i, v := range x.VPCZones.Items {
		x.vpcs[v.VPCID] = &x.VPCZones.Items[i]
	}
	for i, d := range x.Delegations.Items {
		x.seen[d.Name] = &x.Delegations.Items[i]
	}
	return x
}

// compareSets orders record sets as Route 53's listing does.
func compareSets(a, b RecordSet) int {
	return cmp.Or(a.Name.Compare(b.Name), cmp.Compare(a.Type, b.Type), cmp.Compare(a.SetID, b.SetID))
}

// setsOf returns the part that holds the record sets of a zone: unseen where
// they were not read.
func (x *index) setsOf(zoneID string) groundway.Part[RecordSet] {
	if r := x.records[zoneID]; r != nil {
		return r.Sets
	}
	if x.Records.Complete() {
		return groundway.UnseenPart[RecordSet](notShown(actionRecords, "the record sets of "+zoneID))
	}
	return groundway.UnseenPart[RecordSet](gapsOf(x.Records, actionRecords)...)
}

// set returns the one simple record set of a name and type.
func (x *index) set(zoneID string, name Name, kind string) (RecordSet, bool) {
	for _, set := range x.sets[zoneID][name] {
		if set.Type == kind {
			return set, true
		}
	}
	return RecordSet{}, false
}

// cut returns the NS record set by which a zone delegates the name away, if it
// does: that of the topmost label below the zone, for below it no query comes
// back.
func (x *index) cut(z *HostedZone, name Name) (set RecordSet, ok bool) {
	for n := name; n.Below(z.Name); n = n.Parent() {
		if s, found := x.set(z.ID, n, "NS"); found {
			set, ok = s, true
		}
	}
	return set, ok
}

func (x *index) candidates(name Name) []Candidate {
	var list []Candidate
	for _, z := range x.Zones.Items {
		if name.In(z.Name) {
			list = append(list, x.candidate(z))
		}
	}
	slices.SortFunc(list, compareCandidates)
	return list
}

func (x *index) candidate(z HostedZone) Candidate {
	c := Candidate{Zone: z, Detail: x.details[z.ID]}
	if z.Visibility == Public {
		c.Verdict = x.judge(z.ID).Verdict
	}
	return c
}

func compareCandidates(a, b Candidate) int {
	return cmp.Or(cmp.Compare(b.Zone.Name.depth(), a.Zone.Name.depth()),
		cmp.Compare(b.Zone.Visibility, a.Zone.Visibility), // public before private
		cmp.Compare(a.Zone.ID, b.Zone.ID))
}

func (x *index) choosePublic(name Name) Choice {
	c := Choice{Candidates: x.candidates(name)}
	public := slices.DeleteFunc(slices.Clone(c.Candidates), func(c Candidate) bool { return c.Zone.Visibility == Private })
	if len(public) == 0 {
		return c
	}
	longest := public[0].Zone.Name
	public = slices.DeleteFunc(public, func(c Candidate) bool { return c.Zone.Name != longest })
	c.decide(public)
	return c
}

// decide chooses the only candidate, or the only one that is reached.
func (c *Choice) decide(list []Candidate) {
	reached := slices.DeleteFunc(slices.Clone(list), func(c Candidate) bool { return !c.Verdict.Reaches() })
	switch {
	case len(list) == 1 && list[0].Zone.Visibility != "":
		c.Zone, c.Chosen = list[0].Zone, true
	case len(reached) == 1:
		c.Zone, c.Chosen = reached[0].Zone, true
	default:
		c.Ambiguous = list
	}
}

func (x *index) choosePrivate(name Name, vpc string) Choice {
	c := Choice{Candidates: x.candidates(name)}
	var list []Candidate
	for _, candidate := range c.Candidates {
		if candidate.Zone.Visibility == Public || vpc != "" && candidate.Detail != nil && !associated(*candidate.Detail, vpc) {
			continue
		}
		if len(list) > 0 && list[0].Zone.Name != candidate.Zone.Name {
			break
		}
		list = append(list, candidate)
	}
	switch {
	case len(list) == 1 && (vpc == "" || list[0].Detail != nil) && list[0].Zone.Visibility == Private:
		c.Zone, c.Chosen = list[0].Zone, true
	default:
		c.Ambiguous = list
	}
	return c
}

func associated(d ZoneDetail, vpc string) bool {
	return slices.ContainsFunc(d.VPCs, func(v ZoneVPC) bool { return v.ID == vpc })
}

// public returns the public zones of this name.
func (x *index) public(name Name) []HostedZone {
	var list []HostedZone
	for _, z := range x.Zones.Items {
		if z.Name == name && z.Visibility == Public {
			list = append(list, z)
		}
	}
	slices.SortFunc(list, func(a, b HostedZone) int { return cmp.Compare(a.ID, b.ID) })
	return list
}
