package iam

import (
	"fmt"
	"strings"
)

// A Segment is a part of a [Template]: literal text, in which * and ? are
// wildcards where the template is a pattern, an escaped character, or a
// variable. Exactly one of Text, Escape and Key is set.
type Segment struct {
	Text       string
	Escape     byte   // '*', '?' or '$', which stands for itself
	Key        string // the condition key whose value stands here: "aws:username"
	Default    string // stands here where the request does not have the key
	HasDefault bool
	Offset     int // where the segment begins, in bytes
}

// A Template is text with policy variables, as AWS reads it in the resources
// and in the String and Arn conditions of a document of [Version2012]:
//
//	${aws:username}                       the value of a condition key
//	${aws:PrincipalTag/team, 'nobody'}    with a default, after comma and space, in quotes
//	${*} ${?} ${$}                        the characters themselves
//
// The zero value is empty text.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
type Template []Segment

// ParseTemplate reads text with policy variables. The error names the place
// of the mistake in the text, in bytes from 1.
func ParseTemplate(text string) (Template, error) {
	var t Template
	for at := 0; at < len(text); {
		begin := strings.Index(text[at:], "${")
		if begin != 0 {
			end := len(text)
			if begin > 0 {
				end = at + begin
			}
			t = append(t, Segment{Text: text[at:end], Offset: at})
			at = end
			continue
		}
		s, size, err := parseVariable(text[at:])
		if err != nil {
			return nil, fmt.Errorf("parse template %s: column %d: %w", quote(text), at+1, err)
		}
		s.Offset = at
		t = append(t, s)
		at += size
	}
	return t, nil
}

// parseVariable reads the variable that text begins with.
func parseVariable(text string) (s Segment, size int, err error) {
	body := text[len("${"):]
	end := strings.IndexAny(body, "}'")
	if end >= 0 && body[end] == '\'' {
		// A default may hold a brace.
		closing := strings.Index(body[end+1:], "'}")
		if closing < 0 {
			return s, 0, fmt.Errorf("the default of a variable has no closing quote and brace")
		}
		s.Default, s.HasDefault = body[end+1:end+1+closing], true
		key, ok := strings.CutSuffix(body[:end], ", ")
		if !ok {
			return s, 0, fmt.Errorf("want a comma and one space between the key of a variable and its default")
		}
		s.Key = key
		size = len("${") + end + 1 + closing + len("'}")
	} else if end < 0 {
		return s, 0, fmt.Errorf("a variable has no closing brace")
	} else {
		s.Key = body[:end]
		size = len("${") + end + len("}")
	}
	switch {
	case !s.HasDefault && (s.Key == "*" || s.Key == "?" || s.Key == "$"):
		return Segment{Escape: s.Key[0]}, size, nil
	case s.Key == "":
		return s, 0, fmt.Errorf("a variable has no key")
	case strings.ContainsAny(s.Key, " ,${*?"):
		return s, 0, fmt.Errorf("%s is no condition key", quote(s.Key))
	}
	return s, size, nil
}

// String returns the text of the template; of one that [ParseTemplate]
// returned, the very text that it read.
func (t Template) String() string {
	var b strings.Builder
	for _, s := range t {
		switch {
		case s.Escape != 0:
			b.WriteString("${" + string(rune(s.Escape)) + "}")
		case s.Key != "" && s.HasDefault:
			b.WriteString("${" + s.Key + ", '" + s.Default + "'}")
		case s.Key != "":
			b.WriteString("${" + s.Key + "}")
		default:
			b.WriteString(s.Text)
		}
	}
	return b.String()
}

// Keys returns the condition keys that the template takes values from, in
// order, each as often as it stands.
func (t Template) Keys() []string {
	var keys []string
	for _, s := range t {
		if s.Key != "" {
			keys = append(keys, s.Key)
		}
	}
	return keys
}

// Variable returns the text that stands for the value of a condition key:
// Variable("aws:username") is "${aws:username}".
func Variable(key string) string { return "${" + key + "}" }

// VariableOr returns [Variable] with a default for requests without the key.
// Where the request has neither, the statement does not apply. The default may
// not hold '}.
func VariableOr(key, fallback string) string { return "${" + key + ", '" + fallback + "'}" }

var literalEscaper = strings.NewReplacer("*", "${*}", "?", "${?}", "$", "${$}")

// Literal returns text in which every *, ? and $ stands for itself: for names
// that come from elsewhere and become part of a resource or of a pattern.
func Literal(text string) string { return literalEscaper.Replace(text) }

// hasVariable reports whether the text would read differently in a document
// of Version2012 and in one of Version2008.
func hasVariable(text string) bool { return strings.Contains(text, "${") }
