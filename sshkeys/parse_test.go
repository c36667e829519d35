package sshkeys_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"unicode/utf16"

	"github.com/groundway-sdk/groundway/sshkeys"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// rfc4716 writes the key as RFC 4716 has it.
func rfc4716(k sshkeys.PublicKey, headers string) string {
	return "---- BEGIN SSH2 PUBLIC KEY ----\n" + headers + wrapped(encoded(k), 70) + "\n---- END SSH2 PUBLIC KEY ----\n"
}

// encodings are the ways in which programs save a text.
var encodings = map[string]func(string) []byte{
	"UTF-8":                    func(s string) []byte { return []byte(s) },
	"UTF-8 with a mark":        func(s string) []byte { return []byte("\ufeff" + s) },
	"lines of Windows":         func(s string) []byte { return []byte(strings.ReplaceAll(s, "\n", "\r\n")) },
	"lines of old Macs":        func(s string) []byte { return []byte(strings.ReplaceAll(s, "\n", "\r")) },
	"UTF-16LE with a mark":     func(s string) []byte { return utf16Text(binary.LittleEndian, "\ufeff"+s) },
	"UTF-16BE with a mark":     func(s string) []byte { return utf16Text(binary.BigEndian, "\ufeff"+s) },
	"UTF-16LE without a mark":  func(s string) []byte { return utf16Text(binary.LittleEndian, s) },
	"indented":                 func(s string) []byte { return []byte("\t " + strings.ReplaceAll(s, "\n", "  \n  ")) },
	"empty and comment lines":  func(s string) []byte { return []byte("\n# a comment\n\n" + s + "\n\n") },
	"without the last newline": func(s string) []byte { return []byte(strings.TrimSpace(s)) },
}

func utf16Text(order binary.AppendByteOrder, s string) []byte {
	var data []byte
	for _, unit := range utf16.Encode([]rune(s)) {
		data = order.AppendUint16(data, unit)
	}
	return data
}

func TestParsePublicKey(t *testing.T) {
	t.Parallel()
	ed, rsaPublic := edKey().Public(), rsaKey().Public()
	spki := func(k sshkeys.PrivateKey) []byte { return must(x509.MarshalPKIXPublicKey(k.Signer().Public())) }
	pkcs1 := x509.MarshalPKCS1PublicKey(rsaKey().Signer().Public().(*rsa.PublicKey))
	for _, tt := range []struct {
		name, text string
		want       sshkeys.PublicKey
		comment    string
		options    []string
	}{
		{"a line", ed.String(), ed, "ops@example.com", nil},
		{"a comment with spaces", rsaPublic.String(), rsaPublic, "aws tectonic for alice@example.com", nil},
		{"no comment", ed.Bare().String(), ed, "", nil},
		{"tabs", strings.ReplaceAll(ed.String(), " ", "\t"), ed, "ops@example.com", nil},
		{"options", `no-pty,from="192.0.2.0/24" ` + ed.String(), ed, "ops@example.com", []string{"no-pty", `from="192.0.2.0/24"`}},
		{"RFC 4716", rfc4716(rsaPublic, ""), rsaPublic, "", nil},
		{"RFC 4716 with headers", rfc4716(ed, "Subject: ops\nComment: \"256-bit, ops\\\n@example.com\"\nx-note: a\n"), ed, "256-bit, ops@example.com", nil},
		{"PKCS #1", pemText("RSA PUBLIC KEY", pkcs1), rsaPublic, "", nil},
		{"SubjectPublicKeyInfo of RSA", pemText("PUBLIC KEY", spki(rsaKey())), rsaPublic, "", nil},
		{"SubjectPublicKeyInfo of ED25519", pemText("PUBLIC KEY", spki(edKey())), ed, "", nil},
		{"Base64 of SSH", encoded(ed), ed, "", nil},
		{"Base64 of SSH over lines", wrapped(encoded(rsaPublic), 64), rsaPublic, "", nil},
		{"Base64 of DER", base64.StdEncoding.EncodeToString(spki(rsaKey())), rsaPublic, "", nil},
		{"Base64 of DER over lines", wrapped(base64.StdEncoding.EncodeToString(pkcs1), 76), rsaPublic, "", nil},
		{"Base64 without padding", strings.TrimRight(base64.StdEncoding.EncodeToString(spki(edKey())), "="), ed, "", nil},
	} {
		for how, encode := range encodings {
			if how == "empty and comment lines" && tt.text[0] == '-' {
				continue
			}
			k, err := sshkeys.ParsePublicKey(encode(tt.text))
			require.NoError(t, err, "%s, %s", tt.name, how)
			assert.True(t, tt.want.Equal(k), "%s, %s", tt.name, how)
			assert.Equal(t, tt.comment, k.Comment(), "%s, %s", tt.name, how)
			assert.Equal(t, tt.options, k.Options(), "%s, %s", tt.name, how)
			assert.Equal(t, tt.want.Bits(), k.Bits())
		}
	}
	ec, dsa := sshkeys.MustParsePublicKey(ecKey().String()), sshkeys.MustParsePublicKey(dsaLine)
	assert.Equal(t, []any{sshkeys.TypeECDSA, 256}, []any{ec.Type(), ec.Bits()})
	assert.Equal(t, []any{sshkeys.TypeDSA, 1024}, []any{dsa.Type(), dsa.Bits()})
}

