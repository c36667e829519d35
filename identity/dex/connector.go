package dex

import (
	"reflect"
	"slices"

	"github.com/groundway-sdk/groundway"
)

// A Connector lets people log in at an identity provider. Its ID stands in the
// subject of every token that it leads to, so it must not change.
type Connector struct {
	ID     string          `yaml:"id"`
	Name   string          `yaml:"name"` // what the login page shows
	Config ConnectorConfig `yaml:"-"`
}

// ConnectorConfig is implemented by the connectors of this package. In its texts
// dex replaces $NAME and ${NAME} by environment variables, and by nothing where
// there is none.
type ConnectorConfig interface {
	Type() string // "github", the word of the configuration
	connector()
}

// GitHub lets members of organizations log in. Without Orgs and Org everybody with
// an account at GitHub may.
type GitHub struct {
	ClientID             string           `yaml:"clientID"`
	ClientSecret         groundway.Secret `yaml:"clientSecret"`
	RedirectURI          string           `yaml:"redirectURI"`
	Org                  string           `yaml:"org"` // the older form; not beside Orgs
	Orgs                 []GitHubOrg      `yaml:"orgs"`
	HostName             string           `yaml:"hostName"` // of GitHub Enterprise
	RootCA               string           `yaml:"rootCA"`   // path of a file; only with HostName
	TeamNameField        string           `yaml:"teamNameField"`
	LoadAllGroups        bool             `yaml:"loadAllGroups"`
	UseLoginAsID         bool             `yaml:"useLoginAsID"`
	PreferredEmailDomain string           `yaml:"preferredEmailDomain"`
}

// A GitHubOrg is an organization; without Teams all its members count.
type GitHubOrg struct {
	Name  string   `yaml:"name"`
	Teams []string `yaml:"teams"`
}

// OIDC lets the users of another OpenID Connect issuer log in.
type OIDC struct {
	Issuer       string           `yaml:"issuer"`
	IssuerAlias  string           `yaml:"issuerAlias"`
	ClientID     string           `yaml:"clientID"`
	ClientSecret groundway.Secret `yaml:"clientSecret"`
	RedirectURI  string           `yaml:"redirectURI"`
	Scopes       []string         `yaml:"scopes"`
	RootCAs      []string         `yaml:"rootCAs"` // paths of files, or PEM

	HostedDomains             []string `yaml:"hostedDomains"` // dex refuses it; use Google
	InsecureSkipEmailVerified bool     `yaml:"insecureSkipEmailVerified"`
	InsecureEnableGroups      bool     `yaml:"insecureEnableGroups"`
	InsecureSkipVerify        bool     `yaml:"insecureSkipVerify"`
	AllowedGroups             []string `yaml:"allowedGroups"`
	AcrValues                 []string `yaml:"acrValues"`
	GetUserInfo               bool     `yaml:"getUserInfo"`
	UserIDKey                 string   `yaml:"userIDKey"`
	UserNameKey               string   `yaml:"userNameKey"`
	PromptType                *string  `yaml:"promptType"`
	PKCEChallenge             string   `yaml:"pkceChallenge"`
	BasicAuthUnsupported      *bool    `yaml:"basicAuthUnsupported"`
	OverrideClaimMapping      bool     `yaml:"overrideClaimMapping"`

	ClaimMapping               OIDCClaimMapping       `yaml:"claimMapping"`
	ClaimModifications         OIDCClaimModifications `yaml:"claimModifications"`
	ProviderDiscoveryOverrides OIDCOverrides          `yaml:"providerDiscoveryOverrides"`
}

// OIDCClaimMapping names the claims that hold what dex looks for.
type OIDCClaimMapping struct {
	PreferredUsername string `yaml:"preferred_username"`
	Email             string `yaml:"email"`
	Groups            string `yaml:"groups"`
}

// OIDCClaimModifications change the groups of users.
type OIDCClaimModifications struct {
	NewGroupFromClaims []OIDCNewGroup   `yaml:"newGroupFromClaims"`
	FilterGroupClaims  OIDCGroupFilter  `yaml:"filterGroupClaims"`
	ModifyGroupNames   OIDCGroupRenames `yaml:"modifyGroupNames"`
}

// An OIDCNewGroup joins claims to a group.
type OIDCNewGroup struct {
	Claims         []string `yaml:"claims"`
	Delimiter      string   `yaml:"delimiter"`
	ClearDelimiter bool     `yaml:"clearDelimiter"`
	Prefix         string   `yaml:"prefix"`
}

// An OIDCGroupFilter keeps the groups that a regular expression matches.
type OIDCGroupFilter struct {
	GroupsFilter string `yaml:"groupsFilter"`
}

// OIDCGroupRenames put text before and behind the names of groups.
type OIDCGroupRenames struct {
	Prefix string `yaml:"prefix"`
	Suffix string `yaml:"suffix"`
}

