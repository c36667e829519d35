package flow

import (
	"cmp"
	"fmt"
	"strconv"
)

// Traffic is a protocol with a range of destination ports. The zero value is
// TCP to every port, of IPv4.
type Traffic struct {
	// Protocol is "tcp", "udp", "icmp", "icmpv6" or the number of another; ""
	// is tcp.
	Protocol string
	Ports    Ports // of the destination; the zero value is all of them
	IPv6     bool  // the addresses are of IPv6, and of IPv4 otherwise
	// OneWay is traffic whose answers, if there are any, go to the same port:
	// VXLAN and IP in IP. No return path is looked at.
	OneWay bool
}

// String returns "tcp 443", "udp 30000-32767", "icmp", "protocol 50".
func (t Traffic) String() string {
	name := cmp.Or(t.Protocol, "tcp")
	if _, err := strconv.Atoi(name); err == nil {
		name = "protocol " + name
	}
	if t.ports() == allPorts {
		return name
	}
	return name + " " + t.Ports.String()
}

func (t Traffic) number() int { return number(cmp.Or(t.Protocol, "tcp")) }

// ports returns the range that filters look at. Of protocols without ports it
// is the whole of it; of ICMP it stands for types and codes, type × 256 + code.
func (t Traffic) ports() Ports {
	if t.Ports == (Ports{}) || !hasPorts(t.number()) {
		return allPorts
	}
	return t.Ports
}

// Ports are a range of ports, both ends included.
type Ports struct{ From, To uint16 }

// Port returns the range of one port.
func Port(n uint16) Ports { return Ports{n, n} }

// String returns "443" or "30000-32767".
func (p Ports) String() string {
	if p.From == p.To {
		return strconv.Itoa(int(p.From))
	}
	return fmt.Sprintf("%d-%d", p.From, p.To)
}

var (
	allPorts = Ports{0, 65535}
	// The ports that clients take for themselves: of Linux as the kernel sets
	// net.ipv4.ip_local_port_range, and of NAT gateways, load balancers and
	// other systems, see
	// https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html#nacl-ephemeral-ports.
	linuxPorts     = Ports{32768, 60999}
	ephemeralPorts = Ports{1024, 65535}
)

// The protocol numbers that EC2 knows by name.
const (
	anyProtocol = -1
	icmp        = 1
	tcp         = 6
	udp         = 17
	icmpv6      = 58
)

// number returns the protocol's number; ok texts are those of EC2. A text that
// is none yields a number that no rule has.
func number(protocol string) int {
	switch protocol {
	case "", "-1", "all":
		return anyProtocol
	case "tcp":
		return tcp
	case "udp":
		return udp
	case "icmp":
		return icmp
	case "icmpv6":
		return icmpv6
	}
	n, err := strconv.Atoi(protocol)
	if err != nil || n < 0 || n > 255 {
		return -2
	}
	return n
}

func hasPorts(protocol int) bool { return protocol == tcp || protocol == udp }

func isICMP(protocol int) bool { return protocol == icmp || protocol == icmpv6 }

// icmpPorts maps a type and a code, of which -1 means all, to the range that
// stands for them.
func icmpPorts(kind, code int) (Ports, bool) {
	switch {
	case kind == -1:
		return allPorts, true
	case kind < 0 || kind > 255 || code < -1 || code > 255:
		return Ports{}, false
	case code == -1:
		return Ports{uint16(kind) << 8, uint16(kind)<<8 | 255}, true
	}
	p := uint16(kind)<<8 | uint16(code)
	return Ports{p, p}, true
}
