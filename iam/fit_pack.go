package iam

import (
	"cmp"
	"slices"
)

// pack shares statements out over as few documents as it finds, none of which
// is larger than the quota. It is nil if a statement is too large and cannot be
// split.
func (f *fitter) pack(statements []Statement) []Document {
	whole := Document{Version: f.version, ID: f.id, Statements: statements}
	if f.size(whole) <= f.limit.Max {
		return []Document{whole}
	}
	if f.limit.Aggregate {
		return nil
	}
	var best []Document
	// Smaller pieces leave smaller gaps, and repeat more resources and conditions.
	for _, part := range []int{1, 2, 3, 4, 6, 8} {
		packed := f.firstFit(f.pieces(statements, f.limit.Max/part))
		if packed != nil && (best == nil || len(packed) < len(best)) {
			best = packed
		}
	}
	return best
}

// A fitPiece is a statement or a part of one, with its place.
type fitPiece struct {
	statement Statement
	place     int
	size      int // of a document that has nothing else
}

// firstFit puts each piece, the largest first, into the first document that
// has room.
func (f *fitter) firstFit(statements []Statement) []Document {
	pieces := make([]fitPiece, len(statements))
	for i, s := range statements {
		pieces[i] = fitPiece{s, i, f.size(Document{Version: f.version, Statements: []Statement{s}})}
		if pieces[i].size > f.limit.Max {
			return nil
		}
	}
	empty := f.size(Document{Version: f.version})
	slices.SortStableFunc(pieces, func(a, b fitPiece) int { return cmp.Compare(b.size, a.size) })
	var bins [][]fitPiece
	var filled []int
	for _, p := range pieces {
		i := slices.IndexFunc(filled, func(size int) bool { return size+len(",")+p.size-empty <= f.limit.Max })
		if i < 0 {
			bins, filled = append(bins, nil), append(filled, empty-len(","))
			i = len(bins) - 1
		}
		bins[i] = append(bins[i], p)
		filled[i] += len(",") + p.size - empty
	}
	documents := make([]Document, len(bins))
	for i, bin := range bins {
		slices.SortStableFunc(bin, func(a, b fitPiece) int { return cmp.Compare(a.place, b.place) })
		d := Document{Version: f.version}
		for _, p := range bin {
			d.Statements = append(d.Statements, p.statement)
		}
		d.Statements = f.merge(d.Statements)
		fitSids(d.Statements)
		documents[i] = d
	}
	slices.SortStableFunc(documents, func(a, b Document) int { return cmp.Compare(f.size(b), f.size(a)) })
	return documents
}

// fitSids drops a Sid that stands before: parts of one statement have the same.
func fitSids(statements []Statement) {
	seen := map[string]bool{}
	for i := range statements {
		if id := statements[i].ID; id != "" && seen[id] {
			statements[i].ID = ""
		}
		seen[statements[i].ID] = true
	}
}

// pieces splits statements, by their actions or else their resources, until
// none is larger than a size or can be split.
func (f *fitter) pieces(statements []Statement, size int) []Statement {
	var out []Statement
	for _, s := range statements {
		out = append(out, f.split(s, size)...)
	}
	return out
}

func (f *fitter) split(s Statement, size int) []Statement {
	if f.size(Document{Version: f.version, Statements: []Statement{s}}) <= size {
		return []Statement{s}
	}
	a, b := s, s
	byActions := len(s.Actions) > 1
	byResources := len(s.Resources) > 1 && !slices.ContainsFunc(s.Resources, hasVariable)
	if byActions && byResources {
		// The longer list repeats less of the other one.
		byActions = fitLength(s.Actions) >= fitLength(s.Resources)
	}
	switch {
	case byActions:
		half := len(s.Actions) / 2
		a.Actions, b.Actions = s.Actions[:half:half], s.Actions[half:]
	case byResources:
		half := len(s.Resources) / 2
		a.Resources, b.Resources = s.Resources[:half:half], s.Resources[half:]
	default:
		return []Statement{s}
	}
	return append(f.split(a, size), f.split(b, size)...)
}

func fitLength[T ~string](list []T) int {
	n := 0
	for _, v := range list {
		n += len(v)
	}
	return n
}
