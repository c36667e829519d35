package identity

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4/json"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/verdict"
)

// A PullSecret is what opens registries of images: the file that docker login
// writes, which Kubernetes keeps as kubernetes.io/dockerconfigjson.
type PullSecret struct {
	Auths map[string]RegistryAuth // by registry, as the file names it
}

// RegistryAuth opens a registry.
type RegistryAuth struct {
	Username string
	Password groundway.Secret
}

// ParsePullSecret reads a file of registry credentials. Other keys are passed over,
// but for those by which the credentials are elsewhere, in a helper or a store,
// where nodes cannot read them. Errors repeat nothing of the file but the names of
// registries.
//
// https://kubernetes.io/docs/tasks/configure-pod-container/pull-image-private-registry/
func ParsePullSecret(text groundway.Secret) (PullSecret, error) {
	p, err := parsePullSecret([]byte(text.Reveal()))
	if err != nil {
		return PullSecret{}, fmt.Errorf("parse pull secret: %w", err)
	}
	return p, nil
}

func parsePullSecret(data []byte) (PullSecret, error) {
	const most = 1 << 20 // what a Secret holds
	data = bytes.TrimPrefix(bytes.TrimSpace(data), []byte("\xef\xbb\xbf"))
	switch {
	case len(data) == 0:
		return PullSecret{}, errors.New("it is empty")
	case len(data) > most:
		return PullSecret{}, errors.New("it is over 1 MiB, which no Secret holds")
	case data[0] != '{':
		return PullSecret{}, errors.New("it is not a JSON object")
	}
	var file struct {
		Auths *map[string]struct {
			Auth          string `json:"auth"`
			Username      string `json:"username"`
			Password      string `json:"password"`
			IdentityToken string `json:"identitytoken"`
		} `json:"auths"`
		Store   string           `json:"credsStore"`
		Helpers *json.RawMessage `json:"credHelpers"`
	}
	d := json.NewDecoder(bytes.NewReader(data))
	if err := d.Decode(&file); err != nil {
		return PullSecret{}, errors.New("it is not JSON of this form, it ends early, or a name stands in it twice")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return PullSecret{}, errors.New("something follows the JSON object")
	}
	elsewhere := file.Store != "" || file.Helpers != nil
	switch {
	case file.Auths == nil && elsewhere:
		return PullSecret{}, errors.New("its credentials are in a store of this machine, where nodes cannot read them")
	case file.Auths == nil:
		return PullSecret{}, errors.New("it has no object \"auths\"")
	case len(*file.Auths) == 0:
		return PullSecret{}, errors.New("it names no registry")
	}
	p := PullSecret{Auths: map[string]RegistryAuth{}}
	for _, registry := range slices.Sorted(maps.Keys(*file.Auths)) {
		a := (*file.Auths)[registry]
		user, password := a.Username, a.Password
		switch {
		case a.Auth != "":
			raw, err := base64.StdEncoding.DecodeString(a.Auth)
			if err != nil {
				return PullSecret{}, fmt.Errorf("the auth of %q is not base64", registry)
			}
			var ok bool
			if user, password, ok = strings.Cut(string(raw), ":"); !ok {
				return PullSecret{}, fmt.Errorf("the auth of %q is not a user and a password with a colon between", registry)
			}
		case a.IdentityToken != "":
			password = a.IdentityToken
		case user == "" && password == "" && elsewhere:
			return PullSecret{}, fmt.Errorf("the credentials of %q are in a store of this machine, where nodes cannot read them", registry)
		}
		if user == "" && a.IdentityToken == "" || password == "" {
			return PullSecret{}, fmt.Errorf("%q has no user or no password", registry)
		}
		p.Auths[registry] = RegistryAuth{user, groundway.NewSecret(strings.TrimRight(password, "\x00"))}
	}
	return p, nil
}

