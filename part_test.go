package groundway_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway"
)

// gateway is an item with a name of its own, route one of a nested list, and
// word one without a name.
type gateway struct {
	ID     string                 `json:"id"`
	State  string                 `json:"state,omitempty"`
	Routes groundway.List[route]  `json:"routes,omitempty"`
	Labels groundway.List[string] `json:"labels,omitempty"`
}

type route struct {
	Destination string `json:"destination"`
	Cost        int    `json:"cost,omitempty"`
}

func (g gateway) Key() string { return g.ID }
func (r route) Key() string   { return r.Destination }

func TestPartZeroIsUnseen(t *testing.T) {
	var p groundway.Part[gateway]
	assert.False(t, p.Seen)
	assert.False(t, p.Complete())
	data, err := json.Marshal(p)
	require.NoError(t, err)
	assert.Equal(t, `{"seen":false}`, string(data))

	for _, text := range []string{`{}`, `{"items":{}}`, `{"gaps":[]}`, `{"partial":true}`, `null`} {
		var p groundway.Part[gateway]
		require.NoError(t, json.Unmarshal([]byte(text), &p))
		assert.False(t, p.Seen, text)
		assert.False(t, p.Complete(), text)
	}
}

func TestPartComplete(t *testing.T) {
	gap := groundway.Gap{Action: "ec2:DescribeInternetGateways", Code: "UnauthorizedOperation"}
	for _, test := range []struct {
		name string
		part groundway.Part[gateway]
		want bool
	}{
		{"seen and empty", groundway.SeenPart[gateway](), true},
		{"seen", groundway.SeenPart(gateway{ID: "igw-0a"}), true},
		{"partial", groundway.Part[gateway]{Seen: true, Partial: true}, false},
		{"unseen", groundway.UnseenPart[gateway](gap), false},
		{"partial and unseen", groundway.Part[gateway]{Partial: true}, false},
		{"items alone do not make it seen", groundway.Part[gateway]{Items: groundway.List[gateway]{{ID: "igw-0a"}}}, false},
	} {
		assert.Equal(t, test.want, test.part.Complete(), test.name)
	}
	assert.Equal(t, []groundway.Gap{gap}, groundway.UnseenPart[gateway](gap).Gaps)
	assert.Equal(t, groundway.List[gateway]{{ID: "igw-0a"}}, groundway.SeenPart(gateway{ID: "igw-0a"}).Items)
}

func TestPartJSON(t *testing.T) {
	p := groundway.Part[gateway]{
		Items: groundway.List[gateway]{
			{ID: "igw-0b", Routes: groundway.List[route]{{"10.0.0.0/16", 2}, {"0.0.0.0/0", 1}}},
			{ID: "igw-0a", State: "available", Labels: groundway.List[string]{"z", "a", "z"}},
		},
		Seen: true, Partial: true,
		Gaps: []groundway.Gap{{Action: "a:B", Code: "C", Message: "m", Account: "444455556666"}},
	}
	data, err := json.Marshal(p)
	require.NoError(t, err)
	assert.Equal(t, `{"items":{`+
		`"igw-0a":{"id":"igw-0a","state":"available","labels":["z","a","z"]},`+
		`"igw-0b":{"id":"igw-0b","routes":{"0.0.0.0/0":{"destination":"0.0.0.0/0","cost":1},"10.0.0.0/16":{"destination":"10.0.0.0/16","cost":2}}}`+
		`},"seen":true,"partial":true,"gaps":[{"action":"a:B","code":"C","message":"m","account":"444455556666"}]}`, string(data))

	var back groundway.Part[gateway]
	require.NoError(t, json.Unmarshal(data, &back))
	again, err := json.Marshal(back)
	require.NoError(t, err)
	assert.Equal(t, string(data), string(again), "canonical")
	assert.Equal(t, "igw-0a", back.Items[0].ID, "in the order of the keys")
	assert.Equal(t, groundway.List[string]{"z", "a", "z"}, back.Items[0].Labels, "an array keeps its order and what stands twice")
}

