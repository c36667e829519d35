package plan

import (
	"net/netip"
	"slices"

	"github.com/groundway-sdk/groundway/network"
)

func (b *builder) endpoints() error {
	there := staying(b.s.Endpoints, func(e network.Endpoint) string { return e.State })
	var tables, subnets []string
	for _, s := range b.p.Subnets {
		if s.Role == RoleWorker {
			subnets = append(subnets, s.Name)
		}
		if !s.Public && !slices.Contains(tables, s.Table) {
			tables = append(tables, s.Table)
		}
	}
	for _, name := range slices.Compact(slices.Sorted(slices.Values(b.o.Endpoints))) {
		e := Endpoint{Name: name, Gateway: name == "s3" || name == "dynamodb"}
		if e.Gateway {
			e.Tables = slices.Clone(tables)
		} else {
			e.Subnets = slices.Clone(subnets)
			b.p.EndpointGroup = &Group{Name: b.p.Cluster + "-endpoints", CIDRs: b.p.Assumed}
			if b.p.VPC.ID == "" {
				b.p.EndpointGroup.CIDRs = []netip.Prefix{b.p.VPC.CIDR}
			}
		}
		if made, ok := mine(b, there, "vpc-endpoint", name, func(e network.Endpoint) map[string]string { return e.Tags }); ok {
			e.ID = made.ID
			e.Lacks = b.lacks(e, made)
		}
		b.p.Endpoints = append(b.p.Endpoints, e)
	}
	if b.p.EndpointGroup != nil {
		if g, ok := mine(b, b.s.SecurityGroups, "security-group", b.p.EndpointGroup.Name, func(g network.SecurityGroup) map[string]string { return g.Tags }); ok {
			b.p.EndpointGroup.ID = g.ID
			b.p.EndpointGroup.Open = len(b.p.EndpointGroup.Missing(g)) == 0
		}
	}
	return nil
}

// lacks returns the subnets or tables of the plan that an endpoint is not in yet.
func (b *builder) lacks(e Endpoint, made network.Endpoint) (names []string) {
	for _, name := range e.Tables {
		i := slices.IndexFunc(b.p.RouteTables, func(t RouteTable) bool { return t.Name == name })
		if id := b.p.RouteTables[i].ID; id == "" || !slices.Contains(made.RouteTableIDs, id) {
			names = append(names, name)
		}
	}
	for _, name := range e.Subnets {
		i := slices.IndexFunc(b.p.Subnets, func(s Subnet) bool { return s.Name == name })
		if id := b.p.Subnets[i].ID; id == "" || !slices.Contains(made.SubnetIDs, id) {
			names = append(names, name)
		}
	}
	return names
}
