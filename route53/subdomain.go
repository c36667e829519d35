package route53

import (
	"errors"
	"fmt"
	"strings"
)

// SubdomainOptions are what [PlanSubdomain] may be told.
type SubdomainOptions struct {
	// CallerReference makes the request for a new zone repeatable. It is
	// required where a zone has to be made.
	CallerReference string
	DelegationSetID string // a reusable delegation set for a new zone
	Comment         string
	// ZoneID and ParentID name the zones where several have one name, and nothing
	// decides between them.
	ZoneID   string
	ParentID string
	// HideRecords lets the delegation hide record sets that stand in the parent at
	// or below the name. Without it they are an error.
	HideRecords bool
}

// PlanSubdomain plans what it takes that name is a hosted zone of its own which
// the public DNS reaches: the zone, unless there is one, and the NS record set
// in its parent. Where the parent is not in this account, the record set is in
// the plan as something to be done by hand.
//
// It never guesses: several public zones of the name, or of the parent's, are an
// error unless the public DNS or the options decide. A second plan after the
// first was applied is empty.
func PlanSubdomain(s Snapshot, name Name, o SubdomainOptions) (Plan, error) {
	p, err := newIndex(s.Parts).planSubdomain(name, o)
	if err != nil {
		return Plan{}, fmt.Errorf("plan subdomain %q: %w", string(name), err)
	}
	return p, nil
}

func (x *index) planSubdomain(name Name, o SubdomainOptions) (Plan, error) {
	switch {
	case name == "" || name == Root:
		return Plan{}, errors.New("it is no name below a zone")
	case name.Wildcard():
		return Plan{}, errors.New("a wildcard is no zone")
	case !x.Zones.Complete():
		return Plan{}, errors.New("not all hosted zones were seen, so that one of this name may exist")
	}
	zone, exists, err := x.pick(name, o.ZoneID, "zone")
	if err != nil {
		return Plan{}, err
	}
	parent, inAccount, err := x.pickParent(name, o.ParentID)
	if err != nil {
		return Plan{}, err
	}
	var p Plan
	var servers []Name
	switch {
	case exists:
		d := x.details[zone.ID]
		if d == nil || len(d.NameServers) == 0 {
			return Plan{}, fmt.Errorf("the name servers of %s were not seen", zone.ID)
		}
		servers = sortedNames(d.NameServers)
	case o.CallerReference == "":
		return Plan{}, errors.New("a zone has to be made, and CallerReference is empty")
	default:
		p.Steps = append(p.Steps, Step{ZoneName: name, New: &NewZone{
			Name: name, CallerReference: o.CallerReference, DelegationSetID: o.DelegationSetID, Comment: o.Comment,
		}})
	}
	if !inAccount {
		if x.delegates(name, servers) {
			return p, nil
		}
		p.ByHand = append(p.ByHand, delegationSet(name, servers, 0))
		return p, nil
	}
	step, err := x.planDelegation(parent, name, servers, o)
	if err != nil {
		return Plan{}, err
	}
	if len(step.Changes)+len(step.Delegate) > 0 {
		p.Steps = append(p.Steps, step)
	}
	return p, nil
}

// pick returns the public zone of a name, if there is one.
func (x *index) pick(name Name, id, what string) (HostedZone, bool, error) {
	if id = ZoneID(id); id != "" {
		z := x.zones[id]
		switch {
		case z == nil:
			return HostedZone{}, false, fmt.Errorf("the account has no %s %s", what, id)
		case z.Name != name || z.Visibility != Public:
			return HostedZone{}, false, fmt.Errorf("%s is %s zone of %s; want a public one of %s", id, visibilityArticle(z.Visibility), z.Name, name)
		}
		return *z, true, nil
	}
	for _, z := range x.Zones.Items {
		if z.Name == name && z.Visibility == "" {
			return HostedZone{}, false, fmt.Errorf("it was not seen whether %s of %s is public; name the %s by its ID", z.ID, name, what)
		}
	}
	zones := x.public(name)
	if len(zones) == 0 {
		return HostedZone{}, false, nil
	}
	var c Choice
	var list []Candidate
	var ids []string
	for _, z := range zones {
		list = append(list, x.candidate(z))
		ids = append(ids, z.ID)
	}
	if c.decide(list); !c.Chosen {
		return HostedZone{}, false, fmt.Errorf("%s are public zones of %s, and nothing decides between them; name the %s by its ID", strings.Join(ids, ", "), name, what)
	}
	return c.Zone, true, nil
}

func visibilityArticle(v Visibility) string {
	if v == "" {
		return "an unseen"
	}
	return "a " + string(v)
}

// pickParent returns the public zone in which the delegation has to stand.
func (x *index) pickParent(name Name, id string) (HostedZone, bool, error) {
	if z := x.zones[ZoneID(id)]; z != nil {
		if !name.Below(z.Name) {
			return HostedZone{}, false, fmt.Errorf("the parent %s of %s does not enclose it", z.ID, z.Name)
		}
		return x.pick(z.Name, z.ID, "parent")
	}
	for above := name.Parent(); above != "" && above != Root; above = above.Parent() {
		if id != "" || len(x.public(above)) > 0 {
			return x.pick(above, id, "parent")
		}
	}
	return HostedZone{}, false, nil
}

// delegates reports whether the parent is known to delegate to just these
// servers.
func (x *index) delegates(name Name, servers []Name) bool {
	seen := x.seen[name]
	return seen != nil && len(servers) > 0 && seen.Parent.Status == Delegated &&
		len(without(servers, seen.Parent.NameServers))+len(without(seen.Parent.NameServers, servers)) == 0
}

func (x *index) planDelegation(parent HostedZone, name Name, servers []Name, o SubdomainOptions) (Step, error) {
	sets := x.setsOf(parent.ID)
	if !sets.Complete() {
		return Step{}, fmt.Errorf("the record sets of the parent %s were not all seen", parent.ID)
	}
	step := Step{ZoneID: parent.ID, ZoneName: parent.Name}
	before, exists := x.set(parent.ID, name, "NS")
	if set, ok := x.cut(&parent, name.Parent()); ok {
		return Step{}, fmt.Errorf("%s is delegated away from the parent %s, so that a delegation of %s there is never seen", set.Name, parent.ID, name)
	}
	var hidden []string
	for _, set := range sets.Items {
		if set.Name.In(name) && (set.Name != name || set.Type != "NS" && set.Type != "DS") {
			hidden = append(hidden, set.Key())
		}
	}
	if len(hidden) > 0 && !exists && !o.HideRecords {
		return Step{}, fmt.Errorf("the delegation would hide %s of the parent, the first %q; move them into the new zone, or allow it by HideRecords", plural(len(hidden), "record set"), hidden[0])
	}
	if _, ok := x.set(parent.ID, name, "CNAME"); ok {
		return Step{}, fmt.Errorf("the parent %s has a CNAME at %s, beside which no NS record set can stand; delete it first", parent.ID, name)
	}
	if _, ok := x.set(parent.ID, name, "DS"); ok && len(servers) == 0 {
		return Step{}, fmt.Errorf("the parent %s has DS records of %s, which no key of a new zone will fit; delete them first", parent.ID, name)
	}
	if len(servers) == 0 {
		step.Delegate = []Name{name}
		if exists {
			step.Before = map[Name]RecordSet{name: before}
		}
		return step, nil
	}
	set := delegationSet(name, servers, before.TTL)
	if exists && before.Equal(set) {
		return step, nil
	}
	change := Change{Action: Upsert, Set: set}
	if exists {
		change.Before = &before
	}
	step.Changes = []Change{change}
	return step, nil
}
