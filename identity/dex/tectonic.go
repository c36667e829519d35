package dex

import (
	"time"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/identity"
)

// New returns the configuration of dex for a model: its issuer and its clients.
// Everything else is the caller's.
func New(m identity.Model) Config {
	c := Config{Issuer: m.Issuer}
	for _, client := range m.Clients {
		c.StaticClients = append(c.StaticClients, Client{
			ID: client.ID, Name: client.Name, Secret: client.Secret, Public: client.Public,
			RedirectURIs: client.RedirectURIs, TrustedPeers: client.TrustedPeers,
		})
	}
	return c
}

// TectonicOptions are what a user of the Tectonic installer gave, and what it made.
type TectonicOptions struct {
	ConsoleHost string // "console.example.com", without scheme and port
	// ConsoleSecret and KubectlSecret are those of the two clients.
	ConsoleSecret, KubectlSecret groundway.Secret
	// AdminEmail and AdminHash, of bcrypt, are the first user; AdminID makes the
	// subject of the user's tokens, and must not change.
	AdminEmail string
	AdminHash  groundway.Secret
	AdminID    string
	// CA verifies the certificate of the ingress: PEM.
	CA []byte
	// AsPublished leaves the lifetimes as Tectonic had them: ID tokens of 24 h, and
	// refresh tokens without an end, which are good once. Lint says what follows.
	AsPublished bool
}

// The clients of Tectonic.
const (
	TectonicConsole = "tectonic-console"
	TectonicKubectl = "tectonic-kubectl"
)

// TectonicModel returns what the files of a Tectonic cluster agree on.
func TectonicModel(o TectonicOptions) identity.Model {
	console := "https://" + o.ConsoleHost
	claims := identity.DefaultClaims()
	return identity.Model{
		Issuer: console + "/identity",
		CA:     o.CA,
		Clients: []identity.Client{
			{
				ID: TectonicConsole, Name: "Tectonic Console", Secret: o.ConsoleSecret,
				RedirectURIs: []string{
					console + "/auth/callback", console + "/prometheus/auth/callback",
					console + "/alertmanager/auth/callback", console + "/grafana/auth/callback",
				},
			},
			{
				ID: TectonicKubectl, Name: "Tectonic Kubectl", Secret: o.KubectlSecret, Public: true,
				TrustedPeers: []string{TectonicConsole},
			},
		},
		Audiences: []string{TectonicKubectl},
		Claims:    claims,
	}
}

// Tectonic returns the configuration that the Tectonic installer wrote: state in
// Kubernetes, the console and kubectl as clients, one administrator with a password,
// and gRPC that asks for a client certificate, in files of [Objects].
//
// The API server takes tokens of kubectl only; the console gets one for it, because
// kubectl trusts it. Lifetimes are set, where Tectonic left dex's own. The theme
// tectonic is left out: it stood in Tectonic's image, and dex ends without it.
func Tectonic(o TectonicOptions) Config {
	c := New(TectonicModel(o))
	c.Storage = Storage{KubernetesStorage{InCluster: true}}
	c.Web.HTTP = "0.0.0.0:5556"
	c.GRPC = GRPC{
		Addr: "0.0.0.0:5557", TLSCert: grpcServerDir + "/tls-cert", TLSKey: grpcServerDir + "/tls-key", TLSClientCA: grpcServerDir + "/ca-cert",
	}
	c.OAuth2.SkipApprovalScreen = true
	c.EnablePasswordDB = true
	c.StaticPasswords = []Password{{Email: o.AdminEmail, Hash: o.AdminHash, Username: "admin", UserID: o.AdminID}}
	if !o.AsPublished {
		c.Expiry = SafeExpiry()
	}
	return c
}

// SafeExpiry are lifetimes that outlast an outage of an hour, and end a login within
// a month: ID tokens of 1 h, refresh tokens that end after 30 days or a
// week without use, and that two programs may use at once. Keys sign for dex's own 6 h.
func SafeExpiry() Expiry {
	return Expiry{
		IDTokens:      of(time.Hour),
		RefreshTokens: RefreshTokens{ReuseInterval: of(3 * time.Second), AbsoluteLifetime: of(30 * 24 * time.Hour), ValidIfNotUsedFor: of(7 * 24 * time.Hour)},
	}
}

func of(d time.Duration) *time.Duration { return &d }
