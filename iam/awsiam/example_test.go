package awsiam_test

import (
	"context"
	"fmt"
	"log"

	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/awsiam"
	"github.com/groundway-sdk/groundway/iam/awsiam/awsiamtest"
)

func ExampleEnsure() {
	// In a program: iam.NewFromConfig(cfg), of the SDK.
	client := awsiamtest.NewClient(iam.Snapshot{})
	desired := iam.Desired{
		Account: awsiamtest.Account, Owner: "demo",
		Roles: []iam.Role{{Name: "demo-worker", Trust: iam.MustTrustDocument(iam.TrustService("ec2.amazonaws.com"))}},
	}
	for range 2 {
		result, err := awsiam.Ensure(context.Background(), client, desired, iam.PlanOptions{}, awsiam.ApplyOptions{})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(len(result.Done), "steps done")
	}
	// Output:
	// 1 steps done
	// 0 steps done
}
