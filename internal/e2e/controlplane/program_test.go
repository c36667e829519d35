package controlplane_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// A program is one that these tests run: pinned by a module below tools, built
// from the module proxy once, and kept in the user's cache directory; or one that
// is installed.
type program struct {
	name    string // the module's folder, and what the log calls it
	version string // its release, which the name in the cache shows
	main    string // import path of the command; empty where it is installed
	install string // how, if it is not
	stamp   string // linker flag by which the program knows its release, if it asks

	once sync.Once
	path string
	err  error
}

var (
	etcd = &program{name: "etcd", version: "v3.7.3", main: "go.etcd.io/etcd/server/v3"}
	dex  = &program{
		name: "dex", version: "v2.45.1", main: "github.com/dexidp/dex/cmd/dex",
		stamp: "-X main.version=v2.45.1",
	}
	apiserver = &program{
		name: "kube-apiserver", version: "v1.36.3", main: "k8s.io/kubernetes/cmd/kube-apiserver",
		stamp: "-X k8s.io/component-base/version.gitVersion=v1.36.3",
	}
	moto  = &program{name: "moto_server", install: "pip install 'moto[server]'"}
	zlint = &program{name: "zlint", version: "v3.7.3", main: "github.com/zmap/zlint/v3/cmd/zlint"}
)

// built returns the path of the program, which it builds if the cache does not
// hold it. Without the program the test is skipped, and fails in CI.
func (p *program) built(t *testing.T) string {
	t.Helper()
	if p.main == "" {
		path, err := exec.LookPath(p.name)
		if err != nil {
			without(t, p.name+" is missing: "+p.install)
		}
		return path
	}
	p.once.Do(func() {
		ctx, cancel := deadline(t)
		defer cancel()
		var cache string
		if cache, p.err = os.UserCacheDir(); p.err == nil {
			p.path, p.err = p.build(ctx, filepath.Join("..", "tools", p.name), filepath.Join(cache, "groundway", "e2e"))
		}
	})
	if p.err != nil {
		without(t, fmt.Sprintf("%s %s could not be built: %v\nsee why with: go -C internal/e2e/tools/%s build -o %s %s",
			p.name, p.version, p.err, p.name, os.DevNull, p.main))
	}
	return p.path
}

// without ends a test that lacks something: in CI it failed.
func without(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(what)
	}
	t.Skip(what)
}

// deadline returns a context that ends while there is still time to stop the
// programs and to show what they printed.
func deadline(t *testing.T) (context.Context, context.CancelFunc) {
	if end, ok := t.Deadline(); ok {
		return context.WithDeadline(t.Context(), end.Add(-15*time.Second))
	}
	return context.WithTimeout(t.Context(), 30*time.Minute)
}

// build builds the program of the module in dir, unless the cache has it. It is
// safe in two test processes at once: one of them builds, and the other waits and
// finds the result, which appears whole or not at all.
func (p *program) build(ctx context.Context, dir, cache string) (string, error) {
	key, err := p.key(dir)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", err
	}
	path := filepath.Join(cache, key)
	unlock, err := lock(ctx, path+".lock")
	if err != nil {
		return "", err
	}
	defer unlock()
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	fresh := path + ".new"
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", strings.TrimSpace("-s -w "+p.stamp), "-o", fresh, p.main)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off", "GOFLAGS=-buildvcs=false")
	out, err := cmd.CombinedOutput()
	if err != nil {
		_ = os.Remove(fresh)
		if ctx.Err() != nil {
			return "", fmt.Errorf("the time of the test ran out; give it more with -timeout 30m")
		}
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return path, os.Rename(fresh, path)
}

// key names the program by all that decides what is built.
func (p *program) key(dir string) (string, error) {
	sum := sha256.New()
	_, _ = fmt.Fprintln(sum, p.main, p.stamp)
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return "", err
		}
		sum.Write(text)
	}
	return strings.Join([]string{
		p.name, p.version, runtime.Version(), runtime.GOOS, runtime.GOARCH, hex.EncodeToString(sum.Sum(nil)[:6]),
	}, "-"), nil
}

// lock waits until no other process holds the file's lock. The system releases
// it when the holder ends, however it ends.
func lock(ctx context.Context, path string) (unlock func(), err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	for {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { _ = file.Close() }, nil
		}
		select {
		case <-ctx.Done():
			_ = file.Close()
			return nil, fmt.Errorf("wait for the lock %q: %w", path, err)
		case <-time.After(200 * time.Millisecond):
		}
	}
}
