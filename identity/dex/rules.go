package dex

import (
	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/verdict"
)

const (
	codeUnreadable groundway.Code = "identity/dex-file-unreadable"
	codeKeyUnknown groundway.Code = "identity/dex-key-unknown"
	codeKeyCase    groundway.Code = "identity/dex-key-case"
	codeKeyTwice   groundway.Code = "identity/dex-key-duplicate"
	codeSecondDoc  groundway.Code = "identity/dex-file-second-document"
	codeUnquoted   groundway.Code = "identity/dex-value-unquoted"
	codeRefused    groundway.Code = "identity/dex-value-refused"
	codeEnvUnset   groundway.Code = "identity/dex-env-unset"
	codeEnvStray   groundway.Code = "identity/dex-env-stray-dollar"

	codeIssuerInvalid   groundway.Code = "identity/dex-issuer-invalid"
	codeIssuerInsecure  groundway.Code = "identity/dex-issuer-insecure"
	codeIssuerForm      groundway.Code = "identity/dex-issuer-form"
	codeIssuerSlash     groundway.Code = "identity/dex-issuer-trailing-slash"
	codeIssuerUnrelated groundway.Code = "identity/dex-issuer-unrelated"

	codeGRPCPlain      groundway.Code = "identity/dex-grpc-plaintext"
	codeGRPCOpen       groundway.Code = "identity/dex-grpc-open"
	codeGRPCReflection groundway.Code = "identity/dex-grpc-reflection"

	codeCertTime    groundway.Code = "identity/dex-certificate-time"
	codeCertName    groundway.Code = "identity/dex-certificate-name"
	codeCertUsage   groundway.Code = "identity/dex-certificate-usage"
	codeCertWeak    groundway.Code = "identity/dex-certificate-weak"
	codeCertCA      groundway.Code = "identity/dex-certificate-authority"
	codeClientCA    groundway.Code = "identity/dex-client-ca-unusable"
	codeClientCAOut groundway.Code = "identity/dex-client-ca-other"

	codeDuration        groundway.Code = "identity/dex-lifetime-not-positive"
	codeIDTokensLong    groundway.Code = "identity/dex-lifetime-idtokens-long"
	codeIDTokensShort   groundway.Code = "identity/dex-lifetime-idtokens-short"
	codeRotation        groundway.Code = "identity/dex-lifetime-rotation-short"
	codeLoginShort      groundway.Code = "identity/dex-lifetime-login-short"
	codeRefreshOrder    groundway.Code = "identity/dex-lifetime-refresh-order"
	codeRefreshEndless  groundway.Code = "identity/dex-lifetime-refresh-unlimited"
	codeRefreshReuse    groundway.Code = "identity/dex-lifetime-refresh-reuse"
	codeKeySetLarge     groundway.Code = "identity/dex-lifetime-keyset-large"
	codeClientDuplicate groundway.Code = "identity/dex-client-duplicate"
	codeClientNoURI     groundway.Code = "identity/dex-client-redirect-missing"
	codeClientURIPlain  groundway.Code = "identity/dex-client-redirect-insecure"
	codeClientURIBad    groundway.Code = "identity/dex-client-redirect-invalid"
	codeClientPeer      groundway.Code = "identity/dex-client-peer-unknown"
	codeClientSecret    groundway.Code = "identity/dex-client-secret-weak"

	codePasswordEmail     groundway.Code = "identity/dex-password-email"
	codePasswordUserID    groundway.Code = "identity/dex-password-userid-missing"
	codePasswordName      groundway.Code = "identity/dex-password-username-missing"
	codePasswordCost      groundway.Code = "identity/dex-password-cost"
	codePasswordDuplicate groundway.Code = "identity/dex-password-duplicate"

	codeConnBroken     groundway.Code = "identity/dex-connector-broken"
	codeConnDuplicate  groundway.Code = "identity/dex-connector-duplicate"
	codeConnLocal      groundway.Code = "identity/dex-connector-local"
	codeConnSecret     groundway.Code = "identity/dex-connector-credentials-missing"
	codeConnOpen       groundway.Code = "identity/dex-connector-open"
	codeConnRedirect   groundway.Code = "identity/dex-connector-redirect"
	codeConnPlain      groundway.Code = "identity/dex-connector-plaintext"
	codeConnBind       groundway.Code = "identity/dex-connector-bind-password-missing"
	codeConnFilter     groundway.Code = "identity/dex-connector-filter-invalid"
	codeConnSAML       groundway.Code = "identity/dex-connector-saml-unsigned"
	codeConnCA         groundway.Code = "identity/dex-connector-ca-expired"
	codeConnUnverified groundway.Code = "identity/dex-connector-unverified"
	codeConnTest       groundway.Code = "identity/dex-connector-test"

	codeImplicit    groundway.Code = "identity/dex-oauth-implicit"
	codeGrant       groundway.Code = "identity/dex-oauth-grant-unknown"
	codeGrantNobody groundway.Code = "identity/dex-oauth-password-connector"
	codeCORS        groundway.Code = "identity/dex-web-cors-open"
	codeProfiling   groundway.Code = "identity/dex-telemetry-profiling"
	codeVault       groundway.Code = "identity/dex-signer-vault-incomplete"
	codeMemory      groundway.Code = "identity/dex-storage-memory"
)

