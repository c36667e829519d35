package controlplane_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/pki"
)

// Every algorithm that the programs take. Where one of an entry's consumers
// does not take Ed25519 the entry has the default.
func TestSelfSigned(t *testing.T) {
	for _, algorithm := range []pki.Algorithm{pki.ECDSAP256, pki.RSA2048, pki.Ed25519, pki.ECDSAP384} {
		t.Run(algorithm.String(), func(t *testing.T) {
			t.Parallel()
			inventory := inventoryOf(t, algorithm)
			b, err := pki.Issue(inventory, pki.IssueOptions{Time: time.Now()})
			require.NoError(t, err)
			for _, id := range []pki.ID{pki.EtcdServer, pki.EtcdPeer, pki.EtcdClient, pki.APIServer, pki.KubeletClient, pki.IdentityServer, pki.FrontProxyClient} {
				assert.Equal(t, algorithm, b.Materials[id].Key.Algorithm(), id)
			}
			m := written(t, b, pki.KubeadmLayout())
			clean(t, m, inventory)
			opinions(t, m, inventory)
			prove(t, m)
		})
	}
}

// Authorities that may vouch for the cluster's names alone.
func TestNameConstraints(t *testing.T) {
	t.Parallel()
	inventory, err := pki.NewInventory(cluster, pki.InventoryOptions{NameConstraints: true})
	require.NoError(t, err)
	b, err := pki.Issue(inventory, pki.IssueOptions{Time: time.Now()})
	require.NoError(t, err)
	assert.True(t, b.Materials[pki.KubeCA].Certificate().PermittedDNSDomainsCritical)
	m := written(t, b, pki.KubeadmLayout())
	clean(t, m, inventory)
	opinions(t, m, inventory)
	prove(t, m)
}

// The harmless part of Tectonic's set works, but for etcd's gateway.
func TestTectonicSet(t *testing.T) {
	t.Parallel()
	inventory, err := pki.NewInventory(cluster, pki.InventoryOptions{Compat: pki.CompatTectonic})
	require.NoError(t, err)
	b, err := pki.Issue(inventory, pki.IssueOptions{Time: time.Now()})
	require.NoError(t, err)
	m := written(t, b, pki.TectonicLayout())
	members := startEtcd(t, m, 1)
	identity, issuer := startDex(t, m, dexOptions{})
	require.NoError(t, members[0].serves())
	require.NoError(t, identity.serves())
	api := startAPIServer(t, m, members, apiserverOptions{issuer: issuer, allowAll: true})
	require.NoError(t, api.serves())

	client := m.config(t, pki.AuthorityEtcd, etcdName, pki.EtcdClient)
	require.NoError(t, etcdRead(t, members[0].server, client))
	require.ErrorContains(t, etcdGateway(t, members[0].server, client), `"code":14`)
	require.NoError(t, dexVersion(t, identity, m.config(t, pki.AuthorityKube, identityName, pki.IdentityClient)))
	require.NoError(t, serviceAccountToken(t, api, m.config(t, pki.AuthorityKube, apiName, pki.Admin)))
	proveUsers(t, m, api, issuer)

	stopped := blocking(pki.Verify(m.reread(t), cluster, pki.VerifyOptions{Time: time.Now(), Inventory: inventory}))
	assert.ElementsMatch(t, []groundway.Code{"pki/usage-etcd-gateway", "pki/usage-no-signature"}, slices.Collect(maps.Keys(stopped)), "%q", stopped)
}

