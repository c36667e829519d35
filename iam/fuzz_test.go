package iam_test

import (
	"os"
	"path/filepath"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/iam"
	"github.com/groundway-sdk/groundway/iam/catalog"
)

// Whatever the text, Parse returns an error with a place, or a document that
// survives printing and every function that takes one.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.json")
	require.NoError(f, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(string(text))
	}
	for _, v := range verdicts {
		f.Add(v.text)
	}
	for _, test := range trusts {
		f.Add(iam.MustTrustDocument(test.trust).Indent())
	}
	for _, text := range hostile(200) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := iam.Parse(text, iam.ParseOptions{})
		if err != nil {
			var at *iam.ParseError
			require.ErrorAs(t, err, &at)
			require.Positive(t, at.Line)
			require.Positive(t, at.Column)
			_, err := iam.Format(text, iam.ParseOptions{})
			require.Error(t, err)
			return
		}
		require.True(t, utf8.ValidString(d.String()))
		requireRoundTrip(t, text)
		for _, kind := range iam.Kinds() {
			iam.Validate(d, kind, iam.ValidateOptions{})
		}
		if typed, err := iam.ParseTrust(d); err == nil && len(typed) > 0 {
			again, err := iam.NewTrustDocument(typed...)
			if err == nil {
				require.True(t, iam.Equal(d, again), "typed trust means something else")
			}
		}
		built, err := iam.NewDocument(d.Statements...)
		if err == nil && d.Version == iam.Version2012 {
			require.True(t, iam.Equal(d, built))
		}
	})
}

// Whatever the document, Lint and Tighten come to an end, and what Tighten
// returns comes from the document.
func FuzzLint(f *testing.F) {
	for _, c := range lintCases {
		f.Add(c.text)
	}
	for _, i := range installers() {
		f.Add(i.document.String())
	}
	for _, text := range hostilePolicies(300) {
		f.Add(text)
	}
	j := newJudge()
	f.Fuzz(func(t *testing.T, text string) {
		d, err := iam.Parse(text, iam.ParseOptions{MaxSize: 20_000})
		if err != nil {
			return
		}
		for _, kind := range oneOf(identity, resource, trust) {
			o := iam.LintOptions{Catalog: catalog.Catalog{}, Kind: kind, AttachedPolicies: []string{text}}
			require.Equal(t, iam.Lint(d, o), iam.Lint(d, o))
		}
		for _, intent := range []iam.TightenIntent{{}, wholeIntent()} {
			out, err := iam.Tighten(d, intent, iam.TightenOptions{Catalog: catalog.Catalog{}})
			if err == nil && utf8.ValidString(text) {
				requireDerived(t, j, d, out)
			}
		}
	})
}

func FuzzParseARN(f *testing.F) {
	for _, text := range []string{"arn:aws:s3:::bucket", "arn:aws:ec2:us-east-1:111122223333:instance/*", "arn::::", "arn:a:b:c:d:e:f/g"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := iam.ParseARN(text)
		if err != nil {
			return
		}
		require.Equal(t, text, a.String())
		if kind := a.ResourceType(); kind != "" {
			require.Equal(t, len(a.Resource), len(kind)+1+len(a.ResourceName()))
		}
	})
}

func FuzzParseTemplate(f *testing.F) {
	for _, text := range []string{"${aws:username}", "${a:b, 'c'}", "${*}${?}${$}", "a$b{c}", "${a, '}'}"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		template, err := iam.ParseTemplate(text)
		if err == nil {
			require.Equal(t, text, template.String())
		}
		// Escaped text has no variables and reads as itself.
		literal, err := iam.ParseTemplate(iam.Literal(text))
		require.NoError(t, err)
		require.Empty(t, literal.Keys())
		var plain []byte
		for _, s := range literal {
			if s.Escape != 0 {
				plain = append(plain, s.Escape)
			} else {
				require.NotContains(t, s.Text, "*")
				plain = append(plain, s.Text...)
			}
		}
		require.Equal(t, text, string(plain))
	})
}

// glob against the plainest recursion that says the same.
func FuzzGlob(f *testing.F) {
	f.Add("a*b?c*", "axxbycz")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern) > 12 || len(text) > 12 {
			return
		}
		require.Equal(t, naiveGlob(pattern, text), iam.Glob(pattern, text))
	})
}

func naiveGlob(pattern, text string) bool {
	switch {
	case pattern == "":
		return text == ""
	case pattern[0] == '*':
		return naiveGlob(pattern[1:], text) || text != "" && naiveGlob(pattern, text[1:])
	case text == "":
		return false
	}
	return (pattern[0] == '?' || pattern[0] == text[0]) && naiveGlob(pattern[1:], text[1:])
}
