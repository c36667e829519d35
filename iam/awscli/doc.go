// Package awscli reads a directory of AWS CLI output, so that an account can be
// checked without access to it: what a cluster names into a [resource.Snapshot], and
// who may do what into an [iam.Snapshot].
//
//	resources, err := awscli.ReadResources(os.DirFS("dump"))
//	identities, err := awscli.ReadIdentities(os.DirFS("dump"))
//
// The directory is the one of network/awscli, of which this package reads the files
// that [Files] lists, each as the AWS CLI (version 1 or 2) prints it with --output
// json and without --query, --filter or --filters. A file that is about one resource has its
// name in its own: dynamodb-describe-table-vault-data.json. [FilesFor] returns those
// that a cluster's options ask for, and [Script] the commands of a shell that make
// them. The identities stand in one file, iam-get-account-authorization-details.json,
// and who made the dump in sts-get-caller-identity.json: [IdentityFiles].
//
// # What is missing
//
// A missing file leaves its part, or what it shows of a resource, unseen, with a gap
// that names the IAM action and the file. Presence is concluded from any file, absence
// from lists alone: a table that is not described exists where dynamodb-list-tables.json
// names it, and is unseen where there is no such file. Lists of a first page show no
// absence. Of S3 only the account's own buckets are listed; whether another account has
// a bucket is seen live and not here.
//
// The region and the time are the caller's to set, and so is the account of resources.
// Access key IDs are kept as digests.
//
// # What is wrong
//
// A file that cannot be read as the output of its call is an error that names file,
// line, column and field, and what was expected there. So is a name that stands twice,
// and a file whose name is close to one of these and that nobody would read otherwise.
package awscli
