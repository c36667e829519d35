package apiserver

import (
	"bytes"
	"cmp"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/verdict"
	"github.com/groundway-sdk/groundway/internal/yamltext"
)

// A Config is how an API server knows people: its flags, and the file of
// --authentication-config where they name one.
type Config struct {
	Flags Flags
	// Configuration is that of the file; nil is that it was not given.
	Configuration *AuthenticationConfiguration
}

// LintOptions say what surrounds a configuration. What is left out is unseen.
type LintOptions struct {
	Time time.Time // now
	// Files are those that the flags name, by path.
	Files map[string][]byte
}

// Lint judges what the API server starts with, and what it accepts in silence. The
// subjects are flags, as --oidc-ca-file, and JSON pointers into the file.
func Lint(c Config, o LintOptions) []groundway.Finding {
	return newLinter("", c, o).run()
}

// LintText is Lint of the text of --authentication-config beside the flags.
func LintText(file string, data []byte, flags Flags, o LintOptions) []groundway.Finding {
	var configuration AuthenticationConfiguration
	positions, problems := yamltext.Decode(data, &configuration)
	k := newLinter(file, Config{flags, &configuration}, o)
	k.Positions = positions
	k.Problems(strictly(problems), func(p yamltext.Problem) groundway.Code {
		switch p.Kind {
		case yamltext.Syntax:
			return codeUnreadable
		case yamltext.Document:
			return codeSecondDoc
		}
		// The API server reads strictly: all of these stop it.
		return codeRefused
	})
	for _, code := range []groundway.Code{codeUnreadable, codeSecondDoc} {
		if !k.Settled(code) {
			k.Pass(code, 1)
		}
	}
	return k.run()
}

// strictly returns the problems as Kubernetes sees them, to which a number is never a
// text.
func strictly(problems []yamltext.Problem) []yamltext.Problem {
	for i := range problems {
		problems[i].Harmless = false
	}
	return problems
}

type linter struct {
	*verdict.Judge
	c Config
	o LintOptions
}

func newLinter(file string, c Config, o LintOptions) *linter {
	k := &linter{verdict.NewJudge(rules, "kube-apiserver"), c, o}
	k.File = file
	return k
}

func (k *linter) run() []groundway.Finding {
	if unread, failed := k.Failed(codeUnreadable, k.Subject("")); failed {
		k.SkipAll(codeUnreadable, unread.Subject)
		return k.Findings()
	}
	k.exclusive()
	k.flags()
	k.file()
	k.anonymous()
	k.serviceAccounts()
	k.Settle()
	return k.Findings()
}

// usesOIDC reports whether any flag of OIDC is given.
func (f Flags) usesOIDC() bool {
	return f.OIDCIssuerURL+f.OIDCClientID+f.OIDCCAFile+f.OIDCUsernameClaim+f.OIDCUsernamePrefix+f.OIDCGroupsClaim+f.OIDCGroupsPrefix != "" ||
		len(f.OIDCSigningAlgs)+len(f.OIDCRequiredClaims) > 0
}

func (k *linter) exclusive() {
	f := k.c.Flags
	if f.AuthenticationConfig == "" {
		return
	}
	k.Require(!f.usesOIDC(), verdict.Fault{
		Code: codeExclusive, Path: "--authentication-config", Got: "beside --oidc flags", Want: "no --oidc flag",
		Summary: "--authentication-config stands beside --oidc flags.",
	})
	switch c := k.c.Configuration; {
	case c == nil && f.AnonymousAuth != "":
		k.Unseen(codeExclusive, "--anonymous-auth", "the file "+f.AuthenticationConfig+" was not given")
	case c != nil && c.Anonymous != nil:
		k.Require(f.AnonymousAuth == "", verdict.Fault{
			Code: codeExclusive, Path: "--anonymous-auth", Got: f.AnonymousAuth, Want: "nothing beside anonymous of the file",
			Summary: "Anonymous requests are configured by --anonymous-auth and by the file.",
		})
	}
}

func (k *linter) refuse(path, got, want, summary string) {
	k.Fail(verdict.Fault{Code: codeRefused, Path: path, Got: got, Want: want, Summary: summary})
}

