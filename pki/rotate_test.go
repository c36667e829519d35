package pki_test

import (
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/pki"
)

// A rotation is what is rotated, in which inventory, and to whom.
type rotation struct {
	inv  pki.Inventory
	id   pki.ID
	next pki.Issuer
}

// rotatable are what signs.
func rotatable(t *testing.T) map[string]rotation {
	all := map[string]rotation{}
	own := inventory(t, demo(), pki.InventoryOptions{})
	for _, id := range []pki.ID{pki.EtcdCA, pki.KubeCA, pki.IngressCA, pki.FrontProxyCA} {
		all[string(id)] = rotation{inv: own, id: id}
	}
	// Tokens signed with ECDSA are as good, and their keys take no time.
	quick := inventory(t, demo(), pki.InventoryOptions{Algorithms: map[pki.ID]pki.Algorithm{pki.ServiceAccount: pki.ECDSAP256}})
	all["service-account"] = rotation{inv: quick, id: pki.ServiceAccount}
	all["kube/ca for the ingress too"] = rotation{inv: inventory(t, demo(), pki.InventoryOptions{IngressUnderKube: true}), id: pki.KubeCA}
	company := newCA(t, "company", newCA(t, "root", nil, nil), nil)
	all["etcd/ca to a key elsewhere"] = rotation{own, pki.EtcdCA, issuer(t, opaque{company.key}, company)}
	return all
}

// signer returns the key that signs.
func signer(b pki.Bundle, id pki.ID) any {
	if id == pki.ServiceAccount {
		return b.Materials[id].Key.Public()
	}
	return b.Materials[id].Certificate().PublicKey
}

// What the plan says, step by step.
func TestPlanRotation(t *testing.T) {
	for name, r := range rotatable(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, err := pki.Issue(r.inv, pki.IssueOptions{Time: noon, Provided: tokens(t)})
			require.NoError(t, err)
			later := noon.AddDate(0, 1, 0)
			none, err := pki.PlanRotation(r.inv, b, r.id, pki.RotateOptions{Time: later})
			require.NoError(t, err)
			assert.Equal(t, pki.Rotation{ID: r.id, Phase: pki.PhaseSteady}, none, "nothing is begun that nobody asked for")

			plan, err := pki.PlanRotation(r.inv, b, r.id, pki.RotateOptions{Time: later, Begin: true, Next: r.next})
			require.NoError(t, err)
			require.Len(t, plan.Steps, 4)
			before := b
			for i, want := range []pki.Phase{pki.PhasePrepared, pki.PhasePublished, pki.PhaseSwitched, pki.PhaseSteady} {
				s := plan.Steps[i]
				assert.Equal(t, want, s.To)
				assert.Empty(t, s.Broken, s.To)
				assert.NotEmpty(t, s.Do)
				assert.NotEmpty(t, s.Undo)
				assert.Equal(t, []time.Duration{0, 0, time.Hour, 24 * time.Hour}[i], s.Wait)
				assert.Equal(t, s.Wait != 0, s.For != "")
				assert.Equal(t, want == pki.PhasePrepared, len(s.Readers) == 0, "nobody reads what is only prepared")
				report := groundway.NewReport(later, pki.Verify(s.Bundle, demo(), pki.VerifyOptions{Time: later, Inventory: r.inv}))
				assert.NoError(t, report.Err(), s.To)
				// The plan of what is there by then carries on where it was.
				rest, err := pki.PlanRotation(r.inv, s.Bundle, r.id, pki.RotateOptions{Time: later, Next: r.next})
				require.NoError(t, err)
				assert.Equal(t, want, rest.Phase)
				assert.Len(t, rest.Steps, len(plan.Steps)-i-1)
				assert.Empty(t, pki.Refusals(r.inv, before, s.Bundle, later))
				before = s.Bundle
			}
			assert.NotEqual(t, signer(b, r.id), signer(before, r.id))
			assert.Equal(t, b.IDs(), before.IDs())
			// Whoever skips a step breaks something, unless it is the first.
			for i, s := range plan.Steps[2:] {
				from := append([]pki.Bundle{b}, plan.Steps[0].Bundle, plan.Steps[1].Bundle)[i]
				assert.NotEmpty(t, pki.Refusals(r.inv, from, s.Bundle, later), "from %d to %s", i, s.To)
			}
		})
	}
}

