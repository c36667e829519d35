package pki_test

import (
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/pki"
)

// A directory that cannot be written: the superuser can write everywhere, and so
// looks at the file system as somebody else for as long, in this thread alone.
func TestWriteIntoAClosedDirectory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "closed")
	require.NoError(t, os.Mkdir(dir, 0o500))
	b, layout := good(t), pki.TectonicLayout()
	for d := dir; os.Geteuid() == 0 && d != filepath.Clean(os.TempDir()); d = filepath.Dir(d) {
		require.NoError(t, os.Chmod(d, 0o555))
	}
	var written []string
	err := as(65534, func() (err error) {
		written, err = layout.Write(t.Context(), dir, b, pki.WriteOptions{})
		return err
	})
	assert.EqualError(t, err, `write tectonic layout: "`+filepath.Join(dir, "tls/etcd-client-ca.key")+`": permission denied`)
	assert.Empty(t, written)
	assert.Len(t, listing(t, dir), 1, "nothing is left over")
}

// as calls do with the rights of another user to the file system, where this one
// is the superuser. The thread ends with the goroutine, and never serves another.
func as(user int, do func() error) error {
	if os.Geteuid() != 0 {
		return do()
	}
	result := make(chan error)
	go func() {
		runtime.LockOSThread()
		if err := syscall.Setfsuid(user); err != nil {
			result <- err
			return
		}
		result <- do()
	}()
	return <-result
}
