// Package cloudformation_test asks cfn-lint about the templates of iam/presets.
package cloudformation_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/presets"
	"github.com/groundway-sdk/groundway/internal/e2e/program"
)

const (
	operator = "arn:aws:iam::444455556666:user/operator"
	issuer   = "https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
)

var scope = iam.MustScope("us-east-1", "111122223333")

func tectonic() (presets.Set, error) {
	return presets.Tectonic{
		Cluster: "demo", BaseDomain: "k8s.example.com", HostedZone: "Z0123", Bucket: "demo-ncg.k8s.example.com",
		Operators: []string{operator}, OnEC2: true, ExternalID: "0123", MFA: true,
	}.Set(scope)
}

func elastic() (presets.Set, error) {
	return presets.Elastic{InstallerRole: "demo-installer", WorkerRole: "demo-worker", VPC: "vpc-0a1", Secrets: "demo/"}.Set(scope)
}

func jenkinsX() (presets.Set, error) {
	return presets.JenkinsX{
		Cluster: "demo", Federation: presets.Federation{Issuer: issuer}, Operators: []string{operator}, HostedZone: "Z0123",
		Buckets: []string{"demo-logs"}, Repositories: "acme/", VaultUser: "vault",
		Vault: presets.Vault{Table: "vault-data", KMSKey: "1234abcd-12ab-34cd-56ef-1234567890ab", Bucket: "demo-vault"},
	}.Set(scope)
}

func addOns() (presets.Set, error) {
	zones := []string{"Z0123"}
	return presets.ServiceAccounts(scope, presets.Federation{PodIdentity: "demo"},
		presets.ServiceAccount{Namespace: "external-dns", Name: "external-dns", Role: "demo-external-dns", Preset: presets.ExternalDNS{HostedZones: zones, Domain: "k8s.example.com"}},
		presets.ServiceAccount{Namespace: "cert-manager", Name: "cert-manager", Role: "demo-cert-manager", Preset: presets.CertManager{HostedZones: zones}},
		presets.ServiceAccount{Namespace: "kube-system", Name: "cluster-autoscaler", Role: "demo-cluster-autoscaler", Preset: presets.ClusterAutoscaler{Cluster: "demo"}},
		presets.ServiceAccount{Namespace: "kube-system", Name: "aws-load-balancer-controller", Role: "demo-load-balancers", Preset: presets.LoadBalancerController{Cluster: "demo", VPC: "vpc-0a1", WAF: true, Shield: true, Cognito: true}},
		presets.ServiceAccount{Namespace: "kube-system", Name: "ebs-csi-controller-sa", Role: "demo-ebs-csi", Preset: presets.EBSCSI{Migrated: true}},
		presets.ServiceAccount{Namespace: "kube-system", Name: "aws-node", Role: "demo-vpc-cni", Preset: presets.VPCCNI{Cluster: "demo", VPC: "vpc-0a1"}},
	)
}

// cfnLint returns what the program says of a template, and whether it has
// nothing against it.
func cfnLint(t *testing.T, name string, text []byte) (string, bool) {
	t.Helper()
	file := filepath.Join(t.TempDir(), name+".json")
	require.NoError(t, os.WriteFile(file, text, 0o600))
	ctx, cancel := program.Deadline(t)
	defer cancel()
	out, err := exec.CommandContext(ctx, program.CFNLint.Built(t), "--regions", "us-east-1", "--", file).CombinedOutput()
	if exit, ok := err.(*exec.ExitError); ok {
		require.NotEqual(t, -1, exit.ExitCode(), "cfn-lint was killed")
		return string(out), false
	}
	require.NoError(t, err)
	return string(out), true
}

func TestTemplates(t *testing.T) {
	for name, set := range map[string]func() (presets.Set, error){"tectonic": tectonic, "elastic": elastic, "jenkins-x": jenkinsX, "add-ons": addOns} {
		t.Run(name, func(t *testing.T) {
			s, err := set()
			require.NoError(t, err)
			text, err := s.Template(presets.TemplateOptions{Providers: true, Associations: true})
			require.NoError(t, err)
			out, ok := cfnLint(t, name, text)
			assert.True(t, ok, out)
		})
	}
}

// The program looks into the policies too: one that is broken is found.
func TestBrokenTemplate(t *testing.T) {
	s, err := tectonic()
	require.NoError(t, err)
	text, err := s.Template(presets.TemplateOptions{})
	require.NoError(t, err)
	broken := strings.ReplaceAll(string(text), `"Effect": "Allow"`, `"Effect": "allow"`)
	require.NotEqual(t, string(text), broken)
	out, ok := cfnLint(t, "broken", []byte(broken))
	assert.False(t, ok)
	assert.Contains(t, out, "'allow' is not one of")
}
