package cluster_test

import (
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/examples/preflight/cluster"
)

func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "report.txt")

	require.NoError(t, cluster.WriteFile(path, []byte("one")))
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, fs.FileMode(0o600), info.Mode())

	// A file that others may read becomes one that they may not.
	require.NoError(t, os.Chmod(path, 0o644))
	require.NoError(t, cluster.WriteFile(path, []byte("two")))
	info, err = os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, fs.FileMode(0o600), info.Mode())

	// A link stays and leads to the new text.
	link := filepath.Join(dir, "link.txt")
	require.NoError(t, os.Symlink("report.txt", link))
	require.NoError(t, cluster.WriteFile(link, []byte("three")))
	target, err := os.Readlink(link)
	require.NoError(t, err)
	assert.Equal(t, "report.txt", target)
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "three", string(data))

	assert.Equal(t, []string{"link.txt", "report.txt"}, names(t, dir))
}

// A pipe stays one, as a device does. The test makes a pipe of its own: were it
// to fail on a device of the machine, it would replace that.
func TestWriteFilePipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	out, err := exec.Command("mkfifo", path).CombinedOutput()
	require.NoError(t, err, "%s", out)
	// Open for both, so that neither end waits for the other.
	pipe, err := os.OpenFile(path, os.O_RDWR, 0)
	require.NoError(t, err)
	defer pipe.Close()

	require.NoError(t, cluster.WriteFile(path, []byte("text")))
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.NotZero(t, info.Mode()&fs.ModeNamedPipe)
	got := make([]byte, 4)
	_, err = io.ReadFull(pipe, got)
	require.NoError(t, err)
	assert.Equal(t, "text", string(got))
}

// The replaced file is another file: who has the old one open reads on.
func TestWriteFileReplaces(t *testing.T) {
	path := filepath.Join(t.TempDir(), "report.txt")
	require.NoError(t, cluster.WriteFile(path, []byte("one")))
	before, err := os.Stat(path)
	require.NoError(t, err)
	require.NoError(t, cluster.WriteFile(path, []byte("two")))
	after, err := os.Stat(path)
	require.NoError(t, err)
	assert.False(t, os.SameFile(before, after))
}

func TestWriteFileErrors(t *testing.T) {
	dir := t.TempDir()
	assert.EqualError(t, cluster.WriteFile(dir, nil), `write "`+dir+`": it is a directory, want a file`)
	path := filepath.Join(dir, "none", "report.txt")
	err := cluster.WriteFile(path, nil)
	assert.ErrorIs(t, err, fs.ErrNotExist)
	assert.EqualError(t, err, `write "`+path+`": no such file or directory`)
	assert.Empty(t, names(t, dir))
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}