// A rig has a bundle in a directory.
type rig struct {
	*testing.T
	rotation
	dir string
}

func (r rig) read() pki.Bundle {
	b, err := pki.TectonicLayout().Read(os.DirFS(r.dir), pki.ReadOptions{})
	require.NoError(r, err)
	return b
}

// copy copies the directory, and leaves the files closed to others.
func (r rig) copy(to string) {
	require.NoError(r, os.CopyFS(to, os.DirFS(r.dir)))
	for name, mode := range listing(r.T, to) {
		if mode.IsRegular() {
			require.NoError(r, os.Chmod(filepath.Join(to, filepath.FromSlash(name)), 0o600))
		}
	}
}

func (r rig) plan(b pki.Bundle, begin bool) pki.Rotation {
	plan, err := pki.PlanRotation(r.inv, b, r.id, pki.RotateOptions{Time: noon, Begin: begin, Next: r.next})
	require.NoError(r, err)
	return plan
}

// take writes a step and ends before so many files; done is false if it did.
func (r rig) take(s pki.RotationStep, files int) (done bool) {
	ctx := &hook{Context: r.Context(), do: func(n int) error {
		if n > files {
			return context.Canceled
		}
		return nil
	}}
	_, err := pki.TectonicLayout().Write(ctx, r.dir, s.Bundle, pki.WriteOptions{Replace: s.Changed, Remove: s.Removed})
	if err != nil {
		require.ErrorIs(r, err, context.Canceled)
	}
	return err == nil
}

// holds requires that every connection comes about in every mixture of two
// states, by handshakes of crypto/tls.
func (r rig) holds(from, to pki.Bundle, say string) {
	r.Helper()
	worlds := []pki.Bundle{from, to}
	pools := map[string]*x509.CertPool{}
	for i, b := range worlds {
		for _, a := range r.inv.Authorities {
			p := x509.NewCertPool()
			for _, c := range b.Materials[a.Name.CA()].Certificates {
				p.AddCert(c)
			}
			pools[fmt.Sprint(i, a.Name)] = p
		}
	}
	node := func(id pki.ID) pki.ID {
		if id == pki.Kubelet {
			return pki.KubeletOf("ip-10-0-1-20.ec2.internal")
		}
		return id
	}
	for _, e := range r.inv.Edges {
		server, client := node(e.Server), node(e.Client)
		if server == "" { // nothing of the inventory: any server will do
			server = pki.IngressServer
		}
		if client == "" {
			client = pki.Admin
		}
		same := func(id pki.ID) bool {
			return slices.EqualFunc(from.Materials[id].Certificates, to.Materials[id].Certificates, (*x509.Certificate).Equal)
		}
		if same(server) && same(client) && same(server.Authority().CA()) && same(client.Authority().CA()) {
			continue // as it was before
		}
		// What the one end checks and what the other does are apart: four mixtures
		// have all of both.
		for mix := range 4 {
			shows, trusts := worlds[mix&1], fmt.Sprint(mix>>1, server.Authority())
			back, backTrusts := worlds[mix&1], fmt.Sprint(mix>>1, client.Authority())
			serverErr, clientErr := handshake(shows.Materials[server], back.Materials[client], pools[backTrusts], pools[trusts])
			require.NoError(r, serverErr, "%s: %s, %s to %s", say, e.Path, e.From, e.To)
			require.NoError(r, clientErr, "%s: %s, %s to %s", say, e.Path, e.From, e.To)
		}
	}
	for mix := range 4 {
		signs, trusts := worlds[mix&1].Materials[pki.ServiceAccount], worlds[mix>>1].Materials[pki.ServiceAccount]
		require.True(r, slices.ContainsFunc(trusts.PublicKeys, signs.Key.Matches), "%s: tokens", say)
	}
}

// ends carries a change on to its end in memory, and requires that the end is
// what was wanted.
func (r rig) ends(b pki.Bundle, old any, say string) {
	r.Helper()
	for range 6 {
		plan := r.plan(b, false)
		if len(plan.Steps) == 0 {
			require.Equal(r, pki.PhaseSteady, plan.Phase, say)
			_, left := b.Get(r.id.Next())
			require.False(r, left, say)
			require.NotEqual(r, old, signer(b, r.id), say)
			require.Empty(r, with(pki.Verify(b, r.inv.Cluster, pki.VerifyOptions{Time: noon, Inventory: r.inv, SharedIngress: true}), groundway.Failed), say)
			return
		}
		for _, s := range plan.Steps {
			require.Empty(r, s.Broken, say)
		}
		b = plan.Steps[0].Bundle
	}
	r.Fatalf("%s: the plan has no end", say)
}

