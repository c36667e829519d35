package dump_test

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/internal/dump"
)

func TestParseErrors(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat(`{"a":`, dump.MaxDepth) + `[]` + strings.Repeat(`}`, dump.MaxDepth)
	for _, row := range []struct{ name, text, want string }{
		{"empty", "", "f.json:1:1: is empty; repeat the call, or remove the file where the call fails"},
		{"blank", "\r\n \t\n", "f.json:1:1: is empty; repeat the call, or remove the file where the call fails"},
		{
			"error of the CLI", "\nAn error occurred (UnauthorizedOperation) when calling the DescribeVpcs operation: You are not authorized.\n",
			`f.json:2:1: got the text "An error occurred (UnauthorizedOperation) when calling the DescribeVpcs operation: You are not authorized.",` +
				` want JSON as the AWS CLI prints it with --output json; remove the file where the call fails`,
		},
		{
			"usage of the CLI", "\x1b[31musage: " + strings.Repeat("ü", 60),
			`f.json:1:1: got the text "\x1b[31musage: ` + strings.Repeat("ü", 54) + `"…, want JSON as the AWS CLI prints it with --output json;` +
				` remove the file where the call fails`,
		},
		{
			"YAML", "Vpcs:\n- VpcId: vpc-0a1\n",
			`f.json:1:1: got the text "Vpcs:", want JSON as the AWS CLI prints it with --output json; remove the file where the call fails`,
		},
		{"a list", "\n [1]", "f.json:2:2: got a list, want an object: the whole output of the call"},
		{"a string", `"a"`, `f.json:1:1: got the string "a", want an object: the whole output of the call`},
		{"null", `null`, "f.json:1:1: got null, want an object: the whole output of the call"},
		{"cut off", "{\"a\": [\n  1,", "f.json:2:4: unexpected end of JSON input"},
		{"no comma", "{\"a\": 1\n \"b\": 2}", `f.json:2:2: invalid character '"' after object key:value pair`},
		{"comment", "{ // c\n}", `f.json:1:3: invalid character '/' looking for beginning of object key string`},
		{"two documents", "{}\n{\"a\": 1}\n", "f.json:2:1: goes on after the end of the document; want the output of one call"},
		{"text after", "{} x", "f.json:1:4: goes on after the end of the document; want the output of one call"},
		{"key twice", "{\"a\": {\"b\": 1,\n\"c\": 2, \"b\": 3}}", "f.json:2:9: a.b: stands twice in one object, first on line 1"},
		{"key twice, spelt otherwise", `{"ab": 1, "\u0061b": 2}`, "f.json:1:11: ab: stands twice in one object, first on line 1"},
		{"key twice, in a list", `{"a": [0, {"it's": 1, "it's": 2}]}`, `f.json:1:23: a[1]["it's"]: stands twice in one object, first on line 1`},
		{"too deep", deep, "f.json:1:161: " + strings.Repeat("a.", dump.MaxDepth-1) + "a: is nested deeper than 32 levels"},
		{"much too deep", strings.Repeat("[", 20000), "f.json:1:10001: invalid character '[' exceeded max depth"},
		{"Latin-1", "{\"a\": \"B\xfcro\"}", "f.json:1:9: byte 0xfc is not UTF-8; save the file as UTF-8 or UTF-16"},
		{"half of UTF-16", "\xff\xfe{\x00}", "f.json: is UTF-16 by its byte order mark, but ends in the middle of a character"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			_, err := dump.Parse("f.json", []byte(row.text))
			require.EqualError(t, err, row.want)
		})
	}
}

