package awsnetwork_test

import (
	"context"
	"fmt"
	"log"
	"net/netip"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/network/awsnetwork"
	"github.com/groundway-sdk/groundway/network/awsnetwork/awsnetworktest"
	"github.com/groundway-sdk/groundway/network/networktest"
	"github.com/groundway-sdk/groundway/network/plan"
)

// A new VPC is planned, made, checked, and removed again.
func ExampleApply() {
	ctx := context.Background()
	client := awsnetworktest.NewClient(networktest.Empty())

	snapshot, err := awsnetwork.LoadOwned(ctx, client, "demo", awsnetwork.LoadOptions{Region: "us-east-1"})
	if err != nil {
		log.Fatal(err)
	}
	p, err := plan.New(snapshot, plan.Options{
		Cluster: "demo", CIDR: netip.MustParsePrefix("10.0.0.0/16"), Zones: []string{"us-east-1a", "us-east-1b"},
	})
	if err != nil {
		log.Fatal(err)
	}
	done, err := awsnetwork.Apply(ctx, client, p, awsnetwork.ApplyOptions{Wait: awsnetworktest.NoWait})
	if err != nil {
		log.Fatal(err) // says what was made; call Apply again, or Remove
	}
	fmt.Println(len(done.Made), "things were made")

	after, err := awsnetwork.Load(ctx, client, done.IDs["vpc/"], awsnetwork.LoadOptions{Region: "us-east-1", Cluster: "demo"})
	if err != nil {
		log.Fatal(err)
	}
	failed := 0
	for _, f := range network.Check(after, p.CheckOptions(done.IDs)) {
		if f.Outcome == groundway.Failed {
			failed++
		}
	}
	fmt.Println(failed, "findings failed")

	gone, err := awsnetwork.Remove(ctx, client, "demo", awsnetwork.RemoveOptions{Wait: awsnetworktest.NoWait})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(gone), "things were removed")
	// Output:
	// 14 things were made
	// 0 findings failed
	// 14 things were removed
}
