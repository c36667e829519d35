package apiserver

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/verdict"
	"github.com/groundway-sdk/groundway/internal/yamltext"
)

// LintKubeConfig judges a kubeconfig. The subjects are JSON pointers.
func LintKubeConfig(c KubeConfig, o LintOptions) []groundway.Finding {
	return newKubeLinter("", c, o).run()
}

// LintKubeConfigText is LintKubeConfig of the text of a file.
func LintKubeConfigText(file string, data []byte, o LintOptions) []groundway.Finding {
	var c KubeConfig
	positions, problems := yamltext.Decode(data, &c)
	k := newKubeLinter(file, c, o)
	k.Positions = positions
	k.Problems(strictly(problems), func(p yamltext.Problem) groundway.Code {
		switch p.Kind {
		case yamltext.UnknownKey, yamltext.KeyCase, yamltext.DuplicateKey, yamltext.Document:
			return codeKubeKey
		}
		return codeKubeUnreadable
	})
	for _, code := range []groundway.Code{codeKubeUnreadable, codeKubeKey} {
		if !k.Settled(code) {
			k.Pass(code, 1)
		}
	}
	for _, p := range problems {
		if p.Kind == yamltext.Syntax {
			k.SkipAll(codeKubeUnreadable, k.Subject(""))
			return k.Findings()
		}
	}
	return k.run()
}

type kubeLinter struct {
	*verdict.Judge
	c KubeConfig
	o LintOptions
}

func newKubeLinter(file string, c KubeConfig, o LintOptions) *kubeLinter {
	k := &kubeLinter{verdict.NewJudge(kubeRules, "kubeconfig"), c, o}
	k.File = file
	return k
}

func (k *kubeLinter) run() []groundway.Finding {
	for i, c := range k.c.Clusters {
		path := fmt.Sprintf("/clusters/%d/cluster", i)
		k.Require(!c.Cluster.InsecureSkipTLSVerify, verdict.Fault{Code: codeKubeInsecure, Path: path + "/insecure-skip-tls-verify", Got: "true", Want: "false", Summary: fmt.Sprintf("The certificate of the cluster %q is not verified.", c.Name)})
		k.Require(strings.HasPrefix(c.Cluster.Server, "https://"), verdict.Fault{Code: codeKubePlain, Path: path + "/server", Got: c.Cluster.Server, Want: "https://…", Summary: fmt.Sprintf("The cluster %q is reached at %q.", c.Name, c.Cluster.Server)})
	}
	for i, u := range k.c.Users {
		k.user(fmt.Sprintf("/users/%d/user", i), fmt.Sprintf("The user %q", u.Name), u.User)
	}
	clusters, users := map[string]bool{}, map[string]bool{}
	for _, c := range k.c.Clusters {
		clusters[c.Name] = true
	}
	for _, u := range k.c.Users {
		users[u.Name] = true
	}
	for i, c := range k.c.Contexts {
		path := fmt.Sprintf("/contexts/%d/context", i)
		k.Require(clusters[c.Context.Cluster] && users[c.Context.User], verdict.Fault{
			Code: codeKubeReference, Path: path, Got: c.Context.Cluster + ", " + c.Context.User, Want: "a cluster and a user of the file",
			Summary: fmt.Sprintf("The context %q names the cluster %q and the user %q, which are not both there.", c.Name, c.Context.Cluster, c.Context.User),
		})
	}
	if current := k.c.CurrentContext; current != "" && !slices.ContainsFunc(k.c.Contexts, func(n NamedContext) bool { return n.Name == current }) {
		k.Fail(verdict.Fault{Code: codeKubeReference, Path: "/current-context", Got: current, Want: "a context of the file", Summary: fmt.Sprintf("The current context is %q, which is not there.", current)})
	}
	k.Settle()
	return k.Findings()
}

func (k *kubeLinter) user(path, name string, u UserConfig) {
	if e := u.Exec; e != nil {
		version := strings.TrimPrefix(e.APIVersion, "client.authentication.k8s.io/")
		k.Require(version == "v1" || version == "v1beta1", verdict.Fault{Code: codeKubeExecVersion, Path: path + "/exec/apiVersion", Got: e.APIVersion, Want: execVersion, Summary: name + " logs in by the version " + fmt.Sprintf("%q.", e.APIVersion)})
		modes := []string{"Never", "IfAvailable", "Always"}
		k.Require(slices.Contains(modes, e.InteractiveMode) || version != "v1" && e.InteractiveMode == "", verdict.Fault{
			Code: codeKubeExecMode, Path: path + "/exec/interactiveMode", Got: e.InteractiveMode, Want: strings.Join(modes, ", "), Summary: name + " does not say whether its program asks.",
		})
	}
	if p := u.AuthProvider; p != nil {
		k.Require(p.Name == "oidc", verdict.Fault{Code: codeKubeProvider, Path: path + "/auth-provider/name", Got: p.Name, Want: "exec", Summary: name + " logs in by the provider " + fmt.Sprintf("%q.", p.Name)})
	}
	k.Require(u.Token.IsZero() && u.Password.IsZero(), verdict.Fault{Code: codeKubeStatic, Path: path, Got: "a token or a password", Want: "a credential that ends", Summary: name + " logs in by a credential that does not end."})
	data, place := u.ClientCertificateData, path+"/client-certificate-data"
	if u.ClientCertificate != "" && len(data) == 0 {
		place = path + "/client-certificate"
		var ok bool
		if data, ok = k.o.Files[u.ClientCertificate]; !ok {
			for _, code := range []groundway.Code{codeKubeMasters, codeKubeEnded, codeKubeLong} {
				k.Unseen(code, place, "the file "+u.ClientCertificate+" was not given")
			}
			return
		}
	}
	if len(data) == 0 {
		return
	}
	k.certificate(place, name, data)
}

func (k *kubeLinter) certificate(path, name string, data []byte) {
	block, _ := pem.Decode(data)
	var c *x509.Certificate
	if block != nil {
		c, _ = x509.ParseCertificate(block.Bytes)
	}
	if c == nil {
		k.Fail(verdict.Fault{Code: codeKubeUnreadable, Path: path, Got: "no certificate", Want: "a certificate as PEM", Summary: name + " has a certificate that cannot be read."})
		return
	}
	k.Require(!slices.Contains(c.Subject.Organization, "system:masters"), verdict.Fault{
		Code: codeKubeMasters, Path: path, Got: "system:masters", Want: "a group of its own", Summary: name + " is of the group system:masters until " + c.NotAfter.UTC().Format(time.DateOnly) + ".",
		Also: []groundway.Fact{{Path: path, Got: strings.Join(c.Subject.Organization, ", "), Source: "certificate"}},
	})
	life := c.NotAfter.Sub(c.NotBefore)
	k.Require(life <= 31*24*time.Hour, verdict.Fault{Code: codeKubeLong, Path: path, Got: life.Round(time.Hour).String(), Want: "31 days or less", Summary: fmt.Sprintf("%s has a certificate of %d days.", name, int(life.Hours()/24))})
	if k.o.Time.IsZero() {
		k.Unseen(codeKubeEnded, path, "the time was not given")
		return
	}
	k.Require(!k.o.Time.After(c.NotAfter) && !k.o.Time.Before(c.NotBefore), verdict.Fault{
		Code: codeKubeEnded, Path: path, Got: c.NotBefore.UTC().Format(time.RFC3339) + " to " + c.NotAfter.UTC().Format(time.RFC3339), Want: k.o.Time.UTC().Format(time.RFC3339),
		Summary: name + " has a certificate that is not valid now.",
	})
}
