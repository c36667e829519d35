// Package awscli reads the key pairs of a directory of AWS CLI output into a
// [sshkeys.Snapshot], so that they can be checked without access to their
// account.
//
//	snapshot, err := awscli.Read(os.DirFS("dump"))
//
// The directory is the one of network/awscli, of which this package reads one
// file more, ec2-describe-key-pairs.json, as the AWS CLI (version 1 or 2) prints
// it with --output json and without --query or --filters:
//
//	aws ec2 describe-key-pairs --include-public-key
//
// A missing file leaves the key pairs unseen, with a gap that names the IAM
// action and the file; without --include-public-key their public keys are unseen.
// The output says neither of which account nor of which region it is: both are
// empty in the snapshot, and the caller's to set, as is the time.
//
// A file that cannot be read as the output of its call is an error that names
// file, line, column and field, and what was expected there. So is a file whose
// name is close to this one's and that nobody would read otherwise.
package awscli
