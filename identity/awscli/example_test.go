package awscli_test

import (
	"fmt"
	"testing/fstest"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/identity"
	"github.com/groundway-sdk/groundway/identity/awscli"
)

// Who asked is enough to refuse the root user.
func ExampleRead() {
	dump := fstest.MapFS{"sts-get-caller-identity.json": &fstest.MapFile{Data: []byte(`{
		"UserId": "111122223333", "Account": "111122223333", "Arn": "arn:aws:iam::111122223333:root"
	}`)}}
	s, err := awscli.Read(dump)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range identity.CheckCredentials(s, identity.CredentialOptions{}) {
		if f.Outcome == groundway.Failed {
			fmt.Println(f.Code, f.Summary)
		}
	}
	// Output:
	// identity/credential-root The caller is the root user of account 111122223333.
}
