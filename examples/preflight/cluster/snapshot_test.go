package cluster_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/examples/preflight/cluster"
	"github.com/groundway-sdk/groundway/network"
)

const account = "../broken"

func builtIn(t testing.TB) (cluster.Spec, cluster.Snapshot) {
	t.Helper()
	spec, err := cluster.ReadSpec(filepath.Join(account, "cluster.yaml"))
	require.NoError(t, err)
	s, err := cluster.ReadSnapshot(account)
	require.NoError(t, err)
	return spec, s
}

func TestReadSnapshotDirectory(t *testing.T) {
	_, s := builtIn(t)
	assert.Equal(t, "111122223333", s.Account)
	assert.Equal(t, "us-west-2", s.Region)
	assert.Len(t, s.Network.VPCs.Items, 2)
	assert.Len(t, s.Network.Subnets.Items, 7)
	assert.False(t, s.Network.DNSHostnames.Seen)
}

func TestWriteSnapshotRoundTrip(t *testing.T) {
	_, s := builtIn(t)
	s.Time = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	path := filepath.Join(t.TempDir(), "snapshot.json")
	require.NoError(t, cluster.WriteSnapshot(path, s))
	again, err := cluster.ReadSnapshot(path)
	require.NoError(t, err)
	assert.Equal(t, s.Observation, again.Observation)

	// What was read is saved again byte for byte.
	first, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, cluster.WriteSnapshot(path, again))
	second, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(first), string(second))
	assert.True(t, strings.HasPrefix(string(first), "{\n  \"schema\": \"groundway.snapshot/v1\",\n"))
	assert.True(t, strings.HasSuffix(string(first), "\n}\n"))

	// The packages read the file too.
	var n network.Snapshot
	require.NoError(t, json.Unmarshal(first, &n))
	assert.Equal(t, again.Network, n.Parts)
}

// Untrusted text in a saved snapshot is harmless on a terminal, and comes back
// as it was.
func TestWriteSnapshotEscapes(t *testing.T) {
	const hostile = "\x1b[2J\u009b31m\u202e\x7f \U000e0041 <script> é"
	s := cluster.Snapshot{Network: network.Parts{
		VPCs: groundway.SeenPart(network.VPC{ID: "vpc-0a1", Tags: map[string]string{"Name": hostile}}),
	}}
	path := filepath.Join(t.TempDir(), "snapshot.json")
	require.NoError(t, cluster.WriteSnapshot(path, s))
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Regexp(t, `^[\P{C}\n]+$`, string(data))
	assert.Contains(t, string(data), `\u001b[2J\u009b31m\u202e\u007f \udb40\udc41 \u003cscript\u003e é`)
	again, err := cluster.ReadSnapshot(path)
	require.NoError(t, err)
	assert.Equal(t, hostile, again.Network.VPCs.Items[0].Tags["Name"])
}

func TestReadSnapshotErrors(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	file("broken/ec2-describe-vpcs.json", `{"Vpcs": [{"VpcId": 5}]}`)
	file("broken/ec2-describe-subnets.json", "{\n  \"Subnets\": [\n}")
	require.NoError(t, os.Mkdir(filepath.Join(dir, "nothing"), 0o700))

	for _, test := range []struct {
		path string
		want []string // each a line, and in each PATH the path
	}{
		{filepath.Join(dir, "none"), []string{"read snapshot: stat PATH: no such file or directory"}},
		{file("empty.json", " \n"), []string{`read snapshot "PATH": it is empty, want a saved snapshot, or a directory of output of the AWS CLI`}},
		{file("text.json", "hello\n"), []string{`read snapshot "PATH": parse snapshot: line 1 column 1: invalid character 'h' looking for beginning of value`}},
		{file("other.json", "{}\n"), []string{`read snapshot "PATH": parse snapshot: /schema: got "", want "groundway.snapshot/v1"`}},
		{file("newer.json", `{"schema": "groundway.snapshot/v2", "parts": {}}`), []string{
			`read snapshot "PATH": parse snapshot: /schema: got "groundway.snapshot/v2", but this version reads "groundway.snapshot/v1" only`,
		}},
		{file("field.json", `{"schema": "groundway.snapshot/v1", "parts": {"vpcs": {"seen": true, "items": {"vpc-0a1": {"id": "vpc-0a1", "colour": "red"}}}}}`), []string{
			`read snapshot "PATH": parse snapshot: /parts/vpcs/items/vpc-0a1/colour: unknown field`,
		}},
		{filepath.Join(dir, "nothing"), []string{
			`read snapshot "PATH": read dump: the directory holds no output of the AWS CLI: want files such as ec2-describe-vpcs.json`,
		}},
		{filepath.Join(dir, "broken"), []string{
			`read snapshot "PATH": ec2-describe-subnets.json:3:1: `,
			`read snapshot "PATH": ec2-describe-vpcs.json:1:21: Vpcs[0].VpcId: `,
		}},
	} {
		t.Run(filepath.Base(test.path), func(t *testing.T) {
			s, err := cluster.ReadSnapshot(test.path)
			require.Error(t, err)
			assert.Zero(t, s)
			lines := strings.Split(strings.ReplaceAll(err.Error(), test.path, "PATH"), "\n")
			require.Len(t, lines, len(test.want))
			for i, want := range test.want {
				if strings.HasSuffix(want, ": ") { // the rest is awscli's
					assert.True(t, strings.HasPrefix(lines[i], want), "%s\n%s", lines[i], want)
					continue
				}
				assert.Equal(t, want, lines[i])
			}
		})
	}
}

// A redacted snapshot names neither the account nor anything that people wrote,
// and gives the same verdicts.
func TestRedact(t *testing.T) {
	spec, s := builtIn(t)
	redacted := s.Redact(spec)
	data, err := json.Marshal(redacted)
	require.NoError(t, err)
	for _, text := range []string{"111122223333", "demo-controller-a", "platform"} {
		assert.NotContains(t, string(data), text)
	}
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	fingerprints := func(r groundway.Report) (list []string) {
		for _, f := range r.Findings {
			list = append(list, f.Outcome.String()+" "+f.Fingerprint())
		}
		return list
	}
	assert.Equal(t, fingerprints(cluster.Check(spec, s, at)), fingerprints(cluster.Check(spec, redacted, at)))
}
