package main

import (
	"bytes"
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/examples/install"
	"github.com/groundway-sdk/groundway/examples/install/installtest"
	"github.com/groundway-sdk/groundway/identity/apiserver"
	"github.com/groundway-sdk/groundway/internal/golden"
	"github.com/groundway-sdk/groundway/pki"
	"github.com/groundway-sdk/groundway/sshkeys"
)

var noon = installtest.Noon

func at(t *testing.T, now time.Time, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	return installtest.Run(t, program, now, args...)
}

func made(t *testing.T) (dir string, files map[string]installtest.File) {
	t.Helper()
	return installtest.Out(t, program)
}

var builtIn = installtest.BuiltIn(program)

func TestDryRun(t *testing.T) { installtest.DryRunIsGolden(t, program) }

func TestOut(t *testing.T) {
	dir, files := made(t)
	assert.Len(t, files, 52)
	for _, name := range []string{
		"ssh/id_ed25519", "ssh/id_ed25519.pub",
		"tls/ca.crt", "tls/etcd/server.key", "tls/service-account.pub", "manifests/identity.yaml", "manifests/identity-tls.yaml",
		"apiserver/flags", "apiserver/authentication.yaml", "auth/kubeconfig", "auth/break-glass.kubeconfig", "identity/outages.svg",
	} {
		assert.Contains(t, files, name)
	}

	b, err := pki.TectonicLayout().Read(os.DirFS(dir), pki.ReadOptions{})
	require.NoError(t, err)
	issuer, err := b.Issuer(pki.AuthorityKube)
	require.NoError(t, err)
	k, err := apiserver.ParseKubeConfig("auth/break-glass.kubeconfig", []byte(files["auth/break-glass.kubeconfig"].Text))
	require.NoError(t, err)
	assert.Equal(t, "https://demo-api.k8s.example.com", k.Clusters[0].Cluster.Server)
	assert.Equal(t, files["tls/ca.crt"].Text, string(k.Clusters[0].Cluster.CertificateAuthorityData))
	assert.NotNil(t, issuer.Certificate())
	private, err := sshkeys.ParsePrivateKey([]byte(files["ssh/id_ed25519"].Text), groundway.Secret{})
	require.NoError(t, err)
	assert.Equal(t, private.Public().String()+" ops of demo\n", files["ssh/id_ed25519.pub"].Text)
	assert.True(t, strings.HasPrefix(files["auth/kubeconfig"].Text, "# Run kubectl in the directory that holds auth and tls: "))
	assert.Contains(t, files["auth/kubeconfig"].Text, "--certificate-authority=tls/ingress-ca.crt")
	assert.Contains(t, files, "tls/ingress-ca.crt")
	golden.Check(t, "drills.txt", []byte(files["identity/drills.txt"].Text))
	golden.Check(t, "outages.txt", []byte(files["identity/outages.txt"].Text))
	golden.Check(t, "authentication-flags.txt", []byte(files["apiserver/flags-1.29"].Text))
	flags, err := apiserver.ParseFlags(strings.Fields(files["apiserver/flags-1.29"].Text))
	require.NoError(t, err)
	assert.Equal(t, "https://demo.k8s.example.com/identity", flags.OIDCIssuerURL)
}

