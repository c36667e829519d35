package pki

import (
	"bytes"
	"encoding/pem"
	"strings"
)

// The types of PEM blocks (RFC 7468) that are read, or named in an answer.
const (
	blockCertificate = "CERTIFICATE"
	blockRequest     = "CERTIFICATE REQUEST"
	blockPrivateKey  = "PRIVATE KEY"
	blockEncrypted   = "ENCRYPTED PRIVATE KEY"
	blockRSAKey      = "RSA PRIVATE KEY"
	blockECKey       = "EC PRIVATE KEY"
	blockPublicKey   = "PUBLIC KEY"
	blockRSAPublic   = "RSA PUBLIC KEY"
)

// A block is a PEM block, or what looks like one.
type block struct {
	line    int // of BEGIN, counted from 1
	kind    string
	headers map[string]string
	bytes   []byte
	broken  string // why it cannot be read; bytes is then nil
}

// A scan is a PEM file taken apart. encoding/pem alone would pass over what it
// cannot read, which some components do and others do not.
type scan struct {
	blocks   []block
	bom      bool
	crlf     int // the first line that ends so
	trailing int // the first line with text behind the last block
}

var (
	beginPrefix = []byte("-----BEGIN ")
	endPrefix   = []byte("-----END ")
	dashes      = []byte("-----")
	utf8Mark    = []byte("\xef\xbb\xbf")
)

// scanPEM looks at each byte once.
func scanPEM(data []byte) scan {
	var s scan
	if rest, ok := bytes.CutPrefix(data, utf8Mark); ok {
		s.bom, data = true, rest
	}
	var open *block // the block whose END is awaited
	start := 0      // where it begins in data
	for line, at := 1, 0; at < len(data); line++ {
		end := bytes.IndexByte(data[at:], '\n')
		next := at + end + 1
		if end < 0 {
			next = len(data)
		}
		text := bytes.TrimRight(data[at:next], " \t\r\n")
		if s.crlf == 0 && bytes.HasSuffix(data[at:next], []byte("\r\n")) {
			s.crlf = line
		}
		switch kind, more, begins := marker(text, beginPrefix); {
		case begins:
			if open != nil {
				open.broken = "the END line is missing"
				s.blocks = append(s.blocks, *open)
			}
			open, start, s.trailing = &block{line: line, kind: kind}, at, 0
			if len(more) > 0 { // as in a variable, where line ends get lost
				open.broken = "there is more in the line of its BEGIN"
				if bytes.Contains(more, endPrefix) {
					s.blocks, open = append(s.blocks, *open), nil
				}
			}
		case open != nil:
			if kind, _, ends := marker(text, endPrefix); ends {
				open.decode(data[start:next], kind)
				s.blocks = append(s.blocks, *open)
				open = nil
			}
		case s.trailing == 0 && len(bytes.TrimSpace(text)) > 0 && len(s.blocks) > 0:
			s.trailing = line
		}
		at = next
	}
	if open != nil {
		open.broken = "the END line is missing"
		s.blocks = append(s.blocks, *open)
	}
	return s
}

// marker returns the type in a BEGIN or END line, and what stands behind it.
func marker(line, prefix []byte) (kind string, more []byte, ok bool) {
	rest, ok := bytes.CutPrefix(bytes.TrimLeft(line, " \t"), prefix)
	if !ok {
		return "", nil, false
	}
	name, more, ok := bytes.Cut(rest, dashes)
	return string(name), more, ok
}

func (b *block) decode(segment []byte, end string) {
	switch {
	case b.broken != "":
		return
	case end != b.kind:
		b.broken = "it ends as another type than it begins"
		return
	}
	p, _ := pem.Decode(segment)
	switch {
	case p == nil && (segment[0] == ' ' || segment[0] == '\t'):
		b.broken = "its lines are indented"
	case p == nil:
		b.broken = "it is not base64 text in PEM form"
	default:
		b.headers, b.bytes = p.Headers, p.Bytes
	}
}

// isPrivate reports whether blocks of this type hold private keys.
func isPrivate(kind string) bool { return strings.HasSuffix(kind, "PRIVATE KEY") }

// whatElse says what a file without any block is.
func whatElse(data []byte) string {
	switch {
	case len(bytes.TrimSpace(data)) == 0:
		return "an empty file"
	case data[0] == 0x30 && len(data) > 1 && data[1] >= 0x80:
		return "DER, the binary form"
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff")):
		return "text in UTF-16"
	}
	return "no PEM block"
}
