package pki_test

import (
	"bytes"
	"context"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
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

// openssl runs the program as a second opinion.
func openssl(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath("openssl")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("openssl is not installed")
		}
		t.Skip("openssl is not installed: apt-get install openssl")
	}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), path, args...)
	cmd.Stdin = strings.NewReader(stdin)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	require.NoError(t, cmd.Run(), "openssl %v: %s", args, errs.String())
	return out.String()
}

// Encrypted keys in every form that openssl writes.
func TestEncryptedKeys(t *testing.T) {
	k := good(t).Materials[pki.EtcdPeer].Key
	plain := must(k.PEM()).Reveal()
	var asked []string
	passphrase := func(words ...string) pki.ReadOptions {
		return pki.ReadOptions{Passphrase: func(file, cipher string) groundway.Secret {
			asked = append(asked, file+" "+cipher)
			return groundway.NewSecret(strings.Join(words, ""))
		}}
	}
	for _, test := range []struct {
		args   []string
		cipher string
		opens  bool
	}{
		{[]string{"pkcs8", "-topk8", "-v2", "aes-256-cbc"}, "AES-256-CBC, PBKDF2", true},
		{[]string{"pkcs8", "-topk8", "-v2", "aes-192-cbc", "-v2prf", "hmacWithSHA1"}, "AES-192-CBC, PBKDF2", true},
		{[]string{"pkcs8", "-topk8", "-v2", "aes-128-cbc", "-v2prf", "hmacWithSHA512", "-iter", "10"}, "AES-128-CBC, PBKDF2", true},
		{[]string{"pkcs8", "-topk8", "-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA224"}, "AES-256-CBC, PBKDF2", true},
		{[]string{"pkcs8", "-topk8", "-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA384"}, "AES-256-CBC, PBKDF2", true},
		{[]string{"pkcs8", "-topk8", "-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA512-256"}, "AES-256-CBC, PBKDF2 with an unknown function", false},
		{[]string{"pkcs8", "-topk8", "-v2", "des3"}, "DES-EDE3-CBC, PBKDF2", true},
		{[]string{"pkcs8", "-topk8", "-scrypt"}, "AES-256-CBC, scrypt", false},
		{[]string{"pkcs8", "-topk8", "-v2", "aria-256-cbc"}, "the cipher 1.2.410.200046.1.1.12", false},
		{[]string{"pkcs8", "-topk8", "-v1", "PBE-SHA1-3DES"}, "the cipher 1.2.840.113549.1.12.1.3", false},
		{[]string{"ec", "-aes256"}, "AES-256-CBC, the old form of OpenSSL", true},
		{[]string{"ec", "-des3"}, "DES-EDE3-CBC, the old form of OpenSSL", true},
		{[]string{"ec", "-camellia128"}, "CAMELLIA-128-CBC, the old form of OpenSSL", false},
	} {
		t.Run(strings.Join(test.args, " "), func(t *testing.T) {
			closed := openssl(t, plain, append(test.args, "-passout", "pass:correct horse")...)
			m := readOne(pki.EtcdPeer, pki.PartKey, closed, pki.ReadOptions{})
			require.Len(t, m.Faults, 1)
			assert.True(t, m.Key.IsZero())
			assert.Equal(t, "a key that is encrypted with "+test.cipher, m.Faults[0].Got)

			asked = nil
			m = readOne(pki.EtcdPeer, pki.PartKey, closed, passphrase("correct horse"))
			assert.Equal(t, []string{"x.pem " + test.cipher}, asked)
			require.Len(t, m.Faults, 1, "the file is still encrypted")
			assert.Equal(t, test.opens, m.Faults[0].Repaired)
			assert.Equal(t, test.opens, m.Key.Matches(k.Public()))
			if !test.opens {
				assert.Contains(t, m.Faults[0].Want, "this encryption is not one that can be opened here")
				return
			}
			for _, wrong := range []string{"wrong", "correct hors", ""} {
				m = readOne(pki.EtcdPeer, pki.PartKey, closed, passphrase(wrong))
				assert.True(t, m.Key.IsZero())
				if wrong != "" {
					assert.Contains(t, m.Faults[0].Want, "the passphrase does not fit")
				}
				assert.NotContains(t, fmt.Sprint(m.Faults), "correct")
			}
		})
	}
}

