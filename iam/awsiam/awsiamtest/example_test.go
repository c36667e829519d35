package awsiamtest_test

import (
	"context"
	"fmt"

	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/awsiam"
	"github.com/groundway-sdk/groundway/iam/awsiam/awsiamtest"
)

// What a program says to somebody who may look and not make anything.
func ExampleNewClient() {
	client := awsiamtest.NewClient(iam.Snapshot{}).Deny("iam:CreateRole")
	_, err := awsiam.Ensure(context.Background(), client, iam.Desired{
		Account: awsiamtest.Account, Owner: "demo",
		Roles: []iam.Role{{Name: "demo-worker", Trust: iam.MustTrustDocument(iam.TrustService("ec2.amazonaws.com"))}},
	}, iam.PlanOptions{}, awsiam.ApplyOptions{})
	fmt.Println(err)
	// Output:
	// apply identities: iam:CreateRole: the caller is not authorized (AccessDenied)
}
