package yamltext

import "strings"

// Nearest returns the known word with the smallest edit distance from word,
// letters compared without regard to case; of several the first. It is close
// where no more than half of the longer word would have to change. There is
// none for a word that is longer than what a person mistypes.
func Nearest(word string, known []string) (near string, isClose bool) {
	const longest = 200
	if len(word) > longest {
		return "", false
	}
	least := -1
	for _, k := range known {
		if n := distance(strings.ToLower(word), strings.ToLower(k)); least < 0 || n < least {
			least, near = n, k
		}
	}
	return near, least >= 0 && 2*least <= max(len(word), len(near))
}

// distance returns the number of bytes to insert, delete or replace that turn a
// into b (Levenshtein), in a row of the usual table.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, diagonal+1, row[j]+1)
		}
	}
	return row[len(b)]
}
