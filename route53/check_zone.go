package route53

import (
	"fmt"
	"slices"
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
		text := fmt.Sprintf("%s (%s", c.Zone.ID, cmpVisibility(c.Zone.Visibility))
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

func cmpVisibility(v Visibility) string {
	if v == "" {
		return "of unseen visibility"
	}
	return string(v)
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

func checkZoneNameServers(c *checker, code groundway.Code) {
	z := c.publicZone(code)
	if z == nil {
		return
	}
	j := c.judge(z.ID)
	switch {
	case len(j.Want) == 0:
		c.unknown(code, c.zoneSubject(z.ID), gapsOrNotShown(c.Details, actionZone, "the delegation set of "+z.ID)...)
	case !j.OwnSeen:
		c.unknown(code, c.zoneSubject(z.ID), gapsOf(c.setsOf(z.ID), actionRecords)...)
	case slices.Equal(j.Own, j.Want):
		c.Pass(code, 1)
	default:
		j.Verdict = VerdictOwnNS
		f := groundway.Finding{Code: code, Subject: c.zoneSubject(z.ID), Summary: j.inWords(), Evidence: wantFacts(j)}
		if len(without(j.Want, j.Own)) == len(j.Want) {
			f.Severity = groundway.Error // no server of the zone is left
		}
		set, ok := c.set(z.ID, z.Name, "NS")
		if !ok {
			f.Evidence = append(f.Evidence, groundway.Fact{Path: recordPointer(z.ID, RecordSet{Name: z.Name, Type: "NS"}.Key()), Want: "the delegation set", Source: actionRecords})
		}
		for i, v := range set.Values {
			f.Evidence = append(f.Evidence, groundway.Fact{Path: recordPointer(z.ID, set.Key(), "values", fmt.Sprint(i)), Got: v, Want: "a server of the delegation set", Source: actionRecords})
		}
		change := Change{Action: Upsert, Set: delegationSet(z.Name, j.Want, set.TTL)}
		f.Remedies = []groundway.Remedy{{
			Action:   "Set the NS record set of the zone to its delegation set.",
			Commands: [][]string{changeCommand(z.ID, change)},
		}}
		c.Fail(f)
	}
}

// wantFacts are the facts of the delegation set.
func wantFacts(j Judgement) []groundway.Fact {
	return slices.DeleteFunc(slices.Clone(j.Evidence), func(f groundway.Fact) bool { return f.Source != actionZone })
}

// tooLong is the negative TTL that is longer than installers wait, in seconds.
const tooLong = 300

func checkZoneNegativeTTL(c *checker, code groundway.Code) {
	z := c.rightZone(code)
	if z == nil {
		return
	}
	part := c.setsOf(z.ID)
	set, ok := c.set(z.ID, z.Name, "SOA")
	var soa SOA
	if ok && len(set.Values) == 1 {
		soa, ok = ParseSOA(set.Values[0], set.TTL)
	}
	switch {
	case !ok && !part.Complete():
		c.unknown(code, c.zoneSubject(z.ID), gapsOf(part, actionRecords)...)
	case !ok:
		c.unknown(code, c.zoneSubject(z.ID), notShown(actionRecords, "an SOA record that can be read"))
	case soa.NegativeTTL() <= tooLong:
		c.Pass(code, 1)
	default:
		fields := strings.Fields(set.Values[0])
		fields[6] = "60"
		fixed := set
		fixed.Values = []string{strings.Join(fields, " ")}
		c.Fail(groundway.Finding{
			Code: code, Subject: c.zoneSubject(z.ID),
			Summary: fmt.Sprintf("Resolvers keep for %d seconds that a name of %s does not exist.", soa.NegativeTTL(), z.Name),
			Evidence: []groundway.Fact{
				{Path: recordPointer(z.ID, set.Key(), "ttl"), Got: fmt.Sprint(set.TTL), Source: actionRecords},
				{Path: recordPointer(z.ID, set.Key(), "values", "0"), Got: set.Values[0], Want: fmt.Sprintf("a TTL or a last field of %d or less", tooLong), Source: actionRecords},
			},
			Remedies: []groundway.Remedy{
				{Action: "Set the last field of the SOA record to 60.", Commands: [][]string{changeCommand(z.ID, Change{Action: Upsert, Set: fixed})}},
				{Action: "Look up none of the cluster's names before the installer has made them."},
			},
		})
	}
}

func checkPrivateAssociated(c *checker, code groundway.Code) {
	z := c.privateZone(code)
	if z == nil {
		return
	}
	d := c.details[z.ID]
	switch {
	case c.o.VPC.ID == "":
		c.Inapplicable(code, "the options name no VPC")
	case d == nil:
		c.unknown(code, c.zoneSubject(z.ID), gapsOrNotShown(c.Details, actionZone, "the VPCs of "+z.ID)...)
	case associated(*d, c.o.VPC.ID) && c.regionFits(*d):
		c.Pass(code, 1)
	default:
		f := groundway.Finding{
			Code: code, Subject: c.zoneSubject(z.ID),
			Summary: fmt.Sprintf("%s of %s is not associated with %s.", z.ID, z.Name, c.vpcInWords()),
			Remedies: []groundway.Remedy{{
				Action: "Associate the zone with the VPC.",
				Commands: [][]string{{
					"aws", "route53", "associate-vpc-with-hosted-zone", "--hosted-zone-id", z.ID,
					"--vpc", fmt.Sprintf("VPCRegion=%s,VPCId=%s", cmpText(c.o.VPC.Region, "<REGION>"), c.o.VPC.ID),
				}},
			}},
		}
		for i, v := range d.VPCs {
			f.Evidence = append(f.Evidence, groundway.Fact{Path: pointer("hostedZoneDetails", z.ID, "vpcs", fmt.Sprint(i), "id"), Got: v.ID, Want: c.o.VPC.ID, Source: actionZone})
			if v.Region != "" && v.ID == c.o.VPC.ID {
				f.Evidence = append(f.Evidence, groundway.Fact{Path: pointer("hostedZoneDetails", z.ID, "vpcs", fmt.Sprint(i), "region"), Got: v.Region, Want: c.o.VPC.Region, Source: actionZone})
			}
		}
		if len(d.VPCs) == 0 {
			f.Evidence = append(f.Evidence, groundway.Fact{Path: pointer("hostedZoneDetails", z.ID, "vpcs"), Want: c.o.VPC.ID, Source: actionZone})
		}
		c.Fail(f)
	}
}

// regionFits reports whether the association names the region of the VPC, where
// both are known.
func (c *checker) regionFits(d ZoneDetail) bool {
	return !slices.ContainsFunc(d.VPCs, func(v ZoneVPC) bool {
		return v.ID == c.o.VPC.ID && v.Region != "" && c.o.VPC.Region != "" && v.Region != c.o.VPC.Region
	})
}

func (c *checker) vpcInWords() string {
	if c.o.VPC.Region == "" {
		return c.o.VPC.ID
	}
	return c.o.VPC.ID + " in " + c.o.VPC.Region
}

func cmpText(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

func checkPrivateDNS(c *checker, code groundway.Code) {
	z := c.privateZone(code)
	if z == nil {
		return
	}
	if c.o.VPC.DNSSupport == nil && c.o.VPC.DNSHostnames == nil {
		c.Inapplicable(code, "the options do not say what the VPC has")
		return
	}
	failed := false
	for _, a := range []struct {
		name, option string
		on           *bool
	}{
		{"enableDnsSupport", "--enable-dns-support", c.o.VPC.DNSSupport},
		{"enableDnsHostnames", "--enable-dns-hostnames", c.o.VPC.DNSHostnames},
	} {
		subject := groundway.Subject{Kind: "vpc", ID: c.o.VPC.ID, Region: c.o.VPC.Region, Path: "/vpc/" + a.name}
		switch {
		case a.on == nil:
			failed = true
			c.unknown(code, subject, notShown("ec2:DescribeVpcAttribute", a.name+" of "+c.o.VPC.ID))
		case !*a.on:
			failed = true
			c.Fail(groundway.Finding{
				Code: code, Subject: subject,
				Summary:  fmt.Sprintf("%s has %s switched off, so that %s is not answered there.", c.o.VPC.ID, a.name, z.ID),
				Evidence: []groundway.Fact{{Got: "false", Want: "true for " + a.name, Source: "ec2:DescribeVpcAttribute"}},
				Remedies: []groundway.Remedy{{
					Action:   "Switch " + a.name + " on.",
					Commands: [][]string{{"aws", "ec2", "modify-vpc-attribute", "--vpc-id", c.o.VPC.ID, a.option, `{"Value":true}`}},
				}},
				Related: []groundway.Subject{c.zoneSubject(z.ID)},
			})
		}
	}
	if !failed {
		c.Pass(code, 1)
	}
}

// A shadow is a private zone that answers the VPC for a name.
type shadow struct {
	id    string
	name  Name
	owner string // in words, where it is not this account
	facts []groundway.Fact
}

// checkPrivateShadows asks which private zone a node would be answered by. In
// the VPC the most specific one counts, whatever stands in public zones.
func checkPrivateShadows(c *checker, code groundway.Code) {
	z := c.rightZone(code)
	if z == nil {
		return
	}
	if c.o.VPC.ID == "" {
		c.Inapplicable(code, "the options name no VPC")
		return
	}
	shadows, gaps := c.shadows()
	failed := map[string]bool{}
	for _, name := range append(c.o.names(), c.o.BaseDomain) {
		for _, s := range shadows {
			// Of private zones only a more specific one comes before this one.
			if s.id == z.ID || !name.In(s.name) || failed[s.id] || z.Visibility == Private && s.name.depth() <= z.Name.depth() {
				continue
			}
			failed[s.id] = true
			subject := groundway.Subject{Kind: "hosted-zone", ID: s.id, Name: string(s.name)}
			f := groundway.Finding{
				Code: code, Subject: subject,
				Summary:  fmt.Sprintf("Within %s the private zone %s of %s%s answers for %s, and not %s.", c.o.VPC.ID, s.id, s.name, s.owner, name, z.ID),
				Evidence: s.facts,
				Remedies: []groundway.Remedy{
					{
						Action: "Take the association with the VPC away, if nothing in the VPC needs the zone.",
						Commands: [][]string{{
							"aws", "route53", "disassociate-vpc-from-hosted-zone", "--hosted-zone-id", s.id,
							"--vpc", fmt.Sprintf("VPCRegion=%s,VPCId=%s", cmpText(c.o.VPC.Region, "<REGION>"), c.o.VPC.ID),
						}},
					},
					{Action: "Put the cluster's records into the private zone as well."},
				},
				Related: []groundway.Subject{c.zoneSubject(z.ID)},
			}
			c.Fail(f)
		}
	}
	switch {
	case len(gaps) > 0:
		c.unknown(code, c.zoneSubject(z.ID), gaps...)
	case len(failed) == 0:
		c.Pass(code, 1)
	}
}

// shadows returns the private zones that answer the VPC. The list of the VPC
// holds those of other accounts, which the account's own list does not.
func (c *checker) shadows() (list []shadow, gaps []groundway.Gap) {
	seen := map[string]bool{}
	if v := c.vpcs[c.o.VPC.ID]; v != nil && v.Zones.Seen {
		for _, z := range v.Zones.Items {
			seen[z.ZoneID] = true
			s := shadow{id: z.ZoneID, name: z.Name, facts: []groundway.Fact{{
				Path: pointer("vpcHostedZones", v.VPCID, "zones", "items", z.ZoneID, "name"), Got: string(z.Name), Source: actionVPCZones,
			}}}
			switch {
			case z.Service != "":
				s.owner = " (of " + printable(z.Service) + ")"
			case z.Account != "" && z.Account != c.account && c.zones[z.ZoneID] == nil:
				s.owner = " (of account " + printable(z.Account) + ")"
			}
			list = append(list, s)
		}
		if v.Zones.Complete() {
			return list, nil
		}
		gaps = gapsOf(v.Zones, actionVPCZones)
	} else {
		gaps = gapsOrNotShown(c.VPCZones, actionVPCZones, "the private zones of "+c.o.VPC.ID)
	}
	// What the account itself shows fails as well, and passes nothing.
	for _, z := range c.Zones.Items {
		if d := c.details[z.ID]; z.Visibility == Private && !seen[z.ID] && d != nil && associated(*d, c.o.VPC.ID) {
			list = append(list, shadow{id: z.ID, name: z.Name, facts: c.factsOf(Candidate{Zone: z, Detail: d})})
		}
	}
	return list, gaps
}
