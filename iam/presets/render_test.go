package presets_test

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/presets"
	"github.com/groundway-sdk/groundway/internal/golden"
)

func TestFiles(t *testing.T) {
	for _, m := range makers() {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			s, err := m.set()
			require.NoError(t, err)
			files, err := s.Files()
			require.NoError(t, err)
			assert.Len(t, files, len(s.Policies)+len(s.Roles)+1)
			seen := map[string]bool{}
			for i, f := range files {
				assert.False(t, seen[strings.ToLower(f.Name)], f.Name)
				seen[strings.ToLower(f.Name)] = true
				assert.True(t, filepath.IsLocal(filepath.FromSlash(f.Name)), f.Name)
				if i < len(s.Policies) {
					d, err := iam.Parse(string(f.Data), iam.ParseOptions{})
					require.NoError(t, err)
					assert.True(t, iam.Equal(d, s.Policies[i].Document))
				}
			}
			last := files[len(files)-1]
			golden.Check(t, filepath.Join("sets", m.name+".json"), last.Data)
			var read presets.Set
			require.NoError(t, json.Unmarshal(last.Data, &read))
			again, err := read.Files()
			require.NoError(t, err)
			assert.Equal(t, files, again, "the whole set stands in set.json")
		})
	}
}

// A stack is what tests read of a template.
type stack struct {
	Resources map[string]struct {
		Type       string
		Properties map[string]json.RawMessage
	}
	Outputs map[string]struct {
		Value  json.RawMessage
		Export struct{ Name json.RawMessage }
	}
}

func TestTemplate(t *testing.T) {
	for _, m := range makers() {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			s, err := m.set()
			require.NoError(t, err)
			text, err := s.Template(presets.TemplateOptions{Providers: true, Associations: true})
			require.NoError(t, err)
			golden.Check(t, filepath.Join("templates", m.name+".json"), text)
			var read stack
			require.NoError(t, json.Unmarshal(text, &read))
			count := map[string]int{}
			policies := map[string]bool{}
			for _, r := range read.Resources {
				count[r.Type]++
				if r.Type == "AWS::IAM::ManagedPolicy" {
					d, err := iam.Parse(string(r.Properties["PolicyDocument"]), iam.ParseOptions{})
					require.NoError(t, err)
					policies[d.Hash()] = true
				}
			}
			for _, p := range s.Policies {
				assert.True(t, policies[p.Document.Hash()], p.Name)
			}
			assert.Equal(t, map[string]int{
				"AWS::IAM::ManagedPolicy": len(s.Policies), "AWS::IAM::Role": len(s.Roles), "AWS::IAM::InstanceProfile": len(s.Profiles),
				"AWS::IAM::OIDCProvider": len(s.Providers), "AWS::EKS::PodIdentityAssociation": len(s.Associations),
			}, map[string]int{
				"AWS::IAM::ManagedPolicy": count["AWS::IAM::ManagedPolicy"], "AWS::IAM::Role": count["AWS::IAM::Role"], "AWS::IAM::InstanceProfile": count["AWS::IAM::InstanceProfile"],
				"AWS::IAM::OIDCProvider": count["AWS::IAM::OIDCProvider"], "AWS::EKS::PodIdentityAssociation": count["AWS::EKS::PodIdentityAssociation"],
			})
			attached := map[string][]string{}
			for _, r := range read.Resources {
				if r.Type != "AWS::IAM::Role" {
					continue
				}
				var name string
				var refs []struct{ Ref string }
				require.NoError(t, json.Unmarshal(r.Properties["RoleName"], &name))
				require.NoError(t, json.Unmarshal(r.Properties["ManagedPolicyArns"], &refs))
				for _, to := range refs {
					var join struct {
						Join []any `json:"Fn::Join"`
					}
					require.NoError(t, json.Unmarshal(read.Resources[to.Ref].Properties["ManagedPolicyName"], &join))
					attached[name] = append(attached[name], join.Join[1].([]any)[0].(string))
				}
			}
			for _, r := range s.Roles {
				assert.Equal(t, r.Policies, attached[r.Name])
			}
			text, err = s.Template(presets.TemplateOptions{})
			require.NoError(t, err)
			assert.NotContains(t, string(text), "OIDCProvider")
			assert.NotContains(t, string(text), "PodIdentityAssociation\"")
		})
	}
}

