package network

import (
	"fmt"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
)

const (
	dhcpDomain     = "domain-name"
	dhcpServers    = "domain-name-servers"
	amazonResolver = "AmazonProvidedDNS"
)

// PrivateDomain returns the domain of the private DNS names that EC2 gives to
// instances of the region: ec2.internal in us-east-1, and REGION.compute.internal
// elsewhere. See
// https://docs.aws.amazon.com/vpc/latest/userguide/DHCPOptionSetConcepts.html.
func PrivateDomain(region string) string {
	if region == "us-east-1" {
		return "ec2.internal"
	}
	return region + ".compute.internal"
}

func checkDHCPOptions(c *checker, code groundway.Code) {
	v := c.seenVPC(code)
	switch {
	case v == nil:
	case v.DHCPOptionsID == "":
		c.unknown(code, c.vpcSubject(), notShown(actionVPCs, "the DHCP options of the VPC"))
	case v.DHCPOptionsID == "default":
		c.Fail(groundway.Finding{
			Code:     code,
			Subject:  c.vpcSubject(),
			Summary:  fmt.Sprintf("%s has no set of DHCP options.", v.ID),
			Evidence: []groundway.Fact{{Path: pointer("vpcs", v.ID, "dhcpOptionsId"), Got: "default", Want: "the ID of a set", Source: actionVPCs}},
			Remedies: []groundway.Remedy{c.newDHCPOptions()},
		})
	default:
		c.Pass(code, 1)
	}
}

// newDHCPOptions is the remedy for every fault of a set: sets cannot be changed.
func (c *checker) newDHCPOptions() groundway.Remedy {
	domain := "<domain-name>"
	if c.region != "" {
		domain = PrivateDomain(c.region)
	}
	return groundway.Remedy{
		Action: "Create a set with Amazon's domain name and resolver, and associate it with the VPC.",
		Commands: [][]string{
			{"aws", "ec2", "create-dhcp-options", "--dhcp-configurations", "Key=" + dhcpDomain + ",Values=" + domain, "Key=" + dhcpServers + ",Values=" + amazonResolver},
			{"aws", "ec2", "associate-dhcp-options", "--vpc-id", c.vpcID, "--dhcp-options-id", "<dhcp-options-id>"},
		},
	}
}

// seenDHCP returns the VPC's set, or nil after it recorded why the rule says
// nothing.
func (c *checker) seenDHCP(code groundway.Code) *DHCPOptions {
	v := c.seenVPC(code)
	if v == nil {
		return nil
	}
	switch v.DHCPOptionsID {
	case "":
		c.unknown(code, c.vpcSubject(), notShown(actionVPCs, "the DHCP options of the VPC"))
		return nil
	case "default":
		c.Skip(code, codeDHCPMissing, c.vpcSubject())
		return nil
	}
	set := byKey(c.parts.DHCPOptions)[v.DHCPOptionsID]
	switch {
	case set != nil:
	case c.parts.DHCPOptions.Complete():
		// A set cannot be deleted while a VPC uses it: another account owns it.
		c.unknown(code, c.vpcSubject(), groundway.Gap{
			Action: actionDHCPOptions, Message: v.DHCPOptionsID + " is not among the sets that the caller sees", Account: v.OwnerID,
		})
	default:
		c.unknown(code, c.vpcSubject(), gapsOf(c.parts.DHCPOptions, actionDHCPOptions)...)
	}
	return set
}

// domains returns the domain names of a set. AWS takes several in one value,
// separated by spaces.
func (d *DHCPOptions) domains() []string {
	var names []string
	for _, value := range d.Values[dhcpDomain] {
		for _, name := range strings.Fields(value) {
			names = append(names, strings.ToLower(strings.TrimSuffix(name, ".")))
		}
	}
	return names
}

func (c *checker) dhcpSubject(d *DHCPOptions) groundway.Subject {
	return groundway.Subject{Kind: "dhcp-options", ID: d.ID, Name: d.Tags["Name"], Region: c.region, Account: d.OwnerID}
}

// dhcpFacts returns the values of an option, or the fact that there is none.
func dhcpFacts(d *DHCPOptions, option, want string) []groundway.Fact {
	values := d.Values[option]
	if len(values) == 0 {
		return []groundway.Fact{{Path: pointer("dhcpOptions", d.ID, "values", option), Want: want, Source: actionDHCPOptions}}
	}
	facts := make([]groundway.Fact, len(values))
	for i, value := range values {
		facts[i] = groundway.Fact{Path: pointer("dhcpOptions", d.ID, "values", option, fmt.Sprint(i)), Got: value, Want: want, Source: actionDHCPOptions}
	}
	return facts
}