func TestParseEncodings(t *testing.T) {
	t.Parallel()
	const text = "{\r\n  \"Name\": \"B\u00fcro \U0001F600\"\r\n}\r\n"
	utf16Text := func(mark string, at func(unit uint16) (byte, byte)) string {
		for _, unit := range utf16.Encode([]rune(text)) {
			a, b := at(unit)
			mark += string([]byte{a, b})
		}
		return mark
	}
	for name, data := range map[string]string{
		"UTF-8":                text,
		"UTF-8 with mark":      "\xef\xbb\xbf" + text,
		"UTF-16 little-endian": utf16Text("\xff\xfe", func(u uint16) (byte, byte) { return byte(u), byte(u >> 8) }),
		"UTF-16 big-endian":    utf16Text("\xfe\xff", func(u uint16) (byte, byte) { return byte(u >> 8), byte(u) }),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, err := dump.Parse("f.json", []byte(data))
			require.NoError(t, err)
			assert.Equal(t, "B\u00fcro \U0001F600", f.Root().Text("Name"))
			f.Root().Bool("Name")
			require.EqualError(t, f.Err(), "f.json:2:11: Name: got the string \"B\u00fcro \U0001F600\", want true or false")
		})
	}
}

func TestParseLoneSurrogate(t *testing.T) {
	t.Parallel()
	f, err := dump.Parse("f.json", []byte("\xfe\xff\x00{\x00\"\xd8\x00\x00\"\x00:\x00\"\xdc\x00\x00\"\x00}"))
	require.NoError(t, err)
	assert.Equal(t, "\ufffd", f.Root().Text("\ufffd"))
	_, err = dump.Parse("f.json", []byte("\xfe\xff\x00{\x00}\xd8\x00"))
	require.EqualError(t, err, "f.json:1:3: goes on after the end of the document; want the output of one call")
}

func TestOpen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	fsys := os.DirFS(dir)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "good.json"), []byte(`{"a": "b"}`), 0o600))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "folder.json"), 0o700))
	large, err := os.Create(filepath.Join(dir, "large.json"))
	require.NoError(t, err)
	require.NoError(t, large.Truncate(dump.MaxSize+1))
	require.NoError(t, large.Close())

	f, err := dump.Open(fsys, "good.json")
	require.NoError(t, err)
	assert.Equal(t, "b", f.Root().Text("a"))
	for name, want := range map[string]string{
		"none.json":   "none.json: no such file or directory",
		"folder.json": "folder.json: is not a regular file",
		"large.json":  "large.json: has 67108865 bytes or more, want 64 MiB at most",
	} {
		_, err := dump.Open(fsys, name)
		require.EqualError(t, err, want)
	}
	_, err = dump.Open(fsys, "none.json")
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = dump.Parse("f.json", make([]byte, dump.MaxSize+1))
	require.EqualError(t, err, "f.json: has 67108865 bytes or more, want 64 MiB at most")
}

// members holds one member of each type, and nothing under "none".
const members = `{
  "text": "a\u0062c", "empty": "", "null": null,
  "true": true, "false": false,
  "zero": 0, "seven": 7, "minus": -7, "half": 0.5, "huge": 99999999999999999999,
  "object": {"a": "b"},
  "list": [{"n": 0}, {"n": 1}, 2, null, "x"],
  "cidr": "10.0.0.0/16", "cidr6": "2001:db8::/56", "host": "10.0.1.7/24", "host6": "2001:db8::1/64", "bits": "10.0.0.0/33",
  "ip": "203.0.113.7", "ip6": "2001:db8::1", "zone": "fe80::1%eth0"
}`