// OIDCOverrides replace what the issuer's discovery document says.
type OIDCOverrides struct {
	TokenURL string `yaml:"tokenURL"`
	AuthURL  string `yaml:"authURL"`
	JWKSURL  string `yaml:"jwksURL"`
}

// Google lets Google accounts log in: those of HostedDomains, or all.
type Google struct {
	ClientID                       string            `yaml:"clientID"`
	ClientSecret                   groundway.Secret  `yaml:"clientSecret"`
	RedirectURI                    string            `yaml:"redirectURI"`
	Scopes                         []string          `yaml:"scopes"`
	HostedDomains                  []string          `yaml:"hostedDomains"`
	Groups                         []string          `yaml:"groups"`
	ServiceAccountFilePath         string            `yaml:"serviceAccountFilePath"`
	AdminEmail                     string            `yaml:"adminEmail"` // the older form of DomainToAdminEmail
	DomainToAdminEmail             map[string]string `yaml:"domainToAdminEmail"`
	FetchTransitiveGroupMembership bool              `yaml:"fetchTransitiveGroupMembership"`
	PromptType                     *string           `yaml:"promptType"`
}

// LDAP lets the users of a directory log in.
type LDAP struct {
	Host               string           `yaml:"host"` // with or without a port
	InsecureNoSSL      bool             `yaml:"insecureNoSSL"`
	InsecureSkipVerify bool             `yaml:"insecureSkipVerify"`
	StartTLS           bool             `yaml:"startTLS"`
	RootCA             string           `yaml:"rootCA"`     // path of a file
	RootCAData         []byte           `yaml:"rootCAData"` // PEM
	ClientCert         string           `yaml:"clientCert"`
	ClientKey          string           `yaml:"clientKey"`
	BindDN             string           `yaml:"bindDN"`
	BindPW             groundway.Secret `yaml:"bindPW"`
	UsernamePrompt     string           `yaml:"usernamePrompt"`
	UserSearch         LDAPUserSearch   `yaml:"userSearch"`
	GroupSearch        LDAPGroupSearch  `yaml:"groupSearch"`
}

// LDAPUserSearch finds the entry of a user. Scope is "sub", the default, or "one".
type LDAPUserSearch struct {
	BaseDN                string `yaml:"baseDN"`
	Filter                string `yaml:"filter"`
	Username              string `yaml:"username"`
	Scope                 string `yaml:"scope"`
	IDAttr                string `yaml:"idAttr"`
	EmailAttr             string `yaml:"emailAttr"`
	NameAttr              string `yaml:"nameAttr"`
	PreferredUsernameAttr string `yaml:"preferredUsernameAttr"`
	EmailSuffix           string `yaml:"emailSuffix"`
}

// LDAPGroupSearch finds the groups of a user.
type LDAPGroupSearch struct {
	BaseDN             string        `yaml:"baseDN"`
	Filter             string        `yaml:"filter"`
	Scope              string        `yaml:"scope"`
	UserAttr           string        `yaml:"userAttr"` // the older form of UserMatchers
	GroupAttr          string        `yaml:"groupAttr"`
	RecursionGroupAttr string        `yaml:"recursionGroupAttr"`
	UserMatchers       []LDAPMatcher `yaml:"userMatchers"`
	NameAttr           string        `yaml:"nameAttr"`
}

// An LDAPMatcher says which attribute of a user stands in which of a group.
type LDAPMatcher struct {
	UserAttr           string `yaml:"userAttr"`
	GroupAttr          string `yaml:"groupAttr"`
	RecursionGroupAttr string `yaml:"recursionGroupAttr"`
}

// SAML lets the users of a SAML 2.0 provider log in. It cannot refresh.
type SAML struct {
	EntityIssuer                    string   `yaml:"entityIssuer"`
	SSOIssuer                       string   `yaml:"ssoIssuer"`
	SSOURL                          string   `yaml:"ssoURL"`
	CA                              string   `yaml:"ca"`     // path of a file; not beside CAData
	CAData                          []byte   `yaml:"caData"` // PEM
	InsecureSkipSignatureValidation bool     `yaml:"insecureSkipSignatureValidation"`
	UsernameAttr                    string   `yaml:"usernameAttr"`
	EmailAttr                       string   `yaml:"emailAttr"`
	GroupsAttr                      string   `yaml:"groupsAttr"`
	GroupsDelim                     string   `yaml:"groupsDelim"`
	AllowedGroups                   []string `yaml:"allowedGroups"`
	FilterGroups                    bool     `yaml:"filterGroups"`
	RedirectURI                     string   `yaml:"redirectURI"`
	NameIDPolicyFormat              string   `yaml:"nameIDPolicyFormat"`
}

