package route53

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/groundway-sdk/groundway"
)

// Check applies the rules to the hosted zone of the cluster that the options
// name, and returns at least one finding for each of them: one for every
// subject that failed or could not be seen, and one for all subjects together
// that passed or were skipped. The findings are ordered by
// [groundway.Finding.Compare].
//
// Options that contradict the account are findings, not errors: a zone that does
// not exist, or that does not hold the base domain.
func Check(s Snapshot, o Options) []groundway.Finding {
	c := newChecker(s, o)
	for _, rule := range []struct {
		code  groundway.Code
		check func(*checker, groundway.Code)
	}{
		{codeZoneNotFound, checkZoneFound},
		{codeZoneAmbiguous, checkZoneAmbiguous},
		{codeZoneNotPublic, checkZonePublic},
		{codeZoneNotParent, checkZoneParent},
		{codeZoneSameName, checkZoneSameName},
		{codeZoneEclipsed, checkZoneEclipsed},
		{codeNotDelegated, checkDelegated},
		{codeOtherZone, checkOtherZone},
		{codeElsewhere, checkElsewhere},
		{codeStale, checkStale},
		{codePartial, checkPartial},
		{codeLame, checkLame},
		{codeCached, checkCached},
		{codeZoneUndelegated, checkZoneUndelegated},
		{codeZoneNameServers, checkZoneNameServers},
		{codeZoneNegativeTTL, checkZoneNegativeTTL},
		{codePrivateAssoc, checkPrivateAssociated},
		{codePrivateDNS, checkPrivateDNS},
		{codePrivateShadows, checkPrivateShadows},
		{codeDSMismatch, checkDSMismatch},
		{codeDNSSECUnhealthy, checkDNSSECHealthy},
		{codeDNSSECNoDS, checkDNSSECChain},
		{codeRecordConflict, checkRecordConflict},
		{codeRecordLeftover, checkRecordLeftover},
		{codeRecordOrphan, checkRecordOrphan},
		{codeRecordOwner, checkRecordOwner},
		{codeRecordWildcard, checkRecordWildcard},
		{codeRecordCycle, checkRecordCycle},
		{codeACMEOccupied, checkACMEOccupied},
		{codeACMEForbidden, checkACMEAllowed},
		{codeLimitRecords, checkLimitRecords},
		{codeLimitZones, checkLimitZones},
	} {
		if o.BaseDomain == "" {
			c.Inapplicable(rule.code, "the options name no base domain")
			continue
		}
		rule.check(c, rule.code)
	}
	return c.Findings()
}

// A checker holds what the rules share: the parts, indexed, the zone that is
// meant, and the results.
type checker struct {
	*index
	*groundway.Tally
	account string
	o       Options
	zone    *HostedZone // nil: there is none, or it was not seen
	choice  Choice
	eclipse *eclipse // what takes the names away from the zone
}

func newChecker(s Snapshot, o Options) *checker {
	c := &checker{index: newIndex(s.Parts), account: s.Account, o: o}
	c.o.ZoneID = ZoneID(o.ZoneID)
	c.Tally = groundway.NewTally(rules, c.whole())
	c.choice = c.choose()
	switch {
	case c.o.ZoneID != "":
		c.zone = c.zones[c.o.ZoneID]
	case c.choice.Chosen:
		c.zone = c.zones[c.choice.Zone.ID]
	}
	return c
}

// choose looks for the zone of the base domain as those who will ask find it.
func (c *checker) choose() Choice {
	if c.o.Internal {
		if choice := c.choosePrivate(c.o.BaseDomain, c.o.VPC.ID); choice.Chosen || len(choice.Ambiguous) > 0 {
			return choice
		}
	}
	return c.choosePublic(c.o.BaseDomain)
}

// whole is the subject of what was said of all subjects.
func (c *checker) whole() groundway.Subject {
	if c.o.ZoneID != "" {
		return c.zoneSubject(c.o.ZoneID)
	}
	return groundway.Subject{Kind: "domain", ID: string(c.o.BaseDomain)}
}

func (c *checker) zoneSubject(id string) groundway.Subject {
	s := groundway.Subject{Kind: "hosted-zone", ID: id}
	if z := c.zones[id]; z != nil {
		s.Name = string(z.Name)
	}
	return s
}

func setSubject(zoneID string, set RecordSet) groundway.Subject {
	return groundway.Subject{Kind: "resource-record-set", ID: string(set.Name), Path: recordPointer(zoneID, set.Key())}
}

// unknown records a subject for which the rule could not be answered.
func (c *checker) unknown(code groundway.Code, s groundway.Subject, gaps ...groundway.Gap) {
	c.Unseen(code, s, c.remedyForGap, gaps...)
}

func (c *checker) remedyForGap(g groundway.Gap) groundway.Remedy {
	if g.Action == ActionQuery {
		return groundway.Remedy{
			Action:   "Ask the public DNS from a machine that may, and check again.",
			Commands: [][]string{{"dig", "+trace", "+nodnssec", c.o.BaseDomain.Presentation(), "NS"}},
		}
	}
	r := g.Remedy(g.Account)
	if command := commandOf(g.Action, c.o.ZoneID); command != nil {
		r.Commands = [][]string{command}
	}
	if g.Action == actionVPCZones {
		r.Commands = [][]string{{"aws", "route53", "list-hosted-zones-by-vpc", "--vpc-id", c.o.VPC.ID, "--vpc-region", cmp.Or(c.o.VPC.Region, "<REGION>")}}
	}
	return r
}

