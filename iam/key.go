package iam

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// compared applies the rules about one condition of a statement.
func (l *linter) compared(i int, s Statement, c Condition, r *resourceSet) {
	if l.catalog == nil || isFederated(c.Key) {
		return
	}
	key, ok := globalKey(c.Key)
	if !ok {
		key, ok = l.declared(i, s, c, r)
	}
	if ok {
		l.keyType(i, c, key)
		l.keySet(i, c, key)
	}
	l.actionNames(i, c)
}

// declared tests whether the actions of the statement have the key of a
// condition, and returns the key as one of them declares it.
func (l *linter) declared(i int, s Statement, c Condition, r *resourceSet) (ConditionKey, bool) {
	p := suspicion{
		problem: problem{
			code: codeKeyUnsupported, statement: i, steps: []string{"Condition", string(c.Operator), c.Key},
			got: c.Key, want: "a key that the actions have",
		},
		confidence: MediumConfidence, source: "catalog",
	}
	prefix, _, _ := strings.Cut(c.Key, ":")
	if strings.EqualFold(prefix, "aws") && !isTagKey(c.Key) {
		p.summary = fmt.Sprintf("%s is no global key that is known", quote(c.Key))
		p.want = "a global key"
		p.confidence = LowConfidence // AWS adds some every year
		l.check(false, p)
		return ConditionKey{}, false
	}
	var key ConditionKey
	var has, lack []string
	for _, a := range s.Actions {
		k, verdict := l.keyOf(a, c.Key, s, r)
		switch verdict {
		case hasKey:
			if key.Name == "" {
				key = k
			}
			has = append(has, string(a))
		case lacksKey:
			lack = append(lack, string(a))
		case cannotSay:
			l.blocked[codeKeyUnsupported] = true
			l.blocked[codeKeyType] = true
			l.blocked[codeKeySet] = true
		case anyKey:
			l.held[codeKeyUnsupported]++
		}
	}
	if len(lack) > 0 {
		p.summary = fmt.Sprintf("%s is no key of %s", cut(c.Key), listed(lack))
		if len(has) > 0 {
			p.summary += ", beside actions that have it"
		}
		p.got += " on " + listed(lack)
		l.check(false, p)
	} else if len(has) > 0 {
		l.check(true, p)
	}
	return key, key.Name != ""
}

// A keyVerdict says whether an action has a key.
type keyVerdict uint8

const (
	hasKey keyVerdict = iota + 1
	lacksKey
	cannotSay // because the action or the grant is wrong
	anyKey    // the action stands for those of all services
)

// keyOf looks for a key among those of an action on the resources of its
// statement.
func (l *linter) keyOf(a Action, key string, s Statement, r *resourceSet) (ConditionKey, keyVerdict) {
	service, _, _ := strings.Cut(string(a), ":")
	if Action(service).isPattern() {
		return ConditionKey{}, anyKey
	}
	if !a.isPattern() {
		f := l.facts(a)
		if !f.known {
			return ConditionKey{}, cannotSay
		}
		if l.kind == TrustPolicy && l.rides(f.name, s) {
			return ConditionKey{}, anyKey
		}
		return l.keyOn(f, key, r)
	}
	verdict := cannotSay
	for _, known := range l.expand(a) {
		k, v := l.keyOn(l.facts(known), key, r)
		if v == hasKey {
			return k, v
		}
		if v == lacksKey {
			verdict = v
		}
	}
	return ConditionKey{}, verdict
}

// rides reports whether an action of a trust policy is checked within the
// request of another, which has the keys: those that assume a role.
func (l *linter) rides(name Action, s Statement) bool {
	return (name == "sts:TagSession" || name == "sts:SetSourceIdentity") &&
		slices.ContainsFunc(s.Actions, func(a Action) bool { return strings.HasPrefix(asciiLower(string(a)), "sts:assumerole") })
}

// keyOn looks for a key among those that an action has for the resources.
func (l *linter) keyOn(f *actionFacts, key string, r *resourceSet) (ConditionKey, keyVerdict) {
	types := []string{""}
	if len(f.types) > 0 && r.known && !r.all {
		if types = l.typesIn(f, r); types == nil {
			return ConditionKey{}, cannotSay
		}
	}
	for _, t := range types {
		for _, k := range l.keysOf(f, t) {
			if k.Matches(key) {
				return k, hasKey
			}
		}
	}
	return ConditionKey{}, lacksKey
}