// A company's authority below a root of its own, made by openssl, signs for
// etcd; the other authorities are self-signed.
func TestAuthorityOfOpenSSL(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "config", []byte(opensslConfig))
	openssl(t, dir, "req", "-x509", "-config", "config", "-extensions", "root", "-newkey", "rsa:3072", "-nodes",
		"-keyout", "root.key", "-out", "root.crt", "-subj", "/O=Example/CN=Example Root", "-days", "3650")
	openssl(t, dir, "req", "-x509", "-config", "config", "-extensions", "issuing", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384", "-nodes",
		"-CA", "root.crt", "-CAkey", "root.key", "-keyout", "issuing.key", "-out", "issuing.crt", "-subj", "/O=Example/CN=Example Issuing", "-days", "1825")

	given := pki.ReadFiles([]pki.File{
		{ID: pki.EtcdCA, Part: pki.PartCertificate, Name: "chain", Data: slices.Concat(read(t, filepath.Join(dir, "issuing.crt")), read(t, filepath.Join(dir, "root.crt")))},
		{ID: pki.EtcdCA, Part: pki.PartKey, Name: "issuing.key", Data: read(t, filepath.Join(dir, "issuing.key"))},
	}, pki.ReadOptions{})
	issuer, err := given.Issuer(pki.AuthorityEtcd)
	require.NoError(t, err)
	inventory := inventoryOf(t, pki.DefaultAlgorithm)
	b, err := pki.Issue(inventory, pki.IssueOptions{Time: time.Now(), Issuers: map[pki.Authority]pki.Issuer{pki.AuthorityEtcd: issuer}})
	require.NoError(t, err)
	assert.True(t, b.Materials[pki.EtcdCA].Key.IsZero(), "the company's key stays with the company")

	m := written(t, b, pki.TectonicLayout())
	assert.NoFileExists(t, m.key(pki.EtcdCA))
	clean(t, m, inventory)
	opinions(t, m, inventory)
	prove(t, m)
}

// The requests are ours, and openssl signs them as a company's authority would.
func TestRequestsSignedByOpenSSL(t *testing.T) {
	t.Parallel()
	inventory := inventoryOf(t, pki.DefaultAlgorithm)
	var provided pki.Bundle
	for _, a := range inventory.Authorities {
		dir := t.TempDir()
		write(t, dir, "config", []byte(opensslConfig))
		openssl(t, dir, "req", "-x509", "-config", "config", "-extensions", "authority", "-newkey", "rsa:2048", "-nodes",
			"-keyout", "ca.key", "-out", "ca.crt", "-subj", subjectOf(a.Subject), "-days", "1825")
		var ids []pki.ID
		for _, c := range inventory.Certificates {
			if c.Authority == a.Name {
				ids = append(ids, c.ID)
			}
		}
		requests, err := pki.NewRequests(inventory, nil, ids...)
		require.NoError(t, err)
		answers := map[pki.ID][]byte{}
		for _, r := range requests {
			write(t, dir, "request", r.PEM())
			answers[r.ID] = openssl(t, dir, "x509", "-req", "-in", "request", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial",
				"-copy_extensions", "copyall", "-extfile", "config", "-extensions", "answer", "-days", "365")
		}
		b, findings := pki.Accept(inventory, requests, read(t, filepath.Join(dir, "ca.crt")), answers, pki.VerifyOptions{Time: time.Now()})
		assert.Empty(t, blocking(findings))
		provided = provided.With(b)
	}
	b, err := pki.Issue(inventory, pki.IssueOptions{Time: time.Now(), Provided: provided})
	require.NoError(t, err)
	m := written(t, b, pki.KubeadmLayout())
	clean(t, m, inventory)
	opinions(t, m, inventory)
	prove(t, m)
}

