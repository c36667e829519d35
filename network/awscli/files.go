package awscli

import (
	"slices"
	"strings"
)

// A File describes one file of a dump directory.
type File struct {
	Name    string   // "ec2-describe-vpcs.json"; PLID in a name stands for the ID of a managed prefix list
	Command []string // what prints it, but for the region and the output format; words in capitals are to be filled in
	Action  string   // the IAM action that the command needs: "ec2:DescribeVpcs"; AWS allows sts:GetCallerIdentity to everybody
	Part    string   // what it fills: a part by its name in the snapshot's JSON, or "account"
}

// The names of the files, in their order.
const (
	fileZones           = "ec2-describe-availability-zones.json"
	fileDHCPOptions     = "ec2-describe-dhcp-options.json"
	fileEgressGateways  = "ec2-describe-egress-only-internet-gateways.json"
	fileOfferings       = "ec2-describe-instance-type-offerings.json"
	fileGateways        = "ec2-describe-internet-gateways.json"
	fileNATGateways     = "ec2-describe-nat-gateways.json"
	fileNetworkACLs     = "ec2-describe-network-acls.json"
	fileRouteTables     = "ec2-describe-route-tables.json"
	fileSecurityGroups  = "ec2-describe-security-groups.json"
	fileSubnets         = "ec2-describe-subnets.json"
	fileTags            = "ec2-describe-tags.json"
	fileDNSHostnames    = "ec2-describe-vpc-attribute-enableDnsHostnames.json"
	fileDNSSupport      = "ec2-describe-vpc-attribute-enableDnsSupport.json"
	fileEndpoints       = "ec2-describe-vpc-endpoints.json"
	filePeerings        = "ec2-describe-vpc-peering-connections.json"
	fileVPCs            = "ec2-describe-vpcs.json"
	filePrefixList      = "ec2-get-managed-prefix-list-entries-PLID.json"
	fileBalancerTags    = "resourcegroupstaggingapi-get-resources.json"
	fileCaller          = "sts-get-caller-identity.json"
	prefixListIDInNames = "PLID"
)

// Files returns the files that [Read] reads, in the order of their names.
func Files() []File {
	call := func(name, action, part string, command string) File {
		return File{name, strings.Fields("aws " + command), action, part}
	}
	return []File{
		call(fileZones, "ec2:DescribeAvailabilityZones", "zones", "ec2 describe-availability-zones --all-availability-zones"),
		call(fileDHCPOptions, "ec2:DescribeDhcpOptions", "dhcpOptions", "ec2 describe-dhcp-options"),
		call(fileEgressGateways, "ec2:DescribeEgressOnlyInternetGateways", "egressGateways", "ec2 describe-egress-only-internet-gateways"),
		call(fileOfferings, "ec2:DescribeInstanceTypeOfferings", "instanceTypeOfferings", "ec2 describe-instance-type-offerings --location-type availability-zone"),
		call(fileGateways, "ec2:DescribeInternetGateways", "internetGateways", "ec2 describe-internet-gateways"),
		call(fileNATGateways, "ec2:DescribeNatGateways", "natGateways", "ec2 describe-nat-gateways"),
		call(fileNetworkACLs, "ec2:DescribeNetworkAcls", "networkAcls", "ec2 describe-network-acls"),
		call(fileRouteTables, "ec2:DescribeRouteTables", "routeTables", "ec2 describe-route-tables"),
		call(fileSecurityGroups, "ec2:DescribeSecurityGroups", "securityGroups", "ec2 describe-security-groups"),
		call(fileSubnets, "ec2:DescribeSubnets", "subnets", "ec2 describe-subnets"),
		call(fileTags, "ec2:DescribeTags", "clusterTags", "ec2 describe-tags"),
		call(fileDNSHostnames, "ec2:DescribeVpcAttribute", "dnsHostnames", "ec2 describe-vpc-attribute --vpc-id VPC --attribute enableDnsHostnames"),
		call(fileDNSSupport, "ec2:DescribeVpcAttribute", "dnsSupport", "ec2 describe-vpc-attribute --vpc-id VPC --attribute enableDnsSupport"),
		call(fileEndpoints, "ec2:DescribeVpcEndpoints", "vpcEndpoints", "ec2 describe-vpc-endpoints"),
		call(filePeerings, "ec2:DescribeVpcPeeringConnections", "vpcPeeringConnections", "ec2 describe-vpc-peering-connections"),
		call(fileVPCs, "ec2:DescribeVpcs", "vpcs", "ec2 describe-vpcs"),
		call(filePrefixList, "ec2:GetManagedPrefixListEntries", "prefixLists", "ec2 get-managed-prefix-list-entries --prefix-list-id PLID"),
		call(fileBalancerTags, "tag:GetResources", "loadBalancerTags", "resourcegroupstaggingapi get-resources --resource-type-filters elasticloadbalancing:loadbalancer"),
		call(fileCaller, "sts:GetCallerIdentity", "account", "sts get-caller-identity"),
	}
}

// fileNamed returns the description of a file.
func fileNamed(name string) File {
	files := Files()
	return files[slices.IndexFunc(files, func(f File) bool { return f.Name == name })]
}

// prefixListFile returns the name of the file of a prefix list.
func prefixListFile(id string) string {
	return strings.ReplaceAll(filePrefixList, prefixListIDInNames, id)
}

// prefixListOf returns the ID of the prefix list whose file has this name.
func prefixListOf(name string) (id string, ok bool) {
	before, after, _ := strings.Cut(filePrefixList, prefixListIDInNames)
	id, ok = strings.CutPrefix(name, before)
	if !ok {
		return "", false
	}
	id, ok = strings.CutSuffix(id, after)
	digits, isList := strings.CutPrefix(id, "pl-")
	return id, ok && isList && digits != "" && strings.Trim(digits, "0123456789abcdef") == ""
}
