package cloudformation_test

import (
	"strconv"
	"strings"
	"testing"
	"text/template"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/groundway-sdk/groundway/iam/presets"
)

// The list of service accounts is YAML, as it stands and after jx filled in the
// exports of the stack; who has no export is left out.
func TestServiceAccountList(t *testing.T) {
	s, err := jenkinsX()
	require.NoError(t, err)
	type config struct {
		Kind     string
		Metadata struct{ Name, Region string }
		IAM      struct {
			WithOIDC        bool `yaml:"withOIDC"`
			ServiceAccounts []struct {
				Metadata struct {
					Name, Namespace string
					Labels          map[string]string
				}
				AttachPolicyARNs []string `yaml:"attachPolicyARNs"`
			} `yaml:"serviceAccounts"`
		}
	}
	read := func(text string) config {
		t.Helper()
		var c config
		decoder := yaml.NewDecoder(strings.NewReader(text))
		require.NoError(t, decoder.Decode(&c), text)
		assert.Equal(t, []string{"ClusterConfig", "demo", "us-east-1"}, []string{c.Kind, c.Metadata.Name, c.Metadata.Region})
		assert.True(t, c.IAM.WithOIDC)
		return c
	}
	text, err := s.IRSA(scope, presets.IRSAOptions{Cluster: "demo"})
	require.NoError(t, err)
	plain := read(string(text))
	require.Len(t, plain.IAM.ServiceAccounts, 5)
	assert.Equal(t, []string{"arn:aws:iam::111122223333:policy/CFNCertManagerPolicy"}, plain.IAM.ServiceAccounts[0].AttachPolicyARNs)

	text, err = s.IRSA(scope, presets.IRSAOptions{Cluster: "demo", Labels: map[string]string{"aws-usage": "jenkins-x"}, Exports: true})
	require.NoError(t, err)
	jx, err := template.New("irsa.tmpl.yaml").Funcs(template.FuncMap{"quote": strconv.Quote}).Parse(string(text))
	require.NoError(t, err)
	var filled strings.Builder
	require.NoError(t, jx.Execute(&filled, map[string]any{"IAM": map[string]string{
		"TektonBotPolicy": "arn:aws:iam::111122223333:policy/CFNTektonBotPolicy-x1", "VaultPolicy": "arn:aws:iam::111122223333:policy/CFNVaultPolicy-x1",
	}}))
	accounts := read(filled.String()).IAM.ServiceAccounts
	require.Len(t, accounts, 2)
	assert.Equal(t, []string{"tekton-bot", "vault"}, []string{accounts[0].Metadata.Name, accounts[1].Metadata.Name})
	assert.Equal(t, map[string]string{"aws-usage": "jenkins-x"}, accounts[0].Metadata.Labels)
	assert.Equal(t, []string{"arn:aws:iam::111122223333:policy/CFNTektonBotPolicy-x1"}, accounts[0].AttachPolicyARNs)
}