// The output of the page: the logical id CFNTektonBotPolicy, exported as
// TektonBotPolicy with the suffix.
func TestTemplateExport(t *testing.T) {
	s, err := jenkinsX.Set(scope)
	require.NoError(t, err)
	text, err := s.Template(presets.TemplateOptions{})
	require.NoError(t, err)
	var read stack
	require.NoError(t, json.Unmarshal(text, &read))
	out := read.Outputs["CFNTektonBotPolicy"]
	assert.JSONEq(t, `{"Fn::Join":["-",["TektonBotPolicy",{"Ref":"PoliciesSuffixParameter"}]]}`, string(out.Export.Name))
	assert.JSONEq(t, `{"Ref":"CFNTektonBotPolicy"}`, string(out.Value))

	user, err := with(jenkinsX, func(j *presets.JenkinsX) { j.VaultUser = "vault" }).Set(scope)
	require.NoError(t, err)
	text, err = user.Template(presets.TemplateOptions{})
	require.NoError(t, err)
	read = stack{}
	require.NoError(t, json.Unmarshal(text, &read))
	assert.JSONEq(t, `["vault"]`, string(read.Resources["CFNVaultPolicy"].Properties["Users"]))
}

func TestIRSA(t *testing.T) {
	s, err := jenkinsX.Set(scope)
	require.NoError(t, err)
	for name, o := range map[string]presets.IRSAOptions{
		"irsa.yaml":      {Cluster: "demo"},
		"irsa.tmpl.yaml": {Cluster: "demo", Labels: map[string]string{"aws-usage": "jenkins-x"}, Exports: true},
	} {
		text, err := s.IRSA(scope, o)
		require.NoError(t, err)
		golden.Check(t, name, text)
	}
}

