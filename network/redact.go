package network

import (
	"cmp"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/standin"
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
	r := redactor{Book: standin.New([]string{"name", "value", "tag", "cluster", "group", "message"}, keep...)}
	r.Keep("AWS", "aws", "amazon")
	for _, v := range s.VPCs.Items {
		for _, c := range v.CIDRs {
			r.blocks = append(r.blocks, c.Prefix)
		}
	}
	s.Parts = s.canonical()
	var to Snapshot
	r.Walk(func() { to = r.snapshot(s) })
	return to
}

type redactor struct {
	*standin.Book
	blocks []netip.Prefix // of the VPCs
}

func (r *redactor) snapshot(s Snapshot) Snapshot {
	s.Account = r.Account(s.Account)
	s.VPCs = standin.Part(r.Book, s.VPCs, func(v *VPC) {
		v.OwnerID = r.Account(v.OwnerID)
		v.Tags = r.tags(v.Tags)
	})
	s.DNSSupport = standin.Part(r.Book, s.DNSSupport, func(*DNSAttribute) {})
	s.DNSHostnames = standin.Part(r.Book, s.DNSHostnames, func(*DNSAttribute) {})
	s.DHCPOptions = standin.Part(r.Book, s.DHCPOptions, func(d *DHCPOptions) {
		d.OwnerID = r.Account(d.OwnerID)
		d.Values = r.dhcpValues(d.Values)
		d.Tags = r.tags(d.Tags)
	})
	s.Subnets = standin.Part(r.Book, s.Subnets, func(n *Subnet) {
		n.OwnerID = r.Account(n.OwnerID)
		n.OutpostARN = r.Accounts(n.OutpostARN)
		n.Tags = r.tags(n.Tags)
	})
	s.RouteTables = standin.Part(r.Book, s.RouteTables, func(t *RouteTable) {
		t.OwnerID = r.Account(t.OwnerID)
		t.Routes = slices.Clone(t.Routes)
		slices.SortFunc(t.Routes, func(a, b Route) int { return cmp.Compare(a.Key(), b.Key()) })
		for i := range t.Routes {
			t.Routes[i].Target.ID = r.target(t.Routes[i].Target.ID)
		}
		t.Tags = r.tags(t.Tags)
	})
	s.PrefixLists = standin.Part(r.Book, s.PrefixLists, func(l *PrefixList) { l.OwnerID = r.Account(l.OwnerID) })
	gateway := func(g *InternetGateway) {
		g.OwnerID = r.Account(g.OwnerID)
		g.Tags = r.tags(g.Tags)
	}
	s.InternetGateways = standin.Part(r.Book, s.InternetGateways, gateway)
	s.EgressGateways = standin.Part(r.Book, s.EgressGateways, gateway)
	s.NATGateways = standin.Part(r.Book, s.NATGateways, func(n *NATGateway) {
		n.PublicAddresses = slices.Clone(n.PublicAddresses)
		for i, a := range n.PublicAddresses {
			n.PublicAddresses[i] = r.address(a)
		}
		n.FailureMessage = r.Word("message", n.FailureMessage)
		n.Tags = r.tags(n.Tags)
	})
	s.Zones = standin.Part(r.Book, s.Zones, func(*Zone) {})
	s.SecurityGroups = standin.Part(r.Book, s.SecurityGroups, func(g *SecurityGroup) {
		g.OwnerID = r.Account(g.OwnerID)
		if g.Name != "default" {
			g.Name = r.Word("group", g.Name)
		}
		g.Ingress, g.Egress = r.rules(g.Ingress), r.rules(g.Egress)
		g.Tags = r.tags(g.Tags)
	})
	s.NetworkACLs = standin.Part(r.Book, s.NetworkACLs, func(a *NetworkACL) {
		a.OwnerID = r.Account(a.OwnerID)
		a.Tags = r.tags(a.Tags)
	})
	s.Endpoints = standin.Part(r.Book, s.Endpoints, func(e *Endpoint) {
		e.OwnerID = r.Account(e.OwnerID)
		e.Tags = r.tags(e.Tags)
	})
	s.InstanceOfferings = standin.Part(r.Book, s.InstanceOfferings, func(*InstanceOffering) {})
	s.ClusterTags = standin.Part(r.Book, s.ClusterTags, func(t *ClusterTag) {
		tags := r.tags(map[string]string{t.TagKey: t.Value})
		for key, value := range tags {
			t.TagKey, t.Value = key, value
		}
	})
	s.LoadBalancerTags = standin.Part(r.Book, s.LoadBalancerTags, func(t *ClusterTag) {
		t.ResourceID = r.balancer(t.ResourceID)
		tags := r.tags(map[string]string{t.TagKey: t.Value})
		for key, value := range tags {
			t.TagKey, t.Value = key, value
		}
	})
	s.Peerings = standin.Part(r.Book, s.Peerings, func(p *Peering) {
		p.Requester.OwnerID = r.Account(p.Requester.OwnerID)
		p.Accepter.OwnerID = r.Account(p.Accepter.OwnerID)
		p.Tags = r.tags(p.Tags)
	})
	return s
}

// rules redacts the accounts of the groups that rules name. The blocks stay, as
// those of routes do: without them no flow could be judged.
func (r *redactor) rules(list groundway.List[SecurityRule]) groundway.List[SecurityRule] {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b SecurityRule) int { return cmp.Compare(a.Key(), b.Key()) })
	for i := range list {
		list[i].Groups = slices.Clone(list[i].Groups)
		for k := range list[i].Groups {
			list[i].Groups[k].OwnerID = r.Account(list[i].Groups[k].OwnerID)
		}
	}
	return list
}

// balancer redacts the ARN of a load balancer, which holds its name:
// …:loadbalancer/NAME of a classic one, …:loadbalancer/app/NAME/ID of others.
func (r *redactor) balancer(arn string) string {
	before, rest, ok := strings.Cut(r.Accounts(arn), ":loadbalancer/")
	if !ok {
		return r.Word("name", arn)
	}
	parts := strings.Split(rest, "/")
	at := min(1, len(parts)-1)
	parts[at] = r.Word("name", parts[at])
	return before + ":loadbalancer/" + strings.Join(parts, "/")
}

// target redacts what may be an ARN, an address or a resource ID.
func (r *redactor) target(id string) string {
	if strings.HasPrefix(id, "arn:") {
		return r.Accounts(id)
	}
	return r.addressText(id)
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
			value = r.Word(kind, value)
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
		return r.Word("tag", key)
	}
	// kubernetes.io/cluster/NAME and sigs.k8s.io/cluster-api-provider-aws/cluster/NAME.
	before, name, ok := strings.Cut("/"+rest, "/cluster/")
	if !ok || name == "unmanaged" {
		return key
	}
	return domain + before + "/cluster/" + r.Word("cluster", name)
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
	return r.Domain(text)
}

var carrierNAT = netip.MustParsePrefix("100.64.0.0/10")

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
	if !r.public(a) {
		return a
	}
	return r.Address(a)
}

// public reports whether the address tells whose it is: it is neither private
// nor special nor within a block of a VPC, which stays readable anyway.
func (r *redactor) public(a netip.Addr) bool {
	a = a.Unmap()
	return a.IsGlobalUnicast() && !a.IsPrivate() && !carrierNAT.Contains(a) &&
		!slices.ContainsFunc(r.blocks, func(p netip.Prefix) bool { return p.Contains(a) })
}
