package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/netip"
	"runtime"
	"slices"
	"sync"
	"time"
)

// An Issuer can sign: it is the certificate of an authority, with its chain, and
// a key that may be in this process or behind a [crypto.Signer]. The zero value
// cannot sign.
type Issuer struct {
	chain []*x509.Certificate
	// behind is what a leaf's file holds behind the leaf: the authorities up to a
	// root, which whoever checks has already.
	behind []*x509.Certificate
	key    Key
}

// NewIssuer returns the issuer of an authority's certificate, which comes first
// in the chain, followed by whoever signed it. The signer may be the key itself,
// a key management service or a token; it must be safe for concurrent use, and
// one that implements crypto.MessageSigner gets whole messages. A certificate
// that is no authority's, or that another key belongs to, is an error.
func NewIssuer(chain []*x509.Certificate, signer crypto.Signer) (Issuer, error) {
	if len(chain) == 0 {
		return Issuer{}, errors.New("issuer: no certificate given")
	}
	ca := chain[0]
	switch {
	case !ca.IsCA:
		return Issuer{}, fmt.Errorf("issuer %q: the certificate is not an authority's", nameOf(ca))
	case ca.KeyUsage != 0 && ca.KeyUsage&x509.KeyUsageCertSign == 0:
		return Issuer{}, fmt.Errorf("issuer %q: its key usage does not let it sign certificates", nameOf(ca))
	case signer == nil:
		return Issuer{}, fmt.Errorf("issuer %q: no key given", nameOf(ca))
	case !samePublic(signer.Public(), ca.PublicKey):
		return Issuer{}, fmt.Errorf("issuer %q: the key belongs to another certificate", nameOf(ca))
	}
	i := Issuer{chain: slices.Clone(chain), key: NewKey(signer)}
	i.behind = slices.DeleteFunc(slices.Clone(chain), selfSigned)
	return i, nil
}

func (m Material) issuer() (Issuer, error) {
	if len(m.Certificates) == 0 {
		return Issuer{}, fmt.Errorf("issuer of %s: the bundle does not have its certificate", m.ID.Authority())
	}
	if m.Key.IsZero() {
		return Issuer{}, fmt.Errorf("issuer of %s: the key of %s is not there", m.ID.Authority(), m.ID)
	}
	// What else is trusted beside the authority that signs, such as the one before
	// it, does not limit what it signs.
	chain, _ := pathOf(m.Certificates, nil)
	return NewIssuer(chain, m.Key.Signer())
}

// Certificate returns the authority's certificate; nil of the zero value.
func (i Issuer) Certificate() *x509.Certificate {
	if len(i.chain) == 0 {
		return nil
	}
	return i.chain[0]
}

func selfSigned(c *x509.Certificate) bool {
	return string(c.RawSubject) == string(c.RawIssuer) && signedBy(c, c)
}

// IssueOptions say how the entries of an inventory come to be.
type IssueOptions struct {
	Time time.Time // now; required
	// Issuers sign for their authority: one in this process, or behind any
	// signer. For the others a self-signed authority is made.
	Issuers map[Authority]Issuer
	// Provided is material that is there already: the caller's files, the answers
	// to requests, or what an earlier run wrote. It is taken as it is, and only
	// what it lacks is made; an authority of which it has certificate and key
	// signs the rest, and a key without a certificate gets one.
	Provided Bundle
	// Backdate is how far in the past certificates begin, for machines whose
	// clock is slow; zero is ten minutes. None begins before its authority.
	Backdate time.Duration
}

const defaultBackdate = 10 * time.Minute

