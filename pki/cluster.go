package pki

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/groundway-sdk/groundway"
)

// A Cluster is what the names in certificates are computed from. At least one
// of APIExternal and APIInternal, and ServiceCIDR, are needed; what is left out
// leaves its certificates out of the inventory. The JSON pointers of errors and
// findings lead into its JSON form.
type Cluster struct {
	Name string `json:"name,omitempty"` // for people: the title of the picture; certificates do not carry it

	// APIExternal and APIInternal are the hosts by which clients and nodes reach
	// the API server, without scheme and port: DNS names, or addresses as text.
	APIExternal string `json:"apiExternal,omitempty"`
	APIInternal string `json:"apiInternal,omitempty"`
	// APIAddresses are further addresses of the API server, such as those of
	// the control-plane nodes where kubelets connect to them directly.
	APIAddresses []netip.Addr `json:"apiAddresses,omitempty"`

	// ServiceCIDR is the block of service addresses; its first address after
	// the network's own is that of the service kubernetes. See
	// https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/.
	ServiceCIDR netip.Prefix `json:"serviceCIDR,omitzero"`
	// ServiceDomain is the domain of service names; empty means cluster.local.
	ServiceDomain string `json:"serviceDomain,omitempty"`

	// EtcdMembers are the members of the etcd cluster; without any the inventory
	// has no etcd authority.
	EtcdMembers []Node `json:"etcdMembers,omitempty"`
	// SelfHostedEtcd says that etcd runs in the cluster under the operator of
	// Tectonic, behind services at the 15th and 20th service address.
	SelfHostedEtcd bool `json:"selfHostedEtcd,omitempty"`

	// Kubelets are the nodes that get a kubelet certificate of their own.
	// Without any, kubelets ask for theirs after they have joined.
	Kubelets []Node `json:"kubelets,omitempty"`
	// Kubeadm says that kubeadm manages the control plane, and so reads its
	// certificates: it knows no Ed25519.
	Kubeadm bool `json:"kubeadm,omitempty"`

	// ConsoleHost is the DNS name at which users reach the console and the
	// identity service, without scheme and port. Without it the inventory has
	// neither an ingress authority nor the certificates of the identity service.
	ConsoleHost string `json:"consoleHost,omitempty"`
	// IdentityService is NAME.NAMESPACE of the service by which the console
	// reaches the identity service's gRPC; empty means
	// tectonic-identity-api.tectonic-system.
	IdentityService string `json:"identityService,omitempty"`

	// AdminGroup is the group of the administrator's certificate. It has no
	// power until a ClusterRoleBinding gives it some, and none after the binding
	// is gone; empty means kubeadm:cluster-admins. It must not be
	// system:masters, which no binding can take back.
	AdminGroup string `json:"adminGroup,omitempty"`
}

// A Node is a machine by the DNS name and the addresses that others reach it by.
type Node struct {
	Name      string       `json:"name"`
	Addresses []netip.Addr `json:"addresses,omitempty"`
}

const (
	defaultServiceDomain   = "cluster.local"
	defaultIdentityService = "tectonic-identity-api.tectonic-system"
	defaultAdminGroup      = "kubeadm:cluster-admins"
	groupMasters           = "system:masters"
)

func (c Cluster) serviceDomain() string { return cmp.Or(c.ServiceDomain, defaultServiceDomain) }

// Check returns one error that names every field that no certificate can be
// computed from, by its JSON pointer, or nil.
func (c Cluster) Check() error {
	var errs []error
	for _, p := range c.problems() {
		errs = append(errs, fmt.Errorf("cluster %q: %s %q: %s", c.Name, p.path, p.got, p.want))
	}
	return errors.Join(errs...)
}

// A problem is a field that is wrong.
type problem struct{ path, got, want string }

