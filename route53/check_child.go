package route53

import (
	"fmt"

	"github.com/groundway-sdk/groundway"
)

// An eclipse is what takes names away from a zone.
type eclipse struct {
	set   RecordSet   // the NS record set, where the child zone begins
	child *HostedZone // in this account; nil: it is elsewhere, or not seen
}

func (c *checker) eclipseOf(z *HostedZone, name Name) *eclipse {
	set, ok := c.cut(z, name)
	if !ok {
		return nil
	}
	e := &eclipse{set: set}
	for _, other := range c.public(set.Name) {
		if e.child == nil || c.judge(other.ID).Verdict.Reaches() {
			e.child = &other
		}
	}
	return e
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
		at := e.set.Name
		f := groundway.Finding{
			Code: code, Subject: c.zoneSubject(z.ID),
			Summary: fmt.Sprintf("%s is delegated away from %s, so that records of %s there are never seen.", at, z.ID, c.o.BaseDomain),
			Remedies: []groundway.Remedy{{
				Action: fmt.Sprintf("Use the hosted zone of %s, or take its NS record set out of %s.", at, z.ID),
			}},
		}
		switch z.Visibility {
		case Private:
			f.Severity = groundway.Warning
			f.Summary = fmt.Sprintf("%s has NS records in the private zone %s: where a delegation rule of the resolver is associated with the VPC, records of %s there are never seen.", at, z.ID, c.o.BaseDomain)
		case Public:
			c.eclipse = e
		default:
			c.unknown(code, c.zoneSubject(z.ID), notShown(actionZones, "whether the zone is public"))
			return
		}
		for i, v := range e.set.Values {
			f.Evidence = append(f.Evidence, groundway.Fact{Path: recordPointer(z.ID, e.set.Key(), "values", fmt.Sprint(i)), Got: v, Want: "no NS record set here", Source: actionRecords})
		}
		if e.child != nil {
			f.Related = append(f.Related, c.zoneSubject(e.child.ID))
			f.Remedies[0].Action = fmt.Sprintf("Use the hosted zone %s of %s, or take its NS record set out of %s.", e.child.ID, at, z.ID)
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
	part := c.setsOf(z.ID)
	checked, failed := map[string]bool{}, false
	for _, name := range append(c.o.names(), c.o.BaseDomain) {
		for _, candidate := range c.candidates(name) {
			if checked[candidate.Zone.ID] || candidate.Zone.Visibility != Public || !candidate.Zone.Name.Below(z.Name) {
				continue
			}
			checked[candidate.Zone.ID] = true
			evidence := c.factsOf(candidate)
			switch {
			case part.Complete():
				evidence = append(evidence, groundway.Fact{Path: recordPointer(z.ID, RecordSet{Name: candidate.Zone.Name, Type: "NS"}.Key()), Want: "an NS record set", Source: actionRecords})
			case candidate.Verdict.elsewhere(): // as the DNS says
				evidence = c.judge(candidate.Zone.ID).Evidence
			default:
				continue
			}
			failed = true
			c.Fail(groundway.Finding{
				Code: code, Subject: c.zoneSubject(candidate.Zone.ID),
				Summary:  fmt.Sprintf("%s of %s is closer to the cluster's names than %s, which does not delegate to it.", candidate.Zone.ID, candidate.Zone.Name, z.ID),
				Evidence: evidence,
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
	case len(checked) > 0:
		c.unknown(code, c.zoneSubject(z.ID), gapsOf(part, actionRecords)...)
	default:
		c.Pass(code, 1)
	}
}
