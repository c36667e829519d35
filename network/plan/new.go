package plan

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math/bits"
	"net/netip"
	"slices"
	"strings"

	"go4.org/netipx"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/network"
)

// New lays out the network. The snapshot says which zones there are and, where
// Options.VPC is given, what stands in the VPC; subnets and all else that an
// earlier plan of the same owner made there are kept, and never renumbered. For a
// new VPC it also finds what was made of one before.
//
// It is an error where the options contradict themselves or each other (every
// mistake is reported), where the snapshot does not show what has to be known, and
// where the addresses do not suffice.
func New(s network.Snapshot, o Options) (Plan, error) {
	if err := o.check(); err != nil {
		return Plan{}, fmt.Errorf("plan network: %w", err)
	}
	b := &builder{s: s, o: o, p: Plan{
		Account: s.Account, Region: cmp.Or(o.Region, s.Region), Cluster: o.Cluster, Owner: cmp.Or(o.Owner, o.Cluster),
		Profile: o.Profile, Topology: o.Topology, PodCIDR: o.PodCIDR, ServiceCIDR: o.ServiceCIDR, Tags: maps.Clone(o.Tags),
	}}
	for _, step := range []func() error{b.chooseZones, b.chooseVPC, b.chooseSubnets, b.gateways, b.routes, b.endpoints} {
		if err := step(); err != nil {
			return Plan{}, fmt.Errorf("plan network: %w", err)
		}
	}
	b.p.prove(s)
	return b.p, nil
}

type builder struct {
	s     network.Snapshot
	o     Options
	p     Plan
	zones []string
	slots int
	free  *netipx.IPSet
}

// mine returns the item of a part that this owner's plan made under a name; of
// several, as an answer that was lost may have left, the first by its ID.
func mine[T groundway.Keyed](b *builder, part groundway.Part[T], kind, name string, tags func(T) map[string]string) (first T, found bool) {
	for _, item := range part.Items {
		t := tags(item)
		if t[groundway.OwnerTag] == b.p.Owner && t[ResourceTag] == kind+"/"+name && (!found || item.Key() < first.Key()) {
			first, found = item, true
		}
	}
	return first, found
}

// staying returns the part without what is on its way out, which EC2 shows for a
// while.
func staying[T any](part groundway.Part[T], state func(T) string) groundway.Part[T] {
	part.Items = slices.DeleteFunc(slices.Clone(part.Items), func(item T) bool {
		return slices.Contains([]string{"deleting", "deleted", "failed", "rejected", "expired"}, strings.ToLower(state(item)))
	})
	return part
}

// seen returns an error if what is not in a part may be there all the same.
func seen[T any](part groundway.Part[T], what string) error {
	if part.Seen && !part.Partial {
		return nil
	}
	for _, g := range part.Gaps {
		return fmt.Errorf("%s could not be seen: %s: %s", what, g.Action, cmp.Or(g.Message, g.Code))
	}
	return fmt.Errorf("%s could not be seen", what)
}

func (b *builder) chooseZones() error {
	unfit := func(z network.Zone) string {
		switch {
		case z.Type != "" && !strings.EqualFold(z.Type, "availability-zone"):
			return "it is a " + z.Type
		case z.OptIn != "" && strings.EqualFold(z.OptIn, "not-opted-in"):
			return "the account has not opted in to it"
		case z.State != "" && !strings.EqualFold(z.State, "available") && !strings.EqualFold(z.State, "information"):
			return "its state is " + z.State
		}
		return ""
	}
	zones := slices.SortedFunc(slices.Values(b.s.Zones.Items), func(x, y network.Zone) int { return cmp.Compare(x.Name, y.Name) })
	var errs []error
	for _, name := range b.o.Zones {
		i := slices.IndexFunc(zones, func(z network.Zone) bool { return z.Name == name })
		switch {
		case i < 0 && seen(b.s.Zones, "zones") == nil:
			var names []string
			for _, z := range zones {
				if unfit(z) == "" {
					names = append(names, z.Name)
				}
			}
			errs = append(errs, fmt.Errorf("zone %s: the account has none of this name in %s, want one of %s", name, b.p.Region, strings.Join(names, ", ")))
		case i >= 0 && unfit(zones[i]) != "":
			errs = append(errs, fmt.Errorf("zone %s: %s", name, unfit(zones[i])))
		}
	}
	b.zones = slices.Clone(b.o.Zones)
	if len(b.zones) == 0 {
		for _, z := range zones {
			if unfit(z) == "" && len(b.zones) < 3 {
				b.zones = append(b.zones, z.Name)
			}
		}
	}
	if len(b.zones) == 0 {
		errs = append(errs, cmp.Or(seen(b.s.Zones, "which zones there are"), errors.New("the region has no zone for a cluster")))
	}
	b.slots = b.o.ZoneSlots
	if b.slots == 0 {
		b.slots = 4
		if len(b.zones) > 4 {
			b.slots = 1 << bits.Len(uint(len(b.zones)-1))
			b.slots = max(b.slots, 8)
		}
	}
	if len(b.zones) > b.slots {
		errs = append(errs, fmt.Errorf("%d zones, and room for %d", len(b.zones), b.slots))
	}
	return errors.Join(errs...)
}