func checkDHCPDomain(c *checker, code groundway.Code) {
	d := c.seenDHCP(code)
	if d == nil {
		return
	}
	if c.region == "" {
		c.unknown(code, c.dhcpSubject(d), groundway.Gap{Action: actionZones, Message: "the region was not seen, nor named in the options"})
		return
	}
	names, want := d.domains(), PrivateDomain(c.region)
	if slices.Contains(names, want) {
		c.Pass(code, 1)
		return
	}
	got := "no domain name"
	if len(names) > 0 {
		got = "the domain name " + strings.Join(names, " ")
	}
	c.Fail(groundway.Finding{
		Code:     code,
		Subject:  c.dhcpSubject(d),
		Summary:  fmt.Sprintf("%s gives hosts %s; %s needs %s.", d.ID, got, c.region, want),
		Evidence: dhcpFacts(d, dhcpDomain, want),
		Remedies: []groundway.Remedy{c.newDHCPOptions()},
		Related:  []groundway.Subject{c.vpcSubject()},
	})
}

func checkDHCPMultiple(c *checker, code groundway.Code) {
	d := c.seenDHCP(code)
	if d == nil {
		return
	}
	names := d.domains()
	switch {
	case c.region != "" && !slices.Contains(names, PrivateDomain(c.region)):
		c.Skip(code, codeDHCPDomain, c.dhcpSubject(d))
	case len(names) <= 1:
		c.Pass(code, 1)
	case c.region == "":
		c.unknown(code, c.dhcpSubject(d), groundway.Gap{Action: actionZones, Message: "the region was not seen, nor named in the options"})
	default:
		c.Fail(groundway.Finding{
			Code:     code,
			Subject:  c.dhcpSubject(d),
			Summary:  fmt.Sprintf("%s gives hosts %d domain names: %s.", d.ID, len(names), strings.Join(names, " ")),
			Evidence: dhcpFacts(d, dhcpDomain, PrivateDomain(c.region)+" alone"),
			Remedies: []groundway.Remedy{c.newDHCPOptions()},
			Related:  []groundway.Subject{c.vpcSubject()},
		})
	}
}

func checkDHCPServers(c *checker, code groundway.Code) {
	d := c.seenDHCP(code)
	if d == nil {
		return
	}
	own, maybe := c.resolvers()
	var other, unsure []string
	servers := 0
	for _, value := range d.Values[dhcpServers] {
		for _, server := range strings.FieldsFunc(value, func(r rune) bool { return r == ' ' || r == ',' }) {
			servers++
			is := func(name string) bool { return strings.EqualFold(name, server) }
			switch {
			case slices.ContainsFunc(own, is):
			case slices.Contains(maybe, server):
				unsure = append(unsure, server)
			default:
				other = append(other, server)
			}
		}
	}
	f := groundway.Finding{
		Code:     code,
		Subject:  c.dhcpSubject(d),
		Evidence: dhcpFacts(d, dhcpServers, amazonResolver),
		Remedies: []groundway.Remedy{
			c.newDHCPOptions(),
			{Action: "Have these servers forward the domains of the VPC and of its private hosted zones to the Amazon resolver."},
		},
		Related: []groundway.Subject{c.vpcSubject()},
	}
	switch {
	case servers == 0:
		f.Summary = fmt.Sprintf("%s gives hosts no DNS server.", d.ID)
		f.Remedies = f.Remedies[:1]
	case len(other) > 0:
		f.Summary = fmt.Sprintf("%s gives hosts DNS servers that are not Amazon's: %s.", d.ID, strings.Join(other, ", "))
	case len(unsure) > 0:
		c.unknown(code, c.dhcpSubject(d), notShown(actionVPCs, "which block of the VPC is its first: Amazon's resolver is in that, and "+strings.Join(unsure, ", ")+" may be it"))
		return
	default:
		c.Pass(code, 1)
		return
	}
	c.Fail(f)
}

// resolvers returns the names of the Amazon resolver: it answers at two
// link-local addresses and at the third address of the VPC's first block. Which
// one that is of several EC2 shows, and a snapshot does not hold: of these each
// may be it. See
// https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html and
// https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html.
func (c *checker) resolvers() (names, maybe []string) {
	names = []string{amazonResolver, "169.254.169.253", "fd00:ec2::253"}
	for _, b := range c.vpc.live() {
		if b.Prefix.Addr().Is4() {
			maybe = append(maybe, b.Prefix.Masked().Addr().Next().Next().String())
		}
	}
	if len(maybe) == 1 {
		return append(names, maybe...), nil
	}
	return names, maybe
}
