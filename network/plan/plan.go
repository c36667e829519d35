package plan

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/network"
)

// ResourceTag is the key of the tag by which a plan knows again what it made: the
// value is the resource's kind and name, "subnet/worker-us-east-1a". It counts
// beside groundway.OwnerTag only.
const ResourceTag = "groundway:resource"

// A Role is what a subnet is for.
type Role string

// The roles.
const (
	RoleController Role = "controller"
	RoleWorker     Role = "worker"
	RoleEdge       Role = "edge" // public subnets of an internal cluster, for NAT gateways alone
)

// A Plan is a network to be: what it takes and what is there already. It is data;
// the zero value is an empty plan. Lists are in the order in which things are
// made. An ID is that of what is there already; without one it is to be made.
type Plan struct {
	Account  string           `json:"account,omitempty"`
	Region   string           `json:"region"`
	Cluster  string           `json:"cluster"`
	Owner    string           `json:"owner"`
	Profile  network.Profile  `json:"profile"`
	Topology network.Topology `json:"topology"`

	VPC             VPC          `json:"vpc"`
	DHCPOptions     *DHCPOptions `json:"dhcpOptions,omitempty"`
	InternetGateway *Gateway     `json:"internetGateway,omitempty"`
	EgressGateway   *Gateway     `json:"egressGateway,omitempty"` // for IPv6 of private subnets
	Subnets         []Subnet     `json:"subnets"`
	NATGateways     []NATGateway `json:"natGateways,omitempty"`
	RouteTables     []RouteTable `json:"routeTables"`
	EndpointGroup   *Group       `json:"endpointGroup,omitempty"` // lets the VPC's addresses reach interface endpoints
	Endpoints       []Endpoint   `json:"endpoints,omitempty"`

	PodCIDR     netip.Prefix      `json:"podCIDR,omitzero"`
	ServiceCIDR netip.Prefix      `json:"serviceCIDR,omitzero"`
	Tags        map[string]string `json:"tags,omitempty"` // on everything besides the plan's own

	// Rejected are the candidates for the VPC's block that were passed over.
	Rejected []Rejected `json:"rejected,omitempty"`
	// Assumed is what the plan rests on in a VPC that exists: the blocks that were
	// there. Whoever carries the plan out looks whether they still are.
	Assumed []netip.Prefix `json:"assumed,omitempty"`
	// Findings are what network.Check fails, as an error, in the network that the
	// plan leads to. With one of them the plan is not carried out.
	Findings []groundway.Finding `json:"findings,omitempty"`
}

// A VPC is the one that the network stands in.
type VPC struct {
	ID   string       `json:"id,omitempty"`
	CIDR netip.Prefix `json:"cidr"` // of a new one; of one that exists, the lowest
	IPv6 bool         `json:"ipv6,omitempty"`
	// DNS says that the VPC is one of an earlier plan, and has DNS support and
	// hostnames already. In somebody else's VPC they are not the plan's.
	DNS bool `json:"dns,omitempty"`
}

// DHCPOptions are the set of a new VPC.
type DHCPOptions struct {
	ID         string `json:"id,omitempty"`
	Domain     string `json:"domain"`
	Associated bool   `json:"associated,omitempty"` // with the VPC already
}

// A Gateway is an internet gateway, or an egress-only one.
type Gateway struct {
	ID       string `json:"id,omitempty"`
	Attached bool   `json:"attached,omitempty"` // to the VPC already
}

// A Group is a security group.
type Group struct {
	ID    string         `json:"id,omitempty"`
	Name  string         `json:"name"`
	CIDRs []netip.Prefix `json:"cidrs"`          // that it lets in: the VPC's blocks
	Open  bool           `json:"open,omitempty"` // it does so already
}

// Missing returns those of the group's blocks that its rules do not let in on
// port 443 of TCP yet.
func (g Group) Missing(have network.SecurityGroup) []netip.Prefix {
	return slices.DeleteFunc(slices.Clone(g.CIDRs), func(block netip.Prefix) bool {
		return slices.ContainsFunc(have.Ingress, func(r network.SecurityRule) bool {
			return r.Key() == "tcp 443" && slices.Contains(r.Prefixes, block)
		})
	})
}

// A Subnet with its role and place.
type Subnet struct {
	ID     string       `json:"id,omitempty"`
	Name   string       `json:"name"` // "worker-us-east-1a"
	Role   Role         `json:"role"`
	Zone   string       `json:"zone"`
	CIDR   netip.Prefix `json:"cidr"`
	IPv6   int          `json:"ipv6Subnet,omitempty"` // which /64 of the VPC's /56, from 1; 0: none
	Public bool         `json:"public"`               // assigns public addresses
	Table  string       `json:"table"`                // the name of its route table
	Routed bool         `json:"routed,omitempty"`     // it has that table already
	// Assigns says that a public subnet assigns addresses already, and Replaces is
	// the ID of another table that it has in place of the plan's.
	Assigns  bool   `json:"assigns,omitempty"`
	Replaces string `json:"replaces,omitempty"`
}

