package route53

import (
	"fmt"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
)

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
