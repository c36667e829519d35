package groundway

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// SnapshotSchema is the schema that snapshots are written with. A reader takes
// every minor of its major; of a newer minor it passes over the fields that it
// does not know, and it refuses a newer major.
const SnapshotSchema = "groundway.snapshot/v1"

// Observation says whose account was seen, where and when. It heads every
// snapshot.
type Observation struct {
	Account string    // the caller's account, 12 digits; empty if it was not seen
	Region  string    // "us-east-1"
	Time    time.Time // when the reading began
}

type snapshotJSON struct {
	Schema  string                     `json:"schema"`
	Account string                     `json:"account,omitempty"`
	Region  string                     `json:"region,omitempty"`
	Time    time.Time                  `json:"time,omitzero"`
	Parts   map[string]json.RawMessage `json:"parts"`
}

// MarshalSnapshot writes the canonical JSON of a snapshot. Each of parts is a
// struct whose fields are parts; packages keep their part names apart, so that
// one file can hold the snapshots of several packages. Everything that a
// terminal would not print as itself is escaped.
func MarshalSnapshot(o Observation, parts ...any) ([]byte, error) {
	all := map[string]json.RawMessage{}
	for _, p := range parts {
		data, err := json.Marshal(p)
		if err != nil {
			return nil, fmt.Errorf("marshal snapshot: %w", err)
		}
		members, err := rawObject(data)
		if err != nil {
			return nil, fmt.Errorf("marshal snapshot: %T: %w", p, err)
		}
		for _, name := range slices.Sorted(maps.Keys(members)) {
			if _, dup := all[name]; dup {
				return nil, fmt.Errorf("marshal snapshot: two packages write the part %q", name)
			}
			all[name] = members[name]
		}
	}
	data, err := json.Marshal(snapshotJSON{SnapshotSchema, o.Account, o.Region, o.Time.UTC(), all})
	return VisibleJSON(data), err
}

// UnmarshalSnapshot reads into parts, each a pointer to a struct as
// [MarshalSnapshot] takes it. A part that the file does not hold stays unseen;
// a part that none of the structs knows belongs to another package and is left
// alone; an unknown field within a part is an error, unless the file is of a
// newer minor. Errors name the place as a JSON pointer, and a syntax error its
// line and column.
func UnmarshalSnapshot(data []byte, parts ...any) (Observation, error) {
	o, err := unmarshalSnapshot(data, parts)
	if err != nil {
		return Observation{}, fmt.Errorf("parse snapshot: %w", err)
	}
	return o, nil
}

func unmarshalSnapshot(data []byte, parts []any) (Observation, error) {
	if err := checkSyntax(data); err != nil {
		return Observation{}, err
	}
	// The schema comes first: it decides how the rest is read.
	members, err := rawObject(data)
	if err != nil {
		return Observation{}, err
	}
	var schema string
	if raw, ok := members["schema"]; ok {
		if err := inWords(json.Unmarshal(raw, &schema)); err != nil {
			return Observation{}, at("schema", err)
		}
	}
	newer, err := newerMinor(schema)
	if err != nil {
		return Observation{}, err
	}
	var head snapshotJSON
	if err := decode(data, reflect.ValueOf(&head).Elem(), newer); err != nil {
		return Observation{}, err
	}
	for _, p := range parts {
		if err := decodeParts(head.Parts, reflect.ValueOf(p).Elem(), newer); err != nil {
			return Observation{}, at("parts", err)
		}
	}
	return Observation{head.Account, head.Region, head.Time.UTC()}, nil
}

// decodeParts reads the parts that v has; the others are another package's.
func decodeParts(all map[string]json.RawMessage, v reflect.Value, lenient bool) error {
	ours := map[string]json.RawMessage{}
	for _, f := range reflect.VisibleFields(v.Type()) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if raw, ok := all[name]; ok {
			ours[name] = raw
		}
	}
	raw, err := json.Marshal(ours)
	if err != nil {
		return err
	}
	return decode(raw, v, lenient)
}

var snapshotVersion = regexp.MustCompile(`^groundway\.snapshot/v([0-9]{1,4})(?:\.([0-9]{1,4}))?$`)

// newerMinor reports whether schema is of our major and a newer minor.
func newerMinor(schema string) (bool, error) {
	m := snapshotVersion.FindStringSubmatch(schema)
	if m == nil {
		return false, at("schema", fmt.Errorf("got %q, want %q", schema, SnapshotSchema))
	}
	if m[1] != "1" {
		return false, at("schema", fmt.Errorf("got %q, but this version reads %q only", schema, SnapshotSchema))
	}
	minor, _ := strconv.Atoi(m[2])
	return minor > 0, nil
}

// checkSyntax returns the first syntax error of a JSON text with its line and
// column, both counted from 1, the column in bytes.
func checkSyntax(data []byte) error {
	var raw json.RawMessage
	err := json.Unmarshal(data, &raw)
	syntax, ok := err.(*json.SyntaxError)
	if !ok {
		return err
	}
	before := data[:min(max(0, int(syntax.Offset)-1), len(data))]
	line := 1 + bytes.Count(before, []byte("\n"))
	column := len(before) - bytes.LastIndexByte(before, '\n')
	return fmt.Errorf("line %d column %d: %v", line, column, syntax)
}
