package iam_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/groundway-sdk/groundway/iam"
)

// plainAllows says what documents by themselves allow, in the plainest way:
// some statement that speaks of the request allows it, and none denies it.
func plainAllows(documents []iam.Document, r iam.Request) bool {
	allowed := false
	for _, d := range documents {
		for _, s := range d.Statements {
			if !plainSpeaks(s, r) {
				continue
			}
			if s.Effect == iam.EffectDeny {
				return false
			}
			allowed = true
		}
	}
	return allowed
}

func plainSpeaks(s iam.Statement, r iam.Request) bool {
	action := func(a iam.Action) bool {
		return naiveGlob(strings.ToLower(string(a)), strings.ToLower(string(r.Action)))
	}
	resource := func(p string) bool { return plainResource(p, r.Resource) }
	principal := func(p iam.Principal) bool { return plainPrincipal(p, r.Principal) }
	switch {
	case s.Actions != nil && !slices.ContainsFunc(s.Actions, action),
		s.NotActions != nil && slices.ContainsFunc(s.NotActions, action),
		s.Resources != nil && !slices.ContainsFunc(s.Resources, resource),
		s.NotResources != nil && slices.ContainsFunc(s.NotResources, resource),
		s.Principals != nil && !slices.ContainsFunc(s.Principals, principal):
		return false
	}
	for _, c := range s.Conditions {
		if !plainHolds(c, r.Context) {
			return false
		}
	}
	return true
}

// plainResource matches part by part, but for a * that ends a part and stands
// for what follows too.
func plainResource(pattern, resource string) bool {
	if strings.Trim(pattern, "*") == "" {
		return true
	}
	for strings.Count(pattern, ":") < 5 {
		pattern += ":*" // as policies of identities are read
	}
	return plainParts(pattern, resource, 0)
}

func plainParts(pattern, text string, colons int) bool {
	if pattern == "" {
		return text == ""
	}
	wide := colons >= 5
	rest := pattern[1:]
	switch pattern[0] {
	case '*':
		wide = wide || rest == "" || rest[0] == ':'
		return plainParts(rest, text, colons) || text != "" && (wide || text[0] != ':') && plainParts(pattern, text[1:], colons)
	case '?':
		return text != "" && (wide || text[0] != ':') && plainParts(rest, text[1:], colons)
	case ':':
		colons++
	}
	return text != "" && text[0] == pattern[0] && plainParts(rest, text[1:], colons)
}

func plainPrincipal(p iam.Principal, who string) bool {
	arn, err := iam.ParseARN(who)
	switch {
	case p.Value == "*":
		return true
	case err != nil:
		return p.Value == who
	case len(p.Value) == 12:
		return string(arn.Account) == p.Value && !strings.Contains(arn.Resource, "-provider/")
	case strings.Contains(p.Value, ":role/"):
		role := iam.MustParseARN(p.Value)
		session := strings.HasPrefix(arn.Resource, "assumed-role/"+role.ResourceName()+"/")
		return who == p.Value || session && arn.Account == role.Account
	}
	return p.Value == who
}

func plainHolds(c iam.Condition, context iam.Context) bool {
	values := context[c.Key]
	base := string(c.Operator.Base())
	if len(c.Values) == 0 {
		return false
	}
	if (base == "Null" || c.Operator.IsForAllValues() || c.Operator.IsForAnyValue()) && strings.Join(values, "") == "" {
		values = nil
	}
	if base == "Null" {
		return slices.Contains(c.Values, strconv.FormatBool(len(values) == 0))
	}
	negated := strings.Contains(base, "Not")
	one := func(v string) bool {
		return slices.ContainsFunc(c.Values, func(want string) bool { return plainMatches(base, want, v) })
	}
	switch {
	case c.Operator.IsForAllValues():
		for _, v := range values {
			if one(v) == negated {
				return false
			}
		}
		return true
	case c.Operator.IsForAnyValue():
		for _, v := range values {
			if one(v) != negated {
				return true
			}
		}
		return false
	case len(values) == 0:
		return negated || c.Operator.IsIfExists()
	}
	return one(values[0]) != negated
}

