package sshkeys

import (
	"github.com/groundway-sdk/groundway"
)

// A Verdict says whether a key pair of EC2 is the key that somebody holds. The
// zero value is invalid.
type Verdict uint8

const (
	_ Verdict = iota
	// Match means that it is.
	Match
	// Mismatch means that it is another.
	Mismatch
	// Absent means that there is no key pair of the name.
	Absent
	// Unverifiable means that what was seen does not tell.
	Unverifiable
)

var verdictNames = []string{Match: "match", Mismatch: "mismatch", Absent: "absent", Unverifiable: "unverifiable"}

// String returns the word of the JSON form, or "invalid".
func (v Verdict) String() string { return enumName(verdictNames, v) }

// MarshalText returns the word of the JSON form; an invalid verdict is an error.
func (v Verdict) MarshalText() ([]byte, error) { return enumText("verdict", verdictNames, v) }

// UnmarshalText accepts the words that MarshalText writes.
func (v *Verdict) UnmarshalText(text []byte) (err error) {
	*v, err = parseEnum[Verdict]("verdict", verdictNames, string(text))
	return err
}

// A Comparison is a verdict with what it rests on.
type Comparison struct {
	Verdict Verdict `json:"verdict"`
	By      string  `json:"by,omitempty"`  // what was compared, the surest that there was: "public key", "fingerprint" or "type"
	Got     string  `json:"got,omitempty"` // of EC2: a fingerprint as ssh-keygen or EC2 prints it, or a type
	Want    string  `json:"want,omitempty"`
	// Gaps say what has to be seen for a verdict, where it is Unverifiable.
	Gaps []groundway.Gap `json:"gaps,omitempty"`
}

const (
	byKey         = "public key"
	byFingerprint = "fingerprint"
	byType        = "type"
)

// Compare compares the key pair of this name with a public key. An RSA key pair
// that EC2 made, and whose public key was not shown, cannot be told by a public
// key: see ComparePrivate.
func (s Snapshot) Compare(name string, held PublicKey) Comparison {
	return s.compare(name, held, "")
}

// ComparePrivate compares the key pair of this name with a private key, from
// which every fingerprint of EC2 can be computed.
func (s Snapshot) ComparePrivate(name string, held PrivateKey) Comparison {
	return s.compare(name, held.Public(), held.CreateFingerprint())
}

func (s Snapshot) compare(name string, held PublicKey, created string) Comparison {
	if pair := s.find(name); pair != nil {
		return pair.compare(held, created)
	}
	if s.KeyPairs.Complete() {
		return Comparison{Verdict: Absent}
	}
	return Comparison{Verdict: Unverifiable, Gaps: gapsOf(s.KeyPairs)}
}

// Compare compares the key pair with a public key, as [Snapshot.Compare] does.
func (p KeyPair) Compare(held PublicKey) Comparison { return p.compare(held, "") }

// ComparePrivate compares the key pair with a private key, as
// [Snapshot.ComparePrivate] does.
func (p KeyPair) ComparePrivate(held PrivateKey) Comparison {
	return p.compare(held.Public(), held.CreateFingerprint())
}

// compare asks the surest witness first: the key itself, then its fingerprint,
// whose form tells what was hashed, then its type.
func (p KeyPair) compare(held PublicKey, created string) Comparison {
	if held.IsZero() {
		return Comparison{Verdict: Unverifiable, Gaps: []groundway.Gap{{Action: actionKeyPairs, Message: "there is no key to compare with"}}}
	}
	if shown := p.Public(); !shown.IsZero() {
		return verdict(byKey, shown.Fingerprint(), held.Fingerprint())
	}
	if t := p.keyType(); t != 0 && t != held.typ {
		return verdict(byType, t.String(), held.typ.String())
	}
	form, got := formOf(p.Fingerprint)
	switch {
	case form == formMD5 && got == held.rfc4716Fingerprint():
		// The one that the API reference describes names the key as surely.
		return verdict(byFingerprint, got, got)
	case form == formMD5, form == formSHA256:
		return verdict(byFingerprint, got, held.ImportFingerprint())
	case form == formSHA1 && created != "":
		return verdict(byFingerprint, got, created)
	}
	why := "the answer shows neither the public key of " + p.Name + " nor a fingerprint that can be read"
	if form == formSHA1 {
		why = "the answer does not show the public key of " + p.Name + ", and its fingerprint is that of a private key which EC2 made"
	}
	return Comparison{Verdict: Unverifiable, Gaps: []groundway.Gap{{Action: actionKeyPairs, Message: why}}}
}

func verdict(by, got, want string) Comparison {
	c := Comparison{Verdict: Match, By: by, Got: got, Want: want}
	if got != want {
		c.Verdict = Mismatch
	}
	return c
}

func gapsOf(p groundway.Part[KeyPair]) []groundway.Gap {
	if len(p.Gaps) > 0 {
		return p.Gaps
	}
	return []groundway.Gap{{Action: actionKeyPairs}}
}
