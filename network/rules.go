package network

import (
	"slices"

	"github.com/groundway-sdk/groundway"
)

// The IAM actions that answer the rules, see
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html.
const (
	actionVPCs             = "ec2:DescribeVpcs"
	actionVPCAttribute     = "ec2:DescribeVpcAttribute"
	actionDHCPOptions      = "ec2:DescribeDhcpOptions"
	actionSubnets          = "ec2:DescribeSubnets"
	actionRouteTables      = "ec2:DescribeRouteTables"
	actionPrefixLists      = "ec2:GetManagedPrefixListEntries"
	actionInternetGateways = "ec2:DescribeInternetGateways"
	actionEgressGateways   = "ec2:DescribeEgressOnlyInternetGateways"
	actionNATGateways      = "ec2:DescribeNatGateways"
	actionZones            = "ec2:DescribeAvailabilityZones"
	actionSecurityGroups   = "ec2:DescribeSecurityGroups"
	actionNetworkACLs      = "ec2:DescribeNetworkAcls"
	actionEndpoints        = "ec2:DescribeVpcEndpoints"
	actionOfferings        = "ec2:DescribeInstanceTypeOfferings"
	actionTags             = "ec2:DescribeTags"
	actionBalancerTags     = "tag:GetResources"
	actionPeerings         = "ec2:DescribeVpcPeeringConnections"
	actionCaller           = "sts:GetCallerIdentity"
)

// commandOf returns the AWS CLI command that shows what a rule asks an action
// about the VPC, or nil.
func commandOf(code groundway.Code, action, vpcID string) []string {
	filter := []string{"--filters", "Name=vpc-id,Values=" + vpcID}
	switch action {
	case actionVPCs:
		return []string{"aws", "ec2", "describe-vpcs", "--vpc-ids", vpcID}
	case actionVPCAttribute:
		attribute := "enableDnsSupport"
		if code == codeDNSHostnames {
			attribute = "enableDnsHostnames"
		}
		return []string{"aws", "ec2", "describe-vpc-attribute", "--vpc-id", vpcID, "--attribute", attribute}
	case actionDHCPOptions:
		return []string{"aws", "ec2", "describe-dhcp-options"}
	case actionSubnets:
		return append([]string{"aws", "ec2", "describe-subnets"}, filter...)
	case actionRouteTables:
		return append([]string{"aws", "ec2", "describe-route-tables"}, filter...)
	case actionInternetGateways:
		return []string{"aws", "ec2", "describe-internet-gateways", "--filters", "Name=attachment.vpc-id,Values=" + vpcID}
	case actionNATGateways:
		return []string{"aws", "ec2", "describe-nat-gateways", "--filter", "Name=vpc-id,Values=" + vpcID}
	case actionZones:
		return []string{"aws", "ec2", "describe-availability-zones", "--all-availability-zones"}
	case actionEndpoints:
		return append([]string{"aws", "ec2", "describe-vpc-endpoints"}, filter...)
	case actionOfferings:
		return []string{"aws", "ec2", "describe-instance-type-offerings", "--location-type", "availability-zone"}
	case actionTags:
		return []string{"aws", "ec2", "describe-tags", "--filters", "Name=key,Values=kubernetes.io/cluster/*"}
	case actionBalancerTags:
		return []string{"aws", "resourcegroupstaggingapi", "get-resources", "--resource-type-filters", "elasticloadbalancing:loadbalancer"}
	case actionCaller:
		return []string{"aws", "sts", "get-caller-identity"}
	}
	return nil
}

// The modes of VPC block public access, beside off.
const (
	blockBidirectional = "block-bidirectional"
	blockIngress       = "block-ingress"
)