var dockerBridge = netip.MustParsePrefix("172.17.0.0/16")

// forbidden returns the blocks to keep apart from, with what they are.
func (b *builder) forbidden() map[netip.Prefix]string {
	blocks := map[netip.Prefix]string{dockerBridge: "Docker's bridge"}
	for _, p := range b.o.Forbidden {
		blocks[p] = "a forbidden block"
	}
	for p := range b.o.PrivateRoutes {
		blocks[p] = "what a private route leads to"
	}
	if b.o.PodCIDR.IsValid() {
		blocks[b.o.PodCIDR] = "the pods' block"
	}
	if b.o.ServiceCIDR.IsValid() {
		blocks[b.o.ServiceCIDR] = "the services' block"
	}
	return blocks
}

// conflict says which forbidden block a block overlaps; a default route leads
// everywhere, and forbids nothing.
func conflict(p netip.Prefix, blocks map[netip.Prefix]string) string {
	for _, other := range slices.SortedFunc(maps.Keys(blocks), netip.Prefix.Compare) {
		if other.Bits() > 0 && p.Overlaps(other) {
			return fmt.Sprintf("it overlaps %s, %s", other, blocks[other])
		}
	}
	return ""
}

func (b *builder) chooseVPC() error {
	forbidden := b.forbidden()
	if b.o.VPC == "" {
		if made, ok := mine(b, b.s.VPCs, "vpc", "", func(v network.VPC) map[string]string { return v.Tags }); ok {
			return b.extend(made, forbidden)
		}
		if err := seen(b.s.VPCs, "whether an earlier plan made a VPC"); err != nil {
			return err
		}
		return b.newVPC(forbidden)
	}
	i := slices.IndexFunc(b.s.VPCs.Items, func(v network.VPC) bool { return v.ID == b.o.VPC })
	if i < 0 {
		return cmp.Or(seen(b.s.VPCs, fmt.Sprintf("the VPC %s", b.o.VPC)), fmt.Errorf("the VPC %s does not exist in %s", b.o.VPC, b.p.Region))
	}
	return b.extend(b.s.VPCs.Items[i], forbidden)
}

func (b *builder) newVPC(forbidden map[netip.Prefix]string) error {
	candidates := b.o.Candidates
	if b.o.CIDR.IsValid() {
		candidates = []netip.Prefix{b.o.CIDR}
	} else if len(candidates) == 0 {
		candidates = DefaultCandidates()
	}
	for _, c := range candidates {
		if reason := conflict(c, forbidden); reason != "" {
			b.p.Rejected = append(b.p.Rejected, Rejected{c, reason})
			continue
		}
		b.p.VPC = VPC{CIDR: c, IPv6: b.o.IPv6}
		b.p.DHCPOptions = &DHCPOptions{Domain: network.PrivateDomain(b.p.Region)}
		b.free = setOf(c)
		return nil
	}
	var reasons []string
	for _, r := range b.p.Rejected {
		reasons = append(reasons, fmt.Sprintf("%s: %s", r.CIDR, r.Reason))
	}
	return fmt.Errorf("no block is left for the VPC: %s", strings.Join(reasons, "; "))
}

// on reports whether a switch of the VPC is seen to be on.
func on(part groundway.Part[network.DNSAttribute], vpc string) bool {
	return slices.Contains(part.Items, network.DNSAttribute{VPCID: vpc, Enabled: true})
}

