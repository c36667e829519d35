package dex

import (
	"fmt"
	"slices"
	"time"
)

// JWKSWindow is how long the API server keeps the keys of an issuer whatever token
// it sees: dex says that they are good for 600 s, and the API server of v1.36 asks
// again 30 s before that. It was measured to the second.
const JWKSWindow = 570 * time.Second

func checkLifetimes(k *linter) {
	local, _ := k.c.Signer.Config.(LocalSigner)
	e := k.c.Expiry
	for _, d := range []struct {
		path  string
		value *time.Duration
	}{
		{"/expiry/signingKeys", e.SigningKeys},
		{"/signer/config/keysRotationPeriod", local.KeysRotationPeriod},
		{"/expiry/idTokens", e.IDTokens},
		{"/expiry/authRequests", e.AuthRequests},
		{"/expiry/deviceRequests", e.DeviceRequests},
		{"/expiry/refreshTokens/absoluteLifetime", e.RefreshTokens.AbsoluteLifetime},
		{"/expiry/refreshTokens/validIfNotUsedFor", e.RefreshTokens.ValidIfNotUsedFor},
		{"/expiry/refreshTokens/reuseInterval", e.RefreshTokens.ReuseInterval},
	} {
		if d.value == nil {
			continue
		}
		ok := *d.value > 0
		if d.path == "/expiry/refreshTokens/reuseInterval" {
			ok = *d.value >= 0
		}
		k.judge(ok, fault{code: codeDuration, path: d.path, got: d.value.String(), want: "more than zero", summary: words(d.path) + " is " + d.value.String() + "."})
	}
	tokens := k.c.IDTokens()
	const idTokens = "/expiry/idTokens"
	k.judge(tokens <= 24*time.Hour, fault{code: codeIDTokensLong, path: idTokens, got: tokens.String(), want: "24h or less", summary: "ID tokens live for " + tokens.String() + "."})
	if tokens > 0 {
		k.judge(tokens >= 10*time.Minute, fault{code: codeIDTokensShort, path: idTokens, got: tokens.String(), want: "10m or more", summary: "ID tokens live for " + tokens.String() + "."})
	} else {
		k.t.Skip(codeIDTokensShort, codeDuration, k.subject(idTokens))
	}
	if p, ok := k.c.Rotation(); ok {
		path := "/expiry/signingKeys"
		if local.KeysRotationPeriod != nil {
			path = "/signer/config/keysRotationPeriod"
		}
		switch f := (fault{code: codeRotation, path: path, got: p.String(), want: "1h or more"}); {
		case p <= 0:
			k.t.Skip(codeRotation, codeDuration, k.subject(path))
		case p < 10*time.Minute:
			f.summary = fmt.Sprintf("Keys sign for %s, less than the %s that the API server keeps its copy: tokens are refused all the time.", p, JWKSWindow)
			k.fail(f)
		case p < time.Hour:
			f.severity = caution
			f.summary = fmt.Sprintf("Keys sign for %s: %.0f %% of all starts of an API server fall into the %s before a rotation, and new tokens are then refused.", p, 100*float64(JWKSWindow)/float64(p), JWKSWindow)
			k.fail(f)
		default:
			k.t.Pass(codeRotation, 1)
		}
		if p > 0 && tokens > 0 {
			keys := KeySetSize(tokens, p)
			k.judge(keys <= 100, fault{code: codeKeySetLarge, path: idTokens, got: fmt.Sprint(keys, " keys"), want: "100 keys or fewer", summary: fmt.Sprintf("The set of keys grows to %d.", keys)})
		} else {
			k.t.Inapplicable(codeKeySetLarge, "a lifetime is not positive")
		}
	}
	if d := e.AuthRequests; d != nil && *d > 0 {
		k.judge(*d >= time.Minute, fault{code: codeLoginShort, path: "/expiry/authRequests", got: d.String(), want: "1m or more", summary: "A login has to end within " + d.String() + "."})
	}
}

// KeySetSize returns how many keys the issuer publishes in the long run: the one
// that signs, and those whose tokens still live.
func KeySetSize(idTokens, rotation time.Duration) int64 {
	if idTokens <= 0 || rotation <= 0 {
		return 1
	}
	return int64((idTokens+rotation-1)/rotation) + 1
}

