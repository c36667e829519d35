package presets_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/presets"
)

// A maker is a system, with names that are as long as AWS takes them beside.
type maker struct {
	name string
	set  func() (presets.Set, error)
	long func() (presets.Set, error)
}

func long(prefix string, n int) string { return prefix + strings.Repeat("n", n-len(prefix)) }

// longScope is the one with the longest ARNs.
var longScope = iam.MustScope("ap-southeast-99", "111122223333")

func makers() []maker {
	longTectonic := presets.Tectonic{
		Cluster: long("c", 52), BaseDomain: long("d", 253), HostedZone: long("Z", 32), Bucket: long("b", 63),
		Operators: []string{"arn:aws:iam::444455556666:user/" + long("u", 64)}, OnEC2: true, ExternalID: long("x", 1224), MFA: true,
		Boundary: "arn:aws:iam::111122223333:policy/" + long("p", 128), RoleName: long("r", 64),
	}
	longElastic := presets.Elastic{InstallerRole: long("i", 64), WorkerRole: long("w", 64), VPC: long("vpc-", 21), Secrets: long("s", 512), Network: true}
	longJenkinsX := presets.JenkinsX{
		Cluster: long("c", 48), Federation: presets.Federation{Issuer: long("https://", 255)}, Operators: []string{"arn:aws:iam::444455556666:user/" + long("u", 64)},
		RoleName: long("r", 64), HostedZone: long("Z", 32), Buckets: []string{long("b", 63), long("s", 63)}, Repositories: long("r", 256),
		Vault:    presets.Vault{Table: long("t", 255), KMSKey: long("k", 64), Bucket: long("v", 63), Prefix: long("p", 1023) + "/"},
		Boundary: "arn:aws:iam::111122223333:policy/" + long("p", 128), VaultUser: long("u", 64),
	}
	return []maker{
		{
			"tectonic",
			func() (presets.Set, error) { return tectonic.Set(scope) },
			func() (presets.Set, error) { return longTectonic.Set(longScope) },
		},
		{
			"elastic",
			func() (presets.Set, error) { return elastic.Set(scope) },
			func() (presets.Set, error) { return longElastic.Set(longScope) },
		},
		{
			"jenkins-x",
			func() (presets.Set, error) { return jenkinsX.Set(scope) },
			func() (presets.Set, error) { return longJenkinsX.Set(longScope) },
		},
		{
			"service-accounts-irsa",
			func() (presets.Set, error) {
				return presets.ServiceAccounts(scope, presets.Federation{Issuer: issuer}, addOns("demo")...)
			},
			func() (presets.Set, error) {
				return presets.ServiceAccounts(longScope, presets.Federation{Issuer: long("https://", 255)}, addOns(long("c", 45))...)
			},
		},
		{
			"service-accounts-pod-identity",
			func() (presets.Set, error) {
				return presets.ServiceAccounts(scope, presets.Federation{PodIdentity: "demo"}, addOns("demo")...)
			},
			func() (presets.Set, error) {
				return presets.ServiceAccounts(longScope, presets.Federation{PodIdentity: long("c", 100)}, addOns(long("c", 45))...)
			},
		},
	}
}

// checkSet holds what is true of every set.
func checkSet(t *testing.T, s presets.Set) {
	t.Helper()
	policies, roles := map[string]bool{}, map[string]bool{}
	for _, p := range s.Policies {
		assert.False(t, policies[strings.ToLower(p.Name)], p.Name)
		policies[strings.ToLower(p.Name)] = true
		size := iam.MeasureText(p.Document.String()).Significant
		assert.LessOrEqual(t, size, 6144, p.Name)
		assert.NotContains(t, p.Name, " ")
		require.NoError(t, iam.CheckName(iam.PolicyName, p.Name))
		assert.NotZero(t, p.Phase)
	}
	for _, r := range s.Roles {
		assert.False(t, roles[strings.ToLower(r.Name)], r.Name)
		roles[strings.ToLower(r.Name)] = true
		require.NoError(t, iam.CheckName(iam.RoleName, r.Name))
		for _, f := range iam.Validate(r.Trust, iam.TrustPolicy, iam.ValidateOptions{Name: r.Name}) {
			assert.NotEqual(t, groundway.Failed, f.Outcome, "%s: %s", r.Name, f.Summary)
		}
		require.NotEmpty(t, r.Policies)
		assert.LessOrEqual(t, len(r.Policies), 10, "the quota of policies of a role")
		for _, name := range r.Policies {
			assert.True(t, policies[strings.ToLower(name)], "%s has the policy %s, which is not there", r.Name, name)
		}
	}
	for _, p := range s.Profiles {
		assert.True(t, roles[strings.ToLower(p.Role)], p.Role)
	}
	for _, a := range s.Associations {
		assert.True(t, roles[strings.ToLower(a.Role)], a.Role)
	}
	// A role that may be passed is one of the set, or of the installer's own.
	for _, p := range s.Policies {
		for _, st := range p.Document.Statements {
			for _, r := range st.Resources {
				if name, ok := strings.CutPrefix(r, "arn:aws:iam::111122223333:role/"); ok && s.System == "elastic" && !strings.HasPrefix(name, "aws-service-role/") {
					assert.True(t, roles[strings.ToLower(name)], "the role %s that %s passes is not there", name, p.Name)
				}
			}
		}
	}
}

