package ec2fake

import (
	"github.com/groundway-sdk/groundway/network"
)

type endpointSet struct {
	Set  list[endpointXML] `xml:"vpcEndpointSet"`
	Next string            `xml:"nextToken,omitempty"`
}

type peeringSet struct {
	Set  list[peeringXML] `xml:"vpcPeeringConnectionSet"`
	Next string           `xml:"nextToken,omitempty"`
}

type endpointXML struct {
	ID         string             `xml:"vpcEndpointId"`
	VPCID      string             `xml:"vpcId,omitempty"`
	OwnerID    string             `xml:"ownerId,omitempty"`
	Type       string             `xml:"vpcEndpointType,omitempty"`
	Service    string             `xml:"serviceName,omitempty"`
	State      string             `xml:"state,omitempty"`
	PrivateDNS *bool              `xml:"privateDnsEnabled"`
	Tables     list[string]       `xml:"routeTableIdSet"`
	Subnets    list[string]       `xml:"subnetIdSet"`
	Groups     list[groupPairXML] `xml:"groupSet"`
	Tags       list[tagXML]       `xml:"tagSet"`
}

func endpointsXML(endpoints []network.Endpoint) (l list[endpointXML]) {
	for _, e := range endpoints {
		x := endpointXML{
			ID: e.ID, VPCID: e.VPCID, OwnerID: e.OwnerID, Type: e.Type, Service: e.Service, State: e.State, PrivateDNS: e.PrivateDNS,
			Tables: list[string]{e.RouteTableIDs}, Subnets: list[string]{e.SubnetIDs}, Tags: tagsXML(e.Tags),
		}
		for _, id := range e.GroupIDs {
			x.Groups.Items = append(x.Groups.Items, groupPairXML{ID: id})
		}
		l.Items = append(l.Items, x)
	}
	return l
}

type peeringXML struct {
	ID        string       `xml:"vpcPeeringConnectionId"`
	Status    *statusXML   `xml:"status"`
	Requester peeredXML    `xml:"requesterVpcInfo"`
	Accepter  peeredXML    `xml:"accepterVpcInfo"`
	Tags      list[tagXML] `xml:"tagSet"`
}

type statusXML struct {
	Code string `xml:"code"`
}

type peeredXML struct {
	VPCID   string        `xml:"vpcId,omitempty"`
	OwnerID string        `xml:"ownerId,omitempty"`
	Region  string        `xml:"region,omitempty"`
	Block   string        `xml:"cidrBlock,omitempty"`
	IPv4    list[cidrXML] `xml:"cidrBlockSet"`
	IPv6    list[cidrXML] `xml:"ipv6CidrBlockSet"`
}

func peeringsXML(peerings []network.Peering) (l list[peeringXML]) {
	for _, p := range peerings {
		x := peeringXML{ID: p.ID, Requester: peeredXMLOf(p.Requester), Accepter: peeredXMLOf(p.Accepter), Tags: tagsXML(p.Tags)}
		if p.State != "" {
			x.Status = &statusXML{p.State}
		}
		l.Items = append(l.Items, x)
	}
	return l
}

func peeredXMLOf(v network.PeeredVPC) peeredXML {
	var blocks []network.CIDR
	for _, p := range v.CIDRs {
		blocks = append(blocks, network.CIDR{Prefix: p})
	}
	v4, v6 := cidrsXML(blocks)
	return peeredXML{v.VPCID, v.OwnerID, v.Region, firstBlock(v4), v4, v6}
}

// An inZone is an instance type with a zone that offers it.
type inZone struct{ Type, Zone string }

// Key returns the type and the zone.
func (o inZone) Key() string { return o.Type + " " + o.Zone }

type offeringSet struct {
	Set  list[offeringXML] `xml:"instanceTypeOfferingSet"`
	Next string            `xml:"nextToken,omitempty"`
}

type offeringXML struct {
	Type     string `xml:"instanceType"`
	Location string `xml:"location"`
	Kind     string `xml:"locationType"`
}

func offeringsXML(offerings []inZone) (l list[offeringXML]) {
	for _, o := range offerings {
		l.Items = append(l.Items, offeringXML{o.Type, o.Zone, "availability-zone"})
	}
	return l
}

type tagSet struct {
	Set  list[clusterTagXML] `xml:"tagSet"`
	Next string              `xml:"nextToken,omitempty"`
}

type clusterTagXML struct {
	ResourceID   string `xml:"resourceId"`
	ResourceType string `xml:"resourceType,omitempty"`
	TagKey       string `xml:"key"`
	Value        string `xml:"value"`
}

func clusterTagsXML(tags []network.ClusterTag) (l list[clusterTagXML]) {
	for _, t := range tags {
		l.Items = append(l.Items, clusterTagXML(t))
	}
	return l
}
