package awscli

import (
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway/internal/dump"
	"github.com/groundway-sdk/groundway/network"
)

func vpc(v dump.Value) network.VPC {
	return network.VPC{
		ID:            v.ID("VpcId"),
		OwnerID:       v.Text("OwnerId"),
		State:         v.Text("State"),
		CIDRs:         append(vpcCIDRs(v), ipv6CIDRs(v)...),
		DHCPOptionsID: v.Text("DhcpOptionsId"),
		BlockMode:     blockMode(v),
		Tags:          tags(v),
	}
}

// vpcCIDRs returns the IPv4 blocks. The primary one stands beside the list of
// associations as well as in it; where it stands beside the list only, its
// state is unseen.
func vpcCIDRs(v dump.Value) []network.CIDR {
	var list []network.CIDR
	for a := range v.Objects("CidrBlockAssociationSet") {
		if a.ID("CidrBlock") != "" {
			list = append(list, network.CIDR{Prefix: prefix4(a, "CidrBlock"), State: a.Object("CidrBlockState").Text("State")})
		}
	}
	primary := prefix4(v, "CidrBlock")
	if primary.IsValid() && !slices.ContainsFunc(list, func(c network.CIDR) bool { return c.Prefix == primary }) {
		list = append(list, network.CIDR{Prefix: primary})
	}
	return list
}

// ipv6CIDRs returns the IPv6 blocks of a VPC or a subnet.
func ipv6CIDRs(v dump.Value) []network.CIDR {
	var list []network.CIDR
	for a := range v.Objects("Ipv6CidrBlockAssociationSet") {
		if a.ID("Ipv6CidrBlock") != "" {
			list = append(list, network.CIDR{Prefix: prefix6(a, "Ipv6CidrBlock"), State: a.Object("Ipv6CidrBlockState").Text("State")})
		}
	}
	return list
}

func blockMode(v dump.Value) string {
	return v.Object("BlockPublicAccessStates").Text("InternetGatewayBlockMode")
}

func (r *reader) subnet(v dump.Value) network.Subnet {
	s := network.Subnet{
		ID:            v.ID("SubnetId"),
		VPCID:         v.Text("VpcId"),
		OwnerID:       v.Text("OwnerId"),
		State:         v.Text("State"),
		Zone:          v.Text("AvailabilityZone"),
		ZoneID:        v.Text("AvailabilityZoneId"),
		AutoPublicIP:  v.Bool("MapPublicIpOnLaunch"),
		FreeAddresses: v.Count("AvailableIpAddressCount"),
		BlockMode:     blockMode(v),
		OutpostARN:    v.Text("OutpostArn"),
		Tags:          tags(v),
	}
	// EC2 knows no state of a subnet's one IPv4 block. It may not have one.
	if p := prefix4(v, "CidrBlock"); p.IsValid() {
		s.CIDRs = append(s.CIDRs, network.CIDR{Prefix: p})
	}
	s.CIDRs = append(s.CIDRs, ipv6CIDRs(v)...)
	// arn:aws:ec2:us-east-1:111122223333:subnet/subnet-0c1
	if arn := strings.Split(v.Text("SubnetArn"), ":"); len(arn) == 6 && arn[2] == "ec2" {
		r.region(v.Get("SubnetArn"), fileSubnets, arn[3])
	}
	return s
}

func dhcpOptions(v dump.Value) network.DHCPOptions {
	d := network.DHCPOptions{
		ID:      v.ID("DhcpOptionsId"),
		OwnerID: v.Text("OwnerId"),
		Tags:    tags(v),
	}
	for c := range v.Objects("DhcpConfigurations") {
		key := c.ID("Key")
		if _, twice := d.Values[key]; twice && key != "" {
			c.Errorf("the option %q stands twice", key)
			continue
		}
		values := []string{}
		for value := range c.Objects("Values") {
			values = append(values, value.Text("Value"))
		}
		if d.Values == nil {
			d.Values = map[string][]string{}
		}
		d.Values[key] = values
	}
	return d
}

func (r *reader) zone(v dump.Value) network.Zone {
	r.region(v.Get("RegionName"), fileZones, v.Text("RegionName"))
	return network.Zone{
		Name:               v.ID("ZoneName"),
		ID:                 v.Text("ZoneId"),
		Type:               v.Text("ZoneType"),
		State:              v.Text("State"),
		OptIn:              v.Text("OptInStatus"),
		Group:              v.Text("GroupName"),
		Parent:             v.Text("ParentZoneName"),
		NetworkBorderGroup: v.Text("NetworkBorderGroup"),
	}
}

func internetGateway(v dump.Value) network.InternetGateway { return gateway(v, "InternetGatewayId") }

func egressGateway(v dump.Value) network.InternetGateway {
	return gateway(v, "EgressOnlyInternetGatewayId")
}

func gateway(v dump.Value, id string) network.InternetGateway {
	g := network.InternetGateway{ID: v.ID(id), OwnerID: v.Text("OwnerId"), Tags: tags(v)}
	for a := range v.Objects("Attachments") {
		g.Attachments = append(g.Attachments, network.Attachment{VPCID: a.ID("VpcId"), State: a.Text("State")})
	}
	return g
}

func natGateway(v dump.Value) network.NATGateway {
	n := network.NATGateway{
		ID:               v.ID("NatGatewayId"),
		VPCID:            v.Text("VpcId"),
		SubnetID:         v.Text("SubnetId"),
		State:            v.Text("State"),
		Connectivity:     v.Text("ConnectivityType"),
		AvailabilityMode: v.Text("AvailabilityMode"),
		RouteTableID:     v.Text("RouteTableId"),
		FailureCode:      v.Text("FailureCode"),
		FailureMessage:   v.Text("FailureMessage"),
		Tags:             tags(v),
	}
	for a := range v.Objects("NatGatewayAddresses") {
		if ip := a.Addr("PublicIp"); ip.IsValid() {
			n.PublicAddresses = append(n.PublicAddresses, ip)
		}
	}
	return n
}

// tags returns the tags of a resource, and nil where it has none.
func tags(v dump.Value) map[string]string {
	var all map[string]string
	for t := range v.Objects("Tags") {
		key := t.ID("Key")
		if _, twice := all[key]; twice && key != "" {
			t.Errorf("the tag %q stands twice", key)
			continue
		}
		if all == nil {
			all = map[string]string{}
		}
		all[key] = t.Text("Value")
	}
	return all
}
