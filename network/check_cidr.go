package network

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/groundway-sdk/groundway"
)

// A clusterCIDR is a block of the cluster that the options name.
type clusterCIDR struct {
	what   string // pod, service
	prefix netip.Prefix
	path   string
}

func (b clusterCIDR) subject() groundway.Subject {
	return groundway.Subject{Kind: b.what + "-cidr", ID: b.prefix.String(), Path: b.path}
}

// clusterCIDRs returns the blocks that the options name.
func (c *checker) clusterCIDRs() []clusterCIDR {
	return slices.DeleteFunc([]clusterCIDR{
		{"pod", c.o.PodCIDR, "/network/podCIDR"},
		{"service", c.o.ServiceCIDR, "/network/serviceCIDR"},
	}, func(b clusterCIDR) bool { return b.prefix == netip.Prefix{} })
}

// validCIDRs returns those that are usable; for the others it records that the
// rule follows from that.
func (c *checker) validCIDRs(code groundway.Code, what string) []clusterCIDR {
	var valid []clusterCIDR
	named := false
	for _, b := range c.clusterCIDRs() {
		if what != "" && b.what != what {
			continue
		}
		named = true
		if b.fault() != "" {
			c.Skip(code, codeCIDRInvalid, b.subject())
			continue
		}
		valid = append(valid, b)
	}
	if !named {
		c.Inapplicable(code, "the options name no such block")
	}
	return valid
}

// unusable are the blocks that no pod and no service can have: this network,
// loopback, link-local, where the metadata service and the resolver are, and
// multicast and reserved space.
var unusable = prefixes("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3")

// fault says what is wrong with the block alone, or "".
func (b clusterCIDR) fault() string {
	p := b.prefix
	switch {
	case !p.IsValid():
		return "is no block"
	case !p.Addr().Is4():
		return "is no IPv4 block"
	case p != p.Masked():
		return "has host bits; " + p.Masked().String() + " is meant"
	case b.what == "service" && p.Bits() < 12:
		return "is larger than a /12, which the API server refuses"
	case b.what == "pod" && p.Bits() > 24:
		return "is smaller than a /24, which one node needs"
	}
	for _, u := range unusable {
		if p.Overlaps(u) {
			return "overlaps " + u.String() + ", which no host can have"
		}
	}
	return ""
}

func checkCIDRInvalid(c *checker, code groundway.Code) {
	blocks := c.clusterCIDRs()
	if len(blocks) == 0 {
		c.Inapplicable(code, "the options name no such block")
	}
	for _, b := range blocks {
		why := b.fault()
		if why == "" {
			c.Pass(code, 1)
			continue
		}
		c.Fail(groundway.Finding{
			Code:     code,
			Subject:  b.subject(),
			Summary:  fmt.Sprintf("The %s block %s %s.", b.what, b.prefix, why),
			Evidence: []groundway.Fact{{Got: b.prefix.String(), Want: "a usable IPv4 block"}},
			Remedies: []groundway.Remedy{otherBlock(b.what)},
		})
	}
}

// otherBlock is the remedy for an overlap. The blocks it offers are the
// installer's defaults.
func otherBlock(what string) groundway.Remedy {
	if what == "service" {
		return groundway.Remedy{Action: "Choose a private block for services that nothing else uses, such as 10.3.0.0/16."}
	}
	return groundway.Remedy{Action: "Choose a private block for pods that nothing else uses, such as 10.2.0.0/16."}
}

func checkPodServiceOverlap(c *checker, code groundway.Code) {
	blocks := c.validCIDRs(code, "")
	switch {
	case len(blocks) < 2:
		if len(blocks) == 1 && len(c.clusterCIDRs()) == 1 {
			c.Inapplicable(code, "the options name only one of the blocks")
		}
	case blocks[0].prefix.Overlaps(blocks[1].prefix):
		c.Fail(groundway.Finding{
			Code:    code,
			Subject: blocks[0].subject(), Related: []groundway.Subject{blocks[1].subject()},
			Summary:  fmt.Sprintf("The pod block %s overlaps the service block %s.", blocks[0].prefix, blocks[1].prefix),
			Evidence: []groundway.Fact{{Got: blocks[0].prefix.String(), Want: "a block apart from " + blocks[1].prefix.String()}},
			Remedies: []groundway.Remedy{otherBlock("pod"), otherBlock("service")},
		})
	default:
		c.Pass(code, 2)
	}
}

func checkOverlapPod(c *checker, code groundway.Code)     { c.checkOverlap(code, "pod") }
func checkOverlapService(c *checker, code groundway.Code) { c.checkOverlap(code, "service") }

// live returns the blocks of the VPC that are associated, or about to be or no
// longer to be, with their places.
func (v *VPC) live() map[int]CIDR {
	blocks := map[int]CIDR{}
	for i, b := range v.CIDRs {
		if !is(b.State, "disassociated") && !is(b.State, "failed") {
			blocks[i] = b
		}
	}
	return blocks
}

// vpcFacts returns the blocks of the VPC that overlap p.
func (c *checker) vpcFacts(p netip.Prefix, want string) (facts []groundway.Fact, blocks []string) {
	live := c.vpc.live()
	for _, i := range slices.Sorted(maps.Keys(live)) {
		if b := live[i].Prefix; b.Overlaps(p) {
			blocks = append(blocks, b.String())
			facts = append(facts, groundway.Fact{
				Path: pointer("vpcs", c.vpcID, "cidrs", strconv.Itoa(i), "prefix"), Got: b.String(), Want: want, Source: actionVPCs,
			})
		}
	}
	return facts, blocks
}

