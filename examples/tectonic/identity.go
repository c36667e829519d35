package main

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/examples/install"
	"github.com/groundway-sdk/groundway/identity"
	"github.com/groundway-sdk/groundway/identity/apiserver"
	"github.com/groundway-sdk/groundway/identity/dex"
	"github.com/groundway-sdk/groundway/identity/failure"
	"github.com/groundway-sdk/groundway/internal/yamltext"
	"github.com/groundway-sdk/groundway/pki"
)

// dexImage is the release that the packages of identity are tested with.
const dexImage = "ghcr.io/dexidp/dex:v2.45.1"

// The files of the machine of an API server.
const (
	secrets     = "/etc/kubernetes/secrets"
	ingressFile = secrets + "/ingress-ca.crt"
	signingFile = secrets + "/service-account.key"
	publicFile  = secrets + "/service-account.pub"
)

// identity makes what dex, the API server and people are given, of one model, and
// says what an outage of dex would come to.
func (c *cluster) identity() error {
	pems, err := c.pems()
	if err != nil {
		return err
	}
	console, err := c.secret("auth/console-secret", "what the console and dex share")
	if err != nil {
		return err
	}
	hash, err := c.password()
	if err != nil {
		return err
	}
	o := dex.TectonicOptions{
		ConsoleHost: c.console.String(), ConsoleSecret: console, CA: pems.ingressCA,
		AdminEmail: c.Spec.Tectonic.AdminEmail, AdminHash: hash, AdminID: uid(c.Spec.Cluster, c.Spec.Tectonic.AdminEmail),
	}
	model := dex.TectonicModel(o)
	model.Server, model.ServerCA = "https://"+c.api.String(), pems.kubeCA
	if err := model.Check(); err != nil {
		return err
	}
	config := dex.Tectonic(o)
	replicas := cmp.Or(c.Spec.Tectonic.Replicas, 2)
	if err := c.dex(config, replicas, pems); err != nil {
		return err
	}
	api, err := c.apiserver(model, pems)
	if err != nil {
		return err
	}
	people, ends, err := c.people(model, pems)
	if err != nil {
		return err
	}
	sides := append(api, config.Side(), people)
	c.Find(identity.Check(identity.CheckOptions{Ingress: pems.ingress, Time: c.Time}, sides...)...)
	return c.failure(config, replicas, ends)
}

// pems are the certificates that others than their owners read.
type pems struct{ kubeCA, ingressCA, ingress, ingressKey, grpcServer, grpcKey, grpcClient, grpcClientKey, servicePublic, serviceKey []byte }

func (c *cluster) pems() (p pems, err error) {
	for _, part := range []struct {
		to   *[]byte
		id   pki.ID
		part pki.Part
	}{
		{&p.kubeCA, pki.KubeCA, pki.PartCertificate},
		{&p.ingressCA, pki.IngressCA, pki.PartCertificate},
		{&p.ingress, pki.IngressServer, pki.PartCertificate},
		{&p.ingressKey, pki.IngressServer, pki.PartKey},
		{&p.grpcClientKey, pki.IdentityClient, pki.PartKey},
		{&p.grpcServer, pki.IdentityServer, pki.PartCertificate},
		{&p.grpcKey, pki.IdentityServer, pki.PartKey},
		{&p.grpcClient, pki.IdentityClient, pki.PartCertificate},
		{&p.servicePublic, pki.ServiceAccount, pki.PartPublicKey},
		{&p.serviceKey, pki.ServiceAccount, pki.PartKey},
	} {
		m, _ := c.bundle.Get(part.id)
		text, err := m.PEM(part.part)
		if err != nil {
			return p, fmt.Errorf("%s of %s: %w", part.part, part.id, err)
		}
		*part.to = []byte(text.Reveal())
	}
	return p, nil
}

// secret is a random one, made once.
func (c *cluster) secret(path, what string) (groundway.Secret, error) {
	data, err := c.Files.Keep(path, what, func(data []byte) error {
		if text := strings.TrimSpace(string(data)); len(text) < 20 || len(text) > 100 || strings.ContainsAny(text, " \t\r\n$") {
			return errors.New("it holds no secret of 20 to 100 characters")
		}
		return nil
	}, func() ([]byte, error) { return []byte(rand.Text() + "\n"), nil })
	return groundway.NewSecret(strings.TrimSpace(string(data))), err
}