func (c Cluster) problems() []problem {
	var all []problem
	add := func(path, got, want string) {
		if want != "" {
			all = append(all, problem{path, got, want})
		}
	}
	host := func(path, got string) {
		if got == "" {
			return
		}
		switch a, err := netip.ParseAddr(got); {
		case err != nil:
			add(path, got, whyNoHost(got))
		case a.Zone() != "":
			add(path, got, wantNoZone)
		}
	}
	if c.APIExternal == "" && c.APIInternal == "" {
		add("/apiExternal", "", "the API server needs a name")
	}
	host("/apiExternal", c.APIExternal)
	host("/apiInternal", c.APIInternal)
	switch {
	case !c.ServiceCIDR.IsValid():
		add("/serviceCIDR", "", "want the block of the service addresses, such as 10.3.0.0/16")
	case c.ServiceCIDR != c.ServiceCIDR.Masked():
		add("/serviceCIDR", c.ServiceCIDR.String(), "the host bits are set; want "+c.ServiceCIDR.Masked().String())
	case c.ServiceCIDR.Addr().Is4() && c.ServiceCIDR.Bits() > 29, c.ServiceCIDR.Bits() > 125:
		add("/serviceCIDR", c.ServiceCIDR.String(), "too small: want eight addresses at least")
	case c.SelfHostedEtcd && c.ServiceCIDR.Addr().BitLen()-c.ServiceCIDR.Bits() < 5:
		add("/serviceCIDR", c.ServiceCIDR.String(), "too small for the 20th address, which a self-hosted etcd has")
	}
	add("/serviceDomain", c.ServiceDomain, whyNoHost(c.serviceDomain()))
	if _, err := netip.ParseAddr(c.ConsoleHost); err == nil {
		add("/consoleHost", c.ConsoleHost, "want a DNS name, not an address")
	} else if c.ConsoleHost != "" {
		add("/consoleHost", c.ConsoleHost, whyNoHost(c.ConsoleHost))
	}
	if s := c.identityService(); strings.Count(s, ".") != 1 || whyNoHost(s) != "" {
		add("/identityService", c.IdentityService, "want NAME.NAMESPACE of a service")
	}
	if c.AdminGroup == groupMasters {
		add("/adminGroup", c.AdminGroup, "no binding can take its power back; name a group of your own and bind it to cluster-admin")
	}
	for _, list := range []struct {
		path  string
		nodes []Node
	}{{"/etcdMembers", c.EtcdMembers}, {"/kubelets", c.Kubelets}} {
		names := map[string]bool{}
		for i, n := range list.nodes {
			path := list.path + "/" + strconv.Itoa(i)
			add(path+"/name", n.Name, whyNoHost(strings.ToLower(n.Name)))
			if names[strings.ToLower(n.Name)] {
				add(path+"/name", n.Name, "stands twice")
			}
			names[strings.ToLower(n.Name)] = true
			addresses(add, path+"/addresses", n.Addresses)
		}
	}
	addresses(add, "/apiAddresses", c.APIAddresses)
	return all
}

const wantNoZone = "want an address without a zone"

func addresses(add func(path, got, want string), path string, list []netip.Addr) {
	for i, a := range list {
		got, _ := a.MarshalText() // empty where it is invalid
		if len(got) == 0 || a.Zone() != "" {
			add(path+groundway.Pointer(strconv.Itoa(i)), string(got), wantNoZone)
		}
	}
}

// whyNoHost says why a text is not a DNS name as certificates hold them
// (RFC 1123, RFC 5280 section 4.2.1.6), or returns "". The frequent slips get
// an answer of their own.
func whyNoHost(s string) string {
	switch {
	case s == "":
		return "want a DNS name"
	case strings.Contains(s, "://"):
		return "want the host alone, without the scheme"
	case len(s) > 253:
		return fmt.Sprintf("a DNS name has 253 characters at most, this one %d", len(s))
	}
	if host, port, ok := strings.Cut(s, ":"); ok && host != "" && strings.Trim(port, "0123456789") == "" {
		return "want the host alone, without the port"
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' ||
			strings.Trim(strings.ToLower(label), "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return "not a DNS name"
		}
	}
	return ""
}

// A names set collects the subject alternative names of a certificate, each
// once, in the order in which they are added.
type names struct {
	dns   []string
	addrs []netip.Addr
}

func (n *names) host(hosts ...string) {
	for _, h := range hosts {
		if a, err := netip.ParseAddr(h); err == nil {
			n.addr(a)
			continue
		}
		if h = strings.ToLower(h); h != "" && !slices.Contains(n.dns, h) {
			n.dns = append(n.dns, h)
		}
	}
}

func (n *names) addr(addrs ...netip.Addr) {
	for _, a := range addrs {
		if a = a.Unmap(); !slices.Contains(n.addrs, a) {
			n.addrs = append(n.addrs, a)
		}
	}
}

func (n *names) nodes(nodes []Node) {
	for _, node := range nodes {
		n.host(node.Name)
		n.addr(node.Addresses...)
	}
}

// serviceAddr returns the address of the service block with this number; 0 is
// the block's own.
func (c Cluster) serviceAddr(n int) netip.Addr {
	a := c.ServiceCIDR.Addr()
	for range n {
		a = a.Next()
	}
	return a
}

func (c Cluster) apiNames() names {
	var n names
	n.host(c.APIExternal, c.APIInternal,
		"kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc."+c.serviceDomain())
	n.addr(c.serviceAddr(1))
	n.addr(c.APIAddresses...)
	return n
}

// etcdPeerNames are also what a member's listener compares the address of a
// connecting peer with. See
// https://etcd.io/docs/v3.6/op-guide/security/#notes-for-tls-authentication.
func (c Cluster) etcdPeerNames() names {
	var n names
	n.nodes(c.EtcdMembers)
	if c.SelfHostedEtcd {
		n.host("*.kube-etcd.kube-system.svc."+c.serviceDomain(), "kube-etcd-client.kube-system.svc."+c.serviceDomain())
		n.addr(c.serviceAddr(15), c.serviceAddr(20))
	}
	return n
}

func (c Cluster) etcdServerNames() names {
	n := c.etcdPeerNames()
	n.host("localhost")
	n.addr(netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback())
	return n
}

func (c Cluster) identityService() string { return cmp.Or(c.IdentityService, defaultIdentityService) }

// identityNames has the full name first: Tectonic's common name.
func (c Cluster) identityNames() names {
	var n names
	service := c.identityService()
	n.host(service+".svc."+c.serviceDomain(), service+".svc", service)
	return n
}
