package oidc_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/json"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/identity/oidc"
)

var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

const (
	issuer   = "https://oidc.example.com/demo"
	provider = "arn:aws:iam::111122223333:oidc-provider/oidc.example.com/demo"
	roleARN  = "arn:aws:iam::111122223333:role/demo-jx-tekton-bot"
	subject  = "system:serviceaccount:jx:tekton-bot"
)

// The keys of all tests.
var keys = sync.OnceValue(func() (k struct {
	rsa      *rsa.PrivateKey
	ec, next *ecdsa.PrivateKey
	ed       ed25519.PrivateKey
},
) {
	var err error
	must := func(e error) {
		if e != nil {
			panic(e)
		}
	}
	k.rsa, err = rsa.GenerateKey(rand.Reader, 2048)
	must(err)
	k.ec, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	k.next, err = ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	must(err)
	_, k.ed, err = ed25519.GenerateKey(rand.Reader)
	must(err)
	return k
})

func keySet(t testing.TB, publics ...crypto.PublicKey) oidc.KeySet {
	t.Helper()
	set, err := oidc.NewKeySet(publics...)
	require.NoError(t, err)
	return set
}

func keyID(t testing.TB, public crypto.PublicKey) string {
	t.Helper()
	id, err := oidc.KeyID(public)
	require.NoError(t, err)
	return id
}

// claims are those of a good token, which the edits change; nil removes one.
func claims(edits map[string]any) map[string]any {
	c := map[string]any{
		"iss": issuer, "sub": subject, "aud": []string{"sts.amazonaws.com"},
		"iat": noon.Add(-time.Minute).Unix(), "nbf": noon.Add(-time.Minute).Unix(), "exp": noon.Add(time.Hour).Unix(),
		"kubernetes.io": map[string]any{"namespace": "jx"},
	}
	for key, v := range edits {
		c[key] = v
		if v == nil {
			delete(c, key)
		}
	}
	return c
}

func sign(t testing.TB, algorithm jose.SignatureAlgorithm, key crypto.PrivateKey, kid string, c map[string]any) groundway.Secret {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: jose.JSONWebKey{Key: key, KeyID: kid}}, nil)
	require.NoError(t, err)
	payload, err := json.Marshal(c)
	require.NoError(t, err)
	return signBytes(t, signer, payload)
}

func signBytes(t testing.TB, signer jose.Signer, payload []byte) groundway.Secret {
	t.Helper()
	signed, err := signer.Sign(payload)
	require.NoError(t, err)
	text, err := signed.CompactSerialize()
	require.NoError(t, err)
	return groundway.NewSecret(text)
}

// token returns a token of the RSA key.
func token(t testing.TB, edits map[string]any) groundway.Secret {
	t.Helper()
	k := keys()
	return sign(t, jose.RS256, k.rsa, keyID(t, k.rsa.Public()), claims(edits))
}

