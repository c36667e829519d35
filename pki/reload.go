package pki

import "slices"

// reloads are the fields whose files a program reads again without a restart, as
// it was seen of etcd 3.7.3 and kube-apiserver 1.36.3. The others are read once,
// or nobody has looked: a restart never does harm.
var reloads = map[Program][]string{
	ProgramEtcd: {"--cert-file", "--key-file", "--peer-cert-file", "--peer-key-file"},
	ProgramAPIServer: {
		"--tls-cert-file", "--tls-private-key-file", "--client-ca-file", "--requestheader-client-ca-file",
		"--etcd-certfile", "--etcd-keyfile", "--kubelet-client-certificate", "--kubelet-client-key",
		"--proxy-client-cert-file", "--proxy-client-key-file",
	},
}

// Reloads reports whether the program takes a new file without a restart. What
// it says no of has to be restarted: dex, for one, does not see the files of a
// Kubernetes secret change.
func (u Use) Reloads() bool { return slices.Contains(reloads[u.Program], u.Field) }
