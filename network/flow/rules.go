package flow

import (
	"slices"

	"github.com/groundway-sdk/groundway"
)

const (
	codeGroup         groundway.Code = "network/flow-security-group-blocked"
	codeACL           groundway.Code = "network/flow-nacl-blocked"
	codeACLReturn     groundway.Code = "network/flow-nacl-return-blocked"
	codeRoute         groundway.Code = "network/flow-no-route"
	codeAsymmetric    groundway.Code = "network/flow-asymmetric"
	codeEndpointGroup groundway.Code = "network/endpoint-security-group-blocks"
)

// Codes of package network from which verdicts on flows follow.
const (
	codeVPCNotFound    groundway.Code = "network/vpc-not-found"
	codeSubnetNotFound groundway.Code = "network/subnet-not-found"
	codeSubnetOtherVPC groundway.Code = "network/subnet-other-vpc"
)

// exits are the codes of package network that say why a subnet does not reach
// the internet, or is not reached from there, the causes before what follows.
var exits = []groundway.Code{
	"network/vpc-no-internet-gateway", "network/vpc-block-public-access", "network/nat-not-available",
	"network/nat-private", "network/nat-not-in-public-subnet", "network/route-default-blackhole",
	"network/subnet-not-public", "network/subnet-unexpectedly-public", "network/route-default-missing", codeDefaultPartial,
}

const (
	codeDefaultPartial groundway.Code = "network/route-default-partial"
	codeUnreachable    groundway.Code = "network/route-subnets-unreachable"
)

const since = "0.1.0"

var (
	afterSubnet = []groundway.Code{codeVPCNotFound, codeSubnetNotFound, codeSubnetOtherVPC}
	seeSubnets  = []string{actionVPCs, actionSubnets}
	seeRoutes   = append(slices.Clone(seeSubnets), actionRouteTables, "ec2:DescribeInternetGateways", actionNATGateways, actionPrefixLists, actionPeerings)
	seeGroups   = append(slices.Clone(seeSubnets), actionSecurityGroups, actionPrefixLists)
	seeACLs     = append(slices.Clone(seeRoutes), actionNetworkACLs)
)

// Rules returns the rules of the package in the order of its documentation.
func Rules() []groundway.Rule { return groundway.CloneRules(rules) }

var rules = []groundway.Rule{
	{
		Since: since, Code: codeGroup, Severity: groundway.Error, Title: "The named security groups let the flows of the profile pass",
		Doc:       "What no rule of a host's security groups allows is dropped without a word: nodes time out, and the installer with them. https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html",
		DependsOn: afterSubnet, Permissions: seeGroups,
	},
	{
		Since: since, Code: codeACL, Severity: groundway.Error, Title: "The network ACLs let the flows of the profile pass",
		Doc:       "A network ACL drops what its lowest matching entry denies, and what none allows, on the way in and on the way out of a subnet, whatever the security groups say. https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html",
		DependsOn: append(slices.Clone(afterSubnet), exits...), Permissions: seeACLs,
	},
	{
		Since: since, Code: codeACLReturn, Severity: groundway.Error, Title: "The network ACLs let the answers pass",
		Doc:       "A network ACL remembers no connection: answers go to the port that the client took, 32768 to 60999 on Linux and 1024 to 65535 for NAT gateways, load balancers and other systems, and need entries of their own. https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html#nacl-ephemeral-ports",
		DependsOn: append(append(slices.Clone(afterSubnet), codeACL), exits...), Permissions: seeACLs,
	},
	{
		Since: since, Code: codeRoute, Severity: groundway.Error, Title: "The flows of the profile have a route, and their answers too",
		Doc:       "Traffic follows the longest route that matches: one that leads elsewhere, or nowhere, takes it away from where it should go. https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html",
		DependsOn: append(append(slices.Clone(afterSubnet), codeUnreachable), exits...), Permissions: seeRoutes,
	},
	{
		Since: since, Code: codeAsymmetric, Severity: groundway.Warning, Title: "Answers come back by the appliance that passed the traffic on",
		Doc:       "A firewall that sees one half of a connection drops it. That holds for what the route table of a gateway leads through one too. https://docs.aws.amazon.com/vpc/latest/userguide/gateway-route-tables.html",
		DependsOn: append(slices.Clone(afterSubnet), codeUnreachable, codeRoute), Permissions: seeRoutes,
	},
	{
		Since: since, Code: codeEndpointGroup, Severity: groundway.Error, Title: "The interface endpoints let the nodes in",
		Doc:       "With private DNS the name of a service leads every host of the VPC to the endpoint; where its security groups do not allow port 443 from the nodes, they lose the service that they would otherwise reach through the internet. https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html",
		DependsOn: afterSubnet, Permissions: append(slices.Clone(seeGroups), "ec2:DescribeVpcEndpoints"),
	},
}
