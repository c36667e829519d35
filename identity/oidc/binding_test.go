package oidc_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/identity/jenkinsx"
	"github.com/groundway-sdk/groundway/identity/oidc"
)

var scope = iam.MustScope("us-east-1", "111122223333")

func irsa() oidc.Cluster {
	return oidc.Cluster{Name: "demo", Scope: scope, Mode: oidc.ModeIRSA, Issuer: issuer}
}

const policyARN = "arn:aws:iam::111122223333:policy/CFNTektonBotPolicy"

func bindings() []oidc.Binding {
	return []oidc.Binding{
		{Namespace: "jx", ServiceAccount: "tekton-bot", PolicyARNs: []string{policyARN, policyARN}, Labels: map[string]string{"aws-usage": "jenkins-x"}},
		{Namespace: "cert-manager", ServiceAccount: "cm-cert-manager", Policy: iam.MustDocument(iam.Allow("route53:GetChange").On("arn:aws:route53:::change/*"))},
	}
}

func plan(t testing.TB, c oidc.Cluster, list ...oidc.Binding) oidc.Plan {
	t.Helper()
	p, err := oidc.NewPlan(c, list)
	require.NoError(t, err)
	return p
}

func TestNewPlan(t *testing.T) {
	t.Parallel()
	p := plan(t, irsa(), bindings()...)
	assert.Equal(t, oidc.Provider{ARN: provider, URL: "oidc.example.com/demo", ClientIDs: []string{"sts.amazonaws.com"}}, p.Provider)
	require.Len(t, p.Roles, 2)
	assert.Equal(t, "demo-cert-manager-cm-cert-manager", p.Roles[0].Name)
	assert.Equal(t, "cert-manager-cm-cert-manager", p.Roles[0].Policies[0].Name)
	assert.Equal(t, roleARN, p.Roles[1].ARN)
	assert.Equal(t, []string{policyARN}, p.Roles[1].PolicyARNs)
	assert.Equal(t, time.Hour, p.Roles[1].MaxSession)
	assert.True(t, iam.Equal(iam.MustTrustDocument(iam.TrustServiceAccount(provider, "jx", "tekton-bot")), p.Roles[1].Trust))
	assert.Equal(t, oidc.Annotation{Namespace: "jx", ServiceAccount: "tekton-bot", Labels: map[string]string{"aws-usage": "jenkins-x"}, RoleARN: roleARN}, p.Annotations[1])
	assert.Empty(t, p.Associations)

	// What is planned is what STS takes, for the account that is bound alone.
	for _, s := range []string{subject, "system:serviceaccount:cert-manager:cm-cert-manager", "system:serviceaccount:jx:other"} {
		for _, r := range p.Roles {
			d, err := oidc.Decide(oidc.WebIdentity{
				Token: token(t, map[string]any{"sub": s}), Keys: keySet(t, keys().rsa.Public()), Time: noon,
				Provider: p.Provider, Role: oidc.Role{ARN: r.ARN, Trust: r.Trust},
			})
			require.NoError(t, err)
			assert.Equal(t, strings.HasSuffix(r.Name, strings.ReplaceAll(strings.TrimPrefix(s, "system:serviceaccount:"), ":", "-")), d.Allowed(), "%s, %s", s, r.Name)
		}
	}

	eks := irsa()
	eks.Mode = oidc.ModePodIdentity
	p = plan(t, eks, bindings()...)
	assert.Equal(t, oidc.Association{Cluster: "arn:aws:eks:us-east-1:111122223333:cluster/demo", Namespace: "jx", ServiceAccount: "tekton-bot", Role: roleARN}, p.Associations[1])
	d, err := oidc.DecidePodIdentity(p.Associations[1], oidc.Role{ARN: roleARN, Trust: p.Roles[1].Trust})
	require.NoError(t, err)
	assert.True(t, d.Allowed(), d.Text)
	assert.Empty(t, p.Annotations)
	assert.Zero(t, p.Provider)

	p = plan(t, oidc.Cluster{Name: "demo", Scope: scope, Mode: oidc.ModeNodeRole, NodeRole: "demo-nodes"}, bindings()...)
	require.Len(t, p.Roles, 1)
	assert.Equal(t, "demo-nodes", p.Roles[0].Name)
	assert.Empty(t, p.Roles[0].Trust.Statements)
	assert.Equal(t, []string{policyARN}, p.Roles[0].PolicyARNs)
	assert.Len(t, p.Roles[0].Policies, 1)

	// Accounts that share a role are subjects of one statement.
	shared := []oidc.Binding{{Namespace: "a", ServiceAccount: "b", Role: "shared"}, {Namespace: "c", ServiceAccount: "d", Role: "shared", Audience: "vault"}, {Namespace: "c", ServiceAccount: "e", Role: "shared"}}
	p = plan(t, irsa(), shared...)
	require.Len(t, p.Roles, 1)
	assert.Len(t, p.Roles[0].Trust.Statements, 2)
	assert.Equal(t, []string{"sts.amazonaws.com", "vault"}, p.Provider.ClientIDs)

	// Long names end in a hash that keeps them apart.
	long := strings.Repeat("n", 60)
	p = plan(t, irsa(), oidc.Binding{Namespace: long, ServiceAccount: "a"}, oidc.Binding{Namespace: long, ServiceAccount: "b"})
	assert.Len(t, p.Roles[0].Name, 64)
	assert.NotEqual(t, p.Roles[0].Name, p.Roles[1].Name)

	for m, want := range map[oidc.Mode]string{oidc.ModeIRSA: "irsa", oidc.ModePodIdentity: "pod-identity", oidc.ModeNodeRole: "node-role", 0: "invalid", 9: "invalid"} {
		assert.Equal(t, want, m.String())
	}
}