// A step that ends at any file is carried on, and at no file does it break a
// connection.
func TestRotationInterrupted(t *testing.T) {
	for name, what := range rotatable(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, err := pki.Issue(what.inv, pki.IssueOptions{Time: noon, Provided: tokens(t)})
			require.NoError(t, err)
			r := rig{t, what, t.TempDir()}
			_, err = pki.TectonicLayout().Write(t.Context(), r.dir, b, pki.WriteOptions{})
			require.NoError(t, err)
			old := signer(b, what.id)
			steps := 0
			for plan := r.plan(b, true); len(plan.Steps) > 0; plan = r.plan(r.read(), false) {
				s, before := plan.Steps[0], r.read()
				for files := 1; ; files++ {
					cut := rig{t, what, t.TempDir()}
					r.copy(cut.dir)
					if cut.take(s, files) {
						break
					}
					say := fmt.Sprintf("to %s, %d files", s.To, files)
					cut.holds(before, cut.read(), say)
					cut.ends(cut.read(), old, say)
				}
				require.True(t, r.take(s, 1000))
				r.holds(before, r.read(), "to "+s.To.String())
				steps++
			}
			assert.Equal(t, 4, steps)
			r.ends(r.read(), old, "at the end")
		})
	}
}

// Runs that end anywhere, again and again, come to the same end.
func TestRotationAtRandom(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			rng := rand.New(rand.NewPCG(seed, 1))
			names := []string{"etcd/ca to a key elsewhere", "kube/ca", "service-account", "kube/ca for the ingress too"}
			what := rotatable(t)[names[seed%4]]
			b, err := pki.Issue(what.inv, pki.IssueOptions{Time: noon, Provided: tokens(t)})
			require.NoError(t, err)
			r := rig{t, what, t.TempDir()}
			_, err = pki.TectonicLayout().Write(t.Context(), r.dir, b, pki.WriteOptions{})
			require.NoError(t, err)
			old := signer(b, what.id)
			begin := true
			for range 200 {
				before := r.read()
				plan := r.plan(before, begin)
				if len(plan.Steps) == 0 {
					break
				}
				done := r.take(plan.Steps[0], 1+rng.IntN(12))
				begin = false
				r.holds(before, r.read(), fmt.Sprintf("to %s, done %t", plan.Steps[0].To, done))
			}
			r.ends(r.read(), old, "at the end")
		})
	}
}

// The next authority's key is elsewhere, below a company's root that is trusted
// beside it.
func TestRotateToAnIssuer(t *testing.T) {
	inv := inventory(t, demo(), pki.InventoryOptions{})
	root := newCA(t, "root", nil, nil)
	company := newCA(t, "company", root, nil)
	next := issuer(t, opaque{company.key}, company, root)
	b := good(t)
	for _, want := range []pki.Phase{pki.PhasePrepared, pki.PhasePublished, pki.PhaseSwitched, pki.PhaseSteady} {
		plan, err := pki.PlanRotation(inv, b, pki.EtcdCA, pki.RotateOptions{Time: noon, Begin: want == pki.PhasePrepared, Next: next})
		require.NoError(t, err)
		require.Equal(t, want, plan.Steps[0].To)
		require.Empty(t, plan.Steps[0].Broken)
		b = plan.Steps[0].Bundle
	}
	assert.Equal(t, []*x509.Certificate{company.cert}, b.Materials[pki.EtcdCA].Certificates)
	assert.True(t, b.Materials[pki.EtcdCA].Key.IsZero())
	assert.Empty(t, with(pki.Verify(b, demo(), pki.VerifyOptions{Time: noon}), groundway.Failed))

	// And back to one whose key is here.
	for range 4 {
		plan, err := pki.PlanRotation(inv, b, pki.EtcdCA, pki.RotateOptions{Time: noon, Begin: b.Materials[pki.EtcdCA].Key.IsZero()})
		require.NoError(t, err)
		b = plan.Steps[0].Bundle
	}
	assert.Len(t, b.Materials[pki.EtcdCA].Certificates, 1)
	assert.False(t, b.Materials[pki.EtcdCA].Key.IsZero())
	assert.Empty(t, with(pki.Verify(b, demo(), pki.VerifyOptions{Time: noon}), groundway.Failed))
}

