package dex_test

import (
	"fmt"
	"log"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/identity/dex"
)

// A letter too many turns off the certificates of clients, and dex does not say so.
func ExampleLintText() {
	text := `issuer: "https://console.example.com/identity"
storage: {type: "kubernetes", config: {inCluster: true}}
web: {http: "0.0.0.0:5556"}
grpc:
  addr: "0.0.0.0:5557"
  tlsCert: "/etc/tls/tls.crt"
  tlsKey: "/etc/tls/tls.key"
  tlsClientCAs: "/etc/tls/ca.crt"
enablePasswordDB: true
`
	for _, f := range dex.LintText("dex.yaml", []byte(text), dex.LintOptions{}) {
		if f.Outcome == groundway.Failed && f.Severity == groundway.Error {
			fmt.Println(f.Evidence[0].Path, f.Code)
		}
	}
	// Output:
	// dex.yaml:5:3 identity/dex-grpc-open
	// dex.yaml:8:3 identity/dex-key-unknown
}

// The configuration holds no secret, and the environment does.
func ExampleRender() {
	rendered, err := dex.Render(dex.Config{
		Issuer:        "https://console.example.com/identity",
		StaticClients: []dex.Client{{ID: "console", Name: "Console", Secret: groundway.NewSecret("1b2d9f6c47e84a03b5d1")}},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(string(rendered.Config))
	fmt.Println(rendered.Secrets)
	// Output:
	// issuer: "https://console.example.com/identity"
	// staticClients:
	//   - id: "console"
	//     name: "Console"
	//     secretEnv: "DEX_CLIENT_CONSOLE_SECRET"
	// map[DEX_CLIENT_CONSOLE_SECRET:[redacted]]
}