func TestValue(t *testing.T) {
	t.Parallel()
	f, err := dump.Parse("f.json", []byte(members))
	require.NoError(t, err)
	v := f.Root()
	assert.True(t, v.Exists())
	assert.Equal(t, "abc", v.Text("text"))
	assert.Equal(t, "abc", v.ID("text"))
	assert.True(t, v.Has("text"))
	assert.True(t, v.Has("object"))
	assert.True(t, v.Has("zero"))
	assert.True(t, *v.Bool("true"))
	assert.False(t, *v.Bool("false"))
	assert.Equal(t, 0, *v.Count("zero"))
	assert.Equal(t, 7, *v.Count("seven"))
	assert.Equal(t, 7, *v.Int("seven"))
	assert.Equal(t, "b", v.Object("object").Text("a"))
	assert.Equal(t, netip.MustParsePrefix("10.0.0.0/16"), v.Prefix("cidr"))
	assert.Equal(t, netip.MustParsePrefix("2001:db8::/56"), v.Prefix("cidr6"))
	assert.Equal(t, netip.MustParseAddr("203.0.113.7"), v.Addr("ip"))
	assert.Equal(t, netip.MustParseAddr("2001:db8::1"), v.Addr("ip6"))
	for element := range v.Objects("list") {
		assert.Equal(t, 0, *element.Count("n"))
		break
	}
	for _, absent := range []string{"none", "null", "empty"} {
		assert.False(t, v.Has(absent))
		assert.Empty(t, v.Text(absent))
		assert.Zero(t, v.Prefix(absent))
		assert.Zero(t, v.Addr(absent))
	}
	for _, absent := range []string{"none", "null"} {
		assert.False(t, v.Get(absent).Exists())
		assert.Nil(t, v.Bool(absent))
		assert.Nil(t, v.Count(absent))
		assert.Nil(t, v.Int(absent))
		assert.Nil(t, v.Texts(absent))
		assert.False(t, v.Object(absent).Exists())
		for range v.Objects(absent) {
			assert.Fail(t, "an element of a list that is not there")
		}
	}
	assert.False(t, v.Get("list").Get("a").Exists())
	require.NoError(t, f.Err())
}

func TestZeroValue(t *testing.T) {
	t.Parallel()
	var v dump.Value
	v.Errorf("nothing to say this of")
	assert.False(t, v.Exists())
	v.Repeats(v, "name")
	assert.Empty(t, v.ID("a"))
	assert.Nil(t, v.Bool("a"))
	assert.False(t, v.Object("a").Object("b").Exists())
}

