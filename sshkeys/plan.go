package sshkeys

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
)

// PlanOptions are what [PlanImport] may be told. The zero value is right.
type PlanOptions struct {
	Region  string // where the key pair is wanted; empty: the snapshot's region
	Owner   string // the value of groundway.OwnerTag, such as the name of the cluster; empty: "groundway"
	Windows bool   // some instances run Windows
	// Tags are given to the key pair besides.
	Tags map[string]string
}

// A Plan says what an import changes, and what it assumes. It is data, which an
// adapter applies. The zero value changes nothing.
type Plan struct {
	Account string            `json:"account,omitempty"`
	Region  string            `json:"region,omitempty"`
	Name    string            `json:"name"`
	Key     PublicKey         `json:"key"`
	Tags    map[string]string `json:"tags,omitempty"` // of the new key pair
	// Import says that the name was free and the key is to be imported.
	Import bool `json:"import"`
	// Existing is the key pair that is there and is this key already.
	Existing *KeyPair `json:"existing,omitempty"`
	// Findings are what stands in the way: failed, or not seen. With one of them
	// nothing is imported.
	Findings []groundway.Finding `json:"findings,omitempty"`
}

// PlanImport decides what it takes for the key pair of this name to be this key.
//
// A name that is free is imported. A key pair that is this key already is left
// as it is, whoever made it, so that a second plan after an import is empty. One that is another key is a finding, sshkeys/pair-mismatch,
// and never replaced; so are key pairs that could not be seen, which is unknown,
// and a name, a key or a region with which an import would fail.
//
// The comment of the key is imported with it if it is plain ASCII text, and left
// out otherwise. A key with options is refused.
//
// It is an error to give no name or no key.
func PlanImport(s Snapshot, name string, key PublicKey, o PlanOptions) (Plan, error) {
	switch {
	case name == "":
		return Plan{}, errors.New("plan import of a key pair: no name is given")
	case key.IsZero():
		return Plan{}, fmt.Errorf("plan import of the key pair %q: no public key is given", name)
	}
	p := Plan{Account: s.Account, Region: cmp.Or(o.Region, s.Region), Name: name, Key: importable(key)}
	options := Options{Region: o.Region, KeyName: name, PublicKey: key, Windows: o.Windows}
	for _, f := range Check(s, options) {
		open := f.Outcome == groundway.Failed && f.Severity == groundway.Error || f.Outcome == groundway.Unknown
		if open && !(f.Outcome == groundway.Failed && f.Code == codeNotFound) {
			p.Findings = append(p.Findings, f)
		}
	}
	if len(p.Findings) > 0 {
		return p, nil
	}
	if p.Existing = s.find(name); p.Existing == nil {
		p.Import = true
		p.Tags = maps.Clone(o.Tags)
		if p.Tags == nil {
			p.Tags = map[string]string{}
		}
		p.Tags[groundway.OwnerTag] = cmp.Or(o.Owner, "groundway")
	}
	return p, nil
}

// importable returns the key as it is handed to EC2, which hands it on to
// instances: without options, and without a comment that is anything but plain.
func importable(k PublicKey) PublicKey {
	k.options = ""
	if strings.ContainsFunc(k.comment, func(r rune) bool { return r < ' ' || r > '~' }) {
		k.comment = ""
	}
	return k
}

// Empty reports whether there is nothing to change. A plan with findings is not
// empty: what it was asked for is not there.
func (p Plan) Empty() bool { return !p.Import && len(p.Findings) == 0 }

// Err returns nil if the plan can be applied, and otherwise an error that names
// the findings which stand in the way.
func (p Plan) Err() error {
	if len(p.Findings) == 0 {
		return nil
	}
	var errs []string
	for _, f := range p.Findings {
		errs = append(errs, fmt.Sprintf("%s (%s): %s", f.Code, f.Outcome, f.Summary))
	}
	return errors.New(strings.Join(errs, "; "))
}

// String prints the plan like a diff, a line for each thing: + is made, = is
// there already, ! stands in the way.
func (p Plan) String() string {
	where := ""
	if p.Region != "" {
		where = " in " + p.Region
	}
	var b strings.Builder
	for _, f := range p.Findings {
		fmt.Fprintf(&b, "! %s %s: %s\n", f.Code, f.Outcome, groundway.Visible(f.Summary))
	}
	switch {
	case p.Import:
		fmt.Fprintf(&b, "+ key pair %q%s: %s %s\n", p.Name, where, p.Key.Type(), p.Key.Fingerprint())
		for _, key := range slices.Sorted(maps.Keys(p.Tags)) {
			fmt.Fprintf(&b, "+   tag %q = %q\n", key, p.Tags[key])
		}
	case p.Existing != nil:
		fmt.Fprintf(&b, "= key pair %q%s: %s %s\n", p.Name, where, p.Key.Type(), p.Key.Fingerprint())
	}
	return b.String()
}
