package groundway

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
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
	return escapeInvisible(data), err
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
	var head snapshotJSON
	if err := json.Unmarshal(data, &head); err != nil {
		return Observation{}, err
	}
	newer, err := newerMinor(head.Schema)
	if err != nil {
		return Observation{}, err
	}
	raw, err := json.Marshal(head.Parts)
	if err != nil {
		return Observation{}, err
	}
	for _, p := range parts {
		if err := json.Unmarshal(raw, p); err != nil {
			return Observation{}, at("parts", err)
		}
		if newer {
			continue
		}
		if err := checkKept(raw, p); err != nil {
			return Observation{}, at("parts", err)
		}
	}
	return Observation{head.Account, head.Region, head.Time}, nil
}

// checkKept returns an error for the first value of raw that p, which was read
// from it, does not write again: a field that it does not know. Whole parts
// that p does not know are another package's.
func checkKept(raw []byte, p any) error {
	again, err := json.Marshal(p)
	if err != nil {
		return err
	}
	var was, is map[string]any
	if err := errors.Join(json.Unmarshal(raw, &was), json.Unmarshal(again, &is)); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(was)) {
		if _, known := is[name]; !known {
			continue
		}
		if err := lost(was[name], is[name]); err != nil {
			return at(name, err)
		}
	}
	return nil
}

// lost walks two decoded JSON values and returns an error for the first key of
// an object in was that holds something and is missing in is.
func lost(was, is any) error {
	switch was := was.(type) {
	case map[string]any:
		is, _ := is.(map[string]any)
		for _, key := range slices.Sorted(maps.Keys(was)) {
			if _, kept := is[key]; !kept && !emptyJSON(was[key]) {
				return at(key, errors.New("unknown field"))
			}
			if err := lost(was[key], is[key]); err != nil {
				return at(key, err)
			}
		}
	case []any:
		is, _ := is.([]any)
		for i := range min(len(was), len(is)) {
			if err := lost(was[i], is[i]); err != nil {
				return at(strconv.Itoa(i), err)
			}
		}
	}
	return nil
}

// emptyJSON reports whether omitempty would leave out the value.
func emptyJSON(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		return len(v) == 0
	case []any:
		return len(v) == 0
	}
	return v == nil || v == false || v == "" || v == 0.0
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
	before := data[:min(int(syntax.Offset), len(data))]
	line := 1 + bytes.Count(before, []byte("\n"))
	column := max(1, len(before)-bytes.LastIndexByte(before, '\n')-1)
	return fmt.Errorf("line %d column %d: %v", line, column, syntax)
}
