package iam

import (
	"fmt"
	"strconv"
	"strings"
)

func (c *checker) conditions(i int, s Statement) {
	if s.Conditions != nil {
		c.test(len(s.Conditions) > 0, problem{
			code: codeConditionEmpty, statement: i, steps: []string{"Condition"}, summary: "Condition is empty",
			got: "{}", want: "an operator with a key",
		})
	}
	seen := conditionsSeen{spellings: map[string]string{}, operators: map[Operator]bool{}, guarded: map[string]bool{}}
	for _, cond := range s.Conditions {
		if cond.Operator == "Null" && len(cond.Values) == 1 && strings.EqualFold(cond.Values[0], "false") {
			seen.guarded[conditionKey(cond.Key)] = true
		}
	}
	for _, cond := range s.Conditions {
		c.condition(i, s, cond, seen)
	}
}

// conditionsSeen is what the rules about one condition know of the others.
type conditionsSeen struct {
	spellings map[string]string // operator and key in normal form, to the key
	operators map[Operator]bool // already tested
	guarded   map[string]bool   // keys that have to be in the request
}

func (c *checker) condition(i int, s Statement, cond Condition, seen conditionsSeen) {
	operator := string(cond.Operator)
	valid := cond.Operator.IsValid()
	if !seen.operators[cond.Operator] {
		c.test(valid, problem{
			code: codeConditionOperator, statement: i, steps: []string{"Condition", operator},
			summary: fmt.Sprintf("AWS has no condition operator %s", quote(operator)), got: operator, want: "an operator of the reference",
		})
		seen.operators[cond.Operator] = true
	}
	p := problem{
		code: codeConditionEmpty, statement: i, steps: []string{"Condition", operator, cond.Key},
		summary: fmt.Sprintf("The condition %s %s has no value", plain(operator), quote(cond.Key)), got: "no value", want: "at least one value",
	}
	if cond.Key == "" {
		p.steps = p.steps[:2]
		p.summary = fmt.Sprintf("The condition operator %s has no key", plain(operator))
		p.got, p.want = "no key", "a key with a value"
		c.test(false, p)
		return
	}
	c.test(len(cond.Values) > 0, p)

	p.code = codeConditionKey
	p.summary = fmt.Sprintf("The condition key %s has no prefix", quote(cond.Key))
	p.got, p.want = cond.Key, "PREFIX:NAME"
	prefix, name, ok := strings.Cut(cond.Key, ":")
	c.test(ok && prefix != "" && name != "", p)

	if !valid {
		return
	}
	spelling := operator + " " + conditionKey(cond.Key)
	first, dup := seen.spellings[spelling]
	seen.spellings[spelling] = cond.Key
	p.code = codeConditionDuplicate
	p.summary = fmt.Sprintf("The condition key %s stands under %s twice, also as %s", quote(cond.Key), operator, quote(first))
	p.want = "one spelling"
	if !dup || first != cond.Key || c.kind != kindInvalid {
		c.test(!dup, p) // the builder reports the same spelling itself
	}

	family := cond.Operator.Base().family()
	for k, v := range cond.Values {
		c.conditionValue(i, cond, k, v, family)
	}
	if cond.Operator.IsForAllValues() && s.Effect == EffectAllow && c.kind != ServiceControlPolicy && c.kind != ResourceControlPolicy {
		p.code = codeConditionAllValues
		p.summary = fmt.Sprintf("%s on %s also allows requests without the key", operator, plain(cond.Key))
		p.got, p.want = operator, `Null with "false" on the same key`
		c.test(seen.guarded[conditionKey(cond.Key)], p)
	}
}

func (c *checker) conditionValue(i int, cond Condition, k int, v string, f family) {
	steps := []string{"Condition", string(cond.Operator), cond.Key, strconv.Itoa(k)}
	takesVariables := f == familyString || f == familyARN
	if takesVariables || !hasVariable(v) {
		c.test(f.takes(v), problem{
			code: codeConditionValue, statement: i, steps: steps, value: v,
			summary: fmt.Sprintf("%s %s compares with %s, which is no %s", cond.Operator, plain(cond.Key), quote(v), f), got: v, want: string(f),
		})
	}
	c.variables(i, steps, v, func(Template) string {
		if takesVariables {
			return ""
		}
		return "under " + string(cond.Operator)
	})
}

// variables tests text that may hold policy variables; unsupported says where
// AWS would not replace one.
func (c *checker) variables(i int, steps []string, text string, unsupported func(Template) string) {
	if !hasVariable(text) {
		return
	}
	p := problem{code: codeVersionVariables, statement: i, steps: steps, value: text, got: text}
	switch c.doc.Version {
	case Version2012:
	case "", Version2008:
		p.summary = fmt.Sprintf("%s is literal text in a document that is not of 2012-10-17", quote(text))
		p.want = "Version 2012-10-17"
		c.test(false, p)
		return
	default:
		return
	}
	c.held[codeVersionVariables]++
	t, err := ParseTemplate(text)
	p.code = codeVariableInvalid
	p.want = "${KEY} or ${KEY, 'default'}"
	if err != nil {
		p.summary = strings.TrimPrefix(err.Error(), "parse template ")
	}
	c.test(err == nil, p)
	if err != nil || t.Keys() == nil {
		return
	}
	p.code = codeVariableUnsupported
	where := unsupported(t)
	p.summary = fmt.Sprintf("%s has a policy variable %s, where AWS does not replace it", quote(text), where)
	p.want = "a variable in the last part of a resource, or in a String or Arn condition"
	c.test(where == "", p)
}
