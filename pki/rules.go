package pki

import (
	"slices"

	"github.com/groundway-sdk/groundway"
)

const (
	codeCluster groundway.Code = "pki/cluster-invalid"

	codeMissing     groundway.Code = "pki/material-missing"
	codeFileSize    groundway.Code = "pki/file-too-large"
	codeFileMode    groundway.Code = "pki/file-mode-wide"
	codeFilePartial groundway.Code = "pki/file-left-over"

	codePEMEmpty     groundway.Code = "pki/pem-empty"
	codePEMBroken    groundway.Code = "pki/pem-block-broken"
	codePEMType      groundway.Code = "pki/pem-type-wrong"
	codePEMKey       groundway.Code = "pki/pem-key-exposed"
	codePEMTrailing  groundway.Code = "pki/pem-trailing-text"
	codePEMOrder     groundway.Code = "pki/pem-order-wrong"
	codePEMDuplicate groundway.Code = "pki/pem-duplicate"
	codePEMHeaders   groundway.Code = "pki/pem-headers"
	codePEMEncoding  groundway.Code = "pki/pem-encoding"

	codeKeyEncrypted   groundway.Code = "pki/key-encrypted"
	codeKeySeveral     groundway.Code = "pki/key-several"
	codeKeyMismatch    groundway.Code = "pki/key-mismatch"
	codeKeyShared      groundway.Code = "pki/key-shared"
	codeKeyUnsupported groundway.Code = "pki/key-unsupported"
	codeWeakKey        groundway.Code = "pki/key-weak"
	codeRSAHorizon     groundway.Code = "pki/key-rsa-horizon"

	codeCALeaf      groundway.Code = "pki/ca-not-authority"
	codeCASign      groundway.Code = "pki/ca-cannot-sign"
	codeCAVersion   groundway.Code = "pki/ca-version-old"
	codeCAShared    groundway.Code = "pki/ca-shared"
	codeCAAmbiguous groundway.Code = "pki/ca-ambiguous"

	codeChainOtherCA    groundway.Code = "pki/chain-other-ca"
	codeChainIncomplete groundway.Code = "pki/chain-incomplete"
	codeChainUntrusted  groundway.Code = "pki/chain-untrusted"
	codeChainPathLen    groundway.Code = "pki/chain-path-length"
	codeChainNames      groundway.Code = "pki/chain-name-constraints"
	codeChainUsage      groundway.Code = "pki/chain-usage"
	codeChainRoot       groundway.Code = "pki/chain-root-included"
	codeChainRefused    groundway.Code = "pki/chain-refused"

	codeNameCommonOnly groundway.Code = "pki/name-common-only"
	codeNameIPAsDNS    groundway.Code = "pki/name-ip-as-dns"
	codeNameMissing    groundway.Code = "pki/name-missing"
	codeNameWildcard   groundway.Code = "pki/name-wildcard"
	codeSubject        groundway.Code = "pki/subject-wrong"
	codeSubjectMasters groundway.Code = "pki/subject-masters"

	codeUsageServer    groundway.Code = "pki/usage-no-server"
	codeUsageClient    groundway.Code = "pki/usage-no-client"
	codeUsageGateway   groundway.Code = "pki/usage-etcd-gateway"
	codeUsageSignature groundway.Code = "pki/usage-no-signature"
	codeUsageEncipher  groundway.Code = "pki/usage-key-encipherment"

	codeTimeExpired  groundway.Code = "pki/time-expired"
	codeTimeFuture   groundway.Code = "pki/time-not-yet-valid"
	codeTimePlanned  groundway.Code = "pki/time-ends-before-plan"
	codeTimeOutlives groundway.Code = "pki/time-outlives-ca"
	codeTimeSoon     groundway.Code = "pki/time-expires-soon"
	codeTimeLong     groundway.Code = "pki/time-long"
	codeTimeCALong   groundway.Code = "pki/time-ca-long"
	codeTimeFresh    groundway.Code = "pki/time-fresh"

	codeWeakSignature   groundway.Code = "pki/signature-weak"
	codeSerialDuplicate groundway.Code = "pki/serial-duplicate"
	codeSerialShort     groundway.Code = "pki/serial-short"
	codeKeyID           groundway.Code = "pki/key-id-mismatch"
)

// Rules returns the rules of the package in the order of its documentation. None
// needs an IAM action: what is unseen are files that could not be read, and a
// time that was not given.
func Rules() []groundway.Rule {
	list := make([]groundway.Rule, len(rules))
	for i, r := range rules {
		list[i] = r.Rule
		list[i].DependsOn = slices.Clone(r.DependsOn)
	}
	return list
}

