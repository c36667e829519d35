package pki

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
)

// A Layout says which file of a directory holds which part of a bundle.
type Layout struct {
	Name  string // "tectonic"
	Files []LayoutFile
}

// A LayoutFile is one file of a layout.
type LayoutFile struct {
	Path string // with slashes, below the directory; {node} stands for the name of a kubelet's node
	ID   ID     // [Kubelet] for the files of nodes
	Part Part
}

// TectonicLayout returns the directory that Tectonic's installer generates,
// with files beside them for what it only puts into Kubernetes secrets or does
// not have. tls/kubelet.crt and tls/kubelet.key are read, so that [Verify] sees
// the certificate that all nodes shared, and never written.
func TectonicLayout() Layout { return newLayout("tectonic", tectonicPaths) }

// KubeadmLayout returns the directory /etc/kubernetes/pki of kubeadm, see
// https://kubernetes.io/docs/setup/best-practices/certificates/, with files
// beside them for what kubeadm only puts into kubeconfigs or does not have.
func KubeadmLayout() Layout { return newLayout("kubeadm", kubeadmPaths) }

// paths are without the extension: .crt, .key and .pub.
var tectonicPaths = map[ID]string{
	EtcdCA: "tls/etcd-client-ca", EtcdServer: "tls/etcd/server", EtcdPeer: "tls/etcd/peer",
	EtcdClient: "tls/etcd-client", EtcdHealth: "tls/etcd/healthcheck-client",
	KubeCA: "tls/ca", APIServer: "tls/apiserver", KubeletClient: "tls/apiserver-kubelet-client",
	ControllerManager: "tls/controller-manager", Scheduler: "tls/scheduler", Admin: "tls/admin",
	Kubelet: "tls/kubelet", Kubelet + "/{node}": "tls/kubelet/{node}",
	IdentityServer: "tls/identity-grpc-server", IdentityClient: "tls/identity-grpc-client",
	IngressCA: "tls/ingress-ca", IngressServer: "tls/ingress",
	FrontProxyCA: "tls/front-proxy-ca", FrontProxyClient: "tls/front-proxy-client",
	ServiceAccount: "tls/service-account",
}

var kubeadmPaths = map[ID]string{
	EtcdCA: "etcd/ca", EtcdServer: "etcd/server", EtcdPeer: "etcd/peer",
	EtcdClient: "apiserver-etcd-client", EtcdHealth: "etcd/healthcheck-client",
	KubeCA: "ca", APIServer: "apiserver", KubeletClient: "apiserver-kubelet-client",
	ControllerManager: "controller-manager", Scheduler: "scheduler", Admin: "admin",
	Kubelet + "/{node}": "kubelet/{node}",
	IdentityServer:      "identity/server", IdentityClient: "identity/client",
	IngressCA: "ingress/ca", IngressServer: "ingress/server",
	FrontProxyCA: "front-proxy-ca", FrontProxyClient: "front-proxy-client",
	ServiceAccount: "sa",
}

// newLayout puts authorities first and keys before certificates: the order in
// which files are written.
func newLayout(name string, paths map[ID]string) Layout {
	l := Layout{Name: name}
	for _, id := range allIDs {
		of, isNext := id.base()
		path, ok := paths[of]
		if !ok {
			continue
		}
		if isNext {
			path += "-next"
		}
		l.Files = append(l.Files, LayoutFile{path + ".key", id, PartKey})
		if of == ServiceAccount {
			l.Files = append(l.Files, LayoutFile{path + ".pub", id, PartPublicKey})
		} else {
			l.Files = append(l.Files, LayoutFile{path + ".crt", id, PartCertificate})
		}
	}
	return l
}

// allIDs are the entries in the order of the inventory, authorities first, and
// what is to take their place before them.
var allIDs = []ID{
	EtcdCA.Next(), EtcdCA, KubeCA.Next(), KubeCA, IngressCA.Next(), IngressCA, FrontProxyCA.Next(), FrontProxyCA,
	EtcdServer, EtcdPeer, EtcdClient, EtcdHealth,
	APIServer, KubeletClient, ControllerManager, Scheduler, Admin, Kubelet, Kubelet + "/{node}", IdentityServer, IdentityClient,
	IngressServer, FrontProxyClient, ServiceAccount.Next(), ServiceAccount,
}

// Path returns the file of a part, or "" where the layout has none.
func (l Layout) Path(id ID, part Part) string {
	node, perNode := id.node()
	for _, f := range l.Files {
		if f.Part != part {
			continue
		}
		if f.ID == id {
			return f.Path
		}
		if perNode && f.ID == Kubelet+"/{node}" {
			return strings.ReplaceAll(f.Path, "{node}", node)
		}
	}
	return ""
}

type output struct{ module, name string }

// outputs are the modules and names of the outputs of Tectonic's Terraform
// modules, without the part: _crt_pem or _cert_pem, and _key_pem.
var outputs = map[ID]output{
	EtcdCA: {"etcd", "etcd_ca_crt"}, EtcdServer: {"etcd", "etcd_server_crt"}, EtcdPeer: {"etcd", "etcd_peer_crt"},
	EtcdClient: {"etcd", "etcd_client_crt"}, EtcdHealth: {"etcd", "etcd_health_crt"},
	KubeCA: {"kube", "ca_cert"}, APIServer: {"kube", "apiserver_cert"}, KubeletClient: {"kube", "kubelet_client_cert"},
	ControllerManager: {"kube", "controller_manager_cert"}, Scheduler: {"kube", "scheduler_cert"},
	Admin: {"kube", "admin_cert"}, Kubelet: {"kube", "kubelet_cert"},
	IdentityServer: {"identity", "server_cert"}, IdentityClient: {"identity", "client_cert"},
	IngressCA: {"ingress", "ca_cert"}, IngressServer: {"ingress", "cert"},
	FrontProxyCA: {"front-proxy", "ca_cert"}, FrontProxyClient: {"front-proxy", "client_cert"},
	ServiceAccount: {"kube", "service_account_cert"},
}

