package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/examples/install"
	"github.com/groundway-sdk/groundway/examples/install/installtest"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/identity/jenkinsx"
	"github.com/groundway-sdk/groundway/internal/golden"
)

func at(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	return installtest.Run(t, program, installtest.Noon, args...)
}

func TestDryRun(t *testing.T) { installtest.DryRunIsGolden(t, program) }

func TestOut(t *testing.T) {
	dir, files := installtest.Out(t, program)
	assert.Len(t, files, 19)
	golden.Check(t, "jx-requirements.yml", []byte(files["jx-requirements.yml"].Text))
	golden.Check(t, "service-accounts.yaml", []byte(files["manifests/service-accounts.yaml"].Text))
	golden.Check(t, "irsa.tmpl.yaml", []byte(files["boot/irsa.tmpl.yaml"].Text))
	for name, f := range files {
		if strings.HasPrefix(name, "iam/policies/") || strings.HasPrefix(name, "iam/roles/") {
			_, err := iam.Parse(f.Text, iam.ParseOptions{File: name})
			require.NoError(t, err)
		}
	}

	status, _, stderr := installtest.Run(t, program, installtest.Noon.Add(time.Hour), "-out", dir)
	assert.Equal(t, install.StatusClear, status)
	assert.Contains(t, stderr, "jenkinsx: 0 files written in \""+dir+"\", 19 there already\n")
	assert.Equal(t, files, installtest.Tree(t, dir))
}

// What people add to jx-requirements.yml stays, and what they change is kept and
// reported.
func TestRequirementsOfSomebody(t *testing.T) {
	dir, _ := installtest.Out(t, program)
	path := filepath.Join(dir, "jx-requirements.yml")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, append(text, "webhook: lighthouse # ours\n"...), 0o600))
	before := installtest.Tree(t, dir)
	status, _, _ := at(t, "-out", dir)
	assert.Equal(t, install.StatusClear, status)
	assert.Equal(t, before, installtest.Tree(t, dir))

	f, err := jenkinsx.Parse("jx-requirements.yml", text)
	require.NoError(t, err)
	r := f.Requirements()
	r.Ingress.Domain = "elsewhere.example.com"
	f, err = f.With(r)
	require.NoError(t, err)
	for name, changed := range map[string][]byte{"another domain": f.Bytes(), "no YAML": []byte("a: [\n"), "twice": append(text, "terraform: true\n"...)} {
		require.NoError(t, os.WriteFile(path, changed, 0o600))
		before = installtest.Tree(t, dir)
		status, shown, stderr := at(t, "-out", dir)
		assert.Equal(t, install.StatusBlocked, status, name)
		assert.Contains(t, shown, "  ! jx-requirements.yml: ", name)
		assert.Contains(t, stderr, "are kept: jx-requirements.yml\n", name)
		assert.Equal(t, before, installtest.Tree(t, dir), name)
	}
}

// A zone that is not there yet has no ID that policies could name.
func TestNewZone(t *testing.T) {
	spec := installtest.Spec(t, "domain: cluster1.example.com", "domain: cluster2.example.com")
	dir := filepath.Join(t.TempDir(), "assets")
	status, text, stderr := at(t, "-spec", spec, "-snapshot", "account", "-out", dir)
	assert.Equal(t, install.StatusClear, status)
	assert.Contains(t, text, "  + zone cluster2.example.com, public\n")
	assert.Contains(t, text, "  ? they name the hosted zone of cluster2.example.com, whose ID is not known before it is made\n")
	assert.Equal(t, "jenkinsx: 3 files written in \""+dir+"\", 0 there already\n", stderr)
	files := installtest.Tree(t, dir)
	assert.Len(t, files, 3)
	for name, f := range files {
		assert.NotContains(t, f.Text, "ZTOBEMADE", name)
	}
}

// Of an account of which nothing was seen no zone can be planned, and nothing is
// taken to be there.
func TestNothingSeen(t *testing.T) {
	spec := installtest.Spec(t, "region: us-west-2", "region: us-west-2\naccount: \"111122223333\"")
	status, text, _ := at(t, "-spec", spec)
	assert.Equal(t, install.StatusClear, status)
	assert.Regexp(t, `Zone of cluster1.example.com\n  \? `, text)
	assert.NotContains(t, text, "  = zone")
	assert.Contains(t, text, "unknown  install/step-not-planned  step Zone of cluster1.example.com\n")
}

func TestErrors(t *testing.T) {
	for _, test := range []struct{ name, old, changed, want string }{
		{"another profile", "profile: eks", "profile: kubeadm", "jenkinsx: CLUSTER:4:10: profile: got kubeadm, want eks\n"},
		{"a domain elsewhere", "domain: cluster1.example.com", "domain: cluster1.example.org", "jenkinsx: CLUSTER:13:11: jenkinsx.domain: got cluster1.example.org, want a domain below example.com\n"},
		{"a Vault that boot makes", "autoCreate: false", "autoCreate: true", "jenkinsx: CLUSTER:21:17: resources.vault.autoCreate: got true, want false, and the names of what people made for Vault: the policies name it, and boot would make it under names that nobody knows yet\n"},
		{"an address that is refused", "email: ops@acmecorp.example", "email: ops@example.com", "jenkinsx: read ingress: tls.email: the ACME servers of Let's Encrypt refuse addresses at example.com\n"},
		{"a hostile issuer", "EXAMPLED539D4633E53DE1B71EXAMPLE", "EXAMPLE*$(id)", "jenkinsx: CLUSTER:16:11: jenkinsx.issuer: got \"https://oidc.eks.us-west-2.amazonaws.com/id/EXAMPLE*$(id)\", want the URL of the cluster's issuer, such as https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLE\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			spec := installtest.Spec(t, test.old, test.changed)
			status, stdout, stderr := at(t, "-spec", spec, "-snapshot", "account")
			assert.Equal(t, install.StatusBroken, status)
			assert.Empty(t, stdout)
			assert.Equal(t, test.want, strings.ReplaceAll(stderr, spec, "CLUSTER"))
		})
	}
}

// A remedy is one that the spec has: the file that the finding speaks of is generated.
func TestOperatorThatIsAUser(t *testing.T) {
	spec := installtest.Spec(t, "role/ops", "user/ops")
	status, text, _ := at(t, "-spec", spec, "-snapshot", "account")
	assert.Equal(t, install.StatusClear, status)
	assert.Contains(t, text, "WARNING  iam/trust-unconditional")
	assert.Contains(t, text, "Remedy: Name in jenkinsx.operators, in place of the user, a role that people sign in to\n           with MFA.\n")
	assert.NotContains(t, text, "Add a condition")
}

func TestStagingCertificates(t *testing.T) {
	_, text, _ := at(t, "-spec", installtest.Spec(t, "  production: true\n", ""), "-snapshot", "account")
	assert.Contains(t, text, "WARNING  identity/jenkinsx-tls-staging")
	assert.Contains(t, text, "Remedy: Set jenkinsx.production: true in the spec once the staging certificates have")
}