func TestParsePublicKeys(t *testing.T) {
	t.Parallel()
	ed, rsaPublic := edKey().Public(), rsaKey().Public()
	text := "# ours\n" + ed.String() + "\n\nrestrict " + rsaPublic.String() + "\n" + rfc4716(ed, "") + ecKey().String()
	keys, err := sshkeys.ParsePublicKeys([]byte(text))
	require.NoError(t, err)
	require.Len(t, keys, 4)
	for i, want := range []sshkeys.PublicKey{ed, rsaPublic, ed, ecKey()} {
		assert.True(t, want.Equal(keys[i]), i)
	}
	_, err = sshkeys.ParsePublicKey([]byte(text))
	assert.EqualError(t, err, "parse public key: line 4 column 1: got a second key, want one")
	_, err = sshkeys.ParsePublicKeys([]byte(text + "\nnonsense"))
	assert.ErrorContains(t, err, "got a line that is no key")
}

// wire writes the SSH encoding of a key of any algorithm.
func wire(algorithm string, fields ...string) string {
	var b []byte
	for _, f := range append([]string{algorithm}, fields...) {
		b = append(binary.BigEndian.AppendUint32(b, uint32(len(f))), f...)
	}
	return base64.StdEncoding.EncodeToString(b)
}

func TestParsePublicKeyErrors(t *testing.T) {
	t.Parallel()
	const (
		leaked  = "; treat the private key as leaked if others can read this text"
		token   = "got the key of a security token, which EC2 does not take, want an RSA or ED25519 key: ssh-keygen -t ed25519 makes one"
		cert    = "got an OpenSSH certificate, want the key that it certifies: the file without -cert in its name, or what ssh-keygen -y -f FILE prints of the private key"
		other   = "got a key of a type that EC2 does not take, want an RSA or ED25519 key: ssh-keygen -t ed25519 makes one"
		broken  = "got a key that cannot be read, want it whole: was it cut, or wrapped over lines?"
		unread  = "got a key that cannot be read, want it as ssh-keygen writes it"
		noKey   = "got no key, want one such as ssh-ed25519 AAAA…"
		private = "got a private key, want the public one: ssh-keygen -y -f FILE prints it" + leaked
		options = "got something before the key that is no option of authorized_keys, want the key alone; a line of known_hosts is the key of a host"
	)
	ed := edKey().Public()
	sk := wire("sk-ssh-ed25519@openssh.com", strings.Repeat("k", 32), "ssh:")
	p224, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	require.NoError(t, err)
	spki224 := must(x509.MarshalPKIXPublicKey(&p224.PublicKey))
	for _, tt := range []struct{ name, text, want string }{
		{"nothing", "", "line 1 column 1: " + noKey},
		{"comments only", "# ssh-ed25519 AAAA\n\n", "line 1 column 1: " + noKey},
		{"a mark only", "\ufeff", "line 1 column 1: " + noKey},
		{"a huge text", strings.Repeat("#", sshkeys.MaxText+1), "line 1 column 1: got a text of over 1 MiB, which no list of keys is"},
		{"bytes", "\x7fELF\x00\x00", "line 1 column 1: got bytes that are no text, want a public key as text: ssh-ed25519 AAAA…"},
		{"half of UTF-16", "\xff\xfes\x00s", "line 1 column 1: got UTF-16 that ends in the middle of a character, want the whole text"},
		{"a sentence", "\n  my key", "line 2 column 3: got a line that is no key, want one such as ssh-ed25519 AAAA…"},
		{"a file's name", "~/.ssh/id_rsa.pub", "line 1 column 1: got a line that is no key, want one such as ssh-ed25519 AAAA…"},
		{"a type alone", "ssh-ed25519", "line 1 column 12: got a line that ends behind the type of its key, want the key on the same line"},
		{"a key alone with a comment", encoded(ed) + " ops@example.com", "line 1 column 1: got a key without its type, want the whole line: ssh-ed25519 AAAA…"},
		{"a key that was cut", ed.String()[:50], "line 1 column 13: " + broken},
		{"a key that was wrapped", "ssh-ed25519 " + wrapped(encoded(ed), 40), "line 1 column 13: " + broken},
		{"a letter that is none of Base64", "ssh-ed25519 AAAA!", "line 1 column 13: got a key that is no Base64, want it whole and on one line"},
		{"another type than its name", "ssh-rsa " + encoded(ed), "line 1 column 9: got a key of another type than the line says, want ssh-rsa"},
		{"the name of a signature", "rsa-sha2-512 " + encoded(ed), "line 1 column 1: got the name of a signature before the key, want ssh-rsa, whatever the signatures are"},
		{"protocol 1", "2048 65537 1234567890 ops", "line 1 column 1: got a key of SSH protocol 1, want a new key: ssh-keygen -t ed25519 makes one"},
		{"known_hosts", "example.com " + ed.String(), "line 1 column 1: " + options},
		{"options that end in a comma", "restrict, " + ed.String(), "line 1 column 1: " + options},
		{"a shell", "echo " + ed.String(), "line 1 column 1: " + options},
		{"a quote that is open", `command="sh ` + ed.String(), "line 1 column 1: got options with a quote that is not closed, want their end before the key"},
		{"options with an escape sequence", "command=\"\x1b[2J\" " + ed.String(), "line 1 column 1: got options with characters that are no text, want the key alone"},
		{"a security token", "sk-ssh-ed25519@openssh.com " + sk + " ops", "line 1 column 1: " + token},
		{"a security token's Base64", sk, "line 1 column 1: " + token},
		{"a security token under another name", "ssh-ed25519 " + sk, "line 1 column 13: " + token},
		{"an ECDSA security token", "sk-ecdsa-sha2-nistp256@openssh.com AAAA", "line 1 column 1: " + token},
		{"a certificate", "ssh-ed25519-cert-v01@openssh.com AAAA ops", "line 1 column 1: " + cert},
		{"a certificate's Base64", wire("ssh-rsa-cert-v01@openssh.com", strings.Repeat("n", 32)), "line 1 column 1: " + cert},
		{"a type to come", "ssh-mldsa-44 AAAA", "line 1 column 1: " + other},
		{"a curve that SSH lacks", pemText("PUBLIC KEY", spki224), "line 1 column 1: " + unread},
		{"an X.509 certificate", pemText("CERTIFICATE", []byte("x")), "line 1 column 1: got an X.509 certificate, want a public key: openssl x509 -in FILE -noout -pubkey prints the one that it certifies"},
		{"a request", pemText("CERTIFICATE REQUEST", []byte("x")), "line 1 column 1: got a PEM block of another kind, want PUBLIC KEY or RSA PUBLIC KEY"},
		{"a PEM block without its end", "-----BEGIN PUBLIC KEY-----\nMIIB\n", "line 1 column 1: got a block without its end, want the whole key up to its line -----END …"},
		{"a PEM block that is none", "-----BEGIN PUBLIC KEY-----\n!\n-----END PUBLIC KEY-----\n", "line 1 column 1: got a PEM block that cannot be read, want a whole one"},
		{"a PEM block of nonsense", pemText("PUBLIC KEY", []byte("nonsense")), "line 1 column 1: " + unread},
		{"an RFC 4716 block without its end", "---- BEGIN SSH2 PUBLIC KEY ----\n" + encoded(ed), "line 1 column 1: got a block without its end, want the whole key up to ---- END SSH2 PUBLIC KEY ----"},
		{"another block", "---- BEGIN SSH2 SOMETHING ----", "line 1 column 1: got a block of another kind, want ---- BEGIN SSH2 PUBLIC KEY ---- or -----BEGIN PUBLIC KEY-----"},
		{"Base64 of nonsense", strings.Repeat("QUJD", 20), "line 1 column 1: " + unread},
		{"junk behind the key", "ssh-ed25519 " + base64.StdEncoding.EncodeToString(append(blob(ed), 0)), "line 1 column 13: " + broken},
		{"a private key of PuTTY", "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n", "line 1 column 1: got a private key of PuTTY, want the public one: puttygen FILE -O public-openssh prints it" + leaked},
		{"a private key behind a public one", ed.String() + "\n-----BEGIN OPENSSH PRIVATE KEY-----\n", "line 2 column 1: " + private},
		{"protocol 1, private", "SSH PRIVATE KEY FILE FORMAT 1.1\n", "line 1 column 1: got a private key of SSH protocol 1, want a new key: ssh-keygen -t ed25519 makes one" + leaked},
		{"RFC 4716, private", "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\n", "line 1 column 1: " + private},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := sshkeys.ParsePublicKey([]byte(tt.text))
			assert.EqualError(t, err, "parse public key: "+tt.want)
			parse, ok := errors.AsType[*sshkeys.ParseError](err)
			require.True(t, ok)
			assert.Equal(t, strings.HasSuffix(tt.want, leaked), parse.Private)
		})
	}
}

