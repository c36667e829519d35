package draw

import (
	"cmp"
	"fmt"
	"html"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/network"
)

// The measures of the picture, in its own units.
const (
	columnWidth = 340
	gap         = 20
	margin      = 24
	lineHeight  = 17
	padding     = 12
	maxColumns  = 3
	maxSubnets  = 60
	maxRoutes   = 6
	maxMarks    = 4
)

// SVG draws the VPC of the options, with the findings that failed or are unknown
// where their subjects and related resources are: at most three zones beside each
// other, about 1200 units wide. It is the same for the same input, whatever the
// order of the snapshot's items.
func SVG(s network.Snapshot, o network.Options, findings []groundway.Finding) string {
	return svg(s, o, findings, maxColumns)
}

// Narrow draws what [SVG] does with the zones below each other, about 450 units
// wide: for a phone.
func Narrow(s network.Snapshot, o network.Options, findings []groundway.Finding) string {
	return svg(s, o, findings, 1)
}

func svg(s network.Snapshot, o network.Options, findings []groundway.Finding, columns int) string {
	p := &picture{
		s: s, o: o, egress: map[string]network.SubnetEgress{}, marks: map[string][]mark{},
		starts: map[string]point{}, ends: map[string]point{}, boxes: map[string]rect{},
	}
	p.gather(findings)
	// Four zones are two rows of two rather than one of three and one of one.
	rows := max(1, (len(p.names)+columns-1)/columns)
	p.columns = max(1, (len(p.names)+rows-1)/rows)
	p.findWays()
	p.layOut()
	return p.String()
}

// A mark is a finding on the resource that it stands on.
type mark struct {
	code    string
	failed  bool
	warning bool
}

type picture struct {
	s       network.Snapshot
	o       network.Options
	vpc     *network.VPC
	egress  map[string]network.SubnetEgress
	tables  map[string]*network.RouteTable
	nats    map[string][]*network.NATGateway // by subnet
	natZone map[string]string                // the zone of a NAT gateway
	marks   map[string][]mark                // by ID
	shown   []*network.Subnet
	hidden  int
	names   []string // of the zones
	columns int      // in which the zones stand, row by row

	ways        []way
	lanes       []map[string]int // for each column the targets whose lines run beside its cards, and in which lane
	laneWidth   int              // of all lanes of a column
	tracks      []string         // the targets whose lines run between the gateways and the zones
	looseNATs   []string         // NAT gateways in no card
	starts      map[string]point // where the arrow of a subnet and a target begins, by "subnet target"
	ends        map[string]point // where arrows to a NAT gateway end
	boxes       map[string]rect  // the cards of gateways
	gatewaysEnd int

	body          strings.Builder
	width, height int
}

func (p *picture) gather(findings []groundway.Finding) {
	for i := range p.s.VPCs.Items {
		if p.s.VPCs.Items[i].ID == p.o.VPC {
			p.vpc = &p.s.VPCs.Items[i]
		}
	}
	for _, e := range network.ClassifySubnets(p.s, p.o.VPC) {
		p.egress[e.SubnetID] = e
	}
	p.tables = map[string]*network.RouteTable{}
	for i := range p.s.RouteTables.Items {
		if t := &p.s.RouteTables.Items[i]; t.VPCID == p.o.VPC {
			p.tables[t.ID] = t
		}
	}
	p.nats, p.natZone = map[string][]*network.NATGateway{}, map[string]string{}
	for i := range p.s.NATGateways.Items {
		if n := &p.s.NATGateways.Items[i]; n.VPCID == p.o.VPC {
			p.nats[n.SubnetID] = append(p.nats[n.SubnetID], n)
		}
	}
	for _, list := range p.nats {
		slices.SortFunc(list, func(a, b *network.NATGateway) int { return cmp.Compare(a.ID, b.ID) })
	}
	for _, f := range findings {
		if f.Outcome != groundway.Failed && f.Outcome != groundway.Unknown {
			continue
		}
		_, slug, _ := strings.Cut(string(f.Code), "/")
		m := mark{slug, f.Outcome == groundway.Failed, f.Severity != groundway.Error}
		for _, subject := range append([]groundway.Subject{f.Subject}, f.Related...) {
			// What is related is marked where the finding's own subject is not drawn.
			if subject.ID == "" || subject.ID != f.Subject.ID && p.drawn(f.Subject.Kind) {
				continue
			}
			if !slices.Contains(p.marks[subject.ID], m) {
				p.marks[subject.ID] = append(p.marks[subject.ID], m)
			}
		}
	}
	var all []*network.Subnet
	for i := range p.s.Subnets.Items {
		if n := &p.s.Subnets.Items[i]; n.VPCID == p.o.VPC {
			all = append(all, n)
			for _, nat := range p.nats[n.ID] {
				p.natZone[nat.ID] = n.Zone
			}
		}
	}
	slices.SortFunc(all, func(a, b *network.Subnet) int {
		return cmp.Or(cmp.Compare(a.Zone, b.Zone), cmp.Compare(p.rank(a), p.rank(b)), cmp.Compare(a.ID, b.ID))
	})
	for _, n := range all {
		if len(all) > maxSubnets && p.role(n.ID) == "" && len(p.nats[n.ID]) == 0 && len(p.marks[n.ID]) == 0 {
			p.hidden++
			continue
		}
		p.shown = append(p.shown, n)
		if len(p.names) == 0 || p.names[len(p.names)-1] != n.Zone {
			p.names = append(p.names, n.Zone)
		}
	}
}

func (p *picture) drawn(kind string) bool {
	return kind == "subnet" || kind == "route-table" || kind == "nat-gateway" || kind == "vpc" || kind == "availability-zone"
}

// rank puts the public subnets of a zone above the private ones.
func (p *picture) rank(n *network.Subnet) int {
	switch p.egress[n.ID].IPv4.Class {
	case network.ClassInternet:
		return 0
	case network.ClassBroken, network.ClassUnknown, network.ClassMixed:
		return 2
	}
	return 1
}

func (p *picture) role(id string) string {
	var roles []string
	if slices.Contains(p.o.ControllerSubnets, id) {
		roles = append(roles, "controllers")
	}
	if slices.Contains(p.o.WorkerSubnets, id) {
		roles = append(roles, "workers")
	}
	if id != "" && id == p.o.JumpHostSubnet {
		roles = append(roles, "jump host")
	}
	return strings.Join(roles, ", ")
}

// shouldBePublic reports whether the subnet is one that the cluster needs to be
// reached through.
func (p *picture) shouldBePublic(id string) bool {
	if id == p.o.JumpHostSubnet {
		return true
	}
	return p.o.Topology == network.TopologyPublic && p.o.Profile != network.ProfileElastic && slices.Contains(p.o.ControllerSubnets, id)
}

// String returns the SVG element. The boxes of columns and of the VPC are drawn
// without a fill, so that what stands in them may be written first.
func (p *picture) String() string {
	title := "Network of " + visible(cmp.Or(p.o.VPC, "no VPC"))
	failed := 0
	for _, list := range p.marks {
		for _, m := range list {
			if m.failed {
				failed++
			}
		}
	}
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" class="gw" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-label="%s">
<title>%s</title>
<desc>%d subnets in their zones, their route tables and gateways, arrows from subnets to where their way out leads; %d marks of what failed.</desc>
<style>%s</style>
<rect class="gw-paper" width="%d" height="%d"/>
%s</svg>
`, p.width, p.height, p.width, p.height, html.EscapeString(title), html.EscapeString(title), len(p.shown), failed, style, p.width, p.height, p.body.String())
}
