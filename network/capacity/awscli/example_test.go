package awscli_test

import (
	"fmt"
	"testing/fstest"

	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/network/capacity/awscli"
)

// Addresses are counted of what "aws ec2 describe-addresses" printed.
func ExampleRead() {
	dump := fstest.MapFS{"ec2-describe-addresses.json": &fstest.MapFile{Data: []byte(`{"Addresses": [
		{"AllocationId": "eipalloc-0a1b2c3d", "Domain": "vpc", "PublicIp": "203.0.113.7", "PublicIpv4Pool": "amazon"}
	]}`)}}
	s, err := awscli.Read(dump, network.Snapshot{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, u := range s.Uses.Items {
		fmt.Println(u.Quota, u.Count)
	}
	fmt.Println(len(s.Uses.Gaps) > 0, "some could not be counted")
	// Output:
	// ec2/L-0263D0A3 1
	// true some could not be counted
}
