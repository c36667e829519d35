// Package awscli reads the room of an account from a directory of AWS CLI output
// into a [capacity.Snapshot], so that it can be judged without access to the
// account.
//
//	snapshot, err := awscli.Read(os.DirFS("dump"), network)
//
// The directory is the one of network/awscli, whose snapshot, of the whole region,
// shows what VPCs, gateways and security groups there are; [Files] lists the files
// that this package reads besides, as the AWS CLI prints them with --output json.
// A missing file leaves unseen what it would show, with a gap that names the IAM
// action and the file. Whether a role that is missing may be made, and whether Auto
// Scaling may use a key, no file says: both are unseen.
//
// A file that cannot be read as the output of its call is an error that names file,
// line, column and field, and what was expected there.
package awscli
