package route53

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/groundway-sdk/groundway"
)

// viewOwn reads the delegation set, and the NS record set within the zone.
func (x *index) viewOwn(j *Judgement) {
	if d := x.details[j.Zone.ID]; d != nil && len(d.NameServers) > 0 {
		j.Want = sortedNames(d.NameServers)
		for i, n := range d.NameServers {
			j.Evidence = append(j.Evidence, groundway.Fact{
				Path: pointer("hostedZoneDetails", j.Zone.ID, "nameServers", strconv.Itoa(i)), Got: string(n), Source: actionZone,
			})
		}
	} else {
		j.Gaps = append(j.Gaps, gapsOrNotShown(x.Details, actionZone, "the delegation set of "+j.Zone.ID)...)
	}
	sets := x.setsOf(j.Zone.ID)
	if set, ok := x.set(j.Zone.ID, j.Zone.Name, "NS"); ok {
		j.Own, j.OwnSeen = set.names(), true
	} else if sets.Complete() {
		j.OwnSeen = true
	}
}

// viewParent reads the delegation from the parent zone in this account, where it
// is reached, and otherwise from the parent's servers. What the servers say
// counts where both were seen: they are what resolvers ask.
func (x *index) viewParent(j *Judgement) {
	parent, inAccount := x.parentOf(j.Zone)
	if inAccount {
		j.ParentZone = parent
	}
	seen := x.seen[j.Zone.Name]
	if seen != nil && seen.Parent.Status != Unanswered && seen.Parent.Status != "" {
		place := func(steps ...string) string {
			return pointer("dnsDelegations", string(j.Zone.Name), append([]string{"parent"}, steps...)...)
		}
		j.Status, j.Parent = seen.Parent.Status, sortedNames(seen.Parent.NameServers)
		j.Evidence = append(j.Evidence, groundway.Fact{Path: place("status"), Got: string(j.Status), Want: string(Delegated), Source: ActionQuery})
		for i, n := range seen.Parent.NameServers {
			j.Evidence = append(j.Evidence, groundway.Fact{Path: place("nameServers", strconv.Itoa(i)), Got: string(n), Want: "a server of the delegation set", Source: ActionQuery})
		}
		j.ParentDS, j.DSSeen = seen.Parent.DS, seen.Parent.DSSeen
		return
	}
	if inAccount {
		sets := x.setsOf(parent.ID)
		set, ok := x.set(parent.ID, j.Zone.Name, "NS")
		key := RecordSet{Name: j.Zone.Name, Type: "NS"}.Key()
		switch {
		case ok:
			j.Status, j.Parent = Delegated, set.names()
			for i, v := range set.Values {
				j.Evidence = append(j.Evidence, groundway.Fact{
					Path: recordPointer(parent.ID, key, "values", strconv.Itoa(i)), Got: v, Want: "a server of the delegation set", Source: actionRecords,
				})
			}
		case sets.Complete():
			j.Status = NotDelegated
			j.Evidence = append(j.Evidence, groundway.Fact{Path: recordPointer(parent.ID, key), Want: "an NS record set", Source: actionRecords})
		default:
			j.Gaps = append(j.Gaps, sets.Gaps...)
		}
		if ds, ok := x.set(parent.ID, j.Zone.Name, "DS"); ok || sets.Complete() {
			j.DSSeen = true
			for _, v := range ds.Values {
				if d, ok := ParseDS(v); ok {
					j.ParentDS = append(j.ParentDS, d)
				}
			}
		}
		return
	}
	if seen != nil {
		j.Gaps = append(j.Gaps, groundway.Gap{Action: ActionQuery, Message: cmp.Or(seen.Parent.Reason, "no server of the parent zone answered")})
		return
	}
	j.Gaps = append(j.Gaps, gapsOrNotShown(x.Delegations, ActionQuery, "the delegation of "+string(j.Zone.Name))...)
}

// parentOf returns the public zone in which the delegation of z stands: the
// longest that encloses it strictly. Where several of one name do, it is the
// one that the public DNS reaches. None of them is where a zone in between is
// somebody else's.
func (x *index) parentOf(z HostedZone) (HostedZone, bool) {
	for name := z.Name.Parent(); name != "" && name != Root; name = name.Parent() {
		zones := x.public(name)
		if len(zones) == 0 {
			continue
		}
		var c Choice
		var list []Candidate
		for _, p := range zones {
			list = append(list, x.candidate(p))
		}
		c.decide(list)
		if !c.Chosen || x.judge(c.Zone.ID).Verdict.elsewhere() {
			return HostedZone{}, false // what stands in a zone that nobody reaches is no delegation
		}
		if _, away := x.cut(&c.Zone, z.Name.Parent()); away {
			return HostedZone{}, false
		}
		seen := x.seen[z.Name]
		return c.Zone, seen == nil || !seen.Parent.Zone.Below(name)
	}
	return HostedZone{}, false
}

// viewServers reads what the name servers answer.
func (x *index) viewServers(j *Judgement) {
	seen := x.seen[j.Zone.Name]
	if seen == nil {
		return
	}
	answers := map[Name]ServerAnswer{}
	for _, a := range seen.Servers {
		answers[a.Server] = a
	}
	j.ServersSeen = len(j.Parent) > 0
	for _, n := range sortedNames(slices.Concat(j.Parent, j.Want)) {
		a, ok := answers[n]
		switch {
		case !ok:
			j.ServersSeen = j.ServersSeen && !slices.Contains(j.Parent, n)
		case a.Status == Lame:
			j.Lame = append(j.Lame, n)
		case a.Status != Authoritative:
			j.Silent = append(j.Silent, n)
		}
	}
}

// dsMismatch reports whether the parent has DS records and it is known that no
// key of the zone fits one of them.
func (x *index) dsMismatch(j *Judgement) bool {
	fits, known := x.dsFits(j)
	return known && !fits
}

// dsFits reports whether a key of the zone fits a DS record of the parent, if
// there are any. Nobody knows where the keys were not seen, nor of a record that
// is a digest of another type of what may be the same key.
func (x *index) dsFits(j *Judgement) (fits, known bool) {
	d := x.dnssec[j.Zone.ID]
	switch {
	case len(j.ParentDS) == 0:
		return true, true
	case d == nil, d.Status == "":
		return false, false
	case d.Status == "NOT_SIGNING":
		return false, true
	}
	known = true
	for _, key := range d.Keys {
		for _, ds := range j.ParentDS {
			if key == ds {
				return true, true
			}
			known = known && (key.KeyTag != ds.KeyTag || key.Algorithm != ds.Algorithm || key.DigestType == ds.DigestType)
		}
	}
	return false, known
}

// cached reports whether the resolver has an older answer: name servers that
// neither the parent nor the zone names, or that the name does not exist.
func (x *index) cached(j *Judgement) bool {
	seen := x.seen[j.Zone.Name]
	if seen == nil || seen.Recursive == nil || len(j.Parent) == 0 {
		return false
	}
	j.CachedFor = seen.Recursive.TTL
	got := sortedNames(seen.Recursive.NameServers)
	if len(got) == 0 {
		return seen.Recursive.Rcode == rcodeNoSuchName
	}
	return !slices.Equal(got, j.Parent) && !slices.Equal(got, j.Own) &&
		!slices.ContainsFunc(seen.Servers, func(a ServerAnswer) bool {
			return a.Status == Authoritative && slices.Equal(got, sortedNames(a.NameServers))
		})
}

// rcodeNoSuchName is the code of an answer that a name does not exist.
const rcodeNoSuchName = "NXDOMAIN"
