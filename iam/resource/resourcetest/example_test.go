package resourcetest_test

import (
	"fmt"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam/resource"
	"github.com/groundway-sdk/groundway/iam/resource/resourcetest"
)

// A table that is being made takes no items yet.
func ExampleAccount() {
	s, o := resourcetest.Account()
	s.Tables.Items[0].Status = "CREATING"
	for _, f := range resource.Check(s, o) {
		if f.Outcome == groundway.Failed {
			fmt.Println(f.Code)
			fmt.Println(f.Summary)
		}
	}
	// Output:
	// iam/table-not-active
	// The DynamoDB table "vault-data" is CREATING.
}