// The next key is behind a signer that has no certificate yet.
func TestRotateToASigner(t *testing.T) {
	inv := inventory(t, demo(), pki.InventoryOptions{})
	next := pki.NewKey(opaque{p256(t)})
	b := good(t).Put(pki.Material{ID: pki.KubeCA.Next(), Key: next})
	for _, want := range []pki.Phase{pki.PhasePublished, pki.PhaseSwitched, pki.PhaseSteady} {
		plan, err := pki.PlanRotation(inv, b, pki.KubeCA, pki.RotateOptions{Time: noon})
		require.NoError(t, err)
		require.Equal(t, want, plan.Steps[0].To)
		require.Empty(t, plan.Steps[0].Broken)
		b = plan.Steps[0].Bundle
	}
	assert.True(t, next.Matches(b.Materials[pki.KubeCA].Certificate().PublicKey))
	assert.Empty(t, with(pki.Verify(b, demo(), pki.VerifyOptions{Time: noon}), groundway.Failed))

	// Whose certificate is lost is found by its key, and nothing panics.
	plan, err := pki.PlanRotation(inv, good(t).Put(pki.Material{ID: pki.KubeCA.Next(), Key: next}), pki.KubeCA, pki.RotateOptions{Time: noon})
	require.NoError(t, err)
	published := plan.Steps[0].Bundle.Put(pki.Material{ID: pki.KubeCA.Next(), Key: next})
	plan, err = pki.PlanRotation(inv, published, pki.KubeCA, pki.RotateOptions{Time: noon})
	require.NoError(t, err)
	assert.Equal(t, pki.PhasePublished, plan.Phase)
	assert.True(t, next.Matches(plan.Steps[1].Bundle.Materials[pki.KubeCA].Certificate().PublicKey))
}

// An authority with its root beside it keeps both through a rotation, and the
// root is no change that is under way.
func TestRotateBesideARoot(t *testing.T) {
	root := newCA(t, "root", nil, nil)
	company := newCA(t, "company", root, nil)
	inv := inventory(t, demo(), pki.InventoryOptions{})
	b, err := pki.Issue(inv, pki.IssueOptions{Time: noon, Provided: tokens(t).Put(pki.Material{
		ID: pki.EtcdCA, Certificates: []*x509.Certificate{company.cert, root.cert}, Key: pki.NewKey(company.key),
	})})
	require.NoError(t, err)
	plan, err := pki.PlanRotation(inv, b, pki.EtcdCA, pki.RotateOptions{Time: noon})
	require.NoError(t, err)
	assert.Equal(t, pki.PhaseSteady, plan.Phase)
	plan, err = pki.PlanRotation(inv, b, pki.EtcdCA, pki.RotateOptions{Time: noon, Begin: true})
	require.NoError(t, err)
	require.Len(t, plan.Steps, 4)
	for _, s := range plan.Steps {
		assert.Empty(t, s.Broken)
	}
	assert.Len(t, plan.Steps[3].Bundle.Materials[pki.EtcdCA].Certificates, 1)
}

// refusing is a key that does not sign, such as one that was disabled.
type refusing struct{ opaque }

func (refusing) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	return nil, errors.New("the key is disabled")
}

// lying is a key that signs something else.
type lying struct{ opaque }

func (l lying) Sign(random io.Reader, digest []byte, o crypto.SignerOpts) ([]byte, error) {
	digest = slices.Clone(digest)
	digest[0] ^= 1
	return l.opaque.Sign(random, digest, o)
}

