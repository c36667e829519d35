package pki

import (
	"crypto/x509"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
)

// required returns the names without which clients of the cluster fail. The
// loopback names of etcd serve those who log in to a member, and the short names
// of the identity service nobody in particular.
func (c Certificate) required() (dns []string, addrs []netip.Addr) {
	dns, addrs = c.DNSNames, c.Addresses
	switch c.ID {
	case EtcdServer, EtcdPeer:
		dns = slices.DeleteFunc(slices.Clone(dns), func(n string) bool { return n == "localhost" })
		addrs = slices.DeleteFunc(slices.Clone(addrs), netip.Addr.IsLoopback)
	case IdentityServer:
		dns = dns[:min(1, len(dns))]
	}
	return dns, addrs
}

func checkCommonOnly(k *checker, code groundway.Code) {
	k.each(code, isServer, func(e *entry) {
		c := e.cert()
		if len(c.DNSNames)+len(c.IPAddresses)+len(c.URIs)+len(c.EmailAddresses) > 0 {
			k.Pass(code, 1)
			return
		}
		k.failCert(code, e, fmt.Sprintf("has the common name %q and no subject alternative name.", c.Subject.CommonName),
			groundway.Fact{Got: "no subject alternative name", Want: "the names " + wanted(e.spec)})
	})
}

func wanted(c *Certificate) string {
	dns, addrs := c.required()
	words := slices.Clone(dns)
	for _, a := range addrs {
		words = append(words, a.String())
	}
	return strings.Join(words, ", ")
}

func checkIPAsDNS(k *checker, code groundway.Code) {
	k.each(code, isServer, func(e *entry) {
		for _, name := range e.cert().DNSNames {
			if a, err := netip.ParseAddr(name); err == nil && !hasAddr(e.cert(), a) {
				k.failCert(code, e, fmt.Sprintf("has the address %s as a DNS name.", a), groundway.Fact{Got: "DNS:" + name, Want: "IP:" + name})
			}
		}
		if !k.failedFor(code, e) {
			k.Pass(code, 1)
		}
	})
}

func (k *checker) failedFor(code groundway.Code, e *entry) bool {
	_, failed := k.Failed(code, k.subject(e))
	return failed
}

func hasAddr(c *x509.Certificate, a netip.Addr) bool {
	return slices.ContainsFunc(c.IPAddresses, func(ip net.IP) bool {
		b, ok := netip.AddrFromSlice(ip)
		return ok && b.Unmap() == a.Unmap()
	})
}

// hasAddrAsName reports whether the address is among the DNS names, in whatever
// form, where no client looks for it.
func hasAddrAsName(c *x509.Certificate, a netip.Addr) bool {
	return slices.ContainsFunc(c.DNSNames, func(name string) bool {
		b, err := netip.ParseAddr(name)
		return err == nil && b.Unmap() == a.Unmap()
	})
}

func checkNames(k *checker, code groundway.Code) {
	k.each(code, isServer, func(e *entry) {
		if k.skipIf(code, k.subject(e), codeNameCommonOnly) {
			return
		}
		dns, addrs := e.spec.required()
		var missing []string
		var facts []groundway.Fact
		skipped := false
		for _, name := range dns {
			if e.cert().VerifyHostname(dialed(name)) != nil {
				missing = append(missing, name)
				facts = append(facts, groundway.Fact{Want: "DNS:" + name})
			}
		}
		for _, a := range addrs {
			switch {
			case hasAddr(e.cert(), a):
			case hasAddrAsName(e.cert(), a):
				k.Skip(code, codeNameIPAsDNS, k.subject(e))
				skipped = true
			default:
				missing = append(missing, a.String())
				facts = append(facts, groundway.Fact{Want: "IP:" + a.String()})
			}
		}
		switch {
		case len(missing) > 0:
			k.failCert(code, e, "lacks "+join(missing)+".", facts...)
		case !skipped:
			k.Pass(code, 1)
		}
	})
}

func checkWildcards(k *checker, code groundway.Code) {
	k.each(code, isServer, func(e *entry) {
		for _, name := range e.cert().DNSNames {
			if strings.HasPrefix(name, "*.") && !slices.Contains(e.spec.DNSNames, strings.ToLower(name)) {
				k.failCert(code, e, fmt.Sprintf("is for every host of %s.", name[2:]), groundway.Fact{Got: "DNS:" + name, Want: "the names " + wanted(e.spec)})
			}
		}
		if !k.failedFor(code, e) {
			k.Pass(code, 1)
		}
	})
}

// authorized are the entries whose subject Kubernetes gives permissions to, and
// named those to whose subject an administrator gives them.
var (
	authorized = []ID{ControllerManager, Scheduler, Kubelet}
	named      = []ID{KubeletClient, Admin}
)

func checkSubject(k *checker, code groundway.Code) {
	isUser := func(e *entry) bool {
		return e.spec != nil && slices.Contains(slices.Concat(authorized, named), e.id.Role())
	}
	k.each(code, isUser, func(e *entry) {
		got, want := e.cert().Subject, e.spec.Subject
		if slices.Contains(named, e.id) {
			if got.CommonName == "" {
				k.failCert(code, e, "has no common name, and so names no user.", groundway.Fact{Got: got.String(), Want: "CN=" + want.CommonName})
				return
			}
			k.Pass(code, 1)
			return
		}
		lacks := slices.ContainsFunc(want.Organizations, func(o string) bool { return !slices.Contains(got.Organization, o) })
		if got.CommonName == want.CommonName && !lacks {
			k.Pass(code, 1)
			return
		}
		k.failCert(code, e, fmt.Sprintf("is for the user %q in %s; Kubernetes knows %q in %s.",
			got.CommonName, groups(got.Organization), want.CommonName, groups(want.Organizations)),
			groundway.Fact{Got: got.String(), Want: "CN=" + want.CommonName + strings.Join(append([]string{""}, want.Organizations...), ",O=")})
	})
}

func groups(names []string) string {
	if len(names) == 0 {
		return "no group"
	}
	return "the group " + join(names)
}

// checkMasters looks at what the API server takes for an identity: everything
// that its client authority signed, server certificates too.
func checkMasters(k *checker, code groundway.Code) {
	k.each(code, func(e *entry) bool { return e.isLeaf() && e.authority() == KubeCA }, func(e *entry) {
		if !slices.Contains(e.cert().Subject.Organization, groupMasters) {
			k.Pass(code, 1)
			return
		}
		k.failCert(code, e, fmt.Sprintf("is for %q in the group %s.", e.cert().Subject.CommonName, groupMasters),
			groundway.Fact{Got: "O=" + groupMasters, Want: "a group that a binding gives its permissions"})
	})
}
