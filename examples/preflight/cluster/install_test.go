package cluster_test

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/examples/preflight/cluster"
	"github.com/groundway-sdk/groundway/network"
)

const installSpec = `
cluster: demo
profile: tectonic
topology: public
region: us-east-1
account: "111122223333"
network: {cidr: 10.0.0.0/16, zones: [us-east-1a, us-east-1b]}
tectonic:
  operators: [arn:aws:iam::111122223333:user/ops]
  adminEmail: admin@example.com
  etcdMembers: 5
  replicas: 3
  authorityKey: alias/demo-kube
  externalID: demo
  mfa: true
elastic: {secrets: elastic/, makesNetwork: true, securityGroup: ssh in}
jenkinsx:
  domain: cluster1.example.com
  email: ops@example.com
  production: false
  issuer: https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLE
  operators: [arn:aws:iam::111122223333:user/ops]
  repositories: acme/
`

func TestParseSpecOfInstallers(t *testing.T) {
	spec, err := cluster.ParseSpec("cluster.yaml", []byte(installSpec))
	require.NoError(t, err)
	assert.Equal(t, "111122223333", spec.Account)
	assert.Equal(t, cluster.Network{CIDR: netip.MustParsePrefix("10.0.0.0/16"), Zones: []string{"us-east-1a", "us-east-1b"}}, spec.Network)
	assert.True(t, spec.Network.New())
	assert.Equal(t, cluster.Tectonic{
		Operators: []string{"arn:aws:iam::111122223333:user/ops"}, AdminEmail: "admin@example.com",
		EtcdMembers: 5, Replicas: 3, AuthorityKey: "alias/demo-kube", ExternalID: "demo", MFA: true,
	}, spec.Tectonic)
	assert.Equal(t, cluster.Elastic{Secrets: "elastic/", MakesNetwork: true, SecurityGroup: "ssh in"}, spec.Elastic)
	assert.Equal(t, cluster.JenkinsX{
		Domain: "cluster1.example.com", Email: "ops@example.com", Issuer: "https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLE",
		Operators: []string{"arn:aws:iam::111122223333:user/ops"}, Repositories: "acme/",
	}, spec.JenkinsX)
}

// An account in which nothing is: what the plan leads to passes.
func TestPlanNetwork(t *testing.T) {
	spec, err := cluster.ParseSpec("cluster.yaml", []byte(installSpec))
	require.NoError(t, err)
	s := cluster.Snapshot{Observation: groundway.Observation{Account: "111122223333", Region: "us-east-1"}}
	s.Network.VPCs = groundway.Part[network.VPC]{Seen: true}
	p, err := cluster.PlanNetwork(spec, s)
	require.NoError(t, err)
	require.NoError(t, p.Err())
	after, seen := cluster.WithNetwork(spec, s, p)
	assert.False(t, after.Network.New())
	assert.Equal(t, "vpc-demo", after.Network.VPC)
	assert.Equal(t, []string{"subnet-controller-us-east-1a", "subnet-controller-us-east-1b"}, after.Network.ControllerSubnets)
	for _, f := range network.Check(network.Snapshot{Observation: seen.Observation, Parts: seen.Network}, network.Options{
		Cluster: "demo", VPC: after.Network.VPC, ControllerSubnets: after.Network.ControllerSubnets, WorkerSubnets: after.Network.WorkerSubnets,
	}) {
		assert.NotEqual(t, groundway.Failed, f.Outcome, f.Summary)
	}
	assert.Empty(t, s.Network.Subnets.Items, "the snapshot itself stays as it was")
}
