package route53

import (
	"fmt"
	"slices"
	"strings"
)

// PlanOptions are what [PlanRecords] may be told. The zero value is right.
type PlanOptions struct {
	// Replace lists the names whose record sets may be replaced although they
	// differ from what is wanted. Without it a record set that stands there is an
	// error: somebody made it.
	Replace []Name
}

// PlanRecords returns the step that makes the record sets of a zone what want
// says, for the names and types in want only: what is right already is not
// touched, so that a second plan after the first was applied is empty. A set of
// another type that rules the wanted one out (a CNAME beside anything else) is
// deleted in the same batch, where its name may be replaced. Errors name what
// stands in the way.
func PlanRecords(s Snapshot, zoneID string, want []RecordSet, o PlanOptions) (Step, error) {
	x := newIndex(s.Parts)
	step, err := x.planRecords(zoneID, want, o)
	if err != nil {
		return Step{}, fmt.Errorf("plan records of %q: %w", zoneID, err)
	}
	return step, nil
}

func (x *index) planRecords(zoneID string, want []RecordSet, o PlanOptions) (Step, error) {
	z := x.zones[zoneID]
	if z == nil {
		return Step{}, fmt.Errorf("the snapshot has no such zone")
	}
	if !x.setsOf(zoneID).Complete() {
		return Step{}, fmt.Errorf("its record sets were not all seen, so that nothing can be planned without a risk")
	}
	step := Step{ZoneID: zoneID, ZoneName: z.Name}
	planned := map[string]bool{}
	for _, set := range want {
		switch {
		case !set.Name.In(z.Name):
			return Step{}, fmt.Errorf("%q is not in %s", string(set.Name), z.Name)
		case planned[set.Key()]:
			return Step{}, fmt.Errorf("%q is wanted twice", set.Key())
		case set.SetID != "" || len(set.Routing) > 0:
			return Step{}, fmt.Errorf("%q has a routing policy, which is not planned here", set.Key())
		case set.Alias == nil && len(set.Values) == 0:
			return Step{}, fmt.Errorf("%q has neither values nor an alias", set.Key())
		case set.Type == "CNAME" && set.Name == z.Name:
			return Step{}, fmt.Errorf("%q stands at the top of the zone, where no CNAME can", set.Key())
		case set.Type == "CNAME" && slices.ContainsFunc(want, func(w RecordSet) bool { return w.Name == set.Name && w.Type != set.Type }):
			return Step{}, fmt.Errorf("%q is wanted beside another type, where no CNAME can stand", set.Key())
		}
		planned[set.Key()] = true
	}
	for _, set := range want {
		changes, err := x.planSet(zoneID, set, planned, slices.Contains(o.Replace, set.Name))
		if err != nil {
			return Step{}, err
		}
		step.Changes = append(step.Changes, changes...)
	}
	step.Changes = compactChanges(sortedChanges(step.Changes))
	return step, nil
}

// compactChanges drops deletions that two wanted sets both asked for.
func compactChanges(changes []Change) []Change {
	return slices.CompactFunc(changes, func(a, b Change) bool { return a.Action == b.Action && a.Set.Key() == b.Set.Key() })
}

func (x *index) planSet(zoneID string, set RecordSet, planned map[string]bool, replace bool) ([]Change, error) {
	var changes []Change
	result := Change{Action: Create, Set: set}
	for _, have := range x.sets[zoneID][set.Name] {
		same := have.Type == set.Type
		excludes := !same && (have.Type == "CNAME" || set.Type == "CNAME") && !planned[have.Key()]
		switch {
		case same && have.Equal(set):
			result.Action = ""
		case !same && !excludes:
		case !replace:
			return nil, fmt.Errorf("%q exists with other values (%s); name it in Replace to have it replaced", have.Key(), have.content())
		case have.SetID != "":
			return nil, fmt.Errorf("%q has a routing policy, which is not changed here", have.Key())
		case same:
			result.Action, result.Before = Upsert, &have
		default:
			changes = append(changes, Change{Action: Delete, Set: have})
		}
	}
	if result.Action != "" {
		changes = append(changes, result)
	}
	return changes, nil
}

// A Step are changes of one hosted zone, which may have to be made first.
type Step struct {
	ZoneID   string // empty where New is the zone
	ZoneName Name
	New      *NewZone // the zone to make first, or nil
	Changes  []Change
	// Delegate are names whose NS record sets are to be set to the name servers
	// of the zone that an earlier step makes, which nobody knows before.
	Delegate []Name
	// Before holds, by name, what Delegate replaces.
	Before map[Name]RecordSet
}

// A NewZone is a public hosted zone that is to be made.
type NewZone struct {
	Name Name
	// CallerReference makes a repeated request the same request: AWS refuses a
	// second zone of the same reference.
	CallerReference string
	DelegationSetID string // a reusable one; empty: AWS chooses four servers
	Comment         string
}

// A Plan are steps in the order in which they are to be made. The zero value
// changes nothing.
type Plan struct {
	Steps []Step
	// ByHand are delegations that have to be set where this account has no say:
	// at the registrar, or in somebody else's zone.
	ByHand []RecordSet
}

// Empty reports whether the plan changes nothing.
func (p Plan) Empty() bool {
	return !slices.ContainsFunc(p.Steps, func(s Step) bool {
		return s.New != nil || len(s.Changes)+len(s.Delegate) > 0
	})
}

// String prints the plan like a diff: a line for each zone, and below it the
// record sets that go (-) and come (+).
func (p Plan) String() string {
	var b strings.Builder
	for _, s := range p.Steps {
		s.write(&b)
	}
	for _, set := range p.ByHand {
		fmt.Fprintf(&b, "! by hand, where %s is delegated: %s %s\n", set.Name, set.Key(), set.content())
	}
	if b.Len() == 0 {
		return "no changes\n"
	}
	return b.String()
}

func (s Step) write(b *strings.Builder) {
	switch {
	case s.New != nil:
		fmt.Fprintf(b, "+ zone %s, public", s.New.Name)
		if s.New.DelegationSetID != "" {
			fmt.Fprintf(b, ", delegation set %s", s.New.DelegationSetID)
		}
		b.WriteByte('\n')
	case len(s.Changes)+len(s.Delegate) > 0:
		fmt.Fprintf(b, "  zone %s (%s)\n", s.ZoneName, s.ZoneID)
	}
	line := func(sign string, set RecordSet) { fmt.Fprintf(b, "%s   %s %s\n", sign, set.Key(), set.content()) }
	for _, c := range sortedChanges(s.Changes) {
		switch {
		case c.Action == Delete:
			line("-", c.Set)
			continue
		case c.Before != nil:
			line("-", *c.Before)
		}
		line("+", c.Set)
	}
	for _, name := range s.Delegate {
		if before, ok := s.Before[name]; ok {
			line("-", before)
		}
		fmt.Fprintf(b, "+   %s NS %d the name servers of the new zone\n", name, DelegationTTL)
	}
}
