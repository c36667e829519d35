package dex

import (
	"fmt"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/verdict"
)

func checkConnectors(k *linter) {
	seen := map[string]int{}
	for i, c := range k.c.Connectors {
		path := fmt.Sprintf("/connectors/%d", i)
		name := "The connector " + quote(c.ID)
		if c.ID != "" {
			first, twice := seen[c.ID]
			if !twice {
				seen[c.ID] = i
			}
			k.Require(!twice, verdict.Fault{Code: codeConnDuplicate, Path: path + "/id", Got: c.ID, Want: "an ID of its own", Summary: fmt.Sprintf("%s stands twice, first as connector %d.", name, first)})
			k.Require(c.ID != "local" || !k.c.EnablePasswordDB, verdict.Fault{Code: codeConnLocal, Path: path + "/id", Got: c.ID, Want: "another ID", Summary: name + " is called as the password database."})
		}
		if c.Config == nil {
			continue
		}
		config := path + "/config"
		if broken := brokenConnector(c.Config); broken != "" {
			k.Fail(verdict.Fault{Code: codeConnBroken, Path: config, Got: broken, Want: "a connector that opens", Summary: name + " does not open: " + broken + "."})
		} else {
			k.Pass(codeConnBroken, 1)
		}
		k.connector(name, config, c.ID, c.Config)
	}
}

// connector judges what a connector lets in, and how.
func (k *linter) connector(name, path, id string, config ConnectorConfig) {
	v := reflect.ValueOf(config)
	text := func(field string) (string, bool) {
		f := v.FieldByName(field)
		if !f.IsValid() {
			return "", false
		}
		if s, ok := f.Interface().(groundway.Secret); ok {
			return s.Reveal(), true
		}
		return f.String(), true
	}
	if client, ok := text("ClientID"); ok {
		secret, _ := text("ClientSecret")
		k.Require(client != "" && secret != "", verdict.Fault{Code: codeConnSecret, Path: path + "/clientID", Got: "a field is empty", Want: "clientID and clientSecret", Summary: name + " has no client ID or no secret."})
	}
	if uri, ok := text("RedirectURI"); ok && k.issuer.url != nil && !k.variable(codeConnRedirect, path+"/redirectURI", uri) {
		want := strings.TrimRight(k.issuer.text, "/") + "/callback"
		// Connectors of OAuth compare it byte for byte. A SAML provider may also answer
		// where the connector is named.
		_, saml := config.(SAML)
		k.Require(uri == want || saml && uri == want+"/"+id, verdict.Fault{Code: codeConnRedirect, Path: path + "/redirectURI", Got: uri, Want: strings.TrimRight(k.issuer.shown, "/") + "/callback", Summary: name + " comes back to " + quote(uri) + ", not to dex."})
	} else if ok && k.issuer.url == nil {
		k.Inapplicable(codeConnRedirect, "the issuer is not a URL")
	}
	k.open(name, path, config)
	for field, key := range map[string]string{"InsecureSkipVerify": "insecureSkipVerify", "InsecureCA": "insecureCA", "InsecureSkipEmailVerified": "insecureSkipEmailVerified"} {
		if f := v.FieldByName(field); f.IsValid() {
			k.Require(!f.Bool(), verdict.Fault{Code: codeConnUnverified, Path: path + "/" + key, Got: "true", Want: "false", Summary: name + " sets " + key + "."})
		}
	}
	switch c := config.(type) {
	case LDAP:
		k.ldap(name, path, c)
	case SAML:
		k.Require(!c.InsecureSkipSignatureValidation, verdict.Fault{Code: codeConnSAML, Path: path + "/insecureSkipSignatureValidation", Got: "true", Want: "false", Summary: name + " takes assertions that nobody signed."})
		if !c.InsecureSkipSignatureValidation {
			k.authority(name, path+"/ca", c.CA, c.CAData)
		}
	case GitHub:
		k.authority(name, path+"/rootCA", c.RootCA, nil)
	case GitLab:
		k.authority(name, path+"/rootCAData", "", c.RootCAData)
	case OpenShift:
		k.authority(name, path+"/rootCA", c.RootCA, nil)
	case OIDC:
		k.groupsFilter(name, path+"/claimModifications/filterGroupClaims/groupsFilter", c.ClaimModifications.FilterGroupClaims.GroupsFilter)
	case OAuth:
		// Dex opens it, and asks for them when somebody logs in.
		for _, f := range []struct{ key, text string }{{"tokenURL", c.TokenURL}, {"authorizationURL", c.AuthorizationURL}, {"userInfoURL", c.UserInfoURL}} {
			if _, err := url.Parse(f.text); err != nil || f.text == "" {
				k.Fail(verdict.Fault{Code: codeConnBroken, Path: path + "/" + f.key, Got: f.text, Want: "a URL", Summary: name + " lets nobody in: " + f.key + " is not a URL."})
			}
		}
	case MockCallback, MockPassword:
		k.Fail(verdict.Fault{Code: codeConnTest, Path: strings.TrimSuffix(path, "/config") + "/type", Got: config.Type(), Want: "a connector of a provider", Summary: name + " is one for tests."})
		return
	}
	k.Pass(codeConnTest, 1)
}

