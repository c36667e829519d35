package route53_test

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/route53"
)

func TestParseName(t *testing.T) {
	for text, want := range map[string]route53.Name{
		"example.com":                 "example.com",
		"Example.COM.":                "example.com",
		`\145xample.com`:              "example.com",
		`\105XAMPLE.com`:              "example.com", // an escaped capital
		"*.example.com":               "*.example.com",
		`\052.example.com.`:           "*.example.com",
		`www.\052.example.com`:        `www.\052.example.com`,
		"www.*.example.com":           `www.\052.example.com`,
		`*x.example.com`:              `\052x.example.com`,
		`x\052.example.com`:           `x\052.example.com`,
		"bücher.example":              "xn--bcher-kva.example",
		"BÜCHER.example.":             "xn--bcher-kva.example",
		"bücher。example":              "xn--bcher-kva.example",
		"straße.example":              "xn--strae-oqa.example",
		`ex\344mple.com`:              `ex\344mple.com`,
		`a\056b.example.com`:          `a\056b.example.com`,
		"_acme-challenge.example.com": "_acme-challenge.example.com",
		`user@example.com`:            `user\100example.com`,
		".":                           route53.Root,
		"com":                         "com",
		"*":                           "*",
	} {
		got, err := route53.ParseName(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, got, text)
		again, err := route53.ParseName(got.Absolute())
		require.NoError(t, err, text)
		assert.Equal(t, got, again, text)
	}
}

func TestParseNameErrors(t *testing.T) {
	label := strings.Repeat("a", 63)
	for text, want := range map[string]string{
		"":                                   `parse name "": it is empty`,
		"..":                                 `parse name "..": label 1 is empty`,
		"a..b":                               `parse name "a..b": label 2 is empty`,
		".a":                                 `parse name ".a": label 1 is empty`,
		"a b.example":                        `parse name "a b.example": label 1: ' ' has to be escaped: write \040`,
		"x.a\x1bb":                           `parse name "x.a\x1bb": label 2: '\x1b' has to be escaped: write \033`,
		`a\5.example`:                        `parse name "a\\5.example": label 1: "\\5" is no escape; want a backslash and three octal digits up to 377`,
		`a\400.example`:                      `parse name "a\\400.example": label 1: "\\400" is no escape; want a backslash and three octal digits up to 377`,
		`a\08.example`:                       `parse name "a\\08.example": label 1: "\\08" is no escape; want a backslash and three octal digits up to 377`,
		"a\xff.example":                      `parse name "a\xff.example": it is not UTF-8; write other octets as escapes, such as \344`,
		"_ü.example":                         `parse name "_ü.example": label 1: "_ü" is no label of an internationalized name`,
		label + "a.example":                  `parse name "` + label + `a.example": label 1 has 64 octets, want 63 at most`,
		strings.Repeat(label+".", 3) + label: `parse name "` + strings.Repeat(label+".", 3)[:80] + `"…: it has 257 octets, want 255 at most`,
		strings.Repeat("a.", 2000):           `parse name "` + strings.Repeat("a.", 40) + `"…: it has 4000 characters, which no name has`,
	} {
		_, err := route53.ParseName(text)
		assert.EqualError(t, err, want)
	}
	longest := strings.Repeat(label+".", 3) + label[:61]
	_, err := route53.ParseName(longest)
	assert.NoError(t, err)
}