// What a step would break is in the plan before anything is written.
func TestRotationThatBreaks(t *testing.T) {
	inv := inventory(t, demo(), pki.InventoryOptions{})
	broken := func(b pki.Bundle, id pki.ID, o pki.RotateOptions) map[pki.Phase][]string {
		o.Time, o.Begin = noon, true
		plan, err := pki.PlanRotation(inv, b, id, o)
		require.NoError(t, err)
		said := map[pki.Phase][]string{}
		for _, s := range plan.Steps {
			for _, r := range s.Broken {
				said[s.To] = append(said[s.To], r.String())
			}
		}
		return said
	}
	narrow := newCA(t, "narrow", nil, func(c *x509.Certificate) { c.PermittedDNSDomains = []string{"example.org"} })
	assert.Equal(t, map[pki.Phase][]string{pki.PhaseSwitched: {
		`browser refuses ingress/server: x509: a root or intermediate certificate is not authorized to sign for this name: DNS name "demo.k8s.example.com" is not permitted by any constraint`,
		`kube-apiserver refuses ingress/server: x509: a root or intermediate certificate is not authorized to sign for this name: DNS name "demo.k8s.example.com" is not permitted by any constraint`,
	}}, broken(good(t), pki.IngressCA, pki.RotateOptions{Next: issuer(t, narrow.key, narrow)}))

	shared := good(t).Materials[pki.Admin]
	shared.ID = pki.Kubelet
	said := broken(good(t).Put(shared), pki.KubeCA, pki.RotateOptions{})
	require.Len(t, said, 1)
	require.Len(t, said[pki.PhaseSteady], 1)
	assert.Contains(t, said[pki.PhaseSteady][0], "kube-apiserver refuses kube/kubelet: x509: certificate signed by unknown authority")
}

// What cannot be carried on is said, and no step comes of it.
func TestPlanRotationErrors(t *testing.T) {
	inv := inventory(t, demo(), pki.InventoryOptions{})
	stranger := newCA(t, "stranger", nil, nil)
	at := func(phase pki.Phase) pki.Bundle {
		plan, err := pki.PlanRotation(inv, good(t), pki.KubeCA, pki.RotateOptions{Time: noon, Begin: true})
		require.NoError(t, err)
		return plan.Steps[slices.IndexFunc(plan.Steps, func(s pki.RotationStep) bool { return s.To == phase })].Bundle
	}
	for _, test := range []struct {
		name string
		id   pki.ID
		b    pki.Bundle
		o    pki.RotateOptions
		want string
	}{
		{"no time", pki.KubeCA, good(t), pki.RotateOptions{}, "rotate kube/ca: no time given"},
		{"no authority", pki.APIServer, good(t), pki.RotateOptions{Time: noon}, "rotate kube/apiserver: the inventory has no such authority"},
		{"nothing there", pki.KubeCA, pki.Bundle{}, pki.RotateOptions{Time: noon}, "rotate kube/ca: the bundle does not have the certificate of kube/ca"},
		{"no tokens", pki.ServiceAccount, pki.Bundle{}, pki.RotateOptions{Time: noon}, "rotate service-account: the key of service-account is not there"},
		{"the key of a stranger", pki.KubeCA, func() pki.Bundle {
			m := good(t).Materials[pki.KubeCA]
			m.Key = pki.NewKey(stranger.key)
			return good(t).Put(m)
		}(), pki.RotateOptions{Time: noon}, "rotate kube/ca: the key of kube/ca belongs to none of its certificates"},
		{"a certificate of a stranger", pki.KubeCA, func() pki.Bundle {
			w := newWorld(t)
			w.under(pki.Scheduler, stranger)
			return w.b
		}(), pki.RotateOptions{Time: noon}, `rotate kube/ca: kube/scheduler is signed by "stranger", which kube/ca does not trust`},
		{"the next key of a stranger", pki.KubeCA, func() pki.Bundle {
			b := at(pki.PhasePrepared)
			m := b.Materials[pki.KubeCA.Next()]
			m.Key = pki.NewKey(stranger.key)
			return b.Put(m)
		}(), pki.RotateOptions{Time: noon}, "rotate kube/ca: the key of kube/ca/next does not belong to its certificate"},
		{
			"another next authority", pki.KubeCA, at(pki.PhasePublished),
			pki.RotateOptions{Time: noon, Next: issuer(t, stranger.key, stranger)},
			`rotate kube/ca: kube/ca/next is "kube-ca" already, and another one is given`,
		},
		{
			"a clock behind", pki.KubeCA, at(pki.PhasePrepared),
			pki.RotateOptions{Time: noon.Add(-time.Hour)},
			"rotate kube/ca: kube/ca/next begins on 2026-03-01T11:50:00Z, and it is 2026-03-01T11:00:00Z: the clock is behind",
		},
		{
			"long ago", pki.KubeCA, at(pki.PhasePrepared),
			pki.RotateOptions{Time: noon.AddDate(11, 0, 0)},
			"rotate kube/ca: kube/ca/next ended on 2036-02-27T12:00:00Z; remove it, and begin anew",
		},
		{"no key to switch to", pki.KubeCA, func() pki.Bundle {
			b := at(pki.PhasePublished)
			m := b.Materials[pki.KubeCA.Next()]
			m.Key = pki.Key{}
			return b.Put(m)
		}(), pki.RotateOptions{Time: noon}, `rotate kube/ca: the key of "kube-ca" is not in the bundle; give the issuer`},
		{"the next one stands below the one that signs", pki.KubeCA, good(t), func() pki.RotateOptions {
			m := good(t).Materials[pki.KubeCA]
			below := newCA(t, "below", nil, nil)
			c := *below.cert
			c.SignatureAlgorithm, c.AuthorityKeyId = 0, nil
			below.cert = sign(t, &c, m.Certificate(), c.PublicKey, m.Key.Signer())
			return pki.RotateOptions{Time: noon, Begin: true, Next: issuer(t, below.key, below)}
		}(), `rotate kube/ca: the next authority "below" is signed by one that is trusted, which would have to stay`},
		{
			"a signature that fails", pki.KubeCA, good(t),
			pki.RotateOptions{Time: noon, Begin: true, Next: issuer(t, refusing{opaque{stranger.key}}, stranger)},
			`rotate kube/ca: sign kube/apiserver: create certificate "kube-apiserver": the key is disabled`,
		},
		{
			"a signature that does not verify", pki.KubeCA, good(t),
			pki.RotateOptions{Time: noon, Begin: true, Next: issuer(t, lying{opaque{stranger.key}}, stranger)},
			`rotate kube/ca: sign kube/apiserver: create certificate "kube-apiserver": x509: signature returned by signer is invalid: x509: ECDSA verification failure`,
		},
		{"a third authority", pki.KubeCA, func() pki.Bundle {
			b := at(pki.PhasePublished)
			m := b.Materials[pki.KubeCA]
			m.Certificates = append(slices.Clone(m.Certificates), stranger.cert)
			return b.Put(m)
		}(), pki.RotateOptions{Time: noon}, ""},
	} {
		plan, err := pki.PlanRotation(inv, test.b, test.id, test.o)
		if test.want == "" {
			assert.ErrorContains(t, err, "is trusted beside the one that signs and the next, ecdsa-p256 ", test.name)
		} else {
			assert.EqualError(t, err, test.want, test.name)
		}
		assert.Empty(t, plan)
	}
	shared := inventory(t, demo(), pki.InventoryOptions{IngressUnderKube: true})
	_, err := pki.PlanRotation(shared, good(t), pki.IngressCA, pki.RotateOptions{Time: noon})
	assert.EqualError(t, err, "rotate ingress/ca: it is the same as kube/ca; rotate that")
}

