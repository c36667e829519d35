// Package awsresource reads what a cluster names in a live AWS account into a
// [resource.Snapshot], for resource.Check to judge.
//
//	clients := awsresource.NewClients(cfg) // loading cfg is the caller's job
//	snapshot, err := awsresource.Load(ctx, clients, options, awsresource.LoadOptions{Region: cfg.Region})
//
// [Load] sends reading calls only, for what the options name and nothing else, all at
// once; [Actions] lists the IAM actions that a policy has to allow. It never reads the
// value of a secret. [Holder] uses an access key to see whose it is. Package
// awsresourcetest has clients for tests.
package awsresource
