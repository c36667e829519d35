package controlplane_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Several processes may want a program that none of them has.
func TestBuildOnce(t *testing.T) {
	t.Parallel()
	dir, cache := t.TempDir(), t.TempDir()
	write(t, dir, "go.mod", []byte("module example.com/hello\n\ngo 1.26.0\n"))
	write(t, dir, "go.sum", nil)
	source := write(t, dir, "main.go", []byte("package main\n\nvar stamp string\n\nfunc main() { print(stamp) }\n"))
	p := &program{name: "hello", version: "v1", main: "example.com/hello", stamp: "-X main.stamp=hello"}
	var paths [2]string
	var group sync.WaitGroup
	for i := range paths {
		group.Go(func() {
			var err error
			paths[i], err = p.build(t.Context(), dir, cache)
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
	again, err := p.build(t.Context(), dir, cache)
	require.NoError(t, err)
	assert.Equal(t, paths[0], again)
	write(t, dir, "go.mod", []byte("module example.com/hello\n\ngo 1.26\n"))
	_, err = p.build(t.Context(), dir, cache)
	assert.ErrorContains(t, err, "undefined: undefined")
	require.NoError(t, os.Remove(source))
	left, err = filepath.Glob(filepath.Join(cache, "*.new"))
	require.NoError(t, err)
	assert.Empty(t, left)
}

// A program that ends is not waited for, and one that runs ends with its test.
func TestProcessEnds(t *testing.T) {
	t.Parallel()
	ended := etcd.start(t, "--no-such-flag")
	err := ended.ready(ended.serving(etcdServes, freePort(t)))
	require.ErrorIs(t, err, errEnded)
	assert.ErrorContains(t, err, "flag provided but not defined: -no-such-flag")

	var pid int
	t.Run("a test", func(t *testing.T) {
		client, peer := "http://"+address(freePort(t)), "http://"+address(freePort(t))
		pid = etcd.start(t, "--data-dir", "data", "--listen-client-urls", client, "--advertise-client-urls", client,
			"--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", "default="+peer).pid
		require.NoError(t, syscall.Kill(pid, 0))
	})
	assert.ErrorIs(t, syscall.Kill(pid, 0), syscall.ESRCH)
}
