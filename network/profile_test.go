package network_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/network"
	nt "github.com/groundway-sdk/groundway/network/networktest"
)

func profile(p network.Profile, more ...func(*network.Snapshot, *network.Options)) func(*network.Snapshot, *network.Options) {
	return func(s *network.Snapshot, o *network.Options) {
		o.Profile = p
		if p == network.ProfileEKS || p == network.ProfileKubeadm {
			for _, id := range o.ControllerSubnets {
				role := elb
				if o.Topology == network.TopologyInternal {
					role = internalELB
				}
				tag(s, id, role+"=1")
			}
		}
		if p == network.ProfileElastic {
			o.JumpHostSubnet = "subnet-0p1"
		}
		for _, m := range more {
			m(s, o)
		}
	}
}

// isolate leaves the workers without a way to the internet, in an account that
// has the endpoints which they call instead.
func isolate(s *network.Snapshot, _ *network.Options) {
	for _, table := range []string{"rtb-01", "rtb-02"} {
		nt.RemoveRoute(s, table, "0.0.0.0/0")
	}
	nt.AddGroup(s, "sg-0e", nt.Allow("tcp 443", "10.0.0.0/16"))
	for i, service := range []string{"ec2", "ecr.api", "ecr.dkr", "sts"} {
		nt.AddInterfaceEndpoint(s, fmt.Sprint("vpce-0", i), service, "sg-0e", "subnet-0w1", "subnet-0w2")
	}
	nt.AddGatewayEndpoint(s, "vpce-0s", "s3", "rtb-01", "rtb-02")
}

