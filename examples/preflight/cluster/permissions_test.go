package cluster_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/examples/preflight/cluster"
	"github.com/groundway-sdk/groundway/iam"
)

// The policy of the preflight is made of the rules of all packages; an adapter that
// calls what no rule names would be denied by it.
func TestPolicyHoldsEveryCall(t *testing.T) {
	scope := iam.MustScope("us-east-1", "111122223333")
	policy, err := cluster.Policy(scope)
	require.NoError(t, err)
	var held []string
	for _, s := range policy.Statements {
		for _, a := range s.Actions {
			held = append(held, strings.ToLower(string(a)))
		}
	}
	for _, action := range cluster.Actions() {
		if action == "sts:GetCallerIdentity" {
			continue // needs no permission
		}
		assert.Contains(t, held, strings.ToLower(action), "no rule lists the permission")
	}
	// And it holds nothing that nobody calls.
	called := cluster.Actions()
	for i := range called {
		called[i] = strings.ToLower(called[i])
	}
	for _, action := range held {
		assert.Contains(t, called, action, "no adapter calls it")
	}
	assert.False(t, slices.ContainsFunc(held, func(a string) bool { return strings.ContainsAny(a, "*?") }))
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