const (
	codeVPCNotFound        groundway.Code = "network/vpc-not-found"
	codeVPCNotAvailable    groundway.Code = "network/vpc-not-available"
	codeDNSSupport         groundway.Code = "network/vpc-dns-support-disabled"
	codeDNSHostnames       groundway.Code = "network/vpc-dns-hostnames-disabled"
	codeNoInternetGateway  groundway.Code = "network/vpc-no-internet-gateway"
	codeVPCOtherCluster    groundway.Code = "network/vpc-owned-by-other-cluster"
	codeVPCShared          groundway.Code = "network/vpc-shared-not-owner"
	codeBlockPublicAccess  groundway.Code = "network/vpc-block-public-access"
	codeCIDRPending        groundway.Code = "network/vpc-cidr-association-pending"
	codeDHCPMissing        groundway.Code = "network/dhcp-options-missing"
	codeDHCPDomain         groundway.Code = "network/dhcp-domain-wrong"
	codeDHCPMultiple       groundway.Code = "network/dhcp-domain-multiple"
	codeDHCPServers        groundway.Code = "network/dhcp-dns-not-amazon"
	codeSubnetNotFound     groundway.Code = "network/subnet-not-found"
	codeSubnetOtherVPC     groundway.Code = "network/subnet-other-vpc"
	codeSubnetDuplicate    groundway.Code = "network/subnet-duplicate"
	codeSubnetNotPublic    groundway.Code = "network/subnet-not-public"
	codeSubnetPublic       groundway.Code = "network/subnet-unexpectedly-public"
	codeSubnetImplicit     groundway.Code = "network/subnet-implicit-route-table"
	codeSubnetAutoIP       groundway.Code = "network/subnet-no-auto-public-ip"
	codeSubnetOtherCluster groundway.Code = "network/subnet-owned-by-other-cluster"
	codeFreeAddresses      groundway.Code = "network/subnet-free-ips-low"
	codeSubnetForeign      groundway.Code = "network/subnet-foreign-candidate"
	codeTagSlots           groundway.Code = "network/subnet-tag-slots-full"
	codeDefaultMissing     groundway.Code = "network/route-default-missing"
	codeDefaultBlackhole   groundway.Code = "network/route-default-blackhole"
	codeDefaultPartial     groundway.Code = "network/route-default-partial"
	codeInternetNarrow     groundway.Code = "network/route-internet-narrow"
	codeUnreachable        groundway.Code = "network/route-subnets-unreachable"
	codeVPNAbsent          groundway.Code = "network/route-vpn-absent"
	codeNATNotAvailable    groundway.Code = "network/nat-not-available"
	codeNATNotPublic       groundway.Code = "network/nat-not-in-public-subnet"
	codeNATPrivate         groundway.Code = "network/nat-private"
	codeNATCrossZone       groundway.Code = "network/nat-cross-zone"
	codeNATSingle          groundway.Code = "network/nat-single"
	codeZoneSingle         groundway.Code = "network/zone-single"
	codeZoneUnbalanced     groundway.Code = "network/zone-unbalanced"
	codeZoneType           groundway.Code = "network/zone-type-unsupported"
	codeZoneOptIn          groundway.Code = "network/zone-not-opted-in"
	codeZoneEKS            groundway.Code = "network/zone-eks-unsupported"
	codeZoneImpaired       groundway.Code = "network/zone-impaired"
	codeInstanceType       groundway.Code = "network/zone-instance-type-not-offered"
	codeBalancerTag        groundway.Code = "network/lb-subnet-tag-missing"
	codeBalancerSubnet     groundway.Code = "network/lb-unexpected-subnet"
	codeBalancerZones      groundway.Code = "network/lb-too-few-zones"
	codeEndpointMissing    groundway.Code = "network/endpoint-missing"
	codeEndpointDNS        groundway.Code = "network/endpoint-private-dns-off"
	codeEndpointRouted     groundway.Code = "network/endpoint-not-routed"
	codeLeftovers          groundway.Code = "network/leftover-cluster-resources"
	codeOverlapPod         groundway.Code = "network/cidr-overlap-pod"
	codeOverlapService     groundway.Code = "network/cidr-overlap-service"
	codeOverlapDocker      groundway.Code = "network/cidr-overlap-docker"
	codeOverlapRoute       groundway.Code = "network/cidr-overlap-route"
	codePodServiceOverlap  groundway.Code = "network/cidr-pod-service-overlap"
	codeCIDRInvalid        groundway.Code = "network/cidr-invalid"
)

// Rules returns the rules of the package in the order of its documentation.
func Rules() []groundway.Rule { return groundway.CloneRules(rules) }

