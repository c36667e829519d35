package dex

import (
	"time"

	"github.com/groundway-sdk/groundway"
)

// A Config is the configuration of dex v2.45.1. Zero fields are left out, and dex
// takes its default. A nil duration is absent, which is not the same as zero: dex
// takes a zero lifetime at its word.
type Config struct {
	// Issuer is the URL of the issuer as it stands in every token: byte for byte
	// what the API server and the clients are configured with. Its path is the
	// prefix of all that dex serves.
	Issuer    string    `yaml:"issuer"`
	Storage   Storage   `yaml:"storage"`
	Web       Web       `yaml:"web"`
	GRPC      GRPC      `yaml:"grpc"`
	Telemetry Telemetry `yaml:"telemetry"`
	Expiry    Expiry    `yaml:"expiry"`
	Signer    Signer    `yaml:"signer"`
	OAuth2    OAuth2    `yaml:"oauth2"`
	Frontend  Frontend  `yaml:"frontend"`
	Logger    Logger    `yaml:"logger"`

	Connectors      []Connector `yaml:"connectors"`
	StaticClients   []Client    `yaml:"staticClients"`
	StaticPasswords []Password  `yaml:"staticPasswords"`

	// EnablePasswordDB lets people log in with the passwords that dex keeps: the
	// static ones and those that its gRPC interface makes.
	EnablePasswordDB bool `yaml:"enablePasswordDB"`
}

// Web is where users reach dex. HTTP and HTTPS are addresses to listen on, such as
// "0.0.0.0:5556".
type Web struct {
	HTTP           string         `yaml:"http"`
	HTTPS          string         `yaml:"https"`
	TLSCert        string         `yaml:"tlsCert"` // path of a file
	TLSKey         string         `yaml:"tlsKey"`
	TLSMinVersion  string         `yaml:"tlsMinVersion"` // "1.2" or "1.3"
	TLSMaxVersion  string         `yaml:"tlsMaxVersion"`
	AllowedOrigins []string       `yaml:"allowedOrigins"` // of CORS
	AllowedHeaders []string       `yaml:"allowedHeaders"`
	Headers        Headers        `yaml:"headers"`
	ClientRemoteIP ClientRemoteIP `yaml:"clientRemoteIP"`
}

// Headers are what dex adds to its answers.
type Headers struct {
	ContentSecurityPolicy   string `yaml:"Content-Security-Policy"`
	XFrameOptions           string `yaml:"X-Frame-Options"`
	XContentTypeOptions     string `yaml:"X-Content-Type-Options"`
	XXSSProtection          string `yaml:"X-XSS-Protection"`
	StrictTransportSecurity string `yaml:"Strict-Transport-Security"`
}

// ClientRemoteIP says which header holds a client's address, and which proxies, as
// CIDR blocks, are believed.
type ClientRemoteIP struct {
	Header         string   `yaml:"header"`
	TrustedProxies []string `yaml:"trustedProxies"`
}

// GRPC is the interface that administers dex. Whoever may speak to it may make
// clients and passwords, so TLSClientCA, which asks for a client certificate, is
// what protects it.
type GRPC struct {
	Addr          string `yaml:"addr"`
	TLSCert       string `yaml:"tlsCert"`
	TLSKey        string `yaml:"tlsKey"`
	TLSClientCA   string `yaml:"tlsClientCA"`
	TLSMinVersion string `yaml:"tlsMinVersion"`
	TLSMaxVersion string `yaml:"tlsMaxVersion"`
	Reflection    bool   `yaml:"reflection"`
}

// Telemetry is where dex serves metrics and its health.
type Telemetry struct {
	HTTP            string `yaml:"http"`
	EnableProfiling bool   `yaml:"enableProfiling"`
}

// Expiry are the lifetimes.
type Expiry struct {
	// SigningKeys is how long a key signs; nil is 6 h. Signer has it by another
	// name, and wins.
	SigningKeys *time.Duration `yaml:"signingKeys"`
	// IDTokens is how long an ID token lives; nil is 24 h. No outage of dex cuts
	// anybody off before it ends, and no revocation either.
	IDTokens       *time.Duration `yaml:"idTokens"`
	AuthRequests   *time.Duration `yaml:"authRequests"`   // how long a login may take; nil is 24 h
	DeviceRequests *time.Duration `yaml:"deviceRequests"` // nil is 5 min
	RefreshTokens  RefreshTokens  `yaml:"refreshTokens"`
}

