package identity

import (
	"cmp"
	"crypto/x509"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/verdict"
)

// CheckOptions say what surrounds the files. What is left out is unseen.
type CheckOptions struct {
	// Ingress is the certificate at the issuer with its chain, as PEM.
	Ingress []byte
	// Time is now; without it no chain is verified.
	Time time.Time
}

// Check compares what the files say of one issuer: that of dex. Without a side of
// dex, what has to be compared with it is unknown. The subject of a finding is the
// value that differs.
func Check(o CheckOptions, sides ...Side) []groundway.Finding {
	// What a finding compares with does not depend on the order of the files.
	sides = slices.SortedStableFunc(slices.Values(sides), func(a, b Side) int {
		return cmp.Or(cmp.Compare(a.Program, b.Program), cmp.Compare(a.File, b.File))
	})
	k := &checker{Judge: verdict.NewJudge(rules, "identity"), o: o, sides: sides}
	k.Source = "file"
	for i := range sides {
		if sides[i].Program == Dex && k.dex == nil {
			k.dex, k.clients = &sides[i], clientsOf(sides[i])
		}
	}
	for _, check := range []func(*checker){
		checkIssuers, checkAudiences, checkClients, checkAuthorities, checkIngress, checkServiceAccounts, checkAlgorithms, checkScopes,
	} {
		check(k)
	}
	k.Settle()
	return k.Findings()
}

type checker struct {
	*verdict.Judge
	o     CheckOptions
	sides []Side
	dex   *Side // nil: unseen
	// clients are those of dex, by ID: of two with one ID the first.
	clients map[string]Peer
}

func clientsOf(s Side) map[string]Peer {
	clients := map[string]Peer{}
	for _, c := range s.Clients {
		if _, twice := clients[c.ID.Text]; !twice {
			clients[c.ID.Text] = c
		}
	}
	return clients
}

// oneOf lists what would be right, as far as a reader takes it in.
func oneOf(list []string) string {
	const most = 10
	text := "one of " + strings.Join(list[:min(len(list), most)], ", ")
	if more := len(list) - most; more > 0 {
		text += fmt.Sprintf(", and %d more", more)
	}
	return text
}

const noDex = "the configuration of dex was not given"

func (k *checker) issuer() (Value, bool) {
	if k.dex == nil || len(k.dex.Issuers) == 0 {
		return Value{}, false
	}
	return k.dex.Issuers[0], true
}

// of returns the sides of a program.
func (k *checker) of(p Program) []Side {
	var list []Side
	for _, s := range k.sides {
		if s.Program == p {
			list = append(list, s)
		}
	}
	return list
}

func checkIssuers(k *checker) {
	issuer, ok := k.issuer()
	for _, s := range k.sides {
		if s.Program == Dex {
			continue
		}
		// An API server may take other issuers too, as long as dex is among them.
		among := ok && s.names(issuer.Text)
		for _, v := range s.Issuers {
			switch {
			case !ok:
				k.Unseen(codeIssuer, v.Path, noDex)
			case v.Text == issuer.Text:
				k.Pass(codeIssuer, 1)
			case among:
			default:
				k.Fail(verdict.Fault{
					Code: codeIssuer, Path: v.Path, Got: v.Text, Want: issuer.Text,
					Summary: fmt.Sprintf("%s (%s) has the issuer %q, and dex is %q: %s.", s.Program, s.File, v.Text, issuer.Text, difference(v.Text, issuer.Text)),
					Also:    []groundway.Fact{{Path: issuer.Path, Got: issuer.Text, Source: "file"}},
				})
			}
		}
	}
}

// difference says in words what differs between two issuers.
func difference(got, want string) string {
	switch trim := func(s string) string { return strings.TrimRight(s, "/") }; {
	case trim(got) == trim(want):
		return "one ends in a slash"
	case strings.EqualFold(got, want):
		return "capitals differ"
	case strings.TrimPrefix(got, "http://") == strings.TrimPrefix(want, "https://"), strings.TrimPrefix(want, "http://") == strings.TrimPrefix(got, "https://"):
		return "one is http"
	case strings.Replace(got, ":443", "", 1) == strings.Replace(want, ":443", "", 1):
		return "one has the port that https has anyway"
	case strings.HasPrefix(got, want+"/"), strings.HasPrefix(want, got+"/"):
		return "one has a longer path"
	}
	return "they are not the same"
}

