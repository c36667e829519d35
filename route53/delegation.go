package route53

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
)

// A Verdict is what four views of a delegation amount to: the delegation set of
// the hosted zone, the NS record set within the zone, what the parent says, and
// what the name servers themselves and a recursive resolver answer. Of several
// things that are wrong it names the one to mend first. The zero value is no
// verdict.
type Verdict string

// The verdicts, the first that holds.
const (
	VerdictUnknown      Verdict = "unknown"       // the parent's answer, or the delegation set, was not seen
	VerdictNotDelegated Verdict = "not-delegated" // the parent does not delegate the name
	VerdictOtherZone    Verdict = "other-zone"    // it delegates to another hosted zone of this account that has the same name
	VerdictElsewhere    Verdict = "elsewhere"     // it delegates to servers of somebody else, which answer
	VerdictStale        Verdict = "stale"         // it delegates to servers that are none of the zone's, and do not have it either
	VerdictPartial      Verdict = "partial"       // it names some of the zone's servers and not others, or others besides
	VerdictLame         Verdict = "lame"          // servers of the zone do not answer for it
	VerdictDSMismatch   Verdict = "ds-mismatch"   // the parent has DS records to which no key of the zone fits
	VerdictOwnNS        Verdict = "own-ns"        // the zone's own NS record set names other servers
	VerdictCached       Verdict = "cached"        // all is right, and the resolver that was asked still has an older answer
	VerdictOK           Verdict = "ok"            // nothing that was seen is wrong
)

// Reaches reports whether queries of the public DNS come to the zone, be it to
// some of its servers only.
func (v Verdict) Reaches() bool {
	switch v {
	case VerdictOK, VerdictPartial, VerdictLame, VerdictDSMismatch, VerdictOwnNS, VerdictCached:
		return true
	}
	return false
}

// elsewhere reports whether queries of the public DNS are known not to come to
// the zone.
func (v Verdict) elsewhere() bool { return v != VerdictUnknown && !v.Reaches() }

// A Judgement is a verdict with what it rests on and what mends it.
type Judgement struct {
	Verdict Verdict
	Zone    HostedZone
	// Want are the name servers of the zone's delegation set; Parent are those
	// that the parent names. Missing and Extra are the differences. All are in
	// order.
	Want, Parent, Missing, Extra []Name
	Status                       ReferralStatus // of the parent's answer; empty where it was not seen
	// ParentZone is the public zone of this account in which the delegation
	// stands, or is to; the zero value where the parent is somewhere else.
	ParentZone  HostedZone
	Lame        []Name // servers that answer, and do not have the zone
	Silent      []Name // servers of which nothing was heard
	Own         []Name // of the zone's own NS record set
	OwnSeen     bool   // Own was seen
	ServersSeen bool   // the servers that the parent names were asked
	OtherZone   string // the ID of the zone that is delegated in place of this one
	CachedFor   int64  // seconds for which the resolver keeps its older answer
	ParentDS    []DS   // that the parent has
	DSSeen      bool   // ParentDS was seen
	Evidence    []groundway.Fact
	Gaps        []groundway.Gap // what could not be seen of the views
	// Fix is the change of the parent zone that mends the delegation, ready to be
	// applied; it is empty where there is nothing to mend, and where the parent
	// is not in this account.
	Fix Plan
}

// JudgeDelegation compares the four views of the public hosted zone.
func JudgeDelegation(s Snapshot, zoneID string) Judgement { return newIndex(s.Parts).judge(zoneID) }

func (x *index) judge(zoneID string) Judgement {
	if j, ok := x.judged[zoneID]; ok {
		return j
	}
	j := x.newJudgement(zoneID)
	x.judged[zoneID] = j
	return j
}

func (x *index) newJudgement(zoneID string) Judgement {
	j := Judgement{Verdict: VerdictUnknown}
	z := x.zones[zoneID]
	if z == nil {
		j.Gaps = gapsOf(x.Zones, actionZones)
		return j
	}
	j.Zone = *z
	x.viewOwn(&j)
	x.viewParent(&j)
	x.viewServers(&j)
	j.Verdict = x.verdict(&j)
	x.fix(&j)
	return j
}

func (x *index) verdict(j *Judgement) Verdict {
	switch j.Status {
	case "":
		return VerdictUnknown
	case NotDelegated, NoSuchName:
		j.Missing = j.Want
		return VerdictNotDelegated
	}
	if len(j.Want) == 0 {
		return VerdictUnknown
	}
	j.Missing, j.Extra = without(j.Want, j.Parent), without(j.Parent, j.Want)
	if len(j.Missing) == len(j.Want) {
		return x.foreign(j)
	}
	switch {
	case len(j.Missing)+len(j.Extra) > 0:
		return VerdictPartial
	case len(j.Lame) > 0:
		return VerdictLame
	case x.dsMismatch(j):
		return VerdictDSMismatch
	case j.OwnSeen && !slices.Equal(j.Own, j.Want):
		return VerdictOwnNS
	case x.cached(j):
		return VerdictCached
	}
	return VerdictOK
}

// foreign tells apart the delegations that name none of the zone's servers.
func (x *index) foreign(j *Judgement) Verdict {
	for _, other := range x.public(j.Zone.Name) {
		if d := x.details[other.ID]; d != nil && other.ID != j.Zone.ID && len(without(j.Parent, d.NameServers)) < len(j.Parent) {
			j.OtherZone = other.ID
			return VerdictOtherZone
		}
	}
	if seen := x.seen[j.Zone.Name]; seen != nil {
		for _, a := range seen.Servers {
			if a.Status == Authoritative && slices.Contains(j.Parent, a.Server) {
				return VerdictElsewhere
			}
		}
		if len(without(j.Parent, j.Lame)) == 0 {
			return VerdictStale
		}
	}
	// Without an answer of theirs the names tell: Route 53's own servers would
	// belong to a zone that was deleted, or to another account.
	for _, n := range j.Parent {
		if !awsServer(n) {
			return VerdictElsewhere
		}
	}
	return VerdictStale
}

