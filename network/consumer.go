package network

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
)

// A Consumer is a program that chooses subnets of a VPC by itself.
type Consumer uint8

const (
	// ConsumerCloudController is the AWS cloud provider of Kubernetes, which
	// makes classic load balancers and NLBs for services, see
	// https://github.com/kubernetes/cloud-provider-aws.
	ConsumerCloudController Consumer = iota
	// ConsumerALB is the AWS Load Balancer Controller for an ingress, see
	// https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/deploy/subnet_discovery/.
	ConsumerALB
	// ConsumerNLB is the AWS Load Balancer Controller for a service.
	ConsumerNLB
	// ConsumerCNI is the VPC CNI, which puts further interfaces of a node into
	// subnets, see https://github.com/aws/amazon-vpc-cni-k8s.
	ConsumerCNI
	// ConsumerEKS is the control plane of EKS, see
	// https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html.
	ConsumerEKS
)

var consumerNames = []string{
	ConsumerCloudController: "the cloud controller", ConsumerALB: "the load balancer controller (ALB)",
	ConsumerNLB: "the load balancer controller (NLB)", ConsumerCNI: "the VPC CNI", ConsumerEKS: "the EKS control plane",
}

// String returns the consumer's name with its article.
func (c Consumer) String() string {
	if int(c) >= len(consumerNames) {
		return "invalid"
	}
	return consumerNames[c]
}

// A Demand is what a consumer looks for.
type Demand struct {
	Consumer  Consumer
	Cluster   string // the name that cluster tags carry
	Internal  bool   // an internal load balancer, and an internet-facing one otherwise
	DualStack bool   // a load balancer with IPv6
	// Subnets are those that the consumer is given: the subnets of the nodes
	// for the VPC CNI, and the subnets of the cluster for EKS. The others look
	// through the whole VPC.
	Subnets []string
}

// A Prediction says which subnets a consumer will choose.
type Prediction struct {
	Zones   []ZoneChoice    // with a subnet that was in question, ordered by name
	Problem string          // why the consumer gives up, a clause; empty: it does not
	Gaps    []groundway.Gap // what has to be seen before anything can be predicted; then Zones is empty
}

// Chosen returns the IDs of the chosen subnets, ordered.
func (p Prediction) Chosen() []string {
	var ids []string
	for _, z := range p.Zones {
		ids = append(ids, z.Chosen...)
	}
	slices.Sort(ids)
	return ids
}

// A ZoneChoice is what a consumer chooses in a zone.
type ZoneChoice struct {
	Zone   string
	Chosen []string // the best first; one, but for the VPC CNI and EKS
	Lost   []Loss   // ordered by subnet
}

// A Loss is a subnet that is not chosen.
type Loss struct {
	SubnetID string
	Reason   string // a clause: "subnet-0c1 has the tag kubernetes.io/role/elb, and it has not"
	// Edit is the change of one tag that makes the consumer choose the subnet
	// in its zone; the zero value where no single one does.
	Edit TagEdit
}

// A TagEdit sets or removes a tag of a subnet.
type TagEdit struct {
	SubnetID string
	Key      string
	Value    string
	Remove   bool
}

// Command returns the AWS CLI command of the edit.
func (e TagEdit) Command() []string {
	if e.Remove {
		return []string{"aws", "ec2", "delete-tags", "--resources", e.SubnetID, "--tags", keyJSON(e.Key)}
	}
	return []string{"aws", "ec2", "create-tags", "--resources", e.SubnetID, "--tags", tagJSON(e.Key, e.Value)}
}

const (
	tagELB         = "kubernetes.io/role/elb"
	tagInternalELB = "kubernetes.io/role/internal-elb"
	tagCNI         = "kubernetes.io/role/cni"
)

func (d Demand) roleTag() string {
	if d.Internal {
		return tagInternalELB
	}
	return tagELB
}

// The free addresses that are asked for: of a subnet for a load balancer, see
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#subnets-load-balancer,
// and of a subnet of EKS, which recommends 16, see
// https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html.
const (
	freeForBalancer = 8
	freeForEKS      = 6
	freeWishedByEKS = 16
)