func checkAudiences(k *checker) {
	issuer, ok := k.issuer()
	want := k.clientsInWords()
	for _, s := range k.of(APIServer) {
		for _, a := range s.Audiences {
			switch {
			case !ok:
				k.Unseen(codeAudience, a.Path, noDex)
				continue
			case a.Issuer != issuer.Text:
				continue
			}
			_, known := k.clients[a.Text]
			k.Require(known, verdict.Fault{
				Code: codeAudience, Path: a.Path, Got: a.Text, Want: want,
				Summary: fmt.Sprintf("%s (%s) takes tokens for %q, which is no client of dex.", s.Program, s.File, a.Text),
			})
		}
	}
}

func (k *checker) clientsInWords() string { return oneOf(slices.Sorted(maps.Keys(k.clients))) }

func checkClients(k *checker) {
	issuer, ok := k.issuer()
	servers, want := k.of(APIServer), k.clientsInWords()
	for _, s := range k.of(Kubeconfig) {
		among := ok && s.names(issuer.Text)
		for i, c := range s.Clients {
			at := s.issuerOf(i)
			if among && at != issuer.Text {
				continue // a login at another issuer, for which nothing is compared here
			}
			if k.dex == nil {
				k.Unseen(codeClient, c.ID.Path, noDex)
			} else {
				_, known := k.clients[c.ID.Text]
				k.Require(known, verdict.Fault{
					Code: codeClient, Path: c.ID.Path, Got: c.ID.Text, Want: want,
					Summary: fmt.Sprintf("The kubeconfig %s logs in as %q, which is no client of dex.", s.File, c.ID.Text),
				})
			}
			if len(servers) == 0 {
				k.Unseen(codeRefused, c.ID.Path, "the configuration of the API server was not given")
			}
			for _, server := range servers {
				taken := server.taken(at)
				k.Require(slices.Contains(taken, c.ID.Text) || k.crosses(s, c.ID.Text, taken), verdict.Fault{
					Code: codeRefused, Path: c.ID.Path, Got: c.ID.Text, Want: oneOf(taken),
					Summary: fmt.Sprintf("The kubeconfig %s logs in as %q, whose tokens the API server (%s) refuses.", s.File, c.ID.Text, server.File),
				})
			}
		}
	}
}

// issuerOf returns where a kubeconfig logs in as its client of this index: each has its
// own, or all have one. It is empty where the kubeconfig names none.
func (s Side) issuerOf(client int) string {
	if len(s.Issuers) == 0 {
		return ""
	}
	return s.Issuers[min(client, len(s.Issuers)-1)].Text
}

// taken are the audiences that the API server takes of an issuer, or of all.
func (s Side) taken(issuer string) []string {
	var list []string
	for _, a := range s.Audiences {
		if issuer == "" || a.Issuer == issuer {
			list = append(list, a.Text)
		}
	}
	return list
}

// crosses reports whether the login asks for a token for another client, which the
// API server takes, and which trusts the one that asks.
func (k *checker) crosses(s Side, client string, taken []string) bool {
	for _, scope := range s.Scopes {
		id, ok := strings.CutPrefix(scope.Text, "audience:server:client_id:")
		if !ok || !slices.Contains(taken, id) || k.dex == nil {
			continue
		}
		if peer, known := k.clients[id]; known && (id == client || slices.Contains(peer.Trusted, client)) {
			return true
		}
	}
	return false
}

// ofDex returns what a side says of dex: where dex is one of its issuers, what is said
// of the others is not compared.
func (k *checker) ofDex(s Side, list []IssuerValue) []IssuerValue {
	issuer, ok := k.issuer()
	if !ok || !s.names(issuer.Text) {
		return list
	}
	return slices.DeleteFunc(slices.Clone(list), func(v IssuerValue) bool { return v.Issuer != "" && v.Issuer != issuer.Text })
}

// names reports whether an issuer is one of the side's.
func (s Side) names(issuer string) bool {
	return slices.ContainsFunc(s.Issuers, func(v Value) bool { return v.Text == issuer })
}

func checkAuthorities(k *checker) {
	var first *Value
	var seen string
	for _, s := range k.sides {
		for _, v := range k.ofDex(s, s.CAs) {
			list := authorities([]byte(v.Text))
			if len(list) == 0 {
				k.Fail(verdict.Fault{Code: codeCA, Severity: groundway.Error, Path: v.Path, Got: "no certificate", Want: "the authority of the issuer", Summary: fmt.Sprintf("%s (%s) verifies the issuer by a text without a certificate.", s.Program, s.File)})
				continue
			}
			print := fingerprint(list)
			switch {
			case first == nil:
				first, seen = &v.Value, print
			case print == seen:
				k.Pass(codeCA, 1)
			default:
				k.Fail(verdict.Fault{
					Code: codeCA, Path: v.Path, Got: print, Want: seen,
					Summary: fmt.Sprintf("%s (%s) verifies the issuer by %s, and another file by %s.", s.Program, s.File, print, seen),
					Also:    []groundway.Fact{{Path: first.Path, Got: seen, Source: "file"}},
				})
			}
		}
	}
}

