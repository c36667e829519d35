package iam

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// TightenOptions adjust [Tighten].
type TightenOptions struct {
	// Catalog knows what each action can be limited by: catalog.Catalog{} of the
	// package iam/catalog. It is corrected by [KnownErrors] and then by Overrides.
	// Without one the document stays as it is.
	Catalog   Catalog
	Overrides []Override
}

// A Tightened is a document that [Tighten] returned, with the reasons.
type Tightened struct {
	Document   Document
	Statements []Tightening // one for each statement of the document, in its order
}

// A Tightening says where a statement comes from and by what it is bounded.
type Tightening struct {
	From   int    // the index of the statement of the input
	Bound  Bound  // what the actions of the statement can carry
	Reason string // a sentence
}

// A Bound is what a statement of [Tighten] is bounded by, beside what the input
// was. The zero value is invalid.
type Bound uint8

const (
	_ Bound = iota
	// BoundARN names resources, or their types where ids are not known before.
	BoundARN
	// BoundVPC names types of resources, and the VPC that they are in.
	BoundVPC
	// BoundResourceTag names types of resources, and the tag that they have.
	BoundResourceTag
	// BoundRequestTag names types of resources, and the tag that they get when
	// the action creates them.
	BoundRequestTag
	// BoundCreateAction lets tags be set only by the actions that create.
	BoundCreateAction
	// BoundStar is for actions that can be bounded by nothing: AWS takes no
	// resource for them.
	BoundStar
	// BoundKept is for statements and actions that are left as they are.
	BoundKept
)

var boundNames = [...]string{"invalid", "arn", "vpc", "resource-tag", "request-tag", "create-action", "star", "kept"}

// String returns the word of the bound: "resource-tag"; or "invalid".
func (b Bound) String() string { return wordOf(boundNames[:], uint8(b)) }

// MarshalText returns the word of String; an invalid bound is an error.
func (b Bound) MarshalText() ([]byte, error) { return marshalWord("bound", boundNames[:], uint8(b)) }

// UnmarshalText accepts the words that MarshalText writes.
func (b *Bound) UnmarshalText(text []byte) error {
	n, err := parseWord("bound", boundNames[:], text)
	*b = Bound(n)
	return err
}

// Tighten returns a document that allows what the installation of the intent
// needs of the given one, and nothing that the given one does not allow. The
// actions of each statement are put into groups by what they can carry:
//
//   - resource ARNs, with what the intent names and TYPE/* where ids are not
//     known before;
//   - the VPC of the intent, by ec2:Vpc;
//   - aws:ResourceTag with the tag of the intent, for types that the document
//     itself can create with this tag;
//   - aws:RequestTag with the tag, for what an action has to create;
//   - the CreateAction key, for the actions that set tags: they may do so while
//     something is created, and on what has the tag already;
//   - nothing, where AWS takes no resource.
//
// Every statement that it returns comes from one of the input: its actions are
// among that one's, its resources within that one's, and its conditions are that
// one's and some more. Patterns of actions are replaced by what they match in the
// catalog, unless none of these takes a resource, or they only look and at most
// a quarter does: ec2:Describe*. Actions that come to AWS later are then not
// allowed. Statements that deny, that name principals, or
// that have NotAction or NotResource, patterns over several services, and
// actions that the catalog does not have stay as they are.
//
// It returns an error for an intent that contradicts itself or holds wildcards,
// for a document that no text can say, and for one that comes to megabytes. A tightened document is longer:
// measure it by [MeasureText].
//
// The order of the input decides nothing but the order of the statements: within
// one, actions and resources are sorted.
func Tighten(d Document, intent TightenIntent, o TightenOptions) (Tightened, error) {
	if err := intent.check(); err != nil {
		return Tightened{}, fmt.Errorf("tighten policy: %w", err)
	}
	if err := d.inconsistencies(); err != nil {
		return Tightened{}, fmt.Errorf("tighten policy: %w", err)
	}
	t := tightener{
		asker: newAsker(o.Catalog, o.Overrides), doc: d,
		intent: intent, created: map[string]bool{}, taggable: map[string]bool{}, creators: map[string][]string{},
	}
	if t.catalog != nil {
		t.findCreators()
	}
	out := Tightened{Document: Document{Version: d.Version, ID: d.ID}}
	for i, s := range d.Statements {
		groups := t.statement(s)
		if t.size > maxTightenSize {
			return Tightened{}, fmt.Errorf("tighten policy: statement %d: the actions of the document, each with its resources and conditions, have more than %d bytes", i+1, maxTightenSize)
		}
		for k, g := range groups {
			statement := g.statement
			if len(groups) > 1 {
				statement.ID = t.sid(s.ID, k)
			}
			out.Document.Statements = append(out.Document.Statements, statement)
			out.Statements = append(out.Statements, Tightening{i, g.bound, g.reason})
		}
	}
	return out, nil
}

