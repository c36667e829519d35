package failure

import (
	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/verdict"
)

const (
	codeModel       groundway.Code = "identity/failure-model-invalid"
	codeReplicas    groundway.Code = "identity/failure-replicas-single"
	codeAffinity    groundway.Code = "identity/failure-antiaffinity-missing"
	codeReadiness   groundway.Code = "identity/failure-readiness-missing"
	codeDisruption  groundway.Code = "identity/failure-budget-missing"
	codeShared      groundway.Code = "identity/failure-storage-unshared"
	codeBudget      groundway.Code = "identity/failure-tokens-end-first"
	codeIdle        groundway.Code = "identity/failure-refresh-ends-first"
	codeWays        groundway.Code = "identity/failure-login-single"
	codeWindow      groundway.Code = "identity/failure-rotation-window"
	codeAlways      groundway.Code = "identity/failure-rotation-always"
	codeCAFlag      groundway.Code = "identity/failure-ca-restart"
	codeNoGlass     groundway.Code = "identity/failure-breakglass-missing"
	codeGlassEnds   groundway.Code = "identity/failure-breakglass-ends"
	codeProbeReach  groundway.Code = "identity/probe-discovery"
	codeProbeIssuer groundway.Code = "identity/probe-issuer"
	codeProbeOrigin groundway.Code = "identity/probe-keys-elsewhere"
	codeProbeAlgs   groundway.Code = "identity/probe-algorithms"
	codeProbeKeys   groundway.Code = "identity/probe-keys"
	codeProbeAge    groundway.Code = "identity/probe-keys-age"
	codeProbeHealth groundway.Code = "identity/probe-health"
	codeProbeSNI    groundway.Code = "identity/probe-tls-sni"
	codeProbeNoSNI  groundway.Code = "identity/probe-tls-no-sni"
	codeProbeEnds   groundway.Code = "identity/probe-tls-ends"
	codeProbeGRPC   groundway.Code = "identity/probe-grpc-open"
)

// Rules returns the rules of [Check] and of [Probe]. None needs an IAM action.
func Rules() []groundway.Rule {
	return append(verdict.Public(rules), verdict.Public(probeRules)...)
}

const (
	pageRun       = "https://kubernetes.io/docs/tasks/run-application/configure-pdb/"
	pageAffinity  = "https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#affinity-and-anti-affinity"
	pageReady     = "https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/"
	pageStorage   = "https://dexidp.io/docs/configuration/storage/"
	pageTokens    = "https://dexidp.io/docs/configuration/tokens/"
	pageKeys      = "https://github.com/dexidp/dex/issues/2759"
	pageFile      = "https://kubernetes.io/docs/reference/access-authn-authz/authentication/#using-authentication-configuration"
	pageAuth      = "https://kubernetes.io/docs/reference/access-authn-authz/authentication/"
	pageConnector = "https://dexidp.io/docs/connectors/"
	pageDiscovery = "https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfigurationValidation"
	pageAPI       = "https://dexidp.io/docs/configuration/api/"
)

