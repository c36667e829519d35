package dex

import (
	"encoding/base64"
	"fmt"
	"net/mail"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/crypto/bcrypt"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/verdict"
)

func checkClients(k *linter) {
	ids := map[string]int{}
	for i, c := range k.c.StaticClients {
		if c.ID != "" {
			if _, ok := ids[c.ID]; !ok {
				ids[c.ID] = i
			}
		}
	}
	byEnvironment := slices.ContainsFunc(k.c.StaticClients, func(c Client) bool { return c.IDEnv != "" })
	for i, c := range k.c.StaticClients {
		path := fmt.Sprintf("/staticClients/%d", i)
		name := "The client " + quote(c.ID)
		if c.ID == "" {
			name = fmt.Sprintf("Client %d", i)
		}
		if c.ID != "" {
			first := ids[c.ID]
			k.Require(first == i, verdict.Fault{Code: codeClientDuplicate, Path: path + "/id", Got: c.ID, Want: "an ID of its own", Summary: fmt.Sprintf("%s stands twice, first as client %d.", name, first)})
		}
		if !c.Public {
			k.Require(len(c.RedirectURIs) > 0, verdict.Fault{Code: codeClientNoURI, Path: path + "/redirectURIs", Want: "a redirect URI", Summary: name + " has no redirect URI."})
		} else if len(c.RedirectURIs) == 0 {
			k.Pass(codeClientNoURI, 1) // loopback and the device flow are open to it
		}
		for j, uri := range c.RedirectURIs {
			place := fmt.Sprintf("%s/redirectURIs/%d", path, j)
			u, err := url.Parse(uri)
			switch bad := err != nil || u.Scheme == "" || u.Fragment != "" || strings.ContainsAny(uri, "*#") ||
				(u.Scheme == "http" || u.Scheme == "https") && u.Host == ""; {
			case uri == "urn:ietf:wg:oauth:2.0:oob", uri == "/device/callback":
				k.Pass(codeClientURIBad, 1)
			case bad:
				k.Fail(verdict.Fault{Code: codeClientURIBad, Path: place, Got: uri, Want: "a URL without wildcard and fragment", Summary: name + " has the redirect URI " + quote(uri) + ", which no client is at."})
			default:
				k.Pass(codeClientURIBad, 1)
				k.Require(u.Scheme != "http" || isLoopback(u.Hostname()), verdict.Fault{Code: codeClientURIPlain, Path: place, Got: uri, Want: "https", Summary: name + " has the redirect URI " + quote(uri) + ", which is not encrypted."})
			}
		}
		for j, peer := range c.TrustedPeers {
			place := fmt.Sprintf("%s/trustedPeers/%d", path, j)
			_, known := ids[peer]
			if !known && byEnvironment {
				k.Unseen(codeClientPeer, place, "the ID of a client stands in the environment")
				continue
			}
			k.Require(known, verdict.Fault{Code: codeClientPeer, Path: place, Got: peer, Want: "the ID of a client", Summary: name + " trusts " + quote(peer) + ", which is no client."})
		}
		if !c.Secret.IsZero() && !c.Public {
			secret := c.Secret.Reveal()
			k.Require(len(secret) >= 16 && strings.Trim(secret, secret[:1]) != "", verdict.Fault{
				Code: codeClientSecret, Path: path + "/secret", Got: fmt.Sprint(len(secret), " characters"), Want: "16 characters or more",
				Summary: name + " has a secret that can be guessed.",
			})
		} else if c.SecretEnv != "" {
			k.Unseen(codeClientSecret, path+"/secretEnv", "the value of $"+c.SecretEnv)
		}
	}
}

func checkPasswords(k *linter) {
	seen := map[string]int{}
	for i, p := range k.c.StaticPasswords {
		path := fmt.Sprintf("/staticPasswords/%d", i)
		name := fmt.Sprintf("Password %d", i)
		if p.Email != "" {
			name = "The password of " + quote(p.Email)
		}
		switch address, err := mail.ParseAddress(p.Email); {
		case p.Email == "":
			k.Fail(verdict.Fault{Code: codePasswordEmail, Path: path + "/email", Want: "an email address", Summary: name + " belongs to no email address: nobody logs in with it."})
		case err != nil || address.Address != p.Email:
			k.Fail(verdict.Fault{Code: codePasswordEmail, Path: path + "/email", Got: p.Email, Want: "an email address", Severity: groundway.Warning, Summary: name + " belongs to what is no email address."})
		default:
			k.Pass(codePasswordEmail, 1)
		}
		k.Require(p.UserID != "", verdict.Fault{Code: codePasswordUserID, Path: path + "/userID", Want: "a user ID", Summary: name + " has no user ID."})
		k.Require(p.Username != "" || p.Name != "", verdict.Fault{Code: codePasswordName, Path: path + "/username", Want: "a user name", Summary: name + " has no user name."})
		if p.Email != "" {
			email := strings.ToLower(p.Email)
			first, twice := seen[email]
			if !twice {
				seen[email] = i
			}
			k.Require(!twice, verdict.Fault{Code: codePasswordDuplicate, Path: path + "/email", Got: p.Email, Want: "an address of its own", Summary: fmt.Sprintf("%s stands twice, first as password %d.", name, first)})
		}
		if p.Hash.IsZero() {
			if p.HashFromEnv != "" {
				k.Unseen(codePasswordCost, path+"/hashFromEnv", "the value of $"+p.HashFromEnv)
			}
			continue
		}
		if cost, ok := costOf(p.Hash.Reveal()); ok {
			k.Require(cost >= 10 && cost <= 16, verdict.Fault{Code: codePasswordCost, Path: path + "/hash", Got: fmt.Sprint("cost ", cost), Want: "cost 10 to 16", Summary: fmt.Sprintf("%s is hashed with a cost of %d.", name, cost)})
		}
	}
}

// costOf returns the cost of a hash of bcrypt, as it is or in base64.
func costOf(hash string) (int, bool) {
	if cost, err := bcrypt.Cost([]byte(hash)); err == nil {
		return cost, true
	}
	data, err := base64.StdEncoding.DecodeString(hash)
	if err != nil {
		return 0, false
	}
	cost, err := bcrypt.Cost(data)
	return cost, err == nil
}

// quote returns s quoted, and cut where it is long.
func quote(s string) string {
	const most = 80
	if runes := []rune(s); len(runes) > most {
		return fmt.Sprintf("%q…", string(runes[:most]))
	}
	return fmt.Sprintf("%q", s)
}
