package network

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/groundway-sdk/groundway"
)

// Redact returns a copy of the snapshot without the names of people and
// companies in it, to hand to somebody else. Each value that is mapped gets a
// stand-in, the same wherever it stands, so that what belonged together still
// does and [Check] comes to the same verdicts. Stand-ins are numbered in the
// canonical order of the snapshot; nothing is hashed, so none can be guessed
// back, and nothing is random. To redact twice is to redact once.
//
// Mapped are
//
//   - account IDs, as owners, as who was asked, and within ARNs, to
//     000000000001 and so on; AWS's own stay ("AWS", "amazon");
//   - the values of tags, to name-1 for the tag Name and value-1 for others,
//     but for those with a meaning: owned, shared, 0, 1 and the empty one;
//   - the keys of tags, to tag-1, but for Name and those of aws:, kubernetes.io/
//     and sigs.k8s.io/; and within these the name of the cluster that follows
//     cluster/, to cluster-1, but for the word unmanaged;
//   - the names in DHCP options, to domain-1.example, but for those that AWS
//     gives (ec2.internal, REGION.compute.internal, AmazonProvidedDNS);
//   - public addresses, of NAT gateways, in DHCP options and as the next hop of
//     routes, to 240.0.0.1 and 2001:db8::1 and so on, which nobody has; but for
//     those within a CIDR block of a VPC;
//   - the names of security groups, to group-1, but for default, and those of
//     load balancers, to name-1;
//   - messages, of failed NAT gateways and of gaps, to message-1.
//
// All the rest stays readable: resource IDs, so that a spec still fits, CIDR
// blocks and the destinations of routes, the rules of security groups and
// network ACLs, the names of endpoint services, private addresses, regions, zones and
// their IDs, states, error codes, IAM actions, the names of DHCP options, and
// times. A value that has the form of a stand-in already stays.
//
// A value in keep is mapped nowhere. Whoever checks the redacted snapshot needs
// the name of the cluster there: the rules look for its tags.
func (s Snapshot) Redact(keep ...string) Snapshot {
	r := redactor{
		keep:      map[string]bool{},
		words:     map[string]string{},
		accounts:  map[string]string{},
		addresses: map[netip.Addr]netip.Addr{},
		taken:     map[string]bool{},
		next:      map[string]int{},
		last4:     standIns4.Addr(),
		last6:     standIns6.Addr(),
	}
	for _, k := range keep {
		r.keep[k], r.taken[k] = true, true
	}
	for _, v := range s.VPCs.Items {
		for _, c := range v.CIDRs {
			r.blocks = append(r.blocks, c.Prefix)
		}
	}
	s.Parts = s.canonical()
	// The first walk learns which stand-ins are in use.
	r.learning = true
	r.snapshot(s)
	r.learning = false
	return r.snapshot(s)
}

// A redactor maps values to stand-ins, in the order in which it meets them.
type redactor struct {
	keep      map[string]bool
	blocks    []netip.Prefix    // of the VPCs
	words     map[string]string // from any text to its stand-in
	accounts  map[string]string
	addresses map[netip.Addr]netip.Addr
	taken     map[string]bool // stand-ins that may not be given out
	next      map[string]int  // the last number of each kind of word, and of accounts
	last4     netip.Addr      // the last address that was given out
	last6     netip.Addr
	learning  bool
}