func plainMatches(base, want, have string) bool {
	base = strings.Replace(base, "Not", "", 1)
	number := func(text string) float64 {
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			panic(err)
		}
		return f
	}
	date := func(text string) float64 {
		t, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			panic(err)
		}
		return float64(t.UnixMicro())
	}
	order := func(a, b float64) bool {
		switch {
		case strings.HasSuffix(base, "LessThan"):
			return a < b
		case strings.HasSuffix(base, "LessThanEquals"):
			return a <= b
		case strings.HasSuffix(base, "GreaterThan"):
			return a > b
		case strings.HasSuffix(base, "GreaterThanEquals"):
			return a >= b
		}
		return a == b
	}
	switch {
	case base == "StringLike":
		return naiveGlob(want, have)
	case base == "StringEqualsIgnoreCase", base == "Bool":
		return strings.EqualFold(want, have)
	case base == "ArnLike":
		a, b := strings.SplitN(want, ":", 6), strings.SplitN(have, ":", 6)
		if len(b) != 6 || b[0] != "arn" {
			return false
		}
		for i := range a {
			if !naiveGlob(a[i], b[i]) {
				return false
			}
		}
		return true
	case strings.HasPrefix(base, "Numeric"):
		return order(number(have), number(want))
	case strings.HasPrefix(base, "Date"):
		return order(date(have), date(want))
	case base == "IpAddress":
		return netip.MustParsePrefix(want).Contains(netip.MustParseAddr(have))
	}
	return want == have
}

// A compareWorld is what random documents are made of, and requests that are
// likely to tell them apart.
type compareWorld struct {
	actions    []iam.Action
	resources  []string
	principals []iam.Principal
	conditions []iam.Condition

	does  []iam.Action
	to    []string
	by    []string
	holds map[string][][]string // the values of each key
}

func (w compareWorld) document(r *rand.Rand) iam.Document {
	d := iam.Document{Version: iam.Version2012}
	for range 1 + r.IntN(4) {
		s := iam.Statement{Effect: iam.EffectAllow}
		if len(d.Statements) > 0 && r.IntN(3) == 0 {
			s.Effect = iam.EffectDeny
		}
		if actions := compareSome(r, w.actions); r.IntN(6) == 0 {
			s.NotActions = actions
		} else {
			s.Actions = actions
		}
		if resources := compareSome(r, w.resources); r.IntN(6) == 0 {
			s.NotResources = resources
		} else {
			s.Resources = resources
		}
		if w.principals != nil {
			s.Principals = compareSome(r, w.principals)
		}
		if len(w.conditions) > 0 {
			seen := map[string]bool{}
			for range r.IntN(3) {
				c := w.conditions[r.IntN(len(w.conditions))]
				if place := string(c.Operator) + c.Key; !seen[place] {
					seen[place] = true
					c.Values = compareSome(r, c.Values)
					s.Conditions = append(s.Conditions, c)
				}
			}
		}
		d.Statements = append(d.Statements, s)
	}
	return d
}

// compareSome returns one to three of a list.
func compareSome[T any](r *rand.Rand, list []T) []T {
	some := some(r, list)
	return some[:min(len(some), 1+r.IntN(3))]
}

// requests calls f with all requests of the world.
func (w compareWorld) requests(f func(iam.Request)) {
	contexts := []iam.Context{{}}
	for key, values := range w.holds {
		var more []iam.Context
		for _, c := range contexts {
			for _, v := range values {
				with := iam.Context{}
				for k, v := range c {
					with[k] = v
				}
				if v != nil {
					with[key] = v
				}
				more = append(more, with)
			}
		}
		contexts = more
	}
	by := w.by
	if by == nil {
		by = []string{"arn:aws:iam::111122223333:user/demo"}
	}
	for _, a := range w.does {
		for _, to := range w.to {
			for _, who := range by {
				for _, c := range contexts {
					f(iam.Request{Principal: who, Action: a, Resource: to, Context: c})
				}
			}
		}
	}
}