// part encodes a part of a token.
func part(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

// call is one that is allowed.
func call(t testing.TB) oidc.WebIdentity {
	t.Helper()
	return oidc.WebIdentity{
		Token: token(t, nil), Keys: keySet(t, keys().rsa.Public()), Time: noon, SessionName: "demo",
		Provider: oidc.Provider{ARN: provider, URL: "oidc.example.com/demo", ClientIDs: []string{"sts.amazonaws.com"}},
		Role:     oidc.Role{ARN: roleARN, Trust: iam.MustTrustDocument(iam.TrustServiceAccount(provider, "jx", "tekton-bot"))},
	}
}

func trust(conditions string) iam.Document {
	return iam.MustParse(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"` + provider + `"},
		"Action":"sts:AssumeRoleWithWebIdentity","Condition":` + conditions + `}]}`)
}

const (
	aud = `"oidc.example.com/demo:aud":"sts.amazonaws.com"`
	sub = `"oidc.example.com/demo:sub":"system:serviceaccount:jx:tekton-bot"`
)

func TestDecide(t *testing.T) {
	t.Parallel()
	k := keys()
	for _, test := range []struct {
		name   string
		edit   func(w *oidc.WebIdentity)
		reason oidc.Reason
		code   string
		text   string
	}{
		{"good", func(*oidc.WebIdentity) {}, "", "", "Statement 1 of the trust policy allows sts:AssumeRoleWithWebIdentity."},
		{"an issuer with its scheme", func(w *oidc.WebIdentity) { w.Provider.URL = issuer }, "", "", "Statement 1 of the trust policy allows"},
		{"EC", func(w *oidc.WebIdentity) {
			w.Keys = keySet(t, k.rsa.Public(), k.ec.Public())
			w.Token = sign(t, jose.ES256, k.ec, keyID(t, k.ec.Public()), claims(nil))
		}, "", "", "Statement 1 of the trust policy allows"},
		{"one audience as text", func(w *oidc.WebIdentity) { w.Token = token(t, map[string]any{"aud": "sts.amazonaws.com"}) }, "", "", ""},

		{"empty", func(w *oidc.WebIdentity) { w.Token = groundway.Secret{} }, oidc.ReasonMalformed, "InvalidIdentityToken", "The token is refused: it is empty."},
		{"20,001 characters", func(w *oidc.WebIdentity) { w.Token = groundway.NewSecret(strings.Repeat("a", 20001)) }, oidc.ReasonTooLong, "ValidationError", "The token is refused: it has 20001 characters, and STS takes 20000."},
		{"a line end", func(w *oidc.WebIdentity) { w.Token = groundway.NewSecret(w.Token.Reveal() + "\n") }, oidc.ReasonMalformed, "InvalidIdentityToken", "it has characters that are neither base64 for URLs nor dots"},
		{"two parts", func(w *oidc.WebIdentity) { w.Token = groundway.NewSecret("a.b") }, oidc.ReasonMalformed, "InvalidIdentityToken", "it has 2 parts between dots, want 3"},
		{"five parts", func(w *oidc.WebIdentity) { w.Token = groundway.NewSecret("a.b.c.d.e") }, oidc.ReasonMalformed, "InvalidIdentityToken", "it has 5 parts between dots, want 3"},
		{"padding", func(w *oidc.WebIdentity) { w.Token = groundway.NewSecret("e30=.e30.AAAA") }, oidc.ReasonMalformed, "InvalidIdentityToken", "such as white space or padding"},
		{"a header of one character", func(w *oidc.WebIdentity) { w.Token = groundway.NewSecret("e.e30.AAAA") }, oidc.ReasonMalformed, "InvalidIdentityToken", "its header is not base64 for URLs"},
		{"alg none", func(w *oidc.WebIdentity) {
			w.Token = groundway.NewSecret(part(`{"alg":"none"}`) + "." + strings.Split(w.Token.Reveal(), ".")[1] + ".")
		}, oidc.ReasonUnsigned, "InvalidIdentityToken", "The token is refused: it is not signed."},
		{"alg nOnE with a signature", func(w *oidc.WebIdentity) {
			w.Token = groundway.NewSecret(part(`{"alg":"nOnE"}`) + "." + strings.Split(w.Token.Reveal(), ".")[1] + ".AAAA")
		}, oidc.ReasonUnsigned, "InvalidIdentityToken", "it is not signed"},
		{"no signature", func(w *oidc.WebIdentity) {
			text := w.Token.Reveal()
			w.Token = groundway.NewSecret(text[:strings.LastIndexByte(text, '.')+1])
		}, oidc.ReasonUnsigned, "InvalidIdentityToken", "it is not signed"},
		{"HMAC with the public key", func(w *oidc.WebIdentity) {
			w.Token = sign(t, jose.HS256, []byte(strings.Repeat("k", 32)), w.Keys.Keys[0].ID, claims(nil))
		}, oidc.ReasonAlgorithm, "InvalidIdentityToken", `it is signed by "HS256", and STS takes RS256 to RS512 and ES256 to ES512`},
		{"Ed25519", func(w *oidc.WebIdentity) { w.Token = sign(t, jose.EdDSA, k.ed, "ed", claims(nil)) }, oidc.ReasonAlgorithm, "InvalidIdentityToken", `it is signed by "EdDSA"`},
		{"PS256", func(w *oidc.WebIdentity) { w.Token = sign(t, jose.PS256, k.rsa, w.Keys.Keys[0].ID, claims(nil)) }, oidc.ReasonAlgorithm, "InvalidIdentityToken", `it is signed by "PS256"`},
		{"RS512 under a key for RS256", func(w *oidc.WebIdentity) { w.Token = sign(t, jose.RS512, k.rsa, w.Keys.Keys[0].ID, claims(nil)) }, oidc.ReasonAlgorithm, "InvalidIdentityToken", "it is signed by RS512, and its key is for RS256"},
		{"crit", func(w *oidc.WebIdentity) {
			w.Token = groundway.NewSecret(part(`{"alg":"RS256","crit":["b64"],"b64":false}`) + ".e30.AAAA")
		}, oidc.ReasonMalformed, "InvalidIdentityToken", "its header has critical extensions"},
		{"alg twice", func(w *oidc.WebIdentity) {
			w.Token = groundway.NewSecret(part(`{"alg":"RS256","alg":"none"}`) + ".e30.AAAA")
		}, oidc.ReasonMalformed, "InvalidIdentityToken", "its header: it is not JSON that can be read, or a name stands twice"},
		{"sub twice", func(w *oidc.WebIdentity) {
			signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: k.rsa, KeyID: w.Keys.Keys[0].ID}}, nil)
			require.NoError(t, err)
			w.Token = signBytes(t, signer, []byte(`{"sub":"a","sub":"b"}`))
		}, oidc.ReasonMalformed, "InvalidIdentityToken", "its claims: it is not JSON that can be read, or a name stands twice"},
		{"claims are missing", func(w *oidc.WebIdentity) { w.Token = token(t, map[string]any{"iat": nil, "sub": nil}) }, oidc.ReasonMalformed, "InvalidIdentityToken", "it lacks sub, iat"},
		{"exp is text", func(w *oidc.WebIdentity) { w.Token = token(t, map[string]any{"exp": "never"}) }, oidc.ReasonMalformed, "InvalidIdentityToken", "it has string where something else belongs"},
		{"exp is far", func(w *oidc.WebIdentity) { w.Token = token(t, map[string]any{"exp": 1e300}) }, oidc.ReasonMalformed, "InvalidIdentityToken", "its exp is not a time"},
		{"aud is a number", func(w *oidc.WebIdentity) { w.Token = token(t, map[string]any{"aud": 1}) }, oidc.ReasonMalformed, "InvalidIdentityToken", "its audience is neither a text nor a list of texts"},

		{"another issuer", func(w *oidc.WebIdentity) { w.Token = token(t, map[string]any{"iss": issuer + "/"}) }, oidc.ReasonIssuer, "InvalidIdentityToken", `The token is of the issuer "https://oidc.example.com/demo/", and the provider's is "https://oidc.example.com/demo".`},
		{"another kid", func(w *oidc.WebIdentity) { w.Token = sign(t, jose.RS256, k.rsa, "mine", claims(nil)) }, oidc.ReasonKey, "InvalidIdentityToken", `it is signed with the key "mine", which the issuer does not publish`},
		{"no kid", func(w *oidc.WebIdentity) { w.Token = sign(t, jose.RS256, k.rsa, "", claims(nil)) }, oidc.ReasonKey, "InvalidIdentityToken", "its header names no key"},
		{"the kid of another key", func(w *oidc.WebIdentity) {
			w.Keys = keySet(t, k.ec.Public(), k.rsa.Public())
			w.Token = sign(t, jose.RS256, k.rsa, w.Keys.Keys[0].ID, claims(nil))
		}, oidc.ReasonAlgorithm, "InvalidIdentityToken", "it is signed by RS256, and its key is for ES256"},
		{"the claims of another token", func(w *oidc.WebIdentity) {
			mine, theirs := strings.Split(w.Token.Reveal(), "."), strings.Split(token(t, map[string]any{"sub": "system:serviceaccount:jx:other"}).Reveal(), ".")
			w.Token = groundway.NewSecret(mine[0] + "." + theirs[1] + "." + mine[2])
		}, oidc.ReasonSignature, "InvalidIdentityToken", "its signature is not that of the key"},
		{"expired", func(w *oidc.WebIdentity) { w.Time = noon.Add(time.Hour) }, oidc.ReasonExpired, "ExpiredTokenException", "The token expired at 2026-11-26T13:00:00Z."},
		{"from the future", func(w *oidc.WebIdentity) { w.Time = noon.Add(-time.Hour) }, oidc.ReasonNotYet, "InvalidIdentityToken", "The token was issued at 2026-11-26T11:59:00Z, which is in the future."},
		{"nbf", func(w *oidc.WebIdentity) { w.Token = token(t, map[string]any{"nbf": noon.Add(time.Minute).Unix()}) }, oidc.ReasonNotYet, "InvalidIdentityToken", "The token is valid from 2026-11-26T12:01:00Z."},
		{"the audience of the API server", func(w *oidc.WebIdentity) {
			w.Token = token(t, map[string]any{"aud": []string{"https://kubernetes.default.svc"}})
		}, oidc.ReasonClientID, "InvalidIdentityToken", `The token is for "https://kubernetes.default.svc", and the provider takes tokens for "sts.amazonaws.com".`},
		{"a provider without client IDs", func(w *oidc.WebIdentity) { w.Provider.ClientIDs = nil }, oidc.ReasonClientID, "InvalidIdentityToken", "the provider takes tokens for nobody"},

		{"another provider is trusted", func(w *oidc.WebIdentity) {
			w.Role.Trust = iam.MustTrustDocument(iam.TrustServiceAccount(provider+"-2", "jx", "tekton-bot"))
		}, oidc.ReasonProvider, "AccessDenied", "The trust policy does not allow sts:AssumeRoleWithWebIdentity: statement 1 asks for another provider:"},
		{"AssumeRole is trusted", func(w *oidc.WebIdentity) {
			w.Role.Trust = iam.MustParse(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"` + provider + `"},"Action":"sts:AssumeRole"}]}`)
		}, oidc.ReasonAction, "AccessDenied", `statement 1 asks for another action: "sts:AssumeRoleWithWebIdentity" matches none of "sts:AssumeRole"`},
		{"another service account", func(w *oidc.WebIdentity) {
			w.Token = token(t, map[string]any{"sub": "system:serviceaccount:jx:other"})
		}, oidc.ReasonSubject, "AccessDenied", `statement 1 asks for another oidc.example.com/demo:sub: the request has "system:serviceaccount:jx:other", which matches none of "system:serviceaccount:jx:tekton-bot".`},
		{"a wildcard under StringEquals", func(w *oidc.WebIdentity) {
			w.Role.Trust = trust(`{"StringEquals":{` + aud + `,"oidc.example.com/demo:sub":"system:serviceaccount:jx:*"}}`)
		}, oidc.ReasonSubject, "AccessDenied", "matches none of"},
		{"the scheme in a key", func(w *oidc.WebIdentity) {
			w.Role.Trust = trust(`{"StringEquals":{"https://oidc.example.com/demo:sub":"x"}}`)
		}, oidc.ReasonUndetermined, "", "depends on"},
		{"another audience", func(w *oidc.WebIdentity) {
			w.Provider.ClientIDs = append(w.Provider.ClientIDs, "kubernetes")
			w.Token = token(t, map[string]any{"aud": "kubernetes"})
		}, oidc.ReasonAudience, "AccessDenied", "statement 1 asks for another oidc.example.com/demo:aud"},
		{"the nearest of two statements", func(w *oidc.WebIdentity) {
			w.Role.Trust = iam.MustTrustDocument(
				iam.TrustServiceAccount(provider+"-2", "jx", "tekton-bot"), iam.TrustServiceAccount(provider, "jx", "other"))
		}, oidc.ReasonSubject, "AccessDenied", "statement 2 asks for another oidc.example.com/demo:sub"},
		{"a claim that becomes no key", func(w *oidc.WebIdentity) {
			w.Role.Trust = trust(`{"StringEquals":{` + aud + `,` + sub + `,"oidc.example.com/demo:kubernetes.io":"jx"}}`)
		}, oidc.ReasonCondition, "AccessDenied", "the request does not have the key"},
		{"a name of the session", func(w *oidc.WebIdentity) {
			w.Role.Trust = trust(`{"StringEquals":{` + sub + `,"sts:RoleSessionName":"other"}}`)
		}, oidc.ReasonCondition, "AccessDenied", `the request has "demo", which matches none of "other"`},
		{"an address", func(w *oidc.WebIdentity) {
			w.Role.Trust = trust(`{"StringEquals":{` + sub + `},"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}`)
		}, oidc.ReasonUndetermined, "", `depends on "aws:SourceIp"`},
		{"an address that is known", func(w *oidc.WebIdentity) {
			w.Role.Trust = trust(`{"StringEquals":{` + sub + `},"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}`)
			w.Context = iam.Context{"aws:SourceIp": {"192.0.2.7"}}
		}, "", "", ""},
		{"a subject in the context", func(w *oidc.WebIdentity) {
			w.Token = token(t, map[string]any{"sub": "system:serviceaccount:jx:other"})
			w.Context = iam.Context{"OIDC.example.com/demo:SUB": {subject}}
		}, oidc.ReasonSubject, "AccessDenied", "system:serviceaccount:jx:other"},
		{"denied", func(w *oidc.WebIdentity) {
			w.Role.Trust = iam.MustParse(`{"Version":"2012-10-17","Statement":[
				{"Effect":"Allow","Principal":{"Federated":"` + provider + `"},"Action":"sts:*"},
				{"Sid":"No","Effect":"Deny","Principal":"*","Action":"sts:*","Condition":{"StringLike":{"oidc.example.com/demo:sub":"*:jx:*"}}}]}`)
		}, oidc.ReasonDenied, "AccessDenied", `is denied by statement 2 "No"`},
		{"no statement", func(w *oidc.WebIdentity) { w.Role.Trust = iam.Document{} }, oidc.ReasonProvider, "AccessDenied", "it has no statement that allows"},
		{"several audiences", func(w *oidc.WebIdentity) {
			w.Token = token(t, map[string]any{"aud": []string{"sts.amazonaws.com", "other"}})
		}, oidc.ReasonUndetermined, "", `The token is for "other", "sts.amazonaws.com", and the trust policy takes some of them only`},
		{"azp", func(w *oidc.WebIdentity) { w.Token = token(t, map[string]any{"azp": "client"}) }, oidc.ReasonUndetermined, "", "some of them only"},

		{"14 minutes", func(w *oidc.WebIdentity) { w.Duration = 14 * time.Minute }, oidc.ReasonRequest, "ValidationError", "A session of 14m0s is shorter than 15 minutes."},
		{"two hours", func(w *oidc.WebIdentity) { w.Duration = 2 * time.Hour }, oidc.ReasonRequest, "ValidationError", "A session of 2h0m0s is longer than the role allows, 1h0m0s."},
		{"two hours that the role allows", func(w *oidc.WebIdentity) { w.Duration, w.Role.MaxSession = 2*time.Hour, 2*time.Hour }, "", "", ""},
		{"a name of one character", func(w *oidc.WebIdentity) { w.SessionName = "x" }, oidc.ReasonRequest, "ValidationError", "ole session name"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := call(t)
			test.edit(&w)
			d, err := oidc.Decide(w)
			require.NoError(t, err)
			assert.Equal(t, test.reason, d.Reason, d.Text)
			assert.Equal(t, test.code, d.Code)
			assert.Contains(t, d.Text, test.text)
			assert.Equal(t, test.reason == "", d.Allowed())
			assert.Equal(t, test.reason == "", d.Verdict == iam.Allowed)
			for _, part := range strings.Split(w.Token.Reveal(), ".") {
				if len(part) > 10 {
					assert.NotContains(t, fmt.Sprintf("%v %+v %#v", d, d, d), part)
				}
			}
		})
	}
}

func TestDecideErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		edit func(w *oidc.WebIdentity)
		want string
	}{
		{func(w *oidc.WebIdentity) { w.Time = time.Time{} }, "decide: no time given"},
		{func(w *oidc.WebIdentity) { w.Provider.ARN = "oidc.example.com" }, `decide: the provider "oidc.example.com": want arn:PARTITION:iam::ACCOUNT:oidc-provider/HOST/PATH`},
	} {
		w := call(t)
		test.edit(&w)
		_, err := oidc.Decide(w)
		assert.EqualError(t, err, test.want)
	}
}

// A token that is refused is refused by any change of one of its characters.
func TestEveryCharacterCounts(t *testing.T) {
	t.Parallel()
	w := call(t)
	w.Keys = keySet(t, keys().ec.Public())
	text := sign(t, jose.ES256, keys().ec, w.Keys.Keys[0].ID, claims(nil)).Reveal()
	w.Token = groundway.NewSecret(text)
	d, err := oidc.Decide(w)
	require.NoError(t, err)
	require.True(t, d.Allowed())
	for i := range text {
		for _, c := range []byte("AB.") {
			if text[i] == c {
				continue
			}
			w.Token = groundway.NewSecret(text[:i] + string(c) + text[i+1:])
			d, err := oidc.Decide(w)
			require.NoError(t, err)
			require.False(t, d.Allowed(), "character %d", i)
		}
	}
}

