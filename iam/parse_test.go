package iam_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/iam"
)

// Every form that AWS takes, with its canonical text.
func TestParseForms(t *testing.T) {
	const head = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",`
	for _, test := range []struct{ name, text, want string }{
		{"one statement in place of a list", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"a:b","Resource":"*"}}`, head + `"Action":"a:b","Resource":"*"}]}`},
		{"text in place of a list", `{"Statement":[{"Effect":"Allow","Action":["a:b"],"Resource":["*"]}]}`, `{"Statement":[{"Effect":"Allow","Action":"a:b","Resource":"*"}]}`},
		{"lists are sorted and stand once", head + `"Action":["b:b","a:a","b:b"],"Resource":["z","*"]}]}`, head + `"Action":["a:a","b:b"],"Resource":["*","z"]}]}`},
		{"version absent", `{"Statement":[]}`, `{"Statement":[]}`},
		{"version 2008-10-17", `{"Version":"2008-10-17","Statement":[]}`, `{"Version":"2008-10-17","Statement":[]}`},
		{"version of no known date", `{"Version":"2020-01-01","Statement":[]}`, `{"Version":"2020-01-01","Statement":[]}`},
		{"no statement", `{}`, `{"Statement":[]}`},
		{"id and sid", `{"Statement":[{"Sid":"One"}],"Id":"doc"}`, `{"Id":"doc","Statement":[{"Sid":"One"}]}`},
		{"empty sid", `{"Statement":[{"Sid":""}]}`, `{"Statement":[{}]}`},
		{"any order", `{"Statement":[{"Resource":"*","Action":"a:b","Effect":"Deny"}],"Version":"2012-10-17"}`, `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"a:b","Resource":"*"}]}`},
		{"the negations", head + `"NotAction":"a:b","NotResource":"*","NotPrincipal":{"AWS":"*"}}]}`, head + `"NotPrincipal":{"AWS":"*"},"NotAction":"a:b","NotResource":"*"}]}`},
		{"everyone", head + `"Principal":"*"}]}`, head + `"Principal":"*"}]}`},
		{"everyone of AWS is not everyone", head + `"Principal":{"AWS":"*"}}]}`, head + `"Principal":{"AWS":"*"}}]}`},
		{"principals of every kind", head + `"Principal":{"Service":["b.example.com","a.example.com"],"AWS":"111122223333","Federated":"f","CanonicalUser":"c"}}]}`, head + `"Principal":{"AWS":"111122223333","CanonicalUser":"c","Federated":"f","Service":["a.example.com","b.example.com"]}}]}`},
		{"no principal", head + `"Principal":{}}]}`, head + `"Principal":{}}]}`},
		{"empty lists stay", head + `"Action":[],"Resource":[]}]}`, head + `"Action":[],"Resource":[]}]}`},
		{"numbers and booleans keep their text", head + `"Condition":{"NumericLessThan":{"a:n":[12345678901234567890,1e3,-0.50]},"Bool":{"a:b":true,"a:c":[false]}}}]}`, head + `"Condition":{"Bool":{"a:b":"true","a:c":"false"},"NumericLessThan":{"a:n":["-0.50","12345678901234567890","1e3"]}}}]}`},
		{"mixed values", head + `"Condition":{"StringEquals":{"a:b":["x",1,true]}}}]}`, head + `"Condition":{"StringEquals":{"a:b":["1","true","x"]}}}]}`},
		{"empty condition", head + `"Condition":{}}]}`, head + `"Condition":{}}]}`},
		{"operator without keys", head + `"Condition":{"StringEquals":{}}}]}`, head + `"Condition":{"StringEquals":{}}}]}`},
		{"key without values", head + `"Condition":{"StringEquals":{"a:b":[]}}}]}`, head + `"Condition":{"StringEquals":{"a:b":[]}}}]}`},
		{"no HTML escapes", head + `"Resource":"<a>&b"}]}`, head + `"Resource":"<a>&b"}]}`},
		{"escapes are read and written short", head + `"Resource":"\u0041\u00e9\ud83d\ude00\/\"\\\n\u0001"}]}`, head + `"Resource":"Aé😀/\"\\\n\u0001"}]}`},
		{"escaped keys", `{"\u0053tatement":[]}`, `{"Statement":[]}`},
		{"white space everywhere", " {\r\n\t\"Statement\" : [ { } , { } ] } \n", `{"Statement":[{},{}]}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			d, err := iam.Parse(test.text, iam.ParseOptions{})
			require.NoError(t, err)
			assert.Equal(t, test.want, d.String())
			requireRoundTrip(t, test.text)
		})
	}
}

