package dex

import (
	"encoding/base64"
	"fmt"
	"net/mail"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/crypto/bcrypt"
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
			k.judge(first == i, fault{code: codeClientDuplicate, path: path + "/id", got: c.ID, want: "an ID of its own", summary: fmt.Sprintf("%s stands twice, first as client %d.", name, first)})
		}
		if !c.Public {
			k.judge(len(c.RedirectURIs) > 0, fault{code: codeClientNoURI, path: path + "/redirectURIs", want: "a redirect URI", summary: name + " has no redirect URI."})
		} else if len(c.RedirectURIs) == 0 {
			k.t.Pass(codeClientNoURI, 1) // loopback and the device flow are open to it
		}
		for j, uri := range c.RedirectURIs {
			place := fmt.Sprintf("%s/redirectURIs/%d", path, j)
			u, err := url.Parse(uri)
			switch bad := err != nil || u.Scheme == "" || u.Fragment != "" || strings.ContainsAny(uri, "*#") ||
				(u.Scheme == "http" || u.Scheme == "https") && u.Host == ""; {
			case uri == "urn:ietf:wg:oauth:2.0:oob", uri == "/device/callback":
				k.t.Pass(codeClientURIBad, 1)
			case bad:
				k.fail(fault{code: codeClientURIBad, path: place, got: uri, want: "a URL without wildcard and fragment", summary: name + " has the redirect URI " + quote(uri) + ", which no client is at."})
			default:
				k.t.Pass(codeClientURIBad, 1)
				k.judge(u.Scheme != "http" || isLoopback(u.Hostname()), fault{code: codeClientURIPlain, path: place, got: uri, want: "https", summary: name + " has the redirect URI " + quote(uri) + ", which is not encrypted."})
			}
		}
		for j, peer := range c.TrustedPeers {
			place := fmt.Sprintf("%s/trustedPeers/%d", path, j)
			_, known := ids[peer]
			if !known && byEnvironment {
				k.unseen(codeClientPeer, place, "the ID of a client stands in the environment")
				continue
			}
			k.judge(known, fault{code: codeClientPeer, path: place, got: peer, want: "the ID of a client", summary: name + " trusts " + quote(peer) + ", which is no client."})
		}
		if !c.Secret.IsZero() && !c.Public {
			secret := c.Secret.Reveal()
			k.judge(len(secret) >= 16 && strings.Trim(secret, secret[:1]) != "", fault{
				code: codeClientSecret, path: path + "/secret", got: fmt.Sprint(len(secret), " characters"), want: "16 characters or more",
				summary: name + " has a secret that can be guessed.",
			})
		} else if c.SecretEnv != "" {
			k.unseen(codeClientSecret, path+"/secretEnv", "the value of $"+c.SecretEnv)
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
		address, err := mail.ParseAddress(p.Email)
		k.judge(err == nil && address.Address == p.Email, fault{code: codePasswordEmail, path: path + "/email", got: p.Email, want: "an email address", summary: name + " has no email address."})
		k.judge(p.UserID != "", fault{code: codePasswordUserID, path: path + "/userID", want: "a user ID", summary: name + " has no user ID."})
		k.judge(p.Username != "" || p.Name != "", fault{code: codePasswordName, path: path + "/username", want: "a user name", summary: name + " has no user name."})
		if p.Email != "" {
			email := strings.ToLower(p.Email)
			first, twice := seen[email]
			if !twice {
				seen[email] = i
			}
			k.judge(!twice, fault{code: codePasswordDuplicate, path: path + "/email", got: p.Email, want: "an address of its own", summary: fmt.Sprintf("%s stands twice, first as password %d.", name, first)})
		}
		if p.Hash.IsZero() {
			if p.HashFromEnv != "" {
				k.unseen(codePasswordCost, path+"/hashFromEnv", "the value of $"+p.HashFromEnv)
			}
			continue
		}
		if cost, ok := costOf(p.Hash.Reveal()); ok {
			k.judge(cost >= 10, fault{code: codePasswordCost, path: path + "/hash", got: fmt.Sprint("cost ", cost), want: "cost 10 or more", summary: fmt.Sprintf("%s is hashed with a cost of %d.", name, cost)})
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
