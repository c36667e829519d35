package catalog_test

import (
	"encoding"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/iam"
)

// TestWords holds the words of what the catalog says about actions and keys.
func TestWords(t *testing.T) {
	type word interface {
		fmt.Stringer
		encoding.TextMarshaler
	}
	for _, test := range []struct {
		words   []string
		value   func(int) word
		read    func(string) (word, error)
		invalid string
		unknown string
	}{
		{
			words: []string{"list", "read", "tagging", "write", "permissions management"},
			value: func(i int) word { return iam.AccessLevel(i) },
			read: func(text string) (word, error) {
				var l iam.AccessLevel
				err := l.UnmarshalText([]byte(text))
				return l, err
			},
			invalid: "marshal access level %d: not a valid value",
			unknown: "parse access level %q: want one of list, read, tagging, write, permissions management",
		},
		{
			words: []string{"string", "numeric", "date", "bool", "ipaddress", "arn"},
			value: func(i int) word { return iam.KeyType(i) },
			read: func(text string) (word, error) {
				var k iam.KeyType
				err := k.UnmarshalText([]byte(text))
				return k, err
			},
			invalid: "marshal type of condition key %d: not a valid value",
			unknown: "parse type of condition key %q: want one of string, numeric, date, bool, ipaddress, arn",
		},
	} {
		for i, want := range test.words {
			v := test.value(i + 1)
			assert.Equal(t, want, v.String())
			text, err := v.MarshalText()
			require.NoError(t, err)
			assert.Equal(t, want, string(text))
			back, err := test.read(want)
			require.NoError(t, err)
			assert.Equal(t, v, back)
		}
		for _, i := range []int{0, len(test.words) + 1, 255} {
			assert.Equal(t, "invalid", test.value(i).String())
			_, err := test.value(i).MarshalText()
			assert.EqualError(t, err, fmt.Sprintf(test.invalid, i))
		}
		for _, text := range []string{"", "invalid", "List", "String"} {
			back, err := test.read(text)
			assert.EqualError(t, err, fmt.Sprintf(test.unknown, text))
			assert.Equal(t, test.value(0), back)
		}
	}
}
