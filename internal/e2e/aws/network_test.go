package aws_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/require"
)

// A site is a VPC as an administrator builds it, with the IDs of its things.
type site struct {
	t      *testing.T
	ctx    context.Context
	client *ec2sdk.Client

	vpc, gateway, dhcp   string
	mainTable            string
	public, private      [2]string // subnets, by zone
	publicTable          string
	privateTables        [2]string
	nats                 [2]string
	topology             string
	controllers, workers []string
	pods, services       string
}

// zones are those of the subnets, by index.
var zones = [2]string{region + "a", region + "b"}

// publicSite builds what a public cluster needs: controllers in two public
// subnets, workers in two private ones behind a NAT gateway in each zone.
func publicSite(t *testing.T, client *ec2sdk.Client) *site {
	s := &site{t: t, ctx: t.Context(), client: client, topology: "public", pods: "10.2.0.0/16", services: "10.3.0.0/16"}
	vpc, err := client.CreateVpc(s.ctx, &ec2sdk.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")})
	require.NoError(t, err)
	s.vpc = *vpc.Vpc.VpcId
	s.setDNS(true, true)
	s.setDomain("ec2.internal")

	gateway, err := client.CreateInternetGateway(s.ctx, &ec2sdk.CreateInternetGatewayInput{})
	require.NoError(t, err)
	s.gateway = *gateway.InternetGateway.InternetGatewayId
	_, err = client.AttachInternetGateway(s.ctx, &ec2sdk.AttachInternetGatewayInput{InternetGatewayId: &s.gateway, VpcId: &s.vpc})
	require.NoError(t, err)

	tables, err := client.DescribeRouteTables(s.ctx, &ec2sdk.DescribeRouteTablesInput{
		Filters: []types.Filter{{Name: aws.String("vpc-id"), Values: []string{s.vpc}}},
	})
	require.NoError(t, err)
	require.Len(t, tables.RouteTables, 1)
	s.mainTable = *tables.RouteTables[0].RouteTableId
	s.publicTable = s.newTable()
	s.route(s.publicTable, "0.0.0.0/0", s.gateway)
	for i := range zones {
		s.public[i] = s.newSubnet(fmt.Sprintf("10.0.%d.0/24", i), zones[i])
		_, err := client.ModifySubnetAttribute(s.ctx, &ec2sdk.ModifySubnetAttributeInput{
			SubnetId: &s.public[i], MapPublicIpOnLaunch: &types.AttributeBooleanValue{Value: aws.Bool(true)},
		})
		require.NoError(t, err)
		s.associate(s.public[i], s.publicTable)
		s.private[i] = s.newSubnet(fmt.Sprintf("10.0.%d.0/20", 16*(i+1)), zones[i])
		s.nats[i] = s.newNAT(s.public[i])
		s.privateTables[i] = s.newTable()
		s.associate(s.private[i], s.privateTables[i])
		s.route(s.privateTables[i], "0.0.0.0/0", s.nats[i])
	}
	s.controllers, s.workers = s.public[:], s.private[:]
	return s
}

// internalSite builds what an internal cluster needs: controllers in private
// subnets too, and a way to the network from which they are reached.
func internalSite(t *testing.T, client *ec2sdk.Client) *site {
	s := publicSite(t, client)
	s.topology, s.controllers = "internal", nil
	for i, zone := range zones {
		subnet := s.newSubnet(fmt.Sprintf("10.0.%d.0/24", 8+i), zone)
		s.associate(subnet, s.privateTables[i])
		s.controllers = append(s.controllers, subnet)
		// Load balancers go where they are led, and not to the lowest ID.
		s.tag(subnet, "kubernetes.io/role/internal-elb", "1")
		s.tag(s.public[i], "kubernetes.io/cluster/unmanaged", "true")
	}
	vpn, err := client.CreateVpnGateway(s.ctx, &ec2sdk.CreateVpnGatewayInput{Type: types.GatewayTypeIpsec1})
	require.NoError(t, err)
	id := *vpn.VpnGateway.VpnGatewayId
	_, err = client.AttachVpnGateway(s.ctx, &ec2sdk.AttachVpnGatewayInput{VpnGatewayId: &id, VpcId: &s.vpc})
	require.NoError(t, err)
	for _, table := range s.privateTables {
		s.route(table, "192.168.0.0/16", id)
	}
	return s
}

func (s *site) newSubnet(block, zone string) string {
	s.t.Helper()
	out, err := s.client.CreateSubnet(s.ctx, &ec2sdk.CreateSubnetInput{VpcId: &s.vpc, CidrBlock: &block, AvailabilityZone: &zone})
	require.NoError(s.t, err)
	return *out.Subnet.SubnetId
}

func (s *site) newTable() string {
	s.t.Helper()
	out, err := s.client.CreateRouteTable(s.ctx, &ec2sdk.CreateRouteTableInput{VpcId: &s.vpc})
	require.NoError(s.t, err)
	return *out.RouteTable.RouteTableId
}

func (s *site) newNAT(subnet string) string {
	s.t.Helper()
	address, err := s.client.AllocateAddress(s.ctx, &ec2sdk.AllocateAddressInput{Domain: types.DomainTypeVpc})
	require.NoError(s.t, err)
	out, err := s.client.CreateNatGateway(s.ctx, &ec2sdk.CreateNatGatewayInput{SubnetId: &subnet, AllocationId: address.AllocationId})
	require.NoError(s.t, err)
	return *out.NatGateway.NatGatewayId
}

func (s *site) route(table, destination, target string) {
	s.t.Helper()
	in := &ec2sdk.CreateRouteInput{RouteTableId: &table, DestinationCidrBlock: &destination}
	if strings.HasPrefix(target, "nat-") {
		in.NatGatewayId = &target
	} else {
		in.GatewayId = &target
	}
	_, err := s.client.CreateRoute(s.ctx, in)
	require.NoError(s.t, err)
}

func (s *site) removeRoute(table, destination string) {
	s.t.Helper()
	_, err := s.client.DeleteRoute(s.ctx, &ec2sdk.DeleteRouteInput{RouteTableId: &table, DestinationCidrBlock: &destination})
	require.NoError(s.t, err)
}

func (s *site) associate(subnet, table string) {
	s.t.Helper()
	_, err := s.client.AssociateRouteTable(s.ctx, &ec2sdk.AssociateRouteTableInput{SubnetId: &subnet, RouteTableId: &table})
	require.NoError(s.t, err)
}

// dissociate leaves a subnet to the main table.
func (s *site) dissociate(subnet string) {
	s.t.Helper()
	tables, err := s.client.DescribeRouteTables(s.ctx, &ec2sdk.DescribeRouteTablesInput{
		Filters: []types.Filter{{Name: aws.String("association.subnet-id"), Values: []string{subnet}}},
	})
	require.NoError(s.t, err)
	for _, t := range tables.RouteTables {
		for _, a := range t.Associations {
			if a.SubnetId != nil && *a.SubnetId == subnet {
				_, err := s.client.DisassociateRouteTable(s.ctx, &ec2sdk.DisassociateRouteTableInput{AssociationId: a.RouteTableAssociationId})
				require.NoError(s.t, err)
			}
		}
	}
}

// setDNS switches the DNS attributes, of which EC2 changes one a call.
func (s *site) setDNS(support, hostnames bool) {
	s.t.Helper()
	_, err := s.client.ModifyVpcAttribute(s.ctx, &ec2sdk.ModifyVpcAttributeInput{
		VpcId: &s.vpc, EnableDnsSupport: &types.AttributeBooleanValue{Value: &support},
	})
	require.NoError(s.t, err)
	_, err = s.client.ModifyVpcAttribute(s.ctx, &ec2sdk.ModifyVpcAttributeInput{
		VpcId: &s.vpc, EnableDnsHostnames: &types.AttributeBooleanValue{Value: &hostnames},
	})
	require.NoError(s.t, err)
}

// setDomain gives the VPC a new set of DHCP options.
func (s *site) setDomain(domain string) {
	s.t.Helper()
	out, err := s.client.CreateDhcpOptions(s.ctx, &ec2sdk.CreateDhcpOptionsInput{DhcpConfigurations: []types.NewDhcpConfiguration{
		{Key: aws.String("domain-name"), Values: []string{domain}},
		{Key: aws.String("domain-name-servers"), Values: []string{"AmazonProvidedDNS"}},
	}})
	require.NoError(s.t, err)
	s.dhcp = *out.DhcpOptions.DhcpOptionsId
	_, err = s.client.AssociateDhcpOptions(s.ctx, &ec2sdk.AssociateDhcpOptionsInput{DhcpOptionsId: &s.dhcp, VpcId: &s.vpc})
	require.NoError(s.t, err)
}

func (s *site) tag(id, key, value string) {
	s.t.Helper()
	_, err := s.client.CreateTags(s.ctx, &ec2sdk.CreateTagsInput{Resources: []string{id}, Tags: []types.Tag{{Key: &key, Value: &value}}})
	require.NoError(s.t, err)
}

// spec returns the cluster that the site is built for, as preflight reads it.
func (s *site) spec() string {
	return fmt.Sprintf(`cluster: demo
profile: tectonic
topology: %s
region: %s
network:
  vpc: %s
  controllerSubnets: [%s]
  workerSubnets: [%s]
  podCIDR: %s
  serviceCIDR: %s
`, s.topology, region, s.vpc, strings.Join(s.controllers, ", "), strings.Join(s.workers, ", "), s.pods, s.services)
}
