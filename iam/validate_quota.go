package iam

import (
	"fmt"
	"strings"

	"github.com/groundway-sdk/groundway"
)

// quotas applies the rules about characters, names and the size.
func (c *checker) quotas(o ValidateOptions) {
	if o.Name != "" {
		kind := PolicyName
		if c.kind == TrustPolicy {
			kind = RoleName
		}
		c.name(codeName, kind, o.Name)
	}
	if o.Path != "" {
		c.name(codePath, Path, o.Path)
	}
	text := c.doc.text()
	bad := strings.IndexFunc(text, func(r rune) bool {
		return r != '\t' && r != '\n' && r != '\r' && (r < ' ' || r > 0xFF)
	})
	p := problem{code: codeCharacters, statement: -1, want: "tab, line feed, carriage return, U+0020 to U+00FF"}
	if bad >= 0 {
		r := []rune(text[bad:])[0]
		p.got = fmt.Sprintf("%q", r)
		p.summary = fmt.Sprintf("The text has the character %q (U+%04X) at byte %d", r, r, bad+1)
	}
	c.test(bad < 0, p)
	c.size(text, o.MaxSize)
}

func (c *checker) name(code groundway.Code, kind NameKind, name string) {
	p := problem{code: code, statement: -1, got: name, want: "a name within the limits"}
	err := CheckName(kind, name)
	if err != nil {
		p.summary = err.Error()
	}
	c.test(err == nil, p)
}

func (c *checker) size(text string, maxSize int) {
	var limits []SizeLimit
	for _, l := range SizeLimits() {
		if l.Kind == c.kind {
			limits = append(limits, l)
		}
	}
	limit := limits[0]
	if maxSize > 0 {
		limit.Max, limit.What = maxSize, c.kind.String()+" policy, by the options"
	}
	size := MeasureText(text)
	n := limit.Count.Of(size)
	p := problem{
		code: codeSize, statement: -1, url: limit.URL,
		got:     fmt.Sprintf("%d characters, %d without white space between tokens, %d without any, %d bytes", size.Characters, size.Significant, size.Dense, size.Bytes),
		want:    fmt.Sprintf("at most %d %s (%s)", limit.Max, limit.Count, limit.What),
		summary: fmt.Sprintf("The document has %d %s, %d more than the quota of %d", n, limit.Count, n-limit.Max, limit.Max),
	}
	if newer := limits[len(limits)-1]; maxSize == 0 && c.kind == ServiceControlPolicy && n <= newer.Max {
		p.outcome = groundway.Unknown
		p.summary = fmt.Sprintf("The document has %d %s, and AWS's pages give the quota as %d and as %d", n, limit.Count, limit.Max, newer.Max)
	}
	c.test(n <= limit.Max, p)
}

// text returns the text that the document was read from, if it is still the
// same document, and its canonical text otherwise.
func (d Document) text() string {
	canonical := d.String()
	if d.source == nil {
		return canonical
	}
	was, err := Parse(d.source.text, ParseOptions{MaxSize: len(d.source.text) + 1})
	if err != nil || was.String() != canonical {
		return canonical
	}
	return d.source.text
}
