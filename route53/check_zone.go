package route53

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/groundway-sdk/groundway"
)

func checkZoneFound(c *checker, code groundway.Code) {
	switch {
	case c.zone != nil || c.o.ZoneID == "" && len(c.choice.Ambiguous) > 0:
		c.Pass(code, 1)
	case !c.Zones.Complete():
		c.unknown(code, c.whole(), gapsOf(c.Zones, actionZones)...)
	case c.o.ZoneID != "":
		f := groundway.Finding{
			Code: code, Subject: c.whole(),
			Summary:  fmt.Sprintf("The hosted zone %s does not exist%s.", c.o.ZoneID, c.where()),
			Evidence: []groundway.Fact{{Path: pointer("hostedZones", c.o.ZoneID), Want: "the hosted zone", Source: actionZones}},
			Remedies: []groundway.Remedy{{
				Action:   "Name a hosted zone of this account, or use credentials of the account that has it.",
				Commands: [][]string{{"aws", "route53", "list-hosted-zones"}},
			}},
		}
		c.nameCandidates(&f)
		c.Fail(f)
	default:
		f := groundway.Finding{
			Code: code, Subject: c.whole(),
			Summary: fmt.Sprintf("No hosted zone%s encloses %s for those who will ask.", c.where(), c.o.BaseDomain),
			Remedies: []groundway.Remedy{{
				Action:   "Make a public hosted zone for the domain, and delegate to it.",
				Commands: [][]string{{"aws", "route53", "create-hosted-zone", "--name", string(c.o.BaseDomain), "--caller-reference", "<ANY NEW TEXT>"}},
			}},
		}
		if c.o.Internal {
			f.Remedies[0].Action = "Make a private hosted zone for the domain, associated with the VPC."
			f.Remedies[0].Commands[0] = append(f.Remedies[0].Commands[0], "--vpc", c.vpcArgument())
		}
		f.Evidence = []groundway.Fact{{Got: plural(len(c.Zones.Items), "hosted zone"), Want: "one that encloses " + string(c.o.BaseDomain), Source: actionZones}}
		c.nameCandidates(&f)
		c.Fail(f)
	}
}

// where names the account that was looked at, where known.
func (c *checker) where() string {
	if c.account == "" {
		return ""
	}
	return " in account " + c.account
}

// nameCandidates adds the zones that enclose the base domain to a finding.
func (c *checker) nameCandidates(f *groundway.Finding) {
	for _, candidate := range c.choice.Candidates {
		f.Related = append(f.Related, c.zoneSubject(candidate.Zone.ID))
		f.Evidence = append(f.Evidence, c.factsOf(candidate)...)
	}
}

// factsOf returns what tells a candidate from the others of its name.
func (c *checker) factsOf(candidate Candidate) []groundway.Fact {
	id := candidate.Zone.ID
	facts := []groundway.Fact{
		{Path: pointer("hostedZones", id, "name"), Got: string(candidate.Zone.Name), Source: actionZones},
	}
	if candidate.Zone.Visibility != "" {
		facts = append(facts, groundway.Fact{Path: pointer("hostedZones", id, "visibility"), Got: string(candidate.Zone.Visibility), Source: actionZones})
	}
	if d := candidate.Detail; d != nil {
		for i, n := range d.NameServers {
			facts = append(facts, groundway.Fact{Path: pointer("hostedZoneDetails", id, "nameServers", fmt.Sprint(i)), Got: string(n), Source: actionZone})
		}
		for i, v := range d.VPCs {
			facts = append(facts, groundway.Fact{Path: pointer("hostedZoneDetails", id, "vpcs", fmt.Sprint(i), "id"), Got: v.ID, Source: actionZone})
		}
	}
	return facts
}

// inWords describes candidates for a person.
func inWords(list []Candidate) string {
	var texts []string
	for _, c := range list {
		text := fmt.Sprintf("%s (%s", c.Zone.ID, cmp.Or(c.Zone.Visibility, "of unseen visibility"))
		switch {
		case c.Zone.Visibility == Private && c.Detail != nil:
			var vpcs []string
			for _, v := range c.Detail.VPCs {
				vpcs = append(vpcs, v.ID)
			}
			text += " for " + strings.Join(vpcs, ", ")
		case c.Zone.Visibility == Public && c.Verdict.Reaches():
			text += ", delegated to"
		case c.Zone.Visibility == Public && c.Verdict != VerdictUnknown:
			text += ", not delegated to"
		}
		texts = append(texts, text+")")
	}
	return strings.Join(texts, ", ")
}

func checkZoneAmbiguous(c *checker, code groundway.Code) {
	switch {
	case c.failed(codeZoneNotFound):
		c.Skip(code, codeZoneNotFound, c.whole())
	case c.zone != nil && c.o.ZoneID != "":
		c.Inapplicable(code, "the options name the zone by its ID")
	case c.zone != nil && c.Zones.Complete():
		c.Pass(code, 1)
	case len(c.choice.Ambiguous) == 0 || !c.Zones.Complete():
		c.unknown(code, c.whole(), gapsOf(c.Zones, actionZones)...)
	case !c.decided():
		c.unknown(code, c.whole(), c.ambiguityGaps()...)
	default:
		f := groundway.Finding{
			Code: code, Subject: c.whole(),
			Summary: fmt.Sprintf("%s of %s could be meant, and nothing decides between them: %s.",
				plural(len(c.choice.Ambiguous), "zone"), c.choice.Ambiguous[0].Zone.Name, inWords(c.choice.Ambiguous)),
			Remedies: []groundway.Remedy{{Action: "Name the zone by its ID, and delete those that nobody uses."}},
		}
		for _, candidate := range c.choice.Ambiguous {
			f.Related = append(f.Related, c.zoneSubject(candidate.Zone.ID))
			f.Evidence = append(f.Evidence, c.factsOf(candidate)...)
			f.Remedies[0].Commands = append(f.Remedies[0].Commands, []string{"aws", "route53", "get-hosted-zone", "--id", candidate.Zone.ID})
		}
		c.Fail(f)
	}
}

