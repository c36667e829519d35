package apiserver

import (
	"fmt"

	"github.com/groundway-sdk/groundway/identity"
	"github.com/groundway-sdk/groundway/internal/yamltext"
)

// An AuthenticationConfiguration is the file of --authentication-config, in version
// apiserver.config.k8s.io/v1.
type AuthenticationConfiguration struct {
	APIVersion string             `yaml:"apiVersion"`
	Kind       string             `yaml:"kind"`
	JWT        []JWTAuthenticator `yaml:"jwt"`
	// Anonymous says whether who shows nothing may ask, and what; nil leaves it to
	// the flag --anonymous-auth. A reload cannot change it.
	Anonymous *Anonymous `yaml:"anonymous"`
}

// Anonymous says whether anonymous requests are taken: all of them, or those to the
// paths of Conditions.
type Anonymous struct {
	Enabled    bool                 `yaml:"enabled" write:"always"`
	Conditions []AnonymousCondition `yaml:"conditions"`
}

// An AnonymousCondition is a path: "/livez".
type AnonymousCondition struct {
	Path string `yaml:"path"`
}

// A JWTAuthenticator takes the tokens of one issuer.
type JWTAuthenticator struct {
	Issuer               Issuer                `yaml:"issuer"`
	ClaimValidationRules []ClaimValidationRule `yaml:"claimValidationRules"`
	ClaimMappings        ClaimMappings         `yaml:"claimMappings"`
	UserValidationRules  []UserValidationRule  `yaml:"userValidationRules"`
}

// An Issuer is who signs tokens, and for whom.
type Issuer struct {
	URL                  string   `yaml:"url"`
	DiscoveryURL         string   `yaml:"discoveryURL"`
	CertificateAuthority string   `yaml:"certificateAuthority"` // PEM; empty is the system's
	Audiences            []string `yaml:"audiences"`
	AudienceMatchPolicy  string   `yaml:"audienceMatchPolicy"` // MatchAny, for more than one
	EgressSelectorType   string   `yaml:"egressSelectorType"`  // controlplane or cluster
}

// A ClaimValidationRule asks for a value of a claim, or that an expression holds.
type ClaimValidationRule struct {
	Claim         string `yaml:"claim"`
	RequiredValue string `yaml:"requiredValue"`
	Expression    string `yaml:"expression"`
	Message       string `yaml:"message"`
}

// ClaimMappings say who a token is.
type ClaimMappings struct {
	Username PrefixedClaim     `yaml:"username"`
	Groups   PrefixedClaim     `yaml:"groups"`
	UID      ClaimOrExpression `yaml:"uid"`
	Extra    []ExtraMapping    `yaml:"extra"`
}

// A PrefixedClaim is a claim with a prefix, which has to be there, or an expression.
type PrefixedClaim struct {
	Claim      string  `yaml:"claim"`
	Prefix     *string `yaml:"prefix"`
	Expression string  `yaml:"expression"`
}

// A ClaimOrExpression is one of the two.
type ClaimOrExpression struct {
	Claim      string `yaml:"claim"`
	Expression string `yaml:"expression"`
}

// An ExtraMapping adds to what is known of a user.
type ExtraMapping struct {
	Key             string `yaml:"key"`
	ValueExpression string `yaml:"valueExpression"`
}

// A UserValidationRule is an expression that has to hold of the user.
type UserValidationRule struct {
	Expression string `yaml:"expression"`
	Message    string `yaml:"message"`
}

const (
	configurationVersion = "apiserver.config.k8s.io/v1"
	configurationKind    = "AuthenticationConfiguration"
)

// NewConfiguration returns the configuration of a model.
func NewConfiguration(m identity.Model) (AuthenticationConfiguration, error) {
	if err := m.Check(); err != nil {
		return AuthenticationConfiguration{}, fmt.Errorf("write configuration: %w", err)
	}
	jwt := JWTAuthenticator{Issuer: Issuer{URL: m.Issuer, CertificateAuthority: string(m.CA), Audiences: m.Audiences}}
	if len(m.Audiences) > 1 {
		jwt.Issuer.AudienceMatchPolicy = "MatchAny"
	}
	jwt.ClaimMappings.Username = PrefixedClaim{Claim: m.Claims.Username, Prefix: &m.Claims.UsernamePrefix}
	if m.Claims.Groups != "" {
		jwt.ClaimMappings.Groups = PrefixedClaim{Claim: m.Claims.Groups, Prefix: &m.Claims.GroupsPrefix}
	}
	return AuthenticationConfiguration{configurationVersion, configurationKind, []JWTAuthenticator{jwt}, nil}, nil
}

// YAML returns the text of the file.
func (c AuthenticationConfiguration) YAML() ([]byte, error) { return yamltext.Encode(nil, c) }

// ParseConfiguration reads the file strictly, as the API server does, with the place
// of every mistake. Version v1beta1 has the same keys and is read.
func ParseConfiguration(file string, data []byte) (AuthenticationConfiguration, error) {
	var c AuthenticationConfiguration
	_, problems := yamltext.Decode(data, &c)
	if err := yamltext.Err(file, problems); err != nil {
		return AuthenticationConfiguration{}, err
	}
	return c, nil
}
