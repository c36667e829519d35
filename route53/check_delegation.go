package route53

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/groundway-sdk/groundway"
)

// codeOf is the rule of each verdict that is a failure.
var codeOf = map[Verdict]groundway.Code{
	VerdictNotDelegated: codeNotDelegated,
	VerdictOtherZone:    codeOtherZone,
	VerdictElsewhere:    codeElsewhere,
	VerdictStale:        codeStale,
	VerdictPartial:      codePartial,
}

func checkDelegated(c *checker, code groundway.Code) {
	z := c.publicZone(code)
	if z == nil {
		return
	}
	j := c.judge(z.ID)
	switch {
	case j.Status == "":
		c.unknown(code, c.zoneSubject(z.ID), delegationGaps(j, actionZone)...)
	case j.Verdict == VerdictNotDelegated:
		c.failDelegation(code, j, 0)
	default:
		c.Pass(code, 1)
	}
}

// delegationGaps returns the gaps of a judgement but for those of an action
// that the rule does not ask.
func delegationGaps(j Judgement, but string) []groundway.Gap {
	gaps := slices.DeleteFunc(slices.Clone(j.Gaps), func(g groundway.Gap) bool { return g.Action == but })
	if len(gaps) == 0 {
		return []groundway.Gap{{Action: ActionQuery}}
	}
	return gaps
}

func checkOtherZone(c *checker, code groundway.Code) { c.checkVerdict(code, VerdictOtherZone) }
func checkElsewhere(c *checker, code groundway.Code) { c.checkVerdict(code, VerdictElsewhere) }
func checkStale(c *checker, code groundway.Code)     { c.checkVerdict(code, VerdictStale) }

func checkPartial(c *checker, code groundway.Code) {
	if z, _ := c.reachedZone(code); z != nil {
		c.checkVerdict(code, VerdictPartial)
	}
}

// checkVerdict fails the rule where the verdict is its own. Another verdict that
// says that queries go elsewhere leaves it nothing to say.
func (c *checker) checkVerdict(code groundway.Code, own Verdict) {
	z := c.publicZone(code)
	if z == nil {
		return
	}
	j := c.judge(z.ID)
	switch {
	case j.Status == "":
		c.Inapplicable(code, "what the parent says was not seen, as "+string(codeNotDelegated)+" says")
	case j.Verdict == VerdictUnknown:
		c.unknown(code, c.zoneSubject(z.ID), j.Gaps...)
	case j.Verdict == VerdictNotDelegated:
		c.Skip(code, codeNotDelegated, c.zoneSubject(z.ID))
	case j.Verdict != own:
		c.Pass(code, 1)
	case own == VerdictPartial && len(j.Extra) == 0:
		c.failDelegation(code, j, groundway.Warning)
	default:
		c.failDelegation(code, j, 0)
	}
}

