package network_test

import (
	"encoding/json"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/findingtest"
	"github.com/groundway-sdk/groundway/network"
	nt "github.com/groundway-sdk/groundway/network/networktest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A row edits a good account and says which findings fail and which are
// unknown, each as slug@subject.
type row struct {
	name     string
	internal bool
	edit     func(*network.Snapshot, *network.Options)
	failed   []string
	unknown  []string
}

func (r row) account() (network.Snapshot, network.Options) {
	s, o := nt.Public()
	if r.internal {
		s, o = nt.Internal()
	}
	if r.edit != nil {
		r.edit(&s, &o)
	}
	return s, o
}

// prefix is short for the literals of the tables.
var prefix = netip.MustParsePrefix

func ids(list ...string) []string { return list }

var rows = []row{
	{name: "good public"},
	{name: "good internal", internal: true},

	// VPC
	{
		name:   "no VPC named",
		edit:   func(s *network.Snapshot, o *network.Options) { o.VPC = "" },
		failed: ids("vpc-not-found@/network/vpc"),
	},
	{
		name:   "VPC of another region",
		edit:   func(s *network.Snapshot, o *network.Options) { o.VPC = "vpc-0b2" },
		failed: ids("vpc-not-found@vpc-0b2"),
	},
	{
		name:   "VPC pending",
		edit:   func(s *network.Snapshot, o *network.Options) { nt.TheVPC(s).State = "pending" },
		failed: ids("vpc-not-available@vpc-0a1"),
	},
	{
		name:    "VPC state not shown",
		edit:    func(s *network.Snapshot, o *network.Options) { nt.TheVPC(s).State = "" },
		unknown: ids("vpc-not-available@vpc-0a1"),
	},
	{
		name: "DNS off",
		edit: func(s *network.Snapshot, o *network.Options) {
			s.DNSSupport.Items[0].Enabled, s.DNSHostnames.Items[0].Enabled = false, false
		},
		failed: ids("vpc-dns-support-disabled@vpc-0a1", "vpc-dns-hostnames-disabled@vpc-0a1"),
	},
	{
		name:   "DNS hostnames off",
		edit:   func(s *network.Snapshot, o *network.Options) { s.DNSHostnames.Items[0].Enabled = false },
		failed: ids("vpc-dns-hostnames-disabled@vpc-0a1"),
	},
	{
		name:    "DNS attributes of another VPC only",
		edit:    func(s *network.Snapshot, o *network.Options) { s.DNSHostnames.Items[0].VPCID = "vpc-0b2" },
		unknown: ids("vpc-dns-hostnames-disabled@vpc-0a1"),
	},
	{
		name:   "gateway detached, routes dead: one cause",
		edit:   func(s *network.Snapshot, o *network.Options) { nt.DetachGateway(s) },
		failed: ids("vpc-no-internet-gateway@vpc-0a1"),
	},
	{
		name: "gateway detached, routes not yet dead",
		edit: func(s *network.Snapshot, o *network.Options) {
			s.InternetGateways.Items[0].Attachments = nil
		},
		failed: ids("vpc-no-internet-gateway@vpc-0a1"),
	},
	{
		name: "gateway detaching",
		edit: func(s *network.Snapshot, o *network.Options) {
			s.InternetGateways.Items[0].Attachments[0].State = "detaching"
		},
		failed: ids("vpc-no-internet-gateway@vpc-0a1"),
	},
	{
		name: "gateway of another VPC",
		edit: func(s *network.Snapshot, o *network.Options) {
			s.InternetGateways.Items[0].Attachments[0].VPCID = "vpc-0b2"
		},
		failed: ids("vpc-no-internet-gateway@vpc-0a1"),
	},
	{
		name:     "internal clusters need a gateway as well",
		internal: true,
		edit:     func(s *network.Snapshot, o *network.Options) { nt.DetachGateway(s) },
		failed:   ids("vpc-no-internet-gateway@vpc-0a1"),
	},
	{
		name: "VPC owned by another cluster",
		edit: func(s *network.Snapshot, o *network.Options) {
			nt.TheVPC(s).Tags["kubernetes.io/cluster/other"] = "owned"
		},
		failed: ids("vpc-owned-by-other-cluster@vpc-0a1"),
	},
	{
		name: "VPC owned by this cluster, shared with another",
		edit: func(s *network.Snapshot, o *network.Options) {
			nt.TheVPC(s).Tags["kubernetes.io/cluster/demo"] = "owned"
			nt.TheVPC(s).Tags["kubernetes.io/cluster/other"] = "shared"
		},
	},
	{
		name:    "VPC shared by another account, which shows none of its tags",
		edit:    func(s *network.Snapshot, o *network.Options) { nt.TheVPC(s).OwnerID = "444455556666" },
		failed:  ids("vpc-shared-not-owner@vpc-0a1"),
		unknown: ids("vpc-owned-by-other-cluster@vpc-0a1"),
	},
	{
		name: "VPC and subnets shared by another account",
		edit: func(s *network.Snapshot, o *network.Options) {
			nt.TheVPC(s).OwnerID = "444455556666"
			for i := range s.Subnets.Items {
				s.Subnets.Items[i].OwnerID = "444455556666"
			}
			nt.Subnet(s, "subnet-0w1").Tags = map[string]string{"kubernetes.io/cluster/other": "owned"} // by the caller itself
		},
		failed:  ids("subnet-owned-by-other-cluster@subnet-0w1", "vpc-shared-not-owner@vpc-0a1"),
		unknown: ids("subnet-owned-by-other-cluster@vpc-0a1", "vpc-owned-by-other-cluster@vpc-0a1"),
	},
	{
		name: "gateways of the owner of a shared VPC are not shown",
		edit: func(s *network.Snapshot, o *network.Options) {
			nt.TheVPC(s).OwnerID = "444455556666"
			s.InternetGateways.Items, s.NATGateways.Items = nil, nil
			o.WorkerSubnets = o.WorkerSubnets[:1]
		},
		failed: ids("vpc-shared-not-owner@vpc-0a1", "zone-single@vpc-0a1", "zone-unbalanced@us-east-1b"),
		unknown: exitUnknown("nat-01", "subnet-0w1", "nat-cross-zone@nat-01", "nat-not-available@nat-01",
			"nat-not-in-public-subnet@nat-01", "vpc-no-internet-gateway@vpc-0a1", "vpc-owned-by-other-cluster@vpc-0a1"),
	},
	{
		name:    "caller not seen",
		edit:    func(s *network.Snapshot, o *network.Options) { s.Account = "" },
		unknown: ids("vpc-shared-not-owner@vpc-0a1"),
	},
	{
		name: "block public access cuts a public cluster off",
		edit: func(s *network.Snapshot, o *network.Options) {
			setBlockMode(s, "block-ingress")
		},
		failed: ids("vpc-block-public-access@vpc-0a1"),
	},
	{
		name:     "block-ingress lets NAT gateways out",
		internal: true,
		edit:     func(s *network.Snapshot, o *network.Options) { setBlockMode(s, "block-ingress") },
	},
	{
		name:     "block-bidirectional does not",
		internal: true,
		edit:     func(s *network.Snapshot, o *network.Options) { setBlockMode(s, "block-bidirectional") },
		failed:   ids("vpc-block-public-access@vpc-0a1"),
	},
	{
		name: "block public access with the VPC excluded for these subnets",
		edit: func(s *network.Snapshot, o *network.Options) { nt.TheVPC(s).BlockMode = "block-bidirectional" },
	},
	{
		name: "block public access of one subnet",
		edit: func(s *network.Snapshot, o *network.Options) {
			nt.Subnet(s, "subnet-0c1").BlockMode = "block-bidirectional"
		},
		// nat-01 stands in it, and loses its exit for the same reason.
		failed: ids("vpc-block-public-access@vpc-0a1"),
	},
	{
		name:    "block public access not shown by an older CLI",
		edit:    func(s *network.Snapshot, o *network.Options) { setBlockMode(s, "") },
		unknown: ids("vpc-block-public-access@vpc-0a1"),
	},
	{
		name: "block being associated",
		edit: func(s *network.Snapshot, o *network.Options) {
			v := nt.TheVPC(s)
			v.CIDRs = append(v.CIDRs, network.CIDR{Prefix: prefix("10.1.0.0/16"), State: "Associating"})
		},
		failed: ids("vpc-cidr-association-pending@vpc-0a1"),
	},
	{
		name:    "block state not shown",
		edit:    func(s *network.Snapshot, o *network.Options) { nt.TheVPC(s).CIDRs[0].State = "" },
		unknown: ids("vpc-cidr-association-pending@vpc-0a1"),
	},

	// DHCP
	{
		name:   "no DHCP options",
		edit:   func(s *network.Snapshot, o *network.Options) { nt.TheVPC(s).DHCPOptionsID = "default" },
		failed: ids("dhcp-options-missing@vpc-0a1"),
	},
	{
		name: "DHCP options not shown",
		edit: func(s *network.Snapshot, o *network.Options) { nt.TheVPC(s).DHCPOptionsID = "" },
		unknown: ids("dhcp-dns-not-amazon@vpc-0a1", "dhcp-domain-multiple@vpc-0a1", "dhcp-domain-wrong@vpc-0a1",
			"dhcp-options-missing@vpc-0a1"),
	},
	{
		name:    "DHCP options of the owner of a shared VPC",
		edit:    func(s *network.Snapshot, o *network.Options) { s.DHCPOptions.Items = nil },
		unknown: ids("dhcp-dns-not-amazon@vpc-0a1", "dhcp-domain-multiple@vpc-0a1", "dhcp-domain-wrong@vpc-0a1"),
	},
	{
		name:   "domain of another region",
		edit:   func(s *network.Snapshot, o *network.Options) { setDHCP(s, "domain-name", "eu-west-1.compute.internal") },
		failed: ids("dhcp-domain-wrong@dopt-0a"),
	},
	{
		name: "domain of the region elsewhere",
		edit: func(s *network.Snapshot, o *network.Options) {
			o.Region = "eu-west-1"
			setDHCP(s, "domain-name", "EU-West-1.compute.internal.")
		},
	},
	{
		name:   "ec2.internal outside us-east-1",
		edit:   func(s *network.Snapshot, o *network.Options) { o.Region = "eu-west-1" },
		failed: ids("dhcp-domain-wrong@dopt-0a"),
	},
	{
		name:   "no domain",
		edit:   func(s *network.Snapshot, o *network.Options) { setDHCP(s, "domain-name") },
		failed: ids("dhcp-domain-wrong@dopt-0a"),
	},
	{
		name: "several domains in one value",
		edit: func(s *network.Snapshot, o *network.Options) {
			setDHCP(s, "domain-name", "ec2.internal corp.example.com")
		},
		failed: ids("dhcp-domain-multiple@dopt-0a"),
	},
	{
		name: "several domains, none of them right",
		edit: func(s *network.Snapshot, o *network.Options) {
			setDHCP(s, "domain-name", "a.example.com b.example.com")
		},
		failed: ids("dhcp-domain-wrong@dopt-0a"),
	},
	{
		name: "region not seen",
		edit: func(s *network.Snapshot, o *network.Options) {
			s.Region, o.Region = "", ""
			setDHCP(s, "domain-name", "ec2.internal", "corp.example.com")
		},
		unknown: ids("dhcp-domain-multiple@dopt-0a", "dhcp-domain-wrong@dopt-0a"),
	},
	{
		name: "DNS servers of the company",
		edit: func(s *network.Snapshot, o *network.Options) {
			setDHCP(s, "domain-name-servers", "10.0.0.2", "10.9.0.53")
		},
		failed: ids("dhcp-dns-not-amazon@dopt-0a"),
	},
	{
		name: "the Amazon resolver by its addresses",
		edit: func(s *network.Snapshot, o *network.Options) {
			setDHCP(s, "domain-name-servers", "10.0.0.2, 169.254.169.253")
		},
	},
	{
		name: "the third address of one of two blocks, of which only the first has the resolver",
		edit: func(s *network.Snapshot, o *network.Options) {
			v := nt.TheVPC(s)
			v.CIDRs = append(v.CIDRs, network.CIDR{Prefix: prefix("10.9.0.0/16"), State: "associated"})
			setDHCP(s, "domain-name-servers", "10.9.0.2")
		},
		unknown: ids("dhcp-dns-not-amazon@dopt-0a"),
	},
	{
		name:   "no DNS servers",
		edit:   func(s *network.Snapshot, o *network.Options) { setDHCP(s, "domain-name-servers") },
		failed: ids("dhcp-dns-not-amazon@dopt-0a"),
	},

	// Subnets
	{
		name: "subnet gone",
		edit: func(s *network.Snapshot, o *network.Options) {
			o.WorkerSubnets = append(o.WorkerSubnets, "subnet-0w9")
		},
		failed: ids("subnet-not-found@subnet-0w9"),
	},
	{
		name:   "no worker subnet",
		edit:   func(s *network.Snapshot, o *network.Options) { o.WorkerSubnets = nil },
		failed: ids("subnet-not-found@/network/workerSubnets", "zone-unbalanced@us-east-1a", "zone-unbalanced@us-east-1b"),
	},
	{
		name:   "no subnet at all",
		edit:   func(s *network.Snapshot, o *network.Options) { o.WorkerSubnets, o.ControllerSubnets = nil, nil },
		failed: ids("subnet-not-found@/network/controllerSubnets", "subnet-not-found@/network/workerSubnets"),
	},
	{
		name: "subnet may be on a page that was not read",
		edit: func(s *network.Snapshot, o *network.Options) {
			s.Subnets.Partial = true
			s.Subnets.Gaps = []groundway.Gap{{Action: "ec2:DescribeSubnets", Code: "RequestLimitExceeded"}}
			o.WorkerSubnets = append(o.WorkerSubnets, "subnet-0w9")
		},
		unknown: ids(
			"nat-cross-zone@vpc-0a1", "nat-not-available@vpc-0a1", "nat-not-in-public-subnet@vpc-0a1", "nat-private@vpc-0a1",
			"nat-single@vpc-0a1", "route-default-blackhole@vpc-0a1", "route-default-missing@vpc-0a1", "route-default-partial@vpc-0a1",
			"route-internet-narrow@vpc-0a1", "route-subnets-unreachable@vpc-0a1", "cidr-overlap-route@vpc-0a1",
			"subnet-duplicate@vpc-0a1", "subnet-implicit-route-table@vpc-0a1", "subnet-not-found@subnet-0w9",
			"subnet-other-vpc@vpc-0a1", "subnet-owned-by-other-cluster@vpc-0a1", "subnet-unexpectedly-public@vpc-0a1",
			"vpc-block-public-access@vpc-0a1", "zone-single@vpc-0a1", "zone-unbalanced@vpc-0a1",
			"lb-unexpected-subnet@vpc-0a1", "subnet-foreign-candidate@vpc-0a1", "subnet-free-ips-low@vpc-0a1",
			"subnet-tag-slots-full@vpc-0a1", "zone-impaired@vpc-0a1", "zone-not-opted-in@vpc-0a1",
		),
	},
	{
		name:   "subnet of another VPC",
		edit:   func(s *network.Snapshot, o *network.Options) { nt.Subnet(s, "subnet-0w2").VPCID = "vpc-0b2" },
		failed: ids("subnet-other-vpc@subnet-0w2", "zone-single@vpc-0a1", "zone-unbalanced@us-east-1b"),
	},
	{
		name: "subnet named twice",
		edit: func(s *network.Snapshot, o *network.Options) {
			o.WorkerSubnets = append(o.WorkerSubnets, "subnet-0w1")
		},
		failed: ids("subnet-duplicate@subnet-0w1"),
	},
	{
		name: "subnet named for both roles",
		edit: func(s *network.Snapshot, o *network.Options) {
			o.WorkerSubnets = append(o.WorkerSubnets, "subnet-0c1")
		},
		failed: ids("subnet-duplicate@subnet-0c1"),
	},
	{
		name:   "controllers behind NAT",
		edit:   func(s *network.Snapshot, o *network.Options) { nt.Associate(s, "subnet-0c1", "rtb-02") },
		failed: ids("subnet-not-public@subnet-0c1", "nat-cross-zone@nat-02"),
	},
	{
		name: "controllers with a narrow internet route",
		edit: func(s *network.Snapshot, o *network.Options) {
			nt.RemoveRoute(s, "rtb-0c", "0.0.0.0/0")
			nt.SetRoute(s, "rtb-0c", "192.0.66.0/24", "igw-0a")
		},
		// The NAT gateways stand in them, and lose their exit for the same reason.
		failed: ids("subnet-not-public@subnet-0c1", "subnet-not-public@subnet-0c2"),
	},
	{
		name: "controllers without any route out",
		edit: func(s *network.Snapshot, o *network.Options) {
			o.WorkerSubnets = ids("subnet-0w1")
			nt.Associate(s, "subnet-0c2", "rtb-0m")
			o.ControllerSubnets = ids("subnet-0c2")
		},
		failed: ids("subnet-not-public@subnet-0c2", "zone-single@vpc-0a1", "zone-unbalanced@us-east-1a", "zone-unbalanced@us-east-1b",
			"subnet-foreign-candidate@subnet-0c1"),
	},
	{
		name: "controllers behind NAT, beside a prefix list to the gateway that was not read",
		edit: func(s *network.Snapshot, o *network.Options) {
			nt.SetRoute(s, "rtb-0m", "0.0.0.0/0", "nat-02")
			nt.SetRoute(s, "rtb-0m", "pl-0a", "igw-0a")
			nt.Associate(s, "subnet-0c1", "rtb-0m")
			nt.NATGateway(s, "nat-01").SubnetID = "subnet-0c2"
		},
		failed: ids("nat-cross-zone@nat-01"),
		unknown: exitUnknown("-", "subnet-0c1", "subnet-not-public@subnet-0c1",
			"cidr-overlap-route@10.2.0.0/16", "cidr-overlap-route@10.3.0.0/16"),
	},
	{
		name: "controllers behind NAT, beside a prefix list to elsewhere that was not read",
		edit: func(s *network.Snapshot, o *network.Options) {
			nt.SetRoute(s, "rtb-0m", "0.0.0.0/0", "eni-0a")
			nt.SetRoute(s, "rtb-0m", "pl-0a", "tgw-0a")
			nt.Associate(s, "subnet-0c1", "rtb-0m")
			nt.NATGateway(s, "nat-01").SubnetID = "subnet-0c2"
		},
		// Whatever the list holds, neither way is the internet gateway.
		failed: ids("nat-cross-zone@nat-01", "subnet-not-public@subnet-0c1"),
		unknown: append(natUnknown("subnet-0c1"), "route-default-blackhole@subnet-0c1",
			"cidr-overlap-route@10.2.0.0/16", "cidr-overlap-route@10.3.0.0/16"),
	},
	{
		name: "controllers with IPv6 only",
		edit: func(s *network.Snapshot, o *network.Options) {
			addIPv6(s, "subnet-0c1")
			nt.RemoveRoute(s, "rtb-0m", "0.0.0.0/0")
			nt.SetRoute(s, "rtb-0m", "::/0", "igw-0a")
			nt.Associate(s, "subnet-0c1", "rtb-0m")
		},
		failed: ids("subnet-not-public@subnet-0c1"),
	},
	{
		name: "controllers in a subnet without IPv4",
		edit: func(s *network.Snapshot, o *network.Options) {
			nt.Subnet(s, "subnet-0c1").CIDRs = []network.CIDR{{Prefix: prefix("2001:db8:1::/64"), State: "associated"}}
		},
		failed: ids("subnet-not-public@subnet-0c1"),
	},
	{
		name:   "workers in a public subnet",
		edit:   func(s *network.Snapshot, o *network.Options) { nt.Associate(s, "subnet-0w1", "rtb-0c") },
		failed: ids("subnet-unexpectedly-public@subnet-0w1"),
	},
	{
		name:     "controllers of an internal cluster in a public subnet",
		internal: true,
		edit: func(s *network.Snapshot, o *network.Options) {
			nt.SetRoute(s, "rtb-0p", "10.128.0.0/9", "tgw-0a")
			nt.Associate(s, "subnet-0c1", "rtb-0p")
		},
		failed: ids("subnet-unexpectedly-public@subnet-0c1"),
	},
	{
		name: "workers public over IPv6",
		edit: func(s *network.Snapshot, o *network.Options) {
			addIPv6(s, "subnet-0w1")
			nt.SetRoute(s, "rtb-01", "::/0", "igw-0a")
		},
		failed: ids("subnet-unexpectedly-public@subnet-0w1"),
	},
	{
		name: "workers with an egress-only gateway for IPv6",
		edit: func(s *network.Snapshot, o *network.Options) {
			addIPv6(s, "subnet-0w1")
			nt.SetRoute(s, "rtb-01", "::/0", "eigw-0a")
		},
	},
	{
		name:   "main table",
		edit:   func(s *network.Snapshot, o *network.Options) { mainIs(s, "rtb-01"); nt.Associate(s, "subnet-0w1", "") },
		failed: ids("subnet-implicit-route-table@subnet-0w1"),
	},
	{
		name: "association not yet in force",
		edit: func(s *network.Snapshot, o *network.Options) {
			mainIs(s, "rtb-01")
			nt.RouteTable(s, "rtb-01").Associations[0].State = "associating"
		},
		failed: ids("subnet-implicit-route-table@subnet-0w1"),
	},
	{
		name: "association of a gateway does not count",
		edit: func(s *network.Snapshot, o *network.Options) {
			mainIs(s, "rtb-01")
			nt.RouteTable(s, "rtb-01").Associations[0] = network.Association{GatewayID: "igw-0a", State: "associated"}
		},
		failed: ids("subnet-implicit-route-table@subnet-0w1"),
	},
	{
		name:   "controllers get no public address",
		edit:   func(s *network.Snapshot, o *network.Options) { *nt.Subnet(s, "subnet-0c1").AutoPublicIP = false },
		failed: ids("subnet-no-auto-public-ip@subnet-0c1"),
	},
	{
		name:    "public addresses not shown",
		edit:    func(s *network.Snapshot, o *network.Options) { nt.Subnet(s, "subnet-0c1").AutoPublicIP = nil },
		unknown: ids("subnet-no-auto-public-ip@subnet-0c1"),
	},
	{
		name: "subnet owned by another cluster",
		edit: func(s *network.Snapshot, o *network.Options) {
			nt.Subnet(s, "subnet-0w1").Tags = map[string]string{"kubernetes.io/cluster/other": "owned"}
		},
		failed: ids("subnet-owned-by-other-cluster@subnet-0w1"),
	},

	// Routes
	{
		name:   "no default route",
		edit:   func(s *network.Snapshot, o *network.Options) { nt.RemoveRoute(s, "rtb-01", "0.0.0.0/0") },
		failed: ids("route-default-missing@rtb-01"),
	},
	{
		name: "one table of two subnets without a default route is one finding",
		edit: func(s *network.Snapshot, o *network.Options) {
			nt.RemoveRoute(s, "rtb-01", "0.0.0.0/0")
			nt.Associate(s, "subnet-0w2", "rtb-01")
		},
		failed: ids("route-default-missing@rtb-01"),
	},
	{
		name: "endpoints are no default route",
		edit: func(s *network.Snapshot, o *network.Options) {
			nt.RemoveRoute(s, "rtb-01", "0.0.0.0/0")
			nt.SetRoute(s, "rtb-01", "pl-0s3", "vpce-0a")
		},
		failed: ids("route-default-missing@rtb-01"),
	},
	{
		name: "default route to a peering that is gone",
		edit: func(s *network.Snapshot, o *network.Options) {
			nt.SetRoute(s, "rtb-01", "0.0.0.0/0", "pcx-0a")
			nt.Blackhole(s, "rtb-01", "0.0.0.0/0")
		},
		failed: ids("route-default-blackhole@rtb-01"),
	},
	{
		name: "default route to a former gateway while another one is attached",
		edit: func(s *network.Snapshot, o *network.Options) {
			nt.SetRoute(s, "rtb-0c", "0.0.0.0/0", "igw-0b")
			nt.Blackhole(s, "rtb-0c", "0.0.0.0/0")
		},
		// The NAT gateways stand behind the same route.
		failed: ids("route-default-blackhole@rtb-0c"),
	},
	{
		name: "half of the internet",
		edit: func(s *network.Snapshot, o *network.Options) {
			nt.RemoveRoute(s, "rtb-01", "0.0.0.0/0")
			nt.SetRoute(s, "rtb-01", "0.0.0.0/1", "nat-01")
		},
		failed: ids("route-default-partial@rtb-01"),
	},
	{
		name: "split default",
		edit: func(s *network.Snapshot, o *network.Options) {
			nt.RemoveRoute(s, "rtb-01", "0.0.0.0/0")
			nt.SetRoute(s, "rtb-01", "0.0.0.0/1", "nat-01")
			nt.SetRoute(s, "rtb-01", "128.0.0.0/1", "nat-01")
		},
	},
	{
		name:   "default route to a peering",
		edit:   func(s *network.Snapshot, o *network.Options) { nt.SetRoute(s, "rtb-01", "0.0.0.0/0", "pcx-0a") },
		failed: ids("route-default-blackhole@rtb-01"),
	},
	{
		name:   "half of the internet of the controllers goes another way",
		edit:   func(s *network.Snapshot, o *network.Options) { nt.SetRoute(s, "rtb-0c", "128.0.0.0/1", "tgw-0a") },
		failed: ids("subnet-not-public@subnet-0c1", "subnet-not-public@subnet-0c2"),
	},
	{
		name: "the VPC takes all addresses",
		edit: func(s *network.Snapshot, o *network.Options) {
			nt.TheVPC(s).CIDRs[0].Prefix = prefix("0.0.0.0/0")
			o.PodCIDR, o.ServiceCIDR = netip.Prefix{}, netip.Prefix{}
		},
		failed: ids("cidr-overlap-docker@vpc-0a1", "route-default-missing@rtb-01", "route-default-missing@rtb-02",
			"subnet-not-public@subnet-0c1", "subnet-not-public@subnet-0c2"),
	},
	{
		name: "half of the default is dead",
		edit: func(s *network.Snapshot, o *network.Options) {
			nt.SetRoute(s, "rtb-01", "128.0.0.0/1", "pcx-0a")
			nt.Blackhole(s, "rtb-01", "128.0.0.0/1")
		},
		failed: ids("route-default-partial@rtb-01"),
	},
	{
		name: "half of the default leads to a dead NAT gateway",
		edit: func(s *network.Snapshot, o *network.Options) {
			nt.SetRoute(s, "rtb-01", "128.0.0.0/1", "nat-09")
			nt.Blackhole(s, "rtb-01", "128.0.0.0/1")
		},
		failed: ids("nat-not-available@nat-09"),
	},
	{
		name: "a small dead route is a warning",
		edit: func(s *network.Snapshot, o *network.Options) {
			nt.SetRoute(s, "rtb-01", "192.0.66.0/24", "pcx-0a")
			nt.Blackhole(s, "rtb-01", "192.0.66.0/24")
		},
		failed: ids("route-default-partial@rtb-01"),
	},
	{
		name: "a dead route to a private network is nobody's default",
		edit: func(s *network.Snapshot, o *network.Options) {
			nt.SetRoute(s, "rtb-01", "10.200.0.0/16", "pcx-0a")
			nt.Blackhole(s, "rtb-01", "10.200.0.0/16")
		},
	},
	{
		name:   "narrow internet route beside NAT",
		edit:   func(s *network.Snapshot, o *network.Options) { nt.SetRoute(s, "rtb-01", "192.0.66.0/24", "igw-0a") },
		failed: ids("route-internet-narrow@rtb-01"),
	},
	{
		name: "narrow internet route alone",
		edit: func(s *network.Snapshot, o *network.Options) {
			nt.RemoveRoute(s, "rtb-01", "0.0.0.0/0")
			nt.SetRoute(s, "rtb-01", "192.0.66.0/24", "igw-0a")
		},
		failed: ids("route-default-partial@rtb-01"),
	},
	{
		name: "traffic between the subnets led into a dead appliance",
		edit: func(s *network.Snapshot, o *network.Options) {
			nt.SetRoute(s, "rtb-01", "10.0.0.0/24", "eni-0a")
			nt.Blackhole(s, "rtb-01", "10.0.0.0/24")
		},
		failed: ids("route-subnets-unreachable@rtb-01"),
	},
	{
		name: "traffic between the subnets led through a live appliance",
		edit: func(s *network.Snapshot, o *network.Options) { nt.SetRoute(s, "rtb-01", "10.0.0.0/24", "eni-0a") },
	},
	{
		name: "the local route leads through a live appliance",
		edit: func(s *network.Snapshot, o *network.Options) { nt.SetRoute(s, "rtb-01", "10.0.0.0/16", "eni-0a") },
	},
	{
		name: "the local route leads into a dead appliance",
		edit: func(s *network.Snapshot, o *network.Options) {
			nt.SetRoute(s, "rtb-01", "10.0.0.0/16", "eni-0a")
			nt.Blackhole(s, "rtb-01", "10.0.0.0/16")
		},
		failed: ids("route-subnets-unreachable@rtb-01"),
	},
	{
		name: "part of a subnet led away within what passes through an appliance",
		edit: func(s *network.Snapshot, o *network.Options) {
			nt.SetRoute(s, "rtb-01", "10.0.0.0/24", "eni-0a")
			nt.SetRoute(s, "rtb-01", "10.0.0.128/25", "nat-01")
		},
		failed: ids("route-subnets-unreachable@rtb-01"),
	},
	{
		name:   "traffic between the subnets led into NAT",
		edit:   func(s *network.Snapshot, o *network.Options) { nt.SetRoute(s, "rtb-0c", "10.0.16.0/24", "nat-01") },
		failed: ids("route-subnets-unreachable@rtb-0c"),
	},
	{
		name: "a propagated route does not lead local traffic away",
		edit: func(s *network.Snapshot, o *network.Options) {
			nt.SetRoute(s, "rtb-01", "10.0.0.0/24", "vgw-0a")
			nt.RouteTable(s, "rtb-01").Routes[2].Origin = "EnableVgwRoutePropagation"
		},
	},
	{
		name:     "no VPN",
		internal: true,
		edit: func(s *network.Snapshot, o *network.Options) {
			dropVPN(s, "rtb-01")
			dropVPN(s, "rtb-02")
		},
		failed: ids("route-vpn-absent@vpc-0a1"),
	},
	{
		name:     "VPN for one table only",
		internal: true,
		edit:     func(s *network.Snapshot, o *network.Options) { dropVPN(s, "rtb-02") },
		failed:   ids("route-vpn-absent@rtb-02"),
	},
	{
		name:     "default through a transit gateway",
		internal: true,
		edit: func(s *network.Snapshot, o *network.Options) {
			for _, id := range ids("rtb-01", "rtb-02") {
				dropVPN(s, id)
				nt.SetRoute(s, id, "0.0.0.0/0", "tgw-0a")
			}
		},
	},

	// NAT
	{
		name:   "NAT gateway failed",
		edit:   func(s *network.Snapshot, o *network.Options) { breakNAT(s, "nat-01", "failed") },
		failed: ids("nat-not-available@nat-01"),
	},
	{
		name: "NAT gateway with a live route, and a dead one for a half of the internet",
		edit: func(s *network.Snapshot, o *network.Options) {
			nt.SetRoute(s, "rtb-01", "128.0.0.0/1", "nat-01")
			nt.Blackhole(s, "rtb-01", "128.0.0.0/1")
		},
		failed: ids("nat-not-available@nat-01"),
	},
	{
		name: "NAT gateway with a live route, and a dead one of another table",
		edit: func(s *network.Snapshot, o *network.Options) {
			nt.SetRoute(s, "rtb-02", "0.0.0.0/0", "nat-01")
			nt.Blackhole(s, "rtb-02", "0.0.0.0/0")
		},
		failed: ids("nat-not-available@nat-01"),
	},
	{
		name:   "NAT gateway pending",
		edit:   func(s *network.Snapshot, o *network.Options) { nt.NATGateway(s, "nat-01").State = "pending" },
		failed: ids("nat-not-available@nat-01"),
	},
	{
		name: "NAT gateway deleted an hour ago",
		edit: func(s *network.Snapshot, o *network.Options) {
			nt.Blackhole(s, "rtb-01", "0.0.0.0/0")
			s.NATGateways.Items = s.NATGateways.Items[1:]
		},
		failed: ids("nat-not-available@nat-01"),
	},
	{
		name:    "NAT gateway state not shown",
		edit:    func(s *network.Snapshot, o *network.Options) { nt.NATGateway(s, "nat-01").State = "" },
		unknown: exitUnknown("nat-01", "subnet-0w1", "nat-not-available@nat-01", "nat-not-in-public-subnet@nat-01", "nat-private@-"),
	},
	{
		name: "NAT gateway in a private subnet",
		edit: func(s *network.Snapshot, o *network.Options) {
			nt.NATGateway(s, "nat-01").SubnetID = "subnet-0w1"
		},
		failed: ids("nat-not-in-public-subnet@nat-01"),
	},
	{
		name: "NAT gateway behind a NAT gateway",
		edit: func(s *network.Snapshot, o *network.Options) {
			nt.NATGateway(s, "nat-01").SubnetID = "subnet-0w2"
		},
		failed: ids("nat-not-in-public-subnet@nat-01", "nat-cross-zone@nat-01"),
	},
	{
		name: "private NAT gateway in a public subnet",
		edit: func(s *network.Snapshot, o *network.Options) {
			n := nt.NATGateway(s, "nat-01")
			n.Connectivity, n.PublicAddresses = "private", nil
		},
		failed: ids("nat-private@nat-01"),
	},
	{
		name: "private NAT gateway before a transit gateway",
		edit: func(s *network.Snapshot, o *network.Options) {
			nt.SetRoute(s, "rtb-0m", "0.0.0.0/0", "tgw-0a")
			s.Subnets.Items = append(s.Subnets.Items, *nt.Subnet(s, "subnet-0w1"))
			s.Subnets.Items[len(s.Subnets.Items)-1].ID = "subnet-0t1"
			n := nt.NATGateway(s, "nat-01")
			n.Connectivity, n.PublicAddresses, n.SubnetID = "private", nil, "subnet-0t1"
		},
	},
	{
		name: "regional NAT gateway with a table of its own",
		edit: func(s *network.Snapshot, o *network.Options) {
			n := nt.NATGateway(s, "nat-01")
			n.AvailabilityMode, n.SubnetID, n.RouteTableID = "regional", "", "rtb-0c"
			nt.SetRoute(s, "rtb-02", "0.0.0.0/0", "nat-01")
		},
	},
	{
		name: "regional NAT gateway whose table leads nowhere",
		edit: func(s *network.Snapshot, o *network.Options) {
			n := nt.NATGateway(s, "nat-01")
			n.AvailabilityMode, n.SubnetID, n.RouteTableID = "regional", "", "rtb-0m"
		},
		failed: ids("nat-not-in-public-subnet@nat-01"),
	},
	{
		name: "regional NAT gateway without a table",
		edit: func(s *network.Snapshot, o *network.Options) {
			n := nt.NATGateway(s, "nat-01")
			n.AvailabilityMode, n.SubnetID = "regional", ""
		},
	},
	{
		name: "connectivity not shown, with a public address",
		edit: func(s *network.Snapshot, o *network.Options) { nt.NATGateway(s, "nat-01").Connectivity = "" },
	},
	{
		name:   "one NAT gateway for two zones",
		edit:   func(s *network.Snapshot, o *network.Options) { nt.SetRoute(s, "rtb-02", "0.0.0.0/0", "nat-01") },
		failed: ids("nat-single@nat-01"),
	},
	{
		name: "NAT gateways crossed",
		edit: func(s *network.Snapshot, o *network.Options) {
			nt.SetRoute(s, "rtb-01", "0.0.0.0/0", "nat-02")
			nt.SetRoute(s, "rtb-02", "0.0.0.0/0", "nat-01")
		},
		failed: ids("nat-cross-zone@nat-01", "nat-cross-zone@nat-02"),
	},

	// Zones
	{
		name: "one zone",
		edit: func(s *network.Snapshot, o *network.Options) {
			o.ControllerSubnets, o.WorkerSubnets = ids("subnet-0c1"), ids("subnet-0w1")
		},
		failed: ids("zone-single@vpc-0a1", "subnet-foreign-candidate@subnet-0c2"),
	},
	{
		name: "a local zone is no second one",
		edit: func(s *network.Snapshot, o *network.Options) {
			s.Zones.Items = append(s.Zones.Items, network.Zone{Name: "us-east-1-bos-1a", Type: "local-zone", Parent: "us-east-1b"})
			nt.Subnet(s, "subnet-0c2").Zone = "us-east-1-bos-1a"
			nt.Subnet(s, "subnet-0w2").Zone = "us-east-1-bos-1a"
		},
		failed:  ids("zone-single@vpc-0a1", "zone-type-unsupported@us-east-1-bos-1a"),
		unknown: ids("zone-impaired@us-east-1-bos-1a", "zone-not-opted-in@us-east-1-bos-1a"),
	},
	{
		name: "workers in a zone without controllers",
		edit: func(s *network.Snapshot, o *network.Options) {
			nt.Subnet(s, "subnet-0c2").Zone = "us-east-1c"
			nt.SetRoute(s, "rtb-02", "0.0.0.0/0", "nat-02")
		},
		failed: ids("zone-unbalanced@us-east-1b", "zone-unbalanced@us-east-1c", "nat-cross-zone@nat-02"),
	},
	{
		name:    "zone not shown",
		edit:    func(s *network.Snapshot, o *network.Options) { nt.Subnet(s, "subnet-0w2").Zone = "" },
		unknown: ids("lb-unexpected-subnet@vpc-0a1", "nat-cross-zone@nat-02", "zone-single@subnet-0w2", "zone-unbalanced@subnet-0w2", "zone-impaired@subnet-0w2", "zone-not-opted-in@subnet-0w2"),
	},
	{
		name: "zones of the subnets of one NAT gateway not shown",
		edit: func(s *network.Snapshot, o *network.Options) {
			nt.Associate(s, "subnet-0w2", "rtb-01")
			nt.Subnet(s, "subnet-0w1").Zone, nt.Subnet(s, "subnet-0w2").Zone = "", ""
		},
		unknown: ids("lb-unexpected-subnet@vpc-0a1", "nat-cross-zone@nat-01", "nat-single@nat-01", "zone-impaired@subnet-0w1", "zone-impaired@subnet-0w2",
			"zone-not-opted-in@subnet-0w1", "zone-not-opted-in@subnet-0w2", "zone-single@subnet-0w1", "zone-unbalanced@subnet-0w1"),
	},

	// CIDR
	{
		name:   "pods in the VPC",
		edit:   func(s *network.Snapshot, o *network.Options) { o.PodCIDR = prefix("10.0.128.0/17") },
		failed: ids("cidr-overlap-pod@10.0.128.0/17"),
	},
	{
		name: "pods in a secondary block of the VPC",
		edit: func(s *network.Snapshot, o *network.Options) {
			v := nt.TheVPC(s)
			v.CIDRs = append(v.CIDRs, network.CIDR{Prefix: prefix("10.2.128.0/20"), State: "associated"},
				network.CIDR{Prefix: prefix("10.3.0.0/20"), State: "disassociated"})
		},
		failed: ids("cidr-overlap-pod@10.2.0.0/16"),
	},
	{
		name:   "services around the VPC",
		edit:   func(s *network.Snapshot, o *network.Options) { o.ServiceCIDR = prefix("10.0.0.0/15") },
		failed: ids("cidr-overlap-service@10.0.0.0/15"),
	},
	{
		name:   "pods and services overlap",
		edit:   func(s *network.Snapshot, o *network.Options) { o.ServiceCIDR = prefix("10.2.255.0/24") },
		failed: ids("cidr-pod-service-overlap@10.2.0.0/16"),
	},
	{
		name:   "pods on Docker's bridge",
		edit:   func(s *network.Snapshot, o *network.Options) { o.PodCIDR = prefix("172.16.0.0/14") },
		failed: ids("cidr-overlap-docker@172.16.0.0/14"),
	},
	{
		name: "VPC on Docker's bridge",
		edit: func(s *network.Snapshot, o *network.Options) {
			v := nt.TheVPC(s)
			v.CIDRs = append(v.CIDRs, network.CIDR{Prefix: prefix("172.17.0.0/24"), State: "associated"})
		},
		failed: ids("cidr-overlap-docker@vpc-0a1"),
	},
	{
		name:   "pods where a peer is",
		edit:   func(s *network.Snapshot, o *network.Options) { nt.SetRoute(s, "rtb-01", "10.2.7.0/24", "pcx-0a") },
		failed: ids("cidr-overlap-route@10.2.0.0/16"),
	},
	{
		name: "services where a prefix list leads",
		edit: func(s *network.Snapshot, o *network.Options) {
			s.PrefixLists = groundway.SeenPart(network.PrefixList{ID: "pl-0a", Entries: []netip.Prefix{prefix("10.3.0.0/20")}})
			nt.SetRoute(s, "rtb-02", "pl-0a", "tgw-0a")
		},
		failed: ids("cidr-overlap-route@10.3.0.0/16"),
	},
	{
		name: "a split default is no network",
		edit: func(s *network.Snapshot, o *network.Options) {
			nt.SetRoute(s, "rtb-01", "0.0.0.0/1", "nat-01")
		},
	},
	{
		name:   "pod block with host bits",
		edit:   func(s *network.Snapshot, o *network.Options) { o.PodCIDR = prefix("10.2.0.1/16") },
		failed: ids("cidr-invalid@10.2.0.1/16"),
	},
	{
		name:   "service block too large for the API server",
		edit:   func(s *network.Snapshot, o *network.Options) { o.ServiceCIDR = prefix("100.64.0.0/10") },
		failed: ids("cidr-invalid@100.64.0.0/10"),
	},
	{
		name:   "pod block too small for a node",
		edit:   func(s *network.Snapshot, o *network.Options) { o.PodCIDR = prefix("10.2.0.0/25") },
		failed: ids("cidr-invalid@10.2.0.0/25"),
	},
	{
		name:   "pod block of the metadata service",
		edit:   func(s *network.Snapshot, o *network.Options) { o.PodCIDR = prefix("169.254.0.0/16") },
		failed: ids("cidr-invalid@169.254.0.0/16"),
	},
	{
		name: "no blocks named",
		edit: func(s *network.Snapshot, o *network.Options) {
			o.PodCIDR, o.ServiceCIDR = netip.Prefix{}, netip.Prefix{}
		},
	},
	{
		name:   "IPv6 pod block",
		edit:   func(s *network.Snapshot, o *network.Options) { o.PodCIDR = prefix("fd00::/48") },
		failed: ids("cidr-invalid@fd00::/48"),
	},
	{
		name: "prefix list not read",
		edit: func(s *network.Snapshot, o *network.Options) { nt.SetRoute(s, "rtb-01", "pl-0a", "tgw-0a") },
		unknown: exitUnknown("-", "subnet-0w1", "cidr-overlap-route@10.2.0.0/16", "cidr-overlap-route@10.3.0.0/16",
			"subnet-unexpectedly-public@-"),
	},
}

// exitUnknown lists the findings that are unknown when the egress of one subnet
// is: for its NAT gateway, or, with "-", for a prefix list that was not read,
// which leaves open whether the NAT gateway is used at all. More are added; one
// at "-" is taken out.
func exitUnknown(nat, subnet string, more ...string) []string {
	list := ids("route-default-blackhole@"+subnet, "route-default-missing@"+subnet, "route-default-partial@"+subnet, "route-internet-narrow@"+subnet)
	if nat != "-" {
		list = append(list, "nat-private@"+nat)
	} else {
		list = append(list, natUnknown(subnet)...)
	}
	for _, m := range more {
		if slug, ok := strings.CutSuffix(m, "@-"); ok {
			list = slices.DeleteFunc(list, func(s string) bool { return strings.HasPrefix(s, slug+"@") })
			continue
		}
		list = append(list, m)
	}
	return list
}

func natUnknown(subnet string) []string {
	return ids("nat-not-available@"+subnet, "nat-not-in-public-subnet@"+subnet, "nat-private@"+subnet, "nat-single@"+subnet, "nat-cross-zone@"+subnet)
}

func setBlockMode(s *network.Snapshot, mode string) {
	nt.TheVPC(s).BlockMode = mode
	for i := range s.Subnets.Items {
		s.Subnets.Items[i].BlockMode = mode
	}
}

func setDHCP(s *network.Snapshot, option string, values ...string) {
	s.DHCPOptions.Items[0].Values[option] = values
}

func mainIs(s *network.Snapshot, table string) {
	main := &nt.RouteTable(s, "rtb-0m").Associations
	t := nt.RouteTable(s, table)
	t.Associations = append(t.Associations, *main...)
	*main = nil
}

func addIPv6(s *network.Snapshot, subnet string) {
	v := nt.TheVPC(s)
	v.CIDRs = append(v.CIDRs, network.CIDR{Prefix: prefix("2600:1f18:1::/56"), State: "associated"})
	sub := nt.Subnet(s, subnet)
	sub.CIDRs = append(sub.CIDRs, network.CIDR{Prefix: prefix("2600:1f18:1::/64"), State: "associated"})
}

func breakNAT(s *network.Snapshot, id, state string) {
	n := nt.NATGateway(s, id)
	n.State, n.FailureCode = state, "Gateway.NotAttached"
}

func dropVPN(s *network.Snapshot, table string) {
	t := nt.RouteTable(s, table)
	t.PropagatingVGWs = nil
	t.Routes = slices.DeleteFunc(t.Routes, func(r network.Route) bool { return r.Target.Kind == network.TargetVPNGateway })
}

// name writes a finding as the rows do.
func name(f groundway.Finding) string {
	return strings.TrimPrefix(string(f.Code), "network/") + "@" + f.Subject.String()
}

func with(findings []groundway.Finding, o groundway.Outcome) []string {
	list := []string{}
	for _, f := range findings {
		if f.Outcome == o {
			list = append(list, name(f))
		}
	}
	slices.Sort(list)
	return list
}

func sorted(list []string) []string {
	list = append([]string{}, list...)
	slices.Sort(list)
	return list
}

func TestCheck(t *testing.T) {
	for _, r := range slices.Concat(rows, profileRows) {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			s, o := r.account()
			findings := network.Check(s, o)
			assert.Equal(t, sorted(r.failed), with(findings, groundway.Failed), "failed")
			assert.Equal(t, sorted(r.unknown), with(findings, groundway.Unknown), "unknown")
			checkFindings(t, s, o, findings)
		})
	}
}

