package awsnetwork

import (
	"context"

	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
)

// ApplyAPI is what [Apply] asks of EC2: to look again, and to make things. The
// SDK's client implements it.
type ApplyAPI interface {
	LoadAPI

	DescribeAddresses(context.Context, *ec2sdk.DescribeAddressesInput, ...func(*ec2sdk.Options)) (*ec2sdk.DescribeAddressesOutput, error)

	CreateVpc(context.Context, *ec2sdk.CreateVpcInput, ...func(*ec2sdk.Options)) (*ec2sdk.CreateVpcOutput, error)
	ModifyVpcAttribute(context.Context, *ec2sdk.ModifyVpcAttributeInput, ...func(*ec2sdk.Options)) (*ec2sdk.ModifyVpcAttributeOutput, error)
	CreateDhcpOptions(context.Context, *ec2sdk.CreateDhcpOptionsInput, ...func(*ec2sdk.Options)) (*ec2sdk.CreateDhcpOptionsOutput, error)
	AssociateDhcpOptions(context.Context, *ec2sdk.AssociateDhcpOptionsInput, ...func(*ec2sdk.Options)) (*ec2sdk.AssociateDhcpOptionsOutput, error)
	CreateInternetGateway(context.Context, *ec2sdk.CreateInternetGatewayInput, ...func(*ec2sdk.Options)) (*ec2sdk.CreateInternetGatewayOutput, error)
	AttachInternetGateway(context.Context, *ec2sdk.AttachInternetGatewayInput, ...func(*ec2sdk.Options)) (*ec2sdk.AttachInternetGatewayOutput, error)
	CreateEgressOnlyInternetGateway(context.Context, *ec2sdk.CreateEgressOnlyInternetGatewayInput, ...func(*ec2sdk.Options)) (*ec2sdk.CreateEgressOnlyInternetGatewayOutput, error)
	CreateSubnet(context.Context, *ec2sdk.CreateSubnetInput, ...func(*ec2sdk.Options)) (*ec2sdk.CreateSubnetOutput, error)
	ModifySubnetAttribute(context.Context, *ec2sdk.ModifySubnetAttributeInput, ...func(*ec2sdk.Options)) (*ec2sdk.ModifySubnetAttributeOutput, error)
	AllocateAddress(context.Context, *ec2sdk.AllocateAddressInput, ...func(*ec2sdk.Options)) (*ec2sdk.AllocateAddressOutput, error)
	CreateNatGateway(context.Context, *ec2sdk.CreateNatGatewayInput, ...func(*ec2sdk.Options)) (*ec2sdk.CreateNatGatewayOutput, error)
	CreateRouteTable(context.Context, *ec2sdk.CreateRouteTableInput, ...func(*ec2sdk.Options)) (*ec2sdk.CreateRouteTableOutput, error)
	CreateRoute(context.Context, *ec2sdk.CreateRouteInput, ...func(*ec2sdk.Options)) (*ec2sdk.CreateRouteOutput, error)
	ReplaceRoute(context.Context, *ec2sdk.ReplaceRouteInput, ...func(*ec2sdk.Options)) (*ec2sdk.ReplaceRouteOutput, error)
	AssociateRouteTable(context.Context, *ec2sdk.AssociateRouteTableInput, ...func(*ec2sdk.Options)) (*ec2sdk.AssociateRouteTableOutput, error)
	ReplaceRouteTableAssociation(context.Context, *ec2sdk.ReplaceRouteTableAssociationInput, ...func(*ec2sdk.Options)) (*ec2sdk.ReplaceRouteTableAssociationOutput, error)
	CreateSecurityGroup(context.Context, *ec2sdk.CreateSecurityGroupInput, ...func(*ec2sdk.Options)) (*ec2sdk.CreateSecurityGroupOutput, error)
	AuthorizeSecurityGroupIngress(context.Context, *ec2sdk.AuthorizeSecurityGroupIngressInput, ...func(*ec2sdk.Options)) (*ec2sdk.AuthorizeSecurityGroupIngressOutput, error)
	CreateVpcEndpoint(context.Context, *ec2sdk.CreateVpcEndpointInput, ...func(*ec2sdk.Options)) (*ec2sdk.CreateVpcEndpointOutput, error)
	ModifyVpcEndpoint(context.Context, *ec2sdk.ModifyVpcEndpointInput, ...func(*ec2sdk.Options)) (*ec2sdk.ModifyVpcEndpointOutput, error)
	CreateTags(context.Context, *ec2sdk.CreateTagsInput, ...func(*ec2sdk.Options)) (*ec2sdk.CreateTagsOutput, error)
}