// A second run uses what is there, and writes nothing.
func TestOutAgain(t *testing.T) {
	dir, files := made(t)
	status, text, stderr := at(t, noon.Add(time.Hour), "-out", dir)
	assert.Equal(t, install.StatusClear, status)
	assert.Equal(t, builtIn+"tectonic: 0 files written in \""+dir+"\", 52 there already\n", stderr)
	assert.Equal(t, files, installtest.Tree(t, dir))
	_, list, _ := strings.Cut(text, "Files in ")
	list, _, _ = strings.Cut(list, "\n\n")
	assert.NotContains(t, list, "\n  + ")

	// What is lost is made anew, and nothing else; what others could read is closed.
	require.NoError(t, os.Remove(filepath.Join(dir, "manifests/identity.yaml")))
	require.NoError(t, os.Remove(filepath.Join(dir, "tls/etcd/peer.crt")))
	require.NoError(t, os.Chmod(filepath.Join(dir, "auth/console-secret"), 0o644))
	require.NoError(t, os.Chmod(filepath.Join(dir, "tls/ca.key"), 0o644))
	status, text, stderr = at(t, noon.Add(time.Hour), "-out", dir)
	assert.Equal(t, install.StatusClear, status)
	assert.Contains(t, stderr, "tectonic: 4 files written")
	assert.Contains(t, text, "  + tls/etcd/peer.crt: etcd peer, until 2027-03-04\n")
	assert.Contains(t, text, "  ~ auth/console-secret: others could read it; its mode is made 0600\n")
	assert.Contains(t, text, "  ~ tls/ca.key: others could read it; its mode is made 0600\n")
	assert.NotContains(t, text, "pki/file-mode-wide", "the verdict is on what the run leads to")
	assert.Contains(t, stderr, " there already; changed: tls/ca.key, auth/console-secret\n")
	again := installtest.Tree(t, dir)
	assert.ElementsMatch(t, slices.Collect(maps.Keys(files)), slices.Collect(maps.Keys(again)))
	for name, f := range files {
		if name != "tls/etcd/peer.crt" {
			assert.Equal(t, f.Text, again[name].Text, name)
		}
	}
}

// A day later the way in has ended, and a new one is made.
func TestOutAfterBreakGlassEnded(t *testing.T) {
	dir, files := made(t)
	status, text, stderr := at(t, noon.Add(25*time.Hour), "-out", dir)
	assert.Equal(t, install.StatusClear, status)
	assert.Contains(t, text, "  ~ auth/break-glass.kubeconfig: the way in that needs no dex, for a day; the one that is there has ended\n")
	assert.Contains(t, stderr, "tectonic: 1 file written in \""+dir+"\", 51 there already; changed: auth/break-glass.kubeconfig\n")
	again := installtest.Tree(t, dir)
	for name, f := range files {
		if name == "auth/break-glass.kubeconfig" {
			assert.NotEqual(t, f, again[name])
		} else {
			assert.Equal(t, f, again[name], name)
		}
	}
}

// What is damaged, or somebody else's, is reported and kept, and then nothing at
// all is written.
func TestOutKeeps(t *testing.T) {
	for _, test := range []struct {
		name, file, text string
		want             string
	}{
		{"flags that somebody changed", "apiserver/flags", "--anonymous-auth=true\n", "it holds something else than this spec leads to; move it away to have it written anew"},
		{"half a key of an authority", "tls/ca.key", "-----BEGIN PRIVATE KEY-----\nMIGH", ""},
		{"a certificate that is none", "tls/apiserver.crt", "hello\n", ""},
		{"no kubeconfig", "auth/break-glass.kubeconfig", "a: [", ""},
		{"a secret that is none", "auth/console-secret", "short\n", "it holds no secret of 20 to 100 characters; move it away to have a new one made"},
		{"another hash", "auth/admin-password.bcrypt", "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy\n", "it is no hash of the password beside it"},
		{"no key", "ssh/id_ed25519", "hello\n", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir, _ := made(t)
			require.NoError(t, os.Remove(filepath.Join(dir, "manifests/break-glass.yaml")))
			require.NoError(t, os.WriteFile(filepath.Join(dir, test.file), []byte(test.text), 0o600))
			before := installtest.Tree(t, dir)
			status, text, stderr := at(t, noon, "-out", dir)
			assert.Equal(t, install.StatusBlocked, status)
			assert.Regexp(t, `\n  ! (\S+, )*`+test.file+`(, \S+)*: \S`, text)
			assert.Contains(t, text, test.want)
			assert.Regexp(t, `\nBlocked by \d+ errors?\.\n$`, text)
			assert.Contains(t, stderr, " are not what they should be, and are kept: ")
			assert.Contains(t, stderr, test.file)
			assert.Equal(t, before, installtest.Tree(t, dir))
		})
	}
}