func (c *checker) checkOverlap(code groundway.Code, what string) {
	blocks := c.validCIDRs(code, what)
	if len(blocks) == 0 {
		return
	}
	if c.seenVPC(code) == nil {
		return
	}
	b := blocks[0]
	facts, overlaps := c.vpcFacts(b.prefix, "a block apart from "+b.prefix.String())
	if len(facts) == 0 {
		c.Pass(code, 1)
		return
	}
	c.Fail(groundway.Finding{
		Code:    code,
		Subject: b.subject(), Related: []groundway.Subject{c.vpcSubject()},
		Summary:  fmt.Sprintf("The %s block %s overlaps %s of %s.", what, b.prefix, strings.Join(overlaps, " and "), c.vpcID),
		Evidence: facts,
		Remedies: []groundway.Remedy{otherBlock(what)},
	})
}

var dockerBridge = netip.MustParsePrefix("172.17.0.0/16")

func checkOverlapDocker(c *checker, code groundway.Code) {
	for _, b := range c.clusterCIDRs() {
		switch {
		case b.fault() != "":
			c.Skip(code, codeCIDRInvalid, b.subject())
		case b.prefix.Overlaps(dockerBridge):
			c.Fail(groundway.Finding{
				Code:     code,
				Subject:  b.subject(),
				Summary:  fmt.Sprintf("The %s block %s overlaps Docker's %s.", b.what, b.prefix, dockerBridge),
				Evidence: []groundway.Fact{{Got: b.prefix.String(), Want: "a block apart from " + dockerBridge.String()}},
				Remedies: []groundway.Remedy{otherBlock(b.what)},
			})
		default:
			c.Pass(code, 1)
		}
	}
	v := c.seenVPC(code)
	if v == nil {
		return
	}
	facts, overlaps := c.vpcFacts(dockerBridge, "a block apart from "+dockerBridge.String())
	if len(facts) == 0 {
		c.Pass(code, 1)
		return
	}
	c.Fail(groundway.Finding{
		Code:     code,
		Subject:  c.vpcSubject(),
		Summary:  fmt.Sprintf("%s of %s overlaps Docker's %s.", strings.Join(overlaps, " and "), v.ID, dockerBridge),
		Evidence: facts,
		Remedies: []groundway.Remedy{{
			Action: "Give Docker another bridge network on every node, or put no host into these addresses.",
		}},
	})
}

// shortestNetwork is the length below which a route is a default, or part of a
// split one, and not the route to a network: no network is larger than 10/8.
const shortestNetwork = 8

func checkOverlapRoute(c *checker, code groundway.Code) {
	blocks := c.validCIDRs(code, "")
	if len(blocks) == 0 {
		return
	}
	members := c.routed(code, everyMember)
	if len(members) == 0 {
		return
	}
	tables := byTable(members)
	for _, b := range blocks {
		var facts []groundway.Fact
		var related []groundway.Subject
		var names []string
		var unread []groundway.Gap
		for _, u := range tables {
			for _, r := range c.tables[u.id].Routes {
				if r.PrefixListID != "" && r.Target.Kind != TargetEndpoint && c.lists[r.PrefixListID] == nil {
					unread = append(unread, groundway.Gap{Action: actionPrefixLists, Message: "the entries of " + r.PrefixListID + " were not seen"})
				}
				p, ok := c.networkOf(r, b.prefix)
				if !ok {
					continue
				}
				names = append(names, p.String()+" to "+nameOf(r.Target))
				facts = append(facts, c.routeFact(u.id, Slice{Route: r}, "no network within "+b.prefix.String()))
				related = append(related, c.tableSubject(u.id))
			}
		}
		switch {
		case len(facts) == 0 && len(unread) > 0:
			c.unknown(code, b.subject(), unread...)
			continue
		case len(facts) == 0:
			c.Pass(code, 1)
			continue
		}
		slices.Sort(names)
		c.Fail(groundway.Finding{
			Code:    code,
			Subject: b.subject(), Related: related,
			Summary:  fmt.Sprintf("Routes of the cluster's subnets lead to addresses of the %s block %s: %s.", b.what, b.prefix, strings.Join(slices.Compact(names), ", ")),
			Evidence: facts,
			Remedies: []groundway.Remedy{otherBlock(b.what)},
		})
	}
}

// networkOf returns the destination by which the route leads into another
// network that overlaps the block.
func (c *checker) networkOf(r Route, b netip.Prefix) (netip.Prefix, bool) {
	if r.Target.Kind == TargetLocal || r.Target.Kind == TargetEndpoint && r.PrefixListID != "" {
		return netip.Prefix{}, false
	}
	entries := []netip.Prefix{r.Prefix}
	if r.PrefixListID != "" {
		entries = nil
		if list := c.lists[r.PrefixListID]; list != nil {
			entries = list.Entries
		}
	}
	for _, p := range entries {
		if p.IsValid() && p.Bits() >= shortestNetwork && p.Overlaps(b) {
			return p, true
		}
	}
	return netip.Prefix{}, false
}
