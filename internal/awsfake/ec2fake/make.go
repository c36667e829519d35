package ec2fake

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/groundway-sdk/groundway"
	"github.com/groundway-sdk/groundway/internal/awsfake"
	"github.com/groundway-sdk/groundway/network"
)

// making returns the calls that make things and change them, as
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Operations.html
// describes them, as far as a network needs them.
func (f *fake) making() map[string]awsfake.Operation {
	return map[string]awsfake.Operation{
		"CreateVpc":                       f.createVpc,
		"ModifyVpcAttribute":              f.modifyVpcAttribute,
		"CreateDhcpOptions":               f.createDhcpOptions,
		"AssociateDhcpOptions":            f.associateDhcpOptions,
		"CreateInternetGateway":           f.createInternetGateway,
		"AttachInternetGateway":           f.attachInternetGateway,
		"CreateEgressOnlyInternetGateway": f.createEgressGateway,
		"CreateSubnet":                    f.createSubnet,
		"ModifySubnetAttribute":           f.modifySubnetAttribute,
		"AllocateAddress":                 f.allocateAddress,
		"CreateNatGateway":                f.createNatGateway,
		"CreateRouteTable":                f.createRouteTable,
		"CreateRoute":                     f.createRoute,
		"ReplaceRoute":                    f.replaceRoute,
		"AssociateRouteTable":             f.associateRouteTable,
		"ReplaceRouteTableAssociation":    f.replaceAssociation,
		"CreateSecurityGroup":             f.createSecurityGroup,
		"AuthorizeSecurityGroupIngress":   f.authorizeIngress,
		"CreateVpcEndpoint":               f.createEndpoint,
		"ModifyVpcEndpoint":               f.modifyEndpoint,
		"CreateTags":                      f.createTags,
	}
}

// createVpc makes a VPC with what EC2 makes with it: a main route table, a default
// network ACL and a default security group.
func (f *fake) createVpc(r awsfake.Request) (any, error) {
	return f.change(func(s *state) (any, error) {
		cidr, err := block(r, "CidrBlock", "InvalidVpc.Range")
		if err != nil {
			return nil, err
		}
		if !s.VPCs.Seen {
			return nil, refused(s.VPCs.Gaps)
		}
		v := network.VPC{
			ID: f.newID("vpc-"), OwnerID: f.account, State: "pending", DHCPOptionsID: "default", BlockMode: "off", Tags: tagsIn(r),
			CIDRs: []network.CIDR{{Prefix: cidr, State: "associated"}},
		}
		if r.Params.Get("AmazonProvidedIpv6CidrBlock") == "true" {
			six := netip.MustParsePrefix(fmt.Sprintf("2001:db8:%x00::/56", f.made))
			v.CIDRs = append(v.CIDRs, network.CIDR{Prefix: six, State: "associating"})
		}
		put(&s.VPCs, v)
		f.begin(v.ID, func(s *state) {
			v.State, v.CIDRs = "available", slices.Clone(v.CIDRs)
			for i := range v.CIDRs {
				v.CIDRs[i].State = "associated"
			}
			if now, err := get(s.VPCs, v.ID, ""); err == nil {
				now.State, now.CIDRs = v.State, v.CIDRs
				put(&s.VPCs, now)
			}
		})
		put(&s.DNSSupport, network.DNSAttribute{VPCID: v.ID, Enabled: true})
		put(&s.DNSHostnames, network.DNSAttribute{VPCID: v.ID})
		put(&s.RouteTables, network.RouteTable{
			ID: f.newID("rtb-"), VPCID: v.ID, OwnerID: f.account, Routes: local(v),
			Associations: []network.Association{{ID: f.newID("rtbassoc-"), Main: true, State: "associated"}},
		})
		all := netip.MustParsePrefix("0.0.0.0/0")
		put(&s.NetworkACLs, network.NetworkACL{
			ID: f.newID("acl-"), VPCID: v.ID, OwnerID: f.account, Default: true, Entries: groundway.List[network.ACLEntry]{
				{Number: 100, Action: "allow", Protocol: "-1", Prefix: all}, {Number: 100, Egress: true, Action: "allow", Protocol: "-1", Prefix: all},
			},
		})
		group := f.newID("sg-")
		put(&s.SecurityGroups, network.SecurityGroup{
			ID: group, VPCID: v.ID, OwnerID: f.account, Name: "default",
			Ingress: groundway.List[network.SecurityRule]{{Protocol: "-1", Groups: []network.GroupRef{{ID: group, OwnerID: f.account}}}},
			Egress:  groundway.List[network.SecurityRule]{{Protocol: "-1", Prefixes: []netip.Prefix{all}}},
		})
		return madeXML{VPC: first(vpcsXML([]network.VPC{v}))}, nil
	})
}

