package identity

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"
)

// authorities returns the certificates of a PEM text.
func authorities(data []byte) []*x509.Certificate {
	var list []*x509.Certificate
	for {
		block, rest := pem.Decode(data)
		if block == nil {
			return list
		}
		data = rest
		if block.Type != "CERTIFICATE" {
			continue
		}
		if c, err := x509.ParseCertificate(block.Bytes); err == nil {
			list = append(list, c)
		}
	}
}

// fingerprint names a set of certificates, whatever their order: the common names
// and a part of a hash of what they are.
func fingerprint(list []*x509.Certificate) string {
	var raw [][]byte
	var names []string
	for _, c := range list {
		raw = append(raw, c.Raw)
		names = append(names, c.Subject.CommonName)
	}
	slices.SortFunc(raw, bytes.Compare)
	raw = slices.CompactFunc(raw, bytes.Equal)
	slices.Sort(names)
	names = slices.Compact(names)
	sum := sha256.Sum256(bytes.Join(raw, nil))
	return fmt.Sprintf("%s (SHA-256 %x…)", strings.Join(names, ", "), sum[:6])
}
