package route53

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/groundway-sdk/groundway"
)

// certified returns the record sets of the zone for the rules of certificates, or
// false after it recorded why the rule says nothing.
func (c *checker) certified(code groundway.Code) ([]RecordSet, bool) {
	switch {
	case c.o.CertManager == nil:
		c.Inapplicable(code, "cert-manager is not among the add-ons")
	case c.zone != nil && c.zone.Visibility == Private:
		c.Inapplicable(code, "the zone is private, and the issuer asks the public DNS")
	default:
		return c.seenSets(code)
	}
	return nil, false
}

func checkACMEOccupied(c *checker, code groundway.Code) {
	sets, ok := c.certified(code)
	if !ok {
		return
	}
	var challenges []Name
	for _, name := range c.o.CertManager.names(c.o.BaseDomain) {
		if name.Wildcard() {
			name = name.Parent()
		}
		if challenge, err := name.Child("_acme-challenge"); err == nil {
			challenges = append(challenges, challenge)
		}
	}
	challenges = sortedNames(challenges)
	failed := false
	for _, set := range sets {
		if !slices.Contains(challenges, set.Name) || set.Type != "CNAME" && set.Type != "NS" {
			continue
		}
		failed = true
		c.Fail(groundway.Finding{
			Code: code, Subject: setSubject(c.zone.ID, set),
			Summary:  fmt.Sprintf("%s has %s, so that the challenge cannot stand there.", set.Name, set.inWords()),
			Evidence: c.factsOfSet(set),
			Remedies: []groundway.Remedy{
				{Action: "Delete the record.", Commands: [][]string{deleteCommand(c.zone.ID, set)}},
				{Action: "Have cert-manager follow a CNAME, with cnameStrategy: Follow in the solver."},
			},
			Related: []groundway.Subject{c.zoneSubject(c.zone.ID)},
		})
	}
	if !failed && c.setsOf(c.zone.ID).Complete() {
		c.Pass(code, len(challenges))
	}
}

func checkACMEAllowed(c *checker, code groundway.Code) {
	if _, ok := c.certified(code); !ok {
		return
	}
	for _, name := range c.o.CertManager.names(c.o.BaseDomain) {
		zone, set, found, gaps := c.closestCAA(name)
		switch {
		case found && !allows(set, c.o.CertManager.issuer(), name.Wildcard()):
			f := groundway.Finding{
				Code: code, Subject: setSubject(zone.ID, set),
				Summary: fmt.Sprintf("The CAA records at %s do not let %s issue for %s.", set.Name, c.o.CertManager.issuer(), name),
				Related: []groundway.Subject{c.zoneSubject(zone.ID)},
			}
			for i, v := range set.Values {
				f.Evidence = append(f.Evidence, groundway.Fact{Path: recordPointer(zone.ID, set.Key(), "values", strconv.Itoa(i)), Got: v, Want: "one that names " + c.o.CertManager.issuer(), Source: actionRecords})
			}
			// An issuewild property of its own would shut out those that may issue for
			// wildcards by issue.
			property := "issue"
			if name.Wildcard() && len(caa(set)["issuewild"]) > 0 {
				property = "issuewild"
			}
			fixed := set
			fixed.Values = append(slices.Clone(set.Values), fmt.Sprintf("0 %s %q", property, c.o.CertManager.issuer()))
			f.Remedies = []groundway.Remedy{{Action: "Add the issuer to the CAA records.", Commands: [][]string{changeCommand(zone.ID, Change{Action: Upsert, Set: fixed})}}}
			c.Fail(f)
		case len(gaps) > 0:
			c.unknown(code, c.zoneSubject(c.zone.ID), gaps...)
		default:
			c.Pass(code, 1)
		}
	}
}

// closestCAA climbs from the name to the first CAA record set, through the zones
// of this account, up to the domain that a registrar gave out.
func (c *checker) closestCAA(name Name) (z HostedZone, set RecordSet, found bool, gaps []groundway.Gap) {
	if name.Wildcard() {
		name = name.Parent()
	}
	z = *c.zone
	for n := name; ; n = n.Parent() {
		if !n.In(z.Name) {
			parent, ok := c.parentOf(z)
			if !ok || !n.In(parent.Name) {
				return z, set, false, []groundway.Gap{notShown(actionRecords, "the CAA records at "+string(n)+" and above, which are not in this account")}
			}
			z = parent
		}
		if set, ok := c.set(z.ID, n, "CAA"); ok {
			return z, set, true, nil
		}
		if _, alias := c.set(z.ID, n, "CNAME"); alias {
			return z, set, false, []groundway.Gap{notShown(actionRecords, "the CAA records of what "+string(n)+" is an alias of")}
		}
		if part := c.setsOf(z.ID); !part.Complete() {
			return z, set, false, gapsOf(part, actionRecords)
		}
		if registered(n) || n.depth() <= 1 {
			return z, set, false, nil
		}
	}
}

// caa returns the values of CAA records by their property, RFC 8659 section 4.1.
func caa(set RecordSet) map[string][]string {
	properties := map[string][]string{}
	for _, v := range set.Values {
		f := strings.Fields(v)
		if len(f) < 3 {
			continue
		}
		tag := strings.ToLower(f[1])
		properties[tag] = append(properties[tag], strings.Trim(strings.Join(f[2:], " "), `"`))
	}
	return properties
}

// allows reports whether CAA records let the issuer issue by a DNS challenge,
// RFC 8659 and RFC 8657.
func allows(set RecordSet, issuer string, wildcard bool) bool {
	properties := caa(set)
	values, restricted := properties["issue"]
	if wild, ok := properties["issuewild"]; ok && wildcard {
		values, restricted = wild, true
	}
	if !restricted {
		return true
	}
	return slices.ContainsFunc(values, func(v string) bool {
		parts := strings.Split(v, ";")
		if !strings.EqualFold(strings.TrimSpace(parts[0]), issuer) {
			return false
		}
		for _, p := range parts[1:] {
			key, methods, _ := strings.Cut(strings.TrimSpace(p), "=")
			if strings.TrimSpace(key) == "validationmethods" && !slices.Contains(strings.Split(methods, ","), "dns-01") {
				return false
			}
		}
		return true
	})
}
