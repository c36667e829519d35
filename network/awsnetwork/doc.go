// Package awsnetwork reads the network of a live AWS account into a
// [network.Snapshot], for network.Check to judge, and carries out the plans of
// package network/plan.
//
//	client := ec2.NewFromConfig(cfg) // of the AWS SDK; loading cfg is the caller's job
//	snapshot, err := awsnetwork.Load(ctx, client, "vpc-0a1", awsnetwork.LoadOptions{Region: cfg.Region})
//
// [Load] sends reading calls only, and none with DryRun. It needs the IAM
// actions that [Actions] lists, and tolerates that some are denied: what they
// would have shown is unseen, and findings that rest on it are unknown.
//
// To make a network, plan it of what [LoadOwned] or Load shows, and give the plan
// to [Apply]; [Remove] deletes what it made. Both can be called again after any
// error, touch nothing that lacks the owner's tags, and need the actions that
// [ApplyActions] and [RemoveActions] list.
//
//	snapshot, err := awsnetwork.LoadOwned(ctx, client, "demo", awsnetwork.LoadOptions{Region: cfg.Region})
//	p, err := plan.New(snapshot, plan.Options{Cluster: "demo", CIDR: netip.MustParsePrefix("10.0.0.0/16")})
//	done, err := awsnetwork.Apply(ctx, client, p, awsnetwork.ApplyOptions{})
//
// The tags of load balancers are another service's: [LoadBalancerTags] reads
// them.
//
// Package awsnetworktest has a client for tests.
package awsnetwork
