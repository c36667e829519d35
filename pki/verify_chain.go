package pki

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/groundway-sdk/groundway"
)

// longestPath and mostSteps bound the search for a chain. crypto/x509 gives up
// after a hundred signatures as well.
const (
	longestPath = 10
	mostSteps   = 100
)

// pathOf follows the signatures from the first certificate, by way of those
// behind it, to one of the anchors. Where one has several issuers, as during the
// change to another root, it tries each; if none of them leads to an anchor it
// returns how far the first one led.
func pathOf(chain, anchors []*x509.Certificate) (path []*x509.Certificate, anchored bool) {
	steps := 0
	leads := func(a, c *x509.Certificate) bool {
		if !bytes.Equal(a.RawSubject, c.RawIssuer) || steps == mostSteps {
			return false
		}
		steps++
		return vouches(a, c)
	}
	var follow func(way []*x509.Certificate) (path []*x509.Certificate, anchored bool)
	follow = func(way []*x509.Certificate) (path []*x509.Certificate, anchored bool) {
		last := way[len(way)-1]
		if slices.ContainsFunc(anchors, last.Equal) {
			return way, true
		}
		if i := slices.IndexFunc(anchors, func(a *x509.Certificate) bool { return leads(a, last) }); i >= 0 {
			return append(way, anchors[i]), true
		}
		for _, c := range chain[1:] {
			if len(way) == longestPath || slices.ContainsFunc(way, c.Equal) || !leads(c, last) {
				continue
			}
			on, arrived := follow(append(slices.Clip(way), c))
			if arrived {
				return on, true
			}
			if path == nil {
				path = on
			}
		}
		if path == nil {
			path = way
		}
		return path, false
	}
	return follow(chain[:1:1])
}

// vouches reports whether a signed c. A signature with a broken hash function, or
// of an unknown kind, cannot be checked here, and counts where the names and key
// identifiers fit: that it is weak is another rule's business.
func vouches(a, c *x509.Certificate) bool {
	if !bytes.Equal(a.RawSubject, c.RawIssuer) || a.Equal(c) {
		return false
	}
	err := a.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature)
	var insecure x509.InsecureAlgorithmError
	if errors.As(err, &insecure) || errors.Is(err, x509.ErrUnsupportedAlgorithm) {
		return mayHaveIssued(a, c)
	}
	return err == nil
}

func checkCALeaf(k *checker, code groundway.Code) {
	k.each(code, isCA, func(e *entry) {
		for i, c := range e.material.Certificates {
			if !c.IsCA && !rootOfVersion1(c) {
				k.failCert(code, e, fmt.Sprintf("holds %q in block %d, which is not an authority's certificate.", nameOf(c), i+1),
					groundway.Fact{Got: "CA:FALSE", Want: "CA:TRUE"})
				return
			}
		}
		k.Pass(code, 1)
	})
}

// rootOfVersion1 reports whether a certificate is from before X.509 knew
// extensions: whoever is told to trust it takes it for an authority.
func rootOfVersion1(c *x509.Certificate) bool { return c.Version == 1 && selfSigned(c) }

func checkCAVersion(k *checker, code groundway.Code) {
	k.each(code, isCA, func(e *entry) {
		if k.skipIf(code, k.subject(e), codeCALeaf) {
			return
		}
		c, where := e.first(rootOfVersion1)
		if c == nil {
			k.Pass(code, 1)
			return
		}
		k.failCert(code, e, where+"is of version 1.", groundway.Fact{Got: "version 1", Want: "version 3 with CA:TRUE"})
	})
}

func checkCASign(k *checker, code groundway.Code) {
	k.each(code, isCA, func(e *entry) {
		if k.skipIf(code, k.subject(e), codeCALeaf) {
			return
		}
		for i, c := range e.material.Certificates {
			if c.KeyUsage != 0 && c.KeyUsage&x509.KeyUsageCertSign == 0 {
				k.failCert(code, e, fmt.Sprintf("holds %q in block %d, whose key usage is %s.", nameOf(c), i+1, describeUsage(c.KeyUsage)),
					groundway.Fact{Got: describeUsage(c.KeyUsage), Want: "keyCertSign among them"})
				return
			}
		}
		k.Pass(code, 1)
	})
}

