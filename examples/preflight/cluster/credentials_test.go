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
	"github.com/groundway-sdk/groundway/identity"
)

const pullSecret = `{"auths": {"quay.io": {"auth": "b3BzOnBsYW50ZWQtcGFzc3dvcmQ="}}}` // ops:planted-password

// withCredentials writes the spec of the account with a mapping of credentials beside
// these files, and reads it.
func withCredentials(t *testing.T, credentials string, files map[string]string) cluster.Spec {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(account, "cluster.yaml"))
	require.NoError(t, err)
	dir := t.TempDir()
	for name, text := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	path := filepath.Join(dir, "cluster.yaml")
	require.NoError(t, os.WriteFile(path, append(text, "\ncredentials: "+credentials+"\n"...), 0o600))
	spec, err := cluster.ReadSpec(path)
	require.NoError(t, err)
	return spec
}

// credentialFindings returns what is said of credentials, but for what holds.
func credentialFindings(spec cluster.Spec, s cluster.Snapshot) map[string]string {
	found := map[string]string{}
	for _, f := range cluster.Check(spec, s, time.Time{}).Findings {
		slug, ok := strings.CutPrefix(string(f.Code), "identity/credential-")
		if ok && f.Outcome != groundway.Passed && f.Outcome != groundway.Skipped {
			found[slug] = f.Outcome.String() + ": " + f.Summary
		}
	}
	return found
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	_, s := builtIn(t)
	s.Time = noon
	s.Credentials = identity.CredentialParts{
		Caller:     groundway.SeenPart(identity.Caller{Account: "111122223333", ARN: "arn:aws:sts::111122223333:assumed-role/installer/ops", UserID: "AROAEXAMPLE:ops"}),
		Credential: groundway.SeenPart(identity.Credential{AccessKeyID: "ASIA", Source: "SSOProvider", Expires: noon.Add(time.Hour)}),
		Clock:      groundway.SeenPart(identity.Clock{Service: "sts", AWS: noon, Local: noon}),
		Regions:    groundway.SeenPart(identity.RegionStatus{Name: "us-west-2", Status: "ENABLED_BY_DEFAULT"}),
	}
	files := map[string]string{"config.json": pullSecret, "license.txt": "planted-license"}
	const handed = "pullSecret: config.json, registries: [quay.io], license: license.txt"

	assert.Empty(t, credentialFindings(withCredentials(t, "{installTakes: 1h, "+handed+"}", files), s))
	short := withCredentials(t, "{installTakes: 1h30m, "+handed+"}", files)
	want := map[string]string{"life-short": "failed: The credentials last 1h0m0s more, and the installation takes 1h30m0s."}
	assert.Equal(t, want, credentialFindings(short, s))

	// A replay says the same, whenever it is, and shows nothing that is secret.
	path := filepath.Join(t.TempDir(), "snapshot.json")
	require.NoError(t, cluster.WriteSnapshot(path, s))
	again, err := cluster.ReadSnapshot(path)
	require.NoError(t, err)
	assert.Equal(t, want, credentialFindings(short, again))
	assert.Equal(t, want, credentialFindings(short, again.Redact(short)))
	saved, err := os.ReadFile(path)
	require.NoError(t, err)
	report, err := json.Marshal(cluster.Check(short, again, noon))
	require.NoError(t, err)
	for _, secret := range []string{"planted-password", "b3BzOnBsYW50ZWQtcGFzc3dvcmQ=", "planted-license"} {
		assert.NotContains(t, string(saved)+string(report), secret)
	}

	assert.Equal(t, map[string]string{
		"pull-secret": "failed: The pull secret config.json was not read: there is no such file.",
		"license":     "failed: The licence license.txt was not read: there is no such file.",
	}, credentialFindings(withCredentials(t, "{installTakes: 1h, "+handed+"}", nil), s))
	assert.Equal(t, map[string]string{
		"pull-secret": "failed: The pull secret config.json has no credentials for docker.io.",
	}, credentialFindings(withCredentials(t, "{installTakes: 1h, pullSecret: config.json, registries: [docker.io]}", files), s))

	// A spec that was read as a text alone names files that nobody looked at.
	text, err := os.ReadFile(filepath.Join(account, "cluster.yaml"))
	require.NoError(t, err)
	parsed, err := cluster.ParseSpec("cluster.yaml", append(text, "\ncredentials: {installTakes: 1h, pullSecret: config.json}\n"...))
	require.NoError(t, err)
	assert.Equal(t, map[string]string{
		"pull-secret": "unknown: It could not be seen whether the pull secret opens every registry: the spec was read without the files that it names.",
	}, credentialFindings(parsed, s))

	// A directory of output of the AWS CLI knows the caller, and not when anything ends.
	_, dump := builtIn(t)
	found := credentialFindings(withCredentials(t, "{installTakes: 1h}", nil), dump)
	assert.Equal(t, "unknown: It could not be seen whether the account may use the region: account:GetRegionOptStatus (no file account-get-region-opt-status.json).", found["region-disabled"])
	assert.Contains(t, found["life-short"], "unknown: ")
	assert.NotContains(t, found, "root")
}

