package route53

import (
	"fmt"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
)

// answersAddresses are the types that lead a client somewhere.
var answersAddresses = map[string]bool{"A": true, "AAAA": true, "CNAME": true}

// placeholder is the address that kops writes before it has a better one.
const placeholder = "203.0.113.123"

func checkRecordConflict(c *checker, code groundway.Code) {
	sets, ok := c.seenSets(code)
	if !ok {
		return
	}
	names := c.o.names()
	if len(names) == 0 {
		c.Inapplicable(code, "the options name no cluster and no names")
		return
	}
	failed := false
	for _, set := range sets {
		if !conflicts(set, names) {
			continue
		}
		failed = true
		f := groundway.Finding{
			Code: code, Subject: setSubject(c.zone.ID, set),
			Summary:  fmt.Sprintf("%s exists already: %s.", set.Name, set.inWords()),
			Evidence: c.factsOfSet(set),
			Remedies: []groundway.Remedy{{
				Action:   "Make sure that nobody uses the record any more, and delete it.",
				Commands: [][]string{deleteCommand(c.zone.ID, set)},
			}},
			Related: []groundway.Subject{c.zoneSubject(c.zone.ID)},
		}
		if slices.Contains(set.Values, placeholder) {
			f.Summary = fmt.Sprintf("%s exists already with %s, the address that kops writes until the cluster is up.", set.Name, placeholder)
		}
		if owner, txt, owned := c.ownerOf(set.Name); owned {
			f.Summary = strings.TrimSuffix(f.Summary, ".") + fmt.Sprintf("; external-dns manages it as %s.", printable(owner))
			f.Evidence = append(f.Evidence, c.factsOfSet(txt)...)
		}
		c.Fail(f)
	}
	if !failed && c.setsOf(c.zone.ID).Complete() {
		c.Pass(code, len(names))
	}
}

// conflicts reports whether the set leads one of the names somewhere.
func conflicts(set RecordSet, names []Name) bool {
	return answersAddresses[set.Type] && slices.Contains(names, set.Name)
}

// factsOfSet point to what a record set answers.
func (c *checker) factsOfSet(set RecordSet) []groundway.Fact {
	if set.Alias != nil {
		return []groundway.Fact{{Path: recordPointer(c.zone.ID, set.Key(), "alias", "dnsName"), Got: string(set.Alias.Target), Source: actionRecords}}
	}
	var facts []groundway.Fact
	for i, v := range set.Values {
		facts = append(facts, groundway.Fact{Path: recordPointer(c.zone.ID, set.Key(), "values", fmt.Sprint(i)), Got: v, Source: actionRecords})
	}
	return facts
}

// mostFacts is how many record sets a finding about many of them points to.
const mostFacts = 20

func checkRecordLeftover(c *checker, code groundway.Code) {
	sets, ok := c.seenSets(code)
	if !ok {
		return
	}
	domain := c.o.domain()
	if domain == "" {
		c.Inapplicable(code, "the options name no cluster")
		return
	}
	names := c.o.names()
	var left []RecordSet
	f := groundway.Finding{Code: code, Subject: groundway.Subject{Kind: "domain", ID: string(domain)}}
	var changes []Change
	owners := map[string]bool{}
	for _, set := range sets {
		if !set.Name.Below(domain) || conflicts(set, names) {
			continue
		}
		left = append(left, set)
		changes = append(changes, Change{Action: Delete, Set: set})
		if owner, ok := ownership(set); ok {
			owners[owner] = true
		}
		if len(left) <= mostFacts {
			f.Evidence = append(f.Evidence, c.factsOfSet(set)...)
		}
	}
	if len(left) == 0 {
		if c.setsOf(c.zone.ID).Complete() {
			c.Pass(code, 1)
		}
		return
	}
	f.Summary = fmt.Sprintf("%s below %s, where no cluster is yet; the first is %s.", stand(len(left)), domain, left[0].Key())
	for _, owner := range sortedKeys(owners) {
		f.Summary = strings.TrimSuffix(f.Summary, ".") + fmt.Sprintf("; external-dns managed some as %s.", printable(owner))
	}
	f.Remedies = []groundway.Remedy{{Action: "Make sure that nobody uses the records any more, and delete them."}}
	writable := !slices.ContainsFunc(left, func(set RecordSet) bool { return !set.writable() })
	if batches, err := Batches(changes, Limits{}); err == nil && writable && len(changes) <= mostFacts {
		for _, b := range batches {
			f.Remedies[0].Commands = append(f.Remedies[0].Commands, batchCommand(c.zone.ID, b))
		}
	} else {
		f.Remedies[0].Commands = [][]string{commandOf(actionRecords, c.zone.ID)}
	}
	f.Related = []groundway.Subject{c.zoneSubject(c.zone.ID)}
	c.Fail(f)
}

