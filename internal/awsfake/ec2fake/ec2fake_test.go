package ec2fake_test

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/awsfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/ec2fake"
	"github.com/groundway-sdk/groundway/network"
)

func newClient(s network.Snapshot, o ec2fake.Options, faults ...awsfake.Fault) *ec2sdk.Client {
	fake := awsfake.New(ec2fake.New(s, o))
	fake.Script("*", faults...)
	return ec2sdk.NewFromConfig(fake.Config())
}

func code(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	return ""
}

func filter(name string, values ...string) []types.Filter {
	return []types.Filter{{Name: &name, Values: values}}
}

func TestErrors(t *testing.T) {
	client := newClient(ec2fake.Everything(), ec2fake.Options{})
	subnets := func(in ec2sdk.DescribeSubnetsInput) error {
		_, err := client.DescribeSubnets(t.Context(), &in)
		return err
	}
	_, noVPC := client.DescribeVpcs(t.Context(), &ec2sdk.DescribeVpcsInput{VpcIds: []string{"vpc-0missing"}})
	_, badVPC := client.DescribeVpcs(t.Context(), &ec2sdk.DescribeVpcsInput{VpcIds: []string{"subnet-0c1"}})
	_, noAttribute := client.DescribeVpcAttribute(t.Context(), &ec2sdk.DescribeVpcAttributeInput{VpcId: aws.String(ec2fake.VPC), Attribute: "enableWings"})
	_, noVPCAttribute := client.DescribeVpcAttribute(t.Context(), &ec2sdk.DescribeVpcAttributeInput{VpcId: aws.String("vpc-0b1"), Attribute: "enableDnsSupport"})
	_, noList := client.GetManagedPrefixListEntries(t.Context(), &ec2sdk.GetManagedPrefixListEntriesInput{PrefixListId: aws.String("pl-0missing")})
	_, noAction := client.CreateDefaultVpc(t.Context(), &ec2sdk.CreateDefaultVpcInput{})
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		{"one of two IDs", subnets(ec2sdk.DescribeSubnetsInput{SubnetIds: []string{"subnet-0c1", "subnet-0missing"}}), "InvalidSubnetID.NotFound"},
		{"IDs and a page size", subnets(ec2sdk.DescribeSubnetsInput{SubnetIds: []string{"subnet-0c1"}, MaxResults: aws.Int32(5)}), "InvalidParameterCombination"},
		{"an unknown filter", subnets(ec2sdk.DescribeSubnetsInput{Filters: filter("colour", "red")}), "InvalidParameterValue"},
		{"a foreign token", subnets(ec2sdk.DescribeSubnetsInput{NextToken: aws.String("bm9uZQ")}), "InvalidNextToken"},
		{"no such VPC", noVPC, "InvalidVpcID.NotFound"},
		{"no ID of a VPC", badVPC, "InvalidVpcID.Malformed"},
		{"no such attribute", noAttribute, "InvalidParameterValue"},
		{"an attribute of no VPC", noVPCAttribute, "InvalidVpcID.NotFound"},
		{"no such list", noList, "InvalidPrefixListID.NotFound"},
		{"a call that changes something", noAction, "InvalidAction"},
	} {
		assert.Equal(t, c.want, code(c.err), "%s: %v", c.name, c.err)
	}
}

func TestFilters(t *testing.T) {
	client := newClient(ec2fake.Everything(), ec2fake.Options{})
	ids := func(in ec2sdk.DescribeSubnetsInput) []string {
		out, err := client.DescribeSubnets(t.Context(), &in)
		require.NoError(t, err)
		require.NotNil(t, out.Subnets, "EC2 writes an element for an empty list")
		list := []string{}
		for _, s := range out.Subnets {
			list = append(list, *s.SubnetId)
		}
		return list
	}
	assert.Equal(t, []string{"subnet-0f1"}, ids(ec2sdk.DescribeSubnetsInput{Filters: filter("vpc-id", "vpc-0b1")}))
	assert.Equal(t, []string{"subnet-0c1", "subnet-0f1"}, ids(ec2sdk.DescribeSubnetsInput{Filters: filter("subnet-id", "subnet-0f1", "subnet-0c1", "subnet-0missing")}))
	assert.Equal(t, []string{"subnet-0c1"}, ids(ec2sdk.DescribeSubnetsInput{SubnetIds: []string{"subnet-0c1"}}))
	assert.Empty(t, ids(ec2sdk.DescribeSubnetsInput{Filters: append(filter("vpc-id", ec2fake.VPC), filter("subnet-id", "subnet-0f1")...)}))

	zones, err := client.DescribeAvailabilityZones(t.Context(), &ec2sdk.DescribeAvailabilityZonesInput{})
	require.NoError(t, err)
	assert.Len(t, zones.AvailabilityZones, 1, "those that are not opted in to are shown when asked for")
}

func TestUnseenParts(t *testing.T) {
	s := ec2fake.Everything()
	s.Subnets = groundway.UnseenPart[network.Subnet](groundway.Gap{Action: "ec2:DescribeSubnets", Code: "RequestLimitExceeded"})
	s.NATGateways = groundway.Part[network.NATGateway]{}
	s.Zones.Partial = true
	client := newClient(s, ec2fake.Options{})
	_, err := client.DescribeSubnets(t.Context(), &ec2sdk.DescribeSubnetsInput{})
	assert.Equal(t, "RequestLimitExceeded", code(err))
	_, err = client.DescribeNatGateways(t.Context(), &ec2sdk.DescribeNatGatewaysInput{})
	assert.Equal(t, "UnauthorizedOperation", code(err))
	_, err = client.DescribeAvailabilityZones(t.Context(), &ec2sdk.DescribeAvailabilityZonesInput{})
	assert.Equal(t, "UnauthorizedOperation", code(err))
}

func TestStale(t *testing.T) {
	before := ec2fake.Everything()
	before.Subnets.Items = before.Subnets.Items[:1]
	for _, c := range []struct {
		o    ec2fake.Options
		want []int
	}{
		{ec2fake.Options{}, []int{0, 0, 4}},
		{ec2fake.Options{Before: &before}, []int{1, 1, 4}},
	} {
		client := newClient(ec2fake.Everything(), c.o, awsfake.Stale().For(2))
		var got []int
		for range 3 {
			out, err := client.DescribeSubnets(t.Context(), &ec2sdk.DescribeSubnetsInput{})
			require.NoError(t, err)
			got = append(got, len(out.Subnets))
		}
		assert.Equal(t, c.want, got)
	}
}