// extend plans in a VPC that exists.
func (b *builder) extend(v network.VPC, forbidden map[netip.Prefix]string) error {
	if err := errors.Join(seen(b.s.Subnets, "the subnets"), seen(b.s.RouteTables, "the route tables"), seen(b.s.InternetGateways, "the internet gateways")); err != nil {
		return err
	}
	own := v.Tags[groundway.OwnerTag] == b.p.Owner && v.Tags[ResourceTag] == "vpc/"
	var blocks []netip.Prefix
	for _, c := range v.CIDRs {
		if c.State != "" && !strings.EqualFold(c.State, "associated") && (!own || !strings.EqualFold(c.State, "associating")) {
			continue
		}
		if c.Prefix.Addr().Is4() {
			blocks = append(blocks, c.Prefix)
		} else if c.Prefix.Bits() <= 56 {
			b.p.VPC.IPv6 = b.o.IPv6
		}
	}
	if len(blocks) == 0 {
		return fmt.Errorf("the VPC %s shows no IPv4 block", v.ID)
	}
	slices.SortFunc(blocks, netip.Prefix.Compare)
	if own && b.o.CIDR.IsValid() && !slices.Contains(blocks, b.o.CIDR) {
		return fmt.Errorf("the VPC %s of an earlier plan has the block %s, and %s is wanted: blocks are never changed", v.ID, blocks[0], b.o.CIDR)
	}
	b.p.VPC.ID, b.p.VPC.CIDR = v.ID, blocks[0]
	b.p.Assumed = blocks
	if b.o.IPv6 && !b.p.VPC.IPv6 {
		return fmt.Errorf("IPv6 is asked for, and the VPC %s has no block of it", v.ID)
	}
	if own {
		b.p.VPC.DNS = on(b.s.DNSSupport, v.ID) && on(b.s.DNSHostnames, v.ID)
		b.p.DHCPOptions = &DHCPOptions{Domain: network.PrivateDomain(b.p.Region)}
		if d, ok := mine(b, b.s.DHCPOptions, "dhcp-options", "", func(d network.DHCPOptions) map[string]string { return d.Tags }); ok {
			b.p.DHCPOptions.ID, b.p.DHCPOptions.Associated = d.ID, d.ID == v.DHCPOptionsID
		}
	}
	var taken []netip.Prefix
	for _, n := range b.s.Subnets.Items {
		if n.VPCID == v.ID || n.VPCID == "" {
			for _, c := range n.CIDRs {
				taken = append(taken, c.Prefix)
			}
		}
	}
	for _, t := range b.s.RouteTables.Items {
		for _, r := range t.Routes {
			if t.VPCID == v.ID && r.Prefix.IsValid() && r.Prefix.Bits() > 0 && r.Target.Kind != network.TargetLocal {
				taken = append(taken, r.Prefix)
			}
		}
	}
	for p := range forbidden {
		if p.Bits() > 0 {
			taken = append(taken, p)
		}
	}
	b.free = without(setOf(blocks...), taken)
	return nil
}

// roles returns the roles of the topology, with which are public.
func (b *builder) roles() (roles []Role, public map[Role]bool) {
	if b.o.Topology == network.TopologyPublic {
		return []Role{RoleController, RoleWorker}, map[Role]bool{RoleController: true}
	}
	if b.o.NAT == NATNone {
		return []Role{RoleController, RoleWorker}, nil
	}
	return []Role{RoleController, RoleWorker, RoleEdge}, map[Role]bool{RoleEdge: true}
}

func (b *builder) chooseSubnets() error {
	roles, public := b.roles()
	kept := map[Role]map[string]network.Subnet{}
	var regions []region
	for _, role := range roles {
		kept[role] = map[string]network.Subnet{}
		r := region{role: role, slots: b.slots, bits: b.sizeOf(role)}
		for i, zone := range b.zones {
			n, ok := mine(b, b.s.Subnets, "subnet", string(role)+"-"+zone, func(n network.Subnet) map[string]string { return n.Tags })
			if !ok || len(n.CIDRs) == 0 || b.p.VPC.ID == "" || n.VPCID != b.p.VPC.ID {
				continue
			}
			kept[role][zone] = n
			if block := ipv4Of(n); r.at == (netip.Prefix{}) {
				r.bits = block.Bits()
				r.at = startOf(block, i, r)
			}
		}
		regions = append(regions, r)
	}
	if err := b.layMissing(regions, kept); err != nil {
		return err
	}
	index := 0
	for _, r := range regions {
		for i, zone := range b.zones {
			index++
			s := Subnet{Name: string(r.role) + "-" + zone, Role: r.role, Zone: zone, CIDR: r.block(i), Public: public[r.role], Table: "private-" + zone}
			if s.Public {
				s.Table = "public"
			}
			if b.p.VPC.IPv6 {
				s.IPv6 = 1 + slices.Index([]Role{RoleController, RoleWorker, RoleEdge}, r.role)*maxZoneSlots + i
			}
			if n, ok := kept[r.role][zone]; ok {
				s.ID, s.CIDR = n.ID, ipv4Of(n)
				s.Assigns = s.Public && n.AutoPublicIP != nil && *n.AutoPublicIP
			}
			b.p.Subnets = append(b.p.Subnets, s)
		}
	}
	return nil
}