// checkCAShared names the later of two authorities that share a key.
func checkCAShared(k *checker, code groundway.Code) {
	var before []*entry
	k.each(code, isCA, func(e *entry) {
		defer func() { before = append(before, e) }()
		for _, other := range before {
			c, shared := sharedKey(e, other)
			if !shared {
				continue
			}
			f := fault{
				subject: k.subject(e), entry: e, related: []groundway.Subject{k.subject(other)},
				summary: fmt.Sprintf("%s trusts %q, and so does %s.", e.label(PartCertificate), nameOf(c), other.label(PartCertificate)),
				evidence: []groundway.Fact{
					{Path: e.place(PartCertificate), Got: nameOf(c), Want: "an authority of its own"},
					{Path: other.place(PartCertificate), Got: nameOf(c)},
				},
				remedies: []groundway.Remedy{{Commands: e.show()}},
			}
			ingress := e.id == IngressCA && other.id == KubeCA
			if ingress && k.o.SharedIngress {
				continue
			}
			if !ingress {
				f.severity = groundway.Error
			}
			k.fail(code, f)
			return
		}
		k.Pass(code, 1)
	})
}

func sharedKey(a, b *entry) (*x509.Certificate, bool) {
	for _, c := range a.material.Certificates {
		for _, d := range b.material.Certificates {
			if samePublic(c.PublicKey, d.PublicKey) {
				return c, true
			}
		}
	}
	return nil, false
}

func checkCAAmbiguous(k *checker, code groundway.Code) {
	k.each(code, isCA, func(e *entry) {
		list := e.material.Certificates
		for i, c := range list {
			for j, d := range list[:i] {
				if bytes.Equal(c.RawSubject, d.RawSubject) && !samePublic(c.PublicKey, d.PublicKey) &&
					(len(c.SubjectKeyId) == 0 || len(d.SubjectKeyId) == 0) {
					k.failCert(code, e, fmt.Sprintf("holds two authorities of the name %q, in blocks %d and %d, without key identifiers.", nameOf(c), j+1, i+1),
						groundway.Fact{Got: c.Subject.String(), Want: "a subject key identifier, or another subject"})
					return
				}
			}
		}
		k.Pass(code, 1)
	})
}

// chained judges leaves whose authority is fit to be one.
func (k *checker) chained(code groundway.Code, judge func(*entry)) {
	k.each(code, isLeaf, func(e *entry) {
		ca := k.entry(e.authority())
		if !slices.Contains(k.entries, ca) && !ca.material.has(PartCertificate) {
			k.unknown(code, k.subject(e), string(ca.id), "it is not among what is verified", "Give the certificate of the authority, and verify again.")
			return
		}
		if !k.sees(code, ca, PartCertificate) || k.skipIf(code, k.subject(ca), codeCALeaf, codeCASign) {
			return
		}
		judge(e)
	})
}

// anchoredOnly judges leaves whose chain leads to their authority.
func (k *checker) anchoredOnly(code groundway.Code, judge func(*entry)) {
	k.chained(code, func(e *entry) {
		if e.anchored {
			judge(e)
			return
		}
		why, _ := k.whyUnanchored(e)
		k.Skip(code, why, k.subject(e))
	})
}

// whyUnanchored tells the ways apart in which a chain leads elsewhere.
func (k *checker) whyUnanchored(e *entry) (groundway.Code, *entry) {
	for _, other := range k.entries {
		if !other.id.IsCA() || other.id == e.authority() {
			continue
		}
		if _, ok := pathOf(e.material.Certificates, other.material.Certificates); ok {
			return codeChainOtherCA, other
		}
	}
	last := e.path[len(e.path)-1]
	known := func(c *x509.Certificate) bool { return bytes.Equal(c.RawSubject, last.RawIssuer) }
	switch {
	case bytes.Equal(last.RawSubject, last.RawIssuer):
		return codeChainUntrusted, nil // the end of another chain
	case slices.ContainsFunc(k.b.Materials[e.authority()].Certificates, known):
		return codeChainUntrusted, nil // an authority of this name, with another key
	case k.respelled(e) != nil:
		return codeChainUntrusted, nil
	}
	return codeChainIncomplete, nil
}

// respelled returns the authority that signed the end of the entry's chain, if its
// name is not the issuer there only because it is in other string types, such as
// of a certificate that another program made anew for the same key.
func (k *checker) respelled(e *entry) *x509.Certificate {
	last := e.path[len(e.path)-1]
	for _, c := range k.b.Materials[e.authority()].Certificates {
		if c.Subject.String() == last.Issuer.String() && !bytes.Equal(c.RawSubject, last.RawIssuer) && signedBy(last, c) {
			return c
		}
	}
	return nil
}

