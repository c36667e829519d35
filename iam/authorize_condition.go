package iam

import (
	"net/netip"
	"strings"
	"time"
)

// An authTruth is what is known of a test: no, yes, or that it depends on a key
// that a partial request lacks. All of several tests are their min, any of them
// their max.
type authTruth uint8

const (
	authNo authTruth = iota
	authMaybe
	authYes
)

func authIf(ok bool) authTruth {
	if ok {
		return authYes
	}
	return authNo
}

func (t authTruth) not() authTruth { return authYes - t }

// An authCondition is a compiled condition. Its values are those of the family.
type authCondition struct {
	slot     int // of the key; -1 for an operator without keys, which always holds
	family   family
	order    authOrder // of numbers and dates
	fold     bool      // text is compared without regard to case
	negated  bool
	ifExists bool
	set      authSetOperator
	source   Condition // for explanations

	patterns []authPattern
	numbers  []authNumber
	dates    []time.Time
	ranges   []netip.Prefix
	words    []string // base64 text, and true and false
}

// An authOrder says which results of a comparison of numbers or dates match.
type authOrder uint8

const (
	authLess authOrder = 1 << iota
	authSame
	authMore
)

func (o authOrder) holds(compared int) bool {
	switch {
	case compared < 0:
		return o&authLess != 0
	case compared > 0:
		return o&authMore != 0
	}
	return o&authSame != 0
}

// order returns which results of a comparison an operator asks for.
func (o Operator) order() authOrder {
	switch name := string(o); {
	case strings.HasSuffix(name, "LessThan"):
		return authLess
	case strings.HasSuffix(name, "LessThanEquals"):
		return authLess | authSame
	case strings.HasSuffix(name, "GreaterThan"):
		return authMore
	case strings.HasSuffix(name, "GreaterThanEquals"):
		return authMore | authSame
	}
	return authSame
}

type authSetOperator uint8

const (
	authSingle authSetOperator = iota
	authForAny
	authForAll
)

// condition compiles a condition of a valid operator.
func (c *authCompiler) condition(s Condition) authCondition {
	base := s.Operator.Base()
	out := authCondition{slot: -1, family: base.family(), ifExists: s.Operator.IsIfExists(), source: s}
	if s.Key == "" {
		return out
	}
	out.slot = c.slot(s.Key)
	switch {
	case s.Operator.IsForAnyValue():
		out.set = authForAny
	case s.Operator.IsForAllValues():
		out.set = authForAll
	}
	name := string(base)
	out.negated = strings.Contains(name, "Not")
	out.order = base.order()
	out.fold = strings.HasSuffix(name, "IgnoreCase")
	style := authText
	if strings.HasSuffix(name, "Like") {
		style = authGlob
	}
	for _, v := range s.Values {
		// A value that is none of the family equals nothing.
		switch out.family {
		case familyString:
			out.patterns = append(out.patterns, style.compile(c.template(v), c.slot))
		case familyARN:
			out.patterns = append(out.patterns, c.arn(v))
		case familyNumeric:
			if n, ok := parseAuthNumber(v); ok {
				out.numbers = append(out.numbers, n)
			}
		case familyDate:
			if d, ok := authDate(v); ok {
				out.dates = append(out.dates, d)
			}
		case familyIP:
			if r, ok := authRange(v); ok {
				out.ranges = append(out.ranges, r)
			}
		case familyBinary:
			if familyBinary.takes(v) {
				out.words = append(out.words, v)
			}
		case familyBool, familyNull:
			if familyBool.takes(v) {
				out.words = append(out.words, asciiLower(v))
			}
		}
	}
	return out
}

// arn compiles a value of an ARN condition. Its six parts are compared each by
// itself, so that text with fewer matches nothing, but for "*".
func (c *authCompiler) arn(value string) authPattern {
	t := c.template(value)
	switch {
	case value == "*":
		return authPattern{form: authAnything}
	case t.Keys() == nil && strings.Count(value, ":") < 5:
		return authPattern{}
	}
	return authARN.compile(t, c.slot)
}

