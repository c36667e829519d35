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
// Everything is pure: it does no I/O, and reads no clock. Whether the issuer answers
// is asked by identity/failure. The rules rest on
// https://kubernetes.io/docs/reference/access-authn-authz/authentication/.
package identity
