package sshkeys

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// MaxText is the size of the largest text that is read, in bytes: some thousand
// keys.
const MaxText = 1 << 20

// A ParseError says what is wrong with the text of a key. It never repeats any
// of the text, which may be a private key that was put there by mistake.
type ParseError struct {
	Line, Column int    // from 1; the column in characters
	Reason       string // "got …, want …", with the command that converts it where there is one
	Private      bool   // the text is a private key: leaked, where others can read it
}

func (e *ParseError) Error() string {
	return fmt.Sprintf("parse public key: line %d column %d: %s", e.Line, e.Column, e.Reason)
}

// ParsePublicKey reads a text that holds one public key, in one of the forms
// that people have them in:
//
//   - a line of authorized_keys or of a .pub file, with options or without
//   - RFC 4716, the form of ssh-keygen -e: ---- BEGIN SSH2 PUBLIC KEY ----
//   - PKCS #1 and SubjectPublicKeyInfo in PEM: -----BEGIN RSA PUBLIC KEY-----,
//     -----BEGIN PUBLIC KEY-----
//   - the Base64 of the SSH or the DER encoding alone, on one line or several
//
// as UTF-8 or UTF-16, with a byte order mark or without, with the line ends of
// Unix or Windows. Empty lines and lines that begin with # are passed over.
//
// What is not a plain public key is refused with the way to one: private keys of
// every form, those of PuTTY among them, OpenSSH and X.509 certificates, and the
// keys of security tokens (sk-), which EC2 does not take. ECDSA and DSA keys are
// read, for [Check] to say what is wrong with them.
//
// Errors are a [*ParseError]. So is a text with no key or with several, for
// which there is [ParsePublicKeys].
func ParsePublicKey(text []byte) (PublicKey, error) {
	keys, places, err := parse(text)
	if err != nil {
		return PublicKey{}, err
	}
	if len(keys) > 1 {
		return PublicKey{}, places[1].errorf("got a second key, want one")
	}
	return keys[0], nil
}

// ParsePublicKeys reads a text of one key or several, such as authorized_keys, in
// the forms of [ParsePublicKey], and returns them in the order of the text. A
// line that is no key is an error: none is lost in silence.
func ParsePublicKeys(text []byte) ([]PublicKey, error) {
	keys, _, err := parse(text)
	return keys, err
}

// A place is where in a text something begins.
type place struct{ line, column int }

func (p place) errorf(format string, args ...any) *ParseError {
	return &ParseError{Line: p.line, Column: p.column, Reason: fmt.Sprintf(format, args...)}
}

// refuse returns an error at the place. It takes over what err is, if it is
// a ParseError already.
func (p place) refuse(err error) *ParseError {
	if own, ok := errors.AsType[*ParseError](err); ok {
		return own
	}
	e := p.errorf("%v", err)
	if err == errPrivate || err == errPrivatePPK || err == errPrivateSSH1 {
		e.Private = true
		e.Reason += "; treat the private key as leaked if others can read this text"
	}
	return e
}

func parse(data []byte) ([]PublicKey, []place, error) {
	start := place{1, 1}
	if len(data) > MaxText {
		return nil, nil, start.errorf("got a text of over 1 MiB, which no list of keys is")
	}
	text, err := plainText(data)
	if err != nil {
		return nil, nil, start.refuse(err)
	}
	r := reader{lines: strings.Split(text, "\n")}
	if err := r.findPrivate(); err != nil {
		return nil, nil, err
	}
	for r.skipEmpty() {
		at := r.place()
		k, err := r.key()
		if err != nil {
			return nil, nil, at.refuse(err)
		}
		r.keys, r.places = append(r.keys, k), append(r.places, at)
	}
	if len(r.keys) == 0 {
		return nil, nil, start.errorf("got no key, want one such as ssh-ed25519 AAAA…")
	}
	return r.keys, r.places, nil
}

