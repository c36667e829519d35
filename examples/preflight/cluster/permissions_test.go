package cluster_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/examples/preflight/cluster"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/identity/jenkinsx"
)

// The policy of the preflight is made of the rules of all packages; an adapter that
// calls what no rule names would be denied by it.
func TestRulesNameEveryCall(t *testing.T) {
	var named []string
	for _, r := range cluster.Rules() {
		named = append(named, r.Permissions...)
	}
	called := cluster.Actions()
	slices.Sort(called)
	slices.Sort(named)
	assert.Equal(t, slices.Compact(called), slices.Compact(named))
}

// Nobody is asked for a permission that a check of the spec has no use for.
func TestPolicyIsOfTheSpec(t *testing.T) {
	scope := iam.MustScope("us-west-2", "111122223333")
	held := func(spec cluster.Spec) string {
		policy, err := cluster.Policy(scope, spec)
		require.NoError(t, err)
		var actions []string
		for _, s := range policy.Statements {
			for _, a := range s.Actions {
				actions = append(actions, string(a))
			}
		}
		return strings.Join(actions, " ")
	}
	spec, _ := builtIn(t)
	for _, r := range []struct {
		action string
		name   func(s *cluster.Spec)
	}{
		{"dynamodb:DescribeTable", func(s *cluster.Spec) {
			s.Resources.Vault = &cluster.Vault{VaultAWS: jenkinsx.VaultAWS{DynamoDBTable: "vault-data", IAMUserName: "vault", KMSKeyID: "alias/vault", S3Bucket: "vault"}}
		}},
		{"s3:GetBucketVersioning", func(s *cluster.Spec) { s.Resources.Buckets = []string{"logs"} }},
		{"kms:DescribeKey", func(s *cluster.Spec) { s.Resources.KMSKey = "alias/demo" }},
		{"ecr:DescribeRepositories", func(s *cluster.Spec) { s.Resources.Repositories = []string{"app"} }},
		{"route53:ListHostedZones", func(s *cluster.Spec) { s.DNS.BaseDomain, s.DNS.Zone = "k8s.example.com", "Z0123456789ABC" }},
		{"servicequotas:ListServiceQuotas", func(s *cluster.Spec) { s.Nodes.Workers = cluster.NodeGroup{InstanceType: "m5.large", Count: 2} }},
		{"ec2:DescribeKeyPairs", func(s *cluster.Spec) { s.SSH.KeyName = "ops" }},
		{"organizations:ListPoliciesForTarget", func(s *cluster.Spec) { s.Permissions.Actions = []string{"ec2:RunInstances"} }},
	} {
		assert.NotContains(t, held(spec), r.action)
		more := spec
		r.name(&more)
		assert.Contains(t, held(more), r.action)
	}
	assert.Contains(t, held(spec), "ec2:DescribeRouteTables")
	assert.NotContains(t, held(spec), "*")
}

func TestCheckPermissions(t *testing.T) {
	spec, s := builtIn(t)
	find := func(spec cluster.Spec, s cluster.Snapshot) (list []string) {
		for _, f := range cluster.Check(spec, s, time.Time{}).Findings {
			if f.Code.Package() == "iam" && f.Outcome != groundway.Passed && f.Outcome != groundway.Skipped {
				list = append(list, f.Outcome.String()+" "+string(f.Code)+" "+f.Subject.ID)
			}
		}
		return list
	}
	assert.Empty(t, find(spec, s), "nothing was asked for")

	spec.Permissions = cluster.Permissions{Actions: []string{"ec2:RunInstances", "ec2:DescribeVpcs"}}
	assert.Equal(t, []string{
		"unknown iam/permission-boundary installer", "unknown iam/permission-missing installer", "unknown iam/permission-scp 111122223333",
	}, find(spec, s), "the directory says who the caller is, and nothing of what it may do")
	s.IAM = iam.Parts{}
	assert.Equal(t, []string{
		"unknown iam/permission-boundary ", "unknown iam/permission-denied ", "unknown iam/permission-missing ", "unknown iam/permission-scp ",
	}, find(spec, s), "nobody looked who the caller is")

	s.Account = "111122223333"
	s.IAM = iam.Parts{
		Callers:  groundway.SeenPart(iam.Caller{ARN: "arn:aws:sts::111122223333:assumed-role/installer/run"}),
		Roles:    groundway.SeenPart(iam.RoleDetail{Name: "installer", ARN: "arn:aws:iam::111122223333:role/installer"}),
		Inline:   groundway.SeenPart(iam.InlinePolicyDetail{Owner: "role/installer", Name: "p", Document: iam.MustDocument(iam.Allow("ec2:Describe*").On("*")).String()}),
		Attached: groundway.SeenPart[iam.AttachedPolicy](),
		SCPs:     groundway.SeenPart[iam.SCPDetail](),
	}
	assert.Equal(t, []string{"failed iam/permission-missing installer"}, find(spec, s))
	assert.Equal(t, []string{"failed iam/permission-missing role-1"}, find(spec, s.Redact(spec)))
	spec.Permissions.Principal = "arn:aws:iam::111122223333:role/installer"
	assert.Equal(t, []string{"failed iam/permission-missing installer"}, find(spec, s.Redact(spec)))

	s.IAM.Inline.Items[0].Document = iam.MustDocument(iam.Allow("ec2:Describe*", "ec2:RunInstances").On("*")).String()
	assert.Empty(t, find(spec, s))
}