// failDelegation records the verdict with its evidence and the change that mends
// it.
func (c *checker) failDelegation(code groundway.Code, j Judgement, severity groundway.Severity) {
	f := groundway.Finding{
		Code: code, Severity: severity, Subject: c.zoneSubject(j.Zone.ID),
		Summary: j.inWords(), Evidence: j.Evidence,
	}
	if j.OtherZone != "" {
		f.Related = append(f.Related, c.zoneSubject(j.OtherZone))
		f.Remedies = append(f.Remedies, groundway.Remedy{
			Action:   fmt.Sprintf("Use the zone %s, to which the parent delegates.", j.OtherZone),
			Commands: [][]string{commandOf(actionZone, j.OtherZone)},
		})
	}
	set := delegationSet(j.Zone.Name, j.Want, 0)
	above := c.unreachedAbove(j.Zone.Name)
	switch {
	case above.ID != "":
		f.Related = append(f.Related, c.zoneSubject(above.ID))
		f.Remedies = append(f.Remedies, groundway.Remedy{
			Action:   fmt.Sprintf("Have %s delegated to %s first: nobody reaches what is below it.", above.Name, above.ID),
			Commands: [][]string{commandOf(actionZone, above.ID)},
		})
	case c.rightAlready(j):
		f.Related = append(f.Related, c.zoneSubject(j.ParentZone.ID))
		f.Remedies = append(f.Remedies, groundway.Remedy{
			Action:   fmt.Sprintf("The parent zone %s has the right NS record set. Wait until its servers show it, a minute as a rule, and check again.", j.ParentZone.ID),
			Commands: [][]string{commandOf(actionRecords, j.ParentZone.ID)},
		})
	case !j.Fix.Empty():
		step := j.Fix.Steps[0]
		f.Related = append(f.Related, c.zoneSubject(step.ZoneID))
		f.Remedies = append(f.Remedies, groundway.Remedy{
			Action:   fmt.Sprintf("Set the NS record set of %s in its parent zone %s to the servers of %s.", j.Zone.Name, step.ZoneID, j.Zone.ID),
			Commands: [][]string{changeCommand(step.ZoneID, step.Changes[0])},
		})
	case len(j.Want) == 0:
		f.Remedies = append(f.Remedies, groundway.Remedy{
			Action:   "Have the parent zone delegate to the name servers of the hosted zone.",
			Commands: [][]string{commandOf(actionZone, j.Zone.ID)},
		})
	case registered(j.Zone.Name):
		command := []string{"aws", "route53domains", "update-domain-nameservers", "--region", "us-east-1", "--domain-name", string(j.Zone.Name), "--nameservers"}
		for _, n := range j.Want {
			command = append(command, "Name="+string(n))
		}
		f.Remedies = append(f.Remedies, groundway.Remedy{
			Action:   fmt.Sprintf("At the registrar of %s, set its name servers to %s. Where Route 53 is the registrar:", j.Zone.Name, joinNames(j.Want)),
			Commands: [][]string{command},
			Actor:    "owner of the domain " + string(j.Zone.Name),
		})
	default:
		f.Remedies = append(f.Remedies, groundway.Remedy{
			Action:   fmt.Sprintf("In the parent zone, set the NS record set of %s to %s.", j.Zone.Name, joinNames(j.Want)),
			Commands: [][]string{changeCommand("<PARENT ZONE>", Change{Action: Upsert, Set: set})},
			Actor:    "owner of the zone above " + string(j.Zone.Name),
		})
	}
	c.Fail(f)
}

// unreachedAbove returns the closest public zone of the account above the name
// that nobody reaches, or the zero value. Where others answer for the name of
// such a zone, it is they who have to delegate.
func (c *checker) unreachedAbove(name Name) HostedZone {
	for above := name.Parent(); above != "" && above != Root; above = above.Parent() {
		if zones := c.public(above); len(zones) == 1 {
			if v := c.judge(zones[0].ID).Verdict; v.elsewhere() && v != VerdictElsewhere {
				return zones[0]
			}
		}
	}
	return HostedZone{}
}

// rightAlready reports whether the parent zone names the right servers, and its
// own servers do not show it yet.
func (c *checker) rightAlready(j Judgement) bool {
	set, ok := c.set(j.ParentZone.ID, j.Zone.Name, "NS")
	return ok && len(j.Want) > 0 && slices.Equal(set.names(), j.Want)
}

func checkLame(c *checker, code groundway.Code) {
	z, j := c.reachedZone(code)
	if z == nil {
		return
	}
	seen := c.seen[z.Name]
	switch {
	case j.Verdict == VerdictPartial:
		c.Skip(code, codePartial, c.zoneSubject(z.ID))
	case len(j.Want) == 0:
		c.unknown(code, c.zoneSubject(z.ID), gapsOrNotShown(c.Details, actionZone, "the delegation set of "+z.ID)...)
	case len(j.Lame) > 0:
		f := groundway.Finding{
			Code: code, Subject: c.zoneSubject(z.ID),
			Summary: fmt.Sprintf("%s is delegated to servers that do not answer for it: %s.", z.Name, joinNames(j.Lame)),
			Remedies: []groundway.Remedy{{
				Action:   "Ask the server again. If it still refuses, the zone was made or deleted a moment ago, or something between here and there answers in its place.",
				Commands: [][]string{{"dig", "+norecurse", "@" + j.Lame[0].Presentation(), z.Name.Presentation(), "SOA"}},
			}},
		}
		for _, n := range j.Lame {
			f.Evidence = append(f.Evidence, groundway.Fact{
				Path: pointer("dnsDelegations", string(z.Name), "servers", string(n), "status"), Got: string(Lame), Want: string(Authoritative), Source: ActionQuery,
			})
		}
		c.Fail(f)
	case seen == nil:
		c.unknown(code, c.zoneSubject(z.ID), gapsOrNotShown(c.Delegations, ActionQuery, "the delegation of "+string(z.Name))...)
	case !j.ServersSeen || len(j.Silent) > 0:
		gap := notShown(ActionQuery, "an answer of "+joinNames(j.Silent))
		if len(j.Silent) == 0 {
			gap = notShown(ActionQuery, "what the servers answer that the parent names")
		}
		c.unknown(code, c.zoneSubject(z.ID), gap)
	default:
		c.Pass(code, len(j.Parent))
	}
}