func TestSet(t *testing.T) {
	for _, m := range makers() {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			s, err := m.set()
			require.NoError(t, err)
			checkSet(t, s)
			again, err := m.set()
			require.NoError(t, err)
			assert.Equal(t, s, again)
		})
	}
}

// Sets fit the quotas at the longest names too.
func TestSetLongestNames(t *testing.T) {
	for _, m := range makers() {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			s, err := m.long()
			require.NoError(t, err)
			checkSet(t, s)
			short, err := m.set()
			require.NoError(t, err)
			assert.Len(t, s.Policies, len(short.Policies), "a policy does not become two because a name is long")
		})
	}
}

// The policies of a set allow together what Least does: a split loses nothing.
func TestSetSplit(t *testing.T) {
	for _, c := range []struct {
		set    func(iam.Scope) (presets.Set, error)
		role   int
		preset presets.Preset
	}{
		{tectonic.Set, 0, tectonic},
		{elastic.Set, 0, presets.ElasticInstaller{Elastic: elastic}},
		{elastic.Set, 1, presets.ElasticWorker{Elastic: elastic}},
	} {
		s, err := c.set(scope)
		require.NoError(t, err)
		least, err := c.preset.Least(scope)
		require.NoError(t, err)
		comparison, err := iam.Compare(s.Documents(s.Roles[c.role].Policies), []iam.Document{least}, iam.CompareOptions{})
		require.NoError(t, err)
		assert.Equal(t, iam.RelationEqual, comparison.Relation, "%+v %s", comparison.Witness(), comparison.Undecided)
	}
}

// Each role of pods trusts one service account, by its exact name, and nobody
// else.
func TestServiceAccountTrust(t *testing.T) {
	provider := "arn:aws:iam::111122223333:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
	for _, f := range []presets.Federation{{Issuer: issuer}, {PodIdentity: "demo"}} {
		s, err := presets.ServiceAccounts(scope, f, addOns("demo")...)
		require.NoError(t, err)
		require.Len(t, s.Roles, 8)
		for i, r := range s.Roles {
			a := addOns("demo")[i]
			assert.Equal(t, []string{a.Namespace, a.Name, a.Role}, []string{r.Namespace, r.ServiceAccount, r.Name})
			trusts, err := iam.ParseTrust(r.Trust)
			require.NoError(t, err)
			want := iam.Trust(iam.TrustServiceAccount(provider, a.Namespace, a.Name))
			if f.PodIdentity != "" {
				want = iam.TrustPodIdentity("arn:aws:eks:us-east-1:111122223333:cluster/demo", a.Namespace, a.Name).SourceAccount("111122223333")
			}
			assert.Equal(t, []iam.Trust{want}, trusts)
			for _, f := range iam.Lint(r.Trust, iam.LintOptions{Kind: iam.TrustPolicy, Validated: true, Partition: iam.PartitionAWS}) {
				assert.NotEqual(t, groundway.Failed, f.Outcome, f.Summary)
			}
		}
		if f.Issuer != "" {
			assert.Equal(t, []presets.Provider{{URL: issuer, ARN: provider, Audiences: []string{"sts.amazonaws.com"}}}, s.Providers)
			assert.Empty(t, s.Associations)
		} else {
			assert.Empty(t, s.Providers)
			assert.Len(t, s.Associations, 8)
		}
	}
}

