package pki_test

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/pki"
)

// listing returns the files below a directory, with slashes.
func listing(t *testing.T, dir string) map[string]fs.FileMode {
	t.Helper()
	all := map[string]fs.FileMode{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		rel, _ := filepath.Rel(dir, path)
		all[filepath.ToSlash(rel)] = info.Mode()
		return err
	}))
	return all
}

// The file names of Tectonic's generated directory, and of kubeadm's.
var layoutFiles = map[string][]string{
	"tectonic": {
		"tls/etcd-client-ca.crt", "tls/etcd/server.crt", "tls/etcd/server.key", "tls/etcd/peer.crt", "tls/etcd/peer.key",
		"tls/etcd-client.crt", "tls/etcd-client.key", "tls/ca.crt", "tls/ca.key", "tls/apiserver.crt", "tls/apiserver.key",
		"tls/service-account.key", "tls/service-account.pub",
	},
	"kubeadm": {
		"ca.crt", "ca.key", "apiserver.crt", "apiserver.key", "apiserver-kubelet-client.crt", "apiserver-kubelet-client.key",
		"front-proxy-ca.crt", "front-proxy-ca.key", "front-proxy-client.crt", "front-proxy-client.key",
		"etcd/ca.crt", "etcd/ca.key", "etcd/server.crt", "etcd/server.key", "etcd/peer.crt", "etcd/peer.key",
		"etcd/healthcheck-client.crt", "etcd/healthcheck-client.key", "apiserver-etcd-client.crt", "apiserver-etcd-client.key", "sa.key", "sa.pub",
	},
}

// What is written is read again, file by file, closed to others.
func TestLayouts(t *testing.T) {
	for _, l := range []pki.Layout{pki.TectonicLayout(), pki.KubeadmLayout()} {
		t.Run(l.Name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "new")
			written, err := l.Write(t.Context(), dir, good(t), pki.WriteOptions{})
			require.NoError(t, err)
			files := listing(t, dir)
			for name, mode := range files {
				if mode.IsDir() {
					assert.Equal(t, fs.FileMode(0o700), mode.Perm(), name)
				} else {
					assert.Equal(t, fs.FileMode(0o600), mode.Perm(), name)
					assert.Contains(t, written, filepath.Join(dir, filepath.FromSlash(name)))
				}
			}
			for _, name := range layoutFiles[l.Name] {
				assert.Contains(t, files, name)
			}
			assert.NotContains(t, files, "tls/kubelet.crt")

			b, err := l.Read(os.DirFS(dir), pki.ReadOptions{})
			require.NoError(t, err)
			assert.Equal(t, good(t).IDs(), b.IDs())
			findings := pki.Verify(b, demo(), pki.VerifyOptions{Time: noon})
			assert.Empty(t, with(findings, groundway.Failed))
			for _, id := range b.IDs() {
				want, got := good(t).Materials[id], b.Materials[id]
				assert.Equal(t, want.Certificates, got.Certificates, id)
				assert.True(t, got.Key.Matches(want.Key.Public()), id)
				assert.Len(t, got.PublicKeys, len(want.PublicKeys))
			}

			// A second run writes nothing, from either bundle.
			for _, again := range []pki.Bundle{b, good(t)} {
				written, err = l.Write(t.Context(), dir, again, pki.WriteOptions{})
				require.NoError(t, err)
				assert.Empty(t, written)
			}
		})
	}
}

// Every entry has its files in both layouts, and no two share one.
func TestLayoutPaths(t *testing.T) {
	for _, l := range []pki.Layout{pki.TectonicLayout(), pki.KubeadmLayout()} {
		seen := map[string]pki.ID{}
		for _, f := range l.Files {
			assert.Empty(t, seen[f.Path], f.Path)
			seen[f.Path] = f.ID
			assert.True(t, fs.ValidPath(f.Path), f.Path)
		}
		for _, id := range inventory(t, demo(), pki.InventoryOptions{}).IDs() {
			assert.NotEmpty(t, l.Path(id, pki.PartKey), id)
		}
		assert.Empty(t, l.Path(pki.KubeCA, pki.PartPublicKey))
		assert.Empty(t, l.Path("nobody/nothing", pki.PartKey))
	}
	assert.Equal(t, "tls/kubelet/node-1.key", pki.TectonicLayout().Path(pki.KubeletOf("node-1"), pki.PartKey))
	assert.Equal(t, "tls/kubelet.key", pki.TectonicLayout().Path(pki.Kubelet, pki.PartKey), "to be read")
}

