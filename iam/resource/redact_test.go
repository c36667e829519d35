package resource_test

import (
	"encoding/json"
	"testing"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam/resource"
	"github.com/groundway-sdk/groundway/iam/resource/resourcetest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The redacted snapshot gives the same verdicts, and nobody reads from it what the
// options do not say.
func TestRedact(t *testing.T) {
	t.Parallel()
	for _, r := range rows {
		s, o := r.account()
		before, err := json.Marshal(s)
		require.NoError(t, err)
		once := s.Redact(o)
		assert.Equal(t, outcomes(resource.Check(s, o), groundway.Failed), outcomes(resource.Check(once, o), groundway.Failed), r.name)
		assert.Equal(t, outcomes(resource.Check(s, o), groundway.Unknown), outcomes(resource.Check(once, o), groundway.Unknown), r.name)
		first, err := json.Marshal(once)
		require.NoError(t, err)
		second, err := json.Marshal(once.Redact(o))
		require.NoError(t, err)
		assert.Equal(t, string(first), string(second), "%s: twice is once", r.name)
		after, err := json.Marshal(s)
		require.NoError(t, err)
		assert.Equal(t, string(before), string(after), "the snapshot itself stays")
	}
}

func TestRedactNames(t *testing.T) {
	t.Parallel()
	s, o := resourcetest.Account()
	s.Stacks.Items = append(s.Stacks.Items,
		resource.Stack{Name: "payroll-stack", ID: "arn:aws:cloudformation:us-east-1:111122223333:stack/payroll-stack/0a1b", Tags: map[string]string{"team": "secret project"}},
		resource.Stack{Name: "eksctl-demo-nodegroup-payroll-cluster", Tags: map[string]string{"alpha.eksctl.io/cluster-name": "demo-nodegroup-payroll"}},
		resource.Stack{Name: "eksctl-demo-cluster", Tags: map[string]string{"alpha.eksctl.io/cluster-name": "demo"}},
	)
	s.Buckets.Items = append(s.Buckets.Items, resource.Bucket{Name: "payroll-archive"})
	s.Profiles.Items = append(s.Profiles.Items, resource.InstanceProfile{Name: "payroll", Roles: []string{"payroll-role"}})
	s.Buckets.Gaps = []groundway.Gap{{Action: "s3:ListAllMyBuckets", Message: "a message of payroll"}}
	// A dump lists all of the account: policies of what the options do not name say names.
	const policy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:role/payroll-boss"},"Action":"*","Resource":"*"}]}`
	s.Roles.Items = append(s.Roles.Items, resource.Role{Name: "other", Trust: policy}, resource.Role{Name: "nodes.demo", Trust: policy})
	s.Keys.Items = append(s.Keys.Items, resource.Key{ID: "0b", Policy: policy})
	s.Secrets.Items = append(s.Secrets.Items, resource.Secret{Name: "other", Policy: policy})
	o.Installer, o.KMS, o.Secrets = "", nil, nil
	data, err := json.Marshal(s.Redact(o))
	require.NoError(t, err)
	assert.NotContains(t, string(data), "payroll")
	assert.NotContains(t, string(data), "secret project")
	assert.NotContains(t, string(data), "111122223333")
	assert.Contains(t, string(data), "eksctl-demo-cluster")
	assert.Contains(t, string(data), "acme-vault")
	assert.Contains(t, string(data), "000000000001")
	assert.Contains(t, string(data), "stack-1")
}

// A name that looks like a stand-in stays, and no other name becomes it.
func TestRedactStandIns(t *testing.T) {
	t.Parallel()
	s, o := resourcetest.Account()
	s.Account = "000000000001"
	s.Stacks = groundway.SeenPart(resource.Stack{Name: "a", ID: "arn:aws:cloudformation:us-east-1:444455556666:stack/a/0a"}, resource.Stack{Name: "stack-1"}, resource.Stack{Name: "stack-2"})
	once := s.Redact(o)
	assert.Equal(t, []resource.Stack{{Name: "stack-3", ID: "arn:aws:cloudformation:us-east-1:000000000002:stack/stack-3/0a"}, {Name: "stack-1"}, {Name: "stack-2"}}, []resource.Stack(once.Stacks.Items))
	_, err := json.Marshal(once)
	require.NoError(t, err)
	assert.Equal(t, once.Stacks.Items[0], once.Redact(o).Stacks.Items[2])
}