// checkChain serves the rules about chains that lead elsewhere.
func checkChain(k *checker, code groundway.Code) {
	k.chained(code, func(e *entry) {
		if e.anchored {
			k.Pass(code, 1)
			return
		}
		why, other := k.whyUnanchored(e)
		switch {
		case why != code && slices.Contains(ruleOf(code).DependsOn, why):
			k.Skip(code, why, k.subject(e))
			return
		case why != code:
			k.Pass(code, 1)
			return
		}
		last := e.path[len(e.path)-1]
		fact := groundway.Fact{Got: "issuer " + last.Issuer.String(), Want: "issuer " + k.anchorsOf(e)}
		trusted := k.entry(e.authority()).label(PartCertificate)
		text := fmt.Sprintf("leads to %q, which is neither in its file nor in %s.", issuerOf(last), trusted)
		respelled := k.respelled(e)
		switch {
		case respelled != nil:
			text = fmt.Sprintf("is signed by %q of %s, and writes that name in other string types; names are compared byte by byte.", nameOf(respelled), trusted)
			fact = groundway.Fact{Got: fmt.Sprintf("issuer %x", last.RawIssuer), Want: fmt.Sprintf("issuer %x", respelled.RawSubject)}
		case other != nil:
			text = fmt.Sprintf("is signed by %s; those who check it trust %s.", other.id, trusted)
		case bytes.Equal(last.RawSubject, last.RawIssuer):
			text = fmt.Sprintf("leads to the root %q, which %s does not hold.", issuerOf(last), trusted)
		case code == codeChainUntrusted:
			text = fmt.Sprintf("is signed by another key of the name %q than the one in %s.", issuerOf(last), trusted)
		}
		k.failCert(code, e, text, fact)
	})
}

func issuerOf(c *x509.Certificate) string {
	if c.Issuer.CommonName != "" {
		return c.Issuer.CommonName
	}
	return c.Issuer.String()
}

func (k *checker) anchorsOf(e *entry) string {
	var names []string
	for _, c := range k.b.Materials[e.authority()].Certificates {
		names = append(names, c.Subject.String())
	}
	return strings.Join(names, " or ")
}

// checkRefused asks crypto/x509, which has the last word.
func checkRefused(k *checker, code groundway.Code) {
	if k.o.Time.IsZero() {
		k.noTime(code)
		return
	}
	k.anchoredOnly(code, func(e *entry) {
		err := e.refused
		ca := k.entry(e.authority())
		switch {
		case err == nil:
			k.Pass(code, 1)
		case k.explained(code, e, ca):
		default:
			k.failCert(code, e, fmt.Sprintf("does not lead to %s: %v.", ca.id, err),
				groundway.Fact{Got: err.Error(), Want: "a chain that crypto/x509 accepts"})
		}
	})
}

// explained reports whether a rule that crypto/x509 has too failed for the entry
// or its authority.
func (k *checker) explained(code groundway.Code, entries ...*entry) bool {
	for _, e := range entries {
		for _, cause := range []groundway.Code{
			codeTimeExpired, codeTimeFuture, codeWeakSignature, codeWeakKey,
			codeChainPathLen, codeChainNames, codeChainUsage, codeUsageServer, codeUsageClient, codeUsageGateway,
		} {
			// A warning is of what programs do not mind, and so explains nothing.
			if f, failed := k.Failed(cause, k.subject(e)); failed && f.Severity == groundway.Error {
				k.Skip(code, cause, k.subject(e))
				return true
			}
		}
	}
	return false
}

// goVerify returns the chain that crypto/x509 finds from the entry to one of the
// anchors.
func goVerify(e *entry, anchors []*x509.Certificate, at time.Time) ([]*x509.Certificate, error) {
	o := x509.VerifyOptions{
		Roots: poolOf(anchors), Intermediates: poolOf(e.material.Certificates[1:]),
		CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	}
	if e.spec != nil && len(e.spec.ExtKeyUsages) > 0 {
		o.KeyUsages = e.spec.ExtKeyUsages[:1]
	}
	chains, err := e.cert().Verify(o)
	if err != nil {
		return nil, err
	}
	return chains[0], nil
}

func poolOf(certs []*x509.Certificate) *x509.CertPool {
	pool := x509.NewCertPool()
	for _, c := range certs {
		pool.AddCert(c)
	}
	return pool
}

func checkPathLen(k *checker, code groundway.Code) {
	k.anchoredOnly(code, func(e *entry) {
		between := 0 // authorities below the one that is looked at
		for i, c := range e.path[1:] {
			limited := c.BasicConstraintsValid && (c.MaxPathLen > 0 || c.MaxPathLen == 0 && c.MaxPathLenZero)
			if limited && between > c.MaxPathLen {
				k.failCert(code, e, fmt.Sprintf("has %s below %q, which allows %d.", plural(between, "authority"), nameOf(c), c.MaxPathLen),
					groundway.Fact{Got: fmt.Sprintf("pathlen:%d at certificate %d of the chain", c.MaxPathLen, i+2), Want: fmt.Sprintf("pathlen:%d at least", between)})
				return
			}
			if !bytes.Equal(c.RawSubject, c.RawIssuer) {
				between++
			}
		}
		k.Pass(code, 1)
	})
}