// profileRows are rows like rows, of what differs between profiles, and of load
// balancers, endpoints, zones and room.
var profileRows = []row{
	{name: "good elastic", internal: true, edit: profile(network.ProfileElastic)},
	{name: "good eks", edit: profile(network.ProfileEKS)},
	{name: "good internal eks", internal: true, edit: profile(network.ProfileEKS)},
	{name: "good kubeadm", edit: profile(network.ProfileKubeadm)},
	{name: "good internal kubeadm", internal: true, edit: profile(network.ProfileKubeadm)},
	{name: "good isolated eks", edit: profile(network.ProfileEKS, isolate)},

	// Elastic
	{
		name: "the jump host is in a private subnet", internal: true,
		edit: profile(network.ProfileElastic, func(s *network.Snapshot, o *network.Options) {
			nt.Associate(s, "subnet-0p1", "rtb-02")
			nt.NATGateway(s, "nat-01").SubnetID = "subnet-0p2"
		}),
		failed: ids("nat-cross-zone@nat-01", "nat-cross-zone@nat-02", "subnet-not-public@subnet-0p1"),
	},
	{
		name: "the jump host gets no public address", internal: true,
		edit: profile(network.ProfileElastic, func(s *network.Snapshot, o *network.Options) {
			*nt.Subnet(s, "subnet-0p1").AutoPublicIP = false
		}),
		failed: ids("subnet-no-auto-public-ip@subnet-0p1"),
	},
	{
		name: "master node and workers share a subnet", internal: true,
		edit: profile(network.ProfileElastic, func(s *network.Snapshot, o *network.Options) {
			o.ControllerSubnets, o.WorkerSubnets = ids("subnet-0w1"), ids("subnet-0w1")
		}),
		failed: ids("zone-single@vpc-0a1"),
	},
	{
		name: "workers in the public subnet", internal: true,
		edit: profile(network.ProfileElastic, func(s *network.Snapshot, o *network.Options) {
			o.WorkerSubnets = ids("subnet-0p2", "subnet-0w1")
		}),
		failed: ids("subnet-unexpectedly-public@subnet-0p2"),
	},
	{
		name: "the jump host's subnet does not exist", internal: true,
		edit:   profile(network.ProfileElastic, func(s *network.Snapshot, o *network.Options) { o.JumpHostSubnet = "subnet-0none" }),
		failed: ids("subnet-not-found@subnet-0none"),
	},

	// EKS and kubeadm
	{
		name: "eks in one zone",
		edit: profile(network.ProfileEKS, func(s *network.Snapshot, o *network.Options) {
			o.ControllerSubnets, o.WorkerSubnets = ids("subnet-0c1"), ids("subnet-0w1")
			tag(s, "subnet-0c2", otherTag+"=shared")
		}),
		failed: ids("zone-single@vpc-0a1"),
	},
	{
		name: "kubeadm, controllers in one zone",
		edit: profile(network.ProfileKubeadm, func(s *network.Snapshot, o *network.Options) {
			o.ControllerSubnets, o.WorkerSubnets = ids("subnet-0c1"), ids("subnet-0w1")
			tag(s, "subnet-0c2", otherTag+"=shared")
		}),
		failed: ids("lb-too-few-zones@vpc-0a1", "zone-single@vpc-0a1"),
	},
	{
		name: "kubeadm, the zones are not shown",
		edit: profile(network.ProfileKubeadm, func(s *network.Snapshot, o *network.Options) {
			nt.Deny(&s.Zones, "ec2:DescribeAvailabilityZones")
		}),
		unknown: ids("lb-too-few-zones@vpc-0a1", "zone-impaired@vpc-0a1", "zone-not-opted-in@vpc-0a1", "zone-single@vpc-0a1", "zone-type-unsupported@vpc-0a1"),
	},
	{
		name: "an internal eks needs no internet gateway that nothing leads to", internal: true,
		edit: profile(network.ProfileEKS, func(s *network.Snapshot, o *network.Options) {
			nt.DetachGateway(s)
			isolate(s, o)
			s.NATGateways.Items = nil
		}),
		failed: ids("vpc-no-internet-gateway@vpc-0a1"),
	},
	{
		name: "eks, zones that it does not support",
		edit: profile(network.ProfileEKS, func(s *network.Snapshot, o *network.Options) {
			nt.Subnet(s, "subnet-0c1").ZoneID = "use1-az3"
		}),
		failed: ids("zone-eks-unsupported@subnet-0c1"),
	},
	{
		name:    "eks, the IDs of zones are not shown",
		edit:    profile(network.ProfileEKS, func(s *network.Snapshot, o *network.Options) { s.Zones.Items[0].ID = "" }),
		unknown: ids("zone-eks-unsupported@subnet-0c1"),
	},
	{
		name: "eks on an Outpost",
		edit: profile(network.ProfileEKS, func(s *network.Snapshot, o *network.Options) {
			nt.Subnet(s, "subnet-0c1").OutpostARN = "arn:aws:outposts:us-east-1:111122223333:outpost/op-0a"
		}),
		failed: ids("zone-type-unsupported@subnet-0c1"),
	},

	// Zones
	{
		name:    "a zone without its type",
		edit:    func(s *network.Snapshot, o *network.Options) { s.Zones.Items[0].Type = "" },
		unknown: ids("zone-single@vpc-0a1", "lb-too-few-zones@vpc-0a1", "zone-type-unsupported@us-east-1a"),
	},
	{
		name:   "a zone that is not opted in",
		edit:   func(s *network.Snapshot, o *network.Options) { s.Zones.Items[0].OptIn = "not-opted-in" },
		failed: ids("zone-not-opted-in@us-east-1a"),
	},
	{
		name:   "an impaired zone",
		edit:   func(s *network.Snapshot, o *network.Options) { s.Zones.Items[1].State = "impaired" },
		failed: ids("zone-impaired@us-east-1b"),
	},
	{
		name: "an instance type",
		edit: func(s *network.Snapshot, o *network.Options) {
			o.InstanceTypes = ids("m5.large", "m5.large")
			s.InstanceOfferings = groundway.SeenPart(network.InstanceOffering{Type: "m5.large", Zones: ids("us-east-1a", "us-east-1b")})
		},
	},
	{
		name: "an instance type that one zone lacks",
		edit: func(s *network.Snapshot, o *network.Options) {
			o.InstanceTypes = ids("m5.large")
			s.InstanceOfferings = groundway.SeenPart(network.InstanceOffering{Type: "m5.large", Zones: ids("us-east-1a")})
		},
		failed: ids("zone-instance-type-not-offered@us-east-1b"),
	},
	{
		name: "an instance type that nobody asked for",
		edit: func(s *network.Snapshot, o *network.Options) {
			o.InstanceTypes = ids("m5.large")
			s.InstanceOfferings = groundway.SeenPart[network.InstanceOffering]()
		},
		unknown: ids("zone-instance-type-not-offered@us-east-1a", "zone-instance-type-not-offered@us-east-1b"),
	},
	{
		name: "an instance type, on a page that was not read",
		edit: func(s *network.Snapshot, o *network.Options) {
			o.InstanceTypes = ids("m5.large")
			s.InstanceOfferings = groundway.SeenPart(network.InstanceOffering{Type: "m5.large", Zones: ids("us-east-1a")})
			s.InstanceOfferings.Partial = true
		},
		unknown: ids("zone-instance-type-not-offered@us-east-1b"),
	},

	// Room
	{
		name:   "two load balancers and seven addresses",
		edit:   func(s *network.Snapshot, o *network.Options) { *nt.Subnet(s, "subnet-0c1").FreeAddresses = 15 },
		failed: ids("subnet-free-ips-low@subnet-0c1"),
	},
	{
		name: "eks has what it needs and not what it recommends",
		edit: profile(network.ProfileEKS, func(s *network.Snapshot, o *network.Options) {
			*nt.Subnet(s, "subnet-0c1").FreeAddresses = 15
		}),
		failed: ids("subnet-free-ips-low@subnet-0c1"),
	},
	{
		name:   "no address for a worker",
		edit:   func(s *network.Snapshot, o *network.Options) { *nt.Subnet(s, "subnet-0w1").FreeAddresses = 0 },
		failed: ids("subnet-free-ips-low@subnet-0w1"),
	},
	{
		name:    "free addresses not shown",
		edit:    func(s *network.Snapshot, o *network.Options) { nt.Subnet(s, "subnet-0w1").FreeAddresses = nil },
		unknown: ids("subnet-free-ips-low@subnet-0w1"),
	},
	{
		name: "fifty tags",
		edit: func(s *network.Snapshot, o *network.Options) {
			for i := range 50 {
				tag(s, "subnet-0w1", fmt.Sprintf("tag-%d=x", i))
				tag(s, "subnet-0w2", fmt.Sprintf("aws:tag-%d=x", i))
				tag(s, "subnet-0c1", fmt.Sprintf("tag-%d=x", i))
			}
			tag(s, "subnet-0c1", demoTag+"=shared")
		},
		failed: ids("subnet-tag-slots-full@subnet-0w1"),
	},

	// Load balancers
	{
		name: "a public subnet that nobody named",
		edit: func(s *network.Snapshot, o *network.Options) {
			n := *nt.Subnet(s, "subnet-0c1")
			n.ID, n.CIDRs = "subnet-00f", []network.CIDR{{Prefix: prefix("10.0.9.0/24")}}
			s.Subnets.Items = append(s.Subnets.Items, n)
			nt.Associate(s, "subnet-00f", "rtb-0c")
		},
		// It will be chosen for its ID, which follows.
		failed: ids("subnet-foreign-candidate@subnet-00f"),
	},
	{
		name: "a subnet with the cluster's tag that nobody named",
		edit: func(s *network.Snapshot, o *network.Options) {
			n := *nt.Subnet(s, "subnet-0c1")
			n.ID, n.CIDRs = "subnet-00f", []network.CIDR{{Prefix: prefix("10.0.9.0/24")}}
			s.Subnets.Items = append(s.Subnets.Items, n)
			tag(s, "subnet-00f", demoTag+"=owned")
			nt.Associate(s, "subnet-00f", "rtb-0c")
		},
		failed: ids("lb-unexpected-subnet@subnet-00f"),
	},
	{
		name: "a worker subnet is tagged for load balancers", internal: true,
		edit:   func(s *network.Snapshot, o *network.Options) { tag(s, "subnet-0w1", internalELB+"=1") },
		failed: ids("lb-unexpected-subnet@subnet-0w1"),
	},
	{
		name:   "eks without role tags",
		edit:   profile(network.ProfileEKS, func(s *network.Snapshot, o *network.Options) { nt.Subnet(s, "subnet-0c2").Tags = nil }),
		failed: ids("lb-subnet-tag-missing@subnet-0c2"),
	},
	{
		name:   "a role tag with a value that is not read",
		edit:   profile(network.ProfileKubeadm, func(s *network.Snapshot, o *network.Options) { tag(s, "subnet-0c2", elb+"=true") }),
		failed: ids("lb-subnet-tag-missing@subnet-0c2"),
	},

	// Endpoints
	{
		name:   "isolated eks without an endpoint",
		edit:   profile(network.ProfileEKS, isolate, func(s *network.Snapshot, o *network.Options) { nt.Endpoint(s, "vpce-03").State = "deleted" }),
		failed: ids("endpoint-missing@com.amazonaws.us-east-1.sts"),
	},
	{
		name:   "isolated eks, private DNS off",
		edit:   profile(network.ProfileEKS, isolate, func(s *network.Snapshot, o *network.Options) { *nt.Endpoint(s, "vpce-01").PrivateDNS = false }),
		failed: ids("endpoint-private-dns-off@vpce-01"),
	},
	{
		name:    "isolated eks, private DNS not shown",
		edit:    profile(network.ProfileEKS, isolate, func(s *network.Snapshot, o *network.Options) { nt.Endpoint(s, "vpce-01").PrivateDNS = nil }),
		unknown: ids("endpoint-private-dns-off@vpce-01"),
	},
	{
		name:    "isolated eks, the type of an endpoint not shown",
		edit:    profile(network.ProfileEKS, isolate, func(s *network.Snapshot, o *network.Options) { nt.Endpoint(s, "vpce-01").Type = "" }),
		unknown: ids("endpoint-private-dns-off@vpce-01"),
	},
	{
		name: "isolated eks, the region not seen",
		edit: profile(network.ProfileEKS, isolate, func(s *network.Snapshot, o *network.Options) { s.Region, o.Region = "", "" }),
		unknown: ids("dhcp-domain-wrong@dopt-0a", "endpoint-missing@vpc-0a1", "endpoint-not-routed@vpc-0a1",
			"endpoint-private-dns-off@vpc-0a1"),
	},
	{
		name: "isolated eks in China, without an endpoint",
		edit: profile(network.ProfileEKS, isolate, func(s *network.Snapshot, o *network.Options) {
			s.Region, o.Region = "cn-north-1", "cn-north-1"
			s.DHCPOptions.Items[0].Values["domain-name"] = ids("cn-north-1.compute.internal")
			for i := range s.Endpoints.Items {
				e := &s.Endpoints.Items[i]
				e.Service = strings.Replace(e.Service, "us-east-1", "cn-north-1", 1)
				if e.ID != "vpce-0s" {
					e.Service = "cn." + e.Service
				}
			}
			nt.Endpoint(s, "vpce-03").State = "deleted"
		}),
		failed: ids("endpoint-missing@cn.com.amazonaws.cn-north-1.sts"),
	},
	{
		name: "isolated eks, a table without the gateway endpoint",
		edit: profile(network.ProfileEKS, isolate, func(s *network.Snapshot, o *network.Options) {
			nt.RemoveRoute(s, "rtb-02", "pl-63a5400a")
			nt.Endpoint(s, "vpce-0s").RouteTableIDs = ids("rtb-01")
		}),
		failed: ids("endpoint-not-routed@rtb-02"),
	},
	{
		name:    "isolated eks, endpoints denied",
		edit:    profile(network.ProfileEKS, isolate, func(s *network.Snapshot, o *network.Options) { nt.Deny(&s.Endpoints, "ec2:DescribeVpcEndpoints") }),
		unknown: ids("endpoint-missing@vpc-0a1", "endpoint-not-routed@vpc-0a1", "endpoint-private-dns-off@vpc-0a1"),
	},
	{
		name:   "isolated tectonic: endpoints are no way to images",
		edit:   func(s *network.Snapshot, o *network.Options) { isolate(s, o) },
		failed: ids("route-default-missing@rtb-01", "route-default-missing@rtb-02"),
	},

	// Leftovers
	{
		name: "what an earlier cluster left",
		edit: func(s *network.Snapshot, o *network.Options) {
			s.ClusterTags = groundway.SeenPart(
				network.ClusterTag{ResourceID: "sg-0old", ResourceType: "security-group", TagKey: demoTag, Value: "owned"},
				network.ClusterTag{ResourceID: "vpc-0old", ResourceType: "vpc", TagKey: demoTag, Value: "shared"},
				network.ClusterTag{ResourceID: "subnet-0c1", ResourceType: "subnet", TagKey: demoTag, Value: "owned"},
				network.ClusterTag{ResourceID: "sg-0else", ResourceType: "security-group", TagKey: otherTag, Value: "owned"},
			)
		},
		failed: ids("leftover-cluster-resources@sg-0old"),
	},
	{
		name: "a load balancer that an earlier cluster left",
		edit: func(s *network.Snapshot, o *network.Options) {
			s.LoadBalancerTags = groundway.SeenPart(network.ClusterTag{
				ResourceID: "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/demo-con", ResourceType: "load-balancer", TagKey: demoTag, Value: "owned",
			})
		},
		failed: ids("leftover-cluster-resources@arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/demo-con"),
	},
	{
		name:    "tags of load balancers denied",
		edit:    func(s *network.Snapshot, o *network.Options) { nt.Deny(&s.LoadBalancerTags, "tag:GetResources") },
		unknown: ids("leftover-cluster-resources@vpc-0a1"),
	},
	{
		name:    "tags denied",
		edit:    func(s *network.Snapshot, o *network.Options) { nt.Deny(&s.ClusterTags, "ec2:DescribeTags") },
		unknown: ids("leftover-cluster-resources@vpc-0a1"),
	},
}