// password returns the hash of the administrator's password. Both are made once:
// bcrypt gives another hash each time.
func (c *cluster) password() (groundway.Secret, error) {
	password, err := c.secret("auth/admin-password", "of "+c.Spec.Tectonic.AdminEmail+", for the first login")
	if err != nil {
		return groundway.Secret{}, err
	}
	hash, err := c.Files.Keep("auth/admin-password.bcrypt", "what dex is given of it", func(data []byte) error {
		if bcrypt.CompareHashAndPassword(bytes.TrimSpace(data), []byte(password.Reveal())) != nil {
			return errors.New("it is no hash of the password beside it")
		}
		return nil
	}, func() ([]byte, error) {
		h, err := bcrypt.GenerateFromPassword([]byte(password.Reveal()), bcrypt.DefaultCost)
		return append(h, '\n'), err
	})
	return groundway.NewSecret(string(bytes.TrimSpace(hash))), err
}

func (c *cluster) dex(config dex.Config, replicas int, p pems) error {
	revision := sha256.Sum256(slices.Concat(p.grpcServer, p.kubeCA))
	objects, err := dex.Objects(config, dex.DeploymentOptions{
		Image: dexImage, Replicas: replicas, GRPCSecret: grpcServerSecret, TLSSecret: ingressSecret, Revision: hex.EncodeToString(revision[:8]),
	})
	if err != nil {
		return err
	}
	if err := c.tlsSecrets(p); err != nil {
		return err
	}
	text := dex.Text(objects)
	c.Files.Put("manifests/identity.yaml", "dex and all that it needs", []byte(text.Reveal()))
	rendered, err := dex.Render(config)
	if err != nil {
		return err
	}
	environment := map[string]bool{"KUBERNETES_POD_NAMESPACE": true}
	for _, name := range slices.Collect(maps.Keys(rendered.Secrets)) {
		environment[name] = true
	}
	const dir = "/etc/tls/grpc/server/"
	c.Find(dex.Lint(config, dex.LintOptions{
		Time: c.Time, Replicas: replicas, Hosts: []string{c.console.String()}, Environment: environment,
		GRPCHost:   "tectonic-identity-api.tectonic-system.svc.cluster.local",
		Files:      map[string][]byte{dir + "tls-cert": p.grpcServer, dir + "tls-key": p.grpcKey, dir + "ca-cert": p.kubeCA},
		GRPCClient: p.grpcClient,
	})...)
	return nil
}

// The Secrets of certificates, as Tectonic calls them.
const (
	grpcServerSecret = "tectonic-identity-grpc-server-secret"
	grpcClientSecret = "tectonic-identity-grpc-client-secret"
	ingressSecret    = "tectonic-ingress-tls-secret"
)

// tlsSecrets writes the Secrets that dex, the console and the ingress mount.
func (c *cluster) tlsSecrets(p pems) error {
	type object = map[string]any
	secret := func(name, kind string, data map[string][]byte) object {
		texts := object{}
		for key, value := range data {
			texts[key] = groundway.NewSecret(string(value))
		}
		return object{
			"apiVersion": "v1", "kind": "Secret", "type": kind,
			"metadata": object{"name": name, "namespace": "tectonic-system"}, "stringData": texts,
		}
	}
	text, err := yamltext.Encode(func(groundway.Secret) bool { return true },
		secret(grpcServerSecret, "Opaque", map[string][]byte{"tls-cert": p.grpcServer, "tls-key": p.grpcKey, "ca-cert": p.kubeCA}),
		secret(grpcClientSecret, "Opaque", map[string][]byte{"tls-cert": p.grpcClient, "tls-key": p.grpcClientKey, "ca-cert": p.kubeCA}),
		secret(ingressSecret, "kubernetes.io/tls", map[string][]byte{"tls.crt": p.ingress, "tls.key": p.ingressKey}),
	)
	if err != nil {
		return err
	}
	c.Files.Put("manifests/identity-tls.yaml", "the Secrets with the certificates of dex, the console and the ingress", text)
	return nil
}