// holds reports whether the condition holds for the request.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
func (c *authCondition) holds(e *authEvaluation) authTruth {
	if c.slot < 0 {
		return authYes
	}
	if len(c.source.Values) == 0 {
		return authNo
	}
	values, known := e.values(c.slot)
	if !known {
		return authMaybe
	}
	if c.family == familyNull {
		return authIf(c.has(authWord(values.blank())))
	}
	if c.set != authSingle && values.blank() {
		return authIf(c.set == authForAll)
	}
	if values.len() == 0 {
		return authIf(c.negated || c.ifExists)
	}
	switch c.set {
	case authForAll:
		r := authYes
		for i := range values.len() {
			r = min(r, c.one(values.at(i), e))
		}
		return r
	case authForAny:
		r := authNo
		for i := range values.len() {
			r = max(r, c.one(values.at(i), e))
		}
		return r
	}
	// A key with several values needs a set operator. Without one, any of them
	// matches, and none does where the operator is negated.
	r := authNo
	for i := range values.len() {
		r = max(r, c.matches(values.at(i), e))
	}
	if c.negated {
		return r.not()
	}
	return r
}

// one compares one value of the request.
func (c *authCondition) one(value string, e *authEvaluation) authTruth {
	if c.negated {
		return c.matches(value, e).not()
	}
	return c.matches(value, e)
}

// matches reports whether a value of the request matches one of the values of
// the condition, negated or not.
func (c *authCondition) matches(value string, e *authEvaluation) authTruth {
	switch c.family {
	case familyString, familyARN:
		if c.family == familyARN && !isARNPattern(value) {
			return authNo
		}
		r := authNo
		for i := range c.patterns {
			if c.fold {
				r = max(r, c.patterns[i].matchFold(value, e))
			} else {
				r = max(r, c.patterns[i].match(value, e))
			}
			if r == authYes {
				break
			}
		}
		return r
	case familyNumeric:
		n, ok := parseAuthNumber(value)
		for i := range c.numbers {
			if ok && c.order.holds(n.compare(c.numbers[i])) {
				return authYes
			}
		}
	case familyDate:
		d, ok := authDate(value)
		for i := range c.dates {
			if ok && c.order.holds(d.Compare(c.dates[i])) {
				return authYes
			}
		}
	case familyIP:
		a, err := netip.ParseAddr(value)
		a = a.Unmap()
		for _, r := range c.ranges {
			if err == nil && r.Contains(a) {
				return authYes
			}
		}
	case familyBinary:
		return authIf(c.has(value))
	case familyBool:
		for _, w := range c.words {
			if strings.EqualFold(w, value) {
				return authYes
			}
		}
	}
	return authNo
}

func (c *authCondition) has(word string) bool {
	for _, w := range c.words {
		if w == word {
			return true
		}
	}
	return false
}

func authWord(v bool) string {
	if v {
		return "true"
	}
	return "false"
}

// authRange reads an address or a range. An address stands for itself alone.
func authRange(value string) (netip.Prefix, bool) {
	if !familyIP.takes(value) {
		return netip.Prefix{}, false
	}
	if r, err := netip.ParsePrefix(value); err == nil {
		if a := r.Addr(); a.Is4In6() && r.Bits() >= 96 {
			return netip.PrefixFrom(a.Unmap(), r.Bits()-96), true
		}
		return r, true
	}
	a := netip.MustParseAddr(value).Unmap()
	return netip.PrefixFrom(a, a.BitLen()), true
}

// authDate reads a time as AWS writes it: in one of the W3C profiles of ISO
// 8601, or in seconds since 1970. Four digits are a year.
func authDate(value string) (time.Time, bool) {
	if len(value) != len("2006") {
		if seconds, ok := authSeconds(value); ok {
			return time.Unix(seconds, 0), true
		}
	}
	layout := ""
	switch {
	case len(value) == len("2006"):
		layout = "2006"
	case len(value) == len("2006-01"):
		layout = "2006-01"
	case len(value) == len("2006-01-02"):
		layout = "2006-01-02"
	case len(value) < len("2006-01-02T15:04Z"):
		return time.Time{}, false
	case value[len("2006-01-02T15:04")] == ':':
		layout = time.RFC3339Nano
	default:
		layout = "2006-01-02T15:04Z07:00"
	}
	t, err := time.Parse(layout, value)
	return t, err == nil
}