// What is there and different is not lost, and nothing is written beside it.
func TestWriteRefusesToReplace(t *testing.T) {
	l, dir := pki.TectonicLayout(), t.TempDir()
	_, err := l.Write(t.Context(), dir, good(t), pki.WriteOptions{})
	require.NoError(t, err)
	inv := inventory(t, demo(), pki.InventoryOptions{})
	fresh, err := pki.Issue(inv, pki.IssueOptions{Time: noon, Provided: good(t).Without(pki.EtcdPeer, pki.Scheduler)})
	require.NoError(t, err)
	require.NoError(t, os.Remove(filepath.Join(dir, "tls", "scheduler.crt")))

	before := listing(t, dir)
	_, err = l.Write(t.Context(), dir, fresh, pki.WriteOptions{})
	require.EqualError(t, err, `write tectonic layout: `+
		`"`+filepath.Join(dir, "tls/etcd/peer.key")+`" holds something else than the key of etcd/peer in the bundle; name the entry in Replace to replace it`+"\n"+
		`"`+filepath.Join(dir, "tls/etcd/peer.crt")+`" holds something else than the certificate of etcd/peer in the bundle; name the entry in Replace to replace it`+"\n"+
		`"`+filepath.Join(dir, "tls/scheduler.key")+`" holds something else than the key of kube/scheduler in the bundle; name the entry in Replace to replace it`)
	assert.Equal(t, before, listing(t, dir))

	written, err := l.Write(t.Context(), dir, fresh, pki.WriteOptions{Replace: []pki.ID{pki.EtcdPeer, pki.Scheduler}})
	require.NoError(t, err)
	assert.Equal(t, []string{
		filepath.Join(dir, "tls/etcd/peer.key"), filepath.Join(dir, "tls/etcd/peer.crt"),
		filepath.Join(dir, "tls/scheduler.key"), filepath.Join(dir, "tls/scheduler.crt"),
	}, written)
	b, err := l.Read(os.DirFS(dir), pki.ReadOptions{})
	require.NoError(t, err)
	assert.Empty(t, with(pki.Verify(b, demo(), pki.VerifyOptions{Time: noon}), groundway.Failed))
}

// A file that says the same in another way is left as it is; one that components
// stumble over is not the same.
func TestWriteKeepsOtherForms(t *testing.T) {
	l, dir := pki.TectonicLayout(), t.TempDir()
	_, err := l.Write(t.Context(), dir, good(t), pki.WriteOptions{})
	require.NoError(t, err)
	path := filepath.Join(dir, "tls", "apiserver.crt")
	own, err := os.ReadFile(path)
	require.NoError(t, err)
	other := "# mine\r\n" + strings.ReplaceAll(string(own), "\n", "\r\n")
	require.NoError(t, os.WriteFile(path, []byte(other), 0o644))
	private := filepath.Join(dir, "tls", "apiserver.key")
	require.NoError(t, os.Chmod(private, 0o644))

	written, err := l.Write(t.Context(), dir, good(t), pki.WriteOptions{})
	require.NoError(t, err)
	assert.Empty(t, written)
	now, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, other, string(now))
	info, err := os.Stat(private)
	require.NoError(t, err)
	assert.Equal(t, fs.FileMode(0o600), info.Mode().Perm(), "a key that others could read is closed")

	ca := pemOf(good(t).Materials[pki.KubeCA].Certificate())
	require.NoError(t, os.WriteFile(path, append(ca, own...), 0o600))
	_, err = l.Write(t.Context(), dir, good(t), pki.WriteOptions{})
	assert.ErrorContains(t, err, "holds something else than the certificate of kube/apiserver")

	require.NoError(t, os.WriteFile(path, append([]byte("\ufeff"), own...), 0o600))
	caPath := filepath.Join(dir, "tls", "ca.crt")
	require.NoError(t, os.WriteFile(caPath, bytes.Replace(ca, []byte("-----\n"), []byte("-----\nName: kube\n\n"), 1), 0o600))
	_, err = l.Write(t.Context(), dir, good(t), pki.WriteOptions{})
	assert.ErrorContains(t, err, "holds something else than the certificate of kube/apiserver")
	assert.ErrorContains(t, err, "holds something else than the certificate of kube/ca")
}

