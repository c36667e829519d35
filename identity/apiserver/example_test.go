package apiserver_test

import (
	"fmt"
	"log"
	"strings"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/identity"
	"github.com/groundway-sdk/groundway/identity/apiserver"
)

// Flags and file say the same of one model.
func ExampleNewFlags() {
	model := identity.Model{
		Issuer: "https://console.example.com/identity", Clients: []identity.Client{{ID: "kubectl", Public: true}},
		Audiences: []string{"kubectl"}, Claims: identity.DefaultClaims(),
	}
	flags, err := apiserver.NewFlags(model, apiserver.FlagsOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(strings.Join(flags.Args(), "\n"))
	configuration, err := apiserver.NewConfiguration(model)
	if err != nil {
		log.Fatal(err)
	}
	text, err := configuration.YAML()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(string(text))
	// Output:
	// --oidc-issuer-url=https://console.example.com/identity
	// --oidc-client-id=kubectl
	// --oidc-username-claim=email
	// --oidc-username-prefix=dex:
	// --oidc-groups-claim=groups
	// --oidc-groups-prefix=dex:
	// apiVersion: "apiserver.config.k8s.io/v1"
	// kind: "AuthenticationConfiguration"
	// jwt:
	//   - issuer:
	//       url: "https://console.example.com/identity"
	//       audiences:
	//         - "kubectl"
	//     claimMappings:
	//       username:
	//         claim: "email"
	//         prefix: "dex:"
	//       groups:
	//         claim: "groups"
	//         prefix: "dex:"
}

// Groups without a prefix make an administrator of whoever names a group.
func ExampleLint() {
	flags, err := apiserver.ParseFlags([]string{
		"--oidc-issuer-url=https://console.example.com/identity", "--oidc-client-id=kubectl",
		"--oidc-groups-claim=groups", "--anonymous-auth=false",
		"--service-account-issuer=https://api.example.com", "--service-account-key-file=sa.pub",
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range apiserver.Lint(apiserver.Config{Flags: flags}, apiserver.LintOptions{}) {
		if f.Outcome == groundway.Failed {
			fmt.Println(f.Code, f.Summary)
		}
	}
	// Output:
	// identity/apiserver-prefix-groups-missing Groups have no prefix.
}
