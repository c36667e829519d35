package iam

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// compared applies the rules about one condition of a statement.
func (l *linter) compared(i int, c Condition, keys *statementKeys) {
	if l.catalog == nil || isFederated(c.Key) {
		return
	}
	key, ok := globalKey(c.Key)
	if !ok {
		key, ok = l.declared(i, c, keys)
	}
	if ok {
		l.keyType(i, c, key)
		l.keySet(i, c, key)
	}
	l.actionNames(i, c)
}

// declared tests whether the actions of the statement have the key of a
// condition, and returns the key as one of them declares it.
func (l *linter) declared(i int, c Condition, keys *statementKeys) (ConditionKey, bool) {
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
	if keys.actions == nil {
		l.readKeys(keys)
	}
	if keys.unsure {
		l.blocked[codeKeyUnsupported] = true
		l.blocked[codeKeyType] = true
		l.blocked[codeKeySet] = true
	}
	l.held[codeKeyUnsupported] += keys.free
	v := keys.verdict(c.Key)
	if v.lacking > 0 {
		lack := listedOf(v.lack, v.lacking)
		p.summary = fmt.Sprintf("%s is no key of %s", plain(c.Key), lack)
		if v.has {
			p.summary += ", beside actions that have it"
		}
		p.got += " on " + lack
		l.check(false, p)
	} else if v.has {
		l.check(true, p)
	}
	return v.key, v.has
}

// A statementKeys is the condition keys of the actions of a statement. They are
// read when the first condition needs them, and turned round: from the key to
// the actions, so that many conditions on many actions cost no more than both
// together.
type statementKeys struct {
	statement Statement
	resources *resourceSet

	actions []Action                 // of which is known what keys they have; not nil when read
	unsure  bool                     // of some it is not, because the action or the grant is wrong
	free    int                      // how many stand for the actions of all services, and have any key
	named   map[string][]declaration // by the name in lower case
	open    []string                 // those of the names that have a placeholder, as patterns
	asked   map[string]keyVerdict    // by the names that a key matches
}

// A declaration is the key as an action of the statement has it.
type declaration struct {
	action int
	key    ConditionKey
}

// A keyVerdict says which actions of a statement have a key.
type keyVerdict struct {
	has     bool
	key     ConditionKey // as the first action that has it declares it
	lack    []string     // the first few actions that do not have it
	lacking int
}

// verdict looks for a key among those of the actions.
func (k *statementKeys) verdict(name string) keyVerdict {
	name = asciiLower(name)
	var names []string
	if k.named[name] != nil {
		names = append(names, name)
	}
	for _, pattern := range k.open {
		if glob(pattern, name) && pattern != name {
			names = append(names, pattern)
		}
	}
	asked := strings.Join(names, "\n")
	v, ok := k.asked[asked]
	if ok {
		return v
	}
	has := make([]bool, len(k.actions))
	first := len(k.actions)
	for _, n := range names {
		for _, d := range k.named[n] {
			has[d.action] = true
			if d.action < first {
				first, v.key, v.has = d.action, d.key, true
			}
		}
	}
	for i, a := range k.actions {
		if has[i] {
			continue
		}
		if v.lacking++; len(v.lack) < mostListed {
			v.lack = append(v.lack, string(a))
		}
	}
	k.asked[asked] = v
	return v
}

// readKeys asks for the keys of the actions of a statement.
func (l *linter) readKeys(k *statementKeys) {
	k.actions, k.named, k.asked = []Action{}, map[string][]declaration{}, map[string]keyVerdict{}
	for _, a := range k.statement.Actions {
		service, _, _ := strings.Cut(string(a), ":")
		if Action(service).isPattern() {
			k.free++
			continue
		}
		names := []Action{a}
		if a.isPattern() {
			if names = nil; l.afford(a) {
				names = l.expand(a)
			}
		}
		sure := false
		for _, name := range names {
			f := l.facts(name)
			if !f.known {
				continue
			}
			if l.kind == TrustPolicy && !a.isPattern() && l.rides(f.name, k.statement) {
				k.free++
				sure = true
				break
			}
			types := []string{""}
			if len(f.types) > 0 && k.resources.known && !k.resources.all {
				if types = l.typesIn(f, k.resources); types == nil {
					continue
				}
			}
			if !sure {
				sure = true
				k.actions = append(k.actions, a)
			}
			for _, t := range types {
				k.declare(l.keysOf(f, t))
			}
		}
		k.unsure = k.unsure || !sure
	}
}

// declare notes keys of the last action.
func (k *statementKeys) declare(keys []ConditionKey) {
	last := len(k.actions) - 1
	for _, key := range keys {
		name := asciiLower(key.Name)
		if pattern := placeholdersAs(name, "?*"); pattern != name {
			name = pattern
			if k.named[name] == nil {
				k.open = append(k.open, name)
			}
		}
		list := k.named[name]
		if len(list) > 0 && list[len(list)-1].action == last {
			continue
		}
		k.named[name] = append(list, declaration{last, key})
	}
}

// rides reports whether an action of a trust policy is checked within the
// request of another, which has the keys: those that assume a role.
func (l *linter) rides(name Action, s Statement) bool {
	return (name == "sts:TagSession" || name == "sts:SetSourceIdentity") &&
		slices.ContainsFunc(s.Actions, func(a Action) bool { return strings.HasPrefix(asciiLower(string(a)), "sts:assumerole") })
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
			summary: fmt.Sprintf("%s compares the %s %s as %s", base, typeTitle(want), plain(c.Key), article(typeTitle(got))),
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
			summary: fmt.Sprintf("%s stands on %s, of which a request has one value", c.Operator, plain(c.Key)),
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
	if name != "createaction" && service+":"+name != "kms:grantoperations" || c.Operator.Base().family() != familyString || Action(service).isPattern() {
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
			if !l.afford(action) {
				continue
			}
			known = l.expand(action)
			known = slices.DeleteFunc(slices.Clone(known), func(a Action) bool { return !glob(string(action), string(a)) })
		} else if f := l.facts(action); f.known && !action.isPattern() {
			known = []Action{f.name}
		}
		p := suspicion{
			problem: problem{
				code: codeValueUnknown, statement: i, steps: []string{"Condition", string(c.Operator), c.Key, strconv.Itoa(k)}, value: v,
				summary: fmt.Sprintf("%s is compared with %s, which is no action of %s", plain(c.Key), quote(v), service),
				got:     v, want: "an action of " + service + ", without the prefix",
			},
			confidence: MediumConfidence, source: "catalog",
			remedy: "Remove the value.",
		}
		ok := len(known) > 0
		if ok && !like && !anyCase && known[0] != action {
			p.summary = fmt.Sprintf("%s is compared with %s, and the action is written %s", plain(c.Key), quote(v), known[0])
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
