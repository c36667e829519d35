package network

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
)

func checkZoneSingle(c *checker, code groundway.Code) {
	members := c.named(code, everyMember)
	if len(members) == 0 {
		return
	}
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
		regular, unseen, ok := c.regularZones(code, of)
		if !ok {
			return
		}
		switch {
		case len(regular) >= 2:
			passed += len(of)
		case len(regular)+len(unseen) >= 2:
			c.unknown(code, c.vpcSubject(), gapsOf(c.parts.Zones, actionZones)...)
			return
		case c.hides(role.has):
			// named has said that a subnet was not seen, which may be in another zone.
		default:
			if text != "" {
				text += " "
			}
			text += fmt.Sprintf("The %s of %ss %s in %s.", plural(len(of), "subnet"), role.name, areOrIs(len(of)), oneZone(of, regular))
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

// hides reports whether a subnet of a role was named and not seen, or not seen to
// be of the VPC.
func (c *checker) hides(has func(*member) bool) bool {
	return slices.ContainsFunc(c.members, func(m *member) bool {
		return has(m) && (m.subnet == nil && !c.parts.Subnets.Complete() || m.subnet != nil && m.subnet.VPCID == "")
	})
}

// regularZones returns the availability zones of the members, and the zones of
// which it was not seen what they are. It fails where a subnet does not show its
// zone, which is recorded.
func (c *checker) regularZones(code groundway.Code, members []*member) (regular, unseen map[string]bool, ok bool) {
	zones := byKey(c.parts.Zones)
	regular, unseen = map[string]bool{}, map[string]bool{}
	for _, m := range members {
		zone := zones[m.subnet.Zone]
		switch {
		case m.subnet.Zone == "":
			c.unknown(code, c.subnetSubject(m), notShown(actionSubnets, "the zone of "+m.id))
			return nil, nil, false
		case zone == nil || zone.Type == "":
			unseen[m.subnet.Zone] = true
		case is(zone.Type, "availability-zone"):
			regular[m.subnet.Zone] = true
		}
	}
	return regular, unseen, true
}

// oneZone names the availability zone of the members, and beside it the zones that
// are none.
func oneZone(members []*member, regular map[string]bool) string {
	zones := zonesOf(members)
	switch {
	case len(zones) == 1:
		return "one availability zone: " + zones[0]
	case len(regular) == 0:
		return "at most one availability zone: " + strings.Join(zones, ", ")
	}
	return fmt.Sprintf("one availability zone, %s, and zones that do not count: %s", slices.Collect(maps.Keys(regular))[0],
		strings.Join(slices.DeleteFunc(zones, func(z string) bool { return regular[z] }), ", "))
}

func areOrIs(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

func checkZoneUnbalanced(c *checker, code groundway.Code) {
	if _, has := c.balancer(); !has {
		c.Inapplicable(code, "the profile has no load balancers")
		return
	}
	members := c.named(code, everyMember)
	// Load balancers are put into the subnets of the controllers.
	type pair struct{ balancers, workers []*member }
	zones := map[string]*pair{}
	for _, m := range members {
		if m.subnet.Zone == "" {
			c.unknown(code, c.subnetSubject(m), notShown(actionSubnets, "the zone of "+m.id))
			return
		}
		if !m.controller && !m.worker {
			continue
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
		there, missing, use, role := p.workers, "controller", "for load balancers", func(m *member) bool { return m.controller }
		switch {
		case len(p.balancers) > 0 && len(p.workers) > 0:
			c.Pass(code, 1)
			continue
		case len(p.workers) == 0:
			there, missing, use, role = p.balancers, "worker", "for load balancers to send to", func(m *member) bool { return m.worker }
		}
		if c.hides(role) {
			continue // named has said that one was not seen, which may be in the zone
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

// zoned calls judge for every zone of the members, with the members in it; what
// does not show its zone is recorded as unknown.
func (c *checker) zoned(code groundway.Code, keep func(*member) bool, judge func(name string, zone *Zone, in []*member)) {
	in := map[string][]*member{}
	for _, m := range c.named(code, keep) {
		if m.subnet.Zone == "" {
			c.unknown(code, c.subnetSubject(m), notShown(actionSubnets, "the zone of "+m.id))
			continue
		}
		in[m.subnet.Zone] = append(in[m.subnet.Zone], m)
	}
	zones := byKey(c.parts.Zones)
	for _, name := range slices.Sorted(maps.Keys(in)) {
		judge(name, zones[name], in[name])
	}
}

func (c *checker) zoneSubject(name string) groundway.Subject {
	return groundway.Subject{Kind: "availability-zone", ID: name, Zone: name, Region: c.region}
}

// unseenZone records that a field of a zone was not shown.
func (c *checker) unseenZone(code groundway.Code, name string, zone *Zone, what string) {
	if zone == nil && !c.parts.Zones.Complete() {
		c.unknown(code, c.zoneSubject(name), gapsOf(c.parts.Zones, actionZones)...)
		return
	}
	c.unknown(code, c.zoneSubject(name), notShown(actionZones, what+" of "+name))
}

func otherZone(c *checker, name string) groundway.Remedy {
	return groundway.Remedy{
		Action:   "Name subnets of another zone.",
		Commands: [][]string{{"aws", "ec2", "describe-availability-zones", "--all-availability-zones", "--zone-names", name}},
	}
}

func checkZoneType(c *checker, code groundway.Code) {
	c.zoned(code, func(m *member) bool { return m.controller }, func(name string, zone *Zone, in []*member) {
		switch {
		case zone == nil || zone.Type == "":
			c.unseenZone(code, name, zone, "the type")
		case is(zone.Type, "availability-zone"):
			for _, m := range in {
				if m.subnet.OutpostARN == "" || c.o.Profile != ProfileEKS {
					c.Pass(code, 1)
					continue
				}
				c.Fail(groundway.Finding{
					Code: code, Subject: c.subnetSubject(m),
					Summary:  fmt.Sprintf("The controller subnet %s is on an Outpost, where EKS puts no control plane.", m.id),
					Evidence: []groundway.Fact{{Path: pointer("subnets", m.id, "outpostArn"), Got: m.subnet.OutpostARN, Want: "a subnet of the region", Source: actionSubnets}},
					Remedies: []groundway.Remedy{otherZone(c, name)},
				})
			}
		default:
			c.Fail(groundway.Finding{
				Code: code, Subject: c.zoneSubject(name), Related: c.subjectsOf(in),
				Summary:  fmt.Sprintf("%s, the zone of %s, is a %s: controllers and their load balancers need availability zones.", name, served(in), zone.Type),
				Evidence: []groundway.Fact{{Path: pointer("zones", name, "type"), Got: zone.Type, Want: "availability-zone", Source: actionZones}},
				Remedies: []groundway.Remedy{otherZone(c, name)},
			})
		}
	})
}

func checkZoneOptIn(c *checker, code groundway.Code) {
	c.zoned(code, everyMember, func(name string, zone *Zone, in []*member) {
		switch {
		case zone == nil || zone.OptIn == "":
			c.unseenZone(code, name, zone, "the opt-in status")
		case !is(zone.OptIn, "not-opted-in"):
			c.Pass(code, 1)
		default:
			c.Fail(groundway.Finding{
				Code: code, Subject: c.zoneSubject(name), Related: c.subjectsOf(in),
				Summary:  fmt.Sprintf("The account has not opted in to %s, the zone of %s.", name, served(in)),
				Evidence: []groundway.Fact{{Path: pointer("zones", name, "optInStatus"), Got: zone.OptIn, Want: "opted-in", Source: actionZones}},
				Remedies: []groundway.Remedy{{
					Action: "Opt in to the zone's group.",
					Commands: [][]string{{
						"aws", "ec2", "modify-availability-zone-group", "--group-name", cmp.Or(zone.Group, "<group-name>"), "--opt-in-status", "opted-in",
					}},
				}},
			})
		}
	})
}

func checkZoneEKS(c *checker, code groundway.Code) {
	if c.o.Profile != ProfileEKS {
		c.Inapplicable(code, "the control plane is not that of EKS")
		return
	}
	zones := byKey(c.parts.Zones)
	for _, m := range c.named(code, func(m *member) bool { return m.controller }) {
		id, path, source := m.subnet.ZoneID, pointer("subnets", m.id, "zoneId"), actionSubnets
		if zone := zones[m.subnet.Zone]; id == "" && zone != nil {
			id, path, source = zone.ID, pointer("zones", zone.Name, "id"), actionZones
		}
		switch {
		case id == "":
			c.unknown(code, c.subnetSubject(m), notShown(actionSubnets, "the zone's ID of "+m.id), groundway.Gap{Action: actionZones, Message: "the ID of " + m.subnet.Zone + " was not seen"})
		case !slices.Contains(eksUnsupported, id):
			c.Pass(code, 1)
		default:
			c.Fail(groundway.Finding{
				Code: code, Subject: c.subnetSubject(m),
				Summary:  fmt.Sprintf("The controller subnet %s is in the zone %s, in which EKS puts no control plane.", m.id, id),
				Evidence: []groundway.Fact{{Path: path, Got: id, Want: "another zone", Source: source}},
				Remedies: []groundway.Remedy{otherZone(c, m.subnet.Zone)},
			})
		}
	}
}

func checkZoneImpaired(c *checker, code groundway.Code) {
	c.zoned(code, everyMember, func(name string, zone *Zone, in []*member) {
		switch {
		case zone == nil || zone.State == "":
			c.unseenZone(code, name, zone, "the state")
		case is(zone.State, "available"), is(zone.State, "information"):
			c.Pass(code, 1)
		default:
			c.Fail(groundway.Finding{
				Code: code, Subject: c.zoneSubject(name), Related: c.subjectsOf(in),
				Summary:  fmt.Sprintf("%s, the zone of %s, is %s.", name, served(in), zone.State),
				Evidence: []groundway.Fact{{Path: pointer("zones", name, "state"), Got: zone.State, Want: "available", Source: actionZones}},
				Remedies: []groundway.Remedy{otherZone(c, name)},
			})
		}
	})
}

func checkInstanceTypes(c *checker, code groundway.Code) {
	if len(c.o.InstanceTypes) == 0 {
		c.Inapplicable(code, "the options name no instance type")
		return
	}
	offerings := byKey(c.parts.InstanceOfferings)
	c.zoned(code, func(m *member) bool { return m.worker || m.controller && c.o.Profile != ProfileEKS }, func(name string, _ *Zone, in []*member) {
		for _, kind := range slices.Compact(slices.Sorted(slices.Values(c.o.InstanceTypes))) {
			o := offerings[kind]
			switch {
			case o == nil && !c.parts.InstanceOfferings.Complete():
				c.unknown(code, c.zoneSubject(name), gapsOf(c.parts.InstanceOfferings, actionOfferings)...)
			case o == nil:
				c.unknown(code, c.zoneSubject(name), notShown(actionOfferings, "the zones of "+kind))
			case slices.Contains(o.Zones, name):
				c.Pass(code, 1)
			case !c.parts.InstanceOfferings.Complete():
				c.unknown(code, c.zoneSubject(name), gapsOf(c.parts.InstanceOfferings, actionOfferings)...)
			default:
				c.Fail(groundway.Finding{
					Code: code, Subject: c.zoneSubject(name), Related: c.subjectsOf(in),
					Summary:  fmt.Sprintf("%s is not offered in %s, the zone of %s.", kind, name, served(in)),
					Evidence: []groundway.Fact{{Path: pointer("instanceTypeOfferings", kind, "instanceType"), Got: kind, Want: name + " among its zones", Source: actionOfferings}},
					Remedies: []groundway.Remedy{{
						Action: "Choose a type that every zone offers, or subnets of another zone.",
						Commands: [][]string{{
							"aws", "ec2", "describe-instance-type-offerings", "--location-type", "availability-zone", "--filters", "Name=location,Values=" + name,
						}},
					}},
				})
			}
		}
	})
}
