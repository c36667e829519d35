package controlplane_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/pki"
)

// A slot is where a program has its server's certificate, the authority of its
// clients, and a client, so that one defect can be put into each program.
type slot struct {
	program            pki.Program
	server, ca, client pki.ID
	name               string // that clients reach the server by
}

var slots = []slot{
	{pki.ProgramEtcd, pki.EtcdServer, pki.EtcdCA, pki.EtcdClient, etcdName},
	{pki.ProgramDex, pki.IdentityServer, pki.KubeCA, pki.IdentityClient, identityName},
	{pki.ProgramAPIServer, pki.APIServer, pki.KubeCA, pki.Admin, apiName},
}

// A victim is a copy of good material with a defect in one slot.
type victim struct {
	slot
	material
	t *testing.T
}

// TestMatrix runs every cell against the real program: the table here is what it
// did, and what the SDK knows of the cell has to be the same.
func TestMatrix(t *testing.T) {
	t.Parallel()
	// Nobody signs with MD5 and ECDSA.
	inventory, err := pki.NewInventory(cluster, pki.InventoryOptions{
		Algorithms: map[pki.ID]pki.Algorithm{pki.EtcdCA: pki.RSA2048, pki.KubeCA: pki.RSA2048},
	})
	require.NoError(t, err)
	b, err := pki.Issue(inventory, pki.IssueOptions{Time: time.Now()})
	require.NoError(t, err)
	good := written(t, b, pki.KubeadmLayout())
	members := startEtcd(t, good, 1)
	require.NoError(t, members[0].serves())

	tested := map[[2]string]bool{}
	for _, x := range variants {
		for _, s := range slots {
			want := map[pki.Program]*cell{pki.ProgramEtcd: x.etcd, pki.ProgramDex: x.dex, pki.ProgramAPIServer: x.api}[s.program]
			if want == nil {
				continue
			}
			tested[[2]string{string(x.defect), string(s.program)}] = true
			t.Run(x.name+"/"+string(s.program), func(t *testing.T) {
				t.Parallel()
				if x.address {
					s.name = loopback.String()
				}
				v := victim{s, written(t, b, good.layout), t}
				x.harm(v)
				reaction, says := v.run(x.openSSL, members)
				assert.Equal(t, want.reaction, reaction, "%s", says)
				assert.Contains(t, says, want.says)
				known := behaviorOf(x.defect, s.program)
				if assert.Equal(t, x.defect != "", known != nil, "the SDK knows the cell") && known != nil {
					assert.Equal(t, reaction, known.Reaction, "what the SDK knows")
				}
				bundle := v.reread(t)
				agree(t, v, x, reaction, pki.Verify(bundle, cluster, pki.VerifyOptions{Time: time.Now(), Inventory: inventory}))
				if x.repaired {
					_, err := v.layout.Write(t.Context(), v.dir, bundle, pki.WriteOptions{Replace: []pki.ID{s.server, s.ca}})
					require.NoError(t, err)
					reaction, says := v.run(x.openSSL, members)
					assert.Equal(t, pki.Works, reaction, "%s", says)
				}
			})
		}
	}
	for _, known := range pki.Behaviors() {
		assert.True(t, tested[[2]string{string(known.Defect), string(known.Program)}], "%s in %s is not tested", known.Defect, known.Program)
	}
}

// agree requires that Verify names the defect and what the program does with
// it, and stops an installation where the program does not work.
func agree(t *testing.T, v victim, x variant, reaction pki.Reaction, findings []groundway.Finding) {
	t.Helper()
	var named, told, blocks bool
	var failed []string
	known := behaviorOf(x.defect, v.program)
	for _, f := range findings {
		if f.Outcome != groundway.Failed {
			continue
		}
		failed = append(failed, fmt.Sprintf("%s %s %s: %s %s", f.Severity, f.Code, f.Subject, f.Summary, f.Detail))
		named = named || f.Code == x.code
		told = told || f.Code == x.code && (known == nil || strings.Contains(f.Detail, string(v.program)+" "+known.Effect))
		blocks = blocks || f.Blocks()
	}
	if x.code != "" {
		assert.True(t, named, "Verify does not say %s: %q", x.code, failed)
	}
	if reaction != pki.Works && !x.elsewhere {
		assert.True(t, told, "Verify does not say what %s does: %q", v.program, failed)
	}
	// What is repaired while it is read is right in the bundle.
	assert.Equal(t, (reaction != pki.Works || x.stricter) && !x.repaired, blocks, "%s %s: %q", v.program, reaction, failed)
}

