// Package authnrows is a table of authentication configurations of the API server,
// each with what the linter finds in it and what the API server itself does: the tests
// of the linter judge every row, and the end-to-end tests show every row to an API
// server, so that the table stays true.
package authnrows

import "strings"

// A Row is a configuration that differs from [Base] in one place.
type Row struct {
	Name string
	// Edits are what stands in the base, and what stands there instead.
	Edits [2]string
	// Fails are the rules that fail, without the prefix identity/apiserver-.
	Fails []string
	// AnonymousAuth is the flag beside the file.
	AnonymousAuth string
}

// placeholder is where the authority of the issuer stands in the base.
const placeholder = "CA-AS-PEM"

// Base is a configuration that passes. The authority is filled in by Text.
const Base = `apiVersion: "apiserver.config.k8s.io/v1"
kind: "AuthenticationConfiguration"
jwt:
  - issuer:
      url: "https://console.example.com/identity"
      audiences: ["kubectl"]
      certificateAuthority: "CA-AS-PEM"
    claimMappings:
      username: {claim: "email", prefix: "dex:"}
      groups: {claim: "groups", prefix: "dex:"}
`

// Refused reports whether the API server does not start with the row: the other rules
// are of what it accepts in silence.
func (r Row) Refused() bool {
	for _, code := range r.Fails {
		switch code {
		case "file-unreadable", "value-refused", "flags-exclusive":
			return true
		}
	}
	return false
}

// Text returns the configuration of the row with the authority, a PEM text. It panics
// for an edit of what the base does not hold.
func (r Row) Text(ca string) string {
	if !strings.Contains(Base, r.Edits[0]) {
		panic("authnrows: " + r.Name + ": the base does not hold " + r.Edits[0])
	}
	text := strings.Replace(Base, r.Edits[0], r.Edits[1], 1)
	return strings.Replace(text, placeholder, strings.ReplaceAll(ca, "\n", `\n`), 1)
}

func pair(from, to string) [2]string { return [2]string{from, to} }

func fails(codes ...string) []string { return codes }