func TestNewPlanErrors(t *testing.T) {
	t.Parallel()
	var many []oidc.Binding
	for i := range 40 {
		many = append(many, oidc.Binding{Namespace: "ns-" + strings.Repeat("x", i+1), ServiceAccount: "account", Role: "shared"})
	}
	var eleven []string
	for i := range 11 {
		eleven = append(eleven, "arn:aws:iam::aws:policy/P"+strings.Repeat("x", i))
	}
	for _, test := range []struct {
		cluster func(c *oidc.Cluster)
		list    []oidc.Binding
		want    string
	}{
		{func(c *oidc.Cluster) { c.Scope = iam.Scope{} }, nil, "plan roles: the cluster has no scope"},
		{func(c *oidc.Cluster) { c.Mode = 0 }, nil, "plan roles: mode 0: not a valid value"},
		{func(c *oidc.Cluster) { c.Issuer = "https://oidc.example.com/" }, nil, `plan roles: the issuer "https://oidc.example.com/" ends in a slash`},
		{func(c *oidc.Cluster) { c.Provider = provider + "2" }, nil, `plan roles: the provider "` + provider + `2" is not that of the issuer "https://oidc.example.com/demo"`},
		{func(c *oidc.Cluster) { c.Mode, c.Name = oidc.ModePodIdentity, "" }, nil, "plan roles: the cluster has no name"},
		{func(c *oidc.Cluster) { c.Mode = oidc.ModeNodeRole }, nil, `plan roles: the nodes: role name ""`},
		{nil, []oidc.Binding{{Namespace: "jx", ServiceAccount: "a"}, {Namespace: "jx", ServiceAccount: "a"}}, "plan roles: the service account jx/a stands twice"},
		{nil, []oidc.Binding{{Namespace: "jx", ServiceAccount: "a*"}}, "plan roles: the service account jx/a*: want a namespace and a name by the rules of DNS"},
		{nil, []oidc.Binding{{ServiceAccount: "a"}}, "plan roles: the service account /a: want a namespace and a name by the rules of DNS"},
		{nil, []oidc.Binding{{Namespace: "jx", ServiceAccount: "a", PolicyARNs: []string{"AmazonS3FullAccess"}}}, `plan roles: the service account jx/a: the policy "AmazonS3FullAccess": want arn:PARTITION:iam::ACCOUNT:policy/NAME`},
		{nil, []oidc.Binding{{Namespace: "jx", ServiceAccount: "a", PolicyARNs: []string{"arn:aws-cn:iam::aws:policy/X"}}}, `plan roles: the service account jx/a: the policy "arn:aws-cn:iam::aws:policy/X" is of the partition aws-cn, and the cluster of aws`},
		{nil, []oidc.Binding{{Namespace: "jx", ServiceAccount: "a", PolicyARNs: []string{"arn:aws:iam::444455556666:policy/X"}}}, `plan roles: the service account jx/a: the policy "arn:aws:iam::444455556666:policy/X" is another account's, and only one of the role's own account or of AWS can be attached`},
		{nil, []oidc.Binding{{Namespace: "jx", ServiceAccount: "a", TokenLife: time.Minute, Session: time.Minute}}, "plan roles: the service account jx/a: a session of 1m0s, want an hour to twelve\nthe service account jx/a: a token of 1m0s, want ten minutes to a day"},
		{nil, []oidc.Binding{{Namespace: "jx", ServiceAccount: "a", Audience: "*"}}, `plan roles: the service account jx/a: the audience "*", want exact text of 255 characters at most`},
		{nil, []oidc.Binding{{Namespace: "jx", ServiceAccount: "a", Role: "a/b"}}, `plan roles: the service account jx/a: role name "a/b"`},
		{nil, []oidc.Binding{{Namespace: "jx", ServiceAccount: "a", PolicyARNs: eleven}}, "plan roles: the role demo-jx-a has 11 managed policies, and IAM attaches 10 unless the quota is raised"},
		{nil, many, "plan roles: the trust policy of the role shared has "},
	} {
		c := irsa()
		if test.cluster != nil {
			test.cluster(&c)
		}
		_, err := oidc.NewPlan(c, test.list)
		if assert.Error(t, err, test.want) {
			assert.True(t, strings.HasPrefix(err.Error(), test.want), err)
		}
	}
}

