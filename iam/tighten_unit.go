package iam

import (
	"cmp"
	"slices"
	"strings"
)

// units returns what an action of a statement may be done to.
func (t *tightener) units(name Action, s Statement, r *resourceSet) []unit {
	f := t.facts(name)
	switch {
	case len(f.types) == 0 && r.all:
		return []unit{{name, []string{"*"}, nil, BoundStar, reasonStar}}
	case len(f.types) == 0:
		return []unit{{name, s.Resources, nil, BoundKept, "AWS takes no resource for these actions, so that named ones allow nothing."}}
	}
	if slices.ContainsFunc(f.types, typeFacts.anyService) {
		if r.all {
			return []unit{{name, []string{"*"}, nil, BoundStar, reasonForeign}}
		}
		return []unit{{name, s.Resources, nil, BoundARN, reasonARN}}
	}
	var units []unit
	for _, kind := range t.typesOf(f) {
		created := t.creates(f, kind)
		arns, named := t.intent.fill(name.Service(), kind, created)
		if f.level == ListAccess || f.level == ReadAccess {
			arns = append(arns, t.intent.ofAWS(name.Service(), kind)...)
		}
		arns = t.inside(arns, name.Service(), kind, r)
		if arns == nil {
			continue
		}
		units = append(units, t.bounded(f, kind, arns, named, created)...)
	}
	if units == nil {
		return []unit{{name, s.Resources, nil, BoundKept, reasonDead}}
	}
	if name == passRole && len(t.intent.PassTo) > 0 {
		for i := range units {
			units[i].added = append(units[i].added, t.intent.passTo())
		}
	}
	return units
}

// typesOf returns the types of an action that the intent is about: with a
// bucket, the bucket and its objects and no access points.
func (t *tightener) typesOf(f *actionFacts) []ResourceType {
	if f.name.Service() == "s3" && t.intent.Bucket != "" {
		isBucket := func(r ResourceType) bool { return r.Name == "bucket" || r.Name == "object" }
		if slices.ContainsFunc(f.kinds, isBucket) {
			return slices.DeleteFunc(slices.Clone(f.kinds), func(r ResourceType) bool { return !isBucket(r) })
		}
	}
	return f.kinds
}

// inside returns what the resources of the statement and the ARNs of a type have
// in common. A resource that some ARN of the type may match, and none of these,
// is one of another name than the intent's: it stays, within the partition,
// region and account of the intent if it is in them. All of the list lies within
// the resources of the statement.
func (t *tightener) inside(arns []string, service string, kind ResourceType, r *resourceSet) []string {
	if r.all {
		return sorted(arns)
	}
	key := service + " " + kind.Name + "\n" + strings.Join(arns, "\n")
	if list, ok := r.inside[key]; ok {
		return slices.Clone(list)
	}
	place := TightenIntent{Partition: t.intent.Partition, Region: t.intent.Region, Account: t.intent.Account}
	anyName, _ := place.fill(service, kind, false)
	patterns := readAll(kind.Patterns())
	var list []string
	for _, given := range r.near(patterns) {
		common := given.meetAll(readAll(arns))
		if common == nil && slices.ContainsFunc(patterns, given.overlaps) {
			common = given.meetAll(readAll(anyName))
			if common == nil {
				common = []string{given.text}
			}
		}
		list = append(list, common...)
	}
	list = sorted(list)
	r.inside[key] = list
	return slices.Clone(list)
}

// creates reports whether an action creates resources of a type, and can tag
// them while it does.
func (t *tightener) creates(f *actionFacts, kind ResourceType) bool {
	_, name, _ := strings.Cut(string(f.name), ":")
	return f.level == WriteAccess && t.has(f, kind.Name, t.requestTag()) &&
		(!t.has(f, kind.Name, t.resourceTag()) || strings.HasPrefix(name, "Create"))
}

// makes reports whether what an action creates is of a type that it has. EC2 is
// documented so. Elsewhere the type may be that of the parent, as the cluster of
// eks:CreateNodegroup, and what the action makes is in its name.
func (t *tightener) makes(f *actionFacts, kind ResourceType) bool {
	if f.name.Service() == "ec2" {
		return true
	}
	of, _, _ := strings.Cut(kind.Name, "/")
	return strings.Contains(asciiLower(string(f.name)), asciiLower(strings.ReplaceAll(of, "-", "")))
}

// mustBeNew reports whether an action cannot be done without a resource of the
// type: it is required, or one of several of which none is.
func mustBeNew(f *actionFacts, kind ResourceType) bool {
	return kind.Required || !slices.ContainsFunc(f.kinds, func(r ResourceType) bool { return r.Required })
}

