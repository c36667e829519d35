package apiserver

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway/identity"
)

// Flags are those of kube-apiserver that say who people and service accounts are.
// An empty field is a flag that is not given.
type Flags struct {
	OIDCIssuerURL      string
	OIDCClientID       string
	OIDCCAFile         string
	OIDCUsernameClaim  string // empty is sub
	OIDCUsernamePrefix string // "-" is none; empty is ISSUER# for every claim but email
	OIDCGroupsClaim    string
	OIDCGroupsPrefix   string
	OIDCSigningAlgs    []string // nil is RS256
	OIDCRequiredClaims map[string]string

	AuthenticationConfig string // path of a file, in place of all of the above
	AnonymousAuth        string // "true", "false"; empty is true, unless the file speaks of it

	ServiceAccountIssuers             []string // the first one signs, all are taken
	ServiceAccountSigningKeyFile      string
	ServiceAccountSigningEndpoint     string // a socket of a signer, in place of both key files
	ServiceAccountKeyFiles            []string
	ServiceAccountMaxTokenExpiration  string
	ServiceAccountJWKSURI             string
	APIAudiences                      []string
	ServiceAccountExtendTokenLifetime string // "true", "false"
}

// FlagsOptions are paths of files on the machine of the API server, and the issuer
// of service accounts.
type FlagsOptions struct {
	// CAFile holds the authority of the model; it has to be given where the model
	// has one.
	CAFile string
	// ServiceAccountIssuer signs the tokens of pods: an https URL where others are
	// to verify them.
	ServiceAccountIssuer         string
	ServiceAccountSigningKeyFile string
	ServiceAccountKeyFiles       []string
}

// NewFlags returns the flags of a model. It has to have one audience: for several,
// see [NewConfiguration].
func NewFlags(m identity.Model, o FlagsOptions) (Flags, error) {
	if err := m.Check(); err != nil {
		return Flags{}, fmt.Errorf("write flags: %w", err)
	}
	switch {
	case len(m.Audiences) > 1:
		return Flags{}, fmt.Errorf("write flags: %d audiences, and flags take one: write a configuration", len(m.Audiences))
	case m.CA != nil && o.CAFile == "":
		return Flags{}, errors.New("write flags: the model has an authority, and CAFile is empty")
	case m.CA == nil && o.CAFile != "":
		return Flags{}, errors.New("write flags: CAFile is set, and the model has no authority")
	}
	f := Flags{
		OIDCIssuerURL: m.Issuer, OIDCClientID: m.Audiences[0], OIDCCAFile: o.CAFile,
		OIDCUsernameClaim: m.Claims.Username, OIDCUsernamePrefix: m.Claims.UsernamePrefix,
		OIDCGroupsClaim: m.Claims.Groups,
	}
	if m.Claims.Groups != "" {
		f.OIDCGroupsPrefix = m.Claims.GroupsPrefix
	}
	f.serviceAccounts(o)
	return f, nil
}

// NewFileFlags returns the flags beside a configuration in a file.
func NewFileFlags(path string, o FlagsOptions) Flags {
	f := Flags{AuthenticationConfig: path}
	f.serviceAccounts(o)
	return f
}

func (f *Flags) serviceAccounts(o FlagsOptions) {
	if o.ServiceAccountIssuer != "" {
		f.ServiceAccountIssuers = []string{o.ServiceAccountIssuer}
	}
	f.ServiceAccountSigningKeyFile, f.ServiceAccountKeyFiles = o.ServiceAccountSigningKeyFile, o.ServiceAccountKeyFiles
}

// A flag is one of the command line: how to read it, and what it says.
type flag struct {
	name  string
	one   *string
	list  *[]string
	comma bool // a list within one flag
	pairs *map[string]string
}

