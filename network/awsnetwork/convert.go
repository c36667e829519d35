package awsnetwork

import (
	"errors"
	"net/netip"
	"slices"
	"strings"

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

func tableOf(t types.RouteTable) (network.RouteTable, error) {
	table := network.RouteTable{
		ID:      text(t.RouteTableId),
		VPCID:   text(t.VpcId),
		OwnerID: text(t.OwnerId),
		Tags:    tagsOf(t.Tags),
	}
	for _, a := range t.Associations {
		association := network.Association{
			ID:        text(a.RouteTableAssociationId),
			Main:      a.Main != nil && *a.Main,
			SubnetID:  text(a.SubnetId),
			GatewayID: text(a.GatewayId),
			PoolID:    text(a.PublicIpv4Pool),
		}
		if a.AssociationState != nil {
			association.State = string(a.AssociationState.State)
		}
		table.Associations = append(table.Associations, association)
	}
	for _, v := range t.PropagatingVgws {
		table.PropagatingVGWs = append(table.PropagatingVGWs, text(v.GatewayId))
	}
	keys := map[string]bool{}
	for _, r := range t.Routes {
		route, err := routeOf(r)
		if err != nil {
			return table, err
		}
		if keys[route.Key()] {
			return table, errors.New("two of its routes have one destination")
		}
		keys[route.Key()] = true
		table.Routes = append(table.Routes, route)
	}
	return table, nil
}

func routeOf(r types.Route) (network.Route, error) {
	route := network.Route{
		PrefixListID: text(r.DestinationPrefixListId),
		State:        string(r.State),
		Origin:       string(r.Origin),
	}
	v4, v6 := text(r.DestinationCidrBlock), text(r.DestinationIpv6CidrBlock)
	if named(v4, v6, route.PrefixListID) != 1 {
		return route, errors.New("a route has not one destination")
	}
	if route.PrefixListID == "" {
		prefix, err := parseBlock(v4 + v6)
		if err != nil {
			return route, err
		}
		route.Prefix = prefix
	}
	target, err := targetOf(r)
	route.Target = target
	return route, err
}

// targetOf returns where a route leads. EC2 fills one of the fields; but an
// instance stands beside its interface, and the address of a VPC route server's
// next hop may stand beside what it belongs to: each alone is the target.
func targetOf(r types.Route) (network.Target, error) {
	fields := []network.Target{
		{Kind: network.TargetNATGateway, ID: text(r.NatGatewayId)},
		{Kind: network.TargetEgressOnlyGateway, ID: text(r.EgressOnlyInternetGatewayId)},
		{Kind: network.TargetTransitGateway, ID: text(r.TransitGatewayId)},
		{Kind: network.TargetPeering, ID: text(r.VpcPeeringConnectionId)},
		{Kind: network.TargetLocalGateway, ID: text(r.LocalGatewayId)},
		{Kind: network.TargetCarrierGateway, ID: text(r.CarrierGatewayId)},
		{Kind: network.TargetCoreNetwork, ID: text(r.CoreNetworkArn)},
		{Kind: network.TargetODBNetwork, ID: text(r.OdbNetworkArn)},
		{Kind: network.TargetInterface, ID: text(r.NetworkInterfaceId)},
		gatewayTarget(text(r.GatewayId)),
	}
	fields = slices.DeleteFunc(fields, func(t network.Target) bool { return t.ID == "" && t.Kind != network.TargetLocal })
	instance, address := text(r.InstanceId), text(r.IpAddress)
	switch {
	case len(fields) > 1:
		return network.Target{}, errors.New("a route has several targets")
	case len(fields) == 1 && fields[0].Kind == network.TargetInterface:
		fields[0].Instance = instance
		return fields[0], nil
	case len(fields) == 1:
		return fields[0], nil
	case instance != "":
		return network.Target{Kind: network.TargetInstance, ID: instance}, nil
	case address != "":
		return network.Target{Kind: network.TargetAddress, ID: address}, nil
	}
	return network.Target{Kind: network.TargetUnknown}, nil
}

func named(texts ...string) (n int) {
	for _, t := range texts {
		if t != "" {
			n++
		}
	}
	return n
}

// gatewayTarget tells the kinds that EC2 puts into GatewayId apart, by the
// prefix of the identifier.
func gatewayTarget(id string) network.Target {
	if id == "local" {
		return network.Target{Kind: network.TargetLocal}
	}
	prefix, _, _ := strings.Cut(id, "-")
	switch prefix {
	case "igw":
		return network.Target{Kind: network.TargetInternetGateway, ID: id}
	case "vgw":
		return network.Target{Kind: network.TargetVPNGateway, ID: id}
	case "vpce":
		return network.Target{Kind: network.TargetEndpoint, ID: id}
	}
	return network.Target{Kind: network.TargetUnknown, ID: id}
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

func prefixOf(e types.PrefixListEntry) (entry, error) {
	prefix, err := parseBlock(text(e.Cidr))
	return entry{prefix}, err
}

// An entry is one block of a prefix list, with the key that reading needs.
type entry struct{ netip.Prefix }

// Key returns the block.
func (e entry) Key() string { return e.String() }

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
