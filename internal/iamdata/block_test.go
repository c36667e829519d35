package iamdata_test

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"hash/crc32"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/internal/iamdata"
)

// input reads a file by its description alone.
type input struct {
	t *testing.T
	*bytes.Reader
}

func read(t *testing.T, data []byte) input { return input{t, bytes.NewReader(data)} }

func (in input) number() int {
	n, err := binary.ReadUvarint(in)
	require.NoError(in.t, err)
	return int(n)
}

func (in input) bytes(n int) []byte {
	b := make([]byte, n)
	_, err := io.ReadFull(in, b)
	require.NoError(in.t, err)
	return b
}

func (in input) texts(n int) []string {
	list := make([]string, n)
	sizes := make([]int, n)
	for i := range sizes {
		sizes[i] = in.number()
	}
	for i, size := range sizes {
		list[i] = string(in.bytes(size))
	}
	return list
}

func (in input) section(dictionary []byte) input {
	size := in.number()
	compressed := in.number()
	sum := binary.LittleEndian.Uint32(in.bytes(4))
	content, err := io.ReadAll(flate.NewReaderDict(bytes.NewReader(in.bytes(compressed)), dictionary))
	require.NoError(in.t, err)
	assert.Len(in.t, content, size)
	assert.Equal(in.t, sum, crc32.ChecksumIEEE(content))
	return read(in.t, content)
}

func (in input) end() { assert.Zero(in.t, in.Len(), "bytes are left") }

func decode(t *testing.T, file []byte) (d iamdata.Data) {
	in := read(t, file)
	require.Equal(t, iamdata.Magic, string(in.bytes(len(iamdata.Magic))))
	index := in.section(nil)
	d.Version, d.Date = index.texts(1)[0], index.texts(1)[0]
	n := index.number()
	prefixes, names := index.texts(n), index.texts(n)
	words := in.section(nil)
	dictionary := words.bytes(words.Len())
	for i := range n {
		size := index.number()
		section := read(t, in.bytes(size))
		s := decodeService(section.section(dictionary))
		section.end()
		s.Prefix, s.Name = prefixes[i], names[i]
		d.Services = append(d.Services, s)
	}
	index.end()
	in.end()
	return d
}

func decodeService(in input) (s iamdata.Service) {
	for _, name := range in.texts(in.number()) {
		s.Keys = append(s.Keys, iamdata.Key{Name: name})
	}
	for i := range s.Keys {
		kind := in.number()
		s.Keys[i].Kind, s.Keys[i].Many = iamdata.Kind(kind%16), kind/16 == 1
	}
	sets := make([][]int, in.number())
	sizes := make([]int, len(sets))
	for i := range sizes {
		sizes[i] = in.number()
	}
	for i, size := range sizes {
		key := 0
		for range size {
			key += in.number()
			sets[i] = append(sets[i], key)
		}
	}
	for _, name := range in.texts(in.number()) {
		s.Types = append(s.Types, iamdata.Type{Name: name})
	}
	counts, all := make([]int, len(s.Types)), 0
	for i := range s.Types {
		counts[i] = in.number()
		all += counts[i]
		s.Types[i].Keys = sets[in.number()]
	}
	arns := in.texts(all)
	for i, n := range counts {
		s.Types[i].ARNs, arns = arns[:n], arns[n:]
	}
	for _, name := range in.texts(in.number()) {
		s.Actions = append(s.Actions, iamdata.Action{Name: name})
	}
	for i := range s.Actions {
		s.Actions[i].Level = iamdata.Level(in.number())
	}
	for i := range s.Actions {
		s.Actions[i].Keys = sets[in.number()]
	}
	for i := range s.Actions {
		for range in.number() {
			s.Actions[i].Rows = append(s.Actions[i].Rows, iamdata.Row{})
		}
	}
	for _, a := range s.Actions {
		kind := 0
		for i := range a.Rows {
			n := in.number()
			kind += n / 2
			a.Rows[i].Type, a.Rows[i].Required = kind, n%2 == 1
		}
	}
	for _, a := range s.Actions {
		for i := range a.Rows {
			a.Rows[i].Keys = sets[in.number()]
		}
	}
	in.end()
	return s
}

func TestEncode(t *testing.T) {
	want := data
	want.License = nil
	assert.Equal(t, want, decode(t, iamdata.Encode(data)))

	// A service without anything, and names of more than a byte's length.
	want = iamdata.Data{Version: "1", Date: "2", Services: []iamdata.Service{{Prefix: "none", Name: strings.Repeat("long ", 100)}}}
	assert.Equal(t, want, decode(t, iamdata.Encode(want)))
}

func TestEncodeIsDeterministic(t *testing.T) {
	first := iamdata.Encode(data)
	for range 20 {
		require.Equal(t, first, iamdata.Encode(data))
	}
}