// all are in the order in which Args writes them.
func (f *Flags) all() []flag {
	return []flag{
		{name: "oidc-issuer-url", one: &f.OIDCIssuerURL},
		{name: "oidc-client-id", one: &f.OIDCClientID},
		{name: "oidc-ca-file", one: &f.OIDCCAFile},
		{name: "oidc-username-claim", one: &f.OIDCUsernameClaim},
		{name: "oidc-username-prefix", one: &f.OIDCUsernamePrefix},
		{name: "oidc-groups-claim", one: &f.OIDCGroupsClaim},
		{name: "oidc-groups-prefix", one: &f.OIDCGroupsPrefix},
		{name: "oidc-signing-algs", list: &f.OIDCSigningAlgs, comma: true},
		{name: "oidc-required-claim", pairs: &f.OIDCRequiredClaims},
		{name: "authentication-config", one: &f.AuthenticationConfig},
		{name: "anonymous-auth", one: &f.AnonymousAuth},
		{name: "service-account-issuer", list: &f.ServiceAccountIssuers},
		{name: "service-account-signing-key-file", one: &f.ServiceAccountSigningKeyFile},
		{name: "service-account-signing-endpoint", one: &f.ServiceAccountSigningEndpoint},
		{name: "service-account-key-file", list: &f.ServiceAccountKeyFiles},
		{name: "service-account-max-token-expiration", one: &f.ServiceAccountMaxTokenExpiration},
		{name: "service-account-extend-token-expiration", one: &f.ServiceAccountExtendTokenLifetime},
		{name: "service-account-jwks-uri", one: &f.ServiceAccountJWKSURI},
		{name: "api-audiences", list: &f.APIAudiences, comma: true},
	}
}

// Args returns the flags as a command line has them, each in one word.
func (f Flags) Args() []string {
	var args []string
	for _, flag := range f.all() {
		add := func(value string) { args = append(args, "--"+flag.name+"="+value) }
		switch {
		case flag.one != nil:
			if *flag.one != "" {
				add(*flag.one)
			}
		case flag.pairs != nil:
			for _, key := range slices.Sorted(maps.Keys(*flag.pairs)) {
				add(key + "=" + (*flag.pairs)[key])
			}
		case flag.comma:
			if len(*flag.list) > 0 {
				add(strings.Join(*flag.list, ","))
			}
		default:
			for _, value := range *flag.list {
				add(value)
			}
		}
	}
	return args
}

// ParseFlags reads the command line of an API server, as a manifest or a unit has
// it, and passes over the flags that say nothing of identity. The last value of a
// flag counts, as it does for the API server; lists add up.
func ParseFlags(args []string) (Flags, error) {
	var f Flags
	known := map[string]flag{}
	for _, flag := range f.all() {
		known[flag.name] = flag
	}
	for i := 0; i < len(args); i++ {
		name, value, joined := strings.Cut(args[i], "=")
		if !strings.HasPrefix(name, "--") {
			continue
		}
		flag, ok := known[strings.TrimPrefix(name, "--")]
		if !ok {
			continue
		}
		if !joined {
			switch {
			case flag.name == "anonymous-auth" || flag.name == "service-account-extend-token-expiration":
				value = "true" // a truth value stands alone
			case i+1 == len(args):
				return Flags{}, fmt.Errorf("parse flags: argument %d: %s has no value", i, name)
			default:
				i++
				value = args[i]
			}
		}
		switch {
		case flag.one != nil:
			*flag.one = value
		case flag.pairs != nil:
			claim, want, ok := strings.Cut(value, "=")
			if !ok {
				return Flags{}, fmt.Errorf("parse flags: argument %d: %s is %q, want CLAIM=VALUE", i, name, value)
			}
			if *flag.pairs == nil {
				*flag.pairs = map[string]string{}
			}
			(*flag.pairs)[claim] = want
		case flag.comma:
			*flag.list = append(*flag.list, strings.Split(value, ",")...)
		default:
			*flag.list = append(*flag.list, value)
		}
	}
	return f, nil
}
