package plan

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/network"
)

// CheckOptions returns the options by which network.Check judges the snapshot that
// the plan leads to; ids are the identifiers of the plan's subnets by their names,
// as [Plan.IDs] or whoever carried the plan out returns them.
func (p Plan) CheckOptions(ids map[string]string) network.Options {
	o := network.Options{
		Cluster: p.Cluster, Profile: p.Profile, Topology: p.Topology, Region: p.Region, VPC: ids["vpc/"],
		PodCIDR: p.PodCIDR, ServiceCIDR: p.ServiceCIDR,
	}
	for _, s := range p.Subnets {
		switch s.Role {
		case RoleController:
			o.ControllerSubnets = append(o.ControllerSubnets, ids["subnet/"+s.Name])
		case RoleWorker:
			o.WorkerSubnets = append(o.WorkerSubnets, ids["subnet/"+s.Name])
		}
	}
	return o
}

// IDs returns the identifiers of what is there already, and for what is to be made
// ones that stand for it, by kind and name: "subnet/worker-us-east-1a" to
// "subnet-worker-us-east-1a".
func (p Plan) IDs() map[string]string {
	ids := map[string]string{}
	name := func(kind, name, id, prefix string) {
		ids[kind+"/"+name] = cmp.Or(id, prefix+cmp.Or(name, p.Cluster))
	}
	name("vpc", "", p.VPC.ID, "vpc-")
	if p.DHCPOptions != nil {
		name("dhcp-options", "", p.DHCPOptions.ID, "dopt-")
	}
	if p.InternetGateway != nil {
		name("internet-gateway", "", p.InternetGateway.ID, "igw-")
	}
	if p.EgressGateway != nil {
		name("egress-only-internet-gateway", "", p.EgressGateway.ID, "eigw-")
	}
	for _, s := range p.Subnets {
		name("subnet", s.Name, s.ID, "subnet-")
	}
	for _, n := range p.NATGateways {
		name("nat-gateway", n.Name, n.ID, "nat-")
	}
	for _, t := range p.RouteTables {
		name("route-table", t.Name, t.ID, "rtb-")
	}
	if p.EndpointGroup != nil {
		name("security-group", p.EndpointGroup.Name, p.EndpointGroup.ID, "sg-")
	}
	for _, e := range p.Endpoints {
		name("vpc-endpoint", e.Name, e.ID, "vpce-")
	}
	return ids
}

// prove checks the network that the plan leads to, and keeps what fails there.
func (p *Plan) prove(s network.Snapshot) {
	for _, f := range network.Check(p.Snapshot(s), p.CheckOptions(p.IDs())) {
		if f.Outcome == groundway.Failed && f.Severity == groundway.Error {
			p.Findings = append(p.Findings, f)
		}
	}
}

// Snapshot returns what AWS would show of the account once the plan is carried
// out, with the identifiers of [Plan.IDs]: the snapshot that the plan was made of,
// and all that the plan has.
func (p Plan) Snapshot(s network.Snapshot) network.Snapshot {
	x := projection{p: p, s: s, ids: p.IDs()}
	x.s.Region = p.Region
	x.vpc()
	x.gateways()
	x.subnets()
	x.tables()
	x.endpoints()
	return x.s
}

type projection struct {
	p   Plan
	s   network.Snapshot
	ids map[string]string
}

// put adds an item to a part, in place of the one of its key. What is made is seen,
// whatever else of the part is not.
func put[T groundway.Keyed](part *groundway.Part[T], item T) {
	items := slices.DeleteFunc(slices.Clone(part.Items), func(have T) bool { return have.Key() == item.Key() })
	part.Items = append(items, item)
	if !part.Seen {
		part.Seen, part.Partial = true, true
	}
}

func get[T groundway.Keyed](part groundway.Part[T], key string) T {
	for _, item := range part.Items {
		if item.Key() == key {
			return item
		}
	}
	return *new(T)
}

func (x *projection) vpc() {
	id := x.ids["vpc/"]
	v := get(x.s.VPCs, id)
	if x.p.DHCPOptions != nil && strings.EqualFold(v.State, "pending") {
		v.State, v.CIDRs = "available", slices.Clone(v.CIDRs)
		for i := range v.CIDRs {
			v.CIDRs[i].State = "associated"
		}
	}
	if v.ID == "" {
		v = network.VPC{
			ID: id, OwnerID: x.p.Account, State: "available", BlockMode: "off", Tags: x.p.TagsOf("vpc", ""),
			CIDRs: []network.CIDR{{Prefix: x.p.VPC.CIDR, State: "associated"}},
		}
		if x.p.VPC.IPv6 {
			v.CIDRs = append(v.CIDRs, network.CIDR{Prefix: planned6, State: "associated"})
		}
	}
	if x.p.DHCPOptions != nil {
		v.DHCPOptionsID = x.ids["dhcp-options/"]
		put(&x.s.DNSSupport, network.DNSAttribute{VPCID: id, Enabled: true})
		put(&x.s.DNSHostnames, network.DNSAttribute{VPCID: id, Enabled: true})
		put(&x.s.DHCPOptions, network.DHCPOptions{ID: v.DHCPOptionsID, OwnerID: x.p.Account, Tags: x.p.TagsOf("dhcp-options", ""), Values: map[string][]string{
			"domain-name": {x.p.DHCPOptions.Domain}, "domain-name-servers": {"AmazonProvidedDNS"},
		}})
	}
	put(&x.s.VPCs, v)
}

