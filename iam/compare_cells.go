package iam

import (
	"slices"
)

// A compareCell is one value, for all those that lie in the same sets.
type compareCell struct {
	value string
	in    compareBits // the sets that have it, by index
}

// A compareFinder finds values of one dimension of requests. For a set x and
// sets ys it yields a value of x for each combination of ys that is possible;
// or, because a request that fewer sets have is harder to cover, for the
// smallest ones only.
type compareFinder struct {
	budget *int // states that may still be visited, in all searches together
	every  bool // all combinations, and not the smallest only
	// example fills the wildcards of a pattern as people would. What it returns
	// is tried first, so that witnesses read well.
	example func(pattern string) string
	cells   []compareCell
	seen    map[string]bool // with every: the combinations among cells
	done    bool            // a value was found that none of the sets has
}

// add takes a value and reports whether it was new.
func (f *compareFinder) add(value string, in compareBits) {
	if f.every {
		if key := in.key(); !f.seen[key] {
			if f.seen == nil {
				f.seen = map[string]bool{}
			}
			f.seen[key] = true
			f.cells = append(f.cells, compareCell{value, in})
		}
		return
	}
	if f.dominated(in) {
		return
	}
	f.cells = slices.DeleteFunc(f.cells, func(c compareCell) bool { return in.within(c.in) })
	f.cells = append(f.cells, compareCell{value, in})
	f.done = in.empty()
}

// dominated reports whether a value is known that has no more sets.
func (f *compareFinder) dominated(in compareBits) bool {
	return slices.ContainsFunc(f.cells, func(c compareCell) bool { return c.in.within(in) })
}

// literal takes a value if it is in x.
func (f *compareFinder) literal(value string, x compareConj, ys []compareConj) {
	if !x.has(value) {
		return
	}
	in := newCompareBits(len(ys))
	for i, y := range ys {
		if y.has(value) {
			in.set(i)
		}
	}
	f.add(value, in)
}

// find looks for values in x that have the shape.
func (f *compareFinder) find(x compareConj, ys []compareConj, shape *compareGlob) {
	// The values come from the list of x that has the fewest patterns.
	best := -1
	for i, s := range x {
		if !s.not && (best < 0 || len(s.wild) < len(x[best].wild)) {
			best = i
		}
	}
	if best < 0 {
		f.instance("*", shape, x, ys)
		f.follow(shape, x, -1, ys, nil)
		return
	}
	for _, g := range x[best].globs {
		switch {
		case f.done:
			return
		case g.literal && !g.variable:
			if shape.matches(g.exact) {
				f.literal(g.exact, x, ys)
			}
		default:
			if !g.variable {
				f.instance(g.text, shape, x, ys)
			}
			f.follow(g, x, best, ys, shape)
		}
	}
}

// instance tries the example of a pattern.
func (f *compareFinder) instance(pattern string, shape *compareGlob, x compareConj, ys []compareConj) {
	if f.example == nil || f.every {
		return
	}
	if value := f.example(pattern); shape.matches(value) {
		f.literal(value, x, ys)
	}
}

// A compareRun follows a pattern and the sets that it may lie in, character by
// character: the subset construction, as far as it is needed. Its state is the
// positions in each pattern, and which sets are decided however the text goes
// on. What is decided is followed no longer.
type compareRun struct {
	f       *compareFinder
	globs   []*compareGlob
	offsets []int // of the positions of each glob in a state
	sets    []compareRunSet
	width   int // words of a state
	ys      int
	must    int // the first globs all have to match
}

type compareRunSet struct {
	globs []int
	not   bool
	owner int // the index of y, or -1 for x
}

type compareRunState struct {
	words  []uint64
	parent int32
	last   byte
}

// follow looks for texts that match g and are in x, of which the set at skip
// has g.
func (f *compareFinder) follow(g *compareGlob, x compareConj, skip int, ys []compareConj, shape *compareGlob) {
	r := compareRun{f: f, ys: len(ys)}
	r.glob(g)
	if shape != nil && g.relation(shape) != compareInside {
		r.glob(shape)
	}
	r.must = len(r.globs)
	for i, s := range x {
		if i == skip {
			continue
		}
		switch r.set(g, s, -1) {
		case compareDisjoint:
			return
		}
	}
	always := newCompareBits(len(ys))
	for i, y := range ys {
		kept := len(r.sets)
		all := true
		for _, s := range y {
			switch r.set(g, s, i) {
			case compareDisjoint:
				r.sets = r.sets[:kept]
				all = false
			case comparePartly:
				all = false
				continue
			case compareInside:
				continue
			}
			break
		}
		if all {
			always.set(i)
		}
	}
	r.search(always)
}

