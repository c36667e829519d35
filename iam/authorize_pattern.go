package iam

import "strings"

// An authToken is a part of a compiled pattern.
type authToken struct {
	kind     authTokenKind
	fallback bool   // authVariable has a default
	text     string // of authLiteral, and the default of authVariable
	slot     int    // of authVariable: the condition key whose value stands here
}

type authTokenKind uint8

const (
	authLiteral  authTokenKind = iota
	authVariable               // the value of a condition key, as it is
	authOne                    // any one character
	authOnePart                // any one character but a colon
	authMany                   // any characters
	authManyPart               // any characters but colons
)

// An authPattern is text that a value is compared with, in tokens. Patterns
// without variables and with at most a * at the end, which nearly all are, have
// a form of their own.
type authPattern struct {
	form      authForm
	text      string // of the first forms
	tokens    []authToken
	variables bool
}

type authForm uint8

const (
	authNothing authForm = iota // matches nothing
	authAnything
	authExact
	authPrefix
	authTokens
)

// authStyle says how the wildcards of a pattern are read.
type authStyle uint8

const (
	authText     authStyle = iota // there are none: * and ? are characters
	authGlob                      // over all of the text
	authResource                  // of a resource: a * at the end of one of the first five parts runs over colons, other wildcards there do not
	authARN                       // of an ARN condition: no wildcard in the first five parts matches a colon
)

// compile returns the pattern of a template, whose keys have the indexes that
// slot gives out.
func (style authStyle) compile(t Template, slot func(key string) int) authPattern {
	var p authPattern
	colons := 0
	literal := func(text string) {
		if n := len(p.tokens); n > 0 && p.tokens[n-1].kind == authLiteral {
			p.tokens[n-1].text += text
		} else if text != "" {
			p.tokens = append(p.tokens, authToken{kind: authLiteral, text: text})
		}
		colons += strings.Count(text, ":")
	}
	for i, s := range t {
		switch {
		case s.Key != "":
			p.variables = true
			p.tokens = append(p.tokens, authToken{kind: authVariable, text: s.Default, fallback: s.HasDefault, slot: slot(s.Key)})
		case s.Escape != 0:
			literal(string(rune(s.Escape)))
		case style == authText:
			literal(s.Text)
		default:
			for text := s.Text; text != ""; {
				at := strings.IndexAny(text, "*?")
				if at < 0 {
					literal(text)
					break
				}
				literal(text[:at])
				kind := authMany
				part := style != authGlob && colons < 5
				rest := text[at+1:]
				ends := strings.HasPrefix(rest, ":") || rest == "" && i == len(t)-1
				switch {
				case text[at] == '?' && part:
					kind = authOnePart
				case text[at] == '?':
					kind = authOne
				case part && !(style == authResource && ends):
					kind = authManyPart
				}
				p.tokens = append(p.tokens, authToken{kind: kind})
				text = rest
			}
		}
	}
	p.form = authTokens
	switch {
	case len(p.tokens) == 0:
		p.form = authExact
	case p.variables:
	case len(p.tokens) == 1 && p.tokens[0].kind == authLiteral:
		p.form, p.text = authExact, p.tokens[0].text
	case len(p.tokens) == 1 && p.tokens[0].kind == authMany:
		p.form = authAnything
	case len(p.tokens) == 2 && p.tokens[0].kind == authLiteral && p.tokens[1].kind == authMany:
		p.form, p.text = authPrefix, p.tokens[0].text
	}
	return p
}

// match compares a value with the pattern. It is authMaybe where a variable of
// the pattern is not known, and authNo where the request does not have it.
func (p *authPattern) match(value string, e *authEvaluation) authTruth {
	switch p.form {
	case authAnything:
		return authYes
	case authExact:
		return authIf(p.text == value)
	case authPrefix:
		return authIf(strings.HasPrefix(value, p.text))
	case authTokens:
		if p.variables {
			if r := p.resolved(e); r != authYes {
				return r
			}
		}
		// How the text begins and ends decides most cases.
		first, last := &p.tokens[0], &p.tokens[len(p.tokens)-1]
		if first.kind == authLiteral && !strings.HasPrefix(value, first.text) || last.kind == authLiteral && !strings.HasSuffix(value, last.text) {
			return authNo
		}
		return authIf(authMatch(p.tokens, value, e))
	}
	return authNo
}

// resolved reports whether the request has the values of all variables.
func (p *authPattern) resolved(e *authEvaluation) authTruth {
	r := authYes
	for i := range p.tokens {
		if p.tokens[i].kind == authVariable {
			r = min(r, e.variable(&p.tokens[i]))
		}
	}
	return r
}

// authMatch compares text with tokens. It goes back to the last *, and where
// that one may not run over a colon to the last that may: what an earlier one of
// the same kind took cannot help a later one.
func authMatch(tokens []authToken, text string, e *authEvaluation) bool {
	type mark struct{ token, at int }
	many, part := mark{token: -1}, mark{token: -1}
	i, at := 0, 0
	for {
		if i == len(tokens) {
			if at == len(text) {
				return true
			}
		} else {
			ok := false
			switch t := &tokens[i]; t.kind {
			case authMany:
				many, part.token = mark{i, at}, -1
				ok = true
			case authManyPart:
				part = mark{i, at}
				ok = true
			case authOne, authOnePart:
				if n := authRune(text[at:]); n > 0 && (t.kind == authOne || text[at] != ':') {
					at += n
					ok = true
				}
			default:
				literal := t.text
				if t.kind == authVariable {
					literal = e.value(t)
				}
				if ok = strings.HasPrefix(text[at:], literal); ok {
					at += len(literal)
				}
			}
			if ok {
				i++
				continue
			}
		}
		if part.token >= 0 {
			if n := authRune(text[part.at:]); n > 0 && text[part.at] != ':' {
				part.at += n
				i, at = part.token+1, part.at
				continue
			}
			part.token = -1
		}
		if many.token < 0 || many.at == len(text) {
			return false
		}
		many.at += authRune(text[many.at:])
		if next := many.token + 1; next == len(tokens) {
			return true
		} else if tokens[next].kind == authLiteral {
			skip := strings.Index(text[many.at:], tokens[next].text)
			if skip < 0 {
				return false
			}
			many.at += skip
		}
		i, at = many.token+1, many.at
	}
}

// authRune returns the length of the first character in bytes; 0 at the end.
func authRune(text string) int {
	for i := range text {
		if i > 0 {
			return i
		}
	}
	return len(text)
}