// issuerURL judges the URL of an issuer or of its discovery document.
func (k *linter) issuerURL(path, text string) {
	u, err := url.Parse(text)
	switch {
	case text == "":
		k.refuse(path, "", "an https URL", "There is no issuer.")
	case err != nil:
		k.refuse(path, text, "an https URL", fmt.Sprintf("%q is not a URL.", text))
	case u.Scheme != "https":
		k.refuse(path, text, "https", fmt.Sprintf("The issuer %q is not https.", text))
	case u.User != nil, u.RawQuery != "", u.Fragment != "":
		k.refuse(path, u.Redacted(), "scheme, host and path", fmt.Sprintf("The issuer %q has more than scheme, host and path.", u.Redacted()))
	case slices.Contains(k.c.Flags.ServiceAccountIssuers, text):
		k.refuse(path, text, "another issuer than that of service accounts", fmt.Sprintf("The issuer %q is that of service accounts.", text))
	}
}

func (k *linter) slash(path, text string) {
	k.Require(!strings.HasSuffix(text, "/"), verdict.Fault{Code: codeSlash, Path: path, Got: text, Want: strings.TrimRight(text, "/"), Summary: fmt.Sprintf("The issuer %q ends in a slash.", text)})
}

// prefix judges what stands before names of users or groups.
func (k *linter) prefix(code groundway.Code, path, what, prefix string) {
	k.Require(prefix != "", verdict.Fault{Code: code, Path: path, Want: "a prefix", Summary: what + " have no prefix."})
	k.Require(!strings.HasPrefix(prefix, "system:"), verdict.Fault{Code: codeSystem, Path: path, Got: prefix, Want: "a prefix of your own", Summary: fmt.Sprintf("%s have the prefix %q.", what, prefix)})
}

