package iam_test

import (
	"fmt"
	"log"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
)

// May the installer start an instance, and where not?
func ExampleAuthorizer_Authorize() {
	authorizer, err := iam.Compile(iam.Policies{
		Identity: []iam.Document{iam.MustParse(`{"Version":"2012-10-17","Statement":[
			{"Sid":"Run","Effect":"Allow","Action":"ec2:RunInstances","Resource":"*"}]}`)},
		SCPs: [][]iam.Document{{iam.MustParse(`{"Version":"2012-10-17","Statement":[
			{"Effect":"Allow","Action":"*","Resource":"*"},
			{"Sid":"Regions","Effect":"Deny","Action":"*","Resource":"*",
			 "Condition":{"StringNotEquals":{"aws:RequestedRegion":"us-east-1"}}}]}`)}},
	})
	if err != nil {
		log.Fatal(err)
	}
	request := iam.Request{
		Principal: "arn:aws:iam::111122223333:role/installer",
		Action:    "ec2:RunInstances",
		Resource:  "arn:aws:ec2:eu-west-1:111122223333:instance/*",
	}
	for _, context := range []iam.Context{{"aws:RequestedRegion": {"us-east-1"}}, {"aws:RequestedRegion": {"eu-west-1"}}} {
		request.Context = context
		decision, err := authorizer.Authorize(request)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(decision.Verdict, decision.Layer, decision.By.ID)
	}
	// Where the region is not known yet, it is said what is missing.
	request.Context, request.Partial = nil, true
	decision, err := authorizer.Authorize(request)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(decision.Verdict, decision.Missing)
	// Output:
	// allowed identity Run
	// explicitly-denied scp Regions
	// undetermined [aws:RequestedRegion]
}

// Why is the request denied?
func ExampleAuthorizer_Explain() {
	authorizer := iam.MustCompile(iam.Policies{
		Identity: []iam.Document{iam.MustParse(`{
  "Version": "2012-10-17",
  "Statement": {
    "Sid": "Home", "Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::demo/${aws:username}/*",
    "Condition": {"Bool": {"aws:SecureTransport": "true"}}
  }
}`)},
	})
	explanation, err := authorizer.Explain(iam.Request{
		Principal: "arn:aws:iam::111122223333:user/alice",
		Action:    "s3:GetObject",
		Resource:  "arn:aws:s3:::demo/bob/x",
		Context:   iam.Context{"aws:SecureTransport": {"true"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(explanation)
	// Output:
	// s3:GetObject on "arn:aws:s3:::demo/bob/x" by "arn:aws:iam::111122223333:user/alice" is denied, because no statement of the identity policies allows it
	//   identity: does not allow
	//     document 1 statement 1 "Home" (3:16): Allow does not apply
	//       - Resource: "arn:aws:s3:::demo/bob/x" matches none of "arn:aws:s3:::demo/${aws:username}/*"
}

// Could the role of a build server make itself administrator?
func ExampleEscalate() {
	findings, err := iam.Escalate(
		iam.Policies{Identity: []iam.Document{iam.MustDocument(
			iam.Allow("iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction").On("*"),
		)}},
		iam.EscalateOptions{Principal: "arn:aws:iam::111122223333:role/build"},
	)
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range findings {
		if f.Outcome == groundway.Failed {
			fmt.Println(f.Code)
			fmt.Println(f.Summary)
			fmt.Println(f.Evidence[0].Got)
		}
	}
	// Output:
	// iam/escalation-passrole-lambda
	// The role "build" may call iam:PassRole, lambda:CreateFunction and lambda:InvokeFunction.
	// {"principal":"arn:aws:iam::111122223333:role/build","action":"iam:PassRole","resource":"arn:aws:iam::111122223333:role/administrator","context":{"iam:PassedToService":["lambda.amazonaws.com"]},"partial":true}
}
