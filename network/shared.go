package network

import "github.com/groundway-sdk/groundway"

// Visible returns the snapshot with those parts partial that AWS hides from the
// caller where the VPC belongs to another account: what the owner did not share
// is not listed, and its absence says nothing. See
// https://docs.aws.amazon.com/vpc/latest/userguide/vpc-share-limitations.html.
func (s Snapshot) Visible(vpcID string) Snapshot {
	s.Parts = s.visible(vpcID, s.Parts)
	return s
}

func (s Snapshot) visible(vpcID string, p Parts) Parts {
	vpc := byKey(p.VPCs)[vpcID]
	if vpc == nil || s.Account == "" || vpc.OwnerID == "" || vpc.OwnerID == s.Account {
		return p
	}
	p.Subnets = hide(p.Subnets, actionSubnets, vpc.OwnerID)
	p.DHCPOptions = hide(p.DHCPOptions, actionDHCPOptions, vpc.OwnerID)
	p.InternetGateways = hide(p.InternetGateways, actionInternetGateways, vpc.OwnerID)
	p.EgressGateways = hide(p.EgressGateways, actionEgressGateways, vpc.OwnerID)
	p.NATGateways = hide(p.NATGateways, actionNATGateways, vpc.OwnerID)
	p.SecurityGroups = hide(p.SecurityGroups, actionSecurityGroups, vpc.OwnerID)
	p.Endpoints = hide(p.Endpoints, actionEndpoints, vpc.OwnerID)
	p.Peerings = hide(p.Peerings, actionPeerings, vpc.OwnerID)
	return p
}

func hide[T any](p groundway.Part[T], action, owner string) groundway.Part[T] {
	if !p.Seen {
		return p
	}
	p.Partial = true
	p.Gaps = append(p.Gaps[:len(p.Gaps):len(p.Gaps)], groundway.Gap{
		Action: action, Account: owner, Message: "the VPC belongs to another account, which does not show everything in it",
	})
	return p
}