func (k *linter) ldap(name, path string, c LDAP) {
	// It wins over startTLS.
	k.Require(!c.InsecureNoSSL, verdict.Fault{Code: codeConnPlain, Path: path + "/insecureNoSSL", Got: "true", Want: "false", Summary: name + " sends passwords in the clear."})
	if c.BindDN != "" {
		k.Require(!c.BindPW.IsZero(), verdict.Fault{Code: codeConnBind, Path: path + "/bindPW", Want: "a password", Summary: name + " binds as " + quote(c.BindDN) + " without a password."})
	} else {
		k.Pass(codeConnBind, 1)
	}
	for _, f := range []struct{ key, text string }{{"userSearch", c.UserSearch.Filter}, {"groupSearch", c.GroupSearch.Filter}} {
		place := path + "/" + f.key + "/filter"
		if !k.variable(codeConnFilter, place, f.text) {
			k.Require(balanced(f.text), verdict.Fault{Code: codeConnFilter, Path: place, Got: f.text, Want: "one filter in parentheses", Summary: name + " has the filter " + quote(f.text) + ", which is not balanced."})
		}
	}
	k.authority(name, path+"/rootCA", c.RootCA, c.RootCAData)
}

// groupsFilter judges a regular expression, which dex leaves out where it cannot be
// read.
func (k *linter) groupsFilter(name, path, text string) {
	if text == "" || k.variable(codeConnFilter, path, text) {
		return
	}
	_, err := regexp.Compile(text)
	k.Require(err == nil, verdict.Fault{
		Code: codeConnFilter, Path: path, Got: text, Want: "a regular expression", Summary: name + " has the filter " + quote(text) + ", which is no regular expression.",
		Detail: "Dex starts, logs a warning, and lets every group through.", Action: "Correct the expression: ^kubernetes-.",
	})
}

// balanced reports whether a filter is nothing, or in parentheses that close in
// order. An escaped parenthesis is written \28 or \29.
func balanced(filter string) bool {
	if filter == "" {
		return true
	}
	depth := 0
	for i, r := range filter {
		switch r {
		case '(':
			depth++
		case ')':
			depth--
		}
		if depth < 0 || depth == 0 && i != len(filter)-1 {
			return false
		}
	}
	return depth == 0
}

// authority judges the dates of what verifies a provider.
func (k *linter) authority(name, path, file string, data []byte) {
	switch {
	case file == "" && len(data) == 0:
		return
	case len(data) == 0:
		var ok bool
		if data, ok = k.o.Files[file]; !ok {
			k.Unseen(codeConnCA, path, "the file "+file+" was not given")
			return
		}
	}
	list, broken := certificates(data)
	switch {
	case len(list) == 0:
		k.Fail(verdict.Fault{Code: codeConnBroken, Path: path, Got: "no certificate", Want: "a certificate", Summary: name + " does not open: its authority has no certificate."})
		return
	case broken > 0 && strings.HasSuffix(path, "/ca"): // SAML's connector drops nothing
		k.Fail(verdict.Fault{Code: codeConnBroken, Path: path, Got: "a broken block", Want: "certificates", Summary: name + " does not open: its authority has a block that cannot be read."})
	}
	for _, c := range list {
		k.dates(codeConnCA, path, "The authority of "+strings.ToLower(name[:1])+name[1:], c)
	}
}

// open judges whether a connector says who may log in. Of those whose provider
// belongs to somebody nothing is asked.
func (k *linter) open(name, path string, config ConnectorConfig) {
	const groupsIfAsked = ": its groups are looked at only where a login asks for them, which is up to whoever logs in"
	who, limited, where := "", false, ""
	f := verdict.Fault{Code: codeConnOpen, Path: path, Got: "no limit", Want: "who may log in"}
	switch c := config.(type) {
	case GitHub:
		// An account of GitHub Enterprise belongs to somebody.
		who, limited = "every account of GitHub", c.Org != "" || len(c.Orgs) > 0 || c.HostName != "" && c.HostName != "github.com"
	case Google:
		who, limited = "every Google account", len(c.HostedDomains) > 0
		if len(c.Groups) > 0 {
			who += groupsIfAsked
		}
	case OIDC:
		switch {
		case len(c.AllowedGroups) > 0 && !c.InsecureEnableGroups:
			who = "everybody: allowedGroups counts only beside insecureEnableGroups"
			f.Action = "Set insecureEnableGroups to true, which is what lets allowedGroups count."
		default:
			who, where, limited = "every account at "+quote(c.Issuer), c.Issuer, len(c.AllowedGroups) > 0 || !isPublic(c.Issuer)
		}
	case OAuth:
		who, where, limited = "every account at "+quote(c.AuthorizationURL), c.AuthorizationURL, !isPublic(c.AuthorizationURL)
	case GitLab:
		who, where, limited = "every account of GitLab", c.BaseURL, len(c.Groups) > 0 || c.BaseURL != "" && !isPublic(c.BaseURL)
	case Gitea:
		who, where, limited = "every account of Gitea", c.BaseURL, len(c.Orgs) > 0 || c.BaseURL != "" && !isPublic(c.BaseURL)
	case Microsoft:
		// Groups are those of a tenant: without one dex looks at none.
		who, where, limited = "every Microsoft account", c.Tenant, c.Tenant != "" && !slices.Contains(anyTenant, c.Tenant)
	case BitbucketCloud:
		who, limited = "every Bitbucket account", len(c.Teams) > 0
	case LinkedIn:
		who = "every LinkedIn account"
	case AtlassianCrowd:
		who, limited = "everybody of "+quote(c.BaseURL)+groupsIfAsked, len(c.Groups) == 0
		f.Severity, f.Action = groundway.Warning, "Remove groups, and bind permissions to groups alone, which a login without them does not have."
	default:
		return
	}
	if limited && len(references(where)) > 0 {
		k.variable(codeConnOpen, path, where)
		return
	}
	f.Summary = name + " lets in " + who + "."
	k.Require(limited, f)
}

