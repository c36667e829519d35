package awscli_test

import (
	"fmt"
	"testing/fstest"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam/awscli"
	"github.com/groundway-sdk/groundway/iam/resource"
)

// The script asks for what the options name, and what it wrote answers for them.
func Example() {
	o := resource.Options{Region: "us-east-1", Secrets: []resource.SecretUse{{Secret: "elastic/agent"}}}
	fmt.Print(awscli.Script(awscli.FilesFor(o)))
	dump := fstest.MapFS{"secretsmanager-list-secrets.json": &fstest.MapFile{Data: []byte(`{"SecretList": []}`)}}
	s, err := awscli.ReadResources(dump)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range resource.Check(s, o) {
		if f.Outcome == groundway.Failed {
			fmt.Println(f.Code, f.Summary)
		}
	}
	// Output:
	// save secretsmanager-list-secrets.json secretsmanager list-secrets --include-planned-deletion
	// iam/secret-not-found There is no secret "elastic/agent" in us-east-1.
}
