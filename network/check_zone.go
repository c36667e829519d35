package network

import (
	"fmt"
	"maps"
	"slices"

	"github.com/groundway-sdk/groundway"
)

func checkZoneSingle(c *checker, code groundway.Code) {
	members := c.named(code, everyMember)
	if len(members) == 0 {
		return
	}
	zones := byKey(c.parts.Zones)
	f := groundway.Finding{Code: code, Subject: c.vpcSubject()}
	var text string
	passed := 0
	for _, role := range []struct {
		name string
		has  func(*member) bool
	}{
		{"controller", func(m *member) bool { return m.controller }},
		{"worker", func(m *member) bool { return m.worker }},
	} {
		of := slices.DeleteFunc(slices.Clone(members), func(m *member) bool { return !role.has(m) })
		if len(of) == 0 {
			continue
		}
		regular, unseen := map[string]bool{}, map[string]bool{}
		for _, m := range of {
			zone := zones[m.subnet.Zone]
			switch {
			case m.subnet.Zone == "":
				c.unknown(code, c.subnetSubject(m), notShown(actionSubnets, "the zone of "+m.id))
				return
			case zone == nil || zone.Type == "":
				unseen[m.subnet.Zone] = true
			case is(zone.Type, "availability-zone"):
				regular[m.subnet.Zone] = true
			}
		}
		switch {
		case len(regular) >= 2:
			passed += len(of)
		case len(regular)+len(unseen) >= 2:
			c.unknown(code, c.vpcSubject(), gapsOf(c.parts.Zones, actionZones)...)
			return
		default:
			if text != "" {
				text += " "
			}
			text += fmt.Sprintf("The %s of %ss %s in one availability zone: %s.", plural(len(of), "subnet"), role.name, areOrIs(len(of)), zonesOf(of)[0])
			f.Evidence = append(f.Evidence, c.zoneFacts(of, "two availability zones among the "+role.name+" subnets")...)
			f.Related = append(f.Related, c.subjectsOf(of)...)
		}
	}
	if text == "" {
		c.Pass(code, passed)
		return
	}
	f.Summary = text
	f.Remedies = []groundway.Remedy{{
		Action: "Name a subnet of a second zone for each role.",
		Commands: [][]string{
			{"aws", "ec2", "describe-subnets", "--filters", "Name=vpc-id,Values=" + c.vpcID, "--query", "Subnets[].[AvailabilityZone,SubnetId,CidrBlock]", "--output", "table"},
		},
	}}
	c.Fail(f)
}

func areOrIs(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

func checkZoneUnbalanced(c *checker, code groundway.Code) {
	members := c.named(code, everyMember)
	// Load balancers are put into the subnets of the controllers.
	type pair struct{ balancers, workers []*member }
	zones := map[string]*pair{}
	for _, m := range members {
		if m.subnet.Zone == "" {
			c.unknown(code, c.subnetSubject(m), notShown(actionSubnets, "the zone of "+m.id))
			return
		}
		if zones[m.subnet.Zone] == nil {
			zones[m.subnet.Zone] = &pair{}
		}
		p := zones[m.subnet.Zone]
		if m.controller {
			p.balancers = append(p.balancers, m)
		}
		if m.worker {
			p.workers = append(p.workers, m)
		}
	}
	for _, zone := range slices.Sorted(maps.Keys(zones)) {
		p := zones[zone]
		there, missing, use := p.workers, "controller", "for load balancers"
		switch {
		case len(p.balancers) > 0 && len(p.workers) > 0:
			c.Pass(code, 1)
			continue
		case len(p.workers) == 0:
			there, missing, use = p.balancers, "worker", "for load balancers to send to"
		}
		c.Fail(groundway.Finding{
			Code:     code,
			Subject:  groundway.Subject{Kind: "availability-zone", ID: zone, Zone: zone, Region: c.region},
			Related:  c.subjectsOf(there),
			Summary:  fmt.Sprintf("%s has %s of %ss and no %s subnet %s.", zone, plural(len(there), "subnet"), there[0].roles(), missing, use),
			Evidence: c.zoneFacts(there, "a "+missing+" subnet in "+zone),
			Remedies: []groundway.Remedy{{
				Action: fmt.Sprintf("Name a %s subnet in %s, or none of the zone.", missing, zone),
				Commands: [][]string{
					{"aws", "ec2", "describe-subnets", "--filters", "Name=vpc-id,Values=" + c.vpcID, "Name=availability-zone,Values=" + zone},
				},
			}},
		})
	}
}
