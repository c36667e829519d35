package ec2fake_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/internal/awsfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/ec2fake"
	"github.com/groundway-sdk/groundway/network/networktest"
)

// What EC2 refuses while a network is built and taken down.
func TestRefusals(t *testing.T) {
	s, _ := networktest.Public()
	client := newClient(s, ec2fake.Options{Addresses: []ec2fake.Address{{AllocationID: "eipalloc-1", AssociationID: "eipassoc-1"}}})
	vpc, ctx := aws.String(networktest.VPC), t.Context()
	subnet := func(block string) error {
		_, err := client.CreateSubnet(ctx, &ec2sdk.CreateSubnetInput{VpcId: vpc, CidrBlock: &block, AvailabilityZone: aws.String("us-east-1a")})
		return err
	}
	route := func(destination, target string) error {
		_, err := client.CreateRoute(ctx, &ec2sdk.CreateRouteInput{RouteTableId: aws.String("rtb-0p"), DestinationCidrBlock: &destination, NatGatewayId: &target})
		return err
	}
	_, tooLarge := client.CreateVpc(ctx, &ec2sdk.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/8")})
	_, both := client.ModifyVpcAttribute(ctx, &ec2sdk.ModifyVpcAttributeInput{
		VpcId: vpc, EnableDnsSupport: &types.AttributeBooleanValue{Value: aws.Bool(true)}, EnableDnsHostnames: &types.AttributeBooleanValue{Value: aws.Bool(true)},
	})
	_, attached := client.AttachInternetGateway(ctx, &ec2sdk.AttachInternetGatewayInput{InternetGatewayId: aws.String("igw-0a"), VpcId: vpc})
	_, mapped := client.DetachInternetGateway(ctx, &ec2sdk.DetachInternetGatewayInput{InternetGatewayId: aws.String("igw-0a"), VpcId: vpc})
	_, attachedStill := client.DeleteInternetGateway(ctx, &ec2sdk.DeleteInternetGatewayInput{InternetGatewayId: aws.String("igw-0a")})
	_, hasSubnets := client.DeleteVpc(ctx, &ec2sdk.DeleteVpcInput{VpcId: vpc})
	_, hasNAT := client.DeleteSubnet(ctx, &ec2sdk.DeleteSubnetInput{SubnetId: aws.String("subnet-0c1")})
	_, associated := client.AssociateRouteTable(ctx, &ec2sdk.AssociateRouteTableInput{RouteTableId: aws.String("rtb-0m"), SubnetId: aws.String("subnet-0w1")})
	_, inUse := client.ReleaseAddress(ctx, &ec2sdk.ReleaseAddressInput{AllocationId: aws.String("eipalloc-1")})
	_, taken := client.CreateNatGateway(ctx, &ec2sdk.CreateNatGatewayInput{SubnetId: aws.String("subnet-0c1"), AllocationId: aws.String("eipalloc-1")})
	_, twice := client.CreateSecurityGroup(ctx, &ec2sdk.CreateSecurityGroupInput{VpcId: vpc, GroupName: aws.String("default"), Description: aws.String("x")})
	_, noTable := client.DeleteRouteTable(ctx, &ec2sdk.DeleteRouteTableInput{RouteTableId: aws.String("rtb-0missing")})
	for want, errs := range map[string][]error{
		"InvalidVpc.Range":             {tooLarge},
		"InvalidParameterCombination":  {both},
		"InvalidSubnet.Range":          {subnet("10.9.0.0/16"), subnet("10.0.0.0/29")},
		"InvalidSubnet.Conflict":       {subnet("10.0.0.0/20")},
		"Resource.AlreadyAssociated":   {attached, associated, taken},
		"DependencyViolation":          {mapped, attachedStill, hasSubnets, hasNAT},
		"InvalidIPAddress.InUse":       {inUse},
		"InvalidGroup.Duplicate":       {twice},
		"InvalidRouteTableID.NotFound": {noTable, route("192.0.2.0/24", "nat-0a")},
	} {
		for i, err := range errs {
			assert.Equal(t, want, code(err), "%s, %d: %v", want, i, err)
		}
	}
}

// What is made is shown, but not by an answer from before.
func TestMadeAndStale(t *testing.T) {
	fake := awsfake.New(ec2fake.New(networktest.Empty(), ec2fake.Options{}))
	client := ec2sdk.NewFromConfig(fake.Config())
	made, err := client.CreateVpc(t.Context(), &ec2sdk.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")})
	require.NoError(t, err)
	states := func() (list []types.VpcState) {
		out, err := client.DescribeVpcs(t.Context(), &ec2sdk.DescribeVpcsInput{})
		require.NoError(t, err)
		for _, v := range out.Vpcs {
			list = append(list, v.State)
		}
		return list
	}
	assert.Equal(t, []types.VpcState{types.VpcStatePending}, states(), "shown once on its way")
	assert.Equal(t, []types.VpcState{types.VpcStateAvailable}, states())
	fake.Script("ec2:DescribeVpcs", awsfake.Stale().For(1))
	assert.Empty(t, states())
	assert.Len(t, states(), 1)

	in := &ec2sdk.CreateRouteTableInput{VpcId: made.Vpc.VpcId, ClientToken: aws.String("once")}
	first, err := client.CreateRouteTable(t.Context(), in)
	require.NoError(t, err)
	second, err := client.CreateRouteTable(t.Context(), in)
	require.NoError(t, err)
	assert.Equal(t, first.RouteTable.RouteTableId, second.RouteTable.RouteTableId, "one token, one table")
}
