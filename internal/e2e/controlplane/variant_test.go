package controlplane_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/pki"
)

// A variant is one way to have a defect.
type variant struct {
	defect pki.Defect // empty where the SDK lists none
	name   string
	harm   func(v victim)
	// etcd, dex and api say what the programs do; nil where the defect is none of
	// theirs.
	etcd, dex, api *cell
	// code is what Verify says about the files.
	code groundway.Code
	// openSSL says that the client is openssl's.
	openSSL bool
	// repaired says that Read puts it right, and Write the files.
	repaired bool
	// stricter says that Verify stops an installation even where the program
	// works.
	stricter bool
	// address says that clients reach the server by its address.
	address bool
	// elsewhere says that the file is not one that the program is given, so that
	// Verify tells of those who are.
	elsewhere bool
}

// A cell is what a program really does, and what it, or its client, says of it.
type cell struct {
	reaction pki.Reaction
	says     string
}

var works = &cell{pki.Works, ""}

func breaks(says string) *cell { return &cell{pki.Breaks, says} }

func refuses(says string) *cell { return &cell{pki.Refuses, says} }

// What the programs say.
const (
	mismatch     = "does not match public key" // and where the types differ, its type
	unreadable   = "tls: failed to parse private key"
	wrongUsage   = "x509: certificate specifies an incompatible key usage"
	unknownCA    = "tls: unknown certificate authority"
	unauthorized = "401 Unauthorized"
)