func local(v network.VPC) (routes groundway.List[network.Route]) {
	for _, c := range v.CIDRs {
		routes = append(routes, network.Route{
			Prefix: c.Prefix, Target: network.Target{Kind: network.TargetLocal}, State: "active", Origin: "CreateRouteTable",
		})
	}
	return routes
}

func (f *fake) modifyVpcAttribute(r awsfake.Request) (any, error) {
	return f.change(func(s *state) (any, error) {
		v, err := get(s.VPCs, r.Params.Get("VpcId"), "InvalidVpcID.NotFound")
		if err != nil {
			return nil, err
		}
		changes := 0
		for name, part := range map[string]*groundway.Part[network.DNSAttribute]{"EnableDnsSupport": &s.DNSSupport, "EnableDnsHostnames": &s.DNSHostnames} {
			if r.Params.Has(name + ".Value") {
				put(part, network.DNSAttribute{VPCID: v.ID, Enabled: r.Params.Get(name+".Value") == "true"})
				changes++
			}
		}
		if changes != 1 {
			return nil, awsfake.Errorf("InvalidParameterCombination", "Fields for multiple attribute types specified")
		}
		return done, nil
	})
}

func (f *fake) createDhcpOptions(r awsfake.Request) (any, error) {
	return f.change(func(s *state) (any, error) {
		if !s.DHCPOptions.Seen {
			return nil, refused(s.DHCPOptions.Gaps)
		}
		d := network.DHCPOptions{ID: f.newID("dopt-"), OwnerID: f.account, Tags: tagsIn(r), Values: map[string][]string{}}
		for i := 1; r.Params.Has(fmt.Sprintf("DhcpConfiguration.%d.Key", i)); i++ {
			prefix := fmt.Sprintf("DhcpConfiguration.%d.", i)
			d.Values[r.Params.Get(prefix+"Key")] = r.List(prefix + "Value")
		}
		put(&s.DHCPOptions, d)
		return madeXML{Options: first(dhcpOptionsXML([]network.DHCPOptions{d}))}, nil
	})
}

func (f *fake) associateDhcpOptions(r awsfake.Request) (any, error) {
	return f.change(func(s *state) (any, error) {
		v, err := get(s.VPCs, r.Params.Get("VpcId"), "InvalidVpcID.NotFound")
		if err != nil {
			return nil, err
		}
		d, err := get(s.DHCPOptions, r.Params.Get("DhcpOptionsId"), "InvalidDhcpOptionID.NotFound")
		if err != nil {
			return nil, err
		}
		v.DHCPOptionsID = d.ID
		put(&s.VPCs, v)
		return done, nil
	})
}

func (f *fake) createInternetGateway(r awsfake.Request) (any, error) {
	return f.change(func(s *state) (any, error) {
		if !s.InternetGateways.Seen {
			return nil, refused(s.InternetGateways.Gaps)
		}
		g := network.InternetGateway{ID: f.newID("igw-"), OwnerID: f.account, Tags: tagsIn(r)}
		put(&s.InternetGateways, g)
		return madeXML{Internet: first(internetGatewaysXML([]network.InternetGateway{g}))}, nil
	})
}