func ipv4Of(n network.Subnet) netip.Prefix {
	for _, c := range n.CIDRs {
		if c.Prefix.Addr().Is4() {
			return c.Prefix
		}
	}
	return netip.Prefix{}
}

// layMissing lays out the regions of which nothing is there, and holds those of
// which something is against what is free.
func (b *builder) layMissing(regions []region, kept map[Role]map[string]network.Subnet) error {
	free := b.free
	var fresh []int
	for k, r := range regions {
		if r.at == (netip.Prefix{}) {
			fresh = append(fresh, k)
			continue
		}
		for i, zone := range b.zones {
			if _, ok := kept[r.role][zone]; ok {
				continue
			}
			if block := r.block(i); !free.ContainsPrefix(block) {
				return fmt.Errorf("the %s subnet of %s has its place at %s, beside those that are there, and that is not free", r.role, zone, block)
			}
		}
		// Its places stay its own, also those of zones to come.
		free = without(free, []netip.Prefix{r.at})
	}
	missing := make([]region, len(fresh))
	for i, k := range fresh {
		missing[i] = regions[k]
	}
	if err := lay(missing, free); err != nil {
		if err = b.layFewer(missing, free, err); err != nil {
			return err
		}
	}
	for i, k := range fresh {
		regions[k] = missing[i]
	}
	return nil
}

// layFewer halves the subnets of workers whose size nobody asked for until all
// regions fit, and returns the first error where they never do.
func (b *builder) layFewer(missing []region, free *netipx.IPSet, first error) error {
	i := slices.IndexFunc(missing, func(r region) bool { return r.role == RoleWorker })
	for i >= 0 && b.o.Workers == 0 && missing[i].bits < smallest {
		missing[i].bits++
		if lay(missing, free) == nil {
			return nil
		}
	}
	return first
}

// sizeOf returns the prefix length of a role's blocks.
func (b *builder) sizeOf(role Role) int {
	addresses := map[Role]int{RoleController: b.o.Controllers, RoleWorker: b.o.Workers, RoleEdge: 8}[role]
	most := smallest
	if role == RoleController {
		most = bitsFor(forOthers + 1)
	}
	if addresses > 0 {
		addresses = (addresses*(100+b.o.Growth) + 99) / 100
		if role == RoleController {
			addresses += forOthers
		}
		return bitsFor(addresses)
	}
	share := 3 // an eighth
	if role == RoleWorker {
		share = 1
	}
	whole := largestOf(b.free)
	return min(max(whole+share+bits.Len(uint(b.slots-1)), largest), most)
}

// largestOf returns the prefix length of the largest free block.
func largestOf(set *netipx.IPSet) int {
	best := 32
	for _, p := range set.Prefixes() {
		if p.Addr().Is4() {
			best = min(best, p.Bits())
		}
	}
	return best
}

// startOf returns the region in which a block is the nth.
func startOf(block netip.Prefix, n int, r region) netip.Prefix {
	first := region{bits: block.Bits(), at: block}.block(-n)
	return netip.PrefixFrom(first.Addr(), r.span())
}

func (b *builder) publicSubnets() []Subnet {
	return slices.DeleteFunc(slices.Clone(b.p.Subnets), func(s Subnet) bool { return !s.Public })
}

func (b *builder) gateways() error {
	public := b.publicSubnets()
	if len(public) > 0 {
		b.internetGateway()
	}
	if b.p.VPC.IPv6 && len(public) < len(b.p.Subnets) {
		b.p.EgressGateway = &Gateway{}
		if g, ok := mine(b, b.s.EgressGateways, "egress-only-internet-gateway", "", func(g network.InternetGateway) map[string]string { return g.Tags }); ok {
			b.p.EgressGateway = &Gateway{ID: g.ID, Attached: true}
		}
	}
	if b.o.NAT == NATNone {
		return nil
	}
	nats := staying(b.s.NATGateways, func(n network.NATGateway) string { return n.State })
	zones := b.zones
	if b.o.NAT == NATSingle {
		zones = zones[:1]
	}
	for _, zone := range zones {
		i := slices.IndexFunc(public, func(s Subnet) bool { return s.Zone == zone })
		n := NATGateway{Name: zone, Subnet: public[i].Name}
		if made, ok := mine(b, nats, "nat-gateway", zone, func(n network.NATGateway) map[string]string { return n.Tags }); ok {
			n.ID = made.ID
		}
		b.p.NATGateways = append(b.p.NATGateways, n)
	}
	return nil
}

