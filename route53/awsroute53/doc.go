// Package awsroute53 reads the hosted zones of a live AWS account into a
// [route53.Snapshot], for route53.Check to judge, and applies a [route53.Plan].
//
//	client := route53.NewFromConfig(cfg) // of the AWS SDK; loading cfg is the caller's job
//	snapshot, err := awsroute53.Load(ctx, client, "k8s.example.com", awsroute53.LoadOptions{})
//
// [Load] sends reading calls only. It needs the IAM actions that [Actions]
// lists, and tolerates that some are denied: what they would have shown is
// unseen, and findings that rest on it are unknown. What the public DNS says is
// not its business: package route53/resolver asks that.
//
// [Apply] needs those of [ApplyActions]. It re-reads what the plan assumed and
// stops where that changed, and touches no record set that the plan does not
// name.
//
// Both keep to the request rates of Route 53 by themselves, see [Rate]. Package
// awsroute53test has a client for tests.
package awsroute53
