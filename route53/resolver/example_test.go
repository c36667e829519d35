package resolver_test

import (
	"fmt"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/route53"
	"github.com/groundway-sdk/groundway/route53/resolver"
)

// What Load will ask about a domain follows from the zones that may hold it.
func ExampleQuestions() {
	s := route53.Snapshot{}
	s.Zones = groundway.SeenPart(
		route53.HostedZone{ID: "Z0123456789ABC", Name: "example.com", Visibility: route53.Public},
		route53.HostedZone{ID: "Z1123456789ABC", Name: "k8s.example.com", Visibility: route53.Public},
		route53.HostedZone{ID: "Z2123456789ABC", Name: "example.org", Visibility: route53.Public},
	)
	for _, q := range resolver.Questions(s, "demo.k8s.example.com") {
		fmt.Println(q.Name)
	}
	// Output:
	// k8s.example.com
	// example.com
}
