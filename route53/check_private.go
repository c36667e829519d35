package route53

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/groundway-sdk/groundway"
)

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
					"--vpc", c.vpcArgument(),
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

// vpcArgument is how commands of the AWS CLI name the VPC.
func (c *checker) vpcArgument() string {
	return fmt.Sprintf("VPCRegion=%s,VPCId=%s", cmp.Or(c.o.VPC.Region, "<REGION>"), cmp.Or(c.o.VPC.ID, "<VPC>"))
}

func (c *checker) vpcInWords() string {
	if c.o.VPC.Region == "" {
		return c.o.VPC.ID
	}
	return c.o.VPC.ID + " in " + c.o.VPC.Region
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
							"--vpc", c.vpcArgument(),
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
