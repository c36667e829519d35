// Package sshkeys says whether the key pair that a cluster's instances get in
// EC2 is the key that somebody holds: an install with another one goes well up to
// its last step.
//
//	key, err := sshkeys.ParsePublicKey(text) // of a file, in any form that people have
//	…
//	findings := sshkeys.Check(snapshot, sshkeys.Options{Region: "us-east-1", KeyName: "ops", PublicKey: key})
//
// A [Snapshot] is plain data. Package sshkeys/awssshkeys reads one from a live
// account and imports keys, and sshkeys/awscli reads the output of the AWS CLI.
// [Check], [PlanImport] and the comparisons are pure.
//
// # From no key to an imported one
//
//	key, err := sshkeys.Create(ctx, "/home/alice/.ssh/ops", passphrase, sshkeys.GenerateOptions{})
//	…
//	pair, err := awssshkeys.EnsureImported(ctx, client, "ops", key.Public(), sshkeys.PlanOptions{})
//
// [Find] looks for a key that is there already.
//
// # The fingerprints of EC2
//
// EC2 shows one of three kinds, by the type of the key and by who made it, and
// none of them is what ssh-keygen -l prints:
//
//	                 imported                         made by EC2
//	RSA              MD5 of the DER of the public     SHA-1 of the PKCS #8 DER of the
//	                 key (not of RFC 4716)            private key
//	ED25519          SHA-256, as ssh-keygen prints it, but with padding and without
//	                 the prefix SHA256:
//
// A comparison asks the public key itself first, which EC2 shows where the call
// asks for it (--include-public-key), and then the fingerprint, whose form tells
// its kind. Where neither tells, as of an RSA key pair that EC2 made, the verdict
// is [Unverifiable], which a finding reports as unknown.
//
// # Codes
//
// Each with "sshkeys/" before it:
//
//	pair-name-invalid        EC2 takes no such name
//	pair-other-region        what was seen is another region's
//	pair-not-found           no key pair of the name
//	pair-mismatch            a key pair of the name, and another key
//	key-options              options of authorized_keys before the key
//	key-type-unsupported     ECDSA or DSA
//	key-type-windows         ED25519, for instances that run Windows
//	key-weak                 RSA of less than 2048 bits
//	key-length-undocumented  RSA of another length than 2048, 3072 or 4096 bits
//
// [Rules] returns them with their reasons.
//
// # Secrets
//
// A private key is a [PrivateKey], which prints as [redacted]; a passphrase is a
// [groundway.Secret]. A text that holds a private key where a public one is wanted
// is refused with how to convert it, and no error of the package repeats any of a
// text. Findings name keys by their fingerprints and never show a comment.
package sshkeys