func TestRenderErrors(t *testing.T) {
	s, err := jenkinsX.Set(scope)
	require.NoError(t, err)
	_, err = s.IRSA(scope, presets.IRSAOptions{Cluster: "de{{mo"})
	require.EqualError(t, err, `jenkins-x: Cluster: cluster name "de{{mo": it may not hold '{'`)
	_, err = s.IRSA(scope, presets.IRSAOptions{Cluster: "demo", Labels: map[string]string{"a": "\"}\n"}})
	require.EqualError(t, err, `jenkins-x: Labels: label "\"}\n": it may not hold '"'`)
	_, err = s.IRSA(scope.AnyRegion(), presets.IRSAOptions{Cluster: "demo"})
	require.EqualError(t, err, `jenkins-x: scope: it is of all regions: want one`)
	_, err = presets.ServiceAccounts(scope.AnyAccount(), presets.Federation{PodIdentity: "demo"})
	require.EqualError(t, err, `service accounts: scope: it is of all accounts: want one`)
	_, err = presets.ServiceAccounts(scope, presets.Federation{Issuer: issuer}, addOns("demo")[0], addOns("demo")[0])
	require.EqualError(t, err, "service-accounts: policy demo-external-dns-policy: it stands twice\nservice-accounts: role demo-external-dns: it stands twice")
	plain, err := presets.ServiceAccounts(scope, presets.Federation{Issuer: issuer}, addOns("demo")[0])
	require.NoError(t, err)
	_, err = plain.IRSA(scope, presets.IRSAOptions{Cluster: "demo", Exports: true})
	require.EqualError(t, err, `service-accounts: policy demo-external-dns-policy: it has no Export`)

	for _, c := range []struct {
		change func(*presets.Set)
		want   string
	}{
		{func(s *presets.Set) { s.Policies = append(s.Policies, s.Policies[0]) }, `broken: policy demo: it stands twice`},
		{func(s *presets.Set) {
			r := s.Roles[0]
			r.Name = "DEMO"
			s.Roles = append(s.Roles, r)
		}, `broken: role DEMO: it stands twice`},
		{func(s *presets.Set) { s.Roles[0].Policies = slices.Repeat([]string{"demo"}, 11) }, `broken: role demo: 11 policies, and a role has at most 10`},
		{func(s *presets.Set) { s.Roles[0].Policies = []string{"other"} }, `broken: role demo: the policy "other" is not in the set`},
		{func(s *presets.Set) { s.Profiles[0].Role = "other" }, `broken: instance profile demo: the role "other" is not in the set`},
		{func(s *presets.Set) { s.Policies[0].Name, s.Roles[0].Policies = "a/../b", nil }, `broken: policy a/../b: policy name "a/../b": the character '/' is none of a-z, A-Z, 0-9 and +=,.@_-`},
		{func(s *presets.Set) { s.Policies[0].Export = "x }}{{ y" }, `broken: export of policy demo: export "x }}{{ y": it may not hold ' '`},
		{func(s *presets.Set) { s.Policies[0].Path = "team" }, `broken: path of policy demo: path "team": want it to begin and end with a slash`},
		{func(s *presets.Set) { s.Roles[0].Name, s.Profiles = long("r", 65), nil }, `broken: role ` + long("r", 65) + `: role name "` + long("r", 60) + `"…: 65 characters, want 1 to 64`},
		{func(s *presets.Set) { s.Roles[0].Trust = iam.Document{} }, `broken: trust of role demo: it trusts nobody`},
		{func(s *presets.Set) { s.Roles[0].ServiceAccount = "a\nb" }, `broken: service account of role demo: name of Kubernetes "a\nb": it may not hold '\n'`},
		{func(s *presets.Set) { s.Roles[0].Boundary = "x" }, `broken: boundary of role demo: parse ARN "x": want it to begin with "arn:"`},
		{func(s *presets.Set) {
			s.Policies[0].Document = iam.MustDocument(iam.Allow("s3:GetObject").On("arn:aws:s3:::" + long("b", 6100)))
		}, `broken: policy demo: 6208 characters without white space between tokens, and a managed policy has at most 6144`},
		{func(s *presets.Set) { s.Profiles[0].Name = "a b" }, `broken: instance profile a b: instance profile name "a b": the character ' ' is none of a-z, A-Z, 0-9 and +=,.@_-`},
		{func(s *presets.Set) { s.Providers[0].URL = "issuer.example.com" }, `broken: provider issuer.example.com: issuer "issuer.example.com": want it to begin with https://`},
	} {
		s := presets.Set{
			System:    "broken",
			Policies:  []presets.Policy{{Name: "demo", Document: iam.MustDocument(iam.Allow("s3:GetObject").On("arn:aws:s3:::demo/*"))}},
			Roles:     []presets.Role{{Name: "demo", Trust: iam.MustTrustDocument(iam.TrustService("ec2.amazonaws.com")), Policies: []string{"demo"}}},
			Profiles:  []presets.InstanceProfile{{Name: "demo", Role: "demo"}},
			Providers: []presets.Provider{{URL: issuer}},
		}
		_, err := s.Files()
		require.NoError(t, err)
		c.change(&s)
		_, err = s.Files()
		require.EqualError(t, err, c.want)
		_, err = s.Template(presets.TemplateOptions{})
		require.EqualError(t, err, c.want)
		_, err = s.IRSA(scope, presets.IRSAOptions{Cluster: "demo"})
		require.EqualError(t, err, c.want)
	}
	_, err = presets.Set{System: "long", Policies: []presets.Policy{{Name: long("p", 100), Document: iam.MustDocument(iam.Allow("s3:GetObject").On("*"))}}}.Template(presets.TemplateOptions{})
	require.EqualError(t, err, `long: policy "`+long("p", 100)+`": with a suffix it may have 133 characters, and AWS takes 128`)
	var phase presets.Phase
	require.EqualError(t, phase.UnmarshalText([]byte("never")), `parse phase "never": want words such as "create, delete"`)
}
