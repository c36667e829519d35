// Package awscli reads a directory of AWS CLI output into a [network.Snapshot],
// so that a network can be checked without access to its account: whoever has
// the access runs the script that [Script] returns and hands over the
// directory.
//
//	snapshot, err := awscli.Read(os.DirFS("dump"))
//
// A dump directory holds one file a call, named service-command.json, as the
// AWS CLI (version 1 or 2) prints it with --output json and without --query or
// --filters. [Files] lists the names, with the commands that print them. The
// calls need no permission but to describe, and tag:GetResources.
//
// # What is missing
//
// A missing file leaves its part unseen, with a gap that names the IAM action
// and the file. A part is partial, so that absence is not concluded from it,
// where its file
//
//   - has a NextToken: it holds the first page of more;
//   - is one of the two DNS attributes, which EC2 answers for one VPC at a time,
//     and the dump has, or may have, other VPCs;
//   - lists the zones, but none that the account has not opted in to: only with
//     --all-availability-zones does EC2 list all zones, and in some regions
//     that makes no difference;
//   - belongs to the prefix lists, and not every list that a route or a security
//     group names has its file, whole. A list of which only a page was seen is left out.
//
// A field that an older AWS CLI did not know is unseen as well: it is empty or
// nil in the snapshot. A field that this package does not know is passed over.
// The region is taken from the zones and the ARNs of subnets, the account from
// sts-get-caller-identity.json; each is empty where that was not seen. A dump
// does not say when it was made: the time of the snapshot is zero, and the
// caller's to set.
//
// # What is wrong
//
// A file that cannot be read as the output of its call is an error that names
// file, line, column and field, and what was expected there; the errors of all
// files are joined, in the order of the files' names. So is a CIDR block with
// host bits, an identifier or a key that stands twice, and a dump of two
// regions. UTF-16 and byte order marks, which PowerShell writes, are read. A
// file may have 64 MiB.
//
// Files with other names are ignored: they may be another reader's. But a name
// close to one of ours, such as ec2-describe-subnet.json, is an error too, for
// otherwise a slip of the pen would turn into a part that could not be seen.
package awscli
