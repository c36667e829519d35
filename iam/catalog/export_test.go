package catalog

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"hash/crc32"
	"strings"

	"github.com/groundway-sdk/groundway/iam"
)

// Embedded is the file as it is embedded.
func Embedded() string { return embedded }

// Matches is the matcher of Expand.
func Matches(pattern, name string) bool { return matches(lowerCase(pattern), name) }

// CompareFold is how actions are looked up.
var CompareFold = compareFold

// A File is an open file, to test without the shared one.
type File struct{ f *file }

// Open opens a file.
func Open(data string) (File, error) {
	f, err := open(data)
	return File{f}, err
}

// Prefixes returns the prefixes of the services.
func (f File) Prefixes() (list []string) {
	for _, e := range f.f.entries {
		list = append(list, e.prefix)
	}
	return list
}

// Decode decodes a service anew.
func (f File) Decode(prefix string) error {
	i, ok := f.f.find(prefix)
	if !ok {
		panic(prefix)
	}
	_, err := decode(prefix, f.f.entries[i].section, f.f.dictionary)
	return err
}

// Actions returns the actions of a service, which it decodes once.
func (f File) Actions(prefix string) (list []iam.Action) {
	i, _ := f.f.find(prefix)
	s, err := f.f.service(i)
	if err != nil {
		panic(err)
	}
	for _, a := range s.actions {
		list = append(list, a.name)
	}
	return list
}

// Content returns the content of the section of a service.
func (f File) Content(prefix string) string {
	i, _ := f.f.find(prefix)
	content, _, err := inflate(f.f.entries[i].section, f.f.dictionary)
	if err != nil {
		panic(err)
	}
	return string(content)
}

// DecodeContent decodes content and touches all that it gave.
func DecodeContent(content string) (actions []iam.Action, err error) {
	s, err := decodeContent("x", content)
	if err != nil {
		return nil, err
	}
	for _, a := range s.actions {
		actions = append(actions, a.name)
		for _, key := range s.sets[a.set] {
			_ = s.keys[key]
		}
		for _, r := range a.rows {
			for _, key := range append(s.sets[r.set], s.sets[s.types[r.kind].set]...) {
				_ = s.keys[key]
			}
		}
	}
	return actions, nil
}

// Section returns a section with the content, as its reader wants it.
func Section(content string) string {
	var compressed bytes.Buffer
	w, _ := flate.NewWriter(&compressed, flate.BestSpeed)
	_, _ = w.Write([]byte(content))
	_ = w.Close()
	var b strings.Builder
	b.Write(binary.AppendUvarint(nil, uint64(len(content))))
	b.Write(binary.AppendUvarint(nil, uint64(compressed.Len())))
	b.Write(binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE([]byte(content))))
	b.Write(compressed.Bytes())
	return b.String()
}