func TestValueErrors(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name string
		get  func(dump.Value)
		want string
	}{
		{"text", func(v dump.Value) { v.Text("seven") }, "f.json:4:23: seven: got 7, want a string"},
		{"text, long number", func(v dump.Value) { v.Text("huge") }, "f.json:4:60: huge: got 99999999999999999999, want a string"},
		{"ID, absent", func(v dump.Value) { v.ID("none") }, "f.json:1:1: none is missing"},
		{"ID, empty", func(v dump.Value) { v.ID("empty") }, "f.json:1:1: empty is missing"},
		{"ID, deeper", func(v dump.Value) { v.Object("object").ID("id") }, "f.json:5:13: object: id is missing"},
		{"ID, type", func(v dump.Value) { v.ID("true") }, "f.json:3:11: true: got true, want a string"},
		{"bool", func(v dump.Value) { v.Bool("text") }, `f.json:2:11: text: got the string "abc", want true or false`},
		{"int, text", func(v dump.Value) { v.Int("text") }, `f.json:2:11: text: got the string "abc", want a whole number`},
		{"int, fraction", func(v dump.Value) { v.Int("half") }, "f.json:4:47: half: got 0.5, want a whole number"},
		{"count, text", func(v dump.Value) { v.Count("text") }, `f.json:2:11: text: got the string "abc", want a whole number from 0 on`},
		{"count, negative", func(v dump.Value) { v.Count("minus") }, "f.json:4:35: minus: got -7, want a whole number from 0 on"},
		{"count, fraction", func(v dump.Value) { v.Count("half") }, "f.json:4:47: half: got 0.5, want a whole number from 0 on"},
		{"count, huge", func(v dump.Value) { v.Count("huge") }, "f.json:4:60: huge: got 99999999999999999999, want a whole number from 0 on"},
		{"object", func(v dump.Value) { v.Object("list") }, "f.json:6:11: list: got a list, want an object"},
		{"CIDR, no bits", func(v dump.Value) { v.Prefix("ip") }, `f.json:8:9: ip: "203.0.113.7" is no CIDR block; want one such as 10.0.0.0/16`},
		{"CIDR, bits", func(v dump.Value) { v.Prefix("bits") }, `f.json:7:110: bits: "10.0.0.0/33" is no CIDR block; want one such as 10.0.0.0/16`},
		{"CIDR, host bits", func(v dump.Value) { v.Prefix("host") }, `f.json:7:60: host: "10.0.1.7/24" has host bits set; want 10.0.1.0/24`},
		{"CIDR, host bits 6", func(v dump.Value) { v.Prefix("host6") }, `f.json:7:84: host6: "2001:db8::1/64" has host bits set; want 2001:db8::/64`},
		{"CIDR, type", func(v dump.Value) { v.Prefix("seven") }, "f.json:4:23: seven: got 7, want a CIDR block as a string"},
		{"address", func(v dump.Value) { v.Addr("cidr") }, `f.json:7:11: cidr: "10.0.0.0/16" is no IP address; want one such as 203.0.113.7`},
		{"address, zone", func(v dump.Value) { v.Addr("zone") }, `f.json:8:54: zone: "fe80::1%eth0" is no IP address; want one such as 203.0.113.7`},
		{"objects, type", func(v dump.Value) {
			for range v.Objects("object") {
			}
		}, "f.json:5:13: object: got an object, want a list"},
		{"objects, elements", func(v dump.Value) {
			n := 0
			for element := range v.Objects("list") {
				if *element.Count("n") != n {
					element.Errorf("is not the element %d", n)
				}
				n++
			}
		}, "f.json:6:32: list[2]: got 2, want an object\n" +
			"f.json:6:35: list[3]: got null, want an object\n" +
			`f.json:6:41: list[4]: got the string "x", want an object`},
		{"repeated", func(v dump.Value) { v.Get("text").Repeats(v.Get("cidr"), "a\n") }, `f.json:2:11: text: "a\n" stands twice, first on line 7`},
		{"own", func(v dump.Value) { v.Object("object").Get("a").Errorf("is %s", "odd") }, "f.json:5:19: object.a: is odd"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f, err := dump.Parse("f.json", []byte(members))
			require.NoError(t, err)
			row.get(f.Root())
			require.EqualError(t, f.Err(), row.want)
		})
	}
}

func TestErrKeepsTheFirstTen(t *testing.T) {
	t.Parallel()
	f, err := dump.Parse("f.json", []byte(`{"list": [`+strings.Repeat("0,", 99_999)+`0]}`))
	require.NoError(t, err)
	for range f.Root().Objects("list") {
	}
	lines := strings.Split(f.Err().Error(), "\n")
	require.Len(t, lines, 11)
	assert.Equal(t, "f.json:1:29: list[9]: got 0, want an object", lines[9])
	assert.Equal(t, "f.json: and more errors of this kind", lines[10])
}