// plainText returns the text as UTF-8, with \n at the ends of lines. A byte
// order mark tells its encoding; the redirection of PowerShell 5 writes one.
func plainText(data []byte) (string, error) {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		data = data[3:]
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		order, data = binary.LittleEndian, data[2:]
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		order, data = binary.BigEndian, data[2:]
	case len(data) >= 4 && data[0] != 0 && data[1] == 0 && data[2] != 0 && data[3] == 0:
		order = binary.LittleEndian // without a mark
	}
	if order != nil {
		if len(data)%2 != 0 {
			return "", errors.New("got UTF-16 that ends in the middle of a character, want the whole text")
		}
		units := make([]uint16, len(data)/2)
		for i := range units {
			units[i] = order.Uint16(data[2*i:])
		}
		data = []byte(string(utf16.Decode(units)))
	}
	if bytes.IndexByte(data, 0) >= 0 {
		return "", errors.New("got bytes that are no text, want a public key as text: ssh-ed25519 AAAA…")
	}
	return strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(data)), nil
}

// A reader walks the lines of a text.
type reader struct {
	lines  []string
	at     int // the line that is next
	keys   []PublicKey
	places []place
}

func (r *reader) more() bool { return r.at < len(r.lines) }

// line returns the next line without the space around it.
func (r *reader) line() string { return strings.TrimSpace(r.lines[r.at]) }

// place returns where the next line begins.
func (r *reader) place() place {
	indent := len(r.lines[r.at]) - len(strings.TrimLeft(r.lines[r.at], " \t"))
	return place{r.at + 1, 1 + indent}
}

// column returns the place of what begins at a byte of the line as line
// returns it.
func (r *reader) column(offset int) place {
	p := r.place()
	p.column += utf8.RuneCountInString(r.line()[:offset])
	return p
}

// skipEmpty passes over what is no key, and reports whether more follows.
func (r *reader) skipEmpty() bool {
	for ; r.more(); r.at++ {
		if l := r.line(); l != "" && l[0] != '#' {
			return true
		}
	}
	return false
}

// key reads the key that begins with the next line, and stops behind it.
func (r *reader) key() (PublicKey, error) {
	line := r.line()
	switch {
	case strings.HasPrefix(line, beginSSH2):
		return r.rfc4716()
	case strings.HasPrefix(line, "-----BEGIN "):
		return r.pem()
	case strings.HasPrefix(line, "----"):
		return PublicKey{}, errors.New("got a block of another kind, want " + beginSSH2 + " or -----BEGIN PUBLIC KEY-----")
	case len(r.keys) == 0 && r.isBase64():
		return r.base64()
	}
	k, err := r.authorized(line)
	r.at++
	return k, err
}

// findPrivate returns an error if a private key stands anywhere in the text: it
// comes before everything else that could be said.
func (r *reader) findPrivate() error {
	for i, line := range r.lines {
		if err := privateLine(strings.TrimSpace(line)); err != nil {
			return place{i + 1, 1}.refuse(err)
		}
	}
	return nil
}

// The private keys that are told from others, with the way to their public half.
var (
	errPrivate     = errors.New("got a private key, want the public one: ssh-keygen -y -f FILE prints it")
	errPrivatePPK  = errors.New("got a private key of PuTTY, want the public one: puttygen FILE -O public-openssh prints it")
	errPrivateSSH1 = errors.New("got a private key of SSH protocol 1, want a new key: ssh-keygen -t ed25519 makes one")
)

// privateLine returns an error if a private key begins with the line.
func privateLine(line string) error {
	switch {
	case strings.HasPrefix(line, "PuTTY-User-Key-File-"):
		return errPrivatePPK
	case strings.Contains(line, "BEGIN ") && strings.Contains(line, "PRIVATE KEY"), strings.HasPrefix(line, opensshMagic64):
		return errPrivate
	case strings.HasPrefix(line, "SSH PRIVATE KEY FILE FORMAT 1.1"):
		return errPrivateSSH1
	}
	return nil
}

// opensshMagic64 is how the Base64 of an OpenSSH private key begins, which is
// the Base64 of "openssh-key-v1".
const opensshMagic64 = "b3BlbnNzaC1rZXktdjE"
