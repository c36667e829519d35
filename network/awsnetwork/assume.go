package awsnetwork

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/network/plan"
)

// unchanged returns an error that says everything in which the account is no
// longer as the plan assumed. What an earlier call made of the same plan is no
// change.
func (a *applier) unchanged(seen world) error {
	c := &comparison{a: a, seen: seen}
	if c.vpc() {
		c.gateways()
		c.subnets()
		c.tables()
		c.others()
	}
	return errors.Join(c.errs...)
}

type comparison struct {
	a    *applier
	seen world
	errs []error
}

func (c *comparison) fail(format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf(format, args...))
}

// vpc compares the VPC, and reports whether there is more to compare.
func (c *comparison) vpc() bool {
	p := c.a.p
	assumed := p.Assumed
	if p.VPC.ID == "" {
		assumed = []netip.Prefix{p.VPC.CIDR}
	}
	if len(c.seen.VPCs.Items) == 0 {
		if p.VPC.ID != "" {
			c.fail("the VPC %s does not exist", p.VPC.ID)
		}
		return false
	}
	v := c.seen.VPCs.Items[0]
	var blocks []netip.Prefix
	for _, b := range v.CIDRs {
		if b.Prefix.Addr().Is4() && (b.State == "" || strings.EqualFold(b.State, "associated")) {
			blocks = append(blocks, b.Prefix)
		}
	}
	slices.SortFunc(blocks, netip.Prefix.Compare)
	if len(assumed) > 0 && !slices.Equal(blocks, assumed) {
		c.fail("the VPC %s has the blocks %v, and the plan assumed %v", v.ID, blocks, assumed)
	}
	return true
}

func (c *comparison) gateways() {
	p, v := c.a.p, c.seen.VPCs.Items[0]
	var attached []string
	for _, g := range c.seen.InternetGateways.Items {
		if attachedTo(g, v.ID) {
			attached = append(attached, g.ID)
		}
	}
	switch g := p.InternetGateway; {
	case g == nil:
	case g.Attached && !slices.Contains(attached, g.ID):
		c.fail("the internet gateway %s is not attached to %s any more", g.ID, v.ID)
	case !g.Attached && len(attached) > 0 && attached[0] != c.a.ids["internet-gateway/"]:
		c.fail("the internet gateway %s is attached to %s by now", attached[0], v.ID)
	}
	if d := p.DHCPOptions; d != nil {
		c.kept("dhcp-options/", d.ID)
	}
	if g := p.EgressGateway; g != nil {
		c.kept("egress-only-internet-gateway/", g.ID)
	}
}

// kept fails where the plan found something that is not there any more.
func (c *comparison) kept(key, id string) {
	if id != "" && c.a.ids[key] != id {
		c.fail("%s: %s is not there any more", strings.TrimSuffix(key, "/"), id)
	}
}

func (c *comparison) subnets() {
	for _, s := range c.a.p.Subnets {
		key := "subnet/" + s.Name
		c.kept(key, s.ID)
		for _, have := range c.seen.Subnets.Items {
			block := ipv4Of(have)
			switch {
			case have.ID == c.a.ids[key] && block != s.CIDR:
				c.fail("%s: %s has the block %s, and the plan has %s", key, have.ID, block, s.CIDR)
			case have.ID == c.a.ids[key] && have.Zone != "" && have.Zone != s.Zone:
				c.fail("%s: %s is in %s, and the plan has %s", key, have.ID, have.Zone, s.Zone)
			case have.ID != c.a.ids[key] && block.IsValid() && block.Overlaps(s.CIDR):
				c.fail("%s: the block %s is taken by %s (%s)", key, s.CIDR, have.ID, block)
			}
		}
	}
}

func ipv4Of(s network.Subnet) netip.Prefix {
	for _, c := range s.CIDRs {
		if c.Prefix.Addr().Is4() {
			return c.Prefix
		}
	}
	return netip.Prefix{}
}

func (c *comparison) tables() {
	for _, t := range c.a.p.RouteTables {
		key := "route-table/" + t.Name
		c.kept(key, t.ID)
		table := tableIn(c.seen, c.a.ids[key])
		for _, r := range t.Routes {
			have, ok := routeTo(table, r.Destination)
			switch {
			case !ok && r.Exists:
				c.fail("%s: the route of %s to %s is not there any more", key, table.ID, r.Destination)
			case ok && have.Target.ID != c.a.target(r) && have.Target.ID != r.Replaces:
				c.fail("%s: %s leads %s to %s, which the plan does not know", key, table.ID, r.Destination, have.Target.ID)
			}
		}
		for _, s := range c.a.p.Subnets {
			if s.Table != t.Name || c.a.ids["subnet/"+s.Name] == "" {
				continue
			}
			other, _, ok := associationOf(c.seen, c.a.ids["subnet/"+s.Name])
			if ok && other != table.ID && other != s.Replaces {
				c.fail("subnet/%s: %s is associated with %s, which the plan does not know", s.Name, c.a.ids["subnet/"+s.Name], other)
			}
		}
	}
}

func (c *comparison) others() {
	for _, n := range c.a.p.NATGateways {
		c.kept("nat-gateway/"+n.Name, n.ID)
	}
	if g := c.a.p.EndpointGroup; g != nil {
		c.kept("security-group/"+g.Name, g.ID)
	}
	for _, e := range c.a.p.Endpoints {
		c.kept("vpc-endpoint/"+e.Name, e.ID)
	}
}

func tableIn(seen world, id string) network.RouteTable {
	for _, t := range seen.RouteTables.Items {
		if t.ID == id && id != "" {
			return t
		}
	}
	return network.RouteTable{}
}

// routeTo returns the static route of a table to a destination.
func routeTo(t network.RouteTable, destination netip.Prefix) (network.Route, bool) {
	for _, r := range t.Routes {
		if r.Prefix == destination && r.Target.Kind != network.TargetLocal && (r.Origin == "" || strings.EqualFold(r.Origin, "CreateRoute")) {
			return r, true
		}
	}
	return network.Route{}, false
}

// associationOf returns the table that a subnet is associated with, and the ID of
// the association.
func associationOf(seen world, subnet string) (table, association string, ok bool) {
	for _, t := range seen.RouteTables.Items {
		for _, a := range t.Associations {
			if a.SubnetID == subnet && subnet != "" && (a.State == "" || strings.HasPrefix(strings.ToLower(a.State), "associat")) {
				return t.ID, a.ID, true
			}
		}
	}
	return "", "", false
}

// target returns the ID of what a route of the plan leads to, or "" where that is
// not there yet.
func (a *applier) target(r plan.Route) string {
	switch {
	case r.Name != "":
		return a.ids["nat-gateway/"+r.Name]
	case r.ID != "":
		return r.ID
	}
	return a.ids[string(r.Kind)+"/"]
}
