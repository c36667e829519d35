package plan

import (
	"fmt"
	"math/bits"
	"net/netip"
	"slices"

	"go4.org/netipx"

	"github.com/groundway-sdk/groundway/network"
)

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
