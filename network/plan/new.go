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
