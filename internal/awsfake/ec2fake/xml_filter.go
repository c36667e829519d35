package ec2fake

import (
	"github.com/groundway-sdk/groundway/network"
)

type securityGroupSet struct {
	Set  list[groupXML] `xml:"securityGroupInfo"`
	Next string         `xml:"nextToken,omitempty"`
}

type networkACLSet struct {
	Set  list[aclXML] `xml:"networkAclSet"`
	Next string       `xml:"nextToken,omitempty"`
}

type endpointSet struct {
	Set  list[endpointXML] `xml:"vpcEndpointSet"`
	Next string            `xml:"nextToken,omitempty"`
}

type peeringSet struct {
	Set  list[peeringXML] `xml:"vpcPeeringConnectionSet"`
	Next string           `xml:"nextToken,omitempty"`
}

type groupXML struct {
	ID      string        `xml:"groupId"`
	VPCID   string        `xml:"vpcId,omitempty"`
	OwnerID string        `xml:"ownerId,omitempty"`
	Name    string        `xml:"groupName,omitempty"`
	Ingress list[ruleXML] `xml:"ipPermissions"`
	Egress  list[ruleXML] `xml:"ipPermissionsEgress"`
	Tags    list[tagXML]  `xml:"tagSet"`
}

type ruleXML struct {
	Protocol string             `xml:"ipProtocol"`
	From     *int               `xml:"fromPort"`
	To       *int               `xml:"toPort"`
	Groups   list[groupPairXML] `xml:"groups"`
	IPv4     list[rangeXML]     `xml:"ipRanges"`
	IPv6     list[rangeXML]     `xml:"ipv6Ranges"`
	Lists    list[listIDXML]    `xml:"prefixListIds"`
}

type rangeXML struct {
	IPv4 string `xml:"cidrIp,omitempty"`
	IPv6 string `xml:"cidrIpv6,omitempty"`
}

type listIDXML struct {
	ID string `xml:"prefixListId"`
}

type groupPairXML struct {
	ID            string `xml:"groupId"`
	OwnerID       string `xml:"userId,omitempty"`
	VPCID         string `xml:"vpcId,omitempty"`
	PeeringID     string `xml:"vpcPeeringConnectionId,omitempty"`
	PeeringStatus string `xml:"peeringStatus,omitempty"`
}

func securityGroupsXML(groups []network.SecurityGroup) (l list[groupXML]) {
	for _, g := range groups {
		l.Items = append(l.Items, groupXML{g.ID, g.VPCID, g.OwnerID, g.Name, rulesXML(g.Ingress), rulesXML(g.Egress), tagsXML(g.Tags)})
	}
	return l
}

func rulesXML(rules []network.SecurityRule) (l list[ruleXML]) {
	for _, r := range rules {
		x := ruleXML{Protocol: r.Protocol, From: r.FromPort, To: r.ToPort}
		for _, p := range r.Prefixes {
			if p.Addr().Is4() {
				x.IPv4.Items = append(x.IPv4.Items, rangeXML{IPv4: p.String()})
				continue
			}
			x.IPv6.Items = append(x.IPv6.Items, rangeXML{IPv6: p.String()})
		}
		for _, id := range r.PrefixListIDs {
			x.Lists.Items = append(x.Lists.Items, listIDXML{id})
		}
		for _, g := range r.Groups {
			x.Groups.Items = append(x.Groups.Items, groupPairXML(g))
		}
		l.Items = append(l.Items, x)
	}
	return l
}

type aclXML struct {
	ID           string                  `xml:"networkAclId"`
	VPCID        string                  `xml:"vpcId,omitempty"`
	OwnerID      string                  `xml:"ownerId,omitempty"`
	Default      bool                    `xml:"default"`
	Associations list[aclAssociationXML] `xml:"associationSet"`
	Entries      list[aclEntryXML]       `xml:"entrySet"`
	Tags         list[tagXML]            `xml:"tagSet"`
}

type aclAssociationXML struct {
	ID       string `xml:"networkAclAssociationId,omitempty"`
	SubnetID string `xml:"subnetId"`
}

type aclEntryXML struct {
	Number   int      `xml:"ruleNumber"`
	Egress   bool     `xml:"egress"`
	Action   string   `xml:"ruleAction,omitempty"`
	Protocol string   `xml:"protocol"`
	IPv4     string   `xml:"cidrBlock,omitempty"`
	IPv6     string   `xml:"ipv6CidrBlock,omitempty"`
	Ports    *portXML `xml:"portRange"`
	ICMP     *icmpXML `xml:"icmpTypeCode"`
}

type portXML struct {
	From *int `xml:"from"`
	To   *int `xml:"to"`
}

type icmpXML struct {
	Type *int `xml:"type"`
	Code *int `xml:"code"`
}

func networkACLsXML(acls []network.NetworkACL) (l list[aclXML]) {
	for _, a := range acls {
		x := aclXML{ID: a.ID, VPCID: a.VPCID, OwnerID: a.OwnerID, Default: a.Default, Tags: tagsXML(a.Tags)}
		for _, s := range a.Associations {
			x.Associations.Items = append(x.Associations.Items, aclAssociationXML(s))
		}
		for _, e := range a.Entries {
			entry := aclEntryXML{Number: e.Number, Egress: e.Egress, Action: e.Action, Protocol: e.Protocol}
			if e.Prefix.Addr().Is4() {
				entry.IPv4 = e.Prefix.String()
			} else {
				entry.IPv6 = e.Prefix.String()
			}
			if e.FromPort != nil || e.ToPort != nil {
				entry.Ports = &portXML{e.FromPort, e.ToPort}
			}
			if e.ICMPType != nil || e.ICMPCode != nil {
				entry.ICMP = &icmpXML{e.ICMPType, e.ICMPCode}
			}
			x.Entries.Items = append(x.Entries.Items, entry)
		}
		l.Items = append(l.Items, x)
	}
	return l
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
