// Package iam reads, writes, builds, validates, compares, lints, tightens and
// evaluates the policy documents of AWS Identity and Access Management, without
// AWS and without loss. It imports the standard library and the root of this
// module only.
//
// # Which function
//
//	document, err := iam.Parse(text, iam.ParseOptions{File: "policy.json"})
//	findings := iam.Validate(document, iam.IdentityPolicy, iam.ValidateOptions{})
//	same := iam.Equal(document, deployed)
//	doubts := iam.Lint(document, iam.LintOptions{Catalog: catalog.Catalog{}})
//	tight, err := iam.Tighten(document, intent, iam.TightenOptions{Catalog: catalog.Catalog{}})
//
// [Parse] reads the JSON of a policy and says by line and column where it stops
// being one. The IAM API returns documents URL-encoded: decode them first, with
// url.QueryUnescape. [Document.String] writes the canonical text that an API
// takes, [Document.Indent] the same for people; [Format] indents a file and
// keeps the order that people gave it.
//
// [NewDocument] builds documents that read as sentences:
//
//	scope := iam.MustScope("us-east-1", "111122223333")
//	document, err := iam.NewDocument(
//		iam.Allow("ec2:RunInstances", "ec2:TerminateInstances").
//			On(scope.ARN("ec2", "instance/*")).
//			When(iam.StringEquals("aws:ResourceTag/kubernetes.io/cluster/demo", "owned")),
//	)
//
// [NewTrustDocument] builds the trust policy of a role from typed statements,
// such as [TrustServiceAccount] for pods and [TrustPrincipals] for people, and
// [ParseTrust] reads one back. What is wide has a name of its own: a whole
// account is [TrustAccountRoot], a pattern of subjects is SubjectLike, all
// regions are AnyRegion. There is no function that trusts everybody.
//
// [Validate] checks a document for where it will be attached, and [Rules] lists
// what it checks. [CheckName], [NameLimits], [SizeLimits] and [MeasureText] are
// the quotas by themselves.
//
// # Lint and tighten
//
// [Lint] looks for what AWS accepts and what is nevertheless wrong or dangerous:
// actions that do not exist, grants and conditions that never apply, roles that
// can be passed to any service, tags that anybody can set. [ConfidenceOf] says
// how sure each finding is.
//
// [Tighten] limits each action to what an installation needs of it, which a
// [TightenIntent] describes: to ARNs, to the VPC, to what has the tag of the
// cluster or gets it when it is created, or to nothing where AWS takes no
// resource. It says why for each statement, and never allows what the document
// does not.
//
// Both ask a [Catalog], since this package knows no actions: the package
// iam/catalog embeds the one of AWS's documentation, and a program that does not lint does not carry it. The
// documentation errs: [KnownErrors] lists where that is known, and
// [ParseOverrides] reads a file of further corrections. The constants below
// iam/action, such as ec2action.RunInstances, make a misspelt action one that
// does not compile.
//
// # Authorize, explain, escalate, compare, fit
//
// [Compile] prepares the policies that bear on a principal, from its own to those
// of the organization, and the [Authorizer] decides requests by them:
//
//	authorizer, err := iam.Compile(iam.Policies{Identity: documents, Boundary: boundary})
//	decision, err := authorizer.Authorize(iam.Request{Principal: arn, Action: "ec2:RunInstances", Resource: instance})
//
// [Authorizer.Explain] says why, and [Escalate] by which ways a principal could
// make itself administrator.
//
// [Compare] says how what some documents allow lies to what others do, with a request
// that tells them apart; [Covers] and [Missing] answer half of it. [Fit] makes
// documents that allow the same and keep to a quota.
//
//	comparison, err := iam.Compare(old, next, iam.CompareOptions{})
//
// # Plan, and who may do what
//
// [Plan] compares what an account holds, a [Snapshot], with what it is to hold, a
// [Desired]: roles with their policies, instance profiles, identity providers. Its
// [Changes] are data that print like a diff and that the adapter awsiam applies;
// [PlanDelete] is the way back. Nothing is changed that does not carry the owner's
// tag.
//
//	changes, findings, err := iam.Plan(snapshot, desired, iam.PlanOptions{})
//
// [CheckPermissions] says of a principal's requests which layer of policies decides
// them: its own, its boundary, the organization's. [Requirements] turns the
// permissions of rules into the least policy, and [NeedsOf] a policy into requests.
//
// # Kinds of policies
//
//	kind                    Principal   Resource    size, in characters
//	IdentityPolicy          none        required    6,144 managed; inline 2,048 user, 5,120 group, 10,240 role
//	ResourcePolicy          required    mostly      20,480 bytes, for buckets
//	TrustPolicy             required    none        2,048, raised on request
//	ServiceControlPolicy    none        required    5,120, by newer pages 10,240, white space included
//	ResourceControlPolicy   "*"         required    5,120, white space included
//	SessionPolicy           none        required    2,048, and a packed size that STS alone computes
//	EndpointPolicy          required    required    20,480, white space included
//
// # What is kept, and what equality promises
//
// Parse keeps every distinction that AWS keeps: "*" and {"AWS": "*"}, an absent
// Version and an old one, an empty list and none, the digits of a number. It
// does not keep what AWS reads alike: whether one value stands as a list,
// quotes around numbers and booleans, the order of the elements, an empty Sid.
// [Format] keeps these too.
//
// [Equal] never calls two documents equal that differ in what they mean. The
// other way round it decides by text alone: it does not know which actions
// exist, nor that two conditions come to the same.
//
// # What this package does not do
//
// It does not check that principals and resources exist, or read an account; and
// without a catalog it knows no action. The Authorizer knows what it is given: it
// does not know which calls an action needs besides its own, access control lists
// of buckets, or grants of KMS keys. A value from a document is untrusted text;
// messages quote it.
//
// The language is described at
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies.html and
// its grammar at
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html.
package iam
