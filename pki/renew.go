package pki

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/groundway-sdk/groundway"
)

// RenewOptions say what is issued anew.
type RenewOptions struct {
	Time     time.Time            // now; required
	Issuers  map[Authority]Issuer // as in IssueOptions, of authorities whose key is not in the bundle
	Soon     time.Duration        // how long before its end a certificate is renewed; zero is 30 days
	NewKeys  bool                 // makes new keys too, where a certificate is renewed
	Backdate time.Duration        // as in IssueOptions
}

// A Renewal is a bundle with what had to be issued anew.
type Renewal struct {
	Bundle  Bundle
	Renewed []Renewed // in the order of the inventory
	// Readers are the programs and fields that take what changes; those for which
	// Use.Reloads is false are to be restarted.
	Readers []Use
	// Broken are the connections that would not come about while some programs have
	// the old files and others the new ones.
	Broken []Refusal
}

// A Renewed is a certificate that was issued anew.
type Renewed struct {
	ID     ID
	NewKey bool
	// Reasons are the findings that a new certificate settles, by code.
	Reasons []groundway.Code
}

// IDs returns what was renewed, for WriteOptions.Replace.
func (r Renewal) IDs() []ID {
	var ids []ID
	for _, e := range r.Renewed {
		ids = append(ids, e.ID)
	}
	return ids
}

// keyCodes are the findings that another key settles.
var keyCodes = []groundway.Code{codeKeyMismatch, codeKeyShared, codeWeakKey, codeKeyUnsupported}

// PlanRenewal issues anew the certificates that end soon or ended, that the
// cluster has outgrown, such as by a new member of etcd or another host of the
// console, and those with which [Verify] finds something else wrong that a new
// certificate settles. The authorities stay as they are. A certificate keeps its
// key, so that one file replaces another, unless the key is what is wrong or
// NewKeys asks for another. What a new certificate would not settle is left alone,
// and a second renewal of the result renews nothing.
//
// Entries that the inventory has and the bundle has not are issued as well. It
// fails where nobody can sign what has to be renewed.
func PlanRenewal(inv Inventory, b Bundle, o RenewOptions) (Renewal, error) {
	if o.Time.IsZero() {
		return Renewal{}, errors.New("renew certificates: no time given")
	}
	for _, a := range inv.Authorities {
		if len(b.Materials[a.Name.CA()].Certificates) == 0 {
			return Renewal{}, fmt.Errorf("renew certificates: the bundle does not have the certificate of %s", a.Name.CA())
		}
	}
	wrong := func(b Bundle) map[ID][]groundway.Code {
		codes := map[ID][]groundway.Code{}
		for _, f := range Verify(b, inv.Cluster, VerifyOptions{Time: o.Time, Soon: o.Soon, Inventory: inv, SharedIngress: true}) {
			id := ID(f.Subject.ID)
			if f.Outcome == groundway.Failed && f.Code != codeTimeFresh && f.Subject.Kind == kindCertificate {
				codes[id] = append(codes[id], f.Code)
			}
		}
		return codes
	}
	before := wrong(b)
	fresh := b
	for _, c := range inv.Certificates {
		if m, ok := b.Get(c.ID); ok && len(before[c.ID]) > 0 {
			m.ID, m.Certificates = c.ID, nil
			if o.NewKeys || slices.ContainsFunc(before[c.ID], func(code groundway.Code) bool { return slices.Contains(keyCodes, code) }) {
				m.Key = Key{}
			}
			fresh = fresh.Put(m)
		}
	}
	fresh, err := Issue(inv, IssueOptions{Time: o.Time, Issuers: o.Issuers, Provided: fresh, Backdate: o.Backdate})
	if err != nil {
		return Renewal{}, fmt.Errorf("renew certificates: %w", err)
	}
	after := wrong(fresh)
	r := Renewal{Bundle: b}
	for _, c := range inv.Certificates {
		settled := slices.DeleteFunc(slices.Clone(before[c.ID]), func(code groundway.Code) bool { return slices.Contains(after[c.ID], code) })
		if len(settled) == 0 {
			continue
		}
		m := fresh.Materials[c.ID]
		changed := changedParts(b.Materials[c.ID], m)
		r.Bundle = r.Bundle.Put(m)
		r.Renewed = append(r.Renewed, Renewed{c.ID, slices.Contains(changed, PartKey), slices.Compact(settled)})
		for _, u := range c.Uses {
			if slices.Contains(changed, u.Part) && u.Field != "" {
				r.Readers = append(r.Readers, u)
			}
		}
	}
	r.Broken = Refusals(inv, b, r.Bundle, o.Time)
	return r, nil
}
