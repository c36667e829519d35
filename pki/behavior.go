package pki

import (
	"slices"

	"github.com/groundway-sdk/groundway"
)

// A Defect is something wrong with a certificate, a key or a file, as a program
// meets it.
type Defect string

// The defects.
const (
	DefectNoSAN           Defect = "server certificate with a common name and no subject alternative name"
	DefectTime            Defect = "server certificate expired or not yet valid"
	DefectClientUsageOnly Defect = "server certificate for client authentication only"
	DefectNoUsage         Defect = "server certificate without extended key usage"
	DefectServerUsageOnly Defect = "server certificate for server authentication only, client certificates required"
	DefectWrongSAN        Defect = "server certificate with another name"
	DefectKeyMismatch     Defect = "key of another certificate"
	DefectEncryptedKey    Defect = "encrypted key"
	DefectAuthorityFirst  Defect = "authority before the certificate in its file"
	DefectChain           Defect = "certificate and authority in one file"
	DefectKeyInFile       Defect = "key before the certificate in its file"
	DefectBundle          Defect = "several authorities in one file, or one twice"
	DefectGarbage         Defect = "client authority that is no PEM"
	DefectBrokenBlock     Defect = "client authority with a broken block behind a good one"
	DefectNoAuthority     Defect = "client authority that is a leaf or may not sign"
	DefectClientServer    Defect = "client certificate for server authentication only"
	DefectClientNoUsage   Defect = "client certificate without extended key usage"
	DefectSmallRSA        Defect = "certificate with an RSA key of 1024 bits"
	DefectLongRSA         Defect = "certificate with an RSA key of more than 8192 bits"
	DefectOldHash         Defect = "certificate signed with SHA-1 or MD5"
	DefectEd25519Serving  Defect = "server certificate with an Ed25519 key"
	DefectEd25519Signing  Defect = "service-account key of Ed25519"
	DefectSmallSigning    Defect = "service-account key of RSA with 1024 bits"
)

// A Reaction is what a program does with a defect.
type Reaction string

// The reactions.
const (
	Works   Reaction = "works"
	Breaks  Reaction = "breaks"  // it starts, and its peers or clients fail
	Refuses Reaction = "refuses" // it does not start
)

// A Behavior is a cell of the matrix of defects and programs, as it was seen of
// the real program: etcd 3.7.3, kube-apiserver 1.36.3 and dex 2.45.1.
type Behavior struct {
	Defect   Defect
	Program  Program
	Reaction Reaction
	Effect   string // what a person sees; a clause that goes on after the program's name
}

// Behaviors returns what etcd, kube-apiserver and dex do with each defect: most
// of them start, and fail later. Cells that are not known are not listed.
func Behaviors() []Behavior { return slices.Clone(behaviors) }

// The three programs that were run.
var servers = []Program{ProgramDex, ProgramEtcd, ProgramAPIServer}

