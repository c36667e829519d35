package dex

import (
	"cmp"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/yamltext"
)

// A Rendered configuration is what dex is started with: a text without a secret,
// and the secrets as environment variables, to which the text refers.
type Rendered struct {
	Config  []byte // of a ConfigMap: config.yaml
	Secrets map[string]groundway.Secret
}

// Render writes the configuration so that dex reads back what it holds. Secrets
// leave it: that of a client by secretEnv, the hash of a password by hashFromEnv,
// and those of connectors, the storage and the signer by $NAME. A secret that is
// such a reference already, and nothing else, stays in the text. Names follow from
// the place: DEX_CLIENT_TECTONIC_CONSOLE_SECRET. Two places with one name, or a
// text of a connector that dex would expand by mistake, are an error.
func Render(c Config) (Rendered, error) {
	r := Rendered{Secrets: map[string]groundway.Secret{}}
	c = c.clone()
	for i := range c.StaticClients {
		client := &c.StaticClients[i]
		if client.Secret.IsZero() {
			continue
		}
		if client.SecretEnv != "" {
			return Rendered{}, fmt.Errorf("render client %q: it has both secret and secretEnv", client.ID)
		}
		name, err := r.put("CLIENT_"+cmp.Or(client.ID, client.IDEnv)+"_SECRET", client.Secret)
		if err != nil {
			return Rendered{}, err
		}
		client.Secret, client.SecretEnv = groundway.Secret{}, name
	}
	for i := range c.StaticPasswords {
		p := &c.StaticPasswords[i]
		if p.Hash.IsZero() {
			continue
		}
		name, err := r.put("PASSWORD_"+cmp.Or(p.Email, strconv.Itoa(i))+"_HASH", p.Hash)
		if err != nil {
			return Rendered{}, err
		}
		// The variable is only read where there is no hash.
		p.Hash, p.HashFromEnv = groundway.Secret{}, name
	}
	var err error
	if c.Storage.Config, err = hide(&r, "STORAGE", c.Storage.Config); err != nil {
		return Rendered{}, err
	}
	if c.Signer.Config, err = hide(&r, "SIGNER", c.Signer.Config); err != nil {
		return Rendered{}, err
	}
	for i := range c.Connectors {
		connector := &c.Connectors[i]
		if connector.Config, err = hide(&r, "CONNECTOR_"+connector.ID, connector.Config); err != nil {
			return Rendered{}, err
		}
	}
	if r.Config, err = yamltext.Encode(isReference, c); err != nil {
		return Rendered{}, fmt.Errorf("render configuration: %w", err)
	}
	if len(r.Secrets) == 0 {
		r.Secrets = nil
	}
	return r, nil
}

func (r *Rendered) put(place string, s groundway.Secret) (string, error) {
	name := envName(place)
	if _, taken := r.Secrets[name]; taken {
		return "", fmt.Errorf("render configuration: two secrets would both be %s", name)
	}
	r.Secrets[name] = s
	return name, nil
}

// envName makes a name of an environment variable.
func envName(place string) string {
	var b strings.Builder
	b.WriteString("DEX_")
	for _, r := range strings.ToUpper(place) {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			b.WriteRune(r)
		} else {
			b.WriteByte('_')
		}
	}
	return b.String()
}

// hide replaces the secrets of a union's member by references.
func hide[T any](r *Rendered, place string, config T) (T, error) {
	v := reflect.ValueOf(config)
	if !v.IsValid() {
		return config, nil
	}
	fresh := reflect.New(v.Type()).Elem()
	fresh.Set(v)
	for i := range fresh.NumField() {
		f, key := fresh.Field(i), v.Type().Field(i).Tag.Get("yaml")
		s, ok := f.Interface().(groundway.Secret)
		if !ok || s.IsZero() {
			continue
		}
		if isReference(s) {
			continue
		}
		name, err := r.put(place+"_"+snake(key), s)
		if err != nil {
			return config, err
		}
		f.Set(reflect.ValueOf(groundway.NewSecret("$" + name)))
	}
	if err := unexpanded(fresh, ""); err != nil {
		return config, fmt.Errorf("render %s: %w", groundway.Visible(strings.ToLower(place)), err)
	}
	return fresh.Interface().(T), nil
}

// isReference reports whether a secret is the name of where it stands.
func isReference(s groundway.Secret) bool {
	names := references(s.Reveal())
	return len(names) == 1 && !hasStray(s.Reveal()) && (s.Reveal() == "$"+names[0] || s.Reveal() == "${"+names[0]+"}")
}

// unexpanded refuses a dollar that begins no reference, which dex would cut out: it
// has no way to write one.
func unexpanded(v reflect.Value, path string) error {
	var err error
	texts(v, path, func(path, text string) {
		if err == nil && strings.Contains(text, "$") && hasStray(text) {
			err = fmt.Errorf("%s has a dollar that dex would cut out; set DEX_EXPAND_ENV to false and write it without Render", path)
		}
	})
	return err
}

// snake turns clientSecret into CLIENT_SECRET.
func snake(key string) string {
	var b strings.Builder
	for i, r := range key {
		if i > 0 && r >= 'A' && r <= 'Z' && key[i-1] >= 'a' && key[i-1] <= 'z' {
			b.WriteByte('_')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// clone copies what Render changes.
func (c Config) clone() Config {
	c.StaticClients = append([]Client(nil), c.StaticClients...)
	c.StaticPasswords = append([]Password(nil), c.StaticPasswords...)
	c.Connectors = append([]Connector(nil), c.Connectors...)
	return c
}
