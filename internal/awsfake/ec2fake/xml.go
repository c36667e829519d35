package ec2fake

import (
	"maps"
	"net/netip"
	"slices"

	"github.com/groundway-sdk/groundway/network"
)

// The elements of EC2's answers, see
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Operations.html.
// Lists are always written, since EC2 writes an empty element for none; what a
// snapshot did not see is left out.

type list[T any] struct {
	Items []T `xml:"item"`
}

type vpcSet struct {
	Set  list[vpcXML] `xml:"vpcSet"`
	Next string       `xml:"nextToken,omitempty"`
}

type subnetSet struct {
	Set  list[subnetXML] `xml:"subnetSet"`
	Next string          `xml:"nextToken,omitempty"`
}

type dhcpOptionsSet struct {
	Set  list[dhcpXML] `xml:"dhcpOptionsSet"`
	Next string        `xml:"nextToken,omitempty"`
}

type internetGatewaySet struct {
	Set  list[gatewayXML] `xml:"internetGatewaySet"`
	Next string           `xml:"nextToken,omitempty"`
}

type egressGatewaySet struct {
	Set  list[gatewayXML] `xml:"egressOnlyInternetGatewaySet"`
	Next string           `xml:"nextToken,omitempty"`
}

type natGatewaySet struct {
	Set  list[natXML] `xml:"natGatewaySet"`
	Next string       `xml:"nextToken,omitempty"`
}

type zoneSet struct {
	Set list[zoneXML] `xml:"availabilityZoneInfo"`
}

type tagXML struct {
	Key   string `xml:"key"`
	Value string `xml:"value"`
}

func tagsXML(tags map[string]string) (l list[tagXML]) {
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		l.Items = append(l.Items, tagXML{key, tags[key]})
	}
	return l
}

type stateXML struct {
	State string `xml:"state,omitempty"`
}

func stateOf(state string) *stateXML {
	if state == "" {
		return nil
	}
	return &stateXML{state}
}

type blockXML struct {
	Mode string `xml:"internetGatewayBlockMode"`
}

func blockOf(mode string) *blockXML {
	if mode == "" {
		return nil
	}
	return &blockXML{mode}
}

type cidrXML struct {
	IPv4      string    `xml:"cidrBlock,omitempty"`
	IPv6      string    `xml:"ipv6CidrBlock,omitempty"`
	IPv4State *stateXML `xml:"cidrBlockState"`
	IPv6State *stateXML `xml:"ipv6CidrBlockState"`
}

// cidrsXML returns the blocks of each family.
func cidrsXML(cidrs []network.CIDR) (v4, v6 list[cidrXML]) {
	for _, c := range cidrs {
		if c.Prefix.Addr().Is4() {
			v4.Items = append(v4.Items, cidrXML{IPv4: c.Prefix.String(), IPv4State: stateOf(c.State)})
			continue
		}
		v6.Items = append(v6.Items, cidrXML{IPv6: c.Prefix.String(), IPv6State: stateOf(c.State)})
	}
	return v4, v6
}

func firstBlock(l list[cidrXML]) string {
	if len(l.Items) == 0 {
		return ""
	}
	return l.Items[0].IPv4
}

type vpcXML struct {
	ID          string        `xml:"vpcId"`
	OwnerID     string        `xml:"ownerId,omitempty"`
	State       string        `xml:"state,omitempty"`
	Block       string        `xml:"cidrBlock,omitempty"`
	Blocks      list[cidrXML] `xml:"cidrBlockAssociationSet"`
	IPv6Blocks  list[cidrXML] `xml:"ipv6CidrBlockAssociationSet"`
	DHCPOptions string        `xml:"dhcpOptionsId,omitempty"`
	Public      *blockXML     `xml:"blockPublicAccessStates"`
	Tags        list[tagXML]  `xml:"tagSet"`
}

func vpcsXML(vpcs []network.VPC) (l list[vpcXML]) {
	for _, v := range vpcs {
		v4, v6 := cidrsXML(v.CIDRs)
		l.Items = append(l.Items, vpcXML{
			v.ID, v.OwnerID, v.State, firstBlock(v4), v4, v6, v.DHCPOptionsID, blockOf(v.BlockMode), tagsXML(v.Tags),
		})
	}
	return l
}

type valueXML struct {
	Value bool `xml:"value"`
}

type attributesXML struct {
	VPCID     string    `xml:"vpcId"`
	Support   *valueXML `xml:"enableDnsSupport"`
	Hostnames *valueXML `xml:"enableDnsHostnames"`
}

func attributeXML(vpc, name string, enabled bool) attributesXML {
	if name == "enableDnsSupport" {
		return attributesXML{VPCID: vpc, Support: &valueXML{enabled}}
	}
	return attributesXML{VPCID: vpc, Hostnames: &valueXML{enabled}}
}

type dhcpXML struct {
	ID      string              `xml:"dhcpOptionsId"`
	OwnerID string              `xml:"ownerId,omitempty"`
	Values  list[dhcpValuesXML] `xml:"dhcpConfigurationSet"`
	Tags    list[tagXML]        `xml:"tagSet"`
}

type dhcpValuesXML struct {
	Key    string            `xml:"key"`
	Values list[dhcpTextXML] `xml:"valueSet"`
}

type dhcpTextXML struct {
	Value string `xml:"value"`
}

