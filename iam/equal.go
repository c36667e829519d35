package iam

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"
)

// Equal reports whether two documents mean the same, as far as their text alone
// can tell. If it says so, they do; documents that it calls different may
// still mean the same. It does not matter
//
//   - in which order statements, and the values of every list, stand, and
//     whether one value stands as text or as a list;
//   - how actions, and the keys of conditions, are written in upper and lower
//     case (the keys of OpenID Connect issuers keep theirs: a path in an issuer
//     is exact);
//   - that a value stands twice, or beside a pattern in the same list that ends
//     in * and begins the same way: "s3:GetObject" beside "s3:Get*";
//   - how statements with the same effect and conditions share out their
//     actions, resources and principals: two statements, or one with both lists;
//   - whether an account is named by its id or by the ARN of its root;
//   - whether Version is absent or 2008-10-17, whether Condition is absent or
//     empty, which of ArnLike and ArnEquals is used, and what Sid and Id say.
//
// These differ: the versions 2008-10-17 and 2012-10-17, even without variables,
// because AWS names variables only as an example of what the older one lacks;
// the principals "*" and {"AWS": "*"}; and a role from the unique id, AROA…,
// that AWS puts in its place when the role is deleted.
//
// The time grows linearly with the documents, but for sorting. Statements that
// share values in a tangle, beyond a bound that grows with the document, are
// compared one by one, so that some such documents are called different.
func Equal(a, b Document) bool { return a.Hash() == b.Hash() }

// Hash returns a hash of the document, 64 hexadecimal digits, which is the same
// for [Equal] documents. It stays the same across versions of this module
// until a line in CHANGELOG.md says otherwise.
func (d Document) Hash() string {
	sum, _ := canonical(d)
	return hex.EncodeToString(sum[:])
}

type digest = [sha256.Size]byte

// A row is a statement in normal form: the product of three sets. A set that
// cannot be taken apart, such as NotAction, is one element.
type row struct {
	head string // effect and conditions
	sets [3][]string
}

// The dimensions of a row. A statement without principals has one element there
// that stands for the absent list.
const (
	dimPrincipals = iota
	dimActions
	dimResources
)

// canonical returns the hash of the normal form of the document, and how many
// elements it looked at.
func canonical(d Document) (sum digest, work int) {
	version := d.Version
	if version == "" {
		version = Version2008
	}
	rows := normalize(d.Statements)
	size := 0
	for _, r := range rows {
		for _, set := range r.sets {
			size += len(set)
		}
	}
	// Statements unite only where effect and conditions are the same.
	slices.SortStableFunc(rows, func(a, b row) int { return strings.Compare(a.head, b.head) })
	all := make([]int32, len(rows))
	for i := range all {
		all[i] = int32(i)
	}
	budget := 64*size + 1<<14
	f := folder{rows: rows, budget: budget, buffer: make([]byte, 0, 2048)}
	out := appendField(make([]byte, 0, 512), "united "+string(version))
	for i := 0; i < len(rows); {
		j := i + 1
		for j < len(rows) && rows[j].head == rows[i].head {
			j++
		}
		out = appendField(out, rows[i].head)
		sum := f.fold(dimPrincipals, all[i:j])
		out = append(out, sum[:]...)
		i = j
	}
	if f.budget < 0 {
		out = appendRows(appendField(nil, "separate "+string(version)), rows)
	}
	return sha256.Sum256(out), budget - f.budget
}

// A folder hashes unions of rows. It takes one dimension after the other: it
// finds, for each element of the first, the rows that have it, hashes the union
// of the remaining dimensions of these rows, and then knows the element by that
// hash. What comes out depends on which products are in the union and not on
// how the rows share them out.
type folder struct {
	rows   []row
	budget int // elements that may still be looked at; below zero the result is void
	buffer []byte
}

// A product is a set of elements of one dimension with the hash of what they
// stand for in the dimensions behind it.
type product struct {
	rest     digest
	count    int
	elements []string
}

// A use says that a row has an element, by their indexes.
type use struct {
	element, row int32
}

// fold hashes the union of some rows in the dimensions from dim on.
func (f *folder) fold(dim int, rows []int32) digest {
	total := 0
	alike := true // all rows have the same set here, as without principals
	for _, r := range rows {
		total += len(f.rows[r].sets[dim])
		alike = alike && slices.Equal(f.rows[r].sets[dim], f.rows[rows[0]].sets[dim])
	}
	if f.budget -= total; f.budget < 0 {
		return digest{}
	}
	if dim == dimResources || alike {
		return f.foldWhole(dim, rows, alike)
	}
	elements := make([]string, 0, total)
	uses := make([]use, total)
	ends := make([]int, len(rows))
	for i, r := range rows {
		elements = append(elements, f.rows[r].sets[dim]...)
		ends[i] = len(elements)
		for k := len(elements) - len(f.rows[r].sets[dim]); k < len(elements); k++ {
			uses[k] = use{int32(k), r}
		}
	}
	uses = mergeRuns(elements, uses, ends)
	users := make([]int32, total)
	for i, u := range uses {
		users[i] = u.row
	}

	// Elements that the same rows have share the union of these rows; those
	// with the same union make one product. From here on, row is the product.
	classes := map[string]int32{} // rows, to their product
	unions := map[digest]int32{}  // the hash of a union, to its product
	var products []product
	var key, last []byte
	var k int32
	members := uses[:0]
	for i := 0; i < len(uses); {
		element, j := uses[i].element, i
		for key = key[:0]; j < len(uses) && elements[uses[j].element] == elements[element]; j++ {
			key = binary.LittleEndian.AppendUint32(key, uint32(uses[j].row))
		}
		if i > 0 && bytes.Equal(key, last) {
			products[k].count++
			members = append(members, use{element, k})
			i = j
			continue
		}
		last = append(last[:0], key...)
		var ok bool
		if k, ok = classes[string(key)]; !ok {
			rest := f.fold(dim+1, users[i:j])
			if f.budget < 0 {
				return digest{}
			}
			if k, ok = unions[rest]; !ok {
				k = int32(len(products))
				products = append(products, product{rest: rest})
				unions[rest] = k
			}
			classes[string(key)] = k
		}
		products[k].count++
		members = append(members, use{element, k})
		i = j
	}
	memory, at := make([]string, len(members)), 0
	for i, p := range products {
		products[i].elements = memory[at:at]
		at += p.count
	}
	for _, m := range members {
		p := &products[m.row]
		p.elements = append(p.elements, elements[m.element])
	}
	slices.SortFunc(products, func(a, b product) int { return bytes.Compare(a.rest[:], b.rest[:]) })
	f.buffer = f.buffer[:0]
	for _, p := range products {
		f.buffer = append(appendSet(f.buffer, reduce(dim, p.elements)), p.rest[:]...)
	}
	return sha256.Sum256(f.buffer)
}

