package pki

import (
	"cmp"
	"crypto/x509"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// An Authority is a certificate authority of the cluster by name.
type Authority string

// The authorities. Each is trusted for its own paths only: a certificate of one
// proves nothing to a component that trusts another.
const (
	AuthorityEtcd       Authority = "etcd"        // the API server and etcd's members
	AuthorityKube       Authority = "kube"        // everything that speaks to the API server, and identity's gRPC
	AuthorityIngress    Authority = "ingress"     // users to the console and to the identity service
	AuthorityFrontProxy Authority = "front-proxy" // the API server to extension API servers
)

// Authorities returns the names in the order of the inventory.
func Authorities() []Authority {
	return []Authority{AuthorityEtcd, AuthorityKube, AuthorityIngress, AuthorityFrontProxy}
}

// CA returns the ID of the authority's own certificate.
func (a Authority) CA() ID { return ID(a) + "/ca" }

// An ID names an entry of the inventory: a certificate with its key, or the
// service-account key pair. IDs of kubelets end with the node's name.
type ID string

// The entries of the inventory.
const (
	EtcdCA     ID = "etcd/ca"
	EtcdServer ID = "etcd/server" // what members show to clients
	EtcdPeer   ID = "etcd/peer"   // what members show to each other
	EtcdClient ID = "etcd/client" // the API server as a client of etcd
	EtcdHealth ID = "etcd/health" // health checks and operators as clients of etcd

	KubeCA            ID = "kube/ca"
	APIServer         ID = "kube/apiserver"          // what the API server shows
	KubeletClient     ID = "kube/kubelet-client"     // the API server as a client of kubelets
	ControllerManager ID = "kube/controller-manager" // as a client of the API server
	Scheduler         ID = "kube/scheduler"          // as a client of the API server
	Admin             ID = "kube/admin"              // a person as a client of the API server
	IdentityServer    ID = "kube/identity-server"    // the identity service's gRPC
	IdentityClient    ID = "kube/identity-client"    // the console as its client
	// Kubelet stands for the one certificate that Tectonic shares between all
	// nodes and the administrator. The inventory never has it; a bundle that was
	// read may. [KubeletOf] names the certificate of a node.
	Kubelet ID = "kube/kubelet"

	IngressCA     ID = "ingress/ca"
	IngressServer ID = "ingress/server"

	FrontProxyCA     ID = "front-proxy/ca"
	FrontProxyClient ID = "front-proxy/client" // the API server as a proxy for its users

	ServiceAccount ID = "service-account" // the key pair that tokens are signed with
)

// KubeletOf returns the ID of a node's kubelet certificate.
func KubeletOf(node string) ID { return Kubelet + "/" + ID(strings.ToLower(node)) }

// Next returns the ID of what is to take the place of an authority, or of the
// service-account key pair, while it is rotated: see [PlanRotation]. No inventory
// has it; a bundle may.
func (id ID) Next() ID { return id + "/next" }

// base returns the entry whose place the ID is to take; ok is false for every
// other ID, which it returns as it is.
func (id ID) base() (of ID, ok bool) {
	name, ok := strings.CutSuffix(string(id), "/next")
	if of = ID(name); ok && (of.IsCA() || of == ServiceAccount) {
		return of, true
	}
	return id, false
}

// Role returns the ID without the name of the node.
func (id ID) Role() ID {
	if _, ok := id.node(); ok {
		return Kubelet
	}
	return id
}

func (id ID) node() (string, bool) { return strings.CutPrefix(string(id), string(Kubelet)+"/") }

// IsCA reports whether the entry is the certificate of an authority.
func (id ID) IsCA() bool {
	_, perNode := id.node() // which may have that name
	return !perNode && strings.HasSuffix(string(id), "/ca")
}

// Authority returns the part before the slash, or "" for the service-account
// key pair. It is the authority that signs the entry unless the inventory says
// otherwise.
func (id ID) Authority() Authority {
	of, _ := id.base()
	name, _, ok := strings.Cut(string(of), "/")
	if !ok {
		return ""
	}
	return Authority(name)
}

// A Name is the subject of a certificate: to the API server, the user and its
// groups.
type Name struct {
	CommonName    string
	Organizations []string
}

// A Certificate is an entry of the inventory that an authority signs. It says
// everything about the certificate but its key.
type Certificate struct {
	ID           ID
	Authority    Authority // who signs it
	Subject      Name
	DNSNames     []string // in the order of the cluster's fields, each once
	Addresses    []netip.Addr
	ExtKeyUsages []x509.ExtKeyUsage
	// KeyUsage is zero for what suits the key's algorithm, see [KeyUsageOf].
	KeyUsage  x509.KeyUsage
	Algorithm Algorithm
	Validity  time.Duration // from the time of issuing; the authority's end cuts it short
	Optional  bool          // the cluster works without it
	Uses      []Use
}

// Server reports whether the certificate is shown to clients.
func (c Certificate) Server() bool {
	return slices.Contains(c.ExtKeyUsages, x509.ExtKeyUsageServerAuth)
}

// Client reports whether the certificate is shown to servers.
func (c Certificate) Client() bool {
	return slices.Contains(c.ExtKeyUsages, x509.ExtKeyUsageClientAuth)
}

// KeyUsageOf returns the key usage that suits the algorithm of an end entity's
// key. Only RSA can encipher a session key: on other keys the bit is a fault
// (RFC 8813, section 3).
func KeyUsageOf(a Algorithm) x509.KeyUsage {
	if a.isRSA() {
		return x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment
	}
	return x509.KeyUsageDigitalSignature
}

// A CertificateAuthority is an entry of the inventory that signs others.
type CertificateAuthority struct {
	Name      Authority
	Subject   Name
	Algorithm Algorithm
	Validity  time.Duration
	// PathLen is how many authorities may stand between this one and a leaf. The
	// zero value allows none: what it signs is a leaf.
	PathLen int
	// PermittedDNS and PermittedAddresses constrain the names that it can vouch
	// for (RFC 5280, section 4.2.1.10); none means no constraint.
	PermittedDNS       []string
	PermittedAddresses []netip.Prefix
	// SameAs names the authority whose certificate serves here too; there is
	// then no key and no certificate of its own.
	SameAs Authority
	Uses   []Use
}

// An Inventory is every certificate of a cluster as data. It may be edited
// before it is given to [Issue].
type Inventory struct {
	Cluster      Cluster
	Authorities  []CertificateAuthority
	Certificates []Certificate
	// ServiceAccountAlgorithm is that of the key pair that tokens are signed with.
	ServiceAccountAlgorithm Algorithm
	ServiceAccountUses      []Use
	Edges                   []Edge // who speaks to whom, and trusts what
}

// InventoryOptions tune [NewInventory]; the zero value is right for new
// clusters.
type InventoryOptions struct {
	// Algorithm is that of the keys of certificates and authorities; zero is
	// [ECDSAP256]. [Ed25519] goes to the entries whose every consumer takes it,
	// and the others keep the default.
	Algorithm Algorithm
	// Algorithms are exceptions by entry: a CA, a certificate, or
	// [ServiceAccount]. One that a consumer does not take is an error.
	Algorithms map[ID]Algorithm
	Validity   time.Duration // of leaves; zero is 365 days
	CAValidity time.Duration // zero is 3650 days
	// NameConstraints limits the authorities of etcd, ingress and kube to the
	// names of the cluster as it is now: nodes that join later may not fit.
	NameConstraints bool
	// IngressUnderKube lets the kube authority sign for the ingress as well.
	// Users then trust the authority whose certificates the API server takes
	// for identities: [Verify] warns.
	IngressUnderKube bool
	Compat           Compat
}

// Compat reproduces an older set of certificates.
type Compat uint8

const (
	// CompatNone is today's set.
	CompatNone Compat = iota
	// CompatTectonic reproduces what is harmless in the self-signed set of the
	// Tectonic installer: RSA-2048 throughout, three years for leaves and
	// authorities alike, the ingress under the kube authority, etcd
	// certificates that may only encipher keys, and an etcd server certificate
	// that cannot act as a client. [Verify] reports each. It never reproduces a
	// certificate without subject alternative names, the certificate in
	// system:masters that all nodes and the administrator share, or a leaf
	// that outlives its authority; and it adds the entries that Tectonic lacks.
	CompatTectonic
)

const (
	day             = 24 * time.Hour
	defaultValidity = 365 * day
	defaultCALife   = 3650 * day
	tectonicLife    = 26280 * time.Hour
)

var (
	serverAuth = x509.ExtKeyUsageServerAuth
	clientAuth = x509.ExtKeyUsageClientAuth
)

// NewInventory computes the inventory of a cluster. A cluster that
// [Cluster.Check] refuses, and an algorithm that a consumer does not take, are
// errors.
func NewInventory(c Cluster, o InventoryOptions) (Inventory, error) {
	if err := c.Check(); err != nil {
		return Inventory{}, fmt.Errorf("inventory: %w", err)
	}
	inv := Inventory{Cluster: c, ServiceAccountUses: c.usesOf(ServiceAccount), Edges: c.edges()}
	if len(c.EtcdMembers) > 0 {
		inv.addEtcd(o)
	}
	inv.addKube()
	if c.ConsoleHost != "" {
		inv.addIngress(o)
	}
	inv.addFrontProxy()
	inv.setLifetimes(o)
	if o.NameConstraints {
		inv.constrain()
	}
	if err := inv.setAlgorithms(o); err != nil {
		return Inventory{}, fmt.Errorf("inventory: cluster %q: %w", c.Name, err)
	}
	return inv, nil
}

func (inv *Inventory) authority(name Authority, subject Name) {
	inv.Authorities = append(inv.Authorities, CertificateAuthority{
		Name: name, Subject: subject, Uses: inv.Cluster.usesOf(name.CA()),
	})
}

func (inv *Inventory) add(id ID, subject Name, n names, usages ...x509.ExtKeyUsage) {
	inv.Certificates = append(inv.Certificates, Certificate{
		ID: id, Authority: id.Authority(), Subject: subject, DNSNames: n.dns, Addresses: n.addrs,
		ExtKeyUsages: usages, Optional: slices.Contains(optional, id.Role()), Uses: inv.Cluster.usesOf(id),
	})
}

// optional are the entries that a cluster can do without: the API server's own
// certificate serves as the kubelet client, kubelets and components can
// authenticate in other ways, and aggregation is an extension.
var optional = []ID{EtcdHealth, KubeletClient, ControllerManager, Scheduler, Admin, Kubelet, FrontProxyCA, FrontProxyClient}

// addEtcd gives the server certificate both usages: etcd's own gateway shows it
// to the server it stands in front of, which asks for client certificates.
func (inv *Inventory) addEtcd(o InventoryOptions) {
	c := inv.Cluster
	inv.authority(AuthorityEtcd, Name{"etcd-ca", []string{"etcd"}})
	subject := Name{"etcd", []string{"etcd"}}
	server := []x509.ExtKeyUsage{serverAuth, clientAuth}
	if o.Compat == CompatTectonic {
		server = server[:1]
	}
	inv.add(EtcdServer, subject, c.etcdServerNames(), server...)
	inv.add(EtcdPeer, subject, c.etcdPeerNames(), serverAuth, clientAuth)
	inv.add(EtcdClient, subject, names{}, clientAuth)
	if o.Compat == CompatTectonic {
		for i := range inv.Certificates {
			inv.Certificates[i].KeyUsage = x509.KeyUsageKeyEncipherment
		}
	}
	inv.add(EtcdHealth, Name{"etcd-healthcheck-client", []string{"etcd"}}, names{}, clientAuth)
}

// addKube lets the API server's certificate be a client's too, as the outputs
// of Tectonic have it: it has no power at the kubelets until a binding names
// its user. The kubelet client has the same task and no server's key.
func (inv *Inventory) addKube() {
	c := inv.Cluster
	inv.authority(AuthorityKube, Name{"kube-ca", []string{"bootkube"}})
	inv.add(APIServer, Name{"kube-apiserver", []string{"kube-master"}}, c.apiNames(), serverAuth, clientAuth)
	inv.add(KubeletClient, Name{"kube-apiserver-kubelet-client", nil}, names{}, clientAuth)
	inv.add(ControllerManager, Name{"system:kube-controller-manager", nil}, names{}, clientAuth)
	inv.add(Scheduler, Name{"system:kube-scheduler", nil}, names{}, clientAuth)
	inv.add(Admin, Name{"kubernetes-admin", []string{cmp.Or(c.AdminGroup, defaultAdminGroup)}}, names{}, clientAuth)
	for _, node := range c.Kubelets {
		var n names
		n.nodes([]Node{node})
		inv.add(KubeletOf(node.Name), kubeletName(strings.ToLower(node.Name)), n, serverAuth, clientAuth)
	}
	if c.ConsoleHost != "" {
		n := c.identityNames()
		inv.add(IdentityServer, Name{CommonName: commonName(n.dns)}, n, serverAuth)
		inv.add(IdentityClient, Name{CommonName: "tectonic-console"}, names{}, clientAuth)
	}
}

// kubeletName is what the node authorizer asks for, see
// https://kubernetes.io/docs/reference/access-authn-authz/node/.
func kubeletName(node string) Name {
	return Name{"system:node:" + node, []string{"system:nodes"}}
}

func (inv *Inventory) addIngress(o InventoryOptions) {
	inv.authority(AuthorityIngress, Name{"ingress-ca", nil})
	var n names
	n.host(inv.Cluster.ConsoleHost)
	inv.add(IngressServer, Name{CommonName: commonName(n.dns)}, n, serverAuth)
	if o.IngressUnderKube || o.Compat == CompatTectonic {
		inv.Authorities[len(inv.Authorities)-1].SameAs = AuthorityKube
		inv.Certificates[len(inv.Certificates)-1].Authority = AuthorityKube
	}
}

func (inv *Inventory) addFrontProxy() {
	inv.authority(AuthorityFrontProxy, Name{"front-proxy-ca", nil})
	inv.add(FrontProxyClient, Name{CommonName: "front-proxy-client"}, names{}, clientAuth)
}

// commonName returns the first name that a common name has room for: 64
// characters (RFC 5280, appendix A.1).
func commonName(dns []string) string {
	for _, n := range dns {
		if len(n) <= 64 {
			return n
		}
	}
	name, _, _ := strings.Cut(dns[0], ".")
	return name
}

func (inv *Inventory) setLifetimes(o InventoryOptions) {
	leaf, ca := cmp.Or(o.Validity, defaultValidity), cmp.Or(o.CAValidity, defaultCALife)
	if o.Compat == CompatTectonic {
		leaf, ca = cmp.Or(o.Validity, tectonicLife), cmp.Or(o.CAValidity, tectonicLife)
	}
	for i := range inv.Authorities {
		inv.Authorities[i].Validity = ca
	}
	for i := range inv.Certificates {
		inv.Certificates[i].Validity = leaf
	}
}

// constrain permits each authority the names of its certificates. The front
// proxy's has none, and a client certificate is not held to names.
func (inv *Inventory) constrain() {
	for i, a := range inv.Authorities {
		var dns []string
		var prefixes []netip.Prefix
		for _, c := range inv.Certificates {
			if c.Authority != a.Name {
				continue
			}
			for _, name := range c.DNSNames {
				// A constraint covers everything below it (RFC 5280), so that the
				// parent stands for a wildcard.
				dns = append(dns, strings.TrimPrefix(name, "*."))
			}
			for _, addr := range c.Addresses {
				prefixes = append(prefixes, netip.PrefixFrom(addr, addr.BitLen()))
			}
		}
		slices.Sort(dns)
		slices.SortFunc(prefixes, netip.Prefix.Compare)
		inv.Authorities[i].PermittedDNS, inv.Authorities[i].PermittedAddresses = slices.Compact(dns), slices.Compact(prefixes)
	}
}

func (inv *Inventory) setAlgorithms(o InventoryOptions) error {
	base := o.Algorithm
	if base == DefaultAlgorithm && o.Compat == CompatTectonic {
		base = RSA2048
	}
	known := map[ID]bool{ServiceAccount: true}
	choose := func(id ID, fallback, wish Algorithm, uses []Use) (Algorithm, error) {
		known[id] = true
		chosen := cmp.Or(wish, fallback)
		if program, taken := taken(chosen, uses); !taken {
			if wish := o.Algorithms[id]; wish != 0 || fallback == chosen {
				return 0, fmt.Errorf("%s: %s does not take %s keys", id, program, chosen)
			}
			chosen = fallback
		}
		return chosen, nil
	}
	var err error
	for i := range inv.Authorities {
		a := &inv.Authorities[i]
		// Who checks the leaves of an authority reads its key's signatures.
		uses := slices.Clone(a.Uses)
		for _, c := range inv.Certificates {
			if c.Authority == a.Name {
				uses = append(uses, c.Uses...)
			}
		}
		if a.Algorithm, err = choose(a.Name.CA(), ECDSAP256, cmp.Or(o.Algorithms[a.Name.CA()], base), uses); err != nil {
			return err
		}
	}
	for i := range inv.Certificates {
		c := &inv.Certificates[i]
		if c.Algorithm, err = choose(c.ID, ECDSAP256, cmp.Or(o.Algorithms[c.ID], base), c.Uses); err != nil {
			return err
		}
	}
	if inv.ServiceAccountAlgorithm, err = choose(ServiceAccount, RSA2048, o.Algorithms[ServiceAccount], inv.ServiceAccountUses); err != nil {
		return err
	}
	for id := range o.Algorithms {
		if !known[id] {
			return fmt.Errorf("algorithm of %q: the inventory has no such entry", id)
		}
	}
	return nil
}

// Certificate returns the entry with this ID.
func (inv Inventory) Certificate(id ID) (Certificate, bool) {
	i := slices.IndexFunc(inv.Certificates, func(c Certificate) bool { return c.ID == id })
	if i < 0 {
		return Certificate{}, false
	}
	return inv.Certificates[i], true
}

// Authority returns the authority of this name.
func (inv Inventory) Authority(name Authority) (CertificateAuthority, bool) {
	i := slices.IndexFunc(inv.Authorities, func(a CertificateAuthority) bool { return a.Name == name })
	if i < 0 {
		return CertificateAuthority{}, false
	}
	return inv.Authorities[i], true
}

// IDs returns every entry: each authority before what it signs, and the
// service-account key pair last.
func (inv Inventory) IDs() []ID {
	var ids []ID
	for _, a := range inv.Authorities {
		ids = append(ids, a.Name.CA())
		for _, c := range inv.Certificates {
			if c.ID.Authority() == a.Name {
				ids = append(ids, c.ID)
			}
		}
	}
	return append(ids, ServiceAccount)
}
