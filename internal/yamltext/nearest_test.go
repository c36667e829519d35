package yamltext_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/internal/yamltext"
)

// naiveDistance is the definition of the Levenshtein distance.
func naiveDistance(a, b string) int {
	switch {
	case a == "" || b == "":
		return len(a) + len(b)
	case a[0] == b[0]:
		return naiveDistance(a[1:], b[1:])
	}
	return 1 + min(naiveDistance(a[1:], b), naiveDistance(a, b[1:]), naiveDistance(a[1:], b[1:]))
}

func TestDistance(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	word := func() string {
		letters := make([]byte, r.IntN(7))
		for i := range letters {
			letters[i] = "abc"[r.IntN(3)]
		}
		return string(letters)
	}
	for range 2000 {
		a, b := word(), word()
		require.Equal(t, naiveDistance(a, b), yamltext.Distance(a, b), "%q %q", a, b)
	}
}

func TestNearest(t *testing.T) {
	known := []string{"cluster", "profile", "topology", "region"}
	for _, test := range []struct {
		word, near string
		isClose    bool
	}{
		{"cluster", "cluster", true},
		{"Clutser", "cluster", true},
		{"reg", "region", true},
		{"xyz", "region", false},
		{strings.Repeat("r", 201), "", false},
	} {
		near, isClose := yamltext.Nearest(test.word, known)
		assert.Equal(t, test.near, near, test.word)
		assert.Equal(t, test.isClose, isClose, test.word)
	}
	_, isClose := yamltext.Nearest("cluster", nil)
	assert.False(t, isClose)
}