// planned6 stands for the block that Amazon will choose.
var planned6 = netip.MustParsePrefix("2600:1f00::/56")

// Block6 returns the nth /64 of a VPC's block, from 1.
func Block6(vpc netip.Prefix, n int) (netip.Prefix, error) {
	if !vpc.Addr().Is6() || vpc.Bits() > 56 || n < 1 || n > 256 {
		return netip.Prefix{}, fmt.Errorf("block %d of %s: want an IPv6 block of /56 or larger, and 1 to 256", n, vpc)
	}
	a := vpc.Addr().As16()
	binary.BigEndian.PutUint64(a[:8], binary.BigEndian.Uint64(a[:8])+uint64(n-1))
	return netip.PrefixFrom(netip.AddrFrom16(a), 64), nil
}

func (x *projection) gateways() {
	id := x.ids["vpc/"]
	attach := func(part *groundway.Part[network.InternetGateway], kind string, g *Gateway) {
		if g == nil {
			return
		}
		have := get(*part, x.ids[kind+"/"])
		if have.ID == "" {
			have = network.InternetGateway{ID: x.ids[kind+"/"], OwnerID: x.p.Account, Tags: x.p.TagsOf(kind, "")}
		}
		if !g.Attached {
			have.Attachments = []network.Attachment{{VPCID: id, State: "available"}}
		}
		put(part, have)
	}
	attach(&x.s.InternetGateways, "internet-gateway", x.p.InternetGateway)
	attach(&x.s.EgressGateways, "egress-only-internet-gateway", x.p.EgressGateway)
	for i, n := range x.p.NATGateways {
		if have := get(x.s.NATGateways, n.ID); strings.EqualFold(have.State, "pending") {
			have.State = "available"
			put(&x.s.NATGateways, have)
		}
		if n.ID == "" {
			put(&x.s.NATGateways, network.NATGateway{
				ID: x.ids["nat-gateway/"+n.Name], VPCID: id, SubnetID: x.ids["subnet/"+n.Subnet], State: "available", Connectivity: "public",
				AvailabilityMode: "zonal", Tags: x.p.TagsOf("nat-gateway", n.Name),
				PublicAddresses: []netip.Addr{netip.AddrFrom4([4]byte{198, 51, 100, byte(i + 1)})},
			})
		}
	}
	if len(x.p.NATGateways) == 0 && !x.s.NATGateways.Seen && x.p.VPC.ID == "" {
		x.s.NATGateways = groundway.SeenPart[network.NATGateway]()
	}
}

func (x *projection) subnets() {
	for _, s := range x.p.Subnets {
		if s.ID != "" {
			have := get(x.s.Subnets, s.ID)
			have.AutoPublicIP = new(s.Public || have.AutoPublicIP != nil && *have.AutoPublicIP)
			put(&x.s.Subnets, have)
			continue
		}
		free, public := s.Usable(), s.Public
		for _, n := range x.p.NATGateways {
			if n.Subnet == s.Name {
				free-- // its interface
			}
		}
		made := network.Subnet{
			ID: x.ids["subnet/"+s.Name], VPCID: x.ids["vpc/"], OwnerID: x.p.Account, State: "available", Zone: s.Zone, BlockMode: "off",
			CIDRs: []network.CIDR{{Prefix: s.CIDR}}, AutoPublicIP: &public, FreeAddresses: &free, Tags: x.p.TagsOf("subnet", s.Name),
		}
		for _, z := range x.s.Zones.Items {
			if z.Name == s.Zone {
				made.ZoneID = z.ID
			}
		}
		if s.IPv6 > 0 {
			for _, c := range get(x.s.VPCs, x.ids["vpc/"]).CIDRs {
				if block, err := Block6(c.Prefix, s.IPv6); err == nil {
					made.CIDRs = append(made.CIDRs, network.CIDR{Prefix: block, State: "associated"})
					break
				}
			}
		}
		put(&x.s.Subnets, made)
	}
}