func (f *fake) attachInternetGateway(r awsfake.Request) (any, error) {
	return f.change(func(s *state) (any, error) {
		v, err := get(s.VPCs, r.Params.Get("VpcId"), "InvalidVpcID.NotFound")
		if err != nil {
			return nil, err
		}
		g, err := get(s.InternetGateways, r.Params.Get("InternetGatewayId"), "InvalidInternetGatewayID.NotFound")
		if err != nil {
			return nil, err
		}
		for _, other := range s.InternetGateways.Items {
			if slices.ContainsFunc(other.Attachments, func(a network.Attachment) bool { return other.ID == g.ID || a.VPCID == v.ID }) {
				return nil, taken("Resource.AlreadyAssociated", "resource %s is already attached to network %s", other.ID, v.ID)
			}
		}
		g.Attachments = []network.Attachment{{VPCID: v.ID, State: "available"}}
		put(&s.InternetGateways, g)
		return done, nil
	})
}

func (f *fake) createEgressGateway(r awsfake.Request) (any, error) {
	return f.change(func(s *state) (any, error) {
		if id, again := f.once(r); again {
			g, err := get(s.EgressGateways, id, "InvalidEgressOnlyInternetGatewayId.NotFound")
			return madeXML{Egress: first(egressGatewaysXML([]network.InternetGateway{g}))}, err
		}
		v, err := get(s.VPCs, r.Params.Get("VpcId"), "InvalidVpcID.NotFound")
		if err != nil {
			return nil, err
		}
		g := network.InternetGateway{
			ID: f.newID("eigw-"), OwnerID: f.account, Attachments: []network.Attachment{{VPCID: v.ID, State: "attached"}}, Tags: tagsIn(r),
		}
		f.keep(r, g.ID)
		s.EgressGateways.Seen = true
		put(&s.EgressGateways, g)
		return madeXML{Egress: first(egressGatewaysXML([]network.InternetGateway{g}))}, nil
	})
}

func (f *fake) createSubnet(r awsfake.Request) (any, error) {
	return f.change(func(s *state) (any, error) {
		v, err := get(s.VPCs, r.Params.Get("VpcId"), "InvalidVpcID.NotFound")
		if err != nil {
			return nil, err
		}
		cidr, err := block(r, "CidrBlock", "InvalidSubnet.Range")
		if err != nil {
			return nil, err
		}
		zone, err := get(s.Zones, r.Params.Get("AvailabilityZone"), "InvalidParameterValue")
		if err != nil {
			return nil, err
		}
		n := network.Subnet{
			ID: f.newID("subnet-"), VPCID: v.ID, OwnerID: f.account, State: "available", Zone: zone.Name, ZoneID: zone.ID, BlockMode: "off",
			CIDRs: []network.CIDR{{Prefix: cidr}}, AutoPublicIP: new(false), FreeAddresses: new(1<<(32-cidr.Bits()) - 5), Tags: tagsIn(r),
		}
		if r.Params.Has("Ipv6CidrBlock") {
			six, err := block(r, "Ipv6CidrBlock", "InvalidSubnet.Range")
			if err != nil {
				return nil, err
			}
			n.CIDRs = append(n.CIDRs, network.CIDR{Prefix: six, State: "associated"})
		}
		for _, c := range n.CIDRs {
			if !slices.ContainsFunc(v.CIDRs, func(of network.CIDR) bool {
				return of.Prefix.Bits() <= c.Prefix.Bits() && of.Prefix.Overlaps(c.Prefix) && of.State == "associated"
			}) {
				return nil, awsfake.Errorf("InvalidSubnet.Range", "The CIDR '%s' is invalid.", c.Prefix)
			}
			for _, other := range s.Subnets.Items {
				if other.VPCID == v.ID && slices.ContainsFunc(other.CIDRs, func(o network.CIDR) bool { return o.Prefix.Overlaps(c.Prefix) }) {
					return nil, taken("InvalidSubnet.Conflict", "The CIDR '%s' conflicts with another subnet", c.Prefix)
				}
			}
		}
		put(&s.Subnets, n)
		return madeXML{Subnet: first(subnetsXML([]network.Subnet{n}))}, nil
	})
}

