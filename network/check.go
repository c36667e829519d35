package network

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/groundway-sdk/groundway"
)

// Check applies the rules of the profile to the network that the options name,
// and returns at least one finding for each of them: one for every subject that
// failed or could not be seen, and one for all subjects together that passed or
// were skipped. The findings are ordered by [groundway.Finding.Compare].
//
// A route table is the subject of what is wrong with its routes, and the
// subnets that it serves are related; a NAT gateway is the subject of what is
// wrong with it, however many tables lead there.
//
// Options that contradict the network are findings, not errors: a subnet that
// does not exist, a block with host bits.
func Check(s Snapshot, o Options) []groundway.Finding {
	c := newChecker(s, o)
	for _, rule := range []struct {
		code  groundway.Code
		check func(*checker, groundway.Code)
	}{
		{codeVPCNotFound, checkVPCFound},
		{codeVPCNotAvailable, checkVPCAvailable},
		{codeDNSSupport, checkDNSSupport},
		{codeDNSHostnames, checkDNSHostnames},
		{codeNoInternetGateway, checkInternetGateway},
		{codeVPCOtherCluster, checkVPCOwner},
		{codeVPCShared, checkVPCShared},
		{codeBlockPublicAccess, checkBlockPublicAccess},
		{codeCIDRPending, checkCIDRAssociations},
		{codeDHCPMissing, checkDHCPOptions},
		{codeDHCPDomain, checkDHCPDomain},
		{codeDHCPMultiple, checkDHCPMultiple},
		{codeDHCPServers, checkDHCPServers},
		{codeSubnetNotFound, checkSubnetFound},
		{codeSubnetOtherVPC, checkSubnetVPC},
		{codeSubnetDuplicate, checkSubnetDuplicate},
		{codeSubnetNotPublic, checkSubnetPublic},
		{codeSubnetPublic, checkSubnetPrivate},
		{codeSubnetImplicit, checkSubnetImplicit},
		{codeSubnetAutoIP, checkSubnetAutoIP},
		{codeSubnetOtherCluster, checkSubnetOwner},
		{codeNATNotAvailable, checkNATAvailable},
		{codeNATNotPublic, checkNATPublic},
		{codeNATPrivate, checkNATPrivate},
		{codeNATSingle, checkNATSingle},
		{codeNATCrossZone, checkNATCrossZone},
		{codeDefaultBlackhole, checkDefaultBlackhole},
		{codeDefaultMissing, checkDefaultMissing},
		{codeDefaultPartial, checkDefaultPartial},
		{codeInternetNarrow, checkInternetNarrow},
		{codeUnreachable, checkUnreachable},
		{codeVPNAbsent, checkVPNAbsent},
		{codeZoneSingle, checkZoneSingle},
		{codeZoneUnbalanced, checkZoneUnbalanced},
		{codeCIDRInvalid, checkCIDRInvalid},
		{codePodServiceOverlap, checkPodServiceOverlap},
		{codeOverlapPod, checkOverlapPod},
		{codeOverlapService, checkOverlapService},
		{codeOverlapDocker, checkOverlapDocker},
		{codeOverlapRoute, checkOverlapRoute},
	} {
		rule.check(c, rule.code)
	}
	return c.findings()
}

// A checker holds what the rules share: the network, indexed, and the results.
type checker struct {
	*classifier
	account string
	region  string
	o       Options
	members []*member
	results map[groundway.Code]*result
}

// A member is a subnet that the options name.
type member struct {
	id         string
	controller bool
	worker     bool
	times      int     // how often the options name it in the roles that it has
	subnet     *Subnet // nil if it was not seen or does not exist
	egress     SubnetEgress
}

// public reports whether the subnet has to be public. One that is named for
// both roles is judged as a controller subnet.
func (m *member) public(o Options) bool { return m.controller && o.Topology == TopologyPublic }

func (m *member) roles() string {
	switch {
	case m.controller && m.worker:
		return "controller and worker"
	case m.controller:
		return "controller"
	}
	return "worker"
}

type result struct {
	failed, unknown map[string]groundway.Finding // by fingerprint
	passed          int
	skipped         int
	causes          map[string]bool // fingerprints
	follows         map[string]bool // the same in words
	reasons         map[string]bool // for having no subject
}