// requireRoundTrip checks that printing loses nothing and is stable.
func requireRoundTrip(t testing.TB, text string) {
	t.Helper()
	d, err := iam.Parse(text, iam.ParseOptions{})
	require.NoError(t, err)
	again, err := iam.Parse(d.String(), iam.ParseOptions{})
	require.NoError(t, err)
	require.Equal(t, d.String(), again.String())
	require.True(t, iam.Equal(d, again), "printing changed what it means")
	indented, err := iam.Parse(d.Indent(), iam.ParseOptions{})
	require.NoError(t, err)
	require.Equal(t, d.String(), indented.String())
	formatted, err := iam.Format(text, iam.ParseOptions{})
	require.NoError(t, err)
	twice, err := iam.Format(formatted, iam.ParseOptions{})
	require.NoError(t, err)
	require.Equal(t, formatted, twice)
	require.Equal(t, strip(text), strip(formatted), "Format changed more than white space")
}

// strip removes the white space between the tokens of JSON.
func strip(text string) string {
	var b strings.Builder
	quoted := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			b.WriteByte(c)
			i++
			c = text[i]
			b.WriteByte(c)
			continue
		case c == '"':
			quoted = !quoted
		case !quoted && strings.IndexByte(" \t\r\n", c) >= 0:
			continue
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

func TestParseErrors(t *testing.T) {
	const bom = "\ufeff"
	for _, test := range []struct{ text, want string }{
		{``, `line 1 column 1: want a policy document in braces, got the end of the text`},
		{`[]`, `line 1 column 1: want a policy document in braces, got a list`},
		{`null`, `line 1 column 1: want a policy document in braces, got null`},
		{`{`, `line 1 column 2: the document: want a key in quotes, got the end of the text`},
		{`{"Statement"}`, `line 1 column 13: the document: want a colon after the key "Statement", got '}'`},
		{`{"Statement":[]`, `line 1 column 16: the document: want a comma or a closing brace, got the end of the text`},
		{`{"Statement":[],}`, `line 1 column 17: the document: want a key in quotes, got '}'`},
		{`{"Statement":[{},]}`, `line 1 column 18: Statement: want a statement in braces, got ']'`},
		{`{"Statement":[{} {}]}`, `line 1 column 18: want a comma or a closing bracket, got an object`},
		{`{"Statement":[]} {}`, `line 1 column 18: want the end of the text after the document, got an object`},
		{"{\n  \"Statement\": [],\n  \"Statement\": []\n}", `line 3 column 3: Statement stands twice`},
		{`{"Statement":[{"Effect":"Allow","Effect":"Allow"}]}`, `line 1 column 33: Effect stands twice`},
		{`{"Statement":[{"Effect":"Allow","\u0045ffect":"Deny"}]}`, `line 1 column 33: Effect stands twice`},
		{`{"Statement":[{"Condition":{"Bool":{"a:b":1,"a:b":2}}}]}`, `line 1 column 45: Condition: the key "a:b" stands twice under the operator "Bool"`},
		{`{"Statement":[{"Condition":{"Bool":{},"Bool":{}}}]}`, `line 1 column 39: Condition: the operator "Bool" stands twice`},
		{`{"Statement":[{"Principal":{"AWS":"a","AWS":"b"}}]}`, `line 1 column 39: AWS stands twice`},
		{`{"statement":[]}`, `line 1 column 2: unknown element "statement" in the document: did you mean Statement?`},
		{`{"Statement":[{"Actions":"a:b"}]}`, `line 1 column 16: unknown element "Actions" in a statement: did you mean Action?`},
		{`{"Statement":[{"Verb":"a:b"}]}`, `line 1 column 16: unknown element "Verb" in a statement: want one of Sid, Effect, Principal, NotPrincipal, Action, NotAction, Resource, NotResource, Condition`},
		{`{"Statement":[{"Principal":{"aws":"*"}}]}`, `line 1 column 29: unknown element "aws" in Principal: did you mean AWS?`},
		{`{"Statement":[{"Principal":{"*":"*"}}]}`, `line 1 column 29: unknown element "*" in Principal: want one of AWS, CanonicalUser, Federated, Service`},
		{`{"Version":20121017}`, `line 1 column 12: Version: want text, got a number`},
		{`{"Id":null}`, `line 1 column 7: Id: want text, got null`},
		{`{"Statement":"x"}`, `line 1 column 14: Statement: want a statement or a list of statements, got text`},
		{`{"Statement":[[]]}`, `line 1 column 15: Statement: want a statement in braces, got a list`},
		{`{"Statement":[{"Effect":["Allow"]}]}`, `line 1 column 25: Effect: want text, got a list`},
		{`{"Statement":[{"Action":{"a":"b"}}]}`, `line 1 column 25: Action: want text or a list, got an object`},
		{`{"Statement":[{"Action":[["a:b"]]}]}`, `line 1 column 26: Action: want text, got a list`},
		{`{"Statement":[{"Action":true}]}`, `line 1 column 25: Action: want text, got true`},
		{`{"Statement":[{"Resource":[1]}]}`, `line 1 column 28: Resource: want text, got a number`},
		{`{"Statement":[{"Principal":"111122223333"}]}`, `line 1 column 28: Principal: want "*" or an object such as {"AWS": "111122223333"}, got the text "111122223333"`},
		{`{"Statement":[{"Principal":["*"]}]}`, `line 1 column 28: Principal: want "*" or an object, got a list`},
		{`{"Statement":[{"Principal":{"AWS":111122223333}}]}`, `line 1 column 35: Principal: want text, got a number: an account id needs quotes, or its leading zeros are lost`},
		{`{"Statement":[{"Principal":{"AWS":[]}}]}`, `line 1 column 29: Principal: AWS has an empty list`},
		{`{"Statement":[{"Condition":[]}]}`, `line 1 column 28: Condition: want an object, got a list`},
		{`{"Statement":[{"Condition":{"Bool":"x"}}]}`, `line 1 column 36: Condition: want an object of condition keys after the operator "Bool", got text`},
		{`{"Statement":[{"Condition":{"Bool":{"":"x"}}}]}`, `line 1 column 37: Condition: the operator "Bool" has an empty condition key`},
		{`{"Statement":[{"Condition":{"Bool":{"a:b":null}}}]}`, `line 1 column 43: Condition: want text, a number or a boolean, got null`},
		{`{"Statement":[{"Condition":{"Bool":{"a:b":{}}}}]}`, `line 1 column 43: Condition: want text or a list, got an object`},
		{`{"Statement":[{"Condition":{"Bool":{"a:b":[[1]]}}}]}`, `line 1 column 44: Condition: want text, a number or a boolean, got a list`},
		{`{"Statement":[{"Condition":{"Bool":{"a:b":01}}}]}`, `line 1 column 43: invalid number`},
		{`{"Statement":[{"Condition":{"Bool":{"a:b":1.}}}]}`, `line 1 column 43: invalid number`},
		{`{"Statement":[{"Condition":{"Bool":{"a:b":-}}}]}`, `line 1 column 43: invalid number`},
		{`{"Statement":[{"Condition":{"Bool":{"a:b":1e}}}]}`, `line 1 column 43: invalid number`},
		{`{"Statement":[{"Condition":{"Bool":{"a:b":truex}}}]}`, `line 1 column 47: Condition: want a comma or a closing brace, got 'x'`},
		{`{"Id":"a`, `line 1 column 7: text without a closing quote`},
		{`{"Id":"a\`, `line 1 column 7: text without a closing quote`},
		{`{"Id":"a\"`, `line 1 column 7: text without a closing quote`},
		{"{\"Id\":\"a\tb\"}", `line 1 column 9: control character 0x09 in text: write it as an escape`},
		{"{\"Id\":\"\\n\tb\"}", `line 1 column 10: control character 0x09 in text: write it as an escape`},
		{`{"Id":"\x"}`, `line 1 column 8: invalid escape in text`},
		{`{"Id":"\u12"}`, `line 1 column 8: invalid escape in text: want \u and four hexadecimal digits, in pairs for surrogates`},
		{`{"Id":"\ud800"}`, `line 1 column 8: invalid escape in text: want \u and four hexadecimal digits, in pairs for surrogates`},
		{`{"Id":"\udc00\ud800"}`, `line 1 column 8: invalid escape in text: want \u and four hexadecimal digits, in pairs for surrogates`},
		{`{"Id":"\udc00\udc00"}`, `line 1 column 8: invalid escape in text: want \u and four hexadecimal digits, in pairs for surrogates`},
		{"{\n\"Id\":\"\xff\"}", `line 2 column 7: invalid UTF-8`},
		{bom + `{}`, `line 1 column 1: the text begins with a byte order mark`},
		{`%7B%22Version%22`, `line 1 column 1: the text is URL-encoded, as the IAM API returns documents: decode it with url.QueryUnescape`},
		{`{'Id':1}`, `line 1 column 2: the document: want a key in quotes, got '\''`},
		{strings.Repeat("[", 100000), `line 1 column 1: want a policy document in braces, got a list`},
		{`{"Statement":` + strings.Repeat("[", 100000), `line 1 column 15: Statement: want a statement in braces, got a list`},
		{`{"` + strings.Repeat("é", 100) + `":1}`, `line 1 column 2: unknown element "` + strings.Repeat("é", 30) + `"… in the document: want one of Version, Id, Statement`},
	} {
		t.Run(fmt.Sprintf("%.40s", test.text), func(t *testing.T) {
			_, err := iam.Parse(test.text, iam.ParseOptions{})
			require.EqualError(t, err, "parse policy: "+test.want)
		})
	}
}

func TestParseErrorNamesTheFile(t *testing.T) {
	_, err := iam.Parse("{\n}x", iam.ParseOptions{File: "policy.json"})
	require.EqualError(t, err, `parse policy "policy.json": line 2 column 2: want the end of the text after the document, got 'x'`)
	var at *iam.ParseError
	require.ErrorAs(t, err, &at)
	assert.Equal(t, iam.ParseError{File: "policy.json", Line: 2, Column: 2, Reason: at.Reason}, *at)
}

func TestParseSize(t *testing.T) {
	text := `{"Id":"` + strings.Repeat("a", iam.DefaultMaxSize) + `"}`
	_, err := iam.Parse(text, iam.ParseOptions{})
	require.EqualError(t, err, "parse policy: line 1 column 1: the text has 1048585 bytes, more than the 1048576 that the options allow")
	_, err = iam.Parse(text, iam.ParseOptions{MaxSize: len(text)})
	require.NoError(t, err)
	_, err = iam.Parse(`{"Id":"abc"}`, iam.ParseOptions{MaxSize: 4})
	require.EqualError(t, err, "parse policy: line 1 column 1: the text has 12 bytes, more than the 4 that the options allow")
}

// hostile are texts of about n bytes that make a careless parser slow or large.
func hostile(n int) map[string]string {
	count := func(size int) int { return n / size }
	list := func(item func(i int) string, size int) string {
		items := make([]string, count(size))
		for i := range items {
			items[i] = item(i)
		}
		return strings.Join(items, ",")
	}
	fixed := func(text string) func(int) string { return func(int) string { return text } }
	key := func(i int) string { return fmt.Sprintf(`"a:%07d":"v"`, i) }
	return map[string]string{
		"statements":      `{"Statement":[` + list(fixed("{}"), 3) + `]}`,
		"actions":         `{"Statement":[{"Action":[` + list(fixed(`"a"`), 4) + `]}]}`,
		"distinct":        `{"Statement":[{"Action":[` + list(func(i int) string { return fmt.Sprintf(`"a:%07d"`, i) }, 12) + `]}]}`,
		"keys":            `{"Statement":[{"Condition":{"Bool":{` + list(key, 16) + `}}}]}`,
		"operators":       `{"Statement":[{"Condition":{` + list(func(i int) string { return fmt.Sprintf(`"Op%07d":{}`, i) }, 15) + `}}]}`,
		"all values":      `{"Statement":[{"Effect":"Allow","Condition":{"ForAllValues:StringEquals":{` + list(key, 16) + `}}}]}`,
		"principals":      `{"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":[` + list(func(i int) string { return fmt.Sprintf(`"s%07d.example"`, i) }, 20) + `]}}]}`,
		"long key":        `{"Statement":[{"Condition":{"IpAddress":{"a:` + strings.Repeat("k", n/2) + `":[` + list(fixed(`"v"`), 8) + `]}}}]}`,
		"variables":       `{"Version":"2012-10-17","Statement":[{"Resource":"arn:aws:s3:::` + strings.Repeat("${a:b}", n/6) + `"}]}`,
		"quotes":          `{"Version":"2012-10-17","Statement":[{"Resource":"` + strings.Repeat("${a, '", n/6) + `"}]}`,
		"escapes":         `{"Id":"` + strings.Repeat(`\n`, n/2) + `"}`,
		"spaces":          `{"Statement":` + strings.Repeat(" ", n) + `[]}`,
		"lines":           `{"Statement":` + strings.Repeat("\n", n) + `[x]}`,
		"open":            strings.Repeat("{", n),
		"braces":          strings.Repeat(`{"Statement":`, n/13),
		"stars":           `{"Statement":[{"Resource":"` + strings.Repeat("*a", n/2) + `"}]}`,
		"prefixes":        `{"Statement":[{"Effect":"Allow","Action":[` + list(func(i int) string { return fmt.Sprintf(`"a:%s*"`, strings.Repeat("b", i%50)) }, 30) + `]}]}`,
		"same statements": `{"Statement":[` + list(fixed(`{"Effect":"Allow","Action":["a:b","a:c"],"Resource":["*","arn:aws:s3:::b/*"]}`), 80) + `]}`,
		"classes":         classes(n),
		"tangle": `{"Statement":[` + list(func(i int) string {
			return fmt.Sprintf(`{"Effect":"Allow","Action":["a:%d","a:%d","a:%d"],"Resource":["r%d","r%d"]}`, i%97, i%89, i%83, i, i%7)
		}, 80) + `]}`,
	}
}

// classes is a document in which every action has statements of its own choice
// out of ten, each with many resources.
func classes(n int) string {
	var statements []string
	for row := range 10 {
		var actions, resources []string
		for i := range n / 60 {
			if i>>row&1 == 1 {
				actions = append(actions, fmt.Sprintf(`"a:%d"`, i))
			}
		}
		for i := range n / 300 {
			resources = append(resources, fmt.Sprintf(`"r%d-%d"`, row, i))
		}
		statements = append(statements, `{"Effect":"Allow","Action":[`+strings.Join(actions, ",")+`],"Resource":[`+strings.Join(resources, ",")+`]}`)
	}
	return `{"Statement":[` + strings.Join(statements, ",") + `]}`
}

// What Parse allocates is bounded by a constant times the text.
func TestParseMemory(t *testing.T) {
	texts := hostile(300_000)
	// The list of statements has just been doubled.
	texts["one statement more"] = `{"Statement":[` + strings.Repeat("{},", 1<<18) + `{}]}`
	for name, text := range texts {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			d, _ := iam.Parse(text, iam.ParseOptions{})
			runtime.ReadMemStats(&after)
			runtime.KeepAlive(d)
			perByte := float64(after.TotalAlloc-before.TotalAlloc) / float64(len(text))
			assert.LessOrEqual(t, perByte, 320.0)
		})
	}
}

func TestParseAllocations(t *testing.T) {
	text := readTestdata(t, "installer.json")
	allocs := testing.AllocsPerRun(100, func() {
		_, err := iam.Parse(text, iam.ParseOptions{})
		require.NoError(t, err)
	})
	assert.Equal(t, 23.0, allocs, "allocations to parse a policy of 75 actions; 60 is the limit")
}

// A writer writes random documents in every form that AWS takes.
type writer struct{ *rand.Rand }

func (w writer) pick(texts ...string) string { return texts[w.IntN(len(texts))] }

func (w writer) space() string { return w.pick("", "", "", " ", "\n\t", "\r\n") }

// object writes members in random order, each with an even chance.
func (w writer) object(members ...string) string {
	w.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
	members = members[:w.IntN(len(members)+1)]
	return "{" + w.space() + strings.Join(members, w.space()+","+w.space()) + w.space() + "}"
}

func (w writer) member(key, value string) string {
	return strconv.Quote(key) + w.space() + ":" + w.space() + value
}

// values writes one value or a list.
func (w writer) values(value func() string) string {
	if w.IntN(2) == 0 {
		return value()
	}
	list := make([]string, w.IntN(4))
	for i := range list {
		list[i] = value()
	}
	return "[" + w.space() + strings.Join(list, ","+w.space()) + w.space() + "]"
}

func (w writer) text() string {
	return w.pick(`"*"`, `"s3:Get*"`, `"S3:getobject"`, `"arn:aws:s3:::b/${aws:username}"`, `"\u00e9\n\"\\\/"`, `"<&>"`, `"111122223333"`, `"é😀"`, `"\ud83d\ude00"`, `""`)
}

func (w writer) scalar() string {
	return w.pick(w.text(), "true", "false", "0", "-1.50", "1E+2", "12345678901234567890")
}

func (w writer) principal() string {
	if w.IntN(4) == 0 {
		return `"*"`
	}
	some := func() string {
		for {
			if list := w.values(w.text); !strings.HasPrefix(list, "[") || strings.Contains(list, `"`) {
				return list
			}
		}
	}
	return w.object(w.member("AWS", some()), w.member("Service", some()), w.member("Federated", some()), w.member("CanonicalUser", some()))
}

func (w writer) condition() string {
	keys := func() string {
		return w.object(w.member("aws:SourceIp", w.values(w.scalar)), w.member("aws:sourceip", w.values(w.scalar)), w.member("é:\u0000", w.values(w.scalar)))
	}
	return w.object(w.member("StringEquals", keys()), w.member("ForAnyValue:ArnEqualsIfExists", keys()), w.member("Unknown", keys()))
}

func (w writer) statement() string {
	return w.object(
		w.member("Sid", w.text()), w.member("Effect", w.pick(`"Allow"`, `"Deny"`, `"allow"`)),
		w.member("Principal", w.principal()), w.member("NotPrincipal", w.principal()),
		w.member("Action", w.values(w.text)), w.member("NotAction", w.values(w.text)),
		w.member("Resource", w.values(w.text)), w.member("NotResource", w.values(w.text)),
		w.member("Condition", w.condition()),
	)
}

func (w writer) document() string {
	return w.space() + w.object(
		w.member("Version", w.pick(`"2012-10-17"`, `"2008-10-17"`, `"x"`)), w.member("Id", w.text()),
		w.member("Statement", w.values(w.statement)),
	) + w.space()
}

func TestRoundTripOfCorpus(t *testing.T) {
	w := writer{rand.New(rand.NewPCG(7, 8))}
	for range 3_000 {
		requireRoundTrip(t, strings.ReplaceAll(w.document(), `\x00`, `\u0000`))
	}
}

func TestRoundTripOfFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		t.Run(filepath.Base(file), func(t *testing.T) { requireRoundTrip(t, string(text)) })
	}
}
