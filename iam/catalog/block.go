package catalog

import (
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strings"
	"sync"

	"github.com/groundway-sdk/groundway/iam"
)

// magic begins the file and names its format, which internal/iamdata describes
// and writes.
const magic = "groundway.iam/1\n"

// A file is the data as it is embedded. Only its index is read when it is
// opened.
type file struct {
	version, date string
	dictionary    []byte
	entries       []*entry // ordered by prefix
}

// An entry is a service of a file. It is decoded once, by the first who asks.
type entry struct {
	prefix, name string
	section      string

	once    sync.Once
	decoded *service
	err     error
}

// A service is a decoded entry. Nobody writes to it.
type service struct {
	keys    []iam.ConditionKey // ordered by name
	sets    [][]uint16         // sets of indices of keys, ascending
	types   []resourceType     // ordered by name
	actions []action           // ordered by name without regard to case
}

type resourceType struct {
	name string
	arns []string
	set  uint16
}

type action struct {
	name  iam.Action // with the prefix
	level iam.AccessLevel
	set   uint16
	rows  []row
}

// A row is a type that an action can be granted on.
type row struct {
	kind     uint16 // index of types
	required bool
	set      uint16
}

func open(data string) (*file, error) {
	f, err := readIndex(data)
	if err != nil {
		return nil, fmt.Errorf("open catalog: %w", err)
	}
	return f, nil
}

func readIndex(data string) (*file, error) {
	data, ok := strings.CutPrefix(data, magic)
	if !ok {
		return nil, fmt.Errorf("it does not begin with %q", magic)
	}
	content, data, err := inflate(data, nil)
	if err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	dictionary, data, err := inflate(data, nil)
	if err != nil {
		return nil, fmt.Errorf("dictionary: %w", err)
	}
	f := &file{dictionary: dictionary}
	r := reader{rest: string(content)}
	f.version, f.date = r.text(), r.text()
	f.entries = make([]*entry, r.count())
	prefixes, names := r.texts(len(f.entries)), r.texts(len(f.entries))
	for i := range f.entries {
		e := &entry{prefix: prefixes[i], name: names[i]}
		f.entries[i] = e
		size := r.number()
		if size > len(data) {
			return nil, fmt.Errorf("service %q: it ends before its section does", e.prefix)
		}
		e.section, data = data[:size], data[size:]
	}
	if err := r.close(); err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	if data != "" {
		return nil, fmt.Errorf("%d bytes follow the last section", len(data))
	}
	return f, nil
}

// service returns the decoded entry with this index.
func (f *file) service(i int) (*service, error) {
	e := f.entries[i]
	e.once.Do(func() {
		e.decoded, e.err = decode(e.prefix, e.section, f.dictionary)
	})
	return e.decoded, e.err
}

func decode(prefix, section string, dictionary []byte) (*service, error) {
	content, rest, err := inflate(section, dictionary)
	if err == nil && rest != "" {
		err = fmt.Errorf("%d bytes follow", len(rest))
	}
	var s *service
	if err == nil {
		s, err = decodeContent(prefix, string(content))
	}
	if err != nil {
		return nil, fmt.Errorf("decode service %q: %w", prefix, err)
	}
	return s, nil
}

func decodeContent(prefix, content string) (*service, error) {
	r := &reader{rest: content}
	s := &service{}

	s.keys = make([]iam.ConditionKey, r.count())
	for i, name := range r.texts(len(s.keys)) {
		s.keys[i].Name = name
	}
	for i := range s.keys {
		kind := r.below(32)
		s.keys[i].Type = iam.KeyType(kind & 15)
		s.keys[i].Multivalued = kind >= 16
	}

	s.sets = make([][]uint16, r.count())
	sizes, total := r.sizes(len(s.sets))
	members := make([]uint16, total)
	for i, size := range sizes {
		set := members[:size:size]
		members = members[size:]
		key := 0
		for k := range set {
			key += r.number()
			if key >= len(s.keys) {
				r.fail()
				break
			}
			set[k] = uint16(key)
		}
		s.sets[i] = set
	}

	s.types = make([]resourceType, r.count())
	for i, name := range r.texts(len(s.types)) {
		s.types[i].name = name
	}
	arnCounts := make([]int, len(s.types))
	arns := 0
	for i := range s.types {
		arnCounts[i] = r.below(len(content))
		arns += arnCounts[i]
		s.types[i].set = r.set(s)
	}
	if arns > len(r.rest) {
		r.fail()
		arns = 0
	}
	templates := r.texts(arns)
	for i, n := range arnCounts {
		if n > len(templates) {
			r.fail()
			break
		}
		s.types[i].arns, templates = templates[:n:n], templates[n:]
	}

	s.actions = make([]action, r.count())
	for i, name := range r.actions(prefix, len(s.actions)) {
		s.actions[i].name = name
	}
	for i := range s.actions {
		s.actions[i].level = iam.AccessLevel(r.below(int(iam.PermissionsAccess) + 1))
	}
	for i := range s.actions {
		s.actions[i].set = r.set(s)
	}
	sizes, total = r.sizes(len(s.actions))
	rows := make([]row, total)
	for i, size := range sizes {
		s.actions[i].rows = rows[:size:size]
		rows = rows[size:]
	}
	for _, a := range s.actions {
		kind := 0
		for i := range a.rows {
			n := r.number()
			kind += n / 2
			if kind >= len(s.types) {
				r.fail()
				break
			}
			a.rows[i].kind, a.rows[i].required = uint16(kind), n%2 == 1
		}
	}
	for _, a := range s.actions {
		for i := range a.rows {
			a.rows[i].set = r.set(s)
		}
	}
	return s, r.close()
}

