package awsnetwork

import (
	"context"

	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
)

// LoadAPI is what [Load] asks of EC2: reading calls only. The SDK's client
// implements it, and package awsnetworktest has one that answers from a
// snapshot.
//
// An output whose list is nil is read as no answer, not as an empty one: the
// SDK returns a nil list where the answer held none, as an empty body does, and
// a list of length zero where AWS said that there are no items.
type LoadAPI interface {
	ec2sdk.DescribeVpcsAPIClient
	ec2sdk.DescribeSubnetsAPIClient
	ec2sdk.DescribeRouteTablesAPIClient
	ec2sdk.DescribeDhcpOptionsAPIClient
	ec2sdk.DescribeNatGatewaysAPIClient
	ec2sdk.DescribeInternetGatewaysAPIClient
	ec2sdk.DescribeEgressOnlyInternetGatewaysAPIClient
	ec2sdk.GetManagedPrefixListEntriesAPIClient
	ec2sdk.DescribeSecurityGroupsAPIClient
	ec2sdk.DescribeNetworkAclsAPIClient
	ec2sdk.DescribeVpcEndpointsAPIClient
	ec2sdk.DescribeVpcPeeringConnectionsAPIClient
	ec2sdk.DescribeInstanceTypeOfferingsAPIClient
	ec2sdk.DescribeTagsAPIClient

	DescribeVpcAttribute(context.Context, *ec2sdk.DescribeVpcAttributeInput, ...func(*ec2sdk.Options)) (*ec2sdk.DescribeVpcAttributeOutput, error)
	DescribeAvailabilityZones(context.Context, *ec2sdk.DescribeAvailabilityZonesInput, ...func(*ec2sdk.Options)) (*ec2sdk.DescribeAvailabilityZonesOutput, error)
}

var _ LoadAPI = (*ec2sdk.Client)(nil)

// The IAM actions of the calls, see
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html.
const (
	describeVPCs             = "ec2:DescribeVpcs"
	describeVPCAttribute     = "ec2:DescribeVpcAttribute"
	describeDHCPOptions      = "ec2:DescribeDhcpOptions"
	describeSubnets          = "ec2:DescribeSubnets"
	describeRouteTables      = "ec2:DescribeRouteTables"
	describeInternetGateways = "ec2:DescribeInternetGateways"
	describeNATGateways      = "ec2:DescribeNatGateways"
	describeZones            = "ec2:DescribeAvailabilityZones"
	describeEgressGateways   = "ec2:DescribeEgressOnlyInternetGateways"
	getPrefixListEntries     = "ec2:GetManagedPrefixListEntries"
	describeSecurityGroups   = "ec2:DescribeSecurityGroups"
	describeNetworkACLs      = "ec2:DescribeNetworkAcls"
	describeEndpoints        = "ec2:DescribeVpcEndpoints"
	describeOfferings        = "ec2:DescribeInstanceTypeOfferings"
	describeTags             = "ec2:DescribeTags"
	describePeerings         = "ec2:DescribeVpcPeeringConnections"
)

// Actions returns the IAM actions that [Load] can call, in alphabetical order: a
// policy that allows them on every resource lets it see everything. The calls
// of the second wave, which the doc comment of Load lists, are made only where
// routes, security groups or the options ask for them.
func Actions() []string {
	return []string{
		describeZones,
		describeDHCPOptions,
		describeEgressGateways,
		describeOfferings,
		describeInternetGateways,
		describeNATGateways,
		describeNetworkACLs,
		describeRouteTables,
		describeSecurityGroups,
		describeSubnets,
		describeTags,
		describeVPCAttribute,
		describeEndpoints,
		describePeerings,
		describeVPCs,
		getPrefixListEntries,
	}
}