// decided reports whether all was seen that could have decided between the
// candidates.
func (c *checker) decided() bool { return len(c.ambiguityGaps()) == 0 }

// ambiguityGaps returns what was not seen of the candidates between which
// nothing decides.
func (c *checker) ambiguityGaps() []groundway.Gap {
	var gaps []groundway.Gap
	for _, candidate := range c.choice.Ambiguous {
		switch {
		case candidate.Zone.Visibility == "":
			gaps = append(gaps, notShown(actionZones, "whether "+candidate.Zone.ID+" is public"))
		case candidate.Zone.Visibility == Public && candidate.Verdict == VerdictUnknown:
			gaps = append(gaps, c.judge(candidate.Zone.ID).Gaps...)
		case candidate.Zone.Visibility == Private && candidate.Detail == nil:
			gaps = append(gaps, gapsOrNotShown(c.Details, actionZone, "the VPCs of "+candidate.Zone.ID)...)
		}
	}
	return gaps
}

func checkZonePublic(c *checker, code groundway.Code) {
	z := c.seenZone(code)
	switch {
	case z == nil:
	case c.o.Internal:
		c.Inapplicable(code, "the names are looked up from within the VPC")
	case z.Visibility == "":
		c.unknown(code, c.zoneSubject(z.ID), notShown(actionZones, "whether the zone is public"))
	case z.Visibility == Public:
		c.Pass(code, 1)
	default:
		f := groundway.Finding{
			Code: code, Subject: c.zoneSubject(z.ID),
			Summary:  fmt.Sprintf("%s of %s is a private zone, and the cluster is public.", z.ID, z.Name),
			Evidence: []groundway.Fact{{Path: pointer("hostedZones", z.ID, "visibility"), Got: string(Private), Want: string(Public), Source: actionZones}},
			Remedies: []groundway.Remedy{{
				Action:   "Name a public zone that encloses the base domain, or make one; a private zone cannot be made public.",
				Commands: [][]string{{"aws", "route53", "list-hosted-zones"}},
			}},
		}
		for _, candidate := range c.candidates(c.o.BaseDomain) {
			if candidate.Zone.Visibility == Public {
				f.Related = append(f.Related, c.zoneSubject(candidate.Zone.ID))
			}
		}
		c.Fail(f)
	}
}

func checkZoneParent(c *checker, code groundway.Code) {
	z := c.seenZone(code)
	switch {
	case z == nil:
	case c.o.BaseDomain.In(z.Name):
		c.Pass(code, 1)
	default:
		f := groundway.Finding{
			Code: code, Subject: c.zoneSubject(z.ID),
			Summary:  fmt.Sprintf("%s is not in the zone %s (%s).", c.o.BaseDomain, z.Name, z.ID),
			Evidence: []groundway.Fact{{Path: pointer("hostedZones", z.ID, "name"), Got: string(z.Name), Want: "a name that " + string(c.o.BaseDomain) + " ends with, on the boundary of a label", Source: actionZones}},
			Remedies: []groundway.Remedy{{Action: "Name a zone that encloses the base domain, or a base domain within the zone.", Commands: [][]string{{"aws", "route53", "list-hosted-zones"}}}},
		}
		for _, candidate := range c.candidates(c.o.BaseDomain) {
			f.Related = append(f.Related, c.zoneSubject(candidate.Zone.ID))
		}
		c.Fail(f)
	}
}

func checkZoneSameName(c *checker, code groundway.Code) {
	z := c.seenZone(code)
	if z == nil {
		return
	}
	var others []Candidate
	for _, other := range c.candidates(z.Name) {
		if other.Zone.Name == z.Name && other.Zone.ID != z.ID {
			others = append(others, other)
		}
	}
	if len(others) == 0 {
		if !c.Zones.Complete() {
			c.unknown(code, c.zoneSubject(z.ID), gapsOf(c.Zones, actionZones)...)
			return
		}
		c.Pass(code, 1)
		return
	}
	f := groundway.Finding{
		Code: code, Subject: c.zoneSubject(z.ID),
		Summary:  fmt.Sprintf("%s beside %s has the name %s: %s.", plural(len(others), "other zone"), z.ID, z.Name, inWords(others)),
		Evidence: c.factsOf(c.candidate(*z)),
		Remedies: []groundway.Remedy{{Action: "Give every tool the ID of the zone rather than its name, and delete the zones that nobody uses."}},
	}
	if len(others) > 1 {
		f.Summary = strings.Replace(f.Summary, " has the name", " have the name", 1)
	}
	for _, other := range others {
		f.Related = append(f.Related, c.zoneSubject(other.Zone.ID))
		f.Evidence = append(f.Evidence, c.factsOf(other)...)
		f.Remedies[0].Commands = append(f.Remedies[0].Commands, commandOf(actionRecords, other.Zone.ID))
	}
	c.Fail(f)
}