// authSeconds reads a whole number that fits an int64.
func authSeconds(value string) (n int64, ok bool) {
	digits := strings.TrimPrefix(value, "-")
	if digits == "" || len(digits) > 18 {
		return 0, false
	}
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return 0, false
		}
		n = 10*n + int64(digits[i]-'0')
	}
	if len(digits) < len(value) {
		n = -n
	}
	return n, true
}

// matchFold is match without regard to case, of text without wildcards.
func (p *authPattern) matchFold(value string, e *authEvaluation) authTruth {
	if p.form == authExact {
		return authIf(strings.EqualFold(p.text, value))
	}
	if r := p.resolved(e); r != authYes {
		return r
	}
	var b strings.Builder
	for i := range p.tokens {
		if p.tokens[i].kind == authVariable {
			b.WriteString(e.value(&p.tokens[i]))
		} else {
			b.WriteString(p.tokens[i].text)
		}
	}
	return authIf(strings.EqualFold(b.String(), value))
}

// An authNumber is a decimal number that keeps all its digits.
type authNumber struct {
	negative bool
	digits   string // with a point within, without a sign and an exponent
	point    int    // where the point stands after the first digit that is not 0
	first    int    // the index of that digit; len(digits) for zero
}

// parseAuthNumber reads a decimal number, with an exponent or without. It keeps
// the text and allocates nothing.
func parseAuthNumber(value string) (n authNumber, ok bool) {
	text := value
	if text != "" && (text[0] == '-' || text[0] == '+') {
		n.negative = text[0] == '-'
		text = text[1:]
	}
	exponent := 0
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		e, ok := authSeconds(strings.TrimPrefix(text[i+1:], "+"))
		if !ok || e > 1e6 || e < -1e6 || strings.HasPrefix(text[i+1:], "+-") {
			return n, false
		}
		exponent, text = int(e), text[:i]
	}
	n.digits = text
	n.first = len(text)
	point, count := -1, 0
	leading := 0 // digits before the first that is not 0
	for i := range len(text) {
		switch c := text[i]; {
		case c == '.' && point < 0:
			point = count
		case c < '0' || c > '9':
			return n, false
		default:
			if c != '0' && n.first == len(text) {
				n.first, leading = i, count
			}
			count++
		}
	}
	if count == 0 {
		return n, false
	}
	if point < 0 {
		point = count
	}
	n.point = point - leading + exponent
	return n, true
}

func (n authNumber) zero() bool { return n.first == len(n.digits) }

// compare returns -1, 0 or 1 where n is less than m, the same, or more.
func (n authNumber) compare(m authNumber) int {
	switch {
	case n.zero() && m.zero():
		return 0
	case n.zero():
		return authSign(!m.negative)
	case m.zero():
		return authSign(n.negative)
	case n.negative != m.negative:
		return authSign(n.negative)
	case n.negative:
		return -n.magnitude(m)
	}
	return n.magnitude(m)
}

// authSign returns -1 for less and 1 for more.
func authSign(less bool) int {
	if less {
		return -1
	}
	return 1
}

func (n authNumber) magnitude(m authNumber) int {
	if n.point != m.point {
		return authSign(n.point < m.point)
	}
	for i, k := n.first, m.first; i < len(n.digits) || k < len(m.digits); i, k = i+1, k+1 {
		a, b := byte('0'), byte('0')
		if i < len(n.digits) && n.digits[i] == '.' {
			i++
		}
		if k < len(m.digits) && m.digits[k] == '.' {
			k++
		}
		if i < len(n.digits) {
			a = n.digits[i]
		}
		if k < len(m.digits) {
			b = m.digits[k]
		}
		if a != b {
			return authSign(a < b)
		}
	}
	return 0
}
