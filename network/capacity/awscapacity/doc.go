// Package awscapacity reads the room that a live AWS account has into a
// [capacity.Snapshot], for capacity.Check to judge.
//
//	snapshot, err := awscapacity.Load(ctx, awscapacity.Clients{
//		EC2: ec2.NewFromConfig(cfg), Quotas: servicequotas.NewFromConfig(cfg),
//		LoadBalancers: elasticloadbalancingv2.NewFromConfig(cfg), ClassicLoadBalancers: elasticloadbalancing.NewFromConfig(cfg),
//		IAM: iam.NewFromConfig(cfg), KMS: kms.NewFromConfig(cfg),
//	}, awscapacity.LoadOptions{Region: cfg.Region, InstanceTypes: []string{"m5.large"}})
//
// [Load] sends reading calls only. It needs the IAM actions that [Actions] lists,
// and tolerates that some are denied: what they would have shown is unseen, and
// findings that rest on it are unknown. AWS has no number for most of what is used:
// it is counted, every listing to its last page.
//
// Package awscapacitytest has clients for tests.
package awscapacity
