package awscli_test

import (
	"fmt"
	"testing/fstest"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
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
	// save secretsmanager-get-resource-policy-agent.json secretsmanager get-resource-policy --secret-id elastic/agent
	// save secretsmanager-list-secrets.json secretsmanager list-secrets --include-planned-deletion
	// iam/secret-not-found There is no secret "elastic/agent" in us-east-1.
}

// A dump of AWS CLI output says what its maker may do.
func ExampleReadIdentities() {
	dump := fstest.MapFS{
		"sts-get-caller-identity.json": {Data: []byte(`{"Account": "111122223333", "Arn": "arn:aws:sts::111122223333:assumed-role/installer/run"}`)},
		"iam-get-account-authorization-details.json": {Data: []byte(`{"RoleDetailList": [{"RoleName": "installer", "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": {
			"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"}]}}]}],
			"UserDetailList": [], "GroupDetailList": [], "Policies": []}`)},
	}
	s, err := awscli.ReadIdentities(dump)
	if err != nil {
		fmt.Println(err)
		return
	}
	findings, err := iam.CheckPermissions(s, iam.PermissionOptions{Needs: []iam.Need{{Action: "ec2:DescribeVpcs"}, {Action: "ec2:RunInstances"}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range findings {
		if f.Outcome == groundway.Failed || f.Outcome == groundway.Unknown {
			fmt.Println(f.Outcome, f.Code)
		}
	}
	// Output:
	// failed iam/permission-missing
	// unknown iam/permission-scp
}
