package network

import (
	"cmp"
	"maps"
	"slices"
	"strconv"

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
		{codeFreeAddresses, checkFreeAddresses},
		{codeSubnetForeign, checkForeign},
		{codeTagSlots, checkTagSlots},
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
		{codeZoneType, checkZoneType},
		{codeZoneOptIn, checkZoneOptIn},
		{codeZoneEKS, checkZoneEKS},
		{codeZoneImpaired, checkZoneImpaired},
		{codeInstanceType, checkInstanceTypes},
		{codeCIDRInvalid, checkCIDRInvalid},
		{codePodServiceOverlap, checkPodServiceOverlap},
		{codeOverlapPod, checkOverlapPod},
		{codeOverlapService, checkOverlapService},
		{codeOverlapDocker, checkOverlapDocker},
		{codeOverlapRoute, checkOverlapRoute},
		{codeBalancerTag, checkBalancerTag},
		{codeBalancerSubnet, checkBalancerSubnet},
		{codeBalancerZones, checkBalancerZones},
		{codeEndpointMissing, checkEndpointMissing},
		{codeEndpointDNS, checkEndpointDNS},
		{codeEndpointRouted, checkEndpointRouted},
		{codeLeftovers, checkLeftovers},
	} {
		rule.check(c, rule.code)
	}
	return c.Findings()
}

// A checker holds what the rules share: the network, indexed, and the results.
type checker struct {
	*classifier
	*groundway.Tally
	account string
	region  string
	o       Options
	members []*member
	listed  groundway.Part[Subnet] // as the programs of the cluster will see them
	// prediction is what the load balancers' program will choose, once asked.
	prediction *Prediction
}

// A member is a subnet that the options name.
type member struct {
	id         string
	controller bool
	worker     bool
	jumpHost   bool
	times      int     // how often the options name it in the roles that it has
	subnet     *Subnet // nil if it was not seen or does not exist
	egress     SubnetEgress
}

// public reports whether the subnet has to be public. One that is named for
// both roles is judged as a controller subnet.
func (m *member) public(o Options) bool {
	return m.jumpHost || m.controller && o.Topology == TopologyPublic
}

func (m *member) roles() string {
	switch {
	case m.controller && m.worker:
		return "controller and worker"
	case m.controller:
		return "controller"
	case m.jumpHost && !m.worker:
		return "jump host"
	}
	return "worker"
}

func newChecker(s Snapshot, o Options) *checker {
	if o.Profile == ProfileElastic {
		o.Topology = TopologyInternal // the jump host alone is reached from the internet
	}
	c := &checker{
		classifier: newClassifier(s.visible(o.VPC, s.canonical()), o.VPC),
		listed:     s.Subnets,
		account:    s.Account, region: cmp.Or(o.Region, s.Region), o: o,
	}
	c.Tally = groundway.NewTally(rulesOf(o.Profile), c.vpcSubject())
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
	if o.JumpHostSubnet != "" {
		name(o.JumpHostSubnet).jumpHost = true
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

// unknown records a subject for which the rule could not be answered. Where a
// whole part is missing, the VPC stands for all subjects: one action is denied,
// and one thing is to be done.
func (c *checker) unknown(code groundway.Code, s groundway.Subject, gaps ...groundway.Gap) {
	if !slices.ContainsFunc(gaps, func(g groundway.Gap) bool { return c.sawAny(g.Action) }) {
		s = c.vpcSubject()
	}
	c.Unseen(code, s, func(g groundway.Gap) groundway.Remedy {
		r := g.Remedy(c.account)
		if command := commandOf(code, g.Action, c.vpcID); command != nil {
			r.Commands = [][]string{command}
		}
		return r
	}, gaps...)
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
	case actionEndpoints:
		return c.parts.Endpoints.Seen
	case actionOfferings:
		return c.parts.InstanceOfferings.Seen
	case actionTags:
		return c.parts.ClusterTags.Seen
	case actionBalancerTags:
		return c.parts.LoadBalancerTags.Seen
	}
	return true
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
			c.Skip(code, codeSubnetNotFound, c.subnetSubject(m))
		case m.subnet == nil:
			c.unknown(code, c.vpcSubject(), gapsOf(c.parts.Subnets, actionSubnets)...)
		case m.subnet.VPCID == "":
			c.unknown(code, c.subnetSubject(m), notShown(actionSubnets, "the VPC of "+m.id))
		case m.subnet.VPCID != c.vpcID:
			c.Skip(code, codeSubnetOtherVPC, c.subnetSubject(m))
		default:
			usable = append(usable, m)
		}
	}
	if !selected {
		c.Inapplicable(code, "the options name no such subnet")
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
		c.Skip(code, codeVPCNotFound, c.vpcSubject())
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