// Only what a rotation prepared is removed, and nothing if anything stands in the
// way.
func TestWriteRemoves(t *testing.T) {
	dir, layout := t.TempDir(), pki.TectonicLayout()
	_, err := layout.Write(t.Context(), dir, good(t), pki.WriteOptions{Remove: []pki.ID{pki.EtcdPeer}})
	assert.EqualError(t, err, "write tectonic layout: remove etcd/peer: only what a rotation prepared is removed, and the key of an authority")
	_, err = layout.Write(t.Context(), dir, good(t), pki.WriteOptions{Remove: []pki.ID{pki.EtcdCA}})
	assert.EqualError(t, err, "write tectonic layout: remove etcd/ca: the bundle has it")
	next := pki.Bundle{}.Put(pki.Material{ID: pki.EtcdCA.Next(), Key: key(t, pki.ECDSAP256)})
	_, err = layout.Write(t.Context(), dir, next, pki.WriteOptions{Remove: []pki.ID{pki.EtcdCA.Next()}})
	assert.EqualError(t, err, "write tectonic layout: remove etcd/ca/next: the bundle has it")
	assert.Len(t, listing(t, dir), 1)
	_, err = layout.Write(t.Context(), dir, next, pki.WriteOptions{})
	require.NoError(t, err)
	path := filepath.Join(dir, "tls", "etcd-client-ca-next.key")
	assert.FileExists(t, path)
	for range 2 {
		written, err := layout.Write(t.Context(), dir, pki.Bundle{}, pki.WriteOptions{Remove: []pki.ID{pki.EtcdCA.Next()}})
		require.NoError(t, err)
		assert.Empty(t, written)
		assert.NoFileExists(t, path)
	}
}
