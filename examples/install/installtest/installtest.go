// Package installtest runs the programs of package install in tests, and looks at
// what they wrote.
package installtest

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/examples/install"
	"github.com/groundway-sdk/groundway/internal/awsfake"
	"github.com/groundway-sdk/groundway/internal/golden"
)

// Noon is the time at which tests run a program.
var Noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// Run runs the program at a time, as it runs where nothing is a terminal.
func Run(t testing.TB, p install.Program, now time.Time, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	c := install.Command{Program: p, Stdout: &out, Stderr: &errs, Now: now, Wait: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }}
	status = c.Run(t.Context(), args)
	return status, out.String(), errs.String()
}

// BuiltIn is what a program says of the account that it has built in.
func BuiltIn(p install.Program) string {
	return p.Name + ": this is the built-in account, examples/" + p.Name + "/account; -h says how to plan for yours\n"
}

// DryRun is what a program says after a dry run.
func DryRun(p install.Program) string {
	return p.Name + ": a dry run: nothing was written, and nothing was changed\n"
}

// DryRunIsGolden holds what a dry run says of the built-in account against the golden
// file dry-run.txt, and that the directory account says the same from outside.
func DryRunIsGolden(t *testing.T, p install.Program) {
	t.Helper()
	status, text, stderr := Run(t, p, Noon)
	assert.Equal(t, install.StatusClear, status)
	assert.Equal(t, BuiltIn(p)+DryRun(p), stderr)
	golden.Check(t, "dry-run.txt", []byte(text))
	assert.NotRegexp(t, `[^\x20-\x7e\n]`, text)

	status, again, stderr := Run(t, p, Noon, "-spec", "account/cluster.yaml", "-snapshot", "account")
	assert.Equal(t, install.StatusClear, status)
	assert.Equal(t, DryRun(p), stderr)
	assert.Equal(t, text, again)
}

// A File is what a run must not change of a file that is as it should be.
type File struct {
	Text    string
	Written time.Time
}

// Tree returns the files below a directory by their names, and holds that they are
// their owner's alone.
func Tree(t testing.TB, dir string) map[string]File {
	t.Helper()
	files := map[string]File{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		require.NoError(t, err)
		info, err := d.Info()
		require.NoError(t, err)
		want := fs.FileMode(0o600)
		if d.IsDir() {
			want = 0o700
		} else {
			data, err := os.ReadFile(path)
			require.NoError(t, err)
			name, err := filepath.Rel(dir, path)
			require.NoError(t, err)
			files[filepath.ToSlash(name)] = File{string(data), info.ModTime()}
		}
		assert.Equal(t, want, info.Mode().Perm(), path)
		return nil
	}))
	return files
}

// Out runs -out into a new directory.
func Out(t testing.TB, p install.Program, args ...string) (dir string, files map[string]File) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "assets")
	status, _, stderr := Run(t, p, Noon, append(args, "-out", dir)...)
	require.Equal(t, install.StatusClear, status, stderr)
	return dir, Tree(t, dir)
}

// Spec writes the spec of the built-in account with a change.
func Spec(t testing.TB, old, changed string) string {
	t.Helper()
	text, err := os.ReadFile("account/cluster.yaml")
	require.NoError(t, err)
	require.Contains(t, string(text), old)
	path := filepath.Join(t.TempDir(), "cluster.yaml")
	require.NoError(t, os.WriteFile(path, []byte(strings.Replace(string(text), old, changed, 1)), 0o600))
	return path
}

// changes matches the actions that change an account.
const changes = `:(Create|Import|Modify|Attach|Put|Change|Allocate|Associate|Authorize|Tag|Update|Delete|Run)`

// Serve serves an account, to the credentials of nobody, and no others.
func Serve(t *testing.T, services ...awsfake.Service) (url string, fake *awsfake.Fake) {
	t.Helper()
	fake = awsfake.New(services...)
	server := awsfake.Start(fake)
	t.Cleanup(server.Close)
	missing := filepath.Join(t.TempDir(), "none")
	for name, value := range map[string]string{
		"AWS_PROFILE": "", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "", "AWS_CONTAINER_CREDENTIALS_FULL_URI": "", "AWS_WEB_IDENTITY_TOKEN_FILE": "",
		"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "AWS_SESSION_TOKEN": "planted-session-token",
		"AWS_EC2_METADATA_DISABLED": "true", "AWS_MAX_ATTEMPTS": "1", "AWS_CONFIG_FILE": missing, "AWS_SHARED_CREDENTIALS_FILE": missing, "HOME": missing,
	} {
		t.Setenv(name, value)
	}
	return server.URL, fake
}

// NothingIsChanged holds that none of the calls changed the account.
func NothingIsChanged(t *testing.T, calls []awsfake.Call) {
	t.Helper()
	for _, call := range calls {
		assert.NotRegexp(t, changes, call.Action, "nothing is changed")
	}
}
