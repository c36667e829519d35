// Package failure says what an outage of a cluster's identity comes to: who is cut
// off, from when, for how long, and what goes on working; it judges the values that
// decide it, prints the procedures that prove it, and asks a live issuer.
//
//	m := failure.NewModel(config, 2)                 // of a configuration of dex
//	r, err := failure.Simulate(m, failure.Outage{Kind: failure.AllInstances, Lasts: 15 * time.Minute})
//	rows, err := failure.Scenarios(m)                // all of them; RenderTable, RenderSVG
//	findings := failure.Check(m, failure.CheckOptions{Time: now, Planned: time.Hour})
//	drills, err := failure.Drills(m, failure.DrillOptions{}, 10 * time.Minute)
//	findings, err := failure.Probe(ctx, client, issuer, failure.ProbeOptions{Time: now})
//
// Everything but [Probe] is pure. Drills are commands to be run by a person, and
// nothing here runs them; Probe sends GET requests and shakes hands.
//
// # What was measured
//
// The numbers are those of kube-apiserver v1.36.3 and dex v2.45.1. A token goes on
// working while dex is down until it ends, and past the age of the keys, for the API
// server looks at the age only when it sees a key that it has not. It then asks for
// the keys, unless it did within the last 570 s: dex says that they are good for
// 600 s, and the API server asks 30 s before. So a token of a new key is refused
// until then, if the API server started, or saw any unknown key, shortly before a
// rotation. An API server is ready without dex, and asks for it every 10 s.
//
// # Failure domains of Tectonic Identity
//
// What that document says, and where it is here:
//
//	the console, kubectl and the API server reach       Graph: Console, Kubectl and APIServer need
//	dex by a load balancer with a stable name           LoadBalancer, which stands for its name too
//	the console logs users in and keeps a session       Graph; Simulate: ConsoleLogIn
//	kubectl renews its token every few hours            Graph: AtRenewal, ID tokens; Simulate: Renew
//	kubectl asked at every request (before v1.7)        gone: it asks when its token ends
//	the API server reads discovery and keys, and        Graph: AtNewKey; Simulate: UseToken, UseNewToken;
//	caches the keys                                     Model.Window
//	the ingress asks /identity/healthz                  dex.Objects: both probes; Probe: probe-health;
//	                                                    Check: failure-readiness-missing
//	several instances protect against the loss of a     Simulate: OneInstance; Check: failure-replicas-single,
//	process or a machine                                failure-antiaffinity-missing, failure-budget-missing
//	providers are asked at a login                      Graph: AtLogin; Simulate: ProviderDown
//	state is in third party resources                   custom resources today; Graph: Dex to Storage;
//	                                                    Check: failure-storage-unshared
//	an instance that does not answer is rescheduled     Simulate: OneInstance, Result.By
//	an instance recovers in 5 to 60 s                   Model.PodStart; Result.Recovery
//	an outage takes all instances or the load balancer  Simulate: AllInstances
//	low risk to clients that cache keys                 Result.Risk is low below the life of a token
//	higher risk to clients that need dex: starting an   not so: an API server starts without dex. Its users are
//	API server                                          cut off at once instead: AllAndRestart
//	higher risk that keys are not rotated               Simulate: RotateKey; nothing ends by that alone
//	the provider is down: no logins                     Simulate: ProviderDown, LogIn
//	… and no renewal once the token ends                Simulate: ProviderDown, Renew, and by which connectors
//	the life of a token is configurable                 dex.Expiry; Check: failure-tokens-end-first
//	recovery from a provider is 0 s once logged in      Result.Recovery; true until the own token ends
//	the storage fails: "Database Error"                 Simulate: StorageDown
//	it affects renewal and the rotation of keys         Simulate: Renew, RotateKey; and, today, /keys itself
//	the interfaces answer "200 errors"                  500, measured; Drills
//	recovery from the storage is 0 s                    Result.Recovery
//	simulate by scaling to 0                            Drills: the first, with its undo
//	simulate by revoking the roles                      Drills: the second, with its undo
//	the kubeconfig of the installer lets one in         apiserver.NewBreakGlass, of a group of its own, that ends;
//	                                                    Check: failure-breakglass-missing and -ends
//	is there a circle of the API server and dex?        Graph, and a test of it: the API server asks dex for new
//	                                                    keys only, and dex shows a service account; dex.Objects
//	                                                    binds that account
//
// The document is silent about the window of the keys (KeyRotation), certificates
// (IngressCertificate, GRPCCertificate, KubeCAReplaced), and an API server that
// starts meanwhile (AllAndRestart).
//
// # Limits
//
// Tokens are taken to be of all ages, evenly. Logins by a proxy's session are not
// seen. The certificate at dex itself, behind an ingress, counts as the ingress's.
// See https://kubernetes.io/docs/reference/access-authn-authz/authentication/.
package failure
