package route53

import (
	"fmt"
	"slices"

	"github.com/groundway-sdk/groundway"
)

// An eclipse is what takes names away from a zone.
type eclipse struct {
	at    Name        // where the child zone begins
	child *HostedZone // in this account; nil: it is elsewhere, or not seen
	set   RecordSet   // the NS record set in the zone, of a public one
}

// eclipseOf looks for NS record sets on every label between the zone and the
// name: the topmost counts, for below it no query comes back to the zone.
func (c *checker) eclipseOf(z *HostedZone, name Name) *eclipse {
	var between []Name
	for n := name; n.Below(z.Name); n = n.Parent() {
		between = append(between, n)
	}
	slices.Reverse(between)
	for _, n := range between {
		if set, ok := c.set(z.ID, n, "NS"); ok {
			e := &eclipse{at: n, set: set}
			for _, other := range c.public(n) {
				if e.child == nil || c.judge(other.ID).Verdict.Reaches() {
					e.child = &other
				}
			}
			return e
		}
	}
	return nil
}

func checkZoneEclipsed(c *checker, code groundway.Code) {
	z := c.rightZone(code)
	if z == nil {
		return
	}
	part := c.setsOf(z.ID)
	for _, name := range append(c.o.names(), c.o.BaseDomain) {
		e := c.eclipseOf(z, name)
		if e == nil {
			continue
		}
		c.eclipse = e
		f := groundway.Finding{
			Code: code, Subject: c.zoneSubject(z.ID),
			Summary: fmt.Sprintf("%s is delegated away from %s, so that records of %s there are never seen.", e.at, z.ID, c.o.BaseDomain),
			Remedies: []groundway.Remedy{{
				Action: fmt.Sprintf("Use the hosted zone of %s, or take its NS record set out of %s.", e.at, z.ID),
			}},
		}
		for i, v := range e.set.Values {
			f.Evidence = append(f.Evidence, groundway.Fact{Path: recordPointer(z.ID, e.set.Key(), "values", fmt.Sprint(i)), Got: v, Want: "no NS record set here", Source: actionRecords})
		}
		if e.child != nil {
			f.Related = append(f.Related, c.zoneSubject(e.child.ID))
			f.Remedies[0].Action = fmt.Sprintf("Use the hosted zone %s of %s, or take its NS record set out of %s.", e.child.ID, e.at, z.ID)
			f.Remedies[0].Commands = [][]string{commandOf(actionZone, e.child.ID)}
		}
		c.Fail(f)
		return
	}
	if !part.Complete() {
		c.unknown(code, c.zoneSubject(z.ID), gapsOf(part, actionRecords)...)
		return
	}
	c.Pass(code, 1)
}

func checkZoneUndelegated(c *checker, code groundway.Code) {
	z := c.publicZone(code)
	if z == nil {
		return
	}
	if c.eclipse != nil {
		c.Skip(code, codeZoneEclipsed, c.zoneSubject(z.ID))
		return
	}
	checked, failed := map[string]bool{}, false
	for _, name := range append(c.o.names(), c.o.BaseDomain) {
		for _, candidate := range c.candidates(name) {
			if checked[candidate.Zone.ID] || candidate.Zone.Visibility != Public || !candidate.Zone.Name.Below(z.Name) {
				continue
			}
			checked[candidate.Zone.ID], failed = true, true
			c.Fail(groundway.Finding{
				Code: code, Subject: c.zoneSubject(candidate.Zone.ID),
				Summary:  fmt.Sprintf("%s of %s is closer to the cluster's names than %s, which does not delegate to it.", candidate.Zone.ID, candidate.Zone.Name, z.ID),
				Evidence: append(c.factsOf(candidate), groundway.Fact{Path: recordPointer(z.ID, RecordSet{Name: candidate.Zone.Name, Type: "NS"}.Key()), Want: "an NS record set", Source: actionRecords}),
				Remedies: []groundway.Remedy{{
					Action:   "Delete the zone if nobody uses it, or delegate to it and use it.",
					Commands: [][]string{commandOf(actionRecords, candidate.Zone.ID)},
				}},
				Related: []groundway.Subject{c.zoneSubject(z.ID)},
			})
		}
	}
	switch {
	case failed:
	case !c.Zones.Complete():
		c.unknown(code, c.zoneSubject(z.ID), gapsOf(c.Zones, actionZones)...)
	default:
		c.Pass(code, 1)
	}
}