func (x *projection) tables() {
	id := x.ids["vpc/"]
	local := func() (routes groundway.List[network.Route]) {
		for _, c := range get(x.s.VPCs, id).CIDRs {
			routes = append(routes, network.Route{
				Prefix: c.Prefix, Target: network.Target{Kind: network.TargetLocal}, State: "active", Origin: "CreateRouteTable",
			})
		}
		return routes
	}
	if x.p.VPC.ID == "" {
		put(&x.s.RouteTables, network.RouteTable{
			ID: "rtb-main-" + x.p.Cluster, VPCID: id, OwnerID: x.p.Account, Routes: local(),
			Associations: []network.Association{{Main: true, State: "associated"}},
		})
	}
	// A subnet of the plan has the table of the plan, and no other.
	for _, t := range slices.Clone(x.s.RouteTables.Items) {
		t.Associations = slices.DeleteFunc(slices.Clone(t.Associations), func(a network.Association) bool {
			return a.SubnetID != "" && slices.ContainsFunc(x.p.Subnets, func(s Subnet) bool { return s.ID == a.SubnetID })
		})
		put(&x.s.RouteTables, t)
	}
	for _, t := range x.p.RouteTables {
		made := get(x.s.RouteTables, x.ids["route-table/"+t.Name])
		if made.ID == "" {
			made = network.RouteTable{ID: x.ids["route-table/"+t.Name], VPCID: id, OwnerID: x.p.Account, Routes: local(), Tags: x.p.TagsOf("route-table", t.Name)}
		}
		made.Routes = slices.Clone(made.Routes)
		for _, r := range t.Routes {
			route := network.Route{Prefix: r.Destination, Target: network.Target{Kind: r.Kind, ID: x.target(r)}, State: "active", Origin: "CreateRoute"}
			made.Routes = slices.DeleteFunc(made.Routes, func(have network.Route) bool { return have.Key() == route.Key() })
			made.Routes = append(made.Routes, route)
		}
		for _, s := range x.p.Subnets {
			if s.Table == t.Name {
				made.Associations = append(made.Associations, network.Association{SubnetID: x.ids["subnet/"+s.Name], State: "associated"})
			}
		}
		put(&x.s.RouteTables, made)
	}
}

// target returns the identifier of what a route leads to.
func (x *projection) target(r Route) string {
	switch {
	case r.ID != "":
		return r.ID
	case r.Name != "":
		return x.ids["nat-gateway/"+r.Name]
	}
	return x.ids[string(r.Kind)+"/"]
}

func (x *projection) endpoints() {
	if x.p.VPC.ID == "" && !x.s.Endpoints.Seen {
		x.s.Endpoints = groundway.SeenPart[network.Endpoint]()
	}
	if g := x.p.EndpointGroup; g != nil && !g.Open {
		https := 443
		made := get(x.s.SecurityGroups, g.ID)
		if made.ID == "" {
			made = network.SecurityGroup{
				ID: x.ids["security-group/"+g.Name], VPCID: x.ids["vpc/"], OwnerID: x.p.Account, Name: g.Name, Tags: x.p.TagsOf("security-group", g.Name),
			}
		}
		made.Ingress = network.MergeRules(append(slices.Clone(made.Ingress), network.SecurityRule{
			Protocol: "tcp", FromPort: &https, ToPort: &https, Prefixes: g.Missing(made),
		}))
		put(&x.s.SecurityGroups, made)
	}
	for _, e := range x.p.Endpoints {
		if e.ID != "" {
			have := get(x.s.Endpoints, e.ID)
			if strings.EqualFold(have.State, "pending") {
				have.State = "available"
			}
			have.RouteTableIDs, have.SubnetIDs = slices.Clone(have.RouteTableIDs), slices.Clone(have.SubnetIDs)
			for _, name := range e.Lacks {
				if e.Gateway {
					have.RouteTableIDs = append(have.RouteTableIDs, x.ids["route-table/"+name])
				} else {
					have.SubnetIDs = append(have.SubnetIDs, x.ids["subnet/"+name])
				}
			}
			put(&x.s.Endpoints, have)
			continue
		}
		made := network.Endpoint{
			ID: x.ids["vpc-endpoint/"+e.Name], VPCID: x.ids["vpc/"], OwnerID: x.p.Account, Type: "Interface", Service: e.Service(x.p.Region),
			State: "available", PrivateDNS: new(!e.Gateway), Tags: x.p.TagsOf("vpc-endpoint", e.Name),
		}
		if e.Gateway {
			made.Type = "Gateway"
			for _, t := range e.Tables {
				made.RouteTableIDs = append(made.RouteTableIDs, x.ids["route-table/"+t])
			}
		} else {
			made.GroupIDs = []string{x.ids["security-group/"+x.p.EndpointGroup.Name]}
			for _, s := range e.Subnets {
				made.SubnetIDs = append(made.SubnetIDs, x.ids["subnet/"+s])
			}
		}
		put(&x.s.Endpoints, made)
	}
}