// severities holds what a profile says otherwise than the rule.
var severities = map[Profile]map[groundway.Code]groundway.Severity{
	ProfileTectonic: {
		// The installer asks for explicit associations, and cannot see others.
		codeSubnetImplicit: groundway.Error,
		// Its classic load balancers work in one zone.
		codeZoneUnbalanced: groundway.Warning,
		codeBalancerZones:  groundway.Info,
	},
	ProfileEKS: {
		// The name of a node is that of its instance, whatever the domain is.
		codeDHCPDomain: groundway.Warning,
		// EKS refuses a cluster in one zone.
		codeZoneSingle: groundway.Error,
	},
}

// rulesOf returns the rules with the severities of the profile.
func rulesOf(p Profile) []groundway.Rule {
	list := slices.Clone(rules)
	for i, r := range list {
		if s, ok := severities[p][r.Code]; ok {
			list[i].Severity = s
		}
	}
	return list
}

const since = "0.1.0"

// The rules on which others rest.
var (
	afterVPC    = []groundway.Code{codeVPCNotFound}
	afterSubnet = []groundway.Code{codeVPCNotFound, codeSubnetNotFound, codeSubnetOtherVPC}
	// What a route can die of, and a route that died of itself.
	afterTarget = append(slices.Clone(afterSubnet), codeNoInternetGateway, codeBlockPublicAccess, codeNATNotAvailable)
	afterRoute  = append(slices.Clone(afterTarget), codeDefaultBlackhole)
	// What leaves a subnet without a way out though its route is alive.
	afterExit = append(slices.Clone(afterRoute), codeSubnetNotPublic, codeNATNotPublic, codeNATPrivate)
)

var (
	seeSubnets = []string{actionVPCs, actionSubnets}
	seeRoutes  = append(slices.Clone(seeSubnets), actionRouteTables)
	seeExits   = append(slices.Clone(seeRoutes), actionInternetGateways, actionEgressGateways, actionNATGateways, actionPrefixLists)
)