func dhcpOptionsXML(options []network.DHCPOptions) (l list[dhcpXML]) {
	for _, d := range options {
		x := dhcpXML{ID: d.ID, OwnerID: d.OwnerID, Tags: tagsXML(d.Tags)}
		for _, key := range slices.Sorted(maps.Keys(d.Values)) {
			values := dhcpValuesXML{Key: key}
			for _, v := range d.Values[key] {
				values.Values.Items = append(values.Values.Items, dhcpTextXML{v})
			}
			x.Values.Items = append(x.Values.Items, values)
		}
		l.Items = append(l.Items, x)
	}
	return l
}

type subnetXML struct {
	ID         string        `xml:"subnetId"`
	VPCID      string        `xml:"vpcId,omitempty"`
	OwnerID    string        `xml:"ownerId,omitempty"`
	State      string        `xml:"state,omitempty"`
	Zone       string        `xml:"availabilityZone,omitempty"`
	ZoneID     string        `xml:"availabilityZoneId,omitempty"`
	Block      string        `xml:"cidrBlock,omitempty"`
	IPv6Blocks list[cidrXML] `xml:"ipv6CidrBlockAssociationSet"`
	AutoPublic *bool         `xml:"mapPublicIpOnLaunch"`
	Free       *int          `xml:"availableIpAddressCount"`
	Public     *blockXML     `xml:"blockPublicAccessStates"`
	OutpostARN string        `xml:"outpostArn,omitempty"`
	Tags       list[tagXML]  `xml:"tagSet"`
}

func subnetsXML(subnets []network.Subnet) (l list[subnetXML]) {
	for _, s := range subnets {
		v4, v6 := cidrsXML(s.CIDRs)
		l.Items = append(l.Items, subnetXML{
			s.ID, s.VPCID, s.OwnerID, s.State, s.Zone, s.ZoneID, firstBlock(v4), v6,
			s.AutoPublicIP, s.FreeAddresses, blockOf(s.BlockMode), s.OutpostARN, tagsXML(s.Tags),
		})
	}
	return l
}

type gatewayXML struct {
	ID          string              `xml:"internetGatewayId,omitempty"`
	EgressID    string              `xml:"egressOnlyInternetGatewayId,omitempty"`
	OwnerID     string              `xml:"ownerId,omitempty"`
	Attachments list[attachmentXML] `xml:"attachmentSet"`
	Tags        list[tagXML]        `xml:"tagSet"`
}

type attachmentXML struct {
	VPCID string `xml:"vpcId"`
	State string `xml:"state,omitempty"`
}

func internetGatewaysXML(gateways []network.InternetGateway) (l list[gatewayXML]) {
	for _, g := range gateways {
		l.Items = append(l.Items, gatewayXML{ID: g.ID, OwnerID: g.OwnerID, Attachments: attachmentsXML(g.Attachments), Tags: tagsXML(g.Tags)})
	}
	return l
}

func egressGatewaysXML(gateways []network.InternetGateway) (l list[gatewayXML]) {
	for _, g := range gateways {
		l.Items = append(l.Items, gatewayXML{EgressID: g.ID, Attachments: attachmentsXML(g.Attachments), Tags: tagsXML(g.Tags)})
	}
	return l
}

func attachmentsXML(attachments []network.Attachment) (l list[attachmentXML]) {
	for _, a := range attachments {
		l.Items = append(l.Items, attachmentXML(a))
	}
	return l
}

type natXML struct {
	ID             string           `xml:"natGatewayId"`
	VPCID          string           `xml:"vpcId,omitempty"`
	SubnetID       string           `xml:"subnetId,omitempty"`
	State          string           `xml:"state,omitempty"`
	Connectivity   string           `xml:"connectivityType,omitempty"`
	Availability   string           `xml:"availabilityMode,omitempty"`
	RouteTableID   string           `xml:"routeTableId,omitempty"`
	FailureCode    string           `xml:"failureCode,omitempty"`
	FailureMessage string           `xml:"failureMessage,omitempty"`
	Addresses      list[addressXML] `xml:"natGatewayAddressSet"`
	Tags           list[tagXML]     `xml:"tagSet"`
}

type addressXML struct {
	Public netip.Addr `xml:"publicIp"`
}

func natGatewaysXML(gateways []network.NATGateway) (l list[natXML]) {
	for _, n := range gateways {
		x := natXML{
			n.ID, n.VPCID, n.SubnetID, n.State, n.Connectivity, n.AvailabilityMode, n.RouteTableID,
			n.FailureCode, n.FailureMessage,
			list[addressXML]{},
			tagsXML(n.Tags),
		}
		for _, a := range n.PublicAddresses {
			x.Addresses.Items = append(x.Addresses.Items, addressXML{a})
		}
		l.Items = append(l.Items, x)
	}
	return l
}

type zoneXML struct {
	Name               string `xml:"zoneName"`
	ID                 string `xml:"zoneId,omitempty"`
	Type               string `xml:"zoneType,omitempty"`
	State              string `xml:"zoneState,omitempty"`
	OptIn              string `xml:"optInStatus,omitempty"`
	Group              string `xml:"groupName,omitempty"`
	Parent             string `xml:"parentZoneName,omitempty"`
	NetworkBorderGroup string `xml:"networkBorderGroup,omitempty"`
}

func zonesXML(zones []network.Zone) (l list[zoneXML]) {
	for _, z := range zones {
		l.Items = append(l.Items, zoneXML(z))
	}
	return l
}
