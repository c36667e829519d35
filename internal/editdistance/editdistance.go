// Package editdistance tells how far two words are apart, so that an error can
// name the known word that was probably meant.
package editdistance

// Of returns how many bytes have to be put in, taken out or replaced to make one
// word of the other (Levenshtein's distance), or limit where it is that many or
// more. It takes time in proportion to the product of their lengths, and none
// where the lengths alone reach the limit.
func Of(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	row := make([]int, len(b)+1) // of the usual table
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
	return min(row[len(b)], limit)
}
