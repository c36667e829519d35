package network_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/groundway-sdk/groundway/internal/golden"
	"github.com/groundway-sdk/groundway/network"
	nt "github.com/groundway-sdk/groundway/network/networktest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSnapshotJSON(t *testing.T) {
	s, _ := nt.Internal()
	addIPv6(&s, "subnet-0w1")
	nt.SetRoute(&s, "rtb-01", "pl-0a", "tgw-0a")
	s.PrefixLists.Seen = true
	s.PrefixLists.Items = append(s.PrefixLists.Items, network.PrefixList{ID: "pl-0a"})
	nt.Deny(&s.EgressGateways, "ec2:DescribeEgressOnlyInternetGateways")
	data, err := json.MarshalIndent(s, "", "  ")
	require.NoError(t, err)
	golden.Check(t, "snapshot.json", append(data, '\n'))

	var again network.Snapshot
	require.NoError(t, json.Unmarshal(data, &again))
	twice, err := json.MarshalIndent(again, "", "  ")
	require.NoError(t, err)
	assert.Equal(t, string(data), string(twice), "one snapshot has one text")
	mixed, err := json.MarshalIndent(shuffled(s), "", "  ")
	require.NoError(t, err)
	assert.Equal(t, string(data), string(mixed), "whatever its order")
}

func TestSnapshotJSONErrors(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"not JSON", "{\n  \"schema\": nope}", `parse snapshot: line 2 column 14: invalid character 'o' in literal null (expecting 'u')`},
		{"other schema", `{"schema":"groundway.report/v1","parts":{}}`, `parse snapshot: /schema: got "groundway.report/v1", want "groundway.snapshot/v1"`},
		{"newer major", `{"schema":"groundway.snapshot/v2","parts":{}}`, `parse snapshot: /schema: got "groundway.snapshot/v2", but this version reads "groundway.snapshot/v1" only`},
		{
			"unknown field", `{"schema":"groundway.snapshot/v1","parts":{"subnets":{"seen":true,"items":{"subnet-0a":{"id":"subnet-0a","colour":"red"}}}}}`,
			`parse snapshot: /parts/subnets/items/subnet-0a/colour: unknown field`,
		},
		{
			"foreign key", `{"schema":"groundway.snapshot/v1","parts":{"subnets":{"seen":true,"items":{"subnet-0a":{"id":"subnet-0b"}}}}}`,
			`parse snapshot: /parts/subnets/items/subnet-0a: holds the item "subnet-0b"`,
		},
		{
			"no CIDR", `{"schema":"groundway.snapshot/v1","parts":{"vpcs":{"seen":true,"items":{"vpc-0a":{"id":"vpc-0a","cidrs":[{"prefix":"10.0.0.0"}]}}}}}`,
			`parse snapshot: /parts/vpcs/items/vpc-0a/cidrs/0/prefix: netip.ParsePrefix("10.0.0.0"): no '/'`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var s network.Snapshot
			assert.EqualError(t, s.UnmarshalJSON([]byte(tt.text)), tt.want)
		})
	}
}

// A newer minor may hold fields that this version does not know.
func TestSnapshotNewerMinor(t *testing.T) {
	s, o := nt.Public()
	data, err := json.Marshal(s)
	require.NoError(t, err)
	data = bytes.Replace(data, []byte("snapshot/v1"), []byte("snapshot/v1.7"), 1)
	data = bytes.Replace(data, []byte(`"id":"subnet-0c1"`), []byte(`"id":"subnet-0c1","colour":"red"`), 1)
	var again network.Snapshot
	require.NoError(t, json.Unmarshal(data, &again))
	assert.Equal(t, network.Check(s, o), network.Check(again, o))
}