func TestJenkinsXSet(t *testing.T) {
	s, err := jenkinsX.Set(scope)
	require.NoError(t, err)
	assert.Equal(t, []string{"demo-jenkins-x-installer", "demo-cert-manager", "demo-external-dns", "demo-controllerbuild", "demo-tekton-bot", "demo-vault"}, roleNames(s))
	assert.Equal(t, []string{"demo-jenkins-x-installer"}, roleNames(s.In(presets.Create)))
	assert.Empty(t, s.In(presets.Create).Providers)
	assert.Equal(t, roleNames(s)[1:], roleNames(s.In(presets.Run)))
	assert.Len(t, s.In(presets.Run).Providers, 1)
	for _, p := range s.In(presets.Delete).Policies {
		assert.Contains(t, p.Name, "CFNEKSCreatorPolicy")
	}
	assert.Empty(t, s.Attachments)
	user, err := with(jenkinsX, func(j *presets.JenkinsX) { j.VaultUser = "vault" }).Set(scope)
	require.NoError(t, err)
	assert.Equal(t, []presets.UserAttachment{{User: "vault", Policies: []string{"CFNVaultPolicy"}}}, user.Attachments)
	assert.Empty(t, user.In(presets.Create).Attachments)
	// Boot can make the policies, and only those that are named so.
	for _, p := range s.Policies {
		assert.True(t, strings.HasPrefix(p.Name, "CFN"), p.Name)
	}
}

func roleNames(s presets.Set) []string {
	var names []string
	for _, r := range s.Roles {
		names = append(names, r.Name)
	}
	return names
}

func TestTectonicTrust(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "published", "tectonic-trust.json"))
	require.NoError(t, err)
	published, err := iam.Parse(string(text), iam.ParseOptions{})
	require.NoError(t, err)
	got, err := tectonic.Trust(scope)
	require.NoError(t, err)
	assert.True(t, iam.Equal(published, got), "%s", got.Indent())

	both, err := with(tectonic, func(t *presets.Tectonic) { t.OnEC2, t.MFA, t.ExternalID = true, true, "0123" }).Trust(scope)
	require.NoError(t, err)
	trusts, err := iam.ParseTrust(both)
	require.NoError(t, err)
	assert.Equal(t, []iam.Trust{
		iam.TrustPrincipals(operator).ExternalID("0123").RequireMFA(),
		iam.TrustService("ec2.amazonaws.com"),
	}, trusts)
	china, err := with(tectonic, func(t *presets.Tectonic) { t.OnEC2, t.Operators = true, nil }).Trust(iam.MustScope("cn-north-1", "111122223333"))
	require.NoError(t, err)
	assert.Contains(t, china.String(), "ec2.amazonaws.com.cn")
}

func TestSetIn(t *testing.T) {
	s, err := elastic.Set(scope)
	require.NoError(t, err)
	create := s.In(presets.Create)
	require.Len(t, create.Roles, 1)
	assert.Equal(t, "demo-installer", create.Roles[0].Name)
	assert.Equal(t, []presets.InstanceProfile{{Name: "demo-installer", Role: "demo-installer"}}, create.Profiles)
	checkSet(t, presets.Set{System: "part", Policies: create.Policies, Roles: create.Roles, Profiles: create.Profiles})
	assert.Len(t, s.Roles, 2, "the set itself is left alone")
	assert.Equal(t, s, s.In(presets.Create|presets.Run|presets.Delete))
	assert.Equal(t, presets.Set{System: "elastic"}.System, s.In(0).System)
	assert.Empty(t, s.In(0).Policies)
	assert.Equal(t, "create, delete", (presets.Create | presets.Delete).String())
	assert.Equal(t, "none", presets.Phase(0).String())
	text, err := json.Marshal(presets.Run)
	require.NoError(t, err)
	assert.JSONEq(t, `"run"`, string(text))
}

func TestShortName(t *testing.T) {
	assert.Equal(t, "demo", presets.ShortName("demo", 64))
	a, b := presets.ShortName(long("a", 70)+"x", 64), presets.ShortName(long("a", 70)+"y", 64)
	assert.Len(t, a, 64)
	assert.NotEqual(t, a, b)
	require.NoError(t, iam.CheckName(iam.RoleName, a))
	assert.Equal(t, long("a", 70), presets.ShortName(long("a", 70), 5), "too short for a hash")
}

