package pki_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/pki"
)

func TestKeyRingPhase(t *testing.T) {
	for _, test := range []struct {
		ring pki.KeyRing
		want pki.Phase
		err  string
	}{
		{pki.KeyRing{Signs: "a", Trusted: []string{"a"}}, pki.PhaseSteady, ""},
		{pki.KeyRing{Signs: "a", Trusted: []string{"a"}, Next: "b"}, pki.PhasePrepared, ""},
		{pki.KeyRing{Signs: "a", Trusted: []string{"b", "a"}, Next: "b", InUse: []string{"a"}}, pki.PhasePublished, ""},
		{pki.KeyRing{Signs: "b", Trusted: []string{"a", "b"}, InUse: []string{"a", "b"}}, pki.PhaseSwitched, ""},
		{pki.KeyRing{Signs: "b", Trusted: []string{"a", "b"}, Next: "b"}, pki.PhaseSwitched, ""},
		{pki.KeyRing{Signs: "b", Trusted: []string{"b"}, Next: "b"}, pki.PhaseSteady, ""},
		{pki.KeyRing{Signs: "c", Trusted: []string{"a", "b", "c"}}, pki.PhaseSwitched, ""},
		{pki.KeyRing{}, 0, "no key signs"},
		{pki.KeyRing{Signs: "a", Trusted: []string{"b"}}, 0, "the key a signs, and is not trusted"},
		{pki.KeyRing{Signs: "a", Trusted: []string{"a"}, InUse: []string{"z"}}, 0, "the key z signed what is in use, and is not trusted"},
		{pki.KeyRing{Signs: "b", Trusted: []string{"a", "b"}, Next: "c"}, 0, "the key c is to sign next, while another change is not finished: a is trusted still"},
		{pki.KeyRing{Signs: "b", Trusted: []string{"a", "b", "c"}, Next: "c"}, 0, "the key a is trusted beside the one that signs and the next, c"},
	} {
		got, err := test.ring.Phase()
		assert.Equal(t, test.want, got, "%+v", test.ring)
		if test.err != "" {
			require.EqualError(t, err, test.err)
			_, err = pki.PlanPhases(test.ring, "x", pki.PhaseOptions{})
			assert.EqualError(t, err, test.err)
			continue
		}
		assert.NoError(t, err)
	}
	assert.Equal(t, "published", pki.PhasePublished.String())
	assert.Equal(t, "invalid", pki.Phase(0).String())
	assert.Equal(t, "invalid", pki.Phase(9).String())
}

// From every ring of three keys: the plan ends with one key that signs and is
// trusted alone, planning anew after each step gives the rest of the plan, and
// whoever is a step behind, or ahead, takes what is in use.
func TestPlanPhases(t *testing.T) {
	keys := []string{"a", "b", "c"}
	subsets := func() (all [][]string) {
		for bits := range 1 << len(keys) {
			var set []string
			for i, k := range keys {
				if bits&(1<<i) != 0 {
					set = append(set, k)
				}
			}
			all = append(all, set)
		}
		return all
	}()
	o := pki.PhaseOptions{Cache: time.Minute, Life: time.Hour}
	phases := map[pki.Phase]int{}
	for _, signs := range keys {
		for _, trusted := range subsets {
			for _, inUse := range subsets {
				for _, made := range append(keys, "") {
					for _, next := range append(keys, "d", "") {
						ring := pki.KeyRing{Signs: signs, Trusted: trusted, Next: made, InUse: inUse}
						phase, err := ring.Phase()
						if err != nil {
							continue
						}
						phases[phase]++
						say := fmt.Sprintf("%+v, next %q", ring, next)
						steps, err := pki.PlanPhases(ring, next, o)
						require.NoError(t, err, say)
						at := ring
						for i, s := range steps {
							require.Equal(t, phase, s.From, say)
							now, err := s.Ring.Phase()
							require.NoError(t, err, say)
							require.Equal(t, s.To, now, say)
							// Old and new readers, old and new signers.
							for _, reads := range []pki.KeyRing{at, s.Ring} {
								for _, k := range slices.Concat([]string{at.Signs, s.Ring.Signs}, at.InUse, s.Ring.InUse) {
									require.Contains(t, reads.Trusted, k, say)
								}
							}
							rest, err := pki.PlanPhases(s.Ring, "", o)
							require.NoError(t, err, say)
							require.Equal(t, steps[i+1:], append([]pki.PhaseStep{}, rest...), say)
							switch {
							case s.From == pki.PhasePublished:
								require.Equal(t, time.Minute, s.Wait)
							case s.To == pki.PhaseSteady:
								require.Equal(t, time.Hour, s.Wait)
							default:
								require.Zero(t, s.Wait)
							}
							at, phase = s.Ring, s.To
						}
						require.Equal(t, pki.PhaseSteady, phase, say)
						require.Equal(t, []string{at.Signs}, at.Trusted, say)
						switch first, _ := ring.Phase(); {
						case first == pki.PhasePrepared || first == pki.PhasePublished:
							require.Equal(t, made, at.Signs, say)
						case first == pki.PhaseSteady && next != "":
							require.Equal(t, next, at.Signs, say)
						default:
							require.Equal(t, signs, at.Signs, say)
						}
					}
				}
			}
		}
	}
	assert.Len(t, phases, 4, "all phases were seen: %v", phases)
	// What is handed in stays as it is.
	trusted := append(make([]string, 0, 9), "a")
	_, err := pki.PlanPhases(pki.KeyRing{Signs: "a", Trusted: trusted}, "b", o)
	require.NoError(t, err)
	assert.Equal(t, []string{"a"}, slices.Clip(trusted))
	assert.Empty(t, trusted[:2][1])
}