// checkFindings holds what is true of every result.
func checkFindings(t *testing.T, s network.Snapshot, o network.Options, findings []groundway.Finding) {
	t.Helper()
	findingtest.Contract{Snapshot: s, Rules: network.Rules()}.Hold(t, findings)
	// The order of the input does not matter, nor does a trip through JSON.
	assert.Equal(t, findings, network.Check(shuffled(s), o), "whatever the order")
	data, err := json.Marshal(s)
	require.NoError(t, err)
	var again network.Snapshot
	require.NoError(t, json.Unmarshal(data, &again))
	assert.Equal(t, findings, network.Check(again, o), "after a trip through JSON")
}

func shuffled(s network.Snapshot) network.Snapshot {
	random := rand.New(rand.NewPCG(1, 2))
	shuffle := func(n int, swap func(i, j int)) { random.Shuffle(n, swap) }
	s.Subnets.Items = slices.Clone(s.Subnets.Items)
	s.RouteTables.Items = slices.Clone(s.RouteTables.Items)
	s.NATGateways.Items = slices.Clone(s.NATGateways.Items)
	slices.Reverse(s.NATGateways.Items)
	shuffle(len(s.Subnets.Items), func(i, j int) {
		s.Subnets.Items[i], s.Subnets.Items[j] = s.Subnets.Items[j], s.Subnets.Items[i]
	})
	shuffle(len(s.RouteTables.Items), func(i, j int) {
		s.RouteTables.Items[i], s.RouteTables.Items[j] = s.RouteTables.Items[j], s.RouteTables.Items[i]
	})
	for i := range s.RouteTables.Items {
		t := &s.RouteTables.Items[i]
		t.Routes, t.Associations = slices.Clone(t.Routes), slices.Clone(t.Associations)
		slices.Reverse(t.Routes)
		slices.Reverse(t.Associations)
	}
	return s
}

