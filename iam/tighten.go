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
	// resource for them, or one of any service.
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
	reasonForeign  = "What these actions are done to may be of any service, so that its type does not limit them."
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
