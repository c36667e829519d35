package identity

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
)

// A Model is what the files of a cluster must agree on. What is written from one
// model cannot disagree: dex's configuration, the flags or the configuration of the
// API server, and the kubeconfigs.
type Model struct {
	// Issuer is the URL of dex, which stands in every token: compared byte for
	// byte. It is https, has a host, and no query, fragment, user or trailing
	// slash.
	Issuer string
	// CA verifies the certificate at the issuer: PEM. Nil leaves it to the
	// authorities of the system.
	CA []byte
	// Clients are the programs that get tokens.
	Clients []Client
	// Audiences are the clients whose tokens the API server takes: one where it is
	// configured by flags.
	Audiences []string
	// Claims say who a token is for the API server.
	Claims Claims
	// Server is the URL of the API server, and ServerCA what verifies its
	// certificate: PEM. They are for kubeconfigs.
	Server   string
	ServerCA []byte
}

// A Client is a program that gets tokens for its users.
type Client struct {
	ID           string
	Name         string // what the login page shows
	Secret       groundway.Secret
	Public       bool // it cannot keep a secret: a program on a user's machine
	RedirectURIs []string
	TrustedPeers []string // clients that may get tokens for this one
}

// Claims say which claims of a token are the user's name and groups, and what
// stands before both. The prefixes keep people out of what Kubernetes itself is
// called: a group that a provider calls system:masters would be an administrator.
type Claims struct {
	Username       string // "email", "sub", "preferred_username"
	UsernamePrefix string
	Groups         string // "groups"; empty: no groups
	GroupsPrefix   string
}

// DefaultClaims are the address and the groups, both under a prefix.
func DefaultClaims() Claims {
	return Claims{Username: "email", UsernamePrefix: "dex:", Groups: "groups", GroupsPrefix: "dex:"}
}

// Check returns what is wrong with the model: all of it.
func (m Model) Check() error {
	var errs []error
	add := func(format string, args ...any) { errs = append(errs, fmt.Errorf("model: "+format, args...)) }
	if err := CheckIssuer(m.Issuer); err != nil {
		add("%w", err)
	}
	ids := map[string]bool{}
	for _, c := range m.Clients {
		switch {
		case c.ID == "":
			add("a client has no ID")
		case ids[c.ID]:
			add("the client %q stands twice", c.ID)
		case c.Secret.IsZero() && !c.Public:
			add("the client %q has no secret and is not public", c.ID)
		}
		ids[c.ID] = true
	}
	for _, c := range m.Clients {
		for _, peer := range c.TrustedPeers {
			if !ids[peer] {
				add("the client %q trusts %q, which is no client", c.ID, peer)
			}
		}
	}
	if len(m.Audiences) == 0 {
		add("there is no audience")
	}
	for i, a := range m.Audiences {
		switch {
		case !ids[a]:
			add("the audience %q is no client", a)
		case slices.Contains(m.Audiences[:i], a):
			add("the audience %q stands twice", a)
		}
	}
	switch {
	case m.Claims.Username == "":
		add("no claim is the user's name")
	case m.Claims.UsernamePrefix == "":
		add("user names have no prefix")
	}
	if m.Claims.Groups != "" && m.Claims.GroupsPrefix == "" {
		add("groups have no prefix")
	}
	for _, p := range []string{m.Claims.UsernamePrefix, m.Claims.GroupsPrefix} {
		if strings.HasPrefix(p, "system:") {
			add("the prefix %q belongs to Kubernetes", p)
		}
	}
	for _, pem := range []struct {
		name string
		data []byte
	}{{"CA", m.CA}, {"ServerCA", m.ServerCA}} {
		if pem.data != nil && len(authorities(pem.data)) == 0 {
			add("%s has no certificate", pem.name)
		}
	}
	return errors.Join(errs...)
}

// CheckIssuer returns what is wrong with the URL of an issuer.
func CheckIssuer(issuer string) error {
	u, err := url.Parse(issuer)
	if err == nil && u.User != nil {
		issuer = u.Redacted() // a password may stand in it
	}
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return fmt.Errorf("the issuer %q is not a URL with a host", issuer)
	case u.Scheme != "https":
		return fmt.Errorf("the issuer %q is not https", issuer)
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || strings.Contains(issuer, "#"):
		return fmt.Errorf("the issuer %q has more than scheme, host and path", issuer)
	case strings.HasSuffix(issuer, "/"):
		return fmt.Errorf("the issuer %q ends in a slash", issuer)
	}
	return nil
}
