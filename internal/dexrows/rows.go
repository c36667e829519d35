// Package dexrows is a table of configurations of dex, each with what the linter
// finds in it and what dex itself does: the tests of the linter judge every row,
// and the end-to-end tests show every row to dex, so that the table stays true.
package dexrows

import "strings"

// A Row is a configuration that differs from [Base] in some lines.
type Row struct {
	Name string
	// Edits are pairs of texts: what stands in the base, and what stands there
	// instead. A first text that is empty appends the second.
	Edits []string
	// Fails are the rules that fail, without the prefix identity/dex-, beside those
	// of the base itself.
	Fails []string
	// Refused says that dex does not start.
	Refused bool
	// Alone says why dex is not shown the row: it would need a server of somebody
	// else. Empty is that it is.
	Alone string
}

// Base is a configuration that dex starts with, whose one failing rule is
// storage-memory. Its addresses are replaced where it is run.
const Base = `issuer: "http://127.0.0.1:5556/identity"
storage:
  type: "memory"
web:
  http: "127.0.0.1:5556"
grpc:
  addr: "127.0.0.1:5557"
telemetry:
  http: "127.0.0.1:5558"
expiry:
  idTokens: "1h"
  signingKeys: "6h"
  authRequests: "1h"
  refreshTokens:
    reuseInterval: "3s"
    absoluteLifetime: "720h"
    validIfNotUsedFor: "168h"
oauth2:
  responseTypes: ["code"]
enablePasswordDB: true
staticClients:
  - id: "console"
    name: "Console"
    secret: "1b2d9f6c47e84a03b5d1"
    redirectURIs: ["https://console.example.com/auth/callback"]
  - id: "kubectl"
    name: "kubectl"
    public: true
    trustedPeers: ["console"]
staticPasswords:
  - email: "jane@example.com"
    hash: "$2b$10$.4.QbW9XJQ5vLEWXRzt8suxa31oZ/65RgtEJolwcxyLLrlTVMpSsS"
    username: "jane"
    userID: "1"
connectors:
  - type: "github"
    id: "github"
    name: "GitHub"
    config:
      clientID: "github-client"
      clientSecret: "github-secret"
      redirectURI: "http://127.0.0.1:5556/identity/callback"
      orgs: [{name: "example"}]
`

// Text returns the configuration of the row. It panics for an edit of what the base
// does not hold.
func (r Row) Text() string {
	text := Base
	for i := 0; i < len(r.Edits); i += 2 {
		from, to := r.Edits[i], r.Edits[i+1]
		switch {
		case from == "":
			text += to
		case !strings.Contains(text, from):
			panic("dexrows: " + r.Name + ": the base does not hold " + from)
		default:
			text = strings.Replace(text, from, to, 1)
		}
	}
	return text
}

func edits(pairs ...string) []string { return pairs }

func fails(codes ...string) []string { return codes }

const (
	idTokens = `idTokens: "1h"`
	keys     = `signingKeys: "6h"`
	console  = `redirectURIs: ["https://console.example.com/auth/callback"]`
	orgs     = `      orgs: [{name: "example"}]` + "\n"
	callback = "http://127.0.0.1:5556/identity/callback"
	network  = "dex would ask a server of the provider"
)

// ldap is a connector that opens without a connection.
const ldap = `  - type: "ldap"
    id: "ldap"
    name: "LDAP"
    config:
      host: "ldap.example.com"
      bindDN: "cn=dex,dc=example,dc=com"
      bindPW: "ldap-secret"
      userSearch: {baseDN: "dc=example,dc=com", username: "mail", filter: "(objectClass=person)"}
`

const saml = `  - type: "saml"
    id: "saml"
    name: "SAML"
    config:
      ssoURL: "https://saml.example.com/sso"
      insecureSkipSignatureValidation: true
      usernameAttr: "name"
      emailAttr: "email"
      redirectURI: "` + callback + `"
`

