package awscapacity_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	elbsdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	elbv2sdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	iamsdk "github.com/aws/aws-sdk-go-v2/service/iam"
	kmssdk "github.com/aws/aws-sdk-go-v2/service/kms"
	quotassdk "github.com/aws/aws-sdk-go-v2/service/servicequotas"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/awsfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/capacityfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/ec2fake"
	"github.com/groundway-sdk/groundway/network"
	"github.com/groundway-sdk/groundway/network/capacity"
	"github.com/groundway-sdk/groundway/network/capacity/awscapacity"
	nt "github.com/groundway-sdk/groundway/network/networktest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func clients(cfg aws.Config) awscapacity.Clients {
	return awscapacity.Clients{
		EC2: ec2sdk.NewFromConfig(cfg), Quotas: quotassdk.NewFromConfig(cfg), LoadBalancers: elbv2sdk.NewFromConfig(cfg),
		ClassicLoadBalancers: elbsdk.NewFromConfig(cfg), IAM: iamsdk.NewFromConfig(cfg), KMS: kmssdk.NewFromConfig(cfg),
	}
}

const autoScaling = "arn:aws:iam::111122223333:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"

// world is an account of which everything can be seen.
func world() (capacityfake.World, ec2fake.Options) {
	w := capacityfake.World{
		Classic: 3, Balancer: []string{"network", "application", "network", "gateway"}, Roles: []string{"AWSServiceRoleForElasticLoadBalancing"}, MayMake: true,
		KeyOwner: "CUSTOMER", Policy: `{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"}]}`,
		Grantees: []string{autoScaling},
	}
	for i, l := range capacity.Limits() {
		service, code, _ := strings.Cut(l.Quota, "/")
		w.Quotas = append(w.Quotas, capacity.Quota{Service: service, Code: code, Value: float64(10 * (i + 1)), Default: l.Quota == capacity.Addresses})
	}
	return w, ec2fake.Options{
		Addresses: []ec2fake.Address{
			{AllocationID: "eipalloc-1", Pool: "amazon"}, {AllocationID: "eipalloc-2", Pool: "ipv4pool-ec2-0a"}, {AllocationID: "eipalloc-3"},
		},
		Instances: []ec2fake.Instance{
			{ID: "i-1", Type: "m5.large", Cores: 1, Threads: 2},
			{ID: "i-2", Type: "t2.medium", State: "pending", Cores: 2, Threads: 1},
			{ID: "i-3", Type: "m5.large", State: "stopped", Cores: 1, Threads: 2},
			{ID: "i-4", Type: "m5.large", Spot: true, Cores: 1, Threads: 2},
			{ID: "i-5", Type: "g4dn.xlarge", Cores: 2, Threads: 2},
			{ID: "i-6", Type: "mac2.metal", Cores: 8, Threads: 1},
			{ID: "i-7", Type: "m5.large", Tenancy: "host", Cores: 1, Threads: 2},
		},
		InstanceTypes: []capacity.InstanceType{
			{Type: "m5.large", VCPUs: 2, MemoryMiB: 8192, Interfaces: 3, Addresses: 10}, {Type: "t2.nano", VCPUs: 1, MemoryMiB: 512, Interfaces: 2, Addresses: 2},
		},
		Encryption: &capacity.Encryption{Default: true, KeyID: "arn:aws:kms:us-east-1:111122223333:key/0a"},
	}
}

func account(w capacityfake.World, o ec2fake.Options) *awsfake.Fake {
	s, _ := nt.Public()
	s.VPCs.Items = append(s.VPCs.Items, network.VPC{ID: "vpc-0shared", OwnerID: "444455556666"})
	return awsfake.New(append(w.Services(), ec2fake.New(s, o))...)
}

var options = awscapacity.LoadOptions{
	Account: nt.Account, Region: nt.Region, Time: time.Unix(0, 0), InstanceTypes: []string{"m5.large", "x9.none", "m5.large"},
	Principal: "arn:aws:iam::111122223333:user/installer",
}

func load(t *testing.T, fake *awsfake.Fake) capacity.Snapshot {
	t.Helper()
	s, err := awscapacity.Load(t.Context(), clients(fake.Config()), options)
	require.NoError(t, err)
	return s
}

func counts(s capacity.Snapshot) map[string]int {
	n := map[string]int{}
	for _, u := range s.Uses.Items {
		n[u.Quota] = u.Count
	}
	return n
}

