// Package awscli reads the caller of a directory of AWS CLI output into an
// [identity.CredentialSnapshot], so that it can be checked without access to its
// account.
//
//	snapshot, err := awscli.Read(os.DirFS("dump"))
//
// The directory is the one of network/awscli, of which this package reads two
// files, sts-get-caller-identity.json and account-get-region-opt-status.json, as the
// AWS CLI (version 1 or 2) prints them with --output json and without --query:
//
//	aws sts get-caller-identity
//	aws account get-region-opt-status --region-name REGION
//
// A missing file leaves its part unseen, with a gap that names the IAM action and
// the file. What time AWS has, no output says: the clock is unseen, as is the role
// that is to be assumed, whose output holds more than this package takes.
//
// A file that cannot be read as the output of its call is an error that names file,
// line, column and field, and what was expected there. So is a file whose name is
// close to one of these and that nobody would read otherwise.
package awscli
