package pki

import (
	"cmp"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// RotateOptions say how a key that signs is replaced.
type RotateOptions struct {
	Time time.Time // now; required
	// Begin begins a change where none is under way. Without it one that is under
	// way is carried on, and where none is there is nothing to do.
	Begin bool
	// Next is the authority that is to sign, where its key is elsewhere; give it
	// to every step of the change. The zero value makes one as the inventory has
	// it, whose key the bundle then holds. For a signer that has no certificate
	// yet, put its key into the bundle as the material of [ID.Next] instead, at
	// every step: the plan makes the certificate. It is not for the service-account
	// key.
	Next Issuer
	// Cache is how long those who check signatures may hold on to what they
	// trusted; zero is an hour, as kube-apiserver allows for the keys of tokens.
	Cache time.Duration
	// Life is how long what was signed may be in use without being in the bundle,
	// such as tokens, the certificates of kubelets that asked for theirs, and
	// kubeconfigs of people; zero is a day.
	Life time.Duration
	// Backdate is that of IssueOptions.
	Backdate time.Duration
}

// A Rotation is what remains to be done until another key signs.
type Rotation struct {
	ID    ID // the authority's certificate, or the service-account key pair
	Phase Phase
	Steps []RotationStep // none where nothing is to be done
}

// A RotationStep leads from one phase to the next. Write its bundle, bring the
// files to their readers, restart those that do not read them again, and plan
// anew before the next step: what a plan says of later steps is how they would be
// now.
type RotationStep struct {
	PhaseStep
	Bundle  Bundle // afterwards
	Changed []ID   // whose files change: WriteOptions.Replace
	Removed []ID   // whose files go, of an authority its key's: WriteOptions.Remove
	// Readers are the programs and fields that take what changes; those for which
	// Use.Reloads is false are to be restarted, in any order.
	Readers []Use
	// Broken are the connections that work before the step and would not at some
	// moment while it is taken, with some programs still before it and others
	// behind it. There are none unless the next authority may not vouch for a name
	// or a usage, or the bundle has a certificate that the inventory has not and
	// that nobody issues anew, such as the one that Tectonic's nodes share.
	Broken []Refusal
}

// PlanRotation returns the steps that remain until another key takes the place of
// the one that signs: of an authority, by the ID of its certificate, or of the
// service-account key pair. How far a change has come is read from the bundle
// alone, so that one that was interrupted at any file is carried on. Every step is
// tried by simulated handshakes over every connection of the inventory, in every
// mixture of old and new files.
//
// Certificates keep their keys: each is then replaced in one file, and whatever
// was written when a run ended, key and certificate fit. An authority that signs
// for another as well, such as kube for the ingress, changes in both places.
//
// It fails where the bundle holds material of somebody else's: an authority that
// no phase explains, a certificate that none of the authorities signed, a key
// that does not fit.
func PlanRotation(inv Inventory, b Bundle, id ID, o RotateOptions) (Rotation, error) {
	o.Cache, o.Life = cmp.Or(o.Cache, time.Hour), cmp.Or(o.Life, day)
	plan, err := planRotation(inv, b, id, o)
	if err != nil {
		return Rotation{}, fmt.Errorf("rotate %s: %w", id, err)
	}
	return plan, nil
}

// A rotated is what changes its key.
type rotated interface {
	ring(b Bundle) (KeyRing, error)
	// prepare returns the name of the next key, which it makes or finds.
	prepare(b Bundle) (Bundle, string, error)
	publish(b Bundle) (Bundle, error)
	change(b Bundle) (Bundle, error)
	retire(b Bundle) Bundle
}

func planRotation(inv Inventory, b Bundle, id ID, o RotateOptions) (Rotation, error) {
	var what rotated
	switch {
	case o.Time.IsZero():
		return Rotation{}, errors.New("no time given")
	case id == ServiceAccount:
		what = tokenKey{inv.ServiceAccountAlgorithm}
	default:
		a, ok := inv.Authority(id.Authority())
		switch {
		case !ok || !id.IsCA():
			return Rotation{}, errors.New("the inventory has no such authority")
		case a.SameAs != "":
			return Rotation{}, fmt.Errorf("it is the same as %s; rotate that", a.SameAs.CA())
		}
		what = authorityKey{inv, a, o}
	}
	ring, err := what.ring(b)
	if err != nil {
		return Rotation{}, err
	}
	phase, err := ring.Phase()
	if err != nil {
		return Rotation{}, err
	}
	prepared, next := b, ""
	if o.Begin && phase == PhaseSteady {
		if prepared, next, err = what.prepare(b); err != nil {
			return Rotation{}, err
		}
	}
	steps, err := PlanPhases(ring, next, PhaseOptions{o.Cache, o.Life})
	if err != nil {
		return Rotation{}, err
	}
	plan := Rotation{ID: id, Phase: phase}
	before := b
	for _, s := range steps {
		after := prepared
		switch s.To {
		case PhasePublished:
			after, err = what.publish(before)
		case PhaseSwitched:
			after, err = what.change(before)
		case PhaseSteady:
			after = what.retire(before)
		}
		if err != nil {
			return Rotation{}, err
		}
		plan.add(inv, before, after, s, o.Time)
		before = after
	}
	if _, left := b.Get(id.Next()); left && len(steps) == 0 && (ring.Next == "" || ring.Next == ring.Signs) {
		plan.add(inv, b, b.Without(id.Next()), PhaseStep{
			From: phase, To: phase, Ring: ring,
			Do: "Remove what an interrupted step left of the next key, which signs by now.", Undo: "There is nothing to go back to.",
		}, o.Time)
	}
	return plan, nil
}

func (r *Rotation) add(inv Inventory, before, after Bundle, s PhaseStep, at time.Time) {
	step := RotationStep{PhaseStep: s, Bundle: after, Broken: Refusals(inv, before, after, at)}
	for _, m := range after.sorted() {
		changed := changedParts(before.Materials[m.ID], m)
		if len(changed) == 0 {
			continue
		}
		step.Changed = append(step.Changed, m.ID)
		for _, u := range inv.Cluster.usesOf(m.ID) {
			if slices.Contains(changed, u.Part) && u.Field != "" {
				step.Readers = append(step.Readers, u)
			}
		}
	}
	// A key file beside the certificate of another authority would sign again.
	if id := r.ID; !before.Materials[id].Key.IsZero() && after.Materials[id].Key.IsZero() {
		step.Removed = append(step.Removed, id)
	}
	for _, id := range before.IDs() {
		if _, kept := after.Get(id); !kept {
			step.Removed = append(step.Removed, id)
		}
	}
	r.Steps = append(r.Steps, step)
}

// changedParts returns the parts whose files would hold something else.
func changedParts(before, after Material) []Part {
	var parts []Part
	if !slices.EqualFunc(before.Certificates, after.Certificates, (*x509.Certificate).Equal) {
		parts = append(parts, PartCertificate)
	}
	if before.Key.IsZero() != after.Key.IsZero() || !after.Key.IsZero() && !after.Key.Matches(before.Key.Public()) {
		parts = append(parts, PartKey)
	}
	if !slices.EqualFunc(before.PublicKeys, after.PublicKeys, samePublic) {
		parts = append(parts, PartPublicKey)
	}
	return parts
}

// A tokenKey is the service-account key pair.
type tokenKey struct{ algorithm Algorithm }

func (t tokenKey) ring(b Bundle) (KeyRing, error) {
	m := b.Materials[ServiceAccount]
	switch {
	case m.Key.IsZero():
		return KeyRing{}, fmt.Errorf("the key of %s is not there", ServiceAccount)
	case len(m.PublicKeys) == 0:
		return KeyRing{}, fmt.Errorf("the public key of %s is not there", ServiceAccount)
	}
	ring := KeyRing{Signs: keyPrint(m.Key.Public())}
	for _, k := range m.PublicKeys {
		ring.Trusted = append(ring.Trusted, keyPrint(k))
	}
	next := b.Materials[ServiceAccount.Next()]
	if !next.Key.IsZero() {
		ring.Next = keyPrint(next.Key.Public())
	}
	return ring, nil
}

func (t tokenKey) prepare(b Bundle) (Bundle, string, error) {
	key, err := GenerateKey(cmp.Or(t.algorithm, RSA2048))
	if err != nil {
		return Bundle{}, "", err
	}
	next := Material{ID: ServiceAccount.Next(), Key: key, PublicKeys: []crypto.PublicKey{key.Public()}}
	return b.Put(next), keyPrint(key.Public()), nil
}

func (t tokenKey) publish(b Bundle) (Bundle, error) {
	m, next := b.Materials[ServiceAccount], b.Materials[ServiceAccount.Next()]
	m.PublicKeys = append(slices.Clone(m.PublicKeys), next.Key.Public())
	return b.Put(m), nil
}

func (t tokenKey) change(b Bundle) (Bundle, error) {
	m, next := b.Materials[ServiceAccount], b.Materials[ServiceAccount.Next()]
	m.Key = next.Key
	return b.Put(m).Without(ServiceAccount.Next()), nil
}

func (t tokenKey) retire(b Bundle) Bundle {
	m := b.Materials[ServiceAccount]
	m.PublicKeys = []crypto.PublicKey{m.Key.Public()}
	return b.Put(m).Without(ServiceAccount.Next())
}

// An authorityKey is an authority, with what it signs.
type authorityKey struct {
	inv Inventory
	ca  CertificateAuthority
	o   RotateOptions
}

func (a authorityKey) id() ID { return a.ca.Name.CA() }

// signing returns the certificate that signs: the one that the key belongs to,
// or else the first.
func (a authorityKey) signing(m Material) (*x509.Certificate, error) {
	if len(m.Certificates) == 0 {
		return nil, fmt.Errorf("the bundle does not have the certificate of %s", m.ID)
	}
	if m.Key.IsZero() {
		return m.Certificates[0], nil
	}
	i := slices.IndexFunc(m.Certificates, func(c *x509.Certificate) bool { return m.Key.Matches(c.PublicKey) })
	if i < 0 {
		return nil, fmt.Errorf("the key of %s belongs to none of its certificates", m.ID)
	}
	return m.Certificates[i], nil
}

func (a authorityKey) ring(b Bundle) (KeyRing, error) {
	m := b.Materials[a.id()]
	m.ID = a.id()
	signing, err := a.signing(m)
	if err != nil {
		return KeyRing{}, err
	}
	ring := KeyRing{Signs: keyPrint(signing.PublicKey)}
	if ring.Next, err = a.next(b); err != nil {
		return KeyRing{}, err
	}
	// A key is not trusted any longer once no file has it, and the next one is once
	// all have it.
	places := a.places()
	times := map[string]int{}
	for _, place := range places {
		for name := range a.trusted(b.Materials[place].Certificates, signing) {
			times[name]++
		}
	}
	for _, name := range slices.Sorted(maps.Keys(times)) {
		if name != ring.Next || times[name] == len(places) {
			ring.Trusted = append(ring.Trusted, name)
		}
	}
	if times[ring.Signs] < len(places) {
		return KeyRing{}, fmt.Errorf("not all of %s trust %q, which signs", join(idWords(places)), nameOf(signing))
	}
	for _, c := range a.inv.Certificates {
		leaf := b.Materials[c.ID]
		if c.Authority != a.ca.Name || len(leaf.Certificates) == 0 {
			continue
		}
		path, anchored := pathOf(leaf.Certificates, m.Certificates)
		if !anchored {
			return KeyRing{}, fmt.Errorf("%s is signed by %q, which %s does not trust", c.ID, issuerOf(path[len(path)-1]), a.id())
		}
		if name := keyPrint(path[len(path)-1].PublicKey); slices.Contains(ring.Trusted, name) && !slices.Contains(ring.InUse, name) {
			ring.InUse = append(ring.InUse, name)
		}
	}
	return ring, nil
}

// places are where the authority is trusted: its own entry, and those of the
// authorities that it stands for.
func (a authorityKey) places() []ID {
	var ids []ID
	for _, ca := range a.inv.Authorities {
		if ca.Name == a.ca.Name || ca.SameAs == a.ca.Name {
			ids = append(ids, ca.Name.CA())
		}
	}
	return ids
}

func idWords(ids []ID) []string {
	var words []string
	for _, id := range ids {
		words = append(words, string(id))
	}
	return words
}

// trusted returns the keys of an authority's file, with their certificates, but
// for those that only lead from the one that signs to its root.
func (a authorityKey) trusted(list []*x509.Certificate, signing *x509.Certificate) map[string][]*x509.Certificate {
	path, _ := pathOf(slices.Insert(without(list, signing), 0, signing), nil)
	keys := map[string][]*x509.Certificate{}
	for _, c := range list {
		if !slices.ContainsFunc(path[1:], c.Equal) {
			keys[keyPrint(c.PublicKey)] = append(keys[keyPrint(c.PublicKey)], c)
		}
	}
	return keys
}

func without(list []*x509.Certificate, c *x509.Certificate) []*x509.Certificate {
	return slices.DeleteFunc(slices.Clone(list), c.Equal)
}

// next returns the name of the key that is prepared, and checks that it is one
// that can sign.
func (a authorityKey) next(b Bundle) (string, error) {
	m := b.Materials[a.id().Next()]
	m.ID = a.id().Next()
	c := m.Certificate()
	switch {
	case c == nil && m.Key.IsZero():
		return "", nil
	case c == nil:
		return keyPrint(m.Key.Public()), nil
	case !m.Key.IsZero() && !m.Key.Matches(c.PublicKey):
		return "", fmt.Errorf("the key of %s does not belong to its certificate", m.ID)
	case a.o.Next.Certificate() != nil && !samePublic(a.o.Next.Certificate().PublicKey, c.PublicKey):
		return "", fmt.Errorf("%s is %q already, and another one is given", m.ID, nameOf(c))
	case c.NotBefore.After(a.o.Time):
		return "", fmt.Errorf("%s begins on %s, and it is %s: the clock is behind", m.ID, stamp(c.NotBefore), stamp(a.o.Time))
	case c.NotAfter.Before(a.o.Time):
		return "", fmt.Errorf("%s ended on %s; remove it, and begin anew", m.ID, stamp(c.NotAfter))
	}
	return keyPrint(c.PublicKey), nil
}

func (a authorityKey) prepare(b Bundle) (Bundle, string, error) {
	next := Material{ID: a.id().Next()}
	if given := a.o.Next.Certificate(); given != nil {
		if slices.ContainsFunc(b.Materials[a.id()].Certificates, func(c *x509.Certificate) bool { return vouches(c, given) }) {
			return Bundle{}, "", fmt.Errorf("the next authority %q is signed by one that is trusted, which would have to stay", nameOf(given))
		}
		next.Certificates = a.o.Next.chain[:1:1]
	} else {
		key, err := GenerateKey(a.ca.Algorithm)
		if err != nil {
			return Bundle{}, "", err
		}
		next.Key = key
		if next, err = a.certify(next); err != nil {
			return Bundle{}, "", err
		}
	}
	b = b.Put(next)
	name, err := a.next(b)
	return b, name, err
}

// certify gives the next authority its certificate.
func (a authorityKey) certify(m Material) (Material, error) {
	run := issuance{o: IssueOptions{Time: a.o.Time}, begin: beginOf(a.o.Time, a.o.Backdate)}
	c, err := run.selfSign(a.ca, m.Key)
	m.Certificates = []*x509.Certificate{c}
	return m, err
}

func (a authorityKey) publish(b Bundle) (Bundle, error) {
	next := b.Materials[a.id().Next()]
	if next.Certificate() == nil { // a run ended between its key and this
		var err error
		if next, err = a.certify(next); err != nil {
			return Bundle{}, err
		}
		b = b.Put(next)
	}
	return a.trust(b, append(without(b.Materials[a.id()].Certificates, next.Certificate()), next.Certificate())), nil
}

// trust puts the certificates wherever the authority is trusted.
func (a authorityKey) trust(b Bundle, list []*x509.Certificate) Bundle {
	for _, id := range a.places() {
		m := b.Materials[id]
		m.ID, m.Certificates = id, list
		b = b.Put(m)
	}
	return b
}

// change lets the next authority sign, or the one that signs finish what an
// interrupted run began.
func (a authorityKey) change(b Bundle) (Bundle, error) {
	m := b.Materials[a.id()]
	m.ID = a.id()
	signing, err := a.signing(m)
	if err != nil {
		return Bundle{}, err
	}
	next := b.Materials[a.id().Next()]
	if c := certified(next, m.Certificates); c != nil && !samePublic(c.PublicKey, signing.PublicKey) {
		m.Key, signing = next.Key, c
	}
	issuer, err := a.issuer(m, signing)
	if err != nil {
		return Bundle{}, err
	}
	b = a.trust(b.Put(m), slices.Insert(without(m.Certificates, signing), 0, signing))
	for _, c := range a.inv.Certificates {
		leaf := b.Materials[c.ID]
		if c.Authority != a.ca.Name || len(leaf.Certificates) == 0 {
			continue
		}
		if path, _ := pathOf(leaf.Certificates, []*x509.Certificate{signing}); path[len(path)-1].Equal(signing) {
			continue
		}
		if leaf.Certificates, err = issuer.sign(c, leaf.Certificate().PublicKey, a.o.Time, beginOf(a.o.Time, a.o.Backdate)); err != nil {
			return Bundle{}, err
		}
		b = b.Put(leaf)
	}
	return b.Without(a.id().Next()), nil
}

// certified returns the certificate of the next authority, which is among those
// that are trusted if it is not with its key.
func certified(next Material, trusted []*x509.Certificate) *x509.Certificate {
	list := slices.Concat(next.Certificates, trusted)
	if i := slices.IndexFunc(list, func(c *x509.Certificate) bool {
		return c == next.Certificate() || next.Key.Matches(c.PublicKey)
	}); i >= 0 {
		return list[i]
	}
	return nil
}

func (a authorityKey) issuer(m Material, signing *x509.Certificate) (Issuer, error) {
	given := a.o.Next
	switch {
	case given.Certificate() != nil && samePublic(given.Certificate().PublicKey, signing.PublicKey):
		return given, nil
	case m.Key.IsZero():
		return Issuer{}, fmt.Errorf("the key of %q is not in the bundle; give the issuer", nameOf(signing))
	}
	return NewIssuer([]*x509.Certificate{signing}, m.Key.Signer())
}

// retire keeps the authority that signs, and the way from it to its root where
// that is trusted.
func (a authorityKey) retire(b Bundle) Bundle {
	m := b.Materials[a.id()]
	signing, err := a.signing(m)
	if err != nil {
		return b // the ring was built from it
	}
	kept := m.Certificates
	for name, list := range a.trusted(kept, signing) {
		for _, c := range list {
			if name != keyPrint(signing.PublicKey) {
				kept = without(kept, c)
			}
		}
	}
	return a.trust(b, kept).Without(a.id().Next())
}