// Issue makes what the inventory has and the options do not provide, and returns
// all of it. Every flavour, self-signed, under a given authority, or provided,
// gives the same kind of bundle, and each authority may use another. No leaf
// outlives its authority. Keys of authorities that are made here are in the
// bundle; those of Issuers are not.
//
// Issue does not judge what is provided: [Verify] does. It fails where something
// is missing that nobody here can sign, and where the authority has expired.
// RSA keys are made, and foreign signers called, on all processors.
func Issue(inv Inventory, o IssueOptions) (Bundle, error) {
	if o.Time.IsZero() {
		return Bundle{}, errors.New("issue: no time given")
	}
	run := issuance{inv: inv, o: o, begin: beginOf(o.Time, o.Backdate), bundle: o.Provided.With(), keys: map[ID]Key{}, issuers: map[Authority]Issuer{}, unfit: map[Authority]error{}}
	if err := run.makeKeys(); err != nil {
		return Bundle{}, fmt.Errorf("issue: %w", err)
	}
	for _, a := range inv.Authorities {
		if err := run.authority(a); err != nil {
			return Bundle{}, fmt.Errorf("issue %s: %w", a.Name, err)
		}
	}
	if err := run.leaves(); err != nil {
		return Bundle{}, fmt.Errorf("issue: %w", err)
	}
	run.serviceAccount()
	return run.bundle, nil
}

func beginOf(at time.Time, backdate time.Duration) time.Time {
	if backdate == 0 {
		backdate = defaultBackdate
	}
	return at.Add(-backdate).UTC().Truncate(time.Second)
}

type issuance struct {
	inv     Inventory
	o       IssueOptions
	begin   time.Time
	bundle  Bundle
	keys    map[ID]Key
	issuers map[Authority]Issuer
	unfit   map[Authority]error // why what is provided of an authority cannot sign
}

// needsKey reports whether an entry is to be made from nothing.
func (r *issuance) needsKey(id ID) bool {
	m := r.bundle.Materials[id]
	if id.IsCA() {
		_, given := r.o.Issuers[id.Authority()]
		return !given && len(m.Certificates) == 0 && m.Key.IsZero()
	}
	return len(m.Certificates) == 0 && m.Key.IsZero() && len(m.PublicKeys) == 0
}

// makeKeys makes the keys that are missing. Only RSA keys take long enough for
// another processor to help.
func (r *issuance) makeKeys() error {
	var ids []ID
	var algorithms []Algorithm
	slow := false
	want := func(id ID, a Algorithm) {
		if r.needsKey(id) {
			ids, algorithms = append(ids, id), append(algorithms, a)
			slow = slow || a.isRSA()
		}
	}
	want(ServiceAccount, r.inv.ServiceAccountAlgorithm)
	for _, a := range r.inv.Authorities {
		if a.SameAs == "" {
			want(a.Name.CA(), a.Algorithm)
		}
	}
	for _, c := range r.inv.Certificates {
		want(c.ID, c.Algorithm)
	}
	made := make([]Key, len(ids))
	err := each(len(ids), slow, func(i int) (err error) {
		if made[i], err = GenerateKey(algorithms[i]); err != nil {
			err = fmt.Errorf("%s: %w", ids[i], err)
		}
		return err
	})
	for i, id := range ids {
		r.keys[id] = made[i]
	}
	return err
}

