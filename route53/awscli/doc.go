// Package awscli reads the hosted zones of a directory of AWS CLI output into a
// [route53.Snapshot], so that they can be checked without access to their
// account.
//
//	snapshot, err := awscli.Read(os.DirFS("dump"))
//
// The directory is the one of network/awscli, of which this package reads the
// files whose names begin with route53; [Files] lists them. They hold what the
// AWS CLI (version 1 or 2) prints with --output json and without --query. The
// calls need no permission but to read. What the public DNS says is in no file:
// package route53/resolver asks it.
//
// # What is missing
//
// A missing file leaves its part unseen, or partial where other zones have
// theirs, with a gap that names the IAM action and the file. So does a file that
// holds the first page of more. A directory without any of these files is no
// error: all parts are unseen. A field that this package does not know is passed
// over. The time, the account and the region are the caller's to set.
//
// # What is wrong
//
// A file that cannot be read as the output of its call is an error that names
// file, line, column and field, and what was expected there; the errors of all
// files are joined, in the order of the files' names. So are a domain name that
// does not parse, a zone or a record set that stands twice, and a name of a file
// that is close to one of ours and that nobody would read otherwise.
package awscli
