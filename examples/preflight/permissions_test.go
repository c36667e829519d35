package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/internal/awsfake/iamfake"
	"github.com/groundway-sdk/groundway/internal/awsfake/orgfake"
)

// What the caller may not do is found before the installer is run, live and from
// what was saved.
func TestLivePermissions(t *testing.T) {
	s := iam.Snapshot{Parts: iam.Parts{
		Users:  groundway.SeenPart(iam.UserDetail{Name: "ops"}),
		Inline: groundway.SeenPart(iam.InlinePolicyDetail{Owner: "user/ops", Name: "own", Document: iam.MustDocument(iam.Allow("ec2:Describe*", "ec2:RunInstances").On("*")).String()}),
	}}
	url, fake := serve(t, "broken", iamfake.From(s).Service(), orgfake.New(orgfake.Organization{}))
	dir := t.TempDir()
	text, err := os.ReadFile(spec)
	require.NoError(t, err)
	own := filepath.Join(dir, "cluster.yaml")
	require.NoError(t, os.WriteFile(own, append(text, "\npermissions: {actions: [ec2:RunInstances, ec2:DescribeVpcs, iam:CreateRole]}\n"...), 0o600))
	saved := filepath.Join(dir, "saved.json")

	outcomes := func(args ...string) map[groundway.Code]string {
		_, out, stderr := execute(append([]string{"-spec", own, "-format", "json"}, args...)...)
		require.Empty(t, stderr)
		var report groundway.Report
		require.NoError(t, json.Unmarshal([]byte(out), &report))
		found := map[groundway.Code]string{}
		for _, f := range report.Findings {
			if strings.HasPrefix(string(f.Code), "iam/permission-") {
				found[f.Code] = f.Outcome.String()
				if f.Outcome == groundway.Failed {
					found[f.Code] += " " + f.Summary
				}
			}
		}
		return found
	}
	want := map[groundway.Code]string{
		"iam/permission-missing":   `failed No policy of the user "ops" allows iam:CreateRole.`,
		"iam/permission-denied":    "passed",
		"iam/permission-boundary":  "skipped",
		"iam/permission-scp":       "skipped",
		"iam/permission-simulated": "skipped",
		"iam/permission-probe":     "skipped",
	}
	assert.Equal(t, want, outcomes("-live", "-endpoint-url", url, "-save-snapshot", saved))
	assert.Equal(t, want, outcomes("-snapshot", saved))
	for _, action := range fake.Actions() {
		assert.NotRegexp(t, `^iam:(Create|Delete|Put|Attach|Detach|Update|Tag)`, action)
	}
}
