// Package report_test holds the machine-readable reports of the preflight
// against the schemas of their readers, with validators that others wrote.
package report_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/internal/e2e/program"
)

// reports writes the reports of an account that is ready and of one that is
// not, in a form of the preflight, and returns their files.
func reports(t *testing.T, format string) []string {
	t.Helper()
	dir := t.TempDir()
	preflight := filepath.Join(dir, "preflight")
	build := exec.Command("go", "build", "-o", preflight, "./examples/preflight")
	build.Dir = filepath.Join("..", "..", "..")
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)

	var files []string
	for name, args := range map[string][]string{
		"ready":  nil,
		"strict": {"-strict"},
		"broken": {"-spec", "broken/cluster.yaml", "-snapshot", "broken"},
	} {
		file := filepath.Join(dir, name+"."+format)
		cmd := exec.Command(preflight, append([]string{"-format", format, "-o", file}, args...)...)
		cmd.Dir = filepath.Join("..", "..", "..", "examples", "preflight")
		out, err := cmd.CombinedOutput()
		if exit := new(exec.ExitError); err != nil {
			require.ErrorAs(t, err, &exit, "%s", out)
			require.Equal(t, 1, exit.ExitCode(), "%s", out)
		}
		files = append(files, file)
	}
	return files
}

func TestJUnit(t *testing.T) {
	xmllint, err := exec.LookPath("xmllint")
	if err != nil {
		program.Without(t, "xmllint is missing: apt-get install libxml2-utils")
	}
	check := func(file string) ([]byte, error) {
		return exec.Command(xmllint, "--noout", "--nonet", "--schema", "testdata/junit.xsd", file).CombinedOutput()
	}
	for _, file := range reports(t, "junit") {
		out, err := check(file)
		assert.NoError(t, err, "%s", out)
	}
	wrong := filepath.Join(t.TempDir(), "wrong.xml")
	require.NoError(t, os.WriteFile(wrong, []byte(`<testsuites><testsuite name="a"/></testsuites>`), 0o600))
	_, err = check(wrong)
	assert.Error(t, err, "the schema asks for nothing")
}

// multitool is the validator of the authors of SARIF, from its npm package. It
// is kept in the user's cache directory.
func multitool(t *testing.T) string {
	t.Helper()
	const version = "5.7.0"
	cache, err := os.UserCacheDir()
	require.NoError(t, err)
	dir := filepath.Join(cache, "groundway", "e2e", "sarif-multitool-"+version)
	path := filepath.Join(dir, "node_modules", ".bin", "sarif-multitool")
	if _, err := os.Stat(path); err == nil {
		return path
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		program.Without(t, "npm is missing, which brings the validator of SARIF: apt-get install npm")
	}
	require.NoError(t, os.MkdirAll(filepath.Dir(dir), 0o700))
	fresh, err := os.MkdirTemp(filepath.Dir(dir), "sarif-multitool-")
	require.NoError(t, err)
	out, err := exec.Command(npm, "install", "--prefix", fresh, "--no-audit", "--no-fund", "--no-save",
		fmt.Sprintf("@microsoft/sarif-multitool@%s", version)).CombinedOutput()
	if err != nil {
		require.NoError(t, os.RemoveAll(fresh))
		program.Without(t, fmt.Sprintf("npm could not install @microsoft/sarif-multitool: %v\n%s", err, out))
	}
	if err := os.Rename(fresh, dir); err != nil {
		require.NoError(t, os.RemoveAll(fresh)) // another run was faster
	}
	return path
}

func TestSARIF(t *testing.T) {
	validator := multitool(t)
	check := func(file string) ([]byte, error) {
		cmd := exec.Command(validator, "validate", file)
		cmd.Env = append(os.Environ(), "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1")
		return cmd.CombinedOutput()
	}
	for _, file := range reports(t, "sarif") {
		out, err := check(file)
		require.NoError(t, err, "%s", out)
		assert.NotContains(t, string(out), "error JSON")
		assert.NotContains(t, string(out), "error SARIF")
	}
	wrong := filepath.Join(t.TempDir(), "wrong.sarif")
	require.NoError(t, os.WriteFile(wrong, []byte(`{"version":"2.1.0","runs":[{"results":[{"message":{}}]}]}`), 0o600))
	out, _ := check(wrong)
	assert.Contains(t, string(out), "error JSON", "the validator says nothing")
}