func behaviorOf(d pki.Defect, p pki.Program) *pki.Behavior {
	for _, b := range pki.Behaviors() {
		if b.Defect == d && b.Program == p {
			return &b
		}
	}
	return nil
}

// run starts the program on the victim's files and uses it as its clients do.
func (v victim) run(openSSL bool, members []member) (reaction pki.Reaction, says string) {
	v.t.Helper()
	var s server
	switch v.program {
	case pki.ProgramEtcd:
		s = startEtcd(v.t, v.material, 1)[0].server
	case pki.ProgramDex:
		s, _ = startDex(v.t, v.material, dexOptions{})
	case pki.ProgramAPIServer:
		s = startAPIServer(v.t, v.material, members, apiserverOptions{allowAll: true})
	}
	if err := s.serves(); err != nil {
		require.ErrorIs(v.t, err, errEnded)
		return pki.Refuses, s.Output()
	}
	if err := v.use(s, openSSL); err != nil {
		return pki.Breaks, err.Error()
	}
	return pki.Works, s.Output()
}

func (v victim) use(s server, openSSL bool) error {
	v.t.Helper()
	if openSSL {
		return v.useOpenSSL(s)
	}
	config := v.material.config(v.t, v.ca.Authority(), v.name, v.client)
	switch v.program {
	case pki.ProgramEtcd:
		if err := etcdRead(v.t, s, config); err != nil {
			return err
		}
		return etcdGateway(v.t, s, config)
	case pki.ProgramDex:
		return dexVersion(v.t, s, config)
	default:
		who, err := whoAmI(v.t, s, config, nil)
		if err == nil && who.Username != "kubernetes-admin" {
			err = fmt.Errorf("the administrator is %q", who.Username)
		}
		if err == nil {
			err = serviceAccountToken(v.t, s, config)
		}
		return err
	}
}

