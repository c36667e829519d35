package oidc

import (
	"cmp"
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/json"

	"github.com/groundway-sdk/groundway"
)

// MaxTokenSize is how many characters STS takes for a token.
//
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
const MaxTokenSize = 20000

// algorithms are those by which STS takes tokens. That of Ed25519 is not among
// them, and "none" is no signature.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html
var algorithms = []jose.SignatureAlgorithm{jose.RS256, jose.RS384, jose.RS512, jose.ES256, jose.ES384, jose.ES512}

// A Token is what a web identity token says. Until [Token.Verify] nobody vouches
// for it, and all of its text is untrusted.
type Token struct {
	Algorithm string // of the header
	KeyID     string // of the header
	Issuer    string
	Subject   string // "system:serviceaccount:NAMESPACE:NAME"
	Audiences []string
	// AuthorizedParty is the claim azp, which tokens of Kubernetes lack.
	AuthorizedParty string
	IssuedAt        time.Time
	NotBefore       time.Time // zero where the token has none
	Expires         time.Time

	signature *jose.JSONWebSignature
}

// A RefusedError says why a token is not taken.
type RefusedError struct {
	Reason Reason
	Text   string // a clause; what it repeats of the token is quoted and short
}

// Error returns the text.
func (e *RefusedError) Error() string { return "token: " + e.Text }

func refuse(r Reason, format string, args ...any) error {
	return &RefusedError{r, fmt.Sprintf(format, args...)}
}

// ParseToken reads a token in the compact form without verifying its signature. An
// error is a [*RefusedError] and never repeats the token.
func ParseToken(token groundway.Secret) (Token, error) {
	text := token.Reveal()
	switch n := len(text); {
	case n == 0:
		return Token{}, refuse(ReasonMalformed, "it is empty")
	case n > MaxTokenSize:
		return Token{}, refuse(ReasonTooLong, "it has %d characters, and STS takes %d", n, MaxTokenSize)
	case strings.IndexFunc(text, notOfToken) >= 0:
		return Token{}, refuse(ReasonMalformed, "it has characters that are neither base64 for URLs nor dots, such as white space or padding")
	}
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return Token{}, refuse(ReasonMalformed, "it has %d parts between dots, want 3", len(parts))
	}
	header, err := base64.RawURLEncoding.Strict().DecodeString(parts[0])
	if err != nil {
		return Token{}, refuse(ReasonMalformed, "its header is not base64 for URLs")
	}
	var h struct {
		Algorithm string           `json:"alg"`
		KeyID     string           `json:"kid"`
		Critical  *json.RawMessage `json:"crit"`
	}
	if err := decode(header, &h); err != nil {
		return Token{}, refuse(ReasonMalformed, "its header: %v", err)
	}
	t := Token{Algorithm: h.Algorithm, KeyID: h.KeyID}
	switch {
	case strings.EqualFold(h.Algorithm, "none"), parts[2] == "":
		return Token{}, refuse(ReasonUnsigned, "it is not signed")
	case !knownAlgorithm(h.Algorithm):
		return Token{}, refuse(ReasonAlgorithm, "it is signed by %s, and STS takes RS256 to RS512 and ES256 to ES512", quote(h.Algorithm))
	case h.Critical != nil:
		return Token{}, refuse(ReasonMalformed, "its header has critical extensions, which nobody knows")
	}
	payload, err := base64.RawURLEncoding.Strict().DecodeString(parts[1])
	if err != nil {
		return Token{}, refuse(ReasonMalformed, "its claims are not base64 for URLs")
	}
	// A last character with bits to spare would let one signature be written in
	// several ways.
	if _, err := base64.RawURLEncoding.Strict().DecodeString(parts[2]); err != nil {
		return Token{}, refuse(ReasonMalformed, "its signature is not base64 for URLs")
	}
	if err := t.claims(payload); err != nil {
		return Token{}, err
	}
	if t.signature, err = jose.ParseSignedCompact(text, algorithms); err != nil {
		return Token{}, refuse(ReasonMalformed, "its form is not that of a signed token")
	}
	return t, nil
}

func notOfToken(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_' && r != '.'
}

func knownAlgorithm(name string) bool {
	for _, a := range algorithms {
		if string(a) == name {
			return true
		}
	}
	return false
}