// writtenTexts are those of privateTexts, by fingerprint: to encrypt is slow on
// purpose.
var (
	writtenTexts = map[string]map[string]string{}
	writing      sync.Mutex
)

// privateTexts are a private key in every form that this machine writes.
func privateTexts(k sshkeys.PrivateKey) map[string]string {
	writing.Lock()
	defer writing.Unlock()
	key := k.Public().Fingerprint()
	if writtenTexts[key] == nil {
		writtenTexts[key] = writeTexts(k)
	}
	return writtenTexts[key]
}

func writeTexts(k sshkeys.PrivateKey) map[string]string {
	pkcs8 := must(x509.MarshalPKCS8PrivateKey(k.Signer()))
	texts := map[string]string{
		"OpenSSH":           must(k.OpenSSH(secret(""))).Reveal(),
		"OpenSSH encrypted": must(k.OpenSSH(secret("correct horse"))).Reveal(),
		"PKCS #8":           pemText("PRIVATE KEY", pkcs8),
		"PKCS #8 Base64":    base64.StdEncoding.EncodeToString(pkcs8),
	}
	if r, ok := k.Signer().(*rsa.PrivateKey); ok {
		texts["PKCS #1"] = pemText("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(r))
		texts["PKCS #1 Base64"] = base64.StdEncoding.EncodeToString(x509.MarshalPKCS1PrivateKey(r))
	}
	texts["a file in Base64"] = base64.StdEncoding.EncodeToString([]byte(texts["OpenSSH encrypted"]))
	// The Base64 of OpenSSH's form, without the lines around it.
	block, _ := pem.Decode([]byte(texts["OpenSSH"]))
	texts["OpenSSH Base64"] = base64.StdEncoding.EncodeToString(block.Bytes)
	return texts
}

// No error of any reader repeats as much as eighteen characters of a private key,
// in whatever form and encoding it comes.
func TestPrivateKeysAreNotRepeated(t *testing.T) {
	t.Parallel()
	for _, k := range []sshkeys.PrivateKey{edKey(), rsaKey()} {
		for form, text := range privateTexts(k) {
			for how, encode := range encodings {
				if how == "empty and comment lines" && text[0] == '-' {
					continue
				}
				_, err := sshkeys.ParsePublicKey(encode(text))
				parse, ok := errors.AsType[*sshkeys.ParseError](err)
				require.True(t, ok, "%s, %s: %v", form, how, err)
				assert.True(t, parse.Private, "%s, %s: %v", form, how, err)
				shown := fmt.Sprintf("%v %+v", parse, parse)
				if how == "UTF-8" { // to try a passphrase is slow on purpose
					_, err = sshkeys.ParsePrivateKey([]byte(text), secret("a wrong passphrase"))
					shown += fmt.Sprint(err)
				}
				compact := strings.Join(strings.Fields(text), "")
				for i := 40; i+16 < len(compact)-40; i += 3 {
					require.False(t, strings.Contains(shown, compact[i:i+16]), "%s, %s", form, how)
				}
			}
		}
	}
}

// ssh-keygen makes keys of every kind, and writes them in every form that it
// knows: what is read of them is what ssh-keygen itself says of them.
func TestParseAgainstKeygen(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		kind, bits string
	}{
		{kind: "ed25519"},
		{kind: "rsa", bits: "1024"},
		{kind: "rsa", bits: "2048"},
		{kind: "rsa", bits: "3072"},
		{kind: "ecdsa", bits: "256"},
		{kind: "ecdsa", bits: "384"},
		{kind: "ecdsa", bits: "521"},
	} {
		t.Run(tt.kind+tt.bits, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "key")
			args := []string{"-q", "-t", tt.kind, "-N", "", "-C", "made by ssh-keygen", "-f", path}
			if tt.bits != "" {
				args = append(args, "-b", tt.bits)
			}
			keygen(t, args...)
			k, err := sshkeys.ParsePublicKey(must(os.ReadFile(path + ".pub")))
			require.NoError(t, err)
			assert.Equal(t, "made by ssh-keygen", k.Comment())
			want := strings.Fields(keygen(t, "-l", "-f", path+".pub"))
			assert.Equal(t, want[:2], []string{fmt.Sprint(k.Bits()), k.Fingerprint()})
			assert.Equal(t, "("+strings.ToUpper(k.Type().String())+")", want[len(want)-1])

			forms := []string{"RFC4716", "PKCS8", "PEM"}
			if tt.kind == "ed25519" {
				forms = forms[:1] // OpenSSH 9 writes no other
			}
			for _, form := range forms {
				text := keygen(t, "-e", "-m", form, "-f", path+".pub")
				again, err := sshkeys.ParsePublicKey([]byte(text))
				require.NoError(t, err, "%s:\n%s", form, text)
				assert.True(t, k.Equal(again), form)
			}

			private, err := sshkeys.ParsePrivateKey(must(os.ReadFile(path)), secret(""))
			require.NoError(t, err)
			assert.True(t, k.Equal(private.Public()))
		})
	}
}

