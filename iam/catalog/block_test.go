package catalog_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/iam/catalog"
)

// damaged returns the text with other bytes at a place, which may be counted
// from the end.
func damaged(text string, at int, by string) string {
	if at < 0 {
		at += len(text)
	}
	return text[:at] + by + text[at+len(by):]
}

func TestOpenDamaged(t *testing.T) {
	file := catalog.Embedded()
	index := catalog.Section("\x011\x012\x00")
	for _, test := range []struct{ name, data, want string }{
		{"empty", "", `open catalog: it does not begin with "groundway.iam/1\n"`},
		{"other format", damaged(file, 14, "2"), `open catalog: it does not begin with "groundway.iam/1\n"`},
		{"no sections", file[:16], "open catalog: index: it is truncated"},
		{"index cut", file[:100], "open catalog: index: it is truncated"},
		{"length of nothing", file[:16] + "\xff\xff\xff\xff\xff\xff", "open catalog: index: it is truncated"},
		{"index damaged", damaged(file, 400, "\x00\x00\x00\x00"), "open catalog: index: it is longer than it says"},
		{"compressed form too short", damaged(file, 20, "\x00"), "open catalog: index: inflate: unexpected EOF"},
		{"wrong checksum", damaged(file, 22, "\x00\x00"), "open catalog: index: its checksum is wrong"},
		{"content longer than said", damaged(file, 16, "\x80\x80\x01"), "open catalog: index: it is longer than it says"},
		{"no dictionary", file[:16] + index, "open catalog: dictionary: it is truncated"},
		{"service cut", file[:len(file)-1], `open catalog: service "xray": it ends before its section does`},
		{"more than the services", file + "x", "open catalog: 1 bytes follow the last section"},
		{"index too long", file[:16] + catalog.Section("\x011\x012\x00\x00") + index, "open catalog: index: 1 bytes are left"},
		{"index too short", file[:16] + catalog.Section("\x011\x052") + index, "open catalog: index: a number is missing or out of range"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := catalog.Open(test.data)
			assert.EqualError(t, err, test.want)
		})
	}
}

// TestDecodeDamaged changes bytes in the section of the last service: each
// change is an error, and the others are not harmed.
func TestDecodeDamaged(t *testing.T) {
	file := catalog.Embedded()
	for back := 1; back <= 200; back++ {
		at := len(file) - back
		f, err := catalog.Open(damaged(file, at, string([]byte{file[at] ^ 0x55})))
		require.NoError(t, err)
		require.NoError(t, f.Decode("ec2"))
		if err := f.Decode("xray"); assert.Error(t, err, back) {
			assert.True(t, strings.HasPrefix(err.Error(), `decode service "xray": `), err.Error())
		}
	}
}

func TestDecodeContent(t *testing.T) {
	// A key a, which may have several values, a set with it, a type t with the
	// template arn and the set, an action A of level write with the set and
	// a row, which requires t and has the set.
	const content = "\x01\x01a\x11" + "\x01\x01\x00" + "\x01\x01t\x01\x00\x03arn" + "\x01\x01A\x04\x00\x01" + "\x01" + "\x00"
	actions, err := catalog.DecodeContent(content)
	require.NoError(t, err)
	require.Len(t, actions, 1)
	assert.EqualValues(t, "x:A", actions[0])

	_, err = catalog.DecodeContent(content + "\x00")
	assert.EqualError(t, err, "1 bytes are left")
	for i := range len(content) {
		_, err := catalog.DecodeContent(content[:i])
		assert.EqualError(t, err, "a number is missing or out of range", "cut after %d bytes", i)
	}
	// There is one of everything, so that 1 is one too many; 3 is the type 1,
	// required.
	for _, test := range []struct {
		name string
		at   int
		by   string
	}{
		{"the type of a key", 3, "\x20"},
		{"the key of a set", 6, "\x01"},
		{"the number of templates", 10, "\x02"},
		{"the set of a type", 11, "\x01"},
		{"the level of an action", 19, "\x06"},
		{"the set of an action", 20, "\x01"},
		{"the number of rows", 21, "\x03"},
		{"the type of a row", 22, "\x03"},
		{"the set of a row", 23, "\x01"},
	} {
		_, err := catalog.DecodeContent(damaged(content, test.at, test.by))
		assert.EqualError(t, err, "a number is missing or out of range", test.name)
	}
}

func FuzzDecodeContent(f *testing.F) {
	file, err := catalog.Open(catalog.Embedded())
	require.NoError(f, err)
	for _, prefix := range []string{"sts", "pricing", "a2c"} {
		f.Add(file.Content(prefix))
	}
	f.Add("")
	f.Add("\x00\x00\x00\x00")
	f.Fuzz(func(t *testing.T, content string) {
		actions, err := catalog.DecodeContent(content)
		if err != nil {
			assert.Nil(t, actions)
		}
		assert.LessOrEqual(t, len(actions), len(content))
		_, _ = catalog.Open(content)
		_, _ = catalog.Open(catalog.Embedded()[:16] + catalog.Section(content))
	})
}