var rules = verdict.Under(codeModel,
	verdict.NewRule(codeModel, groundway.Error, pageTokens, "The configuration can be simulated",
		"What ends when follows from lifetimes, and these are not longer than zero.",
		"Correct the lifetime.", ""),
	verdict.NewRule(codeReplicas, groundway.Error, pageRun, "There are two instances of dex",
		"The loss of the one instance, or of its machine, is an outage of all.",
		"Run two instances: kubectl scale deployment tectonic-identity --replicas=2.", ""),
	verdict.NewRule(codeAffinity, groundway.Warning, pageAffinity, "Instances avoid each other's machines",
		"Both may run on one machine, and end with it.",
		"Add pod anti-affinity by kubernetes.io/hostname.", ""),
	verdict.NewRule(codeReadiness, groundway.Warning, pageReady, "Instances that do not answer get no requests",
		"Without a readiness probe the Service leads to an instance that has not started, or hangs.",
		"Add a readiness probe at the path of the issuer with /healthz.", ""),
	verdict.NewRule(codeDisruption, groundway.Warning, pageRun, "A budget keeps an instance while machines are drained",
		"An upgrade of the machines may end both at once.",
		"Add a PodDisruptionBudget with minAvailable: 1.", "there is one instance, which a budget would only keep from moving"),
	verdict.NewRule(codeShared, groundway.Error, pageStorage, "All instances share the storage",
		"Each has keys and sessions of its own: whoever is sent to another one has to log in again, and half of all tokens are refused.",
		"Use the Kubernetes storage.", "there is one instance"),
	verdict.NewRule(codeBudget, groundway.Warning, pageTokens, "ID tokens outlast the outage that is planned for",
		"People are cut off, each at the end of the own token, before the outage ends.",
		"Set expiry.idTokens to the length of the outage, if revoking may take as long.", "no outage is planned for"),
	verdict.NewRule(codeIdle, groundway.Warning, pageTokens, "Refresh tokens outlast the outage that is planned for",
		"After the outage everybody has to log in again.",
		"Set expiry.refreshTokens.validIfNotUsedFor above the length of the outage.", "no outage is planned for, or refresh tokens do not end by being idle"),
	verdict.NewRule(codeWays, groundway.Warning, pageConnector, "There are two ways to log in",
		"When the provider is down nobody logs in.",
		"Enable the password database, with one user for that day, or add a connector of another provider.", "there is no connector"),
	verdict.NewRule(codeWindow, groundway.Warning, pageKeys, "A rotation seldom falls within the window of the keys",
		"The API server keeps its copy of the keys for as long whatever it sees: tokens of the new key are refused, each API server for itself, and people log in again and again without success.",
		"Rotate less often, or have the ingress set Cache-Control: max-age=30 at the path of the keys.", "the signer does not rotate its key"),
	verdict.NewRule(codeAlways, groundway.Error, pageKeys, "Keys sign for longer than the API server keeps its copy of them",
		"New tokens are refused all the time.",
		"Set signer.config.keysRotationPeriod, or expiry.signingKeys, to hours.", "the signer does not rotate its key"),
	verdict.NewRule(codeCAFlag, groundway.Warning, pageFile, "The API server reads a new authority of the issuer without a start",
		"By --oidc-ca-file it reads it when it starts; and an API server that starts has no keys.",
		"Configure the issuer by --authentication-config.", ""),
	verdict.NewRule(codeNoGlass, groundway.Error, pageAuth, "There is a way in that needs no dex",
		"On the day on which dex is down nobody may mend it.",
		"Make one: apiserver.NewBreakGlass, and keep it sealed.", ""),
	verdict.NewRule(codeGlassEnds, groundway.Warning, pageAuth, "The way in that needs no dex is good for longer than an outage",
		"It ends before it is needed.",
		"Make another one, or one when it is needed: the authority's key is enough.", "there is no way in that needs no dex"),
)

var probeRules = []verdict.Rule{
	verdict.NewRule(codeProbeReach, groundway.Error, pageDiscovery, "The issuer answers with its discovery document",
		"Nobody logs in, and an API server that starts takes no token.",
		"Look at dex, the load balancer and the name: curl ISSUER/.well-known/openid-configuration.", ""),
	verdict.NewRule(codeProbeIssuer, groundway.Error, pageDiscovery, "The issuer calls itself as it is called, byte for byte",
		"Every client refuses its tokens.",
		"Set issuer of dex to the URL by which it is asked.", "", codeProbeReach),
	verdict.NewRule(codeProbeOrigin, groundway.Warning, pageDiscovery, "The keys are where the issuer is",
		"The API server would have to reach, and to trust, another host.",
		"Look at what stands between.", "", codeProbeReach),
	verdict.NewRule(codeProbeAlgs, groundway.Error, pageDiscovery, "The API server takes the algorithms of the issuer",
		"It refuses every token.",
		"Add the algorithm to --oidc-signing-algs.", "", codeProbeReach),
	verdict.NewRule(codeProbeKeys, groundway.Error, pageDiscovery, "The keys are there, and there is one at least",
		"The API server refuses tokens of keys that it has not seen, while the health of dex says 200.",
		"Look at dex's storage, and at the roles of its service account.", "", codeProbeReach),
	verdict.NewRule(codeProbeAge, groundway.Warning, pageKeys, "The keys may be asked for again soon",
		"For so long after a fetch the API server refuses tokens of a new key.",
		"Have the ingress set Cache-Control: max-age=30 at the path of the keys.", "", codeProbeReach, codeProbeKeys),
	verdict.NewRule(codeProbeHealth, groundway.Error, pageReady, "The issuer says that it is healthy",
		"The load balancer sends it no requests.",
		"Look at the log of dex.", "", codeProbeReach),
	verdict.NewRule(codeProbeSNI, groundway.Error, pageDiscovery, "The certificate is verified where the client names the host",
		"Nobody reaches the issuer.",
		"Issue the certificate anew, and start dex anew: it notices no change in a mounted Secret.", ""),
	verdict.NewRule(codeProbeNoSNI, groundway.Warning, pageDiscovery, "The certificate is verified where the client names no host",
		"Dex shows such clients the certificate with which it started, and an ingress its own.",
		"Start dex anew, or give the ingress a default certificate.", ""),
	verdict.NewRule(codeProbeEnds, groundway.Warning, pageDiscovery, "The certificate is good for a month",
		"Logins and the API server's fetches stop when it ends.",
		"Renew it.", ""),
	verdict.NewRule(codeProbeGRPC, groundway.Error, pageAPI, "The gRPC interface refuses whoever shows no certificate",
		"Whoever reaches the port makes clients and passwords.",
		"Set grpc.tlsClientCA, and look at its spelling.", ""),
}
