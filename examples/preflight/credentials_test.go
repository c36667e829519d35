package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/identity"
	"github.com/groundway-sdk/groundway/internal/awsfake/callerfake"
)

// When the credentials end before the installation does, a live check says so, and so
// does a replay of what it saved.
func TestLiveCredentials(t *testing.T) {
	services := callerfake.New(identity.CredentialParts{Regions: groundway.SeenPart(identity.RegionStatus{Name: "us-west-2", Status: "DISABLED"})})
	url, fake := serve(t, "broken", services[1]) // of Account Management
	isolate(t)
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	// The SDK keeps credentials until they end, by the clock of this machine.
	now := time.Now().UTC().Truncate(time.Second)
	process := file("process.json", fmt.Sprintf(`{"Version": 1, "AccessKeyId": "ASIAIOSFODNN7EXAMPLE", "SecretAccessKey": "planted-secret-key", "SessionToken": "planted-session-token", "Expiration": %q}`, now.Add(45*time.Minute).Format(time.RFC3339)))
	t.Setenv("AWS_CONFIG_FILE", file("config", "[default]\ncredential_process = cat "+process+"\n"))
	text, err := os.ReadFile(spec)
	require.NoError(t, err)
	own := file("cluster.yaml", string(text)+"\ncredentials: {installTakes: 1h, pullSecret: pull.json, registries: [quay.io]}\n")
	file("pull.json", `{"auths": {"quay.io": {"auth": "b3BzOnBsYW50ZWQtcGFzc3dvcmQ="}}}`)
	saved := filepath.Join(dir, "saved.json")

	outcomes := func(args ...string) map[string]string {
		_, out, stderr := executeOn(command{now: now}, append([]string{"-spec", own, "-format", "json"}, args...)...)
		require.Empty(t, stderr)
		for _, secret := range []string{"ASIAIOSFODNN7EXAMPLE", "planted-", "b3BzOnBsYW50ZWQtcGFzc3dvcmQ="} {
			assert.NotContains(t, out, secret)
		}
		var report groundway.Report
		require.NoError(t, json.Unmarshal([]byte(out), &report))
		found := map[string]string{}
		for _, f := range report.Findings {
			if slug, ok := strings.CutPrefix(string(f.Code), "identity/credential-"); ok && f.Outcome != groundway.Skipped {
				found[slug] = f.Outcome.String()
				if f.Outcome == groundway.Failed {
					found[slug] += " " + f.Summary
				}
			}
		}
		return found
	}
	want := map[string]string{
		"root": "passed", "clock-skew": "passed", "pull-secret": "passed",
		"life-short":      "failed The credentials last 45m0s more, and the installation takes 1h0m0s: ProcessProvider gives new ones, to a program that asks it.",
		"region-disabled": "failed The region us-west-2 is disabled for the account.",
	}
	assert.Equal(t, want, outcomes("-live", "-endpoint-url", url, "-save-snapshot", saved))
	assert.Equal(t, want, outcomes("-snapshot", saved))
	assert.Contains(t, fake.Actions(), "account:GetRegionOptStatus")
	data, err := os.ReadFile(saved)
	require.NoError(t, err)
	for _, secret := range []string{"ASIAIOSFODNN7EXAMPLE", "planted-", "b3BzOnBsYW50ZWQtcGFzc3dvcmQ="} {
		assert.NotContains(t, string(data), secret)
	}

	// Nobody who does not ask needs the permission.
	url, fake = serve(t, "broken")
	_, _, stderr := execute("-spec", spec, "-live", "-endpoint-url", url)
	assert.Empty(t, stderr)
	assert.NotContains(t, fake.Actions(), "account:GetRegionOptStatus")
}