// dumpedIdentities are a role with too little, which the dump was made with, and one of
// which the spec says nothing.
const dumpedIdentities = `{
	"UserDetailList": [], "GroupDetailList": [],
	"RoleDetailList": [
		{"RoleName": "installer", "Arn": "arn:aws:iam::111122223333:role/ops/installer", "Path": "/ops/", "AttachedManagedPolicies": [{"PolicyArn": "arn:aws:iam::111122223333:policy/looks"}],
			"RolePolicyList": [{"PolicyName": "hand-on", "PolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"}]}}]},
		{"RoleName": "payroll", "AttachedManagedPolicies": [{"PolicyArn": "arn:aws:iam::111122223333:policy/payroll-all"}],
			"RolePolicyList": [{"PolicyName": "payroll", "PolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::payroll/*"}]}}]}
	],
	"Policies": [
		{"PolicyName": "looks", "Arn": "arn:aws:iam::111122223333:policy/looks", "DefaultVersionId": "v1", "PolicyVersionList": [{"VersionId": "v1", "IsDefaultVersion": true,
			"Document": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"}]}}]},
		{"PolicyName": "payroll-all", "Arn": "arn:aws:iam::111122223333:policy/payroll-all", "DefaultVersionId": "v1", "PolicyVersionList": [{"VersionId": "v1", "IsDefaultVersion": true, "Document": {}}]}
	]
}`

