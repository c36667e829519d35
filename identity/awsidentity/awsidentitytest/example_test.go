package awsidentitytest_test

import (
	"context"
	"fmt"
	"log"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/identity"
	"github.com/groundway-sdk/groundway/identity/awsidentity"
	"github.com/groundway-sdk/groundway/identity/awsidentity/awsidentitytest"
)

// The account root, as whom nobody should install anything.
func ExampleNewClients() {
	clients := awsidentitytest.NewClients(identity.CredentialSnapshot{CredentialParts: identity.CredentialParts{
		Caller: groundway.SeenPart(identity.Caller{ARN: "arn:aws:iam::111122223333:root", Account: "111122223333", UserID: "111122223333"}),
	}})
	s, err := awsidentity.Load(context.Background(), clients.Clients, awsidentity.LoadOptions{})
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range identity.CheckCredentials(s, identity.CredentialOptions{}) {
		if f.Outcome == groundway.Failed {
			fmt.Println(f.Code)
			fmt.Println(f.Summary)
		}
	}
	// Output:
	// identity/credential-root
	// The caller is the root user of account 111122223333.
}