// compareWorlds are small enough to try everything.
func compareWorlds() map[string]compareWorld {
	texts := func(prefix string, letters string, length int) (list []string) {
		for _, t := range texts(letters, length) {
			if len(t) > 0 {
				list = append(list, prefix+t)
			}
		}
		return list
	}
	actions := func(list []string) (out []iam.Action) {
		for _, a := range list {
			out = append(out, iam.Action(a))
		}
		return out
	}
	one := []iam.Action{"s:a"}
	star := []string{"*"}
	cond := func(key string, list ...any) (out []iam.Condition) {
		var values []string
		for i := len(list) - 1; list[i] != nil; i-- {
			values = append(values, list[i].(string))
		}
		for _, op := range list {
			if op == nil {
				break
			}
			out = append(out, iam.Condition{Operator: iam.Operator(op.(string)), Key: key, Values: values})
		}
		return append(out, iam.KeyPresent(key), iam.KeyAbsent(key))
	}
	return map[string]compareWorld{
		"actions": {
			actions: append(actions(texts("s:", "ab*?", 3)), "*", "s*", "?:a*", "*a", "S:A", "*:b?"), resources: star,
			does: append(actions(texts("s:", "abc", 4)), "t:a", "t:b", "t:ab", "ss:a", "t:ba", "t:bc"), to: star,
		},
		"resources": {
			actions: one, does: one,
			resources: append(texts("arn:p:s:::", "ab*?", 3), "*", "arn:*", "arn:p:s*:a", "arn:p:s:*:*:a", "arn:?:s:::*a*", "arn:p:s:a*b::*", "arn:p*:s:::a", "arn:p:*:a"),
			to: slices.Concat(texts("arn:p:s:::", "abc", 4), texts("arn:p:s:a:b:", "ab:", 2), star,
				[]string{"arn:p:s:ab::x", "arn:p:s:a:b:a", "arn:q:s:::a", "arn:pp:s:::a", "arn:pq:t:::a", "arn:p:t:x:y:a", "arn:p:s:b:a:x"}),
		},
		"both": {
			actions: []iam.Action{"s:a", "s:b", "s:*", "s:?a", "*"}, resources: []string{"*", "arn:p:s:::a*", "arn:p:s:::*b", "arn:p:s:::ab", "arn:p:s:::?"},
			does: []iam.Action{"s:a", "s:b", "s:c", "s:ca", "t:c"}, to: append(texts("arn:p:s:::", "abc", 3), "*"),
		},
		"principals": {
			actions: []iam.Action{"s:a", "s:*"}, resources: []string{"*", "arn:p:s:::a"},
			principals: []iam.Principal{
				iam.AWSPrincipal("*"), iam.AccountRoot("111122223333"), iam.AWSPrincipal("arn:aws:iam::111122223333:user/a"), iam.AWSPrincipal("arn:aws:iam::111122223333:role/b"),
				iam.AWSPrincipal("arn:aws:sts::111122223333:assumed-role/b/s"), iam.ServicePrincipal("ec2.amazonaws.com"), iam.FederatedPrincipal("accounts.google.com"),
			},
			does: []iam.Action{"s:a", "s:b"}, to: []string{"*", "arn:p:s:::a"},
			by: []string{
				"arn:aws:iam::111122223333:user/a", "arn:aws:iam::111122223333:user/x", "arn:aws:iam::444455556666:user/a", "arn:aws:iam::111122223333:role/b",
				"arn:aws:sts::111122223333:assumed-role/b/s", "arn:aws:sts::111122223333:assumed-role/b/t", "ec2.amazonaws.com", "eks.amazonaws.com", "accounts.google.com", "*",
			},
		},
		"text": {
			actions: one, does: one, resources: star, to: star,
			conditions: slices.Concat(
				cond("k:k", "StringEquals", "StringNotEquals", "StringEqualsIfExists", "StringEqualsIgnoreCase", nil, "a", "b", "A", "ab"),
				cond("k:k", "StringLike", "StringNotLike", "StringLikeIfExists", nil, "a*", "*b", "?", "a?b", "*"),
			),
			holds: map[string][][]string{"k:k": {nil, {""}, {"a"}, {"b"}, {"A"}, {"B"}, {"ab"}, {"c"}, {"AB"}, {"acb"}, {"ac"}, {"cb"}, {"cc"}, {"abb"}, {"aab"}}},
		},
		"two keys": {
			actions: []iam.Action{"s:a", "s:b", "s:*"}, does: []iam.Action{"s:a", "s:b", "s:c"}, resources: []string{"*", "arn:p:s:::a"}, to: []string{"*", "arn:p:s:::a"},
			conditions: slices.Concat(
				cond("k:k", "StringEquals", "StringNotEquals", "StringLike", nil, "a", "a*", "b"),
				cond("k:b", "Bool", "BoolIfExists", nil, "true", "false"),
			),
			holds: map[string][][]string{"k:k": {nil, {"a"}, {"b"}, {"ab"}, {"a*"}, {"c"}}, "k:b": {nil, {"true"}, {"false"}}},
		},
		"numbers": {
			actions: one, does: one, resources: star, to: star,
			conditions: cond("k:n", "NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEqualsIfExists", nil, "1", "2", "2.5", "-3", "10"),
			holds:      map[string][][]string{"k:n": {nil, {"-4"}, {"-3"}, {"0"}, {"1"}, {"1.5"}, {"2"}, {"2.2"}, {"2.5"}, {"5"}, {"10"}, {"11"}}},
		},
		"dates": {
			actions: one, does: one, resources: star, to: star,
			conditions: cond("k:d", "DateEquals", "DateNotEquals", "DateLessThan", "DateGreaterThan", "DateLessThanEquals", nil, "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"),
			holds:      map[string][][]string{"k:d": {nil, {"2025-01-01T00:00:00Z"}, {"2026-01-01T00:00:00Z"}, {"2026-06-01T00:00:00Z"}, {"2027-01-01T00:00:00Z"}, {"2028-01-01T00:00:00Z"}}},
		},
		"addresses": {
			actions: one, does: one, resources: star, to: star,
			conditions: cond("aws:SourceIp", "IpAddress", "NotIpAddress", "IpAddressIfExists", nil, "10.0.0.0/8", "10.0.0.0/9", "10.128.0.0/9", "0.0.0.0/0", "2001:db8::/32", "192.0.2.1/32"),
			holds:      map[string][][]string{"aws:SourceIp": {nil, {"10.1.0.0"}, {"10.200.0.0"}, {"192.0.2.1"}, {"192.0.2.2"}, {"2001:db8::5"}, {"2001:db9::5"}}},
		},
		"arns": {
			actions: one, does: one, resources: star, to: star,
			conditions: cond("aws:SourceArn", "ArnLike", "ArnNotLike", "ArnLikeIfExists", nil, "arn:aws:s3:::a*", "arn:*:s3:::*", "arn:aws:*:*:*:ab", "arn:aws:e?2:*:1*:*"),
			holds:      map[string][][]string{"aws:SourceArn": {nil, {"arn:aws:s3:::a"}, {"arn:aws:s3:::ab"}, {"arn:x:s3:::a"}, {"arn:aws:ec2:r:1:ab"}, {"arn:aws:ec2:r:2:ab"}, {"arn:aws:ec2::11:c"}, {"x"}}},
		},
		"sets": {
			actions: one, does: one, resources: star, to: star,
			conditions: cond("aws:TagKeys", "ForAnyValue:StringEquals", "ForAllValues:StringEquals", "ForAllValues:StringNotEquals", "ForAnyValue:StringNotEquals", "ForAnyValue:StringLike", "ForAllValues:StringLike", nil, "a", "b", "a*"),
			holds:      map[string][][]string{"aws:TagKeys": {nil, {"a"}, {"b"}, {"c"}, {"ac"}, {"a*"}, {"a", "b"}, {"a", "c"}, {"b", "c"}, {"a", "ac"}, {"b", "ac"}, {"a", "b", "c"}, {"a", "b", "ac"}, {"a", "b", "c", "ac", "a*"}}},
		},
	}
}

