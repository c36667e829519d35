package pki

import (
	"cmp"
	"slices"
)

// A Program reads certificates and keys, or checks those of others.
type Program string

// The programs.
const (
	ProgramEtcd              Program = "etcd"
	ProgramAPIServer         Program = "kube-apiserver"
	ProgramKubelet           Program = "kubelet"
	ProgramControllerManager Program = "kube-controller-manager"
	ProgramScheduler         Program = "kube-scheduler"
	ProgramKubectl           Program = "kubectl"
	ProgramEtcdctl           Program = "etcdctl"
	ProgramKubeadm           Program = "kubeadm"
	ProgramConsole           Program = "console"       // Tectonic Console
	ProgramDex               Program = "dex"           // Tectonic Identity
	ProgramIngress           Program = "ingress"       // the ingress controller
	ProgramBrowser           Program = "browser"       // of a user
	ProgramExtension         Program = "extension-api" // an extension API server
)

// A Part is a piece of an entry of the inventory.
type Part string

// The parts.
const (
	PartCertificate Part = "certificate" // with its chain, leaf first; of an authority, what is trusted
	PartKey         Part = "key"
	PartPublicKey   Part = "public-key" // of the service-account pair
)

// A Path is who speaks to whom, as the tables of Tectonic's documentation have
// it.
type Path string

// The paths.
const (
	PathEtcdPeer        Path = "etcd to etcd"
	PathAPIEtcd         Path = "API to etcd"
	PathControlPlaneAPI Path = "control plane to API"
	PathAPIKubelet      Path = "API to kubelet"
	PathConsoleIdentity Path = "console to identity"
	PathUsersIdentity   Path = "users to identity"
	PathAPIIdentity     Path = "API to identity"
	PathAPIExtension    Path = "API to extension API" // not in Tectonic's documentation
	PathTokens          Path = "service-account tokens"
)

// A Use is one place where a program takes a part of an entry: a row and a
// column of the tables of Tectonic's documentation, as they are printed and as
// they are today.
type Use struct {
	ID      ID
	Part    Part
	Path    Path
	Program Program
	// Printed is the flag, variable or field as the documentation prints it;
	// empty where it names none for this program.
	Printed string
	// Field is what takes the part today: a flag of etcd or Kubernetes, a
	// variable of the console, a field of a configuration file. Empty where
	// nothing does, which Note explains.
	Field       string
	Description string // as the documentation prints it
	Note        string // where Printed and Field differ by more than a slip
}

// Module returns the Terraform module of Tectonic that has the output.
func (u Use) Module() string { return outputOf(u.ID, u.Part).module }

// Output returns the name of Tectonic's output, or the name that
// [TectonicLayout] gives to what Tectonic does not have.
func (u Use) Output() string { return outputOf(u.ID, u.Part).name }

// InTectonic reports whether the documentation of Tectonic has this use.
func (u Use) InTectonic() bool { return u.Printed != "" }

// An Edge is one connection of the cluster, and what its ends show.
type Edge struct {
	Path     Path
	From, To Program
	Server   ID // what To shows; empty where that is not of the inventory
	Client   ID // what From shows; empty where it shows no certificate
}