// The same failure is as severe as the profile says.
func TestSeveritiesDifferBetweenProfiles(t *testing.T) {
	severity := func(p network.Profile, topology network.Topology, code groundway.Code, edit func(*network.Snapshot, *network.Options)) string {
		s, o := nt.Public()
		if topology == network.TopologyInternal {
			s, o = nt.Internal()
		}
		profile(p, edit)(&s, &o)
		for _, f := range network.Check(s, o) {
			if f.Code == code && f.Outcome == groundway.Failed {
				return f.Severity.String()
			}
		}
		return "none"
	}
	domain := func(s *network.Snapshot, _ *network.Options) { setDHCP(s, "domain-name", "corp.example.com") }
	assert.Equal(t, "error", severity(network.ProfileTectonic, network.TopologyPublic, "network/dhcp-domain-wrong", domain))
	assert.Equal(t, "warning", severity(network.ProfileEKS, network.TopologyPublic, "network/dhcp-domain-wrong", domain))
	oneZone := func(s *network.Snapshot, o *network.Options) {
		o.ControllerSubnets, o.WorkerSubnets = ids("subnet-0c1"), ids("subnet-0w1")
	}
	assert.Equal(t, "warning", severity(network.ProfileTectonic, network.TopologyPublic, "network/zone-single", oneZone))
	assert.Equal(t, "error", severity(network.ProfileEKS, network.TopologyPublic, "network/zone-single", oneZone))
	assert.Equal(t, "error", severity(network.ProfileKubeadm, network.TopologyPublic, "network/lb-too-few-zones", oneZone))
	addresses := func(n int) func(s *network.Snapshot, o *network.Options) {
		return func(s *network.Snapshot, o *network.Options) { *nt.Subnet(s, "subnet-0c1").FreeAddresses = n }
	}
	assert.Equal(t, "error", severity(network.ProfileEKS, network.TopologyPublic, "network/subnet-free-ips-low", addresses(5)))
	assert.Equal(t, "warning", severity(network.ProfileEKS, network.TopologyPublic, "network/subnet-free-ips-low", addresses(6)))
	assert.Equal(t, "none", severity(network.ProfileEKS, network.TopologyPublic, "network/subnet-free-ips-low", addresses(16)))
	noGateway := func(s *network.Snapshot, o *network.Options) {
		nt.DetachGateway(s)
		isolate(s, o)
		s.NATGateways.Items = nil
	}
	assert.Equal(t, "info", severity(network.ProfileEKS, network.TopologyInternal, "network/vpc-no-internet-gateway", noGateway))
	assert.Equal(t, "error", severity(network.ProfileEKS, network.TopologyInternal, "network/vpc-no-internet-gateway", func(s *network.Snapshot, _ *network.Options) { nt.DetachGateway(s) }))
	assert.Equal(t, "error", severity(network.ProfileTectonic, network.TopologyInternal, "network/vpc-no-internet-gateway", noGateway))
}

func TestParseProfile(t *testing.T) {
	for p := network.ProfileTectonic; p <= network.ProfileKubeadm; p++ {
		got, err := network.ParseProfile(p.String())
		assert.NoError(t, err)
		assert.Equal(t, p, got)
	}
	_, err := network.ParseProfile("tektonic")
	assert.EqualError(t, err, `parse profile "tektonic": want tectonic, elastic, eks or kubeadm`)
	assert.Equal(t, "invalid", network.Profile(99).String())
}
