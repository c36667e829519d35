package awsnetwork

import (
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/network"
)

func securityGroupOf(g types.SecurityGroup) (network.SecurityGroup, error) {
	group := network.SecurityGroup{
		ID:      text(g.GroupId),
		VPCID:   text(g.VpcId),
		OwnerID: text(g.OwnerId),
		Name:    text(g.GroupName),
		Tags:    tagsOf(g.Tags),
	}
	var err error
	if group.Ingress, err = rulesOf(g.IpPermissions); err != nil {
		return group, err
	}
	group.Egress, err = rulesOf(g.IpPermissionsEgress)
	return group, err
}

func rulesOf(permissions []types.IpPermission) (groundway.List[network.SecurityRule], error) {
	var rules []network.SecurityRule
	for _, p := range permissions {
		r := network.SecurityRule{Protocol: text(p.IpProtocol), FromPort: number(p.FromPort), ToPort: number(p.ToPort)}
		if r.Protocol == "" || (r.FromPort == nil) != (r.ToPort == nil) {
			return nil, errors.New("a rule has no protocol, or one port of two")
		}
		var blocks []*string
		for _, c := range p.IpRanges {
			blocks = append(blocks, c.CidrIp)
		}
		for _, c := range p.Ipv6Ranges {
			blocks = append(blocks, c.CidrIpv6)
		}
		for _, block := range blocks {
			prefix, err := parseBlock(text(block))
			if err != nil {
				return nil, err
			}
			r.Prefixes = append(r.Prefixes, prefix)
		}
		for _, l := range p.PrefixListIds {
			r.PrefixListIDs = append(r.PrefixListIDs, text(l.PrefixListId))
		}
		for _, g := range p.UserIdGroupPairs {
			r.Groups = append(r.Groups, network.GroupRef{
				ID:            text(g.GroupId),
				OwnerID:       text(g.UserId),
				VPCID:         text(g.VpcId),
				PeeringID:     text(g.VpcPeeringConnectionId),
				PeeringStatus: text(g.PeeringStatus),
			})
		}
		rules = append(rules, r)
	}
	return network.MergeRules(rules), nil
}

func networkACLOf(a types.NetworkAcl) (network.NetworkACL, error) {
	acl := network.NetworkACL{
		ID:      text(a.NetworkAclId),
		VPCID:   text(a.VpcId),
		OwnerID: text(a.OwnerId),
		Default: a.IsDefault != nil && *a.IsDefault,
		Tags:    tagsOf(a.Tags),
	}
	for _, s := range a.Associations {
		acl.Associations = append(acl.Associations, network.ACLAssociation{
			ID: text(s.NetworkAclAssociationId), SubnetID: text(s.SubnetId),
		})
	}
	keys := map[string]bool{}
	for _, e := range a.Entries {
		entry, err := aclEntryOf(e)
		if err != nil {
			return acl, err
		}
		if keys[entry.Key()] {
			return acl, errors.New("two of its entries have one number")
		}
		keys[entry.Key()] = true
		acl.Entries = append(acl.Entries, entry)
	}
	return acl, nil
}

func aclEntryOf(e types.NetworkAclEntry) (network.ACLEntry, error) {
	if e.RuleNumber == nil || e.Egress == nil || text(e.Protocol) == "" {
		return network.ACLEntry{}, errors.New("an entry has no number, direction or protocol")
	}
	entry := network.ACLEntry{
		Number: int(*e.RuleNumber), Egress: *e.Egress, Action: string(e.RuleAction), Protocol: *e.Protocol,
	}
	if p := e.PortRange; p != nil {
		entry.FromPort, entry.ToPort = number(p.From), number(p.To)
	}
	if c := e.IcmpTypeCode; c != nil {
		entry.ICMPType, entry.ICMPCode = number(c.Type), number(c.Code)
	}
	block := e.CidrBlock
	if text(block) == "" {
		block = e.Ipv6CidrBlock
	}
	var err error
	entry.Prefix, err = parseBlock(text(block))
	return entry, err
}

func number(n *int32) *int {
	if n == nil {
		return nil
	}
	return new(int(*n))
}