// Usable returns how many IPv4 addresses hosts can have in the subnet.
func (s Subnet) Usable() int { return usable(s.CIDR) }

// A NATGateway with an Elastic IP address of its own.
type NATGateway struct {
	ID     string `json:"id,omitempty"`
	Name   string `json:"name"`   // the zone
	Subnet string `json:"subnet"` // the name of its subnet, which is public
}

// A RouteTable with the routes besides the local ones.
type RouteTable struct {
	ID     string  `json:"id,omitempty"`
	Name   string  `json:"name"` // "public", "private-us-east-1a"
	Routes []Route `json:"routes,omitempty"`
}

// A Route leads to something of the plan, by its name, or to something else, by
// its ID.
type Route struct {
	Destination netip.Prefix       `json:"destination"`
	Kind        network.TargetKind `json:"kind"`
	Name        string             `json:"name,omitempty"` // of a NAT gateway of the plan; gateways have none
	ID          string             `json:"id,omitempty"`   // of a target that is not the plan's
	Exists      bool               `json:"exists,omitempty"`
	Replaces    string             `json:"replaces,omitempty"` // the ID of where the table leads the destination now
}

// An Endpoint is a VPC endpoint, in all private subnets or their route tables.
type Endpoint struct {
	ID      string   `json:"id,omitempty"`
	Name    string   `json:"name"` // "ecr.api"
	Gateway bool     `json:"gateway,omitempty"`
	Subnets []string `json:"subnets,omitempty"` // of an interface endpoint: names, one a zone
	Tables  []string `json:"tables,omitempty"`  // of a gateway endpoint: names
	Lacks   []string `json:"lacks,omitempty"`   // those of them that an endpoint which is there does not have yet
}

// Service returns the name by which EC2 knows the service in a region.
func (e Endpoint) Service(region string) string {
	domain := "com.amazonaws."
	if strings.HasPrefix(region, "cn-") && !e.Gateway {
		domain = "cn.com.amazonaws."
	}
	return domain + region + "." + e.Name
}

// A Rejected candidate with the reason.
type Rejected struct {
	CIDR   netip.Prefix `json:"cidr"`
	Reason string       `json:"reason"`
}

// Err returns nil if the plan can be carried out, and otherwise an error that
// names the findings which stand in the way.
func (p Plan) Err() error {
	if len(p.Findings) == 0 {
		return nil
	}
	var errs []string
	for _, f := range p.Findings {
		errs = append(errs, fmt.Sprintf("%s: %s", f.Code, f.Summary))
	}
	return fmt.Errorf("the network would not do: %s", strings.Join(errs, "; "))
}

// Empty reports whether there is nothing to make. A plan with findings is not
// empty: what it was asked for is not there.
func (p Plan) Empty() bool { return p.Missing() == 0 && len(p.Findings) == 0 }

// Missing returns how many things are to be made, routes and attachments counted.
func (p Plan) Missing() int {
	n := 0
	for l := range p.lines() {
		if l.mark == '+' || l.mark == '~' {
			n++
		}
	}
	return n
}

// String prints the plan like a diff, a line for each thing: + is made, ~ is made
// in place of another, = is there already, - was passed over, ! stands in the way.
func (p Plan) String() string {
	var b strings.Builder
	for l := range p.lines() {
		fmt.Fprintf(&b, "%c %s\n", l.mark, groundway.Visible(l.text))
	}
	return b.String()
}

type line struct {
	mark byte
	text string
}

// lines yields what the plan says, in the order in which things are made.
func (p Plan) lines() func(yield func(line) bool) {
	return func(yield func(line) bool) {
		say := func(id, format string, args ...any) bool {
			l := line{'+', fmt.Sprintf(format, args...)}
			if id != "" {
				l.mark = '='
				l.text += " (" + id + ")"
			}
			return yield(l)
		}
		for _, f := range p.Findings {
			if !yield(line{'!', fmt.Sprintf("%s: %s", f.Code, f.Summary)}) {
				return
			}
		}
		for _, r := range p.Rejected {
			if !yield(line{'-', fmt.Sprintf("%s: %s", r.CIDR, r.Reason)}) {
				return
			}
		}
		if p.VPC == (VPC{}) {
			return
		}
		_ = say(p.VPC.ID, "VPC %s%s", p.VPC.CIDR, map[bool]string{true: " with a /56 of IPv6"}[p.VPC.IPv6]) &&
			(p.DHCPOptions == nil || p.VPC.ID == "" || p.VPC.DNS || say("", "DNS support and hostnames of the VPC")) &&
			(p.DHCPOptions == nil || p.optionsLine(say)) &&
			gatewayLine(say, "internet gateway", p.InternetGateway) &&
			gatewayLine(say, "egress-only internet gateway", p.EgressGateway) &&
			p.subnetLines(say) && p.routeLines(say, yield) && p.endpointLines(say)
	}
}