func newChecker(s Snapshot, o Options) *checker {
	c := &checker{
		classifier: newClassifier(s.visible(o.VPC), o.VPC),
		account:    s.Account, region: cmp.Or(o.Region, s.Region), o: o,
		results: map[groundway.Code]*result{},
	}
	for _, r := range rules {
		c.results[r.Code] = &result{
			failed: map[string]groundway.Finding{}, unknown: map[string]groundway.Finding{},
			causes: map[string]bool{}, follows: map[string]bool{}, reasons: map[string]bool{},
		}
	}
	named := map[string]*member{}
	name := func(id string) *member {
		if named[id] == nil {
			named[id] = &member{id: id}
		}
		named[id].times++
		return named[id]
	}
	for _, id := range o.ControllerSubnets {
		name(id).controller = true
	}
	for _, id := range o.WorkerSubnets {
		name(id).worker = true
	}
	for _, id := range slices.Sorted(maps.Keys(named)) {
		m := named[id]
		m.subnet = c.subnets[id]
		if m.subnet != nil && m.subnet.VPCID == o.VPC {
			m.egress = c.classify(id)
		}
		c.members = append(c.members, m)
	}
	return c
}

// A fault is what a rule says of a subject that fails.
type fault struct {
	subject  groundway.Subject
	summary  string
	evidence []groundway.Fact
	remedies []groundway.Remedy
	related  []groundway.Subject
	severity groundway.Severity // zero is the rule's
}

func (c *checker) fail(code groundway.Code, f fault) {
	why, page := splitDoc(ruleOf(code).Doc)
	if len(f.remedies) > 0 {
		f.remedies[0].URL = cmp.Or(f.remedies[0].URL, page)
	}
	slices.SortFunc(f.related, groundway.Subject.Compare)
	finding := groundway.Finding{
		Code: code, Outcome: groundway.Failed, Severity: cmp.Or(f.severity, c.severity(code)),
		Subject: f.subject, Summary: f.summary, Detail: why,
		Evidence: f.evidence, Remedies: f.remedies, Related: slices.Compact(f.related),
	}
	c.results[code].failed[finding.Fingerprint()] = finding
}

func (c *checker) pass(code groundway.Code, subjects int) { c.results[code].passed += subjects }

// skip records a subject that the rule has nothing to say of, for what it
// follows from or would repeat.
func (c *checker) skip(code groundway.Code, cause groundway.Code, s groundway.Subject) {
	c.results[code].skipped++
	c.results[code].causes[groundway.Fingerprint(cause, s)] = true
	c.results[code].follows[string(cause)+" of "+s.String()] = true
}

// inapplicable records why the rule has no subject, or none of some kind.
func (c *checker) inapplicable(code groundway.Code, reason string) {
	c.results[code].skipped++
	c.results[code].reasons[reason] = true
}

// unknown records a subject for which the rule could not be answered. Where a
// whole part is missing, the VPC stands for all subjects: one action is denied,
// and one thing is to be done.
func (c *checker) unknown(code groundway.Code, s groundway.Subject, gaps ...groundway.Gap) {
	if !slices.ContainsFunc(gaps, func(g groundway.Gap) bool { return c.sawAny(g.Action) }) {
		s = c.vpcSubject()
	}
	detail, _ := splitDoc(ruleOf(code).Doc)
	finding := groundway.Finding{
		Code: code, Outcome: groundway.Unknown, Severity: c.severity(code), Subject: s, Detail: detail,
	}
	var why []string
	for _, g := range gaps {
		text := g.Action
		if more := strings.Join(slices.DeleteFunc([]string{g.Code, g.Message}, func(s string) bool { return s == "" }), ": "); more != "" {
			text += " (" + more + ")"
		}
		if slices.Contains(why, text) {
			continue
		}
		why = append(why, text)
		finding.Evidence = append(finding.Evidence, groundway.Fact{Got: cmp.Or(g.Message, g.Code), Want: "an answer of " + g.Action, Source: g.Action})
		finding.Remedies = append(finding.Remedies, c.remedyForGap(code, g))
	}
	finding.Summary = fmt.Sprintf("It could not be seen whether %s: %s", lowerFirst(ruleOf(code).Title), strings.Join(why, "; "))
	c.results[code].unknown[finding.Fingerprint()] = finding
}