// Predict returns the subnets of the VPC that the consumer will choose, and why
// the others lose. It follows the rules of the programs as they are and not as
// they should be: to the load balancers' programs any route to an internet
// gateway makes a subnet public. Read were cloud-provider-aws 63ec440c,
// aws-load-balancer-controller 225f44568 and amazon-vpc-cni b52188387, of 2026.
//
//   - The cloud controller takes, of the subnets that carry its cluster's tag
//     or no cluster's, in each regular zone the one with the role tag, else the
//     one with the cluster tag, else the lowest ID; for a load balancer that
//     faces the internet only of public subnets.
//   - The load balancer controller takes the subnets with the role tag, or, if
//     the VPC has none, public ones for the internet and the others for
//     internal use; not those that only other clusters tag, nor those with less
//     than eight free addresses, nor, for dual stack, those without IPv6. In
//     each zone the cluster tag comes before the lowest ID. An ALB needs two
//     regular zones, or one local zone.
//   - The VPC CNI takes, beside the node's own subnet, the subnets of its zone
//     with the tag kubernetes.io/role/cni, those with most free addresses
//     first; the tag with the value 0 excludes a subnet.
//   - EKS takes the subnets that it is given, of two regular zones at least,
//     with six free addresses each, and in none of three zones that it does not
//     support.
func Predict(s Snapshot, vpcID string, d Demand) Prediction {
	p := newPredictor(newClassifier(s.visible(vpcID, s.canonical()), vpcID), s.Subnets, d)
	out := p.predict()
	inZone := map[string][]*Subnet{}
	for _, s := range p.all {
		inZone[s.Zone] = append(inZone[s.Zone], s)
	}
	for i := range out.Zones {
		z := &out.Zones[i]
		for k := range z.Lost {
			z.Lost[k].Edit = p.edit(*z, z.Lost[k].SubnetID, inZone[z.Zone])
		}
	}
	return out
}

// newPredictor takes the subnets as they were listed: of a VPC that another
// account shares the programs see no more than that.
func newPredictor(c *classifier, listed groundway.Part[Subnet], d Demand) *predictor {
	p := &predictor{classifier: c, d: d, zones: byKey(c.parts.Zones), listed: listed}
	for _, id := range slices.Sorted(maps.Keys(c.subnets)) {
		if s := c.subnets[id]; s.VPCID == c.vpcID {
			p.all = append(p.all, s)
		}
	}
	return p
}

func (p *predictor) predict() Prediction {
	if !p.listed.Complete() {
		return Prediction{Gaps: gapsOf(p.listed, actionSubnets)}
	}
	p.byZone, p.gaps = map[string]*ZoneChoice{}, nil
	for _, s := range p.all {
		if s.Zone == "" {
			p.gaps = append(p.gaps, notShown(actionSubnets, "the zone of "+s.ID))
		}
	}
	switch p.d.Consumer {
	case ConsumerCloudController:
		p.balancer(p.cloudController())
	case ConsumerALB, ConsumerNLB:
		p.balancer(p.controller())
	case ConsumerCNI:
		p.cni()
	case ConsumerEKS:
		p.eks()
	default:
		return Prediction{Problem: "no such consumer is known"}
	}
	if len(p.gaps) > 0 {
		return Prediction{Gaps: p.gaps}
	}
	var out Prediction
	for _, zone := range slices.Sorted(maps.Keys(p.byZone)) {
		z := p.byZone[zone]
		slices.SortFunc(z.Lost, func(a, b Loss) int { return cmp.Compare(a.SubnetID, b.SubnetID) })
		out.Zones = append(out.Zones, *z)
	}
	out.Problem = p.problem(out)
	return out
}

type predictor struct {
	*classifier
	d      Demand
	zones  map[string]*Zone
	all    []*Subnet
	byZone map[string]*ZoneChoice
	gaps   []groundway.Gap
	listed groundway.Part[Subnet]
	tagged bool // a subnet that is not among all has the role tag
}

// edit returns the change of one tag that makes the consumer choose a subnet in
// its zone: it is tried on the subnets of the zone, for tags of others make no
// difference there, but for whether any subnet has the role tag.
func (p *predictor) edit(z ZoneChoice, id string, zone []*Subnet) TagEdit {
	try := []TagEdit{
		{SubnetID: id, Key: p.d.roleTag(), Value: "1"},
		{SubnetID: id, Key: clusterTag + p.d.Cluster, Value: "shared"},
	}
	if p.d.Consumer == ConsumerCNI {
		try[0].Key = tagCNI
	}
	if len(z.Chosen) == 1 {
		try = append(try, TagEdit{SubnetID: z.Chosen[0], Key: p.d.roleTag(), Remove: true}, TagEdit{SubnetID: z.Chosen[0], Key: clusterTag + p.d.Cluster, Remove: true})
	}
	what := *p
	what.tagged = slices.ContainsFunc(p.all, func(s *Subnet) bool { return s.Zone != z.Zone && p.hasRole(s) })
	for _, e := range try {
		what.all = make([]*Subnet, len(zone))
		for i, s := range zone {
			what.all[i] = s
			if s.ID != e.SubnetID {
				continue
			}
			changed := *s
			changed.Tags = maps.Clone(s.Tags)
			if changed.Tags == nil {
				changed.Tags = map[string]string{}
			}
			if e.Remove {
				delete(changed.Tags, e.Key)
			} else {
				changed.Tags[e.Key] = e.Value
			}
			if maps.Equal(changed.Tags, s.Tags) {
				what.all = nil
				break
			}
			what.all[i] = &changed
		}
		if what.all != nil && slices.Contains(what.predict().Chosen(), id) {
			return e
		}
	}
	return TagEdit{}
}

