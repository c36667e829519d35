package cluster_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/examples/preflight/cluster"
	"github.com/groundway-sdk/groundway/network/capacity"
)

const withNodes = `cluster: demo
profile: tectonic
topology: public
region: us-east-1
network:
  vpc: vpc-0a1
  controllerSubnets: [subnet-0c1]
  workerSubnets: [subnet-0w1]
nodes:
  controllers: {instanceType: m5.large, count: 3}
  workers: {instanceType: m5.large, count: 6}
  pods: vpc
  podsEach: 20
`

func TestSpecNodes(t *testing.T) {
	spec, err := cluster.ParseSpec("cluster.yaml", []byte(withNodes))
	require.NoError(t, err)
	assert.Equal(t, cluster.Nodes{
		Controllers: cluster.NodeGroup{InstanceType: "m5.large", Count: 3}, Workers: cluster.NodeGroup{InstanceType: "m5.large", Count: 6},
		Pods: capacity.PodsVPC, PodsEach: 20,
	}, spec.Nodes)
	_, err = cluster.ParseSpec("cluster.yaml", []byte(withNodes[:len(withNodes)-len("  pods: vpc\n  podsEach: 20\n")]+"  pods: calico\n  podsEach: -1\n"))
	assert.EqualError(t, err, "cluster.yaml:12:9: nodes.pods: got \"calico\", want overlay, vpc or vpc-prefixes\n"+
		"cluster.yaml:13:13: nodes.podsEach: got the number \"-1\", want a number from 0 to 10000")
	_, err = cluster.ParseSpec("cluster.yaml", []byte(withNodes[:len(withNodes)-len("  pods: vpc\n  podsEach: 20\n")]+"  podsEach: \"20\"\n"))
	assert.EqualError(t, err, "cluster.yaml:12:13: nodes.podsEach: got the text \"20\", want a number from 0 to 10000")
}

// The controllers of EKS are not the account's.
func TestNodesWithoutControllers(t *testing.T) {
	text := strings.NewReplacer("profile: tectonic", "profile: eks", "  controllers: {instanceType: m5.large, count: 3}\n", "").Replace(withNodes)
	spec, err := cluster.ParseSpec("cluster.yaml", []byte(text))
	require.NoError(t, err)
	for _, f := range cluster.Check(spec, cluster.Snapshot{}, time.Time{}).Findings {
		assert.NotContains(t, f.Summary, "controllers nodes")
		if f.Code == "network/quota-exceeded" && f.Subject.Kind == "instance-type" {
			assert.Equal(t, "m5.large", f.Subject.ID)
		}
	}
	// An installer that wants some says so.
	spec, err = cluster.ParseSpec("cluster.yaml", []byte(strings.Replace(withNodes, "  controllers: {instanceType: m5.large, count: 3}\n", "", 1)))
	require.NoError(t, err)
	var failed []groundway.Code
	for _, f := range cluster.Check(spec, cluster.Snapshot{}, time.Time{}).Findings {
		if f.Outcome == groundway.Failed {
			failed = append(failed, f.Code)
		}
	}
	assert.Contains(t, failed, groundway.Code("network/nodes-below-minimum"))
}

// What is saved is read again, and judged: an account with five of five VPCs is no
// matter for a cluster in a VPC that exists, and one without load balancers is.
func TestCapacityIsSavedAndJudged(t *testing.T) {
	spec, err := cluster.ParseSpec("cluster.yaml", []byte(withNodes))
	require.NoError(t, err)
	s := cluster.Snapshot{Observation: groundway.Observation{Region: "us-east-1", Time: time.Unix(0, 0)}}
	s.Capacity.Quotas = groundway.SeenPart(capacity.Quota{Service: "elasticloadbalancing", Code: "L-E9E9831D", Value: 20})
	s.Capacity.Uses = groundway.SeenPart(capacity.Use{Quota: capacity.ClassicLoadBalancers, Count: 19})
	path := filepath.Join(t.TempDir(), "snapshot.json")
	require.NoError(t, cluster.WriteSnapshot(path, s))
	saved, err := cluster.ReadSnapshot(path)
	require.NoError(t, err)
	outcomes := map[groundway.Code]groundway.Outcome{}
	var failed []string
	for _, f := range cluster.Check(spec, saved, time.Unix(0, 0)).Findings {
		if f.Outcome == groundway.Failed {
			failed = append(failed, f.Summary)
		}
		outcomes[f.Code] = f.Outcome
	}
	assert.Contains(t, failed, "The account may have 20 Classic Load Balancers; 19 are there, and the cluster takes 2 more.")
	assert.Equal(t, groundway.Unknown, outcomes["network/ebs-default-key-unusable"])

	text, err := os.ReadFile(path)
	require.NoError(t, err)
	var again cluster.Snapshot
	require.NoError(t, json.Unmarshal(text, &again))
	assert.Equal(t, saved, again)
}

func TestPrincipalOf(t *testing.T) {
	for arn, want := range map[string]string{
		"arn:aws:iam::111122223333:user/team/ops":                  "arn:aws:iam::111122223333:user/team/ops",
		"arn:aws:sts::111122223333:assumed-role/installer/session": "arn:aws:iam::111122223333:role/installer",
		"arn:aws:iam::111122223333:root":                           "",
		"arn:aws:sts::111122223333:federated-user/ops":             "",
		"": "",
	} {
		assert.Equal(t, want, cluster.PrincipalOf(arn), arn)
	}
}

// A directory of AWS CLI output shows what is used, and what may be.
func TestDumpCapacity(t *testing.T) {
	s, err := cluster.ReadDump(fstest.MapFS{
		"ec2-describe-vpcs.json":                      {Data: []byte(`{"Vpcs": [{"VpcId": "vpc-0a1"}, {"VpcId": "vpc-0b2"}]}`)},
		"service-quotas-list-service-quotas-vpc.json": {Data: []byte(`{"Quotas": [{"QuotaCode": "L-F678F1CE", "Value": 5.0}]}`)},
	})
	require.NoError(t, err)
	assert.Contains(t, s.Capacity.Uses.Items, capacity.Use{Quota: capacity.VPCs, Count: 2})
	assert.Contains(t, s.Capacity.Quotas.Items, capacity.Quota{Service: "vpc", Code: "L-F678F1CE", Value: 5})
	assert.Contains(t, cluster.DumpScript(cluster.Spec{}), "save service-quotas-list-service-quotas-vpc.json service-quotas list-service-quotas --service-code vpc\n")
}
