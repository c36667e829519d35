package network

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
)

// A Snapshot is what was seen of the network of an account in one region. It
// may hold several VPCs; [Check] looks at the one it is asked about. The zero
// value is a snapshot of which nothing was seen.
//
// Enumerated values (states, kinds of zones) are kept as AWS spells them and
// compared without regard to case. An empty value means that the answer did not
// hold the field, as that of an older AWS CLI may not: it is unseen, and never
// read as a default.
//
// Its JSON form is canonical: one snapshot has one text, whatever the order of
// its items, and the items of each part stand under their identifiers, so that
// the JSON pointers of evidence name them.
type Snapshot struct {
	groundway.Observation
	Parts
}

// Parts are the parts of a Snapshot, each the answer of one AWS call.
type Parts struct {
	VPCs              groundway.Part[VPC]              `json:"vpcs"`                  // ec2:DescribeVpcs
	DNSSupport        groundway.Part[DNSAttribute]     `json:"dnsSupport"`            // ec2:DescribeVpcAttribute, enableDnsSupport
	DNSHostnames      groundway.Part[DNSAttribute]     `json:"dnsHostnames"`          // ec2:DescribeVpcAttribute, enableDnsHostnames
	DHCPOptions       groundway.Part[DHCPOptions]      `json:"dhcpOptions"`           // ec2:DescribeDhcpOptions
	Subnets           groundway.Part[Subnet]           `json:"subnets"`               // ec2:DescribeSubnets
	RouteTables       groundway.Part[RouteTable]       `json:"routeTables"`           // ec2:DescribeRouteTables
	PrefixLists       groundway.Part[PrefixList]       `json:"prefixLists"`           // ec2:GetManagedPrefixListEntries, for those that routes or security groups name
	InternetGateways  groundway.Part[InternetGateway]  `json:"internetGateways"`      // ec2:DescribeInternetGateways
	EgressGateways    groundway.Part[InternetGateway]  `json:"egressGateways"`        // ec2:DescribeEgressOnlyInternetGateways, where routes name one
	NATGateways       groundway.Part[NATGateway]       `json:"natGateways"`           // ec2:DescribeNatGateways
	Zones             groundway.Part[Zone]             `json:"zones"`                 // ec2:DescribeAvailabilityZones, all zones
	SecurityGroups    groundway.Part[SecurityGroup]    `json:"securityGroups"`        // ec2:DescribeSecurityGroups
	NetworkACLs       groundway.Part[NetworkACL]       `json:"networkAcls"`           // ec2:DescribeNetworkAcls
	Endpoints         groundway.Part[Endpoint]         `json:"vpcEndpoints"`          // ec2:DescribeVpcEndpoints
	InstanceOfferings groundway.Part[InstanceOffering] `json:"instanceTypeOfferings"` // ec2:DescribeInstanceTypeOfferings, of the types that were asked for
	ClusterTags       groundway.Part[ClusterTag]       `json:"clusterTags"`           // ec2:DescribeTags, of keys that start with kubernetes.io/cluster/
	LoadBalancerTags  groundway.Part[ClusterTag]       `json:"loadBalancerTags"`      // tag:GetResources, of load balancers and keys that start with kubernetes.io/cluster/
	Peerings          groundway.Part[Peering]          `json:"vpcPeeringConnections"` // ec2:DescribeVpcPeeringConnections, where routes or groups name one
}

// MarshalJSON writes the canonical JSON of groundway.snapshot/v1.
func (s Snapshot) MarshalJSON() ([]byte, error) {
	return groundway.MarshalSnapshot(s.Observation, s.Parts)
}

// UnmarshalJSON reads groundway.snapshot/v1. Parts of other packages in the
// same file are left alone.
func (s *Snapshot) UnmarshalJSON(data []byte) error {
	*s = Snapshot{}
	o, err := groundway.UnmarshalSnapshot(data, &s.Parts)
	s.Observation = o
	return err
}

// MarshalJSON writes the canonical JSON of the parts, for
// [groundway.MarshalSnapshot].
func (p Parts) MarshalJSON() ([]byte, error) {
	type plain Parts
	return json.Marshal(plain(p.canonical()))
}

// A VPC as ec2:DescribeVpcs shows it.
type VPC struct {
	ID            string            `json:"id"`
	OwnerID       string            `json:"ownerId,omitempty"`
	State         string            `json:"state,omitempty"` // pending, available
	CIDRs         []CIDR            `json:"cidrs,omitempty"` // IPv4 and IPv6, every association
	DHCPOptionsID string            `json:"dhcpOptionsId,omitempty"`
	BlockMode     string            `json:"internetGatewayBlockMode,omitempty"` // off, block-bidirectional, block-ingress
	Tags          map[string]string `json:"tags,omitempty"`
}