// Rows returns the table, the base first.
func Rows() []Row {
	rows := []Row{
		{Name: "good", Edits: pair("", ""), Fails: nil},
		{Name: "not YAML", Edits: pair("jwt:", "jwt"), Fails: fails("file-unreadable")},
		{Name: "an unknown key", Edits: pair("audiences", "audience"), Fails: fails("value-refused")},
		{Name: "a key in other letters", Edits: pair("claimMappings", "claimmappings"), Fails: fails("value-refused")},
		{Name: "a key twice", Edits: pair("kind:", "kind: \"AuthenticationConfiguration\"\nkind:"), Fails: fails("value-refused")},
		{Name: "another version", Edits: pair("k8s.io/v1\"", "k8s.io/v2\""), Fails: fails("value-refused")},
		{Name: "another kind", Edits: pair("AuthenticationConfiguration", "AuthorizationConfiguration"), Fails: fails("value-refused")},
		{Name: "a second document", Edits: pair("      groups: {claim: \"groups\", prefix: \"dex:\"}\n", "      groups: {claim: \"groups\", prefix: \"dex:\"}\n---\njwt: []\n"), Fails: fails("file-second-document")},
		{Name: "a second document that is no YAML", Edits: pair("      groups: {claim: \"groups\", prefix: \"dex:\"}\n", "      groups: {claim: \"groups\", prefix: \"dex:\"}\n---\n{{{\n"), Fails: fails("file-second-document")},
		{Name: "a line of dashes behind it", Edits: pair("      groups: {claim: \"groups\", prefix: \"dex:\"}\n", "      groups: {claim: \"groups\", prefix: \"dex:\"}\n---\n"), Fails: nil},
		{Name: "a number for an audience", Edits: pair(`["kubectl"]`, "[1]"), Fails: fails("value-refused")},
		{Name: "http", Edits: pair("https://console", "http://console"), Fails: fails("value-refused")},
		{Name: "a slash", Edits: pair("identity\"", "identity/\""), Fails: fails("issuer-trailing-slash")},
		{Name: "no audience", Edits: pair(`["kubectl"]`, "[]"), Fails: fails("value-refused")},
		{Name: "an empty audience", Edits: pair(`["kubectl"]`, `[""]`), Fails: fails("value-refused")},
		{Name: "an audience twice", Edits: pair(`["kubectl"]`, `["a", "a"]`), Fails: fails("value-refused")},
		{Name: "two audiences", Edits: pair(`["kubectl"]`, `["a", "b"]`), Fails: fails("value-refused")},
		{Name: "two audiences, and any", Edits: pair(`["kubectl"]`, "[\"a\", \"b\"]\n      audienceMatchPolicy: \"MatchAny\""), Fails: nil},
		{Name: "discovery at the issuer", Edits: pair(`audiences`, "discoveryURL: \"https://console.example.com/identity/\"\n      audiences"), Fails: fails("value-refused")},
		{Name: "discovery by http", Edits: pair(`audiences`, "discoveryURL: \"http://dex.example.com\"\n      audiences"), Fails: fails("value-refused")},
		{Name: "discovery elsewhere", Edits: pair(`audiences`, "discoveryURL: \"https://dex.example.com\"\n      audiences"), Fails: nil},
		{Name: "an egress to nowhere", Edits: pair(`audiences`, "egressSelectorType: \"moon\"\n      audiences"), Fails: fails("value-refused")},
		{Name: "an authority that is none", Edits: pair(placeholder, "garbage"), Fails: fails("value-refused")},
		{Name: "no prefix", Edits: pair(`claim: "email", prefix: "dex:"`, `claim: "email"`), Fails: fails("value-refused")},
		{Name: "an empty prefix", Edits: pair(`claim: "groups", prefix: "dex:"`, `claim: "groups", prefix: ""`), Fails: fails("prefix-groups-missing")},
		{Name: "no user prefix", Edits: pair(`claim: "email", prefix: "dex:"`, `claim: "email", prefix: ""`), Fails: fails("prefix-username-missing")},
		{Name: "a prefix of Kubernetes", Edits: pair(`claim: "groups", prefix: "dex:"`, `claim: "groups", prefix: "system:"`), Fails: fails("prefix-system")},
		{Name: "a claim and an expression", Edits: pair(`claim: "email", prefix: "dex:"`, `claim: "email", prefix: "dex:", expression: "claims.sub"`), Fails: fails("value-refused")},
		{Name: "a prefix without a claim", Edits: pair(`claim: "email", prefix: "dex:"`, `prefix: "dex:", expression: "claims.sub"`), Fails: fails("value-refused")},
		{Name: "no user name", Edits: pair(`claim: "email", prefix: "dex:"`, ``), Fails: fails("value-refused")},
		{Name: "an address that nobody verified", Edits: pair(`claim: "email", prefix: "dex:"`, `expression: "claims.email"`), Fails: fails("value-refused")},
		{Name: "an address that somebody verified", Edits: pair(`{claim: "email", prefix: "dex:"}`, "{expression: \"claims.email_verified ? 'dex:' + claims.email : ''\"}"), Fails: nil},
		{Name: "an address that a rule verifies", Edits: pair(`    claimMappings`, "    claimValidationRules: [{expression: \"claims.email_verified == true\", message: \"no\"}]\n    claimMappings"), Fails: nil},
		{Name: "a rule of two kinds", Edits: pair(`    claimMappings`, "    claimValidationRules: [{claim: \"a\", expression: \"b\"}]\n    claimMappings"), Fails: fails("value-refused")},
		{Name: "a rule with a message", Edits: pair(`    claimMappings`, "    claimValidationRules: [{claim: \"a\", message: \"b\"}]\n    claimMappings"), Fails: fails("value-refused")},
		{Name: "a rule with a value", Edits: pair(`    claimMappings`, "    claimValidationRules: [{expression: \"a\", requiredValue: \"b\"}]\n    claimMappings"), Fails: fails("value-refused")},
		{Name: "a rule twice", Edits: pair(`    claimMappings`, "    claimValidationRules: [{claim: \"a\"}, {claim: \"a\"}]\n    claimMappings"), Fails: fails("value-refused")},
		{Name: "extra of nobody", Edits: pair("groups:", "extra: [{key: \"a\", valueExpression: \"b\"}]\n      groups:"), Fails: fails("value-refused")},
		{Name: "extra of Kubernetes", Edits: pair("groups:", "extra: [{key: \"x.k8s.io/a\", valueExpression: \"b\"}]\n      groups:"), Fails: fails("value-refused")},
		{Name: "extra in capitals", Edits: pair("groups:", "extra: [{key: \"example.com/A\", valueExpression: \"b\"}]\n      groups:"), Fails: fails("value-refused")},
		{Name: "extra of nothing", Edits: pair("groups:", "extra: [{key: \"example.com/a\"}]\n      groups:"), Fails: fails("value-refused")},
		{Name: "extra with nothing behind the slash", Edits: pair("groups:", "extra: [{key: \"example.com/\", valueExpression: \"claims.sub\"}]\n      groups:"), Fails: fails("value-refused")},
		{Name: "extra of no domain", Edits: pair("groups:", "extra: [{key: \"example_com/a\", valueExpression: \"claims.sub\"}]\n      groups:"), Fails: fails("value-refused")},
		{Name: "extra with a space", Edits: pair("groups:", "extra: [{key: \"example.com/a b\", valueExpression: \"claims.sub\"}]\n      groups:"), Fails: fails("value-refused")},
		{Name: "groups with a prefix alone", Edits: pair(`groups: {claim: "groups", prefix: "dex:"}`, `groups: {prefix: "dex:"}`), Fails: nil},
		{Name: "a claim whose name begins with email", Edits: pair(`claim: "email", prefix: "dex:"`, `expression: "claims.emails"`), Fails: nil},
		{Name: "an address that may be missing", Edits: pair(`claim: "email", prefix: "dex:"`, `expression: "claims.?email.orValue('')"`), Fails: fails("value-refused")},
		{Name: "a rule that only names what verifies", Edits: pair(`{claim: "email", prefix: "dex:"}`, "{expression: \"claims.email + 'email_verified'\"}"), Fails: fails("value-refused")},
		{Name: "a text that names an address", Edits: pair(`{claim: "email", prefix: "dex:"}`, "{expression: \"'claims.email' + claims.sub\"}"), Fails: nil},
		{Name: "a text that names what verifies", Edits: pair(`{claim: "email", prefix: "dex:"}`, "{expression: \"claims.email + 'claims.email_verified'\"}"), Fails: fails("value-refused")},
		{Name: "a rule of users", Edits: pair(`    claimMappings`, "    userValidationRules: [{expression: \"user.username != ''\"}]\n    claimMappings"), Fails: nil},
		{Name: "a rule of users without an expression", Edits: pair(`    claimMappings`, "    userValidationRules: [{message: \"no\"}]\n    claimMappings"), Fails: fails("value-refused")},
		{Name: "a rule of users twice", Edits: pair(`    claimMappings`, "    userValidationRules: [{expression: \"user.username != ''\"}, {expression: \"user.username != ''\"}]\n    claimMappings"), Fails: fails("value-refused")},
		{Name: "extra", Edits: pair("groups:", "extra: [{key: \"example.com/a\", valueExpression: \"claims.sub\"}]\n      groups:"), Fails: nil},
		{Name: "a uid of two", Edits: pair("groups:", "uid: {claim: \"a\", expression: \"b\"}\n      groups:"), Fails: fails("value-refused")},
		{Name: "anonymous in both", Edits: pair("jwt:", "anonymous: {enabled: false}\njwt:"), Fails: fails("flags-exclusive")},
		{Name: "anonymous with conditions, and off", Edits: pair("jwt:", "anonymous: {enabled: false, conditions: [{path: \"/livez\"}]}\njwt:"), Fails: fails("flags-exclusive", "value-refused")},
		{Name: "two of one issuer", Edits: pair("jwt:", "jwt:\n  - {issuer: {url: \"https://console.example.com/identity\", audiences: [\"a\"]}, claimMappings: {username: {claim: \"sub\", prefix: \"a:\"}}}"), Fails: fails("value-refused")},
	}
	for i := range rows {
		rows[i].AnonymousAuth = "false"
	}
	return rows
}