// Opens reports whether there are credentials for all of a registry, or for what is
// below a path of it, "quay.io/acme": as the kubelet looks for them. The file may have
// them for a host, with a port or stars in place of labels, and for a path.
//
// https://kubernetes.io/docs/concepts/containers/images/#config-json
func (p PullSecret) Opens(registry string) bool {
	host, below := splitRegistry(strings.TrimRight(registry, "/") + "/")
	for name := range p.Auths {
		opened, from := splitRegistry(name)
		if matchesHost(opened, host) && (from == "" || below == from || strings.HasPrefix(below, from+"/")) {
			return true
		}
	}
	return false
}

// splitRegistry returns the host of a registry, with its port, and the path. The names
// of Docker Hub are one, and the versions of its interface no path.
func splitRegistry(name string) (host, path string) {
	if _, rest, ok := strings.Cut(name, "://"); ok {
		name = rest
	}
	host, path, _ = strings.Cut(name, "/")
	for _, version := range []string{"v1/", "v2/"} {
		if rest, ok := strings.CutPrefix(path, version); ok {
			path = rest
			break
		}
	}
	switch host = strings.ToLower(host); host {
	case "index.docker.io", "registry-1.docker.io":
		host = "docker.io"
	}
	return host, strings.Trim(path, "/")
}

// matchesHost reports whether a host with stars stands for another, label by label.
func matchesHost(pattern, host string) bool {
	patterns, labels := strings.Split(pattern, "."), strings.Split(host, ".")
	if len(patterns) != len(labels) {
		return false
	}
	for i, p := range patterns {
		if ok, err := path.Match(p, labels[i]); err != nil || !ok {
			return false
		}
	}
	return true
}

// given reports whether there is a text, and records what it means if there is none.
func (k *credentialChecker) given(code groundway.Code, at, what string, t SecretText) bool {
	switch {
	case t.Unseen != "":
		k.Unseen(code, at, t.Unseen)
	case t.Missing != "":
		k.Fail(verdict.Fault{
			Code: code, Path: at, Want: "a " + what, Summary: fmt.Sprintf("The %s %s was not read: %s.", what, t.Name, t.Missing),
		})
	default:
		return true
	}
	return false
}

func checkPullSecret(k *credentialChecker) {
	secret := k.o.PullSecret
	if secret == nil {
		return
	}
	k.Source = "caller"
	at := groundway.Pointer(secret.Name)
	if !k.given(codePullSecret, at, "pull secret", *secret) {
		return
	}
	p, err := ParsePullSecret(secret.Text)
	if err != nil {
		k.Fail(verdict.Fault{
			Code: codePullSecret, Path: at, Got: err.Error(), Want: "JSON with an object \"auths\"",
			Summary: fmt.Sprintf("The pull secret %s cannot be used: %s.", secret.Name, strings.TrimPrefix(err.Error(), "parse pull secret: ")),
		})
		return
	}
	var missing []string
	for _, r := range k.o.Registries {
		if !p.Opens(r) {
			missing = append(missing, r)
		}
	}
	k.Require(missing == nil, verdict.Fault{
		Code: codePullSecret, Path: at, Got: strings.Join(slices.Sorted(maps.Keys(p.Auths)), ", "), Want: strings.Join(missing, ", "),
		Summary: fmt.Sprintf("The pull secret %s has no credentials for %s.", secret.Name, strings.Join(missing, " and ")),
	})
}

// checkLicense says only whether there is one: the product alone can verify it.
func checkLicense(k *credentialChecker) {
	license := k.o.License
	if license == nil {
		return
	}
	k.Source = "caller"
	if !k.given(codeLicense, groundway.Pointer(license.Name), "licence", *license) {
		return
	}
	f := verdict.Fault{
		Code: codeLicense, Path: groundway.Pointer(license.Name), Want: "a licence",
		Got: "nothing", Summary: fmt.Sprintf("The licence %s is empty.", license.Name),
	}
	text := strings.TrimSpace(license.Text.Reveal())
	_, err := parsePullSecret([]byte(text))
	if err == nil {
		f.Got, f.Summary = "a pull secret", fmt.Sprintf("The licence %s is a pull secret.", license.Name)
	}
	k.Require(text != "" && err != nil, f)
}