func (f *fake) modifySubnetAttribute(r awsfake.Request) (any, error) {
	return f.change(func(s *state) (any, error) {
		n, err := get(s.Subnets, r.Params.Get("SubnetId"), "InvalidSubnetID.NotFound")
		if err != nil {
			return nil, err
		}
		n.AutoPublicIP = new(r.Params.Get("MapPublicIpOnLaunch.Value") == "true")
		put(&s.Subnets, n)
		return done, nil
	})
}

func (f *fake) allocateAddress(r awsfake.Request) (any, error) {
	return f.change(func(s *state) (any, error) {
		a := Address{AllocationID: f.newID("eipalloc-"), Pool: "amazon", Tags: tagsIn(r)}
		a.PublicIP = netip.AddrFrom4([4]byte{198, 51, 100, byte(f.made)})
		put(&s.addresses, a)
		return elasticXMLOf(a), nil
	})
}

func (f *fake) createNatGateway(r awsfake.Request) (any, error) {
	return f.change(func(s *state) (any, error) {
		if id, again := f.once(r); again {
			n, err := get(s.NATGateways, id, "NatGatewayNotFound")
			return madeXML{NAT: first(natGatewaysXML([]network.NATGateway{n}))}, err
		}
		n, err := get(s.Subnets, r.Params.Get("SubnetId"), "InvalidSubnetID.NotFound")
		if err != nil {
			return nil, err
		}
		a, err := get(s.addresses, r.Params.Get("AllocationId"), "InvalidAllocationID.NotFound")
		switch {
		case err != nil:
			return nil, err
		case a.AssociationID != "":
			return nil, taken("Resource.AlreadyAssociated", "Elastic IP address [%s] is already associated", a.AllocationID)
		case !s.NATGateways.Seen:
			return nil, refused(s.NATGateways.Gaps)
		case !slices.ContainsFunc(s.InternetGateways.Items, attachedTo(n.VPCID)):
			return nil, awsfake.Errorf("Gateway.NotAttached", "Network %s has no Internet gateway attached", n.VPCID)
		}
		g := network.NATGateway{
			ID: f.newID("nat-"), VPCID: n.VPCID, SubnetID: n.ID, State: "pending", Connectivity: "public", AvailabilityMode: "zonal",
			PublicAddresses: []netip.Addr{a.PublicIP}, Tags: tagsIn(r),
		}
		f.keep(r, g.ID)
		put(&s.NATGateways, g)
		f.begin(g.ID, func(s *state) {
			g.State = "available"
			put(&s.NATGateways, g)
		})
		a.AssociationID = f.newID("eipassoc-")
		put(&s.addresses, a)
		n.FreeAddresses = new(*n.FreeAddresses - 1)
		put(&s.Subnets, n)
		return madeXML{NAT: first(natGatewaysXML([]network.NATGateway{g}))}, nil
	})
}

func attachedTo(vpc string) func(network.InternetGateway) bool {
	return func(g network.InternetGateway) bool {
		return slices.ContainsFunc(g.Attachments, func(a network.Attachment) bool { return a.VPCID == vpc })
	}
}

func (f *fake) createRouteTable(r awsfake.Request) (any, error) {
	return f.change(func(s *state) (any, error) {
		if id, again := f.once(r); again {
			t, err := get(s.RouteTables, id, "InvalidRouteTableID.NotFound")
			return madeXML{Table: first(routeTablesXML([]network.RouteTable{t}))}, err
		}
		v, err := get(s.VPCs, r.Params.Get("VpcId"), "InvalidVpcID.NotFound")
		if err != nil {
			return nil, err
		}
		t := network.RouteTable{ID: f.newID("rtb-"), VPCID: v.ID, OwnerID: f.account, Routes: local(v), Tags: tagsIn(r)}
		f.keep(r, t.ID)
		put(&s.RouteTables, t)
		return madeXML{Table: first(routeTablesXML([]network.RouteTable{t}))}, nil
	})
}

