package apiserver

import (
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/identity"
	"github.com/groundway-sdk/groundway/internal/yamltext"
)

// A KubeConfig is a file of kubectl: clusters, users, and which belong together. A
// path in it is relative to the file.
type KubeConfig struct {
	APIVersion     string            `yaml:"apiVersion"`
	Kind           string            `yaml:"kind"`
	Preferences    map[string]string `yaml:"preferences"`
	Clusters       []NamedCluster    `yaml:"clusters"`
	Users          []NamedUser       `yaml:"users"`
	Contexts       []NamedContext    `yaml:"contexts"`
	CurrentContext string            `yaml:"current-context"`
	Extensions     any               `yaml:"extensions"`
}

// A NamedCluster is a cluster by its name.
type NamedCluster struct {
	Name    string        `yaml:"name"`
	Cluster ClusterConfig `yaml:"cluster"`
}

// A ClusterConfig is how to reach an API server.
type ClusterConfig struct {
	Server                   string `yaml:"server"`
	TLSServerName            string `yaml:"tls-server-name"`
	InsecureSkipTLSVerify    bool   `yaml:"insecure-skip-tls-verify"`
	CertificateAuthority     string `yaml:"certificate-authority"` // path of a file
	CertificateAuthorityData []byte `yaml:"certificate-authority-data"`
	ProxyURL                 string `yaml:"proxy-url"`
	DisableCompression       bool   `yaml:"disable-compression"`
	Extensions               any    `yaml:"extensions"`
}

// A NamedUser is a user by its name.
type NamedUser struct {
	Name string     `yaml:"name"`
	User UserConfig `yaml:"user"`
}

// A UserConfig is how to log in. ClientKeyData is base64 of PEM.
type UserConfig struct {
	ClientCertificate     string              `yaml:"client-certificate"` // path of a file
	ClientCertificateData []byte              `yaml:"client-certificate-data"`
	ClientKey             string              `yaml:"client-key"`
	ClientKeyData         groundway.Secret    `yaml:"client-key-data"`
	Token                 groundway.Secret    `yaml:"token"`
	TokenFile             string              `yaml:"tokenFile"`
	As                    string              `yaml:"as"`
	AsUID                 string              `yaml:"as-uid"`
	AsGroups              []string            `yaml:"as-groups"`
	AsUserExtra           map[string][]string `yaml:"as-user-extra"`
	Username              string              `yaml:"username"`
	Password              groundway.Secret    `yaml:"password"`
	AuthProvider          *AuthProvider       `yaml:"auth-provider"`
	Exec                  *Exec               `yaml:"exec"`
	Extensions            any                 `yaml:"extensions"`
}

// An AuthProvider is the older way to log in, of which kubectl still has oidc.
type AuthProvider struct {
	Name   string                      `yaml:"name"`
	Config map[string]groundway.Secret `yaml:"config"`
}

// An Exec is a program that gives kubectl a credential.
type Exec struct {
	APIVersion         string    `yaml:"apiVersion"`
	Command            string    `yaml:"command"`
	Args               []string  `yaml:"args"`
	Env                []ExecEnv `yaml:"env"`
	InteractiveMode    string    `yaml:"interactiveMode"` // Never, IfAvailable or Always
	InstallHint        string    `yaml:"installHint"`
	ProvideClusterInfo bool      `yaml:"provideClusterInfo"`
}

// An ExecEnv is a variable of the program's environment.
type ExecEnv struct {
	Name  string           `yaml:"name"`
	Value groundway.Secret `yaml:"value"`
}

// A NamedContext joins a cluster and a user.
type NamedContext struct {
	Name    string        `yaml:"name"`
	Context ContextConfig `yaml:"context"`
}

// A ContextConfig joins a cluster and a user.
type ContextConfig struct {
	Cluster    string `yaml:"cluster"`
	User       string `yaml:"user"`
	Namespace  string `yaml:"namespace"`
	Extensions any    `yaml:"extensions"`
}

// ParseKubeConfig reads a kubeconfig strictly, with the place of every mistake.
func ParseKubeConfig(file string, data []byte) (KubeConfig, error) {
	var k KubeConfig
	_, problems := yamltext.Decode(data, &k)
	if err := yamltext.Err(file, problems); err != nil {
		return KubeConfig{}, err
	}
	return k, nil
}

// YAML returns the text of the file, which holds the user's credentials. It is
// written with mode 0600.
func (k KubeConfig) YAML() (groundway.Secret, error) {
	text, err := yamltext.Encode(func(groundway.Secret) bool { return true }, k)
	return groundway.NewSecret(string(text)), err
}

