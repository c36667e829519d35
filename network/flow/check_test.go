package flow_test

import (
	"encoding/json"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/findingtest"
	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/network/flow"
	nt "github.com/groundway-sdk/groundway/network/networktest"
)

// A row edits a good account and says which findings fail and which are
// unknown, each as slug@subject.
type row struct {
	name     string
	internal bool
	edit     func(*network.Snapshot, *network.Options)
	failed   []string
	unknown  []string
	warns    bool // the failures are warnings
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

// grouped gives the nodes of an account security groups that let everything of
// the VPC pass.
func grouped(s *network.Snapshot, o *network.Options) {
	nt.AddGroup(s, "sg-0c", nt.Allow("-1", "sg-0c", "sg-0w", "10.0.0.0/16"), nt.Allow("tcp 443", "0.0.0.0/0"))
	nt.AddGroup(s, "sg-0w", nt.Allow("-1", "sg-0c", "sg-0w", "10.0.0.0/16"))
	o.ControllerGroups, o.WorkerGroups = []string{"sg-0c"}, []string{"sg-0w"}
}

// closed gives a subnet a network ACL of its own that denies what entries say,
// and allows the rest.
func closed(s *network.Snapshot, subnet string, entries ...network.ACLEntry) {
	all := netip.MustParsePrefix("0.0.0.0/0")
	s.NetworkACLs.Items = append(s.NetworkACLs.Items, network.NetworkACL{ID: "acl-0b", VPCID: nt.VPC, OwnerID: nt.Account})
	for _, egress := range []bool{false, true} {
		nt.SetEntry(s, "acl-0b", network.ACLEntry{Number: 100, Egress: egress, Action: "allow", Protocol: "-1", Prefix: all})
	}
	for _, e := range entries {
		nt.SetEntry(s, "acl-0b", e)
	}
	nt.SetACL(s, subnet, "acl-0b")
}

func deny(egress bool, protocol, block string, from, to int) network.ACLEntry {
	e := network.ACLEntry{Number: 90, Egress: egress, Action: "deny", Protocol: protocol, Prefix: netip.MustParsePrefix(block)}
	if protocol != "-1" {
		e.FromPort, e.ToPort = &from, &to
	}
	return e
}

// elastic is the account of an elastic runtime: private nodes, a public subnet
// with a jump host, and a file system.
func elastic(s *network.Snapshot, o *network.Options) {
	o.Profile, o.JumpHostSubnet = network.ProfileElastic, "subnet-0p1"
	o.FileSystemSubnets, o.FileSystemGroups = []string{"subnet-0w1"}, []string{"sg-0e"}
	o.JumpHostGroups, o.WorkerGroups, o.ControllerGroups = []string{"sg-0j"}, []string{"sg-0w"}, []string{"sg-0w"}
	nt.AddGroup(s, "sg-0j", nt.Allow("tcp 22", "203.0.114.0/24"))
	nt.AddGroup(s, "sg-0w", nt.Allow("tcp 22", "sg-0j"), nt.Allow("-1", "sg-0w"))
	nt.AddGroup(s, "sg-0e", nt.Allow("tcp 2049", "sg-0w"))
}

// edge gives a gateway a route table, with routes like "10.0.0.0/24 eni-0a" and
// "10.0.0.0/24 dead".
func edge(s *network.Snapshot, gateway string, routes ...string) {
	table := *nt.RouteTable(s, "rtb-0m")
	table.ID, table.Associations = "rtb-0e", []network.Association{{GatewayID: gateway, State: "associated"}}
	table.Routes = slices.Clone(table.Routes)
	s.RouteTables.Items = append(s.RouteTables.Items, table)
	for _, r := range routes {
		destination, target, _ := strings.Cut(r, " ")
		if target == "dead" {
			nt.SetRoute(s, "rtb-0e", destination, "eni-0d")
			nt.Blackhole(s, "rtb-0e", destination)
			continue
		}
		nt.SetRoute(s, "rtb-0e", destination, target)
	}
}

func eks(s *network.Snapshot, o *network.Options) { o.Profile = network.ProfileEKS }

func ids(list ...string) []string { return list }

func all(code string) []string {
	return ids("flow-nacl-blocked@"+code, "flow-nacl-return-blocked@"+code, "flow-no-route@"+code)
}

var rows = []row{
	{name: "good public"},
	{name: "good internal", internal: true},
	{name: "good with groups", edit: grouped},
	{name: "good elastic", internal: true, edit: elastic},
	{name: "good eks", edit: eks},
	{name: "good kubeadm", edit: func(s *network.Snapshot, o *network.Options) { o.Profile = network.ProfileKubeadm }},
	{
		name: "good internal, used from a private network", internal: true,
		edit: func(s *network.Snapshot, o *network.Options) { o.PrivateNetworks = prefixes("10.200.0.0/16") },
	},

	// Security groups
	{
		name: "workers do not let the kubelet be called",
		edit: func(s *network.Snapshot, o *network.Options) {
			grouped(s, o)
			nt.SecurityGroup(s, "sg-0w").Ingress = groundway.List[network.SecurityRule]{nt.Allow("-1", "sg-0w"), nt.Allow("tcp 443", "10.0.0.0/16")}
		},
		failed: ids("flow-security-group-blocked@sg-0w"),
		// Whether the load balancers, whose groups an installer makes, are members.
		unknown: ids("flow-security-group-blocked@vpc-0a1"),
	},
	{
		name: "workers go out to the VPC only",
		edit: func(s *network.Snapshot, o *network.Options) {
			grouped(s, o)
			nt.SecurityGroup(s, "sg-0w").Egress = groundway.List[network.SecurityRule]{nt.Allow("-1", "10.0.0.0/16")}
		},
		failed: ids("flow-security-group-blocked@sg-0w"),
	},
	{
		name: "workers go out to some of the internet",
		edit: func(s *network.Snapshot, o *network.Options) {
			grouped(s, o)
			nt.SecurityGroup(s, "sg-0w").Egress = groundway.List[network.SecurityRule]{nt.Allow("-1", "10.0.0.0/16"), nt.Allow("tcp 443", "8.8.0.0/16")}
		},
		failed: ids("flow-security-group-blocked@sg-0w"), warns: true,
	},
	{
		name: "a group that does not exist",
		edit: func(s *network.Snapshot, o *network.Options) {
			grouped(s, o)
			o.WorkerGroups = ids("sg-0none")
		},
		failed: ids("flow-security-group-blocked@sg-0none"),
	},
	{
		name: "rules name a group, and the workers' are not said",
		edit: func(s *network.Snapshot, o *network.Options) {
			grouped(s, o)
			o.WorkerGroups = nil
			nt.SecurityGroup(s, "sg-0c").Ingress = groundway.List[network.SecurityRule]{nt.Allow("-1", "sg-0c", "sg-0w"), nt.Allow("tcp 443", "0.0.0.0/0")}
		},
		unknown: ids("flow-security-group-blocked@vpc-0a1"),
	},
	{
		name: "a prefix list that was not read",
		edit: func(s *network.Snapshot, o *network.Options) {
			grouped(s, o)
			nt.SecurityGroup(s, "sg-0c").Ingress = groundway.List[network.SecurityRule]{nt.Allow("-1", "sg-0c", "sg-0w", "pl-0a")}
			nt.Deny(&s.PrefixLists, "ec2:GetManagedPrefixListEntries")
		},
		unknown: ids("flow-security-group-blocked@vpc-0a1"),
	},
	{
		name: "security groups denied",
		edit: func(s *network.Snapshot, o *network.Options) {
			grouped(s, o)
			nt.Deny(&s.SecurityGroups, "ec2:DescribeSecurityGroups")
		},
		unknown: ids("flow-security-group-blocked@vpc-0a1"),
	},
	{
		name: "the elastic jump host lets nobody in", internal: true,
		edit: func(s *network.Snapshot, o *network.Options) {
			elastic(s, o)
			nt.SecurityGroup(s, "sg-0j").Ingress = nil
		},
		failed: ids("flow-security-group-blocked@sg-0j"),
	},
	{
		name: "the file system does not let the workers in", internal: true,
		edit: func(s *network.Snapshot, o *network.Options) {
			elastic(s, o)
			nt.SecurityGroup(s, "sg-0e").Ingress = groundway.List[network.SecurityRule]{nt.Allow("tcp 111", "sg-0w")}
		},
		failed: ids("flow-security-group-blocked@sg-0e"),
	},

	// Network ACLs
	{
		name: "an ACL keeps the kubelet of a worker from being called",
		edit: func(s *network.Snapshot, o *network.Options) {
			closed(s, "subnet-0w1", deny(false, "6", "10.0.0.0/16", 10250, 10250))
		},
		failed: ids("flow-nacl-blocked@acl-0b"),
	},
	{
		name: "an ACL keeps answers from coming back",
		edit: func(s *network.Snapshot, o *network.Options) {
			closed(s, "subnet-0w1", deny(true, "6", "10.0.0.0/16", 50000, 65535))
		},
		failed: ids("flow-nacl-return-blocked@acl-0b"),
	},
	{
		name: "an ACL without entries",
		edit: func(s *network.Snapshot, o *network.Options) {
			closed(s, "subnet-0w1")
			nt.NetworkACL(s, "acl-0b").Entries = nil
		},
		failed: ids("flow-nacl-blocked@acl-0b", "flow-nacl-return-blocked@acl-0b"),
	},
	{
		name: "the ACL of a NAT gateway keeps answers of the internet out", internal: true,
		edit: func(s *network.Snapshot, o *network.Options) {
			closed(s, "subnet-0p1", deny(false, "6", "0.0.0.0/0", 1024, 65535))
		},
		failed: ids("flow-nacl-return-blocked@acl-0b"),
	},
	{
		name: "the ACL of a NAT gateway lets some ports of answers in only", internal: true,
		edit: func(s *network.Snapshot, o *network.Options) {
			closed(s, "subnet-0p1", deny(false, "6", "0.0.0.0/0", 1024, 32767))
		},
		failed: ids("flow-nacl-return-blocked@acl-0b"),
	},
	{
		name: "an ACL lets nobody of the internet in",
		edit: func(s *network.Snapshot, o *network.Options) {
			closed(s, "subnet-0c1", deny(false, "6", "0.0.0.0/0", 443, 443))
			nt.SetEntry(s, "acl-0b", network.ACLEntry{Number: 80, Action: "allow", Protocol: "-1", Prefix: netip.MustParsePrefix("10.0.0.0/16")})
		},
		failed: ids("flow-nacl-blocked@acl-0b"),
	},
	{
		name: "an ACL lets some of the internet in, which is enough",
		edit: func(s *network.Snapshot, o *network.Options) {
			closed(s, "subnet-0c1", deny(false, "6", "0.0.0.0/0", 443, 443))
			nt.SetEntry(s, "acl-0b", network.ACLEntry{Number: 80, Action: "allow", Protocol: "-1", Prefix: netip.MustParsePrefix("10.0.0.0/16")})
			nt.SetEntry(s, "acl-0b", network.ACLEntry{Number: 81, Action: "allow", Protocol: "6", Prefix: netip.MustParsePrefix("8.8.8.0/24"), FromPort: new(443), ToPort: new(443)})
		},
	},
	{
		name: "an ACL lets workers out to some of the internet",
		edit: func(s *network.Snapshot, o *network.Options) {
			closed(s, "subnet-0w1", deny(true, "6", "8.0.0.0/8", 443, 443))
		},
		failed: ids("flow-nacl-blocked@acl-0b"), warns: true,
	},
	{
		name:    "network ACLs denied",
		edit:    func(s *network.Snapshot, o *network.Options) { nt.Deny(&s.NetworkACLs, "ec2:DescribeNetworkAcls") },
		unknown: ids("flow-nacl-blocked@vpc-0a1", "flow-nacl-return-blocked@vpc-0a1"),
	},
	{
		name: "one subnet for all: no ACL is asked among its hosts",
		edit: func(s *network.Snapshot, o *network.Options) {
			o.ControllerSubnets, o.WorkerSubnets, o.Profile = ids("subnet-0w1"), ids("subnet-0w1"), network.ProfileEKS
			closed(s, "subnet-0w1", deny(false, "6", "10.0.0.0/16", 10250, 10250))
		},
	},

	// Routes
	{
		name: "a part of the VPC is led away: network.Check says so",
		edit: func(s *network.Snapshot, o *network.Options) { nt.SetRoute(s, "rtb-01", "10.0.0.0/24", "tgw-0a") },
	},
	{
		name: "an appliance both ways", internal: true,
		edit: func(s *network.Snapshot, o *network.Options) {
			nt.SetRoute(s, "rtb-01", "10.0.32.0/20", "eni-0a")
			nt.SetRoute(s, "rtb-01", "10.0.1.0/24", "eni-0a")
			nt.SetRoute(s, "rtb-02", "10.0.16.0/20", "eni-0a")
			nt.SetRoute(s, "rtb-02", "10.0.0.0/24", "eni-0a")
		},
	},
	{
		name: "an appliance both ways, but for answers of a NAT gateway",
		edit: func(s *network.Snapshot, o *network.Options) {
			nt.SetRoute(s, "rtb-01", "10.0.0.0/23", "eni-0a")
			nt.SetRoute(s, "rtb-0c", "10.0.16.0/20", "eni-0a")
		},
		failed: ids("flow-asymmetric@rtb-01"),
	},
	{
		name:   "an appliance one way",
		edit:   func(s *network.Snapshot, o *network.Options) { nt.SetRoute(s, "rtb-01", "10.0.0.0/23", "eni-0a") },
		failed: ids("flow-asymmetric@rtb-0c"),
	},
	{
		name: "rules that name groups, through an appliance",
		edit: func(s *network.Snapshot, o *network.Options) {
			grouped(s, o)
			nt.SecurityGroup(s, "sg-0c").Ingress = groundway.List[network.SecurityRule]{nt.Allow("-1", "sg-0c", "sg-0w"), nt.Allow("tcp 443", "0.0.0.0/0")}
			nt.SetRoute(s, "rtb-01", "10.0.0.0/23", "eni-0a")
			nt.SetRoute(s, "rtb-0c", "10.0.16.0/20", "eni-0a")
		},
		failed: ids("flow-security-group-blocked@sg-0c", "flow-asymmetric@rtb-01"),
	},
	{
		name: "rules that name addresses, through an appliance",
		edit: func(s *network.Snapshot, o *network.Options) {
			grouped(s, o)
			nt.SetRoute(s, "rtb-01", "10.0.0.0/23", "eni-0a")
			nt.SetRoute(s, "rtb-0c", "10.0.16.0/20", "eni-0a")
		},
		failed: ids("flow-asymmetric@rtb-01"),
	},
	{
		name: "an appliance one way, and a route to lists that were not read",
		edit: func(s *network.Snapshot, o *network.Options) {
			nt.SetRoute(s, "rtb-01", "10.0.0.0/23", "eni-0a")
			nt.SetRoute(s, "rtb-0c", "pl-0a", "tgw-0a")
			nt.Deny(&s.PrefixLists, "ec2:GetManagedPrefixListEntries")
		},
		unknown: ids("flow-asymmetric@vpc-0a1", "flow-no-route@vpc-0a1", "flow-nacl-blocked@vpc-0a1", "flow-nacl-return-blocked@vpc-0a1"),
	},
	{
		name: "what comes in by a VPN goes to something else than an appliance", internal: true,
		edit: func(s *network.Snapshot, o *network.Options) {
			o.PrivateNetworks = prefixes("10.200.0.0/16")
			edge(s, "vgw-0a", "10.0.0.0/24 vgw-0b")
		},
		unknown: ids("flow-no-route@vpc-0a1"),
	},
	{
		name:   "what comes in from the internet goes through an appliance, and the answers past it",
		edit:   func(s *network.Snapshot, o *network.Options) { edge(s, "igw-0a", "10.0.0.0/24 eni-0a") },
		failed: ids("flow-asymmetric@rtb-0c"),
	},
	{
		name:   "what comes in from the internet is dropped, and answers are",
		edit:   func(s *network.Snapshot, o *network.Options) { edge(s, "igw-0a", "10.0.0.0/24 dead") },
		failed: ids("flow-no-route@rtb-0e"),
	},
	{
		name: "a NAT gateway answers to where nothing is, and nodes of another table do not notice",
		edit: func(s *network.Snapshot, o *network.Options) {
			o.ControllerSubnets = []string{"subnet-0c2"}
			nt.SetRoute(s, "rtb-0m", "0.0.0.0/0", "igw-0a")
			nt.Associate(s, "subnet-0c1", "rtb-0m")
			nt.SetRoute(s, "rtb-0m", "10.0.16.0/20", "eni-0a")
			nt.Blackhole(s, "rtb-0m", "10.0.16.0/20")
		},
		failed: ids("flow-no-route@rtb-0m"),
	},
	{
		name: "a NAT gateway answers to where nothing is: network.Check says so",
		edit: func(s *network.Snapshot, o *network.Options) { nt.SetRoute(s, "rtb-0c", "10.0.16.0/20", "tgw-0a") },
	},
	{
		name: "a NAT gateway drops what goes to a part of the internet", internal: true,
		edit: func(s *network.Snapshot, o *network.Options) {
			nt.SetRoute(s, "rtb-0p", "9.0.0.0/8", "eni-0a")
			nt.Blackhole(s, "rtb-0p", "9.0.0.0/8")
		},
		failed: ids("flow-no-route@rtb-0p"), warns: true,
	},
	{
		name: "a NAT gateway drops what goes to a part of the internet: network.Check says so of its table",
		edit: func(s *network.Snapshot, o *network.Options) {
			nt.SetRoute(s, "rtb-0c", "9.0.0.0/8", "eni-0a")
			nt.Blackhole(s, "rtb-0c", "9.0.0.0/8")
		},
	},
	{
		name: "a network ACL denies what does not go by the NAT gateway of its subnet", internal: true,
		edit: func(s *network.Snapshot, o *network.Options) {
			nt.SetRoute(s, "rtb-01", "9.0.0.0/8", "tgw-0a")
			closed(s, "subnet-0p1", deny(true, "6", "9.0.0.0/8", 443, 443))
		},
	},
	{
		name: "a NAT gateway answers through an appliance that the traffic went past",
		edit: func(s *network.Snapshot, o *network.Options) {
			o.ControllerSubnets = []string{"subnet-0c2"}
			nt.SetRoute(s, "rtb-0m", "0.0.0.0/0", "igw-0a")
			nt.Associate(s, "subnet-0c1", "rtb-0m")
			nt.SetRoute(s, "rtb-0m", "10.0.16.0/20", "eni-0a")
		},
		failed: ids("flow-asymmetric@rtb-01"),
	},
	{
		name: "the route table of a gateway that is not associated yet",
		edit: func(s *network.Snapshot, o *network.Options) {
			edge(s, "igw-0a", "10.0.0.0/24 dead")
			nt.RouteTable(s, "rtb-0e").Associations[0].State = "associating"
		},
	},
	{
		name: "the route table of a gateway of which nobody said whether it is associated",
		edit: func(s *network.Snapshot, o *network.Options) {
			edge(s, "igw-0a", "10.0.0.0/24 dead")
			nt.RouteTable(s, "rtb-0e").Associations[0].State = ""
		},
		unknown: ids("flow-no-route@vpc-0a1"),
	},
	{
		name: "what comes in by a VPN goes through an appliance, and the answers past it", internal: true,
		edit: func(s *network.Snapshot, o *network.Options) {
			o.PrivateNetworks = prefixes("10.200.0.0/16")
			edge(s, "vgw-0a", "10.0.1.0/24 vpce-0a")
		},
		failed: ids("flow-asymmetric@rtb-02"),
	},
	{
		name: "what comes in by a VPN is dropped for one of the subnets of a table", internal: true,
		edit: func(s *network.Snapshot, o *network.Options) {
			o.PrivateNetworks = prefixes("10.200.0.0/16")
			nt.Associate(s, "subnet-0c2", "rtb-01")
			edge(s, "vgw-0a", "10.0.1.0/24 dead")
		},
		failed: ids("flow-no-route@rtb-0e"),
	},
	{
		name: "no way back to the private network", internal: true,
		edit:   func(s *network.Snapshot, o *network.Options) { o.PrivateNetworks = prefixes("172.31.0.0/16") },
		failed: ids("flow-no-route@rtb-01", "flow-no-route@rtb-02"),
	},
	{
		name: "a dead way back to the private network", internal: true,
		edit: func(s *network.Snapshot, o *network.Options) {
			o.PrivateNetworks = prefixes("10.200.0.0/16")
			nt.SetRoute(s, "rtb-01", "10.200.0.0/16", "tgw-0a")
			nt.Blackhole(s, "rtb-01", "10.200.0.0/16")
		},
		failed: ids("flow-no-route@rtb-01"),
	},
	{
		name: "the file system is in a subnet that does not exist", internal: true,
		edit: func(s *network.Snapshot, o *network.Options) {
			elastic(s, o)
			o.FileSystemSubnets = ids("subnet-0none")
		},
		failed: ids("flow-no-route@subnet-0none"),
	},
	{
		name:    "route tables denied",
		edit:    func(s *network.Snapshot, o *network.Options) { nt.Deny(&s.RouteTables, "ec2:DescribeRouteTables") },
		unknown: all("vpc-0a1"),
	},
	{
		name: "gateway detached: network.Check says so",
		edit: func(s *network.Snapshot, o *network.Options) { nt.DetachGateway(s) },
	},
	{
		name: "VPC not found: network.Check says so",
		edit: func(s *network.Snapshot, o *network.Options) { o.VPC = "vpc-0b2" },
	},
	{
		name: "subnet not found: network.Check says so",
		edit: func(s *network.Snapshot, o *network.Options) { o.WorkerSubnets = ids("subnet-0none") },
	},
	{
		name: "peering that is deleted", internal: true,
		edit: func(s *network.Snapshot, o *network.Options) {
			o.PrivateNetworks = prefixes("10.50.0.0/16")
			peer(s, "deleted")
		},
		failed: ids("flow-no-route@pcx-0a"),
	},
	{
		name: "peering", internal: true,
		edit: func(s *network.Snapshot, o *network.Options) {
			o.PrivateNetworks = prefixes("10.50.0.0/16")
			peer(s, "active")
		},
	},
	{
		name: "peering to a network behind the peer", internal: true,
		edit: func(s *network.Snapshot, o *network.Options) {
			o.PrivateNetworks = prefixes("10.50.0.0/15")
			peer(s, "active")
		},
		failed: ids("flow-no-route@rtb-01", "flow-no-route@rtb-02"),
	},
	{
		name: "peering connections denied", internal: true,
		edit: func(s *network.Snapshot, o *network.Options) {
			o.PrivateNetworks = prefixes("10.50.0.0/16")
			peer(s, "active")
			nt.Deny(&s.Peerings, "ec2:DescribeVpcPeeringConnections")
		},
		unknown: ids("flow-no-route@vpc-0a1"),
	},

	// Endpoints
	{
		name: "an interface endpoint that lets the nodes in",
		edit: func(s *network.Snapshot, o *network.Options) {
			nt.AddGroup(s, "sg-0e", nt.Allow("tcp 443", "10.0.0.0/16"))
			nt.AddInterfaceEndpoint(s, "vpce-0a", "ecr.api", "sg-0e", "subnet-0w1")
		},
	},
	{
		name: "an interface endpoint that does not",
		edit: func(s *network.Snapshot, o *network.Options) {
			nt.AddGroup(s, "sg-0e", nt.Allow("tcp 443", "10.0.16.0/20"))
			nt.AddInterfaceEndpoint(s, "vpce-0a", "ecr.api", "sg-0e", "subnet-0w1")
		},
		failed: ids("endpoint-security-group-blocks@vpce-0a"),
	},
	{
		name: "an interface endpoint of China that does not",
		edit: func(s *network.Snapshot, o *network.Options) {
			nt.AddGroup(s, "sg-0e")
			nt.AddInterfaceEndpoint(s, "vpce-0a", "ecr.api", "sg-0e", "subnet-0w1")
			nt.Endpoint(s, "vpce-0a").Service = "cn.com.amazonaws.cn-north-1.ecr.api"
		},
		failed: ids("endpoint-security-group-blocks@vpce-0a"),
	},
	{
		name: "the state of an endpoint not shown",
		edit: func(s *network.Snapshot, o *network.Options) {
			nt.AddGroup(s, "sg-0e")
			nt.AddInterfaceEndpoint(s, "vpce-0a", "ecr.api", "sg-0e", "subnet-0w1")
			nt.Endpoint(s, "vpce-0a").State = ""
		},
		unknown: ids("endpoint-security-group-blocks@vpc-0a1"),
	},
	{
		name: "the type of an endpoint not shown",
		edit: func(s *network.Snapshot, o *network.Options) {
			nt.AddGroup(s, "sg-0e")
			nt.AddInterfaceEndpoint(s, "vpce-0a", "ecr.api", "sg-0e", "subnet-0w1")
			nt.Endpoint(s, "vpce-0a").Type = ""
		},
		unknown: ids("endpoint-security-group-blocks@vpc-0a1"),
	},
	{
		name: "a shared VPC, of which the owner's groups and endpoints are not shown",
		edit: func(s *network.Snapshot, o *network.Options) {
			grouped(s, o)
			nt.TheVPC(s).OwnerID = "444455556666"
			o.WorkerGroups = ids("sg-0none")
		},
		unknown: ids("endpoint-security-group-blocks@vpc-0a1", "flow-security-group-blocked@vpc-0a1"),
	},
	{
		name: "without private DNS nobody is led to it",
		edit: func(s *network.Snapshot, o *network.Options) {
			nt.AddGroup(s, "sg-0e")
			nt.AddInterfaceEndpoint(s, "vpce-0a", "ecr.api", "sg-0e", "subnet-0w1")
			nt.Endpoint(s, "vpce-0a").PrivateDNS = new(false)
		},
	},
	{
		name: "an endpoint of a service that nodes do not call",
		edit: func(s *network.Snapshot, o *network.Options) {
			nt.AddGroup(s, "sg-0e")
			nt.AddInterfaceEndpoint(s, "vpce-0a", "sagemaker.api", "sg-0e", "subnet-0w1")
		},
	},
	{
		name:    "endpoints denied",
		edit:    func(s *network.Snapshot, o *network.Options) { nt.Deny(&s.Endpoints, "ec2:DescribeVpcEndpoints") },
		unknown: ids("endpoint-security-group-blocks@vpc-0a1"),
	},
}

// peer connects the VPC with another, and leads its private subnets there.
func peer(s *network.Snapshot, state string) {
	s.Peerings = groundway.SeenPart(network.Peering{
		ID: "pcx-0a", State: state,
		Requester: network.PeeredVPC{VPCID: nt.VPC, CIDRs: prefixes("10.0.0.0/16")},
		Accepter:  network.PeeredVPC{VPCID: "vpc-0p", OwnerID: "444455556666", CIDRs: prefixes("10.50.0.0/16")},
	})
	nt.SetRoute(s, "rtb-01", "10.50.0.0/15", "pcx-0a")
	nt.SetRoute(s, "rtb-02", "10.50.0.0/15", "pcx-0a")
}

func prefixes(texts ...string) (list []netip.Prefix) {
	for _, t := range texts {
		list = append(list, netip.MustParsePrefix(t))
	}
	return list
}

func with(findings []groundway.Finding, o groundway.Outcome) []string {
	list := []string{}
	for _, f := range findings {
		if f.Outcome == o {
			list = append(list, strings.TrimPrefix(string(f.Code), "network/")+"@"+f.Subject.String())
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
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			s, o := r.account()
			findings := flow.Check(s, o)
			assert.Equal(t, sorted(r.failed), with(findings, groundway.Failed), "failed")
			assert.Equal(t, sorted(r.unknown), with(findings, groundway.Unknown), "unknown")
			for _, f := range findings {
				if f.Outcome == groundway.Failed {
					assert.Equal(t, r.warns || f.Code == "network/flow-asymmetric", f.Severity == groundway.Warning, "%s", f.Summary)
				}
			}
			checkFindings(t, s, o, findings)
		})
	}
}