// routeIn returns the route that a request asks for.
func routeIn(s *state, r awsfake.Request) (network.Route, error) {
	route := network.Route{State: "active", Origin: "CreateRoute"}
	text := r.Params.Get("DestinationCidrBlock") + r.Params.Get("DestinationIpv6CidrBlock")
	var err error
	if route.Prefix, err = netip.ParsePrefix(text); err != nil {
		return route, awsfake.Errorf("InvalidParameterValue", "%v", err)
	}
	for name, kind := range map[string]network.TargetKind{
		"GatewayId": network.TargetInternetGateway, "NatGatewayId": network.TargetNATGateway, "EgressOnlyInternetGatewayId": network.TargetEgressOnlyGateway,
		"TransitGatewayId": network.TargetTransitGateway, "VpcPeeringConnectionId": network.TargetPeering, "NetworkInterfaceId": network.TargetInterface,
	} {
		if id := r.Params.Get(name); id != "" {
			route.Target = network.Target{Kind: kind, ID: id}
		}
	}
	id := route.Target.ID
	switch route.Target.Kind {
	case network.TargetInternetGateway:
		if strings.HasPrefix(id, "vgw-") {
			route.Target.Kind = network.TargetVPNGateway
			return route, nil
		}
		_, err = get(s.InternetGateways, id, "InvalidInternetGatewayID.NotFound")
	case network.TargetNATGateway:
		var n network.NATGateway
		if n, err = get(s.NATGateways, id, "NatGatewayNotFound"); err == nil && n.State != "available" {
			err = awsfake.Errorf("InvalidNatGatewayID.NotFound", "The natGateway ID '%s' is %s", id, n.State)
		}
	case network.TargetEgressOnlyGateway:
		_, err = get(s.EgressGateways, id, "InvalidEgressOnlyInternetGatewayId.NotFound")
	case "":
		err = awsfake.Errorf("MissingParameter", "a route needs a target")
	}
	return route, err
}

func (f *fake) createRoute(r awsfake.Request) (any, error)  { return f.setRoute(r, false) }
func (f *fake) replaceRoute(r awsfake.Request) (any, error) { return f.setRoute(r, true) }

func (f *fake) setRoute(r awsfake.Request, replace bool) (any, error) {
	return f.change(func(s *state) (any, error) {
		t, err := get(s.RouteTables, r.Params.Get("RouteTableId"), "InvalidRouteTableID.NotFound")
		if err != nil {
			return nil, err
		}
		route, err := routeIn(s, r)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(t.Routes, func(have network.Route) bool { return have.Prefix == route.Prefix })
		t.Routes = slices.Clone(t.Routes)
		switch {
		case i < 0 && replace:
			return nil, awsfake.Errorf("InvalidRoute.NotFound", "There is no route defined for '%s'", route.Prefix)
		case i < 0:
			t.Routes = append(t.Routes, route)
		case replace:
			t.Routes[i] = route
		default:
			return nil, taken("RouteAlreadyExists", "The route identified by %s already exists.", route.Prefix)
		}
		put(&s.RouteTables, t)
		return done, nil
	})
}

type associatedXML struct {
	ID    string `xml:"associationId,omitempty"`
	NewID string `xml:"newAssociationId,omitempty"`
}

func (f *fake) associateRouteTable(r awsfake.Request) (any, error) {
	return f.change(func(s *state) (any, error) {
		t, err := get(s.RouteTables, r.Params.Get("RouteTableId"), "InvalidRouteTableID.NotFound")
		if err != nil {
			return nil, err
		}
		n, err := get(s.Subnets, r.Params.Get("SubnetId"), "InvalidSubnetID.NotFound")
		if err != nil {
			return nil, err
		}
		for _, other := range s.RouteTables.Items {
			if slices.ContainsFunc(other.Associations, func(a network.Association) bool { return a.SubnetID == n.ID }) {
				return nil, taken("Resource.AlreadyAssociated", "the specified association for route table %s conflicts with an existing association", t.ID)
			}
		}
		a := network.Association{ID: f.newID("rtbassoc-"), SubnetID: n.ID, State: "associated"}
		t.Associations = append(slices.Clone(t.Associations), a)
		put(&s.RouteTables, t)
		return associatedXML{ID: a.ID}, nil
	})
}