// naive decodes the labels of a name as the page on the format of names says,
// octet by octet and by other means than the package.
func naive(text string) []string {
	var labels []string
	for label := range strings.SplitSeq(strings.TrimSuffix(text, "."), ".") {
		parts := strings.Split(label, `\`)
		octets := parts[0]
		for _, part := range parts[1:] {
			n, err := strconv.ParseUint(part[:3], 8, 8)
			if err != nil {
				panic(err)
			}
			octets += string([]byte{byte(n)}) + part[3:]
		}
		lower := []byte(octets)
		for i, c := range lower {
			if 'A' <= c && c <= 'Z' {
				lower[i] = c | 0x20
			}
		}
		labels = append(labels, string(lower))
	}
	return labels
}

// Any octets make a name that is read back as the same octets, whichever of
// them are written as escapes.
func TestNamesOfAnyOctets(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		labels := make([]string, 1+random.IntN(4))
		for i := range labels {
			octets := make([]byte, 1+random.IntN(12))
			for j := range octets {
				octets[j] = byte(random.IntN(256))
				if random.IntN(3) == 0 {
					octets[j] = `*.\aZ0-_`[random.IntN(8)]
				}
			}
			labels[i] = string(octets)
		}
		name, err := route53.NewName(labels...)
		require.NoError(t, err)
		assert.Equal(t, naive(string(name)), name.Labels())

		// Written with escapes at random, it is the same name.
		var text strings.Builder
		for i, label := range labels {
			if i > 0 {
				text.WriteByte('.')
			}
			for _, c := range []byte(label) {
				if c <= ' ' || c >= 0x7f || c == '.' || c == '\\' || random.IntN(3) == 0 {
					text.WriteString(`\`)
					text.WriteString(strconv.FormatUint(uint64(c)+0o1000, 8)[1:])
				} else {
					text.WriteByte(c)
				}
			}
		}
		parsed, err := route53.ParseName(text.String())
		require.NoError(t, err, text.String())
		assert.Equal(t, name, parsed, text.String())
		assert.Equal(t, naive(text.String()), parsed.Labels())
	}
}

func TestNameRelations(t *testing.T) {
	n := route53.MustParseName
	assert.True(t, n("a.example.com").In("example.com"))
	assert.True(t, n("example.com").In("example.com"))
	assert.False(t, n("example.com").Below("example.com"))
	assert.False(t, n("bad-example.com").In("example.com"))
	assert.False(t, n(`a\056example.com`).In("example.com"), "a dot within a label is no boundary")
	assert.True(t, n("example.com").In(route53.Root))
	assert.False(t, route53.Name("").In("example.com"))
	assert.False(t, n("example.com").In(""))
	assert.Equal(t, n("com"), n("example.com").Parent())
	assert.Equal(t, route53.Root, n("com").Parent())
	assert.Equal(t, route53.Name(""), route53.Root.Parent())
	assert.True(t, n("*.example.com").Wildcard())
	assert.False(t, n("a.*.example.com").Wildcard())
	assert.Empty(t, route53.Root.Labels())
	child, err := n("example.com").Child("_acme-challenge.www")
	require.NoError(t, err)
	assert.Equal(t, n("_acme-challenge.www.example.com"), child)
	_, err = route53.Name("").Child("www")
	assert.EqualError(t, err, `parse name "www": it would stand below no name`)
}

// The order of ListHostedZonesByName and ListResourceRecordSets.
func TestNameOrder(t *testing.T) {
	names := []route53.Name{"z.example.com", "example.com", "*.example.com", "a.example.com", "example-a.com", "example.co", "com", `ex\344mple.com`}
	slices.SortFunc(names, route53.Name.Compare)
	assert.Equal(t, []route53.Name{"example.co", "com", `ex\344mple.com`, "example-a.com", "example.com", "*.example.com", "a.example.com", "z.example.com"}, names)
}

// The order is that of the texts with their labels reversed, as the page on
// ListHostedZonesByName has it.
func TestNameOrderIsThatOfReversedTexts(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 10))
	reversed := func(n route53.Name) string {
		if n == route53.Root {
			return ""
		}
		labels := strings.Split(string(n), ".")
		slices.Reverse(labels)
		return strings.ReplaceAll(strings.Join(labels, ".")+".", "*", `\052`)
	}
	name := func() route53.Name {
		labels := make([]string, random.IntN(4))
		for i := range labels {
			for range 1 + random.IntN(3) {
				labels[i] += string("ab-*.9"[random.IntN(6)])
			}
		}
		n, err := route53.NewName(labels...)
		require.NoError(t, err)
		return n
	}
	for range 20000 {
		a, b := name(), name()
		require.Equal(t, strings.Compare(reversed(a), reversed(b)), a.Compare(b), "%s and %s", a, b)
	}
}

func FuzzParseName(f *testing.F) {
	for _, seed := range []string{"example.com", `\052.example.com.`, "bücher.example", `a\056b`, ".", "*.*", `\`, "xn--bcher-kva.example"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := route53.ParseName(text)
		if err != nil {
			return
		}
		again, err := route53.ParseName(string(n))
		require.NoError(t, err)
		require.Equal(t, n, again)
		if n != route53.Root {
			made, err := route53.NewName(n.Labels()...)
			require.NoError(t, err)
			require.Equal(t, n, made)
		}
		require.Zero(t, n.Compare(again))
	})
}
