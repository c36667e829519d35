package identity

import (
	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/verdict"
)

const (
	codeIssuer         groundway.Code = "identity/agree-issuer"
	codeAudience       groundway.Code = "identity/agree-audience-unknown"
	codeClient         groundway.Code = "identity/agree-client-unknown"
	codeRefused        groundway.Code = "identity/agree-client-refused"
	codeCA             groundway.Code = "identity/agree-ca"
	codeCAChain        groundway.Code = "identity/agree-ca-ingress"
	codeServiceAccount groundway.Code = "identity/agree-serviceaccount-issuer"
	codeAlgorithm      groundway.Code = "identity/agree-algorithm"
	codeScope          groundway.Code = "identity/agree-scope"
)

// CredentialRules returns the rules of [CheckCredentials] alone.
func CredentialRules() []groundway.Rule { return verdict.Public(credentialRules) }

// Rules returns the rules of [Check] and of [CheckCredentials]. Those of Check need
// no IAM action: what is unseen are files that were not given.
func Rules() []groundway.Rule {
	return append(verdict.Public(rules), CredentialRules()...)
}

const (
	pageOIDC  = "https://kubernetes.io/docs/reference/access-authn-authz/authentication/#openid-connect-tokens"
	pageDex   = "https://dexidp.io/docs/guides/kubernetes/"
	pageTrust = "https://dexidp.io/docs/configuration/custom-scopes-claims-clients/#cross-client-trust-and-authorized-party"
)

var rules = []verdict.Rule{
	verdict.NewRule(codeIssuer, groundway.Error, pageOIDC, "All files name the issuer of dex, byte for byte",
		"The API server compares the issuer of a token with its own as texts: a slash, a capital or a port more, and it refuses every token, with a line in its log every ten seconds.",
		"Write the issuer as it stands in dex's configuration.", "no file but dex's names an issuer"),
	verdict.NewRule(codeAudience, groundway.Error, pageDex, "Every audience of the API server is a client of dex",
		"No token has such an audience.",
		"Name a client of dex.", "no API server takes tokens of the issuer"),
	verdict.NewRule(codeClient, groundway.Error, pageDex, "Every kubeconfig logs in as a client of dex",
		"Dex refuses the login.",
		"Name a client of dex.", "no kubeconfig logs in"),
	verdict.NewRule(codeRefused, groundway.Error, pageTrust, "The API server takes the tokens of every kubeconfig's client",
		"The login works, and the API server refuses the token.",
		"Take the client among the API server's audiences, or log in as one of them.", "no kubeconfig logs in"),
	verdict.NewRule(codeCA, groundway.Warning, pageOIDC, "All files verify the issuer by the same authority",
		"One of them refuses the certificate that the others take, now or after the next renewal.",
		"Give all of them the same file.", "fewer than two files name an authority"),
	verdict.NewRule(codeCAChain, groundway.Error, pageOIDC, "Every authority verifies the certificate of the ingress",
		"Nobody logs in, and the API server cannot fetch the issuer's keys.",
		"Give the file the authority that signed the certificate of the ingress.", "no file names an authority", codeCA),
	verdict.NewRule(codeServiceAccount, groundway.Error, pageOIDC, "The issuer of people is not that of service accounts",
		"The API server does not start.",
		"Give service accounts an issuer of their own.", "no API server names an issuer of service accounts"),
	verdict.NewRule(codeAlgorithm, groundway.Error, pageOIDC, "The API server takes RS256, by which dex signs",
		"The API server refuses every token.",
		"Add RS256 to the algorithms.", "no API server limits the algorithms"),
	verdict.NewRule(codeScope, groundway.Warning, pageDex, "Kubeconfigs ask for what the API server maps",
		"A token has a claim only if its scope was asked for: without it the user has no groups, or no name.",
		"Add the scope to the login.", "no kubeconfig logs in"),
}