// GitLab lets the users of a GitLab log in: the members of Groups, or all.
type GitLab struct {
	BaseURL             string           `yaml:"baseURL"` // empty is https://gitlab.com
	ClientID            string           `yaml:"clientID"`
	ClientSecret        groundway.Secret `yaml:"clientSecret"`
	RedirectURI         string           `yaml:"redirectURI"`
	Groups              []string         `yaml:"groups"`
	UseLoginAsID        bool             `yaml:"useLoginAsID"`
	GetGroupsPermission bool             `yaml:"getGroupsPermission"`
	RootCAData          []byte           `yaml:"rootCAData"`
}

// Microsoft lets the accounts of a tenant of Microsoft Entra ID log in. Without
// Tenant, every Microsoft account.
type Microsoft struct {
	ClientID             string           `yaml:"clientID"`
	ClientSecret         groundway.Secret `yaml:"clientSecret"`
	RedirectURI          string           `yaml:"redirectURI"`
	Tenant               string           `yaml:"tenant"`
	OnlySecurityGroups   bool             `yaml:"onlySecurityGroups"`
	Groups               []string         `yaml:"groups"`
	GroupNameFormat      string           `yaml:"groupNameFormat"`
	UseGroupsAsWhitelist bool             `yaml:"useGroupsAsWhitelist"`
	EmailToLowercase     bool             `yaml:"emailToLowercase"`
	APIURL               string           `yaml:"apiURL"`
	GraphURL             string           `yaml:"graphURL"`
	PromptType           string           `yaml:"promptType"`
	DomainHint           string           `yaml:"domainHint"`
	Scopes               []string         `yaml:"scopes"`
}

// AuthProxy believes the headers of a proxy, which must be the only way to dex.
type AuthProxy struct {
	UserIDHeader         string   `yaml:"userIDHeader"`
	UserHeader           string   `yaml:"userHeader"`
	UserNameHeader       string   `yaml:"userNameHeader"`
	EmailHeader          string   `yaml:"emailHeader"`
	GroupHeader          string   `yaml:"groupHeader"`
	GroupHeaderSeparator string   `yaml:"groupHeaderSeparator"`
	StaticGroups         []string `yaml:"staticGroups"`
}

// MockPassword is for tests: one user.
type MockPassword struct {
	Username string           `yaml:"username"`
	Password groundway.Secret `yaml:"password"`
}

// MockCallback is for tests: everybody is the same user, without a question.
type MockCallback struct{}

// Gitea lets the users of a Gitea log in: the members of Orgs, or all.
type Gitea struct {
	BaseURL       string           `yaml:"baseURL"` // empty is https://gitea.com
	ClientID      string           `yaml:"clientID"`
	ClientSecret  groundway.Secret `yaml:"clientSecret"`
	RedirectURI   string           `yaml:"redirectURI"`
	Orgs          []GitHubOrg      `yaml:"orgs"`
	LoadAllGroups bool             `yaml:"loadAllGroups"`
	UseLoginAsID  bool             `yaml:"useLoginAsID"`
}

// OpenShift lets the users of an OpenShift cluster log in.
type OpenShift struct {
	Issuer       string           `yaml:"issuer"`
	ClientID     string           `yaml:"clientID"`
	ClientSecret groundway.Secret `yaml:"clientSecret"`
	RedirectURI  string           `yaml:"redirectURI"`
	Groups       []string         `yaml:"groups"`
	InsecureCA   bool             `yaml:"insecureCA"`
	RootCA       string           `yaml:"rootCA"`
}

// OAuth lets the users of an OAuth 2 server log in that is no OpenID Connect issuer.
type OAuth struct {
	ClientID           string            `yaml:"clientID"`
	ClientSecret       groundway.Secret  `yaml:"clientSecret"`
	RedirectURI        string            `yaml:"redirectURI"`
	TokenURL           string            `yaml:"tokenURL"`
	AuthorizationURL   string            `yaml:"authorizationURL"`
	UserInfoURL        string            `yaml:"userInfoURL"`
	Scopes             []string          `yaml:"scopes"`
	RootCAs            []string          `yaml:"rootCAs"`
	InsecureSkipVerify bool              `yaml:"insecureSkipVerify"`
	UserIDKey          string            `yaml:"userIDKey"`
	ClaimMapping       OAuthClaimMapping `yaml:"claimMapping"`
}

// OAuthClaimMapping names the fields of the user's description.
type OAuthClaimMapping struct {
	UserNameKey          string `yaml:"userNameKey"`
	PreferredUsernameKey string `yaml:"preferredUsernameKey"`
	GroupsKey            string `yaml:"groupsKey"`
	EmailKey             string `yaml:"emailKey"`
	EmailVerifiedKey     string `yaml:"emailVerifiedKey"`
}

