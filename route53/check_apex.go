package route53

import (
	"fmt"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
)

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
