package dns_test

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
	"github.com/stretchr/testify/require"
)

// packages are what has to be installed, by the names of Debian's packages.
const packages = "apt-get install nsd knot bind9 unbound"

// program returns the path of a server. Without it the test is skipped, and
// fails in CI.
func program(t *testing.T, name string) string {
	t.Helper()
	for _, candidate := range []string{name, "/usr/sbin/" + name} {
		if path, err := exec.LookPath(candidate); err == nil {
			return path
		}
	}
	how := name + " is missing: " + packages
	if os.Getenv("CI") == "true" {
		t.Fatal(how)
	}
	t.Skip(how)
	return ""
}

// A zone is a name with its zone file.
type zone struct{ name, text string }

// head is the top of a zone file: an SOA record and these name servers.
func head(name string, servers ...string) string {
	text := fmt.Sprintf("$TTL 3600\n%s 3600 IN SOA ns.invalid. ops.invalid. 7 7200 900 1209600 60\n", name)
	for _, s := range servers {
		text += fmt.Sprintf("%s 3600 IN NS %s\n", name, s)
	}
	return text
}

// A server is a program that serves zones at a loopback address.
type server struct {
	program string // nsd, knotd or named, which listens on 127.0.0.1 only
	address string
	zones   []zone
}

// start starts the servers, all on one port, and stops them, each by its process,
// when the test ends.
func start(t *testing.T, servers []server) (port int) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("only Linux has more than one loopback address to listen on")
	}
	for _, s := range servers {
		program(t, s.program)
	}
	for range 5 {
		port = freePort(t)
		if free(port, servers) {
			break
		}
	}
	for i, s := range servers {
		dir := filepath.Join(t.TempDir(), fmt.Sprint(i))
		require.NoError(t, os.Mkdir(dir, 0o700))
		for j, z := range s.zones {
			require.NoError(t, os.WriteFile(zoneFile(dir, j), []byte(z.text), 0o600))
		}
		config := filepath.Join(dir, "server.conf")
		var text string
		var args []string
		switch s.program {
		case "nsd":
			text, args = nsdConfig(s, port, dir), []string{"-d", "-c", config}
		case "knotd":
			text, args = knotConfig(s, port, dir), []string{"-c", config}
		case "named":
			text, args = namedConfig(s, port, dir), []string{"-g", "-c", config}
		}
		require.NoError(t, os.WriteFile(config, []byte(text), 0o600))
		launch(t, program(t, s.program), args...)
	}
	for _, s := range servers {
		name := "."
		if len(s.zones) > 0 {
			name = s.zones[0].name
		}
		ready(t, s, port, name)
	}
	return port
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// free reports whether nobody has the port at any of the addresses.
func free(port int, servers []server) bool {
	for _, s := range servers {
		l, err := net.Listen("tcp", fmt.Sprintf("%s:%d", s.address, port))
		if err != nil {
			return false
		}
		_ = l.Close()
		p, err := net.ListenPacket("udp", fmt.Sprintf("%s:%d", s.address, port))
		if err != nil {
			return false
		}
		_ = p.Close()
	}
	return true
}

func zoneFile(dir string, n int) string { return filepath.Join(dir, fmt.Sprintf("%d.zone", n)) }

func nsdConfig(s server, port int, dir string) string {
	text := fmt.Sprintf(`server:
  ip-address: %s@%d
  server-count: 1
  username: ""
  zonesdir: "%s"
  pidfile: "%[3]s/nsd.pid"
  xfrdfile: "%[3]s/xfrd.state"
  zonelistfile: "%[3]s/zone.list"
  database: ""
remote-control:
  control-enable: no
`, s.address, port, dir)
	for i, z := range s.zones {
		text += fmt.Sprintf("zone:\n  name: \"%s\"\n  zonefile: \"%s\"\n", z.name, zoneFile(dir, i))
	}
	return text
}

func knotConfig(s server, port int, dir string) string {
	text := fmt.Sprintf(`server:
  rundir: "%s"
  listen: %s@%d
database:
  storage: "%[1]s"
log:
  - target: stderr
    any: info
zone:
`, dir, s.address, port)
	for i, z := range s.zones {
		text += fmt.Sprintf("  - domain: \"%s\"\n    file: \"%s\"\n", z.name, zoneFile(dir, i))
	}
	return text
}

func namedConfig(s server, port int, dir string) string {
	text := fmt.Sprintf(`options {
  directory "%s";
  listen-on port %d { %s; };
  listen-on-v6 { none; };
  recursion no;
  notify no;
  dnssec-validation no;
  pid-file none;
  session-keyfile none;
};
controls { };
`, dir, port, s.address)
	for i, z := range s.zones {
		text += fmt.Sprintf("zone \"%s\" { type master; file \"%s\"; };\n", z.name, zoneFile(dir, i))
	}
	return text
}

// launch starts a program. It is killed, by its process, when the test ends; what
// it printed is shown if the test failed.
func launch(t *testing.T, path string, args ...string) {
	t.Helper()
	var out bytes.Buffer
	cmd := exec.Command(path, args...)
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.WaitDelay = 5 * time.Second
	require.NoError(t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		// Servers with processes of their own end these when they are told to.
		_ = cmd.Process.Signal(os.Interrupt)
		select {
		case <-ended:
		case <-time.After(5 * time.Second):
			_ = cmd.Process.Kill()
			<-ended
		}
		if t.Failed() {
			t.Logf("%s %s printed:\n%s", path, strings.Join(args, " "), out.String())
		}
	})
}

// ready waits until a server answers, with whatever answer.
func ready(t *testing.T, s server, port int, name string) {
	t.Helper()
	at := netip.AddrPortFrom(netip.MustParseAddr(s.address), uint16(port)).String()
	client := dns.Client{Timeout: time.Second}
	err := errors.New("never asked")
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		var m *dns.Msg
		if m, _, err = client.Exchange(new(dns.Msg).SetQuestion(name, dns.TypeSOA), at); err != nil {
			continue
		}
		// A server that still reads its zones says SERVFAIL.
		if len(s.zones) == 0 || m.Authoritative && m.Rcode == dns.RcodeSuccess {
			return
		}
	}
	t.Fatalf("%s at %s does not answer for %s: %v", s.program, at, name, err)
}

// startUnbound starts a resolver that finds these zones at these addresses.
func startUnbound(t *testing.T, port int, stubs map[string]string) netip.AddrPort {
	t.Helper()
	const address = "127.0.0.53"
	path, dir := program(t, "unbound"), t.TempDir()
	text := fmt.Sprintf(`server:
  interface: %s@%d
  do-daemonize: no
  username: ""
  chroot: ""
  directory: "%s"
  pidfile: ""
  use-syslog: no
  module-config: "iterator"
  do-not-query-localhost: no
  access-control: 127.0.0.0/8 allow
`, address, port, dir)
	for name, at := range stubs {
		text += fmt.Sprintf("stub-zone:\n  name: \"%s\"\n  stub-addr: %s@%d\n", name, at, port)
	}
	config := filepath.Join(dir, "unbound.conf")
	require.NoError(t, os.WriteFile(config, []byte(text), 0o600))
	launch(t, path, "-d", "-c", config)
	ready(t, server{program: "unbound", address: address}, port, "localhost.")
	return netip.AddrPortFrom(netip.MustParseAddr(address), uint16(port))
}
