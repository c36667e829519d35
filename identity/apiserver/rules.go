package apiserver

import (
	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/verdict"
)

const (
	codeUnreadable groundway.Code = "identity/apiserver-file-unreadable"
	codeSecondDoc  groundway.Code = "identity/apiserver-file-second-document"
	codeRefused    groundway.Code = "identity/apiserver-value-refused"
	codeExclusive  groundway.Code = "identity/apiserver-flags-exclusive"
	codeSlash      groundway.Code = "identity/apiserver-issuer-trailing-slash"
	codeCALeaf     groundway.Code = "identity/apiserver-ca-not-authority"
	codeCAExpired  groundway.Code = "identity/apiserver-ca-expired"
	codeSystem     groundway.Code = "identity/apiserver-prefix-system"
	codeNoPrefix   groundway.Code = "identity/apiserver-prefix-username-missing"
	codeGroups     groundway.Code = "identity/apiserver-prefix-groups-missing"
	codeAlgorithm  groundway.Code = "identity/apiserver-algorithm-rs256-missing"
	codeAnonymous  groundway.Code = "identity/apiserver-anonymous-open"
	codeDiscovery  groundway.Code = "identity/apiserver-serviceaccount-discovery-off"
	codeUnverified groundway.Code = "identity/apiserver-serviceaccount-key-unverified"
	codeSmallKey   groundway.Code = "identity/apiserver-serviceaccount-key-weak"

	codeKubeUnreadable  groundway.Code = "identity/kubeconfig-file-unreadable"
	codeKubeKey         groundway.Code = "identity/kubeconfig-key-unknown"
	codeKubeExecVersion groundway.Code = "identity/kubeconfig-exec-version"
	codeKubeExecMode    groundway.Code = "identity/kubeconfig-exec-interactive-mode"
	codeKubeProvider    groundway.Code = "identity/kubeconfig-provider-gone"
	codeKubeInsecure    groundway.Code = "identity/kubeconfig-server-unverified"
	codeKubePlain       groundway.Code = "identity/kubeconfig-server-plaintext"
	codeKubeStatic      groundway.Code = "identity/kubeconfig-credential-static"
	codeKubeMasters     groundway.Code = "identity/kubeconfig-certificate-masters"
	codeKubeEnded       groundway.Code = "identity/kubeconfig-certificate-ended"
	codeKubeLong        groundway.Code = "identity/kubeconfig-certificate-long"
	codeKubeReference   groundway.Code = "identity/kubeconfig-context-dangling"
)

// Rules returns the rules of [Lint] and of [LintKubeConfig]. None needs an IAM
// action: what can be unseen are files and the time.
func Rules() []groundway.Rule {
	return append(verdict.Public(rules), verdict.Public(kubeRules)...)
}

const (
	pageOIDC   = "https://kubernetes.io/docs/reference/access-authn-authz/authentication/#openid-connect-tokens"
	pageFile   = "https://kubernetes.io/docs/reference/access-authn-authz/authentication/#using-authentication-configuration"
	pageAnon   = "https://kubernetes.io/docs/reference/access-authn-authz/authentication/#anonymous-requests"
	pageSA     = "https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#service-account-issuer-discovery"
	pageRBAC   = "https://kubernetes.io/docs/concepts/security/rbac-good-practices/"
	pageExec   = "https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins"
	pageConfig = "https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/"
)

const (
	noIssuer  = "the API server takes tokens of no issuer"
	noCA      = "no authority is configured"
	noSigning = "no key signs tokens of service accounts"
)