// sawAny reports whether the part that an action answers was seen, if only in
// part.
func (c *checker) sawAny(action string) bool {
	switch action {
	case actionSubnets:
		return c.parts.Subnets.Seen
	case actionRouteTables:
		return c.parts.RouteTables.Seen
	case actionNATGateways:
		return c.parts.NATGateways.Seen
	case actionInternetGateways:
		return c.parts.InternetGateways.Seen
	case actionZones:
		return c.parts.Zones.Seen
	}
	return true
}

func (c *checker) remedyForGap(code groundway.Code, g groundway.Gap) groundway.Remedy {
	r := groundway.Remedy{Action: "Let the caller use " + g.Action + " and check again."}
	if g.Account != "" && g.Account != c.account {
		r.Action = "Have the owner of the resource use " + g.Action + " and share the answer."
		r.Actor = "owner of account " + g.Account
	}
	if command := commandOf(code, g.Action, c.vpcID); command != nil {
		r.Commands = [][]string{command}
	}
	return r
}

// findings returns what the rules recorded, in the order of reports.
func (c *checker) findings() []groundway.Finding {
	var all []groundway.Finding
	whole := c.vpcSubject()
	for _, r := range rules {
		res := c.results[r.Code]
		base := groundway.Finding{Code: r.Code, Severity: c.severity(r.Code), Subject: whole}
		all = slices.AppendSeq(all, maps.Values(res.failed))
		all = slices.AppendSeq(all, maps.Values(res.unknown))
		// What failed or is unknown says it all, but for the subjects that
		// follow from a cause; and a rule passes only if it holds for all.
		f := base
		switch {
		case len(res.causes) > 0, len(res.failed)+len(res.unknown)+res.passed == 0:
			f.Outcome, f.Summary = groundway.Skipped, r.Title
			f.Detail = strings.Join(slices.Sorted(maps.Keys(res.reasons)), "; ")
			if len(res.causes) > 0 {
				f.Detail = "follows from " + strings.Join(slices.Sorted(maps.Keys(res.follows)), ", ")
			}
			f.Evidence = []groundway.Fact{{Got: strconv.Itoa(res.skipped), Want: "subjects of the rule, which does not speak of them"}}
			f.Causes = slices.Sorted(maps.Keys(res.causes))
		case len(res.failed)+len(res.unknown) == 0:
			f.Outcome, f.Summary = groundway.Passed, r.Title
			f.Evidence = []groundway.Fact{{Got: strconv.Itoa(res.passed), Want: "subjects of the rule, all of which hold"}}
		default:
			continue
		}
		all = append(all, f)
	}
	slices.SortFunc(all, groundway.Finding.Compare)
	return all
}

// splitDoc takes the documentation of a rule apart into the reason and the page
// that it ends with.
func splitDoc(doc string) (why, page string) {
	if i := strings.LastIndex(doc, " https://"); i >= 0 {
		return doc[:i], doc[i+1:]
	}
	return doc, ""
}

// lowerFirst writes a title as part of a sentence: all but the first word of an
// abbreviation.
func lowerFirst(title string) string {
	runes := []rune(title)
	if len(runes) > 1 && !unicode.IsUpper(runes[1]) {
		runes[0] = unicode.ToLower(runes[0])
	}
	return string(runes)
}

// named returns the members that keep selects and that are subnets of the VPC;
// for the others it records that the rule follows from that.
func (c *checker) named(code groundway.Code, keep func(*member) bool) []*member {
	if c.stopAtVPC(code) {
		return nil
	}
	var usable []*member
	selected := false
	for _, m := range c.members {
		if !keep(m) {
			continue
		}
		selected = true
		switch {
		case m.subnet == nil && c.parts.Subnets.Complete():
			c.skip(code, codeSubnetNotFound, c.subnetSubject(m))
		case m.subnet == nil:
			c.unknown(code, c.vpcSubject(), gapsOf(c.parts.Subnets, actionSubnets)...)
		case m.subnet.VPCID == "":
			c.unknown(code, c.subnetSubject(m), notShown(actionSubnets, "the VPC of "+m.id))
		case m.subnet.VPCID != c.vpcID:
			c.skip(code, codeSubnetOtherVPC, c.subnetSubject(m))
		default:
			usable = append(usable, m)
		}
	}
	if !selected {
		c.inapplicable(code, "the options name no such subnet")
	}
	return usable
}