func TestFromJenkinsX(t *testing.T) {
	t.Parallel()
	accounts := append(jenkinsx.ServiceAccounts(""), jenkinsx.ServiceAccount{Namespace: "jx", Name: "mine", PolicyARNs: []string{"arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"}})
	list, err := oidc.FromJenkinsX(accounts, map[string]string{"TektonBotPolicy": policyARN})
	require.NoError(t, err)
	require.Len(t, list, 7)
	assert.Equal(t, []string{policyARN}, list[5].PolicyARNs)
	assert.Equal(t, []string{"arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"}, list[6].PolicyARNs)
	p := plan(t, irsa(), list...)
	assert.Len(t, p.Roles, 7)
	_, err = oidc.FromJenkinsX(accounts, nil)
	assert.EqualError(t, err, `bindings: the account jx/tekton-bot has the policy of the export "TektonBotPolicy", which is not among the outputs`)
	_, err = oidc.FromJenkinsX(append(accounts, accounts[0]), nil)
	assert.EqualError(t, err, "bindings: the account cert-manager/cm-cainjector stands twice")
}

const manifest = `# The accounts of pipelines.
apiVersion: apps/v1
kind: Deployment
metadata: &m {name: web, labels: *x}
spec:   {replicas:   2}

---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: tekton-bot # runs pipelines
  namespace: jx
  labels:
    aws-usage: mine
  annotations:
    # kept
    example.com/owner: "ops"
    eks.amazonaws.com/token-expiration: "3600"
imagePullSecrets:
- name: pull
automountServiceAccountToken: no
---
# nothing
`

func annotations(t testing.TB) []oidc.Annotation {
	t.Helper()
	return plan(t, irsa(), bindings()...).Annotations
}

func TestAnnotate(t *testing.T) {
	t.Parallel()
	text := strings.Replace(manifest, "&m {name: web, labels: *x}", "{name: web}", 1)
	out, changes, err := oidc.Annotate("sa.yaml", []byte(text), annotations(t))
	require.NoError(t, err)
	assert.Equal(t, `# The accounts of pipelines.
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:   {replicas:   2}

---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: tekton-bot # runs pipelines
  namespace: jx
  labels:
    aws-usage: mine
  annotations:
    # kept
    example.com/owner: "ops"
    eks.amazonaws.com/token-expiration: "3600"
    eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/demo-jx-tekton-bot
imagePullSecrets:
  - name: pull
automountServiceAccountToken: no
---
# nothing
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: cm-cert-manager
  namespace: cert-manager
  annotations:
    eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/demo-cert-manager-cm-cert-manager
`, string(out))
	require.Len(t, changes, 2)
	assert.Equal(t, "+ cert-manager/cm-cert-manager", changes[0].String())
	assert.Equal(t, `+ jx/tekton-bot eks.amazonaws.com/role-arn: "arn:aws:iam::111122223333:role/demo-jx-tekton-bot"`, changes[1].String())

	again, changes, err := oidc.Annotate("sa.yaml", out, annotations(t))
	require.NoError(t, err)
	assert.Empty(t, changes)
	assert.Equal(t, string(out), string(again))

	// Another role is overwritten, and an audience that the trust policy does not
	// take; a life where one is asked for.
	text = strings.Replace(string(out), "role/demo-jx-tekton-bot", "role/old\n    eks.amazonaws.com/audience: other # once", 1)
	asked := annotations(t)
	asked[1].TokenLife = 10 * time.Minute
	out, changes, err = oidc.Annotate("sa.yaml", []byte(text), asked)
	require.NoError(t, err)
	assert.Contains(t, string(out), "eks.amazonaws.com/audience: sts.amazonaws.com # once\n")
	assert.Contains(t, string(out), "eks.amazonaws.com/token-expiration: \"600\"\n")
	require.Len(t, changes, 3)
	assert.Equal(t, `~ jx/tekton-bot eks.amazonaws.com/audience: "sts.amazonaws.com", before "other"`, changes[0].String())

	// Nothing at all is a manifest too, and the end of its last line may be missing.
	out, _, err = oidc.Annotate("sa.yaml", nil, annotations(t)[:1])
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(string(out), "apiVersion: v1\nkind: ServiceAccount\n"))
	out, _, err = oidc.Annotate("sa.yaml", []byte("kind: Other"), annotations(t)[:1])
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(string(out), "kind: Other\n---\napiVersion: v1\n"))
	_, _, err = oidc.Annotate("sa.yaml", nil, append(annotations(t)[:1], annotations(t)[0]))
	assert.EqualError(t, err, "annotate service accounts: cert-manager/cm-cert-manager is to be annotated twice")
}