func (p Plan) optionsLine(say func(string, string, ...any) bool) bool {
	if d := p.DHCPOptions; d.ID != "" && !d.Associated {
		return say("", "association of the DHCP options %s", d.ID)
	}
	return say(p.DHCPOptions.ID, "DHCP options %s, AmazonProvidedDNS", p.DHCPOptions.Domain)
}

func gatewayLine(say func(string, string, ...any) bool, kind string, g *Gateway) bool {
	switch {
	case g == nil:
		return true
	case g.ID != "" && !g.Attached:
		return say("", "attachment of the %s %s", kind, g.ID)
	}
	return say(g.ID, "%s", kind)
}

func (p Plan) subnetLines(say func(string, string, ...any) bool) bool {
	for _, s := range p.Subnets {
		kind := "private"
		if s.Public {
			kind = "public"
		}
		if !say(s.ID, "subnet %s %s in %s, %s, %d addresses, routes of %s", s.Name, s.CIDR, s.Zone, kind, s.Usable(), s.Table) {
			return false
		}
		if s.ID != "" && s.Public && !s.Assigns && !say("", "  public addresses on launch") {
			return false
		}
	}
	for _, n := range p.NATGateways {
		if !say(n.ID, "NAT gateway %s in %s, with an Elastic IP address", n.Name, n.Subnet) {
			return false
		}
	}
	return true
}

func (p Plan) routeLines(say func(string, string, ...any) bool, yield func(line) bool) bool {
	for _, t := range p.RouteTables {
		if !say(t.ID, "route table %s", t.Name) {
			return false
		}
		for _, r := range t.Routes {
			l := line{'+', fmt.Sprintf("  %s to %s", r.Destination, r.describe())}
			switch {
			case r.Exists:
				l.mark = '='
			case r.Replaces != "":
				l.mark = '~'
				l.text += " in place of " + r.Replaces
			}
			if !yield(l) {
				return false
			}
		}
		for _, s := range p.Subnets {
			l := line{'+', "  association with " + s.Name}
			if s.Replaces != "" {
				l = line{'~', l.text + " in place of " + s.Replaces}
			}
			if s.ID != "" && s.Table == t.Name && !s.Routed && !yield(l) {
				return false
			}
		}
	}
	return true
}

func (p Plan) endpointLines(say func(string, string, ...any) bool) bool {
	if g := p.EndpointGroup; g != nil {
		if !say(g.ID, "security group %s for endpoints", g.Name) || g.ID != "" && !g.Open && !say("", "  tcp 443 from %s", strings.Trim(fmt.Sprint(g.CIDRs), "[]")) {
			return false
		}
	}
	for _, e := range p.Endpoints {
		where := strings.Join(e.Subnets, ", ")
		if e.Gateway {
			where = "routes of " + strings.Join(e.Tables, ", ")
		}
		if !say(e.ID, "endpoint %s in %s", e.Service(p.Region), where) {
			return false
		}
		if len(e.Lacks) > 0 && !say("", "  %s", strings.Join(e.Lacks, ", ")) {
			return false
		}
	}
	return true
}

func (r Route) describe() string {
	switch {
	case r.ID != "":
		return string(r.Kind) + " " + r.ID
	case r.Name != "":
		return string(r.Kind) + " " + r.Name
	}
	return "the " + string(r.Kind)
}

// TagsOf returns the tags of a thing of the plan, "subnet" and "worker-us-east-1a":
// the caller's, Name, the owner's, the one by which it is known again, and for
// subnets and a new VPC those that Kubernetes looks for. A cluster shares its
// network: were it tagged as owned, what deletes the cluster would delete it too.
func (p Plan) TagsOf(kind, name string) map[string]string {
	tags := maps.Clone(p.Tags)
	if tags == nil {
		tags = map[string]string{}
	}
	tags["Name"] = strings.TrimSuffix(p.Cluster+"-"+name, "-")
	tags[groundway.OwnerTag] = p.Owner
	tags[ResourceTag] = kind + "/" + name
	switch kind {
	case "vpc":
		tags["kubernetes.io/cluster/"+p.Cluster] = "shared"
	case "subnet":
		tags["kubernetes.io/cluster/"+p.Cluster] = "shared"
		i := slices.IndexFunc(p.Subnets, func(s Subnet) bool { return s.Name == name })
		switch {
		case i < 0 || p.Topology == network.TopologyInternal && p.Subnets[i].Role != RoleController:
			// The load balancers of an internal cluster stand beside its controllers.
		case p.Subnets[i].Public:
			tags["kubernetes.io/role/elb"] = "1"
		default:
			tags["kubernetes.io/role/internal-elb"] = "1"
		}
	}
	return tags
}
