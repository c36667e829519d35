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
