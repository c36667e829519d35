package awsnetwork

import (
	"errors"
	"net/netip"
	"slices"

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

func endpointOf(e types.VpcEndpoint) (network.Endpoint, error) {
	endpoint := network.Endpoint{
		ID:            text(e.VpcEndpointId),
		VPCID:         text(e.VpcId),
		OwnerID:       text(e.OwnerId),
		Type:          string(e.VpcEndpointType),
		Service:       text(e.ServiceName),
		State:         string(e.State),
		PrivateDNS:    e.PrivateDnsEnabled,
		RouteTableIDs: e.RouteTableIds,
		SubnetIDs:     e.SubnetIds,
		Tags:          tagsOf(e.Tags),
	}
	for _, g := range e.Groups {
		endpoint.GroupIDs = append(endpoint.GroupIDs, text(g.GroupId))
	}
	return endpoint, nil
}

func peeringOf(p types.VpcPeeringConnection) (network.Peering, error) {
	peering := network.Peering{ID: text(p.VpcPeeringConnectionId), Tags: tagsOf(p.Tags)}
	if p.Status != nil {
		peering.State = string(p.Status.Code)
	}
	var err error
	if peering.Requester, err = peeredVPCOf(p.RequesterVpcInfo); err != nil {
		return peering, err
	}
	peering.Accepter, err = peeredVPCOf(p.AccepterVpcInfo)
	return peering, err
}

// peeredVPCOf converts one side. Its first block stands beside the set of
// blocks as well as in it.
func peeredVPCOf(v *types.VpcPeeringConnectionVpcInfo) (network.PeeredVPC, error) {
	if v == nil {
		return network.PeeredVPC{}, nil
	}
	peered := network.PeeredVPC{VPCID: text(v.VpcId), OwnerID: text(v.OwnerId), Region: text(v.Region)}
	blocks := []*string{v.CidrBlock}
	for _, c := range v.CidrBlockSet {
		blocks = append(blocks, c.CidrBlock)
	}
	for _, c := range v.Ipv6CidrBlockSet {
		blocks = append(blocks, c.Ipv6CidrBlock)
	}
	for _, block := range blocks {
		if text(block) == "" {
			continue
		}
		prefix, err := parseBlock(*block)
		if err != nil {
			return peered, err
		}
		if !slices.Contains(peered.CIDRs, prefix) {
			peered.CIDRs = append(peered.CIDRs, prefix)
		}
	}
	slices.SortFunc(peered.CIDRs, netip.Prefix.Compare)
	return peered, nil
}

func number(n *int32) *int {
	if n == nil {
		return nil
	}
	return new(int(*n))
}

// A typeInZone is one instance type offering.
type typeInZone struct{ instanceType, zone string }

// Key returns the type and the zone.
func (o typeInZone) Key() string { return o.instanceType + " " + o.zone }

func offeringOf(o types.InstanceTypeOffering) (typeInZone, error) {
	if o.InstanceType == "" || text(o.Location) == "" {
		return typeInZone{}, errors.New("it has no type or no zone")
	}
	return typeInZone{string(o.InstanceType), *o.Location}, nil
}

func clusterTagOf(t types.TagDescription) (network.ClusterTag, error) {
	tag := network.ClusterTag{ResourceID: text(t.ResourceId), ResourceType: string(t.ResourceType), TagKey: text(t.Key), Value: text(t.Value)}
	if tag.ResourceID == "" || tag.TagKey == "" {
		return tag, errors.New("it has no resource or no key")
	}
	return tag, nil
}