func checkRefresh(k *linter) {
	const path = "/expiry/refreshTokens"
	r := k.c.Expiry.RefreshTokens
	set := func(d *time.Duration) bool { return d != nil && *d > 0 }
	if set(r.AbsoluteLifetime) && set(r.ValidIfNotUsedFor) {
		k.judge(*r.ValidIfNotUsedFor <= *r.AbsoluteLifetime, fault{
			code: codeRefreshOrder, path: path + "/validIfNotUsedFor", got: r.ValidIfNotUsedFor.String(), want: r.AbsoluteLifetime.String() + " or less",
			summary: fmt.Sprintf("Refresh tokens end after %s, and idle ones after %s.", r.AbsoluteLifetime, r.ValidIfNotUsedFor),
		})
	}
	// Zero is no limit to dex, as nothing is.
	k.judge(set(r.AbsoluteLifetime) || set(r.ValidIfNotUsedFor), fault{
		code: codeRefreshEndless, path: path, want: "absoluteLifetime or validIfNotUsedFor", summary: "Refresh tokens never end.",
	})
	if r.DisableRotation {
		return
	}
	reuse := or(r.ReuseInterval, 0)
	k.judge(reuse >= 3*time.Second, fault{
		code: codeRefreshReuse, path: path + "/reuseInterval", got: reuse.String(), want: "3s or more",
		summary: "A refresh token is good for " + reuse.String() + " after its use.",
	})
}

// grants are those that dex knows.
var grants = []string{
	"authorization_code", "refresh_token", "implicit", "password",
	"urn:ietf:params:oauth:grant-type:device_code", "urn:ietf:params:oauth:grant-type:token-exchange",
}

func checkOAuth(k *linter) {
	o := k.c.OAuth2
	for i, r := range o.ResponseTypes {
		k.judge(r != "token" && r != "id_token", fault{
			code: codeImplicit, path: fmt.Sprintf("/oauth2/responseTypes/%d", i), got: r, want: "code", summary: "The response type " + quote(r) + " puts tokens into addresses.",
		})
	}
	implicit := slices.ContainsFunc(o.ResponseTypes, func(r string) bool { return r == "token" || r == "id_token" })
	for i, g := range o.GrantTypes {
		f := fault{code: codeGrant, path: fmt.Sprintf("/oauth2/grantTypes/%d", i), got: g, want: "a grant that dex has"}
		switch {
		case !slices.Contains(grants, g):
			f.summary = "Dex knows no grant " + quote(g) + "."
			k.fail(f)
		case g == "implicit" && !implicit, g == "password" && o.PasswordConnector == "":
			f.summary = "Dex drops the grant " + quote(g) + ", which something else has to turn on."
			k.fail(f)
		default:
			k.t.Pass(codeGrant, 1)
		}
	}
	if p := o.PasswordConnector; p != "" {
		ok := p == "local" && k.c.EnablePasswordDB
		for _, c := range k.c.Connectors {
			if c.ID == p {
				switch c.Config.(type) {
				case LDAP, Keystone, AtlassianCrowd, MockPassword:
					ok = true
				}
			}
		}
		k.judge(ok, fault{code: codeGrantNobody, path: "/oauth2/passwordConnector", got: p, want: "a connector that takes passwords", summary: "No connector " + quote(p) + " takes passwords."})
	}
}

func checkRest(k *linter) {
	for i, origin := range k.c.Web.AllowedOrigins {
		k.judge(origin != "*", fault{code: codeCORS, path: fmt.Sprintf("/web/allowedOrigins/%d", i), got: origin, want: "origins", summary: "Every site may ask dex from a browser."})
	}
	if k.c.Telemetry.HTTP != "" {
		k.judge(!k.c.Telemetry.EnableProfiling, fault{code: codeProfiling, path: "/telemetry/enableProfiling", got: "true", want: "false", summary: "Dex serves profiles at " + k.c.Telemetry.HTTP + "."})
	}
	if v, ok := k.c.Signer.Config.(VaultSigner); ok {
		const path = "/signer/config"
		if !k.variable(codeVault, path, v.Addr+v.KeyName) {
			k.judge(v.Addr != "" && v.KeyName != "" && !v.Token.IsZero(), fault{code: codeVault, path: path, got: "a field is empty", want: "addr, token and keyName", summary: "The Vault signer does not say where its key is."})
		}
	}
	if _, ok := k.c.Storage.Config.(MemoryStorage); ok {
		f := fault{code: codeMemory, path: "/storage/type", got: "memory", want: "a storage that outlives dex"}
		switch k.o.Replicas {
		case 0:
			f.summary = "The storage is the memory of one instance."
		case 1:
			f.severity, f.summary = caution, "The storage is the memory of the one instance, whose end ends every session."
		default:
			f.summary = fmt.Sprintf("The storage is memory, and %d instances have a set of keys each.", k.o.Replicas)
		}
		k.fail(f)
	} else {
		k.t.Pass(codeMemory, 1)
	}
}
