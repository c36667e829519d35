package iam_test

import (
	"fmt"
	"log"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
)

func ExamplePlan() {
	desired := iam.Desired{
		Account: "111122223333", Owner: "demo",
		Roles:    []iam.Role{{Name: "demo-worker", Trust: iam.MustTrustDocument(iam.TrustService("ec2.amazonaws.com"))}},
		Profiles: []iam.InstanceProfile{{Name: "demo-worker", Role: "demo-worker"}},
	}
	// As awsiam.Load would see it: the role is there, and trusts somebody else.
	var snapshot iam.Snapshot
	snapshot.Roles = groundway.SeenPart(iam.RoleDetail{
		Name: "demo-worker", Path: "/", Trust: iam.MustTrustDocument(iam.TrustService("lambda.amazonaws.com")).String(),
		Tags: map[string]string{groundway.OwnerTag: "demo"},
	})
	snapshot.Inline, snapshot.Attached = groundway.SeenPart[iam.InlinePolicyDetail](), groundway.SeenPart[iam.AttachedPolicy]()
	snapshot.Profiles = groundway.SeenPart[iam.InstanceProfileDetail]()

	changes, _, err := iam.Plan(snapshot, desired, iam.PlanOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(changes)
	// Output:
	// ~ trust of the role "demo-worker" {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}
	// + instance profile "demo-worker" tagged "groundway:owner"="demo"
	// + role of the instance profile "demo-worker": "demo-worker"
}

func ExampleCheckPermissions() {
	var snapshot iam.Snapshot // as awsiam.Load would see it
	snapshot.Roles = groundway.SeenPart(iam.RoleDetail{Name: "installer", ARN: "arn:aws:iam::111122223333:role/installer"})
	snapshot.Inline = groundway.SeenPart(iam.InlinePolicyDetail{
		Owner: "role/installer", Name: "own", Document: iam.MustDocument(iam.Allow("ec2:*").On("*"), iam.Deny("ec2:RunInstances").On("*").Sid("NoRun")).String(),
	})
	snapshot.Attached, snapshot.SCPs = groundway.SeenPart[iam.AttachedPolicy](), groundway.SeenPart[iam.SCPDetail]()

	findings, err := iam.CheckPermissions(snapshot, iam.PermissionOptions{
		Principal: "arn:aws:iam::111122223333:role/installer",
		Needs:     []iam.Need{{Action: "ec2:RunInstances"}, {Action: "iam:CreateRole"}, {Action: "ec2:DescribeVpcs"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range findings {
		if f.Outcome == groundway.Failed {
			fmt.Println(f.Code, f.Summary)
		}
	}
	// Output:
	// iam/permission-denied The policy "own" denies the role "installer" ec2:RunInstances.
	// iam/permission-missing No policy of the role "installer" allows iam:CreateRole.
}