// rules are in the order in which a reader would look: what is found first
// explains what comes later. The order of the names is theirs too.
var rules = []groundway.Rule{
	// VPC
	{
		Since: since, Code: codeVPCNotFound, Severity: groundway.Error, Title: "The VPC exists",
		Doc:         "The cluster is to be installed into an existing VPC, which the account does not have in this region. https://docs.aws.amazon.com/vpc/latest/userguide/what-is-amazon-vpc.html",
		Permissions: []string{actionVPCs},
	},
	{
		Since: since, Code: codeVPCNotAvailable, Severity: groundway.Error, Title: "The VPC is available",
		Doc:       "A VPC that is still pending refuses new resources. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Vpc.html",
		DependsOn: afterVPC, Permissions: []string{actionVPCs},
	},
	{
		Since: since, Code: codeDNSSupport, Severity: groundway.Error, Title: "The VPC has DNS support",
		Doc:       "Without enableDnsSupport the Amazon resolver does not answer in the VPC, and nodes resolve neither each other nor the cluster's names. https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html",
		DependsOn: afterVPC, Permissions: []string{actionVPCs, actionVPCAttribute},
	},
	{
		Since: since, Code: codeDNSHostnames, Severity: groundway.Error, Title: "The VPC gives hosts DNS names",
		Doc:       "Without enableDnsHostnames instances get no DNS name, which node names are made of, and private hosted zones are not answered. https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html",
		DependsOn: afterVPC, Permissions: []string{actionVPCs, actionVPCAttribute},
	},
	{
		Since: since, Code: codeNoInternetGateway, Severity: groundway.Error, Title: "The VPC has an internet gateway",
		Doc:       "The installer puts no internet gateway into an existing VPC, and asks for one in public and in internal clusters: nodes fetch images, and the installer validates, through it. https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html",
		DependsOn: afterVPC, Permissions: []string{actionVPCs, actionInternetGateways},
	},
	{
		Since: since, Code: codeVPCOtherCluster, Severity: groundway.Error, Title: "No other cluster owns the VPC",
		Doc:       "A tag kubernetes.io/cluster/NAME with the value owned says that the VPC goes when that cluster goes. https://docs.aws.amazon.com/eks/latest/userguide/network-load-balancing.html",
		DependsOn: afterVPC, Permissions: []string{actionVPCs},
	},
	{
		Since: since, Code: codeVPCShared, Severity: groundway.Info, Title: "The caller's account owns the VPC",
		Doc:       "In a VPC that another account shares, a participant cannot change routes or tags of the owner, and does not see everything. https://docs.aws.amazon.com/vpc/latest/userguide/vpc-sharing.html",
		DependsOn: afterVPC, Permissions: []string{actionVPCs, actionCaller},
	},
	{
		Since: since, Code: codeBlockPublicAccess, Severity: groundway.Error, Title: "Block public access leaves the cluster its way to the internet",
		Doc:       "VPC block public access drops the traffic of internet gateways whatever the route tables say; block-ingress lets NAT gateways and egress-only gateways out, block-bidirectional nothing. https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa.html",
		DependsOn: append(slices.Clone(afterSubnet), codeNoInternetGateway), Permissions: seeExits,
	},
	{
		Since: since, Code: codeCIDRPending, Severity: groundway.Warning, Title: "Every block of the VPC is associated",
		Doc:       "A block that is being associated or disassociated has no local route yet, or loses it. https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html",
		DependsOn: afterVPC, Permissions: []string{actionVPCs},
	},

	// DHCP
	{
		Since: since, Code: codeDHCPMissing, Severity: groundway.Error, Title: "The VPC has a set of DHCP options",
		Doc:       "Without a set of DHCP options hosts get neither a domain name nor a resolver. https://docs.aws.amazon.com/vpc/latest/userguide/VPC_DHCP_Options.html",
		DependsOn: afterVPC, Permissions: []string{actionVPCs, actionDHCPOptions},
	},
	{
		Since: since, Code: codeDHCPDomain, Severity: groundway.Error, Title: "The DHCP domain name is the AWS private one of the region",
		Doc:       "Node names are private DNS names, ec2.internal in us-east-1 and REGION.compute.internal elsewhere; under another domain the kubelet and the cloud provider disagree on a node's name, and it does not join. https://docs.aws.amazon.com/vpc/latest/userguide/DHCPOptionSetConcepts.html",
		DependsOn: append(slices.Clone(afterVPC), codeDHCPMissing), Permissions: []string{actionVPCs, actionDHCPOptions, actionZones},
	},
	{
		Since: since, Code: codeDHCPMultiple, Severity: groundway.Warning, Title: "DHCP gives hosts one domain name",
		Doc:       "Some operating systems take several domain names for one with spaces, and name the node by it. https://docs.aws.amazon.com/vpc/latest/userguide/DHCPOptionSetConcepts.html",
		DependsOn: append(slices.Clone(afterVPC), codeDHCPMissing, codeDHCPDomain), Permissions: []string{actionVPCs, actionDHCPOptions, actionZones},
	},
	{
		Since: since, Code: codeDHCPServers, Severity: groundway.Warning, Title: "DHCP gives hosts the Amazon resolver",
		Doc:       "Other servers may not resolve private hosted zones, nor the private names of instances and endpoints. https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html",
		DependsOn: append(slices.Clone(afterVPC), codeDHCPMissing), Permissions: []string{actionVPCs, actionDHCPOptions},
	},

	// Subnets
	{
		Since: since, Code: codeSubnetNotFound, Severity: groundway.Error, Title: "Every named subnet exists",
		Doc:       "The cluster needs a subnet for its controllers and one for its workers; these are to be existing ones of this region and account. https://docs.aws.amazon.com/vpc/latest/userguide/configure-subnets.html",
		DependsOn: afterVPC, Permissions: seeSubnets,
	},
	{
		Since: since, Code: codeSubnetOtherVPC, Severity: groundway.Error, Title: "Every named subnet is in the VPC",
		Doc:       "Load balancers, security groups and nodes of one cluster live in one VPC. https://docs.aws.amazon.com/vpc/latest/userguide/configure-subnets.html",
		DependsOn: []groundway.Code{codeVPCNotFound, codeSubnetNotFound}, Permissions: seeSubnets,
	},
	{
		Since: since, Code: codeSubnetDuplicate, Severity: groundway.Error, Title: "No subnet is named twice",
		Doc:       "Controllers and workers have subnets of their own: in a public cluster a subnet cannot be public for the one and private for the other, and the installer fails on a subnet that it is given twice. https://docs.aws.amazon.com/vpc/latest/userguide/configure-subnets.html",
		DependsOn: afterSubnet, Permissions: seeSubnets,
	},
	{
		Since: since, Code: codeSubnetNotPublic, Severity: groundway.Error, Title: "The controller subnets of a public cluster are public",
		Doc:       "Controllers and their load balancers are reached from the internet, which takes a default route to an attached internet gateway. https://docs.aws.amazon.com/vpc/latest/userguide/configure-subnets.html#subnet-types",
		DependsOn: afterRoute, Permissions: seeExits,
	},
	{
		Since: since, Code: codeSubnetPublic, Severity: groundway.Error, Title: "The subnets that have to be private are private",
		Doc:       "A route to an internet gateway exposes hosts that get a public address, and leaves those without one no way out: workers, and every node of an internal cluster, belong behind a NAT gateway or a private network. https://docs.aws.amazon.com/vpc/latest/userguide/configure-subnets.html#subnet-types",
		DependsOn: append(slices.Clone(afterExit), codeSubnetDuplicate), Permissions: seeExits,
	},
	{
		Since: since, Code: codeSubnetImplicit, Severity: groundway.Info, Title: "Every named subnet has a route table of its own",
		Doc:       "A subnet without an association follows the VPC's main route table and changes whenever that does; the installer asks for explicit associations. https://docs.aws.amazon.com/vpc/latest/userguide/RouteTables.html",
		DependsOn: afterSubnet, Permissions: seeRoutes,
	},
	{
		Since: since, Code: codeSubnetAutoIP, Severity: groundway.Warning, Title: "The controller subnets of a public cluster assign public addresses",
		Doc:       "A host without a public address reaches nothing through an internet gateway, and nothing reaches it. https://docs.aws.amazon.com/vpc/latest/userguide/subnet-public-ip.html",
		DependsOn: afterSubnet, Permissions: seeSubnets,
	},
	{
		Since: since, Code: codeSubnetOtherCluster, Severity: groundway.Error, Title: "No other cluster owns a named subnet",
		Doc:       "A tag kubernetes.io/cluster/NAME with the value owned says that the subnet goes when that cluster goes. https://docs.aws.amazon.com/eks/latest/userguide/network-load-balancing.html",
		DependsOn: afterSubnet, Permissions: seeSubnets,
	},
	{
		Since: since, Code: codeFreeAddresses, Severity: groundway.Error, Title: "The named subnets have free addresses",
		Doc:       "A load balancer is not made in a subnet with less than 8 free addresses, and EKS puts no control plane into one with less than 6; a node needs one. https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html",
		DependsOn: afterSubnet, Permissions: seeSubnets,
	},
	{
		Since: since, Code: codeSubnetForeign, Severity: groundway.Warning, Title: "No other subnet of the VPC is open to the load balancers of the cluster",
		Doc:       "The cloud controller takes subnets without any tag kubernetes.io/cluster/NAME for its own, and may put load balancers into them. https://docs.aws.amazon.com/eks/latest/userguide/network-load-balancing.html",
		DependsOn: afterVPC, Permissions: seeRoutes,
	},
	{
		Since: since, Code: codeTagSlots, Severity: groundway.Warning, Title: "The named subnets have room for a tag of the cluster",
		Doc:       "A resource has 50 tags at most; an installer that cannot add its own stops, or goes on without. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html",
		DependsOn: afterSubnet, Permissions: seeSubnets,
	},

	// NAT
	{
		Since: since, Code: codeNATNotAvailable, Severity: groundway.Error, Title: "The NAT gateways in use are available",
		Doc:       "A NAT gateway that is pending, failed or deleted drops what is routed to it. https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html",
		DependsOn: afterSubnet, Permissions: append(slices.Clone(seeRoutes), actionNATGateways, actionPrefixLists),
	},
	{
		Since: since, Code: codeNATNotPublic, Severity: groundway.Error, Title: "The NAT gateways in use stand in public subnets",
		Doc:       "A public NAT gateway leaves by the route table of its own subnet, which has to lead to an internet gateway. A regional one has a table of its own. https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html",
		DependsOn: append(slices.Clone(afterRoute), codeSubnetNotPublic), Permissions: seeExits,
	},
	{
		Since: since, Code: codeNATPrivate, Severity: groundway.Error, Title: "The NAT gateways in use lead on",
		Doc:       "A NAT gateway of private connectivity has no public address: it reaches other networks through a transit or virtual private gateway, and nothing through an internet gateway. https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html",
		DependsOn: append(slices.Clone(afterSubnet), codeNATNotAvailable), Permissions: seeExits,
	},
	{
		Since: since, Code: codeNATSingle, Severity: groundway.Warning, Title: "No NAT gateway serves several zones alone",
		Doc:       "When the zone of the only NAT gateway fails, nodes in every other zone lose their way out. https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html",
		DependsOn: append(slices.Clone(afterSubnet), codeNATNotAvailable), Permissions: append(slices.Clone(seeRoutes), actionNATGateways, actionPrefixLists),
	},
	{
		Since: since, Code: codeNATCrossZone, Severity: groundway.Warning, Title: "Every subnet uses a NAT gateway of its own zone",
		Doc:       "Traffic to a NAT gateway of another zone is charged, and ends when that zone fails. https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html",
		DependsOn: append(slices.Clone(afterSubnet), codeNATNotAvailable, codeNATSingle), Permissions: append(slices.Clone(seeRoutes), actionNATGateways, actionPrefixLists),
	},

	// Routes
	{
		Since: since, Code: codeDefaultBlackhole, Severity: groundway.Error, Title: "Default routes lead to live targets",
		Doc:       "A default route whose target is gone drops all traffic to the internet, and so does one to a peering connection, which carries what is addressed to the other VPC alone; there is no falling back to a shorter route. https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html",
		DependsOn: afterTarget, Permissions: seeExits,
	},
	{
		Since: since, Code: codeDefaultMissing, Severity: groundway.Error, Title: "The route tables have a default route",
		Doc:       "Nodes without a way out of the VPC fetch no images and reach no API of AWS. https://docs.aws.amazon.com/vpc/latest/userguide/route-table-options.html",
		DependsOn: afterExit, Permissions: seeExits,
	},
	{
		Since: since, Code: codeDefaultPartial, Severity: groundway.Error, Title: "The route tables lead to all of the internet",
		Doc:       "Part of the internet has no live route, so that some hosts cannot be reached: image registries and APIs of AWS change their addresses. A dead route to a small block is a warning. https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html",
		DependsOn: append(slices.Clone(afterExit), codeDefaultMissing), Permissions: seeExits,
	},
	{
		Since: since, Code: codeInternetNarrow, Severity: groundway.Warning, Title: "Internet gateways are used as the default or not at all",
		Doc:       "A route to an internet gateway for a small block does not make a subnet public, though tools that look for any such route say so; hosts with a public address are exposed to that block. https://docs.aws.amazon.com/vpc/latest/userguide/route-table-options.html",
		DependsOn: append(slices.Clone(afterExit), codeDefaultPartial), Permissions: seeExits,
	},
	{
		Since: since, Code: codeUnreachable, Severity: groundway.Error, Title: "Controller and worker subnets route to each other",
		Doc:       "The kubelet calls the API server and the API server the kubelet; a route longer than the VPC's local one can lead their traffic away. https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html",
		DependsOn: afterSubnet, Permissions: seeRoutes,
	},
	{
		Since: since, Code: codeVPNAbsent, Severity: groundway.Warning, Title: "The subnets of an internal cluster are reached from a private network",
		Doc:       "An internal cluster is used through a VPN or another private network, to which its subnets need a route back. A VPN server on an instance, or a client VPN endpoint, shows in no route. https://docs.aws.amazon.com/vpn/latest/s2svpn/VPC_VPN.html",
		DependsOn: afterSubnet, Permissions: seeRoutes,
	},

	// Zones
	{
		Since: since, Code: codeZoneSingle, Severity: groundway.Warning, Title: "Controllers and workers each span two zones",
		Doc:       "A role whose subnets are all in one availability zone ends with that zone. Local zones hang on their region's zones and do not count. https://docs.aws.amazon.com/vpc/latest/userguide/configure-subnets.html",
		DependsOn: afterSubnet, Permissions: append(slices.Clone(seeSubnets), actionZones),
	},
	{
		Since: since, Code: codeZoneUnbalanced, Severity: groundway.Error, Title: "Every zone of workers has a subnet for load balancers, and the reverse",
		Doc:       "A load balancer sends traffic only into zones in which it has a subnet, unless it balances across zones. https://docs.aws.amazon.com/eks/latest/userguide/network-load-balancing.html",
		DependsOn: afterSubnet, Permissions: seeSubnets,
	},
	{
		Since: since, Code: codeZoneType, Severity: groundway.Error, Title: "Controllers are in availability zones",
		Doc:       "Load balancers and control planes are not put into local zones, wavelength zones and Outposts. https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html",
		DependsOn: afterSubnet, Permissions: append(slices.Clone(seeSubnets), actionZones),
	},
	{
		Since: since, Code: codeZoneOptIn, Severity: groundway.Error, Title: "The account has opted in to the zones in use",
		Doc:       "Nothing is launched in a zone to which the account has not opted in. https://docs.aws.amazon.com/local-zones/latest/ug/getting-started.html",
		DependsOn: afterSubnet, Permissions: append(slices.Clone(seeSubnets), actionZones),
	},
	{
		Since: since, Code: codeZoneEKS, Severity: groundway.Error, Title: "EKS supports the zones of the controllers",
		Doc:       "EKS puts no control plane into the zones use1-az3, usw1-az2 and cac1-az3. https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html",
		DependsOn: afterSubnet, Permissions: append(slices.Clone(seeSubnets), actionZones),
	},
	{
		Since: since, Code: codeZoneImpaired, Severity: groundway.Warning, Title: "The zones in use are available",
		Doc:       "In a zone that AWS calls impaired or constrained launches fail. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AvailabilityZone.html",
		DependsOn: afterSubnet, Permissions: append(slices.Clone(seeSubnets), actionZones),
	},
	{
		Since: since, Code: codeInstanceType, Severity: groundway.Error, Title: "The zones of the nodes offer their instance types",
		Doc:       "Not every zone has every instance type, and a launch in one that lacks it fails. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-discovery.html",
		DependsOn: afterSubnet, Permissions: append(slices.Clone(seeSubnets), actionOfferings),
	},

	// CIDR
	{
		Since: since, Code: codeCIDRInvalid, Severity: groundway.Error, Title: "The pod and service blocks are usable",
		Doc: "Both are IPv4 blocks without host bits, outside what no host may have; services take a /12 at most (the API server refuses more), pods a /24 at least (one node's share). https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/",
	},
	{
		Since: since, Code: codePodServiceOverlap, Severity: groundway.Error, Title: "The pod and service blocks are apart",
		Doc:       "A service address that is also a pod's is never translated to the service. https://kubernetes.io/docs/concepts/cluster-administration/networking/",
		DependsOn: []groundway.Code{codeCIDRInvalid},
	},
	{
		Since: since, Code: codeOverlapPod, Severity: groundway.Error, Title: "The pod block is outside the VPC",
		Doc:       "Nodes send traffic for the overlap to pods, and never to the hosts of the VPC that have these addresses. https://kubernetes.io/docs/concepts/cluster-administration/networking/",
		DependsOn: append(slices.Clone(afterVPC), codeCIDRInvalid), Permissions: []string{actionVPCs},
	},
	{
		Since: since, Code: codeOverlapService, Severity: groundway.Error, Title: "The service block is outside the VPC",
		Doc:       "Nodes translate traffic for the overlap to services, and never reach the hosts of the VPC that have these addresses. https://kubernetes.io/docs/concepts/cluster-administration/networking/",
		DependsOn: append(slices.Clone(afterVPC), codeCIDRInvalid), Permissions: []string{actionVPCs},
	},
	{
		Since: since, Code: codeOverlapDocker, Severity: groundway.Warning, Title: "No block overlaps Docker's bridge",
		Doc:       "Docker gives its bridge 172.17.0.0/16 on every host that runs it, which then cannot reach these addresses elsewhere. https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html",
		DependsOn: append(slices.Clone(afterVPC), codeCIDRInvalid), Permissions: []string{actionVPCs},
	},
	{
		Since: since, Code: codeOverlapRoute, Severity: groundway.Warning, Title: "No route leads to addresses of pods or services",
		Doc:       "Hosts of a connected network whose addresses pods or services take cannot be reached from the cluster. https://docs.aws.amazon.com/vpc/latest/userguide/route-table-options.html",
		DependsOn: append(slices.Clone(afterSubnet), codeCIDRInvalid), Permissions: append(slices.Clone(seeRoutes), actionPrefixLists),
	},

	// Load balancers
	{
		Since: since, Code: codeBalancerTag, Severity: groundway.Warning, Title: "The controller subnets are tagged for load balancers",
		Doc:       "Without kubernetes.io/role/elb, or internal-elb, the controllers choose by what they take for public, and by the lowest ID. https://docs.aws.amazon.com/eks/latest/userguide/network-load-balancing.html",
		DependsOn: afterSubnet, Permissions: seeSubnets,
	},
	{
		Since: since, Code: codeBalancerSubnet, Severity: groundway.Warning, Title: "Load balancers of the cluster go into the controller subnets",
		Doc:       "The controllers look through the whole VPC, and choose by tags and IDs, not by what an installer was told. https://docs.aws.amazon.com/eks/latest/userguide/network-load-balancing.html",
		DependsOn: append(slices.Clone(afterVPC), codeSubnetForeign), Permissions: append(slices.Clone(seeRoutes), actionZones),
	},
	{
		Since: since, Code: codeBalancerZones, Severity: groundway.Error, Title: "Load balancers have subnets in two availability zones",
		Doc:       "An Application Load Balancer is not made in one zone, and any ends with its only one. https://docs.aws.amazon.com/eks/latest/userguide/alb-ingress.html",
		DependsOn: append(slices.Clone(afterSubnet), codeZoneSingle), Permissions: append(slices.Clone(seeSubnets), actionZones),
	},

	// Endpoints
	{
		Since: since, Code: codeEndpointMissing, Severity: groundway.Error, Title: "Isolated subnets have the endpoints that nodes call",
		Doc:       "Without a way to the internet nodes reach the APIs of AWS, and images, by VPC endpoints alone. https://docs.aws.amazon.com/eks/latest/userguide/private-clusters.html",
		DependsOn: afterExit, Permissions: append(slices.Clone(seeExits), actionEndpoints, actionZones),
	},
	{
		Since: since, Code: codeEndpointDNS, Severity: groundway.Error, Title: "The interface endpoints of isolated subnets have private DNS",
		Doc:       "Programs ask for the public name of a service; only with private DNS does it lead to the endpoint. https://docs.aws.amazon.com/vpc/latest/privatelink/manage-dns-names.html",
		DependsOn: append(slices.Clone(afterExit), codeEndpointMissing), Permissions: append(slices.Clone(seeExits), actionEndpoints, actionZones),
	},
	{
		Since: since, Code: codeEndpointRouted, Severity: groundway.Error, Title: "The route tables of isolated subnets lead to the gateway endpoint of S3",
		Doc:       "A gateway endpoint is reached by the route tables that it is associated with; layers of images are in S3. https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html",
		DependsOn: append(slices.Clone(afterExit), codeEndpointMissing), Permissions: append(slices.Clone(seeExits), actionEndpoints, actionZones),
	},

	// Leftovers
	{
		Since: since, Code: codeLeftovers, Severity: groundway.Warning, Title: "Nothing is left of a cluster of the same name",
		Doc:       "What carries the tag kubernetes.io/cluster/NAME of the cluster as owned, before it is installed, is taken for its own, and deleted with it. https://docs.aws.amazon.com/eks/latest/userguide/network-load-balancing.html",
		DependsOn: afterVPC, Permissions: []string{actionVPCs, actionTags, actionBalancerTags},
	},
}
