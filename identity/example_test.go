package identity_test

import (
	"fmt"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/identity"
)

// One slash, and the API server takes no token of dex.
func ExampleCheck() {
	dex := identity.Side{
		Program: identity.Dex, File: "dex.yaml",
		Issuers: []identity.Value{{Text: "https://console.example.com/identity", Path: "dex.yaml:1:9"}},
	}
	api := identity.Side{
		Program: identity.APIServer, File: "flags",
		Issuers: []identity.Value{{Text: "https://console.example.com/identity/", Path: "--oidc-issuer-url"}},
	}
	for _, f := range identity.Check(identity.CheckOptions{}, dex, api) {
		if f.Outcome == groundway.Failed {
			fmt.Println(f.Code, f.Subject.Path)
		}
	}
	// Output:
	// identity/agree-issuer --oidc-issuer-url
}
