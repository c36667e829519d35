package awsresource_test

import (
	"context"
	"fmt"
	"log"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam/awsresource"
	"github.com/groundway-sdk/groundway/iam/awsresource/awsresourcetest"
	"github.com/groundway-sdk/groundway/iam/resource"
	"github.com/groundway-sdk/groundway/iam/resource/resourcetest"
)

func ExampleLoad() {
	// In a program: clients := awsresource.NewClients(cfg), of the SDK's configuration.
	account, _ := resourcetest.Account()
	clients := awsresourcetest.NewClient(account).Clients

	options := resource.Options{Cluster: "demo", Region: resourcetest.Region, KMS: &resource.KMSUse{Key: "alias/absent"}}
	snapshot, err := awsresource.Load(context.Background(), clients, options, awsresource.LoadOptions{Region: resourcetest.Region})
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range resource.Check(snapshot, options) {
		if f.Outcome == groundway.Failed {
			fmt.Println(f.Code, "of", f.Subject)
		}
	}
	// Output: iam/key-not-found of alias/absent
}