// Key returns the ID.
func (v VPC) Key() string { return v.ID }

// A CIDR is a block that is associated with a VPC or a subnet.
type CIDR struct {
	Prefix netip.Prefix `json:"prefix"`
	// State is associating, associated, disassociating, disassociated, failing
	// or failed. The IPv4 block of a subnet has none.
	State string `json:"state,omitempty"`
}

// A DNSAttribute is one of the two DNS switches of a VPC.
type DNSAttribute struct {
	VPCID   string `json:"vpcId"`
	Enabled bool   `json:"enabled"`
}

// Key returns the ID of the VPC.
func (a DNSAttribute) Key() string { return a.VPCID }

// DHCPOptions are a set of DHCP options; a VPC has one set, or the ID "default"
// and none.
type DHCPOptions struct {
	ID      string              `json:"id"`
	OwnerID string              `json:"ownerId,omitempty"`
	Values  map[string][]string `json:"values,omitempty"` // "domain-name", "domain-name-servers", …
	Tags    map[string]string   `json:"tags,omitempty"`
}

// Key returns the ID.
func (d DHCPOptions) Key() string { return d.ID }

// A Subnet as ec2:DescribeSubnets shows it.
type Subnet struct {
	ID            string            `json:"id"`
	VPCID         string            `json:"vpcId,omitempty"`
	OwnerID       string            `json:"ownerId,omitempty"`
	State         string            `json:"state,omitempty"` // pending, available, unavailable
	Zone          string            `json:"zone,omitempty"`  // the zone's name in this account: us-east-1a
	ZoneID        string            `json:"zoneId,omitempty"`
	CIDRs         []CIDR            `json:"cidrs,omitempty"`
	AutoPublicIP  *bool             `json:"mapPublicIpOnLaunch,omitempty"`
	FreeAddresses *int              `json:"availableIpAddressCount,omitempty"` // IPv4
	BlockMode     string            `json:"internetGatewayBlockMode,omitempty"`
	OutpostARN    string            `json:"outpostArn,omitempty"`
	Tags          map[string]string `json:"tags,omitempty"`
}

// Key returns the ID.
func (s Subnet) Key() string { return s.ID }

// A RouteTable as ec2:DescribeRouteTables shows it.
type RouteTable struct {
	ID              string                `json:"id"`
	VPCID           string                `json:"vpcId,omitempty"`
	OwnerID         string                `json:"ownerId,omitempty"`
	Associations    []Association         `json:"associations,omitempty"`
	PropagatingVGWs []string              `json:"propagatingVgws,omitempty"`
	Routes          groundway.List[Route] `json:"routes,omitempty"`
	Tags            map[string]string     `json:"tags,omitempty"`
}

// Key returns the ID.
func (t RouteTable) Key() string { return t.ID }

// An Association ties a route table to a subnet, to a gateway (ingress routing),
// to a public IPv4 pool, or, as Main, to the subnets that have no other table.
type Association struct {
	ID        string `json:"id,omitempty"` // rtbassoc-
	Main      bool   `json:"main,omitempty"`
	SubnetID  string `json:"subnetId,omitempty"`
	GatewayID string `json:"gatewayId,omitempty"`
	PoolID    string `json:"publicIpv4Pool,omitempty"`
	State     string `json:"state,omitempty"` // associating, associated, disassociating, disassociated, failed
}

// A Route leads a destination to a target.
type Route struct {
	Prefix       netip.Prefix `json:"prefix,omitzero"`        // the destination, or
	PrefixListID string       `json:"prefixListId,omitempty"` // the list of destinations
	Target       Target       `json:"target"`
	State        string       `json:"state,omitempty"`  // active, blackhole, filtered
	Origin       string       `json:"origin,omitempty"` // CreateRouteTable, CreateRoute, EnableVgwRoutePropagation, Advertisement
}

// Key returns the destination, which no two static routes of a table share. A
// propagated route may repeat the destination of a static one, so its key has
// the target added: "10.9.0.0/16 vgw-0a".
func (r Route) Key() string {
	key := r.Prefix.String()
	if r.PrefixListID != "" {
		key = r.PrefixListID
	}
	if r.propagated() {
		key += " " + r.Target.ID
	}
	return key
}

