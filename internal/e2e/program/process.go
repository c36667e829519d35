package program

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"
)

// A Process is a program that runs, in a directory of its own.
type Process struct {
	Program *Program
	PID     int

	args   []string
	env    []string
	dir    string
	log    string // path of what it printed
	ended  chan struct{}
	err    error // how it ended, once ended is closed
	cancel context.CancelFunc
}

// Start starts the program. When the test ends it is ended, by its process, and
// waited for; what it printed is shown if the test failed.
func (p *Program) Start(t *testing.T, args ...string) *Process {
	t.Helper()
	return p.StartWith(t, nil, args...)
}

// StartWith is Start with more variables in the program's environment: NAME=VALUE.
func (p *Program) StartWith(t *testing.T, env []string, args ...string) *Process {
	t.Helper()
	s := &Process{Program: p, args: args, env: env, dir: t.TempDir()}
	s.log = filepath.Join(s.dir, p.Name+".log")
	s.run(t)
	t.Cleanup(func() {
		s.Stop()
		if t.Failed() {
			t.Logf("%s printed:\n%s", p.Name, s.Tail(16<<10))
		}
	})
	return s
}

// Restart stops the process and starts it again, in its directory and with its
// arguments. What it printed before is gone.
func (s *Process) Restart(t *testing.T) {
	t.Helper()
	s.Stop()
	s.run(t)
}

func (s *Process) run(t *testing.T) {
	t.Helper()
	path := s.Program.Built(t)
	s.ended = make(chan struct{})
	log, err := os.Create(s.log)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := Deadline(t)
	s.cancel = cancel
	cmd := exec.CommandContext(ctx, path, s.args...)
	cmd.Dir = s.dir
	cmd.Stdout, cmd.Stderr = log, log
	cmd.WaitDelay = 10 * time.Second
	// Nothing of the machine's own configuration, and no proxy.
	cmd.Env = []string{"HOME=" + s.dir, "TMPDIR=" + s.dir, "PATH=" + os.Getenv("PATH")}
	cmd.Env = append(cmd.Env, s.env...)
	if p := s.Program; p.Ends != 0 {
		cmd.Cancel = func() error { return cmd.Process.Signal(p.Ends) }
	}
	dieWithParent(cmd, cmp.Or(s.Program.Ends, syscall.SIGKILL))
	started := make(chan error)
	go func() {
		// The parent, as the system sees it, is the thread that started the
		// program, so that thread has to live as long.
		runtime.LockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			s.err = cmd.Wait()
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				s.err = errors.New("the time of the test ran out")
			}
		}
		_ = log.Close()
		close(s.ended)
	}()
	if err := <-started; err != nil {
		cancel()
		t.Fatal(err)
	}
	s.PID = cmd.Process.Pid
}

// Stop ends the process, if it still runs, and waits for its end.
func (s *Process) Stop() {
	s.cancel()
	<-s.ended
}

// Output returns what the process printed so far.
func (s *Process) Output() string {
	text, err := os.ReadFile(s.log)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// Tail returns the end of what the process printed, so many bytes at the most.
func (s *Process) Tail(size int) string {
	text := []byte(s.Output())
	if len(text) > size {
		text = append([]byte("…"), bytes.TrimLeftFunc(text[len(text)-size:], func(r rune) bool { return r != '\n' })...)
	}
	return string(text)
}

// ErrEnded says that a process ended where it should have served.
var ErrEnded = errors.New("the process ended")

// Ready asks until ask returns nil. It returns ErrEnded, with the process's
// output, if that ends before, and ask's last error after a minute.
func (s *Process) Ready(ask func(context.Context) error) error {
	deadline := time.Now().Add(time.Minute)
	wait := 20 * time.Millisecond
	for {
		select {
		case <-s.ended:
			return fmt.Errorf("%s: %w: %w\n%s", s.Program.Name, ErrEnded, s.err, s.Tail(4<<10))
		case <-time.After(wait):
		}
		wait = min(2*wait, 200*time.Millisecond)
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		err := ask(ctx)
		cancel()
		if err == nil {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s is not ready after a minute: %w", s.Program.Name, err)
		}
	}
}

// Listening is what Ready asks where only the port matters.
func Listening(port int) func(context.Context) error {
	return func(ctx context.Context) error {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", Address(port))
		if err != nil {
			return err
		}
		return conn.Close()
	}
}

// Address returns the loopback address with the port.
func Address(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }

// ports hands out each port once in this process. They lie below the ports that
// systems give to outgoing connections, so that none is taken in between.
var ports = struct {
	sync.Mutex
	next int
}{next: 20000 + rand.IntN(10000)}

// FreePort returns a port of the loopback address that nobody listens on.
func FreePort(t *testing.T) int {
	t.Helper()
	ports.Lock()
	defer ports.Unlock()
	for range 1000 {
		ports.next++
		if l, err := net.Listen("tcp", Address(ports.next)); err == nil {
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			return ports.next
		}
	}
	t.Fatal("there is no free port")
	return 0
}
