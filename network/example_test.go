package network_test

import (
	"fmt"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/network/networktest"
)

// A controller subnet falls back on the main route table, which leads to NAT.
func ExampleCheck() {
	snapshot, options := networktest.Public()
	networktest.SetRoute(&snapshot, "rtb-0m", "0.0.0.0/0", "nat-02")
	networktest.Associate(&snapshot, "subnet-0c1", "")

	for _, f := range network.Check(snapshot, options) {
		if f.Outcome == groundway.Failed {
			fmt.Printf("%s %s\n  %s\n", f.Severity, f.Code, f.Summary)
		}
	}
	// Output:
	// error network/subnet-implicit-route-table
	//   The controller subnet subnet-0c1 has no route table of its own; it follows the main one, rtb-0m.
	// error network/subnet-not-public
	//   The controller subnet subnet-0c1 leads to the NAT gateway nat-02 by the main route table rtb-0m.
	// warning network/nat-cross-zone
	//   nat-02 in us-east-1b serves 1 subnet in us-east-1a.
}

// What could not be seen is unknown, and never taken for good or bad.
func ExampleCheck_unseen() {
	snapshot, options := networktest.Public()
	networktest.Deny(&snapshot.NATGateways, "ec2:DescribeNatGateways")

	report := groundway.NewReport(snapshot.Time, network.Check(snapshot, options))
	fmt.Println(report.Counts())
	fmt.Println(report.Err())
	// Output:
	// 8 unknown, 40 passed, 7 skipped
	// <nil>
}

func ExampleClassifySubnets() {
	snapshot, _ := networktest.Public()
	networktest.SetRoute(&snapshot, "rtb-02", "52.94.0.0/22", "igw-0a")

	for _, e := range network.ClassifySubnets(snapshot, "vpc-0a1") {
		decides := e.IPv4.Slices[0].Route
		fmt.Printf("%s is %s: %s in %s leads to %s\n", e.SubnetID, e.IPv4.Class, decides.Key(), e.RouteTableID, decides.Target.ID)
	}
	// Output:
	// subnet-0c1 is internet: 0.0.0.0/0 in rtb-0c leads to igw-0a
	// subnet-0c2 is internet: 0.0.0.0/0 in rtb-0c leads to igw-0a
	// subnet-0w1 is nat: 0.0.0.0/0 in rtb-01 leads to nat-01
	// subnet-0w2 is nat: 0.0.0.0/0 in rtb-02 leads to nat-02
}

// Which subnets an internal load balancer of the cloud controller will get, and
// what would change that.
func ExamplePredict() {
	s, _ := networktest.Public()
	p := network.Predict(s, "vpc-0a1", network.Demand{Consumer: network.ConsumerCloudController, Cluster: "demo", Internal: true})
	for _, z := range p.Zones {
		fmt.Println(z.Zone, z.Chosen[0])
		for _, lost := range z.Lost {
			fmt.Printf("  %s loses: %s; tag %s=%s\n", lost.SubnetID, lost.Reason, lost.Edit.Key, lost.Edit.Value)
		}
	}
	// Output:
	// us-east-1a subnet-0c1
	//   subnet-0w1 loses: subnet-0c1 comes before it by its ID; tag kubernetes.io/role/internal-elb=1
	// us-east-1b subnet-0c2
	//   subnet-0w2 loses: subnet-0c2 comes before it by its ID; tag kubernetes.io/role/internal-elb=1
}
