package oidc

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

const (
	// DiscoveryPath is where the discovery document stands below an issuer.
	DiscoveryPath = "/.well-known/openid-configuration"
	// KeySetPath is where the API server has its key set, and [NewDocuments] puts
	// it.
	KeySetPath = "/openid/v1/jwks"
)

// A Discovery is the document by which verifiers find the keys of an issuer.
//
// https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata
type Discovery struct {
	Issuer     string   `json:"issuer"`   // the same text as in every token
	JWKSURI    string   `json:"jwks_uri"` // where the key set is
	Responses  []string `json:"response_types_supported"`
	Subjects   []string `json:"subject_types_supported"`
	Algorithms []string `json:"id_token_signing_alg_values_supported"`
}

// NewDiscovery returns the document of a cluster's issuer, as the API server
// serves it: with the algorithms of the keys.
func NewDiscovery(issuer, jwksURI string, keys KeySet) Discovery {
	d := Discovery{Issuer: issuer, JWKSURI: jwksURI, Responses: []string{"id_token"}, Subjects: []string{"public"}}
	for _, k := range keys.Keys {
		d.Algorithms = append(d.Algorithms, algorithmOf(k.Public))
	}
	slices.Sort(d.Algorithms)
	d.Algorithms = slices.Compact(d.Algorithms)
	return d
}

// ParseDiscovery reads a discovery document. Members that no verifier of tokens
// reads are passed over; a document without an issuer or the place of its keys,
// over 64 KiB, or in which a name stands twice, is an error.
func ParseDiscovery(data []byte) (Discovery, error) {
	const most = 1 << 16
	if len(data) > most {
		return Discovery{}, fmt.Errorf("parse discovery document: it has %d bytes, and at most %d are read", len(data), most)
	}
	var d Discovery
	if err := decode(data, &d); err != nil {
		return Discovery{}, fmt.Errorf("parse discovery document: %w", err)
	}
	switch {
	case d.Issuer == "":
		return Discovery{}, errors.New("parse discovery document: it names no issuer")
	case d.JWKSURI == "":
		return Discovery{}, errors.New("parse discovery document: it names no jwks_uri")
	}
	return d, nil
}

// Bytes returns the JSON text.
func (d Discovery) Bytes() []byte {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(d) // of strings
	return []byte(strings.TrimSuffix(b.String(), "\n"))
}

// Documents are what an issuer publishes: both are public, and neither is secret.
type Documents struct {
	Discovery Discovery
	Keys      KeySet
}

// NewDocuments returns the documents of an issuer that publishes these keys below
// its own URL. The error is that of [CheckIssuer].
func NewDocuments(issuer string, keys KeySet) (Documents, error) {
	if err := CheckIssuer(issuer); err != nil {
		return Documents{}, fmt.Errorf("documents: %w", err)
	}
	if err := keys.check(); err != nil {
		return Documents{}, fmt.Errorf("documents: key set: %w", err)
	}
	return Documents{NewDiscovery(issuer, issuer+KeySetPath, keys), keys}, nil
}

// A Document is a file that an issuer serves.
type Document struct {
	Path         string // below the issuer, with a slash first
	ContentType  string
	CacheControl string // short, because keys change
	Data         []byte
}

// Files returns the documents in the order in which they are to be written: the
// keys before the document that leads to them.
func (d Documents) Files() []Document {
	const kind, cache = "application/json", "public, max-age=300"
	return []Document{
		{KeySetPath, kind, cache, d.Keys.Bytes()},
		{DiscoveryPath, kind, cache, d.Discovery.Bytes()},
	}
}
