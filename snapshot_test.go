package groundway_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
)

// gateways and keys are the snapshots of two packages, which share files.
type gateways struct {
	Gateways groundway.Part[gateway] `json:"gateways"`
	Words    groundway.Part[string]  `json:"words"`
}

type keys struct {
	Keys groundway.Part[route] `json:"keys"`
}

var here = groundway.Observation{Account: "111122223333", Region: "us-east-1", Time: noon}

func marshalSnapshot(t testing.TB, parts ...any) string {
	t.Helper()
	data, err := groundway.MarshalSnapshot(here, parts...)
	require.NoError(t, err)
	return string(data)
}

func TestSnapshotRoundTrip(t *testing.T) {
	g := gateways{
		Gateways: groundway.SeenPart(gateway{ID: "igw-0b"}, gateway{ID: "igw-0a", Routes: groundway.List[route]{{"::/0", 1}}}),
		Words:    groundway.UnseenPart[string](groundway.Gap{Action: "ec2:DescribeTags", Code: "UnauthorizedOperation"}),
	}
	k := keys{groundway.SeenPart[route]()}
	text := marshalSnapshot(t, g, k)
	assert.Equal(t, `{"schema":"groundway.snapshot/v1","account":"111122223333","region":"us-east-1","time":"2026-03-01T12:00:00Z","parts":{`+
		`"gateways":{"items":{"igw-0a":{"id":"igw-0a","routes":{"::/0":{"destination":"::/0","cost":1}}},"igw-0b":{"id":"igw-0b"}},"seen":true},`+
		`"keys":{"seen":true},`+
		`"words":{"seen":false,"gaps":[{"action":"ec2:DescribeTags","code":"UnauthorizedOperation"}]}}}`, text)
	assert.Equal(t, text, marshalSnapshot(t, k, g), "the order of the packages does not matter")
	assert.Equal(t, text, marshalSnapshot(t, &k, &g), "nor whether they come by pointer")

	var gotGateways gateways
	var gotKeys keys
	o, err := groundway.UnmarshalSnapshot([]byte(text), &gotKeys, &gotGateways)
	require.NoError(t, err)
	assert.Equal(t, here, o)
	assert.Equal(t, text, marshalSnapshot(t, gotGateways, gotKeys))
	assert.True(t, gotKeys.Keys.Complete())
	assert.False(t, gotGateways.Words.Seen)
}

func TestMarshalSnapshotHead(t *testing.T) {
	data, err := groundway.MarshalSnapshot(groundway.Observation{})
	require.NoError(t, err)
	assert.Equal(t, `{"schema":"groundway.snapshot/v1","parts":{}}`, string(data))
	o, err := groundway.UnmarshalSnapshot(data)
	require.NoError(t, err)
	assert.Equal(t, groundway.Observation{}, o)

	data, err = groundway.MarshalSnapshot(groundway.Observation{Time: noon.In(time.FixedZone("", -7*3600))})
	require.NoError(t, err)
	assert.Equal(t, `{"schema":"groundway.snapshot/v1","time":"2026-03-01T12:00:00Z","parts":{}}`, string(data), "times are in UTC")
}

func TestMarshalSnapshotErrors(t *testing.T) {
	for _, test := range []struct {
		parts []any
		want  string
	}{
		{[]any{gateways{}, keys{}, gateways{}}, `marshal snapshot: two packages write the part "gateways"`},
		{[]any{7}, `marshal snapshot: int: want a JSON object, got "7"`},
		{[]any{nil}, `marshal snapshot: <nil>: want a JSON object, got "null"`},
		{[]any{[]keys{}}, `marshal snapshot: []groundway_test.keys: want a JSON object, got "[]"`},
	} {
		_, err := groundway.MarshalSnapshot(here, test.parts...)
		assert.EqualError(t, err, test.want)
	}
	_, err := groundway.MarshalSnapshot(here, gateways{Gateways: groundway.SeenPart(gateway{ID: "a"}, gateway{ID: "a"})})
	assert.ErrorContains(t, err, `key "a" is empty or stands twice`)
	_, err = groundway.MarshalSnapshot(here, map[string]any{"f": func() {}})
	assert.ErrorContains(t, err, "marshal snapshot: json: unsupported type")
}

