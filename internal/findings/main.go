// Findings prints the rules of every package as one page, FINDINGS.md:
//
//	go run ./internal/findings > FINDINGS.md
package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/resource"
	"github.com/groundway-sdk/groundway/identity"
	"github.com/groundway-sdk/groundway/identity/apiserver"
	"github.com/groundway-sdk/groundway/identity/dex"
	"github.com/groundway-sdk/groundway/identity/failure"
	"github.com/groundway-sdk/groundway/identity/jenkinsx"
	"github.com/groundway-sdk/groundway/identity/oidc"
	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/network/capacity"
	"github.com/groundway-sdk/groundway/network/flow"
	"github.com/groundway-sdk/groundway/pki"
	"github.com/groundway-sdk/groundway/route53"
	"github.com/groundway-sdk/groundway/sshkeys"
)

func main() { fmt.Print(page()) }

// packages are those that export Rules, in the order of the page.
var packages = []struct {
	name, about string
	rules       func() []groundway.Rule
}{
	{
		"network", "Whether a VPC is ready for a cluster: `network.Check`; who can talk to whom: `flow.Check`; whether the account has room: `capacity.Check`.",
		func() []groundway.Rule { return slices.Concat(network.Rules(), flow.Rules(), capacity.Rules()) },
	},
	{"iam", "Whether a policy document is what AWS takes, and what was meant: `iam.Validate` and `iam.Lint`; whether a principal may do what is needed, and no more: `iam.CheckPermissions` and `iam.Escalate`; what stands in the way of identities: `iam.Plan`.", iam.Rules},
	{"iam/resource", "Whether what grants name is there, and in a state to be used: `resource.Check`.", resource.Rules},
	{"pki", "Whether the certificates of a cluster are what its programs need: `pki.Verify`.", pki.Rules},
	{"route53", "Whether the names of a cluster will resolve: `route53.Check`.", route53.Rules},
	{"identity", "Whether the files of a cluster's identity agree, and whether the caller's credentials do: `identity.Check` and `identity.CheckCredentials`.", identity.Rules},
	{"identity/apiserver", "Whether the API server knows people as was meant, and kubeconfigs too: `apiserver.Lint` and `apiserver.LintKubeConfig`.", apiserver.Rules},
	{"identity/dex", "Whether a configuration of dex does what it was written for: `dex.Lint` and `dex.LintText`.", dex.Rules},
	{"identity/failure", "What decides who is cut off by an outage, and how a live issuer answers: `failure.Check` and `failure.Probe`.", failure.Rules},
	{"identity/jenkinsx", "Whether jx-requirements.yml does what it was written for: `jenkinsx.Check`.", jenkinsx.Rules},
	{"identity/oidc", "Whether the pods of every service account would get their role, and nobody else: `oidc.Check`.", oidc.Rules},
	{"sshkeys", "Whether the key pair of the instances is the key that somebody holds: `sshkeys.Check`.", sshkeys.Rules},
}

func page() string {
	var b strings.Builder
	b.WriteString(`# Findings

Every code that a finding can have, with what must hold and why. Codes are part of the API: they
are never renamed, and retired ones stay reserved. The severity is that of a failure, unless the
profile says otherwise: an error stops an installation, a warning works now and is fragile or
costly. What could not be seen is unknown under the same code, and names the IAM action.

This page is printed from the rules themselves by internal/findings.

`)
	for _, p := range packages {
		fmt.Fprintf(&b, "- %s, %d codes. %s\n", link(p.name), len(p.rules()), p.about)
	}
	for _, p := range packages {
		rules := p.rules()
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n| code | severity | what must hold |\n|---|---|---|\n", p.name, p.about)
		for _, r := range rules {
			fmt.Fprintf(&b, "| %s | %s | %s |\n", link(string(r.Code)), r.Severity, r.Title)
		}
		for _, r := range rules {
			why, page := r.Reason()
			fmt.Fprintf(&b, "\n### %s\n\n**%s.** %s\n\n", r.Code, r.Title, why)
			fmt.Fprintf(&b, "- severity: %s, since %s\n", r.Severity, r.Since)
			if len(r.DependsOn) > 0 {
				fmt.Fprintf(&b, "- skipped where it follows from: %s\n", join(r.DependsOn, func(c groundway.Code) string { return link(string(c)) }))
			}
			if len(r.Permissions) > 0 {
				fmt.Fprintf(&b, "- IAM actions: %s\n", join(r.Permissions, func(action string) string { return "`" + action + "`" }))
			}
			if page != "" {
				fmt.Fprintf(&b, "- see: <%s>\n", page)
			}
		}
	}
	return b.String()
}

// link leads to the heading of a package or a code on the page. The anchor of a
// heading is its text without the slashes, see
// https://docs.github.com/en/get-started/writing-on-github/getting-started-with-writing-and-formatting-on-github/basic-writing-and-formatting-syntax#section-links.
func link(heading string) string {
	return "[" + heading + "](#" + strings.ReplaceAll(heading, "/", "") + ")"
}

func join[T any](list []T, text func(T) string) string {
	words := make([]string, len(list))
	for i, item := range list {
		words[i] = text(item)
	}
	return strings.Join(words, ", ")
}
