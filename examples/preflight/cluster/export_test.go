package cluster

// The edit distance is internal, and tested against a naive one.
var (
	Distance = distance
	Nearest  = nearest
)