// The beginnings of connectors in one line. Nobody answers at the issuer of oidc, which
// dex logs alone.
const (
	oidc      = `  - {type: "oidc", id: "oidc", name: "OIDC", config: {issuer: "https://127.0.0.1:1", clientID: "a", clientSecret: "b", redirectURI: "` + callback + `"`
	microsoft = `  - {type: "microsoft", id: "microsoft", name: "Microsoft", config: {clientID: "a", clientSecret: "b", redirectURI: "` + callback + `"`
	oauth     = `  - {type: "oauth", id: "oauth", name: "OAuth", config: {clientID: "a", clientSecret: "b", redirectURI: "` + callback + `"`
)

// Rows returns the table.
func Rows() []Row {
	return []Row{
		{Name: "the base"},

		// The text.
		{Name: "a tab", Edits: edits("  type: \"memory\"", "\ttype: \"memory\""), Fails: fails("file-unreadable"), Refused: true},
		{Name: "nothing", Edits: edits(Base, ""), Fails: fails("file-unreadable"), Refused: true},
		{Name: "an unknown key at the top", Edits: edits("", "issuers: [\"a\"]\n"), Fails: fails("key-unknown")},
		{Name: "an unknown key within", Edits: edits(idTokens, `idToken: "1h"`), Fails: fails("key-unknown")},
		{Name: "an unknown key of a client", Edits: edits(console, `redirectURI: ["https://console.example.com/auth/callback"]`), Fails: fails("key-unknown", "client-redirect-missing")},
		{Name: "an unknown key of a connector", Edits: edits("orgs:", "organizations:"), Fails: fails("key-unknown", "connector-open")},
		{
			Name:  "a misspelt client authority turns mutual TLS off",
			Edits: edits(`addr: "127.0.0.1:5557"`, "addr: \"127.0.0.1:5557\"\n  tlsClientCAs: \"/no/such/file\""), Fails: fails("key-unknown"),
		},
		{Name: "a key in other letters", Edits: edits("enablePasswordDB", "enablePasswordDb"), Fails: fails("key-case")},
		{Name: "a key twice", Edits: edits("", "enablePasswordDB: true\n"), Fails: fails("key-duplicate")},
		{Name: "a second document", Edits: edits("", "---\nissuer: \"https://other.example.com\"\n"), Fails: fails("file-second-document")},
		{Name: "a second document that is no YAML", Edits: edits("", "---\n{{{\n"), Fails: fails("file-second-document")},
		{Name: "an ID that is a truth value", Edits: edits(`id: "kubectl"`, "id: on"), Fails: fails("value-unquoted")},
		{Name: "an ID that is a number", Edits: edits(`id: "kubectl"`, "id: 0123"), Fails: fails("value-unquoted")},
		{Name: "a user ID that is a number", Edits: edits(`userID: "1"`, "userID: 1"), Fails: fails("value-unquoted"), Refused: true},
		{Name: "an ID of a connector that is a number", Edits: edits(`id: "github"`, "id: 7"), Fails: fails("value-unquoted"), Refused: true},
		{Name: "a number within a connector", Edits: edits(`clientID: "github-client"`, "clientID: 7"), Fails: fails("value-unquoted"), Refused: true},
		{Name: "a truth value within a connector", Edits: edits(`clientID: "github-client"`, "clientID: yes"), Fails: fails("value-unquoted"), Refused: true},

		// What dex refuses.
		{Name: "no issuer", Edits: edits(`issuer: "http://127.0.0.1:5556/identity"`+"\n", ""), Fails: fails("value-refused"), Refused: true},
		{Name: "an unknown storage", Edits: edits(`type: "memory"`, `type: "floppy"`), Fails: fails("value-refused", "-storage-memory"), Refused: true},
		{Name: "a Kubernetes storage of nowhere", Edits: edits(`type: "memory"`, `type: "kubernetes"`), Fails: fails("value-refused", "-storage-memory"), Refused: true},
		{Name: "an etcd storage without an endpoint", Edits: edits(`type: "memory"`, `type: "etcd"`), Fails: fails("value-refused", "-storage-memory"), Refused: true},
		{Name: "no address", Edits: edits(`  http: "127.0.0.1:5556"`, "  headers: {}"), Fails: fails("value-refused"), Refused: true},
		{Name: "an address without a port", Edits: edits(`http: "127.0.0.1:5556"`, `http: "127.0.0.1"`), Fails: fails("value-refused"), Refused: true},
		{Name: "https without a certificate", Edits: edits(`http: "127.0.0.1:5556"`, `https: "127.0.0.1:5556"`), Fails: fails("value-refused"), Refused: true},
		{Name: "TLS 1.1", Edits: edits(`http: "127.0.0.1:5556"`, "http: \"127.0.0.1:5556\"\n  tlsMinVersion: \"1.1\""), Fails: fails("value-refused"), Refused: true},
		{Name: "gRPC with half a pair", Edits: edits(`addr: "127.0.0.1:5557"`, "addr: \"127.0.0.1:5557\"\n  tlsKey: \"/no/such/file\""), Fails: fails("value-refused"), Refused: true},
		{Name: "a client authority without a certificate", Edits: edits(`addr: "127.0.0.1:5557"`, "addr: \"127.0.0.1:5557\"\n  tlsClientCA: \"/no/such/file\""), Fails: fails("value-refused"), Refused: true},
		{Name: "a duration that is none", Edits: edits(idTokens, `idTokens: "1 day"`), Fails: fails("value-refused"), Refused: true},
		{Name: "a local signer without a period", Edits: edits("", "signer: {type: \"local\", config: {}}\n"), Fails: fails("value-refused"), Refused: true},
		{Name: "an unknown signer", Edits: edits("", "signer: {type: \"kms\", config: {}}\n"), Fails: fails("value-refused"), Refused: true},
		{Name: "an unknown response type", Edits: edits(`["code"]`, `["code", "cookie"]`), Fails: fails("value-refused"), Refused: true},
		{Name: "a client without a name", Edits: edits(`    name: "Console"`+"\n", ""), Fails: fails("value-refused"), Refused: true},
		{Name: "a client without an ID", Edits: edits(`  - id: "console"`+"\n    name", "  - name"), Fails: fails("value-refused", "client-peer-unknown"), Refused: true},
		{Name: "a client without a secret", Edits: edits(`    secret: "1b2d9f6c47e84a03b5d1"`+"\n", ""), Fails: fails("value-refused"), Refused: true},
		{Name: "passwords without the database", Edits: edits("enablePasswordDB: true\n", ""), Fails: fails("value-refused"), Refused: true},
		{Name: "a hash that is none", Edits: edits("$2b$10$.4.QbW9XJQ5vLEWXRzt8suxa31oZ/65RgtEJolwcxyLLrlTVMpSsS", "hunter2"), Fails: fails("value-refused"), Refused: true},
		{Name: "an unknown connector", Edits: edits(`type: "github"`, `type: "carrier-pigeon"`), Fails: fails("value-refused"), Refused: true},
		{Name: "a connector without a name", Edits: edits(`    name: "GitHub"`+"\n", ""), Fails: fails("value-refused"), Refused: true},
		{Name: "a trusted proxy that is no block", Edits: edits("telemetry:", "  clientRemoteIP: {header: \"X-Real-IP\", trustedProxies: [\"192.0.2.1\"]}\ntelemetry:", "grpc:\n  addr: \"127.0.0.1:5557\"\n", ""), Fails: fails("value-refused"), Refused: true},
		{Name: "a log level that is none", Edits: edits("", "logger: {level: \"loud\"}\n"), Fails: fails("value-refused"), Refused: true},
		{Name: "a log level with what is no number", Edits: edits("", "logger: {level: \"info+x\"}\n"), Fails: fails("value-refused"), Refused: true},
		{Name: "a log level without a name", Edits: edits("", "logger: {level: \"-4\"}\n"), Fails: fails("value-refused"), Refused: true},
		{Name: "a log level between two", Edits: edits("", "logger: {level: \"Debug+2\"}\n")},
		{Name: "a port that is none", Edits: edits(`http: "127.0.0.1:5558"`, `http: "127.0.0.1:65536"`), Fails: fails("value-refused"), Refused: true},
		{Name: "one address for two", Edits: edits(`http: "127.0.0.1:5558"`, `http: "127.0.0.1:5556"`), Fails: fails("value-refused"), Refused: true},
		{Name: "one port, of every address and of one", Edits: edits(`http: "127.0.0.1:5558"`, `http: ":5557"`), Fails: fails("value-refused"), Refused: true},
		{Name: "an empty duration", Edits: edits(keys, `signingKeys: ""`)},
		{Name: "a log format that is none", Edits: edits("", "logger: {format: \"xml\"}\n"), Fails: fails("value-refused"), Refused: true},
		{Name: "text for a truth value", Edits: edits("enablePasswordDB: true", `enablePasswordDB: "true"`), Fails: fails("value-refused"), Refused: true},

		// The issuer.
		{Name: "an issuer that is no URL", Edits: edits("http://127.0.0.1:5556/identity\"\nstorage", "not a url\"\nstorage"), Fails: fails("issuer-invalid")},
		{Name: "an issuer that is a word", Edits: edits("http://127.0.0.1:5556/identity\"\nstorage", "dex\"\nstorage"), Fails: fails("issuer-invalid")},
		{Name: "an issuer of another scheme", Edits: edits("http://127.0.0.1:5556/identity\"\nstorage", "ftp://console.example.com/identity\"\nstorage"), Fails: fails("issuer-invalid")},
		{Name: "an issuer by http", Edits: edits("http://127.0.0.1:5556/identity\"\nstorage", "http://console.example.com/identity\"\nstorage"), Fails: fails("issuer-insecure", "connector-redirect")},
		{Name: "an issuer with a query", Edits: edits("5556/identity\"\nstorage", "5556/identity?tenant=a\"\nstorage"), Fails: fails("issuer-form", "connector-redirect")},
		{Name: "an issuer with a fragment", Edits: edits("5556/identity\"\nstorage", "5556/identity#a\"\nstorage"), Fails: fails("issuer-form", "connector-redirect")},
		{Name: "an issuer with a user", Edits: edits("http://127.0.0.1:5556/identity\"\nstorage", "http://jane:hunter2@127.0.0.1:5556/identity\"\nstorage"), Fails: fails("issuer-form", "connector-redirect")},
		{Name: "an issuer with a slash", Edits: edits("5556/identity\"\nstorage", "5556/identity/\"\nstorage"), Fails: fails("issuer-trailing-slash")},
		{Name: "an issuer elsewhere", Edits: edits("http://127.0.0.1:5556/identity\"\nstorage", "https://elsewhere.example.com/identity\"\nstorage"), Fails: fails("issuer-unrelated", "connector-redirect")},

		// gRPC.
		{Name: "gRPC for everybody", Edits: edits(`addr: "127.0.0.1:5557"`, `addr: "0.0.0.0:5557"`), Fails: fails("grpc-plaintext")},
		{Name: "gRPC that describes itself", Edits: edits(`addr: "127.0.0.1:5557"`, "addr: \"127.0.0.1:5557\"\n  reflection: true"), Fails: fails("grpc-reflection")},

		// Lifetimes.
		{Name: "tokens that end before they begin", Edits: edits(idTokens, `idTokens: "-5m"`), Fails: fails("lifetime-not-positive")},
		{Name: "tokens of no time", Edits: edits(idTokens, `idTokens: "0s"`), Fails: fails("lifetime-not-positive")},
		{Name: "tokens of ten years", Edits: edits(idTokens, `idTokens: "87600h"`), Fails: fails("lifetime-idtokens-long", "lifetime-keyset-large")},
		{Name: "tokens of a minute", Edits: edits(idTokens, `idTokens: "1m"`), Fails: fails("lifetime-idtokens-short")},
		{Name: "keys of a second", Edits: edits(keys, `signingKeys: "1s"`), Fails: fails("lifetime-rotation-short", "lifetime-keyset-large")},
		{Name: "keys of half an hour", Edits: edits(keys, `signingKeys: "30m"`), Fails: fails("lifetime-rotation-short")},
		{Name: "keys of less than no time", Edits: edits(keys, `signingKeys: "-1h"`), Fails: fails("lifetime-not-positive")},
		{Name: "a signer that rotates at once", Edits: edits("", "signer: {type: \"local\", config: {keysRotationPeriod: \"5m\"}}\n"), Fails: fails("lifetime-rotation-short")},
		{Name: "a login of a nanosecond", Edits: edits(`authRequests: "1h"`, `authRequests: "1ns"`), Fails: fails("lifetime-login-short")},
		{Name: "refresh tokens that are idle for longer than they live", Edits: edits(`absoluteLifetime: "720h"`, `absoluteLifetime: "24h"`), Fails: fails("lifetime-refresh-order")},
		{Name: "negative refresh tokens", Edits: edits(`absoluteLifetime: "720h"`, `absoluteLifetime: "-1h"`), Fails: fails("lifetime-not-positive")},
		{Name: "refresh tokens for ever", Edits: edits(`    absoluteLifetime: "720h"`+"\n"+`    validIfNotUsedFor: "168h"`+"\n", ""), Fails: fails("lifetime-refresh-unlimited")},
		{Name: "refresh tokens for one use", Edits: edits(`reuseInterval: "3s"`, `reuseInterval: "0s"`), Fails: fails("lifetime-refresh-reuse")},

		// Clients.
		{Name: "two clients of one ID", Edits: edits(`id: "kubectl"`, `id: "console"`), Fails: fails("client-duplicate")},
		{Name: "a client without a redirect URI", Edits: edits("    "+console+"\n", ""), Fails: fails("client-redirect-missing")},
		{Name: "a redirect by http", Edits: edits(console, `redirectURIs: ["http://console.example.com/auth/callback"]`), Fails: fails("client-redirect-insecure")},
		{Name: "a redirect with a wildcard", Edits: edits(console, `redirectURIs: ["https://*.example.com/auth/callback"]`), Fails: fails("client-redirect-invalid")},
		{Name: "a redirect with a fragment", Edits: edits(console, `redirectURIs: ["https://console.example.com/#callback"]`), Fails: fails("client-redirect-invalid")},
		{Name: "a redirect that is no URL", Edits: edits(console, `redirectURIs: ["::"]`), Fails: fails("client-redirect-invalid")},
		{Name: "a peer that is no client", Edits: edits(`trustedPeers: ["console"]`, `trustedPeers: ["consol"]`), Fails: fails("client-peer-unknown")},
		{Name: "a secret of one letter", Edits: edits("1b2d9f6c47e84a03b5d1", "a"), Fails: fails("client-secret-weak")},
		{Name: "a secret in a variable that is not set", Edits: edits(`secret: "1b2d9f6c47e84a03b5d1"`, `secretEnv: "NO_SUCH_VARIABLE"`), Fails: fails("env-unset")},
		{Name: "an ID in a variable that is not set", Edits: edits(`id: "kubectl"`, `idEnv: "NO_SUCH_VARIABLE"`), Fails: fails("env-unset")},

		// Passwords.
		{Name: "a password without an address", Edits: edits(`email: "jane@example.com"`, `email: ""`), Fails: fails("password-email")},
		{Name: "an address that is none", Edits: edits(`email: "jane@example.com"`, `email: "jane"`), Fails: fails("password-email")},
		{Name: "a password without a user ID", Edits: edits(`    userID: "1"`+"\n", ""), Fails: fails("password-userid-missing")},
		{Name: "a password without a user name", Edits: edits(`    username: "jane"`+"\n", ""), Fails: fails("password-username-missing")},
		{
			Name:  "a cheap hash",
			Edits: edits("$2b$10$.4.QbW9XJQ5vLEWXRzt8suxa31oZ/65RgtEJolwcxyLLrlTVMpSsS", "$2b$04$.4.QbW9XJQ5vLEWXRzt8suxa31oZ/65RgtEJolwcxyLLrlTVMpSsS"), Fails: fails("password-cost"),
		},
		{
			Name:  "a hash that takes too long",
			Edits: edits("$2b$10$.4.QbW9XJQ5vLEWXRzt8suxa31oZ/65RgtEJolwcxyLLrlTVMpSsS", "$2b$17$.4.QbW9XJQ5vLEWXRzt8suxa31oZ/65RgtEJolwcxyLLrlTVMpSsS"), Fails: fails("password-cost"),
		},
		{
			Name:  "two passwords of one address",
			Edits: edits("connectors:", "  - {email: \"Jane@example.com\", hash: \"$2b$10$.4.QbW9XJQ5vLEWXRzt8suxa31oZ/65RgtEJolwcxyLLrlTVMpSsS\", username: \"j\", userID: \"2\"}\nconnectors:"), Fails: fails("password-duplicate"),
		},

		// Connectors.
		{Name: "an organization and organizations", Edits: edits(orgs, orgs+"      org: \"example\"\n"), Fails: fails("connector-broken")},
		{Name: "LDAP", Edits: edits("", ldap)},
		{Name: "LDAP without a host", Edits: edits("", strings.Replace(ldap, `      host: "ldap.example.com"`+"\n", "", 1)), Fails: fails("connector-broken")},
		{Name: "LDAP in the clear", Edits: edits("", ldap+"      insecureNoSSL: true\n"), Fails: fails("connector-plaintext")},
		{Name: "LDAP in the clear that is to start TLS", Edits: edits("", ldap+"      insecureNoSSL: true\n      startTLS: true\n"), Fails: fails("connector-plaintext")},
		{Name: "LDAP that starts TLS", Edits: edits("", ldap+"      startTLS: true\n")},
		{Name: "LDAP without a bind password", Edits: edits("", strings.Replace(ldap, `      bindPW: "ldap-secret"`+"\n", "", 1)), Fails: fails("connector-bind-password-missing")},
		{Name: "LDAP with an open filter", Edits: edits("", strings.Replace(ldap, "person)", "person", 1)), Fails: fails("connector-filter-invalid")},
		{Name: "LDAP that verifies nothing", Edits: edits("", ldap+"      insecureSkipVerify: true\n"), Fails: fails("connector-unverified")},
		{Name: "SAML that nobody signs", Edits: edits("", saml), Fails: fails("connector-saml-unsigned")},
		{Name: "SAML without an authority", Edits: edits("", strings.Replace(saml, "      insecureSkipSignatureValidation: true\n", "", 1)), Fails: fails("connector-broken")},
		{Name: "OIDC with hosted domains", Edits: edits("", "  - {type: \"oidc\", id: \"oidc\", name: \"OIDC\", config: {issuer: \"https://issuer.example.com\", clientID: \"a\", clientSecret: \"b\", redirectURI: \""+callback+"\", hostedDomains: [\"example.com\"]}}\n"), Fails: fails("connector-broken")},
		{Name: "OIDC that nobody verifies", Edits: edits("", "  - {type: \"oidc\", id: \"oidc\", name: \"OIDC\", config: {issuer: \"https://127.0.0.1:1\", clientID: \"a\", clientSecret: \"b\", redirectURI: \""+callback+"\", insecureSkipEmailVerified: true}}\n"), Fails: fails("connector-unverified")},
		{Name: "OIDC at Google for everybody", Edits: edits("", "  - {type: \"oidc\", id: \"oidc\", name: \"OIDC\", config: {issuer: \"https://accounts.google.com\", clientID: \"a\", clientSecret: \"b\", redirectURI: \""+callback+"\"}}\n"), Fails: fails("connector-open"), Alone: network},
		{Name: "SAML that answers at its own path", Edits: edits("", strings.Replace(saml, callback, callback+"/saml", 1)), Fails: fails("connector-saml-unsigned")},
		{Name: "GitHub that answers at its own path", Edits: edits(callback, callback+"/github"), Fails: fails("connector-redirect")},
		{Name: "Google for everybody", Edits: edits("", "  - {type: \"google\", id: \"google\", name: \"Google\", config: {clientID: \"a\", clientSecret: \"b\", redirectURI: \""+callback+"\"}}\n"), Fails: fails("connector-open"), Alone: network},
		{Name: "two connectors of one ID", Edits: edits("", strings.Replace(ldap, `id: "ldap"`, `id: "github"`, 1)), Fails: fails("connector-duplicate")},
		{Name: "a connector called local", Edits: edits(`id: "github"`, `id: "local"`), Fails: fails("connector-local")},
		{Name: "GitHub without a secret", Edits: edits(`      clientSecret: "github-secret"`+"\n", ""), Fails: fails("connector-credentials-missing")},
		{Name: "GitHub for everybody", Edits: edits(orgs, ""), Fails: fails("connector-open")},
		{Name: "GitHub that comes back elsewhere", Edits: edits(callback, "https://console.example.com/callback"), Fails: fails("connector-redirect")},
		{Name: "GitHub with a secret that is not set", Edits: edits("github-secret", "$NO_SUCH_VARIABLE"), Fails: fails("env-unset")},
		{Name: "a secret with a dollar", Edits: edits("github-secret", "pa$$word"), Fails: fails("env-stray-dollar")},
		{Name: "a secret that ends in a dollar", Edits: edits("github-secret", "github-secret$")},
		{Name: "braces that name nothing", Edits: edits("github-secret", "${}"), Fails: fails("env-stray-dollar")},
		{Name: "OIDC with groups that do not count", Edits: edits("", oidc+`, allowedGroups: ["ops"]}}`+"\n"), Fails: fails("connector-open")},
		{Name: "OIDC with groups", Edits: edits("", oidc+`, allowedGroups: ["ops"], insecureEnableGroups: true}}`+"\n")},
		{Name: "OIDC with a filter of groups", Edits: edits("", oidc+`, claimModifications: {filterGroupClaims: {groupsFilter: "^kubernetes-.*$"}}}}`+"\n")},
		{Name: "OIDC with a filter that is none", Edits: edits("", oidc+`, claimModifications: {filterGroupClaims: {groupsFilter: "("}}}}`+"\n"), Fails: fails("connector-filter-invalid")},
		{Name: "Google with groups alone", Edits: edits("", "  - {type: \"google\", id: \"google\", name: \"Google\", config: {clientID: \"a\", clientSecret: \"b\", redirectURI: \""+callback+"\", groups: [\"ops\"]}}\n"), Fails: fails("connector-open"), Alone: network},
		{Name: "Microsoft with groups of any tenant", Edits: edits("", microsoft+`, tenant: "organizations", groups: ["ops"]}}`+"\n"), Fails: fails("connector-open")},
		{Name: "Microsoft with a tenant", Edits: edits("", microsoft+`, tenant: "example"}}`+"\n")},
		{Name: "GitLab by its address", Edits: edits("", `  - {type: "gitlab", id: "gitlab", name: "GitLab", config: {baseURL: "https://gitlab.com/", clientID: "a", clientSecret: "b", redirectURI: "`+callback+`"}}`+"\n"), Fails: fails("connector-open")},
		{Name: "OAuth at GitHub", Edits: edits("", oauth+`, authorizationURL: "https://github.com/login/oauth/authorize", tokenURL: "https://github.com/login/oauth/access_token", userInfoURL: "https://api.github.com/user"}}`+"\n"), Fails: fails("connector-open")},
		{Name: "OAuth of nowhere", Edits: edits("", oauth+"}}\n"), Fails: fails("connector-broken")},
		{Name: "Crowd with groups", Edits: edits("", `  - {type: "atlassian-crowd", id: "crowd", name: "Crowd", config: {baseURL: "https://crowd.example.com", clientID: "a", clientSecret: "b", groups: ["ops"]}}`+"\n"), Fails: fails("connector-open")},
		{Name: "Crowd of nowhere", Edits: edits("", `  - {type: "atlassian-crowd", id: "crowd", name: "Crowd", config: {clientID: "a", clientSecret: "b"}}`+"\n"), Fails: fails("connector-broken")},
		{Name: "SAML with authorities that nobody reads", Edits: edits("", saml+"      ca: \"/no/such/file\"\n      caData: \"Z2FyYmFnZQ==\"\n"), Fails: fails("connector-saml-unsigned")},
		{Name: "SAML with names of no form", Edits: edits("", saml+"      nameIDPolicyFormat: \"pigeon\"\n"), Fails: fails("connector-saml-unsigned", "connector-broken")},
		{Name: "SAML with names of a form", Edits: edits("", saml+"      nameIDPolicyFormat: \"urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress\"\n"), Fails: fails("connector-saml-unsigned")},
		{Name: "a connector for tests that knows nobody", Edits: edits("", "  - {type: \"mockPassword\", id: \"mock\", name: \"Mock\", config: {}}\n"), Fails: fails("connector-test", "connector-broken")},
		{Name: "a connector for tests", Edits: edits("", "  - {type: \"mockCallback\", id: \"mock\", name: \"Mock\", config: {}}\n"), Fails: fails("connector-test")},

		// The rest.
		{Name: "tokens in addresses", Edits: edits(`["code"]`, `["code", "id_token"]`), Fails: fails("oauth-implicit")},
		{Name: "a token and a code", Edits: edits(`["code"]`, `["code id_token"]`), Fails: fails("oauth-implicit")},
		{Name: "an implicit grant that nothing turns on", Edits: edits(`responseTypes: ["code"]`, `grantTypes: ["authorization_code", "implicit"]`), Fails: fails("oauth-grant-unknown")},
		{Name: "an implicit grant", Edits: edits(`responseTypes: ["code"]`, "responseTypes: [\"code\", \"token\"]\n  grantTypes: [\"authorization_code\", \"implicit\"]"), Fails: fails("oauth-implicit")},
		{Name: "an unknown grant", Edits: edits(`responseTypes: ["code"]`, `grantTypes: ["authorisation_code"]`), Fails: fails("oauth-grant-unknown")},
		{Name: "a password grant of nobody", Edits: edits(`responseTypes: ["code"]`, `passwordConnector: "nobody"`), Fails: fails("oauth-password-connector")},
		{Name: "a password grant", Edits: edits(`responseTypes: ["code"]`, "passwordConnector: \"local\"\n  grantTypes: [\"password\"]")},
		{Name: "every origin", Edits: edits("grpc:", "  allowedOrigins: [\"*\"]\ngrpc:"), Fails: fails("web-cors-open")},
		{Name: "one origin", Edits: edits("grpc:", "  allowedOrigins: [\"https://console.example.com\"]\ngrpc:")},
		{Name: "profiles", Edits: edits(`http: "127.0.0.1:5558"`, "http: \"127.0.0.1:5558\"\n  enableProfiling: true"), Fails: fails("telemetry-profiling")},
		{Name: "a Vault signer of nowhere", Edits: edits("", "signer: {type: \"vault\", config: {token: \"t\", keyName: \"k\"}}\n"), Fails: fails("signer-vault-incomplete"), Alone: "dex would ask Vault at its default address, and retry"},
		{Name: "state in Kubernetes", Edits: edits(`type: "memory"`, "type: \"kubernetes\"\n  config: {inCluster: true}"), Fails: fails("-storage-memory"), Alone: "dex is not in a cluster"},
	}
}
