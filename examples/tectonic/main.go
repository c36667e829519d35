// Tectonic prepares an AWS account for the Tectonic installer: the policy and the
// role of the installer, the network, the key pair, and the files that the
// installer is given, from the certificates to the way in that needs no dex.
//
//	go run ./examples/tectonic                                      a plan for an account that is built in
//	go run ./examples/tectonic -spec cluster.yaml -snapshot PATH    one for yours, as it was seen
//	go run ./examples/tectonic -spec cluster.yaml -live -out DIR    the files of it
//	go run ./examples/tectonic -spec cluster.yaml -live -apply      all of it in the account
//
// The library does the work: plan.go puts its packages side by side, and package
// install beside it prints, writes and carries out.
package main

import (
	"embed"

	"github.com/groundway-sdk/groundway/examples/install"
)

//go:embed account
var account embed.FS

var program = install.Program{
	Name:    "tectonic",
	About:   "Tectonic prepares an AWS account for the Tectonic installer.",
	Account: account, Plan: plan,
}

func main() { install.Main(program) }
