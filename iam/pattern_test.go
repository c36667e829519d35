package iam_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/groundway-sdk/groundway/iam"
)

// texts returns all texts over the letters up to a length.
func texts(letters string, length int) []string {
	list := []string{""}
	from := 0
	for range length {
		for _, t := range list[from:] {
			from++
			for _, letter := range letters {
				list = append(list, t+string(letter))
			}
		}
	}
	return list
}

// TestPatterns compares the relations between all short patterns with what they
// match among all short texts. The letter c stands for all that are in no
// pattern.
func TestPatterns(t *testing.T) {
	patterns := texts("a*?", 4)
	patterns = append(patterns, "ab*", "*ab", "a*b", "*a*b*", "b", "*b?", "?b*a")
	words := texts("abc", 6)
	matched := make([][]bool, len(patterns))
	for i, p := range patterns {
		matched[i] = make([]bool, len(words))
		for k, w := range words {
			matched[i][k] = naiveGlob(p, w)
		}
	}
	for i, p := range patterns {
		for j, q := range patterns {
			both, all := false, true
			for k := range words {
				both = both || matched[i][k] && matched[j][k]
				all = all && (!matched[i][k] || matched[j][k])
			}
			// Two patterns of 4 that overlap do so in a text of at most 6 letters.
			assert.Equal(t, both, iam.Overlaps(p, q), "%q %q", p, q)
			if iam.Within(p, q) {
				assert.True(t, all, "%q is not within %q", p, q)
			}
			if all && !strings.Contains(p+q, "?") {
				assert.True(t, iam.Within(p, q), "%q is within %q", p, q)
			}
		}
	}
}
