package pki_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/pki"
)

func readOne(id pki.ID, part pki.Part, text string, o pki.ReadOptions) pki.Material {
	return pki.ReadFiles([]pki.File{{ID: id, Part: part, Name: "x.pem", Data: []byte(text)}}, o).Materials[id]
}

// Keys are read in every form in which they come.
func TestReadKeyForms(t *testing.T) {
	curve, number := p256(t), rsaKey(t, 2048)
	sec1, err := x509.MarshalECPrivateKey(curve)
	require.NoError(t, err)
	block := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	pkcs8 := func(k pki.Key) string { return must(k.PEM()).Reveal() }
	for _, test := range []struct {
		name, text string
		want       pki.Key
	}{
		{"PKCS #8 ECDSA", pkcs8(pki.NewKey(curve)), pki.NewKey(curve)},
		{"PKCS #8 RSA", pkcs8(pki.NewKey(number)), pki.NewKey(number)},
		{"SEC 1", block("EC PRIVATE KEY", sec1), pki.NewKey(curve)},
		{"PKCS #1", block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(number)), pki.NewKey(number)},
		{"another form than the type says, as components accept", block("PRIVATE KEY", sec1), pki.NewKey(curve)},
		{"behind the parameters of its curve", block("EC PARAMETERS", []byte{6, 8, 42, 134, 72, 206, 61, 3, 1, 7}) + block("EC PRIVATE KEY", sec1), pki.NewKey(curve)},
		{"with its certificate", string(pemOf(good(t).Materials[pki.EtcdPeer].Certificate())) + block("EC PRIVATE KEY", sec1), pki.NewKey(curve)},
	} {
		m := readOne(pki.EtcdPeer, pki.PartKey, test.text, pki.ReadOptions{})
		assert.True(t, m.Key.Matches(test.want.Public()), test.name)
		assert.Empty(t, m.Faults, test.name)
		assert.Equal(t, test.want.Algorithm(), m.Key.Algorithm())
	}
	public := block("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(&number.PublicKey)) + string(pemOf(good(t).Materials[pki.EtcdPeer].Certificate()))
	m := readOne(pki.ServiceAccount, pki.PartPublicKey, public, pki.ReadOptions{})
	require.Len(t, m.PublicKeys, 2, "PKCS #1 and certificates, which the API server reads as well")
	assert.True(t, number.PublicKey.Equal(m.PublicKeys[0]))
	assert.IsType(t, &ecdsa.PublicKey{}, m.PublicKeys[1])
}