func TestCheckName(t *testing.T) {
	t.Parallel()
	known := []string{"ec2-describe-subnets.json", "ec2-describe-vpcs.json", "ec2-describe-nat-gateways.json", "sts-get-caller-identity.json"}
	for _, row := range []struct{ name, nearest string }{
		{"ec2-describe-subnets.json", ""},
		{"ec2-describe-subnet.json", "ec2-describe-subnets.json"},
		{"EC2-Describe-Subnets.json", "ec2-describe-subnets.json"},
		{"ec2_describe_subnets.json", "ec2-describe-subnets.json"},
		{"ec2 describe-subnets", "ec2-describe-subnets.json"},
		{"describe-subnets.json", "ec2-describe-subnets.json"},
		{"describe-subnet.json", "ec2-describe-subnets.json"},
		{"ec2-describe-subnets.json.txt", "ec2-describe-subnets.json"},
		{"ec2-describe-subnets (1).json", "ec2-describe-subnets.json"},
		{"ec2-describe-subnets-vpc-0a1.json", "ec2-describe-subnets.json"},
		{"ec2-describe-vcps.json", "ec2-describe-vpcs.json"},
		{"ec2-describe-vpc.json", "ec2-describe-vpcs.json"},
		{"get-caller-identity.json", "sts-get-caller-identity.json"},
		// Names of other commands, which another reader may know.
		{"ec2-describe-tags.json", ""},
		{"ec2-describe-ipams.json", ""},
		{"ec2-describe-hosts.json", ""},
		{"ec2-describe-vpn-gateways.json", ""},
		{"ec2-describe-local-gateways.json", ""},
		{"ec2-describe-vpc-endpoints.json", ""},
		{"ec2-describe-key-pairs.json", ""},
		{"route53-list-hosted-zones.json", ""},
		{"README.md", ""},
		{".ec2-describe-subnets.json.swp", ""},
		{"", ""},
		{strings.Repeat("ec2-describe-subnets", 5000), ""},
	} {
		t.Run(row.name[:min(40, len(row.name))], func(t *testing.T) {
			t.Parallel()
			err := dump.CheckName(row.name, known)
			if row.nearest == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, ": is not read under this name; rename it to "+row.nearest+", or move it out of the directory")
		})
	}
	require.EqualError(t, dump.CheckName("ec2-describe-\x1b[31mvpc.json", []string{"ec2-describe-31mvpcs.json"}),
		`"ec2-describe-\x1b[31mvpc.json": is not read under this name; rename it to ec2-describe-31mvpcs.json, or move it out of the directory`)
	require.EqualError(t, dump.CheckName("describe-vpcs.json", known),
		"describe-vpcs.json: is not read under this name; rename it to ec2-describe-vpcs.json, or move it out of the directory")
}

// FuzzParse compares what is read with what encoding/json decodes.
func FuzzParse(f *testing.F) {
	f.Add([]byte(members))
	f.Add([]byte(`{"a\\\"b": {"\u0061": [[], {}, [1, "\\"]]}, "": 1e5}`))
	f.Add([]byte("\xff\xfe{\x00}\x00"))
	f.Add([]byte("An error occurred"))
	f.Add([]byte(`{} {}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := dump.Parse("f.json", data)
		if err != nil {
			assert.True(t, strings.HasPrefix(err.Error(), "f.json:"), err)
			return
		}
		if len(data) >= 2 && (data[0] == 0xff || data[0] == 0xfe) {
			return // encoding/json reads no UTF-16
		}
		var want map[string]any
		require.NoError(t, json.Unmarshal([]byte(strings.TrimPrefix(string(data), "\ufeff")), &want))
		compare(t, want, file.Root())
	})
}

// compare checks that v has the members of want, and each of them its place.
func compare(t *testing.T, want map[string]any, v dump.Value) {
	for key, value := range want {
		m := v.Get(key)
		require.Equal(t, value != nil, m.Exists(), "%q", key)
		switch value := value.(type) {
		case string:
			require.Equal(t, value, v.Text(key), "%q", key)
		case bool:
			require.Equal(t, value, *v.Bool(key), "%q", key)
		case map[string]any:
			compare(t, value, v.Object(key))
		case []any:
			for element := range v.Objects(key) {
				require.True(t, element.Exists())
			}
			m.Errorf("here")
		}
	}
}

func Example() {
	f, err := dump.Parse("ec2-describe-subnets.json", []byte(`{
    "Subnets": [
        {"SubnetId": "subnet-0c1", "CidrBlock": "10.0.0.0/24"},
        {"SubnetId": "subnet-0w1", "CidrBlock": "10.0.1.7/24"}
    ]
}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	for subnet := range f.Root().Objects("Subnets") {
		fmt.Println(subnet.ID("SubnetId"), subnet.Prefix("CidrBlock"))
	}
	fmt.Println(f.Err())
	// Output:
	// subnet-0c1 10.0.0.0/24
	// subnet-0w1 invalid Prefix
	// ec2-describe-subnets.json:4:49: Subnets[1].CidrBlock: "10.0.1.7/24" has host bits set; want 10.0.1.0/24
}
