package aws_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/network/awsnetwork"
	"github.com/groundway-sdk/groundway/network/plan"
)

// soon waits a little: in moto everything is there at once.
func soon(ctx context.Context, _ time.Duration) error {
	time.Sleep(time.Millisecond)
	return ctx.Err()
}

// A network is planned and made in an account that has none, the live preflight of
// the cluster is clean, a second plan is empty, and removing it leaves nothing.
func TestPlannedNetwork(t *testing.T) {
	preflight := buildPreflight(t)
	url := startMoto(t)
	client := newClient(url)
	for name, topology := range map[string]network.Topology{"public": network.TopologyPublic, "internal": network.TopologyInternal} {
		t.Run(name, func(t *testing.T) {
			before := inventory(t, client)
			o := plan.Options{
				Cluster: "planned-" + name, Topology: topology, Zones: []string{region + "a", region + "b"},
				PodCIDR: netip.MustParsePrefix("10.2.0.0/16"), ServiceCIDR: netip.MustParsePrefix("10.3.0.0/16"),
				Endpoints: []string{"s3", "ec2"}, Tags: map[string]string{"team": "platform"},
			}
			if topology == network.TopologyInternal {
				vpn, err := client.CreateVpnGateway(t.Context(), &ec2sdk.CreateVpnGatewayInput{Type: types.GatewayTypeIpsec1})
				require.NoError(t, err)
				o.PrivateRoutes = map[netip.Prefix]network.Target{
					netip.MustParsePrefix("192.168.0.0/16"): {Kind: network.TargetVPNGateway, ID: *vpn.VpnGateway.VpnGatewayId},
				}
			}
			p := planNetwork(t, client, o)
			require.Empty(t, p.Findings, "%s", p)
			done, err := awsnetwork.Apply(t.Context(), client, p, awsnetwork.ApplyOptions{Wait: soon})
			require.NoError(t, err)

			second := planNetwork(t, client, o)
			assert.True(t, second.Empty(), "%s", second)
			again, err := awsnetwork.Apply(t.Context(), client, p, awsnetwork.ApplyOptions{Wait: soon})
			require.NoError(t, err)
			assert.Empty(t, again.Made)
			assert.Equal(t, done.IDs, again.IDs)

			spec := filepath.Join(t.TempDir(), "cluster.yaml")
			var nodes string // once: for what moto lacks the SDK's retries take their time
			if topology == network.TopologyPublic {
				nodes = "nodes:\n  controllers: {instanceType: m5.large, count: 1}\n  workers: {instanceType: m5.large, count: 2}\n  pods: vpc\n"
			}
			require.NoError(t, os.WriteFile(spec, []byte(specOf(p, done.IDs)+nodes), 0o600))
			out, status := run(t, preflight, "-spec", spec, "-live", "-endpoint-url", url, "-format", "json")
			var report groundway.Report
			require.NoError(t, json.Unmarshal(out, &report), "%s", out)
			failed := slices.DeleteFunc(codes(report, groundway.Failed), func(c groundway.Code) bool {
				return strings.HasPrefix(string(c), "preflight/") // of this machine, not of the account
			})
			assert.Empty(t, failed, "%s", out)
			// Moto lists no quotas of these services, and simulates no policy for nobody.
			assert.Subset(t, append(slices.Clone(notShown), "network/quota-exceeded", "network/quota-headroom-low", "network/service-linked-role-missing"), codes(report, groundway.Unknown))
			if nodes != "" {
				assert.Subset(t, codes(report, groundway.Passed), []groundway.Code{"network/addresses-short", "network/nodes-below-minimum", "network/ebs-default-key-unusable"})
			}
			assert.Zero(t, status)

			gone, err := awsnetwork.Remove(t.Context(), client, p.Owner, awsnetwork.RemoveOptions{Wait: soon})
			require.NoError(t, err)
			assert.Len(t, gone, len(done.Made))
			assert.Equal(t, before, inventory(t, client))
		})
	}
}

func planNetwork(t *testing.T, client *ec2sdk.Client, o plan.Options) plan.Plan {
	t.Helper()
	s, err := awsnetwork.LoadOwned(t.Context(), client, o.Cluster, awsnetwork.LoadOptions{Account: account, Region: region})
	require.NoError(t, err)
	p, err := plan.New(s, o)
	require.NoError(t, err)
	return p
}

// specOf returns the cluster of a plan, as preflight reads it.
func specOf(p plan.Plan, ids map[string]string) string {
	o := p.CheckOptions(ids)
	return fmt.Sprintf(`cluster: %s
profile: tectonic
topology: %s
region: %s
network:
  vpc: %s
  controllerSubnets: [%s]
  workerSubnets: [%s]
  podCIDR: %s
  serviceCIDR: %s
`, o.Cluster, o.Topology, region, o.VPC, strings.Join(o.ControllerSubnets, ", "), strings.Join(o.WorkerSubnets, ", "), o.PodCIDR, o.ServiceCIDR)
}

// inventory returns the IDs of all of the kinds that a plan makes, but for NAT
// gateways that are deleted.
func inventory(t *testing.T, client *ec2sdk.Client) []string {
	t.Helper()
	var ids []string
	vpcs, err := client.DescribeVpcs(t.Context(), &ec2sdk.DescribeVpcsInput{})
	require.NoError(t, err)
	for _, v := range vpcs.Vpcs {
		ids = append(ids, *v.VpcId)
	}
	subnets, err := client.DescribeSubnets(t.Context(), &ec2sdk.DescribeSubnetsInput{})
	require.NoError(t, err)
	for _, s := range subnets.Subnets {
		ids = append(ids, *s.SubnetId)
	}
	tables, err := client.DescribeRouteTables(t.Context(), &ec2sdk.DescribeRouteTablesInput{})
	require.NoError(t, err)
	for _, r := range tables.RouteTables {
		ids = append(ids, *r.RouteTableId)
	}
	gateways, err := client.DescribeInternetGateways(t.Context(), &ec2sdk.DescribeInternetGatewaysInput{})
	require.NoError(t, err)
	for _, g := range gateways.InternetGateways {
		ids = append(ids, *g.InternetGatewayId)
	}
	nats, err := client.DescribeNatGateways(t.Context(), &ec2sdk.DescribeNatGatewaysInput{})
	require.NoError(t, err)
	for _, n := range nats.NatGateways {
		if n.State != types.NatGatewayStateDeleted {
			ids = append(ids, *n.NatGatewayId)
		}
	}
	addresses, err := client.DescribeAddresses(t.Context(), &ec2sdk.DescribeAddressesInput{})
	require.NoError(t, err)
	for _, a := range addresses.Addresses {
		ids = append(ids, *a.AllocationId)
	}
	groups, err := client.DescribeSecurityGroups(t.Context(), &ec2sdk.DescribeSecurityGroupsInput{})
	require.NoError(t, err)
	for _, g := range groups.SecurityGroups {
		ids = append(ids, *g.GroupId)
	}
	endpoints, err := client.DescribeVpcEndpoints(t.Context(), &ec2sdk.DescribeVpcEndpointsInput{})
	require.NoError(t, err)
	for _, e := range endpoints.VpcEndpoints {
		if !strings.EqualFold(string(e.State), "deleted") {
			ids = append(ids, *e.VpcEndpointId)
		}
	}
	options, err := client.DescribeDhcpOptions(t.Context(), &ec2sdk.DescribeDhcpOptionsInput{})
	require.NoError(t, err)
	for _, d := range options.DhcpOptions {
		ids = append(ids, *d.DhcpOptionsId)
	}
	slices.Sort(ids)
	return ids
}
