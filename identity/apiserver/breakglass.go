package apiserver

import (
	"bytes"
	"cmp"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/groundway-sdk/groundway/identity"
	"github.com/groundway-sdk/groundway/internal/yamltext"
	"github.com/groundway-sdk/groundway/pki"
)

// BreakGlassOptions say for whom a way in is made, and for how long.
type BreakGlassOptions struct {
	Time    time.Time // now; required
	Cluster string    // its name in the kubeconfig; required
	Model   identity.Model
	// User is who takes the way in: a name that shows in the audit log. Required.
	User string
	// Group has the power, by the binding; empty is break-glass. It is not one of
	// Kubernetes' own: no binding takes away what system:masters may.
	Group string
	// Validity is how long the certificate is good; zero is 4 h, and a day is the
	// most. Nothing revokes it but deleting the binding.
	Validity time.Duration
	// Trusts are the texts of --client-ca-file, PEM: the current one first, and
	// while authorities are rotated the next one. The certificate must be good
	// under all of them. At least one is required.
	Trusts [][]byte
	// Algorithm of the key; zero is ECDSA P-256.
	Algorithm pki.Algorithm
}

// A BreakGlass is a way in that needs no dex: a kubeconfig with a client certificate
// of its own group, and the binding that gives the group its power. Deleting the
// binding cuts all of them off.
type BreakGlass struct {
	KubeConfig KubeConfig
	Binding    []byte // a ClusterRoleBinding, as YAML
	Ends       time.Time
}

const (
	defaultGroup    = "break-glass"
	defaultValidity = 4 * time.Hour
	maxValidity     = 24 * time.Hour
)

// NewBreakGlass makes a way in for the day on which dex is down. The certificate is
// verified under every text of Trusts before anything is returned: one that the API
// server will not take is an error today, and not on that day.
func NewBreakGlass(issuer pki.Issuer, o BreakGlassOptions) (BreakGlass, error) {
	fail := func(err error) (BreakGlass, error) { return BreakGlass{}, fmt.Errorf("make break-glass: %w", err) }
	o.Group, o.Validity = cmp.Or(o.Group, defaultGroup), cmp.Or(o.Validity, defaultValidity)
	o.Algorithm = cmp.Or(o.Algorithm, pki.ECDSAP256)
	switch {
	case o.Time.IsZero():
		return fail(errors.New("no time given"))
	case o.User == "" || o.Cluster == "":
		return fail(errors.New("the user or the cluster has no name"))
	case strings.HasPrefix(o.Group, "system:"), strings.HasPrefix(o.User, "system:"):
		return fail(fmt.Errorf("the user %q of the group %q: names of system: are Kubernetes' own, and no binding takes away what system:masters may", o.User, o.Group))
	case o.Validity < 0 || o.Validity > maxValidity:
		return fail(fmt.Errorf("a validity of %s: want %s or less", o.Validity, maxValidity))
	case len(o.Trusts) == 0:
		return fail(errors.New("no client authority given to verify it by"))
	}
	key, err := pki.GenerateKey(o.Algorithm)
	if err != nil {
		return fail(err)
	}
	chain, err := issuer.Sign(pki.Certificate{
		ID: "break-glass", Subject: pki.Name{CommonName: o.User, Organizations: []string{o.Group}},
		ExtKeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, Algorithm: o.Algorithm, Validity: o.Validity,
	}, key.Public(), pki.IssueOptions{Time: o.Time, Backdate: 5 * time.Minute})
	if err != nil {
		return fail(err)
	}
	if want := o.Time.Add(o.Validity).Truncate(time.Second); chain[0].NotAfter.Before(want) {
		return fail(fmt.Errorf("the authority ends on %s, before the certificate would", chain[0].NotAfter.UTC().Format(time.RFC3339)))
	}
	for i, trust := range o.Trusts {
		if err := verifies(trust, chain, o.Time); err != nil {
			return fail(fmt.Errorf("client authority %d does not verify the certificate: %w", i+1, err))
		}
	}
	var text bytes.Buffer
	for _, c := range chain {
		if err := pem.Encode(&text, &pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}); err != nil {
			return fail(err)
		}
	}
	private, err := key.PEM()
	if err != nil {
		return fail(err)
	}
	config, err := NewKubeConfig(o.Cluster, o.Model, o.User, CertificateUser(text.Bytes(), private))
	if err != nil {
		return fail(err)
	}
	binding, err := breakGlassBinding(o.Group)
	if err != nil {
		return fail(err)
	}
	return BreakGlass{config, binding, chain[0].NotAfter}, nil
}

// verifies does what the API server does with a client certificate.
func verifies(trust []byte, chain []*x509.Certificate, at time.Time) error {
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	if !roots.AppendCertsFromPEM(trust) {
		return errors.New("it has no certificate")
	}
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	_, err := chain[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	return err
}

func breakGlassBinding(group string) ([]byte, error) {
	const rbac = "rbac.authorization.k8s.io"
	return yamltext.Encode(nil, map[string]any{
		"apiVersion": rbac + "/v1", "kind": "ClusterRoleBinding", "metadata": map[string]any{"name": group},
		"roleRef":  map[string]any{"apiGroup": rbac, "kind": "ClusterRole", "name": "cluster-admin"},
		"subjects": []map[string]any{{"apiGroup": rbac, "kind": "Group", "name": group}},
	})
}

// DropCommand returns the command that ends every way in of a group.
func DropCommand(group string) []string {
	return []string{"kubectl", "delete", "clusterrolebinding", cmp.Or(group, defaultGroup)}
}
