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

const (
	refusesPair  = "does not start: it cannot load the pair"
	noHandshake  = "starts, and its clients refuse the connection"
	refusedPeers = "starts, and refuses every client"
	misleading   = "does not start, and says that the key does not match"
)

var behaviors = []Behavior{
	{DefectNoSAN, ProgramDex, Breaks, noHandshake},
	{DefectNoSAN, ProgramEtcd, Breaks, "starts, and clients that dial an address refuse the connection"},
	{DefectNoSAN, ProgramAPIServer, Breaks, "starts, and clients written in Go refuse the connection"},
	{DefectTime, ProgramDex, Breaks, noHandshake},
	{DefectTime, ProgramEtcd, Breaks, noHandshake},
	{DefectTime, ProgramAPIServer, Breaks, noHandshake},
	{DefectClientUsageOnly, ProgramDex, Breaks, noHandshake},
	{DefectClientUsageOnly, ProgramEtcd, Breaks, noHandshake},
	{DefectClientUsageOnly, ProgramAPIServer, Breaks, noHandshake},
	{DefectNoUsage, ProgramDex, Works, "takes it for every use"},
	{DefectNoUsage, ProgramEtcd, Works, "takes it for every use, its gateway included"},
	{DefectNoUsage, ProgramAPIServer, Works, "takes it for every use"},
	{DefectServerUsageOnly, ProgramDex, Works, "works"},
	{DefectServerUsageOnly, ProgramEtcd, Breaks, "starts, and its HTTP gateway, which shows the server certificate as a client, fails with code 14"},
	{DefectServerUsageOnly, ProgramAPIServer, Works, "works"},
	{DefectWrongSAN, ProgramDex, Breaks, noHandshake},
	{DefectWrongSAN, ProgramEtcd, Breaks, noHandshake},
	{DefectWrongSAN, ProgramAPIServer, Breaks, noHandshake},
	{DefectKeyMismatch, ProgramDex, Refuses, refusesPair},
	{DefectKeyMismatch, ProgramEtcd, Refuses, refusesPair},
	{DefectKeyMismatch, ProgramAPIServer, Refuses, refusesPair},
	{DefectEncryptedKey, ProgramDex, Refuses, "does not start, and only says that it failed to parse the key"},
	{DefectEncryptedKey, ProgramEtcd, Refuses, "does not start, and only says that it failed to parse the key"},
	{DefectEncryptedKey, ProgramAPIServer, Refuses, "does not start, and only says that it failed to parse the key"},
	{DefectAuthorityFirst, ProgramDex, Refuses, misleading},
	{DefectAuthorityFirst, ProgramEtcd, Refuses, misleading},
	{DefectAuthorityFirst, ProgramAPIServer, Refuses, misleading},
	{DefectChain, ProgramDex, Works, "works"},
	{DefectChain, ProgramEtcd, Works, "works"},
	{DefectChain, ProgramAPIServer, Works, "works"},
	{DefectKeyInFile, ProgramDex, Works, "passes over the key"},
	{DefectKeyInFile, ProgramEtcd, Works, "passes over the key"},
	{DefectKeyInFile, ProgramAPIServer, Works, "passes over the key"},
	{DefectBundle, ProgramDex, Works, "trusts all of them"},
	{DefectBundle, ProgramEtcd, Works, "trusts all of them"},
	{DefectBundle, ProgramAPIServer, Works, "trusts all of them"},
	{DefectGarbage, ProgramDex, Refuses, "does not start"},
	{DefectGarbage, ProgramEtcd, Breaks, "starts without a word, trusts nobody, and refuses every client"},
	{DefectGarbage, ProgramAPIServer, Refuses, "does not start"},
	{DefectBrokenBlock, ProgramDex, Works, "starts without a word, and does not trust the broken one"},
	{DefectBrokenBlock, ProgramEtcd, Refuses, "does not start"},
	{DefectBrokenBlock, ProgramAPIServer, Refuses, "does not start"},
	{DefectNoAuthority, ProgramDex, Breaks, refusedPeers},
	{DefectNoAuthority, ProgramEtcd, Breaks, refusedPeers},
	{DefectNoAuthority, ProgramAPIServer, Breaks, refusedPeers},
	{DefectClientServer, ProgramDex, Breaks, "refuses the client in the handshake"},
	{DefectClientServer, ProgramEtcd, Breaks, "refuses the client in the handshake"},
	{DefectClientServer, ProgramAPIServer, Breaks, "refuses the client"},
	{DefectClientNoUsage, ProgramDex, Works, "takes it"},
	{DefectClientNoUsage, ProgramEtcd, Works, "takes it"},
	{DefectClientNoUsage, ProgramAPIServer, Works, "takes it"},
	{DefectSmallRSA, ProgramDex, Breaks, "starts, and clients that use OpenSSL refuse the connection"},
	{DefectSmallRSA, ProgramEtcd, Breaks, "starts, and clients that use OpenSSL refuse the connection"},
	{DefectSmallRSA, ProgramAPIServer, Breaks, "starts, and clients that use OpenSSL refuse the connection"},
	{DefectOldHash, ProgramDex, Breaks, "starts, and clients written in Go refuse the connection"},
	{DefectOldHash, ProgramEtcd, Breaks, "starts, and clients written in Go refuse the connection"},
	{DefectOldHash, ProgramAPIServer, Breaks, "starts, and clients written in Go refuse the connection"},
	{DefectEd25519Serving, ProgramDex, Works, "works"},
	{DefectEd25519Serving, ProgramEtcd, Works, "works"},
	{DefectEd25519Serving, ProgramAPIServer, Works, "works"},
	{DefectEd25519Signing, ProgramAPIServer, Refuses, "does not start"},
	{DefectSmallSigning, ProgramAPIServer, Works, "takes it, weak as it is"},
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
		if e.id == ServiceAccount {
			return DefectEd25519Signing
		}
	}
	return ""
}