// Without the certificate of an authority nothing is planned, and its file is named.
func TestOutOfADamagedAuthority(t *testing.T) {
	dir, _ := made(t)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "tls/ca.crt"), []byte("hello\n"), 0o600))
	before := installtest.Tree(t, dir)
	status, _, stderr := at(t, noon, "-out", dir)
	assert.Equal(t, install.StatusBroken, status)
	assert.Contains(t, stderr, "tectonic: tls/ca.crt: got no PEM block, want a certificate in PEM form; move it away to have a new one made\n")
	assert.Equal(t, before, installtest.Tree(t, dir))
}

// A pair that fits, of another installation: it is in nobody's way as a file, and no
// client of this cluster would take it.
func TestOutOfAnotherInstallation(t *testing.T) {
	dir, _ := made(t)
	other, _ := made(t)
	for _, name := range []string{"tls/apiserver.crt", "tls/apiserver.key"} {
		text, err := os.ReadFile(filepath.Join(other, name))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), text, 0o600))
	}
	require.NoError(t, os.Remove(filepath.Join(dir, "apiserver/flags")))
	before := installtest.Tree(t, dir)
	status, text, stderr := at(t, noon, "-out", dir)
	assert.Equal(t, install.StatusBlocked, status)
	assert.Contains(t, text, "pki/chain-")
	assert.Contains(t, stderr, "tectonic: nothing was written: ")
	assert.Equal(t, before, installtest.Tree(t, dir))
}

// The key of another authority is named, whatever else is made of it or is missing.
func TestOutOfAnotherKey(t *testing.T) {
	for _, missing := range []string{"apiserver/flags", "tls/apiserver.crt"} {
		dir, _ := made(t)
		_, other := made(t)
		require.NoError(t, os.WriteFile(filepath.Join(dir, "tls/ca.key"), []byte(other["tls/ca.key"].Text), 0o600))
		require.NoError(t, os.Remove(filepath.Join(dir, missing)))
		before := installtest.Tree(t, dir)
		status, text, stderr := at(t, noon, "-out", dir)
		assert.Equal(t, before, installtest.Tree(t, dir))
		const why = "it does not belong to tls/ca.crt; put the one that does in its place, or move both away to have new ones made\n"
		if missing == "tls/apiserver.crt" { // which nobody can sign
			assert.Equal(t, install.StatusBroken, status)
			assert.Equal(t, builtIn+"tectonic: tls/ca.key: "+why, stderr)
			continue
		}
		assert.Equal(t, install.StatusBlocked, status)
		assert.Contains(t, text, "  ! tls/ca.key: "+why)
		assert.True(t, strings.HasSuffix(text, "\nBlocked by 1 error.\n"), "the key, and nothing else for the same reason")
		assert.Contains(t, text, "pki/key-mismatch")
		assert.Contains(t, stderr, "tectonic: 1 of the files in \""+dir+"\" are not what they should be, and are kept: tls/ca.key\n")
	}
}

// An authority whose key is elsewhere signs nothing here, and its certificate is used.
func TestOutWithoutTheKeyOfTheAuthority(t *testing.T) {
	dir, files := made(t)
	for _, name := range []string{"tls/ca.key", "auth/break-glass.kubeconfig", "manifests/break-glass.yaml"} {
		require.NoError(t, os.Remove(filepath.Join(dir, name)))
	}
	status, text, stderr := at(t, noon, "-out", dir)
	assert.Equal(t, install.StatusClear, status)
	assert.Contains(t, text, "  ? issuer of kube: the key of kube/ca is not there: whoever has it makes the way in\n")
	assert.Contains(t, text, "identity/failure-breakglass-missing")
	assert.Contains(t, stderr, "tectonic: 0 files written")
	assert.Equal(t, files["tls/ca.crt"], installtest.Tree(t, dir)["tls/ca.crt"])
}

// Files that are no regular ones are not followed.
func TestOutFollowsNoLink(t *testing.T) {
	dir, _ := made(t)
	elsewhere := filepath.Join(t.TempDir(), "elsewhere")
	require.NoError(t, os.WriteFile(elsewhere, []byte("kept"), 0o600))
	require.NoError(t, os.Remove(filepath.Join(dir, "apiserver/flags")))
	require.NoError(t, os.Symlink(elsewhere, filepath.Join(dir, "apiserver/flags")))
	status, text, _ := at(t, noon, "-out", dir)
	assert.Equal(t, install.StatusBlocked, status)
	assert.Contains(t, text, "  ! apiserver/flags: it is no regular file\n")
	data, err := os.ReadFile(elsewhere)
	require.NoError(t, err)
	assert.Equal(t, "kept", string(data))
}

