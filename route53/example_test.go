package route53_test

import (
	"fmt"
	"log"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/route53"
	rt "github.com/groundway-sdk/groundway/route53/route53test"
)

func ExampleCheck() {
	s, o := rt.Account()
	d := rt.Delegation(&s, "k8s.example.com")
	d.Parent.Status, d.Parent.NameServers = route53.NotDelegated, nil
	rt.Remove(&s, rt.Parent, "k8s.example.com NS")

	for _, f := range route53.Check(s, o) {
		if f.Outcome == groundway.Failed {
			fmt.Println(f.Code)
			fmt.Println(f.Summary)
			fmt.Println(f.Remedies[0].Action)
		}
	}
	// Output:
	// route53/delegation-missing
	// The parent zone example.com (Z0PARENT) does not delegate k8s.example.com, so that nobody reaches Z0K8S.
	// Set the NS record set of k8s.example.com in its parent zone Z0PARENT to the servers of Z0K8S.
}

func ExamplePlanSubdomain() {
	s, _ := rt.Account()
	plan, err := route53.PlanSubdomain(s, "cluster1.example.com", route53.SubdomainOptions{CallerReference: "cluster1-2026"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(plan)
	// Output:
	// + zone cluster1.example.com, public
	//   zone example.com (Z0PARENT)
	// +   cluster1.example.com NS 172800 the name servers of the new zone
}

func ExamplePlanRecords() {
	s, _ := rt.Account()
	lb := func(name string) route53.Alias {
		return route53.Alias{ZoneID: "Z35SXDOTRQ7X7K", Target: route53.MustParseName(name + ".us-east-1.elb.amazonaws.com")}
	}
	want, err := route53.TectonicRecords("demo", "k8s.example.com", lb("demo-con-1"), lb("demo-ext-2"))
	if err != nil {
		log.Fatal(err)
	}
	step, err := route53.PlanRecords(s, rt.Zone, want, route53.PlanOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(route53.Plan{Steps: []route53.Step{step}})
	// Output:
	//   zone k8s.example.com (Z0K8S)
	// +   demo-api.k8s.example.com A ALIAS demo-ext-2.us-east-1.elb.amazonaws.com. (Z35SXDOTRQ7X7K)
	// +   demo.k8s.example.com A ALIAS demo-con-1.us-east-1.elb.amazonaws.com. (Z35SXDOTRQ7X7K)
}

func ExampleParseName() {
	for _, text := range []string{`\052.Example.COM.`, "bücher.example", `ex\344mple.com`} {
		n, err := route53.ParseName(text)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(n)
	}
	// Output:
	// *.example.com
	// xn--bcher-kva.example
	// ex\344mple.com
}

func ExampleCandidates() {
	s, _ := rt.Account()
	rt.AddZone(&s, "Z0TWIN", "k8s.example.com", route53.Public, 7)
	for _, c := range route53.Candidates(s, "demo.k8s.example.com") {
		fmt.Println(c.Zone.ID, c.Zone.Name, c.Zone.Visibility, c.Verdict)
	}
	// Output:
	// Z0K8S k8s.example.com public ok
	// Z0TWIN k8s.example.com public other-zone
	// Z0PARENT example.com public ok
}

func ExampleBatches() {
	var changes []route53.Change
	for i := range 501 {
		changes = append(changes, route53.Change{Action: route53.Upsert, Set: rt.Set(fmt.Sprintf("n%d.example.com", i), "A", "198.51.100.7")})
	}
	batches, err := route53.Batches(changes, route53.Limits{})
	if err != nil {
		log.Fatal(err)
	}
	for _, b := range batches {
		fmt.Println(len(b), "changes")
	}
	// Output:
	// 500 changes
	// 1 changes
}

func ExampleIngress_Options() {
	ingress := route53.Ingress{
		Domain: "cluster1.example.com", IgnoreLoadBalancer: true, ExternalDNS: true, NamespaceSubDomain: "-jx.",
		TLS: route53.IngressTLS{Enabled: true, Email: "certifiable@acmecorp.example", Production: true},
	}
	o, err := ingress.Options()
	if err != nil {
		log.Fatal(err)
	}
	s, _ := rt.Account()
	for _, f := range route53.Check(s, o) {
		if f.Code == "route53/zone-not-found" {
			fmt.Println(f.Outcome)
		}
	}
	// Output:
	// passed
}
