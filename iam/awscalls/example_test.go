package awscalls_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/awscalls"
	"github.com/groundway-sdk/groundway/iam/catalog"
)

func ExampleGuard() {
	guard, err := awscalls.NewGuard(awscalls.GuardOptions{
		Policies:  iam.Policies{Identity: []iam.Document{iam.MustDocument(iam.Allow("ec2:Describe*").On("*"))}},
		Principal: "arn:aws:iam::111122223333:role/installer",
		Scope:     iam.MustScope("us-east-1", "111122223333"),
		Catalog:   catalog.Catalog{},
	})
	if err != nil {
		log.Fatal(err)
	}
	cfg := aws.Config{Region: "us-east-1"}
	cfg.APIOptions = append(cfg.APIOptions, guard.Attach)

	_, err = ec2sdk.NewFromConfig(cfg).DeleteVpc(context.Background(), &ec2sdk.DeleteVpcInput{VpcId: aws.String("vpc-0a1")})
	fmt.Println(errors.Is(err, awscalls.ErrRefused))
	fmt.Println(err)
	// Output:
	// true
	// operation error EC2: DeleteVpc, the policy would not allow the call: ec2:DeleteVpc on arn:aws:ec2:us-east-1:111122223333:vpc/vpc-0a1 is implicitly-denied by the identity policies
}
