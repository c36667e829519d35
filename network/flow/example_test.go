package flow_test

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/network/flow"
	"github.com/groundway-sdk/groundway/network/networktest"
)

// A network ACL of the workers' subnet lets requests in, and no answers out to
// the high ports of Linux.
func ExampleNetwork_Reach() {
	s, _ := networktest.Public()
	from, to := 50000, 65535
	networktest.SetEntry(&s, "acl-0a", network.ACLEntry{
		Number: 90, Egress: true, Action: "deny", Protocol: "6", Prefix: netip.MustParsePrefix("10.0.0.0/23"), FromPort: &from, ToPort: &to,
	})
	r := flow.New(s, "vpc-0a1").Reach(
		flow.Place{Name: "the controllers", Subnets: []string{"subnet-0c1"}},
		flow.Place{Name: "the workers", Subnets: []string{"subnet-0w1"}},
		flow.Traffic{Protocol: "tcp", Ports: flow.Port(10250)},
	)
	fmt.Println(r.Verdict)
	for _, b := range r.Blockers {
		fmt.Println(b.Stage, "-", b.Summary)
		fmt.Println(strings.Join(b.Remedy.Commands[0], " "))
	}
	// Output:
	// partial
	// network-acl-return-egress - acl-0a denies tcp 50000-60999 to 10.0.0.0/24, by its entry egress 90
	// aws ec2 create-network-acl-entry --network-acl-id acl-0a --egress --rule-number 89 --rule-action allow --protocol 6 --cidr-block 10.0.0.0/24 --port-range From=50000,To=60999
}

func ExampleCheck() {
	s, o := networktest.Public()
	networktest.AddGroup(&s, "sg-0w", networktest.Allow("tcp 22", "10.0.0.0/16"))
	o.WorkerGroups = []string{"sg-0w"}
	for _, f := range flow.Check(s, o) {
		if f.Outcome == groundway.Failed {
			fmt.Println(f.Code)
			fmt.Println(f.Summary)
		}
	}
	// Output:
	// network/flow-security-group-blocked
	// No ingress rule of sg-0w allows tcp 32000-32002 from 10.0.0.0/23: 11 flows are blocked.
}
