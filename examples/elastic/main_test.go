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
	"github.com/groundway-sdk/groundway/internal/golden"
)

func at(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	return installtest.Run(t, program, installtest.Noon, args...)
}

func TestDryRun(t *testing.T) { installtest.DryRunIsGolden(t, program) }

func TestOut(t *testing.T) {
	dir, files := installtest.Out(t, program)
	golden.Check(t, "config-values.txt", []byte(files["config-values.txt"].Text))
	var names []string
	for name, f := range files {
		names = append(names, name)
		if strings.HasPrefix(name, "iam/policies/") || strings.HasPrefix(name, "iam/roles/") {
			d, err := iam.Parse(f.Text, iam.ParseOptions{File: name})
			require.NoError(t, err)
			assert.NotContains(t, f.Text, "{{", "a placeholder of the page")
			if strings.HasSuffix(name, ".trust.json") {
				assert.Equal(t, []iam.Principal{{Kind: iam.PrincipalService, Value: "ec2.amazonaws.com"}}, d.Statements[0].Principals)
			}
		}
	}
	assert.ElementsMatch(t, []string{
		"config-values.txt", "iam/policies/cluster_installer_role-policy-1.json", "iam/policies/cluster_installer_role-policy-2.json",
		"iam/policies/worker_node_role-policy.json", "iam/roles/cluster_installer_role.trust.json", "iam/roles/worker_node_role.trust.json", "iam/set.json",
	}, names)

	status, _, stderr := installtest.Run(t, program, installtest.Noon.Add(time.Hour), "-out", dir)
	assert.Equal(t, install.StatusClear, status)
	assert.Contains(t, stderr, "elastic: 0 files written in \""+dir+"\", 7 there already\n")
	assert.Equal(t, files, installtest.Tree(t, dir))
}

func TestOutKeepsAPolicyThatSomebodyChanged(t *testing.T) {
	dir, _ := installtest.Out(t, program)
	require.NoError(t, os.Remove(filepath.Join(dir, "config-values.txt")))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "iam/policies/worker_node_role-policy.json"), []byte(`{"Version": "2012-10-17", "Statement": []}`), 0o600))
	before := installtest.Tree(t, dir)
	status, text, stderr := at(t, "-out", dir)
	assert.Equal(t, install.StatusBlocked, status)
	assert.Contains(t, text, "  ! iam/policies/worker_node_role-policy.json: it holds something else than this spec leads to; move it away to have it written anew\n")
	assert.Contains(t, stderr, "elastic: 1 of the files in \""+dir+"\" are not what they should be, and are kept: iam/policies/worker_node_role-policy.json\n")
	assert.Equal(t, before, installtest.Tree(t, dir))
}

// The environment runs in private subnets: a public one is an error, and the files
// are written all the same, for they have nothing to do with it.
func TestPublicSubnet(t *testing.T) {
	spec := installtest.Spec(t, "workerSubnets: [subnet-6c51e08f, subnet-f1a7d392]", "workerSubnets: [subnet-8d24f6a1]")
	dir := filepath.Join(t.TempDir(), "assets")
	status, text, stderr := at(t, "-spec", spec, "-snapshot", "account", "-out", dir)
	assert.Equal(t, install.StatusBlocked, status)
	assert.Contains(t, text, "network/subnet-unexpectedly-public")
	assert.Equal(t, "elastic: 7 files written in \""+dir+"\", 0 there already\n", stderr)
}

func TestErrors(t *testing.T) {
	for _, test := range []struct{ name, old, changed, want string }{
		{"another profile", "profile: elastic", "profile: tectonic", "elastic: CLUSTER:4:10: profile: got tectonic, want elastic\n"},
		{"one role for two", "{name: worker_node_role}", "{name: cluster_installer_role}", "elastic: elastic installer: WorkerRole: it is the InstallerRole: want two roles\n"},
		{"a wildcard", "secrets: elastic/", "secrets: \"*\"", "elastic: CLUSTER:17:12: elastic.secrets: got \"*\", want the beginning of names of secrets, such as elastic/\n"},
		{"a hostile name", "securityGroup: elastic-ssh", "securityGroup: \"a\\n$(rm -rf ~)\\e[2J\"", "elastic: CLUSTER:18:18: elastic.securityGroup: got \"a\\n$(rm -rf ~)\\x1b[2J\", want the name of a security group\n"},
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