// checkFindings holds what is true of every result.
func checkFindings(t *testing.T, s network.Snapshot, o network.Options, findings []groundway.Finding) {
	t.Helper()
	findingtest.Contract{Snapshot: s, Rules: flow.Rules(), Before: network.Check(s, o)}.Hold(t, findings)
	data, err := json.Marshal(s)
	require.NoError(t, err)
	var again network.Snapshot
	require.NoError(t, json.Unmarshal(data, &again))
	assert.Equal(t, findings, flow.Check(again, o), "after a trip through JSON")
}

func TestEveryRuleIsProven(t *testing.T) {
	seen := map[groundway.Code]map[groundway.Outcome]bool{}
	for _, r := range rows {
		s, o := r.account()
		for _, f := range flow.Check(s, o) {
			if seen[f.Code] == nil {
				seen[f.Code] = map[groundway.Outcome]bool{}
			}
			seen[f.Code][f.Outcome] = true
		}
	}
	for _, r := range flow.Rules() {
		for _, o := range []groundway.Outcome{groundway.Failed, groundway.Passed, groundway.Unknown} {
			assert.True(t, seen[r.Code][o], "no row makes %s %s", r.Code, o)
		}
	}
}

func TestRules(t *testing.T) {
	findingtest.Rules(t, "network", func() []groundway.Rule { return slices.Concat(flow.Rules(), network.Rules()) })
}

// What is not seen never fails, and never passes.
func TestZeroSnapshot(t *testing.T) {
	for _, account := range []func() (network.Snapshot, network.Options){nt.Public, nt.Internal} {
		_, o := account()
		findings := flow.Check(network.Snapshot{}, o)
		assert.Empty(t, with(findings, groundway.Failed))
		assert.Empty(t, with(findings, groundway.Passed))
		assert.Len(t, with(findings, groundway.Unknown), len(flow.Rules()))
		checkFindings(t, network.Snapshot{}, o, findings)
	}
}
