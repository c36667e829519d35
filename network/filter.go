package network

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"

	"github.com/groundway-sdk/groundway"
)

// A SecurityGroup as ec2:DescribeSecurityGroups shows it. Traffic passes where
// a rule of any group of an interface allows it; answers to what was let
// through pass as well.
type SecurityGroup struct {
	ID      string                       `json:"id"`
	VPCID   string                       `json:"vpcId,omitempty"`
	OwnerID string                       `json:"ownerId,omitempty"`
	Name    string                       `json:"groupName,omitempty"` // untrusted text
	Ingress groundway.List[SecurityRule] `json:"ingress,omitempty"`
	Egress  groundway.List[SecurityRule] `json:"egress,omitempty"`
	Tags    map[string]string            `json:"tags,omitempty"`
}

// Key returns the ID.
func (g SecurityGroup) Key() string { return g.ID }

// A SecurityRule allows a protocol and its ports for all peers that it lists:
// EC2 gathers the rules of a group by protocol and ports.
type SecurityRule struct {
	// Protocol is -1 for all, tcp, udp, icmp, icmpv6, or the number of another.
	Protocol string `json:"protocol"`
	// FromPort and ToPort are the first and the last port, or the type and the
	// code of ICMP, where -1 means all. They are nil for protocols without.
	FromPort      *int           `json:"fromPort,omitempty"`
	ToPort        *int           `json:"toPort,omitempty"`
	Prefixes      []netip.Prefix `json:"prefixes,omitempty"` // IPv4 and IPv6
	PrefixListIDs []string       `json:"prefixListIds,omitempty"`
	Groups        []GroupRef     `json:"groups,omitempty"`
}

// Key returns the protocol and the ports: "-1", "tcp 443", "tcp 30000-32767".
func (r SecurityRule) Key() string {
	if r.FromPort == nil || r.ToPort == nil {
		return r.Protocol
	}
	key := r.Protocol + " " + strconv.Itoa(*r.FromPort)
	if *r.FromPort != *r.ToPort {
		key += "-" + strconv.Itoa(*r.ToPort)
	}
	return key
}

// A GroupRef names a security group whose members a rule allows, in the same
// VPC or in a peer.
type GroupRef struct {
	ID            string `json:"groupId"`
	OwnerID       string `json:"ownerId,omitempty"`
	VPCID         string `json:"vpcId,omitempty"`                  // of a group in a peer
	PeeringID     string `json:"vpcPeeringConnectionId,omitempty"` // of a group in a peer
	PeeringStatus string `json:"peeringStatus,omitempty"`          // of a group in a peer
}

// MergeRules returns the rules with those of one protocol and ports made one,
// in the order in which they first came: they allow together what each allows.
func MergeRules(rules []SecurityRule) groundway.List[SecurityRule] {
	var list groundway.List[SecurityRule]
	at := map[string]int{}
	for _, r := range rules {
		i, have := at[r.Key()]
		if !have {
			at[r.Key()] = len(list)
			list = append(list, r)
			continue
		}
		list[i].Prefixes = slices.Concat(list[i].Prefixes, r.Prefixes)
		list[i].PrefixListIDs = slices.Concat(list[i].PrefixListIDs, r.PrefixListIDs)
		list[i].Groups = slices.Concat(list[i].Groups, r.Groups)
	}
	return list
}

// A NetworkACL as ec2:DescribeNetworkAcls shows it. It filters what enters and
// leaves its subnets, each packet on its own: the lowest number that matches
// decides, and what none matches is denied.
type NetworkACL struct {
	ID           string                   `json:"id"`
	VPCID        string                   `json:"vpcId,omitempty"`
	OwnerID      string                   `json:"ownerId,omitempty"`
	Default      bool                     `json:"isDefault,omitempty"`
	Associations []ACLAssociation         `json:"associations,omitempty"`
	Entries      groundway.List[ACLEntry] `json:"entries,omitempty"`
	Tags         map[string]string        `json:"tags,omitempty"`
}

// Key returns the ID.
func (a NetworkACL) Key() string { return a.ID }

// An ACLAssociation ties a network ACL to a subnet. EC2 shows one for every
// subnet, those of the default ACL included.
type ACLAssociation struct {
	ID       string `json:"id,omitempty"` // aclassoc-
	SubnetID string `json:"subnetId"`
}

// An ACLEntry allows or denies packets of one direction.
type ACLEntry struct {
	Number   int          `json:"ruleNumber"` // 32767 and 32768 are the denials at the end, which EC2 prints as *
	Egress   bool         `json:"egress,omitempty"`
	Action   string       `json:"ruleAction,omitempty"` // allow, deny
	Protocol string       `json:"protocol"`             // -1 for all, or the number: 6 is TCP, 17 UDP, 1 ICMP, 58 ICMPv6
	Prefix   netip.Prefix `json:"prefix"`               // of the other side
	FromPort *int         `json:"fromPort,omitempty"`   // of the destination, for TCP and UDP
	ToPort   *int         `json:"toPort,omitempty"`
	ICMPType *int         `json:"icmpType,omitempty"` // -1 for all
	ICMPCode *int         `json:"icmpCode,omitempty"` // -1 for all
}

// Key returns the direction and the number: "egress 100".
func (e ACLEntry) Key() string {
	direction := "ingress "
	if e.Egress {
		direction = "egress "
	}
	return direction + strconv.Itoa(e.Number)
}

func canonicalRules(list groundway.List[SecurityRule]) groundway.List[SecurityRule] {
	list = slices.Clone(list)
	for i := range list {
		r := &list[i]
		r.Prefixes = sorted(r.Prefixes, netip.Prefix.Compare)
		r.PrefixListIDs = sorted(r.PrefixListIDs, cmp.Compare[string])
		r.Groups = sorted(r.Groups, func(a, b GroupRef) int {
			return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.OwnerID, b.OwnerID), cmp.Compare(a.VPCID, b.VPCID),
				cmp.Compare(a.PeeringID, b.PeeringID), cmp.Compare(a.PeeringStatus, b.PeeringStatus))
		})
	}
	return list
}