// What is made here is good to openssl's strict eyes: every leaf under its
// authority, for its purpose.
func TestOpenSSLVerifiesStrictly(t *testing.T) {
	for _, a := range []pki.Algorithm{pki.ECDSAP256, pki.ECDSAP384, pki.Ed25519} {
		inv := inventory(t, demo(), pki.InventoryOptions{Algorithm: a, NameConstraints: true})
		b, err := pki.Issue(inv, pki.IssueOptions{Time: noon, Provided: tokens(t)})
		require.NoError(t, err)
		dir := t.TempDir()
		for _, c := range inv.Certificates {
			caFile, leafFile := filepath.Join(dir, "ca"), filepath.Join(dir, "leaf")
			require.NoError(t, os.WriteFile(caFile, pemOf(b.Materials[c.Authority.CA()].Certificate()), 0o600))
			require.NoError(t, os.WriteFile(leafFile, pemOf(b.Materials[c.ID].Certificate()), 0o600))
			for usage, purpose := range map[bool]string{c.Server(): "sslserver", c.Client() && !c.Server(): "sslclient"} {
				if usage {
					out := openssl(t, "", "verify", "-x509_strict", "-purpose", purpose, "-attime", fmt.Sprint(noon.Unix()), "-CAfile", caFile, leafFile)
					assert.Contains(t, out, ": OK", "%s %s", a, c.ID)
				}
			}
		}
	}
}

// openssl reads our requests, and finds in them what the inventory says.
func TestOpenSSLReadsRequests(t *testing.T) {
	inv := inventory(t, demo(), pki.InventoryOptions{})
	requests, err := pki.NewRequests(inv, nil, pki.EtcdServer)
	require.NoError(t, err)
	text := openssl(t, string(requests[0].PEM()), "req", "-verify", "-noout", "-text")
	for _, want := range []string{
		"Digital Signature", "TLS Web Server Authentication, TLS Web Client Authentication",
		"DNS:demo-etcd-0.k8s.example.com", "IP Address:10.0.1.10",
	} {
		assert.Contains(t, text, want)
	}
}

// Keys of openssl, plain, in the forms that it writes.
func TestOpenSSLKeys(t *testing.T) {
	for _, args := range [][]string{
		{"ecparam", "-name", "prime256v1", "-genkey"},
		{"genpkey", "-algorithm", "ed25519"},
		{"genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"},
		{"genrsa", "-traditional", "2048"},
	} {
		m := readOne(pki.EtcdPeer, pki.PartKey, openssl(t, "", args...), pki.ReadOptions{})
		assert.Empty(t, m.Faults, "%v", args)
		assert.NotZero(t, m.Key.Algorithm(), "%v", args)
	}
	// DSA keys exist, and no component knows them.
	params := openssl(t, "", "dsaparam", "1024")
	m := readOne(pki.EtcdPeer, pki.PartKey, openssl(t, params, "gendsa", "/dev/stdin"), pki.ReadOptions{})
	require.Len(t, m.Faults, 1)
	assert.Contains(t, m.Faults[0].Got, "cannot be read")
	block, _ := pem.Decode([]byte(params))
	assert.NotNil(t, block)
}