// A rule also says what to do about a failure.
type rule struct {
	groundway.Rule
	action string
}

func ruleOf(code groundway.Code) rule {
	return rules[slices.IndexFunc(rules, func(r rule) bool { return r.Code == code })]
}

const since = "0.1.0"

// The pages that rules rest on.
const (
	pagePEM        = "https://www.rfc-editor.org/rfc/rfc7468"
	pageProfile    = "https://www.rfc-editor.org/rfc/rfc5280"
	pageNames      = "https://go.dev/doc/go1.15#commonname"
	pageKubernetes = "https://kubernetes.io/docs/setup/best-practices/certificates/"
	pageNode       = "https://kubernetes.io/docs/reference/access-authn-authz/node/"
	pageRBAC       = "https://kubernetes.io/docs/concepts/security/rbac-good-practices/"
	pageProxy      = "https://kubernetes.io/docs/tasks/extend-kubernetes/configure-aggregation-layer/"
	pageEtcd       = "https://etcd.io/docs/v3.6/op-guide/security/"
	pageKeyLength  = "https://csrc.nist.gov/pubs/sp/800/57/pt1/r5/final"
	pageECUsage    = "https://www.rfc-editor.org/rfc/rfc8813"
	pageBaseline   = "https://cabforum.org/working-groups/server/baseline-requirements/requirements/"
)

// The rules on which others rest.
var (
	afterCluster = []groundway.Code{codeCluster}
	afterRead    = []groundway.Code{
		codeCluster, codeMissing, codeFileSize, codePEMEmpty, codePEMBroken, codePEMType, codePEMKey, codeKeyEncrypted,
	}
	afterCA    = append(slices.Clone(afterRead), codeCALeaf, codeCASign)
	afterChain = append(slices.Clone(afterCA), codeChainOtherCA, codeChainIncomplete, codeChainUntrusted)
	afterNames = append(slices.Clone(afterRead), codeNameCommonOnly, codeNameIPAsDNS)
	afterTime  = append(slices.Clone(afterRead), codeTimeExpired)
)

func newRule(code groundway.Code, severity groundway.Severity, page string, after []groundway.Code, title, doc, action string) rule {
	return rule{groundway.Rule{
		Code: code, Title: title, Doc: doc + " " + page, Severity: severity, Since: since, DependsOn: after,
	}, action}
}

const (
	failure = groundway.Error
	caution = groundway.Warning
)

