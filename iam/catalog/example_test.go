package catalog_test

import (
	"fmt"

	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/action/sqsaction"
	"github.com/groundway-sdk/groundway/iam/catalog"
)

func ExampleCatalog_Action() {
	var c catalog.Catalog
	name, level, ok := c.Action("kms:GenerateDataKeyWithoutPlainText")
	fmt.Println(name, level, ok)
	_, _, ok = c.Action("s3:GetBucketReplication")
	fmt.Println(ok)
	// Output:
	// kms:GenerateDataKeyWithoutPlaintext write true
	// false
}

func ExampleCatalog_Expand() {
	for _, a := range (catalog.Catalog{}).Expand("sts:assumerole*") {
		fmt.Println(a)
	}
	// Output:
	// sts:AssumeRole
	// sts:AssumeRoleWithSAML
	// sts:AssumeRoleWithWebIdentity
}

func ExampleCatalog_ByAccessLevel() {
	fmt.Println(catalog.Catalog{}.ByAccessLevel("sqs:*", iam.PermissionsAccess))
	// Output: [sqs:AddPermission sqs:RemovePermission sqs:SetQueueAttributes]
}

func ExampleCatalog_ResourceTypes() {
	for _, t := range (catalog.Catalog{}).ResourceTypes(sqsaction.SendMessage) {
		fmt.Println(t.Name, t.Required, t.ARNs, t.Patterns())
	}
	// Output: queue true [arn:${Partition}:sqs:${Region}:${Account}:${QueueName}] [arn:*:sqs:*:*:*]
}

// A VPC that is being created can be limited by the tags that it is to have. By
// those that it has cannot be asked.
func ExampleCatalog_ConditionKeys() {
	for _, k := range (catalog.Catalog{}).ConditionKeys("ec2:CreateVpc", "vpc") {
		fmt.Println(k.Name, k.Type, k.Multivalued, k.Matches("aws:RequestTag/team"))
	}
	// Output:
	// aws:RequestTag/${TagKey} string false true
	// aws:TagKeys string true false
	// ec2:Ipv4IpamPoolId string false false
	// ec2:Ipv6IpamPoolId string false false
	// ec2:Region string false false
	// ec2:VpcID string false false
}