// hasRole reports whether the subnet has the role tag that the load balancer
// controller looks for.
func (p *predictor) hasRole(s *Subnet) bool {
	value, ok := s.Tags[p.d.roleTag()]
	return ok && (value == "" || value == "1")
}

func (p *predictor) zone(s *Subnet) *ZoneChoice {
	if p.byZone[s.Zone] == nil {
		p.byZone[s.Zone] = &ZoneChoice{Zone: s.Zone}
	}
	return p.byZone[s.Zone]
}

func (p *predictor) lose(s *Subnet, format string, args ...any) {
	z := p.zone(s)
	z.Lost = append(z.Lost, Loss{SubnetID: s.ID, Reason: fmt.Sprintf(format, args...)})
}

// naivePublic reports whether the subnet is public to the programs: its table
// has a route to an internet gateway, whatever its destination and state.
func (p *predictor) naivePublic(s *Subnet) bool {
	table, _, gaps := p.effectiveTable(s.ID)
	if table == nil {
		p.gaps = append(p.gaps, gaps...)
		return false
	}
	return slices.ContainsFunc(table.Routes, func(r Route) bool { return r.Target.Kind == TargetInternetGateway })
}

// regularName is the form of the names of availability zones; those of local
// and wavelength zones go on after the number of the region.
var regularName = regexp.MustCompile(`^[a-z]+(-[a-z]+)+-[0-9]+[a-z]$`)

// regular reports whether the zone is an availability zone. Of a zone that is
// not listed the name tells.
func (p *predictor) regular(zone string) bool {
	if z := p.zones[zone]; z != nil && z.Type != "" {
		return is(z.Type, "availability-zone")
	}
	return regularName.MatchString(zone)
}

// clusterTags reports whether the subnet carries the tag of the cluster, and
// whether it carries one of any cluster.
func (p *predictor) clusterTags(s *Subnet) (own, some bool) {
	for key := range s.Tags {
		if name, ok := strings.CutPrefix(key, clusterTag); ok {
			some = true
			own = own || name == p.d.Cluster
		}
	}
	return own, some
}

// A better rule tells which of two subnets of a zone comes first, and by which
// tag; by none it is the lowest ID.
type better func(a, b *Subnet) (aFirst bool, by string)

// balancer chooses one subnet of each zone.
func (p *predictor) balancer(candidates []*Subnet, first better) {
	best := map[string]*Subnet{}
	for _, s := range candidates {
		if b := best[s.Zone]; b == nil {
			best[s.Zone] = s
		} else if aFirst, _ := first(s, b); aFirst {
			best[s.Zone] = s
		}
	}
	for _, s := range candidates {
		if b := best[s.Zone]; b != s {
			_, by := first(b, s)
			if by == "" {
				p.lose(s, "%s comes before it by its ID", b.ID)
				continue
			}
			p.lose(s, "%s has the tag %s, and it has not", b.ID, by)
			continue
		}
		p.zone(s).Chosen = []string{s.ID}
	}
}

func (p *predictor) cloudController() ([]*Subnet, better) {
	var list []*Subnet
	for _, s := range p.all {
		own, some := p.clusterTags(s)
		switch {
		case some && !own:
			p.lose(s, "it carries the tag of another cluster, and not that of %s", p.d.Cluster)
		case !p.d.Internal && !p.naivePublic(s):
			p.lose(s, "its route table leads to no internet gateway")
		case !p.regular(s.Zone):
			p.lose(s, "%s is no regular availability zone", s.Zone)
		default:
			list = append(list, s)
		}
	}
	role := p.d.roleTag()
	return list, func(a, b *Subnet) (bool, string) {
		_, aRole := a.Tags[role]
		_, bRole := b.Tags[role]
		if aRole != bRole {
			return aRole, role
		}
		return p.byCluster(a, b)
	}
}

// byCluster prefers the tag of the cluster, and then the lowest ID.
func (p *predictor) byCluster(a, b *Subnet) (bool, string) {
	aOwn, _ := p.clusterTags(a)
	bOwn, _ := p.clusterTags(b)
	if aOwn != bOwn {
		return aOwn, clusterTag + p.d.Cluster
	}
	return a.ID < b.ID, ""
}