// maxContent is more than any section holds.
const maxContent = 1 << 24

// inflate reads a section and returns its content and what follows it.
func inflate(data string, dictionary []byte) (content []byte, rest string, err error) {
	r := reader{rest: data}
	size, compressed := r.below(maxContent), r.number()
	if r.err != nil || len(r.rest) < 4 || compressed > len(r.rest)-4 {
		return nil, "", errors.New("it is truncated")
	}
	sum := binary.LittleEndian.Uint32([]byte(r.rest[:4]))
	section := r.rest[4:]
	section, rest = section[:compressed], section[compressed:]
	content = make([]byte, size)
	inflater := flate.NewReaderDict(strings.NewReader(section), dictionary)
	if _, err := io.ReadFull(inflater, content); err != nil {
		return nil, "", fmt.Errorf("inflate: %w", err)
	}
	if n, err := inflater.Read(make([]byte, 1)); n != 0 || err == nil {
		return nil, "", errors.New("it is longer than it says")
	} else if err != io.EOF {
		return nil, "", fmt.Errorf("inflate: %w", err)
	}
	if crc32.ChecksumIEEE(content) != sum {
		return nil, "", errors.New("its checksum is wrong")
	}
	return content, rest, nil
}

// A reader reads content. After an error it returns zeros, so that callers look
// at the error once.
type reader struct {
	rest string
	err  error
}

func (r *reader) fail() {
	if r.err == nil {
		r.err = errors.New("a number is missing or out of range")
	}
	r.rest = ""
}

// close returns the error, or one if something is left.
func (r *reader) close() error {
	if r.err == nil && r.rest != "" {
		r.err = fmt.Errorf("%d bytes are left", len(r.rest))
	}
	return r.err
}

// number reads a varint that is below 2^28, so that sums stay in range.
func (r *reader) number() int {
	n := 0
	for i := 0; i < len(r.rest) && i < 4; i++ {
		n |= int(r.rest[i]&0x7f) << (7 * i)
		if r.rest[i] < 0x80 {
			r.rest = r.rest[i+1:]
			return n
		}
	}
	r.fail()
	return 0
}

func (r *reader) below(limit int) int {
	n := r.number()
	if n >= limit && r.err == nil {
		r.fail()
	}
	if r.err != nil {
		return 0
	}
	return n
}

// count reads the number of items of which each takes a byte at least.
func (r *reader) count() int { return r.below(min(len(r.rest), 1<<16)) }

// set reads the number of a set.
func (r *reader) set(s *service) uint16 { return uint16(r.below(len(s.sets))) }

// sizes reads n sizes and returns their sum as well, which the rest can hold.
func (r *reader) sizes(n int) (list []int, sum int) {
	list = make([]int, n)
	for i := range list {
		list[i] = r.number()
		sum += list[i]
	}
	if sum > len(r.rest) {
		r.fail()
		clear(list)
		return list, 0
	}
	return list, sum
}

func (r *reader) text() string { return r.texts(1)[0] }

// texts reads a list of texts, which share the memory of the content.
func (r *reader) texts(n int) []string {
	sizes, _ := r.sizes(n)
	list := make([]string, n)
	for i, size := range sizes {
		list[i], r.rest = r.rest[:size], r.rest[size:]
	}
	return list
}

// actions reads a list of names and puts the prefix before each.
func (r *reader) actions(prefix string, n int) []iam.Action {
	sizes, sum := r.sizes(n)
	var b strings.Builder
	b.Grow(n*(len(prefix)+1) + sum)
	for _, size := range sizes {
		b.WriteString(prefix)
		b.WriteByte(':')
		b.WriteString(r.rest[:size])
		r.rest = r.rest[size:]
	}
	all := b.String()
	list := make([]iam.Action, n)
	for i, size := range sizes {
		end := len(prefix) + 1 + size
		list[i], all = iam.Action(all[:end]), all[end:]
	}
	return list
}