// A new directory appears whole or not at all.
func TestOutInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	parent := t.TempDir()
	var out, errs bytes.Buffer
	c := install.Command{Program: program, Stdout: &out, Stderr: &errs, Now: noon}
	assert.Equal(t, install.StatusBroken, c.Run(ctx, []string{"-out", filepath.Join(parent, "assets")}))
	assert.Contains(t, errs.String(), "context canceled")
	entries, err := os.ReadDir(parent)
	require.NoError(t, err)
	assert.Empty(t, entries)
}

// No output holds anything private, and a dry run writes nothing.
func TestNothingPrivateIsShown(t *testing.T) {
	dir, files := made(t)
	other := filepath.Join(t.TempDir(), "other")
	var shown strings.Builder
	for _, args := range [][]string{{}, {"-out", dir}, {"-dry-run", "-out", dir}, {"-dry-run", "-out", other}} {
		_, stdout, stderr := at(t, noon, args...)
		shown.WriteString(stdout + stderr)
	}
	assert.NoDirExists(t, other)
	assert.Equal(t, files, installtest.Tree(t, dir))
	assert.NotContains(t, shown.String(), "PRIVATE KEY")
	private := 0
	for name, f := range files {
		if !strings.HasSuffix(name, ".key") && !strings.HasPrefix(name, "auth/") && name != "ssh/id_ed25519" && !strings.HasPrefix(name, "manifests/identity") {
			continue
		}
		private++
		for line := range strings.Lines(f.Text) {
			if line = strings.TrimSpace(line); len(line) >= 24 && !strings.Contains(line, " ") && !strings.HasPrefix(line, "-----") {
				assert.NotContains(t, shown.String(), line, name)
			}
		}
	}
	assert.Greater(t, private, 20)
	for name, f := range files {
		if strings.HasPrefix(name, "apiserver/") || strings.HasPrefix(name, "identity/") || strings.HasSuffix(name, ".crt") || strings.HasSuffix(name, ".pub") {
			assert.NotContains(t, f.Text, "PRIVATE KEY", name)
		}
	}
}

func TestErrors(t *testing.T) {
	for _, test := range []struct {
		name string
		args []string
		want string
	}{
		{"an argument", []string{"cluster.yaml"}, "unexpected argument \"cluster.yaml\": every input has a flag, -h lists them"},
		{"apply without an account", []string{"-spec", "account/cluster.yaml", "-apply"}, "-apply needs -live: a plan is carried out in the account that it was made for"},
		{"nothing to do", []string{"-dry-run=false"}, "-dry-run=false needs -out or -apply: there is nothing else to do"},
		{"an empty directory name", []string{"-out", ""}, "-out: the value is empty"},
		{"a file for a directory", []string{"-out", "main.go"}, "open \"main.go\": it is no directory"},
		{"an account and no spec", []string{"-snapshot", "account"}, "-snapshot and -live need -spec: the cluster to plan for"},
		{"another profile", []string{"-spec", installtest.Spec(t, "profile: tectonic", "profile: eks")}, "the spec does not say which account it is for, and neither does what was seen of it: want the key account"},
		{"another profile and its account", []string{"-spec", installtest.Spec(t, "profile: tectonic", "profile: eks"), "-snapshot", "account"}, "CLUSTER:4:10: profile: got eks, want tectonic"},
		{"another account", []string{"-spec", installtest.Spec(t, "region: us-west-2", "region: us-west-2\naccount: \"444455556666\""), "-snapshot", "account"}, "the spec is for the account 444455556666, and what was seen is of \"111122223333\""},
		{"no names", []string{"-spec", installtest.Spec(t, "dns: {zone: Z0479218QK8SEXMPL2, baseDomain: k8s.example.com}\n", ""), "-snapshot", "account"}, "the spec has no key dns, want a mapping with zone and baseDomain: the cluster is reached by names"},
		{"a name that is too long for a role", []string{"-spec", installtest.Spec(t, "cluster: demo", "cluster: "+strings.Repeat("n", 55)), "-snapshot", "account"}, "tectonic: Cluster: "},
	} {
		t.Run(test.name, func(t *testing.T) {
			status, stdout, stderr := at(t, noon, test.args...)
			assert.Equal(t, install.StatusBroken, status)
			assert.Empty(t, stdout)
			if len(test.args) > 1 && test.args[0] == "-spec" {
				stderr = strings.ReplaceAll(stderr, test.args[1]+":", "CLUSTER:")
			}
			if strings.HasSuffix(test.want, ": ") {
				assert.Contains(t, stderr, "tectonic: "+test.want)
				return
			}
			if len(test.args) == 2 && test.args[0] == "-out" && test.args[1] != "" {
				stderr = strings.TrimPrefix(stderr, builtIn)
			}
			assert.Equal(t, "tectonic: "+test.want+"\n", stderr)
		})
	}
}