func checkCached(c *checker, code groundway.Code) {
	z, j := c.reachedZone(code)
	if z == nil {
		return
	}
	seen := c.seen[z.Name]
	switch {
	case j.Verdict == VerdictPartial:
		c.Skip(code, codePartial, c.zoneSubject(z.ID))
	case seen == nil || seen.Recursive == nil:
		c.Inapplicable(code, "no recursive resolver was asked")
	case j.Status == "":
		c.unknown(code, c.zoneSubject(z.ID), delegationGaps(j, actionZone)...)
	case c.cached(&j):
		f := groundway.Finding{
			Code: code, Subject: c.zoneSubject(z.ID),
			Summary: fmt.Sprintf("The resolver %s still has an older delegation of %s, for another %d seconds.", printable(seen.Recursive.Resolver), z.Name, seen.Recursive.TTL),
			Remedies: []groundway.Remedy{{
				Action:   fmt.Sprintf("Wait %d seconds, or ask another resolver.", seen.Recursive.TTL),
				Commands: [][]string{{"dig", "@" + seen.Recursive.Resolver, z.Name.Presentation(), "NS"}},
			}},
		}
		if len(seen.Recursive.NameServers) == 0 {
			f.Summary = fmt.Sprintf("The resolver %s still answers that %s does not exist, for another %d seconds.", printable(seen.Recursive.Resolver), z.Name, seen.Recursive.TTL)
			f.Evidence = []groundway.Fact{{
				Path: pointer("dnsDelegations", string(z.Name), "recursive", "rcode"), Got: seen.Recursive.Rcode, Want: "the name servers of the zone", Source: ActionQuery,
			}}
		}
		for i, n := range sortedNames(seen.Recursive.NameServers) {
			f.Evidence = append(f.Evidence, groundway.Fact{
				Path: pointer("dnsDelegations", string(z.Name), "recursive", "nameServers", fmt.Sprint(i)), Got: string(n), Want: "a server that the parent names", Source: ActionQuery,
			})
		}
		c.Fail(f)
	case len(seen.Recursive.NameServers) == 0:
		c.unknown(code, c.zoneSubject(z.ID), groundway.Gap{Action: ActionQuery, Message: cmp.Or(seen.Recursive.Reason, "the resolver's answer holds no name servers")})
	default:
		c.Pass(code, 1)
	}
}

// signing returns how the zone is signed and what the parent has of it, or false
// after it recorded why the rule says nothing.
func (c *checker) signing(code groundway.Code) (*HostedZone, *ZoneDNSSEC, Judgement, bool) {
	z, j := c.reachedZone(code)
	if z == nil {
		return nil, nil, j, false
	}
	d := c.dnssec[z.ID]
	switch {
	case d == nil || d.Status == "":
		c.unknown(code, c.zoneSubject(z.ID), gapsOrNotShown(c.DNSSEC, actionDNSSEC, "how "+z.ID+" is signed")...)
		return nil, nil, j, false
	case !j.DSSeen:
		c.unknown(code, c.zoneSubject(z.ID), gapsOrNotShown(c.Delegations, ActionQuery, "the DS records of "+string(z.Name))...)
		return nil, nil, j, false
	}
	return z, d, j, true
}