// glob adds a pattern, once, and returns its index.
func (r *compareRun) glob(g *compareGlob) int {
	if i := slices.Index(r.globs, g); i >= 0 {
		return i
	}
	r.globs = append(r.globs, g)
	r.offsets = append(r.offsets, r.width)
	r.width += g.words
	return len(r.globs) - 1
}

// set adds a set, unless g lies in it or outside of it as a whole.
func (r *compareRun) set(g *compareGlob, s compareSet, owner int) compareRelation {
	inside, outside := compareInside, compareDisjoint
	if s.not {
		inside, outside = outside, inside
	}
	if !g.variable && g.literal {
		if s.has(g.exact) {
			return compareInside
		}
		return compareDisjoint
	}
	var partly []*compareGlob
	for _, h := range s.globs {
		if h.variable && owner >= 0 {
			// Where a variable is in the way, only the same text is known to match.
			if h == g {
				return inside
			}
			continue
		}
		if h.literal && !h.variable {
			if !g.matches(h.exact) {
				continue
			}
			partly = append(partly, h)
			continue
		}
		switch g.relation(h) {
		case compareInside:
			return inside
		case comparePartly:
			partly = append(partly, h)
		}
	}
	if partly == nil {
		return outside
	}
	set := compareRunSet{not: s.not, owner: owner}
	for _, h := range partly {
		set.globs = append(set.globs, r.glob(h))
	}
	r.sets = append(r.sets, set)
	return comparePartly
}

// search visits the states breadth first, so that what it finds is short.
func (r *compareRun) search(always compareBits) {
	if r.f.done || !r.f.every && r.f.dominated(always) {
		return
	}
	decided := (len(r.sets) + 63) / 64
	width := r.width + 2*decided
	start := make([]uint64, width)
	for i, g := range r.globs {
		g.start(start[r.offsets[i] : r.offsets[i]+g.words])
	}
	states := []compareRunState{{words: start, parent: -1}}
	seen := map[string]bool{}
	var key []byte
	choices := make([]byte, 0, 64)
	next := make([]uint64, width)
	var empty compareBits // what has the empty text, which is taken for want of a longer one
	for at := 0; at < len(states); at++ {
		if r.f.done {
			return
		}
		words := states[at].words
		if r.settle(words, decided, always) {
			continue
		}
		if in, ok := r.accept(words, decided, always); ok {
			if at == 0 {
				empty = in
			} else {
				r.f.add(r.text(states, at), in)
			}
		}
		choices = r.choices(words, choices[:0])
		for _, c := range choices {
			if !r.step(words, next, decided, c) {
				continue
			}
			key = compareKey(key[:0], next)
			if seen[string(key)] {
				continue
			}
			if *r.f.budget--; *r.f.budget < 0 {
				return
			}
			seen[string(key)] = true
			states = append(states, compareRunState{slices.Clone(next), int32(at), c})
		}
	}
	if empty != nil && !r.f.done {
		r.f.add("", empty)
	}
}

// step moves a state over a character, and reports whether the text may still
// be of use.
func (r *compareRun) step(from, to []uint64, decided int, c byte) bool {
	copy(to[r.width:], from[r.width:])
	for i, g := range r.globs {
		a, b := r.offsets[i], r.offsets[i]+g.words
		if !g.step(from[a:b], to[a:b], c) && i < r.must {
			return false
		}
	}
	return true
}