var rules = verdict.Under(codeUnreadable,
	verdict.NewRule(codeUnreadable, groundway.Error, pageFile, "The authentication configuration can be read",
		"The API server does not start; at a reload it keeps the old configuration and counts a failure.",
		"Correct the text.", "no configuration was read from a text"),
	verdict.NewRule(codeSecondDoc, groundway.Error, pageFile, "The authentication configuration is one document",
		"The API server reads the first one and passes over the others without a word.",
		"Remove the line of three dashes, or what follows it.", "no configuration was read from a text"),
	verdict.NewRule(codeRefused, groundway.Error, pageFile, "The API server starts with the configuration",
		"The API server does not start; at a reload it keeps the old configuration and counts a failure.",
		"Correct the value.", ""),
	verdict.NewRule(codeExclusive, groundway.Error, pageFile, "People are configured by flags or by a file, not by both",
		"The API server refuses --authentication-config beside any --oidc flag, and anonymous requests in both.",
		"Remove the flags.", ""),
	verdict.NewRule(codeSlash, groundway.Error, pageOIDC, "The issuer does not end in a slash",
		"It is compared with the issuer's own name, which has none where dex is configured well: the API server only logs it, every ten seconds, and takes no token.",
		"Remove the slash.", noIssuer),
	verdict.NewRule(codeCALeaf, groundway.Error, pageOIDC, "What verifies the issuer is an authority",
		"The API server starts with the certificate of a server in its place, and takes no token after the next renewal, or none at all.",
		"Give it the certificate of the authority that signed the issuer's.", noCA),
	verdict.NewRule(codeCAExpired, groundway.Error, pageOIDC, "What verifies the issuer is valid now",
		"The API server starts, and cannot fetch the issuer's keys.",
		"Give it the authority that the issuer has now.", noCA),
	verdict.NewRule(codeSystem, groundway.Error, pageRBAC, "No prefix begins with system:",
		"Users and groups of the issuer become those of Kubernetes: a group masters is an administrator.",
		"Use a prefix of your own, such as dex:.", noIssuer),
	verdict.NewRule(codeNoPrefix, groundway.Warning, pageOIDC, "Users have a prefix",
		"A user of the issuer can be called as a user of certificates or service accounts is. With flags, email has none unless it is given.",
		"Set a prefix, such as dex:.", noIssuer),
	verdict.NewRule(codeGroups, groundway.Error, pageRBAC, "Groups have a prefix",
		"Whoever may name a group at a provider, at an LDAP directory for example, calls it system:masters and is an administrator.",
		"Set a prefix, such as dex:.", "the API server takes no groups"),
	verdict.NewRule(codeAlgorithm, groundway.Error, pageOIDC, "RS256 is among the algorithms",
		"Dex signs with RS256 alone.",
		"Add RS256, or remove the flag.", noIssuer),
	verdict.NewRule(codeAnonymous, groundway.Warning, pageAnon, "Anonymous requests reach health checks only",
		"Whoever reaches the API server asks as system:anonymous, which a careless binding gives more than was meant.",
		"Limit anonymous requests to /livez, /readyz and /healthz by the configuration.", ""),
	verdict.NewRule(codeDiscovery, groundway.Warning, pageSA, "The issuer of service accounts is an https URL",
		"The API server starts, and publishes neither discovery document nor keys: nobody else verifies a pod's token, AWS included.",
		"Set --service-account-issuer to an https URL.", "the API server names no issuer of service accounts"),
	verdict.NewRule(codeUnverified, groundway.Error, pageSA, "The key that signs tokens of service accounts verifies them",
		"The API server starts and signs tokens that it refuses.",
		"Add the public key to --service-account-key-file.", noSigning),
	verdict.NewRule(codeSmallKey, groundway.Error, pageSA, "The key that signs tokens of service accounts is strong",
		"The API server starts with an RSA key of 1024 bits.",
		"Make a key of RSA with 2048 bits or more, or of ECDSA P-256.", noSigning),
)

const (
	noExec = "no user logs in by a program"
	noCert = "no user logs in by a certificate"
)

var kubeRules = verdict.Under(codeKubeUnreadable,
	verdict.NewRule(codeKubeUnreadable, groundway.Error, pageConfig, "The kubeconfig can be read",
		"kubectl reads it no better.", "Correct the text.", "the kubeconfig was not read from a text"),
	verdict.NewRule(codeKubeKey, groundway.Error, pageConfig, "kubectl knows every key, once",
		"kubectl passes over a key that it does not know, and over every document but the first.", "Write the key as kubectl knows it, or remove it.", "the kubeconfig was not read from a text"),
	verdict.NewRule(codeKubeExecVersion, groundway.Error, pageExec, "Programs that log in speak a version that kubectl has",
		"kubectl reads v1 and v1beta1; v1alpha1 is gone.", "Set apiVersion to client.authentication.k8s.io/v1.", noExec),
	verdict.NewRule(codeKubeExecMode, groundway.Error, pageExec, "Programs of version v1 say whether they ask the user",
		"kubectl refuses the kubeconfig.", "Set interactiveMode to IfAvailable.", noExec),
	verdict.NewRule(codeKubeProvider, groundway.Error, pageExec, "No user logs in by a provider that kubectl has not",
		"kubectl has oidc alone: it has lost gcp, azure and openstack, and refuses the kubeconfig.", "Log in by an exec plug-in.", "no user logs in by a provider"),
	verdict.NewRule(codeKubeInsecure, groundway.Error, pageConfig, "The API server's certificate is verified",
		"Whoever stands between has every token and every Secret.", "Remove insecure-skip-tls-verify, and give the authority.", "there is no cluster"),
	verdict.NewRule(codeKubePlain, groundway.Error, pageConfig, "The API server is reached by https",
		"Tokens travel in the clear.", "Write the server with https.", "there is no cluster"),
	verdict.NewRule(codeKubeStatic, groundway.Warning, pageConfig, "Nobody logs in by a credential that does not end",
		"A token or a password in a file is whoever copies the file, until somebody notices. The API server takes no password any more.", "Log in by an exec plug-in, or by a certificate that ends soon.", "there is no user"),
	verdict.NewRule(codeKubeMasters, groundway.Error, pageRBAC, "No certificate is of the group system:masters",
		"No binding takes back what the group may: the certificate is an administrator until its authority is gone.", "Issue a certificate of a group of its own, and bind that.", noCert),
	verdict.NewRule(codeKubeEnded, groundway.Error, pageConfig, "Certificates are valid now",
		"The API server refuses the user.", "Issue the certificate anew.", noCert),
	verdict.NewRule(codeKubeLong, groundway.Warning, pageRBAC, "Certificates of people end within a month",
		"Nothing revokes a client certificate.", "Issue one for hours, when it is needed.", noCert),
	verdict.NewRule(codeKubeReference, groundway.Error, pageConfig, "Contexts name clusters and users that are there",
		"kubectl asks localhost, or asks for a password.", "Correct the name.", "there is no context"),
)
