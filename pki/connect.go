package pki

import (
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A Refusal is a connection that does not come about.
type Refusal struct {
	Edge  Edge
	Shows ID // whose certificate is refused, or the service-account key pair
	By    Program
	Why   string
}

// String says it in a sentence without a period.
func (r Refusal) String() string {
	return fmt.Sprintf("%s refuses %s: %s", r.By, r.Shows, r.Why)
}

// Refusals returns the connections of the inventory that come about with the bundle
// from, and may not while the cluster goes over to the bundle to: every reader
// takes the new files in its own time, so that each certificate, old and new,
// meets each set of authorities, old and new, and each token each set of keys. A
// handshake is simulated by what both ends check: the chain, the time, the usage,
// and every name by which clients reach the server.
//
// With one bundle for both it returns nothing; [Verify] says what is wrong with it.
func Refusals(inv Inventory, from, to Bundle, at time.Time) []Refusal {
	var all []Refusal
	for _, e := range inv.Edges {
		for _, end := range []struct {
			shows ID
			by    Program
			usage x509.ExtKeyUsage
		}{{e.Server, e.From, serverAuth}, {e.Client, e.To, clientAuth}} {
			for _, c := range inv.Certificates {
				if end.shows == "" || c.ID.Role() != end.shows {
					continue
				}
				if why := refusal(c, from, to, end.usage, at); why != "" {
					all = append(all, Refusal{e, c.ID, end.by, why})
				}
			}
		}
	}
	if _, shared := from.Get(Kubelet); shared {
		if why := refusal(Certificate{ID: Kubelet}, from, to, clientAuth, at); why != "" {
			edge := Edge{PathControlPlaneAPI, ProgramKubelet, ProgramAPIServer, APIServer, Kubelet}
			all = append(all, Refusal{edge, Kubelet, ProgramAPIServer, why})
		}
	}
	if why := refusesTokens(from, to); why != "" {
		all = append(all, Refusal{Edge{Path: PathTokens, From: ProgramControllerManager, To: ProgramAPIServer}, ServiceAccount, ProgramAPIServer, why})
	}
	return all
}

// refusal returns why a certificate is refused in some mixture of two bundles,
// unless it is refused in the first already.
func refusal(c Certificate, from, to Bundle, usage x509.ExtKeyUsage, at time.Time) string {
	trust := c.ID.Authority().CA()
	if len(changedParts(from.Materials[c.ID], to.Materials[c.ID]))+len(changedParts(from.Materials[trust], to.Materials[trust])) == 0 {
		return "" // what comes about goes on to
	}
	if len(from.Materials[c.ID].Certificates) == 0 || refuses(c, from.Materials[c.ID], from.Materials[trust], usage, at) != "" {
		return ""
	}
	for _, shown := range []Bundle{from, to} {
		for _, trusted := range []Bundle{from, to} {
			if why := refuses(c, shown.Materials[c.ID], trusted.Materials[trust], usage, at); why != "" {
				return why
			}
		}
	}
	return ""
}

// refuses returns why whoever trusts the authority refuses the certificate.
func refuses(c Certificate, shown, trusted Material, usage x509.ExtKeyUsage, at time.Time) string {
	leaf := shown.Certificate()
	switch {
	case leaf == nil:
		return "it is gone"
	case !shown.Key.IsZero() && !shown.Key.Matches(leaf.PublicKey):
		return "its key belongs to another certificate"
	}
	o := x509.VerifyOptions{
		Roots: poolOf(trusted.Certificates), Intermediates: poolOf(shown.Certificates[1:]), CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{usage},
	}
	if _, err := leaf.Verify(o); err != nil {
		return err.Error()
	}
	if usage != serverAuth {
		return ""
	}
	dns, addrs := c.required()
	for _, a := range addrs {
		dns = append(slices.Clip(dns), a.String())
	}
	for _, name := range dns {
		if err := leaf.VerifyHostname(dialed(name)); err != nil {
			return err.Error()
		}
	}
	return ""
}

// dialed returns a name that clients dial: a wildcard of the inventory stands for
// any one label.
func dialed(name string) string { return strings.Replace(name, "*", "any", 1) }

func refusesTokens(from, to Bundle) string {
	refuses := func(signs, trusts Bundle) bool {
		key := signs.Materials[ServiceAccount].Key
		return !key.IsZero() && !slices.ContainsFunc(trusts.Materials[ServiceAccount].PublicKeys, key.Matches)
	}
	if from.Materials[ServiceAccount].Key.IsZero() || refuses(from, from) {
		return ""
	}
	if refuses(from, to) || refuses(to, from) || refuses(to, to) {
		return "no key that is trusted fits the one that signs"
	}
	return ""
}