// keyType tests the operator against the type of the key.
func (l *linter) keyType(i int, c Condition, key ConditionKey) {
	takes := map[KeyType]family{
		StringKey: familyString, NumericKey: familyNumeric, DateKey: familyDate, BoolKey: familyBool, IPAddressKey: familyIP, ARNKey: familyARN,
	}
	base := c.Operator.Base()
	want, got := takes[key.Type], base.family()
	if want == "" || got == familyNull {
		return
	}
	p := suspicion{
		problem: problem{
			code: codeKeyType, statement: i, steps: []string{"Condition", string(c.Operator), c.Key},
			summary: fmt.Sprintf("%s compares the %s %s as %s", base, typeTitle(want), cut(c.Key), article(typeTitle(got))),
			got:     string(c.Operator), want: "an operator that compares with " + article(string(want)),
		},
		confidence: MediumConfidence, source: "catalog",
	}
	if got == familyString && want != familyIP || got == familyARN && want == familyString {
		p.confidence = LowConfidence // the text is compared, which does where only one spelling is in use
	}
	l.check(got == want || got == familyString && want == familyARN, p)
}

// typeTitle names the type of a family in a sentence.
func typeTitle(f family) string {
	switch f {
	case familyString:
		return "text"
	case familyBool:
		return "boolean"
	case familyIP:
		return "IP address"
	case familyBinary:
		return "binary value"
	}
	return string(f)
}

// article puts a or an in front of a word, but not of "text".
func article(word string) string {
	switch {
	case word == "text":
		return word
	case strings.HasPrefix(word, "IP"), strings.HasPrefix(word, "ARN"):
		return "an " + word
	}
	return "a " + word
}

// keySet tests set operators against how many values the key has.
func (l *linter) keySet(i int, c Condition, key ConditionKey) {
	if !c.Operator.IsForAnyValue() && !c.Operator.IsForAllValues() {
		return
	}
	l.check(key.Multivalued, suspicion{
		problem: problem{
			code: codeKeySet, statement: i, steps: []string{"Condition", string(c.Operator), c.Key},
			summary: fmt.Sprintf("%s stands on %s, of which a request has one value", c.Operator, cut(c.Key)),
			got:     string(c.Operator), want: string(strings.TrimPrefix(strings.TrimPrefix(string(c.Operator), forAllValues), forAnyValue)),
		},
		confidence: MediumConfidence, source: "catalog",
	})
}

// actionNames tests conditions on the name of an action: ec2:CreateAction and
// its like, and kms:GrantOperations.
//
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html
func (l *linter) actionNames(i int, c Condition) {
	service, name, _ := strings.Cut(asciiLower(c.Key), ":")
	if name != "createaction" && service+":"+name != "kms:grantoperations" || c.Operator.Base().family() != familyString {
		return
	}
	like := strings.HasSuffix(string(c.Operator.Base()), "Like")
	anyCase := strings.HasSuffix(string(c.Operator.Base()), "IgnoreCase")
	for k, v := range c.Values {
		if hasVariable(v) && l.doc.Version == Version2012 {
			continue
		}
		action := Action(service + ":" + v)
		var known []Action
		if like && action.isPattern() {
			known = l.expand(action)
			known = slices.DeleteFunc(slices.Clone(known), func(a Action) bool { return !glob(string(action), string(a)) })
		} else if f := l.facts(action); f.known && !action.isPattern() {
			known = []Action{f.name}
		}
		p := suspicion{
			problem: problem{
				code: codeValueUnknown, statement: i, steps: []string{"Condition", string(c.Operator), c.Key, strconv.Itoa(k)}, value: v,
				summary: fmt.Sprintf("%s is compared with %s, which is no action of %s", cut(c.Key), quote(v), service),
				got:     v, want: "an action of " + service + ", without the prefix",
			},
			confidence: MediumConfidence, source: "catalog",
			remedy: "Remove the value.",
		}
		ok := len(known) > 0
		if ok && !like && !anyCase && known[0] != action {
			p.summary = fmt.Sprintf("%s is compared with %s, and the action is written %s", cut(c.Key), quote(v), known[0])
			p.remedy = fmt.Sprintf("Write %s.", strings.TrimPrefix(string(known[0]), service+":"))
			ok = false
		} else if !ok && !action.isPattern() {
			if other := l.otherService(v); other != "" {
				p.summary += ": " + string(other) + " is one of another service"
			} else if near, _ := l.instead(action); near != "" {
				p.remedy = fmt.Sprintf("Write %s, if that is meant, or remove the value.", strings.TrimPrefix(string(near), service+":"))
			}
		}
		l.check(ok, p)
	}
}

// otherService returns the first action of any service with a name.
func (l *linter) otherService(name string) Action {
	if l.guesses++; l.guesses > maxGuesses || Action(name).isPattern() || strings.Contains(name, ":") || name == "" {
		return ""
	}
	if list := l.expand(Action("*:" + name)); len(list) > 0 {
		return list[0]
	}
	return ""
}

// pinned reports whether a statement asks for certain values of a key that the
// name matches.
func (s Statement) pinned(name func(key string) bool) bool {
	return slices.ContainsFunc(s.Conditions, func(c Condition) bool { return c.pins() && name(asciiLower(c.Key)) })
}
