package iamdata

import (
	"bytes"
	"cmp"
	"compress/flate"
	"encoding/binary"
	"hash/crc32"
	"maps"
	"slices"
	"strings"
)

// Magic begins the file and names its format.
const Magic = "groundway.iam/1\n"

// Encode returns the file that iam/catalog embeds. Equal data gives equal bytes
// for one version of Go, whose compressor may change with the next.
//
// The file is Magic and then sections. A section is the length of its content,
// the length of its compressed form, the CRC-32 (IEEE) of its content in four
// bytes, the lowest first, and the compressed form (DEFLATE, RFC 1951). All
// numbers but the CRC are unsigned varints of encoding/binary. A text is its
// length and its bytes; a list of texts is all their lengths and then all their
// bytes.
//
// The first section is the index: the version, the date, the number of
// services, the list of their prefixes, the list of their names, and for each
// the length of its section. The second is the dictionary, text that many
// services have in common. One section for each service follows, compressed
// with the dictionary before it, so that it is read without the others. In it
// stand, column by column:
//
//   - keys: their number, their names, for each its kind plus 16 if a request
//     may have several values;
//   - sets of keys: their number, for each the number of its keys, and the
//     first key and the distances to the next ones;
//   - types: their number, their names, for each the number of its templates
//     and the number of its set, all templates;
//   - actions: their number, their names without the prefix, for each its level,
//     its set and the number of its rows;
//   - rows: for each twice the distance from the type of the row before, plus
//     one if the type is required, and its set.
func Encode(d Data) []byte {
	dictionary := newDictionary(d.Services)
	var sections []byte
	var index block
	index.text(d.Version)
	index.text(d.Date)
	index.number(len(d.Services))
	index.texts(namesOf(d.Services, func(s Service) string { return s.Prefix }))
	index.texts(namesOf(d.Services, func(s Service) string { return s.Name }))
	for _, s := range d.Services {
		section := encodeSection(encodeService(s), dictionary)
		index.number(len(section))
		sections = append(sections, section...)
	}
	return slices.Concat([]byte(Magic), encodeSection(index.data, nil), encodeSection(dictionary, nil), sections)
}

// encodeService returns the content of the section of a service.
func encodeService(s Service) []byte {
	sets := newSets(s)
	var b block

	b.number(len(s.Keys))
	b.texts(namesOf(s.Keys, func(k Key) string { return k.Name }))
	for _, k := range s.Keys {
		kind := int(k.Kind)
		if k.Many {
			kind += 16
		}
		b.number(kind)
	}

	b.number(len(sets.list))
	for _, set := range sets.list {
		b.number(len(set))
	}
	for _, set := range sets.list {
		for i, key := range set {
			if i > 0 {
				key -= set[i-1]
			}
			b.number(key)
		}
	}

	b.number(len(s.Types))
	b.texts(namesOf(s.Types, func(t Type) string { return t.Name }))
	var arns []string
	for _, t := range s.Types {
		b.number(len(t.ARNs))
		b.number(sets.at(t.Keys))
		arns = append(arns, t.ARNs...)
	}
	b.texts(arns)

	b.number(len(s.Actions))
	b.texts(namesOf(s.Actions, func(a Action) string { return a.Name }))
	for _, a := range s.Actions {
		b.number(int(a.Level))
	}
	for _, a := range s.Actions {
		b.number(sets.at(a.Keys))
	}
	for _, a := range s.Actions {
		b.number(len(a.Rows))
	}
	for _, a := range s.Actions {
		before := 0
		for _, r := range a.Rows {
			distance := 2 * (r.Type - before)
			if r.Required {
				distance++
			}
			b.number(distance)
			before = r.Type
		}
	}
	for _, a := range s.Actions {
		for _, r := range a.Rows {
			b.number(sets.at(r.Keys))
		}
	}
	return b.data
}

// A block is content under construction.
type block struct{ data []byte }

func (b *block) number(n int) { b.data = binary.AppendUvarint(b.data, uint64(n)) }

func (b *block) text(s string) {
	b.number(len(s))
	b.data = append(b.data, s...)
}

func (b *block) texts(list []string) {
	for _, s := range list {
		b.number(len(s))
	}
	for _, s := range list {
		b.data = append(b.data, s...)
	}
}

// namesOf returns the name of each item.
func namesOf[T any](items []T, name func(T) string) []string {
	names := make([]string, len(items))
	for i, item := range items {
		names[i] = name(item)
	}
	return names
}

// sets are the distinct sets of keys of a service, the most used first, so that
// their numbers are short.
type sets struct {
	list [][]int
	byID map[string]int
}

func newSets(s Service) sets {
	uses := map[string]int{}
	keys := map[string][]int{}
	use := func(set []int) {
		id := setID(set)
		uses[id]++
		keys[id] = set
	}
	for _, t := range s.Types {
		use(t.Keys)
	}
	for _, a := range s.Actions {
		use(a.Keys)
		for _, r := range a.Rows {
			use(r.Keys)
		}
	}
	all := sets{byID: map[string]int{}}
	ids := slices.SortedFunc(maps.Keys(uses), func(a, b string) int {
		return cmp.Or(cmp.Compare(uses[b], uses[a]), slices.Compare(keys[a], keys[b]))
	})
	for i, id := range ids {
		all.list = append(all.list, keys[id])
		all.byID[id] = i
	}
	return all
}

func (s sets) at(set []int) int { return s.byID[setID(set)] }

func setID(set []int) string {
	var id []byte
	for _, key := range set {
		id = binary.AppendUvarint(id, uint64(key))
	}
	return string(id)
}

// encodeSection returns a section. The compressor is told of the dictionary,
// which may be nil.
func encodeSection(content, dictionary []byte) []byte {
	var compressed bytes.Buffer
	w, err := flate.NewWriterDict(&compressed, flate.BestCompression, dictionary)
	if err != nil {
		panic(err) // the level is a valid constant
	}
	_, _ = w.Write(content) // a bytes.Buffer takes everything
	_ = w.Close()
	var b block
	b.number(len(content))
	b.number(compressed.Len())
	b.data = binary.LittleEndian.AppendUint32(b.data, crc32.ChecksumIEEE(content))
	return append(b.data, compressed.Bytes()...)
}

// maxDictionary is how far back DEFLATE looks.
const maxDictionary = 32 << 10

// newDictionary returns the text that many services have in common: what saves
// most stands last, where references to it are shortest.
func newDictionary(services []Service) []byte {
	uses := map[string]int{}
	for _, s := range services {
		own := map[string]bool{}
		for _, k := range s.Keys {
			own[k.Name] = true
		}
		for _, t := range s.Types {
			own[t.Name] = true
			for _, arn := range t.ARNs {
				for _, part := range strings.SplitAfter(strings.ReplaceAll(arn, ":"+s.Prefix+":", ":\x00"), "\x00") {
					own[strings.Trim(part, "\x00")] = true
				}
			}
		}
		for _, a := range s.Actions {
			own[a.Name] = true
		}
		for text := range own {
			uses[text]++
		}
	}
	saved := func(text string) int { return uses[text] * (len(text) - 3) }
	var candidates []string
	for text, n := range uses {
		if n > 1 && len(text) > 4 {
			candidates = append(candidates, text)
		}
	}
	slices.SortFunc(candidates, func(a, b string) int {
		return cmp.Or(cmp.Compare(saved(b), saved(a)), strings.Compare(a, b))
	})
	var dictionary string
	for _, text := range candidates {
		if len(dictionary)+len(text) <= maxDictionary && !strings.Contains(dictionary, text) {
			dictionary = text + dictionary
		}
	}
	return []byte(dictionary)
}