func (r *redactor) snapshot(s Snapshot) Snapshot {
	s.Account = r.account(s.Account)
	s.VPCs = redactPart(r, s.VPCs, func(v *VPC) {
		v.OwnerID = r.account(v.OwnerID)
		v.Tags = r.tags(v.Tags)
	})
	s.DNSSupport = redactPart(r, s.DNSSupport, func(*DNSAttribute) {})
	s.DNSHostnames = redactPart(r, s.DNSHostnames, func(*DNSAttribute) {})
	s.DHCPOptions = redactPart(r, s.DHCPOptions, func(d *DHCPOptions) {
		d.OwnerID = r.account(d.OwnerID)
		d.Values = r.dhcpValues(d.Values)
		d.Tags = r.tags(d.Tags)
	})
	s.Subnets = redactPart(r, s.Subnets, func(n *Subnet) {
		n.OwnerID = r.account(n.OwnerID)
		n.OutpostARN = r.arn(n.OutpostARN)
		n.Tags = r.tags(n.Tags)
	})
	s.RouteTables = redactPart(r, s.RouteTables, func(t *RouteTable) {
		t.OwnerID = r.account(t.OwnerID)
		t.Routes = slices.Clone(t.Routes)
		slices.SortFunc(t.Routes, func(a, b Route) int { return cmp.Compare(a.Key(), b.Key()) })
		for i := range t.Routes {
			t.Routes[i].Target.ID = r.target(t.Routes[i].Target.ID)
		}
		t.Tags = r.tags(t.Tags)
	})
	s.PrefixLists = redactPart(r, s.PrefixLists, func(l *PrefixList) { l.OwnerID = r.account(l.OwnerID) })
	gateway := func(g *InternetGateway) {
		g.OwnerID = r.account(g.OwnerID)
		g.Tags = r.tags(g.Tags)
	}
	s.InternetGateways = redactPart(r, s.InternetGateways, gateway)
	s.EgressGateways = redactPart(r, s.EgressGateways, gateway)
	s.NATGateways = redactPart(r, s.NATGateways, func(n *NATGateway) {
		n.PublicAddresses = slices.Clone(n.PublicAddresses)
		for i, a := range n.PublicAddresses {
			n.PublicAddresses[i] = r.address(a)
		}
		n.FailureMessage = r.word("message", n.FailureMessage)
		n.Tags = r.tags(n.Tags)
	})
	s.Zones = redactPart(r, s.Zones, func(*Zone) {})
	s.SecurityGroups = redactPart(r, s.SecurityGroups, func(g *SecurityGroup) {
		g.OwnerID = r.account(g.OwnerID)
		if g.Name != "default" {
			g.Name = r.word("group", g.Name)
		}
		g.Ingress, g.Egress = r.rules(g.Ingress), r.rules(g.Egress)
		g.Tags = r.tags(g.Tags)
	})
	s.NetworkACLs = redactPart(r, s.NetworkACLs, func(a *NetworkACL) {
		a.OwnerID = r.account(a.OwnerID)
		a.Tags = r.tags(a.Tags)
	})
	s.Endpoints = redactPart(r, s.Endpoints, func(e *Endpoint) {
		e.OwnerID = r.account(e.OwnerID)
		e.Tags = r.tags(e.Tags)
	})
	s.InstanceOfferings = redactPart(r, s.InstanceOfferings, func(*InstanceOffering) {})
	s.ClusterTags = redactPart(r, s.ClusterTags, func(t *ClusterTag) {
		tags := r.tags(map[string]string{t.TagKey: t.Value})
		for key, value := range tags {
			t.TagKey, t.Value = key, value
		}
	})
	s.LoadBalancerTags = redactPart(r, s.LoadBalancerTags, func(t *ClusterTag) {
		t.ResourceID = r.balancer(t.ResourceID)
		tags := r.tags(map[string]string{t.TagKey: t.Value})
		for key, value := range tags {
			t.TagKey, t.Value = key, value
		}
	})
	s.Peerings = redactPart(r, s.Peerings, func(p *Peering) {
		p.Requester.OwnerID = r.account(p.Requester.OwnerID)
		p.Accepter.OwnerID = r.account(p.Accepter.OwnerID)
		p.Tags = r.tags(p.Tags)
	})
	return s
}

// redactPart returns a copy of the part, its items in the order of their keys,
// with each item and each gap redacted.
func redactPart[T groundway.Keyed](r *redactor, p groundway.Part[T], redact func(*T)) groundway.Part[T] {
	p.Items = sorted(p.Items, func(a, b T) int { return cmp.Compare(a.Key(), b.Key()) })
	for i := range p.Items {
		redact(&p.Items[i])
	}
	p.Gaps = slices.Clone(p.Gaps)
	for i := range p.Gaps {
		p.Gaps[i].Account = r.account(p.Gaps[i].Account)
		p.Gaps[i].Message = r.word("message", p.Gaps[i].Message)
	}
	return p
}

// account needs no look at stand-ins: the order in which accounts are met does
// not depend on them, so that they are given the same numbers again.
func (r *redactor) account(id string) string {
	if r.learning || id == "" || r.keep[id] || strings.EqualFold(id, "AWS") || strings.EqualFold(id, "amazon") {
		return id
	}
	if to, ok := r.accounts[id]; ok {
		return to
	}
	to := ""
	for to == "" || r.taken[to] {
		r.next["account"]++
		to = fmt.Sprintf("%012d", r.next["account"])
	}
	r.accounts[id] = to
	return to
}

// rules redacts the accounts of the groups that rules name. The blocks stay, as
// those of routes do: without them no flow could be judged.
func (r *redactor) rules(list groundway.List[SecurityRule]) groundway.List[SecurityRule] {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b SecurityRule) int { return cmp.Compare(a.Key(), b.Key()) })
	for i := range list {
		list[i].Groups = slices.Clone(list[i].Groups)
		for k := range list[i].Groups {
			list[i].Groups[k].OwnerID = r.account(list[i].Groups[k].OwnerID)
		}
	}
	return list
}

var twelveDigits = regexp.MustCompile(`\b[0-9]{12}\b`)

func (r *redactor) arn(arn string) string { return twelveDigits.ReplaceAllStringFunc(arn, r.account) }

// balancer redacts the ARN of a load balancer, which holds its name:
// …:loadbalancer/NAME of a classic one, …:loadbalancer/app/NAME/ID of others.
func (r *redactor) balancer(arn string) string {
	before, rest, ok := strings.Cut(r.arn(arn), ":loadbalancer/")
	if !ok {
		return r.word("name", arn)
	}
	parts := strings.Split(rest, "/")
	at := min(1, len(parts)-1)
	parts[at] = r.word("name", parts[at])
	return before + ":loadbalancer/" + strings.Join(parts, "/")
}