func TestLoad(t *testing.T) {
	fake := account(world())
	var progress []int
	o := options
	o.Progress = func(done, total int) { progress = append(progress, done, total) }
	s, err := awscapacity.Load(t.Context(), clients(fake.Config()), o)
	require.NoError(t, err)
	assert.Equal(t, groundway.Observation{Account: nt.Account, Region: nt.Region, Time: time.Unix(0, 0).UTC()}, s.Observation)
	for name, complete := range map[string]bool{
		"quotas": s.Quotas.Complete(), "uses": s.Uses.Complete(), "types": s.InstanceTypes.Complete(), "roles": s.Roles.Complete(), "encryption": s.Encryption.Complete(),
	} {
		assert.True(t, complete, name)
	}
	assert.Len(t, s.Quotas.Items, len(capacity.Limits()))
	for _, q := range s.Quotas.Items {
		assert.Equal(t, q.Key() == capacity.Addresses, q.Default, q.Key())
	}
	assert.Equal(t, map[string]int{
		capacity.VPCs: 1, capacity.InternetGateways: 1, capacity.NATGateways: 2, capacity.SecurityGroups: 1, capacity.Addresses: 2,
		capacity.ClassicLoadBalancers: 3, capacity.NetworkLoadBalancers: 2, capacity.ApplicationLoadBalancers: 1,
		"ec2/L-1216C47A": 4, "ec2/L-DB2E81BA": 4, "ec2/L-417A185B": 0, "ec2/L-74FC7D96": 0, "ec2/L-7295265B": 0, "ec2/L-6E869C2A": 0,
		"ec2/L-F7808C92": 0, "ec2/L-1945791B": 0, "ec2/L-2C3B7624": 0, "ec2/L-43DA4232": 0,
	}, counts(s))
	i := slices.IndexFunc(s.Uses.Items, func(u capacity.Use) bool { return u.Quota == capacity.NATGateways })
	assert.Equal(t, map[string]int{"us-east-1a": 1, "us-east-1b": 1}, s.Uses.Items[i].Zones)
	assert.Equal(t, groundway.List[capacity.InstanceType]{{Type: "m5.large", VCPUs: 2, MemoryMiB: 8192, Interfaces: 3, Addresses: 10}}, s.InstanceTypes.Items)
	assert.Equal(t, groundway.List[capacity.ServiceRole]{
		{Service: "autoscaling.amazonaws.com", Name: "AWSServiceRoleForAutoScaling", Creatable: new(true)},
		{Service: "elasticloadbalancing.amazonaws.com", Name: "AWSServiceRoleForElasticLoadBalancing", Exists: true},
	}, s.Roles.Items)
	assert.Equal(t, groundway.List[capacity.Encryption]{{Default: true, KeyID: "arn:aws:kms:us-east-1:111122223333:key/0a", KeyManager: "CUSTOMER", ForAutoScaling: new(true)}}, s.Encryption.Items)
	assert.Equal(t, len(progress)/2, progress[len(progress)-1])
	assert.Equal(t, slices.Sorted(slices.Values(awscapacity.Actions())), fake.Actions())
}

// What is denied is unseen, and leaves the rest.
func TestLoadGaps(t *testing.T) {
	for _, action := range awscapacity.Actions() {
		t.Run(action, func(t *testing.T) {
			fake := account(world())
			fake.Script(action, awsfake.Deny())
			s := load(t, fake)
			var gaps []groundway.Gap
			for _, list := range [][]groundway.Gap{s.Quotas.Gaps, s.Uses.Gaps, s.InstanceTypes.Gaps, s.Roles.Gaps, s.Encryption.Gaps} {
				gaps = append(gaps, list...)
			}
			require.NotEmpty(t, gaps)
			for _, g := range gaps {
				assert.Equal(t, action, g.Action)
				assert.Equal(t, "the caller is not authorized", g.Message)
			}
			n, o := nt.Public()
			found := capacity.Check(s, n, capacity.Options{
				Nodes: []capacity.Nodes{{Role: "controller", InstanceType: "m5.large", Count: 1}, {Role: "worker", InstanceType: "m5.large", Count: 1, Subnets: o.WorkerSubnets}},
				Pods:  capacity.PodsVPC,
				Needs: capacity.Needs{
					VPCs: 1, InternetGateways: 1, Addresses: 1, SecurityGroups: 1, ApplicationLoadBalancers: 1, NetworkLoadBalancers: 1, ClassicLoadBalancers: 1,
					NATGateways: map[string]int{"us-east-1a": 1},
				},
			})
			unknown := 0
			for _, f := range found {
				assert.NotEqual(t, groundway.Failed, f.Outcome, "%s: %s", f.Code, f.Summary)
				if f.Outcome == groundway.Unknown {
					unknown++
				}
			}
			assert.Positive(t, unknown)
		})
	}
}

func TestLoadWithout(t *testing.T) {
	s, err := awscapacity.Load(t.Context(), awscapacity.Clients{}, awscapacity.LoadOptions{})
	require.NoError(t, err)
	assert.False(t, s.Quotas.Seen || s.Uses.Seen || s.InstanceTypes.Seen || s.Roles.Seen || s.Encryption.Seen)
	assert.WithinDuration(t, time.Now(), s.Time, time.Minute)

	w, o := world()
	o.Instances[0].Cores = 0 // EC2 does not say how many
	s = load(t, account(w, o))
	assert.NotContains(t, counts(s), "ec2/L-1216C47A", "some is not how many")
	assert.Contains(t, counts(s), "ec2/L-DB2E81BA")
}

