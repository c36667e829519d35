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

// inWords tells an alias from plain records.
func (r RecordSet) inWords() string {
	if r.Alias != nil {
		return fmt.Sprintf("%s record that is an alias of %s", article(r.Type), r.Alias.Target)
	}
	return fmt.Sprintf("%s record with %s", article(r.Type), printable(strings.Join(r.Values, ", ")))
}

func article(kind string) string {
	if strings.HasPrefix(kind, "A") {
		return "an " + kind
	}
	return "a " + kind
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

// ownership returns the owner that a TXT record of external-dns's registry
// names, see https://kubernetes-sigs.github.io/external-dns/latest/docs/registry/txt/.
func ownership(set RecordSet) (owner string, ok bool) {
	if set.Type != "TXT" {
		return "", false
	}
	for _, v := range set.Values {
		fields := strings.Split(strings.Trim(v, `"`), ",")
		if !slices.Contains(fields, "heritage=external-dns") {
			continue
		}
		for _, f := range fields {
			if owner, ok := strings.CutPrefix(f, "external-dns/owner="); ok {
				return owner, true
			}
		}
		return "", true
	}
	return "", false
}

// ownerOf returns the owner that external-dns's registry has for a name: in a
// TXT record of that name, or in one whose first label has the type in front.
func (c *checker) ownerOf(name Name) (owner string, txt RecordSet, ok bool) {
	for _, prefix := range []string{"", "a-", "aaaa-", "cname-"} {
		for _, set := range c.sets[c.zone.ID][Name(prefix+string(name))] {
			if owner, ok := ownership(set); ok {
				return owner, set, true
			}
		}
	}
	return "", RecordSet{}, false
}

// ownedExists reports whether a record that the TXT record might speak of exists.
// The name of the TXT record is that of the record with the type, and what the
// flags --txt-prefix and --txt-suffix say, before or behind: nobody but
// external-dns knows these, so that anything that fits counts.
func (c *checker) ownedExists(txt RecordSet) bool {
	exists := func(n Name) bool {
		return slices.ContainsFunc(c.sets[c.zone.ID][n], func(s RecordSet) bool { return s.Type != "TXT" })
	}
	label, parent, _ := strings.Cut(string(txt.Name), ".")
	for i := range len(label) + 1 {
		for _, owned := range []string{label[:i], label[i:]} {
			if owned == `\052` {
				owned = "*"
			}
			if exists(Name(owned + "." + parent)) {
				return true
			}
		}
	}
	for n := txt.Name.Parent(); n.Below(c.zone.Name); n = n.Parent() {
		if exists(n) {
			return true
		}
	}
	return false
}

// managed reports whether a name is one that external-dns is to manage, or one
// of the cluster.
func (c *checker) managed(name Name) bool {
	if c.o.ExternalDNS != nil {
		return name.In(c.o.BaseDomain)
	}
	if domain := c.o.domain(); domain != "" && name.In(domain) {
		return true
	}
	_, rest, _ := strings.Cut(string(name), "-")
	return slices.Contains(c.o.names(), name) || slices.Contains(c.o.names(), Name(rest))
}

func checkRecordOrphan(c *checker, code groundway.Code) {
	sets, ok := c.seenSets(code)
	if !ok {
		return
	}
	complete := c.setsOf(c.zone.ID).Complete()
	if !complete {
		return // what it owns may be among what was not seen
	}
	failed := false
	for _, set := range sets {
		owner, ok := ownership(set)
		if !ok || !c.managed(set.Name) || c.ownedExists(set) {
			continue
		}
		failed = true
		c.Fail(groundway.Finding{
			Code: code, Subject: setSubject(c.zone.ID, set),
			Summary:  fmt.Sprintf("%s says that external-dns owns it as %s, and the record that it speaks of is gone.", set.Name, printable(owner)),
			Evidence: c.factsOfSet(set),
			Remedies: []groundway.Remedy{{
				Action:   "Delete the TXT record, if that external-dns is gone too.",
				Commands: [][]string{deleteCommand(c.zone.ID, set)},
			}},
			Related: []groundway.Subject{c.zoneSubject(c.zone.ID)},
		})
	}
	if !failed {
		c.Pass(code, 1)
	}
}

func checkRecordOwner(c *checker, code groundway.Code) {
	sets, ok := c.seenSets(code)
	if !ok {
		return
	}
	if c.o.ExternalDNS == nil {
		c.Inapplicable(code, "external-dns is not among the add-ons")
		return
	}
	foreign := map[string][]RecordSet{}
	for _, set := range sets {
		if owner, ok := ownership(set); ok && set.Name.In(c.o.BaseDomain) && owner != c.o.ExternalDNS.owner() {
			foreign[owner] = append(foreign[owner], set)
		}
	}
	for owner, sets := range foreign {
		f := groundway.Finding{
			Code: code, Subject: groundway.Subject{Kind: "external-dns-owner", ID: owner},
			Summary: fmt.Sprintf("%s of %s, the first %s, which external-dns as %s will not touch.",
				plural(len(sets), "ownership record"), ownerInWords(owner), sets[0].Name, printable(c.o.ExternalDNS.owner())),
			Remedies: []groundway.Remedy{{
				Action:   "Start external-dns with the owner of the cluster that it follows (--txt-owner-id), or delete what the other left.",
				Commands: [][]string{commandOf(actionRecords, c.zone.ID)},
			}},
			Related: []groundway.Subject{c.zoneSubject(c.zone.ID)},
		}
		for _, set := range sets[:min(len(sets), mostFacts)] {
			f.Evidence = append(f.Evidence, c.factsOfSet(set)...)
		}
		c.Fail(f)
	}
	if len(foreign) == 0 && c.setsOf(c.zone.ID).Complete() {
		c.Pass(code, 1)
	}
}

func ownerInWords(owner string) string {
	if owner == "" {
		return "an owner without a name"
	}
	return "the owner " + printable(owner)
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

func checkLimitRecords(c *checker, code groundway.Code) {
	z := c.rightZone(code)
	if z == nil {
		return
	}
	i := slices.IndexFunc(c.Limits.Items, func(l Limit) bool { return l.ZoneID == z.ID && l.Type == LimitRecords })
	if i < 0 {
		c.unknown(code, c.zoneSubject(z.ID), limitGaps(c.Limits, actionZoneLimit, "the limits of "+z.ID)...)
		return
	}
	c.checkLimit(code, c.zoneSubject(z.ID), c.Limits.Items[i], len(c.o.names()), "record set", actionZoneLimit)
}

func checkLimitZones(c *checker, code groundway.Code) {
	if c.o.NewZones == 0 {
		c.Inapplicable(code, "no hosted zone is to be made")
		return
	}
	i := slices.IndexFunc(c.Limits.Items, func(l Limit) bool { return l.ZoneID == "" && l.Type == LimitZones })
	subject := groundway.Subject{Kind: "account", ID: c.account}
	if i < 0 {
		c.unknown(code, subject, limitGaps(c.Limits, actionAccountLimit, "the limit of the account")...)
		return
	}
	c.checkLimit(code, subject, c.Limits.Items[i], c.o.NewZones, "hosted zone", actionAccountLimit)
}

// limitGaps returns the gaps of one of the two calls that fill the part.
func limitGaps(p groundway.Part[Limit], action, what string) []groundway.Gap {
	gaps := slices.DeleteFunc(slices.Clone(p.Gaps), func(g groundway.Gap) bool { return g.Action != action })
	if len(gaps) == 0 {
		return []groundway.Gap{notShown(action, what)}
	}
	return gaps
}

func (c *checker) checkLimit(code groundway.Code, s groundway.Subject, l Limit, more int, what, action string) {
	if l.Count+int64(more) <= l.Value {
		c.Pass(code, 1)
		return
	}
	c.Fail(groundway.Finding{
		Code: code, Subject: s,
		Summary: fmt.Sprintf("%d of %d %ss are in use, and %d more are needed.", l.Count, l.Value, what, more),
		Evidence: []groundway.Fact{
			{Path: pointer("hostedZoneLimits", l.Key(), "count"), Got: fmt.Sprint(l.Count), Source: action},
			{Path: pointer("hostedZoneLimits", l.Key(), "value"), Got: fmt.Sprint(l.Value), Want: fmt.Sprintf("%d at least", l.Count+int64(more)), Source: action},
		},
		Remedies: []groundway.Remedy{{
			Action:   "Delete what nobody uses, or have the quota raised.",
			Commands: [][]string{{"aws", "service-quotas", "list-service-quotas", "--service-code", "route53", "--region", "us-east-1"}},
		}},
	})
}