// has reports whether the documentation has a key with an action on a type, and
// not only with the type.
func (t *tightener) has(f *actionFacts, kind, key string) bool {
	return slices.ContainsFunc(t.keysOf(f, kind), func(k ConditionKey) bool { return !k.OfType && k.Matches(key) })
}

// The tag of the intent as a key; without one, the key of any tag.
func (t *tightener) requestTag() string { return "aws:RequestTag/" + cmp.Or(t.intent.TagKey, "x") }

func (t *tightener) resourceTag() string { return "aws:ResourceTag/" + cmp.Or(t.intent.TagKey, "x") }

// createAction returns the key that says which action sets the tags, if the
// action is one that sets tags of anything.
func (t *tightener) createAction(f *actionFacts) string {
	key := f.name.Service() + ":CreateAction"
	if f.level == TaggingAccess && slices.ContainsFunc(t.keysOf(f, ""), func(k ConditionKey) bool { return k.Matches(key) }) {
		return key
	}
	return ""
}

// findCreators notes what the document can create.
func (t *tightener) findCreators() {
	seen := map[Action]bool{}
	for _, s := range t.doc.Statements {
		if s.Effect != EffectAllow {
			continue
		}
		for _, a := range s.Actions {
			service, _, ok := strings.Cut(string(a), ":")
			if !ok || Action(service).isPattern() {
				continue
			}
			names := []Action{a}
			if a.isPattern() {
				if !t.afford(a) {
					continue
				}
				names = t.expand(a)
			}
			for _, name := range names {
				if f := t.facts(name); f.known && !seen[f.name] {
					seen[f.name] = true
					t.findCreated(f)
				}
			}
		}
	}
	for service, names := range t.creators {
		t.creators[service] = sorted(names)
	}
}

func (t *tightener) findCreated(f *actionFacts) {
	service, name, _ := strings.Cut(string(f.name), ":")
	for _, kind := range f.kinds {
		if !t.creates(f, kind) {
			continue
		}
		if t.makes(f, kind) {
			key := service + " " + kind.Name
			t.taggable[key] = true
			t.created[key] = t.created[key] || mustBeNew(f, kind)
		}
		t.creators[service] = append(t.creators[service], name)
	}
}

// bounded returns an action on resources of one type with the conditions that
// the two can carry.
func (t *tightener) bounded(f *actionFacts, kind ResourceType, arns []string, named, created bool) []unit {
	service := f.name.Service()
	key := service + " " + kind.Name
	plain := unit{f.name, arns, nil, BoundARN, reasonARN}
	tag := t.intent.TagKey != ""
	tagged := StringEquals(t.resourceTag(), t.intent.TagValue)
	switch createAction := t.createAction(f); {
	case named:
	case createAction != "" && t.pins[asciiLower(createAction)]:
		plain.bound, plain.reason = BoundCreateAction, reasonCreating
	case createAction != "" && t.pins[asciiLower(tagged.Key)]:
		plain.bound, plain.reason = BoundResourceTag, reasonTagged
	case tag && createAction != "" && len(t.creators[service]) > 0:
		// Where there are few types, those that the documentation does not say how
		// to create may stand with the others.
		if !t.taggable[key] && len(f.types) > maxTypes {
			return nil
		}
		units := []unit{{f.name, arns, []Condition{StringEquals(createAction, t.creators[service]...)}, BoundCreateAction, reasonCreating}}
		// On a type that has the key by itself the condition costs nothing where
		// the action does not send it.
		if slices.ContainsFunc(t.keysOf(f, kind.Name), func(k ConditionKey) bool { return k.Matches(tagged.Key) }) {
			units = append(units, unit{f.name, arns, []Condition{tagged}, BoundResourceTag, reasonTagged})
		}
		return units
	case tag && created && mustBeNew(f, kind):
		plain.added = []Condition{StringEquals(t.requestTag(), t.intent.TagValue)}
		plain.bound, plain.reason = BoundRequestTag, reasonRequest
	case t.intent.VPC != "" && !created && service == "ec2" && t.has(f, kind.Name, "ec2:Vpc"):
		plain.added = []Condition{ArnEquals("ec2:Vpc", t.intent.vpcARN())}
		plain.bound, plain.reason = BoundVPC, reasonVPC
	case tag && t.created[key] && t.has(f, kind.Name, tagged.Key):
		plain.added = []Condition{tagged}
		plain.bound, plain.reason = BoundResourceTag, reasonResource
	}
	return []unit{plain}
}

// added returns the conditions that the statement does not have yet. Where it
// has the operator with the key, its own values stand.
func (t *tightener) added(conditions []Condition) []Condition {
	return slices.DeleteFunc(conditions, func(c Condition) bool { return t.own[string(c.Operator)+" "+conditionKey(c.Key)] })
}