// internetGateway takes the gateway that is attached, or one of an earlier plan.
// In a VPC that is somebody else's the profile may forbid to make one: then there
// is none, and the finding says so.
func (b *builder) internetGateway() {
	for _, g := range b.s.InternetGateways.Items {
		for _, a := range g.Attachments {
			if b.p.VPC.ID != "" && a.VPCID == b.p.VPC.ID {
				b.p.InternetGateway = &Gateway{ID: g.ID, Attached: true}
				return
			}
		}
	}
	if b.o.VPC != "" && b.o.Profile == network.ProfileTectonic {
		return
	}
	b.p.InternetGateway = &Gateway{}
	if g, ok := mine(b, b.s.InternetGateways, "internet-gateway", "", func(g network.InternetGateway) map[string]string { return g.Tags }); ok && len(g.Attachments) == 0 {
		b.p.InternetGateway.ID = g.ID
	}
}

var (
	anywhere4 = netip.MustParsePrefix("0.0.0.0/0")
	anywhere6 = netip.MustParsePrefix("::/0")
)

func (b *builder) routes() error {
	names := map[string]bool{}
	for _, s := range b.p.Subnets {
		if names[s.Table] {
			continue
		}
		names[s.Table] = true
		t := RouteTable{Name: s.Table}
		switch {
		case s.Public && b.p.InternetGateway != nil:
			t.Routes = append(t.Routes, Route{Destination: anywhere4, Kind: network.TargetInternetGateway, ID: b.p.InternetGateway.ID})
			if b.p.VPC.IPv6 {
				t.Routes = append(t.Routes, Route{Destination: anywhere6, Kind: network.TargetInternetGateway, ID: b.p.InternetGateway.ID})
			}
		case s.Public:
		case len(b.p.NATGateways) > 0:
			n := b.p.NATGateways[0]
			for _, other := range b.p.NATGateways {
				if other.Name == s.Zone {
					n = other
				}
			}
			t.Routes = append(t.Routes, Route{Destination: anywhere4, Kind: network.TargetNATGateway, Name: n.Name, ID: n.ID})
		}
		if !s.Public {
			if b.p.EgressGateway != nil {
				t.Routes = append(t.Routes, Route{Destination: anywhere6, Kind: network.TargetEgressOnlyGateway, ID: b.p.EgressGateway.ID})
			}
			for _, p := range slices.SortedFunc(maps.Keys(b.o.PrivateRoutes), netip.Prefix.Compare) {
				target := b.o.PrivateRoutes[p]
				t.Routes = append(t.Routes, Route{Destination: p, Kind: target.Kind, ID: target.ID})
			}
		}
		b.keepTable(&t)
		b.p.RouteTables = append(b.p.RouteTables, t)
	}
	return nil
}

// keepTable takes the table of an earlier plan, with the routes that it has, and
// looks which tables its subnets have.
func (b *builder) keepTable(t *RouteTable) {
	made, ok := mine(b, b.s.RouteTables, "route-table", t.Name, func(t network.RouteTable) map[string]string { return t.Tags })
	if ok && made.VPCID == b.p.VPC.ID {
		t.ID = made.ID
		for i, r := range t.Routes {
			for _, have := range made.Routes {
				switch {
				case have.Prefix != r.Destination, have.Origin != "" && !strings.EqualFold(have.Origin, "CreateRoute"):
				case r.ID != "" && have.Target.ID == r.ID:
					t.Routes[i].Exists = !strings.EqualFold(have.State, "blackhole")
				case have.Target.Kind != network.TargetLocal:
					t.Routes[i].Replaces = have.Target.ID
				}
			}
		}
	}
	for i, s := range b.p.Subnets {
		if s.ID == "" || s.Table != t.Name {
			continue
		}
		for _, table := range b.s.RouteTables.Items {
			switch {
			case !slices.ContainsFunc(table.Associations, func(a network.Association) bool { return a.SubnetID == s.ID }):
			case t.ID != "" && table.ID == t.ID:
				b.p.Subnets[i].Routed = true
			default:
				b.p.Subnets[i].Replaces = table.ID
			}
		}
	}
}

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
