package ec2fake

import (
	"net/netip"
	"time"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/network"
)

// VPC is the ID of the VPC of [Everything].
const VPC = "vpc-0a1"

// Everything returns a snapshot of one VPC in which every field that EC2 shows
// is filled, every kind of route target is led to, and a subnet, subnet-0f1,
// belongs to another VPC. It is no sound network, but one that a reader has to
// carry over field by field.
func Everything() network.Snapshot {
	const account = "111122223333"
	tags := map[string]string{"Name": "demo", "kubernetes.io/cluster/demo": "owned"}
	return network.Snapshot{
		Observation: groundway.Observation{
			Account: account, Region: "us-east-1", Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		},
		Parts: network.Parts{
			VPCs: groundway.SeenPart(network.VPC{
				ID: VPC, OwnerID: account, State: "available",
				CIDRs: []network.CIDR{
					{Prefix: netip.MustParsePrefix("10.0.0.0/16"), State: "associated"},
					{Prefix: netip.MustParsePrefix("100.64.0.0/16"), State: "disassociating"},
					{Prefix: netip.MustParsePrefix("2001:db8:1200::/56"), State: "associating"},
				},
				DHCPOptionsID: "dopt-0d1", BlockMode: "off", Tags: tags,
			}),
			DNSSupport:   groundway.SeenPart(network.DNSAttribute{VPCID: VPC, Enabled: true}),
			DNSHostnames: groundway.SeenPart(network.DNSAttribute{VPCID: VPC, Enabled: true}),
			DHCPOptions: groundway.SeenPart(
				network.DHCPOptions{
					ID: "dopt-0d1", OwnerID: account, Tags: tags,
					Values: map[string][]string{
						"domain-name":         {"ec2.internal"},
						"domain-name-servers": {"AmazonProvidedDNS", "192.0.2.53"},
						"ntp-servers":         {},
					},
				},
				network.DHCPOptions{ID: "dopt-0d2"},
			),
			Subnets: groundway.SeenPart(
				network.Subnet{
					ID: "subnet-0c1", VPCID: VPC, OwnerID: account, State: "available", Zone: "us-east-1a", ZoneID: "use1-az1",
					CIDRs: []network.CIDR{
						{Prefix: netip.MustParsePrefix("10.0.1.0/24")},
						{Prefix: netip.MustParsePrefix("2001:db8:1200:1::/64"), State: "associated"},
					},
					AutoPublicIP: new(true), FreeAddresses: new(251), BlockMode: "block-ingress",
					OutpostARN: "arn:aws:outposts:us-east-1:111122223333:outpost/op-0a1", Tags: tags,
				},
				network.Subnet{ID: "subnet-0w1", VPCID: VPC, AutoPublicIP: new(false), FreeAddresses: new(0)},
				network.Subnet{ID: "subnet-0x1", VPCID: VPC},
				network.Subnet{ID: "subnet-0f1", VPCID: "vpc-0b1"},
			),
			RouteTables: groundway.SeenPart(
				network.RouteTable{
					ID: "rtb-0m1", VPCID: VPC, OwnerID: account, Tags: tags,
					Associations: []network.Association{
						{ID: "rtbassoc-0a1", Main: true, State: "associated"},
						{ID: "rtbassoc-0a2", SubnetID: "subnet-0c1", State: "associating"},
						{GatewayID: "igw-0a1", State: "associated"},
						{PoolID: "ipv4pool-ec2-0a1"},
					},
					PropagatingVGWs: []string{"vgw-0a1"},
					Routes:          everyRoute(),
				},
				network.RouteTable{ID: "rtb-0m2", VPCID: VPC},
			),
			PrefixLists: groundway.SeenPart(
				network.PrefixList{ID: "pl-0a1", Entries: []netip.Prefix{
					netip.MustParsePrefix("198.51.100.0/25"), netip.MustParsePrefix("198.51.100.128/25"), netip.MustParsePrefix("203.0.113.0/24"),
				}},
				network.PrefixList{ID: "pl-0a3", Entries: []netip.Prefix{netip.MustParsePrefix("198.51.100.64/26")}},
				network.PrefixList{ID: "pl-0a2", Entries: []netip.Prefix{netip.MustParsePrefix("2001:db8:3::/48")}},
			),
			InternetGateways: groundway.SeenPart(network.InternetGateway{
				ID: "igw-0a1", OwnerID: account, Attachments: []network.Attachment{{VPCID: VPC, State: "available"}}, Tags: tags,
			}),
			EgressGateways: groundway.SeenPart(
				network.InternetGateway{ID: "eigw-0a1", Attachments: []network.Attachment{{VPCID: VPC, State: "attached"}}, Tags: tags},
				network.InternetGateway{ID: "eigw-0a2"},
			),
			NATGateways: groundway.SeenPart(
				network.NATGateway{
					ID: "nat-0a1", VPCID: VPC, SubnetID: "subnet-0c1", State: "available", Connectivity: "public", AvailabilityMode: "zonal",
					PublicAddresses: []netip.Addr{netip.MustParseAddr("203.0.113.5"), netip.MustParseAddr("203.0.113.6")}, Tags: tags,
				},
				network.NATGateway{
					ID: "nat-0a2", VPCID: VPC, State: "available", Connectivity: "public", AvailabilityMode: "regional", RouteTableID: "rtb-0n1",
				},
				network.NATGateway{
					ID: "nat-0a3", VPCID: VPC, SubnetID: "subnet-0w1", State: "failed", Connectivity: "private",
					FailureCode: "InsufficientFreeAddressesInSubnet", FailureMessage: "Subnet has insufficient free addresses <&>",
				},
			),
			Zones: groundway.SeenPart(
				network.Zone{
					Name: "us-east-1a", ID: "use1-az1", Type: "availability-zone", State: "available",
					OptIn: "opt-in-not-required", Group: "us-east-1-zg-1", NetworkBorderGroup: "us-east-1",
				},
				network.Zone{
					Name: "us-east-1-bos-1a", ID: "use1-bos1-az1", Type: "local-zone", State: "available",
					OptIn: "not-opted-in", Group: "us-east-1-bos-1", Parent: "us-east-1a", NetworkBorderGroup: "us-east-1-bos-1",
				},
			),
			SecurityGroups: groundway.SeenPart(
				network.SecurityGroup{
					ID: "sg-0a1", VPCID: VPC, OwnerID: account, Name: "demo <&> nodes", Tags: tags,
					Ingress: []network.SecurityRule{
						{
							Protocol: "tcp", FromPort: new(443), ToPort: new(443),
							Prefixes: []netip.Prefix{
								netip.MustParsePrefix("10.0.0.0/16"), netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("2001:db8:1200::/56"),
							},
							PrefixListIDs: []string{"pl-0a1", "pl-0a3"},
							Groups: []network.GroupRef{
								{ID: "sg-0a1", OwnerID: account},
								{ID: "sg-0p1", OwnerID: "444455556666", VPCID: "vpc-0p1", PeeringID: "pcx-0a1", PeeringStatus: "active"},
							},
						},
						{Protocol: "icmp", FromPort: new(3), ToPort: new(-1), Prefixes: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")}},
						{Protocol: "50", Groups: []network.GroupRef{{ID: "sg-0a2"}}},
					},
					Egress: []network.SecurityRule{
						{Protocol: "-1", Prefixes: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}},
						{
							Protocol: "udp", FromPort: new(53), ToPort: new(54), PrefixListIDs: []string{"pl-0a1"},
							Groups: []network.GroupRef{{ID: "sg-0p1", OwnerID: "444455556666", VPCID: "vpc-0p1", PeeringID: "pcx-0a1", PeeringStatus: "active"}},
						},
					},
				},
				network.SecurityGroup{ID: "sg-0a2", VPCID: VPC, Name: "default"},
			),
			NetworkACLs: groundway.SeenPart(
				network.NetworkACL{
					ID: "acl-0a1", VPCID: VPC, OwnerID: account, Default: true, Tags: tags,
					Associations: []network.ACLAssociation{{ID: "aclassoc-0a1", SubnetID: "subnet-0c1"}, {ID: "aclassoc-0a2", SubnetID: "subnet-0w1"}},
					Entries: []network.ACLEntry{
						{Number: 100, Action: "allow", Protocol: "6", Prefix: netip.MustParsePrefix("0.0.0.0/0"), FromPort: new(1024), ToPort: new(65535)},
						{Number: 110, Action: "deny", Protocol: "58", Prefix: netip.MustParsePrefix("::/0"), ICMPType: new(-1), ICMPCode: new(-1)},
						{Number: 32767, Action: "deny", Protocol: "-1", Prefix: netip.MustParsePrefix("0.0.0.0/0")},
						{Number: 100, Egress: true, Action: "allow", Protocol: "-1", Prefix: netip.MustParsePrefix("0.0.0.0/0")},
					},
				},
				network.NetworkACL{ID: "acl-0a2", VPCID: VPC},
			),
			Endpoints: groundway.SeenPart(
				network.Endpoint{
					ID: "vpce-0a2", VPCID: VPC, OwnerID: account, Type: "Gateway", Service: "com.amazonaws.us-east-1.s3", State: "available",
					PrivateDNS: new(false), RouteTableIDs: []string{"rtb-0m1", "rtb-0m2"}, Tags: tags,
				},
				network.Endpoint{
					ID: "vpce-0a3", VPCID: VPC, OwnerID: account, Type: "Interface", Service: "com.amazonaws.us-east-1.ecr.api", State: "pending",
					PrivateDNS: new(true), SubnetIDs: []string{"subnet-0c1", "subnet-0w1"}, GroupIDs: []string{"sg-0a1", "sg-0a2"},
				},
				network.Endpoint{ID: "vpce-0a4", VPCID: VPC},
			),
			InstanceOfferings: groundway.SeenPart(
				network.InstanceOffering{Type: "m5.large", Zones: []string{"us-east-1-bos-1a", "us-east-1a"}},
				network.InstanceOffering{Type: "x9.none"},
			),
			ClusterTags: groundway.SeenPart(
				network.ClusterTag{ResourceID: "sg-0old", ResourceType: "security-group", TagKey: "kubernetes.io/cluster/demo", Value: "owned"},
				network.ClusterTag{ResourceID: "vpc-0a1", ResourceType: "vpc", TagKey: "kubernetes.io/cluster/other", Value: "shared"},
			),
			Peerings: groundway.SeenPart(
				network.Peering{
					ID: "pcx-0a1", State: "active", Tags: tags,
					Requester: network.PeeredVPC{VPCID: VPC, OwnerID: account, Region: "us-east-1", CIDRs: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/16")}},
					Accepter: network.PeeredVPC{
						VPCID: "vpc-0p1", OwnerID: "444455556666", Region: "us-west-2",
						CIDRs: []netip.Prefix{netip.MustParsePrefix("10.50.0.0/16"), netip.MustParsePrefix("2001:db8:5000::/56")},
					},
				},
				network.Peering{ID: "pcx-0a2"},
			),
		},
	}
}

// everyRoute returns a route to each kind of target, in each state and of each
// origin.
func everyRoute() []network.Route {
	to := func(destination string, kind network.TargetKind, id string) network.Route {
		return network.Route{
			Prefix: netip.MustParsePrefix(destination), Target: network.Target{Kind: kind, ID: id}, State: "active", Origin: "CreateRoute",
		}
	}
	propagated := to("172.16.0.0/12", network.TargetVPNGateway, "vgw-0a1")
	propagated.Origin = "EnableVgwRoutePropagation"
	static := to("172.16.0.0/12", network.TargetTransitGateway, "tgw-0a1") // beside the propagated one
	dead := to("192.0.2.0/24", network.TargetPeering, "pcx-0a1")
	dead.State = "blackhole"
	filtered := to("192.0.2.0/25", network.TargetTransitGateway, "tgw-0a1")
	filtered.State, filtered.Origin = "filtered", "Advertisement"
	local := to("10.0.0.0/16", network.TargetLocal, "")
	local.Origin = "CreateRouteTable"
	appliance := to("198.18.5.0/24", network.TargetInterface, "eni-0a1")
	appliance.Target.Instance = "i-0a1"
	list := func(id string, kind network.TargetKind, target string) network.Route {
		return network.Route{PrefixListID: id, Target: network.Target{Kind: kind, ID: target}, State: "active", Origin: "CreateRoute"}
	}
	return []network.Route{
		local, propagated, static, dead, filtered, appliance,
		to("0.0.0.0/0", network.TargetInternetGateway, "igw-0a1"),
		to("::/0", network.TargetEgressOnlyGateway, "eigw-0a1"),
		to("198.18.0.0/24", network.TargetNATGateway, "nat-0a1"),
		to("198.18.1.0/24", network.TargetCoreNetwork, "arn:aws:networkmanager::111122223333:core-network/core-network-0a1"),
		to("198.18.2.0/24", network.TargetLocalGateway, "lgw-0a1"),
		to("198.18.3.0/24", network.TargetCarrierGateway, "cagw-0a1"),
		to("198.18.4.0/24", network.TargetODBNetwork, "arn:aws:odb:us-east-1:111122223333:odb-network/odbnet_0a1"),
		to("198.18.6.0/24", network.TargetInterface, "eni-0a2"),
		to("198.18.7.0/24", network.TargetInstance, "i-0a2"),
		to("198.18.8.0/24", network.TargetAddress, "10.0.1.9"),
		to("198.18.9.0/24", network.TargetEndpoint, "vpce-0a1"),
		to("198.18.10.0/24", network.TargetUnknown, "xgw-0a1"),
		to("2001:db8:2::/48", network.TargetUnknown, ""),
		list("pl-0e1", network.TargetEndpoint, "vpce-0a2"),
		list("pl-0a1", network.TargetTransitGateway, "tgw-0a1"),
		list("pl-0a2", network.TargetPeering, "pcx-0a1"),
	}
}
