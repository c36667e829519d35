package resource_test

import (
	"fmt"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam/resource"
	"github.com/groundway-sdk/groundway/iam/resource/resourcetest"
)

func ExampleCheck() {
	snapshot, options := resourcetest.Account()
	snapshot.Keys.Items[0].State = "PendingDeletion"
	snapshot.Instances.Items[1].ProfileARN = ""
	options.Vault = nil
	for _, f := range resource.Check(snapshot, options) {
		if f.Outcome == groundway.Failed {
			fmt.Printf("%s: %s\n  %s\n", f.Code, f.Summary, f.Remedies[0].Action)
		}
	}
	// Output:
	// iam/instance-profile-not-attached: The master node i-0b2 carries no instance profile.
	//   Attach the instance profile to the instance.
	// iam/key-not-enabled: The KMS key 1234abcd-12ab-34cd-56ef-1234567890ab is in the state PendingDeletion.
	//   Cancel the deletion, and enable the key; or name another one.
}
