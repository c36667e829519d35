package flow

import (
	"cmp"
	"maps"
	"slices"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/network"
)

// A Network is a VPC of a snapshot, indexed for questions about who reaches
// whom. It is not safe for use by several goroutines.
type Network struct {
	snapshot network.Snapshot
	vpcID    string
	vpc      *network.VPC
	account  string
	region   string
	subnets  map[string]*subnet
	tables   map[string]*table
	groups   map[string]*network.SecurityGroup
	acls     map[string]*acl
	nats     map[string]*network.NATGateway
	peerings map[string]*network.Peering
	edges    map[string]edge
	others   map[string]*Network // the other VPCs of the snapshot; nil until one is asked about
}

// A subnet with what is known of its way.
type subnet struct {
	*network.Subnet
	egress network.SubnetEgress
	acl    *acl // nil if it was not seen
}

func (s *subnet) addresses(v6 bool) addresses {
	var list addresses
	for _, c := range s.CIDRs {
		if c.State == "" || is(c.State, "associated") {
			list = list.with(addressesOf(prefixList(c.Prefix), v6))
		}
	}
	return list
}

// New indexes the VPC. What the snapshot does not show makes verdicts unknown;
// a VPC that it does not hold makes every one so.
func New(s network.Snapshot, vpcID string) *Network {
	classified := network.ClassifySubnets(s, vpcID)
	s = s.Visible(vpcID)
	n := &Network{
		snapshot: s, vpcID: vpcID, account: s.Account, region: s.Region,
		subnets: map[string]*subnet{}, tables: map[string]*table{}, groups: map[string]*network.SecurityGroup{},
		acls: map[string]*acl{}, nats: map[string]*network.NATGateway{}, peerings: map[string]*network.Peering{},
	}
	for i := range s.VPCs.Items {
		if s.VPCs.Items[i].ID == vpcID {
			n.vpc = &s.VPCs.Items[i]
		}
	}
	for i := range s.Subnets.Items {
		if s.Subnets.Items[i].VPCID == vpcID {
			n.subnets[s.Subnets.Items[i].ID] = &subnet{Subnet: &s.Subnets.Items[i]}
		}
	}
	for _, e := range classified {
		n.subnets[e.SubnetID].egress = e
	}
	for i := range s.RouteTables.Items {
		n.tables[s.RouteTables.Items[i].ID] = newTable(&s.RouteTables.Items[i], s.PrefixLists, s.Endpoints)
	}
	n.edges = n.edgesOf()
	for i := range s.SecurityGroups.Items {
		n.groups[s.SecurityGroups.Items[i].ID] = &s.SecurityGroups.Items[i]
	}
	for i := range s.NetworkACLs.Items {
		if s.NetworkACLs.Items[i].VPCID != vpcID {
			continue
		}
		a := newACL(&s.NetworkACLs.Items[i])
		n.acls[a.ID] = a
		for _, x := range a.Associations {
			if sub := n.subnets[x.SubnetID]; sub != nil {
				sub.acl = a
			}
		}
	}
	for i := range s.NATGateways.Items {
		n.nats[s.NATGateways.Items[i].ID] = &s.NATGateways.Items[i]
	}
	for i := range s.Peerings.Items {
		n.peerings[s.Peerings.Items[i].ID] = &s.Peerings.Items[i]
	}
	return n
}

// The IAM actions of the calls that show what decides.
const (
	actionVPCs           = "ec2:DescribeVpcs"
	actionSubnets        = "ec2:DescribeSubnets"
	actionRouteTables    = "ec2:DescribeRouteTables"
	actionPrefixLists    = "ec2:GetManagedPrefixListEntries"
	actionNATGateways    = "ec2:DescribeNatGateways"
	actionSecurityGroups = "ec2:DescribeSecurityGroups"
	actionNetworkACLs    = "ec2:DescribeNetworkAcls"
	actionPeerings       = "ec2:DescribeVpcPeeringConnections"
)

// gapsOf returns the gaps of a part that is not complete, at least one.
func gapsOf[T any](p groundway.Part[T], action string) []groundway.Gap {
	if len(p.Gaps) > 0 {
		return p.Gaps
	}
	return []groundway.Gap{{Action: action}}
}

func notShown(action, what string) groundway.Gap {
	return groundway.Gap{Action: action, Message: "the answer does not show " + what}
}

func pointer(part, id string, steps ...string) string {
	return groundway.Pointer(append([]string{"parts", part, "items", id}, steps...)...)
}

func (n *Network) subjectOf(kind, id string) groundway.Subject {
	s := groundway.Subject{Kind: kind, ID: id, Region: n.region}
	switch kind {
	case "vpc":
		if n.vpc != nil {
			s.Name, s.Account = n.vpc.Tags["Name"], n.vpc.OwnerID
		}
	case "subnet":
		if x := n.subnets[id]; x != nil {
			s.Name, s.Zone, s.Account = x.Tags["Name"], x.Zone, x.OwnerID
		}
	case "network-acl":
		if x := n.acls[id]; x != nil {
			s.Name, s.Account = x.Tags["Name"], x.OwnerID
		}
	case "security-group":
		if x := n.groups[id]; x != nil {
			s.Name, s.Account = cmp.Or(x.Tags["Name"], x.Name), x.OwnerID
		}
	case "route-table":
		if x := n.tables[id]; x != nil {
			s.Name, s.Account = x.Tags["Name"], x.OwnerID
		}
	}
	return s
}

// ordered returns the subnets by ID.
func (n *Network) ordered() []*subnet {
	list := make([]*subnet, 0, len(n.subnets))
	for _, id := range slices.Sorted(maps.Keys(n.subnets)) {
		list = append(list, n.subnets[id])
	}
	return list
}
