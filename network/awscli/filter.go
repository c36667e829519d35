package awscli

import (
	"net/netip"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/dump"
	"github.com/groundway-sdk/groundway/network"
)

func securityGroup(v dump.Value) network.SecurityGroup {
	return network.SecurityGroup{
		ID:      v.ID("GroupId"),
		VPCID:   v.Text("VpcId"),
		OwnerID: v.Text("OwnerId"),
		Name:    v.Text("GroupName"),
		Ingress: securityRules(v, "IpPermissions"),
		Egress:  securityRules(v, "IpPermissionsEgress"),
		Tags:    tags(v),
	}
}

func securityRules(v dump.Value, key string) groundway.List[network.SecurityRule] {
	var rules []network.SecurityRule
	for p := range v.Objects(key) {
		r := network.SecurityRule{Protocol: p.ID("IpProtocol"), FromPort: p.Int("FromPort"), ToPort: p.Int("ToPort")}
		if (r.FromPort == nil) != (r.ToPort == nil) {
			p.Errorf("has one of FromPort and ToPort; want both or none")
			continue
		}
		for c := range p.Objects("IpRanges") {
			r.Prefixes = appendValid(r.Prefixes, prefix4(c, "CidrIp"))
		}
		for c := range p.Objects("Ipv6Ranges") {
			r.Prefixes = appendValid(r.Prefixes, prefix6(c, "CidrIpv6"))
		}
		for l := range p.Objects("PrefixListIds") {
			r.PrefixListIDs = append(r.PrefixListIDs, l.ID("PrefixListId"))
		}
		for g := range p.Objects("UserIdGroupPairs") {
			r.Groups = append(r.Groups, network.GroupRef{
				ID:            g.ID("GroupId"),
				OwnerID:       g.Text("UserId"),
				VPCID:         g.Text("VpcId"),
				PeeringID:     g.Text("VpcPeeringConnectionId"),
				PeeringStatus: g.Text("PeeringStatus"),
			})
		}
		rules = append(rules, r)
	}
	return network.MergeRules(rules)
}

func appendValid(list []netip.Prefix, p netip.Prefix) []netip.Prefix {
	if p.IsValid() {
		list = append(list, p)
	}
	return list
}

func networkACL(v dump.Value) network.NetworkACL {
	isDefault := v.Bool("IsDefault")
	a := network.NetworkACL{
		ID:      v.ID("NetworkAclId"),
		VPCID:   v.Text("VpcId"),
		OwnerID: v.Text("OwnerId"),
		Default: isDefault != nil && *isDefault,
		Tags:    tags(v),
	}
	for s := range v.Objects("Associations") {
		a.Associations = append(a.Associations, network.ACLAssociation{
			ID: s.Text("NetworkAclAssociationId"), SubnetID: s.ID("SubnetId"),
		})
	}
	seen := map[string]dump.Value{}
	for ev := range v.Objects("Entries") {
		e, ok := aclEntry(ev)
		if !ok {
			continue
		}
		if first, twice := seen[e.Key()]; twice {
			ev.Repeats(first, e.Key())
			continue
		}
		seen[e.Key()] = ev
		a.Entries = append(a.Entries, e)
	}
	return a
}

// aclEntry reads an entry; ok is false where it lacks what orders or matches it.
func aclEntry(v dump.Value) (e network.ACLEntry, ok bool) {
	number, egress := v.Count("RuleNumber"), v.Bool("Egress")
	if number == nil || egress == nil {
		v.Errorf("has no RuleNumber or no Egress")
		return e, false
	}
	ports, icmp := v.Object("PortRange"), v.Object("IcmpTypeCode")
	e = network.ACLEntry{
		Number: *number, Egress: *egress, Action: v.ID("RuleAction"), Protocol: v.ID("Protocol"),
		Prefix:   prefix4(v, "CidrBlock"),
		FromPort: ports.Count("From"), ToPort: ports.Count("To"),
		ICMPType: icmp.Int("Type"), ICMPCode: icmp.Int("Code"),
	}
	if ipv6 := prefix6(v, "Ipv6CidrBlock"); ipv6.IsValid() {
		e.Prefix = ipv6
	}
	if !v.Has("CidrBlock") && !v.Has("Ipv6CidrBlock") {
		v.Errorf("has no block; want CidrBlock or Ipv6CidrBlock")
	}
	return e, e.Prefix.IsValid()
}