func (t *Token) claims(payload []byte) error {
	var c struct {
		Issuer          string          `json:"iss"`
		Subject         string          `json:"sub"`
		Audience        json.RawMessage `json:"aud"`
		AuthorizedParty string          `json:"azp"`
		IssuedAt        *float64        `json:"iat"`
		NotBefore       *float64        `json:"nbf"`
		Expires         *float64        `json:"exp"`
	}
	if err := decode(payload, &c); err != nil {
		return refuse(ReasonMalformed, "its claims: %v", err)
	}
	if !utf8.Valid(payload) {
		return refuse(ReasonMalformed, "its claims are not UTF-8")
	}
	var one string
	switch {
	case len(c.Audience) == 0:
	case json.Unmarshal(c.Audience, &one) == nil:
		t.Audiences = []string{one}
	case json.Unmarshal(c.Audience, &t.Audiences) != nil:
		return refuse(ReasonMalformed, "its audience is neither a text nor a list of texts")
	}
	t.Issuer, t.Subject, t.AuthorizedParty = c.Issuer, c.Subject, c.AuthorizedParty
	var missing []string
	for _, m := range []struct {
		name string
		is   bool
	}{{"iss", c.Issuer == ""}, {"sub", c.Subject == ""}, {"aud", len(t.Audiences) == 0 || t.Audiences[0] == ""}, {"iat", c.IssuedAt == nil}, {"exp", c.Expires == nil}} {
		if m.is {
			missing = append(missing, m.name)
		}
	}
	if missing != nil {
		return refuse(ReasonMalformed, "it lacks %s", strings.Join(missing, ", "))
	}
	for _, m := range []struct {
		name string
		from *float64
		to   *time.Time
	}{{"iat", c.IssuedAt, &t.IssuedAt}, {"nbf", c.NotBefore, &t.NotBefore}, {"exp", c.Expires, &t.Expires}} {
		if m.from == nil {
			continue
		}
		// The year 9999, beyond which times have no common form.
		if math.IsNaN(*m.from) || *m.from < 0 || *m.from > 253402300799 {
			return refuse(ReasonMalformed, "its %s is not a time", m.name)
		}
		*m.to = time.Unix(int64(*m.from), 0).UTC()
	}
	return nil
}

// Verify returns nil if the key that the token names is in the set and signed it,
// and a [*RefusedError] otherwise. The times and the audience are not compared.
func (t Token) Verify(keys KeySet) error {
	if t.signature == nil {
		return refuse(ReasonMalformed, "it was not read by ParseToken")
	}
	if t.KeyID == "" {
		return refuse(ReasonKey, "its header names no key")
	}
	k, ok := keys.Key(t.KeyID)
	switch {
	case !ok:
		return refuse(ReasonKey, "it is signed with the key %s, which the issuer does not publish", quote(t.KeyID))
	case !suits(t.Algorithm, algorithmOf(k.Public)), k.Algorithm != "" && k.Algorithm != t.Algorithm:
		return refuse(ReasonAlgorithm, "it is signed by %s, and its key is for %s", t.Algorithm, cmp.Or(k.Algorithm, algorithmOf(k.Public)))
	}
	if _, err := t.signature.Verify(k.Public); err != nil {
		return refuse(ReasonSignature, "its signature is not that of the key %s", quote(t.KeyID))
	}
	return nil
}

// ServiceAccount returns the account that the subject names; ok is false where the
// subject is no service account.
func (t Token) ServiceAccount() (namespace, name string, ok bool) {
	rest, ok := strings.CutPrefix(t.Subject, subjectPrefix)
	if !ok {
		return "", "", false
	}
	namespace, name, ok = strings.Cut(rest, ":")
	return namespace, name, ok && namespace != "" && name != ""
}

const subjectPrefix = "system:serviceaccount:"

// Subject returns what the tokens of a service account say of it.
func Subject(namespace, name string) string { return subjectPrefix + namespace + ":" + name }

// ReasonOf returns the reason of a refusal, or "" where the error is none.
func ReasonOf(err error) Reason {
	if e, ok := errors.AsType[*RefusedError](err); ok {
		return e.Reason
	}
	return ""
}

// quote quotes text from outside, the first of it.
func quote(text string) string {
	const most = 100
	if len(text) <= most {
		return strconv.Quote(text)
	}
	return strconv.Quote(strings.ToValidUTF8(text[:most], "")) + "…"
}
