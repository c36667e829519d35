package yamltext

import (
	"math"
	"strings"

	"github.com/groundway-sdk/groundway/internal/editdistance"
)

// Nearest returns the known word with the smallest edit distance from word,
// letters compared without regard to case; of several the first. It is close
// where no more than half of the longer word would have to change. There is
// none for a word that is longer than what a person mistypes.
func Nearest(word string, known []string) (near string, isClose bool) {
	const longest = 200
	if len(word) > longest {
		return "", false
	}
	least := math.MaxInt
	for _, k := range known {
		if n := editdistance.Of(strings.ToLower(word), strings.ToLower(k), least); n < least {
			least, near = n, k
		}
	}
	return near, least <= max(len(word), len(near))/2
}