func TestDecidePodIdentity(t *testing.T) {
	t.Parallel()
	const cluster = "arn:aws:eks:us-east-1:111122223333:cluster/demo"
	a := oidc.Association{Cluster: cluster, Namespace: "jx", ServiceAccount: "tekton-bot", Role: roleARN}
	pods := func(actions, conditions string) iam.Document {
		return iam.MustParse(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":[` + actions + `]` + conditions + `}]}`)
	}
	for _, test := range []struct {
		name   string
		trust  iam.Document
		edit   func(a *oidc.Association)
		reason oidc.Reason
		text   string
	}{
		{"good", iam.MustTrustDocument(iam.TrustPodIdentity(cluster, "jx", "tekton-bot").SourceAccount("111122223333")), nil, "", "Statement 1 of the trust policy allows sts:TagSession."},
		{"any pod", iam.MustTrustDocument(iam.TrustAnyPod()), nil, "", "Statement 1 of the trust policy allows sts:TagSession."},
		{"no TagSession", pods(`"sts:AssumeRole"`, ""), nil, oidc.ReasonAction, `does not allow sts:TagSession: statement 1 asks for another action`},
		{"another account", iam.MustTrustDocument(iam.TrustPodIdentity(cluster, "jx", "other")), nil, oidc.ReasonSubject, "aws:RequestTag/kubernetes-service-account"},
		{"another cluster", iam.MustTrustDocument(iam.TrustPodIdentity(cluster+"2", "jx", "tekton-bot")), nil, oidc.ReasonCondition, "aws:RequestTag/eks-cluster-arn"},
		{"no tags", iam.MustTrustDocument(iam.TrustPodIdentity(cluster, "jx", "tekton-bot")), func(a *oidc.Association) { a.NoSessionTags = true }, oidc.ReasonSubject, "the request does not have the key"},
		{"IRSA", iam.MustTrustDocument(iam.TrustServiceAccount(provider, "jx", "tekton-bot")), nil, oidc.ReasonProvider, `"pods.eks.amazonaws.com" is none of`},
		{"the pod's name", pods(`"sts:*"`, `,"Condition":{"StringEquals":{"aws:RequestTag/kubernetes-pod-name":"x"}}`), nil, oidc.ReasonUndetermined, "kubernetes-pod-name"},
		{"the pod's name without tags", pods(`"sts:*"`, `,"Condition":{"StringEquals":{"aws:RequestTag/kubernetes-pod-name":"x"}}`), func(a *oidc.Association) { a.NoSessionTags = true }, oidc.ReasonCondition, "kubernetes-pod-name"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			a := a
			if test.edit != nil {
				test.edit(&a)
			}
			d, err := oidc.DecidePodIdentity(a, oidc.Role{ARN: roleARN, Trust: test.trust})
			require.NoError(t, err)
			assert.Equal(t, test.reason, d.Reason, d.Text)
			assert.Contains(t, d.Text, test.text)
			assert.Equal(t, test.reason == "", d.Allowed())
		})
	}
	_, err := oidc.DecidePodIdentity(oidc.Association{Cluster: "demo"}, oidc.Role{ARN: roleARN})
	assert.EqualError(t, err, `decide: the cluster "demo": want arn:PARTITION:eks:REGION:ACCOUNT:cluster/NAME`)
}