// A run that ends at any point leaves whole files, and the next run completes the
// set with what is there.
func TestWriteInterrupted(t *testing.T) {
	l := pki.TectonicLayout()
	inv := inventory(t, demo(), pki.InventoryOptions{})
	whole := t.TempDir()
	written, err := l.Write(t.Context(), whole, good(t), pki.WriteOptions{})
	require.NoError(t, err)
	for cut := range len(written) + 1 {
		dir := t.TempDir()
		for _, path := range written[:cut] {
			rel, err := filepath.Rel(whole, path)
			require.NoError(t, err)
			data, err := os.ReadFile(path)
			require.NoError(t, err)
			require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, rel)), 0o700))
			require.NoError(t, os.WriteFile(filepath.Join(dir, rel), data, 0o600))
		}
		there, err := l.Read(os.DirFS(dir), pki.ReadOptions{})
		require.NoError(t, err)
		incomplete := with(pki.Verify(there, demo(), pki.VerifyOptions{Time: noon}), groundway.Failed)
		assert.Equal(t, cut == len(written), len(incomplete) == 0, "what is missing is detected after %d files", cut)
		if there.Materials[pki.ServiceAccount].Key.IsZero() {
			there = there.With(tokens(t)) // it takes long to make
		}
		b, err := pki.Issue(inv, pki.IssueOptions{Time: noon, Provided: there})
		require.NoError(t, err, "after %d files", cut)
		_, err = l.Write(t.Context(), dir, b, pki.WriteOptions{})
		require.NoError(t, err, "after %d files", cut)
		again, err := l.Read(os.DirFS(dir), pki.ReadOptions{})
		require.NoError(t, err)
		require.Empty(t, with(pki.Verify(again, demo(), pki.VerifyOptions{Time: noon}), groundway.Failed), "after %d files", cut)
	}
}

func TestWriteCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	written, err := pki.TectonicLayout().Write(ctx, t.TempDir(), good(t), pki.WriteOptions{})
	assert.EqualError(t, err, "write tectonic layout: context canceled")
	assert.Empty(t, written)
}

// Two runs at once do not mix their keys: one of them fails.
func TestWriteTwiceAtOnce(t *testing.T) {
	inv := inventory(t, demo(), pki.InventoryOptions{})
	dir := t.TempDir()
	var group sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		b, err := pki.Issue(inv, pki.IssueOptions{Time: noon, Provided: tokens(t)})
		require.NoError(t, err)
		group.Go(func() { _, errs[i] = pki.TectonicLayout().Write(t.Context(), dir, b, pki.WriteOptions{}) })
	}
	group.Wait()
	b, err := pki.TectonicLayout().Read(os.DirFS(dir), pki.ReadOptions{})
	require.NoError(t, err)
	if slices.Contains(errs, nil) {
		assert.Empty(t, with(pki.Verify(b, demo(), pki.VerifyOptions{Time: noon}), groundway.Failed))
	}
	assert.GreaterOrEqual(t, len(slices.DeleteFunc(errs, func(err error) bool { return err == nil })), 3)
	assert.Empty(t, b.Leftovers)
}

// A directory that cannot be written is an error that names the file, and never
// what was to stand in it.
func TestWriteErrors(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	taken := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(taken, "tls", "etcd-client-ca.key"), 0o700))
	for _, test := range []struct{ name, dir, want string }{
		{"a file for a directory", file, `write tectonic layout: "` + filepath.Join(file, "tls/etcd-client-ca.key") + `": not a directory`},
		{"a directory for a file", taken, `write tectonic layout: "` + filepath.Join(taken, "tls/etcd-client-ca.key") + `": not a file`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := pki.TectonicLayout().Write(t.Context(), test.dir, good(t), pki.WriteOptions{})
			require.Error(t, err)
			first, _, _ := strings.Cut(err.Error(), "\n")
			assert.Equal(t, test.want, first)
			for _, m := range good(t).Materials {
				for _, s := range secrets(t, m.Key) {
					assert.NotContains(t, err.Error(), s)
				}
			}
		})
	}
	_, err := pki.KubeadmLayout().Write(t.Context(), t.TempDir(), pki.Bundle{}.Put(pki.Material{
		ID: "x/y", Key: key(t, pki.ECDSAP256),
	}), pki.WriteOptions{})
	assert.EqualError(t, err, "write kubeadm layout: key of x/y: the layout has no file for it")
	_, err = pki.KubeadmLayout().Read(os.DirFS(filepath.Join(t.TempDir(), "none")), pki.ReadOptions{})
	assert.ErrorIs(t, err, fs.ErrNotExist)
}

