package controlplane_test

import (
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A program that ends is not waited for, and one that runs ends with its test.
func TestProcessEnds(t *testing.T) {
	t.Parallel()
	ended := etcd.Start(t, "--no-such-flag")
	err := ended.Ready(serving(ended, etcdServes, freePort(t)))
	require.ErrorIs(t, err, errEnded)
	assert.ErrorContains(t, err, "flag provided but not defined: -no-such-flag")

	var pid int
	t.Run("a test", func(t *testing.T) {
		client, peer := "http://"+address(freePort(t)), "http://"+address(freePort(t))
		pid = etcd.Start(t, "--data-dir", "data", "--listen-client-urls", client, "--advertise-client-urls", client,
			"--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", "default="+peer).PID
		require.NoError(t, syscall.Kill(pid, 0))
	})
	assert.ErrorIs(t, syscall.Kill(pid, 0), syscall.ESRCH)
}