// algorithms are those that the API server has.
var algorithms = []string{"RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "PS256", "PS384", "PS512"}

func (k *linter) flags() {
	f := k.c.Flags
	if !f.usesOIDC() {
		return
	}
	if f.OIDCIssuerURL == "" || f.OIDCClientID == "" {
		k.refuse("--oidc-issuer-url", "one of two", "--oidc-issuer-url and --oidc-client-id", "--oidc-issuer-url and --oidc-client-id belong together.")
		return
	}
	k.issuerURL("--oidc-issuer-url", f.OIDCIssuerURL)
	k.slash("--oidc-issuer-url", f.OIDCIssuerURL)
	for _, a := range f.OIDCSigningAlgs {
		if !slices.Contains(algorithms, a) {
			k.refuse("--oidc-signing-algs", a, strings.Join(algorithms, ", "), fmt.Sprintf("The API server has no algorithm %q.", a))
		}
	}
	k.Require(len(f.OIDCSigningAlgs) == 0 || slices.Contains(f.OIDCSigningAlgs, "RS256"), verdict.Fault{
		Code: codeAlgorithm, Path: "--oidc-signing-algs", Got: strings.Join(f.OIDCSigningAlgs, ","), Want: "RS256", Summary: "RS256 is not among the algorithms.",
	})
	prefix := f.OIDCUsernamePrefix
	switch {
	case prefix == "-":
		prefix = ""
	case prefix == "" && f.OIDCUsernameClaim != "email":
		prefix = f.OIDCIssuerURL + "#"
	}
	k.prefix(codeNoPrefix, "--oidc-username-prefix", "Users", prefix)
	if f.OIDCGroupsClaim != "" {
		k.prefix(codeGroups, "--oidc-groups-prefix", "Groups", f.OIDCGroupsPrefix)
	}
	if f.OIDCCAFile != "" {
		data, ok := k.o.Files[f.OIDCCAFile]
		if !ok {
			k.Unseen(codeCALeaf, "--oidc-ca-file", "the file "+f.OIDCCAFile+" was not given")
			k.Unseen(codeCAExpired, "--oidc-ca-file", "the file "+f.OIDCCAFile+" was not given")
			return
		}
		k.authority("--oidc-ca-file", data)
	}
}

// authority judges what verifies an issuer.
func (k *linter) authority(path string, data []byte) {
	list, err := certificates(data)
	if err != "" {
		k.refuse(path, err, "certificates as PEM", "The authority of the issuer "+err+".")
		k.Inapplicable(codeCALeaf, "the authority cannot be read")
		k.Inapplicable(codeCAExpired, "the authority cannot be read")
		return
	}
	for _, c := range list {
		k.Require(c.IsCA, verdict.Fault{Code: codeCALeaf, Path: path, Got: c.Subject.CommonName, Want: "an authority", Summary: fmt.Sprintf("The certificate of %q, which is to verify the issuer, is no authority.", c.Subject.CommonName)})
		if k.o.Time.IsZero() {
			k.Unseen(codeCAExpired, path, "the time was not given")
			continue
		}
		k.Require(!k.o.Time.After(c.NotAfter) && !k.o.Time.Before(c.NotBefore), verdict.Fault{
			Code: codeCAExpired, Path: path, Got: c.NotBefore.UTC().Format(time.DateOnly) + " to " + c.NotAfter.UTC().Format(time.DateOnly), Want: k.o.Time.UTC().Format(time.DateOnly),
			Summary: fmt.Sprintf("The authority %q is valid from %s to %s.", c.Subject.CommonName, c.NotBefore.UTC().Format(time.DateOnly), c.NotAfter.UTC().Format(time.DateOnly)),
		})
	}
}

// certificates reads PEM as the API server does, which stops at a broken block.
func certificates(data []byte) (list []*x509.Certificate, problem string) {
	for len(bytes.TrimSpace(data)) > 0 {
		block, rest := pem.Decode(data)
		if block == nil {
			break
		}
		data = rest
		if block.Type != "CERTIFICATE" || len(block.Headers) > 0 {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, "has a block that is no certificate"
		}
		list = append(list, c)
	}
	if len(list) == 0 {
		return nil, "has no certificate"
	}
	return list, ""
}

func (k *linter) anonymous() {
	const paths = "/livez /readyz /healthz"
	file, flag := k.c.Configuration, k.c.Flags.AnonymousAuth
	allowed, err := strconv.ParseBool(cmp.Or(flag, "true"))
	switch {
	case err != nil:
		k.refuse("--anonymous-auth", flag, "true or false", fmt.Sprintf("--anonymous-auth is %q.", flag))
		k.Inapplicable(codeAnonymous, "--anonymous-auth is no truth value")
	case file != nil && file.Anonymous != nil:
		a := file.Anonymous
		if !a.Enabled {
			if len(a.Conditions) > 0 {
				k.refuse("/anonymous/conditions", "conditions", "enabled: true", "Anonymous requests have conditions, and are off.")
			}
			k.Pass(codeAnonymous, 1)
			return
		}
		open := len(a.Conditions) == 0
		for _, c := range a.Conditions {
			open = open || !slices.Contains(strings.Fields(paths), c.Path)
		}
		k.Require(!open, verdict.Fault{Code: codeAnonymous, Path: "/anonymous", Got: "more than health checks", Want: paths, Summary: "Anonymous requests reach more than health checks."})
	case !allowed:
		k.Pass(codeAnonymous, 1)
	case file == nil && k.c.Flags.AuthenticationConfig != "" && flag == "":
		k.Unseen(codeAnonymous, "--authentication-config", "the file "+k.c.Flags.AuthenticationConfig+" was not given")
	default:
		k.Fail(verdict.Fault{Code: codeAnonymous, Path: "--anonymous-auth", Got: flag, Want: "false, or conditions in the file", Summary: "Anonymous requests reach everything that is open to system:anonymous."})
	}
}

func (k *linter) serviceAccounts() {
	f := k.c.Flags
	if len(f.ServiceAccountIssuers) == 0 {
		k.refuse("--service-account-issuer", "", "an issuer", "--service-account-issuer is not given.")
	}
	switch keys := len(f.ServiceAccountKeyFiles) > 0; {
	case f.ServiceAccountSigningEndpoint == "" && !keys:
		k.refuse("--service-account-key-file", "", "a file", "--service-account-key-file is not given.")
	case f.ServiceAccountSigningEndpoint != "" && (keys || f.ServiceAccountSigningKeyFile != ""):
		k.refuse("--service-account-signing-endpoint", "beside key files", "no key file", "--service-account-signing-endpoint stands beside files of keys.")
	}
	for i, issuer := range f.ServiceAccountIssuers {
		u, err := url.Parse(issuer)
		switch {
		case issuer == "", strings.Contains(issuer, ":") && err != nil:
			k.refuse("--service-account-issuer", issuer, "a URL", fmt.Sprintf("The issuer of service accounts is %q.", issuer))
			continue
		case slices.Contains(f.ServiceAccountIssuers[:i], issuer):
			k.refuse("--service-account-issuer", issuer, "each issuer once", fmt.Sprintf("The issuer %q of service accounts stands twice.", issuer))
			continue
		}
		k.Require(err == nil && u.Scheme == "https" && u.Host != "" && u.RawQuery == "" && u.Fragment == "", verdict.Fault{
			Code: codeDiscovery, Path: "--service-account-issuer", Got: issuer, Want: "an https URL", Summary: fmt.Sprintf("The issuer of service accounts, %q, is no https URL.", issuer),
		})
	}
	if text := f.ServiceAccountMaxTokenExpiration; text != "" {
		d, err := time.ParseDuration(text)
		if err != nil || d != 0 && (d < time.Hour || d > 1<<32*time.Second) {
			k.refuse("--service-account-max-token-expiration", text, "1h to 2^32 seconds", fmt.Sprintf("--service-account-max-token-expiration is %q.", text))
		}
	}
	if u, err := url.Parse(f.ServiceAccountJWKSURI); f.ServiceAccountJWKSURI != "" && (err != nil || u.Scheme != "https") {
		k.refuse("--service-account-jwks-uri", f.ServiceAccountJWKSURI, "an https URL", fmt.Sprintf("--service-account-jwks-uri is %q.", f.ServiceAccountJWKSURI))
	}
	k.signingKey()
}

func (k *linter) signingKey() {
	const path = "--service-account-signing-key-file"
	file := k.c.Flags.ServiceAccountSigningKeyFile
	if file == "" || k.c.Flags.ServiceAccountSigningEndpoint != "" {
		return // a signer knows its own keys
	}
	data, ok := k.o.Files[file]
	if !ok {
		k.Unseen(codeUnverified, path, "the file "+file+" was not given")
		k.Unseen(codeSmallKey, path, "the file "+file+" was not given")
		return
	}
	keys := publicKeys(data)
	if len(keys) == 0 {
		k.refuse(path, "no key", "a private key", "The file "+file+" has no key that can be read.")
		return
	}
	weak := ""
	switch key := keys[0].(type) {
	case ed25519.PublicKey:
		k.refuse(path, "Ed25519", "RSA or ECDSA", "The key in "+file+" is Ed25519, which the API server does not sign with.")
		return
	case *rsa.PublicKey:
		if bits := key.N.BitLen(); bits < 2048 {
			weak = fmt.Sprintf("RSA of %d bits", bits)
		}
	}
	k.Require(weak == "", verdict.Fault{Code: codeSmallKey, Path: path, Got: weak, Want: "RSA of 2048 bits", Summary: "The key in " + file + " is " + weak + "."})
	for _, name := range k.c.Flags.ServiceAccountKeyFiles {
		text, ok := k.o.Files[name]
		if !ok {
			k.Unseen(codeUnverified, path, "the file "+name+" was not given")
			return
		}
		if slices.ContainsFunc(publicKeys(text), func(p crypto.PublicKey) bool { return samePublic(p, keys[0]) }) {
			k.Pass(codeUnverified, 1)
			return
		}
	}
	k.Fail(verdict.Fault{Code: codeUnverified, Path: path, Got: "a key that is in no --service-account-key-file", Want: "its public key in one of them", Summary: "The key in " + file + " signs tokens that the API server refuses: it is in no --service-account-key-file."})
}

func samePublic(a, b crypto.PublicKey) bool {
	switch key := a.(type) {
	case *rsa.PublicKey:
		return key.Equal(b)
	case *ecdsa.PublicKey:
		return key.Equal(b)
	case ed25519.PublicKey:
		return key.Equal(b)
	}
	return false
}

// publicKeys returns the public halves of what a file of keys or certificates holds.
func publicKeys(data []byte) []crypto.PublicKey {
	var keys []crypto.PublicKey
	for {
		block, rest := pem.Decode(data)
		if block == nil {
			return keys
		}
		data = rest
		var key any
		var err error
		switch block.Type {
		case "RSA PRIVATE KEY":
			key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
		case "EC PRIVATE KEY":
			key, err = x509.ParseECPrivateKey(block.Bytes)
		case "PRIVATE KEY":
			key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
		case "PUBLIC KEY":
			key, err = x509.ParsePKIXPublicKey(block.Bytes)
		case "RSA PUBLIC KEY":
			key, err = x509.ParsePKCS1PublicKey(block.Bytes)
		case "CERTIFICATE":
			var c *x509.Certificate
			if c, err = x509.ParseCertificate(block.Bytes); err == nil {
				key = c.PublicKey
			}
		}
		if err != nil || key == nil {
			continue
		}
		if signer, ok := key.(crypto.Signer); ok {
			key = signer.Public()
		}
		keys = append(keys, key)
	}
}