// settle decides what can be decided about the sets of a state, in place, and
// reports whether nothing of use can come of it.
func (r *compareRun) settle(words []uint64, decided int, always compareBits) bool {
	in, out := compareBits(words[r.width:r.width+decided]), compareBits(words[r.width+decided:])
	lost := false
	var gone compareBits // the ys that the text is in no more
	for i, s := range r.sets {
		if in.has(i) || out.has(i) {
			continue
		}
		alive, top := false, false
		for _, k := range s.globs {
			g := r.globs[k]
			positions := words[r.offsets[k] : r.offsets[k]+g.words]
			top = top || g.universal(positions)
			alive = alive || slices.ContainsFunc(positions, func(w uint64) bool { return w != 0 })
		}
		switch {
		case top && !s.not || !alive && s.not:
			in.set(i)
		case top && s.not || !alive && !s.not:
			out.set(i)
			if s.owner < 0 {
				lost = true
				continue
			}
			if gone == nil {
				gone = newCompareBits(r.ys)
			}
			gone.set(s.owner)
		}
	}
	if lost {
		return true
	}
	if gone != nil {
		for i, s := range r.sets {
			if s.owner >= 0 && gone.has(s.owner) && !out.has(i) {
				out.set(i)
				in[i/64] &^= 1 << (i % 64)
			}
		}
	}
	// Patterns of decided sets are dropped, so that states become equal.
	needed := newCompareBits(len(r.globs))
	for k := range r.must {
		needed.set(k)
	}
	open := false
	for i, s := range r.sets {
		if in.has(i) || out.has(i) {
			continue
		}
		open = true
		for _, k := range s.globs {
			needed.set(k)
		}
	}
	for k, g := range r.globs {
		if !needed.has(k) {
			clear(words[r.offsets[k] : r.offsets[k]+g.words])
		}
	}
	sure := r.sure(in, always)
	if r.f.every {
		return !open && r.f.seen[sure.key()]
	}
	return r.f.dominated(sure)
}

// sure returns the ys that a text is in for certain: those of which all sets
// are decided that way.
func (r *compareRun) sure(in compareBits, always compareBits) compareBits {
	sure, not := always.clone(), newCompareBits(r.ys)
	for i, s := range r.sets {
		if s.owner >= 0 {
			sure.set(s.owner)
			if !in.has(i) {
				not.set(s.owner)
			}
		}
	}
	for i := range sure {
		sure[i] &^= not[i]
	}
	return sure
}

// accept reports whether the text of a state is in x, and which ys it is in.
func (r *compareRun) accept(words []uint64, decided int, always compareBits) (compareBits, bool) {
	for k := range r.must {
		if !r.globs[k].accepts(words[r.offsets[k]:]) {
			return nil, false
		}
	}
	in, out := compareBits(words[r.width:r.width+decided]), compareBits(words[r.width+decided:])
	now := in.clone()
	for i, s := range r.sets {
		if in.has(i) || out.has(i) {
			continue
		}
		has := false
		for _, k := range s.globs {
			has = has || r.globs[k].accepts(words[r.offsets[k]:])
		}
		if has != s.not {
			now.set(i)
		} else if s.owner < 0 {
			return nil, false
		}
	}
	return r.sure(now, always), true
}

// choices returns a character for each way in which a state can go on: those
// that a pattern waits for, and one that none does. Where patterns wait for all
// that is printable, that is one which no policy may hold.
func (r *compareRun) choices(words []uint64, out []byte) []byte {
	var waited [256]bool
	for k, g := range r.globs {
		positions := words[r.offsets[k] : r.offsets[k]+g.words]
		for p, e := range g.elements {
			if positions[p/64]&(1<<(p%64)) == 0 {
				continue
			}
			switch e.kind {
			case compareByte:
				waited[e.lower], waited[e.upper] = true, true
			case compareOnePart, compareManyPart:
				waited[':'] = true
			}
		}
	}
	for _, c := range []byte("xabcdefghijklmnopqrstuvwyz0123456789-_./ABCDEFGHIJKLMNOPQRSTUVWXYZ+=,@!#%&()[];<>^`{|}~ \"'$?*\\\x7f") {
		if !waited[c] {
			out = append(out, c)
			break
		}
	}
	for c, ok := range waited {
		if ok {
			out = append(out, byte(c))
		}
	}
	return out
}

// text returns the text that leads to a state.
func (r *compareRun) text(states []compareRunState, at int) string {
	var out []byte
	for ; states[at].parent >= 0; at = int(states[at].parent) {
		out = append(out, states[at].last)
	}
	slices.Reverse(out)
	return string(out)
}
