package pki

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"github.com/groundway-sdk/groundway"
)

// A Bundle is the certificates and keys of a cluster, wherever they come from:
// issued, signed elsewhere, or read from files. It holds material and cannot
// sign; that an [Issuer] can. The zero value is empty. Methods return copies
// that share certificates and keys, which nothing changes.
type Bundle struct {
	Materials map[ID]Material
	// Leftovers are the files of an interrupted write that a reader found.
	Leftovers []string
}

// A Material is what a bundle has of one entry of the inventory.
type Material struct {
	ID ID
	// Certificates are the certificate and its chain, leaf first; of an
	// authority, everything that is trusted, the one that signs first.
	Certificates []*x509.Certificate
	Key          Key // zero where it was not given or is not here
	// PublicKeys are those of the service-account pair: what tokens are verified
	// with, which may be more than one while keys rotate.
	PublicKeys []crypto.PublicKey
	// Sources are the files that it was read from, by part; none for what was
	// issued.
	Sources map[Part]Source
	// Faults are what was wrong or odd about these files.
	Faults []Fault
}

// A Source is a file that a part was read from.
type Source struct {
	Name string
	Mode fs.FileMode // zero where it is not known
	// Unreadable says why the file could not be read; its part is then unseen.
	Unreadable string
}

// A Fault is something wrong or odd about a file, found while reading it.
type Fault struct {
	Code     groundway.Code // the rule of [Verify] that it breaks
	Part     Part
	File     string
	Block    int    // the PEM block it is about, counted from 1; 0 is the whole file
	Line     int    // counted from 1; 0 is the whole file
	Got      string // what stands there; never anything of a private key
	Want     string
	Repaired bool // the bundle holds what the file should say
}

// Get returns the material of an entry; ok is false where there is none.
func (b Bundle) Get(id ID) (m Material, ok bool) {
	m, ok = b.Materials[id]
	return m, ok
}

// IDs returns the entries of which there is material, in the order of the
// inventory.
func (b Bundle) IDs() []ID { return slices.SortedFunc(maps.Keys(b.Materials), compareIDs) }

// With returns the bundle with the materials of others; what stands in several
// is taken from the last.
func (b Bundle) With(others ...Bundle) Bundle {
	all := Bundle{maps.Clone(b.Materials), slices.Clone(b.Leftovers)}
	if all.Materials == nil {
		all.Materials = map[ID]Material{}
	}
	for _, o := range others {
		maps.Copy(all.Materials, o.Materials)
		all.Leftovers = append(all.Leftovers, o.Leftovers...)
	}
	slices.Sort(all.Leftovers)
	all.Leftovers = slices.Compact(all.Leftovers)
	return all
}

// Without returns the bundle without these entries: [Issue] makes them anew.
func (b Bundle) Without(ids ...ID) Bundle {
	all := b.With()
	for _, id := range ids {
		delete(all.Materials, id)
	}
	return all
}

// Put returns the bundle with this material in place of what it had.
func (b Bundle) Put(m Material) Bundle {
	return b.With(Bundle{Materials: map[ID]Material{m.ID: m}})
}

func (b Bundle) sorted() []Material {
	var list []Material
	for _, id := range b.IDs() {
		list = append(list, b.Materials[id])
	}
	return list
}

// Issuer returns the authority's certificate and key as an [Issuer].
func (b Bundle) Issuer(a Authority) (Issuer, error) {
	m := b.Materials[a.CA()]
	m.ID = a.CA()
	return m.issuer()
}

// Certificate returns the leaf, or the authority's certificate that signs; nil
// where there is none.
func (m Material) Certificate() *x509.Certificate {
	if len(m.Certificates) == 0 {
		return nil
	}
	return m.Certificates[0]
}

// PEM returns a part as components read it: a certificate with its chain, leaf
// first, a key in PKCS #8, public keys in PKIX form. What the material does not
// have, and a key that is not in this process, gives the empty secret.
func (m Material) PEM(part Part) (groundway.Secret, error) {
	var out bytes.Buffer
	switch part {
	case PartCertificate:
		for _, c := range m.Certificates {
			_ = pem.Encode(&out, &pem.Block{Type: blockCertificate, Bytes: c.Raw})
		}
	case PartKey:
		if m.Key.IsZero() {
			return groundway.Secret{}, nil
		}
		text, err := m.Key.PEM()
		if errors.Is(err, ErrNoPrivateKey) {
			return groundway.Secret{}, nil
		}
		return text, err
	case PartPublicKey:
		for _, k := range m.PublicKeys {
			der, err := x509.MarshalPKIXPublicKey(k)
			if err != nil {
				return groundway.Secret{}, fmt.Errorf("encode public key: %v", err)
			}
			_ = pem.Encode(&out, &pem.Block{Type: blockPublicKey, Bytes: der})
		}
	default:
		return groundway.Secret{}, fmt.Errorf("part %q: want %s, %s or %s", part, PartCertificate, PartKey, PartPublicKey)
	}
	return groundway.NewSecret(out.String()), nil
}

// has reports whether there is anything of a part.
func (m Material) has(part Part) bool {
	switch part {
	case PartCertificate:
		return len(m.Certificates) > 0
	case PartKey:
		return !m.Key.IsZero()
	}
	return len(m.PublicKeys) > 0
}
