// Package dex writes the configuration of dex, the OpenID Connect issuer, so that dex
// reads back what was meant, and finds what dex accepts in silence.
//
//	config := dex.Tectonic(dex.TectonicOptions{Issuer: "https://console.example.com/identity", …})
//	findings := dex.Lint(config, dex.LintOptions{…})
//	objects, err := dex.Objects(config, dex.DeploymentOptions{…})
//
//	findings := dex.LintText("dex.yaml", data, dex.LintOptions{…})   // an existing file
//
// Everything is pure: it does no I/O, and reads no clock and no environment.
//
// # What dex accepts
//
// Dex v2.45.1 starts with almost everything: it passes over keys that it does not
// know, so that a misspelt grpc.tlsClientCA leaves its administration open to
// whoever reaches the port; it takes certificates that ended, lifetimes below zero,
// variables that are not set, and connectors that let in everybody. [Rules] has a
// rule for each of these, and end-to-end tests show the rows of their table to dex
// itself.
//
// # What dex does beside that
//
// Dex notices no change of a certificate in a mounted Secret: renewing one means rolling
// the Deployment, for which [DeploymentOptions] has a revision. The first instance on
// a cluster makes the definitions of its resources, and may end once when it asks for
// them too early; Kubernetes starts it again.
//
// # Secrets
//
// [Render] takes all secrets out of the configuration and puts the names of
// environment variables in their places, so that the ConfigMap holds none. A
// [groundway.Secret] shows itself in no error and no finding.
//
// # Limits
//
// Keys that only a later version than v2.45.1 knows are unknown. YAML with anchors,
// aliases or tags is refused. See https://dexidp.io/docs/configuration/.
package dex
