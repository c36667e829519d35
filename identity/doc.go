// Package identity holds what the files of a cluster's identity must agree on, and
// says where they do not: dex, the API server and the kubeconfigs compare the issuer,
// the audience and the authority byte for byte, and none of them sees the others.
//
//	model := identity.Model{Issuer: "https://console.example.com/identity", …}
//	err := model.Check()
//	config := dex.New(model)                      // package identity/dex
//	flags, err := apiserver.NewFlags(model, …)    // package identity/apiserver
//
//	findings := identity.Check(identity.CheckOptions{}, sides...)   // files that exist
//
// What is written from one [Model] agrees. A [Side] is what one existing file says;
// the packages of the programs make it of their texts. [Check] compares all of them.
//
// # Credentials
//
// [CheckCredentials] says whether an installation can be carried through with the
// credentials of the caller. The page that lists what Tectonic needs on AWS says
// this of them, and these codes, each with "identity/credential-" before it, or
// functions answer for it:
//
//	a key, or a temporary one with a session token     root, life-short
//	the region to use                                  region-disabled, clock-skew
//	a licence and a pull secret                        license, pull-secret
//	a role with a trust policy                         iam.NewTrustDocument, role-untrusted
//	the ARN of the user in the trust policy            iam.TrustPrincipals, role-untrusted
//	the role assumed with a name for the session       [Assumption], session-name
//	an expiration                                      life-short, duration-refused, chain-capped
//	what a role may ask for besides                    external-id, mfa
//
// Package identity/awsidentity reads the caller, and assumes the role.
//
// Everything is pure: it does no I/O, and reads no clock. Whether the issuer answers
// is asked by identity/failure. The rules rest on
// https://kubernetes.io/docs/reference/access-authn-authz/authentication/.
package identity
