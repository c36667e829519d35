package iam_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/iam"
)

func TestParseTemplate(t *testing.T) {
	for _, test := range []struct {
		text string
		want iam.Template
	}{
		{"", nil},
		{"a*b?$c", iam.Template{{Text: "a*b?$c"}}},
		{"${aws:username}", iam.Template{{Key: "aws:username"}}},
		{"a/${aws:username}/b", iam.Template{{Text: "a/"}, {Key: "aws:username", Offset: 2}, {Text: "/b", Offset: 17}}},
		{"${aws:PrincipalTag/team, 'no body'}", iam.Template{{Key: "aws:PrincipalTag/team", Default: "no body", HasDefault: true}}},
		{"${aws:x, ''}", iam.Template{{Key: "aws:x", HasDefault: true}}},
		{"${aws:x, 'a}b'}", iam.Template{{Key: "aws:x", Default: "a}b", HasDefault: true}}},
		{"${*}${?}${$}", iam.Template{{Escape: '*'}, {Escape: '?', Offset: 4}, {Escape: '$', Offset: 8}}},
		{"$${$}{aws:x}", iam.Template{{Text: "$"}, {Escape: '$', Offset: 1}, {Text: "{aws:x}", Offset: 5}}},
		{"'${a:b}'", iam.Template{{Text: "'"}, {Key: "a:b", Offset: 1}, {Text: "'", Offset: 7}}},
	} {
		t.Run(test.text, func(t *testing.T) {
			got, err := iam.ParseTemplate(test.text)
			require.NoError(t, err)
			assert.Equal(t, test.want, got)
			assert.Equal(t, test.text, got.String())
		})
	}
}

func TestParseTemplateErrors(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"a${b", `parse template "a${b": column 2: a variable has no closing brace`},
		{"${}", `parse template "${}": column 1: a variable has no key`},
		{"${a b}", `parse template "${a b}": column 1: "a b" is no condition key`},
		{"${a:b,'c'}", `parse template "${a:b,'c'}": column 1: want a comma and one space between the key of a variable and its default`},
		{"${a:b, 'c}", `parse template "${a:b, 'c}": column 1: the default of a variable has no closing quote and brace`},
		{"x${a:${b}}", `parse template "x${a:${b}}": column 2: "a:${b" is no condition key`},
		{"${, 'c'}", `parse template "${, 'c'}": column 1: a variable has no key`},
	} {
		t.Run(test.text, func(t *testing.T) {
			_, err := iam.ParseTemplate(test.text)
			require.EqualError(t, err, test.want)
		})
	}
}

func TestVariables(t *testing.T) {
	text := iam.Literal("50%* ?$") + "/" + iam.Variable("aws:username") + "/" + iam.VariableOr("aws:PrincipalTag/team", "none")
	assert.Equal(t, "50%${*} ${?}${$}/${aws:username}/${aws:PrincipalTag/team, 'none'}", text)
	template, err := iam.ParseTemplate(text)
	require.NoError(t, err)
	assert.Equal(t, []string{"aws:username", "aws:PrincipalTag/team"}, template.Keys())
	assert.Nil(t, iam.Template(nil).Keys())
}