func stand(n int) string {
	if n == 1 {
		return "1 record set stands"
	}
	return fmt.Sprintf("%d record sets stand", n)
}

func sortedKeys(m map[string]bool) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// checkRecordWildcard looks for the wildcard that answers for a name which does
// not exist: the one at its closest encloser, RFC 4592 section 3.3.1.
func checkRecordWildcard(c *checker, code groundway.Code) {
	sets, ok := c.seenSets(code)
	if !ok {
		return
	}
	names := c.o.names()
	if len(names) == 0 {
		c.Inapplicable(code, "the options name no cluster and no names")
		return
	}
	if !c.setsOf(c.zone.ID).Complete() {
		return // a closer name, which keeps the wildcard away, may be among what was not seen
	}
	exists := map[Name]bool{}
	for _, set := range sets {
		for n := set.Name; n.In(c.zone.Name); n = n.Parent() {
			exists[n] = true
		}
	}
	failed := false
	for _, name := range names {
		set, ok := c.wildcardFor(name, exists)
		if !ok {
			continue
		}
		failed = true
		c.Fail(groundway.Finding{
			Code: code, Subject: setSubject(c.zone.ID, set),
			Summary:  fmt.Sprintf("%s answers for names such as %s before they exist: %s.", set.Name, name, set.inWords()),
			Evidence: c.factsOfSet(set),
			Remedies: []groundway.Remedy{
				{Action: "Look up none of the cluster's names before the installer has made them, or give the cluster a hosted zone of its own."},
				{Action: "Delete the wildcard.", Commands: [][]string{deleteCommand(c.zone.ID, set)}},
			},
			Related: []groundway.Subject{c.zoneSubject(c.zone.ID)},
		})
	}
	if !failed {
		c.Pass(code, len(names))
	}
}

func (c *checker) wildcardFor(name Name, exists map[Name]bool) (RecordSet, bool) {
	if exists[name] {
		return RecordSet{}, false
	}
	encloser := name.Parent()
	for !exists[encloser] && encloser.Below(c.zone.Name) {
		encloser = encloser.Parent()
	}
	for _, set := range c.sets[c.zone.ID]["*."+encloser] {
		if answersAddresses[set.Type] {
			return set, true
		}
	}
	return RecordSet{}, false
}

func checkRecordCycle(c *checker, code groundway.Code) {
	sets, ok := c.seenSets(code)
	if !ok {
		return
	}
	next := map[Name]Name{}
	for _, set := range sets {
		if set.Type == "CNAME" && set.SetID == "" && len(set.Values) == 1 {
			if target, err := ParseName(set.Values[0]); err == nil {
				next[set.Name] = target
			}
		}
	}
	// Each name is walked over once: the colour of a walk tells a circle of its
	// own from the path of an earlier one.
	walked := map[Name]int{}
	failed := false
	for walk, set := range sets {
		var path []Name
		n := set.Name
		for {
			if _, ok := next[n]; !ok || walked[n] != 0 {
				break
			}
			walked[n] = walk + 1
			path = append(path, n)
			n = next[n]
		}
		if len(path) == 0 || walked[n] != walk+1 {
			continue
		}
		circle := path[slices.Index(path, n):]
		first := slices.MinFunc(circle, Name.Compare)
		at, _ := c.set(c.zone.ID, first, "CNAME")
		failed = true
		f := groundway.Finding{
			Code: code, Subject: setSubject(c.zone.ID, at),
			Summary:  fmt.Sprintf("%s in %s lead in a circle, the first at %s.", plural(len(circle), "CNAME record"), c.zone.ID, first),
			Remedies: []groundway.Remedy{{Action: "Let one of them lead out of the circle, or delete it.", Commands: [][]string{deleteCommand(c.zone.ID, at)}}},
		}
		for _, n := range sortedNames(circle) {
			set, _ := c.set(c.zone.ID, n, "CNAME")
			f.Evidence = append(f.Evidence, c.factsOfSet(set)...)
		}
		c.Fail(f)
	}
	if !failed && c.setsOf(c.zone.ID).Complete() {
		c.Pass(code, 1)
	}
}
