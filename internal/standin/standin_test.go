package standin_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/standin"
)

// hide returns what the texts become, one walk through all of them.
func hide(b *standin.Book, of func(text string) string, texts ...string) string {
	var to []string
	b.Walk(func() {
		to = nil
		for _, t := range texts {
			to = append(to, of(t))
		}
	})
	return strings.Join(to, " ")
}

func TestStandIns(t *testing.T) {
	t.Parallel()
	book := func() *standin.Book { return standin.New([]string{"name", "tag"}, "demo", "name-2") }
	word := func(b *standin.Book) func(string) string { return func(s string) string { return b.Word("name", s) } }
	address := func(b *standin.Book) func(string) string {
		return func(s string) string { return b.Address(netip.MustParseAddr(s)).String() }
	}
	rows := []struct {
		name  string
		of    func(*standin.Book) func(string) string
		texts string
		want  string
	}{
		{"the same text, the same stand-in", word, "a b a", "name-1 name-3 name-1"},
		{"what is kept", word, "demo a", "demo name-1"},
		{"a stand-in that comes later is not given out", word, "a tag-1 name-1 name-01", "name-3 tag-1 name-1 name-4"},
		{"a domain's stand-in stays a word's", word, "domain-1.example domain-0.example", "domain-1.example name-1"},
		{"domains", func(b *standin.Book) func(string) string { return b.Domain }, "acme.example domain-1.example", "domain-2.example domain-1.example"},
		{"accounts", func(b *standin.Book) func(string) string { return b.Account }, "111122223333 000000000001 000000000002", "000000000003 000000000001 000000000002"},
		{"accounts in a text", func(b *standin.Book) func(string) string { return b.Accounts }, "arn:aws:iam::111122223333:role/r1234567890123 444455556666", "arn:aws:iam::000000000001:role/r1234567890123 000000000002"},
		{"addresses", address, "198.51.100.7 240.0.0.1 2600::1 198.51.100.7 2001:db8::1", "240.0.0.2 240.0.0.1 2001:db8::2 240.0.0.2 2001:db8::1"},
		{"an IPv4 address within IPv6", address, "::ffff:198.51.100.7", "240.0.0.1"},
	}
	for _, r := range rows {
		texts := strings.Fields(r.texts)
		b := book()
		once := hide(b, r.of(b), texts...)
		assert.Equal(t, r.want, once, r.name)
		b = book()
		assert.Equal(t, once, hide(b, r.of(b), strings.Fields(once)...), "%s: twice is once", r.name)
	}
}

// A value is the same one whatever it is a name of.
func TestOneStandInForAllKinds(t *testing.T) {
	t.Parallel()
	b := standin.New([]string{"name", "tag"})
	assert.Equal(t, "name-1", b.Word("name", "acme"))
	assert.Equal(t, "name-1", b.Word("tag", "acme"))
	assert.Empty(t, b.Word("name", ""), "nothing is nothing")
	assert.Empty(t, b.Account(""))
}

type item string

func (i item) Key() string { return string(i) }

func TestPart(t *testing.T) {
	t.Parallel()
	b := standin.New([]string{"name", "message"})
	p := groundway.SeenPart[item]("z", "a")
	p.Gaps = []groundway.Gap{{Action: "ec2:DescribeVpcs", Account: "111122223333", Message: "of acme"}}
	got := standin.Part(b, p, func(i *item) { *i = item(b.Word("name", string(*i))) })
	assert.Equal(t, groundway.List[item]{"name-1", "name-2"}, got.Items, "in the order of their keys")
	assert.Equal(t, []groundway.Gap{{Action: "ec2:DescribeVpcs", Account: "000000000001", Message: "message-1"}}, got.Gaps)
	assert.Equal(t, groundway.List[item]{"z", "a"}, p.Items, "the part itself stays")
	assert.Equal(t, "of acme", p.Gaps[0].Message)
}
