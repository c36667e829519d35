// Package awssshkeys reads the key pairs of a live AWS account into a
// [sshkeys.Snapshot], for sshkeys.Check to judge, and imports keys.
//
//	client := ec2.NewFromConfig(cfg) // of the AWS SDK; loading cfg is the caller's job
//	snapshot, err := awssshkeys.Load(ctx, client, awssshkeys.LoadOptions{Region: cfg.Region})
//
// [Load] sends one reading call. [Apply] sends the one that imports, for a plan
// of sshkeys.PlanImport, and [EnsureImported] does all three steps. No key pair is ever
// replaced or deleted, and no private key leaves the machine.
//
// [Actions] and [ApplyActions] list the IAM actions that a policy has to allow.
// Package awssshkeystest has a client for tests.
package awssshkeys
