package networktest

import (
	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/network"
)

// Empty returns an account without a VPC, in us-east-1 with six zones, and a local
// zone, which is no place for a cluster: what a plan of a new VPC starts from.
func Empty() network.Snapshot {
	s := base()
	var zones []network.Zone
	for i, id := range []string{"use1-az4", "use1-az6", "use1-az1", "use1-az2", "use1-az3", "use1-az5"} {
		zones = append(zones, zone("us-east-1"+string(rune('a'+i)), id))
	}
	local := zone("us-east-1-bos-1a", "use1-bos1-az1")
	local.Type, local.OptIn = "local-zone", "opted-in"
	s.Parts = network.Parts{
		VPCs: groundway.SeenPart[network.VPC](), DNSSupport: groundway.SeenPart[network.DNSAttribute](), DNSHostnames: groundway.SeenPart[network.DNSAttribute](),
		DHCPOptions: groundway.SeenPart[network.DHCPOptions](), Subnets: groundway.SeenPart[network.Subnet](), RouteTables: groundway.SeenPart[network.RouteTable](),
		InternetGateways: groundway.SeenPart[network.InternetGateway](), EgressGateways: groundway.SeenPart[network.InternetGateway](),
		NATGateways: groundway.SeenPart[network.NATGateway](), Zones: groundway.SeenPart(append(zones, local)...),
		SecurityGroups: groundway.SeenPart[network.SecurityGroup](), NetworkACLs: groundway.SeenPart[network.NetworkACL](), Endpoints: groundway.SeenPart[network.Endpoint](),
		ClusterTags: groundway.SeenPart[network.ClusterTag](),
	}
	return s
}