// Certificates that crypto/x509 does not make, and openssl does.
func TestOpenSSLOddities(t *testing.T) {
	dir := t.TempDir()
	caFile, keyFile := filepath.Join(dir, "ca.crt"), filepath.Join(dir, "ca.key")
	openssl(t, "", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=old company", "-days", "3650", "-keyout", keyFile, "-out", caFile)
	dsaParams, dsaKey := filepath.Join(dir, "dsa.pem"), filepath.Join(dir, "dsa.key")
	openssl(t, "", "dsaparam", "-out", dsaParams, "1024")
	openssl(t, "", "gendsa", "-out", dsaKey, dsaParams)
	extensions := filepath.Join(dir, "ext")
	require.NoError(t, os.WriteFile(extensions, []byte("subjectAltName=DNS:demo.k8s.example.com\nextendedKeyUsage=serverAuth\n"), 0o600))
	newKey := []string{"-newkey", "rsa:2048", "-nodes", "-keyout", filepath.Join(dir, "leaf.key")}
	ca, err := os.ReadFile(caFile)
	require.NoError(t, err)
	for _, test := range []struct {
		name         string
		key, signing []string
		change       func(string) string
		failed       string
	}{
		{"good", newKey, []string{"-sha256"}, nil, ""},
		{"MD5", newKey, []string{"-md5"}, nil, "signature-weak@ingress/server"},
		{"SHA-1", newKey, []string{"-sha1"}, nil, "signature-weak@ingress/server"},
		{"DSA", []string{"-new", "-key", dsaKey}, []string{"-sha256"}, nil, "key-weak@ingress/server"},
		{"a negative serial number", newKey, []string{"-sha256", "-set_serial", "-5"}, nil, "pem-block-broken@leaf.crt"},
		{"counted", newKey, []string{"-sha256", "-set_serial", "1"}, nil, "serial-short@ingress/server"},
		{"with text before it", newKey, []string{"-sha256", "-text"}, nil, ""},
		{"trusted certificate", newKey, []string{"-sha256"}, func(leaf string) string {
			return openssl(t, leaf, "x509", "-trustout", "-addtrust", "serverAuth")
		}, "pem-type-wrong@leaf.crt"},
	} {
		t.Run(test.name, func(t *testing.T) {
			request := openssl(t, "", append([]string{"req", "-subj", "/CN=demo"}, test.key...)...)
			leaf := openssl(t, request, append([]string{"x509", "-req", "-days", "300", "-CA", caFile, "-CAkey", keyFile, "-CAcreateserial", "-extfile", extensions}, test.signing...)...)
			if test.change != nil {
				leaf = test.change(leaf)
			}
			b := pki.ReadFiles([]pki.File{
				{ID: pki.IngressCA, Part: pki.PartCertificate, Name: "ca.crt", Data: ca},
				{ID: pki.IngressServer, Part: pki.PartCertificate, Name: "leaf.crt", Data: []byte(leaf)},
			}, pki.ReadOptions{})
			// openssl reads the clock.
			at := b.Materials[pki.IngressCA].Certificate().NotBefore.Add(time.Hour)
			findings := pki.Verify(b, demo(), pki.VerifyOptions{Time: at, Only: []pki.ID{pki.IngressCA, pki.IngressServer}})
			got := slices.DeleteFunc(with(findings, groundway.Failed), func(s string) bool {
				// The key stays where openssl wrote it, and the authority is what it is.
				return s == "material-missing@ingress/server" || strings.HasSuffix(s, "@ingress/ca")
			})
			if test.failed == "" {
				assert.Empty(t, got)
			} else {
				assert.Equal(t, []string{test.failed}, got)
			}
		})
	}
}

// A file does not make the reader work for hours.
func TestEncryptedKeyBoundsItsWork(t *testing.T) {
	plain := must(good(t).Materials[pki.EtcdPeer].Key.PEM()).Reveal()
	closed := openssl(t, plain, "pkcs8", "-topk8", "-v2", "aes-128-cbc", "-iter", "2000001", "-passout", "pass:x")
	m := readOne(pki.EtcdPeer, pki.PartKey, closed, pki.ReadOptions{Passphrase: func(string, string) groundway.Secret { return groundway.NewSecret("x") }})
	assert.True(t, m.Key.IsZero())
	require.Len(t, m.Faults, 1)
	assert.Equal(t, "a key without a passphrase; 2000001 iterations of PBKDF2, want 2000000 at most", m.Faults[0].Want)
}
