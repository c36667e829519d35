// Package program builds and runs the programs that end-to-end tests need: etcd,
// kube-apiserver, dex and zlint, each pinned by a module of its own below
// internal/e2e/tools, and those that are installed.
package program

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

// A Program is one that these tests run: pinned by a module below tools, built
// from the module proxy once, and kept in the user's cache directory; or one that
// is installed.
type Program struct {
	Name    string // the module's folder, and what the log calls it
	Version string // its release, which the name in the cache shows
	Main    string // import path of the command; empty where it is installed
	Install string // how, if it is not
	Stamp   string // linker flag by which the program knows its release, if it asks
	// Ends is the signal by which it ends with processes of its own; zero: it has
	// none, and is killed.
	Ends syscall.Signal

	once sync.Once
	path string
	err  error
}

// The programs.
var (
	Etcd = &Program{Name: "etcd", Version: "v3.7.3", Main: "go.etcd.io/etcd/server/v3"}
	Dex  = &Program{
		Name: "dex", Version: "v2.45.1", Main: "github.com/dexidp/dex/cmd/dex",
		Stamp: "-X main.version=v2.45.1",
	}
	APIServer = &Program{
		Name: "kube-apiserver", Version: "v1.36.3", Main: "k8s.io/kubernetes/cmd/kube-apiserver",
		Stamp: "-X k8s.io/component-base/version.gitVersion=v1.36.3",
	}
	Moto    = &Program{Name: "moto_server", Install: "pip install 'moto[server]'"}
	AWS     = &Program{Name: "aws", Install: "pip install awscli"}
	CFNLint = &Program{Name: "cfn-lint", Install: "pip install cfn-lint"}
	Zlint   = &Program{Name: "zlint", Version: "v3.7.3", Main: "github.com/zmap/zlint/v3/cmd/zlint"}

	Named   = &Program{Name: "named", Install: "apt-get install bind9", Ends: syscall.SIGINT}
	NSD     = &Program{Name: "nsd", Install: "apt-get install nsd", Ends: syscall.SIGINT}
	Knot    = &Program{Name: "knotd", Install: "apt-get install knot", Ends: syscall.SIGINT}
	Keymgr  = &Program{Name: "keymgr", Install: "apt-get install knot"}
	Unbound = &Program{Name: "unbound", Install: "apt-get install unbound", Ends: syscall.SIGINT}
)

// Built returns the path of the program, which it builds if the cache does not
// hold it. Without the program the test is skipped, and fails in CI.
func (p *Program) Built(t *testing.T) string {
	t.Helper()
	if p.Main == "" {
		for _, name := range []string{p.Name, "/usr/sbin/" + p.Name} { // which not everybody has in the path
			if path, err := exec.LookPath(name); err == nil {
				return path
			}
		}
		Without(t, p.Name+" is missing: "+p.Install)
	}
	p.once.Do(func() {
		ctx, cancel := Deadline(t)
		defer cancel()
		var cache string
		if cache, p.err = os.UserCacheDir(); p.err == nil {
			p.path, p.err = p.Build(ctx, filepath.Join("..", "tools", p.Name), filepath.Join(cache, "groundway", "e2e"))
		}
	})
	if p.err != nil {
		Without(t, fmt.Sprintf("%s %s could not be built: %v\nsee why with: go -C internal/e2e/tools/%s build -o %s %s",
			p.Name, p.Version, p.err, p.Name, os.DevNull, p.Main))
	}
	return p.path
}

// Without ends a test that lacks something: in CI it failed.
func Without(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(what)
	}
	t.Skip(what)
}

// Deadline returns a context that ends while there is still time to stop the
// programs and to show what they printed.
func Deadline(t *testing.T) (context.Context, context.CancelFunc) {
	if end, ok := t.Deadline(); ok {
		return context.WithDeadline(t.Context(), end.Add(-15*time.Second))
	}
	return context.WithTimeout(t.Context(), 30*time.Minute)
}

// Build builds the program of the module in dir, unless the cache has it. It is
// safe in two test processes at once: one of them builds, and the other waits and
// finds the result, which appears whole or not at all.
func (p *Program) Build(ctx context.Context, dir, cache string) (string, error) {
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
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", strings.TrimSpace("-s -w "+p.Stamp), "-o", fresh, p.Main)
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
func (p *Program) key(dir string) (string, error) {
	sum := sha256.New()
	_, _ = fmt.Fprintln(sum, p.Main, p.Stamp)
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return "", err
		}
		sum.Write(text)
	}
	return strings.Join([]string{
		p.Name, p.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH, hex.EncodeToString(sum.Sum(nil)[:6]),
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