// RefreshTokens say how long a login lasts. Both lifetimes are unlimited if they
// are nil.
type RefreshTokens struct {
	DisableRotation   bool           `yaml:"disableRotation"`
	ReuseInterval     *time.Duration `yaml:"reuseInterval"` // how long a token that was used is good once more; nil is not at all
	AbsoluteLifetime  *time.Duration `yaml:"absoluteLifetime"`
	ValidIfNotUsedFor *time.Duration `yaml:"validIfNotUsedFor"`
}

// OAuth2 is what dex offers to clients.
type OAuth2 struct {
	GrantTypes            []string `yaml:"grantTypes"`    // nil is all that dex supports
	ResponseTypes         []string `yaml:"responseTypes"` // nil is "code"
	SkipApprovalScreen    bool     `yaml:"skipApprovalScreen"`
	AlwaysShowLoginScreen bool     `yaml:"alwaysShowLoginScreen"`
	PasswordConnector     string   `yaml:"passwordConnector"` // the connector of the password grant; empty turns it off
}

// Frontend is how the login pages look.
type Frontend struct {
	Dir     string            `yaml:"dir"`
	Theme   string            `yaml:"theme"`
	Issuer  string            `yaml:"issuer"` // the name on the pages
	LogoURL string            `yaml:"logoURL"`
	Extra   map[string]string `yaml:"extra"`
}

// Logger is how dex logs: debug, info, warn or error, as text or json.
type Logger struct {
	Level  string `yaml:"level"`
	Format string `yaml:"format"`
}

// A Client is a program that dex gives tokens to.
type Client struct {
	ID           string           `yaml:"id"`
	IDEnv        string           `yaml:"idEnv"` // the environment variable that holds the ID, in place of ID
	Name         string           `yaml:"name"`
	Secret       groundway.Secret `yaml:"secret"`
	SecretEnv    string           `yaml:"secretEnv"`
	Public       bool             `yaml:"public"` // it cannot keep a secret
	RedirectURIs []string         `yaml:"redirectURIs"`
	TrustedPeers []string         `yaml:"trustedPeers"` // clients that may get tokens for this one
	LogoURL      string           `yaml:"logoURL"`
}

// A Password is a user of the password database.
type Password struct {
	Email             string           `yaml:"email"`
	Hash              groundway.Secret `yaml:"hash"` // of bcrypt, as it is or in base64
	HashFromEnv       string           `yaml:"hashFromEnv"`
	Username          string           `yaml:"username"`
	Name              string           `yaml:"name"`
	PreferredUsername string           `yaml:"preferredUsername"`
	UserID            string           `yaml:"userID"` // what makes the subject of the user's tokens
	EmailVerified     *bool            `yaml:"emailVerified"`
	Groups            []string         `yaml:"groups"`
}

// The defaults of dex.
const (
	DefaultSigningKeys  = 6 * time.Hour
	DefaultIDTokens     = 24 * time.Hour
	DefaultAuthRequests = 24 * time.Hour
)

// IDTokens returns how long an ID token lives, by default 24 h.
func (c Config) IDTokens() time.Duration { return or(c.Expiry.IDTokens, DefaultIDTokens) }

// Rotation returns how long a signing key signs, by default 6 h. Dex does not
// rotate the key of a Vault signer; ok is false then.
func (c Config) Rotation() (period time.Duration, ok bool) {
	switch s := c.Signer.Config.(type) {
	case LocalSigner:
		if s.KeysRotationPeriod != nil {
			return *s.KeysRotationPeriod, true
		}
	case VaultSigner:
		return 0, false
	}
	return or(c.Expiry.SigningKeys, DefaultSigningKeys), true
}

func or(d *time.Duration, otherwise time.Duration) time.Duration {
	if d == nil {
		return otherwise
	}
	return *d
}