// Nothing is ours: openssl makes every file from what the inventory says, keys
// in each of their forms.
func TestFilesOfOpenSSL(t *testing.T) {
	t.Parallel()
	inventory := inventoryOf(t, pki.DefaultAlgorithm)
	layout := pki.TectonicLayout()
	m := material{dir: filepath.Join(t.TempDir(), "pki"), layout: layout}
	made := func(path string) string {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		return path
	}
	config := write(t, t.TempDir(), "config", []byte(opensslConfig))
	for _, a := range inventory.Authorities {
		openssl(t, m.dir, "req", "-x509", "-config", config, "-extensions", "authority", "-newkey", "rsa:2048", "-nodes",
			"-keyout", made(m.key(a.Name.CA())), "-out", m.cert(a.Name.CA()), "-subj", subjectOf(a.Subject), "-days", "1825")
	}
	forms := [][]string{
		{"genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"}, // PKCS #8
		{"genrsa", "-traditional", "2048"},                                     // PKCS #1
		{"ecparam", "-name", "secp384r1", "-genkey"},                           // SEC 1, behind its parameters
	}
	for i, c := range inventory.Certificates {
		key := made(m.key(c.ID))
		write(t, filepath.Dir(key), filepath.Base(key), openssl(t, "", forms[i%len(forms)]...))
		var usages, names []string
		if c.Server() {
			usages = append(usages, "serverAuth")
		}
		if c.Client() {
			usages = append(usages, "clientAuth")
		}
		for _, name := range c.DNSNames {
			names = append(names, "DNS:"+name)
		}
		for _, address := range c.Addresses {
			names = append(names, "IP:"+address.String())
		}
		text := opensslConfig + "[leaf]\nbasicConstraints = critical, CA:false\nkeyUsage = critical, digitalSignature\n" +
			"subjectKeyIdentifier = hash\nauthorityKeyIdentifier = keyid:always\nextendedKeyUsage = " + strings.Join(usages, ",") + "\n"
		if len(names) > 0 {
			text += "subjectAltName = " + strings.Join(names, ",") + "\n"
		}
		openssl(t, m.dir, "req", "-x509", "-config", write(t, t.TempDir(), "config", []byte(text)), "-extensions", "leaf", "-key", key,
			"-CA", m.cert(c.Authority.CA()), "-CAkey", m.key(c.Authority.CA()), "-out", m.cert(c.ID), "-subj", subjectOf(c.Subject), "-days", "365")
	}
	openssl(t, m.dir, "genrsa", "-out", made(m.key(pki.ServiceAccount)), "2048")
	openssl(t, m.dir, "rsa", "-in", m.key(pki.ServiceAccount), "-pubout", "-out", m.file(pki.ServiceAccount, pki.PartPublicKey))

	m.bundle = m.reread(t)
	clean(t, m, inventory)
	opinions(t, m, inventory)
	prove(t, m)
	issued, err := pki.Issue(inventory, pki.IssueOptions{Time: time.Now(), Provided: m.bundle})
	require.NoError(t, err)
	assert.Equal(t, m.bundle.IDs(), issued.IDs(), "nothing was missing")
}

// opensslConfig has what openssl would otherwise take from the machine.
const opensslConfig = `
[req]
distinguished_name = none
string_mask = utf8only
[none]
[root]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[issuing]
basicConstraints = critical, CA:true, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always
[authority]
basicConstraints = critical, CA:true, pathlen:0
keyUsage = critical, keyCertSign, cRLSign, digitalSignature
subjectKeyIdentifier = hash
[answer]
basicConstraints = critical, CA:false
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always
`

// subjectOf writes a subject as openssl reads it.
func subjectOf(n pki.Name) string {
	var text strings.Builder
	for _, o := range n.Organizations {
		fmt.Fprintf(&text, "/O=%s", o)
	}
	return text.String() + "/CN=" + n.CommonName
}

func inventoryOf(t *testing.T, algorithm pki.Algorithm) pki.Inventory {
	t.Helper()
	inventory, err := pki.NewInventory(cluster, pki.InventoryOptions{Algorithm: algorithm})
	require.NoError(t, err)
	return inventory
}

// clean requires that nothing blocks in what stands in the files.
func clean(t *testing.T, m material, inventory pki.Inventory) {
	t.Helper()
	assert.Empty(t, blocking(pki.Verify(m.reread(t), cluster, pki.VerifyOptions{Time: time.Now(), Inventory: inventory})))
}

// blocking returns the findings that stop an installation, by code.
func blocking(findings []groundway.Finding) map[groundway.Code]string {
	all := map[groundway.Code]string{}
	for _, f := range findings {
		if f.Blocks() {
			all[f.Code] += f.Subject.String() + ": " + f.Summary + "\n"
		}
	}
	return all
}