// each calls do for 0 to n-1, in this order on one processor, or on all of them,
// and returns the error of the lowest number.
func each(n int, parallel bool, do func(i int) error) error {
	errs := make([]error, n)
	workers := min(n, runtime.GOMAXPROCS(0))
	if !parallel || workers < 2 {
		for i := range n {
			if err := do(i); err != nil {
				return err
			}
		}
		return nil
	}
	next := make(chan int)
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for i := range next {
				errs[i] = do(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	group.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *issuance) keyOf(id ID) Key {
	if k := r.bundle.Materials[id].Key; !k.IsZero() {
		return k
	}
	return r.keys[id]
}

// authority finds or makes who signs for an authority, and puts its certificate
// into the bundle.
func (r *issuance) authority(a CertificateAuthority) error {
	id := a.Name.CA()
	m := r.bundle.Materials[id]
	m.ID = id
	given, isGiven := r.o.Issuers[a.Name]
	switch {
	case a.SameAs != "":
		if len(m.Certificates) > 0 {
			return nil // provided: the caller decided otherwise
		}
		same, ok := r.bundle.Get(a.SameAs.CA())
		if !ok {
			return fmt.Errorf("it is the same as %s, which comes later or not at all", a.SameAs)
		}
		m.Certificates = same.Certificates
	case isGiven && len(m.Certificates) > 0:
		if given.Certificate() == nil || !samePublic(given.Certificate().PublicKey, m.Certificates[0].PublicKey) {
			return errors.New("an issuer is given, and another certificate provided")
		}
		r.issuers[a.Name] = given
	case isGiven:
		if given.Certificate() == nil {
			return errors.New("the issuer given is empty")
		}
		// What is trusted is the authority itself. Whoever signed it signs for
		// others as well.
		m.Certificates = given.chain[:1:1]
		r.issuers[a.Name] = given
	case len(m.Certificates) > 0:
		if m.Key.IsZero() {
			return nil // nothing can be signed, which may not be needed
		}
		issuer, err := m.issuer()
		if err != nil {
			r.unfit[a.Name] = err // the leaves say so if they need it
			return nil
		}
		r.issuers[a.Name] = issuer
	default:
		if leaf := r.provided(a.Name); leaf != "" {
			return fmt.Errorf("%s is provided and the authority's certificate is not; provide %s as well", leaf, id)
		}
		key := r.keyOf(id)
		cert, err := r.selfSign(a, key)
		if err != nil {
			return err
		}
		m.Certificates, m.Key = []*x509.Certificate{cert}, key
		r.issuers[a.Name] = Issuer{chain: m.Certificates, key: key}
	}
	r.bundle.Materials[id] = m
	return nil
}

// provided returns a leaf of the authority that is there already.
func (r *issuance) provided(a Authority) ID {
	for _, c := range r.inv.Certificates {
		if c.Authority == a && len(r.bundle.Materials[c.ID].Certificates) > 0 {
			return c.ID
		}
	}
	return ""
}

func (r *issuance) selfSign(a CertificateAuthority, key Key) (*x509.Certificate, error) {
	template, err := newTemplate(a.Subject, key.Public())
	if err != nil {
		return nil, err
	}
	template.NotBefore, template.NotAfter = r.begin, endOf(r.o.Time, a.Validity)
	template.KeyUsage = x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	template.IsCA, template.BasicConstraintsValid = true, true
	template.MaxPathLen, template.MaxPathLenZero = a.PathLen, a.PathLen == 0
	template.PermittedDNSDomains = a.PermittedDNS
	template.PermittedDNSDomainsCritical = len(a.PermittedDNS)+len(a.PermittedAddresses) > 0
	for _, p := range a.PermittedAddresses {
		template.PermittedIPRanges = append(template.PermittedIPRanges, &net.IPNet{
			IP: p.Masked().Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen()),
		})
	}
	return create(template, template, key.Public(), key.Signer())
}

// leaves signs what is missing. A signer in this process takes microseconds; for
// one that is not RSA it does not pay to spread the work.
func (r *issuance) leaves() error {
	var todo []Certificate
	slow := false
	for _, c := range r.inv.Certificates {
		if len(r.bundle.Materials[c.ID].Certificates) > 0 {
			continue
		}
		issuer, ok := r.issuers[c.Authority]
		switch err := r.unfit[c.Authority]; {
		case ok:
		case err != nil:
			return fmt.Errorf("%s: nobody can sign it: %w", c.ID, err)
		default:
			return fmt.Errorf("%s: nobody can sign it: %s is provided without its key; provide the certificate, the key or an issuer, or make a request", c.ID, c.Authority.CA())
		}
		switch issuer.key.Signer().(type) {
		case *ecdsa.PrivateKey, ed25519.PrivateKey:
		default:
			slow = true
		}
		todo = append(todo, c)
	}
	made := make([]Material, len(todo))
	err := each(len(todo), slow, func(i int) error {
		c := todo[i]
		m := r.bundle.Materials[c.ID]
		m.ID, m.Key = c.ID, r.keyOf(c.ID)
		chain, err := r.issuers[c.Authority].sign(c, m.Key.Public(), r.o.Time, r.begin)
		m.Certificates = chain
		made[i] = m
		return err
	})
	if err != nil {
		return err
	}
	for _, m := range made {
		r.bundle.Materials[m.ID] = m
	}
	return nil
}

func (r *issuance) serviceAccount() {
	m := r.bundle.Materials[ServiceAccount]
	m.ID = ServiceAccount
	if len(m.PublicKeys) == 0 {
		m.Key = r.keyOf(ServiceAccount)
		m.PublicKeys = []crypto.PublicKey{m.Key.Public()}
	}
	r.bundle.Materials[ServiceAccount] = m
}

// Sign signs an entry of the inventory for a public key, and returns the
// certificate with the chain that belongs behind it. Everything but the key comes
// from the entry. The end of the authority cuts the validity short; an authority
// that has expired, or has not begun, is an error. Only Time and Backdate of the
// options count.
func (i Issuer) Sign(c Certificate, public crypto.PublicKey, o IssueOptions) ([]*x509.Certificate, error) {
	if o.Time.IsZero() {
		return nil, fmt.Errorf("sign %s: no time given", c.ID)
	}
	if i.Certificate() == nil {
		return nil, fmt.Errorf("sign %s: the issuer is empty", c.ID)
	}
	return i.sign(c, public, o.Time, beginOf(o.Time, o.Backdate))
}

func (i Issuer) sign(c Certificate, public crypto.PublicKey, at, begin time.Time) ([]*x509.Certificate, error) {
	template, err := newTemplate(c.Subject, public)
	if err != nil {
		return nil, fmt.Errorf("sign %s: %w", c.ID, err)
	}
	template.NotBefore, template.NotAfter = begin, endOf(at, c.Validity)
	for _, ca := range i.chain {
		if at.After(ca.NotAfter) || at.Before(ca.NotBefore) {
			return nil, fmt.Errorf("sign %s: the authority %q is valid from %s to %s, which %s is not within",
				c.ID, nameOf(ca), stamp(ca.NotBefore), stamp(ca.NotAfter), stamp(at))
		}
		if ca.NotAfter.Before(template.NotAfter) {
			template.NotAfter = ca.NotAfter
		}
		if ca.NotBefore.After(template.NotBefore) {
			template.NotBefore = ca.NotBefore
		}
	}
	template.KeyUsage = c.KeyUsage
	if template.KeyUsage == 0 {
		template.KeyUsage = KeyUsageOf(AlgorithmOf(public))
	}
	template.ExtKeyUsage = c.ExtKeyUsages
	template.BasicConstraintsValid = true
	template.DNSNames, template.IPAddresses = c.DNSNames, toIPs(c.Addresses)
	cert, err := create(template, i.chain[0], public, i.key.Signer())
	if err != nil {
		return nil, fmt.Errorf("sign %s: %w", c.ID, err)
	}
	return append([]*x509.Certificate{cert}, i.behind...), nil
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// endOf counts from the time of issuing, not from the backdated begin.
func endOf(at time.Time, validity time.Duration) time.Time {
	return at.Add(validity).UTC().Truncate(time.Second)
}

func toIPs(addrs []netip.Addr) []net.IP {
	var ips []net.IP
	for _, a := range addrs {
		ips = append(ips, a.AsSlice())
	}
	return ips
}

// newTemplate has what all certificates share: a serial number of 128 random
// bits, and the key identifier of RFC 7093, section 2, method 1.
func newTemplate(n Name, public crypto.PublicKey) (*x509.Certificate, error) {
	serial := make([]byte, 16)
	_, _ = rand.Read(serial) // never fails
	keyID, err := keyIDOf(public)
	if err != nil {
		return nil, err
	}
	return &x509.Certificate{
		SerialNumber: new(big.Int).SetBytes(serial),
		Subject:      pkix.Name{CommonName: n.CommonName, Organization: n.Organizations},
		SubjectKeyId: keyID,
	}, nil
}

func keyIDOf(public crypto.PublicKey) ([]byte, error) {
	var bits []byte
	switch k := public.(type) {
	case *ecdsa.PublicKey:
		var err error
		if bits, err = k.Bytes(); err != nil {
			return nil, fmt.Errorf("public key: %v", err)
		}
	case *rsa.PublicKey:
		bits = x509.MarshalPKCS1PublicKey(k)
	case ed25519.PublicKey:
		bits = k
	default:
		return nil, fmt.Errorf("public key: %s is not a key that certificates here are for", describeKey(public))
	}
	sum := sha256.Sum256(bits)
	return sum[:20], nil
}

func create(template, parent *x509.Certificate, public crypto.PublicKey, signer crypto.Signer) (*x509.Certificate, error) {
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, signer)
	if err != nil {
		return nil, fmt.Errorf("create certificate %q: %v", template.Subject.CommonName, err)
	}
	return x509.ParseCertificate(der)
}
