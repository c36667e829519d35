package awsnetwork_test

import (
	"context"
	"fmt"
	"log"

	"github.com/groundway-sdk/groundway/network/awsnetwork"
	"github.com/groundway-sdk/groundway/network/awsnetwork/awsnetworktest"
	"github.com/groundway-sdk/groundway/network/networktest"
)

// An installer passes the client that ec2.NewFromConfig of the AWS SDK returns.
// This one answers from a snapshot, as for a caller who may not see NAT
// gateways.
func ExampleLoad() {
	account, o := networktest.Public()
	client := awsnetworktest.NewClient(account).Deny("ec2:DescribeNatGateways")

	snapshot, err := awsnetwork.Load(context.Background(), client, o.VPC, awsnetwork.LoadOptions{
		Region:  "us-east-1",
		Subnets: append(o.ControllerSubnets, o.WorkerSubnets...),
	})
	if err != nil {
		log.Fatal(err) // the context ended, or the credentials do not work
	}
	fmt.Println(len(snapshot.Subnets.Items), "subnets")
	for _, gap := range snapshot.NATGateways.Gaps {
		fmt.Printf("%s: %s: %s\n", gap.Action, gap.Code, gap.Message)
	}
	// Output:
	// 4 subnets
	// ec2:DescribeNatGateways: UnauthorizedOperation: the caller is not authorized
}

// The actions that a policy for Load has to allow.
func ExampleActions() {
	for _, action := range awsnetwork.Actions() {
		fmt.Println(action)
	}
	// Output:
	// ec2:DescribeAvailabilityZones
	// ec2:DescribeDhcpOptions
	// ec2:DescribeEgressOnlyInternetGateways
	// ec2:DescribeInstanceTypeOfferings
	// ec2:DescribeInternetGateways
	// ec2:DescribeNatGateways
	// ec2:DescribeNetworkAcls
	// ec2:DescribeRouteTables
	// ec2:DescribeSecurityGroups
	// ec2:DescribeSubnets
	// ec2:DescribeTags
	// ec2:DescribeVpcAttribute
	// ec2:DescribeVpcEndpoints
	// ec2:DescribeVpcPeeringConnections
	// ec2:DescribeVpcs
	// ec2:GetManagedPrefixListEntries
}