func TestParseAccounts(t *testing.T) {
	t.Parallel()
	const head = "kind: ServiceAccount\nmetadata:\n"
	list, err := oidc.ParseAccounts("sa.yaml", []byte("---\nkind: X\n---\n"+head+"  name: a\n  namespace: b\n  annotations: {c: d}\nsecrets: [{name: x}]\n"))
	require.NoError(t, err)
	assert.Equal(t, []oidc.Account{{Namespace: "b", Name: "a", Annotations: map[string]string{"c": "d"}, Path: "sa.yaml:6:9"}}, list)
	for _, test := range []struct{ text, want string }{
		{head + "  name: a\n", `parse service accounts: sa.yaml:3:9: the service account "a" has no namespace: whoever applies it decides which`},
		{head + "  namespace: a\n", "parse service accounts: sa.yaml:3:3: a service account without a name"},
		{"kind: X\n---\nmetadata: {}\n", "parse service accounts: sa.yaml:3:11: an object without a kind"},
		{"kind: List\nitems: []\n", "parse service accounts: sa.yaml:1:1: a List, want each object in a document of its own"},
		{head + "  name: a\n  namespace: b\n---\n" + head + "  name: a\n  namespace: b\n", "parse service accounts: sa.yaml:8:9: the service account b/a stands twice, first at sa.yaml:3:9"},
		{"kind: X\n--- {kind: ServiceAccount}\n", "parse service accounts: sa.yaml:2:1: a document begins on the line of its separator, want it below"},
		{"kind: X\n---\n" + head + "  name: a\n  name: c\n", "parse service accounts: sa.yaml:6:3: /metadata/name: the key stands twice, first in line 3; the last one counts"},
		{head + "  name: &a a\n  namespace: *a\n", "parse service accounts: sa.yaml:3:9: /metadata/name: got the anchor \"&a\", want none"},
		{head + "  name: a\n  namespace: b\n  annotations: {c: 1}\n", `parse service accounts: sa.yaml:5:20: /metadata/annotations/c: got the number "1", want it in quotes, which make it a text`},
		{head + "  name: !!str a\n", `parse service accounts: sa.yaml:3:9: /metadata/name: got the tag "!!str", want none`},
		{"a:\n\tb: c", "parse service accounts: sa.yaml:2:1: got a tab, want spaces: YAML is not indented by tabs"},
		{strings.Repeat("#", 1<<20+1), "parse service accounts: sa.yaml:1:1: the text is over 1 MiB"},
	} {
		_, err := oidc.ParseAccounts("sa.yaml", []byte(test.text))
		if assert.Error(t, err, test.text) {
			assert.True(t, strings.HasPrefix(err.Error(), test.want), err)
		}
	}
}

func FuzzAnnotate(f *testing.F) {
	f.Add([]byte(strings.Replace(manifest, "&m {name: web, labels: *x}", "{name: web}", 1)))
	f.Add([]byte("---\nkind: ServiceAccount\nmetadata: {name: tekton-bot, namespace: jx, annotations: }\n...\n"))
	asked := annotations(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		before, err := oidc.ParseAccounts("f", data)
		if err != nil {
			return
		}
		out, _, err := oidc.Annotate("f", data, asked)
		if err != nil {
			return
		}
		again, changes, err := oidc.Annotate("f", out, asked)
		require.NoError(t, err)
		require.Empty(t, changes)
		require.Equal(t, string(out), string(again))
		after, err := oidc.ParseAccounts("f", out)
		require.NoError(t, err)
		byKey := map[string]oidc.Account{}
		for _, a := range after {
			byKey[a.Key()] = a
		}
		for _, a := range before { // what was there is there, but for what is ours
			for key, v := range a.Annotations {
				if !strings.HasPrefix(key, "eks.amazonaws.com/") {
					require.Equal(t, v, byKey[a.Key()].Annotations[key])
				}
			}
			for key, v := range a.Labels {
				require.Equal(t, v, byKey[a.Key()].Labels[key])
			}
		}
	})
}

var _ groundway.Keyed = oidc.Account{}
