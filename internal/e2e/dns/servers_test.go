package dns_test

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/miekg/dns"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/internal/e2e/program"
)

// A zone is a name with its zone file, which is missing where the text is empty.
type zone struct {
	name, text string
	signed     bool // by knotd, with keys that it makes
}

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
	program *program.Program
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
	for port = program.FreePort(t); !free(port, servers); {
		port = program.FreePort(t)
	}
	var started []*program.Process
	for _, s := range servers {
		p, _ := s.start(t, port)
		started = append(started, p)
	}
	for i, s := range servers {
		ready(t, started[i], s, port, s.zones[0].name)
	}
	return port
}

// start starts one server and returns the file of its configuration too.
func (s server) start(t *testing.T, port int) (p *program.Process, config string) {
	t.Helper()
	dir := t.TempDir()
	for i, z := range s.zones {
		if z.text != "" {
			require.NoError(t, os.WriteFile(zoneFile(dir, i), []byte(z.text), 0o600))
		}
	}
	config = filepath.Join(dir, "server.conf")
	var text string
	var args []string
	switch s.program {
	case program.NSD:
		text, args = nsdConfig(s, port, dir), []string{"-d", "-c", config}
	case program.Knot:
		text, args = knotConfig(s, port, dir), []string{"-c", config}
	case program.Named:
		text, args = namedConfig(s, port, dir), []string{"-g", "-c", config}
	}
	require.NoError(t, os.WriteFile(config, []byte(text), 0o600))
	return s.program.Start(t, args...), config
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
		if z.signed {
			text += "    dnssec-signing: on\n    zonefile-sync: -1\n"
		}
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

// ready waits until a server answers, with whatever answer.
func ready(t *testing.T, p *program.Process, s server, port int, name string) {
	t.Helper()
	at := netip.AddrPortFrom(netip.MustParseAddr(s.address), uint16(port)).String()
	client := dns.Client{Timeout: time.Second}
	require.NoError(t, p.Ready(func(context.Context) error {
		m, _, err := client.Exchange(new(dns.Msg).SetQuestion(name, dns.TypeSOA), at)
		// A server that still reads its zones says SERVFAIL.
		if err == nil && len(s.zones) > 0 && !(m.Authoritative && m.Rcode == dns.RcodeSuccess) {
			err = fmt.Errorf("%s does not answer for %s", at, name)
		}
		return err
	}))
}

// startUnbound starts a resolver that finds these zones at these addresses, and
// validates what the anchor, a DS record, leads to, if there is one.
func startUnbound(t *testing.T, port int, stubs map[string]string, anchor string) netip.AddrPort {
	t.Helper()
	const address = "127.0.0.53"
	dir := t.TempDir()
	text := fmt.Sprintf(`server:
  interface: %s@%d
  do-daemonize: no
  username: ""
  chroot: ""
  directory: "%s"
  pidfile: ""
  use-syslog: no
  module-config: "%s"
  do-not-query-localhost: no
  access-control: 127.0.0.0/8 allow
`, address, port, dir, map[bool]string{true: "iterator", false: "validator iterator"}[anchor == ""])
	if anchor != "" {
		text += fmt.Sprintf("  trust-anchor: %q\n", anchor)
	}
	for name, at := range stubs {
		text += fmt.Sprintf("stub-zone:\n  name: \"%s\"\n  stub-addr: %s@%d\n", name, at, port)
	}
	config := filepath.Join(dir, "unbound.conf")
	require.NoError(t, os.WriteFile(config, []byte(text), 0o600))
	ready(t, program.Unbound.Start(t, "-d", "-c", config), server{address: address}, port, "localhost.")
	return netip.AddrPortFrom(netip.MustParseAddr(address), uint16(port))
}