// execVersion is that of all plug-ins here; v1 asks for the interactive mode.
const execVersion = "client.authentication.k8s.io/v1"

// NewKubeConfig returns a kubeconfig with one cluster and one user.
func NewKubeConfig(name string, m identity.Model, user string, u UserConfig) (KubeConfig, error) {
	switch {
	case name == "" || user == "":
		return KubeConfig{}, errors.New("write kubeconfig: the cluster or the user has no name")
	case m.Server == "":
		return KubeConfig{}, errors.New("write kubeconfig: the model has no server")
	}
	return KubeConfig{
		APIVersion: "v1", Kind: "Config",
		Clusters:       []NamedCluster{{name, ClusterConfig{Server: m.Server, CertificateAuthorityData: m.ServerCA}}},
		Users:          []NamedUser{{user, u}},
		Contexts:       []NamedContext{{user + "@" + name, ContextConfig{Cluster: name, User: user}}},
		CurrentContext: user + "@" + name,
	}, nil
}

// EKSUser logs in by "aws eks get-token": a token of AWS's own, good for 15 minutes,
// of whoever the AWS CLI is. Region and role may be empty.
func EKSUser(cluster, region, role string) UserConfig {
	args := []string{"eks", "get-token", "--cluster-name", cluster, "--output", "json"}
	if region != "" {
		args = append([]string{"--region", region}, args...)
	}
	if role != "" {
		args = append(args, "--role-arn", role)
	}
	return UserConfig{Exec: &Exec{APIVersion: execVersion, Command: "aws", Args: args, InteractiveMode: "IfAvailable", InstallHint: "Install the AWS CLI: https://docs.aws.amazon.com/cli/"}}
}

// AuthenticatorUser logs in by aws-iam-authenticator, whose token is the same.
func AuthenticatorUser(cluster, role string) UserConfig {
	args := []string{"token", "-i", cluster}
	if role != "" {
		args = append(args, "-r", role)
	}
	return UserConfig{Exec: &Exec{APIVersion: execVersion, Command: "aws-iam-authenticator", Args: args, InteractiveMode: "IfAvailable", InstallHint: "Install aws-iam-authenticator: https://github.com/kubernetes-sigs/aws-iam-authenticator"}}
}

// OIDCUser logs in at the issuer of the model by "kubectl oidc-login", as one of its
// audiences that is a public client: the plug-in would print the secret of another
// one to whoever lists processes. It asks for the scopes of the claims that the API
// server maps. caFile holds the authority of the issuer, if the model has one; a
// device is a machine without a browser.
func OIDCUser(m identity.Model, clientID, caFile string, device bool) (UserConfig, error) {
	if err := m.Check(); err != nil {
		return UserConfig{}, fmt.Errorf("write login: %w", err)
	}
	var public, audience bool
	for _, c := range m.Clients {
		public = public || c.ID == clientID && c.Public
	}
	for _, a := range m.Audiences {
		audience = audience || a == clientID
	}
	switch {
	case !audience:
		return UserConfig{}, fmt.Errorf("write login: %q is no audience of the API server", clientID)
	case !public:
		return UserConfig{}, fmt.Errorf("write login: the client %q is not public", clientID)
	case m.CA != nil && caFile == "":
		return UserConfig{}, errors.New("write login: the model has an authority, and no file is named for it")
	}
	args := []string{"oidc-login", "get-token", "--oidc-issuer-url=" + m.Issuer, "--oidc-client-id=" + clientID}
	for _, scope := range scopesOf(m.Claims) {
		args = append(args, "--oidc-extra-scope="+scope)
	}
	if caFile != "" {
		args = append(args, "--certificate-authority="+caFile)
	}
	if device {
		args = append(args, "--grant-type=device-code")
	}
	return UserConfig{Exec: &Exec{APIVersion: execVersion, Command: "kubectl", Args: args, InteractiveMode: "IfAvailable", InstallHint: "Install kubelogin: kubectl krew install oidc-login"}}, nil
}

// scopesOf are what a login asks dex for. offline_access gives a refresh token.
func scopesOf(c identity.Claims) []string {
	list := []string{"offline_access", "email"}
	if c.Username != "email" && c.Username != "sub" || c.Groups != "" {
		list = append(list, "profile")
	}
	if c.Groups != "" {
		list = append(list, "groups")
	}
	return list
}

// CertificateUser logs in by a client certificate, as PEM.
func CertificateUser(certificate []byte, key groundway.Secret) UserConfig {
	return UserConfig{
		ClientCertificateData: certificate,
		ClientKeyData:         groundway.NewSecret(base64.StdEncoding.EncodeToString([]byte(key.Reveal()))),
	}
}
