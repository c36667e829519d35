package yamltext_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/yamltext"
)

type shape struct {
	Text   string            `yaml:"text"`
	Secret groundway.Secret  `yaml:"secret"`
	Yes    bool              `yaml:"yes-or-no"`
	Maybe  *bool             `yaml:"maybe"`
	Number int               `yaml:"number"`
	Lasts  *time.Duration    `yaml:"lasts"`
	Bytes  []byte            `yaml:"bytes"`
	List   []string          `yaml:"list"`
	Map    map[string]string `yaml:"map"`
	Within struct {
		Deep string `yaml:"deep"`
	} `yaml:"within"`
	Free any `yaml:"free"`
}

func TestDecode(t *testing.T) {
	t.Parallel()
	var s shape
	positions, problems := yamltext.Decode([]byte(`text: "on"
secret: "hunter2"
yes-or-no: on
maybe: false
number: 7
lasts: 1h
bytes: "AAE="
list: ["a", b]
map: {k: "v"}
within:
  deep: "d"
free: {a: [1, true, "x", 1.5, y]}
`), &s)
	require.Empty(t, problems)
	hour, no := time.Hour, false
	want := shape{
		Text: "on", Secret: groundway.NewSecret("hunter2"), Yes: true, Maybe: &no, Number: 7, Lasts: &hour, Bytes: []byte{0, 1},
		List: []string{"a", "b"}, Map: map[string]string{"k": "v"},
		Free: map[string]any{"a": []any{int64(1), true, "x", 1.5, true}},
	}
	want.Within.Deep = "d"
	assert.Equal(t, want, s)
	assert.Equal(t, yamltext.Position{11, 9}, positions["/within/deep"])
	at, ok := positions.Of("/within/none")
	assert.True(t, ok)
	assert.Equal(t, "f:11:3", at.In("f"))
}

func TestProblems(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text string
		kind yamltext.Kind
		want string
	}{
		{"txt: \"a\"", yamltext.UnknownKey, `f:1:1: /txt: unknown key "txt", the nearest is "text"; want one of text, secret, yes-or-no, maybe, number, lasts, bytes, list, map, within, free`},
		{"TEXT: \"a\"", yamltext.KeyCase, `f:1:1: /TEXT: got the key "TEXT", want "text"`},
		{"text: \"a\"\ntext: \"b\"", yamltext.DuplicateKey, "f:2:1: /text: the key stands twice, first in line 1; the last one counts"},
		{"text: 2020-01-01", yamltext.Unquoted, `f:1:7: /text: got the date "2020-01-01", want it in quotes, which make it a text`},
		{"text: n", yamltext.Unquoted, `f:1:7: /text: got the truth value "n", want it in quotes, which make it a text`},
		{"secret: 12345", yamltext.Unquoted, `f:1:9: /secret: got a number, want it in quotes, which make it a text`},
		{"secret: \"[redacted]\"", yamltext.Value, `f:1:9: /secret: parse secret: it holds the text "[redacted]" in place of a secret`},
		{"number: \"hunter2\"", yamltext.Type, "f:1:9: /number: got a text, want a number"},
		{"number: 99999999999999999999", yamltext.Type, `f:1:9: /number: got the number "99999999999999999999", want a number`},
		{"yes-or-no: 1", yamltext.Type, `f:1:12: /yes-or-no: got the number "1", want true or false`},
		{"list: {a: b}", yamltext.Type, "f:1:7: /list: got a mapping, want a list"},
		{"within: [a]", yamltext.Type, "f:1:9: /within: got a list, want keys with values"},
		{"bytes: \"hunter2!\"", yamltext.Value, "f:1:8: /bytes: got a text that is not base64"},
		{"lasts: \"soon\"", yamltext.Value, `f:1:8: /lasts: got "soon", want a duration such as "24h"`},
		{"text: !!str a", yamltext.Syntax, `f:1:7: /text: got the tag "!!str", want none`},
		{"text: *a", yamltext.Syntax, "f:1:8: not YAML: unknown anchor 'a' referenced"},
		{"a:\n\tb: c", yamltext.Syntax, "f:2:1: got a tab, want spaces: YAML is not indented by tabs"},
		{"text: a\n---\ntext: b\n", yamltext.Document, "f:2:1: got a second document, which is passed over"},
		{"text: a\n---\n---\ntext: b\n", yamltext.Document, "f:3:1: got a second document, which is passed over"},
		{"text: a\n---\n{{\n", yamltext.Document, "f:3:1: got a second document, which is passed over; not YAML: did not find expected node content"},
		{strings.Repeat("a", yamltext.MaxSize+1), yamltext.Syntax, "f:1:1: the text is over 1 MiB"},
		{"\xff\xfea", yamltext.Syntax, "f:1:1: the text is UTF-16, want UTF-8"},
		{"free: " + strings.Repeat("[", 100) + strings.Repeat("]", 100), yamltext.Syntax, "f:1:70: /free" + strings.Repeat("/0", 63) + ": the text is nested more than 64 levels deep"},
		{"? [a]\n: b", yamltext.Type, "f:1:3: got a list for a key, want a text"},
	} {
		var s shape
		_, problems := yamltext.Decode([]byte(test.text), &s)
		require.NotEmpty(t, problems, test.text)
		assert.Equal(t, test.kind, problems[0].Kind, test.text)
		assert.EqualError(t, yamltext.Err("f", problems[:1]), test.want)
	}
	// What ends a file is no document, and an empty duration is none.
	for _, text := range []string{"text: a\n---\n", "text: a\n...\n", "text: a\n---\n# b\n---\n", "lasts: \"\"\n"} {
		_, problems := yamltext.Decode([]byte(text), new(shape))
		assert.Empty(t, problems, text)
	}
	// A long list of mistakes ends.
	var s shape
	_, problems := yamltext.Decode([]byte("list: [1"+strings.Repeat(", 1", 29)+"]"), &s)
	require.Len(t, problems, 30)
	text := yamltext.Err("f", problems).Error()
	assert.Equal(t, 21, strings.Count(text, "\n")+1)
	assert.True(t, strings.HasSuffix(text, "\nf: 10 more mistakes"))
	assert.NoError(t, yamltext.Err("f", nil))
}

