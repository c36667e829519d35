package apiserver

import (
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/groundway-sdk/groundway/identity"
	"github.com/groundway-sdk/groundway/internal/yamltext"
)

// Side returns what the API server says of what all files must agree on. file names
// the configuration, for the places; files has what the flags name, by path.
func (c Config) Side(file string, files map[string][]byte) identity.Side {
	return c.side(file, files, func(path string) string { return path })
}

// SideOfText is Side with the places of the configuration's text.
func SideOfText(file string, data []byte, flags Flags) (identity.Side, error) {
	var configuration AuthenticationConfiguration
	positions, problems := yamltext.Decode(data, &configuration)
	if err := yamltext.Err(file, problems); err != nil {
		return identity.Side{}, err
	}
	return Config{flags, &configuration}.side(file, nil, placesOf(file, positions)), nil
}

func placesOf(file string, positions yamltext.Positions) func(string) string {
	return func(path string) string {
		if p, ok := positions.Of(path); ok && strings.HasPrefix(path, "/") {
			return p.In(file)
		}
		return path
	}
}

func (c Config) side(file string, files map[string][]byte, at func(string) string) identity.Side {
	f := c.Flags
	s := identity.Side{Program: identity.APIServer, File: "flags"}
	if file != "" {
		s.File = file
	}
	value := func(text, path string) identity.Value { return identity.Value{Text: text, Path: at(path)} }
	for _, issuer := range f.ServiceAccountIssuers {
		s.ServiceAccountIssuers = append(s.ServiceAccountIssuers, value(issuer, "--service-account-issuer"))
	}
	if f.OIDCIssuerURL != "" {
		s.Issuers = []identity.Value{value(f.OIDCIssuerURL, "--oidc-issuer-url")}
		s.Audiences = []identity.IssuerValue{{Issuer: f.OIDCIssuerURL, Value: value(f.OIDCClientID, "--oidc-client-id")}}
		for _, a := range f.OIDCSigningAlgs {
			s.Algorithms = append(s.Algorithms, value(a, "--oidc-signing-algs"))
		}
		user := f.OIDCUsernameClaim
		if user == "" {
			user = "sub"
		}
		s.UserClaims = []identity.IssuerValue{{Issuer: f.OIDCIssuerURL, Value: value(user, "--oidc-username-claim")}}
		if f.OIDCGroupsClaim != "" {
			s.GroupClaims = []identity.IssuerValue{{Issuer: f.OIDCIssuerURL, Value: value(f.OIDCGroupsClaim, "--oidc-groups-claim")}}
		}
		if data, ok := files[f.OIDCCAFile]; ok {
			s.CAs = []identity.IssuerValue{{Issuer: f.OIDCIssuerURL, Value: value(string(data), "--oidc-ca-file")}}
		}
	}
	if c.Configuration == nil {
		return s
	}
	for i, jwt := range c.Configuration.JWT {
		path := "/jwt/" + strconv.Itoa(i)
		s.Issuers = append(s.Issuers, value(jwt.Issuer.URL, path+"/issuer/url"))
		for j, a := range jwt.Issuer.Audiences {
			s.Audiences = append(s.Audiences, identity.IssuerValue{Issuer: jwt.Issuer.URL, Value: value(a, path+"/issuer/audiences/"+strconv.Itoa(j))})
		}
		if ca := jwt.Issuer.CertificateAuthority; ca != "" {
			s.CAs = append(s.CAs, identity.IssuerValue{Issuer: jwt.Issuer.URL, Value: value(ca, path+"/issuer/certificateAuthority")})
		}
		if claim := jwt.ClaimMappings.Username.Claim; claim != "" {
			s.UserClaims = append(s.UserClaims, identity.IssuerValue{Issuer: jwt.Issuer.URL, Value: value(claim, path+"/claimMappings/username/claim")})
		}
		if claim := jwt.ClaimMappings.Groups.Claim; claim != "" {
			s.GroupClaims = append(s.GroupClaims, identity.IssuerValue{Issuer: jwt.Issuer.URL, Value: value(claim, path+"/claimMappings/groups/claim")})
		}
	}
	return s
}

// Side returns what the logins of a kubeconfig say: those by oidc-login and by
// kubectl's own oidc provider. A kubeconfig without one has no issuer.
func (k KubeConfig) Side(file string, files map[string][]byte) identity.Side {
	return k.side(file, files, func(path string) string { return path })
}

// KubeConfigSide is Side with the places of the kubeconfig's text.
func KubeConfigSide(file string, data []byte, files map[string][]byte) (identity.Side, error) {
	var k KubeConfig
	positions, problems := yamltext.Decode(data, &k)
	if err := yamltext.Err(file, problems); err != nil {
		return identity.Side{}, err
	}
	return k.side(file, files, placesOf(file, positions)), nil
}

func (k KubeConfig) side(file string, files map[string][]byte, at func(string) string) identity.Side {
	s := identity.Side{Program: identity.Kubeconfig, File: file}
	add := func(path, issuer, client, ca string, scopes []string) {
		v := func(text string) identity.Value { return identity.Value{Text: text, Path: at(path)} }
		s.Issuers = append(s.Issuers, v(issuer))
		s.Clients = append(s.Clients, identity.Peer{ID: v(client)})
		if data, ok := files[ca]; ok {
			s.CAs = append(s.CAs, identity.IssuerValue{Issuer: issuer, Value: v(string(data))})
		}
		for _, scope := range scopes {
			s.Scopes = append(s.Scopes, v(scope))
		}
	}
	for i, u := range k.Users {
		path := "/users/" + strconv.Itoa(i) + "/user"
		if p := u.User.AuthProvider; p != nil && p.Name == "oidc" {
			get := func(key string) string { return p.Config[key].Reveal() }
			add(path+"/auth-provider", get("idp-issuer-url"), get("client-id"), get("idp-certificate-authority"), nil)
			if data, err := base64.StdEncoding.DecodeString(get("idp-certificate-authority-data")); err == nil && len(data) > 0 {
				s.CAs = append(s.CAs, identity.IssuerValue{Issuer: get("idp-issuer-url"), Value: identity.Value{Text: string(data), Path: at(path + "/auth-provider")}})
			}
		}
		if e := u.User.Exec; e != nil {
			values, scopes := map[string]string{}, []string{}
			for j := 0; j < len(e.Args); j++ {
				name, text, joined := strings.Cut(e.Args[j], "=")
				if !joined && strings.HasPrefix(name, "--") && j+1 < len(e.Args) && !strings.HasPrefix(e.Args[j+1], "--") {
					j++
					text = e.Args[j]
				}
				if name == "--oidc-extra-scope" {
					scopes = append(scopes, strings.Split(text, ",")...)
				}
				values[name] = text
			}
			if issuer, ok := values["--oidc-issuer-url"]; ok {
				if s.Scopes == nil {
					s.Scopes = []identity.Value{} // it says what it asks for: nothing more
				}
				add(path+"/exec/args", issuer, values["--oidc-client-id"], values["--certificate-authority"], scopes)
			}
		}
	}
	return s
}
