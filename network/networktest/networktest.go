// Package networktest has snapshots of good networks to start tests from, and
// small edits that break them.
//
//	s, o := networktest.Public()
//	networktest.SetRoute(&s, "rtb-0c", "0.0.0.0/0", "nat-01")
//	findings := network.Check(s, o) // network/subnet-not-public, twice
//
// Every call returns fresh values, which the caller may change as it likes. The
// edits panic on identifiers that the snapshot does not hold: they are for
// literals in tests.
package networktest

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/network"
)

// The identifiers that both accounts have.
const (
	Account = "111122223333"
	Region  = "us-east-1"
	VPC     = "vpc-0a1"
)

// Public returns an account with a VPC for a public cluster in two zones, and
// the options for it, which [network.Check] passes without a failure:
//
//	subnet-0c1, subnet-0c2  controllers, in us-east-1a and us-east-1b, public by rtb-0c
//	subnet-0w1, subnet-0w2  workers, in the same zones, private by rtb-01 and rtb-02,
//	                        which lead to nat-01 in subnet-0c1 and nat-02 in subnet-0c2
//	rtb-0m                  the main route table, which serves nothing
//	igw-0a, dopt-0a         the internet gateway and the DHCP options
//	acl-0a, sg-0a           the VPC's default network ACL and security group, as EC2
//	                        makes them: everything passes, and members reach each other
func Public() (network.Snapshot, network.Options) {
	s := base()
	s.Subnets = groundway.SeenPart(
		subnet("subnet-0c1", "us-east-1a", "10.0.0.0/24", true),
		subnet("subnet-0c2", "us-east-1b", "10.0.1.0/24", true),
		subnet("subnet-0w1", "us-east-1a", "10.0.16.0/20", false),
		subnet("subnet-0w2", "us-east-1b", "10.0.32.0/20", false),
	)
	s.RouteTables = groundway.SeenPart(
		table("rtb-0m", network.Association{Main: true, State: "associated"}),
		table("rtb-0c", own("subnet-0c1"), own("subnet-0c2")),
		table("rtb-01", own("subnet-0w1")),
		table("rtb-02", own("subnet-0w2")),
	)
	s.NATGateways = groundway.SeenPart(nat("nat-01", "subnet-0c1", "198.51.100.1"), nat("nat-02", "subnet-0c2", "198.51.100.2"))
	SetRoute(&s, "rtb-0c", "0.0.0.0/0", "igw-0a")
	SetRoute(&s, "rtb-01", "0.0.0.0/0", "nat-01")
	SetRoute(&s, "rtb-02", "0.0.0.0/0", "nat-02")
	for _, n := range s.Subnets.Items {
		SetACL(&s, n.ID, "acl-0a")
	}
	return s, options(network.TopologyPublic)
}

// Internal returns an account with a VPC for an internal cluster in two zones,
// and the options for it, which [network.Check] passes without a failure. It is
// that of [Public], but for subnet-0c1 and subnet-0c2, which are private, and
// for the NAT gateways, which stand in two more subnets:
//
//	subnet-0p1, subnet-0p2  public by rtb-0p, with nat-01 and nat-02, and tagged as of
//	                        no cluster, so that it puts no load balancer there
//	subnet-0c1, subnet-0w1  private by rtb-01, and subnet-0c2, subnet-0w2 by rtb-02;
//	                        both tables lead 10.128.0.0/9 to the VPN gateway vgw-0a
func Internal() (network.Snapshot, network.Options) {
	s, _ := Public()
	for _, id := range []string{"subnet-0c1", "subnet-0c2"} {
		*Subnet(&s, id).AutoPublicIP = false
	}
	s.Subnets.Items = append(s.Subnets.Items,
		subnet("subnet-0p1", "us-east-1a", "10.0.2.0/24", true),
		subnet("subnet-0p2", "us-east-1b", "10.0.3.0/24", true),
	)
	for _, id := range []string{"subnet-0p1", "subnet-0p2"} {
		Subnet(&s, id).Tags = map[string]string{"kubernetes.io/cluster/unmanaged": "true"}
	}
	SetACL(&s, "subnet-0p1", "acl-0a")
	SetACL(&s, "subnet-0p2", "acl-0a")
	s.RouteTables.Items = slices.DeleteFunc(s.RouteTables.Items, func(t network.RouteTable) bool { return t.ID == "rtb-0c" })
	s.RouteTables.Items = append(s.RouteTables.Items, table("rtb-0p", own("subnet-0p1"), own("subnet-0p2")))
	SetRoute(&s, "rtb-0p", "0.0.0.0/0", "igw-0a")
	for i, id := range []string{"rtb-01", "rtb-02"} {
		t := RouteTable(&s, id)
		t.Associations = append(t.Associations, own(fmt.Sprint("subnet-0c", i+1)))
		t.PropagatingVGWs = []string{"vgw-0a"}
		SetRoute(&s, id, "10.128.0.0/9", "vgw-0a")
		t.Routes[len(t.Routes)-1].Origin = "EnableVgwRoutePropagation"
		NATGateway(&s, fmt.Sprint("nat-0", i+1)).SubnetID = fmt.Sprint("subnet-0p", i+1)
	}
	return s, options(network.TopologyInternal)
}