// checkCompare holds an answer against all requests of a world.
func checkCompare(t testing.TB, w compareWorld, p, q []iam.Document, o iam.CompareOptions) iam.Comparison {
	answer, err := iam.Compare(p, q, o)
	require.NoError(t, err)
	text := func() string { return fmt.Sprintf("%v\n%v\n%+v", p, q, answer) }
	// What is claimed of requests holds for the witness, by the plain rules.
	for _, claim := range []struct {
		request       *iam.Request
		first, second bool
	}{{answer.First, true, false}, {answer.Second, false, true}, {answer.Both, true, true}} {
		if claim.request != nil {
			require.Equal(t, claim.first, plainAllows(p, *claim.request), text())
			require.Equal(t, claim.second, plainAllows(q, *claim.request), text())
		}
	}
	first, second, both := false, false, false
	w.requests(func(r iam.Request) {
		a, b := plainAllows(p, r), plainAllows(q, r)
		first, second, both = first || a && !b, second || b && !a, both || a && b
	})
	switch answer.Relation {
	case iam.RelationEqual:
		assert.False(t, first || second, text())
	case iam.RelationWithin:
		assert.False(t, first, text())
		assert.NotNil(t, answer.Second, text())
	case iam.RelationContains:
		assert.False(t, second, text())
		assert.NotNil(t, answer.First, text())
	case iam.RelationDisjoint:
		assert.False(t, both, text())
		assert.NotNil(t, answer.Second, text())
		assert.NotNil(t, answer.First, text())
	case iam.RelationOverlapping:
		assert.NotNil(t, answer.First, text())
		assert.NotNil(t, answer.Second, text())
		assert.NotNil(t, answer.Both, text())
	default:
		assert.Equal(t, iam.RelationUndecided, answer.Relation)
		assert.NotEmpty(t, answer.Undecided)
	}
	return answer
}