// propagated reports whether the route was learned and not written by anyone.
func (r Route) propagated() bool {
	return is(r.Origin, "EnableVgwRoutePropagation") || is(r.Origin, "Advertisement")
}

// is compares a value of an AWS enumeration, whose case differs between calls.
func is(value, word string) bool { return strings.EqualFold(value, word) }

// A Target is where a route leads.
type Target struct {
	Kind TargetKind `json:"kind"`
	ID   string     `json:"id,omitempty"` // an AWS identifier, an ARN or an address; empty for TargetLocal
	// Instance is the instance that holds the interface, where the kind is
	// TargetInterface and EC2 says so.
	Instance string `json:"instanceId,omitempty"`
}

// A TargetKind is what kind of thing a route leads to. EC2 has a field of its
// own for most; of GatewayId the prefix tells.
type TargetKind string

// The kinds of targets that EC2 knows, see
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Route.html.
const (
	TargetLocal             TargetKind = "local"
	TargetInternetGateway   TargetKind = "internet-gateway"             // igw-
	TargetEgressOnlyGateway TargetKind = "egress-only-internet-gateway" // eigw-
	TargetNATGateway        TargetKind = "nat-gateway"                  // nat-
	TargetVPNGateway        TargetKind = "vpn-gateway"                  // vgw-
	TargetTransitGateway    TargetKind = "transit-gateway"              // tgw-
	TargetPeering           TargetKind = "vpc-peering-connection"       // pcx-
	TargetCoreNetwork       TargetKind = "core-network"                 // an ARN
	TargetLocalGateway      TargetKind = "local-gateway"                // lgw-, of an Outpost
	TargetCarrierGateway    TargetKind = "carrier-gateway"              // cagw-
	TargetODBNetwork        TargetKind = "odb-network"                  // an ARN
	TargetEndpoint          TargetKind = "vpc-endpoint"                 // vpce-: a gateway endpoint or a Gateway Load Balancer endpoint
	TargetInterface         TargetKind = "network-interface"            // eni-
	TargetInstance          TargetKind = "instance"                     // i-, where EC2 names no interface
	TargetAddress           TargetKind = "ip-address"                   // of a VPC route server
	TargetUnknown           TargetKind = "unknown"                      // none that this version knows
)

// A PrefixList is a managed prefix list with its entries.
type PrefixList struct {
	ID      string         `json:"id"`
	OwnerID string         `json:"ownerId,omitempty"`
	Entries []netip.Prefix `json:"entries,omitempty"`
}

// Key returns the ID.
func (l PrefixList) Key() string { return l.ID }

// An InternetGateway, or an egress-only one.
type InternetGateway struct {
	ID          string            `json:"id"`
	OwnerID     string            `json:"ownerId,omitempty"`
	Attachments []Attachment      `json:"attachments,omitempty"`
	Tags        map[string]string `json:"tags,omitempty"`
}

// Key returns the ID.
func (g InternetGateway) Key() string { return g.ID }

// An Attachment ties a gateway to a VPC.
type Attachment struct {
	VPCID string `json:"vpcId"`
	State string `json:"state,omitempty"` // attaching, attached or available, detaching, detached
}

// A NATGateway as ec2:DescribeNatGateways shows it.
type NATGateway struct {
	ID               string            `json:"id"`
	VPCID            string            `json:"vpcId,omitempty"`
	SubnetID         string            `json:"subnetId,omitempty"`         // of a zonal one
	State            string            `json:"state,omitempty"`            // pending, failed, available, deleting, deleted
	Connectivity     string            `json:"connectivityType,omitempty"` // public, private
	AvailabilityMode string            `json:"availabilityMode,omitempty"` // zonal, regional
	RouteTableID     string            `json:"routeTableId,omitempty"`     // of a regional one
	PublicAddresses  []netip.Addr      `json:"publicAddresses,omitempty"`
	FailureCode      string            `json:"failureCode,omitempty"`
	FailureMessage   string            `json:"failureMessage,omitempty"` // untrusted text
	Tags             map[string]string `json:"tags,omitempty"`
}

// Key returns the ID.
func (n NATGateway) Key() string { return n.ID }

// A Zone is an availability zone, a local zone or a wavelength zone.
type Zone struct {
	Name               string `json:"name"` // in this account: us-east-1a
	ID                 string `json:"id,omitempty"`
	Type               string `json:"type,omitempty"`  // availability-zone, local-zone, wavelength-zone
	State              string `json:"state,omitempty"` // available, information, impaired, unavailable, constrained
	OptIn              string `json:"optInStatus,omitempty"`
	Group              string `json:"groupName,omitempty"`
	Parent             string `json:"parentZoneName,omitempty"`
	NetworkBorderGroup string `json:"networkBorderGroup,omitempty"`
}