// Large returns an account like that of [Internal], to measure with: a VPC of
// 10.0.0.0/8 with n subnets, named subnet-1000000 and so on, in two zones, every
// third for controllers and the others for workers, a route table of forty routes
// for every five and a network ACL of twelve entries for every ten.
// [network.Check] finds one failure in it, for both zones share nat-01.
func Large(n int) (network.Snapshot, network.Options) {
	s, o := Internal()
	o.ControllerSubnets, o.WorkerSubnets = nil, nil
	all := netip.MustParsePrefix("10.0.0.0/8")
	TheVPC(&s).CIDRs[0].Prefix = all
	for i := range s.RouteTables.Items {
		s.RouteTables.Items[i].Routes[0].Prefix = all
	}
	for i := range s.Subnets.Items {
		s.Subnets.Items[i].Tags = map[string]string{"kubernetes.io/cluster/unmanaged": "true"}
	}
	o.PodCIDR, o.ServiceCIDR = netip.MustParsePrefix("172.20.0.0/16"), netip.MustParsePrefix("172.21.0.0/16")
	for i := range n {
		subnet := *Subnet(&s, "subnet-0w1")
		subnet.ID, subnet.Tags = fmt.Sprintf("subnet-1%06x", i), nil
		subnet.Zone = []string{"us-east-1a", "us-east-1b"}[i%2]
		subnet.CIDRs = []network.CIDR{{Prefix: netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(1 + i/256), byte(i), 0}), 24)}}
		s.Subnets.Items = append(s.Subnets.Items, subnet)
		if i%5 == 0 {
			table := *RouteTable(&s, "rtb-01")
			table.ID, table.Associations = fmt.Sprintf("rtb-1%06x", i), nil
			s.RouteTables.Items = append(s.RouteTables.Items, table)
			for k := range 40 {
				SetRoute(&s, table.ID, fmt.Sprintf("100.%d.0.0/16", 64+k), "tgw-0a")
			}
		}
		t := &s.RouteTables.Items[len(s.RouteTables.Items)-1]
		t.Associations = append(t.Associations, own(subnet.ID))
		if i%10 == 0 {
			s.NetworkACLs.Items = append(s.NetworkACLs.Items, largeACL(fmt.Sprintf("acl-1%06x", i)))
		}
		a := &s.NetworkACLs.Items[len(s.NetworkACLs.Items)-1]
		a.Associations = append(a.Associations, network.ACLAssociation{SubnetID: subnet.ID})
		if i%3 == 0 {
			s.Subnets.Items[len(s.Subnets.Items)-1].Tags = map[string]string{"kubernetes.io/role/internal-elb": "1"}
			o.ControllerSubnets = append(o.ControllerSubnets, subnet.ID)
		} else {
			o.WorkerSubnets = append(o.WorkerSubnets, subnet.ID)
		}
	}
	return s, o
}

// largeACL denies ten networks that nobody is in, and allows the rest.
func largeACL(id string) network.NetworkACL {
	a := network.NetworkACL{ID: id, VPCID: VPC, OwnerID: Account}
	for i := range 10 {
		a.Entries = append(a.Entries, network.ACLEntry{
			Number: 10 + i, Egress: i%2 == 0, Action: "deny", Protocol: "6", FromPort: new(1), ToPort: new(65535),
			Prefix: netip.PrefixFrom(netip.AddrFrom4([4]byte{192, 168, byte(i), 0}), 24),
		})
	}
	for _, egress := range []bool{false, true} {
		a.Entries = append(a.Entries, network.ACLEntry{Number: 100, Egress: egress, Action: "allow", Protocol: "-1", Prefix: netip.MustParsePrefix("0.0.0.0/0")})
	}
	return a
}

