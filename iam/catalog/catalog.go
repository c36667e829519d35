package catalog

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/groundway-sdk/groundway/iam"
)

//go:embed actions.bin
var embedded string

// What is decoded never changes, so that sharing it shows in time only.
var shared = sync.OnceValue(func() *file {
	f, err := open(embedded)
	if err != nil {
		panic("iam/catalog: " + err.Error()) // this package was built from a damaged file
	}
	return f
})

// Catalog is the catalog that is embedded in this package, and an [iam.Catalog].
// The zero value is ready for use, and all values are the same. What its methods
// return belongs to the caller.
type Catalog struct{}

var _ iam.Catalog = Catalog{}

// Version returns the version of the data: "0.21.202609261".
func (Catalog) Version() string { return shared().version }

// Date returns the day on which the data was taken from AWS's documentation.
func (Catalog) Date() time.Time {
	day, err := time.Parse(time.DateOnly, shared().date)
	if err != nil {
		panic("iam/catalog: " + err.Error())
	}
	return day
}

// A Service is all actions with one prefix. The zero value has none.
type Service struct {
	Prefix string // what stands before the colon, in lower case: "ec2"
	Name   string // "Amazon EC2"; where several services share the prefix, the name of one of them
}

// Services returns all services, ordered by prefix. It decodes none of them.
func (Catalog) Services() []Service {
	f := shared()
	list := make([]Service, len(f.entries))
	for i := range f.entries {
		list[i] = Service{f.entries[i].prefix, f.entries[i].name}
	}
	return list
}

// Service returns the service with a prefix, in whatever case. It is false if
// there is none.
func (Catalog) Service(prefix string) (Service, bool) {
	f := shared()
	i, ok := f.find(prefix)
	if !ok {
		return Service{}, false
	}
	return Service{f.entries[i].prefix, f.entries[i].name}, true
}

// Actions returns the actions of the service, ordered.
func (s Service) Actions() []iam.Action {
	return Catalog{}.Expand(iam.Action(s.Prefix + ":*"))
}

// ResourceTypes returns the types of resources that the service declares,
// ordered by name. None is marked as required: that depends on the action.
func (s Service) ResourceTypes() []iam.ResourceType {
	d := lookUpService(s.Prefix)
	if d == nil {
		return nil
	}
	var list []iam.ResourceType
	for _, t := range d.types {
		list = append(list, t.with(false))
	}
	return list
}

// ConditionKeys returns the keys that the service declares, ordered by name.
// Which action has which, [Catalog.ConditionKeys] says.
func (s Service) ConditionKeys() []iam.ConditionKey {
	d := lookUpService(s.Prefix)
	if d == nil {
		return nil
	}
	return append([]iam.ConditionKey(nil), d.keys...) // nil for none
}

// Action implements [iam.Catalog].
func (Catalog) Action(name iam.Action) (iam.Action, iam.AccessLevel, bool) {
	_, a := lookUp(name)
	if a == nil {
		return "", 0, false
	}
	return a.name, a.level, true
}

// Expand implements [iam.Catalog]. In a pattern * stands for any characters, a
// colon among them, and ? for one. A pattern with a wildcard before the colon is
// compared with the actions of all services, which are then all decoded.
func (c Catalog) Expand(pattern iam.Action) []iam.Action {
	return c.ByAccessLevel(pattern, iam.ListAccess, iam.ReadAccess, iam.TaggingAccess, iam.WriteAccess, iam.PermissionsAccess)
}

// ByAccessLevel returns those actions of Expand that have one of the levels.
func (Catalog) ByAccessLevel(pattern iam.Action, levels ...iam.AccessLevel) []iam.Action {
	if !strings.ContainsAny(string(pattern), "*?") {
		if _, a := lookUp(pattern); a != nil && slices.Contains(levels, a.level) {
			return []iam.Action{a.name}
		}
		return nil
	}
	lower := lowerCase(string(pattern))
	f := shared()
	first, last := 0, len(f.entries)
	if prefix, _, _ := strings.Cut(lower, ":"); !strings.ContainsAny(prefix, "*?") {
		i, found := f.find(prefix)
		if !found {
			return nil
		}
		first, last = i, i+1
	}
	var list []iam.Action
	for i := first; i < last; i++ {
		for _, a := range f.must(i).actions {
			if slices.Contains(levels, a.level) && matches(lower, string(a.name)) {
				list = append(list, a.name)
			}
		}
	}
	slices.Sort(list)
	return list
}

// ResourceTypes implements [iam.Catalog].
func (Catalog) ResourceTypes(name iam.Action) []iam.ResourceType {
	s, a := lookUp(name)
	if a == nil {
		return nil
	}
	var list []iam.ResourceType
	for _, r := range a.rows {
		list = append(list, s.types[r.kind].with(r.required))
	}
	return list
}

// ConditionKeys implements [iam.Catalog]. Where the documentation names keys
// beside the action and the type, they are all that the two have together;
// where it names none, those of the type are added, marked as OfType.
func (Catalog) ConditionKeys(name iam.Action, resourceType string) []iam.ConditionKey {
	s, a := lookUp(name)
	if a == nil {
		return nil
	}
	const listed, ofType = 1, 2
	has := make([]uint8, len(s.keys))
	mark := func(set uint16, as uint8) {
		for _, key := range s.sets[set] {
			has[key] |= as
		}
	}
	ok := resourceType == ""
	for _, r := range a.rows {
		t := s.types[r.kind]
		if resourceType != "" && t.name != resourceType {
			continue
		}
		ok = true
		mark(r.set, listed)
		if len(s.sets[r.set]) == 0 {
			mark(t.set, ofType)
		}
	}
	if !ok {
		return nil
	}
	mark(a.set, listed)
	var list []iam.ConditionKey
	for i, how := range has {
		if how != 0 {
			key := s.keys[i]
			key.OfType = how == ofType
			list = append(list, key)
		}
	}
	return list
}

// with returns the type as callers may have it.
func (t resourceType) with(required bool) iam.ResourceType {
	return iam.ResourceType{Name: t.name, ARNs: slices.Clone(t.arns), Required: required}
}

// find returns the index of the service with a prefix, in whatever case.
func (f *file) find(prefix string) (int, bool) {
	return slices.BinarySearchFunc(f.entries, lowerCase(prefix), func(e *entry, prefix string) int { return strings.Compare(e.prefix, prefix) })
}

// must returns a decoded service. That the embedded ones can be decoded is what
// the tests of this package prove.
func (f *file) must(i int) *service {
	s, err := f.service(i)
	if err != nil {
		panic("iam/catalog: " + err.Error())
	}
	return s
}

// lookUpService returns the service with a prefix, or nil.
func lookUpService(prefix string) *service {
	f := shared()
	i, ok := f.find(prefix)
	if !ok {
		return nil
	}
	return f.must(i)
}

// lookUp returns an action and its service, or nil.
func lookUp(name iam.Action) (*service, *action) {
	prefix, _, ok := strings.Cut(string(name), ":")
	if !ok {
		return nil, nil
	}
	s := lookUpService(prefix)
	if s == nil {
		return nil, nil
	}
	i, ok := slices.BinarySearchFunc(s.actions, string(name), func(a action, name string) int { return compareFold(string(a.name), name) })
	if !ok {
		return nil, nil
	}
	return s, &s.actions[i]
}