// useOpenSSL connects as a program does that links OpenSSL.
func (v victim) useOpenSSL(s server) error {
	ctx, cancel := context.WithTimeout(v.t.Context(), 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, "openssl", "s_client", "-connect", address(s.port), "-servername", v.name, "-verify_return_error",
		"-cipher", "DEFAULT@SECLEVEL=2", // the default of OpenSSL 3.2, and of many systems before
		"-CAfile", v.cert(v.ca), "-cert", v.cert(v.client), "-key", v.key(v.client))
	cmd.Stdin = bytes.NewReader(nil)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

// authority is the slot's, with its key.
func (v victim) authority() authority {
	m := v.bundle.Materials[v.ca]
	return authority{m.Certificate(), m.Key.Signer()}
}

// template is the entry's certificate as it is, to be issued again.
func (v victim) template(id pki.ID) *x509.Certificate {
	c := *v.bundle.Materials[id].Certificate()
	return &x509.Certificate{
		SerialNumber: serial(v.t), Subject: pkix.Name{CommonName: c.Subject.CommonName, Organization: c.Subject.Organization},
		NotBefore: c.NotBefore, NotAfter: c.NotAfter, KeyUsage: c.KeyUsage, ExtKeyUsage: c.ExtKeyUsage,
		BasicConstraintsValid: true, DNSNames: c.DNSNames, IPAddresses: c.IPAddresses,
	}
}

// reissue replaces the entry's certificate by one that differs.
func (v victim) reissue(id pki.ID, change func(*x509.Certificate)) {
	template := v.template(id)
	change(template)
	v.overwrite(v.cert(id), v.authority().issue(v.t, template, v.bundle.Materials[id].Key.Signer()).cert)
}

// reissueByOpenSSL does what the standard library refuses to do.
func (v victim) reissueByOpenSSL(id pki.ID, digest, key string) {
	dir, c := v.t.TempDir(), v.template(id)
	names := []string{"IP:" + loopback.String()}
	for _, name := range c.DNSNames {
		names = append(names, "DNS:"+name)
	}
	write(v.t, dir, "config", []byte(opensslConfig+"[leaf]\nkeyUsage = critical, digitalSignature\n"+
		"extendedKeyUsage = serverAuth, clientAuth\nsubjectAltName = "+strings.Join(names, ",")+"\n"))
	write(v.t, dir, "ca.crt", v.authority().file())
	write(v.t, dir, "ca.key", keyFile(v.t, v.authority().key))
	openssl(v.t, dir, "req", "-x509", "-config", "config", "-extensions", "leaf", "-newkey", key, "-nodes", "-"+digest, "-days", "300",
		"-CA", "ca.crt", "-CAkey", "ca.key", "-subj", subjectOf(pki.Name{CommonName: c.Subject.CommonName, Organizations: c.Subject.Organization}),
		"-keyout", v.key(id), "-out", v.cert(id))
}

// reroot replaces the authority's certificate by one that differs, of the same
// key.
func (v victim) reroot(change func(*x509.Certificate)) {
	own := v.authority()
	template := *own.cert
	template.SerialNumber, template.SignatureAlgorithm = serial(v.t), x509.UnknownSignatureAlgorithm
	change(&template)
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, own.key.Public(), own.key)
	require.NoError(v.t, err)
	v.overwrite(v.cert(v.ca), block("CERTIFICATE", der))
}

// rerootByOpenSSL replaces the authority's certificate by one of version 1, of the
// same key.
func (v victim) rerootByOpenSSL() {
	dir, own := v.t.TempDir(), v.authority()
	// Go compares names byte by byte, and writes them so.
	write(v.t, dir, "config", []byte(strings.Replace(opensslConfig, "utf8only", "nombstr", 1)))
	write(v.t, dir, "ca.key", keyFile(v.t, own.key))
	subject := subjectOf(pki.Name{CommonName: own.cert.Subject.CommonName, Organizations: own.cert.Subject.Organization})
	openssl(v.t, dir, "req", "-new", "-config", "config", "-key", "ca.key", "-subj", subject, "-out", "request")
	openssl(v.t, dir, "x509", "-req", "-in", "request", "-signkey", "ca.key", "-days", "3000", "-out", "ca.crt")
	v.overwrite(v.cert(v.ca), read(v.t, filepath.Join(dir, "ca.crt")))
}

// rekey replaces the entry's key, and its certificate by one for it.
func (v victim) rekey(id pki.ID, key crypto.Signer) {
	p := v.authority().issue(v.t, v.template(id), key)
	v.overwrite(v.cert(id), p.cert)
	v.overwrite(v.key(id), p.key)
}

// sign replaces the service-account pair.
func (v victim) sign(key crypto.Signer) {
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	require.NoError(v.t, err)
	v.overwrite(v.key(pki.ServiceAccount), keyFile(v.t, key))
	v.overwrite(v.file(pki.ServiceAccount, pki.PartPublicKey), block("PUBLIC KEY", der))
}

func (v victim) overwrite(path string, text []byte) {
	write(v.t, filepath.Dir(path), filepath.Base(path), text)
}

func smallKey(t *testing.T) crypto.Signer {
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	require.NoError(t, err)
	return key
}

// longKey is made once: it takes seconds.
func longKey(t *testing.T) crypto.Signer {
	longOnce.Do(func() {
		block, _ := pem.Decode(openssl(t, "", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:8704"))
		key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		require.NoError(t, err)
		long = key.(crypto.Signer)
	})
	return long
}

var (
	longOnce sync.Once
	long     crypto.Signer
)

func hours(n int) time.Time { return time.Now().Add(time.Duration(n) * time.Hour) }
