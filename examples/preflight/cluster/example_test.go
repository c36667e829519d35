package cluster_test

import (
	"fmt"
	"log"
	"time"

	"github.com/groundway-sdk/groundway/examples/preflight/cluster"
)

func Example() {
	spec, err := cluster.ReadSpec("../broken/cluster.yaml")
	if err != nil {
		log.Fatal(err)
	}
	snapshot, err := cluster.ReadSnapshot("../broken")
	if err != nil {
		log.Fatal(err)
	}
	report := cluster.Check(spec, snapshot, time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC))
	for _, f := range report.Blocking() {
		fmt.Println(f.Code, f.Subject)
	}
	// Output:
	// network/dhcp-domain-wrong dopt-8e41b7a2
	// network/nat-not-in-public-subnet nat-07c38ad95be14f260
	// network/subnet-not-public subnet-8d24f6a1
}

func ExampleParseSpec() {
	_, err := cluster.ParseSpec("cluster.yaml", []byte(`cluster: demo
profile: tectonic
topology: public
regoin: us-east-1
network:
  vpc: vpc-0a1b2c3d
  controllerSubnets: subnet-0c1
  workerSubnets: [subnet-0e1]
  podCIDR: 10.2.0.5/16
`))
	fmt.Println(err)
	// Output:
	// cluster.yaml:4:1: unknown key "regoin", the nearest is "region", want one of cluster, profile, topology, region, account, network, dns, ssh, permissions, resources, credentials, nodes, tectonic, elastic, jenkinsx
	// cluster.yaml:7:22: network.controllerSubnets: got the text "subnet-0c1", want a list of subnet IDs
	// cluster.yaml:9:12: network.podCIDR: got "10.2.0.5/16", which has bits set after the first 16, want 10.2.0.0/16
}