func TestUnmarshalSnapshotVersions(t *testing.T) {
	body := `,"parts":{"gateways":{"seen":true,"items":{"igw-0a":{"id":"igw-0a"%s}}}}}`
	for _, test := range []struct{ name, schema, extra, want string }{
		{"ours", "groundway.snapshot/v1", "", ""},
		{"ours, spelled out", "groundway.snapshot/v1.0", "", ""},
		{"ours with an unknown field", "groundway.snapshot/v1", `,"color":"red"`, "parse snapshot: /parts/gateways/items/igw-0a/color: unknown field"},
		{"ours, spelled out, with an unknown field", "groundway.snapshot/v1.0", `,"color":"red"`, "parse snapshot: /parts/gateways/items/igw-0a/color: unknown field"},
		{"a newer minor", "groundway.snapshot/v1.7", "", ""},
		{"a newer minor with a field that came later", "groundway.snapshot/v1.7", `,"color":"red"`, ""},
		{"a newer major", "groundway.snapshot/v2", "", `parse snapshot: /schema: got "groundway.snapshot/v2", but this version reads "groundway.snapshot/v1" only`},
		{"a newer major and minor", "groundway.snapshot/v2.1", "", `parse snapshot: /schema: got "groundway.snapshot/v2.1", but this version reads "groundway.snapshot/v1" only`},
		{"a major that begins like ours", "groundway.snapshot/v10", "", `parse snapshot: /schema: got "groundway.snapshot/v10", but this version reads "groundway.snapshot/v1" only`},
		{"major zero", "groundway.snapshot/v0", "", `parse snapshot: /schema: got "groundway.snapshot/v0", but this version reads "groundway.snapshot/v1" only`},
		{"none", "", "", `parse snapshot: /schema: got "", want "groundway.snapshot/v1"`},
		{"another document", "groundway.report/v1", "", `parse snapshot: /schema: got "groundway.report/v1", want "groundway.snapshot/v1"`},
		{"text behind it", "groundway.snapshot/v1x", "", `parse snapshot: /schema: got "groundway.snapshot/v1x", want "groundway.snapshot/v1"`},
		{"an endless number", "groundway.snapshot/v1.99999999999999999999", "", `parse snapshot: /schema: got "groundway.snapshot/v1.99999999999999999999", want "groundway.snapshot/v1"`},
		{"a negative minor", "groundway.snapshot/v1.-1", "", `parse snapshot: /schema: got "groundway.snapshot/v1.-1", want "groundway.snapshot/v1"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			var g gateways
			_, err := groundway.UnmarshalSnapshot([]byte(`{"schema":"`+test.schema+`"`+strings.Replace(body, "%s", test.extra, 1)), &g)
			if test.want != "" {
				assert.EqualError(t, err, test.want)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, groundway.SeenPart(gateway{ID: "igw-0a"}), g.Gateways)
		})
	}
}

// TestUnmarshalSnapshotOfOthers proves that the parts of other packages may be
// anything: they are neither read nor refused.
func TestUnmarshalSnapshotOfOthers(t *testing.T) {
	var k keys
	o, err := groundway.UnmarshalSnapshot([]byte(`{"schema":"groundway.snapshot/v1","region":"us-east-1","parts":{
		"later":[1,{"a":null}],"gateways":{"items":{"a":{"id":"b"}},"odd":7},"keys":{"seen":true}}}`), &k)
	require.NoError(t, err)
	assert.Equal(t, "us-east-1", o.Region)
	assert.True(t, k.Keys.Complete())

	var g gateways
	_, err = groundway.UnmarshalSnapshot([]byte(`{"schema":"groundway.snapshot/v1","parts":{"words":{"seen":true}}}`), &g, &k)
	require.NoError(t, err)
	assert.False(t, g.Gateways.Seen, "a part that the file does not hold is unseen")
	assert.True(t, g.Words.Complete())
}

func TestUnmarshalSnapshotErrors(t *testing.T) {
	const head = `{"schema":"groundway.snapshot/v1","parts":`
	for _, test := range []struct{ name, text, want string }{
		{"empty", "", "parse snapshot: line 1 column 1: unexpected end of JSON input"},
		{"cut off", "{\n  \"schema\": ", "parse snapshot: line 2 column 12: unexpected end of JSON input"},
		{"a comma too many", "{\n  \"schema\": \"groundway.snapshot/v1\",\n}", "parse snapshot: line 3 column 1: invalid character '}' looking for beginning of object key string"},
		{"amid other lines", "{\n  \"schema\": nil,\n  \"parts\": {}\n}\n", "parse snapshot: line 2 column 14: invalid character 'i' in literal null (expecting 'u')"},
		{"not JSON", "schema: groundway.snapshot/v1", "parse snapshot: line 1 column 1: invalid character 's' looking for beginning of value"},
		{"a byte order mark", "\ufeff{}", "parse snapshot: line 1 column 1: invalid character 'ï' looking for beginning of value"},
		{"two documents", head + "{}}\n{}", "parse snapshot: line 2 column 1: invalid character '{' after top-level value"},
		{"Windows line ends", "{\r\n\"schema\" x", "parse snapshot: line 2 column 10: invalid character 'x' after object key"},
		{"unknown field in a part", head + `{"gateways":{"seen":true,"cached":true}}}`, "parse snapshot: /parts/gateways/cached: unknown field"},
		{"unknown field in an item", head + `{"gateways":{"seen":true,"items":{"igw/0~a":{"id":"igw/0~a","color":"red"}}}}}`, "parse snapshot: /parts/gateways/items/igw~10~0a/color: unknown field"},
		{"unknown field in a list of an item", head + `{"gateways":{"seen":true,"items":{"igw-0a":{"id":"igw-0a","routes":{"::/0":{"destination":"::/0","prefix":["x"]}}}}}}}`, "parse snapshot: /parts/gateways/items/igw-0a/routes/::~10/prefix: unknown field"},
		{"unknown field in a gap", head + `{"gateways":{"seen":false,"gaps":[{"action":"a:B"},{"action":"a:B","who":"x"}]}}}`, "parse snapshot: /parts/gateways/gaps/1/who: unknown field"},
		{"a field in another case", head + `{"gateways":{"Seen":true}}}`, "parse snapshot: /parts/gateways/Seen: unknown field"},
		{"a line break in a string", "{\n \"a\": \"x\n", "parse snapshot: line 2 column 9: invalid character '\\n' in string literal"},
		{"an array", `[]`, `parse snapshot: want a JSON object, got "[]"`},
		{"null", `null`, `parse snapshot: want a JSON object, got "null"`},
		{"a schema of another kind", `{"schema":1}`, "parse snapshot: /schema: want a string, got number"},
		{"a time of another kind", `{"schema":"groundway.snapshot/v1","time":true}`, "parse snapshot: /time: Time.UnmarshalJSON: input is not a JSON string"},
		{"a misspelled head", `{"schema":"groundway.snapshot/v1","part":{}}`, "parse snapshot: /part: unknown field"},
		{"parts in an array", head + `[]}`, `parse snapshot: /parts: want a JSON object, got "[]"`},
		{"parts twice", head + `{},"parts":{}}`, "parse snapshot: /parts: stands twice"},
		{"a part in an array", head + `{"gateways":[]}}`, `parse snapshot: /parts/gateways: want a JSON object, got "[]"`},
		{"a part twice", head + `{"gateways":{"seen":false},"gateways":{"seen":true}}}`, "parse snapshot: /parts/gateways: stands twice"},
		{"a part of nothing", head + `{"gateways":null}}`, "parse snapshot: /parts/gateways: want an object, got null"},
		{"a field twice", head + `{"gateways":{"seen":false,"seen":true}}}`, "parse snapshot: /parts/gateways/seen: stands twice"},
		{"seen in words", head + `{"gateways":{"seen":"yes"}}}`, "parse snapshot: /parts/gateways/seen: want true or false, got string"},
		{"items in an array", head + `{"gateways":{"items":[{"id":"a"}]}}}`, `parse snapshot: /parts/gateways/items: want a JSON object, got "[{\"id\":\"a\"}]"`},
		{"a foreign key", head + `{"gateways":{"items":{"a":{"id":"b"}}}}}`, `parse snapshot: /parts/gateways/items/a: holds the item "b"`},
		{"a key twice", head + `{"gateways":{"items":{"a":{"id":"a"},"a":{"id":"a"}}}}}`, "parse snapshot: /parts/gateways/items/a: stands twice"},
		{"a key twice below", head + `{"gateways":{"items":{"a":{"id":"a","routes":{"::/0":{"destination":"::/0"},"::/0":{"destination":"::/0"}}}}}}}`, "parse snapshot: /parts/gateways/items/a/routes/::~10: stands twice"},
		{"a number of another kind", head + `{"gateways":{"items":{"a":{"id":"a","routes":{"::/0":{"destination":"::/0","cost":"1"}}}}}}}`, "parse snapshot: /parts/gateways/items/a/routes/::~10/cost: want a whole number, got string"},
		{"a number too large", head + `{"gateways":{"items":{"a":{"id":"a","routes":{"::/0":{"destination":"::/0","cost":1e99}}}}}}}`, "parse snapshot: /parts/gateways/items/a/routes/::~10/cost: want a whole number, got number"},
		{"a word of another kind", head + `{"words":{"items":["a",1]}}}`, "parse snapshot: /parts/words/items/1: want a string, got number"},
		{"an empty field that is unknown", head + `{"gateways":{"cached":false}}}`, "parse snapshot: /parts/gateways/cached: unknown field"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var g gateways
			o, err := groundway.UnmarshalSnapshot([]byte(test.text), &g)
			assert.EqualError(t, err, test.want)
			assert.Zero(t, o)
		})
	}
}

// FuzzUnmarshalSnapshot reads any text: what can be read writes a canonical form,
// which reads back as the same and is its own canonical form.
func FuzzUnmarshalSnapshot(f *testing.F) {
	for _, seed := range []string{
		marshalSnapshot(f, gateways{Gateways: groundway.SeenPart(gateway{ID: "igw-0a", Routes: groundway.List[route]{{"::/0", 1}}, Labels: groundway.List[string]{"a"}})}, keys{}),
		`{"schema":"groundway.snapshot/v1.9","time":"2026-03-01T13:00:00+01:00","parts":{"gateways":{"later":1,"seen":true}}}`,
		`{"schema":"groundway.snapshot/v1","account":"\ud800","parts":{"words":{"items":["b","a"],"seen":true,"partial":true,"gaps":[{"action":""}]}}}`,
		`{"schema":"groundway.snapshot/v1","parts":{"gateways":{"items":{"a":{"id":"a"},"a":{"id":"a"}}}}}`,
		`{"schema":"groundway.snapshot/v1","parts":{"Gateways":{"seen":true},"gateways":{}}}`,
		"{\n\"schema\"", "null", "[]", "", "\ufeff{}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var g gateways
		var k keys
		before := bytes.Clone(data)
		o, err := groundway.UnmarshalSnapshot(data, &g, &k)
		require.Equal(t, before, data, "the input is left as it was")
		if err != nil {
			require.Zero(t, o)
			return
		}
		again, err := groundway.MarshalSnapshot(o, g, k)
		require.NoError(t, err)
		require.True(t, json.Valid(again))
		var g2 gateways
		var k2 keys
		o2, err := groundway.UnmarshalSnapshot(again, &g2, &k2)
		require.NoError(t, err)
		third, err := groundway.MarshalSnapshot(o2, g2, k2)
		require.NoError(t, err)
		require.Equal(t, string(again), string(third))
		require.Equal(t, g.Gateways.Complete(), g2.Gateways.Complete())
	})
}