// apiserver makes what tells kube-apiserver who people are: as a file, which it
// reads again when it changes, and as the flags of versions before 1.30, which it
// reads at its start.
func (c *cluster) apiserver(m identity.Model, p pems) ([]identity.Side, error) {
	const file = "apiserver/authentication.yaml"
	o := apiserver.FlagsOptions{
		ServiceAccountIssuer:         "https://" + c.api.String(),
		ServiceAccountSigningKeyFile: signingFile, ServiceAccountKeyFiles: []string{publicFile},
	}
	authentication, err := apiserver.NewConfiguration(m)
	if err != nil {
		return nil, err
	}
	text, err := authentication.YAML()
	if err != nil {
		return nil, err
	}
	c.Files.Put(file, "whom kube-apiserver takes, by dex", text)
	flags := apiserver.NewFileFlags("/etc/kubernetes/authentication.yaml", o)
	flags.AnonymousAuth = "false"
	o.CAFile = ingressFile
	older, err := apiserver.NewFlags(m, o)
	if err != nil {
		return nil, err
	}
	older.AnonymousAuth = "false"
	c.Files.Put("apiserver/flags", "of kube-apiserver, a line each", []byte(strings.Join(flags.Args(), "\n")+"\n"))
	c.Files.Put("apiserver/flags-1.29", "the same before 1.30, without the file", []byte(strings.Join(older.Args(), "\n")+"\n"))

	files := map[string][]byte{ingressFile: p.ingressCA, signingFile: p.serviceKey, publicFile: p.servicePublic}
	c.Find(apiserver.LintText(file, text, flags, apiserver.LintOptions{Time: c.Time, Files: files})...)
	side, err := apiserver.SideOfText(file, text, flags)
	if err != nil {
		return nil, err
	}
	return []identity.Side{side, apiserver.Config{Flags: older}.Side("apiserver/flags-1.29", files)}, nil
}

// people makes their kubeconfigs: the login at dex, and the way in that needs none.
func (c *cluster) people(m identity.Model, p pems) (side identity.Side, ends time.Time, err error) {
	// The path is relative to where kubectl is run, for the plug-in knows no other
	// place. Where the directory will be is not known: it can be moved and copied.
	const ca = ingressAuthority
	user, err := apiserver.OIDCUser(m, dex.TectonicKubectl, ca, false)
	if err != nil {
		return side, ends, err
	}
	login, err := apiserver.NewKubeConfig(c.Spec.Cluster, m, "people", user)
	if err != nil {
		return side, ends, err
	}
	text, err := login.YAML()
	if err != nil {
		return side, ends, err
	}
	data := append([]byte(kubeconfigHead), text.Reveal()...)
	c.Files.Put("auth/kubeconfig", "for people, who log in at dex", data)
	files := map[string][]byte{ca: p.ingressCA}
	lint := apiserver.LintOptions{Time: c.Time, Files: files}
	c.Find(apiserver.LintKubeConfigText("auth/kubeconfig", data, lint)...)

	ends, err = c.breakGlass(m, p)
	return login.Side("auth/kubeconfig", files), ends, err
}

const ingressAuthority = "tls/ingress-ca.crt"

// kubeconfigHead says where kubectl has to be run.
const kubeconfigHead = `# Run kubectl in the directory that holds auth and tls: the plug-in looks for
# tls/ingress-ca.crt there. To run it elsewhere, give --certificate-authority the
# whole path of that file, in a copy of this one.
`

const breakGlassFile = "auth/break-glass.kubeconfig"

// breakGlass makes the way in for the day on which dex is down, and makes it anew
// once it has ended. Where the key of the kube authority is elsewhere, so is this.
func (c *cluster) breakGlass(m identity.Model, p pems) (ends time.Time, err error) {
	issuer, err := c.bundle.Issuer(pki.AuthorityKube)
	if err != nil {
		c.Section("Way in that needs no dex")
		c.Line('?', "%v: whoever has it makes the way in", err)
		return ends, nil
	}
	way, err := apiserver.NewBreakGlass(issuer, apiserver.BreakGlassOptions{
		Time: c.Time, Cluster: c.Spec.Cluster, Model: m, User: "break-glass", Validity: 24 * time.Hour, Trusts: [][]byte{p.kubeCA},
	})
	if err != nil {
		return ends, err
	}
	ends = way.Ends
	_, err = c.Files.Keep(breakGlassFile, "the way in that needs no dex, for a day",
		func(data []byte) error {
			until, err := c.breakGlassUntil(data, p.kubeCA)
			if err == nil {
				ends = until
			}
			return err
		},
		func() ([]byte, error) {
			text, err := way.KubeConfig.YAML()
			return []byte(text.Reveal()), err
		})
	if err != nil {
		return ends, err
	}
	c.Files.Put("manifests/break-glass.yaml", "the binding that gives it its power; without it, it has none", way.Binding)
	return ends, nil
}