// Rules returns the rules of [Lint], in the order of the configuration. None needs
// an IAM action: what can be unseen are files and variables of the environment,
// the time, and how many instances there are.
func Rules() []groundway.Rule { return verdict.Public(rules) }

// The pages that rules rest on.
const (
	pageConfig     = "https://dexidp.io/docs/configuration/"
	pageTokens     = "https://dexidp.io/docs/configuration/tokens/"
	pageOAuth      = "https://dexidp.io/docs/configuration/oauth2/"
	pageAPI        = "https://dexidp.io/docs/configuration/api/"
	pageStorage    = "https://dexidp.io/docs/configuration/storage/"
	pageLocal      = "https://dexidp.io/docs/connectors/local/"
	pageConnectors = "https://dexidp.io/docs/connectors/"
	pageGitHub     = "https://dexidp.io/docs/connectors/github/"
	pageLDAP       = "https://dexidp.io/docs/connectors/ldap/"
	pageSAML       = "https://dexidp.io/docs/connectors/saml/"
	pageDiscovery  = "https://openid.net/specs/openid-connect-discovery-1_0.html#IssuerDiscovery"
	pageRedirects  = "https://www.rfc-editor.org/rfc/rfc9700.html#section-2.1"
	pageNames      = "https://go.dev/doc/go1.15#commonname"
	pageCertUsage  = "https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.12"
	pageYAML       = "https://yaml.org/type/bool.html"
)

const (
	noFile      = "the configuration was not read from a text"
	noGRPC      = "grpc has no address"
	noCert      = "no certificate is configured"
	noClient    = "no client is configured"
	noPassword  = "no password is configured"
	noConnector = "no connector of the kind is configured"
)

