package cluster_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
)

// An account is the same one in every package's part, and two are never one: who reads
// the file follows a shared VPC to the zone of its owner.
func TestRedactAccountsEverywhere(t *testing.T) {
	spec, s := builtIn(t)
	const first, second, third = "444455556666", "777788889999", "888899990000"
	s.Network.VPCs.Gaps = []groundway.Gap{{Action: "ec2:DescribeVpcs", Account: first}}
	s.Network.Peerings.Gaps = []groundway.Gap{{Action: "ec2:DescribeVpcPeeringConnections", Account: second}}
	s.Network.Subnets.Gaps = []groundway.Gap{{Action: "ec2:DescribeSubnets", Account: third}}
	s.DNS.Zones.Gaps = []groundway.Gap{{Action: "route53:ListHostedZones", Account: second}}
	s.SSH.KeyPairs.Gaps = []groundway.Gap{{Action: "ec2:DescribeKeyPairs", Account: first}}
	s.IAM.Callers = groundway.SeenPart(iam.Caller{ARN: "arn:aws:sts::" + second + ":assumed-role/ops/run"})

	got := s.Redact(spec)
	assert.Equal(t, "000000000001", got.Account)
	assert.Equal(t, "000000000002", got.Network.VPCs.Gaps[0].Account)
	assert.Equal(t, "000000000003", got.Network.Peerings.Gaps[0].Account)
	assert.Equal(t, "000000000004", got.Network.Subnets.Gaps[0].Account)
	assert.Equal(t, "000000000002", got.SSH.KeyPairs.Gaps[0].Account)
	assert.Equal(t, "000000000003", got.DNS.Zones.Gaps[0].Account)
	assert.Contains(t, got.IAM.Callers.Items[0].ARN, "::000000000003:")
	data, err := json.Marshal(got)
	require.NoError(t, err)
	assert.NotContains(t, string(data), first)
	assert.NotContains(t, string(data), second)
	assert.Equal(t, got, got.Redact(spec), "to redact twice is to redact once")
}