// The script asks about the region where the spec asks about credentials.
func TestDumpScriptOfCredentials(t *testing.T) {
	t.Parallel()
	const line = "\nsave account-get-region-opt-status.json account get-region-opt-status --region-name \"$region\"\n"
	assert.Contains(t, cluster.DumpScript(withCredentials(t, "{installTakes: 1h}", nil)), line)
	assert.NotContains(t, cluster.DumpScript(cluster.Spec{}), "account get-region-opt-status")
}

// The files of an account in a file system are read there.
func TestCredentialsOfAnAccount(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(account, "cluster.yaml"))
	require.NoError(t, err)
	spec, _, err := cluster.ReadAccount(fstest.MapFS{
		"a/cluster.yaml":                 {Data: append(text, "\ncredentials: {installTakes: 1h, pullSecret: config.json}\n"...)},
		"a/config.json":                  {Data: []byte(pullSecret)},
		"a/sts-get-caller-identity.json": {Data: []byte(`{"UserId": "AIDAEXAMPLE", "Account": "111122223333", "Arn": "arn:aws:iam::111122223333:user/ops"}`)},
	}, "a")
	require.NoError(t, err)
	assert.Equal(t, pullSecret, spec.Credentials.PullSecret.Text.Reveal())
}

func TestCredentialsOfTheSpec(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(account, "cluster.yaml"))
	require.NoError(t, err)
	for credentials, want := range map[string]string{
		"{}":                           `credentials: the key "installTakes" is missing, want a duration such as 1h30m`,
		"{installTakes: 0s}":           `credentials.installTakes: got "0s", want a duration from 1m to 168h, such as 1h30m`,
		"{installTakes: 90}":           `credentials.installTakes: got the number "90", want a duration such as 1h30m`,
		"{installTakes: 1000h}":        `credentials.installTakes: got "1000h", want a duration from 1m to 168h, such as 1h30m`,
		"{installTakes: 1h, life: 1h}": `credentials: unknown key "life", want one of installTakes, pullSecret, registries, license`,
		`{installTakes: 1h, pullSecret: '{"auths": {"quay.io": {"auth": "cGxhbnRlZA=="}}}'}`: `credentials.pullSecret: got a text that is no path, want the path of a file, not what it holds`,
		"{installTakes: 1h, registries: [\"https://quay.io\"]}":                              `credentials.registries[0]: got "https://quay.io", want a registry such as quay.io, without a scheme and a path`,
	} {
		_, err := cluster.ParseSpec("cluster.yaml", append(text, "\ncredentials: "+credentials+"\n"...))
		require.Error(t, err, credentials)
		assert.Contains(t, err.Error(), want)
		assert.NotContains(t, err.Error(), "cGxhbnRlZA==")
	}
}
