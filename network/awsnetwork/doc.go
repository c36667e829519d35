// Package awsnetwork reads the network of a live AWS account into a
// [network.Snapshot], for network.Check to judge.
//
//	client := ec2.NewFromConfig(cfg) // of the AWS SDK; loading cfg is the caller's job
//	snapshot, err := awsnetwork.Load(ctx, client, "vpc-0a1", awsnetwork.LoadOptions{Region: cfg.Region})
//
// [Load] sends reading calls only, and none with DryRun. It needs the IAM
// actions that [Actions] lists, and tolerates that some are denied: what they
// would have shown is unseen, and findings that rest on it are unknown.
//
// The tags of load balancers are another service's: [LoadBalancerTags] reads
// them.
//
// Package awsnetworktest has a client for tests.
package awsnetwork
