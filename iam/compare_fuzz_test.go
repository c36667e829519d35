package iam_test

import (
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/iam"
)

// Whatever two policies say, Compare returns an error, or an answer that the
// Authorizer confirms and that is the mirror of the one the other way round.
func FuzzCompare(f *testing.F) {
	files, err := filepath.Glob("testdata/*.json")
	require.NoError(f, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(string(text), string(text))
	}
	for i, v := range verdicts {
		f.Add(v.text, verdicts[(i+1)%len(verdicts)].text)
	}
	for _, w := range compareWorlds() {
		r := rand.New(rand.NewPCG(1, 4))
		f.Add(w.document(r).String(), w.document(r).String())
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		p, err := iam.Parse(a, iam.ParseOptions{})
		if err != nil {
			return
		}
		q, err := iam.Parse(b, iam.ParseOptions{})
		if err != nil {
			return
		}
		o := iam.CompareOptions{MaxStates: 2000}
		c, err := iam.Compare(one(p), one(q), o)
		if err != nil {
			return
		}
		back, err := iam.Compare(one(q), one(p), o)
		require.NoError(t, err)
		if c.Undecided == "" && back.Undecided == "" {
			require.Equal(t, mirrored(c.Relation), back.Relation)
		}
		same, err := iam.Compare(one(p), one(p), o)
		require.NoError(t, err)
		require.Contains(t, []iam.Relation{iam.RelationEqual, iam.RelationUndecided}, same.Relation)
		if iam.Equal(p, q) {
			require.Contains(t, []iam.Relation{iam.RelationEqual, iam.RelationUndecided}, c.Relation)
		}
		_, err = iam.Diff(one(p), one(q), o)
		require.NoError(t, err)
		_, err = iam.Missing(one(p), one(q), o)
		require.NoError(t, err)
		_, _ = iam.Fit(one(p), iam.FitOptions{Policies: 3})
	})
}

// Random documents of a small world, against all its requests.
func FuzzCompareWorld(f *testing.F) {
	worlds := compareWorlds()
	names := slices.Sorted(maps.Keys(worlds))
	for i := range names {
		f.Add(uint64(i), uint8(i))
	}
	f.Fuzz(func(t *testing.T, seed uint64, world uint8) {
		w := worlds[names[int(world)%len(names)]]
		r := rand.New(rand.NewPCG(seed, 5))
		p := []iam.Document{w.document(r)}
		q := append(slices.Clone(p[:r.IntN(2)]), w.document(r))
		c := checkCompare(t, w, p, q, iam.CompareOptions{})
		require.Empty(t, c.Undecided)
	})
}
