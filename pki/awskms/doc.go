// Package awskms signs with asymmetric keys that AWS KMS holds, so that the
// authorities of a cluster never have a private key outside it.
//
//	signer, err := awskms.NewSigner(ctx, kms.NewFromConfig(cfg), "alias/demo-kube-ca")
//	issuer, err := pki.NewIssuer(chain, signer)
//
// A [Signer] is a [crypto.Signer] and a [crypto.MessageSigner]; crypto/x509
// hands such a signer the whole certificate, which KMS hashes itself. The leaves
// that it signs keep their keys in this process. [Load], [PlanKey] and [Apply]
// make a key of an alias where there is none.
//
// Keys on NIST curves and RSA keys have been tried against an emulator of KMS;
// Ed25519 keys, which the emulators do not know, against this module's own fake
// alone. Keys for other curves and for ML-DSA are refused: the programs of a
// cluster take no such certificates.
//
// The IAM actions are those of [Actions] to sign, and of [ApplyActions] to
// create. KMS asks for them in the key's own policy as well. See
// https://docs.aws.amazon.com/kms/latest/developerguide/symmetric-asymmetric.html.
package awskms