// Of an account of which nothing was seen the files can be made all the same.
func TestNothingSeen(t *testing.T) {
	path := installtest.Spec(t, "region: us-west-2", "region: us-west-2\naccount: \"111122223333\"")
	dir := filepath.Join(t.TempDir(), "assets")
	status, text, stderr := at(t, noon, "-spec", path, "-out", dir)
	assert.Equal(t, install.StatusClear, status)
	assert.Contains(t, text, "  ? VPC 10.0.0.0/16: of the account nothing was seen, so that it is not known what an earlier run made\n")
	assert.Contains(t, text, "  ? demo.k8s.example.com: what stands there was not seen\n")
	assert.True(t, strings.HasSuffix(text, "\nNothing that was seen blocks the installation; 1 thing could not be seen.\n"), text)
	assert.Equal(t, "tectonic: 52 files written in \""+dir+"\", 0 there already\n", stderr)
	installtest.Tree(t, dir)
}

// A network that cannot be planned blocks: by the status, in the last line and on the page,
// and nothing is written.
func TestNetworkThatCannotBePlanned(t *testing.T) {
	for _, test := range []struct{ name, old, changed, want string }{
		{"a zone that is not there", "zones: [us-west-2a, us-west-2b]", "zones: [us-west-2a, us-west-9b]", "plan network: zone us-west-9b: "},
		{"too small a block", "cidr: 10.0.0.0/16", "cidr: 10.0.0.0/27", "plan network: "},
	} {
		t.Run(test.name, func(t *testing.T) {
			spec := installtest.Spec(t, test.old, test.changed)
			temp := t.TempDir()
			dir, file := filepath.Join(temp, "assets"), filepath.Join(temp, "report.html")
			status, stdout, stderr := at(t, noon, "-spec", spec, "-snapshot", "account", "-out", dir, "-report", file)
			assert.Equal(t, install.StatusBlocked, status)
			assert.Contains(t, stdout, "\n  ! "+test.want)
			assert.Contains(t, stdout, "install/step-not-planned  step Network\n           Network cannot be planned: "+test.want)
			assert.Contains(t, stdout, "  ? they name the VPC, which is not planned\n")
			assert.True(t, strings.HasSuffix(stdout, "\nBlocked by 1 error.\n"), stdout)
			assert.Equal(t, "tectonic: nothing was written: the verdict on what is planned itself has 1 error\n", stderr)
			assert.NoDirExists(t, dir)
			page, err := os.ReadFile(file)
			require.NoError(t, err)
			assert.Contains(t, string(page), "1 finding stops the installation.")
			assert.Contains(t, string(page), test.want)
		})
	}
}

// A remedy is one that the spec has: the file that the finding speaks of is generated.
func TestOperatorWithoutMFA(t *testing.T) {
	status, text, _ := at(t, noon, "-spec", installtest.Spec(t, "  mfa: true", ""), "-snapshot", "account")
	assert.Equal(t, install.StatusClear, status)
	assert.Contains(t, text, "WARNING  iam/trust-unconditional")
	assert.Contains(t, text, "Remedy: Set tectonic.mfa: true in the spec for operators that are users, or\n           tectonic.externalID.\n")
	assert.NotContains(t, text, "Add a condition")
	assert.NotContains(t, text, "WARNING  identity/failure-login-single")
}