func options(t network.Topology) network.Options {
	return network.Options{
		Cluster: "demo", Topology: t, Region: Region, VPC: VPC,
		ControllerSubnets: []string{"subnet-0c1", "subnet-0c2"},
		WorkerSubnets:     []string{"subnet-0w1", "subnet-0w2"},
		PodCIDR:           netip.MustParsePrefix("10.2.0.0/16"),
		ServiceCIDR:       netip.MustParsePrefix("10.3.0.0/16"),
	}
}

// base returns what is the same in every account.
func base() network.Snapshot {
	s := network.Snapshot{Observation: groundway.Observation{
		Account: Account, Region: Region, Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
	}}
	s.VPCs = groundway.SeenPart(network.VPC{
		ID: VPC, OwnerID: Account, State: "available", DHCPOptionsID: "dopt-0a", BlockMode: "off",
		CIDRs: []network.CIDR{{Prefix: netip.MustParsePrefix("10.0.0.0/16"), State: "associated"}},
		Tags:  map[string]string{"Name": "demo"},
	})
	s.DNSSupport = groundway.SeenPart(network.DNSAttribute{VPCID: VPC, Enabled: true})
	s.DNSHostnames = groundway.SeenPart(network.DNSAttribute{VPCID: VPC, Enabled: true})
	s.DHCPOptions = groundway.SeenPart(network.DHCPOptions{ID: "dopt-0a", OwnerID: Account, Values: map[string][]string{
		"domain-name": {"ec2.internal"}, "domain-name-servers": {"AmazonProvidedDNS"},
	}})
	s.InternetGateways = groundway.SeenPart(network.InternetGateway{
		ID: "igw-0a", OwnerID: Account, Attachments: []network.Attachment{{VPCID: VPC, State: "available"}},
	})
	s.SecurityGroups = groundway.SeenPart(network.SecurityGroup{
		ID: "sg-0a", VPCID: VPC, OwnerID: Account, Name: "default",
		Ingress: []network.SecurityRule{{Protocol: "-1", Groups: []network.GroupRef{{ID: "sg-0a", OwnerID: Account}}}},
		Egress:  []network.SecurityRule{{Protocol: "-1", Prefixes: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")}}},
	})
	s.NetworkACLs = groundway.SeenPart(network.NetworkACL{ID: "acl-0a", VPCID: VPC, OwnerID: Account, Default: true})
	for _, egress := range []bool{false, true} {
		SetEntry(&s, "acl-0a", network.ACLEntry{Number: 100, Egress: egress, Action: "allow", Protocol: "-1", Prefix: netip.MustParsePrefix("0.0.0.0/0")})
		SetEntry(&s, "acl-0a", network.ACLEntry{Number: 32767, Egress: egress, Action: "deny", Protocol: "-1", Prefix: netip.MustParsePrefix("0.0.0.0/0")})
	}
	s.Endpoints = groundway.SeenPart[network.Endpoint]()
	s.ClusterTags = groundway.SeenPart[network.ClusterTag]()
	s.LoadBalancerTags = groundway.SeenPart[network.ClusterTag]()
	s.Zones = groundway.SeenPart(zone("us-east-1a", "use1-az4"), zone("us-east-1b", "use1-az6"), zone("us-east-1c", "use1-az1"))
	return s
}

func zone(name, id string) network.Zone {
	return network.Zone{
		Name: name, ID: id, Type: "availability-zone", State: "available",
		OptIn: "opt-in-not-required", Group: "us-east-1-zg-1", NetworkBorderGroup: Region,
	}
}

func subnet(id, zone, cidr string, public bool) network.Subnet {
	free := 251
	return network.Subnet{
		ID: id, VPCID: VPC, OwnerID: Account, State: "available", Zone: zone, BlockMode: "off",
		CIDRs:        []network.CIDR{{Prefix: netip.MustParsePrefix(cidr)}},
		AutoPublicIP: &public, FreeAddresses: &free,
	}
}

func own(subnetID string) network.Association {
	return network.Association{SubnetID: subnetID, State: "associated"}
}

func table(id string, associations ...network.Association) network.RouteTable {
	return network.RouteTable{
		ID: id, VPCID: VPC, OwnerID: Account, Associations: associations,
		Routes: []network.Route{{
			Prefix: netip.MustParsePrefix("10.0.0.0/16"), Target: network.Target{Kind: network.TargetLocal},
			State: "active", Origin: "CreateRouteTable",
		}},
	}
}

func nat(id, subnetID, address string) network.NATGateway {
	return network.NATGateway{
		ID: id, VPCID: VPC, SubnetID: subnetID, State: "available", Connectivity: "public", AvailabilityMode: "zonal",
		PublicAddresses: []netip.Addr{netip.MustParseAddr(address)},
	}
}

// find returns the item of this key.
func find[T groundway.Keyed](items []T, key string) *T {
	i := slices.IndexFunc(items, func(item T) bool { return item.Key() == key })
	if i < 0 {
		panic(fmt.Sprintf("networktest: the snapshot holds no %T %q", *new(T), key))
	}
	return &items[i]
}

// Subnet returns the subnet, to be changed.
func Subnet(s *network.Snapshot, id string) *network.Subnet { return find(s.Subnets.Items, id) }

// RouteTable returns the route table, to be changed.
func RouteTable(s *network.Snapshot, id string) *network.RouteTable {
	return find(s.RouteTables.Items, id)
}

// NATGateway returns the NAT gateway, to be changed.
func NATGateway(s *network.Snapshot, id string) *network.NATGateway {
	return find(s.NATGateways.Items, id)
}

// SecurityGroup returns the security group, to be changed.
func SecurityGroup(s *network.Snapshot, id string) *network.SecurityGroup {
	return find(s.SecurityGroups.Items, id)
}

// NetworkACL returns the network ACL, to be changed.
func NetworkACL(s *network.Snapshot, id string) *network.NetworkACL {
	return find(s.NetworkACLs.Items, id)
}

// Endpoint returns the VPC endpoint, to be changed.
func Endpoint(s *network.Snapshot, id string) *network.Endpoint { return find(s.Endpoints.Items, id) }

// TheVPC returns the VPC [VPC], to be changed.
func TheVPC(s *network.Snapshot) *network.VPC { return find(s.VPCs.Items, VPC) }

// kinds are the kinds of targets by the prefix of their identifiers.
var kinds = map[string]network.TargetKind{
	"igw": network.TargetInternetGateway, "eigw": network.TargetEgressOnlyGateway, "nat": network.TargetNATGateway,
	"vgw": network.TargetVPNGateway, "tgw": network.TargetTransitGateway, "pcx": network.TargetPeering,
	"lgw": network.TargetLocalGateway, "cagw": network.TargetCarrierGateway, "vpce": network.TargetEndpoint,
	"eni": network.TargetInterface, "i": network.TargetInstance, "arn:aws:networkmanager": network.TargetCoreNetwork,
}

// SetRoute leads a destination, a block or the ID of a prefix list, to a target
// of the kind that the prefix of its ID tells ("igw-0a"), in the state active.
// It replaces the route that the table has for the destination.
func SetRoute(s *network.Snapshot, tableID, destination, target string) {
	prefix, _, _ := strings.Cut(target, "-")
	if strings.HasPrefix(target, "arn:aws:networkmanager") {
		prefix = "arn:aws:networkmanager"
	}
	kind, ok := kinds[prefix]
	if !ok {
		panic(fmt.Sprintf("networktest: no kind of target has IDs like %q", target))
	}
	r := network.Route{Target: network.Target{Kind: kind, ID: target}, State: "active", Origin: "CreateRoute"}
	if strings.HasPrefix(destination, "pl-") {
		r.PrefixListID = destination
	} else {
		r.Prefix = netip.MustParsePrefix(destination)
	}
	RemoveRoute(s, tableID, destination)
	t := RouteTable(s, tableID)
	t.Routes = append(t.Routes, r)
}

// RemoveRoute removes the route of a destination, if the table has one.
func RemoveRoute(s *network.Snapshot, tableID, destination string) {
	t := RouteTable(s, tableID)
	t.Routes = slices.DeleteFunc(t.Routes, func(r network.Route) bool { return r.Key() == destination })
}

// Blackhole sets the state of a route to blackhole.
func Blackhole(s *network.Snapshot, tableID, destination string) {
	find(RouteTable(s, tableID).Routes, destination).State = "blackhole"
}

// Associate gives a subnet a route table of its own in place of the one that it
// has; with an empty table it falls back on the main one.
func Associate(s *network.Snapshot, subnetID, tableID string) {
	for i := range s.RouteTables.Items {
		t := &s.RouteTables.Items[i]
		t.Associations = slices.DeleteFunc(t.Associations, func(a network.Association) bool { return a.SubnetID == subnetID })
	}
	if tableID != "" {
		t := RouteTable(s, tableID)
		t.Associations = append(t.Associations, own(subnetID))
	}
}

// SetACL associates a subnet with a network ACL in place of the one that it has.
func SetACL(s *network.Snapshot, subnetID, aclID string) {
	for i := range s.NetworkACLs.Items {
		a := &s.NetworkACLs.Items[i]
		a.Associations = slices.DeleteFunc(a.Associations, func(x network.ACLAssociation) bool { return x.SubnetID == subnetID })
	}
	a := NetworkACL(s, aclID)
	a.Associations = append(a.Associations, network.ACLAssociation{SubnetID: subnetID})
}

// SetEntry puts an entry into a network ACL, in place of the one of its number
// and direction.
func SetEntry(s *network.Snapshot, aclID string, e network.ACLEntry) {
	a := NetworkACL(s, aclID)
	a.Entries = slices.DeleteFunc(a.Entries, func(have network.ACLEntry) bool { return have.Key() == e.Key() })
	a.Entries = append(a.Entries, e)
}

// Allow returns a rule that lets a protocol and its ports, "tcp 443" or
// "tcp 30000-32767" or "-1", pass to and from blocks, prefix lists ("pl-…") and
// members of security groups ("sg-…").
func Allow(protocol string, peers ...string) network.SecurityRule {
	var r network.SecurityRule
	var ports string
	r.Protocol, ports, _ = strings.Cut(protocol, " ")
	if ports != "" {
		from, to, isRange := strings.Cut(ports, "-")
		if !isRange {
			to = from
		}
		r.FromPort, r.ToPort = port(from), port(to)
	}
	for _, peer := range peers {
		switch {
		case strings.HasPrefix(peer, "sg-"):
			r.Groups = append(r.Groups, network.GroupRef{ID: peer, OwnerID: Account})
		case strings.HasPrefix(peer, "pl-"):
			r.PrefixListIDs = append(r.PrefixListIDs, peer)
		default:
			r.Prefixes = append(r.Prefixes, netip.MustParsePrefix(peer))
		}
	}
	return r
}

func port(text string) *int {
	n, err := strconv.Atoi(text)
	if err != nil {
		panic(fmt.Sprintf("networktest: %q is no port", text))
	}
	return &n
}

// AddGroup puts a security group into the VPC, with these rules for what comes
// in; everything may go out.
func AddGroup(s *network.Snapshot, id string, ingress ...network.SecurityRule) {
	s.SecurityGroups.Items = append(s.SecurityGroups.Items, network.SecurityGroup{
		ID: id, VPCID: VPC, OwnerID: Account, Name: id, Ingress: ingress, Egress: groundway.List[network.SecurityRule]{Allow("-1", "0.0.0.0/0")},
	})
}

// AddInterfaceEndpoint puts an available interface endpoint with private DNS
// into the VPC, for a service named as in "ecr.api".
func AddInterfaceEndpoint(s *network.Snapshot, id, service, groupID string, subnetIDs ...string) {
	s.Endpoints.Items = append(s.Endpoints.Items, network.Endpoint{
		ID: id, VPCID: VPC, OwnerID: Account, Type: "Interface", Service: "com.amazonaws." + Region + "." + service, State: "available",
		PrivateDNS: new(true), SubnetIDs: subnetIDs, GroupIDs: []string{groupID},
	})
}

// AddGatewayEndpoint puts an available gateway endpoint into the VPC and the
// route to it into each table.
func AddGatewayEndpoint(s *network.Snapshot, id, service string, tableIDs ...string) {
	s.Endpoints.Items = append(s.Endpoints.Items, network.Endpoint{
		ID: id, VPCID: VPC, OwnerID: Account, Type: "Gateway", Service: "com.amazonaws." + Region + "." + service, State: "available",
		PrivateDNS: new(false), RouteTableIDs: tableIDs,
	})
	for _, t := range tableIDs {
		SetRoute(s, t, "pl-63a5400a", id)
	}
}

// DetachGateway takes the internet gateway off the VPC, and lets the routes to
// it go dead, as EC2 does.
func DetachGateway(s *network.Snapshot) {
	for i := range s.InternetGateways.Items {
		s.InternetGateways.Items[i].Attachments = nil
	}
	for i := range s.RouteTables.Items {
		for k := range s.RouteTables.Items[i].Routes {
			if r := &s.RouteTables.Items[i].Routes[k]; r.Target.Kind == network.TargetInternetGateway {
				r.State = "blackhole"
			}
		}
	}
}

// Deny makes a part unseen, for want of the IAM action.
func Deny[T any](part *groundway.Part[T], action string) {
	*part = groundway.UnseenPart[T](groundway.Gap{Action: action, Code: "UnauthorizedOperation"})
}