// BitbucketCloud lets Bitbucket accounts log in: the members of Teams, or all.
type BitbucketCloud struct {
	ClientID          string           `yaml:"clientID"`
	ClientSecret      groundway.Secret `yaml:"clientSecret"`
	RedirectURI       string           `yaml:"redirectURI"`
	Teams             []string         `yaml:"teams"`
	IncludeTeamGroups bool             `yaml:"includeTeamGroups"`
}

// Keystone lets the users of an OpenStack log in.
type Keystone struct {
	Domain        string           `yaml:"domain"`
	Host          string           `yaml:"keystoneHost"`
	AdminUsername string           `yaml:"keystoneUsername"`
	AdminPassword groundway.Secret `yaml:"keystonePassword"`
}

// LinkedIn lets every LinkedIn account log in.
type LinkedIn struct {
	ClientID     string           `yaml:"clientID"`
	ClientSecret groundway.Secret `yaml:"clientSecret"`
	RedirectURI  string           `yaml:"redirectURI"`
}

// AtlassianCrowd lets the users of a Crowd log in.
type AtlassianCrowd struct {
	BaseURL                string           `yaml:"baseURL"`
	ClientID               string           `yaml:"clientID"`
	ClientSecret           groundway.Secret `yaml:"clientSecret"`
	Groups                 []string         `yaml:"groups"`
	PreferredUsernameField string           `yaml:"preferredUsernameField"`
	UsernamePrompt         string           `yaml:"usernamePrompt"`
}

// Type returns "github".
func (GitHub) Type() string { return "github" }

// Type returns "oidc".
func (OIDC) Type() string { return "oidc" }

// Type returns "google".
func (Google) Type() string { return "google" }

// Type returns "ldap".
func (LDAP) Type() string { return "ldap" }

// Type returns "saml".
func (SAML) Type() string { return "saml" }

// Type returns "gitlab".
func (GitLab) Type() string { return "gitlab" }

// Type returns "microsoft".
func (Microsoft) Type() string { return "microsoft" }

// Type returns "gitea".
func (Gitea) Type() string { return "gitea" }

// Type returns "openshift".
func (OpenShift) Type() string { return "openshift" }

// Type returns "oauth".
func (OAuth) Type() string { return "oauth" }

// Type returns "bitbucket-cloud".
func (BitbucketCloud) Type() string { return "bitbucket-cloud" }

// Type returns "keystone".
func (Keystone) Type() string { return "keystone" }

// Type returns "linkedin".
func (LinkedIn) Type() string { return "linkedin" }

// Type returns "atlassian-crowd".
func (AtlassianCrowd) Type() string { return "atlassian-crowd" }

// Type returns "authproxy".
func (AuthProxy) Type() string { return "authproxy" }

// Type returns "mockPassword".
func (MockPassword) Type() string { return "mockPassword" }

// Type returns "mockCallback".
func (MockCallback) Type() string { return "mockCallback" }

func (GitHub) connector()         {}
func (OIDC) connector()           {}
func (Google) connector()         {}
func (LDAP) connector()           {}
func (SAML) connector()           {}
func (GitLab) connector()         {}
func (Microsoft) connector()      {}
func (Gitea) connector()          {}
func (OpenShift) connector()      {}
func (OAuth) connector()          {}
func (BitbucketCloud) connector() {}
func (Keystone) connector()       {}
func (LinkedIn) connector()       {}
func (AtlassianCrowd) connector() {}
func (AuthProxy) connector()      {}
func (MockPassword) connector()   {}
func (MockCallback) connector()   {}

// connectors are what dex knows. It reads samlExperimental as saml still.
var connectors = []ConnectorConfig{
	GitHub{}, OIDC{}, Google{}, LDAP{}, SAML{}, GitLab{}, Microsoft{}, Gitea{}, OpenShift{}, OAuth{}, BitbucketCloud{}, Keystone{}, LinkedIn{}, AtlassianCrowd{}, AuthProxy{}, MockPassword{}, MockCallback{},
}

// Words is for the decoder of this module.
func (*Connector) Words() []string {
	words := make([]string, len(connectors))
	for i, c := range connectors {
		words[i] = c.Type()
	}
	return words
}

// Select is for the decoder of this module.
func (*Connector) Select(word string) any {
	if word == "samlExperimental" {
		word = "saml"
	}
	i := slices.IndexFunc(connectors, func(c ConnectorConfig) bool { return c.Type() == word })
	if i < 0 {
		return nil
	}
	return reflect.New(reflect.TypeOf(connectors[i])).Interface()
}

// Take is for the decoder of this module.
func (c *Connector) Take(_ string, value any) { c.Config = deref(value).(ConnectorConfig) }

// deref returns what a pointer points to.
func deref(pointer any) any { return reflect.ValueOf(pointer).Elem().Interface() }
