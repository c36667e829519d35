package dex

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/verdict"
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
		k.Require(ok, verdict.Fault{Code: codeDuration, Path: d.path, Got: d.value.String(), Want: "more than zero", Summary: words(d.path) + " is " + d.value.String() + "."})
	}
	tokens := k.c.IDTokens()
	const idTokens = "/expiry/idTokens"
	k.Require(tokens <= 24*time.Hour, verdict.Fault{Code: codeIDTokensLong, Path: idTokens, Got: tokens.String(), Want: "24h or less", Summary: "ID tokens live for " + tokens.String() + "."})
	if tokens > 0 {
		k.Require(tokens >= 10*time.Minute, verdict.Fault{Code: codeIDTokensShort, Path: idTokens, Got: tokens.String(), Want: "10m or more", Summary: "ID tokens live for " + tokens.String() + "."})
	} else {
		k.Skip(codeIDTokensShort, codeDuration, k.Subject(idTokens))
	}
	if p, ok := k.c.Rotation(); ok {
		path := "/expiry/signingKeys"
		if local.KeysRotationPeriod != nil {
			path = "/signer/config/keysRotationPeriod"
		}
		switch f := (verdict.Fault{Code: codeRotation, Path: path, Got: p.String(), Want: "1h or more"}); {
		case p <= 0:
			k.Skip(codeRotation, codeDuration, k.Subject(path))
		case p <= JWKSWindow:
			f.Summary = fmt.Sprintf("Keys sign for %s, and the API server keeps its copy for %s: new tokens are refused all the time.", p, JWKSWindow)
			k.Fail(f)
		case p < time.Hour:
			f.Severity = groundway.Warning
			f.Summary = fmt.Sprintf("Keys sign for %s: %.0f %% of all starts of an API server fall into the %s before a rotation, and new tokens are then refused.", p, 100*float64(JWKSWindow)/float64(p), JWKSWindow)
			k.Fail(f)
		default:
			k.Pass(codeRotation, 1)
		}
		if p > 0 && tokens > 0 {
			keys := KeySetSize(tokens, p)
			k.Require(keys <= 100, verdict.Fault{Code: codeKeySetLarge, Path: idTokens, Got: fmt.Sprint(keys, " keys"), Want: "100 keys or fewer", Summary: fmt.Sprintf("The set of keys grows to %d.", keys)})
		} else {
			k.Inapplicable(codeKeySetLarge, "a lifetime is not positive")
		}
	}
	if d := e.AuthRequests; d != nil && *d > 0 {
		k.Require(*d >= time.Minute, verdict.Fault{Code: codeLoginShort, Path: "/expiry/authRequests", Got: d.String(), Want: "1m or more", Summary: "A login has to end within " + d.String() + "."})
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
		k.Require(*r.ValidIfNotUsedFor <= *r.AbsoluteLifetime, verdict.Fault{
			Code: codeRefreshOrder, Path: path + "/validIfNotUsedFor", Got: r.ValidIfNotUsedFor.String(), Want: r.AbsoluteLifetime.String() + " or less",
			Summary: fmt.Sprintf("Refresh tokens end after %s, and idle ones after %s.", r.AbsoluteLifetime, r.ValidIfNotUsedFor),
		})
	}
	// Zero is no limit to dex, as nothing is.
	k.Require(set(r.AbsoluteLifetime) || set(r.ValidIfNotUsedFor), verdict.Fault{
		Code: codeRefreshEndless, Path: path, Want: "absoluteLifetime or validIfNotUsedFor", Summary: "Refresh tokens never end.",
	})
	if r.DisableRotation {
		return
	}
	reuse := or(r.ReuseInterval, 0)
	k.Require(reuse >= 3*time.Second, verdict.Fault{
		Code: codeRefreshReuse, Path: path + "/reuseInterval", Got: reuse.String(), Want: "3s or more",
		Summary: "A refresh token is good for " + reuse.String() + " after its use.",
	})
}

// grants are those that dex knows.
var grants = []string{
	"authorization_code", "refresh_token", "implicit", "password",
	"urn:ietf:params:oauth:grant-type:device_code", "urn:ietf:params:oauth:grant-type:token-exchange",
}

// responseTypes are those that dex knows.
var responseTypes = []string{"code", "token", "id_token", "code token", "code id_token", "id_token token", "code id_token token"}

func checkOAuth(k *linter) {
	o := k.c.OAuth2
	for i, r := range o.ResponseTypes {
		k.Require(r == "code" || !slices.Contains(responseTypes, r), verdict.Fault{
			Code: codeImplicit, Path: fmt.Sprintf("/oauth2/responseTypes/%d", i), Got: r, Want: "code", Summary: "The response type " + quote(r) + " puts tokens into addresses.",
		})
	}
	// An access token in an address is what turns the grant on.
	implicit := slices.ContainsFunc(o.ResponseTypes, func(r string) bool { return slices.Contains(strings.Fields(r), "token") })
	for i, g := range o.GrantTypes {
		f := verdict.Fault{Code: codeGrant, Path: fmt.Sprintf("/oauth2/grantTypes/%d", i), Got: g, Want: "a grant that dex has"}
		switch {
		case !slices.Contains(grants, g):
			f.Summary = "Dex knows no grant " + quote(g) + "."
			k.Fail(f)
		case g == "implicit" && !implicit, g == "password" && o.PasswordConnector == "":
			f.Summary = "Dex drops the grant " + quote(g) + ", which something else has to turn on."
			k.Fail(f)
		default:
			k.Pass(codeGrant, 1)
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
		k.Require(ok, verdict.Fault{Code: codeGrantNobody, Path: "/oauth2/passwordConnector", Got: p, Want: "a connector that takes passwords", Summary: "No connector " + quote(p) + " takes passwords."})
	}
}

func checkRest(k *linter) {
	for i, origin := range k.c.Web.AllowedOrigins {
		k.Require(origin != "*", verdict.Fault{Code: codeCORS, Path: fmt.Sprintf("/web/allowedOrigins/%d", i), Got: origin, Want: "origins", Summary: "Every site may ask dex from a browser."})
	}
	if k.c.Telemetry.HTTP != "" {
		k.Require(!k.c.Telemetry.EnableProfiling, verdict.Fault{Code: codeProfiling, Path: "/telemetry/enableProfiling", Got: "true", Want: "false", Summary: "Dex serves profiles at " + k.c.Telemetry.HTTP + "."})
	}
	if v, ok := k.c.Signer.Config.(VaultSigner); ok {
		const path = "/signer/config"
		if !k.variable(codeVault, path, v.Addr+v.KeyName) {
			k.Require(v.Addr != "" && v.KeyName != "" && !v.Token.IsZero(), verdict.Fault{Code: codeVault, Path: path, Got: "a field is empty", Want: "addr, token and keyName", Summary: "The Vault signer does not say where its key is."})
		}
	}
	if _, ok := k.c.Storage.Config.(MemoryStorage); ok {
		f := verdict.Fault{Code: codeMemory, Path: "/storage/type", Got: "memory", Want: "a storage that outlives dex"}
		switch k.o.Replicas {
		case 0:
			f.Summary = "The storage is the memory of one instance."
		case 1:
			f.Severity, f.Summary = groundway.Warning, "The storage is the memory of the one instance, whose end ends every session."
		default:
			f.Summary = fmt.Sprintf("The storage is memory, and %d instances have a set of keys each.", k.o.Replicas)
		}
		k.Fail(f)
	} else {
		k.Pass(codeMemory, 1)
	}
}