var variants = []variant{
	{
		defect: pki.DefectNoSAN, name: "common name alone",
		harm: func(v victim) {
			v.reissue(v.server, func(c *x509.Certificate) {
				c.Subject.CommonName, c.DNSNames, c.IPAddresses = v.name, nil, nil
			})
		},
		etcd: breaks("certificate relies on legacy Common Name field, use SANs instead"),
		dex:  breaks("certificate relies on legacy Common Name field, use SANs instead"),
		api:  breaks("certificate relies on legacy Common Name field, use SANs instead"),
		code: "pki/name-common-only",
	},
	{
		defect: pki.DefectTime, name: "expired",
		harm: func(v victim) {
			v.reissue(v.server, func(c *x509.Certificate) { c.NotBefore, c.NotAfter = hours(-2), hours(-1) })
		},
		etcd: breaks("certificate has expired or is not yet valid"), dex: breaks("certificate has expired or is not yet valid"),
		api: breaks("certificate has expired or is not yet valid"), code: "pki/time-expired",
	},
	{
		defect: pki.DefectTime, name: "not yet valid",
		harm: func(v victim) {
			v.reissue(v.server, func(c *x509.Certificate) { c.NotBefore, c.NotAfter = hours(1), hours(2) })
		},
		etcd: breaks("certificate has expired or is not yet valid"), dex: breaks("certificate has expired or is not yet valid"),
		api: breaks("certificate has expired or is not yet valid"), code: "pki/time-not-yet-valid",
	},
	{
		defect: pki.DefectClientUsageOnly, name: "client authentication alone",
		harm: func(v victim) {
			v.reissue(v.server, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} })
		},
		etcd: breaks(wrongUsage), dex: breaks(wrongUsage), api: breaks(wrongUsage), code: "pki/usage-no-server",
	},
	{
		defect: pki.DefectNoUsage, name: "no extended key usage",
		harm: func(v victim) {
			v.reissue(v.server, func(c *x509.Certificate) { c.ExtKeyUsage = nil })
		},
		etcd: works, dex: works, api: works,
	},
	{
		defect: pki.DefectServerUsageOnly, name: "server authentication alone",
		harm: func(v victim) {
			v.reissue(v.server, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} })
		},
		etcd: breaks(`"code":14`), code: "pki/usage-etcd-gateway",
	},
	{
		defect: pki.DefectServerUsageOnly, name: "server authentication alone, without a gateway",
		harm: func(v victim) {
			v.reissue(v.server, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} })
		},
		dex: works, api: works,
	},
	{
		defect: pki.DefectWrongSAN, name: "another name",
		harm: func(v victim) {
			v.reissue(v.server, func(c *x509.Certificate) { c.DNSNames, c.IPAddresses = []string{"other.example.com"}, nil })
		},
		etcd: breaks("certificate is valid for other.example.com, not " + etcdName),
		dex:  breaks("certificate is valid for other.example.com, not " + identityName),
		api:  breaks("certificate is valid for other.example.com, not " + apiName),
		code: "pki/name-missing",
	},
	{
		defect: pki.DefectWrongSAN, name: "address as a DNS name", address: true,
		harm: func(v victim) {
			v.reissue(v.server, func(c *x509.Certificate) {
				c.DNSNames, c.IPAddresses = append(slices.Clone(c.DNSNames), loopback.String()), nil
			})
		},
		etcd: breaks("because it doesn't contain any IP SANs"), api: breaks("because it doesn't contain any IP SANs"),
		code: "pki/name-ip-as-dns",
	},
	{
		defect: pki.DefectKeyMismatch, name: "another key",
		harm: func(v victim) { v.overwrite(v.key(v.server), read(v.t, v.key(v.client))) },
		etcd: refuses(mismatch), dex: refuses(mismatch), api: refuses(mismatch), code: "pki/key-mismatch",
	},
	{
		defect: pki.DefectEncryptedKey, name: "PKCS 8",
		harm: func(v victim) {
			v.overwrite(v.key(v.server), openssl(v.t, "", "pkcs8", "-topk8", "-in", v.key(v.server), "-passout", "pass:secret"))
		},
		etcd: refuses(unreadable), dex: refuses(unreadable), api: refuses(unreadable), code: "pki/key-encrypted",
	},
	{
		defect: pki.DefectEncryptedKey, name: "SEC 1 with headers",
		harm: func(v victim) {
			v.overwrite(v.key(v.server), openssl(v.t, "", "ec", "-in", v.key(v.server), "-aes256", "-passout", "pass:secret"))
		},
		etcd: refuses(unreadable), dex: refuses(unreadable), api: refuses(unreadable), code: "pki/key-encrypted",
	},
	{
		defect: pki.DefectAuthorityFirst, name: "authority first",
		harm: func(v victim) {
			v.overwrite(v.cert(v.server), slices.Concat(read(v.t, v.cert(v.ca)), read(v.t, v.cert(v.server))))
		},
		etcd: refuses(mismatch), dex: refuses(mismatch), api: refuses(mismatch), code: "pki/pem-order-wrong", repaired: true,
	},
	{
		defect: pki.DefectChain, name: "authority behind",
		harm: func(v victim) {
			v.overwrite(v.cert(v.server), slices.Concat(read(v.t, v.cert(v.server)), read(v.t, v.cert(v.ca))))
		},
		etcd: works, dex: works, api: works,
	},
	{
		defect: pki.DefectKeyInFile, name: "key in the certificate's file",
		harm: func(v victim) {
			v.overwrite(v.cert(v.server), slices.Concat(read(v.t, v.key(v.server)), read(v.t, v.cert(v.server))))
		},
		etcd: works, dex: works, api: works, code: "pki/pem-key-exposed", stricter: true,
	},
	{
		defect: pki.DefectBundle, name: "two authorities, one of them twice",
		harm: func(v victim) {
			own := read(v.t, v.cert(v.ca))
			v.overwrite(v.cert(v.ca), slices.Concat(newAuthority(v.t, "other").file(), own, own))
		},
		etcd: works, dex: works, api: works, code: "pki/pem-duplicate",
	},
	{
		defect: pki.DefectGarbage, name: "no PEM",
		harm: func(v victim) { v.overwrite(v.cert(v.ca), []byte("garbage\n")) },
		etcd: breaks(unknownCA), dex: refuses("failed to parse"), api: refuses("data does not contain any valid RSA or ECDSA certificates"),
		code: "pki/pem-empty",
	},
	{
		defect: pki.DefectBrokenBlock, name: "a broken block behind",
		harm: func(v victim) {
			v.overwrite(v.cert(v.ca), slices.Concat(read(v.t, v.cert(v.ca)), block("CERTIFICATE", []byte("garbage"))))
		},
		etcd: refuses("x509: malformed certificate"), dex: works, api: refuses("x509: malformed certificate"), code: "pki/pem-block-broken", stricter: true,
	},
	{
		defect: pki.DefectBrokenBlock, name: "a broken block before",
		harm: func(v victim) {
			v.overwrite(v.cert(v.ca), slices.Concat(block("CERTIFICATE", []byte("garbage")), read(v.t, v.cert(v.ca))))
		},
		etcd: refuses("x509: malformed certificate"), dex: works, api: refuses("x509: malformed certificate"), code: "pki/pem-block-broken", stricter: true,
	},
	{
		defect: pki.DefectNoAuthority, name: "a leaf",
		harm: func(v victim) { v.overwrite(v.cert(v.ca), read(v.t, v.cert(v.server))) },
		etcd: breaks(unknownCA), dex: breaks(unknownCA), api: breaks(unauthorized), code: "pki/ca-not-authority",
	},
	{
		defect: pki.DefectNoAuthority, name: "an authority that may not sign",
		harm: func(v victim) {
			v.reroot(func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageDigitalSignature })
		},
		etcd: breaks(unknownCA), dex: breaks(unknownCA), api: breaks(unauthorized), code: "pki/ca-cannot-sign",
	},
	{
		defect: pki.DefectClientServer, name: "client for server authentication alone",
		harm: func(v victim) {
			v.reissue(v.client, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} })
		},
		etcd: breaks("tls: bad certificate"), dex: breaks("tls: bad certificate"), api: breaks(unauthorized),
		code: "pki/usage-no-client",
	},
	{
		defect: pki.DefectClientNoUsage, name: "client without extended key usage",
		harm: func(v victim) {
			v.reissue(v.client, func(c *x509.Certificate) { c.ExtKeyUsage = nil })
		},
		etcd: works, dex: works, api: works,
	},
	{
		defect: pki.DefectSmallRSA, name: "RSA of 1024 bits, client of OpenSSL", openSSL: true,
		harm: func(v victim) { v.rekey(v.server, smallKey(v.t)) },
		etcd: breaks("EE certificate key too weak"), dex: breaks("EE certificate key too weak"), api: breaks("EE certificate key too weak"), code: "pki/key-weak",
	},
	{
		defect: pki.DefectSmallRSA, name: "RSA of 768 bits",
		harm: func(v victim) { v.reissueByOpenSSL(v.server, "sha256", "rsa:768") },
		etcd: breaks("tls: internal error"), dex: breaks("tls: internal error"), api: breaks("tls: internal error"), code: "pki/key-weak",
	},
	{
		name: "ECDSA P-224",
		harm: func(v victim) {
			key, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
			require.NoError(v.t, err)
			v.rekey(v.server, key)
		},
		etcd: breaks("tls: handshake failure"), dex: breaks("tls: handshake failure"), api: breaks("tls: handshake failure"), code: "pki/key-weak",
	},
	{
		name: "ECDSA P-521",
		harm: func(v victim) {
			key, err := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
			require.NoError(v.t, err)
			v.rekey(v.server, key)
		},
		etcd: works, dex: works, api: works,
	},
	{
		defect: pki.DefectLongRSA, name: "RSA of 8704 bits",
		harm: func(v victim) { v.rekey(v.server, longKey(v.t)) },
		etcd: breaks("containing RSA key larger than 8192 bits"), dex: breaks("containing RSA key larger than 8192 bits"),
		api: breaks("containing RSA key larger than 8192 bits"), code: "pki/key-unsupported",
	},
	{
		name: "server for any usage",
		harm: func(v victim) {
			v.reissue(v.server, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageAny} })
		},
		etcd: works, dex: works, api: works, code: "pki/usage-no-server",
	},
	{
		name: "certificate in one line",
		harm: func(v victim) {
			v.overwrite(v.cert(v.server), bytes.ReplaceAll(read(v.t, v.cert(v.server)), []byte("\n"), []byte(" ")))
		},
		// etcd serves for a moment before it ends.
		dex: refuses("failed to find any PEM data"), api: refuses("failed to find any PEM data"), code: "pki/pem-block-broken",
	},
	{
		name: "a byte order mark",
		harm: func(v victim) {
			v.overwrite(v.cert(v.server), slices.Concat([]byte("\ufeff"), read(v.t, v.cert(v.server))))
		},
		// etcd serves for a moment before it ends.
		dex: refuses("failed to find any PEM data"), api: refuses("failed to find any PEM data"), code: "pki/pem-encoding", repaired: true,
	},
	{
		name: "authority with headers",
		harm: func(v victim) {
			v.overwrite(v.cert(v.ca), bytes.Replace(read(v.t, v.cert(v.ca)), []byte("-----\n"), []byte("-----\nName: authority\n\n"), 1))
		},
		etcd: works, dex: refuses("failed to parse"), api: refuses("data does not contain any valid RSA or ECDSA certificates"),
		code: "pki/pem-headers", repaired: true,
	},
	{
		name: "authority whose name is in other string types",
		harm: func(v victim) {
			v.reroot(func(c *x509.Certificate) { c.RawSubject = bytes.ReplaceAll(c.RawSubject, []byte{0x13}, []byte{0x0c}) })
		},
		etcd: breaks(unknownCA), dex: breaks(unknownCA), api: breaks(unauthorized), code: "pki/chain-untrusted",
	},
	{
		name: "authority of version 1",
		harm: func(v victim) { v.rerootByOpenSSL() },
		etcd: works, dex: works, api: works, code: "pki/ca-version-old",
	},
	{
		name: "administrator without a common name",
		harm: func(v victim) {
			v.reissue(v.client, func(c *x509.Certificate) { c.Subject.CommonName = "" })
		},
		api: breaks(unauthorized), code: "pki/subject-wrong", elsewhere: true,
	},
	{
		defect: pki.DefectOldHash, name: "SHA-1",
		harm: func(v victim) {
			v.reissue(v.server, func(c *x509.Certificate) { c.SignatureAlgorithm = x509.SHA1WithRSA })
		},
		etcd: breaks("insecure algorithm SHA1-RSA"), dex: breaks("insecure algorithm SHA1-RSA"), api: breaks("insecure algorithm SHA1-RSA"),
		code: "pki/signature-weak",
	},
	{
		defect: pki.DefectOldHash, name: "MD5",
		harm: func(v victim) { v.reissueByOpenSSL(v.server, "md5", "rsa:2048") },
		etcd: breaks("insecure algorithm MD5-RSA"), dex: breaks("insecure algorithm MD5-RSA"), api: breaks("insecure algorithm MD5-RSA"),
		code: "pki/signature-weak",
	},
	{
		name: "authority that signed itself with SHA-1",
		harm: func(v victim) {
			v.reroot(func(c *x509.Certificate) { c.SignatureAlgorithm = x509.SHA1WithRSA })
		},
		etcd: works, dex: works, api: works,
	},
	{
		name: "client expired",
		harm: func(v victim) {
			v.reissue(v.client, func(c *x509.Certificate) { c.NotBefore, c.NotAfter = hours(-2), hours(-1) })
		},
		etcd: breaks("tls: expired certificate"), dex: breaks("tls: expired certificate"), api: breaks(unauthorized),
		code: "pki/time-expired",
	},
	{
		name: "key usage for enciphering keys alone",
		harm: func(v victim) {
			v.reissue(v.server, func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageKeyEncipherment })
		},
		etcd: works, dex: works, api: works, code: "pki/usage-no-signature", stricter: true,
	},
	{
		name: "certificate that outlives its authority",
		harm: func(v victim) {
			v.reissue(v.server, func(c *x509.Certificate) { c.NotAfter = v.authority().cert.NotAfter.Add(time.Hour) })
		},
		etcd: works, dex: works, api: works, code: "pki/time-outlives-ca", stricter: true,
	},
	{
		name: "text behind the last block",
		harm: func(v victim) {
			v.overwrite(v.cert(v.server), slices.Concat(read(v.t, v.cert(v.server)), []byte("text\n")))
		},
		etcd: works, dex: works, api: works, code: "pki/pem-trailing-text", stricter: true,
	},
	{
		defect: pki.DefectEd25519Serving, name: "Ed25519",
		harm: func(v victim) {
			_, key, err := ed25519.GenerateKey(rand.Reader)
			require.NoError(v.t, err)
			v.rekey(v.server, key)
		},
		etcd: works, dex: works, api: works,
	},
	{
		defect: pki.DefectEd25519Signing, name: "tokens signed with Ed25519",
		harm: func(v victim) {
			_, key, err := ed25519.GenerateKey(rand.Reader)
			require.NoError(v.t, err)
			v.sign(key)
		},
		api: refuses("key"), code: "pki/key-unsupported",
	},
	{
		defect: pki.DefectSmallSigning, name: "tokens signed with RSA of 1024 bits",
		harm: func(v victim) { v.sign(smallKey(v.t)) },
		api:  works, code: "pki/key-weak", stricter: true,
	},
}
