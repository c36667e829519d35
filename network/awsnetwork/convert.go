package awsnetwork

import (
	"errors"
	"net/netip"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/groundway-sdk/groundway/network"
)

// A field that does not parse makes the whole item fail: a route table without
// one of its routes would be read as another table.

func vpcOf(v types.Vpc) (network.VPC, error) {
	vpc := network.VPC{
		ID:            text(v.VpcId),
		OwnerID:       text(v.OwnerId),
		State:         string(v.State),
		DHCPOptionsID: text(v.DhcpOptionsId),
		BlockMode:     blockModeOf(v.BlockPublicAccessStates),
		Tags:          tagsOf(v.Tags),
	}
	var blocks cidrs
	for _, a := range v.CidrBlockAssociationSet {
		blocks.add(a.CidrBlock, vpcCIDRState(a.CidrBlockState))
	}
	// The primary block stands in the set of associations too, where there is one.
	primary := func(c network.CIDR) bool { return c.Prefix.String() == text(v.CidrBlock) }
	if !slices.ContainsFunc(blocks.list, primary) {
		blocks.add(v.CidrBlock, "")
	}
	for _, a := range v.Ipv6CidrBlockAssociationSet {
		blocks.add(a.Ipv6CidrBlock, vpcCIDRState(a.Ipv6CidrBlockState))
	}
	vpc.CIDRs = blocks.list
	return vpc, blocks.err
}

func vpcCIDRState(s *types.VpcCidrBlockState) string {
	if s == nil {
		return ""
	}
	return string(s.State)
}

func blockModeOf(s *types.BlockPublicAccessStates) string {
	if s == nil {
		return ""
	}
	return string(s.InternetGatewayBlockMode)
}

func subnetOf(s types.Subnet) (network.Subnet, error) {
	subnet := network.Subnet{
		ID:           text(s.SubnetId),
		VPCID:        text(s.VpcId),
		OwnerID:      text(s.OwnerId),
		State:        string(s.State),
		Zone:         text(s.AvailabilityZone),
		ZoneID:       text(s.AvailabilityZoneId),
		AutoPublicIP: s.MapPublicIpOnLaunch,
		BlockMode:    blockModeOf(s.BlockPublicAccessStates),
		OutpostARN:   text(s.OutpostArn),
		Tags:         tagsOf(s.Tags),
	}
	if s.AvailableIpAddressCount != nil {
		subnet.FreeAddresses = new(int(*s.AvailableIpAddressCount))
	}
	var blocks cidrs
	blocks.add(s.CidrBlock, "") // EC2 shows no state of a subnet's IPv4 block
	for _, a := range s.Ipv6CidrBlockAssociationSet {
		state := ""
		if a.Ipv6CidrBlockState != nil {
			state = string(a.Ipv6CidrBlockState.State)
		}
		blocks.add(a.Ipv6CidrBlock, state)
	}
	subnet.CIDRs = blocks.list
	return subnet, blocks.err
}

// cidrs collects blocks and remembers the first that does not parse.
type cidrs struct {
	list []network.CIDR
	err  error
}

func (c *cidrs) add(block *string, state string) {
	if text(block) == "" {
		return
	}
	prefix, err := parseBlock(*block)
	switch {
	case err == nil:
		c.list = append(c.list, network.CIDR{Prefix: prefix, State: state})
	case c.err == nil:
		c.err = err
	}
}

// parseBlock reads a block. EC2 clears host bits, so that one which has some is
// none of EC2's. The error does not repeat what was sent.
func parseBlock(block string) (netip.Prefix, error) {
	prefix, err := netip.ParsePrefix(block)
	if err != nil || prefix != prefix.Masked() {
		return netip.Prefix{}, errors.New("a CIDR block does not parse")
	}
	return prefix, nil
}

func dhcpOptionsOf(d types.DhcpOptions) (network.DHCPOptions, error) {
	options := network.DHCPOptions{
		ID:      text(d.DhcpOptionsId),
		OwnerID: text(d.OwnerId),
		Tags:    tagsOf(d.Tags),
	}
	for _, c := range d.DhcpConfigurations {
		if options.Values == nil {
			options.Values = map[string][]string{}
		}
		values := options.Values[text(c.Key)]
		if values == nil {
			values = []string{}
		}
		for _, v := range c.Values {
			values = append(values, text(v.Value))
		}
		options.Values[text(c.Key)] = values
	}
	return options, nil
}

func internetGatewayOf(g types.InternetGateway) (network.InternetGateway, error) {
	return network.InternetGateway{
		ID:          text(g.InternetGatewayId),
		OwnerID:     text(g.OwnerId),
		Attachments: attachmentsOf(g.Attachments),
		Tags:        tagsOf(g.Tags),
	}, nil
}

func egressGatewayOf(g types.EgressOnlyInternetGateway) (network.InternetGateway, error) {
	return network.InternetGateway{
		ID:          text(g.EgressOnlyInternetGatewayId),
		Attachments: attachmentsOf(g.Attachments),
		Tags:        tagsOf(g.Tags),
	}, nil
}

func attachmentsOf(list []types.InternetGatewayAttachment) []network.Attachment {
	var attachments []network.Attachment
	for _, a := range list {
		attachments = append(attachments, network.Attachment{VPCID: text(a.VpcId), State: string(a.State)})
	}
	return attachments
}

func natGatewayOf(n types.NatGateway) (network.NATGateway, error) {
	gateway := network.NATGateway{
		ID:               text(n.NatGatewayId),
		VPCID:            text(n.VpcId),
		SubnetID:         text(n.SubnetId),
		State:            string(n.State),
		Connectivity:     string(n.ConnectivityType),
		AvailabilityMode: string(n.AvailabilityMode),
		RouteTableID:     text(n.RouteTableId),
		FailureCode:      text(n.FailureCode),
		FailureMessage:   text(n.FailureMessage),
		Tags:             tagsOf(n.Tags),
	}
	for _, a := range n.NatGatewayAddresses {
		if text(a.PublicIp) == "" {
			continue
		}
		address, err := netip.ParseAddr(*a.PublicIp)
		if err != nil || address.Zone() != "" {
			return gateway, errors.New("a public address does not parse")
		}
		gateway.PublicAddresses = append(gateway.PublicAddresses, address)
	}
	return gateway, nil
}

func zoneOf(z types.AvailabilityZone) (network.Zone, error) {
	return network.Zone{
		Name:               text(z.ZoneName),
		ID:                 text(z.ZoneId),
		Type:               text(z.ZoneType),
		State:              string(z.State),
		OptIn:              string(z.OptInStatus),
		Group:              text(z.GroupName),
		Parent:             text(z.ParentZoneName),
		NetworkBorderGroup: text(z.NetworkBorderGroup),
	}, nil
}

func tagsOf(list []types.Tag) map[string]string {
	if len(list) == 0 {
		return nil
	}
	tags := make(map[string]string, len(list))
	for _, t := range list {
		tags[text(t.Key)] = text(t.Value)
	}
	return tags
}

// text returns the string, or "" where there is none.
func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