// anyTenant are the names of Microsoft that stand for more than one tenant.
var anyTenant = []string{"common", "organizations", "consumers"}

// publicHosts are those of the providers that have connectors of their own, at which
// everybody may have an account.
var publicHosts = []string{"accounts.google.com", "github.com", "gitlab.com", "gitea.com", "bitbucket.org", "www.linkedin.com"}

// isPublic reports whether a URL is one of a provider at which everybody may have an
// account.
func isPublic(text string) bool {
	u, err := url.Parse(text)
	if err != nil {
		return false
	}
	host := strings.ToLower(u.Hostname())
	tenant, _, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	return slices.Contains(publicHosts, host) || host == "login.microsoftonline.com" && slices.Contains(anyTenant, tenant)
}

// nameIDFormats are the last words of those that SAML names, which dex takes for them.
var nameIDFormats = []string{
	"emailAddress", "unspecified", "X509SubjectName", "WindowsDomainQualifiedName", "encrypted", "entity", "kerberos", "persistent", "transient",
}

// brokenConnector returns why a connector does not open, as far as its
// configuration tells.
func brokenConnector(config ConnectorConfig) string {
	switch c := config.(type) {
	case GitHub:
		switch {
		case c.Org != "" && len(c.Orgs) > 0:
			return "it has both org and orgs"
		case strings.Contains(c.HostName, "/"):
			return "hostName is not a host"
		case c.RootCA != "" && c.HostName == "":
			return "rootCA needs hostName"
		case c.TeamNameField != "" && c.TeamNameField != "name" && c.TeamNameField != "slug" && c.TeamNameField != "both":
			return "teamNameField is none of name, slug and both"
		case strings.HasSuffix(c.PreferredEmailDomain, "*"):
			return "preferredEmailDomain ends in a wildcard"
		}
	case OIDC:
		switch {
		case len(c.HostedDomains) > 0:
			return "hostedDomains was removed; the Google connector has it"
		case c.Issuer == "":
			return "it has no issuer"
		case len(references(c.Issuer)) == 0 && parseIssuer(c.Issuer).url == nil:
			return "the issuer is not a URL"
		}
	case Google:
		if c.ServiceAccountFilePath != "" && len(c.DomainToAdminEmail) == 0 && c.AdminEmail == "" {
			return "serviceAccountFilePath needs domainToAdminEmail"
		}
	case LDAP:
		for _, f := range []struct{ key, text string }{{"host", c.Host}, {"userSearch.baseDN", c.UserSearch.BaseDN}, {"userSearch.username", c.UserSearch.Username}} {
			if f.text == "" {
				return "it has no " + f.key
			}
		}
		for _, f := range []struct{ key, text string }{{"userSearch.scope", c.UserSearch.Scope}, {"groupSearch.scope", c.GroupSearch.Scope}} {
			if f.text != "" && f.text != "sub" && f.text != "one" {
				return f.key + " is neither sub nor one"
			}
		}
	case SAML:
		for _, f := range []struct{ key, text string }{{"ssoURL", c.SSOURL}, {"usernameAttr", c.UsernameAttr}, {"emailAttr", c.EmailAttr}, {"redirectURI", c.RedirectURI}} {
			if f.text == "" {
				return "it has no " + f.key
			}
		}
		format := c.NameIDPolicyFormat[strings.LastIndexByte(c.NameIDPolicyFormat, ':')+1:]
		switch {
		case format != "" && len(references(format)) == 0 && !slices.Contains(nameIDFormats, format):
			return "nameIDPolicyFormat is none of " + strings.Join(nameIDFormats, ", ")
		case c.InsecureSkipSignatureValidation:
		case c.CA != "" && len(c.CAData) > 0:
			return "it has both ca and caData"
		case c.CA == "" && len(c.CAData) == 0:
			return "it has neither ca nor caData"
		}
	case AtlassianCrowd:
		if c.BaseURL == "" {
			return "it has no baseURL"
		}
	case MockPassword:
		if c.Username == "" || c.Password.IsZero() {
			return "it has no username or no password"
		}
	}
	return ""
}