// awsServer reports whether the name is one of Route 53's name servers, such as
// ns-2048.awsdns-64.com.
func awsServer(n Name) bool {
	labels := n.texts()
	return len(labels) > 2 && strings.HasPrefix(labels[0], "ns-") && strings.HasPrefix(labels[1], "awsdns-")
}

// fix plans the change of the parent where it is a zone of this account.
func (x *index) fix(j *Judgement) {
	switch j.Verdict {
	case VerdictNotDelegated, VerdictOtherZone, VerdictElsewhere, VerdictStale, VerdictPartial:
	default:
		return
	}
	if j.ParentZone.ID == "" || len(j.Want) == 0 {
		return
	}
	change := Change{Action: Upsert, Set: delegationSet(j.Zone.Name, j.Want, 0)}
	if before, ok := x.set(j.ParentZone.ID, j.Zone.Name, "NS"); ok {
		change.Before = &before
		change.Set.TTL = cmp.Or(before.TTL, change.Set.TTL)
	} else if !x.setsOf(j.ParentZone.ID).Complete() {
		return // what stands there now is not known
	}
	if change.Before != nil && change.Before.Equal(change.Set) {
		return // the parent is right already, and its servers are yet to show it
	}
	j.Fix = Plan{Steps: []Step{{ZoneID: j.ParentZone.ID, ZoneName: j.ParentZone.Name, Changes: []Change{change}}}}
}

// DelegationTTL is the TTL of NS record sets that this package plans, in
// seconds: what Route 53 gives the NS record set of a new zone.
const DelegationTTL = 172800

func delegationSet(name Name, servers []Name, ttl int64) RecordSet {
	set := RecordSet{Name: name, Type: "NS", TTL: cmp.Or(ttl, DelegationTTL)}
	for _, n := range servers {
		set.Values = append(set.Values, n.Absolute())
	}
	return set
}

// inWords says what the verdict is, as a sentence with its values.
func (j Judgement) inWords() string {
	name, parent := string(j.Zone.Name), "The parent zone"
	if j.ParentZone.ID != "" {
		parent = fmt.Sprintf("The parent zone %s (%s)", j.ParentZone.Name, j.ParentZone.ID)
	}
	switch j.Verdict {
	case VerdictNotDelegated:
		if j.Status == NoSuchName && registered(j.Zone.Name) {
			return fmt.Sprintf("%s is not registered, or its registration names no servers: the parent zone answers NXDOMAIN.", name)
		}
		return fmt.Sprintf("%s does not delegate %s, so that nobody reaches %s.", parent, name, j.Zone.ID)
	case VerdictOtherZone:
		return fmt.Sprintf("%s is delegated to the hosted zone %s of the same name, not to %s.", name, j.OtherZone, j.Zone.ID)
	case VerdictElsewhere:
		whose := "servers of somebody else"
		if j.ServersSeen && len(without(without(j.Parent, j.Lame), j.Silent)) > 0 {
			whose = "which answer for it"
		}
		return fmt.Sprintf("%s is delegated to %s, %s, and not to %s.", name, joinNames(j.Parent), whose, j.Zone.ID)
	case VerdictStale:
		return fmt.Sprintf("%s is delegated to %s, none of which is a server of %s, as after a zone was deleted and made anew.", name, joinNames(j.Parent), j.Zone.ID)
	case VerdictPartial:
		var parts []string
		if len(j.Missing) > 0 {
			parts = append(parts, "lacks "+joinNames(j.Missing))
		}
		if len(j.Extra) > 0 {
			parts = append(parts, "also names "+joinNames(j.Extra))
		}
		return fmt.Sprintf("The delegation of %s %s.", name, strings.Join(parts, " and "))
	case VerdictLame:
		return fmt.Sprintf("%s is delegated to servers that do not answer for it: %s.", name, joinNames(j.Lame))
	case VerdictDSMismatch:
		return fmt.Sprintf("The parent has %s for %s that no key of %s fits.", plural(len(j.ParentDS), "DS record"), name, j.Zone.ID)
	case VerdictOwnNS:
		if len(j.Own) == 0 {
			return fmt.Sprintf("%s has no NS record set of its own.", j.Zone.ID)
		}
		return fmt.Sprintf("The NS record set within %s names %s, and its delegation set is %s.", j.Zone.ID, joinNames(j.Own), joinNames(j.Want))
	case VerdictCached:
		return fmt.Sprintf("%s is delegated right, but the resolver that was asked keeps an older answer for another %d seconds.", name, j.CachedFor)
	case VerdictOK:
		return fmt.Sprintf("%s is delegated to %s.", name, j.Zone.ID)
	}
	return fmt.Sprintf("It could not be seen whether %s is delegated to %s.", name, j.Zone.ID)
}

// String returns the verdict in one sentence.
func (j Judgement) String() string { return j.inWords() }

// without returns the names of list that are not among others.
func without(list, others []Name) []Name {
	return slices.DeleteFunc(slices.Clone(list), func(n Name) bool { return slices.Contains(others, n) })
}

func joinNames(names []Name) string {
	texts := make([]string, len(names))
	for i, n := range names {
		texts[i] = string(n)
	}
	return strings.Join(texts, ", ")
}