// A key in KMS cannot be asked for without an account, and nothing is signed.
func TestAuthorityKeyElsewhere(t *testing.T) {
	path := installtest.Spec(t, "  mfa: true", "  mfa: true\n  authorityKey: alias/demo-kube")
	dir := filepath.Join(t.TempDir(), "assets")
	status, text, stderr := at(t, noon, "-spec", path, "-snapshot", "account", "-out", dir)
	assert.Equal(t, install.StatusClear, status)
	assert.Contains(t, text, "  ? alias/demo-kube: whether it is there was not looked at\n")
	assert.Contains(t, text, "  ? tls: it waits for the key alias/demo-kube, as does all that is made of it\n")
	assert.Equal(t, "tectonic: 2 files written in \""+dir+"\", 0 there already\n", stderr)
	assert.Len(t, installtest.Tree(t, dir), 2)
}

// The names and tags of an account are anybody's.
func TestHostileNames(t *testing.T) {
	const hostile = `\u001b[2J\u202e$(rm -rf ~)<script>`
	dump := t.TempDir()
	require.NoError(t, os.CopyFS(dump, os.DirFS("../preflight/broken")))
	for _, file := range []string{"ec2-describe-vpcs.json", "ec2-describe-subnets.json", "ec2-describe-route-tables.json"} {
		path := filepath.Join(dump, file)
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		data = bytes.ReplaceAll(data, []byte(`"demo-`), []byte(`"`+hostile))
		require.NoError(t, os.WriteFile(path, data, 0o600))
	}
	text, err := os.ReadFile(filepath.Join(dump, "cluster.yaml"))
	require.NoError(t, err)
	text = append(text, "\ndns: {zone: Z0479218QK8SEXMPL2, baseDomain: k8s.example.com}\ntectonic: {operators: [\"arn:aws:iam::111122223333:user/ops\"], adminEmail: admin@example.com}\nssh: {keyName: ops}\n"...)
	path := filepath.Join(dump, "cluster.yaml")
	require.NoError(t, os.WriteFile(path, text, 0o600))

	dir := filepath.Join(t.TempDir(), "as\x1b[2Jsets")
	status, stdout, stderr := at(t, noon, "-spec", path, "-snapshot", dump, "-out", dir)
	assert.Equal(t, install.StatusBlocked, status, stderr)
	assert.Contains(t, stdout, `\x1b[2J\u202e$(rm`, "the names are shown")
	assert.Contains(t, stdout, "  = VPC vpc-5f2c81d4, with 2 subnets of controllers and 2 of workers: the verdict is below\n")
	for _, shown := range []string{stdout, stderr} {
		assert.NotContains(t, shown, "\x1b")
		assert.NotContains(t, shown, "\u202e")
	}
}

func TestHelp(t *testing.T) {
	status, text, stderr := at(t, noon, "-h")
	assert.Equal(t, install.StatusClear, status)
	assert.Empty(t, stderr)
	assert.Contains(t, text, "go run ./examples/tectonic -spec cluster.yaml -live -apply")
	for line := range strings.Lines(text) {
		assert.LessOrEqual(t, len(line), 101, line)
	}
}

// The page has the three pictures, that of the network for a phone too, and no key.
func TestReport(t *testing.T) {
	file := filepath.Join(t.TempDir(), "report.html")
	status, _, stderr := at(t, noon, "-report", file)
	require.Equal(t, install.StatusClear, status, stderr)
	page, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, 4, bytes.Count(page, []byte("<svg ")))
	for _, text := range []string{"<title>Plan of demo, as if it were carried out: names stand for IDs that are not known yet</title>", "Network, once the plan is carried out", "subnet-worker-us-west-2b", "TLS topology of demo", "Failure domains of dex", "identity/failure-login-single"} {
		assert.Contains(t, string(page), text)
	}
	assert.NotContains(t, string(page), "PRIVATE KEY")
}
