// Package awsiam reads the identities of an AWS account into an [iam.Snapshot],
// and brings an account to what [iam.Plan] decided.
//
//	snapshot, err := awsiam.Load(ctx, client, awsiam.LoadOptions{Desired: desired})
//	changes, findings, err := iam.Plan(snapshot, desired, iam.PlanOptions{})
//	result, err := awsiam.Apply(ctx, client, changes, awsiam.ApplyOptions{})
//
// [Ensure] does all three. With a principal in place of what is desired, Load
// reads everything that bears on its requests, for [iam.CheckPermissions]:
//
//	snapshot, err := awsiam.Load(ctx, client, awsiam.LoadOptions{Principal: callerARN})
//
// Every call is the caller's client's: its credentials, its retries, its limits.
// Nothing is made without the tag [groundway.OwnerTag], and nothing that is not
// tagged so is changed. [Actions] lists what Load may call, and
// [iam.Changes.Actions] what a plan needs.
//
// It does not make users, groups or access keys, and it knows no session
// policies, which nothing in AWS shows.
//
// https://docs.aws.amazon.com/IAM/latest/APIReference/welcome.html
package awsiam