// A dump answers for the permissions of the spec and for its roles, as far as it holds
// the policies, and says nothing of what the spec does not ask about once it is redacted.
func TestDumpPermissions(t *testing.T) {
	t.Parallel()
	dir := fstest.MapFS{}
	entries, err := os.ReadDir("../account")
	require.NoError(t, err)
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join("../account", e.Name()))
		require.NoError(t, err)
		dir[e.Name()] = &fstest.MapFile{Data: data}
	}
	dir["iam-get-account-authorization-details.json"] = &fstest.MapFile{Data: []byte(dumpedIdentities)}
	dir["sts-get-caller-identity.json"] = &fstest.MapFile{Data: []byte(`{"UserId": "AROAEXAMPLE:run", "Account": "111122223333", "Arn": "arn:aws:sts::111122223333:assumed-role/installer/run"}`)}
	dir["iam-list-roles.json"] = &fstest.MapFile{Data: []byte(`{"Roles": [{"RoleName": "installer", "Arn": "arn:aws:iam::111122223333:role/ops/installer"}]}`)}
	spec, _ := builtIn(t)
	spec.Permissions = cluster.Permissions{Actions: []string{"ec2:DescribeVpcs", "ec2:RunInstances"}}
	spec.Resources.ControllerRole = cluster.NodeRole{Name: "installer"}
	s, err := cluster.ReadDump(dir)
	require.NoError(t, err)
	outcomes := func(s cluster.Snapshot) map[groundway.Code]string {
		found := map[groundway.Code]string{}
		for _, f := range cluster.Check(spec, s, time.Time{}).Findings {
			if f.Code.Package() == "iam" && strings.HasPrefix(string(f.Code), "iam/permission-") || f.Code == "iam/role-not-passable" {
				found[f.Code] = f.Outcome.String() + " " + f.Subject.ID
			}
		}
		return found
	}
	want := map[groundway.Code]string{
		"iam/permission-missing": "failed installer", "iam/permission-denied": "passed installer", "iam/permission-boundary": "skipped installer",
		"iam/permission-scp": "unknown 111122223333", "iam/permission-simulated": "skipped installer", "iam/permission-probe": "skipped installer",
		"iam/role-not-passable": "unknown installer", // by service control policies, which no dump holds
	}
	assert.Equal(t, want, outcomes(s))

	redacted := s.Redact(spec)
	text, err := json.Marshal(redacted)
	require.NoError(t, err)
	assert.NotContains(t, string(text), "payroll")
	assert.NotContains(t, string(text), "111122223333")
	want["iam/permission-scp"] = "unknown 000000000001"
	assert.Equal(t, want, outcomes(redacted))

	delete(dir, "sts-get-caller-identity.json")
	s, err = cluster.ReadDump(dir)
	require.NoError(t, err)
	assert.Equal(t, "unknown ", outcomes(s)["iam/permission-missing"], "nobody knows who the caller is")
	spec.Permissions.Principal = "arn:aws:iam::111122223333:role/ops/installer"
	assert.Equal(t, "failed installer", outcomes(s)["iam/permission-missing"])

	dir["iam-get-account-authorization-details.json"] = &fstest.MapFile{Data: []byte(`{"Roles": []}`)}
	_, err = cluster.ReadDump(dir)
	assert.EqualError(t, err, `iam-get-account-authorization-details.json:1:1: RoleDetailList is missing; want the output of aws iam get-account-authorization-details`)
}

// What bears on the installer's permissions is saved where something asks for it.
func TestPermissionScript(t *testing.T) {
	t.Parallel()
	const line = "save iam-get-account-authorization-details.json iam get-account-authorization-details\n"
	assert.NotContains(t, cluster.DumpScript(cluster.Spec{}), line)
	assert.Contains(t, cluster.DumpScript(cluster.Spec{Permissions: cluster.Permissions{Actions: []string{"ec2:RunInstances"}}}), line)
	spec, _ := elasticAccount(t)
	script := cluster.DumpScript(spec)
	assert.Contains(t, script, line)
	assert.Equal(t, 1, strings.Count(script, "save sts-get-caller-identity.json "))
}

func TestParsePermissions(t *testing.T) {
	const head = "cluster: demo\nprofile: tectonic\ntopology: public\nregion: us-east-1\nnetwork: {vpc: vpc-0a1, controllerSubnets: [subnet-0c1], workerSubnets: [subnet-0e1]}\n"
	spec, err := cluster.ParseSpec("cluster.yaml", []byte(head+"permissions: {actions: [ec2:runinstances], principal: 'arn:aws:iam::111122223333:role/x'}\n"))
	require.NoError(t, err)
	assert.Equal(t, cluster.Permissions{Actions: []string{"ec2:RunInstances"}, Principal: "arn:aws:iam::111122223333:role/x"}, spec.Permissions)
	for text, want := range map[string]string{
		"permissions: {actions: [ec2:Run*]}":                                           `cluster.yaml:6:25: permissions.actions[0]: got "ec2:Run*", want an action such as ec2:RunInstances, without wildcards`,
		"permissions: {actions: [ec2:RunInstance]}":                                    `cluster.yaml:6:25: permissions.actions[0]: got "ec2:RunInstance", which is none of AWS's actions`,
		"permissions: {actions: []}":                                                   `cluster.yaml:6:24: permissions.actions: got an empty list, want a list of actions`,
		"permissions: {actions: [ec2:RunInstances], principal: x}":                     `cluster.yaml:6:55: permissions.principal: got "x", want the ARN of a user, a role, or the session of a role`,
		"permissions: {actions: [ec2:RunInstances], principal: 'arn:aws:s3:::bucket'}": `cluster.yaml:6:55: permissions.principal: got "arn:aws:s3:::bucket", want the ARN of a user, a role, or the session of a role`,
	} {
		_, err := cluster.ParseSpec("cluster.yaml", []byte(head+text+"\n"))
		assert.EqualError(t, err, want)
	}
}