// uses are in the order of Tectonic's tables; what they lack comes behind, by
// authority. The flags of today are those of
// https://etcd.io/docs/v3.6/op-guide/configuration/,
// https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/ and
// https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/.
var uses = []Use{
	// etcd, between members
	{EtcdCA, PartCertificate, PathEtcdPeer, ProgramEtcd, "--peer-trusted-ca", "--peer-trusted-ca-file", "etcd CA cert", ""},
	{EtcdPeer, PartCertificate, PathEtcdPeer, ProgramEtcd, "--etcd-certfile", "--peer-cert-file", "etcd peer cert", "--etcd-certfile is a flag of the API server"},
	{EtcdPeer, PartKey, PathEtcdPeer, ProgramEtcd, "--etcd-keyfile", "--peer-key-file", "etcd peer key", "--etcd-keyfile is a flag of the API server"},
	// etcd, client and server
	{EtcdCA, PartCertificate, PathAPIEtcd, ProgramAPIServer, "--etcd-cafile", "--etcd-cafile", "etcd CA cert", ""},
	{EtcdCA, PartCertificate, PathAPIEtcd, ProgramEtcd, "", "--trusted-ca-file", "etcd CA cert", "beside --client-cert-auth"},
	{EtcdClient, PartCertificate, PathAPIEtcd, ProgramAPIServer, "--etcd-certfile", "--etcd-certfile", "API client cert", ""},
	{EtcdClient, PartKey, PathAPIEtcd, ProgramAPIServer, "--etcd-keyfile", "--etcd-keyfile", "API client key", ""},
	{EtcdServer, PartCertificate, PathAPIEtcd, ProgramEtcd, "--cert-file", "--cert-file", "etcd server cert", ""},
	{EtcdServer, PartKey, PathAPIEtcd, ProgramEtcd, "--key-file", "--key-file", "etcd server key", ""},
	// Kubernetes
	{KubeCA, PartCertificate, PathControlPlaneAPI, ProgramAPIServer, "--tls-ca-file", "", "secure access from Admission Controllers", "the flag is gone: clients find the authority in their kubeconfig"},
	{APIServer, PartCertificate, PathControlPlaneAPI, ProgramAPIServer, "--tls-cert-file", "--tls-cert-file", "https server cert", ""},
	{APIServer, PartKey, PathControlPlaneAPI, ProgramAPIServer, "--tls-private-key-file", "--tls-private-key-file", "https server key", ""},
	{KubeCA, PartCertificate, PathAPIKubelet, ProgramKubelet, "--client-ca-file", "authentication.x509.clientCAFile", "client cert CA", "the flag still works and is deprecated"},
	{APIServer, PartCertificate, PathAPIKubelet, ProgramAPIServer, "--kubelect-client-certificate", "--kubelet-client-certificate", "kubelect client cert", "prefer kube/kubelet-client, which is no server's"},
	{APIServer, PartKey, PathAPIKubelet, ProgramAPIServer, "--kubelet-client-key", "--kubelet-client-key", "kubelet client key", "prefer kube/kubelet-client, which is no server's"},
	// identity
	{IdentityClient, PartCertificate, PathConsoleIdentity, ProgramConsole, "BRIDGE_DEX_CLIENT_CERT_FILE", "BRIDGE_DEX_CLIENT_CERT_FILE", "grpc client cert", ""},
	{IdentityClient, PartKey, PathConsoleIdentity, ProgramConsole, "BRIDGE_DEX_CLIENT_KEY_FILE", "BRIDGE_DEX_CLIENT_KEY_FILE", "grpc client key", ""},
	{IdentityServer, PartKey, PathConsoleIdentity, ProgramDex, "grpc.tlsKey", "grpc.tlsKey", "grpc server key", ""},
	{IdentityServer, PartCertificate, PathConsoleIdentity, ProgramDex, "grpc.tlsCert", "grpc.tlsCert", "grpc server cert", ""},
	{KubeCA, PartCertificate, PathConsoleIdentity, ProgramDex, "grpc.tlsClientCA", "grpc.tlsClientCA", "grpc client CA", ""},
	// ingress
	{IngressCA, PartCertificate, PathUsersIdentity, ProgramConsole, "BRIDGE_CA_FILE", "BRIDGE_CA_FILE", "ingress CA cert", ""},
	{IngressServer, PartCertificate, PathUsersIdentity, ProgramIngress, "--default-ssl-certificate", "--default-ssl-certificate", "ingress server cert", ""},
	{IngressServer, PartKey, PathUsersIdentity, ProgramIngress, "--default-ssl-certificate", "--default-ssl-certificate", "ingress server key", ""},
	{IngressCA, PartCertificate, PathAPIIdentity, ProgramAPIServer, "--oidc-ca-file", "--oidc-ca-file", "ingress CA cert", "or issuer.certificateAuthority of an AuthenticationConfiguration"},

	// What the tables lack.
	{EtcdHealth, PartCertificate, PathAPIEtcd, ProgramEtcdctl, "", "--cert", "health check cert", ""},
	{EtcdHealth, PartKey, PathAPIEtcd, ProgramEtcdctl, "", "--key", "health check key", ""},
	{KubeCA, PartCertificate, PathControlPlaneAPI, ProgramAPIServer, "", "--client-ca-file", "client cert CA", ""},
	{KubeCA, PartCertificate, PathControlPlaneAPI, ProgramKubectl, "", "certificate-authority-data", "API server CA", "of every kubeconfig"},
	{KubeCA, PartCertificate, PathControlPlaneAPI, ProgramControllerManager, "", "--root-ca-file", "API server CA", "what pods find in kube-root-ca.crt"},
	{KubeCA, PartCertificate, PathAPIKubelet, ProgramAPIServer, "", "--kubelet-certificate-authority", "kubelet CA", "where kubelets serve certificates of the kube authority"},
	{KubeletClient, PartCertificate, PathAPIKubelet, ProgramAPIServer, "", "--kubelet-client-certificate", "kubelet client cert", ""},
	{KubeletClient, PartKey, PathAPIKubelet, ProgramAPIServer, "", "--kubelet-client-key", "kubelet client key", ""},
	{ControllerManager, PartCertificate, PathControlPlaneAPI, ProgramControllerManager, "", "client-certificate-data", "controller manager cert", "of its kubeconfig"},
	{ControllerManager, PartKey, PathControlPlaneAPI, ProgramControllerManager, "", "client-key-data", "controller manager key", "of its kubeconfig"},
	{Scheduler, PartCertificate, PathControlPlaneAPI, ProgramScheduler, "", "client-certificate-data", "scheduler cert", "of its kubeconfig"},
	{Scheduler, PartKey, PathControlPlaneAPI, ProgramScheduler, "", "client-key-data", "scheduler key", "of its kubeconfig"},
	{Admin, PartCertificate, PathControlPlaneAPI, ProgramKubectl, "", "client-certificate-data", "administrator cert", "of a kubeconfig"},
	{Admin, PartKey, PathControlPlaneAPI, ProgramKubectl, "", "client-key-data", "administrator key", "of a kubeconfig"},
	{Kubelet, PartCertificate, PathControlPlaneAPI, ProgramKubelet, "", "client-certificate-data", "kubelet cert", "of its kubeconfig"},
	{Kubelet, PartKey, PathControlPlaneAPI, ProgramKubelet, "", "client-key-data", "kubelet key", "of its kubeconfig"},
	{Kubelet, PartCertificate, PathAPIKubelet, ProgramKubelet, "", "tlsCertFile", "kubelet cert", ""},
	{Kubelet, PartKey, PathAPIKubelet, ProgramKubelet, "", "tlsPrivateKeyFile", "kubelet key", ""},
	{IngressServer, PartCertificate, PathUsersIdentity, ProgramBrowser, "", "", "ingress server cert", "checks it"},
	{FrontProxyCA, PartCertificate, PathAPIExtension, ProgramAPIServer, "", "--requestheader-client-ca-file", "front proxy CA", ""},
	{FrontProxyCA, PartCertificate, PathAPIExtension, ProgramExtension, "", "--requestheader-client-ca-file", "front proxy CA", "read from the config map extension-apiserver-authentication"},
	{FrontProxyClient, PartCertificate, PathAPIExtension, ProgramAPIServer, "", "--proxy-client-cert-file", "front proxy client cert", ""},
	{FrontProxyClient, PartKey, PathAPIExtension, ProgramAPIServer, "", "--proxy-client-key-file", "front proxy client key", ""},
	{ServiceAccount, PartKey, PathTokens, ProgramAPIServer, "", "--service-account-signing-key-file", "token signing key", ""},
	{ServiceAccount, PartKey, PathTokens, ProgramControllerManager, "", "--service-account-private-key-file", "token signing key", ""},
	{ServiceAccount, PartPublicKey, PathTokens, ProgramAPIServer, "", "--service-account-key-file", "token verification key", ""},
}

