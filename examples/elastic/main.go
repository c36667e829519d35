// Elastic prepares an AWS account for an elastic runtime environment: the policies,
// roles and instance profiles of the cluster installer and of the workers, the
// verdict on the network, and the values that its configuration asks for.
//
//	go run ./examples/elastic                                      for an account that is built in
//	go run ./examples/elastic -spec cluster.yaml -snapshot PATH    for yours, as it was seen
//	go run ./examples/elastic -spec cluster.yaml -live -out DIR    and the files that are planned
//	go run ./examples/elastic -spec cluster.yaml -live -apply      and all of it in the account
//
// The steps are those of
// https://onlinehelp.informatica.com/IICS/prod/admin/en/gg-iics-rte/Set_up_the_AWS_environment.html.
package main

import (
	"embed"

	"github.com/groundway-sdk/groundway/examples/install"
)

//go:embed account
var account embed.FS

var program = install.Program{
	Name:    "elastic",
	About:   "Elastic prepares an AWS account for an elastic runtime environment.",
	Account: account, Plan: plan,
}

func main() { install.Main(program) }
