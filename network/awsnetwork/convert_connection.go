package awsnetwork

import (
	"errors"
	"net/netip"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/groundway-sdk/groundway/network"
)

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