var behaviors = slices.Concat(
	seen(DefectNoSAN, Breaks, noHandshake, ProgramDex),
	seen(DefectNoSAN, Breaks, "starts, and clients that dial an address refuse the connection", ProgramEtcd),
	seen(DefectNoSAN, Breaks, noGoClient, ProgramAPIServer),
	seen(DefectTime, Breaks, noHandshake, servers...),
	seen(DefectClientUsageOnly, Breaks, noHandshake, servers...),
	seen(DefectNoUsage, Works, "takes it for every use", ProgramDex, ProgramAPIServer),
	seen(DefectNoUsage, Works, "takes it for every use, its gateway included", ProgramEtcd),
	seen(DefectServerUsageOnly, Works, "works", ProgramDex, ProgramAPIServer),
	seen(DefectServerUsageOnly, Breaks, "starts, and its HTTP gateway, which shows the server certificate as a client, fails with code 14", ProgramEtcd),
	seen(DefectWrongSAN, Breaks, noHandshake, servers...),
	seen(DefectKeyMismatch, Refuses, "does not start: it cannot load the pair", servers...),
	seen(DefectEncryptedKey, Refuses, "does not start, and only says that it failed to parse the key", servers...),
	seen(DefectAuthorityFirst, Refuses, "does not start, and says that the key does not match", servers...),
	seen(DefectChain, Works, "works", servers...),
	seen(DefectKeyInFile, Works, "passes over the key", servers...),
	seen(DefectBundle, Works, "trusts all of them", servers...),
	seen(DefectGarbage, Refuses, "does not start", ProgramDex, ProgramAPIServer),
	seen(DefectGarbage, Breaks, "starts without a word, trusts nobody, and refuses every client", ProgramEtcd),
	seen(DefectBrokenBlock, Works, "starts without a word, and does not trust the broken one", ProgramDex),
	seen(DefectBrokenBlock, Refuses, "does not start", ProgramEtcd, ProgramAPIServer),
	seen(DefectNoAuthority, Breaks, "starts, and refuses every client", servers...),
	seen(DefectClientServer, Breaks, "refuses the client in the handshake", ProgramDex, ProgramEtcd),
	seen(DefectClientServer, Breaks, "refuses the client", ProgramAPIServer),
	seen(DefectClientNoUsage, Works, "takes it", servers...),
	seen(DefectSmallRSA, Breaks, "starts, and clients that use OpenSSL refuse the connection", servers...),
	seen(DefectLongRSA, Breaks, noGoClient, servers...),
	seen(DefectOldHash, Breaks, noGoClient, servers...),
	seen(DefectEd25519Serving, Works, "works", servers...),
	seen(DefectEd25519Signing, Refuses, "does not start", ProgramAPIServer),
	seen(DefectSmallSigning, Works, "takes it, weak as it is", ProgramAPIServer),
)

const (
	noHandshake = "starts, and its clients refuse the connection"
	noGoClient  = "starts, and clients written in Go refuse the connection"
)

// seen is a row of the matrix for programs that do the same.
func seen(d Defect, r Reaction, effect string, programs ...Program) []Behavior {
	var cells []Behavior
	for _, p := range programs {
		cells = append(cells, Behavior{d, p, r, effect})
	}
	return cells
}

// defectOf says which defect a finding is about. What depends on whether the
// entry is an authority has two rows.
func defectOf(code groundway.Code, e *entry) Defect {
	switch code {
	case codeNameCommonOnly:
		return DefectNoSAN
	case codeTimeExpired, codeTimeFuture:
		if !e.id.IsCA() && e.server() {
			return DefectTime
		}
	case codeUsageServer:
		return DefectClientUsageOnly
	case codeUsageGateway:
		return DefectServerUsageOnly
	case codeNameMissing, codeNameIPAsDNS:
		return DefectWrongSAN
	case codeKeyMismatch:
		if e.id != ServiceAccount && !e.id.IsCA() {
			return DefectKeyMismatch
		}
	case codeKeyEncrypted:
		if !e.id.IsCA() {
			return DefectEncryptedKey
		}
	case codePEMOrder:
		if slices.ContainsFunc(e.material.Faults, func(f Fault) bool { return f.Code == code && f.Block > 0 }) {
			return DefectAuthorityFirst
		}
	case codePEMEmpty:
		if e.id.IsCA() {
			return DefectGarbage
		}
	case codePEMBroken:
		if e.id.IsCA() && len(e.material.Certificates) > 0 {
			return DefectBrokenBlock
		}
	case codeCALeaf, codeCASign:
		return DefectNoAuthority
	case codeUsageClient:
		return DefectClientServer
	case codeWeakKey:
		if e.id != ServiceAccount {
			return DefectSmallRSA
		}
	case codeWeakSignature:
		return DefectOldHash
	case codeKeyUnsupported:
		switch {
		case e.id == ServiceAccount:
			return DefectEd25519Signing
		case e.server() && slices.ContainsFunc(e.keys(), tooLong):
			return DefectLongRSA
		}
	}
	return ""
}