func TestListJSON(t *testing.T) {
	marshal := func(v any) string {
		data, err := json.Marshal(v)
		require.NoError(t, err)
		return string(data)
	}
	assert.Equal(t, `{}`, marshal(groundway.List[gateway](nil)))
	assert.Equal(t, `{}`, marshal(groundway.List[gateway]{}))
	assert.Equal(t, `[]`, marshal(groundway.List[string](nil)))
	assert.Equal(t, `[]`, marshal(groundway.List[string]{}))
	assert.Equal(t, `[2,1]`, marshal(groundway.List[int]{2, 1}))

	for text, want := range map[string]groundway.List[gateway]{
		`{}`:                               nil,
		` { } `:                            nil,
		`{"b":{"id":"b"},"a":{"id":"a"}}`:  {{ID: "a"}, {ID: "b"}},
		`{"\u0062":{"id":"b"}}`:            {{ID: "b"}},
		`{"a\u0000/~":{"id":"a\u0000/~"}}`: {{ID: "a\x00/~"}},
	} {
		got := groundway.List[gateway]{{ID: "what stood there before"}}
		require.NoError(t, json.Unmarshal([]byte(text), &got), text)
		assert.Equal(t, want, got, text)
	}
	numbers := groundway.List[int]{7}
	require.NoError(t, json.Unmarshal([]byte(`[]`), &numbers))
	assert.Nil(t, numbers)
	require.NoError(t, json.Unmarshal([]byte(`[3,1,2]`), &numbers))
	assert.Equal(t, groundway.List[int]{3, 1, 2}, numbers)
}

func TestListJSONErrors(t *testing.T) {
	for _, list := range []groundway.List[gateway]{{{ID: "a"}, {ID: "a"}}, {{}}, {{ID: "a"}, {}, {ID: "b"}}} {
		_, err := json.Marshal(list)
		require.Error(t, err)
		assert.Contains(t, err.Error(), "is empty or stands twice")
	}
	for text, want := range map[string]string{
		`{"a":{"id":"a"},"a":{"id":"a"}}`:      `/a: stands twice`,
		`{"a":{"id":"a"},"\u0061":{"id":"a"}}`: `/a: stands twice`,
		`{"a":{"id":"b"}}`:                     `/a: holds the item "b"`,
		`{"a":{}}`:                             `/a: holds the item ""`,
		`{"a":null}`:                           `/a: want an object, got null`,
		`{"a/b~c":{"id":"a"}}`:                 `/a~1b~0c: holds the item "a"`,
		`{"a":{"id":"a","routes":{"0.0.0.0/0":{"destination":"::/0"}}}}`: `/a/routes/0.0.0.0~10: holds the item "::/0"`,
		`[]`:                                 `want a JSON object, got "[]"`,
		`null`:                               `want a JSON object, got "null"`,
		`"a"`:                                `want a JSON object, got "\"a\""`,
		`[{"id":"a"},{"id":"b"},{"id":"c"}]`: `want a JSON object, got "[{\"id\":\"a\"},{\"id\":\"b"`,
	} {
		var l groundway.List[gateway]
		assert.EqualError(t, json.Unmarshal([]byte(text), &l), want, text)
	}
}

func TestPointer(t *testing.T) {
	for _, test := range []struct {
		steps []string
		want  string
	}{
		{nil, ""},
		{[]string{""}, "/"},
		{[]string{"routes", "0.0.0.0/0"}, "/routes/0.0.0.0~10"},
		{[]string{"a/b"}, "/a~1b"}, // this one and those below: RFC 6901 section 5
		{[]string{"m~n"}, "/m~0n"},
		{[]string{"c%d"}, "/c%d"},
		{[]string{"e^f"}, "/e^f"},
		{[]string{"i\\j"}, "/i\\j"},
		{[]string{" "}, "/ "},
		{[]string{"~1", "~01", "/~"}, "/~01/~001/~1~0"}, // an escape is escaped, never read
	} {
		assert.Equal(t, test.want, groundway.Pointer(test.steps...), "%q", test.steps)
	}
}

// FuzzPointer proves that a pointer can be taken apart again, as RFC 6901
// section 4 says: first ~1, then ~0.
func FuzzPointer(f *testing.F) {
	f.Add("routes", "0.0.0.0/0")
	f.Add("~1", "~01/")
	f.Fuzz(func(t *testing.T, a, b string) {
		steps := strings.Split(groundway.Pointer(a, b), "/")
		require.Len(t, steps, 3)
		for i, want := range []string{"", a, b} {
			step := strings.ReplaceAll(steps[i], "~1", "/")
			require.Equal(t, want, strings.ReplaceAll(step, "~0", "~"))
		}
	})
}
