package route53test_test

import (
	"fmt"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/route53"
	"github.com/groundway-sdk/groundway/route53/route53test"
)

// The parent knows two servers of four.
func Example() {
	s, o := route53test.Account()
	parent := &route53test.Delegation(&s, route53test.Domain).Parent
	parent.NameServers = parent.NameServers[:2]
	for _, f := range route53.Check(s, o) {
		if f.Outcome == groundway.Failed {
			fmt.Println(f.Code)
			fmt.Println(f.Summary)
		}
	}
	// Output:
	// route53/delegation-partial
	// The delegation of k8s.example.com lacks ns-1029.awsdns-05.org, ns-1541.awsdns-05.co.uk.
}