// Whose key it is, and who may use it.
func TestEncryption(t *testing.T) {
	statement := func(principal string) string {
		return `{"Statement":[{"Effect":"Allow","Principal":` + principal + `,"Action":["kms:CreateGrant","kms:GenerateDataKey*"],"Resource":"*"}]}`
	}
	for _, test := range []struct {
		name string
		harm func(*capacityfake.World, *capacity.Encryption)
		want capacity.Encryption
	}{
		{"none", func(_ *capacityfake.World, e *capacity.Encryption) { e.Default = false }, capacity.Encryption{}},
		{"AWS's own", func(_ *capacityfake.World, e *capacity.Encryption) { e.KeyID = "alias/aws/ebs" }, capacity.Encryption{Default: true, KeyID: "alias/aws/ebs", KeyManager: "AWS"}},
		{"AWS's by its ARN", func(w *capacityfake.World, _ *capacity.Encryption) { w.KeyOwner = "AWS" }, capacity.Encryption{Default: true, KeyID: "key-0a", KeyManager: "AWS"}},
		{"neither policy nor grant", func(w *capacityfake.World, _ *capacity.Encryption) { w.Grantees = nil }, capacity.Encryption{Default: true, KeyID: "key-0a", KeyManager: "CUSTOMER", ForAutoScaling: new(false)}},
		{"the policy", func(w *capacityfake.World, _ *capacity.Encryption) {
			w.Grantees, w.Policy = nil, statement(`{"AWS":["arn:aws:iam::111122223333:root","`+autoScaling+`"]}`)
		}, capacity.Encryption{Default: true, KeyID: "key-0a", KeyManager: "CUSTOMER", ForAutoScaling: new(true)}},
		{"a single statement", func(w *capacityfake.World, _ *capacity.Encryption) {
			w.Grantees, w.Policy = nil, strings.NewReplacer("[{", "{", "}]", "}").Replace(statement(`"*"`))
		}, capacity.Encryption{Default: true, KeyID: "key-0a", KeyManager: "CUSTOMER", ForAutoScaling: new(true)}},
		{"a denial", func(w *capacityfake.World, _ *capacity.Encryption) {
			w.Grantees, w.Policy = nil, strings.Replace(statement(`"*"`), "Allow", "Deny", 1)
		}, capacity.Encryption{Default: true, KeyID: "key-0a", KeyManager: "CUSTOMER", ForAutoScaling: new(false)}},
		{"a policy that allows too little", func(w *capacityfake.World, _ *capacity.Encryption) {
			w.Grantees, w.Policy = nil, strings.Replace(statement(`"*"`), `["kms:CreateGrant","kms:GenerateDataKey*"]`, `"kms:Describe*"`, 1)
		}, capacity.Encryption{Default: true, KeyID: "key-0a", KeyManager: "CUSTOMER", ForAutoScaling: new(false)}},
		{"as AWS's example has it", func(w *capacityfake.World, _ *capacity.Encryption) {
			w.Grantees, w.Policy = nil, `{"Statement":[
				{"Effect":"Allow","Principal":{"AWS":["`+autoScaling+`"]},"Action":["kms:Encrypt","kms:GenerateDataKey*"],"Resource":"*"},
				{"Effect":"Allow","Principal":{"AWS":["`+autoScaling+`"]},"Action":["kms:CreateGrant"],"Resource":"*","Condition":{"Bool":{"kms:GrantIsForAWSResource":true}}}
			]}`
		}, capacity.Encryption{Default: true, KeyID: "key-0a", KeyManager: "CUSTOMER", ForAutoScaling: new(true)}},
		{"a condition", func(w *capacityfake.World, _ *capacity.Encryption) {
			w.Grantees, w.Policy = nil, strings.Replace(statement(`"*"`), `"Resource"`, `"Condition":{"StringEquals":{"kms:CallerAccount":"444455556666"}},"Resource"`, 1)
		}, capacity.Encryption{Default: true, KeyID: "key-0a", KeyManager: "CUSTOMER"}},
		{"all but some", func(w *capacityfake.World, _ *capacity.Encryption) {
			w.Grantees, w.Policy = nil, strings.Replace(statement(`"*"`), `"Action"`, `"NotAction"`, 1)
		}, capacity.Encryption{Default: true, KeyID: "key-0a", KeyManager: "CUSTOMER"}},
		{"a policy that does not parse", func(w *capacityfake.World, _ *capacity.Encryption) { w.Policy = "{" }, capacity.Encryption{Default: true, KeyID: "key-0a", KeyManager: "CUSTOMER"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			w, o := world()
			o.Encryption.KeyID = "key-0a"
			test.harm(&w, o.Encryption)
			s := load(t, account(w, o))
			assert.Equal(t, groundway.List[capacity.Encryption]{test.want}, s.Encryption.Items)
		})
	}
}

func TestLoadErrors(t *testing.T) {
	fake := account(world())
	fake.Script("ec2:DescribeVpcs", awsfake.Fail(http.StatusForbidden, "ExpiredToken"))
	_, err := awscapacity.Load(t.Context(), clients(fake.Config()), options)
	assert.EqualError(t, err, "load capacity: ec2:DescribeVpcs: the credentials do not work (ExpiredToken)")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = awscapacity.Load(ctx, clients(fake.Config()), options)
	assert.ErrorIs(t, err, context.Canceled)
}
