package iam

// HashWork returns how many elements of the document were looked at to hash it.
func HashWork(d Document) int {
	_, work := canonical(d)
	return work
}

// Glob is glob.
var Glob = glob
