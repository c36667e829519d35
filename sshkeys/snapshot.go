package sshkeys

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/groundway-sdk/groundway"
)

// A Snapshot is what was seen of the key pairs of an account in one region. The
// zero value is a snapshot of which nothing was seen.
//
// Values are kept as AWS spells them. An empty one means that the answer did not
// hold the field, as that of a call without IncludePublicKey does not hold the
// public keys: it is unseen, and never read as a default.
//
// Its JSON form is canonical: one snapshot has one text, whatever the order of
// its items, and the key pairs stand under their names, so that the JSON pointers
// of evidence name them.
type Snapshot struct {
	groundway.Observation
	Parts
}

// Parts are the parts of a Snapshot, each the answer of one AWS call.
type Parts struct {
	KeyPairs groundway.Part[KeyPair] `json:"keyPairs"` // ec2:DescribeKeyPairs, all of the region
}

// MarshalJSON writes the canonical JSON of groundway.snapshot/v1.
func (s Snapshot) MarshalJSON() ([]byte, error) {
	return groundway.MarshalSnapshot(s.Observation, s.Parts)
}

// UnmarshalJSON reads groundway.snapshot/v1. Parts of other packages in the
// same file are left alone; in a file that has no key pairs they are unseen.
func (s *Snapshot) UnmarshalJSON(data []byte) error {
	*s = Snapshot{}
	o, err := groundway.UnmarshalSnapshot(data, &s.Parts)
	s.Observation = o
	return err
}

// A KeyPair as ec2:DescribeKeyPairs shows it, see
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_KeyPairInfo.html.
// EC2 holds the public half alone.
type KeyPair struct {
	Name        string `json:"name"`                  // unique in its region; untrusted text
	ID          string `json:"id,omitempty"`          // key-0a1
	Type        string `json:"type,omitempty"`        // rsa, ed25519
	Fingerprint string `json:"fingerprint,omitempty"` // in one of the forms of [PublicKey.ImportFingerprint] and [PrivateKey.CreateFingerprint]
	PublicKey   string `json:"publicKey,omitempty"`   // a line of authorized_keys, where the call asked for it
}

// Key returns the name.
func (p KeyPair) Key() string { return p.Name }

// Public returns the public key, and the zero value where it was not shown or
// cannot be read.
func (p KeyPair) Public() PublicKey {
	k, err := ParsePublicKey([]byte(p.PublicKey))
	if err != nil {
		return PublicKey{}
	}
	return k
}

// keyType returns the type of the key, as far as one field or another shows it.
func (p KeyPair) keyType() Type {
	if t, err := ParseType(strings.ToLower(p.Type)); err == nil {
		return t
	}
	if k := p.Public(); !k.IsZero() {
		return k.typ
	}
	switch form, _ := formOf(p.Fingerprint); form {
	case formMD5, formSHA1:
		return TypeRSA
	case formSHA256:
		return TypeED25519
	}
	return 0
}

// bits returns the length of the key, 0 where it was not seen. The RSA keys that
// EC2 makes have 2048 bits, see
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateKeyPair.html.
func (p KeyPair) bits() int {
	if form, _ := formOf(p.Fingerprint); p.PublicKey == "" && form == formSHA1 {
		return 2048
	}
	return p.Public().bits
}

// find returns the key pair of this name, or nil.
func (p Parts) find(name string) *KeyPair {
	for i, pair := range p.KeyPairs.Items {
		if pair.Name == name {
			return &p.KeyPairs.Items[i]
		}
	}
	return nil
}

// CheckName returns an error unless EC2 takes the name for a key pair: 1 to 255
// ASCII characters, no space first or last, see
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/create-key-pairs.html.
// Control characters, of which that page says nothing, are refused too.
func CheckName(name string) error {
	const longest = 255
	odd := func(r rune) bool { return r < ' ' || r > '~' }
	switch {
	case name == "":
		return fmt.Errorf("key pair name: got none, want 1 to %d ASCII characters", longest)
	case len(name) > longest:
		return fmt.Errorf("key pair name %.60q…: got %d characters, want %d at most", name, utf8.RuneCountInString(name), longest)
	case strings.ContainsFunc(name, odd):
		return fmt.Errorf("key pair name %q: want printable ASCII characters only", name)
	case strings.Trim(name, " ") != name:
		return fmt.Errorf("key pair name %q: want no space first or last", name)
	}
	return nil
}