// stopAtVPC records that the rule is skipped where the VPC does not exist, and
// unknown where nothing shows that it does.
func (c *checker) stopAtVPC(code groundway.Code) bool {
	switch {
	case c.vpc != nil:
		return false
	case c.vpcID == "" || c.parts.VPCs.Complete():
		c.skip(code, codeVPCNotFound, c.vpcSubject())
		return true
	case len(c.tables) > 0, slices.ContainsFunc(c.parts.Subnets.Items, func(s Subnet) bool { return s.VPCID == c.vpcID }):
		// It was not shown, but what is in it was.
		return false
	}
	c.unknown(code, c.vpcSubject(), gapsOf(c.parts.VPCs, actionVPCs)...)
	return true
}

// routed is like named, and keeps the members whose effective table is known.
func (c *checker) routed(code groundway.Code, keep func(*member) bool) []*member {
	return slices.DeleteFunc(c.named(code, keep), func(m *member) bool {
		if m.egress.RouteTableID != "" {
			return false
		}
		c.unknown(code, c.subnetSubject(m), m.egress.IPv4.Gaps...)
		return true
	})
}

func everyMember(*member) bool { return true }

func (c *checker) vpcSubject() groundway.Subject {
	s := groundway.Subject{Kind: "vpc", ID: c.vpcID, Region: c.region}
	if c.vpcID == "" {
		s.Path = "/network/vpc"
	}
	if c.vpc != nil {
		s.Name, s.Account = c.vpc.Tags["Name"], c.vpc.OwnerID
	}
	return s
}

func (c *checker) subnetSubject(m *member) groundway.Subject {
	s := groundway.Subject{Kind: "subnet", ID: m.id, Region: c.region}
	if m.subnet != nil {
		s.Name, s.Zone, s.Account = m.subnet.Tags["Name"], m.subnet.Zone, m.subnet.OwnerID
	}
	return s
}

func (c *checker) subjectsOf(members []*member) []groundway.Subject {
	list := make([]groundway.Subject, len(members))
	for i, m := range members {
		list[i] = c.subnetSubject(m)
	}
	return list
}

func (c *checker) tableSubject(id string) groundway.Subject {
	s := groundway.Subject{Kind: "route-table", ID: id, Region: c.region}
	if t := c.tables[id]; t != nil {
		s.Name, s.Account = t.Tags["Name"], t.OwnerID
	}
	return s
}

func (c *checker) natSubject(id string) groundway.Subject {
	s := groundway.Subject{Kind: "nat-gateway", ID: id, Region: c.region}
	if n := c.nats[id]; n != nil {
		s.Name = n.Tags["Name"]
		if sub := c.subnets[n.SubnetID]; sub != nil {
			s.Zone = sub.Zone
		}
	}
	return s
}

// subjectOf returns the subject of the finding that a cause names.
func (c *checker) subjectOf(cause Cause) groundway.Subject {
	switch {
	case cause.ID == c.vpcID:
		return c.vpcSubject()
	case c.subnets[cause.ID] != nil:
		return c.subnetSubject(&member{id: cause.ID, subnet: c.subnets[cause.ID]})
	case c.tables[cause.ID] != nil:
		return c.tableSubject(cause.ID)
	}
	return c.natSubject(cause.ID)
}

// pointer returns the place of an item, or of something within it, in the
// canonical JSON of the snapshot.
func pointer(part, id string, steps ...string) string {
	return groundway.Pointer(append([]string{"parts", part, "items", id}, steps...)...)
}

// notShown is the gap of an answer that lacks a field.
func notShown(action, what string) groundway.Gap {
	return groundway.Gap{Action: action, Message: "the answer does not show " + what}
}

// plural writes a number with its noun.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}
