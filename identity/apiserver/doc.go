// Package apiserver writes what the API server and its clients need of identity: the
// OIDC flags or the AuthenticationConfiguration that say the same, kubeconfigs, and a
// way in for the day on which nobody can log in; and finds what the API server
// accepts in silence.
//
//	flags, err := apiserver.NewFlags(model, apiserver.FlagsOptions{CAFile: "/etc/ssl/oidc-ca.crt"})
//	configuration, err := apiserver.NewConfiguration(model)
//	findings := apiserver.Lint(apiserver.Config{Flags: flags}, apiserver.LintOptions{Time: now})
//	glass, err := apiserver.NewBreakGlass(issuer, apiserver.BreakGlassOptions{…})
//
// Flags and file say the same of one [identity.Model], and differ in what they can:
//
//	                       --oidc-* flags            AuthenticationConfiguration v1
//	issuers, audiences     one of each               64, several each
//	a change               a restart                 read again within a minute
//	a mistake in it        it does not start         the old one stays, at a reload
//	prefixes               none for email, groups    have to be written
//	algorithms             RS256                     all nine of RSA and ECDSA
//
// Both at once are refused. Everything is pure: it does no I/O, and reads no clock.
// Expressions of CEL are not compiled. The rules rest on
// https://kubernetes.io/docs/reference/access-authn-authz/authentication/ and on
// kube-apiserver v1.36.3.
package apiserver