// RemoveAPI is what [Remove] asks of EC2: to look, and to delete. The SDK's client
// implements it.
type RemoveAPI interface {
	LoadAPI

	DescribeAddresses(context.Context, *ec2sdk.DescribeAddressesInput, ...func(*ec2sdk.Options)) (*ec2sdk.DescribeAddressesOutput, error)

	DeleteVpc(context.Context, *ec2sdk.DeleteVpcInput, ...func(*ec2sdk.Options)) (*ec2sdk.DeleteVpcOutput, error)
	DeleteDhcpOptions(context.Context, *ec2sdk.DeleteDhcpOptionsInput, ...func(*ec2sdk.Options)) (*ec2sdk.DeleteDhcpOptionsOutput, error)
	DetachInternetGateway(context.Context, *ec2sdk.DetachInternetGatewayInput, ...func(*ec2sdk.Options)) (*ec2sdk.DetachInternetGatewayOutput, error)
	DeleteInternetGateway(context.Context, *ec2sdk.DeleteInternetGatewayInput, ...func(*ec2sdk.Options)) (*ec2sdk.DeleteInternetGatewayOutput, error)
	DeleteEgressOnlyInternetGateway(context.Context, *ec2sdk.DeleteEgressOnlyInternetGatewayInput, ...func(*ec2sdk.Options)) (*ec2sdk.DeleteEgressOnlyInternetGatewayOutput, error)
	DeleteSubnet(context.Context, *ec2sdk.DeleteSubnetInput, ...func(*ec2sdk.Options)) (*ec2sdk.DeleteSubnetOutput, error)
	ReleaseAddress(context.Context, *ec2sdk.ReleaseAddressInput, ...func(*ec2sdk.Options)) (*ec2sdk.ReleaseAddressOutput, error)
	DeleteNatGateway(context.Context, *ec2sdk.DeleteNatGatewayInput, ...func(*ec2sdk.Options)) (*ec2sdk.DeleteNatGatewayOutput, error)
	DeleteRouteTable(context.Context, *ec2sdk.DeleteRouteTableInput, ...func(*ec2sdk.Options)) (*ec2sdk.DeleteRouteTableOutput, error)
	DeleteSecurityGroup(context.Context, *ec2sdk.DeleteSecurityGroupInput, ...func(*ec2sdk.Options)) (*ec2sdk.DeleteSecurityGroupOutput, error)
	DeleteVpcEndpoints(context.Context, *ec2sdk.DeleteVpcEndpointsInput, ...func(*ec2sdk.Options)) (*ec2sdk.DeleteVpcEndpointsOutput, error)
	DisassociateRouteTable(context.Context, *ec2sdk.DisassociateRouteTableInput, ...func(*ec2sdk.Options)) (*ec2sdk.DisassociateRouteTableOutput, error)
}

var (
	_ ApplyAPI  = (*ec2sdk.Client)(nil)
	_ RemoveAPI = (*ec2sdk.Client)(nil)
)

// The IAM actions of the calls that write, and of the one that only they need.
const (
	describeAddresses = "ec2:DescribeAddresses"

	createVPC             = "ec2:CreateVpc"
	modifyVPCAttribute    = "ec2:ModifyVpcAttribute"
	createDHCPOptions     = "ec2:CreateDhcpOptions"
	associateDHCPOptions  = "ec2:AssociateDhcpOptions"
	createInternetGateway = "ec2:CreateInternetGateway"
	attachInternetGateway = "ec2:AttachInternetGateway"
	createEgressGateway   = "ec2:CreateEgressOnlyInternetGateway"
	createSubnet          = "ec2:CreateSubnet"
	modifySubnetAttribute = "ec2:ModifySubnetAttribute"
	allocateAddress       = "ec2:AllocateAddress"
	createNATGateway      = "ec2:CreateNatGateway"
	createRouteTable      = "ec2:CreateRouteTable"
	createRoute           = "ec2:CreateRoute"
	replaceRoute          = "ec2:ReplaceRoute"
	associateRouteTable   = "ec2:AssociateRouteTable"
	replaceAssociation    = "ec2:ReplaceRouteTableAssociation"
	createSecurityGroup   = "ec2:CreateSecurityGroup"
	authorizeIngress      = "ec2:AuthorizeSecurityGroupIngress"
	createEndpoint        = "ec2:CreateVpcEndpoint"
	modifyEndpoint        = "ec2:ModifyVpcEndpoint"
	createTags            = "ec2:CreateTags"

	deleteVPC             = "ec2:DeleteVpc"
	deleteDHCPOptions     = "ec2:DeleteDhcpOptions"
	detachInternetGateway = "ec2:DetachInternetGateway"
	deleteInternetGateway = "ec2:DeleteInternetGateway"
	deleteEgressGateway   = "ec2:DeleteEgressOnlyInternetGateway"
	deleteSubnet          = "ec2:DeleteSubnet"
	releaseAddress        = "ec2:ReleaseAddress"
	deleteNATGateway      = "ec2:DeleteNatGateway"
	deleteRouteTable      = "ec2:DeleteRouteTable"
	deleteSecurityGroup   = "ec2:DeleteSecurityGroup"
	deleteEndpoints       = "ec2:DeleteVpcEndpoints"
	disassociate          = "ec2:DisassociateRouteTable"
)

// ApplyActions returns the IAM actions that [Apply] can need, in alphabetical
// order. EC2 asks for ec2:CreateTags where a call that makes something sets tags;
// it is called for DHCP options alone, if the answer lacks the tags.
func ApplyActions() []string {
	return []string{
		allocateAddress, associateDHCPOptions, associateRouteTable, attachInternetGateway, authorizeIngress,
		createDHCPOptions, createEgressGateway, createInternetGateway, createNATGateway, createRoute, createRouteTable,
		createSecurityGroup, createSubnet, createTags, createVPC, createEndpoint,
		describeAddresses, describeDHCPOptions, describeEgressGateways, describeInternetGateways, describeNATGateways,
		describeRouteTables, describeSecurityGroups, describeSubnets, describeVPCAttribute, describeEndpoints, describeVPCs,
		modifySubnetAttribute, modifyVPCAttribute, modifyEndpoint, replaceRoute, replaceAssociation,
	}
}

// RemoveActions returns the IAM actions that [Owned] and [Remove] can need, in
// alphabetical order.
func RemoveActions() []string {
	return []string{
		deleteDHCPOptions, deleteEgressGateway, deleteInternetGateway, deleteNATGateway, deleteRouteTable,
		deleteSecurityGroup, deleteSubnet, deleteVPC, deleteEndpoints,
		describeAddresses, describeDHCPOptions, describeEgressGateways, describeInternetGateways, describeNATGateways,
		describeRouteTables, describeSecurityGroups, describeSubnets, describeEndpoints, describeVPCs,
		detachInternetGateway, disassociate, releaseAddress,
	}
}