// breakGlassUntil reads a way in that is there. One of another authority is not ours.
func (c *cluster) breakGlassUntil(data, kubeCA []byte) (time.Time, error) {
	k, err := apiserver.ParseKubeConfig(breakGlassFile, data)
	if err != nil {
		return time.Time{}, err
	}
	if len(k.Users) != 1 {
		return time.Time{}, errors.New("it has more than one user")
	}
	block, _ := pem.Decode(k.Users[0].User.ClientCertificateData)
	if block == nil {
		return time.Time{}, errors.New("it has no client certificate")
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return time.Time{}, errors.New("its client certificate cannot be read")
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(kubeCA)
	if _, err := cert.Verify(x509.VerifyOptions{Roots: roots, CurrentTime: cert.NotBefore, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}); err != nil {
		return time.Time{}, errors.New("its client certificate is not of the kube authority")
	}
	if !c.Time.Before(cert.NotAfter) {
		return time.Time{}, fmt.Errorf("on %s %w", cert.NotAfter.UTC().Format(time.RFC3339), install.ErrEnded)
	}
	return cert.NotAfter, nil
}

// failure says what an outage of dex comes to, as a table and as a picture.
func (c *cluster) failure(config dex.Config, replicas int, ends time.Time) error {
	m := failure.NewModel(config, replicas)
	m.CAByFlag, m.BreakGlass = failure.No, failure.Yes
	now := m
	if now.BreakGlassEnds = ends; ends.IsZero() {
		now.BreakGlass = failure.Unseen // somebody else may have made one
	}
	c.Find(failure.Check(now, failure.CheckOptions{Time: c.Time, Planned: time.Hour})...)
	c.Accept(groundway.Waiver{
		Code:   "identity/failure-login-single",
		Reason: "An installation begins with one administrator, whose password dex itself keeps: no provider elsewhere has to be up. Add a connector once people are to log in.",
	})
	results, err := failure.Scenarios(m)
	if err != nil {
		return err
	}
	var table, picture bytes.Buffer
	if err := errors.Join(failure.RenderTable(&table, results), failure.RenderSVG(&picture, m, nil)); err != nil {
		return err
	}
	c.Files.Put("identity/outages.txt", "who is cut off by what, and for how long", table.Bytes())
	c.Files.Put("identity/outages.svg", "who depends on whom", picture.Bytes())
	c.Draw("What logging in rests on", picture.Bytes())
	drills, err := failure.Drills(m, failure.DrillOptions{Break: breakGlassFile}, 10*time.Minute)
	if err != nil {
		return err
	}
	c.Files.Put("identity/drills.txt", "how to try that out, and how to undo it", []byte(drillText(drills)))
	return nil
}

// drillText prints the procedures for a person to follow.
func drillText(drills []failure.Drill) string {
	var b strings.Builder
	b.WriteString("Run these in the directory that holds auth and tls: the names of files begin there. First\n" +
		"  $ export KUBECONFIG=auth/kubeconfig CURL_CA_BUNDLE=" + ingressAuthority + "\n\n")
	commands := func(title string, list [][]string) {
		for i, words := range list {
			if i == 0 {
				fmt.Fprintf(&b, "  %s\n", title)
			}
			fmt.Fprintf(&b, "    $ %s\n", groundway.ShellCommand(words))
		}
	}
	for _, d := range drills {
		fmt.Fprintf(&b, "%s\n", d.Title)
		commands("First look", d.Before)
		commands("Then", d.Commands)
		b.WriteString("  Watch\n")
		for _, o := range d.Watch {
			fmt.Fprintf(&b, "    $ %s\n      %s\n", groundway.ShellCommand(o.Command), o.Shows)
		}
		commands("Undo", d.Undo)
		fmt.Fprintf(&b, "  Risk: %s. %s\n  Recovery: %s. %s\n\n", d.Expect.Risk, d.Expect.Why, d.Expect.Recovery, d.Expect.By)
	}
	return b.String()
}