// rules are in the order in which a reader would look: what is found first
// explains what comes later. The order of the names is theirs too.
var rules = []rule{
	newRule(codeCluster, failure, pageProfile, nil, "The names of the cluster are ones that a certificate can hold",
		"What certificates have to say is computed from the cluster, and this field gives nothing to compute it from.",
		"Correct the field."),

	// files
	newRule(codeMissing, failure, pageKubernetes, afterCluster, "Every certificate and key of the inventory is there",
		"A component that takes the file does not start without it.",
		"Provide the file, or let the authority of the entry issue it."),
	newRule(codeFileSize, failure, pagePEM, afterCluster, "Every file is of a size that certificates have",
		"A file of this size holds something else than certificates and keys, and was not read.",
		"Put the certificate or key alone into the file."),
	newRule(codeFileMode, caution, pageKubernetes, afterCluster, "Only their owner can read private keys",
		"Whoever can read the key can be whom the certificate names, and no log shows it.",
		"Let only the owner read the file."),
	newRule(codeFilePartial, caution, pageKubernetes, afterCluster, "No interrupted run left files behind",
		"A run that wrote this directory was interrupted: the file may hold a private key, and the files of one entry may not belong together.",
		"Write the bundle again, then remove the file."),
	newRule(codePEMEmpty, failure, pagePEM, afterCluster, "Every file holds what its place asks for",
		"The components read PEM text, and find nothing here that they could take.",
		"Put the certificate or key into the file in PEM form."),
	newRule(codePEMBroken, failure, pagePEM, afterCluster, "Every PEM block can be read",
		"Some components refuse the file for such a block, and others pass over it without a word.",
		"Replace the block by the whole one, or take it out."),
	newRule(codePEMType, failure, pagePEM, afterCluster, "Every PEM block is of the type that its place asks for",
		"Components pass over blocks of other types, and then lack what they hold.",
		"Put a block of the type that is asked for into the file."),
	newRule(codePEMKey, failure, pagePEM, afterCluster, "No private key stands in a file of certificates",
		"Files of certificates are handed out: to clients, into config maps, into kubeconfigs. A key among them is no longer private.",
		"Take the key out of the file, and issue the certificate anew with another key."),
	newRule(codePEMTrailing, failure, pagePEM, afterCluster, "Nothing stands behind the last PEM block",
		"Text behind the last block is what is left of a block that was cut off or pasted wrongly; readers pass over it without a word.",
		"Take the text out, or complete the block that it belongs to."),
	newRule(codePEMOrder, caution, pagePEM, afterCluster, "The certificate stands first in its file, and each of its chain before its issuer",
		"Components take the first certificate for their own, and some clients read the chain in its order. The bundle has the right one; the file has not.",
		"Write the certificate first, then its issuers."),
	newRule(codePEMDuplicate, caution, pagePEM, afterCluster, "No certificate stands twice in a file",
		"A certificate that stands twice is sent twice with every handshake, and hides that another one may be missing.",
		"Take the second one out."),
	newRule(codePEMHeaders, caution, pagePEM, afterCluster, "No certificate has PEM headers",
		"Kubernetes and dex pass over an authority with headers without a word, and etcd reads it.",
		"Take the headers out."),
	newRule(codePEMEncoding, caution, pagePEM, afterCluster, "Files are plain text",
		"A byte order mark hides the first block from programs written in Go, and line ends of Windows survive into config maps and kubeconfigs.",
		"Save the file as plain text with line feeds alone."),

	// keys
	newRule(codeKeyEncrypted, failure, pageKubernetes, afterCluster, "No private key asks for a passphrase",
		"No component can ask for a passphrase.",
		"Decrypt the key, and protect the file by its mode."),
	newRule(codeKeySeveral, failure, pagePEM, afterCluster, "Every key file holds one private key",
		"Components take the first key and pass over the others, and nobody knows which one the next tool takes.",
		"Leave the key that the certificate was made for."),
	newRule(codeKeyMismatch, failure, pageProfile, afterRead, "Every key belongs to its certificate",
		"A component cannot prove that it is whom the certificate names.",
		"Provide the key that the certificate was made for, or issue the certificate anew."),
	newRule(codeKeyShared, caution, pageProfile, append(slices.Clone(afterRead), codeCALeaf), "No two entries share a key",
		"Whoever gets at one of them can be the other as well.",
		"Give each entry a key of its own."),
	newRule(codeWeakKey, failure, pageKeyLength, afterRead, "Every key is strong",
		"Keys of this kind can be broken, or are refused by the libraries that components are built with.",
		"Issue the certificate anew with an ECDSA P-256 key, or an RSA key of 2048 bits at least."),
	newRule(codeRSAHorizon, caution, pageKeyLength, afterRead, "No authority with an RSA-2048 key is to last beyond 2030",
		"NIST allows keys of 112 bits of security until the end of 2030, and this authority is to last longer.",
		"Make the authority anew with a stronger key, or let it end in 2030."),
	newRule(codeKeyUnsupported, failure, pageKubernetes, afterRead, "Every consumer takes the algorithm of the key",
		"One of the programs that read this key, or check its signatures, does not know the algorithm.",
		"Use a key of an algorithm that every consumer takes: ECDSA P-256, or RSA for the service-account key."),

	// authorities
	newRule(codeCALeaf, failure, pageProfile, afterRead, "What is trusted as an authority is one",
		"A certificate without the authority flag vouches for nobody but itself.",
		"Provide the certificate of the authority that signed the others, not one that it signed."),
	newRule(codeCASign, failure, pageProfile, append(slices.Clone(afterRead), codeCALeaf), "Every authority may sign certificates",
		"The key usage of the authority leaves out keyCertSign, and nothing that it signed is accepted.",
		"Make the authority's certificate anew with keyCertSign."),
	newRule(codeCAVersion, caution, pageProfile, append(slices.Clone(afterRead), codeCALeaf), "No authority is of version 1",
		"A certificate of version 1 cannot say that it is an authority. Go and OpenSSL take one that they are told to trust, and others need not; older openssl x509 -signkey makes them.",
		"Make the authority's certificate anew as version 3 with CA:TRUE, for the same key and subject."),
	newRule(codeCAShared, caution, pageKubernetes, afterRead, "No authority serves for two purposes",
		"Whoever has a certificate for the one purpose is accepted for the other: with etcd's, any client of Kubernetes reads all of etcd; with the front proxy's, any client can name the user it wants to be.",
		"Make an authority of its own for each purpose."),
	newRule(codeCAAmbiguous, caution, pageProfile, afterRead, "Authorities can be told apart",
		"Two authorities have one subject and no key identifier: some libraries try only one of them.",
		"Give the authorities different subjects, or subject key identifiers."),

	// chains
	newRule(codeChainOtherCA, failure, pageKubernetes, afterCA, "Every certificate is signed by its own authority",
		"The certificate is signed by another authority of the cluster, which those who check it here do not trust.",
		"Have the certificate signed by the authority of its entry."),
	newRule(codeChainIncomplete, failure, pageProfile, append(slices.Clone(afterCA), codeChainOtherCA), "No certificate between an entry and its authority is missing",
		"Whoever checks the certificate knows the authority at the end of the chain, and cannot find the way to it.",
		"Put the missing certificates behind the first one in its file."),
	newRule(codeChainUntrusted, failure, pageProfile, append(slices.Clone(afterCA), codeChainOtherCA, codeChainIncomplete), "Every certificate leads to its authority",
		"Those who check the certificate do not trust whoever signed it, and refuse the connection.",
		"Provide the authority that signed the certificate, or have the certificate signed by the one that is trusted."),
	newRule(codeChainPathLen, failure, pageProfile, afterChain, "No chain is longer than its authorities allow",
		"An authority of the chain limits how many others may stand below it.",
		"Have the certificate signed by an authority that is nearer to the root, or make one without that limit."),
	newRule(codeChainNames, failure, pageProfile, afterChain, "The authorities may vouch for the names of the cluster",
		"A name constraint of an authority in the chain leaves out a name that the cluster needs, and everybody who checks the chain refuses the certificate.",
		"Make an authority whose name constraints hold the names of the cluster."),
	newRule(codeChainUsage, failure, pageProfile, afterChain, "The authorities may vouch for the usages of their certificates",
		"An extended key usage in an authority's certificate limits all that it signs, a root's as well.",
		"Make an authority without extended key usages, or with those that its certificates need."),
	newRule(codeChainRoot, caution, pageProfile, afterChain, "No chain carries its root",
		"Whoever checks the chain has the root already or does not trust it; it only makes every handshake longer.",
		"Take the root out of the file."),

	// names
	newRule(codeNameCommonOnly, failure, pageNames, afterRead, "Every server certificate has subject alternative names",
		"Clients written in Go, which those of Kubernetes are, do not look at the common name.",
		"Issue the certificate anew with subject alternative names."),
	newRule(codeNameIPAsDNS, failure, pageProfile, afterRead, "No address is written as a DNS name",
		"Clients that dial an address compare it with the addresses in the certificate alone.",
		"Issue the certificate anew with the address as an IP name."),
	newRule(codeNameMissing, failure, pageKubernetes, afterNames, "Every server certificate has the names that clients use",
		"Clients that dial the name or address refuse the connection.",
		"Issue the certificate anew with these names."),
	newRule(codeNameWildcard, caution, pageProfile, afterRead, "No certificate has wildcards that the cluster does not need",
		"A wildcard lets whoever has the key be any host of the domain.",
		"Issue the certificate anew with the names that are needed."),
	newRule(codeSubject, failure, pageNode, afterRead, "Subjects are those that Kubernetes knows",
		"The common name is the user and the organizations are the groups: with others the component has no permissions.",
		"Issue the certificate anew with this subject."),
	newRule(codeSubjectMasters, failure, pageRBAC, afterRead, "No standing certificate is in system:masters",
		"The group may do everything, no binding can take that back, and a certificate cannot be revoked: only a new authority ends it.",
		"Issue a certificate for a group of your own, and bind that group to the cluster role cluster-admin."),

	// usages
	newRule(codeUsageServer, failure, pageProfile, afterRead, "Server certificates are for servers",
		"The extended key usages leave out server authentication, and clients refuse the connection.",
		"Issue the certificate anew with serverAuth."),
	newRule(codeUsageClient, failure, pageProfile, afterRead, "Client certificates are for clients",
		"The extended key usages leave out client authentication, and servers refuse the client.",
		"Issue the certificate anew with clientAuth."),
	newRule(codeUsageGateway, failure, pageEtcd, afterRead, "The certificate of etcd's server is for clients too",
		"etcd's own HTTP gateway shows the server certificate as a client, and with client certificates required the server refuses it.",
		"Issue the certificate anew with serverAuth and clientAuth, or run etcd with --enable-grpc-gateway=false."),
	newRule(codeUsageSignature, failure, pageProfile, afterRead, "Keys may sign handshakes",
		"TLS 1.3, and TLS 1.2 with forward secrecy, sign with the key. Go does not look at the bit; OpenSSL refuses such a client, and a server with an elliptic curve in TLS 1.2.",
		"Issue the certificate anew with digitalSignature."),
	newRule(codeUsageEncipher, caution, pageECUsage, afterRead, "Only RSA keys are for enciphering keys",
		"An elliptic curve key cannot encipher a session key, and strict libraries refuse the certificate.",
		"Issue the certificate anew without keyEncipherment."),

	// times
	newRule(codeTimeExpired, failure, pageProfile, afterRead, "Every certificate is valid still",
		"An authority or a certificate that has ended is refused by everybody, however long others in its chain still last; components start with it and say nothing.",
		"Issue the certificate anew."),
	newRule(codeTimeFuture, failure, pageProfile, afterRead, "Every certificate is valid already",
		"Machines refuse a certificate that has not begun, and most components start with it and say nothing.",
		"Wait, correct the clock that it was made with, or issue the certificate anew."),
	newRule(codeTimePlanned, failure, pageProfile, afterTime, "Every certificate lasts beyond the planned date",
		"The installation would end, or the maintenance begin, with a certificate that has ended.",
		"Issue the certificate anew before that date."),
	newRule(codeTimeOutlives, failure, pageProfile, append(slices.Clone(afterChain), codeTimeExpired), "No certificate outlives its authority",
		"When the authority ends so does everything that it signed, on one day and before the dates that the certificates show.",
		"Renew the authority first, then issue the certificate anew."),
	newRule(codeTimeSoon, caution, pageProfile, append(slices.Clone(afterTime), codeTimePlanned), "No certificate ends soon",
		"Certificates that end unnoticed are the most frequent cause of clusters that nobody can reach.",
		"Issue the certificate anew."),
	newRule(codeTimeLong, caution, pageBaseline, afterRead, "No certificate lasts longer than 398 days",
		"A certificate cannot be revoked here: a stolen key is good until the end. Some platforms refuse server certificates that last longer.",
		"Issue certificates for a year at most, and renew them automatically."),
	newRule(codeTimeCALong, caution, pageBaseline, afterRead, "No authority lasts longer than ten years",
		"An authority that outlives those who know how to replace it is replaced in an emergency.",
		"Make authorities for ten years at most."),
	newRule(codeTimeFresh, caution, pageProfile, append(slices.Clone(afterRead), codeTimeFuture), "No certificate has only just begun",
		"On a machine whose clock is slow the certificate is not valid yet.",
		"Let certificates begin ten minutes in the past, or wait."),

	// signatures and identifiers
	newRule(codeWeakSignature, failure, pageKeyLength, afterRead, "Every signature is strong",
		"SHA-1 and MD5 can be forged, and Go refuses certificates that are signed with them.",
		"Have the certificate signed with SHA-256."),
	newRule(codeSerialDuplicate, failure, pageProfile, afterRead, "No two certificates of an authority share a serial number",
		"The issuer and the serial number name a certificate: some libraries take two of one name for the same, or refuse both.",
		"Issue one of them anew."),
	newRule(codeSerialShort, caution, pageBaseline, afterRead, "Serial numbers are drawn at random",
		"A serial number below 2^40 was counted: numbers repeat when the file with the counter is lost, and attacks on the hash function need to guess them.",
		"Issue the certificate anew with a serial number of 64 random bits at least."),
	newRule(codeChainRefused, failure, pageProfile, append(slices.Clone(afterChain),
		codeTimeExpired, codeTimeFuture, codeWeakSignature, codeWeakKey, codeChainPathLen, codeChainNames, codeChainUsage,
		codeUsageServer, codeUsageClient, codeUsageGateway),
		"Every chain is one that Go accepts",
		"The library that most components are built with refuses the chain, for a reason that no other rule has.",
		"Have the certificate signed by an authority whose own certificate is in order."),
	newRule(codeKeyID, caution, pageProfile, afterChain, "Certificates name the key of their authority",
		"The authority key identifier does not fit the authority's certificate: OpenSSL, which looks for the issuer by it, does not find it. One that holds a serial number no longer fits once the authority's certificate is made anew.",
		"Issue the certificate anew under the authority's certificate as it is now."),
}
