package editdistance_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/internal/editdistance"
)

// naive is the definition of Levenshtein's distance.
func naive(a, b string) int {
	switch {
	case a == "" || b == "":
		return len(a) + len(b)
	case a[0] == b[0]:
		return naive(a[1:], b[1:])
	}
	return 1 + min(naive(a[1:], b), naive(a, b[1:]), naive(a[1:], b[1:]))
}

func TestOf(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	word := func() string {
		letters := make([]byte, r.IntN(7))
		for i := range letters {
			letters[i] = "abc"[r.IntN(3)]
		}
		return string(letters)
	}
	for range 2000 {
		a, b, limit := word(), word(), r.IntN(8)
		want := naive(a, b)
		require.Equal(t, want, editdistance.Of(a, b, math.MaxInt), "%q %q", a, b)
		require.Equal(t, min(want, limit), editdistance.Of(a, b, limit), "%q %q up to %d", a, b, limit)
	}
	assert.Equal(t, 3, editdistance.Of("kitten", "sitting", 4))
}