// rules are in the order of the configuration, the text first: what is found in it
// explains what comes later.
var rules = verdict.Under(codeUnreadable,
	verdict.NewRule(codeUnreadable, groundway.Error, pageConfig, "The configuration can be read",
		"Dex ends when it cannot read its configuration.",
		"Correct the text.", noFile),
	verdict.NewRule(codeKeyUnknown, groundway.Error, pageConfig, "Dex knows every key",
		"Dex passes over a key that it does not know without a word, so what the key was to set keeps its default: grpc.tlsClientCAs asks no client for a certificate.",
		"Write the key as dex knows it, or remove it.", noFile),
	verdict.NewRule(codeKeyCase, groundway.Warning, pageConfig, "Every key stands in the letters of dex",
		"Dex reads it all the same, and other readers of the file do not.",
		"Write the key in the letters of the documentation.", noFile),
	verdict.NewRule(codeKeyTwice, groundway.Error, pageConfig, "No key stands twice",
		"The last one counts, and dex says nothing about the others.",
		"Keep one of them.", noFile),
	verdict.NewRule(codeSecondDoc, groundway.Error, pageConfig, "The file holds one document",
		"Dex reads the first one and passes over the others without a word.",
		"Remove the line of three dashes, or what follows it.", noFile),
	verdict.NewRule(codeUnquoted, groundway.Error, pageYAML, "Texts that look like something else are in quotes",
		"Dex reads YAML 1.1, where on, off, yes, no, y and n are truth values and 0123 is a number: a client called on has the ID true, and within a connector dex ends.",
		"Put the value in quotes.", noFile),
	verdict.NewRule(codeRefused, groundway.Error, pageConfig, "Dex starts with the values",
		"Dex ends when it starts.",
		"Correct the value.", ""),
	verdict.NewRule(codeEnvUnset, groundway.Error, pageConfig, "Every variable of the environment that is referred to is set",
		"Dex takes a variable that is not set for an empty text, so that a client has an empty secret.",
		"Set the variable in the Deployment, from a Secret.", "the configuration refers to no variable"),
	verdict.NewRule(codeEnvStray, groundway.Error, pageConfig, "Every dollar of a connector begins the name of a variable",
		"Dex replaces what follows the dollar, and the dollar itself, by nothing: there is no way to write one.",
		"Put the whole value into a variable and refer to that, which is not replaced again.", "no text of a connector, the storage or the signer has a dollar"),

	verdict.NewRule(codeIssuerInvalid, groundway.Error, pageDiscovery, "The issuer is a URL of http or https with a host",
		"Dex starts, and answers 404 wherever a client looks for it.",
		"Set issuer to the URL by which clients reach dex.", ""),
	verdict.NewRule(codeIssuerInsecure, groundway.Error, pageDiscovery, "The issuer is reached by https",
		"Tokens and passwords travel in the clear, and the API server refuses the issuer.",
		"Set issuer to an https URL.", ""),
	verdict.NewRule(codeIssuerForm, groundway.Error, pageDiscovery, "The issuer has no query, fragment or user",
		"The API server refuses such an issuer, and no client finds its discovery document.",
		"Remove what follows the path.", ""),
	verdict.NewRule(codeIssuerSlash, groundway.Error, pageDiscovery, "The issuer does not end in a slash",
		"Dex echoes it, and a client that is configured without it refuses every token: the API server only logs it, every ten seconds.",
		"Remove the slash, in dex and wherever the issuer stands.", ""),
	verdict.NewRule(codeIssuerUnrelated, groundway.Warning, pageConfig, "The host of the issuer leads to dex",
		"Clients follow the issuer, not the address that dex listens on.",
		"Set issuer to a URL whose host leads to dex.", ""),

	verdict.NewRule(codeGRPCPlain, groundway.Error, pageAPI, "The gRPC interface is encrypted",
		"Whoever reaches the port makes clients and passwords, and reads those of others on the wire.",
		"Set grpc.tlsCert, grpc.tlsKey and grpc.tlsClientCA.", noGRPC),
	verdict.NewRule(codeGRPCOpen, groundway.Error, pageAPI, "The gRPC interface asks for a client certificate",
		"Whoever reaches the port makes clients and passwords.",
		"Set grpc.tlsClientCA to the authority of the console's certificate.", noGRPC),
	verdict.NewRule(codeGRPCReflection, groundway.Warning, pageAPI, "The gRPC interface does not describe itself",
		"Reflection tells whoever reaches the port what can be asked.",
		"Remove grpc.reflection.", noGRPC),

	verdict.NewRule(codeCertTime, groundway.Error, pageConfig, "Certificates are valid now",
		"Dex starts with a certificate that ended or has not begun, and no client takes it. A certificate that is renewed in a mounted Secret is not noticed until dex is started anew.",
		"Renew the certificate, and roll the Deployment.", noCert),
	verdict.NewRule(codeCertName, groundway.Error, pageNames, "Certificates have the names by which dex is reached",
		"Dex starts, and no client written in Go takes a certificate with a common name alone, or of another host.",
		"Issue the certificate with the name as a subject alternative name.", noCert),
	verdict.NewRule(codeCertUsage, groundway.Error, pageCertUsage, "Certificates may be used for a server",
		"Dex starts, and clients refuse the certificate.",
		"Issue the certificate with the extended key usage serverAuth.", noCert),
	verdict.NewRule(codeCertWeak, groundway.Error, pageConfig, "Certificates are of a strength that clients take",
		"Dex starts; OpenSSL refuses RSA keys below 2048 bits, and Go refuses SHA-1 and MD5.",
		"Issue the certificate anew, with an ECDSA P-256 key or RSA of 2048 bits.", noCert),
	verdict.NewRule(codeCertCA, groundway.Error, pageConfig, "No certificate that dex shows is an authority",
		"Its key lies where dex runs, and can sign for every other server.",
		"Issue a certificate of its own for dex.", noCert),
	verdict.NewRule(codeClientCA, groundway.Error, pageAPI, "The authority of client certificates can be one",
		"Dex drops a broken block without a word, and starts with a certificate that is no authority: it then refuses every client.",
		"Write the authority's certificate, and nothing else, into the file.", "grpc.tlsClientCA is not set"),
	verdict.NewRule(codeClientCAOut, groundway.Error, pageAPI, "The console's certificate is signed by the authority of client certificates",
		"Dex starts, and refuses the console.",
		"Set grpc.tlsClientCA to the authority that signed the certificate.", "grpc.tlsClientCA is not set", codeClientCA),

	verdict.NewRule(codeDuration, groundway.Error, pageTokens, "Lifetimes are longer than zero",
		"Dex starts. A token that ends before it begins is refused by everybody, and a key that ends at once is replaced without end.",
		"Set a positive duration, or remove the key, and dex takes its default.", "no lifetime is set"),
	verdict.NewRule(codeIDTokensLong, groundway.Warning, pageTokens, "ID tokens end within a day",
		"Nothing revokes an ID token: whoever left the company, or lost a laptop, is in until it ends.",
		"Set expiry.idTokens to a day or less; 1h outlasts most outages.", ""),
	verdict.NewRule(codeIDTokensShort, groundway.Warning, pageTokens, "ID tokens outlast a short outage",
		"Whoever holds a token works on while dex is down, until the token ends; every client refreshes as often.",
		"Set expiry.idTokens to ten minutes or more.", "", codeDuration),
	verdict.NewRule(codeRotation, groundway.Error, pageTokens, "Signing keys are kept longer than the API server keeps its copy of them",
		"The API server asks for the keys again 570 s after it asked last. With a shorter period new tokens are refused all the time; with one below an hour, after every tenth start or so.",
		"Set signer.config.keysRotationPeriod, or expiry.signingKeys, to an hour or more.", "the signer does not rotate its key", codeDuration),
	verdict.NewRule(codeLoginShort, groundway.Error, pageConfig, "A login has time to end",
		"A person has to type a password before the request ends.",
		"Set expiry.authRequests to ten minutes or more, or remove it.", "expiry.authRequests is not set"),
	verdict.NewRule(codeRefreshOrder, groundway.Warning, pageTokens, "Refresh tokens end no sooner than they are idle",
		"validIfNotUsedFor has no effect where absoluteLifetime is shorter.",
		"Set validIfNotUsedFor below absoluteLifetime.", "not both limits of refresh tokens are set"),
	verdict.NewRule(codeRefreshEndless, groundway.Warning, pageTokens, "Refresh tokens end",
		"A refresh token that was stolen, or that a connector cannot take back, is good for ever.",
		"Set expiry.refreshTokens.absoluteLifetime and validIfNotUsedFor.", ""),
	verdict.NewRule(codeRefreshReuse, groundway.Warning, pageTokens, "A refresh token is good for a moment after its use",
		"Two kubectl at once refresh with one token, and the second is told that it was claimed: that user has to log in again.",
		"Set expiry.refreshTokens.reuseInterval to 3s or more.", "refresh tokens are not rotated"),
	verdict.NewRule(codeKeySetLarge, groundway.Warning, pageTokens, "The set of keys is small",
		"Dex keeps a key as long as a token that it signed lives: clients fetch all of them.",
		"Shorten expiry.idTokens, or rotate less often.", "the signer does not rotate its key"),

	verdict.NewRule(codeClientDuplicate, groundway.Error, pageConfig, "No two clients have one ID",
		"The last one counts, and dex says nothing about the others.",
		"Give each client an ID of its own.", noClient),
	verdict.NewRule(codeClientNoURI, groundway.Warning, pageConfig, "Clients that are not public have a redirect URI",
		"Such a client cannot log anybody in.",
		"Add the client's callback to redirectURIs.", noClient),
	verdict.NewRule(codeClientURIPlain, groundway.Error, pageRedirects, "Codes come back by https",
		"Whoever reads the answer on the wire has the code.",
		"Write the redirect URI with https; http is for loopback only.", noClient),
	verdict.NewRule(codeClientURIBad, groundway.Error, pageRedirects, "Redirect URIs are URLs, without wildcard and fragment",
		"Dex compares them byte for byte, so that it never matches.",
		"Write the callback in full.", noClient),
	verdict.NewRule(codeClientPeer, groundway.Error, pageConfig, "Trusted peers are clients",
		"Dex refuses the client that was meant with this name.",
		"Write the ID of a client, or remove the peer.", noClient),
	verdict.NewRule(codeClientSecret, groundway.Error, pageOAuth, "Secrets of clients cannot be guessed",
		"Whoever guesses it gets tokens as that client.",
		"Generate one: openssl rand -hex 32.", noClient),

	verdict.NewRule(codePasswordEmail, groundway.Error, pageLocal, "Passwords belong to an email address",
		"Dex looks people up by it, and puts it into the claim email.",
		"Set email to the address.", noPassword),
	verdict.NewRule(codePasswordUserID, groundway.Error, pageLocal, "Passwords have a user ID",
		"The subject of the user's tokens is made of it: all users without one are the same.",
		"Set userID to something that no other user has, and keep it.", noPassword),
	verdict.NewRule(codePasswordName, groundway.Warning, pageLocal, "Passwords have a user name",
		"The claim name is empty.",
		"Set username.", noPassword),
	verdict.NewRule(codePasswordCost, groundway.Error, pageLocal, "Hashes of passwords have a cost from 10 to 16",
		"Dex starts, and refuses every login with another hash. A low cost would let whoever reads it try millions of passwords a second.",
		"Hash the password again with a cost of 12: htpasswd -BnC 12 EMAIL.", noPassword),
	verdict.NewRule(codePasswordDuplicate, groundway.Error, pageLocal, "No two passwords belong to one email address",
		"Dex logs an error and takes one of them.",
		"Keep one of them.", noPassword),

	verdict.NewRule(codeConnBroken, groundway.Error, pageConnectors, "Every connector opens",
		"Where another one opens, dex starts all the same and only logs an error: the connector fails when somebody uses it.",
		"Correct the connector.", noConnector),
	verdict.NewRule(codeConnDuplicate, groundway.Error, pageConnectors, "No two connectors have one ID",
		"The last one counts, and dex says nothing about the others.",
		"Give each connector an ID of its own; the users of the one that changes become others.", noConnector),
	verdict.NewRule(codeConnLocal, groundway.Error, pageConnectors, "No connector is called local",
		"That is the password database, and one of the two is lost.",
		"Give the connector another ID.", noConnector),
	verdict.NewRule(codeConnSecret, groundway.Error, pageConnectors, "Connectors have the credentials of a client",
		"Dex starts, and the provider refuses everybody.",
		"Set clientID and clientSecret to what the provider gave out.", noConnector),
	verdict.NewRule(codeConnOpen, groundway.Error, pageGitHub, "Connectors say who may log in",
		"Everybody with an account at the provider gets a token that the API server takes.",
		"Name the organizations, groups, domains or the tenant whose members may log in.", noConnector),
	verdict.NewRule(codeConnRedirect, groundway.Error, pageConnectors, "Connectors come back to dex",
		"The provider sends people to the redirect URI, where dex answers under the issuer alone.",
		"Set redirectURI to the issuer with /callback.", noConnector),
	verdict.NewRule(codeConnPlain, groundway.Error, pageLDAP, "Passwords travel encrypted",
		"Every password of the directory, and that of the bind, is read on the wire. insecureNoSSL wins over startTLS.",
		"Remove insecureNoSSL, and set startTLS where the directory has no port for TLS.", noConnector),
	verdict.NewRule(codeConnBind, groundway.Error, pageLDAP, "A bind has a password",
		"Dex starts, and does not bind with an empty password: every login fails.",
		"Set bindPW, or remove bindDN.", noConnector),
	verdict.NewRule(codeConnFilter, groundway.Error, pageLDAP, "Filters can be read",
		"Dex starts, and the directory refuses every search.",
		"Correct the filter: (objectClass=person).", noConnector),
	verdict.NewRule(codeConnSAML, groundway.Error, pageSAML, "Assertions are signed",
		"Anybody writes an assertion and is whoever it says.",
		"Remove insecureSkipSignatureValidation, and set ca or caData.", noConnector),
	verdict.NewRule(codeConnCA, groundway.Error, pageSAML, "The authorities of connectors are valid now",
		"Dex starts, and refuses the provider.",
		"Set the authority that the provider has now.", noConnector),
	verdict.NewRule(codeConnUnverified, groundway.Error, pageConnectors, "The certificates and addresses of providers are verified",
		"Whoever stands between dex and the provider is every user; and an address that nobody verified is that of whoever wrote it down.",
		"Remove the key, and set the authority of the provider.", noConnector),
	verdict.NewRule(codeConnTest, groundway.Error, pageConnectors, "No connector is one for tests",
		"It lets in whoever asks, or whoever knows one password.",
		"Remove the connector.", noConnector),

	verdict.NewRule(codeImplicit, groundway.Warning, pageOAuth, "Tokens do not travel in addresses",
		"The implicit flow puts tokens into URLs, logs and histories.",
		"Leave code alone in oauth2.responseTypes.", ""),
	verdict.NewRule(codeGrant, groundway.Error, pageOAuth, "Dex knows every grant",
		"Dex drops what it does not know without a word, so that the list may be empty and nobody gets a token.",
		"Write the grant as dex knows it, or remove it.", "oauth2.grantTypes is not set"),
	verdict.NewRule(codeGrantNobody, groundway.Error, pageOAuth, "The connector of the password grant exists and takes passwords",
		"Dex starts, and every password grant fails.",
		"Set oauth2.passwordConnector to local, or to the ID of an LDAP connector.", "oauth2.passwordConnector is not set"),
	verdict.NewRule(codeCORS, groundway.Warning, pageConfig, "Not every site may ask dex from a browser",
		"Any page that a user opens may read dex's answers.",
		"Name the origins.", "web.allowedOrigins is not set"),
	verdict.NewRule(codeProfiling, groundway.Warning, pageConfig, "Dex serves no profiles",
		"Profiles show what is in memory, keys among it, to whoever reaches the port.",
		"Remove telemetry.enableProfiling.", "telemetry has no address"),
	verdict.NewRule(codeVault, groundway.Error, pageConfig, "A Vault signer says where the key is",
		"Dex starts, and cannot sign.",
		"Set addr, token and keyName.", "the signer is a local one"),
	verdict.NewRule(codeMemory, groundway.Error, pageStorage, "State outlives an instance",
		"Keys in memory end with the instance, and every session with them. Two instances have a set of keys each, so that half of the tokens are refused.",
		"Use the Kubernetes storage.", ""),
)
