package iam_test

import (
	"fmt"
	"log"
	"time"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/catalog"
)

func ExampleParse() {
	_, err := iam.Parse(`{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Actions": "s3:GetObject"
  }
}`, iam.ParseOptions{File: "bucket.json"})
	fmt.Println(err)
	// Output:
	// parse policy "bucket.json": line 5 column 5: unknown element "Actions" in a statement: did you mean Action?
}

func ExampleDocument_String() {
	d, err := iam.Parse(`{"Statement": {"Action": ["s3:PutObject", "s3:GetObject", "s3:PutObject"],
		"Resource": ["arn:aws:s3:::demo/*"], "Effect": "Allow"}, "Version": "2012-10-17"}`, iam.ParseOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(d)
	// Output:
	// {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::demo/*"}]}
}

func ExampleFormat() {
	text, err := iam.Format(`{"Statement":{"Action":["s3:PutObject"],"Condition":{"NumericLessThan":{"s3:max-keys":10}},"Effect":"Allow"}}`, iam.ParseOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(text)
	// Output:
	// {
	//   "Statement": {
	//     "Action": [
	//       "s3:PutObject"
	//     ],
	//     "Condition": {
	//       "NumericLessThan": {
	//         "s3:max-keys": 10
	//       }
	//     },
	//     "Effect": "Allow"
	//   }
	// }
}

func ExampleNewDocument() {
	scope, err := iam.NewScope("us-east-1", "111122223333")
	if err != nil {
		log.Fatal(err)
	}
	d, err := iam.NewDocument(
		iam.Allow("ec2:DescribeInstances").On("*"),
		iam.Allow("ec2:TerminateInstances").
			On(scope.ARN("ec2", "instance/*")).
			When(iam.StringEquals("aws:ResourceTag/kubernetes.io/cluster/demo", "owned")),
	)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(d.Indent())
	// Output:
	// {
	//   "Version": "2012-10-17",
	//   "Statement": [
	//     {
	//       "Effect": "Allow",
	//       "Action": "ec2:DescribeInstances",
	//       "Resource": "*"
	//     },
	//     {
	//       "Effect": "Allow",
	//       "Action": "ec2:TerminateInstances",
	//       "Resource": "arn:aws:ec2:us-east-1:111122223333:instance/*",
	//       "Condition": {
	//         "StringEquals": {
	//           "aws:ResourceTag/kubernetes.io/cluster/demo": "owned"
	//         }
	//       }
	//     }
	//   ]
	// }
}

// Every mistake is reported, not the first.
func ExampleNewDocument_mistakes() {
	_, err := iam.NewDocument(
		iam.Allow("RunInstances").On("*"),
		iam.Allow("ec2:RunInstances").Sid("run instances"),
	)
	fmt.Println(err)
	// Output:
	// new policy: statement 1: Action "RunInstances" is not of the form SERVICE:NAME
	// new policy: statement 2 "run instances": Sid "run instances" has characters other than letters and digits
	// new policy: statement 2 "run instances": The statement has neither Resource nor NotResource
}

func ExampleNewTrustDocument() {
	const provider = "arn:aws:iam::111122223333:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/EXAMPLE"
	d, err := iam.NewTrustDocument(iam.TrustServiceAccount(provider, "jx", "tekton-bot"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(d.Indent())
	// Output:
	// {
	//   "Version": "2012-10-17",
	//   "Statement": [
	//     {
	//       "Effect": "Allow",
	//       "Principal": {
	//         "Federated": "arn:aws:iam::111122223333:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/EXAMPLE"
	//       },
	//       "Action": "sts:AssumeRoleWithWebIdentity",
	//       "Condition": {
	//         "StringEquals": {
	//           "oidc.eks.us-east-1.amazonaws.com/id/EXAMPLE:aud": "sts.amazonaws.com",
	//           "oidc.eks.us-east-1.amazonaws.com/id/EXAMPLE:sub": "system:serviceaccount:jx:tekton-bot"
	//         }
	//       }
	//     }
	//   ]
	// }
}

func ExampleParseTrust() {
	trusts, err := iam.ParseTrust(iam.MustParse(`{"Version": "2012-10-17", "Statement": [
		{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "arn:aws:iam::444455556666:root"},
		 "Condition": {"StringEquals": {"sts:ExternalId": "demo-7"}}},
		{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}
	]}`))
	fmt.Printf("%+v\n", trusts[0])
	fmt.Println(err)
	// Output:
	// {Sid: ARNs:[] Accounts:[444455556666] ExternalIDs:[demo-7] MFA:false TagSession:false}
	// parse trust: statement 2 at 4:3: trusts everybody
}

func ExampleValidate() {
	d, err := iam.Parse(`{
  "Statement": [
    {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::home/${aws:username}/*"}
  ]
}`, iam.ParseOptions{File: "home.json"})
	if err != nil {
		log.Fatal(err)
	}
	report := groundway.NewReport(time.Now(), iam.Validate(d, iam.IdentityPolicy, iam.ValidateOptions{}))
	for _, f := range report.Findings {
		if f.Outcome == groundway.Failed {
			fmt.Printf("%s %s %s\n  %s\n  %s\n", f.Severity, f.Code, f.Subject.Path, f.Summary, f.Remedies[0].Action)
		}
	}
	// Output:
	// error iam/version-variables home.json:3:63
	//   "arn:aws:s3:::home/${aws:username}/*" is literal text in a document that is not of 2012-10-17.
	//   Set Version to "2012-10-17", or write the text without a variable.
	// warning iam/version-old home.json:1:1
	//   The document has no Version, which AWS reads as 2008-10-17.
	//   Set Version to "2012-10-17".
}

func ExampleLint() {
	d, err := iam.Parse(`{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": ["s3:GetBucketReplication", "s3:GetBucketCors"], "Resource": "*"},
    {"Effect": "Allow", "Action": ["iam:ListInstanceProfiles", "iam:GetRole"], "Resource": "arn:*:iam::*:role/demo-*"}
  ]
}`, iam.ParseOptions{File: "installer.json"})
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range iam.Lint(d, iam.LintOptions{Catalog: catalog.Catalog{}}) {
		if f.Outcome == groundway.Failed {
			fmt.Printf("%s %s %s, confidence %s\n  %s\n  %s\n", f.Severity, f.Code, f.Subject.Path, iam.ConfidenceOf(f), f.Summary, f.Remedies[0].Action)
		}
	}
	// Output:
	// warning iam/action-unknown installer.json:4:36, confidence high
	//   s3:GetBucketReplication is an operation of the API and no action: s3:GetReplicationConfiguration is what allows it.
	//   Write s3:GetReplicationConfiguration.
	// warning iam/grant-dead installer.json:5:36, confidence medium
	//   iam:ListInstanceProfiles takes no resource: on named ones the statement grants nothing.
	//   Put the action into a statement with "Resource": "*".
	// info iam/action-case installer.json:4:63, confidence high
	//   s3:GetBucketCors is not in the letter case of AWS, which writes s3:GetBucketCORS.
	//   Write s3:GetBucketCORS.
}

// Where AWS's documentation errs, a file of overrides corrects it.
func ExampleParseOverrides() {
	overrides, err := iam.ParseOverrides(`[{
  "action": "eks:CreateCluster",
  "types": [{"name": "cluster", "arns": ["arn:${Partition}:eks:${Region}:${Account}:cluster/${ClusterName}"]}],
  "reason": "It is granted on the cluster that it makes."
}]`)
	if err != nil {
		log.Fatal(err)
	}
	d := iam.MustDocument(iam.Allow("eks:CreateCluster").On("arn:*:eks:*:*:cluster/demo"))
	for _, o := range []iam.LintOptions{{Catalog: catalog.Catalog{}}, {Catalog: catalog.Catalog{}, Overrides: overrides}} {
		for _, f := range iam.Lint(d, o) {
			if f.Code == "iam/grant-dead" {
				fmt.Println(f.Outcome, f.Summary)
			}
		}
	}
	// Output:
	// failed eks:CreateCluster takes no resource: on named ones the statement grants nothing.
	// passed Each action can be done to one of the resources of its statement
}

func ExampleTighten() {
	wide := iam.MustDocument(iam.Allow(
		"ec2:DescribeVpcs", "ec2:CreateInternetGateway", "ec2:DeleteInternetGateway", "ec2:AttachInternetGateway", "ec2:CreateTags",
		"route53:ChangeResourceRecordSets",
	).On("*"))
	out, err := iam.Tighten(wide, iam.TightenIntent{
		Region: "us-east-1", Account: "111122223333", VPC: "vpc-0a1", HostedZone: "Z0123",
		TagKey: "kubernetes.io/cluster/demo", TagValue: "owned",
	}, iam.TightenOptions{Catalog: catalog.Catalog{}})
	if err != nil {
		log.Fatal(err)
	}
	for i, s := range out.Document.Statements {
		fmt.Printf("%s: %s\n  %s\n  on %s\n", out.Statements[i].Bound, out.Statements[i].Reason, s.Actions, s.Resources)
		for _, c := range s.Conditions {
			fmt.Println("  when", c)
		}
	}
	// Output:
	// arn: These actions can be limited to resources.
	//   [ec2:AttachInternetGateway ec2:CreateTags]
	//   on [arn:aws:ec2:us-east-1:111122223333:vpc/vpc-0a1]
	// arn: These actions can be limited to resources.
	//   [route53:ChangeResourceRecordSets]
	//   on [arn:aws:route53:::hostedzone/Z0123]
	// resource-tag: Tags may be changed on what has the tag of the cluster.
	//   [ec2:CreateTags]
	//   on [arn:aws:ec2:us-east-1:111122223333:internet-gateway/*]
	//   when StringEquals aws:ResourceTag/kubernetes.io/cluster/demo ["owned"]
	// resource-tag: The document creates resources of these types with the tag, and changes those alone.
	//   [ec2:AttachInternetGateway ec2:DeleteInternetGateway]
	//   on [arn:aws:ec2:us-east-1:111122223333:internet-gateway/*]
	//   when StringEquals aws:ResourceTag/kubernetes.io/cluster/demo ["owned"]
	// request-tag: What these actions create has to get the tag.
	//   [ec2:CreateInternetGateway]
	//   on [arn:aws:ec2:us-east-1:111122223333:internet-gateway/*]
	//   when StringEquals aws:RequestTag/kubernetes.io/cluster/demo ["owned"]
	// create-action: Tags may be set by the actions that create.
	//   [ec2:CreateTags]
	//   on [arn:aws:ec2:us-east-1:111122223333:internet-gateway/*]
	//   when StringEquals ec2:CreateAction ["CreateInternetGateway"]
	// star: AWS takes no resource for these actions.
	//   [ec2:DescribeVpcs]
	//   on [*]
}

func ExampleEqual() {
	one := iam.MustParse(`{"Version": "2012-10-17", "Statement": [
		{"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": "*"}]}`)
	two := iam.MustParse(`{"Version": "2012-10-17", "Statement": [
		{"Sid": "List", "Effect": "Allow", "Action": "s3:listbucket", "Resource": ["*"]},
		{"Sid": "Get", "Effect": "Allow", "Action": "s3:getobject", "Resource": ["*", "arn:aws:s3:::demo/*"]}]}`)
	fmt.Println(iam.Equal(one, two))
	// Output: true
}

func ExampleParseTemplate() {
	t, err := iam.ParseTemplate("arn:aws:s3:::home/${aws:PrincipalTag/team, 'nobody'}/*")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(t.Keys(), t[1].Default)
	// Output: [aws:PrincipalTag/team] nobody
}

func ExampleScope_ARN() {
	scope := iam.MustScope("cn-north-1", "111122223333")
	fmt.Println(scope.ARN("eks", "cluster/demo"))
	fmt.Println(scope.ARN("iam", "role/demo-*"))
	fmt.Println(scope.AnyRegion().ARN("ec2", "instance/*"))
	fmt.Println(scope.ServicePrincipal("ec2").Value)
	// Output:
	// arn:aws-cn:eks:cn-north-1:111122223333:cluster/demo
	// arn:aws-cn:iam::111122223333:role/demo-*
	// arn:aws-cn:ec2:*:111122223333:instance/*
	// ec2.amazonaws.com.cn
}