// seenZone returns the zone that is meant, or nil after it recorded why the rule
// says nothing. Rules that come before the zone is known to be right take it as
// it is.
func (c *checker) seenZone(code groundway.Code) *HostedZone {
	if c.zone != nil {
		return c.zone
	}
	switch {
	case c.failed(codeZoneNotFound):
		c.Skip(code, codeZoneNotFound, c.whole())
	case c.failed(codeZoneAmbiguous):
		c.Skip(code, codeZoneAmbiguous, c.whole())
	case len(c.choice.Ambiguous) > 0:
		c.Inapplicable(code, "which zone is meant could not be seen, as "+string(codeZoneAmbiguous)+" says")
	default:
		c.unknown(code, c.whole(), gapsOf(c.Zones, actionZones)...)
	}
	return nil
}

func (c *checker) failed(code groundway.Code) bool {
	_, ok := c.Failed(code, c.whole())
	return ok
}

// rightZone is like seenZone, for rules that have nothing to say of a zone that
// cannot be the one.
func (c *checker) rightZone(code groundway.Code) *HostedZone {
	z := c.seenZone(code)
	if z == nil {
		return nil
	}
	for _, cause := range []groundway.Code{codeZoneNotPublic, codeZoneNotParent} {
		if _, ok := c.Failed(cause, c.zoneSubject(z.ID)); ok {
			c.Skip(code, cause, c.zoneSubject(z.ID))
			return nil
		}
	}
	return z
}

// publicZone is like rightZone, for rules of public zones.
func (c *checker) publicZone(code groundway.Code) *HostedZone {
	z := c.rightZone(code)
	switch {
	case z == nil:
		return nil
	case z.Visibility == Private:
		c.Inapplicable(code, "the zone is private")
		return nil
	case z.Visibility == "":
		c.unknown(code, c.zoneSubject(z.ID), notShown(actionZones, "whether the zone is public"))
		return nil
	}
	return z
}

// privateZone is like rightZone, for rules of private zones.
func (c *checker) privateZone(code groundway.Code) *HostedZone {
	z := c.rightZone(code)
	switch {
	case z == nil:
		return nil
	case z.Visibility == Public:
		c.Inapplicable(code, "the zone is public")
		return nil
	case z.Visibility == "":
		c.unknown(code, c.zoneSubject(z.ID), notShown(actionZones, "whether the zone is private"))
		return nil
	}
	return z
}

// reachedZone is like publicZone, for rules of zones to which queries come.
func (c *checker) reachedZone(code groundway.Code) (*HostedZone, Judgement) {
	z := c.publicZone(code)
	if z == nil {
		return nil, Judgement{}
	}
	j := c.judge(z.ID)
	if cause := codeOf[j.Verdict]; cause != "" && !j.Verdict.Reaches() {
		c.Skip(code, cause, c.zoneSubject(z.ID))
		return nil, j
	}
	return z, j
}

// seenSets returns the record sets of the zone that is meant, or false after it
// recorded why the rule says nothing. Where only some were seen, those count,
// and the rule is unknown beside what fails.
func (c *checker) seenSets(code groundway.Code) ([]RecordSet, bool) {
	z := c.rightZone(code)
	if z == nil {
		return nil, false
	}
	if c.eclipse != nil && slices.Contains(c.Rule(code).DependsOn, codeZoneEclipsed) {
		c.Skip(code, codeZoneEclipsed, c.zoneSubject(z.ID))
		return nil, false
	}
	part := c.setsOf(z.ID)
	if !part.Complete() {
		c.unknown(code, c.zoneSubject(z.ID), gapsOf(part, actionRecords)...)
	}
	return part.Items, part.Seen // in the order of the index
}

// gapsOf returns the gaps of a part, or one for the action that would have
// filled it.
func gapsOf[T any](p groundway.Part[T], action string) []groundway.Gap {
	switch {
	case len(p.Gaps) > 0:
		return p.Gaps
	case action == ActionQuery:
		return []groundway.Gap{{Action: action, Message: "the public DNS was not asked"}}
	}
	return []groundway.Gap{{Action: action}}
}

// gapsOrNotShown is like gapsOf, for one thing that a part that is complete
// does not hold.
func gapsOrNotShown[T any](p groundway.Part[T], action, what string) []groundway.Gap {
	if p.Complete() {
		return []groundway.Gap{notShown(action, what)}
	}
	return gapsOf(p, action)
}

// notShown is the gap of an answer that lacks something.
func notShown(action, what string) groundway.Gap {
	return groundway.Gap{Action: action, Message: "the answer does not show " + what}
}

// pointer returns the JSON pointer of a field of an item in the canonical JSON
// of the snapshot.
func pointer(part, id string, steps ...string) string {
	return groundway.Pointer(append([]string{"parts", part, "items", id}, steps...)...)
}

// recordPointer returns the JSON pointer of a record set.
func recordPointer(zoneID, key string, steps ...string) string {
	return pointer("resourceRecordSets", zoneID, append([]string{"sets", "items", key}, steps...)...)
}

// plural writes a number with its noun.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}