// Bad input is refused with the field named, before any document is made.
func TestErrors(t *testing.T) {
	tec := func(change func(*presets.Tectonic)) presets.Preset { return with(tectonic, change) }
	ela := func(change func(*presets.Elastic)) presets.Preset {
		return presets.ElasticInstaller{Elastic: with(elastic, change)}
	}
	for _, c := range []struct {
		preset presets.Preset
		want   string
	}{
		{presets.Tectonic{}, "tectonic: Cluster: it is empty: want a cluster name\ntectonic: BaseDomain: it is empty: want a domain name\ntectonic: HostedZone: it is empty: want a hosted zone id\ntectonic: Bucket: it is empty: want a bucket name"},
		{tec(func(t *presets.Tectonic) { t.Cluster = "de*mo" }), `tectonic: Cluster: cluster name "de*mo": it may not hold '*'` + "\n" + `tectonic: Cluster: role name "de*mo-master-role": the character '*' is none of a-z, A-Z, 0-9 and +=,.@_-`},
		{tec(func(t *presets.Tectonic) { t.Cluster = long("c", 53) }), `tectonic: Cluster: role name "` + long("c", 53) + `-master"…: 65 characters, want 1 to 64`},
		{tec(func(t *presets.Tectonic) { t.HostedZone = "*" }), `tectonic: HostedZone: hosted zone id "*": it may not hold '*'`},
		{tec(func(t *presets.Tectonic) { t.VPC = "subnet-0a1" }), `tectonic: VPC: VPC id "subnet-0a1": want it to begin with vpc-`},
		{tec(func(t *presets.Tectonic) { t.Bucket = "b" }), `tectonic: Bucket: bucket name "b": 1 characters, want 3 to 63`},
		{tec(func(t *presets.Tectonic) { t.MasterRole = "masters" }), `tectonic: MasterRole: of MasterRole, WorkerRole and EtcdRole 1 are given: want all or none`},
		{tec(func(t *presets.Tectonic) { t.Operators = []string{"arn:aws:iam::44445555666:user/operator"} }), `tectonic: Operators: parse account "44445555666": want 12 digits`},
		{tec(func(t *presets.Tectonic) { t.Operators = []string{"arn:aws:iam::444455556666:user/*"} }), `tectonic: Operators: "arn:aws:iam::444455556666:user/*": it may not hold wildcards`},
		{tec(func(t *presets.Tectonic) { t.Operators = []string{"arn:aws:iam::444455556666:root"} }), `tectonic: Operators: "arn:aws:iam::444455556666:root": want the ARN of a user of IAM`},
		{tec(func(t *presets.Tectonic) { t.Operators, t.MFA = nil, true }), `tectonic: Operators: there are none: ExternalID and MFA are asked of operators`},
		{tec(func(t *presets.Tectonic) { t.Operators, t.MFA = []string{"arn:aws:iam::444455556666:role/ops"}, true }), `tectonic: MFA: "arn:aws:iam::444455556666:role/ops" is a role, which cannot sign in with it`},
		{tec(func(t *presets.Tectonic) { t.ExternalID = "x" }), `tectonic: ExternalID: external ID "x": 1 characters, want 2 to 1224`},
		{tec(func(t *presets.Tectonic) { t.Boundary = "boundary" }), `tectonic: Boundary: parse ARN "boundary": want it to begin with "arn:"`},
		{tec(func(t *presets.Tectonic) {
			t.MasterRole, t.WorkerRole, t.EtcdRole, t.Boundary = "a", "b", "c", boundary
		}), `tectonic: Boundary: the roles of nodes exist already: want no Boundary beside MasterRole`},
		{ela(func(e *presets.Elastic) { e.InstallerRole = "cluster installer" }), `elastic installer: InstallerRole: role name "cluster installer": the character ' ' is none of a-z, A-Z, 0-9 and +=,.@_-`},
		{ela(func(e *presets.Elastic) { e.WorkerRole = e.InstallerRole }), `elastic installer: WorkerRole: it is the InstallerRole: want two roles`},
		{ela(func(e *presets.Elastic) { e.Secrets = "" }), `elastic installer: Secrets: it is empty: want a beginning of secret names`},
		{ela(func(e *presets.Elastic) { e.AnySecret = true }), `elastic installer: AnySecret: it contradicts Secrets`},
		{presets.EKSCreator{Cluster: "demo", Boundary: "arn:aws:iam::111122223333:role/demo"}, `EKS creator: Boundary: "arn:aws:iam::111122223333:role/demo": want the ARN of a policy of IAM`},
		{with(boot, func(j *presets.JenkinsXBoot) { j.Buckets = nil }), `jx boot: Buckets: it is empty: want a bucket name`},
		{with(boot, func(j *presets.JenkinsXBoot) { j.Issuer = "http://issuer.example.com" }), `jx boot: Issuer: issuer "http://issuer.example.com": want it to begin with https://`},
		{with(boot, func(j *presets.JenkinsXBoot) { j.Issuer = issuer + "/" }), `jx boot: Issuer: issuer "` + issuer + `/": want it without a slash at the end`},
		{with(boot, func(j *presets.JenkinsXBoot) { j.Issuer = "https://*.example.com" }), `jx boot: Issuer: issuer "https://*.example.com": it may not hold '*'`},
		{with(boot, func(j *presets.JenkinsXBoot) { j.VaultUser = "a/b" }), `jx boot: VaultUser: user name "a/b": the character '/' is none of a-z, A-Z, 0-9 and +=,.@_-`},
		{with(vault, func(v *presets.Vault) { v.Bucket, v.Prefix = "", "vault/" }), `vault: Prefix: there is no Bucket`},
		{with(vault, func(v *presets.Vault) { v.Prefix = "${aws:username}/" }), `vault: Prefix: prefix of objects "${aws:username}/": it may not hold '$'`},
		{presets.ExternalDNS{}, `external-dns: HostedZones: it is empty: want a hosted zone id`},
		{presets.CertManager{HostedZones: []string{"Z*"}}, `cert-manager: HostedZones: hosted zone id "Z*": it may not hold '*'`},
		{presets.VPCCNI{Cluster: "demo"}, `VPC CNI: VPC: it is empty: want a VPC id`},
	} {
		t.Run(c.want, func(t *testing.T) {
			for _, method := range []func(iam.Scope) error{
				func(s iam.Scope) error { _, err := c.preset.Published(s); return err },
				func(s iam.Scope) error { _, err := c.preset.Least(s); return err },
				func(s iam.Scope) error { _, err := c.preset.Provenance(s); return err },
			} {
				require.EqualError(t, method(scope), c.want)
			}
		})
	}
	for _, p := range provenCases() {
		_, err := p.preset.Least(iam.Scope{})
		require.ErrorContains(t, err, "scope: it is empty: want that of iam.NewScope", p.name)
	}
	_, err := with(tectonic, func(t *presets.Tectonic) { t.Operators = nil }).Set(scope)
	require.EqualError(t, err, `tectonic: Operators: there are none: want the ARN of a user or role that may assume the role "tectonic-installer", or OnEC2`)
	_, err = with(jenkinsX, func(j *presets.JenkinsX) { j.Operators = nil }).Set(scope)
	require.EqualError(t, err, `jenkins x: Operators: there are none: want the ARN of a user or role that makes the cluster`)
	_, err = presets.ServiceAccounts(scope, presets.Federation{})
	require.EqualError(t, err, `service accounts: Issuer: it is empty: want the URL of the cluster's issuer`)
	_, err = presets.ServiceAccounts(scope, presets.Federation{Issuer: issuer, PodIdentity: "demo"})
	require.EqualError(t, err, `service accounts: PodIdentity: it contradicts Issuer: want one of the two`)
	_, err = presets.ServiceAccounts(scope, presets.Federation{Issuer: issuer}, presets.ServiceAccount{Namespace: "jx", Name: "*", Role: "demo"})
	require.EqualError(t, err, "service accounts: Name: name of Kubernetes \"*\": it may not hold '*'\nservice accounts: Preset: the role \"demo\" has none")
	_, err = with(elastic, func(e *presets.Elastic) { e.InstallerRole = long("i", 65) }).Set(scope)
	require.EqualError(t, err, `elastic installer: InstallerRole: role name "`+long("i", 60)+`"…: 65 characters, want 1 to 64`)
}