// maxTightenSize bounds what Tighten writes out before it puts actions together,
// so that a hostile document takes seconds at most. Whole services take less than
// a megabyte each.
const maxTightenSize = 16 << 20

// A tightener asks the catalog as a linter does.
type tightener struct {
	asker
	doc      Document
	intent   TightenIntent
	created  map[string]bool     // "ec2 subnet": the document can create one, and has to tag it
	taggable map[string]bool     // likewise, or may
	creators map[string][]string // of a service, the names of the actions that create
	sids     map[string]bool
	size     int // bytes that were written out

	// Of the statement at hand.
	pins map[string]bool // keys in lower case of which it asks for certain values
	own  map[string]bool // operators with the keys of its conditions
}

// A group is a statement of the output.
type group struct {
	statement Statement
	bound     Bound
	reason    string
}

// A unit is one action on some resources, with the conditions that are added.
type unit struct {
	action    Action
	resources []string
	added     []Condition
	bound     Bound
	reason    string
}

const (
	reasonStar     = "AWS takes no resource for these actions."
	reasonLooks    = "These actions only look, and AWS takes no resource for most of them."
	reasonARN      = "These actions can be limited to resources."
	reasonWide     = "These actions have many types of resources, so that the service and the account limit them."
	reasonVPC      = "What these actions change is in the VPC of the cluster."
	reasonResource = "The document creates resources of these types with the tag, and changes those alone."
	reasonRequest  = "What these actions create has to get the tag."
	reasonCreating = "Tags may be set by the actions that create."
	reasonDead     = "None of the resources is one that these actions have."
	reasonTagged   = "Tags may be changed on what has the tag of the cluster."
)

// statement returns what becomes of a statement.
func (t *tightener) statement(s Statement) []group {
	keep := func(reason string) []group { return []group{{s, BoundKept, reason}} }
	switch {
	case t.catalog == nil:
		return keep("There is no catalog that knows what actions can carry.")
	case s.Effect != EffectAllow:
		return keep("Only statements that allow are tightened.")
	case s.NotActions != nil || s.NotResources != nil:
		return keep("What NotAction and NotResource leave over is not a list that could be shortened.")
	case s.namesPrincipal():
		return keep("The statement belongs to the resource that the policy is attached to.")
	case len(s.Actions) == 0 || len(s.Resources) == 0:
		return keep("The statement has no actions or no resources.")
	}
	r := resourcesOf(s, t.doc.Version)
	if !r.known {
		return keep("A resource of the statement is no ARN.")
	}
	var units []unit
	seen, dead := map[Action]bool{}, map[Action]bool{}
	t.pins, t.own = map[string]bool{}, map[string]bool{}
	conditions := 0
	for _, c := range s.Conditions {
		t.own[string(c.Operator)+" "+conditionKey(c.Key)] = true
		if c.pins() {
			t.pins[asciiLower(c.Key)] = true
		}
		conditions += len(c.Key)
		for _, v := range c.Values {
			conditions += len(v)
		}
	}
	add := func(list ...unit) {
		for _, u := range list {
			if t.size > maxTightenSize {
				return
			}
			u.added = t.added(u.added)
			units = append(units, u)
			t.size += len(u.action)
			for _, text := range u.resources {
				t.size += len(text)
			}
		}
	}
	// What is named by itself comes first, so that the order decides nothing.
	actions := slices.SortedFunc(slices.Values(s.Actions), func(a, b Action) int {
		return cmp.Or(cmp.Compare(strings.Count(string(a), "*"), strings.Count(string(b), "*")), cmp.Compare(a, b))
	})
	for _, a := range actions {
		service, _, ok := strings.Cut(string(a), ":")
		if seen[a] {
			continue
		}
		seen[a] = true
		var names []Action
		switch {
		case !ok || Action(service).isPattern():
			add(unit{a, s.Resources, nil, BoundKept, "The pattern is over several services."})
			continue
		case a.isPattern():
			if !t.afford(a) {
				add(unit{a, s.Resources, nil, BoundKept, "The document has more patterns than are compared with the catalog."})
				continue
			}
			names = t.expand(a)
		case t.facts(a).known:
			names = []Action{t.facts(a).name}
		}
		if names == nil {
			add(unit{a, s.Resources, nil, BoundKept, "The catalog does not have these actions."})
			continue
		}
		if a.isPattern() && r.all {
			if reason := t.whole(names); reason != "" {
				add(unit{a, []string{"*"}, nil, BoundStar, reason})
				continue
			}
		}
		alive := false
		for _, name := range names {
			if name != a && seen[name] {
				alive = true
				continue
			}
			if dead[name] {
				continue
			}
			units := t.units(name, s, r)
			// That a pattern also matches what the resources have nothing to do
			// with is no reason to list it.
			if a.isPattern() && units[0].bound == BoundKept {
				dead[name] = true
				continue
			}
			seen[name] = true
			alive = true
			add(units...)
		}
		if !alive {
			add(unit{a, s.Resources, nil, BoundKept, reasonDead})
		}
	}
	groups := t.group(s, units)
	t.size += len(groups) * conditions
	return groups
}