func checkDSMismatch(c *checker, code groundway.Code) {
	z, d, j, ok := c.signing(code)
	if !ok {
		return
	}
	switch fits, known := c.dsFits(&j); {
	case !known:
		c.unknown(code, c.zoneSubject(z.ID), notShown(actionDNSSEC, "the digest of the type that the parent has"))
	case fits:
		c.Pass(code, 1)
	default:
		f := groundway.Finding{
			Code: code, Subject: c.zoneSubject(z.ID),
			Summary:  fmt.Sprintf("The parent has %s for %s that no key of %s fits; the zone is %s.", plural(len(j.ParentDS), "DS record"), z.Name, z.ID, d.Status),
			Evidence: []groundway.Fact{{Path: pointer("hostedZoneDnssec", z.ID, "status"), Got: d.Status, Source: actionDNSSEC}},
			Remedies: []groundway.Remedy{{
				Action: "Take the DS record out of the parent, at the registrar or in the parent zone, and wait for its TTL; then sign the zone if it is to be signed.",
			}},
		}
		f.Evidence = append(f.Evidence, c.dsFacts(j)...)
		if set, ok := c.set(j.ParentZone.ID, z.Name, "DS"); ok {
			f.Remedies[0].Commands = [][]string{deleteCommand(j.ParentZone.ID, set)}
		} else {
			f.Remedies[0].Commands = [][]string{{"dig", z.Name.Presentation(), "DS"}}
		}
		c.Fail(f)
	}
}

// dsFacts point to the DS records of the parent.
func (c *checker) dsFacts(j Judgement) []groundway.Fact {
	var facts []groundway.Fact
	if seen := c.seen[j.Zone.Name]; seen != nil && seen.Parent.DSSeen {
		for i, ds := range seen.Parent.DS {
			facts = append(facts, groundway.Fact{
				Path: pointer("dnsDelegations", string(j.Zone.Name), "parent", "ds", fmt.Sprint(i), "digest"), Got: ds.Digest, Want: "the digest of an active key-signing key", Source: ActionQuery,
			})
		}
		return facts
	}
	if set, ok := c.set(j.ParentZone.ID, j.Zone.Name, "DS"); ok {
		for i, v := range set.Values {
			facts = append(facts, groundway.Fact{
				Path: recordPointer(j.ParentZone.ID, set.Key(), "values", fmt.Sprint(i)), Got: v, Want: "the DS record of an active key-signing key", Source: actionRecords,
			})
		}
	}
	return facts
}

func checkDNSSECChain(c *checker, code groundway.Code) {
	z, d, j, ok := c.signing(code)
	switch {
	case !ok:
	case d.Status != "SIGNING":
		c.Inapplicable(code, "the zone is not signed")
	case len(j.ParentDS) > 0:
		c.Pass(code, 1)
	default:
		f := groundway.Finding{
			Code: code, Subject: c.zoneSubject(z.ID),
			Summary:  fmt.Sprintf("%s is signed, and its parent has no DS record for it.", z.Name),
			Evidence: []groundway.Fact{{Path: pointer("hostedZoneDnssec", z.ID, "status"), Got: d.Status, Source: actionDNSSEC}},
			Remedies: []groundway.Remedy{{Action: "Put the DS record of the key-signing key into the parent.", Commands: [][]string{commandOf(actionDNSSEC, z.ID)}}},
		}
		if len(d.Keys) > 0 && j.ParentZone.ID != "" {
			set := RecordSet{Name: z.Name, Type: "DS", TTL: 3600}
			for _, key := range d.Keys {
				set.Values = append(set.Values, key.String())
			}
			f.Remedies[0].Commands = [][]string{changeCommand(j.ParentZone.ID, Change{Action: Upsert, Set: set})}
		}
		c.Fail(f)
	}
}

func checkDNSSECHealthy(c *checker, code groundway.Code) {
	z := c.publicZone(code)
	if z == nil {
		return
	}
	d := c.dnssec[z.ID]
	switch {
	case d == nil || d.Status == "":
		c.unknown(code, c.zoneSubject(z.ID), gapsOrNotShown(c.DNSSEC, actionDNSSEC, "how "+z.ID+" is signed")...)
	case d.Status == "ACTION_NEEDED", d.Status == "INTERNAL_FAILURE":
		c.Fail(groundway.Finding{
			Code: code, Subject: c.zoneSubject(z.ID),
			Summary:  fmt.Sprintf("The signing of %s (%s) is %s.", z.Name, z.ID, d.Status),
			Evidence: []groundway.Fact{{Path: pointer("hostedZoneDnssec", z.ID, "status"), Got: d.Status, Want: "SIGNING or NOT_SIGNING", Source: actionDNSSEC}},
			Remedies: []groundway.Remedy{{Action: "Mend the key-signing key that Route 53 names.", Commands: [][]string{commandOf(actionDNSSEC, z.ID)}}},
		})
	default:
		c.Pass(code, 1)
	}
}