// target redacts what may be an ARN, an address or a resource ID.
func (r *redactor) target(id string) string {
	if strings.HasPrefix(id, "arn:") {
		return r.arn(id)
	}
	return r.addressText(id)
}

var standIn = regexp.MustCompile(`^(name|value|tag|cluster|group|message)-[1-9][0-9]*$|^domain-[1-9][0-9]*\.example$`)

// word maps a text to the stand-in that it has, or to a new one of the kind.
func (r *redactor) word(kind, text string) string {
	if text == "" || r.keep[text] {
		return text
	}
	if standIn.MatchString(text) {
		r.taken[text] = true
		return text
	}
	if to, ok := r.words[text]; ok || r.learning {
		return cmp.Or(to, text)
	}
	suffix := ""
	if kind == "domain" {
		suffix = ".example"
	}
	to := ""
	for to == "" || r.taken[to] {
		r.next[kind]++
		to = kind + "-" + strconv.Itoa(r.next[kind]) + suffix
	}
	r.words[text] = to
	return to
}

func (r *redactor) tags(tags map[string]string) map[string]string {
	if tags == nil {
		return nil
	}
	to := make(map[string]string, len(tags))
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		kind := "value"
		if key == "Name" {
			kind = "name"
		}
		value := tags[key]
		switch value {
		case "owned", "shared", "0", "1":
		default:
			value = r.word(kind, value)
		}
		to[r.tagKey(key)] = value
	}
	return to
}

func (r *redactor) tagKey(key string) string {
	domain, rest, _ := strings.Cut(key, "/")
	switch {
	case key == "Name", strings.HasPrefix(key, "aws:"):
		return key
	case domain != "kubernetes.io" && domain != "sigs.k8s.io" || rest == "":
		return r.word("tag", key)
	}
	// kubernetes.io/cluster/NAME and sigs.k8s.io/cluster-api-provider-aws/cluster/NAME.
	before, name, ok := strings.Cut("/"+rest, "/cluster/")
	if !ok || name == "unmanaged" {
		return key
	}
	return domain + before + "/cluster/" + r.word("cluster", name)
}

var dhcpToken = regexp.MustCompile(`[^\s,;]+`)

// dhcpValues redacts the values of DHCP options. One value may hold several
// names, separated by spaces.
func (r *redactor) dhcpValues(values map[string][]string) map[string][]string {
	if values == nil {
		return nil
	}
	to := make(map[string][]string, len(values))
	for _, option := range slices.Sorted(maps.Keys(values)) {
		list := slices.Clone(values[option])
		for i, value := range list {
			list[i] = dhcpToken.ReplaceAllStringFunc(value, r.dhcpWord)
		}
		to[option] = list
	}
	return to
}

var (
	shortNumber = regexp.MustCompile(`^[0-9]{1,10}$`)
	awsDHCPName = regexp.MustCompile(`(?i)^(AmazonProvidedDNS|ec2\.internal|` +
		`[a-z]{2,4}(-[a-z]+)?-(north|south|east|west|central|northeast|northwest|southeast|southwest)-[0-9]{1,2}\.compute\.internal)\.?$`)
)

func (r *redactor) dhcpWord(text string) string {
	if shortNumber.MatchString(text) || awsDHCPName.MatchString(text) {
		return text
	}
	if a, err := netip.ParseAddr(text); err == nil && a.Zone() == "" {
		return r.addressText(text)
	}
	return r.word("domain", text)
}

var (
	carrierNAT = netip.MustParsePrefix("100.64.0.0/10")
	standIns4  = netip.MustParsePrefix("240.0.0.0/4")   // reserved, RFC 1112
	standIns6  = netip.MustParsePrefix("2001:db8::/32") // documentation, RFC 3849
)

// addressText redacts a text that may be an address; one that stays keeps its
// spelling.
func (r *redactor) addressText(text string) string {
	a, err := netip.ParseAddr(text)
	if err != nil {
		return text
	}
	if to := r.address(a); to != a {
		return to.String()
	}
	return text
}

func (r *redactor) address(a netip.Addr) netip.Addr {
	if !r.public(a) || r.keep[a.String()] {
		r.taken[a.String()] = true
		return a
	}
	if to, ok := r.addresses[a]; ok || r.learning {
		return cmp.Or(to, a)
	}
	last := &r.last4
	if a.Unmap().Is6() {
		last = &r.last6
	}
	for *last = last.Next(); r.taken[last.String()]; *last = last.Next() {
	}
	r.addresses[a] = *last
	return *last
}

// public reports whether the address tells whose it is: it is neither private
// nor special nor within a block of a VPC, which stays readable anyway.
func (r *redactor) public(a netip.Addr) bool {
	a = a.Unmap()
	return a.IsGlobalUnicast() && !a.IsPrivate() && !carrierNAT.Contains(a) &&
		!standIns4.Contains(a) && !standIns6.Contains(a) &&
		!slices.ContainsFunc(r.blocks, func(p netip.Prefix) bool { return p.Contains(a) })
}