func (p *predictor) controller() ([]*Subnet, better) {
	role := p.d.roleTag()
	byTag := p.tagged || slices.ContainsFunc(p.all, p.hasRole)
	var list []*Subnet
	for _, s := range p.all {
		own, some := p.clusterTags(s)
		switch {
		case byTag && !p.hasRole(s):
			p.lose(s, "other subnets have the tag %s, and it has not", role)
		case !byTag && p.naivePublic(s) == p.d.Internal:
			why := "its route table leads to no internet gateway"
			if p.d.Internal {
				why = "its route table leads to an internet gateway"
			}
			p.lose(s, "%s, and no subnet has the tag %s", why, role)
		case some && !own:
			p.lose(s, "it carries the tag of another cluster, and not that of %s", p.d.Cluster)
		case s.FreeAddresses == nil:
			p.gaps = append(p.gaps, notShown(actionSubnets, "availableIpAddressCount of "+s.ID))
		case *s.FreeAddresses < freeForBalancer:
			p.lose(s, "it has %s, and a load balancer needs %d", freeText(*s.FreeAddresses), freeForBalancer)
		case p.d.DualStack && !slices.ContainsFunc(s.CIDRs, func(c CIDR) bool { return c.Prefix.Addr().Is6() && is(c.State, "associated") }):
			p.lose(s, "it has no IPv6 block")
		default:
			list = append(list, s)
		}
	}
	return list, p.byCluster
}

func (p *predictor) cni() {
	for _, s := range p.all {
		own, some := p.clusterTags(s)
		value, tagged := s.Tags[tagCNI]
		given := slices.Contains(p.d.Subnets, s.ID)
		nodes := slices.ContainsFunc(p.all, func(n *Subnet) bool { return slices.Contains(p.d.Subnets, n.ID) && n.Zone == s.Zone })
		switch {
		case !nodes:
			continue // no node is in its zone
		case tagged && value == "0":
			p.lose(s, "its tag %s is 0", tagCNI)
		case !given && !tagged:
			p.lose(s, "it has no tag %s, and no node is in it", tagCNI)
		case !given && some && !own:
			p.lose(s, "it carries the tag of another cluster, and not that of %s", p.d.Cluster)
		case s.FreeAddresses == nil:
			p.gaps = append(p.gaps, notShown(actionSubnets, "availableIpAddressCount of "+s.ID))
		default:
			p.zone(s).Chosen = append(p.zone(s).Chosen, s.ID)
		}
	}
	for _, z := range p.byZone {
		slices.SortStableFunc(z.Chosen, func(a, b string) int { return cmp.Compare(*p.subnets[b].FreeAddresses, *p.subnets[a].FreeAddresses) })
	}
}

func (p *predictor) eks() {
	for _, id := range p.d.Subnets {
		s := p.subnets[id]
		switch {
		case s == nil || s.VPCID != p.vpcID:
			continue // there is no such subnet, which other rules say
		case !p.regular(s.Zone) || s.OutpostARN != "":
			p.lose(s, "%s", "the control plane needs subnets in regular availability zones of the region")
		case slices.Contains(eksUnsupported, p.zoneID(s)):
			p.lose(s, "EKS does not support the zone %s", p.zoneID(s))
		case s.FreeAddresses == nil:
			p.gaps = append(p.gaps, notShown(actionSubnets, "availableIpAddressCount of "+s.ID))
		case *s.FreeAddresses < freeForEKS:
			p.lose(s, "it has %s, and EKS needs %d", freeText(*s.FreeAddresses), freeForEKS)
		default:
			p.zone(s).Chosen = append(p.zone(s).Chosen, s.ID)
		}
	}
}

func (p *predictor) zoneID(s *Subnet) string {
	if z := p.zones[s.Zone]; s.ZoneID == "" && z != nil {
		return z.ID
	}
	return s.ZoneID
}

// eksUnsupported are the IDs of the zones in which EKS puts no control plane,
// see https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html.
var eksUnsupported = []string{"cac1-az3", "use1-az3", "usw1-az2"}

func freeText(n int) string {
	if n == 1 {
		return "1 free address"
	}
	return fmt.Sprintf("%d free addresses", n)
}

// problem says why the consumer gives up on what it chose.
func (p *predictor) problem(out Prediction) string {
	regular, other := 0, 0
	for _, z := range out.Zones {
		switch {
		case len(z.Chosen) == 0:
		case p.regular(z.Zone):
			regular++
		default:
			other++
		}
	}
	switch d := p.d.Consumer; {
	case regular+other == 0:
		return "no subnet fits"
	case (d == ConsumerALB || d == ConsumerNLB) && regular > 0 && other > 0:
		return "the subnets are in zones of different kinds"
	case d == ConsumerALB && other == 0 && regular < 2:
		return "an ALB needs subnets in two zones"
	case d == ConsumerEKS && regular < 2:
		return "EKS needs subnets in two zones"
	}
	return ""
}