// Certificates that ssh-keygen signs are told from keys.
func TestParseCertificateOfKeygen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"ca", "user"} {
		keygen(t, "-q", "-t", "ed25519", "-N", "", "-f", filepath.Join(dir, name))
	}
	keygen(t, "-q", "-s", filepath.Join(dir, "ca"), "-I", "ops", "-n", "core", filepath.Join(dir, "user.pub"))
	_, err := sshkeys.ParsePublicKey(must(os.ReadFile(filepath.Join(dir, "user-cert.pub"))))
	assert.ErrorContains(t, err, "line 1 column 1: got an OpenSSH certificate, want the key that it certifies")
}

// puttygen's private keys are recognised, and its way to the public half works.
func TestParsePuTTY(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, edKey().Write(t.Context(), filepath.Join(dir, "key"), secret("")))
	ppk := filepath.Join(dir, "key.ppk")
	run(t, "apt-get install putty-tools", "puttygen", filepath.Join(dir, "key"), "-O", "private", "-o", ppk)
	_, err := sshkeys.ParsePublicKey(must(os.ReadFile(ppk)))
	assert.ErrorContains(t, err, "got a private key of PuTTY, want the public one: puttygen FILE -O public-openssh prints it")
	_, err = sshkeys.ParsePrivateKey(must(os.ReadFile(ppk)), secret(""))
	assert.EqualError(t, err, "parse private key: got a key of PuTTY, want it in the form of OpenSSH: puttygen FILE -O private-openssh -o NEW converts it")
	k, err := sshkeys.ParsePublicKey([]byte(run(t, "", "puttygen", ppk, "-O", "public-openssh")))
	require.NoError(t, err)
	assert.True(t, edKey().Public().Equal(k))
	run(t, "", "puttygen", ppk, "-O", "private-openssh", "-o", filepath.Join(dir, "new"))
	private, err := sshkeys.ParsePrivateKey(must(os.ReadFile(filepath.Join(dir, "new"))), secret(""))
	require.NoError(t, err)
	assert.True(t, edKey().Public().Equal(private.Public()))
}