func (f *fake) replaceAssociation(r awsfake.Request) (any, error) {
	return f.change(func(s *state) (any, error) {
		to, err := get(s.RouteTables, r.Params.Get("RouteTableId"), "InvalidRouteTableID.NotFound")
		if err != nil {
			return nil, err
		}
		for _, from := range s.RouteTables.Items {
			i := slices.IndexFunc(from.Associations, func(a network.Association) bool { return a.ID == r.Params.Get("AssociationId") })
			if i < 0 {
				continue
			}
			a := from.Associations[i]
			a.ID = f.newID("rtbassoc-")
			from.Associations = slices.Delete(slices.Clone(from.Associations), i, i+1)
			put(&s.RouteTables, from)
			to.Associations = append(slices.Clone(to.Associations), a)
			put(&s.RouteTables, to)
			return associatedXML{NewID: a.ID}, nil
		}
		return nil, awsfake.Errorf("InvalidAssociationID.NotFound", "The association ID '%s' does not exist", r.Params.Get("AssociationId"))
	})
}

type groupIDXML struct {
	ID string `xml:"groupId"`
}

func (f *fake) createSecurityGroup(r awsfake.Request) (any, error) {
	return f.change(func(s *state) (any, error) {
		v, err := get(s.VPCs, r.Params.Get("VpcId"), "InvalidVpcID.NotFound")
		if err != nil {
			return nil, err
		}
		name := r.Params.Get("GroupName")
		switch {
		case name == "" || r.Params.Get("GroupDescription") == "":
			return nil, awsfake.Errorf("MissingParameter", "a group needs a name and a description")
		case slices.ContainsFunc(s.SecurityGroups.Items, func(g network.SecurityGroup) bool { return g.VPCID == v.ID && g.Name == name }):
			return nil, taken("InvalidGroup.Duplicate", "The security group '%s' already exists for VPC '%s'", name, v.ID)
		}
		g := network.SecurityGroup{
			ID: f.newID("sg-"), VPCID: v.ID, OwnerID: f.account, Name: name, Tags: tagsIn(r),
			Egress: groundway.List[network.SecurityRule]{{Protocol: "-1", Prefixes: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")}}},
		}
		put(&s.SecurityGroups, g)
		return groupIDXML{g.ID}, nil
	})
}

func (f *fake) authorizeIngress(r awsfake.Request) (any, error) {
	return f.change(func(s *state) (any, error) {
		g, err := get(s.SecurityGroups, r.Params.Get("GroupId"), "InvalidGroup.NotFound")
		if err != nil {
			return nil, err
		}
		for i := 1; r.Params.Has(fmt.Sprintf("IpPermissions.%d.IpProtocol", i)); i++ {
			prefix := fmt.Sprintf("IpPermissions.%d.", i)
			rule := network.SecurityRule{Protocol: r.Params.Get(prefix + "IpProtocol"), FromPort: number(r, prefix+"FromPort"), ToPort: number(r, prefix+"ToPort")}
			for k := 1; r.Params.Has(fmt.Sprintf("%sIpRanges.%d.CidrIp", prefix, k)); k++ {
				cidr, err := netip.ParsePrefix(r.Params.Get(fmt.Sprintf("%sIpRanges.%d.CidrIp", prefix, k)))
				if err != nil {
					return nil, awsfake.Errorf("InvalidParameterValue", "%v", err)
				}
				rule.Prefixes = append(rule.Prefixes, cidr)
			}
			if slices.ContainsFunc(g.Ingress, func(have network.SecurityRule) bool {
				return have.Key() == rule.Key() && slices.ContainsFunc(rule.Prefixes, func(p netip.Prefix) bool { return slices.Contains(have.Prefixes, p) })
			}) {
				return nil, taken("InvalidPermission.Duplicate", "the specified rule already exists")
			}
			g.Ingress = network.MergeRules(append(slices.Clone(g.Ingress), rule))
		}
		put(&s.SecurityGroups, g)
		return done, nil
	})
}

func (f *fake) createEndpoint(r awsfake.Request) (any, error) {
	return f.change(func(s *state) (any, error) {
		if id, again := f.once(r); again {
			e, err := get(s.Endpoints, id, "InvalidVpcEndpointId.NotFound")
			return madeXML{Endpoint: first(endpointsXML([]network.Endpoint{e}))}, err
		}
		v, err := get(s.VPCs, r.Params.Get("VpcId"), "InvalidVpcID.NotFound")
		if err != nil {
			return nil, err
		}
		e := network.Endpoint{
			ID: f.newID("vpce-"), VPCID: v.ID, OwnerID: f.account, Type: r.Params.Get("VpcEndpointType"), Service: r.Params.Get("ServiceName"),
			State: "available", PrivateDNS: new(r.Params.Get("PrivateDnsEnabled") == "true"), Tags: tagsIn(r),
			RouteTableIDs: r.List("RouteTableId"), SubnetIDs: r.List("SubnetId"), GroupIDs: r.List("SecurityGroupId"),
		}
		if e.Type == "Interface" {
			e.State = "pending"
			f.begin(e.ID, func(s *state) {
				if now, err := get(s.Endpoints, e.ID, ""); err == nil {
					now.State = "available"
					put(&s.Endpoints, now)
				}
			})
		}
		if err := endpointParts(s, e); err != nil {
			return nil, err
		}
		f.keep(r, e.ID)
		put(&s.Endpoints, e)
		return madeXML{Endpoint: first(endpointsXML([]network.Endpoint{e}))}, nil
	})
}

// endpointParts returns an error where something that the endpoint names is not there.
func endpointParts(s *state, e network.Endpoint) error {
	for _, id := range e.RouteTableIDs {
		if _, err := get(s.RouteTables, id, "InvalidRouteTableId.NotFound"); err != nil {
			return err
		}
	}
	for _, id := range e.SubnetIDs {
		if _, err := get(s.Subnets, id, "InvalidSubnetID.NotFound"); err != nil {
			return err
		}
	}
	for _, id := range e.GroupIDs {
		if _, err := get(s.SecurityGroups, id, "InvalidGroup.NotFound"); err != nil {
			return err
		}
	}
	return nil
}

func (f *fake) modifyEndpoint(r awsfake.Request) (any, error) {
	return f.change(func(s *state) (any, error) {
		e, err := get(s.Endpoints, r.Params.Get("VpcEndpointId"), "InvalidVpcEndpointId.NotFound")
		if err != nil {
			return nil, err
		}
		e.RouteTableIDs = append(slices.Clone(e.RouteTableIDs), r.List("AddRouteTableId")...)
		e.SubnetIDs = append(slices.Clone(e.SubnetIDs), r.List("AddSubnetId")...)
		if err := endpointParts(s, e); err != nil {
			return nil, err
		}
		put(&s.Endpoints, e)
		return done, nil
	})
}

// createTags tags sets of DHCP options: all else is tagged when it is made.
func (f *fake) createTags(r awsfake.Request) (any, error) {
	return f.change(func(s *state) (any, error) {
		for _, id := range r.List("ResourceId") {
			d, err := get(s.DHCPOptions, id, "InvalidDhcpOptionID.NotFound")
			if err != nil {
				return nil, err
			}
			d.Tags = maps.Clone(d.Tags)
			for i := 1; r.Params.Has(fmt.Sprintf("Tag.%d.Key", i)); i++ {
				d.Tags[r.Params.Get(fmt.Sprintf("Tag.%d.Key", i))] = r.Params.Get(fmt.Sprintf("Tag.%d.Value", i))
			}
			put(&s.DHCPOptions, d)
		}
		return done, nil
	})
}