// Every rule is seen to fail, to pass, and, where what it needs can be unseen,
// to be unknown.
func TestEveryRuleIsProven(t *testing.T) {
	seen := map[string]bool{}
	mark := func(findings []groundway.Finding) {
		for _, f := range findings {
			seen[string(f.Code)+" "+f.Outcome.String()] = true
		}
	}
	for _, r := range slices.Concat(rows, profileRows) {
		s, o := r.account()
		mark(network.Check(s, o))
	}
	for _, internal := range []bool{false, true} {
		for p := network.ProfileTectonic; p <= network.ProfileKubeadm; p++ {
			_, o := row{internal: internal}.account()
			o.Profile = p
			mark(network.Check(network.Snapshot{}, o))
		}
	}
	for _, r := range network.Rules() {
		assert.True(t, seen[string(r.Code)+" failed"], "%s fails in some row", r.Code)
		assert.True(t, seen[string(r.Code)+" passed"], "%s passes in some row", r.Code)
		if len(r.Permissions) > 0 {
			assert.True(t, seen[string(r.Code)+" unknown"], "%s is unknown in some row", r.Code)
		}
	}
}

func TestRules(t *testing.T) {
	findingtest.Rules(t, "network", network.Rules)
	assert.Len(t, network.Rules(), 55)
	for _, r := range network.Rules() {
		_, page := r.Reason()
		assert.Less(t, len(page), 86, "%s: the page fits a line of a report", r.Code)
	}
}

func TestSeverityOfTheProfile(t *testing.T) {
	for _, want := range []struct {
		row      string
		severity groundway.Severity
	}{
		{"main table", groundway.Error},
		{"workers in a zone without controllers", groundway.Warning},
		{"half of the internet", groundway.Error},
		{"a small dead route is a warning", groundway.Warning},
	} {
		r := rows[slices.IndexFunc(rows, func(r row) bool { return r.name == want.row })]
		s, o := r.account()
		for _, f := range network.Check(s, o) {
			if f.Outcome == groundway.Failed {
				assert.Equal(t, want.severity, f.Severity, want.row)
			}
		}
	}
}