// The certificate that Tectonic's nodes share is read and reported, and never
// written.
func TestSharedKubelet(t *testing.T) {
	dir := t.TempDir()
	m := good(t).Materials[pki.Admin]
	m.ID = pki.Kubelet
	written, err := pki.TectonicLayout().Write(t.Context(), dir, pki.Bundle{}.Put(m), pki.WriteOptions{})
	require.NoError(t, err)
	assert.Empty(t, written)
}

// A leftover of a run that was killed while it wrote a file is found.
func TestLeftovers(t *testing.T) {
	dir := t.TempDir()
	_, err := pki.TectonicLayout().Write(t.Context(), dir, good(t), pki.WriteOptions{})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "tls", "etcd", ".peer.key.42.partial"), []byte("half"), 0o600))
	b, err := pki.TectonicLayout().Read(os.DirFS(dir), pki.ReadOptions{})
	require.NoError(t, err)
	assert.Equal(t, []string{"tls/etcd/.peer.key.42.partial"}, b.Leftovers)
}

// A hook is a context that does something each time it is asked whether it has
// ended, which is before each file.
type hook struct {
	context.Context
	do func(n int) error
	n  int
}

func (h *hook) Err() error {
	h.n++
	return h.do(h.n)
}

// A file that another run writes in the meantime is not overwritten.
func TestWriteLosesARace(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "tls", "etcd-client-ca.key")
	ctx := &hook{Context: t.Context(), do: func(int) error {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		return os.WriteFile(path, []byte("theirs"), 0o600)
	}}
	written, err := pki.TectonicLayout().Write(ctx, dir, good(t), pki.WriteOptions{})
	assert.EqualError(t, err, `write tectonic layout: "`+path+`": file exists`)
	assert.Empty(t, written)
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "theirs", string(data))
	assert.Len(t, listing(t, dir), 3, "nothing is left over")
}

// A run that ends between the two files of an entry that it replaces leaves a pair
// that does not match, which the next run finds and mends.
func TestReplaceInterrupted(t *testing.T) {
	l, dir := pki.TectonicLayout(), t.TempDir()
	_, err := l.Write(t.Context(), dir, good(t), pki.WriteOptions{})
	require.NoError(t, err)
	fresh, err := pki.Issue(inventory(t, demo(), pki.InventoryOptions{}), pki.IssueOptions{Time: noon, Provided: good(t).Without(pki.EtcdPeer)})
	require.NoError(t, err)
	ctx := &hook{Context: t.Context(), do: func(n int) error {
		if n > 1 {
			return context.Canceled
		}
		return nil
	}}
	replace := pki.WriteOptions{Replace: []pki.ID{pki.EtcdPeer}}
	written, err := l.Write(ctx, dir, fresh, replace)
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, []string{filepath.Join(dir, "tls", "etcd", "peer.key")}, written)
	b, err := l.Read(os.DirFS(dir), pki.ReadOptions{})
	require.NoError(t, err)
	assert.Equal(t, ids("key-mismatch@etcd/peer"), with(pki.Verify(b, demo(), pki.VerifyOptions{Time: noon}), groundway.Failed))
	_, err = l.Write(t.Context(), dir, fresh, replace)
	require.NoError(t, err)
	b, err = l.Read(os.DirFS(dir), pki.ReadOptions{})
	require.NoError(t, err)
	assert.Empty(t, with(pki.Verify(b, demo(), pki.VerifyOptions{Time: noon}), groundway.Failed))
}