// mergeRuns sorts uses by the text of the element and then by row. Each run, up
// to its end, is sorted already, and no two runs share a row.
func mergeRuns(elements []string, uses []use, ends []int) []use {
	other := make([]use, len(uses))
	for len(ends) > 1 {
		out, merged, from := other[:0], ends[:0], 0
		for i := 0; i < len(ends); i += 2 {
			a := uses[from:ends[i]]
			from = ends[i]
			var b []use
			if i+1 < len(ends) {
				b = uses[from:ends[i+1]]
				from = ends[i+1]
			}
			for len(a) > 0 && len(b) > 0 {
				if c := strings.Compare(elements[a[0].element], elements[b[0].element]); c < 0 || c == 0 && a[0].row < b[0].row {
					out, a = append(out, a[0]), a[1:]
				} else {
					out, b = append(out, b[0]), b[1:]
				}
			}
			out = append(append(out, a...), b...)
			merged = append(merged, len(out))
		}
		uses, other, ends = out, uses, merged
	}
	return uses
}

// foldWhole is fold for the last dimension, and for rows that are alike in this
// one: no element has to be told apart by its rows.
func (f *folder) foldWhole(dim int, rows []int32, alike bool) digest {
	var rest digest
	if dim != dimResources {
		rest = f.fold(dim+1, rows)
	}
	elements := f.rows[rows[0]].sets[dim]
	if !alike {
		elements = slices.Clone(elements)
		for _, r := range rows[1:] {
			elements = append(elements, f.rows[r].sets[dim]...)
		}
		elements = reduce(dim, elements)
	}
	f.buffer = append(appendSet(f.buffer[:0], elements), rest[:]...)
	return sha256.Sum256(f.buffer)
}

// appendRows writes the rows one by one, sorted and without repetition.
func appendRows(out []byte, rows []row) []byte {
	texts := make([]string, len(rows))
	for i, r := range rows {
		text := appendField(nil, r.head)
		for _, set := range r.sets {
			text = appendSet(text, set)
		}
		texts[i] = string(text)
	}
	return appendSet(out, sorted(texts))
}

func appendSet(out []byte, set []string) []byte {
	out = binary.AppendUvarint(out, uint64(len(set)))
	for _, e := range set {
		out = appendField(out, e)
	}
	return out
}

// appendField writes text so that no two lists of texts are written alike.
func appendField(out []byte, text string) []byte {
	return append(binary.AppendUvarint(out, uint64(len(text))), text...)
}

// reduce sorts a set and drops what stands twice, and what a pattern covers
// that ends in * and begins the same way. Sets of the principals have no
// patterns.
func reduce(dim int, set []string) []string {
	set = sorted(set)
	if dim == dimPrincipals {
		return set
	}
	var prefixes []string
	for _, e := range set {
		prefix, ok := strings.CutSuffix(e, "*")
		if !ok || !endsOpen(dim, prefix) {
			continue
		}
		// Sorted by the whole text, a prefix stands before what it covers, but
		// for "p!" before "p*": prefixes are sorted again below.
		prefixes = append(prefixes, prefix)
	}
	if prefixes == nil {
		return set
	}
	slices.Sort(prefixes)
	shortest := prefixes[:1]
	for _, p := range prefixes[1:] {
		if !strings.HasPrefix(p, shortest[len(shortest)-1]) {
			shortest = append(shortest, p)
		}
	}
	next := 0
	return slices.DeleteFunc(set, func(e string) bool {
		// No prefix begins another, so that only the last one that is not
		// after e can begin it; both lists are sorted.
		for next < len(shortest) && shortest[next] <= e {
			next++
		}
		if next == 0 {
			return false
		}
		rest, ok := strings.CutPrefix(e, shortest[next-1])
		return ok && rest != "*" && !looksAbsent(e)
	})
}

// endsOpen reports whether prefix with a * behind it surely covers every text
// that begins with prefix. In a resource the wildcard has to stand in the last
// of the six parts, because AWS does not say for all kinds of policies how one
// in an earlier part reaches over colons. A prefix cannot end within a variable:
// lists with variables are not taken apart.
func endsOpen(dim int, prefix string) bool {
	if looksAbsent(prefix) {
		return false
	}
	return dim == dimActions || prefix == "" || strings.Count(prefix, ":") >= 5
}
