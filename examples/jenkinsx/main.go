// Jenkinsx prepares an AWS account for Jenkins X on EKS: the policies of those who
// make the cluster and run boot, roles for service accounts, the hosted zone of the
// cluster and its delegation, and jx-requirements.yml.
//
//	go run ./examples/jenkinsx                                      for an account that is built in
//	go run ./examples/jenkinsx -spec cluster.yaml -snapshot PATH    for yours, as it was seen
//	go run ./examples/jenkinsx -spec cluster.yaml -live -out DIR    and the files that are planned
//	go run ./examples/jenkinsx -spec cluster.yaml -live -apply      and all of it in the account
//
// The page that it follows is
// https://jenkins-x.io/v2/docs/install-setup/installing/boot/clouds/amazon/.
package main

import (
	"embed"

	"github.com/groundway-sdk/groundway/examples/install"
)

//go:embed account
var account embed.FS

var program = install.Program{
	Name:    "jenkinsx",
	About:   "Jenkinsx prepares an AWS account for Jenkins X on EKS.",
	Account: account, Plan: plan,
}

func main() { install.Main(program) }