// TestCompareAgainstEverything compares random documents and tries all requests
// of a small world in both directions.
func TestCompareAgainstEverything(t *testing.T) {
	for name, w := range compareWorlds() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := iam.CompareOptions{}
			if w.principals != nil {
				o.Kind = iam.ResourcePolicy
			}
			seen := map[iam.Relation]int{}
			for seed := range uint64(400) {
				r := rand.New(rand.NewPCG(seed, 1))
				p, q := []iam.Document{w.document(r)}, []iam.Document{w.document(r)}
				if r.IntN(2) == 0 {
					q = append([]iam.Document{w.document(r)}, p...) // which has more in common
				}
				answer := checkCompare(t, w, p, q, o)
				require.NotEqual(t, iam.RelationUndecided, answer.Relation, "%s\n%v\n%v", answer.Undecided, p, q)
				seen[answer.Relation]++
				back := checkCompare(t, w, q, p, o)
				require.Equal(t, mirrored(answer.Relation), back.Relation)
				if t.Failed() {
					return
				}
			}
			t.Log(seen)
			assert.Greater(t, len(seen), 3)
		})
	}
}

func mirrored(r iam.Relation) iam.Relation {
	switch r {
	case iam.RelationWithin:
		return iam.RelationContains
	case iam.RelationContains:
		return iam.RelationWithin
	}
	return r
}

// TestCompareVariables compares random documents with policy variables and keys
// of several types, which cannot always be decided. What is claimed holds for
// all requests of a small world, as the Authorizer answers them.
func TestCompareVariables(t *testing.T) {
	w := compareWorld{
		actions:   []iam.Action{"s:a", "s:*"},
		resources: []string{"arn:p:s:::${aws:username}", "arn:p:s:::${aws:username}/*", "arn:p:s:::a*", "arn:p:s:::a/b", "arn:p:s:::${k:k, 'a'}", "arn:p:s:::${*}", "*"},
		conditions: []iam.Condition{
			{Operator: "StringEquals", Key: "k:k", Values: []string{"${aws:username}", "a", "1"}},
			{Operator: "StringNotEquals", Key: "k:k", Values: []string{"${aws:username}", "b"}},
			{Operator: "StringLike", Key: "k:k", Values: []string{"${aws:username}*", "a*", "1*"}},
			{Operator: "NumericLessThan", Key: "k:k", Values: []string{"2", "12"}},
			{Operator: "StringEquals", Key: "aws:username", Values: []string{"a", "b"}},
			iam.KeyPresent("k:k"), iam.KeyAbsent("aws:username"),
		},
		does: []iam.Action{"s:a", "s:b"}, to: []string{"*", "arn:p:s:::a", "arn:p:s:::b", "arn:p:s:::a/b", "arn:p:s:::b/c", "arn:p:s:::*", "arn:p:s:::ab"},
		holds: map[string][][]string{"k:k": {nil, {"a"}, {"b"}, {"ab"}, {"1"}, {"11"}, {"3"}}, "aws:username": {{}, {"a"}, {"b"}, {"c"}}},
	}
	seen := map[iam.Relation]int{}
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 6))
		p, q := []iam.Document{w.document(r)}, []iam.Document{w.document(r)}
		if r.IntN(2) == 0 {
			q = append([]iam.Document{w.document(r)}, p...)
		}
		c, err := iam.Compare(p, q, iam.CompareOptions{})
		require.NoError(t, err)
		seen[c.Relation]++
		a, b := iam.MustCompile(iam.Policies{Identity: p}), iam.MustCompile(iam.Policies{Identity: q})
		allows := func(a *iam.Authorizer, r iam.Request) bool {
			d, err := a.Authorize(r)
			require.NoError(t, err)
			return d.Verdict == iam.Allowed
		}
		if c.First != nil {
			require.True(t, allows(a, *c.First) && !allows(b, *c.First), "%v\n%v\n%+v", p, q, *c.First)
		}
		if c.Second != nil {
			require.True(t, !allows(a, *c.Second) && allows(b, *c.Second), "%v\n%v\n%+v", p, q, *c.Second)
		}
		first, second, both := false, false, false
		w.requests(func(r iam.Request) {
			x, y := allows(a, r), allows(b, r)
			first, second, both = first || x && !y, second || y && !x, both || x && y
		})
		switch c.Relation {
		case iam.RelationEqual:
			require.False(t, first || second, "%v\n%v", p, q)
		case iam.RelationWithin:
			require.False(t, first, "%v\n%v", p, q)
		case iam.RelationContains:
			require.False(t, second, "%v\n%v", p, q)
		case iam.RelationDisjoint:
			require.False(t, both, "%v\n%v", p, q)
		}
	}
	t.Log(seen)
	assert.Greater(t, len(seen), 4)
	assert.Less(t, seen[iam.RelationUndecided], 150) // most is decided
}