// whole returns why a pattern need not be replaced by the actions that it
// matches, if that is so.
func (t *tightener) whole(names []Action) string {
	typed, looks := 0, true
	for _, name := range names {
		f := t.facts(name)
		looks = looks && (f.level == ListAccess || f.level == ReadAccess)
		if len(f.types) > 0 {
			typed++
		}
	}
	switch {
	case typed == 0:
		return reasonStar
	case looks && typed*4 <= len(names):
		return reasonLooks
	}
	return ""
}

// units returns what an action of a statement may be done to.
func (t *tightener) units(name Action, s Statement, r *resourceSet) []unit {
	f := t.facts(name)
	switch {
	case len(f.types) == 0 && r.all:
		return []unit{{name, []string{"*"}, nil, BoundStar, reasonStar}}
	case len(f.types) == 0:
		return []unit{{name, s.Resources, nil, BoundKept, "AWS takes no resource for these actions, so that named ones allow nothing."}}
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

// A bundle is actions that share a list of resources.
type bundle struct {
	actions   []Action
	resources []string
}

// group puts units into statements: those with the same conditions, reason and
// service into as few as can be without allowing an action on a resource that
// another brought along.
func (t *tightener) group(s Statement, units []unit) []group {
	type header struct {
		bound   Bound
		service string
		reason  string
		added   string
	}
	rows := map[header]map[Action][]string{}
	added := map[header][]Condition{}
	var headers []header
	for _, u := range units {
		h := header{u.bound, u.action.Service(), u.reason, fmt.Sprint(u.added)}
		if u.bound == BoundStar || u.bound == BoundKept {
			h.service = "" // there are no resources to tell apart
		}
		if rows[h] == nil {
			rows[h] = map[Action][]string{}
			added[h] = u.added
			headers = append(headers, h)
		}
		rows[h][u.action] = append(rows[h][u.action], u.resources...)
	}
	// A list of all types says no more than the service does.
	for _, h := range slices.Clone(headers) {
		for action, resources := range rows[h] {
			if h.bound != BoundARN || len(sorted(slices.Clone(resources))) <= maxTypes || !slices.Contains(s.Resources, "*") {
				continue
			}
			wide := h
			wide.reason = reasonWide
			if rows[wide] == nil {
				rows[wide] = map[Action][]string{}
				added[wide] = added[h]
				headers = append(headers, wide)
			}
			rows[wide][action] = anyType(resources)
			delete(rows[h], action)
		}
	}
	slices.SortFunc(headers, func(a, b header) int {
		return cmp.Or(cmp.Compare(a.bound, b.bound), cmp.Compare(a.service, b.service), cmp.Compare(a.reason, b.reason), cmp.Compare(a.added, b.added))
	})
	var groups []group
	for _, h := range headers {
		for _, b := range t.bundles(rows[h], added[h]) {
			statement := s
			statement.Actions = b.actions
			statement.Resources = b.resources
			statement.Conditions = slices.Concat(s.Conditions, added[h])
			if s.Conditions == nil && added[h] == nil {
				statement.Conditions = nil
			}
			groups = append(groups, group{statement, h.bound, h.reason})
		}
	}
	return groups
}

// maxTypes is how many types of one action are listed. Only the actions that
// tag anything have more.
const maxTypes = 20

// anyType returns ARNs with * in place of type and name.
func anyType(arns []string) []string {
	var list []string
	for _, text := range arns {
		parts := strings.SplitN(text, ":", 6)
		if len(parts) == 6 {
			parts[5] = "*"
		}
		list = append(list, strings.Join(parts, ":"))
	}
	return sorted(list)
}

// bundles puts actions together, first those with the same resources.
func (t *tightener) bundles(rows map[Action][]string, added []Condition) []bundle {
	same := map[string]int{}
	var list []bundle
	for _, a := range sortedActions(rows) {
		resources := sorted(rows[a])
		key := strings.Join(resources, "\n")
		if i, ok := same[key]; ok {
			list[i].actions = append(list[i].actions, a)
			continue
		}
		same[key] = len(list)
		list = append(list, bundle{[]Action{a}, resources})
	}
	var merged []bundle
	for _, b := range list {
		i := slices.IndexFunc(merged, func(m bundle) bool { return t.apart(m, b, added) && t.apart(b, m, added) })
		if i < 0 {
			merged = append(merged, b)
			continue
		}
		merged[i].actions = append(slices.Clone(merged[i].actions), b.actions...)
		merged[i].resources = sorted(slices.Concat(merged[i].resources, b.resources))
		slices.Sort(merged[i].actions)
	}
	return merged
}

func sortedActions(rows map[Action][]string) []Action {
	list := make([]Action, 0, len(rows))
	for a := range rows {
		list = append(list, a)
	}
	slices.Sort(list)
	return list
}

// apart reports whether no action of a bundle can be done to a resource of the
// other that is not its own as well: it has no such type, or not with one of the
// keys that the conditions ask for.
func (t *tightener) apart(a, b bundle, added []Condition) bool {
	for _, text := range b.resources {
		if slices.Contains(a.resources, text) {
			continue
		}
		r, ok := t.read(text)
		if !ok || r.all {
			return false
		}
		for _, action := range a.actions {
			f := t.facts(action)
			reached := func(k typeFacts) bool {
				return slices.ContainsFunc(k.patterns, r.overlaps) && t.meets(f, k.name, added)
			}
			if !f.known || slices.ContainsFunc(f.types, reached) {
				return false
			}
		}
	}
	return true
}

// read reads a resource of the output, once.
func (t *tightener) read(text string) (arnPattern, bool) {
	r, ok := t.patterns[text]
	if !ok {
		r, ok = readResource(text, Version2012)
		if ok {
			t.patterns[text] = r
		}
	}
	return r, ok
}

// meets reports whether an action on a type has the keys of all conditions, so
// that they may hold.
func (t *tightener) meets(f *actionFacts, kind string, added []Condition) bool {
	for _, c := range added {
		if !slices.ContainsFunc(t.keysOf(f, kind), func(k ConditionKey) bool { return k.Matches(c.Key) }) {
			return false
		}
	}
	return true
}

// sid returns a Sid for the statement with this index among those that one with
// a Sid became. No two statements of the output share one.
func (t *tightener) sid(base string, k int) string {
	if base == "" {
		return ""
	}
	if t.sids == nil {
		t.sids = map[string]bool{}
		for _, s := range t.doc.Statements {
			t.sids[s.ID] = true
		}
	}
	if k == 0 {
		return base
	}
	for n := k + 1; ; n++ {
		id := base + "x" + strconv.Itoa(n)
		if !t.sids[id] {
			t.sids[id] = true
			return id
		}
	}
}
