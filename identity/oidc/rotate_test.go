package oidc_test

import (
	"crypto"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/identity/oidc"
	"github.com/groundway-sdk/groundway/pki"
)

func TestPlanRotation(t *testing.T) {
	t.Parallel()
	k := keys()
	one, two := keyID(t, k.ec.Public()), keyID(t, k.next.Public())
	first, both, last := keySet(t, k.ec.Public()), keySet(t, k.ec.Public(), k.next.Public()), keySet(t, k.next.Public())

	steps, err := oidc.PlanRotation(first, one, nil, oidc.RotateOptions{})
	require.NoError(t, err)
	assert.Empty(t, steps)

	steps, err = oidc.PlanRotation(first, one, k.next.Public(), oidc.RotateOptions{})
	require.NoError(t, err)
	require.Len(t, steps, 3)
	for i, want := range []struct {
		to      pki.Phase
		wait    time.Duration
		keys    oidc.KeySet
		publish bool
	}{
		{pki.PhasePublished, 0, both, true},
		{pki.PhaseSwitched, time.Hour, both, false},
		{pki.PhaseSteady, 24 * time.Hour, last, true},
	} {
		assert.Equal(t, want.to, steps[i].To)
		assert.Equal(t, want.wait, steps[i].Wait)
		assert.Equal(t, want.keys, steps[i].Keys)
		assert.Equal(t, want.publish, steps[i].Publish)
		assert.NotEmpty(t, steps[i].Do)
		assert.NotEmpty(t, steps[i].Undo)
	}
	// One that was interrupted is carried on, and a finished one is over.
	for i, at := range []struct {
		keys  oidc.KeySet
		signs string
		next  crypto.PublicKey
	}{{both, one, k.next.Public()}, {both, two, k.next.Public()}, {last, two, k.next.Public()}} {
		rest, err := oidc.PlanRotation(at.keys, at.signs, at.next, oidc.RotateOptions{})
		require.NoError(t, err)
		require.Len(t, rest, 2-i)
		for j, s := range rest {
			want := steps[i+1+j]
			assert.Equal(t, []any{want.From, want.To, want.Keys, want.Publish, want.Wait}, []any{s.From, s.To, s.Keys, s.Publish, s.Wait})
		}
	}

	_, err = oidc.PlanRotation(first, two, nil, oidc.RotateOptions{})
	assert.EqualError(t, err, "rotate key set: the key "+two+" signs, and is not trusted")
	_, err = oidc.PlanRotation(first, one, k.ed.Public(), oidc.RotateOptions{})
	assert.EqualError(t, err, "rotate key set: key set: key 1 is a ed25519.PublicKey, want RSA of 2048 bits or more, or a NIST curve")
	_, err = oidc.PlanRotation(both, one, k.rsa.Public(), oidc.RotateOptions{})
	assert.EqualError(t, err, "rotate key set: the key "+keyID(t, k.rsa.Public())+" is to sign next, while another change is not finished: "+two+" is trusted still")
}

// The oracle is a world in which API servers sign all the time, verifiers hold on
// to what they fetched for as long as they may, and every step is taken as early as
// the plan says: no token is ever refused before it expires.
func TestRotationNeverRefuses(t *testing.T) {
	t.Parallel()
	k := keys()
	private := map[string]crypto.PrivateKey{keyID(t, k.ec.Public()): k.ec, keyID(t, k.next.Public()): k.next}
	algorithm := map[string]jose.SignatureAlgorithm{keyID(t, k.ec.Public()): jose.ES256, keyID(t, k.next.Public()): jose.ES384}
	o := oidc.RotateOptions{Cache: 10 * time.Minute, Life: time.Hour}
	signs := keyID(t, k.ec.Public())
	published := keySet(t, k.ec.Public())
	steps, err := oidc.PlanRotation(published, signs, k.next.Public(), o)
	require.NoError(t, err)

	// Verifiers of every age of cache; the one at i fetched i minutes before.
	type fetched struct {
		keys oidc.KeySet
		at   time.Time
	}
	verifiers := make([]fetched, int(o.Cache/time.Minute))
	for i := range verifiers {
		verifiers[i] = fetched{published, noon.Add(-time.Duration(i) * time.Minute)}
	}
	tokens := map[string]oidc.Token{} // by key; when they were signed last is in used
	used := map[string]time.Time{}
	answers := map[string]error{}
	stepped := noon // when the last step ended
	switched := 0
	for now := noon; now.Before(noon.Add(3 * time.Hour)); now = now.Add(time.Minute) {
		if len(steps) > 0 && !now.Before(stepped.Add(steps[0].Wait)) {
			if signs != steps[0].Ring.Signs {
				switched++
			}
			signs, published, stepped = steps[0].Ring.Signs, steps[0].Keys, now
			steps = steps[1:]
		}
		if _, ok := tokens[signs]; !ok {
			token, err := oidc.ParseToken(sign(t, algorithm[signs], private[signs], signs, claims(nil)))
			require.NoError(t, err)
			tokens[signs] = token
		}
		used[signs] = now
		for i := range verifiers {
			if now.Sub(verifiers[i].at) >= o.Cache {
				verifiers[i] = fetched{published, now}
			}
			for id, token := range tokens {
				if now.Sub(used[id]) < o.Life {
					// The same question has the same answer, which takes its time.
					question := id + " " + strings.Join(verifiers[i].keys.IDs(), " ")
					if _, asked := answers[question]; !asked {
						answers[question] = token.Verify(verifiers[i].keys)
					}
					require.NoError(t, answers[question], "%s, verifier %d", now, i)
				}
			}
		}
	}
	assert.Empty(t, steps)
	assert.Equal(t, 1, switched)
	assert.Equal(t, keySet(t, k.next.Public()), published)
}