func checkIngress(k *checker) {
	chain := authorities(k.o.Ingress)
	for _, s := range k.sides {
		for _, v := range k.ofDex(s, s.CAs) {
			list := authorities([]byte(v.Text))
			switch {
			case len(list) == 0:
				k.Skip(codeCAChain, codeCA, k.Subject(v.Path))
				continue
			case len(chain) == 0:
				k.Unseen(codeCAChain, v.Path, "the certificate of the ingress was not given")
				continue
			case k.o.Time.IsZero():
				k.Unseen(codeCAChain, v.Path, "the time was not given")
				continue
			}
			roots, between := x509.NewCertPool(), x509.NewCertPool()
			for _, c := range list {
				roots.AddCert(c)
			}
			for _, c := range chain[1:] {
				between.AddCert(c)
			}
			_, err := chain[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, CurrentTime: k.o.Time})
			got := "verified"
			if err != nil {
				got = strings.TrimPrefix(err.Error(), "x509: ")
			}
			k.Require(err == nil, verdict.Fault{
				Code: codeCAChain, Path: v.Path, Got: got, Want: "a certificate signed by " + chain[len(chain)-1].Issuer.CommonName,
				Summary: fmt.Sprintf("%s (%s) does not verify the certificate of the ingress: %s.", s.Program, s.File, got),
			})
		}
	}
}

func checkServiceAccounts(k *checker) {
	for _, s := range k.of(APIServer) {
		for _, v := range s.ServiceAccountIssuers {
			same := slices.ContainsFunc(s.Issuers, func(i Value) bool { return i.Text == v.Text })
			k.Require(!same, verdict.Fault{
				Code: codeServiceAccount, Path: v.Path, Got: v.Text, Want: "another issuer than that of people",
				Summary: fmt.Sprintf("The API server (%s) has the issuer %q for people and for service accounts.", s.File, v.Text),
			})
		}
	}
}

func checkAlgorithms(k *checker) {
	for _, s := range k.of(APIServer) {
		if len(s.Algorithms) == 0 {
			continue
		}
		var names []string
		for _, a := range s.Algorithms {
			names = append(names, a.Text)
		}
		k.Require(slices.Contains(names, "RS256"), verdict.Fault{
			Code: codeAlgorithm, Path: s.Algorithms[0].Path, Got: strings.Join(names, ", "), Want: "RS256",
			Summary: fmt.Sprintf("The API server (%s) takes %s, and dex signs with RS256.", s.File, strings.Join(names, ", ")),
		})
	}
}

// scopes are those that put a claim into a token of dex.
var scopes = map[string]string{"email": "email", "email_verified": "email", "groups": "groups", "name": "profile", "preferred_username": "profile"}

func checkScopes(k *checker) {
	servers := k.of(APIServer)
	for _, s := range k.of(Kubeconfig) {
		if len(s.Clients) == 0 {
			continue
		}
		if len(servers) == 0 {
			k.Unseen(codeScope, s.Clients[0].ID.Path, "the configuration of the API server was not given")
		}
		for _, server := range servers {
			for _, claim := range k.ofDex(server, slices.Concat(server.UserClaims, server.GroupClaims)) {
				scope, needed := scopes[claim.Text]
				if !needed {
					continue
				}
				if s.Scopes == nil {
					k.Unseen(codeScope, s.Clients[0].ID.Path, "the kubeconfig does not say which scopes its login asked for")
					continue
				}
				asked := slices.ContainsFunc(s.Scopes, func(v Value) bool { return v.Text == scope })
				k.Require(asked, verdict.Fault{
					Code: codeScope, Path: s.Clients[0].ID.Path, Got: "scopes without " + scope, Want: scope,
					Summary: fmt.Sprintf("The kubeconfig %s does not ask for the scope %s, and the API server maps the claim %s.", s.File, scope, claim.Text),
					Also:    []groundway.Fact{{Path: claim.Path, Got: claim.Text, Source: "file"}},
				})
			}
		}
	}
}