// What is read from outside is either refused or decided, and never printed.
func FuzzToken(f *testing.F) {
	f.Add(token(f, nil).Reveal())
	f.Add(part(`{"alg":"none"}`) + ".e30.")
	f.Add(part(`{"alg":"RS256","kid":"a"}`) + "." + part(`{"iss":"a","sub":"b","aud":["c"],"iat":1,"exp":2}`) + ".AAAA")
	w := call(f)
	good := w.Token.Reveal()
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := oidc.ParseToken(groundway.NewSecret(text))
		if err != nil {
			require.NotEmpty(t, oidc.ReasonOf(err))
			require.Less(t, len(err.Error()), 600)
		} else {
			require.NotEmpty(t, parsed.Subject)
			require.NotEmpty(t, parsed.Audiences)
		}
		w := w
		w.Token = groundway.NewSecret(text)
		d, err := oidc.Decide(w)
		require.NoError(t, err)
		require.Equal(t, text == good, d.Allowed())
	})
}

func BenchmarkDecide(b *testing.B) {
	w := call(b)
	b.ReportAllocs()
	for b.Loop() {
		if d, err := oidc.Decide(w); err != nil || !d.Allowed() {
			b.Fatal(d, err)
		}
	}
}

// What a manifest calls an account comes out as a reader can see it.
func TestChangeIsHarmless(t *testing.T) {
	t.Parallel()
	const hostile = "jx/\x1b[31m\u202e"
	for _, c := range []oidc.Change{{Account: hostile}, {Account: hostile, Key: hostile, To: "a"}, {Account: hostile, Key: hostile, From: "a", To: "b"}} {
		assert.NotContains(t, c.String(), "\x1b")
		assert.NotContains(t, c.String(), "\u202e")
		assert.Contains(t, c.String(), `jx/\x1b[31m\u202e`)
	}
}
