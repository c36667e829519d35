package dex_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/identity/dex"
)

// A row that is judged by what surrounds it.
type row struct {
	name    string
	config  dex.Config
	options dex.LintOptions
	fails   []string
	passes  []string
}

// An authority signs what the rows show.
type authority struct {
	certificate *x509.Certificate
	key         crypto.Signer
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	return key
}

// issue returns a certificate as PEM, changed by edit; by nil it signs itself.
func issue(t *testing.T, by *authority, key crypto.Signer, edit func(*x509.Certificate)) ([]byte, *authority) {
	t.Helper()
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1 << 60), Subject: pkix.Name{CommonName: "identity"}, DNSNames: []string{"identity.example.com"},
		NotBefore: noon.Add(-time.Hour), NotAfter: noon.Add(time.Hour), BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if edit != nil {
		edit(c)
	}
	parent, signer := c, key
	if by != nil {
		parent, signer = by.certificate, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, key.Public(), signer)
	require.NoError(t, err)
	made, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), &authority{made, key}
}

func asCA(c *x509.Certificate) {
	c.Subject.CommonName, c.DNSNames, c.ExtKeyUsage = "kube-ca", nil, nil
	c.IsCA, c.KeyUsage = true, x509.KeyUsageCertSign
}

func otherRows(t *testing.T) []row {
	t.Helper()
	key := newKey(t)
	caPEM, ca := issue(t, nil, key, asCA)
	otherPEM, _ := issue(t, nil, newKey(t), asCA)
	client, _ := issue(t, ca, newKey(t), nil)
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	require.NoError(t, err)
	expired := func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = noon.Add(-48*time.Hour), noon.Add(-24*time.Hour)
	}

	config := dex.Config{
		Issuer: "https://console.example.com/identity", Storage: dex.Storage{Config: dex.KubernetesStorage{InCluster: true}},
		Web:  dex.Web{HTTP: "0.0.0.0:5556"},
		GRPC: dex.GRPC{Addr: "0.0.0.0:5557", TLSCert: "tls.crt", TLSKey: "tls.key", TLSClientCA: "ca.crt"}, EnablePasswordDB: true,
	}
	options := func(crt, ca []byte, edit func(*dex.LintOptions)) dex.LintOptions {
		o := dex.LintOptions{
			Time: noon, Hosts: []string{"console.example.com"}, GRPCHost: "identity.example.com",
			Files: map[string][]byte{"tls.crt": crt, "ca.crt": ca}, GRPCClient: client,
		}
		if edit != nil {
			edit(&o)
		}
		return o
	}
	server := func(key crypto.Signer, edit func(*x509.Certificate)) []byte {
		text, _ := issue(t, ca, key, edit)
		return text
	}
	good := server(newKey(t), nil)
	with := func(edit func(*dex.Config)) dex.Config {
		c := config
		edit(&c)
		return c
	}
	connector := func(c dex.ConnectorConfig) dex.Config {
		return with(func(config *dex.Config) { config.Connectors = []dex.Connector{{ID: "a", Name: "A", Config: c}} })
	}
	saml := dex.SAML{SSOURL: "https://saml.example.com", UsernameAttr: "name", EmailAttr: "email", RedirectURI: "https://console.example.com/identity/callback"}
	samlWith := func(ca []byte) dex.Config {
		s := saml
		s.CAData = ca
		return connector(s)
	}
	expiredCA, _ := issue(t, nil, newKey(t), func(c *x509.Certificate) { asCA(c); expired(c) })
	list := func(codes ...string) []string { return codes }

	return []row{
		{"a good certificate", config, options(good, caPEM, nil), nil, list(
			"certificate-time", "certificate-name", "certificate-usage", "certificate-weak", "certificate-authority",
			"client-ca-unusable", "client-ca-other", "grpc-open", "grpc-plaintext", "storage-memory",
		)},
		{"nothing is known", config, dex.LintOptions{}, nil, nil},
		{"no time", config, options(good, caPEM, func(o *dex.LintOptions) { o.Time = time.Time{} }), nil, nil},
		{"no client", config, options(good, caPEM, func(o *dex.LintOptions) { o.GRPCClient = nil }), nil, nil},
		{"no host", config, options(good, caPEM, func(o *dex.LintOptions) { o.GRPCHost = "" }), nil, nil},
		{"no client authority", with(func(c *dex.Config) { c.GRPC.TLSClientCA = "" }), options(good, caPEM, nil), list("grpc-open"), nil},
		{"a certificate that ended", config, options(server(newKey(t), expired), caPEM, nil), list("certificate-time"), nil},
		{"a certificate to come", config, options(server(newKey(t), func(c *x509.Certificate) {
			c.NotBefore, c.NotAfter = noon.Add(time.Hour), noon.Add(2*time.Hour)
		}), caPEM, nil), list("certificate-time"), nil},
		{"a common name alone", config, options(server(newKey(t), func(c *x509.Certificate) { c.DNSNames = nil }), caPEM, nil), list("certificate-name"), nil},
		{"another name", config, options(server(newKey(t), func(c *x509.Certificate) { c.DNSNames = []string{"other.example.com"} }), caPEM, nil), list("certificate-name"), nil},
		{"a client's certificate", config, options(server(newKey(t), func(c *x509.Certificate) {
			c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
		}), caPEM, nil), list("certificate-usage"), nil},
		{"no usage at all", config, options(server(newKey(t), func(c *x509.Certificate) { c.ExtKeyUsage = nil }), caPEM, nil), nil, list("certificate-usage")},
		{"RSA of 1024 bits", config, options(server(small, nil), caPEM, nil), list("certificate-weak"), nil},
		{"an authority that serves", config, options(caPEM, caPEM, nil), list("certificate-authority"), nil},
		{"no certificate at all", config, options([]byte("garbage"), caPEM, nil), list("value-refused"), nil},
		{"another client authority", config, options(good, otherPEM, nil), list("client-ca-other"), nil},
		{"a leaf for a client authority", config, options(good, good, nil), list("client-ca-unusable"), nil},
		{"a broken block behind a good one", config, options(good, append(append([]byte{}, caPEM...), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"...), nil), list("client-ca-unusable"), nil},
		{"an authority that may not sign", config, options(good, func() []byte {
			text, _ := issue(t, nil, newKey(t), func(c *x509.Certificate) { asCA(c); c.KeyUsage = x509.KeyUsageCRLSign })
			return text
		}(), nil), list("client-ca-unusable"), nil},
		{"HTTPS for another host", with(func(c *dex.Config) {
			c.Web = dex.Web{HTTPS: "0.0.0.0:5554", TLSCert: "tls.crt", TLSKey: "tls.key"}
		}), options(good, caPEM, nil), list("certificate-name"), nil},

		{"SAML", samlWith(caPEM), options(good, caPEM, nil), nil, list("connector-saml-unsigned", "connector-ca-expired", "connector-broken", "connector-redirect", "connector-test")},
		{"SAML with an authority that ended", samlWith(expiredCA), options(good, caPEM, nil), list("connector-ca-expired"), nil},
		{"SAML with an authority that is none", samlWith([]byte("garbage")), options(good, caPEM, nil), list("connector-broken"), nil},
		{"SAML with an authority that was not given", connector(func() dex.SAML { s := saml; s.CA = "saml.crt"; return s }()), options(good, caPEM, nil), nil, nil},
		{
			"a redirect in the environment", connector(dex.GitHub{ClientID: "a", ClientSecret: groundway.NewSecret("$SECRET"), RedirectURI: "$REDIRECT", Orgs: []dex.GitHubOrg{{Name: "example"}}}),
			options(good, caPEM, func(o *dex.LintOptions) { o.Environment = map[string]bool{"SECRET": true, "REDIRECT": true} }), nil, list("env-unset", "env-stray-dollar", "connector-open"),
		},
		{"a filter in the environment", connector(dex.LDAP{Host: "ldap.example.com", UserSearch: dex.LDAPUserSearch{BaseDN: "dc=example", Username: "uid", Filter: "$FILTER"}}), options(good, caPEM, nil), nil, nil},
		{"an issuer in the environment", connector(dex.OIDC{Issuer: "$ISSUER", ClientID: "a", ClientSecret: groundway.NewSecret("s")}), options(good, caPEM, nil), nil, nil},
		{"SAML with a broken block", samlWith(append(append([]byte{}, caPEM...), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"...)), options(good, caPEM, nil), list("connector-broken"), nil},
		{"a hash in the environment", with(func(c *dex.Config) {
			c.StaticPasswords = []dex.Password{{Email: "jane@example.com", HashFromEnv: "HASH", UserID: "1", Username: "jane"}}
		}), options(good, caPEM, nil), nil, nil},
		{"clients in the environment", with(func(c *dex.Config) {
			c.StaticClients = []dex.Client{{IDEnv: "ID", SecretEnv: "SECRET", Name: "a", TrustedPeers: []string{"b"}, RedirectURIs: []string{"https://a.example.com"}}}
		}), options(good, caPEM, nil), nil, nil},
		{"Vault in the environment", with(func(c *dex.Config) {
			c.Signer.Config = dex.VaultSigner{Addr: "$VAULT", KeyName: "dex", Token: groundway.NewSecret("t")}
		}), options(good, caPEM, nil), nil, nil},
		{"Vault", with(func(c *dex.Config) {
			c.Signer.Config = dex.VaultSigner{Addr: "https://vault.example.com", KeyName: "dex", Token: groundway.NewSecret("t")}
		}), options(good, caPEM, nil), nil, list("signer-vault-incomplete")},
		{"one instance in memory", with(func(c *dex.Config) { c.Storage.Config = dex.MemoryStorage{} }), options(good, caPEM, func(o *dex.LintOptions) { o.Replicas = 1 }), list("storage-memory"), nil},
	}
}
