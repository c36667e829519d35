// Package pki issues, accepts and verifies every certificate that a cluster's
// components use, with any signer, and catches what etcd, kube-apiserver and dex
// accept in silence.
//
//	inventory, err := pki.NewInventory(cluster, pki.InventoryOptions{})
//	bundle, err := pki.Issue(inventory, pki.IssueOptions{Time: now})
//	findings := pki.Verify(bundle, cluster, pki.VerifyOptions{Time: now})
//	written, err := pki.TectonicLayout().Write(ctx, "generated", bundle, pki.WriteOptions{})
//
// An [Inventory] is every certificate as data: who signs it, its subject, its
// names as they follow from the [Cluster], its usages, and which program takes it
// in which flag. A [Bundle] is the certificates and keys themselves, wherever they
// come from. An [Issuer] can sign; a bundle cannot, so that material that somebody
// else signed is as good as our own.
//
// Everything but [Layout.Write] is pure: it does no I/O, and reads no clock; the
// time is a field of the options. Keys and serial numbers come from the system's
// randomness.
//
// # Flavours
//
// Every authority can come to be in its own way, and all ways give the same
// bundle and the same outputs:
//
//	self-signed        the zero IssueOptions: Issue makes an authority
//	a given authority  IssueOptions.Provided has its certificate and key
//	any signer         IssueOptions.Issuers has NewIssuer(chain, signer): a key
//	                   management service, a token
//	user-provided      IssueOptions.Provided has the files: ReadFiles, Layout.Read
//	requests           NewRequests, then Accept what came back, then Provided
//
// What is provided is taken as it is, and Issue makes only what it lacks: a second
// run over its own output makes nothing. [Issuer.SignRequest] is the other side of
// a request, which gives its public key and nothing else.
//
// # Keys
//
// ECDSA P-256 is the default: a whole set takes milliseconds, where RSA takes
// seconds. The service-account key is RSA-2048, whose tokens every verifier reads.
// Ed25519 goes where every consumer takes it, which browsers, kubeadm and the
// service-account key do not. A [Key] shows itself nowhere but in [Key.PEM] and
// [Key.Signer].
//
// # The tables of Tectonic
//
// "TLS topology in Tectonic" lists the outputs of its Terraform modules and the
// parameters that take them. [Inventory.Uses] has the same as data, and the rest
// of a cluster behind it. As it is printed, and today:
//
//	output               program         printed                      today
//
//	etcd to etcd
//	etcd_ca_crt_pem      etcd            --peer-trusted-ca            --peer-trusted-ca-file
//	etcd_peer_crt_pem    etcd            --etcd-certfile              --peer-cert-file
//	etcd_peer_key_pem    etcd            --etcd-keyfile               --peer-key-file
//
//	API to etcd
//	etcd_ca_crt_pem      kube-apiserver  --etcd-cafile                the same
//	etcd_client_crt_pem  kube-apiserver  --etcd-certfile              the same
//	etcd_client_key_pem  kube-apiserver  --etcd-keyfile               the same
//	etcd_server_crt_pem  etcd            --cert-file                  the same
//	etcd_server_key_pem  etcd            --key-file                   the same
//
//	control plane to API
//	ca_cert_pem          kube-apiserver  --tls-ca-file                gone
//	apiserver_cert_pem   kube-apiserver  --tls-cert-file              the same
//	apiserver_key_pem    kube-apiserver  --tls-private-key-file       the same
//
//	API to kubelet
//	ca_cert_pem          kubelet         --client-ca-file             authentication.x509.clientCAFile
//	apiserver_cert_pem   kube-apiserver  --kubelect-client-certificate --kubelet-client-certificate
//	apiserver_key_pem    kube-apiserver  --kubelet-client-key         the same
//
//	console to identity
//	client_cert_pem      console         BRIDGE_DEX_CLIENT_CERT_FILE  the same
//	client_key_pem       console         BRIDGE_DEX_CLIENT_KEY_FILE   the same
//	server_key_pem       dex             grpc.tlsKey                  the same
//	server_cert_pem      dex             grpc.tlsCert                 the same
//	ca_cert_pem          dex             grpc.tlsClientCA             the same
//
//	users to identity
//	ca_cert_pem          console         BRIDGE_CA_FILE               the same
//	cert_pem             ingress         --default-ssl-certificate    the same
//	key_pem              ingress         --default-ssl-certificate    the same
//
//	API to identity
//	ca_cert_pem          kube-apiserver  --oidc-ca-file               the same
//
// etcd takes the authority in --trusted-ca-file too, where the table has an empty
// cell. [Outputs] gives the values by these names.
//
// # Where Tectonic's set is wrong today
//
// The default is right, and [CompatTectonic] brings back what is harmless:
//
//	Tectonic                                      here
//	the ingress under the kube authority          an authority of its own; Compat, with pki/ca-shared
//	identity with a common name alone             subject alternative names, always
//	an etcd server that is no client              both usages; Compat, with pki/usage-etcd-gateway
//	key usage keyEncipherment alone               by algorithm; Compat, with pki/usage-no-signature
//	leaves outlive their authority by seconds     never
//	three years                                   one, and ten for authorities; Compat, with pki/time-long
//	one certificate in system:masters for every   one for each node, one for people that a binding
//	node and the administrator                    gives its power; pki/subject-masters where it is read
//	the API server's certificate is the           works still, with a certificate for that alone beside it
//	kubelet client
//	no front proxy, no health check, no component authorities and certificates of their own
//
// # Verifying
//
// [Verify] knows what the programs do. [Behaviors] is the matrix as it was
// run: most defects let a program start, and break it later. Findings name
// the file, the block, the program and what it will do. [Rules] returns all rules.
//
// Reading repairs what it can and says so: a certificate behind its authority is
// put first, and a key that asks for a passphrase is opened if the caller has one.
// The file is still wrong then, and [Verify] warns until it is written anew.
//
// Where the sources disagree or are silent, this is decided: a common name alone is
// an error, for no client of Kubernetes accepts it; sharing an authority is a
// warning for the ingress and an error for etcd and the front proxy, where it gives
// power away; an authority of version 1, and a server's certificate for any usage,
// are warnings, since Go takes them; a serial number is short below 2^40, so that
// the 63 random bits of kubeadm pass; what etcd calls localhost, and the short names
// of the identity service, are issued and not asked for.
//
// # Files
//
// [TectonicLayout] and [KubeadmLayout] read and write a directory: 0600 in 0700,
// each file whole or not at all, keys before certificates and authorities before
// what they signed. A file that holds the same already is left alone, and one that
// holds something else is an error, so that a second run cannot lose what the first
// one wrote. [RenderSVG] draws who trusts whom.
//
// # Renewal and rotation
//
// [Expiries] says what ends when, and what breaks then. [PlanRenewal] issues anew
// what ends soon, what the cluster has outgrown, and what [Verify] finds wrong.
// [PlanRotation] replaces what signs, an authority or the service-account pair:
//
//	plan, err := pki.PlanRotation(inventory, bundle, pki.KubeCA, pki.RotateOptions{Time: now, Begin: true})
//	step := plan.Steps[0]
//	written, err := layout.Write(ctx, dir, step.Bundle, pki.WriteOptions{Replace: step.Changed, Remove: step.Removed})
//
// A step at a time is taken: the next authority is made, trusted beside the one
// that signs, signs, and is trusted alone. Between two steps is a wait, and the
// programs of Readers that do not read their files again are restarted. How far
// the change has come is read from the material, so that planning anew carries on
// whatever an interrupted run left, without Begin; and a plan lists what it would
// break, which for a bundle in order is nothing. [PlanPhases] is the same order for
// keys of any kind.
//
// # Limits
//
// Revocation is not looked at: none of the components does. A bundle under an
// intermediate authority trusts that authority itself, and not its root, which
// signs for others too; leaves carry the chain, so that clients that trust the root
// find their way. Encrypted keys are opened if they use PBES2 with PBKDF2, or
// OpenSSL's old form, with AES or DES; others are named.
package pki