func outputOf(id ID, part Part) output {
	o := outputs[id.Role()]
	base, kind := o.name, "cert"
	if b, ok := strings.CutSuffix(base, "crt"); ok {
		base, kind = b, "crt"
	} else {
		base = strings.TrimSuffix(base, "cert")
	}
	switch part {
	case PartKey:
		kind = "key"
	case PartPublicKey:
		kind = "pub"
	}
	if o.name == "" {
		return output{}
	}
	return output{o.module, base + kind + "_pem"}
}

// An Output is a part of a bundle under the name that Tectonic's Terraform
// modules give it. Every flavour has the same outputs.
type Output struct {
	Module string // "etcd"; the identity module's ca_cert_pem is that of kube
	Name   string // "etcd_ca_crt_pem"
	ID     ID
	Part   Part
	// Value is PEM text. Certificates are secrets here too, so that a printed
	// list of outputs shows no value at all; it is empty for a key that is not in
	// this process.
	Value groundway.Secret
}

// Outputs returns what the bundle has, in the order of the entries. The kubelets
// of nodes are not among them, for an output has one value, and neither is what
// nobody reads yet, see [ID.Next].
func Outputs(b Bundle) ([]Output, error) {
	var all []Output
	for _, m := range b.sorted() {
		_, perNode := m.ID.node()
		_, isNext := m.ID.base()
		if perNode || isNext {
			continue
		}
		for _, part := range []Part{PartCertificate, PartKey, PartPublicKey} {
			value, err := m.PEM(part)
			if err != nil {
				return nil, fmt.Errorf("output %s of %s: %w", part, m.ID, err)
			}
			if m.has(part) {
				o := outputOf(m.ID, part)
				all = append(all, Output{o.module, o.name, m.ID, part, value})
			}
		}
	}
	return all, nil
}

// partialSuffix ends the names of files that are being written.
const partialSuffix = ".partial"

// Read reads a directory of this layout. A file that does not exist leaves its
// part out; one that cannot be read, or holds something else, is recorded in the
// bundle for [Verify] to report. Only a directory that cannot be listed is an
// error. Files of names that the layout does not know are passed over.
func (l Layout) Read(fsys fs.FS, o ReadOptions) (Bundle, error) {
	if _, err := fs.Stat(fsys, "."); err != nil {
		return Bundle{}, fmt.Errorf("read %s layout: %w", l.Name, err)
	}
	var files []File
	for _, f := range l.Files {
		if dir, pattern, ok := strings.Cut(f.Path, "{node}"); ok {
			nodes, err := readNodes(fsys, f, strings.TrimSuffix(dir, "/"), pattern)
			if err != nil {
				return Bundle{}, fmt.Errorf("read %s layout: %w", l.Name, err)
			}
			files = append(files, nodes...)
		} else if file, ok := readFile(fsys, f.Path, f.ID, f.Part); ok {
			files = append(files, file)
		}
	}
	b := ReadFiles(files, o)
	b.Leftovers = leftovers(fsys)
	return b, nil
}

// readNodes reads the files of a directory that are named after nodes. Which
// nodes there are shows in the directory alone, so that it has to be readable.
func readNodes(fsys fs.FS, f LayoutFile, dir, suffix string) ([]File, error) {
	entries, err := fs.ReadDir(fsys, dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var files []File
	for _, e := range entries {
		node, ok := strings.CutSuffix(e.Name(), suffix)
		if !ok || node != strings.ToLower(node) || whyNoHost(node) != "" {
			continue
		}
		if file, ok := readFile(fsys, dir+"/"+e.Name(), KubeletOf(node), f.Part); ok {
			files = append(files, file)
		}
	}
	return files, nil
}

// readFile reads one byte more than the limit, so that what is too long shows.
func readFile(fsys fs.FS, path string, id ID, part Part) (File, bool) {
	file := File{ID: id, Part: part, Name: path}
	info, err := fs.Stat(fsys, path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return file, false
	case err != nil:
		file.Err = err
		return file, true
	case !info.Mode().IsRegular():
		file.Err = fmt.Errorf("read %q: is %s", path, map[bool]string{true: "a directory", false: "not a file"}[info.IsDir()])
		return file, true
	}
	file.Mode, file.Size = info.Mode(), info.Size()
	if info.Size() > MaxFileSize {
		return file, true
	}
	file.Data, file.Err = fs.ReadFile(fsys, path)
	return file, true
}

// leftovers finds what an interrupted [Layout.Write] left behind.
func leftovers(fsys fs.FS) []string {
	var names []string
	_ = fs.WalkDir(fsys, ".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return nil // a directory that is closed to us is not ours
		case d.IsDir() && strings.Count(path, "/") >= 3:
			return fs.SkipDir
		case !d.IsDir() && strings.HasPrefix(d.Name(), ".") && strings.HasSuffix(d.Name(), partialSuffix):
			names = append(names, path)
		}
		return nil
	})
	slices.Sort(names)
	return names
}

func compareIDs(a, b ID) int {
	return cmp.Or(cmp.Compare(orderOf(a), orderOf(b)), cmp.Compare(a, b))
}

// orderOf puts authorities first, then the entries as the inventory has them,
// and what it does not have last.
func orderOf(id ID) int {
	if _, perNode := id.node(); perNode {
		return slices.Index(allIDs, Kubelet+"/{node}")
	}
	if i := slices.Index(allIDs, id); i >= 0 {
		return i
	}
	return len(allIDs)
}
