package networktest_test

import (
	"fmt"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/network/networktest"
)

// A test of an installer begins with an account that is right, and breaks one thing.
func Example() {
	s, o := networktest.Public()
	networktest.Blackhole(&s, "rtb-01", "0.0.0.0/0")
	networktest.NATGateway(&s, "nat-01").State = "deleted"
	for _, f := range network.Check(s, o) {
		if f.Outcome == groundway.Failed {
			fmt.Println(f.Severity, f.Code, "of", f.Subject)
		}
	}
	// Output: error network/nat-not-available of nat-01
}
