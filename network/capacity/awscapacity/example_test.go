package awscapacity_test

import (
	"context"
	"fmt"
	"log"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/network/capacity"
	"github.com/groundway-sdk/groundway/network/capacity/awscapacity"
	"github.com/groundway-sdk/groundway/network/capacity/awscapacity/awscapacitytest"
)

// An installer passes the clients that NewFromConfig of the AWS SDK's packages
// return. These answer from a snapshot, for an account with a small quota of vCPUs
// whose caller may not see addresses.
func ExampleLoad() {
	room := awscapacitytest.Roomy()
	quota, _ := capacity.FamilyQuota("m5.large")
	for i, q := range room.Quotas.Items {
		if q.Key() == quota {
			room.Quotas.Items[i].Value = 5
		}
	}
	account := awscapacitytest.NewAccount(room).Deny("ec2:DescribeAddresses")

	snapshot, err := awscapacity.Load(context.Background(), account.Clients(), awscapacity.LoadOptions{
		Region: "us-east-1", InstanceTypes: []string{"m5.large"},
	})
	if err != nil {
		log.Fatal(err) // the context ended, or the credentials do not work
	}
	for _, f := range capacity.Check(snapshot, network.Snapshot{}, capacity.Options{
		Nodes: []capacity.Nodes{{Role: "worker", InstanceType: "m5.large", Count: 3}},
		Needs: capacity.Needs{Addresses: 1, VPCs: 1},
	}) {
		if f.Code == "network/quota-exceeded" && f.Outcome != groundway.Passed {
			fmt.Printf("%s: %s\n", f.Outcome, f.Summary)
		}
	}
	// Output:
	// failed: The account may have 5 vCPUs of On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances; 0 are there, and the cluster takes 6 more.
	// unknown: It could not be seen how many Elastic IP addresses there are: ec2:DescribeAddresses (UnauthorizedOperation: the caller is not authorized).
}