// What is written is read back by this reader, and by another one, as it was.
func TestEncode(t *testing.T) {
	t.Parallel()
	hour, no := time.Hour, false
	s := shape{
		Text: "on\nsecond line\n", Yes: true, Maybe: &no, Number: 7, Lasts: &hour, Bytes: []byte{0, 1},
		List: []string{"", "0123", "~"}, Map: map[string]string{"y": "n", "k8s.io/a": "\x00é"},
	}
	text, err := yamltext.Encode(nil, s)
	require.NoError(t, err)
	assert.Equal(t, `text: |
  on
  second line
yes-or-no: true
maybe: false
number: 7
lasts: "1h0m0s"
bytes: "AAE="
list:
  - ""
  - "0123"
  - "~"
map:
  k8s.io/a: "\0é"
  "y": "n"
`, string(text))
	var again shape
	_, problems := yamltext.Decode(text, &again)
	require.Empty(t, problems)
	assert.Equal(t, s, again)
	var other map[string]any
	require.NoError(t, yaml.Unmarshal(text, &other))
	assert.Equal(t, s.Text, other["text"])
	assert.Equal(t, map[string]any{"y": "n", "k8s.io/a": "\x00é"}, other["map"])

	_, err = yamltext.Encode(nil, shape{Secret: groundway.NewSecret("hunter2")})
	assert.EqualError(t, err, "write /secret: a secret does not belong in this text")
	text, err = yamltext.Encode(func(groundway.Secret) bool { return true }, shape{Secret: groundway.NewSecret("hunter2")}, shape{})
	require.NoError(t, err)
	assert.Equal(t, "secret: \"hunter2\"\n---\n{}\n", string(text))
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("text: a\nfree: {a: [1, yes]}\nlasts: 1h\n"))
	f.Add([]byte("map: {a: b}\nbytes: AAE=\n--- \n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var s shape
		positions, problems := yamltext.Decode(data, &s)
		for _, p := range problems {
			assert.Positive(t, p.Line)
			assert.Positive(t, p.Column)
		}
		if len(problems) > 0 || len(positions) == 0 {
			return
		}
		s.Free = nil // holds numbers, whose texts may differ
		text, err := yamltext.Encode(func(groundway.Secret) bool { return true }, s)
		require.NoError(t, err)
		var again shape
		_, problems = yamltext.Decode(text, &again)
		require.Empty(t, problems, string(text))
		written, err := yamltext.Encode(func(groundway.Secret) bool { return true }, again)
		require.NoError(t, err)
		assert.Equal(t, string(text), string(written))
	})
}