// What the reader records, text by text.
func TestFaults(t *testing.T) {
	cert := string(pemOf(good(t).Materials[pki.EtcdPeer].Certificate()))
	private := must(good(t).Materials[pki.EtcdPeer].Key.PEM()).Reveal()
	public := string(must(good(t).Materials[pki.ServiceAccount].PEM(pki.PartPublicKey)).Reveal())
	der, _ := pem.Decode([]byte(cert))
	for _, test := range []struct {
		name string
		part pki.Part
		text string
		want []string // code, block:line, got
	}{
		{"good", pki.PartCertificate, cert, nil},
		{"empty", pki.PartCertificate, "", []string{"pem-empty 0:0 an empty file"}},
		{"white space", pki.PartKey, " \n\t\n", []string{"pem-empty 0:0 an empty file"}},
		{"DER", pki.PartCertificate, string(der.Bytes), []string{"pem-empty 0:0 DER, the binary form"}},
		{"DER with a line end of Windows in it", pki.PartCertificate, "\x30\x82\r\n", []string{"pem-empty 0:0 DER, the binary form"}},
		{"UTF-16", pki.PartCertificate, "\xff\xfe-\x00-\x00", []string{"pem-empty 0:0 text in UTF-16"}},
		{"no PEM", pki.PartPublicKey, "hello", []string{"pem-empty 0:0 no PEM block"}},
		{"cut off", pki.PartCertificate, cert[:len(cert)-10], []string{"pem-block-broken 1:1 a CERTIFICATE block that cannot be read: the END line is missing"}},
		{"two, the first cut off", pki.PartCertificate, "\n" + cert[:len(cert)-30] + "\n" + cert, []string{"pem-block-broken 1:2 a CERTIFICATE block that cannot be read: the END line is missing"}},
		{"another END", pki.PartCertificate, strings.Replace(cert, "END CERTIFICATE", "END X509 CRL", 1), []string{"pem-block-broken 1:1 a CERTIFICATE block that cannot be read: it ends as another type than it begins"}},
		{"no base64", pki.PartCertificate, "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n", []string{"pem-block-broken 1:1 a CERTIFICATE block that cannot be read: it is not base64 text in PEM form"}},
		{"indented, as in YAML", pki.PartCertificate, "  " + strings.ReplaceAll(cert, "\n", "\n  "), []string{"pem-block-broken 1:1 a CERTIFICATE block that cannot be read: its lines are indented"}},
		{"no certificate inside", pki.PartCertificate, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", []string{"pem-block-broken 1:1 a certificate that cannot be read: malformed certificate"}},
		{"no key inside", pki.PartKey, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", []string{"pem-block-broken 1:1 a PRIVATE KEY block that cannot be read: its contents are not a valid key"}},
		{"OpenSSH", pki.PartKey, "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n", []string{"pem-block-broken 1:1 a OPENSSH PRIVATE KEY block that cannot be read: components do not know this type"}},
		{"a key of X25519", pki.PartKey, "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VuBCIEIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n-----END PRIVATE KEY-----\n", []string{"pem-block-broken 1:1 a PRIVATE KEY block that cannot be read: it is a key that cannot sign"}},
		{"no public key inside", pki.PartPublicKey, "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", []string{"pem-block-broken 1:1 a public key that cannot be read: asn1: structure error: tags don't match (16 vs {class:0 tag:0 length:0 isCompound:false}) {optional:false explicit:false application:false private:false defaultValue:<nil> tag:<nil> stringType:0 timeType:0 set:false omitEmpty:false} publicKeyInfo @2"}},
		{"a CRL among public keys", pki.PartPublicKey, public + "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n", []string{"pem-type-wrong 2:10 a X509 CRL block"}},
		{"a long type", pki.PartCertificate, "-----BEGIN " + strings.Repeat("X", 100) + "-----\nAAAA\n-----END " + strings.Repeat("X", 100) + "-----\n", []string{"pem-type-wrong 1:1 a block of an unknown type"}},
		{"a type that is none", pki.PartCertificate, "-----BEGIN \x1b[31m\u202eCERT-----\nAAAA\n-----END \x1b[31m\u202eCERT-----\n", []string{"pem-type-wrong 1:1 a block of an unknown type"}},
		{"a key in one line", pki.PartKey, strings.ReplaceAll(private, "\n", " "), []string{"pem-block-broken 1:1 a PRIVATE KEY block that cannot be read: there is more in the line of its BEGIN"}},
		{"a key whose first line is joined", pki.PartKey, strings.Replace(private, "-----\n", "-----", 1), []string{"pem-block-broken 1:1 a PRIVATE KEY block that cannot be read: there is more in the line of its BEGIN"}},
		{"a key in one line among certificates", pki.PartCertificate, strings.ReplaceAll(private, "\n", "") + "\n" + cert, []string{"pem-block-broken 1:1 a PRIVATE KEY block that cannot be read: there is more in the line of its BEGIN", "pem-key-exposed 1:1 a PRIVATE KEY block"}},
		{"a key with its line ends escaped", pki.PartKey, strings.ReplaceAll(private, "\n", `\n`), []string{"pem-block-broken 1:1 a PRIVATE KEY block that cannot be read: there is more in the line of its BEGIN"}},
		{"a certificate in one line", pki.PartCertificate, strings.ReplaceAll(cert, "\n", ""), []string{"pem-block-broken 1:1 a CERTIFICATE block that cannot be read: there is more in the line of its BEGIN"}},
		{"a key among certificates", pki.PartCertificate, private + cert, []string{"pem-key-exposed 1:1 a PRIVATE KEY block"}},
		{"only a key", pki.PartCertificate, private, []string{"pem-key-exposed 1:1 a PRIVATE KEY block"}},
		{"two keys", pki.PartKey, private + private, []string{"key-several 2:6 another private key"}},
		{"trailing text", pki.PartCertificate, cert + "\nfoo\nbar\n", []string{"pem-trailing-text 0:13 text behind the last block"}},
		{"trailing lines without text", pki.PartCertificate, cert + "\n  \n", nil},
		{"a BOM and line ends of Windows", pki.PartCertificate, "\ufeff" + strings.ReplaceAll(cert, "\n", "\r\n"), []string{"pem-encoding 0:1 a byte order mark"}},
		{"a closed key", pki.PartKey, "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n", []string{"key-encrypted 1:1 a key that is encrypted with an unknown cipher"}},
		{"closed without a method", pki.PartKey, strings.Replace(private, "-----\n", "-----\nProc-Type: 4,ENCRYPTED\n\n", 1), []string{"key-encrypted 1:1 a key that is encrypted with "}},
	} {
		t.Run(test.name, func(t *testing.T) {
			id := pki.EtcdPeer
			if test.part == pki.PartPublicKey {
				id = pki.ServiceAccount
			}
			m := readOne(id, test.part, test.text, pki.ReadOptions{})
			var got []string
			for _, f := range m.Faults {
				assert.Equal(t, "x.pem", f.File)
				assert.NotEmpty(t, f.Want)
				got = append(got, strings.TrimPrefix(string(f.Code), "pki/")+" "+strconv.Itoa(f.Block)+":"+strconv.Itoa(f.Line)+" "+f.Got)
			}
			// The size of a certificate, and so the line behind it, varies.
			if strings.HasPrefix(test.name, "trailing text") || test.name == "a CRL among public keys" {
				require.Len(t, got, 1)
				code, _, _ := strings.Cut(test.want[0], " ")
				assert.True(t, strings.HasPrefix(got[0], code), got[0])
				return
			}
			assert.Equal(t, test.want, got)
		})
	}
}

func TestReadFilesErrors(t *testing.T) {
	b := pki.ReadFiles([]pki.File{
		{ID: pki.KubeCA, Part: pki.PartCertificate, Name: "ca.crt", Err: errors.New("no such device")},
		{ID: pki.EtcdCA, Part: pki.PartCertificate, Name: "etcd.crt", Size: 10 << 20},
	}, pki.ReadOptions{})
	assert.Equal(t, "no such device", b.Materials[pki.KubeCA].Sources[pki.PartCertificate].Unreadable)
	require.Len(t, b.Materials[pki.EtcdCA].Faults, 1)
	assert.Equal(t, "10485760 bytes", b.Materials[pki.EtcdCA].Faults[0].Got)
	// The last of two files for one part counts, faults and all.
	cert := pemOf(good(t).Materials[pki.KubeCA].Certificate())
	b = pki.ReadFiles([]pki.File{
		{ID: pki.KubeCA, Part: pki.PartCertificate, Name: "1", Data: []byte("x")},
		{ID: pki.KubeCA, Part: pki.PartCertificate, Name: "2", Data: cert},
	}, pki.ReadOptions{})
	assert.Empty(t, b.Materials[pki.KubeCA].Faults)
	assert.Len(t, b.Materials[pki.KubeCA].Certificates, 1)
	assert.Equal(t, "2", b.Materials[pki.KubeCA].Sources[pki.PartCertificate].Name)
}

// The order of files does not matter, though a key decides which certificate is
// its own.
func TestReadOrderOfFiles(t *testing.T) {
	root := newCA(t, "root", nil, nil)
	w := newWorld(t)
	w.ingress(root, newCA(t, "between", root, nil))
	chain := w.b.Materials[pki.IngressServer].Certificates
	reversed := pki.File{ID: pki.IngressServer, Part: pki.PartCertificate, Name: "c", Data: pemOf(chain[1], chain[0])}
	private := pki.File{ID: pki.IngressServer, Part: pki.PartKey, Name: "k", Data: []byte(must(w.b.Materials[pki.IngressServer].Key.PEM()).Reveal())}
	for _, files := range [][]pki.File{{reversed, private}, {private, reversed}, {reversed}} {
		m := pki.ReadFiles(files, pki.ReadOptions{}).Materials[pki.IngressServer]
		require.Len(t, m.Certificates, 2)
		assert.True(t, m.Certificates[0].Equal(chain[0]))
		require.Len(t, m.Faults, 1)
		assert.True(t, m.Faults[0].Repaired)
		assert.Equal(t, 2, m.Faults[0].Block)
	}
	// In an authority's file the one that signs comes first, and nothing is said.
	m := pki.ReadFiles([]pki.File{
		{ID: pki.KubeCA, Part: pki.PartCertificate, Data: pemOf(root.cert, w.cert(pki.KubeCA))},
		{ID: pki.KubeCA, Part: pki.PartKey, Data: []byte(must(w.b.Materials[pki.KubeCA].Key.PEM()).Reveal())},
	}, pki.ReadOptions{}).Materials[pki.KubeCA]
	assert.True(t, m.Certificates[0].Equal(w.cert(pki.KubeCA)))
	assert.Empty(t, m.Faults)
}

// FuzzReadFiles: no text makes the reader panic; what it reads, it reads again
// without a fault; and it reads no certificate that encoding/pem does not see.
func FuzzReadFiles(f *testing.F) {
	b := good(f)
	m := b.Materials[pki.EtcdPeer]
	cert, private := string(pemOf(m.Certificate())), must(m.Key.PEM()).Reveal()
	public := must(b.Materials[pki.ServiceAccount].PEM(pki.PartPublicKey)).Reveal()
	for _, seed := range []string{
		"", cert, private, public, cert + private, private + cert, cert + cert, cert[:100], "\ufeff" + cert, "x\n" + cert + "y",
		strings.ReplaceAll(cert, "\n", "\r\n"), strings.Replace(cert, "-----\n", "-----\nA: b\n\n", 1),
		strings.Replace(private, "-----\n", "-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: DES-EDE3-CBC,0011223344556677\n\n", 1),
		strings.ReplaceAll(private, "PRIVATE", "ENCRYPTED PRIVATE"), "-----BEGIN -----\n-----END -----\n", "-----BEGIN A-----\n-----BEGIN B-----\n-----END B-----\n",
		"-----BEGIN CERTIFICATE-----\n\n-----END CERTIFICATE-----", "-----BEGIN CERTIFICATE----------END CERTIFICATE-----",
	} {
		for part := range byte(3) {
			f.Add(seed, part)
		}
	}
	o := pki.ReadOptions{Passphrase: func(string, string) groundway.Secret { return groundway.NewSecret("fuzz") }}
	f.Fuzz(func(t *testing.T, text string, n byte) {
		part := []pki.Part{pki.PartCertificate, pki.PartKey, pki.PartPublicKey}[n%3]
		m := readOne(pki.EtcdPeer, part, text, o)
		again, err := m.PEM(part)
		if err != nil {
			// Keys that cannot be written: RSA with numbers that do not fit.
			return
		}
		if !again.IsZero() {
			back := readOne(pki.EtcdPeer, part, again.Reveal(), pki.ReadOptions{})
			if len(back.Faults) > 0 && part != pki.PartCertificate {
				t.Fatalf("read again: %+v", back.Faults)
			}
			if text, _ := back.PEM(part); !text.Equal(again) {
				t.Fatal("read again, it is another")
			}
		}
		var seen [][]byte
		for rest := []byte(strings.TrimPrefix(text, "\ufeff")); ; {
			var block *pem.Block
			if block, rest = pem.Decode(rest); block == nil {
				break
			}
			seen = append(seen, block.Bytes)
		}
		for _, c := range m.Certificates {
			found := false
			for _, s := range seen {
				found = found || bytes.Equal(s, c.Raw)
			}
			if !found {
				t.Fatalf("a certificate that encoding/pem does not see")
			}
		}
		// Whatever it is, Verify has a word for it.
		if len(pki.Verify(pki.Bundle{}.Put(m), demo(), pki.VerifyOptions{Time: noon, Only: []pki.ID{pki.EtcdPeer}})) == 0 {
			t.Fatal("no findings")
		}
	})
}

func FuzzParseRequest(f *testing.F) {
	requests, err := pki.NewRequests(inventory(f, demo(), pki.InventoryOptions{}), nil, pki.EtcdPeer)
	require.NoError(f, err)
	f.Add(requests[0].PEM())
	f.Add(requests[0].DER)
	f.Add([]byte("-----BEGIN CERTIFICATE REQUEST-----\n-----END CERTIFICATE REQUEST-----\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		csr, err := pki.ParseRequest(data)
		if err != nil {
			return
		}
		again, err := pki.ParseRequest(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: csr.Raw}))
		if err != nil || !bytes.Equal(again.Raw, csr.Raw) {
			t.Fatalf("read again: %v", err)
		}
	})
}