// Key returns the name.
func (z Zone) Key() string { return z.Name }

// canonical returns the parts with every list in one order. The lists of a
// part are ordered when they are written; what remains are the lists within
// items.
func (p Parts) canonical() Parts {
	p.VPCs = sortedWithin(p.VPCs, func(v *VPC) { v.CIDRs = sortCIDRs(v.CIDRs) })
	p.DHCPOptions = sortedWithin(p.DHCPOptions, func(d *DHCPOptions) {
		d.Values = maps.Clone(d.Values)
		maps.DeleteFunc(d.Values, func(_ string, values []string) bool { return len(values) == 0 })
	})
	p.Subnets = sortedWithin(p.Subnets, func(s *Subnet) { s.CIDRs = sortCIDRs(s.CIDRs) })
	p.RouteTables = sortedWithin(p.RouteTables, func(t *RouteTable) {
		t.Associations = sorted(t.Associations, func(a, b Association) int {
			return cmp.Or(boolCompare(b.Main, a.Main), cmp.Compare(a.SubnetID, b.SubnetID),
				cmp.Compare(a.GatewayID, b.GatewayID), cmp.Compare(a.PoolID, b.PoolID), cmp.Compare(a.ID, b.ID), cmp.Compare(a.State, b.State))
		})
		t.PropagatingVGWs = sorted(t.PropagatingVGWs, cmp.Compare[string])
	})
	p.PrefixLists = sortedWithin(p.PrefixLists, func(l *PrefixList) { l.Entries = sorted(l.Entries, netip.Prefix.Compare) })
	attachments := func(g *InternetGateway) {
		g.Attachments = sorted(g.Attachments, func(a, b Attachment) int {
			return cmp.Or(cmp.Compare(a.VPCID, b.VPCID), cmp.Compare(a.State, b.State))
		})
	}
	p.InternetGateways = sortedWithin(p.InternetGateways, attachments)
	p.EgressGateways = sortedWithin(p.EgressGateways, attachments)
	p.NATGateways = sortedWithin(p.NATGateways, func(n *NATGateway) {
		n.PublicAddresses = sorted(n.PublicAddresses, netip.Addr.Compare)
	})
	p.SecurityGroups = sortedWithin(p.SecurityGroups, func(g *SecurityGroup) {
		g.Ingress, g.Egress = canonicalRules(g.Ingress), canonicalRules(g.Egress)
	})
	p.NetworkACLs = sortedWithin(p.NetworkACLs, func(a *NetworkACL) {
		a.Associations = sorted(a.Associations, func(x, y ACLAssociation) int {
			return cmp.Or(cmp.Compare(x.SubnetID, y.SubnetID), cmp.Compare(x.ID, y.ID))
		})
	})
	p.Endpoints = sortedWithin(p.Endpoints, func(e *Endpoint) {
		e.RouteTableIDs = sorted(e.RouteTableIDs, cmp.Compare[string])
		e.SubnetIDs = sorted(e.SubnetIDs, cmp.Compare[string])
		e.GroupIDs = sorted(e.GroupIDs, cmp.Compare[string])
	})
	p.InstanceOfferings = sortedWithin(p.InstanceOfferings, func(o *InstanceOffering) { o.Zones = sorted(o.Zones, cmp.Compare[string]) })
	p.Peerings = sortedWithin(p.Peerings, func(c *Peering) {
		c.Requester.CIDRs = sorted(c.Requester.CIDRs, netip.Prefix.Compare)
		c.Accepter.CIDRs = sorted(c.Accepter.CIDRs, netip.Prefix.Compare)
	})
	return p
}

// sortedWithin returns a copy of the part whose items went through sort.
func sortedWithin[T any](p groundway.Part[T], sort func(*T)) groundway.Part[T] {
	p.Items = slices.Clone(p.Items)
	for i := range p.Items {
		sort(&p.Items[i])
	}
	return p
}

func sorted[T any](list []T, compare func(a, b T) int) []T {
	list = slices.Clone(list)
	slices.SortFunc(list, compare)
	return list
}

func sortCIDRs(list []CIDR) []CIDR {
	return sorted(list, func(a, b CIDR) int { return cmp.Or(a.Prefix.Compare(b.Prefix), cmp.Compare(a.State, b.State)) })
}

func boolCompare(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}