// kubeadmManaged are the entries that kubeadm reads, see
// https://kubernetes.io/docs/setup/best-practices/certificates/.
var kubeadmManaged = []ID{
	EtcdCA, EtcdServer, EtcdPeer, EtcdClient, EtcdHealth, KubeCA, APIServer, KubeletClient, ControllerManager,
	Scheduler, Admin, FrontProxyCA, FrontProxyClient, ServiceAccount,
}

func (c Cluster) usesOf(id ID) []Use {
	var own []Use
	for _, u := range uses {
		if u.ID == id.Role() {
			u.ID = id
			own = append(own, u)
		}
	}
	if c.Kubeadm && slices.Contains(kubeadmManaged, id) {
		own = append(own, Use{ID: id, Part: PartKey, Program: ProgramKubeadm, Note: "reads it to renew it"})
	}
	return own
}

// Uses returns every use of every entry: those of Tectonic's tables first, in
// their order, then the others. One entry stands for the kubelets of all nodes.
func (inv Inventory) Uses() []Use {
	var all []Use
	has := inv.IDs()
	for _, u := range uses {
		if slices.ContainsFunc(has, func(id ID) bool { return id.Role() == u.ID }) {
			all = append(all, u)
		}
	}
	return all
}

func (c Cluster) edges() []Edge {
	var kubelet ID
	if len(c.Kubelets) > 0 {
		kubelet = Kubelet
	}
	all := []Edge{
		{PathEtcdPeer, ProgramEtcd, ProgramEtcd, EtcdPeer, EtcdPeer},
		{PathAPIEtcd, ProgramAPIServer, ProgramEtcd, EtcdServer, EtcdClient},
		{PathAPIEtcd, ProgramEtcdctl, ProgramEtcd, EtcdServer, EtcdHealth},
		{PathControlPlaneAPI, ProgramControllerManager, ProgramAPIServer, APIServer, ControllerManager},
		{PathControlPlaneAPI, ProgramScheduler, ProgramAPIServer, APIServer, Scheduler},
		{PathControlPlaneAPI, ProgramKubelet, ProgramAPIServer, APIServer, kubelet},
		{PathControlPlaneAPI, ProgramKubectl, ProgramAPIServer, APIServer, Admin},
		{PathAPIKubelet, ProgramAPIServer, ProgramKubelet, kubelet, KubeletClient},
		{PathConsoleIdentity, ProgramConsole, ProgramDex, IdentityServer, IdentityClient},
		{PathUsersIdentity, ProgramBrowser, ProgramIngress, IngressServer, ""},
		{PathAPIIdentity, ProgramAPIServer, ProgramIngress, IngressServer, ""},
		{PathAPIExtension, ProgramAPIServer, ProgramExtension, "", FrontProxyClient},
	}
	return slices.DeleteFunc(all, func(e Edge) bool {
		id := cmp.Or(e.Server, e.Client)
		return id.Authority() == AuthorityEtcd && len(c.EtcdMembers) == 0 ||
			(id.Authority() == AuthorityIngress || id == IdentityServer) && c.ConsoleHost == ""
	})
}

// refused are the algorithms that a program does not take; it takes the others.
// Browsers are held to the CA/Browser Forum's baseline requirements, kubeadm to
// https://kubernetes.io/docs/reference/config-api/kubeadm-config.v1beta4/.
var refused = map[Program][]Algorithm{
	ProgramBrowser: {Ed25519},
	ProgramKubeadm: {Ed25519},
}

// refusesToken are the algorithms that the API server does not sign tokens with.
var refusesToken = []Algorithm{Ed25519}

// taken reports whether every program of the uses takes the algorithm, and
// which does not.
func taken(a Algorithm, uses []Use) (Program, bool) {
	for _, u := range uses {
		if slices.Contains(refused[u.Program], a) || u.ID == ServiceAccount && slices.Contains(refusesToken, a) {
			return u.Program, false
		}
	}
	return "", true
}
