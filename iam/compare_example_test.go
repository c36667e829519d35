package iam_test

import (
	"errors"
	"fmt"
	"log"

	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/catalog"
)

// A pull request changes a policy. Does it allow more than before?
func ExampleCompare() {
	before := iam.MustDocument(
		iam.Allow("s3:GetObject", "s3:PutObject").On("arn:aws:s3:::demo/*").When(iam.Bool("aws:SecureTransport", true)),
	)
	after := iam.MustDocument(
		iam.Allow("s3:*Object").On("arn:aws:s3:::demo/*").When(iam.Bool("aws:SecureTransport", true)),
		iam.Deny("s3:DeleteObject").On("*"),
	)
	c, err := iam.Compare([]iam.Document{before}, []iam.Document{after}, iam.CompareOptions{Catalog: catalog.Catalog{}})
	if err != nil {
		log.Fatal(err)
	}
	w := c.Witness()
	fmt.Println(c.Relation)
	fmt.Println(w.Action, w.Resource, w.Context)
	// Output:
	// within
	// s3:ReplicateObject arn:aws:s3:::demo/demo map[aws:SecureTransport:[true]]
}

// What differs, in words.
func ExampleDiff() {
	before := iam.MustDocument(iam.Allow("ec2:DescribeInstances").On("*"))
	after := iam.MustDocument(iam.Allow("ec2:Describe*", "ec2:RunInstances").On("*").Sid("Install"))
	d, err := iam.Diff([]iam.Document{before}, []iam.Document{after}, iam.CompareOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(d)
	// Output:
	// + ec2:Describe* and ec2:RunInstances on *, by statement 1 "Install": no statement allows the action (for example ec2:Describex on arn:aws:ec2:us-east-1:111122223333:demo/demo)
}

// A policy has to fit whatever the cluster is called.
func ExampleFit() {
	d := iam.MustDocument(
		iam.Allow("sqs:ListQueues", "sqs:ListQueueTags", "sqs:ListDeadLetterSourceQueues", "sqs:ListMessageMoveTasks").On("arn:aws:sqs:us-east-1:111122223333:demo-*"),
		iam.Allow("sqs:SendMessage").On("arn:aws:sqs:us-east-1:111122223333:demo-*"),
	)
	o := iam.FitOptions{
		Limit:        iam.SizeLimit{Kind: iam.IdentityPolicy, What: "what is left of the quota", Max: 200, Count: iam.CountSignificant},
		Policies:     1,
		Placeholders: []iam.Placeholder{{Name: "cluster name", Text: "demo", Max: 40}},
	}
	_, err := iam.Fit([]iam.Document{d}, o)
	var none *iam.FitError
	if errors.As(err, &none) {
		fmt.Println(none.Over, "too many; it would fit", none.Changes[0])
	}
	o.Catalog = catalog.Catalog{}
	fitted, err := iam.Fit([]iam.Document{d}, o)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(fitted.Documents[0], fitted.Sizes)
	// Output:
	// 74 too many; it would fit into 4 policies instead of 1
	// {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sqs:List*","sqs:SendMessage"],"Resource":"arn:aws:sqs:us-east-1:111122223333:demo-*"}]} [189]
}

// What a check needs, and what the caller lacks of it.
func ExampleMissing() {
	scope := iam.MustScope("us-east-1", "111122223333")
	need, err := iam.Requirements([]string{"ec2:DescribeVpcs", "iam:GetRole"}, scope, iam.RequirementOptions{Catalog: catalog.Catalog{}})
	if err != nil {
		log.Fatal(err)
	}
	have := iam.MustDocument(iam.Allow("ec2:Describe*").On("*"), iam.Allow("iam:GetRole").On("arn:aws:iam::111122223333:role/demo-*"))
	missing, err := iam.Missing([]iam.Document{have}, []iam.Document{need}, iam.CompareOptions{})
	if err != nil {
		log.Fatal(err)
	}
	for _, l := range missing {
		fmt.Printf("%s on %s: %s\n", l.Action, l.Resource, l.Why)
	}
	// Output:
	// iam:GetRole on arn:aws:iam::111122223333:role/*: statement 2 allows the action on other resources
}
