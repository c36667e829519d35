package awsnetworktest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/network/awsnetwork"
	"github.com/groundway-sdk/groundway/network/awsnetwork/awsnetworktest"
	"github.com/groundway-sdk/groundway/network/networktest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// An installer that loads what networktest describes gets just that.
func TestLoadReturnsTheSnapshotOfTheClient(t *testing.T) {
	for name, account := range map[string]func() (network.Snapshot, network.Options){
		"public":   networktest.Public,
		"internal": networktest.Internal,
	} {
		want, o := account()
		got, err := awsnetwork.Load(t.Context(), awsnetworktest.NewClient(want), o.VPC, awsnetwork.LoadOptions{
			Account: want.Account, Region: want.Region, Time: want.Time, Cluster: o.Cluster,
		})
		require.NoError(t, err)
		got.LoadBalancerTags = want.LoadBalancerTags // which EC2 does not show
		a, err := json.MarshalIndent(want, "", " ")
		require.NoError(t, err)
		b, err := json.MarshalIndent(got, "", " ")
		require.NoError(t, err)
		assert.Equal(t, string(a), string(b), name)
		assert.Equal(t, network.Check(want, o), network.Check(got, o), name)
	}
}

// What cannot be seen is unknown, and blocks nothing and passes nothing.
func TestDeniedActionsBecomeUnknown(t *testing.T) {
	s, o := networktest.Public()
	for _, action := range awsnetwork.Actions() {
		client := awsnetworktest.NewClient(s).Deny(action)
		got, err := awsnetwork.Load(t.Context(), client, o.VPC, awsnetwork.LoadOptions{Account: s.Account, Region: s.Region, Time: s.Time, Cluster: o.Cluster})
		require.NoError(t, err, action)
		got.LoadBalancerTags = s.LoadBalancerTags
		report := groundway.NewReport(s.Time, network.Check(got, o))
		require.NoError(t, report.Err(), action)
		if report.Counts().Unknown == 0 {
			assert.Contains(t, []string{
				"ec2:DescribeEgressOnlyInternetGateways", "ec2:GetManagedPrefixListEntries", // no route asks for them
				"ec2:DescribeInternetGateways",                          // an active route to a gateway proves that one is attached
				"ec2:DescribeSecurityGroups", "ec2:DescribeNetworkAcls", // package flow asks for them
				"ec2:DescribeVpcEndpoints", "ec2:DescribeVpcPeeringConnections", // no subnet is isolated, and no route leads to a peer
				"ec2:DescribeInstanceTypeOfferings", // the options ask for none
			}, action)
			continue
		}
		assert.Contains(t, fmt.Sprintf("%+v", report.Findings), action)
	}
}

func TestCalls(t *testing.T) {
	s, o := networktest.Public()
	client := awsnetworktest.NewClient(s).Throttle("ec2:DescribeVpcs")
	_, err := awsnetwork.Load(t.Context(), client, o.VPC, awsnetwork.LoadOptions{})
	require.NoError(t, err)
	assert.Len(t, client.Calls(), 11+3)
}

func TestAMisspeltAction(t *testing.T) {
	client := awsnetworktest.NewClient(network.Snapshot{})
	assert.PanicsWithValue(t, `awsnetworktest: awsnetwork does not call "ec2:DescribeSubnet"`, func() { client.Deny("ec2:DescribeSubnet") })
	assert.PanicsWithValue(t, `awsnetworktest: awsnetwork does not call "ec2:*"`, func() { client.Throttle("ec2:*") })
}

func ExampleNewClient() {
	s, o := networktest.Public()
	client := awsnetworktest.NewClient(s).Deny("ec2:DescribeNatGateways")
	loaded, err := awsnetwork.Load(context.Background(), client, o.VPC, awsnetwork.LoadOptions{Region: "us-east-1", Time: time.Unix(0, 0)})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(loaded.Subnets.Items), "subnets")
	fmt.Println(loaded.NATGateways.Seen, loaded.NATGateways.Gaps[0].Action, loaded.NATGateways.Gaps[0].Code)
	// Output:
	// 4 subnets
	// false ec2:DescribeNatGateways UnauthorizedOperation
}
