package program_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/internal/e2e/program"
)

func write(t *testing.T, dir, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	require.NoError(t, os.WriteFile(path, data, 0o600))
	return path
}

// Several processes may want a program that none of them has.
func TestBuildOnce(t *testing.T) {
	t.Parallel()
	dir, cache := t.TempDir(), t.TempDir()
	write(t, dir, "go.mod", []byte("module example.com/hello\n\ngo 1.26.0\n"))
	write(t, dir, "go.sum", nil)
	source := write(t, dir, "main.go", []byte("package main\n\nvar stamp string\n\nfunc main() { print(stamp) }\n"))
	p := &program.Program{Name: "hello", Version: "v1", Main: "example.com/hello", Stamp: "-X main.stamp=hello"}
	var paths [2]string
	var group sync.WaitGroup
	for i := range paths {
		group.Go(func() {
			var err error
			paths[i], err = p.Build(t.Context(), dir, cache)
			assert.NoError(t, err)
		})
	}
	group.Wait()
	require.Equal(t, paths[0], paths[1])
	out, err := exec.CommandContext(t.Context(), paths[0]).CombinedOutput()
	require.NoError(t, err)
	assert.Equal(t, "hello", string(out))
	left, err := filepath.Glob(filepath.Join(cache, "*"))
	require.NoError(t, err)
	assert.ElementsMatch(t, []string{paths[0], paths[0] + ".lock"}, left)

	// What is there is not built again, and what cannot be built leaves nothing.
	write(t, dir, "main.go", []byte("package main\n\nfunc main() { undefined() }\n"))
	again, err := p.Build(t.Context(), dir, cache)
	require.NoError(t, err)
	assert.Equal(t, paths[0], again)
	write(t, dir, "go.mod", []byte("module example.com/hello\n\ngo 1.26\n"))
	_, err = p.Build(t.Context(), dir, cache)
	assert.ErrorContains(t, err, "undefined: undefined")
	require.NoError(t, os.Remove(source))
	left, err = filepath.Glob(filepath.Join(cache, "*.new"))
	require.NoError(t, err)
	assert.Empty(t, left)
}
