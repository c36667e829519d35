package sshkeys

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/ssh"
)

const (
	beginSSH2 = "---- BEGIN SSH2 PUBLIC KEY ----"
	endSSH2   = "---- END SSH2 PUBLIC KEY ----"
)

// rfc4716 reads the block that begins with the next line, see
// https://www.rfc-editor.org/rfc/rfc4716.
func (r *reader) rfc4716() (PublicKey, error) {
	r.at++
	comment := ""
	var body strings.Builder
	for ; r.more(); r.at++ {
		line := r.line()
		if line == endSSH2 {
			r.at++
			k, err := decodeKey(body.String())
			k.comment = cleanComment(comment)
			return k, err
		}
		tag, value, isHeader := strings.Cut(line, ":")
		if !isHeader {
			body.WriteString(line)
			continue
		}
		if value = r.continued(value); strings.EqualFold(tag, "comment") {
			comment = unquoted(strings.TrimSpace(value))
		}
	}
	return PublicKey{}, errors.New("got a block without its end, want the whole key up to " + endSSH2)
}

// continued returns the value of a header, which goes on in the next line where
// it ends with a backslash.
func (r *reader) continued(value string) string {
	var whole strings.Builder
	for strings.HasSuffix(value, `\`) && r.at+1 < len(r.lines) {
		whole.WriteString(strings.TrimSuffix(value, `\`))
		r.at++
		value = r.line()
	}
	whole.WriteString(value)
	return whole.String()
}

// unquoted takes off the quotes that ssh-keygen puts around comments.
func unquoted(s string) string {
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		return s[1 : len(s)-1]
	}
	return s
}

// pem reads the block that begins with the next line.
func (r *reader) pem() (PublicKey, error) {
	begin := r.at
	for ; r.more(); r.at++ {
		if strings.HasPrefix(r.line(), "-----END ") {
			break
		}
	}
	if !r.more() {
		return PublicKey{}, errors.New("got a block without its end, want the whole key up to its line -----END …")
	}
	r.at++
	lines := make([]string, 0, r.at-begin)
	for _, line := range r.lines[begin:r.at] {
		lines = append(lines, strings.TrimSpace(line))
	}
	block, _ := pem.Decode([]byte(strings.Join(lines, "\n") + "\n"))
	if block == nil {
		return PublicKey{}, errors.New("got a PEM block that cannot be read, want a whole one")
	}
	switch block.Type {
	case "RSA PUBLIC KEY", "PUBLIC KEY":
		return decodeDER(block.Bytes)
	case "CERTIFICATE", "TRUSTED CERTIFICATE", "X509 CERTIFICATE":
		return PublicKey{}, errors.New("got an X.509 certificate, want a public key: openssl x509 -in FILE -noout -pubkey prints the one that it certifies")
	}
	return PublicKey{}, errors.New("got a PEM block of another kind, want PUBLIC KEY or RSA PUBLIC KEY")
}

// isBase64 reports whether all that is left of the text is Base64, whatever
// lines it stands on, and long enough for a key.
func (r *reader) isBase64() bool {
	text := strings.Join(strings.Fields(strings.Join(r.lines[r.at:], " ")), "")
	word := func(c rune) bool {
		return c != '+' && c != '/' && c != '=' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z')
	}
	return len(text) >= 40 && !strings.ContainsFunc(text, word)
}

// base64 reads the rest of the text as one key.
func (r *reader) base64() (PublicKey, error) {
	text := strings.Join(r.lines[r.at:], " ")
	r.at = len(r.lines)
	return decodeKey(text)
}

// decodeKey reads the Base64 of a key in the SSH or a DER encoding.
func decodeKey(text string) (PublicKey, error) {
	data, err := decodeBase64(text)
	if err != nil {
		return PublicKey{}, err
	}
	if err := privateLine(string(data)); err != nil { // a file in Base64, as secrets are kept
		return PublicKey{}, err
	}
	if strings.HasPrefix(string(data), "\x00\x00\x00") {
		name := blobName(data)
		if err := refusedAlgorithm(name); err != nil {
			return PublicKey{}, err
		}
		return fromBlob(data)
	}
	return decodeDER(data)
}

// decodeBase64 reads Base64 with or without padding, over lines or in one.
func decodeBase64(text string) ([]byte, error) {
	text = strings.TrimRight(strings.Join(strings.Fields(text), ""), "=")
	data, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return nil, errors.New("got a key that is no Base64, want it whole and on one line")
	}
	return data, nil
}

// blobName returns the name of the algorithm that an SSH encoding begins with.
func blobName(blob []byte) string {
	var head struct {
		Name string
		Rest []byte `ssh:"rest"`
	}
	if ssh.Unmarshal(blob, &head) != nil {
		return ""
	}
	return head.Name
}

// decodeDER reads SubjectPublicKeyInfo or PKCS #1.
func decodeDER(der []byte) (PublicKey, error) {
	var key any
	if k, err := x509.ParsePKIXPublicKey(der); err == nil {
		key = k
	} else if k, err := x509.ParsePKCS1PublicKey(der); err == nil {
		key = k
	} else if isPrivateDER(der) {
		return PublicKey{}, errPrivate
	} else {
		return PublicKey{}, errUnreadable
	}
	switch key.(type) {
	case *rsa.PublicKey, ed25519.PublicKey, *ecdsa.PublicKey:
		k, err := NewPublicKey(key, "")
		if err != nil {
			return PublicKey{}, errUnreadable
		}
		return k, nil
	}
	return PublicKey{}, errOtherType
}

func isPrivateDER(der []byte) bool {
	if _, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		return true
	}
	if _, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return true
	}
	_, err := x509.ParseECPrivateKey(der)
	return err == nil
}

// authorized reads a line of authorized_keys, see sshd(8), section
// AUTHORIZED_KEYS FILE FORMAT.
func (r *reader) authorized(line string) (PublicKey, error) {
	name, rest := word(line)
	options := ""
	if !isAlgorithm(name) {
		end, closed := indexUnquoted(line, " \t")
		if !closed {
			return PublicKey{}, errors.New("got options with a quote that is not closed, want their end before the key")
		}
		options = line[:end]
		name, rest = word(strings.TrimLeft(line[end:], " \t"))
		if !isAlgorithm(name) {
			return PublicKey{}, errors.New(noKey(line))
		}
	}
	if err := checkOptions(options); err != nil {
		return PublicKey{}, err
	}
	at := r.column(len(line) - len(rest))
	if err := refusedAlgorithm(name); err != nil {
		return PublicKey{}, err
	}
	encoded, comment := word(rest)
	if encoded == "" {
		return PublicKey{}, at.errorf("got a line that ends behind the type of its key, want the key on the same line")
	}
	data, err := decodeBase64(encoded)
	if err != nil {
		return PublicKey{}, at.refuse(err)
	}
	if got := blobName(data); got != name && isAlgorithm(got) {
		if err := refusedAlgorithm(got); err != nil {
			return PublicKey{}, at.refuse(err)
		}
		return PublicKey{}, at.errorf("got a key of another type than the line says, want %s", name)
	}
	k, err := fromBlob(data)
	if err != nil {
		return PublicKey{}, at.errorf("got a key that cannot be read, want it whole: was it cut, or wrapped over lines?")
	}
	k.comment, k.options = cleanComment(comment), options
	return k, nil
}

// word splits off the first word of a line.
func word(line string) (first, rest string) {
	i := strings.IndexAny(line, " \t")
	if i < 0 {
		return line, ""
	}
	return line[:i], strings.TrimLeft(line[i:], " \t")
}

// noKey says what a line may be that is no key.
func noKey(line string) string {
	first, _ := word(line)
	switch {
	case strings.HasPrefix(first, "AAAA"):
		return "got a key without its type, want the whole line: ssh-ed25519 AAAA…"
	case first != "" && strings.Trim(first, "0123456789") == "":
		return "got a key of SSH protocol 1, want a new key: ssh-keygen -t ed25519 makes one"
	}
	return "got a line that is no key, want one such as ssh-ed25519 AAAA…"
}

// algorithmDSA is what package ssh calls InsecureKeyAlgoDSA, and has deprecated.
const algorithmDSA = "ssh-dss"

// algorithms are the plain keys that a line can begin with.
var algorithms = []string{
	ssh.KeyAlgoRSA, ssh.KeyAlgoED25519, ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521, algorithmDSA,
}

// isAlgorithm reports whether the word names an algorithm, whether it can be
// used or not.
func isAlgorithm(name string) bool {
	return slices.Contains(algorithms, name) || refusedAlgorithm(name) != nil
}

// refusedAlgorithm returns why there is no use for keys of an algorithm, or nil.
func refusedAlgorithm(name string) error {
	switch {
	case strings.Contains(name, "-cert-v0"):
		return errors.New("got an OpenSSH certificate, want the key that it certifies: the file without -cert in its name, or what ssh-keygen -y -f FILE prints of the private key")
	case strings.HasPrefix(name, "sk-"), strings.HasPrefix(name, "webauthn-sk-"):
		return errors.New("got the key of a security token, which EC2 does not take, want an RSA or ED25519 key: ssh-keygen -t ed25519 makes one")
	case name == ssh.KeyAlgoRSASHA256, name == ssh.KeyAlgoRSASHA512:
		return errors.New("got the name of a signature before the key, want ssh-rsa, whatever the signatures are")
	case strings.HasPrefix(name, "ssh-mldsa-"), name == "ssh-ed448", name == "ssh-xmss@openssh.com":
		return errOtherType
	}
	return nil
}

// optionNames are the options of sshd(8), in lower case.
var optionNames = []string{
	"agent-forwarding", "cert-authority", "command", "environment", "expiry-time", "from",
	"no-agent-forwarding", "no-port-forwarding", "no-pty", "no-touch-required", "no-user-rc", "no-x11-forwarding",
	"permitlisten", "permitopen", "port-forwarding", "principals", "pty", "restrict", "tunnel", "user-rc",
	"verify-required", "x11-forwarding", "zos-key-ring-label",
}

// indexUnquoted returns where one of the characters first stands outside of
// quotes, or the length of the text, and whether every quote was closed up to
// there.
func indexUnquoted(text, chars string) (at int, closed bool) {
	quoted := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && quoted && i+1 < len(text) && text[i+1] == '"':
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && strings.IndexByte(chars, c) >= 0:
			return i, true
		}
	}
	return len(text), !quoted
}

func splitOptions(options string) []string {
	if options == "" {
		return nil
	}
	var list []string
	for {
		end, _ := indexUnquoted(options, ",")
		list = append(list, options[:end])
		if end == len(options) {
			return list
		}
		options = options[end+1:]
	}
}

// checkOptions returns an error unless all are options that sshd knows: what
// else stands before a key is a host of known_hosts, or a slip.
func checkOptions(options string) error {
	for _, o := range splitOptions(options) {
		name, _, _ := strings.Cut(o, "=")
		if !slices.Contains(optionNames, strings.ToLower(name)) {
			return errors.New("got something before the key that is no option of authorized_keys, want the key alone; a line of known_hosts is the key of a host")
		}
	}
	control := func(c rune) bool { return unicode.IsControl(c) && c != '\t' || c == utf8.RuneError }
	if strings.ContainsFunc(options, control) {
		return errors.New("got options with characters that are no text, want the key alone")
	}
	return nil
}