// checkConstraints holds the authorities to the names that the certificate has
// and to those that clients ask for.
func checkConstraints(k *checker, code groundway.Code) {
	k.anchoredOnly(code, func(e *entry) {
		var dns []string
		var ips []net.IP
		dns = append(dns, e.cert().DNSNames...)
		ips = append(ips, e.cert().IPAddresses...)
		if e.spec != nil {
			names, addrs := e.spec.required()
			dns = append(dns, names...)
			ips = append(ips, toIPs(addrs)...)
		}
		for _, c := range e.path[1:] {
			for _, name := range dns {
				if !permitsDNS(c, name) {
					k.failCert(code, e, fmt.Sprintf("needs %s, for which %q may not vouch.", name, nameOf(c)),
						groundway.Fact{Got: constraintsOf(c), Want: "constraints that permit " + name})
					return
				}
			}
			for _, ip := range ips {
				if !permitsIP(c, ip) {
					k.failCert(code, e, fmt.Sprintf("needs %s, for which %q may not vouch.", ip, nameOf(c)),
						groundway.Fact{Got: constraintsOf(c), Want: "constraints that permit " + ip.String()})
					return
				}
			}
		}
		k.Pass(code, 1)
	})
}

// permitsDNS does as crypto/x509: a domain with a leading dot leaves out the domain
// itself, and a wildcard is excluded with any of the names that it stands for.
func permitsDNS(c *x509.Certificate, name string) bool {
	name = strings.ToLower(name)
	parent, isWildcard := strings.CutPrefix(name, "*.")
	below := func(domain string) bool {
		domain = strings.ToLower(domain)
		return domain == "" || name == domain || strings.HasSuffix(name, "."+strings.TrimPrefix(domain, "."))
	}
	excludes := func(domain string) bool {
		_, above, _ := strings.Cut(domain, ".")
		return below(domain) || isWildcard && strings.EqualFold(above, parent)
	}
	return !slices.ContainsFunc(c.ExcludedDNSDomains, excludes) &&
		(len(c.PermittedDNSDomains) == 0 || slices.ContainsFunc(c.PermittedDNSDomains, below))
}

func permitsIP(c *x509.Certificate, ip net.IP) bool {
	within := func(n *net.IPNet) bool { return n.Contains(ip) }
	return !slices.ContainsFunc(c.ExcludedIPRanges, within) &&
		(len(c.PermittedIPRanges) == 0 || slices.ContainsFunc(c.PermittedIPRanges, within))
}

func constraintsOf(c *x509.Certificate) string {
	var words []string
	for _, d := range c.PermittedDNSDomains {
		words = append(words, "permitted "+d)
	}
	for _, n := range c.PermittedIPRanges {
		words = append(words, "permitted "+n.String())
	}
	for _, d := range c.ExcludedDNSDomains {
		words = append(words, "excluded "+d)
	}
	for _, n := range c.ExcludedIPRanges {
		words = append(words, "excluded "+n.String())
	}
	return strings.Join(words, ", ")
}

// checkChainUsage warns of an authority of servers for any usage, as
// checkUsageServer does of a server.
func checkChainUsage(k *checker, code groundway.Code) {
	k.anchoredOnly(code, func(e *entry) {
		if e.spec == nil {
			k.Pass(code, 1)
			return
		}
		for _, c := range e.path[1:] {
			for _, usage := range e.spec.ExtKeyUsages {
				if len(c.ExtKeyUsage)+len(c.UnknownExtKeyUsage) > 0 && !allows(c, usage) {
					k.failCert(code, e, fmt.Sprintf("is for %s, for which %q may not vouch.", usageName(usage), nameOf(c)),
						groundway.Fact{Got: describeExtUsages(c), Want: usageName(usage) + " among them, or no extended key usage"})
					return
				}
			}
		}
		for _, c := range e.path[1:] {
			if e.server() && forAnyAlone(c, serverAuth) {
				k.failCertAs(groundway.Warning, code, e, fmt.Sprintf("is for serverAuth, for which %q vouches only as for any usage: programs written in Go accept it, and those with OpenSSL refuse it.", nameOf(c)),
					groundway.Fact{Got: describeExtUsages(c), Want: "serverAuth among them, or no extended key usage"})
				return
			}
		}
		k.Pass(code, 1)
	})
}

func checkChainRoot(k *checker, code groundway.Code) {
	k.anchoredOnly(code, func(e *entry) {
		for i, c := range e.material.Certificates[1:] {
			if bytes.Equal(c.RawSubject, c.RawIssuer) && signedBy(c, c) {
				k.failCert(code, e, fmt.Sprintf("carries the root %q in block %d.", nameOf(c), i+2),
					groundway.Fact{Got: "a self-signed certificate", Want: "the certificate and those between it and the root"})
				return
			}
		}
		k.Pass(code, 1)
	})
}
