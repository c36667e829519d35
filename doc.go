// Package groundway is the vocabulary of the Groundway SDK: what must be true
// in an AWS account before a Kubernetes installer runs, said as [Finding]
// values that a person can act on and a machine can check again.
//
// # The map of the module
//
// Each package observes, decides or acts, and nothing does two of these:
//
//	AWS ──Load──▶ Snapshot ──Check──▶ Findings
//
// A Snapshot is plain data: what was seen, and what could not be seen. Check
// and its like are pure: without a context in their signature they do no I/O,
// and read no clock, no environment and no global state. Load lives in adapter
// packages, which take a ready AWS SDK client.
//
//   - network classifies each subnet's egress exactly and checks a VPC for public
//     and internal clusters; network/flow says who can talk to whom, network/plan
//     plans a VPC, network/capacity holds a cluster against quotas and addresses.
//     network/awsnetwork reads and changes a live account, network/awscli reads
//     the output of the AWS CLI, network/networktest has snapshots to start from.
//   - iam parses, builds, validates, lints, tightens, evaluates and compares policy
//     documents, and plans identities; iam/presets has those of installers and
//     add-ons, iam/resource checks what a cluster names, iam/awsiam and
//     iam/awsresource are the live account.
//   - pki issues, verifies and rotates the certificates of a cluster; pki/awskms
//     keeps the keys of authorities in AWS KMS.
//   - identity judges the configuration of dex, the API server and kubeconfigs, and
//     credentials; identity/oidc gives pods roles.
//   - sshkeys compares key pairs with keys, and route53 looks at zones, delegation
//     and records.
//
// The command in examples/preflight does all of it for one cluster; those in
// examples/tectonic, examples/elastic and examples/jenkinsx make what is missing.
//
// # Findings, unknowns and errors
//
// A bad world is a [Finding] that failed. A broken tool is an error. What could
// not be seen is a finding of outcome [Unknown], which never reads as "no" and
// never as "yes": see [Part], whose zero value is unseen. Findings are ordered
// by severity, code and subject, never by the order of the input.
//
//	report := groundway.NewReport(at, network.Check(snapshot, options))
//	if err := report.Err(); err != nil { … }
//
// # Compatibility
//
// The module is at version 0: an API may change in a minor version, with a line
// in CHANGELOG.md. Three things hold already: a [Code] is never renamed and a
// retired one stays reserved; a snapshot written by an older version is read by
// a newer one of the same major schema; and the fields of groundway.report/v1
// keep their meaning.
package groundway