// What is parsed prints as a line that parses to the same, and no text makes the
// parser panic.
func FuzzParsePublicKeys(f *testing.F) {
	ed := edKey().Public()
	for _, encode := range encodings {
		f.Add(encode(ed.String() + "\n"))
		f.Add(encode(rfc4716(ed, "Comment: \"a\\\nb\"\n")))
	}
	f.Add([]byte(`restrict,command="a \"b\"" ` + ed.String()))
	f.Add([]byte(dsaLine + "\n" + ecKey().String()))
	f.Add([]byte(pemText("PUBLIC KEY", must(x509.MarshalPKIXPublicKey(edKey().Signer().Public())))))
	f.Add([]byte(wire("sk-ssh-ed25519@openssh.com", strings.Repeat("k", 32), "ssh:")))
	f.Add([]byte("---- BEGIN SSH2 PUBLIC KEY ----\na:\\\n\\\n---- END SSH2 PUBLIC KEY ----"))
	f.Fuzz(func(t *testing.T, data []byte) {
		keys, err := sshkeys.ParsePublicKeys(data)
		if err != nil {
			parse, ok := errors.AsType[*sshkeys.ParseError](err)
			require.True(t, ok)
			require.Positive(t, parse.Line)
			require.Positive(t, parse.Column)
			return
		}
		require.NotEmpty(t, keys)
		for _, k := range keys {
			again, err := sshkeys.ParsePublicKey([]byte(k.String()))
			require.NoError(t, err, "%q", k.String())
			require.Equal(t, k, again)
			require.NotContains(t, k.Comment(), "\n")
			require.NotContains(t, k.String(), "\x1b")
		}
	})
}
